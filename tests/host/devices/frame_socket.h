/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Ethernet frames over a connected descriptor that keeps message boundaries: a Unix seqpacket
 * socket or a TAP device. What the other end does not take at once waits, up to a bound. Knows no
 * switch and no guest.
 */
#ifndef HVHOST_DEVICES_FRAME_SOCKET_H
#define HVHOST_DEVICES_FRAME_SOCKET_H

#include <stddef.h>
#include <stdint.h>

struct loop;
struct frame_socket;

/* Longest frame: the longest IP packet, Ethernet header, tag. */
#define FRAME_SOCKET_BYTES_MAX (65535u + 18u)

/**
 * struct frame_socket_ops - what its owner does with it
 * @frame: a frame of 14 to FRAME_SOCKET_BYTES_MAX bytes came, valid during the call; others are
 * dropped before
 * @gone: the other end is gone; the owner frees the frame socket here or later, and nothing comes
 * from it any more
 */
struct frame_socket_ops {
	void (*frame)(void *opaque, const uint8_t *frame, size_t bytes);
	void (*gone)(void *opaque);
};

/**
 * frame_socket_new() - read and write frames at a descriptor
 * @loop: event loop
 * @fd: non-blocking; the frame socket's from here on
 * @ops: of its owner, must live as long as it
 * @opaque: for @ops
 *
 * Return: the frame socket, or NULL with errno set if @fd cannot be watched; @fd is closed then.
 */
struct frame_socket *frame_socket_new(struct loop *loop, int fd, const struct frame_socket_ops *ops,
				      void *opaque);

/* frame_socket_free() - closes the descriptor; may be called from its own callbacks; NULL is allowed. */
void frame_socket_free(struct frame_socket *s);

/**
 * frame_socket_send() - give a frame to the other end
 * @s: the frame socket
 * @frame: valid during the call
 * @bytes: its length
 *
 * Order is kept. Return: 0 sent or waiting, -ENOBUFS dropped: too much waits already.
 */
int frame_socket_send(struct frame_socket *s, const uint8_t *frame, size_t bytes);

#endif
