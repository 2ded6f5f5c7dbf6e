/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_PANIC_NOTIFIER_H
#define SHIM_LINUX_PANIC_NOTIFIER_H

#include <linux/notifier.h>

extern struct atomic_notifier_head panic_notifier_list;

#endif
