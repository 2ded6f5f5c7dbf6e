/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Ground for the wire headers of this directory: little-endian types, offset checks and GUIDs, for the kernel and for
 * userspace alike. The headers describe what crosses the partition boundary and nothing else: no function, no private
 * state, nothing that <linux/hyperv.h> defines under the same name.
 */
#ifndef HYPERV_TYPES_H
#define HYPERV_TYPES_H

#ifdef __KERNEL__
#include <linux/build_bug.h>
#include <linux/stddef.h>
#include <linux/types.h>
#else
#include <assert.h>
#include <linux/types.h>
#include <stddef.h>
#ifndef __packed
#define __packed __attribute__((__packed__))
#endif
#endif

/* Pages of the protocols are 4 KiB whatever the guest's own page size is. */
#define HYPERV_PAGE_SHIFT	12
#define HYPERV_PAGE_SIZE	4096

/* Layout checks: the numbers are those of the specification. */
#define HYPERV_SIZE(type, bytes) \
	static_assert(sizeof(type) == (bytes), "wire size of " #type)
#define HYPERV_AT(type, field, offset) \
	static_assert(offsetof(type, field) == (offset), "wire offset of " #type "." #field)

/* GUID in memory order: the first three fields are stored little endian. */
struct hyperv_guid {
	__u8 b[16];
};
HYPERV_SIZE(struct hyperv_guid, 16);

/* Initializer from the text form aaaaaaaa-bbbb-cccc-d0d1-d2d3d4d5d6d7 */
#define HYPERV_GUID_INIT(a, b_, c, d0, d1, d2, d3, d4, d5, d6, d7)			\
	{ {										\
		(a) & 0xff, ((a) >> 8) & 0xff, ((a) >> 16) & 0xff, ((a) >> 24) & 0xff,	\
		(b_) & 0xff, ((b_) >> 8) & 0xff, (c) & 0xff, ((c) >> 8) & 0xff,		\
		(d0), (d1), (d2), (d3), (d4), (d5), (d6), (d7)				\
	} }

#endif
