// SPDX-License-Identifier: GPL-2.0
/*
 * How long channels wait: from the interrupt to the callback of the driver, where that runs in the channel's tasklet, and
 * from the first packet that found the outbound ring full to the next one that fits. Decides nothing.
 */
#include <linux/ktime.h>

#include "internal.h"
#include "latency.h"

DEFINE_STATIC_KEY_FALSE(vmbus_latency_on);

/**
 * vmbus_latency_note_interrupt() - the interrupt asks for the callback
 * @chan: the channel
 *
 * Several interrupts before the callback begins are one wait, that of the first.
 *
 * Context: hard interrupt, sched_lock held.
 */
void vmbus_latency_note_interrupt(struct vmbus_chan *chan)
{
	if (!READ_ONCE(chan->interrupt_ns))
		WRITE_ONCE(chan->interrupt_ns, ktime_get_mono_fast_ns());
}

/**
 * vmbus_latency_note_callback() - the callback is about to begin
 * @chan: the channel
 *
 * Context: the channel's tasklet.
 */
void vmbus_latency_note_callback(struct vmbus_chan *chan)
{
	u64 since = READ_ONCE(chan->interrupt_ns);

	if (!since)
		return;
	WRITE_ONCE(chan->interrupt_ns, 0);
	vmbus_histogram_add(&chan->to_callback, ktime_get_mono_fast_ns() - since);
}

/**
 * vmbus_latency_note_ring_full() - a packet found the outbound ring full
 * @chan: the channel
 *
 * Context: any, ring_lock held.
 */
void vmbus_latency_note_ring_full(struct vmbus_chan *chan)
{
	chan->ring_full_ns = ktime_get_mono_fast_ns();
}

/**
 * vmbus_latency_note_ring_has_room() - a packet fits again
 * @chan: the channel
 *
 * Context: any, ring_lock held.
 */
void vmbus_latency_note_ring_has_room(struct vmbus_chan *chan)
{
	if (!chan->ring_full_ns)
		return;
	vmbus_histogram_add(&chan->ring_full, ktime_get_mono_fast_ns() - chan->ring_full_ns);
	chan->ring_full_ns = 0;
}

/**
 * vmbus_latency_forget() - begin anew: what was counted before, or has begun before, is of no use
 * @chan: the channel
 *
 * Context: any.
 */
void vmbus_latency_forget(struct vmbus_chan *chan)
{
	unsigned long flags;

	vmbus_histogram_clear(&chan->to_callback);
	WRITE_ONCE(chan->interrupt_ns, 0);
	spin_lock_irqsave(&chan->channel.outbound.ring_lock, flags);
	vmbus_histogram_clear(&chan->ring_full);
	chan->ring_full_ns = 0;
	spin_unlock_irqrestore(&chan->channel.outbound.ring_lock, flags);
}
