/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_BOTTOM_HALF_H
#define SHIM_LINUX_BOTTOM_HALF_H

/* One thread: nothing runs in between. */
static inline void local_bh_disable(void)
{
}

static inline void local_bh_enable(void)
{
}

#endif
