// SPDX-License-Identifier: GPL-2.0
/*
 * Control messages from the guest: one table of number, name, minimum length, first version and
 * handler, and the checks that hold for all. VMBus control messages.
 */
#include <string.h>

#include "internal.h"

struct message_kind {
	const char *name;
	size_t min_len;
	uint32_t min_version;
	uint32_t feature; /* it takes, VMBUS_FEATURE_* */
	bool unconnected; /* legal before a connection and after UNLOAD */
	bool paused; /* legal between PAUSE and RESUME */
	void (*handle)(struct vmbus_server *server, const uint8_t *msg, size_t len);
};

static const struct message_kind message_kinds[VMBUS_MSG_TYPES] = {
	[VMBUS_MSG_REQUEST_OFFERS] = { .name = "REQUESTOFFERS",
				       .min_len = sizeof(struct vmbus_msg_header),
				       .handle = connection_msg_request_offers },
	[VMBUS_MSG_OPEN] = { .name = "OPEN",
			     .min_len = sizeof(struct vmbus_msg_open),
			     .handle = chan_msg_open },
	[VMBUS_MSG_CLOSE] = { .name = "CLOSE",
			      .min_len = sizeof(struct vmbus_msg_relid),
			      .handle = chan_msg_close },
	[VMBUS_MSG_GPADL_HEADER] = { .name = "GPADL_HEADER",
				     .min_len = sizeof(struct vmbus_msg_gpadl_header) + 16,
				     .handle = gpadl_msg_header },
	[VMBUS_MSG_GPADL_BODY] = { .name = "GPADL_BODY",
				   .min_len = sizeof(struct vmbus_msg_gpadl_body),
				   .handle = gpadl_msg_body },
	[VMBUS_MSG_GPADL_TEARDOWN] = { .name = "GPADL_TEARDOWN",
				       .min_len = sizeof(struct vmbus_msg_gpadl_teardown),
				       .handle = gpadl_msg_teardown },
	[VMBUS_MSG_RELID_RELEASED] = { .name = "RELID_RELEASED",
				       .min_len = sizeof(struct vmbus_msg_relid),
				       .handle = chan_msg_released },
	[VMBUS_MSG_INITIATE_CONTACT] = { .name = "INITIATE_CONTACT",
					 .min_len = sizeof(struct vmbus_msg_initiate_contact),
					 .unconnected = true,
					 .paused = true,
					 .handle = connection_msg_contact },
	[VMBUS_MSG_UNLOAD] = { .name = "UNLOAD",
			       .min_len = sizeof(struct vmbus_msg_header),
			       .paused = true,
			       .handle = connection_msg_unload },
	[VMBUS_MSG_OPEN_RESERVED] = { .name = "OPEN_RESERVED",
				      .min_len = 28,
				      .min_version = VMBUS_VERSION_4_0,
				      .handle = chan_msg_reserved },
	[VMBUS_MSG_CLOSE_RESERVED] = { .name = "CLOSE_RESERVED",
				       .min_len = 20,
				       .min_version = VMBUS_VERSION_4_0,
				       .unconnected = true,
				       .handle = chan_msg_reserved },
	[VMBUS_MSG_TL_CONNECT] = { .name = "TL_CONNECT",
				   .min_len = VMBUS_MSG_TL_CONNECT_V4_BYTES,
				   .min_version = VMBUS_VERSION_4_0,
				   .handle = connection_msg_tl_connect },
	[VMBUS_MSG_MODIFY_CHANNEL] = { .name = "MODIFYCHANNEL",
				       .min_len = sizeof(struct vmbus_msg_modify_channel),
				       .min_version = VMBUS_VERSION_4_1,
				       .handle = chan_msg_modify },
	[VMBUS_MSG_MODIFY_CONNECTION] = { .name = "MODIFY_CONNECTION",
					  .min_len = sizeof(struct vmbus_msg_modify_connection),
					  .min_version = VMBUS_VERSION_6_0,
					  .feature = VMBUS_FEATURE_MODIFY_CONNECTION,
					  .handle = connection_msg_modify },
	[VMBUS_MSG_PAUSE] = { .name = "PAUSE",
			      .min_len = sizeof(struct vmbus_msg_header),
			      .min_version = VMBUS_VERSION_6_0,
			      .feature = VMBUS_FEATURE_PAUSE_RESUME,
			      .handle = connection_msg_pause },
	[VMBUS_MSG_RESUME] = { .name = "RESUME",
			       .min_len = sizeof(struct vmbus_msg_header),
			       .min_version = VMBUS_VERSION_6_0,
			       .feature = VMBUS_FEATURE_PAUSE_RESUME,
			       .paused = true,
			       .handle = connection_msg_resume },
};

const char *message_name(uint32_t type)
{
	return type < VMBUS_MSG_TYPES && message_kinds[type].name ? message_kinds[type].name
								  : "unknown message";
}

/* The connection a contact comes on depends on the version it asks for. */
static void message_check_contact(struct vmbus_server *server,
				  const struct hv_port_message *message)
{
	struct vmbus_msg_initiate_contact contact;
	uint32_t version, wanted;

	memcpy(&contact, message->payload, sizeof(contact));
	version = le32toh(contact.version);
	wanted = version >= VMBUS_VERSION_5_0 ? VMBUS_CONNECTION_MESSAGE_V5
					      : VMBUS_CONNECTION_MESSAGE;
	if (message->connection_id != wanted)
		hv_violation(server, "contact-connection",
			     "version %u.%u asked for on connection %u instead of %u",
			     version >> 16, version & 0xffff, message->connection_id, wanted);
}

void message_receive(struct vmbus_server *server, const struct hv_port_message *message)
{
	const struct vmbus_connection *conn = &server->conn;
	const struct message_kind *kind;
	struct vmbus_msg_header header;
	uint32_t type;

	server->stats.messages_in++;
	trace_message(server, true, message->payload, message->len);
	if (message->type != TLFS_MESSAGE_TYPE_CHANNEL) {
		hv_violation(server, "message-class", "HvPostMessage with message type %#x",
			     message->type);
		return;
	}
	if (message->len < sizeof(header)) {
		hv_violation(server, "message-length", "%u bytes are no message", message->len);
		return;
	}
	memcpy(&header, message->payload, sizeof(header));
	type = le32toh(header.type);
	hv_trace("<- %s (%u), %u bytes on connection %u", message_name(type), type, message->len,
		 message->connection_id);
	kind = type < VMBUS_MSG_TYPES ? &message_kinds[type] : NULL;
	if (!kind || !kind->handle) {
		hv_violation(server, "message-unknown", "message number %u", type);
		return;
	}
	if (message->len < kind->min_len) {
		hv_violation(server, "message-length", "%s of %u bytes, needs %zu", kind->name,
			     message->len, kind->min_len);
		return;
	}
	if (!kind->unconnected) {
		/* Linux lets go of its channels after UNLOAD has freed them; no host minds. */
		if (!conn->connected && type == VMBUS_MSG_RELID_RELEASED && server->stats.unloads) {
			server->stats.late_releases++;
			return;
		}
		if (!conn->connected) {
			hv_violation(server, "message-unconnected", "%s without a connection",
				     kind->name);
			return;
		}
		if (conn->version < kind->min_version) {
			hv_violation(server, "message-version", "%s is not part of version %u.%u",
				     kind->name, conn->version >> 16, conn->version & 0xffff);
			return;
		}
		if (kind->feature & ~conn->features) {
			hv_violation(server, "message-feature",
				     "%s takes feature flag %#x, agreed on are %#x", kind->name,
				     kind->feature, conn->features);
			return;
		}
		if (conn->paused && !kind->paused) {
			hv_violation(server, "message-paused", "%s between PAUSE and RESUME",
				     kind->name);
			return;
		}
		if (message->connection_id != conn->message_connection_id)
			hv_violation(server, "message-connection",
				     "%s on connection %u instead of %u", kind->name,
				     message->connection_id, conn->message_connection_id);
	}
	if (type == VMBUS_MSG_INITIATE_CONTACT)
		message_check_contact(server, message);
	kind->handle(server, message->payload, message->len);
}
