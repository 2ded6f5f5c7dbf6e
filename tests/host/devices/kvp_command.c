// SPDX-License-Identifier: GPL-2.0
/*
 * Reads the fields of kvp-get, kvp-set, kvp-delete, kvp-enumerate, ip-get and ip-set, and shows pairs
 * and IP configurations as JSON.
 */
#include "kvp_command.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "../hyperv/util.h"

static const struct {
	const char *name, *registry;
	uint32_t type;
} kvp_types[] = {
	{ "sz", "REG_SZ", KVP_TYPE_SZ },
	{ "expand-sz", "REG_EXPAND_SZ", KVP_TYPE_EXPAND_SZ },
	{ "u32", "REG_DWORD", KVP_TYPE_DWORD },
	{ "u64", "REG_QWORD", KVP_TYPE_QWORD },
	{ "8", "REG_QWORD", KVP_TYPE_QWORD_LINUX },
};

static int kvp_parse_pool(const cJSON *request, struct kvp_command *command, char err[HV_ERR_MAX])
{
	uint32_t pool = UINT32_MAX;

	if (ic_arg_u32(request, command->name, "pool", KVP_POOLS - 1, &pool, err))
		return -1;
	if (pool == UINT32_MAX) {
		snprintf(err, HV_ERR_MAX, "%s: \"pool\" is missing", command->name);
		return -1;
	}
	command->pool = (uint8_t)pool;
	return 0;
}

static int kvp_parse_key(const cJSON *request, const struct kvp_command *command, char *key,
			 size_t room, char err[HV_ERR_MAX])
{
	const char *text = NULL;

	if (ic_arg_text(request, command->name, "key", &text, err))
		return -1;
	if (!text || strlen(text) >= room) {
		snprintf(err, HV_ERR_MAX, "%s: \"key\" is missing or longer than 255 UTF-16 units",
			 command->name);
		return -1;
	}
	strcpy(key, text);
	return 0;
}

static int kvp_parse_type(const cJSON *request, const char *name, uint32_t *type,
			  char err[HV_ERR_MAX])
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(request, "type");
	const char *text = cJSON_GetStringValue(item);
	size_t i;

	*type = KVP_TYPE_SZ;
	if (!item)
		return 0;
	/* Any number: what a guest makes of types there are none of. */
	if (cJSON_IsNumber(item))
		return ic_arg_u32(request, name, "type", UINT32_MAX, type, err);
	for (i = 0; text && i < ARRAY_SIZE(kvp_types); i++) {
		if (strcasecmp(text, kvp_types[i].name) && strcasecmp(text, kvp_types[i].registry))
			continue;
		*type = kvp_types[i].type;
		return 0;
	}
	snprintf(err, HV_ERR_MAX,
		 "%s: \"type\" is sz, expand-sz, u32, u64 or the number of a registry type", name);
	return -1;
}

static int kvp_parse_value(const cJSON *request, const char *name, struct kvp_item *item,
			   char err[HV_ERR_MAX])
{
	const cJSON *value = cJSON_GetObjectItemCaseSensitive(request, "value");
	const char *text = cJSON_GetStringValue(value);
	double number = cJSON_IsNumber(value) ? value->valuedouble : -1;
	char *end;

	/* JSON numbers are exact up to 2^53; longer ones come as text. */
	if (kvp_type_is_number(item->type)) {
		errno = 0;
		if (text && isdigit((unsigned char)*text)) {
			item->number = strtoull(text, &end, 0);
			if (!*end && !errno)
				return 0;
		} else if (number >= 0 && number <= 9007199254740992.0 &&
			   number == (double)(uint64_t)number) {
			item->number = (uint64_t)number;
			return 0;
		}
		snprintf(err, HV_ERR_MAX, "%s: \"value\" is not a whole number of the type", name);
		return -1;
	}
	if (text && strlen(text) < sizeof(item->text)) {
		strcpy(item->text, text);
		return 0;
	}
	if (number >= 0 && number <= 9007199254740992.0 && number == (double)(uint64_t)number) {
		snprintf(item->text, sizeof(item->text), "%llu", (unsigned long long)number);
		return 0;
	}
	snprintf(err, HV_ERR_MAX,
		 "%s: \"value\" is missing, no text, or longer than 1023 UTF-16 units", name);
	return -1;
}

static int kvp_parse_set(const cJSON *request, struct kvp_command *command, char err[HV_ERR_MAX])
{
	struct kvp_exchange body;
	struct kvp_item item = { 0 };
	const char *why;

	if (kvp_parse_pool(request, command, err) ||
	    kvp_parse_key(request, command, item.key, sizeof(item.key), err) ||
	    kvp_parse_type(request, command->name, &item.type, err) ||
	    kvp_parse_value(request, command->name, &item, err))
		return -1;
	if (kvp_set_build(&body, command->pool, &item, &why)) {
		snprintf(err, HV_ERR_MAX, "%s: %s", command->name, why);
		return -1;
	}
	memcpy(command->body, &body, sizeof(body));
	command->bytes = sizeof(body);
	return 1;
}

static int kvp_parse_delete(const cJSON *request, struct kvp_command *command, char err[HV_ERR_MAX])
{
	char key[sizeof(command->key)];
	struct kvp_delete body;
	const char *why;

	if (kvp_parse_pool(request, command, err) ||
	    kvp_parse_key(request, command, key, sizeof(key), err))
		return -1;
	if (kvp_delete_build(&body, command->pool, key, &why)) {
		snprintf(err, HV_ERR_MAX, "%s: %s", command->name, why);
		return -1;
	}
	memcpy(command->body, &body, sizeof(body));
	command->bytes = sizeof(body);
	return 1;
}

static int kvp_parse_enumerate(const cJSON *request, struct kvp_command *command,
			       char err[HV_ERR_MAX])
{
	struct kvp_enumerate body;

	if (kvp_parse_pool(request, command, err))
		return -1;
	kvp_enumerate_build(&body, command->pool, 0);
	memcpy(command->body, &body, sizeof(body));
	command->bytes = sizeof(body);
	return 1;
}

static int kvp_parse_get(const cJSON *request, struct kvp_command *command, char err[HV_ERR_MAX])
{
	struct kvp_exchange body;
	bool direct = false;
	const char *why;

	if (kvp_parse_key(request, command, command->key, sizeof(command->key), err) ||
	    ic_arg_bool(request, command->name, "direct", &direct, err) ||
	    kvp_parse_enumerate(request, command, err) < 0)
		return -1;
	if (kvp_get_build(&body, command->pool, command->key, &why)) {
		snprintf(err, HV_ERR_MAX, "%s: %s", command->name, why);
		return -1;
	}
	if (!direct) {
		command->operation = KVP_OP_ENUMERATE;
		return 1;
	}
	memcpy(command->body, &body, sizeof(body));
	command->bytes = sizeof(body);
	return 1;
}

static int kvp_build_ip(struct kvp_command *command, struct ic_version version,
			const struct kvp_ip_config *config, char err[HV_ERR_MAX])
{
	const char *why;

	if (kvp_ip_build(command->body, command->operation, version.major >= 5, config, &why)) {
		snprintf(err, HV_ERR_MAX, "%s: %s", command->name, why);
		return -1;
	}
	command->bytes = KVP_IP_BYTES;
	return 1;
}

static int kvp_parse_ip_get(const cJSON *request, struct kvp_command *command,
			    struct ic_version version, char err[HV_ERR_MAX])
{
	struct kvp_ip_config config = { 0 };
	const char *text = NULL;
	unsigned char mac[6];
	int used = 0;

	if (ic_arg_text(request, command->name, "adapter", &text, err))
		return -1;
	if (!text ||
	    sscanf(text, "%2hhx:%2hhx:%2hhx:%2hhx:%2hhx:%2hhx%n", &mac[0], &mac[1], &mac[2],
		   &mac[3], &mac[4], &mac[5], &used) != 6 ||
	    text[used]) {
		snprintf(err, HV_ERR_MAX, "%s: \"adapter\" is a MAC address, 00:15:5D:00:00:01",
			 command->name);
		return -1;
	}
	snprintf(config.adapter, sizeof(config.adapter), "%02X:%02X:%02X:%02X:%02X:%02X", mac[0],
		 mac[1], mac[2], mac[3], mac[4], mac[5]);
	return kvp_build_ip(command, version, &config, err);
}

/* "{guid}" in lower case, with or without its braces in @text. */
static int kvp_parse_adapter(const char *text, char *adapter, size_t room)
{
	static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
	char guid[sizeof(form)];
	size_t i, length = text ? strlen(text) : 0;

	if (length == sizeof(form) + 1 && text[0] == '{' && text[length - 1] == '}')
		text++;
	else if (length != sizeof(form) - 1)
		return -1;
	for (i = 0; i < sizeof(form) - 1; i++) {
		if (form[i] == '-' ? text[i] != '-' : !isxdigit((unsigned char)text[i]))
			return -1;
		guid[i] = (char)tolower((unsigned char)text[i]);
	}
	guid[i] = '\0';
	snprintf(adapter, room, "{%s}", guid);
	return 0;
}

static int kvp_parse_list(const cJSON *request, const char *name, const char *key, unsigned int max,
			  char *list, size_t room, char err[HV_ERR_MAX])
{
	const char *text = "";

	if (ic_arg_text(request, name, key, &text, err))
		return -1;
	if (strlen(text) >= room || !kvp_ip_check_list(text, max)) {
		snprintf(err, HV_ERR_MAX,
			 "%s: \"%s\" is a list of at most %u addresses with ';' between", name, key,
			 max);
		return -1;
	}
	strcpy(list, text);
	return 0;
}

static int kvp_parse_ip_set(const cJSON *request, struct kvp_command *command,
			    struct ic_version version, char err[HV_ERR_MAX])
{
	static const char *const families[] = { "none", "ipv4", "ipv6", "both" };
	const char *adapter = NULL, *addresses = "", *family = "none", *why = "";
	struct kvp_ip_config config = { 0 };
	size_t i = 0;

	if (ic_arg_text(request, command->name, "adapter", &adapter, err) ||
	    ic_arg_text(request, command->name, "addresses", &addresses, err) ||
	    ic_arg_text(request, command->name, "family", &family, err) ||
	    ic_arg_bool(request, command->name, "dhcp", &config.dhcp, err) ||
	    kvp_parse_list(request, command->name, "gateways", KVP_IP_GATEWAYS, config.gateways,
			   sizeof(config.gateways), err) ||
	    kvp_parse_list(request, command->name, "dns", KVP_IP_ADDRESSES, config.dns,
			   sizeof(config.dns), err))
		return -1;
	if (kvp_parse_adapter(adapter, config.adapter, sizeof(config.adapter))) {
		snprintf(err, HV_ERR_MAX,
			 "%s: \"adapter\" is the GUID of a NIC's instance (query "
			 "channels.nic0.instance)",
			 command->name);
		return -1;
	}
	while (i < ARRAY_SIZE(families) && strcmp(families[i], family))
		i++;
	if (i == ARRAY_SIZE(families)) {
		snprintf(err, HV_ERR_MAX, "%s: \"family\" is none, ipv4, ipv6 or both",
			 command->name);
		return -1;
	}
	config.family = (uint8_t)i;
	if (kvp_ip_add_addresses(&config, addresses, &why)) {
		snprintf(err, HV_ERR_MAX, "%s: \"addresses\": %s", command->name, why);
		return -1;
	}
	if (!*addresses && !config.dhcp) {
		snprintf(err, HV_ERR_MAX, "%s: neither \"addresses\" nor \"dhcp\"", command->name);
		return -1;
	}
	return kvp_build_ip(command, version, &config, err);
}

int kvp_command_parse(const char *cmd, const cJSON *request, struct ic_version version,
		      struct kvp_command *command, char err[HV_ERR_MAX])
{
	static const struct {
		const char *name;
		uint8_t operation;
	} names[] = {
		{ "kvp-get", KVP_OP_GET },	 { "kvp-set", KVP_OP_SET },
		{ "kvp-delete", KVP_OP_DELETE }, { "kvp-enumerate", KVP_OP_ENUMERATE },
		{ "ip-get", KVP_OP_GET_IP },	 { "ip-set", KVP_OP_SET_IP },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(cmd, names[i].name))
			break;
	if (i == ARRAY_SIZE(names))
		return 0;
	memset(command, 0, sizeof(*command));
	command->name = names[i].name;
	command->operation = names[i].operation;
	switch (command->operation) {
	case KVP_OP_GET:
		return kvp_parse_get(request, command, err);
	case KVP_OP_SET:
		return kvp_parse_set(request, command, err);
	case KVP_OP_DELETE:
		return kvp_parse_delete(request, command, err);
	case KVP_OP_ENUMERATE:
		return kvp_parse_enumerate(request, command, err);
	case KVP_OP_GET_IP:
		return kvp_parse_ip_get(request, command, version, err);
	default:
		return kvp_parse_ip_set(request, command, version, err);
	}
}

void kvp_item_json(cJSON *object, const struct kvp_item *item)
{
	char text[24];
	size_t i = 0;

	while (i < ARRAY_SIZE(kvp_types) - 1 && kvp_types[i].type != item->type)
		i++;
	cJSON_AddStringToObject(object, "name", item->key);
	cJSON_AddStringToObject(object, "type", kvp_types[i].registry);
	if (item->type == KVP_TYPE_DWORD) {
		cJSON_AddNumberToObject(object, "value", (double)item->number);
	} else if (kvp_type_is_number(item->type)) {
		/* As text: JSON's numbers are not exact that far. */
		snprintf(text, sizeof(text), "%llu", (unsigned long long)item->number);
		cJSON_AddStringToObject(object, "value", text);
	} else {
		cJSON_AddStringToObject(object, "value", item->text);
	}
}

static void kvp_list_json(cJSON *object, const char *name, const char *list)
{
	cJSON *array = cJSON_AddArrayToObject(object, name);
	char *copy = xstrdup(list), *rest = copy, *item;

	while ((item = strsep(&rest, ";")))
		if (*item)
			cJSON_AddItemToArray(array, cJSON_CreateString(item));
	free(copy);
}

void kvp_ip_json(cJSON *object, const struct kvp_ip_config *config)
{
	cJSON_AddStringToObject(object, "adapter", config->adapter);
	cJSON_AddNumberToObject(object, "family", config->family);
	cJSON_AddBoolToObject(object, "dhcp", config->dhcp);
	kvp_list_json(object, "addresses", config->addresses);
	kvp_list_json(object, "subnets", config->subnets);
	kvp_list_json(object, "gateways", config->gateways);
	kvp_list_json(object, "dns", config->dns);
}
