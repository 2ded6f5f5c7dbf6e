# SPDX-License-Identifier: GPL-2.0
# A guest on hvhost, or on QEMU with virtio devices, under virtual time, for measurements: level 1 is emulated with one processor whose
# clock is the number of instructions executed, at both levels, so that two runs of the same code take the same time. Wants step(),
# die(), $top, $work, $here and $kernel of its user, and root.sh and prepare.sh of tests/e2e/lib.
# shellcheck shell=bash disable=SC2034,SC2154

# Policy: as tests/e2e/run has it.
bench_level1_kernel=debian-6.12
bench_level1_cpu=max,+svm,+npt,-la57
# Policy: virtual nanoseconds for an instruction, as a power of two, and how long a run may take in real time.
bench_icount_shift=1
bench_seconds=${BENCH_SECONDS:-1200}
bench_pid=
# What level 1 does before it starts the host.
bench_before=

# bench_part NAME: of what tests/kernels/get says.
bench_part() {
	sed -n "s/^$1=//p" <<<"$parts"
}

# bench_kernel: find $kernel, build our modules for it into $ours_dir, and hvhost.
bench_kernel() {
	local -A origin=([vmbus]=ours)
	local build_dir='' level1=always
	parts=$("$top/tests/kernels/get" "$kernel") || exit 2
	release=$(bench_part release)
	image=$(bench_part image)
	modules_dir=$(bench_part modules)
	kdir=$(bench_part build)
	if [ -z "$image" ] || [ -z "$kdir" ]; then
		die "$kernel has no image or no headers"
	fi
	hvhost=
	prepare_modules >&2
	prepare_host >&2
}

# bench_module DIR NAME: build tests/bench/DIR/NAME.c for the kernel, into $work/DIR.
bench_module() {
	cp -r "$here/$1" "$work/$1"
	# shellcheck disable=SC2016 # KDIR is within's
	"$top/tests/kernels/within" "$kernel" sh -c 'make -s -C "$KDIR" M="$1" modules' sh "$work/$1" >"$work/module.log" 2>&1 || {
		cat "$work/module.log" >&2
		die "$2 does not build for $release"
	}
}

# Of the user, for bench_boot(): a script that runs beside hvhost, and programs it wants.
bench_half=
bench_tools=()
# Options of the emulator, besides.
bench_qemu=()

# bench_profile: have what level 1 executes counted, into $work/counts, and what the guest has of each side's modules kept for
# profile-table, from the root of the guest.
bench_profile() {
	gcc -O2 -Wall -Wextra -shared -fPIC -fvisibility=hidden -o "$work/profile.so" "$here/profile.c" ||
		die "tests/bench/profile.c does not build"
	bench_qemu=(-plugin "$work/profile.so,results=$work/results,counts=$work/counts")
}

# bench_profile_table MODULES: of $work/results and $work/counts; MODULES is a directory of SIDE/NAME.ko.
bench_profile_table() {
	echo "$release:"
	echo
	"$here/profile-table" "$work/results" "$work/counts" "$1"
}

# What runs the guest: hvhost, or qemu on KVM.
bench_vmm=hvhost

# bench_vmm_command MEMORY OPTIONS: what level 1 starts.
bench_vmm_command() {
	local append="console=ttyS0 panic=-1 quiet loglevel=4"
	case $bench_vmm in
	hvhost)
		echo "/hvhost --kernel /vmlinuz --initrd /initrd --append \"$append\" --memory $1 --console /tmp/console" \
			"--results /tmp/results --control /tmp/control --fail-on-violation $2"
		;;
	qemu)
		echo "/qemu/lib/ld-linux-x86-64.so.2 --library-path /qemu/lib /qemu/qemu-system-x86_64 -L /qemu/share -M q35 -accel kvm" \
			"-cpu host,-kvm-pv-eoi -m $1 -display none -nodefaults -no-reboot -serial file:/tmp/console" \
			"-chardev file,id=results,path=/tmp/results,input-path=/tmp/answers -serial chardev:results" \
			"-kernel /vmlinuz -initrd /initrd -append \"$append\" $2"
		;;
	esac
}

# bench_boot MEMORY_FACTOR OPTIONS: boot $work/guest on $bench_vmm with OPTIONS; what it writes to its second serial port, then
# what $bench_half wrote and the host's counters, are in $work/results. It reads the pipe /tmp/answers of level 1, if OPTIONS say
# so. The guest writes "bench-end" and waits a few seconds before it ends.
bench_boot() {
	local root=$work/level1 l1 qemu
	l1=$("$top/tests/kernels/get" "$bench_level1_kernel") || exit 2
	step "packing guest and level 1"
	root_new "$root"
	root_modules "$root" "$(sed -n 's/^release=//p' <<<"$l1")" "$(sed -n 's/^modules=//p' <<<"$l1")" kvm kvm_amd irqbypass
	root_program "$root" "$hvhost" /hvhost
	qemu=$("$here/get-qemu") || exit 2
	if [ $bench_vmm = qemu ]; then
		cp -r "$qemu" "$root/qemu"
	fi
	local tool
	for tool in "${bench_tools[@]}"; do
		[ -z "$tool" ] || root_program "$root" "$tool" "/bin/${tool##*/}"
	done
	if [ -n "$bench_half" ]; then
		cp "$bench_half" "$root/half"
	fi
	root_pack "$work/guest" >"$root/initrd"
	cp "$image" "$root/vmlinuz"
	cat >"$root/init" <<EOF
#!/bin/sh
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev 2>/dev/null
mount -t tmpfs tmpfs /tmp
modprobe kvm-amd
ip link set lo up
mkfifo /tmp/answers
exec 5<>/tmp/answers
stty -F /dev/ttyS1 raw -echo
${bench_before:-:}
$(bench_vmm_command $((512 * $1)) "$2") >/tmp/vmm.log 2>&1 </dev/null &
: >>/tmp/results
vmm=\$!
tail -f /tmp/results >/dev/ttyS1 &
tail=\$!
: >>/tmp/console
tail -f /tmp/console >/dev/console &
if [ -e /half ]; then
	sh /half >/tmp/half.log 2>&1 </dev/null &
fi
while kill -0 \$vmm 2>/dev/null; do
	if [ -S /tmp/control ] && [ ! -s /tmp/counters ] && grep -q bench-end /tmp/results; then
		/hvhost ctl /tmp/control counters >/tmp/counters
	fi
	sleep 1
done
wait \$vmm
status=\$?
sleep 2
kill \$tail
[ ! -e /tmp/half.log ] || cat /tmp/half.log >/dev/ttyS1
[ ! -e /tmp/counters ] || sed 's/^/counters /' /tmp/counters >/dev/ttyS1
sed 's/^/vmm: /' /tmp/vmm.log >/dev/ttyS1
echo "host-end \$status" >/dev/ttyS1
poweroff -f
EOF
	chmod 755 "$root/init"
	root_pack "$root" >"$work/level1.cpio"
	rm -rf "$root"
	step "running under virtual time"
	rm -f "$work/results" "$work/counts"
	timeout -k 10 "$bench_seconds" "$qemu/lib/ld-linux-x86-64.so.2" --library-path "$qemu/lib" "$qemu/qemu-system-x86_64" \
		-L "$qemu/share" -accel tcg -icount shift=$bench_icount_shift,sleep=off \
		-cpu $bench_level1_cpu -smp 1 -m 2048 -nodefaults -display none -no-reboot "${bench_qemu[@]}" \
		-serial "file:$work/level1.console" -serial "file:$work/results" \
		-kernel "$(sed -n 's/^image=//p' <<<"$l1")" -initrd "$work/level1.cpio" \
		-append "console=ttyS0 panic=-1 quiet mitigations=off nokaslr no_timer_check" >"$work/level1.log" 2>&1 </dev/null &
	bench_pid=$!
	wait $bench_pid || step "level 1 ended with status $?"
	bench_pid=
	: >>"$work/results"
	rm -f "$work/level1.cpio"
}

# bench_stop: end level 1, if it runs.
bench_stop() {
	if [ -n "$bench_pid" ]; then
		kill "$bench_pid" 2>/dev/null || true
	fi
}
