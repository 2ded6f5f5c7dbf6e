/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One end of a byte ring shared with the host: indices, wrap, free space, barriers. Knows no channel, no message and no
 * lock, and answers with verdicts: the caller counts, signals and fails. (TLFS: not covered; VMBus ring buffers.)
 *
 * Pure: builds in userspace given shims for u8..u64, READ_ONCE, WRITE_ONCE, virt_mb, virt_wmb, virt_rmb,
 * virt_load_acquire, virt_store_release, OPTIMIZER_HIDE_VAR, cpu_to_le32, le16_to_cpu, le32_to_cpu and memcpy.
 */
#ifndef VMBUS_RING_H
#define VMBUS_RING_H

#include <linux/types.h>
#include <hyperv/vmbus_ring.h>

/* What a ring operation found. */
enum vmbus_ring_verdict {
	VMBUS_RING_OK = 0,
	VMBUS_RING_EMPTY,	/* inbound: no packet */
	VMBUS_RING_FULL,	/* outbound: no room now */
	VMBUS_RING_TOO_BIG,	/* outbound: can never fit, or is not a packet: a defect of the caller; inbound: does not fit
				 * the caller's buffer */
	VMBUS_RING_BROKEN,	/* the host wrote what no host may write; every later operation says the same */
};

/* Outbound: the guest writes, the host reads. The caller's lock covers all of it. */
struct vmbus_ring_out {
	struct vmbus_ring_control *control;	/* shared with the host */
	u8 *bytes;				/* shared with the host */
	u32 size;				/* bytes of data; multiple of 8 */
	u32 write_index;			/* ours: the next packet; ahead of the shared one while packets are held back */
	u32 published;				/* what the shared write index says; never read back */
	u32 read_index;				/* the host's, as last seen and checked */
	bool broken;
};

/* Inbound: the host writes, the guest reads. One reader at a time. */
struct vmbus_ring_in {
	struct vmbus_ring_control *control;	/* shared with the host */
	u8 *bytes;				/* shared with the host */
	u32 size;				/* bytes of data; multiple of 8 */
	u32 read_index;				/* ours: the next packet; ahead of the shared one within a batch */
	u32 next_index;				/* what it moves to: behind the packet under the reader, if there is one */
	u32 run_end;				/* packets that end up to here are announced and do not wrap */
	u32 published;				/* what the shared read index says */
	u32 write_index;			/* the host's, as last seen and checked */
	bool broken;
};

/* A piece of a packet to write. */
struct vmbus_ring_piece {
	const void *from;
	u32 bytes;
};

void vmbus_ring_out_init(struct vmbus_ring_out *ring, struct vmbus_ring_control *control, void *bytes, u32 size);
enum vmbus_ring_verdict vmbus_ring_out_check_room(struct vmbus_ring_out *ring, u32 packet_bytes);
enum vmbus_ring_verdict vmbus_ring_out_write(struct vmbus_ring_out *ring, const struct vmbus_ring_piece *piece,
					     unsigned int pieces, bool *signal);
bool vmbus_ring_out_put(struct vmbus_ring_out *ring, const struct vmbus_packet *descriptor, const void *payload, u32 bytes);
bool vmbus_ring_out_fill(struct vmbus_ring_out *ring, const struct vmbus_ring_piece *piece, unsigned int pieces);
void vmbus_ring_out_hold(struct vmbus_ring_out *ring, const struct vmbus_ring_piece *piece, unsigned int pieces);
bool vmbus_ring_out_publish(struct vmbus_ring_out *ring);

void vmbus_ring_in_init(struct vmbus_ring_in *ring, struct vmbus_ring_control *control, void *bytes, u32 size);
enum vmbus_ring_verdict vmbus_ring_in_peek(struct vmbus_ring_in *ring, struct vmbus_packet *descriptor);
enum vmbus_ring_verdict vmbus_ring_in_read(struct vmbus_ring_in *ring, void *to, u32 limit);
bool vmbus_ring_in_copy(const struct vmbus_ring_in *ring, u32 offset, void *to, u32 bytes);
enum vmbus_ring_verdict vmbus_ring_in_commit(struct vmbus_ring_in *ring, bool *signal);
void vmbus_ring_in_mask(struct vmbus_ring_in *ring);
bool vmbus_ring_in_unmask(struct vmbus_ring_in *ring);

/**
 * vmbus_ring_out_has_room() - whether a packet fits, by the read index last seen
 * @ring: the guest's end
 * @packet_bytes: length of a packet without its trailer, 16 to 65535 * 8 and a multiple of 8
 *
 * Return: true if vmbus_ring_out_check_room() would say VMBUS_RING_OK without looking at the shared index; false says
 * nothing.
 */
static inline bool vmbus_ring_out_has_room(const struct vmbus_ring_out *ring, u32 packet_bytes)
{
	u32 used = ring->write_index - ring->read_index;

	if (ring->write_index < ring->read_index)
		used += ring->size;
	/* The trailer, and as much again that stays free so that a full ring differs from an empty one. */
	return !ring->broken && packet_bytes + 2 * sizeof(struct vmbus_packet_trailer) <= ring->size - used;
}

/**
 * vmbus_ring_out_is_holding() - whether packets were written that the host cannot see yet
 * @ring: the guest's end
 *
 * Needs no lock for one's own packets: what others hold back may be seen or not.
 *
 * Return: true until vmbus_ring_out_publish(), or until a packet is written that is not held back.
 */
static inline bool vmbus_ring_out_is_holding(const struct vmbus_ring_out *ring)
{
	return READ_ONCE(ring->write_index) != READ_ONCE(ring->published);
}

/**
 * vmbus_ring_in_next() - step over the packet under the reader
 * @ring: the guest's end
 *
 * Does not give the space back: vmbus_ring_in_commit() does, once a batch.
 */
static inline void vmbus_ring_in_next(struct vmbus_ring_in *ring)
{
	ring->read_index = ring->next_index;
}

#endif
