// SPDX-License-Identifier: GPL-2.0
/* Records of a trace to bytes and back. Knows no file. */
#include <endian.h>
#include <string.h>

#include "trace_format.h"

/* On the disk: record bytes u16, kind u8, name bytes u8, time u64, relid u32, total u32, data bytes u32, 0 u32 */
#define TRACE_FIXED 28u

static void put32(uint8_t *at, uint32_t value)
{
	value = htole32(value);
	memcpy(at, &value, sizeof(value));
}

static uint32_t get32(const uint8_t *at)
{
	uint32_t value;

	memcpy(&value, at, sizeof(value));
	return le32toh(value);
}

size_t trace_encode(const struct trace_record *record, uint8_t bytes[TRACE_RECORD_MAX])
{
	size_t name = strnlen(record->name, TRACE_NAME_MAX);
	uint32_t len = record->len < TRACE_DATA_MAX ? record->len : TRACE_DATA_MAX;
	uint64_t time = htole64(record->time_ns);
	size_t all = TRACE_FIXED + name + len;

	bytes[0] = all;
	bytes[1] = all >> 8;
	bytes[2] = record->kind;
	bytes[3] = name;
	memcpy(bytes + 4, &time, sizeof(time));
	put32(bytes + 12, record->relid);
	put32(bytes + 16, record->total);
	put32(bytes + 20, len);
	put32(bytes + 24, 0);
	memcpy(bytes + TRACE_FIXED, record->name, name);
	memcpy(bytes + TRACE_FIXED + name, record->data, len);
	return all;
}

int trace_decode(struct trace_record *record, const uint8_t *bytes, size_t len)
{
	size_t all, name;
	uint64_t time;

	if (len < TRACE_FIXED)
		return 0;
	all = bytes[0] | bytes[1] << 8;
	name = bytes[3];
	memset(record, 0, sizeof(*record));
	record->kind = bytes[2];
	memcpy(&time, bytes + 4, sizeof(time));
	record->time_ns = le64toh(time);
	record->relid = get32(bytes + 12);
	record->total = get32(bytes + 16);
	record->len = get32(bytes + 20);
	if (!record->kind || record->kind >= TRACE_KINDS || name > TRACE_NAME_MAX ||
	    record->len > TRACE_DATA_MAX || all != TRACE_FIXED + name + record->len)
		return -1;
	if (len < all)
		return 0;
	memcpy(record->name, bytes + TRACE_FIXED, name);
	memcpy(record->data, bytes + TRACE_FIXED + name, record->len);
	return (int)all;
}
