# SPDX-License-Identifier: GPL-2.0
# The guest's half of a profile: says where its modules are, and when a measurement begins and ends. Wants $profile and
# /dev/ttyS1; without $profile, says nothing and waits for nothing.
# shellcheck shell=sh disable=SC2154

# profile_load SIDE: where its modules are, and the sections of those under test.
profile_load() {
	[ -n "$profile" ] || return 0
	if [ ! -e /tmp/symbols ]; then
		echo 0 >/proc/sys/kernel/kptr_restrict
		awk '$2 ~ /^[tTwW]$/ && NF == 3 { print $1, $3 }' /proc/kallsyms | gzip >/tmp/symbols
		base64 /tmp/symbols | sed 's/^/symbols /' >/dev/ttyS1
	fi
	while read -r name size _ _ _ address _; do
		echo "module $1 $name $size $address" >/dev/ttyS1
		case $name in hv_*) ;; *) continue ;; esac
		for section in /sys/module/"$name"/sections/.text*; do
			echo "section $1 $name ${section##*/} $(cat "$section")" >/dev/ttyS1
		done
	done </proc/modules
}

# profile_mark TEXT: the host's half of it looks for the line once a second, and nothing else happens until it has.
profile_mark() {
	[ -n "$profile" ] || return 0
	echo "mark $*" >/dev/ttyS1
	sleep 3
}
