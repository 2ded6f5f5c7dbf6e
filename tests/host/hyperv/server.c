// SPDX-License-Identifier: GPL-2.0
/*
 * The VMBus server as one object: start, reset, end, and the facts devices ask it for.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "churn.h"
#include "internal.h"

/* 1601-01-01 to 1970-01-01 */
#define WALL_EPOCH_SECONDS 11644473600ull

struct vmbus_server *vmbus_server_new(const struct vmbus_server_config *config)
{
	struct vmbus_server *server = xcalloc(1, sizeof(*server));

	server->config = *config;
	server->shared_event_fd = -1;
	for (unsigned int i = 0; i < HV_MAX_VPS; i++)
		server->vp[i].tail = &server->vp[i].head;
	hv_port_init(server);
	connection_init(server);
	monitor_init(server);
	return server;
}

void vmbus_server_reset(struct vmbus_server *server)
{
	hv_port_clear(server);
	connection_close(server);
	for (unsigned int i = 0; i < server->config.nr_vps; i++) {
		hv_synic_drop(server, i);
		memset(&server->vp[i].regs, 0, sizeof(server->vp[i].regs));
	}
	server->conn.message_vp = 0;
	chaos_reset(server);
}

void vmbus_server_free(struct vmbus_server *server)
{
	if (!server)
		return;
	vmbus_server_reset(server);
	chan_free_all(server);
	connection_free(server);
	monitor_free(server);
	chaos_free(server);
	churn_free(server);
	trace_close(server);
	report_free(server);
	hv_port_destroy(server);
	free(server);
}

struct loop *vmbus_server_loop(struct vmbus_server *server)
{
	return server->config.loop;
}

const struct guest_mem *vmbus_server_mem(struct vmbus_server *server)
{
	return server->config.mem;
}

unsigned int vmbus_server_nr_vps(struct vmbus_server *server)
{
	return server->config.nr_vps;
}

uint32_t vmbus_server_version(struct vmbus_server *server)
{
	return server->conn.version;
}

uint32_t vmbus_server_ic_newest(struct vmbus_server *server, const char *component)
{
	return hv_ic_limits_get(&server->config.ic_limits, component);
}

uint64_t vmbus_server_ref_time(struct vmbus_server *server)
{
	return server->config.ops->ref_time(server->config.platform);
}

uint64_t vmbus_server_wall_time(struct vmbus_server *server)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return ((uint64_t)now.tv_sec + WALL_EPOCH_SECONDS) * 10000000u +
	       (uint64_t)now.tv_nsec / 100 + (uint64_t)server->wall_offset_100ns;
}

void vmbus_server_set_wall_offset(struct vmbus_server *server, int64_t offset_100ns)
{
	server->wall_offset_100ns = offset_100ns;
}

void vmbus_server_set_open_delay(struct vmbus_server *server, uint64_t delay_ns)
{
	server->open_delay_ns = delay_ns;
}

int vmbus_server_map(struct vmbus_server *server, uint64_t gpa, uint64_t size, void *hva)
{
	if (!server->config.ops->map || gpa % GUEST_PAGE_SIZE || size % GUEST_PAGE_SIZE)
		return -EINVAL;
	return server->config.ops->map(server->config.platform, gpa, size, hva);
}

void vmbus_server_on_socket(struct vmbus_server *server, vmbus_socket_fn fn, void *opaque)
{
	server->socket_fn = fn;
	server->socket_opaque = opaque;
}
