// SPDX-License-Identifier: GPL-2.0
/*
 * Requests of a VSTOR session: what the guest's SRB has to look like, its buffer as host memory, the
 * command to the logical unit it is for, and the reply. A guest that breaks a rule is reported by the
 * rule's name. Knows no SCSI beyond what an SRB repeats from the CDB.
 */
#include "storvsp_internal.h"

#include <endian.h>
#include <errno.h>
#include <string.h>

#include "../hyperv/util.h"

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
static void storvsp_srb_result(struct storvsp_channel *c, uint8_t srb_status,
			       const struct scsi_command *command)
{
	struct vstor_srb *srb = &c->reply.srb;
	struct storvsp *s = c->storvsp;
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
	c->reply.status = htole32(storvsp_ntstatus(srb_status));
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
	case SCSI_OUTCOME_BUSY:
		return VSTOR_SRB_BUSY;
	case SCSI_OUTCOME_CONFLICT:
		return VSTOR_SRB_ERROR;
	case SCSI_OUTCOME_RESET:
		return VSTOR_SRB_BUS_RESET;
	case SCSI_OUTCOME_LOST:
		return VSTOR_SRB_TIMEOUT;
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

/*
 * The address a request is for. Guests do not set it well on IDE, where there is but one disk; a
 * guest's SCSI controller has one path and one target.
 */
static struct storvsp_lun *storvsp_address(struct storvsp *s, const struct vstor_srb *srb)
{
	if (retire_is_on(&s->retire))
		return NULL;
	if (s->params.kind == STORVSP_IDE)
		return srb->lun ? NULL : storvsp_lun(s, 0, 0);
	return srb->path_id ? NULL : storvsp_lun(s, srb->target_id, srb->lun);
}

static bool storvsp_lun_is_listed(struct storvsp *s, unsigned int target, unsigned int lun)
{
	struct scsi_unit *unit = storvsp_unit(s, target, lun);

	return unit && !scsi_faults_hide(scsi_unit_faults(unit));
}

static void storvsp_report_luns(struct storvsp *s, const struct vstor_srb *srb,
				struct scsi_command *command)
{
	unsigned int target = s->params.kind == STORVSP_IDE ? 0 : srb->target_id, lun, count = 0;
	bool here = !srb->path_id && !retire_is_on(&s->retire);
	uint8_t luns[STORVSP_MAX_LUNS];

	for (lun = 0; here && lun < storvsp_luns(s); lun++)
		if (storvsp_lun_is_listed(s, target, lun))
			luns[count++] = (uint8_t)lun;
	scsi_report_luns_execute(luns, count, command);
	s->report_luns++;
}

static void storvsp_scsi(struct storvsp *s, const struct vstor_srb *srb,
			 struct scsi_command *command)
{
	struct storvsp_lun *lun = storvsp_address(s, srb);

	if (s->params.kind == STORVSP_SCSI && (srb->path_id || srb->target_id) &&
	    !storvsp_is_probe(command->cdb[0]))
		hv_violation(s->server, "vstor-address",
			     "%s: operation code %02x for path %u target %u", s->params.name,
			     command->cdb[0], srb->path_id, srb->target_id);
	if (command->cdb[0] == SCSI_REPORT_LUNS) {
		storvsp_report_luns(s, srb, command);
		return;
	}
	if (command->cdb[0] == SCSI_INQUIRY)
		s->inquiries++;
	if (lun)
		scsi_nexus_execute(lun->nexus, command);
	/* An INQUIRY finds nothing there, as where nothing was ever plugged in. */
	if (!lun || (command->outcome == SCSI_OUTCOME_NO_LUN && command->cdb[0] == SCSI_INQUIRY))
		scsi_absent_lun_execute(srb->lun, command);
}

/* Changes the reply to the request at hand where the tester wants it. */
static void storvsp_apply_answer(struct storvsp_channel *c, const struct vstor_srb *srb)
{
	struct storvsp *s = c->storvsp;
	struct storvsp_answer *answer = &s->answer;

	if (!answer->remaining || srb->lun != answer->lun ||
	    (s->params.kind == STORVSP_FC && srb->target_id != answer->target) ||
	    (answer->opcode != STORVSP_ANY_OPCODE && srb->cdb[0] != answer->opcode))
		return;
	answer->remaining--;
	c->reply_copies = answer->copies;
	if (answer->srb_status > 0xff)
		return;
	c->reply.srb.srb_status = (uint8_t)answer->srb_status;
	c->reply.srb.scsi_status = answer->scsi_status;
	c->reply.status = htole32(storvsp_ntstatus((uint8_t)answer->srb_status));
	s->failures++;
}

void storvsp_execute_srb(struct storvsp_channel *c, const struct vmbus_pkt *pkt,
			 const struct vstor_packet *request)
{
	struct storvsp *s = c->storvsp;
	const struct vstor_srb *srb = &request->srb;
	struct scsi_command command = { 0 };
	int err;

	if (pkt->len != storvsp_packet_bytes(s))
		hv_violation(s->server, "vstor-packet-size", "%s: SRB packet of %u bytes, not %u",
			     s->params.name, pkt->len, storvsp_packet_bytes(s));
	storvsp_check_srb(s, srb);
	err = storvsp_map(s, pkt, srb, &command.data);
	if (err == -EPROTO) {
		storvsp_die(c);
		return;
	}
	s->requests++;
	s->sub_requests += c->index != 0;
	c->requests++;
	if (err) {
		storvsp_srb_result(c, VSTOR_SRB_INVALID_REQUEST, NULL);
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
	storvsp_srb_result(c, storvsp_srb_status(&command), &command);
	c->reply_latency_us = command.latency_us;
	if (command.outcome == SCSI_OUTCOME_LOST)
		c->reply_copies = 0;
	storvsp_apply_answer(c, srb);
}
