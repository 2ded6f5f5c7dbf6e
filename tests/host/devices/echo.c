// SPDX-License-Identifier: GPL-2.0
/*
 * A device that no driver claims, for drivers that are told to: it returns what it gets. In-band
 * packets come back as they are, requests are completed with their own payload. The guest may signal
 * it by the monitor page only, as user space does that has the rings mapped. Who opens the channel may
 * ask, in the user data of OPEN, for a host that is slow to look or that returns nothing.
 */
#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "../hyperv/util.h"
#include "types.h"

#define ECHO_NAME "echo"

/* Policy: a guest cannot keep the host from its ring for longer than this. */
#define ECHO_DELAY_MAX_US 1000000u

/* User data of OPEN, what follows is ignored; all zero, which is what user space sends: neither. */
struct echo_wishes {
	uint32_t delay_us; /* from the first packet in an empty ring until the host takes what is there */
	uint32_t sink; /* 1: in-band packets are not returned */
};

struct echo {
	bool on;
	uint32_t delay_us;
	bool sink;
	/* Runs from the first packet on; the ring stays masked until it has. */
	struct loop_timer *delay;
	bool delay_over;
	struct vmbus_chan *chan;
	/* The packet that did not fit into the ring; no other is taken before it is away. */
	uint8_t *held;
	uint32_t held_len, held_max;
	bool holds;
	struct vmbus_pkt pkt; /* without its payload */
	uint64_t echoed, bytes;
};

/* Return: whether the ring took it. */
static bool echo_return(struct echo *echo, const uint8_t *payload)
{
	const struct vmbus_pkt *pkt = &echo->pkt;
	int ret;

	if (echo->sink && !pkt->wants_completion)
		return true;
	if (pkt->wants_completion)
		ret = vmbus_complete(echo->chan, pkt->xid, payload, pkt->len);
	else
		ret = vmbus_send_inband(echo->chan, 0, pkt->xid, payload, pkt->len);
	if (ret == -EAGAIN)
		return false;
	if (!ret) {
		echo->echoed++;
		echo->bytes += pkt->len;
	}
	return true;
}

static void echo_hold(struct echo *echo, const struct vmbus_pkt *pkt)
{
	if (pkt->len > echo->held_max) {
		echo->held_max = pkt->len;
		echo->held = xrealloc(echo->held, echo->held_max, 1);
	}
	memcpy(echo->held, pkt->payload, pkt->len);
	echo->holds = true;
}

static void echo_look(void *opaque)
{
	struct echo *echo = opaque;

	echo->delay_over = true;
	if (echo->chan)
		vmbus_kick(echo->chan);
}

static void echo_work(struct vmbus_chan *chan, void *dev)
{
	struct echo *echo = dev;
	struct vmbus_pkt pkt;

	if (echo->holds && loop_timer_is_armed(echo->delay))
		return;
	for (;;) {
		if (echo->holds && !echo_return(echo, echo->held))
			return;
		echo->holds = false;
		if (vmbus_recv(chan, &pkt) != 1)
			break;
		if (pkt.type == VMBUS_PACKET_COMPLETION)
			continue;
		echo->pkt = pkt;
		if (echo->delay_us && !echo->delay_over) {
			/* The first since the ring was empty: what comes meanwhile needs no signal. */
			echo_hold(echo, &pkt);
			loop_timer_arm(echo->delay, loop_now_ns() + echo->delay_us * 1000ull);
			return;
		}
		if (!echo_return(echo, pkt.payload))
			echo_hold(echo, &pkt);
	}
	echo->delay_over = false;
}

static uint32_t echo_open(struct vmbus_chan *chan, void *dev, const uint8_t user[120])
{
	struct echo *echo = dev;
	struct echo_wishes wishes;

	memcpy(&wishes, user, sizeof(wishes));
	if (le32toh(wishes.delay_us) > ECHO_DELAY_MAX_US || le32toh(wishes.sink) > 1)
		return HV_NTSTATUS_INVALID_PARAMETER;
	echo->delay_us = le32toh(wishes.delay_us);
	echo->sink = le32toh(wishes.sink);
	echo->delay_over = false;
	echo->chan = chan;
	echo->holds = false;
	return HV_STATUS_OK;
}

static void echo_close(struct vmbus_chan *chan, void *dev)
{
	struct echo *echo = dev;

	(void)chan;
	loop_timer_cancel(echo->delay);
	echo->chan = NULL;
	echo->holds = false;
}

static const struct vmbus_dev_ops echo_ops = {
	.open = echo_open,
	.close = echo_close,
	.work = echo_work,
};

static int echo_start(void *config, struct vmbus_server *server, char err[HV_ERR_MAX])
{
	struct echo *echo = config;
	const struct vmbus_offer_params params = {
		.name = ECHO_NAME,
		.class_guid = HYPERV_GUID_INIT(0xdd2a30f2, 0x6c2c, 0x4f0b, 0x9a, 0x4e, 0x6b, 0x1f,
					       0x0c, 0x1d, 0x8e, 0x01),
		.instance_guid = HYPERV_GUID_INIT(0x3f0f2a11, 0x5d0e, 0x4b5e, 0x8a, 0x61, 0x2c,
						  0x77, 0x9d, 0x40, 0xe6, 0x02),
		.monitored = true,
	};
	const struct hv_counter counters[] = {
		{ "packets", &echo->echoed },
		{ "bytes", &echo->bytes },
	};

	if (!echo->on)
		return 0;
	echo->delay = loop_timer_new(vmbus_server_loop(server), echo_look, echo);
	if (!vmbus_offer(server, &params, &echo_ops, echo)) {
		snprintf(err, HV_ERR_MAX, "%s: cannot be offered", ECHO_NAME);
		return -1;
	}
	hv_counters_add(server, ECHO_NAME "-device", counters, ARRAY_SIZE(counters));
	return 0;
}

static void echo_stop(void *config)
{
	struct echo *echo = config;

	loop_timer_free(echo->delay);
	free(echo->held);
}

static int echo_parse_on(void *config, const char *arg, char err[HV_ERR_MAX])
{
	struct echo *echo = config;

	(void)arg;
	(void)err;
	echo->on = true;
	return 0;
}

static const struct device_option echo_options[] = {
	{ "echo", NULL,
	  "offer a device of a class of its own, dd2a30f2-6c2c-4f0b-9a4e-6b1f0c1d8e01, that\n"
	  "returns each packet and is signalled by the monitor page. User data of OPEN: u32 microseconds\n"
	  "to let packets gather after the first in an empty ring, u32 1 to return no in-band packet.\n"
	  "Example: --echo",
	  echo_parse_on },
	{ NULL, NULL, NULL, NULL },
};

const struct device_type echo_type = {
	.name = ECHO_NAME,
	.config_size = sizeof(struct echo),
	.options = echo_options,
	.start = echo_start,
	.stop = echo_stop,
};
