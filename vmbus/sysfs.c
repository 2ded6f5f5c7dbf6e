// SPDX-License-Identifier: GPL-2.0
/*
 * Attributes of the bus, of its devices and of their channels, as Documentation/ABI/stable/sysfs-bus-vmbus of the
 * kernel promises them and lsvmbus reads them. Decides nothing.
 */
#include <linux/cpu.h>
#include <linux/device.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/sysfs.h>

#include "channel.h"
#include "internal.h"
#include "offer.h"
#include "platform.h"
#include "sysfs.h"

static struct hv_device *sysfs_device(struct device *device)
{
	return container_of(device, struct hv_device, device);
}

/* ---- the bus */

static ssize_t hibernation_show(compat_bus_attr_const struct bus_type *bus, char *buf)
{
	return sysfs_emit(buf, "%d\n", hv_platform_can_hibernate());
}
static BUS_ATTR_RO(hibernation);

static struct attribute *vmbus_bus_attrs[] = {
	&bus_attr_hibernation.attr,
	NULL,
};
static const struct attribute_group vmbus_bus_group = { .attrs = vmbus_bus_attrs };
const struct attribute_group *vmbus_bus_groups[] = { &vmbus_bus_group, NULL };

/* ---- a device */

#define DEVICE_SHOW(_name, _format, ...)								\
	static ssize_t _name##_show(struct device *device, struct device_attribute *attr, char *buf)	\
	{												\
		struct hv_device *hdev = sysfs_device(device);						\
		struct vmbus_channel *channel = hdev->channel;						\
													\
		return channel ? sysfs_emit(buf, _format "\n", __VA_ARGS__) : -ENODEV;			\
	}												\
	static DEVICE_ATTR_RO(_name)

DEVICE_SHOW(id, "%u", channel->offermsg.child_relid);
DEVICE_SHOW(state, "%d", READ_ONCE(channel->state));
DEVICE_SHOW(monitor_id, "%u", channel->offermsg.monitorid);
DEVICE_SHOW(class_id, "{%pUl}", &channel->offermsg.offer.if_type);
DEVICE_SHOW(device_id, "{%pUl}", &channel->offermsg.offer.if_instance);
DEVICE_SHOW(modalias, "vmbus:%*phN", (int)sizeof(hdev->dev_type), &hdev->dev_type);
DEVICE_SHOW(numa_node, "%d", cpu_to_node(READ_ONCE(channel->target_cpu)));
DEVICE_SHOW(vendor, "0x%x", hdev->vendor_id);
DEVICE_SHOW(device, "0x%x", hdev->device_id);

/* The host's page is the one it triggers ("server"), the other is the guest's ("client"). */
static u32 monitor_pending(const struct vmbus_channel *channel, unsigned int page)
{
	return le32_to_cpu(READ_ONCE(vmbus_conn.monitor[page]->group[channel->monitor_grp].pending));
}

static u32 monitor_latency(const struct vmbus_channel *channel, unsigned int page)
{
	return le16_to_cpu(READ_ONCE(vmbus_conn.monitor[page]->latency_100ns[channel->monitor_grp][channel->monitor_bit]));
}

static u32 monitor_connection(const struct vmbus_channel *channel, unsigned int page)
{
	return le32_to_cpu(READ_ONCE(vmbus_conn.monitor[page]->parameter[channel->monitor_grp][channel->monitor_bit]
				     .connection_id));
}

DEVICE_SHOW(server_monitor_pending, "%u", monitor_pending(channel, 0));
DEVICE_SHOW(client_monitor_pending, "%u", monitor_pending(channel, 1));
DEVICE_SHOW(server_monitor_latency, "%u", monitor_latency(channel, 0));
DEVICE_SHOW(client_monitor_latency, "%u", monitor_latency(channel, 1));
DEVICE_SHOW(server_monitor_conn_id, "%u", monitor_connection(channel, 0));
DEVICE_SHOW(client_monitor_conn_id, "%u", monitor_connection(channel, 1));

#define DEVICE_RING_SHOW(_name, _ring, _field)								\
	static ssize_t _name##_show(struct device *device, struct device_attribute *attr, char *buf)	\
	{												\
		struct vmbus_channel *channel = sysfs_device(device)->channel;				\
		struct hv_ring_buffer_debug_info ring;							\
		int ret;										\
													\
		if (READ_ONCE(channel->state) != CHANNEL_OPENED_STATE)					\
			return -EINVAL;									\
		ret = hv_ringbuffer_get_debuginfo(&channel->_ring, &ring);				\
		return ret ?: sysfs_emit(buf, "%u\n", ring._field);					\
	}												\
	static DEVICE_ATTR_RO(_name)

DEVICE_RING_SHOW(out_intr_mask, outbound, current_interrupt_mask);
DEVICE_RING_SHOW(out_read_index, outbound, current_read_index);
DEVICE_RING_SHOW(out_write_index, outbound, current_write_index);
DEVICE_RING_SHOW(out_read_bytes_avail, outbound, bytes_avail_toread);
DEVICE_RING_SHOW(out_write_bytes_avail, outbound, bytes_avail_towrite);
DEVICE_RING_SHOW(in_intr_mask, inbound, current_interrupt_mask);
DEVICE_RING_SHOW(in_read_index, inbound, current_read_index);
DEVICE_RING_SHOW(in_write_index, inbound, current_write_index);
DEVICE_RING_SHOW(in_read_bytes_avail, inbound, bytes_avail_toread);
DEVICE_RING_SHOW(in_write_bytes_avail, inbound, bytes_avail_towrite);

static ssize_t channel_vp_mapping_show(struct device *device, struct device_attribute *attr, char *buf)
{
	struct vmbus_channel *channel = sysfs_device(device)->channel, *sub;
	int bytes;

	bytes = sysfs_emit(buf, "%u:%u\n", channel->offermsg.child_relid, READ_ONCE(channel->target_cpu));
	mutex_lock(&vmbus_conn.channel_lock);
	list_for_each_entry(sub, &channel->sc_list, sc_list)
		bytes += sysfs_emit_at(buf, bytes, "%u:%u\n", sub->offermsg.child_relid, sub->target_cpu);
	mutex_unlock(&vmbus_conn.channel_lock);
	return bytes;
}
static DEVICE_ATTR_RO(channel_vp_mapping);

COMPAT_DRIVER_OVERRIDE_FUNCTIONS

static struct attribute *vmbus_device_attrs[] = {
	&dev_attr_id.attr,
	&dev_attr_state.attr,
	&dev_attr_class_id.attr,
	&dev_attr_device_id.attr,
	&dev_attr_modalias.attr,
	&dev_attr_numa_node.attr,
	&dev_attr_vendor.attr,
	&dev_attr_device.attr,
	&dev_attr_out_intr_mask.attr,
	&dev_attr_out_read_index.attr,
	&dev_attr_out_write_index.attr,
	&dev_attr_out_read_bytes_avail.attr,
	&dev_attr_out_write_bytes_avail.attr,
	&dev_attr_in_intr_mask.attr,
	&dev_attr_in_read_index.attr,
	&dev_attr_in_write_index.attr,
	&dev_attr_in_read_bytes_avail.attr,
	&dev_attr_in_write_bytes_avail.attr,
	&dev_attr_channel_vp_mapping.attr,
	COMPAT_DRIVER_OVERRIDE_ATTRIBUTE
	NULL,
};
static const struct attribute_group vmbus_device_group = { .attrs = vmbus_device_attrs };

static struct attribute *vmbus_device_monitor_attrs[] = {
	&dev_attr_monitor_id.attr,
	&dev_attr_server_monitor_pending.attr,
	&dev_attr_client_monitor_pending.attr,
	&dev_attr_server_monitor_latency.attr,
	&dev_attr_client_monitor_latency.attr,
	&dev_attr_server_monitor_conn_id.attr,
	&dev_attr_client_monitor_conn_id.attr,
	NULL,
};

static umode_t vmbus_device_monitor_visible(struct kobject *kobj, struct attribute *attr, int n)
{
	const struct hv_device *hdev = sysfs_device(kobj_to_dev(kobj));

	return hdev->channel->offermsg.monitor_allocated || attr == &dev_attr_monitor_id.attr ? attr->mode : 0;
}

static const struct attribute_group vmbus_device_monitor_group = {
	.attrs = vmbus_device_monitor_attrs,
	.is_visible = vmbus_device_monitor_visible,
};

const struct attribute_group *vmbus_device_groups[] = { &vmbus_device_group, &vmbus_device_monitor_group, NULL };

/* ---- a channel */

struct channel_attribute {
	struct attribute attr;
	ssize_t (*show)(struct vmbus_channel *channel, char *buf);
	ssize_t (*store)(struct vmbus_channel *channel, const char *buf, size_t bytes);
};

static struct vmbus_channel *sysfs_channel(struct kobject *kobj)
{
	return container_of(kobj, struct vmbus_channel, kobj);
}

static ssize_t channel_show(struct kobject *kobj, struct attribute *attr, char *buf)
{
	const struct channel_attribute *attribute = container_of(attr, struct channel_attribute, attr);

	return attribute->show ? attribute->show(sysfs_channel(kobj), buf) : -EIO;
}

static ssize_t channel_store(struct kobject *kobj, struct attribute *attr, const char *buf, size_t bytes)
{
	const struct channel_attribute *attribute = container_of(attr, struct channel_attribute, attr);

	return attribute->store ? attribute->store(sysfs_channel(kobj), buf, bytes) : -EIO;
}

static const struct sysfs_ops channel_sysfs_ops = { .show = channel_show, .store = channel_store };

#define CHANNEL_SHOW(_name, _format, ...)								\
	static ssize_t channel_##_name##_show(struct vmbus_channel *channel, char *buf)			\
	{												\
		return sysfs_emit(buf, _format "\n", __VA_ARGS__);					\
	}												\
	static struct channel_attribute channel_attr_##_name = {					\
		.attr = { .name = __stringify(_name), .mode = 0444 },					\
		.show = channel_##_name##_show,								\
	}

CHANNEL_SHOW(interrupts, "%llu", READ_ONCE(channel->interrupts));
CHANNEL_SHOW(events, "%llu", READ_ONCE(channel->sig_events));
CHANNEL_SHOW(intr_in_full, "%llu", READ_ONCE(channel->intr_in_full));
CHANNEL_SHOW(intr_out_empty, "%llu", READ_ONCE(channel->intr_out_empty));
CHANNEL_SHOW(out_full_first, "%llu", READ_ONCE(channel->out_full_first));
CHANNEL_SHOW(out_full_total, "%llu", READ_ONCE(channel->out_full_total));
CHANNEL_SHOW(subchannel_id, "%u", channel->offermsg.offer.sub_channel_index);
CHANNEL_SHOW(monitor_id, "%u", channel->offermsg.monitorid);
CHANNEL_SHOW(pending, "%u", monitor_pending(channel, 1));
CHANNEL_SHOW(latency, "%u", monitor_latency(channel, 1));

#define CHANNEL_RING_SHOW(_name, _ring, _field)								\
	static ssize_t channel_##_name##_show(struct vmbus_channel *channel, char *buf)			\
	{												\
		struct hv_ring_buffer_debug_info ring;							\
		int ret = hv_ringbuffer_get_debuginfo(&channel->_ring, &ring);				\
													\
		return ret ?: sysfs_emit(buf, "%u\n", ring._field);					\
	}												\
	static struct channel_attribute channel_attr_##_name = {					\
		.attr = { .name = __stringify(_name), .mode = 0444 },					\
		.show = channel_##_name##_show,								\
	}

CHANNEL_RING_SHOW(out_mask, outbound, current_interrupt_mask);
CHANNEL_RING_SHOW(in_mask, inbound, current_interrupt_mask);
CHANNEL_RING_SHOW(read_avail, inbound, bytes_avail_toread);
CHANNEL_RING_SHOW(write_avail, outbound, bytes_avail_towrite);

static ssize_t channel_cpu_show(struct vmbus_channel *channel, char *buf)
{
	return sysfs_emit(buf, "%u\n", READ_ONCE(channel->target_cpu));
}

static ssize_t channel_cpu_store(struct vmbus_channel *channel, const char *buf, size_t bytes)
{
	unsigned int cpu;
	int ret;

	if (kstrtouint(buf, 0, &cpu))
		return -EIO;
	cpus_read_lock();
	ret = vmbus_channel_retarget(to_chan(channel), cpu);
	cpus_read_unlock();
	return ret ?: bytes;
}

static struct channel_attribute channel_attr_cpu = {
	.attr = { .name = "cpu", .mode = 0644 },
	.show = channel_cpu_show,
	.store = channel_cpu_store,
};

static struct attribute *channel_attrs[] = {
	&channel_attr_out_mask.attr,
	&channel_attr_in_mask.attr,
	&channel_attr_read_avail.attr,
	&channel_attr_write_avail.attr,
	&channel_attr_cpu.attr,
	&channel_attr_interrupts.attr,
	&channel_attr_events.attr,
	&channel_attr_intr_in_full.attr,
	&channel_attr_intr_out_empty.attr,
	&channel_attr_out_full_first.attr,
	&channel_attr_out_full_total.attr,
	&channel_attr_subchannel_id.attr,
	NULL,
};
static const struct attribute_group channel_group = { .attrs = channel_attrs };

static struct attribute *channel_monitor_attrs[] = {
	&channel_attr_pending.attr,
	&channel_attr_latency.attr,
	&channel_attr_monitor_id.attr,
	NULL,
};

static umode_t channel_monitor_visible(struct kobject *kobj, struct attribute *attr, int n)
{
	return sysfs_channel(kobj)->offermsg.monitor_allocated ? attr->mode : 0;
}

static const struct attribute_group channel_monitor_group = {
	.attrs = channel_monitor_attrs,
	.is_visible = channel_monitor_visible,
};

static const struct attribute_group *channel_groups[] = { &channel_group, &channel_monitor_group, NULL };

struct kobj_type vmbus_channel_type = {
	.release = vmbus_offer_free,
	.sysfs_ops = &channel_sysfs_ops,
	.default_groups = channel_groups,
};

COMPAT_IF_RING_SYSFS(
static int channel_ring_mmap(struct file *file, struct kobject *kobj, compat_bin_attr_mmap_const struct bin_attribute *attr,
			     struct vm_area_struct *vma)
{
	struct vmbus_channel *channel = sysfs_channel(kobj);

	if (READ_ONCE(channel->state) != CHANNEL_OPENED_STATE || !channel->mmap_prepare_ring_buffer)
		return -ENODEV;
	return compat_mmap_ring(channel, file, vma);
}

static const struct bin_attribute channel_ring = {
	.attr = { .name = "ring", .mode = 0600 },
	.mmap = channel_ring_mmap,
};

int hv_create_ring_sysfs(struct vmbus_channel *channel,
			 int (*hv_mmap_ring_buffer)(struct vmbus_channel *channel, struct compat_vm_area_desc *desc));
int hv_remove_ring_sysfs(struct vmbus_channel *channel);

/**
 * hv_create_ring_sysfs() - make the file by which userspace maps the rings of a channel
 * @channel: the channel
 * @hv_mmap_ring_buffer: maps them
 *
 * Return: 0 or an error of sysfs_create_bin_file().
 */
int hv_create_ring_sysfs(struct vmbus_channel *channel,
			 int (*hv_mmap_ring_buffer)(struct vmbus_channel *channel, struct compat_vm_area_desc *desc))
{
	channel->mmap_prepare_ring_buffer = hv_mmap_ring_buffer;
	channel->ring_sysfs_visible = true;
	return sysfs_create_bin_file(&channel->kobj, &channel_ring);
}

/**
 * hv_remove_ring_sysfs() - remove the file hv_create_ring_sysfs() has made
 * @channel: the channel
 *
 * Return: 0.
 */
int hv_remove_ring_sysfs(struct vmbus_channel *channel)
{
	sysfs_remove_bin_file(&channel->kobj, &channel_ring);
	channel->ring_sysfs_visible = false;
	channel->mmap_prepare_ring_buffer = NULL;
	return 0;
}
)
