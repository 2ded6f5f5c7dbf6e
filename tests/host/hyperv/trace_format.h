/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A trace in a file: a header, then records, all little endian. Written by trace.c, read by
 * hvhost-trace; this pair of files is all the two share.
 */
#ifndef HVHOST_HYPERV_TRACE_FORMAT_H
#define HVHOST_HYPERV_TRACE_FORMAT_H

#include <stddef.h>
#include <stdint.h>

#define TRACE_MAGIC	   "HVTRACE1"
#define TRACE_HEADER_BYTES 16u /* the magic, then zero */
/* Policy: bytes kept of a packet, descriptor included; messages are kept whole. */
#define TRACE_PACKET_BYTES 96u
#define TRACE_DATA_MAX	   256u
#define TRACE_NAME_MAX	   63u

enum trace_kind {
	TRACE_MESSAGE_OUT = 1, /* out: to the guest */
	TRACE_MESSAGE_IN,
	TRACE_PACKET_OUT,
	TRACE_PACKET_IN,
	TRACE_INTERRUPT,
	TRACE_SIGNAL, /* @total: how many at once */
	TRACE_CHAOS, /* the data is the text of the event */
	TRACE_KINDS,
};

struct trace_record {
	enum trace_kind kind;
	uint64_t time_ns; /* since the trace was begun */
	uint32_t relid; /* 0: none */
	uint32_t total; /* bytes of the packet or message, of which @len are here */
	char name[TRACE_NAME_MAX + 1]; /* of the channel; empty: none */
	uint32_t len;
	uint8_t data[TRACE_DATA_MAX];
};

/* Of any record. */
#define TRACE_RECORD_MAX (28u + TRACE_NAME_MAX + TRACE_DATA_MAX)

/* Writes the record's bytes. Return: how many, at most TRACE_RECORD_MAX. */
size_t trace_encode(const struct trace_record *record, uint8_t bytes[TRACE_RECORD_MAX]);
/**
 * trace_decode - the record at the start of @bytes
 * @len: bytes there are
 *
 * Return: bytes the record takes; 0 if it is not all there; -1 if it is no record.
 */
int trace_decode(struct trace_record *record, const uint8_t *bytes, size_t len);

#endif
