// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the file server inside the program: downloads, uploads, and requests that make no sense.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "../devices/file_server.h"
#include "../hyperv/loop.h"
#include "dev_unit.h"

#define DATA_BYTES (3u << 20)

static struct loop *loop;
static struct file_server *server;
static char serve[] = "/tmp/hvhost-unit-XXXXXX", store[sizeof(serve) + 4];
static uint8_t *data, *got;

static int dial(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", file_server_path(server));
	CHECK(!connect(fd, (struct sockaddr *)&address, sizeof(address)));
	return fd;
}

/* Sends a request and reads until the server hangs up. Return: bytes in @got. */
static size_t talk(const char *head, const void *body, size_t body_bytes)
{
	size_t sent = 0, taken = 0, head_bytes = strlen(head);
	int fd = dial(), turns;
	ssize_t n;

	for (turns = 0; turns < 100000; turns++) {
		const char *from = sent < head_bytes ? head + sent
						     : (const char *)body + (sent - head_bytes);
		size_t left = sent < head_bytes ? head_bytes - sent
						: head_bytes + body_bytes - sent;

		if (left) {
			n = send(fd, from, left, MSG_NOSIGNAL);
			if (n > 0)
				sent += (size_t)n;
		}
		loop_run_once(loop, 0);
		n = read(fd, got + taken, DATA_BYTES + 1024 - taken);
		if (!n || (n < 0 && errno != EAGAIN))
			break;
		if (n > 0)
			taken += (size_t)n;
	}
	CHECK(turns < 100000);
	close(fd);
	loop_run_once(loop, 0);
	got[taken] = '\0';
	return taken;
}

static void a_file_is_delivered(void)
{
	size_t bytes = talk("GET /anything HTTP/1.0\r\nHost: x\r\n\r\n", NULL, 0);
	char *end = strstr((char *)got, "\r\n\r\n");

	CHECK(!strncmp((char *)got, "HTTP/1.0 200 OK\r\n", 17));
	CHECK(strstr((char *)got, "Content-Length: 3145728\r\n") != NULL);
	CHECK(end != NULL);
	if (end) {
		CHECK_EQ(bytes - (size_t)((uint8_t *)end + 4 - got), DATA_BYTES);
		CHECK(!memcmp(end + 4, data, DATA_BYTES));
	}
	CHECK(talk("HEAD / HTTP/1.0\r\n\r\n", NULL, 0) < 300);
	CHECK(strstr((char *)got, "Content-Length: 3145728\r\n") != NULL);
}

static void a_file_is_stored(void)
{
	char head[100];
	uint8_t *stored = malloc(DATA_BYTES);
	int fd;

	snprintf(head, sizeof(head), "PUT /x HTTP/1.0\r\nContent-length: %u\r\n\r\n", DATA_BYTES);
	talk(head, data, DATA_BYTES);
	CHECK(!strncmp((char *)got, "HTTP/1.0 201 ", 13));
	fd = open(store, O_RDONLY);
	CHECK_EQ(read(fd, stored, DATA_BYTES), DATA_BYTES);
	CHECK(!memcmp(stored, data, DATA_BYTES));
	close(fd);
	free(stored);
	talk("PUT /x HTTP/1.0\r\nContent-Length: 0\r\n\r\n", NULL, 0);
	CHECK(!strncmp((char *)got, "HTTP/1.0 201 ", 13));
}

static void senseless_requests_are_refused(void)
{
	static char longest[6000];

	talk("PUT /x HTTP/1.0\r\n\r\nbody", NULL, 0);
	CHECK(!strncmp((char *)got, "HTTP/1.0 411 ", 13));
	talk("BREW /pot HTTP/1.0\r\n\r\n", NULL, 0);
	CHECK(!strncmp((char *)got, "HTTP/1.0 501 ", 13));
	memset(longest, 'a', sizeof(longest) - 1);
	CHECK_EQ(talk(longest, NULL, 0), 0);
}

static void connections_that_end_early_do_no_harm(void)
{
	int fds[40], i;

	for (i = 0; i < 40; i++) {
		fds[i] = dial();
		if (i % 2 && send(fds[i], "GET / HTTP/1.0\r\n\r\n", 18, MSG_NOSIGNAL) < 0)
			continue;
		loop_run_once(loop, 0);
	}
	for (i = 0; i < 40; i++) {
		close(fds[i]);
		loop_run_once(loop, 0);
	}
	for (i = 0; i < 100; i++)
		loop_run_once(loop, 0);
	CHECK(talk("HEAD / HTTP/1.0\r\n\r\n", NULL, 0) > 0);
	/* Ended by the server with transfers under way: nothing is left behind. */
	fds[0] = dial();
	CHECK_EQ(send(fds[0], "GET / HTTP/1.0\r\n\r\n", 18, MSG_NOSIGNAL), 18);
	for (i = 0; i < 10; i++)
		loop_run_once(loop, 0);
	file_server_free(server);
	close(fds[0]);
}

static void without_files_there_is_nothing(void)
{
	char error[200], path[200];

	server = file_server_new(loop, NULL, NULL, error, sizeof(error));
	snprintf(path, sizeof(path), "%s", file_server_path(server));
	talk("GET / HTTP/1.0\r\n\r\n", NULL, 0);
	CHECK(!strncmp((char *)got, "HTTP/1.0 404 ", 13));
	talk("PUT / HTTP/1.0\r\nContent-Length: 3\r\n\r\n", "abc", 3);
	CHECK(!strncmp((char *)got, "HTTP/1.0 403 ", 13));
	file_server_free(server);
	CHECK(access(path, F_OK));
}

static const struct unit_case cases[] = {
	UNIT_CASE(a_file_is_delivered),
	UNIT_CASE(a_file_is_stored),
	UNIT_CASE(senseless_requests_are_refused),
	UNIT_CASE(connections_that_end_early_do_no_harm),
	UNIT_CASE(without_files_there_is_nothing),
};

int main(void)
{
	int fd = mkstemp(serve), status;
	char error[200];
	unsigned int i;

	/* As the program does: sendfile() has no flag for it. */
	signal(SIGPIPE, SIG_IGN);
	data = malloc(DATA_BYTES);
	got = malloc(DATA_BYTES + 1025);
	for (i = 0; i < DATA_BYTES; i++)
		data[i] = (uint8_t)(i * 31 + i / 1021);
	if (fd < 0 || write(fd, data, DATA_BYTES) != DATA_BYTES)
		return 2;
	close(fd);
	snprintf(store, sizeof(store), "%s.up", serve);
	loop = loop_new();
	server = file_server_new(loop, serve, store, error, sizeof(error));
	status = unit_main(cases, sizeof(cases) / sizeof(cases[0]));
	unlink(serve);
	unlink(store);
	loop_free(loop);
	free(data);
	free(got);
	return status;
}
