# SPDX-License-Identifier: GPL-2.0
# What the guest halves of scenarios are written with. Waits are for conditions, each with a limit.
# shellcheck shell=sh

klog=/tmp/kernel.log
# arg NAME: what the kernel command line says of it.
arg() {
	sed -n "s/.*\\b$1=\\([^ ]*\\).*/\\1/p" /proc/cmdline
}
SLOW=${SLOW:-$(arg e2e.slow)}
SLOW=${SLOW:-1}

# report LINE: one line on the results port.
report() {
	echo "$*" >"$PORT"
}

# drain: wait until all that was reported has left the port, before the kernel is gone.
drain() {
	stty -F "$PORT" raw -echo 2>/dev/null
}

# say TEXT: a diagnostic line.
say() {
	report "# $*"
}

# token TOKEN [TEXT]: tell the host half that a point was reached.
token() {
	report "#> ${name-init} $*"
}

# hear [SECONDS]: the next text that the host half has for this one (tell_guest), in $heard.
hear() {
	# shellcheck disable=SC3045 # busybox has it
	while read -r -t $((${1:-60} * SLOW)) heard <&4; do
		case $heard in
		"$name "*)
			heard=${heard#"$name "}
			return 0
			;;
		esac
	done
	fail "nothing came from the host half within ${1:-60} s"
}

# told TEXT [SECONDS]: wait until the host half says just that.
told() {
	until hear "${2:-60}" && [ "$heard" = "$1" ]; do :; done
}

# fail TEXT: end the scenario as failed.
fail() {
	say "FAILED: $*"
	exit 1
}

# skip REASON: end the scenario as skipped.
skip() {
	echo "$*" >/tmp/skip
	exit 4
}

# wait_for SECONDS COMMAND...: run COMMAND until it succeeds; false after SECONDS. Counted on the
# clock that no scenario turns, without starting processes that would compete with what is waited for.
wait_for() {
	read -r wait_up _ </proc/uptime
	wait_end=$((${wait_up%%.*} + $1 * SLOW))
	shift
	until "$@"; do
		read -r wait_up _ </proc/uptime
		[ "${wait_up%%.*}" -lt "$wait_end" ] || return 1
		usleep 150000
	done
}

# uptime_s: whole seconds since boot.
uptime_s() {
	read -r up _ </proc/uptime
	echo "${up%%.*}"
}

# kernel_said TEXT: has the kernel said it since boot?
kernel_said() {
	grep -q -e "$1" $klog || dmesg | grep -q -e "$1"
}

# our_races: a kernel log without KCSAN's reports of races that none of the modules has a part in: on neither side is the access
# in their code, or in a copy that they called. The kernel has races of its own, in functions that any driver calls.
our_races() {
	awk '/BUG: KCSAN/ { inside = 1; ours = 0; text = ""; depth = 9 }
	     !inside { print; next }
	     / by (task|interrupt) / { depth = 0; text = text $0 "\n"; next }
	     /Reported by Kernel Concurrency/ { inside = 0; if (ours) printf "%s", text; next }
	     {
		text = text $0 "\n"
		if (++depth == 1 && / (__)?(mem|str|list_)[a-z_]*\+/)
			depth = 0
		else if (depth == 1 && /\[hv_(vmbus|storvsc|netvsc|utils)\]/)
			ours = 1
	     }
	     END { if (inside) printf "%s", text }'
}

# kernel_complaints FILE: lines of a kernel log that no healthy run has; false if there are none.
kernel_complaints() {
	our_races <"$1" |
		grep -E -e 'WARNING: |BUG: |kernel BUG at|Oops|general protection|INFO: task .* blocked|INFO: possible' \
			-e 'inconsistent lock state|suspicious RCU|KASAN|UBSAN|KCSAN|refcount_t|soft lockup|hard LOCKUP|possible recursive locking' \
			-e 'sleeping function called|scheduling while atomic|unable to handle|list_(add|del) corruption|DEBUG_LOCKS_WARN' \
			-e 'cannot create duplicate|kobject_add_internal failed|Objects remaining|still has .* holders|double free|slab-out' \
			-e 'rcu_.* self-detected'
}

# leak_scan: what kmemleak holds for leaked, on a kernel that has it. Two scans: what was only passing through a
# register at the first is found at the second.
leak_scan() {
	scan=/sys/kernel/debug/kmemleak
	[ -e $scan ] || return 0
	echo scan >$scan
	sleep 6
	echo scan >$scan
	cat $scan
}

# bus_version: the version the bus last said it agreed on.
bus_version() {
	{ cat $klog; dmesg; } | sed -n 's/.*Vmbus version:\([0-9.]*\).*/\1/p' | tail -n 1
}

# agree_on V: load the bus; $agreed is what it must say it agreed on with a host whose newest version is V: V, or what the bus
# itself has as newest. Ends the scenario as skipped where the kernel's own bus has no version in common with the host.
agree_on() {
	modprobe hv_vmbus 2>/dev/null
	agreed=$1
	case $1,$(bus_version) in
	0.13, | 1.1,)
		if is_intree hv_vmbus; then
			skip "the kernel's own hv_vmbus speaks nothing as old as $1 ($(uname -r))"
		fi
		;;
	# Whether a bus goes beyond 5.3 is its own affair.
	6.0,6.0) ;;
	6.0,*) agreed=5.3 ;;
	esac
	case $agreed,$(uname -r) in
	# 5.3 came with 5.14.
	5.3,5.10.*) agreed=5.2 ;;
	esac
}

# bus_up: load the bus.
bus_up() {
	! grep -q '^hv_vmbus ' /proc/modules || return 0
	modprobe hv_vmbus || fail "modprobe hv_vmbus failed"
	if [ ! -e /tmp/bus ] || [ "$(cat /tmp/bus)" != "$(bus_version)" ]; then
		bus_version >/tmp/bus
		say "VMBus version $(cat /tmp/bus)"
	fi
}

# is_intree MODULE: is it the kernel's own in this guest?
is_intree() {
	grep -q -e "^$1 intree " -e "^$1 builtin" /e2e/modules
}

# bus_is_builtin: is the bus part of this kernel, so that it can be neither loaded nor unloaded?
bus_is_builtin() {
	grep -q "^hv_vmbus builtin" /e2e/modules
}

# hung_defect MODULE TEXT: as defect, of a module that now waits for ever: this guest cannot even be powered off.
hung_defect() {
	: >/tmp/hung
	defect "$@"
}

# defect MODULE TEXT: what one of the kernel's own modules is known to do wrong and ours must not: a failure with ours, a
# skip that says so with the kernel's own.
defect() {
	if is_intree "$1"; then
		skip "known defect of the kernel's own $1, seen: $2"
	fi
	fail "$2"
}

# version_is MODULE VERSION: predicate for wait_for.
version_is() {
	[ "$(cat "/sys/module/$1/version" 2>/dev/null)" = "$2" ]
}

# all_up: load all four modules and what sits on them; they must be the ones that were packed as ours.
all_up() {
	bus_up
	# ext4 asks for it by an alias that busybox does not follow on i386.
	modprobe crc32c_generic 2>/dev/null
	for module in sd_mod hv_storvsc hv_netvsc hv_utils ext4 af_packet; do
		modprobe $module || fail "modprobe $module failed"
	done
	while read -r module whose path version; do
		[ "$whose" = ours ] || continue
		# udev may be loading it at this moment: then it is listed before it says its version.
		wait_for 20 version_is "$module" "$version" ||
			fail "the $module that runs is not $path, version $version, but $(cat "/sys/module/$module/version" 2>&1)"
	done </e2e/modules
}

# device_of CLASS [N]: sysfs directory of the Nth (first) VMBus device of a class, given as the
# beginning of its class GUID; false if there is none.
device_of() {
	n=${2:-1}
	for dir in /sys/bus/vmbus/devices/*; do
		case $(cat "$dir/class_id" 2>/dev/null) in
		"{$1"*)
			n=$((n - 1))
			if [ $n -eq 0 ]; then
				echo "$dir"
				return 0
			fi
			;;
		esac
	done
	return 1
}

# shellcheck disable=SC2034 # for the scenarios
SCSI=ba6163d9 NET=f8615163

# disk N: block device name of the disk with LUN N - 1 on the first SCSI controller; false if it is not there.
# Names like sda are given in the order in which probes end.
disk() {
	for block in /sys/block/sd*; do
		case $(readlink -f "$block/device") in
		*/host*:$(($1 - 1)))
			[ -b "/dev/${block##*/}" ] || continue
			echo "${block##*/}"
			return 0
			;;
		esac
	done
	return 1
}

# disk_is N: predicate for wait_for.
disk_is() {
	disk "$1" >/dev/null
}

# nic: name of the network device behind hv_netvsc; false if it is not there.
nic() {
	for net in /sys/class/net/*; do
		case $(readlink -f "$net/device/driver" 2>/dev/null) in
		*/hv_netvsc)
			echo "${net##*/}"
			return 0
			;;
		esac
	done
	return 1
}

nic_is() {
	nic >/dev/null
}

# nic_with END: name of the network device whose address ends so; false if it is not there.
nic_with() {
	for net in /sys/class/net/*; do
		case $(cat "$net/address" 2>/dev/null) in
		*:"$1")
			echo "${net##*/}"
			return 0
			;;
		esac
	done
	return 1
}

nic_with_is() {
	nic_with "$1" >/dev/null
}

# two_nics: load the driver, and have the machine's first two NICs, which are on one switch, as two hosts: $here with
# 10.9.0.1, and $there with 10.9.0.2 in a network namespace of its own, where inside runs commands.
two_nics() {
	bus_up
	for module in hv_netvsc af_packet 8021q; do
		modprobe $module || fail "modprobe $module failed"
	done
	wait_for 30 nic_with_is 10 || fail "the first NIC did not appear"
	here=$(nic_with 10)
	ip link set lo up
	if [ ! -e /tmp/apart ]; then
		wait_for 30 nic_with_is 11 || fail "the second NIC did not appear"
		nic_with 11 >/tmp/apart.nic
		[ -e /proc/self/ns/net ] || skip "this kernel has no network namespaces"
		unshare -n sleep 100000 &
		echo $! >/tmp/apart.pid
		wait_for 10 is_apart || fail "there is no second network namespace"
		ip link set "$(cat /tmp/apart.nic)" netns "$(cat /tmp/apart.pid)" || fail "the second NIC does not move"
		: >/tmp/apart
	fi
	there=$(cat /tmp/apart.nic)
	inside ip link set lo up
	ip link set "$here" mtu 1500 up || fail "$here does not come up"
	inside ip link set "$there" mtu 1500 up || fail "$there does not come up"
	ip addr replace 10.9.0.1/24 dev "$here" 2>/dev/null || ip addr add 10.9.0.1/24 dev "$here" 2>/dev/null
	inside ip addr replace 10.9.0.2/24 dev "$there" 2>/dev/null || inside ip addr add 10.9.0.2/24 dev "$there" 2>/dev/null
	wait_for 20 ping -q -c 1 -W 1 10.9.0.2 >/dev/null || fail "no echo between the two NICs"
}

is_apart() {
	other=$(readlink "/proc/$(cat /tmp/apart.pid)/ns/net") && [ "$other" != "$(readlink /proc/self/ns/net)" ]
}

# inside COMMAND...: in the second NIC's namespace.
inside() {
	nsenter -t "$(cat /tmp/apart.pid)" -n "$@"
}

# pci_up: load the drivers of virtual PCI and of the function behind it, which are never ours. Ends the scenario as skipped where the kernel has none.
pci_up() {
	bus_up
	[ -d /sys/bus/vmbus/drivers/hv_pci ] || modprobe pci_hyperv 2>/dev/null || skip "this kernel has no pci-hyperv"
	modprobe ixgbevf 2>/dev/null || skip "this kernel has no ixgbevf"
}

# vf_of DEVICE: the network device that is the virtual function of DEVICE; false if it has none.
vf_of() {
	for net in /sys/class/net/*; do
		case $(readlink "$net/master" 2>/dev/null) in
		*/"$1")
			echo "${net##*/}"
			return 0
			;;
		esac
	done
	return 1
}

# vf_paired: predicate for wait_for.
vf_paired() {
	vf_of "$here" >/dev/null
}

# vf_statistic NAME: of $here, as ethtool has it.
vf_statistic() {
	ethtool -S "$here" | sed -n "s/^ *$1: //p"
}

# speed_told SPEED: the host has told this speed of the other NIC's medium, by which it says that it is done. The first one's may be
# that of its virtual function.
speed_told() {
	inside ethtool "$there" | grep -q "Speed: $1Mb/s"
}

# dhcp: bring the synthetic NIC up with an address from the host; sets $nic, leaves the lease in
# /tmp/lease.
dhcp() {
	wait_for 40 nic_is || fail "no network device of hv_netvsc appeared"
	nic=$(nic)
	ip link set lo up
	ip link set "$nic" up || fail "ip link set $nic up failed"
	rm -f /tmp/lease
	udhcpc -i "$nic" -n -q -t 8 -T 2 -s /e2e/udhcpc >/tmp/udhcpc.log 2>&1 || {
		sed 's/^/# udhcpc: /' /tmp/udhcpc.log >"$PORT"
		fail "no DHCP lease on $nic"
	}
}

# sha FILE: its SHA-256.
sha() {
	sha256sum "$1" | cut -d' ' -f1
}

# client MODULE...: load the first of these modules that the kernel has, a driver of the bus that is never ours; sets $client. Ends
# the scenario as skipped where it has none of them.
client() {
	bus_up
	for client in "$@"; do
		if [ -n "$(find /lib/modules -name "$client.ko")" ]; then
			modprobe "$client" || fail "modprobe $client failed: $(dmesg | grep -i "$client" | tail -n 3)"
			say "$client loaded"
			return 0
		fi
	done
	skip "this kernel has no module $*"
}

# driver_of CLASS: the driver the first device of a class is bound to; false if to none.
driver_of() {
	driver=$(readlink "$(device_of "$1")/driver") && echo "${driver##*/}"
}

# has_driver CLASS: predicate for wait_for.
has_driver() {
	driver_of "$1" >/dev/null
}

# service_daemon NAME: start the distribution's hv_NAME_daemon; sets $daemon. Ends the scenario as skipped where there is nothing
# for it to serve.
service_daemon() {
	wait_for 20 test -c "/dev/vmbus/hv_$1" || skip "this kernel's hv_utils has no /dev/vmbus/hv_$1"
	"hv_$1_daemon" -n >"/tmp/hv_$1_daemon.log" 2>&1 &
	# shellcheck disable=SC2034 # for the scenarios
	daemon=$!
}

# fcopy_by_uio: in an installed system whose hv_utils leaves file copy alone, give the device to the driver that the distribution's
# daemon wants, and start the daemon, as an administrator does it.
fcopy_by_uio() {
	fcopy=/sys/bus/vmbus/devices/eb765408-105f-49b6-b4aa-c123b64d17d4
	wait_for 20 test -d $fcopy || fail "no device for file copy"
	! [ -e $fcopy/driver ] || [ -d $fcopy/uio ] || fail "file copy is bound to $(readlink $fcopy/driver)"
	/sbin/modprobe uio_hv_generic || fail "no uio_hv_generic"
	[ -d $fcopy/uio ] || echo 34d14be3-dee4-41c8-9ae7-6b174977c192 >/sys/bus/vmbus/drivers/uio_hv_generic/new_id
	wait_for 20 test -d $fcopy/uio || fail "uio_hv_generic does not take file copy: $(dmesg | tail -n 3)"
	systemctl start hv-fcopy-uio-daemon || fail "hv-fcopy-uio-daemon does not start"
}

# input_of TEXT: the event device whose name contains TEXT; false if it is not there.
input_of() {
	for input in /sys/class/input/event*; do
		case $(cat "$input/device/name" 2>/dev/null) in
		*"$1"*)
			[ -c "/dev/input/${input##*/}" ] || continue
			echo "/dev/input/${input##*/}"
			return 0
			;;
		esac
	done
	return 1
}

input_is() {
	input_of "$1" >/dev/null
}

# read_input DEVICE COUNT: write COUNT events of an input device to /tmp/events, in the background.
read_input() {
	rm -f /tmp/events
	dd if="$1" of=/tmp/events bs=24 count="$2" 2>/dev/null &
}

# input_events: /tmp/events as lines "TYPE CODE VALUE", hexadecimal, the value's low half.
input_events() {
	hexdump -v -e '12/2 "%04x " "\n"' /tmp/events 2>/dev/null | cut -d' ' -f9-11
}

# saw_input EVENT...: have all these arrived?
saw_input() {
	for event in "$@"; do
		input_events | grep -qx "$event" || return 1
	done
}
