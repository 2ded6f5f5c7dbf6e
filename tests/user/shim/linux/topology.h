/* SPDX-License-Identifier: GPL-2.0 */
/* The first half of the processors is node 0, the other node 1. */
#ifndef SHIM_LINUX_TOPOLOGY_H
#define SHIM_LINUX_TOPOLOGY_H

#include <linux/cpumask.h>

#define NUMA_NO_NODE	(-1)
#define cpu_to_node(cpu)	((int)((cpu) / (SHIM_CPUS / 2)))

#endif
