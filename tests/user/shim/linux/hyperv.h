/* SPDX-License-Identifier: GPL-2.0 */
/*
 * <linux/hyperv.h>, as far as hv_utils and the bus use it. A test
 * that includes this plays what is missing of bus and host: it defines the functions.
 */
#ifndef SHIM_LINUX_HYPERV_H
#define SHIM_LINUX_HYPERV_H

#include <asm/barrier.h>
#include <asm/byteorder.h>
#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/cpumask.h>
#include <linux/device.h>
#include <linux/interrupt.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/kobject.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/reciprocal_div.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/uuid.h>
#include <linux/workqueue.h>

#define HV_HYP_PAGE_SIZE	4096
#define VMBUS_RING_SIZE(data)	(HV_HYP_PAGE_SIZE + (data))
#define MAX_PAGE_BUFFER_COUNT	32

#define VMBUS_DATA_PACKET_FLAG_COMPLETION_REQUESTED	1
#define VMBUS_NO_RQSTOR		U64_MAX
#define VMBUS_RQST_ERROR	(U64_MAX - 1)
#define VMBUS_RQST_ADDR_ANY	U64_MAX

#ifndef PAGE_SIZE
#define PAGE_SIZE	4096ul
#endif

/* A kernel that has everything, but for driver_override, of which the old form is ours to test. */
#define COMPAT_HAS_HV_REMOVE_VOID		1
#define COMPAT_HAS_BUS_MATCH_CONST		1
#define COMPAT_HAS_BUS_UEVENT_CONST		1
#define COMPAT_HAS_BUS_REMOVE_VOID		1
#define COMPAT_HAS_BUS_ATTR_CONST		1
#define COMPAT_HAS_DEVICE_DRIVER_OVERRIDE	0
#define COMPAT_HAS_CHANNEL_RING_SYSFS		1
#define COMPAT_HAS_CHANNEL_MMAP_PREPARE		0
#define COMPAT_HAS_BIN_ATTR_MMAP_CONST		1
#define COMPAT_HAS_BUS_ROOT_DEVICE		1
#define COMPAT_HAS_BUS_INITIATE_UNLOAD		1
#define COMPAT_HAS_CHANNEL_CONFIDENTIAL		1
#define COMPAT_HAS_SENDPACKET_PAGEBUFFER	1
#define COMPAT_HAS_FCOPY_IN_KERNEL		1
#define COMPAT_HAS_CLASS_RING_SIZE		1
#define COMPAT_HAS_GPADL_DECRYPTED		1
#define COMPAT_HAS_HK_TYPE			1
#define COMPAT_HAS_HV_GET_MSR			1
#define COMPAT_HAS_KMSG_DUMP_DETAIL		1
#define COMPAT_HAS_HV_PKT_LEN			1
#define COMPAT_HAS_INTERRUPT_RANDOMNESS_ONE_ARGUMENT	1
#define COMPAT_HAS_SYSFB_PRIMARY_DISPLAY	0
#define COMPAT_HAS_RESOURCE_ALIGNF_EMPTY	1
#define COMPAT_HAS_NO_ADDRCONF			1
#define COMPAT_HAS_SYSCORE_OBJECT		1
#define CONFIG_X86				1
#undef LINUX_VERSION_CODE
#define LINUX_VERSION_CODE			0x70200
#undef KERNEL_VERSION
#define KERNEL_VERSION(a, b, c)			(((a) << 16) + ((b) << 8) + (c))
#include "../../../../compat/bus.h"
#include "../../../../compat/hyperv.h"
/* Here are both, the function of old kernels and the count of new ones. */
#undef compat_mpb_range_count
#define compat_mpb_range_count(mpb)		((mpb)->rangecount)

#undef compat_send_ranges
#define compat_send_ranges(channel, desc, desc_bytes, buffer, bytes, id)	\
	vmbus_sendpacket_mpb_desc(channel, desc, desc_bytes, buffer, bytes, id)

#define INVALID_RELID			U32_MAX
#define MAX_USER_DEFINED_BYTES		120
#define VMBUS_CHANNEL_TLNPI_PROVIDER_OFFER	0x2000
#define VMBUS_DEFAULT_MAX_PKT_SIZE	4096
#define ICMSG_HDR			(sizeof(struct vmbuspipe_hdr) + sizeof(struct icmsg_hdr))
#define IC_VERSION_NEGOTIATION_MAX_VER_COUNT	100
#define ICMSG_NEGOTIATE_PKT_SIZE(icframe_vercnt, icmsg_vercnt) \
	(ICMSG_HDR + sizeof(struct icmsg_negotiate) + (((icframe_vercnt) + (icmsg_vercnt)) * sizeof(struct ic_version)))

#define HV_NIC_GUID	.guid = GUID_INIT(0xf8615163, 0xdf3e, 0x46c5, 0x91, 0x3f, 0xf2, 0xd2, 0xf9, 0x65, 0xed, 0x0e)
#define HV_IDE_GUID	.guid = GUID_INIT(0x32412632, 0x86cb, 0x44a2, 0x9b, 0x5c, 0x50, 0xd1, 0x41, 0x73, 0x54, 0xf5)
#define HV_SCSI_GUID	.guid = GUID_INIT(0xba6163d9, 0x04a1, 0x4d29, 0xb6, 0x05, 0x72, 0xe2, 0xff, 0xb1, 0xdc, 0x7f)
#define HV_SHUTDOWN_GUID	.guid = GUID_INIT(0x0e0b6031, 0x5213, 0x4934, 0x81, 0x8b, 0x38, 0xd9, 0x0c, 0xed, 0x39, 0xdb)
#define HV_TS_GUID	.guid = GUID_INIT(0x9527e630, 0xd0ae, 0x497b, 0xad, 0xce, 0xe8, 0x0a, 0xb0, 0x17, 0x5c, 0xaf)
#define HV_HEART_BEAT_GUID	.guid = GUID_INIT(0x57164f39, 0x9115, 0x4e78, 0xab, 0x55, 0x38, 0x2f, 0x3b, 0xd5, 0x42, 0x2d)
#define HV_KVP_GUID	.guid = GUID_INIT(0xa9a0f4e7, 0x5a45, 0x4d96, 0xb8, 0x27, 0x8a, 0x84, 0x1e, 0x8c, 0x03, 0xe6)
#define HV_DM_GUID	.guid = GUID_INIT(0x525074dc, 0x8985, 0x46e2, 0x80, 0x57, 0xa3, 0x07, 0xdc, 0x18, 0xa5, 0x02)
#define HV_MOUSE_GUID	.guid = GUID_INIT(0xcfa8b69e, 0x5b4a, 0x4cc0, 0xb9, 0x8b, 0x8b, 0xa1, 0xa1, 0xf3, 0xf9, 0x5a)
#define HV_KBD_GUID	.guid = GUID_INIT(0xf912ad6d, 0x2b17, 0x48ea, 0xbd, 0x65, 0xf9, 0x27, 0xa6, 0x1c, 0x76, 0x84)
#define HV_VSS_GUID	.guid = GUID_INIT(0x35fa2e29, 0xea23, 0x4236, 0x96, 0xae, 0x3a, 0x6e, 0xba, 0xcb, 0xa4, 0x40)
#define HV_SYNTHVID_GUID	.guid = GUID_INIT(0xda0a7802, 0xe377, 0x4aac, 0x8e, 0x77, 0x05, 0x58, 0xeb, 0x10, 0x73, 0xf8)
#define HV_SYNTHFC_GUID	.guid = GUID_INIT(0x2f9bcc4a, 0x0069, 0x4af3, 0xb7, 0x6b, 0x6f, 0xd0, 0xbe, 0x52, 0x8c, 0xda)
#define HV_FCOPY_GUID	.guid = GUID_INIT(0x34d14be3, 0xdee4, 0x41c8, 0x9a, 0xe7, 0x6b, 0x17, 0x49, 0x77, 0xc1, 0x92)
#define HV_ND_GUID	.guid = GUID_INIT(0x8c2eaf3d, 0x32a7, 0x4b09, 0xab, 0x99, 0xbd, 0x1f, 0x1c, 0x86, 0xb5, 0x01)
#define HV_PCIE_GUID	.guid = GUID_INIT(0x44c4f61d, 0x4444, 0x4400, 0x9d, 0x52, 0x80, 0x2e, 0x27, 0xed, 0xe1, 0x9f)
#define HV_AVMA1_GUID	.guid = GUID_INIT(0xf8e65716, 0x3cb3, 0x4a06, 0x9a, 0x60, 0x18, 0x89, 0xc5, 0xcc, 0xca, 0xb5)
#define HV_AVMA2_GUID	.guid = GUID_INIT(0x3375baf4, 0x9e15, 0x4b30, 0xb7, 0x65, 0x67, 0xac, 0xb1, 0x0d, 0x60, 0x7b)
#define HV_RDV_GUID	.guid = GUID_INIT(0x276aacf4, 0xac15, 0x426c, 0x98, 0xdd, 0x75, 0x21, 0xad, 0x3f, 0x01, 0xfe)
#define HV_IMC_GUID	.guid = GUID_INIT(0xc376c1c3, 0xd276, 0x48d2, 0x90, 0xa9, 0xc0, 0x47, 0x48, 0x07, 0x2c, 0x60)

enum vmbus_packet_type { VM_PKT_DATA_INBAND = 6, VM_PKT_DATA_USING_XFER_PAGES = 7, VM_PKT_COMP = 11 };
enum hv_callback_mode { HV_CALL_BATCHED, HV_CALL_DIRECT, HV_CALL_ISR };
enum vmbus_channel_state { CHANNEL_OFFER_STATE, CHANNEL_OPENING_STATE, CHANNEL_OPEN_STATE, CHANNEL_OPENED_STATE };
enum vmbus_device_type {
	HV_IDE, HV_SCSI, HV_FC, HV_NIC, HV_ND, HV_PCIE, HV_FB, HV_KBD, HV_MOUSE, HV_KVP, HV_TS, HV_HB, HV_SHUTDOWN, HV_FCOPY,
	HV_BACKUP, HV_DM, HV_UNKNOWN,
};

struct vmbus_device {
	size_t pref_ring_size;
	u16 dev_type;
	guid_t guid;
	bool perf_device, allowed_in_isolated;
};

struct vmbuspipe_hdr {
	u32 flags, msgsize;
} __packed;

struct ic_version {
	u16 major, minor;
} __packed;

struct icmsg_hdr {
	struct ic_version icverframe;
	u16 icmsgtype;
	struct ic_version icvermsg;
	u16 icmsgsize;
	u32 status;
	u8 ictransaction_id, icflags, reserved[2];
} __packed;

struct icmsg_negotiate {
	u16 icframe_vercnt, icmsg_vercnt;
	u32 reserved;
	struct ic_version icversion_data[];
} __packed;

struct hv_ring_buffer {
	u32 write_index, read_index, interrupt_mask, pending_send_sz;
	u8 reserved[4096 - 16];
};

struct hv_ring_buffer_info {
	struct hv_ring_buffer *ring_buffer;
	u32 ring_size, ring_datasize, priv_read_index;
	struct reciprocal_value ring_size_div10_reciprocal;
	spinlock_t ring_lock;
	struct mutex ring_buffer_mutex;
	void *pkt_buffer;
	u32 pkt_buffer_size;
};

struct hv_ring_buffer_debug_info {
	u32 current_interrupt_mask, current_read_index, current_write_index, bytes_avail_toread, bytes_avail_towrite;
};

struct vmbus_channel_offer {
	guid_t if_type, if_instance;
	u64 reserved1, reserved2;
	u16 chn_flags, mmio_megabytes;
	union {
		struct {
			unsigned char user_def[MAX_USER_DEFINED_BYTES];
		} std;
	} u;
	u16 sub_channel_index, reserved3;
} __packed;

struct vmbus_channel_offer_channel {
	struct {
		u32 msgtype, padding;
	} header;
	struct vmbus_channel_offer offer;
	u32 child_relid;
	u8 monitorid;
	u8 monitor_allocated:1, reserved:7;
	u16 is_dedicated_interrupt:1, reserved1:15;
	u32 connection_id;
} __packed;

struct vmbus_gpadl {
	u32 gpadl_handle;
	u32 size;
	void *buffer;
	bool decrypted;
};

struct vmbus_requestor {
	u64 *req_arr;
	unsigned long *req_bitmap;
	u32 size;
	u64 next_request_id;
	spinlock_t req_lock;
};

struct vmbus_channel {
	struct list_head listentry;
	struct hv_device *device_obj;
	enum vmbus_channel_state state;
	struct vmbus_channel_offer_channel offermsg;
	u8 monitor_grp, monitor_bit;
	bool rescind, rescind_ref, out_full_flag, is_dedicated_interrupt, low_latency, probe_done, ring_sysfs_visible;
	struct completion rescind_event;
	struct vmbus_gpadl ringbuffer_gpadlhandle;
	struct page *ringbuffer_page;
	u32 ringbuffer_pagecount, ringbuffer_send_offset;
	struct hv_ring_buffer_info outbound, inbound;
	u64 interrupts, sig_events, intr_out_empty, intr_in_full, out_full_total, out_full_first, sig_event;
	u32 target_cpu, rqstor_size, max_pkt_size;
	u16 device_id;
	struct list_head sc_list;
	struct vmbus_channel *primary_channel;
	struct rcu_head rcu;
	struct kobject kobj;
	struct work_struct add_channel_work;
	struct vmbus_requestor requestor;
	enum hv_callback_mode callback_mode;
	void (*onchannel_callback)(void *context);
	void *channel_callback_context;
	struct tasklet_struct callback_event;
	spinlock_t sched_lock;
	void (*change_target_cpu_callback)(struct vmbus_channel *channel, u32 old, u32 new);
	void (*sc_creation_callback)(struct vmbus_channel *new_sc);
	void (*chn_rescind_callback)(struct vmbus_channel *channel);
	u64 (*next_request_id_callback)(struct vmbus_channel *channel, u64 rqst_addr);
	u64 (*request_addr_callback)(struct vmbus_channel *channel, u64 rqst_id);
	int (*mmap_ring_buffer)(struct vmbus_channel *channel, struct vm_area_struct *vma);
};

static inline bool is_hvsock_channel(const struct vmbus_channel *channel)
{
	return channel->offermsg.offer.chn_flags & VMBUS_CHANNEL_TLNPI_PROVIDER_OFFER;
}

static inline bool is_sub_channel(const struct vmbus_channel *channel)
{
	return channel->offermsg.offer.sub_channel_index;
}

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

struct hv_vmbus_device_id {
	guid_t guid;
	unsigned long driver_data;
};

struct hv_device {
	guid_t dev_type, dev_instance;
	u16 vendor_id, device_id;
	struct device device;
	const char *driver_override;
	struct vmbus_channel *channel;
	struct kset *channels_kset;
	struct device_dma_parameters dma_parms;
	u64 dma_mask;
	void *drvdata;
};

struct hv_driver {
	const char *name;
	bool hvsock;
	const struct hv_vmbus_device_id *id_table;
	struct device_driver driver;
	struct {
		spinlock_t lock;
		struct list_head list;
	} dynids;
	int (*probe)(struct hv_device *hdev, const struct hv_vmbus_device_id *id);
	void (*remove)(struct hv_device *hdev);
	void (*shutdown)(struct hv_device *hdev);
	int (*suspend)(struct hv_device *hdev);
	int (*resume)(struct hv_device *hdev);
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

static inline u32 hv_get_bytes_to_read(const struct hv_ring_buffer_info *ring)
{
	u32 written = READ_ONCE(ring->ring_buffer->write_index), read = ring->ring_buffer->read_index;

	return written >= read ? written - read : ring->ring_datasize - read + written;
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

static inline void *hv_get_ring_buffer(const struct hv_ring_buffer_info *ring)
{
	return (u8 *)ring->ring_buffer + PAGE_SIZE;
}

int __vmbus_driver_register(struct hv_driver *driver, struct module *owner, const char *mod_name);
void vmbus_driver_unregister(struct hv_driver *driver);
void vmbus_hvsock_device_unregister(struct vmbus_channel *channel);
void vmbus_set_sc_create_callback(struct vmbus_channel *primary, void (*callback)(struct vmbus_channel *new_sc));
void vmbus_set_chn_rescind_callback(struct vmbus_channel *channel, void (*callback)(struct vmbus_channel *channel));
int vmbus_send_modifychannel(struct vmbus_channel *channel, u32 target_vp);
int vmbus_send_tl_connect_request(const guid_t *guest_id, const guid_t *host_id);
int vmbus_establish_gpadl(struct vmbus_channel *channel, void *buffer, u32 size, struct vmbus_gpadl *gpadl);
int vmbus_teardown_gpadl(struct vmbus_channel *channel, struct vmbus_gpadl *gpadl);
void vmbus_reset_channel_cb(struct vmbus_channel *channel);
int vmbus_alloc_ring(struct vmbus_channel *channel, u32 send_size, u32 recv_size);
void vmbus_free_ring(struct vmbus_channel *channel);
int vmbus_connect_ring(struct vmbus_channel *channel, void (*callback)(void *context), void *context);
int vmbus_disconnect_ring(struct vmbus_channel *channel);
int hv_ringbuffer_get_debuginfo(struct hv_ring_buffer_info *ring, struct hv_ring_buffer_debug_info *info);
bool vmbus_prep_negotiate_resp(struct icmsg_hdr *icmsghdrp, u8 *buf, u32 buflen, const int *fw_version, int fw_vercnt,
			       const int *srv_version, int srv_vercnt, int *nego_fw_version, int *nego_srv_version);

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
