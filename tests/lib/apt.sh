# SPDX-License-Identifier: GPL-2.0
# Debian packages for the tests, for bash scripts to source: bring the lists up to date once, fetch
# packages without installing them. Never changes the machine's sources.
# shellcheck shell=bash

apt_options=(-qq -o DPkg::Lock::Timeout=300 -o APT::Sandbox::User=root)

# apt_update_once: make sure that package lists are there, updating them at most once a day.
apt_update_once() {
	local newest
	newest=$(find /var/lib/apt/lists -maxdepth 1 -name '*_Packages*' -mmin -1440 -print -quit 2>/dev/null || true)
	[ -n "$newest" ] && return 0
	echo "updating the package lists" >&2
	apt-get "${apt_options[@]}" update >&2 || echo "the package lists could not be updated" >&2
}

# apt_download DIR PACKAGE...: download packages into DIR; retried with fresh lists, since an archive
# drops superseded versions.
apt_download() {
	local dir=$1
	shift
	(cd "$dir" && apt-get "${apt_options[@]}" download "$@" >&2) && return 0
	apt-get "${apt_options[@]}" update >&2 || return 1
	(cd "$dir" && apt-get "${apt_options[@]}" download "$@" >&2)
}
