// SPDX-License-Identifier: GPL-2.0
/*
 * The interrupt of VMBus: event flags to channels, the message slot to message.c. Knows neither ring nor message
 * content, but for the interrupt mask. TLFS, Synthetic Interrupt Controller; VMBus, interrupts from protocol 2.4 on, and the
 * shared interrupt page before.
 */
#include <linux/bitmap.h>
#include <linux/interrupt.h>
#include <linux/irq_work.h>
#include <linux/kconfig.h>
#include <linux/percpu.h>
#include <linux/rcupdate.h>
#include <linux/smp.h>

#include "internal.h"
#include "interrupt.h"
#include "latency.h"
#include "message.h"
#include "offer.h"
#include "platform.h"
#include "synic.h"
#include "trace.h"

/* Policy: messages worked off before others have their turn. */
#define MESSAGES_PER_RUN	16

/* Message context: one at a time on each CPU, and only the connect CPU gets channel messages. */
static DEFINE_PER_CPU(struct tasklet_struct, message_tasklet);

/* A timer message's content is of no use; taking it needs a place. */
static DEFINE_PER_CPU(struct tlfs_message, timer_message);

static void message_run(unsigned long cpu)
{
	struct tlfs_message copy;
	unsigned int taken;
	u32 type;

	for (taken = 0; taken < MESSAGES_PER_RUN; taken++) {
		type = hv_synic_message_type(cpu);
		/* Timer messages belong to the interrupt, which may be looking at this one just now. */
		if (type == TLFS_MESSAGE_TYPE_NONE || type == TLFS_MESSAGE_TYPE_TIMER)
			return;
		if (!hv_synic_take_message(cpu, &copy))
			return;
		vmbus_message_handle(&copy);
	}
	tasklet_schedule(this_cpu_ptr(&message_tasklet));
}

/* What a channel wants done when the host has signalled it. */
static void interrupt_channel(struct vmbus_chan *chan)
{
	struct vmbus_channel *channel = &chan->channel;
	void (*callback)(void *context);

	trace_vmbus_chan_sched(chan->relid);
	++channel->interrupts;
	/* Against vmbus_reset_channel_cb(): what is scheduled here it waits for, later there is no callback. */
	spin_lock(&channel->sched_lock);
	callback = channel->onchannel_callback;
	if (callback) {
		switch (channel->callback_mode) {
		case HV_CALL_ISR:
			callback(channel->channel_callback_context);
			break;
		case HV_CALL_BATCHED:
			/* The callback reads until the ring is empty: no need to hear of what comes meanwhile. */
			vmbus_ring_in_mask(&chan->in);
			fallthrough;
		case HV_CALL_DIRECT:
			vmbus_latency_interrupt(chan);
			tasklet_schedule(&channel->callback_event);
			break;
		}
	}
	spin_unlock(&channel->sched_lock);
}

static void interrupt_events(unsigned int cpu)
{
	unsigned int bits = READ_ONCE(vmbus_conn.highest_relid) + 1;
	unsigned long *events = hv_synic_events(cpu);
	struct vmbus_chan *chan;
	unsigned int relid;

	if (!events)
		return;
	if (vmbus_conn.shared_interrupts) {
		/* Flag 0 says that there are bits in the page; cleared before they are looked at, for the host sets it last. */
		if (!test_and_clear_bit(0, events))
			return;
		events = vmbus_conn.interrupt_page;
	}
	rcu_read_lock();
	for_each_set_bit(relid, events, bits) {
		/*
		 * Atomically, as the host sets neighbouring bits, and before looking at the ring: the host interrupts only
		 * when it finds the bit clear. Full barrier: the ring is looked at afterwards.
		 */
		if (!test_and_clear_bit(relid, events) || !relid)
			continue;
		/* Whichever CPU this is: a channel may be on the move. No channel: rescinded meanwhile. */
		chan = vmbus_channel_of_relid(relid);
		if (chan)
			interrupt_channel(chan);
	}
	rcu_read_unlock();
}

static void interrupt_timer(unsigned int cpu)
{
	if (hv_synic_message_type(cpu) != TLFS_MESSAGE_TYPE_TIMER)
		return;
	hv_synic_take_message(cpu, this_cpu_ptr(&timer_message));
	hv_platform_timer_message();
}

static void interrupt_messages(unsigned int cpu)
{
	u32 type = hv_synic_message_type(cpu);

	if (type != TLFS_MESSAGE_TYPE_NONE && type != TLFS_MESSAGE_TYPE_TIMER)
		tasklet_schedule(this_cpu_ptr(&message_tasklet));
}

/*
 * On a PREEMPT_RT kernel no lock of a channel may be taken in hard interrupt context: all but a timer is done a moment later, by
 * the thread of this CPU that such kernels have for interrupt work.
 */
static DEFINE_PER_CPU(struct irq_work, interrupt_rest);

/* Events first: a rescind must not overtake the data the host has signalled before it. */
static void interrupt_run_rest(struct irq_work *work)
{
	unsigned int cpu;

	/* What is scheduled here runs when this ends, rather than in a thread of its own. */
	local_bh_disable();
	cpu = smp_processor_id();
	interrupt_events(cpu);
	interrupt_messages(cpu);
	local_bh_enable();
}

static void interrupt_handler(void)
{
	unsigned int cpu = smp_processor_id();

	interrupt_timer(cpu);
	if (IS_ENABLED(CONFIG_PREEMPT_RT)) {
		irq_work_queue(this_cpu_ptr(&interrupt_rest));
	} else {
		interrupt_events(cpu);
		interrupt_messages(cpu);
	}
	hv_platform_account_interrupt();
}

/**
 * vmbus_interrupt_flush() - wait for what interrupts of a CPU have left to do
 * @cpu: one whose SynIC is disabled
 *
 * Context: may sleep.
 */
void vmbus_interrupt_flush(unsigned int cpu)
{
	if (IS_ENABLED(CONFIG_PREEMPT_RT))
		irq_work_sync(per_cpu_ptr(&interrupt_rest, cpu));
}

/**
 * vmbus_interrupt_init() - start handling the interrupt on all CPUs
 */
void vmbus_interrupt_init(void)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu) {
		tasklet_init(per_cpu_ptr(&message_tasklet, cpu), message_run, cpu);
		init_irq_work(per_cpu_ptr(&interrupt_rest, cpu), interrupt_run_rest);
	}
	hv_platform_set_isr(interrupt_handler);
}

/**
 * vmbus_interrupt_exit() - stop handling the interrupt
 *
 * Context: may sleep; the SynIC is disabled on all CPUs.
 */
void vmbus_interrupt_exit(void)
{
	unsigned int cpu;

	hv_platform_clear_isr();
	/* An interrupt that was in the handler is through when every CPU has passed a quiescent state. */
	synchronize_rcu();
	for_each_possible_cpu(cpu) {
		vmbus_interrupt_flush(cpu);
		tasklet_kill(per_cpu_ptr(&message_tasklet, cpu));
	}
}
