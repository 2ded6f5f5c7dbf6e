/* SPDX-License-Identifier: GPL-2.0 */
/* Text as integration components carry it, UTF-16 in little endian with a NUL behind. */
#ifndef HVHOST_DEVICES_IC_UTF16_H
#define HVHOST_DEVICES_IC_UTF16_H

#include <stddef.h>
#include <stdint.h>

/**
 * ic_utf16_put() - write text with its NUL
 * @out: zeroed room
 * @room: its bytes
 * @text: UTF-8
 * @bytes: written, the NUL included
 *
 * Return: 0, -EMSGSIZE it does not fit, -EILSEQ not UTF-8.
 */
int ic_utf16_put(uint8_t *out, size_t room, const char *text, uint32_t *bytes);

/* Room for what ic_utf16_get() writes for @bytes of UTF-16. */
#define IC_UTF8_ROOM(bytes) ((bytes) / 2 * 3 + 1)

/**
 * ic_utf16_get() - read text of a given length
 * @in: UTF-16
 * @bytes: its length, the NUL included
 * @text: room for IC_UTF8_ROOM(@bytes)
 *
 * Half a surrogate pair becomes U+FFFD.
 *
 * Return: 0; -EINVAL an odd length, no NUL at its end, or one before.
 */
int ic_utf16_get(const uint8_t *in, uint32_t bytes, char *text);

/**
 * ic_utf16_terminated() - length of a text that ends somewhere in an array
 * @in: UTF-16
 * @room: bytes of the array
 *
 * Return: bytes with the NUL, 0 if there is none.
 */
uint32_t ic_utf16_terminated(const uint8_t *in, uint32_t room);

#endif
