/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Bodies of key-value pair messages as a host writes and reads them. Pure functions over private
 * memory.
 */
#ifndef HVHOST_DEVICES_KVP_MESSAGE_H
#define HVHOST_DEVICES_KVP_MESSAGE_H

#include <hyperv/kvp.h>

#include "ic_utf16.h"

/* struct kvp_item - one pair; @number counts for KVP_TYPE_DWORD and the two of 64 bits, else @text */
struct kvp_item {
	uint32_t type;
	uint64_t number;
	char key[IC_UTF8_ROOM(KVP_KEY_BYTES)];
	char text[IC_UTF8_ROOM(KVP_VALUE_BYTES)];
};

/* kvp_type_is_number() - is the value of this type a number? */
int kvp_type_is_number(uint32_t type);

/**
 * kvp_set_build() - the body that sets a pair
 * @body: filled in
 * @pool: enum kvp_pool
 * @item: the pair
 * @why: what is wrong with it
 *
 * Return: 0, -EINVAL with @why set.
 */
int kvp_set_build(struct kvp_exchange *body, uint8_t pool, const struct kvp_item *item,
		  const char **why);

/* kvp_get_build() - as kvp_set_build(), asking for the value of @key */
int kvp_get_build(struct kvp_exchange *body, uint8_t pool, const char *key, const char **why);

/* kvp_delete_build() - as kvp_set_build(), taking @key away */
int kvp_delete_build(struct kvp_delete *body, uint8_t pool, const char *key, const char **why);

/* kvp_enumerate_build() - the body that asks for the pair at @index */
void kvp_enumerate_build(struct kvp_enumerate *body, uint8_t pool, uint32_t index);

/**
 * kvp_reply_parse() - the pair in the guest's answer to get or enumerate
 * @operation: what was asked
 * @pool: what was asked
 * @body: the answer's
 * @bytes: its length
 * @item: filled in
 * @why: what is wrong
 *
 * Return: 0, -EPROTO with @why set.
 */
int kvp_reply_parse(uint8_t operation, uint8_t pool, const uint8_t *body, uint32_t bytes,
		    struct kvp_item *item, const char **why);

#endif
