# SPDX-License-Identifier: GPL-2.0
# What an administrator looks at and does, for the guest (scenarios/) and, where building in the guest
# would take too long, for a chroot of its image. Everything that is looked at is reported, passed or not.
# shellcheck shell=bash disable=SC2154

hv_modules="hv_vmbus hv_storvsc hv_netvsc hv_utils"
number=0

# check NAME COMMAND...: one result, named SCENARIO:NAME.
check() {
	local what=$1
	shift
	number=$((number + 1))
	if "$@"; then
		report "ok $number $name:$what"
	else
		report "not ok $number $name:$what"
	fi
}

# in_guest NAME COMMAND...: as check, in the variant in which the guest builds the modules itself; else the runner does it
# in the guest's image once the guest has ended.
in_guest() {
	[ ! -e /admin/inside ] || check "$@"
}

# tell COMMAND...: its output as diagnostic lines, and its status.
tell() {
	local status=0
	"$@" >/run/told 2>&1 || status=$?
	sed 's/^/# /' /run/told >"$PORT"
	return $status
}

# driver_above SYSFS_DEVICE: the VMBus driver it hangs on.
driver_above() {
	local dir link
	dir=$(readlink -f "$1")
	while [ -n "$dir" ]; do
		link=$(readlink -f "$dir/driver")
		case $link in
		*/bus/vmbus/drivers/*)
			echo "${link##*/}"
			return 0
			;;
		esac
		dir=${dir%/*}
	done
	return 1
}

# root_is_synthetic: is the root file system on a disk of hv_storvsc?
root_is_synthetic() {
	local source driver
	source=$(findmnt -n -o SOURCE /)
	driver=$(driver_above "/sys/class/block/${source##*/}/device")
	say "/ is $(findmnt -n -o SOURCE,FSTYPE,OPTIONS /), disk of ${driver:-another driver}"
	[ "$driver" = hv_storvsc ]
}

# synthetic_nic: name of the network device of hv_netvsc.
synthetic_nic() {
	local net
	for net in /sys/class/net/*; do
		if [ "$(driver_above "$net/device")" = hv_netvsc ]; then
			echo "${net##*/}"
			return 0
		fi
	done
	return 1
}

has_lease() {
	local net
	net=$(synthetic_nic) && ip -4 -o addr show dev "$net" scope global | grep -q ' dynamic '
}

# fetch PATH: a file of the host's web server on standard output.
fetch() {
	local line
	exec 9<>"/dev/tcp/10.0.2.2/$(arg e2e.port)" || return 1
	printf 'GET %s HTTP/1.0\r\n\r\n' "$1" >&9
	while IFS= read -r line <&9 && [ "$line" != $'\r' ]; do :; done
	cat <&9
	exec 9<&-
}

# network_works: a lease on the synthetic NIC, and 64 MiB from the host unharmed.
network_works() {
	local end=$((SECONDS + 180)) want sum started
	until has_lease; do
		[ $SECONDS -lt $end ] || {
			tell ip addr
			say "no lease after 180 s"
			return 1
		}
		sleep 1
	done
	tell ip -4 -o addr show dev "$(synthetic_nic)"
	want=$(fetch /data.sha256)
	started=$SECONDS
	sum=$(fetch /data | sha256sum)
	say "64 MiB from the host in $((SECONDS - started)) s"
	[ -n "$want" ] && [ "${sum%% *}" = "$want" ]
}

# system_runs: systemd has finished booting, and no unit failed but the daemons that tell_daemons tells of.
system_runs() {
	local state failed
	state=$(systemctl is-system-running --wait)
	failed=$(systemctl list-units --state=failed --no-legend --plain | awk '{ print $1 }')
	say "systemctl is-system-running: $state" ${failed:+, failed: $failed}
	[ "$state" = running ] || [ "$state" = degraded ] && ! grep -qv '^\(hv-.*-daemon\.service\)\?$' <<<"$failed"
}

# tell_daemons: what became of Hyper-V's daemons in this boot.
tell_daemons() {
	local unit
	for unit in $(systemctl list-unit-files --no-legend 'hv-*-daemon.service' | awk '{ print $1 }'); do
		say "$unit: $(systemctl show -p ActiveState,SubState,Result,ConditionResult "$unit" | tr '\n' ' ')"
	done
}

# runs_from FILE: is the module in the kernel's memory the very build in FILE?
runs_from() {
	local module=${1##*/}
	module=${module%%.ko*}
	objcopy -O binary --only-section=.note.gnu.build-id "$1" /run/build-id 2>/dev/null &&
		cmp -s /run/build-id "/sys/module/$module/notes/.note.gnu.build-id"
}

# modules_are intree|VERSION: all four are loaded, and are the kernel's own or ours of that version: the very builds that are
# on the disk.
modules_are() {
	local module file version status=0 tree
	tree=/lib/modules/$(uname -r)
	for module in $hv_modules; do
		if [ ! -d "/sys/module/$module" ]; then
			say "$module is not loaded"
			status=1
			continue
		fi
		version=$(cat "/sys/module/$module/version" 2>/dev/null || echo intree)
		if [ "$1" = intree ]; then
			file=$(find "$tree/kernel/" -name "$module.ko")
		else
			file=$(modinfo -F filename "$module")
		fi
		say "$module: version $version, depmod chooses $(modinfo -F filename "$module")"
		if [ "$version" != "$1" ]; then
			say "$module should be $1"
			status=1
		fi
		if ! runs_from "$file"; then
			say "$module in memory is not the build in $file"
			status=1
		fi
	done
	return $status
}

# status_is_safe: does hyperv-lic say that the next boot is safe?
status_is_safe() {
	tell hyperv-lic status
}

no_complaints() {
	! tell kernel_complaints /run/kernel.log
}

# timed COMMAND...: its output and how long it took.
timed() {
	local started=$SECONDS status=0
	tell "$@" || status=$?
	say "$((SECONDS - started)) s: $*"
	return $status
}

# install_package FILE: the package, new or in place of an older version.
install_package() {
	timed dpkg -i "$1"
}

# remove_package: the way back, its configuration files included.
remove_package() {
	timed dpkg --purge hyperv-lic-dkms
}
