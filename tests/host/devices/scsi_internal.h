/* SPDX-License-Identifier: GPL-2.0 */
/* Shared by scsi_disk.c, scsi_pages.c and scsi_provisioning.c only: the disk. */
#ifndef HVHOST_DEVICES_SCSI_INTERNAL_H
#define HVHOST_DEVICES_SCSI_INTERNAL_H

#include "disk_image.h"
#include "scsi_disk.h"

#define SCSI_SERIAL_BYTES 32
/* Policy: working memory for commands that look at data; holds any UNMAP list. */
#define SCSI_SCRATCH_BYTES     65536
#define SCSI_UNMAP_DESCRIPTORS 4096
#define SCSI_WRITE_SAME_BYTES  (8u << 20)

struct scsi_disk {
	struct disk_image *image;
	uint32_t block_bytes;
	unsigned int physical_exponent;
	enum scsi_provisioning provisioning;
	uint32_t latency_us;
	uint8_t guid[16];
	char serial[SCSI_SERIAL_BYTES + 1];

	struct scsi_disk_stats stats;

	uint8_t scratch[SCSI_SCRATCH_BYTES];
	uint8_t compare[SCSI_SCRATCH_BYTES];
};

/* Where a READ, WRITE, VERIFY or WRITE SAME says it goes. */
struct scsi_extent {
	uint64_t lba;
	uint64_t blocks;
	uint64_t offset; /* bytes into the image */
	uint64_t bytes;
};

/* UNMAP is there, and blocks that were never written or were given back are not stored. */
static inline bool scsi_disk_is_thin(const struct scsi_disk *disk)
{
	return disk->provisioning != SCSI_PROVISIONING_NONE;
}

static inline bool scsi_disk_has_unmap(const struct scsi_disk *disk)
{
	return disk->provisioning == SCSI_PROVISIONING_UNMAP ||
	       disk->provisioning == SCSI_PROVISIONING_FULL;
}

/* WRITE SAME with the UNMAP bit gives blocks back. */
static inline bool scsi_disk_has_unmapping_write_same(const struct scsi_disk *disk)
{
	return disk->provisioning == SCSI_PROVISIONING_WRITE_SAME ||
	       disk->provisioning == SCSI_PROVISIONING_FULL;
}

/* scsi_disk.c: how a command ends, and where it goes. */
/* @err: what disk_image_write() and the like returned. */
void scsi_fail_write(struct scsi_command *command, int err);
uint64_t scsi_disk_blocks(const struct scsi_disk *disk);
/* Return: true if the command's range lies on the disk; else it has ended. */
bool scsi_extent_parse(const struct scsi_disk *disk, struct scsi_command *command,
		       struct scsi_extent *extent);
/* Bits 7..5 of byte 1 ask for protection information, which is not supported. */
bool scsi_has_protect_bits(const struct scsi_command *command);

/* scsi_pages.c: commands that only describe the disk. */
void scsi_inquiry(struct scsi_disk *disk, struct scsi_command *command);
void scsi_mode_sense(struct scsi_disk *disk, struct scsi_command *command);
void scsi_mode_select(struct scsi_disk *disk, struct scsi_command *command);
void scsi_read_capacity_10(struct scsi_disk *disk, struct scsi_command *command);
void scsi_service_action_in(struct scsi_disk *disk, struct scsi_command *command);

/* scsi_provisioning.c: which blocks are stored. */
void scsi_unmap(struct scsi_disk *disk, struct scsi_command *command);
void scsi_write_same(struct scsi_disk *disk, struct scsi_command *command);
void scsi_get_lba_status(struct scsi_disk *disk, struct scsi_command *command);

#endif
