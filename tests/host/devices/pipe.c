// SPDX-License-Identifier: GPL-2.0
/* Pipe framing: one header before the data, checked and written. Knows no device. */
#include <endian.h>
#include <errno.h>
#include <string.h>

#include "../hyperv/device.h"
#include "pipe.h"

static int pipe_bad(const char **why, const char *text)
{
	*why = text;
	return -EPROTO;
}

int pipe_parse(const uint8_t *payload, uint32_t len, struct pipe_data *data, const char **why)
{
	struct vmbus_pipe_header header;

	if (len < sizeof(header))
		return pipe_bad(why, "too short for a pipe header");
	memcpy(&header, payload, sizeof(header));
	if (le32toh(header.type) != VMBUS_PIPE_DATA)
		return pipe_bad(why, "pipe packet is not data");
	if (le32toh(header.bytes) > len - sizeof(header))
		return pipe_bad(why, "pipe length beyond the packet");
	if (le32toh(header.bytes) > PIPE_DATA_MAX)
		return pipe_bad(why, "more data than a pipe packet may carry");
	data->bytes = payload + sizeof(header);
	data->len = le32toh(header.bytes);
	return 0;
}

int pipe_send(struct vmbus_chan *chan, const void *data, size_t len)
{
	struct vmbus_pipe_header header = { .type = htole32(VMBUS_PIPE_DATA),
					    .bytes = htole32((uint32_t)len) };
	struct iovec iov[] = {
		{ .iov_base = &header, .iov_len = sizeof(header) },
		{ .iov_base = (void *)data, .iov_len = len },
	};

	if (len > PIPE_DATA_MAX)
		return -EMSGSIZE;
	return vmbus_send(chan, VMBUS_PACKET_INBAND, 0, 0, NULL, 0, iov, len ? 2 : 1);
}

uint32_t pipe_room(uint32_t len)
{
	return (uint32_t)((sizeof(struct vmbus_packet) + sizeof(struct vmbus_pipe_header) + len +
			   7) &
			  ~7u) +
	       VMBUS_PACKET_TRAILER_BYTES;
}
