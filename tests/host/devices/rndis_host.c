// SPDX-License-Identifier: GPL-2.0
/*
 * RNDIS control messages on the host: INITIALIZE, QUERY, SET, HALT, KEEPALIVE, RESET, and the OIDs
 * behind them (RNDIS, NDIS object identifiers). The request is a private copy; offsets in it count
 * from byte 8 and are checked first.
 */
#include "rndis_host.h"

#include <errno.h>
#include <string.h>
#include <uchar.h>

#include <hyperv/ndis.h>
#include <hyperv/rndis.h>

#include "bytes.h"

#define ETH_HEADER   14
#define RNDIS_NAME   u"Network Adapter"
#define RNDIS_VENDOR "Microsoft Hyper-V Network Adapter"

/* The information buffer of a QUERY or SET. */
struct rndis_info {
	const uint8_t *in;
	uint32_t in_bytes;
	uint8_t *out;
	uint32_t out_bytes; /* filled by a query; at most RNDIS_INFO_BYTES */
};

#define RNDIS_INFO_BYTES (RNDIS_HOST_MESSAGE_BYTES - sizeof(struct rndis_query_cmplt))

static int rndis_bad(const char **why, const char *text)
{
	*why = text;
	return -EPROTO;
}

void rndis_host_reset(struct rndis_host *host)
{
	host->initialized = false;
	host->filter = 0;
	host->offloads_set = false;
	memset(&host->offloads, 0, sizeof(host->offloads));
	memset(&host->rss, 0, sizeof(host->rss));
	host->nr_groups = 0;
	memcpy(host->mac, host->mac_permanent, sizeof(host->mac));
}

static void info_put(struct rndis_info *info, const void *bytes, size_t n)
{
	memcpy(info->out, bytes, n);
	info->out_bytes = (uint32_t)n;
}

static void info_put_u32(struct rndis_info *info, uint32_t value)
{
	put_le32(info->out, value);
	info->out_bytes = 4;
}

static const uint32_t rndis_supported_oids[] = {
	NDIS_OID_SUPPORTED_LIST,
	NDIS_OID_HARDWARE_STATUS,
	NDIS_OID_MEDIA_SUPPORTED,
	NDIS_OID_MEDIA_IN_USE,
	NDIS_OID_MAXIMUM_LOOKAHEAD,
	NDIS_OID_MAXIMUM_FRAME_SIZE,
	NDIS_OID_LINK_SPEED,
	NDIS_OID_TRANSMIT_BUFFER_SPACE,
	NDIS_OID_RECEIVE_BUFFER_SPACE,
	NDIS_OID_TRANSMIT_BLOCK_SIZE,
	NDIS_OID_RECEIVE_BLOCK_SIZE,
	NDIS_OID_VENDOR_ID,
	NDIS_OID_VENDOR_DESCRIPTION,
	NDIS_OID_CURRENT_PACKET_FILTER,
	NDIS_OID_CURRENT_LOOKAHEAD,
	NDIS_OID_DRIVER_VERSION,
	NDIS_OID_MAXIMUM_TOTAL_SIZE,
	NDIS_OID_PROTOCOL_OPTIONS,
	NDIS_OID_MAC_OPTIONS,
	NDIS_OID_MEDIA_CONNECT_STATUS,
	NDIS_OID_MAXIMUM_SEND_PACKETS,
	NDIS_OID_VENDOR_DRIVER_VERSION,
	NDIS_OID_NETWORK_LAYER_ADDRESSES,
	NDIS_OID_RSS_CAPABILITIES,
	NDIS_OID_RSS_PARAMETERS,
	NDIS_OID_RNDIS_CONFIG_PARAMETER,
	NDIS_OID_FRIENDLY_NAME,
	NDIS_OID_802_3_PERMANENT_ADDRESS,
	NDIS_OID_802_3_CURRENT_ADDRESS,
	NDIS_OID_802_3_MULTICAST_LIST,
	NDIS_OID_802_3_MAXIMUM_LIST_SIZE,
	NDIS_OID_TCP_OFFLOAD_CURRENT_CONFIG,
	NDIS_OID_TCP_OFFLOAD_PARAMETERS,
	NDIS_OID_TCP_OFFLOAD_CAPABILITIES,
};

static void info_put_supported(struct rndis_info *info)
{
	size_t i;

	for (i = 0; i < sizeof(rndis_supported_oids) / 4; i++)
		put_le32(info->out + 4 * i, rndis_supported_oids[i]);
	info->out_bytes = sizeof(rndis_supported_oids);
}

/* UDP checksums and what came after them need NDIS 6.30: revision 3. */
static bool rndis_has_udp(const struct rndis_host *host)
{
	return host->offload_revision >= 3;
}

static uint32_t query_offload(const struct rndis_host *host, struct rndis_info *info, bool current)
{
	static const uint16_t sizes[] = { NDIS_OFFLOAD_BYTES_REV1, NDIS_OFFLOAD_BYTES_REV2,
					  NDIS_OFFLOAD_BYTES_REV3 };
	const struct rndis_offloads *on = &host->offloads;
	uint32_t csum4 = NDIS_CSUM_IP_OPTIONS | NDIS_CSUM_TCP_OPTIONS;
	uint32_t csum6 = NDIS_CSUM_IP_OPTIONS | NDIS_CSUM_TCP_OPTIONS;
	bool udp = rndis_has_udp(host);
	struct ndis_offload offload = { 0 };
	uint32_t tx4, tx6, rx4, rx6;
	unsigned int revision;

	/* Real hosts refuse the capability query without the object header. */
	if (!current && (info->in_bytes < sizeof(struct ndis_object_header) ||
			 info->in[0] != NDIS_OBJECT_OFFLOAD || !info->in[1] ||
			 get_le16(info->in + 2) < NDIS_OFFLOAD_BYTES_REV1))
		return NDIS_STATUS_INVALID_DATA;
	revision = host->offload_revision;
	if (!current && info->in[1] < revision)
		revision = info->in[1];
	tx4 = csum4 | (!current || on->tx_tcp4 ? NDIS_CSUM_TCP : 0) |
	      (udp && (!current || on->tx_udp4) ? NDIS_CSUM_UDP : 0) |
	      (!current || on->tx_ip4_header ? NDIS_CSUM_IP_HEADER : 0);
	rx4 = csum4 | (!current || on->rx_tcp4 ? NDIS_CSUM_TCP : 0) |
	      (udp && (!current || on->rx_udp4) ? NDIS_CSUM_UDP : 0) |
	      (!current || on->rx_ip4_header ? NDIS_CSUM_IP_HEADER : 0);
	tx6 = csum6 | (!current || on->tx_tcp6 ? NDIS_CSUM_TCP : 0) |
	      (udp && (!current || on->tx_udp6) ? NDIS_CSUM_UDP : 0);
	rx6 = csum6 | (!current || on->rx_tcp6 ? NDIS_CSUM_TCP : 0) |
	      (udp && (!current || on->rx_udp6) ? NDIS_CSUM_UDP : 0);

	offload.header.type = NDIS_OBJECT_OFFLOAD;
	offload.header.revision = (uint8_t)revision;
	put_le16(&offload.header.size, sizes[revision - 1]);
	put_le32(&offload.csum.ip4_tx_encapsulation, NDIS_ENCAPSULATION_8023);
	put_le32(&offload.csum.ip4_tx_flags, tx4);
	put_le32(&offload.csum.ip4_rx_encapsulation, NDIS_ENCAPSULATION_8023);
	put_le32(&offload.csum.ip4_rx_flags, rx4);
	put_le32(&offload.csum.ip6_tx_encapsulation, NDIS_ENCAPSULATION_8023);
	put_le32(&offload.csum.ip6_tx_flags, tx6);
	put_le32(&offload.csum.ip6_rx_encapsulation, NDIS_ENCAPSULATION_8023);
	put_le32(&offload.csum.ip6_rx_flags, rx6);
	if (!current || on->lso4) {
		put_le32(&offload.lsov2.ip4_encapsulation, NDIS_ENCAPSULATION_8023);
		put_le32(&offload.lsov2.ip4_max_bytes, RNDIS_HOST_LSO_MAX_BYTES);
		put_le32(&offload.lsov2.ip4_min_segments, RNDIS_HOST_LSO_MIN_SEGMENTS);
	}
	if (!current || on->lso6) {
		put_le32(&offload.lsov2.ip6_encapsulation, NDIS_ENCAPSULATION_8023);
		put_le32(&offload.lsov2.ip6_max_bytes, RNDIS_HOST_LSO_MAX_BYTES);
		put_le32(&offload.lsov2.ip6_min_segments, RNDIS_HOST_LSO_MIN_SEGMENTS);
		put_le32(&offload.lsov2.ip6_options,
			 NDIS_LSO_IPV6_EXTENSION_HEADERS | NDIS_LSO_IPV6_TCP_OPTIONS);
	}
	if (revision >= 3) {
		offload.rsc_ip4 = current ? on->rsc4 : host->can_coalesce;
		offload.rsc_ip6 = current ? on->rsc6 : host->can_coalesce;
	}
	info_put(info, &offload, sizes[revision - 1]);
	return NDIS_STATUS_SUCCESS;
}

static uint32_t query_rss(const struct rndis_host *host, struct rndis_info *info)
{
	struct ndis_rss_capabilities rss = { 0 };

	if (info->in_bytes < sizeof(struct ndis_object_header) ||
	    info->in[0] != NDIS_OBJECT_RSS_CAPABILITIES)
		return NDIS_STATUS_INVALID_DATA;
	rss.header.type = NDIS_OBJECT_RSS_CAPABILITIES;
	rss.header.revision = 2;
	put_le16(&rss.header.size, sizeof(rss));
	put_le32(&rss.flags,
		 NDIS_RSS_CAP_TCP4 | NDIS_RSS_CAP_TCP6 | NDIS_RSS_CAP_TCP6_EX | NDIS_RSS_CAP_MSIX);
	put_le32(&rss.interrupt_messages, host->receive_queues);
	put_le32(&rss.receive_queues, host->receive_queues);
	put_le16(&rss.indirection_entries, RNDIS_HOST_RSS_ENTRIES);
	info_put(info, &rss, sizeof(rss));
	return NDIS_STATUS_SUCCESS;
}

static uint32_t rndis_query(struct rndis_host *host, uint32_t oid, struct rndis_info *info)
{
	switch (oid) {
	case NDIS_OID_SUPPORTED_LIST:
		info_put_supported(info);
		break;
	case NDIS_OID_HARDWARE_STATUS:
	case NDIS_OID_MEDIA_SUPPORTED:
	case NDIS_OID_MEDIA_IN_USE:
	case NDIS_OID_MAC_OPTIONS:
		info_put_u32(info, 0);
		break;
	case NDIS_OID_802_3_MAXIMUM_LIST_SIZE:
		info_put_u32(info, RNDIS_HOST_GROUPS);
		break;
	case NDIS_OID_802_3_MULTICAST_LIST:
		info_put(info, host->groups, host->nr_groups * sizeof(host->groups[0]));
		break;
	case NDIS_OID_MAXIMUM_FRAME_SIZE:
		info_put_u32(info, host->mtu);
		break;
	case NDIS_OID_MAXIMUM_LOOKAHEAD:
	case NDIS_OID_CURRENT_LOOKAHEAD:
	case NDIS_OID_TRANSMIT_BLOCK_SIZE:
	case NDIS_OID_RECEIVE_BLOCK_SIZE:
	case NDIS_OID_MAXIMUM_TOTAL_SIZE:
		info_put_u32(info, host->mtu + ETH_HEADER);
		break;
	case NDIS_OID_LINK_SPEED:
		info_put_u32(info, host->link_speed_100bps);
		break;
	case NDIS_OID_TRANSMIT_BUFFER_SPACE:
	case NDIS_OID_RECEIVE_BUFFER_SPACE:
		info_put_u32(info, 256 << 10);
		break;
	case NDIS_OID_VENDOR_ID:
		info_put_u32(info, 0xffffff);
		break;
	case NDIS_OID_VENDOR_DESCRIPTION:
		info_put(info, RNDIS_VENDOR, sizeof(RNDIS_VENDOR));
		break;
	case NDIS_OID_CURRENT_PACKET_FILTER:
		info_put_u32(info, host->filter);
		break;
	case NDIS_OID_DRIVER_VERSION:
		put_le16(info->out, 0x0600);
		info->out_bytes = 2;
		break;
	case NDIS_OID_VENDOR_DRIVER_VERSION:
		info_put_u32(info, 0x00010000);
		break;
	case NDIS_OID_MEDIA_CONNECT_STATUS:
		info_put_u32(info, host->link_up ? NDIS_MEDIA_CONNECTED : NDIS_MEDIA_DISCONNECTED);
		break;
	case NDIS_OID_MAXIMUM_SEND_PACKETS:
		info_put_u32(info, RNDIS_HOST_PACKETS_PER_MESSAGE);
		break;
	case NDIS_OID_FRIENDLY_NAME:
		info_put(info, RNDIS_NAME, sizeof(RNDIS_NAME) - 2);
		break;
	case NDIS_OID_802_3_PERMANENT_ADDRESS:
		info_put(info, host->mac_permanent, sizeof(host->mac_permanent));
		break;
	case NDIS_OID_802_3_CURRENT_ADDRESS:
		info_put(info, host->mac, sizeof(host->mac));
		break;
	case NDIS_OID_TCP_OFFLOAD_CAPABILITIES:
		return query_offload(host, info, false);
	case NDIS_OID_TCP_OFFLOAD_CURRENT_CONFIG:
		return query_offload(host, info, true);
	case NDIS_OID_RSS_CAPABILITIES:
		return query_rss(host, info);
	default:
		return NDIS_STATUS_NOT_SUPPORTED;
	}
	return NDIS_STATUS_SUCCESS;
}

/* A checksum field of the offload parameters. Return: false if it is no legal value. */
static bool set_checksum(uint8_t value, bool supported, bool *tx, bool *rx)
{
	if (value > NDIS_PARAM_CSUM_BOTH)
		return false;
	if (value == NDIS_PARAM_NO_CHANGE)
		return true;
	*tx = supported && (value == NDIS_PARAM_CSUM_TX || value == NDIS_PARAM_CSUM_BOTH);
	*rx = supported && (value == NDIS_PARAM_CSUM_RX || value == NDIS_PARAM_CSUM_BOTH);
	return true;
}

static bool set_switch(uint8_t value, bool *on)
{
	if (value > NDIS_PARAM_ON)
		return false;
	if (value != NDIS_PARAM_NO_CHANGE)
		*on = value == NDIS_PARAM_ON;
	return true;
}

static uint32_t set_offload(struct rndis_host *host, const struct rndis_info *info)
{
	struct ndis_offload_parameters parameters = { 0 };
	struct rndis_offloads on = host->offloads;
	uint32_t size;

	if (info->in_bytes < NDIS_OFFLOAD_PARAMETERS_BYTES_REV1)
		return NDIS_STATUS_INVALID_DATA;
	size = info->in_bytes < sizeof(parameters) ? info->in_bytes : (uint32_t)sizeof(parameters);
	memcpy(&parameters, info->in, size);
	if (parameters.header.type != NDIS_OBJECT_DEFAULT || !parameters.header.revision ||
	    get_le16(&parameters.header.size) < NDIS_OFFLOAD_PARAMETERS_BYTES_REV1 ||
	    get_le16(&parameters.header.size) > info->in_bytes)
		return NDIS_STATUS_INVALID_DATA;
	if (!set_checksum(parameters.ip4_header_csum, true, &on.tx_ip4_header, &on.rx_ip4_header) ||
	    !set_checksum(parameters.tcp4_csum, true, &on.tx_tcp4, &on.rx_tcp4) ||
	    !set_checksum(parameters.tcp6_csum, true, &on.tx_tcp6, &on.rx_tcp6) ||
	    !set_checksum(parameters.udp4_csum, rndis_has_udp(host), &on.tx_udp4, &on.rx_udp4) ||
	    !set_checksum(parameters.udp6_csum, rndis_has_udp(host), &on.tx_udp6, &on.rx_udp6) ||
	    !set_switch(parameters.lsov2_ip4, &on.lso4) ||
	    !set_switch(parameters.lsov2_ip6, &on.lso6) ||
	    !set_switch(parameters.rsc_ip4, &on.rsc4) || !set_switch(parameters.rsc_ip6, &on.rsc6))
		return NDIS_STATUS_INVALID_DATA;
	if (!host->can_coalesce && (on.rsc4 || on.rsc6))
		return NDIS_STATUS_NOT_SUPPORTED;
	host->offloads = on;
	host->offloads_set = true;
	return NDIS_STATUS_SUCCESS;
}

static uint32_t set_rss(struct rndis_host *host, const struct rndis_info *info)
{
	struct ndis_rss_parameters parameters;
	struct rss rss = { .on = true };
	uint32_t at, bytes, i;

	if (info->in_bytes < sizeof(parameters))
		return NDIS_STATUS_INVALID_DATA;
	memcpy(&parameters, info->in, sizeof(parameters));
	if (parameters.header.type != NDIS_OBJECT_RSS_PARAMETERS)
		return NDIS_STATUS_INVALID_DATA;
	if (get_le16(&parameters.flags) & NDIS_RSS_DISABLE) {
		host->rss.on = false;
		return NDIS_STATUS_SUCCESS;
	}
	/* The flags that say what is unchanged are not looked at: hosts want everything each time. */
	rss.hash_info = get_le32(&parameters.hash_info);
	at = get_le32(&parameters.key_offset);
	if (get_le16(&parameters.key_bytes) != NDIS_RSS_KEY_BYTES || at > info->in_bytes ||
	    info->in_bytes - at < NDIS_RSS_KEY_BYTES)
		return NDIS_STATUS_INVALID_DATA;
	memcpy(rss.key, info->in + at, sizeof(rss.key));
	at = get_le32(&parameters.table_offset);
	bytes = get_le16(&parameters.table_bytes);
	if (!bytes || bytes % 4 || bytes / 4 > RSS_ENTRIES_MAX || at > info->in_bytes ||
	    info->in_bytes - at < bytes)
		return NDIS_STATUS_INVALID_DATA;
	rss.entries = bytes / 4;
	for (i = 0; i < rss.entries; i++) {
		uint32_t queue = get_le32(info->in + at + 4 * i);

		if (queue >= host->receive_queues)
			return NDIS_STATUS_INVALID_DATA;
		rss.table[i] = (uint16_t)queue;
	}
	host->rss = rss;
	return NDIS_STATUS_SUCCESS;
}

/* The whole list each time; none is a list, too. */
static uint32_t set_groups(struct rndis_host *host, const struct rndis_info *info)
{
	uint32_t i;

	if (info->in_bytes % 6 || info->in_bytes / 6 > RNDIS_HOST_GROUPS)
		return NDIS_STATUS_INVALID_DATA;
	for (i = 0; i < info->in_bytes; i += 6)
		if (!(info->in[i] & 1))
			return NDIS_STATUS_INVALID_DATA;
	if (info->in_bytes)
		memcpy(host->groups, info->in, info->in_bytes);
	host->nr_groups = info->in_bytes / 6;
	return NDIS_STATUS_SUCCESS;
}

static int hex_digit(uint16_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

/* The only parameter known is the address: 12 hexadecimal digits as text. */
static uint32_t set_config(struct rndis_host *host, const struct rndis_info *info)
{
	static const char16_t name[] = u"NetworkAddress";
	struct rndis_config_parameter parameter;
	uint32_t at, bytes;
	uint8_t mac[6];
	int i, digit;

	if (info->in_bytes < sizeof(parameter))
		return NDIS_STATUS_INVALID_DATA;
	memcpy(&parameter, info->in, sizeof(parameter));
	at = get_le32(&parameter.name_offset);
	bytes = get_le32(&parameter.name_length);
	if (at > info->in_bytes || bytes > info->in_bytes - at)
		return NDIS_STATUS_INVALID_DATA;
	if (bytes != sizeof(name) - 2 || memcmp(info->in + at, name, bytes))
		return NDIS_STATUS_NOT_SUPPORTED;
	at = get_le32(&parameter.value_offset);
	bytes = get_le32(&parameter.value_length);
	if (get_le32(&parameter.type) != RNDIS_CONFIG_TYPE_STRING || bytes != 24 ||
	    at > info->in_bytes || bytes > info->in_bytes - at)
		return NDIS_STATUS_INVALID_DATA;
	memset(mac, 0, sizeof(mac));
	for (i = 0; i < 12; i++) {
		digit = hex_digit(get_le16(info->in + at + 2 * i));
		if (digit < 0)
			return NDIS_STATUS_INVALID_DATA;
		mac[i / 2] = (uint8_t)(mac[i / 2] << 4 | digit);
	}
	if (mac[0] & 1)
		return NDIS_STATUS_INVALID_DATA;
	memcpy(host->mac, mac, sizeof(mac));
	return NDIS_STATUS_SUCCESS;
}

static uint32_t rndis_set(struct rndis_host *host, uint32_t oid, const struct rndis_info *info)
{
	switch (oid) {
	case NDIS_OID_CURRENT_PACKET_FILTER:
		if (info->in_bytes < 4)
			return NDIS_STATUS_INVALID_DATA;
		host->filter = get_le32(info->in);
		return NDIS_STATUS_SUCCESS;
	case NDIS_OID_CURRENT_LOOKAHEAD:
	case NDIS_OID_PROTOCOL_OPTIONS:
	case NDIS_OID_NETWORK_LAYER_ADDRESSES:
		return NDIS_STATUS_SUCCESS;
	case NDIS_OID_TCP_OFFLOAD_PARAMETERS:
		return set_offload(host, info);
	case NDIS_OID_RSS_PARAMETERS:
		return set_rss(host, info);
	case NDIS_OID_802_3_MULTICAST_LIST:
		return set_groups(host, info);
	case NDIS_OID_RNDIS_CONFIG_PARAMETER:
		return set_config(host, info);
	default:
		return NDIS_STATUS_NOT_SUPPORTED;
	}
}

static int answer_initialize(struct rndis_host *host, const uint8_t *message, uint8_t *answer)
{
	struct rndis_initialize_cmplt cmplt = { 0 };
	struct rndis_initialize request;
	uint32_t status = NDIS_STATUS_SUCCESS;

	memcpy(&request, message, sizeof(request));
	if (get_le32(&request.major) != 1)
		status = NDIS_STATUS_BAD_VERSION;
	put_le32(&cmplt.header.type, RNDIS_TYPE_INITIALIZE_CMPLT);
	put_le32(&cmplt.header.length, sizeof(cmplt));
	cmplt.request_id = request.request_id;
	put_le32(&cmplt.status, status);
	put_le32(&cmplt.major, 1);
	put_le32(&cmplt.device_flags, 1);
	put_le32(&cmplt.max_packets_per_message, RNDIS_HOST_PACKETS_PER_MESSAGE);
	put_le32(&cmplt.max_transfer_bytes, 0xefffffff);
	put_le32(&cmplt.packet_alignment_factor, RNDIS_HOST_ALIGNMENT_FACTOR);
	memcpy(answer, &cmplt, sizeof(cmplt));
	if (status == NDIS_STATUS_SUCCESS)
		host->initialized = true;
	else
		host->refused++;
	return sizeof(cmplt);
}

static int answer_oid(struct rndis_host *host, const uint8_t *message, uint32_t length,
		      uint8_t *answer, const char **why)
{
	struct rndis_oid_request request;
	struct rndis_query_cmplt cmplt = { 0 };
	struct rndis_info info = { 0 };
	bool query = get_le32(message) == RNDIS_TYPE_QUERY;
	uint32_t at, status;

	memcpy(&request, message, sizeof(request));
	info.in_bytes = get_le32(&request.info_length);
	at = get_le32(&request.info_offset);
	if (info.in_bytes) {
		if (at < RNDIS_OID_REQUEST_INFO_OFFSET || at > length - RNDIS_BODY_OFFSET ||
		    info.in_bytes > length - RNDIS_BODY_OFFSET - at)
			return rndis_bad(why, "information buffer outside the message");
		info.in = message + RNDIS_BODY_OFFSET + at;
	}
	info.out = answer + sizeof(cmplt);
	if (query) {
		host->queries++;
		status = rndis_query(host, get_le32(&request.oid), &info);
	} else {
		host->sets++;
		status = rndis_set(host, get_le32(&request.oid), &info);
	}
	if (status != NDIS_STATUS_SUCCESS) {
		host->refused++;
		info.out_bytes = 0;
	}
	put_le32(&cmplt.header.type, query ? RNDIS_TYPE_QUERY_CMPLT : RNDIS_TYPE_SET_CMPLT);
	put_le32(&cmplt.header.length, query ? (uint32_t)sizeof(cmplt) + info.out_bytes
					     : (uint32_t)sizeof(struct rndis_status_cmplt));
	cmplt.request_id = request.request_id;
	put_le32(&cmplt.status, status);
	if (query) {
		put_le32(&cmplt.info_length, info.out_bytes);
		put_le32(&cmplt.info_offset, RNDIS_QUERY_CMPLT_INFO_OFFSET);
	}
	memcpy(answer, &cmplt, query ? sizeof(cmplt) : sizeof(struct rndis_status_cmplt));
	return (int)get_le32(&cmplt.header.length);
}

static int answer_status(uint32_t type, uint32_t first, uint32_t second, uint8_t *answer)
{
	put_le32(answer, type);
	put_le32(answer + 4, sizeof(struct rndis_status_cmplt));
	put_le32(answer + 8, first);
	put_le32(answer + 12, second);
	return sizeof(struct rndis_status_cmplt);
}

static uint32_t rndis_minimum(uint32_t type)
{
	switch (type) {
	case RNDIS_TYPE_INITIALIZE:
		return sizeof(struct rndis_initialize);
	case RNDIS_TYPE_QUERY:
	case RNDIS_TYPE_SET:
		return sizeof(struct rndis_oid_request);
	case RNDIS_TYPE_HALT:
	case RNDIS_TYPE_KEEPALIVE:
	case RNDIS_TYPE_RESET:
		return sizeof(struct rndis_request);
	default:
		return 0;
	}
}

int rndis_host_request(struct rndis_host *host, const uint8_t *message, size_t bytes,
		       uint8_t *answer, const char **why)
{
	uint32_t type, length;

	if (bytes < sizeof(struct rndis_header))
		return rndis_bad(why, "control message cut short");
	type = get_le32(message);
	length = get_le32(message + 4);
	if (!rndis_minimum(type))
		return rndis_bad(why, "unknown control message");
	if (length > bytes || length < rndis_minimum(type))
		return rndis_bad(why, "control message of a bad length");
	switch (type) {
	case RNDIS_TYPE_INITIALIZE:
		return answer_initialize(host, message, answer);
	case RNDIS_TYPE_HALT:
		rndis_host_reset(host);
		return 0;
	case RNDIS_TYPE_KEEPALIVE:
		return answer_status(RNDIS_TYPE_KEEPALIVE_CMPLT, get_le32(message + 8),
				     NDIS_STATUS_SUCCESS, answer);
	case RNDIS_TYPE_RESET:
		host->filter = 0;
		/* The guest has to set its filter again: "addressing reset". */
		return answer_status(RNDIS_TYPE_RESET_CMPLT, NDIS_STATUS_SUCCESS, 1, answer);
	default:
		if (!host->initialized)
			return rndis_bad(why, "query or set before INITIALIZE");
		return answer_oid(host, message, length, answer, why);
	}
}

size_t rndis_host_indicate(uint32_t status, const void *info, size_t info_bytes, uint8_t *message)
{
	struct rndis_indicate_status indicate = { 0 };

	put_le32(&indicate.header.type, RNDIS_TYPE_INDICATE_STATUS);
	put_le32(&indicate.header.length, (uint32_t)(sizeof(indicate) + info_bytes));
	put_le32(&indicate.status, status);
	put_le32(&indicate.buffer_length, (uint32_t)info_bytes);
	put_le32(&indicate.buffer_offset, info_bytes ? sizeof(indicate) - RNDIS_BODY_OFFSET : 0);
	memcpy(message, &indicate, sizeof(indicate));
	if (info_bytes)
		memcpy(message + sizeof(indicate), info, info_bytes);
	return sizeof(indicate) + info_bytes;
}

static bool rndis_has_group(const struct rndis_host *host, const uint8_t *group)
{
	unsigned int i;

	for (i = 0; i < host->nr_groups; i++)
		if (!memcmp(host->groups[i], group, 6))
			return true;
	return false;
}

bool rndis_host_accepts(const struct rndis_host *host, const uint8_t *frame)
{
	static const uint8_t broadcast[6] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };

	if (host->filter & NDIS_FILTER_PROMISCUOUS)
		return true;
	if (!memcmp(frame, broadcast, sizeof(broadcast)))
		return host->filter & NDIS_FILTER_BROADCAST;
	if (frame[0] & 1) {
		/* A guest that names no group wants them all: so hosts do that have no list. */
		if (host->filter & NDIS_FILTER_ALL_MULTICAST)
			return true;
		return host->filter & NDIS_FILTER_MULTICAST &&
		       (!host->nr_groups || rndis_has_group(host, frame));
	}
	return host->filter & NDIS_FILTER_DIRECTED && !memcmp(frame, host->mac, sizeof(host->mac));
}
