// SPDX-License-Identifier: GPL-2.0
/* Can the owner of a tag set ask for no I/O scheduler, unless the administrator wants one? Linux 5.15, RHEL 9. */
#include <linux/blk-mq.h>
#include <linux/module.h>

extern unsigned int compat_probe;
unsigned int compat_probe = BLK_MQ_F_NO_SCHED_BY_DEFAULT;
MODULE_LICENSE("GPL");
