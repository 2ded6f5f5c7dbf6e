/* SPDX-License-Identifier: GPL-2.0 */
/*
 * RNDIS packet messages and their per-packet info: bytes from values and values from bytes. Pure.
 */
#ifndef NETVSC_RNDIS_PKT_H
#define NETVSC_RNDIS_PKT_H

#include <linux/types.h>

#include <hyperv/rndis.h>

/* On Hyper-V every per-packet info record has a value of four bytes. */
#define RNDIS_PPI_RECORD_BYTES		(sizeof(struct rndis_ppi) + sizeof(__le32))
/* Hash, VLAN, and checksum or LSO */
#define RNDIS_PKT_MAX_HEADER_BYTES	(sizeof(struct rndis_packet) + 3 * RNDIS_PPI_RECORD_BYTES)
/* Policy: longest per-packet info area that is accepted; every record that has a name fills a third of it */
#define RNDIS_PKT_MAX_PPI_BYTES		512

enum rndis_pkt_field {
	RNDIS_PKT_CSUM		= 1u << 0,
	RNDIS_PKT_LSO		= 1u << 1,
	RNDIS_PKT_VLAN		= 1u << 2,
	RNDIS_PKT_HASH		= 1u << 3,
	RNDIS_PKT_FRAGMENT	= 1u << 4,	/* a piece of a coalesced segment (RSC) */
};

/* What a packet to the host says beside its frame */
struct rndis_pkt_tx {
	u32 fields;		/* RNDIS_PKT_*, all but FRAGMENT; LSO and CSUM exclude one another */
	u32 frame_bytes;
	u32 padding_bytes;	/* behind the frame, so that another message can follow aligned */
	u32 hash;
	u16 vlan_tci;		/* as in the 802.1Q header, host byte order */
	u32 csum;		/* RNDIS_TX_CSUM_*: rndis_pkt_csum() */
	u32 lso;		/* RNDIS_LSO_*: rndis_pkt_lso() */
};

/* Where things are in a packet from the host, from the start of the message; all of it inside the range */
struct rndis_pkt_layout {
	u32 frame_offset;
	u32 frame_bytes;
	u32 ppi_offset;
	u32 ppi_bytes;		/* 0..RNDIS_PKT_MAX_PPI_BYTES */
};

/* What a packet from the host says beside its frame */
struct rndis_pkt_rx {
	u32 fields;		/* RNDIS_PKT_*, all but LSO */
	u32 csum;		/* RNDIS_RX_CSUM_* */
	u32 hash;
	u16 vlan_tci;
	u8 fragment_flags;	/* RNDIS_PACKET_ID_FIRST, RNDIS_PACKET_ID_LAST */
};

u32 rndis_pkt_csum(bool ipv6, bool tcp, u32 l4_offset);
u32 rndis_pkt_lso(bool ipv6, u32 tcp_offset, u32 mss);
u32 rndis_pkt_header_bytes(u32 fields);
u32 rndis_pkt_build(void *buf, const struct rndis_pkt_tx *tx);

int rndis_pkt_parse_header(const struct rndis_packet *header, u32 range_bytes, struct rndis_pkt_layout *layout);
int rndis_pkt_check_frame(const struct rndis_pkt_layout *layout, const struct rndis_pkt_rx *info);
int rndis_pkt_parse_ppi(const void *area, u32 bytes, struct rndis_pkt_rx *rx);

#endif
