// SPDX-License-Identifier: GPL-2.0
/*
 * Faults of packets, rings and channel interrupts, put in between the device and the ring. The
 * host's own indices stay right: the next packet finds the ring in order again, as far as the guest
 * goes on.
 */
#include <stdlib.h>
#include <string.h>

#include "chaos_internal.h"

#define CHAOS_PACKETS                                                                             \
	(CHAOS_BIT(CHAOS_PACKET_TYPE) | CHAOS_BIT(CHAOS_PACKET_LENGTH) |                          \
	 CHAOS_BIT(CHAOS_PACKET_OFFSET) | CHAOS_BIT(CHAOS_PACKET_FLAGS) |                         \
	 CHAOS_BIT(CHAOS_PACKET_XID) | CHAOS_BIT(CHAOS_PACKET_TRAILER) |                          \
	 CHAOS_BIT(CHAOS_PACKET_SHORT) | CHAOS_BIT(CHAOS_PACKET_FIELD) |                          \
	 CHAOS_BIT(CHAOS_PACKET_CHANGED))
#define CHAOS_COMPLETIONS                                                                         \
	(CHAOS_BIT(CHAOS_COMPLETION_TWICE) | CHAOS_BIT(CHAOS_COMPLETION_NEVER) |                  \
	 CHAOS_BIT(CHAOS_COMPLETION_LATE) | CHAOS_BIT(CHAOS_COMPLETION_UNASKED))
#define CHAOS_RINGS                                                                               \
	(CHAOS_BIT(CHAOS_RING_WRITE_INDEX) | CHAOS_BIT(CHAOS_RING_READ_INDEX) |                   \
	 CHAOS_BIT(CHAOS_RING_PENDING_SIZE) | CHAOS_BIT(CHAOS_RING_FEATURES))
#define CHAOS_INTERRUPTS                                                                          \
	(CHAOS_BIT(CHAOS_INTERRUPT_LOST) | CHAOS_BIT(CHAOS_INTERRUPT_LATE) |                      \
	 CHAOS_BIT(CHAOS_INTERRUPT_NOTHING) | CHAOS_BIT(CHAOS_INTERRUPT_STRANGER))

/* Policy: how late is late. */
#define CHAOS_LATE_NS(random)		((20 + (random) % 280) * 1000000ull)
#define CHAOS_INTERRUPT_LATE_NS(random) ((5 + (random) % 75) * 1000000ull)

/* ---------------------------------------------------------------- packets */

static uint16_t chaos_bad_length(uint64_t random)
{
	static const uint16_t lengths[] = { 0, 1, 2, 0x7fff, 0xffff };

	return random % 2 ? lengths[random / 2 % ARRAY_SIZE(lengths)] : (uint16_t)(random / 2);
}

/* Changes the flat packet of @bytes; descriptor and payload as they were sent. Return: bytes left. */
static uint32_t chaos_spoil(struct vmbus_chan *chan, enum chaos_fault fault, uint8_t *packet,
			    uint32_t bytes, uint64_t random)
{
	struct vmbus_server *server = chan->server;
	const char *name = chan->stats->name;
	struct vmbus_packet head;
	uint32_t payload, at, value, old;

	memcpy(&head, packet, sizeof(head));
	payload = le16toh(head.payload_qwords) * 8u;
	switch (fault) {
	case CHAOS_PACKET_TYPE:
		value = random % 4 ? random % 32 + 12 : random & 0xffff;
		chaos_event(server, fault, name, "type %u becomes %u", le16toh(head.type), value);
		head.type = htole16(value);
		break;
	case CHAOS_PACKET_LENGTH:
		value = chaos_bad_length(random);
		chaos_event(server, fault, name, "%u qwords become %u", le16toh(head.total_qwords), value);
		head.total_qwords = htole16(value);
		break;
	case CHAOS_PACKET_OFFSET:
		value = chaos_bad_length(random);
		chaos_event(server, fault, name, "payload at qword %u becomes %u",
			    le16toh(head.payload_qwords), value);
		head.payload_qwords = htole16(value);
		break;
	case CHAOS_PACKET_FLAGS:
		value = random % 2 ? random & 0xffff : VMBUS_PACKET_FLAG_COMPLETION;
		chaos_event(server, fault, name, "flags %#x become %#x", le16toh(head.flags), value);
		head.flags = htole16(value);
		break;
	case CHAOS_PACKET_XID: {
		uint64_t xid = le64toh(head.transaction_id);
		uint64_t other = random % 3 == 0 ? xid ^ 1ull << random / 3 % 64
				 : random % 3 == 1 ? random / 3 % 1024
						   : random;

		chaos_event(server, fault, name, "transaction %#llx becomes %#llx", (unsigned long long)xid,
			    (unsigned long long)other);
		head.transaction_id = htole64(other);
		break;
	}
	case CHAOS_PACKET_PAGES:
		/* Set id and count, then length and offset of each range: any of these words. */
		at = sizeof(head) + (uint32_t)(random % ((payload - sizeof(head)) / 4)) * 4;
		memcpy(&old, packet + at, sizeof(old));
		random = random / 64;
		value = random % 3 == 0 ? ~0u : random % 3 == 1 ? le32toh(old) + 1 + random / 3 % 4096 : (uint32_t)random;
		chaos_event(server, fault, name, "descriptor word %u: %#x becomes %#x", at / 4, le32toh(old), value);
		value = htole32(value);
		memcpy(packet + at, &value, sizeof(value));
		return bytes;
	case CHAOS_PACKET_SHORT:
		value = random % 2 && bytes > payload + 8 ? payload + 8 : payload;
		chaos_event(server, fault, name, "%u bytes of payload become %u", bytes - payload,
			    value - payload);
		bytes = value;
		head.total_qwords = htole16(bytes / 8);
		break;
	case CHAOS_PACKET_FIELD:
		if (bytes < payload + 4)
			return bytes;
		at = payload + (uint32_t)(random % ((bytes - payload) / 4)) * 4;
		memcpy(&old, packet + at, sizeof(old));
		random = random / 4096;
		value = random % 4 == 0 ? ~0u : random % 4 == 1 ? 0 : random % 4 == 2 ? le32toh(old) + 1 : (uint32_t)random;
		chaos_event(server, fault, name, "payload word %u: %#x becomes %#x", (at - payload) / 4, le32toh(old),
			    value);
		value = htole32(value);
		memcpy(packet + at, &value, sizeof(value));
		return bytes;
	default:
		return bytes;
	}
	memcpy(packet, &head, sizeof(head));
	return bytes;
}

static void chaos_send_late(struct chaos_job *job)
{
	struct vmbus_chan *chan = chaos_job_chan(job);
	struct iovec iov = { .iov_base = job->bytes, .iov_len = job->len };

	if (!chan)
		return;
	chan_get(chan);
	if (!packet_put(chan, &iov, 1, job->len))
		vmbus_flush(chan);
	chan_put(chan);
}

/* Return: as packet_put(). */
static int chaos_completion(struct vmbus_chan *chan, uint64_t xid)
{
	struct vmbus_packet head = {
		.type = htole16(VMBUS_PACKET_COMPLETION),
		.payload_qwords = htole16(sizeof(head) / 8),
		.total_qwords = htole16(sizeof(head) / 8 + 8),
		.transaction_id = htole64(xid),
	};
	uint8_t zero[64] = { 0 };
	struct iovec iov[2] = { { .iov_base = &head, .iov_len = sizeof(head) },
				{ .iov_base = zero, .iov_len = sizeof(zero) } };

	return packet_put(chan, iov, 2, sizeof(head) + sizeof(zero));
}

/* Return: as packet_put(). @packet: all of it in one piece, the caller's to change. */
static int chaos_send_spoiled(struct vmbus_chan *chan, enum chaos_fault fault, uint8_t *packet,
			      uint32_t bytes, uint64_t random)
{
	struct vmbus_server *server = chan->server;
	const char *name = chan->stats->name;
	struct vmbus_packet head;
	struct iovec iov = { .iov_base = packet, .iov_len = bytes };
	uint32_t start = chan->out.write;
	int ret;

	memcpy(&head, packet, sizeof(head));
	switch (fault) {
	case CHAOS_COMPLETION_NEVER:
		chaos_event(server, fault, name, "transaction %#llx",
			    (unsigned long long)le64toh(head.transaction_id));
		return 0;
	case CHAOS_PACKET_LATE:
	case CHAOS_COMPLETION_LATE:
		chaos_event(server, fault, name, "transaction %#llx, %llu ms",
			    (unsigned long long)le64toh(head.transaction_id),
			    CHAOS_LATE_NS(random) / 1000000);
		chaos_later(server, chan, CHAOS_LATE_NS(random), chaos_send_late, packet, bytes);
		return 0;
	default:
		iov.iov_len = chaos_spoil(chan, fault, packet, bytes, random);
	}
	ret = packet_put(chan, &iov, 1, iov.iov_len);
	if (ret)
		return ret;
	switch (fault) {
	case CHAOS_COMPLETION_TWICE:
		for (unsigned int i = chaos_burst(server); i && !packet_put(chan, &iov, 1, bytes); i--)
			chaos_event(server, fault, name, "transaction %#llx",
				    (unsigned long long)le64toh(head.transaction_id));
		break;
	case CHAOS_COMPLETION_UNASKED:
		for (unsigned int i = chaos_burst(server); i && !chaos_completion(chan, random);
		     i--, chaos_next(&random))
			chaos_event(server, fault, name, "transaction %#llx",
				    (unsigned long long)random);
		break;
	case CHAOS_PACKET_TRAILER:
		chaos_event(server, fault, name, "start %#x becomes %#x", start, (uint32_t)random);
		hv_ring_out_poke(&chan->out, (start + bytes + 4) % chan->out.mem.size, random);
		break;
	case CHAOS_PACKET_CHANGED:
		server->chaos->change.chan = chan;
		server->chaos->change.at = start;
		server->chaos->change.len = bytes;
		server->chaos->change.random = random;
		break;
	default:
		break;
	}
	return 0;
}

int chaos_send(struct vmbus_chan *chan, const struct iovec *iov, int nr, uint32_t bytes)
{
	uint64_t possible = CHAOS_PACKETS, random;
	struct vmbus_packet head;
	enum chaos_fault fault;
	uint8_t *packet;
	size_t at = 0;
	int ret;

	memcpy(&head, iov[0].iov_base, sizeof(head));
	if (le16toh(head.type) == VMBUS_PACKET_COMPLETION)
		possible |= CHAOS_COMPLETIONS;
	else
		possible |= CHAOS_BIT(CHAOS_PACKET_LATE);
	if (le16toh(head.payload_qwords) * 8u > sizeof(head))
		possible |= CHAOS_BIT(CHAOS_PACKET_PAGES);
	fault = chaos_pick(chan->server, chan->stats->name, possible, &random);
	if (fault == CHAOS_NONE)
		return packet_put(chan, iov, nr, bytes);
	packet = xcalloc(1, bytes);
	for (int i = 0; i < nr; at += iov[i++].iov_len)
		memcpy(packet + at, iov[i].iov_base, iov[i].iov_len);
	ret = chaos_send_spoiled(chan, fault, packet, bytes, random);
	free(packet);
	return ret;
}

/* ---------------------------------------------------------------- rings */

static uint32_t chaos_bad_index(uint32_t good, uint32_t size, uint64_t random)
{
	switch (random % 5) {
	case 0:
		return good + 1 + random / 5 % 7;
	case 1:
		return size;
	case 2:
		return size + 8 * (uint32_t)(random / 5 % 4096);
	case 3:
		return ~0u;
	}
	return (good + 8 + 8 * (uint32_t)(random / 5 % (size / 8 - 1))) % size;
}

void chaos_published(struct vmbus_chan *chan)
{
	struct vmbus_server *server = chan->server;
	struct chaos *chaos = server->chaos;
	const char *name = chan->stats->name;
	enum chaos_fault fault;
	uint64_t random;
	uint32_t value;

	if (chaos->change.chan == chan && chaos->change.at < chan->out.mem.size) {
		value = chaos->change.random % chaos->change.len & ~3u;
		value = (chaos->change.at + value) % chan->out.mem.size;
		chaos_event(server, CHAOS_PACKET_CHANGED, name, "8 bytes of the ring at %#x", value);
		hv_ring_out_poke(&chan->out, value, chaos->change.random);
		hv_ring_out_poke(&chan->out, (value + 4) % chan->out.mem.size, chaos->change.random >> 32);
		chaos->change.chan = NULL;
	}
	fault = chaos_pick(server, name, CHAOS_RINGS, &random);
	switch (fault) {
	case CHAOS_RING_WRITE_INDEX:
		value = chaos_bad_index(chan->out.write, chan->out.mem.size, random);
		chaos_event(server, fault, name, "%#x becomes %#x of %#x", chan->out.write, value,
			    chan->out.mem.size);
		__atomic_store_n(&chan->out.mem.control->write_index, htole32(value), __ATOMIC_RELEASE);
		break;
	case CHAOS_RING_READ_INDEX:
		value = chaos_bad_index(chan->in.read, chan->in.mem.size, random);
		chaos_event(server, fault, name, "%#x becomes %#x of %#x", chan->in.read, value,
			    chan->in.mem.size);
		__atomic_store_n(&chan->in.mem.control->read_index, htole32(value), __ATOMIC_RELEASE);
		break;
	case CHAOS_RING_PENDING_SIZE:
		value = random % 2 ? ~0u : (uint32_t)(random >> 32);
		chaos_event(server, fault, name, "%#x", value);
		__atomic_store_n(&chan->out.mem.control->pending_send_size, htole32(value), __ATOMIC_RELAXED);
		break;
	case CHAOS_RING_FEATURES:
		value = random >> 32;
		chaos_event(server, fault, name, "%#x", value);
		__atomic_store_n(&chan->out.mem.control->feature_bits, htole32(value), __ATOMIC_RELAXED);
		break;
	default:
		break;
	}
}

/* ---------------------------------------------------------------- interrupts */

static void chaos_raise(struct chaos_job *job)
{
	struct vmbus_chan *chan = chaos_job_chan(job);

	if (chan)
		packet_raise(chan);
}

static uint32_t chaos_strange_relid(struct vmbus_server *server, uint64_t random)
{
	uint32_t relid = random % TLFS_EVENT_FLAGS;

	while (chan_by_relid(server, relid))
		relid = (relid + 1) % TLFS_EVENT_FLAGS;
	return relid;
}

bool chaos_interrupt(struct vmbus_chan *chan)
{
	struct vmbus_server *server = chan->server;
	const char *name = chan->stats->name;
	enum chaos_fault fault;
	uint64_t random;
	uint32_t relid;

	if (chan->target_vp == VMBUS_TARGET_VP_NONE)
		return false;
	fault = chaos_pick(server, name, CHAOS_INTERRUPTS, &random);
	switch (fault) {
	case CHAOS_INTERRUPT_LOST:
		chaos_event(server, fault, name, "VP %u", chan->target_vp);
		return true;
	case CHAOS_INTERRUPT_LATE:
		chaos_event(server, fault, name, "%llu ms", CHAOS_INTERRUPT_LATE_NS(random) / 1000000);
		chaos_later(server, chan, CHAOS_INTERRUPT_LATE_NS(random), chaos_raise, NULL, 0);
		return true;
	case CHAOS_INTERRUPT_NOTHING:
		chaos_event(server, fault, name, "once more after %llu ms",
			    CHAOS_INTERRUPT_LATE_NS(random) / 1000000);
		chaos_later(server, chan, CHAOS_INTERRUPT_LATE_NS(random), chaos_raise, NULL, 0);
		return false;
	case CHAOS_INTERRUPT_STRANGER:
		for (unsigned int i = chaos_burst(server); i; i--, chaos_next(&random)) {
			relid = chaos_strange_relid(server, random);
			chaos_event(server, fault, name, "relid %u on VP %u", relid, chan->target_vp);
			if (server->conn.interrupt_page)
				interrupt_page_raise(server, relid);
			else
				hv_synic_set_event(server, chan->target_vp, relid);
		}
		return false;
	default:
		return false;
	}
}
