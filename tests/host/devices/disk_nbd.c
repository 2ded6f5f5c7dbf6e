// SPDX-License-Identifier: GPL-2.0
/*
 * Disk images behind a server of the network block device protocol, which knows formats this program
 * does not: VHDX, qcow2 and others by qemu-nbd or qemu-storage-daemon. By libnbd, which is loaded
 * when the first such image is opened: nothing else needs it.
 */
#include <dlfcn.h>
#include <errno.h>
#include <libnbd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "disk_internal.h"

#define LIBNBD "libnbd.so.0"
/* What the protocol calls the context that tells holes from data, and its flag for a hole. */
#define NBD_ALLOCATION "base:allocation"
#define NBD_HOLE       1u

/* Policy: bytes copied at once, and zeroed by one request (the protocol's limit is 32 bits). */
#define DISK_NBD_COPY (1u << 20)
#define DISK_NBD_ZERO (1ull << 30)

/* clang-format off */
#define NBD_FUNCTIONS(X) \
	X(nbd_create) X(nbd_close) X(nbd_set_export_name) X(nbd_add_meta_context) \
	X(nbd_connect_unix) X(nbd_get_size) X(nbd_get_block_size) X(nbd_is_read_only) \
	X(nbd_can_flush) X(nbd_can_zero) X(nbd_can_meta_context) X(nbd_pread) X(nbd_pwrite) \
	X(nbd_flush) X(nbd_zero) X(nbd_block_status) X(nbd_shutdown) X(nbd_get_error) \
	X(nbd_get_errno)
/* clang-format on */

/* The library's functions by their names; all NULL until it is loaded. */
static struct {
#define NBD_MEMBER(name) __typeof__(name) *name;
	NBD_FUNCTIONS(NBD_MEMBER)
#undef NBD_MEMBER
} lib;

struct disk_nbd {
	struct disk_image image;
	struct nbd_handle *nbd;
	bool can_flush, can_zero, has_allocation;
	char copy[DISK_NBD_COPY];
};

static struct disk_nbd *disk_nbd(struct disk_image *image)
{
	return (struct disk_nbd *)((char *)image - offsetof(struct disk_nbd, image));
}

static bool disk_nbd_load(char *error, size_t error_bytes)
{
	void *handle;

	if (lib.nbd_create)
		return true;
	handle = dlopen(LIBNBD, RTLD_NOW | RTLD_LOCAL);
	if (!handle) {
		snprintf(error, error_bytes, "nbd: %s", dlerror());
		return false;
	}
#define NBD_LOAD(name)                                                            \
	lib.name = (__typeof__(lib.name))dlsym(handle, #name);                    \
	if (!lib.name) {                                                          \
		snprintf(error, error_bytes, "nbd: %s has no %s", LIBNBD, #name); \
		lib.nbd_create = NULL;                                            \
		dlclose(handle);                                                  \
		return false;                                                     \
	}
	NBD_FUNCTIONS(NBD_LOAD)
#undef NBD_LOAD
	return true;
}

/* The last error of the library as a negative errno; it has none for a server that talks nonsense. */
static int disk_nbd_error(void)
{
	int err = lib.nbd_get_errno();

	return err == ENOSPC || err == EROFS ? -err : -EIO;
}

static int disk_nbd_read(struct disk_image *image, uint64_t offset, const struct sg *sg,
			 size_t sg_offset, size_t bytes)
{
	struct disk_nbd *nbd = disk_nbd(image);

	while (bytes) {
		size_t n = bytes < DISK_NBD_COPY ? bytes : DISK_NBD_COPY;

		if (lib.nbd_pread(nbd->nbd, nbd->copy, n, offset, 0))
			return disk_nbd_error();
		sg_copy_in(sg, sg_offset, nbd->copy, n);
		offset += n;
		sg_offset += n;
		bytes -= n;
	}
	return 0;
}

static int disk_nbd_write(struct disk_image *image, uint64_t offset, const struct sg *sg,
			  size_t sg_offset, size_t bytes)
{
	struct disk_nbd *nbd = disk_nbd(image);

	while (bytes) {
		size_t n = bytes < DISK_NBD_COPY ? bytes : DISK_NBD_COPY;

		sg_copy_out(sg, sg_offset, nbd->copy, n);
		if (lib.nbd_pwrite(nbd->nbd, nbd->copy, n, offset, 0))
			return disk_nbd_error();
		offset += n;
		sg_offset += n;
		bytes -= n;
	}
	return 0;
}

static int disk_nbd_flush(struct disk_image *image)
{
	struct disk_nbd *nbd = disk_nbd(image);

	return nbd->can_flush && lib.nbd_flush(nbd->nbd, 0) ? disk_nbd_error() : 0;
}

static int disk_nbd_zero(struct disk_image *image, uint64_t offset, uint64_t bytes, bool may_unmap)
{
	struct disk_nbd *nbd = disk_nbd(image);

	if (!nbd->can_zero)
		return -EOPNOTSUPP;
	while (bytes) {
		uint64_t n = bytes < DISK_NBD_ZERO ? bytes : DISK_NBD_ZERO;

		if (lib.nbd_zero(nbd->nbd, n, offset, may_unmap ? 0 : LIBNBD_CMD_FLAG_NO_HOLE))
			return disk_nbd_error();
		offset += n;
		bytes -= n;
	}
	return 0;
}

/* The first extent the server tells of. */
struct nbd_extent {
	uint64_t bytes;
	bool stored;
};

static int disk_nbd_extent_said(void *opaque, const char *context, uint64_t offset,
				uint32_t *entries, size_t nr_entries, int *error)
{
	struct nbd_extent *extent = opaque;

	(void)offset;
	(void)error;
	if (strcmp(context, NBD_ALLOCATION) || nr_entries < 2 || extent->bytes)
		return 0;
	extent->bytes = entries[0];
	extent->stored = !(entries[1] & NBD_HOLE);
	return 0;
}

static uint64_t disk_nbd_extent(struct disk_image *image, uint64_t offset, bool *stored)
{
	struct disk_nbd *nbd = disk_nbd(image);
	uint64_t left = image->bytes - offset;
	struct nbd_extent extent = { 0 };
	nbd_extent_callback callback = { .callback = disk_nbd_extent_said, .user_data = &extent };

	*stored = true;
	if (!nbd->has_allocation ||
	    lib.nbd_block_status(nbd->nbd, left < DISK_NBD_ZERO ? left : DISK_NBD_ZERO, offset,
				 callback, 0) ||
	    !extent.bytes)
		return left;
	*stored = extent.stored;
	return extent.bytes < left ? extent.bytes : left;
}

/* The protocol tells the size when a connection begins, and never again. */
static int disk_nbd_size(struct disk_image *image, uint64_t *bytes)
{
	*bytes = image->bytes;
	return 0;
}

static void disk_nbd_close(struct disk_image *image)
{
	struct disk_nbd *nbd = disk_nbd(image);

	lib.nbd_shutdown(nbd->nbd, 0);
	lib.nbd_close(nbd->nbd);
	free(nbd);
}

static const struct disk_image_ops disk_nbd_ops = {
	.close = disk_nbd_close,
	.size = disk_nbd_size,
	.read = disk_nbd_read,
	.write = disk_nbd_write,
	.flush = disk_nbd_flush,
	.zero = disk_nbd_zero,
	.extent = disk_nbd_extent,
};

/* Return: 0 with a connection to the export; -1 with one line in @error. */
static int disk_nbd_connect(struct disk_nbd *nbd, const char *socket, const char *export_name,
			    char *error, size_t error_bytes)
{
	nbd->nbd = lib.nbd_create();
	if (nbd->nbd && !lib.nbd_add_meta_context(nbd->nbd, NBD_ALLOCATION) &&
	    !lib.nbd_set_export_name(nbd->nbd, export_name) &&
	    !lib.nbd_connect_unix(nbd->nbd, socket))
		return 0;
	snprintf(error, error_bytes, "nbd:unix:%s: %s", socket, lib.nbd_get_error());
	error[strcspn(error, "\n")] = '\0';
	if (nbd->nbd)
		lib.nbd_close(nbd->nbd);
	return -1;
}

/* Return: 0 if the export is what the disk wants; -1 with one line in @error. */
static int disk_nbd_check(struct disk_nbd *nbd, const char *socket, char *error, size_t error_bytes)
{
	int64_t size = lib.nbd_get_size(nbd->nbd);

	if (size <= 0 || (uint64_t)size % nbd->image.block_bytes) {
		snprintf(error, error_bytes,
			 "nbd:unix:%s: %lld bytes is not a positive multiple of the %u-byte block",
			 socket, (long long)size, nbd->image.block_bytes);
		return -1;
	}
	if (lib.nbd_get_block_size(nbd->nbd, LIBNBD_SIZE_MINIMUM) > nbd->image.block_bytes) {
		snprintf(error, error_bytes,
			 "nbd:unix:%s: the server takes no blocks of %u bytes; try block=4096",
			 socket, nbd->image.block_bytes);
		return -1;
	}
	if (!nbd->image.read_only && lib.nbd_is_read_only(nbd->nbd)) {
		snprintf(error, error_bytes,
			 "nbd:unix:%s: cannot be written to; \",ro\" behind it makes the disk "
			 "read-only",
			 socket);
		return -1;
	}
	nbd->image.bytes = (uint64_t)size;
	nbd->can_flush = lib.nbd_can_flush(nbd->nbd) == 1;
	nbd->can_zero = lib.nbd_can_zero(nbd->nbd) == 1;
	nbd->has_allocation = lib.nbd_can_meta_context(nbd->nbd, NBD_ALLOCATION) == 1;
	return 0;
}

struct disk_image *disk_nbd_open(const char *address, bool read_only, uint32_t block_bytes,
				 char *error, size_t error_bytes)
{
	static const char unix_prefix[] = "unix:", name_key[] = ":exportname=";
	struct disk_nbd *nbd;
	char *socket, *name;

	if (strncmp(address, unix_prefix, strlen(unix_prefix)) || !address[strlen(unix_prefix)]) {
		snprintf(error, error_bytes,
			 "nbd:%s: not nbd:unix:SOCKET or nbd:unix:SOCKET:exportname=NAME", address);
		return NULL;
	}
	if (!disk_nbd_load(error, error_bytes))
		return NULL;
	nbd = calloc(1, sizeof(*nbd));
	socket = strdup(address + strlen(unix_prefix));
	if (!nbd || !socket) {
		snprintf(error, error_bytes, "nbd:%s: out of memory", address);
		goto free_both;
	}
	nbd->image.ops = &disk_nbd_ops;
	nbd->image.read_only = read_only;
	nbd->image.block_bytes = block_bytes;
	name = strstr(socket, name_key);
	if (name) {
		*name = '\0';
		name += strlen(name_key);
	}
	if (disk_nbd_connect(nbd, socket, name ? name : "", error, error_bytes))
		goto free_both;
	if (disk_nbd_check(nbd, socket, error, error_bytes)) {
		lib.nbd_close(nbd->nbd);
		goto free_both;
	}
	free(socket);
	return &nbd->image;

free_both:
	free(socket);
	free(nbd);
	return NULL;
}
