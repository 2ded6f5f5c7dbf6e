// SPDX-License-Identifier: GPL-2.0
/* Posting a message: what the hypervisor gets, what its status means, and how long a host without buffers is waited for. */
#include <kunit/test.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/string.h>
#include "../../vmbus/hypercall.c"

static struct {
	u16 status;
	unsigned int busy;		/* calls it has no buffer for, first */
	unsigned int calls, signals;
	u16 code;
	struct tlfs_post_message input;
	u64 signal;
} hypervisor;

u16 hv_platform_call(u16 code, void *input)
{
	hypervisor.calls++;
	hypervisor.code = code;
	memcpy(&hypervisor.input, input, sizeof(hypervisor.input));
	if (hypervisor.busy) {
		hypervisor.busy--;
		return TLFS_STATUS_INSUFFICIENT_BUFFERS;
	}
	return hypervisor.status;
}

u16 hv_platform_fast_call(u16 code, u64 input)
{
	hypervisor.signals++;
	hypervisor.code = code;
	hypervisor.signal = input;
	return TLFS_STATUS_INVALID_CONNECTION_ID;
}

static int hypercall_test_init(struct kunit *test)
{
	memset(&hypervisor, 0, sizeof(hypervisor));
	return hv_hypercall_init();
}

static void hypercall_test_exit(struct kunit *test)
{
	hv_hypercall_exit();
}

static void message_reaches_the_hypervisor_as_it_is(struct kunit *test)
{
	u8 payload[TLFS_MESSAGE_PAYLOAD_BYTES + 1];

	memset(payload, 0xa5, sizeof(payload));
	KUNIT_EXPECT_EQ(test, hv_post_message(0xff000004, TLFS_MESSAGE_TYPE_CHANNEL, payload, TLFS_MESSAGE_PAYLOAD_BYTES, true), 0);
	KUNIT_EXPECT_EQ(test, hypervisor.code, (u16)TLFS_CALL_POST_MESSAGE);
	/* A connection has 24 bits. */
	KUNIT_EXPECT_EQ(test, le32_to_cpu(hypervisor.input.connection_id), 4u);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(hypervisor.input.reserved), 0u);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(hypervisor.input.message_type), (u32)TLFS_MESSAGE_TYPE_CHANNEL);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(hypervisor.input.payload_bytes), (u32)TLFS_MESSAGE_PAYLOAD_BYTES);
	KUNIT_EXPECT_MEMEQ(test, hypervisor.input.payload, payload, TLFS_MESSAGE_PAYLOAD_BYTES);
	KUNIT_EXPECT_EQ(test, hv_post_message(4, TLFS_MESSAGE_TYPE_CHANNEL, payload, sizeof(payload), true), -EMSGSIZE);
	KUNIT_EXPECT_EQ(test, hypervisor.calls, 1u);
}

struct status_case {
	const char *name;
	u16 status;
	int ret;
};

static const struct status_case status_cases[] = {
	{ "success", TLFS_STATUS_SUCCESS, 0 },
	{ "no_such_connection", TLFS_STATUS_INVALID_CONNECTION_ID, -ENXIO },
	{ "access_denied", TLFS_STATUS_ACCESS_DENIED, -EPERM },
	{ "anything_else", 0x7777, -EIO },
};

static void status_desc(const struct status_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}
KUNIT_ARRAY_PARAM(status, status_cases, status_desc);

static void status_is_told_at_once(struct kunit *test)
{
	const struct status_case *c = test->param_value;

	hypervisor.status = c->status;
	KUNIT_EXPECT_EQ(test, hv_post_message(4, 1, "x", 1, true), c->ret);
	KUNIT_EXPECT_EQ(test, hypervisor.calls, 1u);
	/* A host that is busy is asked again, also where nobody may sleep. */
	hypervisor.busy = 12;
	KUNIT_EXPECT_EQ(test, hv_post_message(4, 1, "x", 1, true), c->ret);
	KUNIT_EXPECT_EQ(test, hypervisor.calls, 14u);
	hypervisor.busy = 4;
	KUNIT_EXPECT_EQ(test, hv_post_message(4, 1, "x", 1, false), c->ret);
	KUNIT_EXPECT_EQ(test, hypervisor.calls, 19u);
}

static void host_that_stays_busy_is_given_up(struct kunit *test)
{
	hypervisor.busy = UINT_MAX;
	KUNIT_EXPECT_EQ(test, hv_post_message(4, 1, "x", 1, false), -EAGAIN);
	/* Two seconds of waits that double up to two milliseconds each. */
	KUNIT_EXPECT_GT(test, hypervisor.calls, 900u);
	KUNIT_EXPECT_LT(test, hypervisor.calls, 1100u);
}

static void signal_is_sent_whatever_becomes_of_it(struct kunit *test)
{
	hv_signal_event(0x100000010005ull);
	KUNIT_EXPECT_EQ(test, hypervisor.signals, 1u);
	KUNIT_EXPECT_EQ(test, hypervisor.code, (u16)TLFS_CALL_SIGNAL_EVENT);
	KUNIT_EXPECT_EQ(test, hypervisor.signal, (u64)0x100000010005ull);
}

static struct kunit_case hypercall_cases[] = {
	KUNIT_CASE(message_reaches_the_hypervisor_as_it_is),
	KUNIT_CASE_PARAM(status_is_told_at_once, status_gen_params),
	KUNIT_CASE(host_that_stays_busy_is_given_up),
	KUNIT_CASE(signal_is_sent_whatever_becomes_of_it),
	{}
};

static struct kunit_suite hypercall_suite = {
	.name = "hv_vmbus_hypercall",
	.init = hypercall_test_init,
	.exit = hypercall_test_exit,
	.test_cases = hypercall_cases,
};
kunit_test_suite(hypercall_suite);

MODULE_DESCRIPTION("KUnit suite: posting messages");
MODULE_LICENSE("GPL");
