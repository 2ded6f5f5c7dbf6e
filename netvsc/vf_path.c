// SPDX-License-Identifier: GPL-2.0
/*
 * The data path by the virtual function: frames out and in, their counters, and the host's word on which path it uses.
 * Must not know how a VF was found. NVSP SWITCH_DATA_PATH.
 */
#include <linux/netpoll.h>
#include <linux/rtnetlink.h>

#include "netvsc.h"

/**
 * netvsc_vf_receive() - rx_handler of the slave: its frames are the NIC's
 * @pskb:	the frame
 *
 * Context: softirq, RCU.
 * Return: RX_HANDLER_ANOTHER, or RX_HANDLER_CONSUMED without memory or while the NIC is down.
 */
rx_handler_result_t netvsc_vf_receive(struct sk_buff **pskb)
{
	struct sk_buff *skb = skb_share_check(*pskb, GFP_ATOMIC);
	struct netvsc_vf_stats *stats;
	struct net_device *ndev;
	struct netvsc *nv;

	if (unlikely(!skb))
		return RX_HANDLER_CONSUMED;
	*pskb = skb;
	ndev = rcu_dereference(skb->dev->rx_handler_data);
	if (unlikely(!netif_running(ndev))) {
		kfree_skb(skb);
		return RX_HANDLER_CONSUMED;
	}
	nv = netdev_priv(ndev);
	skb->dev = ndev;
	stats = this_cpu_ptr(nv->vf.stats);
	u64_stats_update_begin(&stats->syncp);
	u64_stats_inc(&stats->rx_packets);
	u64_stats_add(&stats->rx_bytes, skb->len);
	u64_stats_update_end(&stats->syncp);
	return RX_HANDLER_ANOTHER;
}

/**
 * netvsc_vf_carrier() - the slave that is to send the next frame
 * @nv:		the NIC
 *
 * Context: the NIC's ndo_start_xmit.
 * Return: the slave, or NULL: the synthetic path is the one.
 */
struct net_device *netvsc_vf_carrier(struct netvsc *nv)
{
	struct net_device *slave;

	if (!READ_ONCE(nv->vf.active))
		return NULL;
	slave = rcu_dereference_bh(nv->vf.slave);
	if (!slave || !netif_running(slave) || !netif_carrier_ok(slave))
		return NULL;
	/* A message of netpoll may come from inside the slave's driver. */
	if (unlikely(netpoll_tx_running(nv->ndev)))
		return NULL;
	return slave;
}

/**
 * netvsc_vf_xmit() - send a frame by the slave
 * @nv:		the NIC
 * @slave:	from netvsc_vf_carrier()
 * @skb:	consumed
 *
 * Context: the NIC's ndo_start_xmit.
 * Return: NETDEV_TX_OK; a frame the slave's queue does not take is dropped and counted.
 */
netdev_tx_t netvsc_vf_xmit(struct netvsc *nv, struct net_device *slave, struct sk_buff *skb)
{
	unsigned int bytes = skb->len;
	struct netvsc_vf_stats *stats;
	int err;

	skb->dev = slave;
	err = dev_queue_xmit(skb);
	stats = this_cpu_ptr(nv->vf.stats);
	u64_stats_update_begin(&stats->syncp);
	if (likely(err == NET_XMIT_SUCCESS || err == NET_XMIT_CN)) {
		u64_stats_inc(&stats->tx_packets);
		u64_stats_add(&stats->tx_bytes, bytes);
	} else {
		u64_stats_inc(&stats->tx_dropped);
	}
	u64_stats_update_end(&stats->syncp);
	return NETDEV_TX_OK;
}

/* Whether the slave can carry frames for a NIC that wants to have some carried */
static bool netvsc_vf_is_usable(const struct netvsc *nv, const struct net_device *slave)
{
	return slave && nv->running && (READ_ONCE(nv->vf.told) & NETVSC_VF_ALLOCATED) && netif_running(slave) &&
	       netif_carrier_ok(slave) && netvsc_xdp_sees_vf(nv);
}

/**
 * netvsc_vf_update_path() - have the host use the data path that can be used now
 * @nv:		the NIC
 * @may_use:	false if the slave is about to stop or to go
 *
 * Frames go by the synthetic path from before the host is told to switch to it, and by the VF only after the host has
 * said that it has switched. Within either order none is lost.
 *
 * Context: RTNL held; takes config_lock. Takes bounded time whatever the host does.
 */
void netvsc_vf_update_path(struct netvsc *nv, bool may_use)
{
	struct net_device *slave = rtnl_dereference(nv->vf.slave);
	struct netvsc_device *nvdev = rtnl_dereference(nv->nvdev);
	bool wanted = may_use && netvsc_vf_is_usable(nv, slave);
	int err;

	if (!nvdev || READ_ONCE(nv->vf.active) == wanted)
		return;
	mutex_lock(&nv->config_lock);
	if (!wanted)
		WRITE_ONCE(nv->vf.active, false);
	err = nvsp_switch_data_path(&nvdev->nvsp, wanted);
	if (!err && wanted)
		WRITE_ONCE(nv->vf.active, true);
	mutex_unlock(&nv->config_lock);
	if (err && err != -ENODEV)
		netdev_err(nv->ndev, "the host did not switch the data path to %s: error %d\n",
			   wanted ? slave->name : "the synthetic device", err);
	else if (!err)
		netif_info(nv, link, nv->ndev, "data path switched to %s\n",
			   wanted ? slave->name : "the synthetic device");
}

/**
 * netvsc_vf_forget_path() - the session ends, and with it the host goes back to the synthetic path
 * @nv:		the NIC
 *
 * What the host said of VFs is forgotten, too: it says it again in the next session.
 *
 * Context: process; RTNL held, or the net_device is not registered.
 */
void netvsc_vf_forget_path(struct netvsc *nv)
{
	WRITE_ONCE(nv->vf.active, false);
	WRITE_ONCE(nv->vf.told, 0);
}

/**
 * netvsc_vf_read_cpu() - counters of one CPU
 * @nv:		the NIC
 * @cpu:	which
 * @totals:	filled in
 */
void netvsc_vf_read_cpu(const struct netvsc *nv, unsigned int cpu, struct netvsc_vf_totals *totals)
{
	const struct netvsc_vf_stats *stats = per_cpu_ptr(nv->vf.stats, cpu);
	unsigned int start;

	do {
		start = u64_stats_fetch_begin(&stats->syncp);
		totals->rx_packets = u64_stats_read(&stats->rx_packets);
		totals->rx_bytes = u64_stats_read(&stats->rx_bytes);
		totals->tx_packets = u64_stats_read(&stats->tx_packets);
		totals->tx_bytes = u64_stats_read(&stats->tx_bytes);
		totals->tx_dropped = u64_stats_read(&stats->tx_dropped);
	} while (u64_stats_fetch_retry(&stats->syncp, start));
}

/**
 * netvsc_vf_read() - counters of all CPUs
 * @nv:		the NIC
 * @totals:	filled in
 */
void netvsc_vf_read(const struct netvsc *nv, struct netvsc_vf_totals *totals)
{
	struct netvsc_vf_totals one;
	unsigned int cpu;

	memset(totals, 0, sizeof(*totals));
	for_each_possible_cpu(cpu) {
		netvsc_vf_read_cpu(nv, cpu, &one);
		totals->rx_packets += one.rx_packets;
		totals->rx_bytes += one.rx_bytes;
		totals->tx_packets += one.tx_packets;
		totals->tx_bytes += one.tx_bytes;
		totals->tx_dropped += one.tx_dropped;
	}
}
