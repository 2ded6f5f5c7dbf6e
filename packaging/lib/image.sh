# shellcheck shell=bash disable=SC2034,SC2153,SC2154
# SPDX-License-Identifier: GPL-2.0
# Looks into an initramfs: finds where its archives begin, unpacks what concerns modules, judges the set in it. Knows nothing of
# how images are made. Sourced by bash, after set.sh; needs cpio, cmp and the compressor the image was made with.

# magic_at FILE OFFSET: its first six bytes there, in hex
magic_at() { tail -c "+$(($2 + 1))" "$1" 2>/dev/null | head -c 6 | od -An -tx1 | tr -d ' \n'; }

# next_archive FILE OFFSET: offset of the first byte from there on that is not padding; fails at the end of the file
next_archive() {
	local skip
	skip=$(cmp -i "$2:0" "$1" /dev/zero 2>/dev/null | sed -n 's/^.* differ: [a-z]* \([0-9]*\),.*/\1/p')
	[ -n "$skip" ] || return 1
	echo $(($2 + skip - 1))
}

# extract: reads one cpio archive from stdin into the current folder
extract() {
	cpio -i --quiet --make-directories --no-absolute-filenames --no-preserve-owner \
		lib usr usr/lib 'lib/modules/*' 'usr/lib/modules/*' 'conf/conf.d/*' 'scripts/*' 'etc/depmod.d/*' '*hyperv-lic*' 2>/dev/null
}

# image_unpack IMAGE FOLDER: unpacks the modules of an image. An image is any number of cpio archives, plain (microcode first)
# or compressed, with zeros between them. IMAGE_ERROR says why it failed.
image_unpack() {
	local image=$1 folder=$2 offset=0 magic size reader archives=0
	IMAGE_ERROR=
	if [ ! -f "$image" ] || [ ! -r "$image" ]; then
		IMAGE_ERROR="cannot be read"
		return 1
	fi
	image=$(readlink -f "$image")
	size=$(stat -c %s "$image")
	while [ "$offset" -lt "$size" ] && offset=$(next_archive "$image" "$offset"); do
		magic=$(magic_at "$image" "$offset")
		case $magic in
		303730373031 | 303730373032)
			# cpio reads in blocks of 512 bytes and stops after the trailer: where it stopped is where to go on.
			exec {fd}<"$image"
			tail_of "$fd" "$offset"
			(cd "$folder" && extract <&"$fd") || { IMAGE_ERROR="broken archive at byte $offset"; exec {fd}<&-; return 1; }
			offset=$(sed -n 's/^pos:[^0-9]*//p' "/proc/self/fdinfo/$fd")
			exec {fd}<&-
			archives=$((archives + 1))
			continue
			;;
		1f8b*) reader="gzip -dcq" ;;
		fd377a585a00) reader="xz -dcq" ;;
		28b52ffd*) reader="zstd -dcq" ;;
		02214c18*) reader="lz4 -dcq" ;;
		5d0000*) reader="xz --format=lzma -dcq" ;;
		425a68*) reader="bzip2 -dcq" ;;
		894c5a4f00*) reader="lzop -dcq" ;;
		*) IMAGE_ERROR="no archive at byte $offset"; return 1 ;;
		esac
		command -v "${reader%% *}" >/dev/null || { IMAGE_ERROR="${reader%% *} is missing: cannot read it"; return 1; }
		# The compressed archive is the last one. What follows it is the kernel's business, not a mistake of the reader's.
		tail -c "+$((offset + 1))" "$image" | $reader 2>"$folder/.error" |
			(cd "$folder" && extract && cat >/dev/null)
		case "${PIPESTATUS[1]} ${PIPESTATUS[2]}" in
		"0 0" | "2 0") ;; # gzip says 2 when padding follows
		*) IMAGE_ERROR="broken: $(head -n 1 "$folder/.error" | cut -c 1-120)"; return 1 ;;
		esac
		rm -f "$folder/.error"
		archives=$((archives + 1))
		break
	done
	[ "$archives" -gt 0 ] || { IMAGE_ERROR="no archive in it"; return 1; }
	# Where lib is no link to usr/lib, the modules may still be there.
	if [ ! -e "$folder/lib/modules" ] && [ -d "$folder/usr/lib/modules" ]; then
		mkdir -p "$folder/lib"
		ln -s ../usr/lib/modules "$folder/lib/modules"
	fi
}

# tail_of FD OFFSET: moves a file descriptor to an offset, which is a multiple of four
tail_of() {
	[ "$2" -eq 0 ] || dd bs=4 count=$(($2 / 4)) status=none <&"$1" >/dev/null
}

# verify_tree HOST_ROOT ROOT RELEASE: judges the modules of an unpacked image (ROOT) for the kernel installed in HOST_ROOT.
# Sets SET, SET_BUILD, SET_VERSION; fails with VERIFY_WHY when the machine must not be booted from it.
verify_tree() {
	local wrong
	VERIFY_WHY=
	if [ ! -d "$2/lib/modules/$3" ]; then
		SET=none
		VERIFY_WHY="no modules of $3 in it"
		return 1
	fi
	[ -s "$2/lib/modules/$3/modules.dep.bin" ] || [ ! -d "$2/lib/modules/$3/kernel" ] || depmod -b "${2:-/}" "$3" 2>/dev/null
	read_chosen "$2" "$3"
	judge_set "$2" "$3"
	case $SET in
	mixed) VERIFY_WHY="mixed set: $SET_WHY"; return 1 ;;
	none) VERIFY_WHY="no storage driver for Hyper-V in it (hv_vmbus and hv_storvsc)"; return 1 ;;
	esac
	[ ${#FILE[@]} -gt 0 ] || return 0
	wrong=$(unresolved_symbols "$1" "$2" "$3" | head -n 3)
	if [ -n "$wrong" ]; then
		VERIFY_WHY=$(echo "$wrong" | tr '\n' ';' | sed 's/;$//; s/;/; /g')
		return 1
	fi
}

# verify_image HOST_ROOT IMAGE [RELEASE]: as verify_tree, for an image file; IMAGE_RELEASE is the kernel it is for.
verify_image() {
	local folder found=() dir status=0
	SET=none SET_BUILD='' SET_VERSION='' IMAGE_RELEASE=${3-}
	folder=$(mktemp -d "${TMPDIR:-/var/tmp}/hyperv-lic.XXXXXX") || { VERIFY_WHY="no room to unpack it"; return 1; }
	if ! image_unpack "$2" "$folder"; then
		VERIFY_WHY=$IMAGE_ERROR
		rm -rf "$folder"
		return 1
	fi
	if [ -z "$IMAGE_RELEASE" ]; then
		for dir in "$folder"/lib/modules/*/; do
			[ ! -d "$dir" ] || found+=("$(basename "$dir")")
		done
		if [ ${#found[@]} -eq 1 ]; then
			IMAGE_RELEASE=${found[0]}
		else
			VERIFY_WHY="modules of ${#found[@]} kernels in it: ${found[*]-}"
			rm -rf "$folder"
			return 1
		fi
	fi
	verify_tree "$1" "$folder" "$IMAGE_RELEASE" || status=1
	rm -rf "$folder"
	return $status
}
