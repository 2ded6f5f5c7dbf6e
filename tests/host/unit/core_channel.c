// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of channels: open, close, rescind at every row of the state table, packets both ways,
 * signals and flow control.
 */
#include "core_guest.h"
#include "../hyperv/churn.h"

/* ---------------------------------------------------------------- open and close */

static void bad_opens_fail(void)
{
	static const struct {
		uint32_t gpadl, vp, second;
	} bad[] = {
		{ 6, 0, 2 }, { 7, 0, 0 },	   { 7, 0, 1 }, { 7, 0, 3 },
		{ 7, 0, 4 }, { 7, 0, 0xffffffff }, { 7, 2, 2 }, { 8, 0, 2 },
	};
	uint32_t relid = start_offered(VMBUS_VERSION_5_3);

	share(relid, 7, RING_GPA, 4, 4 * 4096, 0);
	share(relid, 8, RING_GPA, 4, 4 * 4096 - 8, 8);
	take();
	take();
	for (unsigned int i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		post_open(relid, i, bad[i].gpadl, bad[i].vp, bad[i].second);
		CHECK_EQ(take(), VMBUS_MSG_OPEN_RESULT);
		CHECK_EQ(msg32(12), i);
		CHECK((int32_t)msg32(16) < 0);
		expect_violations(i + 1);
	}
	CHECK_EQ(dev.opens, 0);
	/* The device may refuse as well, and is not told of a close. */
	dev.open_status = 0xc0000001;
	post_open(relid, 50, 7, 0, 2);
	CHECK_EQ(take(), VMBUS_MSG_OPEN_RESULT);
	CHECK_EQ(msg32(16), 0xc0000001);
	CHECK_EQ(dev.closes, 0);
	dev.open_status = 0;
	post_open(relid, 51, 7, VMBUS_TARGET_VP_NONE, 2);
	CHECK_EQ(take(), VMBUS_MSG_OPEN_RESULT);
	CHECK_EQ(msg32(16), 0);
	stop();
}

static void open_close_open(void)
{
	uint32_t relid = start_open();

	post_open(relid, 100, 7, 0, 2);
	CHECK_EQ(take(), 0);
	expect_violations(1);
	post_relid(VMBUS_MSG_RELID_RELEASED, relid);
	expect_violations(2);
	post_relid(VMBUS_MSG_CLOSE, relid);
	CHECK_EQ(dev.closes, 1);
	CHECK_EQ(take(), 0);
	post_relid(VMBUS_MSG_CLOSE, relid);
	expect_violations(3);
	post_open(relid, 101, 7, 0, 2);
	CHECK_EQ(take(), VMBUS_MSG_OPEN_RESULT);
	CHECK_EQ(dev.opens, 2);
	stop();
}

static void modify_is_answered_from_5_3_on(void)
{
	struct vmbus_msg_modify_channel request = { .header.type = VMBUS_MSG_MODIFY_CHANNEL,
						    .target_vp = 0 };
	uint32_t relid = start_open();

	request.relid = relid;
	post(&request, sizeof(request));
	CHECK_EQ(take(), VMBUS_MSG_MODIFY_CHANNEL_RESPONSE);
	CHECK_EQ(msg32(12), 0);
	CHECK_EQ(vmbus_chan_target_vp(dev.chan), 0);
	request.target_vp = VPS;
	post(&request, sizeof(request));
	CHECK_EQ(take(), VMBUS_MSG_MODIFY_CHANNEL_RESPONSE);
	CHECK(msg32(12) != 0);
	request.relid = 1000;
	post(&request, sizeof(request));
	CHECK_EQ(take(), VMBUS_MSG_MODIFY_CHANNEL_RESPONSE);
	CHECK(msg32(12) != 0);
	expect_violations(2);
	stop();

	request.relid = start_offered(VMBUS_VERSION_4_1);
	post(&request, sizeof(request));
	CHECK_EQ(take(), 0);
	stop();
}

/*
 * ---------------------------------------------------------------- rescind, the rows of the state
 * table
 */

static void rescind_while_offered(void)
{
	uint32_t relid = start_offered(VMBUS_VERSION_5_3);
	char err[HV_ERR_MAX];

	CHECK_EQ(vmbus_server_rescind_name(server, "echo", err), 0);
	CHECK_EQ(take(), VMBUS_MSG_RESCIND);
	CHECK_EQ(msg32(8), relid);
	CHECK(vmbus_server_rescind_name(server, "echo", err) < 0);
	/* A GPADL is still given and taken back; OPEN and CLOSE find silence. */
	share(relid, 7, RING_GPA, 4, 4 * 4096, 0);
	CHECK_EQ(take(), VMBUS_MSG_GPADL_CREATED);
	CHECK_EQ(msg32(16), 0);
	post_open(relid, 1, 7, 0, 2);
	CHECK_EQ(take(), 0);
	post_relid(VMBUS_MSG_CLOSE, relid);
	CHECK_EQ(take(), 0);
	teardown(relid, 7);
	CHECK_EQ(take(), VMBUS_MSG_GPADL_TORNDOWN);
	CHECK_EQ(dev.released, 0);
	post_relid(VMBUS_MSG_RELID_RELEASED, relid);
	CHECK_EQ(dev.released, 1);
	CHECK_EQ(dev.opens, 0);
	expect_violations(0);
	post_relid(VMBUS_MSG_RELID_RELEASED, relid);
	expect_violations(1);
	stop();
}

static void rescind_while_open(void)
{
	uint32_t relid = start_open();
	char err[HV_ERR_MAX];

	teardown(relid, 7);
	CHECK_EQ(take(), 0);
	CHECK_EQ(vmbus_server_rescind_name(server, "echo", err), 0);
	CHECK_EQ(dev.closes, 1);
	/* The teardown under way is confirmed before the RESCIND. */
	CHECK_EQ(take(), VMBUS_MSG_GPADL_TORNDOWN);
	CHECK_EQ(take(), VMBUS_MSG_RESCIND);
	CHECK(!events[0].connection_id);
	post_relid(VMBUS_MSG_RELID_RELEASED, relid);
	CHECK_EQ(dev.released, 1);
	stop();
}

static void rescind_while_opening(void)
{
	uint32_t relid = start_offered(VMBUS_VERSION_5_3);
	char err[HV_ERR_MAX];

	vmbus_server_set_open_delay(server, 50000000);
	share(relid, 7, RING_GPA, 4, 4 * 4096, 0);
	take();
	post_open(relid, 1, 7, 0, 2);
	CHECK_EQ(take(), 0);
	CHECK_EQ(vmbus_server_rescind_name(server, "echo", err), 0);
	CHECK_EQ(take(), VMBUS_MSG_RESCIND);
	usleep(60000);
	settle();
	CHECK_EQ(take(), 0);
	CHECK_EQ(dev.opens, 0);
	CHECK_EQ(dev.closes, 0);
	stop();

	relid = start_offered(VMBUS_VERSION_5_3);
	vmbus_server_set_open_delay(server, 1000000);
	share(relid, 7, RING_GPA, 4, 4 * 4096, 0);
	take();
	post_open(relid, 1, 7, 0, 2);
	for (int i = 0; i < 1000 && !dev.opens; i++)
		loop_run_once(loop, 10);
	CHECK_EQ(take(), VMBUS_MSG_OPEN_RESULT);
	stop();
}

static void rescind_with_half_a_gpadl(void)
{
	struct vmbus_msg_gpadl_body *body;
	uint8_t raw[240] = { 0 };
	struct vmbus_msg_gpadl_header *header = (void *)raw;
	uint32_t relid = start_offered(VMBUS_VERSION_5_3), bytes = 2 * 4096;
	uint64_t pfn = 16;
	char err[HV_ERR_MAX];

	header->header.type = VMBUS_MSG_GPADL_HEADER;
	header->relid = relid;
	header->gpadl = 7;
	header->range_bytes = 24;
	header->range_count = 1;
	memcpy(raw + 20, &bytes, 4);
	memcpy(raw + 28, &pfn, 8);
	post(raw, 36);
	CHECK_EQ(take(), 0);
	vmbus_server_rescind_name(server, "echo", err);
	CHECK_EQ(take(), VMBUS_MSG_RESCIND);
	memset(raw, 0, sizeof(raw));
	body = (void *)raw;
	body->header.type = VMBUS_MSG_GPADL_BODY;
	body->gpadl = 7;
	memcpy(raw + sizeof(*body), &pfn, 8);
	post(raw, sizeof(*body) + 8);
	CHECK_EQ(take(), VMBUS_MSG_GPADL_CREATED);
	CHECK_EQ(msg32(16), 0);
	post_relid(VMBUS_MSG_RELID_RELEASED, relid);
	expect_violations(0);
	stop();
}

static void a_second_offer_waits_for_the_release(void)
{
	uint32_t relid = start_offered(VMBUS_VERSION_5_3);
	char err[HV_ERR_MAX];

	CHECK(!offer(0));
	CHECK(vmbus_server_offer_name(server, "echo", err) < 0);
	vmbus_server_rescind_name(server, "echo", err);
	CHECK_EQ(take(), VMBUS_MSG_RESCIND);
	CHECK_EQ(vmbus_server_offer_name(server, "echo", err), 0);
	CHECK_EQ(take(), 0);
	post_relid(VMBUS_MSG_RELID_RELEASED, relid);
	CHECK_EQ(take(), VMBUS_MSG_OFFER);
	CHECK(msg32(184) != 0);
	/* And may go again before anybody asks: a device nobody has seen leaves no trace. */
	vmbus_server_rescind_name(server, "echo", err);
	CHECK_EQ(take(), VMBUS_MSG_RESCIND);
	vmbus_server_offer_name(server, "echo", err);
	vmbus_server_rescind_name(server, "echo", err);
	CHECK_EQ(take(), 0);
	CHECK_EQ(dev.released, 2);
	expect_violations(0);
	stop();
}

static void refused_offers_stay_away(void)
{
	uint32_t relid = start_offered(VMBUS_VERSION_5_3);
	char err[HV_ERR_MAX];

	post_relid(VMBUS_MSG_RELID_RELEASED, relid);
	CHECK_EQ(dev.released, 0);
	post_open(relid, 1, 7, 0, 2);
	CHECK_EQ(take(), 0);
	expect_violations(1);
	CHECK_EQ(vmbus_server_rescind_name(server, "echo", err), 0);
	CHECK_EQ(take(), 0);
	CHECK_EQ(dev.released, 1);
	stop();
}

static void sub_channels_go_with_their_primary(void)
{
	uint32_t relid = start_open(), sub;
	char err[HV_ERR_MAX];

	CHECK(offer(1) != NULL);
	CHECK(!offer(1));
	CHECK_EQ(take(), VMBUS_MSG_OFFER);
	sub = msg32(184);
	CHECK(sub != relid);
	vmbus_server_rescind_name(server, "echo", err);
	CHECK_EQ(take(), VMBUS_MSG_RESCIND);
	CHECK_EQ(msg32(8), sub);
	CHECK_EQ(take(), VMBUS_MSG_RESCIND);
	CHECK_EQ(msg32(8), relid);
	stop();
}

static uint64_t needless(void)
{
	cJSON *reply = cJSON_CreateObject();
	uint64_t value;

	vmbus_server_counters(server, reply);
	value = cJSON_GetObjectItem(cJSON_GetObjectItem(reply, "bus"), "needless_signals")
			->valuedouble;
	cJSON_Delete(reply);
	return value;
}

/* ---------------------------------------------------------------- packets */

static struct vmbus_ring_control *ring_out(void)
{
	return (struct vmbus_ring_control *)(ram + RING_GPA);
}

static struct vmbus_ring_control *ring_in(void)
{
	return (struct vmbus_ring_control *)(ram + RING_GPA + 0x2000);
}

static void guest_signal(void)
{
	uint64_t one = 1;

	CHECK(events[0].connection_id != 0);
	CHECK_EQ(write(events[0].fd, &one, sizeof(one)), 8);
	settle();
}

/* The guest writes one 24-byte in-band packet. Return: whether it has to signal. */
static bool guest_send(uint16_t type, uint64_t xid)
{
	struct vmbus_ring_control *control = ring_out();
	uint32_t at = control->write_index;
	struct vmbus_packet head = { .type = type,
				     .payload_qwords = 2,
				     .total_qwords = 3,
				     .flags = 1,
				     .transaction_id = xid };
	struct vmbus_packet_trailer trailer = { .start_index = at };
	uint8_t *bytes = ram + RING_GPA + 0x1000;

	for (uint32_t i = 0; i < 32; i++)
		bytes[(at + i) % 4096] = i < 16	  ? ((uint8_t *)&head)[i]
					 : i < 24 ? 0x42
						  : ((uint8_t *)&trailer)[i - 24];
	control->write_index = (at + 32) % 4096;
	return !control->interrupt_mask && control->read_index == at;
}

static bool event_is_set(uint32_t vp, uint32_t relid)
{
	struct tlfs_event_page *page = (struct tlfs_event_page *)(ram + SIEFP_GPA(vp));
	uint8_t *byte = &page->flags[VMBUS_SINT][relid / 8];
	bool set = *byte & 1 << relid % 8;

	*byte &= ~(1 << relid % 8);
	return set;
}

/* Lets the host's clock run until it has said something. Return: the message's number, 0 after a second. */
static uint32_t take_in_time(void)
{
	uint32_t type = take();

	for (int i = 0; i < 200 && !type; i++) {
		loop_run_once(loop, 5);
		type = take();
	}
	return type;
}

static void a_device_comes_and_goes_as_often_as_asked_for(void)
{
	uint32_t relid = start_offered(VMBUS_VERSION_5_3);
	char err[HV_ERR_MAX];

	CHECK(churn_set(server, "nothing", 1, false, err) < 0);
	/* Open is what it waits for, until it is told to wait no longer. */
	CHECK_EQ(churn_set(server, "echo", 5, true, err), 0);
	CHECK_EQ(take(), 0);
	CHECK_EQ(churn_set(server, "echo", 2, false, err), 0);
	for (int round = 0; round < 2; round++) {
		CHECK_EQ(take_in_time(), VMBUS_MSG_RESCIND);
		CHECK_EQ(msg32(8), relid);
		CHECK_EQ(take(), 0);
		post_relid(VMBUS_MSG_RELID_RELEASED, relid);
		CHECK_EQ(take_in_time(), VMBUS_MSG_OFFER);
		relid = msg32(184);
	}
	usleep(5000);
	settle();
	CHECK_EQ(take(), 0);
	expect_violations(0);
	stop();
}

static void packets_are_echoed(void)
{
	uint32_t relid = start_open();

	for (unsigned int i = 0; i < 500; i++) {
		uint32_t at = ring_in()->write_index;

		kicks[1] = 0;
		CHECK(guest_send(6, i));
		guest_signal();
		CHECK_EQ(ring_out()->read_index, ring_out()->write_index);
		CHECK_EQ(ring_out()->interrupt_mask, 0);
		CHECK_EQ(ring_in()->write_index, (at + 32) % 4096);
		CHECK_EQ(ram[RING_GPA + 0x3000 + at], VMBUS_PACKET_COMPLETION);
		CHECK_EQ(kicks[1], 1);
		CHECK(event_is_set(1, relid));
		ring_in()->read_index = ring_in()->write_index;
	}
	expect_violations(0);
	stop();
}

static void needless_signals_are_counted(void)
{
	start_open();
	settle();
	for (int i = 0; i < 20; i++) {
		if (guest_send(6, i))
			guest_signal();
		ring_in()->read_index = ring_in()->write_index;
	}
	CHECK_EQ(needless(), 0);
	for (int i = 0; i < 20; i++)
		guest_signal();
	CHECK_EQ(needless(), 20);
	stop();
}

static void a_full_ring_is_resumed(void)
{
	unsigned int sent = 0, got = 0;

	start_open();
	dev.lazy = false;
	/* 127 completions of 32 bytes fit; the guest takes none, then all. */
	while (sent < 127) {
		guest_send(6, sent++);
		guest_signal();
	}
	CHECK_EQ(vmbus_send_room(dev.chan), 4096 - 8 - 127 * 32);
	CHECK_EQ(vmbus_send_inband(dev.chan, 0, 0, msg, 16), -11);
	CHECK_EQ(ring_in()->pending_send_size, 40);
	got = dev.works;
	ring_in()->read_index = 64;
	guest_signal();
	CHECK(dev.works > got);
	CHECK_EQ(vmbus_send_inband(dev.chan, 0, 0, msg, 16), 0);
	CHECK_EQ(ring_in()->pending_send_size, 0);
	settle();
	CHECK_EQ(ring_in()->write_index, (127 * 32 + 40) % 4096);
	CHECK_EQ(needless(), 0);
	stop();
}

static void a_lazy_device_is_left_alone(void)
{
	start_open();
	dev.lazy = true;
	settle();
	dev.works = 0;
	guest_send(6, 1);
	guest_send(6, 2);
	guest_signal();
	CHECK_EQ(dev.works, 1);
	CHECK_EQ(ring_out()->interrupt_mask, 1);
	vmbus_kick(dev.chan);
	settle();
	CHECK_EQ(dev.works, 2);
	vmbus_kick(dev.chan);
	settle();
	CHECK_EQ(dev.last, 0);
	CHECK_EQ(ring_out()->interrupt_mask, 0);
	stop();
}

static void corrupt_rings_stop_the_channel(void)
{
	static const uint16_t types[] = { 0, 1, 5, 7, 8, 10, 12, 0xffff };

	for (unsigned int i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		uint32_t relid = start_open();

		guest_send(types[i], 1);
		guest_signal();
		CHECK_EQ(dev.last, -71);
		expect_violations(1);
		guest_send(6, 1);
		guest_signal();
		expect_violations(1);
		CHECK_EQ(vmbus_send_inband(dev.chan, 0, 0, msg, 8), -71);
		post_relid(VMBUS_MSG_CLOSE, relid);
		CHECK_EQ(dev.closes, 1);
		stop();
	}
}

static void no_interrupt_without_a_target(void)
{
	uint32_t relid = start_offered(VMBUS_VERSION_5_3);

	share(relid, 7, RING_GPA, 4, 4 * 4096, 0);
	take();
	post_open(relid, 1, 7, VMBUS_TARGET_VP_NONE, 2);
	take();
	kicks[0] = kicks[1] = 0;
	guest_send(6, 1);
	guest_signal();
	CHECK_EQ(ring_in()->write_index, 32);
	CHECK_EQ(kicks[0] + kicks[1], 0);
	stop();
}

static const struct unit_case cases[] = {
	UNIT_CASE(bad_opens_fail),
	UNIT_CASE(open_close_open),
	UNIT_CASE(modify_is_answered_from_5_3_on),
	UNIT_CASE(rescind_while_offered),
	UNIT_CASE(rescind_while_open),
	UNIT_CASE(rescind_while_opening),
	UNIT_CASE(rescind_with_half_a_gpadl),
	UNIT_CASE(a_second_offer_waits_for_the_release),
	UNIT_CASE(refused_offers_stay_away),
	UNIT_CASE(sub_channels_go_with_their_primary),
	UNIT_CASE(a_device_comes_and_goes_as_often_as_asked_for),
	UNIT_CASE(packets_are_echoed),
	UNIT_CASE(needless_signals_are_counted),
	UNIT_CASE(a_full_ring_is_resumed),
	UNIT_CASE(a_lazy_device_is_left_alone),
	UNIT_CASE(corrupt_rings_stop_the_channel),
	UNIT_CASE(no_interrupt_without_a_target),
};

int main(void)
{
	return unit_main(cases, sizeof(cases) / sizeof(cases[0]));
}
