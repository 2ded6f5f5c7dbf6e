// SPDX-License-Identifier: GPL-2.0
/*
 * One byte ring: copying with wrap, free space, and the answer to "must the other side be signalled". Knows no channel
 * and no message. VMBus ring buffers: a control page and data pages, see <hyperv/vmbus_ring.h>.
 *
 * Everything in the control page may change under us at any time, and hold anything: each word is read once, checked,
 * and the checked copy used. Indices we own are kept privately and only ever stored.
 */
#include <linux/compiler.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <asm/barrier.h>
#include <asm/byteorder.h>

#include "ring.h"

/* A packet is at least its descriptor, and its length counts 8 bytes in 16 bits. */
#define RING_PACKET_MIN_BYTES	((u32)sizeof(struct vmbus_packet))
#define RING_PACKET_MAX_BYTES	(0xffffu * 8)

/* Policy: what is copied in words; measured, see Documentation/performance.md. */
#define RING_WORDS_MAX_BYTES	512u

/* The writer keeps this much free, so that a full ring differs from an empty one. */
#define RING_GAP_BYTES		8u

/* An index is an offset into the data and every packet and trailer is a multiple of 8 bytes. */
static bool ring_index_is_valid(u32 index, u32 size)
{
	return index < size && (index & 7) == 0;
}

static u32 ring_used(u32 write_index, u32 read_index, u32 size)
{
	return write_index >= read_index ? write_index - read_index : size - (read_index - write_index);
}

/* @index < @size and @bytes <= @size */
static u32 ring_advance(u32 index, u32 bytes, u32 size)
{
	u32 to_end = size - index;

	return bytes < to_end ? index + bytes : bytes - to_end;
}

/* One word, read once: the compiler must neither read it again nor see a loop over words as a call of memcpy(). */
static inline unsigned long ring_word(const u8 *from)
{
	unsigned long word;

	memcpy(&word, from, sizeof(word));
	OPTIMIZER_HIDE_VAR(word);
	return word;
}

static inline void ring_copy_word(u8 *to, const u8 *from)
{
	unsigned long word = ring_word(from);

	memcpy(to, &word, sizeof(word));
}

/* @bytes: a multiple of a word */
static __always_inline void ring_copy_words(u8 *to, const u8 *from, u32 bytes)
{
	const u8 *end = from + (bytes & ~(4 * (u32)sizeof(long) - 1));

	for (; from != end; from += 4 * sizeof(long), to += 4 * sizeof(long)) {
		ring_copy_word(to, from);
		ring_copy_word(to + sizeof(long), from + sizeof(long));
		ring_copy_word(to + 2 * sizeof(long), from + 2 * sizeof(long));
		ring_copy_word(to + 3 * sizeof(long), from + 3 * sizeof(long));
	}
	if (bytes & 2 * sizeof(long)) {
		ring_copy_word(to, from);
		ring_copy_word(to + sizeof(long), from + sizeof(long));
		from += 2 * sizeof(long);
		to += 2 * sizeof(long);
	}
	if (bytes & sizeof(long))
		ring_copy_word(to, from);
}

/*
 * Most packets are small, and memcpy() is made for what is not: the string instruction it comes down to takes longer
 * to begin than these bytes take to be copied in words.
 */
static inline void ring_copy(u8 *to, const u8 *from, u32 bytes)
{
	u32 words = bytes & ~((u32)sizeof(long) - 1);

	if (bytes > RING_WORDS_MAX_BYTES) {
		memcpy(to, from, bytes);
		return;
	}
	ring_copy_words(to, from, words);
	for (; unlikely(words < bytes); words++) {
		u8 byte = from[words];

		OPTIMIZER_HIDE_VAR(byte);
		to[words] = byte;
	}
}

static inline u32 ring_copy_in(struct vmbus_ring_out *ring, u32 index, const u8 *from, u32 bytes)
{
	u32 to_end = ring->size - index;

	if (likely(bytes < to_end)) {
		ring_copy(ring->bytes + index, from, bytes);
		return index + bytes;
	}
	ring_copy(ring->bytes + index, from, to_end);
	ring_copy(ring->bytes, from + to_end, bytes - to_end);
	return bytes - to_end;
}

/* Rare, so apart from what is run for every packet. */
static noinline void ring_copy_out_across_end(const struct vmbus_ring_in *ring, u32 index, u8 *to, u32 bytes)
{
	u32 to_end = ring->size - index;

	ring_copy(to, ring->bytes + index, to_end);
	ring_copy(to + to_end, ring->bytes, bytes - to_end);
}

static inline void ring_copy_out(const struct vmbus_ring_in *ring, u32 index, u8 *to, u32 bytes)
{
	if (likely(bytes <= ring->size - index))
		ring_copy(to, ring->bytes + index, bytes);
	else
		ring_copy_out_across_end(ring, index, to, bytes);
}

/* The half of a descriptor that says how long what is. */
union ring_head {
	struct {
		__le16 type;
		__le16 payload_qwords;
		__le16 total_qwords;
		__le16 flags;
	} field;
	unsigned long word[8 / sizeof(long)];
};

/**
 * vmbus_ring_out_init() - start an empty outbound ring
 * @ring: the guest's end
 * @control: its control page, shared with the host; wiped here
 * @bytes: its data, shared with the host
 * @size: bytes of data, a multiple of 8, at least 32
 *
 * Sets the feature bit which says that the guest uses, and looks at, pending send sizes. To be called before the host
 * learns of the memory (OPEN).
 */
void vmbus_ring_out_init(struct vmbus_ring_out *ring, struct vmbus_ring_control *control, void *bytes, u32 size)
{
	memset(control, 0, sizeof(*control));
	control->feature_bits = cpu_to_le32(VMBUS_RING_FEATURE_PENDING_SEND_SIZE);
	ring->control = control;
	ring->bytes = bytes;
	ring->size = size;
	ring->write_index = 0;
	ring->published = 0;
	ring->read_index = 0;
	ring->broken = false;
}

/* Takes a new look at the host's read index. */
static enum vmbus_ring_verdict ring_out_refresh(struct vmbus_ring_out *ring)
{
	u32 index;

	/*
	 * Acquire: what the host has read before it moved its index must not be overwritten by stores of ours that run
	 * ahead of this load.
	 */
	index = le32_to_cpu(virt_load_acquire(&ring->control->read_index));
	if (!ring_index_is_valid(index, ring->size)) {
		ring->broken = true;
		return VMBUS_RING_BROKEN;
	}
	ring->read_index = index;
	return VMBUS_RING_OK;
}

/**
 * vmbus_ring_out_check_room() - whether a packet fits now
 * @ring: the guest's end
 * @packet_bytes: length of the packet without its trailer
 *
 * Looks at the shared read index only when the last one seen leaves too little room.
 *
 * Return: VMBUS_RING_OK; VMBUS_RING_FULL; VMBUS_RING_TOO_BIG for a length that is no packet or exceeds the ring;
 * VMBUS_RING_BROKEN when the host's index makes no sense.
 */
enum vmbus_ring_verdict vmbus_ring_out_check_room(struct vmbus_ring_out *ring, u32 packet_bytes)
{
	enum vmbus_ring_verdict verdict;
	u32 need;

	if (ring->broken)
		return VMBUS_RING_BROKEN;
	if (packet_bytes < RING_PACKET_MIN_BYTES || packet_bytes > RING_PACKET_MAX_BYTES || packet_bytes & 7)
		return VMBUS_RING_TOO_BIG;
	need = packet_bytes + VMBUS_PACKET_TRAILER_BYTES;
	if (need > ring->size - RING_GAP_BYTES)
		return VMBUS_RING_TOO_BIG;
	if (need <= ring->size - RING_GAP_BYTES - ring_used(ring->write_index, ring->read_index, ring->size))
		return VMBUS_RING_OK;
	verdict = ring_out_refresh(ring);
	if (verdict != VMBUS_RING_OK)
		return verdict;
	if (need > ring->size - RING_GAP_BYTES - ring_used(ring->write_index, ring->read_index, ring->size))
		return VMBUS_RING_FULL;
	return VMBUS_RING_OK;
}

/* Lets the host see what was written up to @index, and tells whether it must be signalled. */
static inline bool ring_out_publish(struct vmbus_ring_out *ring, u32 index)
{
	u32 old = ring->published;

	/* Release: the host must not see the index before the bytes. Pairs with its load of the index. */
	virt_store_release(&ring->control->write_index, cpu_to_le32(index));
	ring->write_index = index;
	ring->published = index;

	/*
	 * Full barrier between publishing and looking at the mask and the read index. Pairs with the host's "clear
	 * mask, full barrier, look at the write index": without it both sides can decide that the other will act.
	 */
	virt_mb();
	if (READ_ONCE(ring->control->interrupt_mask))
		return false;
	/* An index older than the mask would make us signal a host that has been reading all along. */
	virt_rmb();
	return le32_to_cpu(READ_ONCE(ring->control->read_index)) == old;
}

/**
 * vmbus_ring_out_write() - write one packet
 * @ring: the guest's end
 * @piece: the packet's pieces in order: descriptor, payload, padding to 8 bytes; without the trailer
 * @pieces: how many
 * @signal: set to whether the host must be signalled: the ring was empty and the host does not poll
 *
 * All bookkeeping for the packet must be done before: the host may answer before this returns.
 *
 * Return: VMBUS_RING_OK, or why nothing was written, as vmbus_ring_out_check_room().
 */
enum vmbus_ring_verdict vmbus_ring_out_write(struct vmbus_ring_out *ring, const struct vmbus_ring_piece *piece,
					     unsigned int pieces, bool *signal)
{
	enum vmbus_ring_verdict verdict;
	unsigned int i;
	u32 bytes = 0;

	*signal = false;
	for (i = 0; i < pieces; i++) {
		if (piece[i].bytes > RING_PACKET_MAX_BYTES - bytes)
			return VMBUS_RING_TOO_BIG;
		bytes += piece[i].bytes;
	}
	verdict = vmbus_ring_out_check_room(ring, bytes);
	if (verdict == VMBUS_RING_OK)
		*signal = vmbus_ring_out_fill(ring, piece, pieces);
	return verdict;
}

/* Writes a packet that fits, unseen by the host. Returns the index behind it. */
static u32 ring_out_copy(struct vmbus_ring_out *ring, const struct vmbus_ring_piece *piece, unsigned int pieces)
{
	struct vmbus_packet_trailer trailer = { .start_index = cpu_to_le32(ring->write_index) };
	u32 index = ring->write_index;
	unsigned int i;

	for (i = 0; i < pieces; i++)
		index = ring_copy_in(ring, index, piece[i].from, piece[i].bytes);
	/* The packet is whole words, so the trailer does not wrap. */
	memcpy(ring->bytes + index, &trailer, sizeof(trailer));
	return ring_advance(index, sizeof(trailer), ring->size);
}

/**
 * vmbus_ring_out_fill() - write one packet that fits
 * @ring: the guest's end
 * @piece: the packet's pieces as for vmbus_ring_out_write()
 * @pieces: how many
 *
 * vmbus_ring_out_check_room() has said VMBUS_RING_OK to the sum of their lengths, and nothing was written since.
 *
 * Return: whether the host must be signalled: the ring was empty and the host does not poll.
 */
bool vmbus_ring_out_fill(struct vmbus_ring_out *ring, const struct vmbus_ring_piece *piece, unsigned int pieces)
{
	return ring_out_publish(ring, ring_out_copy(ring, piece, pieces));
}

/**
 * vmbus_ring_out_hold() - write one packet that fits, and let the host see it later
 * @ring: the guest's end
 * @piece: as for vmbus_ring_out_fill()
 * @pieces: how many
 *
 * To be followed by vmbus_ring_out_publish(), or by a packet that is not held back, which lets the host see all of them.
 */
void vmbus_ring_out_hold(struct vmbus_ring_out *ring, const struct vmbus_ring_piece *piece, unsigned int pieces)
{
	ring->write_index = ring_out_copy(ring, piece, pieces);
}

/**
 * vmbus_ring_out_publish() - let the host see the packets that were held back
 * @ring: the guest's end
 *
 * Return: whether the host must be signalled: the ring was empty before the first of them, and the host does not poll.
 */
bool vmbus_ring_out_publish(struct vmbus_ring_out *ring)
{
	return ring->write_index != ring->published && ring_out_publish(ring, ring->write_index);
}

/**
 * vmbus_ring_out_put() - write one packet that fits, of a descriptor and a payload behind it
 * @ring: the guest's end
 * @descriptor: the packet's descriptor; says how long the packet is: descriptor, payload, padding to 8 bytes
 * @payload: what follows it
 * @bytes: its length, without padding
 *
 * As vmbus_ring_out_fill(), for the most frequent kind of packet.
 *
 * Return: whether the host must be signalled.
 */
bool vmbus_ring_out_put(struct vmbus_ring_out *ring, const struct vmbus_packet *descriptor, const void *payload, u32 bytes)
{
	static const u8 zero[8];
	const struct vmbus_ring_piece piece[] = {
		{ descriptor, sizeof(*descriptor) },
		{ payload, bytes },
		{ zero, -bytes & 7 },
	};
	u32 padded = (bytes + 7) & ~7u, index = ring->write_index;
	struct vmbus_packet_trailer trailer = { .start_index = cpu_to_le32(index) };
	u8 *to = ring->bytes + index;

	if (unlikely(ring->size - index <= sizeof(*descriptor) + padded + sizeof(trailer)))
		return vmbus_ring_out_fill(ring, piece, ARRAY_SIZE(piece));
	memcpy(to, descriptor, sizeof(*descriptor));
	to += sizeof(*descriptor);
	/* Before the payload, whose last word may lie over it in part. */
	if (bytes & 7)
		memset(to + padded - sizeof(zero), 0, sizeof(zero));
	ring_copy(to, payload, bytes);
	memcpy(to + padded, &trailer, sizeof(trailer));
	return ring_out_publish(ring, index + sizeof(*descriptor) + padded + sizeof(trailer));
}

/**
 * vmbus_ring_in_init() - start an empty inbound ring
 * @ring: the guest's end
 * @control: its control page, shared with the host; wiped here
 * @bytes: its data, shared with the host
 * @size: bytes of data, a multiple of 8, at least 32
 *
 * To be called before the host learns of the memory (OPEN). The feature bit of this ring is the host's to set.
 */
void vmbus_ring_in_init(struct vmbus_ring_in *ring, struct vmbus_ring_control *control, void *bytes, u32 size)
{
	memset(control, 0, sizeof(*control));
	ring->control = control;
	ring->bytes = bytes;
	ring->size = size;
	ring->read_index = 0;
	ring->published = 0;
	ring->next_index = 0;
	ring->run_end = 0;
	ring->write_index = 0;
	ring->broken = false;
}

/* Nothing is announced from here on, so that what reads finds no packet and need not ask why. */
static noinline enum vmbus_ring_verdict ring_in_break(struct vmbus_ring_in *ring)
{
	ring->broken = true;
	ring->write_index = ring->read_index;
	ring->next_index = ring->read_index;
	ring->run_end = 0;
	return VMBUS_RING_BROKEN;
}

/* Takes a new look at the host's write index. */
static enum vmbus_ring_verdict ring_in_refresh(struct vmbus_ring_in *ring)
{
	u32 index;

	/* Acquire: the packet's bytes are not read before the index that announces them. */
	index = le32_to_cpu(virt_load_acquire(&ring->control->write_index));
	/* The host may not write over what we have not given back, so the distance from there can only grow. */
	if (!ring_index_is_valid(index, ring->size) ||
	    ring_used(index, ring->published, ring->size) <
	    ring_used(ring->write_index, ring->published, ring->size))
		return ring_in_break(ring);
	ring->write_index = index;
	return VMBUS_RING_OK;
}

/* The first word of the packet under the reader, read once: the only one with lengths. */
static __always_inline union ring_head ring_in_head(const struct vmbus_ring_in *ring)
{
	union ring_head head;
	unsigned int i;

	/* An index is a multiple of 8, so this word does not wrap. */
	for (i = 0; i < ARRAY_SIZE(head.word); i++)
		head.word[i] = ring_word(ring->bytes + ring->read_index + i * sizeof(long));
	return head;
}

/* Nothing is shorter than what is before its payload. */
static __always_inline bool ring_head_is_sane(union ring_head head)
{
	return le16_to_cpu(head.field.payload_qwords) >= RING_PACKET_MIN_BYTES / 8 &&
	       le16_to_cpu(head.field.payload_qwords) <= le16_to_cpu(head.field.total_qwords);
}

/* The packet under the reader, its lengths checked. */
static noinline enum vmbus_ring_verdict ring_in_find(struct vmbus_ring_in *ring, union ring_head *head)
{
	enum vmbus_ring_verdict verdict;
	u32 total;

	ring->next_index = ring->read_index;
	if (ring->broken)
		return VMBUS_RING_BROKEN;
	if (ring->write_index == ring->read_index) {
		verdict = ring_in_refresh(ring);
		if (verdict != VMBUS_RING_OK)
			return verdict;
		if (ring->write_index == ring->read_index)
			return VMBUS_RING_EMPTY;
	}
	/* The run before the end of the ring does not have its last word: behind that comes index 0. */
	ring->run_end = ring->write_index > ring->read_index ? ring->write_index : ring->size - 8;

	*head = ring_in_head(ring);
	total = le16_to_cpu(head->field.total_qwords) * 8u;
	/* At least 8 bytes are announced. The index moves by whole packets only, so one that is cut off is no packet. */
	if (!ring_head_is_sane(*head) ||
	    total > ring_used(ring->write_index, ring->read_index, ring->size) - VMBUS_PACKET_TRAILER_BYTES)
		return ring_in_break(ring);
	ring->next_index = ring_advance(ring->read_index, total + VMBUS_PACKET_TRAILER_BYTES, ring->size);
	/* Behind a packet that crosses the end goes on what was announced from index 0. */
	if (ring->next_index < ring->read_index)
		ring->run_end = ring->write_index;
	return VMBUS_RING_OK;
}

/**
 * vmbus_ring_in_peek() - find the next packet
 * @ring: the guest's end
 * @descriptor: filled with a checked private copy of the packet's descriptor: payload_qwords is between 2 and
 *	total_qwords, and the packet lies within what the host has written
 *
 * The packet stays under the reader until vmbus_ring_in_next(); looking again finds it again. The shared write index is
 * read only when everything announced by the last one has been taken.
 *
 * Return: VMBUS_RING_OK; VMBUS_RING_EMPTY; VMBUS_RING_BROKEN when index or lengths make no sense.
 */
enum vmbus_ring_verdict vmbus_ring_in_peek(struct vmbus_ring_in *ring, struct vmbus_packet *descriptor)
{
	enum vmbus_ring_verdict verdict;
	union ring_head head;

	verdict = ring_in_find(ring, &head);
	if (verdict != VMBUS_RING_OK)
		return verdict;
	memcpy(descriptor, &head, sizeof(head));
	vmbus_ring_in_copy(ring, sizeof(head), (u8 *)descriptor + sizeof(head), sizeof(*descriptor) - sizeof(head));
	return VMBUS_RING_OK;
}

/*
 * What vmbus_ring_in_read() leaves: nothing is announced any more, or the packet crosses the end of the ring or is too long, or
 * the host has written nonsense.
 */
static noinline enum vmbus_ring_verdict ring_in_read_any(struct vmbus_ring_in *ring, u8 *to, u32 limit)
{
	enum vmbus_ring_verdict verdict;
	union ring_head head;
	u32 bytes;

	verdict = ring_in_find(ring, &head);
	if (verdict != VMBUS_RING_OK)
		return verdict;
	bytes = le16_to_cpu(head.field.total_qwords) * 8u;
	if (bytes > limit)
		return VMBUS_RING_TOO_BIG;
	memcpy(to, &head, sizeof(head));
	ring_copy_out(ring, ring_advance(ring->read_index, sizeof(head), ring->size), to + sizeof(head), bytes - sizeof(head));
	return VMBUS_RING_OK;
}

/**
 * vmbus_ring_in_read() - find the next packet and copy it whole
 * @ring: the guest's end
 * @to: where to; gets the checked descriptor, as from vmbus_ring_in_peek(), and what follows it in the packet
 * @limit: room there, in bytes; a longer packet is found, but not copied
 *
 * Return: as vmbus_ring_in_peek(); VMBUS_RING_TOO_BIG for a packet longer than @limit.
 */
enum vmbus_ring_verdict vmbus_ring_in_read(struct vmbus_ring_in *ring, void *to, u32 limit)
{
	const u8 *from = ring->bytes + ring->read_index;
	union ring_head head;
	u32 bytes, next;

	if (unlikely(ring->read_index >= ring->run_end))
		return ring_in_read_any(ring, to, limit);
	head = ring_in_head(ring);
	bytes = le16_to_cpu(head.field.total_qwords) * 8u;
	next = ring->read_index + bytes + VMBUS_PACKET_TRAILER_BYTES;
	/* One comparison says both that the packet is announced and that it does not wrap. */
	if (unlikely(next > ring->run_end || bytes > limit || !ring_head_is_sane(head)))
		return ring_in_read_any(ring, to, limit);
	ring->next_index = next;
	memcpy(to, &head, sizeof(head));
	if (likely(bytes <= RING_WORDS_MAX_BYTES))
		ring_copy_words((u8 *)to + sizeof(head), from + sizeof(head), bytes - sizeof(head));
	else
		memcpy((u8 *)to + sizeof(head), from + sizeof(head), bytes - sizeof(head));
	return VMBUS_RING_OK;
}

/**
 * vmbus_ring_in_copy() - copy a part of the packet under the reader
 * @ring: the guest's end, after a vmbus_ring_in_peek() that returned VMBUS_RING_OK
 * @offset: bytes from the start of the packet
 * @to: where to
 * @bytes: how many
 *
 * The bytes are copied once; what they mean is for the caller to check, in the copy.
 *
 * Return: false, with nothing copied, when the part is not within the packet.
 */
bool vmbus_ring_in_copy(const struct vmbus_ring_in *ring, u32 offset, void *to, u32 bytes)
{
	u32 total;

	if (ring->next_index == ring->read_index)
		return false;
	total = ring_used(ring->next_index, ring->read_index, ring->size) - VMBUS_PACKET_TRAILER_BYTES;
	if (offset > total || bytes > total - offset)
		return false;
	ring_copy_out(ring, ring_advance(ring->read_index, offset, ring->size), to, bytes);
	return true;
}

/**
 * vmbus_ring_in_commit() - give the space of all packets stepped over back to the host
 * @ring: the guest's end
 * @signal: set to whether the host must be signalled: it waits for room, and this batch made enough of it
 *
 * Return: VMBUS_RING_OK, or VMBUS_RING_BROKEN when the host's index makes no sense.
 */
enum vmbus_ring_verdict vmbus_ring_in_commit(struct vmbus_ring_in *ring, bool *signal)
{
	u32 consumed = ring_used(ring->read_index, ring->published, ring->size);
	u32 wanted, write_index, free_after, free_before;

	*signal = false;
	if (ring->broken)
		return VMBUS_RING_BROKEN;
	if (!consumed)
		return VMBUS_RING_OK;

	/* Release: all copies out of the packets are done before the host may write over them. */
	virt_store_release(&ring->control->read_index, cpu_to_le32(ring->read_index));
	ring->published = ring->read_index;

	/* A host without the feature does not wait for signals: it polls. */
	if (!(le32_to_cpu(READ_ONCE(ring->control->feature_bits)) & VMBUS_RING_FEATURE_PENDING_SEND_SIZE))
		return VMBUS_RING_OK;
	/*
	 * Full barrier: pairs with the host's "store pending size, full barrier, look at the read index again". Without
	 * it we can miss the size and the host the space, and it waits for ever.
	 */
	virt_mb();
	wanted = le32_to_cpu(READ_ONCE(ring->control->pending_send_size));
	if (!wanted)
		return VMBUS_RING_OK;
	/* A write index from before the host decided to wait would overstate the free space. */
	virt_rmb();
	write_index = le32_to_cpu(READ_ONCE(ring->control->write_index));
	if (!ring_index_is_valid(write_index, ring->size))
		return ring_in_break(ring);
	free_after = ring->size - ring_used(write_index, ring->read_index, ring->size);
	/* Whatever the host wrote meanwhile came after this batch, so the space before it was smaller by the batch. */
	free_before = free_after > consumed ? free_after - consumed : 0;
	/* Only the batch that makes the wanted size fit signals: any other signal is needless and makes a host slower. */
	*signal = free_before <= wanted && free_after > wanted;
	return VMBUS_RING_OK;
}

/**
 * vmbus_ring_in_mask() - ask the host not to signal new packets
 * @ring: the guest's end
 *
 * For the time of polling; vmbus_ring_in_unmask() ends it.
 */
void vmbus_ring_in_mask(struct vmbus_ring_in *ring)
{
	WRITE_ONCE(ring->control->interrupt_mask, cpu_to_le32(1));
	/* Takes effect before the first look at the ring, so that a batch is signalled at most once more. */
	virt_mb();
}

/**
 * vmbus_ring_in_unmask() - ask the host to signal new packets, and look whether some came meanwhile
 * @ring: the guest's end
 *
 * Return: true when packets wait which the host may not signal any more: the caller must go on reading.
 */
bool vmbus_ring_in_unmask(struct vmbus_ring_in *ring)
{
	WRITE_ONCE(ring->control->interrupt_mask, 0);
	/*
	 * Full barrier: pairs with the host's "store write index, full barrier, look at the mask". Without it a packet
	 * written just now is neither seen here nor signalled.
	 */
	virt_mb();
	if (ring->broken)
		return false;
	return le32_to_cpu(READ_ONCE(ring->control->write_index)) != ring->read_index;
}
