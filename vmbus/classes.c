// SPDX-License-Identifier: GPL-2.0
/*
 * The table of device classes: what the kernel calls them, and which are worth spreading over CPUs. Knows no device.
 * VMBus offers, class ids.
 */
#include <linux/kernel.h>
#include <linux/uuid.h>

#include "classes.h"

/* Policy: fcopy moves little and its daemon maps the ring, so it gets a small one. 0: whatever the driver likes. */
#define FCOPY_RING_BYTES	0x4000

#define VMBUS_CLASS(type, class_guid, ...)	\
	[type] = { .dev_type = type, class_guid, __VA_ARGS__ }

const struct vmbus_device vmbus_devs[] = {
	VMBUS_CLASS(HV_IDE, HV_IDE_GUID, .perf_device = true),
	VMBUS_CLASS(HV_SCSI, HV_SCSI_GUID, .perf_device = true, .allowed_in_isolated = true),
	VMBUS_CLASS(HV_FC, HV_SYNTHFC_GUID, .perf_device = true),
	VMBUS_CLASS(HV_NIC, HV_NIC_GUID, .perf_device = true, .allowed_in_isolated = true),
	VMBUS_CLASS(HV_ND, HV_ND_GUID, .perf_device = true),
	VMBUS_CLASS(HV_PCIE, HV_PCIE_GUID, .allowed_in_isolated = true),
	VMBUS_CLASS(HV_FB, HV_SYNTHVID_GUID),
	VMBUS_CLASS(HV_KBD, HV_KBD_GUID),
	VMBUS_CLASS(HV_MOUSE, HV_MOUSE_GUID),
	VMBUS_CLASS(HV_KVP, HV_KVP_GUID),
	VMBUS_CLASS(HV_TS, HV_TS_GUID, .allowed_in_isolated = true),
	VMBUS_CLASS(HV_HB, HV_HEART_BEAT_GUID, .allowed_in_isolated = true),
	VMBUS_CLASS(HV_SHUTDOWN, HV_SHUTDOWN_GUID, .allowed_in_isolated = true),
	VMBUS_CLASS(HV_FCOPY, HV_FCOPY_GUID, COMPAT_CLASS_RING_SIZE(FCOPY_RING_BYTES)),
	VMBUS_CLASS(HV_BACKUP, HV_VSS_GUID),
	VMBUS_CLASS(HV_DM, HV_DM_GUID),
	[HV_UNKNOWN] = { .dev_type = HV_UNKNOWN },
};

/**
 * vmbus_class_of() - what kind of device a channel belongs to
 * @channel: the channel, its offer filled in
 *
 * Return: enum vmbus_device_type; HV_UNKNOWN for sockets and for classes the kernel has no number for.
 */
u16 vmbus_class_of(const struct vmbus_channel *channel)
{
	u16 type;

	if (is_hvsock_channel(channel))
		return HV_UNKNOWN;
	for (type = HV_IDE; type < HV_UNKNOWN; type++)
		if (guid_equal(&vmbus_devs[type].guid, &channel->offermsg.offer.if_type))
			return type;
	return HV_UNKNOWN;
}
