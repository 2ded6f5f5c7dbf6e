// SPDX-License-Identifier: GPL-2.0
/*
 * The shutdown component: asks the guest to power off, restart or hibernate, and remembers what it
 * answered.
 */
#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "../hyperv/util.h"
#include "ic_control.h"
#include "ic_utf16.h"
#include "types.h"

#define SHUTDOWN_NAME		"shutdown"
#define SHUTDOWN_REASON_PLANNED 0x80000000u
/* Hibernation came with message version 3.2. */
#define SHUTDOWN_HIBERNATE_MAJOR 3
#define SHUTDOWN_HIBERNATE_MINOR 2

struct shutdown_config {
	bool off;
	struct ic *ic;
	struct ic_job job; /* a command that waits for the answer */
	bool has_status;
	uint32_t status; /* the guest's last answer */
	uint64_t accepted, refused;
};

static void shutdown_negotiated(struct ic *ic, void *opaque)
{
	(void)ic;
	(void)opaque;
}

static void shutdown_reply(struct ic *ic, void *opaque, const struct ic_reply *reply)
{
	struct shutdown_config *c = opaque;

	(void)ic;
	if (!reply) {
		if (ic_job_runs(&c->job))
			ic_job_end(&c->job, "the guest did not answer within %u s", IC_TIMEOUT_S);
		return;
	}
	c->has_status = true;
	c->status = reply->status;
	if (reply->status)
		c->refused++;
	else
		c->accepted++;
	hv_trace("%s: the guest answered %#x", SHUTDOWN_NAME, reply->status);
	if (!ic_job_runs(&c->job))
		return;
	ic_job_answer(&c->job, reply->status);
	if (reply->status)
		ic_job_end(&c->job, "the guest answered %#x (%s)", reply->status,
			   ic_status_text(reply->status));
	else
		ic_job_end(&c->job, NULL);
}

static void shutdown_closed(struct ic *ic, void *opaque)
{
	struct shutdown_config *c = opaque;

	(void)ic;
	if (ic_job_runs(&c->job))
		ic_job_end(&c->job, "the guest has closed the channel");
}

static const struct ic_service shutdown_service = {
	.name = SHUTDOWN_NAME,
	.type = IC_MSG_SHUTDOWN,
	.class_guid = HYPERV_GUID_INIT(0x0e0b6031, 0x5213, 0x4934, 0x81, 0x8b, 0x38, 0xd9, 0x0c,
				       0xed, 0x39, 0xdb),
	.instance_guid = HYPERV_GUID_INIT(0xb6650ff7, 0x33bc, 0x4840, 0x80, 0x48, 0xe0, 0x67, 0x67,
					  0x86, 0xf3, 0x93),
	.negotiated = shutdown_negotiated,
	.reply = shutdown_reply,
	.closed = shutdown_closed,
};

static int shutdown_start(void *config, struct vmbus_server *server, char err[HV_ERR_MAX])
{
	static const struct ic_version versions[] = { { 1, 0 }, { 3, 0 }, { 3, 1 }, { 3, 2 } };
	static const struct ic_versions offered = { versions, ARRAY_SIZE(versions) };
	struct shutdown_config *c = config;
	const struct hv_counter counters[] = {
		{ "accepted", &c->accepted },
		{ "refused", &c->refused },
	};

	if (c->off)
		return 0;
	c->ic = ic_new(server, &shutdown_service, &offered, c);
	if (!c->ic) {
		snprintf(err, HV_ERR_MAX, "%s: cannot be offered", SHUTDOWN_NAME);
		return -1;
	}
	hv_counters_add(server, SHUTDOWN_NAME ".answers", counters, ARRAY_SIZE(counters));
	return 0;
}

/*
 * Flags of the request from its "mode" and "force", or from "flags" as they are. Return: false if
 * there are none such.
 */
static bool shutdown_flags(const cJSON *request, uint32_t *flags)
{
	const cJSON *raw = cJSON_GetObjectItemCaseSensitive(request, "flags");
	const char *mode = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(request, "mode"));

	*flags = 0;
	if (raw) {
		if (!cJSON_IsNumber(raw) || raw->valuedouble < 0 || raw->valuedouble > 0xffffffff)
			return false;
		*flags = (uint32_t)raw->valuedouble;
		return true;
	}
	if (mode && !strcmp(mode, "restart"))
		*flags = IC_SHUTDOWN_RESTART;
	else if (mode && !strcmp(mode, "hibernate"))
		*flags = IC_SHUTDOWN_HIBERNATE;
	else if (mode && strcmp(mode, "poweroff"))
		return false;
	if (cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(request, "force")))
		*flags |= IC_SHUTDOWN_FORCE;
	return true;
}

static int shutdown_control(void *config, const char *cmd, const cJSON *request, cJSON *reply,
			    char err[HV_ERR_MAX])
{
	uint32_t flags, reason = SHUTDOWN_REASON_PLANNED, timeout = 0, bytes;
	struct ic_shutdown body = { 0 };
	struct shutdown_config *c = config;
	struct ic_version version;
	const char *text = "";
	bool wait = false;
	int ret;

	if (strcmp(cmd, "shutdown"))
		return 0;
	if (!c->ic) {
		snprintf(err, HV_ERR_MAX, "shutdown: the component is switched off");
		return -1;
	}
	if (!shutdown_flags(request, &flags)) {
		snprintf(err, HV_ERR_MAX,
			 "shutdown: \"mode\" is poweroff, restart or hibernate, \"force\" true or "
			 "false, \"flags\" a number");
		return -1;
	}
	if (ic_arg_u32(request, cmd, "reason", UINT32_MAX, &reason, err) ||
	    ic_arg_u32(request, cmd, "timeout_s", UINT32_MAX, &timeout, err) ||
	    ic_arg_text(request, cmd, "text", &text, err) ||
	    ic_arg_bool(request, cmd, "wait", &wait, err))
		return -1;
	version = ic_version(c->ic);
	/* "flags" are sent whatever the guest knows of them. */
	if (flags & IC_SHUTDOWN_HIBERNATE && !cJSON_HasObjectItem(request, "flags") &&
	    ic_is_ready(c->ic) &&
	    (version.major < SHUTDOWN_HIBERNATE_MAJOR ||
	     (version.major == SHUTDOWN_HIBERNATE_MAJOR &&
	      version.minor < SHUTDOWN_HIBERNATE_MINOR))) {
		snprintf(err, HV_ERR_MAX,
			 "shutdown: hibernation needs version 3.2, the guest speaks %u.%u",
			 version.major, version.minor);
		return -1;
	}
	if (ic_utf16_put(body.text, sizeof(body.text), text, &bytes)) {
		snprintf(err, HV_ERR_MAX,
			 "shutdown: \"text\" is longer than 1023 UTF-16 units or not UTF-8");
		return -1;
	}
	body.reason = htole32(reason);
	body.timeout_seconds = htole32(timeout);
	body.flags = htole32(flags);
	ret = ic_request(c->ic, &body, sizeof(body));
	switch (ret) {
	case 0:
		c->has_status = false;
		cJSON_AddBoolToObject(reply, "sent", true);
		return wait ? ic_job_begin(&c->job, SHUTDOWN_NAME, reply) : 1;
	case -EBUSY:
		snprintf(err, HV_ERR_MAX, "shutdown: already in progress");
		return -1;
	default:
		return ic_request_error(cmd, ret, err);
	}
}

static void shutdown_query(void *config, cJSON *reply)
{
	struct shutdown_config *c = config;
	cJSON *state;

	if (!c->ic)
		return;
	state = ic_query(c->ic, reply);
	/* What the guest answered to the last request; null before the first answer. */
	if (c->has_status)
		cJSON_AddNumberToObject(state, "status", c->status);
	else
		cJSON_AddNullToObject(state, "status");
}

static void shutdown_stop(void *config)
{
	struct shutdown_config *c = config;

	if (ic_job_runs(&c->job))
		ic_job_end(&c->job, "the host ends");
	if (c->ic)
		hv_counters_remove(ic_server(c->ic), SHUTDOWN_NAME ".answers");
	ic_free(c->ic);
}

static int shutdown_parse_off(void *config, const char *arg, char err[HV_ERR_MAX])
{
	struct shutdown_config *c = config;

	(void)arg;
	(void)err;
	c->off = true;
	return 0;
}

static const struct device_option shutdown_options[] = {
	{ "no-shutdown", NULL, "do not offer the shutdown component\nexample: --no-shutdown",
	  shutdown_parse_off },
	{ NULL, NULL, NULL, NULL },
};

const struct device_type shutdown_type = {
	.name = SHUTDOWN_NAME,
	.config_size = sizeof(struct shutdown_config),
	.options = shutdown_options,
	.start = shutdown_start,
	.commands = "shutdown mode=poweroff|restart|hibernate force=true reason=N timeout_s=N "
		    "text=TEXT\n"
		    "    wait=true             ask the guest; query shows what it answered, wait "
		    "has it in the reply",
	.control = shutdown_control,
	.query = shutdown_query,
	.stop = shutdown_stop,
};
