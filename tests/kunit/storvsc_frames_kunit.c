// SPDX-License-Identifier: GPL-2.0
/*
 * DMA segments to the frame numbers of one GPA range. The host sees one virtually contiguous buffer: what does not fit
 * that picture must be refused, since it would move data to the wrong place.
 */
#include <kunit/test.h>
#include <linux/module.h>
#include <linux/string.h>
#include "../../storvsc/frames.c"

#define ROOM	8

struct segment {
	u64 address;
	u32 bytes;
};

struct frames_case {
	const char *name;
	struct segment segments[4];
	int result;			/* of the last segment; those before must succeed */
	u32 offset;
	u32 bytes;
	u32 count;
	u64 numbers[ROOM];
};

static const struct frames_case frames_cases[] = {
	{ .name = "one_sector", { { 0x5200, 512 } }, 0, 0x200, 512, 1, { 5 } },
	{ .name = "one_frame", { { 0x5000, 4096 } }, 0, 0, 4096, 1, { 5 } },
	{ .name = "one_byte_at_the_end_of_a_frame", { { 0x5fff, 1 } }, 0, 0xfff, 1, 1, { 5 } },
	{ .name = "two_bytes_across_frames", { { 0x5fff, 2 } }, 0, 0xfff, 2, 2, { 5, 6 } },
	{ .name = "a_frame_shifted", { { 0x5200, 4096 } }, 0, 0x200, 4096, 2, { 5, 6 } },
	{ .name = "long_segment", { { 0x5e00, 0x200 + 3 * 4096 + 1 } }, 0, 0xe00, 0x200 + 3 * 4096 + 1, 5,
	  { 5, 6, 7, 8, 9 } },
	{ .name = "scattered_frames", { { 0x9000, 4096 }, { 0x2000, 4096 }, { 0x7000, 4096 } }, 0, 0, 3 * 4096, 3,
	  { 9, 2, 7 } },
	{ .name = "starts_and_ends_inside", { { 0x9800, 0x800 }, { 0x2000, 4096 }, { 0x7000, 512 } }, 0, 0x800,
	  0x800 + 4096 + 512, 3, { 9, 2, 7 } },
	{ .name = "later_segment_of_several_frames", { { 0x9000, 4096 }, { 0x2000, 2 * 4096 } }, 0, 0, 3 * 4096, 3,
	  { 9, 2, 3 } },
	{ .name = "above_4_gib", { { 0x123456789000ull, 4096 } }, 0, 0, 4096, 1, { 0x123456789ull } },
	{ .name = "all_the_room", { { 0x1000, ROOM * 4096 } }, 0, 0, ROOM * 4096, ROOM,
	  { 1, 2, 3, 4, 5, 6, 7, 8 } },
	{ .name = "one_frame_more_than_room", { { 0x1000, ROOM * 4096 + 1 } }, -ENOSPC },
	{ .name = "room_is_used_up_by_the_second", { { 0x1000, 7 * 4096 }, { 0x9000, 2 * 4096 } }, -ENOSPC },
	{ .name = "shifted_by_one_needs_one_more", { { 0x1001, ROOM * 4096 } }, -ENOSPC },
	{ .name = "second_begins_inside_a_frame", { { 0x9000, 4096 }, { 0x2200, 512 } }, -EINVAL },
	{ .name = "first_ends_inside_a_frame", { { 0x9000, 4095 }, { 0x2000, 4096 } }, -EINVAL },
	{ .name = "middle_ends_inside_a_frame", { { 0x9000, 4096 }, { 0x2000, 512 }, { 0x7000, 4096 } }, -EINVAL },
	{ .name = "split_at_64_kib_of_an_unaligned_buffer", { { 0x9200, 0x1000 }, { 0xa200, 0x200 } }, -EINVAL },
	{ .name = "empty_segment", { { 0x9000, 0 } }, -EINVAL },
	{ .name = "address_wraps", { { ~0ull - 100, 4096 } }, -EINVAL },
	{ .name = "length_of_all_ones", { { 0x1000, 0xffffffff } }, -ENOSPC },
};

static void frames_case_desc(const struct frames_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(frames, frames_cases, frames_case_desc);

static void segments_become_frames(struct kunit *test)
{
	const struct frames_case *c = test->param_value;
	u64 numbers[ROOM + 1] = { [ROOM] = 0xabcdef };
	struct storvsc_frames frames = { .numbers = numbers, .room = ROOM };
	unsigned int i, last = 0;

	/* A case that ends with an empty segment means it. */
	while (last + 1 < 4 && c->segments[last + 1].bytes)
		last++;
	for (i = 0; i < last; i++)
		KUNIT_ASSERT_EQ(test, storvsc_frames_add(&frames, c->segments[i].address, c->segments[i].bytes), 0);
	KUNIT_EXPECT_EQ(test, storvsc_frames_add(&frames, c->segments[last].address, c->segments[last].bytes),
			c->result);
	KUNIT_EXPECT_EQ(test, numbers[ROOM], 0xabcdefull);
	if (c->result)
		return;
	KUNIT_EXPECT_EQ(test, frames.offset, c->offset);
	KUNIT_EXPECT_EQ(test, frames.bytes, c->bytes);
	KUNIT_EXPECT_EQ(test, frames.count, c->count);
	for (i = 0; i < c->count; i++)
		KUNIT_EXPECT_EQ(test, numbers[i], c->numbers[i]);
}

/* The protocol's own formula, for every start within a frame and all lengths around the boundaries. */
static void count_is_what_the_host_expects(struct kunit *test)
{
	u64 numbers[ROOM];
	u32 offset, bytes;

	for (offset = 0; offset < 4096; offset += 127) {
		for (bytes = 1; offset + bytes <= ROOM * 4096; bytes += 509) {
			struct storvsc_frames frames = { .numbers = numbers, .room = ROOM };
			u32 expected = (offset + bytes + 4095) / 4096;

			if (storvsc_frames_add(&frames, 0x40000 + offset, bytes) || frames.count != expected)
				KUNIT_FAIL(test, "offset %u, %u bytes: %u frames, not %u", offset, bytes, frames.count,
					   expected);
		}
	}
}

static struct kunit_case storvsc_frames_cases[] = {
	KUNIT_CASE_PARAM(segments_become_frames, frames_gen_params),
	KUNIT_CASE(count_is_what_the_host_expects),
	{}
};

static struct kunit_suite storvsc_frames_suite = {
	.name = "hv_storvsc_frames",
	.test_cases = storvsc_frames_cases,
};
kunit_test_suite(storvsc_frames_suite);

MODULE_DESCRIPTION("KUnit suite: frame lists of storvsc");
MODULE_LICENSE("GPL");
