// SPDX-License-Identifier: GPL-2.0
/*
 * net_device_ops, and the change from one attached device to another under them (MTU, buffer sizes, suspend). Must not
 * know NVSP or RNDIS messages.
 */
#include <linux/if_vlan.h>
#include <linux/rtnetlink.h>
#include <net/netdev_lock.h>

#include <hyperv/ndis.h>

#include "netvsc.h"

/* Transport headers must begin within the ten bits of the checksum and LSO records. */
#define NETVSC_MAX_L4_OFFSET	0x3ff

/* The device, for those who hold RTNL or config_lock */
static struct netvsc_device *netvsc_attached(struct netvsc *nv)
{
	return rcu_dereference_protected(nv->nvdev, lockdep_rtnl_is_held() || lockdep_is_held(&nv->config_lock));
}

static u32 netvsc_wanted_filter(const struct net_device *ndev)
{
	u32 filter = NDIS_FILTER_DIRECTED;

	if (ndev->flags & IFF_PROMISC)
		return NDIS_FILTER_PROMISCUOUS;
	if (ndev->flags & IFF_BROADCAST)
		filter |= NDIS_FILTER_BROADCAST;
	if ((ndev->flags & IFF_ALLMULTI) || !netdev_mc_empty(ndev))
		filter |= NDIS_FILTER_ALL_MULTICAST;
	return filter;
}

static void netvsc_filter_work(struct work_struct *work)
{
	struct netvsc *nv = container_of(work, struct netvsc, filter_work);
	int err = 0;

	mutex_lock(&nv->config_lock);
	if (nv->running && netvsc_attached(nv))
		err = netvsc_set_filter(nv, netvsc_wanted_filter(nv->ndev));
	mutex_unlock(&nv->config_lock);
	if (err && err != -ENODEV && net_ratelimit())
		netdev_err(nv->ndev, "cannot set the packet filter: error %d\n", err);
}

static void netvsc_set_rx_mode(struct net_device *ndev)
{
	struct netvsc *nv = netdev_priv(ndev);

	/* Called with a spinlock held, and setting waits for the host. */
	schedule_work(&nv->filter_work);
	netvsc_vf_follow_addresses(nv);
}

static void netvsc_change_rx_flags(struct net_device *ndev, int changed)
{
	netvsc_vf_follow_flags(netdev_priv(ndev));
}

/* No queue is woken from here on, and nobody is inside netvsc_start_xmit() when this returns. */
static void netvsc_disable_transmit(struct netvsc *nv)
{
	WRITE_ONCE(nv->tx_disabled, true);
	netif_tx_disable(nv->ndev);
}

static void netvsc_enable_transmit(struct netvsc *nv)
{
	WRITE_ONCE(nv->tx_disabled, false);
	netif_tx_wake_all_queues(nv->ndev);
}

/* Let frames in. config_lock held. */
static int netvsc_start_receive(struct netvsc *nv)
{
	int err;

	WRITE_ONCE(nv->receiving, true);
	err = netvsc_set_filter(nv, netvsc_wanted_filter(nv->ndev));
	if (err)
		WRITE_ONCE(nv->receiving, false);
	return err;
}

/*
 * Keep frames out and wait until those under way have landed. config_lock held, transmit disabled. A host that does not
 * cooperate is told about once and then ignored: closing must not fail.
 */
static void netvsc_stop_receive(struct netvsc *nv)
{
	struct netvsc_device *nvdev = netvsc_attached(nv);
	int err;

	if (nvdev) {
		err = netvsc_set_filter(nv, 0);
		if (err && err != -ENODEV)
			netdev_err(nv->ndev, "cannot clear the packet filter: error %d\n", err);
		if (!err && !netvsc_drain(nvdev, false))
			netdev_warn(nv->ndev, "ring not empty after closing: %u packets in flight, %u bytes to read\n",
				    netvsc_outstanding(nvdev),
				    hv_get_bytes_to_read(&nvdev->nvsp.channel->inbound));
	}
	WRITE_ONCE(nv->receiving, false);
}

static int netvsc_open(struct net_device *ndev)
{
	struct netvsc *nv = netdev_priv(ndev);
	int err;

	mutex_lock(&nv->config_lock);
	err = netvsc_start_receive(nv);
	nv->running = !err;
	mutex_unlock(&nv->config_lock);
	if (err) {
		netdev_err(ndev, "cannot open: error %d\n", err);
		return err;
	}
	netvsc_enable_transmit(nv);
	netvsc_vf_open(nv);
	return 0;
}

static int netvsc_stop(struct net_device *ndev)
{
	struct netvsc *nv = netdev_priv(ndev);

	netvsc_disable_transmit(nv);
	netvsc_vf_close(nv);
	mutex_lock(&nv->config_lock);
	nv->running = false;
	netvsc_stop_receive(nv);
	mutex_unlock(&nv->config_lock);
	return 0;
}

static int netvsc_set_mac_address(struct net_device *ndev, void *addr)
{
	struct netvsc *nv = netdev_priv(ndev);
	struct netvsc_device *nvdev;
	struct sockaddr *sa = addr;
	int err;

	err = eth_prepare_mac_addr_change(ndev, addr);
	if (err)
		return err;
	if (ether_addr_equal(ndev->dev_addr, sa->sa_data))
		return 0;

	mutex_lock(&nv->config_lock);
	nvdev = netvsc_attached(nv);
	err = nvdev ? netvsc_set_mac(nvdev, sa->sa_data) : -ENODEV;
	mutex_unlock(&nv->config_lock);
	if (err)
		return err;
	eth_commit_mac_addr_change(ndev, addr);
	return 0;
}

static int netvsc_set_features(struct net_device *ndev, netdev_features_t features)
{
	struct netvsc *nv = netdev_priv(ndev);
	struct netvsc_device *nvdev = netvsc_attached(nv);
	bool rsc = features & NETIF_F_LRO;
	int err;

	if (!((ndev->features ^ features) & NETIF_F_LRO))
		return 0;
	if (!nvdev)
		return -ENODEV;
	err = netvsc_set_rsc(nvdev, rsc);
	if (err) {
		netdev_err(ndev, "cannot switch LRO: error %d\n", err);
		return err;
	}
	nv->wants_rsc = rsc;
	return 0;
}

static netdev_features_t netvsc_fix_features(struct net_device *ndev, netdev_features_t features)
{
	struct netvsc *nv = netdev_priv(ndev);

	return rtnl_dereference(nv->xdp_prog) ? features & ~NETIF_F_LRO : features;
}

static netdev_features_t netvsc_features_check(struct sk_buff *skb, struct net_device *ndev,
					       netdev_features_t features)
{
	if ((skb->ip_summed == CHECKSUM_PARTIAL || skb_is_gso(skb)) &&
	    skb_checksum_start_offset(skb) > NETVSC_MAX_L4_OFFSET)
		features &= ~(NETIF_F_CSUM_MASK | NETIF_F_GSO_MASK);
	return vlan_features_check(skb, features);
}

/**
 * netvsc_read_xmit() - value of a transmit counter
 * @nv:		the NIC
 * @queue:	0..NETVSC_MAX_CHANNELS - 1
 * @counter:	which
 */
u64 netvsc_read_xmit(const struct netvsc *nv, unsigned int queue, enum netvsc_xmit_counter counter)
{
	const struct netvsc_xmit_stats *stats = &nv->stats[queue].xmit;
	unsigned int start;
	u64 value;

	do {
		start = u64_stats_fetch_begin(&stats->syncp);
		value = u64_stats_read(&stats->count[counter]);
	} while (u64_stats_fetch_retry(&stats->syncp, start));
	return value;
}

/**
 * netvsc_read_poll() - value of a counter of the poll function
 * @nv:		the NIC
 * @queue:	0..NETVSC_MAX_CHANNELS - 1
 * @counter:	which
 */
u64 netvsc_read_poll(const struct netvsc *nv, unsigned int queue, enum netvsc_poll_counter counter)
{
	const struct netvsc_poll_stats *stats = &nv->stats[queue].poll;
	unsigned int start;
	u64 value;

	do {
		start = u64_stats_fetch_begin(&stats->syncp);
		value = u64_stats_read(&stats->count[counter]);
	} while (u64_stats_fetch_retry(&stats->syncp, start));
	return value;
}

static void netvsc_get_stats64(struct net_device *ndev, struct rtnl_link_stats64 *total)
{
	struct netvsc *nv = netdev_priv(ndev);
	struct netvsc_vf_totals vf;
	unsigned int i;

	netvsc_vf_read(nv, &vf);
	total->tx_packets = vf.tx_packets;
	total->tx_bytes = vf.tx_bytes;
	total->tx_dropped = vf.tx_dropped;
	total->rx_packets = vf.rx_packets;
	total->rx_bytes = vf.rx_bytes;
	/* Totals do not shrink with the number of queues. */
	for (i = 0; i < READ_ONCE(nv->queues_seen); i++) {
		total->tx_packets += netvsc_read_poll(nv, i, NETVSC_POLL_TX_PACKETS);
		total->tx_bytes += netvsc_read_poll(nv, i, NETVSC_POLL_TX_BYTES);
		total->tx_errors += netvsc_read_poll(nv, i, NETVSC_POLL_TX_ERRORS);
		total->tx_dropped += netvsc_read_xmit(nv, i, NETVSC_XMIT_DROPPED);
		total->rx_packets += netvsc_read_poll(nv, i, NETVSC_POLL_RX_PACKETS);
		total->rx_bytes += netvsc_read_poll(nv, i, NETVSC_POLL_RX_BYTES);
		total->multicast += netvsc_read_poll(nv, i, NETVSC_POLL_RX_MULTICAST);
		total->rx_errors += netvsc_read_poll(nv, i, NETVSC_POLL_RX_ERRORS);
		total->rx_dropped += netvsc_read_poll(nv, i, NETVSC_POLL_RX_NO_MEMORY);
	}
}

/* As many queues as the device has channels */
static void netvsc_apply_queues(struct netvsc *nv, const struct netvsc_device *nvdev)
{
	u32 count = nvdev->channel_count;

	if (count > nv->queues_seen)
		WRITE_ONCE(nv->queues_seen, count);
	/* Without memory for it queues stay idle, or what is sent on those too many is dropped. */
	if (netif_set_real_num_tx_queues(nv->ndev, count) || netif_set_real_num_rx_queues(nv->ndev, count))
		netdev_err(nv->ndev, "cannot tell the network stack of %u queues\n", count);
}

/* What the device that was just attached lets the net_device be and do */
static void netvsc_apply(struct netvsc *nv, const struct netvsc_device *nvdev)
{
	struct net_device *ndev = nv->ndev;
	netdev_features_t offload = netvsc_offload_features(&nvdev->offload);
	netdev_features_t vlan = 0;

	if (nvdev->nvsp.version >= NVSP_VERSION_2)
		vlan = NETIF_F_HW_VLAN_CTAG_TX | NETIF_F_HW_VLAN_CTAG_RX;
	ndev->hw_features = NETIF_F_SG | NETIF_F_RXCSUM | NETIF_F_RXHASH | offload;
	ndev->vlan_features = NETIF_F_SG | NETIF_F_HIGHDMA | (offload & ~NETIF_F_LRO);
	if (nvdev->offload.bits & (NETVSC_OFFLOAD_TSO4 | NETVSC_OFFLOAD_TSO6))
		netif_set_tso_max_size(ndev, nvdev->offload.gso_max_bytes);

	ndev->min_mtu = NETVSC_MIN_MTU;
	ndev->max_mtu = nvdev->nvsp.version >= NVSP_VERSION_2 ? NETVSC_MAX_MTU : ETH_DATA_LEN;
	ndev->mtu = nvdev->params.mtu;

	if (ndev->reg_state == NETREG_REGISTERED) {
		/* What the host lost goes, what it gained can be switched on. */
		ndev->features &= ~(vlan ^ (NETIF_F_HW_VLAN_CTAG_TX | NETIF_F_HW_VLAN_CTAG_RX));
		netdev_update_features(ndev);
	} else {
		ndev->features = ndev->hw_features | NETIF_F_HIGHDMA | vlan;
		if (!nv->wants_rsc)
			ndev->features &= ~NETIF_F_LRO;
	}
	netvsc_link_attached(nv, nvdev);
}

/**
 * netvsc_publish() - make an attached device the one the NIC works with, and resume what it did before
 * @nv:		the NIC
 * @nvdev:	from netvsc_attach()
 *
 * Context: process; RTNL held, or the net_device is not registered.
 */
void netvsc_publish(struct netvsc *nv, struct netvsc_device *nvdev)
{
	struct net_device *ndev = nv->ndev;
	int err = 0;

	mutex_lock(&nv->config_lock);
	nv->params = nvdev->params;
	nv->filter = 0;
	/* A device that was reset has forgotten an address of our choice. */
	if (ndev->reg_state == NETREG_REGISTERED && !ether_addr_equal(ndev->dev_addr, nvdev->mac))
		err = netvsc_set_mac(nvdev, ndev->dev_addr);
	if (err)
		netdev_warn(ndev, "the host did not take the station address again: error %d\n", err);
	rcu_assign_pointer(nv->nvdev, nvdev);
	mutex_unlock(&nv->config_lock);

	netvsc_apply(nv, nvdev);
	netvsc_apply_queues(nv, nvdev);

	mutex_lock(&nv->config_lock);
	if (nv->running) {
		err = netvsc_start_receive(nv);
		if (err)
			netdev_err(ndev, "cannot set the packet filter: error %d\n", err);
	}
	mutex_unlock(&nv->config_lock);
	netif_device_attach(ndev);
	if (nv->running)
		netvsc_enable_transmit(nv);
}

/**
 * netvsc_withdraw() - stop using the attached device, shut it down and free it
 * @nv:		the NIC; without a device nothing happens
 *
 * Context: process; RTNL held, or the net_device is not registered.
 */
void netvsc_withdraw(struct netvsc *nv)
{
	struct netvsc_device *nvdev;

	netif_device_detach(nv->ndev);
	netvsc_disable_transmit(nv);
	netvsc_vf_forget_path(nv);
	mutex_lock(&nv->config_lock);
	nvdev = netvsc_attached(nv);
	if (nv->running)
		netvsc_stop_receive(nv);
	RCU_INIT_POINTER(nv->nvdev, NULL);
	mutex_unlock(&nv->config_lock);
	if (nvdev)
		netvsc_detach(nvdev);
}

/**
 * netvsc_reattach() - attach a device to a NIC that has none
 * @nv:		the NIC
 * @params:	wishes
 *
 * Context: process; RTNL held, or the net_device is not registered.
 * Return: 0, or an errno of netvsc_attach().
 */
int netvsc_reattach(struct netvsc *nv, const struct netvsc_params *params)
{
	struct netvsc_device *nvdev = netvsc_attach(nv, params, netvsc_ring_bytes());

	if (IS_ERR(nvdev))
		return PTR_ERR(nvdev);
	netvsc_publish(nv, nvdev);
	return 0;
}

/**
 * netvsc_reconfigure() - change what can only be said while attaching
 * @nv:		the NIC
 * @params:	wishes; on failure the old ones are attached again
 *
 * Context: RTNL held; takes bounded time.
 * Return: 0, -ENODEV without a device, or an errno of netvsc_attach().
 */
int netvsc_reconfigure(struct netvsc *nv, const struct netvsc_params *params)
{
	struct netvsc_params old = nv->params;
	int err;

	ASSERT_RTNL();
	if (!netvsc_attached(nv))
		return -ENODEV;
	netvsc_withdraw(nv);
	err = netvsc_reattach(nv, params);
	if (err && netvsc_reattach(nv, &old))
		netdev_err(nv->ndev, "the device is lost: its old settings cannot be attached again either\n");
	return err;
}

static int netvsc_change_mtu(struct net_device *ndev, int mtu)
{
	struct netvsc *nv = netdev_priv(ndev);
	struct netvsc_params params = nv->params;
	int err;

	if (!netvsc_xdp_allows_mtu(nv, mtu)) {
		netdev_info(ndev, "an MTU of %d is too large for an XDP program\n", mtu);
		return -EINVAL;
	}
	/* The VF's driver may refuse: before anything else has changed. */
	err = netvsc_vf_set_mtu(nv, mtu);
	if (err)
		return err;
	params.mtu = mtu;
	err = netvsc_reconfigure(nv, &params);
	/* The host may have refused it, or granted less. */
	if (netvsc_vf_set_mtu(nv, ndev->mtu))
		netdev_warn(ndev, "the virtual function has another MTU\n");
	if (!err && ndev->mtu != mtu)
		netdev_info(ndev, "the host grants an MTU of %u\n", ndev->mtu);
	return err;
}

COMPAT_SELECT_QUEUE(netvsc_select_queue)

static const struct net_device_ops netvsc_ops = {
	.ndo_open		= netvsc_open,
	.ndo_stop		= netvsc_stop,
	.ndo_start_xmit		= netvsc_start_xmit,
	.ndo_select_queue	= compat_select_queue(netvsc_select_queue),
	.ndo_features_check	= netvsc_features_check,
	.ndo_fix_features	= netvsc_fix_features,
	.ndo_set_features	= netvsc_set_features,
	.ndo_set_rx_mode	= netvsc_set_rx_mode,
	.ndo_change_rx_flags	= netvsc_change_rx_flags,
	.ndo_set_mac_address	= netvsc_set_mac_address,
	.ndo_validate_addr	= eth_validate_addr,
	.ndo_change_mtu		= netvsc_change_mtu,
	.ndo_bpf		= netvsc_xdp_command,
	.ndo_xdp_xmit		= netvsc_xdp_xmit,
	.ndo_get_stats64	= netvsc_get_stats64,
};

/**
 * netvsc_netdev_setup() - give a new net_device its operations
 * @ndev:	from alloc_etherdev_mqs()
 */
void netvsc_netdev_setup(struct net_device *ndev)
{
	struct netvsc *nv = netdev_priv(ndev);

	ndev->netdev_ops = &netvsc_ops;
	ndev->ethtool_ops = &netvsc_ethtool_ops;
	/* Large sends and inline tags change the skb. */
	ndev->priv_flags &= ~IFF_TX_SKB_SHARING;
	/* The host decides on addresses, whether we are up or not. */
	ndev->priv_flags |= IFF_LIVE_ADDR_CHANGE;
	compat_xdp_set_features(ndev);
	/* Another device's queue may be locked inside of ours. */
	netdev_lockdep_set_classes(ndev);
	INIT_WORK(&nv->filter_work, netvsc_filter_work);
	nv->tx_disabled = true;
}
