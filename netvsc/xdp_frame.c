// SPDX-License-Identifier: GPL-2.0
/*
 * XDP by numbers: what room a frame has, and what becomes of it by the program's word. Pure: knows no page, no program and
 * no device.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/string.h>

#include "xdp_frame.h"

/**
 * netvsc_xdp_room_bytes() - what a frame may occupy of its page
 * @page_bytes:	size of the page
 * @head_bytes:	in front of the frame, for the program
 * @tail_bytes:	behind it, for the stack; a multiple of the alignment that has
 *
 * Return: bytes, 0 if the page is too small.
 */
u32 netvsc_xdp_room_bytes(u32 page_bytes, u32 head_bytes, u32 tail_bytes)
{
	if (head_bytes > page_bytes || tail_bytes > page_bytes - head_bytes)
		return 0;
	return page_bytes - head_bytes - tail_bytes;
}

/**
 * netvsc_xdp_max_mtu() - the largest MTU whose frames all have room; a tag travels beside its frame
 * @room_bytes:	netvsc_xdp_room_bytes()
 *
 * Return: IP MTU, 0 if there is room for none.
 */
u32 netvsc_xdp_max_mtu(u32 room_bytes)
{
	return room_bytes > ETH_HLEN ? room_bytes - ETH_HLEN : 0;
}

/**
 * netvsc_xdp_gather() - make one private copy of a frame's pieces
 * @to:		where
 * @room_bytes:	room there
 * @fragments:	the pieces, in the receive buffer
 * @count:	how many
 *
 * Return: length of the frame; 0 if it has no room, and then some of it may have been copied.
 */
u32 netvsc_xdp_gather(void *to, u32 room_bytes, const struct netvsc_rx_fragment *fragments, u32 count)
{
	u32 at = 0, i;

	for (i = 0; i < count; i++) {
		if (fragments[i].bytes > room_bytes - at)
			return 0;
		memcpy(to + at, fragments[i].data, fragments[i].bytes);
		at += fragments[i].bytes;
	}
	return at;
}

/**
 * netvsc_xdp_is_known() - whether a program's word means anything
 * @action:	what it returned
 */
bool netvsc_xdp_is_known(u32 action)
{
	return action <= XDP_REDIRECT;
}

/**
 * netvsc_xdp_fate() - what becomes of a frame
 * @action:	what the program returned, anything
 * @done:	for XDP_PASS: an skb was made; for XDP_TX and XDP_REDIRECT: the frame was taken; else of no meaning
 */
enum netvsc_xdp_fate netvsc_xdp_fate(u32 action, bool done)
{
	switch (action) {
	case XDP_PASS:
		return done ? NETVSC_XDP_PASSED : NETVSC_XDP_NO_MEMORY;
	case XDP_TX:
		return done ? NETVSC_XDP_SENT_BACK : NETVSC_XDP_FAILED;
	case XDP_REDIRECT:
		return done ? NETVSC_XDP_REDIRECTED : NETVSC_XDP_FAILED;
	case XDP_DROP:
		return NETVSC_XDP_DROPPED;
	default:
		return NETVSC_XDP_FAILED;
	}
}

/**
 * netvsc_xdp_keeps_page() - whether a frame's page went with it; if not it can serve the next frame
 * @fate:	what became of the frame
 */
bool netvsc_xdp_keeps_page(enum netvsc_xdp_fate fate)
{
	return fate == NETVSC_XDP_PASSED || fate == NETVSC_XDP_REDIRECTED;
}
