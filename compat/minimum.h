/* SPDX-License-Identifier: GPL-2.0 */
/* The oldest kernel the modules are written for: RHEL 8, whose version number says 4.18. */
#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(4, 18, 0)
#error "hyperv-lic needs Linux 4.18 (RHEL 8) or later"
#endif
