/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Shared by netvsp.c (NVSP session), netvsp_queue.c (channels), netvsp_tx.c (guest to network),
 * netvsp_rx.c (network to guest) and netvsp_vf.c (virtual function) only.
 */
#ifndef HVHOST_DEVICES_NETVSP_INTERNAL_H
#define HVHOST_DEVICES_NETVSP_INTERNAL_H

#include <hyperv/nvsp.h>

#include "coalesce.h"
#include "net_backend.h"
#include "netvsp.h"
#include "nvs_buffers.h"
#include "retire.h"
#include "rndis_host.h"
#include "rndis_packet.h"

/* Policy: longest RNDIS stream in one packet; the longest large send and its headers fit well. */
#define NETVSP_STREAM_BYTES (128u << 10)
/* Policy: frames that wait for a free suballocation before others are dropped. */
#define NETVSP_BACKLOG	  512
#define NETVSP_ETH_HEADER 14
/* Longest frame to the guest: the longest IP packet, header, tag. */
#define NETVSP_FRAME_MAX (65535 + 18)
#define NETVSP_TAG_BYTES 4

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
	bool more; /* the next one is of the same coalesced segment: both go in one packet */
};

/* A frame that waits for a suballocation, with what its message is to say. */
struct netvsp_waiting {
	struct netvsp_waiting *next;
	struct rndis_ppis ppis;
	size_t bytes;
	uint8_t frame[];
};

/* One channel: number 0 is the primary one, which carries everything; the others only data. */
struct netvsp_queue {
	struct netvsp *nic;
	unsigned int number;
	struct vmbus_chan *chan; /* the open channel or NULL */

	/* A completion that found no room in the ring; nothing is read before it is out. */
	bool completion_held;
	uint64_t held_xid;
	uint32_t held_bytes;
	struct nvsp_message held;

	/* To the guest: messages ready to go, then frames without a suballocation. */
	struct netvsp_filled data[NVSP_MAX_RANGES_RSC];
	unsigned int nr_data;
	struct netvsp_waiting *backlog, **backlog_end;
	unsigned int nr_backlog;

	struct coalesce *coalesce; /* NULL until something is held */
	struct rndis_ppis coalesce_ppis; /* of its first segment */

	uint64_t rx_frames, tx_messages;
};

struct netvsp {
	struct vmbus_server *server;
	struct netvsp_params params;
	struct net_backend *backend;
	struct rndis_host rndis;

	/* The session; it lives as long as queue 0 is open. */
	struct netvsp_queue *queues; /* params.queues of them */
	enum netvsp_state state;
	uint32_t version;
	uint64_t ndis_capabilities;
	bool has_config, has_ndis_version;
	uint32_t mtu_field; /* MTU + 14 as the guest announced it */
	struct nvs_receive receive;
	struct nvs_send send;

	unsigned int granted; /* sub-channels that were given, 0: none yet */
	uint32_t send_table[NVSP_SEND_TABLE_ENTRIES];
	bool table_due; /* the guest has to be told @send_table */

	struct netvsp_filled control[NVS_CONTROL_SUBS];
	unsigned int nr_control;
	bool link_up; /* as the owner wants it; rndis.link_up is what the guest gets */
	bool link_told; /* link state the guest knows */
	struct loop_task flush_task;
	struct retire retire; /* while it is on, the medium is disconnected for the guest */
	uint64_t packets;

	/* Packets that are still to be refused, whatever is in them, and what the guest is told. */
	uint64_t refuse_packets;
	uint32_t refuse_status;

	/* The virtual function beside the NIC: as the owner wants it, and what the guest knows. */
	bool vf_present, vf_told;
	uint32_t vf_serial, vf_serial_told;
	bool vf_path; /* the guest has switched to it */
	net_receive vf_receive; /* gets the frames then; NULL: they are lost */
	void *vf_opaque;

	struct {
		uint64_t tx_packets, tx_messages, tx_frames, tx_bytes, tx_sections, tx_ranges,
			tx_lso, tx_segments, tx_checksums, tx_checksum_bad, tx_vlan, tx_rejected,
			tx_refused, tx_dropped;
		uint64_t rx_packets, rx_frames, rx_bytes, rx_completions, rx_failed, rx_checksums,
			rx_vlan, rx_coalesced, rx_coalesced_segments, rx_filtered,
			rx_filtered_directed, rx_filtered_multicast, rx_filtered_broadcast,
			rx_vf, tx_vf, rx_dropped, rx_waited, rx_held;
		uint64_t control_requests, indications, held_completions, early, subchannels,
			send_tables, vf_associations, data_path_switches;
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
/* Report a breach that ends the session: message @type, and @what is wrong with it. */
void netvsp_fatal(struct netvsp *n, const char *rule, uint32_t type, const char *what);
/* A message of the guest on the primary channel. */
void netvsp_message(struct netvsp_queue *q, const struct vmbus_pkt *pkt);
/* An RNDIS packet of the guest on any channel; @message is its private copy. */
void netvsp_rndis(struct netvsp_queue *q, const struct vmbus_pkt *pkt,
		  const struct nvsp_message *message);
/* The primary channel is closed: back to the beginning. */
void netvsp_session_end(struct netvsp *n);

/* netvsp_queue.c */
extern const struct vmbus_dev_ops netvsp_primary_ops;
/* The queues of a NIC that is made; they live until netvsp_queues_free(). */
void netvsp_queues_new(struct netvsp *n);
void netvsp_queues_free(struct netvsp *n);
/* Answers the guest's packet, if it wants an answer; @bytes 0 is the empty completion. */
void netvsp_complete(struct netvsp_queue *q, const struct vmbus_pkt *pkt,
		     const struct nvsp_message *answer, uint32_t bytes);
/* The guest asks for sub-channels. */
void netvsp_subchannel(struct netvsp_queue *q, const struct vmbus_pkt *pkt,
		       const struct nvsp_message *message);
/* Tell the guest the send-indirection table if that is due and there is room. */
void netvsp_flush_table(struct netvsp *n);

/**
 * netvsp_transmit() - an RNDIS packet of the guest: copy it and do what its messages say
 * @q: where it came
 * @pkt: the packet
 * @message: its NVSP message
 *
 * Return: NVSP status of the completion.
 */
uint32_t netvsp_transmit(struct netvsp_queue *q, const struct vmbus_pkt *pkt,
			 const struct nvsp_message *message);

/* netvsp_rx.c: put a control message into a suballocation and see that it is sent. */
void netvsp_send_control(struct netvsp *n, const uint8_t *message, size_t bytes);
/* Forget all frames for the guest that are not in the ring yet; control messages stay. */
void netvsp_drop_frames(struct netvsp *n);
/* Forget the frames of one queue that are not in the ring yet. */
void netvsp_drop_queue(struct netvsp_queue *q);
/* Forget everything for the guest that is not in the ring yet. */
void netvsp_drop_all(struct netvsp *n);
/* Send what is ready as far as the rings have room. */
void netvsp_flush(struct netvsp *n);
/* The guest gave suballocations back. */
void netvsp_completed(struct netvsp_queue *q, const struct vmbus_pkt *pkt);
/* Tell the guest about the link if it does not know. */
void netvsp_tell_link(struct netvsp *n);

/* netvsp_vf.c: tell the guest about the virtual function if it does not know and can know. */
void netvsp_tell_vf(struct netvsp *n);
/* The guest switches its data path. */
void netvsp_data_path(struct netvsp_queue *q, const struct vmbus_pkt *pkt,
		      const struct nvsp_message *message);
/* The session ends: the guest knows of no virtual function and uses none. */
void netvsp_vf_forget(struct netvsp *n);

#endif
