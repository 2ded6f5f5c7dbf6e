// SPDX-License-Identifier: GPL-2.0
/*
 * The key-value pair component: tells the guest about its host after each negotiation, then carries
 * out control commands, one at a time. What messages look like is kvp_message.c's and kvp_ip.c's.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cjson/cJSON.h>

#include "../hyperv/util.h"
#include "ic_control.h"
#include "kvp_command.h"
#include "types.h"

#define KVP_NAME "kvp"
/* Policy: a guest has a while for an answer, and not ever more pairs. */
#define KVP_TIMEOUT_S	   60
#define KVP_ITEMS_MAX	   4096
#define KVP_HOST_ITEMS_MAX 32

struct kvp_config {
	bool on;
	struct vmbus_server *server;
	struct ic *ic;
	/* What the host says of itself, set in pool 3 one by one after each negotiation. */
	struct kvp_item *host_item[KVP_HOST_ITEMS_MAX];
	unsigned int nr_host_items;
	unsigned int next_host_item; /* nr_host_items: all told */
	bool telling; /* the outstanding request is one of those */
	struct ic_job job;
	struct kvp_command command; /* of the job */
	uint32_t index; /* enumerating: the one asked for */
	uint64_t told, refused;
};

static const struct ic_version kvp_version_list[] = { { 1, 0 }, { 3, 0 }, { 4, 0 }, { 5, 0 } };
static const struct ic_versions kvp_versions = { kvp_version_list, ARRAY_SIZE(kvp_version_list) };

static bool kvp_is_binary(const struct kvp_config *c)
{
	return ic_version(c->ic).major >= 5;
}

static void kvp_send_command(struct kvp_config *c)
{
	char err[HV_ERR_MAX];
	int ret = ic_request(c->ic, c->command.body, c->command.bytes);

	if (ret) {
		ic_request_error("", ret, err);
		ic_job_end(&c->job, "%s", err + strlen(": "));
	}
}

/* Sends the next thing the host says of itself. Return: false if there is nothing more. */
static bool kvp_tell(struct kvp_config *c)
{
	struct kvp_exchange body;
	const char *why;

	if (c->next_host_item == c->nr_host_items)
		return false;
	/* They were built once when they were taken up, so they can be built. */
	kvp_set_build(&body, KVP_POOL_AUTO_EXTERNAL, c->host_item[c->next_host_item], &why);
	if (ic_request(c->ic, &body, sizeof(body))) {
		c->next_host_item = c->nr_host_items;
		return false;
	}
	c->next_host_item++;
	c->telling = true;
	return true;
}

/* Nothing is outstanding: go on with whatever is to be done. */
static void kvp_next(struct kvp_config *c)
{
	if (!kvp_tell(c) && ic_job_runs(&c->job))
		kvp_send_command(c);
}

static void kvp_negotiated(struct ic *ic, void *opaque)
{
	struct kvp_config *c = opaque;

	(void)ic;
	c->next_host_item = 0;
	kvp_next(c);
}

/* The guest's answer to an enumeration: take the pair, ask for the next. */
static void kvp_enumerated(struct kvp_config *c, const struct ic_reply *reply)
{
	cJSON *items = cJSON_GetObjectItemCaseSensitive(c->job.reply, "items");
	struct kvp_enumerate body;
	struct kvp_item *item;
	const char *why;

	if (reply->status == IC_STATUS_NO_MORE_ITEMS) {
		if (items)
			ic_job_end(&c->job, NULL);
		else
			ic_job_end(&c->job, "pool %u has no such key", c->command.pool);
		return;
	}
	if (reply->status) {
		ic_job_answer(&c->job, reply->status);
		ic_job_end(&c->job, "the guest answered %#x (%s) for index %u", reply->status,
			   ic_status_text(reply->status), c->index);
		return;
	}
	item = xcalloc(1, sizeof(*item));
	if (kvp_reply_parse(KVP_OP_ENUMERATE, c->command.pool, reply->body, reply->body_bytes, item,
			    &why)) {
		hv_violation(c->server, "kvp-reply", "%s", why);
		ic_job_end(&c->job, "the guest's answer is malformed: %s", why);
		goto out;
	}
	if (items) {
		cJSON *object = cJSON_CreateObject();

		kvp_item_json(object, item);
		cJSON_AddItemToArray(items, object);
	} else if (!strcmp(item->key, c->command.key)) {
		kvp_item_json(c->job.reply, item);
		ic_job_end(&c->job, NULL);
		goto out;
	}
	if (++c->index == KVP_ITEMS_MAX) {
		ic_job_end(&c->job, "the guest has no end of pairs");
		goto out;
	}
	kvp_enumerate_build(&body, c->command.pool, c->index);
	memcpy(c->command.body, &body, sizeof(body));
	kvp_send_command(c);
out:
	free(item);
}

static void kvp_answered(struct kvp_config *c, const struct ic_reply *reply)
{
	struct kvp_ip_config *config;
	struct kvp_item *item;
	const char *why;

	ic_job_answer(&c->job, reply->status);
	if (reply->status) {
		ic_job_end(&c->job, "the guest answered %#x (%s)", reply->status,
			   ic_status_text(reply->status));
		return;
	}
	switch (c->command.operation) {
	case KVP_OP_GET:
		item = xcalloc(1, sizeof(*item));
		if (kvp_reply_parse(KVP_OP_GET, c->command.pool, reply->body, reply->body_bytes,
				    item, &why)) {
			hv_violation(c->server, "kvp-reply", "%s", why);
			ic_job_end(&c->job, "the guest's answer is malformed: %s", why);
		} else {
			kvp_item_json(c->job.reply, item);
			ic_job_end(&c->job, NULL);
		}
		free(item);
		return;
	case KVP_OP_GET_IP:
		config = xcalloc(1, sizeof(*config));
		if (kvp_ip_reply_parse(kvp_is_binary(c), reply->body, reply->body_bytes, config,
				       &why)) {
			hv_violation(c->server, "kvp-reply", "%s", why);
			ic_job_end(&c->job, "the guest's answer is malformed: %s", why);
		} else {
			kvp_ip_json(c->job.reply, config);
			ic_job_end(&c->job, NULL);
		}
		free(config);
		return;
	default:
		ic_job_end(&c->job, NULL);
	}
}

static void kvp_reply(struct ic *ic, void *opaque, const struct ic_reply *reply)
{
	struct kvp_config *c = opaque;

	(void)ic;
	if (c->telling) {
		c->telling = false;
		if (reply && !reply->status)
			c->told++;
		else
			c->refused++;
		kvp_next(c);
	} else if (!ic_job_runs(&c->job)) {
		return;
	} else if (!reply) {
		ic_job_end(&c->job, "the guest did not answer within %u s", KVP_TIMEOUT_S);
	} else if (c->command.operation == KVP_OP_ENUMERATE) {
		kvp_enumerated(c, reply);
	} else {
		kvp_answered(c, reply);
	}
}

static void kvp_closed(struct ic *ic, void *opaque)
{
	struct kvp_config *c = opaque;

	(void)ic;
	c->telling = false;
	c->next_host_item = c->nr_host_items;
	if (ic_job_runs(&c->job))
		ic_job_end(&c->job, "the guest has closed the channel");
}

static const struct ic_service kvp_service = {
	.name = KVP_NAME,
	.type = IC_MSG_KVP,
	.class_guid = HYPERV_GUID_INIT(0xa9a0f4e7, 0x5a45, 0x4d96, 0xb8, 0x27, 0x8a, 0x84, 0x1e,
				       0x8c, 0x03, 0xe6),
	.instance_guid = HYPERV_GUID_INIT(0x242ff919, 0x07db, 0x4180, 0x9c, 0x2e, 0xb8, 0x6c, 0xb6,
					  0x8c, 0x8c, 0x55),
	.negotiated = kvp_negotiated,
	.reply = kvp_reply,
	.closed = kvp_closed,
	.patient = true,
};

/* Takes up one pair; a key given twice has the last value. Return: 0, -1 with @err set. */
static int kvp_add_host_item(struct kvp_config *c, const char *key, const char *value,
			     char err[HV_ERR_MAX])
{
	struct kvp_item *item = xcalloc(1, sizeof(*item));
	const char *why = "too long";
	struct kvp_exchange body;
	unsigned int i;

	item->type = KVP_TYPE_SZ;
	if (strlen(key) >= sizeof(item->key) || strlen(value) >= sizeof(item->text))
		goto refuse;
	strcpy(item->key, key);
	strcpy(item->text, value);
	if (kvp_set_build(&body, KVP_POOL_AUTO_EXTERNAL, item, &why))
		goto refuse;
	for (i = 0; i < c->nr_host_items; i++)
		if (!strcmp(c->host_item[i]->key, key))
			break;
	why = "too many pairs";
	if (i == KVP_HOST_ITEMS_MAX)
		goto refuse;
	if (i == c->nr_host_items)
		c->nr_host_items++;
	else
		free(c->host_item[i]);
	c->host_item[i] = item;
	return 0;
refuse:
	snprintf(err, HV_ERR_MAX, "--kvp-host-item: %.64s: %s", key, why);
	free(item);
	return -1;
}

static bool kvp_has_host_item(const struct kvp_config *c, const char *key)
{
	unsigned int i;

	for (i = 0; i < c->nr_host_items; i++)
		if (!strcmp(c->host_item[i]->key, key))
			return true;
	return false;
}

/* What every host says of itself, as far as no option says otherwise. */
static void kvp_default_host_items(struct kvp_config *c)
{
	char host[256] = "hvhost", err[HV_ERR_MAX];
	const char *const items[][2] = {
		{ "HostName", host },
		{ "PhysicalHostName", host },
		{ "PhysicalHostNameFullyQualified", host },
		{ "VirtualMachineName", "hvhost" },
	};
	size_t i;

	gethostname(host, sizeof(host) - 1);
	for (i = 0; i < ARRAY_SIZE(items); i++)
		if (!kvp_has_host_item(c, items[i][0]))
			kvp_add_host_item(c, items[i][0], items[i][1], err);
}

static int kvp_start(void *config, struct vmbus_server *server, char err[HV_ERR_MAX])
{
	struct kvp_config *c = config;
	const struct hv_counter counters[] = {
		{ "told", &c->told },
		{ "refused", &c->refused },
	};

	if (!c->on)
		return 0;
	c->server = server;
	c->ic = ic_new(server, &kvp_service, &kvp_versions, c);
	if (!c->ic) {
		snprintf(err, HV_ERR_MAX, "%s: cannot be offered", KVP_NAME);
		return -1;
	}
	ic_set_timeout(c->ic, KVP_TIMEOUT_S);
	kvp_default_host_items(c);
	c->next_host_item = c->nr_host_items;
	hv_counters_add(server, KVP_NAME ".host_items", counters, ARRAY_SIZE(counters));
	return 0;
}

static int kvp_control(void *config, const char *cmd, const cJSON *request, cJSON *reply,
		       char err[HV_ERR_MAX])
{
	struct kvp_command command;
	struct kvp_config *c = config;
	struct ic_version version = { 4, 0 };
	int ret;

	if (c->ic)
		version = ic_version(c->ic);
	ret = kvp_command_parse(cmd, request, version, &command, err);
	if (ret <= 0)
		return ret;
	if (!c->ic) {
		snprintf(err, HV_ERR_MAX, "%s: the component is not offered (--kvp)", cmd);
		return -1;
	}
	if (ic_job_runs(&c->job))
		return ic_request_error(command.name, -EBUSY, err);
	if (!c->telling) {
		ret = ic_request(c->ic, command.body, command.bytes);
		if (ret)
			return ic_request_error(command.name, ret, err);
	}
	c->command = command;
	c->index = 0;
	if (command.operation == KVP_OP_ENUMERATE && !command.key[0])
		cJSON_AddArrayToObject(reply, "items");
	return ic_job_begin(&c->job, command.name, reply);
}

static void kvp_query(void *config, cJSON *reply)
{
	struct kvp_config *c = config;

	if (c->ic)
		ic_query(c->ic, reply);
}

static void kvp_stop(void *config)
{
	struct kvp_config *c = config;
	unsigned int i;

	if (ic_job_runs(&c->job))
		ic_job_end(&c->job, "the host ends");
	if (c->ic)
		hv_counters_remove(c->server, KVP_NAME ".host_items");
	ic_free(c->ic);
	for (i = 0; i < c->nr_host_items; i++)
		free(c->host_item[i]);
}

static int kvp_parse_on(void *config, const char *arg, char err[HV_ERR_MAX])
{
	struct kvp_config *c = config;

	(void)arg;
	(void)err;
	c->on = true;
	return 0;
}

static int kvp_parse_host_item(void *config, const char *arg, char err[HV_ERR_MAX])
{
	char *copy = xstrdup(arg), *equals = strchr(copy, '=');
	int ret = -1;

	if (equals) {
		*equals = '\0';
		ret = kvp_add_host_item(config, copy, equals + 1, err);
	} else {
		snprintf(err, HV_ERR_MAX, "--kvp-host-item: \"%.64s\" is not KEY=TEXT", arg);
	}
	free(copy);
	return ret;
}

static const struct device_option kvp_options[] = {
	{ "kvp", NULL, "offer key-value pair exchange\nexample: --kvp", kvp_parse_on },
	{ "kvp-host-item", "KEY=TEXT",
	  "what the host says of itself in pool 3, beside or instead of HostName, "
	  "PhysicalHostName,\n"
	  "PhysicalHostNameFullyQualified and VirtualMachineName; may be given again\n"
	  "example: --kvp --kvp-host-item VirtualMachineName=web1",
	  kvp_parse_host_item },
	{ NULL, NULL, NULL, NULL },
};

const struct device_type kvp_type = {
	.name = KVP_NAME,
	.config_size = sizeof(struct kvp_config),
	.options = kvp_options,
	.start = kvp_start,
	.commands = KVP_COMMAND_HELP,
	.control = kvp_control,
	.query = kvp_query,
	.stop = kvp_stop,
};
