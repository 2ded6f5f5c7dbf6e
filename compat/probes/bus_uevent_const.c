// SPDX-License-Identifier: GPL-2.0
/* Does bus_type.uevent take a const device? Until 6.2 it did not. */
#include <linux/device.h>
#include <linux/module.h>

static int compat_probe_uevent(const struct device *device, struct kobj_uevent_env *env)
{
	return 0;
}

extern struct bus_type compat_probe_bus;
struct bus_type compat_probe_bus = {
	.uevent = compat_probe_uevent,
};
MODULE_LICENSE("GPL");
