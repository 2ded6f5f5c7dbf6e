// SPDX-License-Identifier: GPL-2.0
/* Has the mid-layer poll queues, mapped by a function that returns nothing? Linux 6.0, RHEL 9. */
#include <linux/module.h>
#include <scsi/scsi_host.h>

extern struct scsi_host_template compat_probe;
extern void compat_probe_map(struct Scsi_Host *shost);
extern int compat_probe_poll(struct Scsi_Host *shost, unsigned int queue);

struct scsi_host_template compat_probe = { .map_queues = compat_probe_map, .mq_poll = compat_probe_poll };

void compat_probe_map(struct Scsi_Host *shost)
{
	shost->nr_maps = 1;
}
MODULE_LICENSE("GPL");
