/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A scattered buffer: some pieces of memory that count as one. The pieces are
 * guest memory as a rule, so bytes read twice may differ: copy out once what
 * decides anything.
 */
#ifndef HVHOST_DEVICES_SG_H
#define HVHOST_DEVICES_SG_H

#include <stddef.h>
#include <sys/uio.h>

/**
 * struct sg - scattered buffer
 * @iov: pieces in order; owned by whoever filled it in
 * @count: number of pieces
 * @bytes: sum of the pieces' lengths
 */
struct sg {
	const struct iovec *iov;
	unsigned int count;
	size_t bytes;
};

/**
 * sg_init() - describe the pieces as one buffer
 * @sg: filled in
 * @iov: pieces, must outlive @sg
 * @count: number of pieces
 */
void sg_init(struct sg *sg, const struct iovec *iov, unsigned int count);

/**
 * sg_copy_out() - read from a scattered buffer
 * @sg: source
 * @offset: first byte to copy
 * @dst: destination
 * @bytes: how many
 *
 * Return: bytes copied; fewer than @bytes when the buffer ends before.
 */
size_t sg_copy_out(const struct sg *sg, size_t offset, void *dst, size_t bytes);

/**
 * sg_copy_in() - write to a scattered buffer
 * @sg: destination
 * @offset: first byte to write
 * @src: source
 * @bytes: how many
 *
 * Return: bytes copied; fewer than @bytes when the buffer ends before.
 */
size_t sg_copy_in(const struct sg *sg, size_t offset, const void *src, size_t bytes);

/**
 * sg_slice() - the pieces that make up a part of a scattered buffer
 * @sg: the whole
 * @offset: first byte of the part
 * @bytes: its length
 * @out: filled in with the pieces
 * @max: room in @out
 * @taken: bytes the pieces in @out hold; less than @bytes if @max was too small
 *         or the buffer ends before
 *
 * Return: pieces stored.
 */
unsigned int sg_slice(const struct sg *sg, size_t offset, size_t bytes, struct iovec *out,
		      unsigned int max, size_t *taken);

#endif
