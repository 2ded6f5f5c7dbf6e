/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Driver model of the bus on older kernels.
 *
 * hv_driver.remove returned an int up to 6.2; it can go with 6.1. COMPAT_HV_REMOVE(fn) stands after the function,
 * compat_hv_remove(fn) where its address is taken.
 */
#ifndef HYPERV_LIC_COMPAT_BUS_H
#define HYPERV_LIC_COMPAT_BUS_H

#if COMPAT_HAS_HV_REMOVE_VOID
#define COMPAT_HV_REMOVE(fn)
#define compat_hv_remove(fn) fn
#else
#define COMPAT_HV_REMOVE(fn)				\
	static int fn##_int(struct hv_device *hdev)	\
	{						\
		fn(hdev);				\
		return 0;				\
	}
#define compat_hv_remove(fn) fn##_int
#endif

/*
 * bus_type.match took a non-const driver until 6.10, bus_type.uevent a non-const device until 6.2; can go with 6.1, RHEL 8
 * and 9. COMPAT_BUS_MATCH(fn) stands after the function, compat_bus_match(fn) where its address is taken.
 */
#if COMPAT_HAS_BUS_MATCH_CONST
#define COMPAT_BUS_MATCH(fn)
#define compat_bus_match(fn) fn
#else
#define COMPAT_BUS_MATCH(fn)								\
	static int fn##_old(struct device *device, struct device_driver *driver)	\
	{										\
		return fn(device, driver);						\
	}
#define compat_bus_match(fn) fn##_old
#endif

#if COMPAT_HAS_BUS_UEVENT_CONST
#define COMPAT_BUS_UEVENT(fn)
#define compat_bus_uevent(fn) fn
#else
#define COMPAT_BUS_UEVENT(fn)								\
	static int fn##_old(struct device *device, struct kobj_uevent_env *env)		\
	{										\
		return fn(device, env);							\
	}
#define compat_bus_uevent(fn) fn##_old
#endif

/* bus_type.remove returned an int until 5.14; can go with RHEL 8. */
#if COMPAT_HAS_BUS_REMOVE_VOID
#define COMPAT_BUS_REMOVE(fn)
#define compat_bus_remove(fn) fn
#else
#define COMPAT_BUS_REMOVE(fn)				\
	static int fn##_int(struct device *device)	\
	{						\
		fn(device);				\
		return 0;				\
	}
#define compat_bus_remove(fn) fn##_int
#endif

/* bus_attribute.show took a non-const bus until 6.3; can go with 6.1, RHEL 8 and 9. */
#if COMPAT_HAS_BUS_ATTR_CONST
#define compat_bus_attr_const const
#else
#define compat_bus_attr_const
#endif

/*
 * driver_override is a matter of the driver core from 7.1 on, and of late stable kernels; before, of each bus, with the
 * name in the device. The macros are the member of bus_type, the match (as device_match_driver_override()), the release,
 * and the attribute with its functions.
 */
#if COMPAT_HAS_DEVICE_DRIVER_OVERRIDE
#define COMPAT_BUS_DRIVER_OVERRIDE .driver_override = true,
#ifdef __CHECKER__
/* sparse does not see that guard(), in the inline function, unlocks at the end of the scope */
int compat_match_driver_override_unseen(void *hdev, const void *drv);
#define compat_match_driver_override(hdev, drv) compat_match_driver_override_unseen(hdev, drv)
#else
#define compat_match_driver_override(hdev, drv) device_match_driver_override(&(hdev)->device, drv)
#endif
#define compat_free_driver_override(hdev)
#define COMPAT_DRIVER_OVERRIDE_FUNCTIONS
#define COMPAT_DRIVER_OVERRIDE_ATTRIBUTE
#else
#define COMPAT_BUS_DRIVER_OVERRIDE
#define compat_match_driver_override(hdev, drv) \
	(!(hdev)->driver_override ? -1 : !strcmp((hdev)->driver_override, (drv)->name))
#define compat_free_driver_override(hdev) kfree((hdev)->driver_override)
#define COMPAT_DRIVER_OVERRIDE_FUNCTIONS							\
	static ssize_t driver_override_show(struct device *dev, struct device_attribute *attr,	\
					    char *buf)						\
	{											\
		struct hv_device *hdev = container_of(dev, struct hv_device, device);		\
		ssize_t bytes;									\
												\
		device_lock(dev);								\
		bytes = sysfs_emit(buf, "%s\n", hdev->driver_override);				\
		device_unlock(dev);								\
		return bytes;									\
	}											\
	static ssize_t driver_override_store(struct device *dev, struct device_attribute *attr,	\
					     const char *buf, size_t count)			\
	{											\
		struct hv_device *hdev = container_of(dev, struct hv_device, device);		\
		/* the member was a plain char * before 5.19 */					\
		const char **name = (const char **)&hdev->driver_override;			\
		int ret = driver_set_override(dev, name, buf, count);				\
												\
		return ret ?: count;								\
	}											\
	static DEVICE_ATTR_RW(driver_override);
#define COMPAT_DRIVER_OVERRIDE_ATTRIBUTE &dev_attr_driver_override.attr,
#endif

/*
 * The bus makes the file by which userspace maps a channel's rings from 6.15 (6.12.31) on; before, uio_hv_generic made it
 * itself. COMPAT_IF_RING_SYSFS(...) is its arguments where the bus must; can go with 6.1, RHEL 8 and 9.
 */
#if COMPAT_HAS_CHANNEL_RING_SYSFS
#define COMPAT_IF_RING_SYSFS(...) __VA_ARGS__
#else
#define COMPAT_IF_RING_SYSFS(...)
#endif

/*
 * The function that maps the rings takes a struct vm_area_desc from 7.1 on, a struct vm_area_struct before. compat_mmap_ring()
 * calls it for an area that exists, as the file's own function gets one still.
 */
#if COMPAT_HAS_CHANNEL_MMAP_PREPARE
#define compat_vm_area_desc vm_area_desc
#define compat_mmap_ring(channel, file, vma)								\
({													\
	struct vm_area_desc compat_desc;								\
	int compat_error;										\
													\
	compat_set_desc_from_vma(&compat_desc, file, vma);						\
	compat_error = (channel)->mmap_prepare_ring_buffer(channel, &compat_desc);			\
	compat_error ?: __compat_vma_mmap(&compat_desc, vma);						\
})
#else
#define compat_vm_area_desc vm_area_struct
#define mmap_prepare_ring_buffer mmap_ring_buffer
#define compat_mmap_ring(channel, file, vma) (channel)->mmap_ring_buffer(channel, vma)
#endif

/* bin_attribute.mmap took a non-const attribute until 6.12; can go with 6.1, 6.12, RHEL 8 to 10. */
#if COMPAT_HAS_BIN_ATTR_MMAP_CONST
#define compat_bin_attr_mmap_const const
#else
#define compat_bin_attr_mmap_const
#endif

/* The arguments, where the kernel's drivers ask the bus for its root device (from 7.1) or to unload (from 7.0). */
#if COMPAT_HAS_BUS_ROOT_DEVICE
#define COMPAT_IF_ROOT_DEVICE(...) __VA_ARGS__
#else
#define COMPAT_IF_ROOT_DEVICE(...)
#endif
#if COMPAT_HAS_BUS_INITIATE_UNLOAD
#define COMPAT_IF_INITIATE_UNLOAD(...) __VA_ARGS__
#else
#define COMPAT_IF_INITIATE_UNLOAD(...)
#endif

/* The arguments, where the bus says whether its channels are confidential (from 6.19). */
#if COMPAT_HAS_CHANNEL_CONFIDENTIAL
#define COMPAT_IF_CONFIDENTIAL(...) __VA_ARGS__
#else
#define COMPAT_IF_CONFIDENTIAL(...)
#endif

/*
 * Members of the exported struct vmbus_connection, which no public header shows: 6.14 waits for the first offers instead of
 * counting channels at resume, and knows the highest relid.
 */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 14, 0)
#define COMPAT_CONNECTION_HIGHEST_RELID	u32 relid_hiwater;
#define COMPAT_CONNECTION_LAST		struct completion all_offers_delivered_event;
#else
#define COMPAT_CONNECTION_HIGHEST_RELID
#define COMPAT_CONNECTION_LAST		atomic_t nr_chan_fixup_on_resume; struct completion ready_for_resume_event;
#endif

/*
 * Up to 6.15 (stable kernels of early 2025, RHEL 8, 9 and 10) vmbus_sendpacket_mpb_desc() sends one range, whatever the
 * count in the descriptor, which the kernel's drivers leave unset; packets of several ranges go through
 * vmbus_sendpacket_pagebuffer(), a page each. COMPAT_IF_SENDPACKET_PAGEBUFFER(...) is its arguments there;
 * compat_mpb_range_count() is for the bus, the other two for a driver: how much of a piece of memory may be one range, and
 * sending what was so described (a range of one page has the layout of struct hv_page_buffer).
 */
#if COMPAT_HAS_SENDPACKET_PAGEBUFFER
#define COMPAT_IF_SENDPACKET_PAGEBUFFER(...) __VA_ARGS__
#define compat_mpb_range_count(mpb)		1
#define compat_range_bytes(offset, bytes)	min_t(u32, bytes, HV_HYP_PAGE_SIZE - (offset))
#define compat_send_ranges(channel, desc, desc_bytes, buffer, bytes, id)			\
	vmbus_sendpacket_pagebuffer(channel, (struct hv_page_buffer *)&(desc)->range,		\
				    (desc)->rangecount, buffer, bytes, id)
#else
#define COMPAT_IF_SENDPACKET_PAGEBUFFER(...)
#define compat_mpb_range_count(mpb)		((mpb)->rangecount)
#define compat_range_bytes(offset, bytes)	(bytes)
#define compat_send_ranges(channel, desc, desc_bytes, buffer, bytes, id)	\
	vmbus_sendpacket_mpb_desc(channel, desc, desc_bytes, buffer, bytes, id)
#endif

/*
 * From 6.10 on (RHEL 10) the kernel's hv_utils leaves file copy to a daemon on uio_hv_generic, which must find the channel
 * without a driver. COMPAT_IF_FCOPY(...) is its arguments where hv_utils has it; can go with 6.1, RHEL 8 and 9.
 */
#if COMPAT_HAS_FCOPY_IN_KERNEL
#define COMPAT_IF_FCOPY(...) __VA_ARGS__
#else
#define COMPAT_IF_FCOPY(...)
#endif

/* The class table has a ring size from 6.10 on; can go with 6.1 and RHEL 8. */
#if COMPAT_HAS_CLASS_RING_SIZE
#define COMPAT_CLASS_RING_SIZE(bytes)	.pref_ring_size = (bytes)
#else
#define COMPAT_CLASS_RING_SIZE(bytes)
#endif

/* A GPADL records whether its memory was decrypted from 6.9 on; can go with RHEL 8. */
#if COMPAT_HAS_GPADL_DECRYPTED
#define compat_gpadl_set_decrypted(gpadl, value)	((gpadl)->decrypted = (value))
#else
#define compat_gpadl_set_decrypted(gpadl, value)	do { } while (0)
#endif

/* CPUs for managed interrupts, or for the scheduler, were asked for by flag until 5.17; can go with RHEL 8. */
#if !COMPAT_HAS_HK_TYPE
#define HK_TYPE_DOMAIN		HK_FLAG_DOMAIN
#define HK_TYPE_MANAGED_IRQ	HK_FLAG_MANAGED_IRQ
#endif

#endif
