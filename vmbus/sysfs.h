/* SPDX-License-Identifier: GPL-2.0 */
/* Attributes below /sys/bus/vmbus. */
#ifndef VMBUS_SYSFS_H
#define VMBUS_SYSFS_H

#include <linux/kobject.h>

extern struct kobj_type vmbus_channel_type;
extern const struct attribute_group *vmbus_bus_groups[];
extern const struct attribute_group *vmbus_device_groups[];

#endif
