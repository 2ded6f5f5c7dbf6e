/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Messages of dynamic memory, protocols 1.0 to 3.0: pure functions between bytes and values. They
 * travel in in-band packets without a pipe header.
 */
#ifndef HVHOST_DEVICES_DYNMEM_MESSAGE_H
#define HVHOST_DEVICES_DYNMEM_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>

/* Major number in the upper half */
#define DYNMEM_VERSION(major) ((uint32_t)(major) << 16)

enum dynmem_message_type {
	DYNMEM_VERSION_REQUEST = 1,
	DYNMEM_VERSION_RESPONSE = 2,
	DYNMEM_CAPS_REPORT = 3,
	DYNMEM_CAPS_RESPONSE = 4,
	DYNMEM_STATUS = 5,
	DYNMEM_BALLOON_REQUEST = 6,
	DYNMEM_BALLOON_RESPONSE = 7,
	DYNMEM_UNBALLOON_REQUEST = 8,
	DYNMEM_UNBALLOON_RESPONSE = 9,
	DYNMEM_HOT_ADD_REQUEST = 10,
	DYNMEM_HOT_ADD_RESPONSE = 11,
	DYNMEM_INFO = 12,
};

/* Guest pages that lie next to one another. */
struct dynmem_range {
	uint64_t page; /* below 2^40 */
	uint32_t pages; /* 1 to 2^24 - 1 */
};

/* Policy: ranges in one request, so that it fits one page. */
#define DYNMEM_RANGES_MAX  500u
#define DYNMEM_MESSAGE_MAX (16u + DYNMEM_RANGES_MAX * 8)

struct dynmem_request {
	uint16_t type; /* one of those a guest sends */
	uint32_t id; /* of the transaction */
	uint32_t version; /* asked for */
	bool last_attempt;
	bool balloon, hot_add; /* what the guest can do */
	uint64_t available, committed; /* pages, from a status report */
	bool more; /* further responses follow */
	uint32_t nr_ranges; /* in @ranges, 8 bytes each; dynmem_range_parse() takes one out */
	const uint8_t *ranges;
	uint32_t hot_added; /* pages */
};

/* Return: 0 with @request filled; -EPROTO with @why set. */
int dynmem_request_parse(const uint8_t *bytes, uint32_t len, struct dynmem_request *request,
			 const char **why);
/* @index: below nr_ranges */
struct dynmem_range dynmem_range_parse(const struct dynmem_request *request, uint32_t index);

/* Return: bytes of the message. */
uint32_t dynmem_version_build(uint8_t out[DYNMEM_MESSAGE_MAX], uint32_t id, bool accepted);
uint32_t dynmem_caps_build(uint8_t out[DYNMEM_MESSAGE_MAX], uint32_t id, bool accepted);
uint32_t dynmem_balloon_build(uint8_t out[DYNMEM_MESSAGE_MAX], uint32_t id, uint32_t pages);
/* @nr: at most DYNMEM_RANGES_MAX */
uint32_t dynmem_unballoon_build(uint8_t out[DYNMEM_MESSAGE_MAX], uint32_t id, bool more,
				const struct dynmem_range *ranges, uint32_t nr);
/* The most memory the guest may ever have, in pages. */
uint32_t dynmem_info_build(uint8_t out[DYNMEM_MESSAGE_MAX], uint32_t id, uint64_t pages);

#endif
