// SPDX-License-Identifier: GPL-2.0
/*
 * File copy: checks the host's requests and puts them as hv_fcopy_daemon reads them, names in UTF-8 and numbers native. The
 * daemon believes sizes and names, so nothing gets through that does not fit its buffers. Guest service interface, message
 * version 1.1.
 */
#include <linux/kernel.h>
#include <linux/string.h>
#include <hyperv/fcopy.h>

#include "fcopy_msg.h"
#include "utf.h"

/* The daemon's messages have the layout of the host's. */
static_assert(sizeof(struct fcopy_write) == FCOPY_MESSAGE_BYTES, "the longest message");

static u32 host_u32(const u8 *p)
{
	__le32 value;

	memcpy(&value, p, sizeof(value));
	return le32_to_cpu(value);
}

static u64 host_u64(const u8 *p)
{
	__le64 value;

	memcpy(&value, p, sizeof(value));
	return le64_to_cpu(value);
}

static void put_native(u8 *message, u32 at, const void *value, u32 bytes)
{
	memcpy(message + at, value, bytes);
}

static void put_operation(u8 *message, u32 operation)
{
	put_native(message, offsetof(struct fcopy_header, operation), &operation, sizeof(operation));
}

static enum fcopy_step take_start(const u8 *body, u32 body_bytes, u8 *message, u32 *message_bytes)
{
	u32 flags;
	u64 size;

	if (body_bytes < sizeof(struct fcopy_start))
		return FCOPY_STEP_NONE;
	if (hv_utf16_to_utf8(body + offsetof(struct fcopy_start, name), sizeof_field(struct fcopy_start, name),
			     message + offsetof(struct fcopy_start, name),
			     sizeof_field(struct fcopy_start, name)) <= 1 ||
	    hv_utf16_to_utf8(body + offsetof(struct fcopy_start, directory),
			     sizeof_field(struct fcopy_start, directory),
			     message + offsetof(struct fcopy_start, directory),
			     sizeof_field(struct fcopy_start, directory)) <= 1)
		return FCOPY_STEP_NONE;
	flags = host_u32(body + offsetof(struct fcopy_start, flags));
	size = host_u64(body + offsetof(struct fcopy_start, size));
	put_native(message, offsetof(struct fcopy_start, flags), &flags, sizeof(flags));
	put_native(message, offsetof(struct fcopy_start, size), &size, sizeof(size));
	*message_bytes = sizeof(struct fcopy_start);
	return FCOPY_STEP_START;
}

static enum fcopy_step take_write(const u8 *body, u32 body_bytes, u8 *message, u32 *message_bytes)
{
	u32 bytes, room;
	u64 offset;

	if (body_bytes < offsetof(struct fcopy_write, data))
		return FCOPY_STEP_NONE;
	room = min_t(u32, body_bytes - offsetof(struct fcopy_write, data), FCOPY_CHUNK_BYTES);
	bytes = host_u32(body + offsetof(struct fcopy_write, bytes));
	offset = host_u64(body + offsetof(struct fcopy_write, offset));
	/* an offset is a signed number to the daemon */
	if (bytes > room || offset > (u64)S64_MAX - bytes)
		return FCOPY_STEP_NONE;
	put_native(message, offsetof(struct fcopy_write, offset), &offset, sizeof(offset));
	put_native(message, offsetof(struct fcopy_write, bytes), &bytes, sizeof(bytes));
	memcpy(message + offsetof(struct fcopy_write, data), body + offsetof(struct fcopy_write, data), bytes);
	/* always the whole of it: the daemon wants no other length */
	*message_bytes = sizeof(struct fcopy_write);
	return FCOPY_STEP_WRITE;
}

/**
 * fcopy_msg_to_daemon() - check a request of the host and say it in the daemon's words
 * @body: the request's body, copied
 * @body_bytes: its length
 * @message: where to put the message; zeroed first, so that nothing of older ones is left
 * @message_bytes: the message's length, valid unless FCOPY_STEP_NONE is returned
 *
 * Context: Any.
 * Return: what the request is; FCOPY_STEP_NONE if it cannot be passed on.
 */
enum fcopy_step fcopy_msg_to_daemon(const u8 *body, u32 body_bytes, u8 message[FCOPY_MESSAGE_BYTES],
				    u32 *message_bytes)
{
	u32 operation;

	memset(message, 0, FCOPY_MESSAGE_BYTES);
	if (body_bytes < sizeof(struct fcopy_header))
		return FCOPY_STEP_NONE;
	operation = host_u32(body + offsetof(struct fcopy_header, operation));
	put_operation(message, operation);

	switch (operation) {
	case FCOPY_OP_START:
		return take_start(body, body_bytes, message, message_bytes);
	case FCOPY_OP_WRITE:
		return take_write(body, body_bytes, message, message_bytes);
	case FCOPY_OP_COMPLETE:
	case FCOPY_OP_CANCEL:
		*message_bytes = sizeof(struct fcopy_header);
		return FCOPY_STEP_END;
	default:
		return FCOPY_STEP_NONE;
	}
}

/**
 * fcopy_msg_cancel() - the order to remove the file that has begun
 * @message: where to put it
 *
 * Context: Any.
 * Return: its length.
 */
u32 fcopy_msg_cancel(u8 message[FCOPY_MESSAGE_BYTES])
{
	memset(message, 0, FCOPY_MESSAGE_BYTES);
	put_operation(message, FCOPY_OP_CANCEL);
	return sizeof(struct fcopy_header);
}
