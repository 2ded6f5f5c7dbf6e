/* SPDX-License-Identifier: GPL-2.0 */
/* The guest's clock, played by the test that includes this. */
#ifndef SHIM_LINUX_TIMEKEEPING_H
#define SHIM_LINUX_TIMEKEEPING_H

#include <linux/types.h>

#define NSEC_PER_SEC	1000000000L
#define NSEC_PER_MSEC	1000000L

struct timespec64 {
	s64 tv_sec;
	long tv_nsec;
};

static inline struct timespec64 ns_to_timespec64(s64 ns)
{
	return (struct timespec64) { .tv_sec = ns / NSEC_PER_SEC, .tv_nsec = ns % NSEC_PER_SEC };
}

u64 ktime_get_real_ns(void);
int do_settimeofday64(const struct timespec64 *ts);

#endif
