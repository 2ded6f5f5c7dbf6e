// SPDX-License-Identifier: GPL-2.0
/* Does scsi_done() end a command? Linux 5.16; before, a function pointer in the command did. */
#include <linux/module.h>
#include <linux/blkdev.h>
#include <scsi/scsi_cmnd.h>

void compat_probe(struct scsi_cmnd *cmd);
void compat_probe(struct scsi_cmnd *cmd)
{
	scsi_done(cmd);
}
MODULE_LICENSE("GPL");
