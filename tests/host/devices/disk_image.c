// SPDX-License-Identifier: GPL-2.0
/*
 * Raw disk images: open with all checks before anything could be written, then
 * positioned I/O on scattered buffers. Knows nothing of SCSI.
 */
#include "disk_image.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

/* Policy: pieces handed to the kernel at once, and zeros written at once. */
#define DISK_IMAGE_PIECES 256
#define DISK_IMAGE_ZEROS  (256 * 1024)

struct disk_image {
	int fd;
	bool read_only;
	bool block_device;
	uint32_t block_bytes;
	uint64_t bytes;
};

static int disk_image_measure(const struct disk_image *image, uint64_t *bytes)
{
	struct stat st;

	if (image->block_device)
		return ioctl(image->fd, BLKGETSIZE64, bytes) ? -errno : 0;
	if (fstat(image->fd, &st))
		return -errno;
	*bytes = (uint64_t)st.st_size;
	return 0;
}

struct disk_image *disk_image_open(const char *path, bool read_only, uint32_t block_bytes,
				   char *error, size_t error_bytes)
{
	struct disk_image *image;
	struct stat st;
	int err;

	image = calloc(1, sizeof(*image));
	if (!image) {
		snprintf(error, error_bytes, "%s: out of memory", path);
		return NULL;
	}
	image->read_only = read_only;
	image->block_bytes = block_bytes;

	/* O_NONBLOCK: a FIFO must be refused, not waited for. */
	image->fd = open(path, (read_only ? O_RDONLY : O_RDWR) | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (image->fd < 0) {
		snprintf(error, error_bytes, "%s: cannot open for %s: %s", path,
			 read_only ? "reading" : "reading and writing", strerror(errno));
		goto free_image;
	}
	if (fstat(image->fd, &st)) {
		snprintf(error, error_bytes, "%s: %s", path, strerror(errno));
		goto close_fd;
	}
	image->block_device = S_ISBLK(st.st_mode);
	if (!image->block_device && !S_ISREG(st.st_mode)) {
		snprintf(error, error_bytes, "%s: a disk image is a regular file or a block device",
			 path);
		goto close_fd;
	}
	err = disk_image_measure(image, &image->bytes);
	if (err) {
		snprintf(error, error_bytes, "%s: cannot tell its size: %s", path, strerror(-err));
		goto close_fd;
	}
	if (!image->bytes || image->bytes % block_bytes) {
		snprintf(error, error_bytes,
			 "%s: %llu bytes is not a positive multiple of the %u-byte block", path,
			 (unsigned long long)image->bytes, block_bytes);
		goto close_fd;
	}
	if (flock(image->fd, (read_only ? LOCK_SH : LOCK_EX) | LOCK_NB)) {
		snprintf(error, error_bytes, "%s: %s", path,
			 errno == EWOULDBLOCK ? "in use by another program or disk"
					      : strerror(errno));
		goto close_fd;
	}
	return image;

close_fd:
	close(image->fd);
free_image:
	free(image);
	return NULL;
}

void disk_image_close(struct disk_image *image)
{
	if (!image)
		return;
	close(image->fd);
	free(image);
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

	if (disk_image_measure(image, &bytes))
		return false;
	bytes -= bytes % image->block_bytes;
	if (!bytes || bytes == image->bytes)
		return false;
	image->bytes = bytes;
	return true;
}

static int disk_image_io(struct disk_image *image, uint64_t offset, const struct sg *sg,
			 size_t sg_offset, size_t bytes,
			 ssize_t (*io)(int fd, const struct iovec *iov, int count, off_t offset))
{
	struct iovec part[DISK_IMAGE_PIECES];
	unsigned int pieces;
	size_t taken;
	ssize_t n;

	while (bytes) {
		pieces = sg_slice(sg, sg_offset, bytes, part, DISK_IMAGE_PIECES, &taken);
		if (!pieces)
			return -EIO;
		n = io(image->fd, part, (int)pieces, (off_t)offset);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			return -EIO;
		offset += (uint64_t)n;
		sg_offset += (size_t)n;
		bytes -= (size_t)n;
	}
	return 0;
}

int disk_image_read(struct disk_image *image, uint64_t offset, const struct sg *sg,
		    size_t sg_offset, size_t bytes)
{
	return disk_image_io(image, offset, sg, sg_offset, bytes, preadv);
}

int disk_image_write(struct disk_image *image, uint64_t offset, const struct sg *sg,
		     size_t sg_offset, size_t bytes)
{
	if (image->read_only)
		return -EROFS;
	return disk_image_io(image, offset, sg, sg_offset, bytes, pwritev);
}

int disk_image_flush(struct disk_image *image)
{
	if (image->read_only)
		return 0;
	return fdatasync(image->fd) ? -errno : 0;
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
	int mode = may_unmap ? FALLOC_FL_PUNCH_HOLE : FALLOC_FL_ZERO_RANGE;

	if (image->read_only)
		return -EROFS;
	if (!bytes)
		return 0;
	if (!fallocate(image->fd, mode | FALLOC_FL_KEEP_SIZE, (off_t)offset, (off_t)bytes))
		return 0;
	/* A file system without holes or zero ranges: write them. */
	if (errno != EOPNOTSUPP && errno != ENOSYS && errno != ENODEV)
		return -errno;
	return disk_image_write_zeros(image, offset, bytes);
}

uint64_t disk_image_extent(struct disk_image *image, uint64_t offset, bool *stored)
{
	off_t data = lseek(image->fd, (off_t)offset, SEEK_DATA), end;

	*stored = true;
	if (data < 0 && errno == ENXIO) { /* a hole to the end */
		*stored = false;
		return image->bytes - offset;
	}
	if (data > (off_t)offset) {
		*stored = false;
		end = data;
	} else {
		end = data < 0 ? -1 : lseek(image->fd, (off_t)offset, SEEK_HOLE);
	}
	/* The file may have changed its size meanwhile. */
	if (end <= (off_t)offset || (uint64_t)end > image->bytes)
		return image->bytes - offset;
	return (uint64_t)end - offset;
}
