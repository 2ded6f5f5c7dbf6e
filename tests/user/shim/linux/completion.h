/* SPDX-License-Identifier: GPL-2.0 */
/* Nobody else runs: who waits for what is not done lets the test act (shim_while_waiting), then gives up. */
#ifndef SHIM_LINUX_COMPLETION_H
#define SHIM_LINUX_COMPLETION_H

#include <linux/kernel.h>
#include <linux/types.h>
#include <linux/workqueue.h>

struct completion { unsigned int done; };

/* What happens while somebody waits, for the test to set. */
static void (*shim_while_waiting)(struct completion *completion, unsigned long ms);

static inline void init_completion(struct completion *completion)
{
	completion->done = 0;
}

#define COMPLETION_INITIALIZER(name)	{ 0 }

static inline void reinit_completion(struct completion *completion)
{
	completion->done = 0;
}

static inline void complete(struct completion *completion)
{
	completion->done++;
}

static inline void complete_all(struct completion *completion)
{
	completion->done = UINT_MAX;
}

static inline bool try_wait_for_completion(struct completion *completion)
{
	if (!completion->done)
		return false;
	if (completion->done != UINT_MAX)
		completion->done--;
	return true;
}

static inline unsigned long wait_for_completion_timeout(struct completion *completion, unsigned long ms)
{
	while (!completion->done && shim_run_queued())
		;
	if (!completion->done && shim_while_waiting)
		shim_while_waiting(completion, ms);
	return try_wait_for_completion(completion);
}

/* Nobody could ever end this wait. */
static inline void wait_for_completion(struct completion *completion)
{
	if (!wait_for_completion_timeout(completion, 0))
		abort();
}

#endif
