/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A service that a daemon in user space carries out: its registration, one request at a time with a time limit, and what
 * happens when it is missing, silent or dies. What the messages say is the service's.
 */
#ifndef HV_UTILS_DAEMON_H
#define HV_UTILS_DAEMON_H

#include <linux/types.h>
#include <linux/workqueue.h>

#include "ic.h"

struct hv_chardev;
struct hv_daemon;

/**
 * struct hv_daemon_service - what a service says of its daemon
 * @node: name of the device node below /dev
 * @program: the daemon, as users know it
 * @written_bytes: length of every message the daemon writes
 * @longest_bytes: of the messages it reads
 * @welcome: judge the daemon's first message and write the answer into the buffer, longest_bytes of zeros; returns the
 *	answer's length, -EINVAL for a daemon of another generation. ic->lock held
 * @answered: the daemon has answered: @message is of written_bytes; @body is the host's request, to become the answer's
 *	body, or NULL if the request was the service's own. Returns the answer's status. ic->lock held
 * @registered: optional: a daemon has registered and can be asked. ic->lock held
 * @lost: optional: the daemon is no longer there. ic->lock held
 */
struct hv_daemon_service {
	const char *node;
	const char *program;
	u32 written_bytes;
	u32 longest_bytes;
	int (*welcome)(const u8 *message, u8 *answer);
	u32 (*answered)(struct hv_daemon *daemon, const u8 *message, u8 *body, u32 body_bytes);
	void (*registered)(struct hv_daemon *daemon);
	void (*lost)(struct hv_daemon *daemon);
};

/**
 * enum hv_daemon_state - where a daemon is
 * @HV_DAEMON_ABSENT: at first, and since it closed the node or the node went; left by a registration
 * @HV_DAEMON_WELCOMED: it has registered and has yet to read the answer
 * @HV_DAEMON_READY: it can be asked; back here by its answer, a timeout or because the host starts anew
 * @HV_DAEMON_ASKED: a request waits for it to be read; left by its reading it
 * @HV_DAEMON_WORKING: it has read the request and owes the answer
 */
enum hv_daemon_state {
	HV_DAEMON_ABSENT,
	HV_DAEMON_WELCOMED,
	HV_DAEMON_READY,
	HV_DAEMON_ASKED,
	HV_DAEMON_WORKING,
};

/**
 * struct hv_daemon - the daemon of one device, part of its service's state
 * @ic: the component; its lock protects all that changes here
 * @service: constant
 * @node: the device node
 * @timeout: ends a request that nobody answers
 * @notice: says that there is no daemon, unless it comes in time
 * @state: where the daemon is
 * @deadline: jiffies at which the request is over, in the states ASKED and WORKING
 * @said_missing: the log says what to install, as there is no daemon
 * @said_generation: the same, as there is one that is too old
 */
struct hv_daemon {
	struct hv_ic *ic;
	const struct hv_daemon_service *service;
	struct hv_chardev *node;
	struct delayed_work timeout;
	struct delayed_work notice;
	enum hv_daemon_state state;
	unsigned long deadline;
	bool said_missing;
	bool said_generation;
};

int hv_daemon_init(struct hv_daemon *daemon, struct hv_ic *ic, const struct hv_daemon_service *service);
int hv_daemon_publish(struct hv_daemon *daemon);
void hv_daemon_unpublish(struct hv_daemon *daemon);
void hv_daemon_quiesce(struct hv_daemon *daemon);
void hv_daemon_exit(struct hv_daemon *daemon);
u32 hv_daemon_ask(struct hv_daemon *daemon, const void *message, u32 bytes, unsigned int seconds);
void hv_daemon_aborted(struct hv_daemon *daemon);
bool hv_daemon_may_serve(const struct hv_daemon *daemon, u16 type);
bool hv_daemon_is_registered(const struct hv_daemon *daemon);
void hv_daemon_say_missing(struct hv_daemon *daemon);

#endif /* HV_UTILS_DAEMON_H */
