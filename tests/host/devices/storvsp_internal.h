/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Shared by storvsp.c (the controller and its channels), storvsp_session.c (packets and the order of
 * initialization), storvsp_srb.c (requests) and storvsp_late.c (replies that wait) only.
 */
#ifndef HVHOST_DEVICES_STORVSP_INTERNAL_H
#define HVHOST_DEVICES_STORVSP_INTERNAL_H

#include <hyperv/vstor.h>

#include "retire.h"
#include "scsi_unit.h"
#include "storvsp.h"

#define VSTOR_HEADER_BYTES 12

/* Where the session stands. Closing the primary leads back to STORVSP_BEGIN from everywhere. */
enum storvsp_state {
	STORVSP_BEGIN, /* left by BEGIN_INITIALIZATION */
	STORVSP_QUERY_VERSION, /* left by a QUERY_PROTOCOL_VERSION that is accepted */
	STORVSP_QUERY_PROPERTIES, /* left by QUERY_PROPERTIES */
	STORVSP_END_INIT, /* left by END_INITIALIZATION */
	STORVSP_READY, /* SRBs are carried out */
	STORVSP_DEAD, /* entered on a fatal violation: nothing is read any more */
	STORVSP_STATES,
};

/* One channel of the controller: the primary one has index 0. */
struct storvsp_channel {
	struct storvsp *storvsp;
	struct vmbus_chan *chan; /* NULL: not open */
	uint16_t index;
	bool dead; /* a fatal violation on this channel: nothing is read from it any more */
	bool reply_pending; /* a reply that found no room in the ring */
	bool reply_held; /* primary: until hold_timer runs out; nothing is taken meanwhile */
	struct vstor_packet reply;
	uint32_t reply_bytes;
	uint64_t reply_xid;
	uint8_t reply_copies; /* what faults made of it */
	uint32_t reply_latency_us; /* how long the disk takes for it */
	struct storvsp_late_reply *late, *late_last; /* earliest and last that wait */
	struct storvsp_late_reply **late_end;
	unsigned int nr_late;
	struct loop_timer *late_timer; /* armed while any wait */
	uint64_t requests;
};

struct storvsp_lun {
	struct scsi_nexus *nexus; /* NULL: a free address */
	char group[32]; /* counter group */
};

struct storvsp {
	struct vmbus_server *server;
	struct storvsp_params params;
	struct storvsp_lun luns[STORVSP_MAX_LUNS]; /* target by target */
	struct storvsp_channel channels[1 + VMBUS_SUBS_MAX];

	/* The session on the primary channel. */
	enum storvsp_state state;
	uint16_t version;
	bool subs_created; /* CREATE_SUB_CHANNELS was accepted */
	bool rescan_pending; /* ENUMERATE_BUS is owed to the guest */
	struct loop_timer *hold_timer;

	struct storvsp_answer answer; /* while something remains to be answered so */
	struct retire retire; /* while it is on, no logical unit answers */
	struct iovec *iov; /* pieces of the current request's buffer */
	int max_iov;

	uint64_t packets, requests, data_requests, bytes_in, bytes_out, failures, resets, inquiries,
		report_luns, rescans, held_replies, lost_replies, spoiled, sub_requests;
};

/* storvsp.c */
struct storvsp_lun *storvsp_lun(struct storvsp *s, unsigned int target, unsigned int lun);

/* storvsp_session.c */
uint32_t storvsp_packet_bytes(const struct storvsp *s);
void storvsp_die(struct storvsp_channel *c);
/* Return: false if the reply has to wait for room; no further packet may be taken then. */
bool storvsp_reply(struct storvsp_channel *c);
/* Return: false if no further packet may be taken now. */
bool storvsp_packet(struct storvsp_channel *c, const struct vmbus_pkt *pkt);

/* storvsp_late.c: the reply in @c is sent @latency_us from now. */
void storvsp_late_keep(struct storvsp_channel *c, uint32_t latency_us);
/* Sends what is due. Return: false if a reply has to wait for room, as storvsp_reply(). */
bool storvsp_late_send(struct storvsp_channel *c);
/* Return: true if no further request may be taken before replies were sent. */
bool storvsp_late_is_full(const struct storvsp_channel *c);
void storvsp_late_init(struct storvsp_channel *c, struct loop *loop);
/* The channel is closed: nobody waits for them any more. */
void storvsp_late_forget(struct storvsp_channel *c);
void storvsp_late_free(struct storvsp_channel *c);

/* storvsp_srb.c: EXECUTE_SRB; fills c->reply, or the channel dies. */
void storvsp_execute_srb(struct storvsp_channel *c, const struct vmbus_pkt *pkt,
			 const struct vstor_packet *request);

#endif
