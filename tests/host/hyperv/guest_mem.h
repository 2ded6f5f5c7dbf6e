/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Guest RAM seen from the host: the only way from a guest physical address to a host pointer. Each
 * accessor checks the whole range against RAM; a range that leaves RAM yields an error, never a
 * pointer. What the guest may change at any time must be copied before it is looked at.
 */
#ifndef HVHOST_GUEST_MEM_H
#define HVHOST_GUEST_MEM_H

#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#define GUEST_PAGE_SIZE	  4096u
#define GUEST_PAGE_SHIFT  12
#define GUEST_MEM_REGIONS 2

struct guest_mem {
	struct {
		uint64_t gpa, size;
		uint8_t *hva;
	} region[GUEST_MEM_REGIONS];
	unsigned int nr;
};

/**
 * guest_mem_ptr - host pointer for a contiguous guest physical range
 * @gpa: first byte
 * @len: bytes, at least 1
 *
 * Return: the pointer, or NULL if any byte lies outside RAM.
 */
void *guest_mem_ptr(const struct guest_mem *mem, uint64_t gpa, uint64_t len);

/*
 * Copy out of and into guest memory. Return: 0, -EFAULT if any byte lies outside RAM (then nothing
 * was copied).
 */
int guest_mem_read(const struct guest_mem *mem, uint64_t gpa, void *buf, size_t len);
int guest_mem_write(const struct guest_mem *mem, uint64_t gpa, const void *buf, size_t len);

/*
 * Take guest memory back: what the guest finds there afterwards is zero. Return: 0, -EFAULT if any
 * byte lies outside RAM.
 */
int guest_mem_discard(const struct guest_mem *mem, uint64_t gpa, uint64_t len);

/* A byte range over guest pages that need not be contiguous: TLFS/VMBus "GPA range". */
struct gpa_range {
	uint32_t len; /* bytes, not 0 */
	uint32_t off; /* of the first byte in the first page, below 4096 */
	uint32_t nr_pfns; /* exactly ceil((off + len) / 4096) */
	const uint64_t *pfns;
};

/**
 * gpa_range_iov - part of a GPA range as host memory
 * @off: first byte, counted from the start of the range
 * @len: bytes
 * @iov: filled; neighbouring pages are joined
 * @max: entries in @iov
 *
 * Return: entries used (0 for @len 0), -ERANGE if off/len leave the range, -EFAULT if a page is
 * outside RAM, -E2BIG if @max is too small.
 */
int gpa_range_iov(const struct guest_mem *mem, const struct gpa_range *range, uint64_t off,
		  uint64_t len, struct iovec *iov, int max);
/* Return: 0, -ERANGE, -EFAULT as above. */
int gpa_range_read(const struct guest_mem *mem, const struct gpa_range *range, uint64_t off,
		   void *buf, size_t len);
int gpa_range_write(const struct guest_mem *mem, const struct gpa_range *range, uint64_t off,
		    const void *buf, size_t len);

#endif
