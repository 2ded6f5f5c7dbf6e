// SPDX-License-Identifier: GPL-2.0
/*
 * Commands on their way to the host: which channel takes a command, who owns it at any time, how many are out.
 * Knows slots and channels; a command is an opaque pointer, its meaning and its result are host.c's.
 * Replies come on the channel of their request, in any order, and are believed only if the slot, its generation and the
 * channel all agree.
 *
 * A poll queue's commands have a channel of their own, whose interrupts are masked and go unheard: who waits for them reads it,
 * in process context, as the block layer expects of polled requests. So must whoever waits while nobody may poll:
 * storvsc_queues_look_polled().
 */
#include <linux/bottom_half.h>
#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>

#include "batch.h"
#include "queue.h"

/* Policy: bounds a look at a ring whose indices the host may still move. */
#define STORVSC_LOOK_RUNS		16

/* Policy: how often polled channels are read while somebody waits for all commands. */
#define STORVSC_DRAIN_INTERVAL_MS	50u

/* Polled channels are never read in softirq context, the others are. */
static struct lock_class_key storvsc_read_lock_keys[2];

/*
 * May entry->channel and its rings be looked at? Under RCU or table_lock: storvsc_queues_close() leaves the bus's object
 * alone until both are over.
 */
static bool storvsc_channel_is_open(const struct storvsc_channel *entry)
{
	/* Pairs with the release in storvsc_queues_open(): the rings are set up. */
	return smp_load_acquire(&entry->state) == STORVSC_CHANNEL_OPEN;
}

/* Lets the host see what is held back anywhere. */
static void storvsc_queues_publish_all(struct storvsc_queues *queues)
{
	unsigned int i;

	rcu_read_lock();
	for (i = 0; i < queues->nr_channels; i++)
		if (storvsc_channel_is_open(&queues->channels[i]))
			storvsc_batch_publish(queues->channels[i].channel);
	rcu_read_unlock();
}

/*
 * Whose batch was under way when the routes changed publishes it on its queue's new route. Once nobody sees the old ones,
 * nothing is held back there any more.
 */
static void storvsc_queues_publish_late(struct work_struct *work)
{
	/* In here, not before the work is queued: it may be pending already for an earlier change. */
	synchronize_rcu();
	storvsc_queues_publish_all(container_of(work, struct storvsc_queues, publish_work));
}

/**
 * storvsc_queues_alloc() - tables for channels and commands
 * @queues: zeroed; @lowater_percent and @channel_lost are set by the caller
 * @session: the session that defines the packet format
 * @nr_channels: most channels ever open, at least 1
 * @nr_routes: hardware queues, at least 1
 * @nr_slots: tags, at least 1
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int storvsc_queues_alloc(struct storvsc_queues *queues, const struct vstor_session *session, unsigned int nr_channels,
			 unsigned int nr_routes, u32 nr_slots)
{
	unsigned int i;

	queues->session = session;
	spin_lock_init(&queues->table_lock);
	init_waitqueue_head(&queues->drained);
	INIT_WORK(&queues->publish_work, storvsc_queues_publish_late);

	queues->channels = kcalloc(nr_channels, sizeof(*queues->channels), GFP_KERNEL);
	if (!queues->channels)
		return -ENOMEM;
	for (i = 0; i < nr_channels; i++) {
		queues->channels[i].queues = queues;
		spin_lock_init(&queues->channels[i].read_lock);
	}
	queues->routes = kcalloc(nr_routes, sizeof(*queues->routes), GFP_KERNEL);
	if (!queues->routes)
		goto free_channels;
	queues->slots = kvcalloc(nr_slots, sizeof(*queues->slots), GFP_KERNEL);
	if (!queues->slots)
		goto free_routes;
	queues->nr_channels = nr_channels;
	queues->first_polled = nr_channels;
	queues->nr_routes = nr_routes;
	queues->nr_slots = nr_slots;
	return 0;

free_routes:
	kfree(queues->routes);
free_channels:
	kfree(queues->channels);
	return -ENOMEM;
}

/**
 * storvsc_queues_free() - undo storvsc_queues_alloc()
 * @queues: all channels closed, no slot in use
 *
 * Context: may sleep.
 */
void storvsc_queues_free(struct storvsc_queues *queues)
{
	cancel_work_sync(&queues->publish_work);
	kvfree(queues->slots);
	kfree(queues->routes);
	kfree(queues->channels);
}

static bool storvsc_channel_is_usable(const struct storvsc_channel *entry)
{
	return storvsc_channel_is_open(entry) && !READ_ONCE(entry->channel->rescind);
}

/* The next usable channel of a kind after entry @from, round the table; NULL when there is none. */
static struct storvsc_channel *storvsc_queues_next(struct storvsc_queues *queues, unsigned int *from, bool is_polled)
{
	unsigned int i;

	for (i = 1; i <= queues->nr_channels; i++) {
		unsigned int index = (*from + i) % queues->nr_channels;

		if (storvsc_channel_is_usable(&queues->channels[index]) && queues->channels[index].is_polled == is_polled) {
			*from = index;
			return &queues->channels[index];
		}
	}
	return NULL;
}

/*
 * Gives each hardware queue a channel, preferably one whose interrupts arrive on a CPU of that queue; the rest in turn. A poll
 * queue whose polled channel is not there has another's: its commands are interrupted for, and no others wait to be polled.
 */
static void storvsc_queues_route(struct storvsc_queues *queues)
{
	unsigned int polled_from = queues->nr_routes - queues->nr_polled_routes;
	unsigned int turn = queues->nr_channels - 1, polled_turn = turn;
	unsigned int i;

	lockdep_assert_held(&queues->table_lock);

	for (i = 0; i < queues->nr_routes; i++) {
		struct storvsc_channel *entry = NULL;

		if (i >= polled_from)
			entry = storvsc_queues_next(queues, &polled_turn, true);
		if (!entry)
			entry = storvsc_queues_next(queues, &turn, false);
		rcu_assign_pointer(queues->routes[i], entry);
	}
	for (i = 0; queues->cpu_to_route && i < queues->nr_channels; i++) {
		struct storvsc_channel *entry = &queues->channels[i];
		unsigned int route;

		if (!storvsc_channel_is_usable(entry) || entry->is_polled || entry->cpu >= nr_cpu_ids)
			continue;
		route = queues->cpu_to_route[entry->cpu];
		if (route < polled_from)
			rcu_assign_pointer(queues->routes[route], entry);
	}
	schedule_work(&queues->publish_work);
}

/**
 * storvsc_queues_enable() - let commands go to the channels that are open
 * @queues: the queues
 *
 * Context: any.
 */
void storvsc_queues_enable(struct storvsc_queues *queues)
{
	spin_lock_bh(&queues->table_lock);
	queues->is_enabled = true;
	storvsc_queues_route(queues);
	spin_unlock_bh(&queues->table_lock);
}

/**
 * storvsc_queues_disable() - refuse new commands
 * @queues: the queues
 *
 * Context: may sleep.
 * On return no submission is under way; commands the host owns stay with it.
 */
void storvsc_queues_disable(struct storvsc_queues *queues)
{
	unsigned int i;

	spin_lock_bh(&queues->table_lock);
	queues->is_enabled = false;
	for (i = 0; i < queues->nr_routes; i++)
		rcu_assign_pointer(queues->routes[i], NULL);
	spin_unlock_bh(&queues->table_lock);
	synchronize_rcu();
	storvsc_queues_publish_all(queues);
}

/**
 * storvsc_queues_publish() - end a batch: let the host see all commands submitted on a hardware queue
 * @queues: the queues
 * @route: the hardware queue
 *
 * Context: any.
 */
void storvsc_queues_publish(struct storvsc_queues *queues, u32 route)
{
	struct storvsc_channel *entry;

	rcu_read_lock();
	/* Without a route storvsc_queues_disable() publishes. */
	entry = rcu_dereference(queues->routes[route < queues->nr_routes ? route : 0]);
	if (entry)
		storvsc_batch_publish(entry->channel);
	rcu_read_unlock();
}

/**
 * storvsc_queues_set_cpu() - a channel's interrupts move to another CPU
 * @queues: the queues
 * @channel: the channel
 * @cpu: the CPU
 *
 * Context: any.
 */
void storvsc_queues_set_cpu(struct storvsc_queues *queues, const struct vmbus_channel *channel, u32 cpu)
{
	unsigned int i;

	spin_lock_bh(&queues->table_lock);
	for (i = 0; i < queues->nr_channels; i++)
		if (queues->channels[i].channel == channel)
			queues->channels[i].cpu = cpu;
	if (queues->is_enabled)
		storvsc_queues_route(queues);
	spin_unlock_bh(&queues->table_lock);
}

/**
 * storvsc_queues_set_cpu_map() - tell which hardware queue each CPU submits to
 * @queues: the queues
 * @cpu_to_route: nr_cpu_ids entries that live as long as @queues; NULL before they end
 *
 * Context: any.
 */
void storvsc_queues_set_cpu_map(struct storvsc_queues *queues, const unsigned int *cpu_to_route)
{
	spin_lock_bh(&queues->table_lock);
	queues->cpu_to_route = cpu_to_route;
	if (queues->is_enabled)
		storvsc_queues_route(queues);
	spin_unlock_bh(&queues->table_lock);
}

/**
 * storvsc_queues_count_open() - number of channels that carry commands
 * @queues: the queues
 *
 * Context: any. Return: 0 to @queues->nr_channels.
 */
unsigned int storvsc_queues_count_open(struct storvsc_queues *queues)
{
	unsigned int i, count = 0;

	rcu_read_lock();
	for (i = 0; i < queues->nr_channels; i++)
		count += storvsc_channel_is_usable(&queues->channels[i]);
	rcu_read_unlock();
	return count;
}

/**
 * storvsc_channel_look() - read a channel until it is empty although the host did not interrupt
 * @entry: any entry; nothing happens unless it is open
 *
 * Nobody calls again for what a run of the reader leaves when its time is up, so there are several.
 *
 * Context: process; what storvsc_queues_open() was given runs with bottom halves disabled unless the channel is polled.
 */
void storvsc_channel_look(struct storvsc_channel *entry)
{
	unsigned int run = 0;

	/* Closing waits for a grace period before it touches the rings. */
	rcu_read_lock();
	if (storvsc_channel_is_open(entry)) {
		do {
			if (!entry->is_polled)
				local_bh_disable();
			entry->reader(entry);
			if (!entry->is_polled)
				local_bh_enable();
		} while (++run < STORVSC_LOOK_RUNS && hv_get_bytes_to_read(&entry->channel->inbound));
	}
	rcu_read_unlock();
}

/**
 * storvsc_queues_poll() - read the channel of a hardware queue if anything is in it
 * @queues: the queues
 * @route: the hardware queue
 *
 * Context: process; see storvsc_channel_look().
 * Return: how many commands the host has answered on the channel meanwhile, whoever read it.
 */
u32 storvsc_queues_poll(struct storvsc_queues *queues, u32 route)
{
	struct storvsc_channel *entry;
	u32 answers = 0;

	rcu_read_lock();
	entry = rcu_dereference(queues->routes[route < queues->nr_routes ? route : 0]);
	/* Without a lock: several processors may poll one queue, and most of the time find nothing. */
	if (entry && hv_get_bytes_to_read(&entry->channel->inbound)) {
		answers = READ_ONCE(entry->answers);
		storvsc_channel_look(entry);
		answers = READ_ONCE(entry->answers) - answers;
	}
	rcu_read_unlock();
	return answers;
}

/**
 * storvsc_queues_look_polled() - read the polled channels, for who waits while nobody may poll
 * @queues: the queues
 *
 * Context: process.
 */
void storvsc_queues_look_polled(struct storvsc_queues *queues)
{
	unsigned int i;

	for (i = queues->first_polled; i < queues->nr_channels; i++)
		storvsc_channel_look(&queues->channels[i]);
}

/* The host interrupts for a polled channel: it has not seen the mask, or does not care. */
static void storvsc_channel_ignore(void *context)
{
}

/* A free entry for a channel: the first for the primary, any other for a sub-channel. */
static struct storvsc_channel *storvsc_queues_reserve(struct storvsc_queues *queues, struct vmbus_channel *channel,
						      void (*reader)(void *context))
{
	unsigned int first = channel->primary_channel ? 1 : 0;
	unsigned int last = channel->primary_channel ? queues->nr_channels : 1;
	struct storvsc_channel *entry = NULL;
	unsigned int i;

	spin_lock_bh(&queues->table_lock);
	for (i = first; i < last; i++) {
		if (queues->channels[i].state != STORVSC_CHANNEL_UNUSED)
			continue;
		entry = &queues->channels[i];
		entry->channel = channel;
		entry->reader = reader;
		entry->is_polled = i >= queues->first_polled;
		lockdep_set_class(&entry->read_lock, &storvsc_read_lock_keys[entry->is_polled]);
		entry->cpu = channel->target_cpu;
		entry->state = STORVSC_CHANNEL_OPENING;
		break;
	}
	spin_unlock_bh(&queues->table_lock);
	return entry;
}

/**
 * storvsc_queues_open() - open a channel and enter it
 * @queues: the queues
 * @channel: the primary channel, or a sub-channel once the primary is open
 * @ring_bytes: size of each ring
 * @callback: runs in softirq context with the struct storvsc_channel when packets have arrived; in process context, when
 *	somebody looks, if the channel is polled
 *
 * Commands use it at once if the queues are enabled.
 *
 * Context: may sleep. Not concurrent with storvsc_queues_close().
 * Return: 0; -ENOSPC more sub-channels than were asked for; or an error of vstor_channel_open().
 */
int storvsc_queues_open(struct storvsc_queues *queues, struct vmbus_channel *channel, u32 ring_bytes,
			void (*callback)(void *context))
{
	struct storvsc_channel *entry = storvsc_queues_reserve(queues, channel, callback);
	int ret;

	if (!entry)
		return -ENOSPC;
	/* The bus unmasks interrupts after each run of a batched callback. */
	set_channel_read_mode(channel, entry->is_polled ? HV_CALL_DIRECT : HV_CALL_BATCHED);
	ret = vstor_channel_open(channel, ring_bytes, entry->is_polled ? storvsc_channel_ignore : callback, entry);
	if (!ret && entry->is_polled)
		WRITE_ONCE(channel->inbound.ring_buffer->interrupt_mask, 1);

	spin_lock_bh(&queues->table_lock);
	/* Pairs with the acquire in storvsc_channel_is_open(). */
	smp_store_release(&entry->state, ret ? STORVSC_CHANNEL_UNUSED : STORVSC_CHANNEL_OPEN);
	if (!ret && queues->is_enabled)
		storvsc_queues_route(queues);
	spin_unlock_bh(&queues->table_lock);
	return ret;
}

/**
 * storvsc_queues_close() - close all channels
 * @queues: disabled
 *
 * On return no callback runs any more, and no reply will be seen: commands that are still out will never be answered.
 *
 * Context: may sleep; waits for the host.
 * Return: true when the host has let go of the rings and of what they named, or nothing was open. False when it did not say so
 * in the bus's time: it may still write to the memory of commands that are out.
 */
bool storvsc_queues_close(struct storvsc_queues *queues)
{
	bool is_confirmed;
	unsigned int i;

	if (queues->channels[0].state != STORVSC_CHANNEL_OPEN)
		return true;

	spin_lock_bh(&queues->table_lock);
	for (i = 0; i < queues->nr_channels; i++)
		if (queues->channels[i].state == STORVSC_CHANNEL_OPEN)
			queues->channels[i].state = STORVSC_CHANNEL_CLOSING;
	spin_unlock_bh(&queues->table_lock);
	synchronize_rcu();

	/* Closing the primary channel closes its sub-channels first. */
	vmbus_close(queues->channels[0].channel);
	/* Our bus gives up waiting for the host in the end and leaves an error there; the kernel's waits for as long as it takes. */
	is_confirmed = !IS_ERR(queues->channels[0].channel->ringbuffer_page);

	spin_lock_bh(&queues->table_lock);
	for (i = 0; i < queues->nr_channels; i++)
		queues->channels[i].state = STORVSC_CHANNEL_UNUSED;
	spin_unlock_bh(&queues->table_lock);
	return is_confirmed;
}

/**
 * storvsc_slot_claim() - take a free slot to prepare a command in it
 * @queues: the queues
 * @index: the command's tag
 *
 * Context: any.
 * Return: the slot, held by the caller; NULL if there is none or it is not free. It is not when the error handler
 * reuses a command whose last incarnation the host has not answered.
 */
struct storvsc_slot *storvsc_slot_claim(struct storvsc_queues *queues, u32 index)
{
	struct storvsc_slot *slot;

	if (index >= queues->nr_slots)
		return NULL;
	slot = &queues->slots[index];
	if (atomic64_cmpxchg(&slot->owner, STORVSC_SLOT_FREE, STORVSC_SLOT_HELD) != STORVSC_SLOT_FREE)
		return NULL;
	slot->timer_restarts = 0;
	return slot;
}

/* From here on the host owns the slot: all that its completion needs is in place before the packet is visible. */
static u64 storvsc_slot_publish(struct storvsc_queues *queues, struct storvsc_slot *slot,
				struct storvsc_channel *entry)
{
	u64 id;

	slot->generation++;
	if (!slot->generation)
		slot->generation = 1;
	WRITE_ONCE(slot->entry, entry);
	WRITE_ONCE(slot->sent_at, jiffies);
	id = (u64)slot->generation << 32 | (u32)(slot - queues->slots);
	/* Orders the members above before the id, against the acquire in storvsc_slot_take(). */
	atomic64_set_release(&slot->owner, id);
	return id;
}

static int storvsc_slot_send(struct storvsc_queues *queues, struct storvsc_slot *slot, struct storvsc_channel *entry,
			     struct vstor_packet *packet, struct vmbus_packet_mpb_array *buffer, u32 nr_frames,
			     bool more)
{
	u64 id = storvsc_slot_publish(queues, slot, entry);
	int ret;

	ret = vstor_send_srb(queues->session, entry->channel, packet, buffer, nr_frames, id, more);
	/*
	 * Nothing was sent. Should the slot not be ours any more, a host that answers what it was never asked, or a sweep,
	 * has ended the command: there is nothing left to undo.
	 */
	if (ret && atomic64_cmpxchg(&slot->owner, id, STORVSC_SLOT_HELD) != (s64)id)
		return 0;
	return ret;
}

/* The command's own ring is full: another channel's may not be. A polled one is none for who does not poll. */
static int storvsc_slot_send_elsewhere(struct storvsc_queues *queues, struct storvsc_slot *slot,
				       const struct storvsc_channel *full, struct vstor_packet *packet,
				       struct vmbus_packet_mpb_array *buffer, u32 nr_frames)
{
	unsigned int i;

	for (i = 0; i < queues->nr_channels; i++) {
		struct storvsc_channel *entry = &queues->channels[i];
		int ret;

		if (entry == full || entry->is_polled || !storvsc_channel_is_usable(entry) ||
		    hv_get_avail_to_write_percent(&entry->channel->outbound) <= queues->lowater_percent)
			continue;
		ret = storvsc_slot_send(queues, slot, entry, packet, buffer, nr_frames, false);
		if (!ret)
			return 0;
	}
	return -EAGAIN;
}

/**
 * storvsc_slot_submit() - give a command to the host
 * @queues: the queues
 * @slot: held by the caller, all members set
 * @route: hardware queue it was submitted on
 * @packet: the packet
 * @buffer: descriptor of the data buffer, NULL without data
 * @nr_frames: frame numbers in @buffer
 * @more: storvsc_queues_publish() or another command follows at once on this hardware queue
 *
 * Context: any, does not sleep.
 * Return: 0 the host owns the slot, or the command has ended already; it must not be touched. Otherwise the caller
 * still holds the slot: -EAGAIN no room in any ring, -ENODEV device rescinded, -ESHUTDOWN queues disabled.
 */
int storvsc_slot_submit(struct storvsc_queues *queues, struct storvsc_slot *slot, u32 route,
			struct vstor_packet *packet, struct vmbus_packet_mpb_array *buffer, u32 nr_frames, bool more)
{
	struct storvsc_channel *entry;
	int ret;

	/* Closing waits for a grace period after the routes are gone: every channel seen in here stays open. */
	rcu_read_lock();
	entry = rcu_dereference(queues->routes[route < queues->nr_routes ? route : 0]);
	if (!entry) {
		ret = -ESHUTDOWN;
		goto unlock;
	}
	ret = storvsc_slot_send(queues, slot, entry, packet, buffer, nr_frames, more);
	if (ret == -ENODEV && entry != queues->channels) {
		/* The host took back a sub-channel alone; the device goes on with the primary. */
		queues->channel_lost(queues);
		entry = queues->channels;
		ret = storvsc_slot_send(queues, slot, entry, packet, buffer, nr_frames, false);
	}
	if (ret == -EAGAIN && queues->nr_channels > 1)
		ret = storvsc_slot_send_elsewhere(queues, slot, entry, packet, buffer, nr_frames);
unlock:
	rcu_read_unlock();
	return ret;
}

/**
 * storvsc_slot_take() - resolve a completion
 * @queues: the queues
 * @id: transaction id as the host wrote it
 * @entry: channel it arrived on, its @read_lock held
 *
 * Context: any.
 * Return: the slot, now held by the caller, who must end the command. NULL: no such slot, another generation (late or
 * repeated reply), or the wrong channel.
 */
struct storvsc_slot *storvsc_slot_take(struct storvsc_queues *queues, u64 id, struct storvsc_channel *entry)
{
	u32 index = lower_32_bits(id);
	struct storvsc_slot *slot;

	/* A generation is never 0, so no id equals a member of enum storvsc_slot_owner. */
	if (!upper_32_bits(id) || index >= queues->nr_slots)
		return NULL;
	slot = &queues->slots[index];
	if ((u64)atomic64_read_acquire(&slot->owner) != id || READ_ONCE(slot->entry) != entry)
		return NULL;
	if (atomic64_cmpxchg(&slot->owner, id, STORVSC_SLOT_HELD) != (s64)id)
		return NULL;
	WRITE_ONCE(entry->answers, entry->answers + 1);
	return slot;
}

/**
 * storvsc_slot_is_lost() - was the channel that carries the command rescinded
 * @slot: any slot
 *
 * Context: any. Return: true when the command will not be answered and the host is done with its memory.
 */
bool storvsc_slot_is_lost(const struct storvsc_slot *slot)
{
	const struct storvsc_channel *entry;
	bool is_lost;

	rcu_read_lock();
	entry = READ_ONCE(slot->entry);
	is_lost = storvsc_slot_is_sent(slot) && entry && storvsc_channel_is_open(entry) &&
		  READ_ONCE(entry->channel->rescind);
	rcu_read_unlock();
	return is_lost;
}

/**
 * storvsc_slot_take_from_host() - end a command that will not be answered
 * @slot: any slot
 *
 * Only when the host has promised to leave the command's memory alone: its channel is rescinded or closed.
 *
 * Context: any.
 * Return: true when the caller now holds the slot and must end the command.
 */
bool storvsc_slot_take_from_host(struct storvsc_slot *slot)
{
	s64 id = atomic64_read_acquire(&slot->owner);

	return (u64)id > STORVSC_SLOT_HELD && atomic64_cmpxchg(&slot->owner, id, STORVSC_SLOT_HELD) == id;
}

/**
 * storvsc_slot_release() - free a slot
 * @queues: the queues
 * @slot: held by the caller
 *
 * Before the command is given back, since its tag may be used again at once.
 *
 * Context: any.
 */
void storvsc_slot_release(struct storvsc_queues *queues, struct storvsc_slot *slot)
{
	/*
	 * Fully ordered: the slot is free before @is_draining is read. Pairs with the barrier in storvsc_queues_drain():
	 * either we see the waiter or it sees the slot free.
	 */
	atomic64_xchg(&slot->owner, STORVSC_SLOT_FREE);
	if (READ_ONCE(queues->is_draining))
		wake_up(&queues->drained);
}

/**
 * storvsc_queues_count_answers() - commands that the host answered
 * @queues: the queues
 *
 * Context: any.
 * Return: their number since storvsc_queues_alloc(), modulo 2^32.
 */
u32 storvsc_queues_count_answers(const struct storvsc_queues *queues)
{
	u32 count = 0;
	unsigned int i;

	for (i = 0; i < queues->nr_channels; i++)
		count += READ_ONCE(queues->channels[i].answers);
	return count;
}

/**
 * storvsc_queues_count_sent() - commands the host owns
 * @queues: the queues
 * @oldest: receives the submission time of the oldest, in jiffies, if there is any; may be NULL
 *
 * Context: any; walks all slots.
 * Return: their number, at some moment during the call.
 */
u32 storvsc_queues_count_sent(const struct storvsc_queues *queues, unsigned long *oldest)
{
	u32 i, count = 0;

	for (i = 0; i < queues->nr_slots; i++) {
		const struct storvsc_slot *slot = &queues->slots[i];
		unsigned long sent_at = READ_ONCE(slot->sent_at);

		if (!storvsc_slot_is_sent(slot))
			continue;
		if (oldest && (!count || time_before(sent_at, *oldest)))
			*oldest = sent_at;
		count++;
	}
	return count;
}

/**
 * storvsc_queues_drain() - wait until the host has answered everything
 * @queues: the queues; new commands keep it from ending unless they are disabled. One caller at a time
 * @timeout_ms: how long
 *
 * Context: may sleep.
 * Return: true when no command was out.
 */
bool storvsc_queues_drain(struct storvsc_queues *queues, unsigned int timeout_ms)
{
	unsigned int wait_ms;
	bool is_drained;

	WRITE_ONCE(queues->is_draining, true);
	/* Orders @is_draining before the first look at the slots; pairs with storvsc_slot_release(). */
	smp_mb();
	do {
		wait_ms = min(timeout_ms, STORVSC_DRAIN_INTERVAL_MS);
		timeout_ms -= wait_ms;
		storvsc_queues_look_polled(queues);
		is_drained = wait_event_timeout(queues->drained, !storvsc_queues_count_sent(queues, NULL),
						msecs_to_jiffies(wait_ms));
	} while (!is_drained && timeout_ms);
	WRITE_ONCE(queues->is_draining, false);
	return is_drained;
}
