/* SPDX-License-Identifier: GPL-2.0 */
/* Which CPU serves a channel. */
#ifndef VMBUS_PLACEMENT_H
#define VMBUS_PLACEMENT_H

#include "internal.h"

unsigned int vmbus_place_choose(const struct vmbus_chan *chan, unsigned int except);
void vmbus_place_channel(struct vmbus_chan *chan);
void vmbus_place_again(struct vmbus_chan *chan, unsigned int cpu);
void vmbus_unplace_channel(struct vmbus_chan *chan);
bool vmbus_cpu_may_serve(unsigned int cpu);

#endif
