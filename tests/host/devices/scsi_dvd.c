// SPDX-License-Identifier: GPL-2.0
/*
 * The commands of a virtual DVD drive (SPC-3, MMC-5): who it is, which disc is in, what has happened
 * to it, and reading it. One data track in one session. Knows no transport.
 */
#include "scsi_dvd.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../hyperv/util.h"
#include "bytes.h"
#include "disk_image.h"

#define DVD_INQUIRY_BYTES   36
#define DVD_PROFILE_DVD_ROM 0x0010

/* What GET EVENT STATUS NOTIFICATION has to tell of the medium (MMC-5, 6.6.2.6). */
enum scsi_dvd_event {
	DVD_EVENT_NONE = 0,
	DVD_EVENT_EJECT_REQUEST = 1,
	DVD_EVENT_NEW_MEDIA = 2,
	DVD_EVENT_MEDIA_REMOVAL = 3,
};

/* Policy: events that wait to be asked for; newer ones make older ones obsolete. */
#define DVD_EVENTS 2

struct scsi_dvd {
	struct disk_image *image; /* the disc in reach of the drive; NULL: none */
	char *medium; /* its file, kept when the guest has ejected it */
	bool tray_open;
	bool locked; /* by the guest */
	uint8_t events[DVD_EVENTS];
	unsigned int nr_events;
	uint8_t guid[16];
	struct scsi_disk_stats stats;
};

static const struct scsi_sense sense_no_medium_closed = { 0x2, 0x3a, 0x01 };
static const struct scsi_sense sense_no_medium_open = { 0x2, 0x3a, 0x02 };
static const struct scsi_sense sense_locked = { 0x5, 0x53, 0x02 };

static void dvd_event(struct scsi_dvd *dvd, enum scsi_dvd_event event)
{
	if (dvd->nr_events == DVD_EVENTS)
		dvd->events[0] = dvd->events[--dvd->nr_events];
	dvd->events[dvd->nr_events++] = event;
}

static struct disk_image *dvd_load(const char *medium, char *error, size_t error_bytes)
{
	return disk_image_open(medium, true, SCSI_DVD_BLOCK_BYTES, error, error_bytes);
}

struct scsi_dvd *scsi_dvd_open(const char *medium, uint64_t unique, char *error, size_t error_bytes)
{
	struct disk_image *image = medium ? dvd_load(medium, error, error_bytes) : NULL;
	struct scsi_dvd *dvd;

	if (medium && !image)
		return NULL;
	dvd = xcalloc(1, sizeof(*dvd));
	dvd->image = image;
	dvd->medium = medium ? xstrdup(medium) : NULL;
	put_be64(dvd->guid, unique);
	put_be64(dvd->guid + 8, unique * 0x9e3779b97f4a7c15ull + 0xd1b54a32d192ed03ull);
	/* So that a guest which comes up looks at what is in: removal, then the new medium. */
	dvd_event(dvd, DVD_EVENT_MEDIA_REMOVAL);
	if (image)
		dvd_event(dvd, DVD_EVENT_NEW_MEDIA);
	return dvd;
}

void scsi_dvd_close(struct scsi_dvd *dvd)
{
	if (!dvd)
		return;
	disk_image_close(dvd->image);
	free(dvd->medium);
	free(dvd);
}

const struct scsi_disk_stats *scsi_dvd_stats(const struct scsi_dvd *dvd)
{
	return &dvd->stats;
}

int scsi_dvd_change_medium(struct scsi_dvd *dvd, const char *medium, char *error,
			   size_t error_bytes)
{
	struct disk_image *image = NULL;
	char *name;

	if (medium) {
		image = dvd_load(medium, error, error_bytes);
		if (!image)
			return -1;
	}
	name = medium ? xstrdup(medium) : NULL;
	if (dvd->image)
		dvd_event(dvd, DVD_EVENT_MEDIA_REMOVAL);
	disk_image_close(dvd->image);
	free(dvd->medium);
	dvd->image = image;
	dvd->medium = name;
	dvd->tray_open = false;
	if (image)
		dvd_event(dvd, DVD_EVENT_NEW_MEDIA);
	return 0;
}

const char *scsi_dvd_medium(const struct scsi_dvd *dvd)
{
	return dvd->medium;
}

static uint32_t dvd_blocks(const struct scsi_dvd *dvd)
{
	uint64_t blocks = disk_image_bytes(dvd->image) / SCSI_DVD_BLOCK_BYTES;

	return blocks > UINT32_MAX ? UINT32_MAX : (uint32_t)blocks;
}

/* Return: true if there is a disc; else the command has ended. */
static bool dvd_has_medium(struct scsi_dvd *dvd, struct scsi_command *command)
{
	if (dvd->image)
		return true;
	scsi_fail(command, dvd->tray_open ? &sense_no_medium_open : &sense_no_medium_closed);
	return false;
}

static void dvd_inquiry(struct scsi_dvd *dvd, struct scsi_command *command)
{
	const uint8_t *cdb = command->cdb;
	uint8_t page[64] = { 0x05 };
	size_t bytes;

	if (cdb[1] & 0xfe || (!(cdb[1] & 1) && cdb[2])) {
		scsi_reject_field(command);
		return;
	}
	if (!(cdb[1] & 1)) {
		page[1] = 0x80; /* removable; no version of SPC claimed */
		page[3] = 0x02;
		page[4] = DVD_INQUIRY_BYTES - 5;
		memcpy(page + 8, "Msft    Virtual DVD-ROM 1.0 ", 28);
		bytes = DVD_INQUIRY_BYTES;
	} else if (cdb[2] == 0x00) {
		page[4] = 0x00;
		page[5] = 0x83;
		bytes = 6;
	} else if (cdb[2] == 0x83) {
		page[4] = 0x01; /* T10 vendor designator, binary */
		page[5] = 0x01;
		page[7] = 0x18;
		memcpy(page + 8, "Msft    ", 8);
		memcpy(page + 16, dvd->guid, 16);
		bytes = 32;
	} else {
		scsi_reject_field(command);
		return;
	}
	if (cdb[1] & 1) {
		page[1] = cdb[2];
		put_be16(page + 2, (uint16_t)(bytes - 4));
	}
	scsi_reply(command, page, bytes, get_be16(cdb + 3));
}

static void dvd_test_unit_ready(struct scsi_dvd *dvd, struct scsi_command *command)
{
	dvd_has_medium(dvd, command);
}

static void dvd_read(struct scsi_dvd *dvd, struct scsi_command *command)
{
	uint64_t lba, blocks, bytes;

	scsi_cdb_range(command->cdb, &lba, &blocks);
	if (!dvd_has_medium(dvd, command))
		return;
	if (lba > dvd_blocks(dvd) || blocks > dvd_blocks(dvd) - lba) {
		scsi_reject(command, &scsi_sense_lba_out_of_range);
		return;
	}
	bytes = blocks * SCSI_DVD_BLOCK_BYTES;
	if (!bytes)
		return;
	if (bytes > command->data.bytes || !command->may_write_data) {
		scsi_reject_field(command);
		return;
	}
	if (disk_image_read(dvd->image, lba * SCSI_DVD_BLOCK_BYTES, &command->data, 0, bytes)) {
		scsi_fail(command, &scsi_sense_read_error);
		return;
	}
	command->transferred = (uint32_t)bytes;
	dvd->stats.reads++;
	dvd->stats.read_bytes += bytes;
}

static void dvd_read_capacity(struct scsi_dvd *dvd, struct scsi_command *command)
{
	uint8_t reply[8];

	if (!dvd_has_medium(dvd, command))
		return;
	put_be32(reply, dvd_blocks(dvd) - 1);
	put_be32(reply + 4, SCSI_DVD_BLOCK_BYTES);
	scsi_reply(command, reply, sizeof(reply), sizeof(reply));
}

/* An address in the form asked for: blocks, or minutes, seconds and frames. */
static void dvd_put_address(uint8_t *out, uint32_t lba, bool msf)
{
	if (!msf) {
		put_be32(out, lba);
		return;
	}
	lba += 150; /* the lead-in */
	if (lba / (75 * 60) > 255) { /* minutes have a byte */
		put_be32(out, 0x00ff3b4a);
		return;
	}
	out[0] = 0;
	out[1] = (uint8_t)(lba / (75 * 60));
	out[2] = (uint8_t)(lba / 75 % 60);
	out[3] = (uint8_t)(lba % 75);
}

static void dvd_read_toc(struct scsi_dvd *dvd, struct scsi_command *command)
{
	const uint8_t *cdb = command->cdb;
	bool msf = cdb[1] & 0x02;
	/* MMC-2 had the format in the last byte as well. */
	unsigned int format = cdb[2] & 0x0f ? cdb[2] & 0x0f : cdb[9] >> 6;
	uint8_t reply[20] = { 0, 0, 1, 1 };
	size_t bytes = 4;

	if (!dvd_has_medium(dvd, command))
		return;
	if (format > 1 || (!format && cdb[6] > 1 && cdb[6] != 0xaa)) {
		scsi_reject_field(command);
		return;
	}
	if (format == 1 || cdb[6] <= 1) { /* track 1, also the first of the last session */
		reply[bytes + 1] = 0x14; /* data track */
		reply[bytes + 2] = 1;
		dvd_put_address(reply + bytes + 4, 0, msf);
		bytes += 8;
	}
	if (format == 0) { /* lead-out */
		reply[bytes + 1] = 0x14;
		reply[bytes + 2] = 0xaa;
		dvd_put_address(reply + bytes + 4, dvd_blocks(dvd), msf);
		bytes += 8;
	}
	put_be16(reply, (uint16_t)(bytes - 2));
	scsi_reply(command, reply, bytes, get_be16(cdb + 7));
}

/* Appends a feature descriptor with @data of a multiple of four bytes. Return: bytes so far. */
static size_t dvd_feature(uint8_t *reply, size_t bytes, uint16_t code, uint8_t flags,
			  const uint8_t *data, uint8_t length)
{
	put_be16(reply + bytes, code);
	reply[bytes + 2] = flags;
	reply[bytes + 3] = length;
	memcpy(reply + bytes + 4, data, length);
	return bytes + 4 + length;
}

static void dvd_get_configuration(struct scsi_dvd *dvd, struct scsi_command *command)
{
	/* Flags: version in bits 5..2, persistent, current. */
	uint8_t current = dvd->image ? 1 : 0;
	const uint8_t profiles[] = { 0x00, 0x10, current, 0 };
	const uint8_t core[] = { 0, 0, 0, 2, 1, 0, 0, 0 }; /* ATAPI; device busy event */
	const uint8_t removable[] = { 0x29, 0, 0, 0 }; /* tray, eject, lock */
	const uint8_t readable[] = { 0, 0, 8, 0, 0, 1, 0, 0 }; /* 2048 bytes, blocking 1 */
	const uint8_t dvd_read_feature[] = { 0, 0, 0, 0 };
	const struct {
		uint16_t code;
		uint8_t flags, length;
		const uint8_t *data;
	} features[] = {
		{ 0x0000, 0x03, sizeof(profiles), profiles },
		{ 0x0001, 0x0b, sizeof(core), core },
		{ 0x0003, 0x03, sizeof(removable), removable },
		{ 0x0010, current, sizeof(readable), readable },
		{ 0x001f, current, sizeof(dvd_read_feature), dvd_read_feature },
	};
	unsigned int how = command->cdb[1] & 3, first = get_be16(command->cdb + 2);
	uint8_t reply[96] = { 0 };
	size_t bytes = 8, i;

	if (how == 3) {
		scsi_reject_field(command);
		return;
	}
	for (i = 0; i < ARRAY_SIZE(features); i++) {
		if (how == 2 ? features[i].code != first : features[i].code < first)
			continue;
		if (how == 1 && !(features[i].flags & 1))
			continue;
		bytes = dvd_feature(reply, bytes, features[i].code, features[i].flags,
				    features[i].data, features[i].length);
	}
	put_be32(reply, (uint32_t)bytes - 4);
	put_be16(reply + 6, dvd->image ? DVD_PROFILE_DVD_ROM : 0);
	scsi_reply(command, reply, bytes, get_be16(command->cdb + 7));
}

static void dvd_get_event_status(struct scsi_dvd *dvd, struct scsi_command *command)
{
	const uint8_t *cdb = command->cdb;
	uint8_t reply[8] = { 0, 0, 0x80, 0x10 };
	size_t allocation = get_be16(cdb + 7);

	if (!(cdb[1] & 1)) { /* only when asked, not later */
		scsi_reject_field(command);
		return;
	}
	if (!(cdb[4] & 0x10)) { /* of the classes asked for there is none */
		put_be16(reply, 2);
		scsi_reply(command, reply, 4, allocation);
		return;
	}
	put_be16(reply, 6);
	reply[2] = 0x04; /* media */
	/* An event counts as told only if its descriptor fits. */
	if (dvd->nr_events && allocation >= sizeof(reply) && command->data.bytes >= sizeof(reply) &&
	    command->may_write_data) {
		reply[4] = dvd->events[0];
		dvd->events[0] = dvd->events[1];
		dvd->nr_events--;
	}
	reply[5] = (uint8_t)((dvd->image ? 2 : 0) | (dvd->tray_open ? 1 : 0));
	scsi_reply(command, reply, sizeof(reply), allocation);
}

static void dvd_start_stop(struct scsi_dvd *dvd, struct scsi_command *command)
{
	uint8_t what = command->cdb[4];
	char error[256]; /* for nobody: the tray just stays empty */

	if (what & 0xf0 || !(what & 2)) /* power conditions, spinning up and down */
		return;
	if (what & 1) { /* load: the disc that was ejected is still in the tray */
		if (dvd->tray_open && dvd->medium && !dvd->image) {
			dvd->image = dvd_load(dvd->medium, error, sizeof(error));
			if (dvd->image)
				dvd_event(dvd, DVD_EVENT_NEW_MEDIA);
		}
		dvd->tray_open = false;
		return;
	}
	if (dvd->locked) {
		scsi_reject(command, &sense_locked);
		return;
	}
	if (dvd->image)
		dvd_event(dvd, DVD_EVENT_MEDIA_REMOVAL);
	disk_image_close(dvd->image);
	dvd->image = NULL;
	dvd->tray_open = true;
}

static void dvd_prevent_removal(struct scsi_dvd *dvd, struct scsi_command *command)
{
	dvd->locked = command->cdb[4] & 1;
}

static void dvd_mode_sense(struct scsi_dvd *dvd, struct scsi_command *command)
{
	static const uint8_t recovery[12] = { 0x01, 10, 0, 5 };
	static const uint8_t power[12] = { 0x1a, 10 };
	static const uint8_t timeouts[12] = { 0x1d, 10 };
	static const uint8_t *const pages[] = { recovery, power, timeouts };
	const uint8_t *cdb = command->cdb;
	uint8_t code = cdb[2] & 0x3f, reply[8 + 3 * 12] = { 0 };
	size_t bytes = 8, i;

	(void)dvd;
	if (cdb[2] >> 6 == 3 || cdb[3]) { /* no saved values, no subpages */
		scsi_reject_field(command);
		return;
	}
	for (i = 0; i < ARRAY_SIZE(pages); i++) {
		if (code != 0x3f && code != pages[i][0])
			continue;
		memcpy(reply + bytes, pages[i], cdb[2] >> 6 == 1 ? 2 : 12);
		bytes += 12;
	}
	if (bytes == 8) {
		scsi_reject_field(command);
		return;
	}
	put_be16(reply, (uint16_t)(bytes - 2));
	scsi_reply(command, reply, bytes, get_be16(cdb + 7));
}

static void dvd_read_disc_information(struct scsi_dvd *dvd, struct scsi_command *command)
{
	uint8_t reply[34] = { 0 };

	if (!dvd_has_medium(dvd, command))
		return;
	if (command->cdb[1] & 7) {
		scsi_reject_field(command);
		return;
	}
	put_be16(reply, sizeof(reply) - 2);
	reply[2] = 0x0e; /* finalized disc, complete session */
	reply[3] = 1; /* first track */
	reply[4] = 1; /* sessions */
	reply[5] = 1; /* first and last track of the last session */
	reply[6] = 1;
	scsi_reply(command, reply, sizeof(reply), get_be16(command->cdb + 7));
}

static void dvd_read_track_information(struct scsi_dvd *dvd, struct scsi_command *command)
{
	uint8_t reply[36] = { 0 };

	if (!dvd_has_medium(dvd, command))
		return;
	put_be16(reply, sizeof(reply) - 2);
	reply[2] = 1; /* track */
	reply[3] = 1; /* session */
	reply[5] = 4; /* data track */
	reply[6] = 1; /* mode 1 */
	put_be32(reply + 24, dvd_blocks(dvd));
	scsi_reply(command, reply, sizeof(reply), get_be16(command->cdb + 7));
}

static void (*const dvd_operations[256])(struct scsi_dvd *dvd, struct scsi_command *command) = {
	[SCSI_TEST_UNIT_READY] = dvd_test_unit_ready,
	[SCSI_INQUIRY] = dvd_inquiry,
	[SCSI_START_STOP_UNIT] = dvd_start_stop,
	[SCSI_PREVENT_REMOVAL] = dvd_prevent_removal,
	[SCSI_READ_CAPACITY_10] = dvd_read_capacity,
	[SCSI_READ_10] = dvd_read,
	[SCSI_READ_12] = dvd_read,
	[SCSI_READ_16] = dvd_read,
	[SCSI_READ_TOC] = dvd_read_toc,
	[SCSI_GET_CONFIGURATION] = dvd_get_configuration,
	[SCSI_GET_EVENT_STATUS] = dvd_get_event_status,
	[SCSI_READ_DISC_INFORMATION] = dvd_read_disc_information,
	[SCSI_READ_TRACK_INFORMATION] = dvd_read_track_information,
	[SCSI_MODE_SENSE_10] = dvd_mode_sense,
};

bool scsi_dvd_knows(uint8_t opcode)
{
	return dvd_operations[opcode];
}

void scsi_dvd_execute(struct scsi_dvd *dvd, struct scsi_command *command)
{
	if (dvd_operations[command->cdb[0]])
		dvd_operations[command->cdb[0]](dvd, command);
	else
		scsi_reject(command, &scsi_sense_invalid_opcode);
	if (command->status == SCSI_STATUS_CHECK_CONDITION)
		dvd->stats.errors++;
}
