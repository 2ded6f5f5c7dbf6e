// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the SCSI disk over an image file: what each command answers, byte by byte where a guest
 * reads bytes, and what happens to commands that are out of range, too long, or aimed at nothing.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../devices/bytes.h"
#include "../devices/disk_image.h"
#include "../devices/scsi_disk.h"
#include "dev_unit.h"

#define BLOCKS 2048u
#define BUFFER (1u << 20)

static char path[] = "/tmp/hvhost-unit-XXXXXX";
static struct scsi_disk *disk;
static uint8_t *buffer;
static struct iovec buffer_iov;

static struct scsi_disk *open_disk(bool read_only, enum scsi_provisioning provisioning)
{
	struct scsi_disk_options options = {
		.image = path,
		.read_only = read_only,
		.provisioning = provisioning,
		.unique = 0x1122334455667788ull,
	};
	char error[200] = "";
	struct scsi_disk *opened = scsi_disk_open(&options, error, sizeof(error));

	if (!opened)
		printf("# %s\n", error);
	return opened;
}

/* Fills the image with its block numbers. */
static void fill_image(uint64_t blocks)
{
	uint8_t block[512];
	uint64_t i;
	int fd = open(path, O_RDWR | O_TRUNC);

	for (i = 0; i < blocks; i++) {
		memset(block, (int)(i & 0xff) | 1, sizeof(block));
		put_be64(block, i);
		if (write(fd, block, sizeof(block)) != sizeof(block))
			abort();
	}
	close(fd);
}

static void restart(void)
{
	scsi_disk_close(disk);
	fill_image(BLOCKS);
	disk = open_disk(false, SCSI_PROVISIONING_UNMAP);
}

/* A command with @bytes of buffer; the CDB is given in hexadecimal. */
static struct scsi_command run_on(struct scsi_disk *on, const char *hex, uint32_t bytes,
				  bool may_write)
{
	struct scsi_command command = { .may_write_data = may_write };
	unsigned int i = 0, byte;

	while (sscanf(hex, "%2x", &byte) == 1 && i < SCSI_CDB_BYTES) {
		command.cdb[i++] = (uint8_t)byte;
		hex += 2;
		while (*hex == ' ')
			hex++;
	}
	buffer_iov.iov_base = buffer;
	buffer_iov.iov_len = bytes;
	sg_init(&command.data, &buffer_iov, 1);
	scsi_end(&command, SCSI_OUTCOME_DONE, NULL);
	scsi_disk_execute(on, &command);
	return command;
}

static struct scsi_command run_in(const char *hex, uint32_t bytes)
{
	memset(buffer, 0xee, bytes);
	return run_on(disk, hex, bytes, true);
}

static struct scsi_command run_out(const char *hex, uint32_t bytes)
{
	return run_on(disk, hex, bytes, false);
}

static uint32_t sense_of(const struct scsi_command *command)
{
	return (uint32_t)command->sense[2] << 16 | (uint32_t)command->sense[12] << 8 |
	       command->sense[13];
}

static bool is_good(struct scsi_command command)
{
	return command.status == SCSI_STATUS_GOOD && command.outcome == SCSI_OUTCOME_DONE;
}

static void inquiry_names_the_disk(void)
{
	static const uint8_t head[8] = { 0x00, 0x00, 0x05, 0x02, 0x63, 0x00, 0x00, 0x02 };
	struct scsi_command c = run_in("12 00 00 00 68 00", 0x68);

	CHECK(is_good(c));
	CHECK_EQ(c.transferred, 104);
	CHECK(!memcmp(buffer, head, sizeof(head)));
	CHECK(!memcmp(buffer + 8, "Msft    Virtual Disk    1.0 ", 28));
	c = run_in("12 00 00 00 24 00", 36);
	CHECK_EQ(c.transferred, 36);
	/* Allocation beyond the buffer, a page without EVPD, CmdDt. */
	c = run_in("12 00 00 00 68 00", 36);
	CHECK_EQ(sense_of(&c), 0x052400);
	CHECK_EQ(c.outcome, SCSI_OUTCOME_REJECTED);
	c = run_in("12 00 80 00 24 00", 36);
	CHECK_EQ(sense_of(&c), 0x052400);
	c = run_in("12 02 00 00 24 00", 36);
	CHECK_EQ(sense_of(&c), 0x052400);
}

static void vpd_pages_are_listed_and_there(void)
{
	static const uint8_t list[10] = { 0, 0, 0, 6, 0x00, 0x80, 0x83, 0xb0, 0xb1, 0xb2 };
	struct scsi_command c = run_in("12 01 00 00 ff 00", 255);
	unsigned int i;
	char hex[40];

	CHECK_EQ(c.transferred, 10);
	CHECK(!memcmp(buffer, list, sizeof(list)));
	for (i = 4; i < 10; i++) {
		snprintf(hex, sizeof(hex), "12 01 %02x 00 ff 00", list[i]);
		c = run_in(hex, 255);
		CHECK(is_good(c));
		CHECK_EQ(buffer[1], list[i]);
		CHECK_EQ(c.transferred, 4 + get_be16(buffer + 2));
	}
	c = run_in("12 01 83 00 ff 00", 255);
	CHECK_EQ(get_be16(buffer + 2), 0x30);
	CHECK_EQ(buffer[7], 0x18);
	CHECK_EQ(get_be32(buffer + 36), 0x60022480);
	c = run_in("12 01 b0 00 ff 00", 255);
	CHECK_EQ(get_be32(buffer + 20), 0xffffffff);
	CHECK_EQ(get_be32(buffer + 24), 4096);
	CHECK_EQ(get_be64(buffer + 36), (8 << 20) / 512);
	c = run_in("12 01 89 00 ff 00", 255);
	CHECK_EQ(sense_of(&c), 0x052400);
}

static void capacity_is_the_images(void)
{
	struct scsi_command c = run_in("25 00 00000000 0000 00 00", 8);

	CHECK(is_good(c));
	CHECK_EQ(get_be32(buffer), BLOCKS - 1);
	CHECK_EQ(get_be32(buffer + 4), 512);
	c = run_in("9e 10 0000000000000000 00000020 00 00", 32);
	CHECK(is_good(c));
	CHECK_EQ(get_be64(buffer), BLOCKS - 1);
	CHECK_EQ(buffer[13], 3);
	CHECK_EQ(buffer[14], 0x80);
	c = run_in("25 00 00000000 0000 00 00", 7);
	CHECK_EQ(c.outcome, SCSI_OUTCOME_OVERRUN);
	c = run_in("9e 10 0000000000000000 00000020 00 00", 11);
	CHECK_EQ(c.outcome, SCSI_OUTCOME_OVERRUN);
	c = run_in("9e 1f 0000000000000000 00000020 00 00", 32);
	CHECK_EQ(sense_of(&c), 0x052400);
}

struct range_case {
	const char *name, *cdb;
	uint32_t buffer;
	uint32_t sense; /* 0: good */
	uint32_t transferred;
};

static const struct range_case read_cases[] = {
	{ "read(10) first block", "28 00 00000000 00 0001 00", 512, 0, 512 },
	{ "read(10) last block", "28 00 000007ff 00 0001 00", 512, 0, 512 },
	{ "read(10) of nothing", "28 00 00000000 00 0000 00", 0, 0, 0 },
	{ "read(10) of nothing at the end", "28 00 00000800 00 0000 00", 0, 0, 0 },
	{ "read(10) past the end", "28 00 00000800 00 0001 00", 512, 0x052100, 0 },
	{ "read(10) over the end", "28 00 000007ff 00 0002 00", 1024, 0x052100, 0 },
	{ "read(10) into a short buffer", "28 00 00000000 00 0002 00", 1023, 0x052400, 0 },
	{ "read(10) with protection", "28 20 00000000 00 0001 00", 512, 0x052400, 0 },
	{ "read(6) of 256 blocks", "08 000000 00 00", 256 * 512, 0, 256 * 512 },
	{ "read(12)", "a8 00 00000001 00000002 00 00", 1024, 0, 1024 },
	{ "read(12) length wraps", "a8 00 00000001 ffffffff 00 00", 1024, 0x052100, 0 },
	{ "read(16)", "88 00 0000000000000001 00000001 00 00", 512, 0, 512 },
	{ "read(16) LBA wraps", "88 00 ffffffffffffffff 00000001 00 00", 512, 0x052100, 0 },
	{ "read(16) length wraps", "88 00 0000000000000001 ffffffff 00 00", 512, 0x052100, 0 },
	{ "unknown operation", "c1 00 00000000 00000000 00 00", 512, 0x052000, 0 },
	{ "maintenance in", "a3 0c 00000000 00000000 00 00", 512, 0x052000, 0 },
};

static void reads_stay_on_the_disk(void)
{
	unsigned int i;

	for (i = 0; i < sizeof(read_cases) / sizeof(read_cases[0]); i++) {
		const struct range_case *r = &read_cases[i];
		struct scsi_command c = run_in(r->cdb, r->buffer);

		if (sense_of(&c) != r->sense || c.transferred != r->transferred) {
			printf("# %s: sense %06x, %u bytes\n", r->name, sense_of(&c),
			       c.transferred);
			unit_failures++;
		}
		CHECK_EQ(c.status, r->sense ? SCSI_STATUS_CHECK_CONDITION : SCSI_STATUS_GOOD);
	}
	run_in("28 00 000007ff 00 0001 00", 512);
	CHECK_EQ(get_be64(buffer), 0x7ff);
}

static void a_read_needs_a_buffer_it_may_write(void)
{
	struct scsi_command c;

	memset(buffer, 0x55, 512);
	c = run_out("28 00 00000000 00 0001 00", 512);
	CHECK_EQ(sense_of(&c), 0x052400);
	CHECK_EQ(buffer[0], 0x55);
	c = run_out("12 00 00 00 24 00", 36);
	CHECK_EQ(c.transferred, 0);
	CHECK_EQ(buffer[0], 0x55);
}

static void writes_reach_the_image(void)
{
	struct scsi_command c;
	uint8_t block[512];
	int fd;

	memset(buffer, 0xa5, 2048);
	CHECK(is_good(run_out("2a 00 00000010 00 0002 00", 1024)));
	CHECK(is_good(run_out("8a 08 0000000000000020 00000001 00 00", 512)));
	CHECK(is_good(run_out("2e 00 00000030 00 0001 00", 512)));
	CHECK(is_good(run_out("aa 00 00000040 00000001 00 00", 512)));
	CHECK(is_good(run_out("0a 000050 01 00", 512)));
	fd = open(path, O_RDONLY);
	for (int lba = 0x10; lba <= 0x50; lba += 0x10) {
		CHECK_EQ(pread(fd, block, sizeof(block), (off_t)lba * 512), 512);
		CHECK(block[0] == 0xa5 && block[511] == 0xa5);
	}
	close(fd);
	c = run_out("2a 00 00000800 00 0001 00", 512);
	CHECK_EQ(sense_of(&c), 0x052100);
	c = run_out("2a 00 00000000 00 0002 00", 512);
	CHECK_EQ(sense_of(&c), 0x052400);
}

static void scattered_buffers_are_whole(void)
{
	static uint8_t a[100], b[3000], d[996];
	struct iovec iov[4] = {
		{ a, sizeof(a) },
		{ b, 0 },
		{ b, sizeof(b) },
		{ d, sizeof(d) },
	};
	struct scsi_command c = { .cdb = { 0x28, 0, 0, 0, 0, 4, 0, 0, 8, 0 },
				  .may_write_data = true };

	sg_init(&c.data, iov, 4);
	CHECK_EQ(c.data.bytes, 4096);
	scsi_disk_execute(disk, &c);
	CHECK(is_good(c));
	CHECK_EQ(get_be64(a), 4);
	CHECK_EQ(get_be64(b + 412), 5);
	CHECK_EQ(get_be64(d + 996 - 512), 11);
}

static void unmap_checks_all_before_any(void)
{
	struct scsi_command c;

	memset(buffer, 0, 64);
	put_be16(buffer, 38);
	put_be16(buffer + 2, 32);
	put_be64(buffer + 8, 8);
	put_be32(buffer + 16, 8);
	put_be64(buffer + 24, BLOCKS - 1);
	put_be32(buffer + 32, 2);
	c = run_out("42 00 00000000 00 0028 00", 40);
	CHECK_EQ(sense_of(&c), 0x052100);
	run_in("28 00 00000008 00 0001 00", 512);
	CHECK_EQ(get_be64(buffer), 8);

	memset(buffer, 0, 64);
	put_be16(buffer, 22);
	put_be16(buffer + 2, 16);
	put_be64(buffer + 8, 8);
	put_be32(buffer + 16, 8);
	c = run_out("42 00 00000000 00 0018 00", 24);
	CHECK(is_good(c));
	CHECK_EQ(c.transferred, 0);
	run_in("28 00 00000008 00 0001 00", 512);
	CHECK_EQ(buffer[0] | buffer[7] | buffer[511], 0);

	/* List shorter than it says, inner lengths wrong, list too short for a header. */
	memset(buffer, 0, 64);
	put_be16(buffer, 22);
	put_be16(buffer + 2, 16);
	c = run_out("42 00 00000000 00 0018 00", 23);
	CHECK_EQ(sense_of(&c), 0x052400);
	put_be16(buffer + 2, 17);
	c = run_out("42 00 00000000 00 0018 00", 24);
	CHECK_EQ(sense_of(&c), 0x052400);
	c = run_out("42 00 00000000 00 0007 00", 24);
	CHECK_EQ(sense_of(&c), 0x051a00);
	c = run_out("42 00 00000000 00 ffff 00", 24);
	CHECK_EQ(sense_of(&c), 0x052400);
}

static void write_same_repeats_one_block(void)
{
	struct scsi_command c;

	memset(buffer, 0x77, 512);
	c = run_out("93 00 0000000000000100 00000100 00 00", 512);
	CHECK(is_good(c));
	CHECK_EQ(c.transferred, 512);
	run_in("28 00 000001ff 00 0001 00", 512);
	CHECK(buffer[0] == 0x77 && buffer[511] == 0x77);
	/* NDOB: zeros without a buffer. */
	CHECK(is_good(run_out("93 09 0000000000000100 00000100 00 00", 0)));
	run_in("28 00 00000100 00 0001 00", 512);
	CHECK_EQ(buffer[0] | buffer[511], 0);
	c = run_out("41 00 00000000 00 0001 00", 511);
	CHECK_EQ(sense_of(&c), 0x052400);
	c = run_out("41 00 00000000 00 0000 00", 512);
	CHECK_EQ(sense_of(&c), 0x052400);
	c = run_out("93 00 0000000000000000 00004001 00 00", 512);
	CHECK_EQ(sense_of(&c), 0x052100);
}

/* Bytes the image takes up. */
static uint64_t stored(void)
{
	struct stat st;

	sync();
	CHECK(!stat(path, &st));
	return (uint64_t)st.st_blocks * 512;
}

static void blocks_given_back_become_holes(void)
{
	static const uint8_t status[24] = { 0, 0, 0, 20, 0, 0, 0, 0, 0, 0, 0, 0,
					    0, 0, 0, 8,	 0, 0, 2, 0, 1, 0, 0, 0 };
	uint64_t before = stored();
	struct scsi_command c;

	/* Blocks 8..519, a pattern of another disk's beyond. */
	memset(buffer, 0, 64);
	put_be16(buffer, 22);
	put_be16(buffer + 2, 16);
	put_be64(buffer + 8, 8);
	put_be32(buffer + 16, 512);
	CHECK(is_good(run_out("42 00 00000000 00 0018 00", 24)));
	CHECK_EQ(before - stored(), 512 * 512);
	c = run_in("9e 12 0000000000000008 00000018 00 00", 24);
	CHECK(is_good(c));
	CHECK_EQ(c.transferred, 24);
	CHECK(!memcmp(buffer, status, sizeof(status)));
	/* The whole disk: stored, not stored, stored. */
	c = run_in("9e 12 0000000000000000 00000200 00 00", 512);
	CHECK_EQ(c.transferred, 8 + 3 * 16);
	CHECK_EQ(get_be32(buffer), 4 + 3 * 16);
	CHECK_EQ(get_be32(buffer + 16), 8);
	CHECK_EQ(buffer[20], 0);
	CHECK_EQ(get_be64(buffer + 40), 520);
	CHECK_EQ(get_be32(buffer + 48), BLOCKS - 520);
	CHECK_EQ(buffer[52], 0);
	c = run_in("9e 12 0000000000000800 00000200 00 00", 512);
	CHECK_EQ(sense_of(&c), 0x052100);
	c = run_in("9e 12 0000000000000000 00000017 00 00", 23);
	CHECK_EQ(sense_of(&c), 0x052400);
	c = run_in("9e 12 0000000000000000 00000200 00 00", 24);
	CHECK_EQ(sense_of(&c), 0x052400);
	/* A disk of Hyper-V takes the UNMAP bit of WRITE SAME for another one and keeps the blocks. */
	before = stored();
	memset(buffer, 0, 512);
	CHECK(is_good(run_out("93 08 0000000000000400 00000100 00 00", 512)));
	CHECK_EQ(stored(), before);
}

static void write_same_gives_blocks_back_where_it_says_so(void)
{
	uint64_t before;
	struct scsi_command c;

	scsi_disk_close(disk);
	disk = open_disk(false, SCSI_PROVISIONING_WRITE_SAME);
	before = stored();
	c = run_in("12 01 b2 00 ff 00", 255);
	CHECK_EQ(buffer[5], 0x64);
	run_in("12 01 b0 00 ff 00", 255);
	CHECK_EQ(get_be32(buffer + 20), 0);
	CHECK_EQ(get_be32(buffer + 24), 0);
	run_in("9e 10 0000000000000000 00000020 00 00", 32);
	CHECK_EQ(buffer[14], 0xc0);
	c = run_out("42 00 00000000 00 0018 00", 24);
	CHECK_EQ(sense_of(&c), 0x052000);
	memset(buffer, 0, 512);
	CHECK(is_good(run_out("93 08 0000000000000100 00000100 00 00", 512)));
	CHECK_EQ(before - stored(), 256 * 512);
	CHECK(is_good(run_out("41 08 00000200 00 0100 00", 512)));
	CHECK_EQ(before - stored(), 512 * 512);
	/* Zeros without the bit are stored; a pattern is stored although the bit asks for less. */
	CHECK(is_good(run_out("93 00 0000000000000100 00000100 00 00", 512)));
	CHECK_EQ(before - stored(), 256 * 512);
	memset(buffer, 0x42, 512);
	CHECK(is_good(run_out("93 08 0000000000000200 00000100 00 00", 512)));
	CHECK_EQ(before - stored(), 0);
	run_in("28 00 000002ff 00 0001 00", 512);
	CHECK(buffer[0] == 0x42 && buffer[511] == 0x42);
	scsi_disk_close(disk);
	disk = open_disk(false, SCSI_PROVISIONING_FULL);
	run_in("12 01 b2 00 ff 00", 255);
	CHECK_EQ(buffer[5], 0xe4);
	CHECK_EQ(buffer[6], 2);
}

static void verify_compares_when_asked(void)
{
	struct scsi_command c;

	run_in("28 00 00000000 00 00c8 00", 200 * 512);
	CHECK(is_good(run_out("2f 02 00000000 00 00c8 00", 200 * 512)));
	buffer[150 * 512] ^= 1;
	c = run_out("2f 02 00000000 00 00c8 00", 200 * 512);
	CHECK_EQ(sense_of(&c), 0x0e1d00);
	CHECK(is_good(run_out("2f 00 00000000 00 00c8 00", 0)));
	c = run_out("2f 04 00000000 00 0001 00", 512);
	CHECK_EQ(sense_of(&c), 0x052400);
	c = run_out("2f 02 00000000 00 0002 00", 512);
	CHECK_EQ(sense_of(&c), 0x052400);
}

static void mode_pages_say_write_back(void)
{
	static const uint8_t six[16] = { 15, 0, 0x10, 0, 0x08, 0x0a, 0x04 };
	struct scsi_command c = run_in("1a 00 08 00 ff 00", 255);

	CHECK(is_good(c));
	CHECK_EQ(c.transferred, 16);
	CHECK(!memcmp(buffer, six, sizeof(six)));
	c = run_in("1a 00 3f 00 04 00", 4);
	CHECK_EQ(c.transferred, 4);
	c = run_in("5a 00 08 00 00 00 00 00 ff 00", 255);
	CHECK_EQ(c.transferred, 20);
	CHECK_EQ(get_be16(buffer), 18);
	CHECK_EQ(buffer[10], 0x04);
	c = run_in("1a 00 48 00 ff 00", 255); /* changeable */
	CHECK_EQ(buffer[6], 0);
	c = run_in("1a 00 c8 00 ff 00", 255); /* saved */
	CHECK_EQ(sense_of(&c), 0x052400);
	c = run_in("1a 00 0a 05 ff 00", 255);
	CHECK_EQ(sense_of(&c), 0x052400);
	/* Switching the cache off is refused, leaving it on is not. */
	memset(buffer, 0, 16);
	buffer[4] = 0x08;
	buffer[5] = 0x0a;
	c = run_out("15 10 00 00 10 00", 16);
	CHECK_EQ(sense_of(&c), 0x052600);
	buffer[6] = 0x04;
	CHECK(is_good(run_out("15 10 00 00 10 00", 16)));
	c = run_out("15 11 00 00 10 00", 16);
	CHECK_EQ(sense_of(&c), 0x052400);
	c = run_out("15 10 00 00 0f 00", 16);
	CHECK_EQ(sense_of(&c), 0x051a00);
}

static void a_file_that_shrinks_is_a_medium_error(void)
{
	struct scsi_command c;

	CHECK(!truncate(path, 8 * 512));
	c = run_in("28 00 00000010 00 0001 00", 512);
	CHECK_EQ(sense_of(&c), 0x031100);
	CHECK_EQ(c.outcome, SCSI_OUTCOME_FAILED);
	CHECK_EQ(c.transferred, 0);
}

static void read_only_disks_are_not_written(void)
{
	struct scsi_disk *ro;
	struct scsi_command c;

	scsi_disk_close(disk);
	disk = NULL;
	ro = open_disk(true, SCSI_PROVISIONING_NONE);
	c = run_on(ro, "2a 00 00000000 00 0001 00", 512, false);
	CHECK_EQ(sense_of(&c), 0x072700);
	c = run_on(ro, "41 00 00000000 00 0001 00", 512, false);
	CHECK_EQ(sense_of(&c), 0x072700);
	c = run_on(ro, "42 00 00000000 00 0018 00", 24, false);
	CHECK_EQ(sense_of(&c), 0x052000);
	c = run_on(ro, "9e 12 0000000000000000 00000020 00 00", 32, true);
	CHECK_EQ(sense_of(&c), 0x052000);
	c = run_on(ro, "1a 00 3f 00 04 00", 4, true);
	CHECK_EQ(buffer[2], 0x90);
	c = run_on(ro, "12 01 00 00 ff 00", 255, true);
	CHECK_EQ(c.transferred, 7);
	CHECK(is_good(run_on(ro, "35 00 00000000 00 0000 00", 0, false)));
	scsi_disk_close(ro);
}

static void absent_luns_answer_inquiry_only(void)
{
	struct scsi_command c = { .cdb = { 0x12, 0, 0, 0, 36 }, .may_write_data = true };

	buffer_iov.iov_len = 36;
	sg_init(&c.data, &buffer_iov, 1);
	scsi_absent_lun_execute(0, &c);
	CHECK(is_good(c));
	CHECK_EQ(buffer[0], 0x7f);
	CHECK(!memcmp(buffer + 8, "Msft", 4));
	scsi_absent_lun_execute(3, &c);
	CHECK_EQ(buffer[8], 0);
	c.cdb[1] = 1;
	scsi_absent_lun_execute(3, &c);
	CHECK_EQ(sense_of(&c), 0x052400);
	c.cdb[0] = 0;
	scsi_absent_lun_execute(3, &c);
	CHECK_EQ(c.outcome, SCSI_OUTCOME_NO_LUN);
	CHECK_EQ(c.sense[0], 0);
}

static void report_luns_lists_in_order(void)
{
	static const uint8_t luns[] = { 0, 5, 63 };
	struct scsi_command c = { .cdb = { 0xa0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10 },
				  .may_write_data = true };

	buffer_iov.iov_len = 4096;
	sg_init(&c.data, &buffer_iov, 1);
	scsi_report_luns_execute(luns, 3, &c);
	CHECK(is_good(c));
	CHECK_EQ(c.transferred, 16);
	CHECK_EQ(get_be32(buffer), 24);
	c.cdb[8] = 0xff;
	scsi_report_luns_execute(luns, 3, &c);
	CHECK_EQ(c.transferred, 32);
	CHECK_EQ(buffer[17], 5);
	CHECK_EQ(buffer[25], 63);
	buffer_iov.iov_len = 7;
	sg_init(&c.data, &buffer_iov, 1);
	scsi_report_luns_execute(luns, 3, &c);
	CHECK(is_good(c));
	CHECK_EQ(c.transferred, 0);
}

/* Any command with any buffer ends, and none does harm: the sanitizers watch. */
static void random_commands_end(void)
{
	unsigned int seed = 1, i, j;

	for (i = 0; i < 200000; i++) {
		struct scsi_command c = { 0 };

		for (j = 0; j < SCSI_CDB_BYTES; j++)
			c.cdb[j] = (uint8_t)(rand_r(&seed) % 4 ? rand_r(&seed) >> 8 : 0);
		if (i % 2)
			for (j = 2; j < 8; j++)
				c.cdb[j] &= 0x07;
		c.may_write_data = rand_r(&seed) & 1;
		buffer_iov.iov_len = (size_t)rand_r(&seed) % (i % 8 ? 600 : 65536);
		sg_init(&c.data, &buffer_iov, 1);
		scsi_end(&c, SCSI_OUTCOME_DONE, NULL);
		scsi_disk_execute(disk, &c);
		if (c.transferred > c.data.bytes && !(c.status == SCSI_STATUS_GOOD))
			unit_failures++;
		CHECK(c.transferred <= c.data.bytes);
		CHECK((c.status == SCSI_STATUS_GOOD) == (c.outcome == SCSI_OUTCOME_DONE));
	}
}

struct open_case {
	const char *name;
	off_t bytes;
	uint32_t block, physical;
	bool good;
};

static const struct open_case open_cases[] = {
	{ "empty", 0, 512, 0, false },
	{ "half a block more", 512 * 3 + 256, 512, 0, false },
	{ "one block", 512, 512, 512, true },
	{ "not a multiple of 4096", 512 * 9, 4096, 0, false },
	{ "4096-byte blocks", 4096 * 4, 4096, 0, true },
	{ "odd block size", 4096, 1024, 0, false },
	{ "physical smaller than logical", 4096, 4096, 512, false },
	{ "physical no power of two", 4096, 512, 1536, false },
};

static void bad_images_are_refused_untouched(void)
{
	struct scsi_disk_options options = { .image = path };
	struct scsi_disk *opened, *second;
	struct stat before, after;
	char error[200];
	unsigned int i;

	scsi_disk_close(disk);
	disk = NULL;
	for (i = 0; i < sizeof(open_cases) / sizeof(open_cases[0]); i++) {
		CHECK(!truncate(path, open_cases[i].bytes));
		stat(path, &before);
		options.block_bytes = open_cases[i].block;
		options.physical_bytes = open_cases[i].physical;
		error[0] = '\0';
		opened = scsi_disk_open(&options, error, sizeof(error));
		if (!!opened != open_cases[i].good ||
		    (!opened && (!error[0] || strchr(error, '\n')))) {
			printf("# %s: %s\n", open_cases[i].name, error);
			unit_failures++;
		}
		if (opened) {
			second = scsi_disk_open(&options, error, sizeof(error));
			CHECK(!second);
			scsi_disk_close(second);
		}
		scsi_disk_close(opened);
		stat(path, &after);
		CHECK_EQ(after.st_size, before.st_size);
		CHECK_EQ(after.st_mtim.tv_nsec, before.st_mtim.tv_nsec);
	}
	options.image = "/nonexistent/image";
	CHECK(!scsi_disk_open(&options, error, sizeof(error)));
	options.image = "/tmp";
	CHECK(!scsi_disk_open(&options, error, sizeof(error)));
	options.image = "/dev/null";
	options.block_bytes = 512;
	CHECK(!scsi_disk_open(&options, error, sizeof(error)));
}

#define FRESH(fn)                    \
	static void fresh_##fn(void) \
	{                            \
		restart();           \
		fn();                \
	}
FRESH(reads_stay_on_the_disk)
FRESH(writes_reach_the_image)
FRESH(scattered_buffers_are_whole)
FRESH(unmap_checks_all_before_any)
FRESH(write_same_repeats_one_block)
FRESH(blocks_given_back_become_holes)
FRESH(write_same_gives_blocks_back_where_it_says_so)
FRESH(verify_compares_when_asked)
FRESH(a_file_that_shrinks_is_a_medium_error)
FRESH(random_commands_end)

static const struct unit_case cases[] = {
	UNIT_CASE(inquiry_names_the_disk),
	UNIT_CASE(vpd_pages_are_listed_and_there),
	UNIT_CASE(capacity_is_the_images),
	{ "reads_stay_on_the_disk", fresh_reads_stay_on_the_disk },
	UNIT_CASE(a_read_needs_a_buffer_it_may_write),
	{ "writes_reach_the_image", fresh_writes_reach_the_image },
	{ "scattered_buffers_are_whole", fresh_scattered_buffers_are_whole },
	{ "unmap_checks_all_before_any", fresh_unmap_checks_all_before_any },
	{ "write_same_repeats_one_block", fresh_write_same_repeats_one_block },
	{ "blocks_given_back_become_holes", fresh_blocks_given_back_become_holes },
	{ "write_same_gives_blocks_back_where_it_says_so",
	  fresh_write_same_gives_blocks_back_where_it_says_so },
	{ "verify_compares_when_asked", fresh_verify_compares_when_asked },
	UNIT_CASE(mode_pages_say_write_back),
	{ "a_file_that_shrinks_is_a_medium_error", fresh_a_file_that_shrinks_is_a_medium_error },
	UNIT_CASE(absent_luns_answer_inquiry_only),
	UNIT_CASE(report_luns_lists_in_order),
	{ "random_commands_end", fresh_random_commands_end },
	UNIT_CASE(read_only_disks_are_not_written),
	UNIT_CASE(bad_images_are_refused_untouched),
};

int main(void)
{
	int fd = mkstemp(path), status;

	if (fd < 0)
		return 2;
	close(fd);
	buffer = malloc(BUFFER);
	restart();
	status = unit_main(cases, sizeof(cases) / sizeof(cases[0]));
	scsi_disk_close(disk);
	free(buffer);
	unlink(path);
	return status;
}
