// SPDX-License-Identifier: GPL-2.0
/*
 * The network provider's options and control commands: which NICs a machine has, what they are
 * plugged into, and what happens to them while the guest runs. Knows no packet.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cjson/cJSON.h>
#include <hyperv/nvsp.h>
#include <hyperv/vpci.h>

#include "../hyperv/util.h"
#include "flood_backend.h"
#include "net_backend.h"
#include "netvsp.h"
#include "nic_function.h"
#include "pcap_backend.h"
#include "slirp_backend.h"
#include "suboption.h"
#include "switch_backend.h"
#include "tap_backend.h"
#include "types.h"

#define NETVSP_NICS    8
#define NETVSP_SPEED_MAX 400000u /* Mbit/s: what 32 bits of 100 bit/s hold */
#define NETVSP_MTU_MAX 65521u /* with the Ethernet header the guest announces 16 bits of it */

/* What a NIC is plugged into. */
enum netvsp_plug {
	NETVSP_PLUG_NONE,
	NETVSP_PLUG_USER,
	NETVSP_PLUG_SWITCH,
	NETVSP_PLUG_TAP,
	NETVSP_PLUG_FLOOD,
};

struct netvsp_nic {
	char *text; /* the option's argument, cut up; the strings below point into it */
	char name[8];
	enum netvsp_plug plug;
	const char *plug_value; /* socket or device */
	struct slirp_options slirp;
	struct netvsp_params params;
	struct netvsp *netvsp;
	struct net_backend *backend;
	const char *pcap; /* file that gets all frames, or NULL */
	struct net_backend *tap; /* in front of backend then */
	struct nic_function *function; /* NULL until one is plugged in */
	bool has_function; /* one is to be there from the start */
	uint32_t function_serial;
};

struct netvsp_config {
	struct netvsp_nic nics[NETVSP_NICS];
	unsigned int nr_nics;
	uint32_t max_version, vpci_version;
	struct vmbus_server *server;
};

static int netvsp_parse_mac(const char *text, uint8_t mac[6])
{
	char end;

	if (sscanf(text, "%2hhx:%2hhx:%2hhx:%2hhx:%2hhx:%2hhx%c", &mac[0], &mac[1], &mac[2],
		   &mac[3], &mac[4], &mac[5], &end) != 6 ||
	    strlen(text) != 17 || mac[0] & 1)
		return -1;
	return 0;
}

static int netvsp_suboption(struct netvsp_nic *nic, const char *key, const char *value,
			    char err[HV_ERR_MAX])
{
	uint64_t number;

	if (nic->plug != NETVSP_PLUG_USER && (!strcmp(key, "restrict") || !strcmp(key, "serve") ||
					      !strcmp(key, "store"))) {
		snprintf(err, HV_ERR_MAX, "--nic: %s goes with \"user\" only", key);
		return -1;
	}
	if (!strcmp(key, "pcap") && value && *value) {
		nic->pcap = value;
	} else if (!strcmp(key, "restrict") && !value) {
		nic->slirp.restricted = true;
	} else if (!strcmp(key, "early") && !value) {
		nic->params.early = true;
	} else if (!strcmp(key, "norsc") && !value) {
		nic->params.no_coalescing = true;
	} else if (!strcmp(key, "serve") && value) {
		if (access(value, R_OK)) {
			snprintf(err, HV_ERR_MAX, "--nic: serve=%s: file cannot be read", value);
			return -1;
		}
		nic->slirp.serve = value;
	} else if (!strcmp(key, "store") && value && *value) {
		nic->slirp.store = value;
	} else if (!strcmp(key, "mac") && value && !netvsp_parse_mac(value, nic->params.mac)) {
		return 0;
	} else if (!strcmp(key, "mtu") && !suboption_u64(value, NETVSP_MTU_MAX, &number) &&
		   number >= 68) {
		nic->params.mtu = (uint32_t)number;
	} else if (!strcmp(key, "queues") && !suboption_u64(value, NETVSP_QUEUES_MAX, &number) &&
		   number) {
		nic->params.queues = (unsigned int)number;
	} else if (!strcmp(key, "vf") && !suboption_u64(value, UINT32_MAX, &number)) {
		nic->has_function = true;
		nic->function_serial = (uint32_t)number;
	} else if (!strcmp(key, "grant") && !suboption_u64(value, NETVSP_QUEUES_MAX, &number) &&
		   number) {
		nic->params.grant = (unsigned int)number;
	} else if (!strcmp(key, "speed") && !suboption_u64(value, NETVSP_SPEED_MAX, &number) &&
		   number) {
		nic->params.link_speed_100bps = (uint32_t)number * 10000;
	} else {
		snprintf(err, HV_ERR_MAX,
			 "--nic: \"%s%s%s\" is none of mac=xx:xx:xx:xx:xx:xx, mtu=68..%u, "
			 "queues=1..%u, grant=N, speed=MBIT, vf=SERIAL, norsc, serve=FILE, store=FILE, pcap=FILE, restrict, early",
			 key, value ? "=" : "", value ? value : "", NETVSP_MTU_MAX,
			 NETVSP_QUEUES_MAX);
		return -1;
	}
	return 0;
}

/* The option's first word: what the NIC is plugged into. */
static int netvsp_parse_plug(struct netvsp_nic *nic, const char *key, const char *value,
			     char err[HV_ERR_MAX])
{
	const char *why = NULL;

	nic->plug_value = value;
	if (key && !strcmp(key, "user") && !value) {
		nic->plug = NETVSP_PLUG_USER;
	} else if (key && !strcmp(key, "none") && !value) {
		nic->plug = NETVSP_PLUG_NONE;
	} else if (key && !strcmp(key, "flood") && !value) {
		nic->plug = NETVSP_PLUG_FLOOD;
	} else if (key && !strcmp(key, "switch")) {
		nic->plug = NETVSP_PLUG_SWITCH;
		why = switch_path_error(value);
	} else if (key && !strcmp(key, "tap")) {
		nic->plug = NETVSP_PLUG_TAP;
		why = tap_name_error(value);
	} else {
		snprintf(err, HV_ERR_MAX,
			 "--nic: \"%s%s%s\" is none of user, switch=SOCKET, tap=DEVICE, flood, none",
			 key ? key : "", value ? "=" : "", value ? value : "");
		return -1;
	}
	if (why) {
		snprintf(err, HV_ERR_MAX, "--nic: %s=%s: %s", key, value ? value : "", why);
		return -1;
	}
	return 0;
}

static int netvsp_parse_nic(void *config, const char *arg, char err[HV_ERR_MAX])
{
	struct netvsp_config *c = config;
	struct netvsp_nic *nic = &c->nics[c->nr_nics];
	char *rest, *key, *value;

	if (c->nr_nics == NETVSP_NICS) {
		snprintf(err, HV_ERR_MAX, "--nic: at most %u", NETVSP_NICS);
		return -1;
	}
	nic->text = rest = xstrdup(arg);
	nic->params.index = c->nr_nics;
	nic->params.mtu = 1500;
	nic->params.link_speed_100bps = 100000000; /* 10 Gbit/s */
	memcpy(nic->params.mac, (const uint8_t[]){ 0x00, 0x15, 0x5d, 0x00, 0x00, 0x10 }, 6);
	nic->params.mac[5] = (uint8_t)(nic->params.mac[5] + c->nr_nics);
	key = suboption_next(&rest, &value);
	if (netvsp_parse_plug(nic, key, value, err))
		return -1;
	while ((key = suboption_next(&rest, &value)))
		if (netvsp_suboption(nic, key, value, err))
			return -1;
	c->nr_nics++;
	return 0;
}

static const struct netvsp_version_name {
	const char *text;
	uint32_t version;
} netvsp_version_names[] = {
	{ "1", NVSP_VERSION_1 }, { "2", NVSP_VERSION_2 }, { "4", NVSP_VERSION_4 },
	{ "5", NVSP_VERSION_5 }, { "6", NVSP_VERSION_6 }, { "6.1", NVSP_VERSION_6_1 },
};

static int netvsp_parse_version(void *config, const char *arg, char err[HV_ERR_MAX])
{
	struct netvsp_config *c = config;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(netvsp_version_names); i++) {
		if (strcmp(arg, netvsp_version_names[i].text))
			continue;
		c->max_version = netvsp_version_names[i].version;
		return 0;
	}
	snprintf(err, HV_ERR_MAX, "--nvsp-version: \"%s\" is none of 1, 2, 4, 5, 6, 6.1", arg);
	return -1;
}

/* Return: the name of a version, NULL before one is agreed on. */
static const char *netvsp_version_name(uint32_t version)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(netvsp_version_names); i++)
		if (netvsp_version_names[i].version == version)
			return netvsp_version_names[i].text;
	return NULL;
}

static int netvsp_parse_vpci_version(void *config, const char *arg, char err[HV_ERR_MAX])
{
	struct netvsp_config *c = config;

	if (strlen(arg) != 3 || strncmp(arg, "1.", 2) || arg[2] < '1' || arg[2] > '4') {
		snprintf(err, HV_ERR_MAX, "--vpci-version: \"%s\" is none of 1.1, 1.2, 1.3, 1.4", arg);
		return -1;
	}
	c->vpci_version = VPCI_VERSION_1_1 + (uint32_t)(arg[2] - '1');
	return 0;
}

static const struct device_option netvsp_options[] = {
	{ "nic",
	  "user|switch=SOCKET|tap=DEVICE|flood|none[,mac=MAC][,mtu=BYTES][,queues=N][,grant=N]"
	  "[,speed=MBIT][,vf=SERIAL][,norsc][,serve=FILE][,store=FILE][,pcap=FILE][,restrict][,early]",
	  "a NIC, nic0 and up; \"user\" has DHCP and NAT (guest 10.0.2.15, gateway 10.0.2.2), "
	  "\"switch\" joins all NICs that name the same Unix socket, of any number of hvhosts, "
	  "\"tap\" is a TAP device that exists, \"flood\" a generator for measurements, \"none\" no network;\n"
	  "mtu: the greatest, up to 65521; queues: channels for receive-side scaling (1); grant: "
	  "give the guest at most N sub-channels whatever it asks for; speed: told to the guest "
	  "(10000); vf: a virtual function with that serial number is beside it from the start, an "
	  "82599's on a virtual PCI bus; norsc: segments to the guest are not coalesced;\n"
	  "pcap: write all frames to FILE, which Wireshark reads (pcapng);\n"
	  "with user, serve and store: http://10.0.2.100/ delivers FILE on GET, writes FILE on PUT; restrict: "
	  "no way outside; early: the ring is not empty when the guest hears that it is open\n"
	  "example: --nic user,serve=test.bin",
	  netvsp_parse_nic },
	{ "nvsp-version", "VERSION",
	  "newest network protocol accepted: 1, 2, 4, 5, 6 or 6.1 (default)\nexample: "
	  "--nvsp-version 5",
	  netvsp_parse_version },
	{ "vpci-version", "VERSION",
	  "newest virtual PCI protocol accepted: 1.1, 1.2, 1.3 or 1.4 (default)\nexample: "
	  "--vpci-version 1.2",
	  netvsp_parse_vpci_version },
	{ NULL, NULL, NULL, NULL },
};

static struct nic_function *netvsp_function(struct netvsp_config *c, struct netvsp_nic *nic)
{
	if (!nic->function)
		nic->function = nic_function_new(
			c->server, &(struct nic_function_params){
					   .netvsp = nic->netvsp,
					   .index = nic->params.index,
					   .mac = nic->params.mac,
					   .mtu = nic->params.mtu,
					   .vpci_version = c->vpci_version ? c->vpci_version
									   : VPCI_VERSION_1_4 });
	return nic->function;
}

static unsigned int netvsp_flood_outstanding(const void *opaque)
{
	return netvsp_outstanding(opaque);
}

static struct net_backend *netvsp_start_flood(struct netvsp_nic *nic, struct loop *loop,
					      net_receive receive, void *opaque)
{
	struct flood_params params = {
		.loop = loop,
		.receive = receive,
		.opaque = opaque,
		.outstanding = netvsp_flood_outstanding,
		.outstanding_opaque = nic->netvsp,
	};

	memcpy(params.mac, nic->params.mac, sizeof(params.mac));
	return flood_backend_new(&params);
}

static int netvsp_start_nic(struct netvsp_nic *nic, struct vmbus_server *server,
			    char err[HV_ERR_MAX])
{
	struct loop *loop = vmbus_server_loop(server);
	net_receive receive = netvsp_receive;
	void *opaque;
	char why[HV_ERR_MAX - 16];

	snprintf(nic->name, sizeof(nic->name), "nic%u", nic->params.index);
	nic->params.name = nic->name;
	nic->netvsp = netvsp_new(server, &nic->params);
	if (!nic->netvsp) {
		snprintf(err, HV_ERR_MAX, "%s: cannot be offered", nic->name);
		return -1;
	}
	opaque = nic->netvsp;
	if (nic->pcap) {
		nic->tap = pcap_backend_new(nic->pcap, nic->name, netvsp_receive, nic->netvsp, why, sizeof(why));
		if (!nic->tap) {
			snprintf(err, HV_ERR_MAX, "%s: %s", nic->name, why);
			return -1;
		}
		netvsp_plug(nic->netvsp, nic->tap);
		receive = pcap_backend_receive;
		opaque = nic->tap;
	}
	switch (nic->plug) {
	case NETVSP_PLUG_NONE:
		return 0;
	case NETVSP_PLUG_USER:
		nic->slirp.mtu = nic->params.mtu;
		nic->backend = slirp_backend_new(loop, &nic->slirp, receive, opaque,
						 why, sizeof(why));
		break;
	case NETVSP_PLUG_SWITCH:
		nic->backend = switch_backend_new(loop, nic->plug_value, receive,
						  opaque, why, sizeof(why));
		break;
	case NETVSP_PLUG_TAP:
		nic->backend = tap_backend_new(loop, nic->plug_value, receive, opaque,
					       why, sizeof(why));
		break;
	case NETVSP_PLUG_FLOOD:
		nic->backend = netvsp_start_flood(nic, loop, receive, opaque);
		break;
	}
	if (!nic->backend) {
		snprintf(err, HV_ERR_MAX, "%s: %s", nic->name, why);
		return -1;
	}
	if (nic->tap)
		pcap_backend_plug(nic->tap, nic->backend);
	else
		netvsp_plug(nic->netvsp, nic->backend);
	return 0;
}

static int netvsp_start(void *config, struct vmbus_server *server, char err[HV_ERR_MAX])
{
	struct netvsp_config *c = config;
	unsigned int i;

	c->server = server;
	for (i = 0; i < c->nr_nics; i++) {
		struct netvsp_nic *nic = &c->nics[i];

		nic->params.max_version = c->max_version ? c->max_version : NVSP_VERSION_6_1;
		if (netvsp_start_nic(nic, server, err))
			return -1;
		if (nic->has_function &&
		    nic_function_plug(netvsp_function(c, nic), nic->function_serial)) {
			snprintf(err, HV_ERR_MAX, "%s: its virtual function cannot be offered",
				 nic->name);
			return -1;
		}
	}
	return 0;
}

static struct netvsp_nic *netvsp_find(struct netvsp_config *c, const cJSON *request)
{
	const char *device;
	unsigned int i;

	device = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(request, "device"));
	for (i = 0; device && i < c->nr_nics; i++)
		if (!strcmp(device, c->nics[i].name))
			return &c->nics[i];
	return NULL;
}

static int netvsp_control_link(struct netvsp_nic *nic, const cJSON *request, char err[HV_ERR_MAX])
{
	const cJSON *up = cJSON_GetObjectItemCaseSensitive(request, "up");
	const cJSON *speed = cJSON_GetObjectItemCaseSensitive(request, "speed");
	const cJSON *change = cJSON_GetObjectItemCaseSensitive(request, "change");

	if (!nic || !(up || speed || change) || (up && !cJSON_IsBool(up)) ||
	    (change && !cJSON_IsTrue(change)) ||
	    (speed && (!cJSON_IsNumber(speed) || speed->valuedouble < 1 ||
		       speed->valuedouble > NETVSP_SPEED_MAX))) {
		snprintf(err, HV_ERR_MAX,
			 "link needs the \"device\" of a NIC and \"up\": true or false, "
			 "\"speed\": 1 to %u Mbit/s, or \"change\": true",
			 NETVSP_SPEED_MAX);
		return -1;
	}
	if (change && netvsp_change_network(nic->netvsp)) {
		snprintf(err, HV_ERR_MAX, "%s: the guest does not use it", nic->name);
		return -1;
	}
	if (speed)
		netvsp_set_speed(nic->netvsp, (uint32_t)speed->valuedouble * 10000);
	if (up) {
		netvsp_set_link(nic->netvsp, cJSON_IsTrue(up));
		if (nic->function)
			nic_function_set_link(nic->function, cJSON_IsTrue(up));
	}
	return 1;
}

/* "0,1,2": channel numbers; a short list is repeated. Return: 0, -1 if it is no such list. */
static int netvsp_parse_table(const char *text, uint32_t table[NETVSP_SEND_TABLE])
{
	char *copy, *rest, *end;
	unsigned int nr = 0, i;
	unsigned long entry;

	if (!text || !*text)
		return -1;
	rest = copy = xstrdup(text);
	while (rest) {
		char *item = strsep(&rest, ",");

		entry = strtoul(item, &end, 10);
		if (item == end || *end || entry >= NETVSP_QUEUES_MAX || nr == NETVSP_SEND_TABLE) {
			free(copy);
			return -1;
		}
		table[nr++] = (uint32_t)entry;
	}
	free(copy);
	for (i = nr; i < NETVSP_SEND_TABLE; i++)
		table[i] = table[i % nr];
	return 0;
}

static int netvsp_control_table(struct netvsp_nic *nic, const cJSON *request, char err[HV_ERR_MAX])
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(request, "table");
	uint32_t table[NETVSP_SEND_TABLE];
	char number[16] = "";
	const char *text = number;

	/* A single channel arrives as a number. */
	if (cJSON_IsNumber(item) && item->valuedouble >= 0 && item->valuedouble < NETVSP_QUEUES_MAX)
		snprintf(number, sizeof(number), "%u", (unsigned int)item->valuedouble);
	else
		text = cJSON_GetStringValue(item);
	if (!nic || netvsp_parse_table(text, table)) {
		snprintf(err, HV_ERR_MAX,
			 "send-table needs the \"device\" of a NIC and \"table\": 1 to %u channel "
			 "numbers with commas between",
			 NETVSP_SEND_TABLE);
		return -1;
	}
	if (netvsp_set_send_table(nic->netvsp, table)) {
		snprintf(err, HV_ERR_MAX, "%s: the guest has not opened all sub-channels",
			 nic->name);
		return -1;
	}
	return 1;
}

/* Return: NULL, or why the function that is plugged in does not go. */
static const char *netvsp_unplug(struct netvsp_nic *nic, bool surprise)
{
	if (surprise)
		nic_function_remove(nic->function);
	else if (nic_function_eject(nic->function))
		return "the guest was asked for its virtual function already";
	return NULL;
}

static int netvsp_control_vf(struct netvsp_config *c, struct netvsp_nic *nic, const cJSON *request,
			     char err[HV_ERR_MAX])
{
	const cJSON *present = cJSON_GetObjectItemCaseSensitive(request, "present");
	const cJSON *serial = cJSON_GetObjectItemCaseSensitive(request, "serial");
	const cJSON *function = cJSON_GetObjectItemCaseSensitive(request, "function");
	const cJSON *surprise = cJSON_GetObjectItemCaseSensitive(request, "surprise");
	const char *why = NULL;
	bool plugged = nic && nic->function && nic_function_is_plugged(nic->function);

	if (!nic || !cJSON_IsBool(present) || (function && !cJSON_IsBool(function)) ||
	    (surprise && !cJSON_IsBool(surprise)) ||
	    (cJSON_IsTrue(present) && (!cJSON_IsNumber(serial) || serial->valuedouble < 0 ||
				       serial->valuedouble > UINT32_MAX))) {
		snprintf(err, HV_ERR_MAX,
			 "vf needs the \"device\" of a NIC, \"present\": true or false, and with "
			 "true a \"serial\" number; \"function\" and \"surprise\" are true or false");
		return -1;
	}
	if (cJSON_IsTrue(present) && plugged)
		why = "a virtual function is plugged in";
	else if (cJSON_IsTrue(present) && cJSON_IsTrue(function))
		why = nic_function_plug(netvsp_function(c, nic), (uint32_t)serial->valuedouble) ?
			      "the virtual function cannot be offered" : NULL;
	else if (!cJSON_IsTrue(present) && plugged)
		why = netvsp_unplug(nic, cJSON_IsTrue(surprise));
	else
		netvsp_set_vf(nic->netvsp, cJSON_IsTrue(present),
			      cJSON_IsTrue(present) ? (uint32_t)serial->valuedouble : 0);
	if (!why)
		return 1;
	snprintf(err, HV_ERR_MAX, "%s: %s", nic->name, why);
	return -1;
}

static int netvsp_control_path(struct netvsp_nic *nic, char err[HV_ERR_MAX])
{
	if (!nic) {
		snprintf(err, HV_ERR_MAX, "synthetic-path needs the \"device\" of a NIC");
		return -1;
	}
	if (netvsp_revert_data_path(nic->netvsp)) {
		snprintf(err, HV_ERR_MAX, "%s: the guest does not use a virtual function",
			 nic->name);
		return -1;
	}
	return 1;
}

/* Return: whether @item is absent, and then @value stays, or a whole number of @min to @max, which it becomes. */
static bool netvsp_number(const cJSON *item, uint64_t min, uint64_t max, uint64_t *value)
{
	if (!item)
		return true;
	if (!cJSON_IsNumber(item) || !(item->valuedouble >= (double)min && item->valuedouble <= (double)max) ||
	    item->valuedouble != (double)(uint64_t)item->valuedouble)
		return false;
	*value = (uint64_t)item->valuedouble;
	return true;
}

static int netvsp_control_flood(struct netvsp_nic *nic, const cJSON *request, char err[HV_ERR_MAX])
{
	const cJSON *count = cJSON_GetObjectItemCaseSensitive(request, "frames");
	const cJSON *length = cJSON_GetObjectItemCaseSensitive(request, "bytes");
	const cJSON *together = cJSON_GetObjectItemCaseSensitive(request, "burst");
	uint64_t frames = 0, bytes = FLOOD_BYTES_MIN, burst = 64;

	if (!nic || nic->plug != NETVSP_PLUG_FLOOD || !count ||
	    !netvsp_number(count, 0, UINT32_MAX, &frames) ||
	    !netvsp_number(length, FLOOD_BYTES_MIN, FLOOD_BYTES_MAX, &bytes) ||
	    !netvsp_number(together, 1, FLOOD_BURST_MAX, &burst)) {
		snprintf(err, HV_ERR_MAX,
			 "flood needs the \"device\" of a NIC of kind flood and \"frames\", a number, 0 to "
			 "stop; \"bytes\" is %u to %u, \"burst\" 1 to %u",
			 FLOOD_BYTES_MIN, FLOOD_BYTES_MAX, FLOOD_BURST_MAX);
		return -1;
	}
	if (!frames) {
		flood_backend_stop(nic->backend);
		return 1;
	}
	if (flood_backend_start(nic->backend, frames, (uint32_t)bytes, (uint32_t)burst)) {
		snprintf(err, HV_ERR_MAX, "%s: it sends already", nic->name);
		return -1;
	}
	return 1;
}

static int netvsp_control_refuse(struct netvsp_nic *nic, const cJSON *request, char err[HV_ERR_MAX])
{
	const cJSON *count = cJSON_GetObjectItemCaseSensitive(request, "packets");
	const cJSON *word = cJSON_GetObjectItemCaseSensitive(request, "status");
	uint64_t packets = 0, status = NVSP_STATUS_FAILURE;

	if (!nic || !count || !netvsp_number(count, 0, UINT32_MAX, &packets) ||
	    !netvsp_number(word, 0, UINT32_MAX, &status) || status == NVSP_STATUS_SUCCESS) {
		snprintf(err, HV_ERR_MAX,
			 "refuse needs the \"device\" of a NIC and \"packets\", a number, 0 to stop; \"status\" is "
			 "an NVSP status other than %u, success",
			 NVSP_STATUS_SUCCESS);
		return -1;
	}
	netvsp_refuse(nic->netvsp, packets, (uint32_t)status);
	return 1;
}

/* A bus comes and goes with what is on it. */
static bool netvsp_is_bus(struct netvsp_config *c, const cJSON *request)
{
	const char *device = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(request, "device"));

	for (unsigned int i = 0; device && i < c->nr_nics; i++) {
		if (c->nics[i].function && nic_function_has_bus(c->nics[i].function, device))
			return true;
	}
	return false;
}

static int netvsp_control(void *config, const char *cmd, const cJSON *request, cJSON *reply,
			  char err[HV_ERR_MAX])
{
	struct netvsp_nic *nic = netvsp_find(config, request);

	(void)reply;
	if ((!strcmp(cmd, "rescind") || !strcmp(cmd, "offer")) && netvsp_is_bus(config, request)) {
		snprintf(err, HV_ERR_MAX, "a virtual function comes and goes with \"vf\"");
		return -1;
	}
	/* With "orderly" the medium goes first; without it, or if nobody uses the NIC, the core acts. */
	if (!strcmp(cmd, "rescind")) {
		if (!nic || !cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(request, "orderly")))
			return 0;
		return netvsp_retire(nic->netvsp) ? 0 : 1;
	}
	if (!strcmp(cmd, "link"))
		return netvsp_control_link(nic, request, err);
	if (!strcmp(cmd, "send-table"))
		return netvsp_control_table(nic, request, err);
	if (!strcmp(cmd, "vf"))
		return netvsp_control_vf(config, nic, request, err);
	if (!strcmp(cmd, "synthetic-path"))
		return netvsp_control_path(nic, err);
	if (!strcmp(cmd, "flood"))
		return netvsp_control_flood(nic, request, err);
	if (!strcmp(cmd, "refuse"))
		return netvsp_control_refuse(nic, request, err);
	return 0;
}

static void netvsp_query_queues(const struct netvsp *netvsp, unsigned int nr, cJSON *reply)
{
	cJSON *queues = cJSON_AddArrayToObject(reply, "queues");
	struct netvsp_queue_info info;
	unsigned int i;
	cJSON *queue;

	for (i = 0; i < nr; i++) {
		netvsp_queue_info(netvsp, i, &info);
		queue = cJSON_CreateObject();
		cJSON_AddBoolToObject(queue, "open", info.open);
		cJSON_AddNumberToObject(queue, "rx_frames", (double)info.rx_frames);
		cJSON_AddNumberToObject(queue, "tx_messages", (double)info.tx_messages);
		cJSON_AddItemToArray(queues, queue);
	}
}

static void netvsp_query_nic(const struct netvsp_nic *nic, cJSON *state)
{
	const char *version = netvsp_version_name(netvsp_version(nic->netvsp));
	struct netvsp_info info;
	cJSON *backend;

	cJSON_AddStringToObject(state, "state", netvsp_state_name(nic->netvsp));
	if (version)
		cJSON_AddStringToObject(state, "version", version);
	else
		cJSON_AddNullToObject(state, "version");
	cJSON_AddBoolToObject(state, "link", netvsp_link_is_up(nic->netvsp));
	cJSON_AddNumberToObject(state, "filter", netvsp_filter(nic->netvsp));
	netvsp_info(nic->netvsp, &info);
	cJSON_AddNumberToObject(state, "mtu", info.mtu);
	cJSON_AddNumberToObject(state, "speed", info.link_speed_100bps / 10000);
	cJSON_AddNumberToObject(state, "subchannels", info.granted);
	cJSON_AddBoolToObject(state, "rss", info.rss);
	cJSON_AddBoolToObject(state, "coalescing", info.coalescing);
	cJSON_AddBoolToObject(state, "sriov", info.sriov);
	cJSON_AddBoolToObject(state, "vf", info.vf);
	cJSON_AddNumberToObject(state, "vf_serial", info.vf_serial);
	cJSON_AddStringToObject(state, "path", info.vf_path ? "vf" : "synthetic");
	if (nic->function)
		nic_function_describe(nic->function, cJSON_AddObjectToObject(state, "function"));
	netvsp_query_queues(nic->netvsp, info.queues, state);
	backend = cJSON_AddObjectToObject(state, "backend");
	cJSON_AddStringToObject(backend, "kind", nic->backend ? nic->backend->ops->kind : "none");
	if (nic->backend && nic->backend->ops->describe)
		nic->backend->ops->describe(nic->backend, backend);
}

static void netvsp_query(void *config, cJSON *reply)
{
	struct netvsp_config *c = config;
	unsigned int i;

	for (i = 0; i < c->nr_nics; i++)
		netvsp_query_nic(&c->nics[i], cJSON_AddObjectToObject(reply, c->nics[i].name));
}

static void netvsp_stop(void *config)
{
	struct netvsp_config *c = config;
	unsigned int i;

	for (i = 0; i < NETVSP_NICS; i++) {
		struct netvsp_nic *nic = &c->nics[i];

		nic_function_free(nic->function);
		if (nic->netvsp)
			netvsp_plug(nic->netvsp, NULL);
		if (nic->backend)
			nic->backend->ops->free(nic->backend);
		if (nic->tap)
			nic->tap->ops->free(nic->tap);
		netvsp_free(nic->netvsp);
		free(nic->text);
	}
}

const struct device_type netvsp_type = {
	.name = "netvsp",
	.config_size = sizeof(struct netvsp_config),
	.options = netvsp_options,
	.start = netvsp_start,
	.commands = "link device=nic0 up=false disconnect or connect the medium\n"
		    "link device=nic0 speed=MBIT\n"
		    "                          let the medium have another speed\n"
		    "link device=nic0 change=true\n"
		    "                          tell the guest that it is on another network\n"
		    "send-table device=nic0 table=0,1,2\n"
		    "                          channels the guest's flows are to go out on\n"
		    "vf device=nic0 present=true serial=N\n"
		    "                          tell the guest of a virtual function, or that it is gone\n"
		    "vf device=nic0 present=true serial=N function=true\n"
		    "                          plug one in as well, an 82599's on virtual PCI\n"
		    "vf device=nic0 present=false surprise=true\n"
		    "                          take it away; without surprise the guest is asked first\n"
		    "synthetic-path device=nic0\n"
		    "                          take the data path back from the virtual function\n"
		    "flood device=nic0 frames=N bytes=N burst=N\n"
		    "                          have a generator send frames; query shows how long it took\n"
		    "refuse device=nic0 packets=N status=S\n"
		    "                          complete the guest's next N packets with NVSP status S\n"
		    "rescind device=nic0 orderly=true\n"
		    "                          disconnect the medium, wait for silence, take the NIC away",
	.control = netvsp_control,
	.query = netvsp_query,
	.stop = netvsp_stop,
};
