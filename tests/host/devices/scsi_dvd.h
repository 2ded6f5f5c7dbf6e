/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A DVD drive over the image of a disc, as Hyper-V's virtual one: one command in, one result out
 * (SPC-3, MMC-5). The disc can be exchanged; reads only.
 */
#ifndef HVHOST_DEVICES_SCSI_DVD_H
#define HVHOST_DEVICES_SCSI_DVD_H

#include "scsi_command.h"
#include "scsi_disk.h"

#define SCSI_DVD_BLOCK_BYTES 2048

struct scsi_dvd;

/**
 * scsi_dvd_open() - a drive
 * @medium: image of the disc in it, a multiple of 2048 bytes; NULL: none
 * @unique: 64 bits that differ between all units of one machine
 * @error: gets one line without a newline that says what is wrong
 * @error_bytes: room in @error
 *
 * Return: the drive, or NULL with @error filled in.
 */
struct scsi_dvd *scsi_dvd_open(const char *medium, uint64_t unique, char *error,
			       size_t error_bytes);

/* scsi_dvd_close() - forget a drive; NULL is fine. */
void scsi_dvd_close(struct scsi_dvd *dvd);

/* scsi_dvd_stats() - what the drive has done so far; valid as long as the drive. */
const struct scsi_disk_stats *scsi_dvd_stats(const struct scsi_dvd *dvd);

/**
 * scsi_dvd_change_medium() - take the disc out, or put another in
 * @dvd: the drive
 * @medium: image of the new disc, NULL: none
 * @error: gets one line without a newline that says what is wrong
 * @error_bytes: room in @error
 *
 * Done by hand, so a lock of the guest does not keep it (GET EVENT STATUS NOTIFICATION tells).
 *
 * Return: 0, or -1 with @error filled in and the old disc where it was.
 */
int scsi_dvd_change_medium(struct scsi_dvd *dvd, const char *medium, char *error,
			   size_t error_bytes);

/* scsi_dvd_medium() - image of the disc in the drive, or NULL; also after an eject by the guest. */
const char *scsi_dvd_medium(const struct scsi_dvd *dvd);

/* scsi_dvd_knows() - whether an operation code is one of a drive's. */
bool scsi_dvd_knows(uint8_t opcode);

/**
 * scsi_dvd_execute() - carry out a command
 * @dvd: the drive
 * @command: CDB and buffer in, scsi_end() with SCSI_OUTCOME_DONE before; result out
 */
void scsi_dvd_execute(struct scsi_dvd *dvd, struct scsi_command *command);

#endif
