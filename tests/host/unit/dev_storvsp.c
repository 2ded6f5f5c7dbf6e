// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the storage provider's session: the order of initialization for every version, SRBs with
 * good and bad buffers, full rings, plugged disks, and packets of any content.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <hyperv/vstor.h>

#include "../devices/bytes.h"
#include "../devices/scsi_unit.h"
#include "../devices/storvsp.h"
#include "fake_vmbus.h"
#include "dev_unit.h"

static char path[] = "/tmp/hvhost-unit-XXXXXX";
static struct storvsp *storvsp;
static struct vmbus_chan *chan;
static uint64_t xid;

static uint32_t latency_us;

static struct scsi_unit *image(void)
{
	struct scsi_disk_options options = { .image = path, .latency_us = latency_us };
	char error[200];

	return scsi_unit_open_disk(&options, error, sizeof(error));
}

static struct storvsp_init_fault init_fault;

static void start(uint16_t max_version)
{
	struct storvsp_params params = {
		.name = "scsi0",
		.max_version = max_version,
		.max_transfer_bytes = 64 << 10,
		.init_fault = init_fault,
	};

	storvsp = storvsp_new(fake_server(), &params);
	storvsp_attach(storvsp, 0, 0, image());
	chan = fake_chan("scsi0");
	fake_open(chan);
	fake_forget_violations();
}

static void stop(void)
{
	fake_release(chan);
	storvsp_free(storvsp);
}

static uint32_t send_op(uint32_t operation, uint32_t word, size_t bytes)
{
	uint8_t packet[64] = { 0 };
	struct fake_sent sent;

	put_le32(packet, operation);
	put_le32(packet + 4, 1);
	put_le32(packet + 12, word);
	fake_push(chan, VMBUS_PACKET_INBAND, true, ++xid, packet, bytes, NULL, 0);
	fake_run(chan);
	if (!fake_take(chan, &sent))
		return 0xffffffff;
	CHECK_EQ(sent.type, VMBUS_PACKET_COMPLETION);
	CHECK_EQ(sent.xid, xid);
	CHECK_EQ(sent.len, bytes);
	CHECK_EQ(get_le32(sent.payload), VSTOR_OP_COMPLETE_IO);
	CHECK_EQ(get_le32(sent.payload + 4), 0);
	if (operation == VSTOR_OP_QUERY_PROPERTIES && !get_le32(sent.payload + 8)) {
		CHECK_EQ(get_le32(sent.payload + 24), 64 << 10);
		CHECK_EQ(get_le16(sent.payload + 16), 0);
	}
	return get_le32(sent.payload + 8);
}

static void ready(uint16_t version)
{
	size_t bytes = version >= VSTOR_VERSION_5_1 ? 64 : 48;

	CHECK_EQ(send_op(VSTOR_OP_BEGIN_INITIALIZATION, 0, bytes), 0);
	CHECK_EQ(send_op(VSTOR_OP_QUERY_PROTOCOL_VERSION, version, bytes), 0);
	CHECK_EQ(send_op(VSTOR_OP_QUERY_PROPERTIES, 0, bytes), 0);
	CHECK_EQ(send_op(VSTOR_OP_END_INITIALIZATION, 0, bytes), 0);
}

/* A good SRB for a CDB in hexadecimal. */
static void make_srb(uint8_t packet[64], const char *hex, uint8_t lun, uint32_t bytes,
		     uint8_t data_in)
{
	unsigned int i = 0, byte;

	memset(packet, 0, 64);
	put_le32(packet, VSTOR_OP_EXECUTE_SRB);
	put_le32(packet + 4, 1);
	put_le16(packet + 12, 52);
	packet[12 + 7] = lun;
	packet[12 + 9] = 20;
	packet[12 + 10] = data_in;
	put_le32(packet + 24, bytes);
	while (sscanf(hex, "%2x", &byte) == 1 && i < 16) {
		packet[28 + i++] = (uint8_t)byte;
		hex += 2;
		while (*hex == ' ')
			hex++;
	}
	packet[12 + 8] = (uint8_t)i;
	put_le32(packet + 52, 8 | (data_in == 1 ? 0x40 : data_in == 0 ? 0x80 : 0));
}

/* Return: true with the reply's SRB at @srb. */
static bool execute(const uint8_t packet[64], const struct gpa_range *range, unsigned int ranges,
		    const uint8_t **srb, uint32_t *status)
{
	static struct fake_sent sent;

	fake_push(chan, range ? VMBUS_PACKET_GPA_DIRECT : VMBUS_PACKET_INBAND, true, ++xid, packet,
		  64, range, ranges);
	fake_run(chan);
	if (!fake_take(chan, &sent))
		return false;
	CHECK_EQ(sent.len, 64);
	*srb = sent.payload + 12;
	*status = get_le32(sent.payload + 8);
	return true;
}

static void every_version_initializes(void)
{
	static const uint16_t versions[] = { 0x0200, 0x0402, 0x0501, 0x0600, 0x0602 };
	unsigned int i, j;

	for (i = 0; i < 5; i++) {
		start(versions[i]);
		CHECK_EQ(send_op(VSTOR_OP_BEGIN_INITIALIZATION, 0, 64), 0);
		for (j = 4; j > i; j--)
			CHECK_EQ(send_op(VSTOR_OP_QUERY_PROTOCOL_VERSION, versions[j], 64),
				 VSTOR_STATUS_REVISION_MISMATCH);
		CHECK_EQ(send_op(VSTOR_OP_QUERY_PROTOCOL_VERSION, 0x0601, 64),
			 VSTOR_STATUS_REVISION_MISMATCH);
		CHECK_EQ(send_op(VSTOR_OP_QUERY_PROTOCOL_VERSION, versions[i], 64), 0);
		CHECK_EQ(storvsp_version(storvsp), versions[i]);
		CHECK_EQ(send_op(VSTOR_OP_QUERY_PROPERTIES, 0, 64), 0);
		CHECK_EQ(send_op(VSTOR_OP_END_INITIALIZATION, 0, 64), 0);
		CHECK_EQ(send_op(VSTOR_OP_RESET_BUS, 0, versions[i] < 0x0501 ? 48 : 64), 0);
		CHECK_EQ(fake_violations(NULL), 0);
		stop();
	}
}

static void the_order_is_kept(void)
{
	start(0x0602);
	CHECK_EQ(send_op(VSTOR_OP_QUERY_PROPERTIES, 0, 64), VSTOR_STATUS_INVALID_DEVICE_STATE);
	CHECK_EQ(send_op(VSTOR_OP_EXECUTE_SRB, 0, 64), VSTOR_STATUS_INVALID_DEVICE_STATE);
	CHECK_EQ(send_op(VSTOR_OP_CREATE_SUB_CHANNELS, 1, 64), VSTOR_STATUS_INVALID_DEVICE_STATE);
	CHECK_EQ(fake_violations("vstor-state"), 3);
	ready(0x0602);
	CHECK_EQ(send_op(VSTOR_OP_BEGIN_INITIALIZATION, 0, 64), VSTOR_STATUS_INVALID_DEVICE_STATE);
	CHECK_EQ(send_op(VSTOR_OP_CREATE_SUB_CHANNELS, 1, 64), VSTOR_STATUS_INVALID_PARAMETER);
	CHECK_EQ(fake_violations("vstor-sub-channels"), 1);
	/* Closing leads back to the beginning. */
	fake_close(chan);
	CHECK_EQ(storvsp_version(storvsp), 0);
	fake_open(chan);
	ready(0x0501);
	stop();
}

static void fatal_packets_end_the_session(void)
{
	static const uint32_t unknown[] = { 0, 1, 2, 11, 12, 14, 15, 0xffffffff };
	uint8_t packet[64] = { 7, 0, 0, 0, 1 };
	unsigned int i;

	for (i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
		start(0x0602);
		CHECK_EQ(send_op(unknown[i], 0, 64), 0xffffffff);
		CHECK_EQ(fake_violations("vstor-operation"), 1);
		CHECK_EQ(send_op(VSTOR_OP_BEGIN_INITIALIZATION, 0, 64), 0xffffffff);
		CHECK(fake_left(chan) == 1);
		stop();
	}
	start(0x0602);
	fake_push(chan, VMBUS_PACKET_INBAND, false, 1, packet, 64, NULL, 0);
	fake_run(chan);
	CHECK_EQ(fake_violations("vstor-no-completion"), 1);
	stop();
	start(0x0602);
	fake_push(chan, VMBUS_PACKET_COMPLETION, true, 1, packet, 64, NULL, 0);
	fake_run(chan);
	CHECK_EQ(fake_violations("vstor-no-completion"), 1);
	stop();
	start(0x0602);
	fake_push(chan, VMBUS_PACKET_INBAND, true, 1, packet, 8, NULL, 0);
	fake_run(chan);
	CHECK_EQ(fake_violations("vstor-packet-size"), 1);
	stop();
}

static void data_goes_both_ways(void)
{
	uint64_t pfns[3] = { 40, 20, 30 };
	struct gpa_range range = { .len = 8192, .off = 100, .nr_pfns = 3, .pfns = pfns };
	const uint8_t *srb;
	uint8_t packet[64];
	uint32_t status, i;

	start(0x0602);
	ready(0x0602);
	for (i = 0; i < 4096; i++)
		fake_ram()[20 * 4096 + i] = (uint8_t)(i * 3);
	memset(fake_ram() + 40 * 4096, 1, 4096);
	memset(fake_ram() + 30 * 4096, 2, 4096);
	make_srb(packet, "2a 00 00000008 00 0010 00", 0, 8192, 0);
	CHECK(execute(packet, &range, 1, &srb, &status));
	CHECK_EQ(status, 0);
	CHECK_EQ(srb[2], VSTOR_SRB_SUCCESS);
	CHECK_EQ(get_le32(srb + 12), 8192);
	memset(fake_ram() + 20 * 4096, 0, 4096);
	make_srb(packet, "28 00 00000008 00 0010 00", 0, 8192, 1);
	CHECK(execute(packet, &range, 1, &srb, &status));
	CHECK_EQ(srb[2], VSTOR_SRB_SUCCESS);
	for (i = 0; i < 4096; i++)
		if (fake_ram()[20 * 4096 + i] != (uint8_t)(i * 3))
			unit_failures++;
	CHECK_EQ(fake_ram()[30 * 4096 + 99], 2);
	CHECK_EQ(fake_violations(NULL), 0);
	CHECK_EQ(fake_counter("scsi0.lun0", "reads"), 1);
	CHECK_EQ(fake_counter("scsi0", "bytes_out"), 8192);
	stop();
}

static void errors_have_their_codes(void)
{
	uint64_t pfn = 5;
	struct gpa_range range = { .len = 512, .off = 0, .nr_pfns = 1, .pfns = &pfn };
	const uint8_t *srb;
	uint8_t packet[64];
	uint32_t status;

	start(0x0602);
	ready(0x0602);
	make_srb(packet, "28 00 7fffffff 00 0001 00", 0, 512, 1);
	CHECK(execute(packet, &range, 1, &srb, &status));
	CHECK_EQ(srb[2], VSTOR_SRB_INVALID_REQUEST | VSTOR_SRB_STATUS_AUTOSENSE);
	CHECK_EQ(srb[3], 2);
	CHECK_EQ(srb[9], 20);
	CHECK_EQ(srb[16], 0x70);
	CHECK_EQ(srb[16 + 12], 0x21);
	CHECK_EQ(status, VSTOR_STATUS_IO_DEVICE_ERROR);
	make_srb(packet, "00 00 00 00 00 00", 9, 0, 2);
	CHECK(execute(packet, NULL, 0, &srb, &status));
	CHECK_EQ(srb[2], VSTOR_SRB_INVALID_LUN);
	CHECK_EQ(srb[3], 2);
	CHECK_EQ(srb[16], 0);
	CHECK_EQ(status, VSTOR_STATUS_DEVICE_DOES_NOT_EXIST);
	/* LUN 255 and another target are addresses like any other. */
	make_srb(packet, "00 00 00 00 00 00", 255, 0, 2);
	CHECK(execute(packet, NULL, 0, &srb, &status));
	CHECK_EQ(srb[2], VSTOR_SRB_INVALID_LUN);
	make_srb(packet, "12 00 00 00 24 00", 0, 36, 1);
	packet[12 + 6] = 1;
	range.len = 36;
	CHECK(execute(packet, &range, 1, &srb, &status));
	CHECK_EQ(srb[2], VSTOR_SRB_SUCCESS);
	CHECK_EQ(fake_ram()[5 * 4096], 0x7f);
	CHECK_EQ(fake_violations(NULL), 0);
	stop();
}

struct srb_case {
	const char *rule;
	unsigned int at;
	uint8_t value;
};

static const struct srb_case srb_cases[] = {
	{ "vstor-flags", 4, 3 },	 { "vstor-reserved", 8, 1 },
	{ "vstor-srb-length", 12, 64 },	 { "vstor-sense-length", 21, 18 },
	{ "vstor-cdb-length", 20, 6 },	 { "vstor-cdb-length", 20, 17 },
	{ "vstor-direction", 22, 3 },	 { "vstor-direction", 22, 0 },
	{ "vstor-reserved", 23, 1 },	 { "vstor-reserved", 14, 1 },
	{ "vstor-direction", 52, 0x88 },
};

static void broken_rules_are_reported(void)
{
	uint64_t pfns[2] = { 5, 5 };
	struct gpa_range range = { .len = 512, .off = 0, .nr_pfns = 1, .pfns = pfns };
	const uint8_t *srb;
	uint8_t packet[64];
	uint32_t status;
	unsigned int i;

	start(0x0602);
	ready(0x0602);
	for (i = 0; i < sizeof(srb_cases) / sizeof(srb_cases[0]); i++) {
		make_srb(packet, "28 00 00000000 00 0001 00", 0, 512, 1);
		packet[srb_cases[i].at] = srb_cases[i].value;
		fake_forget_violations();
		CHECK(execute(packet, &range, 1, &srb, &status));
		if (!fake_violations(srb_cases[i].rule)) {
			printf("# %s at %u\n", srb_cases[i].rule, srb_cases[i].at);
			unit_failures++;
		}
	}
	fake_forget_violations();
	make_srb(packet, "28 00 00000000 00 0010 00", 0, 8192, 1);
	range.len = 8192;
	range.nr_pfns = 2;
	CHECK(execute(packet, &range, 1, &srb, &status));
	CHECK_EQ(fake_violations("vstor-frame-twice"), 1);
	pfns[1] = FAKE_RAM_BYTES / 4096;
	CHECK(execute(packet, &range, 1, &srb, &status));
	CHECK_EQ(srb[2], VSTOR_SRB_INVALID_REQUEST);
	CHECK_EQ(fake_violations("vstor-frame-outside-ram"), 1);
	pfns[1] = ~0ull;
	CHECK(execute(packet, &range, 1, &srb, &status));
	CHECK_EQ(fake_violations("vstor-frame-outside-ram"), 2);
	stop();
}

static void bad_buffers_end_the_session(void)
{
	uint64_t pfns[40];
	struct gpa_range range[2] = { { .len = 511, .nr_pfns = 1, .pfns = pfns },
				      { .len = 512, .nr_pfns = 1, .pfns = pfns } };
	const uint8_t *srb;
	uint8_t packet[64];
	uint32_t status, i;

	for (i = 0; i < 40; i++)
		pfns[i] = 100 + i;
	make_srb(packet, "28 00 00000000 00 0001 00", 0, 512, 1);
	start(0x0602);
	ready(0x0602);
	CHECK(!execute(packet, range, 1, &srb, &status));
	CHECK_EQ(fake_violations("vstor-byte-count"), 1);
	stop();
	start(0x0602);
	ready(0x0602);
	CHECK(!execute(packet, range, 2, &srb, &status));
	CHECK_EQ(fake_violations("vstor-range-count"), 1);
	stop();
	start(0x0602);
	ready(0x0602);
	CHECK(!execute(packet, NULL, 0, &srb, &status));
	CHECK_EQ(fake_violations("vstor-no-buffer"), 1);
	stop();
	/* Longer than the limit: the SRB fails, the session goes on. */
	start(0x0602);
	ready(0x0602);
	range[0].len = (64 << 10) + 512;
	range[0].nr_pfns = 17;
	make_srb(packet, "28 00 00000000 00 0081 00", 0, (64 << 10) + 512, 1);
	CHECK(execute(packet, range, 1, &srb, &status));
	CHECK_EQ(srb[2], VSTOR_SRB_INVALID_REQUEST);
	CHECK_EQ(fake_violations("vstor-transfer-size"), 1);
	stop();
}

static void a_full_ring_loses_no_reply(void)
{
	struct fake_sent sent;
	uint8_t packet[64];
	unsigned int i;

	start(0x0602);
	ready(0x0602);
	make_srb(packet, "00 00 00 00 00 00", 0, 0, 2);
	fake_set_room(chan, 2);
	for (i = 0; i < 10; i++)
		fake_push(chan, VMBUS_PACKET_INBAND, true, 1000 + i, packet, 64, NULL, 0);
	fake_run(chan);
	CHECK_EQ(fake_left(chan), 7);
	for (i = 0; i < 2; i++)
		CHECK(fake_take(chan, &sent) && sent.xid == 1000 + i);
	CHECK(!fake_take(chan, &sent));
	fake_set_room(chan, 100);
	fake_run(chan);
	for (; i < 10; i++)
		CHECK(fake_take(chan, &sent) && sent.xid == 1000 + i);
	CHECK(!fake_take(chan, &sent));
	CHECK(fake_counter("scsi0", "held_replies") >= 1);
	stop();
}

static void plugging_is_told(void)
{
	struct fake_sent sent;

	start(0x0602);
	CHECK_EQ(storvsp_detach(storvsp, 0, 0), 0);
	fake_run(chan);
	CHECK(!fake_take(chan, &sent));
	ready(0x0602);
	fake_run(chan);
	CHECK(!fake_take(chan, &sent)); /* dropped at the end of the initialization */
	CHECK_EQ(storvsp_attach(storvsp, 0, 3, image()), 0);
	CHECK(storvsp_detach(storvsp, 0, 4) < 0);
	CHECK_EQ(storvsp_detach(storvsp, 0, 3), 0);
	fake_run(chan);
	CHECK(fake_take(chan, &sent));
	CHECK_EQ(sent.type, VMBUS_PACKET_INBAND);
	CHECK_EQ(sent.xid, 0);
	CHECK_EQ(get_le32(sent.payload), VSTOR_OP_ENUMERATE_BUS);
	CHECK_EQ(sent.len, 64);
	CHECK(!fake_take(chan, &sent)); /* two changes, one notice */
	stop();
}

static void a_controller_retires_after_its_disks(void)
{
	struct fake_sent sent;
	const uint8_t *srb;
	uint8_t packet[64];
	uint32_t status;
	int turns;

	start(0x0602);
	ready(0x0602);
	CHECK_EQ(storvsp_retire(storvsp), 0);
	fake_run(chan);
	CHECK(fake_take(chan, &sent));
	CHECK_EQ(get_le32(sent.payload), VSTOR_OP_ENUMERATE_BUS);
	make_srb(packet, "00 00 00 00 00 00", 0, 0, 2);
	CHECK(execute(packet, NULL, 0, &srb, &status));
	CHECK_EQ(srb[2], VSTOR_SRB_INVALID_LUN);
	for (turns = 0; turns < 1000 && fake_is_open(chan); turns++)
		loop_run_once(vmbus_server_loop(fake_server()), 10);
	CHECK(!fake_is_open(chan));
	CHECK(storvsp_retire(storvsp) < 0);
	/* Offered and opened again it has its disks. */
	fake_open(chan);
	ready(0x0602);
	CHECK(execute(packet, NULL, 0, &srb, &status));
	CHECK_EQ(srb[2], VSTOR_SRB_SUCCESS);
	CHECK_EQ(fake_violations(NULL), 0);
	stop();
}

static void a_spoiled_step_is_refused_once(void)
{
	init_fault = (struct storvsp_init_fault){ .operation = VSTOR_OP_QUERY_PROPERTIES,
						  .status = VSTOR_STATUS_UNSUCCESSFUL,
						  .remaining = 1 };
	start(VSTOR_VERSION_6_2);
	CHECK_EQ(send_op(VSTOR_OP_BEGIN_INITIALIZATION, 0, 64), 0);
	CHECK_EQ(send_op(VSTOR_OP_QUERY_PROTOCOL_VERSION, VSTOR_VERSION_6_2, 64), 0);
	CHECK_EQ(send_op(VSTOR_OP_QUERY_PROPERTIES, 0, 64), VSTOR_STATUS_UNSUCCESSFUL);
	CHECK_EQ(fake_counter("scsi0", "spoiled"), 1);
	CHECK(!strcmp(storvsp_state_name(storvsp), "query-properties"));
	fake_close(chan);
	fake_open(chan);
	ready(VSTOR_VERSION_6_2);
	CHECK_EQ(fake_violations(NULL), 0);
	stop();
	init_fault.remaining = 0;
}

static void a_held_answer_is_not_sent_to_a_closed_channel(void)
{
	init_fault = (struct storvsp_init_fault){ .operation = VSTOR_OP_BEGIN_INITIALIZATION,
						  .delay_ms = 60000,
						  .remaining = 1 };
	start(VSTOR_VERSION_6_2);
	CHECK_EQ(send_op(VSTOR_OP_BEGIN_INITIALIZATION, 0, 64), 0xffffffff);
	/* Nothing else is answered before it. */
	CHECK_EQ(send_op(VSTOR_OP_QUERY_PROTOCOL_VERSION, VSTOR_VERSION_6_2, 64), 0xffffffff);
	fake_close(chan);
	fake_open(chan);
	ready(VSTOR_VERSION_6_2);
	stop();
	init_fault.remaining = 0;
}

static void push_read(uint64_t id, uint64_t *pfn)
{
	struct gpa_range range = { .len = 512, .nr_pfns = 1, .pfns = pfn };
	uint8_t packet[64];

	make_srb(packet, "28 00 00000000 00 0001 00", 0, 512, 1);
	fake_push(chan, VMBUS_PACKET_GPA_DIRECT, true, id, packet, 64, &range, 1);
}

/* Lets the loop run until a reply is there. */
static bool take_late(struct fake_sent *sent)
{
	int turns;

	for (turns = 0; turns < 1000; turns++) {
		if (fake_take(chan, sent))
			return true;
		loop_run_once(vmbus_server_loop(fake_server()), 10);
		fake_run(chan);
	}
	return false;
}

static void a_slow_disk_keeps_nobody_waiting(void)
{
	struct fake_sent sent;
	const uint8_t *srb;
	uint8_t packet[64];
	uint64_t pfn = 5;
	uint32_t status;
	unsigned int i;

	/* Slow enough to be sure that none is due before all have been looked at. */
	latency_us = 300000;
	start(0x0602);
	ready(0x0602);
	for (i = 0; i < 3; i++)
		push_read(2000 + i, &pfn);
	fake_run(chan);
	CHECK_EQ(fake_left(chan), 0);
	CHECK(!fake_take(chan, &sent));
	CHECK_EQ(fake_counter("scsi0.lun0", "reads"), 3);
	/* What touches no blocks overtakes them. */
	make_srb(packet, "00 00 00 00 00 00", 0, 0, 2);
	CHECK(execute(packet, NULL, 0, &srb, &status));
	CHECK_EQ(srb[2], VSTOR_SRB_SUCCESS);
	/* With room for one the others wait, in their order. */
	fake_set_room(chan, 1);
	CHECK(take_late(&sent) && sent.xid == 2000 && sent.payload[14] == VSTOR_SRB_SUCCESS);
	fake_run(chan);
	CHECK(!fake_take(chan, &sent));
	fake_set_room(chan, 100);
	CHECK(take_late(&sent) && sent.xid == 2001);
	CHECK(take_late(&sent) && sent.xid == 2002);
	stop();
	latency_us = 0;
}

static void late_replies_do_not_outlive_the_channel(void)
{
	struct fake_sent sent;
	uint64_t pfn = 5;
	int turns;

	latency_us = 20000;
	start(0x0602);
	ready(0x0602);
	push_read(3000, &pfn);
	fake_run(chan);
	fake_close(chan);
	fake_open(chan);
	ready(0x0602);
	push_read(3001, &pfn);
	CHECK(take_late(&sent) && sent.xid == 3001);
	for (turns = 0; turns < 5; turns++)
		loop_run_once(vmbus_server_loop(fake_server()), 10);
	fake_run(chan);
	CHECK(!fake_take(chan, &sent));
	/* One is out when all of it ends. */
	push_read(3002, &pfn);
	fake_run(chan);
	stop();
	latency_us = 0;
}

static void random_packets_do_no_harm(void)
{
	unsigned int seed = 4, i, j;
	uint64_t pfns[20];
	struct fake_sent sent;

	for (i = 0; i < 20000; i++) {
		struct gpa_range range = { .pfns = pfns };
		uint8_t packet[64];

		if (i % 50 == 0) {
			if (i)
				stop();
			start(0x0602);
			ready(i % 100 ? 0x0602 : 0x0402);
		}
		make_srb(packet, "28 00 00000000 00 0001 00", rand_r(&seed) & 1, 0,
			 (uint8_t)(rand_r(&seed) % 3));
		for (j = 0; j < 4; j++)
			packet[12 + rand_r(&seed) % 52] = (uint8_t)rand_r(&seed);
		packet[28] = (uint8_t)rand_r(&seed);
		if (rand_r(&seed) % 64 == 0)
			packet[0] = (uint8_t)(rand_r(&seed) % 16);
		range.off = (uint32_t)rand_r(&seed) % 4096;
		range.len = 1 + (uint32_t)rand_r(&seed) % 60000;
		range.nr_pfns = (range.off + range.len + 4095) / 4096;
		for (j = 0; j < range.nr_pfns; j++)
			pfns[j] = (uint64_t)rand_r(&seed) % (FAKE_RAM_BYTES / 4096 + (i % 16 == 0));
		put_le32(packet + 24,
			 rand_r(&seed) % 8 ? range.len : (uint32_t)rand_r(&seed) % 70000);
		if (rand_r(&seed) % 4)
			fake_push(chan, VMBUS_PACKET_GPA_DIRECT, true, i, packet, 64, &range, 1);
		else
			fake_push(chan, VMBUS_PACKET_INBAND, true, i, packet,
				  (size_t)rand_r(&seed) % 65, NULL, 0);
		fake_run(chan);
		while (fake_take(chan, &sent))
			;
	}
	stop();
}

static void start_kind(enum storvsp_kind kind, const char *name, unsigned int number, uint16_t subs)
{
	struct storvsp_params params = {
		.name = name,
		.kind = kind,
		.number = number,
		.max_version = VSTOR_VERSION_6_2,
		.max_transfer_bytes = 64 << 10,
		.max_sub_channels = subs,
		.wwpn = 0xc003ff0000ff0001,
		.wwnn = 0xc003ff0000ffff01,
	};

	storvsp = storvsp_new(fake_server(), &params);
	chan = fake_chan(name);
	fake_open(chan);
	fake_forget_violations();
}

/* SRB status of a TEST UNIT READY at an address. */
static uint8_t test_unit(uint8_t path_id, uint8_t target, uint8_t lun)
{
	const uint8_t *srb;
	uint8_t packet[64];
	uint32_t status;

	make_srb(packet, "00 00 00 00 00 00", lun, 0, 2);
	packet[12 + 5] = path_id;
	packet[12 + 6] = target;
	CHECK(execute(packet, NULL, 0, &srb, &status));
	return srb[2];
}

static void an_ide_disk_is_found_at_any_target(void)
{
	start_kind(STORVSP_IDE, "ide3", 3, 0);
	CHECK_EQ(storvsp_attach(storvsp, 0, 0, image()), 0);
	ready(0x0602);
	CHECK_EQ(test_unit(0, 1, 0), VSTOR_SRB_SUCCESS);
	CHECK_EQ(test_unit(1, 0, 0), VSTOR_SRB_SUCCESS);
	CHECK_EQ(test_unit(0, 1, 1), VSTOR_SRB_INVALID_LUN);
	CHECK_EQ(send_op(VSTOR_OP_CREATE_SUB_CHANNELS, 1, 64), VSTOR_STATUS_INVALID_PARAMETER);
	CHECK_EQ(fake_violations("vstor-address"), 0);
	CHECK_EQ(fake_violations("vstor-sub-channels"), 1);
	stop();
}

static void a_fibre_channel_adapter_has_names_and_targets(void)
{
	static const uint8_t names[36] = { 1,	 0,    0,    0,	   0xc0, 0x03, 0xff, 0,	   0,
					   0xff, 0,    1,    0xc0, 0x03, 0xff, 0,    0,	   0xff,
					   0xff, 1,    0xc0, 0x03, 0xff, 0,    0,    0xff, 0,
					   2,	 0xc0, 0x03, 0xff, 0,	 0,    0xff, 0xff, 1 };
	uint8_t packet[64] = { VSTOR_OP_FCHBA_DATA, 0, 0, 0, 1 };
	struct scsi_unit *unit = image();
	struct fake_sent sent;

	start_kind(STORVSP_FC, "fc0", 0, 0);
	CHECK(storvsp_attach(storvsp, 8, 0, unit) < 0);
	CHECK(storvsp_attach(storvsp, 0, 32, unit) < 0);
	CHECK_EQ(storvsp_attach(storvsp, 7, 7, unit), 0);
	CHECK(storvsp_detach(storvsp, 7, 6) < 0);
	CHECK_EQ(send_op(VSTOR_OP_FCHBA_DATA, 0, 64), VSTOR_STATUS_INVALID_DEVICE_STATE);
	CHECK_EQ(send_op(VSTOR_OP_BEGIN_INITIALIZATION, 0, 64), 0);
	CHECK_EQ(send_op(VSTOR_OP_QUERY_PROTOCOL_VERSION, 0x0602, 64), 0);
	CHECK_EQ(send_op(VSTOR_OP_QUERY_PROPERTIES, 0, 64), 0);
	fake_push(chan, VMBUS_PACKET_INBAND, true, ++xid, packet, 64, NULL, 0);
	fake_run(chan);
	CHECK(fake_take(chan, &sent));
	CHECK_EQ(get_le32(sent.payload + 8), 0);
	CHECK(!memcmp(sent.payload + 12, names, sizeof(names)));
	CHECK_EQ(send_op(VSTOR_OP_END_INITIALIZATION, 0, 64), 0);
	CHECK_EQ(test_unit(0, 7, 7), VSTOR_SRB_SUCCESS);
	CHECK_EQ(test_unit(0, 7, 6), VSTOR_SRB_INVALID_LUN);
	CHECK_EQ(test_unit(0, 0, 0), VSTOR_SRB_INVALID_LUN);
	CHECK_EQ(test_unit(1, 7, 7), VSTOR_SRB_INVALID_LUN);
	CHECK_EQ(test_unit(0, 255, 255), VSTOR_SRB_INVALID_LUN);
	CHECK_EQ(fake_violations("vstor-state"), 1);
	CHECK_EQ(fake_violations(NULL), 1);
	stop();
}

static void sub_channels_carry_requests(void)
{
	struct vmbus_chan *primary, *sub;
	struct fake_sent sent;
	uint8_t packet[64];
	uint64_t requests;

	start_kind(STORVSP_SCSI, "scsi0", 0, 3);
	primary = chan;
	CHECK_EQ(storvsp_attach(storvsp, 0, 0, image()), 0);
	CHECK_EQ(send_op(VSTOR_OP_BEGIN_INITIALIZATION, 0, 64), 0);
	CHECK_EQ(send_op(VSTOR_OP_QUERY_PROTOCOL_VERSION, 0x0602, 64), 0);
	memset(packet, 0, sizeof(packet));
	packet[0] = VSTOR_OP_QUERY_PROPERTIES;
	packet[4] = 1;
	fake_push(chan, VMBUS_PACKET_INBAND, true, ++xid, packet, 64, NULL, 0);
	fake_run(chan);
	CHECK(fake_take(chan, &sent));
	CHECK_EQ(get_le16(sent.payload + 12 + 4), 3);
	CHECK_EQ(get_le32(sent.payload + 12 + 8), VSTOR_PROPERTY_MULTI_CHANNEL);
	CHECK_EQ(send_op(VSTOR_OP_CREATE_SUB_CHANNELS, 4, 64), VSTOR_STATUS_INVALID_PARAMETER);
	CHECK_EQ(send_op(VSTOR_OP_CREATE_SUB_CHANNELS, 0, 64), VSTOR_STATUS_INVALID_PARAMETER);
	CHECK_EQ(fake_violations("vstor-sub-channels"), 2);
	fake_forget_violations();
	CHECK_EQ(send_op(VSTOR_OP_CREATE_SUB_CHANNELS, 2, 64), 0);
	CHECK(!fake_chan("scsi0/3"));
	sub = fake_chan("scsi0/2");
	CHECK(sub);
	/* What comes before the session is ready waits for it. */
	fake_open(sub);
	make_srb(packet, "00 00 00 00 00 00", 0, 0, 2);
	fake_push(sub, VMBUS_PACKET_INBAND, true, 77, packet, 64, NULL, 0);
	fake_run(sub);
	CHECK(!fake_take(sub, &sent));
	CHECK_EQ(send_op(VSTOR_OP_END_INITIALIZATION, 0, 64), 0);
	fake_run(sub);
	CHECK(fake_take(sub, &sent));
	CHECK_EQ(sent.xid, 77);
	CHECK_EQ(sent.payload[14], VSTOR_SRB_SUCCESS);
	CHECK(storvsp_channel_requests(storvsp, 2, &requests));
	CHECK_EQ(requests, 1);
	CHECK(!storvsp_channel_requests(storvsp, 1, &requests));
	/* Initialization belongs to the primary; a second demand is one too many. */
	chan = sub;
	CHECK_EQ(send_op(VSTOR_OP_BEGIN_INITIALIZATION, 0, 64), VSTOR_STATUS_INVALID_DEVICE_STATE);
	CHECK_EQ(fake_violations("vstor-state"), 1);
	CHECK_EQ(send_op(VSTOR_OP_RESET_BUS, 0, 64), 0);
	/* A fatal packet ends its own channel only. */
	CHECK_EQ(send_op(0, 0, 64), 0xffffffff);
	chan = primary;
	CHECK_EQ(send_op(VSTOR_OP_CREATE_SUB_CHANNELS, 1, 64), VSTOR_STATUS_INVALID_PARAMETER);
	CHECK_EQ(test_unit(0, 0, 0), VSTOR_SRB_SUCCESS);
	/* Closing leads back to the beginning. */
	fake_close(chan);
	fake_open(chan);
	ready(0x0402);
	CHECK_EQ(send_op(VSTOR_OP_CREATE_SUB_CHANNELS, 1, 48), VSTOR_STATUS_INVALID_DEVICE_STATE);
	stop();
}

static void faults_have_their_codes(void)
{
	static const struct {
		enum scsi_fault_kind kind;
		uint8_t srb, scsi;
		uint32_t status;
	} faults[] = {
		{ SCSI_FAULT_BUSY, VSTOR_SRB_BUSY, 8, VSTOR_STATUS_DEVICE_BUSY },
		{ SCSI_FAULT_RESET, VSTOR_SRB_BUS_RESET, 0, VSTOR_STATUS_IO_DEVICE_ERROR },
		{ SCSI_FAULT_NOT_READY, VSTOR_SRB_ERROR | VSTOR_SRB_STATUS_AUTOSENSE, 2,
		  VSTOR_STATUS_IO_DEVICE_ERROR },
		{ SCSI_FAULT_GONE, VSTOR_SRB_INVALID_LUN, 2, VSTOR_STATUS_DEVICE_DOES_NOT_EXIST },
	};
	struct scsi_fault fault = { .opcode = SCSI_FAULT_ANY_COMMAND,
				    .last_lba = UINT64_MAX,
				    .remaining = 1 };
	const uint8_t *srb;
	uint8_t packet[64];
	uint32_t status;
	size_t i;

	start(0x0602);
	ready(0x0602);
	make_srb(packet, "00 00 00 00 00 00", 0, 0, 2);
	for (i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		fault.kind = faults[i].kind;
		CHECK(!scsi_faults_add(scsi_unit_faults(storvsp_unit(storvsp, 0, 0)), &fault));
		CHECK(execute(packet, NULL, 0, &srb, &status));
		CHECK_EQ(srb[2], faults[i].srb);
		CHECK_EQ(srb[3], faults[i].scsi);
		CHECK_EQ(status, faults[i].status);
	}
	fault.kind = SCSI_FAULT_TIMEOUT;
	CHECK(!scsi_faults_add(scsi_unit_faults(storvsp_unit(storvsp, 0, 0)), &fault));
	CHECK(!execute(packet, NULL, 0, &srb, &status));
	CHECK_EQ(fake_counter("scsi0", "lost_replies"), 1);
	CHECK(execute(packet, NULL, 0, &srb, &status));
	CHECK_EQ(srb[2], VSTOR_SRB_SUCCESS);
	stop();
}

static const struct unit_case cases[] = {
	UNIT_CASE(every_version_initializes),
	UNIT_CASE(the_order_is_kept),
	UNIT_CASE(fatal_packets_end_the_session),
	UNIT_CASE(data_goes_both_ways),
	UNIT_CASE(errors_have_their_codes),
	UNIT_CASE(broken_rules_are_reported),
	UNIT_CASE(bad_buffers_end_the_session),
	UNIT_CASE(a_full_ring_loses_no_reply),
	UNIT_CASE(plugging_is_told),
	UNIT_CASE(a_controller_retires_after_its_disks),
	UNIT_CASE(a_spoiled_step_is_refused_once),
	UNIT_CASE(a_held_answer_is_not_sent_to_a_closed_channel),
	UNIT_CASE(a_slow_disk_keeps_nobody_waiting),
	UNIT_CASE(late_replies_do_not_outlive_the_channel),
	UNIT_CASE(an_ide_disk_is_found_at_any_target),
	UNIT_CASE(a_fibre_channel_adapter_has_names_and_targets),
	UNIT_CASE(sub_channels_carry_requests),
	UNIT_CASE(faults_have_their_codes),
	UNIT_CASE(random_packets_do_no_harm),
};

int main(void)
{
	int fd = mkstemp(path), status;

	if (fd < 0 || ftruncate(fd, 1 << 20))
		return 2;
	close(fd);
	status = unit_main(cases, sizeof(cases) / sizeof(cases[0]));
	unlink(path);
	return status;
}
