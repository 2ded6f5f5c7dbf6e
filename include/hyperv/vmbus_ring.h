/* SPDX-License-Identifier: GPL-2.0 */
/*
 * VMBus rings: the control page, the packet descriptors and the monitor page. One GPADL holds the guest-to-host ring and,
 * at the downstream offset, the host-to-guest ring; each is one control page and at least one data page.
 */
#ifndef HYPERV_VMBUS_RING_H
#define HYPERV_VMBUS_RING_H

#include "types.h"

#define VMBUS_RING_FEATURE_PENDING_SEND_SIZE	0x1u	/* the writer uses pending_send_size */

struct vmbus_ring_control {
	__le32 write_index;		/* byte offset into the data, by the writer */
	__le32 read_index;		/* by the reader */
	__le32 interrupt_mask;		/* by the reader: non-zero = no signal for new data */
	__le32 pending_send_size;	/* by the writer: bytes it waits for, 0 = none */
	__le32 reserved[12];
	__le32 feature_bits;		/* by the writer */
	__u8   padding[HYPERV_PAGE_SIZE - 68];
};
HYPERV_SIZE(struct vmbus_ring_control, HYPERV_PAGE_SIZE);
HYPERV_AT(struct vmbus_ring_control, interrupt_mask, 8);
HYPERV_AT(struct vmbus_ring_control, feature_bits, 64);

/* Packet types; the name keeps clear of an enum of <linux/hyperv.h> */
enum vmbus_packet_kind {
	VMBUS_PACKET_INBAND		= 6,
	VMBUS_PACKET_TRANSFER_PAGES	= 7,	/* host to guest */
	VMBUS_PACKET_GPA_DIRECT		= 9,	/* guest to host */
	VMBUS_PACKET_CANCEL		= 10,
	VMBUS_PACKET_COMPLETION		= 11,
};

#define VMBUS_PACKET_FLAG_COMPLETION	0x0001	/* completion requested */

struct vmbus_packet {
	__le16 type;
	__le16 payload_qwords;		/* start of the payload from the start of the packet, in 8 bytes; >= 2 */
	__le16 total_qwords;		/* whole packet without the trailer, in 8 bytes */
	__le16 flags;
	__le64 transaction_id;
};
HYPERV_SIZE(struct vmbus_packet, 16);

#define VMBUS_PACKET_TRAILER_BYTES	8

struct vmbus_packet_trailer {
	__le32 reserved;
	__le32 start_index;		/* write index at which this packet began; not to be trusted */
};
HYPERV_SIZE(struct vmbus_packet_trailer, VMBUS_PACKET_TRAILER_BYTES);

struct vmbus_transfer_range {
	__le32 byte_count;
	__le32 byte_offset;
};
HYPERV_SIZE(struct vmbus_transfer_range, 8);

struct vmbus_packet_transfer_pages {
	struct vmbus_packet packet;
	__le16 page_set_id;
	__u8   sender_owns_set;
	__u8   reserved;
	__le32 range_count;
	struct vmbus_transfer_range range[];
};
HYPERV_SIZE(struct vmbus_packet_transfer_pages, 24);
HYPERV_AT(struct vmbus_packet_transfer_pages, range_count, 20);

struct vmbus_packet_gpa_direct {
	struct vmbus_packet packet;
	__le32 reserved;
	__le32 range_count;		/* struct vmbus_gpa_range follow, each with its PFNs */
};
HYPERV_SIZE(struct vmbus_packet_gpa_direct, 24);

/* Pipe framing inside in-band packets */
#define VMBUS_PIPE_DATA			1u

struct vmbus_pipe_header {
	__le32 type;
	__le32 bytes;			/* behind this header, without the padding of the packet */
};
HYPERV_SIZE(struct vmbus_pipe_header, 8);

/* Monitor page (MNF): signals batched by the hypervisor */
#define VMBUS_MONITOR_GROUPS		4
#define VMBUS_MONITOR_PER_GROUP		32

struct vmbus_monitor_page {
	__le32 trigger_state;		/* bits 0..3: group enabled */
	__le32 reserved0;
	struct {
		__le32 pending;
		__le32 armed;
	} group[VMBUS_MONITOR_GROUPS];
	__u8   reserved1[0x40 - 0x28];
	__le32 next_check_time[VMBUS_MONITOR_GROUPS][VMBUS_MONITOR_PER_GROUP];
	__le16 latency_100ns[VMBUS_MONITOR_GROUPS][VMBUS_MONITOR_PER_GROUP];
	__u8   reserved2[0x440 - 0x340];
	struct {
		__le32 connection_id;
		__le16 flag;
		__le16 reserved;
	} parameter[VMBUS_MONITOR_GROUPS][VMBUS_MONITOR_PER_GROUP];
	__u8   reserved3[HYPERV_PAGE_SIZE - 0x840];
};
HYPERV_SIZE(struct vmbus_monitor_page, HYPERV_PAGE_SIZE);
HYPERV_AT(struct vmbus_monitor_page, next_check_time, 0x40);
HYPERV_AT(struct vmbus_monitor_page, latency_100ns, 0x240);
HYPERV_AT(struct vmbus_monitor_page, parameter, 0x440);

#endif
