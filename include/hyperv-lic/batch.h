/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What our bus offers beyond <linux/hyperv.h>: packets that the host sees, and is signalled of, together. The kernel's own
 * bus does not have it, so a driver asks for the functions by name when it is loaded (symbol_get()) and goes without.
 */
#ifndef HYPERV_LIC_BATCH_H
#define HYPERV_LIC_BATCH_H

#include <linux/types.h>

struct vmbus_channel;
struct vmbus_packet_mpb_array;

int vmbus_hold_packet_mpb_desc(struct vmbus_channel *channel, struct vmbus_packet_mpb_array *mpb, u32 desc_size,
			       void *buffer, u32 bufferlen, u64 requestid);
void vmbus_publish_packets(struct vmbus_channel *channel);

#endif
