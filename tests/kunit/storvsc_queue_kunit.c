// SPDX-License-Identifier: GPL-2.0
/*
 * The table of commands and the channels they travel on: who owns a slot at any time, which answers of a host are believed,
 * where a command goes when its channel has no room or is gone, and that nothing held back stays held back.
 */
#include <kunit/test.h>
#include <linux/hyperv.h>
#include <linux/jiffies.h>
#include <linux/module.h>
#include <linux/string.h>

#include "../../storvsc/batch.h"
#include "../../storvsc/vstor.h"

static int fake_open(struct vmbus_channel *channel, u32 ring_bytes, void (*callback)(void *context), void *context);
static void fake_close(struct vmbus_channel *channel);
static int fake_send(const struct vstor_session *session, struct vmbus_channel *channel, struct vstor_packet *packet,
		     struct vmbus_packet_mpb_array *buffer, u32 nr_frames, u64 id, bool more);
static void fake_publish(struct vmbus_channel *channel);
static u32 fake_percent(const struct hv_ring_buffer_info *ring);

#define vstor_channel_open		fake_open
#define vmbus_close			fake_close
#define vstor_send_srb			fake_send
#define storvsc_batch_publish		fake_publish
#define hv_get_avail_to_write_percent	fake_percent
#include "../../storvsc/queue.c"

#define CHANNELS	4
#define ROUTES		3
#define SLOTS		8

struct queue_test {
	struct storvsc_queues queues;
	struct vstor_session session;
	struct vmbus_channel *channel[CHANNELS + 1];
	unsigned int cpu_to_route[ROUTES];
};

/* What the bus and the host do, and what they saw. */
static struct {
	struct queue_test *t;
	int result[CHANNELS + 1];	/* of sending on that channel */
	u32 percent[CHANNELS + 1];	/* free space of its ring */
	bool answers_what_it_refused;
	int open_result;
	void (*callback[CHANNELS + 1])(void *context);
	bool never_closes;
	bool never_empties;
	unsigned int sent[CHANNELS + 1], published[CHANNELS + 1], lost, closed;
	u64 last_id;
	bool last_more;
} bus;

static unsigned int index_of(const struct vmbus_channel *channel)
{
	unsigned int i;

	for (i = 0; i < CHANNELS && bus.t->channel[i] != channel; i++)
		;
	return i;
}

static int fake_open(struct vmbus_channel *channel, u32 ring_bytes, void (*callback)(void *context), void *context)
{
	bus.callback[index_of(channel)] = callback;
	return bus.open_result;
}

static void fake_close(struct vmbus_channel *channel)
{
	bus.closed++;
	channel->ringbuffer_page = bus.never_closes ? ERR_PTR(-EBUSY) : NULL;
}

static int fake_send(const struct vstor_session *session, struct vmbus_channel *channel, struct vstor_packet *packet,
		     struct vmbus_packet_mpb_array *buffer, u32 nr_frames, u64 id, bool more)
{
	unsigned int i = index_of(channel);

	bus.last_id = id;
	bus.last_more = more;
	if (bus.result[i]) {
		/* A host may guess ids: nothing stops it. */
		if (bus.answers_what_it_refused) {
			struct storvsc_slot *slot = storvsc_slot_take(&bus.t->queues, id, &bus.t->queues.channels[i]);

			if (slot)
				storvsc_slot_release(&bus.t->queues, slot);
		}
		return bus.result[i];
	}
	bus.sent[i]++;
	return 0;
}

static void fake_publish(struct vmbus_channel *channel)
{
	bus.published[index_of(channel)]++;
}

static u32 fake_percent(const struct hv_ring_buffer_info *ring)
{
	return bus.percent[index_of(container_of(ring, struct vmbus_channel, outbound))];
}

static void channel_lost(struct storvsc_queues *queues)
{
	bus.lost++;
}

static unsigned int looked;

/* As a reader that finds an answer. */
static void callback(void *context)
{
	struct storvsc_channel *entry = context;

	looked++;
	entry->answers++;
	if (!bus.never_empties)
		entry->channel->inbound.ring_buffer->read_index = entry->channel->inbound.ring_buffer->write_index;
}

static int queue_test_init(struct kunit *test)
{
	struct queue_test *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);
	unsigned int i;

	if (!t)
		return -ENOMEM;
	memset(&bus, 0, sizeof(bus));
	bus.t = t;
	for (i = 0; i <= CHANNELS; i++) {
		t->channel[i] = kunit_kzalloc(test, sizeof(*t->channel[i]), GFP_KERNEL);
		if (!t->channel[i])
			return -ENOMEM;
		t->channel[i]->primary_channel = i ? t->channel[0] : NULL;
		t->channel[i]->inbound.ring_buffer = kunit_kzalloc(test, sizeof(struct hv_ring_buffer), GFP_KERNEL);
		if (!t->channel[i]->inbound.ring_buffer)
			return -ENOMEM;
		t->channel[i]->inbound.ring_datasize = 4096;
		bus.percent[i] = 100;
	}
	t->queues.lowater_percent = 10;
	t->queues.channel_lost = channel_lost;
	test->priv = t;
	return storvsc_queues_alloc(&t->queues, &t->session, CHANNELS, ROUTES, SLOTS);
}

static void queue_test_exit(struct kunit *test)
{
	struct queue_test *t = test->priv;

	if (t && t->queues.slots)
		storvsc_queues_free(&t->queues);
}

/* Opens the first @n channels and lets commands go. */
static void queue_test_start(struct kunit *test, unsigned int n)
{
	struct queue_test *t = test->priv;
	unsigned int i;

	for (i = 0; i < n; i++)
		KUNIT_ASSERT_EQ(test, storvsc_queues_open(&t->queues, t->channel[i], 4096, callback), 0);
	storvsc_queues_enable(&t->queues);
}

static int submit(struct queue_test *t, struct storvsc_slot *slot, u32 route, bool more)
{
	struct vstor_packet packet = {};

	return storvsc_slot_submit(&t->queues, slot, route, &packet, NULL, 0, more);
}

static void tag_is_claimed_once(struct kunit *test)
{
	struct queue_test *t = test->priv;
	struct storvsc_slot *slot = storvsc_slot_claim(&t->queues, 3);

	KUNIT_ASSERT_PTR_EQ(test, slot, &t->queues.slots[3]);
	KUNIT_EXPECT_NULL(test, storvsc_slot_claim(&t->queues, 3));
	KUNIT_EXPECT_NULL(test, storvsc_slot_claim(&t->queues, SLOTS));
	KUNIT_EXPECT_NULL(test, storvsc_slot_claim(&t->queues, 0xffffffff));
	/* Not the host's: nobody may end it but who holds it. */
	KUNIT_EXPECT_FALSE(test, storvsc_slot_take_from_host(slot));
	KUNIT_EXPECT_EQ(test, storvsc_queues_count_sent(&t->queues, NULL), 0u);
	storvsc_slot_release(&t->queues, slot);
	KUNIT_EXPECT_FALSE(test, storvsc_slot_take_from_host(slot));
	KUNIT_EXPECT_PTR_EQ(test, storvsc_slot_claim(&t->queues, 3), slot);
}

static void only_the_right_answer_is_believed(struct kunit *test)
{
	struct queue_test *t = test->priv;
	struct storvsc_channel *entry = &t->queues.channels[0];
	struct storvsc_slot *slot;
	u64 id;

	queue_test_start(test, 2);
	slot = storvsc_slot_claim(&t->queues, 5);
	KUNIT_ASSERT_NOT_NULL(test, slot);
	KUNIT_ASSERT_EQ(test, submit(t, slot, 0, false), 0);
	id = bus.last_id;
	KUNIT_EXPECT_EQ(test, lower_32_bits(id), 5u);
	KUNIT_EXPECT_NE(test, upper_32_bits(id), 0u);

	/* Owners that are no ids, and what is beyond the table. */
	KUNIT_EXPECT_NULL(test, storvsc_slot_take(&t->queues, 0, entry));
	KUNIT_EXPECT_NULL(test, storvsc_slot_take(&t->queues, 1, entry));
	KUNIT_EXPECT_NULL(test, storvsc_slot_take(&t->queues, 5, entry));
	KUNIT_EXPECT_NULL(test, storvsc_slot_take(&t->queues, id - 5 + SLOTS, entry));
	KUNIT_EXPECT_NULL(test, storvsc_slot_take(&t->queues, id | 0xffffffff, entry));
	KUNIT_EXPECT_NULL(test, storvsc_slot_take(&t->queues, ~0ull, entry));
	/* A slot that is free, another generation, another channel. */
	KUNIT_EXPECT_NULL(test, storvsc_slot_take(&t->queues, id - 1, entry));
	KUNIT_EXPECT_NULL(test, storvsc_slot_take(&t->queues, id + (1ull << 32), entry));
	KUNIT_EXPECT_NULL(test, storvsc_slot_take(&t->queues, id - (1ull << 32), entry));
	KUNIT_EXPECT_NULL(test, storvsc_slot_take(&t->queues, id, &t->queues.channels[1]));
	KUNIT_EXPECT_EQ(test, storvsc_queues_count_sent(&t->queues, NULL), 1u);
	KUNIT_EXPECT_EQ(test, storvsc_queues_count_answers(&t->queues), 0u);

	KUNIT_EXPECT_PTR_EQ(test, storvsc_slot_take(&t->queues, id, entry), slot);
	KUNIT_EXPECT_NULL(test, storvsc_slot_take(&t->queues, id, entry));
	KUNIT_EXPECT_EQ(test, storvsc_queues_count_answers(&t->queues), 1u);
	storvsc_slot_release(&t->queues, slot);
	KUNIT_EXPECT_NULL(test, storvsc_slot_take(&t->queues, id, entry));

	/* The next command of that tag is another one. */
	slot = storvsc_slot_claim(&t->queues, 5);
	KUNIT_ASSERT_NOT_NULL(test, slot);
	KUNIT_ASSERT_EQ(test, submit(t, slot, 0, false), 0);
	KUNIT_EXPECT_NULL(test, storvsc_slot_take(&t->queues, id, entry));
	KUNIT_EXPECT_PTR_EQ(test, storvsc_slot_take(&t->queues, bus.last_id, entry), slot);
}

static void generation_is_never_0(struct kunit *test)
{
	struct queue_test *t = test->priv;
	struct storvsc_slot *slot;

	queue_test_start(test, 1);
	t->queues.slots[0].generation = 0xffffffff;
	slot = storvsc_slot_claim(&t->queues, 0);
	KUNIT_ASSERT_NOT_NULL(test, slot);
	KUNIT_ASSERT_EQ(test, submit(t, slot, 0, false), 0);
	KUNIT_EXPECT_EQ(test, bus.last_id, 1ull << 32);
}

static void refused_command_stays_with_who_held_it(struct kunit *test)
{
	struct queue_test *t = test->priv;
	struct storvsc_slot *slot;

	queue_test_start(test, 1);
	slot = storvsc_slot_claim(&t->queues, 0);
	KUNIT_ASSERT_NOT_NULL(test, slot);
	bus.result[0] = -EAGAIN;
	KUNIT_EXPECT_EQ(test, submit(t, slot, 0, false), -EAGAIN);
	KUNIT_EXPECT_EQ(test, (s64)atomic64_read(&slot->owner), (s64)STORVSC_SLOT_HELD);
	KUNIT_EXPECT_NULL(test, storvsc_slot_take(&t->queues, bus.last_id, &t->queues.channels[0]));
	bus.result[0] = -ENODEV;
	KUNIT_EXPECT_EQ(test, submit(t, slot, 0, false), -ENODEV);
	KUNIT_EXPECT_EQ(test, bus.lost, 0u);
	/* A host that answers it all the same ends it, once: there is nothing to undo. */
	bus.answers_what_it_refused = true;
	KUNIT_EXPECT_EQ(test, submit(t, slot, 0, false), 0);
	KUNIT_EXPECT_EQ(test, (s64)atomic64_read(&slot->owner), (s64)STORVSC_SLOT_FREE);
}

static void full_ring_passes_commands_to_one_with_room(struct kunit *test)
{
	struct queue_test *t = test->priv;
	struct storvsc_slot *slot;

	queue_test_start(test, 4);
	slot = storvsc_slot_claim(&t->queues, 0);
	KUNIT_ASSERT_NOT_NULL(test, slot);
	bus.result[0] = -EAGAIN;
	bus.percent[1] = 10;
	bus.percent[2] = 11;
	KUNIT_ASSERT_EQ(test, submit(t, slot, 0, true), 0);
	KUNIT_EXPECT_EQ(test, bus.sent[1], 0u);
	KUNIT_EXPECT_EQ(test, bus.sent[2], 1u);
	/* Nobody ends a batch there. */
	KUNIT_EXPECT_FALSE(test, bus.last_more);
	/* Its answer comes on that channel. */
	KUNIT_EXPECT_NULL(test, storvsc_slot_take(&t->queues, bus.last_id, &t->queues.channels[0]));
	KUNIT_EXPECT_PTR_EQ(test, storvsc_slot_take(&t->queues, bus.last_id, &t->queues.channels[2]), slot);

	bus.result[2] = -EAGAIN;
	bus.percent[3] = 0;
	KUNIT_EXPECT_EQ(test, submit(t, slot, 0, false), -EAGAIN);
	t->channel[2]->rescind = true;
	bus.result[2] = 0;
	KUNIT_EXPECT_EQ(test, submit(t, slot, 0, false), -EAGAIN);
}

static void lost_sub_channel_leaves_its_commands_to_the_first(struct kunit *test)
{
	struct queue_test *t = test->priv;
	struct storvsc_slot *slot;

	queue_test_start(test, 2);
	slot = storvsc_slot_claim(&t->queues, 0);
	KUNIT_ASSERT_NOT_NULL(test, slot);
	KUNIT_ASSERT_EQ(test, submit(t, slot, 1, true), 0);
	KUNIT_EXPECT_EQ(test, bus.sent[1], 1u);
	KUNIT_EXPECT_TRUE(test, bus.last_more);
	KUNIT_EXPECT_FALSE(test, storvsc_slot_is_lost(slot));
	t->channel[1]->rescind = true;
	KUNIT_EXPECT_TRUE(test, storvsc_slot_is_lost(slot));
	KUNIT_EXPECT_TRUE(test, storvsc_slot_take_from_host(slot));
	KUNIT_EXPECT_FALSE(test, storvsc_slot_take_from_host(slot));
	KUNIT_EXPECT_FALSE(test, storvsc_slot_is_lost(slot));
	KUNIT_EXPECT_EQ(test, storvsc_queues_count_open(&t->queues), 1u);

	bus.result[1] = -ENODEV;
	KUNIT_ASSERT_EQ(test, submit(t, slot, 1, true), 0);
	KUNIT_EXPECT_EQ(test, bus.lost, 1u);
	KUNIT_EXPECT_EQ(test, bus.sent[0], 1u);
	KUNIT_EXPECT_FALSE(test, bus.last_more);
	KUNIT_EXPECT_FALSE(test, storvsc_slot_is_lost(slot));
}

static void queues_are_spread_and_follow_the_processors(struct kunit *test)
{
	struct queue_test *t = test->priv;
	struct storvsc_channel *channels = t->queues.channels;

	queue_test_start(test, 3);
	/* In turn, until the block layer's map is known. */
	KUNIT_EXPECT_PTR_EQ(test, t->queues.routes[0], &channels[0]);
	KUNIT_EXPECT_PTR_EQ(test, t->queues.routes[1], &channels[1]);
	KUNIT_EXPECT_PTR_EQ(test, t->queues.routes[2], &channels[2]);
	/* One processor, whose queue is the last: all channels interrupt there. */
	t->cpu_to_route[0] = 2;
	storvsc_queues_set_cpu_map(&t->queues, t->cpu_to_route);
	KUNIT_EXPECT_PTR_EQ(test, t->queues.routes[2], &channels[2]);
	/* A map that names a queue there is not, and a processor there is not. */
	t->cpu_to_route[0] = ROUTES;
	storvsc_queues_set_cpu(&t->queues, t->channel[2], 0xffffffff);
	KUNIT_EXPECT_PTR_EQ(test, t->queues.routes[2], &channels[2]);
	storvsc_queues_set_cpu_map(&t->queues, NULL);
	/* A queue is never without a channel while one is left. */
	t->channel[0]->rescind = true;
	t->channel[2]->rescind = true;
	storvsc_queues_enable(&t->queues);
	KUNIT_EXPECT_PTR_EQ(test, t->queues.routes[0], &channels[1]);
	KUNIT_EXPECT_PTR_EQ(test, t->queues.routes[1], &channels[1]);
	KUNIT_EXPECT_PTR_EQ(test, t->queues.routes[2], &channels[1]);
}

static void nothing_is_held_back_for_good(struct kunit *test)
{
	struct queue_test *t = test->priv;
	struct storvsc_slot *slot;
	unsigned int i;

	queue_test_start(test, 3);
	flush_work(&t->queues.publish_work);
	memset(bus.published, 0, sizeof(bus.published));

	/* The end of a batch: its channel, and no other. */
	storvsc_queues_publish(&t->queues, 1);
	KUNIT_EXPECT_EQ(test, bus.published[0], 0u);
	KUNIT_EXPECT_EQ(test, bus.published[1], 1u);
	KUNIT_EXPECT_EQ(test, bus.published[2], 0u);
	storvsc_queues_publish(&t->queues, 0xffffffff);
	KUNIT_EXPECT_EQ(test, bus.published[0], 1u);

	/* The queue gets another channel between a command and the end of its batch. */
	slot = storvsc_slot_claim(&t->queues, 0);
	KUNIT_ASSERT_NOT_NULL(test, slot);
	KUNIT_ASSERT_EQ(test, submit(t, slot, 1, true), 0);
	memset(bus.published, 0, sizeof(bus.published));
	storvsc_queues_set_cpu(&t->queues, t->channel[0], 0);
	flush_work(&t->queues.publish_work);
	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_EQ(test, bus.published[i], 1u);
	KUNIT_EXPECT_EQ(test, bus.published[3], 0u);

	/* Commands are stopped before that. */
	memset(bus.published, 0, sizeof(bus.published));
	storvsc_queues_disable(&t->queues);
	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_EQ(test, bus.published[i], 1u);
	storvsc_queues_publish(&t->queues, 1);
	KUNIT_EXPECT_EQ(test, bus.published[1], 1u);
	KUNIT_EXPECT_EQ(test, submit(t, storvsc_slot_claim(&t->queues, 1), 1, false), -ESHUTDOWN);
}

static void channels_beyond_the_table_and_failed_opens_take_no_place(struct kunit *test)
{
	struct queue_test *t = test->priv;

	queue_test_start(test, 1);
	bus.open_result = -ENOMEM;
	KUNIT_EXPECT_EQ(test, storvsc_queues_open(&t->queues, t->channel[1], 4096, callback), -ENOMEM);
	KUNIT_EXPECT_EQ(test, storvsc_queues_count_open(&t->queues), 1u);
	bus.open_result = 0;
	KUNIT_EXPECT_EQ(test, storvsc_queues_open(&t->queues, t->channel[1], 4096, callback), 0);
	KUNIT_EXPECT_EQ(test, storvsc_queues_open(&t->queues, t->channel[2], 4096, callback), 0);
	KUNIT_EXPECT_EQ(test, storvsc_queues_open(&t->queues, t->channel[3], 4096, callback), 0);
	KUNIT_EXPECT_EQ(test, storvsc_queues_open(&t->queues, t->channel[4], 4096, callback), -ENOSPC);
	/* Nor does a second primary. */
	KUNIT_EXPECT_EQ(test, storvsc_queues_open(&t->queues, t->channel[0], 4096, callback), -ENOSPC);
	KUNIT_EXPECT_EQ(test, storvsc_queues_count_open(&t->queues), 4u);
}

static void close_says_whether_the_host_let_go(struct kunit *test)
{
	struct queue_test *t = test->priv;

	/* Nothing was open. */
	KUNIT_EXPECT_TRUE(test, storvsc_queues_close(&t->queues));
	KUNIT_EXPECT_EQ(test, bus.closed, 0u);

	queue_test_start(test, 3);
	storvsc_queues_disable(&t->queues);
	KUNIT_EXPECT_TRUE(test, storvsc_queues_close(&t->queues));
	KUNIT_EXPECT_EQ(test, bus.closed, 1u);
	KUNIT_EXPECT_EQ(test, storvsc_queues_count_open(&t->queues), 0u);

	queue_test_start(test, 1);
	storvsc_queues_disable(&t->queues);
	bus.never_closes = true;
	KUNIT_EXPECT_FALSE(test, storvsc_queues_close(&t->queues));
	KUNIT_EXPECT_EQ(test, bus.closed, 2u);
	KUNIT_EXPECT_TRUE(test, storvsc_queues_close(&t->queues));
}

static void only_open_channels_are_read(struct kunit *test)
{
	struct queue_test *t = test->priv;

	looked = 0;
	storvsc_channel_look(&t->queues.channels[0]);
	KUNIT_EXPECT_EQ(test, looked, 0u);
	queue_test_start(test, 2);
	storvsc_channel_look(&t->queues.channels[0]);
	storvsc_channel_look(&t->queues.channels[1]);
	storvsc_channel_look(&t->queues.channels[2]);
	KUNIT_EXPECT_EQ(test, looked, 2u);
	storvsc_queues_disable(&t->queues);
	/* What is out is still answered. */
	storvsc_channel_look(&t->queues.channels[1]);
	KUNIT_EXPECT_EQ(test, looked, 3u);
	storvsc_queues_close(&t->queues);
	storvsc_channel_look(&t->queues.channels[0]);
	KUNIT_EXPECT_EQ(test, looked, 3u);
}

/* ---- poll queues */

static u32 mask_of(const struct queue_test *t, unsigned int i)
{
	return t->channel[i]->inbound.ring_buffer->interrupt_mask;
}

/* The primary channel and one sub-channel interrupt, two are polled; of three hardware queues the last polls. */
static void queue_test_start_polled(struct kunit *test)
{
	struct queue_test *t = test->priv;

	t->queues.first_polled = 2;
	t->queues.nr_polled_routes = 1;
	queue_test_start(test, 4);
}

static void only_poll_queues_use_polled_channels(struct kunit *test)
{
	struct queue_test *t = test->priv;
	unsigned int i;

	queue_test_start_polled(test);
	for (i = 0; i < ROUTES; i++)
		KUNIT_EXPECT_EQ(test, rcu_access_pointer(t->queues.routes[i])->is_polled, i == 2);
	/* Nor where their interrupts would arrive. */
	for (i = 0; i < ROUTES; i++)
		t->cpu_to_route[i] = i;
	storvsc_queues_set_cpu_map(&t->queues, t->cpu_to_route);
	for (i = 0; i < CHANNELS; i++)
		storvsc_queues_set_cpu(&t->queues, t->channel[i], 0);
	for (i = 0; i < ROUTES; i++)
		KUNIT_EXPECT_EQ(test, rcu_access_pointer(t->queues.routes[i])->is_polled, i == 2);
	storvsc_queues_set_cpu_map(&t->queues, NULL);
}

static void a_full_ring_is_not_made_up_for_by_a_polled_one(struct kunit *test)
{
	struct queue_test *t = test->priv;
	struct storvsc_slot *slot;

	queue_test_start_polled(test);
	bus.result[0] = -EAGAIN;
	bus.result[1] = -EAGAIN;
	slot = storvsc_slot_claim(&t->queues, 0);
	KUNIT_EXPECT_EQ(test, storvsc_slot_submit(&t->queues, slot, 0, NULL, NULL, 0, false), -EAGAIN);
	KUNIT_EXPECT_EQ(test, bus.sent[2] + bus.sent[3], 0u);
	/* The other way round it is. */
	bus.result[0] = 0;
	bus.result[2] = -EAGAIN;
	bus.result[3] = -EAGAIN;
	KUNIT_EXPECT_EQ(test, storvsc_slot_submit(&t->queues, slot, 2, NULL, NULL, 0, false), 0);
	KUNIT_EXPECT_EQ(test, bus.sent[0], 1u);
}

static void a_poll_queue_without_its_channel_uses_another(struct kunit *test)
{
	struct queue_test *t = test->priv;

	t->queues.first_polled = 2;
	t->queues.nr_polled_routes = 1;
	queue_test_start(test, 2);
	KUNIT_ASSERT_NOT_NULL(test, rcu_access_pointer(t->queues.routes[2]));
	KUNIT_EXPECT_FALSE(test, rcu_access_pointer(t->queues.routes[2])->is_polled);
	/* It comes late. */
	KUNIT_EXPECT_EQ(test, storvsc_queues_open(&t->queues, t->channel[2], 4096, callback), 0);
	KUNIT_EXPECT_TRUE(test, rcu_access_pointer(t->queues.routes[2])->is_polled);
	KUNIT_EXPECT_EQ(test, mask_of(t, 2), 1u);
}

static void polled_channels_do_not_interrupt(struct kunit *test)
{
	struct queue_test *t = test->priv;
	unsigned int i;

	queue_test_start_polled(test);
	for (i = 0; i < CHANNELS; i++) {
		KUNIT_EXPECT_EQ(test, mask_of(t, i), i >= 2 ? 1u : 0u);
		KUNIT_EXPECT_EQ(test, (int)t->channel[i]->callback_mode, i >= 2 ? HV_CALL_DIRECT : HV_CALL_BATCHED);
		looked = 0;
		bus.callback[i](&t->queues.channels[i]);
		KUNIT_EXPECT_EQ(test, looked, i >= 2 ? 0u : 1u);
	}
}

/* Nobody can poll meanwhile. */
static void draining_reads_polled_channels(struct kunit *test)
{
	struct queue_test *t = test->priv;

	queue_test_start_polled(test);
	looked = 0;
	KUNIT_EXPECT_TRUE(test, storvsc_queues_drain(&t->queues, 0));
	KUNIT_EXPECT_EQ(test, looked, 2u);
}

static void only_a_ring_with_something_in_it_is_polled(struct kunit *test)
{
	struct queue_test *t = test->priv;
	struct storvsc_channel *polled;

	KUNIT_EXPECT_EQ(test, storvsc_queues_poll(&t->queues, 2), 0u);
	queue_test_start_polled(test);
	looked = 0;
	KUNIT_EXPECT_EQ(test, storvsc_queues_poll(&t->queues, 2), 0u);
	KUNIT_EXPECT_EQ(test, looked, 0u);
	polled = rcu_access_pointer(t->queues.routes[2]);
	polled->channel->inbound.ring_buffer->write_index = 64;
	KUNIT_EXPECT_EQ(test, storvsc_queues_poll(&t->queues, 2), 1u);
	KUNIT_EXPECT_EQ(test, looked, 1u);
	KUNIT_EXPECT_EQ(test, storvsc_queues_count_answers(&t->queues), 1u);
	KUNIT_EXPECT_EQ(test, storvsc_queues_poll(&t->queues, 0), 0u);
	storvsc_queues_disable(&t->queues);
	KUNIT_EXPECT_EQ(test, storvsc_queues_poll(&t->queues, 2), 0u);
}

static void a_look_ends_though_the_host_goes_on_writing(struct kunit *test)
{
	struct queue_test *t = test->priv;

	queue_test_start(test, 1);
	bus.never_empties = true;
	t->channel[0]->inbound.ring_buffer->write_index = 64;
	looked = 0;
	storvsc_channel_look(&t->queues.channels[0]);
	KUNIT_EXPECT_GT(test, looked, 1u);
	KUNIT_EXPECT_LE(test, looked, 64u);
}

static void commands_that_are_out_are_counted(struct kunit *test)
{
	struct queue_test *t = test->priv;
	unsigned long oldest = 1, now = jiffies;
	struct storvsc_slot *slot;
	u32 i;

	queue_test_start(test, 1);
	KUNIT_EXPECT_EQ(test, storvsc_queues_count_sent(&t->queues, &oldest), 0u);
	KUNIT_EXPECT_EQ(test, oldest, 1ul);
	KUNIT_EXPECT_TRUE(test, storvsc_queues_drain(&t->queues, 0));
	for (i = 0; i < 3; i++) {
		slot = storvsc_slot_claim(&t->queues, i);
		KUNIT_ASSERT_NOT_NULL(test, slot);
		KUNIT_ASSERT_EQ(test, submit(t, slot, 0, false), 0);
	}
	/* Held, not sent. */
	KUNIT_ASSERT_NOT_NULL(test, storvsc_slot_claim(&t->queues, 3));
	/* On both sides of where jiffies begin anew. */
	t->queues.slots[0].sent_at = now + 5;
	t->queues.slots[1].sent_at = now - 7;
	t->queues.slots[2].sent_at = now;
	KUNIT_EXPECT_EQ(test, storvsc_queues_count_sent(&t->queues, &oldest), 3u);
	KUNIT_EXPECT_EQ(test, oldest, now - 7);
	KUNIT_EXPECT_FALSE(test, storvsc_queues_drain(&t->queues, 1));
	for (i = 0; i < 3; i++) {
		KUNIT_EXPECT_TRUE(test, storvsc_slot_take_from_host(&t->queues.slots[i]));
		storvsc_slot_release(&t->queues, &t->queues.slots[i]);
	}
	KUNIT_EXPECT_TRUE(test, storvsc_queues_drain(&t->queues, 0));
}

/* A host that answers at random, with the odds on ids that were valid once: each command ends exactly once. */
static void each_command_ends_once_whatever_the_host_says(struct kunit *test)
{
	struct queue_test *t = test->priv;
	u64 ids[SLOTS] = {}, old[SLOTS] = {};
	u32 seed = 12345, out = 0, ended = 0, begun = 0, i;

	queue_test_start(test, 2);
	for (i = 0; i < 20000; i++) {
		struct storvsc_slot *slot;
		u32 n, entry;

		seed = seed * 1664525 + 1013904223;
		n = seed >> 16 & (SLOTS - 1);
		entry = seed >> 20 & 1;
		switch (seed >> 24 & 3) {
		case 0:
			slot = storvsc_slot_claim(&t->queues, n);
			KUNIT_ASSERT_EQ(test, !slot, !!ids[n]);
			if (!slot)
				break;
			KUNIT_ASSERT_EQ(test, submit(t, slot, entry, entry), 0);
			ids[n] = bus.last_id;
			begun++;
			out++;
			break;
		case 1:
			slot = storvsc_slot_take(&t->queues, ids[n], t->queues.slots[n].entry);
			KUNIT_ASSERT_EQ(test, !slot, !ids[n]);
			if (!slot)
				break;
			storvsc_slot_release(&t->queues, slot);
			old[n] = ids[n];
			ids[n] = 0;
			ended++;
			out--;
			break;
		case 2:
			KUNIT_ASSERT_NULL(test, storvsc_slot_take(&t->queues, old[n], &t->queues.channels[entry]));
			break;
		default:
			KUNIT_ASSERT_NULL(test, storvsc_slot_take(&t->queues, (u64)seed << 32 | seed >> 8,
								  &t->queues.channels[entry]));
			break;
		}
		KUNIT_ASSERT_EQ(test, storvsc_queues_count_sent(&t->queues, NULL), out);
	}
	KUNIT_EXPECT_EQ(test, begun, ended + out);
	KUNIT_EXPECT_GT(test, ended, 1000u);
}

static struct kunit_case storvsc_queue_cases[] = {
	KUNIT_CASE(tag_is_claimed_once),
	KUNIT_CASE(only_the_right_answer_is_believed),
	KUNIT_CASE(generation_is_never_0),
	KUNIT_CASE(refused_command_stays_with_who_held_it),
	KUNIT_CASE(full_ring_passes_commands_to_one_with_room),
	KUNIT_CASE(lost_sub_channel_leaves_its_commands_to_the_first),
	KUNIT_CASE(queues_are_spread_and_follow_the_processors),
	KUNIT_CASE(nothing_is_held_back_for_good),
	KUNIT_CASE(channels_beyond_the_table_and_failed_opens_take_no_place),
	KUNIT_CASE(close_says_whether_the_host_let_go),
	KUNIT_CASE(only_open_channels_are_read),
	KUNIT_CASE(only_poll_queues_use_polled_channels),
	KUNIT_CASE(a_full_ring_is_not_made_up_for_by_a_polled_one),
	KUNIT_CASE(a_poll_queue_without_its_channel_uses_another),
	KUNIT_CASE(polled_channels_do_not_interrupt),
	KUNIT_CASE(draining_reads_polled_channels),
	KUNIT_CASE(only_a_ring_with_something_in_it_is_polled),
	KUNIT_CASE(a_look_ends_though_the_host_goes_on_writing),
	KUNIT_CASE(commands_that_are_out_are_counted),
	KUNIT_CASE(each_command_ends_once_whatever_the_host_says),
	{}
};

static struct kunit_suite storvsc_queue_suite = {
	.name = "hv_storvsc_queue",
	.init = queue_test_init,
	.exit = queue_test_exit,
	.test_cases = storvsc_queue_cases,
};
kunit_test_suite(storvsc_queue_suite);

MODULE_DESCRIPTION("KUnit suite: commands on their way, and their channels");
MODULE_LICENSE("GPL");
