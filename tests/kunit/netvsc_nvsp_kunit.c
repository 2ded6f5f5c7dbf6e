// SPDX-License-Identifier: GPL-2.0
/*
 * The NVSP session against hosts of every age, and against hosts that lie: which version is agreed on, what becomes of the
 * sizes and counts they name, that no answer but the one that is waited for is believed, and that every packet that makes no
 * sense is counted, answered where the host waits for it, and goes no further.
 */
#include <kunit/test.h>
#include <linux/hyperv.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/string.h>

static int fake_send(struct vmbus_channel *channel, void *buffer, u32 bytes, u64 id, enum vmbus_packet_type type, u32 flags);
static int fake_send_described(struct vmbus_channel *channel, struct vmbus_packet_mpb_array *mpb, u32 desc_size, void *buffer,
			       u32 bytes, u64 id);

#define vmbus_sendpacket		fake_send
#define vmbus_sendpacket_mpb_desc	fake_send_described
#include "../../netvsc/nvsp.c"

#define PACKET_HEADER_BYTES	sizeof(struct vmpacket_descriptor)
#define TRANSFER_HEADER_BYTES	offsetof(struct vmtransfer_page_packet_header, ranges)
#define RECV_BUF_ID		0xcafe

/* How a host answers when it lies. */
enum lie {
	HONEST = 0,
	EMPTY,				/* a completion without a message */
	SHORT,				/* one byte less than the message needs */
	OTHER_MESSAGE,			/* as if something else had been asked */
	TWICE,
	OTHER_ID,			/* of an earlier request, another kind, then the right one */
	CHANGED,			/* the packet changes after it was delivered */
	SILENT,
	FULL,				/* the ring has no room at first */
	RESCINDS,			/* takes the device away instead */
};

/* A packet in private memory. */
struct packet {
	struct vmpacket_descriptor desc;
	u8 rest[NVSP_MAX_PACKET_BYTES];
};

static struct {
	struct nvsp nvsp;
	struct nvsp_channel nc;
	struct vmbus_channel channel, sub_channel;
	u32 lowest, highest;		/* versions it accepts */
	struct nvsp_message reply;	/* to what is not INIT; type 0: the completion is empty */
	u32 reply_bytes;
	enum lie lie;
	unsigned int full;
	struct packet packet;
	/* what it saw */
	struct nvsp_message said[8];
	unsigned int nr_said;
	u64 last_id;
	u32 last_flags;
	int send_fails;
} host;

static struct {
	u32 ranges, receive_status, owed_status, data_status, control_status, serial, table_bytes;
	u64 owed_id, data_id;
	void *cookie;
	unsigned int received, owed, data_sent, tables, control_sent, associations, switches;
	bool vf;
} seen;

static u32 seen_receive(struct nvsp_channel *nc, const struct nvsp_receive *rcv)
{
	seen.received++;
	seen.ranges = rcv->range_count;
	return seen.receive_status;
}

static void seen_owe(struct nvsp_channel *nc, u64 xid, u32 status)
{
	seen.owed++;
	seen.owed_id = xid;
	seen.owed_status = status;
}

static void seen_data_sent(struct nvsp_channel *nc, u64 xid, u32 status)
{
	seen.data_sent++;
	seen.data_id = xid;
	seen.data_status = status;
}

static void seen_send_table(struct nvsp *nvsp, const void *msg, u32 bytes)
{
	seen.tables++;
	seen.table_bytes = bytes;
}

static void seen_control_sent(struct nvsp *nvsp, void *cookie, u32 status)
{
	seen.control_sent++;
	seen.cookie = cookie;
	seen.control_status = status;
}

static void seen_vf_association(struct nvsp *nvsp, bool allocated, u32 serial)
{
	seen.associations++;
	seen.vf = allocated;
	seen.serial = serial;
}

static void seen_data_path(struct nvsp *nvsp, bool vf)
{
	seen.switches++;
	seen.vf = vf;
}

static const struct nvsp_ops seen_ops = {
	.receive = seen_receive,
	.owe = seen_owe,
	.data_sent = seen_data_sent,
	.send_table = seen_send_table,
	.control_sent = seen_control_sent,
	.vf_association = seen_vf_association,
	.data_path = seen_data_path,
};

static void deliver(struct nvsp_channel *nc, struct packet *packet, u16 type, u64 id, u32 header_bytes, const void *payload,
		    u32 bytes)
{
	packet->desc.type = type;
	packet->desc.trans_id = id;
	packet->desc.offset8 = header_bytes / 8;
	packet->desc.len8 = (header_bytes + bytes + 7) / 8;
	if (bytes)
		memcpy((u8 *)packet + header_bytes, payload, bytes);
	nvsp_dispatch(nc, &packet->desc);
}

static void deliver_completion(u64 id, const void *payload, u32 bytes)
{
	deliver(&host.nc, &host.packet, VM_PKT_COMP, id, PACKET_HEADER_BYTES, payload, bytes);
	if (host.lie == CHANGED)
		memset(&host.packet, 0xff, sizeof(host.packet));
}

static void answer(u64 id, struct nvsp_message *reply, u32 bytes)
{
	switch (host.lie) {
	case EMPTY:
		bytes = 0;
		break;
	case SHORT:
		/* Lengths in the ring are multiples of 8. */
		bytes = (bytes - 1) / 8 * 8;
		break;
	case OTHER_MESSAGE:
		reply->type = cpu_to_le32(NVSP_MSG_SEND_RNDIS_PACKET_COMPLETE);
		break;
	case OTHER_ID:
		/* The host agrees with what nobody asked, and refuses what was. */
		deliver_completion(id - (1 << NVSP_XID_SLOT_BITS), reply, bytes);
		deliver_completion(id ^ 1ull << 50, reply, bytes);
		deliver_completion(0, reply, bytes);
		memset(&reply->raw, 0, sizeof(reply->raw));
		break;
	case SILENT:
		return;
	case RESCINDS:
		host.channel.rescind = true;
		return;
	default:
		break;
	}
	deliver_completion(id, reply, bytes);
	if (host.lie == TWICE) {
		memset(&reply->raw, 0, sizeof(reply->raw));
		deliver_completion(id, reply, bytes);
	}
}

static int fake_send(struct vmbus_channel *channel, void *buffer, u32 bytes, u64 id, enum vmbus_packet_type type, u32 flags)
{
	struct nvsp_message request = { }, reply = host.reply;
	u32 reply_bytes = host.reply_bytes;

	if (host.send_fails)
		return host.send_fails;
	if (host.lie == FULL && host.full++ < 2)
		return -EAGAIN;
	memcpy(&request, buffer, min_t(u32, bytes, sizeof(request)));
	if (host.nr_said < ARRAY_SIZE(host.said))
		host.said[host.nr_said++] = request;
	host.last_id = id;
	host.last_flags = flags;
	if (type != VM_PKT_DATA_INBAND || !(flags & VMBUS_DATA_PACKET_FLAG_COMPLETION_REQUESTED) ||
	    nvsp_xid_kind(id) != NVSP_XID_SESSION)
		return 0;
	if (le32_to_cpu(request.type) == NVSP_MSG_INIT) {
		u32 version = le32_to_cpu(request.init.max_version);

		reply.type = cpu_to_le32(NVSP_MSG_INIT_COMPLETE);
		reply.init_complete.max_mdl_chain = cpu_to_le32(34);
		/* Only the status counts. */
		reply.init_complete.negotiated_version = cpu_to_le32(0xffffffff);
		reply.init_complete.status = cpu_to_le32(version >= host.lowest && version <= host.highest ?
							 NVSP_STATUS_SUCCESS : NVSP_STATUS_PROTOCOL_TOO_NEW);
		reply_bytes = NVSP_BYTES(init_complete);
	}
	answer(id, &reply, reply_bytes);
	return 0;
}

static int fake_send_described(struct vmbus_channel *channel, struct vmbus_packet_mpb_array *mpb, u32 desc_size, void *buffer,
			       u32 bytes, u64 id)
{
	if (host.send_fails)
		return host.send_fails;
	host.last_id = id;
	if (host.lie == TWICE)
		/* Before the guest has even returned from sending. */
		deliver_completion(id, NULL, 0);
	return 0;
}

#ifdef SHIM_LINUX_COMPLETION_H
static void time_passes(struct completion *completion, unsigned long ms)
{
	jiffies += ms + 1;
}
#endif

static struct nvsp *new_session(struct kunit *test)
{
#ifdef SHIM_LINUX_COMPLETION_H
	shim_while_waiting = time_passes;
#endif
	memset(&host, 0, sizeof(host));
	memset(&seen, 0, sizeof(seen));
	seen.receive_status = NVSP_STATUS_SUCCESS;
	host.lowest = NVSP_VERSION_1;
	host.highest = NVSP_VERSION_6_1;
	nvsp_init(&host.nvsp, &seen_ops, &host.channel);
	nvsp_channel_init(&host.nc, &host.nvsp, &host.channel);
	return &host.nvsp;
}

struct version_case {
	const char *name;
	u32 lowest, highest;
	int ret;
	u32 version;
	unsigned int asked;
};

static const struct version_case version_cases[] = {
	{ "newest", NVSP_VERSION_1, NVSP_VERSION_6_1, 0, NVSP_VERSION_6_1, 1 },
	{ "2016", NVSP_VERSION_1, NVSP_VERSION_6, 0, NVSP_VERSION_6, 2 },
	{ "2012_r2", NVSP_VERSION_1, NVSP_VERSION_5, 0, NVSP_VERSION_5, 3 },
	{ "2012", NVSP_VERSION_1, NVSP_VERSION_4, 0, NVSP_VERSION_4, 4 },
	{ "2008_r2", NVSP_VERSION_1, NVSP_VERSION_2, 0, NVSP_VERSION_2, 5 },
	{ "2008", NVSP_VERSION_1, NVSP_VERSION_1, 0, NVSP_VERSION_1, 6 },
	{ "only_one_in_the_middle", NVSP_VERSION_4, NVSP_VERSION_4, 0, NVSP_VERSION_4, 4 },
	{ "newer_than_all_of_ours", 0x70000, 0x80000, -EOPNOTSUPP, 0, 6 },
};

static void version_case_desc(const struct version_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(version, version_cases, version_case_desc);

static void best_common_version_is_agreed_on(struct kunit *test)
{
	const struct version_case *c = test->param_value;
	struct nvsp *nvsp = new_session(test);

	host.lowest = c->lowest;
	host.highest = c->highest;
	KUNIT_EXPECT_EQ(test, nvsp_negotiate(nvsp), c->ret);
	KUNIT_EXPECT_EQ(test, nvsp->version, c->version);
	KUNIT_EXPECT_EQ(test, host.nr_said, c->asked);
	if (!c->ret)
		KUNIT_EXPECT_EQ(test, nvsp->max_mdl_chain, 34u);
}

struct configure_case {
	const char *name;
	u32 version;
	bool sriov;
	u64 capabilities;		/* 0: they are not told */
	u32 minor;
};

static const struct configure_case configure_cases[] = {
	{ "first", NVSP_VERSION_1, true, 0, 1 },
	{ "2008_r2", NVSP_VERSION_2, true, NVSP_NDIS_CAP_8021Q, 1 },
	{ "2012", NVSP_VERSION_4, true, NVSP_NDIS_CAP_8021Q, 1 },
	{ "2012_r2", NVSP_VERSION_5, true, NVSP_NDIS_CAP_8021Q | NVSP_NDIS_CAP_TEAMING | NVSP_NDIS_CAP_SRIOV, 30 },
	{ "2016", NVSP_VERSION_6, true, NVSP_NDIS_CAP_8021Q | NVSP_NDIS_CAP_TEAMING | NVSP_NDIS_CAP_SRIOV, 30 },
	{ "no_vf_wanted", NVSP_VERSION_5, false, NVSP_NDIS_CAP_8021Q | NVSP_NDIS_CAP_TEAMING, 30 },
	{ "newest", NVSP_VERSION_6_1, true,
	  NVSP_NDIS_CAP_8021Q | NVSP_NDIS_CAP_TEAMING | NVSP_NDIS_CAP_SRIOV | NVSP_NDIS_CAP_RSC, 30 },
};

static void configure_case_desc(const struct configure_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(configure, configure_cases, configure_case_desc);

static void each_host_is_told_what_it_knows(struct kunit *test)
{
	const struct configure_case *c = test->param_value;
	struct nvsp *nvsp = new_session(test);
	const struct nvsp_message *last;

	nvsp->version = c->version;
	KUNIT_EXPECT_EQ(test, nvsp_configure(nvsp, 1514, c->sriov), 0);
	KUNIT_ASSERT_EQ(test, host.nr_said, c->capabilities ? 2u : 1u);
	KUNIT_EXPECT_EQ(test, host.last_flags, 0u);
	last = &host.said[host.nr_said - 1];
	KUNIT_EXPECT_EQ(test, le32_to_cpu(last->type), (u32)NVSP_MSG_SEND_NDIS_VERSION);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(last->ndis_version.major), 6u);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(last->ndis_version.minor), c->minor);
	if (!c->capabilities)
		return;
	KUNIT_EXPECT_EQ(test, le32_to_cpu(host.said[0].type), (u32)NVSP_MSG_SEND_NDIS_CONFIG);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(host.said[0].ndis_config.mtu), 1514u);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(host.said[0].ndis_config.capabilities), c->capabilities);
}

#define BUFFER_BYTES	(1u << 20)

struct section_case {
	const char *name;
	u32 status, sections, offset, bytes, count;
	int ret;
};

static const struct section_case section_cases[] = {
	{ "usual", 1, 1, 0, 1728, 600, 0 },
	{ "refused", 2, 1, 0, 1728, 600, -EREMOTEIO },
	{ "no_status", 0, 1, 0, 1728, 600, -EREMOTEIO },
	{ "no_section", 1, 0, 0, 1728, 600, -EPROTO },
	{ "two_sections", 1, 2, 0, 1728, 600, -EPROTO },
	{ "all_ones", 1, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, -EPROTO },
	{ "not_from_the_start", 1, 1, 8, 1728, 600, -EPROTO },
	{ "smallest", 1, 1, 0, 68, 1, 0 },
	{ "too_small_for_a_message", 1, 1, 0, 67, 1, -EPROTO },
	{ "of_no_size", 1, 1, 0, 0, 600, -EPROTO },
	{ "none_of_them", 1, 1, 0, 1728, 0, -EPROTO },
	{ "whole_buffer", 1, 1, 0, BUFFER_BYTES, 1, 0 },
	{ "to_the_last_byte", 1, 1, 0, 1024, BUFFER_BYTES / 1024, 0 },
	{ "one_too_many", 1, 1, 0, 1024, BUFFER_BYTES / 1024 + 1, -EPROTO },
	{ "one_byte_too_large", 1, 1, 0, BUFFER_BYTES + 1, 1, -EPROTO },
	{ "product_of_33_bits", 1, 1, 0, 0x10000, 0x10001, -EPROTO },
	{ "product_of_64_bits", 1, 1, 0, 0xffffffff, 0xffffffff, -EPROTO },
};

static void section_case_desc(const struct section_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(section, section_cases, section_case_desc);

static void sections_lie_in_the_buffer(struct kunit *test)
{
	const struct section_case *c = test->param_value;
	struct nvsp_recv_section section = { .offset = cpu_to_le32(0x12345678) };
	struct nvsp *nvsp = new_session(test);

	host.reply.type = cpu_to_le32(NVSP_MSG_SEND_RECV_BUF_COMPLETE);
	host.reply.recv_buf_complete.status = cpu_to_le32(c->status);
	host.reply.recv_buf_complete.section_count = cpu_to_le32(c->sections);
	host.reply.recv_buf_complete.section[0] = (struct nvsp_recv_section){
		.offset = cpu_to_le32(c->offset),
		.suballocation_bytes = cpu_to_le32(c->bytes),
		.suballocation_count = cpu_to_le32(c->count),
		.end_offset = cpu_to_le32(0xffffffff),
	};
	host.reply_bytes = NVSP_BYTES(recv_buf_complete);
	KUNIT_EXPECT_EQ(test, nvsp_share_recv_buf(nvsp, 7, RECV_BUF_ID, BUFFER_BYTES, &section), c->ret);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(host.said[0].share_buffer.gpadl), 7u);
	KUNIT_EXPECT_EQ(test, le16_to_cpu(host.said[0].share_buffer.id), RECV_BUF_ID);
	if (c->ret)
		KUNIT_EXPECT_EQ(test, le32_to_cpu(section.offset), 0x12345678u);
	else
		KUNIT_EXPECT_EQ(test, le32_to_cpu(section.suballocation_bytes), c->bytes);
}

struct sub_channel_case {
	const char *name;
	u32 status, granted;
	int ret;
};

static const struct sub_channel_case sub_channel_cases[] = {
	{ "all", 1, 3, 0 },
	{ "fewer", 1, 1, 0 },
	{ "none", 1, 0, 0 },
	{ "one_more_than_asked", 1, 4, -EPROTO },
	{ "all_ones", 1, 0xffffffff, -EPROTO },
	{ "refused", 2, 3, -EREMOTEIO },
};

static void sub_channel_case_desc(const struct sub_channel_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(sub_channel, sub_channel_cases, sub_channel_case_desc);

static void no_more_sub_channels_than_asked(struct kunit *test)
{
	const struct sub_channel_case *c = test->param_value;
	struct nvsp *nvsp = new_session(test);
	u32 granted = 77;

	host.reply.type = cpu_to_le32(NVSP_MSG_SUBCHANNEL);
	host.reply.subchannel_complete.status = cpu_to_le32(c->status);
	host.reply.subchannel_complete.count = cpu_to_le32(c->granted);
	host.reply_bytes = NVSP_BYTES(subchannel_complete);
	KUNIT_EXPECT_EQ(test, nvsp_allocate_sub_channels(nvsp, 3, &granted), c->ret);
	KUNIT_EXPECT_EQ(test, granted, c->ret ? 77u : c->granted);
}

struct lie_case {
	const char *name;
	enum lie lie;
	int ret;
	unsigned int bad_completions;
};

static const struct lie_case lie_cases[] = {
	{ "honest", HONEST, 0, 0 },
	{ "empty", EMPTY, -EPROTO, 0 },
	{ "too_short", SHORT, -EPROTO, 0 },
	{ "another_message", OTHER_MESSAGE, -EPROTO, 0 },
	{ "twice", TWICE, 0, 1 },
	{ "ids_nobody_waits_for", OTHER_ID, -EREMOTEIO, 3 },
	{ "changed_afterwards", CHANGED, 0, 0 },
	{ "ring_full_at_first", FULL, 0, 0 },
	{ "rescinded", RESCINDS, -ENODEV, 0 },
};

static void lie_case_desc(const struct lie_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(lie, lie_cases, lie_case_desc);

static void only_the_answer_is_believed(struct kunit *test)
{
	const struct lie_case *c = test->param_value;
	struct nvsp *nvsp = new_session(test);
	u32 section_bytes = 0;

	host.reply.type = cpu_to_le32(NVSP_MSG_SEND_SEND_BUF_COMPLETE);
	host.reply.send_buf_complete.status = cpu_to_le32(NVSP_STATUS_SUCCESS);
	host.reply.send_buf_complete.section_bytes = cpu_to_le32(6144);
	host.reply_bytes = NVSP_BYTES(send_buf_complete);
	host.lie = c->lie;
	KUNIT_EXPECT_EQ(test, nvsp_share_send_buf(nvsp, 8, 0, &section_bytes), c->ret);
	KUNIT_EXPECT_EQ(test, section_bytes, c->ret ? 0u : 6144u);
	KUNIT_EXPECT_EQ(test, host.nc.stats.bad_completion, (u64)c->bad_completions);
	KUNIT_EXPECT_EQ(test, nvsp->request_xid, 0ull);
	/* A late answer is for nobody, and the next request is not confused by it. */
	host.lie = HONEST;
	host.channel.rescind = false;
	deliver_completion(host.last_id, &host.reply, host.reply_bytes);
	KUNIT_EXPECT_EQ(test, host.nc.stats.bad_completion, (u64)c->bad_completions + 1);
	host.reply.send_buf_complete.status = cpu_to_le32(NVSP_STATUS_FAILURE);
	KUNIT_EXPECT_EQ(test, nvsp_share_send_buf(nvsp, 8, 0, &section_bytes), -EREMOTEIO);
}

static void silence_ends_every_wait(struct kunit *test)
{
	struct nvsp *nvsp = new_session(test);
	struct nvsp_message msg;

	host.lie = SILENT;
	nvsp_message_init(&msg, NVSP_MSG_SEND_SEND_BUF);
	KUNIT_EXPECT_EQ(test, nvsp_request(nvsp, &msg, 1), -ETIMEDOUT);
	/* Some hosts never confirm that; the teardown of the GPADL is what counts. */
	KUNIT_EXPECT_EQ(test, nvsp_revoke_recv_buf(nvsp, RECV_BUF_ID), 0);
	KUNIT_EXPECT_EQ(test, nvsp_revoke_send_buf(nvsp, 0), 0);
	host.lie = RESCINDS;
	KUNIT_EXPECT_EQ(test, nvsp_revoke_send_buf(nvsp, 0), -ENODEV);
}

static void what_has_no_answer_is_confirmed_by_nothing(struct kunit *test)
{
	struct nvsp *nvsp = new_session(test);

	KUNIT_EXPECT_EQ(test, nvsp_switch_data_path(nvsp, true), 0);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(host.said[0].data_path.active), NVSP_DATA_PATH_VF);
	KUNIT_EXPECT_EQ(test, nvsp_revoke_recv_buf(nvsp, RECV_BUF_ID), 0);
	KUNIT_EXPECT_EQ(test, le16_to_cpu(host.said[1].revoke_buffer.id), RECV_BUF_ID);
	/* A message confirms something else. */
	host.reply.type = cpu_to_le32(NVSP_MSG_INIT_COMPLETE);
	host.reply_bytes = NVSP_BYTES(init_complete);
	KUNIT_EXPECT_EQ(test, nvsp_switch_data_path(nvsp, false), -EPROTO);
	KUNIT_EXPECT_EQ(test, nvsp_revoke_send_buf(nvsp, 0), -EPROTO);
}

static void *a_page(struct kunit *test)
{
	return (void *)round_up((unsigned long)kunit_kzalloc(test, 2 * PAGE_SIZE, GFP_KERNEL), PAGE_SIZE);
}

static void control_message_is_handed_back_once(struct kunit *test)
{
	struct nvsp *nvsp = new_session(test);
	u8 cookies[NVSP_CONTROL_SLOTS + 1];
	void *page = a_page(test);
	u64 first, ids[NVSP_CONTROL_SLOTS];
	__le32 done[2] = { cpu_to_le32(NVSP_MSG_SEND_RNDIS_PACKET_COMPLETE), cpu_to_le32(NVSP_STATUS_SUCCESS) };
	unsigned int i;

	for (i = 0; i < NVSP_CONTROL_SLOTS; i++) {
		KUNIT_ASSERT_EQ(test, nvsp_send_control(nvsp, page, 100, &cookies[i]), 0);
		ids[i] = host.last_id;
	}
	KUNIT_EXPECT_EQ(test, nvsp_send_control(nvsp, page, 100, &cookies[i]), -EAGAIN);
	/* Not what the host completes, but what it completes of what it was sent. */
	deliver_completion(nvsp_xid(NVSP_XID_CONTROL, nvsp_xid_use(ids[3]) + 1, 3), done, sizeof(done));
	deliver_completion(nvsp_xid(NVSP_XID_CONTROL, nvsp_xid_use(ids[3]), 4), done, sizeof(done));
	deliver_completion(nvsp_xid(NVSP_XID_CONTROL, 1, NVSP_CONTROL_SLOTS), done, sizeof(done));
	deliver_completion(nvsp_xid(NVSP_XID_CONTROL, 1, 0xffff), done, sizeof(done));
	deliver_completion(U64_MAX, done, sizeof(done));
	KUNIT_EXPECT_EQ(test, seen.control_sent, 0u);
	KUNIT_EXPECT_EQ(test, host.nc.stats.bad_completion, 5ull);
	deliver_completion(ids[3], done, sizeof(done));
	KUNIT_EXPECT_EQ(test, seen.control_sent, 1u);
	KUNIT_EXPECT_PTR_EQ(test, seen.cookie, (void *)&cookies[3]);
	KUNIT_EXPECT_EQ(test, seen.control_status, (u32)NVSP_STATUS_SUCCESS);
	deliver_completion(ids[3], done, sizeof(done));
	KUNIT_EXPECT_EQ(test, seen.control_sent, 1u);
	/* Its slot serves the next one, which the old number does not complete. */
	first = ids[3];
	KUNIT_ASSERT_EQ(test, nvsp_send_control(nvsp, page, 100, &cookies[32]), 0);
	deliver_completion(first, done, sizeof(done));
	KUNIT_EXPECT_EQ(test, seen.control_sent, 1u);
	/* A completion that says nothing is one. */
	deliver_completion(host.last_id, NULL, 0);
	KUNIT_EXPECT_EQ(test, seen.control_sent, 2u);
	KUNIT_EXPECT_EQ(test, seen.control_status, (u32)NVSP_STATUS_NONE);
	/* What is never completed comes back when the channel is closed. */
	nvsp_forget_control(nvsp);
	KUNIT_EXPECT_EQ(test, seen.control_sent, 1u + NVSP_CONTROL_SLOTS);
	nvsp_forget_control(nvsp);
	KUNIT_EXPECT_EQ(test, seen.control_sent, 1u + NVSP_CONTROL_SLOTS);
}

/* Completed by a host that was never sent it, or not sent: the page has one owner either way. */
static void control_message_that_cannot_be_sent_stays_with_its_sender(struct kunit *test)
{
	struct nvsp *nvsp = new_session(test);
	void *page = a_page(test);
	u8 cookie;

	host.send_fails = -EAGAIN;
	KUNIT_EXPECT_EQ(test, nvsp_send_control(nvsp, page, 100, &cookie), -EAGAIN);
	nvsp_forget_control(nvsp);
	KUNIT_EXPECT_EQ(test, seen.control_sent, 0u);
	host.send_fails = 0;
	host.lie = TWICE;
	KUNIT_EXPECT_EQ(test, nvsp_send_control(nvsp, page, 100, &cookie), 0);
	KUNIT_EXPECT_EQ(test, seen.control_sent, 1u);
	nvsp_forget_control(nvsp);
	KUNIT_EXPECT_EQ(test, seen.control_sent, 1u);
}

struct transfer_case {
	const char *name;
	u32 header_bytes;		/* 0: as the ranges need */
	u32 claimed, ranges;		/* how many the header claims; how many there is room for */
	u16 set;
	u32 type;
	u32 bytes;			/* of the NVSP message */
	u32 received;			/* ranges that went up */
};

#define FOUR_MORE	(TRANSFER_HEADER_BYTES + 4 * sizeof(struct vmtransfer_page_range))

static const struct transfer_case transfer_cases[] = {
	{ "one_range", 0, 1, 1, RECV_BUF_ID, 107, 16, 1 },
	{ "as_many_as_can_be", 0, NVSP_MAX_RANGES_RSC, NVSP_MAX_RANGES_RSC, RECV_BUF_ID, 107, 40, NVSP_MAX_RANGES_RSC },
	{ "more_than_can_be", 0, NVSP_MAX_RANGES_RSC + 1, NVSP_MAX_RANGES_RSC + 1, RECV_BUF_ID, 107, 16, 0 },
	{ "none", 0, 0, 1, RECV_BUF_ID, 107, 16, 0 },
	{ "more_than_there_are", 0, 5, 4, RECV_BUF_ID, 107, 16, 0 },
	{ "fewer_than_there_are", 0, 3, 4, RECV_BUF_ID, 107, 16, 3 },
	{ "all_ones", 0, 0xffffffff, 4, RECV_BUF_ID, 107, 16, 0 },
	{ "count_whose_bytes_wrap", 0, 0x20000001, 4, RECV_BUF_ID, 107, 16, 0 },
	{ "header_without_a_count", PACKET_HEADER_BYTES, 1, 1, RECV_BUF_ID, 107, 40, 0 },
	{ "another_set", 0, 1, 1, RECV_BUF_ID ^ 1, 107, 16, 0 },
	{ "another_message", 0, 1, 1, RECV_BUF_ID, 108, 16, 0 },
	{ "message_too_short", 0, 1, 1, RECV_BUF_ID, 107, 8, 0 },
	{ "no_message", 0, 1, 1, RECV_BUF_ID, 107, 0, 0 },
};

static void transfer_case_desc(const struct transfer_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(transfer, transfer_cases, transfer_case_desc);

static void transfer_pages_are_those_of_the_buffer(struct kunit *test)
{
	const struct transfer_case *c = test->param_value;
	struct nvsp *nvsp = new_session(test);
	struct packet *packet = &host.packet;
	struct vmtransfer_page_packet_header *header;
	struct nvsp_message msg = { .type = cpu_to_le32(c->type) };
	u32 header_bytes = c->header_bytes;

	msg.rndis_packet.channel_type = cpu_to_le32(c->claimed);
	if (!header_bytes)
		header_bytes = TRANSFER_HEADER_BYTES + c->ranges * sizeof(struct vmtransfer_page_range);
	/* Where a short header's set and count would be is the message. */
	nvsp->recv_buf_id = c->header_bytes ? c->type : RECV_BUF_ID;
	header = container_of(&packet->desc, struct vmtransfer_page_packet_header, d);
	header->xfer_pageset_id = c->set;
	header->range_cnt = c->claimed;
	packet->desc.flags = VMBUS_DATA_PACKET_FLAG_COMPLETION_REQUESTED;
	deliver(&host.nc, packet, VM_PKT_DATA_USING_XFER_PAGES, 0x1234, header_bytes, &msg, c->bytes);
	KUNIT_EXPECT_EQ(test, seen.received, c->received ? 1u : 0u);
	KUNIT_EXPECT_EQ(test, seen.ranges, c->received);
	KUNIT_EXPECT_EQ(test, host.nc.stats.bad_packet, c->received ? 0ull : 1ull);
	/* What makes no sense has sections all the same, and the host gets them back. */
	KUNIT_EXPECT_EQ(test, seen.owed, 1u);
	KUNIT_EXPECT_EQ(test, seen.owed_id, 0x1234ull);
	KUNIT_EXPECT_EQ(test, seen.owed_status, c->received ? (u32)NVSP_STATUS_SUCCESS : (u32)NVSP_STATUS_FAILURE);
	/* Who asks for no completion gets none. */
	packet->desc.flags = 0;
	nvsp_dispatch(&host.nc, &packet->desc);
	KUNIT_EXPECT_EQ(test, seen.owed, 1u);
}

static void status_of_the_receiver_is_passed_on(struct kunit *test)
{
	struct nvsp *nvsp = new_session(test);
	struct packet *packet = &host.packet;
	struct vmtransfer_page_packet_header *header;
	struct nvsp_message msg = { .type = cpu_to_le32(NVSP_MSG_SEND_RNDIS_PACKET) };

	nvsp->recv_buf_id = RECV_BUF_ID;
	header = container_of(&packet->desc, struct vmtransfer_page_packet_header, d);
	header->xfer_pageset_id = RECV_BUF_ID;
	header->range_cnt = 1;
	packet->desc.flags = VMBUS_DATA_PACKET_FLAG_COMPLETION_REQUESTED;
	seen.receive_status = NVSP_STATUS_FAILURE;
	deliver(&host.nc, packet, VM_PKT_DATA_USING_XFER_PAGES, 5, FOUR_MORE, &msg, 16);
	KUNIT_EXPECT_EQ(test, seen.owed_status, (u32)NVSP_STATUS_FAILURE);
	KUNIT_EXPECT_EQ(test, nvsp_complete_receive(&host.nc, seen.owed_id, seen.owed_status), 0);
	KUNIT_EXPECT_EQ(test, host.last_id, 5ull);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(host.said[0].type), (u32)NVSP_MSG_SEND_RNDIS_PACKET_COMPLETE);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(host.said[0].rndis_packet_complete.status), (u32)NVSP_STATUS_FAILURE);
}

struct header_case {
	const char *name;
	u16 offset8, len8, type;
};

static const struct header_case header_cases[] = {
	{ "header_shorter_than_a_descriptor", 1, 6, VM_PKT_DATA_INBAND },
	{ "no_header", 0, 6, VM_PKT_DATA_INBAND },
	{ "header_longer_than_the_packet", 7, 6, VM_PKT_DATA_INBAND },
	{ "header_of_all_ones", 0xffff, 6, VM_PKT_COMP },
	{ "no_payload", 2, 2, VM_PKT_DATA_INBAND },
	{ "type_0", 2, 6, 0 },
	{ "type_of_gpa_packets", 2, 6, 9 },
	{ "type_nobody_knows", 2, 6, 0xffff },
};

static void header_case_desc(const struct header_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(header, header_cases, header_case_desc);

static void packet_without_sense_is_counted_and_goes_nowhere(struct kunit *test)
{
	const struct header_case *c = test->param_value;

	new_session(test);
	host.packet.desc = (struct vmpacket_descriptor){
		.type = c->type,
		.offset8 = c->offset8,
		.len8 = c->len8,
		.flags = VMBUS_DATA_PACKET_FLAG_COMPLETION_REQUESTED,
	};
	host.packet.rest[0] = NVSP_MSG_SEND_VF_ASSOCIATION;
	nvsp_dispatch(&host.nc, &host.packet.desc);
	KUNIT_EXPECT_EQ(test, host.nc.stats.bad_packet, 1ull);
	KUNIT_EXPECT_EQ(test, seen.associations + seen.received + seen.owed + seen.tables + seen.data_sent, 0u);
}

static void notify(struct nvsp_channel *nc, const struct nvsp_message *msg, u32 bytes)
{
	deliver(nc, &host.packet, VM_PKT_DATA_INBAND, 0, PACKET_HEADER_BYTES, msg, bytes);
}

static void notification_is_heard_whole_and_on_the_primary_channel(struct kunit *test)
{
	struct nvsp_channel sub = { };
	struct nvsp_message vf = { .type = cpu_to_le32(NVSP_MSG_SEND_VF_ASSOCIATION),
				   .vf_association = { cpu_to_le32(1), cpu_to_le32(0xfedcba98) } };
	struct nvsp_message path = { .type = cpu_to_le32(NVSP_MSG_SWITCH_DATA_PATH),
				     .data_path = { cpu_to_le32(NVSP_DATA_PATH_VF) } };
	struct nvsp_message other = { .type = cpu_to_le32(NVSP_MSG_INIT_COMPLETE) };
	struct nvsp_message table = { .type = cpu_to_le32(NVSP_MSG_SEND_INDIRECTION_TABLE) };

	nvsp_channel_init(&sub, new_session(test), &host.sub_channel);
	notify(&host.nc, &vf, 16);
	KUNIT_EXPECT_EQ(test, seen.associations, 1u);
	KUNIT_EXPECT_EQ(test, seen.serial, 0xfedcba98u);
	KUNIT_EXPECT_TRUE(test, seen.vf);
	vf.vf_association.allocated = 0;
	notify(&host.nc, &vf, 16);
	KUNIT_EXPECT_FALSE(test, seen.vf);
	notify(&host.nc, &path, 8);
	KUNIT_EXPECT_EQ(test, seen.switches, 1u);
	KUNIT_EXPECT_TRUE(test, seen.vf);
	/* Neither of the two paths is the synthetic one. */
	path.data_path.active = cpu_to_le32(2);
	notify(&host.nc, &path, 8);
	KUNIT_EXPECT_FALSE(test, seen.vf);
	/* The table is checked where it is used. */
	notify(&host.nc, &table, 8);
	KUNIT_EXPECT_EQ(test, seen.tables, 1u);
	KUNIT_EXPECT_EQ(test, seen.table_bytes, 8u);
	KUNIT_EXPECT_EQ(test, host.nc.stats.bad_packet, 0ull);

	/* Cut, or of a sub-channel, it is not. */
	notify(&host.nc, &vf, 8);
	notify(&host.nc, &vf, 0);
	KUNIT_EXPECT_EQ(test, host.nc.stats.bad_packet, 2ull);
	notify(&sub, &vf, 16);
	notify(&sub, &path, 8);
	notify(&sub, &table, 8);
	KUNIT_EXPECT_EQ(test, sub.stats.bad_packet, 3ull);
	KUNIT_EXPECT_EQ(test, seen.associations, 2u);
	KUNIT_EXPECT_EQ(test, seen.switches, 2u);
	KUNIT_EXPECT_EQ(test, seen.tables, 1u);
	/* An answer in this place answers nothing; newer hosts may say more than we know. */
	notify(&host.nc, &other, 16);
	KUNIT_EXPECT_EQ(test, host.nc.stats.bad_packet, 2ull);
}

static void data_completion_is_told_with_its_status(struct kunit *test)
{
	u64 id = nvsp_xid(NVSP_XID_DATA, 0x89abcdef, 0x1234);
	__le32 done[2] = { cpu_to_le32(NVSP_MSG_SEND_RNDIS_PACKET_COMPLETE), cpu_to_le32(NVSP_STATUS_INVALID_RNDIS) };

	new_session(test);
	deliver_completion(id, done, sizeof(done));
	KUNIT_EXPECT_EQ(test, seen.data_id, id);
	KUNIT_EXPECT_EQ(test, seen.data_status, (u32)NVSP_STATUS_INVALID_RNDIS);
	KUNIT_EXPECT_EQ(test, nvsp_xid_slot(id), (u16)0x1234);
	KUNIT_EXPECT_EQ(test, nvsp_xid_use(id), 0x89abcdefu);
	/* The transaction is over whatever the host says of it. */
	done[0] = cpu_to_le32(NVSP_MSG_INIT_COMPLETE);
	deliver_completion(id, done, sizeof(done));
	KUNIT_EXPECT_EQ(test, seen.data_sent, 2u);
	KUNIT_EXPECT_EQ(test, seen.data_status, (u32)NVSP_STATUS_NONE);
	deliver_completion(id, NULL, 0);
	KUNIT_EXPECT_EQ(test, seen.data_sent, 3u);
}

static struct kunit_case netvsc_nvsp_cases[] = {
	KUNIT_CASE_PARAM(best_common_version_is_agreed_on, version_gen_params),
	KUNIT_CASE_PARAM(each_host_is_told_what_it_knows, configure_gen_params),
	KUNIT_CASE_PARAM(sections_lie_in_the_buffer, section_gen_params),
	KUNIT_CASE_PARAM(no_more_sub_channels_than_asked, sub_channel_gen_params),
	KUNIT_CASE_PARAM(only_the_answer_is_believed, lie_gen_params),
	KUNIT_CASE(silence_ends_every_wait),
	KUNIT_CASE(what_has_no_answer_is_confirmed_by_nothing),
	KUNIT_CASE(control_message_is_handed_back_once),
	KUNIT_CASE(control_message_that_cannot_be_sent_stays_with_its_sender),
	KUNIT_CASE_PARAM(transfer_pages_are_those_of_the_buffer, transfer_gen_params),
	KUNIT_CASE(status_of_the_receiver_is_passed_on),
	KUNIT_CASE_PARAM(packet_without_sense_is_counted_and_goes_nowhere, header_gen_params),
	KUNIT_CASE(notification_is_heard_whole_and_on_the_primary_channel),
	KUNIT_CASE(data_completion_is_told_with_its_status),
	{}
};

static struct kunit_suite netvsc_nvsp_suite = {
	.name = "hv_netvsc_nvsp",
	.test_cases = netvsc_nvsp_cases,
};
kunit_test_suite(netvsc_nvsp_suite);

MODULE_DESCRIPTION("KUnit suite: netvsc's session with the host");
MODULE_LICENSE("GPL");
