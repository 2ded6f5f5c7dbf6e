/* SPDX-License-Identifier: GPL-2.0 */
/* What is told when the kernel dies. */
#ifndef SHIM_LINUX_KDEBUG_H
#define SHIM_LINUX_KDEBUG_H

#include <linux/notifier.h>

enum die_val { DIE_OOPS = 1, DIE_INT3 };

struct pt_regs;

struct die_args {
	struct pt_regs *regs;
	long err;
};

static int shim_die_notifiers;

#define register_die_notifier(block)	((void)(block), shim_die_notifiers++)
#define unregister_die_notifier(block)	((void)(block), shim_die_notifiers--)

#endif
