// SPDX-License-Identifier: GPL-2.0
/*
 * File copy: the host copies files into the guest, piece by piece, and hv_fcopy_daemon writes them. Only on kernels whose
 * own hv_utils has it: on newer ones the distribution's daemon has the channel itself, by uio_hv_generic. Guest service
 * interface, version 1.1.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "daemon.h"
#include "fcopy_msg.h"
#include "ic.h"

/* Policy, and Linux's custom. */
#define FCOPY_ANSWER_SECONDS	30

/* How the daemon registers: with the generation of its messages, and gets it back */
#define FCOPY_GENERATION	1

/* Least body: a header */
#define FCOPY_BODY_MIN_BYTES	36

static_assert(sizeof(struct hv_do_fcopy) == FCOPY_MESSAGE_BYTES, "messages are what user space knows");

/**
 * struct hv_fcopy - state of one device, protected by ic->lock
 * @daemon: hv_fcopy_daemon
 * @asked: what the daemon has been asked for last
 * @copying: a file has begun
 * @message: for building a message
 */
struct hv_fcopy {
	struct hv_daemon daemon;
	enum fcopy_step asked;
	bool copying;
	u8 message[FCOPY_MESSAGE_BYTES];
};

static struct hv_fcopy *fcopy_of(struct hv_daemon *daemon)
{
	return container_of(daemon, struct hv_fcopy, daemon);
}

/* The host will not go on with the file that has begun. */
static void fcopy_cancel(struct hv_fcopy *fcopy)
{
	if (!fcopy->copying)
		return;
	fcopy->copying = false;
	fcopy->asked = FCOPY_STEP_END;
	hv_daemon_ask(&fcopy->daemon, fcopy->message, fcopy_msg_cancel(fcopy->message), FCOPY_ANSWER_SECONDS);
}

static int fcopy_welcome(const u8 *message, u8 *answer)
{
	u32 generation;

	memcpy(&generation, message, sizeof(generation));
	if (generation != FCOPY_GENERATION)
		return -EINVAL;
	memcpy(answer, &generation, sizeof(generation));
	return sizeof(generation);
}

static void fcopy_lost(struct hv_daemon *daemon)
{
	fcopy_of(daemon)->copying = false;
}

static u32 fcopy_answered(struct hv_daemon *daemon, const u8 *message, u8 *body, u32 body_bytes)
{
	struct hv_fcopy *fcopy = fcopy_of(daemon);
	s32 status;

	memcpy(&status, message, sizeof(status));
	if (fcopy->asked == FCOPY_STEP_START)
		fcopy->copying = !status;
	return status;
}

static const struct hv_daemon_service fcopy_daemon_service = {
	.node = "vmbus/hv_fcopy",
	.program = "hv_fcopy_daemon (hypervfcopyd)",
	.written_bytes = sizeof(u32),
	.longest_bytes = FCOPY_MESSAGE_BYTES,
	.welcome = fcopy_welcome,
	.answered = fcopy_answered,
	.lost = fcopy_lost,
};

static u32 fcopy_handle(struct hv_ic *ic, u8 *body, u32 body_bytes)
{
	struct hv_fcopy *fcopy = ic->state;
	u32 message_bytes, status;
	enum fcopy_step step;

	step = fcopy_msg_to_daemon(body, body_bytes, fcopy->message, &message_bytes);
	if (step == FCOPY_STEP_NONE)
		return IC_STATUS_INVALID_ARG;
	/* a piece of no file would end up in the one before */
	if (step != FCOPY_STEP_START && !fcopy->copying)
		return IC_STATUS_FAIL;

	status = hv_daemon_ask(&fcopy->daemon, fcopy->message, message_bytes, FCOPY_ANSWER_SECONDS);
	if (status == HV_IC_PENDING) {
		fcopy->asked = step;
		/* until the daemon has begun the next one, and for good when it has ended this one */
		if (step != FCOPY_STEP_WRITE)
			fcopy->copying = false;
	}
	return status;
}

static bool fcopy_may_serve(struct hv_ic *ic, u16 type)
{
	struct hv_fcopy *fcopy = ic->state;

	return hv_daemon_may_serve(&fcopy->daemon, type);
}

static void fcopy_negotiated(struct hv_ic *ic)
{
	fcopy_cancel(ic->state);
}

static void fcopy_aborted(struct hv_ic *ic)
{
	struct hv_fcopy *fcopy = ic->state;

	hv_daemon_aborted(&fcopy->daemon);
}

static int fcopy_init(struct hv_ic *ic)
{
	struct hv_fcopy *fcopy = kzalloc(sizeof(*fcopy), GFP_KERNEL);
	int ret;

	if (!fcopy)
		return -ENOMEM;
	ret = hv_daemon_init(&fcopy->daemon, ic, &fcopy_daemon_service);
	if (ret) {
		kfree(fcopy);
		return ret;
	}
	ic->state = fcopy;
	return 0;
}

static int fcopy_publish(struct hv_ic *ic)
{
	struct hv_fcopy *fcopy = ic->state;

	return hv_daemon_publish(&fcopy->daemon);
}

static void fcopy_unpublish(struct hv_ic *ic)
{
	struct hv_fcopy *fcopy = ic->state;

	hv_daemon_unpublish(&fcopy->daemon);
}

static void fcopy_quiesce(struct hv_ic *ic)
{
	struct hv_fcopy *fcopy = ic->state;

	hv_daemon_quiesce(&fcopy->daemon);
	spin_lock_bh(&ic->lock);
	fcopy_cancel(fcopy);
	spin_unlock_bh(&ic->lock);
}

static void fcopy_exit(struct hv_ic *ic)
{
	struct hv_fcopy *fcopy = ic->state;

	hv_daemon_exit(&fcopy->daemon);
	kfree(fcopy);
}

const struct hv_ic_service hv_fcopy_service = {
	.name = "FCopy",
	.type = IC_MSG_FCOPY,
	.versions = &hv_ic_fcopy_versions,
	.body_min_bytes = FCOPY_BODY_MIN_BYTES,
	.body_max_bytes = FCOPY_MESSAGE_BYTES,
	.init = fcopy_init,
	.handle = fcopy_handle,
	.may_serve = fcopy_may_serve,
	.negotiated = fcopy_negotiated,
	.aborted = fcopy_aborted,
	.publish = fcopy_publish,
	.unpublish = fcopy_unpublish,
	.quiesce = fcopy_quiesce,
	.exit = fcopy_exit,
};
