/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The type of the exported variable vmbus_connection: the members, their types and their order are interface, as
 * uio_hv_generic of the same kernel records a checksum of them. That driver uses the interrupt page and the monitor
 * pages; the other members stay zero. The project's own state of the connection is struct vmbus_conn.
 */
#ifndef VMBUS_ABI_CONNECTION_H
#define VMBUS_ABI_CONNECTION_H

#include <linux/hyperv.h>

union hv_monitor_trigger_group {
	u64 as_uint64;
	struct {
		u32 pending;
		u32 armed;
	};
};

struct hv_monitor_parameter {
	union hv_connection_id connectionid;
	u16 flagnumber;
	u16 rsvdz;
};

union hv_monitor_trigger_state {
	u32 asu32;
	struct {
		u32 group_enable:4;
		u32 rsvdz:28;
	};
};

struct hv_monitor_page {
	union hv_monitor_trigger_state trigger_state;
	u32 rsvdz1;
	union hv_monitor_trigger_group trigger_group[4];
	u64 rsvdz2[3];
	s32 next_checktime[4][32];
	u16 latency[4][32];
	u64 rsvdz3[32];
	struct hv_monitor_parameter parameter[4][32];
	u8 rsvdz4[1984];
};

enum vmbus_connect_state {
	DISCONNECTED,
	CONNECTING,
	CONNECTED,
	DISCONNECTING
};

struct vmbus_connection {
	u32 msg_conn_id;
	atomic_t offer_in_progress;
	enum vmbus_connect_state conn_state;
	atomic_t next_gpadl_handle;
	struct completion unload_event;
	void *int_page;
	void *send_int_page;
	void *recv_int_page;
	struct hv_monitor_page *monitor_pages[2];
	struct list_head chn_msg_list;
	spinlock_t channelmsg_lock;
	struct list_head chn_list;
	struct mutex channel_mutex;
	struct vmbus_channel **channels;
	COMPAT_CONNECTION_HIGHEST_RELID
	struct workqueue_struct *work_queue;
	struct workqueue_struct *handle_primary_chan_wq;
	struct workqueue_struct *handle_sub_chan_wq;
	struct workqueue_struct *rescind_work_queue;
	bool ignore_any_offer_msg;
	atomic_t nr_chan_close_on_suspend;
	struct completion ready_for_suspend_event;
	COMPAT_CONNECTION_LAST
};

extern struct vmbus_connection vmbus_connection;

#endif
