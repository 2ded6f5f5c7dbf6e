/* SPDX-License-Identifier: GPL-2.0 */
/* The bus over a hibernation. */
#ifndef VMBUS_SUSPEND_H
#define VMBUS_SUSPEND_H

int vmbus_suspend(void);
int vmbus_resume(void);

#endif
