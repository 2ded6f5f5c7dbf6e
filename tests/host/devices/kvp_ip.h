/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Bodies of the messages that read and set a guest's IP configuration: as text below message version
 * 5.0, in binary from there on. Pure functions over private memory.
 */
#ifndef HVHOST_DEVICES_KVP_IP_H
#define HVHOST_DEVICES_KVP_IP_H

#include <stdbool.h>

#include <hyperv/kvp.h>

#include "ic_utf16.h"

/* Length of either form's body. */
#define KVP_IP_BYTES sizeof(struct kvp_ip)

/**
 * struct kvp_ip_config - one adapter's configuration; lists have ';' between their items
 * @adapter: GUID in braces (set), MAC address (get)
 * @family: KVP_FAMILY_*
 * @dhcp: addresses come from a DHCP server
 * @addresses: IPv4 and IPv6
 * @subnets: for each address its mask (IPv4) or prefix length (IPv6)
 * @gateways: routers
 * @dns: name servers
 */
struct kvp_ip_config {
	char adapter[IC_UTF8_ROOM(256)];
	uint8_t family;
	bool dhcp;
	char addresses[IC_UTF8_ROOM(2048)];
	char subnets[IC_UTF8_ROOM(2048)];
	char gateways[IC_UTF8_ROOM(1024)];
	char dns[IC_UTF8_ROOM(2048)];
};

/**
 * kvp_ip_add_addresses() - take addresses as "ADDRESS/PREFIX;..."
 * @config: addresses, subnets and, where it is KVP_FAMILY_NONE, the family are filled in
 * @list: the addresses
 * @why: what is wrong
 *
 * Return: 0, -EINVAL with @why set.
 */
int kvp_ip_add_addresses(struct kvp_ip_config *config, const char *list, const char **why);

/**
 * kvp_ip_check_list() - is it a list of addresses?
 * @list: items with ';' between; may be empty
 * @max: how many at most
 *
 * Return: whether it is.
 */
bool kvp_ip_check_list(const char *list, unsigned int max);

/**
 * kvp_ip_build() - the body of a request
 * @body: room for KVP_IP_BYTES
 * @operation: KVP_OP_GET_IP (only the adapter counts) or KVP_OP_SET_IP
 * @binary: message version 5.0 or later
 * @config: checked lists
 * @why: what is wrong
 *
 * Return: 0, -EINVAL with @why set.
 */
int kvp_ip_build(uint8_t *body, uint8_t operation, bool binary, const struct kvp_ip_config *config,
		 const char **why);

/**
 * kvp_ip_reply_parse() - the configuration a guest has answered with
 * @binary: message version 5.0 or later
 * @body: the answer's
 * @bytes: its length
 * @config: filled in
 * @why: what is wrong
 *
 * Return: 0, -EPROTO with @why set.
 */
int kvp_ip_reply_parse(bool binary, const uint8_t *body, uint32_t bytes,
		       struct kvp_ip_config *config, const char **why);

#endif
