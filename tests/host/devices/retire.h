/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Taking a device away in an orderly manner: it says what a guest needs to let go, then the channel
 * is rescinded once the guest has been silent for a while.
 */
#ifndef HVHOST_DEVICES_RETIRE_H
#define HVHOST_DEVICES_RETIRE_H

#include <stdbool.h>
#include <stdint.h>

struct loop;
struct loop_timer;
struct vmbus_chan;

/**
 * struct retire - one device's way out
 * @timer: looks at @packets from time to time
 * @packets: number of packets taken from the guest so far
 * @chan: channel to rescind, NULL while the device stays
 * @seen: @packets at the last look
 * @quiet_ns: when the guest was seen sending last
 * @begun_ns: when it began
 */
struct retire {
	struct loop_timer *timer;
	const uint64_t *packets;
	struct vmbus_chan *chan;
	uint64_t seen;
	uint64_t quiet_ns;
	uint64_t begun_ns;
};

/**
 * retire_init() - prepare
 * @retire: zeroed; must not move afterwards
 * @loop: event loop of the device
 * @packets: number of packets taken from the guest, valid as long as @retire
 */
void retire_init(struct retire *retire, struct loop *loop, const uint64_t *packets);

/* retire_free() - end it. */
void retire_free(struct retire *retire);

/**
 * retire_start() - rescind a channel as soon as the guest is silent
 * @retire: the device's; already under way is fine
 * @chan: open channel
 *
 * A guest that does not fall silent is not waited for without end.
 */
void retire_start(struct retire *retire, struct vmbus_chan *chan);

/* retire_cancel() - the channel has been closed: nothing to wait for any more. */
void retire_cancel(struct retire *retire);

/* retire_is_on() - whether the device is on its way out. */
bool retire_is_on(const struct retire *retire);

#endif
