/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Packets that the host sees together: see batch.c.
 */
#ifndef STORVSC_BATCH_H
#define STORVSC_BATCH_H

#include <linux/types.h>

struct vmbus_channel;
struct vmbus_packet_mpb_array;

void storvsc_batch_attach(void);
void storvsc_batch_release(void);
int storvsc_batch_send(struct vmbus_channel *channel, struct vmbus_packet_mpb_array *descriptor, u32 descriptor_bytes,
		       void *payload, u32 payload_bytes, u64 id);
void storvsc_batch_publish(struct vmbus_channel *channel);

#endif
