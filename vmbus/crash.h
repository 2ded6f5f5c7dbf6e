/* SPDX-License-Identifier: GPL-2.0 */
/* Tells the host of a crash, on kernels that leave this to the bus. */
#ifndef VMBUS_CRASH_H
#define VMBUS_CRASH_H

void hv_crash_init(void);
void hv_crash_exit(void);

#endif
