// SPDX-License-Identifier: GPL-2.0
/*
 * The NVSP session: version, NDIS configuration, shared buffers, and the dispatch of everything that arrives on a channel.
 * Must not know an RNDIS field, an skb or a net_device. Protocol: NVSP 1 to 6.1 over VMBus packets (in-band, GPA direct,
 * transfer pages, completion).
 */
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "nvsp.h"

/* Bytes of an NVSP message up to and including a body of the given type */
#define NVSP_BYTES(body)	(offsetof(struct nvsp_message, body) + sizeof_field(struct nvsp_message, body))

/* Policy: between two looks at the rescind flag, which wakes nobody */
#define NVSP_RESCIND_POLL_MS	50

/* Which reply answers which request, and how long it must be. Where the reply has no number, an empty completion does. */
static const struct nvsp_exchange {
	u32 request;
	u32 reply;
	u32 reply_bytes;
} nvsp_exchanges[] = {
	{ NVSP_MSG_INIT, NVSP_MSG_INIT_COMPLETE, NVSP_BYTES(init_complete) },
	{ NVSP_MSG_SEND_RECV_BUF, NVSP_MSG_SEND_RECV_BUF_COMPLETE, NVSP_BYTES(recv_buf_complete) },
	{ NVSP_MSG_SEND_SEND_BUF, NVSP_MSG_SEND_SEND_BUF_COMPLETE, NVSP_BYTES(send_buf_complete) },
	{ NVSP_MSG_REVOKE_RECV_BUF, 0, 0 },
	{ NVSP_MSG_REVOKE_SEND_BUF, 0, 0 },
	{ NVSP_MSG_SUBCHANNEL, NVSP_MSG_SUBCHANNEL, NVSP_BYTES(subchannel_complete) },
	{ NVSP_MSG_SWITCH_DATA_PATH, 0, 0 },
};

/**
 * nvsp_init() - prepare a session before its channel is opened
 * @nvsp:	the session
 * @ops:	what it reports to
 * @primary:	primary channel of the device
 */
void nvsp_init(struct nvsp *nvsp, const struct nvsp_ops *ops, struct vmbus_channel *primary)
{
	memset(nvsp, 0, sizeof(*nvsp));
	nvsp->ops = ops;
	nvsp->channel = primary;
	mutex_init(&nvsp->request_mutex);
	spin_lock_init(&nvsp->lock);
	init_completion(&nvsp->request_done);
	init_waitqueue_head(&nvsp->progress);
}

/**
 * nvsp_channel_init() - prepare one channel of a session before it is opened
 * @nc:		the channel's NVSP state
 * @nvsp:	its session
 * @channel:	the VMBus channel
 */
void nvsp_channel_init(struct nvsp_channel *nc, struct nvsp *nvsp, struct vmbus_channel *channel)
{
	nc->nvsp = nvsp;
	nc->channel = channel;
}

/**
 * nvsp_wait() - wait for a completion, a rescind or the end of patience
 * @nvsp:	the session whose channel may be rescinded
 * @done:	what to wait for
 * @timeout_ms:	for how long
 *
 * Context: may sleep.
 * Return: 0, -ENODEV when the channel was rescinded, -ETIMEDOUT.
 */
int nvsp_wait(struct nvsp *nvsp, struct completion *done, unsigned int timeout_ms)
{
	unsigned long end = jiffies + msecs_to_jiffies(timeout_ms);

	for (;;) {
		if (wait_for_completion_timeout(done, msecs_to_jiffies(NVSP_RESCIND_POLL_MS)))
			return 0;
		if (nvsp_is_gone(nvsp))
			return -ENODEV;
		if (time_after(jiffies, end))
			return -ETIMEDOUT;
	}
}

/**
 * nvsp_wait_progress() - wait until the host has completed something, which may have made room in a ring or a table
 * @nvsp:	the session
 * @timeout_ms:	at most this long; also how late a rescind is seen
 *
 * Context: may sleep.
 */
void nvsp_wait_progress(struct nvsp *nvsp, unsigned int timeout_ms)
{
	DEFINE_WAIT(wait);

	prepare_to_wait(&nvsp->progress, &wait, TASK_UNINTERRUPTIBLE);
	if (!nvsp_is_gone(nvsp))
		schedule_timeout(msecs_to_jiffies(timeout_ms));
	finish_wait(&nvsp->progress, &wait);
}

static u64 nvsp_new_xid(struct nvsp *nvsp, enum nvsp_xid_kind kind, u16 slot)
{
	lockdep_assert_held(&nvsp->lock);
	return nvsp_xid(kind, ++nvsp->use, slot);
}

static void nvsp_message_init(struct nvsp_message *msg, u32 type)
{
	memset(msg, 0, sizeof(*msg));
	msg->type = cpu_to_le32(type);
}

/* A message that asks for no reply. Hosts of every version take it without completion request. */
static int nvsp_tell(struct nvsp *nvsp, struct nvsp_message *msg)
{
	u64 xid;

	spin_lock_bh(&nvsp->lock);
	xid = nvsp_new_xid(nvsp, NVSP_XID_SESSION, 0);
	spin_unlock_bh(&nvsp->lock);
	return vmbus_sendpacket(nvsp->channel, msg, sizeof(*msg), xid, VM_PKT_DATA_INBAND, 0);
}

/* Check the reply that was recorded for the request under way; -EPROTO if it does not answer it. */
static int nvsp_check_reply(struct nvsp *nvsp, const struct nvsp_exchange *exchange, struct nvsp_message *msg)
{
	if (!exchange->reply)
		return nvsp->request_reply_bytes ? -EPROTO : 0;
	if (nvsp->request_reply_bytes < exchange->reply_bytes)
		return -EPROTO;
	if (le32_to_cpu(nvsp->request_reply.type) != exchange->reply)
		return -EPROTO;
	*msg = nvsp->request_reply;
	return 0;
}

/*
 * Construct (the caller did), post, wait, check. @msg is the request and then the reply, whose status is left to the
 * caller. A reply that comes after the end of the wait finds no request and is dropped.
 */
static int nvsp_request(struct nvsp *nvsp, struct nvsp_message *msg, unsigned int timeout_ms)
{
	const struct nvsp_exchange *exchange = nvsp_exchanges;
	unsigned long end = jiffies + msecs_to_jiffies(timeout_ms);
	u64 xid;
	int err;

	while (exchange->request != le32_to_cpu(msg->type))
		exchange++;

	mutex_lock(&nvsp->request_mutex);
	spin_lock_bh(&nvsp->lock);
	reinit_completion(&nvsp->request_done);
	xid = nvsp_new_xid(nvsp, NVSP_XID_SESSION, 0);
	nvsp->request_xid = xid;
	spin_unlock_bh(&nvsp->lock);

	for (;;) {
		err = vmbus_sendpacket(nvsp->channel, msg, sizeof(*msg), xid, VM_PKT_DATA_INBAND,
				       VMBUS_DATA_PACKET_FLAG_COMPLETION_REQUESTED);
		if (err != -EAGAIN || time_after(jiffies, end))
			break;
		nvsp_wait_progress(nvsp, NVSP_RESCIND_POLL_MS);
	}
	if (!err)
		err = nvsp_wait(nvsp, &nvsp->request_done, timeout_ms);

	spin_lock_bh(&nvsp->lock);
	nvsp->request_xid = 0;
	spin_unlock_bh(&nvsp->lock);
	if (!err)
		err = nvsp_check_reply(nvsp, exchange, msg);
	mutex_unlock(&nvsp->request_mutex);
	return err;
}

/**
 * nvsp_negotiate() - agree on a version, newest first (NVSP INIT)
 * @nvsp:	the session; its channel is open
 *
 * Sets the version and the host's limit of GPA ranges.
 *
 * Context: may sleep.
 * Return: 0, -EOPNOTSUPP if the host refused every version, -ENODEV, -EAGAIN, -ETIMEDOUT, -EPROTO.
 */
int nvsp_negotiate(struct nvsp *nvsp)
{
	static const u32 versions[] = {
		NVSP_VERSION_6_1, NVSP_VERSION_6, NVSP_VERSION_5, NVSP_VERSION_4, NVSP_VERSION_2, NVSP_VERSION_1,
	};
	struct nvsp_message msg;
	unsigned int i;
	int err;

	for (i = 0; i < ARRAY_SIZE(versions); i++) {
		nvsp_message_init(&msg, NVSP_MSG_INIT);
		msg.init.min_version = cpu_to_le32(versions[i]);
		msg.init.max_version = cpu_to_le32(versions[i]);
		err = nvsp_request(nvsp, &msg, NVSP_TIMEOUT_MS);
		if (err)
			return err;
		if (le32_to_cpu(msg.init_complete.status) != NVSP_STATUS_SUCCESS)
			continue;
		nvsp->version = versions[i];
		nvsp->max_mdl_chain = le32_to_cpu(msg.init_complete.max_mdl_chain);
		return 0;
	}
	return -EOPNOTSUPP;
}

/**
 * nvsp_configure() - announce the frame size, our capabilities and the NDIS version
 * @nvsp:	the session, after nvsp_negotiate()
 * @frame_bytes: IP MTU plus 14; the host derives the size of receive sections from it
 * @sriov:	tell the host that a virtual function is welcome
 *
 * Context: may sleep.
 * Return: 0, -ENODEV, -EAGAIN.
 */
int nvsp_configure(struct nvsp *nvsp, u32 frame_bytes, bool sriov)
{
	u64 capabilities = NVSP_NDIS_CAP_8021Q;
	struct nvsp_message msg;
	int err;

	if (nvsp->version >= NVSP_VERSION_2) {
		/* Without teaming the host does not tell the link speed. */
		if (nvsp->version >= NVSP_VERSION_5)
			capabilities |= NVSP_NDIS_CAP_TEAMING;
		if (nvsp->version >= NVSP_VERSION_5 && sriov)
			capabilities |= NVSP_NDIS_CAP_SRIOV;
		if (nvsp->version >= NVSP_VERSION_6_1)
			capabilities |= NVSP_NDIS_CAP_RSC;

		nvsp_message_init(&msg, NVSP_MSG_SEND_NDIS_CONFIG);
		msg.ndis_config.mtu = cpu_to_le32(frame_bytes);
		msg.ndis_config.capabilities = cpu_to_le64(capabilities);
		err = nvsp_tell(nvsp, &msg);
		if (err)
			return err;
	}

	nvsp_message_init(&msg, NVSP_MSG_SEND_NDIS_VERSION);
	msg.ndis_version.major = cpu_to_le32(6);
	msg.ndis_version.minor = cpu_to_le32(nvsp->version >= NVSP_VERSION_5 ? 30 : 1);
	return nvsp_tell(nvsp, &msg);
}

/**
 * nvsp_share_recv_buf() - offer the receive buffer
 * @nvsp:	the session, after nvsp_configure()
 * @gpadl:	handle of the buffer's GPADL
 * @id:		page-set id that the host shall use for it
 * @buf_bytes:	size of the buffer
 * @section:	how the host divides it; filled only on success, every field checked against @buf_bytes
 *
 * Context: may sleep.
 * Return: 0, -EREMOTEIO if the host refused it, -ENODEV, -EAGAIN, -ETIMEDOUT, -EPROTO. The GPADL stays the caller's.
 */
int nvsp_share_recv_buf(struct nvsp *nvsp, u32 gpadl, u16 id, u32 buf_bytes, struct nvsp_recv_section *section)
{
	struct nvsp_recv_buf_complete reply;
	struct nvsp_message msg;
	u32 bytes, count;
	int err;

	nvsp->recv_buf_id = id;
	nvsp_message_init(&msg, NVSP_MSG_SEND_RECV_BUF);
	msg.share_buffer.gpadl = cpu_to_le32(gpadl);
	msg.share_buffer.id = cpu_to_le16(id);
	err = nvsp_request(nvsp, &msg, NVSP_TIMEOUT_MS);
	if (err)
		return err;

	reply = msg.recv_buf_complete;
	if (le32_to_cpu(reply.status) != NVSP_STATUS_SUCCESS)
		return -EREMOTEIO;
	bytes = le32_to_cpu(reply.section[0].suballocation_bytes);
	count = le32_to_cpu(reply.section[0].suballocation_count);
	if (le32_to_cpu(reply.section_count) != 1 || reply.section[0].offset ||
	    bytes < NVSP_RECV_SECTION_MIN_BYTES || !count || (u64)bytes * count > buf_bytes)
		return -EPROTO;
	*section = reply.section[0];
	return 0;
}

/**
 * nvsp_share_send_buf() - offer the send buffer
 * @nvsp:	the session, after nvsp_configure()
 * @gpadl:	handle of the buffer's GPADL
 * @id:		the buffer's id
 * @section_bytes: size of a section as the host told it, unchecked
 *
 * Context: may sleep.
 * Return: 0, -EREMOTEIO if the host refused it, -ENODEV, -EAGAIN, -ETIMEDOUT, -EPROTO. The GPADL stays the caller's.
 */
int nvsp_share_send_buf(struct nvsp *nvsp, u32 gpadl, u16 id, u32 *section_bytes)
{
	struct nvsp_message msg;
	int err;

	nvsp_message_init(&msg, NVSP_MSG_SEND_SEND_BUF);
	msg.share_buffer.gpadl = cpu_to_le32(gpadl);
	msg.share_buffer.id = cpu_to_le16(id);
	err = nvsp_request(nvsp, &msg, NVSP_TIMEOUT_MS);
	if (err)
		return err;
	if (le32_to_cpu(msg.send_buf_complete.status) != NVSP_STATUS_SUCCESS)
		return -EREMOTEIO;
	*section_bytes = le32_to_cpu(msg.send_buf_complete.section_bytes);
	return 0;
}

static int nvsp_revoke(struct nvsp *nvsp, u32 type, u16 id)
{
	struct nvsp_message msg;
	int err;

	nvsp_message_init(&msg, type);
	msg.revoke_buffer.id = cpu_to_le16(id);
	err = nvsp_request(nvsp, &msg, NVSP_REVOKE_TIMEOUT_MS);
	/* Some hosts never answer. The GPADL's teardown is what proves that the buffer is ours again. */
	return err == -ETIMEDOUT ? 0 : err;
}

/**
 * nvsp_revoke_recv_buf() - ask for the receive buffer back
 * @nvsp:	the session
 * @id:		as given to nvsp_share_recv_buf()
 *
 * The memory is ours only after its GPADL has been torn down.
 *
 * Context: may sleep; at most NVSP_REVOKE_TIMEOUT_MS.
 * Return: 0, -ENODEV, -EAGAIN, -EPROTO.
 */
int nvsp_revoke_recv_buf(struct nvsp *nvsp, u16 id)
{
	return nvsp_revoke(nvsp, NVSP_MSG_REVOKE_RECV_BUF, id);
}

/**
 * nvsp_revoke_send_buf() - ask for the send buffer back; as nvsp_revoke_recv_buf()
 * @nvsp:	the session
 * @id:		as given to nvsp_share_send_buf()
 *
 * Context: may sleep; at most NVSP_REVOKE_TIMEOUT_MS.
 * Return: 0, -ENODEV, -EAGAIN, -EPROTO.
 */
int nvsp_revoke_send_buf(struct nvsp *nvsp, u16 id)
{
	return nvsp_revoke(nvsp, NVSP_MSG_REVOKE_SEND_BUF, id);
}

/**
 * nvsp_allocate_sub_channels() - ask the host to offer sub-channels
 * @nvsp:	the session, of version 5 or later; once for each opening of its channel
 * @count:	how many, less than the host's receive queues
 * @granted:	how many it will offer, 0..@count; set only on success
 *
 * Context: may sleep.
 * Return: 0, -EREMOTEIO if the host refused, -ENODEV, -EAGAIN, -ETIMEDOUT, -EPROTO.
 */
int nvsp_allocate_sub_channels(struct nvsp *nvsp, u32 count, u32 *granted)
{
	struct nvsp_message msg;
	int err;

	nvsp_message_init(&msg, NVSP_MSG_SUBCHANNEL);
	msg.subchannel_request.operation = cpu_to_le32(NVSP_SUBCHANNEL_ALLOCATE);
	msg.subchannel_request.count = cpu_to_le32(count);
	err = nvsp_request(nvsp, &msg, NVSP_TIMEOUT_MS);
	if (err)
		return err;
	if (le32_to_cpu(msg.subchannel_complete.status) != NVSP_STATUS_SUCCESS)
		return -EREMOTEIO;
	if (le32_to_cpu(msg.subchannel_complete.count) > count)
		return -EPROTO;
	*granted = le32_to_cpu(msg.subchannel_complete.count);
	return 0;
}

/**
 * nvsp_switch_data_path() - have the host use the virtual function or the synthetic path (NVSP SWITCH_DATA_PATH)
 * @nvsp:	the session, at least of version 4 if @vf
 * @vf:		the virtual function
 *
 * Context: may sleep; at most NVSP_SWITCH_TIMEOUT_MS.
 * Return: 0, the host has switched; -ENODEV, -EAGAIN, -ETIMEDOUT, -EPROTO: which path it uses is unknown.
 */
int nvsp_switch_data_path(struct nvsp *nvsp, bool vf)
{
	struct nvsp_message msg;

	nvsp_message_init(&msg, NVSP_MSG_SWITCH_DATA_PATH);
	msg.data_path.active = cpu_to_le32(vf ? NVSP_DATA_PATH_VF : NVSP_DATA_PATH_SYNTHETIC);
	return nvsp_request(nvsp, &msg, NVSP_SWITCH_TIMEOUT_MS);
}

static void nvsp_rndis_message(struct nvsp_message *msg, u32 channel_type, u32 section, u32 bytes)
{
	nvsp_message_init(msg, NVSP_MSG_SEND_RNDIS_PACKET);
	msg->rndis_packet.channel_type = cpu_to_le32(channel_type);
	msg->rndis_packet.send_section_index = cpu_to_le32(section);
	msg->rndis_packet.send_section_bytes = cpu_to_le32(bytes);
}

/**
 * nvsp_send_control() - send an RNDIS control message on the primary channel
 * @nvsp:	the session
 * @page:	start of the message; it must not cross a page
 * @bytes:	its length, 1..4096
 * @cookie:	not NULL; handed to the control_sent() operation when the host no longer uses @page
 *
 * Context: any; takes nvsp.lock.
 * Return: 0, and the page is the host's; -EAGAIN if the ring or the table is full, -ENODEV, and control_sent() will not be
 * called.
 */
int nvsp_send_control(struct nvsp *nvsp, void *page, u32 bytes, void *cookie)
{
	struct {
		struct vmbus_packet_mpb_array desc;
		u64 pfn;
	} __packed pkt = { };
	struct nvsp_control_slot *slot = NULL;
	struct nvsp_message msg;
	unsigned int i;
	u64 xid = 0;
	int err;

	spin_lock_bh(&nvsp->lock);
	for (i = 0; i < NVSP_CONTROL_SLOTS && !slot; i++) {
		if (nvsp->control[i].cookie)
			continue;
		slot = &nvsp->control[i];
		xid = nvsp_new_xid(nvsp, NVSP_XID_CONTROL, i);
		slot->cookie = cookie;
		slot->xid = xid;
	}
	spin_unlock_bh(&nvsp->lock);
	if (!slot)
		return -EAGAIN;

	nvsp_rndis_message(&msg, NVSP_RNDIS_CHANNEL_CONTROL, NVSP_SEND_SECTION_NONE, 0);
	pkt.desc.rangecount = 1;
	pkt.desc.range.len = bytes;
	pkt.desc.range.offset = offset_in_hvpage(page);
	pkt.pfn = virt_to_hvpfn(page);
	err = vmbus_sendpacket_mpb_desc(nvsp->channel, &pkt.desc, sizeof(pkt), &msg, sizeof(msg), xid);
	if (!err)
		return 0;

	/* A host that completes what it was never sent has emptied the slot: then the cookie was handed back already. */
	spin_lock_bh(&nvsp->lock);
	if (slot->xid == xid && slot->cookie)
		slot->cookie = NULL;
	else
		err = 0;
	spin_unlock_bh(&nvsp->lock);
	return err;
}

/**
 * nvsp_forget_control() - hand back the cookies of control messages that the host never completed
 * @nvsp:	the session; its primary channel is closed, so the host reads nothing any more
 *
 * Context: process.
 */
void nvsp_forget_control(struct nvsp *nvsp)
{
	unsigned int i;
	void *cookie;

	for (i = 0; i < NVSP_CONTROL_SLOTS; i++) {
		spin_lock_bh(&nvsp->lock);
		cookie = nvsp->control[i].cookie;
		nvsp->control[i].cookie = NULL;
		spin_unlock_bh(&nvsp->lock);
		if (cookie)
			nvsp->ops->control_sent(nvsp, cookie, NVSP_STATUS_NONE);
	}
}

/**
 * nvsp_send_section() - send the RNDIS packet messages in a send section
 * @nc:		the channel
 * @section:	index of the section; the host's until the packet is completed
 * @bytes:	sum of the messages' lengths
 * @xid:	transaction id, of kind NVSP_XID_DATA
 *
 * Context: any.
 * Return: 0, -EAGAIN if the ring is full, -ENODEV.
 */
int nvsp_send_section(struct nvsp_channel *nc, u32 section, u32 bytes, u64 xid)
{
	struct nvsp_message msg;

	nvsp_rndis_message(&msg, NVSP_RNDIS_CHANNEL_DATA, section, bytes);
	return vmbus_sendpacket(nc->channel, &msg, sizeof(msg), xid, VM_PKT_DATA_INBAND,
				VMBUS_DATA_PACKET_FLAG_COMPLETION_REQUESTED);
}

/**
 * nvsp_send_pages() - send one RNDIS packet message that lies in guest pages
 * @nc:		the channel
 * @desc:	its ranges; the count is set, the first range holds the whole RNDIS header
 * @desc_bytes:	length of @desc, a multiple of 8
 * @xid:	transaction id, of kind NVSP_XID_DATA
 *
 * Context: any.
 * Return: 0, and the pages are the host's until the packet is completed; -EAGAIN if the ring is full, -ENODEV.
 */
int nvsp_send_pages(struct nvsp_channel *nc, struct vmbus_packet_mpb_array *desc, u32 desc_bytes, u64 xid)
{
	struct nvsp_message msg;

	nvsp_rndis_message(&msg, NVSP_RNDIS_CHANNEL_DATA, NVSP_SEND_SECTION_NONE, 0);
	return compat_send_ranges(nc->channel, desc, desc_bytes, &msg, sizeof(msg), xid);
}

/**
 * nvsp_complete_receive() - pay one completion the host is owed
 * @nc:		the channel the packet came on
 * @xid:	the host's transaction id
 * @status:	NVSP_STATUS_SUCCESS or NVSP_STATUS_FAILURE
 *
 * Context: any.
 * Return: 0, and the host may write to the receive sections again; -EAGAIN if the ring is full, -ENODEV.
 */
int nvsp_complete_receive(struct nvsp_channel *nc, u64 xid, u32 status)
{
	struct {
		__le32 type;
		__le32 status;
	} msg = {
		.type = cpu_to_le32(NVSP_MSG_SEND_RNDIS_PACKET_COMPLETE),
		.status = cpu_to_le32(status),
	};

	return vmbus_sendpacket(nc->channel, &msg, sizeof(msg), xid, VM_PKT_COMP, 0);
}

/* Record the reply to the request under way; whether it is the right one is for nvsp_request() to check. */
static bool nvsp_session_reply(struct nvsp *nvsp, u64 xid, const void *payload, u32 bytes)
{
	bool expected;

	spin_lock(&nvsp->lock);
	expected = nvsp->request_xid && nvsp->request_xid == xid;
	if (expected) {
		nvsp->request_xid = 0;
		nvsp->request_reply_bytes = bytes;
		memset(&nvsp->request_reply, 0, sizeof(nvsp->request_reply));
		memcpy(&nvsp->request_reply, payload, min_t(u32, bytes, sizeof(nvsp->request_reply)));
		complete(&nvsp->request_done);
	}
	spin_unlock(&nvsp->lock);
	return expected;
}

static bool nvsp_control_completed(struct nvsp *nvsp, u64 xid, u32 status)
{
	u16 index = nvsp_xid_slot(xid);
	void *cookie = NULL;

	if (index >= NVSP_CONTROL_SLOTS)
		return false;
	spin_lock(&nvsp->lock);
	if (nvsp->control[index].xid == xid) {
		cookie = nvsp->control[index].cookie;
		nvsp->control[index].cookie = NULL;
	}
	spin_unlock(&nvsp->lock);
	if (!cookie)
		return false;
	nvsp->ops->control_sent(nvsp, cookie, status);
	return true;
}

static void nvsp_completion(struct nvsp_channel *nc, u64 xid, const void *payload, u32 bytes)
{
	const struct nvsp_message *msg = payload;
	u32 status = NVSP_STATUS_NONE;
	bool known = true;

	/* An empty or foreign completion says nothing about the outcome, but the transaction is over all the same. */
	if (bytes >= NVSP_BYTES(rndis_packet_complete) &&
	    le32_to_cpu(msg->type) == NVSP_MSG_SEND_RNDIS_PACKET_COMPLETE)
		status = le32_to_cpu(msg->rndis_packet_complete.status);

	switch (nvsp_xid_kind(xid)) {
	case NVSP_XID_SESSION:
		known = nvsp_session_reply(nc->nvsp, xid, payload, bytes);
		break;
	case NVSP_XID_CONTROL:
		known = nvsp_control_completed(nc->nvsp, xid, status);
		break;
	case NVSP_XID_DATA:
		nc->nvsp->ops->data_sent(nc, xid, status);
		break;
	default:
		known = false;
	}
	if (!known)
		nc->stats.bad_completion++;
	if (wq_has_sleeper(&nc->nvsp->progress))
		wake_up_all(&nc->nvsp->progress);
}

/* Everything about a transfer-page packet except what its ranges point to. */
static bool nvsp_transfer_is_valid(struct nvsp_channel *nc, const struct vmtransfer_page_packet_header *packet,
				   u32 header_bytes, const struct nvsp_message *msg, u32 bytes)
{
	/* Not sizeof(*packet): older kernels' header has a first range in it. */
	const u32 fixed_bytes = offsetof(struct vmtransfer_page_packet_header, ranges);
	u32 ranges;

	if (header_bytes < fixed_bytes)
		return false;
	ranges = packet->range_cnt;
	if (!ranges || ranges > NVSP_MAX_RANGES_RSC ||
	    ranges > (header_bytes - fixed_bytes) / sizeof(struct vmtransfer_page_range))
		return false;
	if (packet->xfer_pageset_id != nc->nvsp->recv_buf_id)
		return false;
	return bytes >= NVSP_BYTES(rndis_packet) && le32_to_cpu(msg->type) == NVSP_MSG_SEND_RNDIS_PACKET;
}

/* What the host tells of itself, without waiting for an answer; on the primary channel only. */
static void nvsp_notification(struct nvsp_channel *nc, const void *payload, u32 bytes)
{
	const struct nvsp_ops *ops = nc->nvsp->ops;
	const struct nvsp_message *msg = payload;
	__le32 type;

	if (bytes < sizeof(type) || nc->channel != nc->nvsp->channel) {
		nc->stats.bad_packet++;
		return;
	}
	memcpy(&type, payload, sizeof(type));
	switch (le32_to_cpu(type)) {
	case NVSP_MSG_SEND_INDIRECTION_TABLE:
		ops->send_table(nc->nvsp, payload, bytes);
		break;
	case NVSP_MSG_SEND_VF_ASSOCIATION:
		if (bytes >= NVSP_BYTES(vf_association))
			ops->vf_association(nc->nvsp, msg->vf_association.allocated != 0,
					    le32_to_cpu(msg->vf_association.serial));
		else
			nc->stats.bad_packet++;
		break;
	case NVSP_MSG_SWITCH_DATA_PATH:
		if (bytes >= NVSP_BYTES(data_path))
			ops->data_path(nc->nvsp, le32_to_cpu(msg->data_path.active) == NVSP_DATA_PATH_VF);
		else
			nc->stats.bad_packet++;
		break;
	}
}

/**
 * nvsp_dispatch() - act on one packet from the host
 * @nc:		the channel it came on
 * @desc:	the packet, in private memory that spans at least the length it states
 *
 * Context: softirq, the channel's NAPI poll.
 */
void nvsp_dispatch(struct nvsp_channel *nc, const struct vmpacket_descriptor *desc)
{
	u32 packet_bytes = hv_pkt_len(desc), header_bytes = desc->offset8 << 3;
	const struct vmtransfer_page_packet_header *transfer;
	struct nvsp_receive rcv;
	const void *payload;
	u32 status, bytes;

	if (header_bytes < sizeof(*desc) || header_bytes > packet_bytes) {
		nc->stats.bad_packet++;
		return;
	}
	payload = (const u8 *)desc + header_bytes;
	bytes = packet_bytes - header_bytes;

	switch (desc->type) {
	case VM_PKT_COMP:
		nvsp_completion(nc, desc->trans_id, payload, bytes);
		break;
	case VM_PKT_DATA_USING_XFER_PAGES:
		transfer = container_of(desc, struct vmtransfer_page_packet_header, d);
		if (nvsp_transfer_is_valid(nc, transfer, header_bytes, payload, bytes)) {
			rcv.ranges = transfer->ranges;
			rcv.range_count = transfer->range_cnt;
			status = nc->nvsp->ops->receive(nc, &rcv);
		} else {
			nc->stats.bad_packet++;
			status = NVSP_STATUS_FAILURE;
		}
		/* Also a packet that made no sense holds receive sections until it is completed. */
		if (desc->flags & VMBUS_DATA_PACKET_FLAG_COMPLETION_REQUESTED)
			nc->nvsp->ops->owe(nc, desc->trans_id, status);
		break;
	case VM_PKT_DATA_INBAND:
		nvsp_notification(nc, payload, bytes);
		break;
	default:
		nc->stats.bad_packet++;
	}
}
