/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The guest's half of an integration component for unit tests: agrees on versions, takes requests,
 * answers them by sending them back with changes, as guests do.
 */
#ifndef HVHOST_UNIT_IC_GUEST_H
#define HVHOST_UNIT_IC_GUEST_H

#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "../devices/bytes.h"
#include "../devices/ic_message.h"
#include "dev_unit.h"
#include "fake_vmbus.h"

#define GUEST_BODY sizeof(struct ic_frame)

/* A device type with its options, started, its channel open. */
static inline void *guest_start(const struct device_type *type, const char *const *options)
{
	void *config = calloc(1, type->config_size);
	const struct device_option *option;
	char err[HV_ERR_MAX] = "";

	fake_forget_violations();
	for (; options && *options; options += 2) {
		for (option = type->options; strcmp(option->name, options[0]); option++)
			;
		if (option->parse(config, options[1], err))
			printf("# --%s: %s\n", options[0], err), unit_failures++;
	}
	CHECK_EQ(type->start(config, fake_server(), err), 0);
	fake_open(fake_chan(type->name));
	fake_run(fake_chan(type->name));
	return config;
}

static inline void guest_stop(const struct device_type *type, void *config)
{
	if (fake_is_open(fake_chan(type->name)))
		fake_close(fake_chan(type->name));
	fake_release(fake_chan(type->name));
	type->stop(config);
	free(config);
}

/* Choose a framework and a message version of those offered. */
static inline void guest_agree(struct vmbus_chan *chan, uint16_t major, uint16_t minor)
{
	uint8_t message[44] = { 1, 0, 0, 0, 0x24 };
	struct fake_sent sent;

	CHECK(fake_take(chan, &sent));
	CHECK_EQ(get_le16(sent.payload + 12), IC_MSG_NEGOTIATE);
	message[18] = 0x10;
	message[25] = 5;
	message[28] = message[30] = 1;
	memcpy(message + 36, sent.payload + 36 + 4 * (get_le16(sent.payload + 28) - 1), 4);
	put_le16(message + 40, major);
	put_le16(message + 42, minor);
	fake_push(chan, VMBUS_PACKET_INBAND, false, sent.xid, message, sizeof(message), NULL, 0);
	fake_run(chan);
}

/* A request, to be changed into its answer. */
struct guest_request {
	uint64_t xid;
	size_t bytes;
	uint8_t message[IC_MESSAGE_MAX + 8];
};

static inline bool guest_take(struct vmbus_chan *chan, struct guest_request *request)
{
	struct fake_sent sent;

	if (!fake_take(chan, &sent))
		return false;
	request->xid = sent.xid;
	request->bytes = sent.len;
	memcpy(request->message, sent.payload, sent.len);
	return true;
}

static inline void guest_answer(struct vmbus_chan *chan, struct guest_request *request,
				uint32_t status)
{
	request->message[25] = 5;
	put_le32(request->message + 20, status);
	fake_push(chan, VMBUS_PACKET_INBAND, false, request->xid, request->message, request->bytes,
		  NULL, 0);
	fake_run(chan);
}

/*
 * A control command in JSON. Return: what control() returned; on failure @err, or the answer that was
 * kept and given already.
 */
static inline int guest_control(const struct device_type *type, void *config, const char *json,
				char err[HV_ERR_MAX])
{
	cJSON *request = cJSON_Parse(json), *reply = cJSON_CreateObject();
	const char *cmd = cJSON_GetStringValue(cJSON_GetObjectItem(request, "cmd"));
	int ret;

	err[0] = '\0';
	if (!cmd) {
		printf("# not a command: %s\n", json);
		unit_failures++;
		cJSON_Delete(request);
		cJSON_Delete(reply);
		return -1;
	}
	ret = type->control(config, cmd, request, reply, err);
	if (ret != HV_CONTROL_LATER)
		cJSON_Delete(reply);
	cJSON_Delete(request);
	return ret;
}

/* The answer's member @key as text; "" if there is none. */
static inline const char *guest_text(const cJSON *reply, const char *key)
{
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItem(reply, key));

	return text ? text : "";
}

#define CHECK_TEXT(a, b)                                                                      \
	do {                                                                                  \
		const char *unit_a = (a), *unit_b = (b);                                      \
		if (!unit_a || strcmp(unit_a, unit_b)) {                                      \
			printf("# %s:%d: %s is \"%s\", not \"%s\"\n", __FILE__, __LINE__, #a, \
			       unit_a ? unit_a : "NULL", unit_b);                             \
			unit_failures++;                                                      \
		}                                                                             \
	} while (0)

#endif
