// SPDX-License-Identifier: GPL-2.0
/*
 * One frame a message in both directions, driven by the event loop. A burst of a large send is more
 * than a socket buffer takes at once, so what finds no room waits in order.
 */
#include "frame_socket.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "../hyperv/loop.h"
#include "../hyperv/util.h"

/* Policy: frames read in one go before others get their turn, and bytes that may wait. */
#define FRAME_BATCH	    64
#define FRAME_WAITING_BYTES (4u << 20)
#define FRAME_BYTES_MIN	    14

struct frame_waiting {
	struct frame_waiting *next;
	size_t bytes;
	uint8_t frame[];
};

struct frame_socket {
	struct loop *loop;
	int fd;
	const struct frame_socket_ops *ops;
	void *opaque;
	struct frame_waiting *waiting, **waiting_end;
	size_t waiting_bytes;
	bool ended; /* the other end is gone and the owner knows */
	bool busy, freed; /* inside frame_socket_ready(); freed meanwhile */
	uint8_t in[FRAME_SOCKET_BYTES_MAX + 1];
};

static bool frame_would_block(void)
{
	return errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS || errno == EINTR;
}

static void frame_socket_end(struct frame_socket *s)
{
	if (s->ended)
		return;
	s->ended = true;
	loop_fd_del(s->loop, s->fd);
	s->ops->gone(s->opaque);
}

static void frame_socket_read(struct frame_socket *s)
{
	unsigned int taken = 0;
	ssize_t n;

	while (taken++ < FRAME_BATCH && !s->freed && !s->ended) {
		n = read(s->fd, s->in, sizeof(s->in));
		if (n < 0 && frame_would_block())
			return;
		if (n <= 0) {
			frame_socket_end(s);
			return;
		}
		if (n >= FRAME_BYTES_MIN && n <= (ssize_t)FRAME_SOCKET_BYTES_MAX)
			s->ops->frame(s->opaque, s->in, (size_t)n);
	}
}

static void frame_socket_write(struct frame_socket *s)
{
	struct frame_waiting *waiting;

	while ((waiting = s->waiting)) {
		/* What a TAP device refuses for another reason is lost, as on a wire. */
		if (write(s->fd, waiting->frame, waiting->bytes) < 0 && frame_would_block())
			return;
		s->waiting = waiting->next;
		s->waiting_bytes -= waiting->bytes;
		free(waiting);
	}
	s->waiting_end = &s->waiting;
	loop_fd_mod(s->loop, s->fd, EPOLLIN);
}

static void frame_socket_ready(int fd, uint32_t events, void *opaque)
{
	struct frame_socket *s = opaque;

	(void)fd;
	s->busy = true;
	if (events & EPOLLOUT)
		frame_socket_write(s);
	if (events & (EPOLLIN | EPOLLHUP | EPOLLERR))
		frame_socket_read(s);
	s->busy = false;
	if (s->freed)
		free(s);
}

struct frame_socket *frame_socket_new(struct loop *loop, int fd, const struct frame_socket_ops *ops,
				      void *opaque)
{
	struct frame_socket *s = xcalloc(1, sizeof(*s));
	int err;

	s->loop = loop;
	s->fd = fd;
	s->ops = ops;
	s->opaque = opaque;
	s->waiting_end = &s->waiting;
	err = loop_fd_add(loop, fd, EPOLLIN, frame_socket_ready, s);
	if (err) {
		close(fd);
		free(s);
		errno = -err;
		return NULL;
	}
	return s;
}

void frame_socket_free(struct frame_socket *s)
{
	struct frame_waiting *waiting;

	if (!s)
		return;
	if (!s->ended)
		loop_fd_del(s->loop, s->fd);
	s->ended = true;
	close(s->fd);
	while ((waiting = s->waiting)) {
		s->waiting = waiting->next;
		free(waiting);
	}
	s->freed = true;
	if (!s->busy)
		free(s);
}

int frame_socket_send(struct frame_socket *s, const uint8_t *frame, size_t bytes)
{
	struct frame_waiting *waiting;

	if (s->ended)
		return -ENOBUFS;
	/* A broken connection is found, and told, when it is read. */
	if (!s->waiting && (write(s->fd, frame, bytes) >= 0 || !frame_would_block()))
		return 0;
	if (bytes > FRAME_WAITING_BYTES - s->waiting_bytes)
		return -ENOBUFS;
	waiting = malloc(sizeof(*waiting) + bytes);
	if (!waiting)
		return -ENOBUFS;
	waiting->next = NULL;
	waiting->bytes = bytes;
	memcpy(waiting->frame, frame, bytes);
	if (!s->waiting)
		loop_fd_mod(s->loop, s->fd, EPOLLIN | EPOLLOUT);
	*s->waiting_end = waiting;
	s->waiting_end = &waiting->next;
	s->waiting_bytes += bytes;
	return 0;
}
