/* SPDX-License-Identifier: GPL-2.0 */
/* Work that runs when the test says so: queueing only sets a mark. */
#ifndef SHIM_LINUX_WORKQUEUE_H
#define SHIM_LINUX_WORKQUEUE_H

#include <stdlib.h>
#include <linux/kernel.h>
#include <linux/mutex.h>
#include <linux/types.h>

struct work_struct {
	void (*func)(struct work_struct *work);
	bool pending;
	struct workqueue_struct *queue;		/* NULL: not queued to one of the test's queues */
	struct work_struct *next;
};

/* A queue that somebody made: its work runs when it is flushed, or while somebody waits (shim_run_queued). */
struct workqueue_struct {
	struct work_struct *first;
	struct workqueue_struct *next;
	bool ordered, running;
};

static struct workqueue_struct *shim_queues;

#define WQ_FREEZABLE	4
#define WQ_UNBOUND	2

struct delayed_work {
	struct work_struct work;
	unsigned long delay;
};

#define INIT_WORK(w, f)		do { (w)->func = (f); (w)->pending = false; } while (0)
#define INIT_DELAYED_WORK(w, f)	INIT_WORK(&(w)->work, f)
#define DECLARE_WORK(name, f)	struct work_struct name = { .func = (f) }
#define to_delayed_work(w)	container_of(w, struct delayed_work, work)
#define msecs_to_jiffies(ms)	((unsigned long)(ms))

static inline bool schedule_work(struct work_struct *work)
{
	bool queued = !work->pending;

	work->pending = true;
	return queued;
}

static inline bool schedule_delayed_work(struct delayed_work *work, unsigned long delay)
{
	if (!work->work.pending)
		work->delay = delay;
	return schedule_work(&work->work);
}

#define system_wq	NULL
#define schedule_work_on(cpu, work)	((void)(cpu), schedule_work(work))

static inline struct workqueue_struct *shim_alloc_queue(bool ordered)
{
	struct workqueue_struct *queue = calloc(1, sizeof(*queue));

	queue->ordered = ordered;
	queue->next = shim_queues;
	shim_queues = queue;
	return queue;
}

#define alloc_ordered_workqueue(name, flags)		shim_alloc_queue(true)
#define alloc_workqueue(name, flags, max_active)	shim_alloc_queue(false)

static inline bool queue_work(struct workqueue_struct *queue, struct work_struct *work)
{
	struct work_struct **at;

	if (!schedule_work(work))
		return false;
	work->queue = queue;
	work->next = NULL;
	if (queue) {
		for (at = &queue->first; *at; at = &(*at)->next)
			;
		*at = work;
	}
	return true;
}

/* Runs the first work of a queue: false when it has none, or may not have two run at a time. */
static inline bool shim_run_first(struct workqueue_struct *queue)
{
	struct work_struct *work = queue->first;
	bool was_running = queue->running;

	if (!work || (queue->ordered && was_running))
		return false;
	queue->first = work->next;
	work->queue = NULL;
	work->pending = false;
	queue->running = true;
	work->func(work);
	queue->running = was_running;
	return true;
}

/* Somebody waits: others have their turn. Returns false when there is nobody. */
static inline bool shim_run_queued(void)
{
	struct workqueue_struct *queue;

	if (shim_mutexes_held)
		return false;
	for (queue = shim_queues; queue; queue = queue->next)
		if (shim_run_first(queue))
			return true;
	return false;
}

static inline void flush_workqueue(struct workqueue_struct *queue)
{
	while (shim_run_first(queue))
		;
}

static inline void destroy_workqueue(struct workqueue_struct *queue)
{
	struct workqueue_struct **at;

	flush_workqueue(queue);
	for (at = &shim_queues; *at; at = &(*at)->next) {
		if (*at == queue) {
			*at = queue->next;
			break;
		}
	}
	free(queue);
}

static inline bool mod_delayed_work(void *queue, struct delayed_work *work, unsigned long delay)
{
	(void)queue;
	work->delay = delay;
	return !schedule_work(&work->work);
}

static inline bool cancel_delayed_work(struct delayed_work *work)
{
	bool was_pending = work->work.pending;

	work->work.pending = false;
	return was_pending;
}

static inline bool cancel_delayed_work_sync(struct delayed_work *work)
{
	bool was_pending = work->work.pending;

	work->work.pending = false;
	return was_pending;
}

static inline bool cancel_work_sync(struct work_struct *work)
{
	bool was_pending = work->pending;

	work->pending = false;
	return was_pending;
}

static inline bool flush_work(struct work_struct *work)
{
	if (!cancel_work_sync(work))
		return false;
	work->func(work);
	return true;
}

/* For the test: run what is queued, once. */
static inline bool shim_run_work(struct work_struct *work)
{
	if (!work->pending)
		return false;
	work->pending = false;
	work->func(work);
	return true;
}

#endif
