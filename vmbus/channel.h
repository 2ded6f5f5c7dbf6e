/* SPDX-License-Identifier: GPL-2.0 */
/* One channel's life; the functions for drivers are declared in <linux/hyperv.h>. */
#ifndef VMBUS_CHANNEL_H
#define VMBUS_CHANNEL_H

#include "internal.h"

void vmbus_channel_init(struct vmbus_chan *chan);
void vmbus_channel_quiesce(struct vmbus_chan *chan);
void vmbus_channel_forget(struct vmbus_chan *chan, bool confirmed);
int vmbus_channel_retarget(struct vmbus_chan *chan, unsigned int cpu);

#endif
