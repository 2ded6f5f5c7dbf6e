// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of receive-side scaling: the hashes that Microsoft published to verify an implementation
 * (NDIS, "Verifying the RSS Hash Calculation"), and which part of a frame is hashed.
 */
#include <arpa/inet.h>
#include <string.h>

#include <hyperv/ndis.h>

#include "../devices/bytes.h"
#include "../devices/rss_hash.h"
#include "../hyperv/util.h"
#include "dev_unit.h"

static const uint8_t key[RSS_KEY_BYTES] = {
	0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2, 0x41, 0x67, 0x25, 0x3d, 0x43, 0xa3,
	0x8f, 0xb0, 0xd0, 0xca, 0x2b, 0xcb, 0xae, 0x7b, 0x30, 0xb4, 0x77, 0xcb, 0x2d, 0xa3,
	0x80, 0x30, 0xf2, 0x0c, 0x6a, 0x42, 0xb7, 0x3b, 0xbe, 0xac, 0x01, 0xfa,
};

struct rss_case {
	const char *to;
	uint16_t to_port;
	const char *from;
	uint16_t from_port;
	uint32_t ip, tcp;
};

static const struct rss_case cases4[] = {
	{ "161.142.100.80", 1766, "66.9.149.187", 2794, 0x323e8fc2, 0x51ccc178 },
	{ "65.69.140.83", 4739, "199.92.111.2", 14230, 0xd718262a, 0xc626b0ea },
	{ "12.22.207.184", 38024, "24.19.198.95", 12898, 0xd2d0a5de, 0x5c2b394a },
	{ "209.142.163.6", 2217, "38.27.205.30", 48228, 0x82989176, 0xafc7327f },
	{ "202.188.127.2", 1303, "153.39.163.191", 44251, 0x5d1809c5, 0x10e828a2 },
};

static const struct rss_case cases6[] = {
	{ "3ffe:2501:200:3::1", 1766, "3ffe:2501:200:1fff::7", 2794, 0x2cc18cd5, 0x40207d3d },
	{ "ff02::1", 4739, "3ffe:501:8::260:97ff:fe40:efab", 14230, 0x0f0c461c, 0xdde51bbf },
	{ "fe80::200:f8ff:fe21:67cf", 38024, "3ffe:1900:4545:3:200:f8ff:fe21:67cf", 44251,
	  0x4b61e985, 0x02d1feef },
};

static struct rss rss_of(uint32_t types)
{
	struct rss rss = { .on = true, .hash_info = NDIS_HASH_TOEPLITZ | types, .entries = 128 };
	unsigned int i;

	memcpy(rss.key, key, sizeof(key));
	for (i = 0; i < rss.entries; i++)
		rss.table[i] = (uint16_t)(i % 4);
	return rss;
}

static size_t make_frame(uint8_t frame[80], const struct rss_case *c, bool ipv6, uint8_t protocol)
{
	uint8_t *ip = frame + 14, *l4 = ip + (ipv6 ? 40 : 20);

	memset(frame, 0, 80);
	put_be16(frame + 12, ipv6 ? 0x86dd : 0x0800);
	if (ipv6) {
		ip[0] = 0x60;
		ip[6] = protocol;
		inet_pton(AF_INET6, c->from, ip + 8);
		inet_pton(AF_INET6, c->to, ip + 24);
	} else {
		ip[0] = 0x45;
		ip[9] = protocol;
		inet_pton(AF_INET, c->from, ip + 12);
		inet_pton(AF_INET, c->to, ip + 16);
	}
	put_be16(l4, c->from_port);
	put_be16(l4 + 2, c->to_port);
	return 80;
}

static void published_hashes_come_out(void)
{
	struct rss ip = rss_of(NDIS_HASH_IP4 | NDIS_HASH_IP6);
	struct rss tcp = rss_of(NDIS_HASH_IP4 | NDIS_HASH_TCP4 | NDIS_HASH_IP6 | NDIS_HASH_TCP6);
	uint8_t frame[80];
	uint32_t hash;
	unsigned int i;
	size_t bytes;

	for (i = 0; i < ARRAY_SIZE(cases4); i++) {
		bytes = make_frame(frame, &cases4[i], false, 6);
		CHECK_EQ(rss_hash_frame(&ip, frame, bytes, &hash), NDIS_HASH_IP4);
		CHECK_EQ(hash, cases4[i].ip);
		CHECK_EQ(rss_hash_frame(&tcp, frame, bytes, &hash), NDIS_HASH_TCP4);
		CHECK_EQ(hash, cases4[i].tcp);
	}
	for (i = 0; i < ARRAY_SIZE(cases6); i++) {
		bytes = make_frame(frame, &cases6[i], true, 6);
		CHECK_EQ(rss_hash_frame(&ip, frame, bytes, &hash), NDIS_HASH_IP6);
		CHECK_EQ(hash, cases6[i].ip);
		CHECK_EQ(rss_hash_frame(&tcp, frame, bytes, &hash), NDIS_HASH_TCP6);
		CHECK_EQ(hash, cases6[i].tcp);
	}
	CHECK_EQ(rss_queue(&tcp, 130), 2);
}

static void what_has_no_ports_is_hashed_without(void)
{
	struct rss rss = rss_of(NDIS_HASH_IP4 | NDIS_HASH_TCP4);
	uint8_t frame[80];
	uint32_t hash;

	/* UDP, which is not asked for; a fragment; too short for ports. */
	make_frame(frame, &cases4[0], false, 17);
	CHECK_EQ(rss_hash_frame(&rss, frame, 80, &hash), NDIS_HASH_IP4);
	CHECK_EQ(hash, cases4[0].ip);
	make_frame(frame, &cases4[0], false, 6);
	frame[14 + 6] = 0x20;
	CHECK_EQ(rss_hash_frame(&rss, frame, 80, &hash), NDIS_HASH_IP4);
	frame[14 + 6] = 0x40;
	CHECK_EQ(rss_hash_frame(&rss, frame, 80, &hash), NDIS_HASH_TCP4);
	CHECK_EQ(rss_hash_frame(&rss, frame, 37, &hash), NDIS_HASH_IP4);
	CHECK_EQ(rss_hash_frame(&rss, frame, 33, &hash), 0);
	frame[14] = 0x4f;
	CHECK_EQ(rss_hash_frame(&rss, frame, 70, &hash), NDIS_HASH_IP4);
	/* Neither asked for, no function, not IP. */
	rss.hash_info = NDIS_HASH_TOEPLITZ | NDIS_HASH_IP6;
	CHECK_EQ(rss_hash_frame(&rss, frame, 80, &hash), 0);
	rss.hash_info = NDIS_HASH_IP4;
	CHECK_EQ(rss_hash_frame(&rss, frame, 80, &hash), 0);
	rss.hash_info |= NDIS_HASH_TOEPLITZ;
	put_be16(frame + 12, 0x0806);
	CHECK_EQ(rss_hash_frame(&rss, frame, 80, &hash), 0);
	put_be16(frame + 12, 0x86dd);
	CHECK_EQ(rss_hash_frame(&rss, frame, 80, &hash), 0);
}

static void udp_is_hashed_where_it_is_asked_for(void)
{
	struct rss rss = rss_of(NDIS_HASH_IP4 | NDIS_HASH_UDP4);
	uint8_t frame[80];
	uint32_t hash;

	make_frame(frame, &cases4[1], false, 17);
	CHECK_EQ(rss_hash_frame(&rss, frame, 80, &hash), NDIS_HASH_UDP4);
	CHECK_EQ(hash, cases4[1].tcp);
}

static const struct unit_case cases[] = {
	UNIT_CASE(published_hashes_come_out),
	UNIT_CASE(what_has_no_ports_is_hashed_without),
	UNIT_CASE(udp_is_hashed_where_it_is_asked_for),
};

int main(void)
{
	return unit_main(cases, ARRAY_SIZE(cases));
}
