// SPDX-License-Identifier: GPL-2.0
/*
 * The firmware's description of the bus: where its address windows are, whatever else is described there, and machines that
 * have no bus or two. ACPI is played by this file.
 */
#define KBUILD_MODNAME	"hv_vmbus"
#include <kunit/test.h>
#include <linux/hyperv.h>
#define is_kdump_kernel()	false
#include "../../vmbus/mmio.c"
#undef pr_fmt
#include "../../vmbus/root.c"

struct vmbus_conn vmbus_conn;

static unsigned int suspends, resumes;

int vmbus_suspend(void)
{
	suspends++;
	return 0;
}

int vmbus_resume(void)
{
	resumes++;
	return 0;
}

static struct platform_device machine;
static struct shim_acpi_node bus_node, module_node, system_node;
static struct acpi_device companion = { .handle = &bus_node };

static void machine_release(struct device *device)
{
}

static int root_test_init(struct kunit *test)
{
	memset(&vmbus_conn, 0, sizeof(vmbus_conn));
	memset(&machine, 0, sizeof(machine));
	device_initialize(&machine.dev);
	machine.dev.release = machine_release;
	bus_node = (struct shim_acpi_node){ .above = &module_node };
	module_node = (struct shim_acpi_node){ .above = &system_node };
	system_node = (struct shim_acpi_node){ };
	shim_companion = &companion;
	shim_platform_device = &machine;
	shim_platform_devices = 1;
	shim_platform_error = 0;
	return 0;
}

static void describe(struct shim_acpi_node *node, u32 type, u64 start, u64 end, unsigned long flags)
{
	node->resources[node->count++] = (struct acpi_resource){ type, start, end, flags };
}

static unsigned int windows(void)
{
	struct mmio_window *window;
	unsigned int count = 0;

	list_for_each_entry(window, &mmio_windows, entry)
		count++;
	return count;
}

static void windows_are_those_of_the_nearest_that_has_any(struct kunit *test)
{
	/* The bus has only what is no window of memory. */
	describe(&bus_node, ACPI_RESOURCE_TYPE_IRQ, 5, 5, 0);
	describe(&bus_node, ACPI_RESOURCE_TYPE_ADDRESS32, 0x1000, 0x1fff, 0);
	describe(&bus_node, ACPI_RESOURCE_TYPE_ADDRESS64, 0xf0000000, 0xe0000000, IORESOURCE_MEM);
	describe(&module_node, ACPI_RESOURCE_TYPE_ADDRESS32, 0xe0000000, 0xe7ffffff, IORESOURCE_MEM);
	describe(&module_node, ACPI_RESOURCE_TYPE_ADDRESS64, 0x1000000000, 0x10ffffffff, IORESOURCE_MEM);
	describe(&system_node, ACPI_RESOURCE_TYPE_ADDRESS64, 0x2000000000, 0x20ffffffff, IORESOURCE_MEM);
	KUNIT_ASSERT_EQ(test, vmbus_root_init(), 0);
	KUNIT_EXPECT_EQ(test, windows(), 2u);
	KUNIT_EXPECT_PTR_EQ(test, vmbus_conn.root, &machine.dev);
	KUNIT_EXPECT_PTR_EQ(test, hv_get_vmbus_root_device(), &machine.dev);
	KUNIT_EXPECT_TRUE(test, hv_vmbus_exists());
	KUNIT_EXPECT_TRUE(test, vmbus_conn.coherent);
	KUNIT_EXPECT_EQ(test, machine.dev.kobj.references, 2u);
	KUNIT_EXPECT_EQ(test, vmbus_root_pm.freeze_noirq(&machine.dev) + vmbus_root_pm.restore_noirq(&machine.dev), 0);
	KUNIT_EXPECT_EQ(test, suspends + resumes, 2u);
	vmbus_root_exit();
	KUNIT_EXPECT_EQ(test, windows(), 0u);
	KUNIT_EXPECT_EQ(test, machine.dev.kobj.references, 1u);
	KUNIT_EXPECT_FALSE(test, hv_vmbus_exists());
	KUNIT_EXPECT_EQ(test, shim_platform_drivers, 0);
}

static void machine_without_windows_has_a_bus_all_the_same(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, vmbus_root_init(), 0);
	KUNIT_EXPECT_EQ(test, windows(), 0u);
	vmbus_root_exit();
	/* Nor is ACPI needed, where the bus comes from elsewhere. */
	shim_companion = NULL;
	KUNIT_ASSERT_EQ(test, vmbus_root_init(), 0);
	vmbus_root_exit();
}

static void second_bus_is_left_alone(struct kunit *test)
{
	shim_platform_devices = 2;
	KUNIT_ASSERT_EQ(test, vmbus_root_init(), 0);
	KUNIT_EXPECT_EQ(test, shim_platform_probed, -EBUSY);
	KUNIT_EXPECT_EQ(test, machine.dev.kobj.references, 2u);
	vmbus_root_exit();
}

static void machine_without_a_bus_is_declined(struct kunit *test)
{
	shim_platform_devices = 0;
	KUNIT_EXPECT_EQ(test, vmbus_root_init(), -ENODEV);
	KUNIT_EXPECT_EQ(test, shim_platform_drivers, 0);
	shim_platform_error = -EBUSY;
	KUNIT_EXPECT_EQ(test, vmbus_root_init(), -EBUSY);
}

static struct kunit_case root_cases[] = {
	KUNIT_CASE(windows_are_those_of_the_nearest_that_has_any),
	KUNIT_CASE(machine_without_windows_has_a_bus_all_the_same),
	KUNIT_CASE(second_bus_is_left_alone),
	KUNIT_CASE(machine_without_a_bus_is_declined),
	{}
};

static struct kunit_suite root_suite = {
	.name = "vmbus_root",
	.init = root_test_init,
	.test_cases = root_cases,
};
kunit_test_suite(root_suite);
