// SPDX-License-Identifier: GPL-2.0
/*
 * PCI configuration mechanism 1 with a host bridge and nothing else: a Linux that finds no
 * mechanism at all complains. The reset control register lies in the middle of its address port, so
 * that is here too.
 */
#include <stdlib.h>

#include "internal.h"

#define PCI_PORT_ADDRESS 0xcf8
#define PCI_PORT_RESET	 (MACHINE_PORT_RESET - PCI_PORT_ADDRESS)
#define PCI_PORT_DATA	 4

#define PCI_ADDRESS_ENABLE	0x80000000u
#define PCI_ADDRESS_DEVICE(v)	((v) >> 8 & 0xffff)
#define PCI_ADDRESS_REGISTER(v) ((v)&0xfc)

#define PCI_BRIDGE_ID	 0x71921414u /* as the bridge of a generation 1 machine */
#define PCI_BRIDGE_CLASS 0x06000000u

#define RESET_CPU 0x04

struct pci {
	struct machine *machine;
	atomic_uint address;
};

static uint32_t pci_config_read(uint32_t address)
{
	if (!(address & PCI_ADDRESS_ENABLE) || PCI_ADDRESS_DEVICE(address))
		return UINT32_MAX;
	switch (PCI_ADDRESS_REGISTER(address)) {
	case 0x00:
		return PCI_BRIDGE_ID;
	case 0x08:
		return PCI_BRIDGE_CLASS;
	}
	return 0;
}

static uint32_t pci_in(void *opaque, uint16_t offset, unsigned int size)
{
	struct pci *pci = opaque;
	uint32_t address = atomic_load(&pci->address);

	if (offset >= PCI_PORT_DATA)
		return pci_config_read(address) >> (offset - PCI_PORT_DATA) * 8;
	if (offset == 0 && size == 4)
		return address;
	return 0;
}

static void pci_out(void *opaque, uint16_t offset, unsigned int size, uint32_t value)
{
	struct pci *pci = opaque;

	if (offset == 0 && size == 4)
		atomic_store(&pci->address, value);
	else if (offset == PCI_PORT_RESET && size == 1 && (value & RESET_CPU))
		machine_notify(pci->machine, MACHINE_RESET);
}

struct pci *pci_new(struct machine *machine)
{
	struct pci *pci = xcalloc(1, sizeof(*pci));

	pci->machine = machine;
	pio_add(machine, &(struct pio_handler){ .port = PCI_PORT_ADDRESS,
						.len = 8,
						.in = pci_in,
						.out = pci_out,
						.opaque = pci });
	return pci;
}

void pci_reset(struct pci *pci)
{
	atomic_store(&pci->address, 0);
}

void pci_free(struct pci *pci)
{
	free(pci);
}
