// SPDX-License-Identifier: GPL-2.0
/*
 * A storage controller: how it is offered, its channels, its logical units and their addresses,
 * notices of plugged ones. What is said on a channel is storvsp_session.c's.
 */
#include "storvsp_internal.h"

#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../hyperv/util.h"

/* Policy: requests taken in one go before other devices get their turn. */
#define STORVSP_BATCH 64

static const char *const storvsp_state_names[STORVSP_STATES] = {
	[STORVSP_BEGIN] = "begin",
	[STORVSP_QUERY_VERSION] = "query-version",
	[STORVSP_QUERY_PROPERTIES] = "query-properties",
	[STORVSP_END_INIT] = "end-init",
	[STORVSP_READY] = "ready",
	[STORVSP_DEAD] = "dead",
};

static void storvsp_send_rescan(struct storvsp *s)
{
	struct vstor_packet notice = { .operation = htole32(VSTOR_OP_ENUMERATE_BUS) };

	if (!s->rescan_pending || s->state != STORVSP_READY || s->version < VSTOR_VERSION_4_2)
		return;
	if (vmbus_send_inband(s->channels[0].chan, 0, 0, &notice, storvsp_packet_bytes(s)))
		return;
	s->rescan_pending = false;
	s->rescans++;
}

static void storvsp_work(struct vmbus_chan *chan, void *dev)
{
	struct storvsp *s = dev;
	struct storvsp_channel *c = &s->channels[vmbus_chan_sub_index(chan)];
	unsigned int taken = 0;
	struct vmbus_pkt pkt;

	/* What comes early on a sub-channel waits until the session is ready. */
	if (c->dead || c->reply_held || (c->index && s->state != STORVSP_READY))
		return;
	if (c->reply_pending && !storvsp_reply(c))
		return;
	if (!storvsp_late_send(c))
		return;
	while (taken++ < STORVSP_BATCH && !storvsp_late_is_full(c)) {
		if (vmbus_recv(chan, &pkt) <= 0)
			break;
		s->packets++;
		if (!storvsp_packet(c, &pkt))
			return;
	}
	if (!c->index)
		storvsp_send_rescan(s);
	if (taken > STORVSP_BATCH)
		vmbus_kick(chan);
}

static void storvsp_hold_ends(void *opaque)
{
	struct storvsp *s = opaque;
	struct storvsp_channel *c = &s->channels[0];

	c->reply_held = false;
	storvsp_reply(c);
	vmbus_flush(c->chan);
	vmbus_kick(c->chan);
}

static void storvsp_forget_session(struct storvsp *s)
{
	loop_timer_cancel(s->hold_timer);
	s->state = STORVSP_BEGIN;
	s->version = 0;
	s->subs_created = false;
	s->rescan_pending = false;
}

static void storvsp_forget_channel(struct storvsp_channel *c)
{
	c->chan = NULL;
	c->dead = false;
	c->reply_pending = false;
	c->reply_held = false;
	c->requests = 0;
	storvsp_late_forget(c);
}

static uint32_t storvsp_open(struct vmbus_chan *chan, void *dev, const uint8_t user[120])
{
	struct storvsp *s = dev;
	struct storvsp_channel *c = &s->channels[vmbus_chan_sub_index(chan)];

	(void)user;
	storvsp_forget_channel(c);
	c->chan = chan;
	if (!c->index)
		storvsp_forget_session(s);
	return HV_STATUS_OK;
}

static void storvsp_close(struct vmbus_chan *chan, void *dev)
{
	struct storvsp *s = dev;
	struct storvsp_channel *c = &s->channels[vmbus_chan_sub_index(chan)];

	storvsp_forget_channel(c);
	if (c->index)
		return;
	retire_cancel(&s->retire);
	storvsp_forget_session(s);
}

static const struct vmbus_dev_ops storvsp_ops = {
	.open = storvsp_open,
	.close = storvsp_close,
	.work = storvsp_work,
};

static const struct hyperv_guid storvsp_class_guid[] = {
	[STORVSP_SCSI] = HYPERV_GUID_INIT(0xba6163d9, 0x04a1, 0x4d29, 0xb6, 0x05, 0x72, 0xe2, 0xff,
					  0xb1, 0xdc, 0x7f),
	[STORVSP_IDE] = HYPERV_GUID_INIT(0x32412632, 0x86cb, 0x44a2, 0x9b, 0x5c, 0x50, 0xd1, 0x41,
					 0x73, 0x54, 0xf5),
	[STORVSP_FC] = HYPERV_GUID_INIT(0x2f9bcc4a, 0x0069, 0x4af3, 0xb7, 0x6b, 0x6f, 0xd0, 0xbe,
					0x52, 0x8c, 0xda),
};

/*
 * Instances: of SCSI controllers the first ones are those that cloud udev rules know as the data
 * disk controllers; of IDE disks Hyper-V writes the channel and the device into the GUID.
 */
static struct hyperv_guid storvsp_instance_guid(const struct storvsp_params *params)
{
	const struct hyperv_guid scsi = HYPERV_GUID_INIT(0xf8b3781a + params->number, 0x1e82,
							 0x4818, 0xa1, 0xc3, 0x63, 0xd8, 0x06, 0xec,
							 0x15, 0xbb);
	const struct hyperv_guid ide = HYPERV_GUID_INIT(params->number / 2, params->number % 2,
							0x8899, 0, 0, 0, 0, 0, 0, 0, 0);
	const struct hyperv_guid fc = HYPERV_GUID_INIT(0x6876686f + params->number, 0x7374, 0x4643,
						       0x80, 0, 0, 0, 0, 0, 0, 1);

	switch (params->kind) {
	case STORVSP_IDE:
		return ide;
	case STORVSP_FC:
		return fc;
	default:
		return scsi;
	}
}

/* Where old guests look for an IDE disk's address: the start of the offer's user bytes. */
static void storvsp_ide_offer(const struct storvsp_params *params, uint8_t *user)
{
	const struct vstor_ide_offer ide = {
		.path_id = (uint8_t)(params->number / 2),
		.target_id = (uint8_t)(params->number % 2),
		.flags = htole32(VSTOR_IDE_OFFER_IDE_DEVICE),
	};

	memcpy(user, &ide, sizeof(ide));
}

unsigned int storvsp_targets(const struct storvsp *s)
{
	return s->params.kind == STORVSP_FC ? STORVSP_MAX_TARGETS : 1;
}

unsigned int storvsp_luns(const struct storvsp *s)
{
	return s->params.kind == STORVSP_IDE ? 1 : STORVSP_MAX_LUNS / storvsp_targets(s);
}

/* Return: the address, free or not; NULL if there is no such address. */
static struct storvsp_lun *storvsp_slot(struct storvsp *s, unsigned int target, unsigned int lun)
{
	if (target >= storvsp_targets(s) || lun >= storvsp_luns(s))
		return NULL;
	return &s->luns[target * storvsp_luns(s) + lun];
}

/* Return: the address if something is there, else NULL. */
struct storvsp_lun *storvsp_lun(struct storvsp *s, unsigned int target, unsigned int lun)
{
	struct storvsp_lun *slot = storvsp_slot(s, target, lun);

	return slot && slot->nexus ? slot : NULL;
}

static void storvsp_count_unit(struct storvsp *s, struct storvsp_lun *slot, uint8_t target,
			       uint8_t lun)
{
	struct scsi_unit *unit = scsi_nexus_unit(slot->nexus);
	const struct scsi_disk_stats *stats = scsi_unit_stats(unit);
	const struct hv_counter counters[] = {
		{ "reads", &stats->reads },
		{ "read_bytes", &stats->read_bytes },
		{ "writes", &stats->writes },
		{ "write_bytes", &stats->write_bytes },
		{ "flushes", &stats->flushes },
		{ "unmaps", &stats->unmaps },
		{ "write_sames", &stats->write_sames },
		{ "errors", &stats->errors },
		{ "faults", &scsi_unit_faults(unit)->struck },
	};

	if (s->params.kind == STORVSP_FC)
		snprintf(slot->group, sizeof(slot->group), "%s.target%u.lun%u", s->params.name,
			 target, lun);
	else
		snprintf(slot->group, sizeof(slot->group), "%s.lun%u", s->params.name, lun);
	hv_counters_add(s->server, slot->group, counters, ARRAY_SIZE(counters));
}

struct storvsp *storvsp_new(struct vmbus_server *server, const struct storvsp_params *params)
{
	struct vmbus_offer_params offer = {
		.name = params->name,
		.class_guid = storvsp_class_guid[params->kind],
		.instance_guid = storvsp_instance_guid(params),
	};
	struct storvsp *s = xcalloc(1, sizeof(*s));
	const struct hv_counter counters[] = {
		{ "requests", &s->requests },	      { "data_requests", &s->data_requests },
		{ "bytes_in", &s->bytes_in },	      { "bytes_out", &s->bytes_out },
		{ "failures", &s->failures },	      { "resets", &s->resets },
		{ "inquiries", &s->inquiries },	      { "report_luns", &s->report_luns },
		{ "rescans", &s->rescans },	      { "held_replies", &s->held_replies },
		{ "lost_replies", &s->lost_replies }, { "spoiled", &s->spoiled },
		{ "sub_requests", &s->sub_requests },
	};

	size_t i;

	s->server = server;
	s->params = *params;
	for (i = 0; i < ARRAY_SIZE(s->channels); i++) {
		s->channels[i].storvsp = s;
		s->channels[i].index = (uint16_t)i;
		storvsp_late_init(&s->channels[i], vmbus_server_loop(server));
	}
	if (params->kind == STORVSP_IDE)
		storvsp_ide_offer(params, offer.user);
	s->max_iov = (int)(params->max_transfer_bytes / GUEST_PAGE_SIZE) + 1;
	s->iov = xcalloc((size_t)s->max_iov, sizeof(*s->iov));
	retire_init(&s->retire, vmbus_server_loop(server), &s->packets);
	s->hold_timer = loop_timer_new(vmbus_server_loop(server), storvsp_hold_ends, s);
	hv_counters_add(server, params->name, counters, ARRAY_SIZE(counters));
	if (!vmbus_offer(server, &offer, &storvsp_ops, s)) {
		storvsp_free(s);
		return NULL;
	}
	return s;
}

static void storvsp_empty(struct storvsp *s, struct storvsp_lun *slot)
{
	if (!slot->nexus)
		return;
	hv_counters_remove(s->server, slot->group);
	scsi_nexus_free(slot->nexus);
	slot->nexus = NULL;
}

void storvsp_free(struct storvsp *s)
{
	unsigned int i;

	if (!s)
		return;
	for (i = 0; i < STORVSP_MAX_LUNS; i++)
		storvsp_empty(s, &s->luns[i]);
	for (i = 0; i < ARRAY_SIZE(s->channels); i++)
		storvsp_late_free(&s->channels[i]);
	hv_counters_remove(s->server, s->params.name);
	retire_free(&s->retire);
	loop_timer_free(s->hold_timer);
	free(s->iov);
	free(s);
}

void storvsp_set_answer(struct storvsp *s, const struct storvsp_answer *answer)
{
	s->answer = *answer;
}

static void storvsp_owe_rescan(struct storvsp *s)
{
	if (!s->channels[0].chan)
		return;
	s->rescan_pending = true;
	vmbus_kick(s->channels[0].chan);
}

int storvsp_attach(struct storvsp *s, uint8_t target, uint8_t lun, struct scsi_unit *unit)
{
	struct storvsp_lun *slot = storvsp_slot(s, target, lun);

	if (!slot)
		return -EINVAL;
	if (slot->nexus)
		return -EBUSY;
	if (!scsi_unit_has_initiator_left(unit))
		return -EUSERS;
	slot->nexus = scsi_nexus_new(unit);
	scsi_unit_put(unit); /* the nexus has its own reference */
	storvsp_count_unit(s, slot, target, lun);
	storvsp_owe_rescan(s);
	return 0;
}

int storvsp_detach(struct storvsp *s, uint8_t target, uint8_t lun)
{
	struct storvsp_lun *slot = storvsp_lun(s, target, lun);

	if (!slot)
		return -ENOENT;
	storvsp_empty(s, slot);
	storvsp_owe_rescan(s);
	return 0;
}

int storvsp_retire(struct storvsp *s)
{
	if (!s->channels[0].chan)
		return -ENOTCONN;
	retire_start(&s->retire, s->channels[0].chan);
	storvsp_owe_rescan(s);
	return 0;
}

struct scsi_unit *storvsp_unit(struct storvsp *s, unsigned int target, unsigned int lun)
{
	struct storvsp_lun *slot = storvsp_lun(s, target, lun);

	return slot ? scsi_nexus_unit(slot->nexus) : NULL;
}

const struct storvsp_params *storvsp_params(const struct storvsp *s)
{
	return &s->params;
}

uint16_t storvsp_version(const struct storvsp *s)
{
	return s->version;
}

const char *storvsp_state_name(const struct storvsp *s)
{
	return s->channels[0].chan ? storvsp_state_names[s->state] : "closed";
}

bool storvsp_channel_requests(const struct storvsp *s, unsigned int index, uint64_t *requests)
{
	if (index >= ARRAY_SIZE(s->channels) || !s->channels[index].chan)
		return false;
	*requests = s->channels[index].requests;
	return true;
}
