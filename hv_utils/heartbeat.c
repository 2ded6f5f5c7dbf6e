// SPDX-License-Identifier: GPL-2.0
/*
 * Heartbeat: answers the host's sequence numbers, by which the host tells that the guest still runs. Keeps no state.
 * Must never sleep nor wait: a late answer counts as a dead guest. Heartbeat IC, versions 1.0 and 3.0.
 */
#include <linux/kernel.h>
#include <linux/string.h>

#include "ic.h"

/* Older messages go on with reserved words behind what struct ic_heartbeat describes. */
#define HEARTBEAT_LONGEST_BYTES	40

/*
 * The application state, where there is one, returns as it came: a guest that knows nothing of its applications must
 * not claim that they are well.
 */
static u32 heartbeat_handle(struct hv_ic *ic, u8 *body, u32 body_bytes)
{
	__le64 sequence;

	memcpy(&sequence, body + offsetof(struct ic_heartbeat, sequence), sizeof(sequence));
	/* the host goes on from the answer; modulo 2^64 */
	sequence = cpu_to_le64(le64_to_cpu(sequence) + 1);
	memcpy(body + offsetof(struct ic_heartbeat, sequence), &sequence, sizeof(sequence));
	return IC_STATUS_OK;
}

const struct hv_ic_service hv_heartbeat_service = {
	.name = "Heartbeat",
	.type = IC_MSG_HEARTBEAT,
	.versions = &hv_ic_heartbeat_versions,
	.body_min_bytes = IC_HEARTBEAT_MIN_BYTES,
	.body_max_bytes = HEARTBEAT_LONGEST_BYTES,
	.handle = heartbeat_handle,
};
