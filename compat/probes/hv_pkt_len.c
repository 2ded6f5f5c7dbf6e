// SPDX-License-Identifier: GPL-2.0
/* Is there hv_pkt_len(), the length of a whole packet? Linux 5.15. */
#include <linux/module.h>
#include <linux/hyperv.h>

u32 compat_probe(const struct vmpacket_descriptor *desc);
u32 compat_probe(const struct vmpacket_descriptor *desc)
{
	return hv_pkt_len(desc);
}
MODULE_LICENSE("GPL");
