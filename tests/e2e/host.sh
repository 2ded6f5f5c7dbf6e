# SPDX-License-Identifier: GPL-2.0
# What the host halves of scenarios are written with: control of hvhost, waits for what the guest says.
# Set by the conductor: $HVHOST the program, $CONTROL its control socket, $RESULTS what the guest reported so
# far, $CONSOLE its console, $MONITOR (scenarios on QEMU) its monitor's pipe, $WWW what the guest can
# download, $VMM_PID the machine monitor, $ANSWERS what the guest reads, $name and $variant the scenario. The guest stays until the
# host half has ended, but for 15 s (or the scenario's $outlives) at most after its own half.
# shellcheck shell=sh disable=SC2154

# say TEXT: a diagnostic line.
say() {
	echo "$*"
}

# fail TEXT: end the scenario as failed.
fail() {
	say "FAILED (host): $*"
	exit 1
}

# now: hundredths of a second on a clock that is never set.
now() {
	read -r up _ </proc/uptime
	echo "${up%.*}${up#*.}"
}

# seconds_since HUNDREDTHS: whole and tenths, for reports.
seconds_since() {
	past=$(($(now) - $1))
	echo "$((past / 100)).$((past / 10 % 10))"
}

# tell_guest TEXT: the guest half waits for it by told or hear.
tell_guest() {
	echo "$name $*" >"$ANSWERS"
}

# wait_for SECONDS COMMAND...: run COMMAND until it succeeds; false after SECONDS.
wait_for() {
	wait_end=$(($(now) + $1 * SLOW * 100))
	shift
	until "$@"; do
		[ "$(now)" -lt "$wait_end" ] || return 1
		sleep 0.2
	done
}

# said TOKEN: has the guest half reached the point?
said() {
	grep -q "^#> $name $1\\( \\|\$\\)" "$RESULTS"
}

# what_was_said TOKEN: the text the guest half gave with it.
what_was_said() {
	sed -n "s/^#> $name $1 //p" "$RESULTS" | tail -n 1
}

# await TOKEN [SECONDS]: wait until the guest half has reached the point.
await() {
	wait_for "${2:-60}" said "$1" || fail "the guest did not get to '$1' within ${2:-60} s"
}

# ctl COMMAND [ARGUMENT...]: one command to hvhost; its answer on standard output.
ctl() {
	"$HVHOST" ctl "$CONTROL" "$@"
}

# tell COMMAND [ARGUMENT...]: one command to hvhost whose answer only matters when it is no.
tell() {
	ctl_answer=$(ctl "$@" 2>&1) || {
		say "hvhost $*: $ctl_answer"
		return 1
	}
}

# service_is_ready NAME: has the guest's integration component NAME agreed on its versions?
service_is_ready() {
	[ "$(ctl query "$1.state" 2>/dev/null)" = ready ]
}

# vmm_gone: has the machine monitor ended?
vmm_gone() {
	! kill -0 "$VMM_PID" 2>/dev/null
}
