// SPDX-License-Identifier: GPL-2.0
/* scsi_execute_cmd() and struct scsi_exec_args: Linux 6.3; before, scsi_execute(). */
#include <linux/module.h>
#include <linux/blkdev.h>
#include <scsi/scsi_device.h>

int compat_probe(struct scsi_device *sdev, const unsigned char *cdb, void *buffer);
int compat_probe(struct scsi_device *sdev, const unsigned char *cdb, void *buffer)
{
	const struct scsi_exec_args args = { .resid = NULL };

	return scsi_execute_cmd(sdev, cdb, REQ_OP_DRV_IN, buffer, 36, HZ, 1, &args);
}
MODULE_LICENSE("GPL");
