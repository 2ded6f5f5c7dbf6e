// SPDX-License-Identifier: GPL-2.0
/* Does the alignment function of allocate_resource() get the gap before alignment, too? Until 7.0 it did not. */
#include <linux/ioport.h>
#include <linux/module.h>

static resource_size_t compat_probe_align(void *data, const struct resource *res, const struct resource *empty_res,
					  resource_size_t size, resource_size_t align)
{
	return res->start;
}

int compat_probe(struct resource *root, struct resource *new);
int compat_probe(struct resource *root, struct resource *new)
{
	return allocate_resource(root, new, 1, 0, 1, 1, compat_probe_align, NULL);
}
MODULE_LICENSE("GPL");
