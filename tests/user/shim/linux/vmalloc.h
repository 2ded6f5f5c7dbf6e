/* SPDX-License-Identifier: GPL-2.0 */
/* All memory counts as from vmalloc(), and begins with a page. */
#ifndef SHIM_LINUX_VMALLOC_H
#define SHIM_LINUX_VMALLOC_H

#include <stdlib.h>
#include <linux/mm.h>
#include <linux/slab.h>

#undef vmalloc
#define vmalloc(n)		aligned_alloc(4096, n)
#define is_vmalloc_addr(p)	((p) != NULL)
#define vmalloc_to_page(p)	((struct page *)(p))

#endif
