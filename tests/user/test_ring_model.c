// SPDX-License-Identifier: GPL-2.0
/*
 * Searches schedules of the two ends of a ring for a lost signal. The guest's end
 * is vmbus/ring.c, the host's is written here (VMBus ring buffers); both run as
 * coroutines over modelled memory in which a store stays in its processor's
 * buffer until a full barrier, or for as long as the schedule likes (what x86
 * permits). A schedule is the default one with some deviations: switch to the
 * other end, or drain a buffer, just before the n-th access. All schedules with
 * two deviations and all with three switches are tried, then random ones; the
 * seed is printed, and a schedule that fails is printed whole.
 *
 * Barriers that x86 does not need are not modelled: vmbus_ring_write_kunit.c checks
 * their places.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <ucontext.h>
#include <linux/kernel.h>
#include <asm/barrier.h>

static __le32 model_load(const __le32 *where);
static void model_store(__le32 *where, __le32 value);
static void model_fence(void);

#undef READ_ONCE
#define READ_ONCE(x)			model_load(&(x))
#undef WRITE_ONCE
#define WRITE_ONCE(x, v)		model_store(&(x), v)
#undef virt_load_acquire
#define virt_load_acquire(p)		model_load(p)
#undef virt_store_release
#define virt_store_release(p, v)	model_store(p, v)
#undef virt_mb
#define virt_mb()			model_fence()
#include "../../vmbus/ring.c"

enum { GUEST, HOST, ENDS };
enum deviation_kind { SWITCH, DRAIN_GUEST, DRAIN_HOST, KINDS };

#define DEVIATIONS_MAX	8
#define STACK_BYTES	(256 * 1024)
#define STEPS_MAX	2000	/* an end that spins for ever is a failure too */

struct deviation {
	unsigned int step;
	enum deviation_kind kind;
};

struct schedule {
	bool eager[ENDS];	/* stores are seen at once unless a deviation says otherwise */
	unsigned int count;
	struct deviation deviation[DEVIATIONS_MAX];
};

struct end {
	ucontext_t context;
	struct { __le32 *where; __le32 value; } store[32];
	unsigned int stores;
	unsigned int wakes;
	bool asleep, done;
};

static struct end ends[ENDS];
static char stacks[ENDS][STACK_BYTES];
static ucontext_t checker;
static int running;
static unsigned int steps;
static const struct schedule *schedule;
static const char *failure;

static void drain(struct end *end)
{
	unsigned int i;

	for (i = 0; i < end->stores; i++)
		*end->store[i].where = end->store[i].value;
	end->stores = 0;
}

static bool can_run(int who)
{
	return !ends[who].done && (!ends[who].asleep || ends[who].wakes);
}

static void switch_to(int who)
{
	int from = running;

	running = who;
	swapcontext(&ends[from].context, &ends[who].context);
}

static void give_up(const char *why)
{
	failure = why;
	swapcontext(&ends[running].context, &checker);
}

/* Before each access: the schedule may let something else happen first. */
static void step(void)
{
	unsigned int i, now = steps++;

	if (steps > STEPS_MAX)
		give_up("an end never stops");
	for (i = 0; i < schedule->count; i++) {
		if (schedule->deviation[i].step != now)
			continue;
		switch (schedule->deviation[i].kind) {
		case DRAIN_GUEST:
			drain(&ends[GUEST]);
			break;
		case DRAIN_HOST:
			drain(&ends[HOST]);
			break;
		default:
			if (can_run(1 - running))
				switch_to(1 - running);
			break;
		}
	}
}

static __le32 model_load(const __le32 *where)
{
	struct end *end = &ends[running];
	unsigned int i;

	step();
	for (i = end->stores; i > 0; i--)
		if (end->store[i - 1].where == where)
			return end->store[i - 1].value;
	return *where;
}

static void model_store(__le32 *where, __le32 value)
{
	struct end *end = &ends[running];

	step();
	if (end->stores == ARRAY_SIZE(end->store))
		drain(end);
	end->store[end->stores].where = where;
	end->store[end->stores].value = value;
	end->stores++;
	if (schedule->eager[running])
		drain(end);
}

static void model_fence(void)
{
	step();
	drain(&ends[running]);
}

static void wake(int who)
{
	step();
	ends[who].wakes++;
}

/* Sleeps until the other end signals. A signal given before counts. */
static void sleep_until_woken(const char *lost)
{
	struct end *end = &ends[running];

	step();
	end->asleep = true;
	while (!end->wakes) {
		if (can_run(1 - running))
			switch_to(1 - running);
		else
			give_up(lost);
	}
	end->wakes--;
	end->asleep = false;
}

/* ---- the two ends */

#define PACKET_QWORDS	2u
#define PACKET_BYTES	(PACKET_QWORDS * 8 + 8)
#define PACKETS		3u

static struct vmbus_ring_control control;
static u8 ring_bytes[64];
static u32 ring_size;

static void guest_writes(void)
{
	static struct vmbus_ring_out ring;
	u32 n;

	ring.control = &control;
	ring.bytes = ring_bytes;
	ring.size = ring_size;
	ring.write_index = 0;
	ring.published = 0;
	ring.read_index = 0;
	ring.broken = false;
	for (n = 0; n < PACKETS; n++) {
		struct vmbus_packet packet = {
			.total_qwords = cpu_to_le16(PACKET_QWORDS),
			.transaction_id = cpu_to_le64(n),
		};
		const struct vmbus_ring_piece piece = { &packet, sizeof(packet) };
		enum vmbus_ring_verdict verdict;
		bool signal;

		/* The first is held back and let go, the second is held back until the third takes it along. */
		if (n < 2 && vmbus_ring_out_check_room(&ring, sizeof(packet)) == VMBUS_RING_OK) {
			vmbus_ring_out_hold(&ring, &piece, 1);
			if (!n && vmbus_ring_out_publish(&ring))
				wake(HOST);
			continue;
		}
		while ((verdict = vmbus_ring_out_write(&ring, &piece, 1, &signal)) == VMBUS_RING_FULL) {
			if (ring.write_index != ring.published) {
				if (vmbus_ring_out_publish(&ring))
					wake(HOST);
				continue;
			}
			if (!can_run(HOST))
				give_up("the ring is full and the host sleeps");
			switch_to(HOST);
		}
		if (verdict != VMBUS_RING_OK)
			give_up("the guest cannot write");
		if (signal)
			wake(HOST);
	}
}

static void host_reads(void)
{
	u32 n = 0, at = 0, end;

	while (n < PACKETS) {
		end = model_load(&control.write_index);
		if (at == end) {
			model_store(&control.interrupt_mask, 0);
			model_fence();
			if (model_load(&control.write_index) == at)
				sleep_until_woken("the host sleeps on a ring with packets");
			model_store(&control.interrupt_mask, 1);
			model_fence();
			continue;
		}
		for (; at != end; n++, at = (at + PACKET_BYTES) % ring_size)
			if (ring_bytes[(at + 8) % ring_size] != n)
				give_up("the host got a wrong packet");
		model_store(&control.read_index, at);
	}
}

static void host_writes(void)
{
	u32 n, i, at = 0, used;

	for (n = 0; n < PACKETS; n++) {
		u32 old = at;

		for (;;) {
			used = (at + ring_size - model_load(&control.read_index)) % ring_size;
			if (ring_size - used > PACKET_BYTES)
				break;
			model_store(&control.pending_send_size, PACKET_BYTES);
			model_fence();
			used = (at + ring_size - model_load(&control.read_index)) % ring_size;
			if (ring_size - used <= PACKET_BYTES)
				sleep_until_woken("the host waits for room that is there");
			model_store(&control.pending_send_size, 0);
		}
		for (i = 0; i < PACKET_BYTES; i++)
			ring_bytes[(at + i) % ring_size] = 0;
		ring_bytes[(at + 2) % ring_size] = 2;
		ring_bytes[(at + 4) % ring_size] = PACKET_QWORDS;
		ring_bytes[(at + 8) % ring_size] = (u8)n;
		at = (at + PACKET_BYTES) % ring_size;
		model_store(&control.write_index, at);
		model_fence();
		if (!model_load(&control.interrupt_mask) && model_load(&control.read_index) == old)
			wake(GUEST);
	}
}

static void guest_reads(void)
{
	static struct vmbus_ring_in ring;
	struct vmbus_packet packet;
	u32 n = 0;
	bool signal;

	memset(&ring, 0, sizeof(ring));
	ring.control = &control;
	ring.bytes = ring_bytes;
	ring.size = ring_size;
	while (n < PACKETS) {
		enum vmbus_ring_verdict verdict = vmbus_ring_in_peek(&ring, &packet);

		if (verdict == VMBUS_RING_BROKEN)
			give_up("the guest calls the ring broken");
		if (verdict == VMBUS_RING_OK) {
			if (le64_to_cpu(packet.transaction_id) != n++)
				give_up("the guest got a wrong packet");
			vmbus_ring_in_next(&ring);
			continue;
		}
		if (vmbus_ring_in_commit(&ring, &signal) != VMBUS_RING_OK)
			give_up("the guest cannot commit");
		if (signal)
			wake(HOST);
		if (!vmbus_ring_in_unmask(&ring))
			sleep_until_woken("the guest sleeps on a ring with packets");
		vmbus_ring_in_mask(&ring);
	}
	vmbus_ring_in_commit(&ring, &signal);
	if (signal)
		wake(HOST);
}

/* ---- running and searching */

struct model {
	const char *name;
	void (*body[ENDS])(void);
	u32 ring_size;
};

static const struct model *model;

static void end_main(void)
{
	model->body[running]();
	drain(&ends[running]);
	ends[running].done = true;
	if (can_run(1 - running))
		switch_to(1 - running);
	else if (!ends[1 - running].done)
		switch_to(1 - running);		/* it sees that nobody will wake it */
	swapcontext(&ends[running].context, &checker);
}

static bool run(const struct schedule *s)
{
	volatile int who;	/* lives across getcontext() */

	memset(&control, 0, sizeof(control));
	control.feature_bits = cpu_to_le32(1);
	memset(ring_bytes, 0, sizeof(ring_bytes));
	ring_size = model->ring_size;
	schedule = s;
	steps = 0;
	failure = NULL;
	for (who = 0; who < ENDS; who++) {
		struct end *end = &ends[who];

		end->stores = 0;
		end->wakes = 0;
		end->asleep = false;
		end->done = false;
		getcontext(&end->context);
		end->context.uc_stack.ss_sp = stacks[who];
		end->context.uc_stack.ss_size = STACK_BYTES;
		end->context.uc_link = NULL;
		makecontext(&end->context, end_main, 0);
	}
	running = GUEST;
	swapcontext(&checker, &ends[GUEST].context);
	return !failure;
}

static unsigned long tried;

static bool try_one(const struct schedule *s)
{
	static const char *const kind[] = { "switch", "drain the guest's stores", "drain the host's stores" };
	unsigned int i;

	tried++;
	if (run(s))
		return true;
	printf("    # %s, after %u accesses\n    # stores are seen: guest %s, host %s\n", failure, steps,
	       s->eager[GUEST] ? "at once" : "late", s->eager[HOST] ? "at once" : "late");
	for (i = 0; i < s->count; i++)
		printf("    # before access %u: %s\n", s->deviation[i].step, kind[s->deviation[i].kind]);
	return false;
}

/* All ways to place @left more deviations, the next not before @from. */
static bool search(struct schedule *s, unsigned int left, unsigned int from, unsigned int until, int kinds)
{
	unsigned int at;
	int kind;

	if (!try_one(s))
		return false;
	if (!left)
		return true;
	for (at = from; at < until; at++) {
		for (kind = 0; kind < kinds; kind++) {
			bool fine;

			s->deviation[s->count++] = (struct deviation){ at, (enum deviation_kind)kind };
			fine = search(s, left - 1, at + 1, until, kinds);
			s->count--;
			if (!fine)
				return false;
		}
	}
	return true;
}

static bool check(const struct model *m, unsigned int seed)
{
	struct schedule s;
	unsigned int modes, i, n, length;
	unsigned int state = seed;

	model = m;
	tried = 0;
	for (modes = 0; modes < 4; modes++) {
		memset(&s, 0, sizeof(s));
		s.eager[GUEST] = modes & 1;
		s.eager[HOST] = modes & 2;
		if (!try_one(&s))
			return false;
		length = steps + 12;
		if (!search(&s, 2, 0, length, KINDS) || !search(&s, 3, 0, length, 1))
			return false;
	}
	for (n = 0; n < 100000; n++) {
		memset(&s, 0, sizeof(s));
		state = state * 1103515245u + 12345u;
		s.eager[GUEST] = state >> 16 & 1;
		s.eager[HOST] = state >> 17 & 1;
		s.count = DEVIATIONS_MAX;
		for (i = 0; i < s.count; i++) {
			state = state * 1103515245u + 12345u;
			s.deviation[i].step = (state >> 8) % 80;
			s.deviation[i].kind = (enum deviation_kind)((state >> 20) % KINDS);
		}
		if (!try_one(&s))
			return false;
	}
	printf("    # %s: %lu schedules\n", m->name, tried);
	return true;
}

static const struct model models[] = {
	{ "no_signal_is_lost_writing", { guest_writes, host_reads }, 64 },
	{ "no_signal_is_lost_writing_to_a_tiny_ring", { guest_writes, host_reads }, 32 },
	{ "no_signal_is_lost_reading", { guest_reads, host_writes }, 64 },
	{ "no_signal_is_lost_reading_with_the_host_waiting_for_room", { guest_reads, host_writes }, 32 },
};

int main(int argc, char **argv)
{
	unsigned int seed = argc > 1 ? (unsigned int)strtoul(argv[1], NULL, 0) : (unsigned int)time(NULL);
	unsigned int i;
	bool fine = true;

	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("KTAP version 1\n1..1\n    KTAP version 1\n    1..%zu\n    # seed %u\n", ARRAY_SIZE(models), seed);
	for (i = 0; i < ARRAY_SIZE(models); i++) {
		bool ok = check(&models[i], seed);

		printf("    %s %u %s\n", ok ? "ok" : "not ok", i + 1, models[i].name);
		fine &= ok;
	}
	printf("%s 1 ring_model\n", fine ? "ok" : "not ok");
	return !fine;
}
