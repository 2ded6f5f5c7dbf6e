// SPDX-License-Identifier: GPL-2.0
/*
 * Faults of control messages, and rescinds at each step of a channel's life. What is rescinded by
 * chaos is offered again soon, so that there is something left to lie about.
 */
#include <stdio.h>
#include <string.h>

#include "chaos_internal.h"

/* Policy: how late is late, and when a rescinded device comes back. */
#define CHAOS_LATE_NS(random) ((20 + (random) % 280) * 1000000ull)
#define CHAOS_OFFER_NS	      500000000ull

#define CHAOS_MESSAGES                                                                            \
	(CHAOS_BIT(CHAOS_MESSAGE_LOST) | CHAOS_BIT(CHAOS_MESSAGE_TWICE) |                         \
	 CHAOS_BIT(CHAOS_MESSAGE_LATE) | CHAOS_BIT(CHAOS_MESSAGE_SHORT) |                         \
	 CHAOS_BIT(CHAOS_MESSAGE_TYPE) | CHAOS_BIT(CHAOS_MESSAGE_UNASKED) |                       \
	 CHAOS_BIT(CHAOS_MESSAGE_INTERRUPT) | CHAOS_BIT(CHAOS_RESCIND_STRANGER))

/* Where a message has what: 0 stands for nowhere. */
struct chaos_fields {
	uint8_t relid, gpadl, status;
	uint64_t more;
};

static struct chaos_fields chaos_fields(uint32_t type)
{
	switch (type) {
	case VMBUS_MSG_OFFER:
		return (struct chaos_fields){ .relid = 184,
					      .more = CHAOS_BIT(CHAOS_OFFER_TWICE) |
						      CHAOS_BIT(CHAOS_OFFER_SUB_INDEX) |
						      CHAOS_BIT(CHAOS_OFFER_FIELD) |
						      CHAOS_BIT(CHAOS_OFFER_INSTANCE) };
	case VMBUS_MSG_RESCIND:
		return (struct chaos_fields){ .relid = 8, .more = CHAOS_BIT(CHAOS_RESCIND_TWICE) };
	case VMBUS_MSG_OPEN_RESULT:
		return (struct chaos_fields){ .relid = 8, .status = 16 };
	case VMBUS_MSG_GPADL_CREATED:
		return (struct chaos_fields){ .relid = 8, .gpadl = 12, .status = 16 };
	case VMBUS_MSG_GPADL_TORNDOWN:
		return (struct chaos_fields){ .gpadl = 8 };
	case VMBUS_MSG_MODIFY_CHANNEL_RESPONSE:
		return (struct chaos_fields){ .relid = 8, .status = 12 };
	default:
		return (struct chaos_fields){ 0 };
	}
}

static void chaos_post(struct vmbus_server *server, const void *msg, size_t len)
{
	hv_synic_post(server, server->conn.message_vp, msg, len);
}

static void chaos_post_late(struct chaos_job *job)
{
	chaos_post(job->server, job->bytes, job->len);
}

/* An answer to a question nobody asked. */
static void chaos_post_unasked(struct vmbus_server *server, const char *device, uint64_t random)
{
	static const uint32_t types[] = { VMBUS_MSG_OPEN_RESULT,    VMBUS_MSG_GPADL_CREATED,
					  VMBUS_MSG_GPADL_TORNDOWN, VMBUS_MSG_VERSION_RESPONSE,
					  VMBUS_MSG_UNLOAD_RESPONSE, VMBUS_MSG_ALL_OFFERS_DELIVERED,
					  VMBUS_MSG_TL_CONNECT_RESULT, VMBUS_MSG_MODIFY_CHANNEL_RESPONSE };
	uint32_t words[11] = { htole32(types[random % ARRAY_SIZE(types)]) };

	for (unsigned int i = 2; i < ARRAY_SIZE(words); i++)
		words[i] = htole32(chaos_next(&random) % 4 ? random >> 32 : random % 64);
	chaos_event(server, CHAOS_MESSAGE_UNASKED, device, "message %u about %#x and %#x", le32toh(words[0]),
		    le32toh(words[2]), le32toh(words[3]));
	chaos_post(server, words, sizeof(words));
}

static uint32_t chaos_other(uint32_t value, uint64_t random)
{
	switch (random % 4) {
	case 0:
		return 0;
	case 1:
		return value + 1;
	case 2:
		return 2048 + random / 4 % 4096;
	}
	return random / 4 | 0x80000000u;
}

static void chaos_change_word(struct vmbus_server *server, enum chaos_fault fault, const char *device,
			      uint8_t *msg, unsigned int at, uint32_t value)
{
	uint32_t old;

	memcpy(&old, msg + at, sizeof(old));
	chaos_event(server, fault, device, "message %u: %#x becomes %#x", msg[0], le32toh(old), value);
	value = htole32(value);
	memcpy(msg + at, &value, sizeof(value));
}

/* A device the guest knows, other than that of @chan, of another instance; NULL without one. */
static const struct vmbus_chan *chaos_other_device(const struct vmbus_server *server, const struct vmbus_chan *chan)
{
	for (const struct vmbus_chan *other = server->chans; other; other = other->next) {
		if (other != chan && !other->params.sub_index && (other->state == CHAN_OFFERED || other->state == CHAN_OPEN) &&
		    (!chan || memcmp(&other->params.instance_guid, &chan->params.instance_guid,
				     sizeof(other->params.instance_guid))))
			return other;
	}
	return NULL;
}

/* Each field as often as any other, however long it is. Return: where it is; @random: what of it was not used. */
static uint32_t chaos_offer_field(uint64_t *random)
{
	static const struct {
		uint8_t at, words;
	} field[] = {
		{ offsetof(struct vmbus_msg_offer, class_id), 4 },
		{ offsetof(struct vmbus_msg_offer, instance_id), 4 },
		/* With the size of the memory window. */
		{ offsetof(struct vmbus_msg_offer, flags), 1 },
		{ offsetof(struct vmbus_msg_offer, user), sizeof(((struct vmbus_msg_offer *)0)->user) / 4 },
		{ offsetof(struct vmbus_msg_offer, subchannel_index), 1 },
		/* Monitor id and flags, dedicated interrupt. */
		{ offsetof(struct vmbus_msg_offer, monitor_id), 1 },
		{ offsetof(struct vmbus_msg_offer, connection_id), 1 },
	};
	uint64_t nth = *random % ARRAY_SIZE(field), in = *random / 16 % field[nth].words;

	*random /= 1024;
	return field[nth].at + 4 * (uint32_t)in;
}

bool chaos_message(struct vmbus_server *server, const void *msg, size_t len)
{
	uint8_t copy[TLFS_MESSAGE_PAYLOAD_BYTES];
	struct vmbus_msg_header header;
	struct vmbus_msg_relid stranger = { .header.type = htole32(VMBUS_MSG_RESCIND) };
	const struct vmbus_chan *chan = NULL, *other;
	struct chaos_fields fields;
	enum chaos_fault fault;
	const char *device = "bus";
	uint64_t random, possible;
	uint32_t word;
	uint16_t half;

	if (len > sizeof(copy) || len < sizeof(header))
		return false;
	memcpy(copy, msg, len);
	memcpy(&header, msg, sizeof(header));
	fields = chaos_fields(le32toh(header.type));
	if (fields.relid) {
		memcpy(&word, copy + fields.relid, sizeof(word));
		chan = chan_by_relid(server, le32toh(word));
	}
	if (chan)
		device = chan->stats->name;
	possible = CHAOS_MESSAGES | fields.more | (fields.relid ? CHAOS_BIT(CHAOS_MESSAGE_RELID) : 0) |
		   (fields.gpadl ? CHAOS_BIT(CHAOS_MESSAGE_GPADL) : 0) |
		   (fields.status ? CHAOS_BIT(CHAOS_MESSAGE_STATUS) : 0);
	fault = chaos_pick(server, device, possible, &random);
	switch (fault) {
	case CHAOS_MESSAGE_LOST:
		chaos_event(server, fault, device, "message %u", le32toh(header.type));
		return true;
	case CHAOS_MESSAGE_TWICE:
	case CHAOS_OFFER_TWICE:
	case CHAOS_RESCIND_TWICE:
		chaos_event(server, fault, device, "message %u", le32toh(header.type));
		break;
	case CHAOS_MESSAGE_LATE:
		chaos_event(server, fault, device, "message %u, %llu ms", le32toh(header.type),
			    CHAOS_LATE_NS(random) / 1000000);
		chaos_later(server, NULL, CHAOS_LATE_NS(random), chaos_post_late, msg, len);
		return true;
	case CHAOS_MESSAGE_SHORT:
		chaos_event(server, fault, device, "message %u: %zu bytes become %u", le32toh(header.type),
			    len, (unsigned int)(random % len));
		chaos_post(server, copy, random % len);
		return true;
	case CHAOS_MESSAGE_TYPE:
		chaos_change_word(server, fault, device, copy, 0, random % 2 ? random / 2 % 32 : random >> 32);
		break;
	case CHAOS_MESSAGE_RELID:
		memcpy(&word, copy + fields.relid, sizeof(word));
		chaos_change_word(server, fault, device, copy, fields.relid, chaos_other(le32toh(word), random));
		break;
	case CHAOS_MESSAGE_GPADL:
		memcpy(&word, copy + fields.gpadl, sizeof(word));
		chaos_change_word(server, fault, device, copy, fields.gpadl, chaos_other(le32toh(word), random));
		break;
	case CHAOS_MESSAGE_STATUS:
		chaos_change_word(server, fault, device, copy, fields.status, HV_NTSTATUS_UNSUCCESSFUL);
		break;
	case CHAOS_OFFER_SUB_INDEX:
		half = htole16(1 + random % 64);
		chaos_event(server, fault, device, "index %u", le16toh(half));
		memcpy(copy + offsetof(struct vmbus_msg_offer, subchannel_index), &half, sizeof(half));
		break;
	case CHAOS_OFFER_INSTANCE:
		other = chaos_other_device(server, chan);
		if (!other)
			return false;
		chaos_event(server, fault, device, "the instance of %s", other->stats->name);
		memcpy(copy + offsetof(struct vmbus_msg_offer, instance_id), &other->params.instance_guid,
		       sizeof(other->params.instance_guid));
		break;
	case CHAOS_OFFER_FIELD:
		word = chaos_offer_field(&random);
		chaos_change_word(server, fault, device, copy, word,
				  random % 3 == 0 ? ~0u : random % 3 == 1 ? 0 : random >> 32);
		break;
	case CHAOS_MESSAGE_UNASKED:
		for (unsigned int i = chaos_burst(server); i; i--, chaos_next(&random))
			chaos_post_unasked(server, device, random);
		return false;
	case CHAOS_MESSAGE_INTERRUPT:
		for (unsigned int i = chaos_burst(server); i; i--) {
			chaos_event(server, fault, device, "VP %u", server->conn.message_vp);
			server->config.ops->kick(server->config.platform, server->conn.message_vp);
		}
		return false;
	case CHAOS_RESCIND_STRANGER:
		for (unsigned int i = chaos_burst(server); i; i--, chaos_next(&random)) {
			word = random % 4 ? VMBUS_RELID_MAX - random % 512 : random >> 32;
			if (chan_by_relid(server, word))
				continue;
			chaos_event(server, fault, device, "relid %u", word);
			stranger.relid = htole32(word);
			chaos_post(server, &stranger, sizeof(stranger));
		}
		return false;
	default:
		return false;
	}
	/* The good one of two first, the changed one instead of it. */
	chaos_post(server, copy, len);
	return fault != CHAOS_MESSAGE_TWICE && fault != CHAOS_OFFER_TWICE && fault != CHAOS_RESCIND_TWICE;
}

/* ---------------------------------------------------------------- rescinds */

static void chaos_offer_again(struct chaos_job *job)
{
	char err[HV_ERR_MAX];

	/* It may have been offered by somebody else by now. */
	vmbus_server_offer_name(job->server, (const char *)job->bytes, err);
}

static void chaos_rescind_now(struct vmbus_chan *chan)
{
	struct vmbus_server *server = chan->server;
	bool again = !chan->params.sub_index && !(chan->params.flags & VMBUS_OFFER_TLNPI_PROVIDER);
	char name[64];

	snprintf(name, sizeof(name), "%s", chan->params.name);
	vmbus_rescind(chan);
	if (again)
		chaos_later(server, NULL, CHAOS_OFFER_NS, chaos_offer_again, name, strlen(name) + 1);
}

static void chaos_rescind_later(struct chaos_job *job)
{
	struct vmbus_chan *chan = chan_by_relid(job->server, job->relid);

	if (chan && chan == job->chan && chan->state != CHAN_REVOKED && chan->state != CHAN_REFUSED)
		chaos_rescind_now(chan);
}

void chaos_step(struct vmbus_chan *chan, enum chaos_fault rescind)
{
	struct vmbus_server *server = chan->server;
	uint64_t random;

	if (chan->dead || chan->state == CHAN_REVOKED ||
	    chaos_pick(server, chan->stats->name, CHAOS_BIT(rescind), &random) == CHAOS_NONE)
		return;
	chaos_event(server, rescind, chan->stats->name, "relid %u", chan->relid);
	/* Who offers it has not heard of the channel yet; who closes it is in the middle of that. */
	if (rescind == CHAOS_RESCIND_OFFERED || rescind == CHAOS_RESCIND_CLOSING)
		chaos_later(server, chan, 0, chaos_rescind_later, NULL, 0);
	else
		chaos_rescind_now(chan);
}
