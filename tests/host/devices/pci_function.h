/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A PCI function with 64-bit memory BARs and MSI-X: its configuration space, where its BARs are in
 * the guest's address space, its interrupt table. Knows neither the bus that leads to it nor what
 * it is good for.
 */
#ifndef HVHOST_DEVICES_PCI_FUNCTION_H
#define HVHOST_DEVICES_PCI_FUNCTION_H

#include <stdbool.h>
#include <stdint.h>

#include "../hyperv/device.h"

#define PCI_CONFIG_BYTES 4096u
#define PCI_BAR_PAIRS	 3 /* BARs 0, 2 and 4, each with the next as its upper half */
/* Policy: interrupts of one function. */
#define PCI_VECTORS_MAX 64

/* What kind of function it is; ids as in configuration space. */
struct pci_ids {
	uint16_t vendor, device, sub_vendor, sub_device;
	uint8_t revision;
	uint32_t class; /* base class, sub class, programming interface */
};

/* Callbacks of the function's owner. */
struct pci_function_ops {
	/* Registers in a BAR that is not the interrupt table's; @bytes is 1, 2, 4 or 8. */
	uint64_t (*read)(void *dev, unsigned int bar, uint64_t offset, unsigned int bytes);
	void (*write)(void *dev, unsigned int bar, uint64_t offset, unsigned int bytes,
		      uint64_t value);
	/* It leaves the bus: as at power-on. */
	void (*reset)(void *dev);
};

/* A message of MSI-X: the function writes @data at @address. */
typedef void (*pci_message_fn)(void *bus, uint64_t address, uint32_t data);

struct pci_bar_window {
	struct pci_function *function;
	unsigned int bar;
	bool mapped;
	uint64_t gpa;
};

/* One vector of the MSI-X table, as the table's layout has it. */
struct pci_vector {
	uint64_t address;
	uint32_t data, control;
	bool pending;
};

struct pci_function {
	struct vmbus_server *server;
	const char *name;
	const struct pci_function_ops *ops;
	void *dev;
	pci_message_fn message; /* NULL: it is on no bus */
	void *bus;

	uint8_t config[PCI_CONFIG_BYTES];
	uint8_t writable[PCI_CONFIG_BYTES]; /* a mask for each byte */
	unsigned int capability_end, capability_link;

	uint64_t bar_bytes[PCI_BAR_PAIRS]; /* 0: no such BAR */
	struct pci_bar_window windows[PCI_BAR_PAIRS];

	unsigned int msix_bar, msix_at, nr_vectors;
	struct pci_vector vectors[PCI_VECTORS_MAX];
	uint64_t interrupts;
};

/**
 * pci_function_init() - a function without BARs and capabilities
 * @name: for reports; must outlive it
 * @dev: for read() and write()
 */
void pci_function_init(struct pci_function *function, struct vmbus_server *server,
		       const char *name, const struct pci_ids *ids,
		       const struct pci_function_ops *ops, void *dev);

/* pci_function_add_bar() - a BAR of a power of two, at least a page; @bar is 0, 2 or 4. */
void pci_function_add_bar(struct pci_function *function, unsigned int bar, uint64_t bytes);

/**
 * pci_function_add_capability() - add to the list of capabilities
 * @bytes: of the whole capability, its id and link included
 * @capability: their contents; the link is filled in
 *
 * Return: its offset.
 */
unsigned int pci_function_add_capability(struct pci_function *function, const void *capability,
					 unsigned int bytes);

/* pci_function_add_msix() - @vectors at the start of @bar, which is theirs alone and of a page. */
void pci_function_add_msix(struct pci_function *function, unsigned int bar, unsigned int vectors);

/*
 * pci_function_attach() - @message carries its interrupts from now on, with @bus; NULL: off the bus,
 * unreachable, with nothing left of what was written to it.
 */
void pci_function_attach(struct pci_function *function, pci_message_fn message, void *bus);

/*
 * pci_function_config_read() - @offset and @bytes are naturally aligned; behind the end of
 * configuration space all is zero.
 */
uint32_t pci_function_config_read(const struct pci_function *function, unsigned int offset,
				  unsigned int bytes);
void pci_function_config_write(struct pci_function *function, unsigned int offset,
			       unsigned int bytes, uint32_t value);

/* pci_function_bar_mask() - what a BAR register, 0 to 5, reads as after all ones were written. */
uint32_t pci_function_bar_mask(const struct pci_function *function, unsigned int index);
/* Place of a BAR, 0 to 5. Return: bytes, 0 if there is none or it is an upper half. */
uint64_t pci_function_bar(const struct pci_function *function, unsigned int index, uint64_t *gpa);
void pci_function_set_bar(struct pci_function *function, unsigned int index, uint64_t gpa);
/* pci_function_set_power() - let its BARs answer, or not. */
void pci_function_set_power(struct pci_function *function, bool on);

/* pci_function_interrupt() - raise one, as the guest has set it up; behind the last one: nothing. */
void pci_function_interrupt(struct pci_function *function, unsigned int vector);

#endif
