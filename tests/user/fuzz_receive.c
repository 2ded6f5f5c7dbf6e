// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzzer for the receive path of the NIC as far as it is pure: ranges of a receive buffer, one after the other, each an RNDIS
 * packet message that is taken apart as netvsc/rx.c does it. Whatever the host wrote, what is used of it lies inside its range;
 * each area is a copy of exactly its size, so the sanitizers see one byte too many.
 *
 * Input: for each range a byte for its length in units of four, then its content; the last one may be cut off.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <linux/kernel.h>
#include "../../netvsc/rndis_pkt.c"

#define REQUIRE(cond) do { if (!(cond)) abort(); } while (0)

static void *exact_copy(const void *from, size_t bytes)
{
	void *to = malloc(bytes ? bytes : 1);

	REQUIRE(to);
	memcpy(to, from, bytes);
	return to;
}

/* What is said of a segment whose pieces follow one another, as netvsc_rx_fragment() keeps it */
struct segment {
	u32 count;
	u64 bytes;
};

static void fragment(struct segment *segment, const struct rndis_pkt_rx *info, u32 bytes)
{
	if (info->fragment_flags & RNDIS_PACKET_ID_FIRST) {
		segment->count = 0;
		segment->bytes = 0;
	} else if (!segment->count) {
		return;
	}
	segment->count++;
	segment->bytes += bytes;
	/* A segment begins with a frame's header. */
	REQUIRE(segment->bytes >= RNDIS_ETHERNET_HEADER_BYTES);
	if (info->fragment_flags & RNDIS_PACKET_ID_LAST)
		segment->count = 0;
}

static void range(const u8 *content, u32 bytes, struct segment *segment)
{
	struct rndis_pkt_layout layout;
	struct rndis_packet header;
	struct rndis_pkt_rx info;
	u8 *message, *ppi, *frame;

	if (bytes < sizeof(header))
		return;
	message = exact_copy(content, bytes);
	memcpy(&header, message, sizeof(header));
	if (rndis_pkt_parse_header(&header, bytes, &layout))
		goto free;
	REQUIRE(layout.ppi_bytes <= RNDIS_PKT_MAX_PPI_BYTES);
	ppi = exact_copy(message + layout.ppi_offset, layout.ppi_bytes);
	if (!rndis_pkt_parse_ppi(ppi, layout.ppi_bytes, &info) && !rndis_pkt_check_frame(&layout, &info)) {
		REQUIRE(!(info.fields & RNDIS_PKT_LSO));
		REQUIRE(layout.frame_bytes);
		frame = exact_copy(message + layout.frame_offset, layout.frame_bytes);
		if (info.fields & RNDIS_PKT_FRAGMENT)
			fragment(segment, &info, layout.frame_bytes);
		else
			REQUIRE(layout.frame_bytes >= RNDIS_ETHERNET_HEADER_BYTES);
		free(frame);
	}
	free(ppi);
free:
	free(message);
}

int LLVMFuzzerTestOneInput(const uint8_t *in, size_t size)
{
	struct segment segment = { 0 };
	u32 bytes;

	while (size) {
		bytes = in[0] * 4;
		in++;
		size--;
		if (bytes > size)
			bytes = size;
		range(in, bytes, &segment);
		in += bytes;
		size -= bytes;
	}
	return 0;
}
