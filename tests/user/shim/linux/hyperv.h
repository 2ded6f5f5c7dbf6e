/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The channel driver's side of <linux/hyperv.h>, as far as hv_utils uses it. A
 * test that includes this plays the bus and the host: it defines the functions.
 */
#ifndef SHIM_LINUX_HYPERV_H
#define SHIM_LINUX_HYPERV_H

#include <asm/barrier.h>
#include <linux/kernel.h>
#include <linux/types.h>

#define HV_HYP_PAGE_SIZE	4096
#define VMBUS_RING_SIZE(data)	(HV_HYP_PAGE_SIZE + (data))

enum vmbus_packet_type { VM_PKT_DATA_INBAND = 6, VM_PKT_COMP = 11 };
enum hv_callback_mode { HV_CALL_BATCHED, HV_CALL_DIRECT, HV_CALL_ISR };

struct vmbus_channel {
	u32 max_pkt_size;
	enum hv_callback_mode mode;
};

struct hv_device {
	struct vmbus_channel *channel;
	void *drvdata;
};

struct vmpacket_descriptor {
	u16 type;
	u16 offset8;
	u16 len8;
	u16 flags;
	u64 trans_id;
} __packed;

static inline void hv_set_drvdata(struct hv_device *hdev, void *data)
{
	hdev->drvdata = data;
}

static inline void *hv_get_drvdata(struct hv_device *hdev)
{
	return hdev->drvdata;
}

static inline void set_channel_read_mode(struct vmbus_channel *channel, enum hv_callback_mode mode)
{
	channel->mode = mode;
}

static inline void *hv_pkt_data(const struct vmpacket_descriptor *desc)
{
	return (u8 *)desc + (desc->offset8 << 3);
}

static inline u32 hv_pkt_datalen(const struct vmpacket_descriptor *desc)
{
	return (desc->len8 << 3) - (desc->offset8 << 3);
}

int vmbus_open(struct vmbus_channel *channel, u32 send_bytes, u32 receive_bytes, void *userdata,
	       u32 userdata_bytes, void (*callback)(void *context), void *context);
void vmbus_close(struct vmbus_channel *channel);
int vmbus_sendpacket(struct vmbus_channel *channel, void *buffer, u32 bytes, u64 request_id,
		     enum vmbus_packet_type type, u32 flags);
struct vmpacket_descriptor *hv_pkt_iter_first(struct vmbus_channel *channel);
struct vmpacket_descriptor *__hv_pkt_iter_next(struct vmbus_channel *channel,
					       const struct vmpacket_descriptor *desc);
void hv_pkt_iter_close(struct vmbus_channel *channel);

#endif
