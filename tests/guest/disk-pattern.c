// SPDX-License-Identifier: GPL-2.0
/*
 * Writes known patterns to a disk or file and looks at them again, past the page cache. Each sector says where it belongs, who
 * wrote it and in which generation, and the rest of it follows from that: what is lost, misplaced, torn or old is seen as such.
 * After each flush it says how far it has come, so that somebody who watched from outside knows what a crash must leave.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define SECTOR		512
#define WORDS		(SECTOR / 8)
#define MAX_BLOCK_KIB	8192

/* Exit status: what was asked for is so, is not so, or could not be done. */
enum { SAME = 0, DIFFERS = 1, CANNOT = 2 };

struct region {
	int fd;
	const char *path;
	uint32_t seed;
	uint32_t generation;
	uint64_t start;			/* bytes */
	uint64_t blocks;
	size_t block;			/* bytes */
	uint64_t *data;
};

static uint64_t mix(uint64_t x)
{
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ull;
	x = (x ^ x >> 27) * 0x94d049bb133111ebull;
	return x ^ x >> 31;
}

/* From one word of a sector to the next. */
#define STEP		0x9e3779b97f4a7c15ull

/* What the third word of a sector is; the first says where it belongs, the second whose it is and of which generation. */
static uint64_t first_word(const uint64_t *sector)
{
	return mix(sector[0] ^ mix(sector[1])) + 2 * STEP;
}

static void fill(uint64_t *sector, uint64_t where, uint32_t seed, uint32_t generation)
{
	uint64_t word;
	int i;

	sector[0] = where;
	sector[1] = (uint64_t)seed << 32 | generation;
	word = first_word(sector);
	for (i = 2; i < WORDS; i++, word += STEP)
		sector[i] = word;
}

/* The generation a sector is of, whole and in its place; 0 for none. */
static uint32_t generation_of(const uint64_t *sector, uint64_t where, uint32_t seed)
{
	uint64_t word, wrong = 0;
	int i;

	if (sector[0] != where || sector[1] >> 32 != seed)
		return 0;
	word = first_word(sector);
	/* Not word by word: an emulated processor takes most of the time of a soak in here. */
	for (i = 2; i < WORDS; i++, word += STEP)
		wrong |= sector[i] ^ word;
	return wrong ? 0 : (uint32_t)sector[1];
}

/* All of a block, or an error: a disk that does less has said that it cannot do the rest. */
static int move_block(const struct region *r, uint64_t n, int out)
{
	size_t done = 0;

	while (done < r->block) {
		char *at = (char *)r->data + done;
		off_t where = r->start + n * r->block + done;
		ssize_t moved = out ? pwrite(r->fd, at, r->block - done, where) : pread(r->fd, at, r->block - done, where);

		if (moved <= 0) {
			fprintf(stderr, "%s: block %llu: %s\n", r->path, (unsigned long long)n, moved ? strerror(errno) : "end");
			return -1;
		}
		done += moved;
	}
	return 0;
}

static void tell(const char *word, uint64_t number)
{
	char line[128];
	int length = snprintf(line, sizeof(line), "%s %llu\n", word, (unsigned long long)number);

	/* In one piece: others write to the same place. */
	if (write(1, line, length) != length)
		exit(CANNOT);
}

static int do_write(const struct region *r, uint64_t every, const char *word)
{
	uint64_t n;
	size_t at;

	for (n = 0; n < r->blocks; n++) {
		for (at = 0; at < r->block; at += SECTOR)
			fill(r->data + at / 8, r->start + n * r->block + at, r->seed, r->generation);
		if (move_block(r, n, 1))
			return CANNOT;
		if ((n + 1) % every && n + 1 < r->blocks)
			continue;
		if (fdatasync(r->fd)) {
			fprintf(stderr, "%s: flush: %s\n", r->path, strerror(errno));
			return CANNOT;
		}
		tell(word, n + 1);
	}
	return SAME;
}

static int do_check(const struct region *r, uint64_t flushed)
{
	uint64_t n, newer = 0;
	size_t at;

	for (n = 0; n < r->blocks; n++) {
		if (move_block(r, n, 0))
			return CANNOT;
		for (at = 0; at < r->block; at += SECTOR) {
			uint64_t where = r->start + n * r->block + at;
			const uint64_t *sector = r->data + at / 8;
			uint32_t generation = generation_of(sector, where, r->seed);

			if (generation == r->generation) {
				newer++;
				continue;
			}
			/* What no flush covered may be as it was before. */
			if (n >= flushed && generation && generation == r->generation - 1)
				continue;
			fprintf(stderr, "%s: byte %llu, block %llu of %llu flushed: %s, holds %016llx %016llx %016llx\n", r->path,
				(unsigned long long)where, (unsigned long long)n, (unsigned long long)flushed,
				generation ? "old" : "corrupt", (unsigned long long)sector[0], (unsigned long long)sector[1],
				(unsigned long long)sector[2]);
			return DIFFERS;
		}
	}
	printf("%llu %llu\n", (unsigned long long)(r->blocks * r->block >> 10), (unsigned long long)(newer * SECTOR >> 10));
	return SAME;
}

/* Has the kernel make zeros of a part of a disk, by whatever means the disk has. */
static int do_zero(char **argv)
{
	uint64_t range[2] = { strtoull(argv[3], NULL, 10) << 10, strtoull(argv[4], NULL, 10) << 10 };
	int fd = open(argv[2], O_RDWR);

	if (fd < 0 || ioctl(fd, BLKZEROOUT, range)) {
		fprintf(stderr, "%s: %s\n", argv[2], strerror(errno));
		return CANNOT;
	}
	return SAME;
}

static int usage(void)
{
	fprintf(stderr, "Usage: disk-pattern write FILE SEED GENERATION START_KIB BLOCKS BLOCK_KIB EVERY WORD\n"
			"       disk-pattern check FILE SEED GENERATION START_KIB BLOCKS BLOCK_KIB FLUSHED\n"
			"       disk-pattern zero DISK START_KIB KIB\n"
			"write flushes after EVERY blocks and says \"WORD BLOCKS\" each time; check wants the first FLUSHED blocks to be\n"
			"of this generation, the others of it or the one before, and says how many KiB it saw, and how many of it.\n");
	return CANNOT;
}

int main(int argc, char **argv)
{
	unsigned long long number[7];
	struct region r = {};
	int i, is_write;

	if (argc == 5 && !strcmp(argv[1], "zero"))
		return do_zero(argv);
	is_write = argc == 10 && !strcmp(argv[1], "write");
	if (!is_write && !(argc == 9 && !strcmp(argv[1], "check")))
		return usage();
	for (i = 3; i < 9; i++) {
		char *end;

		errno = 0;
		number[i - 3] = strtoull(argv[i], &end, 10);
		if (errno || *end || !*argv[i])
			return usage();
	}
	r.path = argv[2];
	r.seed = number[0];
	r.generation = number[1];
	r.start = number[2] << 10;
	r.blocks = number[3];
	r.block = number[4] << 10;
	if (!r.block || number[4] > MAX_BLOCK_KIB || (is_write && !number[5]))
		return usage();
	r.fd = open(r.path, (is_write ? O_RDWR | O_CREAT : O_RDONLY) | O_DIRECT, 0600);
	if (r.fd < 0) {
		fprintf(stderr, "%s: %s\n", r.path, strerror(errno));
		return CANNOT;
	}
	if (posix_memalign((void **)&r.data, 4096, r.block)) {
		fprintf(stderr, "no memory\n");
		return CANNOT;
	}
	return is_write ? do_write(&r, number[5], argv[9]) : do_check(&r, number[5]);
}
