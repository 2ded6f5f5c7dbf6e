// SPDX-License-Identifier: GPL-2.0
/* Has ndo_select_queue three arguments? Linux 5.2; RHEL 8 kept the fourth. */
#include <linux/module.h>
#include <linux/netdevice.h>

static u16 compat_probe_select(struct net_device *ndev, struct sk_buff *skb, struct net_device *sb_dev)
{
	return 0;
}

extern struct net_device_ops compat_probe_ops;
struct net_device_ops compat_probe_ops = {
	.ndo_select_queue = compat_probe_select,
};
MODULE_LICENSE("GPL");
