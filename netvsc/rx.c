// SPDX-License-Identifier: GPL-2.0
/*
 * Receive: ranges of the receive buffer become skbs; completions owed to the host; the poll function and the interrupt.
 * Must not know how the device was set up. RNDIS PACKET with per-packet info, transfer pages, RSC fragments.
 *
 * The receive buffer is the host's: each byte is copied once to private memory, then checked, then used.
 */
#include <linux/if_vlan.h>
#include <linux/ip.h>
#include <linux/log2.h>
#include <linux/slab.h>
#include <net/ip.h>

#include "netvsc.h"
#include "rndis_pkt.h"

/* Policy: completions that may gather before they are sent */
#define NETVSC_RX_DEBT_BATCH		64
/* Policy: coalesced segments are spread over pages beyond this size */
#define NETVSC_RX_LINEAR_BYTES		4096
#define NETVSC_RX_HEADER_BYTES		256
/* Policy: polls in a row that find a ring not empty, yet no packet, before the ring is left alone for a while */
#define NETVSC_RX_MAX_IDLE_POLLS	8
/* Of a TCP segment over IPv6 with time stamps, so that what is left of the MTU is never too large a guess */
#define NETVSC_RX_TCP_HEADER_BYTES	(40 + 20 + 12)
/* Largest segment the stack takes */
#define NETVSC_RX_MAX_FRAME_BYTES	(65535 + ETH_HLEN)

static_assert(RNDIS_CONTROL_BYTES >= RNDIS_PKT_MAX_PPI_BYTES);

/**
 * netvsc_rx_init() - allocate the receive side of a channel
 * @ch:		the channel
 * @section_count: receive sections the host has: as many completions can be owed at a time
 *
 * Called when the receive buffer is known, before any RNDIS message is asked for.
 *
 * Context: may sleep.
 * Return: 0, -ENOMEM.
 */
int netvsc_rx_init(struct netvsc_channel *ch, u32 section_count)
{
	u32 count = roundup_pow_of_two(section_count + 1);

	ch->rx.fragments = kvcalloc(NVSP_MAX_RANGES_RSC, sizeof(*ch->rx.fragments), GFP_KERNEL);
	if (!ch->rx.fragments)
		return -ENOMEM;
	ch->rx.debts = kvcalloc(count, sizeof(*ch->rx.debts), GFP_KERNEL);
	if (!ch->rx.debts) {
		kvfree(ch->rx.fragments);
		ch->rx.fragments = NULL;
		return -ENOMEM;
	}
	/* Last, and with release: from now on the poll function takes packets that leave a debt. */
	smp_store_release(&ch->rx.debt_mask, count - 1);
	return 0;
}

/**
 * netvsc_rx_free() - free the receive side
 * @ch:		the channel, closed
 */
void netvsc_rx_free(struct netvsc_channel *ch)
{
	kvfree(ch->rx.debts);
	kvfree(ch->rx.fragments);
}

/**
 * netvsc_rx_has_debt() - whether the host is still owed completions
 * @ch:		the channel
 *
 * Context: any.
 */
bool netvsc_rx_has_debt(struct netvsc_channel *ch)
{
	return READ_ONCE(ch->rx.debt_head) != READ_ONCE(ch->rx.debt_tail);
}

static bool netvsc_rx_can_owe(struct netvsc_channel *ch)
{
	return ch->rx.debt_tail - ch->rx.debt_head <= ch->rx.debt_mask;
}

/* Pay what is owed, oldest first; false if the ring became full before all was paid. */
static bool netvsc_rx_pay(struct netvsc_channel *ch)
{
	struct netvsc_rx *rx = &ch->rx;

	while (rx->debt_head != rx->debt_tail) {
		const struct netvsc_rx_debt *debt = &rx->debts[rx->debt_head & rx->debt_mask];

		if (nvsp_complete_receive(&ch->nvsp, debt->xid, debt->status) == -EAGAIN) {
			netvsc_count_poll(ch, NETVSC_POLL_RX_COMP_BUSY);
			return false;
		}
		WRITE_ONCE(rx->debt_head, rx->debt_head + 1);
	}
	return true;
}

/**
 * netvsc_rx_owe() - remember a completion the host is owed
 * @nc:		channel the packet came on
 * @xid:	the host's transaction id
 * @status:	NVSP status
 *
 * Context: softirq, poll function, which made sure that there is room.
 */
void netvsc_rx_owe(struct nvsp_channel *nc, u64 xid, u32 status)
{
	struct netvsc_channel *ch = netvsc_channel(nc);
	struct netvsc_rx *rx = &ch->rx;
	struct netvsc_rx_debt *debt;

	/* The host is early: it has just been told of the receive buffer. Once, without a memory of it, must do. */
	if (!rx->debts) {
		nvsp_complete_receive(nc, xid, status);
		return;
	}
	debt = &rx->debts[rx->debt_tail & rx->debt_mask];
	debt->xid = xid;
	debt->status = status;
	WRITE_ONCE(rx->debt_tail, rx->debt_tail + 1);
	if (rx->debt_tail - rx->debt_head >= NETVSC_RX_DEBT_BATCH)
		netvsc_rx_pay(ch);
}

/* The host coalesced segments and left the IPv4 header's checksum for us to redo. */
static void netvsc_rx_fix_ip_csum(struct sk_buff *skb)
{
	struct iphdr *ip;

	if (skb->protocol != htons(ETH_P_IP) || !pskb_may_pull(skb, sizeof(*ip)))
		return;
	ip = (struct iphdr *)skb->data;
	if (ip->ihl < 5 || !pskb_may_pull(skb, ip->ihl * 4))
		return;
	ip_send_check((struct iphdr *)skb->data);
}

static void netvsc_rx_deliver(struct netvsc_channel *ch, struct sk_buff *skb, const struct rndis_pkt_rx *info)
{
	struct net_device *ndev = ch->nvdev->ndev;
	struct netvsc_poll_stats *stats = &ch->stats->poll;
	bool multicast = is_multicast_ether_addr(skb->data);
	u32 bytes = skb->len;

	skb->protocol = eth_type_trans(skb, ndev);
	if (info->fields & RNDIS_PKT_CSUM) {
		if ((info->csum & RNDIS_RX_CSUM_IP_VALUE_INVALID) && (info->csum & RNDIS_RX_CSUM_IP_GOOD))
			netvsc_rx_fix_ip_csum(skb);
		if ((ndev->features & NETIF_F_RXCSUM) &&
		    (info->csum & (RNDIS_RX_CSUM_TCP_GOOD | RNDIS_RX_CSUM_UDP_GOOD)))
			skb->ip_summed = CHECKSUM_UNNECESSARY;
	}
	if (info->fields & RNDIS_PKT_VLAN)
		__vlan_hwaccel_put_tag(skb, htons(ETH_P_8021Q), info->vlan_tci);
	if ((info->fields & RNDIS_PKT_HASH) && (ndev->features & NETIF_F_RXHASH))
		skb_set_hash(skb, info->hash, PKT_HASH_TYPE_L4);
	skb_record_rx_queue(skb, ch->index);

	u64_stats_update_begin(&stats->syncp);
	u64_stats_inc(&stats->count[NETVSC_POLL_RX_PACKETS]);
	u64_stats_add(&stats->count[NETVSC_POLL_RX_BYTES], bytes);
	if (multicast)
		u64_stats_inc(&stats->count[NETVSC_POLL_RX_MULTICAST]);
	u64_stats_update_end(&stats->syncp);
	ch->rx.frames++;
	napi_gro_receive(&ch->napi, skb);
}

static struct sk_buff *netvsc_rx_alloc(struct netvsc_channel *ch, u32 bytes)
{
	struct sk_buff *skb;
	int err;

	if (bytes <= NETVSC_RX_LINEAR_BYTES) {
		skb = napi_alloc_skb(&ch->napi, bytes);
		if (skb)
			__skb_put(skb, bytes);
		return skb;
	}
	skb = alloc_skb_with_frags(NETVSC_RX_HEADER_BYTES + NET_IP_ALIGN, bytes - NETVSC_RX_HEADER_BYTES,
				   PAGE_ALLOC_COSTLY_ORDER, &err, GFP_ATOMIC | __GFP_NOWARN);
	if (!skb)
		return NULL;
	skb_reserve(skb, NET_IP_ALIGN);
	skb_put(skb, NETVSC_RX_HEADER_BYTES);
	skb->data_len = bytes - NETVSC_RX_HEADER_BYTES;
	skb->len = bytes;
	return skb;
}

/* Have the program, if there is one, decide on a frame; false if there is none. */
static bool netvsc_rx_program(struct netvsc_channel *ch, const struct netvsc_rx_fragment *fragments, u32 count,
			      const struct rndis_pkt_rx *info)
{
	struct bpf_prog *prog;
	struct sk_buff *skb;

	rcu_read_lock();
	prog = rcu_dereference(ch->nvdev->nv->xdp_prog);
	if (prog) {
		skb = netvsc_xdp_receive(ch, prog, fragments, count);
		if (skb)
			netvsc_rx_deliver(ch, skb, info);
		else
			ch->rx.frames++;
	}
	rcu_read_unlock();
	return prog;
}

/* Build one skb of pieces that lie in the receive buffer, and hand it to the stack. */
static void netvsc_rx_frame(struct netvsc_channel *ch, const struct netvsc_rx_fragment *fragments, u32 count, u32 bytes,
			    const struct rndis_pkt_rx *info)
{
	struct sk_buff *skb;
	u32 i, at = 0;

	if (unlikely(rcu_access_pointer(ch->nvdev->nv->xdp_prog)) &&
	    netvsc_rx_program(ch, fragments, count, info))
		return;
	skb = netvsc_rx_alloc(ch, bytes);
	if (unlikely(!skb)) {
		netvsc_count_poll(ch, NETVSC_POLL_RX_NO_MEMORY);
		return;
	}
	if (likely(count == 1 && !skb_is_nonlinear(skb))) {
		netvsc_copy(skb->data, fragments->data, bytes);
		netvsc_rx_deliver(ch, skb, info);
		return;
	}
	for (i = 0; i < count; i++) {
		skb_store_bits(skb, at, fragments[i].data, fragments[i].bytes);
		at += fragments[i].bytes;
	}
	/*
	 * How the stack knows a segment that was coalesced outside of it: it must not be forwarded. TCP takes the value for
	 * the sender's segment size, which the host does not tell: its pieces are as long as its buffers. What fits the MTU.
	 */
	if (count > 1)
		skb_shinfo(skb)->gso_size = max_t(int, READ_ONCE(ch->nvdev->ndev->mtu) - NETVSC_RX_TCP_HEADER_BYTES, 1);
	netvsc_rx_deliver(ch, skb, info);
}

/*
 * A piece of a coalesced segment: pieces are consecutive ranges of one transfer packet, the first says what is true of the
 * whole.
 */
static int netvsc_rx_fragment(struct netvsc_channel *ch, const void *frame, u32 bytes, const struct rndis_pkt_rx *info,
			      struct rndis_pkt_rx *first)
{
	struct netvsc_rx *rx = &ch->rx;

	if (info->fragment_flags & RNDIS_PACKET_ID_FIRST) {
		rx->fragment_count = 0;
		rx->fragment_bytes = 0;
		*first = *info;
	} else if (!rx->fragment_count) {
		return -EPROTO;
	}
	if (rx->fragment_count == NVSP_MAX_RANGES_RSC || bytes > NETVSC_RX_MAX_FRAME_BYTES - rx->fragment_bytes) {
		rx->fragment_count = 0;
		return -EPROTO;
	}
	rx->fragments[rx->fragment_count].data = frame;
	rx->fragments[rx->fragment_count].bytes = bytes;
	rx->fragment_count++;
	rx->fragment_bytes += bytes;
	if (info->fragment_flags & RNDIS_PACKET_ID_LAST) {
		netvsc_rx_frame(ch, rx->fragments, rx->fragment_count, rx->fragment_bytes, first);
		rx->fragment_count = 0;
	}
	return 0;
}

/* An RNDIS packet message at @msg in the receive buffer, in a range of @bytes */
static int netvsc_rx_packet(struct netvsc_channel *ch, const void *msg, u32 bytes, struct rndis_pkt_rx *first)
{
	struct netvsc_rx_fragment whole;
	struct netvsc_rx *rx = &ch->rx;
	struct rndis_pkt_layout layout;
	struct rndis_pkt_rx info;
	int err;

	if (bytes < sizeof(rx->header))
		return -EPROTO;
	memcpy(&rx->header, msg, sizeof(rx->header));
	err = rndis_pkt_parse_header(&rx->header, bytes, &layout);
	if (err)
		return err;
	if (layout.ppi_bytes)
		netvsc_copy(rx->control, msg + layout.ppi_offset, layout.ppi_bytes);
	err = rndis_pkt_parse_ppi(rx->control, layout.ppi_bytes, &info);
	if (err)
		return err;
	err = rndis_pkt_check_frame(&layout, &info);
	if (err)
		return err;
	/* After the filter was cleared, what is still under way belongs to nobody. */
	if (!READ_ONCE(ch->nvdev->nv->receiving))
		return 0;

	if (info.fields & RNDIS_PKT_FRAGMENT)
		return netvsc_rx_fragment(ch, msg + layout.frame_offset, layout.frame_bytes, &info, first);
	whole.data = msg + layout.frame_offset;
	whole.bytes = layout.frame_bytes;
	netvsc_rx_frame(ch, &whole, 1, whole.bytes, &info);
	return 0;
}

/* An RNDIS control message in the receive buffer; only the primary channel carries them. */
static int netvsc_rx_control(struct netvsc_channel *ch, const void *msg, u32 bytes)
{
	u32 copied = min_t(u32, bytes, sizeof(ch->rx.control));
	int err = -EPROTO;

	if (!ch->index) {
		memcpy(ch->rx.control, msg, copied);
		err = rndis_receive(&ch->nvdev->rndis, ch->rx.control, copied);
	}
	if (err)
		netvsc_count_poll(ch, NETVSC_POLL_CONTROL_ERRORS);
	return err;
}

static int netvsc_rx_range(struct netvsc_channel *ch, const struct vmtransfer_page_range *range,
			   struct rndis_pkt_rx *first)
{
	const struct netvsc_bufs *bufs = &ch->nvdev->bufs;
	u32 offset = range->byte_offset, bytes = range->byte_count;
	struct rndis_header header;
	const void *msg;
	int err;

	if (offset > bufs->recv.bytes || bytes > bufs->recv.bytes - offset || bytes > bufs->recv_section_bytes ||
	    bytes < sizeof(header)) {
		netvsc_count_poll(ch, NETVSC_POLL_RX_ERRORS);
		return -EPROTO;
	}
	msg = bufs->recv.mem + offset;
	memcpy(&header, msg, sizeof(header));
	if (le32_to_cpu(header.type) != RNDIS_TYPE_PACKET)
		return netvsc_rx_control(ch, msg, bytes);
	err = netvsc_rx_packet(ch, msg, bytes, first);
	if (err)
		netvsc_count_poll(ch, NETVSC_POLL_RX_ERRORS);
	return err;
}

/**
 * netvsc_rx_receive() - take the RNDIS messages of one transfer-page packet
 * @nc:		channel it came on
 * @rcv:	its ranges
 *
 * Context: softirq, poll function.
 * Return: NVSP_STATUS_SUCCESS, or NVSP_STATUS_FAILURE if any of them was bad.
 */
u32 netvsc_rx_receive(struct nvsp_channel *nc, const struct nvsp_receive *rcv)
{
	struct netvsc_channel *ch = netvsc_channel(nc);
	u32 status = NVSP_STATUS_SUCCESS, i;
	struct rndis_pkt_rx first = { };

	if (unlikely(!ch->rx.debts))
		return NVSP_STATUS_FAILURE;
	ch->rx.fragment_count = 0;
	for (i = 0; i < rcv->range_count; i++) {
		if (netvsc_rx_range(ch, &rcv->ranges[i], &first))
			status = NVSP_STATUS_FAILURE;
	}
	if (ch->rx.fragment_count) {
		/* Its end must be in the same packet. */
		ch->rx.fragment_count = 0;
		netvsc_count_poll(ch, NETVSC_POLL_RX_ERRORS);
		status = NVSP_STATUS_FAILURE;
	}
	return status;
}

static void netvsc_take_nvsp_stats(struct netvsc_channel *ch)
{
	struct netvsc_poll_stats *stats = &ch->stats->poll;
	struct nvsp_channel_stats *found = &ch->nvsp.stats;

	if (likely(!found->bad_packet && !found->bad_completion))
		return;
	u64_stats_update_begin(&stats->syncp);
	u64_stats_add(&stats->count[NETVSC_POLL_BAD_PACKET], found->bad_packet);
	u64_stats_add(&stats->count[NETVSC_POLL_BAD_COMPLETION], found->bad_completion);
	u64_stats_update_end(&stats->syncp);
	memset(found, 0, sizeof(*found));
}

/**
 * netvsc_poll() - NAPI poll function of a channel
 * @napi:	of the channel
 * @budget:	frames to deliver; one transfer packet more than that is taken whole
 *
 * Context: softirq.
 * Return: @budget if there is more to do, less if the interrupt is enabled again or the retry work will come.
 */
int netvsc_poll(struct napi_struct *napi, int budget)
{
	struct netvsc_channel *ch = container_of(napi, struct netvsc_channel, napi);
	struct vmbus_channel *channel = ch->nvsp.channel;
	const struct vmpacket_descriptor *desc;
	u32 packets = 0;
	bool paid;
	int done;

	/* netpoll: transmit completions share the ring with receive, which must not be polled now. */
	if (unlikely(!budget))
		return 0;

	ch->rx.frames = 0;
	ch->rx.budget = budget;
	desc = hv_pkt_iter_first(channel);
	while (desc && netvsc_rx_can_owe(ch)) {
		nvsp_dispatch(&ch->nvsp, desc);
		packets++;
		desc = __hv_pkt_iter_next(channel, desc);
		if (ch->rx.frames >= budget)
			break;
	}
	/* What was consumed is the host's again; a packet that was only looked at comes again in the next round. */
	hv_pkt_iter_close(channel);

	netvsc_xdp_finish_poll(ch);
	paid = netvsc_rx_pay(ch);
	netvsc_tx_finish_poll(ch);
	netvsc_take_nvsp_stats(ch);

	if (unlikely(!paid))
		netvsc_schedule_retry(ch);
	if (desc && netvsc_rx_can_owe(ch))
		return budget;
	done = min_t(int, ch->rx.frames, budget - 1);
	if (!napi_complete_done(napi, done))
		return done;
	/* With no room for debts the ring must wait: the interrupt stays masked until the retry work comes. */
	if (desc)
		return done;
	ch->rx.idle_polls = packets ? 0 : ch->rx.idle_polls + 1;
	if (!hv_end_read(&channel->inbound)) {
		ch->rx.idle_polls = 0;
	} else if (ch->rx.idle_polls > NETVSC_RX_MAX_IDLE_POLLS) {
		/* Indices that promise packets where there are none must not keep a CPU busy. */
		netvsc_schedule_retry(ch);
	} else if (napi_schedule_prep(napi)) {
		hv_begin_read(&channel->inbound);
		__napi_schedule(napi);
	}
	return done;
}

/**
 * netvsc_channel_interrupt() - the host signalled the channel
 * @context:	struct netvsc_channel
 *
 * Context: hard interrupt, or softirq where the bus defers it.
 */
void netvsc_channel_interrupt(void *context)
{
	struct netvsc_channel *ch = context;

	if (napi_schedule_prep(&ch->napi)) {
		/* No more signals until the poll function has emptied the ring. */
		hv_begin_read(&ch->nvsp.channel->inbound);
		__napi_schedule(&ch->napi);
	}
}

/**
 * netvsc_retry() - run the poll function although the host did not signal
 * @work:	retry_work of a channel
 */
void netvsc_retry(struct work_struct *work)
{
	struct netvsc_channel *ch = container_of(work, struct netvsc_channel, retry_work.work);

	local_bh_disable();
	napi_schedule(&ch->napi);
	local_bh_enable();
}
