// SPDX-License-Identifier: GPL-2.0
/*
 * Which fault happens when: options, draws by seed, faults asked for by name, the log of what was
 * done, and what is put off. Knows no packet and no message.
 */
#include <cjson/cJSON.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chaos_internal.h"

#define CHAOS_ALL (CHAOS_BIT(CHAOS_FAULTS) - 1)

static struct chaos *chaos_of(struct vmbus_server *server)
{
	if (!server->chaos)
		server->chaos = xcalloc(1, sizeof(*server->chaos));
	return server->chaos;
}

/* ---------------------------------------------------------------- options */

/* Return: faults of this name or group, 0 if there are none. */
static uint64_t chaos_named(const char *name)
{
	size_t len = strlen(name);
	uint64_t found = 0;

	for (unsigned int i = 0; i < CHAOS_FAULTS; i++) {
		const char *full = chaos_kinds[i].name;

		if (!strcmp(full, name) || (len && !strncmp(full, name, len) && full[len] == '-'))
			found |= CHAOS_BIT(i);
	}
	return found;
}

int chaos_parse_only(struct chaos_config *config, const char *names, char err[HV_ERR_MAX])
{
	char *copy = xstrdup(names), *rest = copy, *name;
	uint64_t enabled = 0;
	int ret = 0;

	while (!ret && (name = strsep(&rest, "+"))) {
		uint64_t found = chaos_named(name);

		if (!found) {
			snprintf(err, HV_ERR_MAX, "no fault \"%.64s\" (hvhost --faults lists all)", name);
			ret = -1;
		}
		enabled |= found;
	}
	if (!ret)
		config->enabled = enabled;
	free(copy);
	return ret;
}

int chaos_parse_devices(struct chaos_config *config, const char *names, char err[HV_ERR_MAX])
{
	char devices[CHAOS_DEVICES][sizeof(config->devices[0])];
	char *copy = xstrdup(names), *rest = copy, *name;
	unsigned int nr = 0;
	int ret = 0;

	while (!ret && (name = strsep(&rest, "+"))) {
		if (!*name || strlen(name) >= sizeof(devices[0]) || nr == CHAOS_DEVICES) {
			snprintf(err, HV_ERR_MAX, "\"%.64s\" is not a list of 1 to %u devices", names,
				 CHAOS_DEVICES);
			ret = -1;
			break;
		}
		strcpy(devices[nr++], name);
	}
	if (!ret) {
		memcpy(config->devices, devices, nr * sizeof(devices[0]));
		config->nr_devices = nr;
	}
	free(copy);
	return ret;
}

int chaos_parse_rate(struct chaos_config *config, const char *text, char err[HV_ERR_MAX])
{
	char *end;
	double rate = strtod(text, &end);

	if (!*text || *end || !(rate >= 0 && rate <= 1)) {
		snprintf(err, HV_ERR_MAX, "\"%.64s\" is not a rate from 0 to 1", text);
		return -1;
	}
	config->rate = rate;
	return 0;
}

int chaos_parse(struct chaos_config *config, const char *arg, char err[HV_ERR_MAX])
{
	char *copy = xstrdup(arg), *rest = copy, *item = strsep(&rest, ","), *end;
	struct chaos_config parsed = { .on = true, .rate = config->rate, .enabled = CHAOS_ALL };
	int ret = 0;

	errno = 0;
	parsed.seed = strtoull(item, &end, 10);
	if (*item < '0' || *item > '9' || *end || errno) {
		snprintf(err, HV_ERR_MAX, "--chaos: \"%.64s\" is not a seed, a number", item);
		ret = -1;
	}
	while (!ret && (item = strsep(&rest, ","))) {
		if (!strncmp(item, "only=", 5)) {
			ret = chaos_parse_only(&parsed, item + 5, err);
		} else if (!strncmp(item, "devices=", 8)) {
			ret = chaos_parse_devices(&parsed, item + 8, err);
		} else {
			snprintf(err, HV_ERR_MAX, "--chaos: \"%.64s\" is neither only=... nor devices=...",
				 item);
			ret = -1;
		}
	}
	free(copy);
	if (!ret)
		*config = parsed;
	return ret;
}

/* ---------------------------------------------------------------- draws */

static uint64_t chaos_mix(uint64_t value)
{
	value += 0x9e3779b97f4a7c15ull;
	value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9ull;
	value = (value ^ value >> 27) * 0x94d049bb133111ebull;
	return value ^ value >> 31;
}

uint64_t chaos_next(uint64_t *random)
{
	return *random = chaos_mix(*random);
}

static struct chaos_stream *chaos_stream(struct chaos *chaos, const char *device)
{
	struct chaos_stream *stream = chaos->streams;

	while (stream && strcmp(stream->name, device))
		stream = stream->next;
	if (!stream) {
		stream = xcalloc(1, sizeof(*stream));
		stream->name = xstrdup(device);
		stream->next = chaos->streams;
		chaos->streams = stream;
	}
	return stream;
}

static uint64_t chaos_draw(struct chaos *chaos, const char *device)
{
	uint64_t hash = 0xcbf29ce484222325ull;

	for (const char *at = device; *at; at++)
		hash = (hash ^ (uint8_t)*at) * 0x100000001b3ull;
	return chaos_mix(chaos_mix(chaos->config.seed ^ hash) + chaos_stream(chaos, device)->draws++);
}

static bool chaos_is_device(const struct chaos_config *config, const char *device)
{
	for (unsigned int i = 0; i < config->nr_devices; i++) {
		size_t len = strlen(config->devices[i]);

		/* A primary's name stands for its sub-channels, too. */
		if (!strncmp(device, config->devices[i], len) && (!device[len] || device[len] == '/'))
			return true;
	}
	return !config->nr_devices;
}

static enum chaos_fault chaos_take_armed(struct chaos *chaos, const char *device, uint64_t possible)
{
	for (struct chaos_armed **link = &chaos->armed; *link; link = &(*link)->next) {
		struct chaos_armed *armed = *link;
		enum chaos_fault fault = armed->fault;

		if (!(possible & CHAOS_BIT(fault)) || (*armed->device && strcmp(armed->device, device)))
			continue;
		if (!--armed->count) {
			*link = armed->next;
			free(armed);
		}
		return fault;
	}
	return CHAOS_NONE;
}

enum chaos_fault chaos_pick(struct vmbus_server *server, const char *device, uint64_t possible,
			    uint64_t *random)
{
	struct chaos *chaos = server->chaos;
	enum chaos_fault fault;
	unsigned int nth;

	if (!chaos || chaos->busy)
		return CHAOS_NONE;
	fault = chaos_take_armed(chaos, device, possible);
	if (fault != CHAOS_NONE) {
		*random = chaos_draw(chaos, device);
		return fault;
	}
	if (!chaos->config.on || !chaos_is_device(&chaos->config, device))
		return CHAOS_NONE;
	*random = chaos_draw(chaos, device);
	possible &= chaos->config.enabled;
	if (!possible || (double)(*random >> 11) * 0x1p-53 >= chaos->config.rate)
		return CHAOS_NONE;
	nth = chaos_next(random) % __builtin_popcountll(possible);
	for (fault = 0;; fault++) {
		if ((possible & CHAOS_BIT(fault)) && !nth--)
			break;
	}
	chaos_next(random);
	return fault;
}

unsigned int chaos_burst(const struct vmbus_server *server)
{
	unsigned int burst = server->chaos->config.burst;

	return server->chaos->config.on && burst ? burst : 1;
}

void chaos_event(struct vmbus_server *server, enum chaos_fault fault, const char *device,
		 const char *fmt, ...)
{
	struct chaos *chaos = server->chaos;
	char text[256];
	va_list ap;

	chaos->lied = true;
	chaos->counts[fault]++;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	trace_chaos(server, device, text);
	chaos->events++;
	if (chaos->config.quiet)
		return;
	hv_log("chaos: event %llu, seed %llu: %s on %s: %s", (unsigned long long)chaos->events,
	       (unsigned long long)chaos->config.seed, chaos_kinds[fault].name, device, text);
}

/* ---------------------------------------------------------------- what is put off */

static void chaos_job_free(struct chaos_job *job)
{
	struct chaos_job **link = &job->server->chaos->jobs;

	while (*link != job)
		link = &(*link)->next;
	*link = job->next;
	loop_timer_free(job->timer);
	free(job);
}

static void chaos_job_run(void *opaque)
{
	struct chaos_job *job = opaque;
	struct chaos *chaos = job->server->chaos;

	/* What comes late is itself left alone. */
	chaos->busy = true;
	job->run(job);
	chaos->busy = false;
	chaos_job_free(job);
}

void chaos_later(struct vmbus_server *server, struct vmbus_chan *chan, uint64_t delay_ns,
		 void (*run)(struct chaos_job *job), const void *bytes, size_t len)
{
	struct chaos_job *job = xcalloc(1, sizeof(*job) + len);

	job->server = server;
	job->run = run;
	job->chan = chan;
	job->relid = chan ? chan->relid : 0;
	job->opens = chan ? chan->stats->opens : 0;
	job->len = len;
	if (len)
		memcpy(job->bytes, bytes, len);
	job->next = server->chaos->jobs;
	server->chaos->jobs = job;
	job->timer = loop_timer_new(server->config.loop, chaos_job_run, job);
	loop_timer_arm(job->timer, loop_now_ns() + delay_ns);
}

struct vmbus_chan *chaos_job_chan(const struct chaos_job *job)
{
	struct vmbus_chan *chan = chan_by_relid(job->server, job->relid);

	return chan && chan == job->chan && chan->state == CHAN_OPEN && !chan->corrupt &&
			       chan->stats->opens == job->opens
		       ? chan
		       : NULL;
}

/* ---------------------------------------------------------------- control */

void chaos_set(struct vmbus_server *server, const struct chaos_config *config)
{
	struct chaos *chaos = chaos_of(server);

	if (!config->on) {
		chaos->config.on = false;
		while (chaos->armed) {
			struct chaos_armed *armed = chaos->armed;

			chaos->armed = armed->next;
			free(armed);
		}
		return;
	}
	chaos->config = *config;
	for (struct chaos_stream *stream = chaos->streams; stream; stream = stream->next)
		stream->draws = 0;
}

int chaos_arm(struct vmbus_server *server, const char *name, const char *device, unsigned int count,
	      char err[HV_ERR_MAX])
{
	struct chaos *chaos = chaos_of(server);
	struct chaos_armed **link = &chaos->armed, *armed;
	unsigned int fault = 0;

	while (fault < CHAOS_FAULTS && strcmp(chaos_kinds[fault].name, name))
		fault++;
	if (fault == CHAOS_FAULTS) {
		snprintf(err, HV_ERR_MAX, "no fault \"%.64s\" (hvhost --faults lists all)", name);
		return -1;
	}
	if (device && (!*device || strlen(device) >= sizeof(armed->device))) {
		snprintf(err, HV_ERR_MAX, "\"%.64s\" is no name of a device", device);
		return -1;
	}
	armed = xcalloc(1, sizeof(*armed));
	armed->fault = fault;
	armed->count = count;
	if (device)
		strcpy(armed->device, device);
	while (*link)
		link = &(*link)->next;
	*link = armed;
	return 0;
}

void chaos_query(struct vmbus_server *server, struct cJSON *reply)
{
	const struct chaos *chaos = server->chaos;
	cJSON *object = cJSON_AddObjectToObject(reply, "chaos"), *counts;
	unsigned int armed = 0;

	cJSON_AddBoolToObject(object, "on", chaos && chaos->config.on);
	cJSON_AddNumberToObject(object, "seed", chaos ? (double)chaos->config.seed : 0);
	cJSON_AddNumberToObject(object, "rate", chaos ? chaos->config.rate : 0);
	cJSON_AddNumberToObject(object, "events", chaos ? (double)chaos->events : 0);
	for (const struct chaos_armed *at = chaos ? chaos->armed : NULL; at; at = at->next)
		armed += at->count;
	cJSON_AddNumberToObject(object, "armed", armed);
	counts = cJSON_AddObjectToObject(object, "faults");
	for (unsigned int i = 0; chaos && i < CHAOS_FAULTS; i++) {
		if (chaos->counts[i])
			cJSON_AddNumberToObject(counts, chaos_kinds[i].name, (double)chaos->counts[i]);
	}
}

bool chaos_has_lied(const struct vmbus_server *server)
{
	return server->chaos && server->chaos->lied;
}

void chaos_reset(struct vmbus_server *server)
{
	struct chaos *chaos = server->chaos;

	if (!chaos)
		return;
	while (chaos->jobs)
		chaos_job_free(chaos->jobs);
	chaos->change.chan = NULL;
	chaos->lied = false;
}

void chaos_free(struct vmbus_server *server)
{
	struct chaos *chaos = server->chaos;

	if (!chaos)
		return;
	chaos_reset(server);
	chaos_set(server, &(struct chaos_config){ .on = false });
	while (chaos->streams) {
		struct chaos_stream *stream = chaos->streams;

		chaos->streams = stream->next;
		free(stream->name);
		free(stream);
	}
	free(chaos);
	server->chaos = NULL;
}
