/* SPDX-License-Identifier: GPL-2.0 */
/* Channels over the end of a connection and the beginning of the next. */
#ifndef VMBUS_REOFFER_H
#define VMBUS_REOFFER_H

#include "internal.h"

void vmbus_reoffer_prepare(void);
void vmbus_reoffer_forget(bool confirmed);
void vmbus_reoffer_renew(void (*renumbered)(struct vmbus_chan *chan));

#endif
