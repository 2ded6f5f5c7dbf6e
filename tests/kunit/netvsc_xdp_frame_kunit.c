// SPDX-License-Identifier: GPL-2.0
/*
 * XDP by numbers: a frame of each length up to what its page has room for is copied whole and nothing beside it is written, one
 * that is longer is not; and each word of a program, known or not, has one meaning for the frame and for its page.
 */
#include <kunit/test.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "../../netvsc/xdp_frame.c"

#define FILL	0xa5

static const struct room_test {
	const char *name;
	u32 page, head, tail;
	u32 room, mtu;
} room_tests[] = {
	{ .name = "page of 4 KiB", .page = 4096, .head = 256, .tail = 320, .room = 3520, .mtu = 3506 },
	{ .name = "page of 64 KiB", .page = 65536, .head = 256, .tail = 320, .room = 64960, .mtu = 64946 },
	{ .name = "nothing beside the frame", .page = 4096, .room = 4096, .mtu = 4082 },
	{ .name = "room for one byte of payload", .page = 591, .head = 256, .tail = 320, .room = 15, .mtu = 1 },
	{ .name = "room for a header", .page = 590, .head = 256, .tail = 320, .room = 14, .mtu = 0 },
	{ .name = "room for less than a header", .page = 589, .head = 256, .tail = 320, .room = 13, .mtu = 0 },
	{ .name = "head and tail fill it", .page = 576, .head = 256, .tail = 320, .room = 0, .mtu = 0 },
	{ .name = "tail one byte too long", .page = 575, .head = 256, .tail = 320, .room = 0, .mtu = 0 },
	{ .name = "head alone too long", .page = 255, .head = 256, .tail = 0, .room = 0, .mtu = 0 },
	{ .name = "sum beyond 32 bits", .page = 4096, .head = 256, .tail = U32_MAX, .room = 0, .mtu = 0 },
	{ .name = "head beyond the page", .page = 4096, .head = U32_MAX, .tail = 320, .room = 0, .mtu = 0 },
};

static void room_desc(const struct room_test *t, char *desc)
{
	strscpy(desc, t->name, KUNIT_PARAM_DESC_SIZE);
}
KUNIT_ARRAY_PARAM(room, room_tests, room_desc);

static void room_is_what_head_and_tail_leave(struct kunit *test)
{
	const struct room_test *t = test->param_value;

	KUNIT_EXPECT_EQ(test, netvsc_xdp_room_bytes(t->page, t->head, t->tail), t->room);
	KUNIT_EXPECT_EQ(test, netvsc_xdp_max_mtu(t->room), t->mtu);
}

static const struct gather_test {
	const char *name;
	u32 room;
	u32 count;
	u32 bytes[4];
	u32 expected;
} gather_tests[] = {
	{ .name = "one piece", .room = 64, .count = 1, .bytes = { 60 }, .expected = 60 },
	{ .name = "one piece that fills the room", .room = 64, .count = 1, .bytes = { 64 }, .expected = 64 },
	{ .name = "one piece a byte too long", .room = 64, .count = 1, .bytes = { 65 }, .expected = 0 },
	{ .name = "several pieces", .room = 64, .count = 3, .bytes = { 14, 20, 7 }, .expected = 41 },
	{ .name = "several pieces that fill the room", .room = 64, .count = 4, .bytes = { 14, 20, 7, 23 }, .expected = 64 },
	{ .name = "several pieces a byte too long", .room = 64, .count = 4, .bytes = { 14, 20, 7, 24 }, .expected = 0 },
	{ .name = "a last piece whose end wraps", .room = 64, .count = 2, .bytes = { 14, U32_MAX - 13 }, .expected = 0 },
	{ .name = "pieces behind the count", .room = 64, .count = 2, .bytes = { 14, 20, 7 }, .expected = 34 },
	{ .name = "an empty piece among others", .room = 64, .count = 3, .bytes = { 14, 0, 20 }, .expected = 34 },
	{ .name = "no room", .room = 0, .count = 1, .bytes = { 14 }, .expected = 0 },
	{ .name = "nothing", .room = 64, .count = 0, .expected = 0 },
};

static void gather_desc(const struct gather_test *t, char *desc)
{
	strscpy(desc, t->name, KUNIT_PARAM_DESC_SIZE);
}
KUNIT_ARRAY_PARAM(gather, gather_tests, gather_desc);

static void frame_is_copied_whole_or_refused(struct kunit *test)
{
	const struct gather_test *t = test->param_value;
	struct netvsc_rx_fragment piece[ARRAY_SIZE(t->bytes)];
	u8 from[256], to[128];
	u32 i, at = 0;

	for (i = 0; i < sizeof(from); i++)
		from[i] = i;
	/* Pieces lie apart in the receive buffer. */
	for (i = 0; i < ARRAY_SIZE(t->bytes); i++) {
		piece[i].data = from + 64 * i;
		piece[i].bytes = t->bytes[i];
	}
	memset(to, FILL, sizeof(to));
	KUNIT_EXPECT_EQ(test, netvsc_xdp_gather(to, t->room, piece, t->count), t->expected);
	for (i = t->room; i < sizeof(to); i++)
		KUNIT_EXPECT_EQ(test, to[i], FILL);
	if (!t->expected)
		return;
	for (i = 0; i < t->count; at += t->bytes[i++])
		KUNIT_EXPECT_EQ(test, memcmp(to + at, piece[i].data, t->bytes[i]), 0);
	for (i = at; i < sizeof(to); i++)
		KUNIT_EXPECT_EQ(test, to[i], FILL);
}

static const struct fate_test {
	const char *name;
	u32 action;
	bool done;
	enum netvsc_xdp_fate fate;
	bool keeps_page, unknown;
} fate_tests[] = {
	{ .name = "pass", .action = XDP_PASS, .done = true, .fate = NETVSC_XDP_PASSED, .keeps_page = true },
	{ .name = "pass without memory", .action = XDP_PASS, .fate = NETVSC_XDP_NO_MEMORY },
	{ .name = "send back", .action = XDP_TX, .done = true, .fate = NETVSC_XDP_SENT_BACK },
	{ .name = "send back into a full ring", .action = XDP_TX, .fate = NETVSC_XDP_FAILED },
	{ .name = "redirect", .action = XDP_REDIRECT, .done = true, .fate = NETVSC_XDP_REDIRECTED, .keeps_page = true },
	{ .name = "redirect to nowhere", .action = XDP_REDIRECT, .fate = NETVSC_XDP_FAILED },
	{ .name = "drop", .action = XDP_DROP, .fate = NETVSC_XDP_DROPPED },
	{ .name = "drop, and something was done", .action = XDP_DROP, .done = true, .fate = NETVSC_XDP_DROPPED },
	{ .name = "abort", .action = XDP_ABORTED, .fate = NETVSC_XDP_FAILED },
	{ .name = "abort, and something was done", .action = XDP_ABORTED, .done = true, .fate = NETVSC_XDP_FAILED },
	{ .name = "the first word without meaning", .action = XDP_REDIRECT + 1, .done = true, .fate = NETVSC_XDP_FAILED, .unknown = true },
	{ .name = "the last one", .action = U32_MAX, .fate = NETVSC_XDP_FAILED, .unknown = true },
};

static void fate_desc(const struct fate_test *t, char *desc)
{
	strscpy(desc, t->name, KUNIT_PARAM_DESC_SIZE);
}
KUNIT_ARRAY_PARAM(fate, fate_tests, fate_desc);

static void each_word_of_a_program_has_one_meaning(struct kunit *test)
{
	const struct fate_test *t = test->param_value;

	KUNIT_EXPECT_EQ(test, netvsc_xdp_fate(t->action, t->done), t->fate);
	/* A page that someone else has must never serve the next frame, and one that nobody has must not be lost. */
	KUNIT_EXPECT_EQ(test, netvsc_xdp_keeps_page(netvsc_xdp_fate(t->action, t->done)), t->keeps_page);
	KUNIT_EXPECT_EQ(test, netvsc_xdp_is_known(t->action), !t->unknown);
}

static struct kunit_case netvsc_xdp_frame_cases[] = {
	KUNIT_CASE_PARAM(room_is_what_head_and_tail_leave, room_gen_params),
	KUNIT_CASE_PARAM(frame_is_copied_whole_or_refused, gather_gen_params),
	KUNIT_CASE_PARAM(each_word_of_a_program_has_one_meaning, fate_gen_params),
	{}
};

static struct kunit_suite netvsc_xdp_frame_suite = {
	.name = "hv_netvsc_xdp_frame",
	.test_cases = netvsc_xdp_frame_cases,
};
kunit_test_suite(netvsc_xdp_frame_suite);

MODULE_DESCRIPTION("KUnit suite: room for frames that programs see, and what becomes of them");
MODULE_LICENSE("GPL");
