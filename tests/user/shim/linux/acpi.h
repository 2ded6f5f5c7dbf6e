/* SPDX-License-Identifier: GPL-2.0 */
/* The firmware's description: devices in a line to the root, each with resources, by the test. */
#ifndef SHIM_LINUX_ACPI_H
#define SHIM_LINUX_ACPI_H

#include <linux/ioport.h>
#include <linux/kernel.h>

typedef struct shim_acpi_node *acpi_handle;
typedef u32 acpi_status;

enum { ACPI_RESOURCE_TYPE_IRQ, ACPI_RESOURCE_TYPE_ADDRESS32 = 12, ACPI_RESOURCE_TYPE_ADDRESS64 = 13 };

#define AE_OK		0u
#define AE_NO_MEMORY	4u
#define AE_NULL_ENTRY	11u
#define ACPI_FAILURE(s)	((s) != AE_OK)
#define METHOD_NAME__CRS	"_CRS"

struct acpi_resource {
	u32 type;
	u64 start, end;		/* no window where the end is before the start */
	unsigned long flags;
};

struct resource_win {
	struct resource res;
};

struct shim_acpi_node {
	acpi_handle above;
	struct acpi_resource resources[4];
	unsigned int count;
};

struct acpi_device {
	acpi_handle handle;
};

struct acpi_device_id {
	char id[16];
	unsigned long driver_data;
};

static inline bool acpi_dev_resource_address_space(struct acpi_resource *resource, struct resource_win *window)
{
	window->res.start = resource->start;
	window->res.end = resource->end;
	window->res.flags = resource->flags;
	return resource->start <= resource->end;
}

static inline acpi_status acpi_walk_resources(acpi_handle handle, const char *method,
					      acpi_status (*take)(struct acpi_resource *resource, void *context), void *context)
{
	acpi_status status = AE_OK;
	unsigned int i;

	for (i = 0; !status && i < handle->count; i++)
		status = take(&handle->resources[i], context);
	return status;
}

static inline acpi_status acpi_get_parent(acpi_handle handle, acpi_handle *above)
{
	*above = handle->above;
	return handle->above ? AE_OK : AE_NULL_ENTRY;
}

/* What the firmware says of a device, for the test to set. */
static struct acpi_device *shim_companion;

#define ACPI_COMPANION(device)	((void)(device), shim_companion)

#endif
