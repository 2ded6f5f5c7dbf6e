/* SPDX-License-Identifier: GPL-2.0 */
/* Packets on the rings of a channel; the functions for drivers are declared in <linux/hyperv.h>. */
#ifndef VMBUS_PACKET_H
#define VMBUS_PACKET_H

#include "internal.h"

void vmbus_packet_break(struct vmbus_chan *chan);

#endif
