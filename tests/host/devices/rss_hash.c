// SPDX-License-Identifier: GPL-2.0
/*
 * Toeplitz hash and choice of the receive queue. Which of addresses and ports count follows the
 * hash types the guest has set: the transport's if the frame has one and is no fragment, else the
 * IP version's.
 */
#include "rss_hash.h"

#include <string.h>

#include <hyperv/ndis.h>

#include "bytes.h"

#define ETH_HEADER    14
#define ETH_TYPE_IPV4 0x0800
#define ETH_TYPE_IPV6 0x86dd
#define IPV4_HEADER   20
#define IPV6_HEADER   40
#define IP_TCP	      6
#define IP_UDP	      17

uint32_t rss_toeplitz(const uint8_t *key, const uint8_t *input, size_t bytes)
{
	uint32_t window = get_be32(key), hash = 0;
	size_t i;
	int bit;

	for (i = 0; i < bytes; i++) {
		for (bit = 7; bit >= 0; bit--) {
			if (input[i] >> bit & 1)
				hash ^= window;
			window = window << 1 | (uint32_t)(key[i + 4] >> bit & 1);
		}
	}
	return hash;
}

/* Return: the type with ports that fits, 0 if the guest does not want it. */
static uint32_t rss_port_type(const struct rss *rss, bool ipv6, uint8_t protocol)
{
	uint32_t type = 0;

	if (protocol == IP_TCP)
		type = ipv6 ? NDIS_HASH_TCP6 : NDIS_HASH_TCP4;
	else if (protocol == IP_UDP)
		type = ipv6 ? NDIS_HASH_UDP6 : NDIS_HASH_UDP4;
	return type & rss->hash_info;
}

uint32_t rss_hash_frame(const struct rss *rss, const uint8_t *frame, size_t bytes, uint32_t *hash)
{
	uint8_t input[36];
	size_t n, l4;
	bool ipv6, fragment = false;
	uint8_t protocol;
	uint32_t type;

	if (!(rss->hash_info & NDIS_HASH_TOEPLITZ) || bytes < ETH_HEADER + IPV4_HEADER)
		return 0;
	ipv6 = get_be16(frame + 12) == ETH_TYPE_IPV6;
	if (ipv6) {
		if (bytes < ETH_HEADER + IPV6_HEADER || frame[ETH_HEADER] >> 4 != 6)
			return 0;
		n = 32;
		memcpy(input, frame + ETH_HEADER + 8, n);
		protocol = frame[ETH_HEADER + 6];
		l4 = ETH_HEADER + IPV6_HEADER;
	} else {
		if (get_be16(frame + 12) != ETH_TYPE_IPV4 || frame[ETH_HEADER] >> 4 != 4)
			return 0;
		n = 8;
		memcpy(input, frame + ETH_HEADER + 12, n);
		protocol = frame[ETH_HEADER + 9];
		l4 = ETH_HEADER + (size_t)(frame[ETH_HEADER] & 0xf) * 4;
		/* Later fragments have no ports, so that all go one way none may count them. */
		fragment = get_be16(frame + ETH_HEADER + 6) & 0x3fff;
	}
	type = rss_port_type(rss, ipv6, protocol);
	if (type && !fragment && l4 >= ETH_HEADER + IPV4_HEADER && bytes >= l4 + 4) {
		memcpy(input + n, frame + l4, 4);
		n += 4;
	} else {
		type = rss->hash_info & (ipv6 ? NDIS_HASH_IP6 : NDIS_HASH_IP4);
	}
	if (type)
		*hash = rss_toeplitz(rss->key, input, n);
	return type;
}

unsigned int rss_queue(const struct rss *rss, uint32_t hash)
{
	return rss->table[hash % rss->entries];
}
