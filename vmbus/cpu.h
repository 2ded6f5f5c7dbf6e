/* SPDX-License-Identifier: GPL-2.0 */
/* CPUs that come and go. */
#ifndef VMBUS_CPU_H
#define VMBUS_CPU_H

int vmbus_cpu_init(void);
void vmbus_cpu_exit(void);

#endif
