// SPDX-License-Identifier: GPL-2.0
/* Does struct vmbus_gpadl say whether the memory was decrypted? Before 6.9 (and stable kernels) it did not. */
#include <linux/module.h>
#include <linux/hyperv.h>

bool compat_probe(const struct vmbus_gpadl *gpadl);
bool compat_probe(const struct vmbus_gpadl *gpadl)
{
	return gpadl->decrypted;
}
MODULE_LICENSE("GPL");
