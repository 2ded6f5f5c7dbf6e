// SPDX-License-Identifier: GPL-2.0
/* Are hash key, table and function of ethtool one structure? Linux 6.8; before, arguments. */
#include <linux/ethtool.h>
#include <linux/module.h>

u32 *compat_probe(struct ethtool_rxfh_param *rxfh);
u32 *compat_probe(struct ethtool_rxfh_param *rxfh)
{
	return rxfh->indir;
}
MODULE_LICENSE("GPL");
