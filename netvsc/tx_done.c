// SPDX-License-Identifier: GPL-2.0
/*
 * What becomes of packets that were sent: the host completes them, or the channel is closed; either way the slot and what it
 * holds are free again, once. Must not know how packets are built. NVSP 108.
 */
#include "netvsc.h"

/* Poll function, or teardown after it */
static void netvsc_tx_slot_put(struct netvsc_tx *tx, struct netvsc_tx_slot *slot)
{
	tx->free[tx->free_tail & (tx->slot_count - 1)] = slot - tx->slots;
	/* The transmit path may take the slot as soon as it sees the new tail. */
	smp_store_release(&tx->free_tail, tx->free_tail + 1);
}

/* Release what a slot holds. @slot->use was cleared by the caller. */
static void netvsc_tx_release(struct netvsc_channel *ch, struct netvsc_tx_slot *slot, int budget)
{
	if (slot->skb)
		napi_consume_skb(slot->skb, budget);
	if (slot->section != NVSP_SEND_SECTION_NONE)
		netvsc_send_section_put(&ch->nvdev->bufs, slot->section);
	netvsc_tx_slot_put(&ch->tx, slot);
}

/* Which counter a completion of that status belongs to */
static enum netvsc_poll_counter netvsc_tx_refusal(u32 status)
{
	switch (status) {
	case NVSP_STATUS_NONE:
		return NETVSC_POLL_TX_STATUS_NONE;
	case NVSP_STATUS_FAILURE:
		return NETVSC_POLL_TX_STATUS_FAILURE;
	case NVSP_STATUS_INVALID_RNDIS:
		return NETVSC_POLL_TX_STATUS_INVALID;
	case NVSP_STATUS_BUSY:
		return NETVSC_POLL_TX_STATUS_BUSY;
	case NVSP_STATUS_UNSUPPORTED:
		return NETVSC_POLL_TX_STATUS_UNSUPPORTED;
	default:
		return NETVSC_POLL_TX_STATUS_OTHER;
	}
}

/* Not accepted: @why is one of the counters that NETVSC_POLL_TX_ERRORS is the sum of. */
static void netvsc_tx_count_refused(struct netvsc_channel *ch, const struct netvsc_tx_slot *slot,
				    enum netvsc_poll_counter why)
{
	struct netvsc_poll_stats *stats = &ch->stats->poll;

	u64_stats_update_begin(&stats->syncp);
	u64_stats_add(&stats->count[NETVSC_POLL_TX_ERRORS], slot->packets);
	u64_stats_add(&stats->count[why], slot->packets);
	u64_stats_update_end(&stats->syncp);
}

static void netvsc_tx_count_sent(struct netvsc_channel *ch, const struct netvsc_tx_slot *slot, u32 status)
{
	struct netvsc_poll_stats *stats = &ch->stats->poll;

	if (unlikely(status != NVSP_STATUS_SUCCESS)) {
		netvsc_tx_count_refused(ch, slot, netvsc_tx_refusal(status));
		if (status != NVSP_STATUS_NONE && net_ratelimit())
			netdev_err(ch->nvdev->ndev, "host refused a packet, NVSP status %u\n", status);
		return;
	}
	u64_stats_update_begin(&stats->syncp);
	u64_stats_add(&stats->count[NETVSC_POLL_TX_PACKETS], slot->packets);
	u64_stats_add(&stats->count[NETVSC_POLL_TX_BYTES], slot->bytes);
	u64_stats_update_end(&stats->syncp);
}

/**
 * netvsc_tx_sent() - the host completed a packet
 * @nc:		channel it was sent on
 * @xid:	transaction id, unchecked
 * @status:	NVSP status, NVSP_STATUS_NONE if the host told none
 *
 * Context: softirq, poll function.
 */
void netvsc_tx_sent(struct nvsp_channel *nc, u64 xid, u32 status)
{
	struct netvsc_channel *ch = netvsc_channel(nc);
	struct netvsc_tx *tx = &ch->tx;
	u32 use = nvsp_xid_use(xid);
	u16 index = nvsp_xid_slot(xid);
	struct netvsc_tx_slot *slot;

	/* The exchange takes the slot's content exactly once, and orders its reading behind the sender's release. */
	if (index >= tx->slot_count || !use || cmpxchg(&tx->slots[index].use, use, 0) != use) {
		nc->stats.bad_completion++;
		return;
	}
	slot = &tx->slots[index];
	netvsc_tx_count_sent(ch, slot, status);
	tx->done_skbs += slot->skbs;
	tx->done_bytes += slot->bytes;
	netvsc_tx_release(ch, slot, ch->rx.budget);
}

/**
 * netvsc_tx_finish_poll() - after a round of completions: tell the stack, send what is pending, wake the queue
 * @ch:		the channel
 *
 * Context: softirq, poll function; takes the transmit queue's lock if the queue is stopped.
 */
void netvsc_tx_finish_poll(struct netvsc_channel *ch)
{
	struct netvsc *nv = ch->nvdev->nv;
	struct netdev_queue *txq = netvsc_tx_queue(ch);
	struct netvsc_tx *tx = &ch->tx;
	bool wake = false;

	if (tx->done_skbs) {
		netdev_tx_completed_queue(txq, tx->done_skbs, tx->done_bytes);
		tx->done_skbs = 0;
		tx->done_bytes = 0;
	}
	/* Pairs with the barriers in netvsc_tx_stop_if_full() and netvsc_tx_may_wait(). */
	smp_mb();
	if (likely(!netif_tx_queue_stopped(txq) && !READ_ONCE(tx->batch.slot)))
		return;

	__netif_tx_lock(txq, smp_processor_id());
	netvsc_tx_resume(ch);
	if (!netif_tx_queue_stopped(txq)) {
		__netif_tx_unlock(txq);
		return;
	}
	/* A queue of a device half set up or half taken down stays stopped. */
	if (!tx->pending.slot && !nv->tx_disabled && !nvsp_is_gone(ch->nvsp.nvsp) &&
	    netvsc_tx_outstanding(ch) <= tx->slot_count - tx->slot_count / 4)
		wake = true;
	if (wake)
		netif_tx_wake_queue(txq);
	__netif_tx_unlock(txq);
	if (wake)
		netvsc_count_poll(ch, NETVSC_POLL_WAKE_QUEUE);
}

/**
 * netvsc_tx_abort() - give up on packets that the host did not complete
 * @ch:		the channel; closed, its poll function and its transmit queue have stopped
 *
 * Context: process.
 */
void netvsc_tx_abort(struct netvsc_channel *ch)
{
	struct netvsc_tx *tx = &ch->tx;
	u32 i;

	if (tx->batch.slot) {
		smp_store_release(&tx->batch.slot->use, 1);
		tx->batch.slot = NULL;
	}
	tx->pending.slot = NULL;
	for (i = 0; i < tx->slot_count; i++) {
		struct netvsc_tx_slot *slot = &tx->slots[i];

		if (!xchg(&slot->use, 0))
			continue;
		netvsc_tx_count_refused(ch, slot, NETVSC_POLL_TX_LOST);
		netvsc_tx_release(ch, slot, 0);
	}
	netdev_tx_reset_queue(netvsc_tx_queue(ch));
}
