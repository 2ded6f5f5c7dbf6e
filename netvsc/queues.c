// SPDX-License-Identifier: GPL-2.0
/*
 * Sub-channels, and how flows are spread over them: asking for them and opening them, hash key and table on receive, the
 * choice of the queue on transmit. Must not know ethtool. NVSP 133 and 134, NDIS RSS parameters.
 *
 * Sub-channels are opened where the bus offers them, while somebody under RTNL waits. All of them are used, or none.
 */
#include <linux/jhash.h>
#include <linux/slab.h>
#include <net/flow_dissector.h>
#include <net/sock.h>

#include "netvsc.h"

/* Policy: a look at sub-channels at least this often while they are awaited */
#define NETVSC_SUB_CHANNEL_POLL_MS	20

/*
 * Devices whose sub-channels are being opened. Held while one is opened, so whoever takes a device off the list knows that
 * none will be opened any more.
 */
static LIST_HEAD(netvsc_accepting);
static DEFINE_MUTEX(netvsc_accepting_lock);

/* The host offers a sub-channel. One that is not expected stays closed, and goes with its primary. */
static void netvsc_sub_channel_offered(struct vmbus_channel *vmchannel)
{
	u16 index = vmchannel->offermsg.offer.sub_channel_index;
	struct netvsc_device *nvdev, *found = NULL;
	struct netvsc_channel *ch;
	int err;

	mutex_lock(&netvsc_accepting_lock);
	list_for_each_entry(nvdev, &netvsc_accepting, accepting) {
		if (nvdev->nvsp.channel == vmchannel->primary_channel)
			found = nvdev;
	}
	if (!found || !index || index >= found->channels_made || found->channels[index]->nvsp.channel)
		goto unlock;
	ch = found->channels[index];
	err = netvsc_channel_open(ch, vmchannel, found->ring_bytes);
	/* Pairs with the acquire in netvsc_all_open(). */
	smp_store_release(&ch->open_state, err ?: 1);
	wake_up_all(&found->nvsp.progress);
unlock:
	mutex_unlock(&netvsc_accepting_lock);
}

/* 1 if all sub-channels up to @count are open, 0 if not yet, or the errno of one that cannot be opened */
static int netvsc_all_open(struct netvsc_device *nvdev, u32 count)
{
	u32 i;

	for (i = 1; i <= count; i++) {
		int state = smp_load_acquire(&nvdev->channels[i]->open_state);

		if (state != 1)
			return state;
	}
	return 1;
}

static int netvsc_await_sub_channels(struct netvsc_device *nvdev, u32 count)
{
	unsigned long end = jiffies + msecs_to_jiffies(NVSP_TIMEOUT_MS);
	int state;

	while (!(state = netvsc_all_open(nvdev, count))) {
		if (nvsp_is_gone(&nvdev->nvsp))
			return -ENODEV;
		if (time_after(jiffies, end))
			return -ETIMEDOUT;
		nvsp_wait_progress(&nvdev->nvsp, NETVSC_SUB_CHANNEL_POLL_MS);
	}
	return state < 0 ? state : 0;
}

/* Have @count sub-channels open; @granted of them are, or the errno says why not all that were granted. */
static int netvsc_open_sub_channels(struct netvsc_device *nvdev, u32 count, u32 *granted)
{
	struct vmbus_channel *primary = nvdev->nvsp.channel;
	struct netvsc_channel *ch;
	int err = 0;
	u32 i;

	for (i = 1; i <= count; i++) {
		ch = netvsc_channel_new(nvdev, i, nvdev->ring_bytes);
		if (!ch)
			return -ENOMEM;
		nvdev->channels[i] = ch;
		nvdev->channels_made = i + 1;
		err = netvsc_rx_init(ch, nvdev->bufs.recv_section_count);
		if (err)
			return err;
	}

	mutex_lock(&netvsc_accepting_lock);
	list_add(&nvdev->accepting, &netvsc_accepting);
	mutex_unlock(&netvsc_accepting_lock);
	/* The offers may come before the answer. */
	vmbus_set_sc_create_callback(primary, netvsc_sub_channel_offered);
	err = nvsp_allocate_sub_channels(&nvdev->nvsp, count, granted);
	if (!err)
		err = netvsc_await_sub_channels(nvdev, *granted);
	vmbus_set_sc_create_callback(primary, NULL);
	mutex_lock(&netvsc_accepting_lock);
	list_del(&nvdev->accepting);
	mutex_unlock(&netvsc_accepting_lock);

	/* Those the host did not grant, or has not come to */
	for (i = nvdev->channels_made - 1; i && !nvdev->channels[i]->nvsp.channel; i--) {
		netvsc_channel_free(nvdev->channels[i]);
		nvdev->channels[i] = NULL;
		nvdev->channels_made = i;
	}
	return err;
}

static int netvsc_query_rss(struct netvsc_device *nvdev)
{
	struct ndis_rss_capabilities query, caps = { };
	u32 got, queues;
	int err;

	netvsc_rss_query(&query);
	err = rndis_query(&nvdev->rndis, NDIS_OID_RSS_CAPABILITIES, &query, sizeof(query), &caps, sizeof(caps), &got);
	if (!err)
		err = netvsc_rss_parse(&caps, got, &queues, &nvdev->rss_entries);
	if (err)
		return err;
	nvdev->max_channels = min3(queues, num_online_cpus(), (u32)NETVSC_MAX_CHANNELS);
	return 0;
}

/* The table and key of before, if they suit this device */
static int netvsc_restore_rss(struct netvsc_device *nvdev)
{
	struct netvsc_rss *rss = &nvdev->nv->rss, wanted = *rss;

	if (!rss->entries)
		memcpy(wanted.key, netvsc_rss_default_key, sizeof(wanted.key));
	if (wanted.entries != nvdev->rss_entries || !netif_is_rxfh_configured(nvdev->ndev) ||
	    !netvsc_rss_fits(&wanted, nvdev->channel_count)) {
		wanted.entries = nvdev->rss_entries;
		netvsc_rss_spread(&wanted, nvdev->channel_count);
	}
	return netvsc_set_rss(nvdev, &wanted);
}

/**
 * netvsc_queues_open() - use as many channels as user, host and processors allow
 * @nvdev:	the device, its primary channel open and RNDIS initialized
 * @ring_bytes:	size of each ring
 *
 * What the host refuses or cannot do costs queues, not the device: then the primary channel alone is used.
 *
 * Context: may sleep; RTNL held, or the net_device is not registered. Takes bounded time whatever the host does.
 * Return: 0, or -ENODEV or -ETIMEDOUT if the host will not answer anything else either.
 */
int netvsc_queues_open(struct netvsc_device *nvdev, u32 ring_bytes)
{
	u32 wanted, granted = 0, i;
	int err;

	nvdev->ring_bytes = ring_bytes;
	if (nvdev->nvsp.version < NVSP_VERSION_5)
		return 0;
	err = netvsc_query_rss(nvdev);
	if (err)
		return err == -ENODEV || err == -ETIMEDOUT ? err : 0;
	wanted = min(nvdev->params.channels, nvdev->max_channels);
	if (wanted < 2)
		return 0;

	/* Until the host sends its own; entries are taken modulo the number of channels. */
	for (i = 0; i < ARRAY_SIZE(nvdev->send_table); i++)
		WRITE_ONCE(nvdev->send_table[i], i);
	err = netvsc_open_sub_channels(nvdev, wanted - 1, &granted);
	if (err == -ENODEV)
		return err;
	if (!err && granted) {
		nvdev->channel_count = 1 + granted;
		err = netvsc_restore_rss(nvdev);
	}
	if (err) {
		nvdev->channel_count = 1;
		netdev_warn(nvdev->ndev, "one queue only: %u sub-channels cannot be used, error %d\n", wanted - 1, err);
	}
	return err == -ENODEV ? err : 0;
}

/**
 * netvsc_set_rss() - have the host use a hash key and an indirection table
 * @nvdev:	the device, with more than one channel
 * @rss:	both; as many entries as the host has, naming only channels in use
 *
 * Context: may sleep; RTNL held, or the net_device is not registered.
 * Return: 0, and they are remembered; else an errno of rndis_set().
 */
int netvsc_set_rss(struct netvsc_device *nvdev, const struct netvsc_rss *rss)
{
	struct netvsc_rss_message *message;
	u32 bytes;
	int err = 0;

	message = kmalloc(sizeof(*message), GFP_KERNEL);
	if (!message)
		return -ENOMEM;
	/* Hosts take no notice of what has changed unless it was off in between. */
	if (nvdev->rss_on) {
		bytes = netvsc_rss_message(rss, true, message);
		err = rndis_set(&nvdev->rndis, NDIS_OID_RSS_PARAMETERS, message, bytes);
	}
	if (!err) {
		nvdev->rss_on = false;
		bytes = netvsc_rss_message(rss, false, message);
		err = rndis_set(&nvdev->rndis, NDIS_OID_RSS_PARAMETERS, message, bytes);
	}
	kfree(message);
	if (err)
		return err;
	nvdev->rss_on = true;
	nvdev->nv->rss = *rss;
	return 0;
}

/**
 * netvsc_take_send_table() - the host tells which channels flows are to go out on
 * @nvsp:	the session
 * @msg:	its message, private memory
 * @bytes:	length of the message
 *
 * Context: softirq, poll function of the primary channel.
 */
void netvsc_take_send_table(struct nvsp *nvsp, const void *msg, u32 bytes)
{
	struct netvsc_device *nvdev = container_of(nvsp, struct netvsc_device, nvsp);
	u8 table[NVSP_SEND_TABLE_ENTRIES];
	u32 i;

	if (netvsc_send_table(msg, bytes, nvsp->version, NETVSC_MAX_CHANNELS, table)) {
		netvsc_count_poll(nvdev->channels[0], NETVSC_POLL_BAD_PACKET);
		return;
	}
	for (i = 0; i < ARRAY_SIZE(table); i++)
		WRITE_ONCE(nvdev->send_table[i], table[i]);
}

/* A hash of addresses alone for the protocols the user wants it for, else of ports too */
static u32 netvsc_flow_hash(const struct netvsc *nv, struct sk_buff *skb)
{
	u32 l3 = READ_ONCE(nv->l3_hash), protocol = 0;
	struct flow_keys keys;

	if (likely(!l3) || !skb_flow_dissect_flow_keys(skb, &keys, 0))
		return skb_get_hash(skb);
	if (keys.basic.n_proto == htons(ETH_P_IP))
		protocol = keys.basic.ip_proto == IPPROTO_TCP ? NETVSC_HASH_TCP4 : NETVSC_HASH_UDP4;
	else if (keys.basic.n_proto == htons(ETH_P_IPV6))
		protocol = keys.basic.ip_proto == IPPROTO_TCP ? NETVSC_HASH_TCP6 : NETVSC_HASH_UDP6;
	if (!(l3 & protocol) || (keys.basic.ip_proto != IPPROTO_TCP && keys.basic.ip_proto != IPPROTO_UDP))
		return skb_get_hash(skb);
	if (keys.basic.n_proto == htons(ETH_P_IP))
		return jhash_2words((__force u32)keys.addrs.v4addrs.src, (__force u32)keys.addrs.v4addrs.dst, 0);
	return jhash2((u32 *)&keys.addrs.v6addrs, sizeof(keys.addrs.v6addrs) / sizeof(u32), 0);
}

/**
 * netvsc_select_queue() - ndo_select_queue
 * @skb:	frame
 * @ndev:	the NIC
 * @sb_dev:	unused
 *
 * A forwarded frame stays on the queue it came on, a socket's frames on the queue they went before, as long as that keeps
 * their order; the rest goes where the host's table has its hash.
 *
 * Context: BH disabled.
 * Return: a queue of the device that is attached.
 */
u16 netvsc_select_queue(struct net_device *ndev, struct sk_buff *skb, struct net_device *sb_dev)
{
	struct netvsc *nv = netdev_priv(ndev);
	struct netvsc_device *nvdev = rcu_dereference_bh(nv->nvdev);
	struct sock *sk = skb->sk;
	u32 count, queue;
	int old;

	if (!nvdev)
		return 0;
	count = nvdev->channel_count;
	if (count < 2)
		return 0;
	if (skb_rx_queue_recorded(skb) && skb_get_rx_queue(skb) < count)
		return skb_get_rx_queue(skb);
	old = sk ? sk_tx_queue_get(sk) : -1;
	if (old >= 0 && (u32)old < count && !skb->ooo_okay)
		return old;
	queue = READ_ONCE(nvdev->send_table[netvsc_flow_hash(nv, skb) % NVSP_SEND_TABLE_ENTRIES]) % count;
	if (sk && old != (int)queue && sk_fullsock(sk) && rcu_access_pointer(sk->sk_dst_cache))
		sk_tx_queue_set(sk, queue);
	return queue;
}
