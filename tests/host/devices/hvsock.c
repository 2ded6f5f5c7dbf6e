// SPDX-License-Identifier: GPL-2.0
/*
 * Virtual sockets between guest and host (AF_VSOCK, hvsock): which ports of the host are served and
 * by whom, and connections that tests have the host begin. VMBus, TL_CONNECT.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cjson/cJSON.h>

#include "../hyperv/util.h"
#include "hvsock_address.h"
#include "hvsock_connection.h"
#include "types.h"

#define HVSOCK_NAME "hvsock"
/* Policy: at one time. */
#define HVSOCK_CONNECTIONS 16
#define HVSOCK_SERVICES	   16

struct hvsock_service {
	uint32_t port;
	const char *path; /* of a Unix socket; NULL: echo */
};

struct hvsock {
	struct hvsock_service services[HVSOCK_SERVICES];
	unsigned int nr_services;
	bool on;
	struct hvsock_connection connections[HVSOCK_CONNECTIONS];
	struct hvsock_totals totals;
};

/* Return: a stream socket connected to @path, or -1. */
static int hvsock_dial(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd;

	if (strlen(path) >= sizeof(address.sun_path))
		return -1;
	strcpy(address.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static struct hvsock_connection *hvsock_free_connection(struct hvsock *hvsock)
{
	for (size_t i = 0; i < HVSOCK_CONNECTIONS; i++) {
		if (!hvsock->connections[i].chan)
			return &hvsock->connections[i];
	}
	return NULL;
}

static bool hvsock_called(void *opaque, const struct hyperv_guid *endpoint,
			  const struct hyperv_guid *service)
{
	struct hvsock *hvsock = opaque;
	struct hvsock_connection *connection = hvsock_free_connection(hvsock);
	const struct hvsock_service *called = NULL;
	uint32_t port;
	int fd = -1;

	if (hvsock_service_port(service, &port)) {
		for (unsigned int i = 0; i < hvsock->nr_services; i++) {
			if (hvsock->services[i].port == port)
				called = &hvsock->services[i];
		}
	}
	if (called && called->path) {
		fd = hvsock_dial(called->path);
		if (fd < 0)
			called = NULL;
	}
	if (!called || !connection) {
		if (fd >= 0)
			close(fd);
		hvsock->totals.refused++;
		return false;
	}
	return !hvsock_connection_offer(connection, endpoint, service, false, fd);
}

/* ---------------------------------------------------------------- options and commands */

static int hvsock_start(void *config, struct vmbus_server *server, char err[HV_ERR_MAX])
{
	struct hvsock *hvsock = config;
	const struct hv_counter counters[] = {
		{ "connections", &hvsock->totals.connections },
		{ "refused", &hvsock->totals.refused },
		{ "bytes_in", &hvsock->totals.bytes_in },
		{ "bytes_out", &hvsock->totals.bytes_out },
	};

	(void)err;
	if (!hvsock->on)
		return 0;
	for (unsigned int i = 0; i < HVSOCK_CONNECTIONS; i++)
		hvsock_connection_init(&hvsock->connections[i], server, &hvsock->totals, i);
	vmbus_server_on_socket(server, hvsock_called, hvsock);
	hv_counters_add(server, HVSOCK_NAME, counters, ARRAY_SIZE(counters));
	return 0;
}

static void hvsock_reset(void *config)
{
	struct hvsock *hvsock = config;

	for (size_t i = 0; hvsock->on && i < HVSOCK_CONNECTIONS; i++)
		hvsock_connection_end(&hvsock->connections[i]);
}

static void hvsock_stop(void *config)
{
	struct hvsock *hvsock = config;

	hvsock_reset(hvsock);
	for (size_t i = 0; i < HVSOCK_CONNECTIONS; i++)
		hvsock_connection_free(&hvsock->connections[i]);
}

static int hvsock_connect(struct hvsock *hvsock, uint32_t port, const char *path, cJSON *reply,
			  char err[HV_ERR_MAX])
{
	struct hvsock_connection *connection = hvsock_free_connection(hvsock);
	struct hyperv_guid service = hvsock_service_guid(port), endpoint;
	int fd = -1;

	if (!connection) {
		snprintf(err, HV_ERR_MAX, "too many connections");
		return -1;
	}
	if (getrandom(&endpoint, sizeof(endpoint), 0) != sizeof(endpoint) ||
	    (path && (fd = hvsock_dial(path)) < 0)) {
		snprintf(err, HV_ERR_MAX, "%.160s: %s", path ? path : "endpoint", strerror(errno));
		return -1;
	}
	if (hvsock_connection_offer(connection, &endpoint, &service, true, fd)) {
		snprintf(err, HV_ERR_MAX, "the connection cannot be offered");
		return -1;
	}
	cJSON_AddStringToObject(reply, "connection", connection->name);
	return 0;
}

static int hvsock_control(void *config, const char *cmd, const cJSON *request, cJSON *reply,
			  char err[HV_ERR_MAX])
{
	const cJSON *port = cJSON_GetObjectItemCaseSensitive(request, "port");
	const cJSON *path = cJSON_GetObjectItemCaseSensitive(request, "socket");
	struct hvsock *hvsock = config;

	if (strcmp(cmd, "hvsock-connect"))
		return 0;
	if (!hvsock->on) {
		snprintf(err, HV_ERR_MAX, "there are no sockets (--hvsock)");
		return -1;
	}
	if (!cJSON_IsNumber(port) || port->valuedouble < 0 || port->valuedouble > UINT32_MAX) {
		snprintf(err, HV_ERR_MAX, "\"port\" is missing or not a number");
		return -1;
	}
	return hvsock_connect(hvsock, (uint32_t)port->valuedouble,
			      cJSON_IsString(path) ? path->valuestring : NULL, reply, err)
		       ? -1
		       : 1;
}

static void hvsock_query(void *config, cJSON *reply)
{
	struct hvsock *hvsock = config;
	cJSON *state;

	if (!hvsock->on)
		return;
	state = cJSON_AddObjectToObject(reply, HVSOCK_NAME);
	for (size_t i = 0; i < HVSOCK_CONNECTIONS; i++) {
		const struct hvsock_connection *connection = &hvsock->connections[i];
		cJSON *item;

		if (!connection->chan)
			continue;
		item = cJSON_AddObjectToObject(state, connection->name);
		cJSON_AddNumberToObject(item, "port", connection->port);
		cJSON_AddBoolToObject(item, "from_host", connection->from_host);
		cJSON_AddBoolToObject(item, "open", connection->open);
		cJSON_AddNumberToObject(item, "bytes_in", (double)connection->bytes_in);
		cJSON_AddNumberToObject(item, "bytes_out", (double)connection->bytes_out);
	}
}

static int hvsock_parse_service(void *config, const char *arg, char err[HV_ERR_MAX])
{
	struct hvsock *hvsock = config;
	struct hvsock_service *service = &hvsock->services[hvsock->nr_services];
	unsigned long port;
	char *end;

	if (hvsock->nr_services == HVSOCK_SERVICES) {
		snprintf(err, HV_ERR_MAX, "--hvsock: more than %d services", HVSOCK_SERVICES);
		return -1;
	}
	errno = 0;
	port = strtoul(arg, &end, 10);
	if (*arg < '0' || *arg > '9' || errno || port > UINT32_MAX || *end != '=' || !end[1]) {
		snprintf(err, HV_ERR_MAX, "--hvsock: \"%.64s\" is not PORT=echo or PORT=SOCKET",
			 arg);
		return -1;
	}
	service->port = (uint32_t)port;
	service->path = strcmp(end + 1, "echo") ? end + 1 : NULL;
	hvsock->nr_services++;
	hvsock->on = true;
	return 0;
}

static const struct device_option hvsock_options[] = {
	{ "hvsock", "PORT=echo|SOCKET",
	  "let the guest connect to a port of the host (AF_VSOCK, CID 2): what it sends comes\n"
	  "back, or goes to a Unix socket somebody listens on.\n"
	  "Example: --hvsock 5000=echo --hvsock 5001=/tmp/service",
	  hvsock_parse_service },
	{ NULL, NULL, NULL, NULL },
};

const struct device_type hvsock_type = {
	.name = HVSOCK_NAME,
	.config_size = sizeof(struct hvsock),
	.options = hvsock_options,
	.start = hvsock_start,
	.commands = "hvsock-connect port=N [socket=FILE]  connect to a port of the guest: echo, or "
		    "relay "
		    "to a Unix socket",
	.control = hvsock_control,
	.query = hvsock_query,
	.reset = hvsock_reset,
	.stop = hvsock_stop,
};
