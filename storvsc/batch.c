// SPDX-License-Identifier: GPL-2.0
/*
 * Packets that the host sees, and is signalled of, together, where the bus under this module can do that: ours. On the
 * kernel's own each packet goes out by itself. Knows nothing of storage.
 */
#include <linux/hyperv.h>
#include <linux/module.h>
#include <hyperv-lic/batch.h>

#include "batch.h"

/* Both or none, from the module's start to its end. */
static typeof(&vmbus_hold_packet_mpb_desc) storvsc_hold_packet;
static typeof(&vmbus_publish_packets) storvsc_publish_packets;

/**
 * storvsc_batch_attach() - see what the bus can do
 *
 * Context: may sleep; once, before the other functions.
 */
void storvsc_batch_attach(void)
{
	storvsc_hold_packet = symbol_get(vmbus_hold_packet_mpb_desc);
	if (!storvsc_hold_packet)
		return;
	storvsc_publish_packets = symbol_get(vmbus_publish_packets);
	if (storvsc_publish_packets)
		return;
	symbol_put(vmbus_hold_packet_mpb_desc);
	storvsc_hold_packet = NULL;
}

/**
 * storvsc_batch_release() - undo storvsc_batch_attach()
 *
 * Context: may sleep; no packet is sent any more.
 */
void storvsc_batch_release(void)
{
	if (!storvsc_hold_packet)
		return;
	storvsc_hold_packet = NULL;
	storvsc_publish_packets = NULL;
	symbol_put(vmbus_publish_packets);
	symbol_put(vmbus_hold_packet_mpb_desc);
}

/**
 * storvsc_batch_send() - send a packet together with those that follow
 * @channel: an open channel
 * @descriptor: ranges of guest memory, its range count set
 * @descriptor_bytes: length of @descriptor
 * @payload: what follows it in the packet
 * @payload_bytes: its length
 * @id: transaction id
 *
 * Context: any.
 * Return: as vmbus_sendpacket_mpb_desc().
 */
int storvsc_batch_send(struct vmbus_channel *channel, struct vmbus_packet_mpb_array *descriptor, u32 descriptor_bytes,
		       void *payload, u32 payload_bytes, u64 id)
{
	if (storvsc_hold_packet)
		return storvsc_hold_packet(channel, descriptor, descriptor_bytes, payload, payload_bytes, id);
	return vmbus_sendpacket_mpb_desc(channel, descriptor, descriptor_bytes, payload, payload_bytes, id);
}

/**
 * storvsc_batch_publish() - let the host see all packets of storvsc_batch_send()
 * @channel: their channel
 *
 * Context: any.
 */
void storvsc_batch_publish(struct vmbus_channel *channel)
{
	if (storvsc_publish_packets)
		storvsc_publish_packets(channel);
}
