/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Lets a test see, and act at, every access of vmbus/ring.c to the control page
 * and every barrier between them: include this before the .c. Each access calls
 * ring_test_event() first, which the test defines, with what it is:
 *
 *   'L' single load, 'S' single store, 'A' load-acquire, 'P' store-release,
 *   'M' full barrier, 'R' read barrier, 'W' write barrier
 *
 * So a test can play the host at the one point in time that matters, and compare
 * the order of accesses and barriers with the one the protocol asks for.
 */
#ifndef KUNIT_RING_EVENTS_H
#define KUNIT_RING_EVENTS_H

#include <linux/compiler.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <asm/barrier.h>
#include <asm/byteorder.h>

static void ring_test_event(char what, const volatile void *where);

#define RING_TEST_LOAD(p)	(*(const volatile typeof(*(p)) *)(p))
#define RING_TEST_STORE(p, v)	(*(volatile typeof(*(p)) *)(p) = (v))

#undef READ_ONCE
#define READ_ONCE(x)	({ ring_test_event('L', &(x)); RING_TEST_LOAD(&(x)); })
#undef WRITE_ONCE
#define WRITE_ONCE(x, v) do { ring_test_event('S', &(x)); RING_TEST_STORE(&(x), v); } while (0)
#undef virt_load_acquire
#define virt_load_acquire(p) ({ ring_test_event('A', p); RING_TEST_LOAD(p); })
#undef virt_store_release
#define virt_store_release(p, v) do { ring_test_event('P', p); RING_TEST_STORE(p, v); } while (0)
#undef virt_mb
#define virt_mb()	ring_test_event('M', NULL)
#undef virt_rmb
#define virt_rmb()	ring_test_event('R', NULL)
#undef virt_wmb
#define virt_wmb()	ring_test_event('W', NULL)

#endif
