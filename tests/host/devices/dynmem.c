// SPDX-License-Identifier: GPL-2.0
/*
 * Dynamic memory: how much of its memory the guest has to give up, as tests say, and which pages it
 * gave. They are taken away for real, so a guest that goes on using one is found out. No hot add.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "../hyperv/util.h"
#include "dynmem_message.h"
#include "types.h"

#define DYNMEM_NAME	     "dynmem"
#define DYNMEM_PAGES_PER_MIB (1u << (20 - GUEST_PAGE_SHIFT))
/* Policy: more than any test wants. */
#define DYNMEM_MIB_MAX 65536

enum dynmem_state { DYNMEM_CLOSED, DYNMEM_OPEN, DYNMEM_VERSIONED, DYNMEM_READY };

struct dynmem {
	uint32_t max_version; /* 0: no dynamic memory */
	struct vmbus_server *server;
	struct vmbus_chan *chan;
	enum dynmem_state state;
	uint32_t version;
	bool balloon, hot_add; /* what the guest can do */
	uint32_t id; /* of the last message sent */
	uint16_t waits_for; /* type of the response to the request outstanding; 0: none */
	struct dynmem_range *ranges; /* in the balloon */
	uint32_t nr_ranges, max_ranges;
	uint64_t ballooned; /* pages */
	uint64_t available, committed; /* pages, as the guest said last */
	uint64_t reports, inflated, deflated;
};

static void dynmem_send(struct dynmem *dynmem, const uint8_t *message, uint32_t len)
{
	if (vmbus_send_inband(dynmem->chan, 0, 0, message, len))
		hv_log("%s: the guest has no room for a message", DYNMEM_NAME);
}

static uint32_t dynmem_id(struct dynmem *dynmem)
{
	return ++dynmem->id;
}

/* ---------------------------------------------------------------- the balloon */

static bool dynmem_holds(const struct dynmem *dynmem, const struct dynmem_range *range)
{
	for (uint32_t i = 0; i < dynmem->nr_ranges; i++) {
		const struct dynmem_range *held = &dynmem->ranges[i];

		if (range->page < held->page + held->pages &&
		    held->page < range->page + range->pages)
			return true;
	}
	return false;
}

static void dynmem_take(struct dynmem *dynmem, const struct dynmem_range *range)
{
	uint64_t gpa = range->page << GUEST_PAGE_SHIFT;
	uint64_t len = (uint64_t)range->pages << GUEST_PAGE_SHIFT;

	if (!range->pages || dynmem_holds(dynmem, range) ||
	    guest_mem_discard(vmbus_server_mem(dynmem->server), gpa, len)) {
		hv_violation(dynmem->server, "dynmem-range", "%u pages from page %#llx",
			     range->pages, (unsigned long long)range->page);
		return;
	}
	if (dynmem->nr_ranges == dynmem->max_ranges) {
		dynmem->max_ranges = dynmem->max_ranges ? dynmem->max_ranges * 2 : 64;
		dynmem->ranges =
			xrealloc(dynmem->ranges, dynmem->max_ranges, sizeof(*dynmem->ranges));
	}
	dynmem->ranges[dynmem->nr_ranges++] = *range;
	dynmem->ballooned += range->pages;
	dynmem->inflated += range->pages;
}

/* What was given up reads as zero until it is given back. */
static void dynmem_check_unused(struct dynmem *dynmem, const struct dynmem_range *range)
{
	uint64_t len = (uint64_t)range->pages << GUEST_PAGE_SHIFT;
	const uint64_t *words = guest_mem_ptr(vmbus_server_mem(dynmem->server),
					      range->page << GUEST_PAGE_SHIFT, len);
	uint64_t i = 0;

	while (words && i < len / sizeof(*words) && !words[i])
		i++;
	if (words && i < len / sizeof(*words))
		hv_violation(
			dynmem->server, "dynmem-used", "page %#llx is written in the balloon",
			(unsigned long long)(range->page + i * sizeof(*words) / GUEST_PAGE_SIZE));
}

/* Give so many pages back, in as many requests as it takes. */
static void dynmem_give(struct dynmem *dynmem, uint64_t pages)
{
	struct dynmem_range back[DYNMEM_RANGES_MAX];
	uint8_t message[DYNMEM_MESSAGE_MAX];

	while (pages && dynmem->nr_ranges) {
		uint32_t nr = 0;

		while (pages && dynmem->nr_ranges && nr < DYNMEM_RANGES_MAX) {
			struct dynmem_range *last = &dynmem->ranges[dynmem->nr_ranges - 1];
			uint32_t part = last->pages < pages ? last->pages : (uint32_t)pages;

			last->pages -= part;
			back[nr] = (struct dynmem_range){ .page = last->page + last->pages,
							  .pages = part };
			dynmem_check_unused(dynmem, &back[nr++]);
			if (!last->pages)
				dynmem->nr_ranges--;
			pages -= part;
			dynmem->ballooned -= part;
			dynmem->deflated += part;
		}
		dynmem_send(dynmem, message,
			    dynmem_unballoon_build(message, dynmem_id(dynmem),
						   pages && dynmem->nr_ranges, back, nr));
	}
	dynmem->waits_for = DYNMEM_UNBALLOON_RESPONSE;
}

/* Return: 0, or -1 with one line in @err. */
static int dynmem_set(struct dynmem *dynmem, uint64_t pages, char err[HV_ERR_MAX])
{
	uint8_t message[DYNMEM_MESSAGE_MAX];

	if (dynmem->state != DYNMEM_READY || !dynmem->balloon) {
		snprintf(err, HV_ERR_MAX, "the guest has no balloon");
		return -1;
	}
	if (dynmem->waits_for) {
		snprintf(err, HV_ERR_MAX, "the guest has not answered the last request");
		return -1;
	}
	if (pages < dynmem->ballooned) {
		dynmem_give(dynmem, dynmem->ballooned - pages);
	} else if (pages > dynmem->ballooned) {
		dynmem->waits_for = DYNMEM_BALLOON_RESPONSE;
		dynmem_send(dynmem, message,
			    dynmem_balloon_build(message, dynmem_id(dynmem),
						 (uint32_t)(pages - dynmem->ballooned)));
	}
	return 0;
}

static void dynmem_forget(struct dynmem *dynmem)
{
	dynmem->nr_ranges = 0;
	dynmem->ballooned = 0;
	dynmem->waits_for = 0;
	dynmem->available = dynmem->committed = 0;
}

/* ---------------------------------------------------------------- messages */

static void dynmem_negotiate(struct dynmem *dynmem, const struct dynmem_request *request)
{
	uint8_t message[DYNMEM_MESSAGE_MAX];
	bool accepted = request->version == DYNMEM_VERSION(1) ||
			request->version == DYNMEM_VERSION(2) ||
			request->version == DYNMEM_VERSION(3);

	accepted = accepted && request->version <= dynmem->max_version;
	if (accepted) {
		dynmem->version = request->version;
		dynmem->state = DYNMEM_VERSIONED;
	}
	dynmem_send(dynmem, message, dynmem_version_build(message, request->id, accepted));
}

static uint64_t dynmem_ram_pages(const struct dynmem *dynmem)
{
	const struct guest_mem *mem = vmbus_server_mem(dynmem->server);
	uint64_t bytes = 0;

	for (unsigned int i = 0; i < mem->nr; i++)
		bytes += mem->region[i].size;
	return bytes >> GUEST_PAGE_SHIFT;
}

static void dynmem_capabilities(struct dynmem *dynmem, const struct dynmem_request *request)
{
	uint8_t message[DYNMEM_MESSAGE_MAX];

	dynmem->balloon = request->balloon;
	dynmem->hot_add = request->hot_add;
	dynmem->state = DYNMEM_READY;
	dynmem_send(dynmem, message, dynmem_caps_build(message, request->id, true));
	dynmem_send(dynmem, message,
		    dynmem_info_build(message, dynmem_id(dynmem), dynmem_ram_pages(dynmem)));
}

static void dynmem_ballooned(struct dynmem *dynmem, const struct dynmem_request *request)
{
	for (uint32_t i = 0; i < request->nr_ranges; i++) {
		struct dynmem_range range = dynmem_range_parse(request, i);

		dynmem_take(dynmem, &range);
	}
	if (!request->more)
		dynmem->waits_for = 0;
}

static void dynmem_request(struct dynmem *dynmem, const struct dynmem_request *request)
{
	bool early = dynmem->state != DYNMEM_READY;

	switch (request->type) {
	case DYNMEM_VERSION_REQUEST:
		early = dynmem->state != DYNMEM_OPEN;
		break;
	case DYNMEM_CAPS_REPORT:
		early = dynmem->state != DYNMEM_VERSIONED;
		break;
	case DYNMEM_BALLOON_RESPONSE:
	case DYNMEM_UNBALLOON_RESPONSE:
	case DYNMEM_HOT_ADD_RESPONSE:
		early = early || dynmem->waits_for != request->type;
		break;
	}
	if (early) {
		hv_violation(dynmem->server, "dynmem-state", "message %u out of turn",
			     request->type);
		return;
	}
	switch (request->type) {
	case DYNMEM_VERSION_REQUEST:
		dynmem_negotiate(dynmem, request);
		break;
	case DYNMEM_CAPS_REPORT:
		dynmem_capabilities(dynmem, request);
		break;
	case DYNMEM_STATUS:
		dynmem->available = request->available;
		dynmem->committed = request->committed;
		dynmem->reports++;
		break;
	case DYNMEM_BALLOON_RESPONSE:
		dynmem_ballooned(dynmem, request);
		break;
	case DYNMEM_UNBALLOON_RESPONSE:
		dynmem->waits_for = 0;
		break;
	}
}

static uint32_t dynmem_open(struct vmbus_chan *chan, void *dev, const uint8_t user[120])
{
	struct dynmem *dynmem = dev;

	(void)user;
	dynmem->chan = chan;
	dynmem->state = DYNMEM_OPEN;
	return HV_STATUS_OK;
}

/* The guest frees what it had in the balloon when its driver goes. */
static void dynmem_close(struct vmbus_chan *chan, void *dev)
{
	struct dynmem *dynmem = dev;

	(void)chan;
	dynmem->chan = NULL;
	dynmem->state = DYNMEM_CLOSED;
	dynmem->version = 0;
	dynmem_forget(dynmem);
}

static void dynmem_work(struct vmbus_chan *chan, void *dev)
{
	struct vmbus_pkt pkt;

	while (vmbus_recv(chan, &pkt) == 1) {
		const char *why = "packet is not in-band";
		struct dynmem_request request;

		if (pkt.type == VMBUS_PACKET_COMPLETION)
			continue;
		if (pkt.type != VMBUS_PACKET_INBAND ||
		    dynmem_request_parse(pkt.payload, pkt.len, &request, &why)) {
			hv_violation(vmbus_chan_server(chan), "dynmem-message", "%s", why);
			continue;
		}
		dynmem_request(dev, &request);
	}
}

static const struct vmbus_dev_ops dynmem_ops = {
	.open = dynmem_open,
	.close = dynmem_close,
	.work = dynmem_work,
};

/* ---------------------------------------------------------------- options and commands */

static int dynmem_start(void *config, struct vmbus_server *server, char err[HV_ERR_MAX])
{
	struct dynmem *dynmem = config;
	const struct vmbus_offer_params params = {
		.name = DYNMEM_NAME,
		.class_guid = HYPERV_GUID_INIT(0x525074dc, 0x8985, 0x46e2, 0x80, 0x57, 0xa3, 0x07,
					       0xdc, 0x18, 0xa5, 0x02),
		.instance_guid = HYPERV_GUID_INIT(0x1eccfd72, 0x4b41, 0x45ef, 0xb7, 0x3a, 0x4a,
						  0x6e, 0x44, 0xc1, 0x29, 0x24),
	};
	const struct hv_counter counters[] = {
		{ "reports", &dynmem->reports },
		{ "pages_taken", &dynmem->inflated },
		{ "pages_given_back", &dynmem->deflated },
	};

	if (!dynmem->max_version)
		return 0;
	dynmem->server = server;
	if (!vmbus_offer(server, &params, &dynmem_ops, dynmem)) {
		snprintf(err, HV_ERR_MAX, "%s: cannot be offered", DYNMEM_NAME);
		return -1;
	}
	hv_counters_add(server, DYNMEM_NAME "-device", counters, ARRAY_SIZE(counters));
	return 0;
}

static void dynmem_stop(void *config)
{
	struct dynmem *dynmem = config;

	free(dynmem->ranges);
}

static int dynmem_control(void *config, const char *cmd, const cJSON *request, cJSON *reply,
			  char err[HV_ERR_MAX])
{
	const cJSON *mib = cJSON_GetObjectItemCaseSensitive(request, "mib");

	(void)reply;
	if (strcmp(cmd, "balloon"))
		return 0;
	if (!cJSON_IsNumber(mib) || mib->valuedouble < 0 || mib->valuedouble > DYNMEM_MIB_MAX) {
		snprintf(err, HV_ERR_MAX, "\"mib\" is missing or not a number from 0 to %u",
			 DYNMEM_MIB_MAX);
		return -1;
	}
	return dynmem_set(config, (uint64_t)mib->valuedouble * DYNMEM_PAGES_PER_MIB, err) ? -1 : 1;
}

static void dynmem_query(void *config, cJSON *reply)
{
	static const char *const names[] = {
		[DYNMEM_CLOSED] = "closed",
		[DYNMEM_OPEN] = "open",
		[DYNMEM_VERSIONED] = "versioned",
		[DYNMEM_READY] = "ready",
	};
	struct dynmem *dynmem = config;
	char version[16];
	cJSON *state;

	if (!dynmem->max_version)
		return;
	state = cJSON_AddObjectToObject(reply, DYNMEM_NAME);
	cJSON_AddStringToObject(state, "state", names[dynmem->state]);
	snprintf(version, sizeof(version), "%u.%u", dynmem->version >> 16,
		 dynmem->version & 0xffff);
	cJSON_AddStringToObject(state, "version", version);
	cJSON_AddBoolToObject(state, "hot_add", dynmem->hot_add);
	cJSON_AddBoolToObject(state, "busy", dynmem->waits_for);
	cJSON_AddNumberToObject(state, "ballooned_mib",
				(double)(dynmem->ballooned / DYNMEM_PAGES_PER_MIB));
	cJSON_AddNumberToObject(state, "available_mib",
				(double)(dynmem->available / DYNMEM_PAGES_PER_MIB));
	cJSON_AddNumberToObject(state, "committed_mib",
				(double)(dynmem->committed / DYNMEM_PAGES_PER_MIB));
}

static int dynmem_parse_version(void *config, const char *arg, char err[HV_ERR_MAX])
{
	struct dynmem *dynmem = config;

	if (strcmp(arg, "1.0") && strcmp(arg, "2.0") && strcmp(arg, "3.0")) {
		snprintf(err, HV_ERR_MAX, "--dynamic-memory: \"%.32s\" is none of 1.0 2.0 3.0",
			 arg);
		return -1;
	}
	dynmem->max_version = DYNMEM_VERSION(*arg - '0');
	return 0;
}

static const struct device_option dynmem_options[] = {
	{ "dynamic-memory", "VERSION",
	  "offer dynamic memory with at most this version of its protocol (1.0 2.0 3.0).\n"
	  "Example: --dynamic-memory 3.0",
	  dynmem_parse_version },
	{ NULL, NULL, NULL, NULL },
};

const struct device_type dynmem_type = {
	.name = DYNMEM_NAME,
	.config_size = sizeof(struct dynmem),
	.options = dynmem_options,
	.start = dynmem_start,
	.commands = "balloon mib=N             have the guest give up so much memory in all",
	.control = dynmem_control,
	.query = dynmem_query,
	.stop = dynmem_stop,
};
