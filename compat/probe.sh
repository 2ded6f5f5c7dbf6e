#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Asks the kernel at hand what its API looks like: builds every compat/probes/*.c with that kernel's own kbuild, in one
# run, and writes features.h: an object that exists is a yes. Two controls, one that must build and one that must not,
# stop everything when the probing itself is broken.
#
# Usage: probe.sh KDIR PROBES_DIR WORK_DIR OUTPUT [make arguments]
set -eu
kdir=$1 probes=$2 work=$3 output=$4
shift 4

rm -rf "$work"
mkdir -p "$work"
: >"$work/Kbuild"
echo 'ccflags-y := -Werror' >>"$work/Kbuild"
for source in "$probes"/*.c; do
	name=$(basename "$source" .c)
	cp "$source" "$work/probe_$name.c"
	echo "obj-m += probe_$name.o" >>"$work/Kbuild"
done

# The probes that fail are the answer, not an error; W=, C= and CF= of the user are for the modules.
env -u MAKEFLAGS make -k -j"$(nproc)" -C "$kdir" M="$work" KBUILD_MODPOST_WARN=1 W= C=0 "$@" modules \
	>"$work/log" 2>&1 || true

if [ ! -f "$work/probe_control_yes.o" ]; then
	echo "hyperv-lic: cannot compile for the kernel in $kdir; the first errors of $work/log:" >&2
	grep -iE 'error|not found|No such' "$work/log" | head -n 5 >&2 || true
	exit 1
fi
if [ -f "$work/probe_control_no.o" ]; then
	echo "hyperv-lic: probing is broken: a probe that cannot compile did (see $work/log)" >&2
	exit 1
fi

{
	echo '/* Written by compat/probe.sh for one kernel. */'
	for source in "$probes"/*.c; do
		name=$(basename "$source" .c)
		case $name in control_*) continue ;; esac
		macro=COMPAT_HAS_$(echo "$name" | tr '[:lower:]' '[:upper:]')
		if [ -f "$work/probe_$name.o" ]; then
			echo "#define $macro 1"
		else
			echo "#define $macro 0"
		fi
	done
} >"$output.new"
# Keep the old file, and with it the time stamps of all objects, when nothing changed.
if cmp -s "$output.new" "$output"; then
	rm "$output.new"
else
	mv "$output.new" "$output"
fi
