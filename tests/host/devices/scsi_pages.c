// SPDX-License-Identifier: GPL-2.0
/*
 * Commands that describe a virtual disk: INQUIRY and its vital product data,
 * READ CAPACITY, MODE SENSE and MODE SELECT, and what a controller says about
 * its logical units. Contents are those of a Hyper-V virtual disk; layouts are
 * SPC-3's and SBC-3's. Nothing here touches the image's data.
 */
#include <string.h>

#include "bytes.h"
#include "scsi_internal.h"

#define SCSI_INQUIRY_BYTES 104
#define SCSI_VENDOR	   "Msft    "
#define SCSI_PRODUCT	   "Virtual Disk    "
#define SCSI_REVISION	   "1.0 "

enum scsi_vpd_page {
	SCSI_VPD_SUPPORTED = 0x00,
	SCSI_VPD_SERIAL = 0x80,
	SCSI_VPD_IDENTIFICATION = 0x83,
	SCSI_VPD_BLOCK_LIMITS = 0xb0,
	SCSI_VPD_BLOCK_CHARACTERISTICS = 0xb1,
	SCSI_VPD_LOGICAL_PROVISIONING = 0xb2,
};

#define SCSI_MODE_PAGE_CACHING	0x08
#define SCSI_MODE_PAGE_ALL	0x3f
#define SCSI_MODE_WCE		0x04
#define SCSI_CACHING_PAGE_BYTES 12

#define SCSI_SA_READ_CAPACITY_16 0x10
#define SCSI_SA_GET_LBA_STATUS	 0x12

static void scsi_inquiry_text(uint8_t *page)
{
	memcpy(page + 8, SCSI_VENDOR, 8);
	memcpy(page + 16, SCSI_PRODUCT, 16);
	memcpy(page + 32, SCSI_REVISION, 4);
}

static size_t scsi_vpd_identification(const struct scsi_disk *disk, uint8_t *page)
{
	/* T10 vendor designator: binary, vendor and disk GUID. */
	page[4] = 0x01;
	page[5] = 0x01;
	page[7] = 0x18;
	memcpy(page + 8, SCSI_VENDOR, 8);
	memcpy(page + 16, disk->guid, 16);
	/* NAA 6 designator: Microsoft's company id and 12 bytes of the GUID. */
	page[32] = 0x01;
	page[33] = 0x03;
	page[35] = 0x10;
	put_be32(page + 36, 0x60022480);
	memcpy(page + 40, disk->guid, 12);
	return 52;
}

static size_t scsi_vpd_block_limits(const struct scsi_disk *disk, uint8_t *page)
{
	page[4] = 0x01; /* WSNZ: WRITE SAME of no blocks is refused */
	if (scsi_disk_has_unmap(disk)) {
		put_be32(page + 20, 0xffffffff);
		put_be32(page + 24, SCSI_UNMAP_DESCRIPTORS);
	}
	put_be32(page + 28, 1u << disk->physical_exponent);
	put_be32(page + 32, 0x80000000); /* alignment 0, valid */
	put_be64(page + 36, SCSI_WRITE_SAME_BYTES / disk->block_bytes);
	return 64;
}

/* Return: bytes of the page, 0 if there is no such page. */
static size_t scsi_vpd(const struct scsi_disk *disk, uint8_t code, uint8_t *page)
{
	size_t bytes, n;

	switch (code) {
	case SCSI_VPD_SUPPORTED:
		page[4] = SCSI_VPD_SUPPORTED;
		page[5] = SCSI_VPD_SERIAL;
		page[6] = SCSI_VPD_IDENTIFICATION;
		bytes = 7;
		if (scsi_disk_is_thin(disk)) {
			page[7] = SCSI_VPD_BLOCK_LIMITS;
			page[8] = SCSI_VPD_BLOCK_CHARACTERISTICS;
			page[9] = SCSI_VPD_LOGICAL_PROVISIONING;
			bytes = 10;
		}
		break;
	case SCSI_VPD_SERIAL:
		n = strlen(disk->serial);
		memcpy(page + 4, disk->serial, n);
		bytes = 4 + n;
		break;
	case SCSI_VPD_IDENTIFICATION:
		bytes = scsi_vpd_identification(disk, page);
		break;
	case SCSI_VPD_BLOCK_LIMITS:
		bytes = scsi_disk_is_thin(disk) ? scsi_vpd_block_limits(disk, page) : 0;
		break;
	case SCSI_VPD_BLOCK_CHARACTERISTICS:
		put_be16(page + 4, 1); /* no rotation */
		bytes = scsi_disk_is_thin(disk) ? 64 : 0;
		break;
	case SCSI_VPD_LOGICAL_PROVISIONING:
		page[4] = 1; /* threshold exponent */
		if (scsi_disk_has_unmap(disk))
			page[5] |= 0x80; /* LBPU */
		if (scsi_disk_has_unmapping_write_same(disk))
			page[5] |= 0x40 | 0x20 | 0x04; /* LBPWS, LBPWS10, LBPRZ */
		page[6] = 2; /* thin */
		bytes = scsi_disk_is_thin(disk) ? 8 : 0;
		break;
	default:
		bytes = 0;
		break;
	}
	if (bytes) {
		page[1] = code;
		put_be16(page + 2, (uint16_t)(bytes - 4));
	}
	return bytes;
}

void scsi_inquiry(struct scsi_disk *disk, struct scsi_command *command)
{
	const uint8_t *cdb = command->cdb;
	size_t allocation = get_be16(cdb + 3);
	uint8_t page[SCSI_INQUIRY_BYTES] = { 0 };
	size_t bytes;

	/* Bit 1 is the obsolete CmdDt. */
	if (cdb[1] & 0xfe || allocation > command->data.bytes) {
		scsi_reject_field(command);
		return;
	}
	if (cdb[1] & 1) {
		bytes = scsi_vpd(disk, cdb[2], page);
		if (!bytes) {
			scsi_reject_field(command);
			return;
		}
		scsi_reply(command, page, bytes, allocation);
		return;
	}
	if (cdb[2]) {
		scsi_reject_field(command);
		return;
	}
	page[2] = 0x05; /* SPC-3 */
	page[3] = 0x02;
	page[4] = SCSI_INQUIRY_BYTES - 5;
	page[7] = 0x02; /* CMDQUE */
	scsi_inquiry_text(page);
	scsi_reply(command, page, sizeof(page), allocation);
}

void scsi_read_capacity_10(struct scsi_disk *disk, struct scsi_command *command)
{
	uint64_t last = scsi_disk_blocks(disk) - 1;
	uint8_t reply[8];

	if (command->cdb[8] & 1 || get_be32(command->cdb + 2)) {
		scsi_reject_field(command);
		return;
	}
	if (command->data.bytes < sizeof(reply)) {
		scsi_end(command, SCSI_OUTCOME_OVERRUN, &scsi_sense_invalid_field);
		return;
	}
	put_be32(reply, last > 0xffffffff ? 0xffffffff : (uint32_t)last);
	put_be32(reply + 4, disk->block_bytes);
	scsi_reply(command, reply, sizeof(reply), sizeof(reply));
}

static void scsi_read_capacity_16(struct scsi_disk *disk, struct scsi_command *command)
{
	size_t allocation = get_be32(command->cdb + 10);
	uint8_t reply[32] = { 0 };

	if (command->data.bytes < 12) {
		scsi_end(command, SCSI_OUTCOME_OVERRUN, &scsi_sense_invalid_field);
		return;
	}
	put_be64(reply, scsi_disk_blocks(disk) - 1);
	put_be32(reply + 8, disk->block_bytes);
	reply[13] = (uint8_t)disk->physical_exponent;
	if (scsi_disk_is_thin(disk))
		reply[14] = 0x80; /* LBPME */
	if (scsi_disk_has_unmapping_write_same(disk))
		reply[14] |= 0x40; /* LBPRZ */
	scsi_reply(command, reply, sizeof(reply), allocation);
}

void scsi_service_action_in(struct scsi_disk *disk, struct scsi_command *command)
{
	switch (command->cdb[1] & 0x1f) {
	case SCSI_SA_READ_CAPACITY_16:
		scsi_read_capacity_16(disk, command);
		break;
	case SCSI_SA_GET_LBA_STATUS:
		scsi_get_lba_status(disk, command);
		break;
	default:
		scsi_reject_field(command);
		break;
	}
}

void scsi_mode_sense(struct scsi_disk *disk, struct scsi_command *command)
{
	const uint8_t *cdb = command->cdb;
	bool six = cdb[0] == SCSI_MODE_SENSE_6;
	size_t allocation = six ? cdb[4] : get_be16(cdb + 7);
	uint8_t code = cdb[2] & 0x3f, control = cdb[2] >> 6;
	uint8_t specific = 0x10; /* DPOFUA */
	uint8_t reply[8 + SCSI_CACHING_PAGE_BYTES] = { 0 };
	size_t header = six ? 4 : 8;
	size_t bytes = header + SCSI_CACHING_PAGE_BYTES;

	/* Control 3 asks for saved values; there are none. */
	if (control == 3 || (code != SCSI_MODE_PAGE_CACHING && code != SCSI_MODE_PAGE_ALL) ||
	    (cdb[3] && !(code == SCSI_MODE_PAGE_ALL && cdb[3] == 0xff))) {
		scsi_reject_field(command);
		return;
	}
	if (disk_image_is_read_only(disk->image))
		specific |= 0x80; /* WP */
	if (six) {
		reply[0] = (uint8_t)(bytes - 1);
		reply[2] = specific;
	} else {
		put_be16(reply, (uint16_t)(bytes - 2));
		reply[3] = specific;
	}
	reply[header] = SCSI_MODE_PAGE_CACHING;
	reply[header + 1] = SCSI_CACHING_PAGE_BYTES - 2;
	/* Control 1 asks which bits can be changed: none. */
	if (control != 1)
		reply[header + 2] = SCSI_MODE_WCE;
	scsi_reply(command, reply, bytes, allocation);
}

void scsi_mode_select(struct scsi_disk *disk, struct scsi_command *command)
{
	static const struct scsi_sense bad_length = { 0x5, 0x1a, 0x00 };
	static const struct scsi_sense bad_list = { 0x5, 0x26, 0x00 };
	const uint8_t *cdb = command->cdb;
	bool six = cdb[0] == SCSI_MODE_SELECT_6;
	size_t bytes = six ? cdb[4] : get_be16(cdb + 7);
	size_t header = six ? 4 : 8;
	uint8_t list[8 + SCSI_CACHING_PAGE_BYTES];

	(void)disk;
	if (cdb[1] & 1) { /* SP: nowhere to save pages */
		scsi_reject_field(command);
		return;
	}
	if (!bytes)
		return;
	if (bytes != header + SCSI_CACHING_PAGE_BYTES ||
	    sg_copy_out(&command->data, 0, list, bytes) != bytes) {
		scsi_end(command, SCSI_OUTCOME_REJECTED, &bad_length);
		return;
	}
	/* Nothing can be changed: only what is so already is accepted. */
	if (list[header] != SCSI_MODE_PAGE_CACHING ||
	    list[header + 1] != SCSI_CACHING_PAGE_BYTES - 2 || list[header + 2] != SCSI_MODE_WCE) {
		scsi_end(command, SCSI_OUTCOME_REJECTED, &bad_list);
		return;
	}
	command->transferred = (uint32_t)bytes;
}

void scsi_absent_lun_execute(uint8_t lun, struct scsi_command *command)
{
	const uint8_t *cdb = command->cdb;
	size_t allocation = get_be16(cdb + 3);
	uint8_t page[SCSI_INQUIRY_BYTES] = { 0 };

	scsi_end(command, SCSI_OUTCOME_DONE, NULL);
	if (cdb[0] != SCSI_INQUIRY) {
		scsi_end(command, SCSI_OUTCOME_NO_LUN, NULL);
		return;
	}
	if (cdb[1] || cdb[2] || allocation < 5) {
		scsi_reject_field(command);
		return;
	}
	page[0] = 0x7f; /* no device can be here */
	page[4] = SCSI_INQUIRY_BYTES - 5;
	if (lun == 0)
		scsi_inquiry_text(page);
	scsi_reply(command, page, sizeof(page), allocation);
}

void scsi_report_luns_execute(const uint8_t *luns, unsigned int count, struct scsi_command *command)
{
	size_t allocation = get_be32(command->cdb + 6);
	uint8_t list[8 + 8 * 256] = { 0 };
	unsigned int i;

	scsi_end(command, SCSI_OUTCOME_DONE, NULL);
	if (command->data.bytes < 8)
		return;
	if (count > 256)
		count = 256;
	put_be32(list, 8 * count);
	for (i = 0; i < count; i++)
		list[8 + 8 * i + 1] = luns[i];
	scsi_reply(command, list, 8 + 8 * count, allocation);
}
