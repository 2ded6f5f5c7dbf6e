/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A disk's bytes in a raw file or block device. Offsets and lengths are in
 * bytes; the caller has checked them against disk_image_bytes().
 */
#ifndef HVHOST_DEVICES_DISK_IMAGE_H
#define HVHOST_DEVICES_DISK_IMAGE_H

#include <stdbool.h>
#include <stdint.h>
#include <stddef.h>

#include "sg.h"

struct disk_image;

/**
 * disk_image_open() - open a raw image after checking that it is one
 * @path: regular file or block device; "nbd:" and an address; "volatile:" and any of these that can
 *        be written: it gets a write cache that disk_image_lose_power() empties
 * @read_only: open without the right to write
 * @block_bytes: the length must be a multiple of this, and not 0
 * @error: gets one line without a newline that says what is wrong
 * @error_bytes: room in @error
 *
 * The file is locked against a second writer (shared lock for a read-only
 * one) and not changed in any way, whatever the result.
 *
 * Return: the image, or NULL with @error filled in.
 */
struct disk_image *disk_image_open(const char *path, bool read_only, uint32_t block_bytes,
				   char *error, size_t error_bytes);

/**
 * disk_image_close() - give the file back; does not flush
 * @image: from disk_image_open(), or NULL
 */
void disk_image_close(struct disk_image *image);

/**
 * disk_image_lose_power() - what is in write caches of "volatile:" images is lost
 */
void disk_image_lose_power(void);

/**
 * disk_image_bytes() - length of the image
 * @image: the image
 *
 * Return: bytes.
 */
uint64_t disk_image_bytes(const struct disk_image *image);

/**
 * disk_image_is_read_only() - whether writes are refused
 * @image: the image
 *
 * Return: true if it was opened read-only.
 */
bool disk_image_is_read_only(const struct disk_image *image);

/**
 * disk_image_recheck_size() - look whether the file has grown or shrunk
 * @image: the image
 *
 * Return: true if disk_image_bytes() has changed.
 */
bool disk_image_recheck_size(struct disk_image *image);

/**
 * disk_image_read() - read into a scattered buffer
 * @image: the image
 * @offset: first byte
 * @sg: destination
 * @sg_offset: where in @sg to start
 * @bytes: how many; @sg has room for them
 *
 * Return: 0, or a negative errno of the file: -EIO, also when the file has
 * become shorter than it was.
 */
int disk_image_read(struct disk_image *image, uint64_t offset, const struct sg *sg,
		    size_t sg_offset, size_t bytes);

/**
 * disk_image_write() - write from a scattered buffer
 * @image: the image
 * @offset: first byte
 * @sg: source
 * @sg_offset: where in @sg to start
 * @bytes: how many; @sg holds them
 *
 * Return: 0, or a negative errno of the file: -EROFS read-only, -ENOSPC, -EIO.
 */
int disk_image_write(struct disk_image *image, uint64_t offset, const struct sg *sg,
		     size_t sg_offset, size_t bytes);

/**
 * disk_image_flush() - make what was written last
 * @image: the image
 *
 * Return: 0 or a negative errno of fdatasync().
 */
int disk_image_flush(struct disk_image *image);

/**
 * disk_image_zero() - make a range read as zeros
 * @image: the image
 * @offset: first byte
 * @bytes: how many
 * @may_unmap: whether the space may be given back to the file system
 *
 * Return: 0, or a negative errno of the file.
 */
int disk_image_zero(struct disk_image *image, uint64_t offset, uint64_t bytes, bool may_unmap);

/**
 * disk_image_extent() - how far the image is stored, or not stored, from a byte on
 * @image: the image
 * @offset: first byte, before the image's end
 * @stored: set to whether the byte takes up space; true where the file system cannot tell
 *
 * Return: bytes from @offset on of which the same holds, at least 1.
 */
uint64_t disk_image_extent(struct disk_image *image, uint64_t offset, bool *stored);

#endif
