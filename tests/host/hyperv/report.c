// SPDX-License-Identifier: GPL-2.0
/*
 * What the host has to say about the guest: violations by rule, counters by group, the state for
 * the control query.
 */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "churn.h"
#include "internal.h"

/* Policy: lines printed for one rule; more are only counted. */
#define REPORT_LINES_PER_RULE 20

void hv_violation(struct vmbus_server *server, const char *rule, const char *fmt, ...)
{
	struct violation_rule *entry = server->rules;
	char text[512];
	va_list ap;

	while (entry && strcmp(entry->name, rule))
		entry = entry->next;
	if (!entry) {
		entry = xcalloc(1, sizeof(*entry));
		entry->name = xstrdup(rule);
		entry->next = server->rules;
		server->rules = entry;
	}
	entry->count++;
	if (chaos_has_lied(server))
		server->stats.excused++;
	else
		server->stats.violations++;
	if (entry->count > REPORT_LINES_PER_RULE)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	hv_log("guest violation%s: %s: %s%s", chaos_has_lied(server) ? " after chaos" : "", rule, text,
	       entry->count == REPORT_LINES_PER_RULE ? " (more of this rule are only counted)"
						     : "");
}

uint64_t vmbus_server_violations(const struct vmbus_server *server)
{
	return server->stats.violations;
}

struct chan_stats *report_chan_stats(struct vmbus_server *server, const char *name,
				     uint16_t sub_index)
{
	struct chan_stats *stats;
	char full[128];

	if (sub_index)
		snprintf(full, sizeof(full), "%s/%u", name, sub_index);
	else
		snprintf(full, sizeof(full), "%s", name);
	for (stats = server->chan_stats; stats; stats = stats->next) {
		if (!strcmp(stats->name, full))
			return stats;
	}
	stats = xcalloc(1, sizeof(*stats));
	stats->name = xstrdup(full);
	stats->next = server->chan_stats;
	server->chan_stats = stats;
	return stats;
}

void hv_counters_remove(struct vmbus_server *server, const char *name)
{
	for (struct counter_group **link = &server->groups; *link; link = &(*link)->next) {
		struct counter_group *group = *link;

		if (strcmp(group->name, name))
			continue;
		*link = group->next;
		free(group->name);
		free(group->counters);
		free(group);
		return;
	}
}

void hv_counters_add(struct vmbus_server *server, const char *name,
		     const struct hv_counter *counters, size_t nr)
{
	struct counter_group *group = xcalloc(1, sizeof(*group));

	hv_counters_remove(server, name);
	group->name = xstrdup(name);
	group->counters = xcalloc(nr, sizeof(*counters));
	memcpy(group->counters, counters, nr * sizeof(*counters));
	group->nr = nr;
	group->next = server->groups;
	server->groups = group;
}

void report_free(struct vmbus_server *server)
{
	while (server->groups)
		hv_counters_remove(server, server->groups->name);
	while (server->rules) {
		struct violation_rule *rule = server->rules;

		server->rules = rule->next;
		free(rule->name);
		free(rule);
	}
	while (server->chan_stats) {
		struct chan_stats *stats = server->chan_stats;

		server->chan_stats = stats->next;
		free(stats->name);
		free(stats);
	}
}

static void report_number(cJSON *object, const char *name, uint64_t value)
{
	cJSON_AddNumberToObject(object, name, (double)value);
}

static void report_violations(struct vmbus_server *server, cJSON *reply)
{
	cJSON *rules = cJSON_AddObjectToObject(reply, "violations");

	report_number(rules, "total", server->stats.violations);
	report_number(rules, "excused", server->stats.excused);
	for (struct violation_rule *rule = server->rules; rule; rule = rule->next)
		report_number(rules, rule->name, rule->count);
}

static void report_channels(struct vmbus_server *server, cJSON *reply)
{
	cJSON *channels = cJSON_AddObjectToObject(reply, "channels");

	for (struct chan_stats *stats = server->chan_stats; stats; stats = stats->next) {
		cJSON *chan = cJSON_AddObjectToObject(channels, stats->name);

		report_number(chan, "packets_in", stats->packets_in);
		report_number(chan, "packets_out", stats->packets_out);
		report_number(chan, "bytes_in", stats->bytes_in);
		report_number(chan, "bytes_out", stats->bytes_out);
		report_number(chan, "signals", stats->signals);
		report_number(chan, "needless_signals", stats->needless_signals);
		report_number(chan, "interrupts", stats->interrupts);
		report_number(chan, "send_full", stats->send_full);
		report_number(chan, "opens", stats->opens);
		report_number(chan, "closes", stats->closes);
		report_number(chan, "rescinds", stats->rescinds);
	}
}

void vmbus_server_counters(struct vmbus_server *server, cJSON *reply)
{
	const struct bus_stats *stats = &server->stats;
	uint64_t posted, refused, unknown;
	cJSON *bus = cJSON_AddObjectToObject(reply, "bus");

	pthread_mutex_lock(&server->port.lock);
	posted = server->port.posted;
	refused = server->port.refused;
	unknown = server->port.unknown_signals;
	pthread_mutex_unlock(&server->port.lock);

	report_number(bus, "messages_in", stats->messages_in);
	report_number(bus, "messages_out", stats->messages_out);
	report_number(bus, "messages_dropped", stats->messages_dropped);
	report_number(bus, "post_message_calls", posted);
	report_number(bus, "post_message_refused", refused);
	report_number(bus, "signals", stats->signals);
	report_number(bus, "needless_signals", stats->needless_signals);
	report_number(bus, "unknown_signals", unknown);
	report_number(bus, "interrupts", stats->interrupts);
	report_number(bus, "events_dropped", stats->events_dropped);
	report_number(bus, "packets_in", stats->packets_in);
	report_number(bus, "packets_out", stats->packets_out);
	report_number(bus, "bytes_in", stats->bytes_in);
	report_number(bus, "bytes_out", stats->bytes_out);
	report_number(bus, "contacts", stats->contacts);
	report_number(bus, "unloads", stats->unloads);
	report_number(bus, "late_releases", stats->late_releases);
	report_number(bus, "modify_channels", stats->modify_channels);
	report_channels(server, reply);
	report_violations(server, reply);
	for (struct counter_group *group = server->groups; group; group = group->next) {
		cJSON *object = cJSON_AddObjectToObject(reply, group->name);

		for (size_t i = 0; i < group->nr; i++)
			report_number(object, group->counters[i].name, *group->counters[i].value);
	}
}

static void report_latency(struct vmbus_server *server, cJSON *reply)
{
	cJSON *latency = cJSON_AddObjectToObject(reply, "latency");

	for (struct chan_stats *stats = server->chan_stats; stats; stats = stats->next) {
		cJSON *chan = cJSON_AddObjectToObject(latency, stats->name);

		trace_query(chan, "completion", &stats->completion);
		trace_query(chan, "reaction", &stats->reaction);
	}
}

void vmbus_server_query(struct vmbus_server *server, cJSON *reply)
{
	const struct vmbus_connection *conn = &server->conn;
	cJSON *bus = cJSON_AddObjectToObject(reply, "bus");
	cJSON *channels = cJSON_AddArrayToObject(reply, "channels");
	char text[HV_GUID_TEXT];

	cJSON_AddBoolToObject(bus, "connected", conn->connected);
	if (conn->connected) {
		snprintf(text, sizeof(text), "%u.%u", conn->version >> 16, conn->version & 0xffff);
		cJSON_AddStringToObject(bus, "version", text);
		report_number(bus, "message_vp", conn->message_vp);
		report_number(bus, "features", conn->features);
		cJSON_AddBoolToObject(bus, "paused", conn->paused);
	} else {
		cJSON_AddNullToObject(bus, "version");
	}
	report_number(bus, "gpadls", server->nr_gpadls);
	for (struct vmbus_chan *chan = server->chans; chan; chan = chan->next) {
		cJSON *object = cJSON_CreateObject();

		cJSON_AddItemToArray(channels, object);
		cJSON_AddStringToObject(object, "name", chan->params.name);
		cJSON_AddStringToObject(object, "state", chan_state_name(chan->state));
		report_number(object, "relid", chan->relid);
		report_number(object, "sub_index", chan->params.sub_index);
		report_number(object, "connection", chan->connection_id);
		if (chan->state == CHAN_OPEN) {
			report_number(object, "target_vp", chan->target_vp);
			report_number(object, "in_size", chan->in.mem.size);
			report_number(object, "out_size", chan->out.mem.size);
		}
		cJSON_AddStringToObject(object, "class",
					hv_guid_format(&chan->params.class_guid, text));
		cJSON_AddStringToObject(object, "instance",
					hv_guid_format(&chan->params.instance_guid, text));
	}
	report_latency(server, reply);
	report_violations(server, reply);
	chaos_query(server, reply);
	churn_query(server, reply);
}
