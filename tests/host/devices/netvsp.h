/* SPDX-License-Identifier: GPL-2.0 */
/* The network provider: one synthetic NIC and its session with the guest. */
#ifndef HVHOST_DEVICES_NETVSP_H
#define HVHOST_DEVICES_NETVSP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../hyperv/device.h"

struct net_backend;
struct netvsp;

/**
 * struct netvsp_params - what kind of NIC to be
 * @name: channel and counter group name, "nic0"
 * @index: tells the instances of one machine apart
 * @max_version: newest NVSP version accepted, NVSP_VERSION_*
 * @mac: address of the port
 * @mtu: greatest IP MTU
 * @link_speed_100bps: told to the guest
 * @early: a notice is in the ring, and signalled, before the guest hears that its channel is open
 */
struct netvsp_params {
	const char *name;
	unsigned int index;
	uint32_t max_version;
	uint8_t mac[6];
	uint32_t mtu;
	uint32_t link_speed_100bps;
	bool early;
};

/**
 * netvsp_new() - create a NIC and offer its channel
 * @server: VMBus server
 * @params: copied, but for @params->name, which must outlive the NIC
 *
 * Return: the NIC, or NULL if the channel cannot be offered.
 */
struct netvsp *netvsp_new(struct vmbus_server *server, const struct netvsp_params *params);

/* netvsp_free() - end the NIC; its channel and its backend must be gone already. */
void netvsp_free(struct netvsp *netvsp);

/* netvsp_plug() - where the guest's frames go; NULL drops them. */
void netvsp_plug(struct netvsp *netvsp, struct net_backend *backend);

/**
 * netvsp_receive() - a frame on its way to the guest; a net_receive
 * @opaque: the NIC
 * @frame: starting with the Ethernet header, valid during the call
 * @bytes: its length
 */
void netvsp_receive(void *opaque, const uint8_t *frame, size_t bytes);

/* netvsp_set_link() - connect or disconnect the medium; an initialized guest is told. */
void netvsp_set_link(struct netvsp *netvsp, bool up);

/**
 * netvsp_retire() - take the NIC away, its medium first
 * @netvsp: the NIC
 *
 * The medium is disconnected, what the guest still sends is completed and dropped; when it has
 * fallen silent the channel is rescinded.
 *
 * Return: 0, -ENOTCONN if the guest does not use the NIC.
 */
int netvsp_retire(struct netvsp *netvsp);

/* netvsp_link_is_up() - whether the medium is connected. */
bool netvsp_link_is_up(const struct netvsp *netvsp);

/* netvsp_version() - NVSP version agreed on; 0 before. */
uint32_t netvsp_version(const struct netvsp *netvsp);

/* netvsp_state_name() - where the session stands, for the query command. */
const char *netvsp_state_name(const struct netvsp *netvsp);

/* netvsp_filter() - packet filter the guest has set. */
uint32_t netvsp_filter(const struct netvsp *netvsp);

#endif
