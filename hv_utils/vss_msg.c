// SPDX-License-Identifier: GPL-2.0
/*
 * Volume snapshots: the host's requests, judged by a table, and the messages of hv_vss_daemon. Must not know what has been
 * frozen. VSS IC, message version 5.0.
 */
#include <linux/kernel.h>
#include <linux/string.h>
#include <hyperv/ic.h>
#include <hyperv/vss.h>

#include "vss_msg.h"

/* The operations by number; those not here are unknown to version 5.0. */
static const struct {
	bool known;
	enum vss_step step;
} vss_operations[] = {
	[VSS_OP_CREATE]		 = { true, VSS_STEP_NONE },
	[VSS_OP_DELETE]		 = { true, VSS_STEP_NONE },
	[VSS_OP_HOT_BACKUP]	 = { true, VSS_STEP_CHECK },
	[VSS_OP_DIRECT_MAPPED]	 = { true, VSS_STEP_NONE },
	[VSS_OP_BACKUP_COMPLETE] = { true, VSS_STEP_NONE },
	[VSS_OP_FREEZE]		 = { true, VSS_STEP_FREEZE },
	[VSS_OP_THAW]		 = { true, VSS_STEP_THAW },
	[VSS_OP_AUTO_RECOVER]	 = { true, VSS_STEP_NONE },
};

static void put_flags(u8 *body, u32 body_bytes, u32 flags)
{
	__le32 wire = cpu_to_le32(flags);

	if (body_bytes >= sizeof(struct vss_small))
		memcpy(body + offsetof(struct vss_small, flags), &wire, sizeof(wire));
}

/**
 * vss_msg_step() - what a request of the host asks for
 * @body: the request's body, copied; becomes the answer's if the daemon is not needed
 * @body_bytes: its length
 * @status: the answer's status, valid if the daemon is not needed
 *
 * Lists of disks that come with a request are of no interest: all file systems are frozen.
 *
 * Context: Any.
 * Return: the step; VSS_STEP_NONE if *@status is the answer already.
 */
enum vss_step vss_msg_step(u8 *body, u32 body_bytes, u32 *status)
{
	u8 operation;

	*status = IC_STATUS_INVALID_ARG;
	if (body_bytes < sizeof(struct vss_small))
		return VSS_STEP_NONE;

	operation = body[offsetof(struct vss_header, operation)];
	if (operation >= ARRAY_SIZE(vss_operations) || !vss_operations[operation].known) {
		*status = IC_STATUS_NOT_SUPPORTED;
		return VSS_STEP_NONE;
	}

	/* no disk of the guest is mapped directly */
	if (operation == VSS_OP_DIRECT_MAPPED)
		put_flags(body, body_bytes, 0);
	*status = IC_STATUS_OK;
	return vss_operations[operation].step;
}

/**
 * vss_msg_to_daemon() - a step in the daemon's words
 * @step: any but VSS_STEP_NONE
 * @msg: where to put the message, all of it
 *
 * Context: Any.
 */
void vss_msg_to_daemon(enum vss_step step, struct vss_daemon_msg *msg)
{
	memset(msg, 0, sizeof(*msg));
	switch (step) {
	case VSS_STEP_CHECK:
		msg->operation = VSS_OP_HOT_BACKUP;
		break;
	case VSS_STEP_FREEZE:
		msg->operation = VSS_OP_FREEZE;
		break;
	case VSS_STEP_THAW:
	case VSS_STEP_NONE:
		msg->operation = VSS_OP_THAW;
		break;
	}
}

/**
 * vss_msg_from_daemon() - make a request's answer of what the daemon says
 * @msg: what the daemon wrote
 * @body: the request, judged by vss_msg_step(); becomes the body of the answer
 * @body_bytes: its length
 *
 * Context: Any.
 * Return: the answer's status, as the daemon said.
 */
u32 vss_msg_from_daemon(const struct vss_daemon_msg *msg, u8 *body, u32 body_bytes)
{
	/* after a snapshot the host would have to write to it through the guest, which cannot */
	if (body[offsetof(struct vss_header, operation)] == VSS_OP_HOT_BACKUP)
		put_flags(body, body_bytes, msg->status ? 0 : VSS_HOT_BACKUP | VSS_NO_AUTO_RECOVERY);
	return msg->status;
}
