// SPDX-License-Identifier: GPL-2.0
/* Has scsi_host_template attribute groups of the host? Linux 5.16; before, a list of attributes. */
#include <linux/module.h>
#include <scsi/scsi_host.h>

extern const struct attribute_group *compat_probe_groups[];
extern struct scsi_host_template compat_probe;
struct scsi_host_template compat_probe = { .shost_groups = compat_probe_groups };
MODULE_LICENSE("GPL");
