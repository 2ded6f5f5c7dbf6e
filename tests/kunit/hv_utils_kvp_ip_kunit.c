// SPDX-License-Identifier: GPL-2.0
/*
 * IP configurations in binary, message version 5.0: to the daemon's lists and back, and what of a host or of a daemon is not
 * believed. Offsets are written out by hand, counted from the beginning of the body.
 */
#include "kvp_fixture.h"

#define V5		HV_IC_VERSION(5, 0)
#define GET		4
#define SET		5

#define V4_COUNT	4
#define V6_COUNT	8
#define V4_GATEWAYS	12
#define V6_GATEWAYS	16
#define V4_SERVERS	20
#define V6_SERVERS	24
#define ADAPTER		28
#define FAMILY		284
#define DHCP		285
#define V4		288
#define V6		544
#define V4_MASK		1568
#define V6_PREFIX	1824
#define V4_GATEWAY	2080
#define V6_GATEWAY	2100
#define V4_DNS		2180
#define V6_DNS		2436
#define ORIGIN		3460

static const u8 v6_77[16] = { 0xfe, 0xc0, [15] = 0x77 };
static const u8 v6_local[16] = { 0xfe, 0x80, [8] = 2, [15] = 1 };

/* A request about the NIC */
static u8 *ip_body(struct kunit *test, u8 operation)
{
	u8 *body = body_of(test, IP_BYTES, operation, 0);

	put_text(body + ADAPTER, "{F8615163-DF3E-46c5-913F-F2D2F965ED0E}");
	return body;
}

static void put_order(u8 *body)
{
	static const u8 v4[] = { 10, 0, 2, 77, 192, 168, 100, 255 }, masks[] = { 255, 255, 255, 0, 255, 255, 240, 0 };
	static const u8 gateway[] = { 10, 0, 2, 2 }, dns[] = { 10, 0, 2, 3 };

	body[FAMILY] = 3;
	put32(body + V4_COUNT, 2);
	memcpy(body + V4, v4, sizeof(v4));
	memcpy(body + V4_MASK, masks, sizeof(masks));
	put32(body + V6_COUNT, 1);
	memcpy(body + V6, v6_77, 16);
	put32(body + V6_PREFIX, 64);
	put32(body + V4_GATEWAYS, 1);
	memcpy(body + V4_GATEWAY, gateway, 4);
	put32(body + V6_GATEWAYS, 1);
	memcpy(body + V6_GATEWAY, v6_local, 16);
	put32(body + V4_SERVERS, 1);
	memcpy(body + V4_DNS, dns, 4);
	put32(body + V6_SERVERS, 1);
	memcpy(body + V6_DNS, v6_77, 16);
}

static void order_becomes_lists(struct kunit *test)
{
	struct kvp_daemon_msg *msg = daemon_msg(test, 0);
	u8 *body = ip_body(test, SET);

	put_order(body);
	KUNIT_ASSERT_EQ(test, kvp_msg_to_daemon(body, IP_BYTES, V5, msg), IC_STATUS_OK);
	KUNIT_EXPECT_STREQ(test, (char *)msg->ip.adapter, "{f8615163-df3e-46c5-913f-f2d2f965ed0e}");
	KUNIT_EXPECT_EQ(test, msg->ip.family, 3);
	KUNIT_EXPECT_EQ(test, msg->ip.dhcp, 0);
	KUNIT_EXPECT_STREQ(test, (char *)msg->ip.addresses, "10.0.2.77;192.168.100.255;fec0:0:0:0:0:0:0:77");
	KUNIT_EXPECT_STREQ(test, (char *)msg->ip.subnets, "255.255.255.0;255.255.240.0;64");
	KUNIT_EXPECT_STREQ(test, (char *)msg->ip.gateways, "10.0.2.2;fe80:0:0:0:200:0:0:1");
	KUNIT_EXPECT_STREQ(test, (char *)msg->ip.dns, "10.0.2.3;fec0:0:0:0:0:0:0:77");
}

/* ---- orders that cannot be passed on */

struct order_case {
	const char *name;
	u32 at;
	u32 value;
	u32 status;
};

static struct order_case order_cases[] = {
	{ .name = "64 IPv4 addresses", V4_COUNT, 64, IC_STATUS_OK },
	{ .name = "65 IPv4 addresses", V4_COUNT, 65, IC_STATUS_INVALID_ARG },
	{ .name = "IPv4 addresses without end", V4_COUNT, 0xffffffff, IC_STATUS_INVALID_ARG },
	{ .name = "64 IPv6 addresses", V6_COUNT, 64, IC_STATUS_OK },
	{ .name = "65 IPv6 addresses", V6_COUNT, 65, IC_STATUS_INVALID_ARG },
	{ .name = "5 IPv4 gateways", V4_GATEWAYS, 5, IC_STATUS_OK },
	{ .name = "6 IPv4 gateways", V4_GATEWAYS, 6, IC_STATUS_INVALID_ARG },
	{ .name = "6 IPv6 gateways", V6_GATEWAYS, 6, IC_STATUS_INVALID_ARG },
	{ .name = "IPv6 gateways without end", V6_GATEWAYS, 0x80000001, IC_STATUS_INVALID_ARG },
	{ .name = "65 IPv4 servers", V4_SERVERS, 65, IC_STATUS_INVALID_ARG },
	{ .name = "65 IPv6 servers", V6_SERVERS, 65, IC_STATUS_INVALID_ARG },
	{ .name = "prefix of 128", V6_PREFIX, 128, IC_STATUS_OK },
	{ .name = "prefix of 129", V6_PREFIX, 129, IC_STATUS_INVALID_ARG },
	{ .name = "no adapter", ADAPTER, 0, IC_STATUS_INVALID_ARG },
};

static void order_case_desc(struct order_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}
KUNIT_ARRAY_PARAM(order, order_cases, order_case_desc);

static void order_is_judged(struct kunit *test)
{
	const struct order_case *c = test->param_value;
	u8 *body = ip_body(test, SET);

	put_order(body);
	put32(body + c->at, c->value);
	KUNIT_EXPECT_EQ(test, kvp_msg_to_daemon(body, IP_BYTES, V5, daemon_msg(test, 0)), c->status);
}

/* Every array full of the longest addresses: more than the daemon has room for, and nothing past its room is written. */
static void order_longer_than_the_daemon_takes_is_refused(struct kunit *test)
{
	u8 *body = ip_body(test, SET);
	u32 i;

	memset(body + V4, 0xff, ORIGIN - V4);
	for (i = 0; i < 64; i++)
		put32(body + V6_PREFIX + 4 * i, 64);
	put32(body + V4_COUNT, 64);
	put32(body + V6_COUNT, 64);
	KUNIT_EXPECT_EQ(test, kvp_msg_to_daemon(body, IP_BYTES, V5, daemon_msg(test, 0)), IC_STATUS_INVALID_ARG);
	put32(body + V4_COUNT, 0);
	KUNIT_EXPECT_EQ(test, kvp_msg_to_daemon(body, IP_BYTES, V5, daemon_msg(test, 0)), IC_STATUS_INVALID_ARG);
}

/* ---- answers */

static void lists_become_an_answer(struct kunit *test)
{
	struct kvp_daemon_msg *msg = daemon_msg(test, 0);
	u8 *body = ip_body(test, GET);

	body[FAMILY] = 0;
	memset(body + V4, 0x5a, IP_BYTES - V4);
	KUNIT_ASSERT_EQ(test, kvp_msg_to_daemon(body, IP_BYTES, V5, msg), IC_STATUS_OK);
	KUNIT_EXPECT_STREQ(test, (char *)msg->ip.adapter, "{F8615163-DF3E-46c5-913F-F2D2F965ED0E}");
	msg->status = 0;
	msg->ip.family = 3;
	msg->ip.dhcp = 1;
	daemon_says(msg->ip.addresses, "10.0.2.15;fe80::200:0:0:1;10.0.2.16;");
	daemon_says(msg->ip.subnets, "255.255.255.0;/64;255.255.0.0;");
	daemon_says(msg->ip.gateways, "10.0.2.2;fe80::200:0:0:1;");
	daemon_says(msg->ip.dns, "10.0.2.3;fec0::77;");
	KUNIT_EXPECT_EQ(test, kvp_msg_from_daemon(msg, V5, body), IC_STATUS_OK);
	KUNIT_EXPECT_EQ(test, body[FAMILY], 3);
	KUNIT_EXPECT_EQ(test, body[DHCP], 1);
	KUNIT_EXPECT_EQ(test, get32(body + V4_COUNT), 2);
	KUNIT_EXPECT_EQ(test, get32(body + V4), 0x0f02000a);
	KUNIT_EXPECT_EQ(test, get32(body + V4 + 4), 0x1002000a);
	KUNIT_EXPECT_EQ(test, get32(body + V4 + 8), 0);
	KUNIT_EXPECT_EQ(test, get32(body + V4_MASK), 0x00ffffff);
	KUNIT_EXPECT_EQ(test, get32(body + V4_MASK + 4), 0x0000ffff);
	KUNIT_EXPECT_EQ(test, get32(body + V6_COUNT), 1);
	KUNIT_EXPECT_EQ(test, memcmp(body + V6, v6_local, 16), 0);
	KUNIT_EXPECT_EQ(test, get32(body + V6_PREFIX), 64);
	KUNIT_EXPECT_EQ(test, get32(body + V4_GATEWAYS), 1);
	KUNIT_EXPECT_EQ(test, get32(body + V4_GATEWAY), 0x0202000a);
	KUNIT_EXPECT_EQ(test, get32(body + V6_GATEWAYS), 1);
	KUNIT_EXPECT_EQ(test, memcmp(body + V6_GATEWAY, v6_local, 16), 0);
	KUNIT_EXPECT_EQ(test, get32(body + V4_SERVERS), 1);
	KUNIT_EXPECT_EQ(test, get32(body + V4_DNS), 0x0302000a);
	KUNIT_EXPECT_EQ(test, get32(body + V6_SERVERS), 1);
	KUNIT_EXPECT_EQ(test, memcmp(body + V6_DNS, v6_77, 16), 0);
	/* two of IPv4 by DHCP, then one of IPv6 of which nothing is known */
	KUNIT_EXPECT_EQ(test, get32(body + ORIGIN), 0x00010001);
	KUNIT_EXPECT_EQ(test, get32(body + ORIGIN + 4), 0);
	KUNIT_EXPECT_EQ(test, body[ADAPTER], '{');
	KUNIT_EXPECT_EQ(test, body[IP_BYTES - 1], 0);
}

/* More than there is room for, what is no address, subnets that are missing or wrong, text without an end. */
static void daemon_is_not_believed(struct kunit *test)
{
	struct kvp_daemon_msg *msg = daemon_msg(test, 0);
	u8 *body = ip_body(test, GET);
	u32 i;

	for (i = 0; i < 200; i++)
		memcpy(msg->ip.addresses + 8 * i, "1.2.3.4;", 8);
	for (i = 0; i < 100; i++)
		memcpy(msg->ip.gateways + 3 * i, "::;", 3);
	daemon_says(msg->ip.subnets, "/24;no mask;1.2.3.4.5");
	for (i = 0; i < 180; i++)
		memcpy(msg->ip.subnets + 21 + 10 * i, ";255.0.0.0", 11);
	daemon_says(msg->ip.dns, ";;1.2.3;1.2.3.4567;::g;$(reboot);fec0:0:0:0:0:0:0:77:88;"
		    "0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0001;9.9.9.9 ;8.8.8.8");
	KUNIT_EXPECT_EQ(test, kvp_msg_from_daemon(msg, V5, body), IC_STATUS_OK);
	KUNIT_EXPECT_EQ(test, get32(body + V4_COUNT), 64);
	KUNIT_EXPECT_EQ(test, get32(body + V4 + 4 * 63), 0x04030201);
	KUNIT_EXPECT_EQ(test, get32(body + V6_COUNT), 0);
	KUNIT_EXPECT_EQ(test, get32(body + V6), 0);
	KUNIT_EXPECT_EQ(test, get32(body + V4_MASK), 0);
	KUNIT_EXPECT_EQ(test, get32(body + V4_MASK + 4 * 63), 0x000000ff);
	KUNIT_EXPECT_EQ(test, get32(body + V6_PREFIX), 0);
	KUNIT_EXPECT_EQ(test, get32(body + V6_GATEWAYS), 5);
	KUNIT_EXPECT_EQ(test, get32(body + V4_SERVERS), 1);
	KUNIT_EXPECT_EQ(test, get32(body + V4_DNS), 0x08080808);
	KUNIT_EXPECT_EQ(test, get32(body + V6_SERVERS), 0);

	memset(&msg->ip, '1', sizeof(msg->ip));
	msg->status = 0;
	KUNIT_EXPECT_EQ(test, kvp_msg_from_daemon(msg, V5, body), IC_STATUS_OK);
	KUNIT_EXPECT_EQ(test, get32(body + V4_COUNT), 0);
	memset(&msg->ip, ';', sizeof(msg->ip));
	memcpy(msg->ip.addresses + sizeof(msg->ip.addresses) - 3, "1.2", 3);
	daemon_says(msg->ip.subnets, ".3.4");
	KUNIT_EXPECT_EQ(test, kvp_msg_from_daemon(msg, V5, body), IC_STATUS_OK);
	KUNIT_EXPECT_EQ(test, get32(body + V4_COUNT), 0);
	KUNIT_EXPECT_EQ(test, get32(body + V6_SERVERS), 0);
}

struct prefix_case {
	const char *subnet;
	u32 prefix;
};

static void prefix_is_read_or_unknown(struct kunit *test)
{
	static const struct prefix_case cases[] = {
		{ "/64", 64 }, { "48", 48 }, { "/128", 128 }, { "/129", 0 }, { "/4294967360", 0 }, { "/6x", 0 }, { "/", 0 },
		{ "", 0 }, { "255.255.255.0", 0 },
	};
	struct kvp_daemon_msg *msg = daemon_msg(test, 0);
	u8 *body = ip_body(test, GET);
	u32 i;

	daemon_says(msg->ip.addresses, "fec0::77");
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		daemon_says(msg->ip.subnets, cases[i].subnet);
		KUNIT_EXPECT_EQ(test, kvp_msg_from_daemon(msg, V5, body), IC_STATUS_OK);
		KUNIT_EXPECT_EQ(test, get32(body + V6_PREFIX), cases[i].prefix);
	}
}

static struct kunit_case kvp_ip_cases[] = {
	KUNIT_CASE(order_becomes_lists),
	KUNIT_CASE_PARAM(order_is_judged, order_gen_params),
	KUNIT_CASE(order_longer_than_the_daemon_takes_is_refused),
	KUNIT_CASE(lists_become_an_answer),
	KUNIT_CASE(daemon_is_not_believed),
	KUNIT_CASE(prefix_is_read_or_unknown),
	{ }
};

static struct kunit_suite kvp_ip_suite = {
	.name = "hv_utils_kvp_ip",
	.test_cases = kvp_ip_cases,
};
kunit_test_suite(kvp_ip_suite);

MODULE_DESCRIPTION("KUnit suite: IP configurations of key-value pairs in binary");
MODULE_LICENSE("GPL");
