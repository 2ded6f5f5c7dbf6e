/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Messages of the integration components (IC): judging what the host sent, choosing versions, building the answer.
 * Pure: bytes in, values out. It knows no channel, no lock and no service, so it runs in KUnit and in userspace alike.
 */
#ifndef HV_UTILS_IC_MSG_H
#define HV_UTILS_IC_MSG_H

#include <linux/types.h>
#include <hyperv/ic.h>

/* A version as one number, so that versions compare as numbers do. */
#define HV_IC_VERSION(major, minor)	((u32)(major) << 16 | (u32)(minor))
#define HV_IC_VERSION_MAJOR(version)	((version) >> 16)
#define HV_IC_VERSION_MINOR(version)	((version) & 0xffff)

/* Pipe header and IC header: what stands before the body of each message. */
#define HV_IC_FRAME_BYTES	((u32)sizeof(struct ic_frame))

/* Room for the answer to a negotiation, refused or not. */
#define HV_IC_NEGOTIATION_REPLY_BYTES \
	(HV_IC_FRAME_BYTES + (u32)sizeof(struct ic_negotiate) + 2 * (u32)sizeof(struct ic_wire_version))

/**
 * enum hv_ic_verdict - what a received message deserves
 * @HV_IC_SERVE: a request with a readable header: its body may be looked at
 * @HV_IC_REFUSE: the header is readable but the rest is not to be used: answer with an error, the host waits for one
 * @HV_IC_IGNORE: no header an answer could be made from, or itself an answer: send nothing
 */
enum hv_ic_verdict {
	HV_IC_SERVE,
	HV_IC_REFUSE,
	HV_IC_IGNORE,
};

/**
 * struct hv_ic_msg - a request, taken apart
 * @type: message type, enum ic_message_type or any other value
 * @transaction_id: to be returned in the answer
 * @body: what follows the headers, inside the private copy of the packet
 * @body_bytes: length of @body, never more than the copy holds
 */
struct hv_ic_msg {
	u16 type;
	u8 transaction_id;
	const u8 *body;
	u32 body_bytes;
};

/**
 * struct hv_ic_version_list - the versions the guest speaks, as HV_IC_VERSION()
 * @versions: the best one first
 * @count: how many
 */
struct hv_ic_version_list {
	const u32 *versions;
	u32 count;
};

/**
 * struct hv_ic_versions - the outcome of a negotiation, as HV_IC_VERSION()
 * @framework: version of the framing; 0 is none
 * @message: version of the service's own messages; 0 is none
 */
struct hv_ic_versions {
	u32 framework;
	u32 message;
};

enum hv_ic_verdict hv_ic_msg_parse(const void *payload, u32 payload_bytes, struct hv_ic_msg *msg);
int hv_ic_msg_negotiate(const struct hv_ic_msg *msg, const struct hv_ic_version_list *framework,
			const struct hv_ic_version_list *message, struct hv_ic_versions *chosen);
u32 hv_ic_msg_reply(void *buf, const struct hv_ic_msg *request, const struct hv_ic_versions *versions, u32 status,
		    u32 body_bytes);
u32 hv_ic_msg_reply_negotiation(void *buf, const struct hv_ic_msg *request, const struct hv_ic_versions *chosen);

#endif /* HV_UTILS_IC_MSG_H */
