// SPDX-License-Identifier: GPL-2.0
/*
 * Integration component messages: header checks, version negotiation, answers. The bytes of the layout cases are written
 * out by hand from the description of the protocol, not made with its structs.
 */
#include <kunit/test.h>

#include "../../hv_utils/ic_msg.c"

/* ---- headers */

struct parse_case {
	const char *name;
	u32 pipe_type;
	u32 pipe_bytes;
	u16 type;
	u16 body_bytes;
	u8 flags;
	u32 payload_bytes;
	enum hv_ic_verdict verdict;
	u32 body_seen;
};

#define REQUEST	(IC_FLAG_TRANSACTION | IC_FLAG_REQUEST)

static struct parse_case parse_cases[] = {
	{ .name = "whole request", 1, 28, IC_MSG_HEARTBEAT, 8, REQUEST, 36, HV_IC_SERVE, 8 },
	{ .name = "no body", 1, 20, IC_MSG_HEARTBEAT, 0, REQUEST, 28, HV_IC_SERVE, 0 },
	{ .name = "packet padding is not body", 1, 25, IC_MSG_HEARTBEAT, 5, REQUEST, 40, HV_IC_SERVE, 5 },
	{ .name = "flags other than response do not matter", 1, 28, IC_MSG_HEARTBEAT, 8, 0, 36, HV_IC_SERVE, 8 },
	{ .name = "unknown message type is for the caller", 1, 28, 0xffff, 8, REQUEST, 36, HV_IC_SERVE, 8 },
	{ .name = "pipe type 0 passes", 0, 28, IC_MSG_HEARTBEAT, 8, REQUEST, 36, HV_IC_SERVE, 8 },
	{ .name = "pipe type 2, a fragment", 2, 28, IC_MSG_HEARTBEAT, 8, REQUEST, 36, HV_IC_REFUSE, 8 },
	{ .name = "pipe type 4, data elsewhere", 4, 28, IC_MSG_HEARTBEAT, 8, REQUEST, 36, HV_IC_REFUSE, 8 },
	{ .name = "body length beyond the message", 1, 28, IC_MSG_HEARTBEAT, 0xffff, REQUEST, 36, HV_IC_SERVE, 8 },
	{ .name = "body length below the message", 1, 28, IC_MSG_HEARTBEAT, 3, REQUEST, 36, HV_IC_SERVE, 3 },
	{ .name = "pipe length beyond the payload", 1, 0xffffffff, IC_MSG_HEARTBEAT, 64, REQUEST, 36, HV_IC_SERVE, 8 },
	{ .name = "pipe length one short of the header", 1, 19, IC_MSG_HEARTBEAT, 8, REQUEST, 36, HV_IC_IGNORE },
	{ .name = "pipe length 0", 1, 0, IC_MSG_HEARTBEAT, 8, REQUEST, 36, HV_IC_IGNORE },
	{ .name = "payload one short of the header", 1, 28, IC_MSG_HEARTBEAT, 8, REQUEST, 27, HV_IC_IGNORE },
	{ .name = "payload of a pipe header", 1, 28, IC_MSG_HEARTBEAT, 8, REQUEST, 8, HV_IC_IGNORE },
	{ .name = "payload of 7 bytes", 1, 28, IC_MSG_HEARTBEAT, 8, REQUEST, 7, HV_IC_IGNORE },
	{ .name = "empty payload", 1, 28, IC_MSG_HEARTBEAT, 8, REQUEST, 0, HV_IC_IGNORE },
	{ .name = "response from the host", 1, 28, IC_MSG_HEARTBEAT, 8, IC_FLAG_TRANSACTION | IC_FLAG_RESPONSE, 36,
	  HV_IC_IGNORE },
	{ .name = "request and response at once", 1, 28, IC_MSG_HEARTBEAT, 8, REQUEST | IC_FLAG_RESPONSE, 36,
	  HV_IC_IGNORE },
};

static void parse_case_desc(struct parse_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}
KUNIT_ARRAY_PARAM(parse, parse_cases, parse_case_desc);

static void put16(u8 *p, u32 v)
{
	p[0] = v;
	p[1] = v >> 8;
}

static void put32(u8 *p, u32 v)
{
	put16(p, v);
	put16(p + 2, v >> 16);
}

static void header_is_judged(struct kunit *test)
{
	const struct parse_case *c = test->param_value;
	struct hv_ic_msg msg;
	u8 message[64] = { };
	u8 *payload;

	put32(message, c->pipe_type);
	put32(message + 4, c->pipe_bytes);
	put16(message + 12, c->type);
	put16(message + 18, c->body_bytes);
	message[24] = 0x5a;
	message[25] = c->flags;

	/* an allocation of its own length, so that a read past the end is seen */
	payload = kunit_kzalloc(test, c->payload_bytes ?: 1, GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, payload);
	memcpy(payload, message, c->payload_bytes);

	KUNIT_EXPECT_EQ(test, (int)hv_ic_msg_parse(payload, c->payload_bytes, &msg), (int)c->verdict);
	if (c->verdict == HV_IC_IGNORE)
		return;
	KUNIT_EXPECT_EQ(test, msg.type, c->type);
	KUNIT_EXPECT_EQ(test, msg.transaction_id, 0x5a);
	KUNIT_EXPECT_EQ(test, msg.body_bytes, c->body_seen);
	KUNIT_EXPECT_PTR_EQ(test, msg.body, (const u8 *)payload + 28);
}

/* ---- negotiation */

static const u32 our_framework[] = { HV_IC_VERSION(3, 0), HV_IC_VERSION(1, 0) };
static const u32 our_message[] = { HV_IC_VERSION(3, 2), HV_IC_VERSION(3, 0), HV_IC_VERSION(1, 0) };

static const struct hv_ic_version_list our_framework_list = { our_framework, ARRAY_SIZE(our_framework) };
static const struct hv_ic_version_list our_message_list = { our_message, ARRAY_SIZE(our_message) };

#define V(major, minor)	HV_IC_VERSION(major, minor)

struct negotiate_case {
	const char *name;
	u32 framework_count;	/* as announced */
	u32 message_count;
	u32 offered[6];		/* what is there: @offered_count of them */
	u32 offered_count;
	u32 body_bytes;		/* 0: 8 + 4 * offered_count */
	int result;
	u32 framework;
	u32 message;
};

static struct negotiate_case negotiate_cases[] = {
	{ .name = "best of ascending lists", 2, 3, { V(1, 0), V(3, 0), V(1, 0), V(3, 0), V(3, 2) }, 5, 0,
	  0, V(3, 0), V(3, 2) },
	{ .name = "best of descending lists", 2, 3, { V(3, 0), V(1, 0), V(3, 2), V(3, 0), V(1, 0) }, 5, 0,
	  0, V(3, 0), V(3, 2) },
	{ .name = "Server 2008: 1.0 alone", 1, 1, { V(1, 0), V(1, 0) }, 2, 0, 0, V(1, 0), V(1, 0) },
	{ .name = "newer ones we do not know", 2, 3, { V(3, 0), V(9, 0), V(3, 0), V(7, 0), V(8, 1) }, 5, 0,
	  0, V(3, 0), V(3, 0) },
	{ .name = "duplicates", 2, 2, { V(3, 0), V(3, 0), V(1, 0), V(1, 0) }, 4, 0, 0, V(3, 0), V(1, 0) },
	{ .name = "minor version must match", 1, 1, { V(3, 0), V(3, 3) }, 2, 0, -EOPNOTSUPP },
	{ .name = "no common framework", 1, 1, { V(2, 0), V(3, 0) }, 2, 0, -EOPNOTSUPP },
	{ .name = "no common message version", 1, 1, { V(3, 0), V(4, 0) }, 2, 0, -EOPNOTSUPP },
	{ .name = "lists are not mixed up", 1, 1, { V(3, 2), V(3, 0) }, 2, 0, -EOPNOTSUPP },
	{ .name = "version 0.0", 1, 1, { V(0, 0), V(0, 0) }, 2, 0, -EOPNOTSUPP },
	{ .name = "no framework versions", 0, 2, { V(3, 0), V(3, 0) }, 2, 0, -EPROTO },
	{ .name = "no message versions", 2, 0, { V(3, 0), V(3, 0) }, 2, 0, -EPROTO },
	{ .name = "no versions", 0, 0, { }, 0, 0, -EPROTO },
	{ .name = "one version too many announced", 1, 2, { V(3, 0), V(3, 0) }, 2, 0, -EPROTO },
	{ .name = "one byte short", 1, 1, { V(3, 0), V(3, 0) }, 2, 15, -EPROTO },
	{ .name = "counts alone", 1, 1, { }, 0, 0, -EPROTO },
	{ .name = "counts cut off", 1, 1, { }, 0, 7, -EPROTO },
	{ .name = "100 announced", 100, 100, { V(3, 0), V(3, 0) }, 2, 0, -EPROTO },
	{ .name = "101 announced", 101, 1, { V(3, 0), V(3, 0) }, 2, 0, -EPROTO },
	{ .name = "65535 and 65535 announced", 65535, 65535, { V(3, 0), V(3, 0) }, 2, 0, -EPROTO },
};

static void negotiate_case_desc(struct negotiate_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}
KUNIT_ARRAY_PARAM(negotiate, negotiate_cases, negotiate_case_desc);

static void versions_are_chosen(struct kunit *test)
{
	const struct negotiate_case *c = test->param_value;
	struct hv_ic_versions chosen = { .framework = 0xdead, .message = 0xdead };
	u8 message[64] = { };
	struct hv_ic_msg msg = {
		.type = IC_MSG_NEGOTIATE,
		.body_bytes = c->body_bytes ?: 8 + 4 * c->offered_count,
	};
	u32 i;
	u8 *body;

	put16(message, c->framework_count);
	put16(message + 2, c->message_count);
	for (i = 0; i < c->offered_count; i++) {
		put16(message + 8 + 4 * i, c->offered[i] >> 16);
		put16(message + 8 + 4 * i + 2, c->offered[i] & 0xffff);
	}
	body = kunit_kzalloc(test, msg.body_bytes, GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, body);
	memcpy(body, message, msg.body_bytes);
	msg.body = body;

	KUNIT_EXPECT_EQ(test, hv_ic_msg_negotiate(&msg, &our_framework_list, &our_message_list, &chosen), c->result);
	KUNIT_EXPECT_EQ(test, chosen.framework, c->framework);
	KUNIT_EXPECT_EQ(test, chosen.message, c->message);
}

/* The longest lists that are taken: 100 and 100, the common versions at the very end of each. */
static void longest_lists_are_searched_to_the_end(struct kunit *test)
{
	struct hv_ic_versions chosen;
	struct hv_ic_msg msg = { .type = IC_MSG_NEGOTIATE, .body_bytes = 8 + 4 * 200 };
	u8 *body = kunit_kzalloc(test, msg.body_bytes, GFP_KERNEL);
	u32 i;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, body);
	put16(body, 100);
	put16(body + 2, 100);
	for (i = 0; i < 200; i++)
		put16(body + 8 + 4 * i, 1000 + i);
	put16(body + 8 + 4 * 99, 3);
	put16(body + 8 + 4 * 199, 1);
	msg.body = body;

	KUNIT_EXPECT_EQ(test, hv_ic_msg_negotiate(&msg, &our_framework_list, &our_message_list, &chosen), 0);
	KUNIT_EXPECT_EQ(test, chosen.framework, HV_IC_VERSION(3, 0));
	KUNIT_EXPECT_EQ(test, chosen.message, HV_IC_VERSION(1, 0));
}

/* ---- whole messages, byte by byte */

/* frameworks 1.0, 3.0 and messages 1.0, 3.0 offered; 52 bytes, padded to 56 in the ring */
static const u8 offer_bytes[56] = {
	0x01, 0x00, 0x00, 0x00,  0x2c, 0x00, 0x00, 0x00,
	0x00, 0x00, 0x00, 0x00,  0x00, 0x00,  0x00, 0x00, 0x00, 0x00,  0x18, 0x00,
	0x00, 0x00, 0x00, 0x00,  0x00,  0x03,  0x00, 0x00,
	0x02, 0x00, 0x02, 0x00,  0x00, 0x00, 0x00, 0x00,
	0x01, 0x00, 0x00, 0x00,  0x03, 0x00, 0x00, 0x00,
	0x01, 0x00, 0x00, 0x00,  0x03, 0x00, 0x00, 0x00,
};

/* 3.0 and 3.0 chosen */
static const u8 choice_bytes[44] = {
	0x01, 0x00, 0x00, 0x00,  0x24, 0x00, 0x00, 0x00,
	0x00, 0x00, 0x00, 0x00,  0x00, 0x00,  0x00, 0x00, 0x00, 0x00,  0x10, 0x00,
	0x00, 0x00, 0x00, 0x00,  0x00,  0x05,  0x00, 0x00,
	0x01, 0x00, 0x01, 0x00,  0x00, 0x00, 0x00, 0x00,
	0x03, 0x00, 0x00, 0x00,  0x03, 0x00, 0x00, 0x00,
};

/* no version in common: no counts, generic failure */
static const u8 no_choice_bytes[36] = {
	0x01, 0x00, 0x00, 0x00,  0x1c, 0x00, 0x00, 0x00,
	0x00, 0x00, 0x00, 0x00,  0x00, 0x00,  0x00, 0x00, 0x00, 0x00,  0x08, 0x00,
	0x05, 0x40, 0x00, 0x80,  0x00,  0x05,  0x00, 0x00,
	0x00, 0x00, 0x00, 0x00,  0x00, 0x00, 0x00, 0x00,
};

/* answer to a heartbeat of 8 bytes, framework 3.0, message 3.0, transaction 7 */
static const u8 heartbeat_bytes[36] = {
	0x01, 0x00, 0x00, 0x00,  0x1c, 0x00, 0x00, 0x00,
	0x03, 0x00, 0x00, 0x00,  0x01, 0x00,  0x03, 0x00, 0x00, 0x00,  0x08, 0x00,
	0x00, 0x00, 0x00, 0x00,  0x07,  0x05,  0x00, 0x00,
	0x11, 0x22, 0x33, 0x44,  0x55, 0x66, 0x77, 0x88,
};

static void negotiation_matches_the_worked_example(struct kunit *test)
{
	u8 reply[HV_IC_NEGOTIATION_REPLY_BYTES];
	struct hv_ic_versions chosen;
	struct hv_ic_msg msg;

	memset(reply, 0xee, sizeof(reply));
	KUNIT_ASSERT_EQ(test, (int)hv_ic_msg_parse(offer_bytes, sizeof(offer_bytes), &msg), (int)HV_IC_SERVE);
	KUNIT_EXPECT_EQ(test, msg.type, IC_MSG_NEGOTIATE);
	KUNIT_EXPECT_EQ(test, msg.body_bytes, 24);
	KUNIT_ASSERT_EQ(test, hv_ic_msg_negotiate(&msg, &our_framework_list, &our_message_list, &chosen), 0);
	KUNIT_ASSERT_EQ(test, hv_ic_msg_reply_negotiation(reply, &msg, &chosen), (u32)sizeof(choice_bytes));
	KUNIT_EXPECT_EQ(test, memcmp(reply, choice_bytes, sizeof(choice_bytes)), 0);
}

static void refused_negotiation_is_answered_with_no_versions(struct kunit *test)
{
	static const struct hv_ic_version_list none = { our_message, 0 };
	u8 reply[HV_IC_NEGOTIATION_REPLY_BYTES];
	struct hv_ic_versions chosen;
	struct hv_ic_msg msg;

	memset(reply, 0xee, sizeof(reply));
	KUNIT_ASSERT_EQ(test, (int)hv_ic_msg_parse(offer_bytes, sizeof(offer_bytes), &msg), (int)HV_IC_SERVE);
	KUNIT_ASSERT_EQ(test, hv_ic_msg_negotiate(&msg, &our_framework_list, &none, &chosen), -EOPNOTSUPP);
	KUNIT_ASSERT_EQ(test, hv_ic_msg_reply_negotiation(reply, &msg, &chosen), (u32)sizeof(no_choice_bytes));
	KUNIT_EXPECT_EQ(test, memcmp(reply, no_choice_bytes, sizeof(no_choice_bytes)), 0);
	/* nothing behind the answer was touched */
	KUNIT_EXPECT_EQ(test, reply[sizeof(no_choice_bytes)], 0xee);
}

static void answer_carries_versions_and_transaction(struct kunit *test)
{
	static const struct hv_ic_versions versions = { HV_IC_VERSION(3, 0), HV_IC_VERSION(3, 0) };
	static const struct hv_ic_msg request = { .type = IC_MSG_HEARTBEAT, .transaction_id = 7 };
	u8 reply[sizeof(heartbeat_bytes)];

	memset(reply, 0xee, 28);
	memcpy(reply + 28, heartbeat_bytes + 28, 8);
	KUNIT_ASSERT_EQ(test, hv_ic_msg_reply(reply, &request, &versions, IC_STATUS_OK, 8), (u32)sizeof(reply));
	KUNIT_EXPECT_EQ(test, memcmp(reply, heartbeat_bytes, sizeof(reply)), 0);
}

static struct kunit_case ic_cases[] = {
	KUNIT_CASE_PARAM(header_is_judged, parse_gen_params),
	KUNIT_CASE_PARAM(versions_are_chosen, negotiate_gen_params),
	KUNIT_CASE(longest_lists_are_searched_to_the_end),
	KUNIT_CASE(negotiation_matches_the_worked_example),
	KUNIT_CASE(refused_negotiation_is_answered_with_no_versions),
	KUNIT_CASE(answer_carries_versions_and_transaction),
	{ }
};

static struct kunit_suite ic_suite = {
	.name = "hv_utils_ic",
	.test_cases = ic_cases,
};
kunit_test_suite(ic_suite);

MODULE_DESCRIPTION("KUnit suite: messages and negotiation of the integration components");
MODULE_LICENSE("GPL");
