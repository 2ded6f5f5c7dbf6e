/* SPDX-License-Identifier: GPL-2.0 */
/* Time that the test moves, by adding to jiffies. */
#ifndef SHIM_LINUX_JIFFIES_H
#define SHIM_LINUX_JIFFIES_H

#define HZ			100
#define MSEC_PER_SEC		1000L
#define time_after(a, b)	((long)((b) - (a)) < 0)
#define time_after_eq(a, b)	((long)((a) - (b)) >= 0)
#define time_before(a, b)	((long)((a) - (b)) < 0)

static unsigned long jiffies;

#endif
