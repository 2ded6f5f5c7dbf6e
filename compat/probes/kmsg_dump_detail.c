// SPDX-License-Identifier: GPL-2.0
/* Does a kmsg dumper get details? Until 6.10 it got the reason alone. */
#include <linux/kmsg_dump.h>
#include <linux/module.h>

static void compat_probe_dump(struct kmsg_dumper *dumper, struct kmsg_dump_detail *detail)
{
}

extern struct kmsg_dumper compat_probe_dumper;
struct kmsg_dumper compat_probe_dumper = {
	.dump = compat_probe_dump,
};
MODULE_LICENSE("GPL");
