// SPDX-License-Identifier: GPL-2.0
/* Control: must not build, or the probing itself is broken. */
#include <linux/module.h>
#include <linux/hyperv.h>

int compat_probe(struct vmbus_channel *channel);
int compat_probe(struct vmbus_channel *channel)
{
	return channel->no_such_member_in_any_kernel;
}
MODULE_LICENSE("GPL");
