// SPDX-License-Identifier: GPL-2.0
/*
 * Commands that say which blocks of a virtual disk are stored (SBC-3, logical block provisioning):
 * UNMAP, WRITE SAME and GET LBA STATUS. What is given back becomes a hole in the image.
 */
#include <string.h>

#include "bytes.h"
#include "scsi_internal.h"

/* Policy: descriptors in one GET LBA STATUS reply; an initiator asks on from where they end. */
#define SCSI_LBA_STATUS_DESCRIPTORS 256

#define SCSI_LBA_MAPPED	     0
#define SCSI_LBA_DEALLOCATED 1

void scsi_unmap(struct scsi_disk *disk, struct scsi_command *command)
{
	size_t bytes = get_be16(command->cdb + 7), i, count;
	uint64_t total = scsi_disk_blocks(disk), lba, blocks;
	const uint8_t *list = disk->scratch;
	int err;

	if (!scsi_disk_has_unmap(disk)) {
		scsi_reject(command, &scsi_sense_invalid_opcode);
		return;
	}
	if (command->cdb[1] & 1) { /* ANCHOR */
		scsi_reject_field(command);
		return;
	}
	if (disk_image_is_read_only(disk->image)) {
		scsi_fail(command, &scsi_sense_write_protected);
		return;
	}
	if (!bytes)
		return;
	if (bytes < 8) {
		scsi_reject(command, &scsi_sense_list_length);
		return;
	}
	if (sg_copy_out(&command->data, 0, disk->scratch, bytes) != bytes ||
	    get_be16(list) != bytes - 2 || get_be16(list + 2) != bytes - 8 || (bytes - 8) % 16) {
		scsi_reject_field(command);
		return;
	}
	count = (bytes - 8) / 16;
	if (count > SCSI_UNMAP_DESCRIPTORS) {
		scsi_reject(command, &scsi_sense_invalid_list);
		return;
	}
	/* All ranges are good, or none is touched. */
	for (i = 0; i < count; i++) {
		lba = get_be64(list + 8 + 16 * i);
		blocks = get_be32(list + 16 + 16 * i);
		if (lba > total || blocks > total - lba) {
			scsi_reject(command, &scsi_sense_lba_out_of_range);
			return;
		}
	}
	for (i = 0; i < count; i++) {
		lba = get_be64(list + 8 + 16 * i);
		blocks = get_be32(list + 16 + 16 * i);
		err = disk_image_zero(disk->image, lba * disk->block_bytes,
				      blocks * disk->block_bytes, true);
		if (err) {
			scsi_fail_write(command, err);
			return;
		}
	}
	disk->stats.unmaps++;
}

static bool is_all_zero(const uint8_t *p, size_t bytes)
{
	return !p[0] && !memcmp(p, p + 1, bytes - 1);
}

/* Writes the block at the start of the scratch memory over the extent. */
static int scsi_write_pattern(struct scsi_disk *disk, const struct scsi_extent *extent)
{
	struct iovec iov = { .iov_base = disk->scratch };
	size_t filled = disk->block_bytes;
	uint64_t done = 0;
	struct sg sg;
	int err = 0;

	while (filled < SCSI_SCRATCH_BYTES) {
		memcpy(disk->scratch + filled, disk->scratch, disk->block_bytes);
		filled += disk->block_bytes;
	}
	while (done < extent->bytes && !err) {
		iov.iov_len = extent->bytes - done < filled ? extent->bytes - done : filled;
		sg_init(&sg, &iov, 1);
		err = disk_image_write(disk->image, extent->offset + done, &sg, 0, sg.bytes);
		done += sg.bytes;
	}
	return err;
}

void scsi_write_same(struct scsi_disk *disk, struct scsi_command *command)
{
	const uint8_t *cdb = command->cdb;
	bool unmap = cdb[1] & 0x08;
	bool no_buffer = cdb[0] == SCSI_WRITE_SAME_16 && cdb[1] & 0x01;
	size_t bytes = no_buffer ? 0 : disk->block_bytes;
	struct scsi_extent extent;
	bool flush = false;
	int err;

	/* ANCHOR needs resource provisioning, UNMAP needs thin provisioning. */
	if (scsi_has_protect_bits(command) || cdb[1] & 0x10 ||
	    (unmap && !scsi_disk_is_thin(disk))) {
		scsi_reject_field(command);
		return;
	}
	if (unmap && !scsi_disk_has_unmapping_write_same(disk)) {
		unmap = false;
		flush = true;
	}
	if (!scsi_extent_parse(disk, command, &extent))
		return;
	if (disk_image_is_read_only(disk->image)) {
		scsi_fail(command, &scsi_sense_write_protected);
		return;
	}
	if (extent.bytes > SCSI_WRITE_SAME_BYTES) {
		scsi_reject(command, &scsi_sense_lba_out_of_range);
		return;
	}
	if (!extent.bytes || sg_copy_out(&command->data, 0, disk->scratch, bytes) != bytes) {
		scsi_reject_field(command);
		return;
	}
	/* A pattern other than zeros is written: given back, the blocks would not read as it. */
	if (no_buffer || is_all_zero(disk->scratch, bytes))
		err = disk_image_zero(disk->image, extent.offset, extent.bytes, unmap);
	else
		err = scsi_write_pattern(disk, &extent);
	if (!err && flush) {
		err = disk_image_flush(disk->image);
		disk->stats.flushes++;
	}
	if (err) {
		scsi_fail_write(command, err);
		return;
	}
	command->transferred = (uint32_t)bytes;
	disk->stats.write_sames++;
	disk->stats.write_bytes += extent.bytes;
}

/*
 * The blocks from @lba on that share a provisioning status. A block that is stored in part counts
 * as mapped.
 */
static uint64_t scsi_lba_run(struct scsi_disk *disk, uint64_t lba, bool *mapped)
{
	uint64_t total = scsi_disk_blocks(disk), at = lba, run;
	bool stored, first = true;

	do {
		run = disk_image_extent(disk->image, at * disk->block_bytes, &stored);
		if (stored)
			run += disk->block_bytes - 1;
		run /= disk->block_bytes;
		if (!run) { /* less than a block is missing */
			stored = true;
			run = 1;
		}
		if (first)
			*mapped = stored;
		else if (stored != *mapped)
			break;
		first = false;
		at += run;
	} while (at < total);
	return (at < total ? at : total) - lba;
}

void scsi_get_lba_status(struct scsi_disk *disk, struct scsi_command *command)
{
	uint64_t lba = get_be64(command->cdb + 2), total = scsi_disk_blocks(disk), run;
	size_t allocation = get_be32(command->cdb + 10), bytes = 8;
	uint8_t *reply = disk->scratch, *descriptor;
	bool mapped;

	if (!scsi_disk_is_thin(disk)) {
		scsi_reject(command, &scsi_sense_invalid_opcode);
		return;
	}
	if (lba >= total) {
		scsi_reject(command, &scsi_sense_lba_out_of_range);
		return;
	}
	/* Room for one descriptor at least (SBC-3, 5.7). */
	if (allocation < 24 || allocation > command->data.bytes) {
		scsi_reject_field(command);
		return;
	}
	memset(reply, 0, 8 + 16 * SCSI_LBA_STATUS_DESCRIPTORS);
	while (lba < total && bytes + 16 <= allocation &&
	       bytes < 8 + 16 * SCSI_LBA_STATUS_DESCRIPTORS) {
		run = scsi_lba_run(disk, lba, &mapped);
		if (run > UINT32_MAX)
			run = UINT32_MAX;
		descriptor = reply + bytes;
		put_be64(descriptor, lba);
		put_be32(descriptor + 8, (uint32_t)run);
		descriptor[12] = mapped ? SCSI_LBA_MAPPED : SCSI_LBA_DEALLOCATED;
		bytes += 16;
		lba += run;
	}
	put_be32(reply, (uint32_t)bytes - 4);
	scsi_reply(command, reply, bytes, allocation);
}
