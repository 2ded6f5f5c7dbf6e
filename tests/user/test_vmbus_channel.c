// SPDX-License-Identifier: GPL-2.0
/*
 * One channel's life: what an open that fails at any step leaves to the host, memory that is never used again, closing at
 * any moment, callbacks, and moving to another CPU. See bus_fixture.h for who plays.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "bus_fixture.h"

#define RELID	5u

/* A device that no driver takes, for the test to open. */
static struct vmbus_chan *a_channel(struct kunit *test)
{
	host_offers(RELID, &strange_class, 1, 0);
	bus_settles();
	KUNIT_ASSERT_NOT_NULL(test, chan_of(RELID));
	return chan_of(RELID);
}

static int open_it(struct vmbus_chan *chan)
{
	return vmbus_open(&chan->channel, RING_BYTES, RING_BYTES, NULL, 0, user_callback, NULL);
}

struct open_failure {
	const char *name;
	u32 silent_on, rescinds_on, status, cut;
	int post_result, ret;
	bool kept;		/* the host did not let the ring go */
};

static const struct open_failure open_failures[] = {
	{ "gpadl_is_refused", 0, 0, 0xc0000001, 0, 0, -EIO, false },
	{ "gpadl_is_not_answered", VMBUS_MSG_GPADL_HEADER, 0, 0, 0, 0, -ETIMEDOUT, true },
	{ "answer_about_the_gpadl_is_too_short_to_be_one", 0, 0, 0, 4, 0, -ETIMEDOUT, true },
	{ "nothing_can_be_posted", 0, 0, 0, 0, -EAGAIN, -EAGAIN, false },
	{ "rescind_before_the_gpadl_is_confirmed", 0, VMBUS_MSG_GPADL_HEADER, 0, 0, 0, -ENODEV, false },
	{ "rescind_and_no_word_about_the_gpadl", VMBUS_MSG_GPADL_HEADER, VMBUS_MSG_GPADL_HEADER, 0, 0, 0, -ENODEV, true },
	{ "open_is_not_answered", VMBUS_MSG_OPEN, 0, 0, 0, 0, -ETIMEDOUT, false },
	{ "rescind_in_place_of_the_result", VMBUS_MSG_OPEN, VMBUS_MSG_OPEN, 0, 0, 0, -ENODEV, false },
};

static void open_failure_desc(const struct open_failure *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}
KUNIT_ARRAY_PARAM(open_failure, open_failures, open_failure_desc);

static void open_that_fails_leaves_the_host_what_it_did_not_give_back(struct kunit *test)
{
	const struct open_failure *c = test->param_value;
	struct vmbus_chan *chan = a_channel(test);

	/* The channel outlives its rescind here. */
	kobject_get(&chan->channel.kobj);
	host.silent_on = c->silent_on;
	host.rescinds_on = c->rescinds_on;
	host.status = c->status;
	host.cut = c->cut;
	host.post_result = c->post_result;
	KUNIT_EXPECT_EQ(test, open_it(chan), c->ret);
	KUNIT_EXPECT_EQ(test, chan->ring_kept, c->kept);
	KUNIT_EXPECT_EQ(test, IS_ERR(chan->channel.ringbuffer_page), c->kept);
	KUNIT_EXPECT_EQ(test, atomic_read(&vmbus_conn.faults.kept_gpadls), (int)c->kept);
	KUNIT_EXPECT_EQ(test, vmbus_channel_phase_of(chan), VMBUS_CHANNEL_CLOSED);
	KUNIT_EXPECT_NULL(test, chan->channel.onchannel_callback);
	KUNIT_EXPECT_NULL(test, chan->channel.inbound.pkt_buffer);
	KUNIT_EXPECT_TRUE(test, list_empty(&vmbus_conn.requests));
	/* What was confirmed is taken back, and nothing else. */
	KUNIT_EXPECT_TRUE(test, !host.of[RELID].gpadl || c->kept);

	/* Closing what is not open says nothing. */
	host.silent_on = host.status = host.cut = host.post_result = 0;
	vmbus_close(&chan->channel);
	if (c->rescinds_on) {
		KUNIT_EXPECT_EQ(test, open_it(chan), -ENODEV);
	} else {
		/* Other memory will do for the next try. */
		host.of[RELID].open = false;
		KUNIT_EXPECT_EQ(test, open_it(chan), 0);
		KUNIT_EXPECT_FALSE(test, chan->ring_kept);
	}
	kobject_put(&chan->channel.kobj);
}

static void open_that_is_refused_takes_the_ring_back(struct kunit *test)
{
	struct vmbus_chan *chan = a_channel(test);
	struct vmbus_channel *channel = &chan->channel;

	KUNIT_ASSERT_EQ(test, vmbus_alloc_ring(channel, RING_BYTES, RING_BYTES), 0);
	KUNIT_ASSERT_EQ(test, vmbus_connect_ring(channel, user_callback, NULL), 0);
	/* Twice is once too often, whichever way. */
	KUNIT_EXPECT_EQ(test, vmbus_connect_ring(channel, user_callback, NULL), -EINVAL);
	KUNIT_EXPECT_EQ(test, open_it(chan), -EINVAL);
	KUNIT_EXPECT_EQ(test, host.opened, 1u);
	KUNIT_EXPECT_EQ(test, vmbus_disconnect_ring(channel), 0);
	KUNIT_EXPECT_EQ(test, vmbus_disconnect_ring(channel), 0);
	KUNIT_EXPECT_EQ(test, host.closed, 1u);
	KUNIT_EXPECT_NOT_NULL(test, channel->ringbuffer_page);
	/* The same memory again. */
	KUNIT_EXPECT_EQ(test, vmbus_connect_ring(channel, user_callback, NULL), 0);
	vmbus_close(channel);
	KUNIT_EXPECT_NULL(test, channel->ringbuffer_page);
	KUNIT_EXPECT_EQ(test, vmbus_connect_ring(channel, user_callback, NULL), -EINVAL);
	KUNIT_EXPECT_EQ(test, host.torn_down, 2u);
	KUNIT_EXPECT_EQ(test, host.broken_rules, 0u);
}

struct ring_size {
	const char *name;
	u32 send, receive;
};

static const struct ring_size ring_sizes[] = {
	{ "none", 0, 0 },
	{ "control_page_only", PAGE_SIZE, RING_BYTES },
	{ "nothing_to_receive_into", RING_BYTES, PAGE_SIZE },
	{ "no_whole_pages", RING_BYTES + 8, RING_BYTES },
	{ "receive_has_no_whole_pages", RING_BYTES, RING_BYTES + 4 },
	{ "more_pages_than_a_gpadl_has", 64 << 20, 64 << 20 },
	{ "sum_of_more_than_32_bits", 0xfffff000, 0xfffff000 },
};

static void ring_size_desc(const struct ring_size *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}
KUNIT_ARRAY_PARAM(ring_size, ring_sizes, ring_size_desc);

static void impossible_rings_are_refused(struct kunit *test)
{
	const struct ring_size *c = test->param_value;
	struct vmbus_chan *chan = a_channel(test);

	KUNIT_EXPECT_EQ(test, vmbus_open(&chan->channel, c->send, c->receive, NULL, 0, user_callback, NULL), -EINVAL);
	KUNIT_EXPECT_EQ(test, host.shared, 0u);
	KUNIT_EXPECT_EQ(test, vmbus_channel_phase_of(chan), VMBUS_CHANNEL_OFFERED);
}

static void user_data_is_within_its_bounds(struct kunit *test)
{
	struct vmbus_chan *chan = a_channel(test);
	u8 data[VMBUS_OFFER_USER_BYTES + 1] = { 1 };

	KUNIT_EXPECT_EQ(test, vmbus_open(&chan->channel, RING_BYTES, RING_BYTES, data, sizeof(data), user_callback, NULL),
			-EINVAL);
	KUNIT_EXPECT_EQ(test, vmbus_open(&chan->channel, RING_BYTES, RING_BYTES, NULL, 1, user_callback, NULL), -EINVAL);
	KUNIT_EXPECT_NULL(test, chan->channel.ringbuffer_page);
	KUNIT_EXPECT_EQ(test, vmbus_open(&chan->channel, RING_BYTES, RING_BYTES, data, sizeof(data) - 1, user_callback, NULL), 0);
}

static void teardown_that_is_not_confirmed_keeps_the_ring_for_ever(struct kunit *test)
{
	struct vmbus_chan *chan = a_channel(test);

	KUNIT_ASSERT_EQ(test, open_it(chan), 0);
	host.silent_on = VMBUS_MSG_GPADL_TEARDOWN;
	vmbus_close(&chan->channel);
	KUNIT_EXPECT_TRUE(test, IS_ERR(chan->channel.ringbuffer_page));
	KUNIT_EXPECT_EQ(test, atomic_read(&vmbus_conn.faults.kept_gpadls), 1);
	host.silent_on = 0;
	KUNIT_EXPECT_EQ(test, open_it(chan), 0);
	KUNIT_EXPECT_FALSE(test, IS_ERR(chan->channel.ringbuffer_page));
}

static void sub_channels_are_closed_before_their_device(struct kunit *test)
{
	user.wants_subs = true;
	host_offers(RELID, &scsi_class, 1, 0);
	bus_settles();
	host_offers(RELID + 1, &scsi_class, 1, 1);
	bus_settles();
	KUNIT_ASSERT_TRUE(test, host.of[RELID + 1].open);
	host.silent_on = VMBUS_MSG_GPADL_TEARDOWN;
	vmbus_disconnect_ring(&chan_of(RELID + 1)->channel);
	host.silent_on = 0;
	KUNIT_EXPECT_TRUE(test, chan_of(RELID + 1)->ring_kept);
	vmbus_close(&chan_of(RELID)->channel);
	KUNIT_EXPECT_FALSE(test, host.of[RELID].open);
	KUNIT_EXPECT_EQ(test, host.closed, 2u);
	KUNIT_EXPECT_EQ(test, host.broken_rules, 0u);
}

static void ring_of_a_sub_channel_that_stays_with_the_host_is_told_of_the_device(struct kunit *test)
{
	user.wants_subs = true;
	host_offers(RELID, &scsi_class, 1, 0);
	bus_settles();
	host_offers(RELID + 1, &scsi_class, 1, 1);
	bus_settles();
	host.silent_on = VMBUS_MSG_GPADL_TEARDOWN;
	vmbus_close(&chan_of(RELID)->channel);
	/* A driver looks at the one channel it knows. */
	KUNIT_EXPECT_TRUE(test, IS_ERR(chan_of(RELID)->channel.ringbuffer_page));
	KUNIT_EXPECT_TRUE(test, IS_ERR(chan_of(RELID + 1)->channel.ringbuffer_page));
}

static void callback_runs_until_it_is_reset(struct kunit *test)
{
	struct vmbus_chan *chan = a_channel(test);

	KUNIT_ASSERT_EQ(test, open_it(chan), 0);
	tasklet_schedule(&chan->channel.callback_event);
	tasklet_kill(&chan->channel.callback_event);
	KUNIT_EXPECT_EQ(test, atomic_read(&user.called), 1);
	/* Batched: what the host put behind the driver's back asks for another run. */
	chan->channel.callback_mode = HV_CALL_BATCHED;
	chan->in.control->write_index = cpu_to_le32(8);
	channel_tasklet((unsigned long)&chan->channel);
	chan->in.control->write_index = 0;
	tasklet_kill(&chan->channel.callback_event);
	KUNIT_EXPECT_EQ(test, atomic_read(&user.called), 3);
	/* The last look, when the channel is taken away. */
	vmbus_channel_quiesce(chan);
	KUNIT_EXPECT_EQ(test, atomic_read(&user.called), 4);
	KUNIT_EXPECT_NULL(test, chan->channel.onchannel_callback);
	tasklet_schedule(&chan->channel.callback_event);
	tasklet_kill(&chan->channel.callback_event);
	vmbus_channel_quiesce(chan);
	KUNIT_EXPECT_EQ(test, atomic_read(&user.called), 4);
}

static void callback_of_the_interrupt_gets_its_last_look_as_well(struct kunit *test)
{
	struct vmbus_chan *chan = a_channel(test);

	KUNIT_ASSERT_EQ(test, open_it(chan), 0);
	chan->channel.callback_mode = HV_CALL_ISR;
	vmbus_channel_quiesce(chan);
	KUNIT_EXPECT_EQ(test, atomic_read(&user.called), 1);
}

static void request_ids_are_there_while_the_channel_is_open(struct kunit *test)
{
	struct vmbus_chan *chan = a_channel(test);

	chan->channel.rqstor_size = 64;
	KUNIT_ASSERT_EQ(test, open_it(chan), 0);
	KUNIT_EXPECT_EQ(test, chan->channel.requestor.size, 64u);
	vmbus_close(&chan->channel);
	KUNIT_EXPECT_EQ(test, chan->channel.requestor.size, 0u);
	KUNIT_EXPECT_NULL(test, chan->channel.requestor.req_arr);
}

static void broken_channel_is_closed_like_any_other(struct kunit *test)
{
	struct vmbus_chan *chan = a_channel(test);

	KUNIT_ASSERT_EQ(test, open_it(chan), 0);
	vmbus_packet_break(chan);
	KUNIT_EXPECT_EQ(test, chan->channel.state, CHANNEL_OPENED_STATE);
	vmbus_close(&chan->channel);
	KUNIT_EXPECT_EQ(test, host.closed, 1u);
	KUNIT_EXPECT_EQ(test, host.torn_down, 1u);
}

/* What a move comes to, and what the host was told. */
struct move_case {
	const char *name;
	u32 version, status, silent_on, cut;
	int ret;
	unsigned int told;
};

static const struct move_case move_cases[] = {
	{ "host_of_4_0", VMBUS_VERSION_4_0, 0, 0, 0, -EOPNOTSUPP, 0 },
	{ "host_of_5_2_does_not_answer", VMBUS_VERSION_5_2, 0, 0, 0, 0, 1 },
	{ "host_of_5_3_answers", VMBUS_VERSION_5_3, 0, 0, 0, 0, 1 },
	{ "host_refuses", VMBUS_VERSION_5_3, 0xc000000d, 0, 0, -EIO, 1 },
	{ "host_is_silent", VMBUS_VERSION_5_3, 0, VMBUS_MSG_MODIFY_CHANNEL, 0, -ETIMEDOUT, 1 },
	{ "answer_is_too_short_to_be_one", VMBUS_VERSION_5_3, 0, 0, 4, -ETIMEDOUT, 1 },
};

static void move_desc(const struct move_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}
KUNIT_ARRAY_PARAM(move, move_cases, move_desc);

static void host_is_told_of_a_move_as_its_version_wants_it(struct kunit *test)
{
	const struct move_case *c = test->param_value;
	struct vmbus_chan *chan = a_channel(test);

	KUNIT_ASSERT_EQ(test, open_it(chan), 0);
	KUNIT_EXPECT_EQ(test, host.of[RELID].vp, VP_OF_CPU);
	vmbus_proto_version = c->version;
	host.status = c->status;
	host.silent_on = c->silent_on;
	host.cut = c->cut;
	KUNIT_EXPECT_EQ(test, vmbus_send_modifychannel(&chan->channel, 77), c->ret);
	KUNIT_EXPECT_EQ(test, host.modified, c->told);
	KUNIT_EXPECT_EQ(test, host.of[RELID].vp, c->ret && c->ret != -ETIMEDOUT ? VP_OF_CPU : 77u);
	host.cut = host.status = host.silent_on = 0;
	vmbus_proto_version = VMBUS_VERSION_5_3;
	WRITE_ONCE(chan->channel.rescind, true);
	KUNIT_EXPECT_EQ(test, vmbus_send_modifychannel(&chan->channel, 78), -ENODEV);
	WRITE_ONCE(chan->channel.rescind, false);
}

static unsigned int moves_heard;

static void move_heard(struct vmbus_channel *channel, u32 old, u32 new)
{
	moves_heard++;
}

static void channel_goes_where_it_may(struct kunit *test)
{
	struct vmbus_chan *chan = a_channel(test);
	unsigned int other = 1;

	moves_heard = 0;
	chan->channel.change_target_cpu_callback = move_heard;
	cpus_read_lock();
	KUNIT_EXPECT_EQ(test, vmbus_channel_retarget(chan, nr_cpu_ids), -EINVAL);
	KUNIT_EXPECT_EQ(test, vmbus_channel_retarget(chan, UINT_MAX), -EINVAL);
	/* Not open: the host knows no CPU of it yet. */
	KUNIT_EXPECT_EQ(test, vmbus_channel_retarget(chan, 0), -EIO);
	cpus_read_unlock();
	KUNIT_ASSERT_EQ(test, open_it(chan), 0);
	cpus_read_lock();
	KUNIT_EXPECT_EQ(test, vmbus_channel_retarget(chan, chan->channel.target_cpu), 0);
	KUNIT_EXPECT_EQ(test, host.modified, 0u);
	if (vmbus_cpu_may_serve(other)) {
		host.status = 1;
		KUNIT_EXPECT_EQ(test, vmbus_channel_retarget(chan, other), -EIO);
		KUNIT_EXPECT_EQ(test, chan->channel.target_cpu, (u32)VMBUS_CONNECT_CPU);
		KUNIT_EXPECT_EQ(test, moves_heard, 0u);
		host.status = 0;
		KUNIT_EXPECT_EQ(test, vmbus_channel_retarget(chan, other), 0);
		KUNIT_EXPECT_EQ(test, chan->channel.target_cpu, other);
		KUNIT_EXPECT_EQ(test, host.of[RELID].vp, VP_OF_CPU + other);
		KUNIT_EXPECT_EQ(test, moves_heard, 1u);
	}
	vmbus_proto_version = VMBUS_VERSION_4_0;
	KUNIT_EXPECT_EQ(test, vmbus_channel_retarget(chan, 0), -EIO);
	cpus_read_unlock();
}

static struct kunit_case channel_cases[] = {
	KUNIT_CASE_PARAM(open_that_fails_leaves_the_host_what_it_did_not_give_back, open_failure_gen_params),
	KUNIT_CASE(open_that_is_refused_takes_the_ring_back),
	KUNIT_CASE_PARAM(impossible_rings_are_refused, ring_size_gen_params),
	KUNIT_CASE(user_data_is_within_its_bounds),
	KUNIT_CASE(teardown_that_is_not_confirmed_keeps_the_ring_for_ever),
	KUNIT_CASE(sub_channels_are_closed_before_their_device),
	KUNIT_CASE(ring_of_a_sub_channel_that_stays_with_the_host_is_told_of_the_device),
	KUNIT_CASE(callback_runs_until_it_is_reset),
	KUNIT_CASE(callback_of_the_interrupt_gets_its_last_look_as_well),
	KUNIT_CASE(request_ids_are_there_while_the_channel_is_open),
	KUNIT_CASE(broken_channel_is_closed_like_any_other),
	KUNIT_CASE_PARAM(host_is_told_of_a_move_as_its_version_wants_it, move_gen_params),
	KUNIT_CASE(channel_goes_where_it_may),
	{}
};

static struct kunit_suite channel_suite = {
	.name = "vmbus_channel",
	.init = fixture_init,
	.exit = fixture_exit,
	.test_cases = channel_cases,
};
kunit_test_suite(channel_suite);
