/* SPDX-License-Identifier: GPL-2.0 */
/* Pages from the C library: the address sanitizer checks their use and their end. */
#ifndef SHIM_LINUX_GFP_H
#define SHIM_LINUX_GFP_H

#include <stdlib.h>
#include <string.h>
#include <linux/slab.h>

static inline unsigned long get_zeroed_page(gfp_t gfp)
{
	void *page = aligned_alloc(4096, 4096);

	if (page)
		memset(page, 0, 4096);
	return (unsigned long)page;
}

static inline void free_page(unsigned long page)
{
	free((void *)page);
}

#endif
