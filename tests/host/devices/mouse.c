// SPDX-License-Identifier: GPL-2.0
/*
 * The synthetic pointer: agrees on a version, describes itself, and reports where a test moves it.
 */
#include <stdio.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "mouse_message.h"
#include "pipe.h"
#include "types.h"

#define MOUSE_NAME "mouse"

enum mouse_state { MOUSE_CLOSED, MOUSE_OPEN, MOUSE_DESCRIBED, MOUSE_READY };

struct mouse {
	bool on;
	struct vmbus_chan *chan;
	enum mouse_state state;
	uint64_t reports;
};

static void mouse_send(struct mouse *mouse, const uint8_t *message, uint32_t len)
{
	/* A ring without room for the first messages: the guest is beyond help until it reopens. */
	if (pipe_send(mouse->chan, message, len))
		mouse->state = MOUSE_OPEN;
}

static void mouse_request(struct mouse *mouse, const struct mouse_request *request)
{
	struct vmbus_server *server = vmbus_chan_server(mouse->chan);
	uint8_t message[MOUSE_MESSAGE_MAX];
	bool accepted = request->version == MOUSE_VERSION_2_0;

	if (request->type == MOUSE_DEVICE_INFO_ACK) {
		if (mouse->state != MOUSE_DESCRIBED)
			hv_violation(server, "mouse-state", "acknowledges what was not sent");
		else
			mouse->state = MOUSE_READY;
		return;
	}
	if (mouse->state != MOUSE_OPEN) {
		hv_violation(server, "mouse-state", "asks for a version twice");
		return;
	}
	if (accepted)
		mouse->state = MOUSE_DESCRIBED;
	mouse_send(mouse, message, mouse_response_build(message, request->version, accepted));
	if (accepted)
		mouse_send(mouse, message, mouse_info_build(message));
}

static uint32_t mouse_open(struct vmbus_chan *chan, void *dev, const uint8_t user[120])
{
	struct mouse *mouse = dev;

	(void)user;
	mouse->chan = chan;
	mouse->state = MOUSE_OPEN;
	return HV_STATUS_OK;
}

static void mouse_close(struct vmbus_chan *chan, void *dev)
{
	struct mouse *mouse = dev;

	(void)chan;
	mouse->chan = NULL;
	mouse->state = MOUSE_CLOSED;
}

static void mouse_work(struct vmbus_chan *chan, void *dev)
{
	struct vmbus_pkt pkt;

	while (vmbus_recv(chan, &pkt) == 1) {
		const char *why = "packet is not in-band";
		struct mouse_request request;
		struct pipe_data data;

		if (pkt.type == VMBUS_PACKET_COMPLETION)
			continue;
		if (pkt.type != VMBUS_PACKET_INBAND ||
		    pipe_parse(pkt.payload, pkt.len, &data, &why) ||
		    mouse_request_parse(data.bytes, data.len, &request, &why)) {
			hv_violation(vmbus_chan_server(chan), "mouse-message", "%s", why);
			continue;
		}
		mouse_request(dev, &request);
	}
}

static const struct vmbus_dev_ops mouse_ops = {
	.open = mouse_open,
	.close = mouse_close,
	.work = mouse_work,
};

static int mouse_start(void *config, struct vmbus_server *server, char err[HV_ERR_MAX])
{
	struct mouse *mouse = config;
	const struct vmbus_offer_params params = {
		.name = MOUSE_NAME,
		.class_guid = HYPERV_GUID_INIT(0xcfa8b69e, 0x5b4a, 0x4cc0, 0xb9, 0x8b, 0x8b, 0xa1,
					       0xa1, 0xf3, 0xf9, 0x5a),
		.instance_guid = HYPERV_GUID_INIT(0x58f75a6d, 0xd949, 0x4320, 0x99, 0xe1, 0xa2,
						  0xa2, 0x57, 0x6d, 0x58, 0x1c),
		.flags = VMBUS_OFFER_PIPE_MODE,
		.user = { VMBUS_OFFER_PIPE_MESSAGE },
	};
	const struct hv_counter counters[] = { { "reports", &mouse->reports } };

	if (!mouse->on)
		return 0;
	if (!vmbus_offer(server, &params, &mouse_ops, mouse)) {
		snprintf(err, HV_ERR_MAX, "%s: cannot be offered", MOUSE_NAME);
		return -1;
	}
	hv_counters_add(server, MOUSE_NAME "-device", counters, 1);
	return 0;
}

/* Return: 0 with @value set, or @otherwise where there is no such field; -1 with one line in @err */
static int mouse_number(const cJSON *request, const char *key, int min, int max, int *value,
			char err[HV_ERR_MAX])
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(request, key);

	if (!item)
		return 0;
	if (!cJSON_IsNumber(item) || item->valuedouble < min || item->valuedouble > max) {
		snprintf(err, HV_ERR_MAX, "\"%s\" is not a number from %d to %d", key, min, max);
		return -1;
	}
	*value = (int)item->valuedouble;
	return 0;
}

static int mouse_control(void *config, const char *cmd, const cJSON *request, cJSON *reply,
			 char err[HV_ERR_MAX])
{
	struct mouse *mouse = config;
	int x = 0, y = 0, buttons = 0, wheel = 0;
	uint8_t message[MOUSE_MESSAGE_MAX];
	struct mouse_report report;

	(void)reply;
	if (strcmp(cmd, "mouse"))
		return 0;
	if (mouse_number(request, "x", 0, MOUSE_POSITION_MAX, &x, err) ||
	    mouse_number(request, "y", 0, MOUSE_POSITION_MAX, &y, err) ||
	    mouse_number(request, "buttons", 0, (1 << MOUSE_BUTTONS) - 1, &buttons, err) ||
	    mouse_number(request, "wheel", -127, 127, &wheel, err))
		return -1;
	if (mouse->state != MOUSE_READY) {
		snprintf(err, HV_ERR_MAX, "the guest does not use the mouse");
		return -1;
	}
	report = (struct mouse_report){ .buttons = (uint8_t)buttons,
					.x = (uint16_t)x,
					.y = (uint16_t)y,
					.wheel = (int8_t)wheel };
	if (pipe_send(mouse->chan, message, mouse_report_build(message, &report))) {
		snprintf(err, HV_ERR_MAX, "the guest does not take reports");
		return -1;
	}
	mouse->reports++;
	return 1;
}

static void mouse_query(void *config, cJSON *reply)
{
	static const char *const names[] = {
		[MOUSE_CLOSED] = "closed",
		[MOUSE_OPEN] = "open",
		[MOUSE_DESCRIBED] = "described",
		[MOUSE_READY] = "ready",
	};
	struct mouse *mouse = config;

	if (mouse->on)
		cJSON_AddStringToObject(cJSON_AddObjectToObject(reply, MOUSE_NAME), "state",
					names[mouse->state]);
}

static int mouse_parse_on(void *config, const char *arg, char err[HV_ERR_MAX])
{
	struct mouse *mouse = config;

	(void)arg;
	(void)err;
	mouse->on = true;
	return 0;
}

static const struct device_option mouse_options[] = {
	{ "mouse", NULL, "offer a synthetic pointer.\nExample: --mouse", mouse_parse_on },
	{ NULL, NULL, NULL, NULL },
};

const struct device_type mouse_type = {
	.name = MOUSE_NAME,
	.config_size = sizeof(struct mouse),
	.options = mouse_options,
	.start = mouse_start,
	.commands = "mouse x=N y=N [buttons=N] [wheel=N]  move the pointer (0 to 32767 each way)",
	.control = mouse_control,
	.query = mouse_query,
};
