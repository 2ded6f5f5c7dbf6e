// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the network provider's session: initialization in every version and wrong orders, frames
 * in both directions, suballocations and their completions, the packet filter, and packets of any
 * content.
 */
#include "netvsp_guest.h"

static void every_version_comes_up(void)
{
	static const uint32_t versions[] = { NVSP_VERSION_1, NVSP_VERSION_2, NVSP_VERSION_4,
					     NVSP_VERSION_5, NVSP_VERSION_6, NVSP_VERSION_6_1 };
	unsigned int i, j;

	for (i = 0; i < ARRAY_SIZE(versions); i++) {
		start(versions[i]);
		for (j = ARRAY_SIZE(versions) - 1; j > i; j--)
			CHECK(!init(versions[j]));
		CHECK(!init(0x00030000));
		setup(versions[i]);
		rndis_initialize();
		set_filter(1);
		CHECK_EQ(fake_violations(NULL), 0);
		CHECK_EQ(netvsp_version(nic), versions[i]);
		stop();
	}
}

struct order_case {
	const char *name;
	uint32_t version, types[4];
};

static const struct order_case order_cases[] = {
	{ "something before INIT", 0, { NVSP_MSG_SEND_NDIS_VERSION } },
	{ "INIT twice", NVSP_VERSION_5, { NVSP_MSG_INIT } },
	{ "receive buffer before the configuration", NVSP_VERSION_5, { NVSP_MSG_SEND_RECV_BUF } },
	{ "configuration in version 1", NVSP_VERSION_1, { NVSP_MSG_SEND_NDIS_CONFIG } },
	{ "configuration twice",
	  NVSP_VERSION_5,
	  { NVSP_MSG_SEND_NDIS_CONFIG, NVSP_MSG_SEND_NDIS_CONFIG } },
	{ "NDIS version twice",
	  NVSP_VERSION_5,
	  { NVSP_MSG_SEND_NDIS_VERSION, NVSP_MSG_SEND_NDIS_VERSION } },
	{ "RNDIS without a receive buffer",
	  NVSP_VERSION_5,
	  { NVSP_MSG_SEND_NDIS_CONFIG, NVSP_MSG_SEND_NDIS_VERSION, NVSP_MSG_SEND_RNDIS_PACKET } },
	{ "sub-channels in version 4", NVSP_VERSION_4, { NVSP_MSG_SUBCHANNEL } },
	{ "unknown message", NVSP_VERSION_6_1, { 200 } },
	{ "chimney", NVSP_VERSION_1, { 109 } },
};

static void wrong_orders_end_the_session(void)
{
	unsigned int i, j;

	for (i = 0; i < ARRAY_SIZE(order_cases); i++) {
		start(NVSP_VERSION_6_1);
		if (order_cases[i].version)
			init(order_cases[i].version);
		for (j = 0; j < 4 && order_cases[i].types[j]; j++)
			nvsp(order_cases[i].types[j], 1514, 0, false);
		if (strcmp(netvsp_state_name(nic), "dead") || !fake_violations(NULL)) {
			printf("# %s\n", order_cases[i].name);
			unit_failures++;
		}
		CHECK(!nvsp(NVSP_MSG_INIT, NVSP_VERSION_5, NVSP_VERSION_5, true));
		fake_close(chan);
		fake_open(chan);
		setup(NVSP_VERSION_5);
		stop();
	}
}

static void foreign_buffers_are_refused(void)
{
	start(NVSP_VERSION_6_1);
	init(NVSP_VERSION_5);
	nvsp(NVSP_MSG_SEND_NDIS_CONFIG, 1514, 0, true);
	CHECK(nvsp(NVSP_MSG_SEND_RECV_BUF, 0x999, 0xcafe, true));
	CHECK_EQ(get_le32(last.payload + 4), NVSP_STATUS_FAILURE);
	fake_gpadl(RECV_GPADL, RECV_GPA, 4096);
	CHECK(nvsp(NVSP_MSG_SEND_RECV_BUF, RECV_GPADL, 0xcafe, true));
	CHECK_EQ(get_le32(last.payload + 4), NVSP_STATUS_FAILURE);
	CHECK(nvsp(NVSP_MSG_SEND_SEND_BUF, 0x999, 0, true));
	CHECK_EQ(get_le32(last.payload + 4), NVSP_STATUS_FAILURE);
	CHECK_EQ(fake_violations("nvsp-buffer"), 3);
	CHECK_EQ(fake_gpadl_refs(), 0);
	CHECK(nvsp(NVSP_MSG_REVOKE_RECV_BUF, 0xcafe, 0, true));
	CHECK_EQ(last.len, 0);
	CHECK_EQ(fake_violations("nvsp-revoke"), 1);
	stop();
}

static void frames_go_out(void)
{
	static uint8_t stream[8192];
	uint64_t pfns[2] = { DATA_GPA / 4096, DATA_GPA / 4096 + 1 };
	struct gpa_range range[2] = { { .nr_pfns = 1, .pfns = pfns },
				      { .nr_pfns = 1, .pfns = pfns + 1 } };
	uint32_t bytes, at = 0;
	unsigned int i;

	up(NVSP_VERSION_6_1);
	bytes = make_packet(stream, 60, 0x11);
	CHECK_EQ(rndis_flat(stream, bytes), NVSP_STATUS_SUCCESS);
	CHECK_EQ(net_frames, 1);
	CHECK_EQ(net_bytes[0], 60);
	CHECK_EQ(net_frame[0][59], 0x11);
	/* Three messages in a section, padded to 8 but the last. */
	for (i = 0; i < 3; i++) {
		bytes = make_packet(stream + at, 61 + i, (uint8_t)i);
		put_le32(stream + at + 4, i < 2 ? (bytes + 7) & ~7u : bytes);
		at += get_le32(stream + at + 4);
	}
	memcpy(fake_ram() + SEND_GPA + 3 * 6144, stream, at);
	CHECK_EQ(rndis(3, at, NULL, 0), NVSP_STATUS_SUCCESS);
	CHECK_EQ(net_frames, 4);
	CHECK_EQ(net_bytes[3], 63);
	/* Header in the section, data in a range. */
	bytes = make_packet(stream, 1000, 0x22);
	memcpy(fake_ram() + SEND_GPA, stream, 44);
	memcpy(fake_ram() + DATA_GPA + 100, stream + 44, 1000);
	range[0].off = 100;
	range[0].len = 1000;
	CHECK_EQ(rndis(0, 44, range, 1), NVSP_STATUS_SUCCESS);
	CHECK_EQ(net_frames, 5);
	CHECK_EQ(net_bytes[0], 1000);
	CHECK_EQ(net_frame[0][999], 0x22);
	CHECK_EQ(fake_violations(NULL), 0);
	/* A header spread over two ranges. */
	memcpy(fake_ram() + DATA_GPA, stream, 40);
	memcpy(fake_ram() + DATA_GPA + 4096, stream + 40, 1004);
	range[0].off = 0;
	range[0].len = 40;
	range[1].len = 1004;
	CHECK_EQ(rndis(0xffffffff, 0, range, 2), NVSP_STATUS_FAILURE);
	CHECK_EQ(fake_violations("rndis-header-split"), 1);
	/* Beyond the MTU, too short, a section that is not there, one that is too long. */
	bytes = make_packet(stream, 1515, 0);
	CHECK_EQ(rndis_flat(stream, bytes), NVSP_STATUS_FAILURE);
	bytes = make_packet(stream, 14, 0);
	put_le32(stream + 12, 13);
	CHECK_EQ(rndis_flat(stream, bytes), NVSP_STATUS_FAILURE);
	CHECK_EQ(rndis(SEND_BYTES / 6144, 44, NULL, 0), NVSP_STATUS_FAILURE);
	CHECK_EQ(rndis(0, 6145, NULL, 0), NVSP_STATUS_FAILURE);
	CHECK_EQ(rndis(0xfffffffe, 44, NULL, 0), NVSP_STATUS_FAILURE);
	CHECK_EQ(fake_violations("nvsp-section"), 3);
	CHECK_EQ(fake_violations("rndis-frame-size"), 2);
	CHECK_EQ(net_frames, 5);
	stop();
}

static void packets_are_refused_as_told(void)
{
	static uint8_t stream[256];
	uint32_t bytes;

	up(NVSP_VERSION_6_1);
	netvsp_refuse(nic, 2, NVSP_STATUS_BUSY);
	/* Control messages pass. */
	set_filter(0x0d);
	bytes = make_packet(stream, 60, 0x11);
	CHECK_EQ(rndis_flat(stream, bytes), NVSP_STATUS_BUSY);
	CHECK_EQ(rndis_flat(stream, bytes), NVSP_STATUS_BUSY);
	CHECK_EQ(net_frames, 0);
	CHECK_EQ(rndis_flat(stream, bytes), NVSP_STATUS_SUCCESS);
	CHECK_EQ(net_frames, 1);
	netvsp_refuse(nic, 1, 99);
	netvsp_refuse(nic, 0, 99);
	CHECK_EQ(rndis_flat(stream, bytes), NVSP_STATUS_SUCCESS);
	CHECK_EQ(fake_violations(NULL), 0);
	stop();
}

static void frames_come_in_together(void)
{
	const uint8_t *message;
	unsigned int i;
	uint32_t bytes;

	up(NVSP_VERSION_5);
	for (i = 0; i < 5; i++)
		netvsp_receive(nic, frame_to_guest, sizeof(frame_to_guest));
	fake_run(chan);
	CHECK_EQ(take_transfer(), 5);
	CHECK_EQ(get_le32(last.payload + 4), 0);
	for (i = 0; i < 5; i++) {
		message = range_of(i, &bytes);
		CHECK_EQ(get_le32(message), 1);
		CHECK_EQ(get_le32(message + 4), bytes);
		CHECK_EQ(get_le32(message + 8) % 8, 0);
		CHECK_EQ(get_le32(message + 12), 60);
		CHECK(!memcmp(message + 8 + get_le32(message + 8), frame_to_guest, 60));
	}
	CHECK_EQ(fake_counter("nic0", "rx_packets"), 4); /* three of them control messages */
	give_back(last.xid);
	CHECK_EQ(fake_violations(NULL), 0);
	/* Given back twice, never given, out of range. */
	give_back(last.xid);
	give_back(0);
	give_back(77);
	give_back(1u << 31);
	give_back(~0ull);
	CHECK_EQ(fake_violations("nvsp-completion-id"), 5);
	stop();
}

static void frames_wait_for_suballocations(void)
{
	const unsigned int data = RECV_BYTES / 1728 - 1 - 16;
	uint64_t ids[64];
	unsigned int i, taken = 0, n = 0;
	uint32_t ranges;

	up(NVSP_VERSION_6_1);
	for (i = 0; i < data + 10; i++)
		netvsp_receive(nic, frame_to_guest, sizeof(frame_to_guest));
	fake_run(chan);
	while ((ranges = take_transfer())) {
		taken += ranges;
		ids[n++ % 64] = last.xid;
	}
	CHECK_EQ(taken, data);
	CHECK_EQ(fake_counter("nic0", "rx_waited"), 10);
	for (i = 0; i < n; i++)
		give_back(ids[i]);
	for (taken = 0; (ranges = take_transfer());)
		taken += ranges;
	CHECK_EQ(taken, 10);
	for (i = 0; i < data + 1000; i++)
		netvsp_receive(nic, frame_to_guest, sizeof(frame_to_guest));
	CHECK(fake_counter("nic0", "rx_dropped") > 0);
	CHECK_EQ(fake_violations(NULL), 0);
	stop();
}

static void a_full_ring_holds_everything_back(void)
{
	uint8_t keepalive[12] = { 8, 0, 0, 0, 12, 0, 0, 0, 1 };
	uint64_t pfn = DATA_GPA / 4096;
	struct gpa_range range = { .len = 12, .nr_pfns = 1, .pfns = &pfn };
	uint8_t message[40] = { 107, 0, 0, 0, 1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff };
	unsigned int i;

	up(NVSP_VERSION_6_1);
	memcpy(fake_ram() + DATA_GPA, keepalive, 12);
	netvsp_receive(nic, frame_to_guest, sizeof(frame_to_guest));
	fake_set_room(chan, 0);
	for (i = 0; i < 3; i++)
		fake_push(chan, VMBUS_PACKET_GPA_DIRECT, true, 500 + i, message, 40, &range, 1);
	fake_run(chan);
	CHECK(!fake_take(chan, &last));
	CHECK_EQ(fake_left(chan), 2);
	fake_set_room(chan, 100);
	fake_run(chan);
	/* Three completions, three answers, one frame, whatever the order. */
	for (i = 0; fake_take(chan, &last); i++)
		;
	CHECK_EQ(i, 7);
	CHECK_EQ(fake_violations(NULL), 0);
	stop();
}

static void filter_zero_stops_delivery(void)
{
	up(NVSP_VERSION_6_1);
	fake_set_room(chan, 0);
	netvsp_receive(nic, frame_to_guest, sizeof(frame_to_guest));
	fake_run(chan);
	fake_set_room(chan, 100);
	/* Not in the ring yet, so it never gets there. */
	{
		uint8_t info[4] = { 0 };
		uint8_t message[32] = { 5, 0, 0, 0, 32 };

		put_le32(message + 12, NDIS_OID_CURRENT_PACKET_FILTER);
		put_le32(message + 16, 4);
		put_le32(message + 20, 20);
		memcpy(message + 28, info, 4);
		CHECK_EQ(rndis_flat(message, 32), NVSP_STATUS_SUCCESS);
	}
	CHECK_EQ(take_transfer(), 1);
	CHECK_EQ(get_le32(last.payload + 4), 1);
	give_back(last.xid);
	CHECK(!fake_take(chan, &last));
	netvsp_receive(nic, frame_to_guest, sizeof(frame_to_guest));
	fake_run(chan);
	CHECK(!fake_take(chan, &last));
	set_filter(1);
	netvsp_receive(nic, frame_to_guest, sizeof(frame_to_guest));
	fake_run(chan);
	CHECK_EQ(take_transfer(), 1);
	stop();
}

static void link_changes_are_told(void)
{
	uint32_t bytes;

	up(NVSP_VERSION_6_1);
	netvsp_set_link(nic, true);
	fake_run(chan);
	CHECK(!fake_take(chan, &last));
	netvsp_set_link(nic, false);
	fake_run(chan);
	CHECK_EQ(take_transfer(), 1);
	CHECK_EQ(get_le32(range_of(0, &bytes)), 7);
	CHECK_EQ(get_le32(range_of(0, &bytes) + 8), NDIS_STATUS_MEDIA_DISCONNECT);
	netvsp_receive(nic, frame_to_guest, sizeof(frame_to_guest));
	fake_run(chan);
	CHECK(!fake_take(chan, &last));
	netvsp_set_link(nic, true);
	fake_run(chan);
	CHECK_EQ(take_transfer(), 1);
	CHECK_EQ(get_le32(range_of(0, &bytes) + 8), NDIS_STATUS_MEDIA_CONNECT);
	stop();
	/* Before INITIALIZE nothing is said. */
	start(NVSP_VERSION_6_1);
	setup(NVSP_VERSION_6_1);
	netvsp_set_link(nic, false);
	fake_run(chan);
	CHECK(!fake_take(chan, &last));
	stop();
}

static void a_nic_retires_after_its_medium(void)
{
	uint8_t stream[200];
	uint32_t bytes;
	int turns;

	up(NVSP_VERSION_6_1);
	CHECK_EQ(netvsp_retire(nic), 0);
	fake_run(chan);
	CHECK_EQ(take_transfer(), 1);
	CHECK_EQ(get_le32(range_of(0, &bytes) + 8), NDIS_STATUS_MEDIA_DISCONNECT);
	give_back(last.xid);
	/* What is still sent is completed, but goes nowhere. */
	CHECK_EQ(rndis_flat(stream, make_packet(stream, 60, 0)), NVSP_STATUS_SUCCESS);
	CHECK_EQ(net_frames, 0);
	CHECK(netvsp_link_is_up(nic));
	for (turns = 0; turns < 1000 && fake_is_open(chan); turns++)
		loop_run_once(vmbus_server_loop(fake_server()), 10);
	CHECK(!fake_is_open(chan));
	fake_open(chan);
	setup(NVSP_VERSION_5);
	rndis_initialize();
	CHECK_EQ(rndis_flat(stream, make_packet(stream, 60, 0)), NVSP_STATUS_SUCCESS);
	CHECK_EQ(net_frames, 1);
	stop();
}

static void offloads_have_to_be_switched_on(void)
{
	static uint8_t stream[200];
	uint32_t bytes;

	start(NVSP_VERSION_6_1);
	setup(NVSP_VERSION_6_1);
	bytes = make_packet(stream, 60, 0);
	CHECK_EQ(rndis_flat(stream, bytes), NVSP_STATUS_FAILURE);
	CHECK_EQ(fake_violations("rndis-order"), 1);
	rndis_initialize();
	memmove(stream + 60, stream + 44, 60);
	put_le32(stream + 4, 120);
	put_le32(stream + 8, 52);
	put_le32(stream + 28, 36);
	put_le32(stream + 32, 16);
	put_le32(stream + 44, 16);
	put_le32(stream + 48, RNDIS_PPI_CHECKSUM);
	put_le32(stream + 52, 12);
	put_le32(stream + 56, RNDIS_TX_CSUM_IS_IPV4 | RNDIS_TX_CSUM_TCP);
	CHECK_EQ(rndis_flat(stream, 120), NVSP_STATUS_FAILURE);
	put_le32(stream + 48, RNDIS_PPI_LSO);
	put_le32(stream + 56, RNDIS_LSO_V2 | 100);
	CHECK_EQ(rndis_flat(stream, 120), NVSP_STATUS_FAILURE);
	CHECK_EQ(fake_violations("rndis-offload"), 2);
	stop();
}

static void tags_travel_as_records(void)
{
	static uint8_t stream[200];

	up(NVSP_VERSION_6_1);
	make_packet(stream, 60, 0x33);
	memmove(stream + 60, stream + 44, 60);
	put_le32(stream + 4, 120);
	put_le32(stream + 8, 52);
	put_le32(stream + 28, 36);
	put_le32(stream + 32, 16);
	put_le32(stream + 44, 16);
	put_le32(stream + 48, RNDIS_PPI_VLAN);
	put_le32(stream + 52, 12);
	put_le32(stream + 56, 5 | 100 << 4);
	CHECK_EQ(rndis_flat(stream, 120), NVSP_STATUS_SUCCESS);
	CHECK_EQ(net_bytes[0], 64);
	CHECK_EQ(get_be16(net_frame[0] + 12), 0x8100);
	CHECK_EQ(get_be16(net_frame[0] + 14), 5 << 13 | 100);
	CHECK_EQ(get_be16(net_frame[0] + 16), 0x0806);
	/* A tag inside the frame is dropped. */
	make_packet(stream, 60, 0x33);
	put_be16(stream + 44 + 12, 0x8100);
	CHECK_EQ(rndis_flat(stream, 104), NVSP_STATUS_SUCCESS);
	CHECK_EQ(net_frames, 1);
	stop();
}

static void revoked_buffers_are_not_touched(void)
{
	up(NVSP_VERSION_6_1);
	netvsp_receive(nic, frame_to_guest, sizeof(frame_to_guest));
	CHECK(nvsp(NVSP_MSG_REVOKE_RECV_BUF, 0xcafe, 0, true));
	CHECK_EQ(last.len, 0);
	CHECK(nvsp(NVSP_MSG_REVOKE_SEND_BUF, 0, 0, true));
	CHECK_EQ(fake_gpadl_refs(), 0);
	netvsp_receive(nic, frame_to_guest, sizeof(frame_to_guest));
	fake_run(chan);
	CHECK(!fake_take(chan, &last));
	give_back(20);
	CHECK_EQ(rndis(0, 44, NULL, 0), NVSP_STATUS_FAILURE);
	stop();
}

static void an_early_notice_comes_first(void)
{
	early = true;
	start(NVSP_VERSION_6_1);
	early = false;
	CHECK(fake_take(chan, &last));
	CHECK_EQ(last.type, VMBUS_PACKET_INBAND);
	CHECK_EQ(last.len, NVSP_MSG_BYTES_OLD);
	CHECK_EQ(get_le32(last.payload), NVSP_MSG_SEND_VF_ASSOCIATION);
	CHECK_EQ(get_le32(last.payload + 4), 0);
	CHECK_EQ(fake_counter("nic0", "early"), 1);
	CHECK(!fake_take(chan, &last));
	stop();
}

static void random_packets_do_no_harm(void)
{
	unsigned int seed = 5, i, j;
	uint64_t pfns[40];

	for (i = 0; i < 20000; i++) {
		struct gpa_range ranges[3];
		uint8_t message[40] = { 0 }, *stream = fake_ram() + DATA_GPA;

		if (i % 100 == 0) {
			if (i)
				stop();
			up(i % 200 ? NVSP_VERSION_6_1 : NVSP_VERSION_2);
		}
		make_packet(stream, (uint32_t)rand_r(&seed) % 2000, (uint8_t)i);
		if (rand_r(&seed) % 3 == 0)
			put_le32(stream, (uint32_t)rand_r(&seed) % 10);
		for (j = 0; j < 4; j++)
			stream[rand_r(&seed) % 64] = (uint8_t)rand_r(&seed);
		memcpy(fake_ram() + SEND_GPA, stream, 2048);
		put_le32(message, rand_r(&seed) % 16 ? NVSP_MSG_SEND_RNDIS_PACKET
						     : (uint32_t)rand_r(&seed) % 140);
		put_le32(message + 4, (uint32_t)rand_r(&seed) % 3);
		put_le32(message + 8,
			 rand_r(&seed) % 2 ? 0xffffffff : (uint32_t)rand_r(&seed) % 12);
		put_le32(message + 12, (uint32_t)rand_r(&seed) % 7000);
		for (j = 0; j < 3; j++) {
			ranges[j].off = j ? (uint32_t)rand_r(&seed) % 4096 : 0;
			ranges[j].len = 1 + (uint32_t)rand_r(&seed) % (i % 32 ? 3000 : 60000);
			ranges[j].nr_pfns = (ranges[j].off + ranges[j].len + 4095) / 4096;
			ranges[j].pfns = pfns;
		}
		for (j = 0; j < 40; j++)
			pfns[j] = i % 64 ? DATA_GPA / 4096 + j : (uint64_t)rand_r(&seed) % 4096;
		fake_push(chan, rand_r(&seed) % 2 ? VMBUS_PACKET_GPA_DIRECT : VMBUS_PACKET_INBAND,
			  rand_r(&seed) % 8, i, message,
			  rand_r(&seed) % 8 ? 40 : (size_t)rand_r(&seed) % 40, ranges, 3);
		if (rand_r(&seed) % 4 == 0)
			give_back((uint64_t)rand_r(&seed) % 200);
		netvsp_receive(nic, frame_to_guest, sizeof(frame_to_guest));
		fake_run(chan);
		while (fake_take(chan, &last))
			;
	}
	stop();
}

static const struct unit_case cases[] = {
	UNIT_CASE(every_version_comes_up),
	UNIT_CASE(wrong_orders_end_the_session),
	UNIT_CASE(foreign_buffers_are_refused),
	UNIT_CASE(frames_go_out),
	UNIT_CASE(packets_are_refused_as_told),
	UNIT_CASE(frames_come_in_together),
	UNIT_CASE(frames_wait_for_suballocations),
	UNIT_CASE(a_full_ring_holds_everything_back),
	UNIT_CASE(filter_zero_stops_delivery),
	UNIT_CASE(link_changes_are_told),
	UNIT_CASE(a_nic_retires_after_its_medium),
	UNIT_CASE(offloads_have_to_be_switched_on),
	UNIT_CASE(tags_travel_as_records),
	UNIT_CASE(revoked_buffers_are_not_touched),
	UNIT_CASE(an_early_notice_comes_first),
	UNIT_CASE(random_packets_do_no_harm),
};

int main(void)
{
	return unit_main(cases, ARRAY_SIZE(cases));
}
