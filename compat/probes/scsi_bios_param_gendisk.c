// SPDX-License-Identifier: GPL-2.0
/* scsi_host_template.bios_param takes a struct gendisk: Linux 6.18; before, a struct block_device. */
#include <linux/module.h>
#include <linux/blkdev.h>
#include <scsi/scsi_host.h>

static int compat_bios_param(struct scsi_device *sdev, struct gendisk *disk, sector_t capacity, int *geometry)
{
	return 0;
}

extern struct scsi_host_template compat_probe;
struct scsi_host_template compat_probe = { .bios_param = compat_bios_param };
MODULE_LICENSE("GPL");
