// SPDX-License-Identifier: GPL-2.0
/*
 * Runs an integration component's channel: offers versions when the guest opens it, then lets the
 * component have one request outstanding, checks what comes back and reports what is wrong by rule.
 * Knows no component.
 */
#include "ic.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "../hyperv/util.h"

/* Where the session stands. Closing the channel leads back to IC_CLOSED from everywhere. */
enum ic_state {
	IC_CLOSED, /* left by ic_open() */
	IC_OPENED, /* the offer of versions found no room yet; left by ic_start_negotiation() */
	IC_NEGOTIATING, /* left by the guest's answer */
	IC_READY, /* negotiated, nothing outstanding */
	IC_BUSY, /* a request is outstanding; left by its reply or IC_TIMEOUT_NS */
	IC_FAILED, /* no common version, or a senseless answer; nothing is sent any more */
};

static const char *const ic_state_names[] = {
	[IC_CLOSED] = "closed", [IC_OPENED] = "opened", [IC_NEGOTIATING] = "negotiating",
	[IC_READY] = "ready",	[IC_BUSY] = "busy",	[IC_FAILED] = "failed",
};

struct ic {
	struct vmbus_server *server;
	const struct ic_service *service;
	void *opaque;
	struct ic_version offered[IC_VERSIONS_MAX];
	struct ic_versions messages;
	struct ic_version framework_offered[IC_VERSIONS_MAX];
	struct ic_versions frameworks;

	struct vmbus_chan *chan; /* open channel or NULL */
	enum ic_state state;
	struct ic_version framework, message;
	uint64_t xid; /* of the last packet sent */
	uint64_t given_up; /* id of the last request not answered in time; 0: none */
	unsigned int timeout_s;
	struct loop_timer *timeout;
	struct ic *next;

	uint64_t negotiations, requests, replies, errors, timeouts, stray;
};

static struct ic *ic_list;

static const struct ic_version ic_framework_versions[] = { { 1, 0 }, { 3, 0 } };
static const struct ic_versions ic_frameworks = { ic_framework_versions,
						  ARRAY_SIZE(ic_framework_versions) };

/* Those of @all, oldest first, that are not newer than @newest (0: no limit); the oldest always. */
static struct ic_versions ic_limited(struct ic_version offered[IC_VERSIONS_MAX],
				     const struct ic_versions *all, uint32_t newest)
{
	struct ic_versions limited = { offered, 0 };

	for (size_t i = 0; i < all->count && limited.count < IC_VERSIONS_MAX; i++) {
		struct ic_version version = all->version[i];

		if (i && newest && ((uint32_t)version.major << 16 | version.minor) > newest)
			continue;
		offered[limited.count++] = version;
	}
	return limited;
}

static void ic_fail(struct ic *ic, const char *rule, const char *why)
{
	hv_violation(ic->server, rule, "%s: %s", ic->service->name, why);
	ic->state = IC_FAILED;
}

static int ic_send(struct ic *ic, unsigned int seconds, const uint8_t *message, size_t bytes)
{
	int err;

	ic->xid++;
	err = vmbus_send_inband(ic->chan, 0, ic->xid, message, bytes);
	if (!err) {
		loop_timer_arm(ic->timeout, loop_now_ns() + seconds * 1000000000ull);
		vmbus_flush(ic->chan);
	}
	return err;
}

void ic_set_timeout(struct ic *ic, unsigned int seconds)
{
	ic->timeout_s = seconds ? seconds : IC_TIMEOUT_S;
}

static int ic_start_negotiation(struct ic *ic)
{
	uint8_t message[IC_MESSAGE_MAX];
	int err;

	err = ic_send(ic, IC_TIMEOUT_S, message,
		      ic_negotiate_build(message, &ic->frameworks, &ic->messages));

	if (err == -EAGAIN) {
		ic->state = IC_OPENED;
	} else if (err) {
		ic->state = IC_FAILED;
	} else {
		ic->state = IC_NEGOTIATING;
		ic->negotiations++;
	}
	return err;
}

int ic_renegotiate(struct ic *ic)
{
	if (!ic->chan || ic->state == IC_FAILED)
		return -ENOTCONN;
	if (ic->state != IC_READY)
		return -EBUSY;
	return ic_start_negotiation(ic);
}

int ic_request(struct ic *ic, const void *body, size_t bytes)
{
	uint8_t message[IC_MESSAGE_MAX];
	int err;

	if (ic->state == IC_BUSY)
		return -EBUSY;
	if (ic->state != IC_READY || bytes > IC_BODY_MAX)
		return -ENOTCONN;
	bytes = ic_message_build(message, ic->service->type, ic->framework, ic->message, body,
				 bytes);
	/* Busy before the guest can see it: the reply may be handled inside the call. */
	ic->state = IC_BUSY;
	ic->requests++;
	err = ic_send(ic, ic->timeout_s, message, bytes);
	if (err) {
		ic->state = IC_READY;
		ic->requests--;
	}
	return err;
}

static void ic_timeout(void *opaque)
{
	struct ic *ic = opaque;

	if (ic->state == IC_NEGOTIATING && ic->service->patient)
		return;
	ic->timeouts++;
	hv_log("%s: no reply within %u s", ic->service->name,
	       ic->state == IC_BUSY ? ic->timeout_s : IC_TIMEOUT_S);
	ic->given_up = ic->xid;
	if (ic->state == IC_BUSY) {
		ic->state = IC_READY;
		ic->service->reply(ic, ic->opaque, NULL);
	} else if (ic->state == IC_NEGOTIATING) {
		ic_start_negotiation(ic);
	}
}

static void ic_take_negotiation(struct ic *ic, const struct ic_reply *reply)
{
	const char *why;
	int err;

	err = ic_negotiate_parse(reply, &ic->frameworks, &ic->messages, &ic->framework,
				 &ic->message, &why);
	loop_timer_cancel(ic->timeout);
	if (err == -EPROTO) {
		ic_fail(ic, "ic-negotiation", why);
		return;
	}
	if (err) {
		hv_log("%s: the guest knows none of the versions offered", ic->service->name);
		ic->state = IC_FAILED;
		return;
	}
	ic->state = IC_READY;
	hv_trace("%s: framework %u.%u, messages %u.%u", ic->service->name, ic->framework.major,
		 ic->framework.minor, ic->message.major, ic->message.minor);
	ic->service->negotiated(ic, ic->opaque);
}

static void ic_take_reply(struct ic *ic, const struct ic_reply *reply)
{
	loop_timer_cancel(ic->timeout);
	if (reply->framework.major != ic->framework.major ||
	    reply->framework.minor != ic->framework.minor ||
	    reply->message.major != ic->message.major || reply->message.minor != ic->message.minor)
		hv_violation(ic->server, "ic-version",
			     "%s: reply in framework %u.%u, message %u.%u", ic->service->name,
			     reply->framework.major, reply->framework.minor, reply->message.major,
			     reply->message.minor);
	ic->state = IC_READY;
	ic->replies++;
	if (reply->status)
		ic->errors++;
	ic->service->reply(ic, ic->opaque, reply);
}

static void ic_packet(struct ic *ic, const struct vmbus_pkt *pkt)
{
	struct ic_reply reply;
	const char *why;

	if (pkt->type != VMBUS_PACKET_INBAND) {
		ic_fail(ic, "ic-packet-type", "packet is not in-band data");
		return;
	}
	if (ic_reply_parse(pkt->payload, pkt->len, &reply, &why)) {
		ic_fail(ic, "ic-message", why);
		return;
	}
	/*
	 * While versions are negotiated older replies may still come in; so may one given up, which
	 * without its request's id is known by its order.
	 */
	if ((ic->state == IC_NEGOTIATING && reply.type == ic->service->type) ||
	    (ic->given_up &&
	     (pkt->xid == ic->given_up || (ic->service->any_id && pkt->xid == ~0ull)))) {
		ic->stray++;
		ic->given_up = 0;
		return;
	}
	if (ic->state == IC_NEGOTIATING ? reply.type != IC_MSG_NEGOTIATE
					: ic->state != IC_BUSY || reply.type != ic->service->type) {
		ic->stray++;
		hv_violation(ic->server, "ic-unsolicited", "%s: message of type %u in state %s",
			     ic->service->name, reply.type, ic_state_names[ic->state]);
		return;
	}
	if (pkt->xid != ic->xid && !(ic->service->any_id && pkt->xid == ~0ull))
		hv_violation(ic->server, "ic-request-id",
			     "%s: reply with id %#llx to request %#llx", ic->service->name,
			     (unsigned long long)pkt->xid, (unsigned long long)ic->xid);
	if (ic->state == IC_NEGOTIATING)
		ic_take_negotiation(ic, &reply);
	else
		ic_take_reply(ic, &reply);
}

static void ic_work(struct vmbus_chan *chan, void *dev)
{
	struct ic *ic = dev;
	struct vmbus_pkt pkt;

	if (ic->state == IC_OPENED)
		ic_start_negotiation(ic);
	while (ic->state != IC_FAILED && vmbus_recv(chan, &pkt) > 0)
		ic_packet(ic, &pkt);
}

static uint32_t ic_open(struct vmbus_chan *chan, void *dev, const uint8_t user[120])
{
	struct ic *ic = dev;

	(void)user;
	ic->chan = chan;
	ic_start_negotiation(ic);
	return HV_STATUS_OK;
}

static void ic_close(struct vmbus_chan *chan, void *dev)
{
	struct ic *ic = dev;

	(void)chan;
	loop_timer_cancel(ic->timeout);
	ic->chan = NULL;
	ic->given_up = 0;
	ic->state = IC_CLOSED;
	if (ic->service->closed)
		ic->service->closed(ic, ic->opaque);
}

static const struct vmbus_dev_ops ic_ops = {
	.open = ic_open,
	.close = ic_close,
	.work = ic_work,
};

struct ic *ic_new(struct vmbus_server *server, const struct ic_service *service,
		  const struct ic_versions *message, void *opaque)
{
	struct vmbus_offer_params offer = {
		.name = service->name,
		.class_guid = service->class_guid,
		.instance_guid = service->instance_guid,
		.flags = VMBUS_OFFER_PIPE_MODE,
		.user = { VMBUS_OFFER_PIPE_MESSAGE },
	};
	struct ic *ic = xcalloc(1, sizeof(*ic));
	const struct hv_counter counters[] = {
		{ "negotiations", &ic->negotiations }, { "requests", &ic->requests },
		{ "replies", &ic->replies },	       { "errors", &ic->errors },
		{ "timeouts", &ic->timeouts },	       { "stray", &ic->stray },
	};

	ic->server = server;
	ic->service = service;
	ic->opaque = opaque;
	ic->messages =
		ic_limited(ic->offered, message, vmbus_server_ic_newest(server, service->name));
	ic->frameworks = ic_limited(ic->framework_offered, &ic_frameworks,
				    vmbus_server_ic_newest(server, "framework"));
	ic->timeout_s = IC_TIMEOUT_S;
	ic->timeout = loop_timer_new(vmbus_server_loop(server), ic_timeout, ic);
	hv_counters_add(server, service->name, counters, ARRAY_SIZE(counters));
	ic->next = ic_list;
	ic_list = ic;
	if (!vmbus_offer(server, &offer, &ic_ops, ic)) {
		ic_free(ic);
		return NULL;
	}
	return ic;
}

void ic_free(struct ic *ic)
{
	struct ic **link = &ic_list;

	if (!ic)
		return;
	while (*link != ic)
		link = &(*link)->next;
	*link = ic->next;
	hv_counters_remove(ic->server, ic->service->name);
	loop_timer_free(ic->timeout);
	free(ic);
}

bool ic_is_ready(const struct ic *ic)
{
	return ic->state == IC_READY;
}

struct ic_version ic_version(const struct ic *ic)
{
	return ic->message;
}

const char *ic_name(const struct ic *ic)
{
	return ic->service->name;
}

struct ic *ic_by_name(struct vmbus_server *server, const char *name)
{
	struct ic *ic = ic_list;

	while (ic && (ic->server != server || strcmp(ic->service->name, name)))
		ic = ic->next;
	return ic;
}

struct vmbus_server *ic_server(const struct ic *ic)
{
	return ic->server;
}

struct cJSON *ic_query(const struct ic *ic, struct cJSON *reply)
{
	bool negotiated = ic->state == IC_READY || ic->state == IC_BUSY;
	cJSON *state = cJSON_AddObjectToObject(reply, ic->service->name);
	char text[16];

	cJSON_AddStringToObject(state, "state", ic_state_names[ic->state]);
	if (negotiated) {
		snprintf(text, sizeof(text), "%u.%u", ic->framework.major, ic->framework.minor);
		cJSON_AddStringToObject(state, "framework", text);
		snprintf(text, sizeof(text), "%u.%u", ic->message.major, ic->message.minor);
		cJSON_AddStringToObject(state, "version", text);
	} else {
		cJSON_AddNullToObject(state, "framework");
		cJSON_AddNullToObject(state, "version");
	}
	return state;
}
