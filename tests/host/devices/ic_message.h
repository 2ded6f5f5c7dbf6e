/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Integration component messages as a host writes and reads them: framing, version negotiation,
 * replies. Pure functions over private memory.
 */
#ifndef HVHOST_DEVICES_IC_MESSAGE_H
#define HVHOST_DEVICES_IC_MESSAGE_H

#include <stddef.h>
#include <stdint.h>

#include <hyperv/ic.h>

/* Longest body sent: auto-recover of a snapshot. */
#define IC_BODY_MAX    12500
#define IC_MESSAGE_MAX (sizeof(struct ic_frame) + IC_BODY_MAX)
/* Versions offered at most, of each kind. */
#define IC_VERSIONS_MAX 8

struct ic_version {
	uint16_t major, minor;
};

/* A list of versions, in the order they are offered. */
struct ic_versions {
	const struct ic_version *version;
	unsigned int count;
};

/**
 * struct ic_reply - a guest's message, checked
 * @type: enum ic_message_type
 * @framework: as the guest wrote it
 * @message: as the guest wrote it
 * @status: IC_STATUS_*
 * @body: behind the header, inside the buffer that was parsed
 * @body_bytes: its length
 */
struct ic_reply {
	uint16_t type;
	struct ic_version framework, message;
	uint32_t status;
	const uint8_t *body;
	uint32_t body_bytes;
};

/* ic_status_text() - a status in words; "status unknown to this host" for any other */
const char *ic_status_text(uint32_t status);

/**
 * ic_message_build() - frame a request
 * @out: room for sizeof(struct ic_frame) + @body_bytes
 * @type: enum ic_message_type
 * @framework: version in force; 0.0 while negotiating
 * @message: version in force; 0.0 while negotiating
 * @body: what follows the header
 * @body_bytes: at most IC_BODY_MAX
 *
 * Return: bytes of the whole message.
 */
size_t ic_message_build(uint8_t *out, uint16_t type, struct ic_version framework,
			struct ic_version message, const void *body, size_t body_bytes);

/**
 * ic_negotiate_build() - frame the offer of versions
 * @out: room for IC_MESSAGE_MAX
 * @framework: at most IC_VERSIONS_MAX
 * @message: at most IC_VERSIONS_MAX
 *
 * Return: bytes of the whole message.
 */
size_t ic_negotiate_build(uint8_t *out, const struct ic_versions *framework,
			  const struct ic_versions *message);

/**
 * ic_reply_parse() - check a guest's message
 * @payload: private copy of the packet's payload
 * @bytes: its length, padding included
 * @reply: filled in
 * @why: what is wrong, for the report
 *
 * The pipe length may be larger than header and body: guests send the request's frame back.
 *
 * Return: 0, or -EPROTO with @why set.
 */
int ic_reply_parse(const uint8_t *payload, size_t bytes, struct ic_reply *reply, const char **why);

/**
 * ic_negotiate_parse() - the versions a guest has chosen
 * @reply: its answer
 * @framework: what was offered
 * @message: what was offered
 * @chosen_framework: filled in
 * @chosen_message: filled in
 * @why: what is wrong, for the report
 *
 * Return: 0; -EOPNOTSUPP the guest says that there is no common version; -EPROTO with @why set.
 */
int ic_negotiate_parse(const struct ic_reply *reply, const struct ic_versions *framework,
		       const struct ic_versions *message, struct ic_version *chosen_framework,
		       struct ic_version *chosen_message, const char **why);

#endif
