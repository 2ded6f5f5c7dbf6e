/* SPDX-License-Identifier: GPL-2.0 */
/* The oldest kernels the modules are written for: Linux 6.1, and RHEL 8.10, whose version number says 4.18. */
#include <linux/version.h>

#ifdef RHEL_RELEASE_CODE
#if RHEL_RELEASE_CODE < RHEL_RELEASE_VERSION(8, 10)
#error "hyperv-lic needs RHEL 8.10 or later"
#endif
#elif LINUX_VERSION_CODE < KERNEL_VERSION(6, 1, 0)
#error "hyperv-lic needs Linux 6.1 or later, or RHEL 8.10 or later"
#endif
