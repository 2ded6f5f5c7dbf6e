/* SPDX-License-Identifier: GPL-2.0 */
/* Two processors, all there. */
#ifndef SHIM_LINUX_CPUMASK_H
#define SHIM_LINUX_CPUMASK_H

#include <linux/kernel.h>

#define nr_cpu_ids	2u

#define for_each_present_cpu(cpu)	for ((cpu) = 0; (cpu) < 2; (cpu)++)
#define for_each_possible_cpu		for_each_present_cpu

#endif
