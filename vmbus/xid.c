// SPDX-License-Identifier: GPL-2.0
/*
 * Transaction ids of one channel: slot allocation and lookup; stale and double completions refused. Knows no channel
 * and no packet. Free slots form a list inside the table, last freed first: it is still in the cache.
 */
#include <linux/bitops.h>

#include "xid.h"

/**
 * vmbus_xid_init() - start a table with all slots free
 * @table: the table
 * @slot: memory for @slots values, owned by the caller
 * @in_use: bitmap of @slots bits, all clear, owned by the caller
 * @slots: how many requests may be in flight
 */
void vmbus_xid_init(struct vmbus_xid_table *table, u64 *slot, unsigned long *in_use, u32 slots)
{
	u32 i;

	for (i = 0; i < slots; i++)
		slot[i] = i + 1;
	table->slot = slot;
	table->in_use = in_use;
	table->slots = slots;
	table->first_free = 0;
}

/**
 * vmbus_xid_take() - take a slot
 * @table: the table
 * @stored: what vmbus_xid_release() shall give back
 *
 * Return: the id, or VMBUS_XID_NONE when all slots are in use.
 */
u64 vmbus_xid_take(struct vmbus_xid_table *table, u64 stored)
{
	u32 slot = table->first_free;

	if (slot >= table->slots)
		return VMBUS_XID_NONE;
	table->first_free = (u32)table->slot[slot];
	table->slot[slot] = stored;
	__set_bit(slot, table->in_use);
	return (u64)slot + 1;
}

/**
 * vmbus_xid_lookup() - what is stored under an id
 * @table: the table
 * @id: as the host gave it: any value
 * @stored: filled on success
 *
 * Return: false when no request with this id is in flight.
 */
bool vmbus_xid_lookup(const struct vmbus_xid_table *table, u64 id, u64 *stored)
{
	if (id == VMBUS_XID_NONE || id > table->slots || !test_bit((u32)(id - 1), table->in_use))
		return false;
	*stored = table->slot[id - 1];
	return true;
}

/**
 * vmbus_xid_release() - end a request and free its slot
 * @table: the table
 * @id: as the host gave it: any value
 * @stored: filled on success
 *
 * Return: false, with nothing changed, when no request with this id is in flight.
 */
bool vmbus_xid_release(struct vmbus_xid_table *table, u64 id, u64 *stored)
{
	u32 slot;

	if (!vmbus_xid_lookup(table, id, stored))
		return false;
	slot = (u32)(id - 1);
	__clear_bit(slot, table->in_use);
	table->slot[slot] = table->first_free;
	table->first_free = slot;
	return true;
}
