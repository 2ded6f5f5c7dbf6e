// SPDX-License-Identifier: GPL-2.0
/* The bodies of the tracepoints, and which of them stands for which message. Decides nothing. */
#define CREATE_TRACE_POINTS
#include "trace.h"

/**
 * vmbus_trace_sent() - a message was posted, or could not be
 * @message: struct vmbus_msg_..., whole
 * @bytes: its length
 * @result: what posting it returned
 *
 * Context: any.
 */
void vmbus_trace_sent(const void *message, u32 bytes, int result)
{
	const struct vmbus_msg_header *header = message;

	trace_vmbus_message_sent(message, bytes, result);
	switch (le32_to_cpu(header->type)) {
	case VMBUS_MSG_REQUEST_OFFERS:
		trace_vmbus_request_offers(result);
		break;
	case VMBUS_MSG_OPEN:
		trace_vmbus_open(message, result);
		break;
	case VMBUS_MSG_CLOSE:
		trace_vmbus_close_internal(message, result);
		break;
	case VMBUS_MSG_GPADL_HEADER:
		trace_vmbus_establish_gpadl_header(message, result);
		break;
	case VMBUS_MSG_GPADL_BODY:
		trace_vmbus_establish_gpadl_body(message, result);
		break;
	case VMBUS_MSG_GPADL_TEARDOWN:
		trace_vmbus_teardown_gpadl(message, result);
		break;
	case VMBUS_MSG_RELID_RELEASED:
		trace_vmbus_release_relid(message, result);
		break;
	case VMBUS_MSG_INITIATE_CONTACT:
		trace_vmbus_negotiate_version(message, result);
		break;
	case VMBUS_MSG_TL_CONNECT:
		trace_vmbus_send_tl_connect_request(message, result);
		break;
	case VMBUS_MSG_MODIFY_CHANNEL:
		trace_vmbus_send_modifychannel(message, result);
		break;
	}
}

/**
 * vmbus_trace_received() - a message of the host is about to be acted upon
 * @message: private copy, its length checked against its type
 * @bytes: its length
 *
 * Context: any.
 */
void vmbus_trace_received(const void *message, u32 bytes)
{
	const struct vmbus_msg_header *header = message;
	u32 type = le32_to_cpu(header->type);

	trace_vmbus_on_message(type);
	switch (type) {
	case VMBUS_MSG_OFFER:
		trace_vmbus_onoffer(message, bytes < sizeof(struct vmbus_msg_offer));
		break;
	case VMBUS_MSG_RESCIND:
		trace_vmbus_onoffer_rescind(message);
		break;
	case VMBUS_MSG_OPEN_RESULT:
		trace_vmbus_onopen_result(message);
		break;
	case VMBUS_MSG_GPADL_CREATED:
		trace_vmbus_ongpadl_created(message);
		break;
	case VMBUS_MSG_GPADL_TORNDOWN:
		trace_vmbus_ongpadl_torndown(message);
		break;
	case VMBUS_MSG_VERSION_RESPONSE:
		trace_vmbus_onversion_response(message);
		break;
	case VMBUS_MSG_MODIFY_CHANNEL_RESPONSE:
		trace_vmbus_onmodifychannel_response(message);
		break;
	}
}
