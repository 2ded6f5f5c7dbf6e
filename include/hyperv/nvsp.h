/* SPDX-License-Identifier: GPL-2.0 */
/*
 * NVSP: the network protocol that carries RNDIS between netvsc and the host's netvsp. Knows no RNDIS message.
 */
#ifndef HYPERV_NVSP_H
#define HYPERV_NVSP_H

#include "types.h"

#define NVSP_VERSION_1		0x00000002u	/* the odd one */
#define NVSP_VERSION_2		0x00030002u
#define NVSP_VERSION_4		0x00040000u
#define NVSP_VERSION_5		0x00050000u
#define NVSP_VERSION_6		0x00060000u
#define NVSP_VERSION_6_1	0x00060001u

enum nvsp_msg_type {
	NVSP_MSG_INIT				= 1,
	NVSP_MSG_INIT_COMPLETE			= 2,
	NVSP_MSG_SEND_NDIS_VERSION		= 100,
	NVSP_MSG_SEND_RECV_BUF			= 101,
	NVSP_MSG_SEND_RECV_BUF_COMPLETE		= 102,
	NVSP_MSG_REVOKE_RECV_BUF		= 103,
	NVSP_MSG_SEND_SEND_BUF			= 104,
	NVSP_MSG_SEND_SEND_BUF_COMPLETE		= 105,
	NVSP_MSG_REVOKE_SEND_BUF		= 106,
	NVSP_MSG_SEND_RNDIS_PACKET		= 107,
	NVSP_MSG_SEND_RNDIS_PACKET_COMPLETE	= 108,
	NVSP_MSG_SEND_NDIS_CONFIG		= 125,
	NVSP_MSG_SEND_VF_ASSOCIATION		= 128,
	NVSP_MSG_SWITCH_DATA_PATH		= 129,
	NVSP_MSG_OID_QUERY_EX			= 131,
	NVSP_MSG_OID_QUERY_EX_COMPLETE		= 132,
	NVSP_MSG_SUBCHANNEL			= 133,
	NVSP_MSG_SEND_INDIRECTION_TABLE		= 134,
};

enum nvsp_status {
	NVSP_STATUS_NONE		= 0,
	NVSP_STATUS_SUCCESS		= 1,
	NVSP_STATUS_FAILURE		= 2,
	NVSP_STATUS_PROTOCOL_TOO_NEW	= 3,
	NVSP_STATUS_PROTOCOL_TOO_OLD	= 4,
	NVSP_STATUS_INVALID_RNDIS	= 5,
	NVSP_STATUS_BUSY		= 6,
	NVSP_STATUS_UNSUPPORTED		= 7,
};

/* Bytes of an NVSP message in the ring: 32 up to version 6, 40 from 6.1 on; guests may always send 40 */
#define NVSP_MSG_BYTES_OLD	32
#define NVSP_MSG_BYTES		40

struct nvsp_init {
	__le32 min_version;
	__le32 max_version;
};

struct nvsp_init_complete {
	__le32 negotiated_version;	/* deprecated: not to be relied on */
	__le32 max_mdl_chain;
	__le32 status;
};

struct nvsp_ndis_version {
	__le32 major;
	__le32 minor;
};

#define NVSP_NDIS_CAP_VMQ		(1ull << 0)
#define NVSP_NDIS_CAP_CHIMNEY		(1ull << 1)
#define NVSP_NDIS_CAP_SRIOV		(1ull << 2)
#define NVSP_NDIS_CAP_8021Q		(1ull << 3)
#define NVSP_NDIS_CAP_CORRELATION_ID	(1ull << 4)
#define NVSP_NDIS_CAP_TEAMING		(1ull << 5)
#define NVSP_NDIS_CAP_VIRTUAL_SUBNET	(1ull << 6)
#define NVSP_NDIS_CAP_RSC		(1ull << 7)

struct nvsp_ndis_config {
	__le32 mtu;			/* IP MTU + 14 */
	__le32 reserved;
	__le64 capabilities;
} __packed;

/* SEND_RECV_BUF and SEND_SEND_BUF */
struct nvsp_share_buffer {
	__le32 gpadl;
	__le16 id;
};

/* REVOKE_RECV_BUF and REVOKE_SEND_BUF */
struct nvsp_revoke_buffer {
	__le16 id;
};

struct nvsp_recv_section {
	__le32 offset;
	__le32 suballocation_bytes;
	__le32 suballocation_count;
	__le32 end_offset;
};
HYPERV_SIZE(struct nvsp_recv_section, 16);

struct nvsp_recv_buf_complete {
	__le32 status;
	__le32 section_count;
	struct nvsp_recv_section section[1];	/* only one was ever seen */
};

struct nvsp_send_buf_complete {
	__le32 status;
	__le32 section_bytes;
};

#define NVSP_RNDIS_CHANNEL_DATA		0u
#define NVSP_RNDIS_CHANNEL_CONTROL	1u
#define NVSP_SEND_SECTION_NONE		0xffffffffu

struct nvsp_rndis_packet {
	__le32 channel_type;
	__le32 send_section_index;
	__le32 send_section_bytes;
};

struct nvsp_rndis_packet_complete {
	__le32 status;
};

struct nvsp_vf_association {
	__le32 allocated;
	__le32 serial;
};

#define NVSP_DATA_PATH_SYNTHETIC	0u
#define NVSP_DATA_PATH_VF		1u

struct nvsp_data_path {
	__le32 active;
};

#define NVSP_SUBCHANNEL_ALLOCATE	1u

struct nvsp_subchannel_request {
	__le32 operation;
	__le32 count;
};

struct nvsp_subchannel_complete {
	__le32 status;
	__le32 count;
};

#define NVSP_SEND_TABLE_ENTRIES		16

struct nvsp_indirection_table {
	__le32 count;			/* 16 */
	__le32 offset;			/* of the u32 entries, from the start of the NVSP message */
};

struct nvsp_message {
	__le32 type;
	union {
		struct nvsp_init init;
		struct nvsp_init_complete init_complete;
		struct nvsp_ndis_version ndis_version;
		struct nvsp_ndis_config ndis_config;
		struct nvsp_share_buffer share_buffer;
		struct nvsp_revoke_buffer revoke_buffer;
		struct nvsp_recv_buf_complete recv_buf_complete;
		struct nvsp_send_buf_complete send_buf_complete;
		struct nvsp_rndis_packet rndis_packet;
		struct nvsp_rndis_packet_complete rndis_packet_complete;
		struct nvsp_vf_association vf_association;
		struct nvsp_data_path data_path;
		struct nvsp_subchannel_request subchannel_request;
		struct nvsp_subchannel_complete subchannel_complete;
		struct nvsp_indirection_table indirection_table;
		__u8 raw[NVSP_MSG_BYTES - 4];
	};
} __packed;
HYPERV_SIZE(struct nvsp_message, NVSP_MSG_BYTES);
HYPERV_AT(struct nvsp_message, ndis_config.capabilities, 12);
HYPERV_AT(struct nvsp_message, recv_buf_complete.section, 12);
HYPERV_AT(struct nvsp_message, rndis_packet.send_section_index, 8);

/* Customary sizes and limits of hosts */
#define NVSP_RECV_SECTION_MIN_BYTES	68	/* smaller sections hold no RNDIS packet message */
#define NVSP_RECV_BUFFER_MAX_BYTES	(31u << 20)
#define NVSP_RECV_BUFFER_MAX_BYTES_V2	(15u << 20)
#define NVSP_SEND_BUFFER_MAX_BYTES	(15u << 20)
#define NVSP_MAX_RANGES			375	/* ranges in one transfer-page packet, without RSC */
#define NVSP_MAX_RANGES_RSC		562

#endif
