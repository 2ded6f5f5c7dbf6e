// SPDX-License-Identifier: GPL-2.0
/*
 * The guest's connection: version negotiation, request for offers, unload. VMBus control messages,
 * INITIATE_CONTACT, VERSION_RESPONSE, REQUESTOFFERS, UNLOAD, TL_CONNECT.
 */
#include <stdio.h>
#include <string.h>

#include "internal.h"

/* TL_CONNECT_RESULT: nobody listens. */
#define NTSTATUS_CONNECTION_REFUSED 0xc0000236u

enum contact_state {
	CONTACT_GOOD = 0,
	CONTACT_OTHER_FAILURE = 2,
};

/*
 * What differs from version to version, oldest first. A contact for a version that is not here is
 * refused.
 */
struct version_kind {
	uint32_t version;
	bool any_message_vp; /* target VP of INITIATE_CONTACT is honoured; else VP 0 */
	/* Contact on connection 4, response names the connection; SINT replaces the page. */
	bool own_connection;
};

static const struct version_kind version_kinds[] = {
	{ .version = VMBUS_VERSION_2_4 },
	{ .version = VMBUS_VERSION_3_0, .any_message_vp = true },
	{ .version = VMBUS_VERSION_4_0, .any_message_vp = true },
	{ .version = VMBUS_VERSION_4_1, .any_message_vp = true },
	{ .version = VMBUS_VERSION_5_0, .any_message_vp = true, .own_connection = true },
	{ .version = VMBUS_VERSION_5_1, .any_message_vp = true, .own_connection = true },
	{ .version = VMBUS_VERSION_5_2, .any_message_vp = true, .own_connection = true },
	{ .version = VMBUS_VERSION_5_3, .any_message_vp = true, .own_connection = true },
};

uint32_t vmbus_version_newest(void)
{
	return version_kinds[ARRAY_SIZE(version_kinds) - 1].version;
}

uint32_t vmbus_version_parse(const char *text)
{
	unsigned int major, minor;
	char rest;

	if (sscanf(text, "%u.%u%c", &major, &minor, &rest) != 2)
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(version_kinds); i++) {
		if (version_kinds[i].version >> 16 == major &&
		    (version_kinds[i].version & 0xffff) == minor)
			return version_kinds[i].version;
	}
	return 0;
}

const char *vmbus_version_list(char *text, size_t size)
{
	size_t used = 0;

	text[0] = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(version_kinds) && used < size; i++)
		used += snprintf(text + used, size - used, "%s%u.%u", i ? " " : "",
				 version_kinds[i].version >> 16, version_kinds[i].version & 0xffff);
	return text;
}

static const struct version_kind *version_find(const struct vmbus_server *server, uint32_t version)
{
	for (size_t i = 0; i < ARRAY_SIZE(version_kinds); i++) {
		if (version_kinds[i].version == version && version <= server->config.max_version)
			return &version_kinds[i];
	}
	return NULL;
}

/*
 * Hosts before 5.0 have no connection 4: that is how a guest tells them apart. Any thread: depends
 * on options only.
 */
bool connection_id_exists(const struct vmbus_server *server, uint32_t connection_id)
{
	return connection_id == VMBUS_CONNECTION_MESSAGE ||
	       (connection_id == VMBUS_CONNECTION_MESSAGE_V5 &&
		server->config.max_version >= VMBUS_VERSION_5_0);
}

void connection_reply(struct vmbus_server *server, const void *msg, size_t len)
{
	struct vmbus_msg_header header;

	memcpy(&header, msg, sizeof(header));
	hv_trace("-> message %u, %zu bytes", le32toh(header.type), len);
	hv_synic_post(server, server->conn.message_vp, msg, len);
}

void connection_send(struct vmbus_server *server, const void *msg, size_t len)
{
	if (server->conn.connected)
		connection_reply(server, msg, len);
}

void connection_close(struct vmbus_server *server)
{
	uint32_t message_vp = server->conn.message_vp;

	/* Silences everything below: after UNLOAD the guest hears of no single channel or GPADL. */
	server->conn.connected = false;
	server->conn.offers_requested = false;
	loop_timer_cancel(server->offers_timer);
	loop_timer_cancel(server->unload_timer);
	chan_disconnect_all(server);
	gpadl_forget(server, NULL);
	memset(&server->conn, 0, sizeof(server->conn));
	/* Where the answer to the message that ended the connection goes. */
	server->conn.message_vp = message_vp;
}

static bool connection_monitor_pages_are_good(struct vmbus_server *server,
					      const struct vmbus_msg_initiate_contact *contact)
{
	uint64_t to_child = le64toh(contact->monitor_page_to_child);
	uint64_t to_parent = le64toh(contact->monitor_page_to_parent);

	if (!to_child && !to_parent)
		return true;
	if (!to_child || !to_parent || to_child % GUEST_PAGE_SIZE || to_parent % GUEST_PAGE_SIZE ||
	    !guest_mem_ptr(server->config.mem, to_child, GUEST_PAGE_SIZE) ||
	    !guest_mem_ptr(server->config.mem, to_parent, GUEST_PAGE_SIZE)) {
		hv_violation(server, "monitor-page", "monitor pages %#llx and %#llx",
			     (unsigned long long)to_child, (unsigned long long)to_parent);
		return false;
	}
	server->conn.monitor_page[0] = to_child;
	server->conn.monitor_page[1] = to_parent;
	return true;
}

static uint32_t connection_message_vp(struct vmbus_server *server,
				      const struct vmbus_msg_initiate_contact *contact)
{
	uint32_t vp = le32toh(contact->target_vp);

	/*
	 * A version this host does not know tells it nothing about the meaning of the field but
	 * what its own means.
	 */
	if (le32toh(contact->version) < VMBUS_VERSION_3_0 ||
	    server->config.max_version < VMBUS_VERSION_3_0)
		return 0;
	if (vp < server->config.nr_vps)
		return vp;
	hv_violation(server, "contact-vp", "messages wanted on VP %u of %u", vp,
		     server->config.nr_vps);
	return 0;
}

void connection_msg_contact(struct vmbus_server *server, const uint8_t *msg, size_t len)
{
	struct vmbus_msg_version_response response = { .header.type = htole32(
							       VMBUS_MSG_VERSION_RESPONSE) };
	struct vmbus_msg_initiate_contact contact;
	const struct version_kind *kind;
	uint32_t version;

	(void)len;
	memcpy(&contact, msg, sizeof(contact));
	version = le32toh(contact.version);
	server->stats.contacts++;
	/* A contact while connected ends the old connection first. */
	connection_close(server);
	server->conn.message_vp = connection_message_vp(server, &contact);

	kind = version_find(server, version);
	if (kind && kind->own_connection && contact.sint != VMBUS_SINT) {
		hv_violation(server, "contact-sint", "messages wanted on SINT %u", contact.sint);
		kind = NULL;
	}
	hv_trace("guest asks for version %u.%u: %s", version >> 16, version & 0xffff,
		 kind ? "accepted" : "refused");
	if (kind) {
		response.supported = 1;
		if (connection_monitor_pages_are_good(server, &contact)) {
			response.connection_state = CONTACT_GOOD;
			server->conn.connected = true;
			server->conn.version = version;
			server->conn.message_connection_id = kind->own_connection
								     ? VMBUS_CONNECTION_MESSAGE_V5
								     : VMBUS_CONNECTION_MESSAGE;
		} else {
			response.connection_state = CONTACT_OTHER_FAILURE;
		}
		response.version =
			htole32(kind->own_connection ? VMBUS_CONNECTION_MESSAGE_V5 : version);
	}
	connection_reply(server, &response, sizeof(response));
}

static void connection_offer_all(void *opaque)
{
	struct vmbus_msg_header done = { .type = htole32(VMBUS_MSG_ALL_OFFERS_DELIVERED) };
	struct vmbus_server *server = opaque;

	server->conn.offers_requested = true;
	chan_offer_all(server);
	connection_send(server, &done, sizeof(done));
}

static void connection_confirm_unload(void *opaque)
{
	struct vmbus_msg_header response = { .type = htole32(VMBUS_MSG_UNLOAD_RESPONSE) };

	connection_reply(opaque, &response, sizeof(response));
}

void connection_init(struct vmbus_server *server)
{
	server->offers_timer = loop_timer_new(server->config.loop, connection_offer_all, server);
	server->unload_timer = loop_timer_new(server->config.loop, connection_confirm_unload, server);
}

void connection_free(struct vmbus_server *server)
{
	loop_timer_free(server->offers_timer);
	loop_timer_free(server->unload_timer);
}

void connection_msg_request_offers(struct vmbus_server *server, const uint8_t *msg, size_t len)
{
	(void)msg;
	(void)len;
	if (server->conn.offers_requested || loop_timer_is_armed(server->offers_timer)) {
		hv_violation(server, "request-offers-twice",
			     "REQUESTOFFERS is for once in a connection");
		return;
	}
	if (server->config.offers_delay_ns)
		loop_timer_arm(server->offers_timer, loop_now_ns() + server->config.offers_delay_ns);
	else
		connection_offer_all(server);
}

void connection_msg_unload(struct vmbus_server *server, const uint8_t *msg, size_t len)
{
	(void)msg;
	(void)len;
	server->stats.unloads++;
	connection_close(server);
	if (server->config.unload_delay_ns)
		loop_timer_arm(server->unload_timer, loop_now_ns() + server->config.unload_delay_ns);
	else
		connection_confirm_unload(server);
}

/* Success shows by the offer; before 4.1 there is no message that says the contrary. */
void connection_msg_tl_connect(struct vmbus_server *server, const uint8_t *msg, size_t len)
{
	struct vmbus_msg_tl_connect_result result = {
		.header.type = htole32(VMBUS_MSG_TL_CONNECT_RESULT),
		.status = htole32(NTSTATUS_CONNECTION_REFUSED),
	};
	struct vmbus_msg_tl_connect connect = { 0 };

	memcpy(&connect, msg, len < sizeof(connect) ? len : sizeof(connect));
	if (server->socket_fn && server->conn.offers_requested &&
	    server->socket_fn(server->socket_opaque, &connect.endpoint_id, &connect.service_id))
		return;
	if (server->conn.version < VMBUS_VERSION_4_1)
		return;
	result.endpoint_id = connect.endpoint_id;
	result.service_id = connect.service_id;
	connection_send(server, &result, sizeof(result));
}
