#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Names a build: the same sources for the same kernel have the same name, anything else has another. All modules of a build
# carry it (modinfo -F hyperv_lic_build), so that a set in which one is of another build is found whatever the version says.
#
# Usage: build-id.sh KDIR SOURCES_DIR OUTPUT     SOURCES_DIR: where Kbuild, compat, include and the modules' folders are
set -eu
kdir=$1 sources=$2 output=$3

id=$({
	cat "$kdir/include/config/kernel.release"
	# What the modules link against; absent in a tree that is only prepared
	[ ! -f "$kdir/Module.symvers" ] || sha256sum <"$kdir/Module.symvers"
	cd "$sources"
	find -L Kbuild VERSION compat include vmbus storvsc netvsc hv_utils -type f \( -name '*.[ch]' -o -name '*.mk' \
		-o -name '*.sh' -o -name Kbuild -o -name VERSION \) ! -name '*.mod.c' ! -path 'compat/probe/*' -print |
		LC_ALL=C sort | xargs sha256sum
} | sha256sum | cut -c 1-16)

# Written only when it changes: everything that carries it would be built anew.
if [ "$(cat "$output" 2>/dev/null)" != "$id" ]; then
	echo "$id" >"$output"
fi
