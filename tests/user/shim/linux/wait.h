/* SPDX-License-Identifier: GPL-2.0 */
/* Nobody else runs: who waits for what is not so lets the test act (shim_while_waiting_for), then gives up. */
#ifndef SHIM_LINUX_WAIT_H
#define SHIM_LINUX_WAIT_H

typedef struct { int unused; } wait_queue_head_t;

/* What happens while somebody waits, for the test to set. */
static void (*shim_while_waiting_for)(wait_queue_head_t *queue);

#define init_waitqueue_head(q)	((void)(q))
#define wake_up(q)		((void)(q))
#define wait_event_timeout(q, condition, timeout)		\
({								\
	if (!(condition) && shim_while_waiting_for)		\
		shim_while_waiting_for(&(q));			\
	(condition) ? 1L : 0L;					\
})

#endif
