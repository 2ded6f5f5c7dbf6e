/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A driver core that one bus can use: devices and drivers find each other by the bus's match, and a driver that fails to
 * probe is not bound. One device or driver at a time.
 */
#ifndef SHIM_LINUX_DEVICE_H
#define SHIM_LINUX_DEVICE_H

#include <linux/kernel.h>
#include <linux/kobject.h>
#include <linux/pm.h>
#include <linux/slab.h>
#include <linux/sysfs.h>
#include <linux/topology.h>

struct device;
struct device_driver;
struct module;

struct bus_type {
	const char *name;
	const struct attribute_group **bus_groups, **dev_groups, **drv_groups;
	int (*match)(struct device *device, const struct device_driver *driver);
	int (*uevent)(const struct device *device, struct kobj_uevent_env *env);
	int (*probe)(struct device *device);
	void (*remove)(struct device *device);
	void (*shutdown)(struct device *device);
	int (*dma_configure)(struct device *device);
	const struct dev_pm_ops *pm;
};

struct device_driver {
	const char *name;
	struct module *owner;
	const char *mod_name;
	const struct bus_type *bus;
	struct device_driver *next;
};

struct device_dma_parameters { int unused; };

struct device {
	struct kobject kobj;
	const char *init_name;
	struct device *parent;
	const struct bus_type *bus;
	struct device_driver *driver;
	struct device_dma_parameters *dma_parms;
	u64 *dma_mask;
	int node;
	void (*release)(struct device *device);
	void *driver_data;
	struct device *next;
};

struct device_attribute {
	struct attribute attr;
	ssize_t (*show)(struct device *device, struct device_attribute *attr, char *buf);
	ssize_t (*store)(struct device *device, struct device_attribute *attr, const char *buf, size_t bytes);
};

struct driver_attribute {
	struct attribute attr;
	ssize_t (*store)(struct device_driver *driver, const char *buf, size_t bytes);
};

struct bus_attribute {
	struct attribute attr;
	ssize_t (*show)(const struct bus_type *bus, char *buf);
};

#define DEVICE_ATTR_RO(_name)	struct device_attribute dev_attr_##_name = \
	{ .attr = { .name = #_name, .mode = 0444 }, .show = _name##_show }
#define DEVICE_ATTR_RW(_name)	struct device_attribute dev_attr_##_name = \
	{ .attr = { .name = #_name, .mode = 0644 }, .show = _name##_show, .store = _name##_store }
#define DRIVER_ATTR_WO(_name)	struct driver_attribute driver_attr_##_name = \
	{ .attr = { .name = #_name, .mode = 0200 }, .store = _name##_store }
#define BUS_ATTR_RO(_name)	struct bus_attribute bus_attr_##_name = \
	{ .attr = { .name = #_name, .mode = 0444 }, .show = _name##_show }

#define dev_err(device, ...)	shim_no_message(__VA_ARGS__)
#define dev_warn		dev_err
#define dev_info		dev_err
#define kobj_to_dev(k)		container_of(k, struct device, kobj)
#define dev_name(device)	((const char *)(device)->kobj.name)
/* Names have formats of the kernel: here every device is called the same. */
#define dev_set_name(device, format, ...)	(strscpy((device)->kobj.name, format, sizeof((device)->kobj.name)), 0)
#define set_dev_node(device, n)	((device)->node = (n))
#define DMA_BIT_MASK(n)		((n) == 64 ? ~0ull : (1ull << (n)) - 1)
#define dma_set_mask_and_coherent(device, mask)	((device)->dma_mask ? (*(device)->dma_mask = (mask), 0) : -EIO)
#define hv_setup_dma_ops(device, coherent)	((void)(device), (void)(coherent))
#define device_lock(device)	((void)(device))
#define device_unlock(device)	((void)(device))

static struct device *shim_devices;
static struct device_driver *shim_drivers;
/* What the next device_add() returns, for the test to set. */
static int shim_device_error;

static inline void shim_device_release(struct kobject *kobj)
{
	struct device *device = kobj_to_dev(kobj);

	device->release(device);
}

static const struct kobj_type shim_device_type = { .release = shim_device_release };

static inline void device_initialize(struct device *device)
{
	kobject_init(&device->kobj, &shim_device_type);
}

static inline struct device *get_device(struct device *device)
{
	if (device)
		kobject_get(&device->kobj);
	return device;
}

static inline void put_device(struct device *device)
{
	if (device)
		kobject_put(&device->kobj);
}

static inline bool shim_bind(struct device *device, struct device_driver *driver)
{
	if (device->driver || device->bus->match(device, driver) <= 0)
		return false;
	device->driver = driver;
	if (device->bus->probe(device))
		device->driver = NULL;
	return device->driver;
}

static inline void device_release_driver(struct device *device)
{
	if (!device->driver)
		return;
	device->bus->remove(device);
	device->driver = NULL;
}

static inline int device_add(struct device *device)
{
	struct device_driver *driver;

	if (shim_device_error)
		return shim_device_error;
	device->next = shim_devices;
	shim_devices = device;
	device->kobj.state_in_sysfs = true;
	for (driver = shim_drivers; driver; driver = driver->next)
		if (shim_bind(device, driver))
			break;
	return 0;
}

static inline void device_unregister(struct device *device)
{
	struct device **at;

	device_release_driver(device);
	for (at = &shim_devices; *at; at = &(*at)->next) {
		if (*at == device) {
			*at = device->next;
			break;
		}
	}
	device->kobj.state_in_sysfs = false;
	put_device(device);
}

static inline int driver_attach(const struct device_driver *driver)
{
	struct device *device;

	for (device = shim_devices; device; device = device->next)
		shim_bind(device, (struct device_driver *)driver);
	return 0;
}

static inline int driver_register(struct device_driver *driver)
{
	driver->next = shim_drivers;
	shim_drivers = driver;
	return driver_attach(driver);
}

static inline void driver_unregister(struct device_driver *driver)
{
	struct device_driver **at;
	struct device *device;

	for (device = shim_devices; device; device = device->next)
		if (device->driver == driver)
			device_release_driver(device);
	for (at = &shim_drivers; *at; at = &(*at)->next) {
		if (*at == driver) {
			*at = driver->next;
			break;
		}
	}
}

static inline int driver_set_override(struct device *device, const char **override, const char *text, size_t bytes)
{
	char *copy;

	if (!override || !text || bytes >= 4096)
		return -EINVAL;
	copy = strndup(text, strcspn(text, "\n"));
	kfree(*override);
	*override = NULL;
	if (*copy)
		*override = copy;
	else
		free(copy);
	return 0;
}

#define bus_register(bus)	((void)(bus), 0)
#define bus_unregister(bus)	((void)(bus))

#endif
