// SPDX-License-Identifier: GPL-2.0
/*
 * Scattered buffers: copy in, copy out, take a part. Knows neither what is in
 * them nor whose memory they are.
 */
#include "sg.h"

#include <string.h>

void sg_init(struct sg *sg, const struct iovec *iov, unsigned int count)
{
	unsigned int i;

	sg->iov = iov;
	sg->count = count;
	sg->bytes = 0;
	for (i = 0; i < count; i++)
		sg->bytes += iov[i].iov_len;
}

unsigned int sg_slice(const struct sg *sg, size_t offset, size_t bytes, struct iovec *out,
		      unsigned int max, size_t *taken)
{
	unsigned int i, stored = 0;

	*taken = 0;
	for (i = 0; i < sg->count && bytes && stored < max; i++) {
		size_t len = sg->iov[i].iov_len;

		if (offset >= len) {
			offset -= len;
			continue;
		}
		len -= offset;
		if (len > bytes)
			len = bytes;
		out[stored].iov_base = (char *)sg->iov[i].iov_base + offset;
		out[stored].iov_len = len;
		stored++;
		*taken += len;
		bytes -= len;
		offset = 0;
	}
	return stored;
}

enum sg_way { SG_OUT, SG_IN };

static size_t sg_copy(const struct sg *sg, size_t offset, void *flat, size_t bytes, enum sg_way way)
{
	size_t done = 0;
	unsigned int i;

	for (i = 0; i < sg->count && done < bytes; i++) {
		char *piece = sg->iov[i].iov_base;
		size_t len = sg->iov[i].iov_len;

		if (offset >= len) {
			offset -= len;
			continue;
		}
		piece += offset;
		len -= offset;
		offset = 0;
		if (len > bytes - done)
			len = bytes - done;
		if (way == SG_OUT)
			memcpy((char *)flat + done, piece, len);
		else
			memcpy(piece, (char *)flat + done, len);
		done += len;
	}
	return done;
}

size_t sg_copy_out(const struct sg *sg, size_t offset, void *dst, size_t bytes)
{
	return sg_copy(sg, offset, dst, bytes, SG_OUT);
}

size_t sg_copy_in(const struct sg *sg, size_t offset, const void *src, size_t bytes)
{
	/* SG_IN only reads from the flat side. */
	return sg_copy(sg, offset, (void *)src, bytes, SG_IN);
}
