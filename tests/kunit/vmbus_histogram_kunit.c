// SPDX-License-Identifier: GPL-2.0
/* Times sorted into powers of two of a microsecond: which bucket is whose, at both ends of each. */
#include <kunit/test.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/string.h>
#include "../../vmbus/histogram.c"

struct bucket_case {
	const char *name;
	u64 ns;
	unsigned int bucket;
};

static const struct bucket_case bucket_cases[] = {
	{ "nothing", 0, 0 },
	{ "just_below_one", 1023, 0 },
	{ "one", 1024, 1 },
	{ "just_below_two", 2047, 1 },
	{ "two", 2048, 2 },
	{ "just_below_four", 4095, 2 },
	{ "a_millisecond", 1024 * 1024, 11 },
	{ "just_below_the_last", (1024ull << 22) - 1, 22 },
	{ "the_last", 1024ull << 22, 23 },
	{ "a_clock_that_went_back", ~0ull, 23 },
};

static void bucket_case_name(const struct bucket_case *c, char *name)
{
	strscpy(name, c->name, KUNIT_PARAM_DESC_SIZE);
}
KUNIT_ARRAY_PARAM(bucket, bucket_cases, bucket_case_name);

static void times_find_their_bucket(struct kunit *test)
{
	const struct bucket_case *c = test->param_value;
	struct vmbus_histogram histogram = { };
	unsigned int i;

	KUNIT_EXPECT_EQ(test, vmbus_histogram_bucket(c->ns), c->bucket);
	vmbus_histogram_add(&histogram, c->ns);
	vmbus_histogram_add(&histogram, c->ns);
	for (i = 0; i < VMBUS_HISTOGRAM_BUCKETS; i++)
		KUNIT_EXPECT_EQ(test, histogram.count[i], i == c->bucket ? 2u : 0u);
	vmbus_histogram_clear(&histogram);
	for (i = 0; i < VMBUS_HISTOGRAM_BUCKETS; i++)
		KUNIT_EXPECT_EQ(test, histogram.count[i], 0u);
}

/* What is in a bucket is below its limit, and not below that of the one before. */
static void limits_say_what_is_in_a_bucket(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < VMBUS_HISTOGRAM_BUCKETS - 1; i++) {
		u64 limit_ns = vmbus_histogram_limit_us(i) << 10;

		KUNIT_EXPECT_EQ(test, vmbus_histogram_bucket(limit_ns - 1), i);
		KUNIT_EXPECT_EQ(test, vmbus_histogram_bucket(limit_ns), i + 1);
	}
	KUNIT_EXPECT_EQ(test, vmbus_histogram_limit_us(VMBUS_HISTOGRAM_BUCKETS - 1), 0ull);
}

static struct kunit_case histogram_cases[] = {
	KUNIT_CASE_PARAM(times_find_their_bucket, bucket_gen_params),
	KUNIT_CASE(limits_say_what_is_in_a_bucket),
	{}
};

static struct kunit_suite histogram_suite = {
	.name = "hv_vmbus_histogram",
	.test_cases = histogram_cases,
};
kunit_test_suite(histogram_suite);

MODULE_DESCRIPTION("KUnit tests of the histograms of waits");
MODULE_LICENSE("GPL");
