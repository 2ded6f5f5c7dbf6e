/* SPDX-License-Identifier: GPL-2.0 */
/* Shared by disk_image.c and its back ends, disk_file.c, disk_nbd.c and disk_volatile.c, only. */
#ifndef HVHOST_DEVICES_DISK_INTERNAL_H
#define HVHOST_DEVICES_DISK_INTERNAL_H

#include "disk_image.h"

/*
 * What a back end does. Ranges lie inside the image and are not empty; what changes it is not called
 * on a read-only image. Returns are 0 or a negative errno.
 */
struct disk_image_ops {
	void (*close)(struct disk_image *image);
	/* Look at the size anew. */
	int (*size)(struct disk_image *image, uint64_t *bytes);
	int (*read)(struct disk_image *image, uint64_t offset, const struct sg *sg,
		    size_t sg_offset, size_t bytes);
	int (*write)(struct disk_image *image, uint64_t offset, const struct sg *sg,
		     size_t sg_offset, size_t bytes);
	int (*flush)(struct disk_image *image);
	/* -EOPNOTSUPP: zeros have to be written. */
	int (*zero)(struct disk_image *image, uint64_t offset, uint64_t bytes, bool may_unmap);
	/* As disk_image_extent(). */
	uint64_t (*extent)(struct disk_image *image, uint64_t offset, bool *stored);
};

/* The part all back ends have; each has it inside a struct of its own. */
struct disk_image {
	const struct disk_image_ops *ops;
	bool read_only;
	uint32_t block_bytes;
	uint64_t bytes;
};

/* As disk_image_open(). */
struct disk_image *disk_file_open(const char *path, bool read_only, uint32_t block_bytes,
				  char *error, size_t error_bytes);
/* @address: what follows "nbd:" */
struct disk_image *disk_nbd_open(const char *address, bool read_only, uint32_t block_bytes,
				 char *error, size_t error_bytes);
/* @path: what follows "volatile:", any image that can be written */
struct disk_image *disk_volatile_open(const char *path, bool read_only, uint32_t block_bytes,
				      char *error, size_t error_bytes);

#endif
