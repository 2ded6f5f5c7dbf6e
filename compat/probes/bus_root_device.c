// SPDX-License-Identifier: GPL-2.0
/* Does the bus tell whether it exists, and its root device? It does from 7.1 on. */
#include <linux/module.h>
#include <linux/hyperv.h>

struct device *compat_probe(void);
struct device *compat_probe(void)
{
	return hv_vmbus_exists() ? hv_get_vmbus_root_device() : NULL;
}
MODULE_LICENSE("GPL");
