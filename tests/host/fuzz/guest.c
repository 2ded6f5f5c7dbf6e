// SPDX-License-Identifier: GPL-2.0
/*
 * A hostile guest for libFuzzer: plays an input in the language of ops.h against the whole Hyper-V
 * side of the host. Nothing is expected of the host but that it survives, without a read or write
 * outside guest memory, a leak, or a turn of its loop that does not end.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <hyperv/tlfs.h>
#include <hyperv/vmbus_msg.h>
#include <hyperv/vmbus_ring.h>

#include "world.h"

/* Policy: what one input may do at most, and how often the host's loop turns after a step. */
#define GUEST_STEPS 400
#define GUEST_TURNS 3

struct input {
	const uint8_t *data;
	size_t left;
};

/* What the guest knows of an offer. */
struct guest_chan {
	uint32_t relid, connection_id;
	struct hyperv_guid instance;
	struct vmbus_ring_control *out, *in; /* guest's view: it writes @out */
	uint32_t write; /* of the ring to the host */
	uint8_t last[1024]; /* the host's last packet, descriptor and all */
	size_t last_len;
};

static struct guest_chan chans[FUZZ_CHANNELS];
static unsigned int nr_others;
static uint32_t message_connection;
static uint64_t *race;
static uint64_t race_with[2];

static uint64_t take_number(struct input *in, unsigned int bytes)
{
	uint64_t value = 0;

	for (unsigned int i = 0; i < bytes; i++) {
		if (!in->left)
			break;
		value |= (uint64_t)*in->data << 8 * i;
		in->data++;
		in->left--;
	}
	return value;
}

/* Return: a private copy of the exact size, so that a host that reads on is caught. */
static size_t take_bytes(struct input *in, const uint8_t **bytes)
{
	size_t len = take_number(in, 1);

	if (len > in->left)
		len = in->left;
	*bytes = in->data;
	in->data += len;
	in->left -= len;
	return len;
}

static void settle(void)
{
	world_run(GUEST_TURNS, race, race_with);
	race = NULL;
}

/* ---------------------------------------------------------------- messages */

static void post_on(uint32_t connection, const void *msg, size_t len)
{
	struct tlfs_post_message input = { .connection_id = connection,
					   .message_type = 1,
					   .payload_bytes = len };
	uint64_t params[2] = { FUZZ_POST_GPA, 0 };

	memcpy(input.payload, msg, len < sizeof(input.payload) ? len : sizeof(input.payload));
	memcpy(world.ram + FUZZ_POST_GPA, &input, sizeof(input));
	vmbus_server_hypercall(world.server, TLFS_CALL_POST_MESSAGE, params);
	settle();
}

static void post(const void *msg, size_t len)
{
	post_on(message_connection, msg, len);
}

static void guest_offered(const uint8_t *payload)
{
	static const uint32_t classes[] = FUZZ_CLASSES;
	struct vmbus_msg_offer offer;
	struct guest_chan *chan;
	unsigned int n = 0;

	memcpy(&offer, payload, sizeof(offer));
	while (n < FUZZ_OTHERS && memcmp(&classes[n], &offer.class_id, 4))
		n++;
	/* A second device of the same class is one of the others, the first one offered again is not. */
	if (n == FUZZ_OTHERS || offer.subchannel_index ||
	    (chans[n].relid && memcmp(&chans[n].instance, &offer.instance_id, sizeof(offer.instance_id))))
		n = FUZZ_OTHERS + nr_others++ % (FUZZ_CHANNELS - FUZZ_OTHERS);
	chan = &chans[n];
	memset(chan, 0, sizeof(*chan));
	chan->relid = offer.relid;
	/* In 0.13 there is none: the channel is signalled by the interrupt page. */
	chan->connection_id = offer.connection_id ? offer.connection_id : VMBUS_CONNECTION_EVENT;
	chan->instance = offer.instance_id;
}

static void guest_slots(void)
{
	for (unsigned int round = 0; round < 64; round++) {
		bool any = false;

		for (unsigned int vp = 0; vp < FUZZ_VPS; vp++) {
			struct tlfs_message_page *page = (void *)(world.ram + FUZZ_SIMP_GPA(vp));
			struct tlfs_message *slot = &page->slot[VMBUS_SINT];
			uint32_t type;

			if (!slot->type)
				continue;
			any = true;
			memcpy(&type, slot->payload, sizeof(type));
			if (type == VMBUS_MSG_OFFER)
				guest_offered(slot->payload);
			slot->type = 0;
			vmbus_server_eom(world.server, vp);
			settle();
		}
		if (!any)
			return;
	}
}

static void guest_contact(uint8_t index)
{
	static const uint16_t versions[][2] = { { 5, 3 }, { 5, 2 }, { 4, 1 }, { 4, 0 }, { 3, 0 }, { 2, 4 },
						{ 1, 1 }, { 0, 13 }, { 6, 0 }, { 5, 0 }, { 9, 9 } };
	const uint16_t *version = versions[index % (sizeof(versions) / sizeof(versions[0]))];
	struct vmbus_msg_initiate_contact request = {
		.header.type = VMBUS_MSG_INITIATE_CONTACT,
		.version = (uint32_t)version[0] << 16 | version[1],
		.monitor_page_to_child = FUZZ_MONITOR_GPA,
		.monitor_page_to_parent = FUZZ_MONITOR_GPA + 4096,
	};

	message_connection = VMBUS_CONNECTION_MESSAGE;
	if (request.version < VMBUS_VERSION_2_4)
		request.interrupt_page = FUZZ_INTERRUPT_GPA;
	if (version[0] >= 5) {
		request.sint = VMBUS_SINT;
		/* All but the client id, which makes the message longer. */
		if (request.version == VMBUS_VERSION_6_0)
			request.feature_flags = ~VMBUS_FEATURE_CLIENT_ID;
		message_connection = VMBUS_CONNECTION_MESSAGE_V5;
	}
	post(&request, sizeof(request));
	guest_slots();
}

/* A GPADL over neighbouring pages, with its body messages. */
static void guest_share(uint32_t relid, uint32_t id, uint64_t page, uint32_t pages)
{
	uint8_t raw[240] = { 0 };
	struct vmbus_msg_gpadl_header *header = (void *)raw;
	struct vmbus_msg_gpadl_body *body = (void *)raw;
	uint32_t done = 0, room = 26, bytes = pages * 4096;
	size_t at = sizeof(*header);

	header->header.type = VMBUS_MSG_GPADL_HEADER;
	header->relid = relid;
	header->gpadl = id;
	header->range_bytes = 8 + 8 * pages;
	header->range_count = 1;
	memcpy(raw + at, &bytes, 4);
	for (at += 8; done < pages; at = sizeof(*body), room = 28) {
		for (; done < pages && room; done++, room--, at += 8) {
			uint64_t pfn = page + done;

			memcpy(raw + at, &pfn, 8);
		}
		post(raw, at);
		memset(raw, 0, sizeof(raw));
		body->header.type = VMBUS_MSG_GPADL_BODY;
		body->gpadl = id;
	}
}

static void guest_open(struct guest_chan *chan)
{
	unsigned int n = chan - chans;
	struct vmbus_msg_open open = { .header.type = VMBUS_MSG_OPEN,
				       .relid = chan->relid,
				       .open_id = 1,
				       .ring_gpadl = 0x100 + chan->relid,
				       .downstream_page_offset = FUZZ_RING_PAGES / 2 };

	chan->out = (void *)(world.ram + FUZZ_RING_GPA(n));
	chan->in = (void *)(world.ram + FUZZ_RING_GPA(n) + FUZZ_RING_PAGES / 2 * 4096);
	memset(chan->out, 0, FUZZ_RING_PAGES * 4096);
	chan->write = 0;
	guest_share(chan->relid, open.ring_gpadl, FUZZ_RING_GPA(n) / 4096, FUZZ_RING_PAGES);
	post(&open, sizeof(open));
	guest_slots();
}

/* ---------------------------------------------------------------- rings */

#define RING_BYTES ((FUZZ_RING_PAGES / 2 - 1) * 4096u)

static void ring_write(struct guest_chan *chan, const void *bytes, size_t len)
{
	uint8_t *ring = (uint8_t *)chan->out + 4096;

	for (size_t i = 0; i < len; i++)
		ring[(chan->write + i) % RING_BYTES] = ((const uint8_t *)bytes)[i];
	chan->write = (chan->write + len) % RING_BYTES;
}

static void ring_publish(struct guest_chan *chan, uint32_t trailer, bool silent)
{
	uint32_t end[2] = { 0, trailer };

	ring_write(chan, end, sizeof(end));
	chan->out->write_index = chan->write;
	if (!silent)
		world_signal(chan->connection_id);
	settle();
}

static uint16_t packet_type(uint8_t kind)
{
	static const uint16_t types[] = { VMBUS_PACKET_INBAND, VMBUS_PACKET_GPA_DIRECT,
					  VMBUS_PACKET_COMPLETION };

	kind &= FUZZ_KIND_TYPE;
	return kind < 3 ? types[kind] : kind;
}

static void guest_send(struct guest_chan *chan, uint8_t kind, uint64_t xid, const uint8_t *descriptor,
		       size_t descriptor_len, const uint8_t *payload, size_t len)
{
	uint64_t zero = 0;
	uint32_t start = chan->write;
	struct vmbus_packet head = {
		.type = packet_type(kind),
		.payload_qwords = (sizeof(head) + descriptor_len) / 8,
		.total_qwords = (sizeof(head) + descriptor_len + len + 7) / 8,
		.flags = kind & FUZZ_KIND_COMPLETE ? VMBUS_PACKET_FLAG_COMPLETION : 0,
		.transaction_id = xid,
	};

	ring_write(chan, &head, sizeof(head));
	ring_write(chan, descriptor, descriptor_len);
	ring_write(chan, payload, len);
	ring_write(chan, &zero, -len & 7);
	ring_publish(chan, start, kind & FUZZ_KIND_SILENT);
}

static void guest_packet(struct guest_chan *chan, struct input *in)
{
	uint8_t kind = take_number(in, 1), descriptor[2048];
	uint64_t xid = take_number(in, 8);
	unsigned int ranges = take_number(in, 1) % 8;
	const uint8_t *payload;
	size_t at = 8, len;

	memset(descriptor, 0, sizeof(descriptor));
	memcpy(descriptor + 4, &ranges, 4);
	for (unsigned int i = 0; i < ranges; i++) {
		uint32_t range[2];
		uint64_t page, pages;

		range[1] = take_number(in, 2);
		range[0] = take_number(in, 4);
		page = take_number(in, 2);
		pages = ((uint64_t)range[0] + range[1] + 4095) / 4096;
		if (pages > 24)
			pages = 24;
		memcpy(descriptor + at, range, 8);
		for (at += 8; pages--; at += 8, page++) {
			/* One bit of the page number is for RAM above 4 GiB. */
			uint64_t pfn = page & 0x8000 ? FUZZ_HIGH_GPA / 4096 + (page & 0x7fff) : page;

			memcpy(descriptor + at, &pfn, 8);
		}
	}
	len = take_bytes(in, &payload);
	guest_send(chan, kind, xid, descriptor, packet_type(kind) == VMBUS_PACKET_GPA_DIRECT ? at : 0,
		   payload, len);
}

/* Takes every packet of the host; the last one is kept for an answer. */
static void guest_consume(struct guest_chan *chan)
{
	const uint8_t *ring = (const uint8_t *)chan->in + 4096;
	uint32_t read = chan->in->read_index % RING_BYTES, write = chan->in->write_index % RING_BYTES;

	read &= ~7u;
	while (read != write) {
		struct vmbus_packet head;
		uint32_t bytes;

		for (size_t i = 0; i < sizeof(head); i++)
			((uint8_t *)&head)[i] = ring[(read + i) % RING_BYTES];
		bytes = head.total_qwords * 8u;
		if (bytes < sizeof(head) || bytes > (write + RING_BYTES - read) % RING_BYTES)
			break;
		chan->last_len = bytes < sizeof(chan->last) ? bytes : sizeof(chan->last);
		for (size_t i = 0; i < chan->last_len; i++)
			chan->last[i] = ring[(read + i) % RING_BYTES];
		read = (read + bytes + 8) % RING_BYTES;
	}
	chan->in->read_index = write & ~7u;
	world_signal(chan->connection_id);
	settle();
}

/* What the host sent goes back, as integration components do it. */
static void guest_answer(struct guest_chan *chan, struct input *in)
{
	uint8_t kind = take_number(in, 1), at = take_number(in, 1), payload[sizeof(chan->last)];
	struct vmbus_packet head;
	const uint8_t *bytes;
	size_t len = take_bytes(in, &bytes), payload_len, start;

	if (chan->last_len < sizeof(head))
		return;
	memcpy(&head, chan->last, sizeof(head));
	start = head.payload_qwords * 8u;
	if (start > chan->last_len)
		return;
	payload_len = chan->last_len - start;
	memcpy(payload, chan->last + start, payload_len);
	if (at < payload_len)
		memcpy(payload + at, bytes, len < payload_len - at ? len : payload_len - at);
	guest_send(chan, kind, head.transaction_id, NULL, 0, payload, payload_len);
}

/* ---------------------------------------------------------------- steps */

static void guest_call(uint32_t port)
{
	/* The tail of the class of a port: 00000000-facb-11e6-bd58-64006a7986d3. */
	static const uint8_t tail[12] = { 0xcb, 0xfa, 0xe6, 0x11, 0xbd, 0x58,
					  0x64, 0x00, 0x6a, 0x79, 0x86, 0xd3 };
	struct vmbus_msg_tl_connect connect = { .header.type = VMBUS_MSG_TL_CONNECT };

	port += 4990;
	memcpy(connect.service_id.b, &port, 4);
	memcpy(connect.service_id.b + 4, tail, sizeof(tail));
	memcpy(connect.endpoint_id.b + 4, tail, sizeof(tail));
	connect.endpoint_id.b[1] = port;
	post(&connect, sizeof(connect));
	guest_slots();
}

static void guest_message(struct input *in)
{
	uint32_t connection = take_number(in, 1);
	const uint8_t *bytes;
	size_t len = take_bytes(in, &bytes);

	post_on(connection ? connection : message_connection, bytes, len);
}

static void guest_fields(struct input *in)
{
	uint8_t raw[240] = { take_number(in, 1) };
	struct guest_chan *chan = &chans[take_number(in, 1) % FUZZ_CHANNELS];
	const uint8_t *bytes;
	size_t len = take_bytes(in, &bytes);

	memcpy(raw + 8, &chan->relid, 4);
	if (len > sizeof(raw) - 12)
		len = sizeof(raw) - 12;
	memcpy(raw + 12, bytes, len);
	post(raw, 12 + len);
}

static void guest_raw_packet(struct guest_chan *chan, struct input *in)
{
	uint32_t trailer = take_number(in, 4);
	const uint8_t *bytes;
	size_t len = take_bytes(in, &bytes);
	uint64_t zero = 0;

	ring_write(chan, bytes, len);
	ring_write(chan, &zero, -len & 7);
	ring_publish(chan, trailer, false);
}

static void guest_control_word(struct guest_chan *chan, struct input *in)
{
	uint8_t which = take_number(in, 1);
	uint32_t value = take_number(in, 4);
	uint32_t *words = (uint32_t *)(which & 0x80 ? chan->in : chan->out);
	/* write, read, mask, pending send size, feature bits: the page's first words and one at 64 */
	static const uint8_t at[] = { 0, 1, 2, 3, 16 };

	words[at[which % sizeof(at)]] = value;
	world_signal(chan->connection_id);
	settle();
}

static void guest_step(struct input *in)
{
	uint8_t op = take_number(in, 1) % FUZZ_OPS;
	struct guest_chan *chan = NULL;
	const uint8_t *bytes;
	uint64_t numbers[3];
	uint32_t at, vp;
	size_t len;

	switch (op) {
	case FUZZ_OPEN:
	case FUZZ_SHARE:
	case FUZZ_PACKET:
	case FUZZ_RAW_PACKET:
	case FUZZ_CONTROL_WORD:
	case FUZZ_SIGNAL:
	case FUZZ_CONSUME:
	case FUZZ_ANSWER:
		chan = &chans[take_number(in, 1) % FUZZ_CHANNELS];
		/* Before the guest has opened it, it has no rings to write to. */
		if (op != FUZZ_OPEN && op != FUZZ_SHARE && op != FUZZ_SIGNAL && !chan->out)
			return;
	}
	switch (op) {
	case FUZZ_CONTACT:
		guest_contact(take_number(in, 1));
		break;
	case FUZZ_REQUEST_OFFERS:
		post(&(struct vmbus_msg_header){ .type = VMBUS_MSG_REQUEST_OFFERS },
		     sizeof(struct vmbus_msg_header));
		guest_slots();
		break;
	case FUZZ_OPEN:
		guest_open(chan);
		break;
	case FUZZ_MESSAGE:
		guest_message(in);
		break;
	case FUZZ_FIELDS:
		guest_fields(in);
		break;
	case FUZZ_SHARE:
		vp = take_number(in, 1);
		at = take_number(in, 2);
		guest_share(chan->relid, vp, at, take_number(in, 1));
		break;
	case FUZZ_PACKET:
		guest_packet(chan, in);
		break;
	case FUZZ_RAW_PACKET:
		guest_raw_packet(chan, in);
		break;
	case FUZZ_CONTROL_WORD:
		guest_control_word(chan, in);
		break;
	case FUZZ_POKE:
		at = take_number(in, 4);
		len = take_bytes(in, &bytes);
		at %= FUZZ_RAM_BYTES - 256;
		memcpy(world.ram + at, bytes, len);
		break;
	case FUZZ_SIGNAL:
		world_signal(chan->connection_id);
		settle();
		break;
	case FUZZ_RUN:
		world_run(take_number(in, 1) % 16, race, race_with);
		break;
	case FUZZ_CONSUME:
		guest_consume(chan);
		break;
	case FUZZ_ANSWER:
		guest_answer(chan, in);
		break;
	case FUZZ_SLOTS:
		guest_slots();
		break;
	case FUZZ_COMMAND:
		world_command(take_number(in, 1));
		settle();
		break;
	case FUZZ_SYNIC:
		vp = take_number(in, 1);
		for (unsigned int i = 0; i < 3; i++)
			numbers[i] = take_number(in, 8);
		vmbus_server_synic_changed(world.server, vp,
					   &(struct hv_synic_regs){ .scontrol = numbers[0],
								    .siefp = numbers[1],
								    .simp = numbers[2] });
		break;
	case FUZZ_RESET:
		world_reset();
		break;
	case FUZZ_LATER:
		world_pass(take_number(in, 2) * 1000000u);
		settle();
		break;
	case FUZZ_RACE:
		at = take_number(in, 4) % FUZZ_RAM_BYTES;
		race = (uint64_t *)(world.ram + (at & ~7u));
		race_with[0] = take_number(in, 8);
		race_with[1] = take_number(in, 8);
		break;
	case FUZZ_HYPERCALL:
		for (unsigned int i = 0; i < 3; i++)
			numbers[i] = take_number(in, 8);
		vmbus_server_hypercall(world.server, numbers[0], numbers + 1);
		settle();
		break;
	case FUZZ_CALL:
		guest_call(take_number(in, 1));
		break;
	case FUZZ_MMIO:
		numbers[0] = FUZZ_DEVICE_GPA + take_number(in, 4) % FUZZ_DEVICE_BYTES;
		at = take_number(in, 1);
		numbers[1] = take_number(in, 8);
		/* A processor accesses 1, 2, 4 or 8 bytes. */
		vmbus_server_mmio(world.server, numbers[0], 1u << (at & 3), at & 0x80, &numbers[1]);
		settle();
		break;
	case FUZZ_CHAOS:
		at = take_number(in, 1);
		world_chaos(at, take_number(in, 1));
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { .data = data, .left = size };

	world_begin();
	memset(chans, 0, sizeof(chans));
	nr_others = 0;
	race = NULL;
	message_connection = VMBUS_CONNECTION_MESSAGE;
	for (unsigned int vp = 0; vp < FUZZ_VPS; vp++) {
		struct hv_synic_regs regs = { .scontrol = 1,
					      .simp = FUZZ_SIMP_GPA(vp) | 1,
					      .siefp = FUZZ_SIEFP_GPA(vp) | 1 };

		vmbus_server_synic_changed(world.server, vp, &regs);
	}
	for (unsigned int steps = 0; in.left && steps < GUEST_STEPS; steps++)
		guest_step(&in);
	world_end();
	return 0;
}
