/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The two buffers netvsc shares with the host: the receive buffer, which the host divides and fills, and the send buffer,
 * whose sections we fill and name. Knows NVSP and GPADLs, no RNDIS and no skb.
 */
#ifndef NETVSC_BUFS_H
#define NETVSC_BUFS_H

#include <linux/hyperv.h>
#include <linux/types.h>

#include "nvsp.h"

/* Policy: what is asked for unless the user says otherwise, and the least that is worth having */
#define NETVSC_RECV_BUF_BYTES		(16u << 20)
#define NETVSC_RECV_BUF_MIN_BYTES	(64u << 10)
#define NETVSC_SEND_BUF_BYTES		(1u << 20)
#define NETVSC_SEND_BUF_MIN_BYTES	(16u << 10)

struct netvsc_buffer {
	void *mem;
	u32 bytes;
	struct vmbus_gpadl gpadl;
	bool shared;		/* the GPADL exists */
	bool offered;		/* the host accepted it in NVSP */
};

struct netvsc_bufs {
	struct netvsc_buffer recv;
	u32 recv_section_bytes;
	u32 recv_section_count;

	struct netvsc_buffer send;		/* absent when mem is NULL */
	u32 send_section_bytes;
	u32 send_section_count;		/* 0: no send buffer */
	unsigned long *send_in_use;		/* a bit for each section */
};

int netvsc_bufs_share(struct netvsc_bufs *bufs, struct nvsp *nvsp, u32 recv_bytes, u32 send_bytes);
void netvsc_bufs_revoke(struct netvsc_bufs *bufs, struct nvsp *nvsp);
unsigned int netvsc_bufs_unshare(struct netvsc_bufs *bufs, struct vmbus_channel *channel);
void netvsc_bufs_free(struct netvsc_bufs *bufs);

u32 netvsc_send_section_get(struct netvsc_bufs *bufs, u32 *hint);
void netvsc_send_section_put(struct netvsc_bufs *bufs, u32 section);

static inline void *netvsc_send_section(struct netvsc_bufs *bufs, u32 section)
{
	return bufs->send.mem + (size_t)section * bufs->send_section_bytes;
}

#endif
