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
