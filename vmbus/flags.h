/* SPDX-License-Identifier: GPL-2.0 */
/* Event flags that no channel has yet. */
#ifndef VMBUS_FLAGS_H
#define VMBUS_FLAGS_H

void vmbus_flags_forget(unsigned int first, unsigned int last);

#endif
