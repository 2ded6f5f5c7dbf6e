// SPDX-License-Identifier: GPL-2.0
/*
 * The SynIC of each CPU: its message and event page, the SINT of VMBus, and how a message slot is emptied. Knows no
 * channel and no channel message. TLFS, Virtual Interrupt Controller, Synthetic Interrupt Controller.
 */
#include <linux/atomic.h>
#include <linux/bitmap.h>
#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/percpu.h>
#include <linux/string.h>

#include "platform.h"
#include "synic.h"

/* Guest pages may be larger than the host's 4 KiB; the host uses the first 4 KiB of each. */
struct hv_synic_pages {
	struct tlfs_message_page *messages;
	struct tlfs_event_page *events;
};

/* Pages exist for all possible CPUs from load to unload, so nobody has to test for a missing one but the crash path. */
static DEFINE_PER_CPU(struct hv_synic_pages, hv_synic_pages);

/**
 * hv_synic_alloc() - allocate the pages of all possible CPUs
 *
 * Return: 0 or -ENOMEM.
 */
int hv_synic_alloc(void)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu) {
		struct hv_synic_pages *pages = per_cpu_ptr(&hv_synic_pages, cpu);

		pages->messages = (void *)get_zeroed_page(GFP_KERNEL);
		pages->events = (void *)get_zeroed_page(GFP_KERNEL);
		if (!pages->messages || !pages->events) {
			hv_synic_free();
			return -ENOMEM;
		}
	}
	return 0;
}

/**
 * hv_synic_free() - free the pages
 *
 * Context: the SynIC is disabled on every CPU, so the host has no page any more.
 */
void hv_synic_free(void)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu) {
		struct hv_synic_pages *pages = per_cpu_ptr(&hv_synic_pages, cpu);

		free_page((unsigned long)pages->messages);
		free_page((unsigned long)pages->events);
		pages->messages = NULL;
		pages->events = NULL;
	}
}

/* Page registers: bit 0 enables, bits 11:1 are to be kept, the rest is the page. */
static void synic_set_page(enum hv_platform_register reg, const void *page)
{
	u64 value = hv_platform_get(reg) & ~(TLFS_SYNIC_PAGE_MASK | TLFS_SYNIC_ENABLE);

	if (page)
		value |= virt_to_phys((void *)page) | TLFS_SYNIC_ENABLE;
	hv_platform_set(reg, value);
}

/**
 * hv_synic_enable() - start receiving messages and events on this CPU
 * @cpu: this CPU
 *
 * Context: bound to the CPU.
 */
void hv_synic_enable(unsigned int cpu)
{
	struct hv_synic_pages *pages = per_cpu_ptr(&hv_synic_pages, cpu);
	u64 sint;

	/* A message left from an earlier life would never be freed, and nothing delivered after it. */
	memset(pages->messages, 0, sizeof(*pages->messages));
	memset(pages->events, 0, sizeof(*pages->events));
	synic_set_page(HV_PLATFORM_SIMP, pages->messages);
	synic_set_page(HV_PLATFORM_SIEFP, pages->events);
	sint = hv_platform_get(HV_PLATFORM_SINT);
	sint &= ~(TLFS_SINT_VECTOR_MASK | TLFS_SINT_MASKED | TLFS_SINT_AUTO_EOI);
	hv_platform_set(HV_PLATFORM_SINT, sint | hv_platform_sint_value());
	hv_platform_set(HV_PLATFORM_SCONTROL, hv_platform_get(HV_PLATFORM_SCONTROL) | TLFS_SYNIC_ENABLE);
}

/**
 * hv_synic_disable() - stop receiving messages and events on this CPU
 * @cpu: this CPU
 *
 * After this the host does not write the CPU's pages any more.
 *
 * Context: bound to the CPU; also on the crash path.
 */
void hv_synic_disable(unsigned int cpu)
{
	hv_platform_set(HV_PLATFORM_SINT, hv_platform_get(HV_PLATFORM_SINT) | TLFS_SINT_MASKED);
	synic_set_page(HV_PLATFORM_SIMP, NULL);
	synic_set_page(HV_PLATFORM_SIEFP, NULL);
	hv_platform_set(HV_PLATFORM_SCONTROL, hv_platform_get(HV_PLATFORM_SCONTROL) & ~TLFS_SYNIC_ENABLE);
}

/**
 * hv_synic_events() - event flags of VMBus on a CPU
 * @cpu: which
 *
 * Return: TLFS_EVENT_FLAGS bits the host sets atomically; to be cleared atomically before looking at what they
 * announce. NULL before hv_synic_alloc().
 */
unsigned long *hv_synic_events(unsigned int cpu)
{
	struct tlfs_event_page *events = per_cpu(hv_synic_pages, cpu).events;

	return events ? (unsigned long *)events->flags[VMBUS_SINT] : NULL;
}

/**
 * hv_synic_events_pending() - whether the host has set event flags nobody has looked at
 * @cpu: which
 * @last: the last flag that announces a channel; nobody ever looks at those behind it
 *
 * Flag 0 announces no channel and does not count.
 *
 * Return: true if so.
 */
bool hv_synic_events_pending(unsigned int cpu, unsigned int last)
{
	const unsigned long *events = hv_synic_events(cpu);

	return events && find_next_bit(events, last + 1, 1) <= last;
}

static struct tlfs_message *synic_slot(unsigned int cpu)
{
	struct tlfs_message_page *messages = per_cpu(hv_synic_pages, cpu).messages;

	return messages ? &messages->slot[VMBUS_SINT] : NULL;
}

/**
 * hv_synic_message_type() - what lies in a CPU's message slot of VMBus
 * @cpu: which
 *
 * Return: TLFS_MESSAGE_TYPE_NONE when it is empty.
 */
u32 hv_synic_message_type(unsigned int cpu)
{
	const struct tlfs_message *slot = synic_slot(cpu);

	return slot ? le32_to_cpu(READ_ONCE(slot->type)) : TLFS_MESSAGE_TYPE_NONE;
}

/**
 * hv_synic_take_message() - take the message out of a CPU's slot of VMBus
 * @cpu: which; another than the current one only on the crash path, with that CPU stopped
 * @copy: private copy of the message: payload_bytes is at most 240, and the payload zero behind it
 *
 * The slot is free for the next message on return, whatever was in it.
 *
 * Return: false when there was none.
 */
bool hv_synic_take_message(unsigned int cpu, struct tlfs_message *copy)
{
	struct tlfs_message *slot = synic_slot(cpu);
	u32 bytes;
	__le32 type;

	if (!slot)
		return false;
	/* Acquire: the host stores the type last; the rest is not read before it. */
	type = virt_load_acquire(&slot->type);
	if (type == cpu_to_le32(TLFS_MESSAGE_TYPE_NONE))
		return false;

	memset(copy, 0, sizeof(*copy));
	bytes = READ_ONCE(slot->payload_bytes);
	if (bytes > sizeof(copy->payload))
		bytes = sizeof(copy->payload);
	copy->type = type;
	copy->payload_bytes = bytes;
	memcpy(copy->payload, slot->payload, bytes);

	/*
	 * Free the slot. Another value means that somebody else already did (on the crash path the CPU may have been
	 * stopped right here), and a plain store would wipe the message that came after it.
	 */
	if (cmpxchg(&slot->type, type, cpu_to_le32(TLFS_MESSAGE_TYPE_NONE)) != type)
		return true;
	/*
	 * cmpxchg is a full barrier: the flag is read after the slot is free. Pairs with the host's "set flag, look at
	 * the type again". The other way round both could decide that the other will act, and the bus would be silent
	 * for ever.
	 */
	if (READ_ONCE(slot->flags) & TLFS_MESSAGE_FLAG_PENDING)
		hv_platform_set(HV_PLATFORM_EOM, 0);
	return true;
}
