/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The provider of virtual PCI: one bus with one function on it, offered and taken away while the
 * guest runs. What the function does is not its business.
 */
#ifndef HVHOST_DEVICES_VPCI_H
#define HVHOST_DEVICES_VPCI_H

#include <hyperv/vpci.h>

#include "pci_function.h"

struct vpci;

/**
 * struct vpci_params - which bus to be
 * @name: channel and counter group name, "vf0"
 * @index: tells the buses of one machine apart
 * @max_version: newest protocol version accepted, VPCI_VERSION_1_1 to 1_4
 * @function: what is on it
 * @gone: the function has left the guest, which gave it back or is gone itself; may offer it again
 * @opaque: for @gone
 */
struct vpci_params {
	const char *name;
	unsigned int index;
	uint32_t max_version;
	struct pci_function *function;
	void (*gone)(void *opaque);
	void *opaque;
};

/* vpci_new() - a bus that is not offered. */
struct vpci *vpci_new(struct vmbus_server *server, const struct vpci_params *params);
void vpci_free(struct vpci *vpci);

/*
 * vpci_offer() - plug the function in, with a serial number that tells the guest which synthetic
 * device it belongs to. If the guest still holds on to the last one it hears of this one when it has
 * let go. Return: 0, -EBUSY while it is there.
 */
int vpci_offer(struct vpci *vpci, uint32_t serial);

/*
 * vpci_eject() - ask the guest for the function: gone() follows when it has let go. A guest that
 * does not use the bus has let go already. Return: 0, -ENOENT there is none, -EBUSY asked already.
 */
int vpci_eject(struct vpci *vpci);

/* vpci_remove() - take the function away without asking; gone() is called before it returns. */
void vpci_remove(struct vpci *vpci);

/* What the query command shows. */
struct vpci_info {
	const char *state;
	uint32_t version; /* agreed on, 0 before */
	uint32_t serial;
	unsigned int interrupts; /* created and not deleted */
};
void vpci_info(const struct vpci *vpci, struct vpci_info *info);

#endif
