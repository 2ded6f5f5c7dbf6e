/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_UUID_H
#define SHIM_LINUX_UUID_H

#include <ctype.h>
#include <linux/kernel.h>
#include <linux/types.h>

#define UUID_STRING_LEN	36

typedef struct { u8 b[16]; } guid_t;

#define GUID_INIT(a, b, c, d0, d1, d2, d3, d4, d5, d6, d7)				\
((guid_t){ { (a) & 0xff, ((a) >> 8) & 0xff, ((a) >> 16) & 0xff, ((a) >> 24) & 0xff,	\
	     (b) & 0xff, ((b) >> 8) & 0xff, (c) & 0xff, ((c) >> 8) & 0xff,		\
	     (d0), (d1), (d2), (d3), (d4), (d5), (d6), (d7) } })

static inline bool guid_equal(const guid_t *a, const guid_t *b)
{
	return !memcmp(a, b, sizeof(*a));
}

static inline bool guid_is_null(const guid_t *guid)
{
	return mem_is_zero(guid, sizeof(*guid));
}

static inline int guid_parse(const char *text, guid_t *guid)
{
	/* Where the two digits of each byte are. */
	static const u8 at[16] = { 6, 4, 2, 0, 11, 9, 16, 14, 19, 21, 24, 26, 28, 30, 32, 34 };
	unsigned int i, byte;

	for (i = 0; i < UUID_STRING_LEN; i++)
		if (i == 8 || i == 13 || i == 18 || i == 23 ? text[i] != '-' : !isxdigit((unsigned char)text[i]))
			return -EINVAL;
	for (i = 0; i < 16; i++) {
		sscanf(text + at[i], "%2x", &byte);
		guid->b[i] = (u8)byte;
	}
	return 0;
}

#endif
