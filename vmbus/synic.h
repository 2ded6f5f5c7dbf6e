/* SPDX-License-Identifier: GPL-2.0 */
/* SynIC of each CPU: message page, event page, SINT of VMBus. */
#ifndef VMBUS_SYNIC_H
#define VMBUS_SYNIC_H

#include <linux/types.h>
#include <hyperv/tlfs.h>

int hv_synic_alloc(void);
void hv_synic_free(void);
void hv_synic_enable(unsigned int cpu);
void hv_synic_disable(unsigned int cpu);
unsigned long *hv_synic_events(unsigned int cpu);
bool hv_synic_events_pending(unsigned int cpu, unsigned int last);
u32 hv_synic_message_type(unsigned int cpu);
bool hv_synic_take_message(unsigned int cpu, struct tlfs_message *copy);

#endif
