/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Offloads: what the host can do (NDIS_OFFLOAD), what we ask for (NDIS_OFFLOAD_PARAMETERS), and what that means for a
 * net_device. Pure.
 */
#ifndef NETVSC_OFFLOAD_H
#define NETVSC_OFFLOAD_H

#include <linux/netdev_features.h>
#include <linux/types.h>

#include <hyperv/ndis.h>

enum netvsc_offload_bit {
	NETVSC_OFFLOAD_TCP4	= 1u << 0,	/* checksum on transmit */
	NETVSC_OFFLOAD_UDP4	= 1u << 1,
	NETVSC_OFFLOAD_TCP6	= 1u << 2,
	NETVSC_OFFLOAD_UDP6	= 1u << 3,
	NETVSC_OFFLOAD_TSO4	= 1u << 4,	/* LSOv2 */
	NETVSC_OFFLOAD_TSO6	= 1u << 5,
	NETVSC_OFFLOAD_RX_TCP4	= 1u << 6,	/* checksum on receive */
	NETVSC_OFFLOAD_RX_UDP4	= 1u << 7,
	NETVSC_OFFLOAD_RX_TCP6	= 1u << 8,
	NETVSC_OFFLOAD_RX_UDP6	= 1u << 9,
	NETVSC_OFFLOAD_RSC	= 1u << 10,	/* coalescing on receive, both IP versions */
};

#define NETVSC_OFFLOAD_TX_CSUM4		(NETVSC_OFFLOAD_TCP4 | NETVSC_OFFLOAD_UDP4)
#define NETVSC_OFFLOAD_TX_CSUM6		(NETVSC_OFFLOAD_TCP6 | NETVSC_OFFLOAD_UDP6)

struct netvsc_offload {
	u32 bits;		/* NETVSC_OFFLOAD_* */
	u32 gso_max_bytes;	/* valid with TSO4 or TSO6: largest packet, 1..65536 */
};

u32 netvsc_offload_query(u32 nvsp_version, struct ndis_offload *query);
int netvsc_offload_parse(const struct ndis_offload *caps, u32 bytes, u32 nvsp_version, struct netvsc_offload *offload);
u32 netvsc_offload_parameters(const struct netvsc_offload *offload, u32 nvsp_version, bool rsc,
			      struct ndis_offload_parameters *params);
u32 netvsc_offload_rsc_parameters(bool rsc, struct ndis_offload_parameters *params);
netdev_features_t netvsc_offload_features(const struct netvsc_offload *offload);

#endif
