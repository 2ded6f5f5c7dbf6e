/* SPDX-License-Identifier: GPL-2.0 */
/* A driver finds the devices that the test has: shim_platform_devices of them. */
#ifndef SHIM_LINUX_PLATFORM_DEVICE_H
#define SHIM_LINUX_PLATFORM_DEVICE_H

#include <linux/acpi.h>
#include <linux/device.h>

#define PROBE_FORCE_SYNCHRONOUS	2

struct platform_device {
	struct device dev;
};

struct platform_driver {
	int (*probe)(struct platform_device *pdev);
	struct {
		const char *name;
		const struct acpi_device_id *acpi_match_table;
		const struct dev_pm_ops *pm;
		int probe_type;
		bool suppress_bind_attrs;
	} driver;
};

static struct platform_device *shim_platform_device;
static unsigned int shim_platform_devices;
static int shim_platform_probed, shim_platform_drivers, shim_platform_error;

static inline int platform_driver_register(struct platform_driver *driver)
{
	unsigned int i;

	if (shim_platform_error)
		return shim_platform_error;
	shim_platform_drivers++;
	for (i = 0; i < shim_platform_devices; i++)
		shim_platform_probed = driver->probe(shim_platform_device);
	return 0;
}

#define platform_driver_unregister(driver)	((void)(driver), (void)shim_platform_drivers--)

#endif
