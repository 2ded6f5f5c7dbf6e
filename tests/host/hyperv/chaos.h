/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A host that lies: faults by name, drawn by a seed or asked for one by one. The first half is what
 * options and control commands use; the second half are the places in hyperv/ where a fault can be
 * put in, each one call that costs a look at a pointer where there is no chaos.
 */
#ifndef HVHOST_HYPERV_CHAOS_H
#define HVHOST_HYPERV_CHAOS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "device.h"

enum chaos_fault {
	CHAOS_PACKET_TYPE,
	CHAOS_PACKET_LENGTH,
	CHAOS_PACKET_OFFSET,
	CHAOS_PACKET_FLAGS,
	CHAOS_PACKET_XID,
	CHAOS_PACKET_TRAILER,
	CHAOS_PACKET_PAGES,
	CHAOS_PACKET_SHORT,
	CHAOS_PACKET_FIELD,
	CHAOS_PACKET_CHANGED,
	CHAOS_PACKET_LATE,
	CHAOS_COMPLETION_TWICE,
	CHAOS_COMPLETION_NEVER,
	CHAOS_COMPLETION_LATE,
	CHAOS_COMPLETION_UNASKED,
	CHAOS_RING_WRITE_INDEX,
	CHAOS_RING_READ_INDEX,
	CHAOS_RING_PENDING_SIZE,
	CHAOS_RING_FEATURES,
	CHAOS_INTERRUPT_LOST,
	CHAOS_INTERRUPT_LATE,
	CHAOS_INTERRUPT_NOTHING,
	CHAOS_INTERRUPT_STRANGER,
	CHAOS_MESSAGE_LOST,
	CHAOS_MESSAGE_TWICE,
	CHAOS_MESSAGE_LATE,
	CHAOS_MESSAGE_SHORT,
	CHAOS_MESSAGE_TYPE,
	CHAOS_MESSAGE_RELID,
	CHAOS_MESSAGE_GPADL,
	CHAOS_MESSAGE_STATUS,
	CHAOS_MESSAGE_UNASKED,
	CHAOS_MESSAGE_INTERRUPT,
	CHAOS_OFFER_TWICE,
	CHAOS_OFFER_SUB_INDEX,
	CHAOS_OFFER_FIELD,
	CHAOS_OFFER_INSTANCE,
	CHAOS_RESCIND_OFFERED,
	CHAOS_RESCIND_SHARING,
	CHAOS_RESCIND_SHARED,
	CHAOS_RESCIND_OPENING,
	CHAOS_RESCIND_OPENED,
	CHAOS_RESCIND_CLOSING,
	CHAOS_RESCIND_TWICE,
	CHAOS_RESCIND_STRANGER,
	CHAOS_FAULTS,
	CHAOS_NONE = CHAOS_FAULTS,
};

/* One fault: what it does and what is then expected of a guest that follows the protocol. */
struct chaos_kind {
	const char *name; /* GROUP-REST */
	const char *where;
	const char *what;
	const char *rule;
};

/* By enum chaos_fault. chaos_table.c */
extern const struct chaos_kind chaos_kinds[CHAOS_FAULTS];

#define CHAOS_DEVICES 8

struct chaos_config {
	bool on;
	bool quiet; /* count events, do not log them */
	uint64_t seed;
	unsigned int burst; /* faults that add something add it so often at a time; 0: once */
	double rate; /* of the opportunities that are used, 0 to 1 */
	uint64_t enabled; /* bit of each fault */
	unsigned int nr_devices; /* 0: all */
	char devices[CHAOS_DEVICES][32];
};

#define CHAOS_RATE_DEFAULT 0.01
#define CHAOS_BURST_MAX	   64

/**
 * chaos_parse - the argument of --chaos
 * @arg: SEED[,only=NAME+NAME...][,devices=NAME+NAME...]; a NAME of only may be a group, the first
 * word of its faults' names
 *
 * Return: 0 with all of @config set but the rate; -1 with one line in @err.
 */
int chaos_parse(struct chaos_config *config, const char *arg, char err[HV_ERR_MAX]);
/* Return: 0; -1 with one line in @err if @text is no number from 0 to 1. */
int chaos_parse_rate(struct chaos_config *config, const char *text, char err[HV_ERR_MAX]);
/* Names or groups joined by '+'. Return: 0, or -1 with one line in @err and @config as it was. */
int chaos_parse_only(struct chaos_config *config, const char *names, char err[HV_ERR_MAX]);
int chaos_parse_devices(struct chaos_config *config, const char *names, char err[HV_ERR_MAX]);

/*
 * Lie from now on, or stop it (@config->on false). The draws begin anew; what was counted stays.
 * Faults that are on their way still arrive.
 */
void chaos_set(struct vmbus_server *server, const struct chaos_config *config);
/**
 * chaos_arm - have one fault happen
 * @device: channel it is for, "bus" for messages that are about none; NULL: the first opportunity
 * @count: how often, at the next opportunities
 *
 * Works with chaos off as well. Return: 0, or -1 with one line in @err.
 */
int chaos_arm(struct vmbus_server *server, const char *name, const char *device, unsigned int count,
	      char err[HV_ERR_MAX]);
/* "chaos": {...} into the reply of query. */
void chaos_query(struct vmbus_server *server, struct cJSON *reply);
/* Has this guest been lied to? What it does wrong then is not held against it. */
bool chaos_has_lied(const struct vmbus_server *server);
/* A new guest. */
void chaos_reset(struct vmbus_server *server);
void chaos_free(struct vmbus_server *server);

/* ---------------------------------------------------------------- places, in chaos_packet.c */

/*
 * Instead of packet_put(), with the same arguments and result: the descriptor is the first piece of
 * @iov.
 */
int chaos_send(struct vmbus_chan *chan, const struct iovec *iov, int nr, uint32_t bytes);
/* After packets became visible to the guest and its interrupt was raised. */
void chaos_published(struct vmbus_chan *chan);
/* An interrupt is due. Return: true if it must not be raised. */
bool chaos_interrupt(struct vmbus_chan *chan);

/* ---------------------------------------------------------------- places, in chaos_message.c */

/* A control message is due. Return: true if it must not be sent. */
bool chaos_message(struct vmbus_server *server, const void *msg, size_t len);
/* A channel came to a point where one of the rescind faults can happen; it may be gone on return. */
void chaos_step(struct vmbus_chan *chan, enum chaos_fault rescind);

#endif
