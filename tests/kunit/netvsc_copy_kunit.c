// SPDX-License-Identifier: GPL-2.0
/*
 * Copying to and from shared memory: every short length at every alignment, and lengths about the limit of words; nothing is
 * written in front of what was asked for, nor behind it, and nothing else is read (the sanitizers of user space see that).
 */
#include <kunit/test.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "../../netvsc/copy.h"

#define COPY_MAX_BYTES	(2 * NETVSC_COPY_WORDS_BYTES + 3)
#define COPY_FILL	0xa5

static u8 copy_byte(u32 at)
{
	return at * 7 + 1;
}

/* @bytes from an area of exactly their length to @shift in a larger one */
static bool copy_is_exact(struct kunit *test, u32 shift, u32 bytes)
{
	u32 room = shift + bytes + 16, i;
	u8 *from, *to;
	bool exact = true;

	from = kmalloc(bytes ?: 1, GFP_KERNEL);
	to = kmalloc(room, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, from);
	KUNIT_ASSERT_NOT_NULL(test, to);
	for (i = 0; i < bytes; i++)
		from[i] = copy_byte(i);
	memset(to, COPY_FILL, room);
	netvsc_copy(to + shift, from, bytes);
	for (i = 0; i < room; i++) {
		u8 expected = i < shift || i >= shift + bytes ? COPY_FILL : copy_byte(i - shift);

		if (to[i] != expected)
			exact = false;
	}
	kfree(from);
	kfree(to);
	return exact;
}

static void copies_what_was_asked_for_and_nothing_else(struct kunit *test)
{
	u32 shift, bytes;

	for (shift = 0; shift < 8; shift++) {
		for (bytes = 0; bytes <= COPY_MAX_BYTES; bytes++)
			KUNIT_EXPECT_TRUE_MSG(test, copy_is_exact(test, shift, bytes), "%u bytes to offset %u", bytes, shift);
	}
}

static struct kunit_case netvsc_copy_cases[] = {
	KUNIT_CASE(copies_what_was_asked_for_and_nothing_else),
	{}
};

static struct kunit_suite netvsc_copy_suite = {
	.name = "hv_netvsc_copy",
	.test_cases = netvsc_copy_cases,
};
kunit_test_suite(netvsc_copy_suite);

MODULE_DESCRIPTION("KUnit suite: copying to and from shared memory");
MODULE_LICENSE("GPL");
