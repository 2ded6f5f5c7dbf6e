// SPDX-License-Identifier: GPL-2.0
/*
 * Reads the header of a bzImage: Documentation/arch/x86/boot.rst of the kernel. What a file claims is checked here once; what it
 * needs is compared with the machine's memory by boot.c.
 */
#include <stdio.h>
#include <string.h>

#include "bzimage.h"

#define BZIMAGE_HEADER_OFFSET 0x1f1u
#define BZIMAGE_JUMP_OFFSET   0x201u /* operand of the jump that ends the header */
#define BZIMAGE_MAGIC	      0x53726448u /* "HdrS" */
#define BZIMAGE_MIN_PROTOCOL  0x020c /* first that says which entries there are */
#define BZIMAGE_PAGE	      4096u
#define BZIMAGE_ENTRY_64      0x200u

int bzimage_parse(struct bzimage *image, const uint8_t *file, size_t size, const char *name, char err[HV_ERR_MAX])
{
	const struct setup_header *header = &image->header;
	size_t len;

	memset(image, 0, sizeof(*image));
	if (size < BZIMAGE_HEADER_OFFSET + sizeof(*header)) {
		snprintf(err, HV_ERR_MAX, "kernel %.180s: not a bzImage (too short)", name);
		return -1;
	}
	/* The header ends where the jump at its start leads to. */
	len = BZIMAGE_JUMP_OFFSET + 1 + file[BZIMAGE_JUMP_OFFSET] - BZIMAGE_HEADER_OFFSET;
	if (len > sizeof(*header))
		len = sizeof(*header);
	memcpy(&image->header, file + BZIMAGE_HEADER_OFFSET, len);
	image->setup = ((header->setup_sects ? header->setup_sects : 4) + 1u) * 512u;
	if (header->header != BZIMAGE_MAGIC || header->version < BZIMAGE_MIN_PROTOCOL || image->setup >= size) {
		snprintf(err, HV_ERR_MAX, "kernel %.180s: not an x86 bzImage", name);
		return -1;
	}
	if (!(header->loadflags & LOADED_HIGH)) {
		snprintf(err, HV_ERR_MAX, "kernel %.180s: a zImage, which is loaded below 1 MiB", name);
		return -1;
	}
	image->is_64bit = header->xloadflags & XLF_KERNEL_64;
	image->load = header->pref_address;
	image->end = image->load + header->init_size;
	if (image->load < 0x100000 || image->load > UINT32_MAX || image->end > UINT32_MAX ||
	    size - image->setup > header->init_size) {
		snprintf(err, HV_ERR_MAX, "kernel %.180s: its header asks for memory it cannot have", name);
		return -1;
	}
	image->entry = image->load + (image->is_64bit ? BZIMAGE_ENTRY_64 : 0);
	return 0;
}

uint64_t bzimage_initrd_gpa(const struct bzimage *image, uint64_t top, uint64_t bytes)
{
	uint64_t gpa;

	if (top > (uint64_t)image->header.initrd_addr_max + 1)
		top = (uint64_t)image->header.initrd_addr_max + 1;
	if (bytes > top)
		return 0;
	gpa = (top - bytes) & ~(uint64_t)(BZIMAGE_PAGE - 1);
	return gpa < image->end ? 0 : gpa;
}
