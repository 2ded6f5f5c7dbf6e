// SPDX-License-Identifier: GPL-2.0
/*
 * Build and parse RNDIS packet messages and per-packet info records. Pure: no allocation, no lock, no kernel object; built
 * in userspace too. Input from the host must be a private copy. RNDIS PACKET message as Hyper-V speaks it.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "rndis_pkt.h"

#define RNDIS_ETHERNET_HEADER_BYTES	14

/**
 * rndis_pkt_csum() - value of a transmit checksum record
 * @ipv6:	IPv6 rather than IPv4
 * @tcp:	TCP rather than UDP
 * @l4_offset:	transport header from the start of the frame, 0..1023
 *
 * Return: the value, for struct rndis_pkt_tx.
 */
u32 rndis_pkt_csum(bool ipv6, bool tcp, u32 l4_offset)
{
	u32 value = (l4_offset & RNDIS_TX_CSUM_L4_OFFSET_MASK) << RNDIS_TX_CSUM_L4_OFFSET_SHIFT;

	value |= ipv6 ? RNDIS_TX_CSUM_IS_IPV6 : RNDIS_TX_CSUM_IS_IPV4;
	value |= tcp ? RNDIS_TX_CSUM_TCP : RNDIS_TX_CSUM_UDP;
	return value;
}

/**
 * rndis_pkt_lso() - value of an LSOv2 record
 * @ipv6:	IPv6 rather than IPv4
 * @tcp_offset:	TCP header from the start of the frame, 0..1023
 * @mss:	payload of each segment
 *
 * Return: the value, for struct rndis_pkt_tx.
 */
u32 rndis_pkt_lso(bool ipv6, u32 tcp_offset, u32 mss)
{
	u32 value = RNDIS_LSO_V2 | (mss & RNDIS_LSO_MSS_MASK);

	value |= (tcp_offset & RNDIS_LSO_TCP_OFFSET_MASK) << RNDIS_LSO_TCP_OFFSET_SHIFT;
	if (ipv6)
		value |= RNDIS_LSO_IPV6;
	return value;
}

static u16 rndis_vlan_to_tci(u32 value)
{
	u16 tci = (value >> RNDIS_VLAN_ID_SHIFT) & RNDIS_VLAN_ID_MASK;

	tci |= (value & RNDIS_VLAN_PRIORITY_MASK) << 13;
	if (value & RNDIS_VLAN_CFI)
		tci |= 1u << 12;
	return tci;
}

static u32 rndis_vlan_from_tci(u16 tci)
{
	u32 value = (u32)(tci & RNDIS_VLAN_ID_MASK) << RNDIS_VLAN_ID_SHIFT;

	value |= tci >> 13;
	if (tci & (1u << 12))
		value |= RNDIS_VLAN_CFI;
	return value;
}

/**
 * rndis_pkt_header_bytes() - length of a packet message up to its frame
 * @fields:	RNDIS_PKT_* the message will carry
 *
 * Return: bytes, at most RNDIS_PKT_MAX_HEADER_BYTES.
 */
u32 rndis_pkt_header_bytes(u32 fields)
{
	u32 bytes = sizeof(struct rndis_packet);

	if (fields & RNDIS_PKT_HASH)
		bytes += RNDIS_PPI_RECORD_BYTES;
	if (fields & RNDIS_PKT_VLAN)
		bytes += RNDIS_PPI_RECORD_BYTES;
	if (fields & (RNDIS_PKT_LSO | RNDIS_PKT_CSUM))
		bytes += RNDIS_PPI_RECORD_BYTES;
	return bytes;
}

static void *rndis_ppi_put(void *at, u32 type, u32 value)
{
	struct {
		struct rndis_ppi head;
		__le32 value;
	} record = {
		.head.size = cpu_to_le32(RNDIS_PPI_RECORD_BYTES),
		.head.type = cpu_to_le32(type),
		.head.value_offset = cpu_to_le32(sizeof(struct rndis_ppi)),
		.value = cpu_to_le32(value),
	};

	memcpy(at, &record, sizeof(record));
	return (u8 *)at + sizeof(record);
}

/**
 * rndis_pkt_build() - write the part of a packet message that precedes the frame
 * @buf:	room for RNDIS_PKT_MAX_HEADER_BYTES
 * @tx:		what the message says
 *
 * Return: bytes written; the frame and the padding follow.
 */
u32 rndis_pkt_build(void *buf, const struct rndis_pkt_tx *tx)
{
	u32 header_bytes = rndis_pkt_header_bytes(tx->fields);
	u32 ppi_bytes = header_bytes - sizeof(struct rndis_packet);
	struct rndis_packet header = {
		.header.type = cpu_to_le32(RNDIS_TYPE_PACKET),
		.header.length = cpu_to_le32(header_bytes + tx->frame_bytes + tx->padding_bytes),
		.data_offset = cpu_to_le32(header_bytes - RNDIS_BODY_OFFSET),
		.data_length = cpu_to_le32(tx->frame_bytes),
	};
	void *at = (u8 *)buf + sizeof(header);

	if (ppi_bytes) {
		header.ppi_offset = cpu_to_le32(RNDIS_PACKET_PPI_OFFSET);
		header.ppi_length = cpu_to_le32(ppi_bytes);
	}
	memcpy(buf, &header, sizeof(header));
	if (tx->fields & RNDIS_PKT_HASH)
		at = rndis_ppi_put(at, RNDIS_PPI_HASH_VALUE, tx->hash);
	if (tx->fields & RNDIS_PKT_VLAN)
		at = rndis_ppi_put(at, RNDIS_PPI_VLAN, rndis_vlan_from_tci(tx->vlan_tci));
	if (tx->fields & RNDIS_PKT_LSO)
		rndis_ppi_put(at, RNDIS_PPI_LSO, tx->lso);
	else if (tx->fields & RNDIS_PKT_CSUM)
		rndis_ppi_put(at, RNDIS_PPI_CHECKSUM, tx->csum);
	return header_bytes;
}

/**
 * rndis_pkt_parse_header() - check the fixed part of a packet message from the host
 * @header:	private copy of it
 * @range_bytes: bytes of the receive range that holds the message, at least sizeof(*@header)
 * @layout:	where frame and per-packet info are; valid on success
 *
 * Return: 0, or -EPROTO if anything lies outside the message or the range, or there is no
 * frame. How long it must be is rndis_pkt_check_frame()'s.
 */
int rndis_pkt_parse_header(const struct rndis_packet *header, u32 range_bytes, struct rndis_pkt_layout *layout)
{
	u32 message_bytes = le32_to_cpu(header->header.length);
	u32 data_offset = le32_to_cpu(header->data_offset);
	u32 data_length = le32_to_cpu(header->data_length);
	u32 ppi_offset = le32_to_cpu(header->ppi_offset);
	u32 ppi_length = le32_to_cpu(header->ppi_length);
	u32 body_bytes;

	if (le32_to_cpu(header->header.type) != RNDIS_TYPE_PACKET)
		return -EPROTO;
	if (message_bytes < sizeof(*header) || message_bytes > range_bytes)
		return -EPROTO;
	body_bytes = message_bytes - RNDIS_BODY_OFFSET;

	if (header->oob_offset || header->oob_length || header->oob_count)
		return -EPROTO;
	if (data_offset < RNDIS_PACKET_PPI_OFFSET || data_offset > body_bytes)
		return -EPROTO;
	if (!data_length || data_length > body_bytes - data_offset)
		return -EPROTO;

	layout->frame_offset = RNDIS_BODY_OFFSET + data_offset;
	layout->frame_bytes = data_length;
	layout->ppi_offset = 0;
	layout->ppi_bytes = 0;
	if (!ppi_offset || !ppi_length)
		return 0;
	if (ppi_offset < RNDIS_PACKET_PPI_OFFSET || ppi_offset > body_bytes)
		return -EPROTO;
	if (ppi_length > body_bytes - ppi_offset || ppi_length > RNDIS_PKT_MAX_PPI_BYTES)
		return -EPROTO;
	layout->ppi_offset = RNDIS_BODY_OFFSET + ppi_offset;
	layout->ppi_bytes = ppi_length;
	return 0;
}

/* One record of known shape. Unknown types are skipped by their size. */
static void rndis_ppi_take(u32 type, const void *value, u32 value_bytes, struct rndis_pkt_rx *rx)
{
	struct rndis_packet_id packet_id;
	__le32 word;
	u32 number;

	if (value_bytes < sizeof(word))
		return;
	memcpy(&word, value, sizeof(word));
	number = le32_to_cpu(word);

	switch (type) {
	case RNDIS_PPI_CHECKSUM:
		rx->fields |= RNDIS_PKT_CSUM;
		rx->csum = number;
		break;
	case RNDIS_PPI_VLAN:
		rx->fields |= RNDIS_PKT_VLAN;
		rx->vlan_tci = rndis_vlan_to_tci(number);
		break;
	case RNDIS_PPI_HASH_VALUE:
		rx->fields |= RNDIS_PKT_HASH;
		rx->hash = number;
		break;
	case RNDIS_PPI_INTERNAL | RNDIS_PPI_INTERNAL_PACKET_ID:
		memcpy(&packet_id, value, sizeof(packet_id));
		if (!(packet_id.flags & RNDIS_PACKET_ID_SUBALLOCATION))
			break;
		rx->fields |= RNDIS_PKT_FRAGMENT;
		rx->fragment_flags = packet_id.flags & (RNDIS_PACKET_ID_FIRST | RNDIS_PACKET_ID_LAST);
		break;
	}
}

/**
 * rndis_pkt_parse_ppi() - read the per-packet info of a packet from the host
 * @area:	private copy of the area
 * @bytes:	its length
 * @rx:		what it says; what was read before a bad record stays
 *
 * Return: 0, or -EPROTO at the first record that does not fit, where the walk ends.
 */
int rndis_pkt_parse_ppi(const void *area, u32 bytes, struct rndis_pkt_rx *rx)
{
	const u8 *at = area;

	memset(rx, 0, sizeof(*rx));
	while (bytes) {
		struct rndis_ppi record;
		u32 size, value_offset;

		if (bytes < sizeof(record))
			return -EPROTO;
		memcpy(&record, at, sizeof(record));
		size = le32_to_cpu(record.size);
		value_offset = le32_to_cpu(record.value_offset);
		if (size < sizeof(record) || size > bytes || value_offset < sizeof(record) || value_offset > size)
			return -EPROTO;
		rndis_ppi_take(le32_to_cpu(record.type), at + value_offset, size - value_offset, rx);
		at += size;
		bytes -= size;
	}
	return 0;
}

/**
 * rndis_pkt_check_frame() - whether what a packet message carries can begin an Ethernet frame, if it has to
 * @layout:	from rndis_pkt_parse_header()
 * @info:	from rndis_pkt_parse_ppi()
 *
 * A later piece of a coalesced segment may be a single byte; the first one and whole frames have an Ethernet header.
 *
 * Context: any.
 * Return: 0, or -EPROTO.
 */
int rndis_pkt_check_frame(const struct rndis_pkt_layout *layout, const struct rndis_pkt_rx *info)
{
	if ((info->fields & RNDIS_PKT_FRAGMENT) && !(info->fragment_flags & RNDIS_PACKET_ID_FIRST))
		return 0;
	return layout->frame_bytes < RNDIS_ETHERNET_HEADER_BYTES ? -EPROTO : 0;
}
