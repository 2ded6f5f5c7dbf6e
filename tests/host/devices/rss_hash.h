/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Receive-side scaling: the Toeplitz hash of a frame under the guest's key, and the queue its
 * indirection table names (NDIS, "RSS Hashing Functions" and "Indirection Table"). Pure functions.
 */
#ifndef HVHOST_DEVICES_RSS_HASH_H
#define HVHOST_DEVICES_RSS_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RSS_KEY_BYTES	40
#define RSS_ENTRIES_MAX 256

/**
 * struct rss - what the guest has set
 * @on: frames are spread; else all go to queue 0
 * @hash_info: NDIS_HASH_*: function and what is hashed
 * @entries: of @table, 1 to RSS_ENTRIES_MAX while @on
 * @key: hash key
 * @table: queue for the remainder of the hash
 */
struct rss {
	bool on;
	uint32_t hash_info;
	unsigned int entries;
	uint8_t key[RSS_KEY_BYTES];
	uint16_t table[RSS_ENTRIES_MAX];
};

/**
 * rss_toeplitz() - the hash itself
 * @key: RSS_KEY_BYTES bytes
 * @input: what is hashed, in network byte order
 * @bytes: its length, at most RSS_KEY_BYTES - 4
 *
 * Return: the hash.
 */
uint32_t rss_toeplitz(const uint8_t *key, const uint8_t *input, size_t bytes);

/**
 * rss_hash_frame() - hash a frame's addresses, and ports where the guest wants them
 * @rss: settings
 * @frame: starting with the Ethernet header, untagged
 * @bytes: its length
 * @hash: filled in
 *
 * Return: the NDIS_HASH_* type bit of what was hashed, 0 if the frame has nothing to hash.
 */
uint32_t rss_hash_frame(const struct rss *rss, const uint8_t *frame, size_t bytes, uint32_t *hash);

/* rss_queue() - the queue for a hash; @rss is on. */
unsigned int rss_queue(const struct rss *rss, uint32_t hash);

#endif
