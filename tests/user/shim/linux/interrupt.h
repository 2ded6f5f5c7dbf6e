/* SPDX-License-Identifier: GPL-2.0 */
/* Tasklets that run when the test says so: scheduling one only sets a mark. */
#ifndef SHIM_LINUX_INTERRUPT_H
#define SHIM_LINUX_INTERRUPT_H

#include <linux/types.h>

struct tasklet_struct {
	void (*func)(unsigned long data);
	unsigned long data;
	bool pending;
};

static inline void tasklet_init(struct tasklet_struct *tasklet, void (*func)(unsigned long data), unsigned long data)
{
	tasklet->func = func;
	tasklet->data = data;
	tasklet->pending = false;
}

static inline void tasklet_schedule(struct tasklet_struct *tasklet)
{
	tasklet->pending = true;
}

/* What was scheduled has run on return. */
static inline void tasklet_kill(struct tasklet_struct *tasklet)
{
	if (!tasklet->pending)
		return;
	tasklet->pending = false;
	tasklet->func(tasklet->data);
}

#endif
