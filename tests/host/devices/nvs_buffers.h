/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The two buffers a guest shares with its NIC: the receive buffer, cut into suballocations that the
 * host hands out and the guest gives back, and the send buffer, cut into sections that the guest
 * hands out. Knows no message.
 */
#ifndef HVHOST_DEVICES_NVS_BUFFERS_H
#define HVHOST_DEVICES_NVS_BUFFERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vmbus_chan;
struct vmbus_gpadl;

/* Customary section size of a send buffer. */
#define NVS_SEND_SECTION_BYTES 6144u
/*
 * Suballocations kept for control messages; number 0 is never used, so that no transaction has the
 * id 0.
 */
#define NVS_CONTROL_SUBS 16u
/* The last bytes of a suballocation stay unused: some guests cannot read them. */
#define NVS_SUB_TAIL_BYTES 36u

/**
 * struct nvs_receive - the receive buffer
 * @gpadl: its memory, NULL while there is none
 * @id: page-set id the guest gave it
 * @sub_bytes: size of a suballocation
 * @count: number of suballocations
 * @free_data: how many suballocations for data are free
 * @subs: one entry for each
 * @free_head: free list for data, 0 ends it
 * @free_control: free list for control messages, 0 ends it
 */
struct nvs_receive {
	struct vmbus_gpadl *gpadl;
	uint16_t id;
	uint32_t sub_bytes;
	uint32_t count;
	uint32_t free_data;
	struct nvs_sub *subs;
	uint32_t free_head;
	uint32_t free_control;
};

/* Life of a suballocation. */
enum nvs_sub_state {
	NVS_SUB_FREE, /* left by nvs_receive_alloc() */
	NVS_SUB_FILLED, /* the host's; left by nvs_receive_sent() or nvs_receive_free() */
	NVS_SUB_SENT, /* the guest's, not first of its packet; left when the first is given back */
	NVS_SUB_SENT_FIRST, /* the guest's, number is the transaction id; until completed */
};

struct nvs_sub {
	enum nvs_sub_state state;
	uint32_t next; /* free list, or the next range of the same packet; 0 ends it */
	uint32_t queue; /* while it is the guest's: where it was sent, and where it comes back */
};

/**
 * nvs_receive_share() - take a receive buffer
 * @receive: has none yet
 * @chan: channel the GPADL belongs to
 * @gpadl: GPADL id of the guest
 * @id: page-set id
 * @sub_bytes: size of a suballocation to cut
 *
 * Return: 0, -ENOENT no such GPADL, -ENOSPC not two suballocations fit.
 */
int nvs_receive_share(struct nvs_receive *receive, struct vmbus_chan *chan, uint32_t gpadl,
		      uint16_t id, uint32_t sub_bytes);

/*
 * nvs_receive_drop() - give the receive buffer back, whatever is outstanding; nothing happens if
 * there is none.
 */
void nvs_receive_drop(struct nvs_receive *receive);

/**
 * nvs_receive_alloc() - take a suballocation to fill
 * @receive: the buffer
 * @control: for a control message
 *
 * Return: its number, 0 if none is free.
 */
uint32_t nvs_receive_alloc(struct nvs_receive *receive, bool control);

/* nvs_receive_free() - give back a filled suballocation that was not sent. */
void nvs_receive_free(struct nvs_receive *receive, uint32_t sub);

/**
 * nvs_receive_write() - write into a suballocation
 * @receive: the buffer
 * @sub: its number
 * @offset: in the suballocation
 * @bytes: data
 * @n: how much; @offset + @n is at most sub_bytes
 *
 * Return: 0, or a negative errno of guest memory.
 */
int nvs_receive_write(struct nvs_receive *receive, uint32_t sub, uint32_t offset, const void *bytes,
		      size_t n);

/**
 * nvs_receive_sent() - the guest has these suballocations now
 * @receive: the buffer
 * @subs: numbers in the order of the packet's ranges; the first is the transaction id
 * @n: how many, at least 1
 * @queue: number of the channel that carried the packet
 */
void nvs_receive_sent(struct nvs_receive *receive, const uint32_t *subs, unsigned int n,
		      uint32_t queue);

/**
 * nvs_receive_complete() - the guest gives a packet's suballocations back
 * @receive: the buffer
 * @xid: transaction id as the guest wrote it
 * @queue: number of the channel it came on
 *
 * Return: number of suballocations freed; 0 if no such packet of this channel is outstanding.
 */
unsigned int nvs_receive_complete(struct nvs_receive *receive, uint64_t xid, uint32_t queue);

/* nvs_receive_used() - suballocations for data that are not free. */
unsigned int nvs_receive_used(const struct nvs_receive *receive);

/*
 * nvs_receive_reclaim() - a channel is closed: what the guest had by it is the host's again. Return:
 * suballocations freed.
 */
unsigned int nvs_receive_reclaim(struct nvs_receive *receive, uint32_t queue);

/**
 * struct nvs_send - the send buffer
 * @gpadl: its memory, NULL while there is none
 * @id: as the guest named it
 * @sections: how many whole sections it has
 */
struct nvs_send {
	struct vmbus_gpadl *gpadl;
	uint16_t id;
	uint32_t sections;
};

/*
 * nvs_send_share() - take a send buffer. Return: 0, -ENOENT no such GPADL, -ENOSPC not one section
 * fits.
 */
int nvs_send_share(struct nvs_send *send, struct vmbus_chan *chan, uint32_t gpadl, uint16_t id);

/* nvs_send_drop() - give the send buffer back; nothing happens if there is none. */
void nvs_send_drop(struct nvs_send *send);

/**
 * nvs_send_read() - copy the beginning of a section
 * @send: the buffer
 * @section: index as the guest wrote it
 * @bytes: destination
 * @n: how much
 *
 * Return: 0, -ERANGE if there is no such section or it is not that long, or a negative errno of
 * guest memory.
 */
int nvs_send_read(struct nvs_send *send, uint32_t section, void *bytes, uint32_t n);

#endif
