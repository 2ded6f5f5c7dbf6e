// SPDX-License-Identifier: GPL-2.0
/*
 * SCSI command to SRB, SRB result to SCSI result. Tables and pure functions: no lock, no allocation, no kernel object,
 * nothing about channels.
 * Storage protocol, EXECUTE_SRB: SRB layout, SRB status codes, autosense.
 */
#include <linux/kernel.h>
#include <linux/string.h>
#include <linux/types.h>
#include <scsi/scsi.h>

#include "srb.h"

/* Policy: what the host is told about the time a command may take, in seconds. Hosts ignore it. */
#define STORVSC_SRB_TIME_OUT_SECONDS	60

/* Operation codes of other than ordinary disk commands that need a decision here. */
#define STORVSC_OP_TEST_UNIT_READY	0x00
#define STORVSC_OP_INQUIRY		0x12
#define STORVSC_OP_MODE_SENSE_6		0x1a
#define STORVSC_OP_SET_WINDOW		0x24
#define STORVSC_OP_WRITE_SAME_10	0x41
#define STORVSC_OP_MODE_SENSE_10	0x5a
#define STORVSC_OP_PERSISTENT_RESERVE_IN	0x5e
#define STORVSC_OP_ATA_PASS_THROUGH_16	0x85
#define STORVSC_OP_ATA_PASS_THROUGH_12	0xa1
#define STORVSC_OP_MAINTENANCE_IN	0xa3

/* INQUIRY, second byte: a page of vital product data is asked for */
#define STORVSC_INQUIRY_EVPD		0x01

/* Fixed format, up to and with the last byte a mid-layer may look at */
#define STORVSC_OWN_SENSE_BYTES		18

/* How a SRB status code is turned into a result when it brings no sense data. */
enum storvsc_srb_rule {
	STORVSC_RULE_ERROR = 0,		/* retried by the mid-layer, a bounded number of times */
	STORVSC_RULE_SUCCESS,		/* the SCSI status decides */
	STORVSC_RULE_STATUS,		/* the command was refused or aborted: pass busy-like SCSI statuses on */
	STORVSC_RULE_BUSY,		/* retried while the command's time lasts */
	STORVSC_RULE_RESET,
	STORVSC_RULE_REQUEUE,
	STORVSC_RULE_GONE,		/* nothing there: fails at once */
	STORVSC_RULE_OVERRUN,
};

struct storvsc_srb_code {
	enum storvsc_srb_rule rule;
	bool sense;			/* may bring sense data */
	bool check_device;		/* the logical unit may have been removed */
	const char *meaning;
};

/* Indexed by SRB status code. A code without a row, and code 0, is an error. */
static const struct storvsc_srb_code storvsc_srb_codes[VSTOR_SRB_STATUS_CODE_MASK + 1] = {
	[VSTOR_SRB_PENDING]		= { .meaning = "host completed a command it calls pending" },
	[VSTOR_SRB_SUCCESS]		= { .rule = STORVSC_RULE_SUCCESS, .sense = true,
					    .meaning = "success" },
	[VSTOR_SRB_ABORTED]		= { .rule = STORVSC_RULE_STATUS, .sense = true,
					    .meaning = "host aborted the command" },
	[VSTOR_SRB_ABORT_FAILED]	= { .meaning = "host failed to abort the command" },
	[VSTOR_SRB_ERROR]		= { .rule = STORVSC_RULE_STATUS, .sense = true,
					    .meaning = "host error without sense data" },
	[VSTOR_SRB_BUSY]		= { .rule = STORVSC_RULE_BUSY,
					    .meaning = "host is busy" },
	[VSTOR_SRB_INVALID_REQUEST]	= { .rule = STORVSC_RULE_STATUS, .sense = true,
					    .meaning = "host does not know this command" },
	[VSTOR_SRB_INVALID_PATH]	= { .rule = STORVSC_RULE_GONE,
					    .meaning = "no such path" },
	[VSTOR_SRB_NO_DEVICE]		= { .rule = STORVSC_RULE_GONE, .check_device = true,
					    .meaning = "no such device" },
	[VSTOR_SRB_TIMEOUT]		= { .meaning = "timeout on the host" },
	[VSTOR_SRB_SELECTION_TIMEOUT]	= { .meaning = "selection timeout on the host" },
	[VSTOR_SRB_COMMAND_TIMEOUT]	= { .meaning = "command timeout on the host" },
	[VSTOR_SRB_MESSAGE_REJECTED]	= { .meaning = "message rejected" },
	[VSTOR_SRB_BUS_RESET]		= { .rule = STORVSC_RULE_RESET, .sense = true,
					    .meaning = "bus was reset" },
	[VSTOR_SRB_PARITY_ERROR]	= { .meaning = "parity error" },
	[VSTOR_SRB_REQUEST_SENSE_FAILED] = { .rule = STORVSC_RULE_ERROR, .sense = true,
					    .meaning = "error, and its sense data is lost" },
	[VSTOR_SRB_NO_HBA]		= { .rule = STORVSC_RULE_GONE,
					    .meaning = "no host adapter" },
	[VSTOR_SRB_DATA_OVERRUN]	= { .rule = STORVSC_RULE_OVERRUN, .sense = true,
					    .meaning = "data overrun" },
	[VSTOR_SRB_UNEXPECTED_BUS_FREE]	= { .meaning = "unexpected bus free" },
	[VSTOR_SRB_PHASE_SEQUENCE]	= { .meaning = "phase sequence failure" },
	[VSTOR_SRB_BAD_LENGTH]		= { .meaning = "bad request block length" },
	[VSTOR_SRB_REQUEST_FLUSHED]	= { .rule = STORVSC_RULE_REQUEUE,
					    .meaning = "host flushed the command" },
	[VSTOR_SRB_INVALID_LUN]		= { .rule = STORVSC_RULE_GONE, .check_device = true,
					    .meaning = "no such logical unit" },
	[VSTOR_SRB_INVALID_TARGET]	= { .rule = STORVSC_RULE_GONE, .check_device = true,
					    .meaning = "no such target" },
	[VSTOR_SRB_BAD_FUNCTION]	= { .meaning = "bad function" },
	[VSTOR_SRB_ERROR_RECOVERY]	= { .meaning = "error recovery on the host" },
	[VSTOR_SRB_NOT_POWERED]		= { .meaning = "device is not powered" },
	[VSTOR_SRB_LINK_DOWN]		= { .meaning = "link is down" },
	[VSTOR_SRB_INTERNAL_ERROR]	= { .rule = STORVSC_RULE_ERROR, .sense = true,
					    .meaning = "internal error, host may be short of memory" },
};

/**
 * storvsc_srb_is_refused() - is this a command that must not reach the host
 * @version: protocol version of the session
 * @opcode: first byte of the CDB
 *
 * Hosts up to version 5.1 mishandle WRITE SAME(10) and SET WINDOW (which monitoring tools send).
 *
 * Context: any.
 * Return: true when the command shall fail without being sent.
 */
bool storvsc_srb_is_refused(u16 version, u8 opcode)
{
	return version <= VSTOR_VERSION_5_1 &&
	       (opcode == STORVSC_OP_WRITE_SAME_10 || opcode == STORVSC_OP_SET_WINDOW);
}

/**
 * storvsc_limits_have_write_same() - does a block limits page (B0h) promise WRITE SAME
 * @page: private copy of the page
 * @bytes: its size
 *
 * Context: any.
 * Return: true when it is such a page, as long as it says, and names a longest WRITE SAME.
 */
bool storvsc_limits_have_write_same(const u8 *page, size_t bytes)
{
	size_t i;

	if (bytes < 44 || page[1] != 0xb0 || (page[2] << 8 | page[3]) < 40)
		return false;
	for (i = 36; i < 44; i++)
		if (page[i])
			return true;
	return false;
}

/**
 * storvsc_srb_build() - fill an EXECUTE_SRB packet
 * @packet: the packet; every byte of it is written
 * @request: the command; @request->cdb_bytes is at most VSTOR_CDB_BYTES
 *
 * Context: any.
 */
void storvsc_srb_build(struct vstor_packet *packet, const struct storvsc_srb_request *request)
{
	u32 flags = VSTOR_SRB_FLAG_DISABLE_SYNC_TRANSFER;
	struct vstor_srb *srb = &packet->srb;

	memset(packet, 0, sizeof(*packet));
	packet->operation = cpu_to_le32(VSTOR_OP_EXECUTE_SRB);
	packet->flags = cpu_to_le32(VSTOR_FLAG_COMPLETION);

	srb->length = cpu_to_le16(request->srb_bytes);
	srb->port = request->port;
	srb->path_id = request->path;
	srb->target_id = request->target;
	srb->lun = request->lun;
	srb->cdb_length = min_t(u8, request->cdb_bytes, VSTOR_CDB_BYTES);
	memcpy(srb->cdb, request->cdb, srb->cdb_length);
	srb->sense_info_length = request->sense_bytes;
	srb->data_in = request->direction;
	srb->data_transfer_length = cpu_to_le32(request->data_bytes);
	if (request->srb_bytes < VSTOR_SRB_BYTES)
		return;

	if (request->direction == VSTOR_DATA_IN)
		flags |= VSTOR_SRB_FLAG_DATA_IN;
	else if (request->direction == VSTOR_DATA_OUT)
		flags |= VSTOR_SRB_FLAG_DATA_OUT;
	if (request->tagged) {
		/* Without NO_QUEUE_FREEZE a host may stop the queue of a device after an error. */
		flags |= VSTOR_SRB_FLAG_QUEUE_ACTION_ENABLE | VSTOR_SRB_FLAG_NO_QUEUE_FREEZE;
		srb->queue_tag = VSTOR_QUEUE_TAG_UNTAGGED;
		srb->queue_action = VSTOR_QUEUE_ACTION_SIMPLE;
	}
	srb->srb_flags = cpu_to_le32(flags);
	srb->time_out_seconds = cpu_to_le32(STORVSC_SRB_TIME_OUT_SECONDS);
}

/* What a device says of a command it does not have, and of a page it does not have. */
static const u8 storvsc_unknown_command[STORVSC_OWN_SENSE_BYTES] = { 0x70, [2] = 0x05, [7] = 10, [12] = 0x20 };
static const u8 storvsc_unknown_page[STORVSC_OWN_SENSE_BYTES] = { 0x70, [2] = 0x05, [7] = 10, [12] = 0x24 };

/*
 * The sense data that a host owes when it fails a command that only asks what there is: it has no other reason to fail
 * one. The mid-layer then asks another way or goes without; an error would be retried, and success would make zeros of
 * the answer. NULL for other commands.
 */
static const u8 *storvsc_refusal_sense(const u8 *cdb)
{
	switch (cdb[0]) {
	case STORVSC_OP_MODE_SENSE_6:
	case STORVSC_OP_MODE_SENSE_10:
	case STORVSC_OP_MAINTENANCE_IN:
		return storvsc_unknown_command;
	case STORVSC_OP_INQUIRY:
		/* Without this bit the question is whether there is a device at all. */
		return cdb[1] & STORVSC_INQUIRY_EVPD ? storvsc_unknown_page : NULL;
	}
	return NULL;
}

/**
 * storvsc_srb_refuse() - end a command that must not reach the host as its disk would if it did not know it
 * @result: receives the verdict
 *
 * The layers above then do without the command, where an error would be tried again.
 *
 * Context: any.
 */
void storvsc_srb_refuse(struct storvsc_srb_result *result)
{
	memset(result, 0, sizeof(*result));
	result->host = DID_OK;
	result->status = SAM_STAT_CHECK_CONDITION;
	result->sense = storvsc_unknown_command;
	result->sense_bytes = STORVSC_OWN_SENSE_BYTES;
	result->meaning = "not sent: this host mishandles it";
}

/* The sense key and codes of either sense format. */
struct storvsc_sense {
	u8 key;
	u8 asc;
	u8 ascq;
};

/*
 * Returns the number of valid sense bytes, 0 for none. Both marks are needed, and a format the mid-layer understands:
 * anything else would wake its error handler.
 */
static u8 storvsc_srb_sense(const struct vstor_srb *reply, struct storvsc_sense *sense)
{
	u8 bytes = min_t(u8, reply->sense_info_length, VSTOR_SENSE_BYTES);
	const u8 *s = reply->sense;

	if (reply->scsi_status != SAM_STAT_CHECK_CONDITION || !(reply->srb_status & VSTOR_SRB_STATUS_AUTOSENSE))
		return 0;
	if (bytes < 4 || (s[0] & 0x70) != 0x70)
		return 0;
	if (s[0] & 0x02) {
		/* descriptor format, 72h and 73h */
		sense->key = s[1] & 0x0f;
		sense->asc = s[2];
		sense->ascq = s[3];
	} else {
		sense->key = s[2] & 0x0f;
		sense->asc = bytes > 12 ? s[12] : 0;
		sense->ascq = bytes > 13 ? s[13] : 0;
	}
	return bytes;
}

/*
 * Capacity changed, or another change of parameters: hosts change the unmap granularity when a checkpoint is taken.
 * 3F/03 (inquiry data) and 3F/0E (logical units) are the mid-layer's own business.
 */
static bool storvsc_sense_asks_for_rescan(const struct storvsc_sense *sense)
{
	if (sense->key != 0x06 /* UNIT ATTENTION */)
		return false;
	if (sense->asc == 0x2a)
		return sense->ascq == 0x09;
	return sense->asc == 0x3f && sense->ascq != 0x03 && sense->ascq != 0x0e;
}

/* Statuses the mid-layer can deal with; CHECK CONDITION only together with sense data. */
static bool storvsc_status_is_known(u8 status)
{
	switch (status) {
	case SAM_STAT_GOOD:
	case SAM_STAT_CONDITION_MET:
	case SAM_STAT_BUSY:
	case SAM_STAT_INTERMEDIATE:
	case SAM_STAT_INTERMEDIATE_CONDITION_MET:
	case SAM_STAT_RESERVATION_CONFLICT:
	case SAM_STAT_TASK_SET_FULL:
	case SAM_STAT_ACA_ACTIVE:
	case SAM_STAT_TASK_ABORTED:
		return true;
	}
	return false;
}

static bool storvsc_status_is_refusal(u8 status)
{
	return status == SAM_STAT_BUSY || status == SAM_STAT_RESERVATION_CONFLICT ||
	       status == SAM_STAT_TASK_SET_FULL || status == SAM_STAT_TASK_ABORTED;
}

/**
 * storvsc_srb_judge() - what a completed SRB means for the SCSI mid-layer
 * @result: receives the verdict, all of it
 * @reply: private copy of the SRB the host sent; address bytes and CDB in it are undefined
 * @cdb: the command's own CDB, at least its first two bytes
 * @data_bytes: length of the command's data buffer
 * @fibre_channel: the controller is a Fibre Channel adapter
 *
 * Context: any.
 */
void storvsc_srb_judge(struct storvsc_srb_result *result, const struct vstor_srb *reply, const u8 *cdb,
		       u32 data_bytes, bool fibre_channel)
{
	u8 number = reply->srb_status & VSTOR_SRB_STATUS_CODE_MASK;
	const struct storvsc_srb_code *code = &storvsc_srb_codes[number];
	u32 moved = min_t(u32, le32_to_cpu(reply->data_transfer_length), data_bytes);
	struct storvsc_sense sense;
	u8 sense_bytes = storvsc_srb_sense(reply, &sense);
	u8 status = reply->scsi_status;
	u8 opcode = cdb[0];

	memset(result, 0, sizeof(*result));
	result->host = DID_ERROR;
	result->meaning = code->meaning ? code->meaning : "unknown request block status";

	if (sense_bytes && code->sense) {
		if (storvsc_sense_asks_for_rescan(&sense)) {
			result->host = DID_REQUEUE;
			result->rescan_device = true;
			result->meaning = "device changed";
			return;
		}
		result->host = DID_OK;
		result->status = status;
		result->sense = reply->sense;
		result->sense_bytes = sense_bytes;
		if (code->rule == STORVSC_RULE_SUCCESS || code->rule == STORVSC_RULE_OVERRUN)
			result->moved_bytes = moved;
		return;
	}

	switch (code->rule) {
	case STORVSC_RULE_SUCCESS:
		if (storvsc_status_is_known(status)) {
			result->host = DID_OK;
			result->status = status;
			result->moved_bytes = moved;
			return;
		}
		result->meaning = status == SAM_STAT_CHECK_CONDITION ? "check condition without sense data" :
								       "unknown SCSI status";
		break;
	case STORVSC_RULE_STATUS:
		if (storvsc_status_is_refusal(status)) {
			result->host = DID_OK;
			result->status = status;
			return;
		}
		/* Monitoring tools send ATA commands, which no virtual disk has: end them without a retry. */
		if (number != VSTOR_SRB_ABORTED &&
		    (opcode == STORVSC_OP_ATA_PASS_THROUGH_16 || opcode == STORVSC_OP_ATA_PASS_THROUGH_12)) {
			result->host = DID_PASSTHROUGH;
			return;
		}
		/* Hosts fail it this way while a device is being detected. */
		if (number != VSTOR_SRB_ABORTED && opcode == STORVSC_OP_TEST_UNIT_READY)
			return;
		if (number != VSTOR_SRB_ABORTED && storvsc_refusal_sense(cdb)) {
			result->host = DID_OK;
			result->status = SAM_STAT_CHECK_CONDITION;
			result->sense = storvsc_refusal_sense(cdb);
			result->sense_bytes = STORVSC_OWN_SENSE_BYTES;
			return;
		}
		break;
	case STORVSC_RULE_BUSY:
		result->host = DID_OK;
		result->status = SAM_STAT_BUSY;
		return;
	case STORVSC_RULE_RESET:
		result->host = DID_RESET;
		break;
	case STORVSC_RULE_REQUEUE:
		result->host = DID_REQUEUE;
		return;
	case STORVSC_RULE_GONE:
		result->host = DID_NO_CONNECT;
		result->check_device = code->check_device;
		return;
	case STORVSC_RULE_OVERRUN:
		/* Fibre Channel hosts flag it though the data, cut to the buffer, is good. */
		if (fibre_channel && status == SAM_STAT_GOOD &&
		    (opcode == STORVSC_OP_MAINTENANCE_IN || opcode == STORVSC_OP_PERSISTENT_RESERVE_IN)) {
			result->host = DID_OK;
			result->moved_bytes = moved;
			return;
		}
		break;
	case STORVSC_RULE_ERROR:
		break;
	}
	result->report = true;
}

/**
 * storvsc_srb_outcome() - what a command counts as
 * @result: the verdict on it
 *
 * Context: any.
 * Return: STORVSC_OUTCOME_GOOD when nothing is wrong.
 */
enum storvsc_outcome storvsc_srb_outcome(const struct storvsc_srb_result *result)
{
	if (result->rescan_device)
		return STORVSC_OUTCOME_CHANGED;
	switch (result->host) {
	case DID_OK:
		break;
	case DID_NO_CONNECT:
		return STORVSC_OUTCOME_GONE;
	case DID_PASSTHROUGH:
		return STORVSC_OUTCOME_REFUSED;
	case DID_RESET:
	case DID_REQUEUE:
		return STORVSC_OUTCOME_ABORTED;
	default:
		return STORVSC_OUTCOME_ERROR;
	}
	switch (result->status) {
	case SAM_STAT_CHECK_CONDITION:
		return STORVSC_OUTCOME_SENSE;
	case SAM_STAT_BUSY:
	case SAM_STAT_TASK_SET_FULL:
		return STORVSC_OUTCOME_BUSY;
	case SAM_STAT_RESERVATION_CONFLICT:
	case SAM_STAT_ACA_ACTIVE:
		return STORVSC_OUTCOME_CONFLICT;
	case SAM_STAT_TASK_ABORTED:
		return STORVSC_OUTCOME_ABORTED;
	}
	return STORVSC_OUTCOME_GOOD;
}
