/* SPDX-License-Identifier: GPL-2.0 */
/* Two processors, or as many as the test says before it includes this; shim_cpus_online says which of them are there. */
#ifndef SHIM_LINUX_CPUMASK_H
#define SHIM_LINUX_CPUMASK_H

#include <linux/kernel.h>

#ifndef SHIM_CPUS
#define SHIM_CPUS	2
#endif

static unsigned long shim_cpus_online = ~0ul;

#define nr_cpu_ids			((unsigned int)SHIM_CPUS)
#define cpu_online(cpu)			((cpu) < SHIM_CPUS && (shim_cpus_online >> (cpu) & 1))
#define num_online_cpus()		((unsigned int)__builtin_popcountl(shim_cpus_online & ((1ul << SHIM_CPUS) - 1)))
#define for_each_present_cpu(cpu)	for ((cpu) = 0; (cpu) < SHIM_CPUS; (cpu)++)
#define for_each_possible_cpu		for_each_present_cpu
#define for_each_online_cpu(cpu)	for_each_present_cpu(cpu) if (!cpu_online(cpu)) { } else

#endif
