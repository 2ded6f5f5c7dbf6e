/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Text of the host, UTF-16 in little-endian units, and text of user space, UTF-8. Pure: bytes in, bytes out, at any
 * alignment. Neither side is believed: a unit or byte that makes no character becomes U+FFFD.
 */
#ifndef HV_UTILS_UTF_H
#define HV_UTILS_UTF_H

#include <linux/types.h>

int hv_utf16_to_utf8(const u8 *wire, u32 wire_bytes, u8 *text, u32 text_bytes);
u32 hv_utf8_to_utf16(const u8 *text, u32 text_bytes, u8 *wire, u32 wire_bytes);

#endif /* HV_UTILS_UTF_H */
