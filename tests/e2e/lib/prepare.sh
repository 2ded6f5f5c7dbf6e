# SPDX-License-Identifier: GPL-2.0
# The steps of tests/e2e/run, in its variables: build what is missing, pack the guest, pack level 1, start it,
# read its results. tests/install/run packs guests of its own and uses the rest.
# shellcheck shell=bash disable=SC2154

# The four modules under test: short name, module name.
module_table="vmbus hv_vmbus
storvsc hv_storvsc
netvsc hv_netvsc
utils hv_utils"

# What host halves of the run want beside hvhost: name of the program, its path.
declare -A tools=()

# prepare_modules: have our modules for the kernel, if any is wanted; sets ours_dir.
prepare_modules() {
	local item any=
	ours_dir=
	for item in "${!origin[@]}"; do
		if [ "${origin[$item]}" = ours ]; then
			any=1
		fi
	done
	[ -n "$any" ] || return 0
	if [ -n "$build_dir" ]; then
		[ -d "$build_dir" ] || die "$build_dir is not a directory"
		ours_dir=$build_dir
		return 0
	fi
	if grep -qsE "^$kernel[[:space:]]+image[[:space:]]" "$top/tests/kernels/list"; then
		die "$kernel runs its own modules only: give --modules intree"
	fi
	[ -n "$kdir" ] || die "no headers of $release are installed (scripts/deps headers)"
	ours_dir=$top/build/$release
	step "building the modules for $release"
	# Two runs at once must not build in one directory.
	flock "$top/build/.lock" "$top/tests/kernels/within" "$kernel" make -s -C "$top" modules BUILD="$ours_dir" \
		>"$work/modules.log" 2>&1 || {
		sed 's/^/# /' "$work/modules.log" >&2
		die "the modules do not build for $release"
	}
}

# prepare_host: have hvhost.
prepare_host() {
	if [ -z "$hvhost" ]; then
		hvhost=$top/build/host/hvhost
		step "building hvhost"
		flock "$top/build/.lock" make -s -C "$top" host >"$work/host.log" 2>&1 || {
			sed 's/^/# /' "$work/host.log" >&2
			die "hvhost does not build"
		}
	fi
	[ -x "$hvhost" ] || die "$hvhost is not a program"
	emulated=1
	case $level1 in
	never) emulated= ;;
	auto)
		# It names what /dev/kvm lacks with status 2; a guest that was started and stopped again ends with 3.
		local status=0
		"$hvhost" --kernel "$image" --memory 256 --console none --timeout 1 >"$work/probe.log" 2>&1 </dev/null || status=$?
		if [ $status -eq 3 ]; then
			emulated=
		fi
		;;
	esac
}

# pack_daemons ROOT: Debian's programs for the integration components, where a scenario wants them; daemons_missing says why there
# are none.
pack_daemons() {
	local root=$1 name dir wanted='' program
	daemons_missing=
	for name in "${names[@]}"; do
		if [ -n "$(of "$name" daemons)" ]; then
			wanted=1
		fi
	done
	if [ -z "$wanted" ]; then
		return 0
	fi
	if ! dir=$("$here/get-daemons" 2>"$work/get-daemons.log"); then
		daemons_missing=$(tail -n 1 "$work/get-daemons.log")
		return 0
	fi
	for program in "$dir"/usr/sbin/*; do
		root_program "$root" "$program" "/sbin/$(basename "$program")"
	done
	# Its scripts ask for bash by name.
	cp -r "$dir/usr/libexec" "$root/usr/"
	rm -f "$root/bin/bash"
	printf '#!/bin/sh\nexec sh "$@"\n' >"$root/bin/bash"
	chmod 755 "$root/bin/bash"
	install -m 755 "$top/tests/guest/set-ifconfig" "$root/usr/libexec/hypervkvpd/hv_set_ifconfig"
}

# pack_chrony ROOT: Debian's chrony, where a scenario wants it; chrony_missing says why there is none.
pack_chrony() {
	local root=$1 item dir wanted=''
	chrony_missing=
	for item in "${names[@]}"; do
		if [ -n "$(of "$item" chrony)" ]; then
			wanted=1
		fi
	done
	if [ -z "$wanted" ]; then
		return 0
	fi
	if ! dir=$("$here/get-daemons" chrony 2>"$work/get-daemons.log"); then
		chrony_missing=$(tail -n 1 "$work/get-daemons.log")
		return 0
	fi
	for item in usr/sbin/chronyd usr/bin/chronyc; do
		if ldd "$dir/$item" | grep -q 'not found'; then
			chrony_missing="this machine has no $(ldd "$dir/$item" | awk '/not found/ { print $1; exit }')"
			return 0
		fi
		root_program "$root" "$dir/$item" "/bin/$(basename "$item")"
	done
}

# pack_xdp ROOT: iproute2 beside busybox's, and programs for it to load, for each action one; nothing without compiler or iproute2.
pack_xdp() {
	local root=$1 action clang ip
	ip=$(PATH=$PATH:/sbin:/usr/sbin command -v ip) || return 0
	clang=$(command -v clang-14 || command -v clang) || return 0
	[ -z "$arch" ] || return 0
	root_program "$root" "$ip" /sbin/iproute2
	mkdir -p "$root/e2e/xdp"
	for action in PASS DROP TX REDIRECT; do
		"$clang" -O2 -g -target bpf -DACTION=XDP_$action -I"/usr/include/$(gcc -print-multiarch)" -c -o "$root/e2e/xdp/$action.o" \
			"$top/tests/guest/xdp.bpf.c" || die "tests/guest/xdp.bpf.c does not build"
	done
}

# prepare_guest: the guest's initramfs for this kernel and these modules.
prepare_guest() {
	local root=$work/guest short module file show wants=() userland='' cc=(gcc)
	if [ -n "$arch" ]; then
		userland=$("$top/tests/kernels/userland" "$arch") || exit 2
		file=$userland/usr/lib/gcc/i686-linux-gnu/12
		cc=(gcc -m32 --sysroot="$userland" -B"$file" -L"$file")
	fi
	step "packing the guest"
	root_new "$root" "$userland"
	for file in mkfs.ext4 e2fsck ethtool kexec; do
		if [ -n "$userland" ]; then
			root_foreign "$root" "$userland" "$(cd "$userland" && find sbin usr/sbin -name $file -print -quit)"
		else
			root_program "$root" "$(PATH=$PATH:/sbin:/usr/sbin command -v $file)" "/sbin/$file"
		fi
	done
	# For what it says of names only: nothing here runs udev.
	file=$(command -v udevadm || true)
	if [ -n "$file" ] && [ -z "$userland" ]; then
		root_program "$root" "$file" /bin/udevadm
	fi
	mkdir -p "$root/e2e" "$work/modules"
	cp -r "$here/scenarios" "$root/e2e/scenarios"
	write_sets "$root/e2e/settings"
	install -m 755 "$top"/tests/guest/{guest.sh,loads.sh,one,udhcpc,all,system,set-ifconfig} "$root/e2e/"
	install -m 644 "$top/tests/guest/scenarios.service" "$root/e2e/"
	install -m 755 "$top/tests/guest/init" "$root/init"
	install -m 755 "$top/tests/guest/power" "$root/sbin/poweroff"
	install -m 755 "$top/tests/guest/power" "$root/sbin/reboot"
	pack_xdp "$root"
	for file in "$top"/tests/guest/*.c; do
		case $file in *.bpf.c) continue ;; esac
		"${cc[@]}" -O2 -static -I"$top/include" -o "$root/bin/$(basename "$file" .c)" "$file" || die "${file#"$top"/} does not build"
	done
	pack_daemons "$root"
	pack_chrony "$root"
	module_index "$modules_dir" "$work/index"
	while read -r short module; do
		if [ "$short" = vmbus ] && grep -qs '/hv_vmbus\.ko$' "$modules_dir/modules.builtin"; then
			# Leaf mode: whatever was asked for, the bus is the kernel's.
			origin[vmbus]=builtin
			echo "hv_vmbus builtin" >>"$root/e2e/modules"
			continue
		elif [ "${origin[$short]}" = ours ]; then
			file=$(find "$ours_dir/" -name "$module.ko" -print -quit)
			[ -n "$file" ] || die "$ours_dir has no $module.ko"
		else
			file=$(module_file "$work/index" "$module")
			[ -n "$file" ] || die "kernel $release has no module $module"
		fi
		wants+=("$file")
		show=${file#"$top"/}
		echo "$module ${origin[$short]} ${show#"$modules_dir"/} $(modinfo -F version "$file")" >>"$root/e2e/modules"
	done <<<"$module_table"
	# The bus's clients that are not ours, as far as the kernel has them.
	root_modules "$root" "$release" "$modules_dir" "${wants[@]}" sd_mod ext4 af_packet crc32c_generic crc32c_intel ptp \
		hv_balloon hyperv_keyboard atkbd hid_hyperv hid_generic evdev hyperv_fb hyperv_drm hv_sock uio_hv_generic pci_hyperv \
		8021q sr_mod isofs ixgbevf
	mkdir -p "$work/run/configs/guest"
	root_pack "$root" >"$work/run/configs/guest/initrd"
	cp "$image" "$work/run/configs/guest/vmlinuz"
	rm -rf "$root" "$root.index"
}

# write_sets FILE: what --set says, for a shell to read.
write_sets() {
	local set
	for set in "${sets[@]}"; do
		printf '%s=%q\nexport %s\n' "${set%%=*}" "${set#*=}" "${set%%=*}"
	done >"$1"
}

# tools_of NAME: add the programs that the scenario's host half wants to $tools; false, with its name in $tool, when one is missing.
tools_of() {
	local path
	for tool in $(of "$1" tools); do
		path=$(PATH=$(dirname "$hvhost"):$PATH:/sbin:/usr/sbin command -v "$tool") || return 1
		tools[$tool]=$path
	done
}

# prepare_run: the plan and all the conductor needs, in $work/run.
prepare_run() {
	local name boot vmm options
	local -A boots=() boot_options=() boot_vmm=()
	local boot_order=() tool
	tools=()
	cp "$here/conduct" "$here/host.sh" "$work/run/"
	rm -rf "$work/run/scenarios"
	cp -r "$here/scenarios" "$work/run/scenarios"
	skipped=()
	for name in "${names[@]}"; do
		boot=$(of "$name" boot)
		boot=${boot:-${name/:/-}}
		vmm=$(of "$name" vmm)
		options=$(of "$name" machine)
		if [ "${vmm:-hvhost}" = qemu ] && [ -z "${qemu-}" ]; then
			if ! qemu=$("$here/get-qemu" 2>"$work/get-qemu.log"); then
				skipped+=("$name $(tail -n 1 "$work/get-qemu.log")")
				continue
			fi
		fi
		if ! tools_of "$name"; then
			skipped+=("$name this machine has no $tool")
			continue
		fi
		if [ -n "${daemons_missing-}" ] && [ -n "$(of "$name" daemons)" ]; then
			skipped+=("$name $daemons_missing")
			continue
		fi
		if [ -n "${chrony_missing-}" ] && [ -n "$(of "$name" chrony)" ]; then
			skipped+=("$name $chrony_missing")
			continue
		fi
		if [ -n "$(of "$name" system)" ] && [ -z "${system-}" ]; then
			if ! system=$("$here/get-system" "${HVLIC_SYSTEM:-$release}" 2>"$work/get-system.log"); then
				skipped+=("$name $(tail -n 1 "$work/get-system.log")")
				continue
			fi
		fi
		if [ -n "${boots[$boot]+known}" ]; then
			[ "${boot_options[$boot]}" = "$options" ] || die "scenarios of boot $boot want different machines"
			boots[$boot]+=,$name
		else
			boots[$boot]=$name
			boot_options[$boot]=$options
			boot_vmm[$boot]=${vmm:-hvhost}
			boot_order+=("$boot")
		fi
	done
	for boot in "${boot_order[@]}"; do
		echo "$boot|guest|${boot_vmm[$boot]}|${boot_options[$boot]}|${boots[$boot]}"
	done | sort -s -t '|' -k 3,3 >"$work/run/plan"
	truncate -s 768M "$work/disk0.img"
	truncate -s 64M "$work/disk1.img"
	rm -f "$work/disk2.img"
	[ -z "${system-}" ] || cp --sparse=always "$system" "$work/disk2.img"
	write_sets "$work/run/settings"
	if [ -n "$emulated" ]; then
		cat >>"$work/run/settings" <<-EOF
			HVHOST=/e2e/hvhost
			DISK0=/dev/vda
			DISK1=/dev/vdb
			DISK2=/dev/vdd
			MEMORY=$memory
			SLOW=$slow
			APPEND="$append"
			PORT=80
			QEMU="/qemu/lib/ld-linux-x86-64.so.2 --library-path /qemu/lib /qemu/qemu-system-x86_64 -L /qemu/share"
		EOF
		pack_level1
	else
		cp "$hvhost" "$work/run/hvhost"
		mkdir -p "$work/run/bin"
		for tool in "${!tools[@]}"; do
			ln -sf "${tools[$tool]}" "$work/run/bin/$tool"
		done
		cat >>"$work/run/settings" <<-EOF
			HVHOST=$work/run/hvhost
			DISK0=$work/disk0.img
			DISK1=$work/disk1.img
			DISK2=$work/disk2.img
			MEMORY=$memory
			SLOW=$slow
			APPEND="$append"
			PORT=$((20000 + $$ % 20000))
			QEMU="${qemu-}/lib/ld-linux-x86-64.so.2 --library-path ${qemu-}/lib ${qemu-}/qemu-system-x86_64 -L ${qemu-}/share"
		EOF
	fi
}

# pack_level1: level 1's kernel and initramfs, with the run inside.
pack_level1() {
	local root=$work/level1 l1 l1_release
	l1=$("$top/tests/kernels/get" "$level1_kernel") || exit 2
	l1_release=$(sed -n 's/^release=//p' <<<"$l1")
	level1_image=$(sed -n 's/^image=//p' <<<"$l1")
	step "packing level 1"
	root_new "$root"
	root_modules "$root" "$l1_release" "$(sed -n 's/^modules=//p' <<<"$l1")" virtio_blk kvm kvm_amd irqbypass tun
	install -m 755 "$top/tests/e2e/level1/init" "$root/init"
	mv "$work/run" "$root/e2e"
	root_program "$root" "$hvhost" /e2e/hvhost
	for tool in "${!tools[@]}"; do
		root_program "$root" "${tools[$tool]}" "/e2e/bin/$tool"
	done
	# tcpdump looks up whom it runs as.
	mkdir -p "$root/etc"
	echo 'root:x:0:0:root:/:/bin/sh' >"$root/etc/passwd"
	# What hvhost loads when a disk is served by another program.
	if [ -n "${tools[qemu-nbd]-}" ]; then
		root_program "$root" "$(ldconfig -p | sed -n 's/.*libnbd\.so\.0 .*x86-64.* => //p' | head -n 1)"
	fi
	if [ -n "${qemu-}" ]; then
		cp -r "$qemu" "$root/qemu"
	fi
	root_pack "$root" >"$work/level1.cpio"
	mv "$root/e2e" "$work/run"
	rm -rf "$root" "$root.index"
}

# start_level1: the emulated machine, its conductor writing to $work/stream.
start_level1() {
	truncate -s 256M "$work/logs.img"
	local program=(qemu-system-x86_64) khz="" more=() clock=(-accel "tcg,thread=multi")
	if [ -e "$work/disk2.img" ]; then
		more=(-drive "file=$work/disk2.img,if=none,format=raw,id=d3,cache=unsafe" -device "virtio-blk-pci,drive=d3")
	fi
	# The emulated time stamp counter is the machine's own. On a busy machine level 1 would find another frequency for it,
	# and its clock, and with it every time limit, would run several times too fast.
	if [ -n "${virtual_time-}" ]; then
		# Two nanoseconds for an instruction, as tests/bench has it.
		clock=(-accel tcg -icount "shift=1,sleep=off")
	elif grep -qw hypervisor /proc/cpuinfo; then
		khz=$(awk '/^cpu MHz/ { printf "tsc_early_khz=%d", $4 * 1000; exit }' /proc/cpuinfo)
	fi
	# The newer one has fewer defects in nested SVM; without it the distribution's must do.
	if [ -z "${qemu-}" ]; then
		qemu=$("$top/tests/e2e/get-qemu" 2>>"$work/get-qemu.log") || qemu=
	fi
	if [ -n "$qemu" ]; then
		program=("$qemu/lib/ld-linux-x86-64.so.2" --library-path "$qemu/lib" "$qemu/qemu-system-x86_64" -L "$qemu/share")
	fi
	timeout -k 10 "$1" "${program[@]}" "${clock[@]}" -cpu "$level1_cpu" -smp "$level1_cpus" -m 3072 \
		-nodefaults -display none -no-reboot -serial "file:$work/level1.console" \
		-device virtio-serial-pci -chardev "file,id=stream,path=$work/stream" \
		-device virtserialport,chardev=stream,name=e2e.stream \
		-drive "file=$work/disk0.img,if=none,format=raw,id=d0,cache=unsafe" -device virtio-blk-pci,drive=d0 \
		-drive "file=$work/disk1.img,if=none,format=raw,id=d1,cache=unsafe" -device virtio-blk-pci,drive=d1 \
		-drive "file=$work/logs.img,if=none,format=raw,id=d2,cache=unsafe" -device virtio-blk-pci,drive=d2 "${more[@]}" \
		-kernel "$level1_image" -initrd "$work/level1.cpio" \
		-append "console=ttyS0 panic=-1 quiet mitigations=off nokaslr no_timer_check $khz" >"$work/level1.log" 2>&1 </dev/null &
	level1_pid=$!
}

start_direct() {
	timeout -k 10 "$1" sh "$work/run/conduct" "$work/run" "$work/stream" >"$work/level1.log" 2>&1 </dev/null &
	level1_pid=$!
}
