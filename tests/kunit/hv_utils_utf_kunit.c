// SPDX-License-Identifier: GPL-2.0
/*
 * UTF-16 of the host to UTF-8 and back: scripts, surrogates in pairs and alone, text without an end, and lengths that lie.
 * All bytes are written out by hand.
 */
#include <kunit/test.h>

#include "../../hv_utils/utf.c"

struct text_case {
	const char *name;
	const char *utf16;	/* as bytes */
	u32 utf16_bytes;
	const char *utf8;	/* NULL: does not fit */
	u32 room;		/* for UTF-8; 0: plenty */
};

#define UTF16(bytes)	.utf16 = (bytes), .utf16_bytes = sizeof(bytes) - 1

static struct text_case from_host_cases[] = {
	{ .name = "nothing at all", UTF16(""), .utf8 = "" },
	{ .name = "a NUL", UTF16("\0\0"), .utf8 = "" },
	{ .name = "plain", UTF16("a\0b\0\0\0"), .utf8 = "ab" },
	{ .name = "without a NUL", UTF16("a\0b\0"), .utf8 = "ab" },
	{ .name = "half a unit at the end", UTF16("a\0b"), .utf8 = "a" },
	{ .name = "one byte", UTF16("a"), .utf8 = "" },
	{ .name = "nothing behind the NUL", UTF16("a\0\0\0b\0"), .utf8 = "a" },
	{ .name = "two bytes each", UTF16("\xfc\x00\xff\x07"), .utf8 = "\xc3\xbc\xdf\xbf" },
	{ .name = "three bytes each", UTF16("\xe5\x65\x2c\x67"), .utf8 = "\xe6\x97\xa5\xe6\x9c\xac" },
	{ .name = "a pair of surrogates", UTF16("\x3d\xd8\x00\xde"), .utf8 = "\xf0\x9f\x98\x80" },
	{ .name = "the last character", UTF16("\xff\xdb\xff\xdf"), .utf8 = "\xf4\x8f\xbf\xbf" },
	{ .name = "a high surrogate alone", UTF16("\x3d\xd8" "a\0"), .utf8 = "\xef\xbf\xbd" "a" },
	{ .name = "a low surrogate alone", UTF16("\x00\xde" "a\0"), .utf8 = "\xef\xbf\xbd" "a" },
	{ .name = "surrogates the wrong way round", UTF16("\x00\xde\x3d\xd8"), .utf8 = "\xef\xbf\xbd\xef\xbf\xbd" },
	{ .name = "a high surrogate at the end", UTF16("a\0\x3d\xd8"), .utf8 = "a\xef\xbf\xbd" },
	{ .name = "a pair cut by the end", UTF16("\x3d\xd8\x00"), .utf8 = "\xef\xbf\xbd" },
	{ .name = "no character of this world", UTF16("\xfe\xff"), .utf8 = "\xef\xbf\xbe" },
	{ .name = "fits to the byte", UTF16("a\0b\0"), .utf8 = "ab", .room = 3 },
	{ .name = "one byte short", UTF16("a\0b\0"), .utf8 = NULL, .room = 2 },
	{ .name = "grows past the room", UTF16("\xe5\x65"), .utf8 = NULL, .room = 3 },
	{ .name = "grows up to the room", UTF16("\xe5\x65"), .utf8 = "\xe6\x97\xa5", .room = 4 },
	{ .name = "room for the NUL only", UTF16(""), .utf8 = "", .room = 1 },
	{ .name = "room for the NUL only, but a letter", UTF16("a\0"), .utf8 = NULL, .room = 1 },
};

static void text_case_desc(struct text_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}
KUNIT_ARRAY_PARAM(from_host, from_host_cases, text_case_desc);

static void text_of_the_host_is_read(struct kunit *test)
{
	const struct text_case *c = test->param_value;
	u32 room = c->room ?: 64;
	u8 *utf16, *utf8;
	int bytes;

	/* allocations of their own lengths, so that a step past either end is seen */
	utf16 = kunit_kzalloc(test, c->utf16_bytes ?: 1, GFP_KERNEL);
	utf8 = kunit_kzalloc(test, room, GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, utf16);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, utf8);
	memcpy(utf16, c->utf16, c->utf16_bytes);
	memset(utf8, 0xa5, room);

	bytes = hv_utf16_to_utf8(utf16, c->utf16_bytes, utf8, room);
	if (!c->utf8) {
		KUNIT_EXPECT_EQ(test, bytes, -ENOSPC);
		KUNIT_EXPECT_EQ(test, utf8[0], 0);
		return;
	}
	KUNIT_EXPECT_EQ(test, bytes, (int)strlen(c->utf8) + 1);
	KUNIT_EXPECT_STREQ(test, (char *)utf8, c->utf8);
}

struct reply_case {
	const char *name;
	const char *utf8;
	u32 utf8_bytes;		/* 0: all of it with its NUL */
	const char *utf16;
	u32 utf16_bytes;	/* with the NUL */
	u32 room;		/* 0: plenty */
};

#define WIRE(bytes)	.utf16 = (bytes), .utf16_bytes = sizeof(bytes) - 1

static struct reply_case to_host_cases[] = {
	{ .name = "nothing", .utf8 = "", WIRE("\0\0") },
	{ .name = "plain", .utf8 = "ab", WIRE("a\0b\0\0\0") },
	{ .name = "without a NUL", .utf8 = "abc", .utf8_bytes = 2, WIRE("a\0b\0\0\0") },
	{ .name = "two and three bytes", .utf8 = "\xc3\xbc\xe6\x97\xa5", WIRE("\xfc\0\xe5\x65\0\0") },
	{ .name = "four bytes", .utf8 = "\xf0\x9f\x98\x80", WIRE("\x3d\xd8\x00\xde\0\0") },
	{ .name = "cut to the room", .utf8 = "abc", WIRE("a\0b\0\0\0"), .room = 6 },
	{ .name = "no half of a pair", .utf8 = "a\xf0\x9f\x98\x80", WIRE("a\0\0\0"), .room = 6 },
	{ .name = "room for the NUL only", .utf8 = "a", WIRE("\0\0"), .room = 2 },
	{ .name = "a byte that starts nothing", .utf8 = "a\x80z", WIRE("a\0\xfd\xffz\0\0\0") },
	{ .name = "a character cut by the NUL", .utf8 = "\xe6\x97", WIRE("\xfd\xff\xfd\xff\0\0") },
	{ .name = "a character cut by the end", .utf8 = "\xe6\x97\xa5", .utf8_bytes = 2, WIRE("\xfd\xff\xfd\xff\0\0") },
	{ .name = "longer than needed", .utf8 = "\xc0\xaf", WIRE("\xfd\xff\xfd\xff\0\0") },
	{ .name = "a surrogate in UTF-8", .utf8 = "\xed\xa0\x80", WIRE("\xfd\xff\xfd\xff\xfd\xff\0\0") },
	{ .name = "past the last character", .utf8 = "\xf4\x90\x80\x80", WIRE("\xfd\xff\xfd\xff\xfd\xff\xfd\xff\0\0") },
	{ .name = "Latin-1", .utf8 = "\xfc" "b", WIRE("\xfd\xff" "b\0\0\0") },
};

static void reply_case_desc(struct reply_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}
KUNIT_ARRAY_PARAM(to_host, to_host_cases, reply_case_desc);

static void text_for_the_host_is_written(struct kunit *test)
{
	const struct reply_case *c = test->param_value;
	u32 utf8_bytes = c->utf8_bytes ?: strlen(c->utf8) + 1, room = c->room ?: 64, i;
	u8 *utf8, *utf16;

	utf8 = kunit_kzalloc(test, utf8_bytes, GFP_KERNEL);
	utf16 = kunit_kzalloc(test, room, GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, utf8);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, utf16);
	memcpy(utf8, c->utf8, utf8_bytes);
	memset(utf16, 0xa5, room);

	KUNIT_EXPECT_EQ(test, hv_utf8_to_utf16(utf8, utf8_bytes, utf16, room), c->utf16_bytes);
	KUNIT_EXPECT_EQ(test, memcmp(utf16, c->utf16, c->utf16_bytes), 0);
	/* nothing of what was there before goes to the host */
	for (i = c->utf16_bytes; i < room; i++)
		KUNIT_EXPECT_EQ(test, utf16[i], 0);
}

static struct kunit_case utf_cases[] = {
	KUNIT_CASE_PARAM(text_of_the_host_is_read, from_host_gen_params),
	KUNIT_CASE_PARAM(text_for_the_host_is_written, to_host_gen_params),
	{ }
};

static struct kunit_suite utf_suite = {
	.name = "hv_utils_utf",
	.test_cases = utf_cases,
};
kunit_test_suite(utf_suite);

MODULE_DESCRIPTION("KUnit suite: UTF-16 of the host to UTF-8 and back");
MODULE_LICENSE("GPL");
