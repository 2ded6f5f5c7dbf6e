/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which power of two of a microsecond a time belongs to: the one definition for all who sort times. Pure.
 */
#ifndef HYPERV_HISTOGRAM_H
#define HYPERV_HISTOGRAM_H

#include <linux/types.h>

/* Below 1 us, below 2 us, ... below 2^22 us (4 s), and what is longer. */
#define HV_HISTOGRAM_BUCKETS	24

/* 1024 ns for a microsecond: a shift rather than a division, and the error is below that of the clock. */
#define HV_HISTOGRAM_US_SHIFT	10

/**
 * hv_histogram_bucket() - where a time belongs
 * @ns: nanoseconds
 *
 * Return: number of the bucket, below HV_HISTOGRAM_BUCKETS.
 */
static inline unsigned int hv_histogram_bucket(unsigned long long ns)
{
	unsigned long long us = ns >> HV_HISTOGRAM_US_SHIFT;
	unsigned int bucket = us ? 64 - __builtin_clzll(us) : 0;

	return bucket < HV_HISTOGRAM_BUCKETS ? bucket : HV_HISTOGRAM_BUCKETS - 1;
}

/**
 * hv_histogram_limit_us() - what the times in a bucket are below
 * @bucket: its number
 *
 * Return: microseconds; 0 for the last one, which has no limit.
 */
static inline unsigned long long hv_histogram_limit_us(unsigned int bucket)
{
	return bucket < HV_HISTOGRAM_BUCKETS - 1 ? 1ull << bucket : 0;
}

#endif
