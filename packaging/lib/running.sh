# shellcheck shell=bash disable=SC2034,SC2153,SC2154
# SPDX-License-Identifier: GPL-2.0
# `hyperv-lic running`: do the drivers in memory come from our set? Sourced by bash, after set, boot, settle and status.

# why_not_running: prints why this kernel does not run on our set, as one line; fails when it does, when the administrator
# wanted it so, or on a machine that has no VMBus. All of it is read below $ROOT.
why_not_running() {
	local release module version loaded
	release=$(cat "$ROOT/proc/sys/kernel/osrelease") || die "cannot read $ROOT/proc/sys/kernel/osrelease"
	[ -d "$ROOT/sys/module/hv_vmbus" ] || return 1
	case " $(cat "$ROOT/proc/cmdline" 2>/dev/null) " in *" hyperv_lic=off "*) return 1 ;; esac
	case $(off_reason "$release") in "administrator:"*) return 1 ;; esac
	read_chosen "$ROOT" "$release"
	judge_set "$ROOT" "$release"
	if [ "$SET" != ours ]; then
		echo "kernel $release uses its own Hyper-V drivers: $(off_reason "$release" || dkms_state "$release")"
		return 0
	fi
	for module in $all_modules; do
		[ -d "$ROOT/sys/module/$module" ] || continue
		! is_builtin "$ROOT" "$release" "$module" || continue
		version=$(cat "$ROOT/sys/module/$module/version" 2>/dev/null)
		loaded=$(cat "$ROOT/sys/module/$module/srcversion" 2>/dev/null)
		if [ -z "$version" ]; then
			echo "$module in memory is the kernel's own, the disk has version $SET_VERSION: reboot to use it"
			return 0
		fi
		if [ -n "$loaded" ] && [ "$loaded" != "${SRCVERSION[$module]-}" ]; then
			echo "$module in memory is another build (version $version) than the disk's $SET_VERSION: reboot to use that"
			return 0
		fi
	done
	return 1
}

# command_running [--motd FILE]: one line and exit status 1 when something else runs than what the package is there for. With
# --motd the line is also kept in FILE, and FILE goes when all is well.
command_running() {
	local why motd='' found=0
	while [ $# -gt 0 ]; do
		case $1 in
		--motd) [ $# -ge 2 ] || die "--motd needs a file"; motd=$2; shift ;;
		*) die "unknown option '$1' of running" ;;
		esac
		shift
	done
	why=$(why_not_running) || found=$?
	[ $found -ne 2 ] || exit 2
	if [ $found -ne 0 ]; then
		[ -z "$motd" ] || rm -f "$motd"
		return 0
	fi
	warn "$why"
	if [ -n "$motd" ]; then
		mkdir -p "$(dirname "$motd")"
		printf 'hyperv-lic: %s (see: hyperv-lic status)\n' "$why" >"$motd" || warn "cannot write $motd"
	fi
	return 1
}
