// SPDX-License-Identifier: GPL-2.0
/*
 * Volume snapshots: hv_vss_daemon freezes the file systems while the host takes a snapshot of the disks. Whatever goes
 * wrong on the way, the file systems end up thawed, and the host learns that its snapshot is not consistent. VSS IC,
 * version 5.0.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/wait.h>

#include "daemon.h"
#include "ic.h"
#include "vss_msg.h"

/* Policy, and Linux's custom: writing back what is dirty may take long, the rest may not. */
#define VSS_FREEZE_SECONDS	900
#define VSS_ANSWER_SECONDS	30

/* Policy: when to try again to thaw what could not be thawed. */
#define VSS_THAW_AGAIN_SECONDS	60

/* Policy: how long the end of the device waits for what is frozen to be thawed; afterwards nobody could have it thawed. */
#define VSS_LAST_THAW_SECONDS	5

/* Longest message: a freeze, which names disks. */
#define VSS_BODY_MAX_BYTES	6260

static unsigned int vss_thaw_after = 900;
module_param(vss_thaw_after, uint, 0644);
MODULE_PARM_DESC(vss_thaw_after,
		 "Thaw the file systems when the host has not done it so many seconds after they were frozen (0: never)");

static_assert(sizeof(struct hv_vss_msg) == sizeof(struct vss_daemon_msg), "struct vss_daemon_msg is what user space knows");

/**
 * struct hv_vss - state of one device; all but the work and the queue is protected by ic->lock
 * @daemon: hv_vss_daemon
 * @thaw: thaws when the host does not
 * @thawed: woken when @maybe_frozen turns false, which the one who waits there reads without the lock
 * @asked: the step the daemon has been asked for last
 * @maybe_frozen: a daemon has been asked to freeze, and none has said since that nothing is frozen
 * @frozen: the host was told that the file systems are frozen, and they were not thawed since
 * @unwanted: the freeze under way must not last
 * @lost: the file systems were, or may have been, thawed without the host's order: its next thaw fails
 */
struct hv_vss {
	struct hv_daemon daemon;
	struct delayed_work thaw;
	wait_queue_head_t thawed;
	enum vss_step asked;
	bool maybe_frozen;
	bool frozen;
	bool unwanted;
	bool lost;
};

static struct hv_vss *vss_of(struct hv_daemon *daemon)
{
	return container_of(daemon, struct hv_vss, daemon);
}

static u32 vss_ask(struct hv_vss *vss, enum vss_step step)
{
	struct vss_daemon_msg msg;
	u32 status;

	vss_msg_to_daemon(step, &msg);
	status = hv_daemon_ask(&vss->daemon, &msg, sizeof(msg),
			       step == VSS_STEP_FREEZE ? VSS_FREEZE_SECONDS : VSS_ANSWER_SECONDS);
	if (status == HV_IC_PENDING) {
		vss->asked = step;
		if (step == VSS_STEP_FREEZE) {
			vss->maybe_frozen = true;
			vss->unwanted = false;
		}
	}
	return status;
}

/* Thaws without the host's order, now and, as long as it does not work, later. */
static void vss_thaw_unasked(struct hv_vss *vss)
{
	if (!vss->maybe_frozen)
		return;
	if (vss->frozen)
		vss->lost = true;
	else
		vss->unwanted = true;
	if (hv_daemon_is_registered(&vss->daemon))
		vss_ask(vss, VSS_STEP_THAW);
	mod_delayed_work(system_wq, &vss->thaw, VSS_THAW_AGAIN_SECONDS * HZ);
}

static void vss_thaw_work(struct work_struct *work)
{
	struct hv_vss *vss = container_of(to_delayed_work(work), struct hv_vss, thaw);
	struct hv_ic *ic = vss->daemon.ic;

	spin_lock_bh(&ic->lock);
	if (vss->frozen && !vss->lost)
		pr_warn("VSS IC: the host has not thawed the file systems: thawing them\n");
	vss_thaw_unasked(vss);
	spin_unlock_bh(&ic->lock);
}

static int vss_welcome(const u8 *message, u8 *answer)
{
	u32 generation = VSS_OP_REGISTER1;

	if (message[0] != VSS_OP_REGISTER1)
		return -EINVAL;
	memcpy(answer, &generation, sizeof(generation));
	return sizeof(generation);
}

/* A daemon that died has left behind what it froze. */
static void vss_registered(struct hv_daemon *daemon)
{
	vss_thaw_unasked(vss_of(daemon));
}

static void vss_lost(struct hv_daemon *daemon)
{
	struct hv_vss *vss = vss_of(daemon);

	if (!vss->frozen)
		return;
	vss->lost = true;
	pr_warn("VSS IC: hv_vss_daemon has gone while the file systems are frozen: they are thawed when it is started again\n");
}

static u32 vss_answered(struct hv_daemon *daemon, const u8 *message, u8 *body, u32 body_bytes)
{
	struct hv_vss *vss = vss_of(daemon);
	struct vss_daemon_msg msg;

	memcpy(&msg, message, sizeof(msg));
	switch (vss->asked) {
	case VSS_STEP_FREEZE:
		/* a daemon that cannot freeze all has thawed what it froze */
		vss->maybe_frozen = !msg.status;
		if (vss->maybe_frozen && vss->unwanted) {
			vss_thaw_unasked(vss);
			return IC_STATUS_FAIL;
		}
		vss->frozen = vss->maybe_frozen;
		if (vss->frozen && READ_ONCE(vss_thaw_after))
			mod_delayed_work(system_wq, &vss->thaw, READ_ONCE(vss_thaw_after) * HZ);
		break;
	case VSS_STEP_THAW:
		if (msg.status)
			break;
		vss->frozen = false;
		WRITE_ONCE(vss->maybe_frozen, false);
		wake_up(&vss->thawed);
		if (body)
			vss->lost = false;
		cancel_delayed_work(&vss->thaw);
		break;
	default:
		break;
	}
	return body ? vss_msg_from_daemon(&msg, body, body_bytes) : IC_STATUS_OK;
}

static const struct hv_daemon_service vss_daemon_service = {
	.node = "vmbus/hv_vss",
	.program = "hv_vss_daemon (hypervvssd)",
	.written_bytes = sizeof(struct vss_daemon_msg),
	.longest_bytes = sizeof(struct vss_daemon_msg),
	.welcome = vss_welcome,
	.answered = vss_answered,
	.registered = vss_registered,
	.lost = vss_lost,
};

static u32 vss_handle(struct hv_ic *ic, u8 *body, u32 body_bytes)
{
	struct hv_vss *vss = ic->state;
	enum vss_step step;
	u32 status;

	step = vss_msg_step(body, body_bytes, &status);
	switch (step) {
	case VSS_STEP_NONE:
		return status;
	case VSS_STEP_FREEZE:
		vss->lost = false;
		break;
	case VSS_STEP_THAW:
		/* what was written to the disks since the freeze may be in the host's snapshot */
		if (vss->lost) {
			vss->frozen = false;
			vss->lost = false;
			vss_thaw_unasked(vss);
			return IC_STATUS_FAIL;
		}
		break;
	case VSS_STEP_CHECK:
		break;
	}
	return vss_ask(vss, step);
}

static bool vss_may_serve(struct hv_ic *ic, u16 type)
{
	struct hv_vss *vss = ic->state;

	return hv_daemon_may_serve(&vss->daemon, type);
}

/* A host that starts anew, or the copy of this machine that was made of its snapshot, will not thaw. */
static void vss_negotiated(struct hv_ic *ic)
{
	struct hv_vss *vss = ic->state;

	vss_thaw_unasked(vss);
}

static void vss_ending(struct hv_ic *ic)
{
	vss_thaw_unasked(ic->state);
}

static void vss_aborted(struct hv_ic *ic)
{
	struct hv_vss *vss = ic->state;

	hv_daemon_aborted(&vss->daemon);
}

static int vss_init(struct hv_ic *ic)
{
	struct hv_vss *vss = kzalloc(sizeof(*vss), GFP_KERNEL);
	int ret;

	if (!vss)
		return -ENOMEM;
	INIT_DELAYED_WORK(&vss->thaw, vss_thaw_work);
	init_waitqueue_head(&vss->thawed);
	ret = hv_daemon_init(&vss->daemon, ic, &vss_daemon_service);
	if (ret) {
		kfree(vss);
		return ret;
	}
	ic->state = vss;
	return 0;
}

static int vss_publish(struct hv_ic *ic)
{
	struct hv_vss *vss = ic->state;

	return hv_daemon_publish(&vss->daemon);
}

/* A daemon that finds its node gone ends, and leaves behind what it froze. */
static void vss_unpublish(struct hv_ic *ic)
{
	struct hv_vss *vss = ic->state;
	bool thawing;

	spin_lock_bh(&ic->lock);
	vss_thaw_unasked(vss);
	thawing = vss->maybe_frozen && hv_daemon_is_registered(&vss->daemon);
	spin_unlock_bh(&ic->lock);
	if (thawing && !wait_event_timeout(vss->thawed, !READ_ONCE(vss->maybe_frozen), VSS_LAST_THAW_SECONDS * HZ))
		pr_warn("VSS IC: the service ends while file systems are frozen: thaw them with fsfreeze -u\n");

	hv_daemon_unpublish(&vss->daemon);
}

/* Before hibernation too: the daemon finds the order to thaw when user space goes on. */
static void vss_quiesce(struct hv_ic *ic)
{
	struct hv_vss *vss = ic->state;

	cancel_delayed_work_sync(&vss->thaw);
	hv_daemon_quiesce(&vss->daemon);
	spin_lock_bh(&ic->lock);
	if (hv_daemon_is_registered(&vss->daemon))
		vss_thaw_unasked(vss);
	spin_unlock_bh(&ic->lock);
}

static void vss_exit(struct hv_ic *ic)
{
	struct hv_vss *vss = ic->state;

	cancel_delayed_work_sync(&vss->thaw);
	hv_daemon_exit(&vss->daemon);
	kfree(vss);
}

const struct hv_ic_service hv_vss_service = {
	.name = "VSS",
	.type = IC_MSG_VSS,
	.versions = &hv_ic_vss_versions,
	.body_min_bytes = sizeof(struct vss_daemon_msg),
	.body_max_bytes = VSS_BODY_MAX_BYTES,
	.init = vss_init,
	.handle = vss_handle,
	.may_serve = vss_may_serve,
	.negotiated = vss_negotiated,
	.aborted = vss_aborted,
	.ending = vss_ending,
	.publish = vss_publish,
	.unpublish = vss_unpublish,
	.quiesce = vss_quiesce,
	.exit = vss_exit,
};
