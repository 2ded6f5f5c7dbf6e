// SPDX-License-Identifier: GPL-2.0
/*
 * The table of the commands served here, and what can be read off a command descriptor block
 * without knowing the device it is for (SPC-3, SBC-3, MMC-5).
 */
#include "scsi_cdb.h"

#include "bytes.h"

struct scsi_cdb_entry {
	bool known;
	bool has_range; /* LBA and number of blocks, where its length puts them */
	enum scsi_direction direction;
	enum scsi_effect effect;
};

#define OUT    .known = true, .direction = SCSI_DIRECTION_TO_DEVICE
#define IN     .known = true, .direction = SCSI_DIRECTION_FROM_DEVICE
#define NONE   .known = true, .direction = SCSI_DIRECTION_NONE
#define RANGE  .has_range = true
#define READS  .effect = SCSI_EFFECT_READS
#define WRITES .effect = SCSI_EFFECT_WRITES

static const struct scsi_cdb_entry scsi_cdb_entries[256] = {
	[SCSI_TEST_UNIT_READY] = { NONE },
	[SCSI_REQUEST_SENSE] = { IN },
	[SCSI_READ_6] = { IN, RANGE, READS },
	[SCSI_WRITE_6] = { OUT, RANGE, WRITES },
	[SCSI_INQUIRY] = { IN },
	[SCSI_MODE_SELECT_6] = { OUT },
	[SCSI_MODE_SENSE_6] = { IN },
	[SCSI_START_STOP_UNIT] = { NONE },
	[SCSI_SEND_DIAGNOSTIC] = { OUT },
	[SCSI_PREVENT_REMOVAL] = { NONE },
	[SCSI_READ_CAPACITY_10] = { IN },
	[SCSI_READ_10] = { IN, RANGE, READS },
	[SCSI_WRITE_10] = { OUT, RANGE, WRITES },
	[SCSI_WRITE_VERIFY_10] = { OUT, RANGE, WRITES },
	[SCSI_VERIFY_10] = { OUT, RANGE, READS },
	[SCSI_SYNCHRONIZE_CACHE_10] = { NONE, RANGE },
	[SCSI_WRITE_SAME_10] = { OUT, RANGE, WRITES },
	[SCSI_UNMAP] = { OUT, WRITES },
	[SCSI_READ_TOC] = { IN },
	[SCSI_GET_CONFIGURATION] = { IN },
	[SCSI_GET_EVENT_STATUS] = { IN },
	[SCSI_READ_DISC_INFORMATION] = { IN },
	[SCSI_READ_TRACK_INFORMATION] = { IN },
	[SCSI_MODE_SELECT_10] = { OUT },
	[SCSI_MODE_SENSE_10] = { IN },
	[SCSI_PERSISTENT_RESERVE_IN] = { IN },
	[SCSI_PERSISTENT_RESERVE_OUT] = { OUT },
	[SCSI_READ_16] = { IN, RANGE, READS },
	[SCSI_WRITE_16] = { OUT, RANGE, WRITES },
	[SCSI_WRITE_VERIFY_16] = { OUT, RANGE, WRITES },
	[SCSI_VERIFY_16] = { OUT, RANGE, READS },
	[SCSI_SYNCHRONIZE_CACHE_16] = { NONE, RANGE },
	[SCSI_WRITE_SAME_16] = { OUT, RANGE, WRITES },
	[SCSI_SERVICE_ACTION_IN_16] = { IN },
	[SCSI_REPORT_LUNS] = { IN },
	[SCSI_READ_12] = { IN, RANGE, READS },
	[SCSI_WRITE_12] = { OUT, RANGE, WRITES },
	[SCSI_WRITE_VERIFY_12] = { OUT, RANGE, WRITES },
	[SCSI_VERIFY_12] = { OUT, RANGE, READS },
};

unsigned int scsi_cdb_bytes(uint8_t opcode)
{
	switch (opcode >> 5) {
	case 0:
		return 6;
	case 1:
	case 2:
		return 10;
	case 4:
		return 16;
	case 5:
		return 12;
	default:
		return 0;
	}
}

bool scsi_cdb_direction(const uint8_t *cdb, enum scsi_direction *direction)
{
	const struct scsi_cdb_entry *entry = &scsi_cdb_entries[cdb[0]];

	*direction = entry->direction;
	return entry->known;
}

enum scsi_effect scsi_cdb_effect(const uint8_t *cdb)
{
	return scsi_cdb_entries[cdb[0]].effect;
}

bool scsi_cdb_range(const uint8_t *cdb, uint64_t *lba, uint64_t *blocks)
{
	switch (scsi_cdb_bytes(cdb[0])) {
	case 6:
		*lba = get_be24(cdb + 1) & 0x1fffff;
		*blocks = cdb[4] ? cdb[4] : 256;
		break;
	case 10:
		*lba = get_be32(cdb + 2);
		*blocks = get_be16(cdb + 7);
		break;
	case 12:
		*lba = get_be32(cdb + 2);
		*blocks = get_be32(cdb + 6);
		break;
	default:
		*lba = get_be64(cdb + 2);
		*blocks = get_be32(cdb + 10);
		break;
	}
	return scsi_cdb_entries[cdb[0]].has_range;
}
