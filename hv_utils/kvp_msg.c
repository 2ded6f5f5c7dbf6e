// SPDX-License-Identifier: GPL-2.0
/*
 * Key-value pairs: the host's requests, UTF-16 and little-endian, to what hv_kvp_daemon reads, and its answers back. The
 * daemon believes what the kernel hands it, so it gets nothing that would not fit its own buffers. KVP IC, message versions
 * 1.0 to 5.0; the IP configurations in them are of kvp_ip.c.
 */
#include <linux/kernel.h>
#include <linux/string.h>
#include <hyperv/ic.h>
#include <hyperv/kvp.h>

#include "kvp_ip.h"
#include "kvp_msg.h"
#include "utf.h"

static u32 wire_u32(const u8 *p)
{
	__le32 value;

	memcpy(&value, p, sizeof(value));
	return le32_to_cpu(value);
}

static void put_wire_u32(u8 *p, u32 value)
{
	__le32 wire = cpu_to_le32(value);

	memcpy(p, &wire, sizeof(wire));
}

/* A key of the host, which says how long it is. Returns its bytes in UTF-8 with the NUL, 0 if it is none. */
static u32 take_key(u8 key[KVP_KEY_BYTES], const u8 *wire, u32 wire_bytes)
{
	int bytes = hv_utf16_to_utf8(wire, min_t(u32, wire_bytes, KVP_KEY_BYTES), key, KVP_KEY_BYTES);

	return bytes > 1 ? bytes : 0;
}

static u32 put_number(u8 value[KVP_VALUE_BYTES], u64 number)
{
	return snprintf((char *)value, KVP_VALUE_BYTES, "%llu", (unsigned long long)number) + 1;
}

/* A value of the host as text; false if it cannot be. @wire is at the start of a struct kvp_value. */
static bool take_value(struct kvp_daemon_value *to, const u8 *wire)
{
	u32 type = wire_u32(wire + offsetof(struct kvp_value, type));
	u32 bytes = wire_u32(wire + offsetof(struct kvp_value, value_bytes));
	const u8 *value = wire + offsetof(struct kvp_value, value);
	__le64 number = 0;
	int put;

	switch (type) {
	case KVP_TYPE_SZ:
	case KVP_TYPE_EXPAND_SZ:
		put = hv_utf16_to_utf8(value, min_t(u32, bytes, KVP_VALUE_BYTES), to->value, sizeof(to->value));
		if (put < 0)
			return false;
		to->value_bytes = put;
		break;
	case KVP_TYPE_DWORD:
		to->value_bytes = put_number(to->value, wire_u32(value));
		break;
	case KVP_TYPE_QWORD:
	case KVP_TYPE_QWORD_LINUX:
		memcpy(&number, value, sizeof(number));
		to->value_bytes = put_number(to->value, le64_to_cpu(number));
		break;
	default:
		return false;
	}
	to->type = KVP_TYPE_SZ;
	return true;
}

/* Least length of a request of each operation; 0: there is no such operation. */
static u32 body_least_bytes(u8 operation)
{
	switch (operation) {
	case KVP_OP_GET:
	case KVP_OP_SET:
		return offsetof(struct kvp_exchange, padding);
	case KVP_OP_DELETE:
		return offsetof(struct kvp_delete, padding);
	case KVP_OP_ENUMERATE:
		return sizeof(struct kvp_enumerate);
	case KVP_OP_GET_IP:
	case KVP_OP_SET_IP:
		return sizeof(struct kvp_ip);
	default:
		return 0;
	}
}

/**
 * kvp_msg_to_daemon() - check a request of the host and say it in the daemon's words
 * @body: the request's body, copied
 * @body_bytes: its length
 * @version: of the messages, as negotiated
 * @msg: where to put the message, all of it; not to be used unless IC_STATUS_OK is returned
 *
 * Context: Any.
 * Return: IC_STATUS_OK; IC_STATUS_NOT_SUPPORTED for an operation that does not exist; IC_STATUS_NO_MORE_ITEMS for an index
 * no pool has; IC_STATUS_INVALID_ARG for anything else that cannot be passed on.
 */
u32 kvp_msg_to_daemon(const u8 *body, u32 body_bytes, u32 version, struct kvp_daemon_msg *msg)
{
	const u8 *wire;
	u32 least, index;
	bool good;

	memset(msg, 0, sizeof(*msg));
	if (body_bytes < sizeof(struct kvp_header))
		return IC_STATUS_INVALID_ARG;
	msg->operation = body[offsetof(struct kvp_header, operation)];
	msg->pool = body[offsetof(struct kvp_header, pool)];

	least = body_least_bytes(msg->operation);
	if (!least)
		return IC_STATUS_NOT_SUPPORTED;
	if (body_bytes < least)
		return IC_STATUS_INVALID_ARG;

	switch (msg->operation) {
	case KVP_OP_GET_IP:
		good = kvp_ip_take_question(&msg->ip, body, version);
		return good ? IC_STATUS_OK : IC_STATUS_INVALID_ARG;
	case KVP_OP_SET_IP:
		good = kvp_ip_take_order(&msg->ip, body, version);
		return good ? IC_STATUS_OK : IC_STATUS_INVALID_ARG;
	}

	/* the daemon's table of pools ends not far behind those of the host */
	if (msg->pool >= KVP_POOLS)
		return IC_STATUS_INVALID_ARG;

	switch (msg->operation) {
	case KVP_OP_ENUMERATE:
		index = wire_u32(body + offsetof(struct kvp_enumerate, index));
		/* the daemon compares it as a signed number */
		if (index > INT_MAX)
			return IC_STATUS_NO_MORE_ITEMS;
		msg->enumerate.index = index;
		return IC_STATUS_OK;
	case KVP_OP_DELETE:
		msg->delete.key_bytes = take_key(msg->delete.key, body + offsetof(struct kvp_delete, key),
						 wire_u32(body + offsetof(struct kvp_delete, key_bytes)));
		return msg->delete.key_bytes ? IC_STATUS_OK : IC_STATUS_INVALID_ARG;
	}

	wire = body + offsetof(struct kvp_exchange, value);
	msg->value.key_bytes = take_key(msg->value.key, wire + offsetof(struct kvp_value, key),
					wire_u32(wire + offsetof(struct kvp_value, key_bytes)));
	good = msg->value.key_bytes;
	if (msg->operation == KVP_OP_SET)
		good = good && take_value(&msg->value, wire);
	else
		/* room for the value, which the daemon fills */
		msg->value.value_bytes = sizeof(msg->value.value);
	return good ? IC_STATUS_OK : IC_STATUS_INVALID_ARG;
}

static void give_value(u8 *wire, const struct kvp_daemon_value *from)
{
	u8 *value = wire + offsetof(struct kvp_value, value);

	put_wire_u32(wire + offsetof(struct kvp_value, type), KVP_TYPE_SZ);
	put_wire_u32(wire + offsetof(struct kvp_value, value_bytes),
		     hv_utf8_to_utf16(from->value, sizeof(from->value), value, KVP_VALUE_BYTES));
}

/**
 * kvp_msg_from_daemon() - make a request's answer of what the daemon says
 * @msg: what the daemon wrote, copied; not believed beyond its status
 * @version: of the messages, as negotiated
 * @body: the request, for which kvp_msg_to_daemon() returned IC_STATUS_OK; becomes the body of the answer
 *
 * Context: Any.
 * Return: the answer's status, as the daemon said.
 */
u32 kvp_msg_from_daemon(const struct kvp_daemon_msg *msg, u32 version, u8 *body)
{
	u8 *wire;

	if (msg->status)
		return msg->status;

	switch (body[offsetof(struct kvp_header, operation)]) {
	case KVP_OP_GET:
		give_value(body + offsetof(struct kvp_exchange, value), &msg->value);
		break;
	case KVP_OP_ENUMERATE:
		wire = body + offsetof(struct kvp_enumerate, value);
		put_wire_u32(wire + offsetof(struct kvp_value, key_bytes),
			     hv_utf8_to_utf16(msg->enumerate.value.key, sizeof(msg->enumerate.value.key),
					      wire + offsetof(struct kvp_value, key), KVP_KEY_BYTES));
		give_value(wire, &msg->enumerate.value);
		break;
	case KVP_OP_GET_IP:
		kvp_ip_give(body, &msg->ip, version);
		break;
	}
	return IC_STATUS_OK;
}
