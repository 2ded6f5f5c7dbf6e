// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of disk images behind an NBD server: VHDX and qcow2 by a real qemu-nbd are written, read,
 * given back and found again; names that lead nowhere are refused. Skips what qemu-utils does not
 * provide on this machine.
 */
#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../devices/disk_image.h"
#include "dev_unit.h"

#define IMAGE_BYTES (64u << 20)
#define DATA_BYTES  (3u << 20)
/* What the file system and the format may take or give back beside the data, for their own tables. */
#define TABLE_BYTES (256u << 10)

extern char **environ;

static char dir[] = "/tmp/hvhost-unit-XXXXXX";
static char file[64], sock[64], name[80];
static pid_t server;
static uint8_t *data, *back;

static pid_t start(const char *const *argv)
{
	pid_t pid;

	return posix_spawnp(&pid, argv[0], NULL, NULL, (char *const *)argv, environ) ? -1 : pid;
}

/* Return: whether the program is there and ended well. */
static bool run(const char *const *argv)
{
	pid_t pid = start(argv);
	int status;

	return pid > 0 && waitpid(pid, &status, 0) == pid && !status;
}

static void stop_server(void)
{
	if (server > 0) {
		kill(server, SIGTERM);
		waitpid(server, NULL, 0);
	}
	server = 0;
	unlink(sock);
}

/* Return: whether somebody listens; the socket's name is there a moment before. */
static bool server_listens(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool listens;

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", sock);
	listens = fd >= 0 && !connect(fd, (struct sockaddr *)&address, sizeof(address));
	if (fd >= 0)
		close(fd);
	return listens;
}

/* Return: whether a server has the image; waits until it listens. */
static bool start_server(const char *format, bool read_only)
{
	const char *const argv[] = { "qemu-nbd",
				     "--persistent",
				     "--socket",
				     sock,
				     "--format",
				     format,
				     "--discard=unmap",
				     file,
				     read_only ? "--read-only" : NULL,
				     NULL };
	unsigned int turns;

	server = start(argv);
	for (turns = 0; server > 0 && turns < 6000; turns++) {
		if (server_listens())
			return true;
		if (waitpid(server, NULL, WNOHANG) == server)
			server = 0;
		usleep(10000);
	}
	return false;
}

static bool create(const char *format)
{
	const char *const argv[] = { "qemu-img", "create", "-q", "-f", format, file, "64M", NULL };

	return run(argv);
}

/* The bytes of @buffer in two uneven pieces. */
static struct sg pieces(struct iovec iov[2], uint8_t *buffer)
{
	struct sg sg;

	iov[0] = (struct iovec){ buffer, 12345 };
	iov[1] = (struct iovec){ buffer + 12345, DATA_BYTES - 12345 };
	sg_init(&sg, iov, 2);
	return sg;
}

/* Bytes the file takes up on the host. */
static uint64_t stored_bytes(void)
{
	struct stat st;

	sync();
	CHECK(!stat(file, &st));
	return (uint64_t)st.st_blocks * 512;
}

static void an_image_is_used(const char *format)
{
	struct disk_image *image;
	struct iovec iov[2];
	char error[256] = "";
	uint64_t extent, before;
	struct sg sg;
	bool stored;
	size_t i;

	if (!create(format) || !start_server(format, false)) {
		printf("# skipped: no qemu-img and qemu-nbd for %s\n", format);
		stop_server();
		return;
	}
	image = disk_image_open(name, false, 512, error, sizeof(error));
	if (!image) {
		printf("# %s\n", error);
		unit_failures++;
		stop_server();
		return;
	}
	CHECK_EQ(disk_image_bytes(image), IMAGE_BYTES);
	CHECK(!disk_image_is_read_only(image));
	for (i = 0; i < DATA_BYTES; i++)
		data[i] = (uint8_t)(i * 7 >> 3);
	sg = pieces(iov, data);
	CHECK_EQ(disk_image_write(image, 8 << 20, &sg, 0, DATA_BYTES), 0);
	CHECK_EQ(disk_image_flush(image), 0);
	sg = pieces(iov, back);
	CHECK_EQ(disk_image_read(image, 8 << 20, &sg, 0, DATA_BYTES), 0);
	CHECK(!memcmp(data, back, DATA_BYTES));
	/* A part of the buffer, past the first piece. */
	memset(back, 0, DATA_BYTES);
	CHECK_EQ(disk_image_read(image, (8 << 20) + 20480, &sg, 20480, 4096), 0);
	CHECK(!memcmp(data + 20480, back + 20480, 4096));
	CHECK(!back[20479] && !back[24576]);
	/* Zeros, given back or not. */
	before = stored_bytes();
	CHECK_EQ(disk_image_zero(image, 10 << 20, 1 << 20, false), 0);
	CHECK(stored_bytes() + TABLE_BYTES >= before);
	CHECK_EQ(disk_image_zero(image, 9 << 20, 1 << 20, true), 0);
	if (!strcmp(format, "qcow2"))
		CHECK(stored_bytes() + (1 << 20) <= before + TABLE_BYTES);
	CHECK_EQ(disk_image_read(image, 8 << 20, &sg, 0, DATA_BYTES), 0);
	CHECK(!memcmp(data, back, 1 << 20));
	CHECK(!back[1 << 20] && !memcmp(back + (1 << 20), back + (1 << 20) + 1, (2 << 20) - 1));
	extent = disk_image_extent(image, 8 << 20, &stored);
	CHECK(stored && extent >= 1 << 20 && extent <= IMAGE_BYTES);
	extent = disk_image_extent(image, 40 << 20, &stored);
	CHECK(extent >= 512 && extent <= 24 << 20);
	if (!strcmp(format, "qcow2"))
		CHECK(!stored && extent == 24 << 20);
	CHECK(!disk_image_recheck_size(image));
	disk_image_close(image);
	stop_server();

	/* By another server, for reading: what was written is in the image. */
	CHECK(start_server(format, true));
	CHECK(!disk_image_open(name, false, 512, error, sizeof(error)));
	CHECK(strstr(error, "cannot be written to"));
	image = disk_image_open(name, true, 512, error, sizeof(error));
	CHECK(image);
	if (image) {
		CHECK_EQ(disk_image_read(image, 8 << 20, &sg, 0, 1 << 20), 0);
		CHECK(!memcmp(data, back, 1 << 20));
		CHECK_EQ(disk_image_write(image, 0, &sg, 0, 512), -EROFS);
		/* A server that dies is an error and no more. */
		stop_server();
		CHECK_EQ(disk_image_read(image, 8 << 20, &sg, 0, 1 << 20), -EIO);
		disk_image_extent(image, 0, &stored);
		CHECK(stored);
		disk_image_close(image);
	}
	stop_server();
	unlink(file);
}

static void a_qcow2_image_is_used(void)
{
	an_image_is_used("qcow2");
}

static void a_vhdx_image_is_used(void)
{
	an_image_is_used("vhdx");
}

static void bad_addresses_are_refused(void)
{
	static const char *const names[] = { "nbd:",
					     "nbd:unix:",
					     "nbd:tcp:host",
					     "nbd:unix",
					     "nbd:unix:/nonexistent/socket",
					     "nbd:unix::exportname=x" };
	char error[256];
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		error[0] = '\0';
		CHECK(!disk_image_open(names[i], true, 512, error, sizeof(error)));
		CHECK(error[0] && !strchr(error, '\n'));
	}
}

static const struct unit_case cases[] = {
	UNIT_CASE(a_qcow2_image_is_used),
	UNIT_CASE(a_vhdx_image_is_used),
	UNIT_CASE(bad_addresses_are_refused),
};

int main(void)
{
	int status;

	if (!mkdtemp(dir))
		return 2;
	snprintf(file, sizeof(file), "%s/image", dir);
	snprintf(sock, sizeof(sock), "%s/socket", dir);
	snprintf(name, sizeof(name), "nbd:unix:%s", sock);
	data = malloc(DATA_BYTES);
	back = malloc(DATA_BYTES);
	status = unit_main(cases, sizeof(cases) / sizeof(cases[0]));
	stop_server();
	unlink(file);
	rmdir(dir);
	free(data);
	free(back);
	return status;
}
