/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Receive segment coalescing: TCP segments that follow one another become one large one (NDIS,
 * "Rules for Coalescing TCP/IP Segments"). One flow at a time; knows no queue and no message.
 */
#ifndef HVHOST_DEVICES_COALESCE_H
#define HVHOST_DEVICES_COALESCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The longest IP packet behind an Ethernet header. */
#define COALESCE_BYTES_MAX (65535 + 14)

/**
 * struct coalesce - segments that were taken and not yet given away
 * @bytes: length of the frame, 0: nothing is held
 * @segments: how many it is made of
 * @frame: starting with the Ethernet header
 *
 * The rest is coalesce.c's.
 */
struct coalesce {
	size_t bytes;
	unsigned int segments;
	bool closed; /* nothing may follow any more */
	size_t tcp, payload; /* offsets in @frame */
	size_t share; /* data of the first segment; a shorter one is the last */
	uint32_t next; /* sequence number that has to follow */
	uint8_t frame[COALESCE_BYTES_MAX];
};

/**
 * coalesce_add() - take a frame if it can be held
 * @c: zeroed before its first use
 * @frame: starting with the Ethernet header, untagged; its checksums are known to be right
 * @bytes: its length
 *
 * What is held already is coalesced with it, or nothing is held. Return: true if it was taken;
 * false: what is held goes first, then this frame may be tried again.
 */
bool coalesce_add(struct coalesce *c, const uint8_t *frame, size_t bytes);

/**
 * coalesce_can_hold() - whether a frame is one that may be coalesced with others
 * @frame: starting with the Ethernet header
 * @bytes: its length
 */
bool coalesce_can_hold(const uint8_t *frame, size_t bytes);

/*
 * coalesce_finish() - complete the headers of what is held: its length. The IPv4 header's and TCP's
 * checksums stay those of the first segment. The caller empties it by @c->bytes = 0.
 */
void coalesce_finish(struct coalesce *c);

#endif
