// SPDX-License-Identifier: GPL-2.0
/*
 * The state machine of persistent reservations (SPC-3, 5.6, 6.11 and 6.12). Keys do not outlive
 * the host, so APTPL is refused; a registration is an initiator's own, so SPEC_I_PT and ALL_TG_PT are.
 */
#include "scsi_reservation.h"

#include <string.h>

#include "bytes.h"

#define RESERVE_OUT_BYTES 24
/* A TransportID of Serial Attached SCSI (SPC-3, 7.5.4.7): protocol identifier 6, the port's address at byte 4. */
#define TRANSPORT_ID_BYTES 24
#define TRANSPORT_ID_SAS   6
/* Addresses of initiators, "locally assigned": the last byte is the initiator's number. */
#define INITIATOR_ADDRESS 0x3068767269640000ull
#define FULL_STATUS_BYTES (24 + TRANSPORT_ID_BYTES)

/* Service actions. */
enum { READ_KEYS = 0, READ_RESERVATION = 1, REPORT_CAPABILITIES = 2, READ_FULL_STATUS = 3 };
enum {
	REGISTER = 0,
	RESERVE = 1,
	RELEASE = 2,
	CLEAR = 3,
	PREEMPT = 4,
	PREEMPT_AND_ABORT = 5,
	REGISTER_AND_IGNORE = 6,
	REGISTER_AND_MOVE = 7,
};

static const struct scsi_sense sense_invalid_release = { 0x5, 0x26, 0x04 };

static uint32_t bit(unsigned int initiator)
{
	return 1u << initiator;
}

static bool is_registered(const struct scsi_reservations *s, unsigned int initiator)
{
	return s->registered & bit(initiator);
}

/* All registered initiators hold it together. */
static bool type_is_shared(enum scsi_reservation_type type)
{
	return type == SCSI_RESERVATION_WRITE_EXCLUSIVE_ALL ||
	       type == SCSI_RESERVATION_EXCLUSIVE_ACCESS_ALL;
}

/* Registered initiators have the holder's rights. */
static bool type_is_for_registrants(enum scsi_reservation_type type)
{
	return type >= SCSI_RESERVATION_WRITE_EXCLUSIVE_REGISTRANTS;
}

static bool type_keeps_readers_out(enum scsi_reservation_type type)
{
	return type == SCSI_RESERVATION_EXCLUSIVE_ACCESS ||
	       type == SCSI_RESERVATION_EXCLUSIVE_ACCESS_REGISTRANTS ||
	       type == SCSI_RESERVATION_EXCLUSIVE_ACCESS_ALL;
}

static bool type_is_known(unsigned int type)
{
	return type == SCSI_RESERVATION_WRITE_EXCLUSIVE ||
	       type == SCSI_RESERVATION_EXCLUSIVE_ACCESS ||
	       (type >= SCSI_RESERVATION_WRITE_EXCLUSIVE_REGISTRANTS &&
		type <= SCSI_RESERVATION_EXCLUSIVE_ACCESS_ALL);
}

static bool is_holder(const struct scsi_reservations *s, unsigned int initiator)
{
	if (s->type == SCSI_RESERVATION_NONE)
		return false;
	return type_is_shared(s->type) ? is_registered(s, initiator) : s->holder == initiator;
}

bool scsi_reservation_allows(const struct scsi_reservations *s, unsigned int initiator,
			     const uint8_t *cdb)
{
	if (s->type == SCSI_RESERVATION_NONE || is_holder(s, initiator) ||
	    (type_is_for_registrants(s->type) && is_registered(s, initiator)))
		return true;
	switch (cdb[0]) {
	case SCSI_SYNCHRONIZE_CACHE_10:
	case SCSI_SYNCHRONIZE_CACHE_16:
	case SCSI_MODE_SELECT_6:
	case SCSI_MODE_SELECT_10:
	case SCSI_MODE_SENSE_6:
	case SCSI_MODE_SENSE_10:
	case SCSI_SEND_DIAGNOSTIC:
		return false;
	case SCSI_START_STOP_UNIT:
		return cdb[4] & 1;
	case SCSI_PREVENT_REMOVAL:
		return !(cdb[4] & 3);
	default:
		break;
	}
	switch (scsi_cdb_effect(cdb)) {
	case SCSI_EFFECT_WRITES:
		return false;
	case SCSI_EFFECT_READS:
		return !type_keeps_readers_out(s->type);
	default:
		return true;
	}
}

static void put_transport_id(uint8_t *id, unsigned int initiator)
{
	id[0] = TRANSPORT_ID_SAS;
	put_be64(id + 4, INITIATOR_ADDRESS | initiator);
}

/* Return: the initiator's number, or SCSI_RESERVATION_INITIATORS if this names none there is. */
static unsigned int get_transport_id(const struct scsi_reservations *s, const uint8_t *id)
{
	unsigned int i;

	for (i = 0; i < SCSI_RESERVATION_INITIATORS; i++) {
		uint8_t own[TRANSPORT_ID_BYTES] = { 0 };

		put_transport_id(own, i);
		if (s->present & bit(i) && !memcmp(own, id, sizeof(own)))
			return i;
	}
	return SCSI_RESERVATION_INITIATORS;
}

/* One initiator's part of READ FULL STATUS (SPC-3, 6.11.5.2). */
static void put_full_status(const struct scsi_reservations *s, unsigned int initiator, uint8_t *status)
{
	put_be64(status, s->key[initiator]);
	if (is_holder(s, initiator)) {
		status[12] = 0x01; /* R_HOLDER */
		status[13] = (uint8_t)s->type;
	}
	put_be16(status + 18, 1); /* relative target port */
	put_be32(status + 20, TRANSPORT_ID_BYTES);
	put_transport_id(status + 24, initiator);
}

void scsi_reservation_in(const struct scsi_reservations *s, struct scsi_command *command)
{
	size_t allocation = get_be16(command->cdb + 7), bytes = 8;
	uint8_t reply[8 + FULL_STATUS_BYTES * SCSI_RESERVATION_INITIATORS] = { 0 };
	unsigned int i;

	put_be32(reply, s->generation);
	switch (command->cdb[1] & 0x1f) {
	case READ_KEYS:
		for (i = 0; i < SCSI_RESERVATION_INITIATORS; i++) {
			if (!is_registered(s, i))
				continue;
			put_be64(reply + bytes, s->key[i]);
			bytes += 8;
		}
		put_be32(reply + 4, (uint32_t)bytes - 8);
		break;
	case READ_RESERVATION:
		if (s->type == SCSI_RESERVATION_NONE)
			break;
		put_be32(reply + 4, 16);
		if (!type_is_shared(s->type))
			put_be64(reply + 8, s->key[s->holder]);
		reply[21] = (uint8_t)s->type; /* of the whole logical unit */
		bytes = 24;
		break;
	case REPORT_CAPABILITIES:
		put_be32(reply, 0);
		put_be16(reply, 8);
		reply[3] = 0x80; /* the types follow */
		reply[4] = 0xea;
		reply[5] = 0x01;
		break;
	case READ_FULL_STATUS:
		for (i = 0; i < SCSI_RESERVATION_INITIATORS; i++) {
			if (!is_registered(s, i))
				continue;
			put_full_status(s, i, reply + bytes);
			bytes += FULL_STATUS_BYTES;
		}
		put_be32(reply + 4, (uint32_t)bytes - 8);
		break;
	default:
		scsi_reject_field(command);
		return;
	}
	scsi_reply(command, reply, bytes, allocation);
}

/* The reservation ends; registered initiators that had rights by it are told. */
static void release(struct scsi_reservations *s, unsigned int initiator,
		    struct scsi_reservation_news *news)
{
	if (type_is_for_registrants(s->type))
		news->released |= s->registered & ~bit(initiator);
	s->type = SCSI_RESERVATION_NONE;
}

static void unregister(struct scsi_reservations *s, unsigned int initiator,
		       struct scsi_reservation_news *news)
{
	bool held = is_holder(s, initiator);

	s->registered &= ~bit(initiator);
	if (held && (!type_is_shared(s->type) || !s->registered))
		release(s, initiator, news);
}

void scsi_reservation_forget(struct scsi_reservations *s, unsigned int initiator,
			     struct scsi_reservation_news *news)
{
	memset(news, 0, sizeof(*news));
	if (!is_registered(s, initiator))
		return;
	s->generation++;
	unregister(s, initiator, news);
}

/* A PERSISTENT RESERVE OUT taken apart. */
struct reserve_out {
	unsigned int action;
	unsigned int scope;
	unsigned int type;
	uint64_t key; /* the initiator says it has */
	uint64_t action_key;
	uint8_t flags;
	unsigned int target; /* of REGISTER AND MOVE */
	uint32_t bytes; /* of the parameter list */
};

static void conflict(struct scsi_command *command)
{
	scsi_end(command, SCSI_OUTCOME_CONFLICT, NULL);
}

static void do_register(struct scsi_reservations *s, unsigned int initiator,
			const struct reserve_out *out, struct scsi_command *command,
			struct scsi_reservation_news *news)
{
	if (out->action == REGISTER &&
	    out->key != (is_registered(s, initiator) ? s->key[initiator] : 0)) {
		conflict(command);
		return;
	}
	s->generation++;
	if (out->action_key) {
		s->registered |= bit(initiator);
		s->key[initiator] = out->action_key;
	} else if (is_registered(s, initiator)) {
		unregister(s, initiator, news);
	}
}

static void do_reserve(struct scsi_reservations *s, unsigned int initiator,
		       const struct reserve_out *out, struct scsi_command *command)
{
	if (s->type == SCSI_RESERVATION_NONE) {
		s->type = (enum scsi_reservation_type)out->type;
		s->holder = initiator;
	} else if (!is_holder(s, initiator) || s->type != out->type) {
		conflict(command);
	}
}

static void do_release(struct scsi_reservations *s, unsigned int initiator,
		       const struct reserve_out *out, struct scsi_command *command,
		       struct scsi_reservation_news *news)
{
	if (!is_holder(s, initiator))
		return;
	if (s->type != out->type)
		scsi_reject(command, &sense_invalid_release);
	else
		release(s, initiator, news);
}

static void do_clear(struct scsi_reservations *s, unsigned int initiator,
		     struct scsi_reservation_news *news)
{
	news->preempted = s->registered & ~bit(initiator);
	s->generation++;
	s->registered = 0;
	s->type = SCSI_RESERVATION_NONE;
}

/* Initiators registered with @key, but for @initiator itself. */
static uint32_t others_with_key(const struct scsi_reservations *s, unsigned int initiator,
				uint64_t key)
{
	uint32_t found = 0;
	unsigned int i;

	for (i = 0; i < SCSI_RESERVATION_INITIATORS; i++)
		if (i != initiator && is_registered(s, i) && s->key[i] == key)
			found |= bit(i);
	return found;
}

static void do_preempt(struct scsi_reservations *s, unsigned int initiator,
		       const struct reserve_out *out, struct scsi_command *command,
		       struct scsi_reservation_news *news)
{
	enum scsi_reservation_type before = s->type;
	bool shared = type_is_shared(before);
	bool takes_over = shared ? !out->action_key
				 : before && s->key[s->holder] == out->action_key;
	uint32_t victims;

	if (!shared && !out->action_key) {
		scsi_reject(command, &scsi_sense_invalid_list);
		return;
	}
	victims = others_with_key(s, initiator, out->action_key);
	if (shared && !out->action_key)
		victims = s->registered & ~bit(initiator);
	if (!victims && !takes_over && s->key[initiator] != out->action_key) {
		conflict(command);
		return;
	}
	s->generation++;
	s->registered &= ~victims;
	news->unregistered = victims;
	if (!takes_over)
		return;
	/* The reservation changes hands without anybody getting in between. */
	s->type = (enum scsi_reservation_type)out->type;
	s->holder = initiator;
	if (s->type != before && type_is_for_registrants(before))
		news->released = s->registered & ~bit(initiator);
}

/* The reservation goes to another initiator, which is registered by it (SPC-3, 5.6.7). */
static void do_move(struct scsi_reservations *s, unsigned int initiator, const struct reserve_out *out,
		    struct scsi_command *command)
{
	if (!is_holder(s, initiator) || type_is_shared(s->type)) {
		conflict(command);
		return;
	}
	if (out->scope || out->type != s->type) {
		scsi_reject_field(command);
		return;
	}
	if (!out->action_key || out->target == SCSI_RESERVATION_INITIATORS || out->target == initiator) {
		scsi_reject(command, &scsi_sense_invalid_list);
		return;
	}
	s->generation++;
	s->registered |= bit(out->target);
	s->key[out->target] = out->action_key;
	s->holder = out->target;
	if (out->flags & 0x02) /* UNREG */
		s->registered &= ~bit(initiator);
}

/* The longer list of REGISTER AND MOVE. Return: as parse(). */
static bool parse_move(const struct scsi_reservations *s, struct scsi_command *command, struct reserve_out *out)
{
	uint8_t list[RESERVE_OUT_BYTES + TRANSPORT_ID_BYTES];

	if (get_be32(command->cdb + 5) != sizeof(list) ||
	    sg_copy_out(&command->data, 0, list, sizeof(list)) != sizeof(list)) {
		scsi_reject(command, &scsi_sense_list_length);
		return false;
	}
	out->key = get_be64(list);
	out->action_key = get_be64(list + 8);
	out->flags = list[17];
	out->bytes = sizeof(list);
	out->target = get_transport_id(s, list + RESERVE_OUT_BYTES);
	if (out->flags & 0x01 || get_be32(list + 20) != TRANSPORT_ID_BYTES) { /* APTPL */
		scsi_reject(command, &scsi_sense_invalid_list);
		return false;
	}
	return true;
}

/* Return: true if the parameter list is one; else the command has ended. */
static bool parse(const struct scsi_reservations *s, struct scsi_command *command, struct reserve_out *out)
{
	const uint8_t *cdb = command->cdb;
	uint8_t list[RESERVE_OUT_BYTES];

	out->action = cdb[1] & 0x1f;
	out->scope = cdb[2] >> 4;
	out->type = cdb[2] & 0x0f;
	if (out->action == REGISTER_AND_MOVE)
		return parse_move(s, command, out);
	if (out->action > REGISTER_AND_MOVE) {
		scsi_reject_field(command);
		return false;
	}
	if (get_be32(cdb + 5) != sizeof(list) ||
	    sg_copy_out(&command->data, 0, list, sizeof(list)) != sizeof(list)) {
		scsi_reject(command, &scsi_sense_list_length);
		return false;
	}
	out->key = get_be64(list);
	out->action_key = get_be64(list + 8);
	out->flags = list[20];
	out->bytes = sizeof(list);
	if (out->action == REGISTER || out->action == REGISTER_AND_IGNORE) {
		if (out->flags & 0x0d) { /* SPEC_I_PT, ALL_TG_PT, APTPL */
			scsi_reject(command, &scsi_sense_invalid_list);
			return false;
		}
	} else if (out->action != CLEAR && (out->scope || !type_is_known(out->type))) {
		scsi_reject_field(command);
		return false;
	}
	return true;
}

void scsi_reservation_out(struct scsi_reservations *s, unsigned int initiator,
			  struct scsi_command *command, struct scsi_reservation_news *news)
{
	struct reserve_out out = { 0 };

	memset(news, 0, sizeof(*news));
	if (!parse(s, command, &out))
		return;
	if (out.action != REGISTER && out.action != REGISTER_AND_IGNORE &&
	    (!is_registered(s, initiator) || s->key[initiator] != out.key)) {
		conflict(command);
		return;
	}
	switch (out.action) {
	case REGISTER:
	case REGISTER_AND_IGNORE:
		do_register(s, initiator, &out, command, news);
		break;
	case RESERVE:
		do_reserve(s, initiator, &out, command);
		break;
	case RELEASE:
		do_release(s, initiator, &out, command, news);
		break;
	case CLEAR:
		do_clear(s, initiator, news);
		break;
	case REGISTER_AND_MOVE:
		do_move(s, initiator, &out, command);
		break;
	default: /* commands end where they begin: there is none left to abort */
		do_preempt(s, initiator, &out, command, news);
		break;
	}
	if (command->outcome == SCSI_OUTCOME_DONE)
		command->transferred = out.bytes;
}
