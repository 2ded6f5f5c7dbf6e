// SPDX-License-Identifier: GPL-2.0
/*
 * The host's half of each VP's SynIC: message slots and event flags of the VMBus SINT, in the
 * guest's pages. Knows no VMBus message. TLFS, Synthetic Interrupt Controller.
 */
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

/* A page the guest has enabled with its SynIC on; NULL otherwise or outside RAM. */
static void *synic_page(struct vmbus_server *server, uint32_t vp, bool messages)
{
	const struct hv_synic_regs *regs = &server->vp[vp].regs;
	uint64_t value = messages ? regs->simp : regs->siefp;

	if (!(regs->scontrol & TLFS_SYNIC_ENABLE) || !(value & TLFS_SYNIC_ENABLE))
		return NULL;
	return guest_mem_ptr(server->config.mem, value & TLFS_SYNIC_PAGE_MASK, GUEST_PAGE_SIZE);
}

bool hv_synic_set_event(struct vmbus_server *server, uint32_t vp, uint32_t flag)
{
	struct tlfs_event_page *page;
	uint8_t mask = 1u << flag % 8;

	if (vp >= server->config.nr_vps || flag >= TLFS_EVENT_FLAGS)
		return false;
	page = synic_page(server, vp, false);
	if (!page) {
		server->stats.events_dropped++;
		return false;
	}
	if (__atomic_fetch_or(&page->flags[VMBUS_SINT][flag / 8], mask, __ATOMIC_SEQ_CST) & mask)
		return false;
	server->config.ops->kick(server->config.platform, vp);
	server->stats.interrupts++;
	return true;
}

static void synic_watch(struct vmbus_server *server, uint32_t vp, bool on)
{
	if (server->vp[vp].watching == on)
		return;
	server->vp[vp].watching = on;
	server->config.ops->watch_eom(server->config.platform, vp, on);
}

static struct hv_message *synic_pop(struct vmbus_server *server, uint32_t vp)
{
	struct hv_synic_vp *synic = &server->vp[vp];
	struct hv_message *message = synic->head;

	synic->head = message->next;
	if (!synic->head)
		synic->tail = &synic->head;
	server->waiting_messages--;
	return message;
}

/*
 * Fill the slot with the oldest message if the guest has freed it, else leave word that one waits.
 * The guest frees the slot, then looks at the flag; we set the flag, then look at the slot again:
 * one of the two sees the other.
 */
static bool synic_fill_slot(struct vmbus_server *server, uint32_t vp, struct tlfs_message *slot)
{
	struct hv_message *message;

	if (__atomic_load_n(&slot->type, __ATOMIC_ACQUIRE)) {
		__atomic_fetch_or(&slot->flags, TLFS_MESSAGE_FLAG_PENDING, __ATOMIC_SEQ_CST);
		if (__atomic_load_n(&slot->type, __ATOMIC_SEQ_CST))
			return false;
	}
	message = synic_pop(server, vp);
	slot->payload_bytes = message->len;
	slot->flags = server->vp[vp].head ? TLFS_MESSAGE_FLAG_PENDING : 0;
	slot->reserved = 0;
	slot->sender = htole64(VMBUS_CONNECTION_MESSAGE);
	memcpy(slot->payload, message->payload, message->len);
	__atomic_store_n(&slot->type, htole32(TLFS_MESSAGE_TYPE_CHANNEL), __ATOMIC_RELEASE);
	free(message);
	return true;
}

static void synic_pump(struct vmbus_server *server, uint32_t vp)
{
	struct hv_synic_vp *synic = &server->vp[vp];
	struct tlfs_message_page *page;

	if (!synic->head)
		return;
	page = synic_page(server, vp, true);
	if (!page) {
		hv_synic_drop(server, vp);
		return;
	}
	/* Listen first: an end of message right after the flag is set must not be missed. */
	synic_watch(server, vp, true);
	server->config.ops->slot_lock(server->config.platform, vp);
	if (synic_fill_slot(server, vp, &page->slot[VMBUS_SINT])) {
		server->config.ops->kick(server->config.platform, vp);
		server->stats.interrupts++;
	}
	server->config.ops->slot_unlock(server->config.platform, vp);
	if (!synic->head) {
		synic_watch(server, vp, false);
		hv_port_resume(server);
	}
}

void hv_synic_post(struct vmbus_server *server, uint32_t vp, const void *payload, size_t len)
{
	struct hv_synic_vp *synic;
	struct hv_message *message;

	if (vp >= server->config.nr_vps || len > TLFS_MESSAGE_PAYLOAD_BYTES)
		return;
	synic = &server->vp[vp];
	message = xcalloc(1, sizeof(*message));
	memcpy(message->payload, payload, len);
	message->len = len;
	*synic->tail = message;
	synic->tail = &message->next;
	server->waiting_messages++;
	server->stats.messages_out++;
	/* With others waiting before it, the end of message brings the next. */
	synic_pump(server, vp);
}

void hv_synic_drop(struct vmbus_server *server, uint32_t vp)
{
	struct hv_synic_vp *synic = &server->vp[vp];

	while (synic->head) {
		free(synic_pop(server, vp));
		server->stats.messages_dropped++;
	}
	synic_watch(server, vp, false);
	hv_port_resume(server);
}

void vmbus_server_eom(struct vmbus_server *server, unsigned int vp)
{
	if (vp < server->config.nr_vps)
		synic_pump(server, vp);
}

void vmbus_server_synic_changed(struct vmbus_server *server, unsigned int vp,
				const struct hv_synic_regs *regs)
{
	if (vp >= server->config.nr_vps)
		return;
	hv_trace("VP %u: SCONTROL %#llx SIEFP %#llx SIMP %#llx", vp,
		 (unsigned long long)regs->scontrol, (unsigned long long)regs->siefp,
		 (unsigned long long)regs->simp);
	server->vp[vp].regs = *regs;
	if (!synic_page(server, vp, true))
		hv_synic_drop(server, vp);
}
