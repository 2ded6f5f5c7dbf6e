// SPDX-License-Identifier: GPL-2.0
/* Does bin_attribute.mmap take a const attribute? Until 6.12 it did not. */
#include <linux/module.h>
#include <linux/sysfs.h>

static int compat_probe_mmap(struct file *file, struct kobject *kobj, const struct bin_attribute *attr,
			     struct vm_area_struct *vma)
{
	return 0;
}

extern struct bin_attribute compat_probe_attribute;
struct bin_attribute compat_probe_attribute = { .mmap = compat_probe_mmap };
MODULE_LICENSE("GPL");
