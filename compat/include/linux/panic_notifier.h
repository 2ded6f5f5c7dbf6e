/* SPDX-License-Identifier: GPL-2.0 */
/* The panic notifiers got a header of their own with 5.14; found only where the kernel has none. Can go with RHEL 8. */
#ifndef HYPERV_LIC_COMPAT_PANIC_NOTIFIER_H
#define HYPERV_LIC_COMPAT_PANIC_NOTIFIER_H
#include <linux/kernel.h>
#include <linux/notifier.h>
#endif
