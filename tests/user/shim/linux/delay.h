/* SPDX-License-Identifier: GPL-2.0 */
/* Time does not pass. */
#ifndef SHIM_LINUX_DELAY_H
#define SHIM_LINUX_DELAY_H

#define mdelay(ms)	((void)(ms))
#define msleep(ms)	((void)(ms))

#endif
