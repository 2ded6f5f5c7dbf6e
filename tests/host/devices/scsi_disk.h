/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A SCSI direct-access device over a disk image: one command in, one result
 * out. SPC-3 and SBC-3 as far as a virtual disk needs them; how a command
 * travels is not its business.
 */
#ifndef HVHOST_DEVICES_SCSI_DISK_H
#define HVHOST_DEVICES_SCSI_DISK_H

#include <stdbool.h>
#include <stdint.h>

#include "sg.h"

#define SCSI_CDB_BYTES	 16
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

/* Operation codes that are served here (SPC, SBC). */
enum scsi_opcode {
	SCSI_TEST_UNIT_READY = 0x00,
	SCSI_REQUEST_SENSE = 0x03,
	SCSI_READ_6 = 0x08,
	SCSI_WRITE_6 = 0x0a,
	SCSI_INQUIRY = 0x12,
	SCSI_MODE_SELECT_6 = 0x15,
	SCSI_MODE_SENSE_6 = 0x1a,
	SCSI_START_STOP_UNIT = 0x1b,
	SCSI_SEND_DIAGNOSTIC = 0x1d,
	SCSI_PREVENT_REMOVAL = 0x1e,
	SCSI_READ_CAPACITY_10 = 0x25,
	SCSI_READ_10 = 0x28,
	SCSI_WRITE_10 = 0x2a,
	SCSI_WRITE_VERIFY_10 = 0x2e,
	SCSI_VERIFY_10 = 0x2f,
	SCSI_SYNCHRONIZE_CACHE_10 = 0x35,
	SCSI_WRITE_SAME_10 = 0x41,
	SCSI_UNMAP = 0x42,
	SCSI_MODE_SELECT_10 = 0x55,
	SCSI_MODE_SENSE_10 = 0x5a,
	SCSI_READ_16 = 0x88,
	SCSI_WRITE_16 = 0x8a,
	SCSI_WRITE_VERIFY_16 = 0x8e,
	SCSI_VERIFY_16 = 0x8f,
	SCSI_SYNCHRONIZE_CACHE_16 = 0x91,
	SCSI_WRITE_SAME_16 = 0x93,
	SCSI_SERVICE_ACTION_IN_16 = 0x9e,
	SCSI_REPORT_LUNS = 0xa0,
	SCSI_READ_12 = 0xa8,
	SCSI_WRITE_12 = 0xaa,
	SCSI_WRITE_VERIFY_12 = 0xae,
	SCSI_VERIFY_12 = 0xaf,
};

/**
 * enum scsi_outcome - why a command ended as it did
 * @SCSI_OUTCOME_DONE: carried out, status GOOD
 * @SCSI_OUTCOME_REJECTED: the command itself is wrong (key 5), with sense
 * @SCSI_OUTCOME_FAILED: the device could not do it, or reports an event; sense
 * @SCSI_OUTCOME_OVERRUN: the buffer is too short for the reply, with sense
 * @SCSI_OUTCOME_NO_LUN: there is no such logical unit; no sense
 *
 * The transport has a code for each of them beside the SCSI status.
 */
enum scsi_outcome {
	SCSI_OUTCOME_DONE,
	SCSI_OUTCOME_REJECTED,
	SCSI_OUTCOME_FAILED,
	SCSI_OUTCOME_OVERRUN,
	SCSI_OUTCOME_NO_LUN,
};

/* Which way a command moves data. */
enum scsi_direction {
	SCSI_DIRECTION_NONE,
	SCSI_DIRECTION_TO_DEVICE,
	SCSI_DIRECTION_FROM_DEVICE,
};

/* A sense triple: key, additional sense code and its qualifier. */
struct scsi_sense {
	uint8_t key;
	uint8_t asc;
	uint8_t ascq;
};

/**
 * struct scsi_command - a command and its result
 * @cdb: command, zero padded; private to the callee
 * @data: the initiator's buffer; memory that others can change at any time
 * @may_write_data: the buffer may be written to; else it is only read
 * @status: result: SCSI status
 * @outcome: result: why
 * @sense: result: fixed-format sense, valid with CHECK CONDITION except for
 *         SCSI_OUTCOME_NO_LUN
 * @transferred: result: bytes moved between @data and the device
 */
struct scsi_command {
	uint8_t cdb[SCSI_CDB_BYTES];
	struct sg data;
	bool may_write_data;

	enum scsi_status status;
	enum scsi_outcome outcome;
	uint8_t sense[SCSI_SENSE_BYTES];
	uint32_t transferred;
};

/**
 * enum scsi_provisioning - how the initiator may give blocks back (SBC-3, logical block provisioning)
 * @SCSI_PROVISIONING_UNMAP: by UNMAP only, as Hyper-V's virtual disks; the UNMAP bit of WRITE SAME
 *                           is taken for force unit access there
 * @SCSI_PROVISIONING_WRITE_SAME: by the UNMAP bit of WRITE SAME only; such blocks read as zeros
 * @SCSI_PROVISIONING_FULL: by both; such blocks read as zeros
 * @SCSI_PROVISIONING_NONE: not at all
 */
enum scsi_provisioning {
	SCSI_PROVISIONING_UNMAP,
	SCSI_PROVISIONING_WRITE_SAME,
	SCSI_PROVISIONING_FULL,
	SCSI_PROVISIONING_NONE,
};

/**
 * struct scsi_disk_options - what kind of disk to show
 * @image: path of the raw image
 * @read_only: report and enforce write protection
 * @block_bytes: logical block, 512 or 4096; 0 means 512
 * @physical_bytes: physical block, a power-of-two multiple of @block_bytes;
 *                  0 means 4096
 * @serial: unit serial number, or NULL: then made from @unique
 * @unique: 64 bits that differ between all disks of one machine
 * @provisioning: how blocks can be given back
 */
struct scsi_disk_options {
	const char *image;
	bool read_only;
	uint32_t block_bytes;
	uint32_t physical_bytes;
	const char *serial;
	uint64_t unique;
	enum scsi_provisioning provisioning;
};

/**
 * struct scsi_fault - an error to answer instead of doing a command
 * @opcode: only this operation code, or 0xffff for every read and write
 * @first_lba: first block concerned
 * @last_lba: last block concerned
 * @sense: what to say
 * @remaining: how many times more; 0 means the slot is free
 */
struct scsi_fault {
	uint16_t opcode;
	uint64_t first_lba;
	uint64_t last_lba;
	struct scsi_sense sense;
	uint32_t remaining;
};

#define SCSI_FAULT_ANY_IO 0xffff

/* What a disk has done, for the counters. */
struct scsi_disk_stats {
	uint64_t reads, read_bytes;
	uint64_t writes, write_bytes;
	uint64_t flushes, unmaps, write_sames, errors;
};

struct scsi_disk;

/**
 * scsi_disk_open() - a disk over an image
 * @options: what to show; strings are copied
 * @error: gets one line without a newline that says what is wrong
 * @error_bytes: room in @error
 *
 * Return: the disk, or NULL with @error filled in and the image untouched.
 */
struct scsi_disk *scsi_disk_open(const struct scsi_disk_options *options, char *error,
				 size_t error_bytes);

/**
 * scsi_disk_close() - flush and forget a disk
 * @disk: from scsi_disk_open(), or NULL
 */
void scsi_disk_close(struct scsi_disk *disk);

/**
 * scsi_disk_execute() - carry out a command
 * @disk: the disk
 * @command: CDB and buffer in, result out
 *
 * Every CDB gets a result; none can do harm beyond the image and the buffer.
 * Context: blocks for as long as the image's file system does.
 */
void scsi_disk_execute(struct scsi_disk *disk, struct scsi_command *command);

/**
 * scsi_disk_stats() - what the disk has done so far
 * @disk: the disk
 *
 * Return: counters, valid as long as the disk.
 */
const struct scsi_disk_stats *scsi_disk_stats(const struct scsi_disk *disk);

/**
 * scsi_disk_resized() - look at the image's size again
 * @disk: the disk
 *
 * If it has changed, the next command but INQUIRY and REPORT LUNS gets the
 * unit attention CAPACITY DATA HAS CHANGED, once.
 *
 * Return: true if it had changed.
 */
bool scsi_disk_resized(struct scsi_disk *disk);

/**
 * scsi_disk_inject() - answer some of the next commands with an error
 * @disk: the disk
 * @fault: which, and what to say; replaces an earlier one
 */
void scsi_disk_inject(struct scsi_disk *disk, const struct scsi_fault *fault);

/**
 * scsi_absent_lun_execute() - what a controller answers for a free address
 * @lun: the address; LUN 0 names the vendor, the others say nothing
 * @command: CDB and buffer in, result out
 *
 * REPORT LUNS is the controller's own and not handled here.
 */
void scsi_absent_lun_execute(uint8_t lun, struct scsi_command *command);

/**
 * scsi_report_luns_execute() - the controller's list of logical units
 * @luns: addresses in ascending order
 * @count: how many, at most 256
 * @command: CDB and buffer in, result out
 */
void scsi_report_luns_execute(const uint8_t *luns, unsigned int count,
			      struct scsi_command *command);

/**
 * scsi_cdb_bytes() - length of a command by its operation code's group
 * @opcode: byte 0 of the CDB
 *
 * Return: 6, 10, 12 or 16; 0 where the group has no fixed length.
 */
unsigned int scsi_cdb_bytes(uint8_t opcode);

/**
 * scsi_cdb_direction() - which way a command moves data
 * @cdb: the command
 * @direction: filled in
 *
 * Return: true if the command is one served here.
 */
bool scsi_cdb_direction(const uint8_t *cdb, enum scsi_direction *direction);

#endif
