/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A logical unit as initiators see it: a disk or a DVD drive, and what is the same for both: unit
 * attentions, kept sense, reservations, injected faults. A unit can be shared by several
 * controllers; each is an initiator of its own then.
 */
#ifndef HVHOST_DEVICES_SCSI_UNIT_H
#define HVHOST_DEVICES_SCSI_UNIT_H

#include "scsi_command.h"
#include "scsi_disk.h"
#include "scsi_fault.h"

struct scsi_unit;
struct scsi_nexus;

/**
 * scsi_unit_open_disk() - a logical unit that is a disk
 * @options: as for scsi_disk_open()
 * @error: gets one line without a newline that says what is wrong
 * @error_bytes: room in @error
 *
 * Return: the unit with one reference, or NULL with @error filled in.
 */
struct scsi_unit *scsi_unit_open_disk(const struct scsi_disk_options *options, char *error,
				      size_t error_bytes);

/**
 * scsi_unit_open_dvd() - a logical unit that is a DVD drive
 * @medium: image of the disc in it, NULL: none
 * @unique: 64 bits that differ between all units of one machine
 * @error: gets one line without a newline that says what is wrong
 * @error_bytes: room in @error
 *
 * Return: the unit with one reference, or NULL with @error filled in.
 */
struct scsi_unit *scsi_unit_open_dvd(const char *medium, uint64_t unique, char *error,
				     size_t error_bytes);

/* scsi_unit_get() - one reference more. */
struct scsi_unit *scsi_unit_get(struct scsi_unit *unit);

/* scsi_unit_put() - one reference less; with the last the device is closed. NULL is fine. */
void scsi_unit_put(struct scsi_unit *unit);

/* scsi_unit_is_last_reference() - whether nobody but the caller uses it. */
bool scsi_unit_is_last_reference(const struct scsi_unit *unit);

/* scsi_unit_has_initiator_left() - whether one more controller can use the unit. */
bool scsi_unit_has_initiator_left(const struct scsi_unit *unit);

/* scsi_unit_stats() - what its device has done so far; valid as long as the unit. */
const struct scsi_disk_stats *scsi_unit_stats(const struct scsi_unit *unit);

/* scsi_unit_is_dvd() - whether it is a DVD drive. */
bool scsi_unit_is_dvd(const struct scsi_unit *unit);

/**
 * scsi_unit_resized() - look at the image's size again
 * @unit: a disk
 *
 * If it has changed, the next command of each initiator but INQUIRY and REPORT LUNS gets the unit
 * attention CAPACITY DATA HAS CHANGED, once.
 *
 * Return: true if it had changed.
 */
bool scsi_unit_resized(struct scsi_unit *unit);

/**
 * scsi_unit_change_medium() - take the disc out of a DVD drive, or put another in
 * @unit: a DVD drive
 * @medium: image of the new disc, NULL: none
 * @error: gets one line without a newline that says what is wrong
 * @error_bytes: room in @error
 *
 * Return: 0, or -1 with @error filled in and the old disc where it was.
 */
int scsi_unit_change_medium(struct scsi_unit *unit, const char *medium, char *error,
			    size_t error_bytes);

/* scsi_unit_medium() - image of the disc in a DVD drive, or NULL. */
const char *scsi_unit_medium(const struct scsi_unit *unit);

/* scsi_unit_faults() - its injected faults, to be changed. */
struct scsi_faults *scsi_unit_faults(struct scsi_unit *unit);

/**
 * scsi_nexus_new() - let one more initiator use a unit
 * @unit: takes a reference; scsi_unit_has_initiator_left() said yes
 *
 * Return: the initiator's access.
 */
struct scsi_nexus *scsi_nexus_new(struct scsi_unit *unit);

/* scsi_nexus_free() - end it: registrations are forgotten, the unit loses a reference. */
void scsi_nexus_free(struct scsi_nexus *nexus);

/* scsi_nexus_unit() - the unit it leads to. */
struct scsi_unit *scsi_nexus_unit(const struct scsi_nexus *nexus);

/**
 * scsi_nexus_execute() - carry out a command
 * @nexus: on behalf of this initiator
 * @command: CDB and buffer in, result out
 *
 * Every CDB gets a result; none can do harm beyond the image and the buffer.
 * Context: blocks for as long as the image's file system does.
 */
void scsi_nexus_execute(struct scsi_nexus *nexus, struct scsi_command *command);

#endif
