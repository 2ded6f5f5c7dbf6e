// SPDX-License-Identifier: GPL-2.0
/* Has scsi_host_template virt_boundary_mask and max_segment_size? Linux 5.2; before, drivers set limits of the queue. */
#include <linux/module.h>
#include <scsi/scsi_host.h>

extern struct scsi_host_template compat_probe;
struct scsi_host_template compat_probe = { .virt_boundary_mask = 4095, .max_segment_size = 65536 };
MODULE_LICENSE("GPL");
