// SPDX-License-Identifier: GPL-2.0
/* Does hv_driver.remove return nothing? Until 6.2 it returned an int that the bus ignored. */
#include <linux/module.h>
#include <linux/hyperv.h>

static void compat_probe_remove(struct hv_device *hdev)
{
}

extern struct hv_driver compat_probe_driver;
struct hv_driver compat_probe_driver = {
	.remove = compat_probe_remove,
};
MODULE_LICENSE("GPL");
