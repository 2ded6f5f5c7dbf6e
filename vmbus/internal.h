/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Private state of the bus, shared inside vmbus/ only: the connection, our channel around the kernel's, and the lock
 * order.
 *
 * Lock order, outermost first:
 *
 *	device lock of a VMBus device (driver core)
 *	cpus_read_lock(), CPU hotplug
 *	vmbus_chan.open_lock		open, close and move of one channel; held while waiting for the host's answer, so the
 *					path of incoming messages never takes it
 *	vmbus_conn.channel_lock		lists of primary channels and of their sub-channels, placement; no wait for the host
 *	hv_ring_buffer_info.ring_buffer_mutex	ring memory against readers of its indices
 *	vmbus_conn.request_lock		requests that wait for an answer
 *	vmbus_conn.table_lock		relid table, phase of each channel
 *	vmbus_channel.sched_lock	callback of a channel against the interrupt
 *	hv_ring_buffer_info.ring_lock	outbound ring
 *	vmbus_requestor.req_lock	transaction ids
 */
#ifndef VMBUS_INTERNAL_H
#define VMBUS_INTERNAL_H

#include <linux/atomic.h>
#include <linux/cache.h>
#include <linux/completion.h>
#include <linux/cpumask.h>
#include <linux/hyperv.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include <hyperv/tlfs.h>
#include <hyperv/vmbus_msg.h>
#include <hyperv/vmbus_ring.h>

#include "histogram.h"
#include "ring.h"
#include "xid.h"

/* Control messages arrive on this CPU, and it serves the channels whose placement does not matter. Policy. */
#define VMBUS_CONNECT_CPU	0

/* Policy: how long the host may take to answer; for the rest vmbus_answer_ms(). */
#define VMBUS_RESCINDED_ANSWER_MS	2000	/* TORNDOWN of a channel the host has already taken away */
#define VMBUS_UNLOAD_MS		10000
#define VMBUS_CRASH_UNLOAD_MS	100000
#define VMBUS_OFFERS_MS		10000	/* the initial offers, at load */

/* One machine for each channel; vmbus_channel_set_phase() alone changes it, under vmbus_conn.table_lock. */
enum vmbus_channel_phase {
	VMBUS_CHANNEL_OFFERED,	/* offer.c, message context, on OFFER; left by open or release */
	VMBUS_CHANNEL_OPENING,	/* channel.c, opener, before OPEN is posted; left by it on the answer */
	VMBUS_CHANNEL_OPENED,	/* channel.c, opener, on OPEN_RESULT; left by the closer, or to broken */
	VMBUS_CHANNEL_BROKEN,	/* packet.c, any context, when the host violated the ring; left by the closer */
	VMBUS_CHANNEL_CLOSING,	/* channel.c, closer, before CLOSE is posted; left by it on TORNDOWN */
	VMBUS_CHANNEL_CLOSED,	/* channel.c, closer; left by open or release */
	VMBUS_CHANNEL_RELEASED,	/* offer.c, RELID_RELEASED sent or not needed; final */
};

/* Our channel around the one drivers see. Lives until the last reference to channel.kobj goes. */
struct vmbus_chan {
	struct vmbus_channel channel;

	struct vmbus_ring_out out ____cacheline_aligned;	/* channel.outbound.ring_lock */
	struct vmbus_ring_in in ____cacheline_aligned;		/* the channel's one reader */
	struct vmbus_xid_table xids;				/* channel.requestor.req_lock */
	u64 signal;						/* what HvSignalEvent takes */

	enum vmbus_channel_phase phase ____cacheline_aligned;	/* vmbus_conn.table_lock */
	u32 relid;		/* INVALID_RELID while the host knows the channel under none */
	bool ended;		/* vmbus_conn.table_lock: nobody uses it any more */
	bool dead;		/* rescinded, under vmbus_conn.request_lock: no new request may wait */
	bool spread;		/* performance device: placed on any CPU */
	bool placed;		/* vmbus_conn.channel_lock: counts where it is placed */
	bool ring_kept;		/* the host did not confirm that it let the ring go: its pages are never freed */
	atomic_t adopted;	/* sub-channel: has its directory; primary: has its device; cleared by who removes it */
	struct mutex open_lock;
	struct completion offer_done;		/* add_channel_work is through, whatever came of it */
	struct work_struct rescind_work;
	/* Only while vmbus_latency_on; see latency.c for who writes them. */
	u64 interrupt_ns;	/* when the interrupt asked for the callback that has not begun yet; 0: none waits */
	u64 ring_full_ns;	/* when the ring was first found full, by a sender that has not got through yet; 0: none */
	struct vmbus_histogram to_callback, ring_full;
	struct kobject *ring_file_of;		/* set while the sysfs ring file exists */
};

static inline struct vmbus_chan *to_chan(struct vmbus_channel *channel)
{
	return container_of(channel, struct vmbus_chan, channel);
}

/* Things that go wrong without anybody's fault on our side, counted since load. */
struct vmbus_faults {
	atomic_t bad_messages;		/* too short, unknown relid, nobody asked */
	atomic_t refused_offers;
	atomic_t broken_rings;
	atomic_t truncated_packets;
	atomic_t kept_gpadls;		/* memory never freed because teardown was not confirmed */
};

/* The one connection to the host. */
struct vmbus_conn {
	u32 message_connection_id;	/* set by negotiation, before anything else is posted */
	bool shared_interrupts;		/* host older than 2.4: one event flag and a page of bits for all channels */
	bool connected;			/* from negotiation to UNLOAD: messages may be posted */
	bool skip_unload;		/* another part of the kernel tells the host: UNLOAD is not sent */
	bool takes_offers;		/* offers and rescinds are acted upon */
	struct device *root;		/* parent of all VMBus devices */
	bool coherent;			/* whether the firmware says that the bus is cache coherent */

	/* Bits of channels, to the guest in the first half, to the host in the second. Only hosts older than 2.4 look. */
	void *interrupt_page;
	struct vmbus_monitor_page *monitor[2];	/* to the guest; to the host */
	bool pages_kept;		/* the host did not confirm UNLOAD: these pages are never freed */

	spinlock_t request_lock;
	struct list_head requests;

	spinlock_t table_lock;
	struct vmbus_chan __rcu *channels[VMBUS_RELID_MAX + 1];
	u32 highest_relid;		/* bounds the scan for event flags; only grows while connected */

	struct mutex channel_lock;
	struct list_head primaries;	/* vmbus_channel.listentry */

	struct workqueue_struct *primary_wq;	/* ordered: devices appear in the order of their offers */
	struct workqueue_struct *sub_wq;	/* a primary's probe may wait for its sub-channels */
	struct workqueue_struct *rescind_wq;	/* one work for each channel: a rescind may wait for a probe */
	struct completion all_offers;

	atomic_t next_gpadl;
	struct vmbus_faults faults;
};

extern struct vmbus_conn vmbus_conn;

/* The work holds a reference to its channel. */
static inline void vmbus_queue_rescind(struct vmbus_chan *chan)
{
	kobject_get(&chan->channel.kobj);
	if (!queue_work(vmbus_conn.rescind_wq, &chan->rescind_work))
		kobject_put(&chan->channel.kobj);
}

#endif
