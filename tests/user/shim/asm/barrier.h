/* SPDX-License-Identifier: GPL-2.0 */
/* The virt_* and smp_* barriers, as the C11 model has them. */
#ifndef SHIM_ASM_BARRIER_H
#define SHIM_ASM_BARRIER_H

#include <linux/compiler.h>

#define virt_mb()	__atomic_thread_fence(__ATOMIC_SEQ_CST)
#define virt_rmb()	__atomic_thread_fence(__ATOMIC_ACQUIRE)
#define virt_wmb()	__atomic_thread_fence(__ATOMIC_RELEASE)
#define virt_store_mb(x, v) do { WRITE_ONCE(x, v); virt_mb(); } while (0)
#define virt_load_acquire(p)	 __atomic_load_n((p), __ATOMIC_ACQUIRE)
#define virt_store_release(p, v) __atomic_store_n((p), (v), __ATOMIC_RELEASE)

#define mb		virt_mb
#define rmb		virt_rmb
#define wmb		virt_wmb
#define smp_mb		virt_mb
#define smp_rmb		virt_rmb
#define smp_wmb		virt_wmb
#define smp_store_mb	virt_store_mb
#define smp_load_acquire  virt_load_acquire
#define smp_store_release virt_store_release

#endif
