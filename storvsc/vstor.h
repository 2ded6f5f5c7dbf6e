/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The storage session with the host's storvsp, one for each controller: see vstor.c.
 */
#ifndef STORVSC_VSTOR_H
#define STORVSC_VSTOR_H

#include <linux/completion.h>
#include <linux/hyperv.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <hyperv/vstor.h>

/*
 * Transaction ids. The lower half names a slot of the command table (queue.h) or, with this value, the session; the
 * upper half changes with each request, so that a late or repeated reply matches nothing. 0 is never used: the host
 * marks its own notices with it.
 */
#define VSTOR_ID_SESSION	0xffffffffu

static inline bool vstor_id_is_session(u64 id)
{
	return lower_32_bits(id) == VSTOR_ID_SESSION;
}

/*
 * Policy: room for one inbound packet in the bus's private buffer. Valid ones take 80 bytes; the rest lets a host that
 * sends more be noticed while the ring is still in step.
 */
#define VSTOR_INBOUND_MAX_BYTES	256

/**
 * struct vstor_session - what was agreed with the host about one controller
 * @channel: the primary channel; all session requests travel on it
 * @version: VSTOR_VERSION_x_y the host accepted, 0 before
 * @packet_bytes: size of every packet of this session in both directions
 * @srb_bytes: size of the SRB inside
 * @sense_bytes: sense data the host may return
 * @max_transfer_bytes: largest transfer of one SRB: a multiple of 4096, at least 4096
 * @look: reads what the host has answered though it did not interrupt; process context, may be NULL. Set by the owner after
 *	vstor_session_init()
 * @is_fibre_channel: the host is asked for the adapter's names
 * @names: its answer
 * @max_sub_channels: what the host offers besides the primary channel, 0 when it does not support them
 * @lock: one request at a time; protects all of the above while they are negotiated
 * @reply_lock: protects the members below; innermost, taken in softirq
 * @pending_id: transaction id that is waited for, 0 for none
 * @sequence: last value used for the upper half of an id
 * @reply_bytes: size of the reply as received, may exceed @reply
 * @reply: private copy of the reply
 * @replied: the reply is there
 * @stray_replies: replies nobody waited for
 */
struct vstor_session {
	struct vmbus_channel *channel;
	u16 version;
	u8 packet_bytes;
	u8 srb_bytes;
	u8 sense_bytes;
	u32 max_transfer_bytes;
	u16 max_sub_channels;
	void (*look)(struct vstor_session *session);
	bool is_fibre_channel;
	struct vstor_wwn names;

	struct mutex lock;

	spinlock_t reply_lock;
	u64 pending_id;
	u32 sequence;
	u32 reply_bytes;
	struct vstor_packet reply;
	struct completion replied;
	unsigned long stray_replies;
};

void vstor_session_init(struct vstor_session *session, struct vmbus_channel *channel, bool is_fibre_channel);
int vstor_channel_open(struct vmbus_channel *channel, u32 ring_bytes, void (*callback)(void *context), void *context);
int vstor_connect(struct vstor_session *session);
int vstor_create_sub_channels(struct vstor_session *session, u16 count);
int vstor_reset_bus(struct vstor_session *session, unsigned int timeout_ms);
void vstor_deliver_reply(struct vstor_session *session, u64 id, const void *payload, u32 payload_bytes);
int vstor_send_srb(const struct vstor_session *session, struct vmbus_channel *channel, struct vstor_packet *packet,
		   struct vmbus_packet_mpb_array *buffer, u32 nr_frames, u64 id, bool more);

#endif
