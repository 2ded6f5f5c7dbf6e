// SPDX-License-Identifier: GPL-2.0
/*
 * The VSTOR session of a SCSI controller: initialization order, SRBs in and out, notices of plugged
 * disks. Each packet is a private copy; a guest that breaks a rule is reported by the rule's name.
 * Where Hyper-V's own provider would stop listening for good, this one does too. Knows no SCSI
 * beyond what an SRB repeats from the CDB: that is scsi_disk.c.
 */
#include "storvsp.h"

#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <hyperv/vstor.h>

#include "../hyperv/util.h"
#include "retire.h"
#include "scsi_disk.h"

#define VSTOR_HEADER_BYTES 12
/* Policy: requests taken in one go before other devices get their turn. */
#define STORVSP_BATCH 64

/* Where the session stands. Closing the channel leads back to STORVSP_BEGIN from everywhere. */
enum storvsp_state {
	STORVSP_BEGIN, /* left by BEGIN_INITIALIZATION */
	STORVSP_QUERY_VERSION, /* left by a QUERY_PROTOCOL_VERSION that is accepted */
	STORVSP_QUERY_PROPERTIES, /* left by QUERY_PROPERTIES */
	STORVSP_END_INIT, /* left by END_INITIALIZATION */
	STORVSP_READY, /* SRBs are carried out */
	STORVSP_DEAD, /* entered on a fatal violation: nothing is read any more */
	STORVSP_STATES,
};

static const char *const storvsp_state_names[STORVSP_STATES] = {
	[STORVSP_BEGIN] = "begin",
	[STORVSP_QUERY_VERSION] = "query-version",
	[STORVSP_QUERY_PROPERTIES] = "query-properties",
	[STORVSP_END_INIT] = "end-init",
	[STORVSP_READY] = "ready",
	[STORVSP_DEAD] = "dead",
};

static const uint16_t storvsp_versions[] = {
	VSTOR_VERSION_2_0, VSTOR_VERSION_4_2, VSTOR_VERSION_5_1,
	VSTOR_VERSION_6_0, VSTOR_VERSION_6_2,
};

struct storvsp_lun {
	struct scsi_disk *disk;
	char group[32]; /* counter group */
};

struct storvsp {
	struct vmbus_server *server;
	struct storvsp_params params;
	struct storvsp_lun luns[STORVSP_MAX_LUNS];

	/* The session; chan is the open channel or NULL. */
	struct vmbus_chan *chan;
	enum storvsp_state state;
	uint16_t version;
	bool rescan_pending; /* ENUMERATE_BUS is owed to the guest */
	bool reply_pending; /* a reply that found no room in the ring */
	struct vstor_packet reply;
	uint32_t reply_bytes;
	uint64_t reply_xid;
	uint8_t reply_copies; /* what storvsp_answer made of it */

	bool reply_held; /* until hold_timer runs out; nothing is taken meanwhile */
	struct loop_timer *hold_timer;

	struct storvsp_answer answer; /* while something remains to be answered so */
	struct retire retire; /* while it is on, no logical unit answers */
	struct iovec *iov; /* pieces of the current request's buffer */
	int max_iov;

	uint64_t packets, requests, data_requests, bytes_in, bytes_out, failures, resets, inquiries,
		report_luns, rescans, held_replies, lost_replies, spoiled;
};

static uint32_t storvsp_packet_bytes(const struct storvsp *s)
{
	return s->version >= VSTOR_VERSION_5_1 ? VSTOR_PACKET_BYTES : VSTOR_PACKET_BYTES_OLD;
}

static void storvsp_die(struct storvsp *s)
{
	s->state = STORVSP_DEAD;
}

/* Return: false if the reply has to wait for room; no further packet may be taken then. */
static bool storvsp_reply(struct storvsp *s)
{
	int err = vmbus_complete(s->chan, s->reply_xid, &s->reply, s->reply_bytes);

	s->reply_pending = err == -EAGAIN;
	if (s->reply_pending)
		s->held_replies++;
	else if (err)
		storvsp_die(s);
	return !err;
}

/* NTSTATUS as Windows hosts derive it from the SRB's status code. */
static uint32_t storvsp_ntstatus(uint8_t srb_status)
{
	switch (srb_status & VSTOR_SRB_STATUS_CODE_MASK) {
	case VSTOR_SRB_SUCCESS:
		return VSTOR_STATUS_SUCCESS;
	case VSTOR_SRB_BUSY:
		return VSTOR_STATUS_DEVICE_BUSY;
	case VSTOR_SRB_INVALID_LUN:
	case VSTOR_SRB_INVALID_TARGET:
	case VSTOR_SRB_NO_DEVICE:
	case VSTOR_SRB_NO_HBA:
		return VSTOR_STATUS_DEVICE_DOES_NOT_EXIST;
	case VSTOR_SRB_TIMEOUT:
	case VSTOR_SRB_COMMAND_TIMEOUT:
		return VSTOR_STATUS_IO_TIMEOUT;
	case VSTOR_SRB_SELECTION_TIMEOUT:
		return VSTOR_STATUS_DEVICE_NOT_CONNECTED;
	case VSTOR_SRB_BAD_FUNCTION:
	case VSTOR_SRB_BAD_LENGTH:
		return VSTOR_STATUS_INVALID_DEVICE_REQUEST;
	case VSTOR_SRB_DATA_OVERRUN:
		return VSTOR_STATUS_BUFFER_OVERFLOW;
	case VSTOR_SRB_REQUEST_FLUSHED:
		return VSTOR_STATUS_UNSUCCESSFUL;
	case VSTOR_SRB_ABORTED:
		return VSTOR_STATUS_CANCELLED;
	default:
		return VSTOR_STATUS_IO_DEVICE_ERROR;
	}
}

/* Fills the SRB of the reply; @command may be NULL when nothing got as far as SCSI. */
static void storvsp_srb_result(struct storvsp *s, uint8_t srb_status,
			       const struct scsi_command *command)
{
	struct vstor_srb *srb = &s->reply.srb;
	bool old = s->version < VSTOR_VERSION_5_1;

	srb->length = htole16(old ? VSTOR_SRB_BYTES_OLD : VSTOR_SRB_BYTES);
	srb->srb_status = srb_status;
	srb->cdb_length = VSTOR_CDB_BYTES;
	srb->sense_info_length = old ? VSTOR_SENSE_BYTES_OLD : VSTOR_SENSE_BYTES;
	if (command) {
		srb->scsi_status = (uint8_t)command->status;
		srb->data_transfer_length = htole32(command->transferred);
		if (srb_status & VSTOR_SRB_STATUS_AUTOSENSE)
			memcpy(srb->sense, command->sense, SCSI_SENSE_BYTES);
	}
	s->reply.status = htole32(storvsp_ntstatus(srb_status));
	if (srb_status != VSTOR_SRB_SUCCESS)
		s->failures++;
}

static uint8_t storvsp_srb_status(const struct scsi_command *command)
{
	switch (command->outcome) {
	case SCSI_OUTCOME_DONE:
		return VSTOR_SRB_SUCCESS;
	case SCSI_OUTCOME_REJECTED:
		return VSTOR_SRB_INVALID_REQUEST | VSTOR_SRB_STATUS_AUTOSENSE;
	case SCSI_OUTCOME_OVERRUN:
		return VSTOR_SRB_DATA_OVERRUN | VSTOR_SRB_STATUS_AUTOSENSE;
	case SCSI_OUTCOME_NO_LUN:
		return VSTOR_SRB_INVALID_LUN;
	case SCSI_OUTCOME_FAILED:
	default:
		return VSTOR_SRB_ERROR | VSTOR_SRB_STATUS_AUTOSENSE;
	}
}

/* Rules that cost the guest a report but not the request. */
static void storvsp_check_srb(struct storvsp *s, const struct vstor_srb *srb)
{
	bool old = s->version < VSTOR_VERSION_5_1;
	unsigned int length = old ? VSTOR_SRB_BYTES_OLD : VSTOR_SRB_BYTES;
	unsigned int sense = old ? VSTOR_SENSE_BYTES_OLD : VSTOR_SENSE_BYTES;
	unsigned int group = scsi_cdb_bytes(srb->cdb[0]);
	uint32_t bytes = le32toh(srb->data_transfer_length);
	uint32_t flags = old ? 0 : le32toh(srb->srb_flags);
	enum scsi_direction direction;
	bool in, out;

	if (le16toh(srb->length) != length)
		hv_violation(s->server, "vstor-srb-length", "%s: SRB length %u, not %u",
			     s->params.name, le16toh(srb->length), length);
	if (srb->sense_info_length != sense)
		hv_violation(s->server, "vstor-sense-length", "%s: sense length %u, not %u",
			     s->params.name, srb->sense_info_length, sense);
	if (srb->cdb_length < 6 || srb->cdb_length > VSTOR_CDB_BYTES ||
	    (group && srb->cdb_length != group))
		hv_violation(s->server, "vstor-cdb-length",
			     "%s: CDB length %u for operation code %02x", s->params.name,
			     srb->cdb_length, srb->cdb[0]);
	if (srb->srb_status || srb->scsi_status || srb->reserved0 || (!old && srb->reserved1))
		hv_violation(s->server, "vstor-reserved",
			     "%s: SRB status or reserved bytes not zero", s->params.name);

	in = srb->data_in == VSTOR_DATA_IN;
	out = srb->data_in == VSTOR_DATA_OUT;
	if (srb->data_in > VSTOR_DATA_NONE || ((flags & VSTOR_SRB_FLAG_DATA_IN) && !in) ||
	    ((flags & VSTOR_SRB_FLAG_DATA_OUT) && !out) || (bytes && !in && !out))
		hv_violation(s->server, "vstor-direction", "%s: direction %u, flags %#x, %u bytes",
			     s->params.name, srb->data_in, flags, bytes);
	else if (bytes && scsi_cdb_direction(srb->cdb, &direction) &&
		 ((direction == SCSI_DIRECTION_FROM_DEVICE && out) ||
		  (direction == SCSI_DIRECTION_TO_DEVICE && in)))
		hv_violation(s->server, "vstor-direction",
			     "%s: operation code %02x with direction %u", s->params.name,
			     srb->cdb[0], srb->data_in);
}

/*
 * Reading the same frame twice in one buffer loses data: a page list that has run over a boundary
 * looks like this.
 */
static void storvsp_check_frames(struct storvsp *s, const struct gpa_range *range)
{
	uint32_t i;

	for (i = 1; i < range->nr_pfns; i++) {
		if (range->pfns[i] != range->pfns[i - 1])
			continue;
		hv_violation(s->server, "vstor-frame-twice",
			     "%s: frame %#llx twice in one read buffer", s->params.name,
			     (unsigned long long)range->pfns[i]);
		return;
	}
}

/*
 * The request's buffer as host memory. Return: 0 with @sg filled; -EPROTO the packet kills the
 * session; -EFAULT the SRB fails (both reported).
 */
static int storvsp_map(struct storvsp *s, const struct vmbus_pkt *pkt, const struct vstor_srb *srb,
		       struct sg *sg)
{
	uint32_t bytes = le32toh(srb->data_transfer_length);
	const struct gpa_range *range = pkt->ranges;
	int pieces;

	sg_init(sg, s->iov, 0);
	if (pkt->type != VMBUS_PACKET_GPA_DIRECT) {
		if (!bytes)
			return 0;
		hv_violation(s->server, "vstor-no-buffer",
			     "%s: %u bytes announced without a buffer", s->params.name, bytes);
		return -EPROTO;
	}
	if (pkt->nr_ranges != 1) {
		hv_violation(s->server, "vstor-range-count", "%s: %u ranges, not 1", s->params.name,
			     pkt->nr_ranges);
		return -EPROTO;
	}
	if (range->len < bytes) {
		hv_violation(s->server, "vstor-byte-count",
			     "%s: range of %u bytes for a transfer of %u", s->params.name,
			     range->len, bytes);
		return -EPROTO;
	}
	if (range->len != bytes)
		hv_violation(s->server, "vstor-byte-count",
			     "%s: range of %u bytes for a transfer of %u", s->params.name,
			     range->len, bytes);
	if (bytes > s->params.max_transfer_bytes) {
		hv_violation(s->server, "vstor-transfer-size", "%s: transfer of %u bytes, limit %u",
			     s->params.name, bytes, s->params.max_transfer_bytes);
		return -EFAULT;
	}
	if (srb->data_in == VSTOR_DATA_IN)
		storvsp_check_frames(s, range);
	pieces = gpa_range_iov(vmbus_server_mem(s->server), range, 0, bytes, s->iov, s->max_iov);
	if (pieces < 0) {
		hv_violation(s->server, "vstor-frame-outside-ram",
			     "%s: buffer outside guest memory", s->params.name);
		return -EFAULT;
	}
	sg_init(sg, s->iov, (unsigned int)pieces);
	return 0;
}

/* Commands a guest may send anywhere to find out what is there. */
static bool storvsp_is_probe(uint8_t opcode)
{
	return opcode == SCSI_INQUIRY || opcode == SCSI_REPORT_LUNS ||
	       opcode == SCSI_TEST_UNIT_READY;
}

static void storvsp_scsi(struct storvsp *s, const struct vstor_srb *srb,
			 struct scsi_command *command)
{
	bool here = !srb->path_id && !srb->target_id && !retire_is_on(&s->retire);
	struct scsi_disk *disk = here && srb->lun < STORVSP_MAX_LUNS ? s->luns[srb->lun].disk
								     : NULL;
	uint8_t luns[STORVSP_MAX_LUNS];
	unsigned int i, count = 0;

	if ((srb->path_id || srb->target_id) && !storvsp_is_probe(command->cdb[0]))
		hv_violation(s->server, "vstor-address",
			     "%s: operation code %02x for path %u target %u", s->params.name,
			     command->cdb[0], srb->path_id, srb->target_id);
	if (command->cdb[0] == SCSI_REPORT_LUNS) {
		for (i = 0; here && i < STORVSP_MAX_LUNS; i++)
			if (s->luns[i].disk)
				luns[count++] = (uint8_t)i;
		scsi_report_luns_execute(luns, count, command);
		s->report_luns++;
		return;
	}
	if (command->cdb[0] == SCSI_INQUIRY)
		s->inquiries++;
	if (disk)
		scsi_disk_execute(disk, command);
	else
		scsi_absent_lun_execute(srb->lun, command);
}

/* Changes the reply to the request at hand where the tester wants it. */
static void storvsp_apply_answer(struct storvsp *s, const struct vstor_srb *srb)
{
	struct storvsp_answer *answer = &s->answer;

	if (!answer->remaining || srb->lun != answer->lun ||
	    (answer->opcode != STORVSP_ANY_OPCODE && srb->cdb[0] != answer->opcode))
		return;
	answer->remaining--;
	s->reply_copies = answer->copies;
	if (answer->srb_status > 0xff)
		return;
	s->reply.srb.srb_status = (uint8_t)answer->srb_status;
	s->reply.srb.scsi_status = answer->scsi_status;
	s->reply.status = htole32(storvsp_ntstatus((uint8_t)answer->srb_status));
	s->failures++;
}

static void storvsp_execute_srb(struct storvsp *s, const struct vmbus_pkt *pkt,
				const struct vstor_packet *request)
{
	const struct vstor_srb *srb = &request->srb;
	struct scsi_command command = { 0 };
	int err;

	if (pkt->len != storvsp_packet_bytes(s))
		hv_violation(s->server, "vstor-packet-size", "%s: SRB packet of %u bytes, not %u",
			     s->params.name, pkt->len, storvsp_packet_bytes(s));
	storvsp_check_srb(s, srb);
	err = storvsp_map(s, pkt, srb, &command.data);
	if (err == -EPROTO) {
		storvsp_die(s);
		return;
	}
	s->requests++;
	if (err) {
		storvsp_srb_result(s, VSTOR_SRB_INVALID_REQUEST, NULL);
		return;
	}
	memcpy(command.cdb, srb->cdb, sizeof(command.cdb));
	if (srb->cdb_length < sizeof(command.cdb))
		memset(command.cdb + srb->cdb_length, 0, sizeof(command.cdb) - srb->cdb_length);
	command.may_write_data = srb->data_in != VSTOR_DATA_OUT;
	storvsp_scsi(s, srb, &command);
	if (command.data.bytes) {
		s->data_requests++;
		if (srb->data_in == VSTOR_DATA_OUT)
			s->bytes_out += command.transferred;
		else
			s->bytes_in += command.transferred;
	}
	storvsp_srb_result(s, storvsp_srb_status(&command), &command);
	storvsp_apply_answer(s, srb);
}

static bool storvsp_version_is_known(const struct storvsp *s, uint16_t version)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(storvsp_versions); i++)
		if (storvsp_versions[i] == version)
			return version <= s->params.max_version;
	return false;
}

static void storvsp_query_version(struct storvsp *s, const struct vstor_packet *request)
{
	uint16_t version = le16toh(request->version.major_minor);

	s->reply.version.major_minor = request->version.major_minor;
	if (!storvsp_version_is_known(s, version)) {
		s->reply.status = htole32(VSTOR_STATUS_REVISION_MISMATCH);
		return;
	}
	s->version = version;
	s->state = STORVSP_QUERY_PROPERTIES;
	hv_trace("%s: VSTOR version %u.%u", s->params.name, version >> 8, version & 0xff);
}

static void storvsp_query_properties(struct storvsp *s)
{
	struct vstor_properties *properties = &s->reply.properties;

	/* No sub-channels: neither their number nor the multi-channel flag is set. */
	properties->max_transfer_bytes = htole32(s->params.max_transfer_bytes);
	s->state = STORVSP_END_INIT;
}

/* No sub-channel is on offer, so any number asked for is more than the maximum of 0. */
static void storvsp_create_sub_channels(struct storvsp *s, const struct vstor_packet *request)
{
	hv_violation(s->server, "vstor-sub-channels",
		     "%s: %u sub-channels asked for, at most 0 announced", s->params.name,
		     le16toh(request->sub_channel_count));
	s->reply.status = htole32(VSTOR_STATUS_INVALID_PARAMETER);
}

/*
 * Operations by state: those known to the protocol but not legal now are answered, those unknown
 * are fatal.
 */
static bool storvsp_operation_is_legal(const struct storvsp *s, uint32_t operation)
{
	switch (operation) {
	case VSTOR_OP_BEGIN_INITIALIZATION:
		return s->state == STORVSP_BEGIN;
	case VSTOR_OP_QUERY_PROTOCOL_VERSION:
		return s->state == STORVSP_QUERY_VERSION;
	case VSTOR_OP_QUERY_PROPERTIES:
		return s->state == STORVSP_QUERY_PROPERTIES;
	case VSTOR_OP_CREATE_SUB_CHANNELS:
		return s->version >= VSTOR_VERSION_5_1 &&
		       (s->state == STORVSP_END_INIT || s->state == STORVSP_READY);
	case VSTOR_OP_END_INITIALIZATION:
		return s->state == STORVSP_END_INIT;
	case VSTOR_OP_EXECUTE_SRB:
	case VSTOR_OP_RESET_LUN:
	case VSTOR_OP_RESET_ADAPTER:
	case VSTOR_OP_RESET_BUS:
		return s->state == STORVSP_READY;
	default:
		return false;
	}
}

static bool storvsp_operation_is_known(uint32_t operation)
{
	return operation >= VSTOR_OP_EXECUTE_SRB && operation <= VSTOR_OP_CREATE_SUB_CHANNELS &&
	       operation != VSTOR_OP_ENUMERATE_BUS && operation != VSTOR_OP_FCHBA_DATA;
}

/*
 * Spoils a step of the initialization where the tester wants it. Return: whether the step is not to
 * be carried out.
 */
static bool storvsp_spoil_step(struct storvsp *s, uint32_t operation)
{
	struct storvsp_init_fault *fault = &s->params.init_fault;

	if (!fault->remaining || operation != fault->operation)
		return false;
	fault->remaining--;
	s->spoiled++;
	s->reply_held = fault->delay_ms;
	s->reply.status = htole32(fault->status);
	return fault->status;
}

/* Fills s->reply but for its transaction id, or moves the session to STORVSP_DEAD. */
static void storvsp_dispatch(struct storvsp *s, const struct vmbus_pkt *pkt,
			     const struct vstor_packet *request)
{
	uint32_t operation = le32toh(request->operation);

	if (!storvsp_operation_is_known(operation)) {
		hv_violation(s->server, "vstor-operation", "%s: unknown operation %u",
			     s->params.name, operation);
		storvsp_die(s);
		return;
	}
	if (!storvsp_operation_is_legal(s, operation)) {
		hv_violation(s->server, "vstor-state", "%s: operation %u in state %s",
			     s->params.name, operation, storvsp_state_name(s));
		s->reply.status = htole32(VSTOR_STATUS_INVALID_DEVICE_STATE);
		return;
	}
	if (storvsp_spoil_step(s, operation))
		return;
	switch (operation) {
	case VSTOR_OP_BEGIN_INITIALIZATION:
		s->state = STORVSP_QUERY_VERSION;
		break;
	case VSTOR_OP_QUERY_PROTOCOL_VERSION:
		storvsp_query_version(s, request);
		break;
	case VSTOR_OP_QUERY_PROPERTIES:
		storvsp_query_properties(s);
		break;
	case VSTOR_OP_CREATE_SUB_CHANNELS:
		storvsp_create_sub_channels(s, request);
		break;
	case VSTOR_OP_END_INITIALIZATION:
		/* The guest scans now anyway. */
		s->rescan_pending = false;
		s->state = STORVSP_READY;
		break;
	case VSTOR_OP_EXECUTE_SRB:
		storvsp_execute_srb(s, pkt, request);
		break;
	default:
		/*
		 * Resets succeed and change nothing: outstanding requests still end by themselves.
		 */
		s->resets++;
		break;
	}
}

/* Return: false if no further packet may be taken now. */
static bool storvsp_packet(struct storvsp *s, const struct vmbus_pkt *pkt)
{
	struct vstor_packet request = { 0 };
	uint32_t bytes = pkt->len < sizeof(request) ? pkt->len : sizeof(request);

	if (pkt->type == VMBUS_PACKET_COMPLETION || !pkt->wants_completion) {
		hv_violation(s->server, "vstor-no-completion",
			     "%s: packet of type %u without completion request", s->params.name,
			     pkt->type);
		storvsp_die(s);
		return false;
	}
	if (pkt->len < VSTOR_HEADER_BYTES) {
		hv_violation(s->server, "vstor-packet-size", "%s: packet of %u bytes",
			     s->params.name, pkt->len);
		storvsp_die(s);
		return false;
	}
	if (pkt->len != VSTOR_PACKET_BYTES && pkt->len != VSTOR_PACKET_BYTES_OLD)
		hv_violation(s->server, "vstor-packet-size", "%s: packet of %u bytes",
			     s->params.name, pkt->len);
	memcpy(&request, pkt->payload, bytes);
	if (!pkt->xid)
		hv_violation(s->server, "vstor-id-zero", "%s: request with transaction id 0",
			     s->params.name);
	if (le32toh(request.flags) != VSTOR_FLAG_COMPLETION)
		hv_violation(s->server, "vstor-flags", "%s: packet flags %#x, not 1",
			     s->params.name, le32toh(request.flags));
	if (request.status)
		hv_violation(s->server, "vstor-reserved", "%s: request with status %#x",
			     s->params.name, le32toh(request.status));

	memset(&s->reply, 0, sizeof(s->reply));
	s->reply.operation = htole32(VSTOR_OP_COMPLETE_IO);
	s->reply_xid = pkt->xid;
	s->reply_copies = 1;
	/* As long as the request: the least a guest accepts is what it sent. */
	s->reply_bytes = bytes;
	storvsp_dispatch(s, pkt, &request);
	if (s->reply_held) {
		loop_timer_arm(s->hold_timer,
			       loop_now_ns() + s->params.init_fault.delay_ms * 1000000ull);
		return false;
	}
	if (!s->reply_copies)
		s->lost_replies++;
	/* A copy too many may find no room: then it is not sent, which is as good. */
	while (s->state != STORVSP_DEAD && s->reply_copies > 1) {
		s->reply_copies--;
		vmbus_complete(s->chan, s->reply_xid, &s->reply, s->reply_bytes);
	}
	return s->state != STORVSP_DEAD && (!s->reply_copies || storvsp_reply(s));
}

static void storvsp_send_rescan(struct storvsp *s)
{
	struct vstor_packet notice = { .operation = htole32(VSTOR_OP_ENUMERATE_BUS) };

	if (!s->rescan_pending || s->state != STORVSP_READY || s->version < VSTOR_VERSION_4_2)
		return;
	if (vmbus_send_inband(s->chan, 0, 0, &notice, storvsp_packet_bytes(s)))
		return;
	s->rescan_pending = false;
	s->rescans++;
}

static void storvsp_work(struct vmbus_chan *chan, void *dev)
{
	struct storvsp *s = dev;
	unsigned int taken = 0;
	struct vmbus_pkt pkt;

	if (s->state == STORVSP_DEAD || s->reply_held)
		return;
	if (s->reply_pending && !storvsp_reply(s))
		return;
	while (taken++ < STORVSP_BATCH) {
		if (vmbus_recv(chan, &pkt) <= 0)
			break;
		s->packets++;
		if (!storvsp_packet(s, &pkt))
			return;
	}
	storvsp_send_rescan(s);
	if (taken > STORVSP_BATCH)
		vmbus_kick(chan);
}

static void storvsp_hold_ends(void *opaque)
{
	struct storvsp *s = opaque;

	s->reply_held = false;
	storvsp_reply(s);
	vmbus_flush(s->chan);
	vmbus_kick(s->chan);
}

static void storvsp_stop_holding(struct storvsp *s)
{
	loop_timer_cancel(s->hold_timer);
	s->reply_held = false;
}

static uint32_t storvsp_open(struct vmbus_chan *chan, void *dev, const uint8_t user[120])
{
	struct storvsp *s = dev;

	(void)user;
	s->chan = chan;
	s->state = STORVSP_BEGIN;
	s->version = 0;
	s->reply_pending = false;
	s->rescan_pending = false;
	return HV_STATUS_OK;
}

static void storvsp_close(struct vmbus_chan *chan, void *dev)
{
	struct storvsp *s = dev;

	(void)chan;
	retire_cancel(&s->retire);
	storvsp_stop_holding(s);
	s->chan = NULL;
	s->state = STORVSP_BEGIN;
	s->version = 0;
	s->reply_pending = false;
}

static const struct vmbus_dev_ops storvsp_ops = {
	.open = storvsp_open,
	.close = storvsp_close,
	.work = storvsp_work,
};

static const struct hyperv_guid storvsp_class = HYPERV_GUID_INIT(
	0xba6163d9, 0x04a1, 0x4d29, 0xb6, 0x05, 0x72, 0xe2, 0xff, 0xb1, 0xdc, 0x7f);
/* The instance that cloud udev rules know as the first data disk controller. */
static const struct hyperv_guid storvsp_instance = HYPERV_GUID_INIT(
	0xf8b3781a, 0x1e82, 0x4818, 0xa1, 0xc3, 0x63, 0xd8, 0x06, 0xec, 0x15, 0xbb);

static void storvsp_count_disk(struct storvsp *s, uint8_t lun)
{
	const struct scsi_disk_stats *stats = scsi_disk_stats(s->luns[lun].disk);
	const struct hv_counter counters[] = {
		{ "reads", &stats->reads },	{ "read_bytes", &stats->read_bytes },
		{ "writes", &stats->writes },	{ "write_bytes", &stats->write_bytes },
		{ "flushes", &stats->flushes }, { "unmaps", &stats->unmaps },
		{ "write_sames", &stats->write_sames }, { "errors", &stats->errors },
	};

	snprintf(s->luns[lun].group, sizeof(s->luns[lun].group), "%s.lun%u", s->params.name, lun);
	hv_counters_add(s->server, s->luns[lun].group, counters, ARRAY_SIZE(counters));
}

struct storvsp *storvsp_new(struct vmbus_server *server, const struct storvsp_params *params)
{
	struct vmbus_offer_params offer = {
		.name = params->name,
		.class_guid = storvsp_class,
		.instance_guid = storvsp_instance,
	};
	struct storvsp *s = xcalloc(1, sizeof(*s));
	const struct hv_counter counters[] = {
		{ "requests", &s->requests },	{ "data_requests", &s->data_requests },
		{ "bytes_in", &s->bytes_in },	{ "bytes_out", &s->bytes_out },
		{ "failures", &s->failures },	{ "resets", &s->resets },
		{ "inquiries", &s->inquiries }, { "report_luns", &s->report_luns },
		{ "rescans", &s->rescans },	{ "held_replies", &s->held_replies },
		{ "lost_replies", &s->lost_replies }, { "spoiled", &s->spoiled },
	};

	s->server = server;
	s->params = *params;
	s->max_iov = (int)(params->max_transfer_bytes / GUEST_PAGE_SIZE) + 1;
	s->iov = xcalloc((size_t)s->max_iov, sizeof(*s->iov));
	retire_init(&s->retire, vmbus_server_loop(server), &s->packets);
	s->hold_timer = loop_timer_new(vmbus_server_loop(server), storvsp_hold_ends, s);
	hv_counters_add(server, params->name, counters, ARRAY_SIZE(counters));
	if (!vmbus_offer(server, &offer, &storvsp_ops, s)) {
		storvsp_free(s);
		return NULL;
	}
	return s;
}

void storvsp_free(struct storvsp *s)
{
	unsigned int lun;

	if (!s)
		return;
	for (lun = 0; lun < STORVSP_MAX_LUNS; lun++)
		storvsp_detach(s, (uint8_t)lun);
	hv_counters_remove(s->server, s->params.name);
	retire_free(&s->retire);
	loop_timer_free(s->hold_timer);
	free(s->iov);
	free(s);
}

void storvsp_set_answer(struct storvsp *s, const struct storvsp_answer *answer)
{
	s->answer = *answer;
}

static void storvsp_owe_rescan(struct storvsp *s)
{
	if (!s->chan)
		return;
	s->rescan_pending = true;
	vmbus_kick(s->chan);
}

int storvsp_attach(struct storvsp *s, uint8_t lun, struct scsi_disk *disk)
{
	if (s->luns[lun].disk)
		return -EBUSY;
	s->luns[lun].disk = disk;
	storvsp_count_disk(s, lun);
	storvsp_owe_rescan(s);
	return 0;
}

int storvsp_detach(struct storvsp *s, uint8_t lun)
{
	struct scsi_disk *disk = s->luns[lun].disk;

	if (!disk)
		return -ENOENT;
	hv_counters_remove(s->server, s->luns[lun].group);
	s->luns[lun].disk = NULL;
	scsi_disk_close(disk);
	storvsp_owe_rescan(s);
	return 0;
}

int storvsp_retire(struct storvsp *s)
{
	if (!s->chan)
		return -ENOTCONN;
	retire_start(&s->retire, s->chan);
	storvsp_owe_rescan(s);
	return 0;
}

struct scsi_disk *storvsp_disk(struct storvsp *s, uint8_t lun)
{
	return s->luns[lun].disk;
}

uint16_t storvsp_version(const struct storvsp *s)
{
	return s->version;
}

const char *storvsp_state_name(const struct storvsp *s)
{
	return s->chan ? storvsp_state_names[s->state] : "closed";
}
