// SPDX-License-Identifier: GPL-2.0
/* Control: must build, or the probing itself is broken. */
#include <linux/module.h>
#include <linux/hyperv.h>

int compat_probe(struct vmbus_channel *channel);
int compat_probe(struct vmbus_channel *channel)
{
	return channel->rescind;
}
MODULE_LICENSE("GPL");
