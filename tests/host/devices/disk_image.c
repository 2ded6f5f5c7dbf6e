// SPDX-License-Identifier: GPL-2.0
/*
 * Disk images by their names: which back end has one, and what is the same for all of them. Knows
 * nothing of SCSI.
 */
#include "disk_image.h"

#include <errno.h>
#include <string.h>

#include "disk_internal.h"

/* Policy: zeros written at once where a back end has no better way. */
#define DISK_IMAGE_ZEROS (256 * 1024)

struct disk_image *disk_image_open(const char *path, bool read_only, uint32_t block_bytes,
				   char *error, size_t error_bytes)
{
	if (!strncmp(path, "nbd:", 4))
		return disk_nbd_open(path + 4, read_only, block_bytes, error, error_bytes);
	if (!strncmp(path, "volatile:", 9))
		return disk_volatile_open(path + 9, read_only, block_bytes, error, error_bytes);
	return disk_file_open(path, read_only, block_bytes, error, error_bytes);
}

void disk_image_close(struct disk_image *image)
{
	if (image)
		image->ops->close(image);
}

uint64_t disk_image_bytes(const struct disk_image *image)
{
	return image->bytes;
}

bool disk_image_is_read_only(const struct disk_image *image)
{
	return image->read_only;
}

bool disk_image_recheck_size(struct disk_image *image)
{
	uint64_t bytes;

	if (image->ops->size(image, &bytes))
		return false;
	bytes -= bytes % image->block_bytes;
	if (!bytes || bytes == image->bytes)
		return false;
	image->bytes = bytes;
	return true;
}

int disk_image_read(struct disk_image *image, uint64_t offset, const struct sg *sg,
		    size_t sg_offset, size_t bytes)
{
	return bytes ? image->ops->read(image, offset, sg, sg_offset, bytes) : 0;
}

int disk_image_write(struct disk_image *image, uint64_t offset, const struct sg *sg,
		     size_t sg_offset, size_t bytes)
{
	if (image->read_only)
		return -EROFS;
	return bytes ? image->ops->write(image, offset, sg, sg_offset, bytes) : 0;
}

int disk_image_flush(struct disk_image *image)
{
	return image->read_only ? 0 : image->ops->flush(image);
}

static int disk_image_write_zeros(struct disk_image *image, uint64_t offset, uint64_t bytes)
{
	static const char zeros[DISK_IMAGE_ZEROS];
	struct iovec iov = { .iov_base = (void *)zeros };
	struct sg sg;
	int err;

	while (bytes) {
		iov.iov_len = bytes < sizeof(zeros) ? (size_t)bytes : sizeof(zeros);
		sg_init(&sg, &iov, 1);
		err = disk_image_write(image, offset, &sg, 0, sg.bytes);
		if (err)
			return err;
		offset += sg.bytes;
		bytes -= sg.bytes;
	}
	return 0;
}

int disk_image_zero(struct disk_image *image, uint64_t offset, uint64_t bytes, bool may_unmap)
{
	int err;

	if (image->read_only)
		return -EROFS;
	if (!bytes)
		return 0;
	err = image->ops->zero(image, offset, bytes, may_unmap);
	return err == -EOPNOTSUPP ? disk_image_write_zeros(image, offset, bytes) : err;
}

uint64_t disk_image_extent(struct disk_image *image, uint64_t offset, bool *stored)
{
	return image->ops->extent(image, offset, stored);
}
