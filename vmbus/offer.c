// SPDX-License-Identifier: GPL-2.0
/*
 * Offers and rescinds: from a message to a channel in the relid table, to a device or to a place among the
 * sub-channels of one, and back to RELID_RELEASED. Knows the driver model only through struct vmbus_offer_ops. VMBus
 * control messages, OFFER, RESCIND, RELID_RELEASED.
 *
 * Ordering. Messages come one at a time, and both OFFER and RESCIND act on the relid table right in message context,
 * without sleeping: a rescind always finds the channel of an earlier offer. What takes time follows in three queues. A
 * primary's work may wait for a driver's probe, which may wait for sub-channels, which have a queue of their own, and
 * for answers of the host, which come by message context; a rescind waits, channel by channel, for the offer's work.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/bitmap.h>
#include <linux/cpu.h>
#include <linux/errno.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/printk.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uuid.h>
#include <linux/wait.h>

#include "channel.h"
#include "classes.h"
#include "flags.h"
#include "identity.h"
#include "offer.h"
#include "placement.h"
#include "request.h"
#include "state.h"

/* Policy: how long a device waits for another of the same name, which the host has taken away, to be gone. */
#define OFFER_NAME_CLASH_MS	10000

static const struct vmbus_offer_ops *offer_ops;

/* Relids refused without a channel object, for want of memory or sense: the work posts RELID_RELEASED for each. */
static DECLARE_BITMAP(offer_refused, VMBUS_RELID_MAX + 1);
static void offer_refuse_work(struct work_struct *work);
static DECLARE_WORK(offer_refused_work, offer_refuse_work);

/* Channels gone since load, and who waits for one. */
static atomic_t offers_gone = ATOMIC_INIT(0);
static DECLARE_WAIT_QUEUE_HEAD(offer_gone);

static void offer_post_release(u32 relid)
{
	struct vmbus_msg_relid message = {
		.header.type = cpu_to_le32(VMBUS_MSG_RELID_RELEASED),
		.relid = cpu_to_le32(relid),
	};
	int ret;

	/* After UNLOAD the host knows no relid any more; nor, once connected anew, those of before. */
	if (!READ_ONCE(vmbus_conn.connected) || relid > VMBUS_RELID_MAX)
		return;
	ret = vmbus_post(&message, sizeof(message), true);
	if (ret)
		pr_err("channel %u: cannot post RELID_RELEASED (%d)\n", relid, ret);
}

static void offer_refuse_work(struct work_struct *work)
{
	unsigned int relid;

	for_each_set_bit(relid, offer_refused, VMBUS_RELID_MAX + 1) {
		clear_bit(relid, offer_refused);
		offer_post_release(relid);
	}
}

/* Says no to an offer that has no channel object. Context: message. */
static void offer_refuse(u32 relid)
{
	atomic_inc(&vmbus_conn.faults.refused_offers);
	set_bit(relid, offer_refused);
	queue_work(vmbus_conn.rescind_wq, &offer_refused_work);
}

/**
 * vmbus_offer_forget_refused() - the numbers of offers that were refused mean nothing any more
 *
 * Context: no offers are acted upon.
 */
void vmbus_offer_forget_refused(void)
{
	bitmap_zero(offer_refused, VMBUS_RELID_MAX + 1);
}

/**
 * vmbus_channel_of_relid() - find a channel
 * @relid: any number
 *
 * Context: rcu_read_lock() or interrupts off; the channel stays valid that long.
 * Return: the channel, or NULL.
 */
struct vmbus_chan *vmbus_channel_of_relid(u32 relid)
{
	return relid <= VMBUS_RELID_MAX ? rcu_dereference_check(vmbus_conn.channels[relid], rcu_read_lock_held() ||
								irqs_disabled()) : NULL;
}

/**
 * vmbus_channel_of_relid_locked() - find a channel
 * @relid: any number
 *
 * Context: vmbus_conn.table_lock held; the channel keeps this number that long.
 * Return: the channel, or NULL.
 */
struct vmbus_chan *vmbus_channel_of_relid_locked(u32 relid)
{
	lockdep_assert_held(&vmbus_conn.table_lock);
	return relid <= VMBUS_RELID_MAX ?
	       rcu_dereference_protected(vmbus_conn.channels[relid], lockdep_is_held(&vmbus_conn.table_lock)) : NULL;
}

/**
 * vmbus_offer_free() - the last reference to a channel is gone
 * @kobj: its kobject
 */
void vmbus_offer_free(struct kobject *kobj)
{
	struct vmbus_chan *chan = to_chan(container_of(kobj, struct vmbus_channel, kobj));

	/* The interrupt may have found it in the table a moment ago. */
	kfree_rcu(chan, channel.rcu);
}

/* A channel ends once, by whoever is first; from here on its relid finds nothing. */
static bool offer_take_out(struct vmbus_chan *chan)
{
	unsigned long flags;
	bool mine;

	spin_lock_irqsave(&vmbus_conn.table_lock, flags);
	mine = !chan->ended;
	chan->ended = true;
	if (mine && chan->relid <= VMBUS_RELID_MAX)
		RCU_INIT_POINTER(vmbus_conn.channels[chan->relid], NULL);
	spin_unlock_irqrestore(&vmbus_conn.table_lock, flags);
	return mine;
}

/**
 * vmbus_offer_release() - the end of a channel: nobody uses it any more
 * @chan: the channel; its first reference is dropped, so it may be gone on return
 *
 * Harmless when repeated.
 *
 * Context: may sleep.
 */
void vmbus_offer_release(struct vmbus_chan *chan)
{
	struct vmbus_channel *channel = &chan->channel;

	if (!offer_take_out(chan))
		return;
	if (is_sub_channel(channel) && atomic_xchg(&chan->adopted, 0))
		offer_ops->remove_channel(chan);
	/* A driver that is gone has closed its channel; one that has not must not leave the host writing into the ring. */
	vmbus_close(channel);
	vmbus_channel_move(chan, VMBUS_FROM(OFFERED) | VMBUS_FROM(CLOSED), VMBUS_CHANNEL_RELEASED);

	mutex_lock(&vmbus_conn.channel_lock);
	if (is_sub_channel(channel))
		list_del_init(&channel->sc_list);
	else
		list_del_init(&channel->listentry);
	vmbus_unplace_channel(chan);
	mutex_unlock(&vmbus_conn.channel_lock);

	offer_post_release(chan->relid);
	channel->offermsg.child_relid = INVALID_RELID;
	kobject_put(&channel->kobj);
	atomic_inc(&offers_gone);
	wake_up_all(&offer_gone);
}

/* A sub-channel whose primary goes; with a reference, or NULL. */
static struct vmbus_chan *offer_first_sub(struct vmbus_channel *primary)
{
	struct vmbus_channel *sub;

	mutex_lock(&vmbus_conn.channel_lock);
	sub = list_first_entry_or_null(&primary->sc_list, struct vmbus_channel, sc_list);
	if (sub) {
		/* Off the list here, so that the next call finds the next. */
		list_del_init(&sub->sc_list);
		kobject_get(&sub->kobj);
	}
	mutex_unlock(&vmbus_conn.channel_lock);
	return sub ? to_chan(sub) : NULL;
}

/* Removes a device, its sub-channels, and its channel; by whoever comes first. */
static void offer_remove_device(struct vmbus_chan *chan)
{
	bool mine = atomic_xchg(&chan->adopted, 0);
	struct vmbus_chan *sub;

	/* The driver's remove closes all channels; what it leaves open is closed below. */
	if (mine)
		offer_ops->unbind_device(chan->channel.device_obj);
	while ((sub = offer_first_sub(&chan->channel))) {
		vmbus_disconnect_ring(&sub->channel);
		vmbus_free_ring(&sub->channel);
		vmbus_offer_release(sub);
		kobject_put(&sub->channel.kobj);
	}
	if (mine)
		offer_ops->remove_device(chan->channel.device_obj);
	vmbus_offer_release(chan);
}

/**
 * vmbus_offer_find_primary() - find the device another channel would belong to
 * @channel: the other
 *
 * Context: vmbus_conn.channel_lock held.
 * Return: the primary channel, other than @channel, with the same class and instance, or NULL.
 */
struct vmbus_channel *vmbus_offer_find_primary(const struct vmbus_channel *channel)
{
	struct vmbus_channel *other;

	lockdep_assert_held(&vmbus_conn.channel_lock);
	list_for_each_entry(other, &vmbus_conn.primaries, listentry)
		if (other != channel && vmbus_identity_same_device(other, channel))
			return other;
	return NULL;
}

/*
 * A device is named by its instance alone, whatever its class.
 *
 * Return: 0; -EAGAIN while a device that is on its way out has the name; -EEXIST when one has it that stays.
 */
static int offer_check_name(const struct vmbus_channel *channel)
{
	const struct vmbus_channel *other;
	int ret = 0;

	mutex_lock(&vmbus_conn.channel_lock);
	list_for_each_entry(other, &vmbus_conn.primaries, listentry)
		if (other != channel && guid_equal(&other->offermsg.offer.if_instance, &channel->offermsg.offer.if_instance))
			ret = READ_ONCE(other->rescind) ? -EAGAIN : -EEXIST;
	mutex_unlock(&vmbus_conn.channel_lock);
	return ret;
}

/* The host may offer a device anew before we have let its predecessor go: they cannot have one name at a time. */
static int offer_wait_for_name(const struct vmbus_channel *channel)
{
	long left = msecs_to_jiffies(OFFER_NAME_CLASH_MS);
	int seen, ret;

	for (;;) {
		seen = atomic_read(&offers_gone);
		ret = offer_check_name(channel);
		if (ret != -EAGAIN)
			return ret;
		left = wait_event_timeout(offer_gone, atomic_read(&offers_gone) != seen, left);
		if (!left)
			return -EEXIST;
	}
}

static int offer_add_primary(struct vmbus_chan *chan)
{
	struct vmbus_channel *channel = &chan->channel;
	int ret;

	ret = offer_wait_for_name(channel);
	if (ret)
		return ret;
	cpus_read_lock();
	mutex_lock(&vmbus_conn.channel_lock);
	vmbus_place_channel(chan);
	list_add_tail(&channel->listentry, &vmbus_conn.primaries);
	mutex_unlock(&vmbus_conn.channel_lock);
	cpus_read_unlock();

	ret = offer_ops->add_device(chan);
	channel->probe_done = true;
	return ret;
}

static int offer_add_sub(struct vmbus_chan *chan)
{
	struct vmbus_channel *channel = &chan->channel, *primary;
	void (*callback)(struct vmbus_channel *new_sc) = NULL;
	struct vmbus_channel *other;
	int ret = 0;

	cpus_read_lock();
	mutex_lock(&vmbus_conn.channel_lock);
	primary = vmbus_offer_find_primary(channel);
	if (!primary || READ_ONCE(primary->rescind) || !atomic_read(&to_chan(primary)->adopted)) {
		ret = -ENODEV;
	} else {
		list_for_each_entry(other, &primary->sc_list, sc_list)
			if (other->offermsg.offer.sub_channel_index == channel->offermsg.offer.sub_channel_index &&
			    !READ_ONCE(other->rescind))
				ret = -EEXIST;
	}
	if (!ret) {
		channel->primary_channel = primary;
		channel->device_obj = primary->device_obj;
		vmbus_place_channel(chan);
		list_add_tail(&channel->sc_list, &primary->sc_list);
		callback = primary->sc_creation_callback;
		/* The device outlives its sub-channels' directories. */
		get_device(&channel->device_obj->device);
	}
	mutex_unlock(&vmbus_conn.channel_lock);
	cpus_read_unlock();
	if (ret)
		return ret;

	ret = offer_ops->add_channel(chan);
	if (!ret) {
		atomic_set(&chan->adopted, 1);
		channel->probe_done = true;
		if (callback)
			callback(channel);
	}
	put_device(&channel->device_obj->device);
	return ret;
}

/* What remains to be done for an offer where one may sleep. */
static void offer_work(struct work_struct *work)
{
	struct vmbus_channel *channel = container_of(work, struct vmbus_channel, add_channel_work);
	struct vmbus_chan *chan = to_chan(channel);
	int ret;

	if (READ_ONCE(channel->rescind) || !READ_ONCE(vmbus_conn.takes_offers))
		ret = -ENODEV;
	else if (is_sub_channel(channel))
		ret = offer_add_sub(chan);
	else
		ret = offer_add_primary(chan);
	if (ret) {
		if (ret != -ENODEV)
			pr_err("channel %u: offer of %pUl refused (%d)\n", chan->relid,
			       &channel->offermsg.offer.if_instance, ret);
		if (!READ_ONCE(channel->rescind))
			atomic_inc(&vmbus_conn.faults.refused_offers);
		vmbus_offer_release(chan);
	}
	complete_all(&chan->offer_done);
	kobject_put(&channel->kobj);
}

/* What remains to be done for a rescind; again for a sub-channel that was open, once it is closed. */
static void rescind_work(struct work_struct *work)
{
	struct vmbus_chan *chan = container_of(work, struct vmbus_chan, rescind_work);
	struct vmbus_channel *channel = &chan->channel;
	enum vmbus_channel_phase phase;

	wait_for_completion(&chan->offer_done);
	phase = vmbus_channel_phase_of(chan);
	if (phase == VMBUS_CHANNEL_RELEASED || !atomic_read(&chan->adopted))
		goto put;
	vmbus_channel_quiesce(chan);
	if (is_sub_channel(channel)) {
		/* While it is open the driver uses it; closing queues this work again. */
		if (phase == VMBUS_CHANNEL_OFFERED || phase == VMBUS_CHANNEL_CLOSED)
			vmbus_offer_release(chan);
	} else if (channel->chn_rescind_callback) {
		channel->chn_rescind_callback(channel);
	} else {
		offer_remove_device(chan);
	}
put:
	kobject_put(&channel->kobj);
}

/**
 * vmbus_hvsock_device_unregister() - remove the device of an hvsock channel the host has rescinded
 * @channel: its channel
 *
 * To be called by the driver that has set a rescind callback, once its socket is closed.
 *
 * Context: may sleep.
 */
void vmbus_hvsock_device_unregister(struct vmbus_channel *channel)
{
	struct vmbus_chan *chan = to_chan(channel);

	kobject_get(&channel->kobj);
	offer_remove_device(chan);
	kobject_put(&channel->kobj);
}

/* A channel object from the private copy of an offer. Context: message. */
static struct vmbus_chan *offer_to_channel(const struct vmbus_msg_offer *offer)
{
	struct vmbus_channel *channel;
	struct vmbus_chan *chan;

	chan = kzalloc(sizeof(*chan), GFP_ATOMIC);
	if (!chan)
		return NULL;
	channel = &chan->channel;
	vmbus_channel_init(chan);
	init_completion(&chan->offer_done);
	INIT_WORK(&chan->rescind_work, rescind_work);
	INIT_WORK(&channel->add_channel_work, offer_work);
	kobject_init(&channel->kobj, offer_ops->channel_type);

	vmbus_identity_set(chan, offer);
	channel->device_id = vmbus_class_of(channel);
	/* Before 2.4 the host interrupts one processor only. */
	chan->spread = vmbus_devs[channel->device_id].perf_device && !vmbus_conn.shared_interrupts;
	channel->target_cpu = VMBUS_CONNECT_CPU;
	return chan;
}

/**
 * vmbus_offer_arrived() - the host offers a channel
 * @message: struct vmbus_msg_offer, private copy
 * @bytes: its length, at least VMBUS_MSG_OFFER_V0_13_BYTES
 *
 * Context: message; does not sleep.
 */
void vmbus_offer_arrived(const void *message, u32 bytes)
{
	struct vmbus_msg_offer copy = { }, *offer = &copy;
	struct vmbus_chan *chan;
	unsigned long flags;
	u32 relid, highest;
	bool is_free;

	/* The last two fields came with 1.1; what a host of 0.13 may send there means nothing. */
	if (vmbus_proto_version < VMBUS_VERSION_1_1) {
		memcpy(offer, message, VMBUS_MSG_OFFER_V0_13_BYTES);
	} else if (bytes >= sizeof(*offer)) {
		memcpy(offer, message, sizeof(*offer));
	} else {
		atomic_inc(&vmbus_conn.faults.bad_messages);
		pr_warn_ratelimited("offer of %u bytes ignored\n", bytes);
		return;
	}
	relid = le32_to_cpu(offer->relid);
	if (!relid || relid > VMBUS_RELID_MAX) {
		atomic_inc(&vmbus_conn.faults.bad_messages);
		pr_warn_ratelimited("offer with impossible channel number %u ignored\n", relid);
		return;
	}
	if (!READ_ONCE(vmbus_conn.takes_offers))
		return;
	chan = offer_to_channel(offer);
	if (!chan) {
		pr_err_ratelimited("no memory for the offer of channel %u, refused\n", relid);
		offer_refuse(relid);
		return;
	}

	spin_lock_irqsave(&vmbus_conn.table_lock, flags);
	is_free = !vmbus_channel_of_relid_locked(relid);
	if (is_free) {
		rcu_assign_pointer(vmbus_conn.channels[relid], chan);
		highest = vmbus_conn.highest_relid;
		if (relid > highest) {
			WRITE_ONCE(vmbus_conn.highest_relid, relid);
			vmbus_flags_forget(highest + 1, relid);
		}
	}
	spin_unlock_irqrestore(&vmbus_conn.table_lock, flags);
	if (!is_free) {
		/* The number belongs to a live channel: releasing it would release that one. */
		atomic_inc(&vmbus_conn.faults.bad_messages);
		pr_warn_ratelimited("second offer of channel %u ignored\n", relid);
		kobject_put(&chan->channel.kobj);
		return;
	}
	/* For the work; the first reference is the table's. */
	kobject_get(&chan->channel.kobj);
	queue_work(is_sub_channel(&chan->channel) ? vmbus_conn.sub_wq : vmbus_conn.primary_wq,
		   &chan->channel.add_channel_work);
}

/**
 * vmbus_offer_lost() - the host has taken a channel away
 * @chan: the channel
 *
 * What waits for the host is woken; the device is removed in time.
 *
 * Context: any.
 */
void vmbus_offer_lost(struct vmbus_chan *chan)
{
	WRITE_ONCE(chan->channel.rescind, true);
	chan->channel.rescind_ref = true;
	/* Whoever waits for an answer about this channel gets -ENODEV, now and later. */
	vmbus_request_abort(chan);
	complete_all(&chan->channel.rescind_event);
	vmbus_queue_rescind(chan);
}

/**
 * vmbus_rescind_arrived() - the host takes a channel away
 * @message: struct vmbus_msg_relid, private copy
 * @bytes: its length, at least that of the struct
 *
 * Context: message; does not sleep.
 */
void vmbus_rescind_arrived(const void *message, u32 bytes)
{
	const struct vmbus_msg_relid *rescind = message;
	struct vmbus_chan *chan;
	unsigned long flags;
	bool is_news;

	/* Marked under the lock under which the number may go to another channel: vmbus_reoffer_renew(). */
	spin_lock_irqsave(&vmbus_conn.table_lock, flags);
	chan = vmbus_channel_of_relid_locked(le32_to_cpu(rescind->relid));
	is_news = chan && !READ_ONCE(chan->channel.rescind) && READ_ONCE(vmbus_conn.takes_offers);
	if (is_news) {
		WRITE_ONCE(chan->channel.rescind, true);
		kobject_get(&chan->channel.kobj);
	}
	spin_unlock_irqrestore(&vmbus_conn.table_lock, flags);
	if (!is_news) {
		/* Refused before, or said twice. */
		atomic_inc(&vmbus_conn.faults.bad_messages);
		return;
	}
	vmbus_offer_lost(chan);
	kobject_put(&chan->channel.kobj);
}

/**
 * vmbus_all_offers_arrived() - the host has sent the initial offers
 * @message: the message
 * @bytes: its length
 *
 * Context: message.
 */
void vmbus_all_offers_arrived(const void *message, u32 bytes)
{
	complete_all(&vmbus_conn.all_offers);
}

/**
 * vmbus_offer_await_initial() - wait until the host has sent the initial offers
 *
 * Context: may sleep.
 * Return: 0 or -ETIMEDOUT.
 */
int vmbus_offer_await_initial(void)
{
	return wait_for_completion_timeout(&vmbus_conn.all_offers, msecs_to_jiffies(VMBUS_OFFERS_MS)) ? 0 : -ETIMEDOUT;
}

/**
 * vmbus_offer_wait_initial() - wait until the initial offers have become devices
 *
 * Context: may sleep.
 * Return: 0 or -ETIMEDOUT.
 */
int vmbus_offer_wait_initial(void)
{
	int ret = vmbus_offer_await_initial();

	if (ret)
		return ret;
	flush_workqueue(vmbus_conn.primary_wq);
	flush_workqueue(vmbus_conn.sub_wq);
	return 0;
}

/**
 * vmbus_for_each_channel() - visit all channels that have a device, each primary before its sub-channels
 * @visit: returns non-zero to stop
 * @context: its argument
 *
 * Context: may sleep; @visit runs with vmbus_conn.channel_lock held.
 * Return: what the last @visit returned.
 */
int vmbus_for_each_channel(int (*visit)(struct vmbus_chan *chan, void *context), void *context)
{
	struct vmbus_channel *primary, *sub;
	int ret = 0;

	mutex_lock(&vmbus_conn.channel_lock);
	list_for_each_entry(primary, &vmbus_conn.primaries, listentry) {
		ret = visit(to_chan(primary), context);
		if (ret)
			break;
		list_for_each_entry(sub, &primary->sc_list, sc_list) {
			ret = visit(to_chan(sub), context);
			if (ret)
				break;
		}
		if (ret)
			break;
	}
	mutex_unlock(&vmbus_conn.channel_lock);
	return ret;
}

/* A primary to remove, with a reference, or NULL. */
static struct vmbus_chan *offer_first_primary(void)
{
	struct vmbus_channel *primary;

	mutex_lock(&vmbus_conn.channel_lock);
	primary = list_first_entry_or_null(&vmbus_conn.primaries, struct vmbus_channel, listentry);
	if (primary)
		kobject_get(&primary->kobj);
	mutex_unlock(&vmbus_conn.channel_lock);
	return primary ? to_chan(primary) : NULL;
}

/**
 * vmbus_offer_stop() - act upon offers and rescinds no more
 *
 * Those on their way are finished, with the messages this takes.
 *
 * Context: may sleep.
 */
void vmbus_offer_stop(void)
{
	WRITE_ONCE(vmbus_conn.takes_offers, false);
	flush_workqueue(vmbus_conn.primary_wq);
	flush_workqueue(vmbus_conn.sub_wq);
	flush_workqueue(vmbus_conn.rescind_wq);
}

/**
 * vmbus_offer_remove_all() - remove all devices and channels, for unload
 *
 * Context: may sleep; after vmbus_offer_stop() and the end of the connection.
 */
void vmbus_offer_remove_all(void)
{
	struct vmbus_chan *chan;

	while ((chan = offer_first_primary())) {
		offer_remove_device(chan);
		kobject_put(&chan->channel.kobj);
	}
}

/**
 * vmbus_offer_init() - be ready for offers
 * @ops: what the layer above does for a channel
 *
 * Return: 0 or -ENOMEM.
 */
int vmbus_offer_init(const struct vmbus_offer_ops *ops)
{
	offer_ops = ops;
	/* Devices neither come nor go while the system is being suspended; sub-channels of one that is resumed do. */
	vmbus_conn.primary_wq = alloc_ordered_workqueue("hv_primary_chan", WQ_FREEZABLE);
	if (!vmbus_conn.primary_wq)
		return -ENOMEM;
	vmbus_conn.sub_wq = alloc_ordered_workqueue("hv_sub_chan", 0);
	if (!vmbus_conn.sub_wq)
		goto destroy_primary_wq;
	vmbus_conn.rescind_wq = alloc_workqueue("hv_rescind_chan", WQ_UNBOUND | WQ_FREEZABLE, 0);
	if (!vmbus_conn.rescind_wq)
		goto destroy_sub_wq;
	return 0;

destroy_sub_wq:
	destroy_workqueue(vmbus_conn.sub_wq);
destroy_primary_wq:
	destroy_workqueue(vmbus_conn.primary_wq);
	return -ENOMEM;
}

/**
 * vmbus_offer_exit() - undo vmbus_offer_init()
 *
 * Context: no message comes any more, all channels are gone.
 */
void vmbus_offer_exit(void)
{
	destroy_workqueue(vmbus_conn.rescind_wq);
	destroy_workqueue(vmbus_conn.sub_wq);
	destroy_workqueue(vmbus_conn.primary_wq);
	/* Channels freed by RCU callbacks are freed with this module's code still there. */
	rcu_barrier();
}
