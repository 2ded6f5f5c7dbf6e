/* SPDX-License-Identifier: GPL-2.0 */
/* Which of two CPUs is the better place for a channel. */
#ifndef VMBUS_SPREAD_H
#define VMBUS_SPREAD_H

#include <linux/types.h>

/**
 * struct vmbus_spread - what is on a CPU and on its node before a channel is put there
 * @own: channels of the same device on the CPU
 * @node_own: channels of the same device on the node
 * @node_all: spread channels of all devices on the node
 * @node_cpus: CPUs of the node that may serve channels, at least 1
 * @all: spread channels of all devices on the CPU
 */
struct vmbus_spread {
	u32 own;
	u32 node_own;
	u32 node_all;
	u32 node_cpus;
	u32 all;
};

bool vmbus_spread_is_better(const struct vmbus_spread *a, const struct vmbus_spread *b);

#endif
