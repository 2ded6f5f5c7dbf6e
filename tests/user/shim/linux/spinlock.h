/* SPDX-License-Identifier: GPL-2.0 */
/* A lock that spins; interrupts do not exist here. */
#ifndef SHIM_LINUX_SPINLOCK_H
#define SHIM_LINUX_SPINLOCK_H

#include <sched.h>
#include <linux/compiler.h>

typedef struct { bool held; } spinlock_t;
typedef spinlock_t raw_spinlock_t;

#define __SPIN_LOCK_UNLOCKED(name)	{ false }
#define DEFINE_SPINLOCK(name)	spinlock_t name = { false }
#define lockdep_assert_held(l)	do { (void)(l); } while (0)
#define lockdep_set_class(l, key)	do { (void)(l); (void)(key); } while (0)
struct lock_class_key { char unused; };

static inline void spin_lock_init(spinlock_t *l)
{
	l->held = false;
}

static inline void spin_lock(spinlock_t *l)
{
	while (__atomic_test_and_set(&l->held, __ATOMIC_ACQUIRE))
		sched_yield();
}

static inline void spin_unlock(spinlock_t *l)
{
	__atomic_clear(&l->held, __ATOMIC_RELEASE);
}

#define spin_is_locked(l)			READ_ONCE((l)->held)
#define spin_lock_irqsave(l, flags)		do { (flags) = 0; spin_lock(l); } while (0)
#define spin_unlock_irqrestore(l, flags)	do { (void)(flags); spin_unlock(l); } while (0)
#define spin_lock_bh				spin_lock
#define spin_unlock_bh				spin_unlock
#define spin_lock_irq				spin_lock
#define spin_unlock_irq				spin_unlock

#endif
