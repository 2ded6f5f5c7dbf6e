// SPDX-License-Identifier: GPL-2.0
/*
 * Reading from the byte ring: packets at every offset, whatever a hostile host can
 * put into indices and lengths, giving space back, the guest's interrupt mask, and
 * the order of accesses and barriers (VMBus ring buffers). The host's side is
 * played by hand on the bytes of the shared memory.
 */
#include "ring_fixture.h"

static void in_start_at(struct ring_test *ring, u32 at)
{
	vmbus_ring_in_init(&ring->in, &ring->control, ring->bytes, RING_BYTES);
	ring->in.write_index = at;
	ring->in.read_index = at;
	ring->in.published = at;
	ring->control.write_index = cpu_to_le32(at);
	ring->control.read_index = cpu_to_le32(at);
	ring->events[0] = '\0';
}

/* The host's pen: one byte, anywhere, wrapping. */
static void host_put(struct ring_test *ring, u32 at, u8 byte)
{
	ring->bytes[at % RING_BYTES] = byte;
}

static void host_put_descriptor(struct ring_test *ring, u32 at, u16 payload_qwords, u16 total_qwords)
{
	host_put(ring, at + 0, VMBUS_PACKET_INBAND);
	host_put(ring, at + 1, 0);
	host_put(ring, at + 2, payload_qwords & 0xff);
	host_put(ring, at + 3, payload_qwords >> 8);
	host_put(ring, at + 4, total_qwords & 0xff);
	host_put(ring, at + 5, total_qwords >> 8);
	host_put(ring, at + 6, 0);
	host_put(ring, at + 7, 0);
}

/* A right packet of @qwords, payload numbered, announced. Returns where it ends. */
static u32 host_send(struct ring_test *ring, u32 at, u16 qwords)
{
	u32 i, end = (at + qwords * 8 + 8) % RING_BYTES;

	host_put_descriptor(ring, at, 2, qwords);
	for (i = 8; i < qwords * 8u; i++)
		host_put(ring, at + i, (u8)i);
	ring->control.write_index = cpu_to_le32(end);
	return end;
}

static void in_init_wipes_the_control_page_and_leaves_the_feature_to_the_host(struct kunit *test)
{
	struct ring_test *ring = test->priv;
	struct vmbus_packet packet;
	const u8 *page = (const u8 *)&ring->control;
	u32 i;

	memset(&ring->control, 0xff, sizeof(ring->control));
	vmbus_ring_in_init(&ring->in, &ring->control, ring->bytes, RING_BYTES);
	for (i = 0; i < sizeof(ring->control); i++)
		if (page[i])
			KUNIT_FAIL(test, "byte %u of the control page is 0x%02x", i, page[i]);
	KUNIT_EXPECT_EQ(test, vmbus_ring_in_peek(&ring->in, &packet), VMBUS_RING_EMPTY);
}

static void packet_is_read_whole_at_every_offset(struct kunit *test)
{
	struct ring_test *ring = test->priv;
	struct vmbus_packet packet;
	u8 copy[RING_BYTES];
	u32 at, i, end;
	u16 qwords;
	bool signal;

	for (at = 0; at < RING_BYTES; at += 8) {
		for (qwords = 2; qwords <= RING_BYTES / 8 - 2; qwords++) {
			in_start_at(ring, at);
			end = host_send(ring, at, qwords);
			KUNIT_ASSERT_EQ(test, vmbus_ring_in_peek(&ring->in, &packet), VMBUS_RING_OK);
			KUNIT_EXPECT_EQ(test, le16_to_cpu(packet.total_qwords), qwords);
			KUNIT_EXPECT_EQ(test, le16_to_cpu(packet.type), VMBUS_PACKET_INBAND);
			KUNIT_ASSERT_TRUE(test, vmbus_ring_in_copy(&ring->in, 8, copy, qwords * 8 - 8));
			for (i = 8; i < qwords * 8u; i++)
				if (copy[i - 8] != (u8)i)
					KUNIT_FAIL(test, "byte %u wrong: start %u, %u qwords", i, at, qwords);
			vmbus_ring_in_next(&ring->in);
			KUNIT_EXPECT_EQ(test, vmbus_ring_in_peek(&ring->in, &packet), VMBUS_RING_EMPTY);
			/* Nothing is given back before the batch ends. */
			KUNIT_EXPECT_EQ(test, le32_to_cpu(ring->control.read_index), at);
			KUNIT_EXPECT_EQ(test, vmbus_ring_in_commit(&ring->in, &signal), VMBUS_RING_OK);
			KUNIT_EXPECT_EQ(test, le32_to_cpu(ring->control.read_index), end);
			KUNIT_EXPECT_FALSE(test, signal);
		}
	}
}

/* In one go: the same bytes, behind the descriptor that was checked, and nothing at all when there is too little room. */
static void packet_is_read_in_one_go_at_every_offset(struct kunit *test)
{
	struct ring_test *ring = test->priv;
	struct vmbus_packet packet;
	u8 copy[RING_BYTES];
	u32 at, i;
	u16 qwords;

	for (at = 0; at < RING_BYTES; at += 8) {
		for (qwords = 2; qwords <= RING_BYTES / 8 - 2; qwords++) {
			in_start_at(ring, at);
			host_send(ring, at, qwords);
			memset(copy, STALE, sizeof(copy));
			KUNIT_ASSERT_EQ(test, vmbus_ring_in_read(&ring->in, copy, qwords * 8 - 1), VMBUS_RING_TOO_BIG);
			for (i = 0; i < sizeof(copy); i++)
				if (copy[i] != STALE)
					KUNIT_FAIL(test, "byte %u written without room: start %u, %u qwords", i, at, qwords);
			KUNIT_ASSERT_EQ(test, vmbus_ring_in_peek(&ring->in, &packet), VMBUS_RING_OK);
			KUNIT_EXPECT_EQ(test, le16_to_cpu(packet.total_qwords), qwords);
			KUNIT_ASSERT_EQ(test, vmbus_ring_in_read(&ring->in, copy, qwords * 8), VMBUS_RING_OK);
			KUNIT_EXPECT_EQ(test, memcmp(copy, &packet, sizeof(packet)), 0);
			for (i = 16; i < sizeof(copy); i++)
				if (copy[i] != (i < qwords * 8u ? (u8)i : STALE))
					KUNIT_FAIL(test, "byte %u wrong: start %u, %u qwords", i, at, qwords);
			vmbus_ring_in_next(&ring->in);
			KUNIT_EXPECT_EQ(test, vmbus_ring_in_read(&ring->in, copy, sizeof(copy)), VMBUS_RING_EMPTY);
		}
	}
}

/* Three packets wherever the ring ends, and one behind them that is there and not announced. */
static void what_is_not_announced_is_not_read_at_any_offset(struct kunit *test)
{
	struct ring_test *ring = test->priv;
	u8 copy[RING_BYTES];
	u32 at, end, i;

	for (at = 0; at < RING_BYTES; at += 8) {
		in_start_at(ring, at);
		end = host_send(ring, at, 2);
		end = host_send(ring, end, 3);
		end = host_send(ring, end, 2);
		host_put_descriptor(ring, end, 2, 2);
		for (i = 0; i < 3; i++) {
			KUNIT_ASSERT_EQ(test, vmbus_ring_in_read(&ring->in, copy, sizeof(copy)), VMBUS_RING_OK);
			/* Looking again finds it again. */
			KUNIT_ASSERT_EQ(test, vmbus_ring_in_read(&ring->in, copy, sizeof(copy)), VMBUS_RING_OK);
			vmbus_ring_in_next(&ring->in);
			/* Stepping twice steps once. */
			vmbus_ring_in_next(&ring->in);
		}
		KUNIT_EXPECT_EQ(test, ring->in.read_index, end % RING_BYTES);
		KUNIT_EXPECT_EQ(test, vmbus_ring_in_read(&ring->in, copy, sizeof(copy)), VMBUS_RING_EMPTY);
		KUNIT_EXPECT_FALSE(test, vmbus_ring_in_copy(&ring->in, 0, copy, 8));
	}
}

static void packets_of_a_batch_come_in_order_and_are_given_back_together(struct kunit *test)
{
	struct ring_test *ring = test->priv;
	struct vmbus_packet packet;
	u32 end;
	bool signal;

	in_start_at(ring, 96);
	end = host_send(ring, 96, 2);
	end = host_send(ring, end, 4);
	end = host_send(ring, end, 3);
	KUNIT_ASSERT_EQ(test, vmbus_ring_in_peek(&ring->in, &packet), VMBUS_RING_OK);
	KUNIT_EXPECT_EQ(test, le16_to_cpu(packet.total_qwords), 2);
	/* Looking again finds the same. */
	KUNIT_ASSERT_EQ(test, vmbus_ring_in_peek(&ring->in, &packet), VMBUS_RING_OK);
	KUNIT_EXPECT_EQ(test, le16_to_cpu(packet.total_qwords), 2);
	vmbus_ring_in_next(&ring->in);
	KUNIT_ASSERT_EQ(test, vmbus_ring_in_peek(&ring->in, &packet), VMBUS_RING_OK);
	KUNIT_EXPECT_EQ(test, le16_to_cpu(packet.total_qwords), 4);
	vmbus_ring_in_next(&ring->in);
	KUNIT_EXPECT_EQ(test, vmbus_ring_in_commit(&ring->in, &signal), VMBUS_RING_OK);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(ring->control.read_index), (96u + 24 + 40) % RING_BYTES);
	KUNIT_ASSERT_EQ(test, vmbus_ring_in_peek(&ring->in, &packet), VMBUS_RING_OK);
	KUNIT_EXPECT_EQ(test, le16_to_cpu(packet.total_qwords), 3);
	vmbus_ring_in_next(&ring->in);
	KUNIT_EXPECT_EQ(test, vmbus_ring_in_commit(&ring->in, &signal), VMBUS_RING_OK);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(ring->control.read_index), end);
	/* Without new packets a commit touches nothing. */
	ring->events[0] = '\0';
	KUNIT_EXPECT_EQ(test, vmbus_ring_in_commit(&ring->in, &signal), VMBUS_RING_OK);
	KUNIT_EXPECT_STREQ(test, (const char *)ring->events, "");
}

struct packet_case {
	const char *name;
	u32 available;		/* bytes the host announces */
	u16 payload_qwords;
	u16 total_qwords;
	enum vmbus_ring_verdict verdict;
};

static const struct packet_case packet_cases[] = {
	{ "smallest_packet", 24, 2, 2, VMBUS_RING_OK },
	{ "payload_empty_at_the_end", 48, 5, 5, VMBUS_RING_OK },
	{ "more_packets_behind_it", 96, 2, 3, VMBUS_RING_OK },
	{ "full_ring_of_one_packet", 120, 2, 14, VMBUS_RING_OK },
	{ "length_0", 48, 2, 0, VMBUS_RING_BROKEN },
	{ "length_0_payload_0", 48, 0, 0, VMBUS_RING_BROKEN },
	{ "length_below_the_descriptor", 48, 1, 1, VMBUS_RING_BROKEN },
	{ "payload_inside_the_descriptor", 48, 1, 5, VMBUS_RING_BROKEN },
	{ "payload_at_0", 48, 0, 5, VMBUS_RING_BROKEN },
	{ "payload_one_qword_past_the_packet", 48, 6, 5, VMBUS_RING_BROKEN },
	{ "payload_far_past_the_packet", 48, 0xffff, 5, VMBUS_RING_BROKEN },
	{ "length_takes_the_trailer_along", 48, 2, 6, VMBUS_RING_BROKEN },
	{ "length_one_qword_past_the_announced", 48, 2, 7, VMBUS_RING_BROKEN },
	{ "length_past_the_ring", 120, 2, 15, VMBUS_RING_BROKEN },
	{ "length_twice_around_the_ring", 120, 2, 34, VMBUS_RING_BROKEN },
	{ "length_of_all_ones", 120, 2, 0xffff, VMBUS_RING_BROKEN },
	{ "both_of_all_ones", 120, 0xffff, 0xffff, VMBUS_RING_BROKEN },
	{ "only_a_trailer_announced", 8, 2, 2, VMBUS_RING_BROKEN },
	{ "only_a_descriptor_announced", 16, 2, 2, VMBUS_RING_BROKEN },
};

static void packet_case_desc(const struct packet_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(packet, packet_cases, packet_case_desc);

static void lengths_are_checked_against_what_is_announced(struct kunit *test)
{
	const struct packet_case *c = test->param_value;
	struct ring_test *ring = test->priv;
	struct vmbus_packet packet;
	u8 copy[8];
	u32 at;
	bool signal;

	for (at = 0; at < RING_BYTES; at += 8) {
		in_start_at(ring, at);
		host_put_descriptor(ring, at, c->payload_qwords, c->total_qwords);
		ring->control.write_index = cpu_to_le32((at + c->available) % RING_BYTES);
		KUNIT_ASSERT_EQ(test, vmbus_ring_in_peek(&ring->in, &packet), c->verdict);
		if (c->verdict != VMBUS_RING_BROKEN)
			continue;
		/* Nothing of it can be had, and the ring stays broken. */
		KUNIT_EXPECT_FALSE(test, vmbus_ring_in_copy(&ring->in, 0, copy, sizeof(copy)));
		host_send(ring, at, 2);
		KUNIT_EXPECT_EQ(test, vmbus_ring_in_peek(&ring->in, &packet), VMBUS_RING_BROKEN);
		KUNIT_EXPECT_EQ(test, vmbus_ring_in_commit(&ring->in, &signal), VMBUS_RING_BROKEN);
		KUNIT_EXPECT_FALSE(test, vmbus_ring_in_unmask(&ring->in));
	}
}

struct index_case {
	const char *name;
	u32 first;		/* write index at the first look; 24 bytes are taken */
	u32 second;		/* at the second */
	enum vmbus_ring_verdict verdict;
};

/* The reader is at 40: one packet up to 64 at the first look. */
static const struct index_case index_cases[] = {
	{ "no_more", 64, 64, VMBUS_RING_EMPTY },
	{ "another_packet", 64, 88, VMBUS_RING_OK },
	{ "ring_filled_to_the_last_qword", 64, 32, VMBUS_RING_OK },
	{ "hostile_ring_filled_over_the_gap", 64, 40, VMBUS_RING_BROKEN },
	{ "hostile_step_back", 64, 56, VMBUS_RING_BROKEN },
	{ "hostile_step_over_what_is_not_given_back", 64, 48, VMBUS_RING_BROKEN },
	{ "hostile_index_at_the_end", 64, 128, VMBUS_RING_BROKEN },
	{ "hostile_index_past_the_end", 64, 136, VMBUS_RING_BROKEN },
	{ "hostile_index_unaligned_by_4", 64, 92, VMBUS_RING_BROKEN },
	{ "hostile_index_odd", 64, 89, VMBUS_RING_BROKEN },
	{ "hostile_index_of_all_ones", 64, 0xffffffff, VMBUS_RING_BROKEN },
	{ "hostile_index_aligned_and_huge", 64, 0xfffffff8, VMBUS_RING_BROKEN },
};

static void index_case_desc(const struct index_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(index, index_cases, index_case_desc);

static void write_index_may_only_go_forward_within_the_free_space(struct kunit *test)
{
	const struct index_case *c = test->param_value;
	struct ring_test *ring = test->priv;
	struct vmbus_packet packet;

	in_start_at(ring, 40);
	host_put_descriptor(ring, 40, 2, 2);
	host_put_descriptor(ring, 64, 2, 2);
	ring->control.write_index = cpu_to_le32(c->first);
	KUNIT_ASSERT_EQ(test, vmbus_ring_in_peek(&ring->in, &packet), VMBUS_RING_OK);
	vmbus_ring_in_next(&ring->in);
	ring->control.write_index = cpu_to_le32(c->second);
	KUNIT_EXPECT_EQ(test, vmbus_ring_in_peek(&ring->in, &packet), c->verdict);
}

struct copy_case {
	const char *name;
	u32 offset;
	u32 bytes;
	bool copied;
};

/* Of a packet of 40 bytes */
static const struct copy_case copy_cases[] = {
	{ "all_of_it", 0, 40, true },
	{ "the_last_byte", 39, 1, true },
	{ "nothing_at_the_end", 40, 0, true },
	{ "an_odd_part", 3, 7, true },
	{ "one_byte_too_many", 0, 41, false },
	{ "one_byte_past_the_end", 40, 1, false },
	{ "into_the_trailer", 32, 16, false },
	{ "nothing_past_the_end", 41, 0, false },
	{ "sum_overflows", 16, 0xfffffff8, false },
	{ "offset_of_all_ones", 0xffffffff, 2, false },
};

static void copy_case_desc(const struct copy_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(copy, copy_cases, copy_case_desc);

static void only_bytes_of_the_packet_can_be_copied(struct kunit *test)
{
	const struct copy_case *c = test->param_value;
	struct ring_test *ring = test->priv;
	struct vmbus_packet packet;
	u8 to[64];
	u32 i;

	in_start_at(ring, 104);
	host_send(ring, 104, 5);
	KUNIT_ASSERT_EQ(test, vmbus_ring_in_peek(&ring->in, &packet), VMBUS_RING_OK);
	memset(to, 0xee, sizeof(to));
	KUNIT_EXPECT_EQ(test, vmbus_ring_in_copy(&ring->in, c->offset, to, c->bytes), c->copied);
	for (i = 0; i < sizeof(to); i++) {
		u8 expected = 0xee;

		if (c->copied && i < c->bytes)
			expected = ring->bytes[(104 + c->offset + i) % RING_BYTES];
		KUNIT_EXPECT_EQ(test, to[i], expected);
	}
	vmbus_ring_in_next(&ring->in);
	KUNIT_EXPECT_FALSE(test, vmbus_ring_in_copy(&ring->in, 0, to, 0));
}

/* The host changes the length after it was checked: the checked one counts. */
static void length_is_read_once(struct kunit *test)
{
	struct ring_test *ring = test->priv;
	struct vmbus_packet packet;
	u8 copy[64];
	bool signal;

	in_start_at(ring, 0);
	host_send(ring, 0, 4);
	KUNIT_ASSERT_EQ(test, vmbus_ring_in_peek(&ring->in, &packet), VMBUS_RING_OK);
	host_put_descriptor(ring, 0, 0xffff, 0xffff);
	KUNIT_EXPECT_FALSE(test, vmbus_ring_in_copy(&ring->in, 0, copy, 40));
	KUNIT_EXPECT_TRUE(test, vmbus_ring_in_copy(&ring->in, 0, copy, 32));
	vmbus_ring_in_next(&ring->in);
	KUNIT_EXPECT_EQ(test, vmbus_ring_in_commit(&ring->in, &signal), VMBUS_RING_OK);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(ring->control.read_index), 40u);
}

static void own_read_index_is_never_read_back(struct kunit *test)
{
	struct ring_test *ring = test->priv;
	struct vmbus_packet packet;
	bool signal;

	in_start_at(ring, 16);
	host_send(ring, 16, 2);
	ring->control.read_index = cpu_to_le32(0xdeadbeef);
	KUNIT_ASSERT_EQ(test, vmbus_ring_in_peek(&ring->in, &packet), VMBUS_RING_OK);
	vmbus_ring_in_next(&ring->in);
	KUNIT_EXPECT_EQ(test, vmbus_ring_in_commit(&ring->in, &signal), VMBUS_RING_OK);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(ring->control.read_index), 40u);
}

/* ---- giving space back: when does a waiting host get its signal */

struct pending_case {
	const char *name;
	u32 feature;
	u32 pending;
	u16 qwords[3];		/* packets in the ring, 0 = no more */
	u32 taken;		/* packets of them in the batch */
	bool signal;
};

/* Free bytes count the 8 that always stay free: before 128 - used, after + the batch. */
static const struct pending_case pending_cases[] = {
	{ "host_does_not_wait", 1, 0, { 4, 4 }, 1, false },
	{ "feature_off_means_no_signal_ever", 0, 64, { 14 }, 1, false },
	{ "other_feature_bits_do_not_count", 0xfffffffe, 64, { 14 }, 1, false },
	{ "batch_makes_the_wanted_size_fit", 1, 64, { 14 }, 1, true },
	{ "exactly_fits_after", 1, 120, { 4 }, 1, true },
	{ "fits_with_room_to_spare", 1, 40, { 4, 8 }, 1, true },
	{ "still_too_small_after", 1, 88, { 4, 6 }, 1, false },
	{ "boundary_free_after_equals_wanted", 1, 72, { 4, 6 }, 1, false },
	{ "boundary_free_after_is_wanted_plus_8", 1, 64, { 4, 6 }, 1, true },
	{ "boundary_free_before_equals_wanted", 1, 32, { 4, 6 }, 1, true },
	{ "boundary_free_before_is_wanted_plus_8", 1, 24, { 4, 6 }, 1, false },
	{ "fitted_before_the_batch_already", 1, 16, { 4, 6 }, 1, false },
	{ "whole_batch_counts_once", 1, 80, { 2, 2, 8 }, 3, true },
	{ "peer_that_stores_ring_size_less_1_waits_for_empty", 1, 127, { 4 }, 1, true },
	{ "ring_size_less_1_and_not_yet_empty", 1, 127, { 4, 4 }, 1, false },
	{ "hostile_wants_more_than_the_ring", 1, 128, { 14 }, 1, false },
	{ "hostile_wants_all_ones", 1, 0xffffffff, { 14 }, 1, false },
};

static void pending_case_desc(const struct pending_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(pending, pending_cases, pending_case_desc);

static void waiting_host_is_signalled_when_its_packet_begins_to_fit(struct kunit *test)
{
	const struct pending_case *c = test->param_value;
	struct ring_test *ring = test->priv;
	struct vmbus_packet packet;
	u32 at, end, i;
	bool signal = !c->signal;

	for (at = 0; at < RING_BYTES; at += 40) {
		in_start_at(ring, at);
		ring->control.feature_bits = cpu_to_le32(c->feature);
		ring->control.pending_send_size = cpu_to_le32(c->pending);
		for (i = 0, end = at; i < ARRAY_SIZE(c->qwords) && c->qwords[i]; i++)
			end = host_send(ring, end, c->qwords[i]);
		for (i = 0; i < c->taken; i++) {
			KUNIT_ASSERT_EQ(test, vmbus_ring_in_peek(&ring->in, &packet), VMBUS_RING_OK);
			vmbus_ring_in_next(&ring->in);
		}
		KUNIT_ASSERT_EQ(test, vmbus_ring_in_commit(&ring->in, &signal), VMBUS_RING_OK);
		KUNIT_EXPECT_EQ(test, signal, c->signal);
	}
}

/*
 * The other wording of the rule, over every state of a ring of 64 bytes: less
 * the 8 bytes, the wanted size rounded down to 8 did not fit before the batch
 * and fits after it.
 */
static void signal_rule_agrees_with_its_other_wording(struct kunit *test)
{
	struct ring_test *ring = test->priv;
	u32 at, used, taken, wanted;
	const u32 size = 64;

	for (at = 0; at < size; at += 8)
	for (used = 8; used <= size - 8; used += 8)
	for (taken = 8; taken <= used; taken += 8)
	for (wanted = 8; wanted < 2 * size; wanted++) {
		s32 after = (s32)(size - (used - taken)) - 8, before = after - (s32)taken;
		s32 rounded = wanted & ~7u;
		bool expected = before < rounded && rounded <= after, signal;

		vmbus_ring_in_init(&ring->in, &ring->control, ring->bytes, size);
		ring->events[0] = '\0';
		ring->in.published = at;
		ring->in.read_index = (at + taken) % size;
		ring->in.write_index = (at + used) % size;
		ring->control.read_index = cpu_to_le32(at);
		ring->control.write_index = cpu_to_le32((at + used) % size);
		ring->control.pending_send_size = cpu_to_le32(wanted);
		ring->control.feature_bits = cpu_to_le32(VMBUS_RING_FEATURE_PENDING_SEND_SIZE);
		if (vmbus_ring_in_commit(&ring->in, &signal) != VMBUS_RING_OK || signal != expected)
			KUNIT_FAIL(test, "used %u, taken %u, wanted %u: signal is %d", used, taken, wanted, signal);
	}
}

static void commit_keeps_the_order_of_the_protocol(struct kunit *test)
{
	struct ring_test *ring = test->priv;
	struct vmbus_packet packet;
	bool signal;

	in_start_at(ring, 0);
	host_send(ring, 0, 2);
	vmbus_ring_in_peek(&ring->in, &packet);
	KUNIT_EXPECT_STREQ(test, (const char *)ring->events, "Aw ");
	vmbus_ring_in_next(&ring->in);
	ring->events[0] = '\0';
	/* Old hosts poll: no barrier for them. */
	vmbus_ring_in_commit(&ring->in, &signal);
	KUNIT_EXPECT_STREQ(test, (const char *)ring->events, "Pr Lf ");

	host_send(ring, 24, 2);
	ring->control.feature_bits = cpu_to_le32(1);
	ring->control.pending_send_size = cpu_to_le32(120);
	vmbus_ring_in_peek(&ring->in, &packet);
	vmbus_ring_in_next(&ring->in);
	ring->events[0] = '\0';
	/* Read index released, full barrier, pending size, read barrier, write index. */
	vmbus_ring_in_commit(&ring->in, &signal);
	KUNIT_EXPECT_STREQ(test, (const char *)ring->events, "Pr Lf M Lp R Lw ");
	KUNIT_EXPECT_TRUE(test, signal);
}

static void host_waits_for_64(struct ring_test *ring)
{
	ring->control.pending_send_size = cpu_to_le32(64);
}

static void host_sends_24_bytes_more(struct ring_test *ring)
{
	host_send(ring, le32_to_cpu(ring->control.write_index), 2);
}

static void host_wrecks_its_write_index(struct ring_test *ring)
{
	ring->control.write_index = cpu_to_le32(12);
}

struct commit_race_case {
	const char *name;
	u32 pending;
	char on;
	int at;
	void (*act)(struct ring_test *ring);
	enum vmbus_ring_verdict verdict;
	bool signal;
};

/* A packet that takes 96 of 128 bytes is given back. */
static const struct commit_race_case commit_race_cases[] = {
	{ "host_decides_to_wait_before_the_index_is_out", 0, 'P', 1, host_waits_for_64, VMBUS_RING_OK, true },
	{ "host_decides_to_wait_before_the_barrier", 0, 'M', 1, host_waits_for_64, VMBUS_RING_OK, true },
	{ "host_decides_to_wait_after_its_size_was_looked_at", 0, 'R', 1, host_waits_for_64, VMBUS_RING_OK, false },
	{ "host_fills_the_ring_meanwhile", 104, 'R', 1, host_sends_24_bytes_more, VMBUS_RING_OK, false },
	{ "hostile_write_index_meanwhile", 64, 'R', 1, host_wrecks_its_write_index, VMBUS_RING_BROKEN, false },
};

static void commit_race_case_desc(const struct commit_race_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(commit_race, commit_race_cases, commit_race_case_desc);

static void no_waiting_host_is_forgotten(struct kunit *test)
{
	const struct commit_race_case *c = test->param_value;
	struct ring_test *ring = test->priv;
	struct vmbus_packet packet;
	bool signal = !c->signal;

	in_start_at(ring, 0);
	host_send(ring, 0, 11);
	ring->control.feature_bits = cpu_to_le32(1);
	ring->control.pending_send_size = cpu_to_le32(c->pending);
	KUNIT_ASSERT_EQ(test, vmbus_ring_in_peek(&ring->in, &packet), VMBUS_RING_OK);
	vmbus_ring_in_next(&ring->in);
	host_acts(ring, c->on, c->at, c->act);
	KUNIT_EXPECT_EQ(test, vmbus_ring_in_commit(&ring->in, &signal), c->verdict);
	KUNIT_EXPECT_EQ(test, signal, c->signal);
}

/* ---- the guest's own interrupt mask */

static void mask_and_unmask_keep_the_order_of_the_protocol(struct kunit *test)
{
	struct ring_test *ring = test->priv;

	in_start_at(ring, 0);
	vmbus_ring_in_mask(&ring->in);
	KUNIT_EXPECT_STREQ(test, (const char *)ring->events, "Sm M ");
	KUNIT_EXPECT_EQ(test, le32_to_cpu(ring->control.interrupt_mask), 1u);
	ring->events[0] = '\0';
	KUNIT_EXPECT_FALSE(test, vmbus_ring_in_unmask(&ring->in));
	KUNIT_EXPECT_STREQ(test, (const char *)ring->events, "Sm M Lw ");
	KUNIT_EXPECT_EQ(test, le32_to_cpu(ring->control.interrupt_mask), 0u);
}

struct unmask_case {
	const char *name;
	char on;		/* the host sends just before this event of the unmasking */
	int at;
	bool more;
};

static const struct unmask_case unmask_cases[] = {
	{ "nothing_came", 0, 0, false },
	{ "packet_before_the_mask_is_cleared", 'S', 1, true },
	{ "packet_after_the_mask_is_cleared", 'M', 1, true },
	{ "packet_just_before_the_look", 'L', 1, true },
};

static void unmask_case_desc(const struct unmask_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(unmask, unmask_cases, unmask_case_desc);

static void packet_that_comes_while_unmasking_is_found(struct kunit *test)
{
	const struct unmask_case *c = test->param_value;
	struct ring_test *ring = test->priv;

	in_start_at(ring, 120);
	vmbus_ring_in_mask(&ring->in);
	if (c->on)
		host_acts(ring, c->on, c->at, host_sends_24_bytes_more);
	KUNIT_EXPECT_EQ(test, vmbus_ring_in_unmask(&ring->in), c->more);
}

static struct kunit_case vmbus_ring_read_cases[] = {
	KUNIT_CASE(in_init_wipes_the_control_page_and_leaves_the_feature_to_the_host),
	KUNIT_CASE(packet_is_read_whole_at_every_offset),
	KUNIT_CASE(packet_is_read_in_one_go_at_every_offset),
	KUNIT_CASE(what_is_not_announced_is_not_read_at_any_offset),
	KUNIT_CASE(packets_of_a_batch_come_in_order_and_are_given_back_together),
	KUNIT_CASE_PARAM(lengths_are_checked_against_what_is_announced, packet_gen_params),
	KUNIT_CASE_PARAM(write_index_may_only_go_forward_within_the_free_space, index_gen_params),
	KUNIT_CASE_PARAM(only_bytes_of_the_packet_can_be_copied, copy_gen_params),
	KUNIT_CASE(length_is_read_once),
	KUNIT_CASE(own_read_index_is_never_read_back),
	KUNIT_CASE_PARAM(waiting_host_is_signalled_when_its_packet_begins_to_fit, pending_gen_params),
	KUNIT_CASE(signal_rule_agrees_with_its_other_wording),
	KUNIT_CASE(commit_keeps_the_order_of_the_protocol),
	KUNIT_CASE_PARAM(no_waiting_host_is_forgotten, commit_race_gen_params),
	KUNIT_CASE(mask_and_unmask_keep_the_order_of_the_protocol),
	KUNIT_CASE_PARAM(packet_that_comes_while_unmasking_is_found, unmask_gen_params),
	{}
};

static struct kunit_suite vmbus_ring_read_suite = {
	.name = "hv_vmbus_ring_read",
	.init = ring_test_init,
	.test_cases = vmbus_ring_read_cases,
};
kunit_test_suite(vmbus_ring_read_suite);

MODULE_DESCRIPTION("KUnit suite: reading from byte rings of VMBus");
MODULE_LICENSE("GPL");
