// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the user-mode network: it answers ARP and DHCP, takes a connection to the file server,
 * and survives frames of any content.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "../devices/bytes.h"
#include "../devices/net_backend.h"
#include "../devices/offload_sw.h"
#include "../devices/slirp_backend.h"
#include "../hyperv/loop.h"
#include "dev_unit.h"

#include <hyperv/rndis.h>

static const uint8_t mac[6] = { 0x00, 0x15, 0x5d, 0, 0, 0x10 };

static struct loop *loop;
static struct net_backend *net;

/* The last frame that came and the one the test waits for. */
static uint8_t frame[2048];
static size_t frame_bytes;
static uint16_t wanted_type;
static uint8_t wanted_protocol;

static void on_frame(void *opaque, const uint8_t *bytes, size_t n)
{
	(void)opaque;
	if (n > sizeof(frame) || get_be16(bytes + 12) != wanted_type)
		return;
	if (wanted_type == 0x0800 && bytes[23] != wanted_protocol)
		return;
	memcpy(frame, bytes, n);
	frame_bytes = n;
}

static bool start(const char *serve)
{
	struct slirp_options options = { .mtu = 1500, .restricted = true, .serve = serve };
	char error[200] = "";

	net = slirp_backend_new(loop, &options, on_frame, NULL, error, sizeof(error));
	if (!net)
		printf("# %s\n", error);
	return net != NULL;
}

static void stop(void)
{
	net->ops->free(net);
}

static bool exchange(const uint8_t *bytes, size_t n, uint16_t type, uint8_t protocol)
{
	int turns;

	wanted_type = type;
	wanted_protocol = protocol;
	frame_bytes = 0;
	net->ops->send(net, bytes, n);
	for (turns = 0; turns < 200 && !frame_bytes; turns++)
		loop_run_once(loop, 10);
	return frame_bytes != 0;
}

static void put_eth(uint8_t *out, const uint8_t *to, uint16_t type)
{
	memset(out, 0xff, 6);
	if (to)
		memcpy(out, to, 6);
	memcpy(out + 6, mac, 6);
	put_be16(out + 12, type);
}

static void ignore_frame(void *opaque, const uint8_t *bytes, size_t n)
{
	(void)opaque;
	(void)bytes;
	(void)n;
}

static size_t finish_ipv4(uint8_t *out, uint8_t protocol, uint32_t from, uint32_t to,
			  size_t payload)
{
	struct rndis_ppis ppis = { .has_checksum = true };
	const char *why;

	out[14] = 0x45;
	put_be16(out + 16, (uint16_t)(20 + payload));
	out[22] = 64;
	out[23] = protocol;
	put_be32(out + 26, from);
	put_be32(out + 30, to);
	ppis.checksum = RNDIS_TX_CSUM_IS_IPV4 | RNDIS_TX_CSUM_IP_HEADER |
			(protocol == 6 ? RNDIS_TX_CSUM_TCP : RNDIS_TX_CSUM_UDP);
	/* The sums are completed in place. */
	offload_transmit(out, 34 + payload, &ppis, 1500, ignore_frame, NULL, &why);
	return 34 + payload;
}

static bool arp(uint32_t address)
{
	uint8_t request[42] = { 0 };

	put_eth(request, NULL, 0x0806);
	memcpy(request + 14, "\x00\x01\x08\x00\x06\x04\x00\x01", 8);
	memcpy(request + 22, mac, 6);
	put_be32(request + 28, 0x0a00020f);
	put_be32(request + 38, address);
	return exchange(request, sizeof(request), 0x0806, 0);
}

static void the_gateway_answers_arp(void)
{
	if (!start(NULL)) {
		unit_failures++;
		return;
	}
	CHECK(arp(0x0a000202));
	CHECK_EQ(get_be16(frame + 20), 2);
	CHECK_EQ(get_be32(frame + 28), 0x0a000202);
	CHECK(!memcmp(frame, mac, 6));
	stop();
}

static void a_lease_is_offered(void)
{
	uint8_t discover[14 + 20 + 8 + 300] = { 0 };
	uint8_t *bootp = discover + 42;
	size_t bytes;

	if (!start(NULL)) {
		unit_failures++;
		return;
	}
	put_eth(discover, NULL, 0x0800);
	put_be16(discover + 34, 68);
	put_be16(discover + 36, 67);
	put_be16(discover + 38, 308);
	bootp[0] = 1;
	bootp[1] = 1;
	bootp[2] = 6;
	put_be32(bootp + 4, 0x12345678);
	memcpy(bootp + 28, mac, 6);
	put_be32(bootp + 236, 0x63825363);
	memcpy(bootp + 240, "\x35\x01\x01\xff", 4);
	bytes = finish_ipv4(discover, 17, 0, 0xffffffff, 308);
	CHECK(exchange(discover, bytes, 0x0800, 17));
	CHECK_EQ(frame[42], 2);
	CHECK_EQ(get_be32(frame + 42 + 4), 0x12345678);
	CHECK_EQ(get_be32(frame + 42 + 16), 0x0a00020f);
	CHECK_EQ(offload_receive(frame, frame_bytes),
		 RNDIS_RX_CSUM_IP_GOOD | RNDIS_RX_CSUM_UDP_GOOD);
	stop();
}

static void the_file_server_is_there(void)
{
	uint8_t syn[14 + 20 + 20] = { 0 };
	size_t bytes;

	if (!start("/dev/null")) {
		unit_failures++;
		return;
	}
	arp(0x0a000202);
	put_eth(syn, frame + 6, 0x0800);
	put_be16(syn + 34, 40000);
	put_be16(syn + 36, 80);
	put_be32(syn + 38, 1000);
	syn[46] = 0x50;
	syn[47] = 0x02;
	put_be16(syn + 48, 65535);
	bytes = finish_ipv4(syn, 6, 0x0a00020f, 0x0a000264, 20);
	CHECK(exchange(syn, bytes, 0x0800, 6));
	CHECK_EQ(frame[47], 0x12); /* SYN and ACK */
	CHECK_EQ(get_be32(frame + 42), 1001);
	CHECK_EQ(get_be16(frame + 34), 80);
	stop();
}

static void frames_of_any_content_do_no_harm(void)
{
	unsigned int seed = 7, i, j;
	uint8_t random[200];

	if (!start("/dev/null")) {
		unit_failures++;
		return;
	}
	arp(0x0a000202);
	for (i = 0; i < 20000; i++) {
		size_t bytes = 14 + (size_t)rand_r(&seed) % (sizeof(random) - 14);

		for (j = 0; j < sizeof(random); j++)
			random[j] = (uint8_t)rand_r(&seed);
		put_eth(random, rand_r(&seed) & 1 ? NULL : (const uint8_t *)"RU\x0a\x00\x02\x02",
			rand_r(&seed) % 4   ? 0x0800
			: rand_r(&seed) % 2 ? 0x86dd
					    : 0x0806);
		if (rand_r(&seed) % 8 && bytes > 54) {
			memset(random + 14, 0, 12);
			finish_ipv4(random, rand_r(&seed) & 1 ? 6 : 17, 0x0a00020f,
				    0x0a000200 | (uint32_t)rand_r(&seed) % 128, bytes - 34);
		}
		net->ops->send(net, random, bytes);
		if (i % 64 == 0)
			loop_run_once(loop, 0);
	}
	for (i = 0; i < 100; i++)
		loop_run_once(loop, 0);
	CHECK(arp(0x0a000202));
	stop();
}

static const struct unit_case cases[] = {
	UNIT_CASE(the_gateway_answers_arp),
	UNIT_CASE(a_lease_is_offered),
	UNIT_CASE(the_file_server_is_there),
	UNIT_CASE(frames_of_any_content_do_no_harm),
};

int main(void)
{
	int status;

	signal(SIGPIPE, SIG_IGN);
	loop = loop_new();
	status = unit_main(cases, sizeof(cases) / sizeof(cases[0]));
	loop_free(loop);
	return status;
}
