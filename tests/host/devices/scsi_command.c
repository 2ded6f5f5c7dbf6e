// SPDX-License-Identifier: GPL-2.0
/* How a SCSI command ends: status, sense and reply (SAM-3, SPC-3). Knows no command by name. */
#include "scsi_command.h"

#include <string.h>

const struct scsi_sense scsi_sense_none = { 0x0, 0x00, 0x00 };
const struct scsi_sense scsi_sense_invalid_field = { 0x5, 0x24, 0x00 };
const struct scsi_sense scsi_sense_invalid_opcode = { 0x5, 0x20, 0x00 };
const struct scsi_sense scsi_sense_invalid_list = { 0x5, 0x26, 0x00 };
const struct scsi_sense scsi_sense_list_length = { 0x5, 0x1a, 0x00 };
const struct scsi_sense scsi_sense_lba_out_of_range = { 0x5, 0x21, 0x00 };
const struct scsi_sense scsi_sense_write_protected = { 0x7, 0x27, 0x00 };
const struct scsi_sense scsi_sense_read_error = { 0x3, 0x11, 0x00 };
const struct scsi_sense scsi_sense_write_fault = { 0x3, 0x03, 0x00 };
const struct scsi_sense scsi_sense_capacity_changed = { 0x6, 0x2a, 0x09 };

void scsi_sense_format(uint8_t out[SCSI_SENSE_BYTES], const struct scsi_sense *sense)
{
	memset(out, 0, SCSI_SENSE_BYTES);
	out[0] = 0x70;
	out[2] = sense->key;
	out[7] = SCSI_SENSE_BYTES - 8;
	out[12] = sense->asc;
	out[13] = sense->ascq;
}

static enum scsi_status scsi_status_of(enum scsi_outcome outcome)
{
	switch (outcome) {
	case SCSI_OUTCOME_DONE:
	case SCSI_OUTCOME_RESET: /* the bus failed, not the device */
	case SCSI_OUTCOME_LOST:
		return SCSI_STATUS_GOOD;
	case SCSI_OUTCOME_BUSY:
		return SCSI_STATUS_BUSY;
	case SCSI_OUTCOME_CONFLICT:
		return SCSI_STATUS_RESERVATION_CONFLICT;
	default:
		return SCSI_STATUS_CHECK_CONDITION;
	}
}

void scsi_end(struct scsi_command *command, enum scsi_outcome outcome,
	      const struct scsi_sense *sense)
{
	command->outcome = outcome;
	command->transferred = 0;
	command->status = scsi_status_of(outcome);
	memset(command->sense, 0, sizeof(command->sense));
	if (sense)
		scsi_sense_format(command->sense, sense);
}

void scsi_reject(struct scsi_command *command, const struct scsi_sense *sense)
{
	scsi_end(command, SCSI_OUTCOME_REJECTED, sense);
}

void scsi_reject_field(struct scsi_command *command)
{
	scsi_reject(command, &scsi_sense_invalid_field);
}

void scsi_fail(struct scsi_command *command, const struct scsi_sense *sense)
{
	scsi_end(command, SCSI_OUTCOME_FAILED, sense);
}

void scsi_reply(struct scsi_command *command, const void *reply, size_t bytes, size_t allocation)
{
	if (bytes > allocation)
		bytes = allocation;
	if (!command->may_write_data)
		bytes = 0;
	command->transferred = (uint32_t)sg_copy_in(&command->data, 0, reply, bytes);
}
