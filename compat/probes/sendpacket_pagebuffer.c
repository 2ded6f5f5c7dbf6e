// SPDX-License-Identifier: GPL-2.0
/* Does the bus send packets of single pages? vmbus_sendpacket_pagebuffer() went with 6.16 (and stable kernels). */
#include <linux/module.h>
#include <linux/hyperv.h>

int compat_probe(struct vmbus_channel *channel, struct hv_page_buffer *pages);
int compat_probe(struct vmbus_channel *channel, struct hv_page_buffer *pages)
{
	return vmbus_sendpacket_pagebuffer(channel, pages, 1, NULL, 0, 0);
}
MODULE_LICENSE("GPL");
