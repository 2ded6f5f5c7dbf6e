/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Transaction ids: a table of slots, id = slot + 1. An id that comes back from the host is a number to look up, never
 * an address; one that is free, too large, zero, or comes twice is refused. Knows no channel; the caller's lock covers
 * it.
 *
 * Pure: builds in userspace given shims for u32, u64, test_bit, __set_bit, __clear_bit and bitmap longs.
 */
#ifndef VMBUS_XID_H
#define VMBUS_XID_H

#include <linux/types.h>

#define VMBUS_XID_NONE	0ull	/* hosts complete no packet with id 0: it serves as "no id" */

struct vmbus_xid_table {
	u64 *slot;		/* in use: what the caller stored; free: number of the next free slot */
	unsigned long *in_use;	/* one bit for each slot */
	u32 slots;
	u32 first_free;		/* == slots when none is */
};

void vmbus_xid_init(struct vmbus_xid_table *table, u64 *slot, unsigned long *in_use, u32 slots);
u64 vmbus_xid_take(struct vmbus_xid_table *table, u64 stored);
bool vmbus_xid_lookup(const struct vmbus_xid_table *table, u64 id, u64 *stored);
bool vmbus_xid_release(struct vmbus_xid_table *table, u64 id, u64 *stored);

#endif
