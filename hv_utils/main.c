// SPDX-License-Identifier: GPL-2.0
/*
 * Module hv_utils: the table of integration components and the VMBus driver that runs them. Knows the services by name
 * only; what they have in common is in ic.c.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/hyperv.h>
#include <linux/module.h>
#include <asm/mshyperv.h>

#include "chardev.h"
#include "ic.h"

static const struct hv_vmbus_device_id hv_utils_id_table[] = {
	{ HV_SHUTDOWN_GUID, .driver_data = (unsigned long)&hv_shutdown_service },
	{ HV_TS_GUID, .driver_data = (unsigned long)&hv_timesync_service },
	{ HV_HEART_BEAT_GUID, .driver_data = (unsigned long)&hv_heartbeat_service },
	{ HV_KVP_GUID, .driver_data = (unsigned long)&hv_kvp_service },
	{ HV_VSS_GUID, .driver_data = (unsigned long)&hv_vss_service },
	COMPAT_IF_FCOPY({ HV_FCOPY_GUID, .driver_data = (unsigned long)&hv_fcopy_service },)
	{ }
};
MODULE_DEVICE_TABLE(vmbus, hv_utils_id_table);

/* driver_override and new_id bring devices that no entry of the table has been matched with, some of them not ours */
static const struct hv_ic_service *hv_utils_service_of(const struct hv_device *hdev)
{
	const struct hv_vmbus_device_id *id;

	for (id = hv_utils_id_table; id->driver_data; id++)
		if (guid_equal(&hdev->dev_type, &id->guid))
			return (const struct hv_ic_service *)id->driver_data;
	return NULL;
}

static int hv_utils_probe(struct hv_device *hdev, const struct hv_vmbus_device_id *id)
{
	const struct hv_ic_service *service = hv_utils_service_of(hdev);

	if (!service)
		return -ENODEV;
	return hv_ic_probe(hdev, service);
}

static void hv_utils_remove(struct hv_device *hdev)
{
	hv_ic_remove(hdev);
}
COMPAT_HV_REMOVE(hv_utils_remove)

static int hv_utils_suspend(struct hv_device *hdev)
{
	return hv_ic_suspend(hdev);
}

static int hv_utils_resume(struct hv_device *hdev)
{
	return hv_ic_resume(hdev);
}

/* udev rules for hibernation match the driver's name */
static struct hv_driver hv_utils_driver = {
	.name = "hv_utils",
	.id_table = hv_utils_id_table,
	.probe = hv_utils_probe,
	.remove = compat_hv_remove(hv_utils_remove),
	.suspend = hv_utils_suspend,
	.resume = hv_utils_resume,
	.driver = {
		.probe_type = PROBE_PREFER_ASYNCHRONOUS,
	},
};

static int __init hv_utils_init(void)
{
	if (!hv_is_hyperv_initialized()) {
		pr_info("not a Hyper-V guest\n");
		return -ENODEV;
	}
	return vmbus_driver_register(&hv_utils_driver);
}

static void __exit hv_utils_exit(void)
{
	vmbus_driver_unregister(&hv_utils_driver);
	hv_chardev_wait_for_files();
}

module_init(hv_utils_init);
module_exit(hv_utils_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Hyper-V integration components: heartbeat, shutdown, time synchronisation, key-value pairs, snapshots, file copy");
MODULE_VERSION(HYPERV_LIC_VERSION);
MODULE_INFO(hyperv_lic_build, HYPERV_LIC_BUILD);
