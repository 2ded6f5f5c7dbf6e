// SPDX-License-Identifier: GPL-2.0
/*
 * How many channels, queues and commands a controller has: from one processor to 2048, with any offer of a host and any
 * wish of a user.
 */
#include <kunit/test.h>
#include <linux/module.h>
#include "../../storvsc/limits.c"

static const u32 odd_numbers[] = { 0, 1, 2, 3, 4, 7, 8, 63, 64, 255, 256, 2046, 2047, 2048, 2049, 65534, 65535, 0x7fffffff,
				   0x80000000, 0xffffffff };

struct size_case {
	const char *name;
	u32 cpus;
	u32 cpus_per_channel;
	u32 channels;
	u32 commands;
};

static const struct size_case size_cases[] = {
	{ "one_processor", 1, 4, 1, 256 },
	{ "four_processors", 4, 4, 4, 256 },
	{ "five_processors", 5, 4, 5, 512 },
	{ "a_channel_for_each", 5, 1, 5, 1280 },
	{ "a_ratio_of_0_counts_as_1", 5, 0, 5, 1280 },
	{ "29_processors_reach_the_bound", 29, 4, 29, 2048 },
	{ "2048_processors", 2048, 4, 2048, 2048 },
	{ "more_than_there_can_be", 0xffffffff, 1, 2048, 2048 },
	{ "none", 0, 4, 1, 256 },
	{ "ratio_of_all_ones", 2048, 0xffffffff, 2048, 256 },
};

static void size_case_desc(const struct size_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(size, size_cases, size_case_desc);

static void channels_and_commands_follow_the_machine(struct kunit *test)
{
	const struct size_case *c = test->param_value;

	KUNIT_EXPECT_EQ(test, storvsc_limit_channels(c->cpus, true), c->channels);
	KUNIT_EXPECT_EQ(test, storvsc_limit_channels(c->cpus, false), 1u);
	KUNIT_EXPECT_EQ(test, storvsc_limit_commands(c->channels, c->cpus_per_channel), c->commands);
}

static void more_processors_are_never_worse(struct kunit *test)
{
	u32 cpus, i, channels, commands, channels_before = 0, commands_before = 0;

	for (i = 0; i < ARRAY_SIZE(odd_numbers); i++) {
		commands_before = 0;
		channels_before = 0;
		for (cpus = 1; cpus <= 2048; cpus++) {
			channels = storvsc_limit_channels(cpus, true);
			commands = storvsc_limit_commands(channels, odd_numbers[i]);
			KUNIT_ASSERT_GE(test, channels, channels_before);
			KUNIT_ASSERT_GE(test, commands, commands_before);
			KUNIT_ASSERT_LE(test, channels, cpus);
			KUNIT_ASSERT_GE(test, commands, 256u);
			/* The block layer has 16 bits for a tag. */
			KUNIT_ASSERT_LE(test, commands, 2048u);
			channels_before = channels;
			commands_before = commands;
		}
	}
}

struct queues_case {
	const char *name;
	u32 sub_channels;
	u32 max_queues;
	u32 queues;
};

static const struct queues_case queues_cases[] = {
	{ "one_channel", 0, 0, 1 },
	{ "a_queue_for_each_channel", 3, 0, 4 },
	{ "the_user_limits_them", 3, 2, 2 },
	{ "a_limit_above_them", 3, 9, 4 },
	{ "a_limit_of_all_ones", 3, 0xffffffff, 4 },
	{ "a_host_that_offers_too_many", 65535, 0, 2048 },
	{ "sub_channels_of_all_ones", 0xffffffff, 0, 2048 },
};

static void queues_case_desc(const struct queues_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(queues, queues_cases, queues_case_desc);

static void queues_follow_the_channels(struct kunit *test)
{
	const struct queues_case *c = test->param_value;

	KUNIT_EXPECT_EQ(test, storvsc_limit_queues(c->sub_channels, c->max_queues), c->queues);
}

static void queues_never_outnumber_the_channels(struct kunit *test)
{
	u32 i, sub_channels, queues;

	for (sub_channels = 0; sub_channels <= 2047; sub_channels++) {
		for (i = 0; i < ARRAY_SIZE(odd_numbers); i++) {
			queues = storvsc_limit_queues(sub_channels, odd_numbers[i]);
			KUNIT_ASSERT_GE(test, queues, 1u);
			KUNIT_ASSERT_LE(test, queues, 1 + sub_channels);
		}
	}
}

static void a_channel_that_interrupts_is_left_beside_poll_queues(struct kunit *test)
{
	u32 i, j, polled;

	for (i = 0; i < ARRAY_SIZE(odd_numbers); i++) {
		for (j = 0; j < ARRAY_SIZE(odd_numbers); j++) {
			polled = storvsc_limit_polled(odd_numbers[i], odd_numbers[j]);
			KUNIT_EXPECT_LE(test, polled, odd_numbers[i]);
			KUNIT_EXPECT_LE(test, polled, odd_numbers[j]);
			KUNIT_EXPECT_LE(test, storvsc_limit_queues(odd_numbers[i] - polled, 0) + polled, 2048u + 2047u);
		}
	}
	KUNIT_EXPECT_EQ(test, storvsc_limit_polled(3, 1), 1u);
	KUNIT_EXPECT_EQ(test, storvsc_limit_polled(3, 9), 3u);
	KUNIT_EXPECT_EQ(test, storvsc_limit_polled(0, 9), 0u);
}

static void two_of_the_largest_transfers_fit_a_ring(struct kunit *test)
{
	u32 pages, i, frames;

	for (pages = 4; pages <= 1024; pages++) {
		for (i = 0; i < ARRAY_SIZE(odd_numbers); i++) {
			frames = storvsc_limit_frames(pages * 4096, odd_numbers[i]);
			KUNIT_ASSERT_GE(test, frames, 2u);
			KUNIT_ASSERT_LE(test, 2 * (frames * 8 + 112), (pages - 1) * 4096);
			KUNIT_ASSERT_LE(test, frames, max(odd_numbers[i] / 4096 + 1, 2u));
		}
	}
	/* What hosts say, with the ring that is the default. */
	KUNIT_EXPECT_EQ(test, storvsc_limit_frames(36 * 4096, 256 << 10), 65u);
	KUNIT_EXPECT_EQ(test, storvsc_limit_frames(36 * 4096, 8 << 20), 2049u);
	/* No ring is that small, but nothing may underflow. */
	KUNIT_EXPECT_GE(test, storvsc_limit_frames(0, 0), 2u);
	KUNIT_EXPECT_LE(test, storvsc_limit_frames(0, 0xffffffff), 512u);
}

static struct kunit_case storvsc_limits_cases[] = {
	KUNIT_CASE_PARAM(channels_and_commands_follow_the_machine, size_gen_params),
	KUNIT_CASE(more_processors_are_never_worse),
	KUNIT_CASE_PARAM(queues_follow_the_channels, queues_gen_params),
	KUNIT_CASE(queues_never_outnumber_the_channels),
	KUNIT_CASE(a_channel_that_interrupts_is_left_beside_poll_queues),
	KUNIT_CASE(two_of_the_largest_transfers_fit_a_ring),
	{}
};

static struct kunit_suite storvsc_limits_suite = {
	.name = "hv_storvsc_limits",
	.test_cases = storvsc_limits_cases,
};
kunit_test_suite(storvsc_limits_suite);

MODULE_DESCRIPTION("KUnit suite: limits of a storage controller");
MODULE_LICENSE("GPL");
