/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The IC framework as a service sees it. A service is a const description (names, versions, handler); what it
 * remembers hangs on the struct hv_ic of its device, so two devices of one class do not meet.
 */
#ifndef HV_UTILS_IC_H
#define HV_UTILS_IC_H

#include <linux/hyperv.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include "ic_msg.h"

struct hv_ic;

/* Longest body a service takes from a request or puts into an answer: shutdown's. */
#define HV_IC_BODY_MAX_BYTES	((u32)sizeof(struct ic_shutdown))

/**
 * struct hv_ic_service - one integration component
 * @name: as in the log line "<name> IC version 3.0", which users look for
 * @type: type of its messages, enum ic_message_type
 * @versions: the versions of its messages it speaks
 * @body_min_bytes: a shorter body is refused before @handle sees it
 * @body_max_bytes: as much of a body as the service knows; the answer is no longer. At most HV_IC_BODY_MAX_BYTES
 * @init: make the state of a device, hv_ic->state, ready for @handle. May sleep. 0 or an errno, which fails the probe
 * @handle: serve one request: @body holds @body_bytes of it, copied, and becomes the body of the answer, so fields the
 *	guest does not set return as they came. Returns the answer's status. Bottom halves off, must not sleep
 * @answered: optional: the answer to a request @handle took with status 0 is on its way (or will never be, if the host
 *	has withdrawn the channel): act on it. Bottom halves off, must not sleep
 * @quiesce: optional: no @handle or @answered runs or will run until the channel is opened anew; stop the work they
 *	started and drop what is only valid while the virtual machine keeps running. May sleep
 * @exit: undo @init. May sleep
 */
struct hv_ic_service {
	const char *name;
	u16 type;
	struct hv_ic_version_list versions;
	u32 body_min_bytes;
	u32 body_max_bytes;
	int (*init)(struct hv_ic *ic);
	u32 (*handle)(struct hv_ic *ic, u8 *body, u32 body_bytes);
	void (*answered)(struct hv_ic *ic);
	void (*quiesce)(struct hv_ic *ic);
	void (*exit)(struct hv_ic *ic);
};

/**
 * struct hv_ic - one integration component of this virtual machine
 * @hdev: its VMBus device
 * @service: what it is
 * @state: the service's own; constant from its init to its exit
 * @repoll: goes on where a drain had to leave off
 * @lock: serialises drains, which run from the channel's callback and from @repoll; protects all members below. The
 *	rings' locks nest inside it. Taken with bottom halves off
 * @running: the channel may be used; a callback that finds this false has come too late
 * @versions: what was negotiated last; 0 before, and while host and guest have no version in common
 * @refused: messages that were malformed or not understood
 * @unanswered: answers the ring would never take
 * @reply_bytes: an answer of this length waits in @reply for room in the ring; 0: none
 * @reply_request_id: VMBus request id of that answer
 * @reply_acts: call the service's answered once that answer is out
 * @reply: the answer being built or waiting
 */
struct hv_ic {
	struct hv_device *hdev;
	const struct hv_ic_service *service;
	void *state;
	struct delayed_work repoll;

	spinlock_t lock;
	bool running;
	struct hv_ic_versions versions;
	unsigned long refused;
	unsigned long unanswered;
	u32 reply_bytes;
	u64 reply_request_id;
	bool reply_acts;
	u8 reply[HV_IC_FRAME_BYTES + HV_IC_BODY_MAX_BYTES] __aligned(8);
};

int hv_ic_probe(struct hv_device *hdev, const struct hv_ic_service *service);
void hv_ic_remove(struct hv_device *hdev);
int hv_ic_suspend(struct hv_device *hdev);
int hv_ic_resume(struct hv_device *hdev);

/* The services, each in the file of its name. */
extern const struct hv_ic_service hv_heartbeat_service;
extern const struct hv_ic_service hv_shutdown_service;
extern const struct hv_ic_service hv_timesync_service;

#endif /* HV_UTILS_IC_H */
