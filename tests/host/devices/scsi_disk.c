// SPDX-License-Identifier: GPL-2.0
/*
 * A virtual disk's commands that move data or end in an error: dispatch by
 * operation code, range checks, sense (SBC-3, SPC-3). Knows no transport; the
 * buffer is memory the initiator can change at any time, so what decides
 * anything is copied out once.
 */
#include "scsi_disk.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "scsi_internal.h"

static const struct scsi_sense sense_no_space = { 0x7, 0x27, 0x07 };
static const struct scsi_sense sense_miscompare = { 0xe, 0x1d, 0x00 };

uint64_t scsi_disk_blocks(const struct scsi_disk *disk)
{
	return disk_image_bytes(disk->image) / disk->block_bytes;
}

bool scsi_extent_parse(const struct scsi_disk *disk, struct scsi_command *command,
		       struct scsi_extent *extent)
{
	uint64_t total = scsi_disk_blocks(disk);

	scsi_cdb_range(command->cdb, &extent->lba, &extent->blocks);
	if (extent->lba > total || extent->blocks > total - extent->lba) {
		scsi_reject(command, &scsi_sense_lba_out_of_range);
		return false;
	}
	extent->offset = extent->lba * disk->block_bytes;
	extent->bytes = extent->blocks * disk->block_bytes;
	return true;
}

void scsi_fail_write(struct scsi_command *command, int err)
{
	switch (err) {
	case -EROFS:
		scsi_fail(command, &scsi_sense_write_protected);
		break;
	case -ENOSPC:
	case -EDQUOT:
	case -EFBIG:
		scsi_fail(command, &sense_no_space);
		break;
	default:
		scsi_fail(command, &scsi_sense_write_fault);
		break;
	}
}

bool scsi_has_protect_bits(const struct scsi_command *command)
{
	return scsi_cdb_bytes(command->cdb[0]) != 6 && command->cdb[1] & 0xe0;
}

static void scsi_read(struct scsi_disk *disk, struct scsi_command *command)
{
	struct scsi_extent extent;
	int err;

	if (scsi_has_protect_bits(command)) {
		scsi_reject_field(command);
		return;
	}
	if (!scsi_extent_parse(disk, command, &extent))
		return;
	if (!extent.bytes)
		return;
	if (extent.bytes > command->data.bytes || !command->may_write_data) {
		scsi_reject_field(command);
		return;
	}
	err = disk_image_read(disk->image, extent.offset, &command->data, 0, extent.bytes);
	if (err) {
		scsi_fail(command, &scsi_sense_read_error);
		return;
	}
	command->transferred = (uint32_t)extent.bytes;
	disk->stats.reads++;
	disk->stats.read_bytes += extent.bytes;
}

static bool scsi_write_extent(struct scsi_disk *disk, struct scsi_command *command,
			      const struct scsi_extent *extent, bool flush)
{
	int err;

	err = disk_image_write(disk->image, extent->offset, &command->data, 0, extent->bytes);
	if (!err && flush) {
		err = disk_image_flush(disk->image);
		disk->stats.flushes++;
	}
	if (err) {
		scsi_fail_write(command, err);
		return false;
	}
	command->transferred = (uint32_t)extent->bytes;
	disk->stats.writes++;
	disk->stats.write_bytes += extent->bytes;
	return true;
}

/* Return: true if the command may write its extent from its buffer. */
static bool scsi_write_check(struct scsi_disk *disk, struct scsi_command *command,
			     struct scsi_extent *extent)
{
	if (scsi_has_protect_bits(command)) {
		scsi_reject_field(command);
		return false;
	}
	if (!scsi_extent_parse(disk, command, extent))
		return false;
	if (disk_image_is_read_only(disk->image)) {
		scsi_fail(command, &scsi_sense_write_protected);
		return false;
	}
	if (extent->bytes > command->data.bytes) {
		scsi_reject_field(command);
		return false;
	}
	return extent->bytes != 0;
}

static void scsi_write(struct scsi_disk *disk, struct scsi_command *command)
{
	bool fua = scsi_cdb_bytes(command->cdb[0]) != 6 && command->cdb[1] & 0x08;
	struct scsi_extent extent;

	if (scsi_write_check(disk, command, &extent))
		scsi_write_extent(disk, command, &extent, fua);
}

static void scsi_write_and_verify(struct scsi_disk *disk, struct scsi_command *command)
{
	struct scsi_extent extent;

	/* What fdatasync() has seen on the medium needs no second look. */
	if (scsi_write_check(disk, command, &extent))
		scsi_write_extent(disk, command, &extent, true);
}

static void scsi_verify(struct scsi_disk *disk, struct scsi_command *command)
{
	unsigned int bytchk = command->cdb[1] >> 1 & 3;
	struct scsi_extent extent;
	uint64_t done = 0, buffer_bytes;
	struct iovec iov = { .iov_base = disk->scratch };
	struct sg sg;

	if (scsi_has_protect_bits(command) || bytchk == 2) {
		scsi_reject_field(command);
		return;
	}
	if (!scsi_extent_parse(disk, command, &extent))
		return;
	if (!bytchk || !extent.bytes)
		return;
	buffer_bytes = bytchk == 3 ? disk->block_bytes : extent.bytes;
	if (buffer_bytes > command->data.bytes) {
		scsi_reject_field(command);
		return;
	}
	while (done < extent.bytes) {
		uint64_t n = extent.bytes - done;

		if (n > (bytchk == 3 ? disk->block_bytes : SCSI_SCRATCH_BYTES))
			n = bytchk == 3 ? disk->block_bytes : SCSI_SCRATCH_BYTES;
		iov.iov_len = n;
		sg_init(&sg, &iov, 1);
		if (disk_image_read(disk->image, extent.offset + done, &sg, 0, n)) {
			scsi_fail(command, &scsi_sense_read_error);
			return;
		}
		sg_copy_out(&command->data, bytchk == 3 ? 0 : done, disk->compare, n);
		if (memcmp(disk->scratch, disk->compare, n)) {
			scsi_fail(command, &sense_miscompare);
			return;
		}
		done += n;
	}
	command->transferred = (uint32_t)buffer_bytes;
}

static void scsi_synchronize_cache(struct scsi_disk *disk, struct scsi_command *command)
{
	struct scsi_extent extent;

	if (!scsi_extent_parse(disk, command, &extent))
		return;
	disk->stats.flushes++;
	if (disk_image_flush(disk->image))
		scsi_fail(command, &scsi_sense_write_fault);
}

static void scsi_start_stop(struct scsi_disk *disk, struct scsi_command *command)
{
	if (command->cdb[4] & 0xf0) { /* power conditions */
		scsi_reject_field(command);
		return;
	}
	if (command->cdb[4] & 1)
		return;
	disk->stats.flushes++;
	if (disk_image_flush(disk->image))
		scsi_fail(command, &scsi_sense_write_fault);
}

static void scsi_send_diagnostic(struct scsi_disk *disk, struct scsi_command *command)
{
	(void)disk;
	/* Only the empty form and the default self test. */
	if (command->cdb[1] & ~0x04 || get_be16(command->cdb + 3))
		scsi_reject_field(command);
}

static void scsi_nothing_to_do(struct scsi_disk *disk, struct scsi_command *command)
{
	(void)disk;
	(void)command;
}

static void (*const scsi_operations[256])(struct scsi_disk *disk, struct scsi_command *command) = {
	[SCSI_TEST_UNIT_READY] = scsi_nothing_to_do,
	[SCSI_READ_6] = scsi_read,
	[SCSI_WRITE_6] = scsi_write,
	[SCSI_INQUIRY] = scsi_inquiry,
	[SCSI_MODE_SELECT_6] = scsi_mode_select,
	[SCSI_MODE_SENSE_6] = scsi_mode_sense,
	[SCSI_START_STOP_UNIT] = scsi_start_stop,
	[SCSI_SEND_DIAGNOSTIC] = scsi_send_diagnostic,
	[SCSI_PREVENT_REMOVAL] = scsi_nothing_to_do,
	[SCSI_READ_CAPACITY_10] = scsi_read_capacity_10,
	[SCSI_READ_10] = scsi_read,
	[SCSI_WRITE_10] = scsi_write,
	[SCSI_WRITE_VERIFY_10] = scsi_write_and_verify,
	[SCSI_VERIFY_10] = scsi_verify,
	[SCSI_SYNCHRONIZE_CACHE_10] = scsi_synchronize_cache,
	[SCSI_WRITE_SAME_10] = scsi_write_same,
	[SCSI_UNMAP] = scsi_unmap,
	[SCSI_MODE_SELECT_10] = scsi_mode_select,
	[SCSI_MODE_SENSE_10] = scsi_mode_sense,
	[SCSI_READ_16] = scsi_read,
	[SCSI_WRITE_16] = scsi_write,
	[SCSI_WRITE_VERIFY_16] = scsi_write_and_verify,
	[SCSI_VERIFY_16] = scsi_verify,
	[SCSI_SYNCHRONIZE_CACHE_16] = scsi_synchronize_cache,
	[SCSI_WRITE_SAME_16] = scsi_write_same,
	[SCSI_SERVICE_ACTION_IN_16] = scsi_service_action_in,
	[SCSI_READ_12] = scsi_read,
	[SCSI_WRITE_12] = scsi_write,
	[SCSI_WRITE_VERIFY_12] = scsi_write_and_verify,
	[SCSI_VERIFY_12] = scsi_verify,
};

bool scsi_disk_knows(uint8_t opcode)
{
	return scsi_operations[opcode];
}

void scsi_disk_execute(struct scsi_disk *disk, struct scsi_command *command)
{
	uint64_t lba, blocks;

	if (disk->latency_us && scsi_cdb_range(command->cdb, &lba, &blocks))
		command->latency_us = disk->latency_us;
	if (scsi_operations[command->cdb[0]])
		scsi_operations[command->cdb[0]](disk, command);
	else
		scsi_reject(command, &scsi_sense_invalid_opcode);
	if (command->status == SCSI_STATUS_CHECK_CONDITION)
		disk->stats.errors++;
}

/* A GUID-like identity that is the same on every run with the same @unique. */
static void scsi_disk_identify(struct scsi_disk *disk, const struct scsi_disk_options *options)
{
	uint64_t mix = options->unique * 0x9e3779b97f4a7c15ull + 0xd1b54a32d192ed03ull;

	put_be64(disk->guid, options->unique);
	put_be64(disk->guid + 8, mix);
	if (options->serial)
		snprintf(disk->serial, sizeof(disk->serial), "%s", options->serial);
	else
		snprintf(disk->serial, sizeof(disk->serial), "%016llx", (unsigned long long)mix);
}

struct scsi_disk *scsi_disk_open(const struct scsi_disk_options *options, char *error,
				 size_t error_bytes)
{
	uint32_t block = options->block_bytes ? options->block_bytes : 512;
	uint32_t physical = options->physical_bytes ? options->physical_bytes : 4096;
	struct scsi_disk *disk;

	if (block != 512 && block != 4096) {
		snprintf(error, error_bytes, "%s: a block has 512 or 4096 bytes, not %u",
			 options->image, block);
		return NULL;
	}
	if (physical < block || physical > 65536 || (physical & (physical - 1))) {
		snprintf(error, error_bytes,
			 "%s: a physical block has %u to 65536 bytes, a power of two, not %u",
			 options->image, block, physical);
		return NULL;
	}
	disk = calloc(1, sizeof(*disk));
	if (!disk) {
		snprintf(error, error_bytes, "%s: out of memory", options->image);
		return NULL;
	}
	disk->block_bytes = block;
	while (block << disk->physical_exponent < physical)
		disk->physical_exponent++;
	disk->provisioning = options->provisioning;
	disk->latency_us = options->latency_us;
	scsi_disk_identify(disk, options);
	disk->image =
		disk_image_open(options->image, options->read_only, block, error, error_bytes);
	if (!disk->image) {
		free(disk);
		return NULL;
	}
	return disk;
}

void scsi_disk_close(struct scsi_disk *disk)
{
	if (!disk)
		return;
	disk_image_flush(disk->image);
	disk_image_close(disk->image);
	free(disk);
}

const struct scsi_disk_stats *scsi_disk_stats(const struct scsi_disk *disk)
{
	return &disk->stats;
}

bool scsi_disk_resized(struct scsi_disk *disk)
{
	return disk_image_recheck_size(disk->image);
}
