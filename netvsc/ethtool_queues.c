// SPDX-License-Identifier: GPL-2.0
/*
 * The ethtool operations about queues: how many there are, hash key and indirection table of receive, hash fields of
 * transmit. Must not know NVSP or RNDIS messages.
 */
#include <linux/ethtool.h>
#include <linux/rtnetlink.h>

#include "netvsc.h"

static struct netvsc_device *netvsc_rtnl_device(struct net_device *ndev)
{
	struct netvsc *nv = netdev_priv(ndev);

	return rtnl_dereference(nv->nvdev);
}

/**
 * netvsc_get_channels() - ethtool -l
 * @ndev:	the NIC
 * @channels:	filled
 *
 * Context: RTNL held, as for all functions here.
 */
void netvsc_get_channels(struct net_device *ndev, struct ethtool_channels *channels)
{
	const struct netvsc_device *nvdev = netvsc_rtnl_device(ndev);

	channels->max_combined = nvdev ? nvdev->max_channels : 1;
	channels->combined_count = nvdev ? nvdev->channel_count : 0;
}

/**
 * netvsc_set_channels() - ethtool -L: attach the device anew with another number of channels
 * @ndev:	the NIC
 * @channels:	wishes
 *
 * Return: 0, also if the host grants fewer; -EINVAL, -ENODEV without a device, or an errno of netvsc_attach().
 */
int netvsc_set_channels(struct net_device *ndev, struct ethtool_channels *channels)
{
	const struct netvsc_device *nvdev = netvsc_rtnl_device(ndev);
	struct netvsc *nv = netdev_priv(ndev);
	struct netvsc_params params = nv->params;
	int err;

	if (!nvdev)
		return -ENODEV;
	if (!channels->combined_count || channels->rx_count || channels->tx_count || channels->other_count ||
	    channels->combined_count > nvdev->max_channels)
		return -EINVAL;
	params.channels = channels->combined_count;
	err = netvsc_reconfigure(nv, &params);
	if (err)
		return err;
	nvdev = netvsc_rtnl_device(ndev);
	if (nvdev && nvdev->channel_count != params.channels)
		netdev_info(ndev, "the host grants %u channels\n", nvdev->channel_count);
	return 0;
}

/**
 * netvsc_get_rx_ring_count() - queues that frames come on
 * @ndev:	the NIC
 */
u32 netvsc_get_rx_ring_count(struct net_device *ndev)
{
	const struct netvsc_device *nvdev = netvsc_rtnl_device(ndev);

	return nvdev ? nvdev->channel_count : 1;
}

/**
 * netvsc_get_rxnfc() - ethtool's older way to ask for queues
 * @ndev:	the NIC
 * @info:	what is asked, and the answer
 * @rules:	unused
 *
 * Return: 0, -EOPNOTSUPP.
 */
int netvsc_get_rxnfc(struct net_device *ndev, struct ethtool_rxnfc *info, u32 *rules)
{
	if (info->cmd != ETHTOOL_GRXRINGS)
		return -EOPNOTSUPP;
	info->data = netvsc_get_rx_ring_count(ndev);
	return 0;
}

/**
 * netvsc_get_rxfh_key_size() - length of the hash key in bytes
 * @ndev:	the NIC
 */
u32 netvsc_get_rxfh_key_size(struct net_device *ndev)
{
	return NDIS_RSS_KEY_BYTES;
}

/**
 * netvsc_get_rxfh_indir_size() - entries of the indirection table; 0 where the host has none
 * @ndev:	the NIC
 */
u32 netvsc_get_rxfh_indir_size(struct net_device *ndev)
{
	const struct netvsc_device *nvdev = netvsc_rtnl_device(ndev);

	return nvdev ? nvdev->rss_entries : 0;
}

/**
 * netvsc_get_rxfh() - ethtool -x
 * @ndev:	the NIC
 * @rxfh:	filled
 *
 * With one queue the key is the one that would be used, and every entry names that queue.
 *
 * Return: 0, -ENODEV without a device.
 */
int netvsc_get_rxfh(struct net_device *ndev, struct ethtool_rxfh_param *rxfh)
{
	const struct netvsc_device *nvdev = netvsc_rtnl_device(ndev);
	const struct netvsc *nv = netdev_priv(ndev);
	const u8 *key = nv->rss.entries ? nv->rss.key : netvsc_rss_default_key;
	u32 i;

	if (!nvdev)
		return -ENODEV;
	rxfh->hfunc = ETH_RSS_HASH_TOP;
	if (rxfh->key)
		memcpy(rxfh->key, key, NDIS_RSS_KEY_BYTES);
	for (i = 0; rxfh->indir && i < nvdev->rss_entries; i++)
		rxfh->indir[i] = nvdev->channel_count > 1 ? nv->rss.table[i] : 0;
	return 0;
}

/**
 * netvsc_set_rxfh() - ethtool -X
 * @ndev:	the NIC
 * @rxfh:	wishes
 * @extack:	told what is wrong with them
 *
 * Return: 0; -EOPNOTSUPP for another hash function or with one queue only, -EINVAL for a queue that is not there, -ENODEV
 * without a device, or an errno of rndis_set(). After an error the old ones are in force, if the host takes them.
 */
int netvsc_set_rxfh(struct net_device *ndev, struct ethtool_rxfh_param *rxfh, struct netlink_ext_ack *extack)
{
	struct netvsc_device *nvdev = netvsc_rtnl_device(ndev);
	struct netvsc *nv = netdev_priv(ndev);
	struct netvsc_rss wanted = nv->rss;
	u32 i;
	int err;

	if (!nvdev)
		return -ENODEV;
	if (rxfh->hfunc != ETH_RSS_HASH_NO_CHANGE && rxfh->hfunc != ETH_RSS_HASH_TOP) {
		NL_SET_ERR_MSG_MOD(extack, "the host hashes by Toeplitz only");
		return -EOPNOTSUPP;
	}
	if (nvdev->channel_count < 2) {
		NL_SET_ERR_MSG_MOD(extack, "there is one queue only");
		return -EOPNOTSUPP;
	}
	for (i = 0; rxfh->indir && i < nvdev->rss_entries; i++) {
		if (rxfh->indir[i] >= nvdev->channel_count)
			return -EINVAL;
		wanted.table[i] = rxfh->indir[i];
	}
	if (rxfh->key)
		memcpy(wanted.key, rxfh->key, sizeof(wanted.key));
	err = netvsc_set_rss(nvdev, &wanted);
	if (err) {
		wanted = nv->rss;
		if (netvsc_set_rss(nvdev, &wanted))
			netdev_err(ndev, "the host does not take the old hash key and table again\n");
	}
	return err;
}

/* The protocol that a flow type of ethtool's speaks of; 0: none whose fields can be chosen */
static u32 netvsc_hash_protocol(u32 flow_type)
{
	switch (flow_type) {
	case TCP_V4_FLOW:
		return NETVSC_HASH_TCP4;
	case UDP_V4_FLOW:
		return NETVSC_HASH_UDP4;
	case TCP_V6_FLOW:
		return NETVSC_HASH_TCP6;
	case UDP_V6_FLOW:
		return NETVSC_HASH_UDP6;
	default:
		return 0;
	}
}

/**
 * netvsc_get_rxfh_fields() - ethtool -n rx-flow-hash: what tells flows apart on transmit
 * @ndev:	the NIC
 * @fields:	flow type, and the answer
 *
 * Return: 0.
 */
int netvsc_get_rxfh_fields(struct net_device *ndev, struct ethtool_rxfh_fields *fields)
{
	const struct netvsc *nv = netdev_priv(ndev);
	u32 protocol = netvsc_hash_protocol(fields->flow_type);

	fields->data = 0;
	if (protocol || fields->flow_type == IPV4_FLOW || fields->flow_type == IPV6_FLOW)
		fields->data = RXH_IP_SRC | RXH_IP_DST;
	if (protocol && !(nv->l3_hash & protocol))
		fields->data |= RXH_L4_B_0_1 | RXH_L4_B_2_3;
	return 0;
}

/**
 * netvsc_set_rxfh_fields() - ethtool -N rx-flow-hash
 * @ndev:	the NIC
 * @fields:	flow type and what shall tell flows apart: addresses, with or without ports
 * @extack:	told what is wrong with them
 *
 * Return: 0, -EOPNOTSUPP for other protocols, -EINVAL for other fields.
 */
int netvsc_set_rxfh_fields(struct net_device *ndev, const struct ethtool_rxfh_fields *fields,
			   struct netlink_ext_ack *extack)
{
	struct netvsc *nv = netdev_priv(ndev);
	u32 protocol = netvsc_hash_protocol(fields->flow_type);

	if (!protocol)
		return -EOPNOTSUPP;
	switch (fields->data) {
	case RXH_IP_SRC | RXH_IP_DST:
		WRITE_ONCE(nv->l3_hash, nv->l3_hash | protocol);
		return 0;
	case RXH_IP_SRC | RXH_IP_DST | RXH_L4_B_0_1 | RXH_L4_B_2_3:
		WRITE_ONCE(nv->l3_hash, nv->l3_hash & ~protocol);
		return 0;
	default:
		NL_SET_ERR_MSG_MOD(extack, "addresses (sd), or addresses and ports (sdfn)");
		return -EINVAL;
	}
}
