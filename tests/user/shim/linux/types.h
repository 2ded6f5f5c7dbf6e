/* SPDX-License-Identifier: GPL-2.0 */
/* Kernel integer types for userspace, on top of the exported header of the same name. */
#ifndef SHIM_LINUX_TYPES_H
#define SHIM_LINUX_TYPES_H

#include_next <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* 64-bit types of the kernel are long long, which its format strings rely on. */
typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef unsigned long long u64;
typedef int8_t s8;
typedef int16_t s16;
typedef int32_t s32;
typedef long long s64;
typedef u64 dma_addr_t;
typedef u64 phys_addr_t;
typedef u64 resource_size_t;
typedef unsigned int gfp_t;

typedef struct { int counter; } atomic_t;
typedef struct { s64 counter; } atomic64_t;

struct list_head {
	struct list_head *next, *prev;
};

#define __force
#define __user
#define __iomem
#define __rcu
#define __must_check	__attribute__((__warn_unused_result__))
#ifndef __packed
#define __packed	__attribute__((__packed__))
#endif
#define __aligned(x)	__attribute__((__aligned__(x)))
#define __maybe_unused	__attribute__((__unused__))
#define __always_unused	__attribute__((__unused__))
#define __printf(a, b)	__attribute__((__format__(printf, a, b)))
#define __always_inline	inline __attribute__((__always_inline__))
#define noinline	__attribute__((__noinline__))
#define __pure		__attribute__((__pure__))
#define __cold
#define __init
#define __exit
#define __read_mostly
#define ____cacheline_aligned	__aligned(64)
#define ____cacheline_aligned_in_smp	__aligned(64)
#define __must_hold(x)
#define __acquires(x)
#define __releases(x)
#define __counted_by(x)
#define fallthrough	__attribute__((__fallthrough__))

#endif
