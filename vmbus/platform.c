// SPDX-License-Identifier: GPL-2.0
/*
 * The only user of what the kernel's own Hyper-V support exports: hypercall page, synthetic registers, VP index table,
 * interrupt, kexec and crash hooks, message-mode timers. Knows no VMBus message. TLFS, Feature and Interface Discovery,
 * Hypercall Interface, Virtual Interrupt Controller.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cpumask.h>
#include <linux/hyperv.h>
#include <linux/printk.h>
#include <linux/random.h>
#include <asm/mshyperv.h>
#include <clocksource/hyperv_timer.h>
#include <hyperv/tlfs.h>

#include "platform.h"

/**
 * hv_platform_check() - whether this machine can have a VMBus
 *
 * Says in one line why not.
 *
 * Context: module initialisation.
 * Return: 0; -ENODEV when this is no Hyper-V guest or it has no SynIC; -EOPNOTSUPP in an isolated (confidential) VM,
 * whose memory would have to be shared page by page.
 */
int hv_platform_check(void)
{
	if (!hv_is_hyperv_initialized()) {
		pr_info("not a Hyper-V guest, not loaded\n");
		return -ENODEV;
	}
	if (!(ms_hyperv.features & HV_MSR_SYNIC_AVAILABLE)) {
		pr_info("this Hyper-V partition has no SynIC, not loaded\n");
		return -ENODEV;
	}
	if (hv_is_isolation_supported()) {
		pr_info("isolated (confidential) virtual machines are not supported, not loaded\n");
		return -EOPNOTSUPP;
	}
	return 0;
}

/**
 * hv_platform_can_hibernate() - whether the host keeps this virtual machine's memory to itself over a hibernation
 *
 * Return: true when the administrator has enabled hibernation, which the firmware shows as sleep state S4.
 */
bool hv_platform_can_hibernate(void)
{
	return hv_is_hibernation_supported();
}

static unsigned int platform_register_number(enum hv_platform_register reg)
{
	switch (reg) {
	case HV_PLATFORM_SCONTROL:
		return HV_MSR_SCONTROL;
	case HV_PLATFORM_SIEFP:
		return HV_MSR_SIEFP;
	case HV_PLATFORM_SIMP:
		return HV_MSR_SIMP;
	case HV_PLATFORM_EOM:
		return HV_MSR_EOM;
	case HV_PLATFORM_SINT:
		break;
	}
	return HV_MSR_SINT0 + VMBUS_SINT;
}

/**
 * hv_platform_get() - read a synthetic register of this CPU
 * @reg: which
 *
 * Context: bound to the CPU.
 * Return: its value.
 */
u64 hv_platform_get(enum hv_platform_register reg)
{
	return hv_get_msr(platform_register_number(reg));
}

/* A function, where the kernel has a macro that cuts constants in two. */
static void platform_set(u32 number, u64 value)
{
	hv_set_msr(number, value);
}

/**
 * hv_platform_set() - write a synthetic register of this CPU
 * @reg: which
 * @value: what
 *
 * Context: bound to the CPU.
 */
void hv_platform_set(enum hv_platform_register reg, u64 value)
{
	platform_set(platform_register_number(reg), value);
}

/**
 * hv_platform_sint_value() - vector and end-of-interrupt mode for the SINT of VMBus
 *
 * Return: the bits to set: the vector whose entry code belongs to the kernel, and auto-EOI unless the hypervisor
 * deprecates it. The kernel's entry code looks at the same hint to decide about the EOI.
 */
u64 hv_platform_sint_value(void)
{
	u64 value = COMPAT_HV_VMBUS_VECTOR & TLFS_SINT_VECTOR_MASK;

	if (!(ms_hyperv.hints & TLFS_HINT_DEPRECATE_AUTOEOI))
		value |= TLFS_SINT_AUTO_EOI;
	return value;
}

/**
 * hv_platform_vp_index() - the hypervisor's number of a CPU
 * @cpu: one that has been online
 *
 * Return: its VP index.
 */
u32 hv_platform_vp_index(unsigned int cpu)
{
	return hv_cpu_number_to_vp_number(cpu);
}

/**
 * hv_platform_call() - hypercall with its input in memory
 * @code: call code
 * @input: in the direct map, 8-byte aligned, within one page, not written by others during the call
 *
 * Return: the hypercall status (enum tlfs_status).
 */
u16 hv_platform_call(u16 code, void *input)
{
	return hv_do_hypercall(code, input, NULL) & 0xffff;
}

/**
 * hv_platform_fast_call() - hypercall with eight bytes of input in registers
 * @code: call code
 * @input: the bytes
 *
 * Return: the hypercall status (enum tlfs_status).
 */
u16 hv_platform_fast_call(u16 code, u64 input)
{
	return hv_do_fast_hypercall8(code, input) & 0xffff;
}

/**
 * hv_platform_set_isr() - take the VMBus interrupt of all CPUs
 * @handler: called in hard interrupt context; must bear spurious calls
 */
void hv_platform_set_isr(void (*handler)(void))
{
	hv_setup_vmbus_handler(handler);
}

/**
 * hv_platform_clear_isr() - give the VMBus interrupt back
 */
void hv_platform_clear_isr(void)
{
	hv_remove_vmbus_handler();
}

/**
 * hv_platform_account_interrupt() - feed the time of an interrupt into the entropy pool
 *
 * Context: hard interrupt.
 */
void hv_platform_account_interrupt(void)
{
	compat_add_interrupt_randomness(COMPAT_HV_VMBUS_VECTOR);
}

/**
 * hv_platform_set_shutdown_handlers() - learn of kexec and of a crash with a crash kernel
 * @kexec: called before the next kernel starts, all CPUs running; may sleep
 * @crash: called on the crashing CPU with all others stopped; must neither sleep nor take a lock
 */
void hv_platform_set_shutdown_handlers(void (*kexec)(void), void (*crash)(struct pt_regs *regs))
{
	hv_setup_kexec_handler(kexec);
	hv_setup_crash_handler(crash);
}

/**
 * hv_platform_clear_shutdown_handlers() - undo hv_platform_set_shutdown_handlers()
 */
void hv_platform_clear_shutdown_handlers(void)
{
	hv_remove_kexec_handler();
	hv_remove_crash_handler();
}

/**
 * hv_platform_takes_crash_report() - whether the host takes reports of a crash
 *
 * Return: true if so.
 */
bool hv_platform_takes_crash_report(void)
{
	return ms_hyperv.misc_features & HV_FEATURE_GUEST_CRASH_MSR_AVAILABLE;
}

/**
 * hv_platform_takes_crash_message() - whether the host takes text with the report of a crash
 *
 * Context: hv_platform_takes_crash_report().
 * Return: true if so.
 */
bool hv_platform_takes_crash_message(void)
{
	return hv_get_msr(HV_MSR_CRASH_CTL) & HV_CRASH_CTL_CRASH_NOTIFY_MSG;
}

/**
 * hv_platform_report_registers() - report a crash with the processor's state
 * @regs: at the crash
 * @error: its number
 * @in_die: from an oops, which is reported only if it will be a panic
 *
 * The first report counts.
 *
 * Context: any.
 */
void hv_platform_report_registers(struct pt_regs *regs, long error, bool in_die)
{
	hyperv_report_panic(regs, error, in_die);
}

/**
 * hv_platform_report_message() - report a crash with text
 * @address: guest physical address of the text, within one page
 * @bytes: its length, 1 to 4096
 *
 * Context: any.
 */
void hv_platform_report_message(u64 address, u64 bytes)
{
	hv_set_msr(HV_MSR_CRASH_P0, 0);
	hv_set_msr(HV_MSR_CRASH_P1, 0);
	hv_set_msr(HV_MSR_CRASH_P2, 0);
	hv_set_msr(HV_MSR_CRASH_P3, address);
	hv_set_msr(HV_MSR_CRASH_P4, bytes);
	platform_set(HV_MSR_CRASH_CTL, HV_CRASH_CTL_CRASH_NOTIFY | HV_CRASH_CTL_CRASH_NOTIFY_MSG);
}

/**
 * hv_platform_timer_online() - let the synthetic timer of this CPU use the message slot of VMBus
 * @cpu: this CPU, its SynIC enabled
 *
 * Without effect where timers have a vector of their own (direct mode).
 */
void hv_platform_timer_online(unsigned int cpu)
{
	hv_stimer_legacy_init(cpu, VMBUS_SINT);
}

/**
 * hv_platform_timer_offline() - stop what hv_platform_timer_online() started
 * @cpu: this CPU, its SynIC still enabled
 */
void hv_platform_timer_offline(unsigned int cpu)
{
	hv_stimer_legacy_cleanup(cpu);
}

/**
 * hv_platform_timer_message() - a timer message was found in the slot of VMBus
 *
 * Context: hard interrupt.
 */
void hv_platform_timer_message(void)
{
	hv_stimer0_isr();
}

/**
 * hv_platform_stop_timers() - stop the synthetic timers of all CPUs, for kexec
 */
void hv_platform_stop_timers(void)
{
	hv_stimer_global_cleanup();
}

/**
 * hv_platform_stop_timer() - stop the synthetic timers of one CPU, for a crash
 * @cpu: this CPU
 */
void hv_platform_stop_timer(unsigned int cpu)
{
	hv_stimer_cleanup(cpu);
}
