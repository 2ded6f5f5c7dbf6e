#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# dracut module: one whole set of the Hyper-V drivers in every image (normal, rescue, kdump): ours where the disk has ours and the
# kernel takes them, with the kernel's own beside them for hyperv_lic=off; otherwise only the kernel's own.
# shellcheck disable=SC2154 # dracut's variables

check() { return 0; }

depends() { return 0; }

installkernel() {
	local plan module file folder modules="hv_vmbus hv_storvsc hv_netvsc hv_utils"
	plan=$(/usr/sbin/hyperv-lic plan "$kernel") || plan=in-tree
	for module in $modules; do
		hostonly='' instmods "$module"
		while read -r file; do
			inst_simple "$file"
		done < <(find "/lib/modules/$kernel/kernel" -name "$module.ko*" ! -name '*.hyperv-lic-original' 2>/dev/null)
	done
	if [ "$plan" != ours ]; then
		[ "$plan" = in-tree ] || derror "hyperv-lic: $kernel: our modules stay out of the initramfs: ${plan#in-tree }"
		for folder in updates/dkms extra extra/hyperv-lic updates/hyperv-lic; do
			for module in $modules; do
				rm -f "$initdir/lib/modules/$kernel/$folder/$module".ko*
			done
		done
	fi
	return 0
}

install() {
	inst_multiple depmod modprobe uname mkdir mv cat sh
	inst_simple /usr/lib/hyperv-lic/switch
	inst_hook cmdline 01 "$moddir/switch.sh"
	inst_hook pre-trigger 90 "$moddir/load.sh"
}
