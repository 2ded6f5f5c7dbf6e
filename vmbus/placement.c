// SPDX-License-Identifier: GPL-2.0
/*
 * Chooses the CPU that serves a channel: performance devices are spread over CPUs and NUMA nodes by the policy of spread.c,
 * on CPUs that are not isolated; the others stay on the connect CPU. Knows no message.
 */
#include <linux/cpu.h>
#include <linux/nodemask.h>
#include <linux/percpu.h>
#include <linux/sched/isolation.h>
#include <linux/string.h>
#include <linux/topology.h>

#include "placement.h"
#include "spread.h"

/* Channels of performance devices on each CPU; under vmbus_conn.channel_lock. */
static DEFINE_PER_CPU(unsigned int, placed_channels);

/* Filled anew for each choice; under vmbus_conn.channel_lock. */
static DEFINE_PER_CPU(unsigned int, placed_own);
static struct vmbus_spread placed_on_node[MAX_NUMNODES];

/**
 * vmbus_cpu_may_serve() - whether channels may be put on a CPU
 * @cpu: any number
 *
 * Context: cpus_read_lock() for an answer that stays true.
 * Return: true when it is online and not isolated from managed interrupts.
 */
bool vmbus_cpu_may_serve(unsigned int cpu)
{
	return cpu < nr_cpu_ids && cpu_online(cpu) && cpumask_test_cpu(cpu, housekeeping_cpumask(HK_TYPE_MANAGED_IRQ));
}

/* Without being told to, no channel goes to a CPU that has been taken away from the scheduler either. */
static bool placement_is_candidate(unsigned int cpu)
{
	return vmbus_cpu_may_serve(cpu) && cpumask_test_cpu(cpu, housekeeping_cpumask(HK_TYPE_DOMAIN));
}

static int placement_node(unsigned int cpu)
{
	int node = cpu_to_node(cpu);

	return node == NUMA_NO_NODE ? 0 : node;
}

static void placement_count_own(const struct vmbus_channel *channel)
{
	per_cpu(placed_own, channel->target_cpu)++;
	placed_on_node[placement_node(channel->target_cpu)].node_own++;
}

/* What is where; of the channel's device, all channels but itself. */
static void placement_count(const struct vmbus_chan *chan, unsigned int except)
{
	const struct vmbus_channel *primary = chan->channel.primary_channel ?: &chan->channel, *sub;
	unsigned int cpu;

	memset(placed_on_node, 0, sizeof(placed_on_node));
	for_each_possible_cpu(cpu) {
		struct vmbus_spread *node = &placed_on_node[placement_node(cpu)];

		per_cpu(placed_own, cpu) = 0;
		node->node_all += per_cpu(placed_channels, cpu);
		if (cpu != except && placement_is_candidate(cpu))
			node->node_cpus++;
	}
	if (primary != &chan->channel)
		placement_count_own(primary);
	list_for_each_entry(sub, &primary->sc_list, sc_list)
		if (sub != &chan->channel)
			placement_count_own(sub);
}

/**
 * vmbus_place_choose() - choose a CPU for a channel
 * @chan: the channel, with primary_channel set if it is a sub-channel
 * @except: a CPU it must not be, or nr_cpu_ids
 *
 * Context: cpus_read_lock() or CPU hotplug and, inside of it, vmbus_conn.channel_lock held.
 * Return: the CPU; the connect CPU when there is no other.
 */
unsigned int vmbus_place_choose(const struct vmbus_chan *chan, unsigned int except)
{
	unsigned int cpu, best = VMBUS_CONNECT_CPU;
	struct vmbus_spread best_spread;
	bool has_best = false;

	lockdep_assert_held(&vmbus_conn.channel_lock);
	if (!chan->spread)
		return VMBUS_CONNECT_CPU;
	placement_count(chan, except);
	for_each_online_cpu(cpu) {
		struct vmbus_spread spread;

		if (cpu == except || !placement_is_candidate(cpu))
			continue;
		spread = placed_on_node[placement_node(cpu)];
		spread.own = per_cpu(placed_own, cpu);
		spread.all = per_cpu(placed_channels, cpu);
		if (has_best && !vmbus_spread_is_better(&spread, &best_spread))
			continue;
		best = cpu;
		best_spread = spread;
		has_best = true;
	}
	return best;
}

/**
 * vmbus_place_channel() - choose the CPU of a new channel
 * @chan: the channel, not yet on its primary's list, with primary_channel set if it is a sub-channel
 *
 * Context: cpus_read_lock() and, inside of it, vmbus_conn.channel_lock held.
 */
void vmbus_place_channel(struct vmbus_chan *chan)
{
	WRITE_ONCE(chan->channel.target_cpu, vmbus_place_choose(chan, nr_cpu_ids));
	chan->placed = chan->spread;
	if (chan->placed)
		per_cpu(placed_channels, chan->channel.target_cpu)++;
}

/**
 * vmbus_place_again() - note that a channel has moved
 * @chan: the channel
 * @cpu: its CPU from now on
 *
 * Context: vmbus_conn.channel_lock held.
 */
void vmbus_place_again(struct vmbus_chan *chan, unsigned int cpu)
{
	lockdep_assert_held(&vmbus_conn.channel_lock);
	if (chan->placed) {
		per_cpu(placed_channels, chan->channel.target_cpu)--;
		per_cpu(placed_channels, cpu)++;
	}
	/* Whoever opens the channel, or shows where it is, looks without the lock. */
	WRITE_ONCE(chan->channel.target_cpu, cpu);
}

/**
 * vmbus_unplace_channel() - note that a channel is gone
 * @chan: the channel; perhaps it never was placed
 *
 * Context: vmbus_conn.channel_lock held.
 */
void vmbus_unplace_channel(struct vmbus_chan *chan)
{
	lockdep_assert_held(&vmbus_conn.channel_lock);
	if (chan->placed)
		per_cpu(placed_channels, chan->channel.target_cpu)--;
	chan->placed = false;
}
