/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One storage controller: what all files above queue.c and srb.c share.
 */
#ifndef STORVSC_CONTROLLER_H
#define STORVSC_CONTROLLER_H

#include <linux/hyperv.h>
#include <linux/mempool.h>
#include <linux/mutex.h>
#include <linux/ratelimit.h>
#include <linux/workqueue.h>
#include "queue.h"
#include "stats.h"
#include "vstor.h"

struct fc_rport;
struct Scsi_Host;
struct scsi_device;

/**
 * struct storvsc_class - a kind of controller, the driver data of an id table entry
 * @name: for the log
 * @max_channel: highest SCSI channel
 * @max_id: one above the highest SCSI id
 * @max_lun: one above the highest logical unit; the wire has one byte for it
 * @has_sub_channels: the host may offer more channels
 * @is_fibre_channel: the host's storage network behind a virtual adapter, with targets of its own
 * @has_one_disk: one disk whose address is in the offer; no scan, no hot plug
 */
struct storvsc_class {
	const char *name;
	unsigned int max_channel;
	unsigned int max_id;
	u64 max_lun;
	bool has_sub_channels;
	bool is_fibre_channel;
	bool has_one_disk;
};

enum storvsc_controller_state {
	/* No session, commands wait. Initial; entered for suspend and recovery, left by storvsc_controller_start() */
	STORVSC_CONTROLLER_STOPPED = 0,
	/* Entered by storvsc_controller_start() */
	STORVSC_CONTROLLER_RUNNING,
	/* Rescinded, removed or beyond recovery, commands fail at once. Entered by storvsc_controller_kill(), final */
	STORVSC_CONTROLLER_DEAD,
};

/* What the scan work shall do, bits of storvsc_controller.scan_requests */
enum storvsc_scan_request {
	STORVSC_SCAN_BUS,		/* the host said that devices came or went */
	STORVSC_SCAN_DEVICES,		/* some devices have storvsc_lun.flags set */
};

enum storvsc_lun_flag {
	STORVSC_LUN_RESCAN,		/* capacity or parameters changed */
	STORVSC_LUN_CHECK,		/* a command found nothing there */
};

/**
 * struct storvsc_lun - our state of a SCSI device, its hostdata
 * @flags: enum storvsc_lun_flag, set in softirq, cleared by the scan work
 */
struct storvsc_lun {
	unsigned long flags;
};

/**
 * struct storvsc_counters - what went wrong, for sysfs
 * @stray_replies: completions that match no command: late, repeated, wrong channel or invented
 * @bad_packets: packets of a wrong type, size or operation
 * @notices: times the host asked for a rescan
 * @errors: commands that failed without sense data
 * @timeouts: times a request timer ran out
 * @busy: commands put back because the ring, the DMA mapping or memory had no room
 * @recoveries: times the channels were closed and opened again to get commands back
 */
struct storvsc_counters {
	atomic_long_t stray_replies;
	atomic_long_t bad_packets;
	atomic_long_t notices;
	atomic_long_t errors;
	atomic_long_t timeouts;
	atomic_long_t busy;
	atomic_long_t recoveries;
};

/**
 * struct storvsc_controller - private area of the Scsi_Host
 * @hv_device: the bus's device
 * @scsi_host: the mid-layer's host
 * @class: what kind of controller
 * @session: what was agreed with the host
 * @queues: commands and channels
 * @buffers: descriptors for data buffers too large for the stack
 * @fc_port: the remote port that a Fibre Channel adapter shows, or NULL
 * @ring_bytes: size of each ring
 * @max_transfer_bytes: what the mid-layer was promised
 * @max_frames: frames such a transfer may touch
 * @nr_sub_channels: how many the host agreed to offer
 * @nr_polled: how many of these poll queues have; before the first start what the user asks for
 * @life_lock: one of start, kill, recover, suspend at a time; outermost
 * @channel_lock: opening sub-channels against changes of @state; inside @life_lock
 * @state: changed under both locks, read anywhere
 * @accepts_sub_channels: under @channel_lock
 * @is_unsure: the host has not confirmed that it let go of the channels: it may still write to the memory of commands that
 *	were out. Set under @life_lock, final
 * @is_removing: commands have limited time to end
 * @removing_since: jiffies when the removal began
 * @scan_lock: @scan_requests and @is_scan_allowed against queueing @scan_work; taken in softirq
 * @is_scan_allowed: @scan_work may be queued
 * @scan_requests: enum storvsc_scan_request
 * @last_scan: jiffies of the last run
 * @scan_work: adds, removes and rescans devices
 * @watch_lock: protects @watchers; innermost
 * @watchers: @watch_work goes on while there are any
 * @watch_work: looks for rescinded channels while nobody else would tell
 * @recover_work: closes and reopens the channels
 * @last_recovery: jiffies of the last recovery
 * @last_answers: commands that the host had answered until then, see storvsc_queues_count_answers()
 * @recovery_burst: recoveries in quick succession that did not make the host answer
 * @error_limit: log lines about failed commands
 * @timeout_limit: log lines about commands that take long
 * @packet_limit: log lines about malformed packets
 * @counters: what went wrong
 * @stats: what commands came to, and how long they took
 */
struct storvsc_controller {
	struct hv_device *hv_device;
	struct Scsi_Host *scsi_host;
	const struct storvsc_class *class;
	struct vstor_session session;
	struct storvsc_queues queues;
	mempool_t *buffers;
	struct fc_rport *fc_port;
	u32 ring_bytes;
	u32 max_transfer_bytes;
	u32 max_frames;
	u16 nr_sub_channels;
	u32 nr_polled;

	struct mutex life_lock;
	struct mutex channel_lock;
	enum storvsc_controller_state state;
	bool accepts_sub_channels;
	bool is_unsure;
	bool is_removing;
	unsigned long removing_since;

	spinlock_t scan_lock;
	bool is_scan_allowed;
	unsigned long scan_requests;
	unsigned long last_scan;
	struct delayed_work scan_work;

	spinlock_t watch_lock;
	unsigned int watchers;
	struct delayed_work watch_work;
	struct work_struct recover_work;
	unsigned long last_recovery;
	u32 last_answers;
	unsigned int recovery_burst;

	struct ratelimit_state error_limit;
	struct ratelimit_state timeout_limit;
	struct ratelimit_state packet_limit;
	struct storvsc_counters counters;
	struct storvsc_stats stats;
};

enum storvsc_log_level {
	STORVSC_LOG_NONE	= 0,
	STORVSC_LOG_ERROR	= 1,
	STORVSC_LOG_WARN	= 2,
};

/* Module parameters, main.c */
extern int storvsc_logging_level;
extern unsigned int storvsc_timeout_limit;

static inline bool storvsc_is_logged(enum storvsc_log_level level)
{
	return READ_ONCE(storvsc_logging_level) >= (int)level;
}

static inline bool storvsc_controller_is_lost(const struct storvsc_controller *controller)
{
	return READ_ONCE(controller->state) == STORVSC_CONTROLLER_DEAD ||
	       READ_ONCE(controller->hv_device->channel->rescind);
}

/**
 * storvsc_controller_is_written() - may the host still write to memory of commands though the channels are closed
 * @controller: the controller
 *
 * Context: any. Return: true until it takes the device back, which is its promise to leave all memory alone.
 */
static inline bool storvsc_controller_is_written(const struct storvsc_controller *controller)
{
	return READ_ONCE(controller->is_unsure) && !READ_ONCE(controller->hv_device->channel->rescind);
}

/* controller.c */
void storvsc_controller_init(struct storvsc_controller *controller, struct Scsi_Host *scsi_host,
			     struct hv_device *hv_device, const struct storvsc_class *class);
int storvsc_controller_start(struct storvsc_controller *controller);
int storvsc_controller_suspend(struct storvsc_controller *controller);
void storvsc_controller_kill(struct storvsc_controller *controller);
int storvsc_controller_recover(struct storvsc_controller *controller);
void storvsc_controller_watch(struct storvsc_controller *controller);
void storvsc_controller_unwatch(struct storvsc_controller *controller);
void storvsc_controller_publish(struct hv_device *hv_device, struct storvsc_controller *controller);
void storvsc_controller_begin_removal(struct storvsc_controller *controller);
void storvsc_controller_quiesce(struct storvsc_controller *controller);

/* receive.c */
void storvsc_receive(void *context);

/* scan.c */
void storvsc_scan_init(struct storvsc_controller *controller);
void storvsc_scan_allow(struct storvsc_controller *controller);
void storvsc_scan_forbid(struct storvsc_controller *controller);
void storvsc_scan_request(struct storvsc_controller *controller, enum storvsc_scan_request request);
void storvsc_scan_request_device(struct storvsc_controller *controller, struct scsi_device *sdev,
				 enum storvsc_lun_flag flag);

#endif
