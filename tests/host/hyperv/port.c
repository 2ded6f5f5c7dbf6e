// SPDX-License-Identifier: GPL-2.0
/*
 * The hypercalls that reach the host: HvPostMessage into a short queue for the device thread, and
 * HvSignalEvent on connections nobody has. The one place of hyperv/ that runs in the VPs' threads.
 * TLFS, HvPostMessage, HvSignalEvent.
 */
#include <string.h>

#include "internal.h"

#define HYPERCALL_REPS(control) ((control) >> 32)

/*
 * Policy: messages waiting for the guest's slots at which no more of the guest's messages are
 * taken.
 */
#define PORT_HOLD_AT 256

static void hv_port_drain(void *opaque)
{
	struct vmbus_server *server = opaque;
	struct hv_port *port = &server->port;

	for (;;) {
		struct hv_port_message message;

		pthread_mutex_lock(&port->lock);
		if (!port->count || server->waiting_messages >= PORT_HOLD_AT) {
			port->scheduled = false;
			pthread_mutex_unlock(&port->lock);
			return;
		}
		message = port->queue[port->head];
		port->head = (port->head + 1) % HV_PORT_DEPTH;
		port->count--;
		pthread_mutex_unlock(&port->lock);
		message_receive(server, &message);
	}
}

/* Caller holds port->lock. */
static void hv_port_schedule(struct vmbus_server *server)
{
	if (server->port.scheduled || !server->port.count)
		return;
	server->port.scheduled = true;
	loop_call(server->config.loop, hv_port_drain, server);
}

void hv_port_resume(struct vmbus_server *server)
{
	pthread_mutex_lock(&server->port.lock);
	hv_port_schedule(server);
	pthread_mutex_unlock(&server->port.lock);
}

static enum tlfs_status hv_port_push(struct vmbus_server *server,
				     const struct hv_port_message *message)
{
	struct hv_port *port = &server->port;
	enum tlfs_status status = TLFS_STATUS_SUCCESS;

	pthread_mutex_lock(&port->lock);
	port->posted++;
	if (port->count == HV_PORT_DEPTH) {
		port->refused++;
		status = TLFS_STATUS_INSUFFICIENT_BUFFERS;
	} else {
		port->queue[(port->head + port->count) % HV_PORT_DEPTH] = *message;
		port->count++;
		hv_port_schedule(server);
	}
	pthread_mutex_unlock(&port->lock);
	return status;
}

static enum tlfs_status hv_port_post(struct vmbus_server *server, uint64_t control,
				     uint64_t input_gpa)
{
	struct tlfs_post_message input;
	struct hv_port_message message;
	uint32_t type;

	if (control & TLFS_CALL_FAST)
		return TLFS_STATUS_INVALID_CODE;
	if (HYPERCALL_REPS(control))
		return TLFS_STATUS_INVALID_INPUT;
	if (input_gpa % 8 || input_gpa % GUEST_PAGE_SIZE > GUEST_PAGE_SIZE - sizeof(input))
		return TLFS_STATUS_INVALID_ALIGNMENT;
	if (guest_mem_read(server->config.mem, input_gpa, &input, sizeof(input)))
		return TLFS_STATUS_INVALID_PARAMETER;
	message.connection_id = le32toh(input.connection_id);
	message.type = le32toh(input.message_type);
	message.len = le32toh(input.payload_bytes);
	type = message.type;
	if (message.connection_id & ~TLFS_CONNECTION_ID_MASK ||
	    message.len > TLFS_MESSAGE_PAYLOAD_BYTES)
		return TLFS_STATUS_INVALID_INPUT;
	if (type == TLFS_MESSAGE_TYPE_NONE || (type & TLFS_MESSAGE_TYPE_HYPERVISOR))
		return TLFS_STATUS_INVALID_PARAMETER;
	if (!connection_id_exists(server, message.connection_id))
		return TLFS_STATUS_INVALID_CONNECTION_ID;
	memcpy(message.payload, input.payload, sizeof(message.payload));
	return hv_port_push(server, &message);
}

/* The connection of the interrupt page is none where channels have their own. */
static void port_report_stray(void *opaque)
{
	struct vmbus_server *server = opaque;

	pthread_mutex_lock(&server->port.lock);
	server->port.stray = false;
	pthread_mutex_unlock(&server->port.lock);
	if (server->conn.connected)
		hv_violation(server, "signal-shared", "HvSignalEvent on connection %u in version %u.%u",
			     VMBUS_CONNECTION_EVENT, server->conn.version >> 16,
			     server->conn.version & 0xffff);
}

/* Signals for channels go to eventfds; only those no channel claims come here. */
static enum tlfs_status hv_port_signal(struct vmbus_server *server, uint64_t control,
				       uint64_t operand)
{
	if (HYPERCALL_REPS(control))
		return TLFS_STATUS_INVALID_INPUT;
	if (operand >> 32 & 0xffff)
		return TLFS_STATUS_INVALID_PORT_ID;
	pthread_mutex_lock(&server->port.lock);
	server->port.unknown_signals++;
	if ((uint32_t)operand == VMBUS_CONNECTION_EVENT && !server->port.stray) {
		server->port.stray = true;
		loop_call(server->config.loop, port_report_stray, server);
	}
	pthread_mutex_unlock(&server->port.lock);
	return TLFS_STATUS_INVALID_CONNECTION_ID;
}

uint64_t vmbus_server_hypercall(struct vmbus_server *server, uint64_t control,
				const uint64_t params[2])
{
	switch (control & TLFS_CALL_CODE_MASK) {
	case TLFS_CALL_POST_MESSAGE:
		return hv_port_post(server, control, params[0]);
	case TLFS_CALL_SIGNAL_EVENT:
		return hv_port_signal(server, control, params[0]);
	}
	return TLFS_STATUS_INVALID_CODE;
}

void hv_port_init(struct vmbus_server *server)
{
	pthread_mutex_init(&server->port.lock, NULL);
}

void hv_port_clear(struct vmbus_server *server)
{
	pthread_mutex_lock(&server->port.lock);
	server->port.count = 0;
	pthread_mutex_unlock(&server->port.lock);
}

void hv_port_destroy(struct vmbus_server *server)
{
	pthread_mutex_destroy(&server->port.lock);
}
