/* SPDX-License-Identifier: GPL-2.0 */
/*
 * NDIS objects that travel in RNDIS queries and sets: OIDs, offload capabilities and parameters, RSS.
 */
#ifndef HYPERV_NDIS_H
#define HYPERV_NDIS_H

#include "types.h"

#define NDIS_OID_SUPPORTED_LIST			0x00010101u
#define NDIS_OID_HARDWARE_STATUS		0x00010102u
#define NDIS_OID_MEDIA_SUPPORTED		0x00010103u
#define NDIS_OID_MEDIA_IN_USE			0x00010104u
#define NDIS_OID_MAXIMUM_LOOKAHEAD		0x00010105u
#define NDIS_OID_MAXIMUM_FRAME_SIZE		0x00010106u	/* IP MTU, without the 14 bytes of Ethernet */
#define NDIS_OID_LINK_SPEED			0x00010107u	/* units of 100 bit/s */
#define NDIS_OID_TRANSMIT_BUFFER_SPACE		0x00010108u
#define NDIS_OID_RECEIVE_BUFFER_SPACE		0x00010109u
#define NDIS_OID_TRANSMIT_BLOCK_SIZE		0x0001010au
#define NDIS_OID_RECEIVE_BLOCK_SIZE		0x0001010bu
#define NDIS_OID_VENDOR_ID			0x0001010cu
#define NDIS_OID_VENDOR_DESCRIPTION		0x0001010du
#define NDIS_OID_CURRENT_PACKET_FILTER		0x0001010eu
#define NDIS_OID_CURRENT_LOOKAHEAD		0x0001010fu
#define NDIS_OID_DRIVER_VERSION			0x00010110u
#define NDIS_OID_MAXIMUM_TOTAL_SIZE		0x00010111u
#define NDIS_OID_PROTOCOL_OPTIONS		0x00010112u
#define NDIS_OID_MAC_OPTIONS			0x00010113u
#define NDIS_OID_MEDIA_CONNECT_STATUS		0x00010114u	/* 0 = connected */
#define NDIS_OID_MAXIMUM_SEND_PACKETS		0x00010115u
#define NDIS_OID_VENDOR_DRIVER_VERSION		0x00010116u
#define NDIS_OID_NETWORK_LAYER_ADDRESSES	0x00010118u
#define NDIS_OID_RSS_CAPABILITIES		0x00010203u
#define NDIS_OID_RSS_PARAMETERS			0x00010204u
#define NDIS_OID_RNDIS_CONFIG_PARAMETER		0x0001021bu
#define NDIS_OID_FRIENDLY_NAME			0x00020216u
#define NDIS_OID_802_3_PERMANENT_ADDRESS	0x01010101u
#define NDIS_OID_802_3_CURRENT_ADDRESS		0x01010102u
#define NDIS_OID_802_3_MULTICAST_LIST		0x01010103u
#define NDIS_OID_802_3_MAXIMUM_LIST_SIZE	0x01010104u
#define NDIS_OID_TCP_OFFLOAD_CURRENT_CONFIG	0xfc01020bu
#define NDIS_OID_TCP_OFFLOAD_PARAMETERS		0xfc01020cu
#define NDIS_OID_TCP_OFFLOAD_CAPABILITIES	0xfc01020du

#define NDIS_MEDIA_CONNECTED			0u
#define NDIS_MEDIA_DISCONNECTED			1u

/* Packet filter */
#define NDIS_FILTER_DIRECTED			0x01u
#define NDIS_FILTER_MULTICAST			0x02u
#define NDIS_FILTER_ALL_MULTICAST		0x04u
#define NDIS_FILTER_BROADCAST			0x08u
#define NDIS_FILTER_PROMISCUOUS			0x20u

struct ndis_object_header {
	__u8   type;
	__u8   revision;
	__le16 size;
};
HYPERV_SIZE(struct ndis_object_header, 4);

#define NDIS_OBJECT_DEFAULT			0x80
#define NDIS_OBJECT_RSS_CAPABILITIES		0x88
#define NDIS_OBJECT_RSS_PARAMETERS		0x89
#define NDIS_OBJECT_OFFLOAD			0xa7

#define NDIS_ENCAPSULATION_8023			2u

/* Checksum capability bits */
#define NDIS_CSUM_IP_OPTIONS			0x001u	/* IPv6: extension headers */
#define NDIS_CSUM_TCP_OPTIONS			0x004u
#define NDIS_CSUM_TCP				0x010u
#define NDIS_CSUM_UDP				0x040u
#define NDIS_CSUM_IP_HEADER			0x100u	/* IPv4 only */

/* LSOv2 IPv6 option bits */
#define NDIS_LSO_IPV6_EXTENSION_HEADERS		0x001u
#define NDIS_LSO_IPV6_TCP_OPTIONS		0x004u

struct ndis_csum_offload {
	__le32 ip4_tx_encapsulation;
	__le32 ip4_tx_flags;
	__le32 ip4_rx_encapsulation;
	__le32 ip4_rx_flags;
	__le32 ip6_tx_encapsulation;
	__le32 ip6_tx_flags;
	__le32 ip6_rx_encapsulation;
	__le32 ip6_rx_flags;
};
HYPERV_SIZE(struct ndis_csum_offload, 32);

struct ndis_lsov1_offload {
	__le32 encapsulation;
	__le32 max_bytes;
	__le32 min_segments;
	__le32 options;
};
HYPERV_SIZE(struct ndis_lsov1_offload, 16);

struct ndis_lsov2_offload {
	__le32 ip4_encapsulation;
	__le32 ip4_max_bytes;
	__le32 ip4_min_segments;
	__le32 ip6_encapsulation;
	__le32 ip6_max_bytes;
	__le32 ip6_min_segments;
	__le32 ip6_options;
};
HYPERV_SIZE(struct ndis_lsov2_offload, 28);

struct ndis_offload {
	struct ndis_object_header header;
	struct ndis_csum_offload csum;
	struct ndis_lsov1_offload lsov1;
	__u8   ipsec_v1[28];
	struct ndis_lsov2_offload lsov2;
	__le32 flags;
	/* revision 2 */
	__u8   ipsec_v2[32];
	/* revision 3 */
	__u8   rsc_ip4;
	__u8   rsc_ip6;
	__u8   reserved[2];
	__u8   gre_encapsulation[8];
};
HYPERV_SIZE(struct ndis_offload, 156);
HYPERV_AT(struct ndis_offload, lsov1, 36);
HYPERV_AT(struct ndis_offload, lsov2, 80);
HYPERV_AT(struct ndis_offload, flags, 108);
HYPERV_AT(struct ndis_offload, rsc_ip4, 144);
#define NDIS_OFFLOAD_BYTES_REV1			112
#define NDIS_OFFLOAD_BYTES_REV2			144
#define NDIS_OFFLOAD_BYTES_REV3			156

/* Values of the offload parameters: checksum fields */
#define NDIS_PARAM_NO_CHANGE			0
#define NDIS_PARAM_CSUM_OFF			1
#define NDIS_PARAM_CSUM_TX			2
#define NDIS_PARAM_CSUM_RX			3
#define NDIS_PARAM_CSUM_BOTH			4
/* ... LSO and RSC fields */
#define NDIS_PARAM_OFF				1
#define NDIS_PARAM_ON				2

struct ndis_offload_parameters {
	struct ndis_object_header header;
	__u8   ip4_header_csum;
	__u8   tcp4_csum;
	__u8   udp4_csum;
	__u8   tcp6_csum;
	__u8   udp6_csum;
	__u8   lsov1;
	__u8   ipsec_v1;
	__u8   lsov2_ip4;
	__u8   lsov2_ip6;
	__u8   tcp_connection_ip4;
	__u8   tcp_connection_ip6;
	__u8   padding;
	__le32 flags;
	__u8   ipsec_v2;
	__u8   ipsec_v2_ip4;
	__u8   rsc_ip4;
	__u8   rsc_ip6;
	__u8   encapsulated;
	__u8   encapsulation_types;
	__u8   tail[2];
};
HYPERV_SIZE(struct ndis_offload_parameters, 28);
HYPERV_AT(struct ndis_offload_parameters, flags, 16);
HYPERV_AT(struct ndis_offload_parameters, rsc_ip4, 22);
#define NDIS_OFFLOAD_PARAMETERS_BYTES_REV1	20
#define NDIS_OFFLOAD_PARAMETERS_BYTES_REV2	22
#define NDIS_OFFLOAD_PARAMETERS_BYTES_REV3	28

/* RSS capabilities, revision 2 */
struct ndis_rss_capabilities {
	struct ndis_object_header header;
	__le32 flags;
	__le32 interrupt_messages;
	__le32 receive_queues;
	__le16 indirection_entries;
} __packed;
HYPERV_SIZE(struct ndis_rss_capabilities, 18);

#define NDIS_RSS_CAP_TCP4			0x00000100u
#define NDIS_RSS_CAP_TCP6			0x00000200u
#define NDIS_RSS_CAP_TCP6_EX			0x00000400u
#define NDIS_RSS_CAP_UDP4			0x00000800u
#define NDIS_RSS_CAP_UDP6			0x00001000u
#define NDIS_RSS_CAP_MSI			0x01000000u
#define NDIS_RSS_CAP_MSIX			0x08000000u

struct ndis_rss_parameters {
	struct ndis_object_header header;
	__le16 flags;
	__le16 base_cpu;
	__le32 hash_info;
	__le16 table_bytes;
	__le16 reserved0;
	__le32 table_offset;		/* from the start of this structure, as all offsets here */
	__le16 key_bytes;
	__le16 reserved1;
	__le32 key_offset;
	__le32 mask_offset;
	__le32 mask_count;
	__le32 mask_entry_bytes;
};
HYPERV_SIZE(struct ndis_rss_parameters, 40);
HYPERV_AT(struct ndis_rss_parameters, table_offset, 16);
HYPERV_AT(struct ndis_rss_parameters, key_offset, 24);

#define NDIS_RSS_DISABLE			0x0010
#define NDIS_HASH_TOEPLITZ			0x00000001u
#define NDIS_HASH_IP4				0x00000100u
#define NDIS_HASH_TCP4				0x00000200u
#define NDIS_HASH_IP6				0x00000400u
#define NDIS_HASH_TCP6				0x00001000u
#define NDIS_HASH_UDP4				0x00004000u
#define NDIS_HASH_UDP6				0x00008000u
#define NDIS_RSS_KEY_BYTES			40

#endif
