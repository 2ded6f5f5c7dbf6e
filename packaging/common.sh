# shellcheck shell=sh disable=SC2034,SC2154
# SPDX-License-Identifier: GPL-2.0
# Shell functions of the scripts in this folder. Sourced with $here set to the folder; needs nothing but a POSIX shell, kmod
# and coreutils.

package=hyperv-lic
top=$(cd "$here/.." && pwd)
version=$(cat "$top/VERSION")

# Where kernels and the sources of DKMS packages live; tests point these elsewhere.
modules_root=/lib/modules
sources_root=/usr/src

channel_modules="hv_storvsc hv_netvsc hv_utils"

die() { echo "$package: $*" >&2; exit 2; }
say() { echo "$package: $*"; }

need_root() { [ "$(id -u)" -eq 0 ] || die "must be run as root"; }
need() { command -v "$1" >/dev/null 2>&1 || die "$1 is missing: install the package $2"; }

# Modules a kernel build directory can take, hv_vmbus first; fails with the reason on stderr.
modules_for() {
	case $("$top/compat/check-kernel.sh" "$1") in
	full) echo "hv_vmbus $channel_modules" ;;
	leaf) echo "$channel_modules" ;;
	*) return 1 ;;
	esac
}

# The folder a module is built in
source_folder_of() {
	case $1 in
	hv_vmbus) echo vmbus ;;
	hv_storvsc) echo storvsc ;;
	hv_netvsc) echo netvsc ;;
	hv_utils) echo hv_utils ;;
	esac
}

# Releases of the installed kernels whose build directory is there, one a line
kernels_with_headers() {
	for dir in "$modules_root"/*/build; do
		[ -f "$dir/include/config/auto.conf" ] || continue
		basename "$(dirname "$dir")"
	done
}

# The file depmod has chosen for module $2 of kernel $1; nothing if there is none
chosen_file() { modinfo -k "$1" -F filename "$2" 2>/dev/null || true; }

# Is a kernel itself installed, and not only its headers? Then it has modules of its own.
has_own_modules() { [ -n "$(find "$modules_root/$1/" -name '*.ko*' -print -quit)" ]; }

# depmod for a kernel; where nothing is left to depend on, its tables of earlier runs go too.
refresh_depmod() {
	if has_own_modules "$1"; then
		depmod "$1" || die "depmod failed for $1"
		return
	fi
	for table in alias alias.bin builtin.alias.bin builtin.bin dep dep.bin devname softdep symbols symbols.bin weakdep; do
		rm -f "$modules_root/$1/modules.$table"
	done
}
