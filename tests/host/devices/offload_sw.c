// SPDX-License-Identifier: GPL-2.0
/*
 * Checksum and large-send offload in software (NDIS TCP/IP task offload, LSOv2): the frame as the
 * guest gives it has a pseudo-header sum in the checksum field and, for a large send, zero lengths.
 * Every header is checked against the frame's length before it is used. Knows no device.
 */
#include "offload_sw.h"

#include <endian.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include <hyperv/rndis.h>

#include "bytes.h"

#define ETH_HEADER    14
#define ETH_TYPE_IPV4 0x0800
#define ETH_TYPE_IPV6 0x86dd
#define IPV4_HEADER   20
#define IPV6_HEADER   40
#define TCP_HEADER    20
#define UDP_HEADER    8
#define IP_TCP	      6
#define IP_UDP	      17
#define TCP_FIN	      0x01
#define TCP_PSH	      0x08
#define TCP_CWR	      0x80

/* Longest frame cut from a large send: headers with all options, and the largest segment. */
#define OFFLOAD_FRAME_MAX (65536 + ETH_HEADER)

/* Where the headers of a frame are; everything lies inside it. */
struct offload_headers {
	bool ipv6;
	size_t l3; /* offset of the IP header */
	size_t l4; /* offset of the TCP or UDP header */
	size_t end; /* of the IP packet as its length field says; of the frame for a large send */
	uint8_t protocol;
	bool fragment; /* the transport header is not all there */
};

static uint16_t sum_fold(uint64_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

/*
 * The sum is the same in either byte order but for the order of its bytes: add words as they are in
 * memory, swap once.
 */
static uint64_t sum_add(uint64_t sum, const uint8_t *p, size_t bytes)
{
	uint64_t native = 0;
	uint8_t last[4] = { 0 };
	uint32_t word;

	while (bytes >= sizeof(word)) {
		memcpy(&word, p, sizeof(word));
		native += word;
		p += sizeof(word);
		bytes -= sizeof(word);
	}
	memcpy(last, p, bytes);
	memcpy(&word, last, sizeof(word));
	return sum + be16toh(sum_fold(native + word));
}

/* Sum over the pseudo header for a transport segment of @bytes. */
static uint64_t sum_pseudo(const uint8_t *frame, const struct offload_headers *h, size_t bytes)
{
	uint64_t sum = h->protocol + (bytes >> 16) + (bytes & 0xffff);

	if (h->ipv6)
		return sum_add(sum, frame + h->l3 + 8, 32);
	return sum_add(sum, frame + h->l3 + 12, 8);
}

static void checksum_ipv4(uint8_t *frame, size_t l3, size_t l4)
{
	put_be16(frame + l3 + 10, 0);
	put_be16(frame + l3 + 10, (uint16_t)~sum_fold(sum_add(0, frame + l3, l4 - l3)));
}

static void checksum_transport(uint8_t *frame, const struct offload_headers *h, size_t end)
{
	uint8_t *field = frame + h->l4 + (h->protocol == IP_TCP ? 16 : 6);
	uint16_t sum;

	put_be16(field, 0);
	sum = (uint16_t)~sum_fold(
		sum_add(sum_pseudo(frame, h, end - h->l4), frame + h->l4, end - h->l4));
	/* 0 would mean "no checksum" in UDP. */
	put_be16(field, sum || h->protocol == IP_TCP ? sum : 0xffff);
}

/*
 * IPv6: walk the extension headers that may stand before TCP and UDP. Return: false if they leave
 * the packet.
 */
static bool parse_ipv6_extensions(const uint8_t *frame, struct offload_headers *h)
{
	uint8_t next = frame[h->l3 + 6];
	size_t at = h->l3 + IPV6_HEADER, bytes;

	while (next == 0 || next == 43 || next == 60 || next == 44) {
		if (h->end - at < 8)
			return false;
		bytes = next == 44 ? 8 : 8 + (size_t)frame[at + 1] * 8;
		if (next == 44)
			h->fragment = h->fragment || (get_be16(frame + at + 2) & 0xfff9);
		if (bytes > h->end - at)
			return false;
		next = frame[at];
		at += bytes;
	}
	h->protocol = next;
	h->l4 = at;
	return true;
}

/**
 * parse_headers() - find the headers of a frame
 * @large: a large send: length fields are 0 and the packet ends with the frame
 *
 * Return: true if it is a well-formed IP packet; @h->protocol may be anything.
 */
static bool parse_headers(const uint8_t *frame, size_t bytes, bool large, struct offload_headers *h)
{
	size_t header, length;

	memset(h, 0, sizeof(*h));
	if (bytes < ETH_HEADER)
		return false;
	h->l3 = ETH_HEADER;
	switch (get_be16(frame + 12)) {
	case ETH_TYPE_IPV4:
		if (bytes - h->l3 < IPV4_HEADER || frame[h->l3] >> 4 != 4)
			return false;
		header = (size_t)(frame[h->l3] & 0xf) * 4;
		length = large ? bytes - h->l3 : get_be16(frame + h->l3 + 2);
		if (header < IPV4_HEADER || length < header || length > bytes - h->l3)
			return false;
		h->end = h->l3 + length;
		h->l4 = h->l3 + header;
		h->protocol = frame[h->l3 + 9];
		h->fragment = get_be16(frame + h->l3 + 6) & 0x3fff;
		return true;
	case ETH_TYPE_IPV6:
		if (bytes - h->l3 < IPV6_HEADER || frame[h->l3] >> 4 != 6)
			return false;
		length = large ? bytes - h->l3 - IPV6_HEADER : get_be16(frame + h->l3 + 4);
		if (length > bytes - h->l3 - IPV6_HEADER)
			return false;
		h->ipv6 = true;
		h->end = h->l3 + IPV6_HEADER + length;
		return parse_ipv6_extensions(frame, h);
	default:
		return false;
	}
}

/* Return: true if the whole TCP or UDP header lies inside the packet. */
static bool has_transport_header(const uint8_t *frame, const struct offload_headers *h)
{
	size_t bytes = h->end - h->l4, header;

	if (h->fragment)
		return false;
	if (h->protocol == IP_UDP)
		return bytes >= UDP_HEADER;
	if (h->protocol != IP_TCP || bytes < TCP_HEADER)
		return false;
	header = (size_t)(frame[h->l4 + 12] >> 4) * 4;
	return header >= TCP_HEADER && header <= bytes;
}

static int bad(const char **why, const char *text)
{
	*why = text;
	return -EPROTO;
}

static int transmit_checksum(uint8_t *frame, size_t bytes, const struct rndis_ppis *ppis,
			     offload_emit emit, void *opaque, const char **why)
{
	uint32_t info = ppis->checksum;
	uint32_t offset = info >> RNDIS_TX_CSUM_L4_OFFSET_SHIFT & RNDIS_TX_CSUM_L4_OFFSET_MASK;
	bool transport = info & (RNDIS_TX_CSUM_TCP | RNDIS_TX_CSUM_UDP);
	struct offload_headers h;

	if (!transport && !(info & RNDIS_TX_CSUM_IP_HEADER)) {
		emit(opaque, frame, bytes);
		return 1;
	}
	if (!parse_headers(frame, bytes, false, &h))
		return bad(why, "checksum request for a frame that is not IP");
	if (!(info & (h.ipv6 ? RNDIS_TX_CSUM_IS_IPV6 : RNDIS_TX_CSUM_IS_IPV4)))
		return bad(why, "checksum request for the other IP version");
	if (transport) {
		if (!has_transport_header(frame, &h) ||
		    h.protocol != (info & RNDIS_TX_CSUM_TCP ? IP_TCP : IP_UDP))
			return bad(why, "checksum request for another transport");
		if (offset && offset != h.l4)
			return bad(why, "transport header is not where the checksum request says");
		checksum_transport(frame, &h, h.end);
	}
	if (!h.ipv6 && info & RNDIS_TX_CSUM_IP_HEADER)
		checksum_ipv4(frame, h.l3, h.l4);
	emit(opaque, frame, bytes);
	return 1;
}

/* One segment of a large send: headers of the original and its share of the data. */
static size_t build_segment(uint8_t *out, const uint8_t *frame, const struct offload_headers *h,
			    size_t headers, size_t done, size_t share, unsigned int index,
			    bool last)
{
	struct offload_headers segment = *h;
	size_t bytes = headers + share;

	memcpy(out, frame, headers);
	memcpy(out + headers, frame + headers + done, share);
	if (h->ipv6) {
		put_be16(out + h->l3 + 4, (uint16_t)(bytes - h->l3 - IPV6_HEADER));
	} else {
		put_be16(out + h->l3 + 2, (uint16_t)(bytes - h->l3));
		put_be16(out + h->l3 + 4, (uint16_t)(get_be16(frame + h->l3 + 4) + index));
		checksum_ipv4(out, h->l3, h->l4);
	}
	put_be32(out + h->l4 + 4, get_be32(frame + h->l4 + 4) + (uint32_t)done);
	if (!last)
		out[h->l4 + 13] &= (uint8_t) ~(TCP_FIN | TCP_PSH);
	if (index)
		out[h->l4 + 13] &= (uint8_t)~TCP_CWR;
	segment.end = bytes;
	checksum_transport(out, &segment, bytes);
	return bytes;
}

static int transmit_large(const uint8_t *frame, size_t bytes, const struct rndis_ppis *ppis,
			  uint32_t mtu, offload_emit emit, void *opaque, const char **why)
{
	uint32_t mss = ppis->lso & RNDIS_LSO_MSS_MASK;
	uint32_t offset = ppis->lso >> RNDIS_LSO_TCP_OFFSET_SHIFT & RNDIS_LSO_TCP_OFFSET_MASK;
	static uint8_t segment[OFFLOAD_FRAME_MAX];
	size_t headers, payload, done = 0, share, n;
	struct offload_headers h;
	unsigned int index = 0;

	if (!(ppis->lso & RNDIS_LSO_V2))
		return bad(why, "large send of version 1");
	if (!parse_headers(frame, bytes, true, &h) || h.ipv6 != !!(ppis->lso & RNDIS_LSO_IPV6))
		return bad(why, "large send of a frame that is not of its IP version");
	if (h.protocol != IP_TCP || !has_transport_header(frame, &h))
		return bad(why, "large send of a frame that is not TCP");
	if (offset && offset != h.l4)
		return bad(why, "TCP header is not where the large send says");
	headers = h.l4 + (size_t)(frame[h.l4 + 12] >> 4) * 4;
	payload = bytes - headers;
	if (!mss || headers - h.l3 + mss > mtu)
		return bad(why, "large send with a segment size that fits no frame");
	do {
		share = payload - done < mss ? payload - done : mss;
		n = build_segment(segment, frame, &h, headers, done, share, index,
				  done + share == payload);
		emit(opaque, segment, n);
		done += share;
		index++;
	} while (done < payload);
	return (int)index;
}

int offload_transmit(uint8_t *frame, size_t bytes, const struct rndis_ppis *ppis, uint32_t mtu,
		     offload_emit emit, void *opaque, const char **why)
{
	if (ppis->has_lso)
		return transmit_large(frame, bytes, ppis, mtu, emit, opaque, why);
	if (ppis->has_checksum)
		return transmit_checksum(frame, bytes, ppis, emit, opaque, why);
	emit(opaque, frame, bytes);
	return 1;
}

uint32_t offload_receive(const uint8_t *frame, size_t bytes)
{
	struct offload_headers h;
	uint32_t verdict = 0;
	uint16_t sum;

	if (!parse_headers(frame, bytes, false, &h))
		return 0;
	if (!h.ipv6)
		verdict |= sum_fold(sum_add(0, frame + h.l3, h.l4 - h.l3)) == 0xffff
				   ? RNDIS_RX_CSUM_IP_GOOD
				   : RNDIS_RX_CSUM_IP_FAILED;
	if (!has_transport_header(frame, &h))
		return verdict;
	/* A UDP sender over IPv4 may leave the sum out: nothing is verified then. */
	if (h.protocol == IP_UDP && !h.ipv6 && !get_be16(frame + h.l4 + 6))
		return verdict;
	sum = sum_fold(sum_add(sum_pseudo(frame, &h, h.end - h.l4), frame + h.l4, h.end - h.l4));
	if (h.protocol == IP_TCP)
		verdict |= sum == 0xffff ? RNDIS_RX_CSUM_TCP_GOOD : RNDIS_RX_CSUM_TCP_FAILED;
	else
		verdict |= sum == 0xffff ? RNDIS_RX_CSUM_UDP_GOOD : RNDIS_RX_CSUM_UDP_FAILED;
	return verdict;
}
