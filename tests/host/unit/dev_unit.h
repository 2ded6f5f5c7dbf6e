/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the unit tests of devices/ are written with: checks that go on after a failure, cases, KTAP
 * on standard output.
 */
#ifndef HVHOST_UNIT_DEV_UNIT_H
#define HVHOST_UNIT_DEV_UNIT_H

#include <stdbool.h>
#include <stdio.h>

static unsigned int unit_failures;

#define CHECK(condition)                                                         \
	do {                                                                     \
		if (!(condition)) {                                              \
			printf("# %s:%d: %s\n", __FILE__, __LINE__, #condition); \
			unit_failures++;                                         \
		}                                                                \
	} while (0)

#define CHECK_EQ(a, b)                                                                      \
	do {                                                                                \
		long long unit_a = (long long)(a), unit_b = (long long)(b);                 \
		if (unit_a != unit_b) {                                                     \
			printf("# %s:%d: %s is %lld (%#llx), not %lld (%#llx)\n", __FILE__, \
			       __LINE__, #a, unit_a, (unsigned long long)unit_a, unit_b,    \
			       (unsigned long long)unit_b);                                 \
			unit_failures++;                                                    \
		}                                                                           \
	} while (0)

struct unit_case {
	const char *name;
	void (*run)(void);
};

/* Runs all cases. Return: exit status. */
static inline int unit_main(const struct unit_case *cases, unsigned int count)
{
	unsigned int i, failed = 0;

	/* What was said before a crash or a hang must be seen. */
	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("KTAP version 1\n1..%u\n", count);
	for (i = 0; i < count; i++) {
		unit_failures = 0;
		cases[i].run();
		printf("%s %u %s\n", unit_failures ? "not ok" : "ok", i + 1, cases[i].name);
		failed += unit_failures != 0;
	}
	return failed != 0;
}

#define UNIT_CASE(fn)   \
	{               \
#fn, fn \
	}

#endif
