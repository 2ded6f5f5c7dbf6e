/* SPDX-License-Identifier: GPL-2.0 */
/* Nobody else runs: a mutex only says when it is taken twice or given back untaken. */
#ifndef SHIM_LINUX_MUTEX_H
#define SHIM_LINUX_MUTEX_H

#include <stdlib.h>
#include <linux/types.h>

struct mutex { bool held; };

/* How many are held: who waits with one must not have others run, who might want it. */
static unsigned int shim_mutexes_held;

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
	shim_mutexes_held++;
}

static inline void mutex_unlock(struct mutex *mutex)
{
	if (!mutex->held)
		abort();
	mutex->held = false;
	shim_mutexes_held--;
}

#endif
