// SPDX-License-Identifier: GPL-2.0
/*
 * Does the kernel's own hv_utils serve file copy? Until 6.10. No header shows it (the types stayed for the daemon that took
 * over), so this is a question of the version; RHEL 8 and 9 have kept what their version had.
 */
#include <linux/module.h>
#include <linux/version.h>

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 10, 0)
#error "file copy is a matter of uio_hv_generic"
#endif
MODULE_LICENSE("GPL");
