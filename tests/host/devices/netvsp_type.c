// SPDX-License-Identifier: GPL-2.0
/*
 * The network provider's options and control commands: which NICs a machine has, what they are
 * plugged into, and connecting or disconnecting the medium. Knows no packet.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cjson/cJSON.h>
#include <hyperv/nvsp.h>

#include "../hyperv/util.h"
#include "net_backend.h"
#include "netvsp.h"
#include "slirp_backend.h"
#include "suboption.h"
#include "types.h"

#define NETVSP_NICS    8
#define NETVSP_MTU_MAX 9202u /* what fits the longest MTU a guest may announce */

struct netvsp_nic {
	char *text; /* the option's argument, cut up; the strings below point into it */
	char name[8];
	bool user; /* plugged into a user-mode network; else into nothing */
	struct slirp_options slirp;
	struct netvsp_params params;
	struct netvsp *netvsp;
	struct net_backend *backend;
};

struct netvsp_config {
	struct netvsp_nic nics[NETVSP_NICS];
	unsigned int nr_nics;
	uint32_t max_version;
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

	if (!strcmp(key, "restrict") && !value) {
		nic->slirp.restricted = true;
	} else if (!strcmp(key, "early") && !value) {
		nic->params.early = true;
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
	} else {
		snprintf(err, HV_ERR_MAX,
			 "--nic: \"%s%s%s\" is none of mac=xx:xx:xx:xx:xx:xx, mtu=68..%u, "
			 "serve=FILE, store=FILE, restrict, early",
			 key, value ? "=" : "", value ? value : "", NETVSP_MTU_MAX);
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
	nic->user = key && !strcmp(key, "user") && !value;
	if (!nic->user && (!key || strcmp(key, "none") || value)) {
		snprintf(err, HV_ERR_MAX, "--nic: \"%s\" is none of user, none", arg);
		return -1;
	}
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

static const struct device_option netvsp_options[] = {
	{ "nic", "user|none[,mac=MAC][,mtu=BYTES][,serve=FILE][,store=FILE][,restrict][,early]",
	  "a NIC, nic0 and up; \"user\" has DHCP and NAT (guest 10.0.2.15, gateway 10.0.2.2), "
	  "\"none\" no network;\n"
	  "serve and store: http://10.0.2.100/ delivers FILE on GET, writes FILE on PUT; restrict: "
	  "no way outside; early: the ring is not empty when the guest hears that it is open\n"
	  "example: --nic user,serve=test.bin",
	  netvsp_parse_nic },
	{ "nvsp-version", "VERSION",
	  "newest network protocol accepted: 1, 2, 4, 5, 6 or 6.1 (default)\nexample: "
	  "--nvsp-version 5",
	  netvsp_parse_version },
	{ NULL, NULL, NULL, NULL },
};

static int netvsp_start_nic(struct netvsp_nic *nic, struct vmbus_server *server,
			    char err[HV_ERR_MAX])
{
	char why[HV_ERR_MAX - 16];

	snprintf(nic->name, sizeof(nic->name), "nic%u", nic->params.index);
	nic->params.name = nic->name;
	nic->netvsp = netvsp_new(server, &nic->params);
	if (!nic->netvsp) {
		snprintf(err, HV_ERR_MAX, "%s: cannot be offered", nic->name);
		return -1;
	}
	if (!nic->user)
		return 0;
	nic->slirp.mtu = nic->params.mtu;
	nic->backend = slirp_backend_new(vmbus_server_loop(server), &nic->slirp, netvsp_receive,
					 nic->netvsp, why, sizeof(why));
	if (!nic->backend) {
		snprintf(err, HV_ERR_MAX, "%s: %s", nic->name, why);
		return -1;
	}
	netvsp_plug(nic->netvsp, nic->backend);
	return 0;
}

static int netvsp_start(void *config, struct vmbus_server *server, char err[HV_ERR_MAX])
{
	struct netvsp_config *c = config;
	unsigned int i;

	for (i = 0; i < c->nr_nics; i++) {
		c->nics[i].params.max_version = c->max_version ? c->max_version : NVSP_VERSION_6_1;
		if (netvsp_start_nic(&c->nics[i], server, err))
			return -1;
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

static int netvsp_control(void *config, const char *cmd, const cJSON *request, cJSON *reply,
			  char err[HV_ERR_MAX])
{
	const cJSON *up = cJSON_GetObjectItemCaseSensitive(request, "up");
	struct netvsp_nic *nic = netvsp_find(config, request);

	(void)reply;
	/* With "orderly" the medium goes first; without it, or if nobody uses the NIC, the core acts. */
	if (!strcmp(cmd, "rescind")) {
		if (!nic || !cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(request, "orderly")))
			return 0;
		return netvsp_retire(nic->netvsp) ? 0 : 1;
	}
	if (strcmp(cmd, "link"))
		return 0;
	if (!nic || !cJSON_IsBool(up)) {
		snprintf(err, HV_ERR_MAX,
			 "link needs the \"device\" of a NIC and \"up\": true or false");
		return -1;
	}
	netvsp_set_link(nic->netvsp, cJSON_IsTrue(up));
	return 1;
}

static void netvsp_query(void *config, cJSON *reply)
{
	struct netvsp_config *c = config;
	unsigned int i;
	cJSON *state;

	for (i = 0; i < c->nr_nics; i++) {
		const struct netvsp_nic *nic = &c->nics[i];
		const char *version = netvsp_version_name(netvsp_version(nic->netvsp));

		state = cJSON_AddObjectToObject(reply, nic->name);
		cJSON_AddStringToObject(state, "state", netvsp_state_name(nic->netvsp));
		if (version)
			cJSON_AddStringToObject(state, "version", version);
		else
			cJSON_AddNullToObject(state, "version");
		cJSON_AddBoolToObject(state, "link", netvsp_link_is_up(nic->netvsp));
		cJSON_AddNumberToObject(state, "filter", netvsp_filter(nic->netvsp));
	}
}

static void netvsp_stop(void *config)
{
	struct netvsp_config *c = config;
	unsigned int i;

	for (i = 0; i < NETVSP_NICS; i++) {
		struct netvsp_nic *nic = &c->nics[i];

		if (nic->backend) {
			netvsp_plug(nic->netvsp, NULL);
			nic->backend->ops->free(nic->backend);
		}
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
		    "rescind device=nic0 orderly=true\n"
		    "                          disconnect the medium, wait for silence, take the NIC away",
	.control = netvsp_control,
	.query = netvsp_query,
	.stop = netvsp_stop,
};
