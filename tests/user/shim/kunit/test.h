/* SPDX-License-Identifier: GPL-2.0 */
/*
 * KUnit for userspace: enough of <kunit/test.h> to compile a suite of
 * tests/kunit unchanged into a program that prints KTAP and exits with 1 when a
 * case failed. One suite for each program. Memory from kunit_kzalloc() lives
 * until the end of the case, as in the kernel; the sanitizers watch the rest.
 */
#ifndef SHIM_KUNIT_TEST_H
#define SHIM_KUNIT_TEST_H

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/types.h>

#define KUNIT_PARAM_DESC_SIZE	128
#define KUNIT_SHIM_ALLOCATIONS	4096

struct kunit {
	void *priv;
	const void *param_value;
	const char *name;
	int failed;
	char skipped[256];
	jmp_buf end;
	void *memory[KUNIT_SHIM_ALLOCATIONS];
	unsigned int memory_count;
};

struct kunit_case {
	void (*run_case)(struct kunit *test);
	const char *name;
	const void *(*generate_params)(const void *prev, char *desc);
};

struct kunit_suite {
	const char name[256];
	int (*suite_init)(struct kunit_suite *suite);
	void (*suite_exit)(struct kunit_suite *suite);
	int (*init)(struct kunit *test);
	void (*exit)(struct kunit *test);
	struct kunit_case *test_cases;
};

#define KUNIT_CASE(f)		{ .run_case = (f), .name = #f }
#define KUNIT_CASE_SLOW(f)	KUNIT_CASE(f)
#define KUNIT_CASE_PARAM(f, gen) { .run_case = (f), .name = #f, .generate_params = (gen) }

#define KUNIT_ARRAY_PARAM(_name, _array, _get_desc)					\
	static const void *_name##_gen_params(const void *prev, char *desc)		\
	{										\
		typeof((_array)[0]) *next = prev ?					\
			((typeof(next))prev) + 1 : (_array);				\
		void (*get_desc)(typeof(next), char *) = _get_desc;			\
		if (next - (_array) >= (long)ARRAY_SIZE(_array))			\
			return NULL;							\
		if (get_desc)								\
			get_desc(next, desc);						\
		return next;								\
	}

#define kunit_info(test, fmt, ...)	printf("    # %s: " fmt "\n", (test)->name, ##__VA_ARGS__)
#define kunit_err			kunit_info
#define kunit_warn			kunit_info
#define kunit_mark_skipped(test, fmt, ...)						\
	snprintf((test)->skipped, sizeof((test)->skipped), fmt, ##__VA_ARGS__)
#define kunit_skip(test, fmt, ...)							\
	do {										\
		kunit_mark_skipped(test, fmt, ##__VA_ARGS__);				\
		longjmp((test)->end, 1);						\
	} while (0)

static inline void *kunit_kmalloc(struct kunit *test, size_t bytes, gfp_t gfp)
{
	void *p;

	if (test->memory_count == KUNIT_SHIM_ALLOCATIONS)
		return NULL;
	p = kmalloc(bytes, gfp);
	test->memory[test->memory_count++] = p;
	return p;
}

static inline void *kunit_kzalloc(struct kunit *test, size_t bytes, gfp_t gfp)
{
	void *p = kunit_kmalloc(test, bytes, gfp);

	return p ? memset(p, 0, bytes) : NULL;
}

static inline void *kunit_kcalloc(struct kunit *test, size_t n, size_t bytes, gfp_t gfp)
{
	return kunit_kzalloc(test, n * bytes, gfp);
}

static inline void *kunit_kmalloc_array(struct kunit *test, size_t n, size_t bytes, gfp_t gfp)
{
	return kunit_kmalloc(test, n * bytes, gfp);
}

static inline void kunit_kfree(struct kunit *test, const void *p)
{
	unsigned int i;

	for (i = 0; i < test->memory_count; i++) {
		if (test->memory[i] != p)
			continue;
		free(test->memory[i]);
		test->memory[i] = NULL;
	}
}

#define SHIM_KUNIT_FAIL(test, fatal, fmt, ...)						\
	do {										\
		(test)->failed = 1;							\
		printf("    # %s: %s FAILED at %s:%d\n", (test)->name,			\
		       (fatal) ? "ASSERTION" : "EXPECTATION", __FILE__, __LINE__);	\
		printf("    # %s: " fmt "\n", (test)->name, ##__VA_ARGS__);		\
		if (fatal)								\
			longjmp((test)->end, 1);					\
	} while (0)

/* The optional message of the _MSG forms follows the comparison. */
#define SHIM_KUNIT_MSG(test, ...)							\
	do {										\
		char shim_msg[512] = "";						\
		snprintf(shim_msg, sizeof(shim_msg), "" __VA_ARGS__);			\
		if (shim_msg[0])							\
			printf("    # %s: %s\n", (test)->name, shim_msg);		\
	} while (0)

#define SHIM_KUNIT_COMPARE(test, fatal, left, op, right, ...)				\
	do {										\
		typeof(left) shim_l = (left);						\
		typeof(right) shim_r = (right);						\
		if (!(shim_l op shim_r)) {						\
			SHIM_KUNIT_MSG(test, ##__VA_ARGS__);				\
			SHIM_KUNIT_FAIL(test, fatal, "%s %s %s, but %lld and %lld",	\
				#left, #op, #right, (long long)shim_l, (long long)shim_r); \
		}									\
	} while (0)

#define SHIM_KUNIT_POINTERS(test, fatal, left, op, right, ...)				\
	do {										\
		const void *shim_l = (left);						\
		const void *shim_r = (right);						\
		if (!(shim_l op shim_r)) {						\
			SHIM_KUNIT_MSG(test, ##__VA_ARGS__);				\
			SHIM_KUNIT_FAIL(test, fatal, "%s %s %s, but %p and %p",		\
				#left, #op, #right, shim_l, shim_r);			\
		}									\
	} while (0)

#define SHIM_KUNIT_BOOL(test, fatal, cond, want, ...)					\
	do {										\
		if ((!!(cond)) != (want)) {						\
			SHIM_KUNIT_MSG(test, ##__VA_ARGS__);				\
			SHIM_KUNIT_FAIL(test, fatal, "%s is not %s", #cond,		\
				(want) ? "true" : "false");				\
		}									\
	} while (0)

#define SHIM_KUNIT_STRING(test, fatal, left, op, right, ...)				\
	do {										\
		const char *shim_l = (left);						\
		const char *shim_r = (right);						\
		if (!(strcmp(shim_l, shim_r) op 0)) {					\
			SHIM_KUNIT_MSG(test, ##__VA_ARGS__);				\
			SHIM_KUNIT_FAIL(test, fatal, "%s %s %s, but \"%s\" and \"%s\"",	\
				#left, #op, #right, shim_l, shim_r);			\
		}									\
	} while (0)

#define SHIM_KUNIT_MEMORY(test, fatal, left, op, right, bytes, ...)			\
	do {										\
		if (!(memcmp((left), (right), (bytes)) op 0)) {				\
			SHIM_KUNIT_MSG(test, ##__VA_ARGS__);				\
			SHIM_KUNIT_FAIL(test, fatal, "memory of %s %s %s", #left, #op, #right); \
		}									\
	} while (0)

#define KUNIT_SUCCEED(test)		do { } while (0)
#define KUNIT_FAIL(test, fmt, ...)	SHIM_KUNIT_FAIL(test, 0, fmt, ##__VA_ARGS__)

#define KUNIT_EXPECT_TRUE(t, c)			SHIM_KUNIT_BOOL(t, 0, c, 1)
#define KUNIT_EXPECT_FALSE(t, c)		SHIM_KUNIT_BOOL(t, 0, c, 0)
#define KUNIT_EXPECT_EQ(t, l, r)		SHIM_KUNIT_COMPARE(t, 0, l, ==, r)
#define KUNIT_EXPECT_NE(t, l, r)		SHIM_KUNIT_COMPARE(t, 0, l, !=, r)
#define KUNIT_EXPECT_LT(t, l, r)		SHIM_KUNIT_COMPARE(t, 0, l, <, r)
#define KUNIT_EXPECT_LE(t, l, r)		SHIM_KUNIT_COMPARE(t, 0, l, <=, r)
#define KUNIT_EXPECT_GT(t, l, r)		SHIM_KUNIT_COMPARE(t, 0, l, >, r)
#define KUNIT_EXPECT_GE(t, l, r)		SHIM_KUNIT_COMPARE(t, 0, l, >=, r)
#define KUNIT_EXPECT_PTR_EQ(t, l, r)		SHIM_KUNIT_POINTERS(t, 0, l, ==, r)
#define KUNIT_EXPECT_PTR_NE(t, l, r)		SHIM_KUNIT_POINTERS(t, 0, l, !=, r)
#define KUNIT_EXPECT_NULL(t, p)			SHIM_KUNIT_POINTERS(t, 0, p, ==, NULL)
#define KUNIT_EXPECT_NOT_NULL(t, p)		SHIM_KUNIT_POINTERS(t, 0, p, !=, NULL)
#define KUNIT_EXPECT_STREQ(t, l, r)		SHIM_KUNIT_STRING(t, 0, l, ==, r)
#define KUNIT_EXPECT_STRNEQ(t, l, r)		SHIM_KUNIT_STRING(t, 0, l, !=, r)
#define KUNIT_EXPECT_MEMEQ(t, l, r, n)		SHIM_KUNIT_MEMORY(t, 0, l, ==, r, n)
#define KUNIT_EXPECT_MEMNEQ(t, l, r, n)		SHIM_KUNIT_MEMORY(t, 0, l, !=, r, n)

#define KUNIT_EXPECT_TRUE_MSG(t, c, ...)	SHIM_KUNIT_BOOL(t, 0, c, 1, __VA_ARGS__)
#define KUNIT_EXPECT_FALSE_MSG(t, c, ...)	SHIM_KUNIT_BOOL(t, 0, c, 0, __VA_ARGS__)
#define KUNIT_EXPECT_EQ_MSG(t, l, r, ...)	SHIM_KUNIT_COMPARE(t, 0, l, ==, r, __VA_ARGS__)
#define KUNIT_EXPECT_NE_MSG(t, l, r, ...)	SHIM_KUNIT_COMPARE(t, 0, l, !=, r, __VA_ARGS__)
#define KUNIT_EXPECT_LT_MSG(t, l, r, ...)	SHIM_KUNIT_COMPARE(t, 0, l, <, r, __VA_ARGS__)
#define KUNIT_EXPECT_LE_MSG(t, l, r, ...)	SHIM_KUNIT_COMPARE(t, 0, l, <=, r, __VA_ARGS__)
#define KUNIT_EXPECT_GT_MSG(t, l, r, ...)	SHIM_KUNIT_COMPARE(t, 0, l, >, r, __VA_ARGS__)
#define KUNIT_EXPECT_GE_MSG(t, l, r, ...)	SHIM_KUNIT_COMPARE(t, 0, l, >=, r, __VA_ARGS__)
#define KUNIT_EXPECT_PTR_EQ_MSG(t, l, r, ...)	SHIM_KUNIT_POINTERS(t, 0, l, ==, r, __VA_ARGS__)
#define KUNIT_EXPECT_NOT_NULL_MSG(t, p, ...)	SHIM_KUNIT_POINTERS(t, 0, p, !=, NULL, __VA_ARGS__)
#define KUNIT_EXPECT_NULL_MSG(t, p, ...)	SHIM_KUNIT_POINTERS(t, 0, p, ==, NULL, __VA_ARGS__)
#define KUNIT_EXPECT_STREQ_MSG(t, l, r, ...)	SHIM_KUNIT_STRING(t, 0, l, ==, r, __VA_ARGS__)
#define KUNIT_EXPECT_MEMEQ_MSG(t, l, r, n, ...)	SHIM_KUNIT_MEMORY(t, 0, l, ==, r, n, __VA_ARGS__)

#define KUNIT_ASSERT_TRUE(t, c)			SHIM_KUNIT_BOOL(t, 1, c, 1)
#define KUNIT_ASSERT_FALSE(t, c)		SHIM_KUNIT_BOOL(t, 1, c, 0)
#define KUNIT_ASSERT_EQ(t, l, r)		SHIM_KUNIT_COMPARE(t, 1, l, ==, r)
#define KUNIT_ASSERT_NE(t, l, r)		SHIM_KUNIT_COMPARE(t, 1, l, !=, r)
#define KUNIT_ASSERT_LT(t, l, r)		SHIM_KUNIT_COMPARE(t, 1, l, <, r)
#define KUNIT_ASSERT_LE(t, l, r)		SHIM_KUNIT_COMPARE(t, 1, l, <=, r)
#define KUNIT_ASSERT_GT(t, l, r)		SHIM_KUNIT_COMPARE(t, 1, l, >, r)
#define KUNIT_ASSERT_GE(t, l, r)		SHIM_KUNIT_COMPARE(t, 1, l, >=, r)
#define KUNIT_ASSERT_PTR_EQ(t, l, r)		SHIM_KUNIT_POINTERS(t, 1, l, ==, r)
#define KUNIT_ASSERT_NULL(t, p)			SHIM_KUNIT_POINTERS(t, 1, p, ==, NULL)
#define KUNIT_ASSERT_NOT_NULL(t, p)		SHIM_KUNIT_POINTERS(t, 1, p, !=, NULL)
#define KUNIT_ASSERT_NOT_ERR_OR_NULL(t, p)	SHIM_KUNIT_POINTERS(t, 1, p, !=, NULL)
#define KUNIT_ASSERT_STREQ(t, l, r)		SHIM_KUNIT_STRING(t, 1, l, ==, r)
#define KUNIT_ASSERT_EQ_MSG(t, l, r, ...)	SHIM_KUNIT_COMPARE(t, 1, l, ==, r, __VA_ARGS__)
#define KUNIT_ASSERT_TRUE_MSG(t, c, ...)	SHIM_KUNIT_BOOL(t, 1, c, 1, __VA_ARGS__)
#define KUNIT_ASSERT_NOT_NULL_MSG(t, p, ...)	SHIM_KUNIT_POINTERS(t, 1, p, !=, NULL, __VA_ARGS__)

static void shim_kunit_run(struct kunit *test, struct kunit_suite *suite,
			   struct kunit_case *one, const void *param)
{
	unsigned int i;

	test->name = one->name;
	test->param_value = param;
	test->failed = 0;
	test->skipped[0] = '\0';
	test->priv = NULL;
	test->memory_count = 0;
	if (!setjmp(test->end)) {
		if (suite->init && suite->init(test))
			SHIM_KUNIT_FAIL(test, 1, "init of the case failed");
		one->run_case(test);
	}
	if (suite->exit)
		suite->exit(test);
	for (i = 0; i < test->memory_count; i++)
		free(test->memory[i]);
}

static int shim_kunit_main(struct kunit_suite *suite)
{
	static struct kunit test;
	struct kunit_case *one;
	int cases = 0, failed = 0, number = 0;

	/* A crash must not take the lines that explain it with it. */
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (one = suite->test_cases; one->run_case; one++)
		cases++;
	printf("KTAP version 1\n1..1\n");
	printf("    KTAP version 1\n    # Subtest: %s\n    1..%d\n", suite->name, cases);
	if (suite->suite_init && suite->suite_init(suite)) {
		printf("not ok 1 %s # suite_init failed\n", suite->name);
		return 1;
	}
	for (one = suite->test_cases; one->run_case; one++) {
		char desc[KUNIT_PARAM_DESC_SIZE] = "";
		const void *param = NULL;
		int case_failed = 0, rows = 0;

		if (!one->generate_params) {
			shim_kunit_run(&test, suite, one, NULL);
			case_failed = test.failed;
		} else {
			printf("        KTAP version 1\n        # Subtest: %s\n", one->name);
			while ((param = one->generate_params(param, desc))) {
				shim_kunit_run(&test, suite, one, param);
				printf("        %s %d %s%s%s\n", test.failed ? "not ok" : "ok", ++rows,
				       desc, test.skipped[0] ? " # SKIP " : "", test.skipped);
				case_failed |= test.failed;
			}
		}
		failed |= case_failed;
		printf("    %s %d %s%s%s\n", case_failed ? "not ok" : "ok", ++number, one->name,
		       !one->generate_params && test.skipped[0] ? " # SKIP " : "",
		       one->generate_params ? "" : test.skipped);
	}
	if (suite->suite_exit)
		suite->suite_exit(suite);
	printf("%s 1 %s\n", failed ? "not ok" : "ok", suite->name);
	return failed;
}

#define kunit_test_suite(suite)								\
	int main(void)									\
	{										\
		return shim_kunit_main(&(suite));					\
	}
#define kunit_test_suites(suite)							\
	int main(void)									\
	{										\
		return shim_kunit_main(suite);						\
	}

#endif
