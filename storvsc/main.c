// SPDX-License-Identifier: GPL-2.0
/*
 * The bus driver: parameters, which devices, probe and remove in their order, suspend and resume.
 * remove() is probe() undone from the last step to the first, whether the host took the device away or the user did.
 */
#include <linux/cpumask.h>
#include <linux/crash_dump.h>
#include <linux/dma-mapping.h>
#include <linux/hyperv.h>
#include <linux/log2.h>
#include <linux/module.h>
#include <scsi/scsi.h>
#include <scsi/scsi_device.h>
#include <scsi/scsi_host.h>

#include "batch.h"
#include "fc.h"
#include "host.h"
#include "limits.h"

/* Policy: bounds for what a parameter asks for. */
#define STORVSC_MIN_RING_BYTES		(16u << 10)
#define STORVSC_MAX_RING_BYTES		(4u << 20)

/* Policy: a kernel that saves a crash dump has little memory and one job. */
#define STORVSC_KDUMP_COMMANDS		64
#define STORVSC_KDUMP_RING_BYTES	(32u << 10)

/* Policy: descriptors kept for the time when there is no memory; each lives as long as one submission. */
#define STORVSC_RESERVED_BUFFERS	4

int storvsc_logging_level = STORVSC_LOG_ERROR;
module_param_named(logging_level, storvsc_logging_level, int, 0644);
MODULE_PARM_DESC(logging_level, "Logging level, 0 - None, 1 - Error (default), 2 - Warning.");

static unsigned int storvsc_ringbuffer_size = 128 * 1024;
module_param(storvsc_ringbuffer_size, uint, 0444);
MODULE_PARM_DESC(storvsc_ringbuffer_size, "Ring buffer size (bytes)");

static unsigned int storvsc_max_hw_queues;
module_param(storvsc_max_hw_queues, uint, 0644);
MODULE_PARM_DESC(storvsc_max_hw_queues, "Maximum number of hardware queues");

static unsigned int storvsc_poll_queues;
module_param_named(poll_queues, storvsc_poll_queues, uint, 0444);
MODULE_PARM_DESC(poll_queues, "Hardware queues for polled I/O (io_uring), each takes a sub-channel (0)");

static unsigned int storvsc_vcpus_per_sub_channel = 4;
module_param(storvsc_vcpus_per_sub_channel, uint, 0444);
MODULE_PARM_DESC(storvsc_vcpus_per_sub_channel, "Ratio of VCPUs to subchannels");

static unsigned int ring_avail_percent_lowater = 10;
module_param(ring_avail_percent_lowater, uint, 0444);
MODULE_PARM_DESC(ring_avail_percent_lowater, "Select a channel if available ring size > this in percent");

/* Policy: half an hour. Hosts whose storage is far away were seen to be silent for minutes, and then to answer after all. */
unsigned int storvsc_timeout_limit = 10;
module_param_named(timeout_limit, storvsc_timeout_limit, uint, 0644);
MODULE_PARM_DESC(timeout_limit,
		 "Reopen the channels when a command has waited this often for its timeout of 180 s (10), 0 - Never");

static const struct storvsc_class storvsc_class_scsi = {
	.name = "SCSI",
	.max_channel = 0,
	.max_id = 1,
	.max_lun = 256,
	.has_sub_channels = true,
};

/* One channel for each disk; the target is 0 or 1. */
static const struct storvsc_class storvsc_class_ide = {
	.name = "IDE",
	.max_channel = 0,
	.max_id = 2,
	.max_lun = 1,
	.has_one_disk = true,
};

static const struct storvsc_class storvsc_class_fc = {
	.name = "Fibre Channel",
	.max_channel = 7,
	.max_id = 128,
	.max_lun = 255,
	.has_sub_channels = true,
	.is_fibre_channel = true,
};

static const struct hv_vmbus_device_id storvsc_id_table[] = {
	{ HV_SCSI_GUID, .driver_data = (kernel_ulong_t)&storvsc_class_scsi },
	{ HV_IDE_GUID, .driver_data = (kernel_ulong_t)&storvsc_class_ide },
	{ HV_SYNTHFC_GUID, .driver_data = (kernel_ulong_t)&storvsc_class_fc },
	{ },
};
MODULE_DEVICE_TABLE(vmbus, storvsc_id_table);

static u32 storvsc_ring_bytes(void)
{
	if (is_kdump_kernel())
		return VMBUS_RING_SIZE(STORVSC_KDUMP_RING_BYTES);
	return VMBUS_RING_SIZE(clamp(storvsc_ringbuffer_size, STORVSC_MIN_RING_BYTES, STORVSC_MAX_RING_BYTES));
}

static unsigned int storvsc_max_channels(const struct storvsc_class *class)
{
	return storvsc_limit_channels(num_online_cpus(), class->has_sub_channels && !is_kdump_kernel());
}

/* IDE disks have one channel: nobody expects them to poll. */
static u32 storvsc_wanted_polled(const struct storvsc_class *class)
{
	return COMPAT_HAS_SCSI_MQ_POLL && class->has_sub_channels && !is_kdump_kernel() ? storvsc_poll_queues : 0;
}

static u32 storvsc_command_count(unsigned int max_channels)
{
	if (is_kdump_kernel())
		return STORVSC_KDUMP_COMMANDS;
	return storvsc_limit_commands(max_channels, storvsc_vcpus_per_sub_channel);
}

static void storvsc_set_transfer_limits(struct storvsc_controller *controller)
{
	controller->max_frames = storvsc_limit_frames(controller->ring_bytes, controller->session.max_transfer_bytes);
	controller->max_transfer_bytes = (controller->max_frames - 1) * HV_HYP_PAGE_SIZE;
}

static void storvsc_set_host_limits(struct storvsc_controller *controller)
{
	const struct storvsc_class *class = controller->class;
	struct Scsi_Host *shost = controller->scsi_host;
	u32 polled = storvsc_limit_polled(controller->nr_sub_channels, controller->nr_polled);
	u32 queues = storvsc_limit_queues(controller->nr_sub_channels - polled, storvsc_max_hw_queues) + polled;

	if (polled < controller->nr_polled)
		dev_warn(&controller->hv_device->device, "%u poll queues, not %u: the host offers %u sub-channels\n", polled,
			 controller->nr_polled, controller->nr_sub_channels);
	controller->nr_polled = polled;
	controller->queues.nr_routes = queues;
	controller->queues.nr_polled_routes = polled;
	compat_scsi_set_maps(shost, polled ? HCTX_MAX_TYPES : 1);
	shost->nr_hw_queues = queues;
	shost->can_queue = controller->queues.nr_slots;
	shost->cmd_per_lun = min_t(int, shost->cmd_per_lun, shost->can_queue);
	shost->max_cmd_len = VSTOR_CDB_BYTES;
	shost->max_channel = class->max_channel;
	shost->max_id = class->max_id;
	shost->max_lun = class->max_lun;
	shost->sg_tablesize = controller->max_frames;
	shost->max_sectors = controller->max_transfer_bytes >> SECTOR_SHIFT;
}

/* The instance GUID of an IDE disk tells its place: first the channel, then the device on it. */
static int storvsc_ide_target(const struct hv_device *hv_device)
{
	const u8 *guid = hv_device->dev_instance.b;
	u16 target = guid[4] | guid[5] << 8;

	return target <= 1 ? target : -EINVAL;
}

static int storvsc_add_disks(struct storvsc_controller *controller)
{
	int target;

	if (!controller->class->has_one_disk) {
		scsi_scan_host(controller->scsi_host);
		return 0;
	}
	target = storvsc_ide_target(controller->hv_device);
	if (target < 0) {
		dev_err(&controller->hv_device->device, "the instance id names no IDE device\n");
		return target;
	}
	return scsi_add_device(controller->scsi_host, 0, target, 0);
}

static void storvsc_remove_host(struct storvsc_controller *controller)
{
	storvsc_queues_set_cpu_map(&controller->queues, NULL);
	if (controller->class->is_fibre_channel)
		storvsc_fc_remove(controller->scsi_host, controller->fc_port);
	scsi_remove_host(controller->scsi_host);
}

static int storvsc_probe(struct hv_device *hv_device, const struct hv_vmbus_device_id *id)
{
	const struct storvsc_class *class = (const struct storvsc_class *)id->driver_data;
	unsigned int max_channels = storvsc_max_channels(class);
	struct storvsc_controller *controller;
	struct Scsi_Host *shost;
	int ret;

	shost = scsi_host_alloc(&storvsc_host_template, sizeof(*controller));
	if (!shost)
		return -ENOMEM;
	compat_shost_set_groups(shost, storvsc_host_groups);
	controller = shost_priv(shost);
	storvsc_controller_init(controller, shost, hv_device, class);
	controller->ring_bytes = storvsc_ring_bytes();
	controller->queues.lowater_percent = ring_avail_percent_lowater;
	controller->nr_polled = storvsc_wanted_polled(class);

	ret = storvsc_queues_alloc(&controller->queues, &controller->session, max_channels, max_channels,
				   storvsc_command_count(max_channels));
	if (ret)
		goto put_host;

	/* The host sees 4 KiB frames: a bounce buffer keeps the place of the data within them. */
	dma_set_min_align_mask(&hv_device->device, HV_HYP_PAGE_SIZE - 1);

	storvsc_controller_publish(hv_device, controller);
	ret = storvsc_controller_start(controller);
	if (ret) {
		dev_err(&hv_device->device, "%s controller does not start (error %d)\n", class->name, ret);
		goto unpublish;
	}

	storvsc_set_transfer_limits(controller);
	controller->buffers = mempool_create_kmalloc_pool(STORVSC_RESERVED_BUFFERS,
							  sizeof(struct vmbus_packet_mpb_array) +
							  controller->max_frames * sizeof(u64));
	if (!controller->buffers) {
		ret = -ENOMEM;
		goto kill;
	}
	storvsc_set_host_limits(controller);
	if (class->is_fibre_channel)
		storvsc_fc_prepare(shost);
	ret = scsi_add_host(shost, &hv_device->device);
	if (ret)
		goto destroy_buffers;
	/* Queues that share their tags would get a scheduler, unlike those of any other controller with several. */
	if (shost->nr_hw_queues > 1)
		compat_scsi_no_scheduler(shost);
	storvsc_stats_add(&controller->stats, shost);
	if (class->is_fibre_channel)
		controller->fc_port = storvsc_fc_add(shost, &controller->session.names);
	storvsc_queues_set_cpu_map(&controller->queues, shost->tag_set.map[HCTX_TYPE_DEFAULT].mq_map);

	storvsc_controller_watch(controller);
	ret = storvsc_add_disks(controller);
	storvsc_controller_unwatch(controller);
	if (ret)
		goto remove_host;
	storvsc_scan_allow(controller);
	return 0;

remove_host:
	storvsc_remove_host(controller);
destroy_buffers:
	mempool_destroy(controller->buffers);
kill:
	storvsc_controller_kill(controller);
	storvsc_stats_remove(&controller->stats);
unpublish:
	storvsc_controller_publish(hv_device, NULL);
	storvsc_controller_quiesce(controller);
	storvsc_queues_free(&controller->queues);
put_host:
	scsi_host_put(shost);
	return ret;
}

static void storvsc_remove(struct hv_device *hv_device)
{
	struct storvsc_controller *controller = hv_get_drvdata(hv_device);
	struct Scsi_Host *shost = controller->scsi_host;

	/*
	 * Taken away by the host: nothing will be answered any more, so everything ends now, or what follows would wait
	 * for it. Otherwise the mid-layer's last flushes need a working channel, though not for ever.
	 */
	storvsc_controller_begin_removal(controller);
	if (READ_ONCE(hv_device->channel->rescind))
		storvsc_controller_kill(controller);
	storvsc_controller_watch(controller);
	storvsc_scan_forbid(controller);
	storvsc_remove_host(controller);
	storvsc_controller_unwatch(controller);
	storvsc_controller_kill(controller);
	storvsc_stats_remove(&controller->stats);
	mempool_destroy(controller->buffers);
	storvsc_controller_publish(hv_device, NULL);
	storvsc_controller_quiesce(controller);
	storvsc_queues_free(&controller->queues);
	scsi_host_put(shost);
}
COMPAT_HV_REMOVE(storvsc_remove)

static int storvsc_suspend(struct hv_device *hv_device)
{
	struct storvsc_controller *controller = hv_get_drvdata(hv_device);
	int ret;

	storvsc_scan_forbid(controller);
	ret = storvsc_controller_suspend(controller);
	if (ret)
		storvsc_scan_allow(controller);
	return ret;
}

static int storvsc_resume(struct hv_device *hv_device)
{
	struct storvsc_controller *controller = hv_get_drvdata(hv_device);
	int ret;

	ret = storvsc_controller_start(controller);
	if (ret) {
		dev_err(&hv_device->device, "%s controller does not start again (error %d)\n", controller->class->name,
			ret);
		storvsc_controller_kill(controller);
		return ret;
	}
	if (controller->class->is_fibre_channel)
		storvsc_fc_rename(controller->scsi_host, &controller->session.names);
	/* Disks may have come and gone meanwhile. */
	storvsc_scan_request(controller, STORVSC_SCAN_BUS);
	storvsc_scan_allow(controller);
	return 0;
}

static struct hv_driver storvsc_driver = {
	.name = KBUILD_MODNAME,
	.id_table = storvsc_id_table,
	.probe = storvsc_probe,
	.remove = compat_hv_remove(storvsc_remove),
	.suspend = storvsc_suspend,
	.resume = storvsc_resume,
	.driver = {
		/* Several controllers may take their time at once. */
		.probe_type = PROBE_PREFER_ASYNCHRONOUS,
	},
};

static int __init storvsc_module_init(void)
{
	int ret;

	if (storvsc_poll_queues && !COMPAT_HAS_SCSI_MQ_POLL)
		pr_warn("poll_queues has no effect: this kernel's SCSI layer does not poll\n");
	ret = storvsc_fc_attach();
	if (ret)
		return ret;
	storvsc_batch_attach();
	storvsc_stats_init();
	ret = vmbus_driver_register(&storvsc_driver);
	if (ret) {
		storvsc_stats_exit();
		storvsc_batch_release();
		storvsc_fc_release();
	}
	return ret;
}
module_init(storvsc_module_init);

static void __exit storvsc_module_exit(void)
{
	vmbus_driver_unregister(&storvsc_driver);
	storvsc_stats_exit();
	storvsc_batch_release();
	storvsc_fc_release();
}
module_exit(storvsc_module_exit);

MODULE_DESCRIPTION("Hyper-V virtual storage driver");
MODULE_LICENSE("GPL");
MODULE_VERSION(HYPERV_LIC_VERSION);
MODULE_INFO(hyperv_lic_build, HYPERV_LIC_BUILD);
