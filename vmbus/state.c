// SPDX-License-Identifier: GPL-2.0
/*
 * The phase of a channel and the public state drivers and sysfs see of it. Knows no message and no ring: who may go
 * where is decided by the caller, that nobody else went somewhere meanwhile is decided here.
 */
#include "state.h"

/* What <linux/hyperv.h> calls OPEN_STATE means "closed again". */
static const enum vmbus_channel_state public_state[] = {
	[VMBUS_CHANNEL_OFFERED] = CHANNEL_OFFER_STATE,
	[VMBUS_CHANNEL_OPENING] = CHANNEL_OPENING_STATE,
	[VMBUS_CHANNEL_OPENED] = CHANNEL_OPENED_STATE,
	[VMBUS_CHANNEL_BROKEN] = CHANNEL_OPENED_STATE,
	[VMBUS_CHANNEL_CLOSING] = CHANNEL_OPEN_STATE,
	[VMBUS_CHANNEL_CLOSED] = CHANNEL_OPEN_STATE,
	[VMBUS_CHANNEL_RELEASED] = CHANNEL_OPEN_STATE,
};

/**
 * vmbus_channel_move() - change the phase of a channel
 * @chan: the channel
 * @from: set of VMBUS_FROM() bits: the phases it may be in
 * @to: where to
 *
 * Context: any.
 * Return: false, with nothing changed, when the channel is in another phase.
 */
bool vmbus_channel_move(struct vmbus_chan *chan, u32 from, enum vmbus_channel_phase to)
{
	unsigned long flags;
	bool moved;

	spin_lock_irqsave(&vmbus_conn.table_lock, flags);
	moved = from & (1u << chan->phase);
	if (moved) {
		WRITE_ONCE(chan->phase, to);
		WRITE_ONCE(chan->channel.state, public_state[to]);
	}
	spin_unlock_irqrestore(&vmbus_conn.table_lock, flags);
	return moved;
}

/**
 * vmbus_channel_phase_of() - the phase of a channel right now
 * @chan: the channel
 *
 * Without the lock: for paths that only need to know whether it is worth going on.
 *
 * Return: the phase.
 */
enum vmbus_channel_phase vmbus_channel_phase_of(const struct vmbus_chan *chan)
{
	return READ_ONCE(chan->phase);
}
