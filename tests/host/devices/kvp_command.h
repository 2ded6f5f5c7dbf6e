/* SPDX-License-Identifier: GPL-2.0 */
/* The control commands of key-value pair exchange, turned into requests. Knows no channel. */
#ifndef HVHOST_DEVICES_KVP_COMMAND_H
#define HVHOST_DEVICES_KVP_COMMAND_H

#include "ic_control.h"
#include "kvp_ip.h"
#include "kvp_message.h"

/**
 * struct kvp_command - what a command asks the guest
 * @name: the command's
 * @operation: KVP_OP_*
 * @pool: enum kvp_pool
 * @key: of kvp-get, to be looked for while enumerating; empty: all are wanted
 * @body: the first request
 * @bytes: its length
 */
struct kvp_command {
	const char *name;
	uint8_t operation;
	uint8_t pool;
	char key[IC_UTF8_ROOM(KVP_KEY_BYTES)];
	uint8_t body[KVP_IP_BYTES];
	size_t bytes;
};

/**
 * kvp_command_parse() - check a control command and build its first request
 * @cmd: its name
 * @request: its fields
 * @version: message version in force
 * @command: filled in
 * @err: one line when it fails
 *
 * Return: 1 done, 0 not one of these commands, -1 with @err set.
 */
int kvp_command_parse(const char *cmd, const struct cJSON *request, struct ic_version version,
		      struct kvp_command *command, char err[HV_ERR_MAX]);

/* kvp_item_json() - add "name", "type" and "value" of a pair to @object */
void kvp_item_json(struct cJSON *object, const struct kvp_item *item);

/* kvp_ip_json() - add a configuration to @object, lists as arrays */
void kvp_ip_json(struct cJSON *object, const struct kvp_ip_config *config);

/* The control commands, for the help. */
#define KVP_COMMAND_HELP                                                                        \
	"kvp-enumerate pool=N      all pairs of a pool of the guest (0 to 3)\n"                 \
	"kvp-get pool=N key=TEXT direct=true\n"                                                 \
	"                          one value, looked for as above, or asked for by its key\n"   \
	"kvp-set pool=N key=TEXT value=VALUE type=sz|expand-sz|u32|u64|N\n"                     \
	"                          add or replace a pair\n"                                     \
	"kvp-delete pool=N key=TEXT  take a pair away\n"                                        \
	"ip-get adapter=MAC        IP configuration of a NIC\n"                                 \
	"ip-set adapter=GUID addresses=ADDRESS/PREFIX;... gateways=A;... dns=A;... dhcp=true\n" \
	"       family=none|ipv4|ipv6|both\n"                                                   \
	"                          have the guest configure a NIC"

#endif
