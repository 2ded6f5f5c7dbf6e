// SPDX-License-Identifier: GPL-2.0
/*
 * The event loop: epoll for descriptors, one timerfd armed for the earliest timer, an eventfd for
 * other threads. It must not know what the callbacks do.
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "loop.h"
#include "util.h"

/* Policy: events taken from the kernel in one go. */
#define LOOP_BATCH 32

struct loop_watch {
	int fd;
	bool dead;
	loop_fd_fn fn;
	void *opaque;
	struct loop_watch *next;
};

struct loop_timer {
	struct loop *loop;
	uint64_t at_ns;
	bool armed;
	loop_fn fn;
	void *opaque;
	struct loop_timer *next;
};

struct loop_remote {
	loop_fn fn;
	void *opaque;
	struct loop_remote *next;
};

struct loop {
	int epoll_fd, timer_fd, event_fd;
	atomic_bool quit;
	struct loop_watch **watches; /* by fd */
	int nr_watches;
	struct loop_watch *dead; /* freed once no collected event can name them */
	struct loop_timer *timers; /* armed ones, earliest first */
	uint64_t timer_fd_at; /* what timer_fd is set to; 0: disarmed */
	struct loop_task *tasks, **tasks_tail;
	struct loop_task end_of_pass;
	pthread_mutex_t lock; /* protects remote and remote_tail, nothing else */
	struct loop_remote *remote, **remote_tail;
};

uint64_t loop_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static struct loop_remote *loop_take_remote(struct loop *loop)
{
	struct loop_remote *call;

	pthread_mutex_lock(&loop->lock);
	call = loop->remote;
	if (call) {
		loop->remote = call->next;
		if (!loop->remote)
			loop->remote_tail = &loop->remote;
	}
	pthread_mutex_unlock(&loop->lock);
	return call;
}

/*
 * One by one, because a call may itself wait for those behind it (loop_run_calls()).
 * Return: whether there was any.
 */
static bool loop_drain_remote(struct loop *loop)
{
	struct loop_remote *call;
	bool any = false;

	while ((call = loop_take_remote(loop))) {
		call->fn(call->opaque);
		free(call);
		any = true;
	}
	return any;
}

static void loop_event_fd_ready(int fd, uint32_t events, void *opaque)
{
	uint64_t count;

	(void)events;
	if (read(fd, &count, sizeof(count)) < 0)
		return;
	loop_drain_remote(opaque);
}

static void loop_timer_fd_ready(int fd, uint32_t events, void *opaque)
{
	struct loop *loop = opaque;
	uint64_t count;

	(void)events;
	if (read(fd, &count, sizeof(count)) < 0)
		return;
	loop->timer_fd_at = 0;
}

struct loop *loop_new(void)
{
	struct loop *loop = xcalloc(1, sizeof(*loop));

	loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	loop->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	loop->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	loop->tasks_tail = &loop->tasks;
	loop->remote_tail = &loop->remote;
	pthread_mutex_init(&loop->lock, NULL);
	if (loop->epoll_fd < 0 || loop->timer_fd < 0 || loop->event_fd < 0 ||
	    loop_fd_add(loop, loop->timer_fd, EPOLLIN, loop_timer_fd_ready, loop) ||
	    loop_fd_add(loop, loop->event_fd, EPOLLIN, loop_event_fd_ready, loop)) {
		loop_free(loop);
		return NULL;
	}
	return loop;
}

static void loop_free_dead(struct loop *loop)
{
	while (loop->dead) {
		struct loop_watch *watch = loop->dead;

		loop->dead = watch->next;
		free(watch);
	}
}

void loop_free(struct loop *loop)
{
	if (!loop)
		return;
	for (int fd = 0; fd < loop->nr_watches; fd++)
		free(loop->watches[fd]);
	free(loop->watches);
	loop_free_dead(loop);
	while (loop->remote) {
		struct loop_remote *call = loop->remote;

		loop->remote = call->next;
		free(call);
	}
	close(loop->epoll_fd);
	close(loop->timer_fd);
	close(loop->event_fd);
	pthread_mutex_destroy(&loop->lock);
	free(loop);
}

int loop_fd_add(struct loop *loop, int fd, uint32_t events, loop_fd_fn fn, void *opaque)
{
	struct epoll_event event = { .events = events };
	struct loop_watch *watch;

	if (fd < 0)
		return -EBADF;
	if (fd >= loop->nr_watches) {
		int nr = fd + 16;

		loop->watches = xrealloc(loop->watches, nr, sizeof(*loop->watches));
		for (int i = loop->nr_watches; i < nr; i++)
			loop->watches[i] = NULL;
		loop->nr_watches = nr;
	}
	if (loop->watches[fd])
		return -EEXIST;
	watch = xcalloc(1, sizeof(*watch));
	watch->fd = fd;
	watch->fn = fn;
	watch->opaque = opaque;
	event.data.ptr = watch;
	if (epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0) {
		int err = -errno;

		free(watch);
		return err;
	}
	loop->watches[fd] = watch;
	return 0;
}

int loop_fd_mod(struct loop *loop, int fd, uint32_t events)
{
	struct epoll_event event = { .events = events };

	if (fd < 0 || fd >= loop->nr_watches || !loop->watches[fd])
		return -ENOENT;
	event.data.ptr = loop->watches[fd];
	return epoll_ctl(loop->epoll_fd, EPOLL_CTL_MOD, fd, &event) < 0 ? -errno : 0;
}

void loop_fd_del(struct loop *loop, int fd)
{
	struct loop_watch *watch;

	if (fd < 0 || fd >= loop->nr_watches || !loop->watches[fd])
		return;
	watch = loop->watches[fd];
	loop->watches[fd] = NULL;
	epoll_ctl(loop->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
	watch->dead = true;
	watch->next = loop->dead;
	loop->dead = watch;
}

struct loop_timer *loop_timer_new(struct loop *loop, loop_fn fn, void *opaque)
{
	struct loop_timer *timer = xcalloc(1, sizeof(*timer));

	timer->loop = loop;
	timer->fn = fn;
	timer->opaque = opaque;
	return timer;
}

void loop_timer_cancel(struct loop_timer *timer)
{
	struct loop_timer **link = &timer->loop->timers;

	if (!timer->armed)
		return;
	while (*link != timer)
		link = &(*link)->next;
	*link = timer->next;
	timer->armed = false;
}

void loop_timer_arm(struct loop_timer *timer, uint64_t at_ns)
{
	struct loop_timer **link = &timer->loop->timers;

	loop_timer_cancel(timer);
	timer->at_ns = at_ns ? at_ns : 1;
	timer->armed = true;
	while (*link && (*link)->at_ns <= timer->at_ns)
		link = &(*link)->next;
	timer->next = *link;
	*link = timer;
}

bool loop_timer_is_armed(const struct loop_timer *timer)
{
	return timer->armed;
}

void loop_timer_free(struct loop_timer *timer)
{
	if (!timer)
		return;
	loop_timer_cancel(timer);
	free(timer);
}

static void loop_run_timers(struct loop *loop)
{
	uint64_t now;

	if (!loop->timers)
		return;
	now = loop_now_ns();
	while (loop->timers && loop->timers->at_ns <= now) {
		struct loop_timer *timer = loop->timers;

		loop->timers = timer->next;
		timer->armed = false;
		timer->fn(timer->opaque);
	}
}

static void loop_set_timer_fd(struct loop *loop)
{
	struct itimerspec spec = { 0 };
	uint64_t at = loop->timers ? loop->timers->at_ns : 0;

	/* An earlier setting that is no longer wanted only wakes the loop once for nothing. */
	if (!at || (loop->timer_fd_at && loop->timer_fd_at <= at))
		return;
	spec.it_value.tv_sec = at / 1000000000u;
	spec.it_value.tv_nsec = at % 1000000000u;
	timerfd_settime(loop->timer_fd, TFD_TIMER_ABSTIME, &spec, NULL);
	loop->timer_fd_at = at;
}

void loop_task_queue(struct loop *loop, struct loop_task *task)
{
	if (task->link)
		return;
	task->next = NULL;
	task->link = loop->tasks_tail;
	*loop->tasks_tail = task;
	loop->tasks_tail = &task->next;
}

void loop_task_cancel(struct loop *loop, struct loop_task *task)
{
	if (!task->link)
		return;
	*task->link = task->next;
	if (task->next)
		task->next->link = task->link;
	else
		loop->tasks_tail = task->link;
	task->link = NULL;
}

/*
 * One pass only: a task that queues itself again runs after descriptors and timers had their turn.
 */
static void loop_run_tasks(struct loop *loop)
{
	struct loop_task *end = &loop->end_of_pass;

	if (!loop->tasks)
		return;
	loop_task_queue(loop, end);
	while (loop->tasks != end) {
		struct loop_task *task = loop->tasks;

		loop_task_cancel(loop, task);
		task->fn(task->opaque);
	}
	loop_task_cancel(loop, end);
}

void loop_run_once(struct loop *loop, int timeout_ms)
{
	struct epoll_event events[LOOP_BATCH];
	int nr;

	loop_set_timer_fd(loop);
	nr = epoll_wait(loop->epoll_fd, events, LOOP_BATCH, loop->tasks ? 0 : timeout_ms);
	for (int i = 0; i < nr; i++) {
		struct loop_watch *watch = events[i].data.ptr;

		if (!watch->dead)
			watch->fn(watch->fd, events[i].events, watch->opaque);
	}
	loop_free_dead(loop);
	loop_run_timers(loop);
	loop_run_tasks(loop);
}

void loop_run_calls(struct loop *loop)
{
	struct pollfd pfd = { .fd = loop->event_fd, .events = POLLIN };

	/* Calls may be there though the descriptor was read already: by the drain this is called from. */
	if (!loop_drain_remote(loop) && poll(&pfd, 1, -1) > 0)
		loop_event_fd_ready(loop->event_fd, 0, loop);
}

void loop_run(struct loop *loop)
{
	while (!atomic_load(&loop->quit))
		loop_run_once(loop, -1);
}

static void loop_wake(struct loop *loop)
{
	uint64_t one = 1;

	/* EAGAIN means the counter is full, so the loop is being woken anyway. */
	if (write(loop->event_fd, &one, sizeof(one)) < 0)
		return;
}

void loop_quit(struct loop *loop)
{
	atomic_store(&loop->quit, true);
	loop_wake(loop);
}

void loop_call(struct loop *loop, loop_fn fn, void *opaque)
{
	struct loop_remote *call = xcalloc(1, sizeof(*call));

	call->fn = fn;
	call->opaque = opaque;
	pthread_mutex_lock(&loop->lock);
	*loop->remote_tail = call;
	loop->remote_tail = &call->next;
	pthread_mutex_unlock(&loop->lock);
	loop_wake(loop);
}

struct loop_waiter {
	loop_fn fn;
	void *opaque;
	pthread_mutex_t lock;
	pthread_cond_t cond;
	bool done;
};

static void loop_run_waiter(void *opaque)
{
	struct loop_waiter *waiter = opaque;

	waiter->fn(waiter->opaque);
	pthread_mutex_lock(&waiter->lock);
	waiter->done = true;
	pthread_cond_signal(&waiter->cond);
	pthread_mutex_unlock(&waiter->lock);
}

void loop_call_wait(struct loop *loop, loop_fn fn, void *opaque)
{
	struct loop_waiter waiter = {
		.fn = fn,
		.opaque = opaque,
		.lock = PTHREAD_MUTEX_INITIALIZER,
		.cond = PTHREAD_COND_INITIALIZER,
	};

	loop_call(loop, loop_run_waiter, &waiter);
	pthread_mutex_lock(&waiter.lock);
	while (!waiter.done)
		pthread_cond_wait(&waiter.cond, &waiter.lock);
	pthread_mutex_unlock(&waiter.lock);
}
