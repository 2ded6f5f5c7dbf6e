/* SPDX-License-Identifier: GPL-2.0 */
/*
 * RNDIS as Hyper-V speaks it: control messages, packet messages and per-packet info. Every "offset" field of a message
 * counts from byte 8, the start of the body; offsets inside a per-packet-info record count from the record.
 * Names differ from <linux/rndis.h> so that both can be included.
 */
#ifndef HYPERV_RNDIS_H
#define HYPERV_RNDIS_H

#include "types.h"

enum rndis_type {
	RNDIS_TYPE_PACKET		= 0x00000001,
	RNDIS_TYPE_INITIALIZE		= 0x00000002,
	RNDIS_TYPE_HALT			= 0x00000003,
	RNDIS_TYPE_QUERY		= 0x00000004,
	RNDIS_TYPE_SET			= 0x00000005,
	RNDIS_TYPE_RESET		= 0x00000006,
	RNDIS_TYPE_INDICATE_STATUS	= 0x00000007,
	RNDIS_TYPE_KEEPALIVE		= 0x00000008,
};

#define RNDIS_TYPE_COMPLETION		0x80000000u	/* bit: answer to the message of that number */
#define RNDIS_TYPE_INITIALIZE_CMPLT	(RNDIS_TYPE_COMPLETION | RNDIS_TYPE_INITIALIZE)
#define RNDIS_TYPE_QUERY_CMPLT		(RNDIS_TYPE_COMPLETION | RNDIS_TYPE_QUERY)
#define RNDIS_TYPE_SET_CMPLT		(RNDIS_TYPE_COMPLETION | RNDIS_TYPE_SET)
#define RNDIS_TYPE_RESET_CMPLT		(RNDIS_TYPE_COMPLETION | RNDIS_TYPE_RESET)
#define RNDIS_TYPE_KEEPALIVE_CMPLT	(RNDIS_TYPE_COMPLETION | RNDIS_TYPE_KEEPALIVE)

/* Status codes, in answers and in INDICATE_STATUS */
#define NDIS_STATUS_SUCCESS		0x00000000u
#define NDIS_STATUS_FAILURE		0xc0000001u
#define NDIS_STATUS_NOT_SUPPORTED	0xc00000bbu
#define NDIS_STATUS_BAD_VERSION		0xc0010004u
#define NDIS_STATUS_INVALID_DATA	0xc0010015u
#define NDIS_STATUS_MEDIA_CONNECT	0x4001000bu
#define NDIS_STATUS_MEDIA_DISCONNECT	0x4001000cu
#define NDIS_STATUS_LINK_SPEED_CHANGE	0x40010013u
#define NDIS_STATUS_NETWORK_CHANGE	0x40010018u
#define NDIS_STATUS_OFFLOAD_CONFIG	0x40020006u	/* current offload configuration changed */

#define RNDIS_BODY_OFFSET		8	/* what message offsets count from */

struct rndis_header {
	__le32 type;
	__le32 length;			/* of the whole message, from byte 0 */
};
HYPERV_SIZE(struct rndis_header, 8);

struct rndis_packet {
	struct rndis_header header;
	__le32 data_offset;
	__le32 data_length;
	__le32 oob_offset;
	__le32 oob_length;
	__le32 oob_count;
	__le32 ppi_offset;		/* per-packet info; 0 = none */
	__le32 ppi_length;
	__le32 vc_handle;
	__le32 reserved;
};
HYPERV_SIZE(struct rndis_packet, 44);
#define RNDIS_PACKET_PPI_OFFSET		(sizeof(struct rndis_packet) - RNDIS_BODY_OFFSET)	/* 36 */

struct rndis_initialize {
	struct rndis_header header;
	__le32 request_id;
	__le32 major;			/* 1 */
	__le32 minor;			/* 0 */
	__le32 max_transfer_bytes;
};
HYPERV_SIZE(struct rndis_initialize, 24);

struct rndis_initialize_cmplt {
	struct rndis_header header;
	__le32 request_id;
	__le32 status;
	__le32 major;
	__le32 minor;
	__le32 device_flags;		/* 1 = connectionless */
	__le32 medium;			/* 0 = 802.3 */
	__le32 max_packets_per_message;
	__le32 max_transfer_bytes;
	__le32 packet_alignment_factor;	/* log2 */
	__le32 af_list_offset;
	__le32 af_list_size;
};
HYPERV_SIZE(struct rndis_initialize_cmplt, 52);
HYPERV_AT(struct rndis_initialize_cmplt, max_packets_per_message, 32);

/* HALT and KEEPALIVE */
struct rndis_request {
	struct rndis_header header;
	__le32 request_id;
};
HYPERV_SIZE(struct rndis_request, 12);

/* QUERY and SET; the information buffer follows */
struct rndis_oid_request {
	struct rndis_header header;
	__le32 request_id;
	__le32 oid;
	__le32 info_length;
	__le32 info_offset;		/* 20, also when the length is 0 */
	__le32 vc_handle;
};
HYPERV_SIZE(struct rndis_oid_request, 28);
#define RNDIS_OID_REQUEST_INFO_OFFSET	20

struct rndis_query_cmplt {
	struct rndis_header header;
	__le32 request_id;
	__le32 status;
	__le32 info_length;
	__le32 info_offset;		/* 16 */
};
HYPERV_SIZE(struct rndis_query_cmplt, 24);
#define RNDIS_QUERY_CMPLT_INFO_OFFSET	16

/* SET_CMPLT and KEEPALIVE_CMPLT */
struct rndis_status_cmplt {
	struct rndis_header header;
	__le32 request_id;
	__le32 status;
};
HYPERV_SIZE(struct rndis_status_cmplt, 16);

struct rndis_reset_cmplt {
	struct rndis_header header;
	__le32 status;
	__le32 addressing_reset;
};
HYPERV_SIZE(struct rndis_reset_cmplt, 16);

struct rndis_indicate_status {
	struct rndis_header header;
	__le32 status;
	__le32 buffer_length;
	__le32 buffer_offset;
};
HYPERV_SIZE(struct rndis_indicate_status, 20);

/* Per-packet info: records back to back behind the packet header */
#define RNDIS_PPI_TYPE_MASK		0x7fffffffu
#define RNDIS_PPI_INTERNAL		0x80000000u

enum rndis_ppi_type {
	RNDIS_PPI_CHECKSUM		= 0,
	RNDIS_PPI_IPSEC			= 1,
	RNDIS_PPI_LSO			= 2,
	RNDIS_PPI_VLAN			= 6,
	RNDIS_PPI_HASH_VALUE		= 8,
	RNDIS_PPI_HASH_INFO		= 9,
	RNDIS_PPI_INTERNAL_PACKET_ID	= 1,	/* with RNDIS_PPI_INTERNAL: RSC */
};

struct rndis_ppi {
	__le32 size;			/* of the whole record */
	__le32 type;			/* with RNDIS_PPI_INTERNAL */
	__le32 value_offset;		/* from the start of the record; 12 */
};
HYPERV_SIZE(struct rndis_ppi, 12);

/* Checksum record, transmit */
#define RNDIS_TX_CSUM_IS_IPV4		(1u << 0)
#define RNDIS_TX_CSUM_IS_IPV6		(1u << 1)
#define RNDIS_TX_CSUM_TCP		(1u << 2)
#define RNDIS_TX_CSUM_UDP		(1u << 3)
#define RNDIS_TX_CSUM_IP_HEADER		(1u << 4)
#define RNDIS_TX_CSUM_L4_OFFSET_SHIFT	16	/* ten bits: transport header from the start of the frame */
#define RNDIS_TX_CSUM_L4_OFFSET_MASK	0x3ffu

/* Checksum record, receive */
#define RNDIS_RX_CSUM_TCP_FAILED	(1u << 0)
#define RNDIS_RX_CSUM_UDP_FAILED	(1u << 1)
#define RNDIS_RX_CSUM_IP_FAILED		(1u << 2)
#define RNDIS_RX_CSUM_TCP_GOOD		(1u << 3)
#define RNDIS_RX_CSUM_UDP_GOOD		(1u << 4)
#define RNDIS_RX_CSUM_IP_GOOD		(1u << 5)
#define RNDIS_RX_CSUM_LOOPBACK		(1u << 6)
#define RNDIS_RX_CSUM_TCP_VALUE_INVALID	(1u << 7)
#define RNDIS_RX_CSUM_IP_VALUE_INVALID	(1u << 8)

/* LSO record */
#define RNDIS_LSO_MSS_MASK		0xfffffu
#define RNDIS_LSO_TCP_OFFSET_SHIFT	20	/* ten bits */
#define RNDIS_LSO_TCP_OFFSET_MASK	0x3ffu
#define RNDIS_LSO_V2			(1u << 30)
#define RNDIS_LSO_IPV6			(1u << 31)

/* VLAN record */
#define RNDIS_VLAN_PRIORITY_MASK	0x7u
#define RNDIS_VLAN_CFI			(1u << 3)
#define RNDIS_VLAN_ID_SHIFT		4
#define RNDIS_VLAN_ID_MASK		0xfffu

/* Internal packet-id record (RSC) */
struct rndis_packet_id {
	__u8   version;			/* 1 */
	__u8   flags;
	__le16 packet_id;
};
HYPERV_SIZE(struct rndis_packet_id, 4);
#define RNDIS_PACKET_ID_SUBALLOCATION	0x01
#define RNDIS_PACKET_ID_FIRST		0x02
#define RNDIS_PACKET_ID_LAST		0x04

/* Value of NDIS_OID_RNDIS_CONFIG_PARAMETER: offsets from its own start, texts in UTF-16 */
struct rndis_config_parameter {
	__le32 name_offset;
	__le32 name_length;
	__le32 type;
	__le32 value_offset;
	__le32 value_length;
};
HYPERV_SIZE(struct rndis_config_parameter, 20);
#define RNDIS_CONFIG_TYPE_INTEGER	0u
#define RNDIS_CONFIG_TYPE_STRING	2u

#endif
