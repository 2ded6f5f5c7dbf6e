/* SPDX-License-Identifier: GPL-2.0 */
/* Bodies of file copy messages as a host writes them. Pure functions. */
#ifndef HVHOST_DEVICES_FCOPY_MESSAGE_H
#define HVHOST_DEVICES_FCOPY_MESSAGE_H

#include <stddef.h>
#include <stdint.h>

#include <hyperv/fcopy.h>

/**
 * fcopy_start_build() - the body that begins a copy
 * @body: filled in
 * @path: where to, UTF-8, absolute, with a file name at its end
 * @flags: FCOPY_*
 * @size: bytes of the file
 * @why: what is wrong with @path
 *
 * Return: 0, -EINVAL with @why set.
 */
int fcopy_start_build(struct fcopy_start *body, const char *path, uint32_t flags, uint64_t size,
		      const char **why);

/**
 * fcopy_write_build() - the head of the body that carries a block; the caller reads into its data
 * @body: filled in, data zeroed
 * @offset: in the file
 * @bytes: at most FCOPY_CHUNK_BYTES
 */
void fcopy_write_build(struct fcopy_write *body, uint64_t offset, uint32_t bytes);

/* fcopy_end_build() - the body that ends a copy: FCOPY_OP_COMPLETE or FCOPY_OP_CANCEL */
void fcopy_end_build(struct fcopy_header *body, uint32_t operation);

#endif
