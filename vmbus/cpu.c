// SPDX-License-Identifier: GPL-2.0
/*
 * CPUs that come and go: SynIC and timers of each, and the channels that have to move before one goes. Knows no
 * message. TLFS, Synthetic Interrupt Controller; VMBus, MODIFY_CHANNEL.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cpu.h>
#include <linux/cpuhotplug.h>
#include <linux/delay.h>
#include <linux/errno.h>
#include <linux/percpu.h>
#include <linux/printk.h>
#include <linux/smp.h>
#include <linux/syscore_ops.h>
#include <linux/workqueue.h>

#include "channel.h"
#include "cpu.h"
#include "internal.h"
#include "interrupt.h"
#include "offer.h"
#include "placement.h"
#include "platform.h"
#include "state.h"
#include "synic.h"

/* Policy: how often, and how long between, a CPU that goes is looked at for events on their way. */
#define DRAIN_TRIES	4
#define DRAIN_WAIT_MS	20

static int cpu_state;

static int cpu_comes(unsigned int cpu)
{
	hv_synic_enable(cpu);
	hv_platform_timer_online(cpu);
	return 0;
}

static void cpu_comes_work(struct work_struct *work)
{
	cpu_comes(smp_processor_id());
}

/* Finds a channel on a CPU, with a reference. */
struct cpu_search {
	unsigned int cpu;
	struct vmbus_chan *found;
};

static int cpu_visit(struct vmbus_chan *chan, void *context)
{
	struct cpu_search *search = context;

	if (chan->channel.target_cpu != search->cpu)
		return 0;
	kobject_get(&chan->channel.kobj);
	search->found = chan;
	return 1;
}

/*
 * Moves one channel away: to where it is best now or, should the host or the channel's driver not have that, to anywhere
 * else. A channel that is not open needs no message: OPEN will say where it is served.
 */
static int cpu_move_channel(struct vmbus_chan *chan, unsigned int away)
{
	enum vmbus_channel_phase phase;
	unsigned int cpu, best;
	bool moved = false;

	mutex_lock(&chan->open_lock);
	mutex_lock(&vmbus_conn.channel_lock);
	best = vmbus_place_choose(chan, away);
	phase = vmbus_channel_phase_of(chan);
	if (phase == VMBUS_CHANNEL_OFFERED || phase == VMBUS_CHANNEL_CLOSED) {
		vmbus_place_again(chan, best);
		moved = true;
	}
	mutex_unlock(&vmbus_conn.channel_lock);
	mutex_unlock(&chan->open_lock);
	if (moved || !vmbus_channel_retarget(chan, best))
		return 0;
	for_each_online_cpu(cpu)
		if (cpu != away && cpu != best && !vmbus_channel_retarget(chan, cpu))
			return 0;
	return -EBUSY;
}

static int cpu_move_channels(unsigned int cpu)
{
	struct cpu_search search;
	int ret = 0;

	while (!ret) {
		search = (struct cpu_search){ .cpu = cpu };
		if (!vmbus_for_each_channel(cpu_visit, &search))
			return 0;
		ret = cpu_move_channel(search.found, cpu);
		kobject_put(&search.found->channel.kobj);
	}
	return ret;
}

static int cpu_offline_prepare(unsigned int cpu)
{
	unsigned int tries;
	int ret;

	/* All control messages go there, and the host cannot be told otherwise. */
	if (cpu == VMBUS_CONNECT_CPU)
		return -EBUSY;
	ret = cpu_move_channels(cpu);
	if (ret) {
		pr_warn("CPU %u serves a channel that cannot be moved\n", cpu);
		return ret;
	}
	/* Hosts before 5.3 may set events for the CPU a while after the move. */
	for (tries = 0; hv_synic_events_pending(cpu, READ_ONCE(vmbus_conn.highest_relid)); tries++) {
		if (tries == DRAIN_TRIES)
			return -EBUSY;
		msleep(DRAIN_WAIT_MS);
	}
	return 0;
}

static int cpu_goes(unsigned int cpu)
{
	int ret;

	/* After the end of the connection nothing comes any more. */
	if (READ_ONCE(vmbus_conn.connected)) {
		ret = cpu_offline_prepare(cpu);
		if (ret)
			return ret;
	}
	hv_platform_timer_offline(cpu);
	hv_synic_disable(cpu);
	vmbus_interrupt_flush(cpu);
	return 0;
}

/*
 * The last CPU, over a hibernation. Another kernel takes this one's memory, so the host must not have its pages; but while
 * the bus is connected, in other kinds of suspend, it must keep them.
 */
static int cpu_syscore_suspend(void *unused)
{
	if (!READ_ONCE(vmbus_conn.connected))
		hv_synic_disable(smp_processor_id());
	return 0;
}

static void cpu_syscore_resume(void *unused)
{
	if (!READ_ONCE(vmbus_conn.connected))
		hv_synic_enable(smp_processor_id());
}
COMPAT_SYSCORE(cpu_syscore_suspend, cpu_syscore_resume)

static compat_syscore_const struct syscore_ops cpu_syscore_ops = {
	.suspend = compat_syscore(cpu_syscore_suspend),
	.resume = compat_syscore(cpu_syscore_resume),
};
COMPAT_SYSCORE_OBJECT(cpu_syscore, cpu_syscore_ops)

/**
 * vmbus_cpu_init() - enable the SynIC on all CPUs, now and when they come
 *
 * Context: may sleep; interrupts are handled.
 * Return: 0, -ENOMEM, or an error of cpuhp_setup_state().
 */
int vmbus_cpu_init(void)
{
	struct work_struct __percpu *works = alloc_percpu(struct work_struct);
	unsigned int cpu;
	int ret;

	if (!works)
		return -ENOMEM;
	/*
	 * The state would call cpu_comes() for one CPU after the other, which takes seconds on the largest machines. All
	 * at once instead; a CPU that comes in between waits for the lock and finds the state.
	 */
	cpus_read_lock();
	ret = cpuhp_setup_state_nocalls_cpuslocked(CPUHP_AP_ONLINE_DYN, "hyperv/vmbus:online", cpu_comes, cpu_goes);
	if (ret >= 0) {
		cpu_state = ret;
		for_each_online_cpu(cpu) {
			INIT_WORK(per_cpu_ptr(works, cpu), cpu_comes_work);
			schedule_work_on(cpu, per_cpu_ptr(works, cpu));
		}
		for_each_online_cpu(cpu)
			flush_work(per_cpu_ptr(works, cpu));
		compat_register_syscore(cpu_syscore, cpu_syscore_ops);
		ret = 0;
	}
	cpus_read_unlock();
	free_percpu(works);
	return ret;
}

/**
 * vmbus_cpu_exit() - disable the SynIC on all CPUs
 *
 * Context: may sleep; the connection has ended.
 */
void vmbus_cpu_exit(void)
{
	if (!cpu_state)
		return;
	compat_unregister_syscore(cpu_syscore, cpu_syscore_ops);
	cpuhp_remove_state(cpu_state);
	cpu_state = 0;
}
