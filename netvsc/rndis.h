/* SPDX-License-Identifier: GPL-2.0 */
/*
 * RNDIS control: initialize, query, set, halt, and the answer to keepalive, over a small table of operations. Knows
 * RNDIS messages, no NVSP, no packet message and no net_device.
 */
#ifndef NETVSC_RNDIS_H
#define NETVSC_RNDIS_H

#include <linux/completion.h>
#include <linux/list.h>
#include <linux/refcount.h>
#include <linux/spinlock.h>
#include <linux/types.h>

#include <hyperv/rndis.h>

/* Policy: how long the host may take to answer a request */
#define RNDIS_TIMEOUT_MS		10000
/* Policy: how long to wait for the host to take a HALT, which has no answer */
#define RNDIS_HALT_TIMEOUT_MS		1000
/* Policy: longest information buffer that is sent or kept from an answer */
#define RNDIS_INFO_BYTES		1024
/* Policy: longest control message that is looked at; hosts state the size of a whole receive section */
#define RNDIS_CONTROL_BYTES		(sizeof(struct rndis_query_cmplt) + RNDIS_INFO_BYTES)

struct rndis;
struct rndis_call;

struct rndis_ops {
	/*
	 * Hand @bytes at @page to the host. 0: they are the host's until rndis_call_sent(@call). -EAGAIN: no room.
	 * Any context.
	 */
	int (*send)(struct rndis *rndis, void *page, u32 bytes, struct rndis_call *call);
	/* Wait for @done: 0, -ETIMEDOUT, -ENODEV when the device is gone. May sleep. */
	int (*wait)(struct rndis *rndis, struct completion *done, unsigned int timeout_ms);
	/* Wait for room after -EAGAIN, some ms at most. May sleep. */
	void (*wait_room)(struct rndis *rndis);
	/* The host indicated a status; @buf is private memory. Softirq. */
	void (*indicate)(struct rndis *rndis, u32 status, const void *buf, u32 bytes);
};

struct rndis {
	const struct rndis_ops *ops;
	spinlock_t lock;		/* the two fields below; softirq-safe */
	struct list_head pending;	/* calls that wait for an answer */
	u32 last_id;

	/* From INITIALIZE_CMPLT, made harmless: */
	u32 max_packets;		/* packet messages in one send section, 1.. */
	u32 max_transfer_bytes;		/* all of them together */
	u32 packet_alignment;		/* of each but the last, a power of two */
};

void rndis_init(struct rndis *rndis, const struct rndis_ops *ops);
int rndis_initialize(struct rndis *rndis);
int rndis_query(struct rndis *rndis, u32 oid, const void *in, u32 in_bytes, void *out, u32 out_bytes, u32 *got_bytes);
int rndis_set(struct rndis *rndis, u32 oid, const void *info, u32 info_bytes);
int rndis_halt(struct rndis *rndis);
int rndis_receive(struct rndis *rndis, const void *msg, u32 bytes);
void rndis_call_sent(struct rndis_call *call);

#endif
