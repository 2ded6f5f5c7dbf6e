/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A guest's side of a synthetic NIC for unit tests: brings the session up on the stand-in bus, sends
 * RNDIS messages, takes what comes. Each test program includes it once.
 */
#ifndef HVHOST_UNIT_NETVSP_GUEST_H
#define HVHOST_UNIT_NETVSP_GUEST_H

#include <stdlib.h>
#include <string.h>

#include <hyperv/ndis.h>
#include <hyperv/nvsp.h>
#include <hyperv/rndis.h>

#include "../devices/bytes.h"
#include "../devices/net_backend.h"
#include "../devices/netvsp.h"
#include "../hyperv/util.h"
#include "dev_unit.h"
#include "fake_vmbus.h"

#pragma GCC diagnostic ignored "-Wunused-function"

#define RECV_GPADL 0x100u
#define RECV_GPA   (1u << 20)
/* A test program may want a larger one, up to SEND_GPA. */
#ifndef RECV_BYTES
#define RECV_BYTES (256u << 10)
#endif
#define SEND_GPADL 0x101u
#define SEND_GPA   (2u << 20)
#define SEND_BYTES (64u << 10)
#define DATA_GPA   (3u << 20)

static struct netvsp *nic;
static struct vmbus_chan *chan;
static uint64_t xid;
static uint32_t nvsp_version;

/* What the guest sent to the network. */
static uint8_t net_frame[4][70000];
static size_t net_bytes[4];
static unsigned int net_frames;

static void net_send(struct net_backend *backend, const uint8_t *frame, size_t bytes)
{
	(void)backend;
	memcpy(net_frame[net_frames % 4], frame, bytes);
	net_bytes[net_frames % 4] = bytes;
	net_frames++;
}

static const struct net_backend_ops net_ops = { .send = net_send };
static struct net_backend net = { .ops = &net_ops };

/* Of the next NIC that is started. */
static bool early;
static unsigned int queues, grant;
static uint32_t mtu = 1500;
/* Size of a suballocation, as the host should have it. */
static uint32_t sub_bytes = 1728;

static void start(uint32_t max_version)
{
	struct netvsp_params params = {
		.early = early,
		.name = "nic0",
		.max_version = max_version,
		.mac = { 0x00, 0x15, 0x5d, 0, 0, 0x10 },
		.mtu = mtu,
		.queues = queues,
		.grant = grant,
		.link_speed_100bps = 100000000,
	};

	fake_gpadl(RECV_GPADL, RECV_GPA, RECV_BYTES);
	fake_gpadl(SEND_GPADL, SEND_GPA, SEND_BYTES);
	nic = netvsp_new(fake_server(), &params);
	netvsp_plug(nic, &net);
	chan = fake_chan("nic0");
	fake_open(chan);
	fake_forget_violations();
	net_frames = 0;
	nvsp_version = 0;
}

static void stop(void)
{
	fake_release(chan);
	netvsp_free(nic);
	CHECK_EQ(fake_gpadl_refs(), 0);
}

static struct fake_sent last;

/* Return: true with the completion in @last. */
static bool nvsp(uint32_t type, uint32_t a, uint32_t b, bool wants_completion)
{
	uint8_t message[40] = { 0 };

	put_le32(message, type);
	put_le32(message + 4, a);
	put_le32(message + 8, b);
	fake_push(chan, VMBUS_PACKET_INBAND, wants_completion, ++xid, message, 40, NULL, 0);
	fake_run(chan);
	if (!fake_take(chan, &last))
		return false;
	CHECK_EQ(last.type, VMBUS_PACKET_COMPLETION);
	CHECK_EQ(last.xid, xid);
	if (last.len && type != NVSP_MSG_INIT)
		CHECK_EQ(last.len, nvsp_version == NVSP_VERSION_6_1 ? 40 : 32);
	return true;
}

static bool init(uint32_t version)
{
	CHECK(nvsp(NVSP_MSG_INIT, version, version, true));
	CHECK_EQ(last.len, 32);
	CHECK_EQ(get_le32(last.payload), NVSP_MSG_INIT_COMPLETE);
	if (get_le32(last.payload + 12) != NVSP_STATUS_SUCCESS)
		return false;
	nvsp_version = version;
	return true;
}

static void setup(uint32_t version)
{
	CHECK(init(version));
	if (version != NVSP_VERSION_1)
		CHECK(!nvsp(NVSP_MSG_SEND_NDIS_CONFIG, 1514, 0, false));
	CHECK(nvsp(NVSP_MSG_SEND_NDIS_VERSION, 6, 30, true));
	CHECK_EQ(last.len, 0);
	CHECK(nvsp(NVSP_MSG_SEND_RECV_BUF, RECV_GPADL, 0xcafe, true));
	CHECK_EQ(get_le32(last.payload), NVSP_MSG_SEND_RECV_BUF_COMPLETE);
	CHECK_EQ(get_le32(last.payload + 4), NVSP_STATUS_SUCCESS);
	CHECK_EQ(get_le32(last.payload + 8), 1);
	CHECK_EQ(get_le32(last.payload + 12), 0);
	CHECK_EQ(get_le32(last.payload + 16), 1728);
	CHECK_EQ(get_le32(last.payload + 20), RECV_BYTES / 1728);
	CHECK(nvsp(NVSP_MSG_SEND_SEND_BUF, SEND_GPADL, 0, true));
	CHECK_EQ(get_le32(last.payload), NVSP_MSG_SEND_SEND_BUF_COMPLETE);
	CHECK_EQ(get_le32(last.payload + 8), 6144);
}

/*
 * An RNDIS stream in guest memory at DATA_GPA, in @nr ranges; returns the status of the completion.
 */
static uint32_t rndis(uint32_t section, uint32_t section_bytes, const struct gpa_range *ranges,
		      unsigned int nr)
{
	uint8_t message[40] = { 0 };

	put_le32(message, NVSP_MSG_SEND_RNDIS_PACKET);
	put_le32(message + 8, section);
	put_le32(message + 12, section_bytes);
	fake_push(chan, nr ? VMBUS_PACKET_GPA_DIRECT : VMBUS_PACKET_INBAND, true, ++xid, message,
		  40, ranges, nr);
	fake_run(chan);
	if (!fake_take(chan, &last))
		return 0xffffffff;
	CHECK_EQ(last.type, VMBUS_PACKET_COMPLETION);
	CHECK_EQ(last.xid, xid);
	CHECK_EQ(get_le32(last.payload), NVSP_MSG_SEND_RNDIS_PACKET_COMPLETE);
	return get_le32(last.payload + 4);
}

static uint32_t rndis_flat(const void *stream, uint32_t bytes)
{
	uint64_t pfns[40];
	struct gpa_range range = { .len = bytes, .nr_pfns = (bytes + 4095) / 4096, .pfns = pfns };
	unsigned int i;

	for (i = 0; i < 40; i++)
		pfns[i] = DATA_GPA / 4096 + i;
	memcpy(fake_ram() + DATA_GPA, stream, bytes);
	return rndis(0xffffffff, 0, &range, 1);
}

/* Takes a transfer-page packet. Return: number of ranges, 0 if there is none. */
static uint32_t take_transfer(void)
{
	if (!fake_take(chan, &last))
		return 0;
	CHECK_EQ(last.type, VMBUS_PACKET_TRANSFER_PAGES);
	CHECK_EQ(last.flags, VMBUS_PACKET_FLAG_COMPLETION);
	CHECK_EQ(get_le16(last.extra), 0xcafe);
	CHECK_EQ(last.extra_len, 8 + 8 * get_le32(last.extra + 4));
	CHECK_EQ(get_le32(last.payload), NVSP_MSG_SEND_RNDIS_PACKET);
	CHECK_EQ(get_le32(last.payload + 8), 0xffffffff);
	CHECK(last.xid > 0 && last.xid < RECV_BYTES / 1728);
	return get_le32(last.extra + 4);
}

static const uint8_t *range_of(unsigned int i, uint32_t *bytes)
{
	uint32_t offset = get_le32(last.extra + 12 + 8 * i);

	*bytes = get_le32(last.extra + 8 + 8 * i);
	CHECK(offset <= RECV_BYTES && *bytes <= RECV_BYTES - offset && *bytes <= sub_bytes);
	CHECK_EQ(offset % sub_bytes, 0);
	return fake_ram() + RECV_GPA + offset;
}

static void give_back(uint64_t id)
{
	uint8_t message[8] = { 108, 0, 0, 0, 1, 0, 0, 0 };

	fake_push(chan, VMBUS_PACKET_COMPLETION, false, id, message, 8, NULL, 0);
	fake_run(chan);
}

static void rndis_initialize(void)
{
	uint8_t message[24] = { 2, 0, 0, 0, 24, 0, 0, 0, 7, 0, 0, 0, 1 };
	uint32_t bytes;

	CHECK_EQ(rndis_flat(message, 24), NVSP_STATUS_SUCCESS);
	CHECK_EQ(take_transfer(), 1);
	CHECK_EQ(get_le32(last.payload + 4), 1);
	CHECK_EQ(get_le32(range_of(0, &bytes)), 0x80000002);
	CHECK_EQ(get_le32(range_of(0, &bytes) + 8), 7);
	give_back(last.xid);
}

static void set_oid(uint32_t oid, const void *info, uint32_t info_bytes)
{
	uint8_t message[128] = { 5 };
	uint32_t bytes;

	put_le32(message + 4, 28 + info_bytes);
	put_le32(message + 12, oid);
	put_le32(message + 16, info_bytes);
	put_le32(message + 20, 20);
	memcpy(message + 28, info, info_bytes);
	CHECK_EQ(rndis_flat(message, 28 + info_bytes), NVSP_STATUS_SUCCESS);
	CHECK_EQ(take_transfer(), 1);
	CHECK_EQ(get_le32(range_of(0, &bytes)), 0x80000005);
	CHECK_EQ(get_le32(range_of(0, &bytes) + 12), 0);
	give_back(last.xid);
}

static void set_filter(uint32_t filter)
{
	uint8_t info[4];

	put_le32(info, filter);
	set_oid(NDIS_OID_CURRENT_PACKET_FILTER, info, 4);
}

static void up(uint32_t version)
{
	uint8_t offloads[28] = { 0x80, 3, 28, 0, 1, 4, 4, 4, 4, 0, 0, 2, 2 };

	start(NVSP_VERSION_6_1);
	setup(version);
	rndis_initialize();
	set_oid(NDIS_OID_TCP_OFFLOAD_PARAMETERS, offloads, 28);
	set_filter(0x0d);
	CHECK_EQ(fake_violations(NULL), 0);
}

/* A packet message with @bytes of frame; returns its length. */
static uint32_t make_packet(uint8_t *message, uint32_t bytes, uint8_t fill)
{
	memset(message, 0, 44);
	put_le32(message, 1);
	put_le32(message + 4, 44 + bytes);
	put_le32(message + 8, 36);
	put_le32(message + 12, bytes);
	memset(message + 44, fill, bytes);
	put_be16(message + 44 + 12, 0x0806);
	return 44 + bytes;
}

static const uint8_t frame_to_guest[60] = { 0x00, 0x15, 0x5d, 0, 0,    0x10, 2,	  2,
					    2,	  2,	2,    2, 0x08, 0x06, 0xaa };

#endif
