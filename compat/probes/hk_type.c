// SPDX-License-Identifier: GPL-2.0
/* Is housekeeping_cpumask() asked by type? Until 5.17 it was by flag. */
#include <linux/module.h>
#include <linux/sched/isolation.h>

const struct cpumask *compat_probe(void);
const struct cpumask *compat_probe(void)
{
	return housekeeping_cpumask(HK_TYPE_MANAGED_IRQ);
}
MODULE_LICENSE("GPL");
