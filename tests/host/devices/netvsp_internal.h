/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Shared by netvsp.c (NVSP session), netvsp_tx.c (guest to network) and netvsp_rx.c (network to
 * guest) only.
 */
#ifndef HVHOST_DEVICES_NETVSP_INTERNAL_H
#define HVHOST_DEVICES_NETVSP_INTERNAL_H

#include <hyperv/nvsp.h>

#include "net_backend.h"
#include "netvsp.h"
#include "nvs_buffers.h"
#include "retire.h"
#include "rndis_host.h"

/* Policy: longest RNDIS stream in one packet; the longest large send and its headers fit well. */
#define NETVSP_STREAM_BYTES (128u << 10)
/* Policy: frames that wait for a free suballocation before others are dropped. */
#define NETVSP_BACKLOG	  512
#define NETVSP_ETH_HEADER 14
/* Longest frame to the guest: jumbo MTU, header, tag. */
#define NETVSP_FRAME_MAX (9216 + 18)

/* Where the session stands. Closing the channel leads back to NETVSP_INIT from everywhere. */
enum netvsp_state {
	NETVSP_INIT, /* left by an INIT that is accepted */
	NETVSP_SETUP, /* NDIS version, configuration, buffers; left by the first RNDIS packet */
	NETVSP_READY, /* RNDIS in both directions */
	NETVSP_DEAD, /* entered on a fatal violation: nothing is read any more */
	NETVSP_STATES,
};

/* A message in a suballocation that waits to be sent. */
struct netvsp_filled {
	uint32_t sub;
	uint32_t bytes;
};

struct netvsp_waiting {
	struct netvsp_waiting *next;
	size_t bytes;
	uint8_t frame[];
};

struct netvsp {
	struct vmbus_server *server;
	struct netvsp_params params;
	struct net_backend *backend;
	struct rndis_host rndis;

	/* The session; chan is the open channel or NULL. */
	struct vmbus_chan *chan;
	enum netvsp_state state;
	uint32_t version;
	bool has_config, has_ndis_version;
	uint32_t mtu_field; /* MTU + 14 as the guest announced it */
	struct nvs_receive receive;
	struct nvs_send send;

	/* A completion that found no room in the ring; nothing is read before it is out. */
	bool completion_held;
	uint64_t held_xid;
	uint32_t held_bytes;
	struct nvsp_message held;

	/* To the guest: messages ready to go, then frames without a suballocation. */
	struct netvsp_filled control[NVS_CONTROL_SUBS];
	unsigned int nr_control;
	struct netvsp_filled data[NVSP_MAX_RANGES];
	unsigned int nr_data;
	struct netvsp_waiting *backlog, **backlog_end;
	unsigned int nr_backlog;
	bool link_up; /* as the owner wants it; rndis.link_up is what the guest gets */
	bool link_told; /* link state the guest knows */
	struct loop_task flush_task;
	struct retire retire; /* while it is on, the medium is disconnected for the guest */
	uint64_t packets;

	struct {
		uint64_t tx_packets, tx_messages, tx_frames, tx_bytes, tx_sections, tx_ranges,
			tx_lso, tx_checksums, tx_rejected, tx_dropped;
		uint64_t rx_packets, rx_frames, rx_bytes, rx_completions, rx_failed, rx_checksums,
			rx_filtered, rx_dropped, rx_waited, rx_held;
		uint64_t control_requests, indications, held_completions, early;
	} count;

	uint8_t stream[NETVSP_STREAM_BYTES];
};

/* Bytes of an NVSP message to this guest. */
static inline uint32_t netvsp_message_bytes(const struct netvsp *n)
{
	return n->version >= NVSP_VERSION_6_1 ? NVSP_MSG_BYTES : NVSP_MSG_BYTES_OLD;
}

/* netvsp.c */
void netvsp_die(struct netvsp *n);

/**
 * netvsp_transmit() - an RNDIS packet of the guest: copy it and do what its messages say
 * @n: the NIC
 * @pkt: the packet
 * @message: its NVSP message
 *
 * Return: NVSP status of the completion.
 */
uint32_t netvsp_transmit(struct netvsp *n, const struct vmbus_pkt *pkt,
			 const struct nvsp_message *message);

/* netvsp_rx.c: put a control message into a suballocation and see that it is sent. */
void netvsp_send_control(struct netvsp *n, const uint8_t *message, size_t bytes);
/* Forget all frames for the guest that are not in the ring yet; control messages stay. */
void netvsp_drop_frames(struct netvsp *n);
/* Forget everything for the guest that is not in the ring yet. */
void netvsp_drop_all(struct netvsp *n);
/* Send what is ready as far as the ring has room. */
void netvsp_flush(struct netvsp *n);
/* The guest gave suballocations back. */
void netvsp_completed(struct netvsp *n, const struct vmbus_pkt *pkt);
/* Tell the guest about the link if it does not know. */
void netvsp_tell_link(struct netvsp *n);

#endif
