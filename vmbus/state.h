/* SPDX-License-Identifier: GPL-2.0 */
/* The one place where a channel's phase changes. */
#ifndef VMBUS_STATE_H
#define VMBUS_STATE_H

#include "internal.h"

bool vmbus_channel_move(struct vmbus_chan *chan, u32 from, enum vmbus_channel_phase to);
enum vmbus_channel_phase vmbus_channel_phase_of(const struct vmbus_chan *chan);

#define VMBUS_FROM(phase)	(1u << VMBUS_CHANNEL_##phase)

#endif
