// SPDX-License-Identifier: GPL-2.0
/*
 * Both directions of a channel under load: the guest's end is vmbus/ring.c, the
 * host's end is written here from the specification (VMBus ring buffers), each in
 * a thread of its own. Sides sleep when the protocol lets them, so a lost signal
 * shows as a side that sleeps for ever; bytes, order, trailers and the number of
 * signals are checked. Lengths and batches are random; the seed is printed.
 */
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <linux/kernel.h>
#include "../../vmbus/ring.c"

#define SLEEP_MAX_S	30
#define PACKETS		60000u

struct channel {
	struct vmbus_ring_control *control;
	u8 *bytes;
	u32 size;
	sem_t guest, host;		/* each side sleeps on its own */
	sem_t started;			/* the rings exist */
	u64 signals;		/* that the guest gave */
	u64 host_wakeups_offered;	/* times the host could need one */
	unsigned int seed;
};

static void fail(const char *why, u32 number)
{
	printf("    # packet %u: %s\n    not ok 1 ring_under_load\nnot ok 1 stress_ring\n", number, why);
	fflush(stdout);
	_exit(1);
}

static u32 pick(unsigned int *state, u32 below)
{
	*state = *state * 1103515245u + 12345u;
	return (*state >> 8) % below;
}

static void sleep_on(sem_t *wake, const char *who, u32 number)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += SLEEP_MAX_S;
	while (sem_timedwait(wake, &until)) {
		if (errno == EINTR)
			continue;
		fail(who, number);
	}
}

/* Length and content of the n-th packet follow from n: both sides know them. */
static u32 packet_qwords(const struct channel *c, u32 number)
{
	u32 most = (c->size - 16) / 8;
	u32 h = number * 2654435761u;

	return 2 + (h >> 7) % (h & 64 || most < 7 ? most - 1 : 6);
}

static u8 packet_byte(u32 number, u32 at)
{
	return (u8)(number * 31 + at * 7 + (at >> 3));
}

static u32 load(const __le32 *word)
{
	return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}

static void full_barrier(void)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

/* ---- guest to host */

static void *guest_writes(void *arg)
{
	struct channel *c = arg;
	struct vmbus_ring_out ring;
	unsigned int state = c->seed + 1;
	u8 *packet = malloc(c->size);
	u32 n, i, bytes;

	vmbus_ring_out_init(&ring, c->control, c->bytes, c->size);
	sem_post(&c->started);
	for (n = 0; n < PACKETS; n++) {
		struct vmbus_packet *head = (struct vmbus_packet *)packet;
		struct vmbus_ring_piece piece[3];
		enum vmbus_ring_verdict verdict;
		bool signal;
		u32 cut;

		bytes = packet_qwords(c, n) * 8;
		memset(head, 0, sizeof(*head));
		head->type = cpu_to_le16(VMBUS_PACKET_INBAND);
		head->payload_qwords = cpu_to_le16(2);
		head->total_qwords = cpu_to_le16(bytes / 8);
		head->transaction_id = cpu_to_le64(n);
		for (i = 16; i < bytes; i++)
			packet[i] = packet_byte(n, i);
		cut = pick(&state, bytes);
		piece[0] = (struct vmbus_ring_piece){ packet, cut };
		piece[1] = (struct vmbus_ring_piece){ packet + cut, 0 };
		piece[2] = (struct vmbus_ring_piece){ packet + cut, bytes - cut };
		while ((verdict = vmbus_ring_out_write(&ring, piece, 3, &signal)) == VMBUS_RING_FULL)
			sched_yield();
		if (verdict != VMBUS_RING_OK)
			fail("the guest could not write", n);
		if (signal) {
			c->signals++;
			sem_post(&c->host);
		}
		if (!pick(&state, 64))
			sched_yield();
	}
	free(packet);
	return NULL;
}

static void *host_reads(void *arg)
{
	struct channel *c = arg;
	unsigned int state = c->seed + 2;
	u32 n = 0, at = 0, i;

	while (n < PACKETS) {
		u32 end = load(&c->control->write_index);

		if (at == end) {
			/* Unmask, look again, and only then sleep. */
			__atomic_store_n(&c->control->interrupt_mask, 0, __ATOMIC_RELAXED);
			full_barrier();
			c->host_wakeups_offered++;
			if (at == load(&c->control->write_index))
				sleep_on(&c->host, "the host sleeps: a signal is lost", n);
			if (pick(&state, 4))
				__atomic_store_n(&c->control->interrupt_mask, 1, __ATOMIC_RELAXED);
			continue;
		}
		while (at != end) {
			u32 bytes = packet_qwords(c, n) * 8;
			const u32 start = at;

			for (i = 16; i < bytes; i++)
				if (c->bytes[(at + i) % c->size] != packet_byte(n, i))
					fail("wrong byte at the host", n);
			if (c->bytes[(at + 4) % c->size] != (u8)(bytes / 8))
				fail("wrong length at the host", n);
			at = (at + bytes) % c->size;
			for (i = 0; i < 4; i++)
				if (c->bytes[(at + 4 + i) % c->size] != (u8)(start >> (8 * i)))
					fail("wrong trailer at the host", n);
			at = (at + 8) % c->size;
			n++;
			if (!pick(&state, 3))
				break;
		}
		__atomic_store_n(&c->control->read_index, at, __ATOMIC_RELEASE);
		full_barrier();
	}
	return NULL;
}

/* ---- host to guest */

static void *host_writes(void *arg)
{
	struct channel *c = arg;
	u32 n, i, at = 0;

	__atomic_store_n(&c->control->feature_bits, 1, __ATOMIC_RELAXED);
	for (n = 0; n < PACKETS; n++) {
		u32 bytes = packet_qwords(c, n) * 8, need = bytes + 8, old = at;
		u8 head[16] = { 6, 0, 2, 0, bytes / 8, (bytes / 8) >> 8 };

		for (;;) {
			u32 used = (at + c->size - load(&c->control->read_index)) % c->size;

			if (c->size - used > need)
				break;
			/* Ask for a signal, look again, and only then sleep. */
			c->host_wakeups_offered++;
			__atomic_store_n(&c->control->pending_send_size, need, __ATOMIC_RELAXED);
			full_barrier();
			used = (at + c->size - load(&c->control->read_index)) % c->size;
			if (c->size - used <= need)
				sleep_on(&c->host, "the host waits for room: a signal is lost", n);
			__atomic_store_n(&c->control->pending_send_size, 0, __ATOMIC_RELAXED);
		}
		for (i = 0; i < bytes; i++)
			c->bytes[(at + i) % c->size] = i < 16 ? head[i] : packet_byte(n, i);
		at = (at + need) % c->size;
		__atomic_store_n(&c->control->write_index, at, __ATOMIC_RELEASE);
		full_barrier();
		if (!__atomic_load_n(&c->control->interrupt_mask, __ATOMIC_ACQUIRE) &&
		    load(&c->control->read_index) == old)
			sem_post(&c->guest);
	}
	return NULL;
}

static void *guest_reads(void *arg)
{
	struct channel *c = arg;
	struct vmbus_ring_in ring;
	unsigned int state = c->seed + 3;
	u8 *packet = malloc(c->size);
	u32 n = 0, i, bytes;
	bool signal;

	vmbus_ring_in_init(&ring, c->control, c->bytes, c->size);
	sem_post(&c->started);
	while (n < PACKETS) {
		struct vmbus_packet head;
		enum vmbus_ring_verdict verdict = vmbus_ring_in_peek(&ring, &head);

		if (verdict == VMBUS_RING_BROKEN)
			fail("the guest calls the ring broken", n);
		if (verdict == VMBUS_RING_OK) {
			bytes = le16_to_cpu(head.total_qwords) * 8u;
			if (bytes != packet_qwords(c, n) * 8)
				fail("wrong length at the guest", n);
			if (!vmbus_ring_in_copy(&ring, 0, packet, bytes))
				fail("the guest cannot copy a packet", n);
			for (i = 16; i < bytes; i++)
				if (packet[i] != packet_byte(n, i))
					fail("wrong byte at the guest", n);
			vmbus_ring_in_next(&ring);
			n++;
			if (pick(&state, 4))
				continue;
		}
		if (vmbus_ring_in_commit(&ring, &signal) != VMBUS_RING_OK)
			fail("the guest cannot commit", n);
		if (signal) {
			c->signals++;
			sem_post(&c->host);
		}
		if (verdict == VMBUS_RING_EMPTY && n < PACKETS) {
			if (!vmbus_ring_in_unmask(&ring))
				sleep_on(&c->guest, "the guest sleeps: a signal is lost", n);
			vmbus_ring_in_mask(&ring);
		}
	}
	free(packet);
	return NULL;
}

static void run(struct channel *c, void *(*guest)(void *), void *(*host)(void *))
{
	pthread_t threads[2];

	sem_init(&c->guest, 0, 0);
	sem_init(&c->host, 0, 0);
	sem_init(&c->started, 0, 0);
	c->signals = 0;
	c->host_wakeups_offered = 0;
	pthread_create(&threads[0], NULL, guest, c);
	/* The host learns of a ring only when it is made. */
	sleep_on(&c->started, "the guest did not start", 0);
	pthread_create(&threads[1], NULL, host, c);
	pthread_join(threads[0], NULL);
	pthread_join(threads[1], NULL);
	if (c->signals > c->host_wakeups_offered)
		fail("more signals than the host could need", (u32)c->signals);
	printf("    # %u packets, ring of %u bytes: %llu signals, host could need %llu\n", PACKETS, c->size,
	       (unsigned long long)c->signals, (unsigned long long)c->host_wakeups_offered);
}

int main(int argc, char **argv)
{
	static const u32 sizes[] = { 64, 256, 4096 };
	struct channel c = { 0 };
	u32 i;

	c.seed = argc > 1 ? (unsigned int)strtoul(argv[1], NULL, 0) : (unsigned int)time(NULL);
	printf("KTAP version 1\n1..1\n    KTAP version 1\n    1..%zu\n    # seed %u\n",
	       2 * ARRAY_SIZE(sizes), c.seed);
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		c.size = sizes[i];
		c.control = aligned_alloc(4096, sizeof(*c.control));
		c.bytes = malloc(c.size);
		run(&c, guest_writes, host_reads);
		printf("    ok %u guest_to_host_%u\n", 2 * i + 1, c.size);
		run(&c, guest_reads, host_writes);
		printf("    ok %u host_to_guest_%u\n", 2 * i + 2, c.size);
		free(c.control);
		free(c.bytes);
	}
	printf("ok 1 stress_ring\n");
	return 0;
}
