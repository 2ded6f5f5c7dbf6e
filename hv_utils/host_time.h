/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What time it is on the host, from one message of the host and the partition's
 * reference counter. Pure arithmetic; it sets no clock and reads none.
 */
#ifndef HV_UTILS_HOST_TIME_H
#define HV_UTILS_HOST_TIME_H

#include <linux/types.h>

/*
 * Policy: a sample this old says nothing worth having about the host's clock any
 * more. Hosts send one about every 5 s.
 */
#define HV_HOST_TIME_MAX_AGE_100NS	(600ULL * 10000000)

/*
 * Policy: how far the host's reading of the counter may lie ahead of ours. Both
 * are readings of one counter, so "ahead" is never more than rounding; beyond
 * this the message is wrong.
 */
#define HV_HOST_TIME_MAX_AHEAD_100NS	(1ULL * 10000000)

/**
 * struct hv_host_sample - one statement of the host about its clock
 * @parent_100ns: UTC on the host, 100 ns units since 1601-01-01
 * @reference_100ns: the partition's reference counter at that moment
 */
struct hv_host_sample {
	u64 parent_100ns;
	u64 reference_100ns;
};

int hv_host_time_at(const struct hv_host_sample *sample, u64 now_100ns,
		    s64 *unix_ns);

#endif /* HV_UTILS_HOST_TIME_H */
