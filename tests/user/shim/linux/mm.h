/* SPDX-License-Identifier: GPL-2.0 */
/* Pages are what their address says. */
#ifndef SHIM_LINUX_MM_H
#define SHIM_LINUX_MM_H

#include <linux/kernel.h>
#include <linux/types.h>

#ifndef PAGE_SIZE
#define PAGE_SIZE	4096ul
#endif

struct page;

#define PAGE_SHIFT	12
#define PAGE_ALIGNED(n)	(!((n) & (PAGE_SIZE - 1)))
#define page_address(page)	((void *)(page))

#define virt_to_hvpfn(address)		((unsigned long)(address) >> 12)
#define offset_in_hvpage(address)	((unsigned long)(address) & 4095)

/* Pages that were kept from being used again, for the test to count. */
static unsigned int shim_pages_kept;

static inline void get_page(struct page *page)
{
	shim_pages_kept++;
}

#endif
