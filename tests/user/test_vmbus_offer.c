// SPDX-License-Identifier: GPL-2.0
/*
 * From an offer to a device and back: devices and sub-channels that come and go at any moment, offers that make no sense,
 * devices that are offered again before they are gone, sockets, and the end of everything. See bus_fixture.h for who plays.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "bus_fixture.h"

#define RELID	5u

static void offer_becomes_a_device_and_its_rescind_ends_it(struct kunit *test)
{
	struct vmbus_chan *chan;

	host_offers(RELID, &scsi_class, 1, 0);
	bus_settles();
	chan = chan_of(RELID);
	KUNIT_ASSERT_NOT_NULL(test, chan);
	KUNIT_EXPECT_EQ(test, user.probed, 1u);
	KUNIT_EXPECT_EQ(test, user.id.driver_data, 7ul);
	KUNIT_EXPECT_TRUE(test, host.of[RELID].open);
	KUNIT_EXPECT_EQ(test, vmbus_channel_phase_of(chan), VMBUS_CHANNEL_OPENED);
	KUNIT_EXPECT_EQ(test, chan->channel.state, CHANNEL_OPENED_STATE);
	KUNIT_EXPECT_EQ(test, chan->channel.device_id, (u16)HV_SCSI);
	KUNIT_EXPECT_EQ(test, vmbus_conn.highest_relid, RELID);

	host_rescinds(RELID);
	bus_settles();
	KUNIT_EXPECT_NULL(test, chan_of(RELID));
	KUNIT_EXPECT_EQ(test, user.removed, 1u);
	/* A channel that is taken away is not closed, but its memory is asked for and its number given back. */
	KUNIT_EXPECT_EQ(test, host.closed, 0u);
	KUNIT_EXPECT_EQ(test, host.torn_down, 1u);
	KUNIT_EXPECT_EQ(test, host.released, 1u);
	KUNIT_EXPECT_EQ(test, host.broken_rules, 0u);
	KUNIT_EXPECT_TRUE(test, list_empty(&vmbus_conn.primaries));

	/* The number may be used again. */
	host_offers(RELID, &heartbeat_class, 2, 0);
	bus_settles();
	KUNIT_EXPECT_EQ(test, user.probed, 2u);
	KUNIT_EXPECT_EQ(test, user.id.driver_data, 8ul);
}

static void device_without_a_driver_goes_as_well(struct kunit *test)
{
	host_offers(RELID, &strange_class, 1, 0);
	bus_settles();
	KUNIT_ASSERT_NOT_NULL(test, chan_of(RELID));
	KUNIT_EXPECT_EQ(test, chan_of(RELID)->channel.device_id, (u16)HV_UNKNOWN);
	KUNIT_EXPECT_EQ(test, user.probed, 0u);
	host_rescinds(RELID);
	bus_settles();
	KUNIT_EXPECT_EQ(test, host.released, 1u);
	KUNIT_EXPECT_EQ(test, host.opened, 0u);
}

static void driver_that_forgets_to_close_leaves_nothing_to_the_host(struct kunit *test)
{
	user.leaves_open = true;
	host_offers(RELID, &scsi_class, 1, 0);
	bus_settles();
	host_rescinds(RELID);
	bus_settles();
	KUNIT_EXPECT_EQ(test, host.torn_down, 1u);
	KUNIT_EXPECT_EQ(test, host.released, 1u);
}

/* An offer beside a device that is there: how many devices there are then, and what is counted. */
struct hostile_offer {
	const char *name;
	u32 relid, cut;
	u8 instance;
	u16 sub_channel;
	bool other_class;
	unsigned int bad, refused, released;
};

static const struct hostile_offer hostile_offers[] = {
	{ "relid_0", 0, 0, 2, 0, false, 1, 0, 0 },
	{ "relid_past_the_table", VMBUS_RELID_MAX + 1, 0, 2, 0, false, 1, 0, 0 },
	{ "relid_of_all_bits", U32_MAX, 0, 2, 0, false, 1, 0, 0 },
	/* A number in use may not be released: it is the other device's. */
	{ "relid_in_use", RELID, 0, 2, 0, false, 1, 0, 0 },
	{ "same_offer_twice", RELID, 0, 1, 0, false, 1, 0, 0 },
	{ "cut_within_the_fields_of_1_1", RELID + 1, 4, 2, 0, false, 1, 0, 0 },
	{ "cut_before_them", RELID + 1, 8, 2, 0, false, 1, 0, 0 },
	{ "device_that_is_there", RELID + 1, 0, 1, 0, false, 0, 1, 1 },
	{ "name_of_a_device_of_another_class", RELID + 1, 0, 1, 0, true, 0, 1, 1 },
	{ "sub_channel_of_nobody", RELID + 1, 0, 2, 1, false, 0, 1, 1 },
	{ "sub_channel_of_another_class", RELID + 1, 0, 1, 1, true, 0, 1, 1 },
};

static void hostile_offer_desc(const struct hostile_offer *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}
KUNIT_ARRAY_PARAM(hostile, hostile_offers, hostile_offer_desc);

static void hostile_offer_costs_a_count_and_no_device(struct kunit *test)
{
	const struct hostile_offer *c = test->param_value;
	struct vmbus_msg_offer offer = an_offer(c->relid, c->other_class ? &heartbeat_class : &scsi_class, c->instance,
						c->sub_channel);
	struct vmbus_chan *chan;

	host_offers(RELID, &scsi_class, 1, 0);
	bus_settles();
	chan = chan_of(RELID);
	host.of[RELID + 1].offered = true;
	host_says(&offer, sizeof(offer) - c->cut);
	bus_settles();
	KUNIT_EXPECT_EQ(test, atomic_read(&vmbus_conn.faults.bad_messages), (int)c->bad);
	KUNIT_EXPECT_EQ(test, atomic_read(&vmbus_conn.faults.refused_offers), (int)c->refused);
	KUNIT_EXPECT_EQ(test, host.released, c->released);
	KUNIT_EXPECT_EQ(test, host.broken_rules, 0u);
	KUNIT_EXPECT_EQ(test, user.probed, 1u);
	KUNIT_EXPECT_PTR_EQ(test, chan_of(RELID), chan);
	KUNIT_EXPECT_NULL(test, chan_of(RELID + 1));
	KUNIT_EXPECT_TRUE(test, host.of[RELID].open);
}

static void offer_of_an_old_host_has_no_connection_of_its_own(struct kunit *test)
{
	struct vmbus_msg_offer offer = an_offer(RELID, &scsi_class, 1, 0);

	vmbus_proto_version = VMBUS_VERSION_0_13;
	vmbus_conn.shared_interrupts = true;
	vmbus_conn.interrupt_page = kunit_kzalloc(test, HYPERV_PAGE_SIZE, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, vmbus_conn.interrupt_page);
	host.of[RELID].offered = true;
	host_says(&offer, VMBUS_MSG_OFFER_V0_13_BYTES);
	bus_settles();
	KUNIT_ASSERT_NOT_NULL(test, chan_of(RELID));
	KUNIT_EXPECT_FALSE(test, chan_of(RELID)->channel.is_dedicated_interrupt);
	KUNIT_EXPECT_EQ(test, chan_of(RELID)->signal, (u64)VMBUS_CONNECTION_EVENT);
	KUNIT_EXPECT_FALSE(test, chan_of(RELID)->spread);
	KUNIT_EXPECT_EQ(test, user.probed, 1u);
}

static void rescinds_of_nothing_are_counted(struct kunit *test)
{
	host_rescinds(0);
	host_rescinds(RELID);
	host_rescinds(VMBUS_RELID_MAX);
	host_rescinds(U32_MAX);
	KUNIT_EXPECT_EQ(test, atomic_read(&vmbus_conn.faults.bad_messages), 4);
	host_offers(RELID, &scsi_class, 1, 0);
	bus_settles();
	host_rescinds(RELID);
	host_rescinds(RELID);
	bus_settles();
	KUNIT_EXPECT_EQ(test, user.removed, 1u);
	KUNIT_EXPECT_EQ(test, host.released, 1u);
}

static void rescind_right_behind_the_offer_leaves_nothing(struct kunit *test)
{
	host_offers(RELID, &scsi_class, 1, 0);
	host_rescinds(RELID);
	bus_settles();
	KUNIT_EXPECT_NULL(test, chan_of(RELID));
	KUNIT_EXPECT_EQ(test, host.released, 1u);
	KUNIT_EXPECT_EQ(test, user.probed, user.removed);
	KUNIT_EXPECT_EQ(test, host.broken_rules, 0u);
}

static void device_offered_again_before_it_is_gone_comes_again(struct kunit *test)
{
	host_offers(RELID, &scsi_class, 1, 0);
	bus_settles();
	host_rescinds(RELID);
	host_offers(RELID + 1, &scsi_class, 1, 0);
	bus_settles();
	KUNIT_EXPECT_NULL(test, chan_of(RELID));
	KUNIT_ASSERT_NOT_NULL(test, chan_of(RELID + 1));
	KUNIT_EXPECT_EQ(test, user.probed, 2u);
	KUNIT_EXPECT_EQ(test, user.removed, 1u);
	KUNIT_EXPECT_TRUE(test, host.of[RELID + 1].open);
	KUNIT_EXPECT_EQ(test, atomic_read(&vmbus_conn.faults.refused_offers), 0);
}

static void sub_channels_come_once_each_and_go_with_their_device(struct kunit *test)
{
	user.wants_subs = true;
	host_offers(RELID, &scsi_class, 1, 0);
	host_offers(RELID + 1, &scsi_class, 1, 1);
	bus_settles();
	/* Perhaps before its device was there: then it was refused. */
	if (!chan_of(RELID + 1)) {
		host_offers(RELID + 1, &scsi_class, 1, 1);
		bus_settles();
	}
	host_offers(RELID + 2, &scsi_class, 1, 2);
	host_offers(RELID + 3, &scsi_class, 1, 2);
	bus_settles();
	KUNIT_EXPECT_EQ(test, user.sub_channels, 2u);
	KUNIT_EXPECT_TRUE(test, host.of[RELID + 1].open);
	KUNIT_EXPECT_TRUE(test, host.of[RELID + 2].open);
	/* An index that is taken. */
	KUNIT_EXPECT_NULL(test, chan_of(RELID + 3));
	KUNIT_EXPECT_FALSE(test, host.of[RELID + 3].offered);
	KUNIT_EXPECT_PTR_EQ(test, chan_of(RELID + 1)->channel.primary_channel, &chan_of(RELID)->channel);

	host_rescinds(RELID);
	bus_settles();
	KUNIT_EXPECT_NULL(test, chan_of(RELID + 1));
	KUNIT_EXPECT_NULL(test, chan_of(RELID + 2));
	KUNIT_EXPECT_FALSE(test, host.of[RELID + 1].offered);
	KUNIT_EXPECT_FALSE(test, host.of[RELID + 2].offered);
	KUNIT_EXPECT_EQ(test, host.broken_rules, 0u);
}

static void open_sub_channel_that_is_rescinded_stays_until_it_is_closed(struct kunit *test)
{
	struct vmbus_chan *sub;

	user.wants_subs = true;
	host_offers(RELID, &scsi_class, 1, 0);
	bus_settles();
	host_offers(RELID + 1, &scsi_class, 1, 1);
	bus_settles();
	sub = chan_of(RELID + 1);
	KUNIT_ASSERT_NOT_NULL(test, sub);
	host_rescinds(RELID + 1);
	bus_settles();
	KUNIT_EXPECT_PTR_EQ(test, chan_of(RELID + 1), sub);
	KUNIT_EXPECT_EQ(test, host.released, 0u);
	KUNIT_EXPECT_NULL(test, sub->channel.onchannel_callback);
	vmbus_close(&chan_of(RELID)->channel);
	bus_settles();
	KUNIT_EXPECT_NULL(test, chan_of(RELID + 1));
	KUNIT_EXPECT_EQ(test, host.released, 1u);
	/* One that nobody had opened goes at once. */
	user.wants_subs = false;
	host_offers(RELID + 2, &scsi_class, 1, 2);
	bus_settles();
	KUNIT_ASSERT_NOT_NULL(test, chan_of(RELID + 2));
	host_rescinds(RELID + 2);
	bus_settles();
	KUNIT_EXPECT_NULL(test, chan_of(RELID + 2));
	KUNIT_EXPECT_EQ(test, host.released, 2u);
}

static void user_rescind_heard(struct vmbus_channel *channel)
{
	user.rescinds_heard++;
	vmbus_hvsock_device_unregister(channel);
}

static void socket_driver_removes_its_device_itself(struct kunit *test)
{
	struct vmbus_msg_offer offer = an_offer(RELID, &scsi_class, 1, 0);
	static struct hv_driver sockets = {
		.name = "kunit_sockets",
		.hvsock = true,
		.probe = user_probe,
		.remove = compat_hv_remove(user_remove),
	};

	KUNIT_ASSERT_EQ(test, __vmbus_driver_register(&sockets, THIS_MODULE, "kunit"), 0);
	/* By its flag alone, whatever its class is. */
	offer.flags = cpu_to_le16(VMBUS_OFFER_TLNPI_PROVIDER);
	host_sends_offer(&offer);
	bus_settles();
	KUNIT_EXPECT_EQ(test, user.probed, 1u);
	KUNIT_EXPECT_EQ(test, user.id.driver_data, 0ul);
	KUNIT_EXPECT_EQ(test, chan_of(RELID)->channel.device_id, (u16)HV_UNKNOWN);
	vmbus_set_chn_rescind_callback(&chan_of(RELID)->channel, user_rescind_heard);
	host_rescinds(RELID);
	bus_settles();
	KUNIT_EXPECT_EQ(test, user.rescinds_heard, 1u);
	KUNIT_EXPECT_EQ(test, user.removed, 1u);
	KUNIT_EXPECT_EQ(test, host.released, 1u);
	vmbus_driver_unregister(&sockets);
}

static void nothing_is_acted_upon_once_the_bus_stops(struct kunit *test)
{
	host_offers(RELID, &scsi_class, 1, 0);
	bus_settles();
	vmbus_offer_stop();
	host_offers(RELID + 1, &scsi_class, 2, 0);
	host_rescinds(RELID);
	bus_settles();
	KUNIT_EXPECT_NULL(test, chan_of(RELID + 1));
	KUNIT_EXPECT_NOT_NULL(test, chan_of(RELID));
	/* After the end of the connection the host is told of nothing. */
	vmbus_conn.connected = false;
	vmbus_offer_remove_all();
	KUNIT_EXPECT_EQ(test, user.removed, 1u);
	KUNIT_EXPECT_EQ(test, host.released, 0u);
	KUNIT_EXPECT_TRUE(test, list_empty(&vmbus_conn.primaries));
}

static void initial_offers_are_devices_when_the_wait_ends(struct kunit *test)
{
	struct vmbus_msg_header all = { .type = cpu_to_le32(VMBUS_MSG_ALL_OFFERS_DELIVERED) };

	host_offers(RELID, &scsi_class, 1, 0);
	host_offers(RELID + 1, &heartbeat_class, 2, 0);
	host_says(&all, sizeof(all));
	KUNIT_EXPECT_EQ(test, vmbus_offer_wait_initial(), 0);
	KUNIT_EXPECT_EQ(test, user.probed, 2u);
	/* Said again, it means nothing new. */
	host_says(&all, sizeof(all));
	KUNIT_EXPECT_EQ(test, vmbus_offer_await_initial(), 0);
}

struct visit {
	unsigned int seen, until;
};

static int visit_count(struct vmbus_chan *chan, void *context)
{
	struct visit *visit = context;

	return ++visit->seen == visit->until ? -EINTR : 0;
}

static void channels_are_visited_until_told_to_stop(struct kunit *test)
{
	struct visit all = { }, first = { .until = 1 }, second = { .until = 2 };

	KUNIT_EXPECT_EQ(test, vmbus_for_each_channel(visit_count, &all), 0);
	host_offers(RELID, &scsi_class, 1, 0);
	bus_settles();
	host_offers(RELID + 1, &scsi_class, 1, 1);
	bus_settles();
	KUNIT_EXPECT_EQ(test, vmbus_for_each_channel(visit_count, &all), 0);
	KUNIT_EXPECT_EQ(test, all.seen, 2u);
	KUNIT_EXPECT_EQ(test, vmbus_for_each_channel(visit_count, &first), -EINTR);
	KUNIT_EXPECT_EQ(test, first.seen, 1u);
	KUNIT_EXPECT_EQ(test, vmbus_for_each_channel(visit_count, &second), -EINTR);
	KUNIT_EXPECT_EQ(test, second.seen, 2u);
}

static struct kunit_case offer_cases[] = {
	KUNIT_CASE(offer_becomes_a_device_and_its_rescind_ends_it),
	KUNIT_CASE(device_without_a_driver_goes_as_well),
	KUNIT_CASE(driver_that_forgets_to_close_leaves_nothing_to_the_host),
	KUNIT_CASE_PARAM(hostile_offer_costs_a_count_and_no_device, hostile_gen_params),
	KUNIT_CASE(offer_of_an_old_host_has_no_connection_of_its_own),
	KUNIT_CASE(rescinds_of_nothing_are_counted),
	KUNIT_CASE(rescind_right_behind_the_offer_leaves_nothing),
	KUNIT_CASE(device_offered_again_before_it_is_gone_comes_again),
	KUNIT_CASE(sub_channels_come_once_each_and_go_with_their_device),
	KUNIT_CASE(open_sub_channel_that_is_rescinded_stays_until_it_is_closed),
	KUNIT_CASE(socket_driver_removes_its_device_itself),
	KUNIT_CASE(nothing_is_acted_upon_once_the_bus_stops),
	KUNIT_CASE(initial_offers_are_devices_when_the_wait_ends),
	KUNIT_CASE(channels_are_visited_until_told_to_stop),
	{}
};

static struct kunit_suite offer_suite = {
	.name = "vmbus_offer",
	.init = fixture_init,
	.exit = fixture_exit,
	.test_cases = offer_cases,
};
kunit_test_suite(offer_suite);
