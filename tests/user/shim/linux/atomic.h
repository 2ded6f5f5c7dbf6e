/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_ATOMIC_H
#define SHIM_LINUX_ATOMIC_H

#include <linux/types.h>

#define atomic_read(a)		__atomic_load_n(&(a)->counter, __ATOMIC_RELAXED)
#define atomic_set(a, n)	__atomic_store_n(&(a)->counter, n, __ATOMIC_RELAXED)
#define atomic_inc(a)		((void)__atomic_fetch_add(&(a)->counter, 1, __ATOMIC_RELAXED))
#define ATOMIC_INIT(n)		{ n }
#define atomic_xchg(a, n)	__atomic_exchange_n(&(a)->counter, n, __ATOMIC_SEQ_CST)
#define atomic_inc_return(a)	__atomic_add_fetch(&(a)->counter, 1, __ATOMIC_SEQ_CST)

#define atomic64_read			atomic_read
#define atomic64_read_acquire(a)	__atomic_load_n(&(a)->counter, __ATOMIC_ACQUIRE)
#define atomic64_set_release(a, n)	__atomic_store_n(&(a)->counter, n, __ATOMIC_RELEASE)
#define atomic64_xchg(a, n)		__atomic_exchange_n(&(a)->counter, n, __ATOMIC_SEQ_CST)
#define atomic64_cmpxchg(a, old, n)	cmpxchg(&(a)->counter, old, n)

/* Of <linux/atomic.h>, for plain words. */
#define cmpxchg(p, old, n)						\
({									\
	typeof(*(p)) shim_old = (old);					\
	__atomic_compare_exchange_n(p, &shim_old, n, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);	\
	shim_old;							\
})
#define xchg(p, n)		__atomic_exchange_n(p, n, __ATOMIC_SEQ_CST)

#endif
