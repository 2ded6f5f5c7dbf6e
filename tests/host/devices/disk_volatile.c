// SPDX-License-Identifier: GPL-2.0
/*
 * A disk with a write cache that forgets: what was written is in memory until a flush takes it to the
 * image below, and gone when the machine is reset. Shows whether a guest flushes what it must not lose.
 */
#include "disk_internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* Policy: written to the image below at once. */
#define DISK_VOLATILE_PIECE (1024 * 1024)

/*
 * Policy: an image up to this long keeps its cache's memory after a flush. To get it again, zeroed, page by
 * page, would cost more than everything else that happens to the data.
 */
#define DISK_VOLATILE_KEPT (512ull * 1024 * 1024)

/* What the cache is divided into: the smallest block of a disk. */
#define DISK_VOLATILE_UNIT 512

struct disk_volatile {
	struct disk_image image;
	struct disk_image *below;
	struct disk_volatile *next;
	uint8_t *cache;    /* as long as the image, filled where it is dirty */
	uint8_t *dirty;    /* a byte for each unit */
	uint64_t first, end; /* units: no other can be dirty; equal when none is */
};

/* All that are open: power is lost by all of them. */
static struct disk_volatile *disk_volatiles;

static struct disk_volatile *disk_volatile(struct disk_image *image)
{
	return (struct disk_volatile *)((char *)image - offsetof(struct disk_volatile, image));
}

/* Bytes from @offset on, @bytes at most, that are all in the cache or all not. */
static uint64_t disk_volatile_run(const struct disk_volatile *disk, uint64_t offset, uint64_t bytes,
				  bool *dirty)
{
	uint64_t unit = offset / DISK_VOLATILE_UNIT, last = (offset + bytes - 1) / DISK_VOLATILE_UNIT;
	uint64_t end = unit + 1;

	*dirty = disk->dirty[unit];
	while (end <= last && !disk->dirty[end] == !*dirty)
		end++;
	end *= DISK_VOLATILE_UNIT;
	return end - offset < bytes ? end - offset : bytes;
}

static int disk_volatile_read(struct disk_image *image, uint64_t offset, const struct sg *sg,
			      size_t sg_offset, size_t bytes)
{
	struct disk_volatile *disk = disk_volatile(image);

	while (bytes) {
		bool dirty;
		size_t run = (size_t)disk_volatile_run(disk, offset, bytes, &dirty);
		int err = 0;

		if (!dirty)
			err = disk_image_read(disk->below, offset, sg, sg_offset, run);
		else if (sg_copy_in(sg, sg_offset, disk->cache + offset, run) != run)
			err = -EIO;
		if (err)
			return err;
		offset += run;
		sg_offset += run;
		bytes -= run;
	}
	return 0;
}

static int disk_volatile_write(struct disk_image *image, uint64_t offset, const struct sg *sg,
			       size_t sg_offset, size_t bytes)
{
	struct disk_volatile *disk = disk_volatile(image);
	uint64_t unit, end;

	if (sg_copy_out(sg, sg_offset, disk->cache + offset, bytes) != bytes)
		return -EIO;
	unit = offset / DISK_VOLATILE_UNIT;
	end = (offset + bytes) / DISK_VOLATILE_UNIT;
	memset(disk->dirty + unit, 1, end - unit);
	if (disk->first == disk->end) {
		disk->first = unit;
		disk->end = end;
		return 0;
	}
	if (unit < disk->first)
		disk->first = unit;
	if (end > disk->end)
		disk->end = end;
	return 0;
}

static void disk_volatile_forget(struct disk_volatile *disk)
{
	memset(disk->dirty + disk->first, 0, disk->end - disk->first);
	disk->first = disk->end = 0;
	/* Gives the memory back; only a saving. */
	if (disk->image.bytes > DISK_VOLATILE_KEPT)
		(void)madvise(disk->cache, disk->image.bytes, MADV_DONTNEED);
}

static int disk_volatile_flush(struct disk_image *image)
{
	struct disk_volatile *disk = disk_volatile(image);
	uint64_t offset = disk->first * DISK_VOLATILE_UNIT;
	uint64_t end = disk->end * DISK_VOLATILE_UNIT;

	while (offset < end) {
		uint64_t left = end - offset;
		struct iovec iov;
		struct sg sg;
		bool dirty;
		int err;

		iov.iov_len = (size_t)disk_volatile_run(
			disk, offset, left < DISK_VOLATILE_PIECE ? left : DISK_VOLATILE_PIECE, &dirty);
		if (dirty) {
			iov.iov_base = disk->cache + offset;
			sg_init(&sg, &iov, 1);
			err = disk_image_write(disk->below, offset, &sg, 0, sg.bytes);
			if (err)
				return err;
		}
		offset += iov.iov_len;
	}
	if (end)
		disk_volatile_forget(disk);
	return disk_image_flush(disk->below);
}

/* Zeros are written like anything else. */
static int disk_volatile_zero(struct disk_image *image, uint64_t offset, uint64_t bytes, bool may_unmap)
{
	(void)image;
	(void)offset;
	(void)bytes;
	(void)may_unmap;
	return -EOPNOTSUPP;
}

static uint64_t disk_volatile_extent(struct disk_image *image, uint64_t offset, bool *stored)
{
	*stored = true;
	return image->bytes - offset;
}

/* The cache is as long as the image was in the beginning. */
static int disk_volatile_size(struct disk_image *image, uint64_t *bytes)
{
	*bytes = image->bytes;
	return 0;
}

static void disk_volatile_free(struct disk_volatile *disk)
{
	if (disk->cache)
		munmap(disk->cache, disk->image.bytes);
	free(disk->dirty);
	disk_image_close(disk->below);
	free(disk);
}

/* A disk that is unplugged in order keeps what it has. */
static void disk_volatile_close(struct disk_image *image)
{
	struct disk_volatile *disk = disk_volatile(image), **at;

	for (at = &disk_volatiles; *at != disk; at = &(*at)->next)
		;
	*at = disk->next;
	disk_volatile_flush(image);
	disk_volatile_free(disk);
}

static const struct disk_image_ops disk_volatile_ops = {
	.close = disk_volatile_close,
	.size = disk_volatile_size,
	.read = disk_volatile_read,
	.write = disk_volatile_write,
	.flush = disk_volatile_flush,
	.zero = disk_volatile_zero,
	.extent = disk_volatile_extent,
};

struct disk_image *disk_volatile_open(const char *path, bool read_only, uint32_t block_bytes,
				      char *error, size_t error_bytes)
{
	struct disk_volatile *disk;

	if (read_only) {
		snprintf(error, error_bytes, "%s: a read-only disk has no write cache", path);
		return NULL;
	}
	disk = calloc(1, sizeof(*disk));
	if (!disk) {
		snprintf(error, error_bytes, "%s: out of memory", path);
		return NULL;
	}
	disk->below = disk_image_open(path, false, block_bytes, error, error_bytes);
	if (!disk->below) {
		free(disk);
		return NULL;
	}
	disk->image.ops = &disk_volatile_ops;
	disk->image.block_bytes = block_bytes;
	disk->image.bytes = disk_image_bytes(disk->below);
	disk->dirty = calloc(disk->image.bytes / DISK_VOLATILE_UNIT, 1);
	disk->cache = mmap(NULL, disk->image.bytes, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (disk->cache == MAP_FAILED)
		disk->cache = NULL;
	if (!disk->dirty || !disk->cache) {
		snprintf(error, error_bytes, "%s: no memory for a write cache", path);
		disk_volatile_free(disk);
		return NULL;
	}
	disk->next = disk_volatiles;
	disk_volatiles = disk;
	return &disk->image;
}

void disk_image_lose_power(void)
{
	struct disk_volatile *disk;

	for (disk = disk_volatiles; disk; disk = disk->next)
		disk_volatile_forget(disk);
}
