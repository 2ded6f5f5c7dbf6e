/* SPDX-License-Identifier: GPL-2.0 */
/* The device the firmware describes the bus by. */
#ifndef VMBUS_ROOT_H
#define VMBUS_ROOT_H

int vmbus_root_init(void);
void vmbus_root_exit(void);

#endif
