// SPDX-License-Identifier: GPL-2.0
/*
 * What the log says of a failed command: expected lines written out by hand, and no CDB or status that leads out of the
 * tables or of the line's buffer.
 */
#include <kunit/test.h>
#include <linux/module.h>
#include <linux/string.h>
#include "../../storvsc/words.c"

struct words_case {
	const char *name;
	u8 cdb[16];
	u32 host_status;
	const char *meaning;
	const char *line;
};

static const struct words_case words_cases[] = {
	{ "read_10", { 0x28, 0, 0, 0, 3, 0x20, 0, 0, 8, 0 }, 0xc0000185, "host error without sense data",
	  "READ of 8 blocks at 800: host error without sense data (I/O error of the host's device)" },
	{ "write_16", { 0x8a, 0, 1, 2, 3, 4, 5, 6, 7, 8, 0, 1, 0, 0, 0, 0 }, 0xc000007f, "host error without sense data",
	  "WRITE of 65536 blocks at 72623859790382856: host error without sense data (the host's disk is full)" },
	{ "write_12", { 0xaa, 0, 0xff, 0xff, 0xff, 0xff, 0, 0, 1, 0, 0, 0 }, 0, "parity error",
	  "WRITE of 256 blocks at 4294967295: parity error" },
	{ "read_6_of_256", { 0x08, 0xff, 0xff, 0xff, 0, 0 }, 0, "bus was reset", "READ of 256 blocks at 2097151: bus was reset" },
	{ "flush", { 0x35 }, 0xc00000b5, "timeout on the host",
	  "SYNCHRONIZE CACHE of 0 blocks at 0: timeout on the host (timeout of the host's device)" },
	{ "unmap", { 0x42, 0, 0, 0, 0, 0, 0, 0, 24, 0 }, 1, "data overrun", "UNMAP: data overrun" },
	{ "no_name", { 0xff }, 0xffffffff, "bad function", "command: bad function" },
};

static void words_case_desc(const struct words_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(words, words_cases, words_case_desc);

static void log_says_which_where_and_why(struct kunit *test)
{
	const struct words_case *c = test->param_value;
	char text[160];

	storvsc_words_of_error(text, sizeof(text), c->cdb, c->host_status, c->meaning);
	KUNIT_EXPECT_STREQ(test, text, c->line);
}

/* Every operation code, into buffers of every size: ended, and nothing behind the end. */
static void words_fit_any_buffer(struct kunit *test)
{
	unsigned int opcode, bytes;
	char text[200];
	u8 cdb[16];

	for (opcode = 0; opcode < 256; opcode++) {
		memset(cdb, 0xff, sizeof(cdb));
		cdb[0] = opcode;
		for (bytes = 1; bytes < sizeof(text) - 1; bytes++) {
			memset(text, 0x5a, sizeof(text));
			storvsc_words_of_error(text, bytes, cdb, 0xc00002b6, "error, and its sense data is lost");
			if (strnlen(text, bytes) >= bytes || text[bytes] != 0x5a)
				KUNIT_FAIL(test, "opcode %#x: %u bytes are too few", opcode, bytes);
		}
	}
}

static struct kunit_case storvsc_words_cases[] = {
	KUNIT_CASE_PARAM(log_says_which_where_and_why, words_gen_params),
	KUNIT_CASE(words_fit_any_buffer),
	{}
};

static struct kunit_suite storvsc_words_suite = {
	.name = "hv_storvsc_words",
	.test_cases = storvsc_words_cases,
};
kunit_test_suite(storvsc_words_suite);

MODULE_DESCRIPTION("KUnit suite: words of storvsc's log");
MODULE_LICENSE("GPL");
