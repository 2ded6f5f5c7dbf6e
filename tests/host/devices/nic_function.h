/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The virtual function beside a synthetic NIC, whole: the virtual function of an 82599 on a virtual PCI bus of
 * its own, on the NIC's port of the switch, announced by the NIC.
 */
#ifndef HVHOST_DEVICES_NIC_FUNCTION_H
#define HVHOST_DEVICES_NIC_FUNCTION_H

#include <stdbool.h>
#include <stdint.h>

struct cJSON;
struct netvsp;
struct nic_function;
struct vmbus_server;

/**
 * struct nic_function_params - which function to be
 * @netvsp: NIC it belongs to; must outlive it
 * @index: of the NIC
 * @mac: the NIC's address
 * @mtu: greatest IP MTU
 * @vpci_version: newest protocol version of the bus, VPCI_VERSION_*
 */
struct nic_function_params {
	struct netvsp *netvsp;
	unsigned int index;
	const uint8_t *mac;
	uint32_t mtu;
	uint32_t vpci_version;
};

/* nic_function_new() - a function that is not plugged in. */
struct nic_function *nic_function_new(struct vmbus_server *server,
				      const struct nic_function_params *params);
void nic_function_free(struct nic_function *function);

/* nic_function_plug() - offer it to the guest and announce it. Return: 0, -EBUSY while it is there. */
int nic_function_plug(struct nic_function *function, uint32_t serial);

/*
 * nic_function_eject() - ask the guest to let go of it; what was announced ends when it has.
 * Return: 0, -ENOENT it is not plugged in, -EBUSY asked already.
 */
int nic_function_eject(struct nic_function *function);

/* nic_function_remove() - take it away at once. Return: 0, -ENOENT it is not plugged in. */
int nic_function_remove(struct nic_function *function);

/* nic_function_is_plugged() - whether it is there, an eject under way or not. */
bool nic_function_is_plugged(const struct nic_function *function);

/* nic_function_has_bus() - whether its bus is the channel of this name. */
bool nic_function_has_bus(const struct nic_function *function, const char *name);

/* nic_function_set_link() - its medium is the NIC's. */
void nic_function_set_link(struct nic_function *function, bool up);

/* nic_function_describe() - its state, for the query command. */
void nic_function_describe(const struct nic_function *function, struct cJSON *reply);

#endif
