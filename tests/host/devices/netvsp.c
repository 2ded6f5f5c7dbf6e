// SPDX-License-Identifier: GPL-2.0
/*
 * The NVSP session of a synthetic NIC: version, configuration, buffers, and the order the guest has
 * to keep. A guest that breaks a rule is reported by the rule's name; where Hyper-V's switch would
 * close the session, this one reads nothing more. Knows no RNDIS field: that is netvsp_tx.c,
 * netvsp_rx.c and rndis_host.c.
 */
#include "netvsp.h"

#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../hyperv/util.h"
#include "netvsp_internal.h"

/* Policy: packets taken in one go before other devices get their turn. */
#define NETVSP_BATCH 256
/* What hosts say about the length of page lists. */
#define NETVSP_MDL_CHAIN     34
#define NETVSP_MTU_FIELD     1514u
#define NETVSP_MTU_FIELD_MAX 9216u
/* Section size of a real host for the customary MTU. */
#define NETVSP_SECTION_BYTES 1728u
#define NETVSP_STATUS_OID    0xc00000bbu

static const char *const netvsp_state_names[NETVSP_STATES] = {
	[NETVSP_INIT] = "init",
	[NETVSP_SETUP] = "setup",
	[NETVSP_READY] = "ready",
	[NETVSP_DEAD] = "dead",
};

static const uint32_t netvsp_versions[] = {
	NVSP_VERSION_1, NVSP_VERSION_2, NVSP_VERSION_4,
	NVSP_VERSION_5, NVSP_VERSION_6, NVSP_VERSION_6_1,
};

void netvsp_die(struct netvsp *n)
{
	n->state = NETVSP_DEAD;
}

static void netvsp_fatal(struct netvsp *n, const char *rule, uint32_t type, const char *what)
{
	hv_violation(n->server, rule, "%s: message %u in state %s: %s", n->params.name, type,
		     netvsp_state_name(n), what);
	netvsp_die(n);
}

static void netvsp_complete_held(struct netvsp *n)
{
	int err = vmbus_complete(n->chan, n->held_xid, &n->held, n->held_bytes);

	n->completion_held = err == -EAGAIN;
	if (n->completion_held)
		n->count.held_completions++;
	else if (err)
		netvsp_die(n);
}

/* Answers the guest's packet, if it wants an answer; @bytes 0 is the empty completion. */
static void netvsp_complete(struct netvsp *n, const struct vmbus_pkt *pkt,
			    const struct nvsp_message *answer, uint32_t bytes)
{
	if (!pkt->wants_completion)
		return;
	n->held_xid = pkt->xid;
	n->held_bytes = bytes;
	if (bytes)
		n->held = *answer;
	netvsp_complete_held(n);
}

static bool netvsp_version_is_known(const struct netvsp *n, uint32_t version)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(netvsp_versions); i++)
		if (netvsp_versions[i] == version)
			return version <= n->params.max_version;
	return false;
}

static void netvsp_init_message(struct netvsp *n, const struct vmbus_pkt *pkt,
				const struct nvsp_message *message)
{
	struct nvsp_message answer = { .type = htole32(NVSP_MSG_INIT_COMPLETE) };
	uint32_t version = le32toh(message->init.max_version);
	bool known = netvsp_version_is_known(n, version);

	answer.init_complete.negotiated_version =
		htole32(version == NVSP_VERSION_1 ? version : 0xffffffff);
	answer.init_complete.max_mdl_chain = htole32(NETVSP_MDL_CHAIN);
	answer.init_complete.status = htole32(known ? NVSP_STATUS_SUCCESS : NVSP_STATUS_NONE);
	if (known) {
		n->version = version;
		n->state = NETVSP_SETUP;
		n->rndis.offload_revision = version >= NVSP_VERSION_5	? 3
					    : version >= NVSP_VERSION_4 ? 2
									: 1;
		hv_trace("%s: NVSP version %#x", n->params.name, version);
	}
	/* No version is in force yet, whatever is agreed on: the old size. */
	netvsp_complete(n, pkt, &answer, NVSP_MSG_BYTES_OLD);
}

static void netvsp_ndis_config(struct netvsp *n, const struct vmbus_pkt *pkt,
			       const struct nvsp_message *message)
{
	uint32_t mtu = le32toh(message->ndis_config.mtu);

	if (n->version < NVSP_VERSION_2 || n->has_config || n->receive.gpadl) {
		netvsp_fatal(n, "nvsp-order", NVSP_MSG_SEND_NDIS_CONFIG,
			     "too late, twice, or not in this version");
		return;
	}
	n->has_config = true;
	if (mtu < NETVSP_MTU_FIELD || mtu > NETVSP_MTU_FIELD_MAX)
		mtu = NETVSP_MTU_FIELD;
	if (mtu > n->params.mtu + NETVSP_ETH_HEADER)
		mtu = n->params.mtu + NETVSP_ETH_HEADER;
	n->mtu_field = mtu;
	n->rndis.mtu = mtu - NETVSP_ETH_HEADER;
	netvsp_complete(n, pkt, NULL, 0);
}

static void netvsp_ndis_version(struct netvsp *n, const struct vmbus_pkt *pkt)
{
	if (n->has_ndis_version) {
		netvsp_fatal(n, "nvsp-order", NVSP_MSG_SEND_NDIS_VERSION, "twice");
		return;
	}
	n->has_ndis_version = true;
	netvsp_complete(n, pkt, NULL, 0);
}

static uint32_t netvsp_section_bytes(const struct netvsp *n)
{
	if (n->mtu_field <= NETVSP_MTU_FIELD)
		return NETVSP_SECTION_BYTES;
	return (256 + n->mtu_field + NVS_SUB_TAIL_BYTES + 7) & ~7u;
}

static void netvsp_receive_buffer(struct netvsp *n, const struct vmbus_pkt *pkt,
				  const struct nvsp_message *message)
{
	struct nvsp_message answer = { .type = htole32(NVSP_MSG_SEND_RECV_BUF_COMPLETE) };
	struct nvsp_recv_section section = { 0 };
	uint32_t gpadl = le32toh(message->share_buffer.gpadl);
	int err;

	if (n->receive.gpadl || (n->version >= NVSP_VERSION_2 && !n->has_config)) {
		netvsp_fatal(n, "nvsp-order", NVSP_MSG_SEND_RECV_BUF,
			     "twice, or before the NDIS configuration");
		return;
	}
	err = nvs_receive_share(&n->receive, n->chan, gpadl, le16toh(message->share_buffer.id),
				netvsp_section_bytes(n));
	if (err) {
		hv_violation(n->server, "nvsp-buffer", "%s: receive buffer GPADL %#x %s",
			     n->params.name, gpadl,
			     err == -ENOENT ? "is not this device's" : "is too small");
		answer.recv_buf_complete.status = htole32(NVSP_STATUS_FAILURE);
	} else {
		answer.recv_buf_complete.status = htole32(NVSP_STATUS_SUCCESS);
		answer.recv_buf_complete.section_count = htole32(1);
		section.suballocation_bytes = htole32(n->receive.sub_bytes);
		section.suballocation_count = htole32(n->receive.count);
		section.end_offset = htole32(n->receive.sub_bytes * n->receive.count);
		answer.recv_buf_complete.section[0] = section;
	}
	netvsp_complete(n, pkt, &answer, netvsp_message_bytes(n));
}

static void netvsp_send_buffer(struct netvsp *n, const struct vmbus_pkt *pkt,
			       const struct nvsp_message *message)
{
	struct nvsp_message answer = { .type = htole32(NVSP_MSG_SEND_SEND_BUF_COMPLETE) };
	uint32_t gpadl = le32toh(message->share_buffer.gpadl);
	int err;

	if (n->send.gpadl) {
		netvsp_fatal(n, "nvsp-order", NVSP_MSG_SEND_SEND_BUF, "twice");
		return;
	}
	err = nvs_send_share(&n->send, n->chan, gpadl, le16toh(message->share_buffer.id));
	if (err)
		hv_violation(n->server, "nvsp-buffer", "%s: send buffer GPADL %#x %s",
			     n->params.name, gpadl,
			     err == -ENOENT ? "is not this device's" : "is too small");
	answer.send_buf_complete.status = htole32(err ? NVSP_STATUS_FAILURE : NVSP_STATUS_SUCCESS);
	answer.send_buf_complete.section_bytes = htole32(err ? 0 : NVS_SEND_SECTION_BYTES);
	netvsp_complete(n, pkt, &answer, netvsp_message_bytes(n));
}

static void netvsp_revoke(struct netvsp *n, const struct vmbus_pkt *pkt,
			  const struct nvsp_message *message)
{
	uint32_t type = le32toh(message->type);
	bool receive = type == NVSP_MSG_REVOKE_RECV_BUF;
	uint16_t id = le16toh(message->revoke_buffer.id);

	if (receive ? !n->receive.gpadl || n->receive.id != id
		    : !n->send.gpadl || n->send.id != id) {
		hv_violation(n->server, "nvsp-revoke",
			     "%s: message %u for buffer %#x, which is not shared", n->params.name,
			     type, id);
	} else if (receive) {
		netvsp_drop_all(n);
		nvs_receive_drop(&n->receive);
	} else {
		nvs_send_drop(&n->send);
	}
	netvsp_complete(n, pkt, NULL, 0);
}

static void netvsp_rndis(struct netvsp *n, const struct vmbus_pkt *pkt,
			 const struct nvsp_message *message)
{
	struct nvsp_message answer = { .type = htole32(NVSP_MSG_SEND_RNDIS_PACKET_COMPLETE) };

	if (n->state == NETVSP_SETUP) {
		if (!n->receive.gpadl || !n->has_ndis_version) {
			netvsp_fatal(n, "nvsp-order", NVSP_MSG_SEND_RNDIS_PACKET,
				     "before the NDIS version and the receive buffer");
			return;
		}
		n->state = NETVSP_READY;
	}
	if (!pkt->wants_completion)
		hv_violation(n->server, "nvsp-no-completion",
			     "%s: RNDIS packet without completion request", n->params.name);
	answer.rndis_packet_complete.status = htole32(netvsp_transmit(n, pkt, message));
	if (n->state != NETVSP_DEAD)
		netvsp_complete(n, pkt, &answer, netvsp_message_bytes(n));
}

static void netvsp_subchannel(struct netvsp *n, const struct vmbus_pkt *pkt,
			      const struct nvsp_message *message)
{
	struct nvsp_message answer = { .type = htole32(NVSP_MSG_SUBCHANNEL) };

	/* One receive queue was announced, so there is nothing to grant. */
	hv_violation(n->server, "nvsp-subchannels", "%s: %u sub-channels asked for, 0 possible",
		     n->params.name, le32toh(message->subchannel_request.count));
	answer.subchannel_complete.status = htole32(NVSP_STATUS_FAILURE);
	netvsp_complete(n, pkt, &answer, netvsp_message_bytes(n));
}

static void netvsp_oid_query_ex(struct netvsp *n, const struct vmbus_pkt *pkt)
{
	struct nvsp_message answer = { .type = htole32(NVSP_MSG_OID_QUERY_EX_COMPLETE) };

	answer.rndis_packet_complete.status = htole32(NETVSP_STATUS_OID);
	netvsp_complete(n, pkt, &answer, netvsp_message_bytes(n));
}

static void netvsp_data_path(struct netvsp *n, const struct vmbus_pkt *pkt,
			     const struct nvsp_message *message)
{
	if (message->data_path.active != htole32(NVSP_DATA_PATH_SYNTHETIC))
		hv_violation(n->server, "nvsp-no-vf", "%s: switch to a VF that was not associated",
			     n->params.name);
	netvsp_complete(n, pkt, NULL, 0);
}

/*
 * First version that has a message, its length, and whether it is for the time before the first
 * RNDIS packet only.
 */
struct netvsp_rule {
	uint32_t type;
	uint32_t version;
	uint32_t bytes;
	bool setup_only;
	bool answered; /* the answer carries data, so a completion has to be asked for */
};

static const struct netvsp_rule netvsp_rules[] = {
	{ NVSP_MSG_SEND_NDIS_VERSION, NVSP_VERSION_1, 12, true, false },
	{ NVSP_MSG_SEND_RECV_BUF, NVSP_VERSION_1, 10, true, true },
	{ NVSP_MSG_REVOKE_RECV_BUF, NVSP_VERSION_1, 6, false, false },
	{ NVSP_MSG_SEND_SEND_BUF, NVSP_VERSION_1, 10, true, true },
	{ NVSP_MSG_REVOKE_SEND_BUF, NVSP_VERSION_1, 6, false, false },
	{ NVSP_MSG_SEND_RNDIS_PACKET, NVSP_VERSION_1, 16, false, false },
	{ NVSP_MSG_SEND_NDIS_CONFIG, NVSP_VERSION_2, 20, true, false },
	{ NVSP_MSG_SWITCH_DATA_PATH, NVSP_VERSION_4, 8, false, false },
	{ NVSP_MSG_OID_QUERY_EX, NVSP_VERSION_5, 12, false, true },
	{ NVSP_MSG_SUBCHANNEL, NVSP_VERSION_5, 12, false, true },
};

static bool netvsp_message_is_legal(struct netvsp *n, const struct vmbus_pkt *pkt, uint32_t type)
{
	const struct netvsp_rule *rule = NULL;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(netvsp_rules); i++)
		if (netvsp_rules[i].type == type && n->version >= netvsp_rules[i].version)
			rule = &netvsp_rules[i];
	if (!rule) {
		netvsp_fatal(n, "nvsp-message", type, "not known in this version");
		return false;
	}
	if (rule->setup_only && n->state != NETVSP_SETUP) {
		netvsp_fatal(n, "nvsp-order", type, "too late");
		return false;
	}
	if (rule->answered && !pkt->wants_completion)
		hv_violation(n->server, "nvsp-no-completion",
			     "%s: message %u without completion request", n->params.name, type);
	return true;
}

static void netvsp_message(struct netvsp *n, const struct vmbus_pkt *pkt)
{
	struct nvsp_message message = { 0 };
	uint32_t type;

	/* Hosts do not answer shorter messages, so a guest that sends them waits for ever. */
	if (pkt->len < NVSP_MSG_BYTES_OLD) {
		hv_violation(n->server, "nvsp-message-size",
			     "%s: message of %u bytes, at least %u are needed", n->params.name,
			     pkt->len, NVSP_MSG_BYTES_OLD);
		return;
	}
	memcpy(&message, pkt->payload, pkt->len < sizeof(message) ? pkt->len : sizeof(message));
	type = le32toh(message.type);
	if (n->state == NETVSP_INIT || type == NVSP_MSG_INIT) {
		if (type != NVSP_MSG_INIT || n->state != NETVSP_INIT)
			netvsp_fatal(n, "nvsp-order", type, "INIT comes first and once");
		else
			netvsp_init_message(n, pkt, &message);
		return;
	}
	if (!netvsp_message_is_legal(n, pkt, type))
		return;
	switch (type) {
	case NVSP_MSG_SEND_NDIS_CONFIG:
		netvsp_ndis_config(n, pkt, &message);
		break;
	case NVSP_MSG_SEND_NDIS_VERSION:
		netvsp_ndis_version(n, pkt);
		break;
	case NVSP_MSG_SEND_RECV_BUF:
		netvsp_receive_buffer(n, pkt, &message);
		break;
	case NVSP_MSG_SEND_SEND_BUF:
		netvsp_send_buffer(n, pkt, &message);
		break;
	case NVSP_MSG_REVOKE_RECV_BUF:
	case NVSP_MSG_REVOKE_SEND_BUF:
		netvsp_revoke(n, pkt, &message);
		break;
	case NVSP_MSG_SEND_RNDIS_PACKET:
		netvsp_rndis(n, pkt, &message);
		break;
	case NVSP_MSG_SUBCHANNEL:
		netvsp_subchannel(n, pkt, &message);
		break;
	case NVSP_MSG_OID_QUERY_EX:
		netvsp_oid_query_ex(n, pkt);
		break;
	case NVSP_MSG_SWITCH_DATA_PATH:
		netvsp_data_path(n, pkt, &message);
		break;
	}
}

static void netvsp_work(struct vmbus_chan *chan, void *dev)
{
	struct netvsp *n = dev;
	unsigned int taken = 0;
	struct vmbus_pkt pkt;

	if (n->state == NETVSP_DEAD)
		return;
	if (n->completion_held)
		netvsp_complete_held(n);
	while (taken++ < NETVSP_BATCH && !n->completion_held && n->state != NETVSP_DEAD) {
		if (vmbus_recv(chan, &pkt) <= 0)
			break;
		n->packets++;
		if (pkt.type == VMBUS_PACKET_COMPLETION)
			netvsp_completed(n, &pkt);
		else
			netvsp_message(n, &pkt);
	}
	netvsp_flush(n);
	if (taken > NETVSP_BATCH)
		vmbus_kick(chan);
}

static void netvsp_session_end(struct netvsp *n)
{
	netvsp_drop_all(n);
	nvs_receive_drop(&n->receive);
	nvs_send_drop(&n->send);
	loop_task_cancel(vmbus_server_loop(n->server), &n->flush_task);
	retire_cancel(&n->retire);
	n->rndis.link_up = n->link_up;
	rndis_host_reset(&n->rndis);
	n->chan = NULL;
	n->state = NETVSP_INIT;
	n->version = 0;
	n->has_config = false;
	n->has_ndis_version = false;
	n->mtu_field = NETVSP_MTU_FIELD;
	n->rndis.mtu = NETVSP_MTU_FIELD - NETVSP_ETH_HEADER;
	n->completion_held = false;
}

/*
 * Hosts send as soon as there is a ring. The notice is one that no session has to have begun for: no
 * VF is associated. It is signalled once, as long as the guest does not read.
 */
static void netvsp_send_early(struct netvsp *n)
{
	struct nvsp_message notice = { .type = htole32(NVSP_MSG_SEND_VF_ASSOCIATION) };

	if (!vmbus_send_inband(n->chan, 0, 0, &notice, NVSP_MSG_BYTES_OLD))
		n->count.early++;
	vmbus_flush(n->chan);
}

static uint32_t netvsp_open(struct vmbus_chan *chan, void *dev, const uint8_t user[120])
{
	struct netvsp *n = dev;

	(void)user;
	n->chan = chan;
	if (n->params.early)
		netvsp_send_early(n);
	return HV_STATUS_OK;
}

static void netvsp_close(struct vmbus_chan *chan, void *dev)
{
	(void)chan;
	netvsp_session_end(dev);
}

static const struct vmbus_dev_ops netvsp_ops = {
	.open = netvsp_open,
	.close = netvsp_close,
	.work = netvsp_work,
};

static const struct hyperv_guid netvsp_class = HYPERV_GUID_INIT(
	0xf8615163, 0xdf3e, 0x46c5, 0x91, 0x3f, 0xf2, 0xd2, 0xf9, 0x65, 0xed, 0x0e);

static void netvsp_flush_task(void *opaque)
{
	netvsp_flush(opaque);
}

static void netvsp_add_counters(struct netvsp *n)
{
	const struct hv_counter counters[] = {
		{ "tx_packets", &n->count.tx_packets },
		{ "tx_messages", &n->count.tx_messages },
		{ "tx_frames", &n->count.tx_frames },
		{ "tx_bytes", &n->count.tx_bytes },
		{ "tx_sections", &n->count.tx_sections },
		{ "tx_ranges", &n->count.tx_ranges },
		{ "tx_lso", &n->count.tx_lso },
		{ "tx_checksums", &n->count.tx_checksums },
		{ "tx_rejected", &n->count.tx_rejected },
		{ "tx_dropped", &n->count.tx_dropped },
		{ "rx_packets", &n->count.rx_packets },
		{ "rx_frames", &n->count.rx_frames },
		{ "rx_bytes", &n->count.rx_bytes },
		{ "rx_completions", &n->count.rx_completions },
		{ "rx_failed", &n->count.rx_failed },
		{ "rx_checksums", &n->count.rx_checksums },
		{ "rx_filtered", &n->count.rx_filtered },
		{ "rx_dropped", &n->count.rx_dropped },
		{ "rx_waited", &n->count.rx_waited },
		{ "rx_held", &n->count.rx_held },
		{ "control_requests", &n->count.control_requests },
		{ "queries", &n->rndis.queries },
		{ "sets", &n->rndis.sets },
		{ "refused", &n->rndis.refused },
		{ "indications", &n->count.indications },
		{ "held_completions", &n->count.held_completions },
		{ "early", &n->count.early },
	};

	hv_counters_add(n->server, n->params.name, counters, ARRAY_SIZE(counters));
}

struct netvsp *netvsp_new(struct vmbus_server *server, const struct netvsp_params *params)
{
	struct vmbus_offer_params offer = {
		.name = params->name,
		.class_guid = netvsp_class,
		.instance_guid = HYPERV_GUID_INIT(0x6e657430, 0x0000, 0x4876, 0x80, 0x00, 0x00,
						  0x15, 0x5d, 0x00, 0x00, params->index & 0xff),
	};
	struct netvsp *n = xcalloc(1, sizeof(*n));

	n->server = server;
	n->params = *params;
	n->backlog_end = &n->backlog;
	n->flush_task.fn = netvsp_flush_task;
	n->flush_task.opaque = n;
	n->rndis.name = params->name;
	memcpy(n->rndis.mac_permanent, params->mac, sizeof(params->mac));
	n->rndis.link_speed_100bps = params->link_speed_100bps;
	n->link_up = true;
	retire_init(&n->retire, vmbus_server_loop(server), &n->packets);
	netvsp_session_end(n);
	netvsp_add_counters(n);
	if (!vmbus_offer(server, &offer, &netvsp_ops, n)) {
		netvsp_free(n);
		return NULL;
	}
	return n;
}

void netvsp_free(struct netvsp *n)
{
	if (!n)
		return;
	netvsp_session_end(n);
	retire_free(&n->retire);
	hv_counters_remove(n->server, n->params.name);
	free(n);
}

void netvsp_plug(struct netvsp *n, struct net_backend *backend)
{
	n->backend = backend;
}

static void netvsp_apply_link(struct netvsp *n)
{
	n->rndis.link_up = n->link_up && !retire_is_on(&n->retire);
	netvsp_tell_link(n);
	netvsp_flush(n);
}

void netvsp_set_link(struct netvsp *n, bool up)
{
	n->link_up = up;
	netvsp_apply_link(n);
}

int netvsp_retire(struct netvsp *n)
{
	if (!n->chan)
		return -ENOTCONN;
	retire_start(&n->retire, n->chan);
	netvsp_apply_link(n);
	return 0;
}

bool netvsp_link_is_up(const struct netvsp *n)
{
	return n->link_up;
}

uint32_t netvsp_version(const struct netvsp *n)
{
	return n->version;
}

const char *netvsp_state_name(const struct netvsp *n)
{
	return n->chan ? netvsp_state_names[n->state] : "closed";
}

uint32_t netvsp_filter(const struct netvsp *n)
{
	return n->rndis.filter;
}
