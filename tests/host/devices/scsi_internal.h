/* SPDX-License-Identifier: GPL-2.0 */
/* Shared by scsi_disk.c and scsi_pages.c only: the disk and how to end a command. */
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
	bool unmap;
	uint8_t guid[16];
	char serial[SCSI_SERIAL_BYTES + 1];

	/* Sense of the last failed command, until read or the next success. */
	uint8_t sense[SCSI_SENSE_BYTES];
	bool capacity_changed;
	struct scsi_fault fault;
	struct scsi_disk_stats stats;

	uint8_t scratch[SCSI_SCRATCH_BYTES];
	uint8_t compare[SCSI_SCRATCH_BYTES];
};

extern const struct scsi_sense scsi_sense_invalid_field;

/* scsi_disk.c: how a command ends. */
void scsi_end(struct scsi_command *command, enum scsi_outcome outcome,
	      const struct scsi_sense *sense);
void scsi_reject_field(struct scsi_command *command);
void scsi_reply(struct scsi_command *command, const void *reply, size_t bytes, size_t allocation);
uint64_t scsi_disk_blocks(const struct scsi_disk *disk);

/* scsi_pages.c: commands that only describe the disk. */
void scsi_inquiry(struct scsi_disk *disk, struct scsi_command *command);
void scsi_mode_sense(struct scsi_disk *disk, struct scsi_command *command);
void scsi_mode_select(struct scsi_disk *disk, struct scsi_command *command);
void scsi_read_capacity_10(struct scsi_disk *disk, struct scsi_command *command);
void scsi_service_action_in(struct scsi_disk *disk, struct scsi_command *command);

#endif
