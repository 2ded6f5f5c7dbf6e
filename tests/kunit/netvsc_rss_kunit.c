// SPDX-License-Identifier: GPL-2.0
/*
 * RSS capabilities, RSS parameters and the send table: what hosts say, honest and not, and the bytes that go out.
 */
#include <kunit/test.h>
#include <linux/module.h>
#include <linux/string.h>
#include "../../netvsc/rss.c"

struct caps_case {
	const char *name;
	u8 type;
	u16 size;
	u32 received;
	u32 queues;
	u16 entries;
	int result;
	u32 wants_queues, wants_entries;
};

static const struct caps_case caps_cases[] = {
	/* name, type, size, received, queues, entries; result, queues, entries */
	{ "host_of_today", 0x88, 18, 18, 8, 128, 0, 8, 128 },
	{ "small_table", 0x88, 18, 18, 4, 64, 0, 4, 64 },
	{ "more_entries_than_we_send", 0x88, 18, 18, 4, 256, 0, 4, 128 },
	{ "entries_without_bound", 0x88, 18, 18, 4, 0xffff, 0, 4, 128 },
	{ "no_entries", 0x88, 18, 18, 4, 0, 0, 4, 128 },
	{ "first_revision", 0x88, 16, 16, 4, 7, 0, 4, 128 },
	{ "states_more_than_it_sent", 0x88, 18, 16, 4, 7, 0, 4, 128 },
	{ "states_less_than_it_sent", 0x88, 16, 18, 4, 7, 0, 4, 128 },
	{ "queues_without_bound", 0x88, 18, 18, 0xffffffff, 128, 0, 0xffffffff, 128 },
	{ "no_queue", 0x88, 18, 18, 0, 128, -EPROTO },
	{ "other_object", 0xa7, 18, 18, 4, 128, -EPROTO },
	{ "too_short", 0x88, 18, 15, 4, 128, -EPROTO },
	{ "states_too_little", 0x88, 15, 18, 4, 128, -EPROTO },
	{ "empty", 0, 0, 0, 0, 0, -EPROTO },
};

static void caps_test(struct kunit *test)
{
	const struct caps_case *c = test->param_value;
	struct ndis_rss_capabilities caps = {
		.header = { .type = c->type, .revision = 2, .size = cpu_to_le16(c->size) },
		.receive_queues = cpu_to_le32(c->queues),
		.indirection_entries = cpu_to_le16(c->entries),
	};
	u32 queues = 0, entries = 0;

	KUNIT_ASSERT_EQ(test, netvsc_rss_parse(&caps, c->received, &queues, &entries), c->result);
	if (c->result)
		return;
	KUNIT_EXPECT_EQ(test, queues, c->wants_queues);
	KUNIT_EXPECT_EQ(test, entries, c->wants_entries);
}

static void caps_case_desc(const struct caps_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(caps, caps_cases, caps_case_desc);

static void spread_test(struct kunit *test)
{
	struct netvsc_rss rss = { .entries = 5 };

	netvsc_rss_spread(&rss, 3);
	KUNIT_EXPECT_EQ(test, rss.table[0], 0);
	KUNIT_EXPECT_EQ(test, rss.table[2], 2);
	KUNIT_EXPECT_EQ(test, rss.table[3], 0);
	KUNIT_EXPECT_EQ(test, rss.table[4], 1);
	KUNIT_EXPECT_EQ(test, rss.table[5], 0);
	KUNIT_EXPECT_TRUE(test, netvsc_rss_fits(&rss, 3));
	KUNIT_EXPECT_FALSE(test, netvsc_rss_fits(&rss, 2));
	/* What is behind the entries does not count. */
	rss.table[5] = 9;
	KUNIT_EXPECT_TRUE(test, netvsc_rss_fits(&rss, 3));
}

static void message_test(struct kunit *test)
{
	/* Header, flags, base CPU, hash, table, key, masks; then two entries and the key. */
	static const u8 wants[] = {
		0x89, 2, 40, 0, 0, 0, 0, 0, 0x01, 0x17, 0, 0, 8, 0, 0, 0, 40, 0, 0, 0, 40, 0, 0, 0, 48, 0, 0, 0,
		0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 3, 0, 0, 0, 0x6d, 0x5a,
	};
	struct netvsc_rss rss = { .entries = 2, .table = { 1, 3 } };
	struct netvsc_rss_message *message = kunit_kzalloc(test, sizeof(*message), GFP_KERNEL);
	const u8 *bytes = (u8 *)message;

	KUNIT_ASSERT_NOT_NULL(test, message);
	memcpy(rss.key, netvsc_rss_default_key, sizeof(rss.key));
	KUNIT_EXPECT_EQ(test, netvsc_rss_message(&rss, false, message), 88u);
	KUNIT_EXPECT_EQ(test, memcmp(bytes, wants, sizeof(wants)), 0);
	KUNIT_EXPECT_EQ(test, bytes[87], 0xfa);
	KUNIT_EXPECT_EQ(test, netvsc_rss_message(&rss, true, message), 88u);
	KUNIT_EXPECT_EQ(test, bytes[4], 0x10);
	rss.entries = NETVSC_RSS_ENTRIES;
	KUNIT_EXPECT_EQ(test, netvsc_rss_message(&rss, false, message), (u32)sizeof(*message));
}

struct table_case {
	const char *name;
	u32 version;
	u32 bytes;
	u32 count;
	u32 offset;
	u32 really_at;
	int result;
};

static const struct table_case table_cases[] = {
	{ "behind_the_body", NVSP_VERSION_5, 76, 16, 12, 12, 0 },
	{ "behind_the_message", NVSP_VERSION_6_1, 104, 16, 40, 40, 0 },
	{ "old_host_forgets_the_larger_message", NVSP_VERSION_6, 104, 16, 36, 40, 0 },
	{ "new_host_is_trusted", NVSP_VERSION_6_1, 104, 16, 36, 36, 0 },
	{ "ends_with_the_message", NVSP_VERSION_6_1, 104, 16, 40, 40, 0 },
	{ "one_byte_too_far", NVSP_VERSION_6_1, 104, 16, 41, 40, -EPROTO },
	{ "far_outside", NVSP_VERSION_6_1, 104, 16, 0xffffffff, 40, -EPROTO },
	{ "far_outside_of_an_old_host", NVSP_VERSION_5, 76, 16, 0xfffffff0, 12, -EPROTO },
	{ "fewer_entries", NVSP_VERSION_6_1, 104, 15, 40, 40, -EPROTO },
	{ "more_entries", NVSP_VERSION_6_1, 104, 17, 40, 40, -EPROTO },
	{ "shorter_than_a_table", NVSP_VERSION_6_1, 63, 16, 0, 0, -EPROTO },
	{ "shorter_than_its_head", NVSP_VERSION_6_1, 11, 16, 0, 0, -EPROTO },
};

static void table_test(struct kunit *test)
{
	const struct table_case *c = test->param_value;
	__le32 words[2] = { cpu_to_le32(c->count), cpu_to_le32(c->offset) };
	u8 *msg = kunit_kzalloc(test, 256, GFP_KERNEL), table[NVSP_SEND_TABLE_ENTRIES] = { };
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, msg);
	for (i = 0; i < NVSP_SEND_TABLE_ENTRIES; i++)
		msg[c->really_at + 4 * i] = 100 + i;
	if (c->bytes >= 12)
		memcpy(msg + 4, words, sizeof(words));
	KUNIT_ASSERT_EQ(test, netvsc_send_table(msg, c->bytes, c->version, 64, table), c->result);
	for (i = 0; i < NVSP_SEND_TABLE_ENTRIES; i++)
		KUNIT_EXPECT_EQ(test, table[i], c->result ? 0 : (100 + i) % 64);
}

static void table_case_desc(const struct table_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(table, table_cases, table_case_desc);

static struct kunit_case netvsc_rss_cases[] = {
	KUNIT_CASE_PARAM(caps_test, caps_gen_params),
	KUNIT_CASE(spread_test),
	KUNIT_CASE(message_test),
	KUNIT_CASE_PARAM(table_test, table_gen_params),
	{ }
};

static struct kunit_suite netvsc_rss_suite = {
	.name = "hv_netvsc_rss",
	.test_cases = netvsc_rss_cases,
};
kunit_test_suite(netvsc_rss_suite);

MODULE_DESCRIPTION("RSS and send tables of netvsc");
MODULE_LICENSE("GPL");
