// SPDX-License-Identifier: GPL-2.0
/* Is driver_override a matter of the driver core? Before 7.1 (and late stable kernels) each bus had its own. */
#include <linux/device.h>
#include <linux/module.h>

extern struct bus_type compat_probe_bus;
struct bus_type compat_probe_bus = {
	.driver_override = true,
};
MODULE_LICENSE("GPL");
