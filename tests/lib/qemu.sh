# SPDX-License-Identifier: GPL-2.0
# A QEMU that runs from where it lies, for bash scripts to source. Wants fail() of its user.
# shellcheck shell=bash

# qemu_pack DEST PROGRAM LIBRARY_DIR SHARE_DIR...: copy the program and all it needs into DEST.
qemu_pack() {
	local dest=$1 program=$2 libs=$3 part dir
	shift 3
	mkdir -p "$dest/lib" "$dest/share"
	cp -L "$program" "$dest/qemu-system-x86_64"
	LD_LIBRARY_PATH=$libs ldd "$program" | grep -o '/[^ ]*' | while read -r part; do
		cp -L "$part" "$dest/lib/"
	done
	for dir; do
		for part in bios-256k.bin kvmvapic.bin linuxboot_dma.bin linuxboot.bin multiboot_dma.bin pvh.bin; do
			if [ -e "$dir/$part" ]; then
				cp -L "$dir/$part" "$dest/share/"
			fi
		done
	done
	[ -e "$dest/share/bios-256k.bin" ] || fail "no SeaBIOS image found for $program"
}
