// SPDX-License-Identifier: GPL-2.0
/* Does a channel know whether its ring is confidential? It does from 6.19 on. */
#include <linux/module.h>
#include <linux/hyperv.h>

bool compat_probe(const struct vmbus_channel *channel);
bool compat_probe(const struct vmbus_channel *channel)
{
	return channel->co_ring_buffer;
}
MODULE_LICENSE("GPL");
