/* SPDX-License-Identifier: GPL-2.0 */
/* Incoming channel messages. */
#ifndef VMBUS_MESSAGE_H
#define VMBUS_MESSAGE_H

#include <hyperv/tlfs.h>

void vmbus_message_handle(const struct tlfs_message *message);

#endif
