// SPDX-License-Identifier: GPL-2.0
/*
 * IP configurations, which the host asks for or orders. hv_kvp_daemon believes what the kernel hands it, and writes an order
 * into a file for a script of root's: it gets nothing that would not fit its own buffers or that the script could take for
 * anything but an address. KVP IC, get and set IP info: text below message version 5.0, binary from there on.
 */
#include <linux/inet.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <hyperv/kvp.h>

#include "ic_msg.h"
#include "kvp_ip.h"
#include "kvp_msg.h"
#include "utf.h"

/* Of the daemon: it keeps an address of a list in a buffer of this size. */
#define IP_TOKEN_BYTES		46

#define IPV4_BYTES		4
#define IPV6_BYTES		16

static bool is_binary(u32 version)
{
	return version >= HV_IC_VERSION(5, 0);
}

static bool take_adapter(struct kvp_daemon_ip *ip, const u8 *wire)
{
	return hv_utf16_to_utf8(wire, sizeof_field(struct kvp_ip, adapter), ip->adapter, sizeof(ip->adapter)) > 1;
}

/* The daemon compares an adapter's id with the one in sysfs, which has small letters. */
static void lower_case(u8 *text)
{
	for (; *text; text++)
		if (*text >= 'A' && *text <= 'Z')
			*text += 'a' - 'A';
}

/* ---- text: lists of addresses, separated by ';' */

/* False if it is anything but a list of addresses. */
static bool take_list(u8 *list, u32 list_bytes, const u8 *wire, u32 wire_bytes)
{
	u32 token = 0;
	u8 *c;

	if (hv_utf16_to_utf8(wire, wire_bytes, list, list_bytes) < 0)
		return false;
	for (c = list; *c; c++) {
		if (*c == ';') {
			token = 0;
			continue;
		}
		if (!strchr("0123456789abcdefABCDEF.:/%", *c) || ++token >= IP_TOKEN_BYTES)
			return false;
	}
	return true;
}

static bool take_text_order(struct kvp_daemon_ip *ip, const u8 *body)
{
	ip->family = body[offsetof(struct kvp_ip, family)];
	ip->dhcp = body[offsetof(struct kvp_ip, dhcp)];
	return take_list(ip->addresses, sizeof(ip->addresses), body + offsetof(struct kvp_ip, addresses),
			 sizeof_field(struct kvp_ip, addresses)) &&
	       take_list(ip->subnets, sizeof(ip->subnets), body + offsetof(struct kvp_ip, subnets),
			 sizeof_field(struct kvp_ip, subnets)) &&
	       take_list(ip->gateways, sizeof(ip->gateways), body + offsetof(struct kvp_ip, gateways),
			 sizeof_field(struct kvp_ip, gateways)) &&
	       take_list(ip->dns, sizeof(ip->dns), body + offsetof(struct kvp_ip, dns),
			 sizeof_field(struct kvp_ip, dns));
}

static void give_text(u8 *body, const struct kvp_daemon_ip *from)
{
	body[offsetof(struct kvp_ip, family)] = from->family;
	body[offsetof(struct kvp_ip, dhcp)] = from->dhcp;
	hv_utf8_to_utf16(from->addresses, sizeof(from->addresses), body + offsetof(struct kvp_ip, addresses),
			 sizeof_field(struct kvp_ip, addresses));
	hv_utf8_to_utf16(from->subnets, sizeof(from->subnets), body + offsetof(struct kvp_ip, subnets),
			 sizeof_field(struct kvp_ip, subnets));
	hv_utf8_to_utf16(from->gateways, sizeof(from->gateways), body + offsetof(struct kvp_ip, gateways),
			 sizeof_field(struct kvp_ip, gateways));
	hv_utf8_to_utf16(from->dns, sizeof(from->dns), body + offsetof(struct kvp_ip, dns),
			 sizeof_field(struct kvp_ip, dns));
}

/* ---- binary: counted arrays, one for each family, to and from the daemon's lists */

/* Appends an item to a list; false if there is no room. */
static bool append(u8 *list, u32 list_bytes, const char *item)
{
	u32 used = strlen((char *)list), more = strlen(item);

	if (used + 1 + more >= list_bytes)
		return false;
	if (used)
		list[used++] = ';';
	memcpy(list + used, item, more + 1);
	return true;
}

/* Appends @count addresses of @bytes each; false if the array or the list has no room for so many. */
static bool append_addresses(u8 *list, u32 list_bytes, const u8 *address, u32 bytes, __le32 wire_count, u32 most)
{
	u32 count = le32_to_cpu(wire_count);
	char item[IP_TOKEN_BYTES];

	if (count > most)
		return false;
	for (; count; count--, address += bytes) {
		if (bytes == IPV4_BYTES)
			snprintf(item, sizeof(item), "%u.%u.%u.%u", address[0], address[1], address[2], address[3]);
		else
			snprintf(item, sizeof(item), "%x:%x:%x:%x:%x:%x:%x:%x", address[0] << 8 | address[1],
				 address[2] << 8 | address[3], address[4] << 8 | address[5],
				 address[6] << 8 | address[7], address[8] << 8 | address[9],
				 address[10] << 8 | address[11], address[12] << 8 | address[13],
				 address[14] << 8 | address[15]);
		if (!append(list, list_bytes, item))
			return false;
	}
	return true;
}

static bool append_prefixes(struct kvp_daemon_ip *ip, const struct kvp_ip_binary *wire)
{
	char item[IP_TOKEN_BYTES];
	u32 i, prefix;

	for (i = 0; i < le32_to_cpu(wire->v6_count); i++) {
		prefix = le32_to_cpu(wire->v6_prefix[i]);
		if (prefix > 8 * IPV6_BYTES)
			return false;
		snprintf(item, sizeof(item), "%u", prefix);
		if (!append(ip->subnets, sizeof(ip->subnets), item))
			return false;
	}
	return true;
}

static bool take_binary_order(struct kvp_daemon_ip *ip, const struct kvp_ip_binary *wire)
{
	ip->family = wire->family;
	ip->dhcp = wire->dhcp;
	return append_addresses(ip->addresses, sizeof(ip->addresses), wire->v4[0], IPV4_BYTES, wire->v4_count,
				KVP_IP_ADDRESSES) &&
	       append_addresses(ip->addresses, sizeof(ip->addresses), wire->v6[0], IPV6_BYTES, wire->v6_count,
				KVP_IP_ADDRESSES) &&
	       append_addresses(ip->subnets, sizeof(ip->subnets), wire->v4_mask[0], IPV4_BYTES, wire->v4_count,
				KVP_IP_ADDRESSES) &&
	       append_prefixes(ip, wire) &&
	       append_addresses(ip->gateways, sizeof(ip->gateways), wire->v4_gateway[0], IPV4_BYTES,
				wire->v4_gateway_count, KVP_IP_GATEWAYS) &&
	       append_addresses(ip->gateways, sizeof(ip->gateways), wire->v6_gateway[0], IPV6_BYTES,
				wire->v6_gateway_count, KVP_IP_GATEWAYS) &&
	       append_addresses(ip->dns, sizeof(ip->dns), wire->v4_dns[0], IPV4_BYTES, wire->v4_dns_count,
				KVP_IP_ADDRESSES) &&
	       append_addresses(ip->dns, sizeof(ip->dns), wire->v6_dns[0], IPV6_BYTES, wire->v6_dns_count,
				KVP_IP_ADDRESSES);
}

/* The next item of a list that may lack its NUL, "" if it is too long. Returns what follows; NULL at the end. */
static const u8 *next_item(const u8 *list, const u8 *end, char item[IP_TOKEN_BYTES])
{
	u32 length = 0;

	item[0] = 0;
	if (!list || list == end || !*list)
		return NULL;
	for (; list < end && *list && *list != ';'; list++) {
		if (length < IP_TOKEN_BYTES - 1)
			item[length] = *list;
		length++;
	}
	item[length < IP_TOKEN_BYTES ? length : 0] = 0;
	return list < end && *list ? list + 1 : list;
}

/* An address in network byte order. Returns its length, 0 if @item is none. */
static u32 address_of(const char *item, u8 address[IPV6_BYTES])
{
	const char *stop;

	/* They are content with an address that something follows. */
	if (in4_pton(item, -1, address, -1, &stop) && !*stop)
		return IPV4_BYTES;
	return in6_pton(item, -1, address, -1, &stop) && !*stop ? IPV6_BYTES : 0;
}

/* Sorts a list into two arrays as long as they have room; what is no address is left out. */
static void give_addresses(const u8 *list, u32 list_bytes, u8 *v4, __le32 *v4_count, u8 *v6, __le32 *v6_count, u32 most)
{
	const u8 *end = list + list_bytes;
	char item[IP_TOKEN_BYTES];
	u8 address[IPV6_BYTES];
	u32 count4 = 0, count6 = 0;

	while ((list = next_item(list, end, item))) {
		switch (address_of(item, address)) {
		case IPV4_BYTES:
			if (count4 < most)
				memcpy(v4 + IPV4_BYTES * count4++, address, IPV4_BYTES);
			break;
		case IPV6_BYTES:
			if (count6 < most)
				memcpy(v6 + IPV6_BYTES * count6++, address, IPV6_BYTES);
			break;
		}
	}
	*v4_count = cpu_to_le32(count4);
	*v6_count = cpu_to_le32(count6);
}

/* The daemon's "/64", or as orders have it, "64". */
static u32 prefix_of(const char *item)
{
	u32 prefix = 0;

	if (*item == '/')
		item++;
	for (; *item >= '0' && *item <= '9' && prefix <= 8 * IPV6_BYTES; item++)
		prefix = 10 * prefix + *item - '0';
	return *item || prefix > 8 * IPV6_BYTES ? 0 : prefix;
}

/* The subnets of the addresses: each list has an item for each. */
static void give_subnets(struct kvp_ip_binary *wire, const struct kvp_daemon_ip *from)
{
	const u8 *list = from->addresses, *end = list + sizeof(from->addresses);
	const u8 *subnets = from->subnets, *subnets_end = subnets + sizeof(from->subnets);
	char item[IP_TOKEN_BYTES], subnet[IP_TOKEN_BYTES];
	u8 address[IPV6_BYTES], mask[IPV6_BYTES];
	u32 count4 = 0, count6 = 0;

	while ((list = next_item(list, end, item))) {
		subnets = next_item(subnets, subnets_end, subnet);
		switch (address_of(item, address)) {
		case IPV4_BYTES:
			if (count4 < KVP_IP_ADDRESSES && address_of(subnet, mask) == IPV4_BYTES)
				memcpy(wire->v4_mask[count4], mask, IPV4_BYTES);
			count4++;
			break;
		case IPV6_BYTES:
			if (count6 < KVP_IP_ADDRESSES)
				wire->v6_prefix[count6] = cpu_to_le32(prefix_of(subnet));
			count6++;
			break;
		}
	}
}

static void give_binary(struct kvp_ip_binary *wire, const struct kvp_daemon_ip *from)
{
	u32 i;

	memset((u8 *)wire + offsetof(struct kvp_ip_binary, v4), 0, sizeof(*wire) - offsetof(struct kvp_ip_binary, v4));
	wire->family = from->family;
	wire->dhcp = from->dhcp;
	give_addresses(from->addresses, sizeof(from->addresses), wire->v4[0], &wire->v4_count, wire->v6[0],
		       &wire->v6_count, KVP_IP_ADDRESSES);
	give_subnets(wire, from);
	give_addresses(from->gateways, sizeof(from->gateways), wire->v4_gateway[0], &wire->v4_gateway_count,
		       wire->v6_gateway[0], &wire->v6_gateway_count, KVP_IP_GATEWAYS);
	give_addresses(from->dns, sizeof(from->dns), wire->v4_dns[0], &wire->v4_dns_count, wire->v6_dns[0],
		       &wire->v6_dns_count, KVP_IP_ADDRESSES);
	/* the daemon knows of IPv4 only whether it is configured by hand; the rest stays "unknown" */
	for (i = 0; i < le32_to_cpu(wire->v4_count); i++)
		wire->origin[i] = cpu_to_le16(from->dhcp ? KVP_ORIGIN_OTHER : KVP_ORIGIN_STATIC);
}

/**
 * kvp_ip_take_question() - say in the daemon's words whose configuration the host asks for
 * @ip: of the message for the daemon, zeros
 * @body: the request's body, copied: a whole IP message, aligned for its numbers
 * @version: of the messages, as negotiated
 *
 * Context: Any.
 * Return: false if it cannot be passed on.
 */
bool kvp_ip_take_question(struct kvp_daemon_ip *ip, const u8 *body, u32 version)
{
	if (is_binary(version)) {
		ip->family = body[offsetof(struct kvp_ip_binary, family)];
		return take_adapter(ip, body + offsetof(struct kvp_ip_binary, adapter));
	}
	ip->family = body[offsetof(struct kvp_ip, family)];
	return take_adapter(ip, body + offsetof(struct kvp_ip, adapter));
}

/**
 * kvp_ip_take_order() - say in the daemon's words how the host wants an adapter to be configured
 * @ip: of the message for the daemon, zeros
 * @body: the request's body, copied: a whole IP message, aligned for its numbers
 * @version: of the messages, as negotiated
 *
 * Context: Any.
 * Return: false if it cannot be passed on.
 */
bool kvp_ip_take_order(struct kvp_daemon_ip *ip, const u8 *body, u32 version)
{
	bool good;

	if (is_binary(version))
		good = take_adapter(ip, body + offsetof(struct kvp_ip_binary, adapter)) &&
		       take_binary_order(ip, (const struct kvp_ip_binary *)body);
	else
		good = take_adapter(ip, body + offsetof(struct kvp_ip, adapter)) && take_text_order(ip, body);
	if (good)
		lower_case(ip->adapter);
	return good;
}

/**
 * kvp_ip_give() - put a configuration into the answer
 * @body: the request, which kvp_ip_take_question() has passed; becomes the body of the answer
 * @from: what the daemon says; not believed
 * @version: of the messages, as negotiated
 *
 * Context: Any.
 */
void kvp_ip_give(u8 *body, const struct kvp_daemon_ip *from, u32 version)
{
	if (is_binary(version))
		give_binary((struct kvp_ip_binary *)body, from);
	else
		give_text(body, from);
}
