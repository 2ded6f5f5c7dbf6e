/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A generator of frames, for measurements: so many to the guest, as fast as it takes them, with the time that took. What the
 * guest sends is dropped.
 */
#ifndef HVHOST_DEVICES_FLOOD_BACKEND_H
#define HVHOST_DEVICES_FLOOD_BACKEND_H

#include "net_backend.h"

struct loop;

/* Shortest and longest frame, without checksum; and how many go at once at most. */
#define FLOOD_BYTES_MIN 60u
#define FLOOD_BYTES_MAX 9014u
#define FLOOD_BURST_MAX 256u
/* Of the frames: IEEE's local experimental type 1, which no stack has a receiver for. */
#define FLOOD_ETH_TYPE	0x88b5u

/**
 * struct flood_params - where the frames go
 * @loop: event loop the generator lives in
 * @receive: gets the frames for the guest
 * @opaque: for @receive
 * @outstanding: how many frames the guest has not given back
 * @outstanding_opaque: for @outstanding
 * @mac: the guest's address
 */
struct flood_params {
	struct loop *loop;
	net_receive receive;
	void *opaque;
	unsigned int (*outstanding)(const void *opaque);
	const void *outstanding_opaque;
	uint8_t mac[6];
};

/* flood_backend_new() - a generator at rest. Return: the backend; does not fail. */
struct net_backend *flood_backend_new(const struct flood_params *params);

/**
 * flood_backend_start() - begin to send
 * @backend: the generator
 * @frames: how many in all, at least 1
 * @bytes: length of each, FLOOD_BYTES_MIN to FLOOD_BYTES_MAX
 * @burst: how many at once, 1 to FLOOD_BURST_MAX; no more than twice as many are the guest's at a time
 *
 * Return: 0, -EBUSY it sends already.
 */
int flood_backend_start(struct net_backend *backend, uint64_t frames, uint32_t bytes, uint32_t burst);

/* flood_backend_stop() - send no more. */
void flood_backend_stop(struct net_backend *backend);

#endif
