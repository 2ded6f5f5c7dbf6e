// SPDX-License-Identifier: GPL-2.0
/*
 * The control socket: one JSON object a line in, one out. The core's own commands are a table;
 * others go to the device types, first come first served.
 */
#include <cjson/cJSON.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "hvhost.h"
#include "hyperv/util.h"

/* Policy: the longest command line, and the most that a client may leave unread. */
#define CONTROL_LINE_MAX 65536
#define CONTROL_OUT_MAX	 (4u << 20)

struct control_client {
	struct control *control;
	int fd;
	bool closing; /* once everything is written */
	cJSON *pending; /* the reply a device will finish; nothing is read until then */
	char line[CONTROL_LINE_MAX];
	size_t line_len;
	char *out;
	size_t out_len, out_done;
	struct control_client *next;
};

struct control {
	struct hvhost *host;
	char *path;
	int fd;
	struct control_client *clients;
};

/* There is one; hv_control_done() knows no more than a reply. */
static struct control *the_control;

/* What the host is, as options and their release say; "bus" has what was agreed on. */
static void command_query_host(struct hvhost *host, cJSON *reply)
{
	static const char *const components[] = { "framework", "heartbeat", "shutdown", "timesync",
						  "kvp",       "vss",	    "fcopy" };
	const struct options *options = &host->options;
	cJSON *object = cJSON_AddObjectToObject(reply, "host"), *newest;
	char text[32];

	if (options->release) {
		cJSON_AddStringToObject(object, "release", options->release->name);
		cJSON_AddStringToObject(object, "product", options->release->product);
		cJSON_AddNumberToObject(object, "build", options->release->cpuid.build);
	} else {
		cJSON_AddNullToObject(object, "release");
	}
	snprintf(text, sizeof(text), "%u.%u", options->vmbus_version >> 16,
		 options->vmbus_version & 0xffff);
	cJSON_AddStringToObject(object, "vmbus_version", text);
	newest = cJSON_AddObjectToObject(object, "ic_versions");
	for (size_t i = 0; i < ARRAY_SIZE(components); i++) {
		uint32_t version = vmbus_server_ic_newest(host->server, components[i]);

		if (!version)
			continue;
		snprintf(text, sizeof(text), "%u.%u", version >> 16, version & 0xffff);
		cJSON_AddStringToObject(newest, components[i], text);
	}
}

static int command_query(struct hvhost *host, const cJSON *request, cJSON *reply,
			 char err[HV_ERR_MAX])
{
	cJSON *machine = cJSON_AddObjectToObject(reply, "machine");

	(void)request;
	(void)err;
	cJSON_AddNumberToObject(machine, "cpus", host->options.machine.cpus);
	cJSON_AddNumberToObject(machine, "memory", (double)host->options.machine.memory);
	cJSON_AddNumberToObject(machine, "resets", (double)host->resets);
	cJSON_AddNumberToObject(machine, "crashes", (double)host->crashes);
	command_query_host(host, reply);
	vmbus_server_query(host->server, reply);
	vmbus_server_counters(host->server, cJSON_AddObjectToObject(reply, "counters"));
	for (size_t t = 0; t < host->types_started; t++) {
		if (device_types[t]->query)
			device_types[t]->query(host->options.device_config[t], reply);
	}
	return 0;
}

static int command_counters(struct hvhost *host, const cJSON *request, cJSON *reply,
			    char err[HV_ERR_MAX])
{
	(void)request;
	(void)err;
	vmbus_server_counters(host->server, reply);
	return 0;
}

static int command_device(const cJSON *request, const char **name, char err[HV_ERR_MAX])
{
	const cJSON *device = cJSON_GetObjectItemCaseSensitive(request, "device");

	if (!cJSON_IsString(device)) {
		snprintf(err, HV_ERR_MAX, "\"device\" is missing");
		return -1;
	}
	*name = device->valuestring;
	return 0;
}

static int command_rescind(struct hvhost *host, const cJSON *request, cJSON *reply,
			   char err[HV_ERR_MAX])
{
	const char *name;

	(void)reply;
	return command_device(request, &name, err)
		       ? -1
		       : vmbus_server_rescind_name(host->server, name, err);
}

static int command_offer(struct hvhost *host, const cJSON *request, cJSON *reply,
			 char err[HV_ERR_MAX])
{
	const char *name;

	(void)reply;
	return command_device(request, &name, err)
		       ? -1
		       : vmbus_server_offer_name(host->server, name, err);
}

static int command_reset(struct hvhost *host, const cJSON *request, cJSON *reply,
			 char err[HV_ERR_MAX])
{
	(void)request;
	(void)reply;
	if (!hvhost_reset(host))
		return 0;
	snprintf(err, HV_ERR_MAX, "the machine cannot be started again");
	return -1;
}

static int command_quit(struct hvhost *host, const cJSON *request, cJSON *reply,
			char err[HV_ERR_MAX])
{
	(void)request;
	(void)reply;
	(void)err;
	hvhost_quit(host, HVHOST_OK);
	return 0;
}

static int command_number(const cJSON *request, const char *key, double limit, double *value,
			  char err[HV_ERR_MAX])
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(request, key);

	if (!cJSON_IsNumber(item) || item->valuedouble < -limit || item->valuedouble > limit) {
		snprintf(err, HV_ERR_MAX, "\"%s\" is missing or not a number up to %.0f", key,
			 limit);
		return -1;
	}
	*value = item->valuedouble;
	return 0;
}

static int command_time_offset(struct hvhost *host, const cJSON *request, cJSON *reply,
			       char err[HV_ERR_MAX])
{
	double seconds;

	(void)reply;
	if (command_number(request, "seconds", 1e9, &seconds, err))
		return -1;
	vmbus_server_set_wall_offset(host->server, (int64_t)(seconds * 1e7));
	return 0;
}

static int command_open_delay(struct hvhost *host, const cJSON *request, cJSON *reply,
			      char err[HV_ERR_MAX])
{
	double ms;

	(void)reply;
	if (command_number(request, "ms", 1e6, &ms, err))
		return -1;
	vmbus_server_set_open_delay(host->server, ms > 0 ? (uint64_t)(ms * 1e6) : 0);
	return 0;
}

static int command_trace(struct hvhost *host, const cJSON *request, cJSON *reply,
			 char err[HV_ERR_MAX])
{
	const cJSON *on = cJSON_GetObjectItemCaseSensitive(request, "on");

	(void)host;
	(void)reply;
	if (!cJSON_IsBool(on)) {
		snprintf(err, HV_ERR_MAX, "\"on\" is missing or neither true nor false");
		return -1;
	}
	hv_trace_set(cJSON_IsTrue(on));
	return 0;
}

static const struct {
	const char *name;
	bool after_devices; /* devices may claim the command first */
	int (*run)(struct hvhost *host, const cJSON *request, cJSON *reply, char err[HV_ERR_MAX]);
} commands[] = {
	{ .name = "query", .run = command_query },
	{ .name = "counters", .run = command_counters },
	{ .name = "rescind", .after_devices = true, .run = command_rescind },
	{ .name = "offer", .after_devices = true, .run = command_offer },
	{ .name = "reset", .run = command_reset },
	{ .name = "quit", .run = command_quit },
	{ .name = "time-offset", .run = command_time_offset },
	{ .name = "open-delay", .run = command_open_delay },
	{ .name = "trace", .run = command_trace },
	{ .name = "chaos", .run = control_chaos },
	{ .name = "fault", .run = control_fault },
	{ .name = "churn", .run = control_churn },
};

static int control_ask_devices(struct hvhost *host, const char *cmd, const cJSON *request,
			       cJSON *reply, char err[HV_ERR_MAX])
{
	for (size_t t = 0; t < host->types_started; t++) {
		int ret = 0;

		if (device_types[t]->control)
			ret = device_types[t]->control(host->options.device_config[t], cmd, request,
						       reply, err);
		if (ret)
			return ret;
	}
	return 0;
}

/* Return: 0, HV_CONTROL_LATER, or -1 with one line in @err. */
static int control_run(struct hvhost *host, const cJSON *request, cJSON *reply,
		       char err[HV_ERR_MAX])
{
	const cJSON *cmd = cJSON_GetObjectItemCaseSensitive(request, "cmd");
	size_t found = 0;
	int ret;

	if (!cJSON_IsString(cmd)) {
		snprintf(err, HV_ERR_MAX, "not a JSON object with \"cmd\"");
		return -1;
	}
	while (found < ARRAY_SIZE(commands) && strcmp(commands[found].name, cmd->valuestring))
		found++;
	if (found < ARRAY_SIZE(commands) && !commands[found].after_devices)
		return commands[found].run(host, request, reply, err);
	ret = control_ask_devices(host, cmd->valuestring, request, reply, err);
	if (ret)
		return ret < 0 ? -1 : ret == HV_CONTROL_LATER ? ret : 0;
	if (found < ARRAY_SIZE(commands))
		return commands[found].run(host, request, reply, err);
	snprintf(err, HV_ERR_MAX, "unknown command \"%.64s\"", cmd->valuestring);
	return -1;
}

static void control_drop(struct control_client *client)
{
	struct control_client **link = &client->control->clients;

	while (*link != client)
		link = &(*link)->next;
	*link = client->next;
	loop_fd_del(client->control->host->loop, client->fd);
	close(client->fd);
	free(client->out);
	free(client);
}

/* Return: false if the client is gone. */
static bool control_write(struct control_client *client)
{
	while (client->out_done < client->out_len) {
		ssize_t n = send(client->fd, client->out + client->out_done,
				 client->out_len - client->out_done, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			break;
		if (n <= 0) {
			control_drop(client);
			return false;
		}
		client->out_done += n;
	}
	if (client->out_done == client->out_len) {
		client->out_done = client->out_len = 0;
		if (client->closing) {
			control_drop(client);
			return false;
		}
	}
	loop_fd_mod(client->control->host->loop, client->fd,
		    (client->closing || client->pending ? 0 : EPOLLIN) |
			    (client->out_len ? EPOLLOUT : 0));
	return true;
}

static void control_queue(struct control_client *client, const char *text)
{
	size_t len = strlen(text);

	if (client->out_len + len + 1 > CONTROL_OUT_MAX) {
		client->closing = true;
		return;
	}
	client->out = xrealloc(client->out, client->out_len + len + 1, 1);
	memcpy(client->out + client->out_len, text, len);
	client->out[client->out_len + len] = '\n';
	client->out_len += len + 1;
}

/* Sends a reply and ends it; @err is why the command failed, NULL when it has not. */
static void control_reply(struct control_client *client, cJSON *reply, const char *err)
{
	char *text;

	if (err) {
		cJSON_ReplaceItemInObjectCaseSensitive(reply, "ok", cJSON_CreateFalse());
		cJSON_AddStringToObject(reply, "error", err);
	}
	text = cJSON_PrintUnformatted(reply);
	if (text)
		control_queue(client, text);
	cJSON_free(text);
	cJSON_Delete(reply);
}

static void control_line(struct control_client *client, const char *line)
{
	cJSON *request = cJSON_Parse(line), *reply = cJSON_CreateObject();
	char err[HV_ERR_MAX] = "";
	int ret;

	cJSON_AddTrueToObject(reply, "ok");
	ret = control_run(client->control->host, request, reply, err);
	cJSON_Delete(request);
	if (ret == HV_CONTROL_LATER) {
		client->pending = reply;
		return;
	}
	if (ret) {
		/* What was put into it before the command failed is no answer. */
		cJSON_Delete(reply);
		reply = cJSON_CreateObject();
		cJSON_AddTrueToObject(reply, "ok");
	}
	control_reply(client, reply, ret ? err : NULL);
}

/* Runs the commands that have come in, up to one whose answer takes its time. */
static void control_lines(struct control_client *client)
{
	char *newline;

	while (!client->pending && (newline = memchr(client->line, '\n', client->line_len))) {
		size_t used = newline + 1 - client->line;

		*newline = '\0';
		control_line(client, client->line);
		client->line_len -= used;
		memmove(client->line, newline + 1, client->line_len + 1);
	}
	if (!client->pending && client->line_len == sizeof(client->line) - 1) {
		control_queue(client, "{\"ok\":false,\"error\":\"line too long\"}");
		client->closing = true;
	}
}

void hv_control_done(cJSON *reply, const char *err)
{
	struct control_client *client = the_control ? the_control->clients : NULL;

	while (client && client->pending != reply)
		client = client->next;
	if (!client) {
		cJSON_Delete(reply);
		return;
	}
	client->pending = NULL;
	control_reply(client, reply, err);
	control_lines(client);
	control_write(client);
}

static void control_client_ready(int fd, uint32_t events, void *opaque)
{
	struct control_client *client = opaque;
	ssize_t n;

	/* A client that has gone while a device works for it. */
	if (client->pending && (events & (EPOLLHUP | EPOLLERR))) {
		control_drop(client);
		return;
	}
	if (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) {
		n = read(fd, client->line + client->line_len,
			 sizeof(client->line) - 1 - client->line_len);
		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			return;
		if (n <= 0)
			client->closing = true;
		else
			client->line_len += n;
		client->line[client->line_len] = '\0';
		control_lines(client);
	}
	control_write(client);
}

static void control_accept(int fd, uint32_t events, void *opaque)
{
	struct control *control = opaque;
	struct control_client *client;
	int client_fd = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	(void)events;
	if (client_fd < 0)
		return;
	client = xcalloc(1, sizeof(*client));
	client->control = control;
	client->fd = client_fd;
	client->next = control->clients;
	control->clients = client;
	if (loop_fd_add(control->host->loop, client_fd, EPOLLIN, control_client_ready, client))
		control_drop(client);
}

/* Takes away a socket a former run left behind, nothing else. */
static void control_remove_stale(const char *path)
{
	struct stat st;

	if (!lstat(path, &st) && S_ISSOCK(st.st_mode))
		unlink(path);
}

struct control *control_new(struct hvhost *host, const char *path, char err[HV_ERR_MAX])
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct control *control;
	int fd;

	if (strlen(path) >= sizeof(address.sun_path)) {
		snprintf(err, HV_ERR_MAX, "--control: %.120s...: path too long for a socket", path);
		return NULL;
	}
	strcpy(address.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	control_remove_stale(path);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    listen(fd, 8) < 0) {
		snprintf(err, HV_ERR_MAX, "--control: %.120s: %s", path, strerror(errno));
		if (fd >= 0)
			close(fd);
		return NULL;
	}
	control = xcalloc(1, sizeof(*control));
	control->host = host;
	control->path = xstrdup(path);
	control->fd = fd;
	loop_fd_add(host->loop, fd, EPOLLIN, control_accept, control);
	the_control = control;
	return control;
}

void control_free(struct control *control)
{
	if (!control)
		return;
	the_control = NULL;
	/* The answer to "quit" may still be on its way. */
	while (control->clients) {
		struct control_client *client = control->clients;

		client->closing = true;
		if (control_write(client))
			control_drop(client);
	}
	loop_fd_del(control->host->loop, control->fd);
	close(control->fd);
	unlink(control->path);
	free(control->path);
	free(control);
}
