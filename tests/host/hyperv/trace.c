// SPDX-License-Identifier: GPL-2.0
/*
 * Latencies and the trace file. The file is written through a buffer of stdio and flushed when the
 * trace ends; an error of the disk ends it with one line in the log.
 */
#include <cjson/cJSON.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"
#include "trace_format.h"

struct hv_trace_file {
	FILE *file;
	uint64_t begun_ns;
};

/* ---------------------------------------------------------------- the file */

int trace_open(struct vmbus_server *server, const char *path, char err[HV_ERR_MAX])
{
	static const uint8_t header[TRACE_HEADER_BYTES] = TRACE_MAGIC;
	FILE *file = fopen(path, "we");

	if (!file || fwrite(header, sizeof(header), 1, file) != 1 || fflush(file)) {
		snprintf(err, HV_ERR_MAX, "--trace-file: %.160s: %s", path, strerror(errno));
		if (file)
			fclose(file);
		return -1;
	}
	trace_close(server);
	server->trace = xcalloc(1, sizeof(*server->trace));
	server->trace->file = file;
	server->trace->begun_ns = loop_now_ns();
	return 0;
}

void trace_close(struct vmbus_server *server)
{
	if (!server->trace)
		return;
	if (fclose(server->trace->file))
		hv_log("trace: %s", strerror(errno));
	free(server->trace);
	server->trace = NULL;
}

static void trace_write(struct vmbus_server *server, struct trace_record *record, const char *name)
{
	uint8_t bytes[TRACE_RECORD_MAX];
	size_t len;

	record->time_ns = loop_now_ns() - server->trace->begun_ns;
	snprintf(record->name, sizeof(record->name), "%s", name);
	len = trace_encode(record, bytes);
	if (fwrite(bytes, len, 1, server->trace->file) == 1)
		return;
	hv_log("trace: %s", strerror(errno));
	trace_close(server);
}

static void trace_chan(struct vmbus_chan *chan, enum trace_kind kind, const struct iovec *iov, int nr,
		       uint32_t total)
{
	struct trace_record record = { .kind = kind, .relid = chan->relid, .total = total };

	for (int i = 0; i < nr && record.len < TRACE_PACKET_BYTES; i++) {
		size_t room = TRACE_PACKET_BYTES - record.len;
		size_t piece = iov[i].iov_len < room ? iov[i].iov_len : room;

		memcpy(record.data + record.len, iov[i].iov_base, piece);
		record.len += piece;
	}
	trace_write(chan->server, &record, chan->stats->name);
}

void trace_message(struct vmbus_server *server, bool in, const void *msg, size_t len)
{
	struct trace_record record = { .kind = in ? TRACE_MESSAGE_IN : TRACE_MESSAGE_OUT, .total = len };

	if (!server->trace)
		return;
	record.len = len < TRACE_DATA_MAX ? len : TRACE_DATA_MAX;
	memcpy(record.data, msg, record.len);
	trace_write(server, &record, "");
}

void trace_chaos(struct vmbus_server *server, const char *device, const char *text)
{
	struct trace_record record = { .kind = TRACE_CHAOS, .total = strlen(text) };

	if (!server->trace)
		return;
	record.len = record.total < TRACE_DATA_MAX ? record.total : TRACE_DATA_MAX;
	memcpy(record.data, text, record.len);
	trace_write(server, &record, device);
}

/* ---------------------------------------------------------------- latencies */

static unsigned int latency_slot(uint64_t xid)
{
	return xid * 0x9e3779b97f4a7c15ull >> 56;
}

void trace_packet_in(struct vmbus_chan *chan, const uint8_t *packet, uint32_t bytes)
{
	struct iovec iov = { .iov_base = (void *)packet, .iov_len = bytes };
	uint64_t now = loop_now_ns();
	struct vmbus_packet head;

	memcpy(&head, packet, sizeof(head));
	if (!chan->latency)
		chan->latency = xcalloc(1, sizeof(*chan->latency));
	if (chan->latency->interrupted_ns) {
		hv_histogram_add(&chan->stats->reaction, now - chan->latency->interrupted_ns);
		chan->latency->interrupted_ns = 0;
	}
	if (le16toh(head.flags) & VMBUS_PACKET_FLAG_COMPLETION) {
		unsigned int slot = latency_slot(head.transaction_id);

		/* Two that share a slot: the later one is timed. */
		chan->latency->slot[slot].xid = head.transaction_id;
		chan->latency->slot[slot].since_ns = now;
	}
	if (chan->server->trace)
		trace_chan(chan, TRACE_PACKET_IN, &iov, 1, bytes);
}

void trace_packet_out(struct vmbus_chan *chan, const struct iovec *iov, int nr, uint32_t bytes)
{
	struct vmbus_packet head;
	unsigned int slot;

	memcpy(&head, iov[0].iov_base, sizeof(head));
	slot = latency_slot(head.transaction_id);
	if (le16toh(head.type) == VMBUS_PACKET_COMPLETION && chan->latency &&
	    chan->latency->slot[slot].since_ns && chan->latency->slot[slot].xid == head.transaction_id) {
		hv_histogram_add(&chan->stats->completion,
				 loop_now_ns() - chan->latency->slot[slot].since_ns);
		chan->latency->slot[slot].since_ns = 0;
	}
	if (chan->server->trace)
		trace_chan(chan, TRACE_PACKET_OUT, iov, nr, bytes);
}

void trace_interrupt(struct vmbus_chan *chan)
{
	if (chan->latency && !chan->latency->interrupted_ns)
		chan->latency->interrupted_ns = loop_now_ns();
	if (chan->server->trace)
		trace_chan(chan, TRACE_INTERRUPT, NULL, 0, 0);
}

void trace_signal(struct vmbus_chan *chan, uint64_t count)
{
	if (chan->server->trace)
		trace_chan(chan, TRACE_SIGNAL, NULL, 0, count > UINT32_MAX ? UINT32_MAX : count);
}

void trace_closed(struct vmbus_chan *chan)
{
	free(chan->latency);
	chan->latency = NULL;
}

void trace_query(struct cJSON *object, const char *name, const struct hv_histogram *histogram)
{
	cJSON *entry = cJSON_AddObjectToObject(object, name), *buckets;

	cJSON_AddNumberToObject(entry, "count", (double)histogram->count);
	cJSON_AddNumberToObject(entry, "sum_ns", (double)histogram->sum_ns);
	cJSON_AddNumberToObject(entry, "max_ns", (double)histogram->max_ns);
	cJSON_AddNumberToObject(entry, "p50_ns", (double)hv_histogram_percentile(histogram, 50));
	cJSON_AddNumberToObject(entry, "p99_ns", (double)hv_histogram_percentile(histogram, 99));
	buckets = cJSON_AddArrayToObject(entry, "buckets");
	for (unsigned int i = 0; i < HV_HISTOGRAM_BUCKETS; i++) {
		cJSON *pair;

		if (!histogram->bucket[i])
			continue;
		pair = cJSON_CreateObject();
		cJSON_AddNumberToObject(pair, "below_ns",
					i < HV_HISTOGRAM_BUCKETS - 1 ? (double)hv_histogram_limit(i)
								     : (double)histogram->max_ns + 1);
		cJSON_AddNumberToObject(pair, "count", (double)histogram->bucket[i]);
		cJSON_AddItemToArray(buckets, pair);
	}
}
