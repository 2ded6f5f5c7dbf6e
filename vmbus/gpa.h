/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Arithmetic of guest memory as the host counts it, in pages of 4 KiB: ranges, GPADL message counts, and the pages of a
 * pair of rings. Knows no channel and no address. VMBus control messages, GPADL_HEADER and GPADL_BODY.
 *
 * Pure: builds in userspace given u32 and u64.
 */
#ifndef VMBUS_GPA_H
#define VMBUS_GPA_H

#include <linux/types.h>
#include <hyperv/vmbus_msg.h>

/* The pages of a GPADL that are a pair of rings, in a buffer of guest pages. */
struct vmbus_gpa_rings {
	u32 guest_page_bytes;	/* multiple of 4096 */
	u32 outbound_bytes;	/* of the guest-to-host ring with its control page, multiple of guest_page_bytes */
	u32 total_bytes;	/* of both rings, multiple of guest_page_bytes */
};

u32 vmbus_gpa_pages(u32 byte_offset, u32 byte_count);
u32 vmbus_gpadl_header_pages(u32 pages);
u32 vmbus_gpadl_bodies(u32 pages);
u32 vmbus_gpadl_body_pages(u32 pages, u32 body);
u32 vmbus_gpa_ring_pages(const struct vmbus_gpa_rings *rings);
u32 vmbus_gpa_ring_downstream(const struct vmbus_gpa_rings *rings);
u32 vmbus_gpa_ring_page_offset(const struct vmbus_gpa_rings *rings, u32 page);

#endif
