// SPDX-License-Identifier: GPL-2.0
/*
 * NDIS offload capabilities to netdev features, and to the parameters that switch them on. Pure: no allocation, no lock,
 * no net_device. NDIS_OFFLOAD revisions 1 to 3, NDIS_OFFLOAD_PARAMETERS.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include <hyperv/nvsp.h>

#include "offload.h"

/* What a checksum engine must take before the stack may count on it: options in both headers */
#define NETVSC_CSUM4_NEEDS	(NDIS_CSUM_TCP_OPTIONS | NDIS_CSUM_TCP)
#define NETVSC_CSUM6_NEEDS	(NDIS_CSUM_IP_OPTIONS | NDIS_CSUM_TCP_OPTIONS | NDIS_CSUM_TCP)
#define NETVSC_LSO6_NEEDS	(NDIS_LSO_IPV6_EXTENSION_HEADERS | NDIS_LSO_IPV6_TCP_OPTIONS)

/* Largest packet the stack can hand down */
#define NETVSC_GSO_MAX_BYTES	65536u
/* A large send must be worth one: two segments of a common MTU */
#define NETVSC_GSO_MIN_BYTES	3000u
/* Segments the stack makes at the least; a host that wants more gets no large sends */
#define NETVSC_GSO_MIN_SEGMENTS	2u

/**
 * netvsc_offload_query() - the capability query: hosts refuse one without an object header
 * @nvsp_version: negotiated NVSP version
 * @query:	zeroed and filled
 *
 * Return: bytes of the query.
 */
u32 netvsc_offload_query(u32 nvsp_version, struct ndis_offload *query)
{
	u32 bytes;

	memset(query, 0, sizeof(*query));
	query->header.type = NDIS_OBJECT_OFFLOAD;
	if (nvsp_version >= NVSP_VERSION_5) {
		query->header.revision = 3;
		bytes = NDIS_OFFLOAD_BYTES_REV3;
	} else if (nvsp_version >= NVSP_VERSION_4) {
		query->header.revision = 2;
		bytes = NDIS_OFFLOAD_BYTES_REV2;
	} else {
		query->header.revision = 1;
		bytes = NDIS_OFFLOAD_BYTES_REV1;
	}
	query->header.size = cpu_to_le16(bytes);
	return bytes;
}

static bool netvsc_has_all(__le32 flags, u32 wanted)
{
	return (le32_to_cpu(flags) & wanted) == wanted;
}

static u32 netvsc_csum_bits(const struct ndis_csum_offload *csum)
{
	u32 bits = 0;

	if (netvsc_has_all(csum->ip4_tx_flags, NETVSC_CSUM4_NEEDS)) {
		bits |= NETVSC_OFFLOAD_TCP4;
		if (netvsc_has_all(csum->ip4_tx_flags, NDIS_CSUM_UDP))
			bits |= NETVSC_OFFLOAD_UDP4;
	}
	if (netvsc_has_all(csum->ip6_tx_flags, NETVSC_CSUM6_NEEDS)) {
		bits |= NETVSC_OFFLOAD_TCP6;
		if (netvsc_has_all(csum->ip6_tx_flags, NDIS_CSUM_UDP))
			bits |= NETVSC_OFFLOAD_UDP6;
	}
	if (netvsc_has_all(csum->ip4_rx_flags, NDIS_CSUM_TCP))
		bits |= NETVSC_OFFLOAD_RX_TCP4;
	if (netvsc_has_all(csum->ip4_rx_flags, NDIS_CSUM_UDP))
		bits |= NETVSC_OFFLOAD_RX_UDP4;
	if (netvsc_has_all(csum->ip6_rx_flags, NDIS_CSUM_TCP))
		bits |= NETVSC_OFFLOAD_RX_TCP6;
	if (netvsc_has_all(csum->ip6_rx_flags, NDIS_CSUM_UDP))
		bits |= NETVSC_OFFLOAD_RX_UDP6;
	return bits;
}

static bool netvsc_lso_is_usable(__le32 encapsulation, __le32 max_bytes, __le32 min_segments)
{
	return netvsc_has_all(encapsulation, NDIS_ENCAPSULATION_8023) &&
	       le32_to_cpu(max_bytes) >= NETVSC_GSO_MIN_BYTES &&
	       le32_to_cpu(min_segments) <= NETVSC_GSO_MIN_SEGMENTS;
}

static void netvsc_parse_lso(const struct ndis_lsov2_offload *lso, struct netvsc_offload *offload)
{
	/* Large sends leave their checksum to the host. */
	if ((offload->bits & NETVSC_OFFLOAD_TCP4) &&
	    netvsc_lso_is_usable(lso->ip4_encapsulation, lso->ip4_max_bytes, lso->ip4_min_segments)) {
		offload->bits |= NETVSC_OFFLOAD_TSO4;
		offload->gso_max_bytes = min(offload->gso_max_bytes, le32_to_cpu(lso->ip4_max_bytes));
	}
	if ((offload->bits & NETVSC_OFFLOAD_TCP6) && netvsc_has_all(lso->ip6_options, NETVSC_LSO6_NEEDS) &&
	    netvsc_lso_is_usable(lso->ip6_encapsulation, lso->ip6_max_bytes, lso->ip6_min_segments)) {
		offload->bits |= NETVSC_OFFLOAD_TSO6;
		offload->gso_max_bytes = min(offload->gso_max_bytes, le32_to_cpu(lso->ip6_max_bytes));
	}
}

/**
 * netvsc_offload_parse() - read the host's capabilities
 * @caps:	private copy of the answer, zero behind @bytes
 * @bytes:	bytes of it that were received
 * @nvsp_version: negotiated NVSP version
 * @offload:	what can be used; nothing on failure
 *
 * Return: 0, or -EPROTO if it is no NDIS_OFFLOAD object.
 */
int netvsc_offload_parse(const struct ndis_offload *caps, u32 bytes, u32 nvsp_version, struct netvsc_offload *offload)
{
	u32 size = min_t(u32, bytes, le16_to_cpu(caps->header.size));

	offload->bits = 0;
	offload->gso_max_bytes = NETVSC_GSO_MAX_BYTES;
	if (caps->header.type != NDIS_OBJECT_OFFLOAD || !caps->header.revision || size < NDIS_OFFLOAD_BYTES_REV1)
		return -EPROTO;
	offload->bits = netvsc_csum_bits(&caps->csum);
	netvsc_parse_lso(&caps->lsov2, offload);
	/* The parameters of older versions have no say over UDP. */
	if (nvsp_version < NVSP_VERSION_5)
		offload->bits &= ~(NETVSC_OFFLOAD_UDP4 | NETVSC_OFFLOAD_UDP6);
	if (caps->header.revision >= 3 && size >= NDIS_OFFLOAD_BYTES_REV3 && caps->rsc_ip4 && caps->rsc_ip6)
		offload->bits |= NETVSC_OFFLOAD_RSC;
	return 0;
}

static u8 netvsc_csum_param(u32 bits, u32 tx, u32 rx)
{
	if ((bits & tx) && (bits & rx))
		return NDIS_PARAM_CSUM_BOTH;
	if (bits & tx)
		return NDIS_PARAM_CSUM_TX;
	if (bits & rx)
		return NDIS_PARAM_CSUM_RX;
	return NDIS_PARAM_CSUM_OFF;
}

/**
 * netvsc_offload_parameters() - the setting that switches on everything we can use
 * @offload:	capabilities; no bits: everything off
 * @nvsp_version: negotiated NVSP version
 * @rsc:	whether to coalesce on receive, where the host can
 * @params:	zeroed and filled
 *
 * Return: bytes of the setting.
 */
u32 netvsc_offload_parameters(const struct netvsc_offload *offload, u32 nvsp_version, bool rsc,
			      struct ndis_offload_parameters *params)
{
	u32 bits = offload->bits;
	u32 bytes = NDIS_OFFLOAD_PARAMETERS_BYTES_REV3;

	memset(params, 0, sizeof(*params));
	/* The stack computes the IPv4 header's checksum anyway. */
	params->ip4_header_csum = NDIS_PARAM_CSUM_OFF;
	params->tcp4_csum = netvsc_csum_param(bits, NETVSC_OFFLOAD_TCP4, NETVSC_OFFLOAD_RX_TCP4);
	params->tcp6_csum = netvsc_csum_param(bits, NETVSC_OFFLOAD_TCP6, NETVSC_OFFLOAD_RX_TCP6);
	params->lsov2_ip4 = bits & NETVSC_OFFLOAD_TSO4 ? NDIS_PARAM_ON : NDIS_PARAM_OFF;
	params->lsov2_ip6 = bits & NETVSC_OFFLOAD_TSO6 ? NDIS_PARAM_ON : NDIS_PARAM_OFF;
	if (nvsp_version >= NVSP_VERSION_5) {
		params->udp4_csum = netvsc_csum_param(bits, NETVSC_OFFLOAD_UDP4, NETVSC_OFFLOAD_RX_UDP4);
		params->udp6_csum = netvsc_csum_param(bits, NETVSC_OFFLOAD_UDP6, NETVSC_OFFLOAD_RX_UDP6);
		if (bits & NETVSC_OFFLOAD_RSC) {
			params->rsc_ip4 = rsc ? NDIS_PARAM_ON : NDIS_PARAM_OFF;
			params->rsc_ip6 = params->rsc_ip4;
		}
	} else {
		bytes = NDIS_OFFLOAD_PARAMETERS_BYTES_REV2;
	}
	params->header.type = NDIS_OBJECT_DEFAULT;
	params->header.revision = 3;	/* what hosts of every version accept */
	params->header.size = cpu_to_le16(bytes);
	return bytes;
}

/**
 * netvsc_offload_rsc_parameters() - the setting that changes coalescing and nothing else
 * @rsc:	whether to coalesce on receive
 * @params:	zeroed and filled
 *
 * Return: bytes of the setting.
 */
u32 netvsc_offload_rsc_parameters(bool rsc, struct ndis_offload_parameters *params)
{
	memset(params, 0, sizeof(*params));
	params->rsc_ip4 = rsc ? NDIS_PARAM_ON : NDIS_PARAM_OFF;
	params->rsc_ip6 = params->rsc_ip4;
	params->header.type = NDIS_OBJECT_DEFAULT;
	params->header.revision = 3;
	params->header.size = cpu_to_le16(NDIS_OFFLOAD_PARAMETERS_BYTES_REV3);
	return NDIS_OFFLOAD_PARAMETERS_BYTES_REV3;
}

/**
 * netvsc_offload_features() - netdev features that capabilities allow
 * @offload:	capabilities the host has accepted to be set
 *
 * Return: NETIF_F_* the user may switch on and off.
 */
netdev_features_t netvsc_offload_features(const struct netvsc_offload *offload)
{
	netdev_features_t features = 0;

	/* The stack does not ask for TCP and UDP apart: where the host has only TCP, UDP is computed before sending. */
	if (offload->bits & NETVSC_OFFLOAD_TX_CSUM4)
		features |= NETIF_F_IP_CSUM;
	if (offload->bits & NETVSC_OFFLOAD_TX_CSUM6)
		features |= NETIF_F_IPV6_CSUM;
	if (offload->bits & NETVSC_OFFLOAD_TSO4)
		features |= NETIF_F_TSO;
	if (offload->bits & NETVSC_OFFLOAD_TSO6)
		features |= NETIF_F_TSO6;
	if (offload->bits & NETVSC_OFFLOAD_RSC)
		features |= NETIF_F_LRO;
	return features;
}
