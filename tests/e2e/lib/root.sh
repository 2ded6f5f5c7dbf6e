# SPDX-License-Identifier: GPL-2.0
# Puts together the root directories that run from an initramfs: busybox, programs with their
# libraries, kernel modules with all they depend on. Knows nothing of what will run there.
# shellcheck shell=bash

# root_new DIR [USERLAND]: an empty root with busybox under all its names; another architecture's, from the directory of its
# programs, has the names of the machine's own.
root_new() {
	local dir=$1 userland=${2-} busybox name
	busybox=$(command -v busybox) || die "busybox is missing (package busybox-static)"
	mkdir -p "$dir"/{bin,dev,etc,lib,mnt,proc,run,sbin,sys,tmp,usr/bin,usr/sbin,var/lib}
	if [ -n "$userland" ]; then
		cp "$userland/bin/busybox" "$dir/bin/busybox"
	elif ldd "$busybox" >/dev/null 2>&1; then
		root_program "$dir" "$busybox" /bin/busybox
	else
		cp "$busybox" "$dir/bin/busybox"
	fi
	"$busybox" --list | while read -r name; do
		[ "$name" = busybox ] || ln -s busybox "$dir/bin/$name"
	done
}

# root_program DIR PROGRAM [PATH]: copy a program, to PATH in DIR, with its libraries.
root_program() {
	local dir=$1 program=$2 path=${3-$2} part
	mkdir -p "$dir/${path%/*}"
	rm -f "$dir/$path"
	cp -L "$program" "$dir/$path"
	# Names the loader looks for, whatever links the machine reaches them by.
	{ ldd "$program" 2>/dev/null || true; } | grep -o '/[^ ]*' | while read -r part; do
		if [ ! -e "$dir/$part" ]; then
			mkdir -p "$dir/${part%/*}"
			cp -L "$part" "$dir/$part"
		fi
	done
}

# root_foreign DIR USERLAND PROGRAM: copy a program of another architecture with its libraries, which the machine's own loader
# cannot name.
root_foreign() {
	local dir=$1 userland=$2 program=$3 need file
	[ -e "$dir/$program" ] || install -D -m 755 "$userland/$program" "$dir/$program"
	for need in $(readelf -d -l "$dir/$program" | sed -n 's/.*(NEEDED).*\[\(.*\)\].*/\1/p; s/.*interpreter: \(.*\)\].*/\1/p'); do
		file=$(cd "$userland" && find lib usr/lib -name "${need##*/}" -print -quit)
		[ -n "$file" ] || die "$program of $userland needs $need, which is not there"
		# The loader is called by the name in the program, the rest is found by the loader.
		case $need in /*) install -D -m 755 "$userland/$file" "$dir/$need" ;; esac
		[ -e "$dir/$file" ] || root_foreign "$dir" "$userland" "$file"
	done
}

# module_index MODULES_DIR FILE: write a line "name path" for each module file below MODULES_DIR, with
# the name as the kernel spells it.
module_index() {
	find "$1/" -name '*.ko' -o -name '*.ko.xz' -o -name '*.ko.zst' -o -name '*.ko.gz' |
		awk '{ n = $0; sub(/.*\//, "", n); sub(/\.ko.*/, "", n); gsub(/-/, "_", n); print n, $0 }' |
		sort -u -k 1,1 >"$2"
}

# module_file INDEX NAME: the file of a module; nothing if the kernel has it built in or not at all.
module_file() {
	awk -v n="$2" '$1 == n { print $2; exit }' "$1"
}

# module_closure INDEX FILE_OR_NAME...: names of the modules and of all they need, in the order in which they
# load. A module given as a file stands for the indexed one of its name.
module_closure() {
	local index=$1
	shift
	local -A own=() seen=()
	local queue=() item name file
	for item; do
		name=$(basename "$item")
		name=${name%%.ko*}
		name=${name//-/_}
		case $item in */*) own[$name]=$item ;; esac
		queue+=("$name")
	done
	visit() {
		local name=$1 file need
		[ -z "${seen[$name]-}" ] || return 0
		seen[$name]=1
		file=${own[$name]-$(module_file "$index" "$name")}
		[ -n "$file" ] || return 0
		for need in $(modinfo -F depends "$file" | tr ',-' ' _'); do
			visit "$need"
		done
		echo "$name $file"
	}
	for name in "${queue[@]}"; do
		visit "$name"
	done
}

# root_modules DIR RELEASE MODULES_DIR FILE_OR_NAME...: install modules and what they need, uncompressed, and the
# tables modprobe reads.
root_modules() {
	local dir=$1 release=$2 modules=$3 dest name file
	shift 3
	dest=$dir/lib/modules/$release
	mkdir -p "$dest/kernel"
	module_index "$modules" "$dir.index"
	module_closure "$dir.index" "$@" | while read -r name file; do
		case $file in
		*.xz) xz -dc "$file" >"$dest/kernel/$name.ko" ;;
		*.zst) zstd -qdc "$file" >"$dest/kernel/$name.ko" ;;
		*.gz) gzip -dc "$file" >"$dest/kernel/$name.ko" ;;
		*)
			# Debug information is several times the module.
			strip --strip-debug -o "$dest/kernel/$name.ko" "$file" 2>/dev/null ||
				cp "$file" "$dest/kernel/$name.ko"
			;;
		esac
	done
	for name in modules.builtin modules.builtin.modinfo modules.order; do
		if [ -e "$modules/$name" ]; then
			cp "$modules/$name" "$dest/"
		fi
	done
	depmod -b "$dir" "$release"
}

# root_pack DIR: the root as an uncompressed archive on standard output; what is not
# compressed need not be decompressed by an emulated processor.
root_pack() {
	(cd "$1" && find . -print0 | cpio --quiet -0 -o -H newc -R 0:0)
}
