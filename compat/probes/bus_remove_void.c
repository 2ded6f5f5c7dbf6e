// SPDX-License-Identifier: GPL-2.0
/* Does bus_type.remove return nothing? Until 5.14 it returned an int that the driver core ignored. */
#include <linux/device.h>
#include <linux/module.h>

static void compat_probe_remove(struct device *device)
{
}

extern struct bus_type compat_probe_bus;
struct bus_type compat_probe_bus = {
	.remove = compat_probe_remove,
};
MODULE_LICENSE("GPL");
