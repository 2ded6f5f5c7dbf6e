/* SPDX-License-Identifier: GPL-2.0 */
/* The features netvsc/offload.c names; their values are the shim's own. */
#ifndef SHIM_LINUX_NETDEV_FEATURES_H
#define SHIM_LINUX_NETDEV_FEATURES_H

#include <linux/types.h>

typedef u64 netdev_features_t;

#define NETIF_F_IP_CSUM		(1ull << 0)
#define NETIF_F_IPV6_CSUM	(1ull << 1)
#define NETIF_F_TSO		(1ull << 2)
#define NETIF_F_TSO6		(1ull << 3)
#define NETIF_F_LRO		(1ull << 4)

#endif
