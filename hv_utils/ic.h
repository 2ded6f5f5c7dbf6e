/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The IC framework as a service sees it. A service is a const description (names, versions, handler); what it
 * remembers hangs on the struct hv_ic of its device, so two devices of one class do not meet.
 */
#ifndef HV_UTILS_IC_H
#define HV_UTILS_IC_H

#include <linux/hyperv.h>
#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include "ic_msg.h"
#include "versions.h"

struct hv_ic;

/* Longest body a service takes from a request or puts into an answer: that of an IP configuration. */
#define HV_IC_BODY_MAX_BYTES	7428

/* What a handler returns when the answer comes later. No HRESULT of the protocol is this. */
#define HV_IC_PENDING		0x00000103u

/**
 * struct hv_ic_service - one integration component
 * @name: as in the log line "<name> IC version 3.0", which users look for
 * @type: type of its messages, enum ic_message_type
 * @versions: the versions of its messages it speaks
 * @body_min_bytes: a shorter body is refused before @handle sees it
 * @body_max_bytes: as much of a body as the service knows; the answer is no longer. At most HV_IC_BODY_MAX_BYTES
 * @init: make the state of a device, hv_ic->state, ready for @handle. May sleep. 0 or an errno, which fails the probe
 * @handle: serve one request: @body holds @body_bytes of it, copied, and becomes the body of the answer, so fields the
 *	guest does not set return as they came. Returns the answer's status, or HV_IC_PENDING: then hv_ic_complete() is
 *	called in the end, and @body is the service's until then. Bottom halves off, must not sleep
 * @answered: optional: the answer to a request @handle took with status 0 is on its way (or will never be, if the host
 *	has withdrawn the channel): act on it. Bottom halves off, must not sleep
 * @negotiated: optional: host and guest have agreed on versions, or failed to: the host starts anew and knows nothing of
 *	what was before. Bottom halves off, must not sleep
 * @may_serve: optional: may a message of this type (enum ic_message_type) be served now? If not, it stays in the ring with
 *	all that follow until hv_ic_poll(). Bottom halves off, must not sleep
 * @aborted: for services whose @handle returns HV_IC_PENDING: the framework has answered the pending request with an
 *	error, because the host starts anew. Bottom halves off, must not sleep
 * @ending: optional: the guest is about to power off or restart: see to it that nothing of this service is in the way.
 *	ic->lock held, bottom halves off, must not sleep
 * @publish: optional: the channel is open for the first time: make what users see of the service. 0 or an errno, which
 *	fails the probe. May sleep
 * @unpublish: undo @publish; what users have started is answered. May sleep
 * @quiesce: optional: no @handle or @answered runs or will run until the channel is opened anew, a pending request was
 *	dropped; stop the work they started and drop what is only valid while the virtual machine keeps running. May sleep
 * @exit: undo @init. May sleep
 */
struct hv_ic_service {
	const char *name;
	u16 type;
	const struct hv_ic_version_list *versions;
	u32 body_min_bytes;
	u32 body_max_bytes;
	int (*init)(struct hv_ic *ic);
	u32 (*handle)(struct hv_ic *ic, u8 *body, u32 body_bytes);
	void (*answered)(struct hv_ic *ic);
	void (*negotiated)(struct hv_ic *ic);
	bool (*may_serve)(struct hv_ic *ic, u16 type);
	void (*aborted)(struct hv_ic *ic);
	void (*ending)(struct hv_ic *ic);
	int (*publish)(struct hv_ic *ic);
	void (*unpublish)(struct hv_ic *ic);
	void (*quiesce)(struct hv_ic *ic);
	void (*exit)(struct hv_ic *ic);
};

/**
 * struct hv_ic - one integration component of this virtual machine
 * @hdev: its VMBus device
 * @service: what it is
 * @state: the service's own; constant from its init to its exit
 * @all: in the list of components whose service has something to do when the guest ends
 * @repoll: goes on where a drain had to leave off
 * @lock: serialises drains, which run from the channel's callback and from @repoll; protects all members below. The
 *	rings' locks nest inside it. Taken with bottom halves off
 * @running: the channel may be used; a callback that finds this false has come too late
 * @versions: what was negotiated last; 0 before, and while host and guest have no version in common
 * @refused: messages that were malformed or not understood
 * @unanswered: answers the ring would never take
 * @pending: a handler returned HV_IC_PENDING and hv_ic_complete() has not been called yet; nothing is served meanwhile
 * @pending_msg: headers of the pending request; its body is in @reply
 * @pending_body_bytes: length of that body
 * @reply_bytes: an answer of this length waits in @reply for room in the ring; 0: none
 * @reply_request_id: VMBus request id of that answer
 * @reply_acts: call the service's answered once that answer is out
 * @reply: the answer being built or waiting, or the pending request's body; room for HV_IC_FRAME_BYTES and the service's
 *	body_max_bytes, at least for the answer to a negotiation
 */
struct hv_ic {
	struct hv_device *hdev;
	const struct hv_ic_service *service;
	void *state;
	struct list_head all;
	struct delayed_work repoll;

	spinlock_t lock;
	bool running;
	struct hv_ic_versions versions;
	unsigned long refused;
	unsigned long unanswered;
	bool pending;
	struct hv_ic_msg pending_msg;
	u32 pending_body_bytes;
	u32 reply_bytes;
	u64 reply_request_id;
	bool reply_acts;
	u8 reply[] __aligned(8);
};

int hv_ic_probe(struct hv_device *hdev, const struct hv_ic_service *service);
void hv_ic_remove(struct hv_device *hdev);
int hv_ic_suspend(struct hv_device *hdev);
int hv_ic_resume(struct hv_device *hdev);
u8 *hv_ic_pending_body(struct hv_ic *ic, u32 *body_bytes);
void hv_ic_complete(struct hv_ic *ic, u32 status);
void hv_ic_poll(struct hv_ic *ic);
void hv_ic_announce_end(void);

/* The services, each in the file of its name. */
extern const struct hv_ic_service hv_heartbeat_service;
extern const struct hv_ic_service hv_shutdown_service;
extern const struct hv_ic_service hv_timesync_service;
extern const struct hv_ic_service hv_kvp_service;
extern const struct hv_ic_service hv_vss_service;
extern const struct hv_ic_service hv_fcopy_service;

#endif /* HV_UTILS_IC_H */
