// SPDX-License-Identifier: GPL-2.0
/* Start order of the bus and its reverse; what a kexec or a crash does to it. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/hyperv.h>
#include <linux/module.h>
#include <linux/panic_notifier.h>
#include <linux/smp.h>

#include "bus.h"
#include "connection.h"
#include "cpu.h"
#include "crash.h"
#include "debugfs.h"
#include "hypercall.h"
#include "interrupt.h"
#include "internal.h"
#include "offer.h"
#include "platform.h"
#include "root.h"
#include "synic.h"
#include "sysfs.h"

static unsigned int max_version = VMBUS_VERSION_5_3;
module_param(max_version, uint, 0444);
MODULE_PARM_DESC(max_version, "newest VMBus protocol version to negotiate, major << 16 | minor, up to 0x60000 (0x50003)");

static const struct vmbus_offer_ops offer_ops = {
	.channel_type = &vmbus_channel_type,
	.add_device = vmbus_bus_add_device,
	.unbind_device = vmbus_bus_unbind_device,
	.remove_device = vmbus_bus_remove_device,
	.add_channel = vmbus_bus_add_channel,
	.remove_channel = vmbus_bus_remove_channel,
};

/* Another kernel is about to start in our place: nothing may reach its memory in our name. */
static void vmbus_kexec(void)
{
	hv_platform_stop_timers();
	vmbus_unload();
	vmbus_cpu_exit();
}

/* The same from a crash: on this CPU, without locks. */
static void vmbus_crash(struct pt_regs *regs)
{
	unsigned int cpu = smp_processor_id();

	vmbus_unload_crash();
	hv_platform_stop_timer(cpu);
	hv_synic_disable(cpu);
}

/* A panic without a crash kernel. */
static int vmbus_panic(struct notifier_block *block, unsigned long event, void *message)
{
	vmbus_unload_crash();
	return NOTIFY_DONE;
}

static struct notifier_block vmbus_panic_block = {
	.notifier_call = vmbus_panic,
	/* Last: other notifiers may still want to use a device. */
	.priority = INT_MIN,
};

static int __init vmbus_init(void)
{
	int ret;

	ret = hv_platform_check();
	if (ret)
		return ret;
	ret = vmbus_root_init();
	if (ret)
		return ret;
	ret = hv_hypercall_init();
	if (ret)
		goto exit_root;
	ret = hv_synic_alloc();
	if (ret)
		goto exit_hypercall;
	ret = vmbus_bus_init(vmbus_bus_groups, vmbus_device_groups);
	if (ret)
		goto free_synic;
	ret = vmbus_offer_init(&offer_ops);
	if (ret)
		goto exit_bus;
	vmbus_debugfs_init();
	vmbus_interrupt_init();
	ret = vmbus_cpu_init();
	if (ret)
		goto exit_interrupt;
	ret = vmbus_connect(max_version);
	if (ret)
		goto exit_cpu;
	hv_platform_set_shutdown_handlers(vmbus_kexec, vmbus_crash);
	atomic_notifier_chain_register(&panic_notifier_list, &vmbus_panic_block);
	hv_crash_init();
	ret = vmbus_request_initial_offers();
	if (ret)
		goto disconnect;
	/* The root disk may be among them: who waits for this module's load may rely on its devices. */
	if (vmbus_offer_wait_initial())
		pr_warn("the host has not finished its offers yet, going on without\n");
	return 0;

disconnect:
	hv_crash_exit();
	atomic_notifier_chain_unregister(&panic_notifier_list, &vmbus_panic_block);
	hv_platform_clear_shutdown_handlers();
	vmbus_offer_stop();
	vmbus_unload();
	vmbus_offer_remove_all();
	vmbus_free_pages();
exit_cpu:
	vmbus_cpu_exit();
exit_interrupt:
	vmbus_interrupt_exit();
	vmbus_debugfs_exit();
	vmbus_offer_exit();
exit_bus:
	vmbus_bus_exit();
free_synic:
	hv_synic_free();
exit_hypercall:
	hv_hypercall_exit();
exit_root:
	vmbus_root_exit();
	return ret;
}

static void __exit vmbus_exit(void)
{
	hv_crash_exit();
	atomic_notifier_chain_unregister(&panic_notifier_list, &vmbus_panic_block);
	hv_platform_clear_shutdown_handlers();
	vmbus_offer_stop();
	/* UNLOAD releases all channels at once; nothing is posted about a single one afterwards. */
	vmbus_unload();
	vmbus_offer_remove_all();
	vmbus_free_pages();
	vmbus_cpu_exit();
	vmbus_interrupt_exit();
	vmbus_debugfs_exit();
	vmbus_offer_exit();
	vmbus_bus_exit();
	hv_synic_free();
	hv_hypercall_exit();
	vmbus_root_exit();
}

subsys_initcall(vmbus_init);
module_exit(vmbus_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("VMBus of Microsoft Hyper-V");
MODULE_VERSION(HYPERV_LIC_VERSION);
MODULE_INFO(hyperv_lic_build, HYPERV_LIC_BUILD);
