// SPDX-License-Identifier: GPL-2.0
/* Which injected fault concerns a command, and what the command then says. Knows no device. */
#include "scsi_fault.h"

#include <errno.h>
#include <string.h>

static const char *const scsi_fault_names[SCSI_FAULT_KINDS] = {
	[SCSI_FAULT_MEDIUM] = "medium",	      [SCSI_FAULT_TIMEOUT] = "timeout",
	[SCSI_FAULT_BUSY] = "busy",	      [SCSI_FAULT_RESET] = "reset",
	[SCSI_FAULT_NOT_READY] = "not-ready", [SCSI_FAULT_CAPACITY] = "capacity",
	[SCSI_FAULT_GONE] = "gone",	      [SCSI_FAULT_SENSE] = "sense",
};

static const struct scsi_sense sense_becoming_ready = { 0x2, 0x04, 0x01 };

int scsi_fault_kind_parse(const char *name, enum scsi_fault_kind *kind)
{
	unsigned int i;

	for (i = 0; i < SCSI_FAULT_KINDS; i++) {
		if (strcmp(name, scsi_fault_names[i]))
			continue;
		*kind = (enum scsi_fault_kind)i;
		return 0;
	}
	return -EINVAL;
}

int scsi_faults_add(struct scsi_faults *faults, const struct scsi_fault *fault)
{
	struct scsi_fault *slot = faults->slot;

	/* What has struck often enough makes room, and the order is that of the additions. */
	for (struct scsi_fault *s = faults->slot; s < faults->slot + SCSI_FAULT_SLOTS; s++)
		if (s->remaining)
			*slot++ = *s;
	if (slot == faults->slot + SCSI_FAULT_SLOTS)
		return -ENOSPC;
	memset(slot, 0, (size_t)((char *)(faults->slot + SCSI_FAULT_SLOTS) - (char *)slot));
	*slot = *fault;
	return 0;
}

void scsi_faults_clear(struct scsi_faults *faults)
{
	memset(faults->slot, 0, sizeof(faults->slot));
}

static bool scsi_fault_concerns(const struct scsi_fault *fault, const uint8_t *cdb)
{
	uint64_t lba, blocks;

	if (!fault->remaining)
		return false;
	if (fault->opcode == SCSI_FAULT_ANY_IO) {
		if (scsi_cdb_effect(cdb) == SCSI_EFFECT_NONE)
			return false;
	} else if (fault->opcode != SCSI_FAULT_ANY_COMMAND && fault->opcode != cdb[0]) {
		return false;
	}
	if (!scsi_cdb_range(cdb, &lba, &blocks))
		return true;
	/* No blocks may mean all of them (SYNCHRONIZE CACHE); the sum may not wrap. */
	return lba <= fault->last_lba &&
	       (!blocks || lba >= fault->first_lba || fault->first_lba - lba < blocks);
}

static void scsi_fault_end(const struct scsi_fault *fault, struct scsi_command *command)
{
	switch (fault->kind) {
	case SCSI_FAULT_MEDIUM:
		scsi_fail(command, scsi_cdb_effect(command->cdb) == SCSI_EFFECT_WRITES
					   ? &scsi_sense_write_fault
					   : &scsi_sense_read_error);
		break;
	case SCSI_FAULT_TIMEOUT:
		scsi_end(command, SCSI_OUTCOME_LOST, NULL);
		break;
	case SCSI_FAULT_BUSY:
		scsi_end(command, SCSI_OUTCOME_BUSY, NULL);
		break;
	case SCSI_FAULT_RESET:
		scsi_end(command, SCSI_OUTCOME_RESET, NULL);
		break;
	case SCSI_FAULT_NOT_READY:
		scsi_fail(command, &sense_becoming_ready);
		break;
	case SCSI_FAULT_CAPACITY:
		scsi_fail(command, &scsi_sense_capacity_changed);
		break;
	case SCSI_FAULT_GONE:
		scsi_end(command, SCSI_OUTCOME_NO_LUN, NULL);
		break;
	default:
		scsi_fail(command, &fault->sense);
		break;
	}
}

bool scsi_faults_hide(const struct scsi_faults *faults)
{
	unsigned int i;

	for (i = 0; i < SCSI_FAULT_SLOTS; i++)
		if (faults->slot[i].remaining && faults->slot[i].kind == SCSI_FAULT_GONE &&
		    faults->slot[i].opcode == SCSI_FAULT_ANY_COMMAND)
			return true;
	return false;
}

bool scsi_faults_strike(struct scsi_faults *faults, struct scsi_command *command)
{
	unsigned int i;

	for (i = 0; i < SCSI_FAULT_SLOTS; i++) {
		struct scsi_fault *fault = &faults->slot[i];

		if (!scsi_fault_concerns(fault, command->cdb))
			continue;
		fault->remaining--;
		faults->struck++;
		scsi_fault_end(fault, command);
		return true;
	}
	return false;
}
