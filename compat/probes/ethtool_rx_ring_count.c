// SPDX-License-Identifier: GPL-2.0
/* Is the number of receive queues an ethtool operation of its own? Linux 6.19; before, a command of get_rxnfc. */
#include <linux/ethtool.h>
#include <linux/module.h>

u32 compat_probe(const struct ethtool_ops *ops, struct net_device *ndev);
u32 compat_probe(const struct ethtool_ops *ops, struct net_device *ndev)
{
	return ops->get_rx_ring_count(ndev);
}
MODULE_LICENSE("GPL");
