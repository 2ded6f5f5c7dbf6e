/* SPDX-License-Identifier: GPL-2.0 */
/* ALIGN() and its like got a header of their own with 5.11; found only where the kernel has none. Can go with RHEL 8. */
#ifndef HYPERV_LIC_COMPAT_ALIGN_H
#define HYPERV_LIC_COMPAT_ALIGN_H
#include <linux/kernel.h>
#endif
