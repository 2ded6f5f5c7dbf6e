// SPDX-License-Identifier: GPL-2.0
/*
 * The host's ends of the two rings. Everything the guest wrote is loaded once, checked, and then
 * used from here; our own indices are never read back. It must not know channels or interrupts.
 */
#include <endian.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "guest_mem.h"
#include "ring.h"
#include "util.h"

static uint32_t ring_load(const __le32 *field)
{
	return le32toh(__atomic_load_n(field, __ATOMIC_RELAXED));
}

static void ring_store(__le32 *field, uint32_t value)
{
	__atomic_store_n(field, htole32(value), __ATOMIC_RELAXED);
}

static int ring_mem_init(struct hv_ring_mem *mem, uint8_t *const *pages, size_t nr)
{
	if (nr < 2 || nr - 1 > UINT32_MAX / 2 / GUEST_PAGE_SIZE)
		return -EINVAL;
	mem->control = (struct vmbus_ring_control *)pages[0];
	mem->size = (nr - 1) * GUEST_PAGE_SIZE;
	mem->page = xcalloc(nr - 1, sizeof(*mem->page));
	memcpy(mem->page, pages + 1, (nr - 1) * sizeof(*mem->page));
	mem->flat = mem->page[0];
	for (size_t i = 1; i < nr - 1; i++) {
		if (mem->page[i] != mem->page[0] + i * GUEST_PAGE_SIZE)
			mem->flat = NULL;
	}
	return 0;
}

static void ring_copy_piece(const struct hv_ring_mem *mem, uint32_t at, void *buf, uint32_t len,
			    bool out)
{
	while (len) {
		uint32_t piece = len;
		uint8_t *ring;

		if (mem->flat) {
			ring = mem->flat + at;
		} else {
			uint32_t room = GUEST_PAGE_SIZE - at % GUEST_PAGE_SIZE;

			ring = mem->page[at / GUEST_PAGE_SIZE] + at % GUEST_PAGE_SIZE;
			if (piece > room)
				piece = room;
		}
		if (out)
			memcpy(ring, buf, piece);
		else
			memcpy(buf, ring, piece);
		buf = (uint8_t *)buf + piece;
		at += piece;
		len -= piece;
	}
}

/* Copies between the ring at @at and @buf, around the end. Return: the index behind. */
static uint32_t ring_copy(const struct hv_ring_mem *mem, uint32_t at, void *buf, uint32_t len,
			  bool out)
{
	uint32_t first = mem->size - at < len ? mem->size - at : len;

	ring_copy_piece(mem, at, buf, first, out);
	ring_copy_piece(mem, 0, (uint8_t *)buf + first, len - first, out);
	at += len;
	return at >= mem->size ? at - mem->size : at;
}

static uint32_t ring_used(const struct hv_ring_mem *mem, uint32_t write, uint32_t read)
{
	return write >= read ? write - read : mem->size - read + write;
}

static bool ring_index_is_valid(const struct hv_ring_mem *mem, uint32_t index)
{
	return index < mem->size && !(index % 8);
}

/* ---------------------------------------------------------------- guest to host */

int hv_ring_in_init(struct hv_ring_in *ring, uint8_t *const *pages, size_t nr)
{
	memset(ring, 0, sizeof(*ring));
	if (ring_mem_init(&ring->mem, pages, nr))
		return -EINVAL;
	ring->packet = xcalloc(1, ring->mem.size);
	/* The guest may have left both indices anywhere, as long as it says so before OPEN. */
	ring->read = ring_load(&ring->mem.control->read_index);
	if (!ring_index_is_valid(&ring->mem, ring->read)) {
		hv_ring_in_free(ring);
		return -EINVAL;
	}
	ring->committed = ring->write = ring->read;
	return 0;
}

void hv_ring_in_free(struct hv_ring_in *ring)
{
	free(ring->mem.page);
	free(ring->packet);
	memset(ring, 0, sizeof(*ring));
}

void hv_ring_in_mask(struct hv_ring_in *ring)
{
	ring_store(&ring->mem.control->interrupt_mask, 1);
}

bool hv_ring_in_unmask(struct hv_ring_in *ring)
{
	ring_store(&ring->mem.control->interrupt_mask, 0);
	/*
	 * Pairs with the guest's full barrier between its write index and its look at the mask: one
	 * of us sees the other.
	 */
	atomic_thread_fence(memory_order_seq_cst);
	return ring_load(&ring->mem.control->write_index) != ring->read;
}

static int ring_fault(struct hv_ring_fault *fault, const char *rule, uint32_t a, uint32_t b)
{
	fault->rule = rule;
	snprintf(fault->text, sizeof(fault->text), "%u (%#x), %u (%#x)", a, a, b, b);
	return -EPROTO;
}

int hv_ring_in_read(struct hv_ring_in *ring, struct hv_ring_fault *fault)
{
	struct vmbus_packet head;
	struct vmbus_packet_trailer trailer;
	uint32_t available, bytes, payload, next;

	if (ring->read == ring->write) {
		uint32_t write = ring_load(&ring->mem.control->write_index);

		/* Pairs with the guest's write barrier: bytes before the index. */
		atomic_thread_fence(memory_order_acquire);
		if (!ring_index_is_valid(&ring->mem, write))
			return ring_fault(fault, "ring-write-index", write, ring->mem.size);
		ring->write = write;
		if (write == ring->read)
			return 0;
	}
	available = ring_used(&ring->mem, ring->write, ring->read);
	if (available < sizeof(head) + VMBUS_PACKET_TRAILER_BYTES)
		return ring_fault(fault, "packet-length", available, sizeof(head));
	ring_copy(&ring->mem, ring->read, &head, sizeof(head), false);
	bytes = le16toh(head.total_qwords) * 8u;
	payload = le16toh(head.payload_qwords) * 8u;
	if (bytes < sizeof(head) || bytes > available - VMBUS_PACKET_TRAILER_BYTES)
		return ring_fault(fault, "packet-length", bytes, available);
	if (payload < sizeof(head) || payload > bytes)
		return ring_fault(fault, "packet-offset", payload, bytes);
	if (le16toh(head.flags) & ~VMBUS_PACKET_FLAG_COMPLETION)
		return ring_fault(fault, "packet-flags", le16toh(head.flags), le16toh(head.type));

	/*
	 * The header is taken from the first copy: the guest may change the ring between the two.
	 */
	next = ring_copy(&ring->mem, ring->read, ring->packet, bytes, false);
	memcpy(ring->packet, &head, sizeof(head));
	next = ring_copy(&ring->mem, next, &trailer, sizeof(trailer), false);
	if (le32toh(trailer.start_index) != ring->read)
		return ring_fault(fault, "packet-trailer", le32toh(trailer.start_index),
				  ring->read);
	ring->read = next;
	return bytes;
}

bool hv_ring_in_commit(struct hv_ring_in *ring)
{
	struct vmbus_ring_control *control = ring->mem.control;
	uint32_t wanted, write, free_after, free_before;

	if (ring->committed == ring->read)
		return false;
	/* Our reads of the data come before the guest may write over it. */
	__atomic_store_n(&control->read_index, htole32(ring->read), __ATOMIC_RELEASE);
	free_before = ring_used(&ring->mem, ring->read, ring->committed);
	ring->committed = ring->read;
	if (!(ring_load(&control->feature_bits) & VMBUS_RING_FEATURE_PENDING_SEND_SIZE))
		return false;
	/* Pairs with the guest's "store pending size, full barrier, load read index". */
	atomic_thread_fence(memory_order_seq_cst);
	wanted = ring_load(&control->pending_send_size);
	if (!wanted)
		return false;
	atomic_thread_fence(memory_order_acquire);
	write = ring_load(&control->write_index);
	if (!ring_index_is_valid(&ring->mem, write))
		return false;
	free_after = ring->mem.size - ring_used(&ring->mem, write, ring->read);
	free_before = free_after > free_before ? free_after - free_before : 0;
	return free_before <= wanted && free_after > wanted;
}

/* ---------------------------------------------------------------- host to guest */

int hv_ring_out_init(struct hv_ring_out *ring, uint8_t *const *pages, size_t nr)
{
	memset(ring, 0, sizeof(*ring));
	if (ring_mem_init(&ring->mem, pages, nr))
		return -EINVAL;
	ring->write = ring_load(&ring->mem.control->write_index);
	ring->read = ring_load(&ring->mem.control->read_index);
	if (!ring_index_is_valid(&ring->mem, ring->write) ||
	    !ring_index_is_valid(&ring->mem, ring->read)) {
		hv_ring_out_free(ring);
		return -EINVAL;
	}
	ring->published = ring->write;
	ring_store(&ring->mem.control->pending_send_size, 0);
	ring_store(&ring->mem.control->feature_bits, ring_load(&ring->mem.control->feature_bits) |
							     VMBUS_RING_FEATURE_PENDING_SEND_SIZE);
	return 0;
}

void hv_ring_out_free(struct hv_ring_out *ring)
{
	free(ring->mem.page);
	memset(ring, 0, sizeof(*ring));
}

static int ring_out_refresh(struct hv_ring_out *ring)
{
	uint32_t read = ring_load(&ring->mem.control->read_index);

	atomic_thread_fence(memory_order_acquire);
	if (!ring_index_is_valid(&ring->mem, read))
		return -EPROTO;
	ring->read = read;
	return 0;
}

/* Space for packets: the ring keeps 8 bytes free, so that full and empty differ. */
static uint32_t ring_out_free_bytes(const struct hv_ring_out *ring)
{
	return ring->mem.size - ring_used(&ring->mem, ring->write, ring->read) - 8;
}

uint32_t hv_ring_out_room(struct hv_ring_out *ring)
{
	return ring_out_refresh(ring) ? 0 : ring_out_free_bytes(ring);
}

int hv_ring_out_write(struct hv_ring_out *ring, const struct iovec *iov, int iovcnt)
{
	struct vmbus_packet_trailer trailer = { .start_index = htole32(ring->write) };
	uint64_t zero = 0;
	size_t bytes = 0;
	uint32_t at = ring->write;

	for (int i = 0; i < iovcnt; i++) {
		if (iov[i].iov_len > ring->mem.size)
			return -EMSGSIZE;
		bytes += iov[i].iov_len;
	}
	if (bytes > ring->mem.size || ((bytes + 7) & ~7u) + sizeof(trailer) > ring->mem.size - 8)
		return -EMSGSIZE;
	if (ring_out_free_bytes(ring) < ((bytes + 7) & ~7u) + sizeof(trailer)) {
		if (ring_out_refresh(ring))
			return -EPROTO;
		if (ring_out_free_bytes(ring) < ((bytes + 7) & ~7u) + sizeof(trailer))
			return -EAGAIN;
	}
	for (int i = 0; i < iovcnt; i++)
		at = ring_copy(&ring->mem, at, iov[i].iov_base, iov[i].iov_len, true);
	at = ring_copy(&ring->mem, at, &zero, -bytes & 7, true);
	ring->write = ring_copy(&ring->mem, at, &trailer, sizeof(trailer), true);
	if (ring->waiting) {
		ring->waiting = false;
		ring_store(&ring->mem.control->pending_send_size, 0);
	}
	return 0;
}

bool hv_ring_out_publish(struct hv_ring_out *ring)
{
	struct vmbus_ring_control *control = ring->mem.control;
	uint32_t old = ring->published;

	if (old == ring->write)
		return false;
	/* Bytes before the index. */
	__atomic_store_n(&control->write_index, htole32(ring->write), __ATOMIC_RELEASE);
	ring->published = ring->write;
	/* Pairs with the guest's "mask := 0, full barrier, look at the write index". */
	atomic_thread_fence(memory_order_seq_cst);
	if (ring_load(&control->interrupt_mask))
		return false;
	atomic_thread_fence(memory_order_acquire);
	return ring_load(&control->read_index) == old;
}

bool hv_ring_out_wait(struct hv_ring_out *ring, uint32_t bytes)
{
	ring_store(&ring->mem.control->pending_send_size, bytes);
	ring->waiting = true;
	/* Pairs with the guest's "store read index, full barrier, load pending size". */
	atomic_thread_fence(memory_order_seq_cst);
	return !ring_out_refresh(ring) && ring_out_free_bytes(ring) >= bytes;
}

void hv_ring_out_poke(struct hv_ring_out *ring, uint32_t at, uint32_t value)
{
	value = htole32(value);
	ring_copy(&ring->mem, at % ring->mem.size & ~3u, &value, sizeof(value), true);
}
