// SPDX-License-Identifier: GPL-2.0
/*
 * Disk images that are raw files or block devices: opened with all checks before anything could be
 * written, then positioned I/O on scattered buffers.
 */
#include "disk_internal.h"

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

/* Policy: pieces handed to the kernel at once. */
#define DISK_FILE_PIECES 256

struct disk_file {
	struct disk_image image;
	int fd;
	bool block_device;
};

static struct disk_file *disk_file(struct disk_image *image)
{
	return (struct disk_file *)((char *)image - offsetof(struct disk_file, image));
}

static int disk_file_measure(const struct disk_file *file, uint64_t *bytes)
{
	struct stat st;

	if (file->block_device)
		return ioctl(file->fd, BLKGETSIZE64, bytes) ? -errno : 0;
	if (fstat(file->fd, &st))
		return -errno;
	*bytes = (uint64_t)st.st_size;
	return 0;
}

static int disk_file_io(struct disk_image *image, uint64_t offset, const struct sg *sg,
			size_t sg_offset, size_t bytes,
			ssize_t (*io)(int fd, const struct iovec *iov, int count, off_t offset))
{
	struct iovec part[DISK_FILE_PIECES];
	unsigned int pieces;
	size_t taken;
	ssize_t n;

	while (bytes) {
		pieces = sg_slice(sg, sg_offset, bytes, part, DISK_FILE_PIECES, &taken);
		if (!pieces)
			return -EIO;
		n = io(disk_file(image)->fd, part, (int)pieces, (off_t)offset);
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

static int disk_file_read(struct disk_image *image, uint64_t offset, const struct sg *sg,
			  size_t sg_offset, size_t bytes)
{
	return disk_file_io(image, offset, sg, sg_offset, bytes, preadv);
}

static int disk_file_write(struct disk_image *image, uint64_t offset, const struct sg *sg,
			   size_t sg_offset, size_t bytes)
{
	return disk_file_io(image, offset, sg, sg_offset, bytes, pwritev);
}

static int disk_file_flush(struct disk_image *image)
{
	return fdatasync(disk_file(image)->fd) ? -errno : 0;
}

static int disk_file_zero(struct disk_image *image, uint64_t offset, uint64_t bytes, bool may_unmap)
{
	int mode = may_unmap ? FALLOC_FL_PUNCH_HOLE : FALLOC_FL_ZERO_RANGE;

	if (!fallocate(disk_file(image)->fd, mode | FALLOC_FL_KEEP_SIZE, (off_t)offset,
		       (off_t)bytes))
		return 0;
	/* A file system without holes or zero ranges. */
	return errno == ENOSYS || errno == ENODEV ? -EOPNOTSUPP : -errno;
}

static uint64_t disk_file_extent(struct disk_image *image, uint64_t offset, bool *stored)
{
	int fd = disk_file(image)->fd;
	off_t data = lseek(fd, (off_t)offset, SEEK_DATA), end;

	*stored = true;
	if (data < 0 && errno == ENXIO) { /* a hole to the end */
		*stored = false;
		return image->bytes - offset;
	}
	if (data > (off_t)offset) {
		*stored = false;
		end = data;
	} else {
		end = data < 0 ? -1 : lseek(fd, (off_t)offset, SEEK_HOLE);
	}
	/* The file may have changed its size meanwhile. */
	if (end <= (off_t)offset || (uint64_t)end > image->bytes)
		return image->bytes - offset;
	return (uint64_t)end - offset;
}

static int disk_file_size(struct disk_image *image, uint64_t *bytes)
{
	return disk_file_measure(disk_file(image), bytes);
}

static void disk_file_close(struct disk_image *image)
{
	struct disk_file *file = disk_file(image);

	close(file->fd);
	free(file);
}

static const struct disk_image_ops disk_file_ops = {
	.close = disk_file_close,
	.size = disk_file_size,
	.read = disk_file_read,
	.write = disk_file_write,
	.flush = disk_file_flush,
	.zero = disk_file_zero,
	.extent = disk_file_extent,
};

struct disk_image *disk_file_open(const char *path, bool read_only, uint32_t block_bytes,
				  char *error, size_t error_bytes)
{
	struct disk_file *file;
	struct stat st;
	int err;

	file = calloc(1, sizeof(*file));
	if (!file) {
		snprintf(error, error_bytes, "%s: out of memory", path);
		return NULL;
	}
	file->image.ops = &disk_file_ops;
	file->image.read_only = read_only;
	file->image.block_bytes = block_bytes;

	/* O_NONBLOCK: a FIFO must be refused, not waited for. */
	file->fd = open(path, (read_only ? O_RDONLY : O_RDWR) | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (file->fd < 0) {
		snprintf(error, error_bytes, "%s: cannot open for %s: %s", path,
			 read_only ? "reading" : "reading and writing", strerror(errno));
		goto free_file;
	}
	if (fstat(file->fd, &st)) {
		snprintf(error, error_bytes, "%s: %s", path, strerror(errno));
		goto close_fd;
	}
	file->block_device = S_ISBLK(st.st_mode);
	if (!file->block_device && !S_ISREG(st.st_mode)) {
		snprintf(error, error_bytes, "%s: a disk image is a regular file or a block device",
			 path);
		goto close_fd;
	}
	err = disk_file_measure(file, &file->image.bytes);
	if (err) {
		snprintf(error, error_bytes, "%s: cannot tell its size: %s", path, strerror(-err));
		goto close_fd;
	}
	if (!file->image.bytes || file->image.bytes % block_bytes) {
		snprintf(error, error_bytes,
			 "%s: %llu bytes is not a positive multiple of the %u-byte block", path,
			 (unsigned long long)file->image.bytes, block_bytes);
		goto close_fd;
	}
	if (flock(file->fd, (read_only ? LOCK_SH : LOCK_EX) | LOCK_NB)) {
		snprintf(error, error_bytes, "%s: %s", path,
			 errno == EWOULDBLOCK ? "in use by another program or disk"
					      : strerror(errno));
		goto close_fd;
	}
	return &file->image;

close_fd:
	close(file->fd);
free_file:
	free(file);
	return NULL;
}
