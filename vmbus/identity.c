// SPDX-License-Identifier: GPL-2.0
/*
 * Who a channel is: the numbers an offer gives it, which end with the connection, and the device it belongs to, which does
 * not. Arithmetic on one or two channels; knows no table, no list and no lock. VMBus offers; reconnect after resume.
 */
#include <linux/string.h>
#include <linux/uuid.h>

#include "identity.h"

/**
 * vmbus_identity_set() - give a channel the numbers of an offer
 * @chan: the channel
 * @offer: private copy of the message; its relid is 1 to VMBUS_RELID_MAX
 *
 * Context: nobody else uses the numbers.
 */
void vmbus_identity_set(struct vmbus_chan *chan, const struct vmbus_msg_offer *offer)
{
	struct vmbus_channel *channel = &chan->channel;

	chan->relid = le32_to_cpu(offer->relid);
	/* Same layout; the kernel's type is what drivers look at. */
	BUILD_BUG_ON(sizeof(channel->offermsg) != sizeof(*offer));
	memcpy(&channel->offermsg, offer, sizeof(channel->offermsg));

	channel->is_dedicated_interrupt = offer->interrupt_flags & cpu_to_le16(VMBUS_OFFER_DEDICATED_INTERRUPT);
	chan->signal = channel->is_dedicated_interrupt ? le32_to_cpu(offer->connection_id) & TLFS_CONNECTION_ID_MASK :
							 VMBUS_CONNECTION_EVENT;
	channel->sig_event = chan->signal;
	channel->monitor_grp = 0;
	channel->monitor_bit = 0;
	/* A monitor bit outside the page would be a write past it. */
	if (!(offer->monitor_flags & VMBUS_OFFER_MONITOR_ALLOCATED) || offer->monitor_id > VMBUS_MONITOR_ID_MAX) {
		channel->offermsg.monitor_allocated = 0;
	} else {
		channel->monitor_grp = offer->monitor_id / VMBUS_MONITOR_PER_GROUP;
		channel->monitor_bit = offer->monitor_id % VMBUS_MONITOR_PER_GROUP;
	}
}

/**
 * vmbus_identity_clear() - the host has forgotten the channel: its number means nothing any more
 * @chan: the channel; what device it belongs to stays
 *
 * Context: nobody else uses the numbers.
 */
void vmbus_identity_clear(struct vmbus_chan *chan)
{
	chan->relid = INVALID_RELID;
	chan->channel.offermsg.child_relid = INVALID_RELID;
}

/**
 * vmbus_identity_move() - give a channel the numbers another has been offered with
 * @to: the channel, of the same device
 * @from: the other, which has no numbers on return
 *
 * Context: nobody else uses the numbers of either.
 */
void vmbus_identity_move(struct vmbus_chan *to, struct vmbus_chan *from)
{
	to->relid = from->relid;
	to->signal = from->signal;
	to->channel.offermsg = from->channel.offermsg;
	to->channel.is_dedicated_interrupt = from->channel.is_dedicated_interrupt;
	to->channel.sig_event = from->channel.sig_event;
	to->channel.monitor_grp = from->channel.monitor_grp;
	to->channel.monitor_bit = from->channel.monitor_bit;
	vmbus_identity_clear(from);
}

/**
 * vmbus_identity_same_device() - whether two channels belong to one device
 * @a: a channel
 * @b: another
 *
 * Return: true when class and instance are equal.
 */
bool vmbus_identity_same_device(const struct vmbus_channel *a, const struct vmbus_channel *b)
{
	return guid_equal(&a->offermsg.offer.if_type, &b->offermsg.offer.if_type) &&
	       guid_equal(&a->offermsg.offer.if_instance, &b->offermsg.offer.if_instance);
}

/**
 * vmbus_identity_is_renewed_by() - whether an offer means a device that is there already, and has no number
 * @kept: primary channel of a device
 * @offered: channel of an offer nobody has acted upon yet
 *
 * Return: true when @kept is to go on under the numbers of @offered.
 */
bool vmbus_identity_is_renewed_by(const struct vmbus_chan *kept, const struct vmbus_chan *offered)
{
	/* Another number already: the host offers one device twice. Taken away: it ends, and comes again as another. */
	return kept != offered && kept->relid == INVALID_RELID && !READ_ONCE(kept->channel.rescind) &&
	       !READ_ONCE(offered->channel.rescind) && !offered->channel.offermsg.offer.sub_channel_index &&
	       vmbus_identity_same_device(&kept->channel, &offered->channel);
}
