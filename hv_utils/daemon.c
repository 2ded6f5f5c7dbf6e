// SPDX-License-Identifier: GPL-2.0
/*
 * Requests that a daemon in user space answers: one at a time, each ends in bounded time whatever the daemon does. Must not
 * know what is asked. A daemon whose answer comes too late is told so, by an error of its write, on which the
 * distributions' daemons undo what they have begun and register anew.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "chardev.h"
#include "daemon.h"

/* Where the daemons are: the distributions' names of the package */
#define DAEMONS_PACKAGE		"hyperv-daemons (SUSE: hyper-v, Ubuntu: linux-cloud-tools-virtual)"

/* Policy: a daemon that was missed less than this ago is taken to be starting. */
#define DAEMON_GRACE_SECONDS	15

static bool daemon_is_asked(const struct hv_daemon *daemon)
{
	return daemon->state == HV_DAEMON_ASKED || daemon->state == HV_DAEMON_WORKING;
}

/**
 * hv_daemon_is_registered() - can the daemon be asked, now or after what it is doing?
 * @daemon: the daemon
 *
 * Context: Any, with ic->lock held.
 */
bool hv_daemon_is_registered(const struct hv_daemon *daemon)
{
	lockdep_assert_held(&daemon->ic->lock);
	return daemon->state >= HV_DAEMON_READY;
}

/**
 * hv_daemon_say_missing() - a request is refused because the daemon is not there: have the log say, once, how to get it
 * @daemon: the daemon that is not there
 *
 * Nothing is said about one that registers soon: it was starting, or being restarted.
 *
 * Context: Any, with ic->lock held.
 */
void hv_daemon_say_missing(struct hv_daemon *daemon)
{
	lockdep_assert_held(&daemon->ic->lock);
	if (!daemon->said_missing)
		schedule_delayed_work(&daemon->notice, DAEMON_GRACE_SECONDS * HZ);
}

static void daemon_notice_work(struct work_struct *work)
{
	struct hv_daemon *daemon = container_of(to_delayed_work(work), struct hv_daemon, notice);

	spin_lock_bh(&daemon->ic->lock);
	/* it may have come since the timer fired */
	if (daemon->state == HV_DAEMON_ABSENT && !daemon->said_missing) {
		daemon->said_missing = true;
		pr_notice("%s IC: %s is not running, requests of the host are refused: install the package " DAEMONS_PACKAGE " and start its service\n",
			  daemon->ic->service->name, daemon->service->program);
	}
	spin_unlock_bh(&daemon->ic->lock);
}

/*
 * The request has ended without the daemon. One that is at work does not know it yet: it has to come back and register.
 */
static void daemon_give_up(struct hv_daemon *daemon, enum hv_daemon_state state)
{
	/* the work may be waiting for the lock already: it looks at the state and the deadline */
	cancel_delayed_work(&daemon->timeout);
	hv_chardev_drop(daemon->node);
	daemon->state = state;
}

static int daemon_welcome(struct hv_daemon *daemon, const u8 *message)
{
	u8 *answer = kzalloc(daemon->service->longest_bytes, GFP_ATOMIC);
	int bytes;

	if (!answer)
		return -ENOMEM;
	bytes = daemon->service->welcome(message, answer);
	if (bytes > 0 && !hv_chardev_queue(daemon->node, answer, bytes))
		daemon->state = HV_DAEMON_WELCOMED;
	kfree(answer);
	if (bytes > 0)
		return 0;

	if (!daemon->said_generation) {
		daemon->said_generation = true;
		pr_notice("%s IC: the program that opened /dev/%s is no %s of this generation: install the package " DAEMONS_PACKAGE " of a current kernel\n",
			  daemon->ic->service->name, daemon->service->node, daemon->service->program);
	}
	return -EINVAL;
}

static void daemon_take_answer(struct hv_daemon *daemon, const u8 *message)
{
	struct hv_ic *ic = daemon->ic;
	u32 body_bytes = 0, status;
	u8 *body;

	daemon_give_up(daemon, HV_DAEMON_READY);
	body = hv_ic_pending_body(ic, &body_bytes);
	status = daemon->service->answered(daemon, message, body, body_bytes);
	if (body)
		hv_ic_complete(ic, status);
	else
		hv_ic_poll(ic);
}

static int daemon_written(void *owner, const u8 *message, u32 bytes)
{
	struct hv_daemon *daemon = owner;
	int ret = 0;

	spin_lock_bh(&daemon->ic->lock);
	switch (daemon->state) {
	case HV_DAEMON_ABSENT:
		ret = daemon_welcome(daemon, message);
		break;
	case HV_DAEMON_WORKING:
		daemon_take_answer(daemon, message);
		break;
	default:
		/* an answer nobody waits for any more, even if something else has been asked since */
		ret = -EINVAL;
		break;
	}
	spin_unlock_bh(&daemon->ic->lock);
	return ret;
}

static void daemon_was_read(void *owner)
{
	struct hv_daemon *daemon = owner;

	spin_lock_bh(&daemon->ic->lock);
	if (daemon->state == HV_DAEMON_WELCOMED) {
		daemon->state = HV_DAEMON_READY;
		cancel_delayed_work(&daemon->notice);
		if (daemon->service->registered)
			daemon->service->registered(daemon);
		hv_ic_poll(daemon->ic);
	} else if (daemon->state == HV_DAEMON_ASKED) {
		daemon->state = HV_DAEMON_WORKING;
	}
	spin_unlock_bh(&daemon->ic->lock);
}

static void daemon_leaves(struct hv_daemon *daemon)
{
	spin_lock_bh(&daemon->ic->lock);
	daemon_give_up(daemon, HV_DAEMON_ABSENT);
	if (daemon->service->lost)
		daemon->service->lost(daemon);
	hv_ic_complete(daemon->ic, IC_STATUS_FAIL);
	hv_ic_poll(daemon->ic);
	spin_unlock_bh(&daemon->ic->lock);
}

static void daemon_closed(void *owner)
{
	daemon_leaves(owner);
}

static const struct hv_chardev_ops daemon_node_ops = {
	.written = daemon_written,
	.was_read = daemon_was_read,
	.closed = daemon_closed,
};

static void daemon_timeout_work(struct work_struct *work)
{
	struct hv_daemon *daemon = container_of(to_delayed_work(work), struct hv_daemon, timeout);

	spin_lock_bh(&daemon->ic->lock);
	/* the request may have been answered, and another one made, since the timer fired */
	if (daemon_is_asked(daemon) && time_after_eq(jiffies, daemon->deadline)) {
		pr_warn_ratelimited("%s IC: %s does not answer\n", daemon->ic->service->name,
				    daemon->service->program);
		daemon_give_up(daemon, HV_DAEMON_READY);
		hv_ic_complete(daemon->ic, IC_STATUS_FAIL);
		hv_ic_poll(daemon->ic);
	}
	spin_unlock_bh(&daemon->ic->lock);
}

/**
 * hv_daemon_ask() - have the daemon carry out a request
 * @daemon: the daemon
 * @message: copied; the daemon's answer goes to the service's answered
 * @bytes: its length, at most longest_bytes of the service
 * @seconds: how long the daemon may take
 *
 * Context: Any, with ic->lock held.
 * Return: HV_IC_PENDING, what a handler then returns; IC_STATUS_FAIL there is no daemon, or it has a request of the
 * service's own.
 */
u32 hv_daemon_ask(struct hv_daemon *daemon, const void *message, u32 bytes, unsigned int seconds)
{
	lockdep_assert_held(&daemon->ic->lock);

	if (daemon->state == HV_DAEMON_ABSENT)
		hv_daemon_say_missing(daemon);
	if (daemon->state != HV_DAEMON_READY || hv_chardev_queue(daemon->node, message, bytes))
		return IC_STATUS_FAIL;

	daemon->state = HV_DAEMON_ASKED;
	daemon->deadline = jiffies + seconds * HZ;
	mod_delayed_work(system_wq, &daemon->timeout, seconds * HZ);
	return HV_IC_PENDING;
}

/**
 * hv_daemon_aborted() - the framework has answered the pending request: the daemon's answer is of no use
 * @daemon: the daemon
 *
 * Context: Any, with ic->lock held.
 */
void hv_daemon_aborted(struct hv_daemon *daemon)
{
	lockdep_assert_held(&daemon->ic->lock);
	if (daemon_is_asked(daemon))
		daemon_give_up(daemon, HV_DAEMON_READY);
}

/**
 * hv_daemon_may_serve() - is the daemon free for a message of the host?
 * @daemon: the daemon
 * @type: of the message, enum ic_message_type
 *
 * Context: Any, with ic->lock held.
 * Return: false while the daemon has a request of the service's own, unless the message does not need it.
 */
bool hv_daemon_may_serve(const struct hv_daemon *daemon, u16 type)
{
	lockdep_assert_held(&daemon->ic->lock);
	return type == IC_MSG_NEGOTIATE || !daemon_is_asked(daemon);
}

/**
 * hv_daemon_init() - prepare for a daemon
 * @daemon: zeros
 * @ic: the component
 * @service: what it is for
 *
 * Context: May sleep.
 * Return: 0; -ENOMEM.
 */
int hv_daemon_init(struct hv_daemon *daemon, struct hv_ic *ic, const struct hv_daemon_service *service)
{
	daemon->ic = ic;
	daemon->service = service;
	INIT_DELAYED_WORK(&daemon->timeout, daemon_timeout_work);
	INIT_DELAYED_WORK(&daemon->notice, daemon_notice_work);
	daemon->node = hv_chardev_create(service->node, service->written_bytes, service->longest_bytes,
					 &daemon_node_ops, daemon);
	return daemon->node ? 0 : -ENOMEM;
}

/**
 * hv_daemon_publish() - let the device node appear: the channel is open
 * @daemon: the daemon
 *
 * Context: May sleep.
 * Return: 0; -EEXIST another device of this class has the node; an errno of misc_register().
 */
int hv_daemon_publish(struct hv_daemon *daemon)
{
	int ret = hv_chardev_publish(daemon->node);

	if (ret)
		pr_err("%s IC: no device node /dev/%s (error %d)\n", daemon->ic->service->name, daemon->service->node,
		       ret);
	return ret;
}

/**
 * hv_daemon_unpublish() - let the node disappear and answer what is pending
 * @daemon: the daemon
 *
 * Context: May sleep. The daemon is not heard any more once this returns; its file may stay open.
 */
void hv_daemon_unpublish(struct hv_daemon *daemon)
{
	hv_chardev_withdraw(daemon->node);
	daemon_leaves(daemon);
}

/**
 * hv_daemon_quiesce() - forget the request under way, as the framework has
 * @daemon: the daemon; it stays registered
 *
 * Context: May sleep.
 */
void hv_daemon_quiesce(struct hv_daemon *daemon)
{
	cancel_delayed_work_sync(&daemon->notice);
	cancel_delayed_work_sync(&daemon->timeout);
	spin_lock_bh(&daemon->ic->lock);
	hv_daemon_aborted(daemon);
	spin_unlock_bh(&daemon->ic->lock);
}

/**
 * hv_daemon_exit() - undo hv_daemon_init()
 * @daemon: the daemon, unpublished or never published
 *
 * Context: May sleep.
 */
void hv_daemon_exit(struct hv_daemon *daemon)
{
	cancel_delayed_work_sync(&daemon->notice);
	cancel_delayed_work_sync(&daemon->timeout);
	hv_chardev_put(daemon->node);
}
