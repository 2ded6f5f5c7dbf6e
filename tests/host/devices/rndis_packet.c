// SPDX-License-Identifier: GPL-2.0
/*
 * Parses and builds RNDIS packet messages with their per-packet info (RNDIS PACKET, NDIS per-packet
 * information). Only arguments in and values out: no device, no ring, no guest memory.
 */
#include "rndis_packet.h"

#include <errno.h>
#include <string.h>

#include <hyperv/rndis.h>

#include "bytes.h"

/* Values of all records used here are four bytes behind the record header. */
#define RNDIS_PPI_BYTES (sizeof(struct rndis_ppi) + 4)

static int rndis_bad(const char **why, const char *text)
{
	*why = text;
	return -EPROTO;
}

/* One record with a four-byte value; unknown types are skipped. */
static int rndis_ppi_take(const uint8_t *record, uint32_t size, struct rndis_ppis *ppis,
			  const char **why)
{
	uint32_t type = get_le32(record + 4), at = get_le32(record + 8);
	uint32_t value;

	switch (type) {
	case RNDIS_PPI_CHECKSUM:
	case RNDIS_PPI_LSO:
	case RNDIS_PPI_VLAN:
	case RNDIS_PPI_HASH_VALUE:
		break;
	default:
		return 0;
	}
	if (at < sizeof(struct rndis_ppi) || at > size || size - at < 4)
		return rndis_bad(why, "per-packet info value outside its record");
	value = get_le32(record + at);
	switch (type) {
	case RNDIS_PPI_CHECKSUM:
		ppis->has_checksum = true;
		ppis->checksum = value;
		break;
	case RNDIS_PPI_LSO:
		ppis->has_lso = true;
		ppis->lso = value;
		break;
	case RNDIS_PPI_VLAN:
		ppis->has_vlan = true;
		ppis->vlan = value;
		break;
	case RNDIS_PPI_HASH_VALUE:
		ppis->has_hash = true;
		ppis->hash = value;
		break;
	}
	return 0;
}

static int rndis_ppis_parse(const uint8_t *records, uint32_t bytes, struct rndis_ppis *ppis,
			    const char **why)
{
	uint32_t at = 0, size;
	int err;

	while (at < bytes) {
		if (bytes - at < sizeof(struct rndis_ppi))
			return rndis_bad(why, "per-packet info record cut short");
		size = get_le32(records + at);
		if (size < sizeof(struct rndis_ppi) || size > bytes - at || size % 4)
			return rndis_bad(why, "per-packet info record of a bad size");
		err = rndis_ppi_take(records + at, size, ppis, why);
		if (err)
			return err;
		at += size;
	}
	return 0;
}

int rndis_packet_parse(const uint8_t *message, size_t bytes, struct rndis_frame *frame,
		       const char **why)
{
	struct rndis_packet packet;
	uint32_t length, body, at, size;

	memset(frame, 0, sizeof(*frame));
	if (bytes < sizeof(packet))
		return rndis_bad(why, "packet message cut short");
	memcpy(&packet, message, sizeof(packet));
	length = get_le32(&packet.header.length);
	if (get_le32(&packet.header.type) != RNDIS_TYPE_PACKET)
		return rndis_bad(why, "not a packet message");
	if (length < sizeof(packet) || length > bytes)
		return rndis_bad(why, "message length outside the packet");
	if (packet.oob_offset || packet.oob_length || packet.oob_count)
		return rndis_bad(why, "out-of-band data");
	if (packet.vc_handle)
		return rndis_bad(why, "VC handle");
	frame->message_bytes = length;
	body = length - RNDIS_BODY_OFFSET;

	at = get_le32(&packet.ppi_offset);
	size = get_le32(&packet.ppi_length);
	frame->header_bytes = sizeof(packet);
	if (size) {
		if (at < RNDIS_PACKET_PPI_OFFSET || at > body || size > body - at)
			return rndis_bad(why, "per-packet info outside the message");
		if (rndis_ppis_parse(message + RNDIS_BODY_OFFSET + at, size, &frame->ppis, why))
			return -EPROTO;
		frame->header_bytes = RNDIS_BODY_OFFSET + at + size;
	} else if (at && at != RNDIS_PACKET_PPI_OFFSET) {
		return rndis_bad(why, "per-packet info offset without length");
	}

	at = get_le32(&packet.data_offset);
	size = get_le32(&packet.data_length);
	if (!size)
		return rndis_bad(why, "no data");
	if (at < RNDIS_PACKET_PPI_OFFSET || at > body || size > body - at)
		return rndis_bad(why, "data outside the message");
	if (RNDIS_BODY_OFFSET + at < frame->header_bytes)
		return rndis_bad(why, "data overlaps the per-packet info");
	frame->data_offset = RNDIS_BODY_OFFSET + at;
	frame->data_bytes = size;
	return 0;
}

static uint8_t *rndis_ppi_put(uint8_t *record, uint32_t type, uint32_t value)
{
	put_le32(record, RNDIS_PPI_BYTES);
	put_le32(record + 4, type);
	put_le32(record + 8, sizeof(struct rndis_ppi));
	put_le32(record + 12, value);
	return record + RNDIS_PPI_BYTES;
}

void rndis_packet_build(uint8_t *header, uint32_t data_offset, uint32_t data_bytes,
			uint32_t message_bytes, const struct rndis_ppis *ppis)
{
	struct rndis_packet packet = { 0 };
	uint8_t *record = header + sizeof(packet);

	memset(header, 0, data_offset);
	if (ppis->has_hash)
		record = rndis_ppi_put(record, RNDIS_PPI_HASH_VALUE, ppis->hash);
	if (ppis->has_hash_info)
		record = rndis_ppi_put(record, RNDIS_PPI_HASH_INFO, ppis->hash_info);
	if (ppis->has_vlan)
		record = rndis_ppi_put(record, RNDIS_PPI_VLAN, ppis->vlan);
	if (ppis->has_checksum)
		record = rndis_ppi_put(record, RNDIS_PPI_CHECKSUM, ppis->checksum);
	if (ppis->has_packet_id)
		record = rndis_ppi_put(record, RNDIS_PPI_INTERNAL | RNDIS_PPI_INTERNAL_PACKET_ID,
				       ppis->packet_id);

	put_le32(&packet.header.type, RNDIS_TYPE_PACKET);
	put_le32(&packet.header.length, message_bytes);
	put_le32(&packet.data_offset, data_offset - RNDIS_BODY_OFFSET);
	put_le32(&packet.data_length, data_bytes);
	if (record != header + sizeof(packet)) {
		put_le32(&packet.ppi_offset, RNDIS_PACKET_PPI_OFFSET);
		put_le32(&packet.ppi_length,
			 (uint32_t)(record - header) - (uint32_t)sizeof(packet));
	}
	memcpy(header, &packet, sizeof(packet));
}
