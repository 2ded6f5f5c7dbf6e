// SPDX-License-Identifier: GPL-2.0
/*
 * Packets on the rings of a channel: the descriptors the host gets, byte for byte
 * (VMBus packets), and what the guest makes of those the host sends. The
 * hypervisor is played by this file, which counts the signals. Runs in the kernel only, as it needs <linux/hyperv.h>.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <kunit/test.h>
#include <linux/module.h>
#include <linux/string.h>
/* Tracing is not of interest here, and its bodies are elsewhere. */
#define VMBUS_TRACE_H
static inline void trace_vmbus_setevent(u32 relid)
{
}
#include "../../vmbus/packet.c"
#include "../../vmbus/histogram.c"
#include "../../vmbus/latency.c"
#include "../../vmbus/ring.c"
#include "../../vmbus/state.c"
#include "../../vmbus/xid.c"

#define RING_BYTES	512u
#define SLOTS		3
#define ADDRESS		0xffff888000001000ull	/* what a driver calls its request */

struct packet_test {
	struct vmbus_chan chan;
	struct vmbus_ring_control out_control, in_control;
	u8 out_bytes[RING_BYTES], in_bytes[RING_BYTES];
	u8 buffer[RING_BYTES];
	u64 slot[SLOTS];
	unsigned long in_use[1];
	u32 in_end;		/* where the host writes its next packet */
};

struct vmbus_conn vmbus_conn;

static unsigned int signals;

void hv_signal_event(u64 connection)
{
	signals++;
}

static int packet_test_init(struct kunit *test)
{
	struct packet_test *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);
	struct vmbus_channel *channel;

	if (!t)
		return -ENOMEM;
	channel = &t->chan.channel;
	t->chan.phase = VMBUS_CHANNEL_OPENED;
	t->chan.relid = 7;
	channel->is_dedicated_interrupt = true;
	spin_lock_init(&channel->outbound.ring_lock);
	spin_lock_init(&channel->requestor.req_lock);
	channel->rqstor_size = SLOTS;
	channel->next_request_id_callback = vmbus_next_request_id;
	channel->inbound.pkt_buffer = t->buffer;
	channel->inbound.pkt_buffer_size = 64;
	vmbus_xid_init(&t->chan.xids, t->slot, t->in_use, SLOTS);
	vmbus_ring_out_init(&t->chan.out, &t->out_control, t->out_bytes, RING_BYTES);
	vmbus_ring_in_init(&t->chan.in, &t->in_control, t->in_bytes, RING_BYTES);
	memset(t->out_bytes, 0x5c, sizeof(t->out_bytes));
	signals = 0;
	spin_lock_init(&vmbus_conn.table_lock);
	atomic_set(&vmbus_conn.faults.broken_rings, 0);
	test->priv = t;
	return 0;
}

/* ---- to the host */

struct send_case {
	const char *name;
	u32 payload_bytes;
	enum vmbus_packet_type type;
	u32 flags;
	u8 descriptor[16];
	u32 ring_bytes;		/* with padding and trailer */
};

static const struct send_case send_cases[] = {
	{ "no_payload", 0, VM_PKT_DATA_INBAND, 0,
	  { 6, 0, 2, 0, 2, 0, 0, 0, 0x00, 0x10, 0, 0, 0x80, 0x88, 0xff, 0xff }, 24 },
	{ "one_byte_is_padded", 1, VM_PKT_DATA_INBAND, 0,
	  { 6, 0, 2, 0, 3, 0, 0, 0, 0x00, 0x10, 0, 0, 0x80, 0x88, 0xff, 0xff }, 32 },
	{ "seven_bytes_are_padded", 7, VM_PKT_DATA_INBAND, 0,
	  { 6, 0, 2, 0, 3, 0, 0, 0, 0x00, 0x10, 0, 0, 0x80, 0x88, 0xff, 0xff }, 32 },
	{ "eight_bytes_are_not", 8, VM_PKT_DATA_INBAND, 0,
	  { 6, 0, 2, 0, 3, 0, 0, 0, 0x00, 0x10, 0, 0, 0x80, 0x88, 0xff, 0xff }, 32 },
	{ "completion_requested_takes_the_first_slot", 40, VM_PKT_DATA_INBAND,
	  VMBUS_DATA_PACKET_FLAG_COMPLETION_REQUESTED,
	  { 6, 0, 2, 0, 7, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0 }, 64 },
	{ "completion_echoes_the_id", 12, VM_PKT_COMP, 0,
	  { 11, 0, 2, 0, 4, 0, 0, 0, 0x00, 0x10, 0, 0, 0x80, 0x88, 0xff, 0xff }, 40 },
};

static void send_case_desc(const struct send_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(send, send_cases, send_case_desc);

static void inband_packet_has_the_bytes_of_the_specification(struct kunit *test)
{
	const struct send_case *c = test->param_value;
	struct packet_test *t = test->priv;
	u8 payload[64];
	u32 i;

	memset(payload, 0xab, sizeof(payload));
	KUNIT_ASSERT_EQ(test, vmbus_sendpacket(&t->chan.channel, payload, c->payload_bytes, ADDRESS, c->type, c->flags), 0);
	KUNIT_EXPECT_EQ(test, memcmp(t->out_bytes, c->descriptor, 16), 0);
	for (i = 16; i < c->ring_bytes; i++)
		KUNIT_EXPECT_EQ(test, t->out_bytes[i], i < 16 + c->payload_bytes ? 0xab : 0);
	KUNIT_EXPECT_EQ(test, t->out_bytes[c->ring_bytes], 0x5c);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(t->out_control.write_index), c->ring_bytes);
	KUNIT_EXPECT_EQ(test, signals, 1u);
}

static void range_packet_has_the_bytes_of_the_specification(struct kunit *test)
{
	/* Descriptor, range of 0x1234 bytes at 0x56 in two pages, 9 bytes behind it, padding. */
	static const u8 expected[] = {
		9, 0, 6, 0, 8, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0,
		0, 0, 0, 0, 1, 0, 0, 0,
		0x34, 0x12, 0, 0, 0x56, 0, 0, 0,
		0x11, 0, 0, 0, 0, 0, 0, 0, 0x22, 0, 0, 0, 0, 0, 0, 0,
		1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 0, 0, 0, 0, 0, 0,
		0, 0, 0, 0, 0, 0, 0, 0,
	};
	u8 payload[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9 };
	struct packet_test *t = test->priv;
	struct vmbus_packet_mpb_array *mpb;
	u64 stored;

	mpb = kunit_kzalloc(test, sizeof(*mpb) + 2 * sizeof(u64), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, mpb);
	/* What the caller leaves in the rest of the descriptor must not reach the host. */
	memset(mpb, 0xee, 24);
	mpb->rangecount = 1;
	mpb->range.len = 0x1234;
	mpb->range.offset = 0x56;
	mpb->range.pfn_array[0] = 0x11;
	mpb->range.pfn_array[1] = 0x22;
	KUNIT_ASSERT_EQ(test, vmbus_sendpacket_mpb_desc(&t->chan.channel, mpb, 48, payload, sizeof(payload), ADDRESS), 0);
	KUNIT_EXPECT_EQ(test, memcmp(t->out_bytes, expected, sizeof(expected)), 0);
	KUNIT_EXPECT_TRUE(test, vmbus_xid_lookup(&t->chan.xids, 1, &stored));
	KUNIT_EXPECT_EQ(test, stored, ADDRESS);
}

static void ranges_of_the_caller_follow_one_another(struct kunit *test)
{
	/* Descriptor, 16 bytes at 8 of a page, then one byte at 0xfff of another, payload. */
	static const u8 expected[] = {
		9, 0, 7, 0, 8, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0,
		0, 0, 0, 0, 2, 0, 0, 0,
		16, 0, 0, 0, 8, 0, 0, 0, 0x11, 0, 0, 0, 0, 0, 0, 0,
		1, 0, 0, 0, 0xff, 0x0f, 0, 0, 0x22, 0, 0, 0, 0, 0, 0, 0,
		1, 2, 3, 4, 5, 6, 7, 8,
		0, 0, 0, 0, 0, 0, 0, 0,
	};
	u8 payload[] = { 1, 2, 3, 4, 5, 6, 7, 8 };
	struct packet_test *t = test->priv;
	struct vmbus_packet_mpb_array *mpb;

	mpb = kunit_kzalloc(test, 56, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, mpb);
	memcpy((u8 *)mpb + 20, expected + 20, 36);
	KUNIT_ASSERT_EQ(test, vmbus_sendpacket_mpb_desc(&t->chan.channel, mpb, 56, payload, sizeof(payload), ADDRESS), 0);
	KUNIT_EXPECT_EQ(test, memcmp(t->out_bytes, expected, sizeof(expected)), 0);
}

struct mpb_case {
	const char *name;
	u32 desc_bytes;
	u32 payload_bytes;
	int result;
};

static const struct mpb_case mpb_cases[] = {
	{ "no_descriptor", 0, 0, -EINVAL },
	{ "descriptor_cut_before_the_range", 24, 0, -EINVAL },
	{ "descriptor_not_of_whole_qwords", 44, 0, -EINVAL },
	{ "descriptor_length_of_all_ones", 0xfffffff8, 0, -EMSGSIZE },
	{ "payload_length_of_all_ones", 48, 0xffffffff, -EMSGSIZE },
	{ "sum_does_not_fit_the_length_field", 48, 0xffff * 8 - 47, -EMSGSIZE },
	{ "longer_than_the_ring", 48, RING_BYTES, -EMSGSIZE },
};

static void mpb_case_desc(const struct mpb_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(mpb, mpb_cases, mpb_case_desc);

static void impossible_lengths_are_refused(struct kunit *test)
{
	const struct mpb_case *c = test->param_value;
	struct packet_test *t = test->priv;
	struct vmbus_packet_mpb_array *mpb = kunit_kzalloc(test, sizeof(*mpb) + 16, GFP_KERNEL);
	static u8 payload[0x10000 * 8];

	KUNIT_ASSERT_NOT_NULL(test, mpb);
	KUNIT_EXPECT_EQ(test, vmbus_sendpacket_mpb_desc(&t->chan.channel, mpb, c->desc_bytes, payload,
							c->payload_bytes, ADDRESS), c->result);
	if (c->result == -EMSGSIZE)
		KUNIT_EXPECT_EQ(test, vmbus_sendpacket(&t->chan.channel, payload,
						       c->payload_bytes ?: c->desc_bytes, ADDRESS,
						       VM_PKT_DATA_INBAND, 1), -EMSGSIZE);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(t->out_control.write_index), 0u);
	KUNIT_EXPECT_EQ(test, t->in_use[0], 0ul);
	KUNIT_EXPECT_EQ(test, signals, 0u);
}

static int send_request(struct packet_test *t, u32 bytes)
{
	u8 payload[RING_BYTES] = { 0 };

	return vmbus_sendpacket(&t->chan.channel, payload, bytes, ADDRESS, VM_PKT_DATA_INBAND,
				VMBUS_DATA_PACKET_FLAG_COMPLETION_REQUESTED);
}

static void full_ring_takes_no_slot_and_is_counted(struct kunit *test)
{
	struct packet_test *t = test->priv;
	struct vmbus_channel *channel = &t->chan.channel;

	KUNIT_ASSERT_EQ(test, send_request(t, 400), 0);
	KUNIT_EXPECT_EQ(test, send_request(t, 100), -EAGAIN);
	KUNIT_EXPECT_EQ(test, send_request(t, 100), -EAGAIN);
	KUNIT_EXPECT_EQ(test, t->in_use[0], 1ul);
	KUNIT_EXPECT_EQ(test, (int)channel->out_full_first, 1);
	KUNIT_EXPECT_EQ(test, (int)channel->out_full_total, 2);
	/* Only the first packet met an empty ring. */
	KUNIT_EXPECT_EQ(test, send_request(t, 8), 0);
	KUNIT_EXPECT_EQ(test, signals, 1u);
	KUNIT_EXPECT_EQ(test, t->in_use[0], 3ul);
}

static u32 waits_counted(const struct vmbus_histogram *histogram)
{
	u32 i, sum = 0;

	for (i = 0; i < VMBUS_HISTOGRAM_BUCKETS; i++)
		sum += histogram->count[i];
	return sum;
}

/* One wait, from the first packet that does not fit to the next that does, and only while somebody wants to know. */
static void waits_for_room_are_measured_when_asked_for(struct kunit *test)
{
	struct packet_test *t = test->priv;

	KUNIT_ASSERT_EQ(test, send_request(t, 400), 0);
	KUNIT_EXPECT_EQ(test, send_request(t, 100), -EAGAIN);
	KUNIT_EXPECT_EQ(test, send_request(t, 8), 0);
	KUNIT_EXPECT_EQ(test, waits_counted(&t->chan.ring_full), 0u);

	static_branch_enable(&vmbus_latency_on);
	KUNIT_EXPECT_EQ(test, send_request(t, 100), -EAGAIN);
	KUNIT_EXPECT_EQ(test, send_request(t, 100), -EAGAIN);
	KUNIT_EXPECT_EQ(test, waits_counted(&t->chan.ring_full), 0u);
	t->out_control.read_index = t->out_control.write_index;
	KUNIT_EXPECT_EQ(test, send_request(t, 100), 0);
	KUNIT_EXPECT_EQ(test, waits_counted(&t->chan.ring_full), 1u);
	KUNIT_EXPECT_EQ(test, send_request(t, 400), -EAGAIN);
	vmbus_latency_forget(&t->chan);
	KUNIT_EXPECT_EQ(test, waits_counted(&t->chan.ring_full), 0u);
	t->out_control.read_index = t->out_control.write_index;
	vmbus_request_addr(&t->chan.channel, 1);
	KUNIT_EXPECT_EQ(test, send_request(t, 100), 0);
	/* Began before it was to be forgotten. */
	KUNIT_EXPECT_EQ(test, waits_counted(&t->chan.ring_full), 0u);
	static_branch_disable(&vmbus_latency_on);
}

static void waits_for_the_callback_are_measured_from_the_first_interrupt(struct kunit *test)
{
	struct packet_test *t = test->priv;
	u64 first;

	vmbus_latency_interrupt(&t->chan);
	KUNIT_EXPECT_EQ(test, t->chan.interrupt_ns, 0ull);
	static_branch_enable(&vmbus_latency_on);
	vmbus_latency_callback(&t->chan);
	KUNIT_EXPECT_EQ(test, waits_counted(&t->chan.to_callback), 0u);
	vmbus_latency_interrupt(&t->chan);
	first = t->chan.interrupt_ns;
	KUNIT_EXPECT_NE(test, first, 0ull);
	vmbus_latency_interrupt(&t->chan);
	KUNIT_EXPECT_EQ(test, t->chan.interrupt_ns, first);
	vmbus_latency_callback(&t->chan);
	vmbus_latency_callback(&t->chan);
	KUNIT_EXPECT_EQ(test, waits_counted(&t->chan.to_callback), 1u);
	static_branch_disable(&vmbus_latency_on);
}

static void request_waits_when_all_ids_are_in_flight(struct kunit *test)
{
	struct packet_test *t = test->priv;
	u32 i, end;

	for (i = 0; i < SLOTS; i++)
		KUNIT_ASSERT_EQ(test, send_request(t, 8), 0);
	end = le32_to_cpu(t->out_control.write_index);
	KUNIT_EXPECT_EQ(test, send_request(t, 8), -EAGAIN);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(t->out_control.write_index), end);
	/* What asks for no completion needs none. */
	KUNIT_EXPECT_EQ(test, vmbus_sendpacket(&t->chan.channel, t->buffer, 8, 5, VM_PKT_COMP, 0), 0);
	KUNIT_EXPECT_EQ(test, vmbus_request_addr(&t->chan.channel, 2), ADDRESS);
	KUNIT_EXPECT_EQ(test, send_request(t, 8), 0);
}

static int hold_request(struct packet_test *t, u32 payload_bytes)
{
	struct {
		struct vmbus_packet_mpb_array mpb;
		u64 pfn;
	} descriptor = { .mpb = { .rangecount = 1, .range = { .len = 4096 } }, .pfn = 5 };
	u8 payload[512] = { 0 };

	return vmbus_hold_packet_mpb_desc(&t->chan.channel, &descriptor.mpb, 40, payload, payload_bytes, ADDRESS);
}

static void packets_held_back_are_signalled_once(struct kunit *test)
{
	struct packet_test *t = test->priv;

	/* Nothing to publish. */
	vmbus_publish_packets(&t->chan.channel);
	KUNIT_EXPECT_EQ(test, signals, 0u);
	/* 40 bytes before the payload, 8 behind it. */
	KUNIT_ASSERT_EQ(test, hold_request(t, 64), 0);
	KUNIT_ASSERT_EQ(test, hold_request(t, 64), 0);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(t->out_control.write_index), 0u);
	KUNIT_EXPECT_EQ(test, signals, 0u);
	vmbus_publish_packets(&t->chan.channel);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(t->out_control.write_index), 2 * 112u);
	KUNIT_EXPECT_EQ(test, signals, 1u);
	vmbus_publish_packets(&t->chan.channel);
	KUNIT_EXPECT_EQ(test, signals, 1u);
	/* The host has not read them yet, so it knows. */
	KUNIT_ASSERT_EQ(test, hold_request(t, 64), 0);
	vmbus_publish_packets(&t->chan.channel);
	KUNIT_EXPECT_EQ(test, signals, 1u);
	KUNIT_EXPECT_EQ(test, t->in_use[0], 7ul);
}

/* Nobody would ever make room for it. */
static void packet_without_room_lets_go_what_is_held_back(struct kunit *test)
{
	struct packet_test *t = test->priv;

	KUNIT_ASSERT_EQ(test, hold_request(t, 360), 0);
	KUNIT_EXPECT_EQ(test, signals, 0u);
	KUNIT_EXPECT_EQ(test, hold_request(t, 360), -EAGAIN);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(t->out_control.write_index), 408u);
	KUNIT_EXPECT_EQ(test, signals, 1u);
	KUNIT_EXPECT_EQ(test, t->in_use[0], 1ul);
}

/* An id comes free when the host completes a packet, which it must see for that. */
static void packet_without_an_id_lets_go_what_is_held_back(struct kunit *test)
{
	struct packet_test *t = test->priv;
	unsigned int held = 0;

	while (held < 8 && !hold_request(t, 8))
		held++;
	KUNIT_EXPECT_EQ(test, t->chan.channel.out_full_total, 0ull);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(t->out_control.write_index), held * 56u);
	KUNIT_EXPECT_EQ(test, signals, 1u);
}

static void rescinded_channel_keeps_what_is_held_back(struct kunit *test)
{
	struct packet_test *t = test->priv;

	KUNIT_ASSERT_EQ(test, hold_request(t, 64), 0);
	t->chan.channel.rescind = true;
	vmbus_publish_packets(&t->chan.channel);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(t->out_control.write_index), 0u);
	KUNIT_EXPECT_EQ(test, signals, 0u);
	t->chan.channel.rescind = false;
	t->chan.out.control = NULL;
	vmbus_publish_packets(&t->chan.channel);
	KUNIT_EXPECT_EQ(test, signals, 0u);
}

static void rescinded_and_closed_channels_take_nothing(struct kunit *test)
{
	struct packet_test *t = test->priv;
	u32 bytes;
	u64 id;

	t->chan.channel.rescind = true;
	KUNIT_EXPECT_EQ(test, send_request(t, 8), -ENODEV);
	t->chan.channel.rescind = false;
	t->chan.out.control = NULL;
	t->chan.in.control = NULL;
	KUNIT_EXPECT_EQ(test, send_request(t, 8), -ENODEV);
	KUNIT_EXPECT_EQ(test, vmbus_recvpacket(&t->chan.channel, t->buffer, 64, &bytes, &id), -ENODEV);
	KUNIT_EXPECT_NULL(test, hv_pkt_iter_first(&t->chan.channel));
	KUNIT_EXPECT_NULL(test, __hv_pkt_iter_next(&t->chan.channel, NULL));
	hv_pkt_iter_close(&t->chan.channel);
	KUNIT_EXPECT_EQ(test, t->in_use[0], 0ul);
}

static void host_that_wrecks_the_ring_breaks_the_channel_once(struct kunit *test)
{
	struct packet_test *t = test->priv;

	KUNIT_ASSERT_EQ(test, send_request(t, 400), 0);
	t->out_control.read_index = cpu_to_le32(0xfffffff8);
	KUNIT_EXPECT_EQ(test, send_request(t, 100), -EPROTO);
	KUNIT_EXPECT_EQ(test, send_request(t, 8), -EPROTO);
	KUNIT_EXPECT_EQ(test, atomic_read(&vmbus_conn.faults.broken_rings), 1);
	KUNIT_EXPECT_EQ(test, t->chan.phase, VMBUS_CHANNEL_BROKEN);
	KUNIT_EXPECT_EQ(test, t->in_use[0], 1ul);
}

/* ---- from the host */

static void host_sends(struct packet_test *t, u16 type, u16 payload_qwords, u16 total_qwords, u64 id)
{
	u8 *at = t->in_bytes + t->in_end;
	u32 i;

	at[0] = type;
	at[2] = payload_qwords & 0xff;
	at[3] = payload_qwords >> 8;
	at[4] = total_qwords & 0xff;
	at[5] = total_qwords >> 8;
	for (i = 0; i < 8; i++)
		at[8 + i] = (u8)(id >> (8 * i));
	for (i = 16; i < total_qwords * 8u && i < 128; i++)
		at[i] = (u8)i;
	t->in_end += total_qwords * 8u + 8;
	t->in_control.write_index = cpu_to_le32(t->in_end);
}

static void received_payload_is_what_the_host_sent(struct kunit *test)
{
	struct packet_test *t = test->priv;
	u32 bytes = 99, i;
	u64 id = 99;

	KUNIT_EXPECT_EQ(test, vmbus_recvpacket(&t->chan.channel, t->buffer, 64, &bytes, &id), 0);
	KUNIT_EXPECT_EQ(test, bytes, 0u);
	host_sends(t, 6, 3, 6, 0x0102030405060708ull);
	KUNIT_EXPECT_EQ(test, vmbus_recvpacket(&t->chan.channel, t->buffer, 24, &bytes, &id), 0);
	KUNIT_EXPECT_EQ(test, bytes, 24u);
	KUNIT_EXPECT_EQ(test, id, 0x0102030405060708ull);
	for (i = 0; i < 24; i++)
		KUNIT_EXPECT_EQ(test, t->buffer[i], (u8)(24 + i));
	/* Its space is given back. */
	KUNIT_EXPECT_EQ(test, le32_to_cpu(t->in_control.read_index), 56u);
}

static void packet_stays_until_the_buffer_is_large_enough(struct kunit *test)
{
	struct packet_test *t = test->priv;
	u32 bytes = 0;
	u64 id = 0;

	memset(t->buffer, 0xee, sizeof(t->buffer));
	host_sends(t, 6, 2, 6, 5);
	KUNIT_EXPECT_EQ(test, vmbus_recvpacket(&t->chan.channel, t->buffer, 31, &bytes, &id), -ENOBUFS);
	KUNIT_EXPECT_EQ(test, bytes, 32u);
	KUNIT_EXPECT_EQ(test, t->buffer[0], 0xee);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(t->in_control.read_index), 0u);
	KUNIT_EXPECT_EQ(test, vmbus_recvpacket_raw(&t->chan.channel, t->buffer, 48, &bytes, &id), 0);
	KUNIT_EXPECT_EQ(test, bytes, 48u);
	KUNIT_EXPECT_EQ(test, t->buffer[0], 6);
	KUNIT_EXPECT_EQ(test, t->buffer[47], 47);
}

static void iterator_hands_out_private_copies_and_gives_back_once(struct kunit *test)
{
	struct packet_test *t = test->priv;
	struct vmbus_channel *channel = &t->chan.channel;
	struct vmpacket_descriptor *packet;

	host_sends(t, 6, 2, 4, 1);
	host_sends(t, 11, 2, 3, 2);
	packet = hv_pkt_iter_first(channel);
	KUNIT_ASSERT_NOT_NULL(test, packet);
	KUNIT_EXPECT_EQ(test, (int)packet->type, VM_PKT_DATA_INBAND);
	KUNIT_EXPECT_EQ(test, hv_pkt_datalen(packet), 16u);
	/* What the host writes now is not seen, neither here nor when stepping on. */
	memset(t->in_bytes, 0xff, 32);
	KUNIT_EXPECT_EQ(test, (int)packet->len8, 4);
	KUNIT_EXPECT_EQ(test, *((u8 *)packet + 31), 31);
	packet = __hv_pkt_iter_next(channel, packet);
	KUNIT_ASSERT_NOT_NULL(test, packet);
	KUNIT_EXPECT_EQ(test, (int)packet->type, VM_PKT_COMP);
	KUNIT_EXPECT_EQ(test, packet->trans_id, 2ull);
	KUNIT_EXPECT_NULL(test, __hv_pkt_iter_next(channel, packet));
	KUNIT_EXPECT_EQ(test, le32_to_cpu(t->in_control.read_index), 0u);
	hv_pkt_iter_close(channel);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(t->in_control.read_index), t->in_end);
}

static void packet_longer_than_the_private_buffer_is_cut_to_it(struct kunit *test)
{
	struct packet_test *t = test->priv;
	struct vmpacket_descriptor *packet;

	memset(t->buffer, 0xee, sizeof(t->buffer));
	host_sends(t, 6, 2, 16, 1);
	host_sends(t, 6, 15, 16, 2);
	host_sends(t, 6, 2, 8, 3);
	packet = hv_pkt_iter_first(&t->chan.channel);
	KUNIT_ASSERT_NOT_NULL(test, packet);
	KUNIT_EXPECT_EQ(test, (int)packet->len8, 8);
	KUNIT_EXPECT_EQ(test, t->buffer[63], 63);
	KUNIT_EXPECT_EQ(test, t->buffer[64], 0xee);
	/* A payload that starts behind the cut is empty, not negative. */
	packet = __hv_pkt_iter_next(&t->chan.channel, packet);
	KUNIT_ASSERT_NOT_NULL(test, packet);
	KUNIT_EXPECT_EQ(test, hv_pkt_datalen(packet), 0u);
	/* The one behind starts where the host put it. */
	packet = __hv_pkt_iter_next(&t->chan.channel, packet);
	KUNIT_ASSERT_NOT_NULL(test, packet);
	KUNIT_EXPECT_EQ(test, packet->trans_id, 3ull);
	KUNIT_EXPECT_EQ(test, (int)packet->len8, 8);
}

struct hostile_case {
	const char *name;
	u16 payload_qwords;
	u16 total_qwords;
};

static const struct hostile_case hostile_cases[] = {
	{ "length_0", 2, 0 },
	{ "length_past_what_is_announced", 2, 0xffff },
	{ "payload_in_the_descriptor", 1, 4 },
	{ "payload_past_the_packet", 5, 4 },
};

static void hostile_case_desc(const struct hostile_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(hostile, hostile_cases, hostile_case_desc);

static void hostile_packet_breaks_the_channel_and_reaches_nobody(struct kunit *test)
{
	const struct hostile_case *c = test->param_value;
	struct packet_test *t = test->priv;
	u32 bytes = 99;
	u64 id = 99;

	host_sends(t, 6, c->payload_qwords, c->total_qwords, 1);
	t->in_control.write_index = cpu_to_le32(40);
	KUNIT_EXPECT_NULL(test, hv_pkt_iter_first(&t->chan.channel));
	KUNIT_EXPECT_EQ(test, vmbus_recvpacket(&t->chan.channel, t->buffer, 64, &bytes, &id), -EPROTO);
	KUNIT_EXPECT_EQ(test, bytes, 0u);
	KUNIT_EXPECT_EQ(test, id, 0ull);
	hv_pkt_iter_close(&t->chan.channel);
	/* Nothing to poll for: drivers that compare the shared indices find them equal. */
	KUNIT_EXPECT_EQ(test, le32_to_cpu(t->in_control.read_index), 40u);
	KUNIT_EXPECT_EQ(test, atomic_read(&vmbus_conn.faults.broken_rings), 1);
}

static void host_that_waits_for_room_is_signalled_once_a_batch(struct kunit *test)
{
	struct packet_test *t = test->priv;
	struct vmpacket_descriptor *packet;
	u32 i;

	t->in_control.feature_bits = cpu_to_le32(1);
	t->in_control.pending_send_size = cpu_to_le32(400);
	for (i = 0; i < 10; i++)
		host_sends(t, 6, 2, 4, i);
	for (packet = hv_pkt_iter_first(&t->chan.channel); packet;
	     packet = __hv_pkt_iter_next(&t->chan.channel, packet))
		KUNIT_EXPECT_EQ(test, signals, 0u);
	hv_pkt_iter_close(&t->chan.channel);
	KUNIT_EXPECT_EQ(test, signals, 1u);
	hv_pkt_iter_close(&t->chan.channel);
	KUNIT_EXPECT_EQ(test, signals, 1u);
}

/* ---- ids of requests, as drivers see them */

static void completion_is_matched_with_its_request_once(struct kunit *test)
{
	struct packet_test *t = test->priv;
	struct vmbus_channel *channel = &t->chan.channel;
	u64 id = vmbus_next_request_id(channel, ADDRESS);

	KUNIT_EXPECT_EQ(test, id, 1ull);
	/* Somebody else's: told whose it is, and left in flight. */
	KUNIT_EXPECT_EQ(test, vmbus_request_addr_match(channel, id, ADDRESS + 1), ADDRESS);
	KUNIT_EXPECT_EQ(test, vmbus_request_addr_match(channel, id, ADDRESS), ADDRESS);
	KUNIT_EXPECT_EQ(test, vmbus_request_addr_match(channel, id, ADDRESS), VMBUS_RQST_ERROR);
	KUNIT_EXPECT_EQ(test, vmbus_request_addr(channel, id), VMBUS_RQST_ERROR);
	KUNIT_EXPECT_EQ(test, vmbus_request_addr(channel, 0), VMBUS_RQST_ERROR);
	KUNIT_EXPECT_EQ(test, vmbus_request_addr(channel, SLOTS + 1), VMBUS_RQST_ERROR);
	KUNIT_EXPECT_EQ(test, vmbus_request_addr(channel, ~0ull), VMBUS_RQST_ERROR);
	KUNIT_EXPECT_EQ(test, vmbus_request_addr(channel, ADDRESS), VMBUS_RQST_ERROR);
}

static void channel_without_requestor_passes_ids_through(struct kunit *test)
{
	struct packet_test *t = test->priv;
	u64 id = 0;

	t->chan.channel.rqstor_size = 0;
	KUNIT_EXPECT_EQ(test, vmbus_sendpacket_getid(&t->chan.channel, t->buffer, 8, 0x1234, &id, VM_PKT_DATA_INBAND, 1), 0);
	KUNIT_EXPECT_EQ(test, id, 0x1234ull);
	KUNIT_EXPECT_EQ(test, vmbus_request_addr(&t->chan.channel, 0x1234), VMBUS_NO_RQSTOR);
}

static struct kunit_case vmbus_packet_cases[] = {
	KUNIT_CASE_PARAM(inband_packet_has_the_bytes_of_the_specification, send_gen_params),
	KUNIT_CASE(range_packet_has_the_bytes_of_the_specification),
	KUNIT_CASE(ranges_of_the_caller_follow_one_another),
	KUNIT_CASE_PARAM(impossible_lengths_are_refused, mpb_gen_params),
	KUNIT_CASE(full_ring_takes_no_slot_and_is_counted),
	KUNIT_CASE(waits_for_room_are_measured_when_asked_for),
	KUNIT_CASE(waits_for_the_callback_are_measured_from_the_first_interrupt),
	KUNIT_CASE(request_waits_when_all_ids_are_in_flight),
	KUNIT_CASE(packets_held_back_are_signalled_once),
	KUNIT_CASE(packet_without_room_lets_go_what_is_held_back),
	KUNIT_CASE(packet_without_an_id_lets_go_what_is_held_back),
	KUNIT_CASE(rescinded_channel_keeps_what_is_held_back),
	KUNIT_CASE(rescinded_and_closed_channels_take_nothing),
	KUNIT_CASE(host_that_wrecks_the_ring_breaks_the_channel_once),
	KUNIT_CASE(received_payload_is_what_the_host_sent),
	KUNIT_CASE(packet_stays_until_the_buffer_is_large_enough),
	KUNIT_CASE(iterator_hands_out_private_copies_and_gives_back_once),
	KUNIT_CASE(packet_longer_than_the_private_buffer_is_cut_to_it),
	KUNIT_CASE_PARAM(hostile_packet_breaks_the_channel_and_reaches_nobody, hostile_gen_params),
	KUNIT_CASE(host_that_waits_for_room_is_signalled_once_a_batch),
	KUNIT_CASE(completion_is_matched_with_its_request_once),
	KUNIT_CASE(channel_without_requestor_passes_ids_through),
	{}
};

static struct kunit_suite vmbus_packet_suite = {
	.name = "hv_vmbus_packet",
	.init = packet_test_init,
	.test_cases = vmbus_packet_cases,
};
kunit_test_suite(vmbus_packet_suite);

MODULE_DESCRIPTION("KUnit suite: packets of VMBus channels");
MODULE_LICENSE("GPL");
