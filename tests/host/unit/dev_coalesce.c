// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of receive segment coalescing: which segments join, what ends a large one, and segments of
 * any content.
 */
#include <stdlib.h>
#include <string.h>

#include "../devices/bytes.h"
#include "../devices/coalesce.h"
#include "../hyperv/util.h"
#include "dev_unit.h"

static struct coalesce held;
static uint8_t frame[2000];

/* A TCP segment with @share bytes of data at sequence number @seq. Return: its length. */
static size_t make(bool ipv6, uint32_t seq, size_t share, uint8_t flags)
{
	size_t tcp = ipv6 ? 54 : 34, i;

	memset(frame, 0, sizeof(frame));
	memset(frame, 2, 12);
	put_be16(frame + 12, ipv6 ? 0x86dd : 0x0800);
	if (ipv6) {
		frame[14] = 0x60;
		put_be16(frame + 18, (uint16_t)(20 + share));
		frame[20] = 6;
	} else {
		frame[14] = 0x45;
		put_be16(frame + 16, (uint16_t)(40 + share));
		put_be16(frame + 18, (uint16_t)seq);
		frame[23] = 6;
	}
	put_be16(frame + tcp, 80);
	put_be16(frame + tcp + 2, 5000);
	put_be32(frame + tcp + 4, seq);
	put_be32(frame + tcp + 8, 77);
	frame[tcp + 12] = 0x50;
	frame[tcp + 13] = flags;
	for (i = 0; i < share; i++)
		frame[tcp + 20 + i] = (uint8_t)(seq + i);
	return tcp + 20 + share;
}

static void begin(bool ipv6)
{
	memset(&held, 0, sizeof(held));
	CHECK(coalesce_add(&held, frame, make(ipv6, 1000, 100, 0x10)));
}

static void following_segments_join(void)
{
	unsigned int v6, i;

	for (v6 = 0; v6 < 2; v6++) {
		size_t headers = v6 ? 74 : 54;

		begin(v6);
		CHECK(coalesce_add(&held, frame, make(v6, 1100, 100, 0x10)));
		/* Shorter: the last. Padding behind the packet is no data. */
		make(v6, 1200, 30, 0x18);
		CHECK(coalesce_add(&held, frame, headers + 36));
		CHECK_EQ(held.segments, 3);
		CHECK_EQ(held.bytes, headers + 230);
		CHECK(!coalesce_add(&held, frame, make(v6, 1230, 30, 0x10)));
		coalesce_finish(&held);
		CHECK_EQ(get_be16(held.frame + (v6 ? 18 : 16)), v6 ? 250 : 270);
		CHECK_EQ(held.frame[headers - 20 + 13], 0x18);
		for (i = 0; i < 230; i++)
			CHECK_EQ(held.frame[headers + i], (uint8_t)(1000 + i));
	}
}

struct change {
	const char *name;
	size_t at;
	uint8_t value;
};

/* Each makes the next segment of an IPv4 flow one that must not join. */
static const struct change changes[] = {
	{ "another station", 5, 9 },	 { "another sender", 11, 9 },
	{ "IP options", 14, 0x46 },	 { "type of service", 15, 4 },
	{ "a fragment", 20, 0x20 },	 { "time to live", 22, 9 },
	{ "UDP", 23, 17 },		 { "source address", 26, 9 },
	{ "destination address", 33, 9 }, { "source port", 35, 9 },
	{ "destination port", 37, 9 },	 { "sequence number", 41, 9 },
	{ "acknowledgement", 45, 9 },	 { "data offset", 46, 0x60 },
	{ "no header", 46, 0x40 },	 { "FIN", 47, 0x11 },
	{ "SYN", 47, 0x12 },		 { "RST", 47, 0x14 },
	{ "URG", 47, 0x30 },		 { "ECN", 47, 0x50 },
	{ "no ACK", 47, 0x00 },		 { "window", 49, 9 },
	{ "urgent pointer", 53, 9 },
};

static void others_do_not(void)
{
	unsigned int i;
	size_t bytes;

	for (i = 0; i < ARRAY_SIZE(changes); i++) {
		begin(false);
		bytes = make(false, 1100, 100, 0x10);
		frame[changes[i].at] = changes[i].value;
		if (coalesce_add(&held, frame, bytes)) {
			printf("# %s\n", changes[i].name);
			unit_failures++;
		}
		CHECK_EQ(held.segments, 1);
	}
	begin(false);
	/* Longer than the first, without data, after PSH, of the other IP version. */
	CHECK(!coalesce_add(&held, frame, make(false, 1100, 101, 0x10)));
	CHECK(!coalesce_add(&held, frame, make(false, 1100, 0, 0x10)));
	CHECK(!coalesce_add(&held, frame, make(true, 1100, 100, 0x10)));
	CHECK(coalesce_add(&held, frame, make(false, 1100, 100, 0x18)));
	CHECK(!coalesce_add(&held, frame, make(false, 1200, 100, 0x10)));
}

static void a_packet_has_its_greatest_length(void)
{
	uint32_t seq = 5000;
	size_t bytes;

	memset(&held, 0, sizeof(held));
	while (coalesce_add(&held, frame, bytes = make(false, seq, 1400, 0x10)))
		seq += 1400;
	CHECK(held.bytes <= COALESCE_BYTES_MAX);
	CHECK(held.bytes + 1400 > COALESCE_BYTES_MAX);
	coalesce_finish(&held);
	CHECK_EQ(get_be16(held.frame + 16), held.bytes - 14);
}

static void random_segments_do_no_harm(void)
{
	unsigned int seed = 3, i, j;
	uint32_t seq = 0;

	memset(&held, 0, sizeof(held));
	for (i = 0; i < 200000; i++) {
		size_t share = (size_t)rand_r(&seed) % 1500, bytes;
		bool ipv6 = i / 1000 % 2;
		uint8_t *block;

		bytes = make(ipv6, seq, share, rand_r(&seed) % 4 ? 0x10 : 0x18);
		for (j = (unsigned int)rand_r(&seed) % 3; j; j--)
			frame[rand_r(&seed) % 80] = (uint8_t)rand_r(&seed);
		bytes -= rand_r(&seed) % 8 ? 0 : (size_t)rand_r(&seed) % bytes;
		/* A block of the exact size: a read beyond it is caught. */
		block = malloc(bytes + 1);
		memcpy(block, frame, bytes);
		block = realloc(block, bytes ? bytes : 1);
		if (coalesce_add(&held, block, bytes)) {
			seq = held.next;
		} else if (held.bytes) {
			coalesce_finish(&held);
			held.bytes = 0;
		}
		CHECK(held.bytes <= COALESCE_BYTES_MAX);
		free(block);
	}
}

static const struct unit_case cases[] = {
	UNIT_CASE(following_segments_join),
	UNIT_CASE(others_do_not),
	UNIT_CASE(a_packet_has_its_greatest_length),
	UNIT_CASE(random_segments_do_no_harm),
};

int main(void)
{
	return unit_main(cases, ARRAY_SIZE(cases));
}
