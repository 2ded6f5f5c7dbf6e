// SPDX-License-Identifier: GPL-2.0
/*
 * Counts pages and PFNs for GPADLs and GPA-direct ranges; arithmetic only. VMBus control messages, GPADL_HEADER and
 * GPADL_BODY: one range of N pages has N PFNs, 26 of them in the header message and 28 in each body message.
 */
#include "gpa.h"

#define GPA_OFFSET_MASK	(HYPERV_PAGE_SIZE - 1u)

/**
 * vmbus_gpa_pages() - pages a byte range touches
 * @byte_offset: where it starts in its first page, 0..4095
 * @byte_count: its length, at least 1
 *
 * Return: the number of 4 KiB pages, that is of PFNs in the range's list; 0 when it is no valid range.
 */
u32 vmbus_gpa_pages(u32 byte_offset, u32 byte_count)
{
	if (byte_offset > GPA_OFFSET_MASK || !byte_count)
		return 0;
	return (u32)(((u64)byte_offset + byte_count + GPA_OFFSET_MASK) >> HYPERV_PAGE_SHIFT);
}

/**
 * vmbus_gpadl_header_pages() - PFNs that go into the header message
 * @pages: PFNs of the GPADL, up to VMBUS_GPADL_MAX_PFNS
 *
 * Return: 0..26.
 */
u32 vmbus_gpadl_header_pages(u32 pages)
{
	return pages < VMBUS_GPADL_HEADER_PFNS ? pages : VMBUS_GPADL_HEADER_PFNS;
}

/**
 * vmbus_gpadl_bodies() - body messages a GPADL needs
 * @pages: PFNs of the GPADL, up to VMBUS_GPADL_MAX_PFNS
 *
 * Return: 0..292.
 */
u32 vmbus_gpadl_bodies(u32 pages)
{
	u32 left = pages - vmbus_gpadl_header_pages(pages);

	return (left + VMBUS_GPADL_BODY_PFNS - 1) / VMBUS_GPADL_BODY_PFNS;
}

/**
 * vmbus_gpadl_body_pages() - PFNs in one body message
 * @pages: PFNs of the GPADL
 * @body: number of the body message, from 0
 *
 * Return: 1..28; 0 for a body the GPADL does not have.
 */
u32 vmbus_gpadl_body_pages(u32 pages, u32 body)
{
	u32 left = pages - vmbus_gpadl_header_pages(pages);

	if (body >= vmbus_gpadl_bodies(pages))
		return 0;
	left -= body * VMBUS_GPADL_BODY_PFNS;
	return left < VMBUS_GPADL_BODY_PFNS ? left : VMBUS_GPADL_BODY_PFNS;
}

/* Guest pages of each control page that the host must not get: it knows control pages of 4 KiB only. */
static u32 gpa_ring_hidden_pages(const struct vmbus_gpa_rings *rings)
{
	return rings->guest_page_bytes / HYPERV_PAGE_SIZE - 1;
}

/**
 * vmbus_gpa_ring_pages() - PFNs of a GPADL that holds a pair of rings
 * @rings: the buffer
 *
 * Return: all pages, less those behind the first 4 KiB of each control page where guest pages are larger.
 */
u32 vmbus_gpa_ring_pages(const struct vmbus_gpa_rings *rings)
{
	return rings->total_bytes / HYPERV_PAGE_SIZE - 2 * gpa_ring_hidden_pages(rings);
}

/**
 * vmbus_gpa_ring_downstream() - place of the host-to-guest ring in the GPADL
 * @rings: the buffer
 *
 * Return: the offset OPEN tells the host, in pages of the GPADL.
 */
u32 vmbus_gpa_ring_downstream(const struct vmbus_gpa_rings *rings)
{
	return rings->outbound_bytes / HYPERV_PAGE_SIZE - gpa_ring_hidden_pages(rings);
}

/**
 * vmbus_gpa_ring_page_offset() - where a page of the GPADL lies in the buffer
 * @rings: the buffer
 * @page: number of the page in the GPADL, less than vmbus_gpa_ring_pages()
 *
 * Return: bytes from the start of the buffer.
 */
u32 vmbus_gpa_ring_page_offset(const struct vmbus_gpa_rings *rings, u32 page)
{
	u32 hidden = gpa_ring_hidden_pages(rings);
	u32 downstream = vmbus_gpa_ring_downstream(rings);
	u32 skipped;

	if (page < downstream)
		skipped = page ? hidden : 0;
	else
		skipped = page == downstream ? hidden : 2 * hidden;
	return (page + skipped) * HYPERV_PAGE_SIZE;
}
