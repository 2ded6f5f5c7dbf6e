/* SPDX-License-Identifier: GPL-2.0 */
/* A state of processors that the test walks them through: shim_cpu_comes, shim_cpu_goes. */
#ifndef SHIM_LINUX_CPUHOTPLUG_H
#define SHIM_LINUX_CPUHOTPLUG_H

#include <linux/cpumask.h>

#define CPUHP_AP_ONLINE_DYN	200

static int (*shim_cpu_comes)(unsigned int cpu);
static int (*shim_cpu_goes)(unsigned int cpu);
/* What the next request for a state returns, for the test to set. */
static int shim_cpu_state = CPUHP_AP_ONLINE_DYN;

static inline int cpuhp_setup_state_nocalls_cpuslocked(int state, const char *name, int (*comes)(unsigned int cpu),
						       int (*goes)(unsigned int cpu))
{
	if (shim_cpu_state >= 0) {
		shim_cpu_comes = comes;
		shim_cpu_goes = goes;
	}
	return shim_cpu_state;
}

static inline void cpuhp_remove_state(int state)
{
	unsigned int cpu;

	for_each_online_cpu(cpu)
		shim_cpu_goes(cpu);
	shim_cpu_goes = NULL;
}

#endif
