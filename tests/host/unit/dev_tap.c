// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the TAP back end: a device made in a network namespace of the test's own, frames both
 * ways, and what is said of devices that are not there, busy, or no TAP devices.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../devices/bytes.h"
#include "../devices/tap_backend.h"
#include "../hyperv/loop.h"
#include "../hyperv/util.h"
#include "dev_unit.h"

unsigned int if_nametoindex(const char *name);

static struct loop *loop;
static const char *missing; /* why there is no TAP device to test with */
static uint8_t last[2048];
static size_t last_bytes;

static void on_frame(void *opaque, const uint8_t *frame, size_t bytes)
{
	(void)opaque;
	/* The kernel speaks, too. */
	if (get_be16(frame + 12) != 0x88b5)
		return;
	memcpy(last, frame, bytes);
	last_bytes = bytes;
}

static const char *tap_make(void)
{
	struct ifreq request = { .ifr_flags = IFF_TAP | IFF_NO_PI };
	int tun, fd;

	if (unshare(CLONE_NEWNET))
		return "no network namespace of its own";
	tun = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
	if (tun < 0)
		return "no /dev/net/tun";
	strcpy(request.ifr_name, "tap0");
	if (ioctl(tun, TUNSETIFF, &request) || ioctl(tun, TUNSETPERSIST, 1))
		return "no TAP device can be made";
	close(tun);
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	request.ifr_flags = IFF_UP;
	if (ioctl(fd, SIOCSIFFLAGS, &request))
		return "the TAP device does not come up";
	close(fd);
	return NULL;
}

static void frames_go_both_ways(void)
{
	struct sockaddr_ll address = { .sll_family = AF_PACKET, .sll_protocol = htons(0x88b5) };
	uint8_t frame[60] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 1, 0x88, 0xb5, 7 };
	struct net_backend *net;
	char error[200] = "";
	uint8_t got[2048];
	ssize_t n = -1;
	int fd, i;

	if (missing) {
		printf("# skipped: %s\n", missing);
		return;
	}
	net = tap_backend_new(loop, "tap0", on_frame, NULL, error, sizeof(error));
	CHECK(net);
	if (!net)
		return;
	address.sll_ifindex = (int)if_nametoindex("tap0");
	fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK, htons(0x88b5));
	CHECK_EQ(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	net->ops->send(net, frame, sizeof(frame));
	for (i = 0; i < 200 && n < 0; i++) {
		loop_run_once(loop, 5);
		n = recv(fd, got, sizeof(got), 0);
	}
	CHECK_EQ(n, 60);
	CHECK(!memcmp(got, frame, 60));
	CHECK_EQ(send(fd, frame, sizeof(frame), 0), 60);
	for (i = 0; i < 200 && !last_bytes; i++)
		loop_run_once(loop, 5);
	CHECK_EQ(last_bytes, 60);
	CHECK_EQ(last[14], 7);
	/* It is taken now. */
	CHECK(!tap_backend_new(loop, "tap0", on_frame, NULL, error, sizeof(error)));
	CHECK(strstr(error, "in use"));
	close(fd);
	net->ops->free(net);
}

static void what_is_no_tap_device_is_named(void)
{
	char error[200] = "";

	CHECK(!tap_backend_new(loop, "nowhere0", on_frame, NULL, error, sizeof(error)));
	CHECK(strstr(error, "there is no network device nowhere0"));
	if (!missing) {
		CHECK(!tap_backend_new(loop, "lo", on_frame, NULL, error, sizeof(error)));
		CHECK(strstr(error, "not a TAP device"));
	}
	CHECK(tap_name_error(""));
	CHECK(tap_name_error(NULL));
	CHECK(tap_name_error("a-name-of-16-byte"));
	CHECK(tap_name_error("a/b"));
	CHECK(!tap_name_error("tap0"));
}

static const struct unit_case cases[] = {
	UNIT_CASE(frames_go_both_ways),
	UNIT_CASE(what_is_no_tap_device_is_named),
};

int main(void)
{
	int status;

	signal(SIGPIPE, SIG_IGN);
	missing = tap_make();
	loop = loop_new();
	status = unit_main(cases, ARRAY_SIZE(cases));
	loop_free(loop);
	return status;
}
