// SPDX-License-Identifier: GPL-2.0
/*
 * A driver in user space on uio_hv_generic, for the uio scenario: maps the rings and the monitor page
 * of a device, sends packets into the one ring, signals by the monitor page, and expects each packet
 * back in the other. VMBus rings.
 *
 * Usage: uio-echo /dev/uioN RING_BYTES MONITOR_ID PACKETS
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <hyperv/vmbus_ring.h>

/* Mappings of uio_hv_generic, by their number */
#define UIO_MAP_RINGS	0
#define UIO_MAP_MONITOR 2

#define PAYLOAD_BYTES 64
#define PATIENCE_S    20

/* One ring of the two: control page, then data. */
struct ring {
	volatile uint32_t *control;
	uint8_t *data;
	uint32_t size;
};

enum { RING_WRITE = 0, RING_READ = 1, RING_MASK = 2 };

struct packet {
	struct vmbus_packet head;
	uint8_t payload[PAYLOAD_BYTES];
	uint64_t trailer;
};

static void die(const char *what)
{
	fprintf(stderr, "uio-echo: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void *map(int fd, unsigned int number, size_t bytes)
{
	void *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
			(off_t)number * getpagesize());

	if (at == MAP_FAILED)
		die("mmap");
	return at;
}

static struct ring ring_at(uint8_t *at, size_t bytes)
{
	return (struct ring){ .control = (volatile uint32_t *)at,
			      .data = at + 4096,
			      .size = (uint32_t)bytes - 4096 };
}

static void ring_copy_in(struct ring *ring, uint32_t at, const void *bytes, uint32_t len)
{
	for (uint32_t i = 0; i < len; i++)
		ring->data[(at + i) % ring->size] = ((const uint8_t *)bytes)[i];
}

static void ring_copy_out(const struct ring *ring, uint32_t at, void *bytes, uint32_t len)
{
	for (uint32_t i = 0; i < len; i++)
		((uint8_t *)bytes)[i] = ring->data[(at + i) % ring->size];
}

static void ring_send(struct ring *ring, uint64_t id, const uint8_t *payload)
{
	uint32_t at = ring->control[RING_WRITE];
	struct packet packet = {
		.head = { .type = VMBUS_PACKET_INBAND,
			  .payload_qwords = sizeof(packet.head) / 8,
			  .total_qwords = (sizeof(packet.head) + PAYLOAD_BYTES) / 8,
			  .transaction_id = id },
		.trailer = (uint64_t)at << 32,
	};

	memcpy(packet.payload, payload, PAYLOAD_BYTES);
	ring_copy_in(ring, at, &packet, sizeof(packet));
	__atomic_store_n(&ring->control[RING_WRITE], (at + (uint32_t)sizeof(packet)) % ring->size,
			 __ATOMIC_SEQ_CST);
}

/* Return: whether there was a packet, of exactly the kind that was sent. */
static int ring_receive(struct ring *ring, struct packet *packet)
{
	uint32_t at = ring->control[RING_READ];

	if (__atomic_load_n(&ring->control[RING_WRITE], __ATOMIC_ACQUIRE) == at)
		return 0;
	ring_copy_out(ring, at, packet, sizeof(*packet));
	__atomic_store_n(&ring->control[RING_READ], (at + (uint32_t)sizeof(*packet)) % ring->size,
			 __ATOMIC_SEQ_CST);
	return 1;
}

static void monitor_trigger(uint8_t *page, unsigned int id)
{
	struct vmbus_monitor_page *monitor = (struct vmbus_monitor_page *)page;
	uint32_t *pending = (uint32_t *)&monitor->group[id / VMBUS_MONITOR_PER_GROUP].pending;

	__atomic_fetch_or(pending, 1u << id % VMBUS_MONITOR_PER_GROUP, __ATOMIC_SEQ_CST);
}

int main(int argc, char **argv)
{
	struct ring to_host, to_guest;
	unsigned int monitor, packets;
	uint8_t *rings, *page;
	size_t bytes;
	int fd;

	if (argc != 5) {
		fprintf(stderr, "Usage: uio-echo DEVICE RING_BYTES MONITOR_ID PACKETS\n");
		return 2;
	}
	bytes = strtoul(argv[2], NULL, 0);
	monitor = (unsigned int)strtoul(argv[3], NULL, 0) % 128;
	packets = (unsigned int)strtoul(argv[4], NULL, 0);
	fd = open(argv[1], O_RDWR);
	if (fd < 0)
		die(argv[1]);
	rings = map(fd, UIO_MAP_RINGS, bytes);
	page = map(fd, UIO_MAP_MONITOR, 4096);
	to_host = ring_at(rings, bytes / 2);
	to_guest = ring_at(rings + bytes / 2, bytes / 2);
	for (unsigned int i = 0; i < packets; i++) {
		time_t end = time(NULL) + PATIENCE_S;
		uint8_t payload[PAYLOAD_BYTES];
		struct packet back;

		for (unsigned int j = 0; j < sizeof(payload); j++)
			payload[j] = (uint8_t)(i * 7 + j);
		ring_send(&to_host, i + 1, payload);
		monitor_trigger(page, monitor);
		while (!ring_receive(&to_guest, &back)) {
			if (time(NULL) > end) {
				fprintf(stderr, "uio-echo: packet %u did not come back\n", i);
				return 1;
			}
			usleep(1000);
		}
		if (back.head.transaction_id != i + 1 ||
		    memcmp(back.payload, payload, sizeof(payload))) {
			fprintf(stderr, "uio-echo: packet %u came back changed\n", i);
			return 1;
		}
	}
	printf("%u packets came back through %zu bytes of rings\n", packets, bytes);
	return 0;
}
