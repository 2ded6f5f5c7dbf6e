/* SPDX-License-Identifier: GPL-2.0 */
/* Bytes on their way from one end of a connection to the other: a bounded queue. Pure. */
#ifndef HVHOST_DEVICES_HVSOCK_BUFFER_H
#define HVHOST_DEVICES_HVSOCK_BUFFER_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Policy: some packets' worth. */
#define HVSOCK_BUFFER_BYTES (128u << 10)

struct hvsock_buffer {
	uint8_t bytes[HVSOCK_BUFFER_BYTES];
	size_t start, len;
};

static inline size_t hvsock_buffer_room(const struct hvsock_buffer *buffer)
{
	return sizeof(buffer->bytes) - buffer->len;
}

/* Where further bytes go, hvsock_buffer_room() of them; valid until the next call. */
static inline uint8_t *hvsock_buffer_tail(struct hvsock_buffer *buffer)
{
	if (buffer->start) {
		memmove(buffer->bytes, buffer->bytes + buffer->start, buffer->len);
		buffer->start = 0;
	}
	return buffer->bytes + buffer->len;
}

static inline const uint8_t *hvsock_buffer_head(const struct hvsock_buffer *buffer)
{
	return buffer->bytes + buffer->start;
}

/* @len: at most what there is */
static inline void hvsock_buffer_take(struct hvsock_buffer *buffer, size_t len)
{
	buffer->start += len;
	buffer->len -= len;
	if (!buffer->len)
		buffer->start = 0;
}

#endif
