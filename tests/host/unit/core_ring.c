// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the host's ring ends against a guest written out here by hand: bytes, indices, signals,
 * and hostile values.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../hyperv/ring.h"
#include "dev_unit.h"

#define PAGES 3 /* control page and two data pages */
#define DATA  (2 * 4096u)

static uint8_t *page[PAGES];
static struct vmbus_ring_control *control;

/* Pages in an order that is not that of memory, so that nothing can count on one piece. */
static void fresh_pages(void)
{
	static const int order[PAGES] = { 1, 0, 2 };

	for (int i = 0; i < PAGES; i++) {
		free(page[i]);
		page[i] = NULL;
	}
	for (int i = 0; i < PAGES; i++)
		page[order[i]] = calloc(1, 4096);
	control = (struct vmbus_ring_control *)page[0];
}

static void put(uint32_t at, const void *bytes, uint32_t len)
{
	for (uint32_t i = 0; i < len; i++) {
		uint32_t to = (at + i) % DATA;

		page[1 + to / 4096][to % 4096] = ((const uint8_t *)bytes)[i];
	}
}

static void get(uint32_t at, void *bytes, uint32_t len)
{
	for (uint32_t i = 0; i < len; i++) {
		uint32_t from = (at + i) % DATA;

		((uint8_t *)bytes)[i] = page[1 + from / 4096][from % 4096];
	}
}

/* The guest writes a packet of @len bytes with its trailer at @at and moves the index. */
static void guest_write(uint32_t at, uint16_t type, uint16_t flags, uint32_t len)
{
	struct vmbus_packet head = { .type = type,
				     .payload_qwords = 2,
				     .total_qwords = len / 8,
				     .flags = flags,
				     .transaction_id = 0x1122334455667788 };
	struct vmbus_packet_trailer trailer = { .start_index = at };
	uint8_t byte = 0x5a;

	put(at, &head, sizeof(head));
	for (uint32_t i = sizeof(head); i < len; i++)
		put(at + i, &byte, 1);
	put(at + len, &trailer, sizeof(trailer));
	control->write_index = (at + len + sizeof(trailer)) % DATA;
}

static void read_wraps_anywhere(void)
{
	for (uint32_t at = 0; at < DATA; at += 8) {
		struct hv_ring_in ring;
		struct hv_ring_fault fault;

		fresh_pages();
		control->write_index = control->read_index = at;
		CHECK_EQ(hv_ring_in_init(&ring, page, PAGES), 0);
		guest_write(at, 6, 1, 48);
		CHECK_EQ(hv_ring_in_read(&ring, &fault), 48);
		CHECK_EQ(ring.packet[0], 6);
		CHECK_EQ(ring.packet[8], 0x88);
		CHECK_EQ(ring.packet[47], 0x5a);
		CHECK_EQ(hv_ring_in_read(&ring, &fault), 0);
		CHECK(!hv_ring_in_commit(&ring));
		CHECK_EQ(control->read_index, (at + 56) % DATA);
		hv_ring_in_free(&ring);
	}
}

static void mask_and_unmask(void)
{
	struct hv_ring_in ring;

	fresh_pages();
	CHECK_EQ(hv_ring_in_init(&ring, page, PAGES), 0);
	hv_ring_in_mask(&ring);
	CHECK_EQ(control->interrupt_mask, 1);
	CHECK(!hv_ring_in_unmask(&ring));
	CHECK_EQ(control->interrupt_mask, 0);
	hv_ring_in_mask(&ring);
	guest_write(0, 6, 0, 16);
	CHECK(hv_ring_in_unmask(&ring));
	hv_ring_in_free(&ring);
}

struct hostile_case {
	const char *name, *rule;
	uint32_t write_index;
	uint16_t payload_qwords, total_qwords, flags;
	uint32_t start_index;
};

static const struct hostile_case hostile[] = {
	{ "write index at the end", "ring-write-index", DATA, 2, 2, 0, 0 },
	{ "write index far out", "ring-write-index", 0xfffffff8, 2, 2, 0, 0 },
	{ "write index not of 8", "ring-write-index", 28, 2, 2, 0, 0 },
	{ "shorter than a header", "packet-length", 16, 2, 2, 0, 0 },
	{ "length 0", "packet-length", 64, 2, 0, 0, 0 },
	{ "length below the header", "packet-length", 64, 1, 1, 0, 0 },
	{ "length one beyond", "packet-length", 64, 2, 8, 0, 0 },
	{ "length 64K", "packet-length", 64, 2, 0xffff, 0, 0 },
	{ "payload in the header", "packet-offset", 64, 1, 4, 0, 0 },
	{ "payload behind the end", "packet-offset", 64, 5, 4, 0, 0 },
	{ "unknown flag", "packet-flags", 64, 2, 4, 2, 0 },
	{ "trailer of another packet", "packet-trailer", 64, 2, 7, 0, 8 },
};

static void hostile_packets_are_refused(void)
{
	for (unsigned int i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++) {
		const struct hostile_case *c = &hostile[i];
		struct vmbus_packet head = { .type = 6,
					     .payload_qwords = c->payload_qwords,
					     .total_qwords = c->total_qwords,
					     .flags = c->flags };
		struct vmbus_packet_trailer trailer = { .start_index = c->start_index };
		struct hv_ring_in ring;
		struct hv_ring_fault fault = { .rule = "" };

		fresh_pages();
		CHECK_EQ(hv_ring_in_init(&ring, page, PAGES), 0);
		put(0, &head, sizeof(head));
		put(c->total_qwords * 8u, &trailer, sizeof(trailer));
		control->write_index = c->write_index;
		CHECK_EQ(hv_ring_in_read(&ring, &fault), -EPROTO);
		CHECK(!strcmp(fault.rule, c->rule));
		if (strcmp(fault.rule, c->rule))
			printf("# %s: %s\n", c->name, fault.rule);
		hv_ring_in_free(&ring);
	}
}

static void impossible_rings_are_refused(void)
{
	struct hv_ring_in in;
	struct hv_ring_out out;

	fresh_pages();
	CHECK_EQ(hv_ring_in_init(&in, page, 1), -EINVAL);
	CHECK_EQ(hv_ring_in_init(&in, page, 0), -EINVAL);
	CHECK_EQ(hv_ring_out_init(&out, page, 1), -EINVAL);
	control->read_index = DATA;
	CHECK_EQ(hv_ring_in_init(&in, page, PAGES), -EINVAL);
	CHECK_EQ(hv_ring_out_init(&out, page, PAGES), -EINVAL);
	control->read_index = 4;
	CHECK_EQ(hv_ring_in_init(&in, page, PAGES), -EINVAL);
}

/*
 * Flow control: a reader signals when its commit takes the free space over what the writer waits
 * for, only then.
 */
static const struct {
	uint32_t pending, feature, used_before, consumed;
	bool signal;
} flow[] = {
	{ 0, 1, 4096, 4096, false },
	{ 64, 0, DATA - 8, 4096, false },
	{ 64, 1, DATA - 8, 4096, true },
	{ 64, 1, DATA - 8, 56, false }, /* 64 free, the reserved 8 included */
	{ 64, 1, DATA - 8, 64, true },
	{ 64, 1, DATA - 80, 4096, false }, /* there was room before */
	{ DATA - 8, 1, 64, 64, true },
	{ DATA, 1, 64, 64, false }, /* can never fit */
	{ 0xffffffff, 1, 64, 64, false },
};

static void commit_signals_when_space_is_waited_for(void)
{
	for (unsigned int i = 0; i < sizeof(flow) / sizeof(flow[0]); i++) {
		struct hv_ring_in ring;

		fresh_pages();
		CHECK_EQ(hv_ring_in_init(&ring, page, PAGES), 0);
		control->feature_bits = flow[i].feature;
		control->pending_send_size = flow[i].pending;
		control->write_index = flow[i].used_before;
		ring.write = flow[i].used_before;
		ring.read = flow[i].consumed;
		CHECK_EQ(hv_ring_in_commit(&ring), flow[i].signal);
		hv_ring_in_free(&ring);
	}
}

static void write_fills_exactly(void)
{
	struct hv_ring_out ring;
	uint8_t *bytes = calloc(1, DATA);
	struct iovec iov = { .iov_base = bytes, .iov_len = DATA - 16 };

	fresh_pages();
	CHECK_EQ(hv_ring_out_init(&ring, page, PAGES), 0);
	CHECK_EQ(control->feature_bits, 1);
	CHECK_EQ(hv_ring_out_room(&ring), DATA - 8);
	CHECK_EQ(hv_ring_out_write(&ring, &iov, 1), 0);
	CHECK_EQ(hv_ring_out_room(&ring), 0);
	CHECK_EQ(control->write_index, 0);
	CHECK(hv_ring_out_publish(&ring));
	CHECK_EQ(control->write_index, DATA - 8);
	iov.iov_len = 1;
	CHECK_EQ(hv_ring_out_write(&ring, &iov, 1), -EAGAIN);
	CHECK(!hv_ring_out_wait(&ring, 16));
	CHECK_EQ(control->pending_send_size, 16);
	control->read_index = 16;
	CHECK_EQ(hv_ring_out_write(&ring, &iov, 1), 0);
	CHECK_EQ(control->pending_send_size, 0);
	iov.iov_len = DATA - 15;
	CHECK_EQ(hv_ring_out_write(&ring, &iov, 1), -EMSGSIZE);
	control->read_index = 3;
	iov.iov_len = 4096;
	CHECK_EQ(hv_ring_out_write(&ring, &iov, 1), -EPROTO);
	hv_ring_out_free(&ring);
	free(bytes);
}

static void write_pads_and_wraps(void)
{
	for (uint32_t at = 0; at < DATA; at += 8) {
		static const uint8_t bytes[] = "thirteen byte";
		struct iovec iov[2] = {
			{ .iov_base = (void *)bytes, .iov_len = 5 },
			{ .iov_base = (void *)(bytes + 5), .iov_len = 8 },
		};
		struct vmbus_packet_trailer trailer;
		struct hv_ring_out ring;
		uint8_t seen[16];

		fresh_pages();
		memset(page[1], 0xff, 4096);
		memset(page[2], 0xff, 4096);
		control->write_index = control->read_index = at;
		CHECK_EQ(hv_ring_out_init(&ring, page, PAGES), 0);
		CHECK_EQ(hv_ring_out_write(&ring, iov, 2), 0);
		CHECK(hv_ring_out_publish(&ring));
		CHECK_EQ(control->write_index, (at + 24) % DATA);
		get(at, seen, sizeof(seen));
		CHECK(!memcmp(seen, bytes, 13) && !seen[13] && !seen[14] && !seen[15]);
		get(at + 16, &trailer, sizeof(trailer));
		CHECK_EQ(trailer.reserved, 0);
		CHECK_EQ(trailer.start_index, at);
		hv_ring_out_free(&ring);
	}
}

/* One signal for a batch, only if the ring was empty and the guest wants one. */
static void publish_signals_on_empty_only(void)
{
	struct hv_ring_out ring;
	uint64_t bytes[2] = { 0 };
	struct iovec iov = { .iov_base = bytes, .iov_len = sizeof(bytes) };

	fresh_pages();
	CHECK_EQ(hv_ring_out_init(&ring, page, PAGES), 0);
	CHECK(!hv_ring_out_publish(&ring));
	hv_ring_out_write(&ring, &iov, 1);
	hv_ring_out_write(&ring, &iov, 1);
	CHECK(hv_ring_out_publish(&ring));
	hv_ring_out_write(&ring, &iov, 1);
	CHECK(!hv_ring_out_publish(&ring));
	control->read_index = control->write_index;
	control->interrupt_mask = 1;
	hv_ring_out_write(&ring, &iov, 1);
	CHECK(!hv_ring_out_publish(&ring));
	control->read_index = control->write_index;
	control->interrupt_mask = 0;
	hv_ring_out_write(&ring, &iov, 1);
	CHECK(hv_ring_out_publish(&ring));
	hv_ring_out_free(&ring);
}

/* Whatever the control page and the data say, a read stays inside and ends. */
static void random_rings_end(void)
{
	unsigned int seed = 20120904;

	for (int round = 0; round < 20000; round++) {
		struct hv_ring_in ring;
		struct hv_ring_fault fault;
		int packets = 0, ret;

		if (round % 100 == 0) {
			fresh_pages();
			for (int i = 0; i < 4096; i++) {
				page[1][i] = rand_r(&seed) % 5 ? 0 : rand_r(&seed) % 64;
				page[2][i] = rand_r(&seed);
			}
		}
		control->read_index = rand_r(&seed) % DATA & ~7u;
		if (hv_ring_in_init(&ring, page, PAGES))
			continue;
		control->write_index = rand_r(&seed) % (DATA + 16);
		while ((ret = hv_ring_in_read(&ring, &fault)) > 0)
			packets++;
		CHECK(packets <= (int)(DATA / 24));
		hv_ring_in_free(&ring);
	}
}

static const struct unit_case cases[] = {
	UNIT_CASE(read_wraps_anywhere),
	UNIT_CASE(mask_and_unmask),
	UNIT_CASE(hostile_packets_are_refused),
	UNIT_CASE(impossible_rings_are_refused),
	UNIT_CASE(commit_signals_when_space_is_waited_for),
	UNIT_CASE(write_fills_exactly),
	UNIT_CASE(write_pads_and_wraps),
	UNIT_CASE(publish_signals_on_empty_only),
	UNIT_CASE(random_rings_end),
};

int main(void)
{
	int status = unit_main(cases, sizeof(cases) / sizeof(cases[0]));

	for (int i = 0; i < PAGES; i++)
		free(page[i]);
	return status;
}
