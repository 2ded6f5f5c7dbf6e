# shellcheck shell=bash disable=SC2034,SC2153,SC2154
# SPDX-License-Identifier: GPL-2.0
# `hyperv-lic status`: prints what the other files find out. Sourced by bash, after them.

# say_loaded: the modules in memory, compared with the files of the running kernel
say_loaded() {
	local release module loaded version note
	[ -z "$ROOT" ] || return 0
	release=$(uname -r)
	echo "Loaded ($release):"
	read_chosen "$ROOT" "$release"
	for module in $all_modules; do
		if is_builtin "$ROOT" "$release" "$module"; then
			echo "  $module: built into the kernel"
			continue
		fi
		if [ ! -d "/sys/module/$module" ]; then
			echo "  $module: not loaded"
			continue
		fi
		loaded=$(cat "/sys/module/$module/srcversion" 2>/dev/null)
		version=$(cat "/sys/module/$module/version" 2>/dev/null)
		if [ -n "$version" ]; then note="ours, version $version"; else note="in-tree"; fi
		if [ -n "$loaded" ] && [ -n "${SRCVERSION[$module]-}" ] && [ "$loaded" != "${SRCVERSION[$module]}" ]; then
			note="$note; another build than the file on the disk (reboot to use that)"
		elif [ -n "$version" ] && [ -z "${BUILD[$module]-}" ]; then
			note="$note; the file on the disk is the kernel's own (reboot to use that)"
		elif [ -z "$version" ] && [ -n "${BUILD[$module]-}" ]; then
			note="$note; the file on the disk is ours (reboot to use it)"
		fi
		grep -q . "/sys/module/$module/taint" 2>/dev/null && note="$note; taint $(cat "/sys/module/$module/taint")"
		echo "  $module: $note"
	done
}

# say_bus: VMBus version and the devices with their drivers
say_bus() {
	local device driver version
	[ -z "$ROOT" ] && [ -d /sys/bus/vmbus/devices ] || return 0
	version=$(dmesg 2>/dev/null | sed -n 's/.*[Vv][Mm][Bb]us.*version[: ]*\([0-9]*\.[0-9]*\).*/\1/p' | tail -n 1)
	echo "VMBus: ${version:+version $version, }$(find /sys/bus/vmbus/devices/ -mindepth 1 | wc -l) devices"
	for device in /sys/bus/vmbus/devices/*; do
		[ -e "$device" ] || continue
		driver=$(readlink "$device/driver" 2>/dev/null)
		echo "  $(basename "$device"): class $(tr -d '{}' <"$device/class_id" 2>/dev/null), driver ${driver:+$(basename "$driver")}${driver:-none}" |
			sed 's|\(driver [a-z_]*\)[./].*|\1|'
	done
}

# say_secure_boot: is a signature wanted, and is the key that signs ours known?
say_secure_boot() {
	local certificate known=''
	if ! signature_enforced; then
		echo "Secure Boot: off, or not enforced by the kernel"
		return
	fi
	while read -r certificate; do
		if enrolled "$certificate"; then
			known=$certificate
			break
		fi
	done < <(signing_certificates)
	if [ -n "$known" ]; then
		echo "Secure Boot: on, key $known is enrolled"
	else
		certificate=$(signing_certificates | head -n 1)
		echo "Secure Boot: on, the key that signs our modules is NOT enrolled: the kernels' own modules are used."
		echo "  run: mokutil --import ${certificate:-$ROOT/var/lib/dkms/mok.pub}"
		echo "  then reboot, confirm the key at the console, and run: hyperv-lic settle"
	fi
}

# dkms_state RELEASE: what DKMS says of a kernel, and of a build that failed why
dkms_state() {
	local line log weak
	[ -d "$ROOT/var/lib/dkms/hyperv-lic" ] || { echo "not registered"; return; }
	weak=$(find "$ROOT/lib/modules/$1/weak-updates" -name 'hv_*.ko*' 2>/dev/null | head -n 1)
	if [ -n "$weak" ]; then
		echo "weak: $weak is a link to a build for another kernel, which must not be"
		return
	fi
	line=$(find "$ROOT/var/lib/dkms/hyperv-lic" -maxdepth 1 -name "kernel-$1-*" -exec readlink {} \; | head -n 1)
	if [ -n "$line" ]; then
		echo "installed, version ${line%%/*}"
	elif [ -n "$(find "$ROOT/var/lib/dkms/hyperv-lic" -maxdepth 3 -path "*/$1/*" -name x86_64 -print -quit)" ]; then
		echo "built, not installed"
	elif [ -s "$ROOT/var/lib/hyperv-lic/failed/$1" ]; then
		echo "failed: $(cat "$ROOT/var/lib/hyperv-lic/failed/$1")"
	elif [ ! -e "$ROOT/lib/modules/$1/build/include" ]; then
		echo "not built: the headers of this kernel are not installed"
	else
		echo "not built"
	fi
}

# say_image RELEASE KIND IMAGE: what is in it; fails when it must not be booted, or when disk and image are of different sets
say_image() {
	local release=$1 kind=$2 image=$3 disk=$SET disk_build=$SET_BUILD status=0
	if ! verify_image "$ROOT" "$image" "$release"; then
		if [ "$kind" = kdump ] && [ "$SET" = none ]; then
			echo "  $kind image $image: no modules of Hyper-V (a dump cannot be written to its disks)"
		else
			echo "  $kind image $image: NOT SAFE: $VERIFY_WHY"
			status=1
		fi
	elif [ "$kind" = rescue ]; then
		echo "  $kind image $image: $SET${SET_BUILD:+, build $SET_BUILD}"
	elif [ "$SET" != "$disk" ] || [ "$SET_BUILD" != "$disk_build" ]; then
		echo "  $kind image $image: NOT SAFE: $SET${SET_BUILD:+, build $SET_BUILD}, where the disk has $disk${disk_build:+, build $disk_build}; run: hyperv-lic settle $release"
		status=1
	else
		echo "  $kind image $image: $SET${SET_BUILD:+, build $SET_BUILD}"
	fi
	SET=$disk SET_BUILD=$disk_build
	return $status
}

# say_kernel RELEASE: fails when a boot of this kernel is not safe
say_kernel() {
	local release=$1 module status=0 kind image any='' reason running='' wrong
	[ -n "$ROOT" ] || [ "$release" != "$(uname -r)" ] || running=" (running)"
	echo "Kernel $release$running:"
	echo "  DKMS: $(dkms_state "$release")"
	read_chosen "$ROOT" "$release"
	judge_set "$ROOT" "$release"
	echo "  on disk: $SET${SET_BUILD:+, version $SET_VERSION, build $SET_BUILD}"
	for module in $all_modules; do
		if is_builtin "$ROOT" "$release" "$module"; then
			echo "    $module: built in"
		elif [ -z "${FILE[$module]-}" ]; then
			echo "    $module: none"
		else
			echo "    $module: ${FILE[$module]}${VERSION[$module]+ ${VERSION[$module]}}, ${SIGNER[$module]+signed by ${SIGNER[$module]}}${SIGNER[$module]-not signed}" |
				sed 's/\(signed by .*\)\1$/\1/; s/, signed by \(.*\)\1$/, signed by \1/'
		fi
	done
	reason=$(off_reason "$release") && echo "  our modules are there and not used: $reason"
	case $SET in
	mixed | none)
		echo "  NOT SAFE: ${SET_WHY:-no storage driver for Hyper-V on the disk}"
		status=1
		;;
	ours)
		if signature_refused; then
			echo "  NOT SAFE: $KEY_WHY; run: $KEY_COMMAND"
			status=1
		fi
		wrong=$(unresolved_symbols "$ROOT" "$ROOT" "$release" | head -n 1)
		if [ -n "$wrong" ]; then
			echo "  NOT SAFE: $wrong"
			status=1
		fi
		;;
	esac
	while read -r kind image; do
		[ "$kind" != normal ] || any=1
		say_image "$release" "$kind" "$image" || status=1
	done < <(images_of "$release")
	if [ -z "$any" ]; then
		if [ -e "$ROOT/boot/vmlinuz-$release" ]; then
			echo "  NOT SAFE: no initramfs for this kernel in $ROOT/boot"
			status=1
		else
			echo "  no kernel and no initramfs in $ROOT/boot: cannot be booted from here"
		fi
	fi
	return $status
}

command_status() {
	local release status=0 image kernels=()
	case ${1-} in -*) die "unknown option '$1' of status" ;; esac
	kernels_given "$@"
	[ ${#kernels[@]} -gt 0 ] || die "no kernel below $ROOT/lib/modules"
	say_secure_boot
	if [ -z "$ROOT" ]; then
		case " $(cat /proc/cmdline 2>/dev/null) " in
		*" hyperv_lic=off "*) echo "This boot: hyperv_lic=off asks for the kernel's own modules; what is loaded is below" ;;
		esac
	fi
	say_loaded
	say_bus
	for release in "${kernels[@]}"; do
		say_kernel "$release" || status=1
	done
	SET='' SET_BUILD=''
	while read -r image; do
		echo "Rescue:"
		say_image '' rescue "$image" || status=1
	done < <(rescue_images)
	if [ "$status" -eq 0 ]; then
		echo "The next boot is safe."
	else
		echo "The next boot is NOT safe."
	fi
	return $status
}
