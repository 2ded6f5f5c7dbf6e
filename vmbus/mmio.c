// SPDX-License-Identifier: GPL-2.0
/*
 * Address space for devices that need some (video, PCI pass-through): the windows the firmware gives the bus, and who
 * has what of them. Knows no channel. ACPI, address space descriptors of the VMBus device.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/align.h>
#include <linux/crash_dump.h>
#include <linux/errno.h>
#include <linux/hyperv.h>
#include <linux/ioport.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/printk.h>
#include <linux/sched.h>
#include <linux/screen_info.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/sysfb.h>

#include "mmio.h"

/* Space below is not for devices, and the virtual TPM sits where the firmware says nothing. */
#define MMIO_LOWEST		SZ_1M
#define MMIO_TPM_START		0xfed40000ull

/* The video device of generation 1 machines. */
#define MMIO_VIDEO_VENDOR	0x1414
#define MMIO_VIDEO_DEVICE	0x5353

/* Policy: what a crash kernel keeps free of a framebuffer it was not told of; half the window if that is less. */
#define MMIO_CRASH_FRAMEBUFFER	SZ_64M

struct mmio_window {
	struct list_head entry;		/* mmio_windows, in address order */
	struct resource resource;	/* parent of what has been given out */
};

static LIST_HEAD(mmio_windows);
static DEFINE_MUTEX(mmio_lock);		/* windows and what is given out of them */
static struct resource mmio_framebuffer;	/* end 0: none */

/**
 * vmbus_mmio_add_window() - the firmware gives the bus a range of addresses
 * @start: first address
 * @end: last address
 *
 * Windows next to one another become one.
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int vmbus_mmio_add_window(resource_size_t start, resource_size_t end)
{
	struct mmio_window *window, *next, *added;

	if (end < MMIO_LOWEST)
		return 0;
	if (start < MMIO_TPM_START && end >= MMIO_TPM_START)
		end = MMIO_TPM_START - 1;
	if (start > end)
		return 0;

	added = kzalloc(sizeof(*added), GFP_KERNEL);
	if (!added)
		return -ENOMEM;
	added->resource.name = "hyperv mmio";
	added->resource.flags = IORESOURCE_MEM;
	added->resource.start = start;
	added->resource.end = end;
	mutex_lock(&mmio_lock);
	list_for_each_entry_safe(window, next, &mmio_windows, entry) {
		if (window->resource.end + 1 == added->resource.start)
			added->resource.start = window->resource.start;
		else if (added->resource.end + 1 == window->resource.start)
			added->resource.end = window->resource.end;
		else if (window->resource.start > added->resource.end)
			break;
		else
			continue;
		list_del(&window->entry);
		kfree(window);
	}
	list_add_tail(&added->entry, &window->entry);
	mutex_unlock(&mmio_lock);
	return 0;
}

/**
 * vmbus_mmio_has_window() - whether the firmware has given the bus any address
 *
 * Return: true if so.
 */
bool vmbus_mmio_has_window(void)
{
	return !list_empty(&mmio_windows);
}

/*
 * A crash kernel may have been loaded without the firmware's description of the screen. The host still has the
 * framebuffer where it was: on generation 2 machines, which have no PCI video device, at the start of the lowest window.
 */
static void mmio_guess_framebuffer(resource_size_t *start, resource_size_t *size)
{
	struct mmio_window *lowest;

	mutex_lock(&mmio_lock);
	lowest = list_first_entry_or_null(&mmio_windows, struct mmio_window, entry);
	if (lowest && lowest->resource.end < SZ_4G) {
		*start = lowest->resource.start;
		*size = min_t(resource_size_t, resource_size(&lowest->resource) / 2, MMIO_CRASH_FRAMEBUFFER);
	}
	mutex_unlock(&mmio_lock);
}

/**
 * vmbus_mmio_reserve_framebuffer() - keep the framebuffer the firmware has set up for the video driver
 *
 * On generation 2 machines the firmware passes its address on, on generation 1 it is a BAR of the PCI video device.
 *
 * Context: may sleep; all windows have been added.
 */
void vmbus_mmio_reserve_framebuffer(void)
{
	resource_size_t start = 0, size = 0;
	struct pci_dev *video;

	video = pci_get_device(MMIO_VIDEO_VENDOR, MMIO_VIDEO_DEVICE, NULL);
	if (video) {
		start = pci_resource_start(video, 0);
		size = pci_resource_len(video, 0);
		pci_dev_put(video);
	} else if (compat_screen_info.orig_video_isVGA == VIDEO_TYPE_EFI) {
		start = compat_screen_info.lfb_base;
		if (compat_screen_info.capabilities & VIDEO_CAPABILITY_64BIT_BASE)
			start |= (u64)compat_screen_info.ext_lfb_base << 32;
		size = compat_screen_info.lfb_size;
	}
	if (!video && !start && is_kdump_kernel())
		mmio_guess_framebuffer(&start, &size);
	if (!start || !size)
		return;
	mmio_framebuffer.start = start;
	mmio_framebuffer.end = start + size - 1;
}

/* Where a range that must not touch the framebuffer may start in a gap. */
static resource_size_t mmio_avoid_framebuffer(void *unused, const struct resource *gap, const struct resource *unaligned,
					      resource_size_t size, resource_size_t align)
{
	if (mmio_framebuffer.end && gap->start <= mmio_framebuffer.end && gap->start + size - 1 >= mmio_framebuffer.start)
		return ALIGN(mmio_framebuffer.end + 1, align);
	return gap->start;
}
COMPAT_ALIGNF(mmio_avoid_framebuffer)

/* Finds a gap of one window within @min and @max that is nobody's in the machine's own book-keeping, either. */
static struct resource *mmio_find(struct resource *window, resource_size_t min, resource_size_t max, resource_size_t size,
				  resource_size_t align, bool fb_overlap_ok, const char *name)
{
	struct resource *given, *shadow;

	shadow = kzalloc(sizeof(*shadow), GFP_KERNEL);
	if (!shadow)
		return NULL;
	for (;;) {
		/* Busy, as __release_region() expects what it shall free. */
		shadow->flags = IORESOURCE_MEM | IORESOURCE_BUSY;
		if (allocate_resource(window, shadow, size, min, max, align,
				      fb_overlap_ok ? NULL : compat_alignf(mmio_avoid_framebuffer), NULL))
			break;
		given = __request_region(&iomem_resource, shadow->start, size, name, IORESOURCE_MEM);
		if (given)
			return given;
		min = shadow->start + align;
		release_resource(shadow);
		memset(shadow, 0, sizeof(*shadow));
		if (min < align)
			break;
		cond_resched();
	}
	kfree(shadow);
	return NULL;
}

/**
 * vmbus_allocate_mmio() - give address space to a device
 * @new: set to the range on success
 * @device_obj: for whom
 * @min: lowest address that will do
 * @max: highest
 * @size: bytes
 * @align: alignment in bytes, power of two
 * @fb_overlap_ok: whether the range may contain the firmware's framebuffer
 *
 * Context: may sleep.
 * Return: 0; -ENXIO when there is no such range.
 */
int vmbus_allocate_mmio(struct resource **new, struct hv_device *device_obj, resource_size_t min, resource_size_t max,
			resource_size_t size, resource_size_t align, bool fb_overlap_ok)
{
	struct resource *given = NULL;
	struct mmio_window *window;

	if (!size || !align)
		return -ENXIO;
	mutex_lock(&mmio_lock);
	/* The video driver wants the very framebuffer if it can have it. */
	if (fb_overlap_ok && mmio_framebuffer.end && mmio_framebuffer.start >= min &&
	    mmio_framebuffer.end <= max && size <= resource_size(&mmio_framebuffer)) {
		list_for_each_entry(window, &mmio_windows, entry) {
			if (!resource_contains(&window->resource, &mmio_framebuffer))
				continue;
			given = mmio_find(&window->resource, mmio_framebuffer.start, mmio_framebuffer.end, size, align,
					  true, dev_name(&device_obj->device));
		}
	}
	list_for_each_entry(window, &mmio_windows, entry) {
		if (given)
			break;
		given = mmio_find(&window->resource, min, max, size, align, fb_overlap_ok, dev_name(&device_obj->device));
	}
	mutex_unlock(&mmio_lock);
	if (!given)
		return -ENXIO;
	*new = given;
	return 0;
}

/**
 * vmbus_free_mmio() - take address space back
 * @start: first address
 * @size: bytes, as allocated
 *
 * Context: may sleep.
 */
void vmbus_free_mmio(resource_size_t start, resource_size_t size)
{
	struct mmio_window *window;

	mutex_lock(&mmio_lock);
	list_for_each_entry(window, &mmio_windows, entry) {
		if (start < window->resource.start || start > window->resource.end)
			continue;
		__release_region(&window->resource, start, size);
		release_mem_region(start, size);
		break;
	}
	mutex_unlock(&mmio_lock);
}

/**
 * vmbus_mmio_exit() - forget all windows
 *
 * Context: all devices are gone.
 */
void vmbus_mmio_exit(void)
{
	struct mmio_window *window, *next;

	list_for_each_entry_safe(window, next, &mmio_windows, entry) {
		list_del(&window->entry);
		kfree(window);
	}
	memset(&mmio_framebuffer, 0, sizeof(mmio_framebuffer));
}
