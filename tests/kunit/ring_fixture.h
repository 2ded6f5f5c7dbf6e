/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the suites of the byte ring share: a ring between guards, the log of its
 * accesses and barriers, and a host that acts at a chosen one of them. The file
 * under test is included here, after the macros that log have taken its accesses.
 */
#ifndef HVLIC_RING_FIXTURE_H
#define HVLIC_RING_FIXTURE_H

#include <kunit/test.h>
#include <linux/module.h>
#include "ring_events.h"
#include "../../vmbus/ring.c"

#define RING_BYTES	128u
#define GUARD_BYTES	64u
#define GUARD		0xa5
#define STALE		0x5c
#define EVENTS		64

/* Everything a case needs; the data lies between guards. */
struct ring_test {
	struct vmbus_ring_control control;
	u8 guard_before[GUARD_BYTES];
	u8 bytes[RING_BYTES];
	u8 guard_after[GUARD_BYTES];
	struct vmbus_ring_out out;
	struct vmbus_ring_in in;
	char events[3 * EVENTS];
	/* The host acts once: before the act_at-th event of this kind (from 1). */
	char act_on;
	int act_at;
	void (*act)(struct ring_test *ring);
};

static struct ring_test *ring_now;

static char ring_word_letter(const volatile void *where)
{
	const struct vmbus_ring_control *control = &ring_now->control;

	if (where == &control->write_index)
		return 'w';
	if (where == &control->read_index)
		return 'r';
	if (where == &control->interrupt_mask)
		return 'm';
	if (where == &control->pending_send_size)
		return 'p';
	if (where == &control->feature_bits)
		return 'f';
	return '?';
}

static bool is_in_control_page(const volatile void *where)
{
	unsigned long at = (unsigned long)where, page = (unsigned long)&ring_now->control;

	return at >= page && at < page + sizeof(ring_now->control);
}

/* Logs "Lw " and so on; barriers are one letter. */
static void ring_test_event(char what, const volatile void *where)
{
	size_t n = strlen(ring_now->events);

	/* KUnit's own macros make single accesses too. */
	if (where && !is_in_control_page(where))
		return;
	if (n + 4 < sizeof(ring_now->events)) {
		ring_now->events[n++] = what;
		if (where)
			ring_now->events[n++] = ring_word_letter(where);
		ring_now->events[n++] = ' ';
		ring_now->events[n] = '\0';
	}
	if (ring_now->act && ring_now->act_on == what && --ring_now->act_at == 0) {
		void (*act)(struct ring_test *) = ring_now->act;

		ring_now->act = NULL;
		act(ring_now);
	}
}

static void host_acts(struct ring_test *ring, char on, int at, void (*act)(struct ring_test *))
{
	ring->act_on = on;
	ring->act_at = at;
	ring->act = act;
}

static int ring_test_init(struct kunit *test)
{
	struct ring_test *ring = kunit_kzalloc(test, sizeof(*ring), GFP_KERNEL);

	if (!ring)
		return -ENOMEM;
	memset(ring->guard_before, GUARD, sizeof(ring->guard_before));
	memset(ring->guard_after, GUARD, sizeof(ring->guard_after));
	memset(ring->bytes, STALE, sizeof(ring->bytes));
	ring_now = ring;
	vmbus_ring_out_init(&ring->out, &ring->control, ring->bytes, RING_BYTES);
	test->priv = ring;
	return 0;
}

#endif
