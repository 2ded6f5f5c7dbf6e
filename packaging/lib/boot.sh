# shellcheck shell=bash disable=SC2034,SC2153,SC2154
# SPDX-License-Identifier: GPL-2.0
# What the machine boots with: installed kernels, their images, Secure Boot and its keys. Looks only, changes nothing. Sourced by
# bash; ROOT is the root folder of the machine, empty for /.

# installed_kernels: releases that have modules of their own, or a kernel in /boot, newest last
installed_kernels() {
	local dir
	for dir in "$ROOT"/lib/modules/*/; do
		if [ -d "$dir/kernel" ] || [ -e "$ROOT/boot/vmlinuz-$(basename "$dir")" ]; then
			basename "$dir"
		fi
	done | sort -V
}

# images_of RELEASE: kind and path, a line for each image that boots this kernel: normal, or the one kdump starts
images_of() {
	local file
	for file in "$ROOT/boot/initrd.img-$1" "$ROOT/boot/initramfs-$1.img" "$ROOT"/boot/*/"$1/initrd" "$ROOT"/efi/*/"$1/initrd" \
		"$ROOT"/boot/efi/*/"$1/initrd"; do
		[ ! -f "$file" ] || echo "normal $file"
	done
	for file in "$ROOT/boot/initramfs-$1kdump.img" "$ROOT/var/lib/kdump/initrd.img-$1" "$ROOT/var/lib/kdump/initramfs-$1kdump.img"; do
		[ ! -f "$file" ] || echo "kdump $file"
	done
}

# rescue_images: images that belong to no release by name; made once and never again
rescue_images() {
	local file
	for file in "$ROOT"/boot/initramfs-0-rescue-*.img; do
		[ ! -f "$file" ] || echo "$file"
	done
}

# signature_enforced: does the kernel refuse modules without a signature it trusts?
signature_enforced() {
	local variable
	for variable in "$ROOT"/sys/firmware/efi/efivars/SecureBoot-*; do
		[ ! -r "$variable" ] || [ "$(tail -c 1 "$variable" | od -An -tu1 | tr -d ' ')" != 1 ] || return 0
	done
	[ "$(cat "$ROOT/sys/module/module/parameters/sig_enforce" 2>/dev/null)" != Y ] || return 0
	grep -qE '\[(integrity|confidentiality)\]' "$ROOT/sys/kernel/security/lockdown" 2>/dev/null
}

# signing_certificates: those our modules may be signed with: the ones DKMS uses, and those of a distributor
signing_certificates() {
	local file certificate
	certificate=$(cat "$ROOT"/etc/dkms/framework.conf "$ROOT"/etc/dkms/framework.conf.d/*.conf 2>/dev/null |
		sed -n 's/^ *mok_certificate=//p' | tail -n 1 | tr -d "\"'")
	for file in ${certificate:+"$ROOT$certificate"} "$ROOT"/var/lib/dkms/mok.pub "$ROOT"/var/lib/shim-signed/mok/MOK.der \
		"$ROOT"/etc/hyperv-lic/*.der; do
		[ ! -f "$file" ] || echo "$file"
	done
}

# serial_of CERTIFICATE: its serial number, as modinfo writes sig_key but without colons
serial_of() { openssl x509 -inform DER -in "$1" -noout -serial 2>/dev/null | sed 's/^serial=//'; }

# enrolled CERTIFICATE: is it one the firmware's list or the shim's trusts?
enrolled() {
	command -v mokutil >/dev/null || return 1
	mokutil --test-key "$1" 2>&1 | grep -q 'is already enrolled\|is already in the'
}

# signature_refused: after read_chosen or parse_modinfo of our set. Succeeds, with the reason in KEY_WHY and the one command
# that helps in KEY_COMMAND, when the kernel would refuse our modules.
signature_refused() {
	local module key certificate serial first='' known=
	KEY_WHY='' KEY_COMMAND=''
	signature_enforced || return 1
	for module in "${!FILE[@]}"; do
		[ -n "${BUILD[$module]-}" ] || continue
		key=$(echo "${SIGKEY[$module]-}" | tr -d ':')
		if [ -z "$key" ]; then
			KEY_WHY="Secure Boot is on and $module is not signed"
			KEY_COMMAND="hyperv-lic settle --rebuild"
			continue
		fi
		known=
		while read -r certificate; do
			first=${first:-$certificate}
			serial=$(serial_of "$certificate")
			[ -z "$serial" ] || [ "$serial" = "$key" ] || continue
			first=$certificate
			if enrolled "$certificate"; then
				known=1
				break
			fi
		done < <(signing_certificates)
		if [ -z "$known" ]; then
			KEY_WHY="Secure Boot is on and the key of $module (${SIGNER[$module]-unknown}) is not enrolled"
			KEY_COMMAND="mokutil --import ${first:-/var/lib/dkms/mok.pub}"
			command -v mokutil >/dev/null || KEY_WHY="Secure Boot is on and mokutil, which knows the enrolled keys, is missing"
			return 0
		fi
	done
	[ -n "$KEY_WHY" ]
}
