// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the 82599's virtual function: frames both ways by its rings, offloads, interrupts, and rings no guest should
 * have set up.
 */
#include <string.h>

#include "../devices/bytes.h"
#include "../devices/vf82599.h"
#include "dev_unit.h"
#include "fake_vmbus.h"

#define BAR    (FAKE_DEVICE_SPACE + 0x20000)
#define TABLE  (FAKE_DEVICE_SPACE + 0x30000)
#define TX     0x10000u
#define RX     0x11000u
#define BUFFER 0x20000u
#define RING   8u

#define DATA_END 0x2b300000u /* data descriptor, whole frame, report */

static struct vf82599 *vf;
static uint8_t sent[65600];
static size_t sent_bytes;
static unsigned int sent_frames, messages;

static void on_send(void *opaque, const uint8_t *frame, size_t bytes)
{
	(void)opaque;
	memcpy(sent, frame, bytes);
	sent_bytes = bytes;
	sent_frames++;
}

static void on_message(void *bus, uint64_t address, uint32_t data)
{
	(void)bus;
	CHECK_EQ(address, 0xfee00000);
	CHECK_EQ(data, 0x40);
	messages++;
}

static void reg(uint32_t offset, uint32_t value)
{
	fake_mmio_write(BAR + offset, 4, value);
}

static void begin(void)
{
	static const uint8_t mac[6] = { 0, 0x15, 0x5d, 1, 2, 3 };
	struct pci_function *f;

	memset(fake_ram(), 0, 0x40000);
	fake_forget_violations();
	sent_frames = messages = 0;
	vf = vf82599_new(fake_server(), "vf", mac, 1501, on_send, NULL);
	CHECK_EQ(pci_function_config_read(vf82599_function(vf), 0, 4), 0x15308086);
	vf82599_free(vf);
	vf = vf82599_new(fake_server(), "vf", mac, 1500, on_send, NULL);
	f = vf82599_function(vf);
	pci_function_attach(f, on_message, f);
	CHECK_EQ(pci_function_config_read(f, 0, 4), 0x152e8086);
	for (unsigned int i = 0; i < 6; i++)
		CHECK_EQ(pci_function_config_read(f, 0x201 + i, 1), mac[i]);
	pci_function_set_bar(f, 0, BAR);
	pci_function_set_bar(f, 2, TABLE);
	pci_function_set_power(f, true);
	pci_function_config_write(f, 0x42, 2, 0x8000);
	for (unsigned int i = 0; i < 2; i++) {
		fake_mmio_write(TABLE + 16 * i, 4, 0xfee00000);
		fake_mmio_write(TABLE + 16 * i + 8, 4, 0x40);
		fake_mmio_write(TABLE + 16 * i + 12, 4, 0);
	}
	reg(0x120, 0x8080); /* queue 0 in both directions: vector 0 */
	reg(0x140, 0x81); /* the rest: vector 1 */
	reg(0x114, 3);
	reg(0x108, 3);
	reg(0x2000, TX);
	reg(0x2008, RING * 16);
	reg(0x2028, 0x02000000);
	reg(0x1000, RX);
	reg(0x1008, RING * 16);
	reg(0x1014, 0x02000002); /* buffers of 2 KiB */
	reg(0x1028, 0x02000000);
}

static void end(void)
{
	vf82599_free(vf);
	CHECK_EQ(fake_mmio_read(BAR + 0x10, 4), UINT64_MAX);
}

static void tx_desc(unsigned int index, uint64_t gpa, uint32_t type, uint32_t status)
{
	uint8_t *desc = fake_ram() + TX + 16 * index;

	put_le64(desc, gpa);
	put_le32(desc + 8, type);
	put_le32(desc + 12, status);
}

/* An IPv4 packet of TCP with @payload bytes and no checksums. Return: bytes of the frame. */
static unsigned int tcp_frame(uint8_t *frame, unsigned int payload)
{
	memset(frame, 0, 54);
	memset(frame, 0x11, 12);
	put_be16(frame + 12, 0x0800);
	frame[14] = 0x45;
	put_be16(frame + 16, (uint16_t)(40 + payload));
	frame[22] = 64;
	frame[23] = 6;
	put_be32(frame + 26, 0x0a090001);
	put_be32(frame + 30, 0x0a090002);
	frame[46] = 0x50;
	memset(frame + 54, 0x5a, payload);
	return 54 + payload;
}

static void frames_go_out(void)
{
	begin();
	memset(fake_ram() + BUFFER, 0x77, 100);
	tx_desc(0, BUFFER, 0x22300000 | 60, 0);
	tx_desc(1, BUFFER + 60, DATA_END | 40, 0);
	reg(0x2018, 2);
	CHECK_EQ(sent_frames, 1);
	CHECK_EQ(sent_bytes, 100);
	CHECK(!memcmp(sent, fake_ram() + BUFFER, 100));
	CHECK_EQ(get_le32(fake_ram() + TX + 12), 0);
	CHECK_EQ(get_le32(fake_ram() + TX + 28), 1);
	CHECK_EQ(fake_mmio_read(BAR + 0x2010, 4), 2);
	CHECK_EQ(messages, 1);
	/* Masked by itself: the next waits. */
	tx_desc(2, BUFFER, DATA_END | 60, 0);
	reg(0x2018, 3);
	CHECK_EQ(sent_frames, 2);
	CHECK_EQ(messages, 1);
	reg(0x108, 1);
	CHECK_EQ(messages, 2);
	CHECK_EQ(fake_violations(NULL), 0);
	end();
}

static void offloads_are_done(void)
{
	unsigned int bytes;

	begin();
	bytes = tcp_frame(fake_ram() + BUFFER, 10);
	tx_desc(0, 14 << 9 | 20, 0x20200c00, 0);
	tx_desc(1, BUFFER, DATA_END | bytes, 0x200);
	reg(0x2018, 2);
	CHECK_EQ(sent_frames, 1);
	CHECK(get_be16(sent + 50) != 0);
	CHECK_EQ(vf82599_counts(vf)->tx_checksums, 1);
	/* 3000 bytes of data in segments of 1000 */
	bytes = tcp_frame(fake_ram() + BUFFER, 3000);
	tx_desc(2, 14 << 9 | 20, 0x20200c00, 1000u << 16 | 20 << 8);
	tx_desc(3, BUFFER, DATA_END | 0x80000000 | bytes, 0x200 | 3000u << 14);
	reg(0x2018, 4);
	CHECK_EQ(sent_frames, 4);
	CHECK_EQ(sent_bytes, 1054);
	CHECK_EQ(get_be32(sent + 38), 2000);
	/* A tag */
	tx_desc(4, 5ull << 16, 0x20200000, 0);
	tx_desc(5, BUFFER, DATA_END | 0x40000000 | 60, 0);
	reg(0x2018, 6);
	CHECK_EQ(sent_bytes, 64);
	CHECK_EQ(get_be32(sent + 12), 0x81000005);
	CHECK_EQ(fake_violations(NULL), 0);
	end();
}

static void frames_come_in(void)
{
	uint8_t frame[3000];
	uint8_t *desc = fake_ram() + RX;

	begin();
	memset(frame, 0x42, sizeof(frame));
	vf82599_receive(vf, frame, 100);
	CHECK_EQ(vf82599_counts(vf)->rx_dropped, 1);
	for (unsigned int i = 0; i < RING; i++)
		put_le64(desc + 16 * i, BUFFER + 0x1000 * i);
	reg(0x1018, 3);
	vf82599_receive(vf, frame, 100);
	CHECK_EQ(get_le32(desc + 8), 3);
	CHECK_EQ(get_le16(desc + 12), 100);
	CHECK(!memcmp(fake_ram() + BUFFER, frame, 100));
	CHECK_EQ(messages, 1);
	/* Longer than a buffer: in two */
	vf82599_receive(vf, frame, 3000);
	CHECK_EQ(get_le32(desc + 24), 1);
	CHECK_EQ(get_le16(desc + 28), 2048);
	CHECK_EQ(get_le32(desc + 40), 3);
	CHECK_EQ(get_le16(desc + 44), 952);
	vf82599_receive(vf, frame, 100);
	CHECK_EQ(vf82599_counts(vf)->rx_dropped, 2);
	CHECK_EQ(vf82599_counts(vf)->rx_frames, 2);
	CHECK_EQ(fake_violations(NULL), 0);
	end();
}

static void the_link_is_told(void)
{
	begin();
	CHECK_EQ(fake_mmio_read(BAR + 0x10, 4), 0x70000000);
	vf82599_set_link(vf, false);
	CHECK_EQ(messages, 1);
	CHECK_EQ(fake_mmio_read(BAR + 0x10, 4), 0);
	vf82599_set_link(vf, false);
	CHECK_EQ(messages, 1);
	/* A reset leaves the medium alone. */
	reg(0, 0x04000000);
	CHECK_EQ(fake_mmio_read(BAR + 0x2008, 4), 0);
	vf82599_set_link(vf, true);
	CHECK_EQ(fake_mmio_read(BAR + 0x10, 4), 0x70000000);
	CHECK_EQ(messages, 1);
	end();
}

/* What stops the card: the ring is left alone from there on. */
static void bad_descriptors_stop_it(void)
{
	static const struct {
		uint64_t gpa;
		uint32_t type, status;
	} bad[] = {
		{ FAKE_RAM_BYTES - 10, DATA_END | 60, 0 }, /* outside RAM */
		{ ~0ull, DATA_END | 60, 0 },
		{ BUFFER, 0x01000000 | 60, 0 }, /* legacy */
		{ BUFFER, 0x21500000 | 60, 0 }, /* of no type */
		{ BUFFER, DATA_END | 13, 0 }, /* shorter than a header */
		{ BUFFER, DATA_END | 2000, 0 }, /* longer than the MTU */
		{ BUFFER, DATA_END | 0x80000000 | 60, 0 }, /* large, but no TCP */
		{ BUFFER, DATA_END | 60, 0x200 }, /* checksum of what is no IP */
	};
	struct vf82599_info info;

	for (unsigned int i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		begin();
		tx_desc(0, bad[i].gpa, bad[i].type, bad[i].status);
		reg(0x2018, 1);
		CHECK_EQ(sent_frames, 0);
		CHECK_EQ(fake_violations("vf-descriptor"), 1);
		vf82599_info(vf, &info);
		CHECK(!info.transmits && !info.receives);
		end();
	}
	/* A frame that never ends, round and round */
	begin();
	for (unsigned int i = 0; i < RING; i++)
		tx_desc(i, BUFFER, 0x2230ffff, 0);
	for (unsigned int i = 1; i < 40; i++)
		reg(0x2018, i % RING);
	CHECK_EQ(sent_frames, 0);
	end();
	/* Rings outside RAM, a tail and a length that are none */
	begin();
	reg(0x2000, FAKE_RAM_BYTES);
	reg(0x2018, 1);
	CHECK_EQ(fake_violations("vf-descriptor"), 1);
	end();
	begin();
	reg(0x1000, FAKE_RAM_BYTES);
	reg(0x1018, 4);
	vf82599_receive(vf, sent, 100);
	CHECK_EQ(fake_violations("vf-descriptor"), 1);
	end();
	begin();
	reg(0x2018, 1000);
	reg(0x2008, 0xffffffff);
	reg(0x2018, 3);
	reg(0x1018, 1000);
	vf82599_receive(vf, sent, 100);
	CHECK_EQ(sent_frames, 0);
	end();
}

static const struct unit_case cases[] = {
	UNIT_CASE(frames_go_out),	 UNIT_CASE(offloads_are_done), UNIT_CASE(frames_come_in),
	UNIT_CASE(the_link_is_told), UNIT_CASE(bad_descriptors_stop_it),
};

int main(void)
{
	return unit_main(cases, sizeof(cases) / sizeof(cases[0]));
}
