# shellcheck shell=bash disable=SC2034,SC2153,SC2154
# SPDX-License-Identifier: GPL-2.0
# Brings a kernel's modules on the disk and in its images into one state: our whole set active in all of them, or the
# kernel's own. Ours stays on the disk while it is off: lines of depmod.d, one for each module, decide, and they are written
# and taken away together. Sourced by bash, after set.sh, image.sh and boot.sh.

off_folder=/var/lib/hyperv-lic/off
off_lines=/etc/depmod.d/zz-hyperv-lic-off.conf

# off_reason RELEASE: why our set is off for a kernel; fails when it is not
off_reason() { cat "$ROOT$off_folder/$1" 2>/dev/null; }

# own_folders RELEASE: folders below lib/modules/<release> with modules of ours in them
own_folders() {
	local folder
	for folder in updates/dkms extra extra/hyperv-lic updates/hyperv-lic; do
		if [ -n "$(find "$ROOT/lib/modules/$1/$folder/" -maxdepth 1 -name 'hv_*.ko*' -print -quit 2>/dev/null)" ]; then
			echo "$folder"
		fi
	done
}

# write_off_lines: depmod.d anew from the list of kernels that are off. Whole or not at all.
write_off_lines() {
	local file release module path
	mkdir -p "$ROOT/etc/depmod.d"
	{
		echo "# Written by hyperv-lic: kernels that use the modules they came with. See hyperv-lic(8)."
		for file in "$ROOT$off_folder"/*; do
			[ -f "$file" ] || continue
			release=$(basename "$file")
			for module in $all_modules; do
				path=$(cd "$ROOT/lib/modules/$release" 2>/dev/null && find kernel -name "$module.ko*" -print -quit)
				[ -z "$path" ] || echo "override $module ${release//[^A-Za-z0-9]/.} $(dirname "$path")"
			done
		done
	} >"$ROOT$off_lines.new"
	if grep -q '^override' "$ROOT$off_lines.new"; then
		mv -f "$ROOT$off_lines.new" "$ROOT$off_lines"
	else
		rm -f "$ROOT$off_lines.new" "$ROOT$off_lines"
	fi
}

# turn_off RELEASE REASON; turn_on RELEASE
turn_off() {
	mkdir -p "$ROOT$off_folder"
	echo "$2" >"$ROOT$off_folder/$1"
	write_off_lines
	run_depmod "$1"
}

turn_on() {
	rm -f "$ROOT$off_folder/$1"
	rmdir -p "$ROOT$off_folder" 2>/dev/null
	write_off_lines
	run_depmod "$1"
}

run_depmod() {
	local config=()
	if [ -n "$ROOT" ]; then
		for folder in /usr/lib/depmod.d /lib/depmod.d /run/depmod.d /etc/depmod.d; do
			[ ! -d "$ROOT$folder" ] || config+=(-C "$ROOT$folder")
		done
	fi
	depmod -b "${ROOT:-/}" ${config[@]+"${config[@]}"} "$1"
}

# repair_originals RELEASE: DKMS moves the kernel's own modules away while it installs; packaging/originals keeps a second name
# for each beside it. Where an installation was cut short, the file gets its own name back.
repair_originals() {
	local kept file
	while read -r kept; do
		file=${kept%.hyperv-lic-original}
		if [ -e "$file" ]; then
			rm -f "$kept"
		else
			mv "$kept" "$file"
		fi
	done < <(find "$ROOT/lib/modules/$1/" -name '*.hyperv-lic-original' 2>/dev/null)
}

# own_set_usable RELEASE: are our modules on the disk a whole set that this kernel would take? OFF_WHY says why not.
own_set_usable() {
	local folder folders wrong
	OFF_WHY=
	mapfile -t folders < <(own_folders "$1")
	if [ ${#folders[@]} -gt 1 ]; then
		OFF_WHY="modules of ours in more than one folder: ${folders[*]}"
		return 1
	fi
	folder=$ROOT/lib/modules/$1/${folders[0]}
	parse_modinfo < <(find "$folder" -maxdepth 1 -name 'hv_*.ko*' -print0 | xargs -0 modinfo 2>/dev/null)
	judge_set "$ROOT" "$1"
	if [ "$SET" != ours ]; then
		OFF_WHY=${SET_WHY:-"$folder holds no module of ours"}
		return 1
	fi
	if signature_refused; then
		OFF_WHY="$KEY_WHY; run: $KEY_COMMAND"
		return 1
	fi
	wrong=$(unresolved_symbols "$ROOT" "$ROOT" "$1" | head -n 3 | tr '\n' ';')
	if [ -n "$wrong" ]; then
		OFF_WHY=${wrong%;}
		return 1
	fi
}

# settle_disk RELEASE: decides, and makes depmod choose accordingly. ACTIVE is ours or in-tree.
settle_disk() {
	local reason
	repair_originals "$1"
	ACTIVE=in-tree OFF_WHY=
	if [ -z "$(own_folders "$1")" ]; then
		turn_on "$1" # nothing of ours is there, so nothing has to be kept off
		return 0
	fi
	reason=$(off_reason "$1")
	if [[ $reason == "administrator:"* ]]; then
		OFF_WHY=$reason
		write_off_lines
		run_depmod "$1"
		return 0
	fi
	# What is on the disk is judged as depmod would choose it.
	turn_on "$1"
	if ! own_set_usable "$1"; then
		turn_off "$1" "$OFF_WHY"
		return 0
	fi
	read_chosen "$ROOT" "$1"
	judge_set "$ROOT" "$1"
	if [ "$SET" = ours ]; then
		ACTIVE=ours
	else
		turn_off "$1" "depmod does not choose all of ours: ${SET_WHY:-others win}"
	fi
}

# make_image KIND RELEASE FILE: has the distribution's own tool write a new image into FILE
make_image() {
	if [ "$1" = normal ] && command -v mkinitramfs >/dev/null; then
		mkinitramfs -o "$3" "$2"
	elif [ "$1" = normal ] && command -v dracut >/dev/null; then
		dracut --force --quiet "$3" "$2"
	elif [ "$1" = kdump ] && command -v mkdumprd >/dev/null; then
		mkdumprd -f "$3" "$2"
	else
		echo "nothing here that makes an initramfs (mkinitramfs, dracut)" >&2
		return 1
	fi
}

# replace_image KIND RELEASE IMAGE SET: makes a new image away from /boot, looks into it, and only then lets it take the place of
# the old one, which stays beside it as IMAGE.hyperv-lic-old. Fails, with the old image untouched, and says why in IMAGE_WHY.
replace_image() {
	local kind=$1 release=$2 image=$3 set=$4 fresh log size free
	fresh=$(mktemp "${TMPDIR:-/var/tmp}/hyperv-lic-image.XXXXXX") || { IMAGE_WHY="no room for a new image"; return 1; }
	log=$fresh.log
	if ! HYPERV_LIC_SETTLING=1 make_image "$kind" "$release" "$fresh" >"$log" 2>&1; then
		IMAGE_WHY="could not be made: $(tail -n 1 "$log" | cut -c 1-160)"
		rm -f "$fresh" "$log"
		return 1
	fi
	if ! verify_image "$ROOT" "$fresh" "$release"; then
		IMAGE_WHY="not fit to boot from: $VERIFY_WHY"
		rm -f "$fresh" "$log"
		return 1
	fi
	if [ "$SET" != "$set" ]; then
		IMAGE_WHY="holds $SET modules where $set ones were wanted"
		rm -f "$fresh" "$log"
		return 1
	fi
	rm -f "$log"
	# Room for one more image is needed while both exist; the fallback of an earlier change is the first to go.
	size=$(($(stat -c %s "$fresh") / 1024 + 1))
	free=$(df -Pk "$(dirname "$image")" | awk 'NR == 2 { print $4 }')
	[ "$size" -lt "$free" ] || rm -f "$image.hyperv-lic-old"
	if ! { cp "$fresh" "$image.hyperv-lic-new" && cmp -s "$fresh" "$image.hyperv-lic-new"; } 2>/dev/null; then
		IMAGE_WHY="no room for it in $(dirname "$image")"
		rm -f "$fresh" "$image.hyperv-lic-new"
		return 1
	fi
	rm -f "$fresh"
	chmod --reference="$image" "$image.hyperv-lic-new"
	# A second name for the old one; a file system without such names (FAT) keeps no fallback.
	ln -f "$image" "$image.hyperv-lic-old" 2>/dev/null
	sync -f "$image.hyperv-lic-new" 2>/dev/null
	mv -f "$image.hyperv-lic-new" "$image" || { IMAGE_WHY="cannot be replaced"; return 1; }
	sync -f "$image" 2>/dev/null
	if [ "$kind" = normal ] && [ -z "$ROOT" ] && [ -d /etc/initramfs/post-update.d ] && command -v mkinitramfs >/dev/null; then
		HYPERV_LIC_SETTLING=1 run-parts --arg="$release" --arg="$image" /etc/initramfs/post-update.d >/dev/null || true
	fi
}

# settle_image KIND RELEASE IMAGE BUILD: brings one image to what is ACTIVE on the disk (BUILD: which build of ours)
settle_image() {
	local kind=$1 release=$2 image=$3 build=$4
	IMAGE_WHY=
	if verify_image "$ROOT" "$image" "$release" && [ "$SET" = "$ACTIVE" ] && [ "$SET_BUILD" = "$build" ]; then
		say "$release: $image holds ${SET} modules${SET_BUILD:+ of build $SET_BUILD}"
		return 0
	fi
	say "$release: making $image anew"
	if replace_image "$kind" "$release" "$image" "$ACTIVE"; then
		say "$release: $image now holds $SET modules${SET_BUILD:+ of build $SET_BUILD}"
		return 0
	fi
	return 1
}

# settle RELEASE [disk|retry]: the whole of it, the disk only, or the images only. Fails when the next boot of this kernel is not known to be safe.
settle() {
	local release=$1 build='' kind image status=0 why
	[ -d "$ROOT/lib/modules/$release" ] || return 0
	# Asked again after an image failed, the disk is off already and stays so: deciding anew would turn it on for ever.
	[ "${2-}" = retry ] || settle_disk "$release"
	[ "$ACTIVE" != ours ] || build=$SET_BUILD
	[ -z "$OFF_WHY" ] || say "$release: our modules are not used: $OFF_WHY"
	[ "${2-}" != disk ] || return 0
	while read -r kind image; do
		settle_image "$kind" "$release" "$image" "$build" && continue
		why=$IMAGE_WHY
		warn "$release: $image stays as it is: the new one $why"
		if [ "$ACTIVE" = ours ]; then
			# Not all of the images can have ours, so none may, and the disk neither.
			turn_off "$release" "$image: $why"
			ACTIVE=in-tree OFF_WHY="$image: $why"
			settle "$release" retry
			return
		fi
		# The image of before still boots if it is whole in itself.
		if verify_image "$ROOT" "$image" "$release"; then
			warn "$release: $image still holds a whole set ($SET) and boots"
		else
			warn "$release: $image: $VERIFY_WHY"
		fi
		status=1
	done < <(images_of "$release")
	return $status
}
