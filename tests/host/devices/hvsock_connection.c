// SPDX-License-Identifier: GPL-2.0
/*
 * One connection of hvsock. Each end may close its direction first; an empty pipe packet says so to
 * the other. When both have, or the guest has closed the channel, the channel is rescinded.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../hyperv/util.h"
#include "hvsock_address.h"
#include "hvsock_connection.h"
#include "pipe.h"

/* Policy: bytes of a packet to the guest; some fit into the smallest ring guests use. */
#define HVSOCK_CHUNK 4096u
/* Policy: how long a guest may take to open, and to read what is left; how often that is looked at. */
#define HVSOCK_PATIENCE_NS (10ull * 1000000000)
#define HVSOCK_LOOK_NS	   20000000ull

static void hvsock_timeout(void *opaque);

static void hvsock_wait(struct hvsock_connection *connection, uint64_t patience)
{
	connection->deadline_ns = loop_now_ns() + patience;
	loop_timer_arm(connection->timer, loop_now_ns() + HVSOCK_LOOK_NS);
}

static void hvsock_end_task(void *opaque)
{
	struct hvsock_connection *connection = opaque;

	if (connection->chan)
		vmbus_rescind(connection->chan);
}

/* Soon, but not in the middle of a callback of the channel. */
static void hvsock_end_soon(struct hvsock_connection *connection)
{
	loop_task_queue(vmbus_server_loop(connection->server), &connection->end_task);
}

void hvsock_connection_end(struct hvsock_connection *connection)
{
	hvsock_end_task(connection);
}

void hvsock_connection_init(struct hvsock_connection *connection, struct vmbus_server *server,
			    struct hvsock_totals *totals, unsigned int index)
{
	connection->server = server;
	connection->totals = totals;
	connection->fd = -1;
	snprintf(connection->name, sizeof(connection->name), "hvsock%u", index);
	connection->timer = loop_timer_new(vmbus_server_loop(server), hvsock_timeout, connection);
	connection->end_task.fn = hvsock_end_task;
	connection->end_task.opaque = connection;
}

/* ---------------------------------------------------------------- the host's end */

static void hvsock_fd_ready(int fd, uint32_t events, void *opaque);

/* An end that has hung up is reported for as long as it is watched at all: only while there is use. */
static void hvsock_watch(struct hvsock_connection *connection)
{
	struct loop *loop = vmbus_server_loop(connection->server);
	uint32_t events = 0;

	if (connection->fd < 0)
		return;
	if (!connection->host_ended && hvsock_buffer_room(connection->to_guest))
		events |= EPOLLIN;
	if (connection->to_host->len)
		events |= EPOLLOUT;
	if (connection->watched && events)
		loop_fd_mod(loop, connection->fd, events);
	else if (connection->watched)
		loop_fd_del(loop, connection->fd);
	else if (events && loop_fd_add(loop, connection->fd, events, hvsock_fd_ready, connection))
		events = 0;
	connection->watched = events;
}

static void hvsock_close_fd(struct hvsock_connection *connection)
{
	if (connection->fd < 0)
		return;
	if (connection->watched)
		loop_fd_del(vmbus_server_loop(connection->server), connection->fd);
	close(connection->fd);
	connection->fd = -1;
	connection->watched = false;
}

static void hvsock_fd_read(struct hvsock_connection *connection)
{
	size_t room = hvsock_buffer_room(connection->to_guest);
	ssize_t n;

	if (connection->host_ended || !room)
		return;
	n = recv(connection->fd, hvsock_buffer_tail(connection->to_guest), room, MSG_DONTWAIT);
	if (n > 0)
		connection->to_guest->len += (size_t)n;
	else if (n == 0 || (errno != EAGAIN && errno != EINTR))
		connection->host_ended = true;
}

static void hvsock_fd_write(struct hvsock_connection *connection)
{
	struct hvsock_buffer *buffer = connection->to_host;
	ssize_t n;

	while (buffer->len) {
		n = send(connection->fd, hvsock_buffer_head(buffer), buffer->len,
			 MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		if (n < 0) {
			/* Nobody reads any more: nothing can be done with what still comes. */
			connection->host_ended = true;
			hvsock_buffer_take(buffer, buffer->len);
			return;
		}
		hvsock_buffer_take(buffer, (size_t)n);
	}
	if (connection->guest_ended)
		shutdown(connection->fd, SHUT_WR);
}

static void hvsock_fd_ready(int fd, uint32_t events, void *opaque)
{
	struct hvsock_connection *connection = opaque;

	(void)fd;
	if (events & (EPOLLIN | EPOLLHUP | EPOLLERR))
		hvsock_fd_read(connection);
	if (events & EPOLLOUT)
		hvsock_fd_write(connection);
	hvsock_watch(connection);
	vmbus_kick(connection->chan);
}

/* ---------------------------------------------------------------- the guest's end */

/* Return: whether everything there is went into the ring. */
static bool hvsock_push(struct hvsock_connection *connection)
{
	struct hvsock_buffer *buffer = connection->to_guest;

	while (buffer->len) {
		size_t n = buffer->len < HVSOCK_CHUNK ? buffer->len : HVSOCK_CHUNK;

		if (pipe_send(connection->chan, hvsock_buffer_head(buffer), n))
			return false;
		hvsock_buffer_take(buffer, n);
		connection->bytes_out += n;
		connection->totals->bytes_out += n;
	}
	if (connection->fd < 0 && connection->guest_ended)
		connection->host_ended = true;
	if (connection->host_ended && !connection->told_end) {
		if (pipe_send(connection->chan, NULL, 0))
			return false;
		connection->told_end = true;
	}
	return true;
}

/* Return: false if the packet was none of a socket's. */
static bool hvsock_take(struct hvsock_connection *connection, const struct vmbus_pkt *pkt)
{
	struct hvsock_buffer *buffer = connection->fd < 0 ? connection->to_guest
							  : connection->to_host;
	const char *why = "packet is not in-band";
	struct pipe_data data;

	if (pkt->type != VMBUS_PACKET_INBAND || pipe_parse(pkt->payload, pkt->len, &data, &why)) {
		hv_violation(connection->server, "hvsock-packet", "%s: %s", connection->name, why);
		return false;
	}
	if (connection->guest_ended) {
		hv_violation(connection->server, "hvsock-ended", "%s: %u bytes after the end",
			     connection->name, data.len);
		return false;
	}
	if (!data.len) {
		connection->guest_ended = true;
		return true;
	}
	connection->bytes_in += data.len;
	connection->totals->bytes_in += data.len;
	/* Who has ended reads no more either. */
	if (connection->host_ended && connection->fd < 0)
		return true;
	memcpy(hvsock_buffer_tail(buffer), data.bytes, data.len);
	buffer->len += data.len;
	return true;
}

static void hvsock_work(struct vmbus_chan *chan, void *dev)
{
	struct hvsock_connection *connection = dev;
	struct vmbus_pkt pkt;

	for (;;) {
		struct hvsock_buffer *buffer = connection->fd < 0 ? connection->to_guest
								  : connection->to_host;

		hvsock_push(connection);
		if (hvsock_buffer_room(buffer) < PIPE_DATA_MAX || vmbus_recv(chan, &pkt) != 1)
			break;
		if (pkt.type == VMBUS_PACKET_COMPLETION)
			continue;
		hvsock_take(connection, &pkt);
		if (connection->fd >= 0)
			hvsock_fd_write(connection);
	}
	hvsock_watch(connection);
	if (connection->guest_ended && connection->told_end &&
	    !loop_timer_is_armed(connection->timer))
		hvsock_wait(connection, HVSOCK_PATIENCE_NS);
}

/* Both ends have ended: has the guest read all of it? And: has it opened the channel? */
static void hvsock_timeout(void *opaque)
{
	struct hvsock_connection *connection = opaque;
	bool late = loop_now_ns() >= connection->deadline_ns;

	if (!connection->chan)
		return;
	if (!connection->open) {
		if (late)
			hvsock_end_soon(connection);
		else
			loop_timer_arm(connection->timer, loop_now_ns() + HVSOCK_LOOK_NS);
		return;
	}
	if (!connection->guest_ended || !connection->told_end)
		return;
	if (late || vmbus_send_room(connection->chan) + 8 >= vmbus_chan_out_size(connection->chan))
		hvsock_end_soon(connection);
	else
		loop_timer_arm(connection->timer, loop_now_ns() + HVSOCK_LOOK_NS);
}

static uint32_t hvsock_open(struct vmbus_chan *chan, void *dev, const uint8_t user[120])
{
	struct hvsock_connection *connection = dev;

	(void)user;
	/* Offered by name once more: a connection is for one time. */
	if (connection->chan != chan || connection->open)
		return HV_NTSTATUS_UNSUCCESSFUL;
	loop_timer_cancel(connection->timer);
	connection->open = true;
	hvsock_watch(connection);
	return HV_STATUS_OK;
}

static void hvsock_close(struct vmbus_chan *chan, void *dev)
{
	struct hvsock_connection *connection = dev;

	(void)chan;
	loop_timer_cancel(connection->timer);
	hvsock_close_fd(connection);
	hvsock_end_soon(connection);
}

/* What a connection holds besides its channel. */
static void hvsock_drop(struct hvsock_connection *connection)
{
	hvsock_close_fd(connection);
	free(connection->to_guest);
	free(connection->to_host);
	connection->to_guest = connection->to_host = NULL;
	connection->chan = NULL;
	connection->open = false;
}

static void hvsock_released(struct vmbus_chan *chan, void *dev)
{
	struct hvsock_connection *connection = dev;

	if (connection->chan != chan)
		return;
	loop_timer_cancel(connection->timer);
	loop_task_cancel(vmbus_server_loop(connection->server), &connection->end_task);
	hvsock_drop(connection);
}

static const struct vmbus_dev_ops hvsock_ops = {
	.open = hvsock_open,
	.close = hvsock_close,
	.work = hvsock_work,
	.released = hvsock_released,
};

/* ---------------------------------------------------------------- begin and end */

void hvsock_connection_free(struct hvsock_connection *connection)
{
	if (!connection->server)
		return;
	loop_task_cancel(vmbus_server_loop(connection->server), &connection->end_task);
	loop_timer_free(connection->timer);
	hvsock_drop(connection);
}

int hvsock_connection_offer(struct hvsock_connection *connection,
			    const struct hyperv_guid *endpoint, const struct hyperv_guid *service,
			    bool from_host, int fd)
{
	struct vmbus_offer_params params = {
		.name = connection->name,
		.class_guid = *service,
		.instance_guid = *endpoint,
		.flags = VMBUS_OFFER_TLNPI_PROVIDER | VMBUS_OFFER_PIPE_MODE,
		.user = { VMBUS_OFFER_PIPE_BYTE, 0, 0, 0, from_host },
	};

	connection->fd = fd;
	connection->from_host = from_host;
	connection->guest_ended = connection->host_ended = connection->told_end = false;
	connection->bytes_in = connection->bytes_out = 0;
	connection->to_guest = xcalloc(1, sizeof(*connection->to_guest));
	connection->to_host = xcalloc(1, sizeof(*connection->to_host));
	hvsock_service_port(service, &connection->port);
	connection->chan = vmbus_offer(connection->server, &params, &hvsock_ops, connection);
	if (!connection->chan) {
		hvsock_drop(connection);
		return -1;
	}
	connection->totals->connections++;
	hvsock_wait(connection, HVSOCK_PATIENCE_NS);
	return 0;
}
