/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a NIC is plugged into: something that takes Ethernet frames and hands back others. All in
 * the device thread.
 */
#ifndef HVHOST_DEVICES_NET_BACKEND_H
#define HVHOST_DEVICES_NET_BACKEND_H

#include <stddef.h>
#include <stdint.h>

struct cJSON;
struct net_backend;

/*
 * Called by a backend for each frame on its way to the guest; the frame is valid during the call
 * only.
 */
typedef void (*net_receive)(void *opaque, const uint8_t *frame, size_t bytes);

/**
 * struct net_backend_ops - a kind of backend
 * @kind: its name, for the query command
 * @send: takes a finished frame of the guest, valid during the call; what cannot be delivered is
 * dropped
 * @returned: the guest gave receive buffers back; may be NULL
 * @describe: adds its state to the reply of the query command; may be NULL
 * @free: ends the backend; the receive callback is not called any more
 */
struct net_backend_ops {
	const char *kind;
	void (*send)(struct net_backend *backend, const uint8_t *frame, size_t bytes);
	void (*returned)(struct net_backend *backend);
	void (*describe)(const struct net_backend *backend, struct cJSON *reply);
	void (*free)(struct net_backend *backend);
};

/* Common start of every backend. */
struct net_backend {
	const struct net_backend_ops *ops;
	net_receive receive;
	void *opaque;
};

#endif
