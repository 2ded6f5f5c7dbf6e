// SPDX-License-Identifier: GPL-2.0
/*
 * RSS capabilities to numbers, table and key to RSS parameters, the host's send table to channel numbers. Pure: no device,
 * no lock. NDIS RSS objects, NVSP 134.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "rss.h"

/* The key of Microsoft's own verification suite for RSS, which hosts and guests use unless told otherwise */
const u8 netvsc_rss_default_key[NDIS_RSS_KEY_BYTES] = {
	0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2, 0x41, 0x67, 0x25, 0x3d, 0x43, 0xa3, 0x8f, 0xb0,
	0xd0, 0xca, 0x2b, 0xcb, 0xae, 0x7b, 0x30, 0xb4, 0x77, 0xcb, 0x2d, 0xa3, 0x80, 0x30, 0xf2, 0x0c,
	0x6a, 0x42, 0xb7, 0x3b, 0xbe, 0xac, 0x01, 0xfa,
};

/**
 * netvsc_rss_query() - the input of a query for RSS capabilities
 * @query:	filled
 *
 * Context: any.
 */
void netvsc_rss_query(struct ndis_rss_capabilities *query)
{
	memset(query, 0, sizeof(*query));
	query->header.type = NDIS_OBJECT_RSS_CAPABILITIES;
	query->header.revision = 2;
	query->header.size = cpu_to_le16(sizeof(*query));
}

/**
 * netvsc_rss_parse() - what the host says of its queues
 * @caps:	its answer, private memory
 * @bytes:	length of the answer, at most sizeof(@caps)
 * @queues:	receive queues, at least 1
 * @entries:	entries its indirection table shall have, 1..NETVSC_RSS_ENTRIES
 *
 * Context: any.
 * Return: 0, -EPROTO if this is no such object or it has no queue.
 */
int netvsc_rss_parse(const struct ndis_rss_capabilities *caps, u32 bytes, u32 *queues, u32 *entries)
{
	u32 count = 0;

	if (bytes < offsetofend(struct ndis_rss_capabilities, receive_queues) ||
	    caps->header.type != NDIS_OBJECT_RSS_CAPABILITIES ||
	    le16_to_cpu(caps->header.size) < offsetofend(struct ndis_rss_capabilities, receive_queues))
		return -EPROTO;
	*queues = le32_to_cpu(caps->receive_queues);
	if (!*queues)
		return -EPROTO;
	/* The first revision of the object ends before them. */
	if (bytes >= sizeof(*caps) && le16_to_cpu(caps->header.size) >= sizeof(*caps))
		count = le16_to_cpu(caps->indirection_entries);
	*entries = count && count < NETVSC_RSS_ENTRIES ? count : NETVSC_RSS_ENTRIES;
	return 0;
}

/**
 * netvsc_rss_spread() - a table that spreads hashes evenly
 * @rss:	its entries are counted; the table is filled
 * @queues:	1..65535
 *
 * Context: any.
 */
void netvsc_rss_spread(struct netvsc_rss *rss, u32 queues)
{
	u32 i;

	for (i = 0; i < rss->entries; i++)
		rss->table[i] = i % queues;
}

/**
 * netvsc_rss_fits() - whether a table names only queues that are there
 * @rss:	the table
 * @queues:	how many there are
 *
 * Context: any.
 */
bool netvsc_rss_fits(const struct netvsc_rss *rss, u32 queues)
{
	u32 i;

	for (i = 0; i < rss->entries; i++) {
		if (rss->table[i] >= queues)
			return false;
	}
	return true;
}

/**
 * netvsc_rss_message() - the RSS parameters that make the host use a table and a key
 * @rss:	both; at least one entry
 * @disable:	switch RSS off instead, as hosts want it before a change
 * @message:	filled
 *
 * Context: any.
 * Return: length of the message.
 */
u32 netvsc_rss_message(const struct netvsc_rss *rss, bool disable, struct netvsc_rss_message *message)
{
	u32 table_bytes = rss->entries * sizeof(message->table[0]), bytes, i;
	struct ndis_rss_parameters *parameters = &message->parameters;

	/* The key follows the table's last entry. */
	bytes = offsetof(struct netvsc_rss_message, table) + table_bytes;
	memset(message, 0, sizeof(*message));
	parameters->header.type = NDIS_OBJECT_RSS_PARAMETERS;
	parameters->header.revision = 2;
	parameters->header.size = cpu_to_le16(sizeof(*parameters));
	parameters->flags = cpu_to_le16(disable ? NDIS_RSS_DISABLE : 0);
	parameters->hash_info = cpu_to_le32(NDIS_HASH_TOEPLITZ | NDIS_HASH_IP4 | NDIS_HASH_TCP4 | NDIS_HASH_IP6 |
					    NDIS_HASH_TCP6);
	parameters->table_bytes = cpu_to_le16(table_bytes);
	parameters->table_offset = cpu_to_le32(offsetof(struct netvsc_rss_message, table));
	parameters->key_bytes = cpu_to_le16(sizeof(rss->key));
	parameters->key_offset = cpu_to_le32(bytes);
	for (i = 0; i < rss->entries; i++)
		message->table[i] = cpu_to_le32(rss->table[i]);
	memcpy((u8 *)message + bytes, rss->key, sizeof(rss->key));
	return bytes + sizeof(rss->key);
}

/**
 * netvsc_send_table() - the channels that the host wants flows to go out on (SEND_INDIRECTION_TABLE)
 * @msg:	the NVSP message, private memory
 * @bytes:	its length
 * @version:	NVSP version
 * @queues:	channels in use, at least 1; other numbers are taken modulo these
 * @table:	filled only on success
 *
 * Context: any.
 * Return: 0, -EPROTO if the table is not of this size or not inside the message.
 */
int netvsc_send_table(const void *msg, u32 bytes, u32 version, u32 queues, u8 table[NVSP_SEND_TABLE_ENTRIES])
{
	const u32 table_bytes = NVSP_SEND_TABLE_ENTRIES * sizeof(__le32);
	struct nvsp_indirection_table head;
	__le32 entry;
	u32 offset, i;

	if (bytes < sizeof(__le32) + sizeof(head))
		return -EPROTO;
	memcpy(&head, msg + sizeof(__le32), sizeof(head));
	offset = le32_to_cpu(head.offset);
	/* Hosts up to this version may forget that their message has grown. */
	if (version <= NVSP_VERSION_6 && bytes >= NVSP_MSG_BYTES + table_bytes)
		offset = NVSP_MSG_BYTES;
	if (le32_to_cpu(head.count) != NVSP_SEND_TABLE_ENTRIES || bytes < table_bytes || offset > bytes - table_bytes)
		return -EPROTO;
	for (i = 0; i < NVSP_SEND_TABLE_ENTRIES; i++) {
		memcpy(&entry, msg + offset + i * sizeof(entry), sizeof(entry));
		table[i] = le32_to_cpu(entry) % queues;
	}
	return 0;
}
