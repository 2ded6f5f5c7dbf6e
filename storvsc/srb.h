/* SPDX-License-Identifier: GPL-2.0 */
/*
 * SCSI command to SRB, SRB result to SCSI result: see srb.c.
 */
#ifndef STORVSC_SRB_H
#define STORVSC_SRB_H

#include <linux/types.h>
#include <hyperv/vstor.h>

/* How commands end, for who counts them. */
enum storvsc_outcome {
	STORVSC_OUTCOME_GOOD = 0,	/* done, or a status that is no failure */
	STORVSC_OUTCOME_SENSE,		/* the disk said what is wrong */
	STORVSC_OUTCOME_BUSY,		/* retried while the command's time lasts */
	STORVSC_OUTCOME_CONFLICT,	/* somebody else has reserved the disk */
	STORVSC_OUTCOME_ABORTED,	/* another command or a reset of the bus ended it */
	STORVSC_OUTCOME_CHANGED,	/* tried again once the disk's parameters were read anew */
	STORVSC_OUTCOME_GONE,		/* nothing there */
	STORVSC_OUTCOME_REFUSED,	/* the host does not know this command */
	STORVSC_OUTCOME_ERROR,		/* all else */
	STORVSC_OUTCOMES
};

/**
 * struct storvsc_srb_request - one SCSI command as the host shall see it
 * @cdb: the command
 * @cdb_bytes: its length, 1 to VSTOR_CDB_BYTES
 * @port: free for the guest to choose
 * @path: SCSI channel
 * @target: SCSI id
 * @lun: logical unit
 * @direction: what the host may do to the data buffer
 * @tagged: the device does tagged queueing
 * @srb_bytes: SRB size of the session
 * @sense_bytes: sense size of the session
 * @data_bytes: length of the data buffer, 0 without one
 */
struct storvsc_srb_request {
	const u8 *cdb;
	u8 cdb_bytes;
	u8 port;
	u8 path;
	u8 target;
	u8 lun;
	enum vstor_data_in direction;
	bool tagged;
	u8 srb_bytes;
	u8 sense_bytes;
	u32 data_bytes;
};

/**
 * struct storvsc_srb_result - what a completed SRB means
 * @host: host byte for the mid-layer (DID_OK, ...)
 * @status: SCSI status byte
 * @sense: sense data, in the reply or constant; NULL when there is none
 * @sense_bytes: its length, 0 when there is none
 * @moved_bytes: bytes moved, never more than the buffer holds
 * @rescan_device: the device's capacity or parameters changed
 * @check_device: the host says this logical unit does not exist
 * @report: worth a line in the log: an error the upper layers get no sense data for
 * @meaning: the outcome in words
 */
struct storvsc_srb_result {
	u8 host;
	u8 status;
	const u8 *sense;
	u8 sense_bytes;
	u32 moved_bytes;
	bool rescan_device;
	bool check_device;
	bool report;
	const char *meaning;
};

bool storvsc_srb_is_refused(u16 version, u8 opcode);
bool storvsc_limits_have_write_same(const u8 *page, size_t bytes);
void storvsc_srb_refuse(struct storvsc_srb_result *result);
void storvsc_srb_build(struct vstor_packet *packet, const struct storvsc_srb_request *request);
void storvsc_srb_judge(struct storvsc_srb_result *result, const struct vstor_srb *reply, const u8 *cdb,
		       u32 data_bytes, bool fibre_channel);
enum storvsc_outcome storvsc_srb_outcome(const struct storvsc_srb_result *result);

#endif
