// SPDX-License-Identifier: GPL-2.0
/*
 * Draws what comes on standard input, for the video scenario: by a mapping of the framebuffer, as
 * programs do, which is how drivers with a shadow of the video memory learn what has changed.
 *
 * Usage: fb-draw /dev/fbN BYTES
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Drivers carry changes over some time after they were made, while the mapping is there. */
#define SETTLE_US 1000000

static int die(const char *what)
{
	fprintf(stderr, "fb-draw: %s: %s\n", what, strerror(errno));
	return 1;
}

int main(int argc, char **argv)
{
	size_t bytes, done = 0;
	char *pixels;
	int fd;

	if (argc != 3) {
		fprintf(stderr, "Usage: fb-draw DEVICE BYTES\n");
		return 2;
	}
	bytes = strtoul(argv[2], NULL, 0);
	fd = open(argv[1], O_RDWR);
	if (fd < 0)
		return die(argv[1]);
	pixels = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (pixels == MAP_FAILED)
		return die("mmap");
	while (done < bytes) {
		/* By way of a buffer: no system call writes into a framebuffer everywhere. */
		static char buffer[65536];
		size_t want = bytes - done < sizeof(buffer) ? bytes - done : sizeof(buffer);
		ssize_t n = read(STDIN_FILENO, buffer, want);

		if (n <= 0)
			return die("read");
		memcpy(pixels + done, buffer, (size_t)n);
		done += (size_t)n;
	}
	usleep(SETTLE_US);
	munmap(pixels, bytes);
	close(fd);
	return 0;
}
