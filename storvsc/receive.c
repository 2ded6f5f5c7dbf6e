// SPDX-License-Identifier: GPL-2.0
/*
 * Inbound packets: validate each and hand it to the session, the command or the scan it belongs to.
 * The bus copies a packet out of the ring before it is seen here, so what is checked is what is used. Length comes
 * before type, type before fields.
 * Storage protocol: completions and unsolicited notices. Notices carry transaction id 0.
 */
#include <linux/hyperv.h>
#include <linux/jiffies.h>

#include "controller.h"
#include "host.h"
#include "trace.h"

/* Policy: time one run may take before other softirq work gets its turn. */
#define STORVSC_RECEIVE_BUDGET_MS	2

/* Policy: packets between two looks at the clock. */
#define STORVSC_RECEIVE_BATCH		32

static void storvsc_receive_bad(struct storvsc_controller *controller, const char *what, u32 bytes, u64 id)
{
	atomic_long_inc(&controller->counters.bad_packets);
	if (storvsc_is_logged(STORVSC_LOG_WARN) && __ratelimit(&controller->packet_limit))
		dev_warn(&controller->hv_device->device, "ignored a packet of the host: %s (%u bytes, id %#llx)\n",
			 what, bytes, id);
}

/* Hosts were seen sending notices shorter than the session's packets: the operation is all they need. */
static void storvsc_receive_notice(struct storvsc_controller *controller, const void *payload, u32 bytes)
{
	u32 operation;

	if (bytes < sizeof(__le32)) {
		storvsc_receive_bad(controller, "notice without operation", bytes, 0);
		return;
	}
	operation = le32_to_cpup(payload);
	trace_storvsc_notice(controller->scsi_host->host_no, operation);
	switch (operation) {
	case VSTOR_OP_ENUMERATE_BUS:
	case VSTOR_OP_REMOVE_DEVICE:
		atomic_long_inc(&controller->counters.notices);
		storvsc_scan_request(controller, STORVSC_SCAN_BUS);
		break;
	default:
		storvsc_receive_bad(controller, "unknown notice", bytes, 0);
		break;
	}
}

static void storvsc_receive_completion(struct storvsc_controller *controller, struct storvsc_channel *entry,
				       u64 id, const void *payload, u32 bytes)
{
	const struct vstor_packet *packet = payload;
	struct storvsc_slot *slot;

	if (vstor_id_is_session(id)) {
		vstor_deliver_reply(&controller->session, id, payload, bytes);
		return;
	}
	if (bytes < controller->session.packet_bytes) {
		storvsc_receive_bad(controller, "reply too short", bytes, id);
		return;
	}
	if (packet->operation != cpu_to_le32(VSTOR_OP_COMPLETE_IO)) {
		storvsc_receive_bad(controller, "reply is not a completion", bytes, id);
		return;
	}
	slot = storvsc_slot_take(&controller->queues, id, entry);
	if (!slot) {
		atomic_long_inc(&controller->counters.stray_replies);
		return;
	}
	storvsc_host_complete(controller, slot, packet);
}

static void storvsc_receive_packet(struct storvsc_controller *controller, struct storvsc_channel *entry,
				   const struct vmpacket_descriptor *packet)
{
	u32 bytes = hv_pkt_datalen(packet);
	u64 id = packet->trans_id;

	/* The bus cut the packet to the size of its buffer, and the ring cannot be read any further. */
	if (hv_pkt_len(packet) >= VSTOR_INBOUND_MAX_BYTES) {
		storvsc_receive_bad(controller, "oversized, the channel is reset", bytes, id);
		schedule_work(&controller->recover_work);
		return;
	}
	if (packet->type == VM_PKT_COMP && id)
		storvsc_receive_completion(controller, entry, id, hv_pkt_data(packet), bytes);
	else if (packet->type == VM_PKT_DATA_INBAND && !id)
		storvsc_receive_notice(controller, hv_pkt_data(packet), bytes);
	else
		storvsc_receive_bad(controller, "unexpected packet type", bytes, id);
}

/**
 * storvsc_receive() - take packets from a channel until it is empty or time is up
 * @context: the struct storvsc_channel
 *
 * What is left when time is up makes the bus call again. A polled channel that somebody else is reading is left to them.
 *
 * Context: softirq from the bus; process context, bottom halves disabled, for a look at a channel that did not interrupt; process
 * context for polled channels.
 */
void storvsc_receive(void *context)
{
	struct storvsc_channel *entry = context;
	struct vmbus_channel *channel = entry->channel;
	struct storvsc_controller *controller = container_of(entry->queues, struct storvsc_controller, queues);
	unsigned long deadline = jiffies + msecs_to_jiffies(STORVSC_RECEIVE_BUDGET_MS) + 1;
	struct vmpacket_descriptor *packet;
	unsigned int count = 0;

	if (!entry->is_polled)
		spin_lock(&entry->read_lock);
	else if (!spin_trylock(&entry->read_lock))
		return;
	packet = hv_pkt_iter_first(channel);
	while (packet) {
		storvsc_receive_packet(controller, entry, packet);
		packet = hv_pkt_iter_next(channel, packet);
		if (packet && ++count % STORVSC_RECEIVE_BATCH == 0 && time_after(jiffies, deadline)) {
			/* Gives the ring space of the packets so far back to the host; @packet is seen again next time. */
			hv_pkt_iter_close(channel);
			break;
		}
	}
	spin_unlock(&entry->read_lock);
}
