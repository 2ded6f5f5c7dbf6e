/* SPDX-License-Identifier: GPL-2.0 */
/*
 * VMBus control messages: versions, message numbers, offers, GPADLs, channel life cycle. Each travels as the payload of
 * one SynIC message (at most 240 bytes). Knows no ring and no device protocol.
 */
#ifndef HYPERV_VMBUS_MSG_H
#define HYPERV_VMBUS_MSG_H

#include "types.h"

/* Protocol versions: major << 16 | minor, and the first host that has them */
#define VMBUS_VERSION(major, minor)	(((__u32)(major) << 16) | (minor))
#define VMBUS_VERSION_0_13	VMBUS_VERSION(0, 13)	/* Windows Server 2008 */
#define VMBUS_VERSION_1_1	VMBUS_VERSION(1, 1)	/* Windows Server 2008 R2 */
#define VMBUS_VERSION_2_4	VMBUS_VERSION(2, 4)	/* Windows Server 2012 */
#define VMBUS_VERSION_3_0	VMBUS_VERSION(3, 0)	/* Windows Server 2012 R2 */
#define VMBUS_VERSION_4_0	VMBUS_VERSION(4, 0)	/* Windows Server 2016 */
#define VMBUS_VERSION_4_1	VMBUS_VERSION(4, 1)
#define VMBUS_VERSION_5_0	VMBUS_VERSION(5, 0)	/* 1709 */
#define VMBUS_VERSION_5_1	VMBUS_VERSION(5, 1)	/* 1803 */
#define VMBUS_VERSION_5_2	VMBUS_VERSION(5, 2)	/* Windows Server 2019 */
#define VMBUS_VERSION_5_3	VMBUS_VERSION(5, 3)	/* Windows Server 2022 */
#define VMBUS_VERSION_6_0	VMBUS_VERSION(6, 0)

enum vmbus_msg_type {
	VMBUS_MSG_NONE				= 0,
	VMBUS_MSG_OFFER				= 1,
	VMBUS_MSG_RESCIND			= 2,
	VMBUS_MSG_REQUEST_OFFERS		= 3,
	VMBUS_MSG_ALL_OFFERS_DELIVERED		= 4,
	VMBUS_MSG_OPEN				= 5,
	VMBUS_MSG_OPEN_RESULT			= 6,
	VMBUS_MSG_CLOSE				= 7,
	VMBUS_MSG_GPADL_HEADER			= 8,
	VMBUS_MSG_GPADL_BODY			= 9,
	VMBUS_MSG_GPADL_CREATED			= 10,
	VMBUS_MSG_GPADL_TEARDOWN		= 11,
	VMBUS_MSG_GPADL_TORNDOWN		= 12,
	VMBUS_MSG_RELID_RELEASED		= 13,
	VMBUS_MSG_INITIATE_CONTACT		= 14,
	VMBUS_MSG_VERSION_RESPONSE		= 15,
	VMBUS_MSG_UNLOAD			= 16,
	VMBUS_MSG_UNLOAD_RESPONSE		= 17,
	VMBUS_MSG_OPEN_RESERVED			= 18,
	VMBUS_MSG_CLOSE_RESERVED		= 19,
	VMBUS_MSG_CLOSE_RESERVED_RESPONSE	= 20,
	VMBUS_MSG_TL_CONNECT			= 21,
	VMBUS_MSG_MODIFY_CHANNEL		= 22,
	VMBUS_MSG_TL_CONNECT_RESULT		= 23,
	VMBUS_MSG_MODIFY_CHANNEL_RESPONSE	= 24,
	VMBUS_MSG_MODIFY_CONNECTION		= 25,
	VMBUS_MSG_MODIFY_CONNECTION_RESPONSE	= 26,
	VMBUS_MSG_PAUSE				= 27,
	VMBUS_MSG_PAUSE_RESPONSE		= 28,
	VMBUS_MSG_RESUME			= 29,
	VMBUS_MSG_TYPES				/* one more than the highest number */
};

#define VMBUS_MSG_MAX_BYTES		240
#define VMBUS_RELID_MAX			2047	/* relids are 1..2047 */
#define VMBUS_TARGET_VP_NONE		0xffffffffu	/* OPEN: no interrupts wanted */

struct vmbus_msg_header {
	__le32 type;
	__le32 padding;
};
HYPERV_SIZE(struct vmbus_msg_header, 8);

/* Offer flags */
#define VMBUS_OFFER_ENUMERATE_INTERFACE		0x0001
#define VMBUS_OFFER_CONFIDENTIAL_RING		0x0002	/* 6.0, feature flag 0x10 */
#define VMBUS_OFFER_CONFIDENTIAL_MEMORY		0x0004	/* 6.0, feature flag 0x10 */
#define VMBUS_OFFER_PIPE_MODE			0x0010
#define VMBUS_OFFER_TLNPI_PROVIDER		0x2000	/* hvsock */

#define VMBUS_OFFER_PIPE_BYTE			0u
#define VMBUS_OFFER_PIPE_MESSAGE		4u

#define VMBUS_OFFER_USER_BYTES			120
#define VMBUS_OFFER_MONITOR_ALLOCATED		0x01
#define VMBUS_OFFER_DEDICATED_INTERRUPT		0x0001
#define VMBUS_MONITOR_ID_NONE			255
#define VMBUS_MONITOR_ID_MAX			127

struct vmbus_msg_offer {
	struct vmbus_msg_header header;
	struct hyperv_guid class_id;
	struct hyperv_guid instance_id;
	__le64 reserved[2];
	__le16 flags;
	__le16 mmio_mib;
	__u8   user[VMBUS_OFFER_USER_BYTES];
	__le16 subchannel_index;	/* 0 = primary */
	__le16 optional_mmio_mib;
	__le32 relid;
	__u8   monitor_id;
	__u8   monitor_flags;
	__le16 interrupt_flags;		/* from here on: protocol 1.1 and later */
	__le32 connection_id;
} __packed;
HYPERV_SIZE(struct vmbus_msg_offer, 196);
HYPERV_AT(struct vmbus_msg_offer, flags, 56);
HYPERV_AT(struct vmbus_msg_offer, user, 60);
HYPERV_AT(struct vmbus_msg_offer, subchannel_index, 180);
HYPERV_AT(struct vmbus_msg_offer, relid, 184);
HYPERV_AT(struct vmbus_msg_offer, monitor_id, 188);
HYPERV_AT(struct vmbus_msg_offer, interrupt_flags, 190);
HYPERV_AT(struct vmbus_msg_offer, connection_id, 192);
#define VMBUS_MSG_OFFER_V0_13_BYTES	190

/* RESCIND, CLOSE, RELID_RELEASED, CLOSE_RESERVED_RESPONSE */
struct vmbus_msg_relid {
	struct vmbus_msg_header header;
	__le32 relid;
};
HYPERV_SIZE(struct vmbus_msg_relid, 12);

struct vmbus_msg_open {
	struct vmbus_msg_header header;
	__le32 relid;
	__le32 open_id;
	__le32 ring_gpadl;
	__le32 target_vp;
	__le32 downstream_page_offset;	/* pages from the start of the GPADL to the host-to-guest ring */
	__u8   user[VMBUS_OFFER_USER_BYTES];
};
HYPERV_SIZE(struct vmbus_msg_open, 148);
HYPERV_AT(struct vmbus_msg_open, downstream_page_offset, 24);
HYPERV_AT(struct vmbus_msg_open, user, 28);

/* Tail of OPEN with feature flags 0x1 or 0x2 (6.0) */
struct vmbus_msg_open2 {
	struct vmbus_msg_open open;
	__le32 connection_id;
	__le16 event_flag;
	__le16 flags;
};
HYPERV_SIZE(struct vmbus_msg_open2, 156);

struct vmbus_msg_open_result {
	struct vmbus_msg_header header;
	__le32 relid;
	__le32 open_id;
	__le32 status;			/* 0 or NTSTATUS */
};
HYPERV_SIZE(struct vmbus_msg_open_result, 20);

/* First part of a range list; the PFNs follow. Also the range header of GPA-direct packets. */
struct vmbus_gpa_range {
	__le32 byte_count;
	__le32 byte_offset;		/* 0..4095 */
	__le64 pfn[];
};
HYPERV_SIZE(struct vmbus_gpa_range, 8);

struct vmbus_msg_gpadl_header {
	struct vmbus_msg_header header;
	__le32 relid;
	__le32 gpadl;
	__le16 range_bytes;		/* of all ranges with their PFNs */
	__le16 range_count;
	__u8   ranges[];		/* struct vmbus_gpa_range, 4-byte aligned only */
} __packed;
HYPERV_SIZE(struct vmbus_msg_gpadl_header, 20);
#define VMBUS_GPADL_HEADER_PFNS		26	/* (240 - 28) / 8 */

struct vmbus_msg_gpadl_body {
	struct vmbus_msg_header header;
	__le32 message_number;
	__le32 gpadl;
	__le64 pfn[];
};
HYPERV_SIZE(struct vmbus_msg_gpadl_body, 16);
#define VMBUS_GPADL_BODY_PFNS		28	/* (240 - 16) / 8 */
#define VMBUS_GPADL_MAX_PFNS		8190	/* one range: 8 + 8 n must fit 16 bits */

struct vmbus_msg_gpadl_created {
	struct vmbus_msg_header header;
	__le32 relid;
	__le32 gpadl;
	__le32 status;
};
HYPERV_SIZE(struct vmbus_msg_gpadl_created, 20);

struct vmbus_msg_gpadl_teardown {
	struct vmbus_msg_header header;
	__le32 relid;
	__le32 gpadl;
};
HYPERV_SIZE(struct vmbus_msg_gpadl_teardown, 16);

struct vmbus_msg_gpadl_torndown {
	struct vmbus_msg_header header;
	__le32 gpadl;
};
HYPERV_SIZE(struct vmbus_msg_gpadl_torndown, 12);

struct vmbus_msg_initiate_contact {
	struct vmbus_msg_header header;
	__le32 version;
	__le32 target_vp;
	union {
		__le64 interrupt_page;	/* GPA, below 5.0 */
		struct {		/* from 5.0 on */
			__u8   sint;
			__u8   vtl;
			__le16 reserved;
			__le32 feature_flags;	/* 6.0 */
		};
	};
	__le64 monitor_page_to_child;	/* GPA, 0 = none */
	__le64 monitor_page_to_parent;
};
HYPERV_SIZE(struct vmbus_msg_initiate_contact, 40);
HYPERV_AT(struct vmbus_msg_initiate_contact, interrupt_page, 16);
HYPERV_AT(struct vmbus_msg_initiate_contact, feature_flags, 20);
HYPERV_AT(struct vmbus_msg_initiate_contact, monitor_page_to_child, 24);
HYPERV_AT(struct vmbus_msg_initiate_contact, monitor_page_to_parent, 32);

/* INITIATE_CONTACT with feature flag CLIENT_ID */
struct vmbus_msg_initiate_contact2 {
	struct vmbus_msg_initiate_contact base;
	struct hyperv_guid client_id;
};
HYPERV_SIZE(struct vmbus_msg_initiate_contact2, 56);

/* Feature flags of 6.0: asked for in INITIATE_CONTACT, the common ones are in the response */
#define VMBUS_FEATURE_GUEST_SIGNAL_PARAMETERS	0x01u	/* OPEN names event flag and connection */
#define VMBUS_FEATURE_INTERRUPT_REDIRECTION	0x02u
#define VMBUS_FEATURE_MODIFY_CONNECTION		0x04u
#define VMBUS_FEATURE_CLIENT_ID			0x08u
#define VMBUS_FEATURE_CONFIDENTIAL_CHANNELS	0x10u
#define VMBUS_FEATURE_PAUSE_RESUME		0x20u
#define VMBUS_FEATURE_SERVER_MONITOR_PAGES	0x40u
#define VMBUS_FEATURE_GPA_PINNING		0x80u

/* Interrupt page, below 2.4: one bit for each relid, host to guest in the first half */
#define VMBUS_INTERRUPT_PAGE_TO_HOST	2048	/* byte offset of the guest-to-host half */

struct vmbus_msg_version_response {
	struct vmbus_msg_header header;
	__u8   supported;
	__u8   connection_state;	/* 0 = fine; 1 low resources; 2 other */
	__le16 reserved;
	union {
		__le32 version;			/* below 5.0 */
		__le32 message_connection_id;	/* from 5.0 on */
	};
};
HYPERV_SIZE(struct vmbus_msg_version_response, 16);

struct vmbus_msg_version_response_v6 {
	struct vmbus_msg_version_response base;
	__le32 feature_flags;
	__le32 padding;
	__le64 monitor_page_to_child;
	__le64 monitor_page_to_parent;
};
HYPERV_SIZE(struct vmbus_msg_version_response_v6, 40);
#define VMBUS_MSG_VERSION_RESPONSE_V6_SHORT_BYTES	20

struct vmbus_msg_tl_connect {
	struct vmbus_msg_header header;
	struct hyperv_guid endpoint_id;
	struct hyperv_guid service_id;
	struct hyperv_guid silo_id;	/* from 5.2 on */
};
HYPERV_SIZE(struct vmbus_msg_tl_connect, 56);
#define VMBUS_MSG_TL_CONNECT_V4_BYTES	40

struct vmbus_msg_tl_connect_result {
	struct vmbus_msg_header header;
	struct hyperv_guid endpoint_id;
	struct hyperv_guid service_id;
	__le32 status;
};
HYPERV_SIZE(struct vmbus_msg_tl_connect_result, 44);

struct vmbus_msg_modify_channel {
	struct vmbus_msg_header header;
	__le32 relid;
	__le32 target_vp;
};
HYPERV_SIZE(struct vmbus_msg_modify_channel, 16);

struct vmbus_msg_modify_channel_response {
	struct vmbus_msg_header header;
	__le32 relid;
	__le32 status;
};
HYPERV_SIZE(struct vmbus_msg_modify_channel_response, 16);

struct vmbus_msg_modify_connection {
	struct vmbus_msg_header header;
	__le64 monitor_page_to_child;	/* GPA, 0 = none any more */
	__le64 monitor_page_to_parent;
};
HYPERV_SIZE(struct vmbus_msg_modify_connection, 24);

struct vmbus_msg_modify_connection_response {
	struct vmbus_msg_header header;
	__u8   connection_state;	/* as in VERSION_RESPONSE */
} __packed;
HYPERV_SIZE(struct vmbus_msg_modify_connection_response, 9);

/* Device classes (offer class_id) */
#define VMBUS_CLASS_NETWORK	\
	HYPERV_GUID_INIT(0xf8615163u, 0xdf3e, 0x46c5, 0x91, 0x3f, 0xf2, 0xd2, 0xf9, 0x65, 0xed, 0x0e)
#define VMBUS_CLASS_SCSI	\
	HYPERV_GUID_INIT(0xba6163d9u, 0x04a1, 0x4d29, 0xb6, 0x05, 0x72, 0xe2, 0xff, 0xb1, 0xdc, 0x7f)
#define VMBUS_CLASS_IDE		\
	HYPERV_GUID_INIT(0x32412632u, 0x86cb, 0x44a2, 0x9b, 0x5c, 0x50, 0xd1, 0x41, 0x73, 0x54, 0xf5)
#define VMBUS_CLASS_SYNTHFC	\
	HYPERV_GUID_INIT(0x2f9bcc4au, 0x0069, 0x4af3, 0xb7, 0x6b, 0x6f, 0xd0, 0xbe, 0x52, 0x8c, 0xda)
#define VMBUS_CLASS_SHUTDOWN	\
	HYPERV_GUID_INIT(0x0e0b6031u, 0x5213, 0x4934, 0x81, 0x8b, 0x38, 0xd9, 0x0c, 0xed, 0x39, 0xdb)
#define VMBUS_CLASS_TIMESYNC	\
	HYPERV_GUID_INIT(0x9527e630u, 0xd0ae, 0x497b, 0xad, 0xce, 0xe8, 0x0a, 0xb0, 0x17, 0x5c, 0xaf)
#define VMBUS_CLASS_HEARTBEAT	\
	HYPERV_GUID_INIT(0x57164f39u, 0x9115, 0x4e78, 0xab, 0x55, 0x38, 0x2f, 0x3b, 0xd5, 0x42, 0x2d)
#define VMBUS_CLASS_KVP		\
	HYPERV_GUID_INIT(0xa9a0f4e7u, 0x5a45, 0x4d96, 0xb8, 0x27, 0x8a, 0x84, 0x1e, 0x8c, 0x03, 0xe6)
#define VMBUS_CLASS_VSS		\
	HYPERV_GUID_INIT(0x35fa2e29u, 0xea23, 0x4236, 0x96, 0xae, 0x3a, 0x6e, 0xba, 0xcb, 0xa4, 0x40)

#endif
