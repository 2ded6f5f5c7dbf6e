// SPDX-License-Identifier: GPL-2.0
/*
 * Prints what a PTP clock says: "ptp SECONDS.NANOSECONDS realtime SECONDS.NANOSECONDS offset_ms N", or the error of a clock
 * that cannot be read. With "set" tries to set it instead, which hv_utils must refuse. With "offset" prints how far the system's
 * clock is ahead of it, in nanoseconds, and how long the reading took: the quickest of many.
 *
 * Usage: ptp-now /dev/ptp0 [set|offset]
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* how the kernel numbers the clock behind a file descriptor */
#define FD_TO_CLOCK(fd)	((~(clockid_t)(fd) << 3) | 3)

/* how often to read both clocks: an emulated processor is interrupted in many of the readings */
#define READINGS	200

static long long nanoseconds(const struct timespec *ts)
{
	return ts->tv_sec * 1000000000LL + ts->tv_nsec;
}

/* Returns 0, or -1 with errno set. */
static int print_offset(clockid_t clock)
{
	long long window, best = -1, offset = 0;
	struct timespec before, ptp, after;
	int i;

	for (i = 0; i < READINGS; i++) {
		clock_gettime(CLOCK_REALTIME, &before);
		if (clock_gettime(clock, &ptp))
			return -1;
		clock_gettime(CLOCK_REALTIME, &after);
		window = nanoseconds(&after) - nanoseconds(&before);
		if (best < 0 || window < best) {
			best = window;
			offset = nanoseconds(&before) + window / 2 - nanoseconds(&ptp);
		}
	}
	printf("offset_ns %lld window_ns %lld\n", offset, best);
	return 0;
}

int main(int argc, char **argv)
{
	struct timespec ptp, real;
	int fd;

	if (argc < 2) {
		fprintf(stderr, "usage: ptp-now DEVICE [set]\n");
		return 2;
	}
	fd = open(argv[1], O_RDWR);
	if (fd < 0) {
		fprintf(stderr, "%s: %s\n", argv[1], strerror(errno));
		return 2;
	}
	if (argc > 2 && !strcmp(argv[2], "offset")) {
		if (!print_offset(FD_TO_CLOCK(fd)))
			return 0;
		printf("error %s\n", strerror(errno));
		return 1;
	}
	if (argc > 2) {
		clock_gettime(CLOCK_REALTIME, &ptp);
		if (!clock_settime(FD_TO_CLOCK(fd), &ptp)) {
			printf("set\n");
			return 0;
		}
		printf("error %s\n", errno == EOPNOTSUPP ? "EOPNOTSUPP" : strerror(errno));
		return 1;
	}
	if (clock_gettime(FD_TO_CLOCK(fd), &ptp)) {
		printf("error %s\n", errno == ESTALE ? "ESTALE" : errno == ENODATA ? "ENODATA" : strerror(errno));
		return 1;
	}
	clock_gettime(CLOCK_REALTIME, &real);
	printf("ptp %lld.%09ld realtime %lld.%09ld offset_ms %lld\n", (long long)ptp.tv_sec, ptp.tv_nsec,
	       (long long)real.tv_sec, real.tv_nsec,
	       (long long)(ptp.tv_sec - real.tv_sec) * 1000 + (ptp.tv_nsec - real.tv_nsec) / 1000000);
	return 0;
}
