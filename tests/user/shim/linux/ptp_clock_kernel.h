/* SPDX-License-Identifier: GPL-2.0 */
/* The part of the PTP core that a clock sees, played by the test that includes this. */
#ifndef SHIM_LINUX_PTP_CLOCK_KERNEL_H
#define SHIM_LINUX_PTP_CLOCK_KERNEL_H

#include <linux/timekeeping.h>
#include <linux/types.h>

#define IS_ERR(p)	((unsigned long)(p) >= (unsigned long)-4095)
#define PTR_ERR(p)	((long)(p))

struct ptp_clock;
struct ptp_clock_request;
struct ptp_system_timestamp;

struct ptp_clock_info {
	void *owner;
	char name[32];
	int (*gettimex64)(struct ptp_clock_info *info, struct timespec64 *ts, struct ptp_system_timestamp *sts);
	int (*settime64)(struct ptp_clock_info *info, const struct timespec64 *ts);
	int (*adjtime)(struct ptp_clock_info *info, s64 delta);
	int (*adjfine)(struct ptp_clock_info *info, long scaled_ppm);
	int (*enable)(struct ptp_clock_info *info, struct ptp_clock_request *request, int on);
};

#define ptp_read_system_prets(sts)	((void)(sts))
#define ptp_read_system_postts(sts)	((void)(sts))

struct ptp_clock *ptp_clock_register(struct ptp_clock_info *info, void *parent);
int ptp_clock_unregister(struct ptp_clock *ptp);

#endif
