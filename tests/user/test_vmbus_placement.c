// SPDX-License-Identifier: GPL-2.0
/* Which CPU a channel gets: spread over all that may serve, counted as channels come, move and go. For any number of CPUs. */
#define SHIM_CPUS	8
#include <kunit/test.h>
#include <linux/cpu.h>
#include <linux/module.h>
#include <linux/string.h>
#include "../../vmbus/placement.c"
#include "../../vmbus/spread.c"

#define CHANNELS	33

struct vmbus_conn vmbus_conn;

struct placement_test {
	struct vmbus_chan chan[CHANNELS];
};

static int placement_test_init(struct kunit *test)
{
	struct placement_test *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);
	unsigned int i;

	if (!t)
		return -ENOMEM;
	mutex_init(&vmbus_conn.channel_lock);
	for (i = 0; i < CHANNELS; i++) {
		t->chan[i].spread = true;
		INIT_LIST_HEAD(&t->chan[i].channel.sc_list);
	}
	test->priv = t;
	cpus_read_lock();
	mutex_lock(&vmbus_conn.channel_lock);
	return 0;
}

static void placement_test_exit(struct kunit *test)
{
	unsigned int cpu;

	mutex_unlock(&vmbus_conn.channel_lock);
	cpus_read_unlock();
	/* Every case takes away what it has placed. */
	for_each_possible_cpu(cpu)
		KUNIT_EXPECT_EQ(test, per_cpu(placed_channels, cpu), 0u);
}

/* The first channel is the device's own, the others its sub-channels. */
static void place(struct placement_test *t, unsigned int i)
{
	if (i)
		t->chan[i].channel.primary_channel = &t->chan[0].channel;
	vmbus_place_channel(&t->chan[i]);
	if (i)
		list_add_tail(&t->chan[i].channel.sc_list, &t->chan[0].channel.sc_list);
}

static void unplace(struct placement_test *t, unsigned int i)
{
	if (i)
		list_del_init(&t->chan[i].channel.sc_list);
	vmbus_unplace_channel(&t->chan[i]);
}

static unsigned int candidates(void)
{
	unsigned int cpu, count = 0;

	for_each_online_cpu(cpu)
		count += placement_is_candidate(cpu);
	return count;
}

static void channels_of_a_device_are_on_different_cpus_first(struct kunit *test)
{
	struct placement_test *t = test->priv;
	unsigned int i, j, each, n = candidates();

	for (i = 0; i < CHANNELS; i++) {
		place(t, i);
		KUNIT_EXPECT_TRUE(test, placement_is_candidate(t->chan[i].channel.target_cpu));
		/* No CPU has two more than another. */
		each = 0;
		for (j = 0; j <= i; j++)
			each += t->chan[j].channel.target_cpu == t->chan[i].channel.target_cpu;
		KUNIT_EXPECT_LE(test, each, i / n + 1);
	}
	for (i = CHANNELS; i--;)
		unplace(t, i);
	/* Harmless when repeated. */
	vmbus_unplace_channel(&t->chan[0]);
}

static void channel_that_does_not_matter_stays_on_the_connect_cpu(struct kunit *test)
{
	struct placement_test *t = test->priv;

	t->chan[0].spread = false;
	place(t, 0);
	KUNIT_EXPECT_EQ(test, t->chan[0].channel.target_cpu, (u32)VMBUS_CONNECT_CPU);
	KUNIT_EXPECT_FALSE(test, t->chan[0].placed);
	vmbus_place_again(&t->chan[0], 1);
	KUNIT_EXPECT_EQ(test, t->chan[0].channel.target_cpu, 1u);
	unplace(t, 0);
}

static void cpu_that_goes_is_not_chosen(struct kunit *test)
{
	struct placement_test *t = test->priv;
	unsigned int i, cpu;

	for (i = 0; i < 4; i++)
		place(t, i);
	for_each_online_cpu(cpu) {
		unsigned int choice = vmbus_place_choose(&t->chan[1], cpu);

		if (candidates() > 1 && cpu != VMBUS_CONNECT_CPU)
			KUNIT_EXPECT_NE(test, choice, cpu);
	}
	/* Moved, it counts where it is. */
	cpu = t->chan[1].channel.target_cpu;
	i = per_cpu(placed_channels, cpu);
	vmbus_place_again(&t->chan[1], vmbus_place_choose(&t->chan[1], cpu));
	if (t->chan[1].channel.target_cpu != cpu)
		KUNIT_EXPECT_EQ(test, per_cpu(placed_channels, cpu), i - 1);
	for (i = 4; i--;)
		unplace(t, i);
}

static void numbers_that_are_no_cpu_serve_nothing(struct kunit *test)
{
	KUNIT_EXPECT_TRUE(test, vmbus_cpu_may_serve(0));
	KUNIT_EXPECT_FALSE(test, vmbus_cpu_may_serve(nr_cpu_ids));
	KUNIT_EXPECT_FALSE(test, vmbus_cpu_may_serve(UINT_MAX));
}

static void isolated_cpus_are_left_alone(struct kunit *test)
{
	struct placement_test *t = test->priv;
	unsigned int i;

	/* 1 is offline, 2 is isolated from managed interrupts, 3 from the scheduler. */
	shim_cpus_online = ~(1ul << 1);
	shim_housekeeping[HK_TYPE_MANAGED_IRQ] = ~(1ul << 2);
	shim_housekeeping[HK_TYPE_DOMAIN] = ~(1ul << 3);
	KUNIT_EXPECT_FALSE(test, vmbus_cpu_may_serve(1));
	KUNIT_EXPECT_FALSE(test, vmbus_cpu_may_serve(2));
	/* By hand it may. */
	KUNIT_EXPECT_TRUE(test, vmbus_cpu_may_serve(3));
	for (i = 0; i < 10; i++) {
		place(t, i);
		KUNIT_EXPECT_TRUE(test, t->chan[i].channel.target_cpu == 0 || t->chan[i].channel.target_cpu > 3);
	}
	for (i = 10; i--;)
		unplace(t, i);
	/* None is left: the connect CPU it is. */
	shim_housekeeping[HK_TYPE_DOMAIN] = 0;
	place(t, 0);
	KUNIT_EXPECT_EQ(test, t->chan[0].channel.target_cpu, (u32)VMBUS_CONNECT_CPU);
	unplace(t, 0);
	shim_cpus_online = shim_housekeeping[HK_TYPE_MANAGED_IRQ] = shim_housekeeping[HK_TYPE_DOMAIN] = ~0ul;
}

static struct kunit_case placement_cases[] = {
	KUNIT_CASE(channels_of_a_device_are_on_different_cpus_first),
	KUNIT_CASE(channel_that_does_not_matter_stays_on_the_connect_cpu),
	KUNIT_CASE(cpu_that_goes_is_not_chosen),
	KUNIT_CASE(numbers_that_are_no_cpu_serve_nothing),
	KUNIT_CASE(isolated_cpus_are_left_alone),
	{}
};

static struct kunit_suite placement_suite = {
	.name = "vmbus_placement",
	.init = placement_test_init,
	.exit = placement_test_exit,
	.test_cases = placement_cases,
};
kunit_test_suite(placement_suite);
