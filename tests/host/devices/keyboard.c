// SPDX-License-Identifier: GPL-2.0
/*
 * The synthetic keyboard: agrees on a version and hands on the keys a test presses. Knows no key
 * names.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "keyboard_message.h"
#include "types.h"

#define KEYBOARD_NAME "keyboard"

struct keyboard {
	bool on;
	struct vmbus_chan *chan;
	bool ready; /* version agreed on */
	uint16_t leds;
	uint64_t keys, leds_set;
};

static void keyboard_request(struct keyboard *keyboard, struct vmbus_chan *chan,
			     const struct keyboard_request *request)
{
	uint8_t response[KEYBOARD_RESPONSE_BYTES];

	if (request->type == KEYBOARD_LEDS) {
		if (!keyboard->ready)
			hv_violation(vmbus_chan_server(chan), "keyboard-state",
				     "LEDs before a version is agreed on");
		keyboard->leds = request->leds;
		keyboard->leds_set++;
		return;
	}
	keyboard->ready = request->version == KEYBOARD_VERSION_1_0;
	keyboard_response_build(response, keyboard->ready);
	if (vmbus_send_inband(chan, 0, 0, response, sizeof(response)))
		keyboard->ready = false;
}

static uint32_t keyboard_open(struct vmbus_chan *chan, void *dev, const uint8_t user[120])
{
	struct keyboard *keyboard = dev;

	(void)user;
	keyboard->chan = chan;
	keyboard->ready = false;
	return HV_STATUS_OK;
}

static void keyboard_close(struct vmbus_chan *chan, void *dev)
{
	struct keyboard *keyboard = dev;

	(void)chan;
	keyboard->chan = NULL;
	keyboard->ready = false;
}

static void keyboard_work(struct vmbus_chan *chan, void *dev)
{
	struct vmbus_pkt pkt;

	while (vmbus_recv(chan, &pkt) == 1) {
		struct keyboard_request request;
		const char *why;

		if (pkt.type == VMBUS_PACKET_COMPLETION)
			continue;
		if (pkt.type != VMBUS_PACKET_INBAND ||
		    keyboard_request_parse(pkt.payload, pkt.len, &request, &why)) {
			hv_violation(vmbus_chan_server(chan), "keyboard-message", "%s",
				     pkt.type != VMBUS_PACKET_INBAND ? "packet is not in-band"
								     : why);
			continue;
		}
		keyboard_request(dev, chan, &request);
	}
}

static const struct vmbus_dev_ops keyboard_ops = {
	.open = keyboard_open,
	.close = keyboard_close,
	.work = keyboard_work,
};

static int keyboard_start(void *config, struct vmbus_server *server, char err[HV_ERR_MAX])
{
	struct keyboard *keyboard = config;
	const struct vmbus_offer_params params = {
		.name = KEYBOARD_NAME,
		.class_guid = HYPERV_GUID_INIT(0xf912ad6d, 0x2b17, 0x48ea, 0xbd, 0x65, 0xf9, 0x27,
					       0xa6, 0x1c, 0x76, 0x84),
		.instance_guid = HYPERV_GUID_INIT(0xd34b2567, 0xb9b6, 0x42b9, 0x87, 0x78, 0x0a,
						  0x4e, 0xc0, 0xb9, 0x55, 0xbf),
	};
	const struct hv_counter counters[] = {
		{ "keys", &keyboard->keys },
		{ "leds_set", &keyboard->leds_set },
	};

	if (!keyboard->on)
		return 0;
	if (!vmbus_offer(server, &params, &keyboard_ops, keyboard)) {
		snprintf(err, HV_ERR_MAX, "%s: cannot be offered", KEYBOARD_NAME);
		return -1;
	}
	hv_counters_add(server, KEYBOARD_NAME "-device", counters, 2);
	return 0;
}

static int keyboard_control(void *config, const char *cmd, const cJSON *request, cJSON *reply,
			    char err[HV_ERR_MAX])
{
	struct keyboard *keyboard = config;
	const cJSON *code = cJSON_GetObjectItemCaseSensitive(request, "code");
	uint8_t event[KEYBOARD_EVENT_BYTES];
	uint32_t flags = 0;

	(void)reply;
	if (strcmp(cmd, "key"))
		return 0;
	if (!cJSON_IsNumber(code) || code->valuedouble < 1 || code->valuedouble > 127) {
		snprintf(err, HV_ERR_MAX, "\"code\" is missing or not a scan code from 1 to 127");
		return -1;
	}
	if (!keyboard->ready) {
		snprintf(err, HV_ERR_MAX, "the guest does not use the keyboard");
		return -1;
	}
	if (cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(request, "release")))
		flags |= KEYBOARD_BREAK;
	if (cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(request, "e0")))
		flags |= KEYBOARD_E0;
	keyboard_event_build(event, (uint16_t)code->valuedouble, flags);
	if (vmbus_send_inband(keyboard->chan, 0, 0, event, sizeof(event))) {
		snprintf(err, HV_ERR_MAX, "the guest does not take keys");
		return -1;
	}
	keyboard->keys++;
	return 1;
}

static void keyboard_query(void *config, cJSON *reply)
{
	struct keyboard *keyboard = config;
	cJSON *state;

	if (!keyboard->on)
		return;
	state = cJSON_AddObjectToObject(reply, KEYBOARD_NAME);
	cJSON_AddStringToObject(state, "state", keyboard->ready ? "ready" : "closed");
	cJSON_AddNumberToObject(state, "leds", keyboard->leds);
}

static int keyboard_parse_on(void *config, const char *arg, char err[HV_ERR_MAX])
{
	struct keyboard *keyboard = config;

	(void)arg;
	(void)err;
	keyboard->on = true;
	return 0;
}

static const struct device_option keyboard_options[] = {
	{ "keyboard", NULL, "offer a synthetic keyboard.\nExample: --keyboard", keyboard_parse_on },
	{ NULL, NULL, NULL, NULL },
};

const struct device_type keyboard_type = {
	.name = KEYBOARD_NAME,
	.config_size = sizeof(struct keyboard),
	.options = keyboard_options,
	.start = keyboard_start,
	.commands = "key code=N [release=true] [e0=true]  press or release a key, by scan code of "
		    "set 1",
	.control = keyboard_control,
	.query = keyboard_query,
};
