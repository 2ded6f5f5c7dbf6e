// SPDX-License-Identifier: GPL-2.0
/* scsi_host_template.sdev_init, sdev_configure, sdev_destroy: Linux 6.14; before, slave_alloc, ..., slave_destroy. */
#include <linux/module.h>
#include <scsi/scsi_host.h>

static int compat_sdev_init(struct scsi_device *sdev)
{
	return 0;
}

extern struct scsi_host_template compat_probe;
struct scsi_host_template compat_probe = { .sdev_init = compat_sdev_init };
MODULE_LICENSE("GPL");
