// SPDX-License-Identifier: GPL-2.0
/*
 * Processors that come and go under open channels: who moves where, who may not go, and the last one over a hibernation. See
 * bus_fixture.h for who plays; there are four processors here, and their SynICs are this file's.
 */
#define SHIM_CPUS	4
#define KBUILD_MODNAME	"hv_vmbus"
#include "bus_fixture.h"
/* Of memory that alloc_percpu() has given, not of a variable. */
#undef per_cpu_ptr
#define per_cpu_ptr(p, cpu)	((p) + (cpu))
#define alloc_percpu(type)	(percpu_fails ? NULL : calloc(SHIM_CPUS, sizeof(type)))
#define free_percpu(p)		free(p)
static bool percpu_fails;
#include "../../vmbus/cpu.c"

#define RELID	5u

static struct {
	bool enabled[SHIM_CPUS];
	unsigned int events_left;	/* looks until a processor that goes has no event any more */
	unsigned int timers, flushed;
} synic;

void hv_synic_enable(unsigned int cpu) { synic.enabled[cpu] = true; }
void hv_synic_disable(unsigned int cpu) { synic.enabled[cpu] = false; }
void hv_platform_timer_online(unsigned int cpu) { synic.timers++; }
void hv_platform_timer_offline(unsigned int cpu) { synic.timers--; }
void vmbus_interrupt_flush(unsigned int cpu) { synic.flushed++; }

bool hv_synic_events_pending(unsigned int cpu, unsigned int last)
{
	return synic.events_left && synic.events_left--;
}

static int cpu_test_init(struct kunit *test)
{
	memset(&synic, 0, sizeof(synic));
	percpu_fails = false;
	shim_cpu_state = CPUHP_AP_ONLINE_DYN;
	return fixture_init(test);
}

static void cpu_test_exit(struct kunit *test)
{
	fixture_exit(test);
	vmbus_cpu_exit();
	vmbus_cpu_exit();
	KUNIT_EXPECT_NULL(test, shim_syscore);
}

/* A disk with sub-channels on all processors. */
static void spread_disk(struct kunit *test)
{
	unsigned int i;

	user.wants_subs = true;
	host_offers(RELID, &scsi_class, 1, 0);
	bus_settles();
	for (i = 1; i < SHIM_CPUS; i++) {
		host_offers(RELID + i, &scsi_class, 1, (u16)i);
		bus_settles();
		KUNIT_ASSERT_TRUE(test, host.of[RELID + i].open);
	}
}

static unsigned int channels_on(unsigned int cpu)
{
	unsigned int i, count = 0;

	for (i = 0; i < SHIM_CPUS; i++)
		count += chan_of(RELID + i) && chan_of(RELID + i)->channel.target_cpu == cpu;
	return count;
}

static void every_processor_gets_its_synic_and_gives_it_back(struct kunit *test)
{
	unsigned int cpu;

	KUNIT_ASSERT_EQ(test, vmbus_cpu_init(), 0);
	/* The work that was given to each runs on the one processor there is here. */
	KUNIT_EXPECT_TRUE(test, synic.enabled[0]);
	KUNIT_EXPECT_EQ(test, synic.timers, (unsigned int)SHIM_CPUS);
	for_each_online_cpu(cpu)
		KUNIT_EXPECT_EQ(test, shim_cpu_comes(cpu), 0);
	KUNIT_EXPECT_TRUE(test, synic.enabled[SHIM_CPUS - 1]);
	/* The connection is over: every one may go, the connect CPU too. */
	vmbus_conn.connected = false;
	vmbus_cpu_exit();
	for_each_online_cpu(cpu)
		KUNIT_EXPECT_FALSE(test, synic.enabled[cpu]);
	KUNIT_EXPECT_EQ(test, synic.flushed, (unsigned int)SHIM_CPUS);
	vmbus_conn.connected = true;
}

static void no_state_and_no_memory_are_told(struct kunit *test)
{
	percpu_fails = true;
	KUNIT_EXPECT_EQ(test, vmbus_cpu_init(), -ENOMEM);
	percpu_fails = false;
	shim_cpu_state = -ENOSPC;
	KUNIT_EXPECT_EQ(test, vmbus_cpu_init(), -ENOSPC);
	KUNIT_EXPECT_EQ(test, synic.timers, 0u);
}

static void channels_of_a_processor_that_goes_move_to_others(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, vmbus_cpu_init(), 0);
	spread_disk(test);
	KUNIT_EXPECT_EQ(test, channels_on(2), 1u);
	/* Events may still be on their way to it for a while. */
	synic.events_left = DRAIN_TRIES;
	KUNIT_EXPECT_EQ(test, shim_cpu_goes(2), 0);
	KUNIT_EXPECT_EQ(test, channels_on(2), 0u);
	KUNIT_EXPECT_EQ(test, host.modified, 1u);
	KUNIT_EXPECT_EQ(test, host.broken_rules, 0u);
	/* One that is not open needs no message. */
	vmbus_disconnect_ring(&chan_of(RELID + 1)->channel);
	KUNIT_EXPECT_EQ(test, shim_cpu_goes(chan_of(RELID + 1)->channel.target_cpu ?: 1), 0);
	KUNIT_EXPECT_NE(test, channels_on(0) + channels_on(3), 0u);
}

static void processor_stays_while_it_is_needed(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, vmbus_cpu_init(), 0);
	spread_disk(test);
	/* Control messages come to this one. */
	KUNIT_EXPECT_EQ(test, shim_cpu_goes(VMBUS_CONNECT_CPU), -EBUSY);
	/* A host that refuses each move. */
	host.status = 1;
	KUNIT_EXPECT_EQ(test, shim_cpu_goes(2), -EBUSY);
	KUNIT_EXPECT_EQ(test, channels_on(2), 1u);
	/* It was asked for each of the others. */
	KUNIT_EXPECT_EQ(test, host.modified, 3u);
	host.status = 0;
	/* A host that sets events for it all the time. */
	synic.events_left = UINT_MAX;
	KUNIT_EXPECT_EQ(test, shim_cpu_goes(2), -EBUSY);
	synic.events_left = 0;
	KUNIT_EXPECT_EQ(test, shim_cpu_goes(2), 0);
	KUNIT_EXPECT_EQ(test, synic.flushed, 1u);
}

static void last_processor_gives_its_pages_up_without_a_connection_only(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, vmbus_cpu_init(), 0);
	KUNIT_ASSERT_NOT_NULL(test, shim_syscore);
	shim_syscore->ops->suspend(NULL);
	KUNIT_EXPECT_TRUE(test, synic.enabled[0]);
	vmbus_conn.connected = false;
	shim_syscore->ops->suspend(NULL);
	KUNIT_EXPECT_FALSE(test, synic.enabled[0]);
	shim_syscore->ops->resume(NULL);
	KUNIT_EXPECT_TRUE(test, synic.enabled[0]);
	vmbus_conn.connected = true;
	synic.enabled[0] = false;
	shim_syscore->ops->resume(NULL);
	KUNIT_EXPECT_FALSE(test, synic.enabled[0]);
}

static struct kunit_case cpu_cases[] = {
	KUNIT_CASE(every_processor_gets_its_synic_and_gives_it_back),
	KUNIT_CASE(no_state_and_no_memory_are_told),
	KUNIT_CASE(channels_of_a_processor_that_goes_move_to_others),
	KUNIT_CASE(processor_stays_while_it_is_needed),
	KUNIT_CASE(last_processor_gives_its_pages_up_without_a_connection_only),
	{}
};

static struct kunit_suite cpu_suite = {
	.name = "vmbus_cpu",
	.init = cpu_test_init,
	.exit = cpu_test_exit,
	.test_cases = cpu_cases,
};
kunit_test_suite(cpu_suite);
