// SPDX-License-Identifier: GPL-2.0
/* Messages of dynamic memory: checked on the way in, laid out on the way out. */
#include <errno.h>
#include <string.h>

#include "bytes.h"
#include "dynmem_message.h"

#define DYNMEM_HEADER_BYTES 8
#define DYNMEM_PAGE_BITS    40

static int dynmem_bad(const char **why, const char *text)
{
	*why = text;
	return -EPROTO;
}

/* Least bytes of a message with its header, by type; 0: not from a guest. */
static uint32_t dynmem_bytes_min(uint16_t type)
{
	switch (type) {
	case DYNMEM_VERSION_REQUEST:
		return 16;
	case DYNMEM_CAPS_REPORT:
		return 32;
	case DYNMEM_STATUS:
		return 48;
	case DYNMEM_BALLOON_RESPONSE:
		return 16;
	case DYNMEM_UNBALLOON_RESPONSE:
		return 8;
	case DYNMEM_HOT_ADD_RESPONSE:
		return 16;
	}
	return 0;
}

int dynmem_request_parse(const uint8_t *bytes, uint32_t len, struct dynmem_request *request,
			 const char **why)
{
	uint32_t size, min;

	memset(request, 0, sizeof(*request));
	if (len < DYNMEM_HEADER_BYTES)
		return dynmem_bad(why, "too short for a message header");
	request->type = get_le16(bytes);
	size = get_le16(bytes + 2);
	request->id = get_le32(bytes + 4);
	min = dynmem_bytes_min(request->type);
	if (!min)
		return dynmem_bad(why, "message of a type no guest sends");
	if (size > len)
		return dynmem_bad(why, "message longer than its packet");
	if (size < min)
		return dynmem_bad(why, "message too short for its type");
	switch (request->type) {
	case DYNMEM_VERSION_REQUEST:
		request->version = get_le32(bytes + 8);
		request->last_attempt = get_le32(bytes + 12) & 1;
		break;
	case DYNMEM_CAPS_REPORT:
		request->balloon = get_le64(bytes + 8) & 1;
		request->hot_add = get_le64(bytes + 8) & 2;
		break;
	case DYNMEM_STATUS:
		request->available = get_le64(bytes + 8);
		request->committed = get_le64(bytes + 16);
		break;
	case DYNMEM_BALLOON_RESPONSE:
		request->more = get_le32(bytes + 12) & 1;
		request->nr_ranges = get_le32(bytes + 12) >> 1;
		request->ranges = bytes + 16;
		if (request->nr_ranges > (size - 16) / 8)
			return dynmem_bad(why, "message too short for its ranges");
		break;
	case DYNMEM_HOT_ADD_RESPONSE:
		request->hot_added = get_le32(bytes + 8);
		break;
	}
	return 0;
}

struct dynmem_range dynmem_range_parse(const struct dynmem_request *request, uint32_t index)
{
	uint64_t word = get_le64(request->ranges + index * 8);

	return (struct dynmem_range){
		.page = word & ((1ull << DYNMEM_PAGE_BITS) - 1),
		.pages = (uint32_t)(word >> DYNMEM_PAGE_BITS),
	};
}

static uint32_t dynmem_finish(uint8_t *out, uint16_t type, uint32_t id, uint32_t bytes)
{
	put_le16(out, type);
	put_le16(out + 2, (uint16_t)(DYNMEM_HEADER_BYTES + bytes));
	put_le32(out + 4, id);
	return DYNMEM_HEADER_BYTES + bytes;
}

uint32_t dynmem_version_build(uint8_t out[DYNMEM_MESSAGE_MAX], uint32_t id, bool accepted)
{
	put_le64(out + 8, accepted);
	return dynmem_finish(out, DYNMEM_VERSION_RESPONSE, id, 8);
}

uint32_t dynmem_caps_build(uint8_t out[DYNMEM_MESSAGE_MAX], uint32_t id, bool accepted)
{
	put_le64(out + 8, accepted);
	return dynmem_finish(out, DYNMEM_CAPS_RESPONSE, id, 8);
}

uint32_t dynmem_balloon_build(uint8_t out[DYNMEM_MESSAGE_MAX], uint32_t id, uint32_t pages)
{
	put_le32(out + 8, pages);
	put_le32(out + 12, 0);
	return dynmem_finish(out, DYNMEM_BALLOON_REQUEST, id, 8);
}

uint32_t dynmem_unballoon_build(uint8_t out[DYNMEM_MESSAGE_MAX], uint32_t id, bool more,
				const struct dynmem_range *ranges, uint32_t nr)
{
	put_le32(out + 8, 0);
	put_le32(out + 12, nr << 1 | more);
	for (uint32_t i = 0; i < nr; i++)
		put_le64(out + 16 + i * 8,
			 ranges[i].page | (uint64_t)ranges[i].pages << DYNMEM_PAGE_BITS);
	return dynmem_finish(out, DYNMEM_UNBALLOON_REQUEST, id, 8 + nr * 8);
}

uint32_t dynmem_info_build(uint8_t out[DYNMEM_MESSAGE_MAX], uint32_t id, uint64_t pages)
{
	put_le32(out + 8, 0); /* most pages ever */
	put_le32(out + 12, 8);
	put_le64(out + 16, pages);
	return dynmem_finish(out, DYNMEM_INFO, id, 16);
}
