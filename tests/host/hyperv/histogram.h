/* SPDX-License-Identifier: GPL-2.0 */
/* Durations in buckets of powers of two. Arithmetic only. */
#ifndef HVHOST_HYPERV_HISTOGRAM_H
#define HVHOST_HYPERV_HISTOGRAM_H

#include <stdint.h>

/* Bucket n counts durations below 2^n ns that no bucket before it takes; the last takes the rest. */
#define HV_HISTOGRAM_BUCKETS 42

struct hv_histogram {
	uint64_t count, sum_ns, max_ns;
	uint64_t bucket[HV_HISTOGRAM_BUCKETS];
};

void hv_histogram_add(struct hv_histogram *histogram, uint64_t ns);
/* Which bucket counts @ns. */
unsigned int hv_histogram_bucket(uint64_t ns);
/* The first duration that is too long for the bucket; UINT64_MAX for the last. */
uint64_t hv_histogram_limit(unsigned int bucket);
/*
 * The limit of the bucket in which the part @percent of all durations is reached, and no more than
 * the longest one; 0 with none counted.
 */
uint64_t hv_histogram_percentile(const struct hv_histogram *histogram, unsigned int percent);

#endif
