/* SPDX-License-Identifier: GPL-2.0 */
/*
 * NVSP session: what netvsc and the host's netvsp say to one another below RNDIS. Carries RNDIS messages as bytes in a
 * send section or as guest pages; knows no RNDIS field, no skb and no net_device.
 */
#ifndef NETVSC_NVSP_H
#define NETVSC_NVSP_H

#include <linux/completion.h>
#include <linux/hyperv.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/wait.h>

#include <hyperv/nvsp.h>

/* Largest packet the host sends: transfer-page header with every range RSC allows, then NVSP with the send table */
#define NVSP_MAX_PACKET_BYTES							\
	(offsetof(struct vmtransfer_page_packet_header, ranges) +		\
	 NVSP_MAX_RANGES_RSC * sizeof(struct vmtransfer_page_range) +		\
	 NVSP_MSG_BYTES + NVSP_SEND_TABLE_ENTRIES * sizeof(__le32))

/* Policy: how long one NVSP exchange may take before the host counts as dead */
#define NVSP_TIMEOUT_MS			10000
/* Policy: hosts may leave a revoke unanswered; by then they have let go of the buffer */
#define NVSP_REVOKE_TIMEOUT_MS		200
/* Policy: a host moves filters of the card before it answers */
#define NVSP_SWITCH_TIMEOUT_MS		3000
/* Policy: RNDIS control messages that the host has not completed yet */
#define NVSP_CONTROL_SLOTS		32

/*
 * Transaction ids name a slot of one of three tables and the use of that slot: a completion for an earlier use, or the
 * same completion twice, matches nothing. Never zero, which hosts do not complete.
 */
enum nvsp_xid_kind {
	NVSP_XID_SESSION	= 1,	/* the one NVSP request under way */
	NVSP_XID_CONTROL	= 2,	/* an RNDIS control message; slot of nvsp.control */
	NVSP_XID_DATA		= 3,	/* RNDIS packet messages; slot of the upper layer */
};

#define NVSP_XID_SLOT_BITS		16

static inline u64 nvsp_xid(enum nvsp_xid_kind kind, u32 use, u16 slot)
{
	return (u64)kind << 48 | (u64)use << NVSP_XID_SLOT_BITS | slot;
}

static inline u32 nvsp_xid_kind(u64 xid)
{
	return xid >> 48;
}

static inline u32 nvsp_xid_use(u64 xid)
{
	return xid >> NVSP_XID_SLOT_BITS;
}

static inline u16 nvsp_xid_slot(u64 xid)
{
	return xid & 0xffff;
}

struct nvsp;
struct nvsp_channel;

/* One transfer-page packet with an RNDIS message in each range; private memory */
struct nvsp_receive {
	const struct vmtransfer_page_range *ranges;
	u32 range_count;	/* 1..NVSP_MAX_RANGES_RSC; offsets and sizes are unchecked */
};

/* What the session reports; all called from nvsp_dispatch(), in softirq context, except as noted */
struct nvsp_ops {
	/* Take the RNDIS messages of one packet; returns the NVSP status that the host shall be told */
	u32 (*receive)(struct nvsp_channel *nc, const struct nvsp_receive *rcv);
	/* The host is owed a completion for @xid; must be remembered until nvsp_complete_receive() succeeds */
	void (*owe)(struct nvsp_channel *nc, u64 xid, u32 status);
	/* A packet sent with an id of kind NVSP_XID_DATA was completed; @xid is unchecked. NVSP_STATUS_NONE: no status */
	void (*data_sent)(struct nvsp_channel *nc, u64 xid, u32 status);
	/* The host wants flows to go out on other channels: SEND_INDIRECTION_TABLE, @bytes at @msg, unchecked */
	void (*send_table)(struct nvsp *nvsp, const void *msg, u32 bytes);
	/* The host let go of the page of @cookie; also from nvsp_forget_control(), in process context */
	void (*control_sent)(struct nvsp *nvsp, void *cookie, u32 status);
	/* The device has a virtual function of this serial number, or none */
	void (*vf_association)(struct nvsp *nvsp, bool allocated, u32 serial);
	/* The host uses another data path by its own decision */
	void (*data_path)(struct nvsp *nvsp, bool vf);
};

struct nvsp_control_slot {
	void *cookie;		/* NULL: free */
	u64 xid;
};

/* What one channel of the session did wrong or could not be used; written by its NAPI context only */
struct nvsp_channel_stats {
	u64 bad_packet;		/* descriptor or NVSP header malformed, or a type nobody expects */
	u64 bad_completion;	/* for no transaction of ours */
};

struct nvsp_channel {
	struct nvsp *nvsp;
	struct vmbus_channel *channel;
	struct nvsp_channel_stats stats;
};

struct nvsp {
	const struct nvsp_ops *ops;
	struct vmbus_channel *channel;	/* the primary one; carries all requests */
	u32 version;			/* NVSP_VERSION_*; 0 before the negotiation */
	u32 max_mdl_chain;		/* GPA ranges the host takes in one packet */
	u16 recv_buf_id;

	struct mutex request_mutex;	/* one request at a time; taken last of all sleeping locks */

	spinlock_t lock;		/* the fields below; softirq-safe, innermost */
	u64 request_xid;		/* 0: none, replies are ignored */
	u32 request_reply_bytes;	/* payload bytes of the reply, 0 for an empty completion */
	struct nvsp_message request_reply;
	struct completion request_done;
	u32 use;			/* of transaction ids */
	struct nvsp_control_slot control[NVSP_CONTROL_SLOTS];

	wait_queue_head_t progress;	/* woken when the host completed something */
};

void nvsp_init(struct nvsp *nvsp, const struct nvsp_ops *ops, struct vmbus_channel *primary);
void nvsp_channel_init(struct nvsp_channel *nc, struct nvsp *nvsp, struct vmbus_channel *channel);

int nvsp_negotiate(struct nvsp *nvsp);
int nvsp_configure(struct nvsp *nvsp, u32 frame_bytes, bool sriov);
int nvsp_share_recv_buf(struct nvsp *nvsp, u32 gpadl, u16 id, u32 buf_bytes, struct nvsp_recv_section *section);
int nvsp_share_send_buf(struct nvsp *nvsp, u32 gpadl, u16 id, u32 *section_bytes);
int nvsp_revoke_recv_buf(struct nvsp *nvsp, u16 id);
int nvsp_revoke_send_buf(struct nvsp *nvsp, u16 id);
int nvsp_switch_data_path(struct nvsp *nvsp, bool vf);

int nvsp_allocate_sub_channels(struct nvsp *nvsp, u32 count, u32 *granted);

int nvsp_send_control(struct nvsp *nvsp, void *page, u32 bytes, void *cookie);
void nvsp_forget_control(struct nvsp *nvsp);
int nvsp_send_section(struct nvsp_channel *nc, u32 section, u32 bytes, u64 xid);
int nvsp_send_pages(struct nvsp_channel *nc, struct vmbus_packet_mpb_array *desc, u32 desc_bytes, u64 xid);
int nvsp_complete_receive(struct nvsp_channel *nc, u64 xid, u32 status);

void nvsp_dispatch(struct nvsp_channel *nc, const struct vmpacket_descriptor *desc);

int nvsp_wait(struct nvsp *nvsp, struct completion *done, unsigned int timeout_ms);
void nvsp_wait_progress(struct nvsp *nvsp, unsigned int timeout_ms);

static inline bool nvsp_is_gone(const struct nvsp *nvsp)
{
	return READ_ONCE(nvsp->channel->rescind);
}

#endif
