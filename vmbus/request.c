// SPDX-License-Identifier: GPL-2.0
/*
 * Posts a channel message and waits for its answer: one table says which message answers which, and where both carry
 * the numbers that pair them. Knows the life of no channel. VMBus control messages.
 *
 * Every wait ends: by the answer, by the rescind of the channel, or by time.
 */
#include <linux/errno.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/moduleparam.h>
#include <linux/string.h>

#include "hypercall.h"
#include "request.h"
#include "trace.h"

#define NOWHERE	0	/* no message has anything but its type at offset 0 */

/* Policy. Storage hosts flush before they answer, so they get time. */
static unsigned int answer_s = 60;
module_param(answer_s, uint, 0644);
MODULE_PARM_DESC(answer_s, "seconds that the host may take to answer a control message, 1 to 3600 (60)");

struct vmbus_pairing {
	u32 request;		/* enum vmbus_msg_type */
	u32 reply;
	u8 request_relid_at;	/* byte offsets in the message, or NOWHERE */
	u8 request_id_at;
	u8 reply_relid_at;
	u8 reply_id_at;
	bool answered_after_rescind;	/* the answer comes, and matters, even when the channel is taken away */
	bool posted_after_rescind;	/* may be asked even then */
};

static const struct vmbus_pairing vmbus_pairings[] = {
	{
		.request = VMBUS_MSG_INITIATE_CONTACT,
		.reply = VMBUS_MSG_VERSION_RESPONSE,
	}, {
		.request = VMBUS_MSG_UNLOAD,
		.reply = VMBUS_MSG_UNLOAD_RESPONSE,
	}, {
		.request = VMBUS_MSG_OPEN,
		.reply = VMBUS_MSG_OPEN_RESULT,
		.request_relid_at = offsetof(struct vmbus_msg_open, relid),
		.request_id_at = offsetof(struct vmbus_msg_open, open_id),
		.reply_relid_at = offsetof(struct vmbus_msg_open_result, relid),
		.reply_id_at = offsetof(struct vmbus_msg_open_result, open_id),
	}, {
		.request = VMBUS_MSG_GPADL_HEADER,
		.reply = VMBUS_MSG_GPADL_CREATED,
		.request_relid_at = offsetof(struct vmbus_msg_gpadl_header, relid),
		.request_id_at = offsetof(struct vmbus_msg_gpadl_header, gpadl),
		.reply_relid_at = offsetof(struct vmbus_msg_gpadl_created, relid),
		.reply_id_at = offsetof(struct vmbus_msg_gpadl_created, gpadl),
		.answered_after_rescind = true,
	}, {
		/* TORNDOWN is the only proof that the host let the memory go. */
		.request = VMBUS_MSG_GPADL_TEARDOWN,
		.reply = VMBUS_MSG_GPADL_TORNDOWN,
		.request_relid_at = offsetof(struct vmbus_msg_gpadl_teardown, relid),
		.request_id_at = offsetof(struct vmbus_msg_gpadl_teardown, gpadl),
		.reply_id_at = offsetof(struct vmbus_msg_gpadl_torndown, gpadl),
		.answered_after_rescind = true,
		.posted_after_rescind = true,
	}, {
		.request = VMBUS_MSG_MODIFY_CHANNEL,
		.reply = VMBUS_MSG_MODIFY_CHANNEL_RESPONSE,
		.request_relid_at = offsetof(struct vmbus_msg_modify_channel, relid),
		.reply_relid_at = offsetof(struct vmbus_msg_modify_channel_response, relid),
	},
};

/**
 * vmbus_answer_ms() - how long the host may take to answer, in milliseconds
 *
 * Context: any.
 * Return: 1000 to 3600000.
 */
unsigned int vmbus_answer_ms(void)
{
	return clamp(READ_ONCE(answer_s), 1U, 3600U) * MSEC_PER_SEC;
}

static u32 message_type(const void *message)
{
	const struct vmbus_msg_header *header = message;

	return le32_to_cpu(header->type);
}

static u32 message_word(const void *message, u32 bytes, u8 at)
{
	if (at == NOWHERE || at + sizeof(__le32) > bytes)
		return 0;
	return le32_to_cpup(message + at);
}

static const struct vmbus_pairing *pairing_of_request(u32 type)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(vmbus_pairings); i++)
		if (vmbus_pairings[i].request == type)
			return &vmbus_pairings[i];
	return NULL;
}

/**
 * vmbus_post() - send a channel message that has no answer, or whose answer the caller arranged for
 * @message: struct vmbus_msg_...
 * @bytes: its length
 * @may_sleep: whether to sleep, rather than spin, while the host has no buffer
 *
 * Return: as hv_post_message().
 */
int vmbus_post(const void *message, u32 bytes, bool may_sleep)
{
	int ret = hv_post_message(vmbus_conn.message_connection_id, TLFS_MESSAGE_TYPE_CHANNEL, message, bytes, may_sleep);

	vmbus_trace_sent(message, bytes, ret);
	return ret;
}

/**
 * vmbus_request_begin() - be ready for the answer to a message, before it is posted
 * @request: memory that stays until vmbus_request_wait() or vmbus_request_cancel() has returned
 * @chan: the channel the message is about, or NULL
 * @message: the message to be posted; its type must be one that has an answer
 * @bytes: its length
 *
 * Return: 0; -ENODEV when the channel has been rescinded, and nothing may be posted; -EINVAL for a message without
 * answer.
 */
int vmbus_request_begin(struct vmbus_request *request, struct vmbus_chan *chan, const void *message, u32 bytes)
{
	const struct vmbus_pairing *pairing = pairing_of_request(message_type(message));
	unsigned long flags;
	int ret = 0;

	if (!pairing)
		return -EINVAL;
	request->pairing = pairing;
	request->chan = chan;
	request->relid = message_word(message, bytes, pairing->request_relid_at);
	request->id = message_word(message, bytes, pairing->request_id_at);
	request->error = 0;
	request->reply_bytes = 0;
	memset(request->reply, 0, sizeof(request->reply));
	init_completion(&request->done);

	spin_lock_irqsave(&vmbus_conn.request_lock, flags);
	/* Under the lock of vmbus_request_abort(): either it finds this request, or this finds the channel dead. */
	if (chan && chan->dead && !pairing->posted_after_rescind)
		ret = -ENODEV;
	else
		list_add_tail(&request->entry, &vmbus_conn.requests);
	spin_unlock_irqrestore(&vmbus_conn.request_lock, flags);
	return ret;
}

/* Takes the request off the list if it is still there: afterwards nobody but its owner touches it. */
static bool request_unlink(struct vmbus_request *request)
{
	unsigned long flags;
	bool linked;

	spin_lock_irqsave(&vmbus_conn.request_lock, flags);
	linked = !list_empty(&request->entry);
	if (linked)
		list_del_init(&request->entry);
	spin_unlock_irqrestore(&vmbus_conn.request_lock, flags);
	return linked;
}

/**
 * vmbus_request_cancel() - give up a request whose message could not be posted
 * @request: as given to vmbus_request_begin()
 */
void vmbus_request_cancel(struct vmbus_request *request)
{
	request_unlink(request);
}

/**
 * vmbus_request_wait() - wait for the answer
 * @request: as given to vmbus_request_begin()
 * @timeout_ms: how long
 *
 * Context: may sleep; no lock held that the path of incoming messages takes.
 * Return: 0 with the answer, of reply_bytes, in @request->reply; -ENODEV when the channel was rescinded meanwhile;
 * -ETIMEDOUT.
 */
int vmbus_request_wait(struct vmbus_request *request, unsigned int timeout_ms)
{
	unsigned int step_ms, left_ms = timeout_ms;
	bool last = false;

	/* In steps: once the host has taken the channel away, it gets one more to answer. */
	for (; left_ms && !last; left_ms -= step_ms) {
		last = request->chan && READ_ONCE(request->chan->dead);
		step_ms = min_t(unsigned int, left_ms, VMBUS_RESCINDED_ANSWER_MS);
		if (wait_for_completion_timeout(&request->done, msecs_to_jiffies(step_ms)))
			return request->error;
	}
	if (request_unlink(request))
		return last ? -ENODEV : -ETIMEDOUT;
	/* Off the list already: somebody is completing it at this moment. */
	wait_for_completion(&request->done);
	return request->error;
}

/**
 * vmbus_request_call() - post a message and wait for its answer
 * @request: memory for the answer
 * @chan: the channel the message is about, or NULL
 * @message: the message
 * @bytes: its length
 * @timeout_ms: how long to wait
 *
 * Context: may sleep.
 * Return: as vmbus_request_begin(), vmbus_post() and vmbus_request_wait().
 */
int vmbus_request_call(struct vmbus_request *request, struct vmbus_chan *chan, const void *message, u32 bytes,
		       unsigned int timeout_ms)
{
	int ret;

	ret = vmbus_request_begin(request, chan, message, bytes);
	if (ret)
		return ret;
	ret = vmbus_post(message, bytes, true);
	if (ret) {
		vmbus_request_cancel(request);
		return ret;
	}
	return vmbus_request_wait(request, timeout_ms);
}

/**
 * vmbus_request_answer() - find the request an incoming message answers, and wake its waiter
 * @message: private copy of the message
 * @bytes: its length, at least the minimum of its type
 *
 * Context: any.
 * Return: false when nobody waits for it.
 */
bool vmbus_request_answer(const void *message, u32 bytes)
{
	u32 type = message_type(message);
	struct vmbus_request *request;
	unsigned long flags;
	bool found = false;

	spin_lock_irqsave(&vmbus_conn.request_lock, flags);
	list_for_each_entry(request, &vmbus_conn.requests, entry) {
		const struct vmbus_pairing *pairing = request->pairing;

		if (pairing->reply != type)
			continue;
		if (pairing->reply_relid_at != NOWHERE &&
		    message_word(message, bytes, pairing->reply_relid_at) != request->relid)
			continue;
		if (pairing->reply_id_at != NOWHERE && message_word(message, bytes, pairing->reply_id_at) != request->id)
			continue;
		list_del_init(&request->entry);
		request->reply_bytes = min_t(u32, bytes, sizeof(request->reply));
		memcpy(request->reply, message, request->reply_bytes);
		complete(&request->done);
		found = true;
		break;
	}
	spin_unlock_irqrestore(&vmbus_conn.request_lock, flags);
	return found;
}

/**
 * vmbus_request_abort() - the channel was rescinded: nobody waits for it any more
 * @chan: the channel; marked so that no later request waits either
 *
 * Requests whose answer comes nevertheless go on waiting for a while.
 *
 * Context: any.
 */
void vmbus_request_abort(struct vmbus_chan *chan)
{
	struct vmbus_request *request, *next;
	unsigned long flags;

	spin_lock_irqsave(&vmbus_conn.request_lock, flags);
	WRITE_ONCE(chan->dead, true);
	list_for_each_entry_safe(request, next, &vmbus_conn.requests, entry) {
		if (request->chan != chan || request->pairing->answered_after_rescind)
			continue;
		list_del_init(&request->entry);
		request->error = -ENODEV;
		complete(&request->done);
	}
	spin_unlock_irqrestore(&vmbus_conn.request_lock, flags);
}
