// SPDX-License-Identifier: GPL-2.0
/*
 * Exports the bus.
 *
 * Nothing but EXPORT_SYMBOL lines: the checksum of a symbol depends on which types are visible here, and must be that
 * of the kernel's own module, so the list of headers is part of the interface (`make check-abi` tells). None of the
 * project's headers but those that declare an exported type belongs here.
 */
#include <linux/init.h>
#include <linux/module.h>
#include <linux/device.h>
#include <linux/interrupt.h>
#include <linux/sysctl.h>
#include <linux/slab.h>
#include <linux/acpi.h>
#include <linux/completion.h>
#include <linux/hyperv.h>
#include <linux/kernel_stat.h>
#include <linux/clockchips.h>
#include <linux/cpu.h>
#include <linux/sched/isolation.h>
#include <linux/sched/task_stack.h>
#include <linux/delay.h>
#include <linux/panic_notifier.h>
#include <linux/ptrace.h>
#include <linux/screen_info.h>
#include <linux/efi.h>
#include <linux/random.h>
#include <linux/kernel.h>
#include <linux/syscore_ops.h>
#include <linux/dma-map-ops.h>
#include <linux/pci.h>
#include <linux/tracepoint.h>
#include <clocksource/hyperv_timer.h>
#include <asm/mshyperv.h>

void vmbus_device_unregister(struct hv_device *device);
COMPAT_IF_CONFIDENTIAL(
bool vmbus_is_confidential(void);
)
COMPAT_IF_RING_SYSFS(
int hv_create_ring_sysfs(struct vmbus_channel *channel,
			 int (*hv_mmap_ring_buffer)(struct vmbus_channel *channel, struct compat_vm_area_desc *desc));
int hv_remove_ring_sysfs(struct vmbus_channel *channel);
)

EXPORT_SYMBOL_GPL(__vmbus_driver_register);
EXPORT_SYMBOL_GPL(vmbus_driver_unregister);
EXPORT_SYMBOL_GPL(vmbus_device_unregister);
EXPORT_SYMBOL_GPL(vmbus_allocate_mmio);
EXPORT_SYMBOL_GPL(vmbus_free_mmio);
COMPAT_IF_RING_SYSFS(
EXPORT_SYMBOL_GPL(hv_create_ring_sysfs);
EXPORT_SYMBOL_GPL(hv_remove_ring_sysfs);
)
COMPAT_IF_ROOT_DEVICE(
EXPORT_SYMBOL_GPL(hv_get_vmbus_root_device);
EXPORT_SYMBOL_GPL(hv_vmbus_exists);
)
COMPAT_IF_INITIATE_UNLOAD(
EXPORT_SYMBOL_GPL(vmbus_initiate_unload);
EXPORT_SYMBOL_GPL(vmbus_set_skip_unload);
)
COMPAT_IF_CONFIDENTIAL(
EXPORT_SYMBOL_GPL(vmbus_is_confidential);
)
