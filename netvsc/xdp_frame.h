/* SPDX-License-Identifier: GPL-2.0 */
/*
 * XDP by numbers: what room a frame has, and what becomes of it by the program's word. Pure.
 */
#ifndef NETVSC_XDP_FRAME_H
#define NETVSC_XDP_FRAME_H

#include <linux/types.h>

/* A piece of a frame in the receive buffer */
struct netvsc_rx_fragment {
	const void *data;
	u32 bytes;
};

/* What becomes of a frame that a program has seen */
enum netvsc_xdp_fate {
	NETVSC_XDP_PASSED,		/* it goes to the stack, with its page */
	NETVSC_XDP_SENT_BACK,		/* copied to where it came from */
	NETVSC_XDP_REDIRECTED,		/* to where the program said, with its page */
	NETVSC_XDP_DROPPED,		/* as the program said */
	NETVSC_XDP_FAILED,		/* dropped, and that is an exception: aborted, unknown, or what was asked failed */
	NETVSC_XDP_NO_MEMORY,		/* it was to pass, but no skb could be made for it */
};

u32 netvsc_xdp_room_bytes(u32 page_bytes, u32 head_bytes, u32 tail_bytes);
u32 netvsc_xdp_max_mtu(u32 room_bytes);
u32 netvsc_xdp_gather(void *to, u32 room_bytes, const struct netvsc_rx_fragment *fragments, u32 count);
bool netvsc_xdp_is_known(u32 action);
enum netvsc_xdp_fate netvsc_xdp_fate(u32 action, bool done);
bool netvsc_xdp_keeps_page(enum netvsc_xdp_fate fate);

#endif
