/* SPDX-License-Identifier: GPL-2.0 */
/* HvCallPostMessage and HvCallSignalEvent: input pages, status to errno, retry policy. */
#ifndef VMBUS_HYPERCALL_H
#define VMBUS_HYPERCALL_H

#include <linux/types.h>

int hv_hypercall_init(void);
void hv_hypercall_exit(void);
int hv_post_message(u32 connection_id, u32 type, const void *payload, u32 bytes, bool may_sleep);
void hv_signal_event(u64 connection);

#endif
