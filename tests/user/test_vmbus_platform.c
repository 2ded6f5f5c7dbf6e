// SPDX-License-Identifier: GPL-2.0
/*
 * What the bus makes of the kernel's own Hyper-V code, and what the host learns of a crash: which machines are declined, which
 * registers are written with what, when registers and when the log are sent. The kernel is played by this file.
 */
#define KBUILD_MODNAME	"hv_vmbus"
#include <kunit/test.h>
#include <linux/hyperv.h>
#include "../../vmbus/platform.c"
/* As kernels before 5.14, which leave the report to the bus. */
#undef COMPAT_BUS_REPORTS_CRASHES
#define COMPAT_BUS_REPORTS_CRASHES	1
#include "../../vmbus/crash.c"

struct ms_hyperv_info ms_hyperv;
struct atomic_notifier_head panic_notifier_list;

static struct {
	bool is_guest, is_isolated, hibernates;
	u64 msr[0x200];
	u64 hypercall, fast_hypercall, status;
	void *input;
	void (*isr)(void);
	void (*kexec)(void);
	void (*crash)(struct pt_regs *regs);
	int randomness;
	unsigned int timers_of_cpu[2], all_timers_stopped, timer_stopped, timer_messages;
	unsigned int reports;
	bool in_die;
} kernel;

bool hv_is_hyperv_initialized(void) { return kernel.is_guest; }
bool hv_is_isolation_supported(void) { return kernel.is_isolated; }
bool hv_is_hibernation_supported(void) { return kernel.hibernates; }
u64 hv_get_msr(unsigned int number) { return kernel.msr[number & 0x1ff]; }
void hv_set_msr(unsigned int number, u64 value) { kernel.msr[number & 0x1ff] = value; }
u32 hv_cpu_number_to_vp_number(unsigned int cpu) { return cpu + 100; }
u64 hv_do_hypercall(u64 control, void *input, void *output)
{
	kernel.hypercall = control;
	kernel.input = input;
	return kernel.status;
}
u64 hv_do_fast_hypercall8(u16 code, u64 input)
{
	kernel.fast_hypercall = input;
	return kernel.status;
}
void hv_setup_vmbus_handler(void (*handler)(void)) { kernel.isr = handler; }
void hv_remove_vmbus_handler(void) { kernel.isr = NULL; }
void hv_setup_kexec_handler(void (*handler)(void)) { kernel.kexec = handler; }
void hv_remove_kexec_handler(void) { kernel.kexec = NULL; }
void hv_setup_crash_handler(void (*handler)(struct pt_regs *regs)) { kernel.crash = handler; }
void hv_remove_crash_handler(void) { kernel.crash = NULL; }
void add_interrupt_randomness(int irq) { kernel.randomness = irq; }
void hv_stimer_legacy_init(unsigned int cpu, int sint) { kernel.timers_of_cpu[cpu] = (unsigned int)sint; }
void hv_stimer_legacy_cleanup(unsigned int cpu) { kernel.timers_of_cpu[cpu] = 0; }
void hv_stimer0_isr(void) { kernel.timer_messages++; }
void hv_stimer_global_cleanup(void) { kernel.all_timers_stopped++; }
void hv_stimer_cleanup(unsigned int cpu) { kernel.timer_stopped++; }
void hyperv_report_panic(struct pt_regs *regs, long error, bool in_die)
{
	kernel.reports++;
	kernel.in_die = in_die;
}

static int platform_test_init(struct kunit *test)
{
	memset(&kernel, 0, sizeof(kernel));
	memset(&ms_hyperv, 0, sizeof(ms_hyperv));
	kernel.is_guest = true;
	ms_hyperv.features = HV_MSR_SYNIC_AVAILABLE;
	shim_dumper_error = 0;
	shim_sysctl = NULL;
	shim_log = "";
	crash_send_log = 1;
	return 0;
}

static void machines_without_a_bus_are_declined(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, hv_platform_check(), 0);
	kernel.is_isolated = true;
	KUNIT_EXPECT_EQ(test, hv_platform_check(), -EOPNOTSUPP);
	kernel.is_isolated = false;
	ms_hyperv.features = ~HV_MSR_SYNIC_AVAILABLE;
	KUNIT_EXPECT_EQ(test, hv_platform_check(), -ENODEV);
	ms_hyperv.features = HV_MSR_SYNIC_AVAILABLE;
	kernel.is_guest = false;
	KUNIT_EXPECT_EQ(test, hv_platform_check(), -ENODEV);
}

struct register_case {
	const char *name;
	enum hv_platform_register reg;
	u32 number;
};

/* TLFS, Virtual Interrupt Controller; the SINT of VMBus is the third. */
static const struct register_case register_cases[] = {
	{ "scontrol", HV_PLATFORM_SCONTROL, 0x80 },
	{ "siefp", HV_PLATFORM_SIEFP, 0x82 },
	{ "simp", HV_PLATFORM_SIMP, 0x83 },
	{ "eom", HV_PLATFORM_EOM, 0x84 },
	{ "sint2", HV_PLATFORM_SINT, 0x92 },
};

static void register_desc(const struct register_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}
KUNIT_ARRAY_PARAM(register, register_cases, register_desc);

static void register_is_the_one_of_its_name(struct kunit *test)
{
	const struct register_case *c = test->param_value;
	unsigned int i;

	hv_platform_set(c->reg, 0x1234567890abcdefull);
	for (i = 0; i < ARRAY_SIZE(kernel.msr); i++)
		KUNIT_EXPECT_EQ(test, kernel.msr[i], i == c->number ? 0x1234567890abcdefull : 0ull);
	KUNIT_EXPECT_EQ(test, hv_platform_get(c->reg), 0x1234567890abcdefull);
}

static void interrupt_ends_by_itself_where_the_hypervisor_has_that(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, hv_platform_sint_value(), (u64)(0xf3 | TLFS_SINT_AUTO_EOI));
	ms_hyperv.hints = TLFS_HINT_DEPRECATE_AUTOEOI;
	KUNIT_EXPECT_EQ(test, hv_platform_sint_value(), (u64)0xf3);
}

static void hypercalls_are_told_by_their_status(struct kunit *test)
{
	u64 input = 0;

	/* Above the status are counts of repetitions. */
	kernel.status = 0xffff00000012ull;
	KUNIT_EXPECT_EQ(test, hv_platform_call(0x5c, &input), (u16)0x12);
	KUNIT_EXPECT_EQ(test, kernel.hypercall, (u64)0x5c);
	KUNIT_EXPECT_PTR_EQ(test, kernel.input, &input);
	KUNIT_EXPECT_EQ(test, hv_platform_fast_call(0x5d, 77), (u16)0x12);
	KUNIT_EXPECT_EQ(test, kernel.fast_hypercall, (u64)77);
	KUNIT_EXPECT_EQ(test, hv_platform_vp_index(3), 103u);
}

static void a_handler(void) { }
static void a_crash(struct pt_regs *regs) { }

static void hooks_are_set_and_cleared(struct kunit *test)
{
	hv_platform_set_isr(a_handler);
	KUNIT_EXPECT_TRUE(test, kernel.isr == a_handler);
	hv_platform_account_interrupt();
	KUNIT_EXPECT_EQ(test, kernel.randomness, 0xf3);
	hv_platform_clear_isr();
	KUNIT_EXPECT_TRUE(test, !kernel.isr);
	hv_platform_set_shutdown_handlers(a_handler, a_crash);
	KUNIT_EXPECT_TRUE(test, kernel.kexec == a_handler && kernel.crash == a_crash);
	hv_platform_clear_shutdown_handlers();
	KUNIT_EXPECT_TRUE(test, !kernel.kexec && !kernel.crash);
	hv_platform_timer_online(1);
	KUNIT_EXPECT_EQ(test, kernel.timers_of_cpu[1], (unsigned int)VMBUS_SINT);
	hv_platform_timer_message();
	hv_platform_timer_offline(1);
	KUNIT_EXPECT_EQ(test, kernel.timers_of_cpu[1], 0u);
	hv_platform_stop_timers();
	hv_platform_stop_timer(0);
	KUNIT_EXPECT_EQ(test, kernel.timer_messages + kernel.all_timers_stopped + kernel.timer_stopped, 3u);
	kernel.hibernates = true;
	KUNIT_EXPECT_TRUE(test, hv_platform_can_hibernate());
}

/* ---- crashes */

static struct ctl_table_header a_sysctl;

static void crash_happens(void)
{
	struct die_args die = { .err = 3 };

	crash_die(&crash_die_block, DIE_INT3, &die);
	crash_die(&crash_die_block, DIE_OOPS, &die);
	crash_panic(&crash_panic_block, 0, NULL);
	if (shim_dumper)
		shim_dumper->dump(shim_dumper, NULL);
}

static void host_that_takes_no_text_gets_registers(struct kunit *test)
{
	hv_crash_init();
	KUNIT_EXPECT_EQ(test, panic_notifier_list.registered, 0);
	ms_hyperv.misc_features = HV_FEATURE_GUEST_CRASH_MSR_AVAILABLE;
	hv_crash_init();
	KUNIT_EXPECT_EQ(test, panic_notifier_list.registered + shim_die_notifiers, 2);
	KUNIT_EXPECT_NULL(test, shim_dumper);
	crash_happens();
	/* One for the oops, one for the panic; the first counts. */
	KUNIT_EXPECT_EQ(test, kernel.reports, 2u);
	KUNIT_EXPECT_FALSE(test, kernel.in_die);
	KUNIT_EXPECT_EQ(test, kernel.msr[0x105], 0ull);
	hv_crash_exit();
	KUNIT_EXPECT_EQ(test, panic_notifier_list.registered + shim_die_notifiers, 0);
}

static void host_that_takes_text_gets_the_end_of_the_log(struct kunit *test)
{
	ms_hyperv.misc_features = HV_FEATURE_GUEST_CRASH_MSR_AVAILABLE;
	kernel.msr[0x105] = HV_CRASH_CTL_CRASH_NOTIFY_MSG;
	shim_sysctl = &a_sysctl;
	hv_crash_init();
	/* An empty log is no message. */
	crash_happens();
	KUNIT_EXPECT_EQ(test, kernel.msr[0x104], 0ull);
	shim_log = "Oops";
	crash_happens();
	KUNIT_EXPECT_EQ(test, kernel.reports, 0u);
	KUNIT_EXPECT_EQ(test, kernel.msr[0x103], (u64)(unsigned long)crash_page);
	KUNIT_EXPECT_EQ(test, kernel.msr[0x104], 4ull);
	KUNIT_EXPECT_EQ(test, kernel.msr[0x105], HV_CRASH_CTL_CRASH_NOTIFY | HV_CRASH_CTL_CRASH_NOTIFY_MSG);
	KUNIT_EXPECT_MEMEQ(test, crash_page, "Oops", 4);
	/* The administrator does not want secrets to get there. */
	crash_send_log = 0;
	kernel.msr[0x104] = 0;
	crash_happens();
	KUNIT_EXPECT_EQ(test, kernel.msr[0x104], 0ull);
	KUNIT_EXPECT_EQ(test, kernel.reports, 2u);
	hv_crash_exit();
	KUNIT_EXPECT_NULL(test, crash_page);
	KUNIT_EXPECT_NULL(test, shim_dumper);
}

static void without_the_log_there_are_registers(struct kunit *test)
{
	ms_hyperv.misc_features = HV_FEATURE_GUEST_CRASH_MSR_AVAILABLE;
	kernel.msr[0x105] = HV_CRASH_CTL_CRASH_NOTIFY_MSG;
	shim_dumper_error = -EEXIST;
	hv_crash_init();
	KUNIT_EXPECT_NULL(test, crash_page);
	crash_happens();
	KUNIT_EXPECT_EQ(test, kernel.reports, 2u);
	hv_crash_exit();
	/* Without the switch in /proc/sys the log goes out as well. */
	shim_dumper_error = 0;
	hv_crash_init();
	KUNIT_EXPECT_NOT_NULL(test, crash_page);
	hv_crash_exit();
}

static struct kunit_case platform_cases[] = {
	KUNIT_CASE(machines_without_a_bus_are_declined),
	KUNIT_CASE_PARAM(register_is_the_one_of_its_name, register_gen_params),
	KUNIT_CASE(interrupt_ends_by_itself_where_the_hypervisor_has_that),
	KUNIT_CASE(hypercalls_are_told_by_their_status),
	KUNIT_CASE(hooks_are_set_and_cleared),
	KUNIT_CASE(host_that_takes_no_text_gets_registers),
	KUNIT_CASE(host_that_takes_text_gets_the_end_of_the_log),
	KUNIT_CASE(without_the_log_there_are_registers),
	{}
};

static struct kunit_suite platform_suite = {
	.name = "vmbus_platform",
	.init = platform_test_init,
	.test_cases = platform_cases,
};
kunit_test_suite(platform_suite);
