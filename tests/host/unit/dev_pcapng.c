// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of pcapng against bytes written by hand from the format's draft, and of the tap that writes
 * a file while frames pass both ways.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../devices/bytes.h"
#include "../devices/pcap_backend.h"
#include "../devices/pcapng.h"
#include "dev_unit.h"

static void the_start_is_section_and_interface(void)
{
	static const uint8_t wanted[] = {
		0x0a, 0x0d, 0x0d, 0x0a, 28, 0, 0, 0, 0x4d, 0x3c, 0x2b, 0x1a, 1, 0, 0, 0,
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 28, 0, 0, 0,
		/* interface: Ethernet, 64 KiB, name "nic0", 10^-9 s */
		1, 0, 0, 0, 40, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0,
		2, 0, 4, 0, 'n', 'i', 'c', '0', 9, 0, 1, 0, 9, 0, 0, 0, 0, 0, 0, 0, 40, 0, 0, 0,
	};
	uint8_t bytes[PCAPNG_START_MAX];
	size_t len = pcapng_start(bytes, "nic0");

	CHECK_EQ(len, sizeof(wanted));
	CHECK(!memcmp(bytes, wanted, sizeof(wanted)));
	CHECK(pcapng_start(bytes, "a name of more than thirty-one bytes, which is cut") <= sizeof(bytes));
}

static void a_frame_is_one_block(void)
{
	static const uint8_t wanted[] = {
		6, 0, 0, 0, 52, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 5, 0, 0, 0, 5, 0, 0, 0,
		'f', 'r', 'a', 'm', 'e', 0, 0, 0, 2, 0, 4, 0, 1, 0, 0, 0, 0, 0, 0, 0, 52, 0, 0, 0,
	};
	uint8_t bytes[PCAPNG_AROUND + 8];
	size_t len = pcapng_frame(bytes, 2ull << 32 | 1, true, (const uint8_t *)"frame", 5);

	CHECK_EQ(len, sizeof(wanted));
	CHECK(!memcmp(bytes, wanted, sizeof(wanted)));
	pcapng_frame(bytes, 0, false, (const uint8_t *)"frame", 5);
	CHECK_EQ(bytes[40], 2);
}

/* Every length, in a block of the exact size: the sanitizer sees a byte too many. */
static void lengths_are_padded_and_cut(void)
{
	static uint8_t frame[PCAPNG_SNAP + 100];

	for (size_t len = 0; len < 70; len++) {
		size_t room = PCAPNG_AROUND + ((len + 3) & ~3u), got;
		uint8_t *bytes = malloc(room);

		got = pcapng_frame(bytes, 0, true, frame, len);
		CHECK(got <= room && !(got % 4));
		CHECK_EQ(get_le32(bytes + 4), got);
		CHECK_EQ(get_le32(bytes + got - 4), got);
		free(bytes);
	}
	uint8_t *bytes = malloc(PCAPNG_AROUND + PCAPNG_SNAP);
	size_t got = pcapng_frame(bytes, 0, true, frame, sizeof(frame));

	CHECK_EQ(get_le32(bytes + 20), PCAPNG_SNAP);
	CHECK_EQ(get_le32(bytes + 24), sizeof(frame));
	CHECK(got <= PCAPNG_AROUND + PCAPNG_SNAP);
	free(bytes);
}

static unsigned int sent, received;

static void inner_send(struct net_backend *backend, const uint8_t *frame, size_t bytes)
{
	(void)backend;
	CHECK(bytes == 5 && !memcmp(frame, "guest", 5));
	sent++;
}

static void guest_receive(void *opaque, const uint8_t *frame, size_t bytes)
{
	CHECK(opaque == &received && bytes == 4 && !memcmp(frame, "host", 4));
	received++;
}

static void a_tap_lets_frames_pass_and_writes_them(void)
{
	static const struct net_backend_ops inner_ops = { .send = inner_send };
	struct net_backend inner = { .ops = &inner_ops }, *tap;
	char path[] = "/tmp/hvhost-unit-XXXXXX", error[200];
	uint8_t bytes[1024];
	size_t len, at = 0;
	unsigned int blocks = 0;
	FILE *file;

	close(mkstemp(path));
	CHECK(!pcap_backend_new("/nowhere/at/all", "nic0", guest_receive, &received, error, sizeof(error)));
	CHECK(strstr(error, "/nowhere/at/all"));
	tap = pcap_backend_new(path, "nic0", guest_receive, &received, error, sizeof(error));
	tap->ops->send(tap, (const uint8_t *)"lost", 4);
	pcap_backend_plug(tap, &inner);
	tap->ops->send(tap, (const uint8_t *)"guest", 5);
	pcap_backend_receive(tap, (const uint8_t *)"host", 4);
	CHECK(sent == 1 && received == 1);
	tap->ops->free(tap);
	file = fopen(path, "r");
	len = fread(bytes, 1, sizeof(bytes), file);
	fclose(file);
	unlink(path);
	for (; at + 8 <= len; blocks++)
		at += get_le32(bytes + at + 4);
	CHECK_EQ(at, len);
	CHECK_EQ(blocks, 5);
}

static const struct unit_case cases[] = {
	UNIT_CASE(the_start_is_section_and_interface),
	UNIT_CASE(a_frame_is_one_block),
	UNIT_CASE(lengths_are_padded_and_cut),
	UNIT_CASE(a_tap_lets_frames_pass_and_writes_them),
};

int main(void)
{
	return unit_main(cases, sizeof(cases) / sizeof(cases[0]));
}
