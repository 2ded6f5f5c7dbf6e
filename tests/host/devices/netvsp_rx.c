// SPDX-License-Identifier: GPL-2.0
/*
 * Network to guest: frames and control messages are written into suballocations of the receive
 * buffer at once, gathered until the end of the loop's turn, and sent as few transfer-page packets
 * with one signal. Without a free suballocation a bounded number of frames waits.
 */
#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <hyperv/ndis.h>
#include <hyperv/rndis.h>

#include "../hyperv/util.h"
#include "bytes.h"
#include "netvsp_internal.h"
#include "offload_sw.h"
#include "rndis_packet.h"

/* Where the frame begins in a suballocation: behind the header and any records, aligned. */
#define NETVSP_DATA_OFFSET 128u
#define ETH_TYPE_IPV4	      0x0800
#define ETH_TYPE_IPV6	      0x86dd
#define ETH_TYPE_VLAN	      0x8100
#define TRANSFER_HEADER_BYTES \
	(sizeof(struct vmbus_packet_transfer_pages) - sizeof(struct vmbus_packet))

static uint32_t netvsp_align8(uint32_t bytes)
{
	return (bytes + 7) & ~7u;
}

/* Return: the checksum verdict as far as the guest has asked for it. */
static uint32_t netvsp_checksum_flags(const struct netvsp *n, const uint8_t *frame, size_t bytes)
{
	const struct rndis_offloads *on = &n->rndis.offloads;
	bool ipv6 = get_be16(frame + 12) == ETH_TYPE_IPV6;
	uint32_t wanted = 0;

	if (ipv6 ? on->rx_tcp6 : on->rx_tcp4)
		wanted |= RNDIS_RX_CSUM_TCP_GOOD | RNDIS_RX_CSUM_TCP_FAILED;
	if (ipv6 ? on->rx_udp6 : on->rx_udp4)
		wanted |= RNDIS_RX_CSUM_UDP_GOOD | RNDIS_RX_CSUM_UDP_FAILED;
	if (on->rx_ip4_header)
		wanted |= RNDIS_RX_CSUM_IP_GOOD | RNDIS_RX_CSUM_IP_FAILED;
	return wanted ? offload_receive(frame, bytes) & wanted : 0;
}

/* The record of a piece of a coalesced segment, as a number. */
static uint32_t netvsp_packet_id(bool first, bool last)
{
	return 1u | (uint32_t)(RNDIS_PACKET_ID_SUBALLOCATION | (first ? RNDIS_PACKET_ID_FIRST : 0) |
			       (last ? RNDIS_PACKET_ID_LAST : 0))
			    << 8;
}

/* Bytes of a frame that fit one suballocation. */
static uint32_t netvsp_sub_room(const struct netvsp *n)
{
	return n->receive.sub_bytes - NETVSP_DATA_OFFSET - NVS_SUB_TAIL_BYTES;
}

/* Ranges that fit one packet: half the ring at most, so that one page of ring is enough. */
static unsigned int netvsp_range_limit(const struct netvsp_queue *q, unsigned int most)
{
	uint32_t room = vmbus_chan_out_size(q->chan) / 2, fixed;

	fixed = sizeof(struct vmbus_packet_transfer_pages) + NVSP_MSG_BYTES +
		VMBUS_PACKET_TRAILER_BYTES;
	if (room <= fixed + sizeof(struct vmbus_transfer_range))
		return 1;
	room = (room - fixed) / sizeof(struct vmbus_transfer_range);
	return room < most ? room : most;
}

/* One message with a frame, or a piece of one. Return: false if guest memory cannot be written. */
static bool netvsp_fill_one(struct netvsp_queue *q, const uint8_t *data, uint32_t bytes,
			    const struct rndis_ppis *ppis, bool more)
{
	uint32_t message_bytes = netvsp_align8(NETVSP_DATA_OFFSET + bytes);
	uint8_t header[NETVSP_DATA_OFFSET];
	struct netvsp *n = q->nic;
	uint32_t sub = nvs_receive_alloc(&n->receive, false);

	rndis_packet_build(header, NETVSP_DATA_OFFSET, bytes, message_bytes, ppis);
	if (nvs_receive_write(&n->receive, sub, 0, header, sizeof(header)) ||
	    nvs_receive_write(&n->receive, sub, NETVSP_DATA_OFFSET, data, bytes)) {
		hv_violation(n->server, "nvsp-buffer", "%s: receive buffer outside guest memory",
			     n->params.name);
		nvs_receive_free(&n->receive, sub);
		return false;
	}
	q->data[q->nr_data].sub = sub;
	q->data[q->nr_data].bytes = message_bytes;
	q->data[q->nr_data].more = more;
	q->nr_data++;
	return true;
}

/*
 * Fill as many suballocations as the frame needs; more than one only for a coalesced segment.
 * Return: false if it cannot be delivered to suballocations now.
 */
static bool netvsp_fill(struct netvsp_queue *q, const uint8_t *frame, size_t bytes,
			const struct rndis_ppis *ppis)
{
	unsigned int pieces, i, first = q->nr_data;
	struct rndis_ppis piece_ppis = *ppis;
	struct netvsp *n = q->nic;
	uint32_t room = netvsp_sub_room(n), at = 0, share;

	pieces = (unsigned int)((bytes + room - 1) / room);
	if (pieces > ARRAY_SIZE(q->data) - q->nr_data || pieces > n->receive.free_data)
		return false;
	for (i = 0; i < pieces; i++) {
		share = bytes - at < room ? (uint32_t)bytes - at : room;
		if (pieces > 1) {
			/* What is said of the frame is said with its first piece. */
			if (i)
				memset(&piece_ppis, 0, sizeof(piece_ppis));
			piece_ppis.has_packet_id = true;
			piece_ppis.packet_id = netvsp_packet_id(i == 0, i == pieces - 1);
		}
		if (!netvsp_fill_one(q, frame + at, share, &piece_ppis, i + 1 < pieces)) {
			while (q->nr_data > first)
				nvs_receive_free(&n->receive, q->data[--q->nr_data].sub);
			n->count.rx_dropped++;
			return true;
		}
		at += share;
	}
	q->rx_frames++;
	n->count.rx_frames++;
	n->count.rx_bytes += bytes;
	return true;
}

static void netvsp_wait(struct netvsp_queue *q, const uint8_t *frame, size_t bytes,
			const struct rndis_ppis *ppis)
{
	struct netvsp_waiting *waiting;
	struct netvsp *n = q->nic;

	if (q->nr_backlog == NETVSP_BACKLOG) {
		n->count.rx_dropped++;
		return;
	}
	waiting = malloc(sizeof(*waiting) + bytes);
	if (!waiting) {
		n->count.rx_dropped++;
		return;
	}
	waiting->next = NULL;
	waiting->ppis = *ppis;
	waiting->bytes = bytes;
	memcpy(waiting->frame, frame, bytes);
	*q->backlog_end = waiting;
	q->backlog_end = &waiting->next;
	q->nr_backlog++;
	n->count.rx_waited++;
}

static void netvsp_deliver(struct netvsp_queue *q, const uint8_t *frame, size_t bytes,
			   const struct rndis_ppis *ppis)
{
	if (q->backlog || !netvsp_fill(q, frame, bytes, ppis))
		netvsp_wait(q, frame, bytes, ppis);
}

/* ---------------------------------------------------------------- coalescing */

/* Give away what is held. */
static void netvsp_coalesced(struct netvsp_queue *q)
{
	struct rndis_ppis ppis = q->coalesce_ppis;
	struct coalesce *c = q->coalesce;

	if (!c || !c->bytes)
		return;
	if (c->segments > 1) {
		/* The checksums were right for each segment; those in the headers are the first's. */
		coalesce_finish(c);
		ppis.has_checksum = true;
		ppis.checksum = RNDIS_RX_CSUM_TCP_GOOD | RNDIS_RX_CSUM_TCP_VALUE_INVALID;
		if (get_be16(c->frame + 12) == ETH_TYPE_IPV4)
			ppis.checksum |= RNDIS_RX_CSUM_IP_GOOD | RNDIS_RX_CSUM_IP_VALUE_INVALID;
		q->nic->count.rx_coalesced++;
		q->nic->count.rx_coalesced_segments += c->segments;
	}
	netvsp_deliver(q, c->frame, c->bytes, &ppis);
	c->bytes = 0;
}

static bool netvsp_is_same_tag(const struct rndis_ppis *a, const struct rndis_ppis *b)
{
	return a->has_vlan == b->has_vlan && (!a->has_vlan || a->vlan == b->vlan);
}

/* Return: true if the frame is held for others to join it. */
static bool netvsp_coalesce(struct netvsp_queue *q, const uint8_t *frame, size_t bytes,
			    const struct rndis_ppis *ppis)
{
	const struct rndis_offloads *on = &q->nic->rndis.offloads;
	uint32_t room = netvsp_sub_room(q->nic);
	unsigned int pieces;

	if (get_be16(frame + 12) == ETH_TYPE_IPV6 ? !on->rsc6 || !on->rx_tcp6
						  : !on->rsc4 || !on->rx_tcp4)
		return false;
	if (!coalesce_can_hold(frame, bytes) ||
	    offload_receive(frame, bytes) &
		    (RNDIS_RX_CSUM_TCP_FAILED | RNDIS_RX_CSUM_IP_FAILED))
		return false;
	if (!q->coalesce)
		q->coalesce = xcalloc(1, sizeof(*q->coalesce));
	/* All pieces have to fit one packet. */
	pieces = (unsigned int)((q->coalesce->bytes + bytes + room - 1) / room);
	if (q->coalesce->bytes && netvsp_is_same_tag(&q->coalesce_ppis, ppis) &&
	    pieces <= netvsp_range_limit(q, NVSP_MAX_RANGES_RSC) &&
	    pieces < q->nic->receive.count / 4 && coalesce_add(q->coalesce, frame, bytes))
		return true;
	netvsp_coalesced(q);
	q->coalesce_ppis = *ppis;
	return coalesce_add(q->coalesce, frame, bytes);
}

/* ---------------------------------------------------------------- from the network */

static void netvsp_filtered(struct netvsp *n, const uint8_t *frame)
{
	static const uint8_t broadcast[6] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };

	n->count.rx_filtered++;
	if (!memcmp(frame, broadcast, sizeof(broadcast)))
		n->count.rx_filtered_broadcast++;
	else if (frame[0] & 1)
		n->count.rx_filtered_multicast++;
	else
		n->count.rx_filtered_directed++;
}

/* Tags travel beside the frame. Return: where the frame begins without its tag, in @untagged. */
static const uint8_t *netvsp_take_tag(const uint8_t *frame, size_t *bytes, uint8_t *untagged,
				      struct rndis_ppis *ppis)
{
	uint16_t tag = get_be16(frame + 14);

	ppis->has_vlan = true;
	ppis->vlan = (uint32_t)(tag >> 13 & RNDIS_VLAN_PRIORITY_MASK) |
		     (tag & 1 << 12 ? RNDIS_VLAN_CFI : 0) |
		     (tag & RNDIS_VLAN_ID_MASK) << RNDIS_VLAN_ID_SHIFT;
	memcpy(untagged, frame, 12);
	memcpy(untagged + 12, frame + 12 + NETVSP_TAG_BYTES, *bytes - 12 - NETVSP_TAG_BYTES);
	*bytes -= NETVSP_TAG_BYTES;
	return untagged;
}

/* Which channel a frame comes on; the hash is told with it. */
static struct netvsp_queue *netvsp_choose_queue(struct netvsp *n, const uint8_t *frame,
						size_t bytes, struct rndis_ppis *ppis)
{
	const struct rss *rss = &n->rndis.rss;
	struct netvsp_queue *q;
	uint32_t type;

	if (!rss->on)
		return &n->queues[0];
	type = rss_hash_frame(rss, frame, bytes, &ppis->hash);
	if (!type)
		return &n->queues[0];
	ppis->has_hash = true;
	ppis->has_hash_info = true;
	ppis->hash_info = NDIS_HASH_TOEPLITZ | type;
	q = &n->queues[rss_queue(rss, ppis->hash)];
	return q->chan ? q : &n->queues[0];
}

void netvsp_receive(void *opaque, const uint8_t *frame, size_t bytes)
{
	static uint8_t untagged[NETVSP_FRAME_MAX];
	struct rndis_ppis ppis = { .has_checksum = true };
	struct netvsp *n = opaque;
	struct netvsp_queue *q;

	if (bytes < NETVSP_ETH_HEADER || bytes > NETVSP_FRAME_MAX) {
		n->count.rx_dropped++;
		return;
	}
	/* The function has a filter of its own. */
	if (n->vf_path && n->vf_receive) {
		n->count.rx_vf++;
		n->vf_receive(n->vf_opaque, frame, bytes);
		return;
	}
	if (n->state != NETVSP_READY || !n->queues[0].chan || !n->receive.gpadl ||
	    !n->rndis.initialized || !n->rndis.link_up || !rndis_host_accepts(&n->rndis, frame)) {
		netvsp_filtered(n, frame);
		return;
	}
	if (n->vf_path) {
		n->count.rx_vf++;
		return;
	}
	if (get_be16(frame + 12) == ETH_TYPE_VLAN) {
		/* Version 1 has no word for tags. */
		if (n->version < NVSP_VERSION_2 ||
		    bytes < NETVSP_ETH_HEADER + NETVSP_TAG_BYTES) {
			n->count.rx_dropped++;
			return;
		}
		frame = netvsp_take_tag(frame, &bytes, untagged, &ppis);
		n->count.rx_vlan++;
	}
	if (bytes > netvsp_sub_room(n)) {
		n->count.rx_dropped++;
		return;
	}
	q = netvsp_choose_queue(n, frame, bytes, &ppis);
	ppis.checksum = netvsp_checksum_flags(n, frame, bytes);
	if (ppis.checksum)
		n->count.rx_checksums++;
	if (!netvsp_coalesce(q, frame, bytes, &ppis)) {
		netvsp_coalesced(q);
		netvsp_deliver(q, frame, bytes, &ppis);
	}
	loop_task_queue(vmbus_server_loop(n->server), &n->flush_task);
}

static void netvsp_refill(struct netvsp_queue *q)
{
	struct netvsp_waiting *waiting;

	if (!q->nic->receive.gpadl)
		return;
	while ((waiting = q->backlog) &&
	       netvsp_fill(q, waiting->frame, waiting->bytes, &waiting->ppis)) {
		q->backlog = waiting->next;
		if (!q->backlog)
			q->backlog_end = &q->backlog;
		q->nr_backlog--;
		free(waiting);
	}
}

void netvsp_drop_queue(struct netvsp_queue *q)
{
	struct netvsp_waiting *waiting;

	while ((waiting = q->backlog)) {
		q->backlog = waiting->next;
		free(waiting);
		q->nic->count.rx_filtered++;
	}
	q->backlog_end = &q->backlog;
	q->nr_backlog = 0;
	while (q->nr_data) {
		q->nr_data--;
		nvs_receive_free(&q->nic->receive, q->data[q->nr_data].sub);
		/* Pieces of one frame count once. */
		if (!q->data[q->nr_data].more)
			q->nic->count.rx_filtered++;
	}
	if (q->coalesce && q->coalesce->bytes) {
		q->nic->count.rx_filtered += q->coalesce->segments;
		q->coalesce->bytes = 0;
	}
}

void netvsp_drop_frames(struct netvsp *n)
{
	unsigned int i;

	for (i = 0; i < n->params.queues; i++)
		netvsp_drop_queue(&n->queues[i]);
}

void netvsp_drop_all(struct netvsp *n)
{
	netvsp_drop_frames(n);
	while (n->nr_control)
		nvs_receive_free(&n->receive, n->control[--n->nr_control].sub);
}

void netvsp_send_control(struct netvsp *n, const uint8_t *message, size_t bytes)
{
	uint32_t sub;

	if (!n->receive.gpadl || bytes > n->receive.sub_bytes - NVS_SUB_TAIL_BYTES)
		return;
	sub = nvs_receive_alloc(&n->receive, true);
	if (!sub) {
		hv_violation(
			n->server, "nvsp-control-full",
			"%s: control message lost, the guest completed none of the earlier ones",
			n->params.name);
		return;
	}
	if (nvs_receive_write(&n->receive, sub, 0, message, bytes)) {
		hv_violation(n->server, "nvsp-buffer", "%s: receive buffer outside guest memory",
			     n->params.name);
		nvs_receive_free(&n->receive, sub);
		return;
	}
	n->control[n->nr_control].sub = sub;
	n->control[n->nr_control].bytes = (uint32_t)bytes;
	n->nr_control++;
	loop_task_queue(vmbus_server_loop(n->server), &n->flush_task);
}

/*
 * Return: 0 when the packet is in the ring and the suballocations are the guest's; as vmbus_send()
 * otherwise.
 */
static int netvsp_send_ranges(struct netvsp_queue *q, uint32_t channel_type,
			      const struct netvsp_filled *filled, unsigned int nr)
{
	struct netvsp *n = q->nic;
	struct nvsp_message message = { .type = htole32(NVSP_MSG_SEND_RNDIS_PACKET) };
	uint8_t extra[TRANSFER_HEADER_BYTES +
		      NVSP_MAX_RANGES_RSC * sizeof(struct vmbus_transfer_range)] = { 0 };
	struct iovec iov = { .iov_base = &message, .iov_len = netvsp_message_bytes(n) };
	uint32_t subs[NVSP_MAX_RANGES_RSC];
	unsigned int i;
	int err;

	message.rndis_packet.channel_type = htole32(channel_type);
	message.rndis_packet.send_section_index = htole32(NVSP_SEND_SECTION_NONE);
	put_le16(extra, n->receive.id);
	put_le32(extra + 4, nr);
	for (i = 0; i < nr; i++) {
		put_le32(extra + 8 + 8 * i, filled[i].bytes);
		put_le32(extra + 12 + 8 * i, filled[i].sub * n->receive.sub_bytes);
		subs[i] = filled[i].sub;
	}
	err = vmbus_send(q->chan, VMBUS_PACKET_TRANSFER_PAGES, VMBUS_PACKET_FLAG_COMPLETION,
			 subs[0], extra,
			 TRANSFER_HEADER_BYTES + nr * sizeof(struct vmbus_transfer_range), &iov, 1);
	if (err)
		return err;
	nvs_receive_sent(&n->receive, subs, nr, q->number);
	n->count.rx_packets++;
	return 0;
}

static int netvsp_flush_control(struct netvsp *n)
{
	unsigned int sent = 0;
	int err = 0;

	while (sent < n->nr_control) {
		err = netvsp_send_ranges(&n->queues[0], NVSP_RNDIS_CHANNEL_CONTROL, &n->control[sent], 1);
		if (err)
			break;
		sent++;
	}
	n->nr_control -= sent;
	memmove(n->control, n->control + sent, n->nr_control * sizeof(n->control[0]));
	return err;
}

/* Return: how many ranges go into the next packet: no coalesced segment is cut. */
static unsigned int netvsp_cut(const struct netvsp_filled *filled, unsigned int nr,
			       unsigned int limit)
{
	unsigned int cut = nr < limit ? nr : limit;

	while (cut && filled[cut - 1].more)
		cut--;
	if (cut)
		return cut;
	/* The first segment alone is longer than the limit that holds for separate frames. */
	for (cut = 1; cut < nr && filled[cut - 1].more; cut++)
		;
	return cut;
}

static int netvsp_flush_data(struct netvsp_queue *q)
{
	unsigned int limit = netvsp_range_limit(q, NVSP_MAX_RANGES), sent = 0, nr;
	int err = 0;

	while (sent < q->nr_data) {
		nr = netvsp_cut(&q->data[sent], q->nr_data - sent, limit);
		err = netvsp_send_ranges(q, NVSP_RNDIS_CHANNEL_DATA, &q->data[sent], nr);
		if (err)
			break;
		sent += nr;
	}
	q->nr_data -= sent;
	memmove(q->data, q->data + sent, q->nr_data * sizeof(q->data[0]));
	return err;
}

static void netvsp_flush_queue(struct netvsp_queue *q)
{
	int err = 0;

	netvsp_coalesced(q);
	while (!err && q->nr_data) {
		err = netvsp_flush_data(q);
		netvsp_refill(q);
	}
	if (err == -EAGAIN)
		q->nic->count.rx_held++;
	else if (err)
		netvsp_die(q->nic);
	vmbus_flush(q->chan);
}

void netvsp_flush(struct netvsp *n)
{
	unsigned int i;
	int err;

	if (!n->queues[0].chan || n->state == NETVSP_DEAD)
		return;
	netvsp_tell_vf(n);
	netvsp_flush_table(n);
	err = netvsp_flush_control(n);
	if (err == -EAGAIN)
		n->count.rx_held++;
	else if (err)
		netvsp_die(n);
	for (i = 0; i < n->params.queues && n->state != NETVSP_DEAD; i++)
		if (n->queues[i].chan)
			netvsp_flush_queue(&n->queues[i]);
}

void netvsp_completed(struct netvsp_queue *q, const struct vmbus_pkt *pkt)
{
	struct netvsp *n = q->nic;
	unsigned int i;

	/* An empty completion is what the smallest guests send. */
	if (pkt->len >= 8) {
		uint32_t type = get_le32(pkt->payload), status = get_le32(pkt->payload + 4);

		if (type != NVSP_MSG_SEND_RNDIS_PACKET_COMPLETE)
			hv_violation(n->server, "nvsp-completion", "%s: completion with message %u",
				     n->params.name, type);
		else if (status != NVSP_STATUS_SUCCESS)
			n->count.rx_failed++;
	} else if (pkt->len) {
		hv_violation(n->server, "nvsp-completion", "%s: completion of %u bytes",
			     n->params.name, pkt->len);
	}
	/* The buffer was revoked meanwhile: nothing is the guest's any more. */
	if (!n->receive.gpadl)
		return;
	if (!nvs_receive_complete(&n->receive, pkt->xid, q->number)) {
		hv_violation(n->server, "nvsp-completion-id",
			     "%s: completion for %#llx, which is not outstanding", n->params.name,
			     (unsigned long long)pkt->xid);
		return;
	}
	n->count.rx_completions++;
	for (i = 0; i < n->params.queues; i++)
		netvsp_refill(&n->queues[i]);
	if (n->backend && n->backend->ops->returned)
		n->backend->ops->returned(n->backend);
}

unsigned int netvsp_outstanding(const struct netvsp *n)
{
	unsigned int sum = nvs_receive_used(&n->receive), i;

	for (i = 0; i < n->params.queues; i++)
		sum += n->queues[i].nr_backlog;
	return sum;
}

void netvsp_tell_link(struct netvsp *n)
{
	uint8_t message[RNDIS_HOST_MESSAGE_BYTES];
	size_t bytes;

	if (!n->rndis.initialized || n->link_told == n->rndis.link_up)
		return;
	bytes = rndis_host_indicate(n->rndis.link_up ? NDIS_STATUS_MEDIA_CONNECT
						     : NDIS_STATUS_MEDIA_DISCONNECT,
				    NULL, 0, message);
	netvsp_send_control(n, message, bytes);
	n->link_told = n->rndis.link_up;
	n->count.indications++;
}
