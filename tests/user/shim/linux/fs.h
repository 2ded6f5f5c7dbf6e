/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_FS_H
#define SHIM_LINUX_FS_H

#include <linux/kernel.h>
#include <linux/module.h>

struct file { int unused; };
struct inode { int unused; };

struct file_operations {
	void *owner;
	int (*open)(struct inode *inode, struct file *file);
	ssize_t (*read)(struct file *file, char *to, size_t count, loff_t *at);
	ssize_t (*write)(struct file *file, const char *from, size_t count, loff_t *at);
	loff_t (*llseek)(struct file *file, loff_t offset, int whence);
};

static inline int simple_open(struct inode *inode, struct file *file)
{
	return 0;
}

static inline loff_t default_llseek(struct file *file, loff_t offset, int whence)
{
	return offset;
}

static inline ssize_t simple_read_from_buffer(char *to, size_t count, loff_t *at, const void *from, size_t available)
{
	size_t bytes = (size_t)*at < available ? min(count, available - (size_t)*at) : 0;

	memcpy(to, (const char *)from + *at, bytes);
	*at += (loff_t)bytes;
	return (ssize_t)bytes;
}

#endif
