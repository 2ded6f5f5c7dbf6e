// SPDX-License-Identifier: GPL-2.0
/*
 * Frames to and from a TAP device (Linux, Documentation/networking/tuntap): no packet information,
 * no offloads, so what is read is whole and has its checksums.
 */
#include "tap_backend.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cjson/cJSON.h>

#include "../hyperv/device.h"
#include "../hyperv/loop.h"
#include "../hyperv/util.h"
#include "frame_socket.h"

/* Not in <linux/if.h>, and <net/if.h> cannot stand beside that. */
unsigned int if_nametoindex(const char *name);

struct tap_backend {
	struct net_backend backend;
	char name[IFNAMSIZ];
	struct frame_socket *socket;
	bool gone;
	uint64_t dropped;
};

static void tap_frame(void *opaque, const uint8_t *frame, size_t bytes)
{
	struct tap_backend *b = opaque;

	b->backend.receive(b->backend.opaque, frame, bytes);
}

static void tap_gone(void *opaque)
{
	struct tap_backend *b = opaque;

	b->gone = true;
	hv_log("TAP device %s is gone", b->name);
}

static const struct frame_socket_ops tap_socket_ops = {
	.frame = tap_frame,
	.gone = tap_gone,
};

static void tap_send(struct net_backend *backend, const uint8_t *frame, size_t bytes)
{
	struct tap_backend *b = container_of(backend, struct tap_backend, backend);

	if (frame_socket_send(b->socket, frame, bytes))
		b->dropped++;
}

static void tap_describe(const struct net_backend *backend, cJSON *reply)
{
	const struct tap_backend *b = container_of(backend, struct tap_backend, backend);

	cJSON_AddStringToObject(reply, "device", b->name);
	cJSON_AddBoolToObject(reply, "gone", b->gone);
	cJSON_AddNumberToObject(reply, "dropped", (double)b->dropped);
}

static void tap_backend_free(struct net_backend *backend)
{
	struct tap_backend *b = container_of(backend, struct tap_backend, backend);

	frame_socket_free(b->socket);
	free(b);
}

static const struct net_backend_ops tap_ops = {
	.kind = "tap",
	.send = tap_send,
	.describe = tap_describe,
	.free = tap_backend_free,
};

const char *tap_name_error(const char *name)
{
	if (!name || !*name)
		return "needs the name of a TAP device";
	if (strlen(name) >= IFNAMSIZ || strchr(name, '/'))
		return "is no name of a network device";
	return NULL;
}

/* Return: the descriptor, -1 with @error filled in. */
static int tap_open(const char *name, char *error, size_t error_bytes)
{
	struct ifreq request;
	int fd, err;

	if (!if_nametoindex(name)) {
		snprintf(error, error_bytes,
			 "there is no network device %s (ip tuntap add dev %s mode tap)", name,
			 name);
		return -1;
	}
	fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0) {
		snprintf(error, error_bytes, "/dev/net/tun: %s", strerror(errno));
		return -1;
	}
	memset(&request, 0, sizeof(request));
	memcpy(request.ifr_name, name, strlen(name));
	request.ifr_flags = IFF_TAP | IFF_NO_PI;
	if (!ioctl(fd, TUNSETIFF, &request))
		return fd;
	err = errno;
	snprintf(error, error_bytes, "%s: %s", name,
		 err == EINVAL ? "not a TAP device"
		 : err == EBUSY ? "in use by another program"
				: strerror(err));
	close(fd);
	return -1;
}

struct net_backend *tap_backend_new(struct loop *loop, const char *name, net_receive receive,
				    void *opaque, char *error, size_t error_bytes)
{
	int fd = tap_open(name, error, error_bytes);
	struct tap_backend *b;

	if (fd < 0)
		return NULL;
	b = xcalloc(1, sizeof(*b));
	b->backend.ops = &tap_ops;
	b->backend.receive = receive;
	b->backend.opaque = opaque;
	memcpy(b->name, name, strlen(name));
	b->socket = frame_socket_new(loop, fd, &tap_socket_ops, b);
	if (!b->socket) {
		snprintf(error, error_bytes, "%s: %s", name, strerror(errno));
		free(b);
		return NULL;
	}
	return &b->backend;
}
