// SPDX-License-Identifier: GPL-2.0
/*
 * The channels of a synthetic NIC: the primary one and the sub-channels a guest asks for with NVSP
 * 5 and later (receive-side scaling). Reads packets, sees that completions get out, and tells the
 * guest by the send-indirection table which channel its flows are expected on.
 */
#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../hyperv/util.h"
#include "netvsp_internal.h"

/* Policy: packets taken in one go before other devices get their turn. */
#define NETVSP_BATCH 256
/* Where hosts put the table: right behind the fixed fields. */
#define NETVSP_TABLE_OFFSET (4 + sizeof(struct nvsp_indirection_table))

static void netvsp_complete_held(struct netvsp_queue *q)
{
	int err = vmbus_complete(q->chan, q->held_xid, &q->held, q->held_bytes);

	q->completion_held = err == -EAGAIN;
	if (q->completion_held)
		q->nic->count.held_completions++;
	else if (err)
		netvsp_die(q->nic);
}

void netvsp_complete(struct netvsp_queue *q, const struct vmbus_pkt *pkt,
		     const struct nvsp_message *answer, uint32_t bytes)
{
	if (!pkt->wants_completion)
		return;
	q->held_xid = pkt->xid;
	q->held_bytes = bytes;
	if (bytes)
		q->held = *answer;
	netvsp_complete_held(q);
}

/* A sub-channel carries RNDIS packets and nothing else. */
static void netvsp_sub_message(struct netvsp_queue *q, const struct vmbus_pkt *pkt)
{
	struct nvsp_message message = { 0 };
	uint32_t type;

	if (pkt->len < NVSP_MSG_BYTES_OLD) {
		hv_violation(q->nic->server, "nvsp-message-size",
			     "%s: message of %u bytes, at least %u are needed", q->nic->params.name,
			     pkt->len, NVSP_MSG_BYTES_OLD);
		return;
	}
	memcpy(&message, pkt->payload, pkt->len < sizeof(message) ? pkt->len : sizeof(message));
	type = le32toh(message.type);
	if (type != NVSP_MSG_SEND_RNDIS_PACKET)
		netvsp_fatal(q->nic, "nvsp-subchannel-message", type, "on a sub-channel");
	else
		netvsp_rndis(q, pkt, &message);
}

static void netvsp_queue_work(struct netvsp_queue *q)
{
	struct netvsp *n = q->nic;
	unsigned int taken = 0;
	struct vmbus_pkt pkt;

	if (n->state == NETVSP_DEAD || !q->chan)
		return;
	if (q->completion_held)
		netvsp_complete_held(q);
	while (taken++ < NETVSP_BATCH && !q->completion_held && n->state != NETVSP_DEAD) {
		if (vmbus_recv(q->chan, &pkt) <= 0)
			break;
		n->packets++;
		if (pkt.type == VMBUS_PACKET_COMPLETION)
			netvsp_completed(q, &pkt);
		else if (q->number)
			netvsp_sub_message(q, &pkt);
		else
			netvsp_message(q, &pkt);
	}
	netvsp_flush(n);
	if (taken > NETVSP_BATCH)
		vmbus_kick(q->chan);
}

static void netvsp_queue_closed(struct netvsp_queue *q)
{
	netvsp_drop_queue(q);
	nvs_receive_reclaim(&q->nic->receive, q->number);
	q->chan = NULL;
	q->completion_held = false;
}

/* ---------------------------------------------------------------- the primary channel */

/*
 * Hosts send as soon as there is a ring. The notice is one that no session has to have begun for: no
 * VF is associated. It is signalled once, as long as the guest does not read.
 */
static void netvsp_send_early(struct netvsp *n)
{
	struct nvsp_message notice = { .type = htole32(NVSP_MSG_SEND_VF_ASSOCIATION) };

	if (!vmbus_send_inband(n->queues[0].chan, 0, 0, &notice, NVSP_MSG_BYTES_OLD))
		n->count.early++;
	vmbus_flush(n->queues[0].chan);
}

static uint32_t netvsp_primary_open(struct vmbus_chan *chan, void *dev, const uint8_t user[120])
{
	struct netvsp *n = dev;

	(void)user;
	n->queues[0].chan = chan;
	if (n->params.early)
		netvsp_send_early(n);
	return HV_STATUS_OK;
}

static void netvsp_primary_close(struct vmbus_chan *chan, void *dev)
{
	struct netvsp *n = dev;

	(void)chan;
	netvsp_queue_closed(&n->queues[0]);
	netvsp_session_end(n);
}

static void netvsp_primary_work(struct vmbus_chan *chan, void *dev)
{
	struct netvsp *n = dev;

	(void)chan;
	netvsp_queue_work(&n->queues[0]);
}

const struct vmbus_dev_ops netvsp_primary_ops = {
	.open = netvsp_primary_open,
	.close = netvsp_primary_close,
	.work = netvsp_primary_work,
};

/* ---------------------------------------------------------------- sub-channels */

/* Return: true when the guest has opened all it was given. */
static bool netvsp_subchannels_are_open(const struct netvsp *n)
{
	unsigned int i;

	for (i = 1; i <= n->granted; i++)
		if (!n->queues[i].chan)
			return false;
	return n->granted;
}

static struct netvsp_queue *netvsp_queue_of(struct netvsp *n, struct vmbus_chan *chan)
{
	return &n->queues[vmbus_chan_sub_index(chan)];
}

static uint32_t netvsp_sub_open(struct vmbus_chan *chan, void *dev, const uint8_t user[120])
{
	struct netvsp *n = dev;
	unsigned int i;

	(void)user;
	netvsp_queue_of(n, chan)->chan = chan;
	if (netvsp_subchannels_are_open(n)) {
		for (i = 0; i < NVSP_SEND_TABLE_ENTRIES; i++)
			n->send_table[i] = i % (n->granted + 1);
		n->table_due = true;
		loop_task_queue(vmbus_server_loop(n->server), &n->flush_task);
	}
	return HV_STATUS_OK;
}

static void netvsp_sub_close(struct vmbus_chan *chan, void *dev)
{
	netvsp_queue_closed(netvsp_queue_of(dev, chan));
}

static void netvsp_sub_work(struct vmbus_chan *chan, void *dev)
{
	netvsp_queue_work(netvsp_queue_of(dev, chan));
}

static const struct vmbus_dev_ops netvsp_sub_ops = {
	.open = netvsp_sub_open,
	.close = netvsp_sub_close,
	.work = netvsp_sub_work,
};

void netvsp_subchannel(struct netvsp_queue *q, const struct vmbus_pkt *pkt,
		       const struct nvsp_message *message)
{
	struct nvsp_message answer = { .type = htole32(NVSP_MSG_SUBCHANNEL) };
	struct netvsp *n = q->nic;
	uint32_t count = le32toh(message->subchannel_request.count), granted = 0;
	const char *why = NULL;
	int added = 0;

	if (le32toh(message->subchannel_request.operation) != NVSP_SUBCHANNEL_ALLOCATE)
		why = "an unknown operation";
	else if (!n->rndis.initialized)
		why = "before RNDIS INITIALIZE";
	else if (n->granted)
		why = "a second time";
	else if (!count || count >= n->params.queues)
		why = "more than there are, or none";
	if (why) {
		hv_violation(n->server, "nvsp-subchannels",
			     "%s: %u sub-channels asked for, %u possible: %s", n->params.name,
			     count, n->params.queues - 1, why);
	} else {
		granted = n->params.grant && count > n->params.grant ? n->params.grant : count;
		added = vmbus_subs_offer(q->chan, granted, &netvsp_sub_ops);
	}
	if (added < 0) {
		hv_log("%s: no sub-channels: %s", n->params.name, strerror(-added));
		granted = 0;
	}
	if (granted)
		n->granted = granted;
	n->count.subchannels += granted;
	answer.subchannel_complete.status =
		htole32(granted ? NVSP_STATUS_SUCCESS : NVSP_STATUS_FAILURE);
	answer.subchannel_complete.count = htole32(granted);
	netvsp_complete(q, pkt, &answer, netvsp_message_bytes(n));
}

void netvsp_flush_table(struct netvsp *n)
{
	uint8_t message[NETVSP_TABLE_OFFSET + sizeof(n->send_table)] = { 0 };
	struct nvsp_message head = { .type = htole32(NVSP_MSG_SEND_INDIRECTION_TABLE) };
	unsigned int i;

	if (!n->table_due)
		return;
	head.indirection_table.count = htole32(NVSP_SEND_TABLE_ENTRIES);
	head.indirection_table.offset = htole32(NETVSP_TABLE_OFFSET);
	memcpy(message, &head, NETVSP_TABLE_OFFSET);
	for (i = 0; i < NVSP_SEND_TABLE_ENTRIES; i++) {
		__le32 entry = htole32(n->send_table[i]);

		memcpy(message + NETVSP_TABLE_OFFSET + 4 * i, &entry, sizeof(entry));
	}
	if (vmbus_send_inband(n->queues[0].chan, 0, 0, message, sizeof(message)))
		return;
	n->table_due = false;
	n->count.send_tables++;
}

int netvsp_set_send_table(struct netvsp *n, const uint32_t table[NETVSP_SEND_TABLE])
{
	if (!netvsp_subchannels_are_open(n))
		return -ENOTCONN;
	memcpy(n->send_table, table, sizeof(n->send_table));
	n->table_due = true;
	netvsp_flush(n);
	return 0;
}

/* ---------------------------------------------------------------- all of them */

void netvsp_queues_new(struct netvsp *n)
{
	unsigned int i;

	n->queues = xcalloc(n->params.queues, sizeof(*n->queues));
	for (i = 0; i < n->params.queues; i++) {
		n->queues[i].nic = n;
		n->queues[i].number = i;
		n->queues[i].backlog_end = &n->queues[i].backlog;
	}
}

void netvsp_queues_free(struct netvsp *n)
{
	unsigned int i;

	for (i = 0; i < n->params.queues; i++)
		free(n->queues[i].coalesce);
	free(n->queues);
}
