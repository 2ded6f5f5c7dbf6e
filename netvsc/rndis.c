// SPDX-License-Identifier: GPL-2.0
/*
 * RNDIS control messages: one request helper that builds, sends, waits and checks; dispatch of answers, indications and
 * keepalives. Must not know how messages travel (struct rndis_ops does) nor what an OID means. RNDIS 1.0 as Hyper-V
 * speaks it.
 */
#include <linux/errno.h>
#include <linux/gfp.h>
#include <linux/jiffies.h>
#include <linux/log2.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "rndis.h"

/* Policy: largest transfer the host is told to send us in one message */
#define RNDIS_OUR_MAX_TRANSFER_BYTES	0x4000
/* Policy: a larger alignment would waste more of a section than aggregation gains */
#define RNDIS_MAX_ALIGNMENT_FACTOR	8

/*
 * One message of ours. The sender holds a reference until it stops waiting, the transport one from a successful send until
 * the host let go of the page: so a call that timed out outlives its sender.
 */
struct rndis_call {
	struct list_head node;		/* in rndis.pending; empty when no answer is expected any more */
	refcount_t refs;
	u32 id;
	u32 reply_type;			/* 0: the message has no answer */
	void *page;			/* the message; one page, which the host may read */
	u32 bytes;
	struct completion sent;		/* the host has taken the message */
	struct completion answered;
	u32 reply_bytes;
	u8 reply[RNDIS_CONTROL_BYTES] __aligned(8);
};

/**
 * rndis_init() - prepare the control layer before the first message
 * @rndis:	the layer
 * @ops:	its transport
 */
void rndis_init(struct rndis *rndis, const struct rndis_ops *ops)
{
	memset(rndis, 0, sizeof(*rndis));
	rndis->ops = ops;
	spin_lock_init(&rndis->lock);
	INIT_LIST_HEAD(&rndis->pending);
	rndis->max_packets = 1;
	rndis->packet_alignment = 1;
}

static void rndis_call_put(struct rndis_call *call)
{
	if (!refcount_dec_and_test(&call->refs))
		return;
	free_page((unsigned long)call->page);
	kfree(call);
}

/**
 * rndis_call_sent() - the host no longer reads a message
 * @call:	as given to the transport's send operation, which returned 0
 *
 * Context: any.
 */
void rndis_call_sent(struct rndis_call *call)
{
	complete(&call->sent);
	rndis_call_put(call);
}

/* All control messages begin with type, length and request id. */
static struct rndis_call *rndis_call_new(struct rndis *rndis, u32 type, u32 bytes, u32 reply_type, gfp_t gfp)
{
	struct rndis_request *msg;
	struct rndis_call *call;

	call = kzalloc(sizeof(*call), gfp);
	if (!call)
		return NULL;
	call->page = (void *)get_zeroed_page(gfp);
	if (!call->page) {
		kfree(call);
		return NULL;
	}
	refcount_set(&call->refs, 1);
	INIT_LIST_HEAD(&call->node);
	init_completion(&call->sent);
	init_completion(&call->answered);
	call->bytes = bytes;
	call->reply_type = reply_type;
	spin_lock_bh(&rndis->lock);
	call->id = ++rndis->last_id;
	spin_unlock_bh(&rndis->lock);

	msg = call->page;
	msg->header.type = cpu_to_le32(type);
	msg->header.length = cpu_to_le32(bytes);
	msg->request_id = cpu_to_le32(call->id);
	return call;
}

static int rndis_call_send(struct rndis *rndis, struct rndis_call *call)
{
	int err;

	refcount_inc(&call->refs);
	err = rndis->ops->send(rndis, call->page, call->bytes, call);
	if (err)
		refcount_dec(&call->refs);
	return err;
}

/* Send a call and wait for its answer, or, if it has none, until the host has taken it. The answer is in call->reply. */
static int rndis_call_run(struct rndis *rndis, struct rndis_call *call, unsigned int timeout_ms)
{
	unsigned long end = jiffies + msecs_to_jiffies(timeout_ms);
	int err;

	if (call->reply_type) {
		spin_lock_bh(&rndis->lock);
		list_add_tail(&call->node, &rndis->pending);
		spin_unlock_bh(&rndis->lock);
	}
	while ((err = rndis_call_send(rndis, call)) == -EAGAIN && time_before(jiffies, end))
		rndis->ops->wait_room(rndis);
	if (!err)
		err = rndis->ops->wait(rndis, call->reply_type ? &call->answered : &call->sent, timeout_ms);

	spin_lock_bh(&rndis->lock);
	list_del_init(&call->node);
	spin_unlock_bh(&rndis->lock);
	return err;
}

/**
 * rndis_initialize() - RNDIS INITIALIZE; learns how packet messages may be aggregated
 * @rndis:	the layer
 *
 * Context: may sleep.
 * Return: 0, -ENOMEM, -EREMOTEIO if the host answered with a failure, -ENODEV, -EAGAIN, -ETIMEDOUT, -EPROTO.
 */
int rndis_initialize(struct rndis *rndis)
{
	const struct rndis_initialize_cmplt *reply;
	struct rndis_initialize *msg;
	struct rndis_call *call;
	u32 factor;
	int err;

	call = rndis_call_new(rndis, RNDIS_TYPE_INITIALIZE, sizeof(*msg), RNDIS_TYPE_INITIALIZE_CMPLT, GFP_KERNEL);
	if (!call)
		return -ENOMEM;
	msg = call->page;
	msg->major = cpu_to_le32(1);
	msg->minor = cpu_to_le32(0);
	msg->max_transfer_bytes = cpu_to_le32(RNDIS_OUR_MAX_TRANSFER_BYTES);
	err = rndis_call_run(rndis, call, RNDIS_TIMEOUT_MS);
	if (err)
		goto put_call;

	reply = (const void *)call->reply;
	err = -EPROTO;
	if (call->reply_bytes < sizeof(*reply))
		goto put_call;
	err = -EREMOTEIO;
	if (le32_to_cpu(reply->status) != NDIS_STATUS_SUCCESS)
		goto put_call;
	err = 0;
	rndis->max_packets = le32_to_cpu(reply->max_packets_per_message);
	rndis->max_transfer_bytes = le32_to_cpu(reply->max_transfer_bytes);
	factor = le32_to_cpu(reply->packet_alignment_factor);
	if (!rndis->max_packets || factor > RNDIS_MAX_ALIGNMENT_FACTOR) {
		rndis->max_packets = 1;
		factor = 0;
	}
	rndis->packet_alignment = 1u << factor;

put_call:
	rndis_call_put(call);
	return err;
}

/* QUERY and SET share their layout: the information follows the fixed part, whose offset field says so even if empty. */
static struct rndis_call *rndis_oid_call(struct rndis *rndis, u32 type, u32 reply_type, u32 oid,
					 const void *info, u32 info_bytes)
{
	struct rndis_oid_request *msg;
	struct rndis_call *call;

	call = rndis_call_new(rndis, type, sizeof(*msg) + info_bytes, reply_type, GFP_KERNEL);
	if (!call)
		return NULL;
	msg = call->page;
	msg->oid = cpu_to_le32(oid);
	msg->info_length = cpu_to_le32(info_bytes);
	msg->info_offset = cpu_to_le32(RNDIS_OID_REQUEST_INFO_OFFSET);
	if (info_bytes)
		memcpy(msg + 1, info, info_bytes);
	return call;
}

static int rndis_status_to_errno(u32 status)
{
	switch (status) {
	case NDIS_STATUS_SUCCESS:
		return 0;
	case NDIS_STATUS_NOT_SUPPORTED:
		return -EOPNOTSUPP;
	default:
		return -EREMOTEIO;
	}
}

/**
 * rndis_query() - ask for the value of an OID
 * @rndis:	the layer, initialized
 * @oid:	which
 * @in:		what the query carries, or NULL
 * @in_bytes:	its length, 0..RNDIS_INFO_BYTES
 * @out:	buffer for the value
 * @out_bytes:	its size; more is cut off
 * @got_bytes:	bytes written to @out; set on success only. The caller checks that they suffice.
 *
 * Context: may sleep.
 * Return: 0, -EOPNOTSUPP if the host does not know the OID, -EREMOTEIO if it failed otherwise, -EINVAL, -ENOMEM, -ENODEV,
 * -EAGAIN, -ETIMEDOUT, -EPROTO.
 */
int rndis_query(struct rndis *rndis, u32 oid, const void *in, u32 in_bytes, void *out, u32 out_bytes, u32 *got_bytes)
{
	const struct rndis_query_cmplt *reply;
	u32 body_bytes, offset, length;
	struct rndis_call *call;
	int err;

	if (in_bytes > RNDIS_INFO_BYTES)
		return -EINVAL;
	call = rndis_oid_call(rndis, RNDIS_TYPE_QUERY, RNDIS_TYPE_QUERY_CMPLT, oid, in, in_bytes);
	if (!call)
		return -ENOMEM;
	err = rndis_call_run(rndis, call, RNDIS_TIMEOUT_MS);
	if (err)
		goto put_call;

	reply = (const void *)call->reply;
	err = -EPROTO;
	if (call->reply_bytes < sizeof(*reply))
		goto put_call;
	err = rndis_status_to_errno(le32_to_cpu(reply->status));
	if (err)
		goto put_call;
	err = -EPROTO;
	body_bytes = call->reply_bytes - RNDIS_BODY_OFFSET;
	offset = le32_to_cpu(reply->info_offset);
	length = le32_to_cpu(reply->info_length);
	if (length && (offset < RNDIS_QUERY_CMPLT_INFO_OFFSET || offset > body_bytes || length > body_bytes - offset))
		goto put_call;
	err = 0;
	*got_bytes = min(length, out_bytes);
	if (*got_bytes)
		memcpy(out, call->reply + RNDIS_BODY_OFFSET + offset, *got_bytes);

put_call:
	rndis_call_put(call);
	return err;
}

/**
 * rndis_set() - set an OID
 * @rndis:	the layer, initialized
 * @oid:	which
 * @info:	its value
 * @info_bytes:	length of the value, 0..RNDIS_INFO_BYTES
 *
 * Context: may sleep.
 * Return: 0, -EOPNOTSUPP if the host does not know the OID, -EREMOTEIO if it refused, -EINVAL, -ENOMEM, -ENODEV, -EAGAIN,
 * -ETIMEDOUT, -EPROTO.
 */
int rndis_set(struct rndis *rndis, u32 oid, const void *info, u32 info_bytes)
{
	const struct rndis_status_cmplt *reply;
	struct rndis_call *call;
	int err;

	if (info_bytes > RNDIS_INFO_BYTES)
		return -EINVAL;
	call = rndis_oid_call(rndis, RNDIS_TYPE_SET, RNDIS_TYPE_SET_CMPLT, oid, info, info_bytes);
	if (!call)
		return -ENOMEM;
	err = rndis_call_run(rndis, call, RNDIS_TIMEOUT_MS);
	if (err)
		goto put_call;
	reply = (const void *)call->reply;
	err = call->reply_bytes < sizeof(*reply) ? -EPROTO : rndis_status_to_errno(le32_to_cpu(reply->status));

put_call:
	rndis_call_put(call);
	return err;
}

/**
 * rndis_halt() - RNDIS HALT; has no answer
 * @rndis:	the layer
 *
 * Context: may sleep; at most RNDIS_HALT_TIMEOUT_MS.
 * Return: 0 when the host has taken it, -ENOMEM, -ENODEV, -EAGAIN, -ETIMEDOUT.
 */
int rndis_halt(struct rndis *rndis)
{
	struct rndis_call *call;
	int err;

	call = rndis_call_new(rndis, RNDIS_TYPE_HALT, sizeof(struct rndis_request), 0, GFP_KERNEL);
	if (!call)
		return -ENOMEM;
	err = rndis_call_run(rndis, call, RNDIS_HALT_TIMEOUT_MS);
	rndis_call_put(call);
	return err;
}

/* Hand an answer to the call that waits for it. An id nobody waits for, or the wrong type, is the host's mistake. */
static int rndis_receive_answer(struct rndis *rndis, u32 type, const void *msg, u32 bytes)
{
	const struct rndis_request *answer = msg;
	struct rndis_call *call;
	int err = -EPROTO;

	if (bytes < sizeof(*answer))
		return -EPROTO;
	spin_lock_bh(&rndis->lock);
	list_for_each_entry(call, &rndis->pending, node) {
		if (call->id != le32_to_cpu(answer->request_id))
			continue;
		if (call->reply_type != type)
			break;
		list_del_init(&call->node);
		call->reply_bytes = min_t(u32, bytes, sizeof(call->reply));
		memcpy(call->reply, msg, call->reply_bytes);
		complete(&call->answered);
		err = 0;
		break;
	}
	spin_unlock_bh(&rndis->lock);
	return err;
}

static int rndis_receive_keepalive(struct rndis *rndis, const void *msg, u32 bytes)
{
	const struct rndis_request *keepalive = msg;
	struct rndis_status_cmplt *reply;
	struct rndis_call *call;
	int err;

	if (bytes < sizeof(*keepalive))
		return -EPROTO;
	call = rndis_call_new(rndis, RNDIS_TYPE_KEEPALIVE_CMPLT, sizeof(*reply), 0, GFP_ATOMIC);
	if (!call)
		return -ENOMEM;
	reply = call->page;
	reply->request_id = keepalive->request_id;
	reply->status = cpu_to_le32(NDIS_STATUS_SUCCESS);
	err = rndis_call_send(rndis, call);
	rndis_call_put(call);
	return err;
}

/* Some hosts leave the status buffer out of the message length: so the buffer is bound by what was received. */
static int rndis_receive_status(struct rndis *rndis, const void *msg, u32 bytes)
{
	const struct rndis_indicate_status *status = msg;
	u32 body_bytes, offset, length;

	if (bytes < sizeof(*status))
		return -EPROTO;
	body_bytes = bytes - RNDIS_BODY_OFFSET;
	offset = le32_to_cpu(status->buffer_offset);
	length = le32_to_cpu(status->buffer_length);
	if (!length || offset > body_bytes || length > body_bytes - offset) {
		offset = 0;
		length = 0;
	}
	rndis->ops->indicate(rndis, le32_to_cpu(status->status), (const u8 *)msg + RNDIS_BODY_OFFSET + offset, length);
	return 0;
}

/**
 * rndis_receive() - act on a control message from the host
 * @rndis:	the layer
 * @msg:	the message in private memory, aligned to 4
 * @bytes:	bytes that were received and copied, at least a struct rndis_header; what does not fit
 *		RNDIS_CONTROL_BYTES was cut off
 *
 * Context: softirq, primary channel only.
 * Return: 0, -EPROTO for a message that is malformed, unknown or answers nothing, -ENOMEM, -EAGAIN, -ENODEV.
 */
int rndis_receive(struct rndis *rndis, const void *msg, u32 bytes)
{
	const struct rndis_header *header = msg;
	u32 type = le32_to_cpu(header->type);
	u32 length = le32_to_cpu(header->length);

	if (length < sizeof(*header))
		return -EPROTO;
	switch (type) {
	case RNDIS_TYPE_INITIALIZE_CMPLT:
	case RNDIS_TYPE_QUERY_CMPLT:
	case RNDIS_TYPE_SET_CMPLT:
		return rndis_receive_answer(rndis, type, msg, min(length, bytes));
	case RNDIS_TYPE_KEEPALIVE:
		return rndis_receive_keepalive(rndis, msg, min(length, bytes));
	case RNDIS_TYPE_INDICATE_STATUS:
		return rndis_receive_status(rndis, msg, bytes);
	default:
		return -EPROTO;
	}
}
