// SPDX-License-Identifier: GPL-2.0
/*
 * Devices that come, go and change: one work item for each controller, however many reasons there are.
 * The host's notice says only "look again". One REPORT LUNS tells what there is; what disappeared is removed once a
 * TEST UNIT READY confirms it, what is new is added. A device whose address now holds another disk is replaced.
 */
#include <linux/bitmap.h>
#include <linux/jiffies.h>
#include <linux/slab.h>
#include <scsi/scsi.h>
#include <scsi/scsi_cmnd.h>
#include <scsi/scsi_device.h>
#include <scsi/scsi_eh.h>
#include <scsi/scsi_host.h>

#include "host.h"

/* The wire has one byte for a logical unit number. */
#define STORVSC_LUNS			256
#define STORVSC_REPORT_LUNS_BYTES	(8 + 8 * STORVSC_LUNS)

/* Policy: the host may ask for a scan as often as it likes; it gets one in this time. */
#define STORVSC_SCAN_INTERVAL_MS	200

#define STORVSC_SCAN_TIMEOUT		(30 * HZ)
#define STORVSC_SCAN_RETRIES		3

/* Policy: as much of a page as is compared. */
#define STORVSC_VPD_BYTES		255

static bool storvsc_device_is_known(const struct scsi_device *sdev)
{
	return sdev->sdev_state != SDEV_CREATED && sdev->sdev_state != SDEV_CANCEL && sdev->sdev_state != SDEV_DEL;
}

static void storvsc_remove_device(struct scsi_device *sdev)
{
	sdev_printk(KERN_NOTICE, sdev, "removed by the host\n");
	scsi_remove_device(sdev);
}

/* Asks a device whether it is there. A command that finds nothing sets STORVSC_LUN_CHECK, as any other does. */
static bool storvsc_device_is_gone(struct scsi_device *sdev)
{
	struct storvsc_lun *lun = sdev->hostdata;
	struct scsi_sense_hdr sense;

	clear_bit(STORVSC_LUN_CHECK, &lun->flags);
	scsi_test_unit_ready(sdev, STORVSC_SCAN_TIMEOUT, STORVSC_SCAN_RETRIES, &sense);
	return test_and_clear_bit(STORVSC_LUN_CHECK, &lun->flags);
}

/* Devices that reported something about themselves. */
static void storvsc_scan_devices(struct storvsc_controller *controller)
{
	struct scsi_device *sdev;

	shost_for_each_device(sdev, controller->scsi_host) {
		struct storvsc_lun *lun = sdev->hostdata;

		if (!lun || !storvsc_device_is_known(sdev))
			continue;
		if (test_and_clear_bit(STORVSC_LUN_CHECK, &lun->flags) && storvsc_device_is_gone(sdev)) {
			storvsc_remove_device(sdev);
			continue;
		}
		if (test_and_clear_bit(STORVSC_LUN_RESCAN, &lun->flags))
			scsi_rescan_device(sdev);
	}
}

/*
 * Fills @luns with what the host lists. Returns 0, -EIO when the command failed, -EPROTO when its data makes no sense.
 */
static int storvsc_report_luns(struct scsi_device *sdev, unsigned long *luns)
{
	static const u8 cdb[12] = {
		REPORT_LUNS, [8] = STORVSC_REPORT_LUNS_BYTES >> 8, [9] = STORVSC_REPORT_LUNS_BYTES & 0xff,
	};
	struct scsi_sense_hdr sense;
	int residual = 0;
	const struct scsi_exec_args args = { .sshdr = &sense, .resid = &residual };
	u32 list_bytes, moved, i;
	u8 *data, *copy;
	int ret = -EIO;

	bitmap_zero(luns, STORVSC_LUNS);
	data = kzalloc(STORVSC_REPORT_LUNS_BYTES, GFP_KERNEL);
	if (!data)
		return -ENOMEM;
	if (scsi_execute_cmd(sdev, cdb, REQ_OP_DRV_IN, data, STORVSC_REPORT_LUNS_BYTES, STORVSC_SCAN_TIMEOUT,
			     STORVSC_SCAN_RETRIES, &args))
		goto free_data;

	/* The host may go on writing to what it was given: what is checked must be what is used. */
	ret = -ENOMEM;
	copy = kmemdup(data, STORVSC_REPORT_LUNS_BYTES, GFP_KERNEL);
	if (!copy)
		goto free_data;
	moved = STORVSC_REPORT_LUNS_BYTES - clamp(residual, 0, STORVSC_REPORT_LUNS_BYTES);
	ret = -EPROTO;
	if (moved < 8)
		goto free_copy;
	list_bytes = min(be32_to_cpup((__be32 *)copy), moved - 8);
	for (i = 0; i + 8 <= list_bytes; i += 8) {
		u64 lun = scsilun_to_int((struct scsi_lun *)(copy + 8 + i));

		if (lun < STORVSC_LUNS)
			__set_bit(lun, luns);
	}
	ret = 0;
free_copy:
	kfree(copy);
free_data:
	kfree(data);
	return ret;
}

/*
 * Does the device now say something else than @known in this page of vital product data? Only a positive answer counts:
 * a page that cannot be read, now or then, says nothing.
 */
static bool storvsc_vpd_differs(struct scsi_device *sdev, u8 number, struct scsi_vpd __rcu **known)
{
	const struct scsi_vpd *vpd;
	bool differs = false;
	int bytes;
	u8 *page;

	page = kzalloc(STORVSC_VPD_BYTES, GFP_KERNEL);
	if (!page)
		return false;
	if (!scsi_get_vpd_page(sdev, number, page, STORVSC_VPD_BYTES)) {
		bytes = min_t(int, be16_to_cpup((__be16 *)(page + 2)) + 4, STORVSC_VPD_BYTES);
		rcu_read_lock();
		vpd = rcu_dereference(*known);
		if (vpd && vpd->len >= 4)
			differs = bytes != min_t(int, vpd->len, STORVSC_VPD_BYTES) || memcmp(vpd->data, page, bytes);
		rcu_read_unlock();
	}
	kfree(page);
	return differs;
}

/* Is another disk at this address? The notices of a removal and an addition may have been merged into one. */
static bool storvsc_device_is_replaced(struct scsi_device *sdev)
{
	return storvsc_vpd_differs(sdev, 0x83, &sdev->vpd_pg83) || storvsc_vpd_differs(sdev, 0x80, &sdev->vpd_pg80);
}

/* One of the devices at path 0, target 0, to put questions to; with a reference. The host answers for any of them. */
static struct scsi_device *storvsc_any_device(struct storvsc_controller *controller)
{
	struct scsi_device *sdev;

	shost_for_each_device(sdev, controller->scsi_host)
		if (!sdev->channel && !sdev->id && sdev->sdev_state == SDEV_RUNNING)
			return sdev;
	return NULL;
}

/* Removes what @listed lacks; clears in @listed what is known and stays. */
static void storvsc_remove_missing(struct storvsc_controller *controller, unsigned long *listed)
{
	struct scsi_device *sdev;

	shost_for_each_device(sdev, controller->scsi_host) {
		if (sdev->channel || sdev->id || sdev->lun >= STORVSC_LUNS || !storvsc_device_is_known(sdev))
			continue;
		if (!test_bit(sdev->lun, listed)) {
			/* A device that is offline cannot be asked. */
			if (!scsi_device_online(sdev) || storvsc_device_is_gone(sdev))
				storvsc_remove_device(sdev);
		} else if (storvsc_device_is_replaced(sdev)) {
			sdev_printk(KERN_NOTICE, sdev, "replaced by another disk\n");
			scsi_remove_device(sdev);
		} else {
			__clear_bit(sdev->lun, listed);
		}
	}
}

/* Without a list: each device answers for itself, and the mid-layer looks for new ones, on a network everywhere. */
static void storvsc_scan_one_by_one(struct storvsc_controller *controller)
{
	struct scsi_device *sdev;

	shost_for_each_device(sdev, controller->scsi_host)
		if (storvsc_device_is_known(sdev) && storvsc_device_is_gone(sdev))
			storvsc_remove_device(sdev);

	if (controller->class->is_fibre_channel)
		scsi_scan_host(controller->scsi_host);
	else
		scsi_scan_target(&controller->scsi_host->shost_gendev, 0, 0, SCAN_WILD_CARD, SCSI_SCAN_RESCAN);
}

static void storvsc_scan_bus(struct storvsc_controller *controller)
{
	DECLARE_BITMAP(listed, STORVSC_LUNS);
	struct scsi_device *sdev = NULL;
	unsigned long lun;
	int ret = -ENODEV;

	if (!controller->class->is_fibre_channel)
		sdev = storvsc_any_device(controller);
	if (sdev) {
		ret = storvsc_report_luns(sdev, listed);
		scsi_device_put(sdev);
	}
	if (ret || bitmap_empty(listed, STORVSC_LUNS)) {
		storvsc_scan_one_by_one(controller);
		return;
	}
	storvsc_remove_missing(controller, listed);
	for_each_set_bit(lun, listed, STORVSC_LUNS)
		scsi_add_device(controller->scsi_host, 0, 0, lun);
}

static void storvsc_scan_work(struct work_struct *work)
{
	struct storvsc_controller *controller =
		container_of(to_delayed_work(work), struct storvsc_controller, scan_work);

	WRITE_ONCE(controller->last_scan, jiffies);
	if (test_and_clear_bit(STORVSC_SCAN_DEVICES, &controller->scan_requests))
		storvsc_scan_devices(controller);
	if (test_and_clear_bit(STORVSC_SCAN_BUS, &controller->scan_requests) && !controller->class->has_one_disk)
		storvsc_scan_bus(controller);
}

/**
 * storvsc_scan_init() - prepare the scan of a controller
 * @controller: the controller
 *
 * Nothing is scanned before storvsc_scan_allow().
 *
 * Context: any.
 */
void storvsc_scan_init(struct storvsc_controller *controller)
{
	spin_lock_init(&controller->scan_lock);
	INIT_DELAYED_WORK(&controller->scan_work, storvsc_scan_work);
}

/* Under scan_lock. Not a queue for memory reclaim: adding a device waits for ordinary work. */
static void storvsc_scan_queue(struct storvsc_controller *controller)
{
	unsigned long next = READ_ONCE(controller->last_scan) + msecs_to_jiffies(STORVSC_SCAN_INTERVAL_MS);
	unsigned long delay = time_after(next, jiffies) ? next - jiffies : 0;

	lockdep_assert_held(&controller->scan_lock);
	if (controller->is_scan_allowed && controller->scan_requests)
		queue_delayed_work(system_long_wq, &controller->scan_work, min_t(unsigned long, delay, HZ));
}

/**
 * storvsc_scan_allow() - the SCSI host is there: scan from now on, and what was asked for before
 * @controller: the controller
 *
 * Context: any.
 */
void storvsc_scan_allow(struct storvsc_controller *controller)
{
	unsigned long flags;

	spin_lock_irqsave(&controller->scan_lock, flags);
	controller->is_scan_allowed = true;
	storvsc_scan_queue(controller);
	spin_unlock_irqrestore(&controller->scan_lock, flags);
}

/**
 * storvsc_scan_forbid() - no scan from now on
 * @controller: the controller
 *
 * On return none is running.
 *
 * Context: may sleep; waits for the commands of a running scan.
 */
void storvsc_scan_forbid(struct storvsc_controller *controller)
{
	unsigned long flags;

	spin_lock_irqsave(&controller->scan_lock, flags);
	controller->is_scan_allowed = false;
	spin_unlock_irqrestore(&controller->scan_lock, flags);
	cancel_delayed_work_sync(&controller->scan_work);
}

/**
 * storvsc_scan_request() - ask for a scan
 * @controller: the controller
 * @request: what to look at
 *
 * Context: any. Requests are merged until the scan begins.
 */
void storvsc_scan_request(struct storvsc_controller *controller, enum storvsc_scan_request request)
{
	unsigned long flags;

	spin_lock_irqsave(&controller->scan_lock, flags);
	set_bit(request, &controller->scan_requests);
	storvsc_scan_queue(controller);
	spin_unlock_irqrestore(&controller->scan_lock, flags);
}

/**
 * storvsc_scan_request_device() - ask for a look at one device
 * @controller: the controller
 * @sdev: the device, kept by the caller
 * @flag: why
 *
 * Devices that are being added or removed are not worth a look: the mid-layer draws its own conclusions.
 *
 * Context: any.
 */
void storvsc_scan_request_device(struct storvsc_controller *controller, struct scsi_device *sdev,
				 enum storvsc_lun_flag flag)
{
	struct storvsc_lun *lun = sdev->hostdata;

	if (!lun || !storvsc_device_is_known(sdev))
		return;
	if (!test_and_set_bit(flag, &lun->flags))
		storvsc_scan_request(controller, STORVSC_SCAN_DEVICES);
}
