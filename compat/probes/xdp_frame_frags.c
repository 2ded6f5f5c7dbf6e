// SPDX-License-Identifier: GPL-2.0
/* Can an XDP frame have several pages? Since 5.18. */
#include <linux/module.h>
#include <net/xdp.h>

bool compat_probe_frags(struct xdp_frame *frame);
bool compat_probe_frags(struct xdp_frame *frame)
{
	return xdp_frame_has_frags(frame);
}
MODULE_LICENSE("GPL");
