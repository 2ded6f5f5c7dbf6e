// SPDX-License-Identifier: GPL-2.0
/*
 * Packets on the rings of a channel: descriptors, in-band, GPA-direct and completion packets out, batched receive with
 * a private copy of each packet, signals, transaction ids. Knows no device. VMBus ring buffers, packets.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/align.h>
#include <linux/errno.h>
#include <linux/minmax.h>
#include <linux/printk.h>
#include <linux/string.h>
#include <asm/sync_bitops.h>

#include <hyperv-lic/batch.h>

#include "hypercall.h"
#include "latency.h"
#include "packet.h"
#include "state.h"
#include "trace.h"

/**
 * vmbus_packet_break() - the host violated the ring: nothing more is read or written on this channel
 * @chan: the channel
 *
 * Context: any.
 */
void vmbus_packet_break(struct vmbus_chan *chan)
{
	unsigned long flags;

	if (!vmbus_channel_move(chan, VMBUS_FROM(OPENING) | VMBUS_FROM(OPENED), VMBUS_CHANNEL_BROKEN))
		return;
	atomic_inc(&vmbus_conn.faults.broken_rings);
	/*
	 * Drivers look at the shared indices to decide whether to poll on; equal ones say no. The host, which is not
	 * to be trusted any more, may of course say otherwise. Under the lock because a sender may find the ring broken
	 * while the channel is being closed.
	 */
	spin_lock_irqsave(&chan->channel.outbound.ring_lock, flags);
	if (chan->in.control)
		WRITE_ONCE(chan->in.control->read_index, READ_ONCE(chan->in.control->write_index));
	spin_unlock_irqrestore(&chan->channel.outbound.ring_lock, flags);
	pr_err_ratelimited("channel %u: the host corrupted the ring, the channel is dead\n", chan->relid);
}

/* Tells a host with the shared interrupt page which channel the next signal is about. */
static void packet_set_page_bit(const struct vmbus_chan *chan)
{
	sync_set_bit(chan->relid, vmbus_conn.interrupt_page + VMBUS_INTERRUPT_PAGE_TO_HOST);
}

/**
 * vmbus_set_event() - signal the host with a hypercall
 * @channel: an open channel
 *
 * Context: any.
 */
void vmbus_set_event(struct vmbus_channel *channel)
{
	struct vmbus_chan *chan = to_chan(channel);

	/* Hosts that share one event connection look into the page for the channel's number. */
	if (!channel->is_dedicated_interrupt)
		packet_set_page_bit(chan);
	/* Two senders at once may be counted as one. */
	WRITE_ONCE(channel->sig_events, READ_ONCE(channel->sig_events) + 1);
	hv_signal_event(chan->signal);
}

/**
 * vmbus_setevent() - signal the host the cheapest way the channel allows
 * @channel: an open channel
 *
 * With a monitor bit the hypervisor signals the host for us within its latency, and no exit is needed now.
 *
 * Context: any.
 */
void vmbus_setevent(struct vmbus_channel *channel)
{
	trace_vmbus_setevent(to_chan(channel)->relid);
	if (!channel->offermsg.monitor_allocated || channel->low_latency) {
		vmbus_set_event(channel);
		return;
	}
	/* The hypervisor's signal is the same for all channels there. */
	if (vmbus_conn.shared_interrupts)
		packet_set_page_bit(to_chan(channel));
	/* Neighbouring channels share the word, so the bit is set atomically; bits 0..31 are the pending ones. */
	sync_set_bit(channel->monitor_bit, (unsigned long *)&vmbus_conn.monitor[1]->group[channel->monitor_grp]);
}

/* One packet to send. */
struct packet_out {
	struct vmbus_packet *descriptor;
	const void *payload;			/* in-band: what follows the descriptor */
	u32 bytes;
	const struct vmbus_ring_piece *piece;	/* other packets: all of it, the descriptor first; NULL: in-band */
	unsigned int pieces;
	bool hold;				/* more follows at once: the host need not see it yet; not in-band */
};

static u64 packet_take_id(struct vmbus_channel *channel, u64 address)
{
	/* What nearly all drivers have; an indirect call takes longer than what it calls. */
	if (likely(channel->next_request_id_callback == vmbus_next_request_id))
		return vmbus_next_request_id(channel, address);
	return channel->next_request_id_callback(channel, address);
}

/* Fills in the id, writes, counts and signals. */
static __always_inline int packet_send(struct vmbus_channel *channel, const struct packet_out *out, u64 address,
				       u64 *trans_id)
{
	struct vmbus_packet *descriptor = out->descriptor;
	struct vmbus_chan *chan = to_chan(channel);
	enum vmbus_ring_verdict verdict;
	u64 id = VMBUS_NO_RQSTOR;
	unsigned long flags;
	bool signal = false;
	u32 bytes;

	if (READ_ONCE(channel->rescind))
		return -ENODEV;

	spin_lock_irqsave(&channel->outbound.ring_lock, flags);
	if (!chan->out.control) {
		spin_unlock_irqrestore(&channel->outbound.ring_lock, flags);
		return -ENODEV;
	}
	/* Broken in the other direction: there will be no answer. */
	if (unlikely(READ_ONCE(chan->phase) == VMBUS_CHANNEL_BROKEN)) {
		verdict = VMBUS_RING_BROKEN;
		goto unlock;
	}
	bytes = le16_to_cpu(descriptor->total_qwords) * 8u;
	verdict = VMBUS_RING_OK;
	if (unlikely(!vmbus_ring_out_has_room(&chan->out, bytes)))
		verdict = vmbus_ring_out_check_room(&chan->out, bytes);
	if (verdict == VMBUS_RING_FULL) {
		++channel->out_full_total;
		if (!channel->out_full_flag) {
			++channel->out_full_first;
			channel->out_full_flag = true;
			vmbus_latency_ring_full(chan);
		}
	}
	if (verdict != VMBUS_RING_OK) {
		/* The room must come from what the host has not seen yet. */
		signal = vmbus_ring_out_publish(&chan->out);
		goto unlock;
	}

	/* A packet nobody completes must not take a slot, as nobody would free it. */
	if (descriptor->flags & cpu_to_le16(VMBUS_PACKET_FLAG_COMPLETION) && channel->next_request_id_callback) {
		id = packet_take_id(channel, address);
		if (id == VMBUS_RQST_ERROR) {
			verdict = VMBUS_RING_FULL;
			signal = vmbus_ring_out_publish(&chan->out);
			goto unlock;
		}
	}
	if (id == VMBUS_NO_RQSTOR)
		id = address;
	descriptor->transaction_id = cpu_to_le64(id);
	if (trans_id)
		*trans_id = id;
	if (channel->out_full_flag) {
		channel->out_full_flag = false;
		vmbus_latency_ring_has_room(chan);
	}
	if (out->hold) {
		vmbus_ring_out_hold(&chan->out, out->piece, out->pieces);
		goto unlock;
	}
	signal = out->piece ? vmbus_ring_out_fill(&chan->out, out->piece, out->pieces) :
			      vmbus_ring_out_put(&chan->out, descriptor, out->payload, out->bytes);
unlock:
	if (signal)
		++channel->intr_out_empty;
	spin_unlock_irqrestore(&channel->outbound.ring_lock, flags);
	if (signal)
		vmbus_setevent(channel);

	switch (verdict) {
	case VMBUS_RING_OK:
		return 0;
	case VMBUS_RING_FULL:
		return -EAGAIN;
	case VMBUS_RING_BROKEN:
		vmbus_packet_break(chan);
		return -EPROTO;
	default:
		return -EMSGSIZE;
	}
}

static __always_inline int packet_send_inband(struct vmbus_channel *channel, const void *buffer, u32 bufferlen,
					      u64 requestid, u64 *trans_id, enum vmbus_packet_type type, u32 flags)
{
	struct vmbus_packet packet;
	const struct packet_out out = { .descriptor = &packet, .payload = buffer, .bytes = bufferlen };

	if (bufferlen > U16_MAX * 8u - sizeof(packet))
		return -EMSGSIZE;
	packet.type = cpu_to_le16(type);
	packet.payload_qwords = cpu_to_le16(sizeof(packet) / 8);
	packet.total_qwords = cpu_to_le16((sizeof(packet) + bufferlen + 7) / 8);
	packet.flags = cpu_to_le16(flags);
	return packet_send(channel, &out, requestid, trans_id);
}

/**
 * vmbus_sendpacket_getid() - send a packet with its payload in the ring, and learn the id it went out with
 * @channel: an open channel
 * @buffer: the payload
 * @bufferlen: its length in bytes
 * @requestid: what identifies the request for the driver; the transaction id itself when the channel has no requestor
 * @trans_id: filled on success, unless NULL, before the host can see the packet
 * @type: VM_PKT_DATA_INBAND or VM_PKT_COMP
 * @flags: VMBUS_DATA_PACKET_FLAG_COMPLETION_REQUESTED or 0
 *
 * Context: any.
 * Return: 0; -EAGAIN when the ring is full or no transaction id is free; -ENODEV when the channel is rescinded or
 * closed; -EPROTO when the host has corrupted the ring; -EMSGSIZE when it can never fit.
 */
int vmbus_sendpacket_getid(struct vmbus_channel *channel, void *buffer, u32 bufferlen, u64 requestid, u64 *trans_id,
			   enum vmbus_packet_type type, u32 flags)
{
	return packet_send_inband(channel, buffer, bufferlen, requestid, trans_id, type, flags);
}

/**
 * vmbus_sendpacket() - send a packet with its payload in the ring
 * @channel: an open channel
 * @buffer: the payload
 * @bufferlen: its length in bytes
 * @requestid: as in vmbus_sendpacket_getid()
 * @type: as there
 * @flags: as there
 *
 * Context: any.
 * Return: as vmbus_sendpacket_getid().
 */
int vmbus_sendpacket(struct vmbus_channel *channel, void *buffer, u32 bufferlen, u64 requestid,
		     enum vmbus_packet_type type, u32 flags)
{
	return packet_send_inband(channel, buffer, bufferlen, requestid, NULL, type, flags);
}

/* Sends a packet that refers to ranges of guest memory: descriptor, ranges with their PFNs, payload. */
static int packet_send_ranges(struct vmbus_channel *channel, u32 range_count, const void *ranges, u32 ranges_bytes,
			      const void *buffer, u32 bufferlen, u64 requestid, bool hold)
{
	static const u8 zero[8];
	struct vmbus_packet_gpa_direct packet = {
		.packet.type = cpu_to_le16(VMBUS_PACKET_GPA_DIRECT),
		.packet.flags = cpu_to_le16(VMBUS_PACKET_FLAG_COMPLETION),
		.range_count = cpu_to_le32(range_count),
	};
	const struct vmbus_ring_piece piece[] = {
		{ &packet, sizeof(packet) },
		{ ranges, ranges_bytes },
		{ buffer, bufferlen },
		{ zero, -bufferlen & 7 },
	};
	const struct packet_out out = {
		.descriptor = &packet.packet,
		.piece = piece,
		.pieces = ARRAY_SIZE(piece),
		.hold = hold,
	};
	u32 header_bytes = sizeof(packet) + ranges_bytes;

	if (header_bytes > U16_MAX * 8u || bufferlen > U16_MAX * 8u - header_bytes)
		return -EMSGSIZE;
	packet.packet.payload_qwords = cpu_to_le16(header_bytes / 8);
	packet.packet.total_qwords = cpu_to_le16((header_bytes + bufferlen + 7) / 8);
	return packet_send(channel, &out, requestid, NULL);
}

COMPAT_IF_SENDPACKET_PAGEBUFFER(
/*
 * Each page is a range of one PFN, and struct hv_page_buffer has that very layout. Returns as vmbus_sendpacket_getid();
 * -EINVAL for an impossible number of pages.
 */
int vmbus_sendpacket_pagebuffer(struct vmbus_channel *channel, struct hv_page_buffer pagebuffers[], u32 pagecount,
				void *buffer, u32 bufferlen, u64 requestid)
{
	static_assert(sizeof(*pagebuffers) == sizeof(struct vmbus_gpa_range) + sizeof(__le64));

	if (pagecount > MAX_PAGE_BUFFER_COUNT)
		return -EINVAL;
	return packet_send_ranges(channel, pagecount, pagebuffers, pagecount * sizeof(*pagebuffers), buffer, bufferlen,
				  requestid, false);
}
)

/**
 * vmbus_sendpacket_mpb_desc() - send a packet that refers to ranges of guest memory
 * @channel: an open channel
 * @mpb: descriptor whose range count the caller has set and whose ranges, back to back, it has filled; the rest of it
 *	is not looked at. Drivers of kernels that have vmbus_sendpacket_pagebuffer() do not set the count: it is 1.
 * @desc_size: its length in bytes with the ranges and their PFNs, multiple of 8
 * @buffer: payload behind the descriptor
 * @bufferlen: its length in bytes
 * @requestid: as in vmbus_sendpacket_getid()
 *
 * The host may access the ranges until the driver has seen the completion.
 *
 * Context: any.
 * Return: as vmbus_sendpacket_getid(); -EINVAL for an impossible @desc_size.
 */
int vmbus_sendpacket_mpb_desc(struct vmbus_channel *channel, struct vmbus_packet_mpb_array *mpb, u32 desc_size,
			      void *buffer, u32 bufferlen, u64 requestid)
{
	u32 header_bytes = sizeof(struct vmbus_packet_gpa_direct);

	if (desc_size < header_bytes + sizeof(struct vmbus_gpa_range) || desc_size & 7)
		return -EINVAL;
	return packet_send_ranges(channel, compat_mpb_range_count(mpb), (u8 *)mpb + header_bytes,
				  desc_size - header_bytes, buffer, bufferlen, requestid, false);
}

/**
 * vmbus_hold_packet_mpb_desc() - send a packet that refers to ranges of guest memory, together with what follows
 * @channel: an open channel
 * @mpb: as for vmbus_sendpacket_mpb_desc(), but its range count is always looked at
 * @desc_size: as there
 * @buffer: as there
 * @bufferlen: as there
 * @requestid: as there
 *
 * The host does not see the packet before vmbus_publish_packets(), or before another packet is sent on the channel in
 * any other way, or finds no room; and is signalled once for all of them.
 *
 * Context: any.
 * Return: as vmbus_sendpacket_mpb_desc(); after an error what was held back before is on its way.
 */
int vmbus_hold_packet_mpb_desc(struct vmbus_channel *channel, struct vmbus_packet_mpb_array *mpb, u32 desc_size,
			       void *buffer, u32 bufferlen, u64 requestid)
{
	u32 header_bytes = sizeof(struct vmbus_packet_gpa_direct);

	if (desc_size < header_bytes + sizeof(struct vmbus_gpa_range) || desc_size & 7)
		return -EINVAL;
	return packet_send_ranges(channel, mpb->rangecount, (u8 *)mpb + header_bytes, desc_size - header_bytes, buffer,
				  bufferlen, requestid, true);
}

/**
 * vmbus_publish_packets() - let the host see the packets that were held back on a channel
 * @channel: a channel; nothing happens unless it is open
 *
 * Context: any.
 */
void vmbus_publish_packets(struct vmbus_channel *channel)
{
	struct vmbus_chan *chan = to_chan(channel);
	unsigned long flags;
	bool signal = false;

	/* Who held a packet back sees that here; what others hold back they publish. */
	if (!vmbus_ring_out_is_holding(&chan->out) || READ_ONCE(channel->rescind))
		return;
	spin_lock_irqsave(&channel->outbound.ring_lock, flags);
	if (chan->out.control && READ_ONCE(chan->phase) != VMBUS_CHANNEL_BROKEN)
		signal = vmbus_ring_out_publish(&chan->out);
	if (signal)
		++channel->intr_out_empty;
	spin_unlock_irqrestore(&channel->outbound.ring_lock, flags);
	if (signal)
		vmbus_setevent(channel);
}

/* Gives space back to the host after a batch. */
static void packet_commit(struct vmbus_channel *channel)
{
	struct vmbus_chan *chan = to_chan(channel);
	bool signal;

	if (vmbus_ring_in_commit(&chan->in, &signal) == VMBUS_RING_BROKEN) {
		vmbus_packet_break(chan);
	} else if (signal) {
		++channel->intr_in_full;
		vmbus_setevent(channel);
	}
}

/* The next packet without copying it, for a buffer that takes only a part of it, or nothing. */
static int packet_find(struct vmbus_chan *chan, struct vmbus_packet *packet)
{
	switch (vmbus_ring_in_peek(&chan->in, packet)) {
	case VMBUS_RING_OK:
		return 0;
	case VMBUS_RING_EMPTY:
		return -EAGAIN;
	default:
		vmbus_packet_break(chan);
		return -EPROTO;
	}
}

/* Done with the packet under the reader, and with the batch. */
static void packet_done(struct vmbus_channel *channel)
{
	vmbus_ring_in_next(&to_chan(channel)->in);
	packet_commit(channel);
}

/**
 * vmbus_recvpacket() - receive the payload of the next packet
 * @channel: an open channel
 * @buffer: where to
 * @bufferlen: its length in bytes
 * @buffer_actual_len: set to the payload's length in the ring (multiple of 8), 0 when there is no packet
 * @requestid: set to the packet's transaction id, any value the host liked
 *
 * Context: one reader of the channel at a time.
 * Return: 0; -ENOBUFS when the buffer is too small, the packet stays; -EPROTO when the host has corrupted the ring;
 * -ENODEV when the channel is closed.
 */
int vmbus_recvpacket(struct vmbus_channel *channel, void *buffer, u32 bufferlen, u32 *buffer_actual_len, u64 *requestid)
{
	struct vmbus_chan *chan = to_chan(channel);
	struct vmbus_packet packet;
	u32 offset, bytes;
	int ret;

	*buffer_actual_len = 0;
	*requestid = 0;
	if (!chan->in.control)
		return -ENODEV;
	ret = packet_find(chan, &packet);
	if (ret)
		return ret == -EAGAIN ? 0 : ret;
	offset = le16_to_cpu(packet.payload_qwords) * 8u;
	bytes = le16_to_cpu(packet.total_qwords) * 8u - offset;
	*buffer_actual_len = bytes;
	*requestid = le64_to_cpu(packet.transaction_id);
	/* The packet stays, so that the driver can come again with a buffer of that length. */
	if (bytes > bufferlen)
		return -ENOBUFS;
	vmbus_ring_in_copy(&chan->in, offset, buffer, bytes);
	packet_done(channel);
	return 0;
}

/**
 * vmbus_recvpacket_raw() - receive the next packet with its descriptor
 * @channel: an open channel
 * @buffer: where to
 * @bufferlen: its length in bytes
 * @buffer_actual_len: set to the packet's length (multiple of 8), 0 when there is no packet
 * @requestid: set to the packet's transaction id, any value the host liked
 *
 * Context: one reader of the channel at a time.
 * Return: as vmbus_recvpacket().
 */
int vmbus_recvpacket_raw(struct vmbus_channel *channel, void *buffer, u32 bufferlen, u32 *buffer_actual_len,
			 u64 *requestid)
{
	struct vmbus_chan *chan = to_chan(channel);
	struct vmbus_packet packet;
	int ret;

	*buffer_actual_len = 0;
	*requestid = 0;
	if (!chan->in.control)
		return -ENODEV;
	switch (vmbus_ring_in_read(&chan->in, buffer, bufferlen)) {
	case VMBUS_RING_OK:
		memcpy(&packet, buffer, sizeof(packet));
		packet_done(channel);
		ret = 0;
		break;
	case VMBUS_RING_EMPTY:
		return 0;
	case VMBUS_RING_TOO_BIG:
		/* The packet stays, so that the driver can come again. What is told is of one look, if not of the first. */
		ret = packet_find(chan, &packet) ? -EPROTO : -ENOBUFS;
		break;
	default:
		vmbus_packet_break(chan);
		return -EPROTO;
	}
	if (ret == -EPROTO)
		return ret;
	*buffer_actual_len = le16_to_cpu(packet.total_qwords) * 8u;
	*requestid = le64_to_cpu(packet.transaction_id);
	return ret;
}

/*
 * A packet that is longer than the private buffer: as much of it as fits, and a descriptor that says so. It is looked at
 * anew; it may look different, and fit by now.
 */
static noinline struct vmpacket_descriptor *packet_cut(struct vmbus_channel *channel)
{
	u8 *buffer = channel->inbound.pkt_buffer;
	struct vmbus_chan *chan = to_chan(channel);
	struct vmbus_packet packet;
	u32 bytes, total;

	if (packet_find(chan, &packet))
		return NULL;
	total = le16_to_cpu(packet.total_qwords) * 8u;
	bytes = min(total, ALIGN_DOWN(channel->inbound.pkt_buffer_size, 8));
	atomic_inc(&vmbus_conn.faults.truncated_packets);
	pr_warn_ratelimited("channel %u: packet of %u bytes cut to %u\n", chan->relid, total, bytes);
	packet.total_qwords = cpu_to_le16(bytes / 8);
	if (le16_to_cpu(packet.payload_qwords) * 8u > bytes)
		packet.payload_qwords = packet.total_qwords;
	memcpy(buffer, &packet, sizeof(packet));
	vmbus_ring_in_copy(&chan->in, sizeof(packet), buffer + sizeof(packet), bytes - sizeof(packet));
	return (struct vmpacket_descriptor *)buffer;
}

static noinline struct vmpacket_descriptor *packet_without_copy(struct vmbus_channel *channel,
								enum vmbus_ring_verdict verdict)
{
	switch (verdict) {
	case VMBUS_RING_EMPTY:
		return NULL;
	case VMBUS_RING_TOO_BIG:
		return packet_cut(channel);
	default:
		vmbus_packet_break(to_chan(channel));
		return NULL;
	}
}

static __always_inline struct vmpacket_descriptor *packet_private_copy(struct vmbus_channel *channel)
{
	enum vmbus_ring_verdict verdict;

	verdict = vmbus_ring_in_read(&to_chan(channel)->in, channel->inbound.pkt_buffer, channel->inbound.pkt_buffer_size);
	if (unlikely(verdict != VMBUS_RING_OK))
		return packet_without_copy(channel, verdict);
	return channel->inbound.pkt_buffer;
}

/**
 * hv_pkt_iter_first() - a private copy of the next packet
 * @channel: an open channel
 *
 * The copy stays as it is until the next call of this or of hv_pkt_iter_next(). A packet longer than the channel's
 * max_pkt_size is cut to that.
 *
 * Context: one reader of the channel at a time.
 * Return: the packet, with its lengths checked; NULL when there is none or the ring is corrupt.
 */
struct vmpacket_descriptor *hv_pkt_iter_first(struct vmbus_channel *channel)
{
	return likely(to_chan(channel)->in.control) ? packet_private_copy(channel) : NULL;
}

/**
 * __hv_pkt_iter_next() - done with a packet, a private copy of the one behind it
 * @channel: an open channel
 * @desc: what the call before returned; its content does not matter any more
 *
 * Does not give space back to the host: hv_pkt_iter_close() does, for the whole batch.
 *
 * Context: one reader of the channel at a time.
 * Return: as hv_pkt_iter_first().
 */
struct vmpacket_descriptor *__hv_pkt_iter_next(struct vmbus_channel *channel, const struct vmpacket_descriptor *desc)
{
	struct vmbus_chan *chan = to_chan(channel);

	if (!chan->in.control)
		return NULL;
	vmbus_ring_in_next(&chan->in);
	return packet_private_copy(channel);
}

/**
 * hv_pkt_iter_close() - give the space of all packets done with back to the host
 * @channel: an open channel
 *
 * To be called when the packets have run out (hv_pkt_iter_next() does) or when the reader leaves early.
 *
 * Context: one reader of the channel at a time.
 */
void hv_pkt_iter_close(struct vmbus_channel *channel)
{
	if (to_chan(channel)->in.control)
		packet_commit(channel);
}

/**
 * vmbus_next_request_id() - take a transaction id
 * @channel: the channel
 * @rqst_addr: what identifies the request for the driver
 *
 * Context: any.
 * Return: the id; VMBUS_RQST_ERROR when all are in use; VMBUS_NO_RQSTOR when the channel was opened without
 * rqstor_size.
 */
u64 vmbus_next_request_id(struct vmbus_channel *channel, u64 rqst_addr)
{
	struct vmbus_chan *chan = to_chan(channel);
	unsigned long flags;
	u64 id;

	if (!channel->rqstor_size)
		return VMBUS_NO_RQSTOR;
	lock_requestor(channel, flags);
	id = vmbus_xid_take(&chan->xids, rqst_addr);
	unlock_requestor(channel, flags);
	return id == VMBUS_XID_NONE ? VMBUS_RQST_ERROR : id;
}

/**
 * __vmbus_request_addr_match() - look a transaction id up, and free it if it belongs to a request
 * @channel: the channel
 * @trans_id: as the host gave it: any value
 * @rqst_addr: the request it should belong to, or VMBUS_RQST_ADDR_ANY
 *
 * Context: lock_requestor() taken.
 * Return: what was given to vmbus_next_request_id() for this id; VMBUS_RQST_ERROR when no such request is in flight;
 * VMBUS_NO_RQSTOR when the channel was opened without rqstor_size.
 */
u64 __vmbus_request_addr_match(struct vmbus_channel *channel, u64 trans_id, u64 rqst_addr)
{
	struct vmbus_chan *chan = to_chan(channel);
	u64 stored;

	lockdep_assert_held(&channel->requestor.req_lock);
	if (!channel->rqstor_size)
		return VMBUS_NO_RQSTOR;
	if (!vmbus_xid_lookup(&chan->xids, trans_id, &stored))
		return VMBUS_RQST_ERROR;
	if (rqst_addr == VMBUS_RQST_ADDR_ANY || rqst_addr == stored)
		vmbus_xid_release(&chan->xids, trans_id, &stored);
	return stored;
}

/**
 * vmbus_request_addr_match() - as __vmbus_request_addr_match(), taking the lock
 * @channel: the channel
 * @trans_id: as the host gave it: any value
 * @rqst_addr: the request it should belong to, or VMBUS_RQST_ADDR_ANY
 *
 * Context: any.
 * Return: as there.
 */
u64 vmbus_request_addr_match(struct vmbus_channel *channel, u64 trans_id, u64 rqst_addr)
{
	unsigned long flags;
	u64 stored;

	lock_requestor(channel, flags);
	stored = __vmbus_request_addr_match(channel, trans_id, rqst_addr);
	unlock_requestor(channel, flags);
	return stored;
}

/**
 * vmbus_request_addr() - end the request with a transaction id
 * @channel: the channel
 * @trans_id: as the host gave it: any value
 *
 * Context: any.
 * Return: as __vmbus_request_addr_match().
 */
u64 vmbus_request_addr(struct vmbus_channel *channel, u64 trans_id)
{
	return vmbus_request_addr_match(channel, trans_id, VMBUS_RQST_ADDR_ANY);
}

/**
 * hv_ringbuffer_get_debuginfo() - a look at the indices of a ring
 * @ring_info: the ring
 * @debug_info: filled on success
 *
 * Context: may sleep.
 * Return: 0; -EINVAL when the channel is not open.
 */
int hv_ringbuffer_get_debuginfo(struct hv_ring_buffer_info *ring_info, struct hv_ring_buffer_debug_info *debug_info)
{
	const struct hv_ring_buffer *ring;
	u32 read_index, write_index, used;

	mutex_lock(&ring_info->ring_buffer_mutex);
	ring = ring_info->ring_buffer;
	if (!ring) {
		mutex_unlock(&ring_info->ring_buffer_mutex);
		return -EINVAL;
	}
	read_index = READ_ONCE(ring->read_index);
	write_index = READ_ONCE(ring->write_index);
	used = write_index >= read_index ? write_index - read_index : ring_info->ring_datasize - (read_index - write_index);
	debug_info->current_read_index = read_index;
	debug_info->current_write_index = write_index;
	debug_info->current_interrupt_mask = READ_ONCE(ring->interrupt_mask);
	debug_info->bytes_avail_toread = used;
	debug_info->bytes_avail_towrite = ring_info->ring_datasize - used;
	mutex_unlock(&ring_info->ring_buffer_mutex);
	return 0;
}

/**
 * hv_ringbuffer_spinlock_busy() - whether somebody is writing to the outbound ring
 * @channel: the channel
 *
 * Return: true if so.
 */
bool hv_ringbuffer_spinlock_busy(struct vmbus_channel *channel)
{
	return spin_is_locked(&channel->outbound.ring_lock);
}
