// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzzer for what the drivers make of messages from the host, after the ring:
 * RNDIS packet messages with their per-packet info, and messages of the
 * integration components, key-value pairs, snapshots and file copies among
 * them. Each gets a copy of exactly its size, as the sanitizers then see one
 * byte too many.
 *
 * Input: byte 0 chooses the parser, the rest is the message.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <linux/kernel.h>
#include "../../netvsc/rndis_pkt.c"
#include "../../hv_utils/ic_msg.c"
#include "../../hv_utils/utf.c"
#include "../../hv_utils/kvp_ip.c"
#include "../../hv_utils/kvp_msg.c"
#include "../../hv_utils/vss_msg.c"
#include "../../hv_utils/fcopy_msg.c"

#define REQUIRE(cond) do { if (!(cond)) abort(); } while (0)

static void *exact_copy(const void *from, size_t bytes)
{
	void *to = malloc(bytes ? bytes : 1);

	REQUIRE(to);
	if (bytes)
		memcpy(to, from, bytes);
	return to;
}

static void rndis(const uint8_t *in, size_t bytes, u32 extra_range)
{
	struct rndis_pkt_layout layout;
	struct rndis_pkt_rx rx;
	struct rndis_packet header;
	u32 range = (u32)bytes + extra_range;
	u8 *message;

	if (bytes < sizeof(header))
		return;
	memcpy(&header, in, sizeof(header));
	if (rndis_pkt_parse_header(&header, range, &layout))
		return;
	REQUIRE(layout.frame_offset <= range && layout.frame_bytes <= range - layout.frame_offset);
	REQUIRE(layout.ppi_offset <= range && layout.ppi_bytes <= range - layout.ppi_offset);
	REQUIRE(layout.ppi_bytes <= RNDIS_PKT_MAX_PPI_BYTES);
	if (layout.ppi_offset > bytes || layout.ppi_bytes > bytes - layout.ppi_offset)
		return;
	message = exact_copy(in + layout.ppi_offset, layout.ppi_bytes);
	if (!rndis_pkt_parse_ppi(message, layout.ppi_bytes, &rx))
		REQUIRE(!(rx.fields & RNDIS_PKT_LSO));
	free(message);
}

static void per_packet_info(const uint8_t *in, size_t bytes)
{
	struct rndis_pkt_rx rx;
	void *area = exact_copy(in, bytes);

	if (!rndis_pkt_parse_ppi(area, (u32)bytes, &rx))
		REQUIRE(!(rx.fields & RNDIS_PKT_LSO));
	free(area);
}

static void integration_component(const uint8_t *in, size_t bytes)
{
	static const u32 framework[] = { HV_IC_VERSION(3, 0), HV_IC_VERSION(1, 0) };
	static const u32 service[] = { HV_IC_VERSION(4, 0), HV_IC_VERSION(3, 0), HV_IC_VERSION(1, 0) };
	static const struct hv_ic_version_list frameworks = { framework, ARRAY_SIZE(framework) };
	static const struct hv_ic_version_list services = { service, ARRAY_SIZE(service) };
	struct hv_ic_versions chosen = { 0 };
	u8 *payload = exact_copy(in, bytes), *reply;
	struct hv_ic_msg message;
	u32 n;

	if (hv_ic_msg_parse(payload, (u32)bytes, &message) == HV_IC_SERVE) {
		REQUIRE(message.body >= payload && message.body <= payload + bytes);
		REQUIRE(message.body_bytes <= (u32)(payload + bytes - message.body));
		if (message.type == IC_MSG_NEGOTIATE &&
		    !hv_ic_msg_negotiate(&message, &frameworks, &services, &chosen))
			REQUIRE(chosen.framework && chosen.message);
		reply = malloc(HV_IC_NEGOTIATION_REPLY_BYTES);
		REQUIRE(reply);
		REQUIRE(hv_ic_msg_reply_negotiation(reply, &message, &chosen) <= HV_IC_NEGOTIATION_REPLY_BYTES);
		free(reply);
		reply = malloc(HV_IC_FRAME_BYTES + message.body_bytes);
		REQUIRE(reply);
		n = hv_ic_msg_reply(reply, &message, &chosen, IC_STATUS_OK, message.body_bytes);
		REQUIRE(n <= HV_IC_FRAME_BYTES + message.body_bytes);
		free(reply);
	}
	free(payload);
}

/* Longer than inputs are: the input again and again, so that every field of the message is made of it. */
static u8 *long_body(const uint8_t *in, size_t bytes, u32 *body_bytes)
{
	u8 *body;
	u32 i;

	*body_bytes = bytes < 2 ? 0 : (in[0] | in[1] << 8) % 8192;
	body = malloc(*body_bytes ? *body_bytes : 1);
	REQUIRE(body);
	for (i = 0; i < *body_bytes; i++)
		body[i] = in[i % bytes];
	return body;
}

static void key_value(const uint8_t *in, size_t bytes)
{
	struct kvp_daemon_msg *msg = malloc(sizeof(*msg));
	u32 body_bytes, i, version;
	u8 *body = long_body(in, bytes, &body_bytes);

	REQUIRE(msg);
	/* as likely one as the other */
	version = body_bytes & 1 ? HV_IC_VERSION(5, 0) : HV_IC_VERSION(4, 0);
	if (!kvp_msg_to_daemon(body, body_bytes, version, msg)) {
		REQUIRE(msg->operation <= KVP_OP_SET_IP);
		/* what the daemon says may be anything too */
		for (i = 0; i < sizeof(*msg); i++)
			((u8 *)msg)[i] = body[i % body_bytes];
		msg->status = 0;
		REQUIRE(!kvp_msg_from_daemon(msg, version, body));
	}
	free(body);
	free(msg);
}

static void snapshot_and_copy(const uint8_t *in, size_t bytes)
{
	struct vss_daemon_msg vss = { 0 };
	u8 *message = malloc(FCOPY_MESSAGE_BYTES);
	u32 body_bytes, n = 0, status;
	u8 *body = long_body(in, bytes, &body_bytes);

	REQUIRE(message);
	if (fcopy_msg_to_daemon(body, body_bytes, message, &n) != FCOPY_STEP_NONE)
		REQUIRE(n && n <= FCOPY_MESSAGE_BYTES);
	if (vss_msg_step(body, body_bytes, &status) != VSS_STEP_NONE)
		REQUIRE(vss_msg_from_daemon(&vss, body, body_bytes) == IC_STATUS_OK);
	free(body);
	free(message);
}

int LLVMFuzzerTestOneInput(const uint8_t *in, size_t size)
{
	if (!size)
		return 0;
	switch (in[0] & 7) {
	case 0:
	case 4:
		rndis(in + 1, size - 1, in[0] >> 3);
		break;
	case 1:
		per_packet_info(in + 1, size - 1);
		break;
	case 2:
		key_value(in + 1, size - 1);
		break;
	case 3:
		snapshot_and_copy(in + 1, size - 1);
		break;
	default:
		integration_component(in + 1, size - 1);
		break;
	}
	return 0;
}
