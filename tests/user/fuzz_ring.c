// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzzer for the reader of the host-to-guest ring: the input is a host that sets
 * indices, flags and bytes as it likes, between and (through the access hooks)
 * during the operations of the guest. The sanitizers watch memory; the checks
 * below watch what the ring promises its callers.
 *
 * Input: byte 0 start index, byte 1 and 2 when and what the host changes during
 * an operation, then steps of one byte: low 4 bits what, high 4 bits how much.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <linux/kernel.h>
#include "../kunit/ring_events.h"
#include "../../vmbus/ring.c"

#define RING_BYTES	256u
#define STEPS_MAX	192

static struct vmbus_ring_control *control;
static u8 *ring_bytes;
static struct vmbus_ring_in ring;
static unsigned int events_left;
static u8 surprise;

#define REQUIRE(cond) do { if (!(cond)) abort(); } while (0)

/* The host strikes once, just before the access the input chose. */
static void ring_test_event(char what, const volatile void *where)
{
	(void)what;
	(void)where;
	if (!events_left || --events_left)
		return;
	switch (surprise & 3) {
	case 0:
		control->write_index = cpu_to_le32(surprise & 0xf8u);
		break;
	case 1:
		control->pending_send_size = cpu_to_le32(surprise * 3u);
		break;
	case 2:
		control->feature_bits = cpu_to_le32(~0u);
		break;
	default:
		memset(ring_bytes + ring.read_index, surprise, 8);
		break;
	}
}

static bool index_is_sane(u32 index)
{
	return index < RING_BYTES && index % 8 == 0;
}

static void read_one(u8 how)
{
	struct vmbus_packet packet;
	enum vmbus_ring_verdict verdict;
	u32 total, payload;
	u8 *copy;

	verdict = vmbus_ring_in_peek(&ring, &packet);
	if (verdict != VMBUS_RING_OK) {
		REQUIRE(verdict == VMBUS_RING_EMPTY || verdict == VMBUS_RING_BROKEN);
		return;
	}
	total = le16_to_cpu(packet.total_qwords) * 8u;
	payload = le16_to_cpu(packet.payload_qwords) * 8u;
	REQUIRE(payload >= 16 && payload <= total);
	/* The packet and its trailer lie within what the host announced. */
	REQUIRE(total + 8 <= (ring.write_index - ring.read_index) % RING_BYTES);
	/* Memory of exactly the size, so that one byte too many is a finding. */
	copy = malloc(total);
	REQUIRE(copy);
	REQUIRE(vmbus_ring_in_copy(&ring, 0, copy, total));
	REQUIRE(vmbus_ring_in_copy(&ring, payload, copy, total - payload));
	REQUIRE(!vmbus_ring_in_copy(&ring, how, copy, total - (how < total ? how : total) + 1));
	REQUIRE(!vmbus_ring_in_copy(&ring, total + 1 + how, copy, 0));
	REQUIRE(!vmbus_ring_in_copy(&ring, 16, copy, 0u - 8u - how));
	free(copy);
	if (how & 1)
		vmbus_ring_in_next(&ring);
}

int LLVMFuzzerTestOneInput(const uint8_t *in, size_t size)
{
	size_t step;
	u32 place, was_broken;
	bool signal;

	if (size < 3)
		return 0;
	if (!control) {
		control = malloc(sizeof(*control));
		ring_bytes = malloc(RING_BYTES);
		REQUIRE(control && ring_bytes);
	}
	events_left = 0;
	memset(ring_bytes, 0, RING_BYTES);
	vmbus_ring_in_init(&ring, control, ring_bytes, RING_BYTES);
	place = in[0] & 0xf8u;
	ring.read_index = place;
	ring.published = place;
	ring.write_index = place;
	control->write_index = cpu_to_le32(place);
	control->read_index = cpu_to_le32(place);
	events_left = in[1];
	surprise = in[2];

	for (step = 3; step < size && step < STEPS_MAX; step++) {
		u8 what = in[step] & 15, how = in[step] >> 4;

		was_broken = ring.broken;
		switch (what) {
		case 0:			/* a byte of the next input */
			if (step + 1 < size)
				ring_bytes[place++ % RING_BYTES] = in[++step];
			break;
		case 1:			/* a word of it, announced by how many qwords */
			if (step + 8 < size) {
				u32 i;

				for (i = 0; i < 8; i++)
					ring_bytes[(place + i) % RING_BYTES] = in[++step];
				place = (place + 8u) % RING_BYTES;
			}
			break;
		case 2:			/* a right packet of 2 + how qwords */
			ring_bytes[place % RING_BYTES] = 6;
			ring_bytes[(place + 2) % RING_BYTES] = 2;
			ring_bytes[(place + 4) % RING_BYTES] = (u8)(2 + how);
			place = (place + 24u + how * 8u) % RING_BYTES;
			control->write_index = cpu_to_le32(place);
			break;
		case 3:
			place = (place + how * 8u) % RING_BYTES;
			control->write_index = cpu_to_le32(place);
			break;
		case 4:
			if (step + 1 < size)
				control->write_index = cpu_to_le32(in[++step]);
			break;
		case 5:
			control->write_index = cpu_to_le32((u32)how << 28 | place);
			break;
		case 6:
			control->pending_send_size = cpu_to_le32(how * 20u);
			control->feature_bits = cpu_to_le32(how & 1);
			break;
		case 7:
			control->read_index = cpu_to_le32(how * 0x11111111u);
			break;
		case 8:
			vmbus_ring_in_mask(&ring);
			break;
		case 9:
			if (vmbus_ring_in_unmask(&ring))
				REQUIRE(!ring.broken);
			break;
		case 10:
			if (vmbus_ring_in_commit(&ring, &signal) == VMBUS_RING_OK) {
				REQUIRE(ring.published == ring.read_index);
				REQUIRE(index_is_sane(le32_to_cpu(control->read_index)) || !signal);
			} else {
				REQUIRE(!signal);
			}
			break;
		case 11:
			vmbus_ring_in_next(&ring);
			break;
		default:
			read_one(how);
			break;
		}
		REQUIRE(!was_broken || ring.broken);
		REQUIRE(index_is_sane(ring.read_index));
		REQUIRE(index_is_sane(ring.published));
		REQUIRE(index_is_sane(ring.write_index));
	}
	return 0;
}
