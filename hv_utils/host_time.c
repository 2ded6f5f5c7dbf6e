// SPDX-License-Identifier: GPL-2.0
/*
 * Host time from a sample: parent time plus what the reference counter has moved since, counted from the Unix epoch.
 * Must not know where samples come from nor what is done with the result. Timesync IC; TLFS, partition reference
 * counter.
 */
#include <linux/errno.h>
#include <hyperv/ic.h>

#include "host_time.h"

/* the latest time since 1970 that a signed count of nanoseconds holds: year 2262 */
#define UNIX_MAX_100NS			(0x7fffffffffffffffULL / 100)

/**
 * hv_host_time_at() - the host's clock at a reading of the reference counter
 * @sample: what the host said, unchecked
 * @now_100ns: the partition's reference counter now, 100 ns units
 * @unix_ns: where to put the host's UTC, nanoseconds since 1970-01-01; untouched
 *	unless 0 is returned
 *
 * Context: Any.
 * Return: 0; -ESTALE the sample is older than HV_HOST_TIME_MAX_AGE_100NS; -ERANGE
 * the sample lies in the counter's future, or the time is before 1970 or after what
 * nanoseconds since then can express.
 */
int hv_host_time_at(const struct hv_host_sample *sample, u64 now_100ns,
		    s64 *unix_ns)
{
	/* the counter is 64 bits wide and differences are taken modulo 2^64 */
	u64 age = now_100ns - sample->reference_100ns;
	u64 ahead = sample->reference_100ns - now_100ns;
	u64 time;

	if (sample->parent_100ns < IC_TIME_UNIX_EPOCH_100NS)
		return -ERANGE;
	time = sample->parent_100ns - IC_TIME_UNIX_EPOCH_100NS;
	if (time > UNIX_MAX_100NS)
		return -ERANGE;

	if (age > ahead) {
		if (ahead > HV_HOST_TIME_MAX_AHEAD_100NS || ahead > time)
			return -ERANGE;
		time -= ahead;
	} else {
		if (age > HV_HOST_TIME_MAX_AGE_100NS)
			return -ESTALE;
		time += age;
		if (time > UNIX_MAX_100NS)
			return -ERANGE;
	}

	*unix_ns = (s64)(time * 100);
	return 0;
}
