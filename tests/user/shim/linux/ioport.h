/* SPDX-License-Identifier: GPL-2.0 */
/* Address space: resources in trees, in address order, and the one of the machine's memory. */
#ifndef SHIM_LINUX_IOPORT_H
#define SHIM_LINUX_IOPORT_H

#include <linux/kernel.h>
#include <linux/slab.h>

#define IORESOURCE_MEM	0x200u
#define IORESOURCE_BUSY	0x80000000u

struct resource {
	resource_size_t start, end;
	const char *name;
	unsigned long flags;
	struct resource *parent, *sibling, *child;
};

typedef resource_size_t (*resource_alignf)(void *data, const struct resource *gap, const struct resource *unaligned,
					   resource_size_t size, resource_size_t align);

static struct resource iomem_resource = { .end = ~0ull, .name = "memory" };

#define resource_size(r)	((r)->end - (r)->start + 1)
#define resource_type(r)	((r)->flags & IORESOURCE_MEM)
#define cond_resched()		((void)0)

static inline bool resource_contains(const struct resource *outer, const struct resource *inner)
{
	return outer->start <= inner->start && outer->end >= inner->end;
}

/* Puts a resource where it belongs below its parent, unless something is in the way. */
static inline int shim_insert(struct resource *parent, struct resource *child)
{
	struct resource **at;

	for (at = &parent->child; *at && (*at)->end < child->start; at = &(*at)->sibling)
		;
	if (child->start > child->end || child->start < parent->start || child->end > parent->end ||
	    (*at && (*at)->start <= child->end))
		return -EBUSY;
	child->sibling = *at;
	child->parent = parent;
	*at = child;
	return 0;
}

static inline int release_resource(struct resource *child)
{
	struct resource **at;

	for (at = &child->parent->child; *at != child; at = &(*at)->sibling)
		;
	*at = child->sibling;
	child->parent = NULL;
	return 0;
}

static inline int allocate_resource(struct resource *root, struct resource *wanted, resource_size_t size, resource_size_t min,
				    resource_size_t max, resource_size_t align, resource_alignf alignf, void *data)
{
	resource_size_t from = root->start;
	struct resource *next = root->child;

	for (;; next = next->sibling) {
		resource_size_t to = next ? next->start - 1 : root->end;

		if (!next || next->start > from) {
			struct resource gap = { .start = from > min ? from : min, .end = to < max ? to : max };

			gap.start = (gap.start + align - 1) / align * align;
			wanted->start = alignf ? alignf(data, &gap, &gap, size, align) : gap.start;
			wanted->end = wanted->start + size - 1;
			if (gap.start <= gap.end && wanted->start >= gap.start && wanted->end <= gap.end &&
			    wanted->end >= wanted->start)
				return shim_insert(root, wanted);
		}
		if (!next)
			return -EBUSY;
		from = next->end + 1;
	}
}

static inline struct resource *__request_region(struct resource *parent, resource_size_t start, resource_size_t size,
						const char *name, int flags)
{
	struct resource *region = kzalloc(sizeof(*region), GFP_KERNEL);

	region->start = start;
	region->end = start + size - 1;
	region->flags = IORESOURCE_BUSY | IORESOURCE_MEM;
	if (!shim_insert(parent, region))
		return region;
	kfree(region);
	return NULL;
}

static inline void __release_region(struct resource *parent, resource_size_t start, resource_size_t size)
{
	struct resource *region;

	for (region = parent->child; region; region = region->sibling) {
		if (region->start != start || resource_size(region) != size || !(region->flags & IORESOURCE_BUSY))
			continue;
		release_resource(region);
		kfree(region);
		return;
	}
	/* The kernel complains of one that is not there. */
	abort();
}

#define request_mem_region(start, size, name)	__request_region(&iomem_resource, start, size, name, 0)
#define release_mem_region(start, size)		__release_region(&iomem_resource, start, size)

#endif
