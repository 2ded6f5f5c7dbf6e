// SPDX-License-Identifier: GPL-2.0
/*
 * The IC framework: receives the host's requests on a channel, checks them, negotiates versions, hands requests to
 * the service and sends the answers. Must not know what any service is for. Every request with a readable header is
 * answered, since the host has one request outstanding on a channel and waits for its answer.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>

#include "ic.h"

/* One ring: a header page and three pages of data, the custom on all hosts; the longest message takes 7472 bytes. */
#define IC_RING_DATA_BYTES	(3 * HV_HYP_PAGE_SIZE)
#define IC_RING_BYTES		VMBUS_RING_SIZE(IC_RING_DATA_BYTES)

/* Policy: requests served in one go before other work gets its turn; hosts send bursts of at most some dozens. */
#define IC_DRAIN_BUDGET		64

/* Policy: how often to try again when the host leaves no room for an answer. */
#define IC_REPLY_RETRY_MS	100

/* The components that want to know of the guest's end. */
static DEFINE_MUTEX(all_lock);
static LIST_HEAD(all);

static void ic_count_refused(struct hv_ic *ic, const char *why)
{
	ic->refused++;
	pr_warn_ratelimited("%s IC: refused a message of the host (%s), %lu so far\n", ic->service->name, why,
			    ic->refused);
}

/* Builds the answer to a negotiation, which the host may start anew at any time. Returns its length. */
static u32 ic_negotiate(struct hv_ic *ic, const struct hv_ic_msg *msg)
{
	const struct hv_ic_service *service = ic->service;

	switch (hv_ic_msg_negotiate(msg, &hv_ic_framework_versions, service->versions, &ic->versions)) {
	case 0:
		pr_info_ratelimited("%s IC version %u.%u\n", service->name, HV_IC_VERSION_MAJOR(ic->versions.message),
				    HV_IC_VERSION_MINOR(ic->versions.message));
		break;
	case -EOPNOTSUPP:
		pr_warn_ratelimited("%s IC: the host offers no version known here\n", service->name);
		break;
	default:
		ic_count_refused(ic, "malformed version lists");
		break;
	}
	if (service->negotiated)
		service->negotiated(ic);
	return hv_ic_msg_reply_negotiation(ic->reply, msg, &ic->versions);
}

/* Builds the answer to a request that is refused with @why. Returns its length. */
static u32 ic_refuse(struct hv_ic *ic, const struct hv_ic_msg *msg, const char *why)
{
	ic_count_refused(ic, why);
	return hv_ic_msg_reply(ic->reply, msg, &ic->versions, IC_STATUS_FAIL, 0);
}

/* Has the service handle a request and builds the answer. Returns its length, 0 if it comes later. */
static u32 ic_serve(struct hv_ic *ic, const struct hv_ic_msg *msg)
{
	const struct hv_ic_service *service = ic->service;
	u8 *body = ic->reply + HV_IC_FRAME_BYTES;
	u32 body_bytes = min(msg->body_bytes, service->body_max_bytes);
	u32 status;

	if (msg->type != service->type)
		return ic_refuse(ic, msg, "unknown type");
	if (!ic->versions.message)
		return ic_refuse(ic, msg, "no version negotiated");
	if (body_bytes < service->body_min_bytes)
		return ic_refuse(ic, msg, "too short");

	/*
	 * Hosts are used to guests that send the request back with some fields changed, so the answer has the
	 * request's length. Only bytes of the host's own message are returned, out of the copy that was checked.
	 */
	memcpy(body, msg->body, body_bytes);
	status = service->handle(ic, body, body_bytes);
	if (status == HV_IC_PENDING) {
		ic->pending = true;
		ic->pending_msg = *msg;
		ic->pending_msg.body = NULL;
		ic->pending_body_bytes = body_bytes;
		return 0;
	}
	ic->reply_acts = status == IC_STATUS_OK && service->answered;
	return hv_ic_msg_reply(ic->reply, msg, &ic->versions, status, body_bytes);
}

/*
 * Turns a packet into an answer in ic->reply, or into nothing. @desc is the bus's private copy of the packet: the host
 * cannot change it, but what it says is the host's word.
 */
static void ic_handle_packet(struct hv_ic *ic, const struct vmpacket_descriptor *desc)
{
	struct hv_ic_msg msg;

	if (desc->type != VM_PKT_DATA_INBAND) {
		ic_count_refused(ic, "unexpected packet type");
		return;
	}
	if (desc->offset8 > desc->len8 || desc->offset8 << 3 < sizeof(*desc)) {
		ic_count_refused(ic, "bad packet offsets");
		return;
	}

	switch (hv_ic_msg_parse(hv_pkt_data(desc), hv_pkt_datalen(desc), &msg)) {
	case HV_IC_SERVE:
		ic->reply_bytes = msg.type == IC_MSG_NEGOTIATE ? ic_negotiate(ic, &msg) : ic_serve(ic, &msg);
		break;
	case HV_IC_REFUSE:
		ic->reply_bytes = ic_refuse(ic, &msg, "unknown framing");
		break;
	case HV_IC_IGNORE:
		ic_count_refused(ic, "not a request");
		return;
	}
	/* of the answer that was built, or of the one that will be */
	ic->reply_request_id = desc->trans_id;
}

/* Answers the pending request with an error, since the host no longer waits for anything else. */
static void ic_abort_pending(struct hv_ic *ic)
{
	ic->pending = false;
	ic->reply_bytes = hv_ic_msg_reply(ic->reply, &ic->pending_msg, &ic->versions, IC_STATUS_FAIL, 0);
	ic->service->aborted(ic);
}

/*
 * May the packet at the head of the ring be served now? Behind a pending request all wait, as the host has one request
 * outstanding by the protocol: only a negotiation does not, with which the host starts anew.
 */
static bool ic_may_serve(struct hv_ic *ic, const struct vmpacket_descriptor *desc)
{
	struct hv_ic_msg msg;

	if (!ic->pending && !ic->service->may_serve)
		return true;
	/* what is malformed is not worth waiting for, but must not overwrite a pending request's body either */
	if (desc->type != VM_PKT_DATA_INBAND || desc->offset8 > desc->len8 || desc->offset8 << 3 < sizeof(*desc) ||
	    hv_ic_msg_parse(hv_pkt_data(desc), hv_pkt_datalen(desc), &msg) != HV_IC_SERVE)
		return !ic->pending;
	if (ic->pending && msg.type != IC_MSG_NEGOTIATE)
		return false;
	return !ic->service->may_serve || ic->service->may_serve(ic, msg.type);
}

/* Sends the waiting answer, if there is one. Returns false if it has to go on waiting. */
static bool ic_send_reply(struct hv_ic *ic)
{
	int ret;

	if (!ic->reply_bytes)
		return true;

	ret = vmbus_sendpacket(ic->hdev->channel, ic->reply, ic->reply_bytes, ic->reply_request_id, VM_PKT_DATA_INBAND,
			       0);
	if (ret == -EAGAIN)
		return false;
	if (ret) {
		ic->unanswered++;
		pr_warn_ratelimited("%s IC: cannot answer the host (error %d), %lu answers lost\n", ic->service->name,
				    ret, ic->unanswered);
	}

	ic->reply_bytes = 0;
	if (ic->reply_acts) {
		ic->reply_acts = false;
		ic->service->answered(ic);
	}
	return true;
}

/*
 * Serves what is in the ring until it is empty, @budget is used up, an answer has to wait or the head of the ring has to.
 * Returns false if there was nothing to serve from the start.
 */
static bool ic_drain_batch(struct hv_ic *ic, unsigned int *budget)
{
	struct vmbus_channel *channel = ic->hdev->channel;
	struct vmpacket_descriptor *desc;
	bool may_go_on;

	desc = hv_pkt_iter_first(channel);
	if (!desc || !ic_may_serve(ic, desc))
		return false;
	if (ic->pending) {
		ic_abort_pending(ic);
		return true;
	}

	do {
		ic_handle_packet(ic, desc);
		may_go_on = ic_send_reply(ic) && --*budget;
		desc = __hv_pkt_iter_next(channel, desc);
	} while (desc && may_go_on && !ic->pending && ic_may_serve(ic, desc));
	hv_pkt_iter_close(channel);

	/*
	 * Orders the read index just published before the look at the write index that follows. Pairs with the host's
	 * full barrier between its write index and its look at our read index: without it the host could find the
	 * ring not yet empty and keep still, while we find nothing new.
	 */
	virt_mb();
	return true;
}

/*
 * Serves the requests in the ring. The host signals only when the ring turns from empty to not empty, so nobody else
 * will come for what is left behind: then repoll does.
 */
static void ic_drain(struct hv_ic *ic)
{
	unsigned int budget = IC_DRAIN_BUDGET;

	lockdep_assert_held(&ic->lock);

	while (ic_send_reply(ic)) {
		if (!budget) {
			schedule_delayed_work(&ic->repoll, 0);
			return;
		}
		if (!ic_drain_batch(ic, &budget))
			return;
	}
	schedule_delayed_work(&ic->repoll, msecs_to_jiffies(IC_REPLY_RETRY_MS));
}

static void ic_drain_if_running(struct hv_ic *ic)
{
	spin_lock_bh(&ic->lock);
	if (ic->running)
		ic_drain(ic);
	spin_unlock_bh(&ic->lock);
}

static void ic_channel_callback(void *context)
{
	ic_drain_if_running(context);
}

static void ic_repoll(struct work_struct *work)
{
	ic_drain_if_running(container_of(to_delayed_work(work), struct hv_ic, repoll));
}

/**
 * hv_ic_pending_body() - the body of the request that waits for hv_ic_complete()
 * @ic: the component
 * @body_bytes: where to put its length
 *
 * Context: Any, with ic->lock held.
 * Return: the body, to be made the answer's in place; NULL if no request is pending (any more).
 */
u8 *hv_ic_pending_body(struct hv_ic *ic, u32 *body_bytes)
{
	lockdep_assert_held(&ic->lock);

	if (!ic->pending)
		return NULL;
	*body_bytes = ic->pending_body_bytes;
	return ic->reply + HV_IC_FRAME_BYTES;
}

/**
 * hv_ic_complete() - answer the pending request and go on with the ring
 * @ic: the component; without a pending request nothing happens
 * @status: the answer's status, IC_STATUS_* or what a daemon said
 *
 * The service must be ready for its next request: it may be handled before this returns.
 *
 * Context: Any, with ic->lock held.
 */
void hv_ic_complete(struct hv_ic *ic, u32 status)
{
	lockdep_assert_held(&ic->lock);

	if (!ic->pending)
		return;
	ic->pending = false;
	ic->reply_acts = status == IC_STATUS_OK && ic->service->answered;
	ic->reply_bytes = hv_ic_msg_reply(ic->reply, &ic->pending_msg, &ic->versions, status, ic->pending_body_bytes);
	ic_drain(ic);
}

/**
 * hv_ic_poll() - look into the ring again, because may_serve has become true
 * @ic: the component; one whose channel is closed is left alone
 *
 * Context: Any, with ic->lock held.
 */
void hv_ic_poll(struct hv_ic *ic)
{
	lockdep_assert_held(&ic->lock);

	if (ic->running)
		ic_drain(ic);
}

/**
 * hv_ic_announce_end() - tell the services that the guest is about to power off or restart
 *
 * Context: May sleep.
 */
void hv_ic_announce_end(void)
{
	struct hv_ic *ic;

	mutex_lock(&all_lock);
	list_for_each_entry(ic, &all, all) {
		spin_lock_bh(&ic->lock);
		ic->service->ending(ic);
		spin_unlock_bh(&ic->lock);
	}
	mutex_unlock(&all_lock);
}

/* The component is told of the guest's end, or no longer. */
static void ic_enlist(struct hv_ic *ic)
{
	if (!ic->service->ending)
		return;
	mutex_lock(&all_lock);
	list_add(&ic->all, &all);
	mutex_unlock(&all_lock);
}

static void ic_delist(struct hv_ic *ic)
{
	mutex_lock(&all_lock);
	list_del_init(&ic->all);
	mutex_unlock(&all_lock);
}

/*
 * From here on no request is served and the service's work has ended. The channel may still be open and call back,
 * which then does nothing.
 */
static void ic_quiesce(struct hv_ic *ic)
{
	spin_lock_bh(&ic->lock);
	ic->running = false;
	ic->versions = (struct hv_ic_versions) { };
	ic->pending = false;
	ic->reply_bytes = 0;
	ic->reply_acts = false;
	spin_unlock_bh(&ic->lock);

	cancel_delayed_work_sync(&ic->repoll);
	if (ic->service->quiesce)
		ic->service->quiesce(ic);
}

static int ic_open(struct hv_ic *ic)
{
	struct vmbus_channel *channel = ic->hdev->channel;
	int ret;

	/*
	 * The bus would unmask the channel and call again at once as long as packets are left, so with an answer
	 * waiting for room it would spin: direct mode leaves it to ic_drain() when to look again.
	 */
	set_channel_read_mode(channel, HV_CALL_DIRECT);
	/* No packet that fits the ring is cut short, whatever the host sends: its length is needed to get past it. */
	channel->max_pkt_size = IC_RING_DATA_BYTES;

	/* The host may call from the moment it learns of the ring, before vmbus_open() returns. */
	spin_lock_bh(&ic->lock);
	ic->running = true;
	spin_unlock_bh(&ic->lock);

	ret = vmbus_open(channel, IC_RING_BYTES, IC_RING_BYTES, NULL, 0, ic_channel_callback, ic);
	if (ret) {
		ic_quiesce(ic);
		pr_err("%s IC: cannot open its channel (error %d)\n", ic->service->name, ret);
	}
	return ret;
}

/**
 * hv_ic_probe() - start a service on a device
 * @hdev: the device; its driver data is the framework's until hv_ic_remove()
 * @service: what to run on it
 *
 * Context: May sleep. The host may send requests before this returns.
 * Return: 0; -ENOMEM; an errno of the service's init; an errno of vmbus_open(), -ENODEV if the host has withdrawn the
 * device.
 */
int hv_ic_probe(struct hv_device *hdev, const struct hv_ic_service *service)
{
	u32 reply_bytes = max(HV_IC_FRAME_BYTES + service->body_max_bytes, HV_IC_NEGOTIATION_REPLY_BYTES);
	struct hv_ic *ic;
	int ret;

	if (WARN_ON_ONCE(service->body_max_bytes > HV_IC_BODY_MAX_BYTES))
		return -EINVAL;

	ic = kzalloc(struct_size(ic, reply, reply_bytes), GFP_KERNEL);
	if (!ic)
		return -ENOMEM;
	ic->hdev = hdev;
	ic->service = service;
	spin_lock_init(&ic->lock);
	INIT_LIST_HEAD(&ic->all);
	INIT_DELAYED_WORK(&ic->repoll, ic_repoll);

	if (service->init) {
		ret = service->init(ic);
		if (ret)
			goto free_ic;
	}
	hv_set_drvdata(hdev, ic);

	ret = ic_open(ic);
	if (ret)
		goto exit_service;
	if (service->publish) {
		ret = service->publish(ic);
		if (ret)
			goto close;
	}
	ic_enlist(ic);
	return 0;

close:
	ic_quiesce(ic);
	vmbus_close(hdev->channel);
exit_service:
	hv_set_drvdata(hdev, NULL);
	if (service->exit)
		service->exit(ic);
free_ic:
	kfree(ic);
	return ret;
}

/**
 * hv_ic_remove() - end a service, because the host withdrew the device or the driver goes
 * @hdev: a device hv_ic_probe() succeeded on
 *
 * Context: May sleep. When this returns nothing of the service runs any more.
 */
void hv_ic_remove(struct hv_device *hdev)
{
	struct hv_ic *ic = hv_get_drvdata(hdev);

	ic_delist(ic);
	if (ic->service->unpublish)
		ic->service->unpublish(ic);
	ic_quiesce(ic);
	vmbus_close(hdev->channel);
	hv_set_drvdata(hdev, NULL);
	if (ic->service->exit)
		ic->service->exit(ic);
	kfree(ic);
}

/**
 * hv_ic_suspend() - close the channel for hibernation; what users see of the service stays
 * @hdev: a device hv_ic_probe() succeeded on
 *
 * Context: May sleep.
 * Return: 0.
 */
int hv_ic_suspend(struct hv_device *hdev)
{
	struct hv_ic *ic = hv_get_drvdata(hdev);

	ic_quiesce(ic);
	vmbus_close(hdev->channel);
	return 0;
}

/**
 * hv_ic_resume() - open the channel again; the host then negotiates anew
 * @hdev: a device hv_ic_suspend() was called on
 *
 * Context: May sleep.
 * Return: 0; an errno of vmbus_open().
 */
int hv_ic_resume(struct hv_device *hdev)
{
	return ic_open(hv_get_drvdata(hdev));
}
