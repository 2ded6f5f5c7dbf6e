/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How long channels wait: from the interrupt to the driver's callback, and for room in the outbound ring. Off until
 * asked for in debugfs; off, each place costs an instruction that does nothing.
 */
#ifndef VMBUS_LATENCY_H
#define VMBUS_LATENCY_H

#include <linux/jump_label.h>

struct vmbus_chan;

DECLARE_STATIC_KEY_FALSE(vmbus_latency_on);

void vmbus_latency_note_interrupt(struct vmbus_chan *chan);
void vmbus_latency_note_callback(struct vmbus_chan *chan);
void vmbus_latency_note_ring_full(struct vmbus_chan *chan);
void vmbus_latency_note_ring_has_room(struct vmbus_chan *chan);
void vmbus_latency_forget(struct vmbus_chan *chan);

/* The interrupt asks for the callback; sched_lock held. */
static inline void vmbus_latency_interrupt(struct vmbus_chan *chan)
{
	if (static_branch_unlikely(&vmbus_latency_on))
		vmbus_latency_note_interrupt(chan);
}

/* The callback is about to begin; in the channel's tasklet. */
static inline void vmbus_latency_callback(struct vmbus_chan *chan)
{
	if (static_branch_unlikely(&vmbus_latency_on))
		vmbus_latency_note_callback(chan);
}

/* A sender found no room, the first since one got through; ring_lock held. */
static inline void vmbus_latency_ring_full(struct vmbus_chan *chan)
{
	if (static_branch_unlikely(&vmbus_latency_on))
		vmbus_latency_note_ring_full(chan);
}

/* A sender finds room again; ring_lock held. */
static inline void vmbus_latency_ring_has_room(struct vmbus_chan *chan)
{
	if (static_branch_unlikely(&vmbus_latency_on))
		vmbus_latency_note_ring_has_room(chan);
}

#endif
