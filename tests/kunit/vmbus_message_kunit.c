// SPDX-License-Identifier: GPL-2.0
/*
 * Incoming channel messages: who is called for which type, and that nothing reaches anybody which is shorter than its
 * type, unknown or of another kind. The layers above are played by this file.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <kunit/test.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/string.h>
/* Of the tracepoints only the order counts: seen before it is checked, then again when it is acted upon. */
#define VMBUS_TRACE_H
#include <hyperv/vmbus_msg.h>
static unsigned int seen, acted_upon;
static inline void trace_vmbus_on_msg_dpc(unsigned int type)
{
	seen++;
}
static inline void trace_vmbus_message_received(const __le32 *message, u32 bytes, int result)
{
}
static inline void vmbus_trace_received(const void *message, u32 bytes)
{
	acted_upon++;
}
#include "../../vmbus/message.c"

struct vmbus_conn vmbus_conn;

static unsigned int offers, rescinds, all_offers, answers;
static bool somebody_waits;

void vmbus_offer_arrived(const void *message, u32 bytes)
{
	offers++;
}

void vmbus_rescind_arrived(const void *message, u32 bytes)
{
	rescinds++;
}

void vmbus_all_offers_arrived(const void *message, u32 bytes)
{
	all_offers++;
}

bool vmbus_request_answer(const void *message, u32 bytes)
{
	answers++;
	return somebody_waits;
}

static int message_test_init(struct kunit *test)
{
	test->priv = kunit_kzalloc(test, sizeof(struct tlfs_message), GFP_KERNEL);
	if (!test->priv)
		return -ENOMEM;
	offers = 0;
	rescinds = 0;
	all_offers = 0;
	answers = 0;
	seen = 0;
	acted_upon = 0;
	somebody_waits = true;
	atomic_set(&vmbus_conn.faults.bad_messages, 0);
	return 0;
}

static void host_says(struct kunit *test, u32 kind, u32 type, u8 bytes)
{
	struct tlfs_message *message = test->priv;
	const __le32 wire = cpu_to_le32(type);

	memset(message, 0, sizeof(*message));
	message->type = cpu_to_le32(kind);
	message->payload_bytes = bytes;
	memcpy(message->payload, &wire, sizeof(wire));
	vmbus_message_handle(message);
}

struct type_case {
	const char *name;
	u32 type;
	u8 least_bytes;
	unsigned int *calls;	/* NULL: taken note of by nobody */
};

static const struct type_case type_cases[] = {
	{ "offer", 1, 190, &offers },
	{ "rescind", 2, 12, &rescinds },
	{ "all_offers_delivered", 4, 8, &all_offers },
	{ "open_result", 6, 20, &answers },
	{ "gpadl_created", 10, 20, &answers },
	{ "gpadl_torndown", 12, 12, &answers },
	{ "version_response_without_its_last_word", 15, 10, &answers },
	{ "unload_response", 17, 8, &answers },
	{ "tl_connect_result", 23, 8, NULL },
	{ "modify_channel_response", 24, 16, &answers },
};

static void type_case_desc(const struct type_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}
KUNIT_ARRAY_PARAM(type, type_cases, type_case_desc);

static void message_reaches_its_handler_when_it_is_long_enough(struct kunit *test)
{
	const struct type_case *c = test->param_value;
	unsigned int others = offers + rescinds + all_offers + answers;

	host_says(test, TLFS_MESSAGE_TYPE_CHANNEL, c->type, c->least_bytes - 1);
	KUNIT_EXPECT_EQ(test, offers + rescinds + all_offers + answers, others);
	KUNIT_EXPECT_EQ(test, acted_upon, 0u);
	KUNIT_EXPECT_EQ(test, atomic_read(&vmbus_conn.faults.bad_messages), 1);
	host_says(test, TLFS_MESSAGE_TYPE_CHANNEL, c->type, c->least_bytes);
	host_says(test, TLFS_MESSAGE_TYPE_CHANNEL, c->type, 240);
	KUNIT_EXPECT_EQ(test, offers + rescinds + all_offers + answers, c->calls ? 2u : 0u);
	if (c->calls)
		KUNIT_EXPECT_EQ(test, *c->calls, 2u);
	KUNIT_EXPECT_EQ(test, acted_upon, 2u);
	KUNIT_EXPECT_EQ(test, atomic_read(&vmbus_conn.faults.bad_messages), 1);
}

struct bad_case {
	const char *name;
	u32 type;
	u8 bytes;
};

static const struct bad_case bad_cases[] = {
	{ "no_bytes", 1, 0 },
	{ "no_whole_header", 4, 7 },
	{ "type_0", 0, 240 },
	{ "what_only_guests_say", 5, 240 },
	{ "the_first_type_nobody_knows", 27, 240 },
	{ "type_of_all_ones", 0xffffffff, 240 },
	{ "type_that_is_known_but_for_its_upper_half", 0x10001, 240 },
};

static void bad_case_desc(const struct bad_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}
KUNIT_ARRAY_PARAM(bad, bad_cases, bad_case_desc);

static void hostile_message_is_counted_and_reaches_nobody(struct kunit *test)
{
	const struct bad_case *c = test->param_value;

	host_says(test, TLFS_MESSAGE_TYPE_CHANNEL, c->type, c->bytes);
	KUNIT_EXPECT_EQ(test, atomic_read(&vmbus_conn.faults.bad_messages), 1);
	KUNIT_EXPECT_EQ(test, offers + rescinds + all_offers + answers, 0u);
	KUNIT_EXPECT_EQ(test, acted_upon, 0u);
}

static void answer_nobody_waits_for_is_counted(struct kunit *test)
{
	somebody_waits = false;
	host_says(test, TLFS_MESSAGE_TYPE_CHANNEL, VMBUS_MSG_OPEN_RESULT, 20);
	KUNIT_EXPECT_EQ(test, answers, 1u);
	KUNIT_EXPECT_EQ(test, atomic_read(&vmbus_conn.faults.bad_messages), 1);
}

static void message_of_another_kind_is_not_looked_at(struct kunit *test)
{
	host_says(test, TLFS_MESSAGE_TYPE_TIMER, VMBUS_MSG_RESCIND, 240);
	host_says(test, TLFS_MESSAGE_TYPE_NONE, VMBUS_MSG_RESCIND, 240);
	KUNIT_EXPECT_EQ(test, seen, 0u);
	KUNIT_EXPECT_EQ(test, rescinds, 0u);
	KUNIT_EXPECT_EQ(test, atomic_read(&vmbus_conn.faults.bad_messages), 0);
}

static struct kunit_case message_cases[] = {
	KUNIT_CASE_PARAM(message_reaches_its_handler_when_it_is_long_enough, type_gen_params),
	KUNIT_CASE_PARAM(hostile_message_is_counted_and_reaches_nobody, bad_gen_params),
	KUNIT_CASE(answer_nobody_waits_for_is_counted),
	KUNIT_CASE(message_of_another_kind_is_not_looked_at),
	{}
};

static struct kunit_suite message_suite = {
	.name = "hv_vmbus_message",
	.init = message_test_init,
	.test_cases = message_cases,
};
kunit_test_suite(message_suite);

MODULE_DESCRIPTION("KUnit suite: incoming channel messages");
MODULE_LICENSE("GPL");
