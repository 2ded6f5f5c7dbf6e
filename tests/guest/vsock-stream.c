// SPDX-License-Identifier: GPL-2.0
/*
 * Joins standard input and output with a stream socket of AF_VSOCK, for the hvsock scenario: what
 * comes from one goes to the other, both ways at once, and an end is passed on as an end.
 *
 * Usage: vsock-stream connect PORT | vsock-stream listen PORT
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/vm_sockets.h>

#define BUFFER_BYTES 65536

static void die(const char *what)
{
	fprintf(stderr, "vsock-stream: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* The socket, connected to the host or to who of the host calls. */
static int stream_open(int listens, unsigned int port)
{
	struct sockaddr_vm address = {
		.svm_family = AF_VSOCK,
		.svm_cid = listens ? VMADDR_CID_ANY : VMADDR_CID_HOST,
		.svm_port = port,
	};
	int fd = socket(AF_VSOCK, SOCK_STREAM, 0);
	int connected;

	if (fd < 0)
		die("socket");
	if (!listens) {
		if (connect(fd, (struct sockaddr *)&address, sizeof(address)))
			die("connect");
		return fd;
	}
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) || listen(fd, 1))
		die("listen");
	fprintf(stderr, "listening\n");
	connected = accept(fd, NULL, NULL);
	if (connected < 0)
		die("accept");
	close(fd);
	return connected;
}

int main(int argc, char **argv)
{
	static char out[BUFFER_BYTES], in[BUFFER_BYTES];
	size_t out_len = 0, out_done = 0;
	struct pollfd fds[2];
	int fd;

	if (argc != 3 || (strcmp(argv[1], "connect") && strcmp(argv[1], "listen"))) {
		fprintf(stderr, "Usage: vsock-stream connect|listen PORT\n");
		return 2;
	}
	fd = stream_open(!strcmp(argv[1], "listen"), (unsigned int)strtoul(argv[2], NULL, 0));
	fds[0] = (struct pollfd){ .fd = STDIN_FILENO, .events = POLLIN };
	fds[1] = (struct pollfd){ .fd = fd };
	for (;;) {
		ssize_t n;

		fds[0].events = out_len ? 0 : POLLIN;
		fds[1].events = POLLIN | (out_len ? POLLOUT : 0);
		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			die("poll");
		if (fds[0].fd >= 0 && !out_len && (fds[0].revents & (POLLIN | POLLHUP))) {
			n = read(STDIN_FILENO, out, sizeof(out));
			if (n < 0)
				die("read");
			out_len = (size_t)n;
			out_done = 0;
			if (!n) {
				fds[0].fd = -1;
				if (shutdown(fd, SHUT_WR))
					die("shutdown");
			}
		}
		if (fds[1].revents & POLLOUT) {
			n = send(fd, out + out_done, out_len - out_done, MSG_DONTWAIT | MSG_NOSIGNAL);
			if (n < 0 && errno != EAGAIN)
				die("send");
			if (n > 0)
				out_done += (size_t)n;
			if (out_done == out_len)
				out_len = 0;
		}
		if (fds[1].revents & (POLLIN | POLLHUP | POLLERR)) {
			n = recv(fd, in, sizeof(in), MSG_DONTWAIT);
			if (n < 0 && errno != EAGAIN)
				die("recv");
			if (!n)
				break;
			if (n > 0 && write(STDOUT_FILENO, in, (size_t)n) != n)
				die("write");
		}
	}
	close(fd);
	return 0;
}
