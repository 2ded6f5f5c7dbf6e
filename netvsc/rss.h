/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How flows are spread over channels, as bytes: RSS capabilities and parameters of NDIS, the send table of NVSP. Pure.
 */
#ifndef NETVSC_RSS_H
#define NETVSC_RSS_H

#include <linux/types.h>

#include <hyperv/ndis.h>
#include <hyperv/nvsp.h>

/* Policy: entries of the indirection table; hosts have as many, and repeat a shorter one */
#define NETVSC_RSS_ENTRIES		128

/* RSS parameters with table and key behind them, as they go to the host */
struct netvsc_rss_message {
	struct ndis_rss_parameters parameters;
	__le32 table[NETVSC_RSS_ENTRIES];
	u8 key[NDIS_RSS_KEY_BYTES];
};

/* Hash key and table: which channel a frame of which hash comes on */
struct netvsc_rss {
	u32 entries;			/* 1..NETVSC_RSS_ENTRIES; 0: the host has no RSS */
	u16 table[NETVSC_RSS_ENTRIES];	/* of channel numbers */
	u8 key[NDIS_RSS_KEY_BYTES];
};

void netvsc_rss_query(struct ndis_rss_capabilities *query);
int netvsc_rss_parse(const struct ndis_rss_capabilities *caps, u32 bytes, u32 *queues, u32 *entries);
void netvsc_rss_spread(struct netvsc_rss *rss, u32 queues);
bool netvsc_rss_fits(const struct netvsc_rss *rss, u32 queues);
u32 netvsc_rss_message(const struct netvsc_rss *rss, bool disable, struct netvsc_rss_message *message);
int netvsc_send_table(const void *msg, u32 bytes, u32 version, u32 queues, u8 table[NVSP_SEND_TABLE_ENTRIES]);

extern const u8 netvsc_rss_default_key[NDIS_RSS_KEY_BYTES];

#endif
