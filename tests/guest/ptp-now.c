// SPDX-License-Identifier: GPL-2.0
/*
 * Prints what a PTP clock says: "ptp SECONDS.NANOSECONDS realtime SECONDS.NANOSECONDS offset_ms N", or the error of a clock
 * that cannot be read. With "set" tries to set it instead, which hv_utils must refuse.
 *
 * Usage: ptp-now /dev/ptp0 [set]
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* how the kernel numbers the clock behind a file descriptor */
#define FD_TO_CLOCK(fd)	((~(clockid_t)(fd) << 3) | 3)

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
