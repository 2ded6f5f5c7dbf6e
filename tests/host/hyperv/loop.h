/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The event loop of the device thread: file descriptors, timers, deferred calls and calls from
 * other threads. Everything in hyperv/ and devices/ runs inside loop_run(), one call at a time, so
 * nothing there needs a lock. It knows nothing of Hyper-V.
 */
#ifndef HVHOST_LOOP_H
#define HVHOST_LOOP_H

#include <stdbool.h>
#include <stdint.h>

struct loop;
struct loop_timer;

typedef void (*loop_fd_fn)(int fd, uint32_t events, void *opaque);
typedef void (*loop_fn)(void *opaque);

struct loop *loop_new(void);
void loop_free(struct loop *loop);

/* Runs callbacks until loop_quit(). */
void loop_run(struct loop *loop);
/*
 * Runs what is ready, waits at most @timeout_ms (-1: until something happens), returns. For unit
 * tests.
 */
void loop_run_once(struct loop *loop, int timeout_ms);
/*
 * Waits for a call from another thread and runs what there is, nothing else: for waiting until
 * those threads end.
 */
void loop_run_calls(struct loop *loop);
/* Makes loop_run() return after the current callback. Any thread. */
void loop_quit(struct loop *loop);

/**
 * loop_fd_add - watch a file descriptor
 * @events: EPOLLIN, EPOLLOUT ..., level triggered; 0 keeps the registration but reports nothing
 * @fn: called with the ready events
 *
 * Context: device thread. Return: 0, -errno of epoll_ctl().
 */
int loop_fd_add(struct loop *loop, int fd, uint32_t events, loop_fd_fn fn, void *opaque);
int loop_fd_mod(struct loop *loop, int fd, uint32_t events);
/*
 * After it @fn is never called again for this registration, even if an event was already collected.
 * Not for a closed fd.
 */
void loop_fd_del(struct loop *loop, int fd);

/* CLOCK_MONOTONIC in nanoseconds: the time base of all timers. */
uint64_t loop_now_ns(void);
struct loop_timer *loop_timer_new(struct loop *loop, loop_fn fn, void *opaque);
/* One shot, at @at_ns (absolute, CLOCK_MONOTONIC); arming an armed timer moves it. */
void loop_timer_arm(struct loop_timer *timer, uint64_t at_ns);
void loop_timer_cancel(struct loop_timer *timer);
bool loop_timer_is_armed(const struct loop_timer *timer);
/* Cancels and frees; NULL is allowed; may be called from the timer's own callback. */
void loop_timer_free(struct loop_timer *timer);

/*
 * A call to be made once from the loop, after the callback that queues it. Owned by the caller, no
 * allocation.
 */
struct loop_task {
	loop_fn fn;
	void *opaque;
	struct loop_task *next, **link;
};

/* Context: device thread. Queueing a queued task does nothing. */
void loop_task_queue(struct loop *loop, struct loop_task *task);
void loop_task_cancel(struct loop *loop, struct loop_task *task);

/**
 * loop_call - run a function in the device thread
 *
 * Queued in order, without allocation failure paths for the caller. Any thread.
 */
void loop_call(struct loop *loop, loop_fn fn, void *opaque);
/* As loop_call(), and waits until @fn has returned. Any thread but the device thread. */
void loop_call_wait(struct loop *loop, loop_fn fn, void *opaque);

#endif
