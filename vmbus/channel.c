// SPDX-License-Identifier: GPL-2.0
/*
 * One channel's life: rings, open, close, callback, target CPU, as one state machine (enum vmbus_channel_phase). Knows
 * no offer and no device. VMBus control messages, OPEN, OPEN_RESULT, CLOSE, MODIFY_CHANNEL.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/align.h>
#include <linux/bitmap.h>
#include <linux/cpu.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/gfp.h>
#include <linux/kobject.h>
#include <linux/mm.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "channel.h"
#include "gpadl.h"
#include "latency.h"
#include "packet.h"
#include "placement.h"
#include "platform.h"
#include "request.h"
#include "state.h"
#include "trace.h"

/*
 * The channel's tasklet: the driver's callback, then, in batched mode, the look whether the host put something behind
 * it. What came meanwhile is for the next run, so that other channels of this CPU have their turn.
 */
static void channel_tasklet(unsigned long data)
{
	struct vmbus_channel *channel = (struct vmbus_channel *)data;
	struct vmbus_chan *chan = to_chan(channel);
	void (*callback)(void *context) = READ_ONCE(channel->onchannel_callback);

	/* Not reset while we are here: vmbus_channel_quiesce() waits for the tasklet. */
	if (!callback)
		return;
	vmbus_latency_callback(chan);
	trace_vmbus_on_event(chan->relid);
	callback(channel->channel_callback_context);
	if (channel->callback_mode != HV_CALL_BATCHED)
		return;
	if (vmbus_ring_in_unmask(&chan->in)) {
		vmbus_ring_in_mask(&chan->in);
		tasklet_schedule(&channel->callback_event);
	}
}

/**
 * vmbus_channel_init() - make the parts of a zeroed channel usable that open and close rely upon
 * @chan: the channel
 */
void vmbus_channel_init(struct vmbus_chan *chan)
{
	struct vmbus_channel *channel = &chan->channel;

	mutex_init(&chan->open_lock);
	chan->phase = VMBUS_CHANNEL_OFFERED;
	channel->state = CHANNEL_OFFER_STATE;
	spin_lock_init(&channel->sched_lock);
	spin_lock_init(&channel->outbound.ring_lock);
	spin_lock_init(&channel->inbound.ring_lock);
	mutex_init(&channel->outbound.ring_buffer_mutex);
	mutex_init(&channel->inbound.ring_buffer_mutex);
	spin_lock_init(&channel->requestor.req_lock);
	init_completion(&channel->rescind_event);
	INIT_LIST_HEAD(&channel->sc_list);
	INIT_LIST_HEAD(&channel->listentry);
	tasklet_init(&channel->callback_event, channel_tasklet, (unsigned long)channel);
	channel->max_pkt_size = VMBUS_DEFAULT_MAX_PKT_SIZE;
}

/**
 * vmbus_reset_channel_cb() - no callback of the channel runs any more after this
 * @channel: the channel
 *
 * Context: may sleep; not from the callback.
 */
void vmbus_reset_channel_cb(struct vmbus_channel *channel)
{
	unsigned long flags;

	/* The interrupt looks at the callback and schedules the tasklet under this lock. */
	spin_lock_irqsave(&channel->sched_lock, flags);
	WRITE_ONCE(channel->onchannel_callback, NULL);
	spin_unlock_irqrestore(&channel->sched_lock, flags);
	tasklet_kill(&channel->callback_event);
}

/**
 * vmbus_channel_quiesce() - the host has taken the channel away: let the driver see what it left behind, then nothing
 * more
 * @chan: the channel
 *
 * A host completes what is outstanding before it rescinds; the driver that waits for these completions gets them.
 *
 * Context: may sleep; not from the callback.
 */
void vmbus_channel_quiesce(struct vmbus_chan *chan)
{
	struct vmbus_channel *channel = &chan->channel;
	void (*callback)(void *context);
	unsigned long flags;

	spin_lock_irqsave(&channel->sched_lock, flags);
	callback = channel->onchannel_callback;
	if (callback && channel->callback_mode != HV_CALL_ISR)
		tasklet_schedule(&channel->callback_event);
	else if (callback)
		callback(channel->channel_callback_context);
	spin_unlock_irqrestore(&channel->sched_lock, flags);
	tasklet_kill(&channel->callback_event);
	vmbus_reset_channel_cb(channel);
}

/**
 * vmbus_alloc_ring() - allocate the memory of both rings
 * @channel: a channel that is not open
 * @send_size: bytes of the outbound ring with its control page, multiple of the page size, at least two pages
 * @recv_size: the same for the inbound ring
 *
 * Context: may sleep.
 * Return: 0; -EINVAL for impossible sizes; -ENOMEM.
 */
int vmbus_alloc_ring(struct vmbus_channel *channel, u32 send_size, u32 recv_size)
{
	u64 total = (u64)send_size + recv_size;
	struct page *page;
	int order;

	if (send_size < 2 * PAGE_SIZE || recv_size < 2 * PAGE_SIZE || !PAGE_ALIGNED(send_size) || !PAGE_ALIGNED(recv_size) ||
	    total / HYPERV_PAGE_SIZE > VMBUS_GPADL_MAX_PFNS)
		return -EINVAL;

	/* One piece of the direct map: large pages, no second mapping. Near the CPU that serves the channel if possible. */
	order = get_order(total);
	page = alloc_pages_node(cpu_to_node(READ_ONCE(channel->target_cpu)), GFP_KERNEL | __GFP_ZERO | __GFP_NOWARN, order);
	if (!page)
		page = alloc_pages(GFP_KERNEL | __GFP_ZERO, order);
	if (!page)
		return -ENOMEM;
	channel->ringbuffer_page = page;
	channel->ringbuffer_pagecount = total >> PAGE_SHIFT;
	channel->ringbuffer_send_offset = send_size >> PAGE_SHIFT;
	to_chan(channel)->ring_kept = false;
	return 0;
}

/* The ring as drivers and sysfs see it. */
static int ring_info_set(struct hv_ring_buffer_info *info, void *control, u32 size, u32 packet_buffer_bytes)
{
	void *packet_buffer = NULL, *old;

	if (packet_buffer_bytes) {
		packet_buffer = kvzalloc(packet_buffer_bytes, GFP_KERNEL);
		if (!packet_buffer)
			return -ENOMEM;
	}
	mutex_lock(&info->ring_buffer_mutex);
	info->ring_buffer = control;
	info->ring_size = size;
	info->ring_size_div10_reciprocal = reciprocal_value(size / 10);
	info->ring_datasize = size - sizeof(struct hv_ring_buffer);
	info->priv_read_index = 0;
	/* Of an opening before, with the same rings. */
	old = info->pkt_buffer;
	info->pkt_buffer = packet_buffer;
	info->pkt_buffer_size = packet_buffer_bytes;
	mutex_unlock(&info->ring_buffer_mutex);
	kvfree(old);
	return 0;
}

static void ring_info_clear(struct hv_ring_buffer_info *info)
{
	void *packet_buffer;

	mutex_lock(&info->ring_buffer_mutex);
	packet_buffer = info->pkt_buffer;
	info->ring_buffer = NULL;
	info->pkt_buffer = NULL;
	info->pkt_buffer_size = 0;
	mutex_unlock(&info->ring_buffer_mutex);
	kvfree(packet_buffer);
}

/**
 * vmbus_free_ring() - free the memory of both rings
 * @channel: a channel that is not open
 *
 * Memory the host did not confirm to have let go is forgotten instead.
 *
 * Context: may sleep.
 */
void vmbus_free_ring(struct vmbus_channel *channel)
{
	struct vmbus_chan *chan = to_chan(channel);

	ring_info_clear(&channel->outbound);
	ring_info_clear(&channel->inbound);
	if (channel->ringbuffer_page && !chan->ring_kept)
		__free_pages(channel->ringbuffer_page, get_order((size_t)channel->ringbuffer_pagecount << PAGE_SHIFT));
	/* Tells a driver, too, that the host may still write to what the ring named. */
	channel->ringbuffer_page = chan->ring_kept ? ERR_PTR(-EBUSY) : NULL;
	channel->ringbuffer_pagecount = 0;
}

static int channel_alloc_xids(struct vmbus_chan *chan)
{
	struct vmbus_requestor *requestor = &chan->channel.requestor;
	u32 slots = chan->channel.rqstor_size;

	if (!slots)
		return 0;
	requestor->req_arr = kvcalloc(slots, sizeof(*requestor->req_arr), GFP_KERNEL);
	requestor->req_bitmap = bitmap_zalloc(slots, GFP_KERNEL);
	if (!requestor->req_arr || !requestor->req_bitmap) {
		kvfree(requestor->req_arr);
		bitmap_free(requestor->req_bitmap);
		requestor->req_arr = NULL;
		requestor->req_bitmap = NULL;
		return -ENOMEM;
	}
	requestor->size = slots;
	vmbus_xid_init(&chan->xids, requestor->req_arr, requestor->req_bitmap, slots);
	return 0;
}

static void channel_free_xids(struct vmbus_chan *chan)
{
	struct vmbus_requestor *requestor = &chan->channel.requestor;
	unsigned long flags;
	u64 *slots;
	unsigned long *in_use;

	/* Late callers, a completion that is still being handled for example, find an empty table. */
	lock_requestor(&chan->channel, flags);
	slots = requestor->req_arr;
	in_use = requestor->req_bitmap;
	requestor->req_arr = NULL;
	requestor->req_bitmap = NULL;
	requestor->size = 0;
	vmbus_xid_init(&chan->xids, NULL, NULL, 0);
	unlock_requestor(&chan->channel, flags);
	kvfree(slots);
	bitmap_free(in_use);
}

/* The private ends of both rings; from here on packets can be written and read. */
static void channel_start_rings(struct vmbus_chan *chan)
{
	struct hv_ring_buffer_info *outbound = &chan->channel.outbound;
	struct hv_ring_buffer_info *inbound = &chan->channel.inbound;

	vmbus_ring_out_init(&chan->out, (void *)outbound->ring_buffer, hv_get_ring_buffer(outbound),
			    outbound->ring_datasize);
	vmbus_ring_in_init(&chan->in, (void *)inbound->ring_buffer, hv_get_ring_buffer(inbound), inbound->ring_datasize);
}

static void channel_stop_rings(struct vmbus_chan *chan)
{
	unsigned long flags;

	spin_lock_irqsave(&chan->channel.outbound.ring_lock, flags);
	chan->out.control = NULL;
	chan->in.control = NULL;
	spin_unlock_irqrestore(&chan->channel.outbound.ring_lock, flags);
}

/* Takes the ring's memory back. @ret is the error that made this necessary, or 0. */
static int channel_take_ring_back(struct vmbus_chan *chan)
{
	int ret = vmbus_teardown_gpadl(&chan->channel, &chan->channel.ringbuffer_gpadlhandle);

	if (ret)
		chan->ring_kept = true;
	return ret;
}

/* CLOSE has no answer; TORNDOWN of the ring, which follows, tells that it has been worked off. */
static void channel_post_close(struct vmbus_chan *chan)
{
	struct vmbus_msg_relid message = {
		.header.type = cpu_to_le32(VMBUS_MSG_CLOSE),
		.relid = cpu_to_le32(chan->relid),
	};
	int ret = vmbus_post(&message, sizeof(message), true);

	if (ret)
		pr_err("channel %u: cannot post CLOSE (%d)\n", chan->relid, ret);
}

/* Steps: construct, post, wait, check. */
static int channel_ask_open(struct vmbus_chan *chan, u32 downstream, const void *user, u32 user_bytes)
{
	struct vmbus_msg_open message = {
		.header.type = cpu_to_le32(VMBUS_MSG_OPEN),
		.relid = cpu_to_le32(chan->relid),
		.open_id = cpu_to_le32(chan->relid),
		.ring_gpadl = cpu_to_le32(chan->channel.ringbuffer_gpadlhandle.gpadl_handle),
		.target_vp = cpu_to_le32(hv_platform_vp_index(READ_ONCE(chan->channel.target_cpu))),
		.downstream_page_offset = cpu_to_le32(downstream),
	};
	struct vmbus_request request;
	const struct vmbus_msg_open_result *result = (void *)request.reply;
	int ret;

	if (user_bytes)
		memcpy(message.user, user, user_bytes);
	ret = vmbus_request_call(&request, chan, &message, sizeof(message), vmbus_answer_ms());
	if (ret == -ETIMEDOUT)
		/* The host may open it yet. */
		channel_post_close(chan);
	if (ret)
		return ret;
	if (request.reply_bytes < sizeof(*result))
		return -EPROTO;
	if (result->status) {
		pr_err("channel %u: the host refuses to open it, status 0x%x\n", chan->relid, le32_to_cpu(result->status));
		return -EIO;
	}
	return 0;
}

static int channel_open(struct vmbus_chan *chan, const void *user, u32 user_bytes, void (*callback)(void *context),
			void *context)
{
	struct vmbus_channel *channel = &chan->channel;
	u32 pages = channel->ringbuffer_pagecount, send_pages = channel->ringbuffer_send_offset;
	struct vmbus_gpa_rings rings = {
		.guest_page_bytes = PAGE_SIZE,
		.outbound_bytes = send_pages << PAGE_SHIFT,
		.total_bytes = pages << PAGE_SHIFT,
	};
	unsigned long flags;
	void *memory;
	int ret;

	/* Memory the host has not let go must not be given to it a second time. */
	if (!channel->ringbuffer_page || chan->ring_kept)
		return -EINVAL;
	if (user_bytes > VMBUS_OFFER_USER_BYTES || (user_bytes && !user))
		return -EINVAL;
	if (!vmbus_channel_move(chan, VMBUS_FROM(OFFERED) | VMBUS_FROM(CLOSED), VMBUS_CHANNEL_OPENING))
		return -EINVAL;
	memory = page_address(channel->ringbuffer_page);

	ret = channel_alloc_xids(chan);
	if (ret)
		goto not_open;
	ret = ring_info_set(&channel->outbound, memory, rings.outbound_bytes, 0);
	if (ret)
		goto free_xids;
	ret = ring_info_set(&channel->inbound, memory + rings.outbound_bytes, rings.total_bytes - rings.outbound_bytes,
			    max_t(u32, channel->max_pkt_size, VMBUS_DEFAULT_MAX_PKT_SIZE));
	if (ret)
		goto clear_outbound;
	channel_start_rings(chan);
	/* Events may come from the moment OPEN is posted, and one of an opening before may be late. */
	spin_lock_irqsave(&channel->sched_lock, flags);
	channel->channel_callback_context = context;
	WRITE_ONCE(channel->onchannel_callback, callback);
	spin_unlock_irqrestore(&channel->sched_lock, flags);

	ret = vmbus_gpadl_create_ring(chan, memory, &rings, &channel->ringbuffer_gpadlhandle, &chan->ring_kept);
	if (ret)
		goto reset_callback;
	ret = channel_ask_open(chan, vmbus_gpa_ring_downstream(&rings), user, user_bytes);
	if (ret)
		goto take_ring_back;
	if (!vmbus_channel_move(chan, VMBUS_FROM(OPENING), VMBUS_CHANNEL_OPENED)) {
		ret = -EPROTO;
		channel_post_close(chan);
		goto take_ring_back;
	}
	return 0;

take_ring_back:
	vmbus_reset_channel_cb(channel);
	channel_take_ring_back(chan);
reset_callback:
	vmbus_reset_channel_cb(channel);
	channel_stop_rings(chan);
	ring_info_clear(&channel->inbound);
clear_outbound:
	ring_info_clear(&channel->outbound);
free_xids:
	channel_free_xids(chan);
not_open:
	vmbus_channel_move(chan, VMBUS_FROM(OPENING) | VMBUS_FROM(BROKEN), VMBUS_CHANNEL_CLOSED);
	return ret;
}

/**
 * vmbus_connect_ring() - open a channel whose rings have been allocated
 * @channel: a channel that is not open
 * @onchannel_callback: called when the host signals; may be called before this returns
 * @context: its argument
 *
 * Context: may sleep.
 * Return: 0; -EINVAL without rings or when the channel is open; -ENODEV when it has been rescinded; -EIO when the host
 * refuses; -ETIMEDOUT when it does not answer; -EPROTO; -ENOMEM; an error of posting or of vmbus_establish_gpadl().
 */
int vmbus_connect_ring(struct vmbus_channel *channel, void (*onchannel_callback)(void *context), void *context)
{
	struct vmbus_chan *chan = to_chan(channel);
	int ret;

	mutex_lock(&chan->open_lock);
	ret = channel_open(chan, NULL, 0, onchannel_callback, context);
	mutex_unlock(&chan->open_lock);
	return ret;
}

/**
 * vmbus_open() - allocate the rings of a channel and open it
 * @channel: a channel that is not open
 * @send_ringbuffer_size: as in vmbus_alloc_ring()
 * @recv_ringbuffer_size: as in vmbus_alloc_ring()
 * @userdata: bytes for the host's device
 * @userdatalen: how many, up to 120
 * @onchannel_callback: as in vmbus_connect_ring()
 * @context: as there
 *
 * Context: may sleep.
 * Return: as vmbus_alloc_ring() and vmbus_connect_ring().
 */
int vmbus_open(struct vmbus_channel *channel, u32 send_ringbuffer_size, u32 recv_ringbuffer_size, void *userdata,
	       u32 userdatalen, void (*onchannel_callback)(void *context), void *context)
{
	struct vmbus_chan *chan = to_chan(channel);
	int ret;

	mutex_lock(&chan->open_lock);
	if (channel->ringbuffer_page && !chan->ring_kept) {
		ret = -EINVAL;
		goto unlock;
	}
	ret = vmbus_alloc_ring(channel, send_ringbuffer_size, recv_ringbuffer_size);
	if (ret)
		goto unlock;
	ret = channel_open(chan, userdata, userdatalen, onchannel_callback, context);
	if (ret)
		vmbus_free_ring(channel);
unlock:
	mutex_unlock(&chan->open_lock);
	return ret;
}

/**
 * vmbus_disconnect_ring() - close a channel, but keep its ring memory for another vmbus_connect_ring()
 * @channel: the channel; sub-channels first, then their primary
 *
 * Context: may sleep; not from the channel's callback.
 * Return: 0; another value when the host did not confirm that it let the rings go: vmbus_free_ring() then keeps the
 * memory.
 */
int vmbus_disconnect_ring(struct vmbus_channel *channel)
{
	struct vmbus_chan *chan = to_chan(channel);
	int ret;

	mutex_lock(&chan->open_lock);
	if (!vmbus_channel_move(chan, VMBUS_FROM(OPENED) | VMBUS_FROM(BROKEN), VMBUS_CHANNEL_CLOSING)) {
		mutex_unlock(&chan->open_lock);
		return 0;
	}
	/* The order matters: no callback, then CLOSE, then the memory. */
	vmbus_reset_channel_cb(channel);
	if (!READ_ONCE(channel->rescind))
		channel_post_close(chan);
	ret = channel_take_ring_back(chan);
	channel_stop_rings(chan);
	channel_free_xids(chan);
	vmbus_channel_move(chan, VMBUS_FROM(CLOSING), VMBUS_CHANNEL_CLOSED);
	/* A rescinded sub-channel has waited for this. */
	if (READ_ONCE(channel->rescind) && is_sub_channel(channel))
		vmbus_queue_rescind(chan);
	mutex_unlock(&chan->open_lock);
	return ret;
}

/**
 * vmbus_channel_forget() - the host has closed the channel with all others
 * @chan: the channel; its callback does not run any more
 * @confirmed: the host has said so; otherwise it may still write to the rings, which are never freed
 *
 * The memory of the rings stays the driver's until it closes the channel.
 *
 * Context: may sleep.
 */
void vmbus_channel_forget(struct vmbus_chan *chan, bool confirmed)
{
	mutex_lock(&chan->open_lock);
	if (vmbus_channel_move(chan, VMBUS_FROM(OPENED) | VMBUS_FROM(BROKEN), VMBUS_CHANNEL_CLOSING)) {
		vmbus_reset_channel_cb(&chan->channel);
		/* The GPADL went with the connection: there is nothing to take back. */
		chan->channel.ringbuffer_gpadlhandle.gpadl_handle = 0;
		chan->ring_kept = !confirmed;
		channel_stop_rings(chan);
		channel_free_xids(chan);
		vmbus_channel_move(chan, VMBUS_FROM(CLOSING), VMBUS_CHANNEL_CLOSED);
	}
	mutex_unlock(&chan->open_lock);
}

/* An open sub-channel, with a reference to it, or NULL. */
static struct vmbus_chan *channel_open_sub(struct vmbus_channel *primary)
{
	struct vmbus_chan *found = NULL;
	struct vmbus_channel *sub;

	mutex_lock(&vmbus_conn.channel_lock);
	list_for_each_entry(sub, &primary->sc_list, sc_list) {
		enum vmbus_channel_phase phase = vmbus_channel_phase_of(to_chan(sub));

		if (phase == VMBUS_CHANNEL_OPENED || phase == VMBUS_CHANNEL_BROKEN) {
			found = to_chan(sub);
			kobject_get(&sub->kobj);
			break;
		}
	}
	mutex_unlock(&vmbus_conn.channel_lock);
	return found;
}

/**
 * vmbus_close() - close a channel, a primary's open sub-channels first, and free the rings
 * @channel: the channel; nothing happens when it is not open
 *
 * Context: may sleep; not from the channel's callback.
 */
void vmbus_close(struct vmbus_channel *channel)
{
	struct vmbus_chan *sub;
	bool kept = false;

	if (!is_sub_channel(channel)) {
		while ((sub = channel_open_sub(channel))) {
			/* A rescind is as good as an answer. */
			if (vmbus_disconnect_ring(&sub->channel) && !READ_ONCE(sub->channel.rescind))
				kept = true;
			vmbus_free_ring(&sub->channel);
			kobject_put(&sub->channel.kobj);
		}
	}
	vmbus_disconnect_ring(channel);
	/* The driver sees the primary only. */
	if (kept)
		to_chan(channel)->ring_kept = true;
	vmbus_free_ring(channel);
}

/**
 * vmbus_set_sc_create_callback() - learn of sub-channels
 * @primary_channel: the device's channel
 * @sc_cr_cb: called in process context for each sub-channel the host offers; may open it
 */
void vmbus_set_sc_create_callback(struct vmbus_channel *primary_channel, void (*sc_cr_cb)(struct vmbus_channel *new_sc))
{
	primary_channel->sc_creation_callback = sc_cr_cb;
}

/**
 * vmbus_set_chn_rescind_callback() - learn of the rescind in place of the device's removal
 * @channel: the channel
 * @chn_rescind_cb: called in process context; vmbus_hvsock_device_unregister() must follow it
 */
void vmbus_set_chn_rescind_callback(struct vmbus_channel *channel, void (*chn_rescind_cb)(struct vmbus_channel *))
{
	channel->chn_rescind_callback = chn_rescind_cb;
}

/**
 * vmbus_send_modifychannel() - tell the host which virtual processor to interrupt for a channel
 * @channel: an open channel
 * @target_vp: VP index
 *
 * Up to protocol 5.2 there is no answer, and interrupts may hit the old processor for a while; from 5.3 on the host has
 * switched when this returns. Events are never lost: each CPU serves all channels.
 *
 * Context: may sleep.
 * Return: 0; -EOPNOTSUPP below protocol 4.1; -EIO when the host refuses; -ENODEV, -ETIMEDOUT, or an error of posting.
 */
int vmbus_send_modifychannel(struct vmbus_channel *channel, u32 target_vp)
{
	struct vmbus_chan *chan = to_chan(channel);
	struct vmbus_msg_modify_channel message = {
		.header.type = cpu_to_le32(VMBUS_MSG_MODIFY_CHANNEL),
		.relid = cpu_to_le32(chan->relid),
		.target_vp = cpu_to_le32(target_vp),
	};
	struct vmbus_request request;
	const struct vmbus_msg_modify_channel_response *response = (void *)request.reply;
	int ret;

	if (vmbus_proto_version < VMBUS_VERSION_4_1)
		return -EOPNOTSUPP;
	if (READ_ONCE(channel->rescind))
		return -ENODEV;
	if (vmbus_proto_version < VMBUS_VERSION_5_3)
		return vmbus_post(&message, sizeof(message), true);
	ret = vmbus_request_call(&request, chan, &message, sizeof(message), vmbus_answer_ms());
	if (ret)
		return ret;
	if (request.reply_bytes < sizeof(*response))
		return -EPROTO;
	return response->status ? -EIO : 0;
}

/**
 * vmbus_channel_retarget() - move a channel to another CPU
 * @chan: the channel
 * @cpu: any number
 *
 * Context: may sleep; cpus_read_lock() held, or called from CPU hotplug.
 * Return: 0; -EINVAL when no channel may be put on @cpu; -EIO when the channel is not open, the host is older than 4.1
 * or refuses.
 */
int vmbus_channel_retarget(struct vmbus_chan *chan, unsigned int cpu)
{
	struct vmbus_channel *channel = &chan->channel;
	unsigned int old;
	int ret = 0;

	if (vmbus_proto_version < VMBUS_VERSION_4_1)
		return -EIO;
	if (!vmbus_cpu_may_serve(cpu))
		return -EINVAL;

	mutex_lock(&chan->open_lock);
	old = READ_ONCE(channel->target_cpu);
	if (vmbus_channel_phase_of(chan) != VMBUS_CHANNEL_OPENED)
		ret = -EIO;
	else if (cpu != old && vmbus_send_modifychannel(channel, hv_platform_vp_index(cpu)))
		ret = -EIO;
	if (!ret && cpu != old) {
		mutex_lock(&vmbus_conn.channel_lock);
		vmbus_place_again(chan, cpu);
		mutex_unlock(&vmbus_conn.channel_lock);
		if (channel->change_target_cpu_callback)
			channel->change_target_cpu_callback(channel, old, cpu);
	}
	mutex_unlock(&chan->open_lock);
	return ret;
}
