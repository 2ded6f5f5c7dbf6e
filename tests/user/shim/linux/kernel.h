/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What <linux/kernel.h> stands for in the kernel: arithmetic helpers, messages,
 * and the headers everybody gets along with it.
 */
#ifndef SHIM_LINUX_KERNEL_H
#define SHIM_LINUX_KERNEL_H

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <asm/byteorder.h>
#include <linux/bitops.h>
#include <linux/bug.h>
#include <linux/compiler.h>
#include <linux/limits.h>
#include <linux/types.h>

#define ENOTSUPP	524

#define ARRAY_SIZE(a)		(sizeof(a) / sizeof((a)[0]))
#define DIV_ROUND_UP(n, d)	(((n) + (d) - 1) / (d))
#define DIV_ROUND_CLOSEST(n, d)	(((n) + (d) / 2) / (d))
#define SHIM_MASK(x, y)		((typeof(x))((y) - 1))
#define round_up(x, y)		((((x) - 1) | SHIM_MASK(x, y)) + 1)
#define round_down(x, y)	((x) & ~SHIM_MASK(x, y))
#define roundup(x, y)		((((x) + (y) - 1) / (y)) * (y))
#define ALIGN(x, a)		(((x) + SHIM_MASK(x, a)) & ~SHIM_MASK(x, a))
#define ALIGN_DOWN(x, a)	((x) & ~SHIM_MASK(x, a))
#define PTR_ALIGN(p, a)		((typeof(p))ALIGN((unsigned long)(p), (a)))
#define IS_ALIGNED(x, a)	(((x) & SHIM_MASK(x, a)) == 0)
#define is_power_of_2(n)	((n) != 0 && ((n) & ((n) - 1)) == 0)
#define container_of(ptr, type, member) \
	((type *)((char *)(ptr) - offsetof(type, member)))
#define sizeof_field(type, field)	sizeof(((type *)0)->field)
#define offsetofend(type, field)	(offsetof(type, field) + sizeof_field(type, field))
#define struct_size(p, member, n)	(sizeof(*(p)) + sizeof(*(p)->member) * (n))
#define struct_size_t(type, member, n)	struct_size((type *)0, member, n)
#define flex_array_size(p, member, n)	(sizeof(*(p)->member) * (n))
#define upper_32_bits(n)	((u32)(((u64)(n)) >> 32))
#define lower_32_bits(n)	((u32)(n))
#define swap(a, b)		do { typeof(a) shim_t = (a); (a) = (b); (b) = shim_t; } while (0)
#define do_div(n, base)		({ u32 shim_r = (n) % (base); (n) /= (base); shim_r; })
#define div_u64(n, d)		((u64)(n) / (u32)(d))
#define div_s64(n, d)		((s64)(n) / (s32)(d))
#define array_size(a, b)	((size_t)(a) * (b))

#define min(a, b)	({ typeof(a) shim_a = (a); typeof(b) shim_b = (b); shim_a < shim_b ? shim_a : shim_b; })
#define max(a, b)	({ typeof(a) shim_a = (a); typeof(b) shim_b = (b); shim_a > shim_b ? shim_a : shim_b; })
#define min3(a, b, c)		min(min(a, b), c)
#define min_t(type, a, b)	min((type)(a), (type)(b))
#define max_t(type, a, b)	max((type)(a), (type)(b))
#define clamp(v, lo, hi)	min(max(v, lo), hi)
#define clamp_t(type, v, lo, hi) clamp((type)(v), (type)(lo), (type)(hi))

#define check_add_overflow(a, b, d)	__builtin_add_overflow(a, b, d)
#define check_sub_overflow(a, b, d)	__builtin_sub_overflow(a, b, d)
#define check_mul_overflow(a, b, d)	__builtin_mul_overflow(a, b, d)

/* Hostile input makes the code under test log; the result is what counts. */
#define shim_no_message(fmt, ...) \
	do { if (0) printf(fmt, ##__VA_ARGS__); } while (0)
#define pr_err			shim_no_message
#define pr_warn			shim_no_message
#define pr_info			shim_no_message
#define pr_notice			shim_no_message
#define pr_debug		shim_no_message
#define pr_err_ratelimited	shim_no_message
#define pr_warn_ratelimited	shim_no_message
#define pr_info_ratelimited	shim_no_message
#define pr_err_once		shim_no_message
#define pr_warn_once		shim_no_message
#define printk			shim_no_message

#define IS_ENABLED(option)	0

static inline ssize_t strscpy(char *to, const char *from, size_t bytes)
{
	size_t n;

	for (n = 0; n < bytes; n++) {
		to[n] = from[n];
		if (!from[n])
			return (ssize_t)n;
	}
	if (bytes)
		to[bytes - 1] = '\0';
	return -E2BIG;
}

static inline bool mem_is_zero(const void *p, size_t bytes)
{
	const u8 *b = p;

	while (bytes--)
		if (*b++)
			return false;
	return true;
}

static inline int scnprintf(char *to, size_t bytes, const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(to, bytes, fmt, args);
	va_end(args);
	return n < (int)bytes ? n : (int)bytes - 1;
}

#endif
