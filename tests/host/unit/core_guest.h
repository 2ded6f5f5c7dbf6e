/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A guest written out by hand for the VMBus server's tests: it posts messages by hypercall, frees
 * message slots, shares pages. No VM, no vCPU. With it a device that echoes packets.
 */
#ifndef HVHOST_UNIT_CORE_GUEST_H
#define HVHOST_UNIT_CORE_GUEST_H

#include <cjson/cJSON.h>
#include <hyperv/tlfs.h>
#include <hyperv/vmbus_msg.h>
#include <hyperv/vmbus_ring.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../hyperv/server.h"
#include "dev_unit.h"

#define RAM_BYTES     (4u << 20)
#define VPS	      2
#define POST_GPA      0x3000u
#define SIMP_GPA(vp)  (0x4000u + (vp)*0x2000u)
#define SIEFP_GPA(vp) (0x5000u + (vp)*0x2000u)
#define INTERRUPT_GPA 0x9000u
#define RING_GPA      0x100000u /* 2 + 2 pages: a ring each way */
#define MAX_EVENTS    64

static struct loop *loop;
static struct vmbus_server *server;
static uint8_t *ram;
static struct guest_mem mem;
static unsigned int kicks[VPS];
static bool watching[VPS];
static struct {
	uint32_t connection_id;
	int fd;
} events[MAX_EVENTS];

/* ---------------------------------------------------------------- platform */

static inline void test_kick(void *platform, unsigned int vp)
{
	(void)platform;
	kicks[vp]++;
}

static inline void test_watch_eom(void *platform, unsigned int vp, bool on)
{
	(void)platform;
	watching[vp] = on;
}

static inline void test_slot(void *platform, unsigned int vp)
{
	(void)platform;
	(void)vp;
}

static inline int test_event_add(void *platform, uint32_t connection_id, int fd)
{
	(void)platform;
	for (int i = 0; i < MAX_EVENTS; i++) {
		if (events[i].connection_id)
			continue;
		events[i].connection_id = connection_id;
		events[i].fd = fd;
		return 0;
	}
	return -1;
}

static inline void test_event_del(void *platform, uint32_t connection_id, int fd)
{
	(void)platform;
	for (int i = 0; i < MAX_EVENTS; i++) {
		if (events[i].connection_id == connection_id && events[i].fd == fd)
			events[i].connection_id = 0;
	}
}

static inline uint64_t test_ref_time(void *platform)
{
	(void)platform;
	return 12345;
}

static const struct hv_platform_ops ops = {
	.kick = test_kick,
	.watch_eom = test_watch_eom,
	.slot_lock = test_slot,
	.slot_unlock = test_slot,
	.event_add = test_event_add,
	.event_del = test_event_del,
	.ref_time = test_ref_time,
};

/* ---------------------------------------------------------------- guest */

static inline void settle(void)
{
	for (int i = 0; i < 6; i++)
		loop_run_once(loop, 0);
}

static inline void stop(void)
{
	vmbus_server_free(server);
	loop_free(loop);
	free(ram);
	server = NULL;
	loop = NULL;
	ram = NULL;
}

static inline void start_with(struct vmbus_server_config config)
{
	config.mem = &mem;
	config.nr_vps = VPS;
	config.ops = &ops;

	ram = calloc(1, RAM_BYTES);
	mem = (struct guest_mem){ .nr = 1, .region[0] = { .size = RAM_BYTES, .hva = ram } };
	memset(kicks, 0, sizeof(kicks));
	memset(watching, 0, sizeof(watching));
	memset(events, 0, sizeof(events));
	loop = config.loop = loop_new();
	server = vmbus_server_new(&config);
	for (unsigned int vp = 0; vp < VPS; vp++) {
		struct hv_synic_regs regs = { .scontrol = 1,
					      .simp = SIMP_GPA(vp) | 1,
					      .siefp = SIEFP_GPA(vp) | 1 };

		vmbus_server_synic_changed(server, vp, &regs);
	}
}

static inline void start(uint32_t max_version)
{
	start_with((struct vmbus_server_config){ .max_version = max_version });
}

/* HvPostMessage. Return: hypercall status. */
static inline uint64_t post_on(uint32_t connection_id, const void *msg, size_t len)
{
	struct tlfs_post_message input = { .connection_id = connection_id,
					   .message_type = 1,
					   .payload_bytes = len };
	uint64_t params[2] = { POST_GPA, 0 };

	memcpy(input.payload, msg, len);
	memcpy(ram + POST_GPA, &input, sizeof(input));
	return vmbus_server_hypercall(server, TLFS_CALL_POST_MESSAGE, params);
}

static uint32_t connection = 1;

static inline void post(const void *msg, size_t len)
{
	CHECK_EQ(post_on(connection, msg, len), TLFS_STATUS_SUCCESS);
	settle();
}

/* Takes the message in a VP's slot as a guest does. Return: its number, 0 if there is none. */
static inline uint32_t take_on(unsigned int vp, void *msg, size_t size)
{
	struct tlfs_message_page *page = (struct tlfs_message_page *)(ram + SIMP_GPA(vp));
	struct tlfs_message *slot = &page->slot[VMBUS_SINT];
	struct vmbus_msg_header header;
	bool pending;

	if (!slot->type)
		return 0;
	CHECK_EQ(slot->type, 1);
	memcpy(&header, slot->payload, sizeof(header));
	memset(msg, 0, size);
	memcpy(msg, slot->payload, slot->payload_bytes < size ? slot->payload_bytes : size);
	slot->type = 0;
	pending = slot->flags & TLFS_MESSAGE_FLAG_PENDING;
	CHECK_EQ(pending, watching[vp]);
	if (pending)
		vmbus_server_eom(server, vp);
	return header.type;
}

static uint8_t msg[240];

static inline uint32_t take(void)
{
	return take_on(0, msg, sizeof(msg));
}

static inline uint32_t msg32(size_t at)
{
	uint32_t value;

	memcpy(&value, msg + at, sizeof(value));
	return value;
}

/* Return: true if the version was accepted. */
static inline bool contact(uint32_t version)
{
	struct vmbus_msg_initiate_contact request = { .header.type = VMBUS_MSG_INITIATE_CONTACT,
						      .version = version };

	connection = 1;
	if (version < VMBUS_VERSION_2_4)
		request.interrupt_page = INTERRUPT_GPA;
	if (version >= VMBUS_VERSION_5_0) {
		request.sint = VMBUS_SINT;
		connection = 4;
	}
	if (post_on(connection, &request, sizeof(request)) != TLFS_STATUS_SUCCESS)
		return false;
	settle();
	CHECK_EQ(take(), VMBUS_MSG_VERSION_RESPONSE);
	return msg[8] == 1 && msg[9] == 0;
}

static inline void post_relid(uint32_t type, uint32_t relid)
{
	struct vmbus_msg_relid request = { .header.type = type, .relid = relid };

	post(&request, sizeof(request));
}

static inline void post_header(uint32_t type)
{
	struct vmbus_msg_header request = { .type = type };

	post(&request, sizeof(request));
}

/* GPADL of one range over @pages pages from @gpa on, with all its body messages. */
static inline void share(uint32_t relid, uint32_t id, uint64_t gpa, uint32_t pages, uint32_t bytes,
			 uint32_t offset)
{
	uint8_t raw[240] = { 0 };
	struct vmbus_msg_gpadl_header *header = (void *)raw;
	uint32_t done = 0, room = 26;
	size_t at = sizeof(*header);

	header->header.type = VMBUS_MSG_GPADL_HEADER;
	header->relid = relid;
	header->gpadl = id;
	header->range_bytes = 8 + 8 * pages;
	header->range_count = 1;
	memcpy(raw + at, &bytes, 4);
	memcpy(raw + at + 4, &offset, 4);
	at += 8;
	while (done < pages) {
		for (; done < pages && room; done++, room--, at += 8) {
			uint64_t pfn = (gpa >> 12) + done;

			memcpy(raw + at, &pfn, 8);
		}
		post(raw, at);
		if (done < pages) {
			struct vmbus_msg_gpadl_body *body = (void *)raw;

			memset(raw, 0, sizeof(raw));
			body->header.type = VMBUS_MSG_GPADL_BODY;
			body->gpadl = id;
			at = sizeof(*body);
			room = 28;
		}
	}
}

static inline void teardown(uint32_t relid, uint32_t id)
{
	struct vmbus_msg_gpadl_teardown request = { .header.type = VMBUS_MSG_GPADL_TEARDOWN,
						    .relid = relid,
						    .gpadl = id };

	post(&request, sizeof(request));
}

static inline void post_open(uint32_t relid, uint32_t id, uint32_t gpadl, uint32_t vp,
			     uint32_t second)
{
	struct vmbus_msg_open request = { .header.type = VMBUS_MSG_OPEN,
					  .relid = relid,
					  .open_id = id,
					  .ring_gpadl = gpadl,
					  .target_vp = vp,
					  .downstream_page_offset = second };

	post(&request, sizeof(request));
}

/* ---------------------------------------------------------------- a device that echoes */

static struct {
	struct vmbus_chan *chan;
	unsigned int opens, closes, works, released;
	uint32_t open_status;
	uint32_t hold; /* GPADL taken at open, let go at close */
	struct vmbus_gpadl *held;
	int last; /* what vmbus_recv() said last */
	bool lazy; /* takes one packet a call */
} dev;

static inline uint32_t dev_open(struct vmbus_chan *chan, void *opaque, const uint8_t user[120])
{
	(void)opaque;
	(void)user;
	dev.opens++;
	dev.chan = chan;
	if (dev.hold)
		dev.held = vmbus_gpadl_get(chan, dev.hold);
	return dev.open_status;
}

static inline void dev_close(struct vmbus_chan *chan, void *opaque)
{
	(void)opaque;
	CHECK(!vmbus_chan_is_open(chan));
	dev.closes++;
	vmbus_gpadl_put(dev.held);
	dev.held = NULL;
}

static inline void dev_work(struct vmbus_chan *chan, void *opaque)
{
	struct vmbus_pkt pkt;

	(void)opaque;
	dev.works++;
	while ((dev.last = vmbus_recv(chan, &pkt)) > 0) {
		if (pkt.wants_completion)
			vmbus_complete(chan, pkt.xid, pkt.payload, pkt.len);
		if (dev.lazy)
			return;
	}
}

static inline void dev_released(struct vmbus_chan *chan, void *opaque)
{
	(void)chan;
	(void)opaque;
	dev.released++;
}

static const struct vmbus_dev_ops dev_ops = {
	.open = dev_open,
	.close = dev_close,
	.work = dev_work,
	.released = dev_released,
};

static inline struct vmbus_chan *offer(uint16_t sub_index)
{
	struct vmbus_offer_params params = { .name = "echo", .sub_index = sub_index };

	params.class_guid.b[0] = 1;
	params.instance_guid.b[0] = 2;
	return vmbus_offer(server, &params, &dev_ops, &dev);
}

/* Connected, with one device offered. Return: its relid. */
static inline uint32_t start_offered(uint32_t version)
{
	uint32_t relid;

	memset(&dev, 0, sizeof(dev));
	start(version > VMBUS_VERSION_5_3 ? version : VMBUS_VERSION_5_3);
	offer(0);
	CHECK(contact(version));
	post_header(VMBUS_MSG_REQUEST_OFFERS);
	CHECK_EQ(take(), VMBUS_MSG_OFFER);
	relid = msg32(184);
	CHECK_EQ(take(), VMBUS_MSG_ALL_OFFERS_DELIVERED);
	return relid;
}

static inline uint32_t start_open_as(uint32_t version)
{
	uint32_t relid = start_offered(version);

	share(relid, 7, RING_GPA, 4, 4 * 4096, 0);
	CHECK_EQ(take(), VMBUS_MSG_GPADL_CREATED);
	CHECK_EQ(msg32(16), 0);
	post_open(relid, 99, 7, 1, 2);
	CHECK_EQ(take(), VMBUS_MSG_OPEN_RESULT);
	CHECK_EQ(msg32(12), 99);
	CHECK_EQ(msg32(16), 0);
	CHECK_EQ(dev.opens, 1);
	return relid;
}

static inline uint32_t start_open(void)
{
	return start_open_as(VMBUS_VERSION_5_3);
}

static inline void expect_violations(uint64_t nr)
{
	CHECK_EQ(vmbus_server_violations(server), nr);
}

#endif
