// SPDX-License-Identifier: GPL-2.0
/*
 * Builds and checks integration component messages: pipe header, IC header, negotiation body
 * (Hyper-V integration components, framework version negotiation). Knows no channel and no
 * component.
 */
#include "ic_message.h"

#include <endian.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

static int ic_bad(const char **why, const char *text)
{
	*why = text;
	return -EPROTO;
}

static struct ic_wire_version ic_to_wire(struct ic_version version)
{
	struct ic_wire_version wire = { .major = htole16(version.major),
					.minor = htole16(version.minor) };

	return wire;
}

static struct ic_version ic_from_wire(struct ic_wire_version wire)
{
	struct ic_version version = { .major = le16toh(wire.major), .minor = le16toh(wire.minor) };

	return version;
}

const char *ic_status_text(uint32_t status)
{
	static const struct {
		uint32_t status;
		const char *text;
	} texts[] = {
		{ IC_STATUS_OK, "success" },
		{ IC_STATUS_FAIL, "failure" },
		{ IC_STATUS_NO_MORE_ITEMS, "no such item" },
		{ IC_STATUS_NOT_SUPPORTED, "not supported" },
		{ IC_STATUS_NOT_FOUND, "not found" },
		{ IC_STATUS_FILE_EXISTS, "the file exists" },
		{ IC_STATUS_DISK_FULL, "the disk is full" },
		{ IC_STATUS_INVALID_ARG, "invalid argument" },
		{ IC_STATUS_NOT_CONNECTED, "device not connected" },
		{ IC_STATUS_LOCKED, "the machine is locked" },
		{ IC_STATUS_SHUTTING_DOWN, "shutdown is already in progress" },
	};
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (texts[i].status == status)
			return texts[i].text;
	return "status unknown to this host";
}

size_t ic_message_build(uint8_t *out, uint16_t type, struct ic_version framework,
			struct ic_version message, const void *body, size_t body_bytes)
{
	struct ic_frame frame = { 0 };

	frame.pipe.type = htole32(VMBUS_PIPE_DATA);
	frame.pipe.bytes = htole32((uint32_t)(sizeof(frame.ic) + body_bytes));
	frame.ic.framework = ic_to_wire(framework);
	frame.ic.message_type = htole16(type);
	frame.ic.message = ic_to_wire(message);
	frame.ic.body_bytes = htole16((uint16_t)body_bytes);
	frame.ic.flags = IC_FLAG_TRANSACTION | IC_FLAG_REQUEST;
	memcpy(out, &frame, sizeof(frame));
	memcpy(out + sizeof(frame), body, body_bytes);
	return sizeof(frame) + body_bytes;
}

size_t ic_negotiate_build(uint8_t *out, const struct ic_versions *framework,
			  const struct ic_versions *message)
{
	static const struct ic_version none;
	uint8_t body[sizeof(struct ic_negotiate) +
		     2 * IC_VERSIONS_MAX * sizeof(struct ic_wire_version)];
	struct ic_negotiate negotiate = { 0 };
	struct ic_wire_version wire;
	uint8_t *at = body + sizeof(negotiate);
	unsigned int i;

	negotiate.framework_count = htole16((uint16_t)framework->count);
	negotiate.message_count = htole16((uint16_t)message->count);
	memcpy(body, &negotiate, sizeof(negotiate));
	for (i = 0; i < framework->count + message->count; i++) {
		wire = ic_to_wire(i < framework->count ? framework->version[i]
						       : message->version[i - framework->count]);
		memcpy(at, &wire, sizeof(wire));
		at += sizeof(wire);
	}
	return ic_message_build(out, IC_MSG_NEGOTIATE, none, none, body, (size_t)(at - body));
}

int ic_reply_parse(const uint8_t *payload, size_t bytes, struct ic_reply *reply, const char **why)
{
	struct ic_frame frame;
	uint32_t pipe, body;

	if (bytes < sizeof(frame))
		return ic_bad(why, "message shorter than its headers");
	memcpy(&frame, payload, sizeof(frame));
	if (le32toh(frame.pipe.type) != VMBUS_PIPE_DATA)
		return ic_bad(why, "pipe packet is not data");
	pipe = le32toh(frame.pipe.bytes);
	body = le16toh(frame.ic.body_bytes);
	if (pipe > bytes - sizeof(frame.pipe))
		return ic_bad(why, "pipe length beyond the packet");
	if (pipe < sizeof(frame.ic) || body > pipe - sizeof(frame.ic))
		return ic_bad(why, "message length beyond the pipe packet");
	if (frame.ic.transaction_id)
		return ic_bad(why, "transaction id not returned");
	if (frame.ic.flags != (IC_FLAG_TRANSACTION | IC_FLAG_RESPONSE))
		return ic_bad(why, "flags are not those of a reply");
	if (frame.ic.reserved)
		return ic_bad(why, "reserved field not zero");
	reply->type = le16toh(frame.ic.message_type);
	reply->framework = ic_from_wire(frame.ic.framework);
	reply->message = ic_from_wire(frame.ic.message);
	reply->status = le32toh(frame.ic.status);
	reply->body = payload + sizeof(frame);
	reply->body_bytes = body;
	return 0;
}

static bool ic_was_offered(const struct ic_versions *versions, struct ic_version version)
{
	unsigned int i;

	for (i = 0; i < versions->count; i++)
		if (versions->version[i].major == version.major &&
		    versions->version[i].minor == version.minor)
			return true;
	return false;
}

int ic_negotiate_parse(const struct ic_reply *reply, const struct ic_versions *framework,
		       const struct ic_versions *message, struct ic_version *chosen_framework,
		       struct ic_version *chosen_message, const char **why)
{
	struct ic_wire_version wire[2];
	struct ic_negotiate negotiate;

	if (reply->body_bytes < sizeof(negotiate))
		return ic_bad(why, "negotiation answer cut short");
	memcpy(&negotiate, reply->body, sizeof(negotiate));
	if (!negotiate.framework_count || !negotiate.message_count || reply->status)
		return -EOPNOTSUPP;
	if (le16toh(negotiate.framework_count) != 1 || le16toh(negotiate.message_count) != 1)
		return ic_bad(why, "more than one version chosen");
	if (reply->body_bytes < sizeof(negotiate) + sizeof(wire))
		return ic_bad(why, "negotiation answer without the versions");
	memcpy(wire, reply->body + sizeof(negotiate), sizeof(wire));
	*chosen_framework = ic_from_wire(wire[0]);
	*chosen_message = ic_from_wire(wire[1]);
	if (!ic_was_offered(framework, *chosen_framework) ||
	    !ic_was_offered(message, *chosen_message))
		return ic_bad(why, "version chosen that was not offered");
	return 0;
}
