// SPDX-License-Identifier: GPL-2.0
/*
 * The wire structs of the network protocols against bytes written out by hand
 * from their description (NVSP messages; RNDIS messages and per-packet info).
 */
#include <kunit/test.h>
#include <linux/module.h>
#include <hyperv/nvsp.h>
#include <hyperv/rndis.h>
#include "layout.h"

static const struct nvsp_message init = {
	.type = cpu_to_le32(NVSP_MSG_INIT),
	.init.min_version = cpu_to_le32(NVSP_VERSION_6_1),
	.init.max_version = cpu_to_le32(NVSP_VERSION_1),
};

static const struct nvsp_message init_complete = {
	.type = cpu_to_le32(NVSP_MSG_INIT_COMPLETE),
	.init_complete.negotiated_version = cpu_to_le32(0xffffffff),
	.init_complete.max_mdl_chain = cpu_to_le32(34),
	.init_complete.status = cpu_to_le32(NVSP_STATUS_SUCCESS),
};

static const struct nvsp_message ndis_version = {
	.type = cpu_to_le32(NVSP_MSG_SEND_NDIS_VERSION),
	.ndis_version.major = cpu_to_le32(6),
	.ndis_version.minor = cpu_to_le32(0x1e),
};

static const struct nvsp_message ndis_config = {
	.type = cpu_to_le32(NVSP_MSG_SEND_NDIS_CONFIG),
	.ndis_config.mtu = cpu_to_le32(1514),
	.ndis_config.capabilities = cpu_to_le64(NVSP_NDIS_CAP_8021Q | NVSP_NDIS_CAP_SRIOV |
						NVSP_NDIS_CAP_TEAMING | NVSP_NDIS_CAP_RSC),
};

static const struct nvsp_message send_recv_buf = {
	.type = cpu_to_le32(NVSP_MSG_SEND_RECV_BUF),
	.share_buffer.gpadl = cpu_to_le32(0x000e1e10),
	.share_buffer.id = cpu_to_le16(0xcafe),
};

static const struct nvsp_message recv_buf_complete = {
	.type = cpu_to_le32(NVSP_MSG_SEND_RECV_BUF_COMPLETE),
	.recv_buf_complete.status = cpu_to_le32(NVSP_STATUS_SUCCESS),
	.recv_buf_complete.section_count = cpu_to_le32(1),
	.recv_buf_complete.section[0] = {
		.offset = cpu_to_le32(0x01020304),
		.suballocation_bytes = cpu_to_le32(1728),
		.suballocation_count = cpu_to_le32(0x11121314),
		.end_offset = cpu_to_le32(0x21222324),
	},
};

static const struct nvsp_message revoke_send_buf = {
	.type = cpu_to_le32(NVSP_MSG_REVOKE_SEND_BUF),
	.revoke_buffer.id = cpu_to_le16(0x0102),
};

static const struct nvsp_message send_buf_complete = {
	.type = cpu_to_le32(NVSP_MSG_SEND_SEND_BUF_COMPLETE),
	.send_buf_complete.status = cpu_to_le32(NVSP_STATUS_FAILURE),
	.send_buf_complete.section_bytes = cpu_to_le32(6144),
};

static const struct nvsp_message rndis_packet_message = {
	.type = cpu_to_le32(NVSP_MSG_SEND_RNDIS_PACKET),
	.rndis_packet.channel_type = cpu_to_le32(NVSP_RNDIS_CHANNEL_CONTROL),
	.rndis_packet.send_section_index = cpu_to_le32(NVSP_SEND_SECTION_NONE),
	.rndis_packet.send_section_bytes = cpu_to_le32(0x00000102),
};

static const struct nvsp_message vf_association = {
	.type = cpu_to_le32(NVSP_MSG_SEND_VF_ASSOCIATION),
	.vf_association.allocated = cpu_to_le32(1),
	.vf_association.serial = cpu_to_le32(0x31323334),
};

static const struct nvsp_message subchannel = {
	.type = cpu_to_le32(NVSP_MSG_SUBCHANNEL),
	.subchannel_request.operation = cpu_to_le32(NVSP_SUBCHANNEL_ALLOCATE),
	.subchannel_request.count = cpu_to_le32(7),
};

static const struct nvsp_message indirection_table = {
	.type = cpu_to_le32(NVSP_MSG_SEND_INDIRECTION_TABLE),
	.indirection_table.count = cpu_to_le32(NVSP_SEND_TABLE_ENTRIES),
	.indirection_table.offset = cpu_to_le32(12),
};

static const struct rndis_packet packet = {
	.header.type = cpu_to_le32(RNDIS_TYPE_PACKET),
	.header.length = cpu_to_le32(0x00000640),
	.data_offset = cpu_to_le32(52),
	.data_length = cpu_to_le32(0x000005ea),
	.ppi_offset = cpu_to_le32(RNDIS_PACKET_PPI_OFFSET),
	.ppi_length = cpu_to_le32(16),
};

static const struct rndis_initialize_cmplt initialize_cmplt = {
	.header.type = cpu_to_le32(RNDIS_TYPE_INITIALIZE_CMPLT),
	.header.length = cpu_to_le32(52),
	.request_id = cpu_to_le32(0x01020304),
	.status = cpu_to_le32(NDIS_STATUS_INVALID_DATA),
	.major = cpu_to_le32(1),
	.device_flags = cpu_to_le32(1),
	.max_packets_per_message = cpu_to_le32(8),
	.max_transfer_bytes = cpu_to_le32(0xefffffff),
	.packet_alignment_factor = cpu_to_le32(3),
};

static const struct rndis_oid_request query = {
	.header.type = cpu_to_le32(RNDIS_TYPE_QUERY),
	.header.length = cpu_to_le32(28),
	.request_id = cpu_to_le32(5),
	.oid = cpu_to_le32(0x01010101),
	.info_offset = cpu_to_le32(RNDIS_OID_REQUEST_INFO_OFFSET),
};

static const struct rndis_query_cmplt query_cmplt = {
	.header.type = cpu_to_le32(RNDIS_TYPE_QUERY_CMPLT),
	.header.length = cpu_to_le32(30),
	.request_id = cpu_to_le32(5),
	.status = cpu_to_le32(NDIS_STATUS_NOT_SUPPORTED),
	.info_length = cpu_to_le32(6),
	.info_offset = cpu_to_le32(RNDIS_QUERY_CMPLT_INFO_OFFSET),
};

static const struct rndis_reset_cmplt reset_cmplt = {
	.header.type = cpu_to_le32(RNDIS_TYPE_RESET_CMPLT),
	.header.length = cpu_to_le32(16),
	.status = cpu_to_le32(1),
	.addressing_reset = cpu_to_le32(2),
};

static const struct rndis_indicate_status indicate_status = {
	.header.type = cpu_to_le32(RNDIS_TYPE_INDICATE_STATUS),
	.header.length = cpu_to_le32(24),
	.status = cpu_to_le32(NDIS_STATUS_LINK_SPEED_CHANGE),
	.buffer_length = cpu_to_le32(4),
	.buffer_offset = cpu_to_le32(12),
};

static const struct rndis_ppi ppi = {
	.size = cpu_to_le32(16),
	.type = cpu_to_le32(RNDIS_PPI_INTERNAL | RNDIS_PPI_INTERNAL_PACKET_ID),
	.value_offset = cpu_to_le32(12),
};

static const struct rndis_packet_id packet_id = {
	.version = 1,
	.flags = RNDIS_PACKET_ID_FIRST | RNDIS_PACKET_ID_LAST,
	.packet_id = cpu_to_le16(0x0102),
};

static const struct layout_case layout_cases[] = {
	LAYOUT("nvsp_init", init, 40, 1, 0, 0, 0, 1, 0, 6, 0, 2, 0, 0, 0),
	LAYOUT("nvsp_init_complete", init_complete, 40,
	       2, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 34, 0, 0, 0, 1, 0, 0, 0),
	LAYOUT("nvsp_send_ndis_version", ndis_version, 40,
	       100, 0, 0, 0, 6, 0, 0, 0, 0x1e, 0, 0, 0),
	LAYOUT("nvsp_send_ndis_config", ndis_config, 40,
	       125, 0, 0, 0, 0xea, 0x05, 0, 0, 0, 0, 0, 0, 0xac, 0, 0, 0, 0, 0, 0, 0),
	LAYOUT("nvsp_send_receive_buffer", send_recv_buf, 40,
	       101, 0, 0, 0, 0x10, 0x1e, 0x0e, 0x00, 0xfe, 0xca),
	LAYOUT("nvsp_send_receive_buffer_complete", recv_buf_complete, 40,
	       102, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 4, 3, 2, 1, 0xc0, 0x06, 0, 0,
	       0x14, 0x13, 0x12, 0x11, 0x24, 0x23, 0x22, 0x21),
	LAYOUT("nvsp_revoke_send_buffer", revoke_send_buf, 40,
	       106, 0, 0, 0, 0x02, 0x01),
	LAYOUT("nvsp_send_send_buffer_complete", send_buf_complete, 40,
	       105, 0, 0, 0, 2, 0, 0, 0, 0x00, 0x18, 0, 0),
	LAYOUT("nvsp_send_rndis_packet", rndis_packet_message, 40,
	       107, 0, 0, 0, 1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0x02, 0x01, 0, 0),
	LAYOUT("nvsp_send_vf_association", vf_association, 40,
	       128, 0, 0, 0, 1, 0, 0, 0, 0x34, 0x33, 0x32, 0x31),
	LAYOUT("nvsp_subchannel", subchannel, 40,
	       133, 0, 0, 0, 1, 0, 0, 0, 7, 0, 0, 0),
	LAYOUT("nvsp_send_indirection_table", indirection_table, 40,
	       134, 0, 0, 0, 16, 0, 0, 0, 12, 0, 0, 0),
	LAYOUT("rndis_packet", packet, 44,
	       1, 0, 0, 0, 0x40, 0x06, 0, 0, 52, 0, 0, 0, 0xea, 0x05, 0, 0,
	       [28] = 36, [32] = 16),
	LAYOUT("rndis_initialize_complete", initialize_cmplt, 52,
	       2, 0, 0, 0x80, 52, 0, 0, 0, 4, 3, 2, 1, 0x15, 0x00, 0x01, 0xc0,
	       1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0,
	       0xff, 0xff, 0xff, 0xef, 3, 0, 0, 0),
	LAYOUT("rndis_query", query, 28,
	       4, 0, 0, 0, 28, 0, 0, 0, 5, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0, 20, 0, 0, 0),
	LAYOUT("rndis_query_complete", query_cmplt, 24,
	       4, 0, 0, 0x80, 30, 0, 0, 0, 5, 0, 0, 0, 0xbb, 0, 0, 0xc0,
	       6, 0, 0, 0, 16, 0, 0, 0),
	LAYOUT("rndis_reset_complete_has_no_request_id", reset_cmplt, 16,
	       6, 0, 0, 0x80, 16, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0),
	LAYOUT("rndis_indicate_status", indicate_status, 20,
	       7, 0, 0, 0, 24, 0, 0, 0, 0x13, 0x00, 0x01, 0x40, 4, 0, 0, 0, 12, 0, 0, 0),
	LAYOUT("rndis_internal_per_packet_info", ppi, 12,
	       16, 0, 0, 0, 1, 0, 0, 0x80, 12, 0, 0, 0),
	LAYOUT("rndis_packet_id", packet_id, 4, 1, 6, 0x02, 0x01),
};

LAYOUT_CASES(layout_cases);

static struct kunit_case netvsc_layout_cases[] = {
	KUNIT_CASE_PARAM(wire_struct_has_the_bytes_of_the_specification, layout_gen_params),
	{}
};

static struct kunit_suite netvsc_layout_suite = {
	.name = "hv_netvsc_layout",
	.test_cases = netvsc_layout_cases,
};
kunit_test_suite(netvsc_layout_suite);

MODULE_DESCRIPTION("KUnit suite: wire structs of the network protocols");
MODULE_LICENSE("GPL");
