/* SPDX-License-Identifier: GPL-2.0 */
/* Which processors are there for all work: those of shim_housekeeping, for the test to set. */
#ifndef SHIM_LINUX_SCHED_ISOLATION_H
#define SHIM_LINUX_SCHED_ISOLATION_H

#include <linux/bitops.h>
#include <linux/cpumask.h>

enum hk_type { HK_TYPE_DOMAIN, HK_TYPE_MANAGED_IRQ };

static unsigned long shim_housekeeping[2] = { ~0ul, ~0ul };

#define housekeeping_cpumask(type)	(&shim_housekeeping[type])
#define cpumask_test_cpu(cpu, mask)	test_bit(cpu, mask)

#endif
