// SPDX-License-Identifier: GPL-2.0
/*
 * Guest RAM and GPA ranges, with every bound checked. It must not know what the bytes mean.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "guest_mem.h"

void *guest_mem_ptr(const struct guest_mem *mem, uint64_t gpa, uint64_t len)
{
	for (unsigned int i = 0; i < mem->nr; i++) {
		uint64_t off = gpa - mem->region[i].gpa;

		if (gpa < mem->region[i].gpa || off >= mem->region[i].size)
			continue;
		if (!len || len > mem->region[i].size - off)
			return NULL;
		return mem->region[i].hva + off;
	}
	return NULL;
}

int guest_mem_read(const struct guest_mem *mem, uint64_t gpa, void *buf, size_t len)
{
	const void *from = guest_mem_ptr(mem, gpa, len);

	if (!len)
		return 0;
	if (!from)
		return -EFAULT;
	memcpy(buf, from, len);
	return 0;
}

int guest_mem_write(const struct guest_mem *mem, uint64_t gpa, const void *buf, size_t len)
{
	void *to = guest_mem_ptr(mem, gpa, len);

	if (!len)
		return 0;
	if (!to)
		return -EFAULT;
	memcpy(to, buf, len);
	return 0;
}

int guest_mem_discard(const struct guest_mem *mem, uint64_t gpa, uint64_t len)
{
	void *at = guest_mem_ptr(mem, gpa, len);

	if (!at)
		return -EFAULT;
	/* Memory that is not a mapping of its own, as in unit tests, is cleared by hand. */
	if (madvise(at, len, MADV_DONTNEED))
		memset(at, 0, len);
	return 0;
}

static int gpa_range_check(const struct gpa_range *range, uint64_t off, uint64_t len)
{
	return off > range->len || len > range->len - off ? -ERANGE : 0;
}

/* The piece of the range that starts at byte @off, cut at the page's end. */
static uint8_t *gpa_range_piece(const struct guest_mem *mem, const struct gpa_range *range,
				uint64_t off, uint64_t len, uint32_t *piece_len)
{
	uint64_t at = range->off + off;
	uint64_t page = at >> GUEST_PAGE_SHIFT;
	uint32_t in_page = at & (GUEST_PAGE_SIZE - 1);
	uint32_t room = GUEST_PAGE_SIZE - in_page;

	*piece_len = len < room ? len : room;
	if (page >= range->nr_pfns || range->pfns[page] > UINT64_MAX >> GUEST_PAGE_SHIFT)
		return NULL;
	return guest_mem_ptr(mem, (range->pfns[page] << GUEST_PAGE_SHIFT) + in_page, *piece_len);
}

int gpa_range_iov(const struct guest_mem *mem, const struct gpa_range *range, uint64_t off,
		  uint64_t len, struct iovec *iov, int max)
{
	int nr = 0;

	if (gpa_range_check(range, off, len))
		return -ERANGE;
	while (len) {
		uint32_t piece;
		uint8_t *hva = gpa_range_piece(mem, range, off, len, &piece);

		if (!hva)
			return -EFAULT;
		if (nr && (uint8_t *)iov[nr - 1].iov_base + iov[nr - 1].iov_len == hva) {
			iov[nr - 1].iov_len += piece;
		} else {
			if (nr >= max)
				return -E2BIG;
			iov[nr].iov_base = hva;
			iov[nr].iov_len = piece;
			nr++;
		}
		off += piece;
		len -= piece;
	}
	return nr;
}

int gpa_range_read(const struct guest_mem *mem, const struct gpa_range *range, uint64_t off,
		   void *buf, size_t len)
{
	uint8_t *to = buf;

	if (gpa_range_check(range, off, len))
		return -ERANGE;
	while (len) {
		uint32_t piece;
		const uint8_t *hva = gpa_range_piece(mem, range, off, len, &piece);

		if (!hva)
			return -EFAULT;
		memcpy(to, hva, piece);
		to += piece;
		off += piece;
		len -= piece;
	}
	return 0;
}

int gpa_range_write(const struct guest_mem *mem, const struct gpa_range *range, uint64_t off,
		    const void *buf, size_t len)
{
	const uint8_t *from = buf;

	if (gpa_range_check(range, off, len))
		return -ERANGE;
	while (len) {
		uint32_t piece;
		uint8_t *hva = gpa_range_piece(mem, range, off, len, &piece);

		if (!hva)
			return -EFAULT;
		memcpy(hva, from, piece);
		from += piece;
		off += piece;
		len -= piece;
	}
	return 0;
}
