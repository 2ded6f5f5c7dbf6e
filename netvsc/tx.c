// SPDX-License-Identifier: GPL-2.0
/*
 * Transmit: an skb becomes an RNDIS packet message, copied to a send section together with its neighbours or sent as
 * pages; tx_done.c has what follows. Must not know how the device was set up. RNDIS PACKET, NVSP 107.
 *
 * A packet that was accepted from the stack is never handed back: if the ring is full it stays pending and the queue stops.
 * So everything is accounted for before the host can see, and complete, the packet.
 */
#include <linux/if_vlan.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/log2.h>
#include <linux/netpoll.h>
#include <linux/slab.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <linux/vmalloc.h>
#include <net/ip6_checksum.h>

#include "netvsc.h"
#include "rndis_pkt.h"

/* A header never crosses a page: it must lie inside one range, and then has one page number. */
#define NETVSC_TX_HEADER_BYTES		128

/* Transport header offsets have ten bits in the checksum and LSO records. */
#define NETVSC_MAX_L4_OFFSET		0x3ff

static_assert(RNDIS_PKT_MAX_HEADER_BYTES <= NETVSC_TX_HEADER_BYTES);

/**
 * netvsc_tx_init() - allocate the transmit side of a channel that is not open
 * @ch:		the channel, zeroed
 * @ring_bytes:	size of its outbound ring, which limits the packets in flight
 *
 * Context: may sleep.
 * Return: 0, -ENOMEM.
 */
int netvsc_tx_init(struct netvsc_channel *ch, u32 ring_bytes)
{
	struct netvsc_tx *tx = &ch->tx;
	u32 i;

	tx->slot_count = rounddown_pow_of_two(clamp_t(u32, ring_bytes / NETVSC_TX_RING_BYTES_PER_SLOT, 64,
						      NETVSC_TX_MAX_SLOTS));
	tx->max_ranges = NETVSC_TX_MAX_RANGES;
	tx->slots = kvcalloc(tx->slot_count, sizeof(*tx->slots), GFP_KERNEL);
	if (!tx->slots)
		return -ENOMEM;
	tx->free = kvcalloc(tx->slot_count, sizeof(*tx->free), GFP_KERNEL);
	if (!tx->free)
		goto free_slots;
	tx->headers = vzalloc(array_size(tx->slot_count, NETVSC_TX_HEADER_BYTES));
	if (!tx->headers)
		goto free_free;

	for (i = 0; i < tx->slot_count; i++) {
		struct netvsc_tx_slot *slot = &tx->slots[i];

		slot->section = NVSP_SEND_SECTION_NONE;
		slot->header = tx->headers + (size_t)i * NETVSC_TX_HEADER_BYTES;
		slot->header_pfn = virt_to_hvpfn(slot->header);
		tx->free[i] = i;
	}
	tx->free_tail = tx->slot_count;
	return 0;

free_free:
	kvfree(tx->free);
free_slots:
	kvfree(tx->slots);
	return -ENOMEM;
}

/**
 * netvsc_tx_free() - free the transmit side; nothing is in flight, see netvsc_tx_abort()
 * @ch:		the channel, closed
 */
void netvsc_tx_free(struct netvsc_channel *ch)
{
	vfree(ch->tx.headers);
	kvfree(ch->tx.free);
	kvfree(ch->tx.slots);
}

/**
 * netvsc_tx_outstanding() - packets that the host has not completed
 * @ch:		the channel
 *
 * Context: any; exact only while nobody transmits.
 * Return: slots in use.
 */
u32 netvsc_tx_outstanding(struct netvsc_channel *ch)
{
	struct netvsc_tx *tx = &ch->tx;

	/* The acquire pairs with the release in netvsc_tx_slot_put(). */
	return tx->slot_count - (smp_load_acquire(&tx->free_tail) - READ_ONCE(tx->free_head));
}

static bool netvsc_tx_has_slot(struct netvsc_tx *tx)
{
	/* Acquire: the slot's number and content before its use; pairs with netvsc_tx_slot_put(). */
	return smp_load_acquire(&tx->free_tail) != tx->free_head;
}

/* Only after netvsc_tx_has_slot() */
static struct netvsc_tx_slot *netvsc_tx_slot_get(struct netvsc_tx *tx)
{
	struct netvsc_tx_slot *slot = &tx->slots[tx->free[tx->free_head & (tx->slot_count - 1)]];

	WRITE_ONCE(tx->free_head, tx->free_head + 1);
	slot->bytes = 0;
	slot->skbs = 0;
	slot->packets = 0;
	slot->skb = NULL;
	slot->section = NVSP_SEND_SECTION_NONE;
	return slot;
}

static void netvsc_tx_stop(struct netvsc_channel *ch)
{
	struct netdev_queue *txq = netvsc_tx_queue(ch);

	if (netif_tx_queue_stopped(txq))
		return;
	netif_tx_stop_queue(txq);
	netvsc_count_xmit(ch, NETVSC_XMIT_STOP_QUEUE);
}

/* Put what is pending into the ring. The slot is not looked into: the host may complete it at any moment. */
static void netvsc_tx_send_pending(struct netvsc_channel *ch)
{
	struct netvsc_tx *tx = &ch->tx;
	u64 xid = nvsp_xid(NVSP_XID_DATA, tx->pending.use, tx->pending.slot - tx->slots);
	int err;

	if (tx->pending.section != NVSP_SEND_SECTION_NONE)
		err = nvsp_send_section(&ch->nvsp, tx->pending.section, tx->pending.bytes, xid);
	else
		err = nvsp_send_pages(&ch->nvsp, (struct vmbus_packet_mpb_array *)tx->desc, tx->pending.bytes, xid);
	if (err == -EAGAIN) {
		/* Nothing tells us when the host has made room. */
		netvsc_count_xmit(ch, NETVSC_XMIT_NO_SPACE);
		netvsc_tx_stop(ch);
		netvsc_schedule_retry(ch);
		return;
	}
	tx->pending.slot = NULL;
	/* Rescinded: the slot keeps what it holds until the channel is closed. */
	if (err)
		netvsc_tx_stop(ch);
}

/* Send a packet whose slot is filled; @bytes of its section or of tx->desc. It may end up pending. */
static void netvsc_tx_send(struct netvsc_channel *ch, struct netvsc_tx_slot *slot, u32 bytes)
{
	struct netvsc_tx *tx = &ch->tx;

	tx->pending.slot = slot;
	tx->pending.section = slot->section;
	tx->pending.bytes = bytes;
	tx->pending.use = ++tx->last_use ?: ++tx->last_use;
	/* From here on the poll function may release the slot: release orders everything it will read before this. */
	smp_store_release(&slot->use, tx->pending.use);
	netvsc_tx_send_pending(ch);
}

/* Close the batch and send it; false if it is pending */
static bool netvsc_tx_flush(struct netvsc_channel *ch)
{
	struct netvsc_tx *tx = &ch->tx;
	struct netvsc_tx_slot *slot = tx->batch.slot;

	if (!slot)
		return true;
	WRITE_ONCE(tx->batch.slot, NULL);
	netvsc_tx_send(ch, slot, tx->batch.bytes);
	return !tx->pending.slot;
}

/* The host drops frames with an inline tag: move it to where per-packet info takes it from. */
static int netvsc_tx_untag(struct sk_buff *skb)
{
	u16 tci;
	int err;

	if (skb_vlan_tag_present(skb) || !pskb_may_pull(skb, VLAN_ETH_HLEN))
		return 0;
	if (((struct ethhdr *)skb->data)->h_proto != htons(ETH_P_8021Q))
		return 0;
	skb_reset_mac_header(skb);
	err = __skb_vlan_pop(skb, &tci);
	if (!err)
		__vlan_hwaccel_put_tag(skb, htons(ETH_P_8021Q), tci);
	return err;
}

/* LSOv2 wants lengths of zero, and the pseudo header's sum without the length. */
static int netvsc_tx_prepare_lso(struct sk_buff *skb, struct rndis_pkt_tx *pkt)
{
	bool ipv6 = skb_shinfo(skb)->gso_type & SKB_GSO_TCPV6;

	if (!(skb_shinfo(skb)->gso_type & (SKB_GSO_TCPV4 | SKB_GSO_TCPV6)) ||
	    skb_transport_offset(skb) > NETVSC_MAX_L4_OFFSET)
		return -EINVAL;
	if (skb_cow_head(skb, 0))
		return -ENOMEM;
	if (ipv6) {
		tcp_v6_gso_csum_prep(skb);
	} else {
		struct iphdr *ip = ip_hdr(skb);

		ip->tot_len = 0;
		ip->check = 0;
		tcp_hdr(skb)->check = ~csum_tcpudp_magic(ip->saddr, ip->daddr, 0, IPPROTO_TCP, 0);
	}
	pkt->fields |= RNDIS_PKT_LSO;
	pkt->lso = rndis_pkt_lso(ipv6, skb_transport_offset(skb), skb_shinfo(skb)->gso_size);
	return 0;
}

static int netvsc_tx_prepare_csum(struct netvsc_device *nvdev, struct sk_buff *skb, struct rndis_pkt_tx *pkt)
{
	bool ipv6 = vlan_get_protocol(skb) == htons(ETH_P_IPV6);
	bool tcp = skb->csum_offset == offsetof(struct tcphdr, check);
	bool udp = skb->csum_offset == offsetof(struct udphdr, check);
	int offset = skb_checksum_start_offset(skb);
	u32 needs = 0;

	if (tcp)
		needs = ipv6 ? NETVSC_OFFLOAD_TCP6 : NETVSC_OFFLOAD_TCP4;
	else if (udp)
		needs = ipv6 ? NETVSC_OFFLOAD_UDP6 : NETVSC_OFFLOAD_UDP4;
	if (!(nvdev->offload.bits & needs) || offset > NETVSC_MAX_L4_OFFSET)
		return skb_checksum_help(skb);
	pkt->fields |= RNDIS_PKT_CSUM;
	pkt->csum = rndis_pkt_csum(ipv6, tcp, offset);
	return 0;
}

/* Everything that may still change the skb, and what its message will say. May run twice for one skb. */
static int netvsc_tx_prepare(struct netvsc_channel *ch, struct sk_buff *skb, struct rndis_pkt_tx *pkt)
{
	int err = 0;

	if (netvsc_tx_untag(skb)) {
		netvsc_count_xmit(ch, NETVSC_XMIT_VLAN_ERROR);
		return -EINVAL;
	}
	if (skb_vlan_tag_present(skb)) {
		pkt->fields |= RNDIS_PKT_VLAN;
		pkt->vlan_tci = skb_vlan_tag_get(skb);
	}
	if (skb_is_gso(skb))
		err = netvsc_tx_prepare_lso(skb, pkt);
	else if (skb->ip_summed == CHECKSUM_PARTIAL)
		err = netvsc_tx_prepare_csum(ch->nvdev, skb, pkt);
	if (err == -ENOMEM)
		netvsc_count_xmit(ch, NETVSC_XMIT_NO_MEMORY);
	if (err)
		return err;
	/* With more than one channel the host wants to know which flow a packet belongs to. */
	if (ch->nvdev->channel_count > 1 && skb->hash) {
		pkt->fields |= RNDIS_PKT_HASH;
		pkt->hash = skb_get_hash_raw(skb);
	}
	pkt->frame_bytes = skb->len;
	return 0;
}

/* Frames on the wire, and their bytes, that come of an skb */
static void netvsc_tx_wire_size(const struct sk_buff *skb, u32 *packets, u32 *bytes)
{
	*packets = 1;
	*bytes = skb->len;
	if (skb_is_gso(skb) && skb_shinfo(skb)->gso_segs > 1) {
		*packets = skb_shinfo(skb)->gso_segs;
		*bytes += (*packets - 1) * (skb_transport_offset(skb) + tcp_hdrlen(skb));
	}
}

/* Account what one skb, or frame of XDP, is on the wire to the slot that will carry it. */
static void netvsc_tx_account(struct netvsc_channel *ch, struct netvsc_tx_slot *slot, u32 packets, u32 bytes, bool more)
{
	slot->skbs++;
	slot->packets += packets;
	slot->bytes += bytes;
	__netdev_tx_sent_queue(netvsc_tx_queue(ch), bytes, more);
}

/* Whether a message of @bytes can join the open batch */
static bool netvsc_tx_fits_batch(struct netvsc_channel *ch, u32 bytes)
{
	const struct netvsc_device *nvdev = ch->nvdev;
	const struct netvsc_tx *tx = &ch->tx;
	u32 room = nvdev->bufs.send_section_bytes;

	return tx->batch.slot && tx->batch.count < nvdev->rndis.max_packets &&
	       tx->batch.bytes + bytes + nvdev->rndis.packet_alignment <= room &&
	       tx->batch.bytes + bytes + nvdev->rndis.packet_alignment <= nvdev->rndis.max_transfer_bytes;
}

/* Open a new batch; there is a slot, and none is open. False if all sections are in use. */
static bool netvsc_tx_open_batch(struct netvsc_channel *ch)
{
	struct netvsc_tx *tx = &ch->tx;
	u32 section = netvsc_send_section_get(&ch->nvdev->bufs, &tx->section_hint);

	if (section == NVSP_SEND_SECTION_NONE) {
		netvsc_count_xmit(ch, NETVSC_XMIT_SEND_FULL);
		return false;
	}
	WRITE_ONCE(tx->batch.slot, netvsc_tx_slot_get(tx));
	tx->batch.slot->section = section;
	tx->batch.bytes = 0;
	tx->batch.count = 0;
	return true;
}

/* Whether the host has so much to do that more at once is better than more at a time. The open batch has a slot, too. */
static bool netvsc_tx_is_busy(struct netvsc_channel *ch)
{
	return netvsc_tx_outstanding(ch) > NETVSC_TX_CORK_PACKETS;
}

/*
 * Put the header of a message, and its padding, behind the messages of the batch, and count it. @more: another one may follow.
 * Returns where the frame goes.
 */
static u8 *netvsc_tx_add_message(struct netvsc_channel *ch, struct rndis_pkt_tx *pkt, u32 header_bytes, bool more)
{
	struct netvsc_device *nvdev = ch->nvdev;
	struct netvsc_tx *tx = &ch->tx;
	u32 bytes = header_bytes + pkt->frame_bytes;
	u8 *to;

	/* The next message must begin aligned, and only the message before it can make it so. */
	if (more && tx->batch.count + 1 < nvdev->rndis.max_packets)
		pkt->padding_bytes = ALIGN(bytes, nvdev->rndis.packet_alignment) - bytes;

	to = netvsc_send_section(&nvdev->bufs, tx->batch.slot->section) + tx->batch.bytes;
	to += rndis_pkt_build(to, pkt);
	memset(to + pkt->frame_bytes, 0, pkt->padding_bytes);
	tx->batch.bytes += bytes + pkt->padding_bytes;
	if (tx->batch.count++)
		netvsc_count_xmit(ch, NETVSC_XMIT_AGGREGATED);
	return to;
}

/* Copy a packet behind those of the batch, and close that unless another one may follow */
static void netvsc_tx_copy(struct netvsc_channel *ch, struct sk_buff *skb, struct rndis_pkt_tx *pkt, u32 header_bytes)
{
	struct netvsc_tx *tx = &ch->tx;
	bool more = netdev_xmit_more();
	u32 packets, bytes;
	u8 *to;

	to = netvsc_tx_add_message(ch, pkt, header_bytes, more || netvsc_tx_is_busy(ch));
	if (skb_is_nonlinear(skb))
		skb_copy_bits(skb, 0, to, skb->len);
	else
		netvsc_copy(to, skb->data, skb->len);
	skb_tx_timestamp(skb);
	netvsc_tx_wire_size(skb, &packets, &bytes);
	netvsc_tx_account(ch, tx->batch.slot, packets, bytes, more);
	if (tx->batch.count >= ch->nvdev->rndis.max_packets)
		netvsc_tx_flush(ch);
	dev_consume_skb_any(skb);
}

/*
 * Append @bytes at @offset into the page of @pfn, whose followers are contiguous: one range, where the kernel's bus can
 * send such. NULL: no room
 */
static u8 *netvsc_tx_add_range(struct netvsc_tx *tx, u8 *at, u64 pfn, u32 offset, u32 bytes)
{
	struct vmbus_packet_mpb_array *desc = (struct vmbus_packet_mpb_array *)tx->desc;

	pfn += HVPFN_DOWN(offset);
	offset &= ~HV_HYP_PAGE_MASK;
	while (bytes) {
		struct hv_mpb_array *range = (struct hv_mpb_array *)at;
		u32 part = compat_range_bytes(offset, bytes), pages = HVPFN_UP(offset + part), i;

		if (desc->rangecount >= tx->max_ranges ||
		    struct_size(range, pfn_array, pages) > tx->desc + sizeof(tx->desc) - at)
			return NULL;
		range->len = part;
		range->offset = offset;
		for (i = 0; i < pages; i++)
			range->pfn_array[i] = pfn + i;
		at += struct_size(range, pfn_array, pages);
		desc->rangecount++;
		pfn += pages;
		offset = 0;
		bytes -= part;
	}
	return at;
}

/*
 * Describe header and frame as ranges in tx->desc. Linear data and fragments are physically contiguous, one range each,
 * however many pages. Returns the length of the descriptor, 0 if it does not fit.
 */
static u32 netvsc_tx_describe(struct netvsc_tx *tx, const struct netvsc_tx_slot *slot, u32 header_bytes,
			      const struct sk_buff *skb)
{
	struct vmbus_packet_mpb_array *desc = (struct vmbus_packet_mpb_array *)tx->desc;
	u8 *at = tx->desc + offsetof(struct vmbus_packet_mpb_array, range);
	unsigned int i;

	if (skb_has_frag_list(skb))
		return 0;
	desc->rangecount = 0;
	at = netvsc_tx_add_range(tx, at, slot->header_pfn, offset_in_hvpage(slot->header), header_bytes);
	if (at && skb_headlen(skb))
		at = netvsc_tx_add_range(tx, at, virt_to_hvpfn(skb->data), offset_in_hvpage(skb->data),
					 skb_headlen(skb));
	for (i = 0; at && i < skb_shinfo(skb)->nr_frags; i++) {
		const skb_frag_t *frag = &skb_shinfo(skb)->frags[i];

		at = netvsc_tx_add_range(tx, at, page_to_hvpfn(skb_frag_page(frag)), skb_frag_off(frag),
					 skb_frag_size(frag));
	}
	return at ? at - tx->desc : 0;
}

/* Send a packet as pages; there is a slot, and nothing is open or pending */
static int netvsc_tx_pages(struct netvsc_channel *ch, struct sk_buff *skb, struct rndis_pkt_tx *pkt)
{
	struct netvsc_tx *tx = &ch->tx;
	/* Not taken yet: it stays the next one if the packet cannot be described. */
	struct netvsc_tx_slot *slot = &tx->slots[tx->free[tx->free_head & (tx->slot_count - 1)]];
	u32 header_bytes = rndis_pkt_header_bytes(pkt->fields), desc_bytes, packets, bytes;

	desc_bytes = netvsc_tx_describe(tx, slot, header_bytes, skb);
	if (!desc_bytes) {
		netvsc_count_xmit(ch, NETVSC_XMIT_SCATTERED);
		if (skb_linearize(skb)) {
			netvsc_count_xmit(ch, NETVSC_XMIT_NO_MEMORY);
			return -ENOMEM;
		}
		desc_bytes = netvsc_tx_describe(tx, slot, header_bytes, skb);
	}
	if (!desc_bytes) {
		netvsc_count_xmit(ch, NETVSC_XMIT_TOO_BIG);
		return -E2BIG;
	}

	slot = netvsc_tx_slot_get(tx);
	rndis_pkt_build(slot->header, pkt);
	slot->skb = skb;
	skb_tx_timestamp(skb);
	netvsc_tx_wire_size(skb, &packets, &bytes);
	netvsc_tx_account(ch, slot, packets, bytes, netdev_xmit_more());
	netvsc_tx_send(ch, slot, desc_bytes);
	return 0;
}

/* Stop the queue when the next packet could not be taken, and look again: a completion may have come in between. */
static void netvsc_tx_stop_if_full(struct netvsc_channel *ch)
{
	struct netvsc_tx *tx = &ch->tx;

	if (likely(netvsc_tx_has_slot(tx)) || tx->pending.slot)
		return;
	netvsc_tx_stop(ch);
	/* Pairs with the barrier in netvsc_tx_finish_poll(): one of us sees what the other has done. */
	smp_mb();
	if (netvsc_tx_has_slot(tx))
		netif_tx_start_queue(netvsc_tx_queue(ch));
}

/* For a packet of its own: -E2BIG, and the open batch is sent and there is a slot; -EBUSY: it must come again. */
static int netvsc_tx_make_way(struct netvsc_channel *ch)
{
	return netvsc_tx_flush(ch) && netvsc_tx_has_slot(&ch->tx) ? -E2BIG : -EBUSY;
}

/*
 * Have a batch open that a message of @bytes can join. -EBUSY: it must come again; -E2BIG: it fits no section; -ENOSPC: no section
 * is free. After the latter two there is a slot, and nothing is open or pending.
 */
static int netvsc_tx_make_room(struct netvsc_channel *ch, u32 bytes)
{
	struct netvsc_device *nvdev = ch->nvdev;

	if (netvsc_tx_fits_batch(ch, bytes))
		return 0;
	/* It needs a packet of its own, behind the open one. */
	if (netvsc_tx_make_way(ch) == -EBUSY)
		return -EBUSY;
	if (bytes + nvdev->rndis.packet_alignment > nvdev->bufs.send_section_bytes)
		return -E2BIG;
	return netvsc_tx_open_batch(ch) ? 0 : -ENOSPC;
}

/*
 * Whether the open batch can wait for more frames: the host has enough to do, and will tell when it has done some of it, which
 * is when netvsc_tx_finish_poll() sends the batch.
 */
static bool netvsc_tx_may_wait(struct netvsc_channel *ch)
{
	struct netvsc_tx *tx = &ch->tx;

	/* What was not padded may have nothing behind it. */
	if (!tx->batch.slot || !IS_ALIGNED(tx->batch.bytes, ch->nvdev->rndis.packet_alignment) || tx->pending.slot ||
	    netif_xmit_stopped(netvsc_tx_queue(ch)) || !netvsc_tx_is_busy(ch))
		return false;
	/* A message of netpoll may be the kernel's last. */
	if (unlikely(netpoll_tx_running(ch->nvdev->ndev)))
		return false;
	/* A host that forgets what it was sent must not keep what is behind it: not longer than until the next poll. */
	if (!delayed_work_pending(&ch->retry_work))
		netvsc_schedule_retry(ch);
	/* Pairs with the barrier in netvsc_tx_finish_poll(): it sees the batch, or we see that all has come back. */
	smp_mb();
	return netvsc_tx_outstanding(ch) > 1;
}

/*
 * Whether a frame is copied to a send section, if there is one, rather than sent as pages. In a run of frames one packet with
 * one completion for several of them is cheaper than leaving them where they are; alone, only a short one is.
 */
static bool netvsc_tx_is_copied(struct netvsc_channel *ch, const struct sk_buff *skb, u32 header_bytes)
{
	u32 copybreak = READ_ONCE(ch->nvdev->nv->tx_copybreak);

	if (skb->len <= copybreak)
		return true;
	/* A user who sets it to 0 wants none copied. */
	return copybreak && !skb_is_gso(skb) && (netdev_xmit_more() || netvsc_tx_fits_batch(ch, header_bytes + skb->len));
}

/* Take one skb: 0 and it is ours, -EBUSY if it must come again, else it must be dropped. */
static int netvsc_tx_take(struct netvsc_channel *ch, struct sk_buff *skb)
{
	struct rndis_pkt_tx pkt = { };
	struct netvsc_tx *tx = &ch->tx;
	u32 header_bytes;
	int err;

	if (unlikely(tx->pending.slot || (!tx->batch.slot && !netvsc_tx_has_slot(tx))))
		return -EBUSY;
	if (unlikely(skb->len < ETH_HLEN))
		return -EINVAL;
	err = netvsc_tx_prepare(ch, skb, &pkt);
	if (err)
		return err;
	header_bytes = rndis_pkt_header_bytes(pkt.fields);

	if (netvsc_tx_is_copied(ch, skb, header_bytes))
		err = netvsc_tx_make_room(ch, header_bytes + skb->len);
	else
		err = netvsc_tx_make_way(ch);
	if (err == -EBUSY)
		return err;
	if (!err) {
		netvsc_tx_copy(ch, skb, &pkt, header_bytes);
		return 0;
	}
	return netvsc_tx_pages(ch, skb, &pkt);
}

/**
 * netvsc_start_xmit() - ndo_start_xmit
 * @skb:	frame
 * @ndev:	the NIC
 *
 * Context: transmit queue lock held, BH disabled.
 * Return: NETDEV_TX_OK, or NETDEV_TX_BUSY when the ring or all slots are full; then the queue is stopped.
 */
netdev_tx_t netvsc_start_xmit(struct sk_buff *skb, struct net_device *ndev)
{
	struct netvsc *nv = netdev_priv(ndev);
	struct netvsc_device *nvdev = rcu_dereference_bh(nv->nvdev);
	struct net_device *slave;
	struct netvsc_channel *ch;
	int err;

	/* One queue, one channel: its lock is the channel's. */
	if (unlikely(!nvdev || skb_get_queue_mapping(skb) >= nvdev->channel_count)) {
		dev_kfree_skb_any(skb);
		return NETDEV_TX_OK;
	}
	ch = nvdev->channels[skb_get_queue_mapping(skb)];
	if (unlikely(nv->tx_disabled)) {
		/* Perhaps in the middle of a run: who disables waits for this lock, and then for what was sent. */
		netvsc_tx_flush(ch);
		dev_kfree_skb_any(skb);
		return NETDEV_TX_OK;
	}
	slave = netvsc_vf_carrier(nv);
	if (slave) {
		/* The path changed within a run of packets. */
		netvsc_tx_flush(ch);
		return netvsc_vf_xmit(nv, slave, skb);
	}

	err = netvsc_tx_take(ch, skb);
	if (unlikely(err == -EBUSY)) {
		netvsc_count_xmit(ch, NETVSC_XMIT_BUSY);
		netvsc_tx_stop_if_full(ch);
		return NETDEV_TX_BUSY;
	}
	if (unlikely(err)) {
		netvsc_count_xmit(ch, NETVSC_XMIT_DROPPED);
		dev_kfree_skb_any(skb);
	}
	netvsc_tx_stop_if_full(ch);
	/* Also a packet that was dropped may have been the last of several; and a stopped queue announces no more. */
	if ((!netdev_xmit_more() || netif_xmit_stopped(netvsc_tx_queue(ch))) && !netvsc_tx_may_wait(ch))
		netvsc_tx_flush(ch);
	return NETDEV_TX_OK;
}

/**
 * netvsc_tx_frame() - queue a frame that is no skb: it is copied and goes with netvsc_tx_push()
 * @ch:		the channel
 * @frame:	its Ethernet header
 * @bytes:	its length
 *
 * Context: BH disabled, transmit queue's lock held.
 * Return: 0; -EBUSY: the ring, all slots or all sections are full; -EINVAL, -E2BIG, -ENETDOWN.
 */
int netvsc_tx_frame(struct netvsc_channel *ch, const void *frame, u32 bytes)
{
	struct rndis_pkt_tx pkt = { .frame_bytes = bytes };
	u32 header_bytes = rndis_pkt_header_bytes(0);
	struct netvsc_tx *tx = &ch->tx;
	int err;

	if (unlikely(ch->nvdev->nv->tx_disabled))
		return -ENETDOWN;
	if (unlikely(bytes < ETH_HLEN))
		return -EINVAL;
	if (unlikely(tx->pending.slot || (!tx->batch.slot && !netvsc_tx_has_slot(tx))))
		return -EBUSY;
	err = netvsc_tx_make_room(ch, header_bytes + bytes);
	if (unlikely(err))
		return err == -E2BIG ? err : -EBUSY;
	memcpy(netvsc_tx_add_message(ch, &pkt, header_bytes, true), frame, bytes);
	netvsc_tx_account(ch, tx->batch.slot, 1, bytes, true);
	return 0;
}

/**
 * netvsc_tx_push() - send what netvsc_tx_frame() has queued
 * @ch:		the channel
 *
 * Context: BH disabled, transmit queue's lock held.
 */
void netvsc_tx_push(struct netvsc_channel *ch)
{
	netvsc_tx_flush(ch);
	netvsc_tx_stop_if_full(ch);
}

/**
 * netvsc_tx_resume() - try again to send what is pending, or else send the open batch
 * @ch:		the channel
 *
 * Context: BH disabled, transmit queue's lock held.
 */
void netvsc_tx_resume(struct netvsc_channel *ch)
{
	if (ch->tx.pending.slot)
		netvsc_tx_send_pending(ch);
	else
		netvsc_tx_flush(ch);
}
