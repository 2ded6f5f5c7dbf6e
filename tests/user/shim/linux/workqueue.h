/* SPDX-License-Identifier: GPL-2.0 */
/* Work that runs when the test says so: queueing only sets a mark. */
#ifndef SHIM_LINUX_WORKQUEUE_H
#define SHIM_LINUX_WORKQUEUE_H

#include <linux/kernel.h>
#include <linux/types.h>

struct work_struct {
	void (*func)(struct work_struct *work);
	bool pending;
};

struct delayed_work {
	struct work_struct work;
	unsigned long delay;
};

#define INIT_WORK(w, f)		do { (w)->func = (f); (w)->pending = false; } while (0)
#define INIT_DELAYED_WORK(w, f)	INIT_WORK(&(w)->work, f)
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
