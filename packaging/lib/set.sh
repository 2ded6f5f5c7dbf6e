# shellcheck shell=bash disable=SC2034,SC2153,SC2154
# SPDX-License-Identifier: GPL-2.0
# Which set of the modules a tree of modules would load: ours, the kernel's own, or a mixture. A tree is a root folder with
# lib/modules/<release> in it: the machine's own, or an unpacked initramfs. Sourced by bash; needs kmod, awk and coreutils.

# The channel drivers a set always has; hv_vmbus too, unless the kernel has it built in.
all_modules="hv_vmbus hv_storvsc hv_netvsc hv_utils"

declare -A FILE VERSION BUILD SRCVERSION SIGNER SIGKEY INTREE DEPENDS VERMAGIC

# is_builtin ROOT RELEASE MODULE
is_builtin() { grep -q "/$3\.ko" "$1/lib/modules/$2/modules.builtin" 2>/dev/null; }

# expected_modules ROOT RELEASE: the modules of a set for this kernel
expected_modules() {
	local module
	for module in $all_modules; do
		is_builtin "$1" "$2" "$module" || echo "$module"
	done
}

# parse_modinfo: reads the output of modinfo and fills the arrays above, by module
parse_modinfo() {
	local key value module=
	FILE=() VERSION=() BUILD=() SRCVERSION=() SIGNER=() SIGKEY=() INTREE=() DEPENDS=() VERMAGIC=()
	while IFS=: read -r key value; do
		value=${value#"${value%%[! ]*}"}
		case $key in
		filename)
			module=${value##*/}
			module=${module%%.ko*}
			FILE[$module]=$value
			;;
		version) VERSION[$module]=$value ;;
		hyperv_lic_build) BUILD[$module]=$value ;;
		srcversion) SRCVERSION[$module]=$value ;;
		signer) SIGNER[$module]=$value ;;
		sig_key) SIGKEY[$module]=$value ;;
		intree) INTREE[$module]=$value ;;
		depends) DEPENDS[$module]=$value ;;
		vermagic) VERMAGIC[$module]=${value%% *} ;;
		esac
	done
}

# read_chosen ROOT RELEASE: what depmod's tables there choose. modinfo names files below ROOT.
read_chosen() {
	local module wanted=()
	for module in $(expected_modules "$1" "$2"); do wanted+=("$module"); done
	parse_modinfo < <(modinfo -b "${1:-/}" -k "$2" "${wanted[@]}" 2>/dev/null)
}

# judge_set ROOT RELEASE: after read_chosen. SET is ours, in-tree, mixed or none; SET_BUILD and SET_VERSION name it; SET_WHY
# says what is wrong with a set that cannot be trusted. A set of ours is whole or it is mixed; of the kernel's own modules
# hv_vmbus and hv_storvsc are enough, since the rest is loaded from the disk.
judge_set() {
	local module ours=0 intree=0 missing=() others=()
	SET=none SET_BUILD='' SET_VERSION='' SET_WHY=''
	for module in $(expected_modules "$1" "$2"); do
		if [ -z "${FILE[$module]-}" ]; then
			missing+=("$module")
		elif [ -n "${BUILD[$module]-}" ]; then
			ours=$((ours + 1))
			if [ -z "$SET_BUILD" ]; then
				SET_BUILD=${BUILD[$module]} SET_VERSION=${VERSION[$module]-}
			elif [ "$SET_BUILD" != "${BUILD[$module]}" ]; then
				SET_WHY="$module is of build ${BUILD[$module]}, the others of $SET_BUILD"
			fi
		elif [ -n "${INTREE[$module]-}" ]; then
			intree=$((intree + 1))
		else
			others+=("$module")
		fi
		if [ -n "${FILE[$module]-}" ] && [ "${VERMAGIC[$module]-$2}" != "$2" ]; then
			SET_WHY="$module is for ${VERMAGIC[$module]}"
		fi
	done
	if [ "$ours" -gt 0 ] && [ ${#missing[@]} -gt 0 ]; then
		SET_WHY="${missing[*]} missing beside our other modules"
	elif [ "$ours" -gt 0 ] && [ $((intree + ${#others[@]})) -gt 0 ]; then
		SET_WHY="$ours of ours beside $((intree + ${#others[@]})) that are not"
	elif [ ${#others[@]} -gt 0 ] && [ "$intree" -gt 0 ]; then
		SET_WHY="${others[*]} neither ours nor the kernel's own"
	fi
	if [ -n "$SET_WHY" ]; then
		SET=mixed
	elif [ "$ours" -gt 0 ]; then
		SET=ours
	elif [ -n "${FILE[hv_storvsc]-}" ] && { [ -n "${FILE[hv_vmbus]-}" ] || is_builtin "$1" "$2" hv_vmbus; }; then
		SET=in-tree
	elif is_builtin "$1" "$2" hv_storvsc; then
		SET=in-tree
	fi
}

# symvers_of HOST_ROOT RELEASE: prints the kernel's table of symbols and CRCs; fails where there is none
symvers_of() {
	local file
	for file in "$1/lib/modules/$2/build/Module.symvers" "$1/usr/src/linux-headers-$2/Module.symvers" \
		"$1/boot/symvers-$2".* "$1/lib/modules/$2/symvers".*; do
		[ -s "$file" ] || continue
		case $file in
		*.gz) gzip -dc "$file" ;;
		*.xz) xz -dc "$file" ;;
		*.zst) zstd -dcq "$file" ;;
		*) cat "$file" ;;
		esac
		return
	done
	return 1
}

# unresolved_symbols HOST_ROOT ROOT RELEASE: prints a line for each symbol that the chosen modules of ROOT would not find, or
# find with another CRC, when the kernel installed in HOST_ROOT loads them. SYMBOLS_BY says what it was compared with.
unresolved_symbols() {
	local host=$1 root=$2 release=$3 table module own=()
	table=$(mktemp)
	for module in $all_modules; do
		[ -z "${FILE[$module]-}" ] || own+=("${FILE[$module]}")
	done
	if symvers_of "$host" "$release" >"$table" 2>/dev/null && [ -s "$table" ]; then
		depmod -n -e -E "$table" -b "${root:-/}" "$release" 2>&1 >/dev/null |
			grep -E '/(hv_vmbus|hv_storvsc|hv_netvsc|hv_utils)\.ko[^ ]* (needs unknown|disagrees about)' |
			sed 's/^.*\/\(hv_[a-z]*\)\.ko[^ ]* /\1 /' | sort -u
	else
		# Without the kernel's table: no module of the set may want another CRC than a module the kernel came with.
		: >"$table"
		while read -r module; do
			modprobe --dump-modversions "$module" 2>/dev/null
		done < <(find "$host/lib/modules/$release/kernel/drivers/hv" "$host/lib/modules/$release/kernel/drivers/scsi" \
			"$host/lib/modules/$release/kernel/drivers/net/hyperv" "$host/lib/modules/$release/kernel/drivers/ptp" \
			-name '*.ko*' -type f 2>/dev/null) | sort -u >"$table"
		for module in "${own[@]}"; do
			modprobe --dump-modversions "$module" 2>/dev/null | awk -v name="$(basename "${module%%.ko*}")" '
				NR == FNR { crc[$2] = $1; next }
				($2 in crc) && crc[$2] != $1 { print name " disagrees about version of symbol " $2 }' "$table" -
		done
	fi
	rm -f "$table"
}
