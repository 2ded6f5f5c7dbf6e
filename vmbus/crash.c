// SPDX-License-Identifier: GPL-2.0
/*
 * Tells the host that this kernel has crashed, with registers or with the end of the kernel log: what an administrator
 * finds in the host's event log. Only where the kernel itself does not. Knows no VMBus. TLFS, Guest Crash Enlightenment.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/kdebug.h>
#include <linux/kmsg_dump.h>
#include <linux/notifier.h>
#include <linux/panic_notifier.h>
#include <linux/printk.h>
#include <linux/ptrace.h>
#include <linux/sched/task_stack.h>
#include <linux/sysctl.h>
#include <asm/page.h>
#include <hyperv/types.h>

#include "crash.h"
#include "platform.h"

/*
 * For the end of the kernel log; the host reads one of its pages. NULL: messages are not sent. Set and cleared while
 * no notifier and no dumper is registered.
 */
static char *crash_page;

/* kernel.hyperv_record_panic_msg: whether the log, which may hold secrets, may go to the host. */
static int crash_send_log = 1;

static bool crash_log_goes_to_host(void)
{
	return crash_page && READ_ONCE(crash_send_log);
}

/* An oops that will be a panic: the only moment at which there are registers that mean something. */
static int crash_die(struct notifier_block *block, unsigned long event, void *argument)
{
	struct die_args *die = argument;

	if (event == DIE_OOPS && !crash_log_goes_to_host())
		hv_platform_report_registers(die->regs, die->err, true);
	return NOTIFY_DONE;
}

static int crash_panic(struct notifier_block *block, unsigned long event, void *message)
{
	if (!crash_log_goes_to_host())
		hv_platform_report_registers(current_pt_regs(), event, false);
	return NOTIFY_DONE;
}

/* After all notifiers: the log is complete. */
static void crash_dump(struct kmsg_dumper *dumper, compat_kmsg_dump_reason reason)
{
	struct kmsg_dump_iter iter;
	size_t bytes = 0;

	if (!crash_log_goes_to_host())
		return;
	kmsg_dump_rewind(&iter);
	kmsg_dump_get_buffer(&iter, false, crash_page, HYPERV_PAGE_SIZE, &bytes);
	if (bytes)
		hv_platform_report_message(virt_to_phys(crash_page), bytes);
}

static struct notifier_block crash_die_block = {
	.notifier_call = crash_die,
};

static struct notifier_block crash_panic_block = {
	.notifier_call = crash_panic,
};

static struct kmsg_dumper crash_dumper = {
	.dump = crash_dump,
	.max_reason = KMSG_DUMP_PANIC,
};

static struct ctl_table crash_sysctls[] = {
	{
		.procname = "hyperv_record_panic_msg",
		.data = &crash_send_log,
		.maxlen = sizeof(crash_send_log),
		.mode = 0644,
		.proc_handler = proc_dointvec_minmax,
		.extra1 = SYSCTL_ZERO,
		.extra2 = SYSCTL_ONE,
	},
	{ }
};

static struct ctl_table_header *crash_sysctl;

/* Not fatal: without the log the host gets registers. */
static void crash_log_init(void)
{
	crash_page = (char *)get_zeroed_page(GFP_KERNEL);
	if (!crash_page)
		return;
	if (kmsg_dump_register(&crash_dumper)) {
		pr_warn("the kernel log of a crash will not reach the host\n");
		free_page((unsigned long)crash_page);
		crash_page = NULL;
		return;
	}
	crash_sysctl = register_sysctl("kernel", crash_sysctls);
	if (!crash_sysctl)
		pr_warn("no sysctl kernel.hyperv_record_panic_msg\n");
}

static void crash_log_exit(void)
{
	if (!crash_page)
		return;
	if (crash_sysctl)
		unregister_sysctl_table(crash_sysctl);
	crash_sysctl = NULL;
	kmsg_dump_unregister(&crash_dumper);
	free_page((unsigned long)crash_page);
	crash_page = NULL;
}

/**
 * hv_crash_init() - report crashes from now on
 *
 * Does nothing where the kernel itself does, or where the host does not want to know.
 *
 * Context: may sleep.
 */
void hv_crash_init(void)
{
	if (!COMPAT_BUS_REPORTS_CRASHES || !hv_platform_takes_crash_report())
		return;
	if (hv_platform_takes_crash_message())
		crash_log_init();
	register_die_notifier(&crash_die_block);
	atomic_notifier_chain_register(&panic_notifier_list, &crash_panic_block);
}

/**
 * hv_crash_exit() - undo hv_crash_init()
 *
 * Context: may sleep.
 */
void hv_crash_exit(void)
{
	if (!COMPAT_BUS_REPORTS_CRASHES || !hv_platform_takes_crash_report())
		return;
	atomic_notifier_chain_unregister(&panic_notifier_list, &crash_panic_block);
	unregister_die_notifier(&crash_die_block);
	crash_log_exit();
}
