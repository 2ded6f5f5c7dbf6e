/* SPDX-License-Identifier: GPL-2.0 */
/* Counters below debugfs. */
#ifndef VMBUS_DEBUGFS_H
#define VMBUS_DEBUGFS_H

void vmbus_debugfs_init(void);
void vmbus_debugfs_exit(void);

#endif
