// SPDX-License-Identifier: GPL-2.0
/* Does bus_attribute.show take a const bus? Until 6.3 it did not. */
#include <linux/device.h>
#include <linux/module.h>

static ssize_t compat_probe_show(const struct bus_type *bus, char *buf)
{
	return 0;
}

extern struct bus_attribute compat_probe_attribute;
struct bus_attribute compat_probe_attribute = {
	.show = compat_probe_show,
};
MODULE_LICENSE("GPL");
