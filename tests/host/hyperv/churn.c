// SPDX-License-Identifier: GPL-2.0
/*
 * Takes devices away and offers them again as fast as the guest goes along, for a number of rounds each. Knows nothing of
 * what the devices are.
 */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "churn.h"
#include "internal.h"

/* Policy: how often to look whether a device is ready for its next round. */
#define CHURN_LOOK_NS 1000000u

struct churn_device {
	char name[32];
	bool opened; /* a round ends when the channel is open, not as soon as it is offered */
	uint64_t left, done;
	struct churn_device *next;
};

struct churn {
	struct vmbus_server *server;
	struct loop_timer *timer;
	struct churn_device *devices;
};

/* The primary channel of a name that has not been taken away, or NULL. */
static struct vmbus_chan *churn_chan(const struct churn *churn, const char *name)
{
	for (struct vmbus_chan *chan = churn->server->chans; chan; chan = chan->next) {
		if (chan->state != CHAN_REVOKED && !chan->params.sub_index && !strcmp(chan->params.name, name))
			return chan;
	}
	return NULL;
}

static void churn_one(struct churn *churn, struct churn_device *device)
{
	struct vmbus_chan *chan = churn_chan(churn, device->name);
	char err[HV_ERR_MAX];

	if (!chan || (chan->state != CHAN_OPEN && (device->opened || chan->state != CHAN_OFFERED)))
		return;
	device->left--;
	device->done++;
	/* It is in the books, so both are possible; the offer waits until the guest has let go. */
	vmbus_rescind(chan);
	if (vmbus_server_offer_name(churn->server, device->name, err))
		hv_log("churn: %s", err);
}

static void churn_look(void *opaque)
{
	struct churn *churn = opaque;
	bool more = false;

	for (struct churn_device *device = churn->devices; device; device = device->next) {
		if (device->left)
			churn_one(churn, device);
		more |= device->left != 0;
	}
	if (more)
		loop_timer_arm(churn->timer, loop_now_ns() + CHURN_LOOK_NS);
}

int churn_set(struct vmbus_server *server, const char *name, uint64_t rounds, bool opened, char err[HV_ERR_MAX])
{
	struct churn *churn = server->churn;
	struct churn_device *device = churn ? churn->devices : NULL;
	struct known_offer *known = server->known;

	while (known && strcmp(known->name, name))
		known = known->next;
	if (!known || strlen(name) >= sizeof(device->name)) {
		snprintf(err, HV_ERR_MAX, "no device %.64s was ever offered", name);
		return -1;
	}
	if (!churn) {
		churn = server->churn = xcalloc(1, sizeof(*churn));
		churn->server = server;
		churn->timer = loop_timer_new(server->config.loop, churn_look, churn);
	}
	while (device && strcmp(device->name, name))
		device = device->next;
	if (!device) {
		device = xcalloc(1, sizeof(*device));
		strcpy(device->name, name);
		device->next = churn->devices;
		churn->devices = device;
	}
	device->left = rounds;
	device->opened = opened;
	churn_look(churn);
	return 0;
}

void churn_query(struct vmbus_server *server, struct cJSON *reply)
{
	cJSON *object = cJSON_AddObjectToObject(reply, "churn");

	for (const struct churn_device *at = server->churn ? server->churn->devices : NULL; at; at = at->next) {
		cJSON *one = cJSON_AddObjectToObject(object, at->name);

		cJSON_AddNumberToObject(one, "left", (double)at->left);
		cJSON_AddNumberToObject(one, "done", (double)at->done);
	}
}

void churn_free(struct vmbus_server *server)
{
	struct churn *churn = server->churn;

	if (!churn)
		return;
	while (churn->devices) {
		struct churn_device *device = churn->devices;

		churn->devices = device->next;
		free(device);
	}
	loop_timer_free(churn->timer);
	free(churn);
	server->churn = NULL;
}
