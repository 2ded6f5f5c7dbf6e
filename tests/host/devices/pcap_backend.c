// SPDX-License-Identifier: GPL-2.0
/*
 * Frames on their way through, written down. An error of the disk ends the writing with one line in
 * the log; the frames go on.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../hyperv/device.h"
#include "../hyperv/util.h"
#include "pcap_backend.h"
#include "pcapng.h"

struct pcap_backend {
	struct net_backend backend;
	struct net_backend *inner; /* NULL: no network */
	FILE *file; /* NULL after an error */
	uint8_t block[PCAPNG_AROUND + PCAPNG_SNAP];
};

static void pcap_write(struct pcap_backend *tap, bool inbound, const uint8_t *frame, size_t bytes)
{
	struct timespec now;
	size_t len;

	if (!tap->file)
		return;
	clock_gettime(CLOCK_REALTIME, &now);
	len = pcapng_frame(tap->block, (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec, inbound,
			   frame, bytes);
	if (fwrite(tap->block, len, 1, tap->file) == 1)
		return;
	hv_log("pcap: %s", strerror(errno));
	fclose(tap->file);
	tap->file = NULL;
}

static void pcap_send(struct net_backend *backend, const uint8_t *frame, size_t bytes)
{
	struct pcap_backend *tap = container_of(backend, struct pcap_backend, backend);

	pcap_write(tap, false, frame, bytes);
	if (tap->inner)
		tap->inner->ops->send(tap->inner, frame, bytes);
}

static void pcap_free(struct net_backend *backend)
{
	struct pcap_backend *tap = container_of(backend, struct pcap_backend, backend);

	if (tap->file && fclose(tap->file))
		hv_log("pcap: %s", strerror(errno));
	free(tap);
}

static const struct net_backend_ops pcap_ops = { .kind = "pcap", .send = pcap_send, .free = pcap_free };

void pcap_backend_receive(void *opaque, const uint8_t *frame, size_t bytes)
{
	struct pcap_backend *tap = container_of((struct net_backend *)opaque, struct pcap_backend, backend);

	pcap_write(tap, true, frame, bytes);
	tap->backend.receive(tap->backend.opaque, frame, bytes);
}

void pcap_backend_plug(struct net_backend *backend, struct net_backend *inner)
{
	container_of(backend, struct pcap_backend, backend)->inner = inner;
}

struct net_backend *pcap_backend_new(const char *path, const char *name, net_receive receive,
				     void *opaque, char *error, size_t error_bytes)
{
	uint8_t start[PCAPNG_START_MAX];
	struct pcap_backend *tap;
	FILE *file = fopen(path, "we");

	if (!file || fwrite(start, pcapng_start(start, name), 1, file) != 1 || fflush(file)) {
		snprintf(error, error_bytes, "pcap=%.120s: %s", path, strerror(errno));
		if (file)
			fclose(file);
		return NULL;
	}
	tap = xcalloc(1, sizeof(*tap));
	tap->backend.ops = &pcap_ops;
	tap->backend.receive = receive;
	tap->backend.opaque = opaque;
	tap->file = file;
	return &tap->backend;
}
