// SPDX-License-Identifier: GPL-2.0
/* Does a net_device say what of XDP it does? Since 6.3. */
#include <linux/module.h>
#include <linux/netdevice.h>
#include <net/xdp.h>

void compat_probe_features(struct net_device *ndev);
void compat_probe_features(struct net_device *ndev)
{
	xdp_set_features_flag(ndev, NETDEV_XDP_ACT_BASIC);
}
MODULE_LICENSE("GPL");
