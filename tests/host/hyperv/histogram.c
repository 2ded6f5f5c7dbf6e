// SPDX-License-Identifier: GPL-2.0
/* Histograms with a bucket for each power of two; knows no clock and no channel. */
#include "histogram.h"

unsigned int hv_histogram_bucket(uint64_t ns)
{
	unsigned int bucket = ns ? 64 - __builtin_clzll(ns) : 0;

	return bucket < HV_HISTOGRAM_BUCKETS ? bucket : HV_HISTOGRAM_BUCKETS - 1;
}

uint64_t hv_histogram_limit(unsigned int bucket)
{
	return bucket < HV_HISTOGRAM_BUCKETS - 1 ? 1ull << bucket : UINT64_MAX;
}

void hv_histogram_add(struct hv_histogram *histogram, uint64_t ns)
{
	histogram->count++;
	histogram->sum_ns += ns;
	if (ns > histogram->max_ns)
		histogram->max_ns = ns;
	histogram->bucket[hv_histogram_bucket(ns)]++;
}

uint64_t hv_histogram_percentile(const struct hv_histogram *histogram, unsigned int percent)
{
	uint64_t wanted = histogram->count / 100 * percent + histogram->count % 100 * percent / 100;
	uint64_t seen = 0;

	if (!histogram->count)
		return 0;
	if (!wanted)
		wanted = 1;
	for (unsigned int i = 0; i < HV_HISTOGRAM_BUCKETS; i++) {
		seen += histogram->bucket[i];
		if (seen >= wanted)
			return hv_histogram_limit(i) < histogram->max_ns ? hv_histogram_limit(i)
									  : histogram->max_ns;
	}
	return histogram->max_ns;
}
