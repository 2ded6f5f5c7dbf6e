// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the event loop: order of calls, calls that wait for calls, timers, descriptors that go
 * away in the middle.
 */
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "../hyperv/loop.h"
#include "dev_unit.h"

static struct loop *loop;
static unsigned int order, first_at, second_at, fired;

static void second_call(void *opaque)
{
	(void)opaque;
	second_at = ++order;
}

/* As a reset does: runs until the threads of the machine have said good-bye. */
static void waiting_call(void *opaque)
{
	(void)opaque;
	first_at = ++order;
	while (!second_at)
		loop_run_calls(loop);
}

static void a_call_may_wait_for_the_next(void)
{
	order = first_at = second_at = 0;
	loop = loop_new();
	loop_call(loop, waiting_call, NULL);
	loop_call(loop, second_call, NULL);
	loop_run_once(loop, 0);
	CHECK_EQ(first_at, 1);
	CHECK_EQ(second_at, 2);
	loop_free(loop);
}

static void *caller(void *opaque)
{
	loop_call_wait(loop, second_call, opaque);
	CHECK_EQ(second_at, 1);
	loop_quit(loop);
	return NULL;
}

static void a_caller_can_wait(void)
{
	pthread_t thread;

	order = second_at = 0;
	loop = loop_new();
	CHECK_EQ(pthread_create(&thread, NULL, caller, NULL), 0);
	loop_run(loop);
	pthread_join(thread, NULL);
	loop_free(loop);
}

static void timer_fired(void *opaque)
{
	fired = fired * 10 + *(unsigned int *)opaque;
}

static void timers_fire_in_order(void)
{
	static unsigned int number[] = { 1, 2, 3, 4 };
	struct loop_timer *timer[4];
	uint64_t now = loop_now_ns();

	fired = 0;
	loop = loop_new();
	for (int i = 0; i < 4; i++)
		timer[i] = loop_timer_new(loop, timer_fired, &number[i]);
	loop_timer_arm(timer[2], now + 30000000);
	loop_timer_arm(timer[0], now + 10000000);
	loop_timer_arm(timer[3], now + 15000000);
	loop_timer_arm(timer[1], now + 50000000);
	loop_timer_arm(timer[1], now + 20000000);
	loop_timer_cancel(timer[3]);
	CHECK(!loop_timer_is_armed(timer[3]));
	for (int i = 0; i < 1000 && fired < 100; i++)
		loop_run_once(loop, 20);
	CHECK_EQ(fired, 123);
	CHECK(loop_now_ns() >= now + 30000000);
	for (int i = 0; i < 4; i++)
		loop_timer_free(timer[i]);
	loop_free(loop);
}

static int pair[2];

/* Whichever comes first takes the other away; its event was collected already. */
static void fd_ready(int fd, uint32_t events, void *opaque)
{
	(void)events;
	(void)opaque;
	fired++;
	loop_fd_del(loop, fd == pair[0] ? pair[1] : pair[0]);
	loop_fd_mod(loop, fd, 0);
}

static void a_removed_descriptor_is_silent(void)
{
	fired = 0;
	loop = loop_new();
	for (int i = 0; i < 2; i++) {
		pair[i] = eventfd(1, EFD_NONBLOCK);
		CHECK_EQ(loop_fd_add(loop, pair[i], EPOLLIN, fd_ready, NULL), 0);
	}
	for (int i = 0; i < 5; i++)
		loop_run_once(loop, 0);
	CHECK_EQ(fired, 1);
	for (int i = 0; i < 2; i++) {
		loop_fd_del(loop, pair[i]);
		close(pair[i]);
	}
	loop_free(loop);
}

static struct loop_task task;

static void task_again(void *opaque)
{
	(void)opaque;
	fired++;
	loop_task_queue(loop, &task);
}

static void a_task_that_queues_itself_waits_its_turn(void)
{
	fired = 0;
	loop = loop_new();
	task = (struct loop_task){ .fn = task_again };
	loop_task_queue(loop, &task);
	loop_task_queue(loop, &task);
	for (int i = 0; i < 5; i++)
		loop_run_once(loop, -1);
	CHECK_EQ(fired, 5);
	loop_task_cancel(loop, &task);
	loop_run_once(loop, 0);
	CHECK_EQ(fired, 5);
	loop_free(loop);
}

static const struct unit_case cases[] = {
	UNIT_CASE(a_call_may_wait_for_the_next),
	UNIT_CASE(a_caller_can_wait),
	UNIT_CASE(timers_fire_in_order),
	UNIT_CASE(a_removed_descriptor_is_silent),
	UNIT_CASE(a_task_that_queues_itself_waits_its_turn),
};

int main(void)
{
	return unit_main(cases, sizeof(cases) / sizeof(cases[0]));
}
