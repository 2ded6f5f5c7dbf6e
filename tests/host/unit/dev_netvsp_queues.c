// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of what a synthetic NIC does beyond one channel of plain frames: sub-channels and
 * receive-side scaling, the send table, coalescing, tags, the packet filter, long frames, the
 * virtual function.
 */
/* More suballocations than a packet has ranges. */
#define RECV_BYTES (1u << 20)
#include "netvsp_guest.h"

static struct vmbus_chan *primary;

static void up_with(unsigned int nr, unsigned int at_most)
{
	queues = nr;
	grant = at_most;
	up(NVSP_VERSION_6_1);
	queues = grant = 0;
	primary = chan;
}

static struct vmbus_chan *sub_of(unsigned int i)
{
	char name[16];

	snprintf(name, sizeof(name), "nic0/%u", i);
	return fake_chan(name);
}

/* Return: granted sub-channels, -1 if they are refused. */
static int ask(uint32_t count)
{
	CHECK(nvsp(NVSP_MSG_SUBCHANNEL, 1, count, true));
	CHECK_EQ(get_le32(last.payload), NVSP_MSG_SUBCHANNEL);
	return get_le32(last.payload + 4) == NVSP_STATUS_SUCCESS ? (int)get_le32(last.payload + 8)
								 : -1;
}

static void open_subs(unsigned int nr)
{
	unsigned int i;

	for (i = 1; i <= nr; i++)
		fake_open(sub_of(i));
	fake_run(primary);
	CHECK(fake_take(primary, &last));
	CHECK_EQ(last.type, VMBUS_PACKET_INBAND);
	CHECK_EQ(get_le32(last.payload), NVSP_MSG_SEND_INDIRECTION_TABLE);
	CHECK_EQ(get_le32(last.payload + 4), 16);
	CHECK_EQ(get_le32(last.payload + 8), 12);
	CHECK_EQ(last.len, 12 + 64);
	for (i = 0; i < 16; i++)
		CHECK_EQ(get_le32(last.payload + 12 + 4 * i), i % (nr + 1));
}

/* Entry i of the table names queue i % @nr; the key is all ones, so that any change changes much. */
static void set_rss(unsigned int nr)
{
	uint8_t info[40 + 4 * 8 + 40] = { 0x89, 2, 40, 0 };
	uint8_t message[200] = { 5 };
	unsigned int i;
	uint32_t bytes;

	put_le32(info + 8, NDIS_HASH_TOEPLITZ | NDIS_HASH_IP4 | NDIS_HASH_TCP4);
	put_le16(info + 12, 32);
	put_le32(info + 16, 40);
	put_le16(info + 20, 40);
	put_le32(info + 24, 72);
	for (i = 0; i < 8; i++)
		put_le32(info + 40 + 4 * i, i % nr);
	for (i = 0; i < 40; i++)
		info[72 + i] = (uint8_t)(i * 37 + 1);
	put_le32(message + 4, 28 + sizeof(info));
	put_le32(message + 12, NDIS_OID_RSS_PARAMETERS);
	put_le32(message + 16, sizeof(info));
	put_le32(message + 20, 20);
	memcpy(message + 28, info, sizeof(info));
	CHECK_EQ(rndis_flat(message, 28 + sizeof(info)), NVSP_STATUS_SUCCESS);
	CHECK_EQ(take_transfer(), 1);
	CHECK_EQ(get_le32(range_of(0, &bytes) + 12), 0);
	give_back(last.xid);
}

/* A TCP segment to the guest; @port tells flows apart. Return: its length. */
static size_t tcp_frame(uint8_t *frame, uint16_t port, uint32_t seq, size_t share)
{
	uint32_t sum = 0;
	size_t i;

	memset(frame, 0, 54 + share);
	memcpy(frame, (const uint8_t[]){ 0x00, 0x15, 0x5d, 0, 0, 0x10, 2, 2, 2, 2, 2, 2, 8, 0 }, 14);
	frame[14] = 0x45;
	put_be16(frame + 16, (uint16_t)(40 + share));
	frame[22] = 64;
	frame[23] = 6;
	put_be32(frame + 26, 0x0a000001);
	put_be32(frame + 30, 0x0a000002);
	put_be16(frame + 34, port);
	put_be16(frame + 36, 80);
	put_be32(frame + 38, seq);
	frame[46] = 0x50;
	frame[47] = 0x10;
	for (i = 0; i < share; i++)
		frame[54 + i] = (uint8_t)(seq + i);
	for (i = 14; i < 34; i += 2)
		sum += get_be16(frame + i);
	put_be16(frame + 24, (uint16_t)~(sum % 0xffff));
	sum = 6 + 20 + (uint32_t)share;
	for (i = 26; i < 54 + share; i += 2)
		sum += i + 1 < 54 + share ? get_be16(frame + i) : (uint32_t)frame[i] << 8;
	put_be16(frame + 50, (uint16_t)~(sum % 0xffff));
	return 54 + share;
}

/* Return: value of a record of a message to the guest, ~0 if there is none. */
static uint32_t record(const uint8_t *message, uint32_t type)
{
	uint32_t at = 8 + get_le32(message + 28), end = at + get_le32(message + 32);

	if (!get_le32(message + 28))
		return ~0u;
	for (; at < end; at += get_le32(message + at))
		if (get_le32(message + at + 4) == type)
			return get_le32(message + at + get_le32(message + at + 8));
	return ~0u;
}

static void sub_channels_are_given_once(void)
{
	up_with(4, 0);
	CHECK_EQ(ask(4), -1);
	CHECK_EQ(ask(0), -1);
	CHECK_EQ(fake_violations("nvsp-subchannels"), 2);
	CHECK_EQ(ask(3), 3);
	CHECK(sub_of(1) && sub_of(2) && sub_of(3) && !sub_of(4));
	CHECK_EQ(ask(3), -1);
	open_subs(3);
	CHECK_EQ(fake_violations("nvsp-subchannels"), 3);
	/* Closing the primary channel takes them back, and a new session may ask again. */
	fake_close(primary);
	CHECK(!sub_of(1));
	fake_open(primary);
	setup(NVSP_VERSION_5);
	CHECK_EQ(ask(1), -1);
	rndis_initialize();
	CHECK_EQ(ask(1), 1);
	stop();
	up_with(4, 2);
	CHECK_EQ(ask(3), 2);
	CHECK(!sub_of(3));
	stop();
	up_with(1, 0);
	CHECK_EQ(ask(1), -1);
	stop();
}

static void flows_come_on_their_queue(void)
{
	uint64_t ids[4] = { 0 };
	uint8_t frame[1600];
	unsigned int i, seen = 0, ranges;
	uint32_t bytes;

	up_with(4, 0);
	CHECK_EQ(ask(3), 3);
	open_subs(3);
	set_rss(4);
	for (i = 0; i < 64; i++)
		netvsp_receive(nic, frame, tcp_frame(frame, (uint16_t)(1000 + i), 1, 10));
	fake_run(primary);
	for (i = 0; i < 4; i++) {
		chan = i ? sub_of(i) : primary;
		ranges = take_transfer();
		CHECK(ranges > 4 && ranges < 40);
		ids[i] = last.xid;
		seen += ranges;
		while (ranges--) {
			const uint8_t *message = range_of(ranges, &bytes);

			CHECK_EQ(record(message, RNDIS_PPI_HASH_VALUE) % 8 % 4, i);
			CHECK_EQ(record(message, RNDIS_PPI_HASH_INFO),
				 NDIS_HASH_TOEPLITZ | NDIS_HASH_TCP4);
			CHECK_EQ(record(message, RNDIS_PPI_CHECKSUM) & RNDIS_RX_CSUM_TCP_GOOD,
				 RNDIS_RX_CSUM_TCP_GOOD);
		}
	}
	CHECK_EQ(seen, 64);
	/* What came on one channel is not given back on another. */
	chan = sub_of(1);
	give_back(ids[2]);
	CHECK_EQ(fake_violations("nvsp-completion-id"), 1);
	give_back(ids[1]);
	CHECK_EQ(fake_violations("nvsp-completion-id"), 1);
	/* Closed: what the guest had is free, and frames come on the primary channel. */
	fake_close(sub_of(3));
	chan = primary;
	give_back(ids[0]);
	for (i = 0; i < 64; i++)
		netvsp_receive(nic, frame, tcp_frame(frame, (uint16_t)(1000 + i), 1, 10));
	fake_run(primary);
	CHECK(take_transfer() > 10);
	CHECK(!fake_take(sub_of(3), &last));
	stop();
}

static void a_sub_channel_carries_data_only(void)
{
	static uint8_t stream[200];
	uint8_t keepalive[12] = { 8, 0, 0, 0, 12, 0, 0, 0, 1 };

	up_with(2, 0);
	CHECK_EQ(ask(1), 1);
	open_subs(1);
	chan = sub_of(1);
	CHECK_EQ(rndis_flat(stream, make_packet(stream, 60, 1)), NVSP_STATUS_SUCCESS);
	CHECK_EQ(net_frames, 1);
	CHECK_EQ(rndis_flat(keepalive, 12), NVSP_STATUS_FAILURE);
	CHECK_EQ(fake_violations("rndis-control"), 1);
	CHECK(!nvsp(NVSP_MSG_SUBCHANNEL, 1, 1, true));
	CHECK_EQ(fake_violations("nvsp-subchannel-message"), 1);
	CHECK(!strcmp(netvsp_state_name(nic), "dead"));
	chan = primary;
	stop();
}

static void the_send_table_can_change(void)
{
	uint32_t table[16];
	unsigned int i;

	for (i = 0; i < 16; i++)
		table[i] = i == 7 ? 2 : 1;
	up_with(3, 0);
	CHECK(netvsp_set_send_table(nic, table));
	CHECK_EQ(ask(2), 2);
	fake_open(sub_of(1));
	CHECK(netvsp_set_send_table(nic, table));
	open_subs(2);
	/* No room: it waits. */
	fake_set_room(primary, 0);
	CHECK(!netvsp_set_send_table(nic, table));
	CHECK(!fake_take(primary, &last));
	fake_set_room(primary, 10);
	fake_run(primary);
	CHECK(fake_take(primary, &last));
	CHECK_EQ(get_le32(last.payload + 12), 1);
	CHECK_EQ(get_le32(last.payload + 12 + 4 * 7), 2);
	CHECK_EQ(fake_counter("nic0", "send_tables"), 2);
	stop();
}

static void want_coalescing(void)
{
	uint8_t offloads[28] = { 0x80, 3, 28, 0 };

	offloads[22] = offloads[23] = 2;
	set_oid(NDIS_OID_TCP_OFFLOAD_PARAMETERS, offloads, 28);
}

/* up() with a guest that has announced it can take coalesced segments. */
static void up_coalescing(void)
{
	uint8_t config[40] = { NVSP_MSG_SEND_NDIS_CONFIG }, offloads[28] = { 0x80, 3, 28, 0, 1, 4, 4, 4, 4 };

	start(NVSP_VERSION_6_1);
	primary = chan;
	CHECK(init(NVSP_VERSION_6_1));
	put_le32(config + 4, 1514);
	put_le32(config + 12, NVSP_NDIS_CAP_RSC | NVSP_NDIS_CAP_SRIOV | NVSP_NDIS_CAP_TEAMING);
	fake_push(chan, VMBUS_PACKET_INBAND, false, ++xid, config, 40, NULL, 0);
	fake_run(chan);
	CHECK(nvsp(NVSP_MSG_SEND_NDIS_VERSION, 6, 30, true));
	CHECK(nvsp(NVSP_MSG_SEND_RECV_BUF, RECV_GPADL, 0xcafe, true));
	rndis_initialize();
	set_oid(NDIS_OID_TCP_OFFLOAD_PARAMETERS, offloads, 28);
	set_filter(0x0d);
}

static void segments_are_coalesced(void)
{
	uint8_t frame[1600], whole[20000];
	uint32_t bytes, at = 0, ranges, i, id;

	up_coalescing();
	/* Not before the guest wants it. */
	netvsp_receive(nic, frame, tcp_frame(frame, 1000, 100, 1000));
	netvsp_receive(nic, frame, tcp_frame(frame, 1000, 1100, 1000));
	fake_run(chan);
	CHECK_EQ(take_transfer(), 2);
	give_back(last.xid);
	want_coalescing();
	for (i = 0; i < 10; i++)
		netvsp_receive(nic, frame, tcp_frame(frame, 1000, 100 + 1000 * i, 1000));
	/* Another flow ends it; a wrong checksum never joins. */
	netvsp_receive(nic, frame, tcp_frame(frame, 1001, 5, 10));
	tcp_frame(frame, 1001, 15, 10);
	frame[60] ^= 1;
	netvsp_receive(nic, frame, 64);
	fake_run(chan);
	ranges = take_transfer();
	for (i = 0; i < ranges; i++) {
		const uint8_t *message = range_of(i, &bytes);

		id = record(message, 0x80000001);
		if (id == ~0u)
			break;
		CHECK_EQ(id & 0xff, 1);
		CHECK_EQ(id >> 8 & 1, 1);
		CHECK_EQ(!!(id >> 8 & 2), i == 0);
		CHECK(get_le32(message + 12) <= sizeof(whole) - at);
		memcpy(whole + at, message + 8 + get_le32(message + 8), get_le32(message + 12));
		at += get_le32(message + 12);
		if (i)
			CHECK_EQ(record(message, RNDIS_PPI_CHECKSUM), ~0u);
		else
			CHECK_EQ(record(message, RNDIS_PPI_CHECKSUM),
				 RNDIS_RX_CSUM_TCP_GOOD | RNDIS_RX_CSUM_IP_GOOD |
					 RNDIS_RX_CSUM_TCP_VALUE_INVALID |
					 RNDIS_RX_CSUM_IP_VALUE_INVALID);
		if (id >> 8 & 4)
			CHECK_EQ(at, 10054);
	}
	CHECK_EQ(at, 10054);
	CHECK_EQ(ranges, i + 2);
	CHECK_EQ(get_be16(whole + 16), 10040);
	for (i = 0; i < 10000; i++)
		CHECK_EQ(whole[54 + i], (uint8_t)(100 + i));
	CHECK_EQ(record(range_of(ranges - 1, &bytes), RNDIS_PPI_CHECKSUM) & RNDIS_RX_CSUM_TCP_FAILED,
		 RNDIS_RX_CSUM_TCP_FAILED);
	CHECK_EQ(fake_counter("nic0", "rx_coalesced"), 1);
	CHECK_EQ(fake_counter("nic0", "rx_coalesced_segments"), 10);
	give_back(last.xid);
	/* A closed filter forgets what is held. */
	netvsp_receive(nic, frame, tcp_frame(frame, 1000, 100, 1000));
	set_filter(0);
	fake_run(chan);
	CHECK(!fake_take(chan, &last));
	CHECK_EQ(fake_violations(NULL), 0);
	stop();
}

static void a_coalesced_segment_is_never_cut(void)
{
	uint8_t frame[1600];
	uint32_t ranges, bytes, i;

	up_coalescing();
	want_coalescing();
	/* More frames than a packet has ranges, but not by as much as the segment has pieces. */
	for (i = 0; i < 370; i++)
		netvsp_receive(nic, frame_to_guest, sizeof(frame_to_guest));
	for (i = 0; i < 10; i++)
		netvsp_receive(nic, frame, tcp_frame(frame, 1000, 100 + 1000 * i, 1000));
	fake_run(chan);
	CHECK_EQ(take_transfer(), 370);
	ranges = take_transfer();
	CHECK(ranges > 5);
	CHECK_EQ(record(range_of(0, &bytes), 0x80000001) >> 8 & 2, 2);
	CHECK_EQ(record(range_of(ranges - 1, &bytes), 0x80000001) >> 8 & 4, 4);
	stop();
}

static void coalescing_needs_its_version(void)
{
	uint8_t message[56] = { 5 };
	uint32_t bytes;

	up_with(1, 0);
	put_le32(message + 4, 56);
	put_le32(message + 12, NDIS_OID_TCP_OFFLOAD_PARAMETERS);
	put_le32(message + 16, 28);
	put_le32(message + 20, 20);
	memcpy(message + 28, (const uint8_t[]){ 0x80, 3, 28, 0 }, 4);
	message[28 + 22] = 2;
	CHECK_EQ(rndis_flat(message, 56), NVSP_STATUS_SUCCESS);
	CHECK_EQ(take_transfer(), 1);
	CHECK_EQ(get_le32(range_of(0, &bytes) + 12), NDIS_STATUS_NOT_SUPPORTED);
	stop();
}

static void tags_to_the_guest_are_records(void)
{
	uint8_t frame[68] = { 0x00, 0x15, 0x5d, 0, 0, 0x10, 2, 2, 2, 2, 2, 2, 0x81, 0, 0xb0, 0x64, 8, 6 };
	const uint8_t *message;
	uint32_t bytes;

	frame[67] = 0x77;
	up_with(1, 0);
	netvsp_receive(nic, frame, sizeof(frame));
	netvsp_receive(nic, frame, 17);
	fake_run(chan);
	CHECK_EQ(take_transfer(), 1);
	message = range_of(0, &bytes);
	CHECK_EQ(record(message, RNDIS_PPI_VLAN), 5 | RNDIS_VLAN_CFI | 100 << 4);
	CHECK_EQ(get_le32(message + 12), 64);
	message += 8 + get_le32(message + 8);
	CHECK_EQ(get_be16(message + 12), 0x0806);
	CHECK_EQ(message[63], 0x77);
	stop();
}

struct filter_case {
	const char *name;
	uint8_t to[6];
	bool passes[6]; /* nothing, directed, multicast with a list, all multicast, broadcast, promiscuous */
};

static const struct filter_case filter_cases[] = {
	{ "own", { 0, 0x15, 0x5d, 0, 0, 0x10 }, { false, true, false, false, false, true } },
	{ "other", { 0, 0x15, 0x5d, 0, 0, 0x11 }, { false, false, false, false, false, true } },
	{ "group of the list", { 1, 0, 0x5e, 0, 0, 1 }, { false, false, true, true, false, true } },
	{ "other group", { 1, 0, 0x5e, 0, 0, 2 }, { false, false, false, true, false, true } },
	{ "all", { 255, 255, 255, 255, 255, 255 }, { false, false, false, false, true, true } },
};

static void the_filter_is_kept(void)
{
	static const uint8_t group[6] = { 1, 0, 0x5e, 0, 0, 1 };
	static const uint32_t filters[] = { 0, 1, 2, 4, 8, 0x20 };
	uint8_t frame[60] = { 0 };
	unsigned int i, j;
	uint64_t before;

	up_with(1, 0);
	set_oid(NDIS_OID_802_3_MULTICAST_LIST, group, 6);
	for (j = 0; j < ARRAY_SIZE(filters); j++) {
		set_filter(filters[j]);
		for (i = 0; i < ARRAY_SIZE(filter_cases); i++) {
			bool passed;

			memcpy(frame, filter_cases[i].to, 6);
			put_be16(frame + 12, 0x0806);
			before = fake_counter("nic0", "rx_filtered");
			netvsp_receive(nic, frame, sizeof(frame));
			fake_run(chan);
			passed = take_transfer();
			if (passed)
				give_back(last.xid);
			CHECK_EQ(fake_counter("nic0", "rx_filtered") - before, !passed);
			if (passed != filter_cases[i].passes[j]) {
				printf("# %s with filter %#x\n", filter_cases[i].name, filters[j]);
				unit_failures++;
			}
		}
	}
	CHECK_EQ(fake_counter("nic0", "rx_filtered"),
		 fake_counter("nic0", "rx_filtered_directed") +
			 fake_counter("nic0", "rx_filtered_multicast") +
			 fake_counter("nic0", "rx_filtered_broadcast"));
	stop();
}

static void wrong_checksums_go_out_as_they_are(void)
{
	static uint8_t stream[2000], frame[1600];
	size_t bytes;

	up_with(1, 0);
	bytes = tcp_frame(frame, 1000, 1, 100);
	make_packet(stream, (uint32_t)bytes, 0);
	memcpy(stream + 44, frame, bytes);
	CHECK_EQ(rndis_flat(stream, 44 + (uint32_t)bytes), NVSP_STATUS_SUCCESS);
	CHECK_EQ(fake_counter("nic0", "tx_checksum_bad"), 0);
	frame[100] ^= 0xff;
	memcpy(stream + 44, frame, bytes);
	CHECK_EQ(rndis_flat(stream, 44 + (uint32_t)bytes), NVSP_STATUS_SUCCESS);
	CHECK_EQ(fake_counter("nic0", "tx_checksum_bad"), 1);
	CHECK_EQ(net_frames, 2);
	CHECK(!memcmp(net_frame[1], frame, bytes));
	stop();
}

static void long_frames_pass(void)
{
	static uint8_t stream[66000], frame[65535];
	uint32_t bytes;

	mtu = 65521;
	start(NVSP_VERSION_6_1);
	mtu = 1500;
	CHECK(init(NVSP_VERSION_6_1));
	CHECK(!nvsp(NVSP_MSG_SEND_NDIS_CONFIG, 65535, 0, false));
	CHECK(nvsp(NVSP_MSG_SEND_NDIS_VERSION, 6, 30, true));
	CHECK(nvsp(NVSP_MSG_SEND_RECV_BUF, RECV_GPADL, 0xcafe, true));
	sub_bytes = get_le32(last.payload + 16);
	CHECK(sub_bytes >= 65535 + 128 + 36);
	rndis_initialize();
	set_filter(1);
	CHECK_EQ(rndis_flat(stream, make_packet(stream, 65535, 0x44)), NVSP_STATUS_SUCCESS);
	CHECK_EQ(net_bytes[0], 65535);
	CHECK_EQ(rndis_flat(stream, make_packet(stream, 65536, 0x44)), NVSP_STATUS_FAILURE);
	memcpy(frame, frame_to_guest, 14);
	frame[65534] = 0x99;
	netvsp_receive(nic, frame, sizeof(frame));
	fake_run(chan);
	CHECK(fake_take(chan, &last));
	bytes = get_le32(last.extra + 8);
	CHECK(bytes >= 65535 + 128 && bytes <= sub_bytes);
	CHECK_EQ(*(fake_ram() + RECV_GPA + get_le32(last.extra + 12) + 128 + 65534), 0x99);
	sub_bytes = 1728;
	stop();
}

static void expect_vf(bool allocated, uint32_t serial)
{
	fake_run(chan);
	CHECK(fake_take(chan, &last));
	CHECK_EQ(last.type, VMBUS_PACKET_INBAND);
	CHECK_EQ(get_le32(last.payload), NVSP_MSG_SEND_VF_ASSOCIATION);
	CHECK_EQ(get_le32(last.payload + 4), allocated);
	CHECK_EQ(get_le32(last.payload + 8), serial);
}

static void a_virtual_function_takes_the_path(void)
{
	struct netvsp_info info;

	up_coalescing();
	CHECK(nvsp(NVSP_MSG_SWITCH_DATA_PATH, 1, 0, true));
	CHECK_EQ(last.len, 0);
	CHECK_EQ(fake_violations("nvsp-no-vf"), 1);
	netvsp_set_vf(nic, true, 7);
	expect_vf(true, 7);
	netvsp_set_vf(nic, true, 7);
	fake_run(chan);
	CHECK(!fake_take(chan, &last));
	CHECK(netvsp_revert_data_path(nic));
	CHECK(nvsp(NVSP_MSG_SWITCH_DATA_PATH, 1, 0, true));
	CHECK_EQ(last.len, 0);
	netvsp_receive(nic, frame_to_guest, sizeof(frame_to_guest));
	fake_run(chan);
	CHECK(!fake_take(chan, &last));
	CHECK_EQ(fake_counter("nic0", "rx_vf"), 1);
	netvsp_info(nic, &info);
	CHECK(info.vf && info.vf_path);
	/* The guest goes back, or the host takes it back, or the function goes. */
	CHECK(nvsp(NVSP_MSG_SWITCH_DATA_PATH, 0, 0, true));
	netvsp_receive(nic, frame_to_guest, sizeof(frame_to_guest));
	fake_run(chan);
	CHECK_EQ(take_transfer(), 1);
	CHECK(nvsp(NVSP_MSG_SWITCH_DATA_PATH, 1, 0, true));
	CHECK(!netvsp_revert_data_path(nic));
	CHECK(fake_take(chan, &last));
	CHECK_EQ(get_le32(last.payload), NVSP_MSG_SWITCH_DATA_PATH);
	CHECK_EQ(get_le32(last.payload + 4), 0);
	CHECK(nvsp(NVSP_MSG_SWITCH_DATA_PATH, 1, 0, true));
	netvsp_set_vf(nic, true, 8);
	expect_vf(false, 7);
	expect_vf(true, 8);
	netvsp_info(nic, &info);
	CHECK(!info.vf_path);
	netvsp_set_vf(nic, false, 0);
	expect_vf(false, 8);
	CHECK(nvsp(NVSP_MSG_SWITCH_DATA_PATH, 1, 0, true));
	CHECK(nvsp(NVSP_MSG_SWITCH_DATA_PATH, 2, 0, true));
	CHECK_EQ(fake_violations("nvsp-no-vf"), 2);
	CHECK_EQ(fake_violations("nvsp-data-path"), 1);
	stop();
	/* A guest without SR-IOV is told nothing. */
	up_with(1, 0);
	netvsp_set_vf(nic, true, 7);
	fake_run(chan);
	CHECK(!fake_take(chan, &last));
	stop();
}

static void speed_is_told(void)
{
	uint32_t bytes;

	up_coalescing();
	netvsp_set_speed(nic, 250000000);
	CHECK_EQ(take_transfer(), 1);
	CHECK_EQ(get_le32(range_of(0, &bytes) + 8), NDIS_STATUS_LINK_SPEED_CHANGE);
	CHECK_EQ(get_le32(range_of(0, &bytes) + 12), 4);
	CHECK_EQ(get_le32(range_of(0, &bytes) + 8 + get_le32(range_of(0, &bytes) + 16)), 250000000);
	CHECK(!netvsp_change_network(nic));
	CHECK_EQ(take_transfer(), 1);
	CHECK_EQ(get_le32(range_of(0, &bytes) + 8), NDIS_STATUS_NETWORK_CHANGE);
	stop();
	start(NVSP_VERSION_6_1);
	netvsp_set_speed(nic, 1);
	CHECK(netvsp_change_network(nic));
	stop();
}

/* One packet of any content on a channel, most of them nearly right. */
static void push_anything(struct vmbus_chan *on, unsigned int *seed, uint64_t id)
{
	uint8_t message[40] = { 0 }, *stream = fake_ram() + DATA_GPA;
	/* They are read when the packet is taken. */
	static uint64_t some[4096][20];
	uint64_t *pfns = some[id % 4096];
	struct gpa_range range = { .len = 1 + (uint32_t)rand_r(seed) % 60000, .pfns = pfns };
	unsigned int i;

	make_packet(stream, (uint32_t)rand_r(seed) % 2000, (uint8_t)id);
	if (rand_r(seed) % 4 == 0)
		put_le32(stream, (uint32_t)rand_r(seed) % 10);
	for (i = 0; i < 3; i++)
		stream[rand_r(seed) % 80] = (uint8_t)rand_r(seed);
	for (i = 0; i < 20; i++)
		pfns[i] = id % 64 ? DATA_GPA / 4096 + i : (uint64_t)rand_r(seed) % 4096;
	range.nr_pfns = (range.len + 4095) / 4096;
	put_le32(message, rand_r(seed) % 64 ? NVSP_MSG_SEND_RNDIS_PACKET
					    : (uint32_t)rand_r(seed) % 140);
	put_le32(message + 4, (uint32_t)rand_r(seed) % 3);
	put_le32(message + 8, rand_r(seed) % 8 ? 0xffffffff : (uint32_t)rand_r(seed) % 12);
	put_le32(message + 12, (uint32_t)rand_r(seed) % 7000);
	fake_push(on, VMBUS_PACKET_GPA_DIRECT, rand_r(seed) % 8, id, message, 40, &range, 1);
}

static void random_guests_do_no_harm(void)
{
	uint8_t frame[1600] = { 0 };
	unsigned int seed = 11, i, j;
	uint32_t next[4] = { 0 };
	uint32_t table[16] = { 3, 2, 1, 63 };

	for (i = 0; i < 6000; i++) {
		unsigned int flow = (unsigned int)rand_r(&seed) % 4;
		size_t share = (size_t)rand_r(&seed) % 1400;
		struct vmbus_chan *on;

		if (i % 100 == 0) {
			if (i)
				stop();
			queues = 4;
			up_coalescing();
			queues = 0;
			want_coalescing();
			ask(3);
			for (j = 1; j < 4; j++)
				fake_open(sub_of(j));
			fake_run(primary);
			while (fake_take(primary, &last))
				;
			set_rss(4);
			netvsp_set_vf(nic, true, i);
		}
		on = flow ? sub_of(flow) : primary;
		if (on)
			push_anything(on, &seed, i);
		netvsp_receive(nic, frame,
			       tcp_frame(frame, (uint16_t)(1000 + flow), next[flow], share));
		next[flow] += (uint32_t)share;
		for (j = 0; j < 3; j++)
			frame[rand_r(&seed) % 60] = (uint8_t)rand_r(&seed);
		netvsp_receive(nic, frame, (size_t)rand_r(&seed) % 1600);
		switch (rand_r(&seed) % 32) {
		case 0:
			if (on && flow)
				fake_close(on);
			break;
		case 1:
			netvsp_set_send_table(nic, table);
			break;
		case 2:
			netvsp_set_vf(nic, rand_r(&seed) % 2, i);
			break;
		case 3:
			netvsp_revert_data_path(nic);
			break;
		case 4:
			fake_set_room(primary, (unsigned int)rand_r(&seed) % 4);
			break;
		}
		for (j = 0; j < 4; j++) {
			chan = j ? sub_of(j) : primary;
			if (!chan)
				continue;
			if (fake_is_open(chan))
				give_back((uint64_t)rand_r(&seed) % 200);
			fake_run(chan);
			while (fake_take(chan, &last))
				;
		}
		chan = primary;
	}
	stop();
}

static const struct unit_case cases[] = {
	UNIT_CASE(sub_channels_are_given_once),
	UNIT_CASE(flows_come_on_their_queue),
	UNIT_CASE(a_sub_channel_carries_data_only),
	UNIT_CASE(the_send_table_can_change),
	UNIT_CASE(segments_are_coalesced),
	UNIT_CASE(a_coalesced_segment_is_never_cut),
	UNIT_CASE(coalescing_needs_its_version),
	UNIT_CASE(tags_to_the_guest_are_records),
	UNIT_CASE(the_filter_is_kept),
	UNIT_CASE(wrong_checksums_go_out_as_they_are),
	UNIT_CASE(long_frames_pass),
	UNIT_CASE(a_virtual_function_takes_the_path),
	UNIT_CASE(speed_is_told),
	UNIT_CASE(random_guests_do_no_harm),
};

int main(void)
{
	return unit_main(cases, ARRAY_SIZE(cases));
}
