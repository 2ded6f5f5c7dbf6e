// SPDX-License-Identifier: GPL-2.0
/* Turns UTF-8 into UTF-16 and back, refusing what is neither. Pure functions. */
#include "ic_utf16.h"

#include <errno.h>

#include "bytes.h"

#define UNICODE_REPLACEMENT 0xfffdu
#define UNICODE_MAX	    0x10ffffu

/* Length of the sequence that begins so; 0: none does. */
static unsigned int utf8_sequence(uint8_t first)
{
	if (first < 0x80)
		return 1;
	if (first >= 0xc2 && first <= 0xdf)
		return 2;
	if ((first & 0xf0) == 0xe0)
		return 3;
	return first >= 0xf0 && first <= 0xf4 ? 4 : 0;
}

/* Takes one character off @text. Return: false if it is none. */
static int utf8_next(const uint8_t **text, uint32_t *character)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const uint8_t *at = *text;
	unsigned int i, bytes = utf8_sequence(at[0]);
	uint32_t value;

	if (!bytes)
		return 0;
	value = bytes == 1 ? at[0] : at[0] & (0x7fu >> bytes);
	for (i = 1; i < bytes; i++) {
		if ((at[i] & 0xc0) != 0x80)
			return 0;
		value = value << 6 | (at[i] & 0x3f);
	}
	if (value < least[bytes] || value > UNICODE_MAX || (value >= 0xd800 && value <= 0xdfff))
		return 0;
	*text = at + bytes;
	*character = value;
	return 1;
}

int ic_utf16_put(uint8_t *out, size_t room, const char *text, uint32_t *bytes)
{
	const uint8_t *at = (const uint8_t *)text;
	uint32_t character, used = 0;

	while (*at) {
		if (!utf8_next(&at, &character))
			return -EILSEQ;
		if (room - used < (character > 0xffff ? 6u : 4u))
			return -EMSGSIZE;
		if (character > 0xffff) {
			character -= 0x10000;
			put_le16(out + used, (uint16_t)(0xd800 | character >> 10));
			character = 0xdc00 | (character & 0x3ff);
			used += 2;
		}
		put_le16(out + used, (uint16_t)character);
		used += 2;
	}
	put_le16(out + used, 0);
	*bytes = used + 2;
	return 0;
}

static char *utf8_put(char *text, uint32_t character)
{
	if (character < 0x80) {
		*text++ = (char)character;
		return text;
	}
	if (character < 0x800) {
		*text++ = (char)(0xc0 | character >> 6);
	} else {
		if (character < 0x10000) {
			*text++ = (char)(0xe0 | character >> 12);
		} else {
			*text++ = (char)(0xf0 | character >> 18);
			*text++ = (char)(0x80 | (character >> 12 & 0x3f));
		}
		*text++ = (char)(0x80 | (character >> 6 & 0x3f));
	}
	*text++ = (char)(0x80 | (character & 0x3f));
	return text;
}

int ic_utf16_get(const uint8_t *in, uint32_t bytes, char *text)
{
	uint32_t i, unit, low;

	if (bytes < 2 || bytes & 1 || get_le16(in + bytes - 2))
		return -EINVAL;
	for (i = 0; i < bytes - 2; i += 2) {
		unit = get_le16(in + i);
		if (!unit)
			return -EINVAL;
		if (unit >= 0xd800 && unit <= 0xdfff) {
			low = get_le16(in + i + 2);
			if (unit < 0xdc00 && low >= 0xdc00 && low <= 0xdfff) {
				unit = 0x10000 + ((unit & 0x3ff) << 10 | (low & 0x3ff));
				i += 2;
			} else {
				unit = UNICODE_REPLACEMENT;
			}
		}
		text = utf8_put(text, unit);
	}
	*text = '\0';
	return 0;
}

uint32_t ic_utf16_terminated(const uint8_t *in, uint32_t room)
{
	uint32_t i;

	for (i = 0; i + 2 <= room; i += 2)
		if (!get_le16(in + i))
			return i + 2;
	return 0;
}
