// SPDX-License-Identifier: GPL-2.0
/* Is there a function that gives an XDP program to another device? Since 6.12. */
#include <linux/module.h>
#include <linux/netdevice.h>

int compat_probe_propagate(struct net_device *ndev, struct netdev_bpf *bpf);
int compat_probe_propagate(struct net_device *ndev, struct netdev_bpf *bpf)
{
	return dev_xdp_propagate(ndev, bpf);
}
MODULE_LICENSE("GPL");
