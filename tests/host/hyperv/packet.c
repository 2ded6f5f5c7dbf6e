// SPDX-License-Identifier: GPL-2.0
/*
 * Packets of a channel: rings set up at open, drained when the guest signals, parsed for the
 * device, filled by it, and the interrupts and flow control between. Knows no device. VMBus rings,
 * packet types.
 */
#include <errno.h>
#include <string.h>
#include <stdlib.h>

#include "internal.h"

/*
 * Policy: rounds of "drain, unmask, look again" before others get their turn; slow second look at a
 * full ring.
 */
#define PACKET_ROUNDS	4
#define PACKET_RETRY_NS 10000000u

int packet_open(struct vmbus_chan *chan, uint32_t downstream_page)
{
	const struct gpa_range *range = &chan->ring_gpadl->ranges[0];
	const struct guest_mem *mem = chan->server->config.mem;
	uint8_t **pages;
	int ret = -EINVAL;

	if (chan->ring_gpadl->nr_ranges != 1 || range->off || range->len % GUEST_PAGE_SIZE ||
	    downstream_page >= range->nr_pfns)
		return -EINVAL;
	pages = xcalloc(range->nr_pfns, sizeof(*pages));
	for (uint32_t i = 0; i < range->nr_pfns; i++)
		pages[i] = guest_mem_ptr(mem, range->pfns[i] << GUEST_PAGE_SHIFT, GUEST_PAGE_SIZE);
	if (hv_ring_in_init(&chan->in, pages, downstream_page))
		goto out;
	if (hv_ring_out_init(&chan->out, pages + downstream_page,
			     range->nr_pfns - downstream_page)) {
		hv_ring_in_free(&chan->in);
		goto out;
	}
	chan->corrupt = false;
	chan->drained = true;
	/* The guest's first packet finds the ring empty and unmasked. */
	chan->unmasked = true;
	chan->signal_credit = 0;
	ret = 0;
out:
	free(pages);
	return ret;
}

void packet_close(struct vmbus_chan *chan)
{
	struct vmbus_gpadl *gpadl = chan->ring_gpadl;

	loop_task_cancel(chan->server->config.loop, &chan->run_task);
	loop_timer_cancel(chan->retry_timer);
	hv_ring_in_free(&chan->in);
	hv_ring_out_free(&chan->out);
	chan->ring_gpadl = NULL;
	trace_closed(chan);
	vmbus_gpadl_put(gpadl);
}

static bool packet_is_usable(const struct vmbus_chan *chan)
{
	return chan->state == CHAN_OPEN && !chan->corrupt;
}

bool packet_raise(struct vmbus_chan *chan)
{
	struct vmbus_server *server = chan->server;

	if (chan->target_vp == VMBUS_TARGET_VP_NONE)
		return false;
	return server->conn.interrupt_page
		       ? interrupt_page_raise(server, chan->relid)
		       : hv_synic_set_event(server, chan->target_vp, chan->event_flag);
}

static void packet_interrupt(struct vmbus_chan *chan)
{
	if (chan->server->chaos && chaos_interrupt(chan))
		return;
	trace_interrupt(chan);
	if (packet_raise(chan))
		chan->stats->interrupts++;
}

static int packet_corrupt(struct vmbus_chan *chan, const char *rule, const char *text)
{
	hv_violation(chan->server, rule, "channel %s: %s", chan->stats->name, text);
	chan->corrupt = true;
	return -EPROTO;
}

/*
 * A signal is due for the first packet after the ring was left empty and unmasked, and when space
 * is waited for. Each such occasion is a credit; a signal without one is needless. A vCPU may be
 * late with its signal, so one credit for each VP can be outstanding.
 */
static void packet_credit_signal(struct vmbus_chan *chan)
{
	if (chan->signal_credit <= chan->server->config.nr_vps)
		chan->signal_credit++;
}

static void packet_count_signals(struct vmbus_chan *chan, uint64_t count)
{
	uint64_t needless = count > chan->signal_credit ? count - chan->signal_credit : 0;

	chan->stats->signals += count;
	chan->server->stats.signals += count;
	chan->signal_credit -= count - needless;
	chan->stats->needless_signals += needless;
	chan->server->stats.needless_signals += needless;
}

void packet_signalled(struct vmbus_chan *chan, uint64_t count)
{
	trace_signal(chan, count);
	if (!packet_is_usable(chan)) {
		chan->stats->signals += count;
		chan->server->stats.signals += count;
		return;
	}
	/* First the packets, which say what the signals were for. */
	chan_get(chan);
	packet_run(chan);
	packet_count_signals(chan, count);
	chan_put(chan);
}

/* Give back what was read and make visible what was written. */
static void packet_commit(struct vmbus_chan *chan)
{
	bool interrupt;

	if (!packet_is_usable(chan))
		return;
	interrupt = hv_ring_in_commit(&chan->in);
	interrupt |= hv_ring_out_publish(&chan->out);
	if (interrupt)
		packet_interrupt(chan);
	if (chan->server->chaos)
		chaos_published(chan);
}

/*
 * One turn of the device: packets are taken under mask, then the ring is unmasked and looked at
 * again, because the guest does not signal what it wrote while the mask was set.
 */
void packet_run(void *opaque)
{
	struct vmbus_chan *chan = opaque;

	if (!packet_is_usable(chan) || chan->in_work)
		return;
	chan_get(chan);
	chan->in_work = true;
	for (int round = 0;; round++) {
		hv_ring_in_mask(&chan->in);
		chan->ops->work(chan, chan->dev);
		if (!packet_is_usable(chan))
			break;
		packet_commit(chan);
		/*
		 * A device that stopped early asks again; until then the guest has nothing to tell
		 * it.
		 */
		if (!chan->drained)
			break;
		chan->unmasked = true;
		if (!hv_ring_in_unmask(&chan->in))
			break;
		if (round == PACKET_ROUNDS) {
			loop_task_queue(chan->server->config.loop, &chan->run_task);
			break;
		}
	}
	chan->in_work = false;
	chan_put(chan);
}

void vmbus_kick(struct vmbus_chan *chan)
{
	if (!chan->dead)
		loop_task_queue(chan->server->config.loop, &chan->run_task);
}

void vmbus_flush(struct vmbus_chan *chan)
{
	packet_commit(chan);
}

uint32_t vmbus_chan_in_size(struct vmbus_chan *chan)
{
	return chan->state == CHAN_OPEN ? chan->in.mem.size : 0;
}

uint32_t vmbus_chan_out_size(struct vmbus_chan *chan)
{
	return chan->state == CHAN_OPEN ? chan->out.mem.size : 0;
}

/* ---------------------------------------------------------------- receive */

/* Ranges of a GPA-direct packet, from the private copy. Return: 0, -EPROTO. */
static int packet_parse_ranges(struct vmbus_chan *chan, struct vmbus_pkt *pkt,
			       const uint8_t *packet, uint32_t payload)
{
	struct vmbus_packet_gpa_direct head;
	uint32_t nr, at = sizeof(head);

	if (payload < sizeof(head))
		return packet_corrupt(chan, "packet-ranges",
				      "GPA-direct packet without a range count");
	memcpy(&head, packet, sizeof(head));
	nr = le32toh(head.range_count);
	if (!nr || nr > (payload - sizeof(head)) / sizeof(struct vmbus_gpa_range))
		return packet_corrupt(chan, "packet-ranges", "impossible range count");
	if (nr > chan->max_ranges) {
		chan->ranges = xrealloc(chan->ranges, nr, sizeof(*chan->ranges));
		chan->max_ranges = nr;
	}
	for (uint32_t i = 0; i < nr; i++) {
		struct gpa_range *range = &chan->ranges[i];
		struct vmbus_gpa_range wire;
		uint64_t pages;

		if (payload - at < sizeof(wire))
			return packet_corrupt(chan, "packet-ranges", "ranges leave the descriptor");
		memcpy(&wire, packet + at, sizeof(wire));
		at += sizeof(wire);
		range->len = le32toh(wire.byte_count);
		range->off = le32toh(wire.byte_offset);
		pages = ((uint64_t)range->off + range->len + GUEST_PAGE_SIZE - 1) >>
			GUEST_PAGE_SHIFT;
		if (!range->len || range->off >= GUEST_PAGE_SIZE ||
		    pages > (payload - at) / sizeof(uint64_t))
			return packet_corrupt(chan, "packet-ranges",
					      "a range does not match its pages");
		range->nr_pfns = pages;
		/* The copy is 8-byte aligned and so is everything in the descriptor. */
		range->pfns = (const uint64_t *)(packet + at);
		at += pages * sizeof(uint64_t);
	}
	pkt->nr_ranges = nr;
	pkt->ranges = chan->ranges;
	return 0;
}

int vmbus_recv(struct vmbus_chan *chan, struct vmbus_pkt *pkt)
{
	struct hv_ring_fault fault;
	struct vmbus_packet head;
	uint32_t payload;
	int bytes;

	if (chan->state != CHAN_OPEN)
		return -ENODEV;
	if (chan->corrupt)
		return -EPROTO;
	bytes = hv_ring_in_read(&chan->in, &fault);
	if (bytes < 0)
		return packet_corrupt(chan, fault.rule, fault.text);
	chan->drained = !bytes;
	if (!bytes) {
		if (hv_ring_in_commit(&chan->in))
			packet_interrupt(chan);
		return 0;
	}
	if (chan->unmasked) {
		chan->unmasked = false;
		packet_credit_signal(chan);
	}
	memcpy(&head, chan->in.packet, sizeof(head));
	payload = le16toh(head.payload_qwords) * 8u;
	pkt->type = le16toh(head.type);
	pkt->wants_completion = le16toh(head.flags) & VMBUS_PACKET_FLAG_COMPLETION;
	pkt->xid = le64toh(head.transaction_id);
	pkt->payload = chan->in.packet + payload;
	pkt->len = bytes - payload;
	pkt->nr_ranges = 0;
	pkt->ranges = NULL;
	switch (pkt->type) {
	case VMBUS_PACKET_INBAND:
	case VMBUS_PACKET_COMPLETION:
		break;
	case VMBUS_PACKET_GPA_DIRECT:
		if (packet_parse_ranges(chan, pkt, chan->in.packet, payload))
			return -EPROTO;
		break;
	default:
		return packet_corrupt(chan, "packet-type", "a type no guest sends");
	}
	trace_packet_in(chan, chan->in.packet, bytes);
	chan->stats->packets_in++;
	chan->stats->bytes_in += bytes;
	chan->server->stats.packets_in++;
	chan->server->stats.bytes_in += bytes;
	return 1;
}

/* ---------------------------------------------------------------- send */

static int packet_full(struct vmbus_chan *chan, const struct iovec *iov, int nr, uint32_t bytes)
{
	bool room;

	/* The guest can only make room for what it sees. */
	packet_commit(chan);
	room = hv_ring_out_wait(&chan->out, bytes + VMBUS_PACKET_TRAILER_BYTES);
	packet_credit_signal(chan);
	if (room)
		return hv_ring_out_write(&chan->out, iov, nr);
	chan->stats->send_full++;
	/* Guests that know nothing of the pending size never tell. */
	loop_timer_arm(chan->retry_timer, loop_now_ns() + PACKET_RETRY_NS);
	return -EAGAIN;
}

int packet_put(struct vmbus_chan *chan, const struct iovec *iov, int nr, uint32_t bytes)
{
	int ret = hv_ring_out_write(&chan->out, iov, nr);

	if (ret == -EAGAIN)
		ret = packet_full(chan, iov, nr, bytes);
	if (ret == -EPROTO)
		return packet_corrupt(chan, "ring-read-index",
				      "the guest's read index is impossible");
	if (ret)
		return ret;
	trace_packet_out(chan, iov, nr, bytes);
	chan->stats->packets_out++;
	chan->stats->bytes_out += bytes;
	chan->server->stats.packets_out++;
	chan->server->stats.bytes_out += bytes;
	/* Outside of work() nobody else will publish it. */
	if (!chan->in_work)
		loop_task_queue(chan->server->config.loop, &chan->run_task);
	return 0;
}

int vmbus_send(struct vmbus_chan *chan, uint16_t type, uint16_t flags, uint64_t xid,
	       const void *extra, size_t extra_len, const struct iovec *iov, int iovcnt)
{
	struct iovec all[2 + 64];
	struct vmbus_packet head;
	size_t bytes = sizeof(head) + extra_len;
	int nr = 0;

	if (chan->state != CHAN_OPEN)
		return -ENODEV;
	if (chan->corrupt)
		return -EPROTO;
	if (iovcnt < 0 || iovcnt > (int)ARRAY_SIZE(all) - 2 || extra_len % 8)
		return -EMSGSIZE;
	all[nr++] = (struct iovec){ .iov_base = &head, .iov_len = sizeof(head) };
	if (extra_len)
		all[nr++] = (struct iovec){ .iov_base = (void *)extra, .iov_len = extra_len };
	for (int i = 0; i < iovcnt; i++) {
		all[nr++] = iov[i];
		bytes += iov[i].iov_len;
	}
	bytes = (bytes + 7) & ~(size_t)7;
	if (bytes / 8 > UINT16_MAX)
		return -EMSGSIZE;
	head.type = htole16(type);
	head.payload_qwords = htole16((sizeof(head) + extra_len) / 8);
	head.total_qwords = htole16(bytes / 8);
	head.flags = htole16(flags);
	head.transaction_id = htole64(xid);

	return chan->server->chaos ? chaos_send(chan, all, nr, bytes) : packet_put(chan, all, nr, bytes);
}

int vmbus_send_inband(struct vmbus_chan *chan, uint16_t flags, uint64_t xid, const void *payload,
		      size_t len)
{
	struct iovec iov = { .iov_base = (void *)payload, .iov_len = len };

	return vmbus_send(chan, VMBUS_PACKET_INBAND, flags, xid, NULL, 0, &iov, 1);
}

int vmbus_complete(struct vmbus_chan *chan, uint64_t xid, const void *payload, size_t len)
{
	struct iovec iov = { .iov_base = (void *)payload, .iov_len = len };

	return vmbus_send(chan, VMBUS_PACKET_COMPLETION, 0, xid, NULL, 0, &iov, 1);
}

uint32_t vmbus_send_room(struct vmbus_chan *chan)
{
	return packet_is_usable(chan) ? hv_ring_out_room(&chan->out) : 0;
}
