/* SPDX-License-Identifier: GPL-2.0 */
/* Allocation from the C library: the address sanitizer checks its use and its end. */
#ifndef SHIM_LINUX_SLAB_H
#define SHIM_LINUX_SLAB_H

#include <stdlib.h>
#include <linux/kernel.h>

#define GFP_KERNEL	0u
#define GFP_ATOMIC	1u
#define __GFP_ZERO	2u
#define __GFP_NOWARN	4u

static inline void *kmalloc(size_t bytes, gfp_t gfp)
{
	return (gfp & __GFP_ZERO) ? calloc(1, bytes) : malloc(bytes);
}

static inline void *kzalloc(size_t bytes, gfp_t gfp)
{
	(void)gfp;
	return calloc(1, bytes);
}

static inline void *kcalloc(size_t n, size_t bytes, gfp_t gfp)
{
	(void)gfp;
	return calloc(n, bytes);
}

static inline void *kvcalloc(size_t n, size_t bytes, gfp_t gfp)
{
	void *p = NULL;

	(void)gfp;
	/* As aligned as the kernel's, which large objects ask for. */
	if (!posix_memalign(&p, 64, n * bytes + !n))
		memset(p, 0, n * bytes);
	return p;
}

static inline void kfree(const void *p)
{
	free((void *)p);
}

#define kmalloc_array	kcalloc
#define kvmalloc	kmalloc
#define kvzalloc	kzalloc
#define kvmalloc_array	kcalloc
#define kvfree		kfree
#define vzalloc(n)	kzalloc(n, 0)
#define vmalloc(n)	kmalloc(n, 0)
#define vfree		kfree

#endif
