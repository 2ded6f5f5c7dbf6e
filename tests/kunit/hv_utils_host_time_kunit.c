// SPDX-License-Identifier: GPL-2.0
/* The host's time from its samples: age of the sample, clock values that do not exist, arithmetic modulo 2^64. */
#include <kunit/test.h>

#include "../../hv_utils/host_time.c"

#define SECOND		10000000ULL			/* 100 ns units */
#define EPOCH		116444736000000000ULL		/* 1970 counted from 1601 */
#define Y2026		(EPOCH + 1767225600 * SECOND)	/* 2026-01-01 */
#define Y2026_NS	(1767225600LL * 1000000000)
#define UP		(1000 * SECOND)			/* the counter, 1000 s after the start of the machine */
#define UNTOUCHED	(-4711LL)

struct host_time_case {
	const char *name;
	u64 parent;
	u64 reference;
	u64 now;
	int result;
	s64 unix_ns;
};

static struct host_time_case host_time_cases[] = {
	{ .name = "at the moment of the sample", Y2026, UP, UP, 0, Y2026_NS },
	{ .name = "one unit later", Y2026, UP, UP + 1, 0, Y2026_NS + 100 },
	{ .name = "five seconds later", Y2026, UP, UP + 5 * SECOND, 0, Y2026_NS + 5000000000LL },
	{ .name = "600 s later", Y2026, UP, UP + 600 * SECOND, 0, Y2026_NS + 600000000000LL },
	{ .name = "one unit too late", Y2026, UP, UP + 600 * SECOND + 1, -ESTALE },
	{ .name = "a day later", Y2026, UP, UP + 86400 * SECOND, -ESTALE },
	{ .name = "host a second ahead", Y2026, UP + SECOND, UP, 0, Y2026_NS - 1000000000LL },
	{ .name = "host more than a second ahead", Y2026, UP + SECOND + 1, UP, -ERANGE },
	{ .name = "reference of all ones, counter at its start", Y2026, ~0ULL, UP, -ESTALE },
	{ .name = "counter wraps", Y2026, ~0ULL, 4, 0, Y2026_NS + 500 },
	{ .name = "reference 0 on a machine just started", Y2026, 0, SECOND, 0, Y2026_NS + 1000000000LL },
	{ .name = "reference 0 later", Y2026, 0, UP, -ESTALE },
	{ .name = "reference half the range away", Y2026, 1ULL << 63, 0, -ESTALE },
	{ .name = "1970", EPOCH, UP, UP, 0, 0 },
	{ .name = "one unit before 1970", EPOCH - 1, UP, UP, -ERANGE },
	{ .name = "ahead into 1969", EPOCH, UP + 1, UP, -ERANGE },
	{ .name = "parent time 0", 0, UP, UP, -ERANGE },
	{ .name = "parent time of all ones", ~0ULL, UP, UP, -ERANGE },
	{ .name = "last unit of 2262", EPOCH + 92233720368547758ULL, UP, UP, 0, 9223372036854775800LL },
	{ .name = "beyond 2262", EPOCH + 92233720368547759ULL, UP, UP, -ERANGE },
	{ .name = "age carries it beyond 2262", EPOCH + 92233720368547758ULL, UP, UP + 1, -ERANGE },
};

static void host_time_case_desc(struct host_time_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}
KUNIT_ARRAY_PARAM(host_time, host_time_cases, host_time_case_desc);

static void host_time_follows_the_counter(struct kunit *test)
{
	const struct host_time_case *c = test->param_value;
	const struct hv_host_sample sample = { .parent_100ns = c->parent, .reference_100ns = c->reference };
	s64 unix_ns = UNTOUCHED;

	KUNIT_EXPECT_EQ(test, hv_host_time_at(&sample, c->now, &unix_ns), c->result);
	KUNIT_EXPECT_EQ(test, unix_ns, c->result ? (s64)UNTOUCHED : c->unix_ns);
}

static struct kunit_case host_time_suite_cases[] = {
	KUNIT_CASE_PARAM(host_time_follows_the_counter, host_time_gen_params),
	{ }
};

static struct kunit_suite host_time_suite = {
	.name = "hv_utils_host_time",
	.test_cases = host_time_suite_cases,
};
kunit_test_suite(host_time_suite);

MODULE_DESCRIPTION("KUnit suite: arithmetic of the host's time");
MODULE_LICENSE("GPL");
