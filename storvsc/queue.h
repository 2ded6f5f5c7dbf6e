/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Commands on their way to the host and the channels they travel on: see queue.c.
 */
#ifndef STORVSC_QUEUE_H
#define STORVSC_QUEUE_H

#include <linux/atomic.h>
#include <linux/cache.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include "vstor.h"

struct scsi_cmnd;
struct storvsc_channel;

/*
 * Who owns a slot. Any larger value is the transaction id under which the host owns it: the slot's generation in the
 * upper half, its index in the lower.
 */
enum storvsc_slot_owner {
	STORVSC_SLOT_FREE	= 0,	/* entered by storvsc_slot_release(), left by storvsc_slot_claim() */
	STORVSC_SLOT_HELD	= 1,	/* the driver prepares the command, or ends it */
};

/**
 * struct storvsc_slot - one command in flight
 * @owner: enum storvsc_slot_owner or the transaction id. Who changes it from an id, by cmpxchg, is the only one to end
 *	the command: the completion, the undo after a refused send, or a sweep
 * @generation: last one used, never 0
 * @data_bytes: length of the data buffer
 * @cmd: the command; set while the slot is not free
 * @entry: the channel that carries it; its reply must come from there
 * @sent_at: jiffies of the submission
 * @sent_ns: storvsc_stats_now() of the submission; 0 when nobody wanted it
 * @timer_restarts: times the request timer ran out
 * @is_mapped: the data buffer is mapped for DMA
 *
 * All members but @owner belong to whoever made it HELD, and are only read by others while it is an id.
 */
struct storvsc_slot {
	atomic64_t owner;
	u32 generation;
	u32 data_bytes;
	struct scsi_cmnd *cmd;
	struct storvsc_channel *entry;
	unsigned long sent_at;
	u64 sent_ns;
	u32 timer_restarts;
	bool is_mapped;
} ____cacheline_aligned;

enum storvsc_channel_state {
	STORVSC_CHANNEL_UNUSED = 0,	/* entry is free; left by storvsc_queues_open() */
	STORVSC_CHANNEL_OPENING,	/* storvsc_queues_open() is waiting for the host */
	STORVSC_CHANNEL_OPEN,		/* carries commands; left by storvsc_queues_close() */
	STORVSC_CHANNEL_CLOSING,	/* storvsc_queues_close() is waiting for the host; @channel must not be used */
};

/**
 * struct storvsc_channel - one of a controller's channels, on cache lines of its own: each is written for every command
 * @queues: back pointer
 * @channel: the bus's object
 * @state: under queues->table_lock
 * @reader: takes what has arrived, with the entry as its argument
 * @is_polled: carries the commands of poll queues and no others, and the host does not interrupt. Changed under
 *	queues->table_lock while the entry is free
 * @cpu: where its interrupts arrive, under queues->table_lock
 * @read_lock: one reader of the inbound ring at a time; held while commands are completed
 * @answers: commands that the host answered here, ever; wraps. Under @read_lock
 */
struct storvsc_channel {
	struct storvsc_queues *queues;
	struct vmbus_channel *channel;
	enum storvsc_channel_state state;
	void (*reader)(void *context);
	bool is_polled;
	u32 cpu;
	spinlock_t read_lock;
	u32 answers;
} ____cacheline_aligned_in_smp;

/**
 * struct storvsc_queues - a controller's channels and commands
 * @session: how to send
 * @table_lock: protects @channels' states and writes to @routes; not taken on the I/O path
 * @channels: entry 0 is the primary channel
 * @nr_channels: entries in @channels
 * @cpu_to_route: the block layer's map from CPU to hardware queue, NULL before it exists
 * @routes: the channel of each hardware queue, NULL when commands cannot be sent; RCU
 * @publish_work: lets the host see what is held back on channels that are no longer a queue's route
 * @nr_routes: hardware queues
 * @nr_polled_routes: how many of them, the last ones, are poll queues
 * @first_polled: the entry of @channels from which on channels are polled; set while all are closed
 * @is_enabled: commands may be sent, under @table_lock
 * @slots: one for each tag
 * @nr_slots: tags
 * @lowater_percent: a ring with less free space does not take over another's commands
 * @channel_lost: called when a sub-channel turns out to be rescinded; any context, must not sleep
 * @is_draining: somebody waits on @drained
 * @drained: woken when a slot becomes free while @is_draining
 */
struct storvsc_queues {
	const struct vstor_session *session;
	spinlock_t table_lock;
	struct storvsc_channel *channels;
	unsigned int nr_channels;
	const unsigned int *cpu_to_route;
	struct storvsc_channel __rcu **routes;
	struct work_struct publish_work;
	unsigned int nr_routes;
	unsigned int nr_polled_routes;
	unsigned int first_polled;
	bool is_enabled;
	struct storvsc_slot *slots;
	u32 nr_slots;
	u32 lowater_percent;
	void (*channel_lost)(struct storvsc_queues *queues);
	bool is_draining;
	wait_queue_head_t drained;
};

int storvsc_queues_alloc(struct storvsc_queues *queues, const struct vstor_session *session, unsigned int nr_channels,
			 unsigned int nr_routes, u32 nr_slots);
void storvsc_queues_free(struct storvsc_queues *queues);
int storvsc_queues_open(struct storvsc_queues *queues, struct vmbus_channel *channel, u32 ring_bytes,
			void (*callback)(void *context));
bool storvsc_queues_close(struct storvsc_queues *queues);
void storvsc_queues_enable(struct storvsc_queues *queues);
void storvsc_queues_disable(struct storvsc_queues *queues);
void storvsc_queues_set_cpu(struct storvsc_queues *queues, const struct vmbus_channel *channel, u32 cpu);
void storvsc_queues_set_cpu_map(struct storvsc_queues *queues, const unsigned int *cpu_to_route);
void storvsc_queues_publish(struct storvsc_queues *queues, u32 route);
unsigned int storvsc_queues_count_open(struct storvsc_queues *queues);

void storvsc_channel_look(struct storvsc_channel *entry);
u32 storvsc_queues_poll(struct storvsc_queues *queues, u32 route);
void storvsc_queues_look_polled(struct storvsc_queues *queues);

struct storvsc_slot *storvsc_slot_claim(struct storvsc_queues *queues, u32 index);
int storvsc_slot_submit(struct storvsc_queues *queues, struct storvsc_slot *slot, u32 route,
			struct vstor_packet *packet, struct vmbus_packet_mpb_array *buffer, u32 nr_frames, bool more);
struct storvsc_slot *storvsc_slot_take(struct storvsc_queues *queues, u64 id, struct storvsc_channel *entry);
bool storvsc_slot_is_lost(const struct storvsc_slot *slot);
bool storvsc_slot_take_from_host(struct storvsc_slot *slot);
void storvsc_slot_release(struct storvsc_queues *queues, struct storvsc_slot *slot);

/**
 * storvsc_slot_is_sent() - does the host own the slot
 * @slot: any slot
 *
 * Context: any. Return: true from the moment before the packet becomes visible until the command is ended.
 */
static inline bool storvsc_slot_is_sent(const struct storvsc_slot *slot)
{
	return (u64)atomic64_read(&slot->owner) > STORVSC_SLOT_HELD;
}

/* Its tag. */
static inline u32 storvsc_slot_index(const struct storvsc_queues *queues, const struct storvsc_slot *slot)
{
	return slot - queues->slots;
}

u32 storvsc_queues_count_answers(const struct storvsc_queues *queues);
u32 storvsc_queues_count_sent(const struct storvsc_queues *queues, unsigned long *oldest);
bool storvsc_queues_drain(struct storvsc_queues *queues, unsigned int timeout_ms);

#endif
