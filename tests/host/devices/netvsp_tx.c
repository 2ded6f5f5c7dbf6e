// SPDX-License-Identifier: GPL-2.0
/*
 * Guest to network: an RNDIS packet's bytes are copied from the send section and the page ranges
 * once, then its messages are taken apart, offloads are done in software and the frames passed on.
 * Control messages go to rndis_host.c.
 */
#include <endian.h>
#include <errno.h>
#include <string.h>

#include <hyperv/ndis.h>
#include <hyperv/rndis.h>

#include "bytes.h"
#include "netvsp_internal.h"
#include "offload_sw.h"
#include "rndis_packet.h"

#define ETH_TYPE_VLAN 0x8100
#define NETVSP_CSUM_FAILED \
	(RNDIS_RX_CSUM_IP_FAILED | RNDIS_RX_CSUM_TCP_FAILED | RNDIS_RX_CSUM_UDP_FAILED)

static uint32_t netvsp_reject(struct netvsp *n, const char *rule, const char *why)
{
	hv_violation(n->server, rule, "%s: %s", n->params.name, why);
	n->count.tx_rejected++;
	return NVSP_STATUS_FAILURE;
}

/**
 * netvsp_gather() - copy the RNDIS stream of a packet
 * @bytes: length of the stream
 * @first: length of the piece it begins with: the section, or else the first range
 *
 * Return: 0, -EPROTO (reported).
 */
static int netvsp_gather(struct netvsp *n, const struct vmbus_pkt *pkt,
			 const struct nvsp_message *message, uint32_t *bytes, uint32_t *first)
{
	uint32_t section = le32toh(message->rndis_packet.send_section_index);
	uint32_t at = 0, i;

	if (section != NVSP_SEND_SECTION_NONE) {
		at = le32toh(message->rndis_packet.send_section_bytes);
		if (at > NVS_SEND_SECTION_BYTES ||
		    nvs_send_read(&n->send, section, n->stream, at)) {
			netvsp_reject(n, "nvsp-section", "send section outside the send buffer");
			return -EPROTO;
		}
		n->count.tx_sections++;
	}
	*first = at;
	if (pkt->type == VMBUS_PACKET_GPA_DIRECT) {
		for (i = 0; i < pkt->nr_ranges; i++) {
			const struct gpa_range *range = &pkt->ranges[i];

			if (range->len > sizeof(n->stream) - at) {
				netvsp_reject(n, "nvsp-packet-size",
					      "packet longer than any message may be");
				return -EPROTO;
			}
			if (gpa_range_read(vmbus_server_mem(n->server), range, 0, n->stream + at,
					   range->len)) {
				netvsp_reject(n, "nvsp-range", "range outside guest memory");
				return -EPROTO;
			}
			at += range->len;
			if (!*first)
				*first = range->len;
		}
		n->count.tx_ranges += pkt->nr_ranges;
	}
	*bytes = at;
	return 0;
}

/*
 * Puts the tag of the per-packet info into the frame. There is room for it before the frame: the
 * message header.
 */
static uint8_t *netvsp_insert_tag(uint8_t *frame, uint32_t vlan)
{
	uint16_t tag = (uint16_t)((vlan & RNDIS_VLAN_PRIORITY_MASK) << 13 |
				  (vlan & RNDIS_VLAN_CFI ? 1 << 12 : 0) |
				  (vlan >> RNDIS_VLAN_ID_SHIFT & RNDIS_VLAN_ID_MASK));

	memmove(frame - NETVSP_TAG_BYTES, frame, 12);
	frame -= NETVSP_TAG_BYTES;
	put_be16(frame + 12, ETH_TYPE_VLAN);
	put_be16(frame + 14, tag);
	return frame;
}

struct netvsp_emit {
	struct netvsp *n;
	const struct rndis_ppis *ppis;
};

static void netvsp_emit_frame(void *opaque, const uint8_t *frame, size_t bytes)
{
	static uint8_t tagged[NETVSP_FRAME_MAX + 64];
	struct netvsp_emit *emit = opaque;
	struct netvsp *n = emit->n;

	n->count.tx_frames++;
	n->count.tx_bytes += bytes;
	if (emit->ppis->has_lso)
		n->count.tx_segments++;
	if (!n->backend || !n->rndis.link_up) {
		n->count.tx_dropped++;
		return;
	}
	if (emit->ppis->has_vlan && bytes + NETVSP_TAG_BYTES <= sizeof(tagged)) {
		memcpy(tagged + NETVSP_TAG_BYTES, frame, bytes);
		frame = netvsp_insert_tag(tagged + NETVSP_TAG_BYTES, emit->ppis->vlan);
		bytes += NETVSP_TAG_BYTES;
		n->count.tx_vlan++;
	}
	n->backend->ops->send(n->backend, frame, bytes);
}

/*
 * Return: what is wrong with the offloads a message asks for, NULL if the guest has switched them
 * on.
 */
static const char *netvsp_check_offloads(const struct netvsp *n, const struct rndis_ppis *ppis)
{
	const struct rndis_offloads *on = &n->rndis.offloads;
	uint32_t csum = ppis->checksum;

	if (ppis->has_lso)
		return (ppis->lso & RNDIS_LSO_IPV6 ? on->lso6 : on->lso4)
			       ? NULL
			       : "large send is not switched on";
	if (!ppis->has_checksum)
		return NULL;
	if (csum & RNDIS_TX_CSUM_TCP && !(csum & RNDIS_TX_CSUM_IS_IPV6 ? on->tx_tcp6 : on->tx_tcp4))
		return "TCP checksum offload is not switched on";
	if (csum & RNDIS_TX_CSUM_UDP && !(csum & RNDIS_TX_CSUM_IS_IPV6 ? on->tx_udp6 : on->tx_udp4))
		return "UDP checksum offload is not switched on";
	if (csum & RNDIS_TX_CSUM_IP_HEADER && !on->tx_ip4_header)
		return "IP header checksum offload is not switched on";
	return NULL;
}

/* One packet message at @at of the stream. Return: NVSP status. */
static uint32_t netvsp_packet_message(struct netvsp_queue *q, uint32_t at,
				      const struct rndis_frame *message)
{
	struct netvsp *n = q->nic;
	struct netvsp_emit emit = { .n = n, .ppis = &message->ppis };
	uint8_t *frame = n->stream + at + message->data_offset;
	const char *why;

	n->count.tx_messages++;
	q->tx_messages++;
	if (message->data_bytes < NETVSP_ETH_HEADER)
		return netvsp_reject(n, "rndis-frame-size",
				     "frame shorter than an Ethernet header");
	why = netvsp_check_offloads(n, &message->ppis);
	if (why)
		return netvsp_reject(n, "rndis-offload", why);
	/* Tags travel as per-packet info; a switch drops frames that have one inside. */
	if (get_be16(frame + 12) == ETH_TYPE_VLAN) {
		n->count.tx_dropped++;
		return NVSP_STATUS_SUCCESS;
	}
	if (!message->ppis.has_lso && message->data_bytes > n->rndis.mtu + NETVSP_ETH_HEADER)
		return netvsp_reject(n, "rndis-frame-size", "frame longer than the MTU");
	if (message->ppis.has_lso)
		n->count.tx_lso++;
	else if (message->ppis.has_checksum)
		n->count.tx_checksums++;
	else if (offload_receive(frame, message->data_bytes) & NETVSP_CSUM_FAILED)
		/* Nothing was asked for, so nothing is repaired: it goes out as it is. */
		n->count.tx_checksum_bad++;
	if (offload_transmit(frame, message->data_bytes, &message->ppis, n->rndis.mtu,
			     netvsp_emit_frame, &emit, &why) < 0)
		return netvsp_reject(n, "rndis-offload", why);
	return NVSP_STATUS_SUCCESS;
}

static uint32_t netvsp_packet_messages(struct netvsp_queue *q, uint32_t bytes, uint32_t first)
{
	struct netvsp *n = q->nic;
	uint32_t at = 0, status = NVSP_STATUS_SUCCESS, one;
	struct rndis_frame message;
	unsigned int messages = 0;
	const char *why;

	while (at < bytes) {
		if (++messages > RNDIS_HOST_PACKETS_PER_MESSAGE)
			return netvsp_reject(n, "rndis-aggregation",
					     "more messages than announced in one packet");
		if (at % (1u << RNDIS_HOST_ALIGNMENT_FACTOR))
			return netvsp_reject(n, "rndis-aggregation",
					     "message does not begin aligned");
		if (rndis_packet_parse(n->stream + at, bytes - at, &message, &why))
			return netvsp_reject(n, "rndis-packet", why);
		/* Hosts do not look for the rest of a header in another range. */
		if (at + message.header_bytes > first)
			return netvsp_reject(n, "rndis-header-split",
					     "message header spread over two ranges");
		one = netvsp_packet_message(q, at, &message);
		if (one != NVSP_STATUS_SUCCESS)
			status = one;
		at += message.message_bytes;
	}
	return status;
}

static uint32_t netvsp_control_message(struct netvsp *n, uint32_t bytes)
{
	uint8_t answer[RNDIS_HOST_MESSAGE_BYTES];
	bool was_initialized = n->rndis.initialized;
	uint32_t filter = n->rndis.filter;
	const char *why;
	int answer_bytes;

	n->count.control_requests++;
	answer_bytes = rndis_host_request(&n->rndis, n->stream, bytes, answer, &why);
	if (answer_bytes < 0)
		return netvsp_reject(n, "rndis-control", why);
	if (filter && !n->rndis.filter)
		netvsp_drop_frames(n);
	if (!was_initialized && n->rndis.initialized)
		n->link_told = n->rndis.link_up;
	if (answer_bytes)
		netvsp_send_control(n, answer, (size_t)answer_bytes);
	return NVSP_STATUS_SUCCESS;
}

uint32_t netvsp_transmit(struct netvsp_queue *q, const struct vmbus_pkt *pkt,
			 const struct nvsp_message *message)
{
	struct netvsp *n = q->nic;
	uint32_t bytes, first;

	n->count.tx_packets++;
	if (netvsp_gather(n, pkt, message, &bytes, &first))
		return NVSP_STATUS_FAILURE;
	if (bytes < sizeof(struct rndis_header))
		return netvsp_reject(n, "rndis-packet", "no RNDIS message");
	if (le32toh(message->rndis_packet.channel_type) > NVSP_RNDIS_CHANNEL_CONTROL)
		hv_violation(n->server, "nvsp-channel-type", "%s: channel type %u", n->params.name,
			     le32toh(message->rndis_packet.channel_type));
	if (get_le32(n->stream) != RNDIS_TYPE_PACKET) {
		if (q->number)
			return netvsp_reject(n, "rndis-control", "control message on a sub-channel");
		return netvsp_control_message(n, bytes);
	}
	if (!n->rndis.initialized)
		return netvsp_reject(n, "rndis-order", "packet message before INITIALIZE");
	if (n->refuse_packets) {
		n->refuse_packets--;
		n->count.tx_refused++;
		return n->refuse_status;
	}
	return netvsp_packet_messages(q, bytes, first);
}
