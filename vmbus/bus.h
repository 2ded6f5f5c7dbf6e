/* SPDX-License-Identifier: GPL-2.0 */
/* The bus in the driver model. */
#ifndef VMBUS_BUS_H
#define VMBUS_BUS_H

#include "internal.h"

int vmbus_bus_init(const struct attribute_group **bus_groups, const struct attribute_group **device_groups);
void vmbus_bus_exit(void);
int vmbus_bus_add_device(struct vmbus_chan *chan);
void vmbus_bus_unbind_device(struct hv_device *device);
void vmbus_bus_remove_device(struct hv_device *device);
int vmbus_bus_add_channel(struct vmbus_chan *chan);
void vmbus_bus_remove_channel(struct vmbus_chan *chan);
void vmbus_bus_renumber_channel(struct vmbus_chan *chan);
void vmbus_device_unregister(struct hv_device *device);

#endif
