// SPDX-License-Identifier: GPL-2.0
/*
 * Page and PFN arithmetic of GPADLs and GPA ranges (VMBus control messages,
 * GPADL_HEADER and GPADL_BODY), and where the pages of a pair of rings lie.
 * Expected numbers are from the specification or counted by hand.
 */
#include <kunit/test.h>
#include <linux/module.h>
#include <linux/string.h>
#include "../../vmbus/gpa.c"

struct pages_case {
	const char *name;
	u32 byte_offset;
	u32 byte_count;
	u32 pages;
};

static const struct pages_case pages_cases[] = {
	{ "one_byte", 0, 1, 1 },
	{ "one_byte_at_the_end_of_a_page", 4095, 1, 1 },
	{ "two_bytes_across_a_boundary", 4095, 2, 2 },
	{ "exactly_a_page", 0, 4096, 1 },
	{ "a_page_and_a_byte", 0, 4097, 2 },
	{ "a_page_shifted_by_one", 1, 4096, 2 },
	{ "a_page_less_one_shifted_by_one", 1, 4095, 1 },
	{ "64_kib_shifted", 8, 65536, 17 },
	{ "largest_gpadl", 0, 8190u * 4096, 8190 },
	{ "largest_gpadl_shifted_by_one", 1, 8190u * 4096, 8191 },
	{ "largest_count_that_32_bits_hold", 0, 0xffffffff, 0x100000 },
	{ "sum_does_not_fit_32_bits", 4095, 0xffffffff, 0x100001 },
	{ "no_bytes_are_no_range", 0, 0, 0 },
	{ "no_bytes_at_an_offset_are_no_range", 5, 0, 0 },
	{ "offset_past_the_first_page_is_no_range", 4096, 1, 0 },
	{ "offset_of_all_ones_is_no_range", 0xffffffff, 0xffffffff, 0 },
};

static void pages_case_desc(const struct pages_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(pages, pages_cases, pages_case_desc);

static void range_touches_this_many_pages(struct kunit *test)
{
	const struct pages_case *c = test->param_value;

	KUNIT_EXPECT_EQ(test, vmbus_gpa_pages(c->byte_offset, c->byte_count), c->pages);
}

struct split_case {
	const char *name;
	u32 pages;
	u32 in_header;
	u32 bodies;
	u32 in_last_body;
};

static const struct split_case split_cases[] = {
	{ "none", 0, 0, 0, 0 },
	{ "one", 1, 1, 0, 0 },
	{ "header_less_one", 25, 25, 0, 0 },
	{ "header_exactly_full", 26, 26, 0, 0 },
	{ "first_body_with_one", 27, 26, 1, 1 },
	{ "first_body_less_one", 53, 26, 1, 27 },
	{ "first_body_exactly_full", 54, 26, 1, 28 },
	{ "second_body_with_one", 55, 26, 2, 1 },
	{ "example_of_64", 64, 26, 2, 10 },
	{ "largest_less_one", 8189, 26, 292, 15 },
	{ "largest", 8190, 26, 292, 16 },
};

static void split_case_desc(const struct split_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(split, split_cases, split_case_desc);

static void pfns_are_split_over_header_and_bodies(struct kunit *test)
{
	const struct split_case *c = test->param_value;

	KUNIT_EXPECT_EQ(test, vmbus_gpadl_header_pages(c->pages), c->in_header);
	KUNIT_EXPECT_EQ(test, vmbus_gpadl_bodies(c->pages), c->bodies);
	if (c->bodies)
		KUNIT_EXPECT_EQ(test, vmbus_gpadl_body_pages(c->pages, c->bodies - 1), c->in_last_body);
	/* No body behind the last. */
	KUNIT_EXPECT_EQ(test, vmbus_gpadl_body_pages(c->pages, c->bodies), 0u);
	KUNIT_EXPECT_EQ(test, vmbus_gpadl_body_pages(c->pages, 0xffffffff), 0u);
}

static void every_pfn_of_every_gpadl_is_sent_once_and_fits_its_message(struct kunit *test)
{
	u32 pages, body, sum, in_body;

	for (pages = 1; pages <= VMBUS_GPADL_MAX_PFNS; pages++) {
		sum = vmbus_gpadl_header_pages(pages);
		if (28 + 8 * sum > 240)
			KUNIT_FAIL(test, "%u pages: header too long", pages);
		for (body = 0; body < vmbus_gpadl_bodies(pages); body++) {
			in_body = vmbus_gpadl_body_pages(pages, body);
			if (!in_body || 16 + 8 * in_body > 240)
				KUNIT_FAIL(test, "%u pages: body %u of %u PFNs", pages, body, in_body);
			sum += in_body;
		}
		if (sum != pages)
			KUNIT_FAIL(test, "%u pages: %u sent", pages, sum);
	}
}

struct rings_case {
	const char *name;
	u32 guest_page_bytes;
	u32 outbound_bytes;
	u32 total_bytes;
	u32 pages;
	u32 downstream;
};

static const struct rings_case rings_cases[] = {
	{ "smallest_rings", 4096, 8192, 16384, 4, 2 },
	{ "rings_of_unequal_size", 4096, 4 * 4096, 20 * 4096, 20, 4 },
	{ "network_rings", 4096, 128 * 4096, 256 * 4096, 256, 128 },
	{ "guest_pages_of_16k", 16384, 2 * 16384, 4 * 16384, 16 - 6, 8 - 3 },
	{ "guest_pages_of_64k", 65536, 2 * 65536, 4 * 65536, 64 - 30, 32 - 15 },
};

static void rings_case_desc(const struct rings_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(rings, rings_cases, rings_case_desc);

/* The host sees each ring as one control page of 4 KiB and its data behind it, without gaps. */
static void ring_pages_skip_what_the_host_must_not_see(struct kunit *test)
{
	const struct rings_case *c = test->param_value;
	const struct vmbus_gpa_rings rings = {
		.guest_page_bytes = c->guest_page_bytes,
		.outbound_bytes = c->outbound_bytes,
		.total_bytes = c->total_bytes,
	};
	u32 page, expected = 0;

	KUNIT_EXPECT_EQ(test, vmbus_gpa_ring_pages(&rings), c->pages);
	KUNIT_EXPECT_EQ(test, vmbus_gpa_ring_downstream(&rings), c->downstream);
	for (page = 0; page < c->pages; page++) {
		KUNIT_EXPECT_EQ(test, vmbus_gpa_ring_page_offset(&rings, page), expected);
		/* Behind a control page the rest of its guest page is left out. */
		if (page == 0 || page == c->downstream)
			expected += c->guest_page_bytes;
		else
			expected += 4096;
	}
	KUNIT_EXPECT_EQ(test, expected, c->total_bytes);
	KUNIT_EXPECT_EQ(test, vmbus_gpa_ring_page_offset(&rings, c->downstream), c->outbound_bytes);
}

static struct kunit_case vmbus_gpa_cases[] = {
	KUNIT_CASE_PARAM(range_touches_this_many_pages, pages_gen_params),
	KUNIT_CASE_PARAM(pfns_are_split_over_header_and_bodies, split_gen_params),
	KUNIT_CASE(every_pfn_of_every_gpadl_is_sent_once_and_fits_its_message),
	KUNIT_CASE_PARAM(ring_pages_skip_what_the_host_must_not_see, rings_gen_params),
	{}
};

static struct kunit_suite vmbus_gpa_suite = {
	.name = "hv_vmbus_gpa",
	.test_cases = vmbus_gpa_cases,
};
kunit_test_suite(vmbus_gpa_suite);

MODULE_DESCRIPTION("KUnit suite: page arithmetic of VMBus");
MODULE_LICENSE("GPL");
