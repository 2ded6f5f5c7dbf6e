// SPDX-License-Identifier: GPL-2.0
/*
 * Chooses the CPU that serves a channel: performance devices are spread, so that the channels of one device land on
 * different CPUs and the load of all devices evens out; the others stay on the connect CPU. Knows no message.
 */
#include <linux/cpu.h>
#include <linux/percpu.h>
#include <linux/sched/isolation.h>

#include "placement.h"

/* Channels of performance devices on each CPU; under vmbus_conn.channel_lock. */
static DEFINE_PER_CPU(unsigned int, placed_channels);

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

static unsigned int channels_of_device_on(const struct vmbus_channel *primary, unsigned int cpu)
{
	const struct vmbus_channel *sub;
	unsigned int count = primary->target_cpu == cpu;

	list_for_each_entry(sub, &primary->sc_list, sc_list)
		count += sub->target_cpu == cpu;
	return count;
}

/**
 * vmbus_place_channel() - choose the CPU of a new channel
 * @chan: the channel, not yet on its primary's list, with primary_channel set if it is a sub-channel
 *
 * Context: cpus_read_lock() and, inside of it, vmbus_conn.channel_lock held.
 */
void vmbus_place_channel(struct vmbus_chan *chan)
{
	const struct vmbus_channel *primary = chan->channel.primary_channel;
	unsigned int cpu, best = VMBUS_CONNECT_CPU, best_own = UINT_MAX, best_all = UINT_MAX;

	lockdep_assert_held(&vmbus_conn.channel_lock);
	if (!chan->spread) {
		chan->channel.target_cpu = VMBUS_CONNECT_CPU;
		return;
	}
	for_each_online_cpu(cpu) {
		unsigned int own = primary ? channels_of_device_on(primary, cpu) : 0;
		unsigned int all = per_cpu(placed_channels, cpu);

		if (!vmbus_cpu_may_serve(cpu))
			continue;
		if (own < best_own || (own == best_own && all < best_all)) {
			best = cpu;
			best_own = own;
			best_all = all;
		}
	}
	chan->channel.target_cpu = best;
	per_cpu(placed_channels, best)++;
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
	if (chan->spread) {
		per_cpu(placed_channels, chan->channel.target_cpu)--;
		per_cpu(placed_channels, cpu)++;
	}
	chan->channel.target_cpu = cpu;
}

/**
 * vmbus_unplace_channel() - note that a channel is gone
 * @chan: the channel
 *
 * Context: vmbus_conn.channel_lock held.
 */
void vmbus_unplace_channel(struct vmbus_chan *chan)
{
	lockdep_assert_held(&vmbus_conn.channel_lock);
	if (chan->spread)
		per_cpu(placed_channels, chan->channel.target_cpu)--;
	chan->spread = false;
}
