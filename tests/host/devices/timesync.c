// SPDX-License-Identifier: GPL-2.0
/*
 * The time synchronisation component: one SYNC after each negotiation, then a SAMPLE every five
 * seconds. The time given is the host's, with the offset a test has set, together with the
 * partition's reference time at that moment.
 */
#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "../hyperv/util.h"
#include "ic_control.h"
#include "types.h"

#define TIMESYNC_NAME	      "timesync"
#define TIMESYNC_PERIOD_NS    (5ull * 1000000000)
#define TIMESYNC_VERSION_MAX  3
#define TIMESYNC_DELAY_MAX_MS 600000u
#define TIMESYNC_OFFSET_MAX_S (400.0 * 365 * 86400)

struct timesync_config {
	bool off;
	unsigned int nr_versions; /* 0: all */
	struct vmbus_server *server;
	struct ic *ic;
	struct loop_timer *timer;
	bool sync_pending; /* the next message is a SYNC */
	bool probe_pending; /* otherwise it is one with neither flag */
	uint32_t delay_ms; /* how old the time in a message is when it is sent */
	uint64_t syncs, samples, probes;
};

static const struct ic_version timesync_versions[TIMESYNC_VERSION_MAX] = { { 1, 0 },
									   { 3, 0 },
									   { 4, 0 } };

static int timesync_send(struct timesync_config *c, uint8_t flags)
{
	uint64_t delay = c->delay_ms * 10000ull;
	uint64_t parent = vmbus_server_wall_time(c->server) - delay;
	uint64_t reference = vmbus_server_ref_time(c->server) - delay;

	if (ic_version(c->ic).major >= 4) {
		struct ic_timesync_v4 body = {
			.parent_time_100ns = htole64(parent),
			.vm_reference_100ns = htole64(reference),
			.flags = flags,
			.stratum = 1,
		};

		return ic_request(c->ic, &body, sizeof(body));
	} else {
		struct ic_timesync body = { .parent_time_100ns = htole64(parent), .flags = flags };

		return ic_request(c->ic, &body, sizeof(body));
	}
}

static void timesync_tick(void *opaque)
{
	struct timesync_config *c = opaque;
	bool sync = c->sync_pending, probe = !sync && c->probe_pending;

	if (!timesync_send(c, sync ? IC_TIMESYNC_SYNC : probe ? 0 : IC_TIMESYNC_SAMPLE)) {
		if (sync) {
			c->sync_pending = false;
			c->syncs++;
		} else if (probe) {
			c->probe_pending = false;
			c->probes++;
		} else {
			c->samples++;
		}
	}
	loop_timer_arm(c->timer, loop_now_ns() + TIMESYNC_PERIOD_NS);
}

static void timesync_negotiated(struct ic *ic, void *opaque)
{
	struct timesync_config *c = opaque;

	(void)ic;
	c->sync_pending = true;
	timesync_tick(c);
}

static void timesync_reply(struct ic *ic, void *opaque, const struct ic_reply *reply)
{
	struct timesync_config *c = opaque;

	if (reply && reply->status)
		hv_violation(ic_server(ic), "timesync-status", "status %#x", reply->status);
	/* What was asked for while a sample was outstanding does not wait for the next period. */
	loop_timer_arm(c->timer,
		       loop_now_ns() +
			       (c->sync_pending || c->probe_pending ? 0 : TIMESYNC_PERIOD_NS));
}

static void timesync_closed(struct ic *ic, void *opaque)
{
	struct timesync_config *c = opaque;

	(void)ic;
	loop_timer_cancel(c->timer);
}

static const struct ic_service timesync_service = {
	.name = TIMESYNC_NAME,
	.type = IC_MSG_TIMESYNC,
	.class_guid = HYPERV_GUID_INIT(0x9527e630, 0xd0ae, 0x497b, 0xad, 0xce, 0xe8, 0x0a, 0xb0,
				       0x17, 0x5c, 0xaf),
	.instance_guid = HYPERV_GUID_INIT(0x2dd1ce17, 0x079e, 0x403c, 0xb3, 0x52, 0xa1, 0x92, 0x1e,
					  0xe2, 0x07, 0xee),
	.negotiated = timesync_negotiated,
	.reply = timesync_reply,
	.closed = timesync_closed,
};

static int timesync_start(void *config, struct vmbus_server *server, char err[HV_ERR_MAX])
{
	struct timesync_config *c = config;
	struct ic_versions offered = { timesync_versions,
				       c->nr_versions ? c->nr_versions : TIMESYNC_VERSION_MAX };
	const struct hv_counter counters[] = {
		{ "syncs", &c->syncs },
		{ "samples", &c->samples },
		{ "probes", &c->probes },
	};

	c->server = server;
	if (c->off)
		return 0;
	c->timer = loop_timer_new(vmbus_server_loop(server), timesync_tick, c);
	c->ic = ic_new(server, &timesync_service, &offered, c);
	if (!c->ic) {
		snprintf(err, HV_ERR_MAX, "%s: cannot be offered", TIMESYNC_NAME);
		return -1;
	}
	hv_counters_add(server, TIMESYNC_NAME ".messages", counters, ARRAY_SIZE(counters));
	return 0;
}

static int timesync_control(void *config, const char *cmd, const cJSON *request, cJSON *reply,
			    char err[HV_ERR_MAX])
{
	const cJSON *offset = cJSON_GetObjectItemCaseSensitive(request, "offset_s");
	const cJSON *sync = cJSON_GetObjectItemCaseSensitive(request, "sync");
	struct timesync_config *c = config;
	uint32_t delay = c->delay_ms;
	bool probe = false;

	if (strcmp(cmd, "timesync"))
		return 0;
	if (ic_arg_u32(request, cmd, "delay_ms", TIMESYNC_DELAY_MAX_MS, &delay, err) ||
	    ic_arg_bool(request, cmd, "probe", &probe, err))
		return -1;
	if ((offset && (!cJSON_IsNumber(offset) || offset->valuedouble > TIMESYNC_OFFSET_MAX_S ||
			offset->valuedouble < -TIMESYNC_OFFSET_MAX_S)) ||
	    (sync && !cJSON_IsBool(sync))) {
		snprintf(err, HV_ERR_MAX,
			 "timesync: \"offset_s\" is a number of seconds, \"sync\" true or false");
		return -1;
	}
	c->delay_ms = delay;
	if (offset)
		vmbus_server_set_wall_offset(c->server, (int64_t)(offset->valuedouble * 1e7));
	if (!cJSON_IsTrue(sync) && !probe)
		return 1;
	if (!c->ic) {
		snprintf(err, HV_ERR_MAX, "timesync: the component is switched off");
		return -1;
	}
	/*
	 * Goes out now, or as soon as the outstanding message is answered or the guest has
	 * negotiated.
	 */
	c->sync_pending |= cJSON_IsTrue(sync);
	c->probe_pending |= probe;
	if (ic_is_ready(c->ic))
		timesync_tick(c);
	cJSON_AddBoolToObject(reply, "pending", c->sync_pending || c->probe_pending);
	return 1;
}

static void timesync_query(void *config, cJSON *reply)
{
	struct timesync_config *c = config;

	if (c->ic)
		ic_query(c->ic, reply);
}

static void timesync_stop(void *config)
{
	struct timesync_config *c = config;

	if (c->ic)
		hv_counters_remove(c->server, TIMESYNC_NAME ".messages");
	loop_timer_free(c->timer);
	ic_free(c->ic);
}

static int timesync_parse_off(void *config, const char *arg, char err[HV_ERR_MAX])
{
	struct timesync_config *c = config;

	(void)arg;
	(void)err;
	c->off = true;
	return 0;
}

static int timesync_parse_version(void *config, const char *arg, char err[HV_ERR_MAX])
{
	struct timesync_config *c = config;
	unsigned int i;
	char text[16];

	for (i = 0; i < TIMESYNC_VERSION_MAX; i++) {
		snprintf(text, sizeof(text), "%u.%u", timesync_versions[i].major,
			 timesync_versions[i].minor);
		if (strcmp(arg, text))
			continue;
		c->nr_versions = i + 1;
		return 0;
	}
	snprintf(err, HV_ERR_MAX, "--timesync-version: \"%s\" is none of 1.0, 3.0, 4.0", arg);
	return -1;
}

static const struct device_option timesync_options[] = {
	{ "timesync-version", "VERSION",
	  "newest time synchronisation version offered: 1.0, 3.0 or 4.0 (default)\nexample: "
	  "--timesync-version 3.0",
	  timesync_parse_version },
	{ "no-timesync", NULL,
	  "do not offer the time synchronisation component\nexample: --no-timesync",
	  timesync_parse_off },
	{ NULL, NULL, NULL, NULL },
};

const struct device_type timesync_type = {
	.name = TIMESYNC_NAME,
	.config_size = sizeof(struct timesync_config),
	.options = timesync_options,
	.start = timesync_start,
	.commands = "timesync offset_s=N sync=true probe=true delay_ms=N\n"
		    "                          let the host's clock differ; have the guest follow "
		    "at once;\n"
		    "                          only show it the time; send times that are so old",
	.control = timesync_control,
	.query = timesync_query,
	.stop = timesync_stop,
};
