// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of histograms, of the trace's format both ways with damaged records, and of what one
 * request leaves in a trace and in the latencies.
 */
#include "../hyperv/histogram.h"
#include "../hyperv/trace.h"
#include "../hyperv/trace_format.h"
#include "core_guest.h"

static void buckets_are_powers_of_two(void)
{
	static const struct {
		uint64_t ns;
		unsigned int bucket;
	} cases[] = { { 0, 0 }, { 1, 1 }, { 2, 2 }, { 3, 2 }, { 4, 3 }, { 1023, 10 }, { 1024, 11 },
		      { 1ull << 40, 41 }, { 1ull << 41, 41 }, { UINT64_MAX, 41 } };

	for (unsigned int i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CHECK_EQ(hv_histogram_bucket(cases[i].ns), cases[i].bucket);
		CHECK(cases[i].ns < hv_histogram_limit(cases[i].bucket) || cases[i].ns == UINT64_MAX);
	}
}

static void percentiles_come_from_buckets(void)
{
	struct hv_histogram histogram = { 0 };

	CHECK_EQ(hv_histogram_percentile(&histogram, 50), 0);
	for (unsigned int i = 0; i < 99; i++)
		hv_histogram_add(&histogram, 100);
	hv_histogram_add(&histogram, 5000);
	CHECK_EQ(histogram.count, 100);
	CHECK_EQ(histogram.sum_ns, 14900);
	CHECK_EQ(histogram.max_ns, 5000);
	CHECK_EQ(hv_histogram_percentile(&histogram, 50), 128);
	CHECK_EQ(hv_histogram_percentile(&histogram, 99), 128);
	CHECK_EQ(hv_histogram_percentile(&histogram, 100), 5000);
	CHECK_EQ(hv_histogram_percentile(&histogram, 0), 128);
}

static void records_survive_the_way(void)
{
	struct trace_record record = { .kind = TRACE_PACKET_IN, .time_ns = 1234567890123ull, .relid = 5,
				       .total = 4096, .name = "scsi0/1", .len = 40 }, read;
	uint8_t bytes[TRACE_RECORD_MAX];
	size_t len;

	memset(record.data, 0xa5, record.len);
	len = trace_encode(&record, bytes);
	CHECK_EQ(len, 28 + 7 + 40);
	CHECK_EQ(trace_decode(&read, bytes, len), (int)len);
	CHECK(!memcmp(&record, &read, sizeof(record)));
	for (size_t cut = 0; cut < len; cut++)
		CHECK_EQ(trace_decode(&read, bytes, cut), 0);
	/* Kind 0 and one too many, a name and data that are too long, a length that does not add up. */
	static const struct {
		unsigned int at;
		uint8_t value;
	} bad[] = { { 2, 0 }, { 2, TRACE_KINDS }, { 3, 64 }, { 3, 255 }, { 21, 0xff }, { 0, 1 }, { 20, 41 } };

	for (unsigned int i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		uint8_t spoiled[TRACE_RECORD_MAX];

		memcpy(spoiled, bytes, sizeof(spoiled));
		spoiled[bad[i].at] = bad[i].value;
		CHECK_EQ(trace_decode(&read, spoiled, len), -1);
	}
	/* The longest there is. */
	record.len = TRACE_DATA_MAX;
	memset(record.name, 'n', TRACE_NAME_MAX);
	CHECK_EQ(trace_encode(&record, bytes), TRACE_RECORD_MAX);
	CHECK_EQ(trace_decode(&read, bytes, sizeof(bytes)), (int)TRACE_RECORD_MAX);
}

static double latency(const char *name, const char *what)
{
	cJSON *reply = cJSON_CreateObject();
	double value;

	vmbus_server_query(server, reply);
	value = cJSON_GetObjectItem(
			cJSON_GetObjectItem(cJSON_GetObjectItem(cJSON_GetObjectItem(reply, "latency"), name), what),
			"count")
			->valuedouble;
	cJSON_Delete(reply);
	return value;
}

static void a_request_is_traced_and_timed(void)
{
	static const enum trace_kind wanted[] = { TRACE_SIGNAL, TRACE_PACKET_IN, TRACE_PACKET_OUT,
						  TRACE_INTERRUPT };
	struct vmbus_packet head = { .type = VMBUS_PACKET_INBAND, .payload_qwords = 2, .total_qwords = 3,
				     .flags = VMBUS_PACKET_FLAG_COMPLETION, .transaction_id = 77 };
	char path[] = "/tmp/hvhost-unit-XXXXXX", err[HV_ERR_MAX];
	static uint8_t bytes[1 << 16];
	struct trace_record record;
	unsigned int next = 0, messages = 0;
	size_t len, at = TRACE_HEADER_BYTES;
	uint64_t one = 1;
	FILE *file;
	int used;

	close(mkstemp(path));
	start_offered(VMBUS_VERSION_5_3);
	CHECK(trace_open(server, "/nowhere/at/all", err) < 0);
	CHECK_EQ(trace_open(server, path, err), 0);
	share(1, 7, RING_GPA, 4, 4 * 4096, 0);
	take();
	post_open(1, 99, 7, 1, 2);
	take();
	memcpy(ram + RING_GPA + 4096, &head, sizeof(head));
	*(uint32_t *)(ram + RING_GPA) = 32;
	for (int i = 0; i < MAX_EVENTS; i++) {
		if (events[i].connection_id)
			CHECK_EQ(write(events[i].fd, &one, sizeof(one)), (long)sizeof(one));
	}
	settle();
	CHECK_EQ(latency("echo", "completion"), 1);
	CHECK_EQ(latency("echo", "reaction"), 0);
	stop();

	file = fopen(path, "r");
	len = fread(bytes, 1, sizeof(bytes), file);
	fclose(file);
	unlink(path);
	CHECK(len > at && !memcmp(bytes, TRACE_MAGIC, 8));
	while ((used = trace_decode(&record, bytes + at, len - at)) > 0) {
		at += used;
		messages += record.kind == TRACE_MESSAGE_IN || record.kind == TRACE_MESSAGE_OUT;
		if (next < 4 && record.kind == wanted[next]) {
			CHECK(!strcmp(record.name, "echo"));
			next++;
		}
	}
	CHECK_EQ(at, len);
	CHECK_EQ(next, 4);
	CHECK_EQ(messages, 4);
}

static const struct unit_case cases[] = {
	UNIT_CASE(buckets_are_powers_of_two),
	UNIT_CASE(percentiles_come_from_buckets),
	UNIT_CASE(records_survive_the_way),
	UNIT_CASE(a_request_is_traced_and_timed),
};

int main(void)
{
	return unit_main(cases, sizeof(cases) / sizeof(cases[0]));
}
