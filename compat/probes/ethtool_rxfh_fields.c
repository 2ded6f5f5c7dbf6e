// SPDX-License-Identifier: GPL-2.0
/* Are hash fields an ethtool operation of their own? Linux 6.17, and stable kernels since; before, a command of get_rxnfc. */
#include <linux/ethtool.h>
#include <linux/module.h>

int compat_probe(const struct ethtool_ops *ops, struct net_device *ndev, struct ethtool_rxfh_fields *fields);
int compat_probe(const struct ethtool_ops *ops, struct net_device *ndev, struct ethtool_rxfh_fields *fields)
{
	return ops->get_rxfh_fields(ndev, fields);
}
MODULE_LICENSE("GPL");
