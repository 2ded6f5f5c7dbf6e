/* SPDX-License-Identifier: GPL-2.0 */
/* Shared by the chaos_*.c files: draws, the log of events, and what is to happen later. */
#ifndef HVHOST_HYPERV_CHAOS_INTERNAL_H
#define HVHOST_HYPERV_CHAOS_INTERNAL_H

#include "chaos.h"
#include "internal.h"

#define CHAOS_BIT(fault) (1ull << (fault))

struct chaos_armed {
	enum chaos_fault fault;
	char device[32]; /* empty: any */
	unsigned int count;
	struct chaos_armed *next;
};

/* Draws of one device are counted apart, so that what others do does not change them. */
struct chaos_stream {
	char *name;
	uint64_t draws;
	struct chaos_stream *next;
};

struct chaos_job {
	struct vmbus_server *server;
	struct loop_timer *timer;
	void (*run)(struct chaos_job *job);
	struct vmbus_chan *chan; /* for comparison only */
	uint32_t relid;
	uint64_t opens;
	size_t len;
	struct chaos_job *next;
	uint8_t bytes[];
};

struct chaos {
	struct chaos_config config;
	uint64_t events, counts[CHAOS_FAULTS];
	bool lied;
	struct chaos_armed *armed;
	struct chaos_stream *streams;
	struct chaos_job *jobs;
	/* A packet to be changed once the guest was told of it. */
	struct {
		struct vmbus_chan *chan;
		uint32_t at, len;
		uint64_t random;
	} change;
	bool busy; /* a fault is being put in: none on top of it */
};

/**
 * chaos_pick - is this opportunity used, and for what
 * @device: whose it is
 * @possible: faults that can be put in here
 * @random: filled with a number of the seed, for the details
 *
 * Return: the fault, or CHAOS_NONE.
 */
enum chaos_fault chaos_pick(struct vmbus_server *server, const char *device, uint64_t possible,
			    uint64_t *random);
/* Counts and logs one event; after it the guest counts as lied to. */
void chaos_event(struct vmbus_server *server, enum chaos_fault fault, const char *device,
		 const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* How often a fault that adds something adds it, at least once. */
unsigned int chaos_burst(const struct vmbus_server *server);
/* The next number after @random. */
uint64_t chaos_next(uint64_t *random);
/* Have @run called after @delay_ns, with a copy of @bytes; @chan may be NULL. */
void chaos_later(struct vmbus_server *server, struct vmbus_chan *chan, uint64_t delay_ns,
		 void (*run)(struct chaos_job *job), const void *bytes, size_t len);
/* The job's channel, if it is still open and was not opened again since; NULL otherwise. */
struct vmbus_chan *chaos_job_chan(const struct chaos_job *job);

#endif
