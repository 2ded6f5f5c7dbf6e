/* SPDX-License-Identifier: GPL-2.0 */
/* One of each for the processors of <linux/cpumask.h>; the first is the one that runs. */
#ifndef SHIM_LINUX_PERCPU_H
#define SHIM_LINUX_PERCPU_H

#include <linux/cpumask.h>

#define __percpu
#define DEFINE_PER_CPU(type, name)	typeof(type) name[SHIM_CPUS]
#define per_cpu_ptr(p, cpu)		(&(*(p))[cpu])
#define per_cpu(name, cpu)		((name)[cpu])
#define this_cpu_ptr(p)			per_cpu_ptr(p, 0)
#define this_cpu_read(name)		((name)[0])

#endif
