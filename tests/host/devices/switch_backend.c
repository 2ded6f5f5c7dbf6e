// SPDX-License-Identifier: GPL-2.0
/*
 * The switch's ports and who runs it: the holder of the lock beside the socket listens there and
 * forwards, everybody else is a port of it. Which port a frame goes to is learning_switch.c's.
 */
#include "switch_backend.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cjson/cJSON.h>

#include "../hyperv/device.h"
#include "../hyperv/loop.h"
#include "../hyperv/util.h"
#include "frame_socket.h"
#include "learning_switch.h"

#define SWITCH_LOCK_SUFFIX ".lock"
/* Policy: how often a member without a switch looks for one, and room asked for in a socket. */
#define SWITCH_RETRY_NS	    (100 * 1000000ull)
#define SWITCH_SOCKET_BYTES (4 << 20)

struct switch_backend;

/* A port of another NIC; port 0 is this process's own and has none of these. */
struct switch_port {
	struct switch_backend *owner;
	int number;
	struct frame_socket *socket;
};

struct switch_backend {
	struct net_backend backend;
	struct loop *loop;
	const char *path;

	/* Of the one that runs the switch; lock is -1 for the others. */
	int lock, listener;
	struct learning_switch *table;
	struct switch_port *ports[SWITCH_PORTS];

	/* Of the others; NULL while there is no switch. */
	struct frame_socket *uplink;
	struct loop_timer *retry;

	uint64_t dropped, refused;
};

static bool switch_is_mine(const struct switch_backend *b)
{
	return b->lock >= 0;
}

const char *switch_path_error(const char *path)
{
	struct sockaddr_un address;
	const char *why = NULL;
	char *copy;

	if (!path || !*path)
		return "needs a path";
	if (strlen(path) >= sizeof(address.sun_path))
		return "the path is too long for a socket";
	copy = xstrdup(path);
	if (access(dirname(copy), W_OK | X_OK))
		why = "no file can be made in that directory";
	free(copy);
	return why;
}

static void switch_address(const struct switch_backend *b, struct sockaddr_un *address)
{
	memset(address, 0, sizeof(*address));
	address->sun_family = AF_UNIX;
	memcpy(address->sun_path, b->path, strlen(b->path));
}

static int switch_socket(void)
{
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int bytes = SWITCH_SOCKET_BYTES;

	/* The first needs a privilege; less than asked for only means that more waits here. */
	if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof(bytes)))
		(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
	return fd;
}

/* ---------------------------------------------------------------- the one that runs it */

static void switch_to_port(struct switch_backend *b, int port, const uint8_t *frame, size_t bytes)
{
	if (!port)
		b->backend.receive(b->backend.opaque, frame, bytes);
	else if (b->ports[port] && frame_socket_send(b->ports[port]->socket, frame, bytes))
		b->dropped++;
}

static void switch_forward(struct switch_backend *b, int from, const uint8_t *frame, size_t bytes)
{
	int to = learning_switch_forward(b->table, from, frame), port;

	if (to == LEARNING_SWITCH_NOBODY)
		return;
	if (to != LEARNING_SWITCH_ALL) {
		switch_to_port(b, to, frame, bytes);
		return;
	}
	for (port = 0; port < SWITCH_PORTS; port++)
		if (port != from)
			switch_to_port(b, port, frame, bytes);
}

static void switch_port_frame(void *opaque, const uint8_t *frame, size_t bytes)
{
	struct switch_port *port = opaque;

	switch_forward(port->owner, port->number, frame, bytes);
}

static void switch_port_free(struct switch_port *port)
{
	learning_switch_forget(port->owner->table, port->number);
	port->owner->ports[port->number] = NULL;
	frame_socket_free(port->socket);
	free(port);
}

static void switch_port_gone(void *opaque)
{
	switch_port_free(opaque);
}

static const struct frame_socket_ops switch_port_ops = {
	.frame = switch_port_frame,
	.gone = switch_port_gone,
};

static void switch_accept(int listener, uint32_t events, void *opaque)
{
	struct switch_backend *b = opaque;
	int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC), number;
	int bytes = SWITCH_SOCKET_BYTES;
	struct switch_port *port;

	(void)events;
	if (fd < 0)
		return;
	for (number = 1; number < SWITCH_PORTS && b->ports[number]; number++)
		;
	if (number == SWITCH_PORTS) {
		b->refused++;
		close(fd);
		return;
	}
	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof(bytes)))
		(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
	port = xcalloc(1, sizeof(*port));
	port->owner = b;
	port->number = number;
	port->socket = frame_socket_new(b->loop, fd, &switch_port_ops, port);
	if (!port->socket) {
		free(port);
		return;
	}
	b->ports[number] = port;
}

static void switch_unlock(struct switch_backend *b)
{
	close(b->lock);
	b->lock = -1;
}

/* Return: 0 this process runs the switch now, -EWOULDBLOCK another does, another negative errno. */
static int switch_begin(struct switch_backend *b)
{
	char lock[sizeof(((struct sockaddr_un *)0)->sun_path) + sizeof(SWITCH_LOCK_SUFFIX)];
	struct sockaddr_un address;
	int err;

	snprintf(lock, sizeof(lock), "%s" SWITCH_LOCK_SUFFIX, b->path);
	b->lock = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (b->lock < 0)
		return -errno;
	if (flock(b->lock, LOCK_EX | LOCK_NB)) {
		err = -errno;
		switch_unlock(b);
		return err;
	}
	b->listener = switch_socket();
	switch_address(b, &address);
	/* Whoever left a socket here is gone: it had the lock. */
	unlink(b->path);
	if (b->listener < 0 || bind(b->listener, (struct sockaddr *)&address, sizeof(address)) ||
	    listen(b->listener, SWITCH_PORTS)) {
		err = -errno;
		goto close_listener;
	}
	err = loop_fd_add(b->loop, b->listener, EPOLLIN, switch_accept, b);
	if (err)
		goto close_listener;
	b->table = learning_switch_new();
	return 0;

close_listener:
	if (b->listener >= 0)
		close(b->listener);
	b->listener = -1;
	switch_unlock(b);
	return err;
}

static void switch_end(struct switch_backend *b)
{
	int port;

	loop_fd_del(b->loop, b->listener);
	/* Nobody finds it from here on, so nobody joins what ends. */
	unlink(b->path);
	close(b->listener);
	for (port = 1; port < SWITCH_PORTS; port++)
		if (b->ports[port])
			switch_port_free(b->ports[port]);
	learning_switch_free(b->table);
	switch_unlock(b);
}

/* ---------------------------------------------------------------- the others */

static void switch_retry_later(struct switch_backend *b)
{
	loop_timer_arm(b->retry, loop_now_ns() + SWITCH_RETRY_NS);
}

static void switch_uplink_frame(void *opaque, const uint8_t *frame, size_t bytes)
{
	struct switch_backend *b = opaque;

	b->backend.receive(b->backend.opaque, frame, bytes);
}

static void switch_uplink_gone(void *opaque)
{
	struct switch_backend *b = opaque;

	frame_socket_free(b->uplink);
	b->uplink = NULL;
	switch_retry_later(b);
}

static const struct frame_socket_ops switch_uplink_ops = {
	.frame = switch_uplink_frame,
	.gone = switch_uplink_gone,
};

static int switch_join(struct switch_backend *b)
{
	struct sockaddr_un address;
	int fd = switch_socket(), err;

	if (fd < 0)
		return -errno;
	switch_address(b, &address);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address))) {
		err = -errno;
		close(fd);
		return err;
	}
	b->uplink = frame_socket_new(b->loop, fd, &switch_uplink_ops, b);
	return b->uplink ? 0 : -errno;
}

/* Run the switch or join it; neither works for a moment while another takes it over. */
static int switch_find(struct switch_backend *b)
{
	int err = switch_begin(b);

	if (err != -EWOULDBLOCK)
		return err;
	if (switch_join(b))
		switch_retry_later(b);
	return 0;
}

static void switch_retry(void *opaque)
{
	struct switch_backend *b = opaque;

	if (switch_find(b))
		switch_retry_later(b);
}

/* ---------------------------------------------------------------- the backend */

static void switch_send(struct net_backend *backend, const uint8_t *frame, size_t bytes)
{
	struct switch_backend *b = container_of(backend, struct switch_backend, backend);

	if (switch_is_mine(b))
		switch_forward(b, 0, frame, bytes);
	else if (!b->uplink || frame_socket_send(b->uplink, frame, bytes))
		b->dropped++;
}

static void switch_describe(const struct net_backend *backend, cJSON *reply)
{
	const struct switch_backend *b = container_of(backend, struct switch_backend, backend);
	unsigned int ports = 1, port;

	cJSON_AddStringToObject(reply, "socket", b->path);
	cJSON_AddStringToObject(reply, "role",
				switch_is_mine(b) ? "switch"
				: b->uplink	  ? "member"
						  : "alone");
	if (switch_is_mine(b)) {
		for (port = 1; port < SWITCH_PORTS; port++)
			ports += b->ports[port] != NULL;
		cJSON_AddNumberToObject(reply, "ports", ports);
		cJSON_AddNumberToObject(reply, "addresses", learning_switch_known(b->table));
		cJSON_AddNumberToObject(reply, "refused", (double)b->refused);
	}
	cJSON_AddNumberToObject(reply, "dropped", (double)b->dropped);
}

static void switch_backend_free(struct net_backend *backend)
{
	struct switch_backend *b = container_of(backend, struct switch_backend, backend);

	loop_timer_free(b->retry);
	frame_socket_free(b->uplink);
	if (switch_is_mine(b))
		switch_end(b);
	free(b);
}

static const struct net_backend_ops switch_ops = {
	.kind = "switch",
	.send = switch_send,
	.describe = switch_describe,
	.free = switch_backend_free,
};

struct net_backend *switch_backend_new(struct loop *loop, const char *path, net_receive receive,
				       void *opaque, char *error, size_t error_bytes)
{
	struct switch_backend *b = xcalloc(1, sizeof(*b));
	int err;

	b->backend.ops = &switch_ops;
	b->backend.receive = receive;
	b->backend.opaque = opaque;
	b->loop = loop;
	b->path = path;
	b->lock = b->listener = -1;
	b->retry = loop_timer_new(loop, switch_retry, b);
	err = switch_find(b);
	if (err) {
		snprintf(error, error_bytes, "switch %s: %s", path, strerror(-err));
		switch_backend_free(&b->backend);
		return NULL;
	}
	return &b->backend;
}
