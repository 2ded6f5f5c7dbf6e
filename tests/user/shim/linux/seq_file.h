/* SPDX-License-Identifier: GPL-2.0 */
/* A file that is written in one go. */
#ifndef SHIM_LINUX_SEQ_FILE_H
#define SHIM_LINUX_SEQ_FILE_H

#include <linux/kernel.h>

struct seq_file {
	char text[4096];
	size_t used;
};

#define seq_printf(file, ...) \
	((file)->used += (size_t)scnprintf((file)->text + (file)->used, sizeof((file)->text) - (file)->used, __VA_ARGS__))
#define seq_putc(file, c)	seq_printf(file, "%c", c)
#define DEFINE_SHOW_ATTRIBUTE(name)	static const struct file_operations name##_fops = { .owner = NULL }

#endif
