// SPDX-License-Identifier: GPL-2.0
/* Does bus_type.match take a const driver? Until 6.10 it did not. */
#include <linux/device.h>
#include <linux/module.h>

static int compat_probe_match(struct device *device, const struct device_driver *driver)
{
	return 0;
}

extern struct bus_type compat_probe_bus;
struct bus_type compat_probe_bus = {
	.match = compat_probe_match,
};
MODULE_LICENSE("GPL");
