/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Key-value pair exchange: the bodies of IC messages of type IC_MSG_KVP. Text is UTF-16, sizes are bytes with the
 * terminating NUL included.
 */
#ifndef HYPERV_KVP_H
#define HYPERV_KVP_H

#include "types.h"

enum kvp_operation {
	KVP_OP_GET		= 0,
	KVP_OP_SET		= 1,
	KVP_OP_DELETE		= 2,
	KVP_OP_ENUMERATE	= 3,
	KVP_OP_GET_IP		= 4,
	KVP_OP_SET_IP		= 5,
};

enum kvp_pool {
	KVP_POOL_EXTERNAL	= 0,	/* the host's administrator to the guest */
	KVP_POOL_GUEST		= 1,	/* software in the guest to the host */
	KVP_POOL_AUTO		= 2,	/* what the guest says of itself */
	KVP_POOL_AUTO_EXTERNAL	= 3,	/* what the host says of itself */
	KVP_POOLS		= 4,
};

/* Registry types; Linux calls 8 what the host calls 11. */
#define KVP_TYPE_SZ		1u
#define KVP_TYPE_EXPAND_SZ	2u
#define KVP_TYPE_DWORD		4u
#define KVP_TYPE_QWORD_LINUX	8u
#define KVP_TYPE_QWORD		11u

#define KVP_KEY_BYTES		512
#define KVP_VALUE_BYTES		2048

struct kvp_header {
	__u8 operation;
	__u8 pool;
};
HYPERV_SIZE(struct kvp_header, 2);

struct kvp_value {
	__le32 type;
	__le32 key_bytes;
	__le32 value_bytes;
	__u8   key[KVP_KEY_BYTES];
	__u8   value[KVP_VALUE_BYTES];
};
HYPERV_SIZE(struct kvp_value, 2572);
HYPERV_AT(struct kvp_value, value, 524);

/* Get and set; padded to the length of the longest of these bodies. */
struct kvp_exchange {
	struct kvp_header header;
	__le16 reserved;
	struct kvp_value value;
	__le32 padding;
};
HYPERV_SIZE(struct kvp_exchange, 2580);
HYPERV_AT(struct kvp_exchange, value, 4);

struct kvp_delete {
	struct kvp_header header;
	__le16 reserved;
	__le32 key_bytes;
	__u8   key[KVP_KEY_BYTES];
	__u8   padding[2060];
};
HYPERV_SIZE(struct kvp_delete, 2580);

struct kvp_enumerate {
	struct kvp_header header;
	__le16 reserved;
	__le32 index;
	struct kvp_value value;
};
HYPERV_SIZE(struct kvp_enumerate, 2580);
HYPERV_AT(struct kvp_enumerate, value, 8);

#define KVP_FAMILY_NONE		0
#define KVP_FAMILY_IPV4		1
#define KVP_FAMILY_IPV6		2
#define KVP_FAMILY_BOTH		3

/* Get and set IP of message versions below 5.0: lists with ';' between, each in one text. */
struct kvp_ip {
	struct kvp_header header;
	__u8 adapter[256];
	__u8 family;
	__u8 dhcp;
	__u8 addresses[2048];
	__u8 subnets[2048];
	__u8 gateways[1024];
	__u8 dns[2048];
};
HYPERV_SIZE(struct kvp_ip, 7428);
HYPERV_AT(struct kvp_ip, family, 258);
HYPERV_AT(struct kvp_ip, addresses, 260);
HYPERV_AT(struct kvp_ip, subnets, 2308);
HYPERV_AT(struct kvp_ip, gateways, 4356);
HYPERV_AT(struct kvp_ip, dns, 5380);

#define KVP_IP_ADDRESSES	64
#define KVP_IP_GATEWAYS		5

#define KVP_ORIGIN_UNKNOWN	0
#define KVP_ORIGIN_OTHER	1	/* DHCP */
#define KVP_ORIGIN_STATIC	2

/* From message version 5.0 on: addresses in network byte order. */
struct kvp_ip_binary {
	struct kvp_header header;
	__le16 reserved;
	__le32 v4_count, v6_count;
	__le32 v4_gateway_count, v6_gateway_count;
	__le32 v4_dns_count, v6_dns_count;
	__u8   adapter[256];
	__u8   family;
	__u8   dhcp;
	__le16 reserved2;
	__u8   v4[KVP_IP_ADDRESSES][4];
	__u8   v6[KVP_IP_ADDRESSES][16];
	__u8   v4_mask[KVP_IP_ADDRESSES][4];
	__le32 v6_prefix[KVP_IP_ADDRESSES];
	__u8   v4_gateway[KVP_IP_GATEWAYS][4];
	__u8   v6_gateway[KVP_IP_GATEWAYS][16];
	__u8   v4_dns[KVP_IP_ADDRESSES][4];
	__u8   v6_dns[KVP_IP_ADDRESSES][16];
	__le16 origin[2 * KVP_IP_ADDRESSES];	/* all IPv4, then all IPv6 without a gap */
	__u8   padding[3712];
};
HYPERV_SIZE(struct kvp_ip_binary, 7428);
HYPERV_AT(struct kvp_ip_binary, adapter, 4 + 24);
HYPERV_AT(struct kvp_ip_binary, v4, 4 + 284);
HYPERV_AT(struct kvp_ip_binary, v6_prefix, 4 + 1820);
HYPERV_AT(struct kvp_ip_binary, v6_gateway, 4 + 2096);
HYPERV_AT(struct kvp_ip_binary, v4_dns, 4 + 2176);
HYPERV_AT(struct kvp_ip_binary, v6_dns, 4 + 2432);
HYPERV_AT(struct kvp_ip_binary, origin, 4 + 3456);

#endif
