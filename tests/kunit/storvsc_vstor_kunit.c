// SPDX-License-Identifier: GPL-2.0
/*
 * The storage session against hosts of every age, and against hosts that lie: which version is agreed on, what becomes of the
 * limits they name, and that no answer but the one that is waited for is believed.
 */
#include <kunit/test.h>
#include <linux/hyperv.h>
#include <linux/module.h>
#include <linux/string.h>

#ifndef VERSION_WIN8
#define VERSION_WIN8	(2 << 16 | 4)
#endif

static u32 fake_vmbus_version;
static int fake_send(struct vmbus_channel *channel, void *buffer, u32 bytes, u64 id, enum vmbus_packet_type type, u32 flags);
static int fake_send_described(struct vmbus_channel *channel, struct vmbus_packet_mpb_array *mpb, u32 desc_size, void *buffer,
			       u32 bytes, u64 id);
static int fake_send_held(struct vmbus_channel *channel, struct vmbus_packet_mpb_array *mpb, u32 desc_size, void *buffer,
			  u32 bytes, u64 id);
static int fake_open(struct vmbus_channel *channel, u32 send_bytes, u32 receive_bytes, void *data, u32 data_bytes,
		     void (*callback)(void *context), void *context);

#define vmbus_proto_version		fake_vmbus_version
#define vmbus_sendpacket		fake_send
#define vmbus_sendpacket_mpb_desc	fake_send_described
#define vmbus_open			fake_open
#include "../../storvsc/batch.h"
#define storvsc_batch_send		fake_send_held
#include "../../storvsc/vstor.c"
#undef vmbus_proto_version

/* How a host answers when it lies. */
enum lie {
	HONEST = 0,
	SHORT,				/* one byte less than a packet */
	LONG,				/* more than a packet: allowed */
	OTHER_OPERATION,		/* not a completion */
	TWICE,
	OTHER_ID,			/* of the request before, then the right one */
	CHANGED,			/* the packet changes after it was delivered */
	SILENT,
	UNHEARD,			/* there, but no interrupt says so */
	FULL,				/* the ring has no room at first */
};

static struct {
	struct vstor_session *session;
	u16 lowest, highest;		/* versions it accepts */
	u32 refuses;			/* operation it refuses, 0 for none */
	struct vstor_properties properties;
	enum lie lie;
	u32 lies_about;			/* operation */
	/* what it saw */
	u32 operations[16];
	u32 sizes[16];
	u16 versions[8];
	unsigned int nr_operations, nr_versions, full;
	bool broken_rule;
	u64 last_id;
	struct vstor_packet unheard;
	bool is_unheard;
} host;

static void answer(struct vstor_packet *reply, u64 id, u32 bytes, enum lie lie)
{
	u8 payload[VSTOR_PACKET_BYTES + 64] = {};

	switch (lie) {
	case SHORT:
		bytes--;
		break;
	case LONG:
		bytes = sizeof(payload);
		break;
	case OTHER_OPERATION:
		reply->operation = cpu_to_le32(VSTOR_OP_ENUMERATE_BUS);
		break;
	case OTHER_ID:
		/* The status of a lie is success, that of the answer is not. */
		memcpy(payload, reply, sizeof(*reply));
		vstor_deliver_reply(host.session, id - (1ull << 32), payload, bytes);
		vstor_deliver_reply(host.session, id ^ 1ull << 63, payload, bytes);
		reply->status = cpu_to_le32(VSTOR_STATUS_UNSUCCESSFUL);
		break;
	case SILENT:
		return;
	case UNHEARD:
		host.unheard = *reply;
		host.is_unheard = true;
		return;
	default:
		break;
	}
	memcpy(payload, reply, sizeof(*reply));
	vstor_deliver_reply(host.session, id, payload, bytes);
	if (lie == TWICE) {
		((struct vstor_packet *)payload)->status = cpu_to_le32(VSTOR_STATUS_UNSUCCESSFUL);
		vstor_deliver_reply(host.session, id, payload, bytes);
	}
	memset(payload, lie == CHANGED ? 0xff : 0, sizeof(payload));
}

static int fake_send(struct vmbus_channel *channel, void *buffer, u32 bytes, u64 id, enum vmbus_packet_type type, u32 flags)
{
	struct vstor_packet reply = {};
	enum lie lie = HONEST;
	u32 operation;

	memcpy(&reply, buffer, min_t(u32, bytes, sizeof(reply)));
	operation = le32_to_cpu(reply.operation);
	if (operation == host.lies_about)
		lie = host.lie;
	if (lie == FULL && host.full++ < 2)
		return -EAGAIN;

	/* Rules of the protocol for every request. */
	host.broken_rule |= reply.flags != cpu_to_le32(VSTOR_FLAG_COMPLETION) || reply.status || !id || id == host.last_id ||
			    type != VM_PKT_DATA_INBAND || !vstor_id_is_session(id);
	host.last_id = id;
	if (host.nr_operations < ARRAY_SIZE(host.operations)) {
		host.sizes[host.nr_operations] = bytes;
		host.operations[host.nr_operations++] = operation;
	}

	reply.operation = cpu_to_le32(VSTOR_OP_COMPLETE_IO);
	if (operation == VSTOR_OP_QUERY_PROTOCOL_VERSION) {
		u16 version = le16_to_cpu(reply.version.major_minor);

		if (host.nr_versions < ARRAY_SIZE(host.versions))
			host.versions[host.nr_versions++] = version;
		if (version < host.lowest || version > host.highest)
			reply.status = cpu_to_le32(VSTOR_STATUS_REVISION_MISMATCH);
		/* Only the status counts. */
		reply.version.major_minor = cpu_to_le16(0xffff);
	} else if (operation == VSTOR_OP_QUERY_PROPERTIES) {
		reply.properties = host.properties;
	} else if (operation == VSTOR_OP_FCHBA_DATA) {
		reply.wwn = (struct vstor_wwn){ .primary_active = 1, .primary_port = { 1, 2, 3, 4, 5, 6, 7, 8 } };
	}
	if (operation == host.refuses)
		reply.status = cpu_to_le32(VSTOR_STATUS_UNSUCCESSFUL);
	answer(&reply, id, bytes, lie);
	return 0;
}

static int fake_send_described(struct vmbus_channel *channel, struct vmbus_packet_mpb_array *mpb, u32 desc_size, void *buffer,
			       u32 bytes, u64 id)
{
	host.sizes[0] = desc_size;
	host.broken_rule |= mpb->rangecount != 1 || mpb->reserved;
	return 0;
}

static int fake_send_held(struct vmbus_channel *channel, struct vmbus_packet_mpb_array *mpb, u32 desc_size, void *buffer,
			  u32 bytes, u64 id)
{
	host.sizes[1] = desc_size;
	/* The bus looks at the count here, whatever the kernel. */
	host.broken_rule |= mpb->rangecount != 1 || mpb->reserved;
	return 0;
}

static int fake_open(struct vmbus_channel *channel, u32 send_bytes, u32 receive_bytes, void *data, u32 data_bytes,
		     void (*callback)(void *context), void *context)
{
	return 0;
}

#ifdef SHIM_LINUX_COMPLETION_H
static void time_passes(struct completion *completion, unsigned long ms)
{
	jiffies += ms + 1;
}
#endif

static struct vstor_session *new_session(struct kunit *test, bool is_fibre_channel)
{
	struct vmbus_channel *channel = kunit_kzalloc(test, sizeof(*channel), GFP_KERNEL);
	struct vstor_session *session = kunit_kzalloc(test, sizeof(*session), GFP_KERNEL);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, channel);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, session);
#ifdef SHIM_LINUX_COMPLETION_H
	shim_while_waiting = time_passes;
#endif
	memset(&host, 0, sizeof(host));
	host.session = session;
	host.lowest = VSTOR_VERSION_2_0;
	host.highest = VSTOR_VERSION_6_2;
	host.properties.max_transfer_bytes = cpu_to_le32(256 << 10);
	fake_vmbus_version = VERSION_WIN8;
	vstor_session_init(session, channel, is_fibre_channel);
	return session;
}

struct version_case {
	const char *name;
	u16 lowest, highest;
	bool old_bus;
	int ret;
	u16 version;
	u8 packet_bytes, srb_bytes, sense_bytes;
	unsigned int asked;		/* versions proposed */
};

static const struct version_case version_cases[] = {
	{ "2016", 0x0200, 0x0602, false, 0, 0x0602, 64, 52, 20, 1 },
	{ "2012_r2", 0x0200, 0x0600, false, 0, 0x0600, 64, 52, 20, 2 },
	{ "2012", 0x0200, 0x0501, false, 0, 0x0501, 64, 52, 20, 3 },
	{ "2008_r2_on_a_newer_bus", 0x0200, 0x0402, false, 0, 0x0402, 48, 36, 18, 4 },
	{ "2008_on_a_newer_bus", 0x0200, 0x0200, false, 0, 0x0200, 48, 36, 18, 5 },
	{ "2008_r2", 0x0200, 0x0402, true, 0, 0x0402, 48, 36, 18, 1 },
	{ "2008", 0x0200, 0x0200, true, 0, 0x0200, 48, 36, 18, 2 },
	{ "old_bus_is_not_asked_for_large_packets", 0x0501, 0x0602, true, -EOPNOTSUPP, 0, 48, 36, 18, 2 },
	{ "newer_than_all_of_ours", 0x0700, 0x0800, false, -EOPNOTSUPP, 0, 64, 52, 20, 5 },
	{ "older_than_all_of_ours", 0x0100, 0x0100, false, -EOPNOTSUPP, 0, 64, 52, 20, 5 },
	{ "only_one_in_the_middle", 0x0600, 0x0600, false, 0, 0x0600, 64, 52, 20, 2 },
};

static void version_case_desc(const struct version_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(version, version_cases, version_case_desc);

static void best_common_version_is_agreed_on(struct kunit *test)
{
	const struct version_case *c = test->param_value;
	struct vstor_session *session = new_session(test, false);
	unsigned int i;

	host.lowest = c->lowest;
	host.highest = c->highest;
	if (c->old_bus)
		fake_vmbus_version = 1 << 16 | 1;
	KUNIT_EXPECT_EQ(test, vstor_connect(session), c->ret);
	KUNIT_EXPECT_EQ(test, session->version, c->version);
	KUNIT_EXPECT_EQ(test, session->packet_bytes, c->packet_bytes);
	KUNIT_EXPECT_EQ(test, session->srb_bytes, c->srb_bytes);
	KUNIT_EXPECT_EQ(test, session->sense_bytes, c->sense_bytes);
	KUNIT_EXPECT_EQ(test, host.nr_versions, c->asked);
	KUNIT_EXPECT_FALSE(test, host.broken_rule);
	/* Best first, none twice. */
	for (i = 1; i < host.nr_versions; i++)
		KUNIT_EXPECT_LT(test, host.versions[i], host.versions[i - 1]);
	KUNIT_EXPECT_EQ(test, host.sizes[0], c->old_bus ? 48u : 64u);
	if (!c->ret)
		KUNIT_EXPECT_EQ(test, host.sizes[host.nr_operations - 1], (u32)c->packet_bytes);
}

struct limits_case {
	const char *name;
	u32 max_transfer;
	u16 sub_channels;
	u32 flags;
	u16 highest;
	bool fibre_channel;
	int ret;
	u32 agreed;
	u16 agreed_sub_channels;
};

static const struct limits_case limits_cases[] = {
	{ "usual", 256 << 10, 3, 1, 0x0602, false, 0, 256 << 10, 3 },
	{ "all_ones", 0xffffffff, 0xffff, 0xffffffff, 0x0602, false, 0, 8 << 20, 0xffff },
	{ "all_zeros", 0, 0, 0, 0x0602, false, -EPROTO, 0, 0 },
	{ "less_than_a_frame", 4095, 0, 0, 0x0602, false, -EPROTO, 0, 0 },
	{ "one_frame", 4096, 0, 0, 0x0602, false, 0, 4096, 0 },
	{ "not_whole_frames", 3 * 4096 + 5, 0, 0, 0x0602, false, 0, 3 * 4096, 0 },
	{ "just_below_4_gib", 0xfffff001, 0, 0, 0x0602, false, 0, 8 << 20, 0 },
	{ "sub_channels_without_the_flag", 4096, 8, 0, 0x0602, false, 0, 4096, 0 },
	{ "sub_channels_with_another_flag", 4096, 8, 2, 0x0602, false, 0, 4096, 0 },
	{ "sub_channels_of_an_old_version", 4096, 8, 1, 0x0402, false, 0, 4096, 0 },
	{ "fibre_channel_is_bounded", 8 << 20, 1, 1, 0x0602, true, 0, 512 << 10, 1 },
};

static void limits_case_desc(const struct limits_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(limits, limits_cases, limits_case_desc);

static void limits_are_made_possible_or_refused(struct kunit *test)
{
	const struct limits_case *c = test->param_value;
	struct vstor_session *session = new_session(test, c->fibre_channel);

	host.highest = c->highest;
	host.properties.max_transfer_bytes = cpu_to_le32(c->max_transfer);
	host.properties.max_sub_channels = cpu_to_le16(c->sub_channels);
	host.properties.flags = cpu_to_le32(c->flags);
	KUNIT_EXPECT_EQ(test, vstor_connect(session), c->ret);
	KUNIT_EXPECT_EQ(test, session->max_transfer_bytes, c->agreed);
	KUNIT_EXPECT_EQ(test, session->max_sub_channels, c->agreed_sub_channels);
	if (c->fibre_channel)
		KUNIT_EXPECT_EQ(test, session->names.primary_port[7], 8);
}

static void every_step_may_be_refused(struct kunit *test)
{
	static const u32 steps[] = {
		VSTOR_OP_BEGIN_INITIALIZATION, VSTOR_OP_QUERY_PROPERTIES, VSTOR_OP_FCHBA_DATA, VSTOR_OP_END_INITIALIZATION,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(steps); i++) {
		struct vstor_session *session = new_session(test, true);

		host.refuses = steps[i];
		KUNIT_EXPECT_EQ(test, vstor_connect(session), -EIO);
		/* Nothing is asked after a refusal. */
		KUNIT_EXPECT_EQ(test, host.operations[host.nr_operations - 1], steps[i]);
		host.refuses = 0;
		KUNIT_EXPECT_EQ(test, vstor_connect(session), 0);
	}
}

struct lie_case {
	const char *name;
	enum lie lie;
	int ret;
	unsigned long strays;
};

static const struct lie_case lie_cases[] = {
	{ "honest", HONEST, 0, 0 },
	{ "a_byte_short", SHORT, -EPROTO, 0 },
	{ "longer_than_a_packet", LONG, 0, 0 },
	{ "not_a_completion", OTHER_OPERATION, -EPROTO, 0 },
	{ "twice", TWICE, 0, 1 },
	{ "ids_nobody_waits_for", OTHER_ID, -EIO, 2 },
	{ "changed_afterwards", CHANGED, 0, 0 },
	{ "silent", SILENT, -ETIMEDOUT, 0 },
	{ "unheard", UNHEARD, 0, 0 },
	{ "ring_full_at_first", FULL, 0, 0 },
};

static void lie_case_desc(const struct lie_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(lie, lie_cases, lie_case_desc);

/* The ring is read although nobody was interrupted. */
static void look(struct vstor_session *session)
{
	if (host.is_unheard)
		vstor_deliver_reply(session, host.last_id, &host.unheard, VSTOR_PACKET_BYTES);
	host.is_unheard = false;
}

static void only_the_answer_is_believed(struct kunit *test)
{
	const struct lie_case *c = test->param_value;
	struct vstor_session *session = new_session(test, false);

	session->look = look;
	KUNIT_ASSERT_EQ(test, vstor_connect(session), 0);
	host.lies_about = VSTOR_OP_RESET_BUS;
	host.lie = c->lie;
	KUNIT_EXPECT_EQ(test, vstor_reset_bus(session, c->lie == SILENT || c->lie == UNHEARD ? 1 : 1000), c->ret);
	KUNIT_EXPECT_EQ(test, session->stray_replies, c->strays);
	KUNIT_EXPECT_EQ(test, session->pending_id, 0ull);
	/* A late answer is for nobody, and the next request is not confused by it. */
	answer(&(struct vstor_packet){ .operation = cpu_to_le32(VSTOR_OP_COMPLETE_IO) }, host.last_id, 64, HONEST);
	KUNIT_EXPECT_EQ(test, session->stray_replies, c->strays + 1);
	host.lie = HONEST;
	host.refuses = VSTOR_OP_RESET_BUS;
	KUNIT_EXPECT_EQ(test, vstor_reset_bus(session, 1000), -EIO);
}

static void nothing_is_asked_of_a_rescinded_device(struct kunit *test)
{
	struct vstor_session *session = new_session(test, false);

	session->channel->rescind = true;
	KUNIT_EXPECT_EQ(test, vstor_connect(session), -ENODEV);
	KUNIT_EXPECT_EQ(test, host.nr_operations, 0u);
}

/* Ids: never 0, never repeated soon, never all ones. */
static void ids_wrap_around_what_they_must_not_be(struct kunit *test)
{
	struct vstor_session *session = new_session(test, false);
	u64 id;

	session->sequence = 0x7ffffffe;
	id = vstor_expect_reply(session);
	KUNIT_EXPECT_EQ(test, id, 0x7fffffffffffffffull);
	id = vstor_expect_reply(session);
	KUNIT_EXPECT_EQ(test, id, 0x1ffffffffull);
}

static void one_range_and_as_many_frames_as_told(struct kunit *test)
{
	struct vstor_session *session = new_session(test, false);
	struct vmbus_packet_mpb_array *buffer;
	struct vstor_packet packet = {};

	buffer = kunit_kzalloc(test, struct_size(buffer, range.pfn_array, 4), GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, buffer);
	buffer->reserved = 0xabcd;
	KUNIT_EXPECT_EQ(test, vstor_send_srb(session, session->channel, &packet, buffer, 3, 1ull << 32, false), 0);
	KUNIT_EXPECT_EQ(test, host.sizes[0], 32u + 3 * 8);
	host.sizes[0] = 0;
	KUNIT_EXPECT_EQ(test, vstor_send_srb(session, session->channel, &packet, buffer, 2, 2ull << 32, true), 0);
	KUNIT_EXPECT_EQ(test, host.sizes[0], 0u);
	KUNIT_EXPECT_EQ(test, host.sizes[1], 32u + 2 * 8);
	KUNIT_EXPECT_FALSE(test, host.broken_rule);
}

static struct kunit_case storvsc_vstor_cases[] = {
	KUNIT_CASE_PARAM(best_common_version_is_agreed_on, version_gen_params),
	KUNIT_CASE_PARAM(limits_are_made_possible_or_refused, limits_gen_params),
	KUNIT_CASE(every_step_may_be_refused),
	KUNIT_CASE_PARAM(only_the_answer_is_believed, lie_gen_params),
	KUNIT_CASE(nothing_is_asked_of_a_rescinded_device),
	KUNIT_CASE(ids_wrap_around_what_they_must_not_be),
	KUNIT_CASE(one_range_and_as_many_frames_as_told),
	{}
};

static struct kunit_suite storvsc_vstor_suite = {
	.name = "hv_storvsc_vstor",
	.test_cases = storvsc_vstor_cases,
};
kunit_test_suite(storvsc_vstor_suite);

MODULE_DESCRIPTION("KUnit suite: storvsc's session with the host");
MODULE_LICENSE("GPL");
