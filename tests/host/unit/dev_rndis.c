// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of what a NIC does to bytes: RNDIS packet messages taken apart and built, checksums and
 * large sends in software, and the answers to RNDIS control messages. Expected bytes are written
 * out by hand or recomputed the slow way.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <hyperv/ndis.h>
#include <hyperv/rndis.h>

#include "../devices/bytes.h"
#include "../devices/offload_sw.h"
#include "../devices/rndis_host.h"
#include "../devices/rndis_packet.h"
#include "dev_unit.h"

/* A message in a heap block of its exact size, so that one byte too far is seen. */
static int parse(const uint8_t *message, size_t bytes, struct rndis_frame *frame)
{
	uint8_t *copy = malloc(bytes ? bytes : 1);
	const char *why = NULL;
	int err;

	memcpy(copy, message, bytes);
	err = rndis_packet_parse(copy, bytes, frame, &why);
	CHECK(!err == !why);
	free(copy);
	return err;
}

/* 44-byte header, one checksum record, 60 bytes of data. */
static void good_message(uint8_t message[120])
{
	memset(message, 0, 120);
	put_le32(message, 1);
	put_le32(message + 4, 120);
	put_le32(message + 8, 52);
	put_le32(message + 12, 60);
	put_le32(message + 28, 36);
	put_le32(message + 32, 16);
	put_le32(message + 44, 16);
	put_le32(message + 52, 12);
	put_le32(message + 56, 0x00220005);
}

static void a_packet_message_is_taken_apart(void)
{
	struct rndis_frame frame;
	uint8_t message[120];

	good_message(message);
	CHECK_EQ(parse(message, sizeof(message), &frame), 0);
	CHECK_EQ(frame.message_bytes, 120);
	CHECK_EQ(frame.header_bytes, 60);
	CHECK_EQ(frame.data_offset, 60);
	CHECK_EQ(frame.data_bytes, 60);
	CHECK(frame.ppis.has_checksum && !frame.ppis.has_lso && !frame.ppis.has_vlan);
	CHECK_EQ(frame.ppis.checksum, 0x00220005);
}

struct patch_case {
	const char *name;
	unsigned int at;
	uint32_t value;
	bool good;
};

static const struct patch_case packet_cases[] = {
	{ "another type", 0, 2, false },
	{ "shorter than the header", 4, 43, false },
	{ "longer than the packet", 4, 121, false },
	{ "length near the top", 4, 0xffffffff, false },
	{ "data one byte too far", 12, 61, false },
	{ "data offset at the end", 8, 112, false },
	{ "data offset wraps", 8, 0xfffffff8, false },
	{ "data length wraps", 12, 0xffffffff, false },
	{ "no data", 12, 0, false },
	{ "data over the records", 8, 36, false },
	{ "data over the header", 8, 20, false },
	{ "out-of-band offset", 16, 36, false },
	{ "out-of-band length", 20, 12, false },
	{ "out-of-band count", 24, 1, false },
	{ "VC handle", 36, 1, false },
	{ "records before the header's end", 28, 32, false },
	{ "records past the end", 28, 112, false },
	{ "records wrap", 32, 0xfffffff0, false },
	{ "record shorter than its header", 44, 8, false },
	{ "record of size 0", 44, 0, false },
	{ "record beyond the area", 44, 20, false },
	{ "record of an odd size", 44, 14, false },
	{ "value before the record's end of header", 52, 8, false },
	{ "value past the record", 52, 13, false },
	{ "value offset wraps", 52, 0xffffffff, false },
	{ "unknown record type", 48, 77, true },
	{ "unknown record of the internal space", 48, 0x80000002, true },
	{ "reserved word", 40, 1, true },
};

static void bad_packet_messages_are_refused(void)
{
	struct rndis_frame frame;
	uint8_t message[120];
	unsigned int i;

	for (i = 0; i < sizeof(packet_cases) / sizeof(packet_cases[0]); i++) {
		good_message(message);
		put_le32(message + packet_cases[i].at, packet_cases[i].value);
		if (!parse(message, sizeof(message), &frame) != packet_cases[i].good) {
			printf("# %s\n", packet_cases[i].name);
			unit_failures++;
		}
	}
	good_message(message);
	for (i = 0; i < sizeof(message); i++)
		CHECK_EQ(parse(message, i, &frame), -EPROTO);
}

static void what_is_built_can_be_taken_apart(void)
{
	struct rndis_ppis ppis = {
		.has_checksum = true,
		.has_vlan = true,
		.has_hash = true,
		.checksum = 0x28,
		.vlan = 0x640,
		.hash = 0x12345678,
	};
	struct rndis_frame frame;
	uint8_t message[200] = { 0 };

	rndis_packet_build(message, 128, 60, 192, &ppis);
	CHECK_EQ(get_le32(message + 28), 36);
	CHECK_EQ(get_le32(message + 32), 48);
	CHECK_EQ(parse(message, 192, &frame), 0);
	CHECK_EQ(frame.data_offset, 128);
	CHECK_EQ(frame.data_bytes, 60);
	CHECK_EQ(frame.message_bytes, 192);
	CHECK_EQ(frame.ppis.checksum, 0x28);
	CHECK_EQ(frame.ppis.vlan, 0x640);
	CHECK_EQ(frame.ppis.hash, 0x12345678);
}

/* --- frames */

static uint8_t out[100][70000];
static size_t out_bytes[100];
static unsigned int nr_out;

static void collect(void *opaque, const uint8_t *frame, size_t bytes)
{
	(void)opaque;
	if (nr_out < 100) {
		memcpy(out[nr_out], frame, bytes);
		out_bytes[nr_out] = bytes;
	}
	nr_out++;
}

static uint16_t slow_sum(const uint8_t *p, size_t bytes, uint32_t sum)
{
	size_t i;

	for (i = 0; i < bytes; i++)
		sum += i % 2 ? p[i] : (uint32_t)p[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

/* 0xffff when the sum over pseudo header and segment is right. */
static uint16_t slow_transport(const uint8_t *frame, size_t bytes)
{
	bool ipv6 = frame[12] == 0x86;
	size_t l4 = ipv6 ? 54 : 14 + (size_t)(frame[14] & 15) * 4;
	uint32_t sum = (uint32_t)(bytes - l4) + (ipv6 ? frame[20] : frame[23]);

	sum += ipv6 ? slow_sum(frame + 22, 32, 0) : slow_sum(frame + 26, 8, 0);
	return slow_sum(frame + l4, bytes - l4, sum);
}

/* An IPv4 or IPv6 frame with TCP or UDP and @payload bytes of data; sums are wrong on purpose. */
static size_t make_frame(uint8_t *frame, bool ipv6, bool tcp, size_t payload)
{
	size_t l4 = ipv6 ? 54 : 34, header = tcp ? 32 : 8, i;

	memset(frame, 0, l4 + header);
	memcpy(frame, "\x00\x15\x5d\x01\x02\x03\x52\x55\x0a\x00\x02\x02", 12);
	put_be16(frame + 12, ipv6 ? 0x86dd : 0x0800);
	if (ipv6) {
		frame[14] = 0x60;
		put_be16(frame + 18, (uint16_t)(header + payload));
		frame[20] = tcp ? 6 : 17;
		frame[21] = 64;
		memset(frame + 22, 0xfe, 16);
		memset(frame + 38, 0xfd, 16);
	} else {
		frame[14] = 0x45;
		put_be16(frame + 16, (uint16_t)(20 + header + payload));
		put_be16(frame + 18, 0xfffe);
		frame[22] = 64;
		frame[23] = tcp ? 6 : 17;
		memcpy(frame + 26, "\x0a\x00\x02\x0f\x0a\x00\x02\x02", 8);
	}
	put_be16(frame + l4, 1234);
	put_be16(frame + l4 + 2, 80);
	if (tcp) {
		put_be32(frame + l4 + 4, 0xfffffff0);
		frame[l4 + 12] = 0x80;
		frame[l4 + 13] = 0x80 | 0x10 | 0x08 | 0x01; /* CWR, ACK, PSH, FIN */
	} else {
		put_be16(frame + l4 + 4, (uint16_t)(header + payload));
	}
	for (i = 0; i < payload; i++)
		frame[l4 + header + i] = (uint8_t)(i * 7 + i / 251);
	return l4 + header + payload;
}

static void checksums_are_completed(void)
{
	static uint8_t frame[2000];
	struct rndis_ppis ppis = { .has_checksum = true };
	const char *why;
	size_t bytes;
	int i;

	for (i = 0; i < 8; i++) {
		bool ipv6 = i & 1, tcp = i & 2;

		bytes = make_frame(frame, ipv6, tcp, i & 4 ? 1001 : 0);
		ppis.checksum = (ipv6 ? RNDIS_TX_CSUM_IS_IPV6 : RNDIS_TX_CSUM_IS_IPV4) |
				(tcp ? RNDIS_TX_CSUM_TCP : RNDIS_TX_CSUM_UDP) |
				RNDIS_TX_CSUM_IP_HEADER |
				(ipv6 ? 54u : 34u) << RNDIS_TX_CSUM_L4_OFFSET_SHIFT;
		nr_out = 0;
		CHECK_EQ(offload_transmit(frame, bytes, &ppis, 1500, collect, NULL, &why), 1);
		CHECK_EQ(nr_out, 1);
		CHECK_EQ(out_bytes[0], bytes);
		CHECK_EQ(slow_transport(out[0], bytes), 0xffff);
		if (!ipv6)
			CHECK_EQ(slow_sum(out[0] + 14, 20, 0), 0xffff);
	}
}

static void checksum_requests_that_do_not_fit_are_refused(void)
{
	static uint8_t frame[2000];
	struct rndis_ppis ppis = { .has_checksum = true };
	const char *why;
	size_t bytes = make_frame(frame, false, true, 10);

	nr_out = 0;
	ppis.checksum = RNDIS_TX_CSUM_IS_IPV6 | RNDIS_TX_CSUM_TCP;
	CHECK_EQ(offload_transmit(frame, bytes, &ppis, 1500, collect, NULL, &why), -EPROTO);
	ppis.checksum = RNDIS_TX_CSUM_IS_IPV4 | RNDIS_TX_CSUM_UDP;
	CHECK_EQ(offload_transmit(frame, bytes, &ppis, 1500, collect, NULL, &why), -EPROTO);
	ppis.checksum = RNDIS_TX_CSUM_IS_IPV4 | RNDIS_TX_CSUM_TCP | 35u << 16;
	CHECK_EQ(offload_transmit(frame, bytes, &ppis, 1500, collect, NULL, &why), -EPROTO);
	ppis.checksum = RNDIS_TX_CSUM_IS_IPV4 | RNDIS_TX_CSUM_TCP | 34u << 16;
	CHECK_EQ(offload_transmit(frame, 34 + 19, &ppis, 1500, collect, NULL, &why), -EPROTO);
	put_be16(frame + 16, 2000); /* longer than the frame */
	CHECK_EQ(offload_transmit(frame, bytes, &ppis, 1500, collect, NULL, &why), -EPROTO);
	put_be16(frame + 16, 19); /* shorter than the header */
	CHECK_EQ(offload_transmit(frame, bytes, &ppis, 1500, collect, NULL, &why), -EPROTO);
	make_frame(frame, false, true, 10);
	frame[14] = 0x4f; /* options beyond the packet */
	put_be16(frame + 16, 40);
	CHECK_EQ(offload_transmit(frame, bytes, &ppis, 1500, collect, NULL, &why), -EPROTO);
	make_frame(frame, false, true, 10);
	frame[46] = 0xf0; /* TCP header beyond the packet */
	CHECK_EQ(offload_transmit(frame, bytes, &ppis, 1500, collect, NULL, &why), -EPROTO);
	make_frame(frame, false, true, 10);
	put_be16(frame + 20, 0x2000); /* first of several fragments */
	CHECK_EQ(offload_transmit(frame, bytes, &ppis, 1500, collect, NULL, &why), -EPROTO);
	CHECK_EQ(nr_out, 0);
}

static void large_sends_are_cut(void)
{
	static uint8_t frame[70000];
	struct rndis_ppis ppis = { .has_lso = true };
	const size_t payload = 10 * 1448 + 77;
	size_t bytes, l4, done, i;
	const char *why;
	int v6;

	for (v6 = 0; v6 < 2; v6++) {
		bytes = make_frame(frame, v6, true, payload);
		l4 = v6 ? 54 : 34;
		/* As guests send it: lengths zero. */
		put_be16(frame + (v6 ? 18 : 16), 0);
		ppis.lso = 1428 | (uint32_t)l4 << RNDIS_LSO_TCP_OFFSET_SHIFT | RNDIS_LSO_V2 |
			   (v6 ? RNDIS_LSO_IPV6 : 0);
		nr_out = 0;
		CHECK_EQ(offload_transmit(frame, bytes, &ppis, 1500, collect, NULL, &why), 11);
		CHECK_EQ(nr_out, 11);
		for (i = 0, done = 0; i < nr_out && i < 100; i++) {
			const uint8_t *f = out[i];
			size_t share = out_bytes[i] - l4 - 32;

			CHECK_EQ(slow_transport(f, out_bytes[i]), 0xffff);
			CHECK_EQ(get_be32(f + l4 + 4), (uint32_t)(0xfffffff0 + done));
			if (v6) {
				CHECK_EQ(get_be16(f + 18), out_bytes[i] - 54);
			} else {
				CHECK_EQ(slow_sum(f + 14, 20, 0), 0xffff);
				CHECK_EQ(get_be16(f + 16), out_bytes[i] - 14);
				CHECK_EQ(get_be16(f + 18), (uint16_t)(0xfffe + i));
			}
			CHECK_EQ(f[l4 + 13], 0x10 | (i == 0 ? 0x80 : 0) | (i == 10 ? 0x09 : 0));
			CHECK(!memcmp(f + l4 + 32, frame + l4 + 32 + done, share));
			done += share;
		}
		CHECK_EQ(done, payload);
	}
}

static void large_sends_that_make_no_sense_are_refused(void)
{
	static uint8_t frame[70000];
	size_t bytes = make_frame(frame, false, true, 5000);
	struct rndis_ppis ppis = { .has_lso = true };
	const char *why;

	nr_out = 0;
	ppis.lso = RNDIS_LSO_V2; /* no segment size */
	CHECK_EQ(offload_transmit(frame, bytes, &ppis, 1500, collect, NULL, &why), -EPROTO);
	ppis.lso = RNDIS_LSO_V2 | 1449; /* segment beyond the MTU */
	CHECK_EQ(offload_transmit(frame, bytes, &ppis, 1500, collect, NULL, &why), -EPROTO);
	ppis.lso = RNDIS_LSO_V2 | 0xfffff;
	CHECK_EQ(offload_transmit(frame, bytes, &ppis, 1500, collect, NULL, &why), -EPROTO);
	ppis.lso = 1000; /* version 1 */
	CHECK_EQ(offload_transmit(frame, bytes, &ppis, 1500, collect, NULL, &why), -EPROTO);
	ppis.lso = RNDIS_LSO_V2 | RNDIS_LSO_IPV6 | 1000;
	CHECK_EQ(offload_transmit(frame, bytes, &ppis, 1500, collect, NULL, &why), -EPROTO);
	ppis.lso = RNDIS_LSO_V2 | 1000 | 30u << 20;
	CHECK_EQ(offload_transmit(frame, bytes, &ppis, 1500, collect, NULL, &why), -EPROTO);
	ppis.lso = RNDIS_LSO_V2 | 1000;
	CHECK_EQ(offload_transmit(frame, 14 + 20 + 19, &ppis, 1500, collect, NULL, &why), -EPROTO);
	frame[46] = 0x40;
	CHECK_EQ(offload_transmit(frame, bytes, &ppis, 1500, collect, NULL, &why), -EPROTO);
	make_frame(frame, false, false, 5000);
	CHECK_EQ(offload_transmit(frame, bytes, &ppis, 1500, collect, NULL, &why), -EPROTO);
	CHECK_EQ(nr_out, 0);
	/* Nothing but headers is one segment. */
	bytes = make_frame(frame, false, true, 0);
	CHECK_EQ(offload_transmit(frame, bytes, &ppis, 1500, collect, NULL, &why), 1);
}

static void received_checksums_are_verified(void)
{
	struct rndis_ppis ppis = { .has_checksum = true };
	static uint8_t frame[2000];
	const char *why;
	size_t bytes;

	bytes = make_frame(frame, false, true, 101);
	CHECK_EQ(offload_receive(frame, bytes), RNDIS_RX_CSUM_IP_FAILED | RNDIS_RX_CSUM_TCP_FAILED);
	ppis.checksum = RNDIS_TX_CSUM_IS_IPV4 | RNDIS_TX_CSUM_TCP | RNDIS_TX_CSUM_IP_HEADER;
	offload_transmit(frame, bytes, &ppis, 1500, collect, NULL, &why);
	CHECK_EQ(offload_receive(frame, bytes), RNDIS_RX_CSUM_IP_GOOD | RNDIS_RX_CSUM_TCP_GOOD);
	frame[100] ^= 1;
	CHECK_EQ(offload_receive(frame, bytes), RNDIS_RX_CSUM_IP_GOOD | RNDIS_RX_CSUM_TCP_FAILED);
	frame[100] ^= 1;
	put_be16(frame + 20, 0x00b9); /* a later fragment: nothing about TCP */
	CHECK_EQ(offload_receive(frame, bytes) & ~(uint32_t)RNDIS_RX_CSUM_IP_FAILED, 0);
	bytes = make_frame(frame, true, false, 3);
	ppis.checksum = RNDIS_TX_CSUM_IS_IPV6 | RNDIS_TX_CSUM_UDP;
	offload_transmit(frame, bytes, &ppis, 1500, collect, NULL, &why);
	CHECK_EQ(offload_receive(frame, bytes), RNDIS_RX_CSUM_UDP_GOOD);
	/* Padding behind the packet does not count. */
	CHECK_EQ(offload_receive(frame, bytes + 9), RNDIS_RX_CSUM_UDP_GOOD);
	bytes = make_frame(frame, false, false, 3);
	CHECK_EQ(offload_receive(frame, bytes), RNDIS_RX_CSUM_IP_FAILED); /* no UDP sum at all */
	put_be16(frame + 12, 0x0806);
	CHECK_EQ(offload_receive(frame, bytes), 0);
	CHECK_EQ(offload_receive(frame, 13), 0);
}

static void random_frames_do_no_harm(void)
{
	unsigned int seed = 2, i;
	uint8_t original[300];
	const char *why;

	for (i = 0; i < 300000; i++) {
		size_t full = make_frame(original, rand_r(&seed) & 1, rand_r(&seed) & 1,
					 rand_r(&seed) % 100);
		size_t bytes = (size_t)rand_r(&seed) % (full + 1), j;
		struct rndis_ppis ppis = {
			.has_checksum = rand_r(&seed) & 1,
			.has_lso = rand_r(&seed) & 1,
			.checksum = (uint32_t)rand_r(&seed) & 0x03ff001f,
			.lso = (uint32_t)rand_r(&seed) << 1,
		};
		uint8_t *frame;

		for (j = 0; j < 3; j++)
			original[12 + rand_r(&seed) % 80] = (uint8_t)rand_r(&seed);
		if (rand_r(&seed) & 1)
			ppis.checksum &= 0x1f;
		if (rand_r(&seed) & 1)
			ppis.lso = (ppis.lso & 0xc0000000) | rand_r(&seed) % 64;
		frame = malloc(bytes ? bytes : 1);
		memcpy(frame, original, bytes);
		nr_out = 0;
		offload_receive(frame, bytes);
		if (bytes >= 14)
			offload_transmit(frame, bytes, &ppis, 1500, collect, NULL, &why);
		free(frame);
	}
}

/* --- control messages */

static struct rndis_host host;
static uint8_t answer[RNDIS_HOST_MESSAGE_BYTES];

static void host_start(void)
{
	memset(&host, 0, sizeof(host));
	memcpy(host.mac_permanent, "\x00\x15\x5d\x00\x00\x10", 6);
	host.mtu = 1500;
	host.link_speed_100bps = 100000000;
	host.link_up = true;
	host.offload_revision = 3;
	rndis_host_reset(&host);
}

static int request(const uint8_t *message, size_t bytes)
{
	uint8_t *copy = malloc(bytes ? bytes : 1);
	const char *why = NULL;
	int n;

	memcpy(copy, message, bytes);
	memset(answer, 0xee, sizeof(answer));
	n = rndis_host_request(&host, copy, bytes, answer, &why);
	CHECK((n < 0) == (why != NULL));
	free(copy);
	return n;
}

static int initialize(void)
{
	uint8_t message[24] = { 0 };

	put_le32(message, 2);
	put_le32(message + 4, 24);
	put_le32(message + 8, 0xe110e110);
	put_le32(message + 12, 1);
	put_le32(message + 20, 0x4000);
	return request(message, sizeof(message));
}

/* Return: status of a QUERY or SET; the answer's information is at answer + 24. */
static uint32_t oid(uint32_t type, uint32_t number, const void *info, uint32_t bytes)
{
	uint8_t message[1100] = { 0 };
	int n;

	put_le32(message, type);
	put_le32(message + 4, 28 + bytes);
	put_le32(message + 8, 0x12340000);
	put_le32(message + 12, number);
	put_le32(message + 16, bytes);
	put_le32(message + 20, 20);
	if (bytes)
		memcpy(message + 28, info, bytes);
	n = request(message, 28 + bytes);
	CHECK(n >= 16);
	CHECK_EQ(get_le32(answer), type | 0x80000000);
	CHECK_EQ(get_le32(answer + 4), n);
	CHECK_EQ(get_le32(answer + 8), 0x12340000);
	if (type == 4) {
		CHECK_EQ(get_le32(answer + 20), 16);
		CHECK_EQ(n, 24 + (int)get_le32(answer + 16));
	}
	return get_le32(answer + 12);
}

static void initialize_is_answered(void)
{
	host_start();
	CHECK_EQ(initialize(), 52);
	CHECK_EQ(get_le32(answer), 0x80000002);
	CHECK_EQ(get_le32(answer + 8), 0xe110e110);
	CHECK_EQ(get_le32(answer + 12), 0);
	CHECK_EQ(get_le32(answer + 32), 8);
	CHECK_EQ(get_le32(answer + 40), 3);
	CHECK(host.initialized);
}

static void queries_are_answered(void)
{
	static const uint8_t header[4] = { 0xa7, 3, 156, 0 };
	static const uint8_t header1[4] = { 0xa7, 1, 112, 0 };

	host_start();
	initialize();
	CHECK_EQ(oid(4, 0x01010101, NULL, 0), 0);
	CHECK(!memcmp(answer + 24, host.mac_permanent, 6));
	CHECK_EQ(oid(4, 0x00010106, NULL, 0), 0);
	CHECK_EQ(get_le32(answer + 24), 1500);
	CHECK_EQ(oid(4, 0x00010114, NULL, 0), 0);
	CHECK_EQ(get_le32(answer + 24), 0);
	host.link_up = false;
	oid(4, 0x00010114, NULL, 0);
	CHECK_EQ(get_le32(answer + 24), 1);
	/* The capability query needs the object header. */
	CHECK(oid(4, 0xfc01020d, NULL, 0) != 0);
	CHECK_EQ(oid(4, 0xfc01020d, header, 4), 0);
	CHECK_EQ(get_le32(answer + 16), 156);
	CHECK_EQ(get_le32(answer + 24 + 8) & 0x14, 0x14);
	CHECK_EQ(get_le32(answer + 24 + 8) & 0x40, 0x40);
	CHECK_EQ(get_le32(answer + 24 + 84), 0xf53c);
	CHECK_EQ(oid(4, 0xfc01020d, header1, 4), 0);
	CHECK_EQ(get_le32(answer + 16), 112);
	host.offload_revision = 1;
	oid(4, 0xfc01020d, header, 4);
	CHECK_EQ(get_le32(answer + 16), 112);
	CHECK_EQ(get_le32(answer + 24 + 8) & 0x40, 0);
	CHECK_EQ(oid(4, 0x01010104, NULL, 0), 0);
	CHECK_EQ(oid(4, 0x12345678, NULL, 0), 0xc00000bb);
	CHECK_EQ(get_le32(answer + 16), 0);
	CHECK_EQ(host.refused, 2);
}

static void sets_take_effect(void)
{
	uint8_t parameters[28] = { 0x80, 3, 28, 0, 1, 4, 4, 2, 0, 0, 0, 2, 2 };
	uint8_t filter[4] = { 0x0d };
	uint8_t broadcast[6] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };

	host_start();
	initialize();
	CHECK(!rndis_host_accepts(&host, broadcast));
	CHECK_EQ(oid(5, 0x0001010e, filter, 4), 0);
	CHECK_EQ(host.filter, 0x0d);
	CHECK(rndis_host_accepts(&host, broadcast));
	CHECK(rndis_host_accepts(&host, host.mac));
	CHECK(!rndis_host_accepts(&host, (const uint8_t *)"\x00\x15\x5d\x00\x00\x11"));
	CHECK(rndis_host_accepts(&host, (const uint8_t *)"\x01\x00\x5e\x00\x00\x01"));
	CHECK_EQ(oid(5, 0x0001010e, filter, 3), 0xc0010015);

	CHECK_EQ(oid(5, 0xfc01020c, parameters, 28), 0);
	CHECK(host.offloads_set && host.offloads.tx_tcp4 && host.offloads.rx_tcp4 &&
	      host.offloads.tx_udp4);
	CHECK(host.offloads.tx_tcp6 && !host.offloads.rx_tcp6 && !host.offloads.tx_udp6);
	CHECK(host.offloads.lso4 && host.offloads.lso6 && !host.offloads.tx_ip4_header);
	memset(parameters + 4, 0, 24);
	parameters[11] = 1;
	CHECK_EQ(oid(5, 0xfc01020c, parameters, 28), 0);
	CHECK(host.offloads.tx_tcp4 && !host.offloads.lso4 && host.offloads.lso6);
	parameters[5] = 5;
	CHECK_EQ(oid(5, 0xfc01020c, parameters, 28), 0xc0010015);
	CHECK(host.offloads.tx_tcp4);
	CHECK_EQ(oid(5, 0xfc01020c, parameters, 19), 0xc0010015);
	parameters[5] = 0;
	parameters[22] = 2; /* RSC on */
	CHECK_EQ(oid(5, 0xfc01020c, parameters, 28), 0xc00000bb);
	CHECK_EQ(oid(5, 0x01010101, filter, 4), 0xc00000bb);
}

static void the_address_can_be_changed(void)
{
	uint8_t info[20 + 28 + 24] = { 0 };
	const char *name = "NetworkAddress", *value = "00155DabCD99";
	unsigned int i;

	host_start();
	initialize();
	put_le32(info, 20);
	put_le32(info + 4, 28);
	put_le32(info + 8, 2);
	put_le32(info + 12, 48);
	put_le32(info + 16, 24);
	for (i = 0; i < 14; i++)
		put_le16(info + 20 + 2 * i, (uint16_t)name[i]);
	for (i = 0; i < 12; i++)
		put_le16(info + 48 + 2 * i, (uint16_t)value[i]);
	CHECK_EQ(oid(5, 0x0001021b, info, sizeof(info)), 0);
	CHECK(!memcmp(host.mac, "\x00\x15\x5d\xab\xcd\x99", 6));
	put_le32(info + 12, 49);
	CHECK_EQ(oid(5, 0x0001021b, info, sizeof(info)), 0xc0010015);
	put_le32(info + 12, 0xfffffff0);
	CHECK_EQ(oid(5, 0x0001021b, info, sizeof(info)), 0xc0010015);
	put_le32(info + 4, 0xffffffff);
	CHECK_EQ(oid(5, 0x0001021b, info, sizeof(info)), 0xc0010015);
}

static void halt_has_no_answer_and_forgets(void)
{
	uint8_t message[12] = { 3, 0, 0, 0, 12, 0, 0, 0, 1, 0, 0, 0 };
	uint8_t filter[4] = { 1 };

	host_start();
	initialize();
	oid(5, 0x0001010e, filter, 4);
	CHECK_EQ(request(message, 12), 0);
	CHECK_EQ(host.filter, 0);
	CHECK(!host.initialized);
	message[0] = 8;
	CHECK_EQ(request(message, 12), 16);
	CHECK_EQ(get_le32(answer), 0x80000008);
	CHECK_EQ(get_le32(answer + 8), 1);
	message[0] = 6;
	CHECK_EQ(request(message, 12), 16);
	CHECK_EQ(get_le32(answer), 0x80000006);
	message[0] = 9;
	CHECK_EQ(request(message, 12), -EPROTO);
}

static void bad_control_messages_are_refused(void)
{
	uint8_t message[32] = { 4, 0, 0, 0, 32, 0, 0, 0 };
	unsigned int i;

	host_start();
	CHECK_EQ(request(message, 32), -EPROTO); /* before INITIALIZE */
	initialize();
	put_le32(message + 16, 4);
	put_le32(message + 20, 20);
	CHECK_EQ(request(message, 32), 24);
	put_le32(message + 20, 21);
	CHECK_EQ(request(message, 32), -EPROTO);
	put_le32(message + 20, 16);
	CHECK_EQ(request(message, 32), -EPROTO);
	put_le32(message + 20, 0xfffffffc);
	CHECK_EQ(request(message, 32), -EPROTO);
	put_le32(message + 20, 20);
	put_le32(message + 16, 0xffffffff);
	CHECK_EQ(request(message, 32), -EPROTO);
	put_le32(message + 16, 4);
	put_le32(message + 4, 33);
	CHECK_EQ(request(message, 32), -EPROTO);
	put_le32(message + 4, 32);
	for (i = 0; i < 32; i++)
		CHECK_EQ(request(message, i), -EPROTO);
}

static void random_control_messages_do_no_harm(void)
{
	static const uint32_t oids[] = { 0x10101, 0x1010e,    0x10203,	  0x10204,    0x1021b,
					 0x20216, 0xfc01020b, 0xfc01020c, 0xfc01020d, 0x10107 };
	unsigned int seed = 3, i, j;
	uint8_t message[256];

	host_start();
	initialize();
	for (i = 0; i < 300000; i++) {
		size_t bytes = (size_t)rand_r(&seed) % sizeof(message);

		for (j = 0; j < bytes; j++)
			message[j] = (uint8_t)(rand_r(&seed) % 3 ? rand_r(&seed) % 64 : 0);
		if (bytes >= 28) {
			put_le32(message, 4 + (uint32_t)rand_r(&seed) % 2);
			put_le32(message + 4, (uint32_t)bytes);
			put_le32(message + 12, oids[rand_r(&seed) % 10]);
			put_le32(message + 20, 20);
			put_le32(message + 16, (uint32_t)bytes - 28 - (uint32_t)rand_r(&seed) % 3);
		}
		CHECK(request(message, bytes) <= RNDIS_HOST_MESSAGE_BYTES);
	}
}

static const struct unit_case cases[] = {
	UNIT_CASE(a_packet_message_is_taken_apart),
	UNIT_CASE(bad_packet_messages_are_refused),
	UNIT_CASE(what_is_built_can_be_taken_apart),
	UNIT_CASE(checksums_are_completed),
	UNIT_CASE(checksum_requests_that_do_not_fit_are_refused),
	UNIT_CASE(large_sends_are_cut),
	UNIT_CASE(large_sends_that_make_no_sense_are_refused),
	UNIT_CASE(received_checksums_are_verified),
	UNIT_CASE(random_frames_do_no_harm),
	UNIT_CASE(initialize_is_answered),
	UNIT_CASE(queries_are_answered),
	UNIT_CASE(sets_take_effect),
	UNIT_CASE(the_address_can_be_changed),
	UNIT_CASE(halt_has_no_answer_and_forgets),
	UNIT_CASE(bad_control_messages_are_refused),
	UNIT_CASE(random_control_messages_do_no_harm),
};

int main(void)
{
	return unit_main(cases, sizeof(cases) / sizeof(cases[0]));
}
