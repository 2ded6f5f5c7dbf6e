// SPDX-License-Identifier: GPL-2.0
/*
 * The interrupt: which event flags it looks at and which channel hears of them, flags of channels that were never offered, the
 * shared page of old hosts, and the message slot. SynIC and platform are played by this file.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <kunit/test.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/preempt.h>
#include <linux/string.h>
/* Tracing is not of interest here, and its bodies are elsewhere. */
#define VMBUS_TRACE_H
static inline void trace_vmbus_chan_sched(u32 relid)
{
}
#include "../../vmbus/flags.c"
#include "../../vmbus/histogram.c"
#include "../../vmbus/interrupt.c"
#include "../../vmbus/latency.c"
#include "../../vmbus/ring.c"

#define HIGHEST	70u
#define RELID	65u

struct vmbus_conn vmbus_conn;

/* Event flags of two processors; the others have none, as before the SynIC is set up. */
static unsigned long flags[2][BITS_TO_LONGS(TLFS_EVENT_FLAGS)];
static struct vmbus_chan *known;
static void (*isr)(void);
static u32 slot_type;
static unsigned int slot_messages, handled, timers, called, accounted;

unsigned long *hv_synic_events(unsigned int cpu)
{
	return cpu < 2 ? flags[cpu] : NULL;
}

u32 hv_synic_message_type(unsigned int cpu)
{
	return slot_messages ? slot_type : TLFS_MESSAGE_TYPE_NONE;
}

bool hv_synic_take_message(unsigned int cpu, struct tlfs_message *copy)
{
	if (!slot_messages)
		return false;
	slot_messages--;
	return true;
}

void vmbus_message_handle(const struct tlfs_message *message)
{
	handled++;
}

struct vmbus_chan *vmbus_channel_of_relid(u32 relid)
{
	return relid == RELID ? known : NULL;
}

void hv_platform_set_isr(void (*handler)(void))
{
	isr = handler;
}

void hv_platform_clear_isr(void)
{
	isr = NULL;
}

void hv_platform_account_interrupt(void)
{
	accounted++;
}

void hv_platform_timer_message(void)
{
	timers++;
}

static void channel_called(void *context)
{
	called++;
}

static int interrupt_test_init(struct kunit *test)
{
	known = kunit_kzalloc(test, sizeof(*known), GFP_KERNEL);
	vmbus_conn.interrupt_page = kunit_kzalloc(test, HYPERV_PAGE_SIZE, GFP_KERNEL);
	if (!known || !vmbus_conn.interrupt_page)
		return -ENOMEM;
	spin_lock_init(&known->channel.sched_lock);
	known->relid = RELID;
	known->channel.onchannel_callback = channel_called;
	known->channel.callback_mode = HV_CALL_ISR;
	vmbus_conn.shared_interrupts = false;
	vmbus_conn.highest_relid = HIGHEST;
	memset(flags, 0, sizeof(flags));
	slot_messages = handled = timers = called = accounted = 0;
	return 0;
}

static bool flag(unsigned int cpu, unsigned int relid)
{
	return test_bit(relid, flags[cpu]);
}

/* One look at the flags of a processor, as by its interrupt. */
static void look(unsigned int cpu)
{
	preempt_disable();
	interrupt_events(cpu);
	preempt_enable();
}

static void channel_hears_of_its_flag_once(struct kunit *test)
{
	set_bit(RELID, flags[1]);
	look(0);
	KUNIT_EXPECT_EQ(test, called, 0u);
	look(1);
	KUNIT_EXPECT_EQ(test, called, 1u);
	KUNIT_EXPECT_FALSE(test, flag(1, RELID));
	look(1);
	KUNIT_EXPECT_EQ(test, called, 1u);
	KUNIT_EXPECT_EQ(test, (unsigned int)known->channel.interrupts, 1u);
	/* Closed, or being reset: counted, and nobody called. */
	known->channel.onchannel_callback = NULL;
	set_bit(RELID, flags[1]);
	look(1);
	KUNIT_EXPECT_EQ(test, called, 1u);
}

static void flags_of_strangers_are_cleared_up_to_the_highest_number(struct kunit *test)
{
	set_bit(0, flags[0]);
	set_bit(1, flags[0]);
	set_bit(HIGHEST, flags[0]);
	set_bit(HIGHEST + 1, flags[0]);
	set_bit(2047, flags[0]);
	look(0);
	KUNIT_EXPECT_EQ(test, called, 0u);
	KUNIT_EXPECT_FALSE(test, flag(0, 1));
	KUNIT_EXPECT_FALSE(test, flag(0, HIGHEST));
	/* Nobody looks at these. */
	KUNIT_EXPECT_TRUE(test, flag(0, HIGHEST + 1));
	KUNIT_EXPECT_TRUE(test, flag(0, 2047));
	/* No SynIC, no flags. */
	look(2);
}

static void flags_set_before_the_offer_are_forgotten_on_every_processor(struct kunit *test)
{
	unsigned int relid;

	for (relid = 60; relid <= 80; relid++) {
		set_bit(relid, flags[0]);
		set_bit(relid, flags[1]);
	}
	vmbus_flags_forget(64, HIGHEST);
	for (relid = 60; relid <= 80; relid++) {
		bool stays = relid < 64 || relid > HIGHEST;

		if (flag(0, relid) != stays || flag(1, relid) != stays)
			KUNIT_FAIL(test, "flag %u is wrong", relid);
	}
}

static void old_hosts_have_a_page_and_one_flag(struct kunit *test)
{
	unsigned long *page = vmbus_conn.interrupt_page;

	vmbus_conn.shared_interrupts = true;
	set_bit(RELID, page);
	look(0);
	KUNIT_EXPECT_EQ(test, called, 0u);
	set_bit(0, flags[0]);
	look(0);
	KUNIT_EXPECT_EQ(test, called, 1u);
	KUNIT_EXPECT_FALSE(test, flag(0, 0));
	KUNIT_EXPECT_FALSE(test, test_bit(RELID, page));

	set_bit(RELID, page);
	set_bit(HIGHEST + 1, page);
	set_bit(RELID, flags[0]);
	vmbus_flags_forget(RELID, RELID);
	KUNIT_EXPECT_FALSE(test, test_bit(RELID, page));
	KUNIT_EXPECT_TRUE(test, test_bit(HIGHEST + 1, page));
	KUNIT_EXPECT_TRUE(test, flag(0, RELID));
}

static void messages_are_worked_off_some_at_a_time_and_timers_at_once(struct kunit *test)
{
	vmbus_interrupt_init();
	slot_type = TLFS_MESSAGE_TYPE_TIMER;
	slot_messages = 1;
	message_run(0);
	KUNIT_EXPECT_EQ(test, handled, 0u);
	preempt_disable();
	isr();
	preempt_enable();
	KUNIT_EXPECT_EQ(test, timers, 1u);
	KUNIT_EXPECT_EQ(test, accounted, 1u);
	KUNIT_EXPECT_EQ(test, slot_messages, 0u);

	slot_type = TLFS_MESSAGE_TYPE_CHANNEL;
	slot_messages = 3;
	message_run(0);
	KUNIT_EXPECT_EQ(test, handled, 3u);
	vmbus_interrupt_exit();
	KUNIT_EXPECT_NULL(test, isr);
}

static struct kunit_case interrupt_cases[] = {
	KUNIT_CASE(channel_hears_of_its_flag_once),
	KUNIT_CASE(flags_of_strangers_are_cleared_up_to_the_highest_number),
	KUNIT_CASE(flags_set_before_the_offer_are_forgotten_on_every_processor),
	KUNIT_CASE(old_hosts_have_a_page_and_one_flag),
	KUNIT_CASE(messages_are_worked_off_some_at_a_time_and_timers_at_once),
	{}
};

static struct kunit_suite interrupt_suite = {
	.name = "hv_vmbus_interrupt",
	.init = interrupt_test_init,
	.test_cases = interrupt_cases,
};
kunit_test_suite(interrupt_suite);

MODULE_DESCRIPTION("KUnit suite: the interrupt of the bus");
MODULE_LICENSE("GPL");
