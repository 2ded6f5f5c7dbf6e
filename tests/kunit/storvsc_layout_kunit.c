// SPDX-License-Identifier: GPL-2.0
/*
 * The wire structs of the storage protocol against bytes written out by hand from
 * its description (VSTOR packets, SRB, properties, WWN block).
 */
#include <kunit/test.h>
#include <linux/module.h>
#include <hyperv/vstor.h>
#include "layout.h"

static const struct vstor_packet execute_srb = {
	.operation = cpu_to_le32(VSTOR_OP_EXECUTE_SRB),
	.flags = cpu_to_le32(VSTOR_FLAG_COMPLETION),
	.status = cpu_to_le32(VSTOR_STATUS_INVALID_DEVICE_REQUEST),
	.srb = {
		.length = cpu_to_le16(VSTOR_SRB_BYTES),
		.srb_status = VSTOR_SRB_SUCCESS | VSTOR_SRB_STATUS_AUTOSENSE,
		.scsi_status = 0x02,
		.port = 0x11,
		.path_id = 0x12,
		.target_id = 0x13,
		.lun = 0x14,
		.cdb_length = VSTOR_CDB_BYTES,
		.sense_info_length = VSTOR_SENSE_BYTES,
		.data_in = VSTOR_DATA_IN,
		.data_transfer_length = cpu_to_le32(0x00012345),
		.cdb = { 0x28, [15] = 0x2f },
		.queue_tag = VSTOR_QUEUE_TAG_UNTAGGED,
		.queue_action = VSTOR_QUEUE_ACTION_SIMPLE,
		.srb_flags = cpu_to_le32(VSTOR_SRB_FLAG_DATA_IN | VSTOR_SRB_FLAG_NO_QUEUE_FREEZE),
		.time_out_seconds = cpu_to_le32(60),
		.queue_sort_key = cpu_to_le32(0x01020304),
	},
};

static const struct vstor_packet reply_with_sense = {
	.operation = cpu_to_le32(VSTOR_OP_COMPLETE_IO),
	.srb.sense = { 0x70, [19] = 0x7f },
};

static const struct vstor_packet query_version = {
	.operation = cpu_to_le32(VSTOR_OP_QUERY_PROTOCOL_VERSION),
	.version.major_minor = cpu_to_le16(VSTOR_VERSION_6_2),
	.version.revision = cpu_to_le16(0x0102),
};

static const struct vstor_packet properties = {
	.operation = cpu_to_le32(VSTOR_OP_COMPLETE_IO),
	.properties = {
		.max_sub_channels = cpu_to_le16(0x0102),
		.flags = cpu_to_le32(VSTOR_PROPERTY_MULTI_CHANNEL),
		.max_transfer_bytes = cpu_to_le32(0x00040000),
	},
};

static const struct vstor_packet wwn = {
	.operation = cpu_to_le32(VSTOR_OP_FCHBA_DATA),
	.wwn = {
		.primary_active = 1,
		.primary_port = { 0x10, [7] = 0x17 },
		.primary_node = { 0x20, [7] = 0x27 },
		.secondary_port = { 0x30, [7] = 0x37 },
		.secondary_node = { 0x40, [7] = 0x47 },
	},
};

static const struct vstor_packet sub_channels = {
	.operation = cpu_to_le32(VSTOR_OP_CREATE_SUB_CHANNELS),
	.sub_channel_count = cpu_to_le16(0x0304),
};

static const struct layout_case layout_cases[] = {
	LAYOUT("execute_srb", execute_srb, 64,
	       3, 0, 0, 0, 1, 0, 0, 0, 0x10, 0x00, 0x00, 0xc0,
	       52, 0, 0x81, 0x02, 0x11, 0x12, 0x13, 0x14, 16, 20, 1, 0,
	       0x45, 0x23, 0x01, 0x00, 0x28, [43] = 0x2f,
	       [50] = 0xff, 0x20, 0x40, 0x01, 0, 0, 60, 0, 0, 0,
	       0x04, 0x03, 0x02, 0x01),
	LAYOUT("sense_overwrites_the_cdb_and_four_more", reply_with_sense, 64,
	       [0] = 1, [28] = 0x70, [47] = 0x7f),
	LAYOUT("query_protocol_version", query_version, 64,
	       [0] = 9, [12] = 2, 6, 0x02, 0x01),
	LAYOUT("channel_properties", properties, 64,
	       [0] = 1, [16] = 0x02, 0x01, [20] = 1, [24] = 0x00, 0x00, 0x04, 0x00),
	LAYOUT("world_wide_names_start_after_four_bytes", wwn, 64,
	       [0] = 12, [12] = 1, [16] = 0x10, [23] = 0x17, 0x20, [31] = 0x27,
	       0x30, [39] = 0x37, 0x40, [47] = 0x47),
	LAYOUT("create_sub_channels", sub_channels, 64,
	       [0] = 13, [12] = 0x04, 0x03),
};

LAYOUT_CASES(layout_cases);

static struct kunit_case storvsc_layout_cases[] = {
	KUNIT_CASE_PARAM(wire_struct_has_the_bytes_of_the_specification, layout_gen_params),
	{}
};

static struct kunit_suite storvsc_layout_suite = {
	.name = "hv_storvsc_layout",
	.test_cases = storvsc_layout_cases,
};
kunit_test_suite(storvsc_layout_suite);

MODULE_DESCRIPTION("KUnit suite: wire structs of the storage protocol");
MODULE_LICENSE("GPL");
