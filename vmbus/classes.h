/* SPDX-License-Identifier: GPL-2.0 */
/* Device classes the kernel has a number for. */
#ifndef VMBUS_CLASSES_H
#define VMBUS_CLASSES_H

#include <linux/hyperv.h>

extern const struct vmbus_device vmbus_devs[];

u16 vmbus_class_of(const struct vmbus_channel *channel);

#endif
