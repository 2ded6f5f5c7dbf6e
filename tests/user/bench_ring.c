// SPDX-License-Identifier: GPL-2.0
/*
 * Measures vmbus/ring.c itself, without kernel, lock and host: bursts written and read by one thread, the same with a
 * thread at each end (one writer, one reader, no lock), and how copying in words compares with the processor's string
 * instruction, which the kernel's memcpy() comes down to. Time is real: figures of a busy machine differ from run to run.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <linux/kernel.h>
#include <asm/barrier.h>
#include "../../vmbus/ring.c"

#define RING_BYTES	(256u * 1024)
#define BURST		12u	/* policy: what fits the ring of the largest packets */
#define ROUNDS		401u	/* policy: odd, for the median */
#define PACKETS		200000u	/* policy: for a second or two of the smaller packets */
#define BYTES_MAX	16384u

static const u32 sizes[] = { 64, 128, 256, 512, 1024, 4096, 16384 };

static struct vmbus_ring_control control __attribute__((aligned(4096)));
static u8 bytes_of_ring[RING_BYTES] __attribute__((aligned(4096)));
static u8 payload[BYTES_MAX], received[BYTES_MAX + 16];

static u64 now_ns(void)
{
	struct timespec at;

	clock_gettime(CLOCK_MONOTONIC, &at);
	return at.tv_sec * 1000000000ull + at.tv_nsec;
}

static int compare(const void *a, const void *b)
{
	u64 x = *(const u64 *)a, y = *(const u64 *)b;

	return x < y ? -1 : x > y;
}

static double median(u64 *took)
{
	qsort(took, ROUNDS, sizeof(*took), compare);
	return took[ROUNDS / 2];
}

static void die(const char *why)
{
	fprintf(stderr, "bench_ring: %s\n", why);
	exit(1);
}

static bool write_one(struct vmbus_ring_out *out, u32 bytes, bool *signal)
{
	struct vmbus_packet packet = {
		.type = cpu_to_le16(VMBUS_PACKET_INBAND),
		.payload_qwords = cpu_to_le16(sizeof(packet) / 8),
		.total_qwords = cpu_to_le16((sizeof(packet) + bytes) / 8),
	};
	if (!vmbus_ring_out_has_room(out, sizeof(packet) + bytes)) {
		switch (vmbus_ring_out_check_room(out, sizeof(packet) + bytes)) {
		case VMBUS_RING_OK:
			break;
		case VMBUS_RING_FULL:
			return false;
		default:
			die("the ring refuses a packet");
		}
	}
	*signal = vmbus_ring_out_put(out, &packet, payload, bytes);
	return true;
}

static bool read_one(struct vmbus_ring_in *in)
{
	switch (vmbus_ring_in_read(in, received, sizeof(received))) {
	case VMBUS_RING_OK:
		break;
	case VMBUS_RING_EMPTY:
		return false;
	default:
		die("the ring is broken");
	}
	vmbus_ring_in_next(in);
	return true;
}

static void start(struct vmbus_ring_out *out, struct vmbus_ring_in *in)
{
	vmbus_ring_in_init(in, &control, bytes_of_ring, RING_BYTES);
	vmbus_ring_out_init(out, &control, bytes_of_ring, RING_BYTES);
}

static void one_thread(u32 bytes)
{
	static u64 wrote[ROUNDS], read[ROUNDS];
	struct vmbus_ring_out out;
	struct vmbus_ring_in in;
	bool signal;
	u64 at;
	u32 i, n;

	start(&out, &in);
	for (i = 0; i < ROUNDS; i++) {
		at = now_ns();
		for (n = 0; n < BURST; n++)
			write_one(&out, bytes, &signal);
		wrote[i] = now_ns() - at;
		at = now_ns();
		for (n = 0; n < BURST; n++)
			read_one(&in);
		vmbus_ring_in_commit(&in, &signal);
		read[i] = now_ns() - at;
	}
	printf("| %u | %.0f | %.0f |", bytes, median(wrote) / BURST, median(read) / BURST);
}

struct ends {
	struct vmbus_ring_out out;
	struct vmbus_ring_in in __attribute__((aligned(64)));
	u32 bytes;
	u64 signals;
};

static void *writer(void *arg)
{
	struct ends *ends = arg;
	bool signal;
	u32 n;

	for (n = 0; n < PACKETS; n++) {
		while (!write_one(&ends->out, ends->bytes, &signal))
			sched_yield();
		ends->signals += signal;
	}
	return NULL;
}

static void *reader(void *arg)
{
	struct ends *ends = arg;
	u32 n = 0, batch;
	bool signal;

	while (n < PACKETS) {
		for (batch = 0; batch < 64 && read_one(&ends->in); batch++)
			n++;
		vmbus_ring_in_commit(&ends->in, &signal);
		if (!batch)
			sched_yield();
	}
	return NULL;
}

static void two_threads(u32 bytes)
{
	static struct ends ends;
	pthread_t thread;
	u64 at, took;

	start(&ends.out, &ends.in);
	ends.bytes = bytes;
	ends.signals = 0;
	at = now_ns();
	if (pthread_create(&thread, NULL, writer, &ends))
		die("no thread");
	reader(&ends);
	pthread_join(thread, NULL);
	took = now_ns() - at;
	printf(" %.0f | %.0f | %.4f |\n", (double)took / PACKETS, PACKETS * 1e9 / took, (double)ends.signals / PACKETS);
}

#ifdef __x86_64__
static void copying(u32 bytes)
{
	static u64 words[ROUNDS], string[ROUNDS];
	u32 i, n;
	u64 at;

	for (i = 0; i < ROUNDS; i++) {
		at = now_ns();
		for (n = 0; n < 64; n++)
			ring_copy(bytes_of_ring + n * 1024, payload, bytes);
		words[i] = now_ns() - at;
		at = now_ns();
		for (n = 0; n < 64; n++) {
			void *to = bytes_of_ring + n * 1024;
			const void *from = payload;
			u64 count = bytes;

			__asm__ volatile("rep movsb" : "+D" (to), "+S" (from), "+c" (count) : : "memory");
		}
		string[i] = now_ns() - at;
	}
	printf("| %u | %.1f | %.1f |\n", bytes, median(words) / 64, median(string) / 64);
}
#endif

int main(void)
{
	u32 i;

	printf("Real time, vmbus/ring.c in user space:\n\n");
	printf("| bytes | write ns | read ns | two threads ns | packets/s | signals/packet |\n");
	printf("| --- | --- | --- | --- | --- | --- |\n");
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		one_thread(sizes[i]);
		two_threads(sizes[i]);
	}
#ifdef __x86_64__
	printf("\n| copy of bytes | in words ns | rep movsb ns |\n| --- | --- | --- |\n");
	for (i = 8; i <= RING_WORDS_MAX_BYTES; i *= 2)
		copying(i);
#endif
	printf("\n");
	return 0;
}
