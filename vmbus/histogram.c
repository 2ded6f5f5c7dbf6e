// SPDX-License-Identifier: GPL-2.0
/* Times sorted into powers of two of a microsecond. One writer for each histogram; readers may look at any time. */
#include <linux/compiler.h>

#include "histogram.h"

/**
 * vmbus_histogram_bucket() - where a time belongs
 * @ns: nanoseconds
 *
 * Return: number of the bucket, below VMBUS_HISTOGRAM_BUCKETS.
 */
unsigned int vmbus_histogram_bucket(u64 ns)
{
	return hv_histogram_bucket(ns);
}

/**
 * vmbus_histogram_limit_us() - what the times in a bucket are below
 * @bucket: its number
 *
 * Return: microseconds; 0 for the last one, which has no limit.
 */
u64 vmbus_histogram_limit_us(unsigned int bucket)
{
	return hv_histogram_limit_us(bucket);
}

/**
 * vmbus_histogram_add() - count a time
 * @histogram: where
 * @ns: nanoseconds
 *
 * Context: one caller at a time for each histogram.
 */
void vmbus_histogram_add(struct vmbus_histogram *histogram, u64 ns)
{
	u32 *count = &histogram->count[vmbus_histogram_bucket(ns)];

	WRITE_ONCE(*count, *count + 1);
}

/**
 * vmbus_histogram_clear() - forget all times
 * @histogram: which
 *
 * A time counted meanwhile may stay or go.
 */
void vmbus_histogram_clear(struct vmbus_histogram *histogram)
{
	unsigned int i;

	for (i = 0; i < VMBUS_HISTOGRAM_BUCKETS; i++)
		WRITE_ONCE(histogram->count[i], 0);
}
