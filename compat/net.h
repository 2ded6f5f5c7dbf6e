/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The newest operations of network devices on older kernels. Included in front of the sources of netvsc/ only
 * (netvsc/Kbuild): it needs network headers.
 */
#ifndef HYPERV_LIC_COMPAT_NET_H
#define HYPERV_LIC_COMPAT_NET_H

#include <linux/ethtool.h>
#include <linux/netdevice.h>
#include <net/xdp.h>

/*
 * Up to 6.7: key, table and hash function are arguments. COMPAT_RXFH(get, set) after the functions, compat_get_rxfh(get) and
 * compat_set_rxfh(set) where their addresses are taken.
 */
#if COMPAT_HAS_ETHTOOL_RXFH_PARAM
#define COMPAT_RXFH(get, set)
#define compat_get_rxfh(get)	get
#define compat_set_rxfh(set)	set
#else
struct ethtool_rxfh_param {
	u8 hfunc;
	u32 *indir;
	u8 *key;
};

#define COMPAT_RXFH(get, set)									\
static int compat_##get(struct net_device *ndev, u32 *indir, u8 *key, u8 *hfunc)		\
{												\
	struct ethtool_rxfh_param rxfh = { .indir = indir, .key = key };			\
	int err = get(ndev, &rxfh);								\
												\
	if (hfunc)										\
		*hfunc = rxfh.hfunc;								\
	return err;										\
}												\
												\
static int compat_##set(struct net_device *ndev, const u32 *indir, const u8 *key, const u8 hfunc) \
{												\
	struct ethtool_rxfh_param rxfh = {							\
		.hfunc = hfunc, .indir = (u32 *)indir, .key = (u8 *)key,			\
	};											\
												\
	return set(ndev, &rxfh, NULL);								\
}
#define compat_get_rxfh(get)	compat_##get
#define compat_set_rxfh(set)	compat_##set
#endif

/*
 * Up to 6.16, and not in all that were mended since: hash fields are a command of get_rxnfc and set_rxnfc.
 * COMPAT_RXFH_FIELDS(rxnfc, get, set) after the functions; then COMPAT_RXFH_FIELDS_OPS(rxnfc, get, set) among the operations.
 */
#if COMPAT_HAS_ETHTOOL_RXFH_FIELDS
#define COMPAT_RXFH_FIELDS(rxnfc, get, set)
#define COMPAT_RXFH_FIELDS_OPS(rxnfc, get, set)							\
	.get_rxnfc = rxnfc, .get_rxfh_fields = get, .set_rxfh_fields = set
#else
struct ethtool_rxfh_fields {
	u32 data;
	u32 flow_type;
};

#define COMPAT_RXFH_FIELDS(rxnfc, get, set)							\
static int compat_##rxnfc(struct net_device *ndev, struct ethtool_rxnfc *info, u32 *rules)	\
{												\
	struct ethtool_rxfh_fields fields = { .flow_type = info->flow_type };			\
	int err;										\
												\
	if (info->cmd != ETHTOOL_GRXFH)								\
		return rxnfc(ndev, info, rules);						\
	err = get(ndev, &fields);								\
	info->data = fields.data;								\
	return err;										\
}												\
												\
static int compat_set_##rxnfc(struct net_device *ndev, struct ethtool_rxnfc *info)		\
{												\
	struct ethtool_rxfh_fields fields = { .flow_type = info->flow_type, .data = info->data }; \
												\
	return info->cmd == ETHTOOL_SRXFH ? set(ndev, &fields, NULL) : -EOPNOTSUPP;		\
}
#define COMPAT_RXFH_FIELDS_OPS(rxnfc, get, set)							\
	.get_rxnfc = compat_##rxnfc, .set_rxnfc = compat_set_##rxnfc
#endif

/* From 6.19 on there is an operation for what was a command of get_rxnfc: among the operations, with its comma. */
#if COMPAT_HAS_ETHTOOL_RX_RING_COUNT
#define COMPAT_RX_RING_COUNT(function)	.get_rx_ring_count = function,
#else
#define COMPAT_RX_RING_COUNT(function)
#endif

/* From 6.3 on (RHEL 9.3) a device says what of XDP it does; can go with 6.1 and RHEL 8. */
#if COMPAT_HAS_XDP_FEATURES
#define compat_xdp_set_features(ndev)								\
	xdp_set_features_flag(ndev, NETDEV_XDP_ACT_BASIC | NETDEV_XDP_ACT_REDIRECT | NETDEV_XDP_ACT_NDO_XMIT)
#else
#define compat_xdp_set_features(ndev)	do { } while (0)
#endif

/* From 6.12 on a function gives a program to a device below, with the locks that takes; can go with 6.1, RHEL 8 and 9. */
#if COMPAT_HAS_XDP_PROPAGATE
#define compat_xdp_propagate(vf, bpf)	dev_xdp_propagate(vf, bpf)
#else
#define compat_xdp_propagate(vf, bpf)	((vf)->netdev_ops->ndo_bpf(vf, bpf))
#endif

/* Frames of several pages came with 5.18; can go with RHEL 8. */
#if COMPAT_HAS_XDP_FRAME_FRAGS
#define compat_xdp_frame_has_frags(frame)	xdp_frame_has_frags(frame)
#else
#define compat_xdp_frame_has_frags(frame)	false
#endif

/* RHEL 8: a fourth argument. COMPAT_SELECT_QUEUE(function) after it, compat_select_queue(function) among the operations. */
#if COMPAT_HAS_SELECT_QUEUE_THREE_ARGUMENTS
#define COMPAT_SELECT_QUEUE(function)
#define compat_select_queue(function)	function
#else
#define COMPAT_SELECT_QUEUE(function)								\
static u16 compat_##function(struct net_device *ndev, struct sk_buff *skb, struct net_device *sb_dev, \
			     select_queue_fallback_t fallback)					\
{												\
	return function(ndev, skb, sb_dev);							\
}
#define compat_select_queue(function)	compat_##function
#endif

#endif
