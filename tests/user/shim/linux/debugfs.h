/* SPDX-License-Identifier: GPL-2.0 */
/* Files that the test reads and writes by their functions. */
#ifndef SHIM_LINUX_DEBUGFS_H
#define SHIM_LINUX_DEBUGFS_H

#include <linux/fs.h>

struct dentry { int unused; };

static struct dentry shim_dentry;
static int shim_debugfs_files;

#define debugfs_create_dir(name, parent)	((void)(parent), shim_debugfs_files++, &shim_dentry)
#define debugfs_create_atomic_t(name, mode, parent, value)	((void)(value), (void)shim_debugfs_files++)
#define debugfs_create_file(name, mode, parent, data, fops)	((void)(fops), (void)(parent), (void)shim_debugfs_files++)
#define debugfs_remove_recursive(dentry)	((void)(dentry), (void)(shim_debugfs_files = 0))

#endif
