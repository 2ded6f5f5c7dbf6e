// SPDX-License-Identifier: GPL-2.0
/*
 * The storage session: agree on a protocol version, learn the limits, ask for sub-channels, reset the bus.
 * Knows packets and channels, no SCSI mid-layer and no command. One request is in flight at a time; every wait ends
 * with a reply, a rescind or a timeout.
 * Storage protocol: initialization, properties, sub-channels, reset.
 */
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "batch.h"
#include "vstor.h"

/*
 * Policy: how long one step of the initialization may take. Loaded hosts were seen to need more than ten seconds, and
 * giving up means a machine without its disks.
 */
#define VSTOR_STEP_TIMEOUT_MS	180000

/* Policy: how often a wait looks whether the device was rescinded; no event tells a driver. */
#define VSTOR_RESCIND_POLL_MS	100

/*
 * Policy: largest transfer ever used, whatever the host allows. The frame numbers of one transfer must fit the outbound
 * ring several times over, and the mid-layer counts scatterlist entries in 16 bits.
 */
#define VSTOR_MAX_TRANSFER_BYTES	(8u << 20)

/* Fibre Channel hosts announce more than they can do: longer transfers fail. */
#define VSTOR_MAX_FC_TRANSFER_BYTES	(512u << 10)

/* Best first. The host refuses what it does not know and the next is tried. */
static const u16 vstor_versions[] = {
	VSTOR_VERSION_6_2,
	VSTOR_VERSION_6_0,
	VSTOR_VERSION_5_1,
	VSTOR_VERSION_4_2,
	VSTOR_VERSION_2_0,
};

/**
 * vstor_session_init() - prepare a session, before its channel is opened
 * @session: the session
 * @channel: the primary channel
 * @is_fibre_channel: the controller is a Fibre Channel adapter
 *
 * Context: any; the channel must not be open.
 */
void vstor_session_init(struct vstor_session *session, struct vmbus_channel *channel, bool is_fibre_channel)
{
	memset(session, 0, sizeof(*session));
	session->is_fibre_channel = is_fibre_channel;
	session->channel = channel;
	mutex_init(&session->lock);
	spin_lock_init(&session->reply_lock);
	init_completion(&session->replied);
}

/**
 * vstor_channel_open() - open a primary or sub-channel for storage packets
 * @channel: the channel, not open
 * @ring_bytes: size of each of the two rings, a multiple of the page size
 * @callback: runs in softirq context when packets have arrived, possibly before this function returns
 * @context: argument of @callback
 *
 * Context: may sleep; waits for the host.
 * Return: 0, or the bus's error (-ENODEV rescinded, -ENOMEM, -ETIMEDOUT, -EIO refused by the host).
 */
int vstor_channel_open(struct vmbus_channel *channel, u32 ring_bytes, void (*callback)(void *context), void *context)
{
	struct vstor_properties user_data = {};

	channel->max_pkt_size = VSTOR_INBOUND_MAX_BYTES;
	/* The host echoes our own ids; the bus must not replace them. */
	channel->next_request_id_callback = NULL;
	return vmbus_open(channel, ring_bytes, ring_bytes, &user_data, sizeof(user_data), callback, context);
}

static void vstor_set_packet_format(struct vstor_session *session, bool old)
{
	session->packet_bytes = old ? VSTOR_PACKET_BYTES_OLD : VSTOR_PACKET_BYTES;
	session->srb_bytes = old ? VSTOR_SRB_BYTES_OLD : VSTOR_SRB_BYTES;
	session->sense_bytes = old ? VSTOR_SENSE_BYTES_OLD : VSTOR_SENSE_BYTES;
}

static u64 vstor_expect_reply(struct vstor_session *session)
{
	u64 id;

	spin_lock_bh(&session->reply_lock);
	/* 31 bits: all ones in both halves is what the bus uses for "no id". */
	session->sequence = (session->sequence + 1) & 0x7fffffff;
	if (!session->sequence)
		session->sequence = 1;
	id = (u64)session->sequence << 32 | VSTOR_ID_SESSION;
	session->pending_id = id;
	reinit_completion(&session->replied);
	spin_unlock_bh(&session->reply_lock);
	return id;
}

static void vstor_stop_expecting(struct vstor_session *session)
{
	spin_lock_bh(&session->reply_lock);
	session->pending_id = 0;
	spin_unlock_bh(&session->reply_lock);
}

/*
 * One request and its reply. @packet holds the request and, on success, the reply.
 * Returns 0 when a well-formed reply arrived, whatever its status; -ENODEV rescinded, -ETIMEDOUT no room in the ring or
 * no reply, -EPROTO malformed reply, or another error of the bus.
 */
static int vstor_exchange(struct vstor_session *session, struct vstor_packet *packet, unsigned int timeout_ms)
{
	unsigned long deadline = jiffies + msecs_to_jiffies(timeout_ms);
	unsigned long poll = msecs_to_jiffies(VSTOR_RESCIND_POLL_MS);
	bool sent = false;
	u64 id;
	int ret;

	lockdep_assert_held(&session->lock);

	packet->flags = cpu_to_le32(VSTOR_FLAG_COMPLETION);
	id = vstor_expect_reply(session);
	for (;;) {
		if (READ_ONCE(session->channel->rescind)) {
			ret = -ENODEV;
			break;
		}
		if (!sent) {
			ret = vmbus_sendpacket(session->channel, packet, session->packet_bytes, id, VM_PKT_DATA_INBAND,
					       VMBUS_DATA_PACKET_FLAG_COMPLETION_REQUESTED);
			/* A ring full of commands empties as the host takes them. */
			if (ret && ret != -EAGAIN)
				break;
			sent = !ret;
		}
		if (wait_for_completion_timeout(&session->replied, poll)) {
			ret = 0;
			break;
		}
		/* The interrupt may have been lost, and the answer be there. */
		if (sent && session->look) {
			session->look(session);
			if (try_wait_for_completion(&session->replied)) {
				ret = 0;
				break;
			}
		}
		if (time_after(jiffies, deadline)) {
			ret = -ETIMEDOUT;
			break;
		}
	}
	vstor_stop_expecting(session);
	if (ret)
		return ret;

	/* pending_id is clear: nobody writes to the reply any more. */
	if (session->reply_bytes < session->packet_bytes ||
	    session->reply.operation != cpu_to_le32(VSTOR_OP_COMPLETE_IO))
		return -EPROTO;
	*packet = session->reply;
	return 0;
}

/* A request whose only answer is its status. -EIO when the host refused. */
static int vstor_request(struct vstor_session *session, struct vstor_packet *packet, u32 operation,
			 unsigned int timeout_ms)
{
	int ret;

	packet->operation = cpu_to_le32(operation);
	packet->status = 0;
	ret = vstor_exchange(session, packet, timeout_ms);
	if (ret)
		return ret;
	return packet->status ? -EIO : 0;
}

static int vstor_negotiate_version(struct vstor_session *session)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(vstor_versions); i++) {
		struct vstor_packet packet = {};
		int ret;

		/* A host of the small packets has no room for what later versions mean. */
		if (session->packet_bytes == VSTOR_PACKET_BYTES_OLD && vstor_versions[i] >= VSTOR_VERSION_5_1)
			continue;
		packet.version.major_minor = cpu_to_le16(vstor_versions[i]);
		ret = vstor_request(session, &packet, VSTOR_OP_QUERY_PROTOCOL_VERSION, VSTOR_STEP_TIMEOUT_MS);
		if (ret == -EIO)
			continue;
		if (ret)
			return ret;
		/* Only the status counts; the number that is echoed may be anything. */
		session->version = vstor_versions[i];
		vstor_set_packet_format(session, session->version < VSTOR_VERSION_5_1);
		return 0;
	}
	return -EOPNOTSUPP;
}

static int vstor_query_properties(struct vstor_session *session)
{
	struct vstor_packet packet = {};
	u32 max_transfer_bytes;
	int ret;

	ret = vstor_request(session, &packet, VSTOR_OP_QUERY_PROPERTIES, VSTOR_STEP_TIMEOUT_MS);
	if (ret)
		return ret;

	max_transfer_bytes = le32_to_cpu(packet.properties.max_transfer_bytes);
	max_transfer_bytes = min(max_transfer_bytes,
				 session->is_fibre_channel ? VSTOR_MAX_FC_TRANSFER_BYTES : VSTOR_MAX_TRANSFER_BYTES);
	max_transfer_bytes = round_down(max_transfer_bytes, HV_HYP_PAGE_SIZE);
	if (!max_transfer_bytes)
		return -EPROTO;
	session->max_transfer_bytes = max_transfer_bytes;

	session->max_sub_channels = 0;
	if (session->version >= VSTOR_VERSION_5_1 &&
	    packet.properties.flags & cpu_to_le32(VSTOR_PROPERTY_MULTI_CHANNEL))
		session->max_sub_channels = le16_to_cpu(packet.properties.max_sub_channels);
	return 0;
}

static int vstor_query_names(struct vstor_session *session)
{
	struct vstor_packet packet = {};
	int ret;

	ret = vstor_request(session, &packet, VSTOR_OP_FCHBA_DATA, VSTOR_STEP_TIMEOUT_MS);
	if (!ret)
		session->names = packet.wwn;
	return ret;
}

/**
 * vstor_connect() - initialize the session on its freshly opened primary channel
 * @session: the session; its limits are set on success
 *
 * After an error the caller closes the channel: an answer may still be on its way, which is harmless as long as the
 * session lives.
 *
 * Context: may sleep, minutes if the host is slow to answer.
 * Return: 0; -ENODEV rescinded, -ETIMEDOUT no reply, -EPROTO malformed reply or impossible limits, -EOPNOTSUPP the
 * host accepted none of our versions, -EIO the host refused a step.
 */
int vstor_connect(struct vstor_session *session)
{
	struct vstor_packet packet = {};
	int ret;

	mutex_lock(&session->lock);
	session->version = 0;
	/* The larger packets came with the hosts that speak VMBus 2.4; these take them before a version is agreed. */
	vstor_set_packet_format(session, vmbus_proto_version < VERSION_WIN8);
	ret = vstor_request(session, &packet, VSTOR_OP_BEGIN_INITIALIZATION, VSTOR_STEP_TIMEOUT_MS);
	if (!ret)
		ret = vstor_negotiate_version(session);
	if (!ret)
		ret = vstor_query_properties(session);
	if (!ret && session->is_fibre_channel)
		ret = vstor_query_names(session);
	if (!ret) {
		memset(&packet, 0, sizeof(packet));
		ret = vstor_request(session, &packet, VSTOR_OP_END_INITIALIZATION, VSTOR_STEP_TIMEOUT_MS);
	}
	mutex_unlock(&session->lock);
	return ret;
}

/**
 * vstor_create_sub_channels() - ask the host to offer sub-channels
 * @session: a connected session
 * @count: 1 to session->max_sub_channels
 *
 * The offers follow through the bus, some perhaps never. Failure is not fatal: everything works on the primary channel.
 *
 * Context: may sleep.
 * Return: as vstor_connect().
 */
int vstor_create_sub_channels(struct vstor_session *session, u16 count)
{
	struct vstor_packet packet = {};
	int ret;

	mutex_lock(&session->lock);
	packet.sub_channel_count = cpu_to_le16(count);
	ret = vstor_request(session, &packet, VSTOR_OP_CREATE_SUB_CHANNELS, VSTOR_STEP_TIMEOUT_MS);
	mutex_unlock(&session->lock);
	return ret;
}

/**
 * vstor_reset_bus() - ask the host to reset the bus
 * @session: a connected session
 * @timeout_ms: how long to wait for the answer
 *
 * The answer says nothing about outstanding commands: hosts go on with them and complete them later, so each still
 * owns its memory until its own completion.
 *
 * Context: may sleep.
 * Return: as vstor_connect().
 */
int vstor_reset_bus(struct vstor_session *session, unsigned int timeout_ms)
{
	struct vstor_packet packet = {};
	int ret;

	mutex_lock(&session->lock);
	ret = vstor_request(session, &packet, VSTOR_OP_RESET_BUS, timeout_ms);
	mutex_unlock(&session->lock);
	return ret;
}

/**
 * vstor_deliver_reply() - hand a completion with a session id to whoever waits for it
 * @session: the session
 * @id: transaction id of the completion
 * @payload: private copy of the packet
 * @payload_bytes: its size
 *
 * A reply nobody waits for, because it is late or repeated, is counted and dropped.
 *
 * Context: any.
 */
void vstor_deliver_reply(struct vstor_session *session, u64 id, const void *payload, u32 payload_bytes)
{
	unsigned long flags;

	spin_lock_irqsave(&session->reply_lock, flags);
	if (id == session->pending_id) {
		session->pending_id = 0;
		session->reply_bytes = payload_bytes;
		memset(&session->reply, 0, sizeof(session->reply));
		memcpy(&session->reply, payload, min_t(u32, payload_bytes, sizeof(session->reply)));
		complete(&session->replied);
	} else {
		session->stray_replies++;
	}
	spin_unlock_irqrestore(&session->reply_lock, flags);
}

/**
 * vstor_send_srb() - put one EXECUTE_SRB packet on a ring
 * @session: a connected session
 * @channel: an open channel of this session's device
 * @packet: the packet
 * @buffer: descriptor of the data buffer with its frame numbers, length and offset set; NULL when there is no data
 * @nr_frames: frame numbers in @buffer
 * @id: transaction id, not 0
 * @more: storvsc_batch_publish() or another packet follows at once; until then the host may not see this one
 *
 * @packet and @buffer are copied; on success the host owns the memory they name until its completion of @id.
 *
 * Context: any, does not sleep.
 * Return: 0, -EAGAIN ring full, -ENODEV rescinded.
 */
int vstor_send_srb(const struct vstor_session *session, struct vmbus_channel *channel, struct vstor_packet *packet,
		   struct vmbus_packet_mpb_array *buffer, u32 nr_frames, u64 id, bool more)
{
	u32 buffer_bytes;

	if (!buffer)
		return vmbus_sendpacket(channel, packet, session->packet_bytes, id, VM_PKT_DATA_INBAND,
					VMBUS_DATA_PACKET_FLAG_COMPLETION_REQUESTED);

	/* One range: one virtually contiguous buffer. Some kernels leave the count to us, others write it themselves. */
	buffer->rangecount = 1;
	buffer->reserved = 0;
	buffer_bytes = struct_size(buffer, range.pfn_array, nr_frames);
	if (more)
		return storvsc_batch_send(channel, buffer, buffer_bytes, packet, session->packet_bytes, id);
	return vmbus_sendpacket_mpb_desc(channel, buffer, buffer_bytes, packet, session->packet_bytes, id);
}
