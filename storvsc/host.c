// SPDX-License-Identifier: GPL-2.0
/*
 * The SCSI host: commands from the mid-layer to the host and their results back, error handlers, device set-up.
 * Knows the mid-layer, and of the host only what queue.c, srb.c and frames.c offer.
 *
 * Every command has a slot, found by its tag, and exactly one of four ends it: its completion, the undo after a refused
 * submission, a sweep after its channel was rescinded or closed, or nobody: while the host owns the slot the command's
 * memory is never given back. There is no abort in the protocol, and a reset does not return commands.
 */
#include <linux/blk-mq.h>
#include <linux/dma-mapping.h>
#include <linux/hyperv.h>
#include <linux/slab.h>
#include <scsi/scsi.h>
#include <scsi/scsi_cmnd.h>
#include <scsi/scsi_device.h>
#include <scsi/scsi_devinfo.h>
#include <scsi/scsi_eh.h>
#include <scsi/scsi_host.h>

#include "frames.h"
#include "host.h"
#include "srb.h"
#include "trace.h"
#include "words.h"

/*
 * Policy: when a command counts as taking long. Hosts that store disks far away may take minutes, so this is only when
 * somebody is told.
 */
#define STORVSC_COMMAND_TIMEOUT_MS	180000

/* Policy: how long a bus reset, and then the commands that are out, may take before the channels are reopened. */
#define STORVSC_RESET_TIMEOUT_MS	60000
#define STORVSC_DRAIN_TIMEOUT_MS	60000

/* Policy: most commands for one device. The host's own limit per channel is a few hundred. */
#define STORVSC_COMMANDS_PER_LUN	2048

/* Vital product data B0h, block limits, as far as it is looked at */
#define STORVSC_BLOCK_LIMITS_BYTES	64

/* Addresses within a frame: see storvsc_frames_add() */
#define STORVSC_FRAME_MASK		(HV_HYP_PAGE_SIZE - 1)

/* Policy: transfers that touch up to this many frames need no memory but the stack. */
#define STORVSC_STACK_FRAMES		65

union storvsc_stack_buffer {
	struct vmbus_packet_mpb_array descriptor;
	u64 room[sizeof(struct vmbus_packet_mpb_array) / sizeof(u64) + STORVSC_STACK_FRAMES];
};

static struct storvsc_controller *storvsc_from_command(const struct scsi_cmnd *cmd)
{
	return shost_priv(cmd->device->host);
}

/* Time since the host got the command. @slot is held, or the host's. */
static unsigned int storvsc_age_ms(const struct storvsc_slot *slot)
{
	return jiffies_to_msecs(jiffies - READ_ONCE(slot->sent_at));
}

/* The hardware queue. Nobody polls for the commands of the error handler, whatever queue they were on before. */
static u32 storvsc_route_of(struct scsi_cmnd *cmd)
{
	if (scsi_host_in_recovery(cmd->device->host))
		return 0;
	return blk_mq_unique_tag_to_hwq(blk_mq_unique_tag(scsi_cmd_to_rq(cmd)));
}

/* Ends a command without it having been near a slot. It may be the one that the commands before it wait for. */
static int storvsc_refuse(struct scsi_cmnd *cmd, u8 host_byte)
{
	storvsc_queues_publish(&storvsc_from_command(cmd)->queues, storvsc_route_of(cmd));
	cmd->result = host_byte << 16;
	scsi_done(cmd);
	return 0;
}

/* Ends a command that this host mishandles as a disk does that has no such command. */
static int storvsc_refuse_unknown(struct storvsc_controller *controller, struct scsi_cmnd *cmd)
{
	struct storvsc_srb_result result;

	storvsc_queues_publish(&controller->queues, storvsc_route_of(cmd));
	storvsc_srb_refuse(&result);
	atomic_long_inc(&controller->stats.outcomes[STORVSC_OUTCOME_REFUSED]);
	memcpy(cmd->sense_buffer, result.sense, result.sense_bytes);
	cmd->result = result.host << 16 | result.status;
	scsi_set_resid(cmd, scsi_bufflen(cmd));
	scsi_done(cmd);
	return 0;
}

/* Gives memory and slot back, then the command. @slot is held by the caller. */
static void storvsc_finish(struct storvsc_controller *controller, struct storvsc_slot *slot)
{
	struct scsi_cmnd *cmd = slot->cmd;

	if (slot->is_mapped)
		scsi_dma_unmap(cmd);
	slot->is_mapped = false;
	slot->cmd = NULL;
	/* The tag may be used again as soon as the mid-layer has the command. */
	storvsc_slot_release(&controller->queues, slot);
	scsi_done(cmd);
}

static noinline_for_stack void storvsc_report_error(struct storvsc_controller *controller, struct scsi_cmnd *cmd,
				 const struct vstor_packet *reply, const char *meaning)
{
	char words[STORVSC_WORDS_BYTES];

	atomic_long_inc(&controller->counters.errors);
	if (!storvsc_is_logged(STORVSC_LOG_ERROR) || !__ratelimit(&controller->error_limit))
		return;
	storvsc_words_of_error(words, sizeof(words), cmd->cmnd, le32_to_cpu(reply->status), meaning);
	/* The first line is what tools and documents look for, the second for who reads. One would be cut by the mid-layer. */
	scmd_printk(KERN_ERR, cmd, "cmd 0x%x status: scsi 0x%x srb 0x%x hv 0x%x\n", cmd->cmnd[0], reply->srb.scsi_status,
		    reply->srb.srb_status, le32_to_cpu(reply->status));
	scmd_printk(KERN_ERR, cmd, "%s\n", words);
}

/**
 * storvsc_host_complete() - the host answered a command
 * @controller: the controller
 * @slot: held by the caller
 * @reply: private copy of the reply, at least as long as the session's packets
 *
 * Context: softirq, or process.
 */
void storvsc_host_complete(struct storvsc_controller *controller, struct storvsc_slot *slot,
			   const struct vstor_packet *reply)
{
	struct scsi_cmnd *cmd = slot->cmd;
	struct storvsc_srb_result result;

	storvsc_srb_judge(&result, &reply->srb, cmd->cmnd, slot->data_bytes,
			  controller->class->is_fibre_channel);
	if (result.rescan_device)
		storvsc_scan_request_device(controller, cmd->device, STORVSC_LUN_RESCAN);
	if (result.check_device)
		storvsc_scan_request_device(controller, cmd->device, STORVSC_LUN_CHECK);
	if (result.report)
		storvsc_report_error(controller, cmd, reply, result.meaning);
	if (result.sense_bytes)
		memcpy(cmd->sense_buffer, result.sense, result.sense_bytes);
	cmd->result = result.host << 16 | result.status;
	if (unlikely(cmd->result))
		atomic_long_inc(&controller->stats.outcomes[storvsc_srb_outcome(&result)]);
	if (static_branch_unlikely(&storvsc_latency_on))
		storvsc_stats_time(&controller->stats, cmd->cmnd[0], slot->sent_ns);
	trace_storvsc_complete(cmd, storvsc_slot_index(&controller->queues, slot), reply->srb.srb_status,
			       reply->srb.scsi_status, le32_to_cpu(reply->status), result.moved_bytes);
	scsi_set_resid(cmd, slot->data_bytes - result.moved_bytes);
	storvsc_finish(controller, slot);
}

static bool storvsc_fail_slot(struct storvsc_controller *controller, struct storvsc_slot *slot, u8 host_byte)
{
	struct scsi_cmnd *cmd;

	if (!storvsc_slot_take_from_host(slot))
		return false;
	cmd = slot->cmd;
	cmd->result = host_byte << 16;
	trace_storvsc_swept(cmd, storvsc_slot_index(&controller->queues, slot), storvsc_age_ms(slot));
	scsi_set_resid(cmd, slot->data_bytes);
	storvsc_finish(controller, slot);
	return true;
}

/* May the host write to the memory of the command in @slot, which it owns? */
static bool storvsc_slot_is_read(const struct storvsc_slot *slot)
{
	const struct scsi_cmnd *cmd = READ_ONCE(slot->cmd);

	return cmd && slot->data_bytes && cmd->sc_data_direction != DMA_TO_DEVICE;
}

/**
 * storvsc_host_fail_lost() - end the commands that will never be answered
 * @controller: the controller
 * @all: all channels are closed or rescinded; otherwise only the commands on rescinded channels are ended
 * @host_byte: their result
 *
 * A rescind and a finished close are the host's promise to leave the memory alone. As long as there is neither, commands that
 * it may write for go on waiting.
 *
 * Context: may sleep.
 */
void storvsc_host_fail_lost(struct storvsc_controller *controller, bool all, u8 host_byte)
{
	struct storvsc_queues *queues = &controller->queues;
	u32 i;

	for (i = 0; i < queues->nr_slots; i++) {
		struct storvsc_slot *slot = &queues->slots[i];

		if (!(all ? storvsc_slot_is_sent(slot) : storvsc_slot_is_lost(slot)))
			continue;
		if (storvsc_controller_is_written(controller) && storvsc_slot_is_read(slot))
			continue;
		storvsc_fail_slot(controller, slot, host_byte);
	}
}

/*
 * Describes the command's data buffer in @buffer, which has room for controller->max_frames or @room frames.
 * Returns 0 or -EINVAL: a list the host would misread.
 */
static int storvsc_describe_buffer(struct scsi_cmnd *cmd, int nr_segments, struct vmbus_packet_mpb_array *buffer,
				   u32 room, u32 *nr_frames)
{
	struct storvsc_frames frames = { .numbers = buffer->range.pfn_array, .room = room };
	struct scatterlist *segment;
	int i, ret;

	scsi_for_each_sg(cmd, segment, nr_segments, i) {
		ret = storvsc_frames_add(&frames, sg_dma_address(segment), sg_dma_len(segment));
		if (ret)
			return -EINVAL;
	}
	if (frames.bytes != scsi_bufflen(cmd))
		return -EINVAL;
	buffer->range.len = frames.bytes;
	buffer->range.offset = frames.offset;
	*nr_frames = frames.count;
	return 0;
}

/* An upper bound of the frames that a buffer of the command's length can touch. */
static u32 storvsc_frames_bound(const struct scsi_cmnd *cmd)
{
	return HVPFN_UP(scsi_bufflen((struct scsi_cmnd *)cmd)) + 1;
}

static enum vstor_data_in storvsc_direction(const struct scsi_cmnd *cmd, u32 data_bytes)
{
	if (!data_bytes)
		return VSTOR_DATA_NONE;
	return cmd->sc_data_direction == DMA_TO_DEVICE ? VSTOR_DATA_OUT : VSTOR_DATA_IN;
}

static void storvsc_build_packet(struct storvsc_controller *controller, struct scsi_cmnd *cmd, u32 data_bytes,
				 struct vstor_packet *packet)
{
	const struct vstor_session *session = &controller->session;
	const struct scsi_device *sdev = cmd->device;
	const struct storvsc_srb_request request = {
		.cdb = cmd->cmnd,
		.cdb_bytes = cmd->cmd_len,
		.port = controller->scsi_host->host_no,
		.path = sdev->channel,
		.target = sdev->id,
		.lun = sdev->lun,
		.direction = storvsc_direction(cmd, data_bytes),
		.tagged = sdev->tagged_supported,
		.srb_bytes = session->srb_bytes,
		.sense_bytes = session->sense_bytes,
		.data_bytes = data_bytes,
	};

	storvsc_srb_build(packet, &request);
}

/* Takes a mapped command to the host. Errors of storvsc_slot_submit(), -EINVAL for a buffer it cannot describe, -ENOMEM. */
static int storvsc_send(struct storvsc_controller *controller, struct scsi_cmnd *cmd, struct storvsc_slot *slot,
			int nr_segments)
{
	struct vmbus_packet_mpb_array *buffer = NULL;
	union storvsc_stack_buffer stack_buffer compat_uninitialized;
	/* The error handler sends its commands one at a time, on some kernels with the flags of the one that failed. */
	bool more = !(cmd->flags & SCMD_LAST) && !scsi_host_in_recovery(cmd->device->host);
	u32 route = storvsc_route_of(cmd);
	u32 room = STORVSC_STACK_FRAMES;
	struct vstor_packet packet;
	u32 nr_frames = 0;
	int ret;

	if (nr_segments) {
		buffer = &stack_buffer.descriptor;
		if (storvsc_frames_bound(cmd) > room) {
			room = controller->max_frames;
			buffer = mempool_alloc(controller->buffers, GFP_ATOMIC | __GFP_NOWARN);
			if (!buffer)
				return -ENOMEM;
		}
		ret = storvsc_describe_buffer(cmd, nr_segments, buffer, room, &nr_frames);
		if (ret)
			goto free_buffer;
	}
	storvsc_build_packet(controller, cmd, slot->data_bytes, &packet);
	slot->sent_ns = static_branch_unlikely(&storvsc_latency_on) ? storvsc_stats_now() : 0;
	trace_storvsc_send(cmd, storvsc_slot_index(&controller->queues, slot), route, slot->data_bytes);
	ret = storvsc_slot_submit(&controller->queues, slot, route, &packet, buffer, nr_frames, more);
free_buffer:
	if (buffer && buffer != &stack_buffer.descriptor)
		mempool_free(buffer, controller->buffers);
	return ret;
}

/* The host cannot be given this command now or ever. @slot is held. */
static int storvsc_undo(struct storvsc_controller *controller, struct scsi_cmnd *cmd, struct storvsc_slot *slot,
			int error)
{
	storvsc_queues_publish(&controller->queues, storvsc_route_of(cmd));
	switch (error) {
	case -EINVAL:
		if (storvsc_is_logged(STORVSC_LOG_ERROR) && __ratelimit(&controller->error_limit))
			scmd_printk(KERN_ERR, cmd, "cmd 0x%x not sent: its data buffer has a hole or is too large\n",
				    cmd->cmnd[0]);
		atomic_long_inc(&controller->counters.errors);
		cmd->result = DID_ERROR << 16;
		storvsc_finish(controller, slot);
		return 0;
	case -ENODEV:
	case -ESHUTDOWN:
		if (storvsc_controller_is_lost(controller)) {
			cmd->result = DID_NO_CONNECT << 16;
			storvsc_finish(controller, slot);
			return 0;
		}
		break;
	}
	if (slot->is_mapped)
		scsi_dma_unmap(cmd);
	slot->is_mapped = false;
	slot->cmd = NULL;
	storvsc_slot_release(&controller->queues, slot);
	atomic_long_inc(&controller->counters.busy);
	return error == -EAGAIN || error == -ENOMEM ? SCSI_MLQUEUE_DEVICE_BUSY : SCSI_MLQUEUE_HOST_BUSY;
}

static compat_scsi_qc_status storvsc_queuecommand(struct Scsi_Host *shost, struct scsi_cmnd *cmd)
{
	struct storvsc_controller *controller = shost_priv(shost);
	struct storvsc_slot *slot;
	int nr_segments;
	int ret;

	if (storvsc_controller_is_lost(controller))
		return storvsc_refuse(cmd, DID_NO_CONNECT);
	if (READ_ONCE(controller->state) == STORVSC_CONTROLLER_STOPPED)
		return SCSI_MLQUEUE_HOST_BUSY;
	if (cmd->sc_data_direction == DMA_BIDIRECTIONAL || cmd->cmd_len > VSTOR_CDB_BYTES)
		return storvsc_refuse(cmd, DID_ERROR);
	if (storvsc_srb_is_refused(controller->session.version, cmd->cmnd[0]))
		return storvsc_refuse_unknown(controller, cmd);

	slot = storvsc_slot_claim(&controller->queues, scsi_cmd_to_rq(cmd)->tag);
	if (!slot) {
		storvsc_queues_publish(&controller->queues, storvsc_route_of(cmd));
		return SCSI_MLQUEUE_HOST_BUSY;
	}
	/* All of it each time: the error handler reuses commands with other lengths and directions. */
	slot->cmd = cmd;
	slot->data_bytes = scsi_bufflen(cmd);

	nr_segments = scsi_dma_map(cmd);
	if (nr_segments < 0)
		return storvsc_undo(controller, cmd, slot, -ENOMEM);
	slot->is_mapped = nr_segments > 0;

	ret = storvsc_send(controller, cmd, slot, nr_segments);
	if (ret)
		return storvsc_undo(controller, cmd, slot, ret);
	return 0;
}

/* No more commands follow although the last one said so. */
static void storvsc_commit(struct Scsi_Host *shost, u16 hwq)
{
	struct storvsc_controller *controller = shost_priv(shost);

	storvsc_queues_publish(&controller->queues, hwq);
}

static struct storvsc_slot *storvsc_slot_of(struct storvsc_controller *controller, struct scsi_cmnd *cmd)
{
	u32 tag = scsi_cmd_to_rq(cmd)->tag;

	if (tag >= controller->queues.nr_slots)
		return NULL;
	return &controller->queues.slots[tag];
}

/*
 * The request timer ran out. Until the host answers it may write to the command's memory: so the command waits on, and
 * somebody is told. The exceptions are commands on a rescinded channel, and a limit, after which the channels are closed and
 * opened again: a host that is silent for good makes errors of them, not tasks that hang.
 */
static enum scsi_timeout_action storvsc_timed_out(struct scsi_cmnd *cmd)
{
	struct storvsc_controller *controller = storvsc_from_command(cmd);
	struct storvsc_slot *slot = storvsc_slot_of(controller, cmd);
	unsigned int limit = READ_ONCE(storvsc_timeout_limit);
	u32 restarts;

	if (!slot || !storvsc_slot_is_sent(slot) || READ_ONCE(slot->cmd) != cmd)
		return SCSI_EH_RESET_TIMER;

	if (storvsc_slot_is_lost(slot)) {
		u8 host_byte = storvsc_controller_is_lost(controller) ? DID_NO_CONNECT : DID_RESET;

		return storvsc_fail_slot(controller, slot, host_byte) ? SCSI_EH_DONE : SCSI_EH_RESET_TIMER;
	}

	/* If it was the interrupt that got lost, the answer is there. */
	storvsc_channel_look(READ_ONCE(slot->entry));
	if (!storvsc_slot_is_sent(slot) || READ_ONCE(slot->cmd) != cmd)
		return SCSI_EH_RESET_TIMER;

	atomic_long_inc(&controller->counters.timeouts);
	restarts = ++slot->timer_restarts;
	trace_storvsc_timeout(cmd, storvsc_slot_index(&controller->queues, slot), storvsc_age_ms(slot));
	if (storvsc_is_logged(STORVSC_LOG_ERROR) && __ratelimit(&controller->timeout_limit))
		scmd_printk(KERN_WARNING, cmd, "cmd 0x%x: no answer from the host for %u s, %s\n", cmd->cmnd[0],
			    storvsc_age_ms(slot) / 1000,
			    limit && restarts >= limit ? "its channels are reopened" : "still waiting");
	if (limit && restarts >= limit)
		schedule_work(&controller->recover_work);
	return SCSI_EH_RESET_TIMER;
}

/*
 * Resets the bus, then waits for the commands that are out. If they do not come home, closing the channel is what makes
 * the host drop them. Either way none is out on return: the mid-layer is about to give their memory back.
 * The command may be a dummy of the SG_SCSI_RESET ioctl: only its device is used.
 */
static int storvsc_host_reset(struct scsi_cmnd *cmd)
{
	struct storvsc_controller *controller = storvsc_from_command(cmd);
	int ret = -ENODEV;

	storvsc_controller_watch(controller);
	if (!storvsc_controller_is_lost(controller)) {
		ret = vstor_reset_bus(&controller->session, STORVSC_RESET_TIMEOUT_MS);
		shost_printk(KERN_NOTICE, controller->scsi_host, "bus reset: %s\n",
			     ret ? "not done by the host" : "done");
		if (!ret && !storvsc_queues_drain(&controller->queues, STORVSC_DRAIN_TIMEOUT_MS))
			ret = -ETIMEDOUT;
	}
	if (ret)
		ret = storvsc_controller_recover(controller);
	storvsc_controller_unwatch(controller);
	return ret ? FAILED : SUCCESS;
}

static int storvsc_sdev_init(struct scsi_device *sdev)
{
	sdev->hostdata = kzalloc(sizeof(struct storvsc_lun), GFP_KERNEL);
	if (!sdev->hostdata)
		return -ENOMEM;
	/*
	 * Virtual DVDs claim no SCSI version, disks of old hosts an old one; both answer REPORT LUNS, and disks have
	 * vital product data.
	 */
	sdev->sdev_bflags = BLIST_REPORTLUN2 | BLIST_TRY_VPD_PAGES;
	return 0;
}
COMPAT_SDEV_INIT(storvsc_sdev_init, STORVSC_FRAME_MASK)

/*
 * Does the disk say that it has WRITE SAME? Not asking for it is the default of old: hosts up to 5.1 mishandle it. The page is
 * read here because the mid-layer reads it later.
 */
static bool storvsc_has_write_same(struct scsi_device *sdev, u16 version)
{
	bool has = false;
	u8 *page;

	if (sdev->type != TYPE_DISK || version <= VSTOR_VERSION_5_1)
		return false;
	page = kzalloc(STORVSC_BLOCK_LIMITS_BYTES, GFP_KERNEL);
	if (!page)
		return false;
	if (!scsi_get_vpd_page(sdev, 0xb0, page, STORVSC_BLOCK_LIMITS_BYTES))
		has = storvsc_limits_have_write_same(page, STORVSC_BLOCK_LIMITS_BYTES);
	kfree(page);
	return has;
}

static int storvsc_sdev_configure(struct scsi_device *sdev, struct queue_limits *limits)
{
	struct storvsc_controller *controller = shost_priv(sdev->host);
	u16 version = controller->session.version;

	blk_queue_rq_timeout(sdev->request_queue, msecs_to_jiffies(STORVSC_COMMAND_TIMEOUT_MS));
	/* If the caching page cannot be read there is a write cache, and it is flushed. */
	sdev->wce_default_on = 1;
	/* REPORT SUPPORTED OPERATION CODES is known to no virtual disk. */
	sdev->no_report_opcodes = 1;
	sdev->no_write_same = !storvsc_has_write_same(sdev, version);
	/* These hosts claim SPC-2 for disks that have the provisioning pages of SPC-3. */
	if ((version == VSTOR_VERSION_5_1 || version == VSTOR_VERSION_6_0) && !strncmp(sdev->vendor, "Msft", 4))
		sdev->scsi_level = SCSI_SPC_3;
	return 0;
}
COMPAT_SDEV_CONFIGURE(storvsc_sdev_configure)

static void storvsc_sdev_destroy(struct scsi_device *sdev)
{
	kfree(sdev->hostdata);
	sdev->hostdata = NULL;
}

/* What boot loaders and partition tools have always seen on this controller. */
static int storvsc_bios_param(struct scsi_device *sdev, struct gendisk *disk, sector_t capacity, int *geometry)
{
	geometry[0] = 255;
	geometry[1] = 63;
	sector_div(capacity, 255 * 63);
	geometry[2] = min_t(sector_t, capacity, INT_MAX);
	return 0;
}
COMPAT_BIOS_PARAM(storvsc_bios_param)

struct scsi_host_template storvsc_host_template = {
	.module = THIS_MODULE,
	.name = "storvsc_host_t",
	.proc_name = "storvsc_host",
	.queuecommand = storvsc_queuecommand,
	.commit_rqs = storvsc_commit,
	COMPAT_SCSI_POLL(storvsc_map_queues, storvsc_poll)
	.eh_timed_out = storvsc_timed_out,
	.eh_host_reset_handler = storvsc_host_reset,
	.sdev_init = compat_sdev_init(storvsc_sdev_init),
	.sdev_configure = compat_sdev_configure(storvsc_sdev_configure),
	.sdev_destroy = storvsc_sdev_destroy,
	.change_queue_depth = scsi_change_queue_depth,
	.bios_param = compat_bios_param(storvsc_bios_param),
	.this_id = -1,
	.cmd_per_lun = STORVSC_COMMANDS_PER_LUN,
	/* One range per packet: each element but the first begins, and each but the last ends, on a frame boundary. */
	COMPAT_VIRT_BOUNDARY(STORVSC_FRAME_MASK),
	.host_tagset = 1,
	.track_queue_depth = 1,
	.skip_settle_delay = 1,
	COMPAT_SHOST_GROUPS(storvsc_host_groups)
};
