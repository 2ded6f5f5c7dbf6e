// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the bus: hypercalls, version negotiation, message slots, GPADLs, unload, and messages of
 * any content. Expected answers are those of the VMBus control messages.
 */
#include "core_guest.h"

/* ---------------------------------------------------------------- negotiation */

static const uint32_t versions[] = {
	VMBUS_VERSION_0_13, VMBUS_VERSION_1_1, VMBUS_VERSION_2_4, VMBUS_VERSION_3_0,
	VMBUS_VERSION_4_0,  VMBUS_VERSION_4_1, VMBUS_VERSION_5_0, VMBUS_VERSION_5_1,
	VMBUS_VERSION_5_2,  VMBUS_VERSION_5_3, VMBUS_VERSION_6_0,
};
#define VERSIONS (sizeof(versions) / sizeof(versions[0]))

static void each_version_up_to_the_maximum_is_accepted(void)
{
	for (unsigned int max = 0; max < VERSIONS; max++) {
		start(versions[max]);
		for (unsigned int v = 0; v < VERSIONS; v++) {
			CHECK_EQ(contact(versions[v]), v <= max);
			if (v > max)
				continue;
			CHECK_EQ(msg32(12), versions[v] >= VMBUS_VERSION_5_0 ? 4 : versions[v]);
			CHECK_EQ(vmbus_server_version(server), versions[v]);
		}
		CHECK(!contact(VMBUS_VERSION(4, 7)));
		CHECK(!contact(VMBUS_VERSION(1, 0)));
		expect_violations(0);
		stop();
	}
}

static void old_hosts_have_no_connection_4(void)
{
	struct vmbus_msg_header request = { .type = VMBUS_MSG_INITIATE_CONTACT };

	start(VMBUS_VERSION_4_1);
	CHECK_EQ(post_on(4, &request, sizeof(request)), TLFS_STATUS_INVALID_CONNECTION_ID);
	CHECK_EQ(post_on(2, &request, sizeof(request)), TLFS_STATUS_INVALID_CONNECTION_ID);
	CHECK_EQ(post_on(0x01000001, &request, sizeof(request)), TLFS_STATUS_INVALID_INPUT);
	stop();
	start(VMBUS_VERSION_5_0);
	CHECK_EQ(post_on(4, &request, sizeof(request)), TLFS_STATUS_SUCCESS);
	stop();
}

static void messages_go_where_the_contact_says(void)
{
	struct vmbus_msg_initiate_contact request = { .header.type = VMBUS_MSG_INITIATE_CONTACT,
						      .target_vp = 1 };

	for (unsigned int v = 0; v < 2; v++) {
		start(VMBUS_VERSION_5_3);
		request.version = v ? VMBUS_VERSION_3_0 : VMBUS_VERSION_2_4;
		connection = 1;
		post(&request, sizeof(request));
		CHECK_EQ(take_on(v, msg, sizeof(msg)), VMBUS_MSG_VERSION_RESPONSE);
		stop();
	}
}

static void both_monitor_pages_or_none(void)
{
	static const struct {
		uint64_t child, parent;
		bool good;
	} pages[] = {
		{ 0, 0, true },
		{ 0x10000, 0x11000, true },
		{ 0x10000, 0, false },
		{ 0, 0x11000, false },
		{ 0x10001, 0x11000, false },
		{ 0x10000, RAM_BYTES, false },
		{ ~0ull << 12, 0x11000, false },
	};

	for (unsigned int i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
		struct vmbus_msg_initiate_contact request = {
			.header.type = VMBUS_MSG_INITIATE_CONTACT,
			.version = VMBUS_VERSION_4_0,
			.monitor_page_to_child = pages[i].child,
			.monitor_page_to_parent = pages[i].parent
		};

		start(VMBUS_VERSION_5_3);
		connection = 1;
		post(&request, sizeof(request));
		CHECK_EQ(take(), VMBUS_MSG_VERSION_RESPONSE);
		CHECK_EQ(msg[9] == 0, pages[i].good);
		CHECK_EQ(vmbus_server_version(server) != 0, pages[i].good);
		expect_violations(!pages[i].good);
		stop();
	}
}

static void bad_messages_are_reported_and_unanswered(void)
{
	uint8_t raw[240] = { 0 };

	start_offered(VMBUS_VERSION_5_3);
	for (unsigned int len = 0; len < 8; len++)
		post(raw, len);
	expect_violations(8);
	for (unsigned int type = 0; type < 40; type++) {
		raw[0] = type;
		post(raw, 8);
	}
	/*
	 * REQUESTOFFERS a second time is one; UNLOAD ends the connection, what follows comes
	 * without one.
	 */
	CHECK(vmbus_server_violations(server) >= 8 + 38);
	CHECK_EQ(take(), VMBUS_MSG_UNLOAD_RESPONSE);
	CHECK_EQ(take(), 0);
	stop();
}

static void hypercalls_are_checked(void)
{
	uint64_t params[2] = { POST_GPA, 0 };
	struct tlfs_post_message input = { .connection_id = 1,
					   .message_type = 1,
					   .payload_bytes = 241 };

	start(VMBUS_VERSION_5_3);
	memcpy(ram + POST_GPA, &input, sizeof(input));
	CHECK_EQ(vmbus_server_hypercall(server, TLFS_CALL_POST_MESSAGE, params),
		 TLFS_STATUS_INVALID_INPUT);
	CHECK_EQ(vmbus_server_hypercall(server, TLFS_CALL_POST_MESSAGE | TLFS_CALL_FAST, params),
		 TLFS_STATUS_INVALID_CODE);
	CHECK_EQ(vmbus_server_hypercall(server, 0x1234, params), TLFS_STATUS_INVALID_CODE);
	params[0] = POST_GPA + 4;
	CHECK_EQ(vmbus_server_hypercall(server, TLFS_CALL_POST_MESSAGE, params),
		 TLFS_STATUS_INVALID_ALIGNMENT);
	params[0] = POST_GPA + 4096 - 248;
	CHECK_EQ(vmbus_server_hypercall(server, TLFS_CALL_POST_MESSAGE, params),
		 TLFS_STATUS_INVALID_ALIGNMENT);
	params[0] = RAM_BYTES;
	CHECK_EQ(vmbus_server_hypercall(server, TLFS_CALL_POST_MESSAGE, params),
		 TLFS_STATUS_INVALID_PARAMETER);
	params[0] = ~0xfffull;
	CHECK_EQ(vmbus_server_hypercall(server, TLFS_CALL_POST_MESSAGE, params),
		 TLFS_STATUS_INVALID_PARAMETER);
	params[0] = 0x2001;
	CHECK_EQ(vmbus_server_hypercall(server, TLFS_CALL_SIGNAL_EVENT | TLFS_CALL_FAST, params),
		 TLFS_STATUS_INVALID_CONNECTION_ID);
	params[0] = 0x2001 | 1ull << 32;
	CHECK_EQ(vmbus_server_hypercall(server, TLFS_CALL_SIGNAL_EVENT | TLFS_CALL_FAST, params),
		 TLFS_STATUS_INVALID_PORT_ID);
	stop();
}

static void the_port_holds_sixteen_messages(void)
{
	struct vmbus_msg_header request = { .type = VMBUS_MSG_UNLOAD };

	start(VMBUS_VERSION_5_3);
	for (int i = 0; i < 16; i++)
		CHECK_EQ(post_on(1, &request, sizeof(request)), TLFS_STATUS_SUCCESS);
	CHECK_EQ(post_on(1, &request, sizeof(request)), TLFS_STATUS_INSUFFICIENT_BUFFERS);
	settle();
	CHECK_EQ(post_on(1, &request, sizeof(request)), TLFS_STATUS_SUCCESS);
	stop();
}

/* ---------------------------------------------------------------- slots */

static void a_busy_slot_waits_for_end_of_message(void)
{
	struct tlfs_message_page *page;

	start_offered(VMBUS_VERSION_5_3);
	page = (struct tlfs_message_page *)(ram + SIMP_GPA(0));
	share(1, 5, RING_GPA, 1, 4096, 0);
	CHECK_EQ(page->slot[VMBUS_SINT].flags, 0);
	share(1, 6, RING_GPA, 1, 4096, 0);
	CHECK_EQ(page->slot[VMBUS_SINT].flags, TLFS_MESSAGE_FLAG_PENDING);
	kicks[0] = 0;
	vmbus_server_eom(server, 0);
	CHECK_EQ(kicks[0], 0);
	CHECK_EQ(take(), VMBUS_MSG_GPADL_CREATED);
	CHECK_EQ(msg32(12), 5);
	CHECK_EQ(kicks[0], 1);
	CHECK_EQ(take(), VMBUS_MSG_GPADL_CREATED);
	CHECK_EQ(msg32(12), 6);
	CHECK_EQ(take(), 0);
	stop();
}

static void a_disabled_message_page_loses_messages(void)
{
	struct hv_synic_regs off = { .scontrol = 1 };

	start_offered(VMBUS_VERSION_5_3);
	share(1, 5, RING_GPA, 1, 4096, 0);
	share(1, 6, RING_GPA, 1, 4096, 0);
	vmbus_server_synic_changed(server, 0, &off);
	CHECK(!watching[0]);
	memset(ram + SIMP_GPA(0), 0, 4096);
	vmbus_server_eom(server, 0);
	CHECK_EQ(take(), 0);
	stop();
}

/* ---------------------------------------------------------------- GPADLs */

static void gpadls_of_every_length(void)
{
	static const uint32_t pages[] = { 1, 25, 26, 27, 54, 55, 64, 200 };

	for (unsigned int i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
		uint32_t relid = start_offered(VMBUS_VERSION_4_0);

		share(relid, 0xe1e10 + i, 0x10000, pages[i], pages[i] * 4096, 0);
		CHECK_EQ(take(), VMBUS_MSG_GPADL_CREATED);
		CHECK_EQ(msg32(8), relid);
		CHECK_EQ(msg32(12), 0xe1e10 + i);
		CHECK_EQ(msg32(16), 0);
		teardown(relid, 0xe1e10 + i);
		CHECK_EQ(take(), VMBUS_MSG_GPADL_TORNDOWN);
		CHECK_EQ(msg32(8), 0xe1e10 + i);
		expect_violations(0);
		stop();
	}
}

static const struct {
	const char *name;
	uint32_t id, pages, bytes, offset;
	uint64_t gpa;
} bad_gpadls[] = {
	{ "id 0", 0, 1, 4096, 0, 0x10000 },
	{ "no bytes", 5, 1, 0, 0, 0x10000 },
	{ "offset of a page", 5, 1, 1, 4096, 0x10000 },
	{ "more bytes than pages", 5, 1, 4097, 0, 0x10000 },
	{ "offset pushes it over", 5, 1, 4096, 1, 0x10000 },
	{ "length overflows", 5, 1, 0xffffffff, 4095, 0x10000 },
	{ "page behind RAM", 5, 2, 8192, 0, RAM_BYTES - 4096 },
	{ "page far out", 5, 1, 4096, 0, 0xfffffffffffff000 },
};

static void bad_gpadls_are_refused(void)
{
	for (unsigned int i = 0; i < sizeof(bad_gpadls) / sizeof(bad_gpadls[0]); i++) {
		uint32_t relid = start_offered(VMBUS_VERSION_5_3);

		share(relid, bad_gpadls[i].id, bad_gpadls[i].gpa, bad_gpadls[i].pages,
		      bad_gpadls[i].bytes, bad_gpadls[i].offset);
		CHECK_EQ(take(), VMBUS_MSG_GPADL_CREATED);
		CHECK(msg32(16) != 0);
		expect_violations(1);
		/* The id is free again. */
		share(relid, 5, 0x10000, 1, 4096, 0);
		CHECK_EQ(take(), VMBUS_MSG_GPADL_CREATED);
		CHECK_EQ(msg32(16), 0);
		stop();
	}
}

static void gpadl_ids_are_guarded(void)
{
	uint32_t relid = start_offered(VMBUS_VERSION_5_3);

	share(relid, 5, 0x10000, 1, 4096, 0);
	CHECK_EQ(take(), VMBUS_MSG_GPADL_CREATED);
	share(relid, 5, 0x10000, 1, 4096, 0);
	CHECK_EQ(take(), VMBUS_MSG_GPADL_CREATED);
	CHECK(msg32(16) != 0);
	share(relid + 1, 6, 0x10000, 1, 4096, 0);
	CHECK_EQ(take(), VMBUS_MSG_GPADL_CREATED);
	CHECK(msg32(16) != 0);
	expect_violations(2);
	teardown(relid, 6);
	CHECK_EQ(take(), 0);
	teardown(relid, 5);
	CHECK_EQ(take(), VMBUS_MSG_GPADL_TORNDOWN);
	teardown(relid, 5);
	CHECK_EQ(take(), 0);
	expect_violations(4);
	stop();
}

static void a_device_holds_up_torndown(void)
{
	uint32_t relid = start_offered(VMBUS_VERSION_5_3);
	uint8_t byte = 0;

	dev.hold = 8;
	share(relid, 7, RING_GPA, 4, 4 * 4096, 0);
	share(relid, 8, 0x200000, 2, 4100, 10);
	take();
	take();
	post_open(relid, 1, 7, 0, 2);
	CHECK_EQ(take(), VMBUS_MSG_OPEN_RESULT);
	CHECK(dev.held != NULL);
	CHECK_EQ(vmbus_gpadl_size(dev.held), 4100);
	ram[0x200000 + 10 + 4099] = 0x77;
	CHECK_EQ(vmbus_gpadl_read(dev.held, 4099, &byte, 1), 0);
	CHECK_EQ(byte, 0x77);
	CHECK(vmbus_gpadl_read(dev.held, 4100, &byte, 1) < 0);
	CHECK(vmbus_gpadl_write(dev.held, 4097, msg, 4) < 0);
	CHECK(vmbus_gpadl_write(dev.held, UINT64_MAX, msg, 4) < 0);
	teardown(relid, 8);
	CHECK_EQ(take(), 0);
	CHECK(!vmbus_gpadl_get(dev.chan, 8));
	post_relid(VMBUS_MSG_CLOSE, relid);
	CHECK_EQ(take(), VMBUS_MSG_GPADL_TORNDOWN);
	CHECK_EQ(msg32(8), 8);
	teardown(relid, 7);
	CHECK_EQ(take(), VMBUS_MSG_GPADL_TORNDOWN);
	expect_violations(0);
	stop();
}

/* ---------------------------------------------------------------- unload and reset */

static void unload_ends_everything_in_silence(void)
{
	uint32_t relid = start_open();

	CHECK(offer(1) != NULL);
	CHECK_EQ(take(), VMBUS_MSG_OFFER);
	teardown(relid, 7);
	CHECK_EQ(take(), 0);
	expect_violations(1);
	post_header(VMBUS_MSG_UNLOAD);
	CHECK_EQ(take(), VMBUS_MSG_UNLOAD_RESPONSE);
	CHECK_EQ(take(), 0);
	CHECK_EQ(dev.closes, 1);
	CHECK_EQ(dev.released, 1);
	post_relid(VMBUS_MSG_CLOSE, relid);
	expect_violations(2);
	/* The device is there for the next connection. */
	CHECK(contact(VMBUS_VERSION_5_3));
	post_header(VMBUS_MSG_REQUEST_OFFERS);
	CHECK_EQ(take(), VMBUS_MSG_OFFER);
	CHECK_EQ(take(), VMBUS_MSG_ALL_OFFERS_DELIVERED);
	CHECK_EQ(take(), 0);
	stop();
}

static void a_contact_ends_the_connection_before(void)
{
	start_open();
	CHECK(contact(VMBUS_VERSION_4_0));
	CHECK_EQ(dev.closes, 1);
	post_header(VMBUS_MSG_REQUEST_OFFERS);
	CHECK_EQ(take(), VMBUS_MSG_OFFER);
	stop();
}

static void reset_forgets_the_guest(void)
{
	struct hv_synic_regs regs = { .scontrol = 1,
				      .simp = SIMP_GPA(0) | 1,
				      .siefp = SIEFP_GPA(0) | 1 };

	start_open();
	vmbus_server_reset(server);
	CHECK_EQ(dev.closes, 1);
	CHECK_EQ(take(), 0);
	vmbus_server_synic_changed(server, 0, &regs);
	CHECK(contact(VMBUS_VERSION_5_3));
	post_header(VMBUS_MSG_REQUEST_OFFERS);
	CHECK_EQ(take(), VMBUS_MSG_OFFER);
	expect_violations(0);
	stop();
}

/*
 * Messages of any content, in any state: every answer is one the guest can take, and nothing is
 * lost at the end.
 */
static void random_messages_do_no_harm(void)
{
	static const uint8_t types[] = { 3,  5,  7,  8,  9,  11, 13, 14,
					16, 18, 19, 21, 22, 25, 27, 29 };
	unsigned int seed = 20251121;
	char err[HV_ERR_MAX];

	/* Reports of this test say nothing new. */
	int quiet = dup(2);

	close(2);
	start_offered(VMBUS_VERSION_6_0);
	for (int i = 0; i < 30000; i++) {
		uint32_t raw[60] = { 0 };
		unsigned int len = rand_r(&seed) % 61 * 4, small = rand_r(&seed) % 2;

		for (int j = 0; j < 60; j++)
			raw[j] = small ? (uint32_t)rand_r(&seed) % 12 : (uint32_t)rand_r(&seed);
		raw[0] = types[rand_r(&seed) % sizeof(types)];
		if (rand_r(&seed) % 3) {
			raw[2] = rand_r(&seed) % 4;
			raw[3] = 1 + rand_r(&seed) % 4;
		}
		if (raw[0] == VMBUS_MSG_INITIATE_CONTACT && rand_r(&seed) % 2) {
			raw[2] = versions[rand_r(&seed) % VERSIONS];
			/* SINT 2 and all features, or a page for those who look for one. */
			raw[4] = raw[2] < VMBUS_VERSION_5_0 ? INTERRUPT_GPA : VMBUS_SINT;
			raw[5] = raw[2] < VMBUS_VERSION_5_0 ? 0 : 0xff;
		}
		post_on(1, raw, len);
		loop_run_once(loop, 0);
		loop_run_once(loop, 0);
		if (rand_r(&seed) % 50 == 0)
			vmbus_server_rescind_name(server, "echo", err);
		if (rand_r(&seed) % 50 == 0)
			vmbus_server_offer_name(server, "echo", err);
		while (take() || take_on(1, msg, sizeof(msg)))
			;
	}
	stop();
	dup2(quiet, 2);
	close(quiet);
}

static const struct unit_case cases[] = {
	UNIT_CASE(each_version_up_to_the_maximum_is_accepted),
	UNIT_CASE(old_hosts_have_no_connection_4),
	UNIT_CASE(messages_go_where_the_contact_says),
	UNIT_CASE(both_monitor_pages_or_none),
	UNIT_CASE(bad_messages_are_reported_and_unanswered),
	UNIT_CASE(hypercalls_are_checked),
	UNIT_CASE(the_port_holds_sixteen_messages),
	UNIT_CASE(a_busy_slot_waits_for_end_of_message),
	UNIT_CASE(a_disabled_message_page_loses_messages),
	UNIT_CASE(gpadls_of_every_length),
	UNIT_CASE(bad_gpadls_are_refused),
	UNIT_CASE(gpadl_ids_are_guarded),
	UNIT_CASE(a_device_holds_up_torndown),
	UNIT_CASE(unload_ends_everything_in_silence),
	UNIT_CASE(a_contact_ends_the_connection_before),
	UNIT_CASE(reset_forgets_the_guest),
	UNIT_CASE(random_messages_do_no_harm),
};

int main(void)
{
	return unit_main(cases, sizeof(cases) / sizeof(cases[0]));
}
