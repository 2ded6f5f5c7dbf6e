// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of disks whose write cache forgets, against a model of two arrays: what was written reads back, what was
 * flushed survives the loss of power, what was not does not, and nothing else changes.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../devices/disk_image.h"
#include "dev_unit.h"

#define IMAGE_BYTES (4u << 20)
#define BLOCK       512u

static char dir[] = "/tmp/hvhost-unit-XXXXXX";
static char file[64], name[80];
static uint8_t durable[IMAGE_BYTES], current[IMAGE_BYTES], buffer[IMAGE_BYTES];

static struct disk_image *open_image(const char *path)
{
	char error[256] = "";
	struct disk_image *image = disk_image_open(path, false, BLOCK, error, sizeof(error));

	if (!image)
		printf("# %s\n", error);
	return image;
}

/* Two pieces that do not end where blocks do. */
static struct sg pieces(struct iovec iov[2], size_t bytes)
{
	struct sg sg;
	size_t first = bytes / 3 + 1;

	iov[0] = (struct iovec){ buffer, first };
	iov[1] = (struct iovec){ buffer + first, bytes - first };
	sg_init(&sg, iov, 2);
	return sg;
}

static bool image_is(const char *path, const uint8_t *want)
{
	int fd = open(path, O_RDONLY);
	bool same = fd >= 0 && read(fd, buffer, IMAGE_BYTES) == (ssize_t)IMAGE_BYTES &&
		    !memcmp(buffer, want, IMAGE_BYTES);

	if (fd >= 0)
		close(fd);
	return same;
}

static void what_was_flushed_and_nothing_else_survives(void)
{
	struct disk_image *image = open_image(name);
	unsigned int turn, losses = 0;
	struct iovec iov[2];
	struct sg sg;

	CHECK(image);
	if (!image)
		return;
	CHECK_EQ(disk_image_bytes(image), IMAGE_BYTES);
	srand(7);
	for (turn = 0; turn < 4000; turn++) {
		size_t blocks = 1 + (size_t)rand() % (turn % 16 ? 64 : 3000);
		uint64_t first = (uint64_t)rand() % (IMAGE_BYTES / BLOCK - blocks + 1);
		uint64_t offset = first * BLOCK;
		size_t bytes = blocks * BLOCK;

		switch (rand() % 20) {
		case 0:
			CHECK_EQ(disk_image_flush(image), 0);
			memcpy(durable, current, IMAGE_BYTES);
			if (turn % 5 == 0)
				CHECK(image_is(file, durable));
			break;
		case 1:
			disk_image_lose_power();
			memcpy(current, durable, IMAGE_BYTES);
			losses++;
			break;
		case 2:
			CHECK_EQ(disk_image_zero(image, offset, bytes, turn & 1), 0);
			memset(current + offset, 0, bytes);
			break;
		case 3 ... 9:
			sg = pieces(iov, bytes);
			memset(buffer, 0xa5, bytes);
			CHECK_EQ(disk_image_read(image, offset, &sg, 0, bytes), 0);
			CHECK(!memcmp(buffer, current + offset, bytes));
			break;
		default:
			memset(buffer, (int)turn + 1, bytes);
			buffer[0] = (uint8_t)(turn >> 8);
			sg = pieces(iov, bytes);
			CHECK_EQ(disk_image_write(image, offset, &sg, 0, bytes), 0);
			memcpy(current + offset, buffer, bytes);
			break;
		}
	}
	CHECK(losses > 50);
	/* Unplugged in order, it keeps what it has. */
	disk_image_close(image);
	CHECK(image_is(file, current));
}

static void two_disks_lose_power_together(void)
{
	struct disk_image *image = open_image(name), *other;
	char second[96];
	struct iovec iov[2];
	struct sg sg;

	CHECK(image);
	snprintf(second, sizeof(second), "volatile:%s.2", file);
	CHECK(!truncate(second + 9, IMAGE_BYTES) || close(open(second + 9, O_CREAT | O_RDWR, 0600)) == 0);
	CHECK(!truncate(second + 9, IMAGE_BYTES));
	other = open_image(second);
	CHECK(other);
	if (!image || !other)
		return;
	memset(buffer, 0x77, 4096);
	sg = pieces(iov, 4096);
	CHECK_EQ(disk_image_write(other, 0, &sg, 0, 4096), 0);
	CHECK_EQ(disk_image_write(image, 0, &sg, 0, 4096), 0);
	disk_image_lose_power();
	CHECK_EQ(disk_image_read(other, 0, &sg, 0, 4096), 0);
	CHECK_EQ(buffer[0], 0);
	disk_image_close(image);
	/* One that is gone loses nothing more. */
	disk_image_lose_power();
	disk_image_close(other);
	unlink(second + 9);
	CHECK(image_is(file, current));
}

static void what_cannot_have_a_cache_is_refused(void)
{
	static const char *const names[] = { "volatile:", "volatile:/nonexistent/image", "volatile:/dev/null" };
	char error[256];
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		error[0] = '\0';
		CHECK(!disk_image_open(names[i], false, BLOCK, error, sizeof(error)));
		CHECK(error[0] && !strchr(error, '\n'));
	}
	error[0] = '\0';
	CHECK(!disk_image_open(name, true, BLOCK, error, sizeof(error)));
	CHECK(strstr(error, "read-only"));
}

static const struct unit_case cases[] = {
	UNIT_CASE(what_was_flushed_and_nothing_else_survives),
	UNIT_CASE(two_disks_lose_power_together),
	UNIT_CASE(what_cannot_have_a_cache_is_refused),
};

int main(void)
{
	int status, fd;

	if (!mkdtemp(dir))
		return 2;
	snprintf(file, sizeof(file), "%s/image", dir);
	snprintf(name, sizeof(name), "volatile:%s", file);
	fd = open(file, O_CREAT | O_RDWR, 0600);
	if (fd < 0 || ftruncate(fd, IMAGE_BYTES))
		return 2;
	close(fd);
	status = unit_main(cases, sizeof(cases) / sizeof(cases[0]));
	unlink(file);
	rmdir(dir);
	return status;
}
