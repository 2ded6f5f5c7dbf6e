/* SPDX-License-Identifier: GPL-2.0 */
/*
 * RNDIS packet messages as a host reads and writes them: the header, the per-packet info and the
 * frame. Pure functions over private memory.
 */
#ifndef HVHOST_DEVICES_RNDIS_PACKET_H
#define HVHOST_DEVICES_RNDIS_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * struct rndis_ppis - the per-packet info a host understands
 * @has_checksum: @checksum is there: RNDIS_TX_CSUM_* from the guest, RNDIS_RX_CSUM_* to it
 * @has_lso: @lso is there: RNDIS_LSO_*
 * @has_vlan: @vlan is there: RNDIS_VLAN_*
 * @has_hash: @hash is there
 * @has_hash_info: @hash_info is there, to the guest only: NDIS_HASH_*
 * @has_packet_id: @packet_id is there, to the guest only: a fragment of a coalesced segment,
 * struct rndis_packet_id as a number
 */
struct rndis_ppis {
	bool has_checksum, has_lso, has_vlan, has_hash, has_hash_info, has_packet_id;
	uint32_t checksum, lso, vlan, hash, hash_info, packet_id;
};

/**
 * struct rndis_frame - one packet message, taken apart
 * @ppis: per-packet info
 * @header_bytes: message header and all per-packet info
 * @message_bytes: length of the whole message, padding included
 * @data_offset: first byte of the frame, from the start of the message
 * @data_bytes: length of the frame
 */
struct rndis_frame {
	struct rndis_ppis ppis;
	uint32_t header_bytes;
	uint32_t message_bytes;
	uint32_t data_offset;
	uint32_t data_bytes;
};

/**
 * rndis_packet_parse() - take one packet message of a guest apart
 * @message: private copy of the message and whatever follows it
 * @bytes: how much that is
 * @frame: filled in
 * @why: what is wrong, for the report
 *
 * Return: 0, or -EPROTO with @why set.
 */
int rndis_packet_parse(const uint8_t *message, size_t bytes, struct rndis_frame *frame,
		       const char **why);

/**
 * rndis_packet_build() - write the header of a packet message to a guest
 * @header: buffer of @data_offset bytes, zeroed behind the header
 * @data_offset: where the frame begins, at least RNDIS_PACKET_HEADER_MAX
 * @data_bytes: length of the frame
 * @message_bytes: length of the whole message, at least the sum of the two
 * @ppis: per-packet info to send; @ppis->has_lso is ignored
 */
void rndis_packet_build(uint8_t *header, uint32_t data_offset, uint32_t data_bytes,
			uint32_t message_bytes, const struct rndis_ppis *ppis);

/* Header and every record rndis_packet_build() can write. */
#define RNDIS_PACKET_HEADER_MAX (44 + 5 * 16)

#endif
