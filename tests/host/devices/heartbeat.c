// SPDX-License-Identifier: GPL-2.0
/*
 * The heartbeat component: a sequence number every two seconds, which the guest returns increased
 * by one; from its answers the host knows whether the guest is alive.
 */
#include <endian.h>
#include <stdio.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "../hyperv/util.h"
#include "ic.h"
#include "types.h"

#define HEARTBEAT_NAME	    "heartbeat"
#define HEARTBEAT_PERIOD_NS (2ull * 1000000000)
/* As long as older guests expect it; the sequence number and the application state come first. */
#define HEARTBEAT_BODY_BYTES 40
/* Policy: a guest that has not answered for five periods is taken for lost. */
#define HEARTBEAT_LOST_NS (5 * HEARTBEAT_PERIOD_NS)

enum heartbeat_contact {
	HEARTBEAT_NO_CONTACT, /* channel closed, or no answer yet; left by the first one */
	HEARTBEAT_OK, /* left when HEARTBEAT_LOST_NS have passed without an answer */
	HEARTBEAT_LOST, /* left by an answer */
};

static const char *const heartbeat_contacts[] = {
	[HEARTBEAT_NO_CONTACT] = "none",
	[HEARTBEAT_OK] = "ok",
	[HEARTBEAT_LOST] = "lost",
};

struct heartbeat_config {
	bool off;
	struct ic *ic;
	struct loop_timer *timer;
	uint64_t sequence; /* last sent, or the guest's answer to it */
	uint32_t application_state; /* as the guest said last */
	enum heartbeat_contact contact;
	uint64_t answered_ns; /* when the last answer came */
	uint64_t lost, recovered;
};

static void heartbeat_beat(void *opaque)
{
	struct heartbeat_config *c = opaque;
	uint8_t body[HEARTBEAT_BODY_BYTES] = { 0 };
	struct ic_heartbeat beat = { .sequence = htole64(c->sequence + 1) };

	if (c->contact == HEARTBEAT_OK && loop_now_ns() - c->answered_ns >= HEARTBEAT_LOST_NS) {
		c->contact = HEARTBEAT_LOST;
		c->lost++;
		hv_log("%s: the guest has stopped answering", HEARTBEAT_NAME);
	}
	memcpy(body, &beat, sizeof(beat));
	if (!ic_request(c->ic, body, sizeof(body)))
		c->sequence++;
	loop_timer_arm(c->timer, loop_now_ns() + HEARTBEAT_PERIOD_NS);
}

static void heartbeat_negotiated(struct ic *ic, void *opaque)
{
	(void)ic;
	heartbeat_beat(opaque);
}

static void heartbeat_reply(struct ic *ic, void *opaque, const struct ic_reply *reply)
{
	struct heartbeat_config *c = opaque;
	struct ic_heartbeat beat = { 0 };

	if (!reply)
		return;
	if (reply->body_bytes < IC_HEARTBEAT_MIN_BYTES) {
		hv_violation(ic_server(ic), "heartbeat-length", "reply with a body of %u bytes",
			     reply->body_bytes);
		return;
	}
	memcpy(&beat, reply->body,
	       reply->body_bytes < sizeof(beat) ? reply->body_bytes : sizeof(beat));
	if (le64toh(beat.sequence) != c->sequence + 1)
		hv_violation(ic_server(ic), "heartbeat-sequence", "%llu returned for %llu",
			     (unsigned long long)le64toh(beat.sequence),
			     (unsigned long long)c->sequence);
	/* The next request counts on from the answer. */
	c->sequence = le64toh(beat.sequence);
	c->application_state = le32toh(beat.application_state);
	if (c->application_state > IC_HEARTBEAT_STOPPED)
		hv_violation(ic_server(ic), "heartbeat-state", "application state %u",
			     c->application_state);
	if (c->contact == HEARTBEAT_LOST) {
		c->recovered++;
		hv_log("%s: the guest answers again", HEARTBEAT_NAME);
	}
	c->contact = HEARTBEAT_OK;
	c->answered_ns = loop_now_ns();
}

static void heartbeat_closed(struct ic *ic, void *opaque)
{
	struct heartbeat_config *c = opaque;

	(void)ic;
	c->contact = HEARTBEAT_NO_CONTACT;
	c->application_state = IC_HEARTBEAT_UNKNOWN;
	loop_timer_cancel(c->timer);
}

static const struct ic_service heartbeat_service = {
	.name = HEARTBEAT_NAME,
	.type = IC_MSG_HEARTBEAT,
	.class_guid = HYPERV_GUID_INIT(0x57164f39, 0x9115, 0x4e78, 0xab, 0x55, 0x38, 0x2f, 0x3b,
				       0xd5, 0x42, 0x2d),
	.instance_guid = HYPERV_GUID_INIT(0xfd149e91, 0x82e0, 0x4a7d, 0xaf, 0xa6, 0x2a, 0x41, 0x66,
					  0xcb, 0xd7, 0xc0),
	.negotiated = heartbeat_negotiated,
	.reply = heartbeat_reply,
	.closed = heartbeat_closed,
};

static int heartbeat_start(void *config, struct vmbus_server *server, char err[HV_ERR_MAX])
{
	static const struct ic_version versions[] = { { 1, 0 }, { 3, 0 } };
	static const struct ic_versions offered = { versions, ARRAY_SIZE(versions) };
	struct heartbeat_config *c = config;
	const struct hv_counter counters[] = {
		{ "lost", &c->lost },
		{ "recovered", &c->recovered },
	};

	if (c->off)
		return 0;
	c->timer = loop_timer_new(vmbus_server_loop(server), heartbeat_beat, c);
	c->ic = ic_new(server, &heartbeat_service, &offered, c);
	if (!c->ic) {
		snprintf(err, HV_ERR_MAX, "%s: cannot be offered", HEARTBEAT_NAME);
		return -1;
	}
	hv_counters_add(server, HEARTBEAT_NAME ".contact", counters, ARRAY_SIZE(counters));
	return 0;
}

static void heartbeat_query(void *config, cJSON *reply)
{
	static const char *const applications[] = {
		[IC_HEARTBEAT_UNKNOWN] = "unknown",
		[IC_HEARTBEAT_HEALTHY] = "healthy",
		[IC_HEARTBEAT_CRITICAL] = "critical",
		[IC_HEARTBEAT_STOPPED] = "stopped",
	};
	struct heartbeat_config *c = config;
	cJSON *state;

	if (!c->ic)
		return;
	state = ic_query(c->ic, reply);
	cJSON_AddStringToObject(state, "contact", heartbeat_contacts[c->contact]);
	cJSON_AddNumberToObject(state, "application_state", c->application_state);
	cJSON_AddStringToObject(
		state, "applications",
		applications[c->application_state > IC_HEARTBEAT_STOPPED ? IC_HEARTBEAT_UNKNOWN
									 : c->application_state]);
}

static void heartbeat_stop(void *config)
{
	struct heartbeat_config *c = config;

	if (c->ic)
		hv_counters_remove(ic_server(c->ic), HEARTBEAT_NAME ".contact");
	loop_timer_free(c->timer);
	ic_free(c->ic);
}

static int heartbeat_parse_off(void *config, const char *arg, char err[HV_ERR_MAX])
{
	struct heartbeat_config *c = config;

	(void)arg;
	(void)err;
	c->off = true;
	return 0;
}

static const struct device_option heartbeat_options[] = {
	{ "no-heartbeat", NULL, "do not offer the heartbeat component\nexample: --no-heartbeat",
	  heartbeat_parse_off },
	{ NULL, NULL, NULL, NULL },
};

const struct device_type heartbeat_type = {
	.name = HEARTBEAT_NAME,
	.config_size = sizeof(struct heartbeat_config),
	.options = heartbeat_options,
	.start = heartbeat_start,
	.query = heartbeat_query,
	.stop = heartbeat_stop,
};
