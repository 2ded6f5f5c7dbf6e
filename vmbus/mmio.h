/* SPDX-License-Identifier: GPL-2.0 */
/* Address space for devices that need some. */
#ifndef VMBUS_MMIO_H
#define VMBUS_MMIO_H

#include <linux/types.h>

int vmbus_mmio_add_window(resource_size_t start, resource_size_t end);
bool vmbus_mmio_has_window(void);
void vmbus_mmio_reserve_framebuffer(void);
void vmbus_mmio_exit(void);

#endif
