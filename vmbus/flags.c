// SPDX-License-Identifier: GPL-2.0
/*
 * Event flags that a host has set for channels it had not offered. Must not know what a flag leads to. TLFS, Synthetic Interrupt
 * Controller; VMBus, the shared interrupt page.
 */
#include <linux/bitops.h>
#include <linux/cpumask.h>

#include "flags.h"
#include "internal.h"
#include "synic.h"

static void flags_forget(unsigned long *events, unsigned int first, unsigned int last)
{
	unsigned int relid = first;

	/* Atomically, as the host may be setting neighbouring bits. */
	for_each_set_bit_from(relid, events, last + 1)
		clear_bit(relid, events);
}

/**
 * vmbus_flags_forget() - let go of event flags that were set for channels before they were offered
 * @first: the first of their numbers, above all that were offered before
 * @last: the last one; vmbus_conn.highest_relid says so already
 *
 * No interrupt looks at flags above the highest number. One that a host has set there all the same would stay, and the
 * host does not interrupt for a flag that it finds set: the channel would never be heard of.
 *
 * Context: any.
 */
void vmbus_flags_forget(unsigned int first, unsigned int last)
{
	unsigned int cpu;

	if (vmbus_conn.shared_interrupts) {
		flags_forget(vmbus_conn.interrupt_page, first, last);
		return;
	}
	for_each_possible_cpu(cpu) {
		unsigned long *events = hv_synic_events(cpu);

		if (events)
			flags_forget(events, first, last);
	}
}
