/* SPDX-License-Identifier: GPL-2.0 */
/* Time does not pass. */
#ifndef SHIM_LINUX_DELAY_H
#define SHIM_LINUX_DELAY_H

#define udelay(us)	((void)(us))
#define usleep_range(from, to)	((void)(from), (void)(to))
#define mdelay(ms)	((void)(ms))
#define msleep(ms)	((void)(ms))

#endif
