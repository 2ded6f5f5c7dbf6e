/* SPDX-License-Identifier: GPL-2.0 */
/*
 * File copy: the host's requests in the words of hv_fcopy_daemon. Pure: bytes in, bytes out.
 */
#ifndef HV_UTILS_FCOPY_MSG_H
#define HV_UTILS_FCOPY_MSG_H

#include <linux/types.h>

/* Longest message the daemon reads, and longest body of the host: a piece of a file */
#define FCOPY_MESSAGE_BYTES	6196

/**
 * enum fcopy_step - what a request is to the service
 * @FCOPY_STEP_NONE: refused
 * @FCOPY_STEP_START: a file begins
 * @FCOPY_STEP_WRITE: a piece of it
 * @FCOPY_STEP_END: it is complete, or to be removed
 */
enum fcopy_step {
	FCOPY_STEP_NONE,
	FCOPY_STEP_START,
	FCOPY_STEP_WRITE,
	FCOPY_STEP_END,
};

enum fcopy_step fcopy_msg_to_daemon(const u8 *body, u32 body_bytes, u8 message[FCOPY_MESSAGE_BYTES],
				    u32 *message_bytes);
u32 fcopy_msg_cancel(u8 message[FCOPY_MESSAGE_BYTES]);

#endif /* HV_UTILS_FCOPY_MSG_H */
