// SPDX-License-Identifier: GPL-2.0
/*
 * Key-value pairs between host and daemon: every operation, lengths that lie, text without an end, addresses that would be
 * commands. Offsets are written out by hand.
 */
#include "kvp_fixture.h"

/* The version all but binary IP configurations are the same in; those are of hv_utils_kvp_ip */
#define V4		HV_IC_VERSION(4, 0)

/* Where things are in the host's messages */
#define SET_TYPE	4
#define SET_KEY_BYTES	8
#define SET_VALUE_BYTES	12
#define SET_KEY		16
#define SET_VALUE	528
#define DELETE_BYTES	4
#define DELETE_KEY	8
#define ENUM_INDEX	4
#define ENUM_KEY_BYTES	12
#define ENUM_VALUE_BYTES 16
#define ENUM_KEY	20
#define ENUM_VALUE	532
#define IP_ADAPTER	2
#define IP_FAMILY	258
#define IP_DHCP		259
#define IP_ADDRESSES	260
#define IP_SUBNETS	2308
#define IP_GATEWAYS	4356
#define IP_DNS		5380

#define PAIR_BYTES	2580
/* What is in a message that nobody has written */
#define STALE		0xa5

/* ---- what is judged before anything is converted */

struct shape_case {
	const char *name;
	u8 operation;
	u8 pool;
	u32 bytes;
	u32 status;
};

static struct shape_case shape_cases[] = {
	{ .name = "no body", 0, 0, 0, IC_STATUS_INVALID_ARG },
	{ .name = "one byte", 0, 0, 1, IC_STATUS_INVALID_ARG },
	{ .name = "operation 6", 6, 0, IP_BYTES, IC_STATUS_NOT_SUPPORTED },
	{ .name = "operation 100, the daemon's own", 100, 0, IP_BYTES, IC_STATUS_NOT_SUPPORTED },
	{ .name = "operation 255", 255, 0, IP_BYTES, IC_STATUS_NOT_SUPPORTED },
	{ .name = "set, one byte short", 1, 0, 2575, IC_STATUS_INVALID_ARG },
	{ .name = "get, one byte short", 0, 0, 2575, IC_STATUS_INVALID_ARG },
	{ .name = "delete, one byte short", 2, 0, 519, IC_STATUS_INVALID_ARG },
	{ .name = "enumerate, one byte short", 3, 0, 2579, IC_STATUS_INVALID_ARG },
	{ .name = "enumerate", 3, 2, 2580, IC_STATUS_OK },
	{ .name = "enumerate pool 3", 3, 3, 2580, IC_STATUS_OK },
	{ .name = "pool 4, which is never on the wire", 3, 4, 2580, IC_STATUS_INVALID_ARG },
	{ .name = "pool 255", 3, 255, 2580, IC_STATUS_INVALID_ARG },
	{ .name = "get ip, one byte short", 4, 0, 7427, IC_STATUS_INVALID_ARG },
	{ .name = "set ip, one byte short", 5, 0, 7427, IC_STATUS_INVALID_ARG },
	{ .name = "set with an empty key", 1, 0, PAIR_BYTES, IC_STATUS_INVALID_ARG },
	{ .name = "get with an empty key", 0, 0, PAIR_BYTES, IC_STATUS_INVALID_ARG },
	{ .name = "delete with an empty key", 2, 0, PAIR_BYTES, IC_STATUS_INVALID_ARG },
	{ .name = "get ip of no adapter", 4, 0, IP_BYTES, IC_STATUS_INVALID_ARG },
};

static void shape_case_desc(struct shape_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}
KUNIT_ARRAY_PARAM(shape, shape_cases, shape_case_desc);

static void shape_is_judged(struct kunit *test)
{
	const struct shape_case *c = test->param_value;
	u8 *body = kunit_kzalloc(test, c->bytes ?: 1, GFP_KERNEL);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, body);
	if (c->bytes > 0)
		body[0] = c->operation;
	if (c->bytes > 1)
		body[1] = c->pool;
	KUNIT_EXPECT_EQ(test, kvp_msg_to_daemon(body, c->bytes, V4, daemon_msg(test, STALE)), c->status);
}

/* ---- lengths and types of a pair that is set */

struct pair_case {
	const char *name;
	u32 type;
	u32 key_bytes;
	u32 value_bytes;
	char fill;		/* of key and value, all of them; 0: the key is "key", the value "value" */
	u32 status;
	u32 key_seen;		/* with NUL */
	const char *value;	/* NULL: do not look */
	u32 value_seen;
};

static struct pair_case pair_cases[] = {
	{ .name = "as it should be", 1, 8, 12, 0, IC_STATUS_OK, 4, "value", 6 },
	{ .name = "expand-sz", 2, 8, 12, 0, IC_STATUS_OK, 4, "value", 6 },
	{ .name = "sizes without the NUL", 1, 6, 10, 0, IC_STATUS_OK, 4, "value", 6 },
	{ .name = "odd sizes", 1, 7, 11, 0, IC_STATUS_OK, 4, "value", 6 },
	{ .name = "key of 0 bytes", 1, 0, 12, 0, IC_STATUS_INVALID_ARG },
	{ .name = "key of 1 byte", 1, 1, 12, 0, IC_STATUS_INVALID_ARG },
	{ .name = "value of 0 bytes", 1, 8, 0, 0, IC_STATUS_OK, 4, "", 1 },
	{ .name = "value of 1 byte", 1, 8, 1, 0, IC_STATUS_OK, 4, "", 1 },
	{ .name = "sizes past the arrays", 1, 514, 2050, 0, IC_STATUS_OK, 4, "value", 6 },
	{ .name = "sizes past everything", 1, 0xffffffff, 0xffffffff, 0, IC_STATUS_OK, 4, "value", 6 },
	{ .name = "full arrays without a NUL", 1, 512, 2048, 'x', IC_STATUS_OK, 257, NULL, 1025 },
	{ .name = "full arrays, sizes beyond", 1, 0xffffffff, 0x80000001, 'x', IC_STATUS_OK, 257, NULL, 1025 },
	{ .name = "full arrays, odd sizes", 1, 511, 2047, 'x', IC_STATUS_OK, 256, NULL, 1024 },
	{ .name = "type 0", 0, 8, 12, 0, IC_STATUS_INVALID_ARG },
	{ .name = "type 3, binary", 3, 8, 12, 0, IC_STATUS_INVALID_ARG },
	{ .name = "type 5", 5, 8, 12, 0, IC_STATUS_INVALID_ARG },
	{ .name = "type 0xffffffff", 0xffffffff, 8, 12, 0, IC_STATUS_INVALID_ARG },
	/* "v" 0 "a" 0 and "v" 0 "a" 0 "l" 0 "u" 0 */
	{ .name = "a number of 32 bits", 4, 8, 4, 0, IC_STATUS_OK, 4, "6357110", 8 },
	{ .name = "a number of 64 bits", 11, 8, 8, 0, IC_STATUS_OK, 4, "32933036137971830", 18 },
	{ .name = "a number of 64 bits by its old name", 8, 8, 8, 0, IC_STATUS_OK, 4, "32933036137971830", 18 },
};

static void pair_case_desc(struct pair_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}
KUNIT_ARRAY_PARAM(pair, pair_cases, pair_case_desc);

static void pair_is_set(struct kunit *test)
{
	const struct pair_case *c = test->param_value;
	struct kvp_daemon_msg *msg = daemon_msg(test, STALE);
	u8 *body = body_of(test, PAIR_BYTES, 1, 0);
	u32 i;

	put32(body + SET_TYPE, c->type);
	put32(body + SET_KEY_BYTES, c->key_bytes);
	put32(body + SET_VALUE_BYTES, c->value_bytes);
	if (c->fill) {
		for (i = 0; i < (512 + 2048) / 2; i++)
			body[SET_KEY + 2 * i] = c->fill;
	} else {
		put_text(body + SET_KEY, "key");
		put_text(body + SET_VALUE, "value");
	}

	KUNIT_ASSERT_EQ(test, kvp_msg_to_daemon(body, PAIR_BYTES, V4, msg), c->status);
	if (c->status)
		return;
	KUNIT_EXPECT_EQ(test, msg->operation, 1);
	KUNIT_EXPECT_EQ(test, msg->value.key_bytes, c->key_seen);
	KUNIT_EXPECT_EQ(test, (u32)strlen((char *)msg->value.key) + 1, c->key_seen);
	KUNIT_EXPECT_EQ(test, msg->value.value_bytes, c->value_seen);
	KUNIT_EXPECT_EQ(test, (u32)strlen((char *)msg->value.value) + 1, c->value_seen);
	if (c->value)
		KUNIT_EXPECT_STREQ(test, (char *)msg->value.value, c->value);
}

/* 256 times three bytes are more than the daemon's key holds: better refused than cut */
static void key_that_grows_too_long_is_refused(struct kunit *test)
{
	u8 *body = body_of(test, PAIR_BYTES, 2, 0);
	u32 i;

	for (i = 0; i < 171; i++) {
		body[DELETE_KEY + 2 * i] = 0xe5;
		body[DELETE_KEY + 2 * i + 1] = 0x65;
	}
	put32(body + DELETE_BYTES, 512);
	KUNIT_EXPECT_EQ(test, kvp_msg_to_daemon(body, PAIR_BYTES, V4, daemon_msg(test, STALE)), IC_STATUS_INVALID_ARG);
	put32(body + DELETE_BYTES, 2 * 170);
	KUNIT_EXPECT_EQ(test, kvp_msg_to_daemon(body, PAIR_BYTES, V4, daemon_msg(test, STALE)), IC_STATUS_OK);
}

static void index_beyond_what_the_daemon_counts_ends_the_list(struct kunit *test)
{
	struct kvp_daemon_msg *msg = daemon_msg(test, STALE);
	u8 *body = body_of(test, PAIR_BYTES, 3, 2);

	put32(body + ENUM_INDEX, 9);
	KUNIT_EXPECT_EQ(test, kvp_msg_to_daemon(body, PAIR_BYTES, V4, msg), IC_STATUS_OK);
	KUNIT_EXPECT_EQ(test, msg->enumerate.index, 9);
	KUNIT_EXPECT_EQ(test, msg->pool, 2);
	put32(body + ENUM_INDEX, 0x7fffffff);
	KUNIT_EXPECT_EQ(test, kvp_msg_to_daemon(body, PAIR_BYTES, V4, msg), IC_STATUS_OK);
	put32(body + ENUM_INDEX, 0x80000000);
	KUNIT_EXPECT_EQ(test, kvp_msg_to_daemon(body, PAIR_BYTES, V4, msg), IC_STATUS_NO_MORE_ITEMS);
	put32(body + ENUM_INDEX, 0xffffffff);
	KUNIT_EXPECT_EQ(test, kvp_msg_to_daemon(body, PAIR_BYTES, V4, msg), IC_STATUS_NO_MORE_ITEMS);
}

static void enumerated_pair_is_returned(struct kunit *test)
{
	struct kvp_daemon_msg *msg = daemon_msg(test, STALE);
	u8 *body = body_of(test, PAIR_BYTES, 3, 2), expected[16] = { };

	memset(body + 8, 0x5a, PAIR_BYTES - 8);
	memset(msg, 0, sizeof(*msg));
	daemon_says(msg->enumerate.value.key, "OSName");
	daemon_says(msg->enumerate.value.value, "Linux");
	KUNIT_EXPECT_EQ(test, kvp_msg_from_daemon(msg, V4, body), IC_STATUS_OK);
	KUNIT_EXPECT_EQ(test, get32(body + 8), 1);
	KUNIT_EXPECT_EQ(test, get32(body + ENUM_KEY_BYTES), 14);
	KUNIT_EXPECT_EQ(test, get32(body + ENUM_VALUE_BYTES), 12);
	put_text(expected, "OSName");
	KUNIT_EXPECT_EQ(test, memcmp(body + ENUM_KEY, expected, 16), 0);
	memset(expected, 0, sizeof(expected));
	put_text(expected, "Linux");
	KUNIT_EXPECT_EQ(test, memcmp(body + ENUM_VALUE, expected, 16), 0);
	KUNIT_EXPECT_EQ(test, body[PAIR_BYTES - 1], 0);
}

/* A daemon that ends no text: nothing past its message is read, nothing past the host's is written. */
static void daemon_is_not_believed(struct kunit *test)
{
	struct kvp_daemon_msg *msg = daemon_msg(test, STALE);
	u8 *body = body_of(test, PAIR_BYTES, 3, 0);

	memset(msg, 'x', sizeof(*msg));
	msg->status = 0;
	KUNIT_EXPECT_EQ(test, kvp_msg_from_daemon(msg, V4, body), IC_STATUS_OK);
	KUNIT_EXPECT_EQ(test, get32(body + ENUM_KEY_BYTES), 512);
	KUNIT_EXPECT_EQ(test, get32(body + ENUM_VALUE_BYTES), 2048);
	KUNIT_EXPECT_EQ(test, body[ENUM_KEY + 510], 0);
	KUNIT_EXPECT_EQ(test, body[ENUM_VALUE + 2046], 0);

	msg->status = (s32)IC_STATUS_NO_MORE_ITEMS;
	KUNIT_EXPECT_EQ(test, kvp_msg_from_daemon(msg, V4, body), IC_STATUS_NO_MORE_ITEMS);

	body = body_of(test, IP_BYTES, 4, 0);
	msg->status = 0;
	KUNIT_EXPECT_EQ(test, kvp_msg_from_daemon(msg, V4, body), IC_STATUS_OK);
	KUNIT_EXPECT_EQ(test, body[IP_BYTES - 2], 0);
	KUNIT_EXPECT_EQ(test, body[IP_BYTES - 4], 'x');
	KUNIT_EXPECT_EQ(test, body[IP_SUBNETS - 2], 0);
}

static void value_of_get_is_returned(struct kunit *test)
{
	struct kvp_daemon_msg *msg = daemon_msg(test, STALE);
	u8 *body = body_of(test, PAIR_BYTES, 0, 1);

	put32(body + SET_KEY_BYTES, put_text(body + SET_KEY, "key"));
	KUNIT_EXPECT_EQ(test, kvp_msg_to_daemon(body, PAIR_BYTES, V4, msg), IC_STATUS_OK);
	KUNIT_EXPECT_EQ(test, msg->value.value_bytes, 2048);
	daemon_says(msg->value.value, "42");
	msg->status = 0;
	KUNIT_EXPECT_EQ(test, kvp_msg_from_daemon(msg, V4, body), IC_STATUS_OK);
	KUNIT_EXPECT_EQ(test, get32(body + SET_VALUE_BYTES), 6);
	KUNIT_EXPECT_EQ(test, body[SET_VALUE], '4');
	KUNIT_EXPECT_EQ(test, body[SET_VALUE + 2], '2');
	KUNIT_EXPECT_EQ(test, body[SET_KEY], 'k');
}

/* ---- IP configuration: it ends in files that a script of root's reads */

struct list_case {
	const char *name;
	const char *addresses;
	u32 status;
};

static struct list_case list_cases[] = {
	{ .name = "none", "", IC_STATUS_OK },
	{ .name = "IPv4", "10.0.2.77", IC_STATUS_OK },
	{ .name = "several, of both families", "10.0.2.77;fe80::1%2;2001:DB8::0/64;", IC_STATUS_OK },
	{ .name = "45 characters", "0000:0000:0000:0000:0000:ffff:255.255.255.255", IC_STATUS_OK },
	{ .name = "46 characters", "0000:0000:0000:0000:0000:ffff:255.255.255.255.", IC_STATUS_INVALID_ARG },
	{ .name = "a command", "$(reboot)", IC_STATUS_INVALID_ARG },
	{ .name = "a command in backquotes", "`id`", IC_STATUS_INVALID_ARG },
	{ .name = "a second line", "10.0.2.77\nDEVICE=x", IC_STATUS_INVALID_ARG },
	{ .name = "a quote", "10.0.2.77\"", IC_STATUS_INVALID_ARG },
	{ .name = "a blank", "10.0.2.77 10.0.2.78", IC_STATUS_INVALID_ARG },
	{ .name = "a name", "gateway", IC_STATUS_INVALID_ARG },
};

static void list_case_desc(struct list_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}
KUNIT_ARRAY_PARAM(list, list_cases, list_case_desc);

static void list_of_addresses_is_judged(struct kunit *test)
{
	static const u32 lists[] = { IP_ADDRESSES, IP_SUBNETS, IP_GATEWAYS, IP_DNS };
	const struct list_case *c = test->param_value;
	struct kvp_daemon_msg *msg = daemon_msg(test, STALE);
	u32 i;

	for (i = 0; i < ARRAY_SIZE(lists); i++) {
		u8 *body = body_of(test, IP_BYTES, 5, 0);

		put_text(body + IP_ADAPTER, "{F8615163-DF3E-46c5-913F-F2D2F965ED0E}");
		body[IP_FAMILY] = 3;
		body[IP_DHCP] = 1;
		put_text(body + lists[i], c->addresses);
		KUNIT_ASSERT_EQ(test, kvp_msg_to_daemon(body, IP_BYTES, V4, msg), c->status);
		if (c->status)
			continue;
		KUNIT_EXPECT_STREQ(test, (char *)msg->ip.adapter, "{f8615163-df3e-46c5-913f-f2d2f965ed0e}");
		KUNIT_EXPECT_EQ(test, msg->ip.family, 3);
		KUNIT_EXPECT_EQ(test, msg->ip.dhcp, 1);
	}
	if (!c->status)
		KUNIT_EXPECT_STREQ(test, (char *)msg->ip.dns, c->addresses);
}

/* Arrays filled to the last unit, without a NUL */
static void endless_ip_order_is_refused(struct kunit *test)
{
	u8 *body = body_of(test, IP_BYTES, 5, 0);

	memset(body + 2, '1', IP_BYTES - 2);
	KUNIT_EXPECT_EQ(test, kvp_msg_to_daemon(body, IP_BYTES, V4, daemon_msg(test, STALE)), IC_STATUS_INVALID_ARG);
}

static void ip_configuration_is_asked_for_and_returned(struct kunit *test)
{
	struct kvp_daemon_msg *msg = daemon_msg(test, STALE);
	u8 *body = body_of(test, IP_BYTES, 4, 0);

	put_text(body + IP_ADAPTER, "00:15:5D:01:02:03");
	KUNIT_EXPECT_EQ(test, kvp_msg_to_daemon(body, IP_BYTES, V4, msg), IC_STATUS_OK);
	KUNIT_EXPECT_STREQ(test, (char *)msg->ip.adapter, "00:15:5D:01:02:03");
	msg->status = 0;
	msg->ip.dhcp = 1;
	msg->ip.family = 3;
	daemon_says(msg->ip.addresses, "1.2");
	daemon_says(msg->ip.subnets, "3");
	daemon_says(msg->ip.gateways, "4");
	daemon_says(msg->ip.dns, "5");
	KUNIT_EXPECT_EQ(test, kvp_msg_from_daemon(msg, V4, body), IC_STATUS_OK);
	KUNIT_EXPECT_EQ(test, body[IP_DHCP], 1);
	KUNIT_EXPECT_EQ(test, body[IP_FAMILY], 3);
	KUNIT_EXPECT_EQ(test, body[IP_ADDRESSES + 4], '2');
	KUNIT_EXPECT_EQ(test, body[IP_SUBNETS], '3');
	KUNIT_EXPECT_EQ(test, body[IP_GATEWAYS], '4');
	KUNIT_EXPECT_EQ(test, body[IP_DNS], '5');
}

static struct kunit_case kvp_cases[] = {
	KUNIT_CASE_PARAM(shape_is_judged, shape_gen_params),
	KUNIT_CASE_PARAM(pair_is_set, pair_gen_params),
	KUNIT_CASE(key_that_grows_too_long_is_refused),
	KUNIT_CASE(index_beyond_what_the_daemon_counts_ends_the_list),
	KUNIT_CASE(enumerated_pair_is_returned),
	KUNIT_CASE(daemon_is_not_believed),
	KUNIT_CASE(value_of_get_is_returned),
	KUNIT_CASE_PARAM(list_of_addresses_is_judged, list_gen_params),
	KUNIT_CASE(endless_ip_order_is_refused),
	KUNIT_CASE(ip_configuration_is_asked_for_and_returned),
	{ }
};

static struct kunit_suite kvp_suite = {
	.name = "hv_utils_kvp",
	.test_cases = kvp_cases,
};
kunit_test_suite(kvp_suite);

MODULE_DESCRIPTION("KUnit suite: key-value pairs between host and daemon");
MODULE_LICENSE("GPL");
