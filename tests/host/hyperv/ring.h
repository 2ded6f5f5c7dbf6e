/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The host's two ends of a channel's rings in guest memory: it reads the guest-to-host ring and
 * writes the other, two types so that a mix-up does not compile. Knows no channel, no message, no
 * interrupt: it answers "signal needed". VMBus rings, "Writing", "Reading" and "Flow control".
 */
#ifndef HVHOST_RING_H
#define HVHOST_RING_H

#include <hyperv/vmbus_ring.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

/* Guest pages of one ring: the control page, then the data. */
struct hv_ring_mem {
	struct vmbus_ring_control *control;
	uint8_t **page; /* data pages */
	uint8_t *flat; /* data in one piece, NULL if it is not */
	uint32_t size; /* data bytes */
};

struct hv_ring_in {
	struct hv_ring_mem mem;
	uint32_t read; /* next byte to take */
	uint32_t committed; /* read index the guest sees */
	uint32_t write; /* guest's write index when last looked at */
	uint8_t *packet; /* private copy of the packet last read */
};

struct hv_ring_out {
	struct hv_ring_mem mem;
	uint32_t write; /* next byte to fill */
	uint32_t published; /* write index the guest sees */
	uint32_t read; /* guest's read index when last looked at */
	bool waiting; /* pending send size is set */
};

/* Why a packet of the guest is refused; NULL texts never leave ring.c */
struct hv_ring_fault {
	const char *rule;
	char text[128];
};

/*
 * @pages: host addresses of @nr guest pages, copied; at least 2. Return: 0, -EINVAL.
 * hv_ring_*_free() may be called on a ring that was never set up.
 */
int hv_ring_in_init(struct hv_ring_in *ring, uint8_t *const *pages, size_t nr);
int hv_ring_out_init(struct hv_ring_out *ring, uint8_t *const *pages, size_t nr);
void hv_ring_in_free(struct hv_ring_in *ring);
void hv_ring_out_free(struct hv_ring_out *ring);

/*
 * Tell the guest whether it has to signal new packets. hv_ring_in_unmask() returns true if there
 * are packets already.
 */
void hv_ring_in_mask(struct hv_ring_in *ring);
bool hv_ring_in_unmask(struct hv_ring_in *ring);

/**
 * hv_ring_in_read - copy the next packet to ring->packet
 * @fault: filled when the ring is corrupt
 *
 * Checks indices, lengths and flags of the private copy; the type is the caller's business.
 *
 * Return: bytes of the packet without trailer, 0 empty, -EPROTO corrupt.
 */
int hv_ring_in_read(struct hv_ring_in *ring, struct hv_ring_fault *fault);
/*
 * Give the space of the packets read back. Return: true if the guest waits for it and has to be
 * signalled.
 */
bool hv_ring_in_commit(struct hv_ring_in *ring);

/**
 * hv_ring_out_write - append one packet, not yet visible to the guest
 * @iov: descriptor and payload; zero padded to a multiple of 8
 *
 * Return: 0; -EAGAIN no room; -EMSGSIZE never fits; -EPROTO the guest's read index is impossible.
 */
int hv_ring_out_write(struct hv_ring_out *ring, const struct iovec *iov, int iovcnt);
/* Make packets visible. Return: true if the guest has to be signalled. */
bool hv_ring_out_publish(struct hv_ring_out *ring);
/*
 * Ask to be signalled when @bytes (with trailer) fit; all packets must be published. Return: true
 * if they fit already.
 */
bool hv_ring_out_wait(struct hv_ring_out *ring, uint32_t bytes);
/* Write over 4 bytes of the data at @at, a multiple of 4: for faults only. */
void hv_ring_out_poke(struct hv_ring_out *ring, uint32_t at, uint32_t value);
/* Bytes a packet with its trailer may take now; looks at the guest's index again. */
uint32_t hv_ring_out_room(struct hv_ring_out *ring);

#endif
