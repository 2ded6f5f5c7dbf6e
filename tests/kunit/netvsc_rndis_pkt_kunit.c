// SPDX-License-Identifier: GPL-2.0
/*
 * RNDIS packet messages and per-packet info. The messages expected, and those taken apart, are written out by hand from
 * the description of the protocol; everything a host may get wrong is refused before a byte of it is used.
 */
#include <kunit/test.h>
#include <linux/module.h>
#include <linux/string.h>
#include "../../netvsc/rndis_pkt.c"

/* ---- to the host */

struct build_case {
	const char *name;
	struct rndis_pkt_tx tx;
	u32 bytes;
	u8 message[RNDIS_PKT_MAX_HEADER_BYTES];
};

static const struct build_case build_cases[] = {
	{
		.name = "frame_alone",
		.tx = { .frame_bytes = 60 },
		.bytes = 44,
		.message = {
			1, 0, 0, 0, 104, 0, 0, 0, 36, 0, 0, 0, 60, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
			0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		},
	},
	{
		.name = "padding_counts_in_the_message_only",
		.tx = { .frame_bytes = 61, .padding_bytes = 7 },
		.bytes = 44,
		.message = {
			1, 0, 0, 0, 112, 0, 0, 0, 36, 0, 0, 0, 61, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
			0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		},
	},
	{
		.name = "tcp_checksum_on_ipv4",
		.tx = { .fields = RNDIS_PKT_CSUM, .frame_bytes = 1514, .csum = 0x00220005 },
		.bytes = 60,
		.message = {
			1, 0, 0, 0, 0x26, 6, 0, 0, 52, 0, 0, 0, 0xea, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
			0, 0, 0, 0, 36, 0, 0, 0, 16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
			16, 0, 0, 0, 0, 0, 0, 0, 12, 0, 0, 0, 5, 0, 0x22, 0,
		},
	},
	{
		.name = "hash_vlan_and_large_send",
		.tx = {
			.fields = RNDIS_PKT_HASH | RNDIS_PKT_VLAN | RNDIS_PKT_LSO, .frame_bytes = 0x8000,
			.hash = 0x51ccc178, .vlan_tci = 0xb123, .lso = 0x422005b4,
		},
		.bytes = 92,
		.message = {
			1, 0, 0, 0, 0x5c, 0x80, 0, 0, 84, 0, 0, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
			0, 0, 0, 0, 36, 0, 0, 0, 48, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
			16, 0, 0, 0, 8, 0, 0, 0, 12, 0, 0, 0, 0x78, 0xc1, 0xcc, 0x51,
			/* priority 5, drop eligible, VLAN 0x123 */
			16, 0, 0, 0, 6, 0, 0, 0, 12, 0, 0, 0, 0x3d, 0x12, 0, 0,
			16, 0, 0, 0, 2, 0, 0, 0, 12, 0, 0, 0, 0xb4, 5, 0x20, 0x42,
		},
	},
};

static void build_case_desc(const struct build_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(build, build_cases, build_case_desc);

static void message_is_built_as_on_the_wire(struct kunit *test)
{
	const struct build_case *c = test->param_value;
	u8 got[RNDIS_PKT_MAX_HEADER_BYTES + 8];
	u32 i;

	memset(got, 0xaa, sizeof(got));
	KUNIT_EXPECT_EQ(test, rndis_pkt_header_bytes(c->tx.fields), c->bytes);
	KUNIT_EXPECT_EQ(test, rndis_pkt_build(got, &c->tx), c->bytes);
	for (i = 0; i < c->bytes; i++)
		KUNIT_EXPECT_EQ_MSG(test, got[i], c->message[i], "byte %u", i);
	for (; i < sizeof(got); i++)
		KUNIT_EXPECT_EQ_MSG(test, got[i], 0xaa, "byte %u, behind the message", i);
}

static void checksum_records_name_protocol_and_place(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, rndis_pkt_csum(false, true, 34), 0x00220005u);
	KUNIT_EXPECT_EQ(test, rndis_pkt_csum(false, false, 34), 0x00220009u);
	KUNIT_EXPECT_EQ(test, rndis_pkt_csum(true, true, 54), 0x00360006u);
	KUNIT_EXPECT_EQ(test, rndis_pkt_csum(true, false, 1023), 0x03ff000au);
	/* No bit of an offset that is too large leaks into other fields. */
	KUNIT_EXPECT_EQ(test, rndis_pkt_csum(true, false, 1024), 0x0000000au);
}

static void large_send_records_are_version_2(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, rndis_pkt_lso(false, 34, 1460), 0x422005b4u);
	KUNIT_EXPECT_EQ(test, rndis_pkt_lso(true, 54, 1440), 0xc36005a0u);
	KUNIT_EXPECT_EQ(test, rndis_pkt_lso(false, 0x3ff, 0xfffff), 0x7fffffffu);
	KUNIT_EXPECT_EQ(test, rndis_pkt_lso(false, 0x400, 0x100000), 0x40000000u);
}

/* ---- from the host */

struct header_case {
	const char *name;
	u32 message_bytes;
	u32 data_offset;
	u32 data_length;
	u32 ppi_offset;
	u32 ppi_length;
	u32 oob;
	u32 range_bytes;
	int result;
	struct rndis_pkt_layout layout;
};

static const struct header_case header_cases[] = {
	/* name, message, data at, of, info at, of, out of band, range, result */
	{ "frame_behind_the_header", 104, 36, 60, 0, 0, 0, 104, 0, { 44, 60, 0, 0 } },
	{ "frame_behind_info", 200, 136, 56, 36, 80, 0, 200, 0, { 144, 56, 44, 80 } },
	{ "frame_at_256_of_a_section", 1806, 248, 1514, 36, 32, 0, 1806, 0, { 256, 1514, 44, 32 } },
	{ "range_longer_than_the_message", 104, 36, 60, 0, 0, 0, 1728, 0, { 44, 60, 0, 0 } },
	{ "info_of_no_length_is_none", 104, 36, 60, 36, 0, 0, 104, 0, { 44, 60, 0, 0 } },
	{ "info_without_an_offset_is_none", 104, 36, 60, 0, 16, 0, 104, 0, { 44, 60, 0, 0 } },
	{ "smallest_frame", 58, 36, 14, 0, 0, 0, 58, 0, { 44, 14, 0, 0 } },
	{ "smallest_piece", 45, 36, 1, 0, 0, 0, 45, 0, { 44, 1, 0, 0 } },
	{ "longest_info", 44 + 512 + 60, 548, 60, 36, 512, 0, 1728, 0, { 556, 60, 44, 512 } },
	{ "info_behind_the_frame", 164, 36, 60, 96, 16, 0, 164, 0, { 44, 60, 104, 16 } },
	{ "message_longer_than_the_range", 105, 36, 60, 0, 0, 0, 104, -EPROTO },
	{ "message_shorter_than_a_header", 43, 36, 14, 0, 0, 0, 104, -EPROTO },
	{ "message_of_no_length", 0, 36, 14, 0, 0, 0, 104, -EPROTO },
	{ "message_of_all_ones", 0xffffffff, 36, 60, 0, 0, 0, 104, -EPROTO },
	{ "frame_one_byte_past_the_end", 104, 36, 61, 0, 0, 0, 1728, -EPROTO },
	{ "frame_begins_at_the_end", 104, 96, 14, 0, 0, 0, 1728, -EPROTO },
	{ "frame_begins_past_the_end", 104, 97, 14, 0, 0, 0, 1728, -EPROTO },
	{ "frame_begins_inside_the_header", 104, 35, 14, 0, 0, 0, 1728, -EPROTO },
	{ "frame_offset_wraps", 104, 0xfffffff8, 60, 0, 0, 0, 1728, -EPROTO },
	{ "frame_length_wraps", 104, 36, 0xfffffff0, 0, 0, 0, 1728, -EPROTO },
	{ "no_frame", 104, 36, 0, 0, 0, 0, 1728, -EPROTO },
	{ "frame_of_no_length", 104, 36, 0, 0, 0, 0, 1728, -EPROTO },
	{ "info_inside_the_header", 104, 36, 14, 35, 16, 0, 1728, -EPROTO },
	{ "info_one_byte_past_the_end", 104, 36, 14, 36, 61, 0, 1728, -EPROTO },
	{ "info_offset_wraps", 104, 36, 14, 0xfffffff8, 16, 0, 1728, -EPROTO },
	{ "info_length_wraps", 104, 36, 14, 36, 0xfffffff0, 0, 1728, -EPROTO },
	{ "info_longer_than_any_use", 1728, 36, 60, 96, 513, 0, 1728, -EPROTO },
	{ "out_of_band_data", 104, 36, 60, 0, 0, 1, 104, -EPROTO },
};

static void header_case_desc(const struct header_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(header, header_cases, header_case_desc);

static void header_says_where_frame_and_info_are(struct kunit *test)
{
	const struct header_case *c = test->param_value;
	struct rndis_packet header = {
		.header.type = cpu_to_le32(1),
		.header.length = cpu_to_le32(c->message_bytes),
		.data_offset = cpu_to_le32(c->data_offset),
		.data_length = cpu_to_le32(c->data_length),
		.oob_count = cpu_to_le32(c->oob),
		.ppi_offset = cpu_to_le32(c->ppi_offset),
		.ppi_length = cpu_to_le32(c->ppi_length),
	};
	struct rndis_pkt_layout layout;

	KUNIT_ASSERT_EQ(test, rndis_pkt_parse_header(&header, c->range_bytes, &layout), c->result);
	if (c->result)
		return;
	KUNIT_EXPECT_EQ(test, layout.frame_offset, c->layout.frame_offset);
	KUNIT_EXPECT_EQ(test, layout.frame_bytes, c->layout.frame_bytes);
	KUNIT_EXPECT_EQ(test, layout.ppi_offset, c->layout.ppi_offset);
	KUNIT_EXPECT_EQ(test, layout.ppi_bytes, c->layout.ppi_bytes);
}

static void frames_have_an_ethernet_header(struct kunit *test)
{
	struct rndis_pkt_layout layout = { .frame_bytes = 14 };
	struct rndis_pkt_rx info = { };

	KUNIT_EXPECT_EQ(test, rndis_pkt_check_frame(&layout, &info), 0);
	layout.frame_bytes = 13;
	KUNIT_EXPECT_EQ(test, rndis_pkt_check_frame(&layout, &info), -EPROTO);
	info.fields = RNDIS_PKT_FRAGMENT;
	info.fragment_flags = RNDIS_PACKET_ID_FIRST;
	KUNIT_EXPECT_EQ(test, rndis_pkt_check_frame(&layout, &info), -EPROTO);
	/* A later piece may be as short as it likes. */
	info.fragment_flags = RNDIS_PACKET_ID_LAST;
	layout.frame_bytes = 1;
	KUNIT_EXPECT_EQ(test, rndis_pkt_check_frame(&layout, &info), 0);
}

static void other_messages_are_no_packets(struct kunit *test)
{
	struct rndis_packet header = {
		.header.length = cpu_to_le32(104),
		.data_offset = cpu_to_le32(36),
		.data_length = cpu_to_le32(60),
	};
	static const u32 types[] = { 0, 2, 7, 0x80000001, 0x01000000, 0xffffffff };
	struct rndis_pkt_layout layout;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(types); i++) {
		header.header.type = cpu_to_le32(types[i]);
		KUNIT_EXPECT_EQ(test, rndis_pkt_parse_header(&header, 104, &layout), -EPROTO);
	}
}

struct ppi_case {
	const char *name;
	u32 bytes;
	u8 area[64];
	int result;
	struct rndis_pkt_rx rx;
};

#define RECORD(type, value)	16, 0, 0, 0, (type), 0, 0, 0, 12, 0, 0, 0, (value), 0, 0, 0

static const struct ppi_case ppi_cases[] = {
	{ "none" },
	{ "checksum", 16, { RECORD(0, 0x28) }, 0, { .fields = RNDIS_PKT_CSUM, .csum = 0x28 } },
	{ "vlan", 16, { 16, 0, 0, 0, 6, 0, 0, 0, 12, 0, 0, 0, 0x3d, 0x12, 0, 0 }, 0,
	  { .fields = RNDIS_PKT_VLAN, .vlan_tci = 0xb123 } },
	{ "reserved_bits_of_a_vlan_are_ignored", 16,
	  { 16, 0, 0, 0, 6, 0, 0, 0, 12, 0, 0, 0, 0xf0, 0xff, 0xff, 0xff }, 0,
	  { .fields = RNDIS_PKT_VLAN, .vlan_tci = 0x0fff } },
	{ "hash", 16, { 16, 0, 0, 0, 8, 0, 0, 0, 12, 0, 0, 0, 0x78, 0xc1, 0xcc, 0x51 }, 0,
	  { .fields = RNDIS_PKT_HASH, .hash = 0x51ccc178 } },
	{ "unknown_records_are_skipped", 48, { RECORD(11, 1), RECORD(9, 2), RECORD(0, 8) }, 0,
	  { .fields = RNDIS_PKT_CSUM, .csum = 8 } },
	{ "records_of_other_sizes", 44,
	  { 12, 0, 0, 0, 5, 0, 0, 0, 12, 0, 0, 0, RECORD(6, 0x10), RECORD(0, 8) }, 0,
	  { .fields = RNDIS_PKT_CSUM | RNDIS_PKT_VLAN, .csum = 8, .vlan_tci = 1 } },
	{ "value_behind_a_gap", 24,
	  { 24, 0, 0, 0, 0, 0, 0, 0, 20, 0, 0, 0, 9, 9, 9, 9, 9, 9, 9, 9, 8, 0, 0, 0 }, 0,
	  { .fields = RNDIS_PKT_CSUM, .csum = 8 } },
	{ "middle_fragment", 16, { 16, 0, 0, 0, 1, 0, 0, 0x80, 12, 0, 0, 0, 1, 1, 7, 0 }, 0,
	  { .fields = RNDIS_PKT_FRAGMENT } },
	{ "first_and_last_fragment", 16, { 16, 0, 0, 0, 1, 0, 0, 0x80, 12, 0, 0, 0, 1, 7, 7, 0 }, 0,
	  { .fields = RNDIS_PKT_FRAGMENT, .fragment_flags = 6 } },
	{ "packet_id_that_is_no_fragment", 16, { 16, 0, 0, 0, 1, 0, 0, 0x80, 12, 0, 0, 0, 1, 6, 7, 0 } },
	{ "ipsec_is_no_packet_id", 16, { RECORD(1, 7) } },
	{ "value_of_no_size_says_nothing", 12, { 12, 0, 0, 0, 0, 0, 0, 0, 12, 0, 0, 0 } },
	{ "value_one_byte_short_says_nothing", 15, { 15, 0, 0, 0, 0, 0, 0, 0, 12, 0, 0, 0, 8, 0, 0 } },
	{ "record_of_size_0", 16, { 0, 0, 0, 0, 0, 0, 0, 0, 12, 0, 0, 0, 8, 0, 0, 0 }, -EPROTO },
	{ "record_smaller_than_its_header", 16, { 11, 0, 0, 0, 0, 0, 0, 0, 12, 0, 0, 0, 8, 0, 0, 0 }, -EPROTO },
	{ "record_past_the_area", 16, { 17, 0, 0, 0, 0, 0, 0, 0, 12, 0, 0, 0, 8, 0, 0, 0 }, -EPROTO },
	{ "record_of_all_ones", 16, { 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 12, 0, 0, 0, 8, 0, 0, 0 }, -EPROTO },
	{ "area_one_byte_short_of_a_header", 11, { 12, 0, 0, 0, 0, 0, 0, 0, 12, 0, 0 }, -EPROTO },
	{ "value_inside_the_header", 16, { 16, 0, 0, 0, 0, 0, 0, 0, 11, 0, 0, 0, 8, 0, 0, 0 }, -EPROTO },
	{ "value_past_the_record", 16, { 16, 0, 0, 0, 0, 0, 0, 0, 17, 0, 0, 0, 8, 0, 0, 0 }, -EPROTO },
	{ "value_offset_of_all_ones", 16, { 16, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 8, 0, 0, 0 }, -EPROTO },
	{ "value_at_the_end_of_the_record", 16, { 16, 0, 0, 0, 0, 0, 0, 0, 16, 0, 0, 0, 8, 0, 0, 0 } },
	{ "walk_ends_at_a_bad_record", 48, { RECORD(0, 8), 0, 0, 0, 0, 0, 0, 0, 0, 12, 0, 0, 0, 8, 0, 0, 0,
	  RECORD(6, 0x10) }, -EPROTO, { .fields = RNDIS_PKT_CSUM, .csum = 8 } },
};

static void ppi_case_desc(const struct ppi_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(ppi, ppi_cases, ppi_case_desc);

static void info_is_read_record_by_record(struct kunit *test)
{
	const struct ppi_case *c = test->param_value;
	/* On its own, so that a read behind it is seen. */
	u8 *area = kunit_kzalloc(test, c->bytes ?: 1, GFP_KERNEL);
	struct rndis_pkt_rx rx;

	KUNIT_ASSERT_NOT_NULL(test, area);
	memcpy(area, c->area, c->bytes);
	memset(&rx, 0xaa, sizeof(rx));
	KUNIT_EXPECT_EQ(test, rndis_pkt_parse_ppi(area, c->bytes, &rx), c->result);
	KUNIT_EXPECT_EQ(test, rx.fields, c->rx.fields);
	KUNIT_EXPECT_EQ(test, rx.csum, c->rx.csum);
	KUNIT_EXPECT_EQ(test, rx.hash, c->rx.hash);
	KUNIT_EXPECT_EQ(test, rx.vlan_tci, c->rx.vlan_tci);
	KUNIT_EXPECT_EQ(test, rx.fragment_flags, c->rx.fragment_flags);
}

/* What we build is, but for the direction, what we take apart. */
static void every_vlan_tag_survives_the_round(struct kunit *test)
{
	u8 message[RNDIS_PKT_MAX_HEADER_BYTES];
	struct rndis_pkt_tx tx = { .fields = RNDIS_PKT_VLAN, .frame_bytes = 60 };
	struct rndis_pkt_rx rx;
	u32 tci, bytes;

	for (tci = 0; tci <= 0xffff; tci++) {
		tx.vlan_tci = tci;
		bytes = rndis_pkt_build(message, &tx);
		if (rndis_pkt_parse_ppi(message + 44, bytes - 44, &rx) || rx.fields != RNDIS_PKT_VLAN ||
		    rx.vlan_tci != tci)
			KUNIT_FAIL(test, "tag %#x became %#x", tci, rx.vlan_tci);
	}
}

static struct kunit_case netvsc_rndis_pkt_cases[] = {
	KUNIT_CASE_PARAM(message_is_built_as_on_the_wire, build_gen_params),
	KUNIT_CASE(checksum_records_name_protocol_and_place),
	KUNIT_CASE(large_send_records_are_version_2),
	KUNIT_CASE_PARAM(header_says_where_frame_and_info_are, header_gen_params),
	KUNIT_CASE(frames_have_an_ethernet_header),
	KUNIT_CASE(other_messages_are_no_packets),
	KUNIT_CASE_PARAM(info_is_read_record_by_record, ppi_gen_params),
	KUNIT_CASE(every_vlan_tag_survives_the_round),
	{}
};

static struct kunit_suite netvsc_rndis_pkt_suite = {
	.name = "hv_netvsc_rndis_pkt",
	.test_cases = netvsc_rndis_pkt_cases,
};
kunit_test_suite(netvsc_rndis_pkt_suite);

MODULE_DESCRIPTION("KUnit suite: RNDIS packet messages");
MODULE_LICENSE("GPL");
