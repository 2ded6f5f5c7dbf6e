# SPDX-License-Identifier: GPL-2.0
# What the guest of every measurement does first. Wants /dev/ttyS1, proc, sysfs and devtmpfs, and the module msr.
# shellcheck shell=sh

# bench_hello: say that the guest is there, after it has given up to end interrupts without an exit (TLFS, EOI assist).
# Until the first exit after an interrupt was injected the emulator may deliver it once more, at any instruction; its helper of
# VMRUN leaves the number behind. Where the guest holds the lock that the handler wants, that is its end.
bench_hello() {
	modprobe msr
	for msr in /dev/cpu/[0-9]*/msr; do
		# HV_X64_MSR_VP_ASSIST_PAGE; nothing where the host has none.
		dd if=/dev/zero of="$msr" bs=8 count=1 seek=$((0x40000073)) oflag=seek_bytes conv=notrunc 2>/dev/null
	done
	echo alive >/dev/ttyS1
}
