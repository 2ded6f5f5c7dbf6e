/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_ASM_SYNC_BITOPS_H
#define SHIM_ASM_SYNC_BITOPS_H

#include <linux/bitops.h>

static inline void sync_set_bit(unsigned long n, void *p)
{
	__atomic_fetch_or((u8 *)p + n / 8, (u8)(1u << n % 8), __ATOMIC_SEQ_CST);
}

#endif
