// SPDX-License-Identifier: GPL-2.0
/*
 * The generator: bursts of frames in a window. A turn of the loop fills one burst, so that it is signalled as one; the next
 * follows when the guest has given enough of them back. Knows no NIC, only how many frames it still has.
 */
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <stdlib.h>
#include <time.h>

#include <cjson/cJSON.h>

#include "../hyperv/loop.h"
#include "../hyperv/util.h"
#include "bytes.h"
#include "flood_backend.h"

struct flood {
	struct net_backend base;
	struct flood_params params;
	struct loop_task task;
	uint64_t frames, sent; /* equal: at rest, or waiting for the last to come back */
	uint32_t bytes, burst;
	bool running;
	uint64_t start_ns, end_ns; /* of the last run */
	uint64_t start_cpu_ns, end_cpu_ns; /* the same as processor time of the device thread */
	uint8_t frame[FLOOD_BYTES_MAX];
};

static uint64_t flood_cpu_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void flood_turn(void *opaque)
{
	struct flood *f = opaque;
	unsigned int outstanding = f->params.outstanding(f->params.outstanding_opaque);
	uint64_t left = f->frames - f->sent, now;

	if (!f->running)
		return;
	if (!left) {
		if (outstanding)
			return;
		f->running = false;
		f->end_ns = loop_now_ns();
		f->end_cpu_ns = flood_cpu_ns();
		return;
	}
	now = left < f->burst ? left : f->burst;
	if (outstanding + now > 2 * f->burst)
		return;
	f->sent += now;
	while (now--)
		f->base.receive(f->base.opaque, f->frame, f->bytes);
	/* Once more, behind what sends this burst: the window may have room for another. */
	loop_task_queue(f->params.loop, &f->task);
}

int flood_backend_start(struct net_backend *backend, uint64_t frames, uint32_t bytes, uint32_t burst)
{
	struct flood *f = (struct flood *)backend;

	if (f->running)
		return -EBUSY;
	f->frames = frames;
	f->sent = 0;
	f->bytes = bytes;
	f->burst = burst;
	f->running = true;
	f->start_ns = loop_now_ns();
	f->start_cpu_ns = flood_cpu_ns();
	loop_task_queue(f->params.loop, &f->task);
	return 0;
}

void flood_backend_stop(struct net_backend *backend)
{
	((struct flood *)backend)->running = false;
}

static void flood_returned(struct net_backend *backend)
{
	struct flood *f = (struct flood *)backend;

	if (f->running)
		loop_task_queue(f->params.loop, &f->task);
}

static void flood_send(struct net_backend *backend, const uint8_t *frame, size_t bytes)
{
	(void)backend;
	(void)frame;
	(void)bytes;
}

static void flood_describe(const struct net_backend *backend, cJSON *reply)
{
	const struct flood *f = (const struct flood *)backend;

	cJSON_AddBoolToObject(reply, "running", f->running);
	cJSON_AddNumberToObject(reply, "sent", (double)f->sent);
	cJSON_AddNumberToObject(reply, "ns", f->running ? 0 : (double)(f->end_ns - f->start_ns));
	cJSON_AddNumberToObject(reply, "host_ns",
				f->running ? 0 : (double)(f->end_cpu_ns - f->start_cpu_ns));
	cJSON_AddNumberToObject(reply, "thread_ns", (double)flood_cpu_ns());
}

static void flood_free(struct net_backend *backend)
{
	struct flood *f = (struct flood *)backend;

	loop_task_cancel(f->params.loop, &f->task);
	free(f);
}

static const struct net_backend_ops flood_ops = {
	.kind = "flood",
	.send = flood_send,
	.returned = flood_returned,
	.describe = flood_describe,
	.free = flood_free,
};

struct net_backend *flood_backend_new(const struct flood_params *params)
{
	struct flood *f = xcalloc(1, sizeof(*f));

	f->base.ops = &flood_ops;
	f->base.receive = params->receive;
	f->base.opaque = params->opaque;
	f->params = *params;
	f->task.fn = flood_turn;
	f->task.opaque = f;
	memcpy(f->frame, params->mac, sizeof(params->mac));
	/* A sender nobody has: locally administered. */
	f->frame[6] = 2;
	put_be16(f->frame + 12, FLOOD_ETH_TYPE);
	return &f->base;
}
