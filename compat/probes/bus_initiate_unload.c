// SPDX-License-Identifier: GPL-2.0
/* May others make the bus unload, or keep it from doing so? They may from 7.0 on. */
#include <linux/module.h>
#include <linux/hyperv.h>

void compat_probe(void);
void compat_probe(void)
{
	vmbus_set_skip_unload(true);
	vmbus_initiate_unload(false);
}
MODULE_LICENSE("GPL");
