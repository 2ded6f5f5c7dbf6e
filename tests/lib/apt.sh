# SPDX-License-Identifier: GPL-2.0
# Debian packages for the tests, for bash scripts to source: bring the lists up to date once, fetch
# packages without installing them, also of another release. Never changes the machine's sources.
# shellcheck shell=bash

apt_options=(-qq -o DPkg::Lock::Timeout=300 -o APT::Sandbox::User=root)
apt_lists=/var/lib/apt/lists

# apt_mirror: where the machine's own apt gets its release from; false, with nothing printed, if that is unknown.
apt_mirror() {
	local codename
	codename=$(. /etc/os-release && echo "${VERSION_CODENAME-}")
	# shellcheck disable=SC2016 # apt-get's own names
	apt-get indextargets --format '$(CREATED_BY) $(CODENAME) $(COMPONENT) $(REPO_URI)' 2>/dev/null |
		awk -v c="$codename" '$1 == "Packages" && $2 == c && $3 == "main" { print $4; found = 1; exit } END { exit !found }'
}

apt_keyring=/usr/share/keyrings/debian-archive-keyring.gpg

# apt_use_suite SUITE STATE_DIR [ARCH]: from here on apt means the machine's mirror with another suite, and another architecture
# if one is named, as if nothing were installed; lists and configuration are in STATE_DIR. False, with the reason in apt_reason, if that cannot be.
apt_use_suite() {
	local mirror
	apt_reason=
	if [ "$(. /etc/os-release && echo "${ID-}")" != debian ] || ! mirror=$(apt_mirror); then
		apt_reason="the machine's apt sources name no mirror of Debian"
		return 1
	fi
	if [ ! -e $apt_keyring ]; then
		apt_reason="$apt_keyring is missing (package debian-archive-keyring)"
		return 1
	fi
	mkdir -p "$2"/lists/partial "$2"/archives/partial
	: >"$2/status"
	echo "deb [signed-by=$apt_keyring] ${mirror%/} $1 main" >"$2/sources.list"
	cat >"$2/apt.conf" <<-END
		Dir::State "$2";
		Dir::State::status "$2/status";
		Dir::Cache "$2";
		Dir::Etc::sourcelist "$2/sources.list";
		Dir::Etc::sourceparts "/dev/null";
	END
	if [ -n "${3-}" ]; then
		printf '%s\n' "APT::Architecture \"$3\";" "APT::Architectures { \"$3\"; };" >>"$2/apt.conf"
	fi
	export APT_CONFIG=$2/apt.conf
	apt_lists=$2/lists
}

# apt_update_once: make sure that package lists are there, updating them at most once a day.
apt_update_once() {
	local newest
	newest=$(find $apt_lists -maxdepth 1 -name '*_Packages*' -mmin -1440 -print -quit 2>/dev/null || true)
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
