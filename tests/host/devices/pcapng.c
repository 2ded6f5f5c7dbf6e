// SPDX-License-Identifier: GPL-2.0
/* Blocks of the pcapng format (IETF draft "PCAP Next Generation Dump File Format"), little endian. */
#include <string.h>

#include "bytes.h"
#include "pcapng.h"

#define PCAPNG_BLOCK_SECTION   0x0a0d0d0au
#define PCAPNG_BLOCK_INTERFACE 1u
#define PCAPNG_BLOCK_PACKET    6u
#define PCAPNG_BYTE_ORDER      0x1a2b3c4du
#define PCAPNG_LINK_ETHERNET   1u
#define PCAPNG_OPTION_END      0u
#define PCAPNG_OPTION_IF_NAME  2u
#define PCAPNG_OPTION_TSRESOL  9u
#define PCAPNG_OPTION_FLAGS    2u
#define PCAPNG_NAME_MAX	       31u

static size_t padded(size_t len)
{
	return (len + 3) & ~(size_t)3;
}

/* Return: bytes of the option, its padding included. */
static size_t put_option(uint8_t *at, uint16_t code, const void *value, size_t len)
{
	put_le16(at, code);
	put_le16(at + 2, (uint16_t)len);
	memset(at + 4, 0, padded(len));
	if (len)
		memcpy(at + 4, value, len);
	return 4 + padded(len);
}

/* The length stands at both ends of a block. Return: @len with the second one. */
static size_t end_block(uint8_t *block, size_t len)
{
	len += 4;
	put_le32(block + 4, (uint32_t)len);
	put_le32(block + len - 4, (uint32_t)len);
	return len;
}

size_t pcapng_start(uint8_t *bytes, const char *name)
{
	static const uint8_t nanoseconds = 9;
	uint8_t *block = bytes;
	size_t at = 24, section;

	put_le32(block, PCAPNG_BLOCK_SECTION);
	put_le32(block + 8, PCAPNG_BYTE_ORDER);
	put_le16(block + 12, 1);
	put_le16(block + 14, 0);
	/* Length of the section: not known. */
	memset(block + 16, 0xff, 8);
	section = end_block(block, at);

	block += section;
	put_le32(block, PCAPNG_BLOCK_INTERFACE);
	put_le16(block + 8, PCAPNG_LINK_ETHERNET);
	put_le16(block + 10, 0);
	put_le32(block + 12, PCAPNG_SNAP);
	at = 16;
	at += put_option(block + at, PCAPNG_OPTION_IF_NAME, name, strnlen(name, PCAPNG_NAME_MAX));
	at += put_option(block + at, PCAPNG_OPTION_TSRESOL, &nanoseconds, 1);
	at += put_option(block + at, PCAPNG_OPTION_END, NULL, 0);
	return section + end_block(block, at);
}

size_t pcapng_frame(uint8_t *bytes, uint64_t time_ns, bool inbound, const uint8_t *frame, size_t len)
{
	size_t kept = len < PCAPNG_SNAP ? len : PCAPNG_SNAP, at = 28;
	uint8_t flags[4];

	put_le32(bytes, PCAPNG_BLOCK_PACKET);
	put_le32(bytes + 8, 0);
	put_le32(bytes + 12, (uint32_t)(time_ns >> 32));
	put_le32(bytes + 16, (uint32_t)time_ns);
	put_le32(bytes + 20, (uint32_t)kept);
	put_le32(bytes + 24, (uint32_t)len);
	if (kept)
		memcpy(bytes + at, frame, kept);
	memset(bytes + at + kept, 0, padded(kept) - kept);
	at += padded(kept);
	put_le32(flags, inbound ? 1 : 2);
	at += put_option(bytes + at, PCAPNG_OPTION_FLAGS, flags, sizeof(flags));
	at += put_option(bytes + at, PCAPNG_OPTION_END, NULL, 0);
	return end_block(bytes, at);
}
