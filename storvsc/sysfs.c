// SPDX-License-Identifier: GPL-2.0
/*
 * What a controller tells in sysfs: /sys/class/scsi_host/hostN/storvsc/. Reads through accessors, changes nothing.
 */
#include <linux/device.h>
#include <linux/jiffies.h>
#include <linux/sysfs.h>
#include <scsi/scsi_host.h>

#include "host.h"

static ssize_t storvsc_counter_show(struct device *dev, char *page, size_t offset)
{
	struct storvsc_controller *controller = shost_priv(class_to_shost(dev));

	return sysfs_emit(page, "%ld\n", atomic_long_read((void *)&controller->counters + offset));
}

#define STORVSC_COUNTER_ATTRIBUTE(name)								\
static ssize_t name##_show(struct device *dev, struct device_attribute *attr, char *page)	\
{												\
	return storvsc_counter_show(dev, page, offsetof(struct storvsc_counters, name));	\
}												\
static DEVICE_ATTR_RO(name)

STORVSC_COUNTER_ATTRIBUTE(stray_replies);
STORVSC_COUNTER_ATTRIBUTE(bad_packets);
STORVSC_COUNTER_ATTRIBUTE(notices);
STORVSC_COUNTER_ATTRIBUTE(errors);
STORVSC_COUNTER_ATTRIBUTE(timeouts);
STORVSC_COUNTER_ATTRIBUTE(busy);
STORVSC_COUNTER_ATTRIBUTE(recoveries);

static ssize_t outstanding_show(struct device *dev, struct device_attribute *attr, char *page)
{
	struct storvsc_controller *controller = shost_priv(class_to_shost(dev));

	return sysfs_emit(page, "%u\n", storvsc_queues_count_sent(&controller->queues, NULL));
}
static DEVICE_ATTR_RO(outstanding);

static ssize_t oldest_ms_show(struct device *dev, struct device_attribute *attr, char *page)
{
	struct storvsc_controller *controller = shost_priv(class_to_shost(dev));
	unsigned long oldest = jiffies;

	storvsc_queues_count_sent(&controller->queues, &oldest);
	return sysfs_emit(page, "%u\n", jiffies_to_msecs(jiffies - oldest));
}
static DEVICE_ATTR_RO(oldest_ms);

static ssize_t channels_show(struct device *dev, struct device_attribute *attr, char *page)
{
	struct storvsc_controller *controller = shost_priv(class_to_shost(dev));

	return sysfs_emit(page, "%u\n", storvsc_queues_count_open(&controller->queues));
}
static DEVICE_ATTR_RO(channels);

static ssize_t protocol_version_show(struct device *dev, struct device_attribute *attr, char *page)
{
	struct storvsc_controller *controller = shost_priv(class_to_shost(dev));
	u16 version = controller->session.version;

	return sysfs_emit(page, "%u.%u\n", version >> 8, version & 0xff);
}
static DEVICE_ATTR_RO(protocol_version);

static struct attribute *storvsc_host_attrs[] = {
	&dev_attr_stray_replies.attr,
	&dev_attr_bad_packets.attr,
	&dev_attr_notices.attr,
	&dev_attr_errors.attr,
	&dev_attr_timeouts.attr,
	&dev_attr_busy.attr,
	&dev_attr_recoveries.attr,
	&dev_attr_outstanding.attr,
	&dev_attr_oldest_ms.attr,
	&dev_attr_channels.attr,
	&dev_attr_protocol_version.attr,
	NULL,
};

static const struct attribute_group storvsc_host_group = {
	.name = "storvsc",
	.attrs = storvsc_host_attrs,
};

const struct attribute_group *storvsc_host_groups[] = {
	&storvsc_host_group,
	NULL,
};
