// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of sub-channels: what their offers say, rings of their own, and how they go: with the
 * primary, alone, at unload.
 */
#include <errno.h>

#include "core_guest.h"

#define SUB_GPA(index) (0x200000u + (index)*0x4000u)

/* Takes the offers of sub-channels @first to @last. */
static void take_offers(unsigned int first, unsigned int last, uint32_t relid[])
{
	struct vmbus_msg_offer offered;

	for (unsigned int i = first; i <= last; i++) {
		CHECK_EQ(take(), VMBUS_MSG_OFFER);
		memcpy(&offered, msg, sizeof(offered));
		CHECK_EQ(offered.class_id.b[0], 1);
		CHECK_EQ(offered.instance_id.b[0], 2);
		CHECK_EQ(offered.subchannel_index, i);
		relid[i] = offered.relid;
		for (unsigned int j = first; j < i; j++)
			CHECK(relid[i] != relid[j]);
		CHECK_EQ(vmbus_chan_relid(vmbus_sub(dev.chan, i)), relid[i]);
		CHECK(vmbus_chan_primary(vmbus_sub(dev.chan, i)) == dev.chan);
	}
	CHECK_EQ(take(), 0);
}

static void open_sub(uint32_t relid, unsigned int index)
{
	struct vmbus_chan *primary = dev.chan;

	share(relid, 20 + index, SUB_GPA(index), 4, 4 * 4096, 0);
	CHECK_EQ(take(), VMBUS_MSG_GPADL_CREATED);
	CHECK_EQ(msg32(16), 0);
	post_open(relid, 30 + index, 20 + index, index % VPS, 2);
	CHECK_EQ(take(), VMBUS_MSG_OPEN_RESULT);
	CHECK_EQ(msg32(8), relid);
	CHECK_EQ(msg32(16), 0);
	CHECK(dev.chan == vmbus_sub(primary, index));
	dev.chan = primary;
}

static void offers_carry_the_primarys_identity(void)
{
	uint32_t relid[8] = { start_open() };

	CHECK_EQ(vmbus_subs_count(dev.chan), 0);
	CHECK_EQ(vmbus_subs_offer(dev.chan, 3, NULL), 3);
	take_offers(1, 3, relid);
	CHECK_EQ(vmbus_subs_count(dev.chan), 3);
	/* Those that are there stay. */
	CHECK_EQ(vmbus_subs_offer(dev.chan, 2, NULL), 0);
	CHECK_EQ(vmbus_subs_offer(dev.chan, 5, NULL), 2);
	take_offers(4, 5, relid);
	CHECK_EQ(vmbus_chan_sub_index(vmbus_sub(dev.chan, 4)), 4);
	CHECK(!strcmp(vmbus_chan_name(vmbus_sub(dev.chan, 4)), "echo/4"));
	CHECK(!vmbus_sub(dev.chan, 6));
	CHECK(vmbus_sub(dev.chan, 0) == dev.chan);
	expect_violations(0);
	stop();
}

static void only_an_open_primary_has_some(void)
{
	uint32_t relid[2];
	struct vmbus_chan *chan;

	memset(&dev, 0, sizeof(dev));
	start(VMBUS_VERSION_5_3);
	chan = offer(0);
	CHECK_EQ(vmbus_subs_offer(chan, 1, NULL), -ENODEV);
	stop();

	start_open();
	CHECK_EQ(vmbus_subs_offer(dev.chan, 0, NULL), -EINVAL);
	CHECK_EQ(vmbus_subs_offer(dev.chan, VMBUS_SUBS_MAX + 1, NULL), -EINVAL);
	CHECK_EQ(vmbus_subs_offer(dev.chan, 1, NULL), 1);
	take_offers(1, 1, relid);
	CHECK_EQ(vmbus_subs_offer(vmbus_sub(dev.chan, 1), 1, NULL), -ENODEV);
	stop();
}

static void each_has_its_own_rings(void)
{
	struct vmbus_ring_control *out = NULL, *primary_out;
	uint32_t relid[3] = { start_open() };
	struct vmbus_packet head = {
		.type = 6, .payload_qwords = 2, .total_qwords = 3, .flags = 1, .transaction_id = 77
	};
	uint64_t one = 1;

	primary_out = (struct vmbus_ring_control *)(ram + RING_GPA);
	CHECK_EQ(vmbus_subs_offer(dev.chan, 2, NULL), 2);
	take_offers(1, 2, relid);
	for (unsigned int i = 1; i <= 2; i++)
		open_sub(relid[i], i);
	CHECK_EQ(dev.opens, 3);
	CHECK_EQ(vmbus_chan_target_vp(vmbus_sub(dev.chan, 1)), 1);
	CHECK_EQ(vmbus_chan_target_vp(vmbus_sub(dev.chan, 2)), 0);
	settle();
	out = (struct vmbus_ring_control *)(ram + SUB_GPA(2));
	memcpy(ram + SUB_GPA(2) + 0x1000, &head, sizeof(head));
	out->write_index = 32;
	kicks[0] = kicks[1] = 0;
	/* Third to get a connection. */
	CHECK_EQ(write(events[2].fd, &one, sizeof(one)), 8);
	settle();
	CHECK_EQ(out->read_index, 32);
	CHECK_EQ(primary_out->read_index, 0);
	CHECK_EQ(((struct vmbus_ring_control *)(ram + SUB_GPA(2) + 0x2000))->write_index, 32);
	CHECK_EQ(((struct vmbus_ring_control *)(ram + SUB_GPA(1) + 0x2000))->write_index, 0);
	CHECK_EQ(kicks[0], 1);
	CHECK_EQ(kicks[1], 0);
	expect_violations(0);
	stop();
}

static void close_and_open_again_alone(void)
{
	uint32_t relid[2] = { start_open() };

	vmbus_subs_offer(dev.chan, 1, NULL);
	take_offers(1, 1, relid);
	open_sub(relid[1], 1);
	post_relid(VMBUS_MSG_CLOSE, relid[1]);
	CHECK_EQ(dev.closes, 1);
	CHECK(vmbus_chan_is_open(dev.chan));
	teardown(relid[1], 21);
	CHECK_EQ(take(), VMBUS_MSG_GPADL_TORNDOWN);
	open_sub(relid[1], 1);
	CHECK_EQ(dev.opens, 3);
	expect_violations(0);
	stop();
}

static void one_goes_alone_and_comes_again(void)
{
	uint32_t relid[3] = { start_open() }, gone;
	char err[HV_ERR_MAX];

	vmbus_subs_offer(dev.chan, 2, NULL);
	take_offers(1, 2, relid);
	open_sub(relid[1], 1);
	gone = relid[1];
	CHECK_EQ(vmbus_server_rescind_name(server, "echo/1", err), 0);
	CHECK_EQ(take(), VMBUS_MSG_RESCIND);
	CHECK_EQ(msg32(8), gone);
	CHECK_EQ(take(), 0);
	CHECK_EQ(dev.closes, 1);
	CHECK_EQ(vmbus_subs_count(dev.chan), 1);
	/* Waits for the release. */
	CHECK_EQ(vmbus_subs_offer(dev.chan, 2, NULL), 1);
	CHECK_EQ(take(), 0);
	post_relid(VMBUS_MSG_RELID_RELEASED, gone);
	CHECK_EQ(dev.released, 1);
	take_offers(1, 1, relid);
	expect_violations(0);
	stop();
}

static void closing_the_primary_takes_them_along(void)
{
	uint32_t relid[4] = { start_open() };

	vmbus_subs_offer(dev.chan, 3, NULL);
	take_offers(1, 3, relid);
	open_sub(relid[2], 2);
	post_relid(VMBUS_MSG_CLOSE, relid[2]);
	post_relid(VMBUS_MSG_CLOSE, relid[0]);
	CHECK_EQ(dev.closes, 2);
	for (unsigned int i = 3; i >= 1; i--) {
		CHECK_EQ(take(), VMBUS_MSG_RESCIND);
		CHECK_EQ(msg32(8), relid[i]);
		post_relid(VMBUS_MSG_RELID_RELEASED, relid[i]);
	}
	CHECK_EQ(dev.released, 3);
	CHECK_EQ(take(), 0);
	CHECK_EQ(vmbus_subs_offer(dev.chan, 1, NULL), -ENODEV);
	expect_violations(0);
	/* And again from the start. */
	post_open(relid[0], 98, 7, 0, 2);
	CHECK_EQ(take(), VMBUS_MSG_OPEN_RESULT);
	CHECK_EQ(vmbus_subs_offer(dev.chan, 1, NULL), 1);
	take_offers(1, 1, relid);
	stop();
}

static void closing_the_primary_under_an_open_one_is_reported(void)
{
	uint32_t relid[2] = { start_open() };

	vmbus_subs_offer(dev.chan, 1, NULL);
	take_offers(1, 1, relid);
	open_sub(relid[1], 1);
	post_relid(VMBUS_MSG_CLOSE, relid[0]);
	expect_violations(1);
	CHECK_EQ(dev.closes, 2);
	CHECK_EQ(take(), VMBUS_MSG_RESCIND);
	CHECK_EQ(msg32(8), relid[1]);
	/* Late, and no error. */
	post_relid(VMBUS_MSG_CLOSE, relid[1]);
	teardown(relid[1], 21);
	CHECK_EQ(take(), VMBUS_MSG_GPADL_TORNDOWN);
	post_relid(VMBUS_MSG_RELID_RELEASED, relid[1]);
	expect_violations(1);
	stop();
}

/* In what order channels close, as indices. */
static unsigned int closed[4], nr_closed;

static void order_close(struct vmbus_chan *chan, void *opaque)
{
	(void)opaque;
	CHECK(vmbus_chan_primary(chan) != NULL);
	/* A device in the middle of its end gets no new ones. */
	CHECK_EQ(vmbus_subs_offer(vmbus_chan_primary(chan), 3, NULL), -ENODEV);
	closed[nr_closed++] = vmbus_chan_sub_index(chan);
}

static void the_primary_closes_last(void)
{
	static const struct vmbus_dev_ops order_ops = {
		.open = dev_open,
		.close = order_close,
		.work = dev_work,
		.released = dev_released,
	};

	for (unsigned int how = 0; how < 3; how++) {
		struct vmbus_offer_params params = { .name = "order" };
		uint32_t relid[3] = { 0 };
		char err[HV_ERR_MAX];

		memset(&dev, 0, sizeof(dev));
		nr_closed = 0;
		start(VMBUS_VERSION_5_3);
		params.class_guid.b[0] = 1;
		params.instance_guid.b[0] = 2;
		vmbus_offer(server, &params, &order_ops, &dev);
		CHECK(contact(VMBUS_VERSION_4_0));
		post_header(VMBUS_MSG_REQUEST_OFFERS);
		CHECK_EQ(take(), VMBUS_MSG_OFFER);
		relid[0] = msg32(184);
		CHECK_EQ(take(), VMBUS_MSG_ALL_OFFERS_DELIVERED);
		share(relid[0], 7, RING_GPA, 4, 4 * 4096, 0);
		take();
		post_open(relid[0], 1, 7, 0, 2);
		take();
		vmbus_subs_offer(dev.chan, 2, NULL);
		take_offers(1, 2, relid);
		open_sub(relid[1], 1);
		open_sub(relid[2], 2);
		if (how == 0)
			post_header(VMBUS_MSG_UNLOAD);
		else if (how == 1)
			vmbus_server_rescind_name(server, "order", err);
		else
			vmbus_server_reset(server);
		CHECK_EQ(nr_closed, 3);
		CHECK_EQ(closed[2], 0);
		if (how != 1)
			CHECK_EQ(dev.released, 2);
		expect_violations(0);
		stop();
	}
}

static const struct unit_case cases[] = {
	UNIT_CASE(offers_carry_the_primarys_identity),
	UNIT_CASE(only_an_open_primary_has_some),
	UNIT_CASE(each_has_its_own_rings),
	UNIT_CASE(close_and_open_again_alone),
	UNIT_CASE(one_goes_alone_and_comes_again),
	UNIT_CASE(closing_the_primary_takes_them_along),
	UNIT_CASE(closing_the_primary_under_an_open_one_is_reported),
	UNIT_CASE(the_primary_closes_last),
};

int main(void)
{
	return unit_main(cases, sizeof(cases) / sizeof(cases[0]));
}
