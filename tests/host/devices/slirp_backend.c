// SPDX-License-Identifier: GPL-2.0
/*
 * Drives libslirp from the event loop. libslirp wants to be asked for its file descriptors before
 * every wait and told about them afterwards; here they sit in an epoll set of their own, which the
 * loop watches as one descriptor, and that set is brought up to date once after every turn in which
 * libslirp did anything. Knows no RNDIS.
 */
#include "slirp_backend.h"

#include <errno.h>
#include <poll.h>
#include <slirp/libslirp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "../hyperv/device.h"
#include "../hyperv/loop.h"
#include "../hyperv/util.h"
#include "file_server.h"

#define FILE_SERVER_ADDRESS 0x0a000264 /* 10.0.2.100 */
#define FILE_SERVER_PORT    80

struct slirp_timer {
	struct loop_timer *timer;
	SlirpTimerCb fn;
	void *opaque;
};

struct slirp_backend {
	struct net_backend backend;
	struct loop *loop;
	Slirp *slirp;
	struct file_server *server;

	int epoll; /* libslirp's descriptors */
	struct pollfd *fds; /* what it asked for last, in the order of its indices */
	int nr_fds, max_fds;
	int *watched; /* descriptors in the epoll set */
	int nr_watched, max_watched;
	struct loop_timer *wait; /* libslirp wants to be called at the latest then */
	struct loop_task turn; /* one exchange with libslirp, queued whenever something happened */
};

static int events_to_poll(int events)
{
	return (events & SLIRP_POLL_IN ? POLLIN : 0) | (events & SLIRP_POLL_OUT ? POLLOUT : 0) |
	       (events & SLIRP_POLL_PRI ? POLLPRI : 0) | (events & SLIRP_POLL_ERR ? POLLERR : 0) |
	       (events & SLIRP_POLL_HUP ? POLLHUP : 0);
}

static int events_from_poll(int events)
{
	return (events & POLLIN ? SLIRP_POLL_IN : 0) | (events & POLLOUT ? SLIRP_POLL_OUT : 0) |
	       (events & POLLPRI ? SLIRP_POLL_PRI : 0) | (events & POLLERR ? SLIRP_POLL_ERR : 0) |
	       (events & POLLHUP ? SLIRP_POLL_HUP : 0);
}

static int slirp_add_poll(int fd, int events, void *opaque)
{
	struct slirp_backend *b = opaque;

	if (b->nr_fds == b->max_fds) {
		b->max_fds = b->max_fds ? 2 * b->max_fds : 16;
		b->fds = xrealloc(b->fds, (size_t)b->max_fds, sizeof(*b->fds));
	}
	b->fds[b->nr_fds].fd = fd;
	b->fds[b->nr_fds].events = (short)events_to_poll(events);
	b->fds[b->nr_fds].revents = 0;
	return b->nr_fds++;
}

static int slirp_get_revents(int index, void *opaque)
{
	struct slirp_backend *b = opaque;

	return index < 0 || index >= b->nr_fds ? 0 : events_from_poll(b->fds[index].revents);
}

static bool is_wanted(const struct slirp_backend *b, int fd)
{
	int i;

	for (i = 0; i < b->nr_fds; i++)
		if (b->fds[i].fd == fd)
			return true;
	return false;
}

/*
 * A descriptor can have been closed and opened again under the same number since the last turn, so
 * what was watched before says nothing: every one is set anew.
 */
static void slirp_watch(struct slirp_backend *b)
{
	struct epoll_event event = { 0 };
	int i;

	for (i = 0; i < b->nr_watched; i++)
		if (!is_wanted(b, b->watched[i]))
			epoll_ctl(b->epoll, EPOLL_CTL_DEL, b->watched[i], NULL);
	if (b->max_watched < b->nr_fds) {
		b->max_watched = b->max_fds;
		b->watched = xrealloc(b->watched, (size_t)b->max_watched, sizeof(*b->watched));
	}
	for (i = 0; i < b->nr_fds; i++) {
		event.events = (uint32_t)b->fds[i].events;
		if (epoll_ctl(b->epoll, EPOLL_CTL_MOD, b->fds[i].fd, &event) && errno == ENOENT)
			epoll_ctl(b->epoll, EPOLL_CTL_ADD, b->fds[i].fd, &event);
		b->watched[i] = b->fds[i].fd;
	}
	b->nr_watched = b->nr_fds;
}

static void slirp_ask(struct slirp_backend *b, uint32_t *wait_ms)
{
	b->nr_fds = 0;
	*wait_ms = UINT32_MAX;
	slirp_pollfds_fill(b->slirp, wait_ms, slirp_add_poll, b);
}

static void slirp_turn(void *opaque)
{
	struct slirp_backend *b = opaque;
	uint32_t wait_ms;
	int ready;

	slirp_ask(b, &wait_ms);
	ready = poll(b->fds, (nfds_t)b->nr_fds, 0);
	slirp_pollfds_poll(b->slirp, ready < 0, slirp_get_revents, b);
	/* What it does now changes what it waits for. */
	slirp_ask(b, &wait_ms);
	slirp_watch(b);
	if (wait_ms == UINT32_MAX)
		loop_timer_cancel(b->wait);
	else
		loop_timer_arm(b->wait,
			       loop_now_ns() + (uint64_t)(wait_ms ? wait_ms : 1) * 1000000);
}

static void slirp_queue_turn(void *opaque)
{
	struct slirp_backend *b = opaque;

	loop_task_queue(b->loop, &b->turn);
}

static void slirp_fd_ready(int fd, uint32_t events, void *opaque)
{
	(void)fd;
	(void)events;
	slirp_queue_turn(opaque);
}

static ssize_t slirp_to_guest(const void *frame, size_t bytes, void *opaque)
{
	struct slirp_backend *b = opaque;

	b->backend.receive(b->backend.opaque, frame, bytes);
	return (ssize_t)bytes;
}

static void slirp_guest_error(const char *text, void *opaque)
{
	(void)opaque;
	hv_trace("network: %s", text);
}

static int64_t slirp_clock(void *opaque)
{
	(void)opaque;
	return (int64_t)loop_now_ns();
}

static void slirp_timer_fire(void *opaque)
{
	struct slirp_timer *timer = opaque;

	timer->fn(timer->opaque);
}

static void *slirp_timer_new(SlirpTimerCb fn, void *fn_opaque, void *opaque)
{
	struct slirp_backend *b = opaque;
	struct slirp_timer *timer = xcalloc(1, sizeof(*timer));

	timer->fn = fn;
	timer->opaque = fn_opaque;
	timer->timer = loop_timer_new(b->loop, slirp_timer_fire, timer);
	return timer;
}

static void slirp_timer_free(void *opaque_timer, void *opaque)
{
	struct slirp_timer *timer = opaque_timer;

	(void)opaque;
	loop_timer_free(timer->timer);
	free(timer);
}

static void slirp_timer_mod(void *opaque_timer, int64_t expire_ms, void *opaque)
{
	struct slirp_timer *timer = opaque_timer;

	(void)opaque;
	loop_timer_arm(timer->timer, expire_ms > 0 ? (uint64_t)expire_ms * 1000000 : 0);
}

static void slirp_ignore_fd(int fd, void *opaque)
{
	(void)fd;
	(void)opaque;
}

static const SlirpCb slirp_callbacks = {
	.send_packet = slirp_to_guest,
	.guest_error = slirp_guest_error,
	.clock_get_ns = slirp_clock,
	.timer_new = slirp_timer_new,
	.timer_free = slirp_timer_free,
	.timer_mod = slirp_timer_mod,
	.register_poll_fd = slirp_ignore_fd,
	.unregister_poll_fd = slirp_ignore_fd,
	.notify = slirp_queue_turn,
};

static void slirp_send(struct net_backend *backend, const uint8_t *frame, size_t bytes)
{
	struct slirp_backend *b = container_of(backend, struct slirp_backend, backend);

	slirp_input(b->slirp, frame, (int)bytes);
	slirp_queue_turn(b);
}

static void slirp_backend_free(struct net_backend *backend)
{
	struct slirp_backend *b = container_of(backend, struct slirp_backend, backend);

	loop_task_cancel(b->loop, &b->turn);
	if (b->slirp)
		slirp_cleanup(b->slirp);
	file_server_free(b->server);
	loop_timer_free(b->wait);
	if (b->epoll >= 0) {
		loop_fd_del(b->loop, b->epoll);
		close(b->epoll);
	}
	free(b->fds);
	free(b->watched);
	free(b);
}

static const struct net_backend_ops slirp_ops = {
	.kind = "user",
	.send = slirp_send,
	.free = slirp_backend_free,
};

static void slirp_configure(SlirpConfig *config, const struct slirp_options *options)
{
	memset(config, 0, sizeof(*config));
	config->version = 1;
	config->restricted = options->restricted;
	config->in_enabled = true;
	config->vnetwork.s_addr = htonl(0x0a000200);
	config->vnetmask.s_addr = htonl(0xffffff00);
	config->vhost.s_addr = htonl(0x0a000202);
	config->vdhcp_start.s_addr = htonl(0x0a00020f);
	config->vnameserver.s_addr = htonl(0x0a000203);
	config->in6_enabled = true;
	inet_pton(AF_INET6, "fec0::", &config->vprefix_addr6);
	config->vprefix_len = 64;
	inet_pton(AF_INET6, "fec0::2", &config->vhost6);
	inet_pton(AF_INET6, "fec0::3", &config->vnameserver6);
	config->if_mtu = options->mtu;
	config->if_mru = options->mtu;
}

static int slirp_serve_files(struct slirp_backend *b, const struct slirp_options *options,
			     char *error, size_t error_bytes)
{
	struct in_addr address = { .s_addr = htonl(FILE_SERVER_ADDRESS) };

	b->server = file_server_new(b->loop, options->serve, options->store, error, error_bytes);
	if (!b->server)
		return -1;
	if (slirp_add_unix(b->slirp, file_server_path(b->server), &address, FILE_SERVER_PORT)) {
		snprintf(error, error_bytes, "libslirp refuses 10.0.2.100:%u", FILE_SERVER_PORT);
		return -1;
	}
	return 0;
}

struct net_backend *slirp_backend_new(struct loop *loop, const struct slirp_options *options,
				      net_receive receive, void *opaque, char *error,
				      size_t error_bytes)
{
	struct slirp_backend *b = xcalloc(1, sizeof(*b));
	SlirpConfig config;
	int err;

	b->backend.ops = &slirp_ops;
	b->backend.receive = receive;
	b->backend.opaque = opaque;
	b->loop = loop;
	b->turn.fn = slirp_turn;
	b->turn.opaque = b;
	b->wait = loop_timer_new(loop, slirp_queue_turn, b);
	b->epoll = epoll_create1(EPOLL_CLOEXEC);
	err = b->epoll < 0 ? -errno : loop_fd_add(loop, b->epoll, EPOLLIN, slirp_fd_ready, b);
	if (err) {
		snprintf(error, error_bytes, "cannot watch the network: %s", strerror(-err));
		goto free_backend;
	}
	slirp_configure(&config, options);
	b->slirp = slirp_new(&config, &slirp_callbacks, b);
	if (!b->slirp) {
		snprintf(error, error_bytes, "libslirp does not start");
		goto free_backend;
	}
	if ((options->serve || options->store) && slirp_serve_files(b, options, error, error_bytes))
		goto free_backend;
	slirp_queue_turn(b);
	return &b->backend;

free_backend:
	slirp_backend_free(&b->backend);
	return NULL;
}
