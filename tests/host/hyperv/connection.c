// SPDX-License-Identifier: GPL-2.0
/*
 * The guest's connection: version negotiation, request for offers, pause, unload. What the versions
 * differ in is version.c's. VMBus control messages, INITIATE_CONTACT, VERSION_RESPONSE,
 * REQUESTOFFERS, UNLOAD, TL_CONNECT, MODIFY_CONNECTION, PAUSE, RESUME.
 */
#include <stdlib.h>
#include <string.h>

#include "internal.h"

/* TL_CONNECT_RESULT: nobody listens. */
#define NTSTATUS_CONNECTION_REFUSED 0xc0000236u

/* One contact, as far as it was sent. */
struct version_contact {
	struct vmbus_msg_initiate_contact2 contact;
	size_t len;
	const struct vmbus_version_kind *kind; /* NULL: not this host's */
};

enum contact_state {
	CONTACT_GOOD = 0,
	CONTACT_OTHER_FAILURE = 2,
};

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
	trace_message(server, false, msg, len);
	if (!server->chaos || !chaos_message(server, msg, len))
		hv_synic_post(server, server->conn.message_vp, msg, len);
}

void connection_send(struct vmbus_server *server, const void *msg, size_t len)
{
	struct vmbus_connection *conn = &server->conn;
	struct held_message *held;

	if (!conn->connected)
		return;
	if (!conn->paused) {
		connection_reply(server, msg, len);
		return;
	}
	held = xcalloc(1, sizeof(*held));
	memcpy(held->payload, msg, len);
	held->len = len;
	*conn->held_end = held;
	conn->held_end = &held->next;
}

/* Forget what was held back, or send it. */
static void connection_release_held(struct vmbus_server *server, bool send)
{
	struct held_message *held;

	while ((held = server->conn.held)) {
		server->conn.held = held->next;
		if (send)
			connection_reply(server, held->payload, held->len);
		free(held);
	}
	server->conn.held_end = &server->conn.held;
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
	interrupt_page_stop(server);
	connection_release_held(server, false);
	memset(&server->conn, 0, sizeof(server->conn));
	/* Where the answer to the message that ended the connection goes. */
	server->conn.message_vp = message_vp;
}

static bool connection_take_monitor_pages(struct vmbus_server *server, uint64_t to_child,
					  uint64_t to_parent)
{
	if (!to_child != !to_parent || to_child % GUEST_PAGE_SIZE || to_parent % GUEST_PAGE_SIZE ||
	    (to_child && !guest_mem_ptr(server->config.mem, to_child, GUEST_PAGE_SIZE)) ||
	    (to_parent && !guest_mem_ptr(server->config.mem, to_parent, GUEST_PAGE_SIZE))) {
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

/* The union at 16: interrupt page below 5.0, target from there on. Return: false to refuse. */
static bool contact_target_is_good(struct vmbus_server *server,
				   const struct version_contact *request)
{
	const struct vmbus_msg_initiate_contact *contact = &request->contact.base;
	const struct vmbus_version_kind *kind = request->kind;
	uint64_t page = le64toh(contact->interrupt_page);
	uint32_t flags = le32toh(contact->feature_flags);

	if (!kind->own_connection) {
		/* From 2.4 on nobody uses it; what is given must be a page all the same. */
		if ((page || kind->shared_page) && !interrupt_page_is_good(server, page)) {
			hv_violation(server, "interrupt-page", "interrupt page at %#llx",
				     (unsigned long long)page);
			return !kind->shared_page;
		}
		return true;
	}
	if (contact->sint != VMBUS_SINT) {
		hv_violation(server, "contact-sint", "messages wanted on SINT %u", contact->sint);
		return false;
	}
	if (contact->vtl) {
		hv_violation(server, "contact-vtl", "messages wanted in VTL %u of 0", contact->vtl);
		return false;
	}
	if (contact->reserved || (flags && kind->version < VMBUS_VERSION_6_0))
		hv_violation(server, "contact-reserved", "reserved %#x, feature flags %#x",
			     le16toh(contact->reserved), flags);
	if (kind->version >= VMBUS_VERSION_6_0 && (flags & VMBUS_FEATURE_CLIENT_ID) &&
	    request->len < sizeof(request->contact)) {
		hv_violation(server, "contact-length",
			     "INITIATE_CONTACT of %zu bytes has no room for a client id",
			     request->len);
		return false;
	}
	return true;
}

/* Everything the contact gives, taken over. Return: false if the guest cannot be served. */
static bool contact_accept(struct vmbus_server *server, const struct version_contact *request)
{
	const struct vmbus_msg_initiate_contact *contact = &request->contact.base;
	const struct vmbus_version_kind *kind = request->kind;
	struct vmbus_connection *conn = &server->conn;

	if (!connection_take_monitor_pages(server, le64toh(contact->monitor_page_to_child),
					   le64toh(contact->monitor_page_to_parent)))
		return false;
	if (kind->shared_page && interrupt_page_start(server, le64toh(contact->interrupt_page)))
		return false;
	conn->connected = true;
	conn->kind = kind;
	conn->version = kind->version;
	if (kind->features)
		conn->features = kind->features & le32toh(contact->feature_flags);
	if (conn->features & VMBUS_FEATURE_CLIENT_ID)
		conn->client_id = request->contact.client_id;
	conn->message_connection_id = kind->own_connection ? VMBUS_CONNECTION_MESSAGE_V5
							   : VMBUS_CONNECTION_MESSAGE;
	return true;
}

void connection_msg_contact(struct vmbus_server *server, const uint8_t *msg, size_t len)
{
	struct vmbus_msg_version_response_v6 response = {
		.base.header.type = htole32(VMBUS_MSG_VERSION_RESPONSE)
	};
	struct version_contact request = { .len = len };
	size_t response_len = sizeof(response.base);
	uint32_t version;

	memcpy(&request.contact, msg,
	       len < sizeof(request.contact) ? len : sizeof(request.contact));
	version = le32toh(request.contact.base.version);
	server->stats.contacts++;
	/* A contact while connected ends the old connection first. */
	connection_close(server);
	server->conn.message_vp = connection_message_vp(server, &request.contact.base);

	if (version <= server->config.max_version)
		request.kind = vmbus_version_find(version);
	if (request.kind && !contact_target_is_good(server, &request))
		request.kind = NULL;
	hv_trace("guest asks for version %u.%u: %s", version >> 16, version & 0xffff,
		 request.kind ? "accepted" : "refused");
	if (request.kind) {
		bool good = contact_accept(server, &request);

		/* Old guests know of no other failure than this one. */
		response.base.supported = good || !request.kind->shared_page;
		response.base.connection_state = good ? CONTACT_GOOD : CONTACT_OTHER_FAILURE;
		if (!response.base.supported)
			response.base.connection_state = 0;
		response.base.version =
			htole32(request.kind->own_connection ? VMBUS_CONNECTION_MESSAGE_V5
							     : version);
		if (version >= VMBUS_VERSION_6_0) {
			response.feature_flags = htole32(server->conn.features);
			response_len = VMBUS_MSG_VERSION_RESPONSE_V6_SHORT_BYTES;
		}
	}
	connection_reply(server, &response, response_len);
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
	bool answered = server->conn.kind->unload_response;

	(void)msg;
	(void)len;
	server->stats.unloads++;
	connection_close(server);
	if (!answered)
		return;
	if (server->config.unload_delay_ns)
		loop_timer_arm(server->unload_timer, loop_now_ns() + server->config.unload_delay_ns);
	else
		connection_confirm_unload(server);
}

void connection_msg_modify(struct vmbus_server *server, const uint8_t *msg, size_t len)
{
	struct vmbus_msg_modify_connection_response response = {
		.header.type = htole32(VMBUS_MSG_MODIFY_CONNECTION_RESPONSE),
		.connection_state = CONTACT_GOOD,
	};
	struct vmbus_msg_modify_connection modify;

	(void)len;
	memcpy(&modify, msg, sizeof(modify));
	if (!connection_take_monitor_pages(server, le64toh(modify.monitor_page_to_child),
					   le64toh(modify.monitor_page_to_parent)))
		response.connection_state = CONTACT_OTHER_FAILURE;
	connection_send(server, &response, sizeof(response));
}

void connection_msg_pause(struct vmbus_server *server, const uint8_t *msg, size_t len)
{
	struct vmbus_msg_header response = { .type = htole32(VMBUS_MSG_PAUSE_RESPONSE) };

	(void)msg;
	(void)len;
	connection_send(server, &response, sizeof(response));
	server->conn.paused = true;
	server->conn.held_end = &server->conn.held;
}

void connection_msg_resume(struct vmbus_server *server, const uint8_t *msg, size_t len)
{
	(void)msg;
	(void)len;
	if (!server->conn.paused) {
		hv_violation(server, "resume-state", "RESUME of a connection that is not paused");
		return;
	}
	server->conn.paused = false;
	connection_release_held(server, true);
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
