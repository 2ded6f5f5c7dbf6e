// SPDX-License-Identifier: GPL-2.0
/*
 * What the server does for the small devices: requests for a socket reach the one device that serves
 * them, and a monitored channel is found by its bit in the guest's trigger page.
 */
#include "core_guest.h"

#define MONITOR_TO_CHILD_GPA  0x8000u
#define MONITOR_TO_PARENT_GPA 0x9000u

static bool answer;
static unsigned int calls;
static struct hyperv_guid called;

static bool on_socket(void *opaque, const struct hyperv_guid *endpoint,
		      const struct hyperv_guid *service)
{
	CHECK(opaque == &calls);
	CHECK_EQ(endpoint->b[0], 1);
	called = *service;
	calls++;
	return answer;
}

static void post_connect(void)
{
	struct vmbus_msg_tl_connect request = { .header.type = VMBUS_MSG_TL_CONNECT,
						.endpoint_id = { { 1 } },
						.service_id = { { 2 } } };

	post(&request, VMBUS_MSG_TL_CONNECT_V4_BYTES);
	settle();
}

static void sockets_are_answered(void)
{
	start(VMBUS_VERSION_5_3);
	CHECK(contact(VMBUS_VERSION_5_3));
	post_header(VMBUS_MSG_REQUEST_OFFERS);
	settle();
	CHECK_EQ(take(), VMBUS_MSG_ALL_OFFERS_DELIVERED);
	post_connect();
	CHECK_EQ(take(), VMBUS_MSG_TL_CONNECT_RESULT);
	CHECK_EQ(msg32(40), 0xc0000236);
	vmbus_server_on_socket(server, on_socket, &calls);
	answer = false;
	post_connect();
	CHECK_EQ(take(), VMBUS_MSG_TL_CONNECT_RESULT);
	CHECK_EQ(calls, 1);
	CHECK_EQ(called.b[0], 2);
	answer = true;
	post_connect();
	CHECK_EQ(calls, 2);
	CHECK_EQ(take(), 0);
	expect_violations(0);
	stop();
}

static unsigned int worked;

static uint32_t monitored_open(struct vmbus_chan *chan, void *dev, const uint8_t user[120])
{
	(void)chan;
	(void)dev;
	(void)user;
	return HV_STATUS_OK;
}

static void monitored_close(struct vmbus_chan *chan, void *dev)
{
	(void)chan;
	(void)dev;
}

static void monitored_work(struct vmbus_chan *chan, void *dev)
{
	struct vmbus_pkt pkt;

	(void)dev;
	worked++;
	while (vmbus_recv(chan, &pkt) == 1)
		;
}

static void the_monitor_page_signals(void)
{
	static const struct vmbus_dev_ops monitored = { .open = monitored_open,
							.close = monitored_close,
							.work = monitored_work };
	const struct vmbus_offer_params params = { .name = "monitored",
						   .class_guid = { { 1 } },
						   .instance_guid = { { 2 } },
						   .monitored = true };
	struct vmbus_msg_initiate_contact request = {
		.header.type = VMBUS_MSG_INITIATE_CONTACT,
		.version = VMBUS_VERSION_5_3,
		.sint = VMBUS_SINT,
		.monitor_page_to_child = MONITOR_TO_CHILD_GPA,
		.monitor_page_to_parent = MONITOR_TO_PARENT_GPA,
	};
	struct vmbus_monitor_page *page;
	struct vmbus_msg_offer offered;
	unsigned int before;

	start(VMBUS_VERSION_5_3);
	page = (struct vmbus_monitor_page *)(ram + MONITOR_TO_PARENT_GPA);
	connection = 4;
	CHECK_EQ(post_on(4, &request, sizeof(request)), TLFS_STATUS_SUCCESS);
	settle();
	CHECK_EQ(take(), VMBUS_MSG_VERSION_RESPONSE);
	CHECK(vmbus_offer(server, &params, &monitored, NULL) != NULL);
	post_header(VMBUS_MSG_REQUEST_OFFERS);
	settle();
	CHECK_EQ(take(), VMBUS_MSG_OFFER);
	memcpy(&offered, msg, sizeof(offered));
	CHECK_EQ(offered.monitor_flags, VMBUS_OFFER_MONITOR_ALLOCATED);
	CHECK(offered.monitor_id <= VMBUS_MONITOR_ID_MAX);
	settle();
	CHECK_EQ(take(), VMBUS_MSG_ALL_OFFERS_DELIVERED);
	share(offered.relid, 7, RING_GPA, 4, 4 * 4096, 0);
	settle();
	CHECK_EQ(take(), VMBUS_MSG_GPADL_CREATED);
	post_open(offered.relid, 1, 7, 1, 2);
	settle();
	CHECK_EQ(take(), VMBUS_MSG_OPEN_RESULT);
	CHECK_EQ(msg32(16), 0);
	before = worked;
	page->group[offered.monitor_id / 32].pending = 1u << offered.monitor_id % 32;
	for (int i = 0; i < 100 && worked == before; i++)
		loop_run_once(loop, 10);
	CHECK_EQ(worked, before + 1);
	CHECK_EQ(page->group[offered.monitor_id / 32].pending, 0);
	/* Somebody else's bit stays. */
	page->group[3].pending = 1u << 31;
	for (int i = 0; i < 3; i++)
		loop_run_once(loop, 10);
	CHECK_EQ(worked, before + 1);
	CHECK_EQ(page->group[3].pending, 1u << 31);
	expect_violations(0);
	stop();
}

static const struct unit_case cases[] = {
	UNIT_CASE(sockets_are_answered),
	UNIT_CASE(the_monitor_page_signals),
};

int main(void)
{
	return unit_main(cases, sizeof(cases) / sizeof(cases[0]));
}
