/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the kernel's built-in Hyper-V code gives the bus: hypercalls, synthetic registers, VP indices, the interrupt,
 * kexec and crash hooks, the synthetic timers that live on message slots.
 */
#ifndef VMBUS_PLATFORM_H
#define VMBUS_PLATFORM_H

#include <linux/types.h>

struct pt_regs;

/* Synthetic registers the bus uses. */
enum hv_platform_register {
	HV_PLATFORM_SCONTROL,
	HV_PLATFORM_SIEFP,
	HV_PLATFORM_SIMP,
	HV_PLATFORM_EOM,
	HV_PLATFORM_SINT,	/* the one of VMBus */
};

int hv_platform_check(void);
bool hv_platform_can_hibernate(void);
u64 hv_platform_get(enum hv_platform_register reg);
void hv_platform_set(enum hv_platform_register reg, u64 value);
u64 hv_platform_sint_value(void);
u32 hv_platform_vp_index(unsigned int cpu);
u16 hv_platform_call(u16 code, void *input);
u16 hv_platform_fast_call(u16 code, u64 input);
void hv_platform_set_isr(void (*handler)(void));
void hv_platform_clear_isr(void);
void hv_platform_account_interrupt(void);
void hv_platform_set_shutdown_handlers(void (*kexec)(void), void (*crash)(struct pt_regs *regs));
void hv_platform_clear_shutdown_handlers(void);
bool hv_platform_takes_crash_report(void);
bool hv_platform_takes_crash_message(void);
void hv_platform_report_registers(struct pt_regs *regs, long error, bool in_die);
void hv_platform_report_message(u64 address, u64 bytes);
void hv_platform_timer_online(unsigned int cpu);
void hv_platform_timer_offline(unsigned int cpu);
void hv_platform_timer_message(void);
void hv_platform_stop_timers(void);
void hv_platform_stop_timer(unsigned int cpu);

#endif
