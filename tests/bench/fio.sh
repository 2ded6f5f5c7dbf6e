# SPDX-License-Identifier: GPL-2.0
# Puts the machine's fio into a guest's root. Debian's is linked with the libraries of cluster file systems and network
# adapters, 80 MB that an emulated guest would take minutes to unpack; of those it gets the names only. Wants root.sh, $work.
# shellcheck shell=bash disable=SC2154

# Libraries that are not for storage beyond the machine.
bench_fio_foreign="libgfapi.so.0 libnbd.so.0 libibverbs.so.1 librdmacm.so.1 librados.so.2 librbd.so.1 libpmemblk.so.1 libpmem.so.1"

# fio_stub FIO LIBRARY SONAME OUT: a library with the names, and their versions, of what FIO wants from LIBRARY. Each ends the
# program.
fio_stub() {
	local fio=$1 library=$2 soname=$3 out=$4 name version last=''
	# Of names with several versions fio wants one.
	join -j 1 <(nm -D --undefined-only --with-symbol-versions "$fio" | awk '{ print $NF }' | sed 's/@@*/ /' | sort -k 1,1) \
		<(nm -D --defined-only "$library" | awk '{ sub(/@.*/, "", $NF); print $NF }' | sort -u) |
		sort -k 2,2 -u -k 1,1 >"$work/stub.names"
	while read -r name version; do
		echo "void $name(void) { __builtin_trap(); }"
	done <"$work/stub.names" >"$work/stub.c"
	while read -r name version; do
		[ -n "$version" ] || continue
		if [ "$version" != "$last" ]; then
			[ -z "$last" ] || echo "};"
			printf '%s {\n\tglobal:\n' "$version"
		fi
		last=$version
		echo "		$name;"
	done <"$work/stub.names" >"$work/stub.map"
	if [ -n "$last" ]; then
		echo "};" >>"$work/stub.map"
		gcc -shared -fPIC -nostdlib -fno-builtin -w -Wl,-soname,"$soname" -Wl,--version-script,"$work/stub.map" -o "$out" \
			"$work/stub.c"
	else
		gcc -shared -fPIC -nostdlib -fno-builtin -w -Wl,-soname,"$soname" -o "$out" "$work/stub.c"
	fi
}

# bench_fio ROOT: /bin/fio with its libraries.
bench_fio() {
	local root=$1 fio soname library dir
	fio=$(command -v fio) || die "fio is missing (scripts/deps bench)"
	dir=$work/fio
	mkdir -p "$dir"
	for soname in $bench_fio_foreign; do
		library=$(ldd "$fio" | awk -v name="$soname" '$1 == name { print $3 }')
		[ -z "$library" ] || fio_stub "$fio" "$library" "$soname" "$dir/$soname"
	done
	LD_LIBRARY_PATH=$dir "$fio" --version >/dev/null || die "fio does not start with a part of its libraries"
	# The loader finds in /lib what it does not find elsewhere.
	LD_LIBRARY_PATH=$dir root_program "$root" "$fio" /bin/fio
	mv "$root/$dir"/* "$root/lib/"
	rm -rf "${root:?}$dir"
}
