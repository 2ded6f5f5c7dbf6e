/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One connection of hvsock, from the offer of its channel to its release: a byte stream in pipe
 * packets, to and from an echo or a Unix socket of the host.
 */
#ifndef HVHOST_DEVICES_HVSOCK_CONNECTION_H
#define HVHOST_DEVICES_HVSOCK_CONNECTION_H

#include <stdbool.h>
#include <stdint.h>

#include "../hyperv/device.h"
#include "hvsock_buffer.h"

struct hvsock_totals {
	uint64_t connections, refused, bytes_in, bytes_out;
};

struct hvsock_connection {
	struct vmbus_server *server;
	struct hvsock_totals *totals;
	struct vmbus_chan *chan; /* NULL: not in use */
	char name[16];
	uint32_t port;
	bool from_host, open;
	bool guest_ended, host_ended; /* the end will send no more */
	bool told_end; /* the guest knows of host_ended */
	int fd; /* -1: what the guest sends comes back */
	bool watched; /* the loop looks at fd */
	struct hvsock_buffer *to_guest, *to_host;
	uint64_t bytes_in, bytes_out;
	uint64_t deadline_ns; /* for what the timer waits for */
	struct loop_timer *timer;
	struct loop_task end_task;
};

/* Once for each; the rest is zero. */
void hvsock_connection_init(struct hvsock_connection *connection, struct vmbus_server *server,
			    struct hvsock_totals *totals, unsigned int index);
void hvsock_connection_free(struct hvsock_connection *connection);

/**
 * hvsock_connection_offer - offer the channel of a connection
 * @connection: one not in use
 * @endpoint: the guest's end, or a name of its own for a connection from the host
 * @service: who is called
 * @fd: stream socket the connection owns from here on, even on failure; -1: echo
 *
 * Return: 0, or -1 if it cannot be offered.
 */
int hvsock_connection_offer(struct hvsock_connection *connection,
			    const struct hyperv_guid *endpoint, const struct hyperv_guid *service,
			    bool from_host, int fd);
/* End it now, without waiting for anybody. */
void hvsock_connection_end(struct hvsock_connection *connection);

#endif
