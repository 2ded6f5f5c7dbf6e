/* SPDX-License-Identifier: GPL-2.0 */
/* Nobody else runs: who waits for what is not so lets the test act (shim_while_waiting_for), then gives up. */
#ifndef SHIM_LINUX_WAIT_H
#define SHIM_LINUX_WAIT_H

#include <linux/jiffies.h>
#include <linux/workqueue.h>

typedef struct { int unused; } wait_queue_head_t;

/* What happens while somebody waits, for the test to set. */
static void (*shim_while_waiting_for)(wait_queue_head_t *queue);

#define init_waitqueue_head(q)	((void)(q))
#define wake_up(q)		((void)(q))
#define wake_up_all(q)		((void)(q))
#define wq_has_sleeper(q)	((void)(q), false)
#define DEFINE_WAIT(name)	int name = 0
#define prepare_to_wait(queue, wait, state)	((void)(queue), (void)(wait))
#define finish_wait(queue, wait)		((void)(queue), (void)(wait))
#define schedule_timeout(ticks)			((void)(jiffies += (ticks)))
#define DECLARE_WAIT_QUEUE_HEAD(name)	wait_queue_head_t name
#define wait_event_timeout(q, condition, timeout)		\
({								\
	while (!(condition) && shim_run_queued())		\
		;						\
	if (!(condition) && shim_while_waiting_for)		\
		shim_while_waiting_for(&(q));			\
	(condition) ? 1L : 0L;					\
})

#endif
