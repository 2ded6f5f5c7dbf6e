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

#include "scsi_command.h"

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
 * @latency_us: microseconds a command takes that names blocks; any number of them at once
 */
struct scsi_disk_options {
	const char *image;
	bool read_only;
	uint32_t block_bytes;
	uint32_t physical_bytes;
	const char *serial;
	uint64_t unique;
	enum scsi_provisioning provisioning;
	uint32_t latency_us;
};

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

/* scsi_disk_knows() - whether an operation code is one of a disk's. */
bool scsi_disk_knows(uint8_t opcode);

/**
 * scsi_disk_execute() - carry out a command
 * @disk: the disk
 * @command: CDB and buffer in, scsi_end() with SCSI_OUTCOME_DONE before; result out
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
 * Return: true if it had changed.
 */
bool scsi_disk_resized(struct scsi_disk *disk);

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

#endif
