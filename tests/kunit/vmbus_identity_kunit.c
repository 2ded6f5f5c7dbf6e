// SPDX-License-Identifier: GPL-2.0
/*
 * Numbers of a channel: what an offer gives, what a host may lie about, and which offer of a new connection means a device
 * that is there already.
 */
#include <kunit/test.h>
#include <linux/module.h>
#include <linux/string.h>
#include "../../vmbus/identity.c"

#define KEPT_TYPE	GUID_INIT(0x12345678, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10)
#define KEPT_INSTANCE	GUID_INIT(0x9abcdef0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10)
#define OTHER_GUID	GUID_INIT(0x0badcafe, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10)

struct identity_test {
	struct vmbus_chan kept, offered;
};

static int identity_test_init(struct kunit *test)
{
	test->priv = kunit_kzalloc(test, sizeof(struct identity_test), GFP_KERNEL);
	return test->priv ? 0 : -ENOMEM;
}

struct offer_case {
	const char *name;
	u16 interrupt_flags;
	u32 connection_id;
	u8 monitor_flags, monitor_id;
	u64 signal;
	bool dedicated, monitored;
	u8 group, bit;
};

static const struct offer_case offer_cases[] = {
	{ "dedicated_without_monitor", 1, 0x10007, 0, 255, 0x10007, true, false, 0, 0 },
	{ "shared_event_connection", 0, 0x10007, 0, 255, 2, false, false, 0, 0 },
	{ "connection_id_has_24_bits", 1, 0xff010007, 0, 0, 0x10007, true, false, 0, 0 },
	{ "first_monitor", 1, 7, 1, 0, 7, true, true, 0, 0 },
	{ "last_monitor", 1, 7, 1, 127, 7, true, true, 3, 31 },
	{ "monitor_past_the_page", 1, 7, 1, 128, 7, true, false, 0, 0 },
	{ "monitor_id_without_flag", 1, 7, 0, 33, 7, true, false, 0, 0 },
};

static void offer_case_desc(const struct offer_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(offer, offer_cases, offer_case_desc);

static void offer_gives_numbers(struct kunit *test)
{
	const struct offer_case *c = test->param_value;
	struct identity_test *t = test->priv;
	struct vmbus_msg_offer offer = {
		.relid = cpu_to_le32(77),
		.interrupt_flags = cpu_to_le16(c->interrupt_flags),
		.connection_id = cpu_to_le32(c->connection_id),
		.monitor_flags = c->monitor_flags,
		.monitor_id = c->monitor_id,
	};

	/* What an earlier offer left must not stay. */
	t->kept.channel.monitor_grp = 2;
	t->kept.channel.monitor_bit = 9;
	vmbus_identity_set(&t->kept, &offer);
	KUNIT_EXPECT_EQ(test, t->kept.relid, 77u);
	KUNIT_EXPECT_EQ(test, t->kept.channel.offermsg.child_relid, 77u);
	KUNIT_EXPECT_EQ(test, t->kept.signal, c->signal);
	KUNIT_EXPECT_EQ(test, t->kept.channel.sig_event, c->signal);
	KUNIT_EXPECT_EQ(test, t->kept.channel.is_dedicated_interrupt, c->dedicated);
	KUNIT_EXPECT_EQ(test, !!t->kept.channel.offermsg.monitor_allocated, c->monitored);
	KUNIT_EXPECT_EQ(test, t->kept.channel.monitor_grp, c->group);
	KUNIT_EXPECT_EQ(test, t->kept.channel.monitor_bit, c->bit);
}

struct renewal_case {
	const char *name;
	bool same_type, same_instance, numbered, kept_rescinded, offer_rescinded;
	u16 sub_channel;
	bool renewed;
};

static const struct renewal_case renewal_cases[] = {
	{ "same_device", true, true, false, false, false, 0, true },
	{ "other_instance", true, false, false, false, false, 0, false },
	{ "other_class", false, true, false, false, false, 0, false },
	{ "offered_twice", true, true, true, false, false, 0, false },
	{ "taken_away_before_the_suspend", true, true, false, true, false, 0, false },
	{ "taken_away_right_after_the_offer", true, true, false, false, true, 0, false },
	{ "sub_channel_nobody_asked_for", true, true, false, false, false, 1, false },
};

static void renewal_case_desc(const struct renewal_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(renewal, renewal_cases, renewal_case_desc);

static void offer_renews_only_its_own_device(struct kunit *test)
{
	const guid_t type = KEPT_TYPE, instance = KEPT_INSTANCE, other = OTHER_GUID;
	const struct renewal_case *c = test->param_value;
	struct identity_test *t = test->priv;

	t->kept.relid = c->numbered ? 5 : INVALID_RELID;
	t->kept.channel.rescind = c->kept_rescinded;
	t->kept.channel.offermsg.offer.if_type = type;
	t->kept.channel.offermsg.offer.if_instance = instance;
	t->offered.relid = 6;
	t->offered.channel.rescind = c->offer_rescinded;
	t->offered.channel.offermsg.offer.if_type = c->same_type ? type : other;
	t->offered.channel.offermsg.offer.if_instance = c->same_instance ? instance : other;
	t->offered.channel.offermsg.offer.sub_channel_index = c->sub_channel;
	KUNIT_EXPECT_EQ(test, vmbus_identity_is_renewed_by(&t->kept, &t->offered), c->renewed);
	KUNIT_EXPECT_FALSE(test, vmbus_identity_is_renewed_by(&t->offered, &t->offered));
}

static void moved_numbers_are_had_once(struct kunit *test)
{
	struct identity_test *t = test->priv;
	struct vmbus_msg_offer offer = {
		.relid = cpu_to_le32(9),
		.interrupt_flags = cpu_to_le16(VMBUS_OFFER_DEDICATED_INTERRUPT),
		.connection_id = cpu_to_le32(0x123),
		.monitor_flags = VMBUS_OFFER_MONITOR_ALLOCATED,
		.monitor_id = 37,
	};

	vmbus_identity_clear(&t->kept);
	KUNIT_EXPECT_EQ(test, t->kept.relid, (u32)INVALID_RELID);
	vmbus_identity_set(&t->offered, &offer);
	vmbus_identity_move(&t->kept, &t->offered);
	KUNIT_EXPECT_EQ(test, t->kept.relid, 9u);
	KUNIT_EXPECT_EQ(test, t->kept.channel.offermsg.child_relid, 9u);
	KUNIT_EXPECT_EQ(test, t->kept.signal, 0x123ull);
	KUNIT_EXPECT_EQ(test, t->kept.channel.monitor_grp, 1);
	KUNIT_EXPECT_EQ(test, t->kept.channel.monitor_bit, 5);
	KUNIT_EXPECT_EQ(test, t->offered.relid, (u32)INVALID_RELID);
	KUNIT_EXPECT_EQ(test, t->offered.channel.offermsg.child_relid, (u32)INVALID_RELID);
}

static struct kunit_case vmbus_identity_cases[] = {
	KUNIT_CASE_PARAM(offer_gives_numbers, offer_gen_params),
	KUNIT_CASE_PARAM(offer_renews_only_its_own_device, renewal_gen_params),
	KUNIT_CASE(moved_numbers_are_had_once),
	{}
};

static struct kunit_suite vmbus_identity_suite = {
	.name = "hv_vmbus_identity",
	.init = identity_test_init,
	.test_cases = vmbus_identity_cases,
};
kunit_test_suite(vmbus_identity_suite);

MODULE_DESCRIPTION("KUnit suite: numbers of a channel");
MODULE_LICENSE("GPL");
