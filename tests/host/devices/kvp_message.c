// SPDX-License-Identifier: GPL-2.0
/*
 * Builds and checks the bodies of key-value pair messages, those of IP configuration apart. A guest's
 * text has to be as long as it says, with its NUL there and nowhere before.
 */
#include "kvp_message.h"

#include <endian.h>
#include <errno.h>
#include <string.h>

#include "bytes.h"

static int kvp_bad(const char **why, int err, const char *text)
{
	*why = text;
	return err;
}

int kvp_type_is_number(uint32_t type)
{
	return type == KVP_TYPE_DWORD || type == KVP_TYPE_QWORD || type == KVP_TYPE_QWORD_LINUX;
}

static int kvp_put_key(uint8_t out[KVP_KEY_BYTES], __le32 *bytes, const char *key, const char **why)
{
	uint32_t length;
	int err;

	if (!*key)
		return kvp_bad(why, -EINVAL, "the key is empty");
	err = ic_utf16_put(out, KVP_KEY_BYTES, key, &length);
	if (err == -EMSGSIZE)
		return kvp_bad(why, -EINVAL, "the key is longer than 255 UTF-16 units");
	if (err)
		return kvp_bad(why, -EINVAL, "the key is not UTF-8");
	*bytes = htole32(length);
	return 0;
}

int kvp_set_build(struct kvp_exchange *body, uint8_t pool, const struct kvp_item *item,
		  const char **why)
{
	uint32_t bytes;
	int err;

	memset(body, 0, sizeof(*body));
	body->header.operation = KVP_OP_SET;
	body->header.pool = pool;
	body->value.type = htole32(item->type);
	if (kvp_put_key(body->value.key, &body->value.key_bytes, item->key, why))
		return -EINVAL;
	if (item->type == KVP_TYPE_DWORD) {
		if (item->number > UINT32_MAX)
			return kvp_bad(why, -EINVAL, "the value does not fit 32 bits");
		put_le32(body->value.value, (uint32_t)item->number);
		body->value.value_bytes = htole32(4);
		return 0;
	}
	if (kvp_type_is_number(item->type)) {
		put_le64(body->value.value, item->number);
		body->value.value_bytes = htole32(8);
		return 0;
	}
	err = ic_utf16_put(body->value.value, KVP_VALUE_BYTES, item->text, &bytes);
	if (err == -EMSGSIZE)
		return kvp_bad(why, -EINVAL, "the value is longer than 1023 UTF-16 units");
	if (err)
		return kvp_bad(why, -EINVAL, "the value is not UTF-8");
	body->value.value_bytes = htole32(bytes);
	return 0;
}

int kvp_get_build(struct kvp_exchange *body, uint8_t pool, const char *key, const char **why)
{
	memset(body, 0, sizeof(*body));
	body->header.operation = KVP_OP_GET;
	body->header.pool = pool;
	return kvp_put_key(body->value.key, &body->value.key_bytes, key, why);
}

int kvp_delete_build(struct kvp_delete *body, uint8_t pool, const char *key, const char **why)
{
	memset(body, 0, sizeof(*body));
	body->header.operation = KVP_OP_DELETE;
	body->header.pool = pool;
	return kvp_put_key(body->key, &body->key_bytes, key, why);
}

void kvp_enumerate_build(struct kvp_enumerate *body, uint8_t pool, uint32_t index)
{
	memset(body, 0, sizeof(*body));
	body->header.operation = KVP_OP_ENUMERATE;
	body->header.pool = pool;
	body->index = htole32(index);
}

static int kvp_take_value(const struct kvp_value *value, struct kvp_item *item, const char **why)
{
	uint32_t key_bytes = le32toh(value->key_bytes), bytes = le32toh(value->value_bytes);

	item->type = le32toh(value->type);
	item->number = 0;
	item->text[0] = '\0';
	if (key_bytes > KVP_KEY_BYTES)
		return kvp_bad(why, -EPROTO, "key longer than its array");
	if (ic_utf16_get(value->key, key_bytes, item->key))
		return kvp_bad(why, -EPROTO, "key of odd length, or its NUL not at the end");
	switch (item->type) {
	case KVP_TYPE_SZ:
	case KVP_TYPE_EXPAND_SZ:
		if (bytes > KVP_VALUE_BYTES)
			return kvp_bad(why, -EPROTO, "value longer than its array");
		if (ic_utf16_get(value->value, bytes, item->text))
			return kvp_bad(why, -EPROTO,
				       "value of odd length, or its NUL not at the end");
		return 0;
	case KVP_TYPE_DWORD:
		if (bytes != 4)
			return kvp_bad(why, -EPROTO, "value of type 4 without 4 bytes");
		item->number = get_le32(value->value);
		return 0;
	case KVP_TYPE_QWORD:
		if (bytes != 8)
			return kvp_bad(why, -EPROTO, "value of type 11 without 8 bytes");
		item->number = get_le64(value->value);
		return 0;
	default:
		return kvp_bad(why, -EPROTO, "value of a type that is none");
	}
}

int kvp_reply_parse(uint8_t operation, uint8_t pool, const uint8_t *body, uint32_t bytes,
		    struct kvp_item *item, const char **why)
{
	struct kvp_enumerate enumerate;
	struct kvp_exchange exchange;

	if (bytes < sizeof(exchange))
		return kvp_bad(why, -EPROTO, "reply cut short");
	if (body[0] != operation || body[1] != pool)
		return kvp_bad(why, -EPROTO, "operation or pool not returned");
	if (operation == KVP_OP_ENUMERATE) {
		memcpy(&enumerate, body, sizeof(enumerate));
		return kvp_take_value(&enumerate.value, item, why);
	}
	memcpy(&exchange, body, sizeof(exchange));
	return kvp_take_value(&exchange.value, item, why);
}
