/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a SCSI command descriptor block says by itself: its length, which way it moves data, which
 * blocks it concerns. Pure: knows no device.
 */
#ifndef HVHOST_DEVICES_SCSI_CDB_H
#define HVHOST_DEVICES_SCSI_CDB_H

#include <stdbool.h>
#include <stdint.h>

#define SCSI_CDB_BYTES 16

/* Operation codes that are served here (SPC, SBC, MMC). */
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
	SCSI_READ_TOC = 0x43,
	SCSI_GET_CONFIGURATION = 0x46,
	SCSI_GET_EVENT_STATUS = 0x4a,
	SCSI_READ_DISC_INFORMATION = 0x51,
	SCSI_READ_TRACK_INFORMATION = 0x52,
	SCSI_MODE_SELECT_10 = 0x55,
	SCSI_MODE_SENSE_10 = 0x5a,
	SCSI_PERSISTENT_RESERVE_IN = 0x5e,
	SCSI_PERSISTENT_RESERVE_OUT = 0x5f,
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

/* Which way a command moves data. */
enum scsi_direction {
	SCSI_DIRECTION_NONE,
	SCSI_DIRECTION_TO_DEVICE,
	SCSI_DIRECTION_FROM_DEVICE,
};

/* What a command does to the blocks of a device. */
enum scsi_effect {
	SCSI_EFFECT_NONE, /* about the device only */
	SCSI_EFFECT_READS,
	SCSI_EFFECT_WRITES,
};

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

/**
 * scsi_cdb_effect() - what a command does to blocks
 * @cdb: the command
 *
 * Return: its effect; SCSI_EFFECT_NONE also for a command not served here.
 */
enum scsi_effect scsi_cdb_effect(const uint8_t *cdb);

/**
 * scsi_cdb_range() - the blocks a command names
 * @cdb: the command
 * @lba: set to the first block
 * @blocks: set to their number
 *
 * Return: true for a READ, WRITE, VERIFY, WRITE AND VERIFY, WRITE SAME or SYNCHRONIZE CACHE.
 */
bool scsi_cdb_range(const uint8_t *cdb, uint64_t *lba, uint64_t *blocks);

#endif
