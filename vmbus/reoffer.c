// SPDX-License-Identifier: GPL-2.0
/*
 * Channels over the end of a connection and the beginning of the next: devices stay, under new numbers, when the host
 * offers them again; sub-channels end; what is not offered again is removed as after a rescind. VMBus, reconnect after
 * resume.
 *
 * While this goes on no device comes or goes: the queues that would add and remove them are frozen. So the offers of the
 * new connection wait, as channels nobody has acted upon, until they have been compared with what is there.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cpu.h>
#include <linux/printk.h>
#include <linux/rcupdate.h>
#include <linux/workqueue.h>

#include "channel.h"
#include "identity.h"
#include "offer.h"
#include "placement.h"
#include "reoffer.h"
#include "state.h"

/* The channel of a number, with a reference, or NULL. */
static struct vmbus_chan *reoffer_get(u32 relid)
{
	struct vmbus_chan *chan;
	unsigned long flags;

	spin_lock_irqsave(&vmbus_conn.table_lock, flags);
	chan = vmbus_channel_of_relid_locked(relid);
	if (chan)
		kobject_get(&chan->channel.kobj);
	spin_unlock_irqrestore(&vmbus_conn.table_lock, flags);
	return chan;
}

/**
 * vmbus_reoffer_prepare() - the connection is about to end
 *
 * Offers and rescinds are not acted upon from here on; of channels that are still open, no callback runs any more.
 *
 * Context: may sleep; user space and the queues for devices are frozen.
 */
void vmbus_reoffer_prepare(void)
{
	struct vmbus_chan *chan;
	u32 relid;

	WRITE_ONCE(vmbus_conn.takes_offers, false);
	flush_workqueue(vmbus_conn.sub_wq);
	for (relid = 1; relid <= READ_ONCE(vmbus_conn.highest_relid); relid++) {
		chan = reoffer_get(relid);
		if (!chan)
			continue;
		if (vmbus_channel_phase_of(chan) == VMBUS_CHANNEL_OPENED)
			vmbus_channel_quiesce(chan);
		kobject_put(&chan->channel.kobj);
	}
}

static void reoffer_forget_one(struct vmbus_chan *chan, bool confirmed)
{
	unsigned long flags;

	spin_lock_irqsave(&vmbus_conn.table_lock, flags);
	RCU_INIT_POINTER(vmbus_conn.channels[chan->relid], NULL);
	vmbus_identity_clear(chan);
	spin_unlock_irqrestore(&vmbus_conn.table_lock, flags);

	vmbus_channel_forget(chan, confirmed);
	if (is_sub_channel(&chan->channel)) {
		vmbus_offer_lost(chan);
		vmbus_offer_release(chan);
	} else if (!atomic_read(&chan->adopted) && !READ_ONCE(chan->channel.rescind)) {
		/* An offer that never became a device; its work finds it lost. */
		vmbus_offer_lost(chan);
	}
}

/**
 * vmbus_reoffer_forget() - the host knows no channel any more
 * @confirmed: it has said so; otherwise it may still write to rings that were open, which are never freed
 *
 * Context: may sleep; after vmbus_reoffer_prepare() and the end of the connection.
 */
void vmbus_reoffer_forget(bool confirmed)
{
	struct vmbus_chan *chan;
	u32 relid;

	for (relid = 1; relid <= READ_ONCE(vmbus_conn.highest_relid); relid++) {
		chan = reoffer_get(relid);
		if (!chan)
			continue;
		reoffer_forget_one(chan, confirmed);
		kobject_put(&chan->channel.kobj);
	}
	WRITE_ONCE(vmbus_conn.highest_relid, 0);
	vmbus_offer_forget_refused();
}

/* The CPU that served a channel may not have come back. */
static void reoffer_place(struct vmbus_chan *chan)
{
	lockdep_assert_held(&vmbus_conn.channel_lock);
	if (!cpu_online(chan->channel.target_cpu))
		vmbus_place_again(chan, vmbus_place_choose(chan, nr_cpu_ids));
}

/* The channel that goes on under a number of the new connection, with a reference, or NULL. */
static struct vmbus_chan *reoffer_renew_one(u32 relid)
{
	struct vmbus_chan *offered, *kept = NULL;
	struct vmbus_channel *primary;
	unsigned long flags;

	mutex_lock(&vmbus_conn.channel_lock);
	spin_lock_irqsave(&vmbus_conn.table_lock, flags);
	offered = vmbus_channel_of_relid_locked(relid);
	primary = offered ? vmbus_offer_find_primary(&offered->channel) : NULL;
	if (primary && vmbus_identity_is_renewed_by(to_chan(primary), offered)) {
		kept = to_chan(primary);
		vmbus_identity_move(kept, offered);
		rcu_assign_pointer(vmbus_conn.channels[relid], kept);
		kobject_get(&kept->channel.kobj);
		/* Its work, which waits, ends it. */
		WRITE_ONCE(offered->channel.rescind, true);
	}
	spin_unlock_irqrestore(&vmbus_conn.table_lock, flags);
	if (kept)
		reoffer_place(kept);
	mutex_unlock(&vmbus_conn.channel_lock);
	return kept;
}

/* A device that has not been offered again, with a reference to its channel, or NULL. */
static struct vmbus_chan *reoffer_find_missing(void)
{
	struct vmbus_chan *missing = NULL;
	struct vmbus_channel *primary;

	mutex_lock(&vmbus_conn.channel_lock);
	list_for_each_entry(primary, &vmbus_conn.primaries, listentry) {
		if (to_chan(primary)->relid == INVALID_RELID && !READ_ONCE(primary->rescind)) {
			missing = to_chan(primary);
			kobject_get(&primary->kobj);
			break;
		}
	}
	mutex_unlock(&vmbus_conn.channel_lock);
	return missing;
}

/**
 * vmbus_reoffer_renew() - compare what the host has offered with the devices there are
 * @renumbered: called for each channel that goes on under another number, in process context
 *
 * Without a connection nothing has been offered, and all devices end.
 *
 * Context: may sleep; user space and the queues for devices are frozen.
 */
void vmbus_reoffer_renew(void (*renumbered)(struct vmbus_chan *chan))
{
	struct vmbus_chan *chan;
	u32 relid;

	cpus_read_lock();
	for (relid = 1; relid <= READ_ONCE(vmbus_conn.highest_relid); relid++) {
		chan = reoffer_renew_one(relid);
		if (!chan)
			continue;
		renumbered(chan);
		kobject_put(&chan->channel.kobj);
	}
	cpus_read_unlock();
	while ((chan = reoffer_find_missing())) {
		pr_info("the host does not offer %pUl any more\n", &chan->channel.offermsg.offer.if_instance);
		vmbus_offer_lost(chan);
		kobject_put(&chan->channel.kobj);
	}
}
