// SPDX-License-Identifier: GPL-2.0
/*
 * The further channels of a device: which there are, and how they come and go with the primary.
 * Each is a channel like any other (channel.c). VMBus, OFFER, sub-channel index.
 */
#include <errno.h>

#include "internal.h"

struct vmbus_chan *vmbus_sub(struct vmbus_chan *primary, uint16_t index)
{
	for (struct vmbus_chan *chan = primary->server->chans; chan; chan = chan->next) {
		if (chan->params.sub_index == index && chan->state != CHAN_REVOKED &&
		    chan_is_same_device(primary, chan))
			return chan;
	}
	return NULL;
}

struct vmbus_chan *vmbus_chan_primary(struct vmbus_chan *chan)
{
	return chan->params.sub_index ? vmbus_sub(chan, 0) : chan;
}

int vmbus_subs_offer(struct vmbus_chan *primary, unsigned int count,
		     const struct vmbus_dev_ops *ops)
{
	struct vmbus_server *server = primary->server;
	struct vmbus_offer_params params = primary->params;
	int added = 0;

	if (primary->params.sub_index || primary->state != CHAN_OPEN || primary->losing_subs ||
	    !server->conn.connected)
		return -ENODEV;
	if (!count || count > VMBUS_SUBS_MAX)
		return -EINVAL;
	if (server->conn.kind->shared_page)
		return -EOPNOTSUPP;
	for (params.sub_index = 1; params.sub_index <= count; params.sub_index++) {
		if (!vmbus_sub(primary, params.sub_index) &&
		    vmbus_offer(server, &params, ops ? ops : primary->ops, primary->dev))
			added++;
	}
	return added;
}

/* The one with the highest index. */
static struct vmbus_chan *sub_last(struct vmbus_chan *primary)
{
	struct vmbus_chan *last = NULL;

	for (struct vmbus_chan *chan = primary->server->chans; chan; chan = chan->next) {
		if (chan->params.sub_index && chan->state != CHAN_REVOKED &&
		    chan_is_same_device(primary, chan) &&
		    (!last || chan->params.sub_index > last->params.sub_index))
			last = chan;
	}
	return last;
}

void vmbus_subs_rescind(struct vmbus_chan *primary)
{
	struct vmbus_chan *sub;

	if (primary->losing_subs)
		return;
	chan_get(primary);
	primary->losing_subs = true;
	/* Looked up again each time: what a device does in close() or released() changes the list. */
	while ((sub = sub_last(primary)))
		vmbus_rescind(sub);
	primary->losing_subs = false;
	chan_put(primary);
}

unsigned int vmbus_subs_count(struct vmbus_chan *primary)
{
	unsigned int count = 0;

	for (struct vmbus_chan *chan = primary->server->chans; chan; chan = chan->next) {
		if (chan->params.sub_index && chan->state != CHAN_REVOKED &&
		    chan_is_same_device(primary, chan))
			count++;
	}
	return count;
}
