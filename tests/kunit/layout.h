/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Compares a wire struct with bytes written out by hand from the specification.
 * A row fills each field with a value of its own, so a field that moved, grew or
 * changed its byte order shows; nothing under test makes the expected bytes. Use:
 *
 *	static const struct layout_case layout_cases[] = { LAYOUT(...), ... };
 *	LAYOUT_CASES(layout_cases);
 *
 * and KUNIT_CASE_PARAM(wire_struct_has_the_bytes_of_the_specification, layout_gen_params).
 */
#ifndef KUNIT_LAYOUT_H
#define KUNIT_LAYOUT_H

#include <kunit/test.h>
#include <linux/string.h>
#include <linux/types.h>

struct layout_case {
	const char *name;
	const void *object;
	size_t object_bytes;
	size_t wire_bytes;	/* from the specification */
	const u8 *bytes;	/* as far as they are written out; zero behind */
	size_t bytes_count;
};

#define LAYOUT(_name, _object, _wire_bytes, ...)		\
	{							\
		.name = (_name),				\
		.object = &(_object),				\
		.object_bytes = sizeof(_object),		\
		.wire_bytes = (_wire_bytes),			\
		.bytes = (const u8[]){ __VA_ARGS__ },		\
		.bytes_count = sizeof((const u8[]){ __VA_ARGS__ }), \
	}

static void layout_case_desc(const struct layout_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

static void wire_struct_has_the_bytes_of_the_specification(struct kunit *test)
{
	const struct layout_case *c = test->param_value;
	const u8 *object = c->object;
	size_t i;

	KUNIT_ASSERT_EQ(test, c->object_bytes, c->wire_bytes);
	KUNIT_ASSERT_LE(test, c->bytes_count, c->wire_bytes);
	for (i = 0; i < c->wire_bytes; i++) {
		u8 expected = i < c->bytes_count ? c->bytes[i] : 0;

		if (object[i] != expected)
			KUNIT_FAIL(test, "offset %zu is 0x%02x, not 0x%02x",
				   i, object[i], expected);
	}
}

#define LAYOUT_CASES(array) KUNIT_ARRAY_PARAM(layout, array, layout_case_desc)

#endif
