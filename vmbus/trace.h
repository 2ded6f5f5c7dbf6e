/* SPDX-License-Identifier: GPL-2.0 */
/* Tracepoints: each control message sent and received. */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM hyperv

#if !defined(VMBUS_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define VMBUS_TRACE_H

#include <linux/tracepoint.h>
#include <hyperv/vmbus_msg.h>

#define show_vmbus_message(type)						\
	__print_symbolic(type,							\
		{ VMBUS_MSG_OFFER, "OFFER" },					\
		{ VMBUS_MSG_RESCIND, "RESCIND" },				\
		{ VMBUS_MSG_REQUEST_OFFERS, "REQUEST_OFFERS" },			\
		{ VMBUS_MSG_ALL_OFFERS_DELIVERED, "ALL_OFFERS_DELIVERED" },	\
		{ VMBUS_MSG_OPEN, "OPEN" },					\
		{ VMBUS_MSG_OPEN_RESULT, "OPEN_RESULT" },			\
		{ VMBUS_MSG_CLOSE, "CLOSE" },					\
		{ VMBUS_MSG_GPADL_HEADER, "GPADL_HEADER" },			\
		{ VMBUS_MSG_GPADL_BODY, "GPADL_BODY" },				\
		{ VMBUS_MSG_GPADL_CREATED, "GPADL_CREATED" },			\
		{ VMBUS_MSG_GPADL_TEARDOWN, "GPADL_TEARDOWN" },			\
		{ VMBUS_MSG_GPADL_TORNDOWN, "GPADL_TORNDOWN" },			\
		{ VMBUS_MSG_RELID_RELEASED, "RELID_RELEASED" },			\
		{ VMBUS_MSG_INITIATE_CONTACT, "INITIATE_CONTACT" },		\
		{ VMBUS_MSG_VERSION_RESPONSE, "VERSION_RESPONSE" },		\
		{ VMBUS_MSG_UNLOAD, "UNLOAD" },					\
		{ VMBUS_MSG_UNLOAD_RESPONSE, "UNLOAD_RESPONSE" },		\
		{ VMBUS_MSG_TL_CONNECT, "TL_CONNECT" },				\
		{ VMBUS_MSG_MODIFY_CHANNEL, "MODIFY_CHANNEL" },			\
		{ VMBUS_MSG_TL_CONNECT_RESULT, "TL_CONNECT_RESULT" },		\
		{ VMBUS_MSG_MODIFY_CHANNEL_RESPONSE, "MODIFY_CHANNEL_RESPONSE" })

/* The first two words behind the header are relid, gpadl, version or status in almost every message. */
DECLARE_EVENT_CLASS(vmbus_message,
	TP_PROTO(const __le32 *message, u32 bytes, int result),
	TP_ARGS(message, bytes, result),
	TP_STRUCT__entry(
		__field(u32, type)
		__field(u32, bytes)
		__field(u32, first)
		__field(u32, second)
		__field(int, result)
	),
	TP_fast_assign(
		__entry->type = le32_to_cpu(message[0]);
		__entry->bytes = bytes;
		__entry->first = bytes >= 12 ? le32_to_cpu(message[2]) : 0;
		__entry->second = bytes >= 16 ? le32_to_cpu(message[3]) : 0;
		__entry->result = result;
	),
	TP_printk("%s (%u) bytes %u words 0x%x 0x%x result %d", show_vmbus_message(__entry->type), __entry->type,
		  __entry->bytes, __entry->first, __entry->second, __entry->result)
);

DEFINE_EVENT(vmbus_message, vmbus_message_sent,
	TP_PROTO(const __le32 *message, u32 bytes, int result),
	TP_ARGS(message, bytes, result)
);

DEFINE_EVENT(vmbus_message, vmbus_message_received,
	TP_PROTO(const __le32 *message, u32 bytes, int result),
	TP_ARGS(message, bytes, result)
);

#endif

#undef TRACE_INCLUDE_PATH
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_PATH .
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
