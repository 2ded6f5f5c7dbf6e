// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the kernel file parser: headers written by hand, 64-bit and 32-bit, and files that claim what cannot be.
 */
#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "../machine/bzimage.h"
#include "dev_unit.h"

#define FILE_BYTES (16 * 512)

/* A kernel of protocol 2.15 with 4 setup sectors, at 16 MiB, which needs 8 MiB there. Fields by their offsets in the file. */
static uint8_t *kernel;

static void put(size_t at, uint64_t value, size_t bytes)
{
	value = htole64(value);
	memcpy(kernel + at, &value, bytes);
}

static void fresh_kernel(bool is_64bit)
{
	free(kernel);
	/* Not more than the file has, so that a read behind it is seen. */
	kernel = calloc(1, FILE_BYTES);
	put(0x1f1, 4, 1); /* setup_sects */
	put(0x200, 0xeb, 1);
	put(0x201, 0x6a, 1); /* the header ends at 0x26c */
	memcpy(kernel + 0x202, "HdrS", 4);
	put(0x206, 0x020f, 2); /* version */
	put(0x211, 1, 1); /* loadflags: LOADED_HIGH */
	put(0x22c, 0x37ffffff, 4); /* initrd_addr_max */
	put(0x236, is_64bit ? 1 : 0, 2); /* xloadflags */
	put(0x238, 2047, 4); /* cmdline_size */
	put(0x258, 0x1000000, 8); /* pref_address */
	put(0x260, 0x800000, 4); /* init_size */
	put(0x26c, UINT64_MAX, 8); /* code of the real-mode part, not header */
}

static int parse(struct bzimage *image, size_t size)
{
	char err[HV_ERR_MAX] = "";
	int ret = bzimage_parse(image, kernel, size, "test", err);

	CHECK((ret == 0) == !*err);
	CHECK(!strchr(err, '\n'));
	return ret;
}

static void kernels_have_their_entry(void)
{
	struct bzimage image;

	fresh_kernel(true);
	CHECK_EQ(parse(&image, FILE_BYTES), 0);
	CHECK(image.is_64bit);
	CHECK_EQ(image.setup, 5 * 512);
	CHECK_EQ(image.load, 0x1000000);
	CHECK_EQ(image.end, 0x1800000);
	CHECK_EQ(image.entry, 0x1000200);
	CHECK_EQ(image.header.kernel_info_offset, 0);

	fresh_kernel(false);
	CHECK_EQ(parse(&image, FILE_BYTES), 0);
	CHECK(!image.is_64bit);
	CHECK_EQ(image.entry, 0x1000000);

	/* No setup sectors means four. */
	put(0x1f1, 0, 1);
	CHECK_EQ(parse(&image, FILE_BYTES), 0);
	CHECK_EQ(image.setup, 5 * 512);
}

static void other_files_are_refused(void)
{
	static const struct {
		const char *name;
		size_t at, bytes;
		uint64_t value;
	} cases[] = {
		{ "no magic", 0x202, 4, 0 },
		{ "a protocol that does not name its entries", 0x206, 2, 0x020b },
		{ "a zImage", 0x211, 1, 0 },
		{ "nothing but setup", 0x1f1, 1, 15 },
		{ "below 1 MiB", 0x258, 8, 0xff000 },
		{ "above 4 GiB", 0x258, 8, 0x100000000 },
		{ "up to above 4 GiB", 0x258, 8, 0xffc00000 },
		{ "an address that wraps", 0x258, 8, UINT64_MAX },
		{ "less memory than the file has", 0x260, 4, FILE_BYTES - 5 * 512 - 1 },
	};
	struct bzimage image;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		fresh_kernel(true);
		put(cases[i].at, cases[i].value, cases[i].bytes);
		if (!parse(&image, FILE_BYTES)) {
			printf("# accepted: %s\n", cases[i].name);
			CHECK(false);
		}
	}
}

static void short_files_are_refused(void)
{
	struct bzimage image;

	for (size_t size = 0; size < FILE_BYTES; size++) {
		uint8_t *whole;

		fresh_kernel(true);
		whole = kernel;
		kernel = malloc(size + 1);
		memcpy(kernel, whole, size);
		free(whole);
		if (size <= 5 * 512)
			CHECK(parse(&image, size));
		else
			CHECK(!parse(&image, size));
	}
}

/* The jump behind the header says how long it is; what is behind belongs to the real-mode code. */
static void header_ends_where_it_says(void)
{
	struct bzimage image;

	fresh_kernel(true);
	put(0x201, 0xff, 1);
	CHECK_EQ(parse(&image, FILE_BYTES), 0);
	put(0x201, 0, 1);
	CHECK_EQ(parse(&image, FILE_BYTES), -1);
}

static void initrd_goes_high_but_not_into_the_kernel(void)
{
	static const struct {
		uint64_t top, bytes, gpa;
	} cases[] = {
		{ 0x20000000, 0x1000, 0x1ffff000 },
		{ 0x20000000, 1, 0x1ffff000 },
		{ 0x20000000, 0x1001, 0x1fffe000 },
		{ 0xc0000000, 0x1000, 0x37fff000 }, /* initrd_addr_max */
		{ 0x1801000, 0x1000, 0x1800000 },
		{ 0x1801000, 0x1001, 0 },
		{ 0x1801000, UINT64_MAX, 0 },
	};
	struct bzimage image;

	fresh_kernel(false);
	CHECK_EQ(parse(&image, FILE_BYTES), 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		CHECK_EQ(bzimage_initrd_gpa(&image, cases[i].top, cases[i].bytes), cases[i].gpa);
}

static const struct unit_case cases[] = {
	UNIT_CASE(kernels_have_their_entry),
	UNIT_CASE(other_files_are_refused),
	UNIT_CASE(short_files_are_refused),
	UNIT_CASE(header_ends_where_it_says),
	UNIT_CASE(initrd_goes_high_but_not_into_the_kernel),
};

int main(void)
{
	int status = unit_main(cases, sizeof(cases) / sizeof(cases[0]));

	free(kernel);
	return status;
}
