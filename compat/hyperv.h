/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's built-in Hyper-V support on older kernels. Macros only, no kernel header: this is seen before any of them.
 *
 * hv_get_msr() and hv_set_msr() came with 6.9 (RHEL 9.6, 10): before, the same functions said "register"; can go with 6.1
 * and RHEL 8. add_interrupt_randomness() took a second argument until 5.16; can go with RHEL 8.
 */
#ifndef HYPERV_LIC_COMPAT_HYPERV_H
#define HYPERV_LIC_COMPAT_HYPERV_H

#if !COMPAT_HAS_HV_GET_MSR
#define hv_get_msr(reg)		hv_get_register(reg)
#define hv_set_msr(reg, value)	hv_set_register(reg, value)
#define HV_MSR_SCONTROL		HV_REGISTER_SCONTROL
#define HV_MSR_SIEFP		HV_REGISTER_SIEFP
#define HV_MSR_SIMP		HV_REGISTER_SIMP
#define HV_MSR_EOM		HV_REGISTER_EOM
#define HV_MSR_SINT0		HV_REGISTER_SINT0
#define HV_MSR_CRASH_P0		HV_REGISTER_CRASH_P0
#define HV_MSR_CRASH_P1		HV_REGISTER_CRASH_P1
#define HV_MSR_CRASH_P2		HV_REGISTER_CRASH_P2
#define HV_MSR_CRASH_P3		HV_REGISTER_CRASH_P3
#define HV_MSR_CRASH_P4		HV_REGISTER_CRASH_P4
#define HV_MSR_CRASH_CTL	HV_REGISTER_CRASH_CTL
#endif

/*
 * Who tells the host of a crash: from 6.4 on (with 6.1.y and RHEL 9 of today) the kernel itself, before that the bus. No
 * compile can see it, as the functions are in no header; can go with RHEL 8.
 */
#define COMPAT_BUS_REPORTS_CRASHES	(LINUX_VERSION_CODE < KERNEL_VERSION(5, 14, 0))

/* A kmsg dumper is told why as an enum until 6.10, then in a struct; nobody here looks. Can go with 6.1, RHEL 8 and 9. */
#if COMPAT_HAS_KMSG_DUMP_DETAIL
#define compat_kmsg_dump_reason	struct kmsg_dump_detail *
#else
#define compat_kmsg_dump_reason	enum kmsg_dump_reason
#endif

/* hv_pkt_len() came with 5.15; can go with RHEL 8. */
#if !COMPAT_HAS_HV_PKT_LEN
#define hv_pkt_len(desc)	((u32)(desc)->len8 << 3)
#endif

#if COMPAT_HAS_INTERRUPT_RANDOMNESS_ONE_ARGUMENT
#define compat_add_interrupt_randomness(irq)	add_interrupt_randomness(irq)
#else
#define compat_add_interrupt_randomness(irq)	add_interrupt_randomness(irq, 0)
#endif

/*
 * Parent of all VMBus devices: the platform device from 6.4 (RHEL 9.4) on, before that the ACPI device behind it. No compile
 * can see the difference, but udev's names by path contain it; can go with 6.1 and RHEL 8.
 */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 4, 0) || (defined(RHEL_RELEASE_CODE) && RHEL_RELEASE_CODE >= 2308)
#define compat_vmbus_parent(device) (device)
#else
#define compat_vmbus_parent(device) \
	(ACPI_COMPANION(device) ? &to_acpi_device_node((device)->fwnode)->dev : (device))
#endif

/* Where the firmware's framebuffer is: in screen_info until 6.19; can go with all older ones. */
#if COMPAT_HAS_SYSFB_PRIMARY_DISPLAY
#define compat_screen_info	sysfb_primary_display.screen
#else
#define compat_screen_info	screen_info
#endif

/*
 * The alignment function of allocate_resource() gets the gap before alignment as well from 7.0 on. COMPAT_ALIGNF(fn) stands
 * after a function that does not use it, compat_alignf(fn) where its address is taken.
 */
#if COMPAT_HAS_RESOURCE_ALIGNF_EMPTY
#define COMPAT_ALIGNF(fn)
#define compat_alignf(fn) fn
#else
#define COMPAT_ALIGNF(fn)									\
	static resource_size_t fn##_old(void *data, const struct resource *res,			\
					resource_size_t size, resource_size_t align)		\
	{											\
		return fn(data, res, NULL, size, align);					\
	}
#define compat_alignf(fn) fn##_old
#endif

/* A slave's flag against IPv6 autoconfiguration came with 6.2; before, IFF_SLAVE was enough. */
#if COMPAT_HAS_NO_ADDRCONF
#define COMPAT_IFF_NO_ADDRCONF	IFF_NO_ADDRCONF
#else
#define COMPAT_IFF_NO_ADDRCONF	0
#endif

/* The vector of VMBus: fixed on x86; elsewhere the interrupt the firmware names. */
#ifdef CONFIG_X86
#define COMPAT_HV_VMBUS_VECTOR	HYPERVISOR_CALLBACK_VECTOR
#else
#define COMPAT_HV_VMBUS_VECTOR	vmbus_interrupt
#endif

/*
 * What is called last at suspend got an argument, and an object around its operations, with 6.19 (6.12.117). COMPAT_SYSCORE(s, r) stands
 * after the two functions, compat_syscore(fn) where one's address is taken, COMPAT_SYSCORE_OBJECT(object, ops) after the
 * operations.
 */
#if COMPAT_HAS_SYSCORE_OBJECT
#define compat_syscore_const const
#define COMPAT_SYSCORE(suspend, resume)
#define compat_syscore(fn) fn
#define COMPAT_SYSCORE_OBJECT(object, operations) static struct syscore object = { .ops = &(operations) };
#define compat_register_syscore(object, operations) register_syscore(&(object))
#define compat_unregister_syscore(object, operations) unregister_syscore(&(object))
#else
#define compat_syscore_const
#define COMPAT_SYSCORE(suspend, resume)		\
	static int suspend##_old(void)		\
	{					\
		return suspend(NULL);		\
	}					\
	static void resume##_old(void)		\
	{					\
		resume(NULL);			\
	}
#define compat_syscore(fn) fn##_old
#define COMPAT_SYSCORE_OBJECT(object, operations)
#define compat_register_syscore(object, operations) register_syscore_ops(&(operations))
#define compat_unregister_syscore(object, operations) unregister_syscore_ops(&(operations))
#endif

#endif
