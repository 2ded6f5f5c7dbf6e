// SPDX-License-Identifier: GPL-2.0
/*
 * Integration component messages: header checks, version negotiation and answers. Must not know channels, rings or
 * what a service does with a body. Pipe framing, IC header and negotiation message of the integration components.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "ic_msg.h"

/*
 * Policy: a list longer than this is nonsense, no component has had ten versions. It is the limit Linux has always
 * had, so no host counts on more.
 */
#define NEGOTIATE_MAX_VERSIONS	100

/* Other kinds of pipe messages, a fragment or data elsewhere in memory: none of them carries a whole IC message. */
#define PIPE_PARTIAL		2
#define PIPE_LAST_KNOWN		4

/**
 * hv_ic_msg_parse() - check the headers of a packet's payload and take it apart
 * @payload: private copy of the packet's payload; nobody may change it while @msg is in use
 * @payload_bytes: length of @payload; up to 7 bytes of it may be the packet's padding
 * @msg: where to put the parts; valid unless HV_IC_IGNORE is returned, and then points into @payload
 *
 * The pipe's length and the message's own length may claim less than there is, and then count; what they claim beyond
 * the payload does not exist. Pipe types that no host documents pass, since Linux guests have never looked at them.
 *
 * Context: Any.
 * Return: what to do with the message; never HV_IC_SERVE for anything but a request.
 */
enum hv_ic_verdict hv_ic_msg_parse(const void *payload, u32 payload_bytes, struct hv_ic_msg *msg)
{
	struct ic_frame frame;
	u32 pipe_type, bytes;

	if (payload_bytes < sizeof(frame))
		return HV_IC_IGNORE;
	memcpy(&frame, payload, sizeof(frame));

	bytes = payload_bytes - sizeof(frame.pipe);
	bytes = min_t(u32, bytes, le32_to_cpu(frame.pipe.bytes));
	if (bytes < sizeof(frame.ic))
		return HV_IC_IGNORE;
	bytes -= sizeof(frame.ic);

	/* An answer to an answer could go round for ever. */
	if (frame.ic.flags & IC_FLAG_RESPONSE)
		return HV_IC_IGNORE;

	msg->type = le16_to_cpu(frame.ic.message_type);
	msg->transaction_id = frame.ic.transaction_id;
	msg->body = (const u8 *)payload + sizeof(frame);
	msg->body_bytes = min_t(u32, bytes, le16_to_cpu(frame.ic.body_bytes));

	pipe_type = le32_to_cpu(frame.pipe.type);
	if (pipe_type >= PIPE_PARTIAL && pipe_type <= PIPE_LAST_KNOWN)
		return HV_IC_REFUSE;

	return HV_IC_SERVE;
}

static u32 wire_version_at(const u8 *offered, u32 index)
{
	struct ic_wire_version version;

	memcpy(&version, offered + index * sizeof(version), sizeof(version));
	return HV_IC_VERSION(le16_to_cpu(version.major), le16_to_cpu(version.minor));
}

/* The best version of ours that is among the offered ones, in whatever order those are; 0 if none is. */
static u32 best_common_version(const struct hv_ic_version_list *ours, const u8 *offered, u32 offered_count)
{
	u32 i, j;

	for (i = 0; i < ours->count; i++)
		for (j = 0; j < offered_count; j++)
			if (ours->versions[i] == wire_version_at(offered, j))
				return ours->versions[i];
	return 0;
}

/**
 * hv_ic_msg_negotiate() - choose the versions to speak
 * @msg: a request of type IC_MSG_NEGOTIATE
 * @framework: the framework versions we speak
 * @message: the versions of the service's messages we speak
 * @chosen: where to put the choice; both members are 0 on error
 *
 * Context: Any.
 * Return: 0; -EPROTO the message is too short for the versions it announces, announces none, or absurdly many;
 * -EOPNOTSUPP there is no common framework or no common message version.
 */
int hv_ic_msg_negotiate(const struct hv_ic_msg *msg, const struct hv_ic_version_list *framework,
			const struct hv_ic_version_list *message, struct hv_ic_versions *chosen)
{
	struct ic_negotiate head;
	u32 framework_count, message_count, room;
	const u8 *offered;
	u32 framework_version, message_version;

	chosen->framework = 0;
	chosen->message = 0;

	if (msg->body_bytes < sizeof(head))
		return -EPROTO;
	memcpy(&head, msg->body, sizeof(head));

	framework_count = le16_to_cpu(head.framework_count);
	message_count = le16_to_cpu(head.message_count);
	room = (msg->body_bytes - sizeof(head)) / sizeof(struct ic_wire_version);
	if (!framework_count || framework_count > NEGOTIATE_MAX_VERSIONS ||
	    !message_count || message_count > NEGOTIATE_MAX_VERSIONS ||
	    framework_count > room || message_count > room - framework_count)
		return -EPROTO;

	offered = msg->body + sizeof(head);
	framework_version = best_common_version(framework, offered, framework_count);
	offered += framework_count * sizeof(struct ic_wire_version);
	message_version = best_common_version(message, offered, message_count);
	if (!framework_version || !message_version)
		return -EOPNOTSUPP;

	chosen->framework = framework_version;
	chosen->message = message_version;
	return 0;
}

static struct ic_wire_version to_wire_version(u32 version)
{
	return (struct ic_wire_version) {
		.major = cpu_to_le16(HV_IC_VERSION_MAJOR(version)),
		.minor = cpu_to_le16(HV_IC_VERSION_MINOR(version)),
	};
}

/**
 * hv_ic_msg_reply() - put the headers of an answer in front of its body
 * @buf: HV_IC_FRAME_BYTES to be filled, then the body, which the caller has already written
 * @request: the request to answer
 * @versions: the versions in force; both 0 in an answer to a negotiation and before one
 * @status: result, IC_STATUS_*
 * @body_bytes: length of the body behind the headers; at most 65535
 *
 * Context: Any.
 * Return: length of the whole answer in bytes.
 */
u32 hv_ic_msg_reply(void *buf, const struct hv_ic_msg *request, const struct hv_ic_versions *versions, u32 status,
		    u32 body_bytes)
{
	struct ic_frame frame = {
		.pipe = {
			.type = cpu_to_le32(VMBUS_PIPE_DATA),
			.bytes = cpu_to_le32(sizeof(frame.ic) + body_bytes),
		},
		.ic = {
			.framework = to_wire_version(versions->framework),
			.message_type = cpu_to_le16(request->type),
			.message = to_wire_version(versions->message),
			.body_bytes = cpu_to_le16(body_bytes),
			.status = cpu_to_le32(status),
			.transaction_id = request->transaction_id,
			.flags = IC_FLAG_TRANSACTION | IC_FLAG_RESPONSE,
		},
	};

	memcpy(buf, &frame, sizeof(frame));
	return sizeof(frame) + body_bytes;
}

/**
 * hv_ic_msg_reply_negotiation() - build the answer to a negotiation
 * @buf: HV_IC_NEGOTIATION_REPLY_BYTES to be filled
 * @request: the request to answer
 * @chosen: the choice of hv_ic_msg_negotiate(); both members 0 answer that there is none
 *
 * Context: Any.
 * Return: length of the whole answer in bytes.
 */
u32 hv_ic_msg_reply_negotiation(void *buf, const struct hv_ic_msg *request, const struct hv_ic_versions *chosen)
{
	static const struct hv_ic_versions not_yet;
	const bool agreed = chosen->framework && chosen->message;
	const struct ic_negotiate head = {
		.framework_count = cpu_to_le16(agreed ? 1 : 0),
		.message_count = cpu_to_le16(agreed ? 1 : 0),
	};
	const struct ic_wire_version versions[] = {
		to_wire_version(chosen->framework),
		to_wire_version(chosen->message),
	};
	u8 *body = (u8 *)buf + HV_IC_FRAME_BYTES;

	memcpy(body, &head, sizeof(head));
	if (!agreed)
		return hv_ic_msg_reply(buf, request, &not_yet, IC_STATUS_FAIL, sizeof(head));

	memcpy(body + sizeof(head), versions, sizeof(versions));
	return hv_ic_msg_reply(buf, request, &not_yet, IC_STATUS_OK, sizeof(head) + sizeof(versions));
}
