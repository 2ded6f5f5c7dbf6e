// SPDX-License-Identifier: GPL-2.0
/*
 * Polled I/O by io_uring on a disk: writes blocks of 4 KiB, reads them again and compares, without ever waiting for an interrupt.
 *
 * Usage: iopoll DISK BLOCKS DEPTH [ROUNDS]
 * Exit status: 0 all of it went well, 1 an error or other data than written, 2 wrong usage, 3 neither kernel nor disk polls.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define BLOCK		4096
#define MAX_DEPTH	256

enum { GOOD = 0, BAD = 1, USAGE = 2, NO_POLLING = 3 };

struct ring {
	int fd;
	unsigned int *sq_tail, *sq_mask, *sq_array;
	unsigned int *cq_head, *cq_tail, *cq_mask;
	struct io_uring_sqe *sqes;
	struct io_uring_cqe *cqes;
};

static void die(int status, const char *what, int error)
{
	fprintf(stderr, "iopoll: %s: %s\n", what, strerror(error));
	exit(status);
}

static void *map(int fd, size_t bytes, off_t what)
{
	void *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, what);

	if (at == MAP_FAILED)
		die(BAD, "mmap", errno);
	return at;
}

static void ring_open(struct ring *ring)
{
	struct io_uring_params params = { .flags = IORING_SETUP_IOPOLL };
	char *sq, *cq;

	ring->fd = syscall(__NR_io_uring_setup, MAX_DEPTH, &params);
	if (ring->fd < 0)
		die(NO_POLLING, "io_uring_setup", errno);
	sq = map(ring->fd, params.sq_off.array + params.sq_entries * sizeof(unsigned int), IORING_OFF_SQ_RING);
	cq = map(ring->fd, params.cq_off.cqes + params.cq_entries * sizeof(struct io_uring_cqe), IORING_OFF_CQ_RING);
	ring->sqes = map(ring->fd, params.sq_entries * sizeof(struct io_uring_sqe), IORING_OFF_SQES);
	ring->sq_tail = (unsigned int *)(sq + params.sq_off.tail);
	ring->sq_mask = (unsigned int *)(sq + params.sq_off.ring_mask);
	ring->sq_array = (unsigned int *)(sq + params.sq_off.array);
	ring->cq_head = (unsigned int *)(cq + params.cq_off.head);
	ring->cq_tail = (unsigned int *)(cq + params.cq_off.tail);
	ring->cq_mask = (unsigned int *)(cq + params.cq_off.ring_mask);
	ring->cqes = (struct io_uring_cqe *)(cq + params.cq_off.cqes);
}

static void ring_add(struct ring *ring, int disk, int opcode, char *data, uint64_t block, unsigned int slot)
{
	unsigned int tail = *ring->sq_tail, index = tail & *ring->sq_mask;
	struct io_uring_sqe *sqe = &ring->sqes[index];

	memset(sqe, 0, sizeof(*sqe));
	sqe->opcode = opcode;
	sqe->fd = disk;
	sqe->addr = (uintptr_t)data;
	sqe->len = BLOCK;
	sqe->off = block * BLOCK;
	sqe->user_data = slot;
	ring->sq_array[index] = index;
	__atomic_store_n(ring->sq_tail, tail + 1, __ATOMIC_RELEASE);
}

static void fill(uint64_t *data, uint64_t block, uint64_t round)
{
	uint64_t word = (block << 20 ^ round) * 0x9e3779b97f4a7c15ull;
	unsigned int i;

	for (i = 0; i < BLOCK / sizeof(word); i++)
		data[i] = word += 0xbf58476d1ce4e5b9ull;
}

/* Moves all blocks once, @depth at a time; looks at what was read. */
static void pass(struct ring *ring, int disk, int opcode, char *data, uint64_t blocks, unsigned int depth, uint64_t round)
{
	static uint64_t expected[BLOCK / sizeof(uint64_t)];
	static uint64_t block_of[MAX_DEPTH];
	uint64_t next = 0, done = 0;
	unsigned int slot, add, head;

	for (slot = 0; slot < depth; slot++)
		block_of[slot] = UINT64_MAX;
	while (done < blocks) {
		for (slot = 0, add = 0; slot < depth && next < blocks; slot++) {
			if (block_of[slot] != UINT64_MAX)
				continue;
			block_of[slot] = next;
			if (opcode == IORING_OP_WRITE)
				fill((uint64_t *)(data + slot * BLOCK), next, round);
			else
				memset(data + slot * BLOCK, 0, BLOCK);
			ring_add(ring, disk, opcode, data + slot * BLOCK, next++, slot);
			add++;
		}
		if (syscall(__NR_io_uring_enter, ring->fd, add, 1, IORING_ENTER_GETEVENTS, NULL, 0) < 0 && errno != EINTR)
			die(BAD, "io_uring_enter", errno);
		head = *ring->cq_head;
		while (head != __atomic_load_n(ring->cq_tail, __ATOMIC_ACQUIRE)) {
			const struct io_uring_cqe *cqe = &ring->cqes[head++ & *ring->cq_mask];

			slot = cqe->user_data;
			if (cqe->res == -EOPNOTSUPP)
				die(NO_POLLING, "polled I/O", EOPNOTSUPP);
			if (cqe->res < 0)
				die(BAD, opcode == IORING_OP_WRITE ? "write" : "read", -cqe->res);
			fill(expected, block_of[slot], round);
			if (cqe->res != BLOCK || memcmp(data + slot * BLOCK, expected, BLOCK)) {
				fprintf(stderr, "iopoll: block %llu is not what was written\n",
					(unsigned long long)block_of[slot]);
				exit(BAD);
			}
			block_of[slot] = UINT64_MAX;
			done++;
		}
		__atomic_store_n(ring->cq_head, head, __ATOMIC_RELEASE);
	}
}

int main(int argc, char **argv)
{
	uint64_t blocks, round, rounds;
	unsigned int depth;
	struct ring ring;
	char *data;
	int disk;

	blocks = argc > 2 ? strtoull(argv[2], NULL, 0) : 0;
	depth = argc > 3 ? strtoul(argv[3], NULL, 0) : 0;
	rounds = argc > 4 ? strtoull(argv[4], NULL, 0) : 1;
	if (argc < 4 || argc > 5 || !blocks || !depth || depth > MAX_DEPTH || !rounds) {
		fprintf(stderr, "usage: iopoll DISK BLOCKS DEPTH(1-%d) [ROUNDS]\n", MAX_DEPTH);
		return USAGE;
	}
	disk = open(argv[1], O_RDWR | O_DIRECT);
	if (disk < 0)
		die(BAD, argv[1], errno);
	data = aligned_alloc(BLOCK, (size_t)depth * BLOCK);
	if (!data)
		die(BAD, "memory", ENOMEM);
	ring_open(&ring);
	for (round = 1; round <= rounds; round++) {
		pass(&ring, disk, IORING_OP_WRITE, data, blocks, depth, round);
		pass(&ring, disk, IORING_OP_READ, data, blocks, depth, round);
	}
	printf("%llu blocks written, read and compared\n", (unsigned long long)(blocks * rounds));
	return GOOD;
}
