/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Volume snapshots: which of the host's requests need hv_vss_daemon, and its messages. Pure: bytes in, bytes out.
 */
#ifndef HV_UTILS_VSS_MSG_H
#define HV_UTILS_VSS_MSG_H

#include <linux/build_bug.h>
#include <linux/types.h>

/* What user space knows as struct hv_vss_msg of <linux/hyperv.h> */
struct vss_daemon_msg {
	union {
		struct {
			u8 operation;
			u8 reserved[7];
		};
		s32 status;	/* in what the daemon writes */
	};
	u32 flags;
};
static_assert(sizeof(struct vss_daemon_msg) == 12, "hv_vss_daemon writes and reads this many bytes");

/**
 * enum vss_step - what a request is to the service
 * @VSS_STEP_NONE: answered without the daemon
 * @VSS_STEP_CHECK: can the file systems be frozen?
 * @VSS_STEP_FREEZE: freeze them
 * @VSS_STEP_THAW: thaw them
 */
enum vss_step {
	VSS_STEP_NONE,
	VSS_STEP_CHECK,
	VSS_STEP_FREEZE,
	VSS_STEP_THAW,
};

enum vss_step vss_msg_step(u8 *body, u32 body_bytes, u32 *status);
void vss_msg_to_daemon(enum vss_step step, struct vss_daemon_msg *msg);
u32 vss_msg_from_daemon(const struct vss_daemon_msg *msg, u8 *body, u32 body_bytes);

#endif /* HV_UTILS_VSS_MSG_H */
