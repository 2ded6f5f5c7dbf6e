/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_BITMAP_H
#define SHIM_LINUX_BITMAP_H

#include <linux/bitops.h>
#include <linux/kernel.h>
#include <linux/slab.h>

#define bitmap_zalloc(bits, gfp)	((unsigned long *)kcalloc(BITS_TO_LONGS(bits), sizeof(unsigned long), gfp))
#define bitmap_free(p)			kfree(p)
#define bitmap_zero(p, bits)		memset(p, 0, BITS_TO_LONGS(bits) * sizeof(unsigned long))

#endif
