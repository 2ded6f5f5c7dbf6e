// SPDX-License-Identifier: GPL-2.0
/*
 * A PCI function: configuration space as bytes with a mask of what can be written, BARs that follow
 * it into the guest's address space, and the MSI-X table. PCI Local Bus 3.0, sections 6.1, 6.2.5,
 * 6.7 and 6.8.2.
 */
#include <stddef.h>
#include <string.h>

#include "../hyperv/util.h"
#include "bytes.h"
#include "pci_function.h"

#define PCI_COMMAND	   0x04
#define PCI_COMMAND_MEMORY 0x0002
#define PCI_COMMAND_MASK   0x0546 /* memory, bus master, parity, SERR, INTx disable */
#define PCI_STATUS	   0x06
#define PCI_STATUS_CAPS	   0x0010
#define PCI_CLASS	   0x08
#define PCI_CACHE_LINE	   0x0c
#define PCI_BAR_0	   0x10
#define PCI_BAR_64	   0x04u
#define PCI_SUBSYSTEM	   0x2c
#define PCI_CAPABILITIES   0x34
#define PCI_INTERRUPT_LINE 0x3c
#define PCI_CAPS_BEGIN	   0x40

#define PCI_CAP_MSIX	     0x11
#define PCI_MSIX_CAP_BYTES   12
#define PCI_MSIX_ENABLE	     0x8000
#define PCI_MSIX_MASK_ALL    0x4000
#define PCI_MSIX_ENTRY_BYTES 16
#define PCI_MSIX_PBA	     0x800
#define PCI_VECTOR_MASKED    1u

static bool pci_is_msix_on(const struct pci_function *f)
{
	return f->nr_vectors && get_le16(&f->config[f->msix_at + 2]) & PCI_MSIX_ENABLE;
}

static bool pci_is_masked(const struct pci_function *f, const struct pci_vector *vector)
{
	return get_le16(&f->config[f->msix_at + 2]) & PCI_MSIX_MASK_ALL ||
	       vector->control & PCI_VECTOR_MASKED;
}

static void pci_send(struct pci_function *f, struct pci_vector *vector)
{
	vector->pending = false;
	f->interrupts++;
	if (f->message)
		f->message(f->bus, vector->address, vector->data);
}

void pci_function_interrupt(struct pci_function *f, unsigned int number)
{
	if (number >= f->nr_vectors || !pci_is_msix_on(f))
		return;
	if (pci_is_masked(f, &f->vectors[number]))
		f->vectors[number].pending = true;
	else
		pci_send(f, &f->vectors[number]);
}

/* After a mask was changed: what waited for that. */
static void pci_send_pending(struct pci_function *f)
{
	for (unsigned int i = 0; pci_is_msix_on(f) && i < f->nr_vectors; i++) {
		if (f->vectors[i].pending && !pci_is_masked(f, &f->vectors[i]))
			pci_send(f, &f->vectors[i]);
	}
}

/* ---------------------------------------------------------------- the interrupt table */

static uint32_t pci_table_read(const struct pci_function *f, uint64_t offset)
{
	const struct pci_vector *vector;
	uint32_t pending = 0;

	if (offset >= PCI_MSIX_PBA) {
		uint64_t first = (offset - PCI_MSIX_PBA) * 8;

		for (unsigned int i = 0; i < 32; i++) {
			if (first + i < f->nr_vectors && f->vectors[first + i].pending)
				pending |= 1u << i;
		}
		return pending;
	}
	if (offset / PCI_MSIX_ENTRY_BYTES >= f->nr_vectors)
		return 0;
	vector = &f->vectors[offset / PCI_MSIX_ENTRY_BYTES];
	switch (offset % PCI_MSIX_ENTRY_BYTES) {
	case 0:
		return (uint32_t)vector->address;
	case 4:
		return (uint32_t)(vector->address >> 32);
	case 8:
		return vector->data;
	}
	return vector->control;
}

static void pci_table_write(struct pci_function *f, uint64_t offset, uint32_t value)
{
	struct pci_vector *vector;

	if (offset / PCI_MSIX_ENTRY_BYTES >= f->nr_vectors)
		return;
	vector = &f->vectors[offset / PCI_MSIX_ENTRY_BYTES];
	switch (offset % PCI_MSIX_ENTRY_BYTES) {
	case 0:
		vector->address = (vector->address & ~0xffffffffull) | value;
		break;
	case 4:
		vector->address = (uint32_t)vector->address | (uint64_t)value << 32;
		break;
	case 8:
		vector->data = value;
		break;
	default:
		vector->control = value & PCI_VECTOR_MASKED;
		pci_send_pending(f);
	}
}

/* ---------------------------------------------------------------- BARs */

static uint64_t pci_window_read(void *opaque, uint64_t offset, unsigned int bytes)
{
	const struct pci_bar_window *window = opaque;
	struct pci_function *f = window->function;

	if (!f->nr_vectors || window->bar != f->msix_bar)
		return f->ops->read(f->dev, window->bar, offset, bytes);
	/* The table is read and written in whole words. */
	if (bytes == 8)
		return pci_table_read(f, offset) | (uint64_t)pci_table_read(f, offset + 4) << 32;
	return bytes == 4 ? pci_table_read(f, offset) : UINT64_MAX;
}

static void pci_window_write(void *opaque, uint64_t offset, unsigned int bytes, uint64_t value)
{
	const struct pci_bar_window *window = opaque;
	struct pci_function *f = window->function;

	if (!f->nr_vectors || window->bar != f->msix_bar) {
		f->ops->write(f->dev, window->bar, offset, bytes, value);
	} else if (bytes >= 4) {
		pci_table_write(f, offset, (uint32_t)value);
		if (bytes == 8)
			pci_table_write(f, offset + 4, (uint32_t)(value >> 32));
	}
}

static const struct vmbus_mmio_ops pci_window_ops = {
	.read = pci_window_read,
	.write = pci_window_write,
};

static uint64_t pci_bar_gpa(const struct pci_function *f, unsigned int pair)
{
	return get_le64(&f->config[PCI_BAR_0 + 8 * pair]) & ~0xfull;
}

/* Have the windows where command register and BARs say. A place that no device can be at is none. */
static void pci_map(struct pci_function *f)
{
	bool on = f->message && get_le16(&f->config[PCI_COMMAND]) & PCI_COMMAND_MEMORY;

	for (unsigned int i = 0; i < PCI_BAR_PAIRS; i++) {
		struct pci_bar_window *window = &f->windows[i];
		uint64_t gpa = pci_bar_gpa(f, i);

		if (!f->bar_bytes[i] || (window->mapped && on && window->gpa == gpa))
			continue;
		if (window->mapped)
			vmbus_mmio_del(f->server, window);
		window->gpa = gpa;
		window->mapped = on && !vmbus_mmio_add(f->server, gpa, f->bar_bytes[i],
						       &pci_window_ops, window);
	}
}

uint32_t pci_function_bar_mask(const struct pci_function *f, unsigned int index)
{
	uint64_t bytes = f->bar_bytes[index / 2], mask;

	if (!bytes)
		return 0;
	mask = ~(bytes - 1) | PCI_BAR_64;
	return (uint32_t)(index % 2 ? mask >> 32 : mask);
}

uint64_t pci_function_bar(const struct pci_function *f, unsigned int index, uint64_t *gpa)
{
	if (index % 2 || !f->bar_bytes[index / 2])
		return 0;
	*gpa = pci_bar_gpa(f, index / 2);
	return f->bar_bytes[index / 2];
}

void pci_function_set_bar(struct pci_function *f, unsigned int index, uint64_t gpa)
{
	if (index % 2 || !f->bar_bytes[index / 2])
		return;
	put_le64(&f->config[PCI_BAR_0 + 4 * index],
		 (gpa & ~(f->bar_bytes[index / 2] - 1)) | PCI_BAR_64);
	pci_map(f);
}

void pci_function_set_power(struct pci_function *f, bool on)
{
	uint16_t command = get_le16(&f->config[PCI_COMMAND]);

	put_le16(&f->config[PCI_COMMAND],
		 on ? command | PCI_COMMAND_MEMORY : command & ~PCI_COMMAND_MEMORY);
	pci_map(f);
}

/* ---------------------------------------------------------------- configuration space */

uint32_t pci_function_config_read(const struct pci_function *f, unsigned int offset,
				  unsigned int bytes)
{
	uint32_t value = 0;

	for (unsigned int i = 0; i < bytes && offset + i < PCI_CONFIG_BYTES; i++)
		value |= (uint32_t)f->config[offset + i] << 8 * i;
	return value;
}

void pci_function_config_write(struct pci_function *f, unsigned int offset, unsigned int bytes,
			       uint32_t value)
{
	for (unsigned int i = 0; i < bytes && offset + i < PCI_CONFIG_BYTES; i++) {
		uint8_t mask = f->writable[offset + i];
		uint8_t *at = &f->config[offset + i];

		*at = (uint8_t)((*at & ~mask) | (value >> 8 * i & mask));
	}
	pci_map(f);
	pci_send_pending(f);
}

void pci_function_init(struct pci_function *f, struct vmbus_server *server, const char *name,
		       const struct pci_ids *ids, const struct pci_function_ops *ops, void *dev)
{
	memset(f, 0, sizeof(*f));
	f->server = server;
	f->name = name;
	f->ops = ops;
	f->dev = dev;
	for (unsigned int i = 0; i < PCI_BAR_PAIRS; i++) {
		f->windows[i].function = f;
		f->windows[i].bar = 2 * i;
	}
	put_le16(&f->config[0], ids->vendor);
	put_le16(&f->config[2], ids->device);
	put_le32(&f->config[PCI_CLASS], ids->class << 8 | ids->revision);
	put_le16(&f->config[PCI_SUBSYSTEM], ids->sub_vendor);
	put_le16(&f->config[PCI_SUBSYSTEM + 2], ids->sub_device);
	put_le16(&f->writable[PCI_COMMAND], PCI_COMMAND_MASK);
	f->writable[PCI_CACHE_LINE] = 0xff;
	f->writable[PCI_INTERRUPT_LINE] = 0xff;
	f->capability_end = PCI_CAPS_BEGIN;
	f->capability_link = PCI_CAPABILITIES;
}

void pci_function_add_bar(struct pci_function *f, unsigned int bar, uint64_t bytes)
{
	f->bar_bytes[bar / 2] = bytes;
	put_le64(&f->config[PCI_BAR_0 + 4 * bar], PCI_BAR_64);
	put_le64(&f->writable[PCI_BAR_0 + 4 * bar], ~(bytes - 1));
}

unsigned int pci_function_add_capability(struct pci_function *f, const void *capability,
					 unsigned int bytes)
{
	unsigned int at = f->capability_end;

	memcpy(&f->config[at], capability, bytes);
	f->config[at + 1] = 0;
	f->config[f->capability_link] = (uint8_t)at;
	f->capability_link = at + 1;
	f->capability_end = (at + bytes + 3) & ~3u;
	put_le16(&f->config[PCI_STATUS], PCI_STATUS_CAPS);
	return at;
}

void pci_function_add_msix(struct pci_function *f, unsigned int bar, unsigned int vectors)
{
	uint8_t capability[PCI_MSIX_CAP_BYTES] = { PCI_CAP_MSIX };

	pci_function_add_bar(f, bar, GUEST_PAGE_SIZE);
	put_le16(capability + 2, (uint16_t)(vectors - 1));
	put_le32(capability + 4, bar);
	put_le32(capability + 8, PCI_MSIX_PBA | bar);
	f->msix_at = pci_function_add_capability(f, capability, sizeof(capability));
	put_le16(&f->writable[f->msix_at + 2], PCI_MSIX_ENABLE | PCI_MSIX_MASK_ALL);
	f->msix_bar = bar;
	f->nr_vectors = vectors;
}

void pci_function_attach(struct pci_function *f, pci_message_fn message, void *bus)
{
	f->message = message;
	f->bus = bus;
	if (!message) {
		for (unsigned int i = 0; i < PCI_CONFIG_BYTES; i++)
			f->config[i] &= (uint8_t)~f->writable[i];
		for (unsigned int i = 0; i < f->nr_vectors; i++)
			f->vectors[i] = (struct pci_vector){ .control = PCI_VECTOR_MASKED };
		f->ops->reset(f->dev);
	}
	pci_map(f);
}
