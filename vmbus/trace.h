/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tracepoints, system "hyperv", under the names, with the fields and in the words of the kernel's own module, so that
 * tools which read them go on working: each control message sent and received by its kind, interrupts, callbacks and
 * signals of channels. Beside them any message in one form, for what has no tracepoint of its own.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM hyperv

#if !defined(VMBUS_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define VMBUS_TRACE_H

#include <linux/tracepoint.h>
#include <hyperv/vmbus_msg.h>

void vmbus_trace_sent(const void *message, u32 bytes, int result);
void vmbus_trace_received(const void *message, u32 bytes);

/* ---- channels: interrupt, callback, signal */

DECLARE_EVENT_CLASS(vmbus_channel_event,
	TP_PROTO(u32 relid),
	TP_ARGS(relid),
	TP_STRUCT__entry(
		__field(u32, relid)
	),
	TP_fast_assign(
		__entry->relid = relid;
	),
	TP_printk("relid 0x%x", __entry->relid)
);

DEFINE_EVENT(vmbus_channel_event, vmbus_on_event,
	TP_PROTO(u32 relid),
	TP_ARGS(relid)
);

DEFINE_EVENT(vmbus_channel_event, vmbus_setevent,
	TP_PROTO(u32 relid),
	TP_ARGS(relid)
);

DEFINE_EVENT(vmbus_channel_event, vmbus_chan_sched,
	TP_PROTO(u32 relid),
	TP_ARGS(relid)
);

/* ---- messages of the host */

DECLARE_EVENT_CLASS(vmbus_message_type,
	TP_PROTO(unsigned int msgtype),
	TP_ARGS(msgtype),
	TP_STRUCT__entry(
		__field(unsigned int, msgtype)
	),
	TP_fast_assign(
		__entry->msgtype = msgtype;
	),
	TP_printk("msgtype=%u", __entry->msgtype)
);

DEFINE_EVENT(vmbus_message_type, vmbus_on_msg_dpc,
	TP_PROTO(unsigned int msgtype),
	TP_ARGS(msgtype)
);

DEFINE_EVENT(vmbus_message_type, vmbus_on_message,
	TP_PROTO(unsigned int msgtype),
	TP_ARGS(msgtype)
);

TRACE_EVENT(vmbus_onoffer,
	TP_PROTO(const struct vmbus_msg_offer *offer, bool old),
	TP_ARGS(offer, old),
	TP_STRUCT__entry(
		__field(u32, child_relid)
		__field(u8, monitorid)
		__field(u16, is_ddc_int)
		__field(u32, connection_id)
		__array(char, if_type, 16)
		__array(char, if_instance, 16)
		__field(u16, chn_flags)
		__field(u16, mmio_mb)
		__field(u16, sub_idx)
	),
	TP_fast_assign(
		__entry->child_relid = le32_to_cpu(offer->relid);
		__entry->monitorid = offer->monitor_id;
		/* The oldest hosts end their offers before these. */
		__entry->is_ddc_int = old ? 0 : le16_to_cpu(offer->interrupt_flags) & VMBUS_OFFER_DEDICATED_INTERRUPT;
		__entry->connection_id = old ? 0 : le32_to_cpu(offer->connection_id);
		memcpy(__entry->if_type, &offer->class_id, 16);
		memcpy(__entry->if_instance, &offer->instance_id, 16);
		__entry->chn_flags = le16_to_cpu(offer->flags);
		__entry->mmio_mb = le16_to_cpu(offer->mmio_mib);
		__entry->sub_idx = le16_to_cpu(offer->subchannel_index);
	),
	TP_printk("child_relid 0x%x, monitorid 0x%x, is_dedicated %d, connection_id 0x%x, if_type %pUl, if_instance %pUl, "
		  "chn_flags 0x%x, mmio_megabytes %d, sub_channel_index %d",
		  __entry->child_relid, __entry->monitorid, __entry->is_ddc_int, __entry->connection_id, __entry->if_type,
		  __entry->if_instance, __entry->chn_flags, __entry->mmio_mb, __entry->sub_idx)
);

TRACE_EVENT(vmbus_onoffer_rescind,
	TP_PROTO(const struct vmbus_msg_relid *rescind),
	TP_ARGS(rescind),
	TP_STRUCT__entry(
		__field(u32, child_relid)
	),
	TP_fast_assign(
		__entry->child_relid = le32_to_cpu(rescind->relid);
	),
	TP_printk("child_relid 0x%x", __entry->child_relid)
);

TRACE_EVENT(vmbus_onopen_result,
	TP_PROTO(const struct vmbus_msg_open_result *result),
	TP_ARGS(result),
	TP_STRUCT__entry(
		__field(u32, child_relid)
		__field(u32, openid)
		__field(u32, status)
	),
	TP_fast_assign(
		__entry->child_relid = le32_to_cpu(result->relid);
		__entry->openid = le32_to_cpu(result->open_id);
		__entry->status = le32_to_cpu(result->status);
	),
	TP_printk("child_relid 0x%x, openid %d, status %d", __entry->child_relid, __entry->openid, __entry->status)
);

TRACE_EVENT(vmbus_ongpadl_created,
	TP_PROTO(const struct vmbus_msg_gpadl_created *created),
	TP_ARGS(created),
	TP_STRUCT__entry(
		__field(u32, child_relid)
		__field(u32, gpadl)
		__field(u32, status)
	),
	TP_fast_assign(
		__entry->child_relid = le32_to_cpu(created->relid);
		__entry->gpadl = le32_to_cpu(created->gpadl);
		__entry->status = le32_to_cpu(created->status);
	),
	TP_printk("child_relid 0x%x, gpadl 0x%x, creation_status %d", __entry->child_relid, __entry->gpadl, __entry->status)
);

TRACE_EVENT(vmbus_onmodifychannel_response,
	TP_PROTO(const struct vmbus_msg_modify_channel_response *response),
	TP_ARGS(response),
	TP_STRUCT__entry(
		__field(u32, child_relid)
		__field(u32, status)
	),
	TP_fast_assign(
		__entry->child_relid = le32_to_cpu(response->relid);
		__entry->status = le32_to_cpu(response->status);
	),
	TP_printk("child_relid 0x%x, status %d", __entry->child_relid, __entry->status)
);

TRACE_EVENT(vmbus_ongpadl_torndown,
	TP_PROTO(const struct vmbus_msg_gpadl_torndown *torndown),
	TP_ARGS(torndown),
	TP_STRUCT__entry(
		__field(u32, gpadl)
	),
	TP_fast_assign(
		__entry->gpadl = le32_to_cpu(torndown->gpadl);
	),
	TP_printk("gpadl 0x%x", __entry->gpadl)
);

TRACE_EVENT(vmbus_onversion_response,
	TP_PROTO(const struct vmbus_msg_version_response *response),
	TP_ARGS(response),
	TP_STRUCT__entry(
		__field(u8, ver)
	),
	TP_fast_assign(
		__entry->ver = response->supported;
	),
	TP_printk("version_supported %d", __entry->ver)
);

/* ---- messages to the host, with what became of posting them */

TRACE_EVENT(vmbus_request_offers,
	TP_PROTO(int ret),
	TP_ARGS(ret),
	TP_STRUCT__entry(
		__field(int, ret)
	),
	TP_fast_assign(
		__entry->ret = ret;
	),
	TP_printk("sending ret %d", __entry->ret)
);

TRACE_EVENT(vmbus_open,
	TP_PROTO(const struct vmbus_msg_open *open, int ret),
	TP_ARGS(open, ret),
	TP_STRUCT__entry(
		__field(u32, child_relid)
		__field(u32, openid)
		__field(u32, gpadlhandle)
		__field(u32, target_vp)
		__field(u32, offset)
		__field(int, ret)
	),
	TP_fast_assign(
		__entry->child_relid = le32_to_cpu(open->relid);
		__entry->openid = le32_to_cpu(open->open_id);
		__entry->gpadlhandle = le32_to_cpu(open->ring_gpadl);
		__entry->target_vp = le32_to_cpu(open->target_vp);
		__entry->offset = le32_to_cpu(open->downstream_page_offset);
		__entry->ret = ret;
	),
	TP_printk("sending child_relid 0x%x, openid %d, gpadlhandle 0x%x, target_vp 0x%x, offset 0x%x, ret %d",
		  __entry->child_relid, __entry->openid, __entry->gpadlhandle, __entry->target_vp, __entry->offset, __entry->ret)
);

DECLARE_EVENT_CLASS(vmbus_relid_sent,
	TP_PROTO(const struct vmbus_msg_relid *message, int ret),
	TP_ARGS(message, ret),
	TP_STRUCT__entry(
		__field(u32, child_relid)
		__field(int, ret)
	),
	TP_fast_assign(
		__entry->child_relid = le32_to_cpu(message->relid);
		__entry->ret = ret;
	),
	TP_printk("sending child_relid 0x%x, ret %d",
		  __entry->child_relid, __entry->ret)
);

DEFINE_EVENT(vmbus_relid_sent, vmbus_close_internal,
	TP_PROTO(const struct vmbus_msg_relid *message, int ret),
	TP_ARGS(message, ret)
);

DEFINE_EVENT(vmbus_relid_sent, vmbus_release_relid,
	TP_PROTO(const struct vmbus_msg_relid *message, int ret),
	TP_ARGS(message, ret)
);

TRACE_EVENT(vmbus_establish_gpadl_header,
	TP_PROTO(const struct vmbus_msg_gpadl_header *header, int ret),
	TP_ARGS(header, ret),
	TP_STRUCT__entry(
		__field(u32, child_relid)
		__field(u32, gpadl)
		__field(u16, range_buflen)
		__field(u16, rangecount)
		__field(int, ret)
	),
	TP_fast_assign(
		__entry->child_relid = le32_to_cpu(header->relid);
		__entry->gpadl = le32_to_cpu(header->gpadl);
		__entry->range_buflen = le16_to_cpu(header->range_bytes);
		__entry->rangecount = le16_to_cpu(header->range_count);
		__entry->ret = ret;
	),
	TP_printk("sending child_relid 0x%x, gpadl 0x%x, range_buflen %d rangecount %d, ret %d",
		  __entry->child_relid, __entry->gpadl, __entry->range_buflen, __entry->rangecount, __entry->ret)
);

TRACE_EVENT(vmbus_establish_gpadl_body,
	TP_PROTO(const struct vmbus_msg_gpadl_body *body, int ret),
	TP_ARGS(body, ret),
	TP_STRUCT__entry(
		__field(u32, msgnumber)
		__field(u32, gpadl)
		__field(int, ret)
	),
	TP_fast_assign(
		__entry->msgnumber = le32_to_cpu(body->message_number);
		__entry->gpadl = le32_to_cpu(body->gpadl);
		__entry->ret = ret;
	),
	TP_printk("sending msgnumber %d, gpadl 0x%x, ret %d",
		  __entry->msgnumber, __entry->gpadl, __entry->ret)
);

TRACE_EVENT(vmbus_teardown_gpadl,
	TP_PROTO(const struct vmbus_msg_gpadl_teardown *teardown, int ret),
	TP_ARGS(teardown, ret),
	TP_STRUCT__entry(
		__field(u32, child_relid)
		__field(u32, gpadl)
		__field(int, ret)
	),
	TP_fast_assign(
		__entry->child_relid = le32_to_cpu(teardown->relid);
		__entry->gpadl = le32_to_cpu(teardown->gpadl);
		__entry->ret = ret;
	),
	TP_printk("sending child_relid 0x%x, gpadl 0x%x, ret %d",
		  __entry->child_relid, __entry->gpadl, __entry->ret)
);

TRACE_EVENT(vmbus_negotiate_version,
	TP_PROTO(const struct vmbus_msg_initiate_contact *contact, int ret),
	TP_ARGS(contact, ret),
	TP_STRUCT__entry(
		__field(u32, ver)
		__field(u32, target_vcpu)
		__field(int, ret)
		__field(u64, int_page)
		__field(u64, mon_page1)
		__field(u64, mon_page2)
	),
	TP_fast_assign(
		__entry->ver = le32_to_cpu(contact->version);
		__entry->target_vcpu = le32_to_cpu(contact->target_vp);
		__entry->ret = ret;
		__entry->int_page = le64_to_cpu(contact->interrupt_page);
		__entry->mon_page1 = le64_to_cpu(contact->monitor_page_to_child);
		__entry->mon_page2 = le64_to_cpu(contact->monitor_page_to_parent);
	),
	TP_printk("sending vmbus_version_requested %d, target_vcpu 0x%x, pages %llx:%llx:%llx, ret %d",
		  __entry->ver, __entry->target_vcpu, __entry->int_page, __entry->mon_page1, __entry->mon_page2, __entry->ret)
);

TRACE_EVENT(vmbus_send_tl_connect_request,
	TP_PROTO(const struct vmbus_msg_tl_connect *connect, int ret),
	TP_ARGS(connect, ret),
	TP_STRUCT__entry(
		__array(char, guest_id, 16)
		__array(char, host_id, 16)
		__field(int, ret)
	),
	TP_fast_assign(
		memcpy(__entry->guest_id, &connect->endpoint_id, 16);
		memcpy(__entry->host_id, &connect->service_id, 16);
		__entry->ret = ret;
	),
	TP_printk("sending guest_endpoint_id %pUl, host_service_id %pUl, ret %d", __entry->guest_id, __entry->host_id,
		  __entry->ret)
);

TRACE_EVENT(vmbus_send_modifychannel,
	TP_PROTO(const struct vmbus_msg_modify_channel *modify, int ret),
	TP_ARGS(modify, ret),
	TP_STRUCT__entry(
		__field(u32, child_relid)
		__field(u32, target_vp)
		__field(int, ret)
	),
	TP_fast_assign(
		__entry->child_relid = le32_to_cpu(modify->relid);
		__entry->target_vp = le32_to_cpu(modify->target_vp);
		__entry->ret = ret;
	),
	TP_printk("binding child_relid 0x%x to target_vp 0x%x, ret %d",
		  __entry->child_relid, __entry->target_vp, __entry->ret)
);

/* ---- any message */

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
