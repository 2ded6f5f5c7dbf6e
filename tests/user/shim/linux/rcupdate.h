/* SPDX-License-Identifier: GPL-2.0 */
/* Nobody else runs: what is freed once nobody reads it is freed at once. */
#ifndef SHIM_LINUX_RCUPDATE_H
#define SHIM_LINUX_RCUPDATE_H

#include <linux/compiler.h>
#include <linux/slab.h>

struct rcu_head { void *unused; };

#define rcu_read_lock()		((void)0)
#define rcu_read_unlock()	((void)0)
#define rcu_read_lock_held()	true
#define irqs_disabled()		false
#define synchronize_rcu()	((void)0)
#define rcu_barrier()		((void)0)
#define rcu_dereference(p)	READ_ONCE(p)
#define rcu_access_pointer(p)	READ_ONCE(p)
#define rcu_dereference_check(p, condition)	((void)(condition), READ_ONCE(p))
#define rcu_dereference_protected(p, condition)	((void)(condition), (p))
#define rcu_assign_pointer(p, v) __atomic_store_n(&(p), (v), __ATOMIC_RELEASE)
#define RCU_INIT_POINTER(p, value)	WRITE_ONCE(p, value)
#define kfree_rcu(p, member)		kfree(p)
#define lockdep_is_held(lock)		((void)(lock), true)

#endif
