/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Persistent reservations of one logical unit (SPC-3, 5.6): who has registered which key, who holds
 * what, who may do which command. Pure: no memory but the caller's, no command's transport.
 */
#ifndef HVHOST_DEVICES_SCSI_RESERVATION_H
#define HVHOST_DEVICES_SCSI_RESERVATION_H

#include "scsi_command.h"

/* Policy: initiators one logical unit knows at once; each is a number below this. */
#define SCSI_RESERVATION_INITIATORS 16

/* Types of a reservation; 0 is none. */
enum scsi_reservation_type {
	SCSI_RESERVATION_NONE = 0,
	SCSI_RESERVATION_WRITE_EXCLUSIVE = 1,
	SCSI_RESERVATION_EXCLUSIVE_ACCESS = 3,
	SCSI_RESERVATION_WRITE_EXCLUSIVE_REGISTRANTS = 5,
	SCSI_RESERVATION_EXCLUSIVE_ACCESS_REGISTRANTS = 6,
	SCSI_RESERVATION_WRITE_EXCLUSIVE_ALL = 7,
	SCSI_RESERVATION_EXCLUSIVE_ACCESS_ALL = 8,
};

/**
 * struct scsi_reservations - state; all zero: nobody has registered
 * @present: bit set of the initiators there are, who can be given a reservation
 * @generation: counts changes of the registrations
 * @registered: bit set of the initiators that have
 * @key: of each registered initiator
 * @type: of the reservation there is, SCSI_RESERVATION_NONE without one
 * @holder: initiator that holds it; with the types ..._ALL every registered one does
 */
struct scsi_reservations {
	uint32_t present;
	uint32_t generation;
	uint32_t registered;
	uint64_t key[SCSI_RESERVATION_INITIATORS];
	enum scsi_reservation_type type;
	unsigned int holder;
};

/**
 * struct scsi_reservation_news - unit attentions that a change causes
 * @released: initiators to be told RESERVATIONS RELEASED
 * @preempted: initiators to be told RESERVATIONS PREEMPTED
 * @unregistered: initiators to be told REGISTRATIONS PREEMPTED
 *
 * Bit sets; none of them has the initiator whose command it was.
 */
struct scsi_reservation_news {
	uint32_t released;
	uint32_t preempted;
	uint32_t unregistered;
};

/**
 * scsi_reservation_allows() - whether an initiator may do a command now
 * @state: reservations of the logical unit
 * @initiator: who
 * @cdb: the command
 *
 * Return: false if it ends with RESERVATION CONFLICT. PERSISTENT RESERVE OUT has rules of its own
 * and is always let through.
 */
bool scsi_reservation_allows(const struct scsi_reservations *state, unsigned int initiator,
			     const uint8_t *cdb);

/**
 * scsi_reservation_in() - carry out PERSISTENT RESERVE IN
 * @state: reservations of the logical unit
 * @command: CDB and buffer in, result out
 */
void scsi_reservation_in(const struct scsi_reservations *state, struct scsi_command *command);

/**
 * scsi_reservation_out() - carry out PERSISTENT RESERVE OUT
 * @state: reservations of the logical unit
 * @initiator: who sends it
 * @command: CDB and buffer in, result out
 * @news: who has to be told what; all zero if nobody
 */
void scsi_reservation_out(struct scsi_reservations *state, unsigned int initiator,
			  struct scsi_command *command, struct scsi_reservation_news *news);

/**
 * scsi_reservation_forget() - an initiator is gone for good: as if it had unregistered
 * @state: reservations of the logical unit
 * @initiator: who
 * @news: who has to be told what
 */
void scsi_reservation_forget(struct scsi_reservations *state, unsigned int initiator,
			     struct scsi_reservation_news *news);

#endif
