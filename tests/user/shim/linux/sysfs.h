/* SPDX-License-Identifier: GPL-2.0 */
/* Attributes: tables of functions that the test calls. */
#ifndef SHIM_LINUX_SYSFS_H
#define SHIM_LINUX_SYSFS_H

#include <stdlib.h>
#include <linux/kernel.h>
#include <linux/types.h>

typedef unsigned short umode_t;

struct kobject;
struct file;
struct vm_area_struct;

struct attribute {
	const char *name;
	umode_t mode;
};

struct attribute_group {
	struct attribute **attrs;
	umode_t (*is_visible)(struct kobject *kobj, struct attribute *attr, int n);
};

struct bin_attribute {
	struct attribute attr;
	int (*mmap)(struct file *file, struct kobject *kobj, const struct bin_attribute *attr, struct vm_area_struct *vma);
};

struct sysfs_ops {
	ssize_t (*show)(struct kobject *kobj, struct attribute *attr, char *buf);
	ssize_t (*store)(struct kobject *kobj, struct attribute *attr, const char *buf, size_t bytes);
};

#define __stringify_1(x...)	#x
#define __stringify(x...)	__stringify_1(x)
#define ATTRIBUTE_GROUPS(_name)									\
	static const struct attribute_group _name##_group = { .attrs = _name##_attrs };	\
	static const struct attribute_group *_name##_groups[] = { &_name##_group, NULL }

/* A buffer of a page, as in the kernel, whose own formats (%pUl, %*ph) are not known here. */
#define sysfs_emit(buf, ...)		scnprintf(buf, 4096, ##__VA_ARGS__)
#define sysfs_emit_at(buf, at, ...)	scnprintf((buf) + (at), 4096 - (at), ##__VA_ARGS__)

static inline int kstrtouint(const char *text, unsigned int base, unsigned int *value)
{
	char *end;
	unsigned long long n = strtoull(text, &end, (int)base);

	if (end == text || *text == '-' || *text == ' ' || (*end && strcmp(end, "\n")))
		return -EINVAL;
	if (n > UINT_MAX)
		return -ERANGE;
	*value = (unsigned int)n;
	return 0;
}

#define sysfs_create_bin_file(kobj, attr)	((void)(kobj), (void)(attr), 0)
#define sysfs_remove_bin_file(kobj, attr)	((void)(kobj), (void)(attr))

#endif
