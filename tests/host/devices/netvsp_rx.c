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
	bool ipv6 = get_be16(frame + 12) == 0x86dd;
	uint32_t wanted = 0;

	if (ipv6 ? on->rx_tcp6 : on->rx_tcp4)
		wanted |= RNDIS_RX_CSUM_TCP_GOOD | RNDIS_RX_CSUM_TCP_FAILED;
	if (ipv6 ? on->rx_udp6 : on->rx_udp4)
		wanted |= RNDIS_RX_CSUM_UDP_GOOD | RNDIS_RX_CSUM_UDP_FAILED;
	if (on->rx_ip4_header)
		wanted |= RNDIS_RX_CSUM_IP_GOOD | RNDIS_RX_CSUM_IP_FAILED;
	return wanted ? offload_receive(frame, bytes) & wanted : 0;
}

/* Return: false if the frame cannot be delivered to a suballocation now. */
static bool netvsp_fill(struct netvsp *n, const uint8_t *frame, size_t bytes)
{
	uint32_t message_bytes = netvsp_align8(NETVSP_DATA_OFFSET + (uint32_t)bytes), sub;
	struct rndis_ppis ppis = { .has_checksum = true };
	uint8_t header[NETVSP_DATA_OFFSET];

	if (n->nr_data == ARRAY_SIZE(n->data))
		return false;
	sub = nvs_receive_alloc(&n->receive, false);
	if (!sub)
		return false;
	ppis.checksum = netvsp_checksum_flags(n, frame, bytes);
	if (ppis.checksum)
		n->count.rx_checksums++;
	rndis_packet_build(header, NETVSP_DATA_OFFSET, (uint32_t)bytes, message_bytes, &ppis);
	if (nvs_receive_write(&n->receive, sub, 0, header, sizeof(header)) ||
	    nvs_receive_write(&n->receive, sub, NETVSP_DATA_OFFSET, frame, bytes)) {
		hv_violation(n->server, "nvsp-buffer", "%s: receive buffer outside guest memory",
			     n->params.name);
		nvs_receive_free(&n->receive, sub);
		n->count.rx_dropped++;
		return true;
	}
	n->data[n->nr_data].sub = sub;
	n->data[n->nr_data].bytes = message_bytes;
	n->nr_data++;
	n->count.rx_frames++;
	n->count.rx_bytes += bytes;
	return true;
}

static void netvsp_wait(struct netvsp *n, const uint8_t *frame, size_t bytes)
{
	struct netvsp_waiting *waiting;

	if (n->nr_backlog == NETVSP_BACKLOG) {
		n->count.rx_dropped++;
		return;
	}
	waiting = malloc(sizeof(*waiting) + bytes);
	if (!waiting) {
		n->count.rx_dropped++;
		return;
	}
	waiting->next = NULL;
	waiting->bytes = bytes;
	memcpy(waiting->frame, frame, bytes);
	*n->backlog_end = waiting;
	n->backlog_end = &waiting->next;
	n->nr_backlog++;
	n->count.rx_waited++;
}

void netvsp_receive(void *opaque, const uint8_t *frame, size_t bytes)
{
	struct netvsp *n = opaque;

	if (n->state != NETVSP_READY || !n->receive.gpadl || !n->rndis.initialized ||
	    !n->rndis.link_up || bytes < NETVSP_ETH_HEADER ||
	    !rndis_host_accepts(&n->rndis, frame)) {
		n->count.rx_filtered++;
		return;
	}
	if (bytes > NETVSP_FRAME_MAX ||
	    NETVSP_DATA_OFFSET + bytes + NVS_SUB_TAIL_BYTES > n->receive.sub_bytes) {
		n->count.rx_dropped++;
		return;
	}
	if (n->backlog || !netvsp_fill(n, frame, bytes))
		netvsp_wait(n, frame, bytes);
	loop_task_queue(vmbus_server_loop(n->server), &n->flush_task);
}

static void netvsp_refill(struct netvsp *n)
{
	struct netvsp_waiting *waiting;

	while ((waiting = n->backlog) && netvsp_fill(n, waiting->frame, waiting->bytes)) {
		n->backlog = waiting->next;
		if (!n->backlog)
			n->backlog_end = &n->backlog;
		n->nr_backlog--;
		free(waiting);
	}
}

void netvsp_drop_frames(struct netvsp *n)
{
	struct netvsp_waiting *waiting;

	while ((waiting = n->backlog)) {
		n->backlog = waiting->next;
		free(waiting);
		n->count.rx_filtered++;
	}
	n->backlog_end = &n->backlog;
	n->nr_backlog = 0;
	while (n->nr_data) {
		nvs_receive_free(&n->receive, n->data[--n->nr_data].sub);
		n->count.rx_filtered++;
	}
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

/* Ranges that fit one packet: half the ring at most, so that one page of ring is enough. */
static unsigned int netvsp_range_limit(const struct netvsp *n)
{
	uint32_t room = vmbus_chan_out_size(n->chan) / 2, fixed;

	fixed = sizeof(struct vmbus_packet_transfer_pages) + NVSP_MSG_BYTES +
		VMBUS_PACKET_TRAILER_BYTES;
	if (room <= fixed + sizeof(struct vmbus_transfer_range))
		return 1;
	room = (room - fixed) / sizeof(struct vmbus_transfer_range);
	return room < NVSP_MAX_RANGES ? room : NVSP_MAX_RANGES;
}

/*
 * Return: 0 when the packet is in the ring and the suballocations are the guest's; as vmbus_send()
 * otherwise.
 */
static int netvsp_send_ranges(struct netvsp *n, uint32_t channel_type,
			      const struct netvsp_filled *filled, unsigned int nr)
{
	struct nvsp_message message = { .type = htole32(NVSP_MSG_SEND_RNDIS_PACKET) };
	uint8_t extra[TRANSFER_HEADER_BYTES +
		      NVSP_MAX_RANGES * sizeof(struct vmbus_transfer_range)] = { 0 };
	struct iovec iov = { .iov_base = &message, .iov_len = netvsp_message_bytes(n) };
	uint32_t subs[NVSP_MAX_RANGES];
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
	err = vmbus_send(n->chan, VMBUS_PACKET_TRANSFER_PAGES, VMBUS_PACKET_FLAG_COMPLETION,
			 subs[0], extra,
			 TRANSFER_HEADER_BYTES + nr * sizeof(struct vmbus_transfer_range), &iov, 1);
	if (err)
		return err;
	nvs_receive_sent(&n->receive, subs, nr);
	n->count.rx_packets++;
	return 0;
}

static int netvsp_flush_control(struct netvsp *n)
{
	unsigned int sent = 0;
	int err = 0;

	while (sent < n->nr_control) {
		err = netvsp_send_ranges(n, NVSP_RNDIS_CHANNEL_CONTROL, &n->control[sent], 1);
		if (err)
			break;
		sent++;
	}
	n->nr_control -= sent;
	memmove(n->control, n->control + sent, n->nr_control * sizeof(n->control[0]));
	return err;
}

static int netvsp_flush_data(struct netvsp *n)
{
	unsigned int limit = netvsp_range_limit(n), sent = 0, nr;
	int err = 0;

	while (sent < n->nr_data) {
		nr = n->nr_data - sent < limit ? n->nr_data - sent : limit;
		err = netvsp_send_ranges(n, NVSP_RNDIS_CHANNEL_DATA, &n->data[sent], nr);
		if (err)
			break;
		sent += nr;
	}
	n->nr_data -= sent;
	memmove(n->data, n->data + sent, n->nr_data * sizeof(n->data[0]));
	return err;
}

void netvsp_flush(struct netvsp *n)
{
	int err;

	if (!n->chan || n->state == NETVSP_DEAD)
		return;
	err = netvsp_flush_control(n);
	while (!err && n->nr_data) {
		err = netvsp_flush_data(n);
		netvsp_refill(n);
	}
	if (err == -EAGAIN)
		n->count.rx_held++;
	else if (err)
		netvsp_die(n);
	vmbus_flush(n->chan);
}

void netvsp_completed(struct netvsp *n, const struct vmbus_pkt *pkt)
{
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
	if (!nvs_receive_complete(&n->receive, pkt->xid)) {
		hv_violation(n->server, "nvsp-completion-id",
			     "%s: completion for %#llx, which is not outstanding", n->params.name,
			     (unsigned long long)pkt->xid);
		return;
	}
	n->count.rx_completions++;
	netvsp_refill(n);
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
