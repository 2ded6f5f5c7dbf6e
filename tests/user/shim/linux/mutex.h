/* SPDX-License-Identifier: GPL-2.0 */
/* Nobody else runs: a mutex only says when it is taken twice or given back untaken. */
#ifndef SHIM_LINUX_MUTEX_H
#define SHIM_LINUX_MUTEX_H

#include <stdlib.h>
#include <linux/types.h>

struct mutex { bool held; };

#define __MUTEX_INITIALIZER(name)	{ false }
#define DEFINE_MUTEX(name)	struct mutex name = { false }

static inline void mutex_init(struct mutex *mutex)
{
	mutex->held = false;
}

static inline void mutex_lock(struct mutex *mutex)
{
	if (mutex->held)
		abort();
	mutex->held = true;
}

static inline void mutex_unlock(struct mutex *mutex)
{
	if (!mutex->held)
		abort();
	mutex->held = false;
}

#endif
