/* SPDX-License-Identifier: GPL-2.0 */
/* Byte order conversions; constant expressions for constant arguments. */
#ifndef SHIM_ASM_BYTEORDER_H
#define SHIM_ASM_BYTEORDER_H

#include_next <asm/byteorder.h>
#include <linux/types.h>

#define SHIM_SWAP16(x)	((u16)((((u16)(x)) >> 8) | (((u16)(x)) << 8)))
#define SHIM_SWAP32(x)	((u32)__builtin_bswap32(x))
#define SHIM_SWAP64(x)	((u64)__builtin_bswap64(x))

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define cpu_to_le16(x)	((__le16)(u16)(x))
#define cpu_to_le32(x)	((__le32)(u32)(x))
#define cpu_to_le64(x)	((__le64)(u64)(x))
#define le16_to_cpu(x)	((u16)(x))
#define le32_to_cpu(x)	((u32)(x))
#define le64_to_cpu(x)	((u64)(x))
#define cpu_to_be16(x)	((__be16)SHIM_SWAP16(x))
#define cpu_to_be32(x)	((__be32)SHIM_SWAP32(x))
#define cpu_to_be64(x)	((__be64)SHIM_SWAP64(x))
#define be16_to_cpu(x)	SHIM_SWAP16(x)
#define be32_to_cpu(x)	SHIM_SWAP32(x)
#define be64_to_cpu(x)	SHIM_SWAP64(x)
#else
#error "the stand-ins know little-endian machines only"
#endif

#define htons(x)	cpu_to_be16(x)
#define htonl(x)	cpu_to_be32(x)
#define ntohs(x)	be16_to_cpu(x)
#define ntohl(x)	be32_to_cpu(x)

static inline u16 le16_to_cpup(const __le16 *p) { return le16_to_cpu(*p); }
static inline u32 le32_to_cpup(const __le32 *p) { return le32_to_cpu(*p); }
static inline u64 le64_to_cpup(const __le64 *p) { return le64_to_cpu(*p); }
static inline void le16_add_cpu(__le16 *p, u16 v) { *p = cpu_to_le16(le16_to_cpu(*p) + v); }
static inline void le32_add_cpu(__le32 *p, u32 v) { *p = cpu_to_le32(le32_to_cpu(*p) + v); }

#endif
