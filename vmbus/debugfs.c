// SPDX-License-Identifier: GPL-2.0
/* The counters of what went wrong, /sys/kernel/debug/hv_vmbus. Decides nothing. */
#include <linux/debugfs.h>

#include "debugfs.h"
#include "internal.h"

static struct dentry *debugfs_directory;

/**
 * vmbus_debugfs_init() - show the counters
 *
 * Does without where there is no debugfs.
 */
void vmbus_debugfs_init(void)
{
	struct vmbus_faults *faults = &vmbus_conn.faults;

	debugfs_directory = debugfs_create_dir("hv_vmbus", NULL);
	debugfs_create_atomic_t("bad_messages", 0444, debugfs_directory, &faults->bad_messages);
	debugfs_create_atomic_t("refused_offers", 0444, debugfs_directory, &faults->refused_offers);
	debugfs_create_atomic_t("broken_rings", 0444, debugfs_directory, &faults->broken_rings);
	debugfs_create_atomic_t("truncated_packets", 0444, debugfs_directory, &faults->truncated_packets);
	debugfs_create_atomic_t("kept_gpadls", 0444, debugfs_directory, &faults->kept_gpadls);
}

/**
 * vmbus_debugfs_exit() - undo vmbus_debugfs_init()
 */
void vmbus_debugfs_exit(void)
{
	debugfs_remove_recursive(debugfs_directory);
}
