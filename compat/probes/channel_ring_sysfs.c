// SPDX-License-Identifier: GPL-2.0
/* Does the bus make the file that maps the rings? Before 6.15 (6.12.31) uio_hv_generic did. */
#include <linux/module.h>
#include <linux/hyperv.h>

bool compat_probe(const struct vmbus_channel *channel);
bool compat_probe(const struct vmbus_channel *channel)
{
	return channel->ring_sysfs_visible;
}
MODULE_LICENSE("GPL");
