// SPDX-License-Identifier: GPL-2.0
/*
 * Address space for devices: windows that touch become one, nobody gets the framebuffer who did not ask for it, a crash kernel
 * that was not told of a framebuffer keeps out of where it must be.
 */
#include <kunit/test.h>
#include <linux/crash_dump.h>
#include <linux/module.h>

static bool in_crash_kernel;
#define is_kdump_kernel() in_crash_kernel

#undef pr_fmt
#include "../../vmbus/mmio.c"

#define LOW_START	0xe0000000ull
#define LOW_END		0xe7ffffffull
#define HIGH_START	0x1000000000ull
#define HIGH_END	0x10ffffffffull
#define ANYWHERE	((resource_size_t)-1)

static struct hv_device client = { .device.init_name = "kunit" };

static int mmio_test_init(struct kunit *test)
{
	in_crash_kernel = false;
	return 0;
}

static void mmio_test_exit(struct kunit *test)
{
	vmbus_mmio_exit();
}

static void add_both(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, vmbus_mmio_add_window(LOW_START, LOW_END), 0);
	KUNIT_ASSERT_EQ(test, vmbus_mmio_add_window(HIGH_START, HIGH_END), 0);
}

static void framebuffer_at(resource_size_t start, resource_size_t size)
{
	mmio_framebuffer.start = start;
	mmio_framebuffer.end = start + size - 1;
}

static unsigned int windows(void)
{
	struct mmio_window *window;
	unsigned int count = 0;

	list_for_each_entry(window, &mmio_windows, entry)
		count++;
	return count;
}

static void windows_that_touch_become_one(struct kunit *test)
{
	struct mmio_window *only;

	KUNIT_EXPECT_FALSE(test, vmbus_mmio_has_window());
	KUNIT_ASSERT_EQ(test, vmbus_mmio_add_window(LOW_START, LOW_START + SZ_1M - 1), 0);
	KUNIT_ASSERT_EQ(test, vmbus_mmio_add_window(LOW_START + SZ_2M, LOW_START + 3 * SZ_1M - 1), 0);
	KUNIT_EXPECT_EQ(test, windows(), 2u);
	KUNIT_ASSERT_EQ(test, vmbus_mmio_add_window(LOW_START + SZ_1M, LOW_START + SZ_2M - 1), 0);
	KUNIT_ASSERT_EQ(test, windows(), 1u);
	only = list_first_entry(&mmio_windows, struct mmio_window, entry);
	KUNIT_EXPECT_EQ(test, only->resource.start, (resource_size_t)LOW_START);
	KUNIT_EXPECT_EQ(test, only->resource.end, (resource_size_t)LOW_START + 3 * SZ_1M - 1);
}

static void windows_stay_in_order_whatever_the_firmware_says_first(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, vmbus_mmio_add_window(HIGH_START, HIGH_END), 0);
	KUNIT_ASSERT_EQ(test, vmbus_mmio_add_window(LOW_START, LOW_END), 0);
	KUNIT_EXPECT_EQ(test, list_first_entry(&mmio_windows, struct mmio_window, entry)->resource.start,
			(resource_size_t)LOW_START);
}

static void the_virtual_tpm_and_what_is_behind_it_are_left_out(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, vmbus_mmio_add_window(0xf8000000, 0xffffffff), 0);
	KUNIT_EXPECT_EQ(test, list_first_entry(&mmio_windows, struct mmio_window, entry)->resource.end,
			(resource_size_t)MMIO_TPM_START - 1);
}

struct bad_window {
	const char *name;
	resource_size_t start, end;
};

static const struct bad_window bad_windows[] = {
	{ "end before start", LOW_END, LOW_START },
	{ "below one megabyte", 0, 0xfffff },
};

static void bad_window_name(const struct bad_window *w, char *text)
{
	strscpy(text, w->name, KUNIT_PARAM_DESC_SIZE);
}
KUNIT_ARRAY_PARAM(bad_window, bad_windows, bad_window_name);

static void window_that_makes_no_sense_is_ignored(struct kunit *test)
{
	const struct bad_window *w = test->param_value;

	KUNIT_EXPECT_EQ(test, vmbus_mmio_add_window(w->start, w->end), 0);
	KUNIT_EXPECT_FALSE(test, vmbus_mmio_has_window());
}

static void framebuffer_goes_only_to_who_may_overlap_it(struct kunit *test)
{
	struct resource *video, *other;

	add_both(test);
	framebuffer_at(LOW_START, SZ_8M);
	KUNIT_ASSERT_EQ(test, vmbus_allocate_mmio(&other, &client, 0, ANYWHERE, SZ_1M, SZ_1M, false), 0);
	KUNIT_EXPECT_EQ(test, other->start, (resource_size_t)LOW_START + SZ_8M);
	KUNIT_ASSERT_EQ(test, vmbus_allocate_mmio(&video, &client, 0, ANYWHERE, SZ_8M, SZ_1M, true), 0);
	KUNIT_EXPECT_EQ(test, video->start, (resource_size_t)LOW_START);
	vmbus_free_mmio(other->start, SZ_1M);
	vmbus_free_mmio(video->start, SZ_8M);
}

static void full_window_says_so_and_recovers(struct kunit *test)
{
	struct resource *all, *more;

	KUNIT_ASSERT_EQ(test, vmbus_mmio_add_window(LOW_START, LOW_END), 0);
	KUNIT_ASSERT_EQ(test, vmbus_allocate_mmio(&all, &client, 0, ANYWHERE, LOW_END - LOW_START + 1, SZ_1M, false), 0);
	KUNIT_EXPECT_EQ(test, vmbus_allocate_mmio(&more, &client, 0, ANYWHERE, SZ_4K, SZ_4K, false), -ENXIO);
	vmbus_free_mmio(LOW_START, LOW_END - LOW_START + 1);
	KUNIT_ASSERT_EQ(test, vmbus_allocate_mmio(&more, &client, 0, ANYWHERE, SZ_4K, SZ_4K, false), 0);
	vmbus_free_mmio(more->start, SZ_4K);
}

static void what_the_machine_gave_to_others_is_passed_over(struct kunit *test)
{
	struct resource *given;

	KUNIT_ASSERT_EQ(test, vmbus_mmio_add_window(LOW_START, LOW_END), 0);
	KUNIT_ASSERT_NOT_NULL(test, request_mem_region(LOW_START + SZ_4K, SZ_1M, "kunit, somebody else"));
	KUNIT_EXPECT_EQ(test, vmbus_allocate_mmio(&given, &client, 0, ANYWHERE, SZ_8K, SZ_4K, false), 0);
	KUNIT_EXPECT_EQ(test, given->start, (resource_size_t)LOW_START + SZ_4K + SZ_1M);
	vmbus_free_mmio(given->start, SZ_8K);
	release_mem_region(LOW_START + SZ_4K, SZ_1M);
}

static void limits_and_alignment_are_kept(struct kunit *test)
{
	struct resource *given;

	add_both(test);
	KUNIT_ASSERT_EQ(test, vmbus_allocate_mmio(&given, &client, LOW_START + 5, LOW_END, SZ_1M, SZ_16M, false), 0);
	KUNIT_EXPECT_EQ(test, given->start, (resource_size_t)LOW_START + SZ_16M);
	vmbus_free_mmio(given->start, SZ_1M);
	KUNIT_ASSERT_EQ(test, vmbus_allocate_mmio(&given, &client, SZ_4G, ANYWHERE, SZ_1M, SZ_1M, false), 0);
	KUNIT_EXPECT_EQ(test, given->start, (resource_size_t)HIGH_START);
	vmbus_free_mmio(given->start, SZ_1M);
	KUNIT_EXPECT_EQ(test, vmbus_allocate_mmio(&given, &client, 0, SZ_1M, SZ_1M, SZ_1M, false), -ENXIO);
	KUNIT_EXPECT_EQ(test, vmbus_allocate_mmio(&given, &client, 0, ANYWHERE, 0, SZ_1M, false), -ENXIO);
}

static void crash_kernel_keeps_out_of_a_framebuffer_it_does_not_know(struct kunit *test)
{
	struct resource *given;

	add_both(test);
	in_crash_kernel = true;
	vmbus_mmio_reserve_framebuffer();
	KUNIT_ASSERT_EQ(test, vmbus_allocate_mmio(&given, &client, 0, ANYWHERE, SZ_1M, SZ_4K, false), 0);
	KUNIT_EXPECT_EQ(test, given->start, (resource_size_t)LOW_START + SZ_64M);
	vmbus_free_mmio(given->start, SZ_1M);
}

static void other_kernels_guess_no_framebuffer(struct kunit *test)
{
	add_both(test);
	vmbus_mmio_reserve_framebuffer();
	KUNIT_EXPECT_EQ(test, mmio_framebuffer.end, (resource_size_t)0);
}

#ifdef SHIM_LINUX_PCI_H
/* Where the firmware or the machine says that a framebuffer is, nothing else goes. */
static void framebuffer_is_where_the_machine_says(struct kunit *test)
{
	struct pci_dev video = { .start = LOW_START + SZ_16M, .len = SZ_8M };

	add_both(test);
	screen_info.orig_video_isVGA = VIDEO_TYPE_EFI;
	screen_info.lfb_base = LOW_START;
	screen_info.lfb_size = SZ_8M;
	vmbus_mmio_reserve_framebuffer();
	KUNIT_EXPECT_EQ(test, mmio_framebuffer.start, (resource_size_t)LOW_START);
	KUNIT_EXPECT_EQ(test, mmio_framebuffer.end, (resource_size_t)LOW_START + SZ_8M - 1);
	/* The upper half counts only where it says so. */
	screen_info.lfb_base = 0;
	screen_info.ext_lfb_base = HIGH_START >> 32;
	mmio_framebuffer.end = 0;
	vmbus_mmio_reserve_framebuffer();
	KUNIT_EXPECT_EQ(test, mmio_framebuffer.end, (resource_size_t)0);
	screen_info.capabilities = VIDEO_CAPABILITY_64BIT_BASE;
	vmbus_mmio_reserve_framebuffer();
	KUNIT_EXPECT_EQ(test, mmio_framebuffer.start, (resource_size_t)HIGH_START);
	/* A video device of generation 1 has the last word. */
	shim_pci_video = &video;
	vmbus_mmio_reserve_framebuffer();
	KUNIT_EXPECT_EQ(test, mmio_framebuffer.start, (resource_size_t)LOW_START + SZ_16M);
	shim_pci_video = NULL;
	memset(&screen_info, 0, sizeof(screen_info));
}
#endif

static struct kunit_case vmbus_mmio_cases[] = {
#ifdef SHIM_LINUX_PCI_H
	KUNIT_CASE(framebuffer_is_where_the_machine_says),
#endif
	KUNIT_CASE(windows_that_touch_become_one),
	KUNIT_CASE(windows_stay_in_order_whatever_the_firmware_says_first),
	KUNIT_CASE(the_virtual_tpm_and_what_is_behind_it_are_left_out),
	KUNIT_CASE_PARAM(window_that_makes_no_sense_is_ignored, bad_window_gen_params),
	KUNIT_CASE(framebuffer_goes_only_to_who_may_overlap_it),
	KUNIT_CASE(full_window_says_so_and_recovers),
	KUNIT_CASE(what_the_machine_gave_to_others_is_passed_over),
	KUNIT_CASE(limits_and_alignment_are_kept),
	KUNIT_CASE(crash_kernel_keeps_out_of_a_framebuffer_it_does_not_know),
	KUNIT_CASE(other_kernels_guess_no_framebuffer),
	{}
};

static struct kunit_suite vmbus_mmio_suite = {
	.name = "hv_vmbus_mmio",
	.init = mmio_test_init,
	.exit = mmio_test_exit,
	.test_cases = vmbus_mmio_cases,
};
kunit_test_suite(vmbus_mmio_suite);

MODULE_DESCRIPTION("KUnit suite: address space for devices of VMBus");
MODULE_LICENSE("GPL");
