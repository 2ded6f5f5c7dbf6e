// SPDX-License-Identifier: GPL-2.0
/*
 * The bus in the driver model: matching, uevents, probe and remove, ids added at run time, devices and the directories
 * of their channels. Knows no message and no ring.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/device.h>
#include <linux/dma-mapping.h>
#include <linux/dma-map-ops.h>
#include <linux/errno.h>
#include <linux/kobject.h>
#include <linux/module.h>
#include <linux/pm.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uuid.h>
#include <asm/mshyperv.h>

#include "bus.h"

#define VENDOR_MICROSOFT	0x1414

/* An id added at run time. */
struct bus_dynamic_id {
	struct list_head entry;		/* hv_driver.dynids.list, under its lock */
	struct hv_vmbus_device_id id;
};

/* What a driver gets that was chosen by override or by the socket flag rather than by an id. */
static const struct hv_vmbus_device_id bus_no_id;

/* The channels directory of a device is made by whoever needs it first: its probe, or its registration. */
static DEFINE_MUTEX(bus_channels_lock);

static const struct hv_driver *bus_driver(const struct device_driver *driver)
{
	return container_of(driver, const struct hv_driver, driver);
}

static struct hv_device *bus_device(struct device *device)
{
	return container_of(device, struct hv_device, device);
}

static const struct hv_vmbus_device_id *bus_find_id(const struct hv_vmbus_device_id *id, const guid_t *class_id)
{
	if (!id)
		return NULL;
	for (; !guid_is_null(&id->guid); id++)
		if (guid_equal(&id->guid, class_id))
			return id;
	return NULL;
}

/*
 * Whether a driver takes a device, and by which id. Run-time ids come first, and are copied, as they may be removed at
 * any moment.
 */
static bool bus_driver_takes(const struct hv_driver *driver, struct hv_device *device, struct hv_vmbus_device_id *id)
{
	/* The list and its lock are part of the driver, which the caller may see as const. */
	struct hv_driver *locked = (struct hv_driver *)driver;
	int override = compat_match_driver_override(device, &driver->driver);
	const struct hv_vmbus_device_id *found;
	struct bus_dynamic_id *dynamic;
	bool takes = false;

	if (override == 0)
		return false;
	*id = bus_no_id;
	/* Sockets have a class id of their own choice: the flag alone decides. */
	if (is_hvsock_channel(device->channel))
		return driver->hvsock;
	if (driver->hvsock)
		return false;

	spin_lock(&locked->dynids.lock);
	list_for_each_entry(dynamic, &locked->dynids.list, entry) {
		if (guid_equal(&dynamic->id.guid, &device->dev_type)) {
			*id = dynamic->id;
			takes = true;
			break;
		}
	}
	spin_unlock(&locked->dynids.lock);
	if (takes)
		return true;

	found = bus_find_id(driver->id_table, &device->dev_type);
	if (found)
		*id = *found;
	return found || override > 0;
}

static int vmbus_bus_match(struct device *device, const struct device_driver *driver)
{
	struct hv_vmbus_device_id id;

	return bus_driver_takes(bus_driver(driver), bus_device(device), &id);
}
COMPAT_BUS_MATCH(vmbus_bus_match)

static int vmbus_bus_uevent(const struct device *device, struct kobj_uevent_env *env)
{
	const struct hv_device *hdev = container_of(device, const struct hv_device, device);

	return add_uevent_var(env, "MODALIAS=vmbus:%*phN", (int)sizeof(guid_t), &hdev->dev_type);
}
COMPAT_BUS_UEVENT(vmbus_bus_uevent)

/* The directory of one channel below its device's channels directory. */
static int bus_add_channel_directory(struct vmbus_channel *channel, struct hv_device *device)
{
	int ret;

	if (channel->kobj.state_in_sysfs)
		return 0;
	channel->kobj.kset = device->channels_kset;
	ret = kobject_add(&channel->kobj, NULL, "%u", to_chan(channel)->relid);
	if (ret) {
		channel->kobj.kset = NULL;
		return ret;
	}
	kobject_uevent(&channel->kobj, KOBJ_ADD);
	return 0;
}

/* Must be there before the driver's probe, which may get sub-channels or add files. */
static int bus_add_directories(struct hv_device *device)
{
	int ret = 0;

	mutex_lock(&bus_channels_lock);
	if (!device->channels_kset)
		device->channels_kset = kset_create_and_add("channels", NULL, &device->device.kobj);
	if (!device->channels_kset)
		ret = -ENOMEM;
	else
		ret = bus_add_channel_directory(device->channel, device);
	mutex_unlock(&bus_channels_lock);
	return ret;
}

static int vmbus_bus_probe(struct device *device)
{
	struct hv_driver *driver = (struct hv_driver *)bus_driver(device->driver);
	struct hv_device *hdev = bus_device(device);
	struct hv_vmbus_device_id id;
	int ret;

	/* Being removed, or the id has gone since the match. */
	if (!atomic_read(&to_chan(hdev->channel)->adopted) || !bus_driver_takes(driver, hdev, &id) || !driver->probe)
		return -ENODEV;
	ret = bus_add_directories(hdev);
	if (ret)
		return ret;
	ret = driver->probe(hdev, &id);
	if (ret)
		dev_err(device, "driver %s: probe failed (%d)\n", driver->name, ret);
	return ret;
}

static void vmbus_bus_remove(struct device *device)
{
	struct hv_driver *driver = (struct hv_driver *)bus_driver(device->driver);

	if (driver->remove)
		driver->remove(bus_device(device));
}
COMPAT_BUS_REMOVE(vmbus_bus_remove)

static void vmbus_bus_shutdown(struct device *device)
{
	struct hv_driver *driver;

	if (!device->driver)
		return;
	driver = (struct hv_driver *)bus_driver(device->driver);
	if (driver->shutdown)
		driver->shutdown(bus_device(device));
}

static int vmbus_bus_dma_configure(struct device *device)
{
	hv_setup_dma_ops(device, vmbus_conn.coherent);
	return 0;
}

/*
 * Hibernation: the driver gives up its channels, and opens them again once the device has been found under its new number.
 * In the last phase, as devices behind the bus (PCI pass-through) are reached through channels until then. Other suspends
 * concern the bus not at all: the host keeps all state.
 */
static int vmbus_bus_suspend(struct device *device)
{
	struct hv_driver *driver;

	if (!device->driver)
		return 0;
	driver = (struct hv_driver *)bus_driver(device->driver);
	if (!driver->suspend || !driver->resume) {
		dev_err(device, "driver %s does not support hibernation\n", driver->name);
		return -EOPNOTSUPP;
	}
	return driver->suspend(bus_device(device));
}

static int vmbus_bus_resume(struct device *device)
{
	struct hv_device *hdev = bus_device(device);

	if (!device->driver)
		return 0;
	/* Not offered again: it is removed as soon as that is possible. */
	if (READ_ONCE(hdev->channel->rescind))
		return -ENODEV;
	return bus_driver(device->driver)->resume(hdev);
}

static const struct dev_pm_ops vmbus_bus_pm = {
	.freeze_noirq = vmbus_bus_suspend,
	.thaw_noirq = vmbus_bus_resume,
	.poweroff_noirq = vmbus_bus_suspend,
	.restore_noirq = vmbus_bus_resume,
};

static int bus_parse_guid(const char *text, guid_t *guid)
{
	size_t bytes = strcspn(text, "\n");
	char copy[UUID_STRING_LEN + 1];

	if (bytes != UUID_STRING_LEN)
		return -EINVAL;
	strscpy(copy, text, sizeof(copy));
	return guid_parse(copy, guid);
}

static ssize_t new_id_store(struct device_driver *driver, const char *text, size_t bytes)
{
	struct hv_driver *hdrv = container_of(driver, struct hv_driver, driver);
	struct bus_dynamic_id *added, *other;
	bool known;
	guid_t guid;
	int ret;

	ret = bus_parse_guid(text, &guid);
	if (ret)
		return ret;
	added = kzalloc(sizeof(*added), GFP_KERNEL);
	if (!added)
		return -ENOMEM;
	added->id.guid = guid;

	known = bus_find_id(hdrv->id_table, &guid);
	spin_lock(&hdrv->dynids.lock);
	list_for_each_entry(other, &hdrv->dynids.list, entry)
		known |= guid_equal(&other->id.guid, &guid);
	if (!known)
		list_add_tail(&added->entry, &hdrv->dynids.list);
	spin_unlock(&hdrv->dynids.lock);
	if (known) {
		kfree(added);
		return -EEXIST;
	}
	ret = driver_attach(driver);
	return ret ?: bytes;
}
static DRIVER_ATTR_WO(new_id);

static ssize_t remove_id_store(struct device_driver *driver, const char *text, size_t bytes)
{
	struct hv_driver *hdrv = container_of(driver, struct hv_driver, driver);
	struct bus_dynamic_id *dynamic, *found = NULL;
	guid_t guid;
	int ret;

	ret = bus_parse_guid(text, &guid);
	if (ret)
		return ret;
	spin_lock(&hdrv->dynids.lock);
	list_for_each_entry(dynamic, &hdrv->dynids.list, entry) {
		if (guid_equal(&dynamic->id.guid, &guid)) {
			list_del(&dynamic->entry);
			found = dynamic;
			break;
		}
	}
	spin_unlock(&hdrv->dynids.lock);
	kfree(found);
	return found ? bytes : -ENODEV;
}
static DRIVER_ATTR_WO(remove_id);

static struct attribute *bus_driver_attrs[] = {
	&driver_attr_new_id.attr,
	&driver_attr_remove_id.attr,
	NULL,
};
ATTRIBUTE_GROUPS(bus_driver);

static struct bus_type vmbus_bus = {
	.name = "vmbus",
	.drv_groups = bus_driver_groups,
	.match = compat_bus_match(vmbus_bus_match),
	.uevent = compat_bus_uevent(vmbus_bus_uevent),
	.probe = vmbus_bus_probe,
	.remove = compat_bus_remove(vmbus_bus_remove),
	.shutdown = vmbus_bus_shutdown,
	.dma_configure = vmbus_bus_dma_configure,
	.pm = &vmbus_bus_pm,
	COMPAT_BUS_DRIVER_OVERRIDE
};

/* The last reference to a device is gone. */
static void bus_device_release(struct device *device)
{
	struct hv_device *hdev = bus_device(device);

	compat_free_driver_override(hdev);
	kobject_put(&hdev->channel->kobj);
	kfree(hdev);
}

/**
 * vmbus_bus_add_device() - register the device of a primary channel
 * @chan: the channel
 *
 * A driver may be bound, and may have opened the channel and asked for sub-channels, before this returns.
 *
 * Context: may sleep.
 * Return: 0 or errno.
 */
int vmbus_bus_add_device(struct vmbus_chan *chan)
{
	struct vmbus_channel *channel = &chan->channel;
	struct hv_device *hdev;
	int ret;

	hdev = kzalloc(sizeof(*hdev), GFP_KERNEL);
	if (!hdev)
		return -ENOMEM;
	hdev->dev_type = channel->offermsg.offer.if_type;
	hdev->dev_instance = channel->offermsg.offer.if_instance;
	hdev->vendor_id = VENDOR_MICROSOFT;
	hdev->device_id = channel->device_id;
	kobject_get(&channel->kobj);
	hdev->channel = channel;
	channel->device_obj = hdev;

	device_initialize(&hdev->device);
	hdev->device.bus = &vmbus_bus;
	hdev->device.parent = vmbus_conn.root;
	hdev->device.release = bus_device_release;
	hdev->device.dma_parms = &hdev->dma_parms;
	hdev->device.dma_mask = &hdev->dma_mask;
	set_dev_node(&hdev->device, cpu_to_node(channel->target_cpu));
	dma_set_mask_and_coherent(&hdev->device, DMA_BIT_MASK(64));
	ret = dev_set_name(&hdev->device, "%pUl", &hdev->dev_instance);
	if (ret)
		goto put;

	atomic_set(&chan->adopted, 1);
	ret = device_add(&hdev->device);
	if (ret)
		goto not_adopted;
	/* No driver may have come yet. */
	ret = bus_add_directories(hdev);
	if (ret)
		dev_warn(&hdev->device, "no channels directory (%d)\n", ret);
	return 0;

not_adopted:
	atomic_set(&chan->adopted, 0);
put:
	channel->device_obj = NULL;
	put_device(&hdev->device);
	return ret;
}

/**
 * vmbus_bus_unbind_device() - end the driver's use of a device
 * @device: the device; no driver is bound to it again, as its channel is not adopted any more
 *
 * Context: may sleep; waits for a probe.
 */
void vmbus_bus_unbind_device(struct hv_device *device)
{
	device_release_driver(&device->device);
}

/**
 * vmbus_bus_remove_device() - remove a device that has no driver, and the directories below it
 * @device: the device; may be gone on return
 *
 * Context: may sleep.
 */
void vmbus_bus_remove_device(struct hv_device *device)
{
	mutex_lock(&bus_channels_lock);
	if (device->channel->kobj.state_in_sysfs)
		kobject_del(&device->channel->kobj);
	if (device->channels_kset)
		kset_unregister(device->channels_kset);
	device->channels_kset = NULL;
	mutex_unlock(&bus_channels_lock);
	device_unregister(&device->device);
}

/**
 * vmbus_device_unregister() - remove a device
 * @device: the device
 *
 * For the socket driver of old kernels; others leave this to the bus.
 *
 * Context: may sleep.
 */
void vmbus_device_unregister(struct hv_device *device)
{
	vmbus_hvsock_device_unregister(device->channel);
}

/**
 * vmbus_bus_add_channel() - make the directory of a sub-channel
 * @chan: the sub-channel, on its primary's list
 *
 * Return: 0 or errno.
 */
int vmbus_bus_add_channel(struct vmbus_chan *chan)
{
	struct hv_device *device = chan->channel.device_obj;
	int ret;

	mutex_lock(&bus_channels_lock);
	ret = device->channels_kset ? bus_add_channel_directory(&chan->channel, device) : -ENODEV;
	mutex_unlock(&bus_channels_lock);
	return ret;
}

/**
 * vmbus_bus_remove_channel() - remove the directory of a sub-channel
 * @chan: the sub-channel
 */
void vmbus_bus_remove_channel(struct vmbus_chan *chan)
{
	mutex_lock(&bus_channels_lock);
	if (chan->channel.kobj.state_in_sysfs)
		kobject_del(&chan->channel.kobj);
	mutex_unlock(&bus_channels_lock);
}

/**
 * vmbus_bus_renumber_channel() - a device's channel has another number
 * @chan: its primary channel
 *
 * Context: may sleep.
 */
void vmbus_bus_renumber_channel(struct vmbus_chan *chan)
{
	struct kobject *kobj = &chan->channel.kobj;
	char number[12];

	snprintf(number, sizeof(number), "%u", chan->relid);
	mutex_lock(&bus_channels_lock);
	if (kobj->state_in_sysfs && strcmp(kobject_name(kobj), number) && kobject_rename(kobj, number))
		pr_warn("the directory of channel %s cannot be renamed\n", number);
	mutex_unlock(&bus_channels_lock);
}

/**
 * __vmbus_driver_register() - register a driver of VMBus devices
 * @hv_driver: the driver
 * @owner: its module
 * @mod_name: its name
 *
 * Return: 0; -ENODEV when there is no connection to the host; an error of driver_register().
 */
int __vmbus_driver_register(struct hv_driver *hv_driver, struct module *owner, const char *mod_name)
{
	if (!READ_ONCE(vmbus_conn.connected))
		return -ENODEV;
	spin_lock_init(&hv_driver->dynids.lock);
	INIT_LIST_HEAD(&hv_driver->dynids.list);
	hv_driver->driver.name = hv_driver->name;
	hv_driver->driver.owner = owner;
	hv_driver->driver.mod_name = mod_name;
	hv_driver->driver.bus = &vmbus_bus;
	return driver_register(&hv_driver->driver);
}

/**
 * vmbus_driver_unregister() - unregister a driver of VMBus devices
 * @hv_driver: the driver
 *
 * Context: may sleep; its devices are unbound.
 */
void vmbus_driver_unregister(struct hv_driver *hv_driver)
{
	struct bus_dynamic_id *dynamic, *next;

	driver_unregister(&hv_driver->driver);
	list_for_each_entry_safe(dynamic, next, &hv_driver->dynids.list, entry) {
		list_del(&dynamic->entry);
		kfree(dynamic);
	}
}

/**
 * vmbus_bus_init() - register the bus
 * @bus_groups: its attributes
 * @device_groups: those of each device
 *
 * Return: 0 or an error of bus_register().
 */
int vmbus_bus_init(const struct attribute_group **bus_groups, const struct attribute_group **device_groups)
{
	vmbus_bus.bus_groups = bus_groups;
	vmbus_bus.dev_groups = device_groups;
	return bus_register(&vmbus_bus);
}

/**
 * vmbus_bus_exit() - unregister the bus
 *
 * Context: all devices and drivers are gone.
 */
void vmbus_bus_exit(void)
{
	bus_unregister(&vmbus_bus);
}
