// SPDX-License-Identifier: GPL-2.0
/*
 * Incoming channel messages: the table of type, least length and handler; nothing else. What is handed in is a private
 * copy. VMBus control messages.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kernel.h>
#include <linux/printk.h>

#include "internal.h"
#include "message.h"
#include "offer.h"
#include "request.h"
#include "trace.h"

static void message_answer(const void *message, u32 bytes)
{
	/* Late answers come after a timeout or a rescind and are harmless; the others were asked for by nobody. */
	if (!vmbus_request_answer(message, bytes))
		atomic_inc(&vmbus_conn.faults.bad_messages);
}

/* A connect that fails shows by the offer that does not come. */
static void message_ignore(const void *message, u32 bytes)
{
}

/* Handlers run in message context (softirq), one at a time and in the order of the messages; none sleeps. */
static const struct {
	u16 least_bytes;
	void (*handler)(const void *message, u32 bytes);
} handlers[VMBUS_MSG_TYPES] = {
	[VMBUS_MSG_OFFER] = { VMBUS_MSG_OFFER_V0_13_BYTES, vmbus_offer_arrived },
	[VMBUS_MSG_RESCIND] = { sizeof(struct vmbus_msg_relid), vmbus_rescind_arrived },
	[VMBUS_MSG_ALL_OFFERS_DELIVERED] = { sizeof(struct vmbus_msg_header), vmbus_all_offers_arrived },
	[VMBUS_MSG_OPEN_RESULT] = { sizeof(struct vmbus_msg_open_result), message_answer },
	[VMBUS_MSG_GPADL_CREATED] = { sizeof(struct vmbus_msg_gpadl_created), message_answer },
	[VMBUS_MSG_GPADL_TORNDOWN] = { sizeof(struct vmbus_msg_gpadl_torndown), message_answer },
	/* Hosts before 5.0 leave the last word out. */
	[VMBUS_MSG_VERSION_RESPONSE] = { offsetof(struct vmbus_msg_version_response, reserved), message_answer },
	[VMBUS_MSG_UNLOAD_RESPONSE] = { sizeof(struct vmbus_msg_header), message_answer },
	[VMBUS_MSG_MODIFY_CHANNEL_RESPONSE] = { sizeof(struct vmbus_msg_modify_channel_response), message_answer },
	[VMBUS_MSG_TL_CONNECT_RESULT] = { sizeof(struct vmbus_msg_header), message_ignore },
};

/**
 * vmbus_message_handle() - act upon a message of the host
 * @message: private copy of it, its slot already free; payload_bytes is at most 240
 *
 * Context: softirq, or a CPU with nothing else to do for messages; one at a time.
 */
void vmbus_message_handle(const struct tlfs_message *message)
{
	const struct vmbus_msg_header *header = (const void *)message->payload;
	u32 bytes = message->payload_bytes, type;

	if (le32_to_cpu(message->type) != TLFS_MESSAGE_TYPE_CHANNEL)
		return;
	if (bytes < sizeof(*header))
		goto bad;
	type = le32_to_cpu(header->type);
	trace_vmbus_on_msg_dpc(type);
	trace_vmbus_message_received((const __le32 *)message->payload, bytes, 0);
	/* New hosts may say things this guest does not know. */
	if (type >= ARRAY_SIZE(handlers) || !handlers[type].handler)
		goto bad;
	if (bytes < handlers[type].least_bytes)
		goto bad;
	vmbus_trace_received(message->payload, bytes);
	handlers[type].handler(message->payload, bytes);
	return;

bad:
	atomic_inc(&vmbus_conn.faults.bad_messages);
	pr_warn_ratelimited("message of the host ignored: type %u, %u bytes\n",
			    bytes < sizeof(*header) ? 0 : le32_to_cpu(header->type), bytes);
}
