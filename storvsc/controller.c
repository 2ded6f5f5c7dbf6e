// SPDX-License-Identifier: GPL-2.0
/*
 * A controller's life: bring its channels up, take them down for good or for a while, notice that the host took it away.
 * Knows nothing of SCSI but that commands wait, run or fail.
 *
 * The bus tells a driver of a rescind by calling remove(), and that only when probe() or remove() is not running. While
 * they are, commands that the host will never answer would keep them waiting: the watch ends those.
 */
#include <linux/cpumask.h>
#include <linux/hyperv.h>
#include <linux/jiffies.h>
#include <scsi/scsi.h>

#include "host.h"
#include "limits.h"
#include "trace.h"

/* Policy: how often the watch looks. */
#define STORVSC_WATCH_INTERVAL_MS	250

/* Policy: time a command has when the controller is removed in an orderly way; then the channels are closed. */
#define STORVSC_REMOVE_PATIENCE_MS	180000

/* Policy: time the host has to answer everything before a suspend is refused. */
#define STORVSC_SUSPEND_DRAIN_MS	60000

/*
 * Policy: a host that needs the channels reopened more often than this, each time so soon after the one before and with so few
 * commands answered in between, is given up.
 */
#define STORVSC_RECOVERY_BURST		3
#define STORVSC_RECOVERY_INTERVAL	(60 * HZ)
#define STORVSC_RECOVERY_ANSWERS	256

/*
 * Protects the bus device's driver data against remove() for callbacks of the bus that run on their own account.
 * Outside queues->table_lock.
 */
static DEFINE_SPINLOCK(storvsc_lookup_lock);

/* No command goes out any more; returns when none is being sent and no sub-channel is being opened. */
static void storvsc_controller_halt(struct storvsc_controller *controller, enum storvsc_controller_state state)
{
	lockdep_assert_held(&controller->life_lock);
	mutex_lock(&controller->channel_lock);
	WRITE_ONCE(controller->state, state);
	controller->accepts_sub_channels = false;
	mutex_unlock(&controller->channel_lock);
	storvsc_queues_disable(&controller->queues);
}

/* What the host answered before it took the channels away is still in the rings. */
static void storvsc_controller_read_last(struct storvsc_controller *controller)
{
	struct storvsc_queues *queues = &controller->queues;
	unsigned int i;

	lockdep_assert_held(&controller->life_lock);
	for (i = 0; i < queues->nr_channels; i++) {
		struct storvsc_channel *entry = &queues->channels[i];

		/* The bus calls us no more once it set this. */
		if (entry->state == STORVSC_CHANNEL_OPEN && READ_ONCE(entry->channel->rescind))
			storvsc_channel_look(entry);
	}
}

/* Closes the channels. Returns true when the host is done with the memory of all commands. */
static bool storvsc_controller_close(struct storvsc_controller *controller)
{
	lockdep_assert_held(&controller->life_lock);
	if (!storvsc_queues_close(&controller->queues)) {
		WRITE_ONCE(controller->is_unsure, true);
		if (storvsc_controller_is_written(controller))
			dev_err(&controller->hv_device->device,
				"the host does not confirm that the channels are closed: reads that are out wait until it takes the device away\n");
	}
	return !storvsc_controller_is_written(controller);
}

/**
 * storvsc_controller_kill() - end a controller: rescinded, removed, or the host cannot be reached any more
 * @controller: the controller
 *
 * On return the channels are closed, all commands have ended, and new ones fail at once. Harmless when repeated. Commands whose
 * memory the host may still write to (storvsc_controller_is_written()) have not ended; a call when it has taken the device away
 * ends them.
 *
 * Context: may sleep; waits for the host to confirm the close of a channel it did not rescind.
 */
void storvsc_controller_kill(struct storvsc_controller *controller)
{
	mutex_lock(&controller->life_lock);
	storvsc_controller_halt(controller, STORVSC_CONTROLLER_DEAD);
	storvsc_controller_read_last(controller);
	storvsc_controller_close(controller);
	storvsc_host_fail_lost(controller, true, DID_NO_CONNECT);
	mutex_unlock(&controller->life_lock);
}

static struct storvsc_controller *storvsc_controller_of(const struct vmbus_channel *channel)
{
	const struct vmbus_channel *primary = channel->primary_channel ? channel->primary_channel : channel;

	lockdep_assert_held(&storvsc_lookup_lock);
	return hv_get_drvdata(primary->device_obj);
}

/**
 * storvsc_controller_publish() - let callbacks of the bus find the controller, or no longer
 * @hv_device: the bus's device
 * @controller: the controller, or NULL before it is freed
 *
 * Context: process.
 */
void storvsc_controller_publish(struct hv_device *hv_device, struct storvsc_controller *controller)
{
	spin_lock(&storvsc_lookup_lock);
	hv_set_drvdata(hv_device, controller);
	spin_unlock(&storvsc_lookup_lock);
}

/* The bus moved a channel's interrupts to another CPU. */
static void storvsc_set_target_cpu(struct vmbus_channel *channel, u32 old, u32 new)
{
	struct storvsc_controller *controller;

	spin_lock(&storvsc_lookup_lock);
	controller = storvsc_controller_of(channel);
	if (controller)
		storvsc_queues_set_cpu(&controller->queues, channel, new);
	spin_unlock(&storvsc_lookup_lock);
}

/*
 * The host offers a sub-channel. It can be used once it is open, no packet is needed. Failure is not fatal: commands
 * use the channels there are.
 */
static void storvsc_open_sub_channel(struct vmbus_channel *channel)
{
	struct storvsc_controller *controller;
	int ret = 0;

	spin_lock(&storvsc_lookup_lock);
	controller = storvsc_controller_of(channel);
	if (controller)
		scsi_host_get(controller->scsi_host);
	spin_unlock(&storvsc_lookup_lock);
	if (!controller)
		return;

	mutex_lock(&controller->channel_lock);
	if (controller->accepts_sub_channels) {
		channel->change_target_cpu_callback = storvsc_set_target_cpu;
		ret = storvsc_queues_open(&controller->queues, channel, controller->ring_bytes, storvsc_receive);
	}
	mutex_unlock(&controller->channel_lock);
	if (ret)
		dev_warn(&controller->hv_device->device, "sub-channel %u is not used (error %d)\n",
			 channel->offermsg.offer.sub_channel_index, ret);
	scsi_host_put(controller->scsi_host);
}

/* Opens the primary channel and agrees on everything; @controller->life_lock is held. */
static int storvsc_controller_connect(struct storvsc_controller *controller)
{
	struct vmbus_channel *channel = controller->hv_device->channel;
	u16 count;
	int ret;

	channel->change_target_cpu_callback = storvsc_set_target_cpu;
	ret = storvsc_queues_open(&controller->queues, channel, controller->ring_bytes, storvsc_receive);
	if (ret)
		return ret;
	ret = vstor_connect(&controller->session);
	if (ret)
		return ret;
	/* What the mid-layer was promised holds for good. */
	if (controller->max_transfer_bytes > controller->session.max_transfer_bytes) {
		dev_err(&controller->hv_device->device, "host now takes %u bytes at most, %u are in use\n",
			controller->session.max_transfer_bytes, controller->max_transfer_bytes);
		return -EPROTO;
	}

	count = min_t(u16, controller->session.max_sub_channels, controller->queues.nr_channels - 1);
	controller->queues.first_polled = 1 + count - storvsc_limit_polled(count, controller->nr_polled);
	if (count) {
		mutex_lock(&controller->channel_lock);
		controller->accepts_sub_channels = true;
		mutex_unlock(&controller->channel_lock);
		vmbus_set_sc_create_callback(channel, storvsc_open_sub_channel);
		ret = vstor_create_sub_channels(&controller->session, count);
		if (ret == -ENODEV)
			return ret;
		if (ret) {
			dev_warn(&controller->hv_device->device, "host offers no sub-channels (error %d)\n", ret);
			count = 0;
		}
	}
	controller->nr_sub_channels = count;
	return 0;
}

static int storvsc_controller_start_locked(struct storvsc_controller *controller)
{
	int ret = -ENODEV;

	lockdep_assert_held(&controller->life_lock);
	if (controller->state == STORVSC_CONTROLLER_STOPPED)
		ret = storvsc_controller_connect(controller);
	if (ret) {
		storvsc_controller_halt(controller, controller->state);
		storvsc_queues_close(&controller->queues);
		return ret;
	}
	mutex_lock(&controller->channel_lock);
	WRITE_ONCE(controller->state, STORVSC_CONTROLLER_RUNNING);
	mutex_unlock(&controller->channel_lock);
	storvsc_queues_enable(&controller->queues);
	return 0;
}

/**
 * storvsc_controller_start() - open the channels and let commands through
 * @controller: stopped
 *
 * Context: may sleep, minutes if the host is slow.
 * Return: 0, or an error of vstor_connect() or storvsc_queues_open(); then the channels are closed again, and the
 * controller is still stopped.
 */
int storvsc_controller_start(struct storvsc_controller *controller)
{
	int ret;

	mutex_lock(&controller->life_lock);
	ret = storvsc_controller_start_locked(controller);
	mutex_unlock(&controller->life_lock);
	return ret;
}

/**
 * storvsc_controller_suspend() - close the channels, everything answered
 * @controller: running; the mid-layer has quiesced its devices, yet polling or error handling may still send something
 *
 * Undone by storvsc_controller_start().
 *
 * Context: may sleep.
 * Return: 0; -EBUSY the host did not answer everything in time, and the controller goes on running.
 */
int storvsc_controller_suspend(struct storvsc_controller *controller)
{
	int ret = 0;

	mutex_lock(&controller->life_lock);
	if (controller->state == STORVSC_CONTROLLER_RUNNING) {
		storvsc_controller_halt(controller, STORVSC_CONTROLLER_STOPPED);
		if (storvsc_queues_drain(&controller->queues, STORVSC_SUSPEND_DRAIN_MS)) {
			storvsc_queues_close(&controller->queues);
		} else {
			mutex_lock(&controller->channel_lock);
			WRITE_ONCE(controller->state, STORVSC_CONTROLLER_RUNNING);
			mutex_unlock(&controller->channel_lock);
			storvsc_queues_enable(&controller->queues);
			ret = -EBUSY;
		}
	}
	mutex_unlock(&controller->life_lock);
	return ret;
}

static bool storvsc_recovery_is_hopeless(struct storvsc_controller *controller)
{
	u32 answers = storvsc_queues_count_answers(&controller->queues);

	lockdep_assert_held(&controller->life_lock);
	if (time_after(jiffies, controller->last_recovery + STORVSC_RECOVERY_INTERVAL) ||
	    answers - controller->last_answers >= STORVSC_RECOVERY_ANSWERS)
		controller->recovery_burst = 0;
	controller->last_recovery = jiffies;
	controller->last_answers = answers;
	return ++controller->recovery_burst > STORVSC_RECOVERY_BURST;
}

/**
 * storvsc_controller_recover() - get commands back that the host does not answer
 * @controller: the controller
 *
 * Closes the channels, which makes the host drop what is out, ends those commands so that they are retried, and opens
 * the channels again. A controller for which this fails, or has to be done over and over, is dead afterwards.
 * No command is out on return, but for those of a dead controller whose memory the host may still write to.
 *
 * Context: may sleep.
 * Return: 0, or a negative error: the controller is dead.
 */
int storvsc_controller_recover(struct storvsc_controller *controller)
{
	u32 out = 0;
	int ret = -ENODEV;

	mutex_lock(&controller->life_lock);
	if (!storvsc_controller_is_lost(controller) && !storvsc_recovery_is_hopeless(controller)) {
		out = storvsc_queues_count_sent(&controller->queues, NULL);
		dev_warn(&controller->hv_device->device, "closing and reopening the channels, %u commands are out\n", out);
		atomic_long_inc(&controller->counters.recoveries);
		storvsc_controller_halt(controller, STORVSC_CONTROLLER_STOPPED);
		if (storvsc_controller_close(controller)) {
			storvsc_host_fail_lost(controller, true, DID_RESET);
			ret = storvsc_controller_start_locked(controller);
		} else {
			ret = -ETIMEDOUT;
		}
	}
	mutex_unlock(&controller->life_lock);
	trace_storvsc_recover(controller->scsi_host->host_no, out, ret);
	if (ret) {
		if (!storvsc_controller_is_lost(controller))
			dev_err(&controller->hv_device->device, "given up: the host does not answer (error %d)\n", ret);
		storvsc_controller_kill(controller);
	}
	return ret;
}

static void storvsc_recover_work(struct work_struct *work)
{
	storvsc_controller_recover(container_of(work, struct storvsc_controller, recover_work));
}

static void storvsc_watch_work(struct work_struct *work)
{
	struct storvsc_controller *controller =
		container_of(to_delayed_work(work), struct storvsc_controller, watch_work);
	unsigned long patience = msecs_to_jiffies(STORVSC_REMOVE_PATIENCE_MS);

	if (READ_ONCE(controller->hv_device->channel->rescind)) {
		storvsc_controller_kill(controller);
	} else if (READ_ONCE(controller->is_removing) &&
		   time_after(jiffies, controller->removing_since + patience) &&
		   storvsc_queues_count_sent(&controller->queues, NULL)) {
		dev_err(&controller->hv_device->device, "removed although the host has not answered %u commands\n",
			storvsc_queues_count_sent(&controller->queues, NULL));
		storvsc_controller_kill(controller);
	} else {
		/* Sub-channels that the host took back alone. */
		mutex_lock(&controller->life_lock);
		storvsc_controller_read_last(controller);
		storvsc_host_fail_lost(controller, false, DID_RESET);
		mutex_unlock(&controller->life_lock);
		/* The block layer may keep programs from polling while it waits for their requests. */
		storvsc_queues_look_polled(&controller->queues);
	}

	spin_lock_bh(&controller->watch_lock);
	if (controller->watchers)
		queue_delayed_work(system_long_wq, &controller->watch_work,
				   msecs_to_jiffies(STORVSC_WATCH_INTERVAL_MS));
	spin_unlock_bh(&controller->watch_lock);
}

/**
 * storvsc_controller_watch() - look for rescinded channels from now on
 * @controller: the controller
 *
 * For everything that waits for commands while the bus cannot call remove(). Nests.
 *
 * Context: any but hard interrupt.
 */
void storvsc_controller_watch(struct storvsc_controller *controller)
{
	spin_lock_bh(&controller->watch_lock);
	controller->watchers++;
	queue_delayed_work(system_long_wq, &controller->watch_work, msecs_to_jiffies(STORVSC_WATCH_INTERVAL_MS));
	spin_unlock_bh(&controller->watch_lock);
}

/**
 * storvsc_controller_unwatch() - undo storvsc_controller_watch()
 * @controller: the controller
 *
 * Context: may sleep.
 */
void storvsc_controller_unwatch(struct storvsc_controller *controller)
{
	bool is_last;

	spin_lock_bh(&controller->watch_lock);
	is_last = !--controller->watchers;
	spin_unlock_bh(&controller->watch_lock);
	if (is_last)
		cancel_delayed_work_sync(&controller->watch_work);
}

/* In the submission path: look once, soon. */
static void storvsc_channel_lost(struct storvsc_queues *queues)
{
	struct storvsc_controller *controller = container_of(queues, struct storvsc_controller, queues);

	queue_delayed_work(system_long_wq, &controller->watch_work, 0);
}

/**
 * storvsc_controller_begin_removal() - orderly removal: commands go on, but not for ever
 * @controller: the controller
 *
 * Context: process. Followed by storvsc_controller_watch() and, in the end, storvsc_controller_kill().
 */
void storvsc_controller_begin_removal(struct storvsc_controller *controller)
{
	controller->removing_since = jiffies;
	WRITE_ONCE(controller->is_removing, true);
}

/* Somebody waits for an answer of the host's. */
static void storvsc_controller_look(struct vstor_session *session)
{
	struct storvsc_controller *controller = container_of(session, struct storvsc_controller, session);

	storvsc_channel_look(&controller->queues.channels[0]);
}

/**
 * storvsc_controller_init() - initialize a zeroed controller: stopped, nothing allocated
 * @controller: private area of @scsi_host
 * @scsi_host: the mid-layer's host
 * @hv_device: the bus's device
 * @class: kind of controller
 *
 * Context: any.
 */
void storvsc_controller_init(struct storvsc_controller *controller, struct Scsi_Host *scsi_host,
			     struct hv_device *hv_device, const struct storvsc_class *class)
{
	controller->hv_device = hv_device;
	controller->scsi_host = scsi_host;
	controller->class = class;
	mutex_init(&controller->life_lock);
	mutex_init(&controller->channel_lock);
	spin_lock_init(&controller->watch_lock);
	INIT_DELAYED_WORK(&controller->watch_work, storvsc_watch_work);
	INIT_WORK(&controller->recover_work, storvsc_recover_work);
	ratelimit_state_init(&controller->error_limit, DEFAULT_RATELIMIT_INTERVAL, DEFAULT_RATELIMIT_BURST);
	ratelimit_state_init(&controller->timeout_limit, DEFAULT_RATELIMIT_INTERVAL, DEFAULT_RATELIMIT_BURST);
	ratelimit_state_init(&controller->packet_limit, DEFAULT_RATELIMIT_INTERVAL, DEFAULT_RATELIMIT_BURST);
	vstor_session_init(&controller->session, hv_device->channel, class->is_fibre_channel);
	controller->session.look = storvsc_controller_look;
	storvsc_scan_init(controller);
	controller->queues.channel_lost = storvsc_channel_lost;
}

/**
 * storvsc_controller_quiesce() - no work of the controller runs or will run
 * @controller: dead, scan forbidden, nobody watching
 *
 * Context: may sleep.
 */
void storvsc_controller_quiesce(struct storvsc_controller *controller)
{
	cancel_work_sync(&controller->recover_work);
	cancel_delayed_work_sync(&controller->watch_work);
}
