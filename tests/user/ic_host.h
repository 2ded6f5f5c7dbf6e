/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The bus and the host as the integration components see them, played: packets are put into a ring and answers kept. Included
 * by a test behind the components' own files, once.
 */
#ifndef IC_HOST_H
#define IC_HOST_H

#define MAX_PACKETS	512

struct answer {
	u8 bytes[512];
	u32 length;
	u64 request_id;
};

/* The channel as the host sees it */
static struct {
	struct vmpacket_descriptor *inbound[MAX_PACKETS];
	unsigned int written, read, published;
	struct answer answers[MAX_PACKETS];
	unsigned int answered;
	unsigned int room;	/* answers the outbound ring still takes */
	bool rescinded;
	bool open;
	int open_result;
	void (*callback)(void *context);
	void *context;
} host;

static struct vmbus_channel channel;
static struct hv_device hdev;

int vmbus_open(struct vmbus_channel *c, u32 send_bytes, u32 receive_bytes, void *userdata, u32 userdata_bytes,
	       void (*callback)(void *context), void *context)
{
	if (host.open_result)
		return host.open_result;
	host.open = true;
	host.callback = callback;
	host.context = context;
	/* what has been waiting is served before open returns */
	callback(context);
	return 0;
}

void vmbus_close(struct vmbus_channel *c)
{
	/* the last event may be on its way */
	host.callback(host.context);
	host.open = false;
}

int vmbus_sendpacket(struct vmbus_channel *c, void *buffer, u32 bytes, u64 request_id, enum vmbus_packet_type type,
		     u32 flags)
{
	struct answer *answer;

	if (host.rescinded)
		return -ENODEV;
	if (!host.room || host.answered == MAX_PACKETS)
		return -EAGAIN;
	host.room--;
	answer = &host.answers[host.answered++];
	answer->length = bytes;
	answer->request_id = request_id;
	memcpy(answer->bytes, buffer, bytes < sizeof(answer->bytes) ? bytes : sizeof(answer->bytes));
	return 0;
}

struct vmpacket_descriptor *hv_pkt_iter_first(struct vmbus_channel *c)
{
	return host.read < host.written ? host.inbound[host.read] : NULL;
}

struct vmpacket_descriptor *__hv_pkt_iter_next(struct vmbus_channel *c, const struct vmpacket_descriptor *desc)
{
	/* its memory is the bus's: nobody may look at it again */
	free(host.inbound[host.read]);
	host.inbound[host.read++] = NULL;
	return hv_pkt_iter_first(c);
}

void hv_pkt_iter_close(struct vmbus_channel *c)
{
	host.published = host.read;
}

static struct hv_ic *ic(void)
{
	return hv_get_drvdata(&hdev);
}

static void host_event(void)
{
	host.callback(host.context);
}

/* Puts a packet into the ring: an allocation of its own, so that a read past its end is seen. */
static void host_sends_packet(u16 type, u16 offset8, u64 request_id, const void *payload, u32 bytes)
{
	u32 padded = round_up(bytes, 8u);
	struct vmpacket_descriptor *desc = calloc(1, sizeof(*desc) + padded);

	desc->type = type;
	desc->offset8 = offset8;
	desc->len8 = (sizeof(*desc) + padded) / 8;
	desc->trans_id = request_id;
	memcpy(desc + 1, payload, bytes);
	host.inbound[host.written++] = desc;
}

static void host_sends(u16 type, u64 request_id, const void *body, u16 body_bytes)
{
	struct ic_frame frame = {
		.pipe = { .type = 1, .bytes = sizeof(frame.ic) + body_bytes },
		.ic = { .message_type = type, .body_bytes = body_bytes,
			.flags = IC_FLAG_TRANSACTION | IC_FLAG_REQUEST },
	};
	u8 message[8192];

	memcpy(message, &frame, sizeof(frame));
	memcpy(message + sizeof(frame), body, body_bytes);
	host_sends_packet(VM_PKT_DATA_INBAND, 2, request_id, message, sizeof(frame) + body_bytes);
}

static void host_negotiates(u16 framework_major, u16 message_major)
{
	const u16 body[] = { 1, 1, 0, 0, framework_major, 0, message_major, 0 };

	host_sends(IC_MSG_NEGOTIATE, 0, body, sizeof(body));
}

static u32 status_of(unsigned int answer)
{
	struct ic_frame frame;

	memcpy(&frame, host.answers[answer].bytes, sizeof(frame));
	return frame.ic.status;
}

static int ic_case_init(struct kunit *test)
{
	memset(&host, 0, sizeof(host));
	memset(&hdev, 0, sizeof(hdev));
	hdev.channel = &channel;
	host.room = MAX_PACKETS;
	return 0;
}

static void ic_case_exit(struct kunit *test)
{
	unsigned int i;

	if (hv_get_drvdata(&hdev))
		hv_ic_remove(&hdev);
	for (i = 0; i < MAX_PACKETS; i++)
		free(host.inbound[i]);
}

#endif
