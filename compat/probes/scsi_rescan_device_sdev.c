// SPDX-License-Identifier: GPL-2.0
/* Does scsi_rescan_device() take a struct scsi_device? Linux 6.6 (6.1.54); before, a struct device. */
#include <linux/module.h>
#include <linux/blkdev.h>
#include <scsi/scsi_device.h>
#include <scsi/scsi_host.h>

void compat_probe(struct scsi_device *sdev);
void compat_probe(struct scsi_device *sdev)
{
	scsi_rescan_device(sdev);
}
MODULE_LICENSE("GPL");
