/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A SCSI command on its way through a device, and how it can end. Shared by all devices; how a
 * command travels is not its business.
 */
#ifndef HVHOST_DEVICES_SCSI_COMMAND_H
#define HVHOST_DEVICES_SCSI_COMMAND_H

#include <stdbool.h>
#include <stdint.h>

#include "scsi_cdb.h"
#include "sg.h"

#define SCSI_SENSE_BYTES 18

/* SAM status codes. */
enum scsi_status {
	SCSI_STATUS_GOOD = 0x00,
	SCSI_STATUS_CHECK_CONDITION = 0x02,
	SCSI_STATUS_BUSY = 0x08,
	SCSI_STATUS_RESERVATION_CONFLICT = 0x18,
	SCSI_STATUS_TASK_SET_FULL = 0x28,
	SCSI_STATUS_TASK_ABORTED = 0x40,
};

/**
 * enum scsi_outcome - why a command ended as it did
 * @SCSI_OUTCOME_DONE: carried out, status GOOD
 * @SCSI_OUTCOME_REJECTED: the command itself is wrong (key 5), with sense
 * @SCSI_OUTCOME_FAILED: the device could not do it, or reports an event; sense
 * @SCSI_OUTCOME_OVERRUN: the buffer is too short for the reply, with sense
 * @SCSI_OUTCOME_NO_LUN: there is no such logical unit; no sense
 * @SCSI_OUTCOME_BUSY: to be tried again later, status BUSY; no sense
 * @SCSI_OUTCOME_CONFLICT: another initiator has reserved the device, status RESERVATION CONFLICT; no
 *                         sense
 * @SCSI_OUTCOME_RESET: ended by a reset of the bus; no sense
 * @SCSI_OUTCOME_LOST: never to be answered
 *
 * The transport has a code for each of them beside the SCSI status.
 */
enum scsi_outcome {
	SCSI_OUTCOME_DONE,
	SCSI_OUTCOME_REJECTED,
	SCSI_OUTCOME_FAILED,
	SCSI_OUTCOME_OVERRUN,
	SCSI_OUTCOME_NO_LUN,
	SCSI_OUTCOME_BUSY,
	SCSI_OUTCOME_CONFLICT,
	SCSI_OUTCOME_RESET,
	SCSI_OUTCOME_LOST,
};

/* A sense triple: key, additional sense code and its qualifier. */
struct scsi_sense {
	uint8_t key;
	uint8_t asc;
	uint8_t ascq;
};

extern const struct scsi_sense scsi_sense_none;
extern const struct scsi_sense scsi_sense_invalid_field;
extern const struct scsi_sense scsi_sense_invalid_opcode;
extern const struct scsi_sense scsi_sense_invalid_list;
extern const struct scsi_sense scsi_sense_list_length;
extern const struct scsi_sense scsi_sense_lba_out_of_range;
extern const struct scsi_sense scsi_sense_write_protected;
extern const struct scsi_sense scsi_sense_read_error;
extern const struct scsi_sense scsi_sense_write_fault;
extern const struct scsi_sense scsi_sense_capacity_changed;

/**
 * struct scsi_command - a command and its result
 * @cdb: command, zero padded; private to the callee
 * @data: the initiator's buffer; memory that others can change at any time
 * @may_write_data: the buffer may be written to; else it is only read
 * @status: result: SCSI status
 * @outcome: result: why
 * @sense: result: fixed-format sense, valid with CHECK CONDITION except for SCSI_OUTCOME_NO_LUN
 * @transferred: result: bytes moved between @data and the device
 * @latency_us: result: microseconds after which the initiator is to hear of it; 0: at once
 */
struct scsi_command {
	uint8_t cdb[SCSI_CDB_BYTES];
	struct sg data;
	bool may_write_data;

	enum scsi_status status;
	enum scsi_outcome outcome;
	uint8_t sense[SCSI_SENSE_BYTES];
	uint32_t transferred;
	uint32_t latency_us;
};

/**
 * scsi_sense_format() - sense data in fixed format (SPC-3, 4.5.3)
 * @out: filled in
 * @sense: what to say
 */
void scsi_sense_format(uint8_t out[SCSI_SENSE_BYTES], const struct scsi_sense *sense);

/**
 * scsi_end() - set a command's result
 * @command: the command; nothing counts as moved
 * @outcome: why it ends; the SCSI status follows from it
 * @sense: what to say, or NULL
 */
void scsi_end(struct scsi_command *command, enum scsi_outcome outcome,
	      const struct scsi_sense *sense);

/* The usual ends: the command is wrong, a field of it is wrong, the device cannot do it. */
void scsi_reject(struct scsi_command *command, const struct scsi_sense *sense);
void scsi_reject_field(struct scsi_command *command);
void scsi_fail(struct scsi_command *command, const struct scsi_sense *sense);

/**
 * scsi_reply() - put a reply into a command's buffer
 * @command: the command
 * @reply: what to put there
 * @bytes: its length
 * @allocation: what the command wants at most
 */
void scsi_reply(struct scsi_command *command, const void *reply, size_t bytes, size_t allocation);

#endif
