// SPDX-License-Identifier: GPL-2.0
/*
 * Frames by a socket of XDP (AF_XDP) in copy mode. One program for both ends, of which one has the NIC under test:
 *
 *   af-xdp copy DEVICE FRAMES     receive FRAMES frames of the peer by such a socket on queue 0, and send each back by it
 *   af-xdp peer DEVICE MAC FRAMES send FRAMES frames to MAC by a plain packet socket, and look at each when it is back
 *   af-xdp zerocopy DEVICE        ask for zero-copy; succeeds if that is refused as not supported
 *
 * Exit status: 0 all well, 1 not, 2 this kernel has no such sockets. With raw system calls: no library is wanted.
 */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64 /* the rings are beyond 4 GiB of the socket, also for a program of 32 bits */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/if_packet.h>
#include <linux/if_xdp.h>
#include <net/if.h>
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef AF_XDP
#define AF_XDP 44
#endif
#ifndef SOL_XDP
#define SOL_XDP 283
#endif

/* For local experiments (IEEE 802): nobody else's frames */
#define FRAME_TYPE	0x88b5
#define CHUNK_BYTES	2048u
#define CHUNKS		128u
#define WINDOW		16u
#define IDLE_MS		20000
#define FRAME_MIN	60u
#define FRAME_MAX	1514u

static void fail(const char *what)
{
	printf("%s: %s\n", what, strerror(errno));
	exit(1);
}

static long bpf(int command, union bpf_attr *attr)
{
	return syscall(__NR_bpf, command, attr, sizeof(*attr));
}

/* A ring that is shared with the kernel; each side writes one of the two counters. */
struct ring {
	uint32_t *producer, *consumer;
	void *entries;
	uint32_t mask;
};

static void ring_map(int fd, struct ring *ring, const struct xdp_ring_offset *offset, uint32_t entries, size_t entry_bytes,
		     off_t page)
{
	char *map = mmap(NULL, offset->desc + entries * entry_bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd,
			 page);

	if (map == MAP_FAILED)
		fail("mmap of a ring");
	ring->producer = (uint32_t *)(map + offset->producer);
	ring->consumer = (uint32_t *)(map + offset->consumer);
	ring->entries = map + offset->desc;
	ring->mask = entries - 1;
}

/* Entries that can be taken from a ring of the kernel's */
static uint32_t ring_filled(const struct ring *ring)
{
	return __atomic_load_n(ring->producer, __ATOMIC_ACQUIRE) - *ring->consumer;
}

static struct ring fill, completion, receive, transmit;
static char *memory;

static void ring_put_address(struct ring *ring, uint64_t address)
{
	((uint64_t *)ring->entries)[*ring->producer & ring->mask] = address;
	__atomic_store_n(ring->producer, *ring->producer + 1, __ATOMIC_RELEASE);
}

/* A socket with memory and rings, not bound yet */
static int socket_new(void)
{
	struct xdp_umem_reg memory_reg = { .len = CHUNKS * CHUNK_BYTES, .chunk_size = CHUNK_BYTES };
	static const int kind[] = { XDP_UMEM_FILL_RING, XDP_UMEM_COMPLETION_RING, XDP_RX_RING, XDP_TX_RING };
	struct xdp_mmap_offsets offsets;
	socklen_t bytes = sizeof(offsets);
	int fd = socket(AF_XDP, SOCK_RAW, 0), entries = CHUNKS;
	size_t i;

	if (fd < 0 && errno == EAFNOSUPPORT) {
		printf("this kernel has no sockets of XDP\n");
		exit(2);
	}
	if (fd < 0)
		fail("socket");
	memory = mmap(NULL, CHUNKS * CHUNK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		fail("mmap");
	memory_reg.addr = (uintptr_t)memory;
	if (setsockopt(fd, SOL_XDP, XDP_UMEM_REG, &memory_reg, sizeof(memory_reg)))
		fail("XDP_UMEM_REG");
	for (i = 0; i < sizeof(kind) / sizeof(*kind); i++) {
		if (setsockopt(fd, SOL_XDP, kind[i], &entries, sizeof(entries)))
			fail("size of a ring");
	}
	if (getsockopt(fd, SOL_XDP, XDP_MMAP_OFFSETS, &offsets, &bytes))
		fail("XDP_MMAP_OFFSETS");
	ring_map(fd, &fill, &offsets.fr, CHUNKS, sizeof(uint64_t), XDP_UMEM_PGOFF_FILL_RING);
	ring_map(fd, &completion, &offsets.cr, CHUNKS, sizeof(uint64_t), XDP_UMEM_PGOFF_COMPLETION_RING);
	ring_map(fd, &receive, &offsets.rx, CHUNKS, sizeof(struct xdp_desc), XDP_PGOFF_RX_RING);
	ring_map(fd, &transmit, &offsets.tx, CHUNKS, sizeof(struct xdp_desc), XDP_PGOFF_TX_RING);
	return fd;
}

static int socket_bind(int fd, unsigned int device, uint16_t flags)
{
	struct sockaddr_xdp address = { .sxdp_family = AF_XDP, .sxdp_flags = flags, .sxdp_ifindex = device };

	return bind(fd, (struct sockaddr *)&address, sizeof(address));
}

/* Frames of the peer go to the socket that @map has for their queue, all others to the stack. */
static int program_load(int map)
{
	const struct bpf_insn code[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = 6, .src_reg = 1 },
		{ .code = BPF_LDX | BPF_MEM | BPF_W, .dst_reg = 2, .src_reg = 1, .off = offsetof(struct xdp_md, data) },
		{ .code = BPF_LDX | BPF_MEM | BPF_W, .dst_reg = 3, .src_reg = 1, .off = offsetof(struct xdp_md, data_end) },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = 4, .src_reg = 2 },
		{ .code = BPF_ALU64 | BPF_ADD | BPF_K, .dst_reg = 4, .imm = ETH_HLEN },
		{ .code = BPF_JMP | BPF_JGT | BPF_X, .dst_reg = 4, .src_reg = 3, .off = 8 },
		{ .code = BPF_LDX | BPF_MEM | BPF_H, .dst_reg = 5, .src_reg = 2, .off = offsetof(struct ethhdr, h_proto) },
		{ .code = BPF_JMP | BPF_JNE | BPF_K, .dst_reg = 5, .imm = htons(FRAME_TYPE), .off = 6 },
		{ .code = BPF_LDX | BPF_MEM | BPF_W, .dst_reg = 2, .src_reg = 6, .off = offsetof(struct xdp_md, rx_queue_index) },
		{ .code = BPF_LD | BPF_IMM | BPF_DW, .dst_reg = 1, .src_reg = BPF_PSEUDO_MAP_FD, .imm = map },
		{ },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 3, .imm = XDP_PASS },
		{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_redirect_map },
		{ .code = BPF_JMP | BPF_EXIT },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .imm = XDP_PASS },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	static char log[4096];
	union bpf_attr attr = {
		.prog_type = BPF_PROG_TYPE_XDP,
		.insns = (uintptr_t)code,
		.insn_cnt = sizeof(code) / sizeof(*code),
		.license = (uintptr_t)"GPL",
		.log_buf = (uintptr_t)log,
		.log_size = sizeof(log),
		.log_level = 1,
	};
	int fd = bpf(BPF_PROG_LOAD, &attr);

	if (fd < 0) {
		printf("%s\n", log);
		fail("the program is refused");
	}
	return fd;
}

/* The program goes with the link, and that with this process. */
static void program_attach(int program, unsigned int device)
{
	union bpf_attr attr = { };

	attr.link_create.prog_fd = program;
	attr.link_create.target_ifindex = device;
	attr.link_create.attach_type = BPF_XDP;
	attr.link_create.flags = XDP_FLAGS_DRV_MODE;
	if (bpf(BPF_LINK_CREATE, &attr) < 0)
		fail("the device does not take the program in native mode");
}

static int map_new(void)
{
	union bpf_attr attr = { .map_type = BPF_MAP_TYPE_XSKMAP, .key_size = 4, .value_size = 4, .max_entries = 1 };
	int fd = bpf(BPF_MAP_CREATE, &attr);

	if (fd < 0)
		fail("map of sockets");
	return fd;
}

static void map_set(int map, int fd)
{
	uint32_t key = 0;
	union bpf_attr attr = { .map_fd = map, .key = (uintptr_t)&key, .value = (uintptr_t)&fd };

	if (bpf(BPF_MAP_UPDATE_ELEM, &attr))
		fail("the map does not take the socket");
}

/* Turn a frame round where it lies, and have it sent. */
static void send_back(struct xdp_desc desc)
{
	struct ethhdr *eth = (struct ethhdr *)(memory + desc.addr);
	uint8_t address[ETH_ALEN];

	memcpy(address, eth->h_dest, ETH_ALEN);
	memcpy(eth->h_dest, eth->h_source, ETH_ALEN);
	memcpy(eth->h_source, address, ETH_ALEN);
	((struct xdp_desc *)transmit.entries)[*transmit.producer & transmit.mask] = desc;
	__atomic_store_n(transmit.producer, *transmit.producer + 1, __ATOMIC_RELEASE);
}

static int copy(unsigned int device, uint32_t frames)
{
	int fd = socket_new(), map = map_new();
	struct pollfd wait = { .fd = fd, .events = POLLIN };
	uint32_t sent = 0, back = 0, i;

	for (i = 0; i < CHUNKS; i++)
		ring_put_address(&fill, (uint64_t)i * CHUNK_BYTES);
	if (socket_bind(fd, device, XDP_COPY))
		fail("the socket cannot be bound in copy mode");
	map_set(map, fd);
	program_attach(program_load(map), device);
	printf("listening\n");
	fflush(stdout);

	while (back < frames) {
		/* That what was sent is done with is not waited for by poll(), only looked at now and then. */
		if (poll(&wait, 1, sent == back ? IDLE_MS : 1) <= 0 && sent == back)
			break;
		for (i = ring_filled(&receive); i; i--) {
			send_back(((struct xdp_desc *)receive.entries)[*receive.consumer & receive.mask]);
			__atomic_store_n(receive.consumer, *receive.consumer + 1, __ATOMIC_RELEASE);
			sent++;
		}
		if (sent != back && sendto(fd, NULL, 0, MSG_DONTWAIT, NULL, 0) < 0 && errno != EAGAIN && errno != EBUSY &&
		    errno != ENOBUFS)
			fail("sendto");
		for (i = ring_filled(&completion); i; i--) {
			/* The lowest bits are where the frame began in its chunk. */
			ring_put_address(&fill, ((uint64_t *)completion.entries)[*completion.consumer & completion.mask] &
					 ~(uint64_t)(CHUNK_BYTES - 1));
			__atomic_store_n(completion.consumer, *completion.consumer + 1, __ATOMIC_RELEASE);
			back++;
		}
	}
	printf("received %u, of which %u were sent back\n", sent, back);
	return sent == frames && back == frames ? 0 : 1;
}

static int zerocopy(unsigned int device)
{
	int fd = socket_new();

	if (!socket_bind(fd, device, XDP_ZEROCOPY)) {
		printf("zero-copy is accepted\n");
		return 1;
	}
	printf("zero-copy: %s\n", strerror(errno));
	return errno == EOPNOTSUPP ? 0 : 1;
}

static uint32_t frame_bytes(uint32_t number)
{
	return FRAME_MIN + number * 7 % (FRAME_MAX - FRAME_MIN + 1);
}

/* What follows the addresses and the type: number, then bytes that follow from it */
static void frame_make(uint8_t *frame, uint32_t number)
{
	uint32_t i;

	memcpy(frame + ETH_HLEN, &number, sizeof(number));
	for (i = ETH_HLEN + sizeof(number); i < frame_bytes(number); i++)
		frame[i] = (uint8_t)(number * 31 + i);
}

/* Return: whether it is one of ours, whole, and the first of its number */
static bool frame_check(const uint8_t *frame, size_t bytes, uint8_t *seen, uint32_t frames)
{
	uint8_t expected[FRAME_MAX];
	uint32_t number;

	if (bytes < FRAME_MIN)
		return false;
	memcpy(&number, frame + ETH_HLEN, sizeof(number));
	if (number >= frames || bytes != frame_bytes(number) || seen[number]++)
		return false;
	memcpy(expected, frame, ETH_HLEN);
	frame_make(expected, number);
	return !memcmp(frame, expected, bytes);
}

static int peer(unsigned int device, const char *mac, uint32_t frames, const char *name)
{
	struct sockaddr_ll address = { .sll_family = AF_PACKET, .sll_protocol = htons(FRAME_TYPE), .sll_ifindex = (int)device };
	uint32_t sent = 0, received = 0, bad = 0;
	uint8_t frame[FRAME_MAX + 1], *seen = calloc(frames, 1);
	struct ethhdr *eth = (struct ethhdr *)frame;
	struct pollfd wait = { .events = POLLIN };
	struct ifreq own = { };
	ssize_t bytes;

	wait.fd = socket(AF_PACKET, SOCK_RAW, htons(FRAME_TYPE));
	if (wait.fd < 0 || !seen || bind(wait.fd, (struct sockaddr *)&address, sizeof(address)))
		fail("packet socket");
	strncpy(own.ifr_name, name, IFNAMSIZ - 1);
	if (ioctl(wait.fd, SIOCGIFHWADDR, &own))
		fail("own address");
	while (received + bad < frames) {
		while (sent < frames && sent - received - bad < WINDOW) {
			if (sscanf(mac, "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", &eth->h_dest[0], &eth->h_dest[1], &eth->h_dest[2],
				   &eth->h_dest[3], &eth->h_dest[4], &eth->h_dest[5]) != 6) {
				printf("'%s' is no address\n", mac);
				return 1;
			}
			memcpy(eth->h_source, own.ifr_hwaddr.sa_data, ETH_ALEN);
			eth->h_proto = htons(FRAME_TYPE);
			frame_make(frame, sent);
			if (send(wait.fd, frame, frame_bytes(sent), 0) < 0)
				fail("send");
			sent++;
		}
		if (poll(&wait, 1, IDLE_MS) <= 0)
			break;
		bytes = recv(wait.fd, frame, sizeof(frame), 0);
		if (bytes < 0)
			fail("recv");
		if (frame_check(frame, (size_t)bytes, seen, frames))
			received++;
		else
			bad++;
	}
	printf("sent %u received %u bad %u\n", sent, received, bad);
	return received == frames ? 0 : 1;
}

int main(int argc, char **argv)
{
	const char *what = argc > 2 ? argv[1] : "";
	unsigned int device = argc > 2 ? if_nametoindex(argv[2]) : 0;

	if (argc > 2 && !device)
		fail(argv[2]);
	if (!strcmp(what, "copy") && argc == 4)
		return copy(device, (uint32_t)atoi(argv[3]));
	if (!strcmp(what, "peer") && argc == 5)
		return peer(device, argv[3], (uint32_t)atoi(argv[4]), argv[2]);
	if (!strcmp(what, "zerocopy") && argc == 3)
		return zerocopy(device);
	fprintf(stderr, "usage: af-xdp copy DEVICE FRAMES | peer DEVICE MAC FRAMES | zerocopy DEVICE\n");
	return 1;
}
