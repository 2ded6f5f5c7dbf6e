// SPDX-License-Identifier: GPL-2.0
/*
 * The wire structs of VMBus and the SynIC against bytes written out by hand from
 * the specification (TLFS, message and event pages; VMBus control messages,
 * rings and packets).
 */
#include <kunit/test.h>
#include <linux/module.h>
#include <linux/string.h>
#include <hyperv/tlfs.h>
#include <hyperv/vmbus_msg.h>
#include <hyperv/vmbus_ring.h>
#include "layout.h"

static const struct hyperv_guid guid_text_order =
	HYPERV_GUID_INIT(0x00112233u, 0x4455, 0x6677, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff);

static const struct hyperv_guid class_network = VMBUS_CLASS_NETWORK;
static const struct hyperv_guid class_scsi = VMBUS_CLASS_SCSI;

static const struct vmbus_msg_offer offer = {
	.header.type = cpu_to_le32(VMBUS_MSG_OFFER),
	.class_id = VMBUS_CLASS_NETWORK,
	.instance_id = VMBUS_CLASS_SCSI,
	.flags = cpu_to_le16(VMBUS_OFFER_PIPE_MODE | VMBUS_OFFER_TLNPI_PROVIDER),
	.mmio_mib = cpu_to_le16(0x0102),
	.user = { [0] = 0xa0, [119] = 0xaf },
	.subchannel_index = cpu_to_le16(0x0304),
	.optional_mmio_mib = cpu_to_le16(0x0506),
	.relid = cpu_to_le32(0x07ff),
	.monitor_id = 0x7f,
	.monitor_flags = VMBUS_OFFER_MONITOR_ALLOCATED,
	.interrupt_flags = cpu_to_le16(VMBUS_OFFER_DEDICATED_INTERRUPT),
	.connection_id = cpu_to_le32(0x00010203),
};

static const struct vmbus_msg_relid relid = {
	.header.type = cpu_to_le32(VMBUS_MSG_RELID_RELEASED),
	.relid = cpu_to_le32(0x07fe),
};

static const struct vmbus_msg_open open_channel = {
	.header.type = cpu_to_le32(VMBUS_MSG_OPEN),
	.relid = cpu_to_le32(1),
	.open_id = cpu_to_le32(0x11121314),
	.ring_gpadl = cpu_to_le32(0x000e1e10),
	.target_vp = cpu_to_le32(VMBUS_TARGET_VP_NONE),
	.downstream_page_offset = cpu_to_le32(0x21),
	.user = { [0] = 0x5a, [119] = 0xa5 },
};

static const struct vmbus_msg_open2 open_channel_v6 = {
	.open = {
		.header.type = cpu_to_le32(VMBUS_MSG_OPEN),
		.relid = cpu_to_le32(1),
	},
	.connection_id = cpu_to_le32(0x31323334),
	.event_flag = cpu_to_le16(0x4142),
	.flags = cpu_to_le16(0x5152),
};

static const struct vmbus_msg_open_result open_result = {
	.header.type = cpu_to_le32(VMBUS_MSG_OPEN_RESULT),
	.relid = cpu_to_le32(2),
	.open_id = cpu_to_le32(3),
	.status = cpu_to_le32(0xc000009a),
};

static const struct vmbus_msg_gpadl_header gpadl_header = {
	.header.type = cpu_to_le32(VMBUS_MSG_GPADL_HEADER),
	.relid = cpu_to_le32(4),
	.gpadl = cpu_to_le32(5),
	.range_bytes = cpu_to_le16(0x0010),
	.range_count = cpu_to_le16(1),
};

static const struct vmbus_msg_gpadl_body gpadl_body = {
	.header.type = cpu_to_le32(VMBUS_MSG_GPADL_BODY),
	.message_number = cpu_to_le32(0x61626364),
	.gpadl = cpu_to_le32(5),
};

static const struct vmbus_msg_gpadl_created gpadl_created = {
	.header.type = cpu_to_le32(VMBUS_MSG_GPADL_CREATED),
	.relid = cpu_to_le32(4),
	.gpadl = cpu_to_le32(5),
	.status = cpu_to_le32(6),
};

static const struct vmbus_msg_gpadl_teardown gpadl_teardown = {
	.header.type = cpu_to_le32(VMBUS_MSG_GPADL_TEARDOWN),
	.relid = cpu_to_le32(4),
	.gpadl = cpu_to_le32(5),
};

static const struct vmbus_msg_gpadl_torndown gpadl_torndown = {
	.header.type = cpu_to_le32(VMBUS_MSG_GPADL_TORNDOWN),
	.gpadl = cpu_to_le32(5),
};

static const struct vmbus_msg_initiate_contact contact_before_v5 = {
	.header.type = cpu_to_le32(VMBUS_MSG_INITIATE_CONTACT),
	.version = cpu_to_le32(VMBUS_VERSION_4_1),
	.target_vp = cpu_to_le32(3),
	.interrupt_page = cpu_to_le64(0x0000000112345000ull),
	.monitor_page_to_child = cpu_to_le64(0x0000000223456000ull),
	.monitor_page_to_parent = cpu_to_le64(0x0000000334567000ull),
};

static const struct vmbus_msg_initiate_contact contact_from_v5 = {
	.header.type = cpu_to_le32(VMBUS_MSG_INITIATE_CONTACT),
	.version = cpu_to_le32(VMBUS_VERSION_5_3),
	.target_vp = cpu_to_le32(0),
	.sint = VMBUS_SINT,
	.vtl = 1,
	.feature_flags = cpu_to_le32(0x71727374),
};

static const struct vmbus_msg_version_response version_response = {
	.header.type = cpu_to_le32(VMBUS_MSG_VERSION_RESPONSE),
	.supported = 1,
	.connection_state = 2,
	.message_connection_id = cpu_to_le32(0x00000004),
};

static const struct vmbus_msg_version_response_v6 version_response_v6 = {
	.base = {
		.header.type = cpu_to_le32(VMBUS_MSG_VERSION_RESPONSE),
		.supported = 1,
		.message_connection_id = cpu_to_le32(0x00000104),
	},
	.feature_flags = cpu_to_le32(0x40),
	.monitor_page_to_child = cpu_to_le64(0x1000),
	.monitor_page_to_parent = cpu_to_le64(0x2000),
};

static const struct vmbus_msg_tl_connect tl_connect = {
	.header.type = cpu_to_le32(VMBUS_MSG_TL_CONNECT),
	.endpoint_id = { .b = { [0] = 1, [15] = 2 } },
	.service_id = { .b = { [0] = 3, [15] = 4 } },
	.silo_id = { .b = { [0] = 5, [15] = 6 } },
};

static const struct vmbus_msg_tl_connect_result tl_connect_result = {
	.header.type = cpu_to_le32(VMBUS_MSG_TL_CONNECT_RESULT),
	.endpoint_id = { .b = { [0] = 1, [15] = 2 } },
	.service_id = { .b = { [0] = 3, [15] = 4 } },
	.status = cpu_to_le32(0xc0000236),
};

static const struct vmbus_msg_modify_channel modify_channel = {
	.header.type = cpu_to_le32(VMBUS_MSG_MODIFY_CHANNEL),
	.relid = cpu_to_le32(7),
	.target_vp = cpu_to_le32(8),
};

static const struct vmbus_msg_modify_channel_response modify_channel_response = {
	.header.type = cpu_to_le32(VMBUS_MSG_MODIFY_CHANNEL_RESPONSE),
	.relid = cpu_to_le32(7),
	.status = cpu_to_le32(0x81828384),
};

static const struct vmbus_gpa_range gpa_range = {
	.byte_count = cpu_to_le32(0x00012345),
	.byte_offset = cpu_to_le32(0x00000fff),
};

static const struct vmbus_ring_control ring_control = {
	.write_index = cpu_to_le32(0x00000ff8),
	.read_index = cpu_to_le32(0x00000008),
	.interrupt_mask = cpu_to_le32(1),
	.pending_send_size = cpu_to_le32(0x00000fd0),
	.feature_bits = cpu_to_le32(VMBUS_RING_FEATURE_PENDING_SEND_SIZE),
};

static const struct vmbus_packet inband_packet = {
	.type = cpu_to_le16(VMBUS_PACKET_INBAND),
	.payload_qwords = cpu_to_le16(2),
	.total_qwords = cpu_to_le16(0x0102),
	.flags = cpu_to_le16(VMBUS_PACKET_FLAG_COMPLETION),
	.transaction_id = cpu_to_le64(0x1122334455667788ull),
};

static const struct vmbus_packet_trailer trailer = {
	.start_index = cpu_to_le32(0x00000ff0),
};

static const struct vmbus_packet_transfer_pages transfer_pages = {
	.packet.type = cpu_to_le16(VMBUS_PACKET_TRANSFER_PAGES),
	.packet.payload_qwords = cpu_to_le16(4),
	.packet.total_qwords = cpu_to_le16(5),
	.page_set_id = cpu_to_le16(0xcafe),
	.sender_owns_set = 1,
	.range_count = cpu_to_le32(1),
};

static const struct vmbus_transfer_range transfer_range = {
	.byte_count = cpu_to_le32(0x000005ea),
	.byte_offset = cpu_to_le32(0x00001800),
};

static const struct vmbus_packet_gpa_direct gpa_direct = {
	.packet.type = cpu_to_le16(VMBUS_PACKET_GPA_DIRECT),
	.packet.payload_qwords = cpu_to_le16(5),
	.packet.total_qwords = cpu_to_le16(13),
	.packet.flags = cpu_to_le16(VMBUS_PACKET_FLAG_COMPLETION),
	.range_count = cpu_to_le32(2),
};

static const struct vmbus_pipe_header pipe_header = {
	.type = cpu_to_le32(VMBUS_PIPE_DATA),
	.bytes = cpu_to_le32(0x00004000),
};

static const struct vmbus_monitor_page monitor_page = {
	.trigger_state = cpu_to_le32(0xf),
	.group[0].pending = cpu_to_le32(0x01020304),
	.group[3].armed = cpu_to_le32(0x05060708),
	.next_check_time[3][31] = cpu_to_le32(0x11121314),
	.latency_100ns[3][31] = cpu_to_le16(0x2122),
	.parameter[3][31].connection_id = cpu_to_le32(0x31323334),
	.parameter[3][31].flag = cpu_to_le16(0x4142),
};

static const struct tlfs_post_message post_message = {
	.connection_id = cpu_to_le32(VMBUS_CONNECTION_MESSAGE_V5),
	.message_type = cpu_to_le32(TLFS_MESSAGE_TYPE_CHANNEL),
	.payload_bytes = cpu_to_le32(240),
	.payload = { [0] = 0xb0, [239] = 0xbf },
};

static const struct tlfs_message_page message_page = {
	.slot[VMBUS_SINT] = {
		.type = cpu_to_le32(TLFS_MESSAGE_TYPE_CHANNEL),
		.payload_bytes = 240,
		.flags = TLFS_MESSAGE_FLAG_PENDING,
		.sender = cpu_to_le64(0x0102030405060708ull),
		.payload = { [0] = 0xb0, [239] = 0xbf },
	},
};

static const struct tlfs_event_page event_page = {
	.flags[VMBUS_SINT][2047 / 8] = 1 << (2047 % 8),
};

static const struct tlfs_timer_message timer_message = {
	.timer_index = cpu_to_le32(3),
	.expiration_100ns = cpu_to_le64(0x0102030405060708ull),
	.delivery_100ns = cpu_to_le64(0x1112131415161718ull),
};

static const struct layout_case layout_cases[] = {
	LAYOUT("guid_fields_are_little_endian", guid_text_order, 16,
	       0x33, 0x22, 0x11, 0x00, 0x55, 0x44, 0x77, 0x66,
	       0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff),
	LAYOUT("class_network", class_network, 16,
	       0x63, 0x51, 0x61, 0xf8, 0x3e, 0xdf, 0xc5, 0x46,
	       0x91, 0x3f, 0xf2, 0xd2, 0xf9, 0x65, 0xed, 0x0e),
	LAYOUT("class_scsi", class_scsi, 16,
	       0xd9, 0x63, 0x61, 0xba, 0xa1, 0x04, 0x29, 0x4d,
	       0xb6, 0x05, 0x72, 0xe2, 0xff, 0xb1, 0xdc, 0x7f),
	LAYOUT("offer", offer, 196,
	       [0] = 1,
	       [8] = 0x63, 0x51, 0x61, 0xf8, 0x3e, 0xdf, 0xc5, 0x46,
	       0x91, 0x3f, 0xf2, 0xd2, 0xf9, 0x65, 0xed, 0x0e,
	       [24] = 0xd9, 0x63, 0x61, 0xba, 0xa1, 0x04, 0x29, 0x4d,
	       0xb6, 0x05, 0x72, 0xe2, 0xff, 0xb1, 0xdc, 0x7f,
	       [56] = 0x10, 0x20, [58] = 0x02, 0x01, [60] = 0xa0, [179] = 0xaf,
	       [180] = 0x04, 0x03, [182] = 0x06, 0x05, [184] = 0xff, 0x07, 0, 0,
	       [188] = 0x7f, [189] = 0x01, [190] = 0x01, 0x00,
	       [192] = 0x03, 0x02, 0x01, 0x00),
	LAYOUT("relid_released", relid, 12,
	       13, 0, 0, 0, 0, 0, 0, 0, 0xfe, 0x07, 0, 0),
	LAYOUT("open", open_channel, 148,
	       5, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0x14, 0x13, 0x12, 0x11,
	       0x10, 0x1e, 0x0e, 0x00, 0xff, 0xff, 0xff, 0xff, 0x21, 0, 0, 0,
	       0x5a, [147] = 0xa5),
	LAYOUT("open_of_version_6", open_channel_v6, 156,
	       5, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0,
	       [148] = 0x34, 0x33, 0x32, 0x31, 0x42, 0x41, 0x52, 0x51),
	LAYOUT("open_result", open_result, 20,
	       6, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0,
	       0x9a, 0x00, 0x00, 0xc0),
	LAYOUT("gpadl_header", gpadl_header, 20,
	       8, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 5, 0, 0, 0, 0x10, 0, 1, 0),
	LAYOUT("gpadl_body", gpadl_body, 16,
	       9, 0, 0, 0, 0, 0, 0, 0, 0x64, 0x63, 0x62, 0x61, 5, 0, 0, 0),
	LAYOUT("gpadl_created", gpadl_created, 20,
	       10, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 5, 0, 0, 0, 6, 0, 0, 0),
	LAYOUT("gpadl_teardown", gpadl_teardown, 16,
	       11, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 5, 0, 0, 0),
	LAYOUT("gpadl_torndown_has_no_relid", gpadl_torndown, 12,
	       12, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0),
	LAYOUT("initiate_contact_before_5_0", contact_before_v5, 40,
	       14, 0, 0, 0, 0, 0, 0, 0, 1, 0, 4, 0, 3, 0, 0, 0,
	       0x00, 0x50, 0x34, 0x12, 1, 0, 0, 0,
	       0x00, 0x60, 0x45, 0x23, 2, 0, 0, 0,
	       0x00, 0x70, 0x56, 0x34, 3, 0, 0, 0),
	LAYOUT("initiate_contact_from_5_0", contact_from_v5, 40,
	       14, 0, 0, 0, 0, 0, 0, 0, 3, 0, 5, 0, 0, 0, 0, 0,
	       2, 1, 0, 0, 0x74, 0x73, 0x72, 0x71),
	LAYOUT("version_response", version_response, 16,
	       15, 0, 0, 0, 0, 0, 0, 0, 1, 2, 0, 0, 4, 0, 0, 0),
	LAYOUT("version_response_of_version_6", version_response_v6, 40,
	       15, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 4, 1, 0, 0,
	       0x40, 0, 0, 0, 0, 0, 0, 0, 0x00, 0x10, 0, 0, 0, 0, 0, 0,
	       0x00, 0x20, 0, 0, 0, 0, 0, 0),
	LAYOUT("tl_connect", tl_connect, 56,
	       [0] = 21, [8] = 1, [23] = 2, [24] = 3, [39] = 4, [40] = 5, [55] = 6),
	LAYOUT("tl_connect_result", tl_connect_result, 44,
	       [0] = 23, [8] = 1, [23] = 2, [24] = 3, [39] = 4,
	       [40] = 0x36, 0x02, 0x00, 0xc0),
	LAYOUT("modify_channel", modify_channel, 16,
	       22, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 8, 0, 0, 0),
	LAYOUT("modify_channel_response", modify_channel_response, 16,
	       24, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0x84, 0x83, 0x82, 0x81),
	LAYOUT("gpa_range", gpa_range, 8,
	       0x45, 0x23, 0x01, 0x00, 0xff, 0x0f, 0, 0),
	LAYOUT("ring_control", ring_control, 4096,
	       0xf8, 0x0f, 0, 0, 0x08, 0, 0, 0, 1, 0, 0, 0, 0xd0, 0x0f, 0, 0,
	       [64] = 1),
	LAYOUT("inband_packet", inband_packet, 16,
	       6, 0, 2, 0, 0x02, 0x01, 1, 0,
	       0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11),
	LAYOUT("packet_trailer", trailer, 8, 0, 0, 0, 0, 0xf0, 0x0f, 0, 0),
	LAYOUT("transfer_pages_packet", transfer_pages, 24,
	       7, 0, 4, 0, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	       0xfe, 0xca, 1, 0, 1, 0, 0, 0),
	LAYOUT("transfer_range", transfer_range, 8,
	       0xea, 0x05, 0, 0, 0x00, 0x18, 0, 0),
	LAYOUT("gpa_direct_packet", gpa_direct, 24,
	       9, 0, 5, 0, 13, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	       0, 0, 0, 0, 2, 0, 0, 0),
	LAYOUT("pipe_header", pipe_header, 8, 1, 0, 0, 0, 0x00, 0x40, 0, 0),
	LAYOUT("monitor_page", monitor_page, 4096,
	       [0x000] = 0x0f, [0x008] = 0x04, 0x03, 0x02, 0x01,
	       [0x024] = 0x08, 0x07, 0x06, 0x05,
	       [0x23c] = 0x14, 0x13, 0x12, 0x11, [0x33e] = 0x22, 0x21,
	       [0x838] = 0x34, 0x33, 0x32, 0x31, 0x42, 0x41, 0, 0),
	LAYOUT("post_message_input", post_message, 256,
	       4, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0xf0, 0, 0, 0,
	       0xb0, [255] = 0xbf),
	LAYOUT("message_slot_of_the_vmbus_sint", message_page, 4096,
	       [0x200] = 1, 0, 0, 0, 0xf0, 0x01, 0, 0,
	       0x08, 0x07, 0x06, 0x05, 0x04, 0x03, 0x02, 0x01,
	       0xb0, [0x2ff] = 0xbf),
	LAYOUT("last_event_flag_of_the_vmbus_sint", event_page, 4096,
	       [0x2ff] = 0x80),
	LAYOUT("timer_message", timer_message, 24,
	       3, 0, 0, 0, 0, 0, 0, 0,
	       0x08, 0x07, 0x06, 0x05, 0x04, 0x03, 0x02, 0x01,
	       0x18, 0x17, 0x16, 0x15, 0x14, 0x13, 0x12, 0x11),
};

LAYOUT_CASES(layout_cases);

struct number_case {
	const char *name;
	u64 ours;
	u64 specified;
};

/* Numbers that no struct carries: versions, message numbers, limits. */
static const struct number_case number_cases[] = {
	{ "version_0_13", VMBUS_VERSION_0_13, 0x0000000d },
	{ "version_1_1", VMBUS_VERSION_1_1, 0x00010001 },
	{ "version_2_4", VMBUS_VERSION_2_4, 0x00020004 },
	{ "version_3_0", VMBUS_VERSION_3_0, 0x00030000 },
	{ "version_4_0", VMBUS_VERSION_4_0, 0x00040000 },
	{ "version_4_1", VMBUS_VERSION_4_1, 0x00040001 },
	{ "version_5_0", VMBUS_VERSION_5_0, 0x00050000 },
	{ "version_5_1", VMBUS_VERSION_5_1, 0x00050001 },
	{ "version_5_2", VMBUS_VERSION_5_2, 0x00050002 },
	{ "version_5_3", VMBUS_VERSION_5_3, 0x00050003 },
	{ "offer_before_1_1_ends_at_190", VMBUS_MSG_OFFER_V0_13_BYTES, 190 },
	{ "request_offers", VMBUS_MSG_REQUEST_OFFERS, 3 },
	{ "all_offers_delivered", VMBUS_MSG_ALL_OFFERS_DELIVERED, 4 },
	{ "close", VMBUS_MSG_CLOSE, 7 },
	{ "unload", VMBUS_MSG_UNLOAD, 16 },
	{ "unload_response", VMBUS_MSG_UNLOAD_RESPONSE, 17 },
	{ "highest_message_number", VMBUS_MSG_TYPES - 1, 29 },
	{ "completion_packet", VMBUS_PACKET_COMPLETION, 11 },
	{ "gpadl_header_pfns", VMBUS_GPADL_HEADER_PFNS, (240 - 28) / 8 },
	{ "gpadl_body_pfns", VMBUS_GPADL_BODY_PFNS, (240 - 16) / 8 },
	{ "gpadl_most_pfns", VMBUS_GPADL_MAX_PFNS, (0xffff - 8) / 8 },
	{ "post_message_call", TLFS_CALL_POST_MESSAGE, 0x5c },
	{ "signal_event_call", TLFS_CALL_SIGNAL_EVENT, 0x5d },
	{ "status_invalid_connection_id", TLFS_STATUS_INVALID_CONNECTION_ID, 0x12 },
	{ "status_insufficient_buffers", TLFS_STATUS_INSUFFICIENT_BUFFERS, 0x13 },
	{ "message_connection_from_5_0", VMBUS_CONNECTION_MESSAGE_V5, 4 },
	{ "vmbus_sint", VMBUS_SINT, 2 },
};

static void number_case_desc(const struct number_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(number, number_cases, number_case_desc);

static void number_is_that_of_the_specification(struct kunit *test)
{
	const struct number_case *c = test->param_value;

	KUNIT_EXPECT_EQ(test, c->ours, c->specified);
}

static struct kunit_case vmbus_layout_cases[] = {
	KUNIT_CASE_PARAM(wire_struct_has_the_bytes_of_the_specification, layout_gen_params),
	KUNIT_CASE_PARAM(number_is_that_of_the_specification, number_gen_params),
	{}
};

static struct kunit_suite vmbus_layout_suite = {
	.name = "hv_vmbus_layout",
	.test_cases = vmbus_layout_cases,
};
kunit_test_suite(vmbus_layout_suite);

MODULE_DESCRIPTION("KUnit suite: wire structs of VMBus and the SynIC");
MODULE_LICENSE("GPL");
