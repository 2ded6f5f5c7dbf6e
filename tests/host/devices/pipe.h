/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Pipe framing: the 8-byte header that devices offered in pipe mode put before the data of each
 * in-band packet. VMBus, pipe mode.
 */
#ifndef HVHOST_DEVICES_PIPE_H
#define HVHOST_DEVICES_PIPE_H

#include <stddef.h>
#include <stdint.h>

struct vmbus_chan;

/* The most data one packet may carry. */
#define PIPE_DATA_MAX 16384u

/* Data of a pipe packet, inside the packet's private copy. */
struct pipe_data {
	const uint8_t *bytes;
	uint32_t len; /* without the padding of the ring; 0 is legal */
};

/**
 * pipe_parse - data of a pipe packet
 * @payload: of an in-band packet
 * @len: its bytes, padding included
 * @why: what is wrong
 *
 * Return: 0 with @data filled; -EPROTO with @why set.
 */
int pipe_parse(const uint8_t *payload, uint32_t len, struct pipe_data *data, const char **why);

/* Send data in one pipe packet. Return: as vmbus_send(); -EMSGSIZE beyond PIPE_DATA_MAX. */
int pipe_send(struct vmbus_chan *chan, const void *data, size_t len);

/* What the ring needs for a pipe packet with so much data, in bytes. */
uint32_t pipe_room(uint32_t len);

#endif
