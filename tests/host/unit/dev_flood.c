// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the generator: how many frames, how long, how many at a time, and when it calls the run over.
 */
#include <errno.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "../devices/bytes.h"
#include "../devices/flood_backend.h"
#include "../hyperv/loop.h"
#include "dev_unit.h"

static struct loop *loop;
static unsigned int outstanding, most, received;
static size_t last_bytes;
static uint8_t last[FLOOD_BYTES_MIN];

static void on_frame(void *opaque, const uint8_t *frame, size_t bytes)
{
	(void)opaque;
	memcpy(last, frame, sizeof(last));
	last_bytes = bytes;
	received++;
	outstanding++;
	if (outstanding > most)
		most = outstanding;
}

static unsigned int on_outstanding(const void *opaque)
{
	return *(const unsigned int *)opaque;
}

static struct net_backend *flood(void)
{
	struct flood_params params = {
		.loop = loop,
		.receive = on_frame,
		.outstanding = on_outstanding,
		.outstanding_opaque = &outstanding,
		.mac = { 0, 0x15, 0x5d, 0, 0, 0x10 },
	};

	outstanding = most = received = 0;
	return flood_backend_new(&params);
}

/* The guest gives @n frames back, then everything runs that can. */
static void give_back(struct net_backend *net, unsigned int n)
{
	outstanding -= n;
	net->ops->returned(net);
	loop_run_once(loop, 0);
	loop_run_once(loop, 0);
}

static bool is_running(struct net_backend *net)
{
	cJSON *reply = cJSON_CreateObject();
	bool running;

	net->ops->describe(net, reply);
	running = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(reply, "running"));
	cJSON_Delete(reply);
	return running;
}

static void all_frames_in_a_window(void)
{
	struct net_backend *net = flood();

	CHECK(!is_running(net));
	CHECK(!flood_backend_start(net, 25, 1514, 8));
	CHECK(flood_backend_start(net, 25, 1514, 8) == -EBUSY);
	loop_run_once(loop, 0);
	loop_run_once(loop, 0);
	CHECK(received == 16);
	CHECK(last_bytes == 1514);
	CHECK(!memcmp(last, (uint8_t[]){ 0, 0x15, 0x5d, 0, 0, 0x10 }, 6));
	CHECK(get_be16(last + 12) == FLOOD_ETH_TYPE);
	/* Room for a whole burst only after so many came back. */
	give_back(net, 7);
	CHECK(received == 16);
	give_back(net, 1);
	CHECK(received == 24);
	give_back(net, 16);
	CHECK(received == 25);
	CHECK(is_running(net));
	give_back(net, outstanding);
	CHECK(!is_running(net));
	CHECK(most == 16);
	CHECK(!flood_backend_start(net, 1, FLOOD_BYTES_MIN, 1));
	flood_backend_stop(net);
	CHECK(!is_running(net));
	net->ops->free(net);
}

static void what_is_not_taken_does_not_hang_it(void)
{
	struct net_backend *net = flood();

	CHECK(!flood_backend_start(net, 5, FLOOD_BYTES_MIN, 2));
	while (is_running(net) && received < 6) {
		outstanding = 0;
		loop_run_once(loop, 0);
	}
	CHECK(received == 5);
	CHECK(!is_running(net));
	net->ops->free(net);
}

static const struct unit_case cases[] = {
	UNIT_CASE(all_frames_in_a_window),
	UNIT_CASE(what_is_not_taken_does_not_hang_it),
};

int main(void)
{
	int status;

	loop = loop_new();
	status = unit_main(cases, sizeof(cases) / sizeof(cases[0]));
	loop_free(loop);
	return status;
}
