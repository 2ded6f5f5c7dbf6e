/* SPDX-License-Identifier: GPL-2.0 */
/* Messages of vPCI, taken apart and made: pure functions of their bytes. */
#ifndef HVHOST_DEVICES_VPCI_MESSAGE_H
#define HVHOST_DEVICES_VPCI_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <hyperv/vpci.h>

/* Policy: interrupts one ASSIGNED_RESOURCES may ask for; guests here ask one by one. */
#define VPCI_ASSIGNED_MSIS 8
/* Longest answer */
#define VPCI_ANSWER_BYTES (sizeof(struct vpci_assigned) + VPCI_ASSIGNED_MSIS * VPCI_MSI3_BYTES)

/* An interrupt that is asked for. */
struct vpci_interrupt_wish {
	uint32_t vector;
	unsigned int count; /* 1 to VPCI_MSI_COUNT_MAX */
	unsigned int nr_cpus;
	uint16_t cpus[VPCI_MSI_CPUS]; /* VP indices */
};

struct vpci_bar_place {
	uint64_t gpa, bytes; /* bytes 0: none */
};

/* A message of the guest. What is filled in goes by its type. */
struct vpci_request {
	uint32_t type, slot;
	uint32_t version;
	uint64_t window;
	uint32_t power;
	struct vpci_bar_place bars[VPCI_BARS];
	unsigned int nr_wishes;
	struct vpci_interrupt_wish wishes[VPCI_ASSIGNED_MSIS];
	struct vpci_msi_remapped msi; /* to be deleted */
};

/* vpci_request_parse() - Return: what is wrong with it, NULL if nothing is. */
const char *vpci_request_parse(const uint8_t *bytes, size_t len, struct vpci_request *request);

/* vpci_has_slot() - whether a message is about one slot. */
bool vpci_has_slot(uint32_t type);

/* vpci_resource_put() - a BAR as answers have it. */
void vpci_resource_put(struct vpci_resource *resource, const struct vpci_bar_place *place);

#endif
