/* SPDX-License-Identifier: GPL-2.0 */
/* The connection to the host: negotiation and its end. */
#ifndef VMBUS_CONNECTION_H
#define VMBUS_CONNECTION_H

#include "internal.h"

int vmbus_connect(u32 max_version);
int vmbus_request_initial_offers(void);
int vmbus_reconnect(void);
bool vmbus_can_unload(void);
int vmbus_unload(void);
void vmbus_unload_crash(void);
void vmbus_free_pages(void);

#endif
