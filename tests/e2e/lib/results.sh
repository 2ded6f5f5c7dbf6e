# SPDX-License-Identifier: GPL-2.0
# Reads what the conductor streams and prints it as KTAP, for tests/e2e/run. Success is a line that says
# so: whatever was never reported has failed.
# shellcheck shell=bash disable=SC2154

# Results that belong to all boots together.
joint_names=(kernel-log-and-leaks machine)

plan_results() {
	echo "1..$((${#names[@]} + ${#joint_names[@]}))"
}

number=0
failures=0
declare -A verdicts=() joint=()

# result KIND NAME TEXT
result() {
	local kind=$1 name=$2 text=${3-} line
	number=$((number + 1))
	verdicts[$name]=$kind
	case $kind in
	pass) line="ok $number $name${text:+ # $text}" ;;
	skip) line="ok $number $name # SKIP $text" ;;
	*)
		line="not ok $number $name${text:+ # $text}"
		failures=$((failures + 1))
		;;
	esac
	echo "$line"
}

# tenths HUNDREDTHS
tenths() {
	printf '%d.%d s' $(($1 / 100)) $(($1 / 10 % 10))
}

# check_from_outside NAME: the third part of a scenario, on the machine itself once the guest has ended: sees the disk images
# ($DISK0, $DISK1) and what the guest half said ($SAID).
check_from_outside() {
	local name=$1
	(
		set -eu
		variant=${name#*:}
		DISK0=$work/disk0.img
		DISK1=$work/disk1.img
		SAID=$work/said.${name/:/-}
		SCRATCH=$work
		export DISK0 DISK1 SAID SCRATCH
		# shellcheck source=/dev/null
		. "$here/scenarios/${name%%:*}"
		outside
	) >"$work/outside.log" 2>&1
}

has_outside() (
	variant=
	# shellcheck source=/dev/null
	. "$here/scenarios/${1%%:*}"
	[ "$(type -t outside)" = function ]
)

# one_line LINE
one_line() {
	local word boot name kind spent text
	read -r word boot name text <<<"$1"
	case $word in
	diag)
		echo "# $name: $text"
		echo "$text" >>"$work/said.${name/:/-}"
		;;
	result)
		read -r kind spent text <<<"$text"
		case " ${joint_names[*]} " in
		*" $name "*)
			if [ "$kind" = fail ]; then
				joint[$name]+="$boot: $text; "
			else
				joint[$name]=${joint[$name]-}
			fi
			return 0
			;;
		esac
		if [ "$kind" = pass ] && has_outside "$name"; then
			late+=("$name")
			return 0
		fi
		if [ "$kind" = pass ]; then
			text="$(tenths "$spent")"
		elif [ "$kind" = fail ]; then
			text="${text:+$text, }$(tenths "$spent")"
		fi
		result "$kind" "$name" "$text"
		;;
	alive) ;;
	done) finished=1 ;;
	esac
}

# Policy: a level 1 that says nothing for so long has stopped running (its conductor says something each 5 seconds), and how
# often a run is taken up again. Only the emulation of level 1 can do that, no guest and no host program in it.
silence_limit=150
level1_restarts=5

# run_once: start, read to the end. Sets finished when the conductor got to its end.
run_once() {
	local limit=120 name seconds line="" piece="" gone="" heard=$SECONDS
	finished=
	for name in "${names[@]}"; do
		seconds=$(of "$name" seconds)
		limit=$((limit + (${seconds:-60} + 60) * slow))
	done
	: >"$work/stream"
	if [ -n "$emulated" ]; then
		start_level1 "$limit"
	else
		start_direct "$limit"
	fi
	exec 3<"$work/stream"
	while :; do
		if IFS= read -r piece <&3; then
			heard=$SECONDS
			one_line "${line}${piece%$'\r'}"
			line=
			continue
		fi
		line+=$piece
		[ -z "$gone" ] || break
		if ! kill -0 "$level1_pid" 2>/dev/null; then
			gone=1
		elif [ $((SECONDS - heard)) -gt $silence_limit ]; then
			echo "# level 1 has stopped running"
			kill "$level1_pid" 2>/dev/null || true
			gone=1
		else
			sleep 0.2
		fi
	done
	exec 3<&-
	wait "$level1_pid" 2>/dev/null || true
	level1_pid=
}

# check_late: the checks from outside of what the guests have finished, before anything else uses the disks.
check_late() {
	local name
	for name in "${late[@]}"; do
		if check_from_outside "$name"; then
			sed "s/^/# $name: /" "$work/outside.log"
			result pass "$name"
		else
			sed "s/^/# $name: /" "$work/outside.log"
			result fail "$name" "the check from outside failed"
		fi
	done
	late=()
}

# run_all: run, read to the end, print what is left; sets the exit status.
run_all() {
	local name item restarts=0 all=("${names[@]}") open
	late=()
	for item in "${skipped[@]}"; do
		result skip "${item%% *}" "${item#* }"
	done
	run_once
	check_late
	while [ -z "$finished" ] && [ -n "$emulated" ] && [ $restarts -lt $level1_restarts ]; do
		open=()
		for name in "${all[@]}"; do
			[ -n "${verdicts[$name]-}" ] || open+=("$name")
		done
		[ ${#open[@]} -gt 0 ] || break
		restarts=$((restarts + 1))
		cp "$work/level1.console" "$work/level1.console.$restarts" 2>/dev/null || true
		echo "# level 1 did not get to its end; started again for: ${open[*]}"
		names=("${open[@]}")
		prepare_run
		run_once
		check_late
	done
	names=("${all[@]}")
	for name in "${names[@]}"; do
		if [ -z "${verdicts[$name]-}" ]; then
			result fail "$name" "no result"
		fi
	done
	for name in "${joint_names[@]}"; do
		if [ -n "${joint[$name]-}" ]; then
			result fail "$name" "${joint[$name]%; }"
		elif [ -z "$finished" ]; then
			result fail "$name" "the run did not get to its end"
		else
			result pass "$name"
		fi
	done
	if [ -z "$finished" ]; then
		echo "# the run did not get to its end; level 1 said last:"
		tail -n 15 "$work/level1.console" "$work/level1.log" 2>/dev/null | tr -d '\r' | sed 's/^/#   /'
	fi
	if [ -n "$emulated" ] && [ -s "$work/logs.img" ]; then
		tar xf "$work/logs.img" -C "$work" 2>/dev/null || true
	elif [ -d "$work/run/logs" ]; then
		cp -r "$work/run/logs" "$work/logs"
	fi
	echo "# $((number - failures)) of $number passed in $(($(date +%s) - started)) s"
	if [ -n "$logs" ] || [ $failures -gt 0 ]; then
		keep_logs
	fi
	[ $failures -eq 0 ]
}

# keep_logs: the logs of this run, without images, where the user asked for them or under build/e2e/.
keep_logs() {
	local dest=${logs:-$top/build/e2e/logs/$label}
	rm -rf "${dest:?}"
	mkdir -p "$dest"
	cp -r "$work"/logs/. "$dest/" 2>/dev/null || true
	cp "$work"/stream "$work"/level1.* "$work"/*.log "$dest/" 2>/dev/null || true
	rm -f "$dest/level1.cpio"
	echo "# logs: $dest"
}
