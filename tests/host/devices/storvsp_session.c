// SPDX-License-Identifier: GPL-2.0
/*
 * Packets of a VSTOR session: the order of initialization, sub-channels, resets, replies. Each packet
 * is a private copy; a guest that breaks a rule is reported by the rule's name. Where Hyper-V's own
 * provider would stop listening for good, this one does too.
 */
#include "storvsp_internal.h"

#include <endian.h>
#include <errno.h>
#include <string.h>

#include "../hyperv/util.h"
#include "bytes.h"

static const uint16_t storvsp_versions[] = {
	VSTOR_VERSION_2_0, VSTOR_VERSION_4_2, VSTOR_VERSION_5_1,
	VSTOR_VERSION_6_0, VSTOR_VERSION_6_2,
};

uint32_t storvsp_packet_bytes(const struct storvsp *s)
{
	return s->version >= VSTOR_VERSION_5_1 ? VSTOR_PACKET_BYTES : VSTOR_PACKET_BYTES_OLD;
}

void storvsp_die(struct storvsp_channel *c)
{
	c->dead = true;
	if (!c->index)
		c->storvsp->state = STORVSP_DEAD;
}

bool storvsp_reply(struct storvsp_channel *c)
{
	int err = vmbus_complete(c->chan, c->reply_xid, &c->reply, c->reply_bytes);

	c->reply_pending = err == -EAGAIN;
	if (c->reply_pending)
		c->storvsp->held_replies++;
	else if (err)
		storvsp_die(c);
	return !err;
}

static bool storvsp_version_is_known(const struct storvsp *s, uint16_t version)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(storvsp_versions); i++)
		if (storvsp_versions[i] == version)
			return version <= s->params.max_version;
	return false;
}

static void storvsp_query_version(struct storvsp_channel *c, const struct vstor_packet *request)
{
	uint16_t version = le16toh(request->version.major_minor);
	struct storvsp *s = c->storvsp;

	c->reply.version.major_minor = request->version.major_minor;
	if (!storvsp_version_is_known(s, version)) {
		c->reply.status = htole32(VSTOR_STATUS_REVISION_MISMATCH);
		return;
	}
	s->version = version;
	s->state = STORVSP_QUERY_PROPERTIES;
	hv_trace("%s: VSTOR version %u.%u", s->params.name, version >> 8, version & 0xff);
}

/* The bus offers sub-channels from 2.4 on. */
#define STORVSP_SUBS_VMBUS (2u << 16 | 4)

/* Sub-channels need the fields of 5.1 and a bus that can offer them. */
static uint16_t storvsp_max_subs(const struct storvsp *s)
{
	if (s->version < VSTOR_VERSION_5_1 || vmbus_server_version(s->server) < STORVSP_SUBS_VMBUS)
		return 0;
	return s->params.max_sub_channels;
}

static void storvsp_query_properties(struct storvsp_channel *c)
{
	struct vstor_properties *properties = &c->reply.properties;
	struct storvsp *s = c->storvsp;
	uint16_t subs = storvsp_max_subs(s);

	properties->max_sub_channels = htole16(subs);
	properties->flags = htole32(subs ? VSTOR_PROPERTY_MULTI_CHANNEL : 0);
	properties->max_transfer_bytes = htole32(s->params.max_transfer_bytes);
	s->state = STORVSP_END_INIT;
}

static void storvsp_create_sub_channels(struct storvsp_channel *c,
					const struct vstor_packet *request)
{
	uint16_t count = le16toh(request->sub_channel_count);
	struct storvsp *s = c->storvsp;

	if (s->subs_created || !count || count > storvsp_max_subs(s)) {
		hv_violation(s->server, "vstor-sub-channels",
			     "%s: %u sub-channels asked for%s, at most %u announced",
			     s->params.name, count, s->subs_created ? " once more" : "",
			     storvsp_max_subs(s));
		c->reply.status = htole32(VSTOR_STATUS_INVALID_PARAMETER);
		return;
	}
	if (vmbus_subs_offer(c->chan, count, NULL) < 0) {
		c->reply.status = htole32(VSTOR_STATUS_UNSUCCESSFUL);
		return;
	}
	s->subs_created = true;
}

/* World wide names, most significant byte first; one pair of ports, the primary one in use. */
static void storvsp_fc_data(struct storvsp_channel *c)
{
	const struct storvsp_params *params = &c->storvsp->params;
	struct vstor_wwn *wwn = &c->reply.wwn;

	wwn->primary_active = 1;
	put_be64(wwn->primary_port, params->wwpn);
	put_be64(wwn->primary_node, params->wwnn);
	put_be64(wwn->secondary_port, params->wwpn + 1);
	put_be64(wwn->secondary_node, params->wwnn);
}

/*
 * Operations by state: those known to the protocol but not legal now are answered, those unknown
 * are fatal.
 */
static bool storvsp_operation_is_legal(const struct storvsp_channel *c, uint32_t operation)
{
	const struct storvsp *s = c->storvsp;

	if (c->index) /* only I/O is done there */
		return s->state == STORVSP_READY && operation >= VSTOR_OP_EXECUTE_SRB &&
		       operation <= VSTOR_OP_RESET_BUS;
	switch (operation) {
	case VSTOR_OP_BEGIN_INITIALIZATION:
		return s->state == STORVSP_BEGIN;
	case VSTOR_OP_QUERY_PROTOCOL_VERSION:
		return s->state == STORVSP_QUERY_VERSION;
	case VSTOR_OP_QUERY_PROPERTIES:
		return s->state == STORVSP_QUERY_PROPERTIES;
	case VSTOR_OP_CREATE_SUB_CHANNELS:
		return s->version >= VSTOR_VERSION_5_1 &&
		       (s->state == STORVSP_END_INIT || s->state == STORVSP_READY);
	case VSTOR_OP_FCHBA_DATA:
	case VSTOR_OP_END_INITIALIZATION:
		return s->state == STORVSP_END_INIT;
	case VSTOR_OP_EXECUTE_SRB:
	case VSTOR_OP_RESET_LUN:
	case VSTOR_OP_RESET_ADAPTER:
	case VSTOR_OP_RESET_BUS:
		return s->state == STORVSP_READY;
	default:
		return false;
	}
}

static bool storvsp_operation_is_known(const struct storvsp *s, uint32_t operation)
{
	return operation >= VSTOR_OP_EXECUTE_SRB && operation <= VSTOR_OP_CREATE_SUB_CHANNELS &&
	       operation != VSTOR_OP_ENUMERATE_BUS &&
	       (operation != VSTOR_OP_FCHBA_DATA || s->params.kind == STORVSP_FC);
}

/*
 * Spoils a step of the initialization where the tester wants it. Return: whether the step is not to
 * be carried out.
 */
static bool storvsp_spoil_step(struct storvsp_channel *c, uint32_t operation)
{
	struct storvsp *s = c->storvsp;
	struct storvsp_init_fault *fault = &s->params.init_fault;

	if (!fault->remaining || operation != fault->operation)
		return false;
	fault->remaining--;
	s->spoiled++;
	c->reply_held = fault->delay_ms;
	c->reply.status = htole32(fault->status);
	return fault->status;
}

/* What came on a sub-channel before the session was ready has waited. */
static void storvsp_wake_subs(struct storvsp *s)
{
	size_t i;

	for (i = 1; i < ARRAY_SIZE(s->channels); i++)
		if (s->channels[i].chan)
			vmbus_kick(s->channels[i].chan);
}

/* Fills c->reply but for its transaction id, or the channel dies. */
static void storvsp_dispatch(struct storvsp_channel *c, const struct vmbus_pkt *pkt,
			     const struct vstor_packet *request)
{
	struct storvsp *s = c->storvsp;
	uint32_t operation = le32toh(request->operation);

	if (!storvsp_operation_is_known(s, operation)) {
		hv_violation(s->server, "vstor-operation", "%s: unknown operation %u",
			     s->params.name, operation);
		storvsp_die(c);
		return;
	}
	if (!storvsp_operation_is_legal(c, operation)) {
		hv_violation(s->server, "vstor-state", "%s: operation %u in state %s",
			     s->params.name, operation, storvsp_state_name(s));
		c->reply.status = htole32(VSTOR_STATUS_INVALID_DEVICE_STATE);
		return;
	}
	if (storvsp_spoil_step(c, operation))
		return;
	switch (operation) {
	case VSTOR_OP_BEGIN_INITIALIZATION:
		s->state = STORVSP_QUERY_VERSION;
		break;
	case VSTOR_OP_QUERY_PROTOCOL_VERSION:
		storvsp_query_version(c, request);
		break;
	case VSTOR_OP_QUERY_PROPERTIES:
		storvsp_query_properties(c);
		break;
	case VSTOR_OP_CREATE_SUB_CHANNELS:
		storvsp_create_sub_channels(c, request);
		break;
	case VSTOR_OP_FCHBA_DATA:
		storvsp_fc_data(c);
		break;
	case VSTOR_OP_END_INITIALIZATION:
		/* The guest scans now anyway. */
		s->rescan_pending = false;
		s->state = STORVSP_READY;
		storvsp_wake_subs(s);
		break;
	case VSTOR_OP_EXECUTE_SRB:
		storvsp_execute_srb(c, pkt, request);
		break;
	default:
		/*
		 * Resets succeed and change nothing: outstanding requests still end by themselves.
		 */
		s->resets++;
		break;
	}
}

bool storvsp_packet(struct storvsp_channel *c, const struct vmbus_pkt *pkt)
{
	struct storvsp *s = c->storvsp;
	struct vstor_packet request = { 0 };
	uint32_t bytes = pkt->len < sizeof(request) ? pkt->len : sizeof(request);

	if (pkt->type == VMBUS_PACKET_COMPLETION || !pkt->wants_completion) {
		hv_violation(s->server, "vstor-no-completion",
			     "%s: packet of type %u without completion request", s->params.name,
			     pkt->type);
		storvsp_die(c);
		return false;
	}
	if (pkt->len < VSTOR_HEADER_BYTES) {
		hv_violation(s->server, "vstor-packet-size", "%s: packet of %u bytes",
			     s->params.name, pkt->len);
		storvsp_die(c);
		return false;
	}
	if (pkt->len != VSTOR_PACKET_BYTES && pkt->len != VSTOR_PACKET_BYTES_OLD)
		hv_violation(s->server, "vstor-packet-size", "%s: packet of %u bytes",
			     s->params.name, pkt->len);
	memcpy(&request, pkt->payload, bytes);
	if (!pkt->xid)
		hv_violation(s->server, "vstor-id-zero", "%s: request with transaction id 0",
			     s->params.name);
	if (le32toh(request.flags) != VSTOR_FLAG_COMPLETION)
		hv_violation(s->server, "vstor-flags", "%s: packet flags %#x, not 1",
			     s->params.name, le32toh(request.flags));
	if (request.status)
		hv_violation(s->server, "vstor-reserved", "%s: request with status %#x",
			     s->params.name, le32toh(request.status));

	memset(&c->reply, 0, sizeof(c->reply));
	c->reply.operation = htole32(VSTOR_OP_COMPLETE_IO);
	c->reply_xid = pkt->xid;
	c->reply_copies = 1;
	c->reply_latency_us = 0;
	/* As long as the request: the least a guest accepts is what it sent. */
	c->reply_bytes = bytes;
	storvsp_dispatch(c, pkt, &request);
	if (c->reply_held) {
		loop_timer_arm(s->hold_timer,
			       loop_now_ns() + s->params.init_fault.delay_ms * 1000000ull);
		return false;
	}
	if (!c->reply_copies)
		s->lost_replies++;
	if (c->reply_latency_us && !c->dead) {
		for (; c->reply_copies; c->reply_copies--)
			storvsp_late_keep(c, c->reply_latency_us);
		return true;
	}
	/* A copy too many may find no room: then it is not sent, which is as good. */
	while (!c->dead && c->reply_copies > 1) {
		c->reply_copies--;
		vmbus_complete(c->chan, c->reply_xid, &c->reply, c->reply_bytes);
	}
	return !c->dead && (!c->reply_copies || storvsp_reply(c));
}
