// SPDX-License-Identifier: GPL-2.0
/* scsi_host_template.device_configure with queue limits: Linux 6.10 to 6.13; before, slave_configure without them. */
#include <linux/module.h>
#include <linux/blkdev.h>
#include <scsi/scsi_host.h>

static int compat_configure(struct scsi_device *sdev, struct queue_limits *limits)
{
	return 0;
}

extern struct scsi_host_template compat_probe;
struct scsi_host_template compat_probe = { .device_configure = compat_configure };
MODULE_LICENSE("GPL");
