// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of what VMBus versions differ in: the shared interrupt page and the unsaid things of the old
 * ones, the feature flags of the newest.
 */
#include "core_guest.h"

static uint32_t *page_word(unsigned int half, uint32_t relid)
{
	return (uint32_t *)(ram + INTERRUPT_GPA + half * 2048) + relid / 32;
}

static bool flag_is_set(uint32_t vp, uint32_t flag)
{
	struct tlfs_event_page *page = (struct tlfs_event_page *)(ram + SIEFP_GPA(vp));
	uint8_t *byte = &page->flags[VMBUS_SINT][flag / 8];
	bool set = *byte & 1 << flag % 8;

	*byte &= ~(1 << flag % 8);
	return set;
}

static int event_of(uint32_t connection_id)
{
	for (int i = 0; i < MAX_EVENTS; i++) {
		if (events[i].connection_id == connection_id)
			return events[i].fd;
	}
	return -1;
}

static bool signal_on(uint32_t connection_id)
{
	uint64_t one = 1;
	int fd = event_of(connection_id);

	if (fd < 0)
		return false;
	CHECK_EQ(write(fd, &one, sizeof(one)), 8);
	settle();
	return true;
}

/* One 24-byte packet in the ring; nobody has been told. */
static void put_packet(void)
{
	struct vmbus_ring_control *out = (struct vmbus_ring_control *)(ram + RING_GPA);
	struct vmbus_packet head = {
		.type = 6, .payload_qwords = 2, .total_qwords = 3, .flags = 1, .transaction_id = 5
	};

	memcpy(ram + RING_GPA + 0x1000 + out->write_index, &head, sizeof(head));
	*(uint32_t *)(ram + RING_GPA + 0x1000 + out->write_index + 28) = out->write_index;
	out->write_index += 32;
}

static uint32_t packets_answered(void)
{
	struct vmbus_ring_control *in = (struct vmbus_ring_control *)(ram + RING_GPA + 0x2000);

	return in->write_index / 32;
}

/* ---------------------------------------------------------------- 0.13 and 1.1 */

static void offers_of_0_13_name_no_connection(void)
{
	struct tlfs_message_page *page;

	memset(&dev, 0, sizeof(dev));
	for (unsigned int v = 0; v < 3; v++) {
		static const uint32_t versions[] = { VMBUS_VERSION_0_13, VMBUS_VERSION_1_1,
						     VMBUS_VERSION_2_4 };
		struct vmbus_msg_offer offered;

		start(VMBUS_VERSION_5_3);
		offer(0);
		CHECK(contact(versions[v]));
		post_header(VMBUS_MSG_REQUEST_OFFERS);
		page = (struct tlfs_message_page *)(ram + SIMP_GPA(0));
		CHECK_EQ(page->slot[VMBUS_SINT].payload_bytes, 196);
		CHECK_EQ(take(), VMBUS_MSG_OFFER);
		memcpy(&offered, msg, sizeof(offered));
		CHECK_EQ(offered.interrupt_flags, v ? 1 : 0);
		CHECK_EQ(offered.connection_id != 0, v != 0);
		CHECK_EQ(event_of(VMBUS_CONNECTION_EVENT) >= 0, v < 2);
		expect_violations(0);
		stop();
	}
}

/* Only where it is asked for, and only as long as the version has no later fields. */
static void offers_of_0_13_may_be_short(void)
{
	static const uint32_t versions[] = { VMBUS_VERSION_0_13, VMBUS_VERSION_1_1 };

	memset(&dev, 0, sizeof(dev));
	for (unsigned int v = 0; v < 2; v++) {
		struct tlfs_message_page *page;

		start_with((struct vmbus_server_config){ .max_version = VMBUS_VERSION_5_3,
							 .short_offers = true });
		offer(0);
		CHECK(contact(versions[v]));
		post_header(VMBUS_MSG_REQUEST_OFFERS);
		page = (struct tlfs_message_page *)(ram + SIMP_GPA(0));
		CHECK_EQ(page->slot[VMBUS_SINT].payload_bytes, v ? 196 : 190);
		CHECK_EQ(take(), VMBUS_MSG_OFFER);
		stop();
	}
}

static void packets_of_0_13_are_signalled_by_the_page(void)
{
	uint32_t relid = start_open_as(VMBUS_VERSION_0_13);

	settle();
	flag_is_set(0, 0);
	kicks[0] = kicks[1] = 0;
	put_packet();
	__atomic_fetch_or(page_word(1, relid), 1u << relid % 32, __ATOMIC_SEQ_CST);
	CHECK(signal_on(VMBUS_CONNECTION_EVENT));
	CHECK_EQ(packets_answered(), 1);
	CHECK_EQ(*page_word(1, relid), 0);
	/* The answer: bit in the first half, flag 0 of VP 0, though OPEN named VP 1. */
	CHECK_EQ(*page_word(0, relid), 1u << relid % 32);
	CHECK(flag_is_set(0, 0));
	CHECK(!flag_is_set(1, relid));
	CHECK_EQ(kicks[0], 1);
	CHECK_EQ(kicks[1], 0);
	CHECK_EQ(vmbus_chan_target_vp(dev.chan), 0);
	expect_violations(0);
	/* A bit of nobody. */
	*page_word(1, 99) = 1u << 99 % 32;
	signal_on(VMBUS_CONNECTION_EVENT);
	CHECK_EQ(*page_word(1, 99), 0);
	expect_violations(1);
	/* After the end of the connection the page is the guest's. */
	post_header(VMBUS_MSG_UNLOAD);
	CHECK_EQ(take(), 0);
	CHECK(!signal_on(VMBUS_CONNECTION_EVENT));
	stop();
}

static void relids_beyond_a_word_find_their_bit(void)
{
	uint32_t relid = 0;

	start(VMBUS_VERSION_1_1);
	for (unsigned int i = 0; i < 70; i++) {
		struct vmbus_offer_params params = { .name = "many" };

		params.class_guid.b[0] = 1;
		params.instance_guid.b[1] = i;
		vmbus_offer(server, &params, &dev_ops, &dev);
	}
	memset(&dev, 0, sizeof(dev));
	CHECK(contact(VMBUS_VERSION_0_13));
	post_header(VMBUS_MSG_REQUEST_OFFERS);
	while (take() == VMBUS_MSG_OFFER)
		relid = msg32(184);
	CHECK(relid >= 64);
	share(relid, 7, RING_GPA, 4, 4 * 4096, 0);
	take();
	post_open(relid, 1, 7, 0, 2);
	CHECK_EQ(take(), VMBUS_MSG_OPEN_RESULT);
	settle();
	put_packet();
	*page_word(1, relid) = 1u << relid % 32;
	signal_on(VMBUS_CONNECTION_EVENT);
	CHECK_EQ(packets_answered(), 1);
	CHECK_EQ(*page_word(0, relid), 1u << relid % 32);
	expect_violations(0);
	stop();
}

static void packets_of_1_1_are_signalled_by_connection(void)
{
	uint32_t relid = start_open_as(VMBUS_VERSION_1_1);

	settle();
	flag_is_set(0, 0);
	put_packet();
	CHECK(signal_on(0x2000 + relid));
	CHECK_EQ(packets_answered(), 1);
	CHECK_EQ(*page_word(0, relid), 1u << relid % 32);
	CHECK(flag_is_set(0, 0));
	expect_violations(0);
	/* By the page it is served as well, and told. */
	put_packet();
	*page_word(1, relid) = 1u << relid % 32;
	CHECK(signal_on(VMBUS_CONNECTION_EVENT));
	CHECK_EQ(packets_answered(), 2);
	expect_violations(1);
	post_header(VMBUS_MSG_UNLOAD);
	CHECK_EQ(take(), VMBUS_MSG_UNLOAD_RESPONSE);
	stop();
}

static void a_page_is_wanted_below_2_4(void)
{
	static const struct {
		uint32_t version;
		uint64_t page;
		bool good;
		unsigned int violations;
	} pages[] = {
		{ VMBUS_VERSION_0_13, 0, false, 1 },
		{ VMBUS_VERSION_0_13, INTERRUPT_GPA + 8, false, 1 },
		{ VMBUS_VERSION_1_1, RAM_BYTES, false, 1 },
		{ VMBUS_VERSION_1_1, ~0ull << 12, false, 1 },
		{ VMBUS_VERSION_1_1, INTERRUPT_GPA, true, 0 },
		{ VMBUS_VERSION_2_4, 0, true, 0 },
		{ VMBUS_VERSION_2_4, 1, true, 1 },
		{ VMBUS_VERSION_4_1, RAM_BYTES, true, 1 },
	};

	for (unsigned int i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
		struct vmbus_msg_initiate_contact request = {
			.header.type = VMBUS_MSG_INITIATE_CONTACT,
			.version = pages[i].version,
			.interrupt_page = pages[i].page,
		};

		start(VMBUS_VERSION_5_3);
		connection = 1;
		post(&request, sizeof(request));
		CHECK_EQ(take(), VMBUS_MSG_VERSION_RESPONSE);
		/* These versions have no other word for failure than "not supported". */
		CHECK_EQ(msg[8], pages[i].good);
		CHECK_EQ(msg[9], 0);
		CHECK_EQ(vmbus_server_version(server) != 0, pages[i].good);
		expect_violations(pages[i].violations);
		stop();
	}
}

static void the_shared_connection_is_none_from_2_4_on(void)
{
	uint64_t params[2] = { VMBUS_CONNECTION_EVENT, 0 };

	start_open();
	CHECK_EQ(vmbus_server_hypercall(server, TLFS_CALL_SIGNAL_EVENT | TLFS_CALL_FAST, params),
		 TLFS_STATUS_INVALID_CONNECTION_ID);
	settle();
	expect_violations(1);
	stop();
}

static void old_versions_have_no_sub_channels(void)
{
	start_open_as(VMBUS_VERSION_1_1);
	CHECK(vmbus_subs_offer(dev.chan, 1, NULL) < 0);
	CHECK_EQ(take(), 0);
	stop();
	start_open_as(VMBUS_VERSION_2_4);
	CHECK_EQ(vmbus_subs_offer(dev.chan, 1, NULL), 1);
	stop();
}

static void messages_belong_to_versions(void)
{
	static const struct {
		uint32_t type, version;
		unsigned int violations;
	} messages[] = {
		{ VMBUS_MSG_MODIFY_CHANNEL, VMBUS_VERSION_4_0, 1 },
		{ VMBUS_MSG_MODIFY_CHANNEL, VMBUS_VERSION_4_1, 0 },
		{ VMBUS_MSG_MODIFY_CHANNEL, VMBUS_VERSION_0_13, 1 },
		{ VMBUS_MSG_TL_CONNECT, VMBUS_VERSION_3_0, 1 },
		{ VMBUS_MSG_TL_CONNECT, VMBUS_VERSION_4_0, 0 },
		{ VMBUS_MSG_OPEN_RESERVED, VMBUS_VERSION_3_0, 1 },
		{ VMBUS_MSG_OPEN_RESERVED, VMBUS_VERSION_4_0, 1 },
		{ VMBUS_MSG_PAUSE, VMBUS_VERSION_5_3, 1 },
		{ VMBUS_MSG_MODIFY_CONNECTION, VMBUS_VERSION_5_3, 1 },
	};

	for (unsigned int i = 0; i < sizeof(messages) / sizeof(messages[0]); i++) {
		uint32_t relid = start_open_as(messages[i].version), raw[14] = { 0 };

		raw[0] = messages[i].type;
		raw[2] = relid;
		post(raw, sizeof(raw));
		CHECK_EQ(take(), 0);
		expect_violations(messages[i].violations);
		stop();
	}
}

static void tl_connect_is_refused_in_words_from_4_1_on(void)
{
	static const uint32_t versions[] = { VMBUS_VERSION_4_0, VMBUS_VERSION_4_1,
					     VMBUS_VERSION_5_2 };

	for (unsigned int v = 0; v < 3; v++) {
		uint8_t raw[56] = { VMBUS_MSG_TL_CONNECT };

		raw[8] = 0x11;
		start_offered(versions[v]);
		post(raw, v == 2 ? 56 : 40);
		CHECK_EQ(take(), v ? VMBUS_MSG_TL_CONNECT_RESULT : 0);
		if (v) {
			CHECK_EQ(msg[8], 0x11);
			CHECK_EQ(msg32(40), 0xc0000236);
		}
		post(raw, 39);
		expect_violations(1);
		stop();
	}
}

/* ---------------------------------------------------------------- 5.0 and later */

static void the_target_is_checked_from_5_0_on(void)
{
	static const struct {
		uint32_t version;
		uint8_t sint, vtl;
		uint16_t reserved;
		uint32_t flags;
		bool good;
		unsigned int violations;
	} targets[] = {
		{ VMBUS_VERSION_5_0, 2, 0, 0, 0, true, 0 },
		{ VMBUS_VERSION_5_0, 3, 0, 0, 0, false, 1 },
		{ VMBUS_VERSION_5_2, 2, 2, 0, 0, false, 1 },
		{ VMBUS_VERSION_5_3, 2, 0, 1, 0, true, 1 },
		{ VMBUS_VERSION_5_3, 2, 0, 0, 4, true, 1 },
		{ VMBUS_VERSION_6_0, 2, 0, 0, 4, true, 0 },
		{ VMBUS_VERSION_6_0, 2, 0, 1, 4, true, 1 },
		/* A client id that is not there */
		{ VMBUS_VERSION_6_0, 2, 0, 0, 8, false, 1 },
	};

	for (unsigned int i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
		struct vmbus_msg_initiate_contact request = {
			.header.type = VMBUS_MSG_INITIATE_CONTACT,
			.version = targets[i].version,
			.sint = targets[i].sint,
			.vtl = targets[i].vtl,
			.reserved = targets[i].reserved,
			.feature_flags = targets[i].flags,
		};

		start(VMBUS_VERSION_6_0);
		connection = 4;
		post(&request, sizeof(request));
		CHECK_EQ(take(), VMBUS_MSG_VERSION_RESPONSE);
		CHECK_EQ(msg[8], targets[i].good);
		expect_violations(targets[i].violations);
		stop();
	}
}

/* Connected by 6.0 with feature flags. */
static void contact_6_0(uint32_t flags)
{
	struct vmbus_msg_initiate_contact2 request = {
		.base.header.type = VMBUS_MSG_INITIATE_CONTACT,
		.base.version = VMBUS_VERSION_6_0,
		.base.sint = VMBUS_SINT,
		.base.feature_flags = flags,
		.client_id.b[3] = 0x33,
	};

	connection = 4;
	post(&request, sizeof(request));
	CHECK_EQ(((struct tlfs_message_page *)(ram + SIMP_GPA(0)))->slot[VMBUS_SINT].payload_bytes,
		 20);
	CHECK_EQ(take(), VMBUS_MSG_VERSION_RESPONSE);
	CHECK_EQ(msg[8], 1);
	CHECK_EQ(msg32(12), 4);
}

static uint32_t start_offered_6_0(uint32_t flags)
{
	uint32_t relid;

	memset(&dev, 0, sizeof(dev));
	start(VMBUS_VERSION_6_0);
	offer(0);
	contact_6_0(flags);
	post_header(VMBUS_MSG_REQUEST_OFFERS);
	CHECK_EQ(take(), VMBUS_MSG_OFFER);
	relid = msg32(184);
	CHECK_EQ(take(), VMBUS_MSG_ALL_OFFERS_DELIVERED);
	share(relid, 7, RING_GPA, 4, 4 * 4096, 0);
	CHECK_EQ(take(), VMBUS_MSG_GPADL_CREATED);
	return relid;
}

static void features_are_the_common_ones(void)
{
	start(VMBUS_VERSION_6_0);
	contact_6_0(0xffffffff);
	/* No paravisor, no pages of the server's own, no pinning. */
	CHECK_EQ(msg32(16), 0x2d);
	contact_6_0(0);
	CHECK_EQ(msg32(16), 0);
	contact_6_0(VMBUS_FEATURE_CLIENT_ID);
	CHECK_EQ(msg32(16), VMBUS_FEATURE_CLIENT_ID);
	expect_violations(0);
	stop();
}

static void post_open2(uint32_t relid, uint32_t connection_id, uint16_t flag)
{
	struct vmbus_msg_open2 request = {
		.open.header.type = VMBUS_MSG_OPEN,
		.open.relid = relid,
		.open.open_id = 9,
		.open.ring_gpadl = 7,
		.open.target_vp = 1,
		.open.downstream_page_offset = 2,
		.connection_id = connection_id,
		.event_flag = flag,
	};

	post(&request, sizeof(request));
}

static void the_guest_may_choose_its_signals(void)
{
	static const struct {
		uint32_t connection_id;
		uint16_t flag;
	} bad[] = { { 0, 5 }, { 4, 5 }, { 0x1000000, 5 }, { 0x77, 0 }, { 0x77, 2048 } };
	uint32_t relid = start_offered_6_0(VMBUS_FEATURE_GUEST_SIGNAL_PARAMETERS);

	for (unsigned int i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		post_open2(relid, bad[i].connection_id, bad[i].flag);
		CHECK_EQ(take(), VMBUS_MSG_OPEN_RESULT);
		CHECK((int32_t)msg32(16) < 0);
		expect_violations(i + 1);
	}
	CHECK(event_of(0x2000 + relid) >= 0);
	post_open2(relid, 0x77, 1234);
	CHECK_EQ(take(), VMBUS_MSG_OPEN_RESULT);
	CHECK_EQ(msg32(16), 0);
	CHECK(event_of(0x2000 + relid) < 0);
	settle();
	kicks[1] = 0;
	put_packet();
	CHECK(signal_on(0x77));
	CHECK_EQ(packets_answered(), 1);
	CHECK(flag_is_set(1, 1234));
	CHECK(!flag_is_set(1, relid));
	CHECK_EQ(kicks[1], 1);
	/* It ends with the channel's being open. */
	post_relid(VMBUS_MSG_CLOSE, relid);
	CHECK(event_of(0x77) < 0);
	CHECK(event_of(0x2000 + relid) >= 0);
	stop();

	/* Not agreed on: the long form is the short one. */
	relid = start_offered_6_0(0);
	post_open2(relid, 0, 0);
	CHECK_EQ(take(), VMBUS_MSG_OPEN_RESULT);
	CHECK_EQ(msg32(16), 0);
	settle();
	put_packet();
	CHECK(signal_on(0x2000 + relid));
	CHECK(flag_is_set(1, relid));
	expect_violations(0);
	stop();
}

static void a_paused_connection_is_silent(void)
{
	char err[HV_ERR_MAX];
	uint32_t relid = start_offered_6_0(VMBUS_FEATURE_PAUSE_RESUME);

	post_header(VMBUS_MSG_RESUME);
	expect_violations(1);
	post_header(VMBUS_MSG_PAUSE);
	CHECK_EQ(take(), VMBUS_MSG_PAUSE_RESPONSE);
	vmbus_server_rescind_name(server, "echo", err);
	CHECK_EQ(take(), 0);
	/* Only RESUME, UNLOAD and INITIATE_CONTACT now. */
	post_relid(VMBUS_MSG_RELID_RELEASED, relid);
	post_header(VMBUS_MSG_PAUSE);
	expect_violations(3);
	post_header(VMBUS_MSG_RESUME);
	CHECK_EQ(take(), VMBUS_MSG_RESCIND);
	CHECK_EQ(take(), 0);
	post_relid(VMBUS_MSG_RELID_RELEASED, relid);
	CHECK_EQ(dev.released, 1);
	expect_violations(3);
	stop();

	/* What was held back ends with the connection. */
	start_offered_6_0(VMBUS_FEATURE_PAUSE_RESUME);
	post_header(VMBUS_MSG_PAUSE);
	take();
	vmbus_server_rescind_name(server, "echo", err);
	post_header(VMBUS_MSG_UNLOAD);
	CHECK_EQ(take(), VMBUS_MSG_UNLOAD_RESPONSE);
	CHECK_EQ(take(), 0);
	stop();

	start_offered_6_0(0);
	post_header(VMBUS_MSG_PAUSE);
	CHECK_EQ(take(), 0);
	expect_violations(1);
	stop();
}

static void monitor_pages_can_be_changed(void)
{
	struct vmbus_msg_modify_connection request = {
		.header.type = VMBUS_MSG_MODIFY_CONNECTION,
		.monitor_page_to_child = 0x10000,
		.monitor_page_to_parent = 0x11000,
	};

	start_offered_6_0(VMBUS_FEATURE_MODIFY_CONNECTION);
	post(&request, sizeof(request));
	CHECK_EQ(take(), VMBUS_MSG_MODIFY_CONNECTION_RESPONSE);
	CHECK_EQ(msg[8], 0);
	request.monitor_page_to_child = 0;
	post(&request, sizeof(request));
	CHECK_EQ(take(), VMBUS_MSG_MODIFY_CONNECTION_RESPONSE);
	CHECK_EQ(msg[8], 2);
	expect_violations(1);
	stop();
}

static const struct unit_case cases[] = {
	UNIT_CASE(offers_of_0_13_name_no_connection),
	UNIT_CASE(offers_of_0_13_may_be_short),
	UNIT_CASE(packets_of_0_13_are_signalled_by_the_page),
	UNIT_CASE(relids_beyond_a_word_find_their_bit),
	UNIT_CASE(packets_of_1_1_are_signalled_by_connection),
	UNIT_CASE(a_page_is_wanted_below_2_4),
	UNIT_CASE(the_shared_connection_is_none_from_2_4_on),
	UNIT_CASE(old_versions_have_no_sub_channels),
	UNIT_CASE(messages_belong_to_versions),
	UNIT_CASE(tl_connect_is_refused_in_words_from_4_1_on),
	UNIT_CASE(the_target_is_checked_from_5_0_on),
	UNIT_CASE(features_are_the_common_ones),
	UNIT_CASE(the_guest_may_choose_its_signals),
	UNIT_CASE(a_paused_connection_is_silent),
	UNIT_CASE(monitor_pages_can_be_changed),
};

int main(void)
{
	return unit_main(cases, sizeof(cases) / sizeof(cases[0]));
}
