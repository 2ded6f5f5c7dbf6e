// SPDX-License-Identifier: GPL-2.0
/*
 * Key-value pairs: the host sets, reads and lists them and configures the guest's addresses, hv_kvp_daemon does it. KVP IC,
 * versions 1.0 to 5.0.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "daemon.h"
#include "ic.h"
#include "kvp_msg.h"

/* What hv_kvp_daemon tells the host as IntegrationServicesVersion */
#define KVP_SERVICES_VERSION	"3.1"

/* Policy, and Linux's custom: hosts wait longer than that for an answer. */
#define KVP_ANSWER_SECONDS	30

/*
 * Policy: a host that fails a replica over orders the addresses right after negotiation, once. So the negotiation waits
 * for the daemon of a guest that is booting, shorter than hosts wait for the answer (about 75 s).
 */
#define KVP_NEGOTIATION_SECONDS	55

static_assert(sizeof(struct hv_kvp_msg) == KVP_DAEMON_BYTES, "struct kvp_daemon_msg is what user space knows");

/**
 * struct hv_kvp - state of one device
 * @daemon: hv_kvp_daemon
 * @patience: ends the wait for a daemon
 * @waiting: a negotiation waits for the daemon; protected by ic->lock
 * @waited: it has waited long enough; protected by ic->lock
 * @message: for building a message; protected by ic->lock
 */
struct hv_kvp {
	struct hv_daemon daemon;
	struct delayed_work patience;
	bool waiting;
	bool waited;
	struct kvp_daemon_msg message;
};

static int kvp_welcome(const u8 *message, u8 *answer)
{
	struct kvp_daemon_msg *welcome = (struct kvp_daemon_msg *)answer;

	if (message[offsetof(struct kvp_daemon_msg, operation)] != KVP_OP_REGISTER1)
		return -EINVAL;
	welcome->operation = KVP_OP_REGISTER1;
	memcpy(welcome->version, KVP_SERVICES_VERSION, sizeof(KVP_SERVICES_VERSION));
	return sizeof(*welcome);
}

static u32 kvp_answered(struct hv_daemon *daemon, const u8 *message, u8 *body, u32 body_bytes)
{
	/* an allocation of its own, aligned for anything */
	return body ? kvp_msg_from_daemon((const struct kvp_daemon_msg *)message, daemon->ic->versions.message,
					  body) : IC_STATUS_FAIL;
}

static const struct hv_daemon_service kvp_daemon_service = {
	.node = "vmbus/hv_kvp",
	.program = "hv_kvp_daemon (hypervkvpd)",
	.written_bytes = sizeof(struct kvp_daemon_msg),
	.longest_bytes = sizeof(struct kvp_daemon_msg),
	.welcome = kvp_welcome,
	.answered = kvp_answered,
};

static bool kvp_may_serve(struct hv_ic *ic, u16 type)
{
	struct hv_kvp *kvp = ic->state;

	if (type != IC_MSG_NEGOTIATE || kvp->waited || hv_daemon_is_registered(&kvp->daemon))
		return hv_daemon_may_serve(&kvp->daemon, type);
	if (!kvp->waiting) {
		kvp->waiting = true;
		schedule_delayed_work(&kvp->patience, KVP_NEGOTIATION_SECONDS * HZ);
	}
	return false;
}

static void kvp_patience_work(struct work_struct *work)
{
	struct hv_kvp *kvp = container_of(to_delayed_work(work), struct hv_kvp, patience);
	struct hv_ic *ic = kvp->daemon.ic;

	spin_lock_bh(&ic->lock);
	kvp->waited = true;
	if (!hv_daemon_is_registered(&kvp->daemon))
		hv_daemon_say_missing(&kvp->daemon);
	hv_ic_poll(ic);
	spin_unlock_bh(&ic->lock);
}

static u32 kvp_handle(struct hv_ic *ic, u8 *body, u32 body_bytes)
{
	struct hv_kvp *kvp = ic->state;
	u32 status = kvp_msg_to_daemon(body, body_bytes, ic->versions.message, &kvp->message);

	if (status != IC_STATUS_OK)
		return status;
	return hv_daemon_ask(&kvp->daemon, &kvp->message, sizeof(kvp->message), KVP_ANSWER_SECONDS);
}

static void kvp_aborted(struct hv_ic *ic)
{
	struct hv_kvp *kvp = ic->state;

	hv_daemon_aborted(&kvp->daemon);
}

static int kvp_init(struct hv_ic *ic)
{
	struct hv_kvp *kvp = kzalloc(sizeof(*kvp), GFP_KERNEL);
	int ret;

	if (!kvp)
		return -ENOMEM;
	INIT_DELAYED_WORK(&kvp->patience, kvp_patience_work);
	ret = hv_daemon_init(&kvp->daemon, ic, &kvp_daemon_service);
	if (ret) {
		kfree(kvp);
		return ret;
	}
	ic->state = kvp;
	return 0;
}

static int kvp_publish(struct hv_ic *ic)
{
	struct hv_kvp *kvp = ic->state;

	return hv_daemon_publish(&kvp->daemon);
}

static void kvp_unpublish(struct hv_ic *ic)
{
	struct hv_kvp *kvp = ic->state;

	hv_daemon_unpublish(&kvp->daemon);
}

static void kvp_quiesce(struct hv_ic *ic)
{
	struct hv_kvp *kvp = ic->state;

	cancel_delayed_work_sync(&kvp->patience);
	kvp->waiting = false;
	hv_daemon_quiesce(&kvp->daemon);
}

static void kvp_exit(struct hv_ic *ic)
{
	struct hv_kvp *kvp = ic->state;

	hv_daemon_exit(&kvp->daemon);
	kfree(kvp);
}

const struct hv_ic_service hv_kvp_service = {
	.name = "KVP",
	.type = IC_MSG_KVP,
	.versions = &hv_ic_kvp_versions,
	.body_min_bytes = 2,
	.body_max_bytes = HV_IC_BODY_MAX_BYTES,
	.init = kvp_init,
	.handle = kvp_handle,
	.may_serve = kvp_may_serve,
	.aborted = kvp_aborted,
	.publish = kvp_publish,
	.unpublish = kvp_unpublish,
	.quiesce = kvp_quiesce,
	.exit = kvp_exit,
};
