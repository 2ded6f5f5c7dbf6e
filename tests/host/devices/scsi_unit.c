// SPDX-License-Identifier: GPL-2.0
/*
 * What comes before a logical unit's device gets to see a command, in the order of SAM-3 and SPC-3:
 * an unknown command, unit attentions, injected faults, reservations; then the device. Keeps the
 * sense of the last error for REQUEST SENSE.
 */
#include "scsi_unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../hyperv/util.h"
#include "scsi_dvd.h"
#include "scsi_reservation.h"

/* Policy: unit attentions that wait; the oldest give way to a flood of new ones. */
#define SCSI_ATTENTIONS 8

struct scsi_nexus {
	struct scsi_unit *unit;
	unsigned int number; /* below SCSI_RESERVATION_INITIATORS */
	struct scsi_sense attention[SCSI_ATTENTIONS]; /* oldest first */
	unsigned int attentions;
	uint8_t sense[SCSI_SENSE_BYTES]; /* of the last error, until read or the next success */
};

struct scsi_unit {
	unsigned int refs;
	struct scsi_disk *disk; /* this, or the other */
	struct scsi_dvd *dvd;
	struct scsi_faults faults;
	struct scsi_reservations reservations;
	struct scsi_nexus *nexus[SCSI_RESERVATION_INITIATORS];
};

static const struct scsi_sense sense_released = { 0x6, 0x2a, 0x04 };
static const struct scsi_sense sense_preempted = { 0x6, 0x2a, 0x03 };
static const struct scsi_sense sense_unregistered = { 0x6, 0x2a, 0x05 };

struct scsi_unit *scsi_unit_open_disk(const struct scsi_disk_options *options, char *error,
				      size_t error_bytes)
{
	struct scsi_disk *disk = scsi_disk_open(options, error, error_bytes);
	struct scsi_unit *unit;

	if (!disk)
		return NULL;
	unit = xcalloc(1, sizeof(*unit));
	unit->refs = 1;
	unit->disk = disk;
	return unit;
}

struct scsi_unit *scsi_unit_open_dvd(const char *medium, uint64_t unique, char *error,
				     size_t error_bytes)
{
	struct scsi_dvd *dvd = scsi_dvd_open(medium, unique, error, error_bytes);
	struct scsi_unit *unit;

	if (!dvd)
		return NULL;
	unit = xcalloc(1, sizeof(*unit));
	unit->refs = 1;
	unit->dvd = dvd;
	return unit;
}

struct scsi_unit *scsi_unit_get(struct scsi_unit *unit)
{
	unit->refs++;
	return unit;
}

void scsi_unit_put(struct scsi_unit *unit)
{
	if (!unit || --unit->refs)
		return;
	scsi_disk_close(unit->disk);
	scsi_dvd_close(unit->dvd);
	free(unit);
}

bool scsi_unit_is_last_reference(const struct scsi_unit *unit)
{
	return unit->refs == 1;
}

bool scsi_unit_has_initiator_left(const struct scsi_unit *unit)
{
	unsigned int i;

	for (i = 0; i < SCSI_RESERVATION_INITIATORS; i++)
		if (!unit->nexus[i])
			return true;
	return false;
}

const struct scsi_disk_stats *scsi_unit_stats(const struct scsi_unit *unit)
{
	return unit->disk ? scsi_disk_stats(unit->disk) : scsi_dvd_stats(unit->dvd);
}

bool scsi_unit_is_dvd(const struct scsi_unit *unit)
{
	return unit->dvd;
}

struct scsi_faults *scsi_unit_faults(struct scsi_unit *unit)
{
	return &unit->faults;
}

static void scsi_nexus_attention(struct scsi_nexus *nexus, const struct scsi_sense *sense)
{
	if (nexus->attentions == SCSI_ATTENTIONS) {
		nexus->attentions--;
		memmove(nexus->attention, nexus->attention + 1,
			nexus->attentions * sizeof(nexus->attention[0]));
	}
	nexus->attention[nexus->attentions++] = *sense;
}

/* Return: true with the oldest unit attention taken. */
static bool scsi_nexus_take_attention(struct scsi_nexus *nexus, struct scsi_sense *sense)
{
	if (!nexus->attentions)
		return false;
	*sense = nexus->attention[0];
	nexus->attentions--;
	memmove(nexus->attention, nexus->attention + 1,
		nexus->attentions * sizeof(nexus->attention[0]));
	return true;
}

static void scsi_unit_tell(struct scsi_unit *unit, uint32_t who, const struct scsi_sense *sense)
{
	unsigned int i;

	for (i = 0; i < SCSI_RESERVATION_INITIATORS; i++)
		if (unit->nexus[i] && who >> i & 1)
			scsi_nexus_attention(unit->nexus[i], sense);
}

static void scsi_unit_tell_news(struct scsi_unit *unit, const struct scsi_reservation_news *news)
{
	scsi_unit_tell(unit, news->preempted, &sense_preempted);
	scsi_unit_tell(unit, news->unregistered, &sense_unregistered);
	scsi_unit_tell(unit, news->released, &sense_released);
}

bool scsi_unit_resized(struct scsi_unit *unit)
{
	if (!unit->disk || !scsi_disk_resized(unit->disk))
		return false;
	scsi_unit_tell(unit, ~0u, &scsi_sense_capacity_changed);
	return true;
}

int scsi_unit_change_medium(struct scsi_unit *unit, const char *medium, char *error,
			    size_t error_bytes)
{
	static const struct scsi_sense may_have_changed = { 0x6, 0x28, 0x00 };

	if (scsi_dvd_change_medium(unit->dvd, medium, error, error_bytes))
		return -1;
	if (medium)
		scsi_unit_tell(unit, ~0u, &may_have_changed);
	return 0;
}

const char *scsi_unit_medium(const struct scsi_unit *unit)
{
	return scsi_dvd_medium(unit->dvd);
}

struct scsi_nexus *scsi_nexus_new(struct scsi_unit *unit)
{
	struct scsi_nexus *nexus = xcalloc(1, sizeof(*nexus));

	while (unit->nexus[nexus->number])
		nexus->number++;
	unit->nexus[nexus->number] = nexus;
	unit->reservations.present |= 1u << nexus->number;
	nexus->unit = scsi_unit_get(unit);
	scsi_sense_format(nexus->sense, &scsi_sense_none);
	return nexus;
}

void scsi_nexus_free(struct scsi_nexus *nexus)
{
	struct scsi_reservation_news news;
	struct scsi_unit *unit;

	if (!nexus)
		return;
	unit = nexus->unit;
	unit->nexus[nexus->number] = NULL;
	unit->reservations.present &= ~(1u << nexus->number);
	scsi_reservation_forget(&unit->reservations, nexus->number, &news);
	scsi_unit_tell_news(unit, &news);
	scsi_unit_put(unit);
	free(nexus);
}

struct scsi_unit *scsi_nexus_unit(const struct scsi_nexus *nexus)
{
	return nexus->unit;
}

static void scsi_request_sense(struct scsi_nexus *nexus, struct scsi_command *command)
{
	uint8_t sense[SCSI_SENSE_BYTES];
	struct scsi_sense attention;

	if (command->cdb[1] & 1) { /* DESC */
		scsi_reject_field(command);
		return;
	}
	if (scsi_nexus_take_attention(nexus, &attention))
		scsi_sense_format(sense, &attention);
	else
		memcpy(sense, nexus->sense, sizeof(sense));
	scsi_reply(command, sense, sizeof(sense), command->cdb[4]);
}

static void scsi_unit_reserve_out(struct scsi_nexus *nexus, struct scsi_command *command)
{
	struct scsi_reservation_news news;

	scsi_reservation_out(&nexus->unit->reservations, nexus->number, command, &news);
	scsi_unit_tell_news(nexus->unit, &news);
}

/* What neither unit attentions nor reservations hold up. */
static bool scsi_goes_first(uint8_t opcode)
{
	return opcode == SCSI_INQUIRY || opcode == SCSI_REQUEST_SENSE ||
	       opcode == SCSI_GET_EVENT_STATUS;
}

static void scsi_unit_dispatch(struct scsi_nexus *nexus, struct scsi_command *command)
{
	struct scsi_unit *unit = nexus->unit;
	uint8_t opcode = command->cdb[0];
	struct scsi_sense attention;
	bool known = unit->disk ? scsi_disk_knows(opcode) : scsi_dvd_knows(opcode);

	if (unit->disk &&
	    (opcode == SCSI_PERSISTENT_RESERVE_IN || opcode == SCSI_PERSISTENT_RESERVE_OUT))
		known = true;
	if (!known && opcode != SCSI_REQUEST_SENSE) {
		scsi_reject(command, &scsi_sense_invalid_opcode);
		return;
	}
	if (!scsi_goes_first(opcode) && scsi_nexus_take_attention(nexus, &attention)) {
		scsi_fail(command, &attention);
		return;
	}
	if (scsi_faults_strike(&unit->faults, command))
		return;
	if (!scsi_reservation_allows(&unit->reservations, nexus->number, command->cdb)) {
		scsi_end(command, SCSI_OUTCOME_CONFLICT, NULL);
		return;
	}
	switch (opcode) {
	case SCSI_REQUEST_SENSE:
		scsi_request_sense(nexus, command);
		break;
	case SCSI_PERSISTENT_RESERVE_IN:
		scsi_reservation_in(&unit->reservations, command);
		break;
	case SCSI_PERSISTENT_RESERVE_OUT:
		scsi_unit_reserve_out(nexus, command);
		break;
	default:
		if (unit->disk)
			scsi_disk_execute(unit->disk, command);
		else
			scsi_dvd_execute(unit->dvd, command);
		break;
	}
}

void scsi_nexus_execute(struct scsi_nexus *nexus, struct scsi_command *command)
{
	scsi_end(command, SCSI_OUTCOME_DONE, NULL);
	scsi_unit_dispatch(nexus, command);
	if (command->status == SCSI_STATUS_CHECK_CONDITION)
		memcpy(nexus->sense, command->sense, sizeof(nexus->sense));
	else
		scsi_sense_format(nexus->sense, &scsi_sense_none);
}
