/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Errors a tester wants a logical unit to answer instead of doing a command, by kind, operation code
 * and range of blocks. Pure: arguments in, a command's result out.
 */
#ifndef HVHOST_DEVICES_SCSI_FAULT_H
#define HVHOST_DEVICES_SCSI_FAULT_H

#include "scsi_command.h"

/* Policy: different faults one logical unit has at once. */
#define SCSI_FAULT_SLOTS 16

/**
 * enum scsi_fault_kind - what goes wrong
 * @SCSI_FAULT_MEDIUM: blocks that cannot be read (3/11/00) or written (3/03/00)
 * @SCSI_FAULT_TIMEOUT: never answered
 * @SCSI_FAULT_BUSY: status BUSY
 * @SCSI_FAULT_RESET: the bus was reset
 * @SCSI_FAULT_NOT_READY: becoming ready (2/04/01)
 * @SCSI_FAULT_CAPACITY: unit attention, the capacity has changed (6/2A/09)
 * @SCSI_FAULT_GONE: no such logical unit
 * @SCSI_FAULT_SENSE: the sense data given
 */
enum scsi_fault_kind {
	SCSI_FAULT_MEDIUM,
	SCSI_FAULT_TIMEOUT,
	SCSI_FAULT_BUSY,
	SCSI_FAULT_RESET,
	SCSI_FAULT_NOT_READY,
	SCSI_FAULT_CAPACITY,
	SCSI_FAULT_GONE,
	SCSI_FAULT_SENSE,
	SCSI_FAULT_KINDS,
};

/* In place of an operation code: every command that reads or writes blocks; every command at all. */
#define SCSI_FAULT_ANY_IO      0x100
#define SCSI_FAULT_ANY_COMMAND 0x101

/**
 * struct scsi_fault - one of them
 * @kind: what goes wrong
 * @opcode: only this operation code, SCSI_FAULT_ANY_IO or SCSI_FAULT_ANY_COMMAND
 * @first_lba: first block concerned; a command that names no blocks is concerned by its opcode alone
 * @last_lba: last block concerned
 * @sense: for SCSI_FAULT_SENSE
 * @remaining: how many times more; 0 means the slot is free
 */
struct scsi_fault {
	enum scsi_fault_kind kind;
	uint16_t opcode;
	uint64_t first_lba;
	uint64_t last_lba;
	struct scsi_sense sense;
	uint32_t remaining;
};

/* Those of one logical unit; all zero: none. The earliest that concerns a command strikes. */
struct scsi_faults {
	struct scsi_fault slot[SCSI_FAULT_SLOTS];
	uint64_t struck; /* how many commands */
};

/**
 * scsi_fault_kind_parse() - a kind by its name
 * @name: "medium", "timeout", "busy", "reset", "not-ready", "capacity", "gone" or "sense"
 * @kind: set
 *
 * Return: 0, -EINVAL if there is no such kind.
 */
int scsi_fault_kind_parse(const char *name, enum scsi_fault_kind *kind);

/**
 * scsi_faults_add() - have one more
 * @faults: those there are
 * @fault: copied
 *
 * Return: 0, -ENOSPC if all slots are taken.
 */
int scsi_faults_add(struct scsi_faults *faults, const struct scsi_fault *fault);

/* scsi_faults_clear() - have none any more. */
void scsi_faults_clear(struct scsi_faults *faults);

/**
 * scsi_faults_hide() - whether a fault of kind SCSI_FAULT_GONE for any command is there
 * @faults: those there are
 *
 * Return: true if the logical unit is not even listed.
 */
bool scsi_faults_hide(const struct scsi_faults *faults);

/**
 * scsi_faults_strike() - end a command in error if one of the faults concerns it
 * @faults: those there are
 * @command: CDB in, result out
 *
 * Return: whether it has ended.
 */
bool scsi_faults_strike(struct scsi_faults *faults, struct scsi_command *command);

#endif
