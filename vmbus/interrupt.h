/* SPDX-License-Identifier: GPL-2.0 */
/* The interrupt of VMBus. */
#ifndef VMBUS_INTERRUPT_H
#define VMBUS_INTERRUPT_H

void vmbus_interrupt_init(void);
void vmbus_interrupt_exit(void);
void vmbus_interrupt_flush(unsigned int cpu);

#endif
