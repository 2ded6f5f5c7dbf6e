/* SPDX-License-Identifier: GPL-2.0 */
/*
 * <linux/hyperv.h>, as far as hv_utils and the packets of the bus use it. A test
 * that includes this plays what is missing of bus and host: it defines the functions.
 */
#ifndef SHIM_LINUX_HYPERV_H
#define SHIM_LINUX_HYPERV_H

#include <asm/barrier.h>
#include <asm/byteorder.h>
#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/cpumask.h>
#include <linux/interrupt.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/workqueue.h>

#define HV_HYP_PAGE_SIZE	4096
#define VMBUS_RING_SIZE(data)	(HV_HYP_PAGE_SIZE + (data))
#define MAX_PAGE_BUFFER_COUNT	32

#define VMBUS_DATA_PACKET_FLAG_COMPLETION_REQUESTED	1
#define VMBUS_NO_RQSTOR		U64_MAX
#define VMBUS_RQST_ERROR	(U64_MAX - 1)
#define VMBUS_RQST_ADDR_ANY	U64_MAX

/* Kernels differ in these; see compat/bus.h. Here are both, the function of the old ones and the count of the new. */
#define COMPAT_IF_SENDPACKET_PAGEBUFFER(...)	__VA_ARGS__
#define COMPAT_IF_INITIATE_UNLOAD(...)		__VA_ARGS__
#define COMPAT_IF_CONFIDENTIAL(...)
#define COMPAT_CONNECTION_HIGHEST_RELID		u32 highest_relid;
#define COMPAT_CONNECTION_LAST
#define compat_mpb_range_count(mpb)		((mpb)->rangecount)

#define compat_send_ranges(channel, desc, desc_bytes, buffer, bytes, id)	\
	vmbus_sendpacket_mpb_desc(channel, desc, desc_bytes, buffer, bytes, id)

enum vmbus_packet_type { VM_PKT_DATA_INBAND = 6, VM_PKT_DATA_USING_XFER_PAGES = 7, VM_PKT_COMP = 11 };
enum hv_callback_mode { HV_CALL_BATCHED, HV_CALL_DIRECT, HV_CALL_ISR };
enum vmbus_channel_state { CHANNEL_OFFER_STATE, CHANNEL_OPENING_STATE, CHANNEL_OPEN_STATE, CHANNEL_OPENED_STATE };

struct device;
struct workqueue_struct;

struct kobject {
	unsigned int references;
};

static inline struct kobject *kobject_get(struct kobject *kobj)
{
	kobj->references++;
	return kobj;
}

static inline void kobject_put(struct kobject *kobj)
{
	kobj->references--;
}

static inline bool queue_work(struct workqueue_struct *queue, struct work_struct *work)
{
	return schedule_work(work);
}

struct hv_ring_buffer {
	u32 write_index, read_index, interrupt_mask, pending_send_sz;
};

struct hv_ring_buffer_info {
	struct hv_ring_buffer *ring_buffer;
	u32 ring_datasize;
	spinlock_t ring_lock;
	struct mutex ring_buffer_mutex;
	void *pkt_buffer;
	u32 pkt_buffer_size;
};

struct hv_ring_buffer_debug_info {
	u32 current_interrupt_mask, current_read_index, current_write_index, bytes_avail_toread, bytes_avail_towrite;
};

struct vmbus_channel {
	enum vmbus_channel_state state;
	struct {
		u8 monitorid, monitor_allocated;
	} offermsg;
	u8 monitor_grp, monitor_bit;
	bool rescind, out_full_flag, is_dedicated_interrupt, low_latency;
	struct hv_ring_buffer_info outbound, inbound;
	struct vmbus_channel *primary_channel;
	u32 target_cpu;
	void *ringbuffer_page;
	u64 sig_events, intr_out_empty, intr_in_full, out_full_total, out_full_first;
	struct kobject kobj;
	u64 (*next_request_id_callback)(struct vmbus_channel *channel, u64 rqst_addr);
	struct {
		spinlock_t req_lock;
	} requestor;
	u32 rqstor_size;
	u32 max_pkt_size;
	enum hv_callback_mode callback_mode;
	void (*onchannel_callback)(void *context);
	void *channel_callback_context;
	struct tasklet_struct callback_event;
	spinlock_t sched_lock;
	u64 interrupts;
};

#define lock_requestor(channel, flags)		spin_lock_irqsave(&(channel)->requestor.req_lock, flags)
#define unlock_requestor(channel, flags)	spin_unlock_irqrestore(&(channel)->requestor.req_lock, flags)

union hv_connection_id {
	u32 asu32;
	struct {
		u32 id:24;
		u32 reserved:8;
	} u;
};

extern __u32 vmbus_proto_version;
void vmbus_initiate_unload(bool crash);
void vmbus_set_skip_unload(bool skip);

struct vmbus_gpadl {
	u32 gpadl_handle;
	u32 size;
	void *buffer;
	bool decrypted;
};

#define compat_gpadl_set_decrypted(gpadl, value)	((gpadl)->decrypted = (value))

struct hv_device {
	struct {
		struct kobject kobj;
	} device;
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

struct vmtransfer_page_range {
	u32 byte_count;
	u32 byte_offset;
} __packed;

struct vmtransfer_page_packet_header {
	struct vmpacket_descriptor d;
	u16 xfer_pageset_id;
	u8 sender_owns_set;
	u8 reserved;
	u32 range_cnt;
	struct vmtransfer_page_range ranges[];
} __packed;

struct hv_page_buffer {
	u32 len;
	u32 offset;
	u64 pfn;
};

struct vmbus_packet_mpb_array {
	u16 type;
	u16 dataoffset8;
	u16 length8;
	u16 flags;
	u64 transactionid;
	u32 reserved;
	u32 rangecount;
	struct {
		u32 len;
		u32 offset;
		u64 pfn_array[];
	} range;
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
	channel->callback_mode = mode;
}

static inline u32 hv_pkt_len(const struct vmpacket_descriptor *desc)
{
	return desc->len8 << 3;
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
void vmbus_setevent(struct vmbus_channel *channel);
void vmbus_set_event(struct vmbus_channel *channel);
int vmbus_sendpacket(struct vmbus_channel *channel, void *buffer, u32 bytes, u64 request_id,
		     enum vmbus_packet_type type, u32 flags);
int vmbus_sendpacket_getid(struct vmbus_channel *channel, void *buffer, u32 bytes, u64 request_id, u64 *trans_id,
			   enum vmbus_packet_type type, u32 flags);
int vmbus_sendpacket_pagebuffer(struct vmbus_channel *channel, struct hv_page_buffer pagebuffers[], u32 pagecount,
				void *buffer, u32 bytes, u64 request_id);
int vmbus_sendpacket_mpb_desc(struct vmbus_channel *channel, struct vmbus_packet_mpb_array *mpb, u32 desc_size,
			      void *buffer, u32 bytes, u64 request_id);
int vmbus_recvpacket(struct vmbus_channel *channel, void *buffer, u32 bytes, u32 *actual_bytes, u64 *request_id);
int vmbus_recvpacket_raw(struct vmbus_channel *channel, void *buffer, u32 bytes, u32 *actual_bytes, u64 *request_id);
u64 vmbus_next_request_id(struct vmbus_channel *channel, u64 rqst_addr);
u64 vmbus_request_addr(struct vmbus_channel *channel, u64 trans_id);
struct vmpacket_descriptor *hv_pkt_iter_first(struct vmbus_channel *channel);
struct vmpacket_descriptor *__hv_pkt_iter_next(struct vmbus_channel *channel,
					       const struct vmpacket_descriptor *desc);
void hv_pkt_iter_close(struct vmbus_channel *channel);

static inline struct vmpacket_descriptor *hv_pkt_iter_next(struct vmbus_channel *channel,
							   const struct vmpacket_descriptor *desc)
{
	struct vmpacket_descriptor *next = __hv_pkt_iter_next(channel, desc);

	if (!next)
		hv_pkt_iter_close(channel);
	return next;
}

#endif
