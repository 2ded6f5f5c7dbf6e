/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Times sorted into powers of two of a microsecond. Pure: builds in userspace given shims for u32, u64, READ_ONCE and
 * WRITE_ONCE.
 */
#ifndef VMBUS_HISTOGRAM_H
#define VMBUS_HISTOGRAM_H

#include <linux/types.h>
#include <hyperv/histogram.h>

#define VMBUS_HISTOGRAM_BUCKETS	HV_HISTOGRAM_BUCKETS

struct vmbus_histogram {
	u32 count[VMBUS_HISTOGRAM_BUCKETS];
};

unsigned int vmbus_histogram_bucket(u64 ns);
u64 vmbus_histogram_limit_us(unsigned int bucket);
void vmbus_histogram_add(struct vmbus_histogram *histogram, u64 ns);
void vmbus_histogram_clear(struct vmbus_histogram *histogram);

#endif
