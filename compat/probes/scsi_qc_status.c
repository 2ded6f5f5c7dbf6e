// SPDX-License-Identifier: GPL-2.0
/* Does scsi_host_template.queuecommand return an enum scsi_qc_status? Until 6.19 it returned an int. */
#include <linux/module.h>
#include <scsi/scsi_host.h>

static enum scsi_qc_status compat_queuecommand(struct Scsi_Host *shost, struct scsi_cmnd *cmd)
{
	return SCSI_MLQUEUE_HOST_BUSY;
}

extern struct scsi_host_template compat_probe;
struct scsi_host_template compat_probe = { .queuecommand = compat_queuecommand };
MODULE_LICENSE("GPL");
