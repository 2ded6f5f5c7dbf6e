/* SPDX-License-Identifier: GPL-2.0 */
/* What the kernel knows of the hypervisor, played by the test that includes this. */
#ifndef SHIM_ASM_MSHYPERV_H
#define SHIM_ASM_MSHYPERV_H

#include <linux/types.h>

#define HV_MSR_SYNIC_AVAILABLE			(1u << 2)
#define HV_FEATURE_GUEST_CRASH_MSR_AVAILABLE	(1u << 10)
#define HV_CRASH_CTL_CRASH_NOTIFY		(1ull << 63)
#define HV_CRASH_CTL_CRASH_NOTIFY_MSG		(1ull << 62)
#define HYPERVISOR_CALLBACK_VECTOR		0xf3

enum {
	HV_MSR_SCONTROL = 0x40000080, HV_MSR_SIEFP = 0x40000082, HV_MSR_SIMP, HV_MSR_EOM, HV_MSR_SINT0 = 0x40000090,
	HV_MSR_CRASH_P0 = 0x40000100, HV_MSR_CRASH_P1, HV_MSR_CRASH_P2, HV_MSR_CRASH_P3, HV_MSR_CRASH_P4, HV_MSR_CRASH_CTL,
};

struct pt_regs;

struct ms_hyperv_info {
	u32 features, misc_features, hints;
};

extern struct ms_hyperv_info ms_hyperv;

bool hv_is_hyperv_initialized(void);
bool hv_is_isolation_supported(void);
u64 hv_get_msr(unsigned int number);
void hv_set_msr(unsigned int number, u64 value);
u32 hv_cpu_number_to_vp_number(unsigned int cpu);
u64 hv_do_hypercall(u64 control, void *input, void *output);
u64 hv_do_fast_hypercall8(u16 code, u64 input);
void hv_setup_vmbus_handler(void (*handler)(void));
void hv_remove_vmbus_handler(void);
void hv_setup_kexec_handler(void (*handler)(void));
void hv_remove_kexec_handler(void);
void hv_setup_crash_handler(void (*handler)(struct pt_regs *regs));
void hv_remove_crash_handler(void);
void hyperv_report_panic(struct pt_regs *regs, long error, bool in_die);

extern u64 (*hv_read_reference_counter)(void);
bool hv_is_hibernation_supported(void);

#endif
