// SPDX-License-Identifier: GPL-2.0
/*
 * The start of the bus and its end: each step that fails undoes those before it, in their reverse order, and no other; what a
 * kexec, a crash and a panic do. The steps are played by this file, which writes down who was called.
 */
#define HYPERV_LIC_VERSION	"test"
#define HYPERV_LIC_BUILD	"test"
#include <kunit/test.h>
#include "../../vmbus/main.c"

struct vmbus_conn vmbus_conn;
struct kobj_type vmbus_channel_type;
const struct attribute_group *vmbus_bus_groups[1], *vmbus_device_groups[1];
struct atomic_notifier_head panic_notifier_list;

/* Steps in the order of the start; what undoes each is its letter in lower case. */
static char calls[64];
static char fails_at;
static int failure;
static void (*kexec_handler)(void);
static void (*crash_handler)(struct pt_regs *regs);

static void note(char step)
{
	size_t used = strlen(calls);

	if (used + 1 < sizeof(calls))
		calls[used] = step;
}

static int step(char name)
{
	if (fails_at == name)
		return failure;
	note(name);
	return 0;
}

int hv_platform_check(void) { return step('P'); }
int vmbus_root_init(void) { return step('R'); }
void vmbus_root_exit(void) { note('r'); }
int hv_hypercall_init(void) { return step('H'); }
void hv_hypercall_exit(void) { note('h'); }
int hv_synic_alloc(void) { return step('S'); }
void hv_synic_free(void) { note('s'); }
int vmbus_bus_init(const struct attribute_group **bus_groups, const struct attribute_group **device_groups) { return step('B'); }
void vmbus_bus_exit(void) { note('b'); }
int vmbus_offer_init(const struct vmbus_offer_ops *ops) { return step('O'); }
void vmbus_offer_exit(void) { note('o'); }
void vmbus_debugfs_init(void) { note('D'); }
void vmbus_debugfs_exit(void) { note('d'); }
void vmbus_interrupt_init(void) { note('I'); }
void vmbus_interrupt_exit(void) { note('i'); }
int vmbus_cpu_init(void) { return step('C'); }
void vmbus_cpu_exit(void) { note('c'); }
int vmbus_connect(u32 max_version) { return step('N'); }
int vmbus_unload(void) { note('n'); return 0; }
int vmbus_request_initial_offers(void) { return step('Q'); }
int vmbus_offer_wait_initial(void) { return step('W'); }
void vmbus_offer_stop(void) { note('x'); }
void vmbus_offer_remove_all(void) { note('y'); }
void vmbus_free_pages(void) { note('z'); }
void hv_crash_init(void) { note('K'); }
void hv_crash_exit(void) { note('k'); }
void hv_platform_stop_timers(void) { note('T'); }
void hv_platform_stop_timer(unsigned int cpu) { note('t'); }
void hv_synic_disable(unsigned int cpu) { note('e'); }
void vmbus_unload_crash(void) { note('u'); }
void hv_platform_set_shutdown_handlers(void (*kexec)(void), void (*crash)(struct pt_regs *regs))
{
	kexec_handler = kexec;
	crash_handler = crash;
	note('F');
}
void hv_platform_clear_shutdown_handlers(void)
{
	kexec_handler = NULL;
	crash_handler = NULL;
	note('f');
}

/* Named by the table of what offers call; nobody does. */
void vmbus_offer_free(struct kobject *kobj) { }
int vmbus_bus_add_device(struct vmbus_chan *chan) { return 0; }
void vmbus_bus_unbind_device(struct hv_device *device) { }
void vmbus_bus_remove_device(struct hv_device *device) { }
int vmbus_bus_add_channel(struct vmbus_chan *chan) { return 0; }
void vmbus_bus_remove_channel(struct vmbus_chan *chan) { }

static int start_test_init(struct kunit *test)
{
	memset(calls, 0, sizeof(calls));
	fails_at = 0;
	return 0;
}

struct start_case {
	const char *name;
	char fails_at;
	int failure;
	const char *calls;
};

static const struct start_case start_cases[] = {
	{ "no_such_machine", 'P', -ENODEV, "" },
	{ "no_bus_in_the_firmware", 'R', -ENODEV, "P" },
	{ "no_input_blocks", 'H', -ENOMEM, "PRr" },
	{ "no_synic_pages", 'S', -ENOMEM, "PRHhr" },
	{ "no_bus_type", 'B', -EEXIST, "PRHSshr" },
	{ "no_queues", 'O', -ENOMEM, "PRHSBbshr" },
	{ "no_cpu_state", 'C', -ENOSPC, "PRHSBODIidobshr" },
	{ "no_common_version", 'N', -EOPNOTSUPP, "PRHSBODICcidobshr" },
	{ "offers_cannot_be_asked_for", 'Q', -EAGAIN, "PRHSBODICNFKkfxnyzcidobshr" },
	{ "offers_do_not_end", 'W', 0, "PRHSBODICNFKQ" },
	{ "all_is_well", 0, 0, "PRHSBODICNFKQW" },
};

static void start_desc(const struct start_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}
KUNIT_ARRAY_PARAM(start, start_cases, start_desc);

static void step_that_fails_undoes_those_before_it(struct kunit *test)
{
	const struct start_case *c = test->param_value;

	fails_at = c->fails_at;
	failure = c->failure ?: -ETIMEDOUT;
	KUNIT_EXPECT_EQ(test, vmbus_init(), c->failure);
	KUNIT_EXPECT_STREQ(test, calls, c->calls);
	KUNIT_EXPECT_EQ(test, panic_notifier_list.registered, !c->failure);
	if (c->failure) {
		KUNIT_EXPECT_NULL(test, (void *)kexec_handler);
		return;
	}
	/* No handler may be called once what it uses goes; nothing of the bus before the host has let go of everything. */
	memset(calls, 0, sizeof(calls));
	vmbus_exit();
	KUNIT_EXPECT_STREQ(test, calls, "kfxnyzcidobshr");
	KUNIT_EXPECT_EQ(test, panic_notifier_list.registered, 0);
}

static void ends_without_an_end_tell_the_host(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, vmbus_init(), 0);
	memset(calls, 0, sizeof(calls));
	kexec_handler();
	KUNIT_EXPECT_STREQ(test, calls, "Tnc");
	memset(calls, 0, sizeof(calls));
	crash_handler(NULL);
	KUNIT_EXPECT_STREQ(test, calls, "ute");
	memset(calls, 0, sizeof(calls));
	KUNIT_EXPECT_EQ(test, vmbus_panic_block.notifier_call(&vmbus_panic_block, 0, NULL), NOTIFY_DONE);
	KUNIT_EXPECT_STREQ(test, calls, "u");
	vmbus_exit();
}

static struct kunit_case start_test_cases[] = {
	KUNIT_CASE_PARAM(step_that_fails_undoes_those_before_it, start_gen_params),
	KUNIT_CASE(ends_without_an_end_tell_the_host),
	{}
};

static struct kunit_suite start_suite = {
	.name = "vmbus_start",
	.init = start_test_init,
	.test_cases = start_test_cases,
};
kunit_test_suite(start_suite);
