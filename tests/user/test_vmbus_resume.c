// SPDX-License-Identifier: GPL-2.0
/*
 * The bus over a hibernation: which offer of the new connection means which device, what becomes of those that are not
 * offered again, of sub-channels and of channels that are still open, and hosts that do not play along. The connection is
 * played by this file; see bus_fixture.h for the rest.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "bus_fixture.h"
#include "../../vmbus/reoffer.c"
#include "../../vmbus/suspend.c"

#define RELID	5u

/* What the host offers once it is connected to again, and how it takes the rest. */
static struct {
	struct vmbus_msg_offer offers[4];
	unsigned int count;
	bool can_unload;
	int unload_result, reconnect_result;
	unsigned int unloads, reconnects;
} next;

/* While the system sleeps the queue of devices is frozen: here by a work that waits. */
static struct completion thawed;

static void frozen_work(struct work_struct *work)
{
	wait_for_completion(&thawed);
}
static struct work_struct frozen;

bool vmbus_can_unload(void)
{
	return next.can_unload;
}

int vmbus_unload(void)
{
	next.unloads++;
	WRITE_ONCE(vmbus_conn.connected, false);
	memset(host.of, 0, sizeof(host.of));
	return next.unload_result;
}

int vmbus_reconnect(void)
{
	next.reconnects++;
	if (next.reconnect_result)
		return next.reconnect_result;
	reinit_completion(&vmbus_conn.all_offers);
	WRITE_ONCE(vmbus_conn.connected, true);
	WRITE_ONCE(vmbus_conn.takes_offers, true);
	return 0;
}

int vmbus_request_initial_offers(void)
{
	struct vmbus_msg_header all = { .type = cpu_to_le32(VMBUS_MSG_ALL_OFFERS_DELIVERED) };
	unsigned int i;

	for (i = 0; i < next.count; i++)
		host_sends_offer(&next.offers[i]);
	host_says(&all, sizeof(all));
	return 0;
}

static void will_offer(u32 relid, const guid_t *class_id, u8 instance, u16 sub_channel)
{
	next.offers[next.count++] = an_offer(relid, class_id, instance, sub_channel);
}

static int resume_init(struct kunit *test)
{
	memset(&next, 0, sizeof(next));
	next.can_unload = true;
	suspended = false;
	return fixture_init(test);
}

static struct hv_device *a_device(struct kunit *test, u32 relid, const guid_t *class_id, u8 instance)
{
	host_offers(relid, class_id, instance, 0);
	bus_settles();
	KUNIT_ASSERT_NOT_NULL(test, chan_of(relid));
	return chan_of(relid)->channel.device_obj;
}

/* As the system goes to sleep and wakes up; @device: one whose driver takes part, or NULL. */
static int sleep_and_wake(struct hv_device *device)
{
	int ret;

	init_completion(&thawed);
	INIT_WORK(&frozen, frozen_work);
	queue_work(vmbus_conn.primary_wq, &frozen);
	if (device)
		vmbus_bus_suspend(&device->device);
	ret = vmbus_suspend();
	if (!ret)
		ret = vmbus_resume();
	if (device && !READ_ONCE(device->channel->rescind))
		vmbus_bus_resume(&device->device);
	complete(&thawed);
	bus_settles();
	return ret;
}

static void device_goes_on_under_the_number_it_is_offered_with(struct kunit *test)
{
	struct hv_device *device = a_device(test, RELID, &scsi_class, 1);

	will_offer(RELID + 4, &scsi_class, 1, 0);
	KUNIT_EXPECT_EQ(test, sleep_and_wake(device), 0);
	KUNIT_EXPECT_EQ(test, next.unloads, 1u);
	KUNIT_EXPECT_NULL(test, chan_of(RELID));
	KUNIT_ASSERT_NOT_NULL(test, chan_of(RELID + 4));
	KUNIT_EXPECT_PTR_EQ(test, chan_of(RELID + 4)->channel.device_obj, device);
	KUNIT_EXPECT_EQ(test, chan_of(RELID + 4)->signal, (u64)(0x10000 + RELID + 4));
	KUNIT_EXPECT_STREQ(test, kobject_name(&device->channel->kobj), "9");
	/* The same device all the time, for its driver. */
	KUNIT_EXPECT_EQ(test, user.probed, 1u);
	KUNIT_EXPECT_EQ(test, user.removed, 0u);
	KUNIT_EXPECT_TRUE(test, host.of[RELID + 4].open);
	KUNIT_EXPECT_EQ(test, host.broken_rules, 0u);
	/* And it can be taken away under it. */
	host_rescinds(RELID + 4);
	bus_settles();
	KUNIT_EXPECT_EQ(test, user.removed, 1u);
	KUNIT_EXPECT_EQ(test, host.released, 1u);
}

static void device_that_is_not_offered_again_ends(struct kunit *test)
{
	struct hv_device *device = a_device(test, RELID, &scsi_class, 1);

	will_offer(RELID, &heartbeat_class, 2, 0);
	KUNIT_EXPECT_EQ(test, sleep_and_wake(device), 0);
	KUNIT_EXPECT_EQ(test, user.removed, 1u);
	/* What came in its place is another one. */
	KUNIT_EXPECT_EQ(test, user.probed, 2u);
	KUNIT_ASSERT_NOT_NULL(test, chan_of(RELID));
	KUNIT_EXPECT_EQ(test, chan_of(RELID)->channel.device_id, (u16)HV_HB);
	/* The host forgot the old one's number with the connection. */
	KUNIT_EXPECT_EQ(test, host.released, 0u);
	KUNIT_EXPECT_EQ(test, host.broken_rules, 0u);
}

static void numbers_may_change_places(struct kunit *test)
{
	struct hv_device *one = a_device(test, RELID, &strange_class, 1);
	struct hv_device *two = a_device(test, RELID + 1, &strange_class, 2);

	will_offer(RELID, &strange_class, 2, 0);
	will_offer(RELID + 1, &strange_class, 1, 0);
	KUNIT_EXPECT_EQ(test, sleep_and_wake(NULL), 0);
	KUNIT_EXPECT_PTR_EQ(test, chan_of(RELID)->channel.device_obj, two);
	KUNIT_EXPECT_PTR_EQ(test, chan_of(RELID + 1)->channel.device_obj, one);
}

static void offers_that_lie_get_no_device_that_is_there(struct kunit *test)
{
	struct hv_device *device = a_device(test, RELID, &scsi_class, 1);

	/* A sub-channel nobody asked for, the name in another class, the device itself, and the device once more. */
	will_offer(RELID + 1, &scsi_class, 1, 3);
	will_offer(RELID + 2, &heartbeat_class, 1, 0);
	will_offer(RELID + 3, &scsi_class, 1, 0);
	will_offer(RELID + 4, &scsi_class, 1, 0);
	KUNIT_EXPECT_EQ(test, sleep_and_wake(device), 0);
	KUNIT_ASSERT_NOT_NULL(test, chan_of(RELID + 3));
	KUNIT_EXPECT_PTR_EQ(test, chan_of(RELID + 3)->channel.device_obj, device);
	KUNIT_EXPECT_NULL(test, chan_of(RELID + 2));
	KUNIT_EXPECT_NULL(test, chan_of(RELID + 4));
	KUNIT_EXPECT_EQ(test, user.probed, 1u);
	KUNIT_EXPECT_EQ(test, user.removed, 0u);
	KUNIT_EXPECT_EQ(test, host.broken_rules, 0u);
}

static void sub_channels_end_and_open_channels_are_forgotten(struct kunit *test)
{
	user.wants_subs = true;
	a_device(test, RELID, &scsi_class, 1);
	host_offers(RELID + 1, &scsi_class, 1, 1);
	bus_settles();
	KUNIT_ASSERT_TRUE(test, host.of[RELID + 1].open);
	will_offer(RELID, &scsi_class, 1, 0);
	/* A driver that takes no part leaves everything open. */
	KUNIT_EXPECT_EQ(test, sleep_and_wake(NULL), 0);
	KUNIT_EXPECT_NULL(test, chan_of(RELID + 1));
	KUNIT_EXPECT_EQ(test, vmbus_channel_phase_of(chan_of(RELID)), VMBUS_CHANNEL_CLOSED);
	KUNIT_EXPECT_FALSE(test, chan_of(RELID)->ring_kept);
	KUNIT_EXPECT_NULL(test, chan_of(RELID)->channel.onchannel_callback);
	/* Nothing was asked of a connection that is gone. */
	KUNIT_EXPECT_EQ(test, host.closed, 0u);
	KUNIT_EXPECT_EQ(test, host.torn_down, 0u);
	vmbus_close(&chan_of(RELID)->channel);
	KUNIT_EXPECT_EQ(test, host.torn_down, 0u);
	KUNIT_EXPECT_EQ(test, vmbus_open(&chan_of(RELID)->channel, RING_BYTES, RING_BYTES, NULL, 0, user_callback, NULL), 0);
}

static void host_that_does_not_confirm_the_end_keeps_the_rings(struct kunit *test)
{
	struct vmbus_chan *chan = to_chan(a_device(test, RELID, &scsi_class, 1)->channel);

	next.unload_result = -ETIMEDOUT;
	will_offer(RELID, &scsi_class, 1, 0);
	KUNIT_EXPECT_EQ(test, sleep_and_wake(NULL), -ETIMEDOUT);
	/* Connected again all the same: the system stays awake. */
	KUNIT_EXPECT_EQ(test, next.reconnects, 1u);
	KUNIT_EXPECT_TRUE(test, vmbus_conn.connected);
	KUNIT_EXPECT_TRUE(test, chan->ring_kept);
	vmbus_close(&chan->channel);
	/* Counted by nobody, as no teardown was refused. */
	KUNIT_EXPECT_TRUE(test, IS_ERR(chan->channel.ringbuffer_page));
	atomic_inc(&vmbus_conn.faults.kept_gpadls);
}

static void host_that_cannot_be_left_keeps_the_system_awake(struct kunit *test)
{
	a_device(test, RELID, &scsi_class, 1);
	next.can_unload = false;
	KUNIT_EXPECT_EQ(test, sleep_and_wake(NULL), -EOPNOTSUPP);
	KUNIT_EXPECT_EQ(test, next.unloads, 0u);
	KUNIT_EXPECT_TRUE(test, host.of[RELID].open);
	KUNIT_EXPECT_TRUE(test, vmbus_conn.takes_offers);
}

static void without_a_connection_all_devices_end(struct kunit *test)
{
	struct hv_device *device = a_device(test, RELID, &scsi_class, 1);

	a_device(test, RELID + 1, &strange_class, 2);
	next.reconnect_result = -ETIMEDOUT;
	KUNIT_EXPECT_EQ(test, sleep_and_wake(device), -ETIMEDOUT);
	KUNIT_EXPECT_EQ(test, user.removed, 1u);
	KUNIT_EXPECT_TRUE(test, list_empty(&vmbus_conn.primaries));
	/* There is nothing to end a second time, and nothing to begin. */
	KUNIT_EXPECT_EQ(test, vmbus_suspend(), 0);
	KUNIT_EXPECT_EQ(test, vmbus_resume(), 0);
	KUNIT_EXPECT_EQ(test, next.unloads, 1u);
	KUNIT_EXPECT_EQ(test, next.reconnects, 1u);
}

static struct kunit_case resume_cases[] = {
	KUNIT_CASE(device_goes_on_under_the_number_it_is_offered_with),
	KUNIT_CASE(device_that_is_not_offered_again_ends),
	KUNIT_CASE(numbers_may_change_places),
	KUNIT_CASE(offers_that_lie_get_no_device_that_is_there),
	KUNIT_CASE(sub_channels_end_and_open_channels_are_forgotten),
	KUNIT_CASE(host_that_does_not_confirm_the_end_keeps_the_rings),
	KUNIT_CASE(host_that_cannot_be_left_keeps_the_system_awake),
	KUNIT_CASE(without_a_connection_all_devices_end),
	{}
};

static struct kunit_suite resume_suite = {
	.name = "vmbus_resume",
	.init = resume_init,
	.exit = fixture_exit,
	.test_cases = resume_cases,
};
kunit_test_suite(resume_suite);
