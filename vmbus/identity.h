/* SPDX-License-Identifier: GPL-2.0 */
/* What an offer says of a channel, and whether two channels are one device's. */
#ifndef VMBUS_IDENTITY_H
#define VMBUS_IDENTITY_H

#include "internal.h"

void vmbus_identity_set(struct vmbus_chan *chan, const struct vmbus_msg_offer *offer);
void vmbus_identity_clear(struct vmbus_chan *chan);
void vmbus_identity_move(struct vmbus_chan *to, struct vmbus_chan *from);
bool vmbus_identity_same_device(const struct vmbus_channel *a, const struct vmbus_channel *b);
bool vmbus_identity_is_renewed_by(const struct vmbus_chan *kept, const struct vmbus_chan *offered);

#endif
