// SPDX-License-Identifier: GPL-2.0
/*
 * The virtual function beside a synthetic NIC: ties card, bus and NIC together. Which of the two
 * the guest's frames from the network go to is the NIC's choice.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "../hyperv/util.h"
#include "netvsp.h"
#include "nic_function.h"
#include "vf82599.h"
#include "vpci.h"

struct nic_function {
	struct vmbus_server *server;
	struct netvsp *netvsp;
	struct vf82599 *card;
	struct vpci *vpci;
	bool plugged;
	char name[8], bus_name[12]; /* "vf0", "vf0-bus" */
};

/* From the network, while the guest uses the function. */
static void nic_function_receive(void *opaque, const uint8_t *frame, size_t bytes)
{
	struct nic_function *function = opaque;

	vf82599_receive(function->card, frame, bytes);
}

static void nic_function_gone(void *opaque)
{
	struct nic_function *function = opaque;

	function->plugged = false;
	netvsp_set_vf_receive(function->netvsp, NULL, NULL);
	netvsp_set_vf(function->netvsp, false, 0);
}

struct nic_function *nic_function_new(struct vmbus_server *server,
				      const struct nic_function_params *params)
{
	struct nic_function *function = xcalloc(1, sizeof(*function));
	struct vf82599_counts *counts;

	function->server = server;
	function->netvsp = params->netvsp;
	snprintf(function->name, sizeof(function->name), "vf%u", params->index);
	snprintf(function->bus_name, sizeof(function->bus_name), "vf%u-bus", params->index);
	function->card = vf82599_new(server, function->name, params->mac, params->mtu,
				     netvsp_vf_send, params->netvsp);
	function->vpci = vpci_new(server, &(struct vpci_params){
						  .name = function->bus_name,
						  .index = params->index,
						  .max_version = params->vpci_version,
						  .function = vf82599_function(function->card),
						  .gone = nic_function_gone,
						  .opaque = function });
	counts = vf82599_counts(function->card);
	hv_counters_add(server, function->name,
			(const struct hv_counter[]){ { "tx_frames", &counts->tx_frames },
						     { "tx_bytes", &counts->tx_bytes },
						     { "rx_frames", &counts->rx_frames },
						     { "rx_bytes", &counts->rx_bytes },
						     { "rx_dropped", &counts->rx_dropped },
						     { "tx_large", &counts->tx_large },
						     { "tx_checksums", &counts->tx_checksums } },
			7);
	return function;
}

void nic_function_free(struct nic_function *function)
{
	if (!function)
		return;
	netvsp_set_vf_receive(function->netvsp, NULL, NULL);
	hv_counters_remove(function->server, function->name);
	vpci_free(function->vpci);
	vf82599_free(function->card);
	free(function);
}

int nic_function_plug(struct nic_function *function, uint32_t serial)
{
	int err = vpci_offer(function->vpci, serial);

	if (err)
		return err;
	function->plugged = true;
	netvsp_set_vf_receive(function->netvsp, nic_function_receive, function);
	netvsp_set_vf(function->netvsp, true, serial);
	return 0;
}

int nic_function_eject(struct nic_function *function)
{
	return vpci_eject(function->vpci);
}

int nic_function_remove(struct nic_function *function)
{
	if (!function->plugged)
		return -ENOENT;
	vpci_remove(function->vpci);
	return 0;
}

bool nic_function_is_plugged(const struct nic_function *function)
{
	return function->plugged;
}

bool nic_function_has_bus(const struct nic_function *function, const char *name)
{
	return !strcmp(function->bus_name, name);
}

void nic_function_set_link(struct nic_function *function, bool up)
{
	vf82599_set_link(function->card, up);
}

void nic_function_describe(const struct nic_function *function, cJSON *reply)
{
	struct vf82599_info card;
	struct vpci_info bus;
	char version[16];

	vpci_info(function->vpci, &bus);
	vf82599_info(function->card, &card);
	cJSON_AddStringToObject(reply, "state", bus.state);
	snprintf(version, sizeof(version), "%u.%u", bus.version >> 16, bus.version & 0xffff);
	if (bus.version)
		cJSON_AddStringToObject(reply, "version", version);
	else
		cJSON_AddNullToObject(reply, "version");
	cJSON_AddNumberToObject(reply, "interrupts", bus.interrupts);
	cJSON_AddBoolToObject(reply, "transmits", card.transmits);
	cJSON_AddBoolToObject(reply, "receives", card.receives);
}
