// SPDX-License-Identifier: GPL-2.0
/* scsi_host_template.eh_timed_out returns enum scsi_timeout_action: Linux 6.2; before, enum blk_eh_timer_return. */
#include <linux/module.h>
#include <scsi/scsi_host.h>

static enum scsi_timeout_action compat_timed_out(struct scsi_cmnd *cmd)
{
	return SCSI_EH_RESET_TIMER;
}

extern struct scsi_host_template compat_probe;
struct scsi_host_template compat_probe = { .eh_timed_out = compat_timed_out };
MODULE_LICENSE("GPL");
