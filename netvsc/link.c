// SPDX-License-Identifier: GPL-2.0
/*
 * Link state: what the host indicates, brought to the stack at a bounded rate. Only the latest word counts, so a storm of
 * indications costs one change. RNDIS INDICATE_STATUS: media connect, disconnect, network change, link speed.
 */
#include <linux/jiffies.h>
#include <linux/rtnetlink.h>

#include "netvsc.h"

/* Policy: until the RTNL is tried again */
#define NETVSC_LINK_RETRY_MS	10

static void netvsc_link_schedule(struct netvsc *nv)
{
	unsigned long next = nv->link_jiffies + msecs_to_jiffies(NETVSC_LINK_INTERVAL_MS);
	unsigned long now = jiffies;

	schedule_delayed_work(&nv->link_work, time_after(next, now) ? next - now : 0);
}

/**
 * netvsc_indicate() - the host indicated a status
 * @rndis:	control layer of the device
 * @status:	NDIS_STATUS_*
 * @buf:	status buffer, private memory
 * @bytes:	its length
 *
 * Context: softirq.
 */
void netvsc_indicate(struct rndis *rndis, u32 status, const void *buf, u32 bytes)
{
	struct netvsc *nv = container_of(rndis, struct netvsc_device, rndis)->nv;
	__le32 speed;

	switch (status) {
	case NDIS_STATUS_MEDIA_CONNECT:
		WRITE_ONCE(nv->link_is_up, true);
		set_bit(NETVSC_LINK_CHANGED, &nv->link_events);
		break;
	case NDIS_STATUS_MEDIA_DISCONNECT:
		WRITE_ONCE(nv->link_is_up, false);
		set_bit(NETVSC_LINK_CHANGED, &nv->link_events);
		break;
	case NDIS_STATUS_NETWORK_CHANGE:
		set_bit(NETVSC_LINK_NETWORK_CHANGED, &nv->link_events);
		break;
	case NDIS_STATUS_LINK_SPEED_CHANGE:
		if (bytes >= sizeof(speed)) {
			memcpy(&speed, buf, sizeof(speed));
			WRITE_ONCE(nv->link_mbps, le32_to_cpu(speed) / 10000);
		}
		return;
	default:
		return;
	}
	netvsc_link_schedule(nv);
}

static void netvsc_link_apply(struct netvsc *nv)
{
	struct net_device *ndev = nv->ndev;

	/* Another network on the same link: addresses must be got anew, which only a link that was down makes happen. */
	if (test_and_clear_bit(NETVSC_LINK_NETWORK_CHANGED, &nv->link_events)) {
		set_bit(NETVSC_LINK_CHANGED, &nv->link_events);
		if (netif_carrier_ok(ndev)) {
			netif_carrier_off(ndev);
			nv->link_jiffies = jiffies;
			netvsc_link_schedule(nv);
			return;
		}
	}
	if (!test_and_clear_bit(NETVSC_LINK_CHANGED, &nv->link_events))
		return;
	if (!READ_ONCE(nv->link_is_up)) {
		netif_carrier_off(ndev);
	} else if (!netif_carrier_ok(ndev)) {
		netif_carrier_on(ndev);
	} else {
		/* Down and up again before we looked: switches may have forgotten us. */
		call_netdevice_notifiers(NETDEV_NOTIFY_PEERS, ndev);
	}
	nv->link_jiffies = jiffies;
}

static void netvsc_link_work(struct work_struct *work)
{
	struct netvsc *nv = container_of(work, struct netvsc, link_work.work);

	/* Who holds the RTNL may be waiting for this work to end. */
	if (!rtnl_trylock()) {
		schedule_delayed_work(&nv->link_work, msecs_to_jiffies(NETVSC_LINK_RETRY_MS));
		return;
	}
	/* While detached the events stay; attaching again asks the host. */
	if (rtnl_dereference(nv->nvdev) && nv->ndev->reg_state == NETREG_REGISTERED)
		netvsc_link_apply(nv);
	rtnl_unlock();
}

/**
 * netvsc_link_init() - prepare link handling of a NIC
 * @nv:		the NIC
 */
void netvsc_link_init(struct netvsc *nv)
{
	INIT_DELAYED_WORK(&nv->link_work, netvsc_link_work);
	nv->link_jiffies = jiffies - msecs_to_jiffies(NETVSC_LINK_INTERVAL_MS);
}

/**
 * netvsc_link_attached() - take over the link state found while attaching
 * @nv:		the NIC
 * @nvdev:	its new device
 *
 * Context: process; RTNL held, or the net_device is not registered.
 */
void netvsc_link_attached(struct netvsc *nv, const struct netvsc_device *nvdev)
{
	/* An indication is newer than the answer to a query. */
	if (!test_bit(NETVSC_LINK_CHANGED, &nv->link_events))
		WRITE_ONCE(nv->link_is_up, nvdev->link_up);
	if (nvdev->link_mbps)
		WRITE_ONCE(nv->link_mbps, nvdev->link_mbps);
	if (READ_ONCE(nv->link_is_up))
		netif_carrier_on(nv->ndev);
	else
		netif_carrier_off(nv->ndev);
	if (nv->link_events)
		netvsc_link_schedule(nv);
}
