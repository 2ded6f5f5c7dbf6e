// SPDX-License-Identifier: GPL-2.0
/*
 * Writing to the byte ring: copying at every offset, room to the last byte, when
 * the host is signalled, and the order of accesses and barriers (VMBus ring
 * buffers). The host's side is played by hand on the bytes of the shared memory.
 */
#include "ring_fixture.h"

static u8 payload_byte(u32 i)
{
	return (u8)(0x30 + i * 7);
}

static bool guards_are_whole(const struct ring_test *ring)
{
	u32 i;

	for (i = 0; i < GUARD_BYTES; i++)
		if (ring->guard_before[i] != GUARD || ring->guard_after[i] != GUARD)
			return false;
	return true;
}

/* Both ends at the same place, as after many packets: an empty ring at @at. */
static void out_start_at(struct ring_test *ring, u32 at)
{
	vmbus_ring_out_init(&ring->out, &ring->control, ring->bytes, RING_BYTES);
	ring->out.write_index = at;
	ring->out.published = at;
	ring->out.read_index = at;
	ring->control.write_index = cpu_to_le32(at);
	ring->control.read_index = cpu_to_le32(at);
	ring->events[0] = '\0';
}

static void out_init_leaves_an_empty_ring_with_the_feature_bit(struct kunit *test)
{
	struct ring_test *ring = test->priv;
	const u8 *page = (const u8 *)&ring->control;
	u32 i;

	memset(&ring->control, 0xff, sizeof(ring->control));
	vmbus_ring_out_init(&ring->out, &ring->control, ring->bytes, RING_BYTES);
	for (i = 0; i < sizeof(ring->control); i++)
		if (page[i] != (i == 64 ? 1 : 0))
			KUNIT_FAIL(test, "byte %u of the control page is 0x%02x", i, page[i]);
	KUNIT_EXPECT_EQ(test, vmbus_ring_out_check_room(&ring->out, 16), VMBUS_RING_OK);
}

/* Every start, every length that fits, in three pieces of odd lengths. */
static void packet_is_written_whole_at_every_offset(struct kunit *test)
{
	struct ring_test *ring = test->priv;
	u8 packet[RING_BYTES], expected[RING_BYTES];
	u32 at, bytes, i;

	for (i = 0; i < sizeof(packet); i++)
		packet[i] = payload_byte(i);
	for (at = 0; at < RING_BYTES; at += 8) {
		for (bytes = 16; bytes <= RING_BYTES - 16; bytes += 8) {
			struct vmbus_ring_piece piece[] = {
				{ packet, 3 }, { packet + 3, bytes - 8 }, { packet + bytes - 5, 5 },
			};
			bool signal;

			out_start_at(ring, at);
			memset(ring->bytes, STALE, RING_BYTES);
			memset(expected, STALE, RING_BYTES);
			for (i = 0; i < bytes; i++)
				expected[(at + i) % RING_BYTES] = packet[i];
			for (i = 0; i < 8; i++)
				expected[(at + bytes + i) % RING_BYTES] = i == 4 ? (u8)at : 0;

			KUNIT_ASSERT_EQ(test, vmbus_ring_out_write(&ring->out, piece, ARRAY_SIZE(piece), &signal),
					VMBUS_RING_OK);
			if (memcmp(ring->bytes, expected, RING_BYTES))
				KUNIT_FAIL(test, "wrong bytes: start %u, length %u", at, bytes);
			KUNIT_EXPECT_EQ(test, le32_to_cpu(ring->control.write_index),
					(at + bytes + 8) % RING_BYTES);
			KUNIT_EXPECT_TRUE(test, signal);
			KUNIT_ASSERT_TRUE(test, guards_are_whole(ring));
		}
	}
}

/* A descriptor and a payload of any length: what is written is what the pieces of the general way would have given. */
static void descriptor_and_payload_are_written_whole_at_every_offset(struct kunit *test)
{
	struct ring_test *ring = test->priv;
	u8 payload[RING_BYTES], expected[RING_BYTES];
	u32 at, bytes, i;

	for (i = 0; i < sizeof(payload); i++)
		payload[i] = payload_byte(i);
	for (at = 0; at < RING_BYTES; at += 8) {
		for (bytes = 0; bytes <= RING_BYTES - 32; bytes++) {
			const struct vmbus_packet packet = {
				.type = cpu_to_le16(VMBUS_PACKET_INBAND),
				.payload_qwords = cpu_to_le16(2),
				.total_qwords = cpu_to_le16(2 + (bytes + 7) / 8),
				.transaction_id = cpu_to_le64(0x1122334455667788ull),
			};
			u32 padded = (bytes + 7) / 8 * 8;

			out_start_at(ring, at);
			memset(ring->bytes, STALE, RING_BYTES);
			memset(expected, STALE, RING_BYTES);
			for (i = 0; i < 16; i++)
				expected[(at + i) % RING_BYTES] = ((const u8 *)&packet)[i];
			for (i = 0; i < padded; i++)
				expected[(at + 16 + i) % RING_BYTES] = i < bytes ? payload[i] : 0;
			for (i = 0; i < 8; i++)
				expected[(at + 16 + padded + i) % RING_BYTES] = i == 4 ? (u8)at : 0;

			KUNIT_ASSERT_TRUE(test, vmbus_ring_out_has_room(&ring->out, 16 + padded));
			KUNIT_EXPECT_TRUE(test, vmbus_ring_out_put(&ring->out, &packet, payload, bytes));
			if (memcmp(ring->bytes, expected, RING_BYTES))
				KUNIT_FAIL(test, "wrong bytes: start %u, payload of %u", at, bytes);
			KUNIT_EXPECT_EQ(test, le32_to_cpu(ring->control.write_index), (at + 24 + padded) % RING_BYTES);
			KUNIT_EXPECT_EQ(test, ring->out.write_index, (at + 24 + padded) % RING_BYTES);
			KUNIT_ASSERT_TRUE(test, guards_are_whole(ring));
		}
	}
}

struct room_case {
	const char *name;
	u32 packet_bytes;
	u32 write_index;
	u32 seen_read_index;	/* what the writer knows */
	u32 read_index;		/* what the control page says */
	enum vmbus_ring_verdict verdict;
};

/* The ring holds 128 bytes, of which 8 stay free; a packet takes 8 more than its length. */
static const struct room_case room_cases[] = {
	{ "empty_ring_takes_the_largest_packet", 112, 0, 0, 0, VMBUS_RING_OK },
	{ "largest_packet_at_another_offset", 112, 72, 72, 72, VMBUS_RING_OK },
	{ "one_qword_more_than_the_ring_is_too_big", 120, 0, 0, 0, VMBUS_RING_TOO_BIG },
	{ "full_but_for_one_qword", 40, 64, 0, 0, VMBUS_RING_OK },
	{ "exactly_full", 48, 64, 0, 0, VMBUS_RING_OK },
	{ "one_qword_short", 56, 64, 0, 0, VMBUS_RING_FULL },
	{ "exactly_full_across_the_end", 48, 32, 96, 96, VMBUS_RING_OK },
	{ "one_qword_short_across_the_end", 56, 32, 96, 96, VMBUS_RING_FULL },
	{ "full_ring_refuses_the_smallest", 16, 120, 0, 0, VMBUS_RING_FULL },
	{ "full_ring_wrapped", 16, 56, 64, 64, VMBUS_RING_FULL },
	{ "smallest_packet_in_the_last_room", 16, 96, 0, 0, VMBUS_RING_OK },
	{ "smallest_packet_one_qword_short", 16, 104, 0, 0, VMBUS_RING_FULL },
	{ "room_made_since_the_last_look", 112, 64, 0, 64, VMBUS_RING_OK },
	{ "some_room_made_but_not_enough", 112, 64, 0, 56, VMBUS_RING_FULL },
	{ "shared_index_not_looked_at_while_there_is_room", 16, 0, 0, 0xffffffff, VMBUS_RING_OK },
	{ "shared_index_not_looked_at_while_it_exactly_fits", 48, 64, 0, 0xffffffff, VMBUS_RING_OK },
	{ "no_packet_of_0_bytes", 0, 0, 0, 0, VMBUS_RING_TOO_BIG },
	{ "no_packet_shorter_than_its_descriptor", 8, 0, 0, 0, VMBUS_RING_TOO_BIG },
	{ "no_packet_of_odd_length", 17, 0, 0, 0, VMBUS_RING_TOO_BIG },
	{ "no_packet_of_length_4_mod_8", 20, 0, 0, 0, VMBUS_RING_TOO_BIG },
	{ "no_packet_longer_than_16_bits_of_qwords", 0x10000 * 8, 0, 0, 0, VMBUS_RING_TOO_BIG },
	{ "no_packet_of_all_ones", 0xfffffff8, 0, 0, 0, VMBUS_RING_TOO_BIG },
	{ "hostile_index_at_the_end", 112, 64, 0, 128, VMBUS_RING_BROKEN },
	{ "hostile_index_past_the_end", 112, 64, 0, 136, VMBUS_RING_BROKEN },
	{ "hostile_index_not_aligned", 112, 64, 0, 4, VMBUS_RING_BROKEN },
	{ "hostile_index_odd", 112, 64, 0, 63, VMBUS_RING_BROKEN },
	{ "hostile_index_of_all_ones", 112, 64, 0, 0xffffffff, VMBUS_RING_BROKEN },
	{ "hostile_index_with_the_sign_bit", 112, 64, 0, 0x80000000, VMBUS_RING_BROKEN },
};

static void room_case_desc(const struct room_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(room, room_cases, room_case_desc);

static void room_is_found_to_the_byte(struct kunit *test)
{
	const struct room_case *c = test->param_value;
	struct ring_test *ring = test->priv;
	u8 before[RING_BYTES];
	static u8 packet[0x10000 * 8];
	struct vmbus_ring_piece piece = { packet, c->packet_bytes };
	bool signal = true;

	out_start_at(ring, c->write_index);
	ring->out.read_index = c->seen_read_index;
	ring->control.read_index = cpu_to_le32(c->read_index);
	memcpy(before, ring->bytes, sizeof(before));

	/* The quick look never promises what the thorough one refuses. */
	if (c->packet_bytes >= 16 && c->packet_bytes <= 0xffff * 8 && !(c->packet_bytes & 7) &&
	    vmbus_ring_out_has_room(&ring->out, c->packet_bytes))
		KUNIT_EXPECT_EQ(test, c->verdict, VMBUS_RING_OK);
	KUNIT_EXPECT_EQ(test, vmbus_ring_out_check_room(&ring->out, c->packet_bytes), c->verdict);
	KUNIT_EXPECT_EQ(test, vmbus_ring_out_write(&ring->out, &piece, 1, &signal), c->verdict);
	if (c->verdict != VMBUS_RING_OK) {
		/* A refused packet leaves no trace. */
		KUNIT_EXPECT_FALSE(test, signal);
		KUNIT_EXPECT_EQ(test, memcmp(before, ring->bytes, sizeof(before)), 0);
		KUNIT_EXPECT_EQ(test, le32_to_cpu(ring->control.write_index), c->write_index);
	}
	KUNIT_EXPECT_TRUE(test, guards_are_whole(ring));
	if (c->verdict == VMBUS_RING_BROKEN) {
		/* A good index afterwards does not mend it. */
		ring->control.read_index = cpu_to_le32(c->write_index);
		KUNIT_EXPECT_EQ(test, vmbus_ring_out_check_room(&ring->out, 16), VMBUS_RING_BROKEN);
		KUNIT_EXPECT_EQ(test, vmbus_ring_out_write(&ring->out, &piece, 1, &signal), VMBUS_RING_BROKEN);
	}
}

/* The length field counts 8 bytes in 16 bits, whatever the ring could hold. */
static void largest_packet_is_bound_by_its_length_field(struct kunit *test)
{
	struct ring_test *ring = test->priv;

	vmbus_ring_out_init(&ring->out, &ring->control, ring->bytes, 0x100000);
	KUNIT_EXPECT_EQ(test, vmbus_ring_out_check_room(&ring->out, 0xffff * 8), VMBUS_RING_OK);
	KUNIT_EXPECT_EQ(test, vmbus_ring_out_check_room(&ring->out, 0x10000 * 8), VMBUS_RING_TOO_BIG);
}

static void pieces_whose_sum_overflows_are_refused(struct kunit *test)
{
	struct ring_test *ring = test->priv;
	u8 packet[16] = { 0 };
	const struct vmbus_ring_piece piece[] = { { packet, 16 }, { packet, 0xfffffff8 }, { packet, 16 } };
	bool signal = true;

	KUNIT_EXPECT_EQ(test, vmbus_ring_out_write(&ring->out, piece, ARRAY_SIZE(piece), &signal), VMBUS_RING_TOO_BIG);
	KUNIT_EXPECT_FALSE(test, signal);
	KUNIT_EXPECT_EQ(test, vmbus_ring_out_write(&ring->out, piece, 0, &signal), VMBUS_RING_TOO_BIG);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(ring->control.write_index), 0u);
}

static void own_write_index_is_never_read_back(struct kunit *test)
{
	struct ring_test *ring = test->priv;
	u8 packet[16] = { 0 };
	const struct vmbus_ring_piece piece = { packet, sizeof(packet) };
	bool signal;

	out_start_at(ring, 24);
	ring->control.write_index = cpu_to_le32(0xdeadbeef);
	KUNIT_EXPECT_EQ(test, vmbus_ring_out_write(&ring->out, &piece, 1, &signal), VMBUS_RING_OK);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(ring->control.write_index), 48u);
}

struct signal_case {
	const char *name;
	u32 mask;
	u32 read_index;		/* when the packet, written at 48, is published */
	bool signal;
};

static const struct signal_case signal_cases[] = {
	{ "empty_ring_and_host_sleeps", 0, 48, true },
	{ "empty_ring_but_host_polls", 1, 48, false },
	{ "any_bit_of_the_mask_counts", 0x80000000, 48, false },
	{ "mask_of_all_ones", 0xffffffff, 48, false },
	{ "host_still_has_packets", 0, 24, false },
	{ "host_still_has_packets_across_the_end", 0, 72, false },
	{ "host_read_it_already", 0, 72, false },
	{ "host_has_packets_and_polls", 1, 24, false },
	{ "hostile_read_index_is_no_empty_ring", 0, 0xffffffff, false },
	{ "hostile_read_index_unaligned", 0, 49, false },
};

static void signal_case_desc(const struct signal_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(signal, signal_cases, signal_case_desc);

static void host_is_signalled_when_the_ring_was_empty_and_it_sleeps(struct kunit *test)
{
	const struct signal_case *c = test->param_value;
	struct ring_test *ring = test->priv;
	u8 packet[16] = { 0 };
	const struct vmbus_ring_piece piece = { packet, sizeof(packet) };
	bool signal = !c->signal;

	out_start_at(ring, 48);
	ring->control.interrupt_mask = cpu_to_le32(c->mask);
	ring->control.read_index = cpu_to_le32(c->read_index);
	KUNIT_ASSERT_EQ(test, vmbus_ring_out_write(&ring->out, &piece, 1, &signal), VMBUS_RING_OK);
	KUNIT_EXPECT_EQ(test, signal, c->signal);
}

static void write_keeps_the_order_of_the_protocol(struct kunit *test)
{
	struct ring_test *ring = test->priv;
	u8 packet[16] = { 0 };
	const struct vmbus_ring_piece piece = { packet, sizeof(packet) };
	bool signal;

	/* Index published with release, full barrier, mask, read barrier, read index. */
	out_start_at(ring, 0);
	vmbus_ring_out_write(&ring->out, &piece, 1, &signal);
	KUNIT_EXPECT_STREQ(test, (const char *)ring->events, "Pw M Lm R Lr ");
	/* A masked host costs no look at its read index. */
	ring->events[0] = '\0';
	ring->control.interrupt_mask = cpu_to_le32(1);
	vmbus_ring_out_write(&ring->out, &piece, 1, &signal);
	KUNIT_EXPECT_STREQ(test, (const char *)ring->events, "Pw M Lm ");
	/* Short of room by what is known: one acquire of the read index first. */
	ring->events[0] = '\0';
	ring->out.read_index = 72;
	vmbus_ring_out_write(&ring->out, &piece, 1, &signal);
	KUNIT_EXPECT_STREQ(test, (const char *)ring->events, "Ar Pw M Lm ");
}

static void packets_held_back_are_seen_and_signalled_together(struct kunit *test)
{
	struct ring_test *ring = test->priv;
	u8 packet[16] = { 0 };
	const struct vmbus_ring_piece piece = { packet, sizeof(packet) };
	bool signal;

	out_start_at(ring, 48);
	KUNIT_EXPECT_FALSE(test, vmbus_ring_out_is_holding(&ring->out));
	KUNIT_EXPECT_FALSE(test, vmbus_ring_out_publish(&ring->out));
	vmbus_ring_out_hold(&ring->out, &piece, 1);
	vmbus_ring_out_hold(&ring->out, &piece, 1);
	/* Neither the index nor the mask is touched. */
	KUNIT_EXPECT_STREQ(test, (const char *)ring->events, "");
	KUNIT_EXPECT_EQ(test, le32_to_cpu(ring->control.write_index), 48u);
	KUNIT_EXPECT_TRUE(test, vmbus_ring_out_is_holding(&ring->out));
	KUNIT_EXPECT_TRUE(test, vmbus_ring_out_publish(&ring->out));
	KUNIT_EXPECT_STREQ(test, (const char *)ring->events, "Pw M Lm R Lr ");
	KUNIT_EXPECT_EQ(test, le32_to_cpu(ring->control.write_index), 96u);
	KUNIT_EXPECT_FALSE(test, vmbus_ring_out_is_holding(&ring->out));
	KUNIT_EXPECT_FALSE(test, vmbus_ring_out_publish(&ring->out));

	/* Any other packet takes them along; the ring was empty before the first of them, not before that packet. */
	out_start_at(ring, 48);
	vmbus_ring_out_hold(&ring->out, &piece, 1);
	KUNIT_EXPECT_EQ(test, vmbus_ring_out_write(&ring->out, &piece, 1, &signal), VMBUS_RING_OK);
	KUNIT_EXPECT_TRUE(test, signal);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(ring->control.write_index), 96u);
	KUNIT_EXPECT_FALSE(test, vmbus_ring_out_is_holding(&ring->out));

	/* A host that polls, or has packets still, is not signalled. */
	out_start_at(ring, 48);
	ring->control.read_index = cpu_to_le32(24);
	vmbus_ring_out_hold(&ring->out, &piece, 1);
	KUNIT_EXPECT_FALSE(test, vmbus_ring_out_publish(&ring->out));
	ring->control.interrupt_mask = cpu_to_le32(1);
	ring->control.read_index = cpu_to_le32(72);
	vmbus_ring_out_hold(&ring->out, &piece, 1);
	KUNIT_EXPECT_FALSE(test, vmbus_ring_out_publish(&ring->out));
	KUNIT_EXPECT_TRUE(test, guards_are_whole(ring));
}

/* The host at the points in time where a wake-up could be lost. */
static void host_reads_all_and_unmasks(struct ring_test *ring)
{
	ring->control.read_index = ring->control.write_index;
	ring->control.interrupt_mask = 0;
}

static void host_unmasks(struct ring_test *ring)
{
	ring->control.interrupt_mask = 0;
}

static void host_masks(struct ring_test *ring)
{
	ring->control.interrupt_mask = cpu_to_le32(1);
}

struct race_case {
	const char *name;
	u32 mask_before;
	char on;		/* the host acts just before this event */
	int at;
	void (*act)(struct ring_test *ring);
	bool signal;
};

static const struct race_case out_race_cases[] = {
	{ "host_unmasks_before_the_index_is_out_and_sees_nothing", 1, 'P', 1, host_unmasks, true },
	{ "host_unmasks_after_the_index_is_out_without_rereading", 1, 'M', 1, host_unmasks, true },
	{ "host_unmasks_and_rereads_after_the_index_is_out", 1, 'M', 1, host_reads_all_and_unmasks, false },
	{ "host_unmasks_and_rereads_before_the_mask_is_looked_at", 1, 'L', 1, host_reads_all_and_unmasks, false },
	{ "host_unmasks_after_the_mask_was_looked_at", 1, 'R', 1, host_reads_all_and_unmasks, false },
	{ "host_reads_between_mask_and_read_index", 0, 'R', 1, host_reads_all_and_unmasks, false },
	{ "host_reads_just_before_the_read_index_is_looked_at", 0, 'L', 2, host_reads_all_and_unmasks, false },
	{ "host_begins_to_poll_before_the_index_is_out", 0, 'P', 1, host_masks, false },
	{ "host_begins_to_poll_after_the_mask_was_looked_at", 0, 'R', 1, host_masks, true },
};

static void race_case_desc(const struct race_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(out_race, out_race_cases, race_case_desc);

static void no_wake_up_of_the_host_is_lost(struct kunit *test)
{
	const struct race_case *c = test->param_value;
	struct ring_test *ring = test->priv;
	u8 packet[16] = { 0 };
	const struct vmbus_ring_piece piece = { packet, sizeof(packet) };
	bool signal = !c->signal;

	out_start_at(ring, 112);
	ring->control.interrupt_mask = cpu_to_le32(c->mask_before);
	host_acts(ring, c->on, c->at, c->act);
	KUNIT_ASSERT_EQ(test, vmbus_ring_out_write(&ring->out, &piece, 1, &signal), VMBUS_RING_OK);
	KUNIT_EXPECT_EQ(test, signal, c->signal);
}

static struct kunit_case vmbus_ring_write_cases[] = {
	KUNIT_CASE(out_init_leaves_an_empty_ring_with_the_feature_bit),
	KUNIT_CASE(packet_is_written_whole_at_every_offset),
	KUNIT_CASE(descriptor_and_payload_are_written_whole_at_every_offset),
	KUNIT_CASE_PARAM(room_is_found_to_the_byte, room_gen_params),
	KUNIT_CASE(largest_packet_is_bound_by_its_length_field),
	KUNIT_CASE(pieces_whose_sum_overflows_are_refused),
	KUNIT_CASE(own_write_index_is_never_read_back),
	KUNIT_CASE_PARAM(host_is_signalled_when_the_ring_was_empty_and_it_sleeps, signal_gen_params),
	KUNIT_CASE(write_keeps_the_order_of_the_protocol),
	KUNIT_CASE(packets_held_back_are_seen_and_signalled_together),
	KUNIT_CASE_PARAM(no_wake_up_of_the_host_is_lost, out_race_gen_params),
	{}
};

static struct kunit_suite vmbus_ring_write_suite = {
	.name = "hv_vmbus_ring_write",
	.init = ring_test_init,
	.test_cases = vmbus_ring_write_cases,
};
kunit_test_suite(vmbus_ring_write_suite);

MODULE_DESCRIPTION("KUnit suite: writing to byte rings of VMBus");
MODULE_LICENSE("GPL");
