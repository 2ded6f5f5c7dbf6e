#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Says in one line whether modules can be built for a kernel build directory, and which: prints "full" (four modules) or
# "leaf" (three: the bus is built in); exit status 1 with the reason on stderr otherwise.
#
# Usage: check-kernel.sh KDIR
set -eu
kdir=$1
fail() { echo "hyperv-lic: $*" >&2; exit 1; }

[ -f "$kdir/Makefile" ] || fail "no kernel build directory at $kdir: install the kernel's headers (linux-headers-... or kernel-devel), or give KDIR="
conf=$kdir/include/config/auto.conf
[ -f "$conf" ] || fail "$kdir is not configured: $conf is missing"
option() { sed -n "s/^CONFIG_$1=//p" "$conf"; }

[ -n "$(option HYPERV)" ] || fail "CONFIG_HYPERV is off in the kernel at $kdir: it cannot be a Hyper-V guest, nothing to build"
[ -n "$(option MODULES)" ] || fail "CONFIG_MODULES is off in the kernel at $kdir: it cannot load modules"
# As compat/minimum.h, but in words and before anything is compiled.
version=$kdir/include/generated/uapi/linux/version.h
number() { sed -n "s/^#define $1 \([0-9][0-9]*\)$/\1/p" "$version" 2>/dev/null; }
rhel=$(number RHEL_RELEASE_CODE)
linux=$(number LINUX_VERSION_CODE)
if [ -n "$rhel" ]; then
	[ "$rhel" -ge $((8 * 256 + 10)) ] || fail "the kernel at $kdir is of RHEL $((rhel / 256)).$((rhel % 256)): RHEL 8.10 or later is needed"
elif [ -n "$linux" ] && [ "$linux" -lt $((6 * 65536 + 256)) ]; then
	fail "the kernel at $kdir is Linux $((linux / 65536)).$((linux / 256 % 256)): 6.1 or later is needed (or RHEL 8.10 or later)"
fi
bus=$(option HYPERV_VMBUS)
# Linux 6.18 made CONFIG_HYPERV a bool and gave the bus CONFIG_HYPERV_VMBUS; before, CONFIG_HYPERV was the bus.
if [ -z "$bus" ]; then
	grep -q '^# CONFIG_HYPERV_VMBUS is not set' "$kdir/.config" 2>/dev/null &&
		fail "CONFIG_HYPERV_VMBUS is off in the kernel at $kdir: it has no VMBus, nothing to build"
	bus=$(option HYPERV)
fi
if [ "$bus" = m ]; then
	echo full
else
	echo leaf
fi
