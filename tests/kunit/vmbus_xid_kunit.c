// SPDX-License-Identifier: GPL-2.0
/*
 * Transaction ids: every slot is handed out once, comes back once, and no number
 * the host may send finds anything that is not in flight.
 */
#include <kunit/test.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "../../vmbus/xid.c"

#define SLOTS	70	/* more than one word of the bitmap, and no multiple of it */

struct xid_test {
	struct vmbus_xid_table table;
	u64 slot[SLOTS + 1];
	unsigned long in_use[BITS_TO_LONGS(SLOTS)];
	u64 id[SLOTS];
};

#define SLOT_GUARD	0xa5a5a5a5a5a5a5a5ull

static int xid_test_init(struct kunit *test)
{
	struct xid_test *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);

	if (!t)
		return -ENOMEM;
	t->slot[SLOTS] = SLOT_GUARD;
	vmbus_xid_init(&t->table, t->slot, t->in_use, SLOTS);
	test->priv = t;
	return 0;
}

static u64 stored_value(u32 i)
{
	return 0xffff888000000000ull + i * 0x40;
}

static void take_all(struct kunit *test)
{
	struct xid_test *t = test->priv;
	u32 i;

	for (i = 0; i < SLOTS; i++) {
		t->id[i] = vmbus_xid_take(&t->table, stored_value(i));
		KUNIT_ASSERT_NE(test, t->id[i], VMBUS_XID_NONE);
	}
}

static void every_slot_is_handed_out_once(struct kunit *test)
{
	struct xid_test *t = test->priv;
	DECLARE_BITMAP(seen, SLOTS + 1) = { 0 };
	u32 i;

	take_all(test);
	for (i = 0; i < SLOTS; i++) {
		KUNIT_ASSERT_LE(test, t->id[i], (u64)SLOTS);
		KUNIT_EXPECT_FALSE(test, test_bit((u32)t->id[i], seen));
		__set_bit((u32)t->id[i], seen);
	}
	KUNIT_EXPECT_EQ(test, t->slot[SLOTS], SLOT_GUARD);
}

static void exhausted_table_gives_no_id_and_recovers(struct kunit *test)
{
	struct xid_test *t = test->priv;
	u64 stored = 0;

	take_all(test);
	KUNIT_EXPECT_EQ(test, vmbus_xid_take(&t->table, 1), VMBUS_XID_NONE);
	KUNIT_EXPECT_EQ(test, vmbus_xid_take(&t->table, 2), VMBUS_XID_NONE);
	/* The refused ones left nothing behind. */
	KUNIT_EXPECT_TRUE(test, vmbus_xid_release(&t->table, t->id[33], &stored));
	KUNIT_EXPECT_EQ(test, stored, stored_value(33));
	KUNIT_EXPECT_EQ(test, vmbus_xid_take(&t->table, 3), t->id[33]);
	KUNIT_EXPECT_EQ(test, vmbus_xid_take(&t->table, 4), VMBUS_XID_NONE);
}

static void release_gives_back_what_was_stored_in_any_order(struct kunit *test)
{
	struct xid_test *t = test->priv;
	u64 stored;
	u32 i, n;

	take_all(test);
	/* 27 and 70 have no common divisor: every slot once, in a scattered order. */
	for (n = 0; n < SLOTS; n++) {
		i = n * 27 % SLOTS;
		stored = 0;
		KUNIT_ASSERT_TRUE(test, vmbus_xid_release(&t->table, t->id[i], &stored));
		KUNIT_EXPECT_EQ(test, stored, stored_value(i));
	}
	take_all(test);
	KUNIT_EXPECT_EQ(test, vmbus_xid_take(&t->table, 0), VMBUS_XID_NONE);
}

static void lookup_leaves_the_request_in_flight(struct kunit *test)
{
	struct xid_test *t = test->priv;
	u64 id = vmbus_xid_take(&t->table, 77), stored = 0;

	KUNIT_EXPECT_TRUE(test, vmbus_xid_lookup(&t->table, id, &stored));
	KUNIT_EXPECT_EQ(test, stored, 77ull);
	stored = 0;
	KUNIT_EXPECT_TRUE(test, vmbus_xid_lookup(&t->table, id, &stored));
	KUNIT_EXPECT_TRUE(test, vmbus_xid_release(&t->table, id, &stored));
	KUNIT_EXPECT_EQ(test, stored, 77ull);
}

static void same_completion_twice_is_refused(struct kunit *test)
{
	struct xid_test *t = test->priv;
	u64 first = vmbus_xid_take(&t->table, 1), second = vmbus_xid_take(&t->table, 2), stored = 0;

	KUNIT_EXPECT_TRUE(test, vmbus_xid_release(&t->table, first, &stored));
	stored = 99;
	KUNIT_EXPECT_FALSE(test, vmbus_xid_release(&t->table, first, &stored));
	KUNIT_EXPECT_FALSE(test, vmbus_xid_lookup(&t->table, first, &stored));
	KUNIT_EXPECT_EQ(test, stored, 99ull);
	/* The list of free slots is not damaged: the others still come once each. */
	KUNIT_EXPECT_EQ(test, vmbus_xid_take(&t->table, 3), first);
	KUNIT_EXPECT_NE(test, vmbus_xid_take(&t->table, 4), first);
	KUNIT_EXPECT_TRUE(test, vmbus_xid_lookup(&t->table, second, &stored));
	KUNIT_EXPECT_EQ(test, stored, 2ull);
}

static void stored_values_that_look_like_slots_confuse_nothing(struct kunit *test)
{
	struct xid_test *t = test->priv;
	u64 id, stored;

	id = vmbus_xid_take(&t->table, 0);
	KUNIT_EXPECT_TRUE(test, vmbus_xid_release(&t->table, id, &stored));
	KUNIT_EXPECT_EQ(test, stored, 0ull);
	id = vmbus_xid_take(&t->table, SLOTS);
	KUNIT_EXPECT_FALSE(test, vmbus_xid_lookup(&t->table, id + 1, &stored));
	id = vmbus_xid_take(&t->table, ~0ull);
	KUNIT_EXPECT_TRUE(test, vmbus_xid_release(&t->table, id, &stored));
	KUNIT_EXPECT_EQ(test, stored, ~0ull);
}

struct hostile_case {
	const char *name;
	u64 id;
};

/* Slots 1 to 3 are in flight. */
static const struct hostile_case hostile_cases[] = {
	{ "id_0", 0 },
	{ "first_free_slot", 4 },
	{ "last_slot_is_free", SLOTS },
	{ "one_past_the_last_slot", SLOTS + 1 },
	{ "last_bit_of_the_bitmap", BITS_TO_LONGS(SLOTS) * BITS_PER_LONG },
	{ "past_the_bitmap", BITS_TO_LONGS(SLOTS) * BITS_PER_LONG + 1 },
	{ "right_in_its_low_32_bits", 0x100000001ull },
	{ "all_32_bits", 0xffffffffull },
	{ "all_64_bits", ~0ull },
	{ "sign_bit", 1ull << 63 },
	{ "looks_like_an_address", 0xffff888012345678ull },
};

static void hostile_case_desc(const struct hostile_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(hostile, hostile_cases, hostile_case_desc);

static void reply_nobody_asked_for_is_refused(struct kunit *test)
{
	const struct hostile_case *c = test->param_value;
	struct xid_test *t = test->priv;
	u64 stored = 99;
	u32 i;

	for (i = 0; i < 3; i++)
		KUNIT_ASSERT_EQ(test, vmbus_xid_take(&t->table, 10 + i), (u64)i + 1);
	KUNIT_EXPECT_FALSE(test, vmbus_xid_lookup(&t->table, c->id, &stored));
	KUNIT_EXPECT_FALSE(test, vmbus_xid_release(&t->table, c->id, &stored));
	KUNIT_EXPECT_EQ(test, stored, 99ull);
	for (i = 0; i < 3; i++) {
		KUNIT_EXPECT_TRUE(test, vmbus_xid_release(&t->table, i + 1, &stored));
		KUNIT_EXPECT_EQ(test, stored, 10ull + i);
	}
	KUNIT_EXPECT_EQ(test, t->slot[SLOTS], SLOT_GUARD);
}

/* Memory of exactly the size, so that a look past it is a report. */
static void bitmap_is_not_read_past_its_last_word(struct kunit *test)
{
	struct vmbus_xid_table table;
	u64 *slot = kunit_kzalloc(test, BITS_PER_LONG * sizeof(*slot), GFP_KERNEL), stored;
	unsigned long *in_use = kunit_kzalloc(test, sizeof(*in_use), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, slot);
	KUNIT_ASSERT_NOT_NULL(test, in_use);
	vmbus_xid_init(&table, slot, in_use, BITS_PER_LONG);
	while (vmbus_xid_take(&table, 1) != VMBUS_XID_NONE)
		;
	KUNIT_EXPECT_TRUE(test, vmbus_xid_lookup(&table, BITS_PER_LONG, &stored));
	KUNIT_EXPECT_FALSE(test, vmbus_xid_lookup(&table, BITS_PER_LONG + 1, &stored));
	KUNIT_EXPECT_FALSE(test, vmbus_xid_release(&table, BITS_PER_LONG + 1, &stored));
}

static void table_without_slots_gives_no_id(struct kunit *test)
{
	struct xid_test *t = test->priv;
	u64 stored;

	vmbus_xid_init(&t->table, t->slot, t->in_use, 0);
	KUNIT_EXPECT_EQ(test, vmbus_xid_take(&t->table, 1), VMBUS_XID_NONE);
	KUNIT_EXPECT_FALSE(test, vmbus_xid_release(&t->table, 1, &stored));
}

static struct kunit_case vmbus_xid_cases[] = {
	KUNIT_CASE(every_slot_is_handed_out_once),
	KUNIT_CASE(exhausted_table_gives_no_id_and_recovers),
	KUNIT_CASE(release_gives_back_what_was_stored_in_any_order),
	KUNIT_CASE(lookup_leaves_the_request_in_flight),
	KUNIT_CASE(same_completion_twice_is_refused),
	KUNIT_CASE(stored_values_that_look_like_slots_confuse_nothing),
	KUNIT_CASE_PARAM(reply_nobody_asked_for_is_refused, hostile_gen_params),
	KUNIT_CASE(bitmap_is_not_read_past_its_last_word),
	KUNIT_CASE(table_without_slots_gives_no_id),
	{}
};

static struct kunit_suite vmbus_xid_suite = {
	.name = "hv_vmbus_xid",
	.init = xid_test_init,
	.test_cases = vmbus_xid_cases,
};
kunit_test_suite(vmbus_xid_suite);

MODULE_DESCRIPTION("KUnit suite: transaction ids of VMBus");
MODULE_LICENSE("GPL");
