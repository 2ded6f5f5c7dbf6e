// SPDX-License-Identifier: GPL-2.0
/*
 * The SynIC of a processor: what the synthetic registers are set to, which event flags count as pending, and how a message leaves
 * its slot whatever the host has written there. The registers are this file's.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <kunit/test.h>
#include <linux/cpumask.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/string.h>
#include <asm/barrier.h>
#include <hyperv/tlfs.h>
#include <hyperv/vmbus_msg.h>
#include "../../vmbus/synic.c"

#define SINT_VALUE	0x53ull
/* What firmware may have left there, and nobody may change: bits 11:1 of the page registers, others of the SINT. */
#define KEPT_PAGE_BITS	0xffeull
#define KEPT_SINT_BITS	(1ull << 18)

static u64 reg[HV_PLATFORM_SINT + 1];
static unsigned int eoms;

u64 hv_platform_get(enum hv_platform_register which)
{
	return reg[which];
}

void hv_platform_set(enum hv_platform_register which, u64 value)
{
	reg[which] = value;
	if (which == HV_PLATFORM_EOM)
		eoms++;
}

u64 hv_platform_sint_value(void)
{
	return SINT_VALUE;
}

static int synic_test_init(struct kunit *test)
{
	memset(reg, 0, sizeof(reg));
	eoms = 0;
	return hv_synic_alloc();
}

static void synic_test_exit(struct kunit *test)
{
	hv_synic_free();
}

/* The host's hand. */
static struct tlfs_message *slot_of(unsigned int cpu)
{
	return &per_cpu_ptr(&hv_synic_pages, cpu)->messages->slot[VMBUS_SINT];
}

static void registers_name_the_pages_and_keep_what_is_not_ours(struct kunit *test)
{
	reg[HV_PLATFORM_SIMP] = KEPT_PAGE_BITS | 0xabc000;
	reg[HV_PLATFORM_SIEFP] = KEPT_PAGE_BITS;
	reg[HV_PLATFORM_SINT] = KEPT_SINT_BITS | TLFS_SINT_MASKED | TLFS_SINT_AUTO_EOI | 0xee;
	/* Left from an earlier life. */
	slot_of(0)->type = cpu_to_le32(TLFS_MESSAGE_TYPE_CHANNEL);
	set_bit(5, hv_synic_events(0));
	hv_synic_enable(0);
	KUNIT_EXPECT_EQ(test, hv_synic_message_type(0), (u32)TLFS_MESSAGE_TYPE_NONE);
	KUNIT_EXPECT_FALSE(test, hv_synic_events_pending(0, 2047));
	KUNIT_EXPECT_EQ(test, reg[HV_PLATFORM_SIMP],
			(u64)virt_to_phys(per_cpu_ptr(&hv_synic_pages, 0)->messages) | KEPT_PAGE_BITS | TLFS_SYNIC_ENABLE);
	KUNIT_EXPECT_EQ(test, reg[HV_PLATFORM_SIEFP],
			(u64)virt_to_phys(per_cpu_ptr(&hv_synic_pages, 0)->events) | KEPT_PAGE_BITS | TLFS_SYNIC_ENABLE);
	KUNIT_EXPECT_EQ(test, reg[HV_PLATFORM_SINT], KEPT_SINT_BITS | SINT_VALUE);
	KUNIT_EXPECT_EQ(test, reg[HV_PLATFORM_SCONTROL], (u64)TLFS_SYNIC_ENABLE);

	hv_synic_disable(0);
	KUNIT_EXPECT_EQ(test, reg[HV_PLATFORM_SIMP], (u64)KEPT_PAGE_BITS);
	KUNIT_EXPECT_EQ(test, reg[HV_PLATFORM_SIEFP], (u64)KEPT_PAGE_BITS);
	KUNIT_EXPECT_EQ(test, reg[HV_PLATFORM_SINT] & TLFS_SINT_MASKED, (u64)TLFS_SINT_MASKED);
	KUNIT_EXPECT_EQ(test, reg[HV_PLATFORM_SCONTROL], 0ull);
}

static void flags_of_channels_alone_are_pending(struct kunit *test)
{
	unsigned long *events = hv_synic_events(0);

	KUNIT_ASSERT_NOT_NULL(test, events);
	set_bit(0, events);
	KUNIT_EXPECT_FALSE(test, hv_synic_events_pending(0, 10));
	/* Nobody will ever look at this one, so nobody may wait for it. */
	set_bit(11, events);
	KUNIT_EXPECT_FALSE(test, hv_synic_events_pending(0, 10));
	KUNIT_EXPECT_TRUE(test, hv_synic_events_pending(0, 11));
	set_bit(10, events);
	KUNIT_EXPECT_TRUE(test, hv_synic_events_pending(0, 10));
	KUNIT_EXPECT_FALSE(test, hv_synic_events_pending(0, 0));
}

static void message_leaves_its_slot_once_with_its_bytes(struct kunit *test)
{
	struct tlfs_message *slot = slot_of(0), copy;
	unsigned int i;

	KUNIT_EXPECT_FALSE(test, hv_synic_take_message(0, &copy));
	slot->type = cpu_to_le32(TLFS_MESSAGE_TYPE_CHANNEL);
	slot->payload_bytes = 16;
	memset(slot->payload, 0x77, sizeof(slot->payload));
	memset(&copy, 0x5c, sizeof(copy));
	KUNIT_ASSERT_TRUE(test, hv_synic_take_message(0, &copy));
	KUNIT_EXPECT_EQ(test, le32_to_cpu(copy.type), (u32)TLFS_MESSAGE_TYPE_CHANNEL);
	KUNIT_EXPECT_EQ(test, copy.payload_bytes, 16);
	for (i = 0; i < sizeof(copy.payload); i++)
		if (copy.payload[i] != (i < 16 ? 0x77 : 0))
			KUNIT_FAIL(test, "byte %u is 0x%02x", i, copy.payload[i]);
	KUNIT_EXPECT_EQ(test, hv_synic_message_type(0), (u32)TLFS_MESSAGE_TYPE_NONE);
	/* Nothing waits behind it, so the host need not be told. */
	KUNIT_EXPECT_EQ(test, eoms, 0u);
	KUNIT_EXPECT_FALSE(test, hv_synic_take_message(0, &copy));
}

static void length_is_bounded_and_a_waiting_message_is_asked_for(struct kunit *test)
{
	struct tlfs_message *slot = slot_of(0), copy;

	slot->type = cpu_to_le32(0xffffffff);
	slot->payload_bytes = 255;
	slot->flags = TLFS_MESSAGE_FLAG_PENDING;
	KUNIT_ASSERT_TRUE(test, hv_synic_take_message(0, &copy));
	KUNIT_EXPECT_EQ(test, copy.payload_bytes, (u8)sizeof(copy.payload));
	KUNIT_EXPECT_EQ(test, eoms, 1u);
}

static void without_pages_there_is_nothing(struct kunit *test)
{
	struct tlfs_message copy;

	hv_synic_free();
	KUNIT_EXPECT_NULL(test, hv_synic_events(0));
	KUNIT_EXPECT_FALSE(test, hv_synic_events_pending(0, 2047));
	KUNIT_EXPECT_EQ(test, hv_synic_message_type(0), (u32)TLFS_MESSAGE_TYPE_NONE);
	KUNIT_EXPECT_FALSE(test, hv_synic_take_message(0, &copy));
}

static struct kunit_case synic_cases[] = {
	KUNIT_CASE(registers_name_the_pages_and_keep_what_is_not_ours),
	KUNIT_CASE(flags_of_channels_alone_are_pending),
	KUNIT_CASE(message_leaves_its_slot_once_with_its_bytes),
	KUNIT_CASE(length_is_bounded_and_a_waiting_message_is_asked_for),
	KUNIT_CASE(without_pages_there_is_nothing),
	{}
};

static struct kunit_suite synic_suite = {
	.name = "hv_vmbus_synic",
	.init = synic_test_init,
	.exit = synic_test_exit,
	.test_cases = synic_cases,
};
kunit_test_suite(synic_suite);

MODULE_DESCRIPTION("KUnit suite: messages and event flags of a processor");
MODULE_LICENSE("GPL");
