# SPDX-License-Identifier: GPL-2.0
# What keeps the devices busy while the host lies, for the scenarios chaos and soak: each use may hang for a while or fail at
# any step of it, and begins anew.
# shellcheck shell=sh disable=SC2154

disk_reads() {
	disk_is 1 && timeout -s KILL 10 dd if="/dev/$(disk 1)" of=/dev/null bs=4k count=1 iflag=direct 2>/dev/null
}

has_lease() {
	nic_is && ip link set "$(nic)" up 2>/dev/null &&
		timeout -s KILL 20 udhcpc -i "$(nic)" -n -q -t 4 -T 2 -s /e2e/udhcpc >/tmp/udhcpc.log 2>&1
}

# id_of CLASS: the relid of its first device, 0 without one.
id_of() {
	cat "$(device_of "$1")/id" 2>/dev/null || echo 0
}

# is_new CLASS OLD: another offer than the one with this relid?
is_new() {
	new=$(id_of "$1")
	[ "$new" != 0 ] && [ "$new" != "$2" ]
}

# What uses the devices, and may hang or fail at any step of it.
use_disk() {
	while [ ! -e /tmp/calm ]; do
		block=$(disk 1) || { usleep 200000; continue; }
		echo 5 >"/sys/block/$block/device/timeout"
		# A node of its own: where the disk has just gone, dd would leave a file in its place.
		node=/tmp/node-$block
		[ -b "$node" ] || mknod "$node" b "$(cut -d: -f1 "/sys/block/$block/dev")" "$(cut -d: -f2 "/sys/block/$block/dev")"
		timeout -s KILL 10 dd if="$node" of=/dev/null bs=64k count=64 iflag=direct 2>/dev/null
		timeout -s KILL 10 dd if=/dev/zero of="$node" bs=16k count=64 oflag=direct 2>/dev/null
	done
}

use_nic() {
	while [ ! -e /tmp/calm ]; do
		has_lease && timeout -s KILL 10 wget -q -O /dev/null "http://10.0.2.2:$(arg e2e.port)/data"
		usleep 200000
	done
}

# rebind DRIVER: take its devices from it, and give it them back, as long as the host lies.
rebind() {
	driver=/sys/bus/vmbus/drivers/$1
	while [ ! -e /tmp/calm ]; do
		for device in "$driver"/*-*-*-*-*; do
			[ -e "$device" ] || continue
			{
				echo "${device##*/}" >"$driver/unbind"
				echo "${device##*/}" >"$driver/bind"
			} 2>/dev/null
		done
		# What did not come up is tried again.
		for device in /sys/bus/vmbus/devices/*; do
			[ -e "$device/driver" ] || echo "${device##*/}" >"$driver/bind" 2>/dev/null
		done
		usleep 50000
	done
}

rebind_storvsc() {
	rebind hv_storvsc
}

rebind_netvsc() {
	rebind hv_netvsc
}

rebind_utils() {
	rebind hv_utils
}

# Small packets, each of which the host completes.
flood_nic() {
	while [ ! -e /tmp/calm ]; do
		timeout -s KILL 20 sh -c 'dd if=/dev/zero bs=64 count=2000 2>/dev/null | nc -u -w 1 10.0.2.2 9' 2>/dev/null
		usleep 200000
	done
}

# start_loads: those of $loads, until end_loads.
start_loads() {
	rm -f /tmp/calm
	pids=
	for load in $loads; do
		$load &
		pids="$pids $!"
	done
}

# end_loads: let them end, each at the end of what it is doing.
end_loads() {
	: >/tmp/calm
}

loads_ended() {
	for load in $pids; do
		! kill -0 "$load" 2>/dev/null || return 1
	done
}

# anew: our bus let go and loaded again, with all that is on it.
anew() {
	for module in hv_utils hv_netvsc hv_storvsc hv_vmbus; do
		rmmod $module || fail "rmmod $module failed after the faults"
	done
	all_up
}
