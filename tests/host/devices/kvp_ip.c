// SPDX-License-Identifier: GPL-2.0
/*
 * Builds and checks IP configuration messages. Lists are text inside, as on the wire below version
 * 5.0; the binary form is made of them and read into them.
 */
#include "kvp_ip.h"

#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"

static int kvp_ip_bad(const char **why, int err, const char *text)
{
	*why = text;
	return err;
}

/*
 * Copies the next item of a list to @item. Return: what follows, NULL when there was none left; an
 * item that does not fit is cut, and so is no address.
 */
static const char *kvp_ip_item(const char *list, char *item, size_t room)
{
	size_t length = strcspn(list, ";");

	if (!*list)
		return NULL;
	snprintf(item, room, "%.*s", (int)length, list);
	return list + length + (list[length] == ';');
}

static int kvp_ip_append(char *list, size_t room, const char *item)
{
	size_t used = strlen(list);

	if (used + strlen(item) + 2 > room)
		return -EINVAL;
	snprintf(list + used, room - used, "%s%s", used ? ";" : "", item);
	return 0;
}

/* Return: AF_INET or AF_INET6 with @binary filled, 0 if it is no address. */
static int kvp_ip_address(const char *text, uint8_t binary[16])
{
	if (inet_pton(AF_INET, text, binary) == 1)
		return AF_INET;
	return inet_pton(AF_INET6, text, binary) == 1 ? AF_INET6 : 0;
}

bool kvp_ip_check_list(const char *list, unsigned int max)
{
	char item[64];
	uint8_t binary[16];
	unsigned int n = 0;

	while ((list = kvp_ip_item(list, item, sizeof(item))))
		if (++n > max || !kvp_ip_address(item, binary))
			return false;
	return true;
}

int kvp_ip_add_addresses(struct kvp_ip_config *config, const char *list, const char **why)
{
	bool guess = config->family == KVP_FAMILY_NONE;
	unsigned int n = 0;
	char item[64], subnet[INET_ADDRSTRLEN], *slash, *end;
	uint8_t binary[16];
	unsigned long prefix;
	int family;

	while ((list = kvp_ip_item(list, item, sizeof(item)))) {
		slash = strchr(item, '/');
		if (!slash)
			return kvp_ip_bad(why, -EINVAL, "an address without a prefix length");
		*slash = '\0';
		family = kvp_ip_address(item, binary);
		prefix = strtoul(slash + 1, &end, 10);
		if (!family || !slash[1] || *end || prefix > (family == AF_INET ? 32 : 128))
			return kvp_ip_bad(why, -EINVAL, "not an ADDRESS/PREFIX");
		if (++n > KVP_IP_ADDRESSES)
			return kvp_ip_bad(why, -EINVAL, "more than 64 addresses");
		if (family == AF_INET) {
			put_be32(binary, prefix ? ~0u << (32 - prefix) : 0);
			inet_ntop(AF_INET, binary, subnet, sizeof(subnet));
		} else {
			snprintf(subnet, sizeof(subnet), "%lu", prefix);
		}
		if (kvp_ip_append(config->addresses, sizeof(config->addresses), item) ||
		    kvp_ip_append(config->subnets, sizeof(config->subnets), subnet))
			return kvp_ip_bad(why, -EINVAL, "addresses too long");
		if (guess)
			config->family |= family == AF_INET ? KVP_FAMILY_IPV4 : KVP_FAMILY_IPV6;
	}
	return 0;
}

static int kvp_ip_put(uint8_t *out, size_t room, const char *text, const char **why)
{
	uint32_t bytes;

	if (ic_utf16_put(out, room, text, &bytes))
		return kvp_ip_bad(why, -EINVAL, "a list or the adapter is too long or not UTF-8");
	return 0;
}

static int kvp_ip_build_text(uint8_t *body, uint8_t operation, const struct kvp_ip_config *config,
			     const char **why)
{
	struct kvp_ip ip = { .header.operation = operation };

	if (kvp_ip_put(ip.adapter, sizeof(ip.adapter), config->adapter, why))
		return -EINVAL;
	ip.family = config->family;
	if (operation == KVP_OP_SET_IP) {
		ip.dhcp = config->dhcp;
		if (kvp_ip_put(ip.addresses, sizeof(ip.addresses), config->addresses, why) ||
		    kvp_ip_put(ip.subnets, sizeof(ip.subnets), config->subnets, why) ||
		    kvp_ip_put(ip.gateways, sizeof(ip.gateways), config->gateways, why) ||
		    kvp_ip_put(ip.dns, sizeof(ip.dns), config->dns, why))
			return -EINVAL;
	}
	memcpy(body, &ip, sizeof(ip));
	return 0;
}

/* Sorts a list into its IPv4 and its IPv6 part, and counts both. Return: 0, -EINVAL too many. */
static int kvp_ip_sort(const char *list, uint8_t (*v4)[4], uint32_t *v4_count, uint8_t (*v6)[16],
		       uint32_t *v6_count, uint32_t max)
{
	uint8_t binary[16];
	char item[64];

	while ((list = kvp_ip_item(list, item, sizeof(item)))) {
		switch (kvp_ip_address(item, binary)) {
		case AF_INET:
			if (*v4_count == max)
				return -EINVAL;
			memcpy(v4[(*v4_count)++], binary, 4);
			break;
		case AF_INET6:
			if (*v6_count == max)
				return -EINVAL;
			memcpy(v6[(*v6_count)++], binary, 16);
			break;
		default:
			return -EINVAL;
		}
	}
	return 0;
}

/* Masks and prefix lengths in the order of the addresses of each family. */
static void kvp_ip_sort_subnets(const char *list, struct kvp_ip_binary *ip)
{
	unsigned int masks = 0, prefixes = 0;
	uint8_t binary[16];
	char item[64];

	while ((list = kvp_ip_item(list, item, sizeof(item)))) {
		if (kvp_ip_address(item, binary) == AF_INET) {
			if (masks < KVP_IP_ADDRESSES)
				memcpy(ip->v4_mask[masks++], binary, 4);
		} else if (prefixes < KVP_IP_ADDRESSES) {
			ip->v6_prefix[prefixes++] =
				htole32((uint32_t)strtoul(item + (item[0] == '/'), NULL, 10));
		}
	}
}

static int kvp_ip_build_binary(uint8_t *body, uint8_t operation, const struct kvp_ip_config *config,
			       const char **why)
{
	struct kvp_ip_binary ip = { .header.operation = operation };
	uint32_t v4 = 0, v6 = 0, gateways4 = 0, gateways6 = 0, dns4 = 0, dns6 = 0, i;

	if (kvp_ip_put(ip.adapter, sizeof(ip.adapter), config->adapter, why))
		return -EINVAL;
	ip.family = config->family;
	if (operation == KVP_OP_SET_IP) {
		ip.dhcp = config->dhcp;
		if (kvp_ip_sort(config->addresses, ip.v4, &v4, ip.v6, &v6, KVP_IP_ADDRESSES) ||
		    kvp_ip_sort(config->gateways, ip.v4_gateway, &gateways4, ip.v6_gateway,
				&gateways6, KVP_IP_GATEWAYS) ||
		    kvp_ip_sort(config->dns, ip.v4_dns, &dns4, ip.v6_dns, &dns6, KVP_IP_ADDRESSES))
			return kvp_ip_bad(why, -EINVAL,
					  "a list is too long or holds something else");
		kvp_ip_sort_subnets(config->subnets, &ip);
		for (i = 0; i < v4 + v6; i++)
			ip.origin[i] = htole16(config->dhcp ? KVP_ORIGIN_OTHER : KVP_ORIGIN_STATIC);
	}
	ip.v4_count = htole32(v4);
	ip.v6_count = htole32(v6);
	ip.v4_gateway_count = htole32(gateways4);
	ip.v6_gateway_count = htole32(gateways6);
	ip.v4_dns_count = htole32(dns4);
	ip.v6_dns_count = htole32(dns6);
	memcpy(body, &ip, sizeof(ip));
	return 0;
}

int kvp_ip_build(uint8_t *body, uint8_t operation, bool binary, const struct kvp_ip_config *config,
		 const char **why)
{
	return binary ? kvp_ip_build_binary(body, operation, config, why)
		      : kvp_ip_build_text(body, operation, config, why);
}

static int kvp_ip_take(const uint8_t *in, uint32_t room, char *text)
{
	uint32_t bytes = ic_utf16_terminated(in, room);

	return bytes ? ic_utf16_get(in, bytes, text) : -EPROTO;
}

static int kvp_ip_parse_text(const uint8_t *body, struct kvp_ip_config *config, const char **why)
{
	struct kvp_ip ip;

	memcpy(&ip, body, sizeof(ip));
	config->family = ip.family;
	config->dhcp = ip.dhcp;
	if (kvp_ip_take(ip.adapter, sizeof(ip.adapter), config->adapter) ||
	    kvp_ip_take(ip.addresses, sizeof(ip.addresses), config->addresses) ||
	    kvp_ip_take(ip.subnets, sizeof(ip.subnets), config->subnets) ||
	    kvp_ip_take(ip.gateways, sizeof(ip.gateways), config->gateways) ||
	    kvp_ip_take(ip.dns, sizeof(ip.dns), config->dns))
		return kvp_ip_bad(why, -EPROTO, "text without its NUL");
	return 0;
}

static void kvp_ip_list(char *list, size_t room, const uint8_t (*v4)[4], uint32_t v4_count,
			const uint8_t (*v6)[16], uint32_t v6_count)
{
	char item[INET6_ADDRSTRLEN];
	uint32_t i;

	for (i = 0; i < v4_count; i++)
		kvp_ip_append(list, room, inet_ntop(AF_INET, v4[i], item, sizeof(item)));
	for (i = 0; i < v6_count; i++)
		kvp_ip_append(list, room, inet_ntop(AF_INET6, v6[i], item, sizeof(item)));
}

static int kvp_ip_parse_binary(const uint8_t *body, struct kvp_ip_config *config, const char **why)
{
	struct kvp_ip_binary ip;
	uint32_t i, v4, v6, gateways4, gateways6, dns4, dns6;
	char item[16];

	memcpy(&ip, body, sizeof(ip));
	v4 = le32toh(ip.v4_count);
	v6 = le32toh(ip.v6_count);
	gateways4 = le32toh(ip.v4_gateway_count);
	gateways6 = le32toh(ip.v6_gateway_count);
	dns4 = le32toh(ip.v4_dns_count);
	dns6 = le32toh(ip.v6_dns_count);
	if (v4 > KVP_IP_ADDRESSES || v6 > KVP_IP_ADDRESSES || gateways4 > KVP_IP_GATEWAYS ||
	    gateways6 > KVP_IP_GATEWAYS || dns4 > KVP_IP_ADDRESSES || dns6 > KVP_IP_ADDRESSES)
		return kvp_ip_bad(why, -EPROTO, "more addresses than the message holds");
	if (kvp_ip_take(ip.adapter, sizeof(ip.adapter), config->adapter))
		return kvp_ip_bad(why, -EPROTO, "adapter without its NUL");
	config->family = ip.family;
	config->dhcp = ip.dhcp;
	kvp_ip_list(config->addresses, sizeof(config->addresses), ip.v4, v4, ip.v6, v6);
	kvp_ip_list(config->subnets, sizeof(config->subnets), ip.v4_mask, v4, NULL, 0);
	for (i = 0; i < v6; i++) {
		snprintf(item, sizeof(item), "/%u", le32toh(ip.v6_prefix[i]));
		kvp_ip_append(config->subnets, sizeof(config->subnets), item);
	}
	kvp_ip_list(config->gateways, sizeof(config->gateways), ip.v4_gateway, gateways4,
		    ip.v6_gateway, gateways6);
	kvp_ip_list(config->dns, sizeof(config->dns), ip.v4_dns, dns4, ip.v6_dns, dns6);
	return 0;
}

int kvp_ip_reply_parse(bool binary, const uint8_t *body, uint32_t bytes,
		       struct kvp_ip_config *config, const char **why)
{
	memset(config, 0, sizeof(*config));
	if (bytes < KVP_IP_BYTES)
		return kvp_ip_bad(why, -EPROTO, "reply cut short");
	if (body[0] != KVP_OP_GET_IP)
		return kvp_ip_bad(why, -EPROTO, "operation not returned");
	return binary ? kvp_ip_parse_binary(body, config, why)
		      : kvp_ip_parse_text(body, config, why);
}
