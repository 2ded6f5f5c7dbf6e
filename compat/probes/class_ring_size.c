// SPDX-License-Identifier: GPL-2.0
/* Does the table of device classes hold a ring size? Before 6.10 it did not. */
#include <linux/module.h>
#include <linux/hyperv.h>

size_t compat_probe(const struct vmbus_device *class);
size_t compat_probe(const struct vmbus_device *class)
{
	return class->pref_ring_size;
}
MODULE_LICENSE("GPL");
