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

static inline int get_order(size_t bytes)
{
	int order = 0;

	while ((4096ul << order) < bytes)
		order++;
	return order;
}

struct page;

/* What alloc_pages() has given and not got back. */
static void *shim_pages_out[256];

/* How many more allocations of pages succeed, for the test to set. */
static int shim_pages_left = INT_MAX;

static inline void shim_replace_page(void *old, void *page)
{
	unsigned int i;

	for (i = 0; i < 256; i++) {
		if (shim_pages_out[i] == old) {
			shim_pages_out[i] = page;
			return;
		}
	}
	abort();
}

static inline struct page *alloc_pages(gfp_t gfp, int order)
{
	void *page = shim_pages_left-- > 0 ? aligned_alloc(4096, 4096ul << order) : NULL;

	if (page) {
		memset(page, 0, 4096ul << order);
		shim_replace_page(NULL, page);
	}
	return page;
}

#define alloc_pages_node(node, gfp, order)	((void)(node), alloc_pages(gfp, order))

static inline void __free_pages(struct page *page, int order)
{
	shim_replace_page(page, NULL);
	free(page);
}

/* What was left to the host for ever ends with the test: how many allocations these were. */
static inline unsigned int shim_free_pages_out(void)
{
	unsigned int i, count = 0;

	for (i = 0; i < 256; i++) {
		count += shim_pages_out[i] != NULL;
		free(shim_pages_out[i]);
		shim_pages_out[i] = NULL;
	}
	return count;
}

#endif
