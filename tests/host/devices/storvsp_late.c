// SPDX-License-Identifier: GPL-2.0
/*
 * Replies of disks that take their time: kept, in the order in which they fall due, until then. The
 * command itself has been carried out. Knows no SCSI.
 */
#include "storvsp_internal.h"

#include <stdlib.h>

#include "../hyperv/util.h"

/* Policy: replies kept for one channel; a guest that has more out waits. */
#define STORVSP_LATE_MAX 4096

struct storvsp_late_reply {
	struct storvsp_late_reply *next;
	uint64_t due_ns;
	uint64_t xid;
	uint32_t bytes;
	struct vstor_packet packet;
};

static void storvsp_late_due(void *opaque)
{
	struct storvsp_channel *c = opaque;

	/* work() sends them, with one interrupt. */
	vmbus_kick(c->chan);
}

void storvsp_late_init(struct storvsp_channel *c, struct loop *loop)
{
	c->late_end = &c->late;
	c->late_timer = loop_timer_new(loop, storvsp_late_due, c);
}

void storvsp_late_forget(struct storvsp_channel *c)
{
	struct storvsp_late_reply *late;

	loop_timer_cancel(c->late_timer);
	while ((late = c->late)) {
		c->late = late->next;
		free(late);
	}
	c->late_end = &c->late;
	c->nr_late = 0;
}

void storvsp_late_free(struct storvsp_channel *c)
{
	storvsp_late_forget(c);
	loop_timer_free(c->late_timer);
}

bool storvsp_late_is_full(const struct storvsp_channel *c)
{
	return c->nr_late >= STORVSP_LATE_MAX;
}

void storvsp_late_keep(struct storvsp_channel *c, uint32_t latency_us)
{
	struct storvsp_late_reply *late = xcalloc(1, sizeof(*late)), **link = &c->late;

	late->due_ns = loop_now_ns() + latency_us * 1000ull;
	late->xid = c->reply_xid;
	late->bytes = c->reply_bytes;
	late->packet = c->reply;
	/* Nearly always the last: only disks of different latency overtake each other. */
	if (c->late && c->late_last->due_ns <= late->due_ns)
		link = c->late_end;
	while (*link && (*link)->due_ns <= late->due_ns)
		link = &(*link)->next;
	late->next = *link;
	*link = late;
	if (!late->next) {
		c->late_end = &late->next;
		c->late_last = late;
	}
	c->nr_late++;
	if (c->late == late)
		loop_timer_arm(c->late_timer, late->due_ns);
}

bool storvsp_late_send(struct storvsp_channel *c)
{
	struct storvsp_late_reply *late;
	uint64_t now;

	if (!c->late)
		return true;
	now = loop_now_ns();
	while ((late = c->late) && late->due_ns <= now) {
		c->reply = late->packet;
		c->reply_xid = late->xid;
		c->reply_bytes = late->bytes;
		c->late = late->next;
		if (!c->late)
			c->late_end = &c->late;
		c->nr_late--;
		free(late);
		/* Without room this very reply is the pending one, which goes first next time. */
		if (!storvsp_reply(c))
			return false;
	}
	if (late && !loop_timer_is_armed(c->late_timer))
		loop_timer_arm(c->late_timer, late->due_ns);
	return true;
}
