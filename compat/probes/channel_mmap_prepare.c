// SPDX-License-Identifier: GPL-2.0
/* Does the function that maps a channel's rings take a struct vm_area_desc? Before 7.1 it took a struct vm_area_struct. */
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/hyperv.h>

int compat_probe(struct vmbus_channel *channel, struct vm_area_desc *desc);
int compat_probe(struct vmbus_channel *channel, struct vm_area_desc *desc)
{
	return channel->mmap_prepare_ring_buffer(channel, desc);
}
MODULE_LICENSE("GPL");
