// SPDX-License-Identifier: GPL-2.0
/*
 * Chooses the versions of an integration component: a function of its arguments, exported for the in-tree components.
 * Integration services, negotiation message.
 */
#include <linux/hyperv.h>
#include <linux/kernel.h>
#include <linux/string.h>

/* The first of ours, newest first, that the host offers; 0 when it offers none of them. */
static int negotiate_choose(const struct ic_version *offered, u32 count, const int *ours, int our_count)
{
	u32 host;
	int i;

	for (i = 0; i < our_count; i++)
		for (host = 0; host < count; host++)
			if (offered[host].major == ours[i] >> 16 && offered[host].minor == (ours[i] & 0xffff))
				return ours[i];
	return 0;
}

/**
 * vmbus_prep_negotiate_resp() - turn the negotiation message of an integration component into its answer
 * @icmsghdrp: IC header within @buf
 * @buf: the message from its pipe header on; private memory
 * @buflen: its length in bytes as received
 * @fw_version: framework versions of the guest, newest first, major << 16 | minor
 * @fw_vercnt: how many
 * @srv_version: message versions of the guest, newest first
 * @srv_vercnt: how many
 * @nego_fw_version: set to the framework version, unless NULL
 * @nego_srv_version: set to the message version, unless NULL
 *
 * Return: true when there is a common version of both; if not, the answer says so.
 */
bool vmbus_prep_negotiate_resp(struct icmsg_hdr *icmsghdrp, u8 *buf, u32 buflen, const int *fw_version, int fw_vercnt,
			       const int *srv_version, int srv_vercnt, int *nego_fw_version, int *nego_srv_version)
{
	struct icmsg_negotiate *body = (struct icmsg_negotiate *)(buf + ICMSG_HDR);
	u32 frameworks, messages;
	int framework = 0, message = 0;

	/* Not even the counts are there: nothing of the body may be touched. */
	if (buflen < ICMSG_HDR + sizeof(*body))
		return false;
	icmsghdrp->icmsgsize = sizeof(*body) + 2 * sizeof(struct ic_version);
	frameworks = body->icframe_vercnt;
	messages = body->icmsg_vercnt;
	if (frameworks && frameworks <= IC_VERSION_NEGOTIATION_MAX_VER_COUNT &&
	    messages && messages <= IC_VERSION_NEGOTIATION_MAX_VER_COUNT &&
	    ICMSG_NEGOTIATE_PKT_SIZE(frameworks, messages) <= buflen) {
		framework = negotiate_choose(body->icversion_data, frameworks, fw_version, fw_vercnt);
		message = negotiate_choose(body->icversion_data + frameworks, messages, srv_version, srv_vercnt);
	}

	if (framework && message) {
		/* Both lists had at least one entry, so there is room for two. */
		body->icframe_vercnt = 1;
		body->icmsg_vercnt = 1;
		body->icversion_data[0].major = framework >> 16;
		body->icversion_data[0].minor = framework & 0xffff;
		body->icversion_data[1].major = message >> 16;
		body->icversion_data[1].minor = message & 0xffff;
	} else {
		body->icframe_vercnt = 0;
		body->icmsg_vercnt = 0;
	}
	if (nego_fw_version)
		*nego_fw_version = framework;
	if (nego_srv_version)
		*nego_srv_version = message;
	return framework && message;
}
