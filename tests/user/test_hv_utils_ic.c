// SPDX-License-Identifier: GPL-2.0
/*
 * The framework of the integration components and its heartbeat on a bus played by this file: what is answered, in which
 * order, and what happens when the host leaves no room, floods, lies or withdraws the channel. Work runs when the case says so.
 */
#include <kunit/test.h>

#define KBUILD_MODNAME "hv_utils"
#include "../../hv_utils/ic_msg.c"
#include "../../hv_utils/versions.c"
#include "../../hv_utils/ic.c"
#include "../../hv_utils/heartbeat.c"
#include "ic_host.h"

static void host_beats(u64 sequence)
{
	host_sends(IC_MSG_HEARTBEAT, sequence, &sequence, sizeof(sequence));
}

static u64 sequence_of(unsigned int answer)
{
	u64 sequence;

	memcpy(&sequence, host.answers[answer].bytes + sizeof(struct ic_frame), sizeof(sequence));
	return sequence;
}

static void start(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, hv_ic_probe(&hdev, &hv_heartbeat_service), 0);
	host_negotiates(3, 3);
	host_event();
	KUNIT_ASSERT_EQ(test, host.answered, 1);
	KUNIT_ASSERT_EQ(test, status_of(0), IC_STATUS_OK);
	host.answered = 0;
}

static void burst_is_answered_in_order_at_one_event(struct kunit *test)
{
	u64 i;

	start(test);
	for (i = 0; i < 50; i++)
		host_beats(10 * i);
	host_event();
	KUNIT_ASSERT_EQ(test, host.answered, 50);
	for (i = 0; i < 50; i++) {
		KUNIT_EXPECT_EQ(test, status_of(i), IC_STATUS_OK);
		KUNIT_EXPECT_EQ(test, sequence_of(i), 10 * i + 1);
		KUNIT_EXPECT_EQ(test, host.answers[i].request_id, 10 * i);
	}
	KUNIT_EXPECT_EQ(test, host.published, host.written);
	KUNIT_EXPECT_FALSE(test, ic()->repoll.work.pending);
}

static void messages_from_before_open_are_served(struct kunit *test)
{
	host_negotiates(1, 1);
	host_beats(5);
	KUNIT_ASSERT_EQ(test, hv_ic_probe(&hdev, &hv_heartbeat_service), 0);
	KUNIT_ASSERT_EQ(test, host.answered, 2);
	KUNIT_EXPECT_EQ(test, sequence_of(1), 6);
}

/* A flood gets its turns, and nothing is left behind without anybody coming back for it. */
static void flood_is_served_in_turns(struct kunit *test)
{
	unsigned int i, turns = 0;

	start(test);
	for (i = 0; i < 300; i++)
		host_beats(i);
	host_event();
	KUNIT_EXPECT_LT(test, host.answered, 300);
	while (host.answered < 300 && shim_run_work(&ic()->repoll.work))
		turns++;
	KUNIT_EXPECT_EQ(test, host.answered, 300);
	KUNIT_EXPECT_GE(test, turns, 2);
	KUNIT_EXPECT_EQ(test, sequence_of(299), 300);
}

static void answer_waits_for_room_and_nothing_is_lost(struct kunit *test)
{
	unsigned int i;

	start(test);
	host.room = 3;
	for (i = 0; i < 10; i++)
		host_beats(i);
	host_event();
	KUNIT_EXPECT_EQ(test, host.answered, 3);
	/* no more is taken out of the ring than one answer can wait for */
	KUNIT_EXPECT_EQ(test, host.written - host.published, 6);
	KUNIT_EXPECT_TRUE(test, ic()->repoll.work.pending);
	KUNIT_EXPECT_GT(test, ic()->repoll.delay, 0);

	/* still no room: it is tried again, later */
	KUNIT_EXPECT_TRUE(test, shim_run_work(&ic()->repoll.work));
	host_event();
	KUNIT_EXPECT_EQ(test, host.answered, 3);
	KUNIT_EXPECT_TRUE(test, ic()->repoll.work.pending);

	host.room = MAX_PACKETS;
	KUNIT_EXPECT_TRUE(test, shim_run_work(&ic()->repoll.work));
	KUNIT_ASSERT_EQ(test, host.answered, 10);
	for (i = 0; i < 10; i++)
		KUNIT_EXPECT_EQ(test, sequence_of(i), i + 1);
	KUNIT_EXPECT_FALSE(test, ic()->repoll.work.pending);
}

static void no_room_for_ever_does_not_keep_the_device(struct kunit *test)
{
	start(test);
	host.room = 0;
	host_beats(1);
	host_event();
	KUNIT_EXPECT_TRUE(test, ic()->repoll.work.pending);
	hv_ic_remove(&hdev);
	KUNIT_EXPECT_NULL(test, hv_get_drvdata(&hdev));
	KUNIT_EXPECT_EQ(test, host.answered, 0);
}

static void rescinded_channel_ends_in_peace(struct kunit *test)
{
	start(test);
	host.rescinded = true;
	host_beats(1);
	host_beats(2);
	host_event();
	KUNIT_EXPECT_EQ(test, ic()->unanswered, 2);
	KUNIT_EXPECT_FALSE(test, ic()->repoll.work.pending);
	hv_ic_remove(&hdev);
}

static void nothing_is_served_before_negotiation(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, hv_ic_probe(&hdev, &hv_heartbeat_service), 0);
	host_beats(1);
	host_event();
	KUNIT_ASSERT_EQ(test, host.answered, 1);
	KUNIT_EXPECT_EQ(test, status_of(0), IC_STATUS_FAIL);
	KUNIT_EXPECT_EQ(test, host.answers[0].length, 28);
}

static void negotiation_may_come_again_and_may_fail(struct kunit *test)
{
	start(test);
	host_beats(1);
	host_negotiates(1, 1);
	host_beats(3);
	host_negotiates(3, 9);
	host_beats(5);
	host_negotiates(3, 3);
	host_beats(7);
	host_event();
	KUNIT_ASSERT_EQ(test, host.answered, 7);
	KUNIT_EXPECT_EQ(test, sequence_of(0), 2);
	KUNIT_EXPECT_EQ(test, sequence_of(2), 4);
	KUNIT_EXPECT_EQ(test, status_of(3), IC_STATUS_FAIL);
	KUNIT_EXPECT_EQ(test, status_of(4), IC_STATUS_FAIL);
	KUNIT_EXPECT_EQ(test, status_of(5), IC_STATUS_OK);
	KUNIT_EXPECT_EQ(test, sequence_of(6), 8);
}

static void hostile_packets_cost_an_error_each(struct kunit *test)
{
	static const u8 junk[64] = { 1 };
	u8 body[48] = { };
	unsigned int i;

	start(test);
	/* unanswerable: no header, wrong kinds of packets, offsets beyond the packet */
	for (i = 0; i < 28; i++)
		host_sends_packet(VM_PKT_DATA_INBAND, 2, 1, junk, i);
	host_sends_packet(VM_PKT_COMP, 2, 1, junk, 64);
	host_sends_packet(0xffff, 2, 1, junk, 64);
	host_sends_packet(VM_PKT_DATA_INBAND, 0, 1, junk, 64);
	host_sends_packet(VM_PKT_DATA_INBAND, 1, 1, junk, 64);
	host_sends_packet(VM_PKT_DATA_INBAND, 0xffff, 1, junk, 64);
	host_event();
	KUNIT_EXPECT_EQ(test, host.answered, 0);
	KUNIT_EXPECT_EQ(test, ic()->refused, 33);

	/* answered with an error: short bodies, other components' messages */
	for (i = 0; i < 8; i++)
		host_sends(IC_MSG_HEARTBEAT, 2, body, i);
	host_sends(IC_MSG_KVP, 2, body, 8);
	host_sends(0xffff, 2, body, 8);
	host_sends(IC_MSG_NEGOTIATE, 2, body, 0);
	host_event();
	KUNIT_ASSERT_EQ(test, host.answered, 11);
	for (i = 0; i < 11; i++)
		KUNIT_EXPECT_EQ(test, status_of(i), IC_STATUS_FAIL);

	/* and an ordinary exchange succeeds again */
	host.answered = 0;
	host_negotiates(3, 3);
	host_beats(1);
	host_event();
	KUNIT_ASSERT_EQ(test, host.answered, 2);
	KUNIT_EXPECT_EQ(test, sequence_of(1), 2);
}

/* What was received of the application state returns as it was; nothing is added to a message that had none. */
static void application_state_returns_as_it_came(struct kunit *test)
{
	static const u16 sizes[] = { 8, 16, 40, 48 };
	u8 body[48];
	unsigned int i;

	start(test);
	memset(body, 0xa5, sizeof(body));
	for (i = 0; i < ARRAY_SIZE(sizes); i++)
		host_sends(IC_MSG_HEARTBEAT, i, body, sizes[i]);
	host_event();
	KUNIT_ASSERT_EQ(test, host.answered, 4);
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		u32 expected = sizes[i] < 40 ? sizes[i] : 40;

		KUNIT_EXPECT_EQ(test, host.answers[i].length, 28 + expected);
		KUNIT_EXPECT_EQ(test, sequence_of(i), 0xa5a5a5a5a5a5a5a6ULL);
		if (expected <= 36)
			KUNIT_EXPECT_EQ(test, memcmp(host.answers[i].bytes + 36, body, expected - 8), 0);
	}
}

static void suspended_service_negotiates_anew(struct kunit *test)
{
	start(test);
	KUNIT_EXPECT_EQ(test, hv_ic_suspend(&hdev), 0);
	host_beats(1);
	KUNIT_ASSERT_EQ(test, hv_ic_resume(&hdev), 0);
	KUNIT_ASSERT_EQ(test, host.answered, 1);
	KUNIT_EXPECT_EQ(test, status_of(0), IC_STATUS_FAIL);
	host_negotiates(3, 3);
	host_beats(2);
	host_event();
	KUNIT_EXPECT_EQ(test, sequence_of(2), 3);
}

static void failed_open_leaves_nothing(struct kunit *test)
{
	host.open_result = -ENODEV;
	KUNIT_EXPECT_EQ(test, hv_ic_probe(&hdev, &hv_heartbeat_service), -ENODEV);
	KUNIT_EXPECT_NULL(test, hv_get_drvdata(&hdev));
}

static struct kunit_case ic_cases[] = {
	KUNIT_CASE(burst_is_answered_in_order_at_one_event),
	KUNIT_CASE(messages_from_before_open_are_served),
	KUNIT_CASE(flood_is_served_in_turns),
	KUNIT_CASE(answer_waits_for_room_and_nothing_is_lost),
	KUNIT_CASE(no_room_for_ever_does_not_keep_the_device),
	KUNIT_CASE(rescinded_channel_ends_in_peace),
	KUNIT_CASE(nothing_is_served_before_negotiation),
	KUNIT_CASE(negotiation_may_come_again_and_may_fail),
	KUNIT_CASE(hostile_packets_cost_an_error_each),
	KUNIT_CASE(application_state_returns_as_it_came),
	KUNIT_CASE(suspended_service_negotiates_anew),
	KUNIT_CASE(failed_open_leaves_nothing),
	{ }
};

static struct kunit_suite ic_suite = {
	.name = "hv_utils_ic_framework",
	.init = ic_case_init,
	.exit = ic_case_exit,
	.test_cases = ic_cases,
};
kunit_test_suite(ic_suite);
