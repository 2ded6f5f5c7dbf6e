// SPDX-License-Identifier: GPL-2.0
/*
 * UTF-16 to UTF-8 and back, for text whose lengths and contents somebody else has chosen. Must not know what the text is
 * for. The Unicode Standard, sections 3.9 (encoding forms) and 5.22 (substitution of what is ill-formed).
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "utf.h"

#define REPLACEMENT		0xfffdu
#define LAST_CHARACTER		0x10ffffu
#define FIRST_SUPPLEMENTARY	0x10000u

static bool is_high_surrogate(u32 unit)
{
	return (unit & 0xfc00) == 0xd800;
}

static bool is_low_surrogate(u32 unit)
{
	return (unit & 0xfc00) == 0xdc00;
}

static bool is_surrogate(u32 unit)
{
	return (unit & 0xf800) == 0xd800;
}

static u32 wire_unit(const u8 *wire, u32 index)
{
	return wire[2 * index] | (u32)wire[2 * index + 1] << 8;
}

static void put_wire_unit(u8 *wire, u32 index, u32 unit)
{
	wire[2 * index] = unit;
	wire[2 * index + 1] = unit >> 8;
}

/* Puts a character in UTF-8; returns the bytes it takes. */
static u32 put_utf8(u8 out[4], u32 c)
{
	if (c < 0x80) {
		out[0] = c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = 0xc0 | c >> 6;
		out[1] = 0x80 | (c & 0x3f);
		return 2;
	}
	if (c < FIRST_SUPPLEMENTARY) {
		out[0] = 0xe0 | c >> 12;
		out[1] = 0x80 | (c >> 6 & 0x3f);
		out[2] = 0x80 | (c & 0x3f);
		return 3;
	}
	out[0] = 0xf0 | c >> 18;
	out[1] = 0x80 | (c >> 12 & 0x3f);
	out[2] = 0x80 | (c >> 6 & 0x3f);
	out[3] = 0x80 | (c & 0x3f);
	return 4;
}

/* Takes a character of UTF-8 from the @bytes, at least one, at @text; @used is the bytes it took. */
static u32 get_utf8(const u8 *text, u32 bytes, u32 *used)
{
	static const u32 smallest[] = { 0, 0, 0x80, 0x800, FIRST_SUPPLEMENTARY };
	u32 length, c, i;

	*used = 1;
	if (text[0] < 0x80)
		return text[0];
	if ((text[0] & 0xe0) == 0xc0)
		length = 2;
	else if ((text[0] & 0xf0) == 0xe0)
		length = 3;
	else if ((text[0] & 0xf8) == 0xf0)
		length = 4;
	else
		return REPLACEMENT;

	c = text[0] & (0x7f >> length);
	for (i = 1; i < length; i++) {
		if (i == bytes || (text[i] & 0xc0) != 0x80)
			return REPLACEMENT;
		c = c << 6 | (text[i] & 0x3f);
	}
	/* longer than needed, a surrogate or past the last one: no character, though it looks like one */
	if (c < smallest[length] || c > LAST_CHARACTER || is_surrogate(c))
		return REPLACEMENT;
	*used = length;
	return c;
}

/**
 * hv_utf16_to_utf8() - text of the host for user space
 * @wire: UTF-16LE, up to the first NUL or the end, whichever comes first; need not be aligned
 * @wire_bytes: length of @wire; half a unit at the end does not count
 * @text: where to put the text with a terminating NUL
 * @text_bytes: room in @text, at least 1
 *
 * Context: Any.
 * Return: bytes put, the NUL included; -ENOSPC the text does not fit, then @text is empty.
 */
int hv_utf16_to_utf8(const u8 *wire, u32 wire_bytes, u8 *text, u32 text_bytes)
{
	u32 units = wire_bytes / 2, i, bytes, put = 0;
	u8 character[4];
	u32 c;

	for (i = 0; i < units; i++) {
		c = wire_unit(wire, i);
		if (!c)
			break;
		if (is_high_surrogate(c) && i + 1 < units && is_low_surrogate(wire_unit(wire, i + 1)))
			c = FIRST_SUPPLEMENTARY + ((c & 0x3ff) << 10) + (wire_unit(wire, ++i) & 0x3ff);
		else if (is_surrogate(c))
			c = REPLACEMENT;

		bytes = put_utf8(character, c);
		/* one more is for the NUL */
		if (bytes >= text_bytes - put) {
			text[0] = 0;
			return -ENOSPC;
		}
		memcpy(text + put, character, bytes);
		put += bytes;
	}
	text[put] = 0;
	return put + 1;
}

/**
 * hv_utf8_to_utf16() - text of user space for the host
 * @text: UTF-8, up to the first NUL or the end, whichever comes first
 * @text_bytes: length of @text
 * @wire: where to put UTF-16LE with a terminating NUL; filled up with zeros; need not be aligned
 * @wire_bytes: room in @wire: even, at least 2. What does not fit is cut off, between two characters
 *
 * Context: Any.
 * Return: bytes put, the NUL included.
 */
u32 hv_utf8_to_utf16(const u8 *text, u32 text_bytes, u8 *wire, u32 wire_bytes)
{
	u32 room = wire_bytes / 2 - 1, put = 0, used, c, i;

	for (i = 0; i < text_bytes && text[i]; i += used) {
		c = get_utf8(text + i, text_bytes - i, &used);
		if (c < FIRST_SUPPLEMENTARY) {
			if (put == room)
				break;
			put_wire_unit(wire, put++, c);
		} else {
			if (room - put < 2)
				break;
			c -= FIRST_SUPPLEMENTARY;
			put_wire_unit(wire, put++, 0xd800 | c >> 10);
			put_wire_unit(wire, put++, 0xdc00 | (c & 0x3ff));
		}
	}
	memset(wire + 2 * put, 0, wire_bytes - 2 * put);
	return 2 * (put + 1);
}
