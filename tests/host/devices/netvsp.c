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

#include <hyperv/rndis.h>

#include "../hyperv/util.h"
#include "netvsp_internal.h"

/* What hosts say about the length of page lists. */
#define NETVSP_MDL_CHAIN     34
#define NETVSP_MTU_FIELD     1514u
#define NETVSP_MTU_FIELD_MAX 65535u
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

void netvsp_fatal(struct netvsp *n, const char *rule, uint32_t type, const char *what)
{
	hv_violation(n->server, rule, "%s: message %u in state %s: %s", n->params.name, type,
		     netvsp_state_name(n), what);
	netvsp_die(n);
}

static bool netvsp_version_is_known(const struct netvsp *n, uint32_t version)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(netvsp_versions); i++)
		if (netvsp_versions[i] == version)
			return version <= n->params.max_version;
	return false;
}

static void netvsp_init_message(struct netvsp_queue *q, const struct vmbus_pkt *pkt,
				const struct nvsp_message *message)
{
	struct netvsp *n = q->nic;
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
	netvsp_complete(q, pkt, &answer, NVSP_MSG_BYTES_OLD);
}

static void netvsp_ndis_config(struct netvsp_queue *q, const struct vmbus_pkt *pkt,
			       const struct nvsp_message *message)
{
	struct netvsp *n = q->nic;
	uint32_t mtu = le32toh(message->ndis_config.mtu);

	if (n->version < NVSP_VERSION_2 || n->has_config || n->receive.gpadl) {
		netvsp_fatal(n, "nvsp-order", NVSP_MSG_SEND_NDIS_CONFIG,
			     "too late, twice, or not in this version");
		return;
	}
	n->has_config = true;
	n->ndis_capabilities = le64toh(message->ndis_config.capabilities);
	if (mtu < NETVSP_MTU_FIELD || mtu > NETVSP_MTU_FIELD_MAX)
		mtu = NETVSP_MTU_FIELD;
	if (mtu > n->params.mtu + NETVSP_ETH_HEADER)
		mtu = n->params.mtu + NETVSP_ETH_HEADER;
	n->mtu_field = mtu;
	n->rndis.mtu = mtu - NETVSP_ETH_HEADER;
	n->rndis.can_coalesce = !n->params.no_coalescing && n->version >= NVSP_VERSION_6_1 &&
				n->ndis_capabilities & NVSP_NDIS_CAP_RSC;
	netvsp_complete(q, pkt, NULL, 0);
}

static void netvsp_ndis_version(struct netvsp_queue *q, const struct vmbus_pkt *pkt)
{
	struct netvsp *n = q->nic;
	if (n->has_ndis_version) {
		netvsp_fatal(n, "nvsp-order", NVSP_MSG_SEND_NDIS_VERSION, "twice");
		return;
	}
	n->has_ndis_version = true;
	netvsp_complete(q, pkt, NULL, 0);
}

static uint32_t netvsp_section_bytes(const struct netvsp *n)
{
	if (n->mtu_field <= NETVSP_MTU_FIELD)
		return NETVSP_SECTION_BYTES;
	return (256 + n->mtu_field + NVS_SUB_TAIL_BYTES + 7) & ~7u;
}

static void netvsp_receive_buffer(struct netvsp_queue *q, const struct vmbus_pkt *pkt,
				  const struct nvsp_message *message)
{
	struct netvsp *n = q->nic;
	struct nvsp_message answer = { .type = htole32(NVSP_MSG_SEND_RECV_BUF_COMPLETE) };
	struct nvsp_recv_section section = { 0 };
	uint32_t gpadl = le32toh(message->share_buffer.gpadl);
	int err;

	if (n->receive.gpadl || (n->version >= NVSP_VERSION_2 && !n->has_config)) {
		netvsp_fatal(n, "nvsp-order", NVSP_MSG_SEND_RECV_BUF,
			     "twice, or before the NDIS configuration");
		return;
	}
	err = nvs_receive_share(&n->receive, q->chan, gpadl, le16toh(message->share_buffer.id),
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
	netvsp_complete(q, pkt, &answer, netvsp_message_bytes(n));
}

static void netvsp_send_buffer(struct netvsp_queue *q, const struct vmbus_pkt *pkt,
			       const struct nvsp_message *message)
{
	struct netvsp *n = q->nic;
	struct nvsp_message answer = { .type = htole32(NVSP_MSG_SEND_SEND_BUF_COMPLETE) };
	uint32_t gpadl = le32toh(message->share_buffer.gpadl);
	int err;

	if (n->send.gpadl) {
		netvsp_fatal(n, "nvsp-order", NVSP_MSG_SEND_SEND_BUF, "twice");
		return;
	}
	err = nvs_send_share(&n->send, q->chan, gpadl, le16toh(message->share_buffer.id));
	if (err)
		hv_violation(n->server, "nvsp-buffer", "%s: send buffer GPADL %#x %s",
			     n->params.name, gpadl,
			     err == -ENOENT ? "is not this device's" : "is too small");
	answer.send_buf_complete.status = htole32(err ? NVSP_STATUS_FAILURE : NVSP_STATUS_SUCCESS);
	answer.send_buf_complete.section_bytes = htole32(err ? 0 : NVS_SEND_SECTION_BYTES);
	netvsp_complete(q, pkt, &answer, netvsp_message_bytes(n));
}

static void netvsp_revoke(struct netvsp_queue *q, const struct vmbus_pkt *pkt,
			  const struct nvsp_message *message)
{
	struct netvsp *n = q->nic;
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
	netvsp_complete(q, pkt, NULL, 0);
}

void netvsp_rndis(struct netvsp_queue *q, const struct vmbus_pkt *pkt,
			 const struct nvsp_message *message)
{
	struct netvsp *n = q->nic;
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
	answer.rndis_packet_complete.status = htole32(netvsp_transmit(q, pkt, message));
	if (n->state != NETVSP_DEAD)
		netvsp_complete(q, pkt, &answer, netvsp_message_bytes(n));
}

static void netvsp_oid_query_ex(struct netvsp_queue *q, const struct vmbus_pkt *pkt)
{
	struct netvsp *n = q->nic;
	struct nvsp_message answer = { .type = htole32(NVSP_MSG_OID_QUERY_EX_COMPLETE) };

	answer.rndis_packet_complete.status = htole32(NETVSP_STATUS_OID);
	netvsp_complete(q, pkt, &answer, netvsp_message_bytes(n));
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

void netvsp_message(struct netvsp_queue *q, const struct vmbus_pkt *pkt)
{
	struct netvsp *n = q->nic;
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
			netvsp_init_message(q, pkt, &message);
		return;
	}
	if (!netvsp_message_is_legal(n, pkt, type))
		return;
	switch (type) {
	case NVSP_MSG_SEND_NDIS_CONFIG:
		netvsp_ndis_config(q, pkt, &message);
		break;
	case NVSP_MSG_SEND_NDIS_VERSION:
		netvsp_ndis_version(q, pkt);
		break;
	case NVSP_MSG_SEND_RECV_BUF:
		netvsp_receive_buffer(q, pkt, &message);
		break;
	case NVSP_MSG_SEND_SEND_BUF:
		netvsp_send_buffer(q, pkt, &message);
		break;
	case NVSP_MSG_REVOKE_RECV_BUF:
	case NVSP_MSG_REVOKE_SEND_BUF:
		netvsp_revoke(q, pkt, &message);
		break;
	case NVSP_MSG_SEND_RNDIS_PACKET:
		netvsp_rndis(q, pkt, &message);
		break;
	case NVSP_MSG_SUBCHANNEL:
		netvsp_subchannel(q, pkt, &message);
		break;
	case NVSP_MSG_OID_QUERY_EX:
		netvsp_oid_query_ex(q, pkt);
		break;
	case NVSP_MSG_SWITCH_DATA_PATH:
		netvsp_data_path(q, pkt, &message);
		break;
	}
}

void netvsp_session_end(struct netvsp *n)
{
	netvsp_drop_all(n);
	n->granted = 0;
	n->table_due = false;
	nvs_receive_drop(&n->receive);
	nvs_send_drop(&n->send);
	loop_task_cancel(vmbus_server_loop(n->server), &n->flush_task);
	retire_cancel(&n->retire);
	netvsp_vf_forget(n);
	n->rndis.link_up = n->link_up;
	rndis_host_reset(&n->rndis);
	n->rndis.can_coalesce = false;
	n->state = NETVSP_INIT;
	n->version = 0;
	n->ndis_capabilities = 0;
	n->has_config = false;
	n->has_ndis_version = false;
	n->mtu_field = NETVSP_MTU_FIELD;
	n->rndis.mtu = NETVSP_MTU_FIELD - NETVSP_ETH_HEADER;
}

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
		{ "tx_segments", &n->count.tx_segments },
		{ "tx_checksums", &n->count.tx_checksums },
		{ "tx_checksum_bad", &n->count.tx_checksum_bad },
		{ "tx_vlan", &n->count.tx_vlan },
		{ "tx_rejected", &n->count.tx_rejected },
		{ "tx_refused", &n->count.tx_refused },
		{ "tx_dropped", &n->count.tx_dropped },
		{ "rx_packets", &n->count.rx_packets },
		{ "rx_frames", &n->count.rx_frames },
		{ "rx_bytes", &n->count.rx_bytes },
		{ "rx_completions", &n->count.rx_completions },
		{ "rx_failed", &n->count.rx_failed },
		{ "rx_checksums", &n->count.rx_checksums },
		{ "rx_vlan", &n->count.rx_vlan },
		{ "rx_coalesced", &n->count.rx_coalesced },
		{ "rx_coalesced_segments", &n->count.rx_coalesced_segments },
		{ "rx_filtered", &n->count.rx_filtered },
		{ "rx_filtered_directed", &n->count.rx_filtered_directed },
		{ "rx_filtered_multicast", &n->count.rx_filtered_multicast },
		{ "rx_filtered_broadcast", &n->count.rx_filtered_broadcast },
		{ "rx_vf", &n->count.rx_vf },
		{ "tx_vf", &n->count.tx_vf },
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
		{ "subchannels", &n->count.subchannels },
		{ "send_tables", &n->count.send_tables },
		{ "vf_associations", &n->count.vf_associations },
		{ "data_path_switches", &n->count.data_path_switches },
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
	if (!n->params.queues)
		n->params.queues = 1;
	netvsp_queues_new(n);
	n->flush_task.fn = netvsp_flush_task;
	n->flush_task.opaque = n;
	n->rndis.name = params->name;
	memcpy(n->rndis.mac_permanent, params->mac, sizeof(params->mac));
	n->rndis.link_speed_100bps = params->link_speed_100bps;
	n->rndis.receive_queues = n->params.queues;
	n->link_up = true;
	retire_init(&n->retire, vmbus_server_loop(server), &n->packets);
	netvsp_session_end(n);
	netvsp_add_counters(n);
	if (!vmbus_offer(server, &offer, &netvsp_primary_ops, n)) {
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
	netvsp_queues_free(n);
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
	if (!n->queues[0].chan)
		return -ENOTCONN;
	retire_start(&n->retire, n->queues[0].chan);
	netvsp_apply_link(n);
	return 0;
}

void netvsp_set_speed(struct netvsp *n, uint32_t speed_100bps)
{
	uint8_t message[RNDIS_HOST_MESSAGE_BYTES];
	__le32 info = htole32(speed_100bps);

	n->rndis.link_speed_100bps = speed_100bps;
	/* Only a guest that knows teaming is told of changes; the others may ask. */
	if (!n->rndis.initialized || !(n->ndis_capabilities & NVSP_NDIS_CAP_TEAMING))
		return;
	netvsp_send_control(n, message,
			    rndis_host_indicate(NDIS_STATUS_LINK_SPEED_CHANGE, &info, sizeof(info),
						message));
	n->count.indications++;
	netvsp_flush(n);
}

int netvsp_change_network(struct netvsp *n)
{
	uint8_t message[RNDIS_HOST_MESSAGE_BYTES];

	if (!n->rndis.initialized)
		return -ENOTCONN;
	netvsp_send_control(n, message,
			    rndis_host_indicate(NDIS_STATUS_NETWORK_CHANGE, NULL, 0, message));
	n->count.indications++;
	netvsp_flush(n);
	return 0;
}

void netvsp_refuse(struct netvsp *n, uint64_t packets, uint32_t status)
{
	n->refuse_packets = packets;
	n->refuse_status = status;
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
	return n->queues[0].chan ? netvsp_state_names[n->state] : "closed";
}

uint32_t netvsp_filter(const struct netvsp *n)
{
	return n->rndis.filter;
}

void netvsp_info(const struct netvsp *n, struct netvsp_info *info)
{
	*info = (struct netvsp_info){
		.mtu = n->rndis.mtu,
		.link_speed_100bps = n->rndis.link_speed_100bps,
		.queues = n->params.queues,
		.granted = n->granted,
		.rss = n->rndis.rss.on,
		.coalescing = n->rndis.offloads.rsc4 || n->rndis.offloads.rsc6,
		.sriov = n->ndis_capabilities & NVSP_NDIS_CAP_SRIOV,
		.vf = n->vf_told,
		.vf_serial = n->vf_serial,
		.vf_path = n->vf_path,
	};
}

void netvsp_queue_info(const struct netvsp *n, unsigned int queue, struct netvsp_queue_info *info)
{
	const struct netvsp_queue *q = &n->queues[queue];

	*info = (struct netvsp_queue_info){
		.open = q->chan != NULL,
		.rx_frames = q->rx_frames,
		.tx_messages = q->tx_messages,
	};
}
