/* SPDX-License-Identifier: GPL-2.0 */
/* Bit arrays of unsigned long; the forms without underscores are atomic. */
#ifndef SHIM_LINUX_BITOPS_H
#define SHIM_LINUX_BITOPS_H

#include <linux/bits.h>
#include <linux/types.h>

#define BITS_TO_LONGS(n)	(((n) + BITS_PER_LONG - 1) / BITS_PER_LONG)
#define DECLARE_BITMAP(name, n)	unsigned long name[BITS_TO_LONGS(n)]

static inline bool test_bit(unsigned long n, const unsigned long *p)
{
	return __atomic_load_n(&p[BIT_WORD(n)], __ATOMIC_RELAXED) & BIT_MASK(n);
}

static inline void set_bit(unsigned long n, unsigned long *p)
{
	__atomic_fetch_or(&p[BIT_WORD(n)], BIT_MASK(n), __ATOMIC_RELAXED);
}

static inline void clear_bit(unsigned long n, unsigned long *p)
{
	__atomic_fetch_and(&p[BIT_WORD(n)], ~BIT_MASK(n), __ATOMIC_RELAXED);
}

static inline bool test_and_set_bit(unsigned long n, unsigned long *p)
{
	return __atomic_fetch_or(&p[BIT_WORD(n)], BIT_MASK(n), __ATOMIC_SEQ_CST) & BIT_MASK(n);
}

static inline bool test_and_clear_bit(unsigned long n, unsigned long *p)
{
	return __atomic_fetch_and(&p[BIT_WORD(n)], ~BIT_MASK(n), __ATOMIC_SEQ_CST) & BIT_MASK(n);
}

static inline void __set_bit(unsigned long n, unsigned long *p)
{
	p[BIT_WORD(n)] |= BIT_MASK(n);
}

static inline void __clear_bit(unsigned long n, unsigned long *p)
{
	p[BIT_WORD(n)] &= ~BIT_MASK(n);
}

static inline bool __test_and_set_bit(unsigned long n, unsigned long *p)
{
	bool old = p[BIT_WORD(n)] & BIT_MASK(n);

	__set_bit(n, p);
	return old;
}

static inline bool __test_and_clear_bit(unsigned long n, unsigned long *p)
{
	bool old = p[BIT_WORD(n)] & BIT_MASK(n);

	__clear_bit(n, p);
	return old;
}

static inline unsigned long find_next_bit(const unsigned long *p, unsigned long size, unsigned long n)
{
	while (n < size && !test_bit(n, p))
		n++;
	return n;
}

static inline unsigned long find_next_zero_bit(const unsigned long *p, unsigned long size, unsigned long n)
{
	while (n < size && test_bit(n, p))
		n++;
	return n;
}

#define find_first_bit(p, size)		find_next_bit(p, size, 0)
#define find_first_zero_bit(p, size)	find_next_zero_bit(p, size, 0)
#define for_each_set_bit(bit, p, size) \
	for ((bit) = find_first_bit(p, size); (bit) < (size); (bit) = find_next_bit(p, size, (bit) + 1))

#define for_each_set_bit_from(bit, p, size) \
	for ((bit) = find_next_bit(p, size, bit); (bit) < (size); (bit) = find_next_bit(p, size, (bit) + 1))

static inline int fls(unsigned int x) { return x ? 32 - __builtin_clz(x) : 0; }
static inline unsigned long __ffs(unsigned long x) { return (unsigned long)__builtin_ctzl(x); }
static inline unsigned int hweight32(u32 x) { return (unsigned int)__builtin_popcount(x); }
static inline unsigned int hweight_long(unsigned long x) { return (unsigned int)__builtin_popcountl(x); }

#endif
