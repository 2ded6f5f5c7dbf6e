// SPDX-License-Identifier: GPL-2.0
/*
 * Which message answers which request, by which numbers, and how every wait ends: by the answer, by the rescind of the
 * channel, by time. The hypervisor is played by this file: it takes the message and may answer at once.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <kunit/test.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/string.h>
/* What is traced is not of interest here. */
#define VMBUS_TRACE_H
#include <hyperv/vmbus_msg.h>
static inline void vmbus_trace_sent(const void *message, u32 bytes, int result)
{
}
#include "../../vmbus/request.c"

#define RELID	7u
#define ID	0x1234u
#define SOON_MS	1u

struct vmbus_conn vmbus_conn;

/* What the hypervisor says to a message, and what the host answers before the poster has it back. */
static int post_result;
static unsigned int posted;
static const void *answer;
static u32 answer_bytes;
static bool answer_taken;

int hv_post_message(u32 connection_id, u32 type, const void *payload, u32 bytes, bool may_sleep)
{
	posted++;
	if (!post_result && answer)
		answer_taken = vmbus_request_answer(answer, answer_bytes);
	return post_result;
}

struct words {
	__le32 word[16];
};

static int request_test_init(struct kunit *test)
{
	struct vmbus_chan *chan = kunit_kzalloc(test, sizeof(*chan), GFP_KERNEL);

	if (!chan)
		return -ENOMEM;
	spin_lock_init(&vmbus_conn.request_lock);
	INIT_LIST_HEAD(&vmbus_conn.requests);
	post_result = 0;
	posted = 0;
	answer = NULL;
	answer_taken = false;
	test->priv = chan;
	return 0;
}

/* Where a request and its answer carry the relid and the number that pair them; 0: nowhere. */
struct pair_case {
	const char *name;
	u32 request, request_bytes, reply, reply_bytes;
	u8 relid_at, id_at, reply_relid_at, reply_id_at;
};

static const struct pair_case pair_cases[] = {
	{ "initiate_contact", 14, 40, 15, 16, 0, 0, 0, 0 },
	{ "unload", 16, 8, 17, 8, 0, 0, 0, 0 },
	{ "open", 5, 60, 6, 20, 8, 12, 8, 12 },
	{ "gpadl_header", 8, 60, 10, 20, 8, 12, 8, 12 },
	{ "gpadl_teardown", 11, 16, 12, 12, 8, 12, 0, 8 },
	{ "modify_channel", 22, 16, 24, 16, 8, 0, 8, 0 },
};

static void pair_case_desc(const struct pair_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}
KUNIT_ARRAY_PARAM(pair, pair_cases, pair_case_desc);

static void put(struct words *message, u8 at, u32 value)
{
	if (at)
		message->word[at / 4] = cpu_to_le32(value);
}

static struct words request_of(const struct pair_case *c)
{
	struct words message = { };

	message.word[0] = cpu_to_le32(c->request);
	put(&message, c->relid_at, RELID);
	put(&message, c->id_at, ID);
	return message;
}

static struct words reply_of(const struct pair_case *c, u32 relid, u32 id)
{
	struct words message = { };

	message.word[0] = cpu_to_le32(c->reply);
	put(&message, c->reply_relid_at, relid);
	put(&message, c->reply_id_at, id);
	return message;
}

static void request_is_answered_by_its_reply_alone_and_once(struct kunit *test)
{
	const struct pair_case *c = test->param_value;
	struct words message = request_of(c), right = reply_of(c, RELID, ID), wrong;
	struct vmbus_request request;
	size_t i;

	KUNIT_ASSERT_EQ(test, vmbus_request_begin(&request, test->priv, &message, c->request_bytes), 0);
	for (i = 0; i < ARRAY_SIZE(pair_cases); i++) {
		if (pair_cases[i].reply == c->reply)
			continue;
		wrong = reply_of(&pair_cases[i], RELID, ID);
		KUNIT_EXPECT_FALSE(test, vmbus_request_answer(&wrong, pair_cases[i].reply_bytes));
	}
	if (c->reply_relid_at) {
		wrong = reply_of(c, RELID + 1, ID);
		KUNIT_EXPECT_FALSE(test, vmbus_request_answer(&wrong, c->reply_bytes));
	}
	if (c->reply_id_at) {
		wrong = reply_of(c, RELID, ID + 1);
		KUNIT_EXPECT_FALSE(test, vmbus_request_answer(&wrong, c->reply_bytes));
	}
	KUNIT_EXPECT_TRUE(test, vmbus_request_answer(&right, c->reply_bytes));
	KUNIT_EXPECT_EQ(test, vmbus_request_wait(&request, SOON_MS), 0);
	KUNIT_EXPECT_EQ(test, request.reply_bytes, c->reply_bytes);
	KUNIT_EXPECT_EQ(test, memcmp(request.reply, &right, c->reply_bytes), 0);
	/* The same answer again finds nobody. */
	KUNIT_EXPECT_FALSE(test, vmbus_request_answer(&right, c->reply_bytes));
}

static void message_without_answer_is_no_request(struct kunit *test)
{
	struct words message = { .word[0] = cpu_to_le32(VMBUS_MSG_CLOSE) };
	struct vmbus_request request;

	KUNIT_EXPECT_EQ(test, vmbus_request_call(&request, NULL, &message, 12, SOON_MS), -EINVAL);
	KUNIT_EXPECT_EQ(test, posted, 0u);
}

static void answer_may_come_before_the_poster_is_back(struct kunit *test)
{
	const struct pair_case *c = &pair_cases[0];
	struct words message = request_of(c), reply = reply_of(c, 0, 0);
	struct vmbus_request request;

	answer = &reply;
	answer_bytes = c->reply_bytes;
	KUNIT_EXPECT_EQ(test, vmbus_request_call(&request, NULL, &message, c->request_bytes, SOON_MS), 0);
	KUNIT_EXPECT_TRUE(test, answer_taken);
	KUNIT_EXPECT_EQ(test, posted, 1u);
}

static void request_that_cannot_be_posted_waits_for_nothing(struct kunit *test)
{
	const struct pair_case *c = &pair_cases[2];
	struct words message = request_of(c), reply = reply_of(c, RELID, ID);
	struct vmbus_request request;

	post_result = -EIO;
	KUNIT_EXPECT_EQ(test, vmbus_request_call(&request, test->priv, &message, c->request_bytes, SOON_MS), -EIO);
	KUNIT_EXPECT_TRUE(test, list_empty(&vmbus_conn.requests));
	KUNIT_EXPECT_FALSE(test, vmbus_request_answer(&reply, c->reply_bytes));
}

static void silence_of_the_host_ends_the_wait(struct kunit *test)
{
	const struct pair_case *c = &pair_cases[2];
	struct words message = request_of(c), reply = reply_of(c, RELID, ID);
	struct vmbus_request request;

	KUNIT_EXPECT_EQ(test, vmbus_request_call(&request, test->priv, &message, c->request_bytes, SOON_MS), -ETIMEDOUT);
	KUNIT_EXPECT_TRUE(test, list_empty(&vmbus_conn.requests));
	/* Too late: the memory is somebody else's by now. */
	KUNIT_EXPECT_FALSE(test, vmbus_request_answer(&reply, c->reply_bytes));
}

static void longest_answer_is_cut_to_what_was_kept_for_it(struct kunit *test)
{
	const struct pair_case *c = &pair_cases[0];
	struct words message = request_of(c), reply = reply_of(c, 0, 0);
	struct vmbus_request request;

	KUNIT_ASSERT_EQ(test, vmbus_request_begin(&request, NULL, &message, c->request_bytes), 0);
	KUNIT_EXPECT_TRUE(test, vmbus_request_answer(&reply, sizeof(reply)));
	KUNIT_EXPECT_EQ(test, request.reply_bytes, (u32)VMBUS_REPLY_MAX_BYTES);
	KUNIT_EXPECT_EQ(test, vmbus_request_wait(&request, SOON_MS), 0);
}

static void each_of_two_waiters_gets_its_own_answer(struct kunit *test)
{
	const struct pair_case *c = &pair_cases[2];
	struct words message = request_of(c), other = request_of(c), reply;
	struct vmbus_request request, other_request;

	put(&other, c->relid_at, RELID + 1);
	KUNIT_ASSERT_EQ(test, vmbus_request_begin(&request, test->priv, &message, c->request_bytes), 0);
	KUNIT_ASSERT_EQ(test, vmbus_request_begin(&other_request, test->priv, &other, c->request_bytes), 0);
	reply = reply_of(c, RELID + 1, ID);
	KUNIT_EXPECT_TRUE(test, vmbus_request_answer(&reply, c->reply_bytes));
	KUNIT_EXPECT_EQ(test, request.reply_bytes, 0u);
	KUNIT_EXPECT_EQ(test, vmbus_request_wait(&other_request, SOON_MS), 0);
	reply = reply_of(c, RELID, ID);
	KUNIT_EXPECT_TRUE(test, vmbus_request_answer(&reply, c->reply_bytes));
	KUNIT_EXPECT_EQ(test, vmbus_request_wait(&request, SOON_MS), 0);
}

static void rescind_wakes_all_who_wait_in_vain_and_lets_none_begin(struct kunit *test)
{
	struct words open = request_of(&pair_cases[2]), header = request_of(&pair_cases[3]), move = request_of(&pair_cases[5]);
	struct words created = reply_of(&pair_cases[3], RELID, ID), teardown = request_of(&pair_cases[4]);
	struct vmbus_request opening, giving, moving, taking, bus;
	struct words contact = request_of(&pair_cases[0]);

	KUNIT_ASSERT_EQ(test, vmbus_request_begin(&opening, test->priv, &open, 60), 0);
	KUNIT_ASSERT_EQ(test, vmbus_request_begin(&giving, test->priv, &header, 60), 0);
	KUNIT_ASSERT_EQ(test, vmbus_request_begin(&moving, test->priv, &move, 16), 0);
	KUNIT_ASSERT_EQ(test, vmbus_request_begin(&bus, NULL, &contact, 40), 0);
	vmbus_request_abort(test->priv);
	KUNIT_EXPECT_EQ(test, vmbus_request_wait(&opening, SOON_MS), -ENODEV);
	KUNIT_EXPECT_EQ(test, vmbus_request_wait(&moving, SOON_MS), -ENODEV);
	/* The host has the memory, or has not: only its answer tells. */
	KUNIT_EXPECT_TRUE(test, vmbus_request_answer(&created, 20));
	KUNIT_EXPECT_EQ(test, vmbus_request_wait(&giving, SOON_MS), 0);
	KUNIT_EXPECT_EQ(test, vmbus_request_begin(&opening, test->priv, &open, 60), -ENODEV);
	/* The memory is still to be taken back; a host that does not say so in time is not waited for as long as usual. */
	KUNIT_ASSERT_EQ(test, vmbus_request_begin(&taking, test->priv, &teardown, 16), 0);
	KUNIT_EXPECT_EQ(test, vmbus_request_wait(&taking, SOON_MS), -ENODEV);
	/* The connection's own requests have no channel. */
	vmbus_request_cancel(&bus);
	KUNIT_EXPECT_TRUE(test, list_empty(&vmbus_conn.requests));
}

static struct kunit_case request_cases[] = {
	KUNIT_CASE_PARAM(request_is_answered_by_its_reply_alone_and_once, pair_gen_params),
	KUNIT_CASE(message_without_answer_is_no_request),
	KUNIT_CASE(answer_may_come_before_the_poster_is_back),
	KUNIT_CASE(request_that_cannot_be_posted_waits_for_nothing),
	KUNIT_CASE(silence_of_the_host_ends_the_wait),
	KUNIT_CASE(longest_answer_is_cut_to_what_was_kept_for_it),
	KUNIT_CASE(each_of_two_waiters_gets_its_own_answer),
	KUNIT_CASE(rescind_wakes_all_who_wait_in_vain_and_lets_none_begin),
	{}
};

static struct kunit_suite request_suite = {
	.name = "hv_vmbus_request",
	.init = request_test_init,
	.test_cases = request_cases,
};
kunit_test_suite(request_suite);

MODULE_DESCRIPTION("KUnit suite: requests to the host and their answers");
MODULE_LICENSE("GPL");
