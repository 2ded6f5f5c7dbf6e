// SPDX-License-Identifier: GPL-2.0
/*
 * Signals by the monitor page: the guest sets a bit where it would make a hypercall, and the host
 * finds it on its next look. Knows no ring. VMBus, monitored notification.
 */
#include "internal.h"

/* Policy: the time between two looks at the trigger page. */
#define MONITOR_PERIOD_NS 5000000ull

static uint32_t *monitor_group(struct vmbus_server *server, uint8_t id)
{
	uint64_t page = server->conn.monitor_page[1];
	struct vmbus_monitor_page *monitor;

	if (!page)
		return NULL;
	monitor = guest_mem_ptr(server->config.mem, page, sizeof(*monitor));
	return monitor ? (uint32_t *)&monitor->group[id / VMBUS_MONITOR_PER_GROUP].pending : NULL;
}

/* Return: whether the guest has triggered; takes the trigger away. */
static bool monitor_take(struct vmbus_chan *chan)
{
	uint32_t *group = monitor_group(chan->server, chan->monitor_id);
	uint32_t bit = htole32(1u << chan->monitor_id % VMBUS_MONITOR_PER_GROUP);

	return group && (__atomic_load_n(group, __ATOMIC_RELAXED) & bit) &&
	       (__atomic_fetch_and(group, ~bit, __ATOMIC_ACQ_REL) & bit);
}

static void monitor_look(void *opaque)
{
	struct vmbus_server *server = opaque;
	bool any = false;

	/* By relid: what a device does with its packets may take channels off any list. */
	for (uint32_t relid = 1; relid <= VMBUS_RELID_MAX; relid++) {
		struct vmbus_chan *chan = server->by_relid[relid];

		if (!chan || chan->state != CHAN_OPEN || chan->monitor_id == VMBUS_MONITOR_ID_NONE)
			continue;
		any = true;
		if (!monitor_take(chan))
			continue;
		/* Below 2.4 the guest says by the interrupt page which channel it means. */
		interrupt_page_take(server, relid);
		packet_signalled(chan, 1);
	}
	if (any)
		loop_timer_arm(server->monitor_timer, loop_now_ns() + MONITOR_PERIOD_NS);
}

void monitor_start(struct vmbus_server *server)
{
	if (!loop_timer_is_armed(server->monitor_timer))
		loop_timer_arm(server->monitor_timer, loop_now_ns() + MONITOR_PERIOD_NS);
}

void monitor_init(struct vmbus_server *server)
{
	server->monitor_timer = loop_timer_new(server->config.loop, monitor_look, server);
}

void monitor_free(struct vmbus_server *server)
{
	loop_timer_free(server->monitor_timer);
}
