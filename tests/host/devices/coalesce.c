// SPDX-License-Identifier: GPL-2.0
/*
 * Which TCP segment may follow which in a coalesced one: the same flow, the next sequence number,
 * the same acknowledgement, window and options, nothing but ACK and PSH, and data. A segment with
 * PSH and one shorter than the first end it.
 */
#include "coalesce.h"

#include <string.h>

#include "bytes.h"

#define ETH_HEADER    14
#define ETH_TYPE_IPV4 0x0800
#define ETH_TYPE_IPV6 0x86dd
#define IPV4_HEADER   20
#define IPV6_HEADER   40
#define IP_TCP	      6
#define TCP_HEADER    20
#define TCP_FLAGS     13
#define TCP_PSH	      0x08
#define TCP_ACK	      0x10

struct coalesce_parts {
	size_t tcp, payload, end;
};

/* Return: true if the frame is a TCP segment with data that may be coalesced. */
static bool coalesce_parse(const uint8_t *frame, size_t bytes, struct coalesce_parts *parts)
{
	const uint8_t *ip = frame + ETH_HEADER, *tcp;
	size_t header;

	if (bytes < ETH_HEADER + IPV4_HEADER + TCP_HEADER)
		return false;
	if (get_be16(frame + 12) == ETH_TYPE_IPV4) {
		/* No options, no fragment. */
		if (ip[0] != 0x45 || get_be16(ip + 6) & 0x3fff || ip[9] != IP_TCP)
			return false;
		parts->tcp = ETH_HEADER + IPV4_HEADER;
		parts->end = ETH_HEADER + get_be16(ip + 2);
	} else if (get_be16(frame + 12) == ETH_TYPE_IPV6) {
		if (bytes < ETH_HEADER + IPV6_HEADER + TCP_HEADER || ip[0] >> 4 != 6 ||
		    ip[6] != IP_TCP)
			return false;
		parts->tcp = ETH_HEADER + IPV6_HEADER;
		parts->end = ETH_HEADER + IPV6_HEADER + get_be16(ip + 4);
	} else {
		return false;
	}
	if (parts->end > bytes || parts->end < parts->tcp + TCP_HEADER)
		return false;
	tcp = frame + parts->tcp;
	header = (size_t)(tcp[12] >> 4) * 4;
	if (header < TCP_HEADER || header >= parts->end - parts->tcp)
		return false;
	parts->payload = parts->tcp + header;
	return (tcp[TCP_FLAGS] & ~TCP_PSH) == TCP_ACK && !get_be16(tcp + 18);
}

bool coalesce_can_hold(const uint8_t *frame, size_t bytes)
{
	struct coalesce_parts parts;

	return coalesce_parse(frame, bytes, &parts);
}

/* The header bytes that have to be the same: all but lengths, checksums, identification, sequence. */
static bool coalesce_is_same_flow(const struct coalesce *c, const uint8_t *frame)
{
	const uint8_t *ip = frame + ETH_HEADER, *held_ip = c->frame + ETH_HEADER;
	const uint8_t *tcp = frame + c->tcp, *held = c->frame + c->tcp;

	if (memcmp(frame, c->frame, ETH_HEADER))
		return false;
	if (c->tcp == ETH_HEADER + IPV4_HEADER) {
		if (memcmp(ip, held_ip, 2) || memcmp(ip + 6, held_ip + 6, 4) ||
		    memcmp(ip + 12, held_ip + 12, 8))
			return false;
	} else if (memcmp(ip, held_ip, 4) || memcmp(ip + 6, held_ip + 6, 34)) {
		return false;
	}
	return !memcmp(tcp, held, 4) && !memcmp(tcp + 8, held + 8, 5) &&
	       !memcmp(tcp + 14, held + 14, 2) &&
	       !memcmp(tcp + TCP_HEADER, held + TCP_HEADER, c->payload - c->tcp - TCP_HEADER);
}

bool coalesce_add(struct coalesce *c, const uint8_t *frame, size_t bytes)
{
	struct coalesce_parts parts;
	size_t share;

	if (!coalesce_parse(frame, bytes, &parts) || parts.end > sizeof(c->frame))
		return false;
	share = parts.end - parts.payload;
	if (!c->bytes) {
		memcpy(c->frame, frame, parts.end);
		c->bytes = parts.end;
		c->segments = 1;
		c->closed = false;
		c->tcp = parts.tcp;
		c->payload = parts.payload;
		c->share = share;
		c->next = get_be32(frame + parts.tcp + 4);
	} else {
		if (c->closed || parts.tcp != c->tcp || parts.payload != c->payload ||
		    get_be32(frame + parts.tcp + 4) != c->next || share > c->share ||
		    share > sizeof(c->frame) - c->bytes || !coalesce_is_same_flow(c, frame))
			return false;
		memcpy(c->frame + c->bytes, frame + parts.payload, share);
		c->bytes += share;
		c->segments++;
	}
	c->next += (uint32_t)share;
	c->closed = frame[parts.tcp + TCP_FLAGS] & TCP_PSH || share < c->share;
	c->frame[c->tcp + TCP_FLAGS] |= frame[parts.tcp + TCP_FLAGS] & TCP_PSH;
	return true;
}

void coalesce_finish(struct coalesce *c)
{
	if (c->tcp == ETH_HEADER + IPV4_HEADER)
		put_be16(c->frame + ETH_HEADER + 2, (uint16_t)(c->bytes - ETH_HEADER));
	else
		put_be16(c->frame + ETH_HEADER + 4,
			 (uint16_t)(c->bytes - ETH_HEADER - IPV6_HEADER));
}
