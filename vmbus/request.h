/* SPDX-License-Identifier: GPL-2.0 */
/* Posts a channel message and waits for the message that answers it. */
#ifndef VMBUS_REQUEST_H
#define VMBUS_REQUEST_H

#include "internal.h"

#define VMBUS_REPLY_MAX_BYTES	sizeof(struct vmbus_msg_version_response_v6)

struct vmbus_pairing;

/* One request that waits; on the stack of the waiter. */
struct vmbus_request {
	struct list_head entry;			/* vmbus_conn.requests, under request_lock */
	const struct vmbus_pairing *pairing;
	struct vmbus_chan *chan;		/* NULL: about the connection */
	u32 relid;
	u32 id;
	struct completion done;
	int error;
	u32 reply_bytes;
	u8 reply[VMBUS_REPLY_MAX_BYTES] __aligned(8);
};

unsigned int vmbus_answer_ms(void);
int vmbus_post(const void *message, u32 bytes, bool may_sleep);
int vmbus_request_begin(struct vmbus_request *request, struct vmbus_chan *chan, const void *message, u32 bytes);
int vmbus_request_wait(struct vmbus_request *request, unsigned int timeout_ms);
void vmbus_request_cancel(struct vmbus_request *request);
int vmbus_request_call(struct vmbus_request *request, struct vmbus_chan *chan, const void *message, u32 bytes,
		       unsigned int timeout_ms);
bool vmbus_request_answer(const void *message, u32 bytes);
void vmbus_request_abort(struct vmbus_chan *chan);

#endif
