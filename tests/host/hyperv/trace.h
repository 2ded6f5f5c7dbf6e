/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is seen of the traffic between host and guest: latencies of each channel, and a trace in a
 * file. Each call below is made at the one place where the thing happens.
 */
#ifndef HVHOST_HYPERV_TRACE_H
#define HVHOST_HYPERV_TRACE_H

#include <stdint.h>
#include <sys/uio.h>

#include "device.h"
#include "histogram.h"

struct chan_stats;
struct hv_trace_file;

/* Requests of the guest that wait for their completions, by transaction id; others are not timed. */
#define LATENCY_SLOTS 256u

struct chan_latency {
	struct {
		uint64_t xid, since_ns; /* 0: free */
	} slot[LATENCY_SLOTS];
	uint64_t interrupted_ns; /* 0: the guest has answered since */
};

/**
 * trace_open - write a trace from now on
 * @path: file, created or emptied
 *
 * Return: 0, or -1 with one line in @err and nothing changed.
 */
int trace_open(struct vmbus_server *server, const char *path, char err[HV_ERR_MAX]);
/* Ends the trace; what is written is complete. Without one nothing happens. */
void trace_close(struct vmbus_server *server);

/* A packet of the guest was taken: all of it, descriptor first. */
void trace_packet_in(struct vmbus_chan *chan, const uint8_t *packet, uint32_t bytes);
/* A packet was put into the ring to the guest. */
void trace_packet_out(struct vmbus_chan *chan, const struct iovec *iov, int nr, uint32_t bytes);
void trace_interrupt(struct vmbus_chan *chan);
void trace_signal(struct vmbus_chan *chan, uint64_t count);
void trace_message(struct vmbus_server *server, bool in, const void *msg, size_t len);
void trace_chaos(struct vmbus_server *server, const char *device, const char *text);
/* The channel's rings are gone: nothing waits any more. */
void trace_closed(struct vmbus_chan *chan);

/* "NAME": {"count": ...} of one histogram into an object of query. */
void trace_query(struct cJSON *object, const char *name, const struct hv_histogram *histogram);

#endif
