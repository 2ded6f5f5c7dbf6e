/* SPDX-License-Identifier: GPL-2.0 */
/* What is called last at suspend and first at resume, by the test. */
#ifndef SHIM_LINUX_SYSCORE_OPS_H
#define SHIM_LINUX_SYSCORE_OPS_H

struct syscore_ops {
	int (*suspend)(void *data);
	void (*resume)(void *data);
};

struct syscore {
	const struct syscore_ops *ops;
};

static const struct syscore *shim_syscore;

#define register_syscore(s)	((void)(shim_syscore = (s)))
#define unregister_syscore(s)	((void)(shim_syscore = NULL))

#endif
