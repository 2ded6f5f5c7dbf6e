// SPDX-License-Identifier: GPL-2.0
/*
 * The device the firmware describes the bus by: parent of all VMBus devices, and where the address windows come from.
 * Knows no message. ACPI, _HID "VMBus".
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/acpi.h>
#include <linux/errno.h>
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/pm.h>
#include <linux/printk.h>
#include <linux/property.h>

#include "internal.h"
#include "mmio.h"
#include "root.h"
#include "suspend.h"

/* One resource of a _CRS: address space windows count, other descriptors (legacy interrupts for one) do not. */
static acpi_status root_take_resource(struct acpi_resource *resource, void *context)
{
	struct resource_win window = { };
	int *error = context;

	if (resource->type != ACPI_RESOURCE_TYPE_ADDRESS32 && resource->type != ACPI_RESOURCE_TYPE_ADDRESS64)
		return AE_OK;
	if (!acpi_dev_resource_address_space(resource, &window) || resource_type(&window.res) != IORESOURCE_MEM)
		return AE_OK;
	*error = vmbus_mmio_add_window(window.res.start, window.res.end);
	return *error ? AE_NO_MEMORY : AE_OK;
}

/* The windows are in the bus's own _CRS or in that of the nearest device above which has any. */
static int root_find_windows(struct acpi_device *device)
{
	acpi_handle handle = device->handle;
	int error = 0;

	while (!vmbus_mmio_has_window()) {
		acpi_walk_resources(handle, METHOD_NAME__CRS, root_take_resource, &error);
		if (error || ACPI_FAILURE(acpi_get_parent(handle, &handle)))
			break;
	}
	return error;
}

static int vmbus_root_probe(struct platform_device *pdev)
{
	struct acpi_device *companion = ACPI_COMPANION(&pdev->dev);
	int ret;

	/* One connection, one root. */
	if (vmbus_conn.root)
		return -EBUSY;
	if (companion) {
		ret = root_find_windows(companion);
		if (ret) {
			vmbus_mmio_exit();
			return ret;
		}
	}
	vmbus_mmio_reserve_framebuffer();
	vmbus_conn.coherent = device_get_dma_attr(&pdev->dev) == DEV_DMA_COHERENT;
	vmbus_conn.root = get_device(compat_vmbus_parent(&pdev->dev));
	return 0;
}

/* Last to suspend, first to resume: the parent, registered before all devices of the bus. */
static int vmbus_root_suspend(struct device *device)
{
	return vmbus_suspend();
}

static int vmbus_root_resume(struct device *device)
{
	return vmbus_resume();
}

static const struct dev_pm_ops vmbus_root_pm = {
	.freeze_noirq = vmbus_root_suspend,
	.thaw_noirq = vmbus_root_resume,
	.poweroff_noirq = vmbus_root_suspend,
	.restore_noirq = vmbus_root_resume,
};

static const struct acpi_device_id vmbus_root_ids[] = {
	{ "VMBUS", 0 },
	{ "VMBus", 0 },
	{ },
};
MODULE_DEVICE_TABLE(acpi, vmbus_root_ids);

static struct platform_driver vmbus_root_driver = {
	.probe = vmbus_root_probe,
	.driver = {
		.name = "hv_vmbus",
		.acpi_match_table = vmbus_root_ids,
		.pm = &vmbus_root_pm,
		.probe_type = PROBE_FORCE_SYNCHRONOUS,
		/* The module is the way to be rid of the bus: unbinding would leave its devices without a parent. */
		.suppress_bind_attrs = true,
	},
};

/**
 * vmbus_root_init() - find the bus
 *
 * Context: may sleep.
 * Return: 0 with vmbus_conn.root set; -ENODEV when the firmware describes none; an error of platform_driver_register().
 */
int vmbus_root_init(void)
{
	int ret = platform_driver_register(&vmbus_root_driver);

	if (ret)
		return ret;
	if (vmbus_conn.root)
		return 0;
	platform_driver_unregister(&vmbus_root_driver);
	pr_info("the firmware describes no VMBus, not loaded\n");
	return -ENODEV;
}

/**
 * vmbus_root_exit() - undo vmbus_root_init()
 *
 * Context: all VMBus devices are gone.
 */
void vmbus_root_exit(void)
{
	put_device(vmbus_conn.root);
	vmbus_conn.root = NULL;
	platform_driver_unregister(&vmbus_root_driver);
	vmbus_mmio_exit();
}

COMPAT_IF_ROOT_DEVICE(
/**
 * hv_get_vmbus_root_device() - the parent of all VMBus devices
 *
 * Return: the device; NULL when the firmware describes no bus.
 */
struct device *hv_get_vmbus_root_device(void)
{
	return vmbus_conn.root;
}

/**
 * hv_vmbus_exists() - whether the firmware describes a bus
 *
 * Return: true if so.
 */
bool hv_vmbus_exists(void)
{
	return vmbus_conn.root;
}
)
