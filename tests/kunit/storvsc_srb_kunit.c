// SPDX-License-Identifier: GPL-2.0
/*
 * SCSI commands to SRBs and SRB results to SCSI results. The packets expected are written out by hand from the
 * description of the protocol; the results are what the SCSI mid-layer needs to do the right thing: nothing that failed
 * may look like success, nothing may wake its error handler, sense data is passed on whole.
 */
#include <kunit/test.h>
#include <linux/module.h>
#include <linux/string.h>
#include "../../storvsc/srb.c"

/* ---- requests */

struct build_case {
	const char *name;
	struct storvsc_srb_request request;
	u8 bytes[64];
};

#define CDB(...)	((const u8[VSTOR_CDB_BYTES]){ __VA_ARGS__ })

static const struct build_case build_cases[] = {
	{
		.name = "read_10",
		.request = {
			.cdb = CDB(0x28, 0, 0, 0, 0x12, 0x34, 0, 0, 8, 0), .cdb_bytes = 10,
			.port = 3, .lun = 7, .direction = VSTOR_DATA_IN, .tagged = true,
			.srb_bytes = 52, .sense_bytes = 20, .data_bytes = 0x1000,
		},
		.bytes = {
			3, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0,
			52, 0, 0, 0, 3, 0, 0, 7, 10, 20, 1, 0, 0x00, 0x10, 0, 0,
			0x28, 0, 0, 0, 0x12, 0x34, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
			0, 0, 0xff, 0x20, 0x4a, 0x01, 0, 0, 60, 0, 0, 0, 0, 0, 0, 0,
		},
	},
	{
		.name = "write_16_untagged_with_address",
		.request = {
			.cdb = CDB(0x8a, 0, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 16, 0, 0), .cdb_bytes = 16,
			.path = 1, .target = 2, .lun = 255, .direction = VSTOR_DATA_OUT,
			.srb_bytes = 52, .sense_bytes = 20, .data_bytes = 0x2000,
		},
		.bytes = {
			3, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0,
			52, 0, 0, 0, 0, 1, 2, 255, 16, 20, 0, 0, 0x00, 0x20, 0, 0,
			0x8a, 0, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 16, 0, 0, 0, 0, 0, 0,
			0, 0, 0, 0, 0x88, 0, 0, 0, 60, 0, 0, 0, 0, 0, 0, 0,
		},
	},
	{
		.name = "no_data",
		.request = {
			.cdb = CDB(0x00), .cdb_bytes = 6, .direction = VSTOR_DATA_NONE,
			.srb_bytes = 52, .sense_bytes = 20,
		},
		.bytes = {
			3, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0,
			52, 0, 0, 0, 0, 0, 0, 0, 6, 20, 2, 0, 0, 0, 0, 0,
			0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
			0, 0, 0, 0, 0x08, 0, 0, 0, 60, 0, 0, 0, 0, 0, 0, 0,
		},
	},
	{
		.name = "old_host_gets_the_short_block",
		.request = {
			.cdb = CDB(0x12, 0, 0, 0, 36), .cdb_bytes = 6, .direction = VSTOR_DATA_IN, .tagged = true,
			.srb_bytes = 36, .sense_bytes = 18, .data_bytes = 36,
		},
		.bytes = {
			3, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0,
			36, 0, 0, 0, 0, 0, 0, 0, 6, 18, 1, 0, 36, 0, 0, 0,
			0x12, 0, 0, 0, 36,
		},
	},
};

static void build_case_desc(const struct build_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(build, build_cases, build_case_desc);

static void packet_has_exactly_these_bytes(struct kunit *test)
{
	const struct build_case *c = test->param_value;
	struct vstor_packet packet;
	unsigned int i;

	memset(&packet, 0xa5, sizeof(packet));
	storvsc_srb_build(&packet, &c->request);
	for (i = 0; i < sizeof(c->bytes); i++)
		if (((const u8 *)&packet)[i] != c->bytes[i])
			KUNIT_FAIL(test, "byte %u is %#x, not %#x", i, ((const u8 *)&packet)[i], c->bytes[i]);
}

static void old_hosts_are_spared_what_they_mishandle(struct kunit *test)
{
	KUNIT_EXPECT_TRUE(test, storvsc_srb_is_refused(VSTOR_VERSION_2_0, 0x41));
	KUNIT_EXPECT_TRUE(test, storvsc_srb_is_refused(VSTOR_VERSION_5_1, 0x41));
	KUNIT_EXPECT_TRUE(test, storvsc_srb_is_refused(VSTOR_VERSION_5_1, 0x24));
	KUNIT_EXPECT_FALSE(test, storvsc_srb_is_refused(VSTOR_VERSION_6_0, 0x41));
	KUNIT_EXPECT_FALSE(test, storvsc_srb_is_refused(VSTOR_VERSION_6_2, 0x24));
	KUNIT_EXPECT_FALSE(test, storvsc_srb_is_refused(VSTOR_VERSION_5_1, 0x28));
}

/* ---- results */

enum {
	NONE	= 0,
	RESCAN	= 1,
	CHECK	= 2,
	REPORT	= 4,
};

struct judge_case {
	const char *name;
	u8 srb;				/* whole byte, flags included */
	u8 scsi;
	u8 sense_length;
	u8 sense[14];
	u32 moved;			/* as the host says */
	u16 opcode;			/* and in its upper half the second byte of the CDB */
	bool fibre_channel;
	u8 host;
	u8 status;
	u8 sense_bytes;
	u32 moved_bytes;
	unsigned int actions;
};

#define SENSE(key, asc, ascq)	20, { 0x70, 0, (key), 0, 0, 0, 0, 10, 0, 0, 0, 0, (asc), (ascq) }
#define DESCRIPTOR(key, asc, ascq) 20, { 0x72, (key), (asc), (ascq) }
#define SENSE_NOTHING		20, { 0 }
#define DATA_BYTES		4096u

static const struct judge_case judge_cases[] = {
	/* success */
	{ "success", 0x01, 0x00, SENSE_NOTHING, 4096, 0x28, false, DID_OK, 0, 0, 4096, NONE },
	{ "success_short", 0x01, 0x00, SENSE_NOTHING, 512, 0x28, false, DID_OK, 0, 0, 512, NONE },
	{ "success_of_nothing", 0x01, 0x00, SENSE_NOTHING, 0, 0x35, false, DID_OK, 0, 0, 0, NONE },
	{ "success_claims_more_than_the_buffer", 0x01, 0x00, SENSE_NOTHING, 0xffffffff, 0x93, false, DID_OK, 0, 0, 4096, NONE },
	{ "success_frozen_flag_means_nothing", 0x41, 0x00, SENSE_NOTHING, 4096, 0x28, false, DID_OK, 0, 0, 4096, NONE },
	{ "success_sense_flag_without_check_condition", 0x81, 0x00, SENSE(3, 0x11, 0), 4096, 0x28, false, DID_OK, 0, 0, 4096,
	  NONE },
	{ "success_busy", 0x01, 0x08, SENSE_NOTHING, 0, 0x28, false, DID_OK, 0x08, 0, 0, NONE },
	{ "success_task_set_full", 0x01, 0x28, SENSE_NOTHING, 0, 0x28, false, DID_OK, 0x28, 0, 0, NONE },
	{ "success_reservation_conflict", 0x01, 0x18, SENSE_NOTHING, 0, 0x28, false, DID_OK, 0x18, 0, 0, NONE },
	{ "success_with_sense", 0x81, 0x02, SENSE(1, 0x17, 1), 4096, 0x28, false, DID_OK, 0x02, 20, 4096, NONE },
	{ "success_check_condition_without_sense", 0x01, 0x02, SENSE_NOTHING, 0, 0x28, false, DID_ERROR, 0, 0, 0, REPORT },
	{ "success_unknown_scsi_status", 0x01, 0x7f, SENSE_NOTHING, 0, 0x28, false, DID_ERROR, 0, 0, 0, REPORT },
	{ "success_command_terminated", 0x01, 0x22, SENSE_NOTHING, 0, 0x28, false, DID_ERROR, 0, 0, 0, REPORT },
	/* sense data is passed on */
	{ "medium_error", 0x84, 0x02, SENSE(3, 0x11, 0), 4096, 0x28, false, DID_OK, 0x02, 20, 0, NONE },
	{ "invalid_field", 0x86, 0x02, SENSE(5, 0x24, 0), 0, 0x12, false, DID_OK, 0x02, 20, 0, NONE },
	{ "aborted_with_sense", 0x82, 0x02, SENSE(0xb, 0, 0), 0, 0x28, false, DID_OK, 0x02, 20, 0, NONE },
	{ "aborted_and_frozen_with_sense", 0xc2, 0x02, SENSE(2, 4, 1), 0, 0x28, false, DID_OK, 0x02, 20, 0, NONE },
	{ "bus_reset_with_sense", 0x8e, 0x02, SENSE(6, 0x29, 0), 0, 0x28, false, DID_OK, 0x02, 20, 0, NONE },
	{ "request_sense_failed_with_sense", 0x90, 0x02, SENSE(4, 0x44, 0), 0, 0x28, false, DID_OK, 0x02, 20, 0, NONE },
	{ "overrun_with_sense", 0x92, 0x02, SENSE(5, 0x24, 0), 100, 0x25, false, DID_OK, 0x02, 20, 100, NONE },
	{ "internal_error_with_sense", 0xb0, 0x02, SENSE(4, 0x44, 0), 0, 0x28, false, DID_OK, 0x02, 20, 0, NONE },
	{ "descriptor_sense", 0x84, 0x02, DESCRIPTOR(3, 0x11, 0), 0, 0x28, true, DID_OK, 0x02, 20, 0, NONE },
	{ "sense_of_18_bytes", 0x84, 0x02, 18, { 0x70, 0, 3 }, 0, 0x28, false, DID_OK, 0x02, 18, 0, NONE },
	{ "sense_length_beyond_the_field", 0x84, 0x02, 255, { 0x70, 0, 3 }, 0, 0x28, false, DID_OK, 0x02, 20, 0, NONE },
	{ "sense_length_too_short", 0x84, 0x02, 3, { 0x70, 0, 3 }, 0, 0x28, false, DID_ERROR, 0, 0, 0, REPORT },
	{ "sense_length_zero", 0x84, 0x02, 0, { 0x70, 0, 3 }, 0, 0x28, false, DID_ERROR, 0, 0, 0, REPORT },
	{ "sense_of_unknown_format", 0x84, 0x02, 20, { 0x10, 0, 3 }, 0, 0x28, false, DID_ERROR, 0, 0, 0, REPORT },
	{ "sense_all_zero", 0x84, 0x02, SENSE_NOTHING, 0, 0x28, false, DID_ERROR, 0, 0, 0, REPORT },
	{ "error_without_sense", 0x04, 0x02, SENSE(3, 0x11, 0), 0, 0x28, false, DID_ERROR, 0, 0, 0, REPORT },
	/* the device changed */
	{ "capacity_changed", 0x84, 0x02, SENSE(6, 0x2a, 9), 0, 0x28, false, DID_REQUEUE, 0, 0, 0, RESCAN },
	{ "capacity_changed_aborted", 0x82, 0x02, SENSE(6, 0x2a, 9), 0, 0x28, false, DID_REQUEUE, 0, 0, 0, RESCAN },
	{ "capacity_changed_success", 0x81, 0x02, SENSE(6, 0x2a, 9), 0, 0x28, false, DID_REQUEUE, 0, 0, 0, RESCAN },
	{ "capacity_changed_descriptor", 0x84, 0x02, DESCRIPTOR(6, 0x2a, 9), 0, 0x28, false, DID_REQUEUE, 0, 0, 0, RESCAN },
	{ "parameters_changed", 0x84, 0x02, SENSE(6, 0x3f, 2), 0, 0x28, false, DID_REQUEUE, 0, 0, 0, RESCAN },
	{ "inquiry_changed_is_the_mid_layers", 0x84, 0x02, SENSE(6, 0x3f, 3), 0, 0x28, false, DID_OK, 0x02, 20, 0, NONE },
	{ "luns_changed_is_the_mid_layers", 0x84, 0x02, SENSE(6, 0x3f, 0xe), 0, 0x28, false, DID_OK, 0x02, 20, 0, NONE },
	{ "other_2a_is_not_capacity", 0x84, 0x02, SENSE(6, 0x2a, 1), 0, 0x28, false, DID_OK, 0x02, 20, 0, NONE },
	{ "same_codes_of_another_key", 0x84, 0x02, SENSE(5, 0x2a, 9), 0, 0x28, false, DID_OK, 0x02, 20, 0, NONE },
	/* refused by the device */
	{ "error_busy", 0x04, 0x08, SENSE_NOTHING, 0, 0x28, false, DID_OK, 0x08, 0, 0, NONE },
	{ "error_conflict", 0x04, 0x18, SENSE_NOTHING, 0, 0x28, false, DID_OK, 0x18, 0, 0, NONE },
	{ "error_task_set_full", 0x04, 0x28, SENSE_NOTHING, 0, 0x28, false, DID_OK, 0x28, 0, 0, NONE },
	{ "aborted_task_aborted", 0x82, 0x40, SENSE(0xb, 0, 0), 0, 0x28, false, DID_OK, 0x40, 0, 0, NONE },
	{ "invalid_request_busy", 0x06, 0x08, SENSE_NOTHING, 0, 0x28, false, DID_OK, 0x08, 0, 0, NONE },
	{ "error_with_good_status", 0x04, 0x00, SENSE_NOTHING, 4096, 0x28, false, DID_ERROR, 0, 0, 0, REPORT },
	{ "aborted_with_good_status", 0x02, 0x00, SENSE_NOTHING, 0, 0x28, false, DID_ERROR, 0, 0, 0, REPORT },
	/* commands with a rule of their own */
	{ "ata_16_error", 0x04, 0x02, SENSE_NOTHING, 0, 0x85, false, DID_PASSTHROUGH, 0, 0, 0, NONE },
	{ "ata_12_unknown", 0x06, 0x00, SENSE_NOTHING, 0, 0xa1, false, DID_PASSTHROUGH, 0, 0, 0, NONE },
	{ "ata_16_with_sense", 0x86, 0x02, SENSE(5, 0x20, 0), 0, 0x85, false, DID_OK, 0x02, 20, 0, NONE },
	{ "ata_16_aborted", 0x02, 0x00, SENSE_NOTHING, 0, 0x85, false, DID_ERROR, 0, 0, 0, REPORT },
	{ "test_unit_ready_error_is_quiet", 0x04, 0x02, SENSE_NOTHING, 0, 0x00, false, DID_ERROR, 0, 0, 0, NONE },
	{ "inquiry_error_is_not_success", 0x04, 0x02, SENSE_NOTHING, 36, 0x12, false, DID_ERROR, 0, 0, 0, REPORT },
	/* questions the host refuses without a reason: there is no such command, or page, and nobody needs to be told */
	{ "mode_sense_6_refused", 0x06, 0x02, SENSE_NOTHING, 20, 0x1a, false, DID_OK, 0x02, 18, 0, NONE },
	{ "mode_sense_10_refused", 0x06, 0x02, SENSE_NOTHING, 20, 0x5a, false, DID_OK, 0x02, 18, 0, NONE },
	{ "mode_sense_10_error", 0x04, 0x00, SENSE_NOTHING, 20, 0x5a, false, DID_OK, 0x02, 18, 0, NONE },
	{ "mode_sense_10_aborted", 0x02, 0x00, SENSE_NOTHING, 20, 0x5a, false, DID_ERROR, 0, 0, 0, REPORT },
	{ "mode_sense_10_busy", 0x05, 0x00, SENSE_NOTHING, 20, 0x5a, false, DID_OK, 0x08, 0, 0, NONE },
	{ "mode_sense_10_with_sense", 0x86, 0x02, SENSE(2, 0x04, 1), 20, 0x5a, false, DID_OK, 0x02, 20, 0, NONE },
	{ "maintenance_in_refused", 0x06, 0x02, SENSE_NOTHING, 20, 0xa3, false, DID_OK, 0x02, 18, 0, NONE },
	{ "product_page_refused", 0x04, 0x02, SENSE_NOTHING, 255, 0x0112, false, DID_OK, 0x02, 18, 0, NONE },
	/* codes without sense */
	{ "pending", 0x00, 0x00, SENSE_NOTHING, 4096, 0x28, false, DID_ERROR, 0, 0, 0, REPORT },
	{ "abort_failed", 0x03, 0x00, SENSE_NOTHING, 4096, 0x28, false, DID_ERROR, 0, 0, 0, REPORT },
	{ "busy", 0x05, 0x00, SENSE_NOTHING, 0, 0x28, false, DID_OK, 0x08, 0, 0, NONE },
	{ "invalid_path", 0x07, 0x00, SENSE_NOTHING, 0, 0x28, false, DID_NO_CONNECT, 0, 0, 0, NONE },
	{ "no_device", 0x08, 0x00, SENSE_NOTHING, 0, 0x28, false, DID_NO_CONNECT, 0, 0, 0, CHECK },
	{ "timeout", 0x09, 0x00, SENSE_NOTHING, 4096, 0x28, false, DID_ERROR, 0, 0, 0, REPORT },
	{ "selection_timeout", 0x0a, 0x00, SENSE_NOTHING, 4096, 0x28, false, DID_ERROR, 0, 0, 0, REPORT },
	{ "command_timeout", 0x0b, 0x00, SENSE_NOTHING, 4096, 0x28, false, DID_ERROR, 0, 0, 0, REPORT },
	{ "bus_reset", 0x0e, 0x00, SENSE_NOTHING, 0, 0x28, false, DID_RESET, 0, 0, 0, REPORT },
	{ "no_hba", 0x11, 0x00, SENSE_NOTHING, 0, 0x28, false, DID_NO_CONNECT, 0, 0, 0, NONE },
	{ "overrun", 0x12, 0x00, SENSE_NOTHING, 4096, 0x28, false, DID_ERROR, 0, 0, 0, REPORT },
	{ "overrun_report_target_port_groups_fc", 0x12, 0x00, SENSE_NOTHING, 100, 0xa3, true, DID_OK, 0, 0, 100, NONE },
	{ "overrun_reserve_in_fc_claims_more", 0x12, 0x00, SENSE_NOTHING, 9999, 0x5e, true, DID_OK, 0, 0, 4096, NONE },
	{ "overrun_report_target_port_groups_scsi", 0x12, 0x00, SENSE_NOTHING, 100, 0xa3, false, DID_ERROR, 0, 0, 0, REPORT },
	{ "overrun_read_fc", 0x12, 0x00, SENSE_NOTHING, 100, 0x28, true, DID_ERROR, 0, 0, 0, REPORT },
	{ "flushed", 0x16, 0x00, SENSE_NOTHING, 0, 0x28, false, DID_REQUEUE, 0, 0, 0, NONE },
	{ "invalid_lun", 0x20, 0x02, SENSE_NOTHING, 0, 0x28, false, DID_NO_CONNECT, 0, 0, 0, CHECK },
	{ "invalid_lun_with_flags", 0xe0, 0x02, SENSE(5, 0x25, 0), 0, 0x28, false, DID_NO_CONNECT, 0, 0, 0, CHECK },
	{ "invalid_target", 0x21, 0x00, SENSE_NOTHING, 0, 0x28, false, DID_NO_CONNECT, 0, 0, 0, CHECK },
	{ "not_powered", 0x24, 0x00, SENSE_NOTHING, 0, 0x28, false, DID_ERROR, 0, 0, 0, REPORT },
	{ "link_down", 0x25, 0x00, SENSE_NOTHING, 0, 0x28, false, DID_ERROR, 0, 0, 0, REPORT },
	{ "internal_error", 0x30, 0x00, SENSE_NOTHING, 4096, 0x28, false, DID_ERROR, 0, 0, 0, REPORT },
	{ "highest_code", 0x3f, 0x00, SENSE_NOTHING, 4096, 0x28, false, DID_ERROR, 0, 0, 0, REPORT },
};

static void judge_case_desc(const struct judge_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(judge, judge_cases, judge_case_desc);

static void reply_means_this_to_the_mid_layer(struct kunit *test)
{
	const struct judge_case *c = test->param_value;
	struct storvsc_srb_result result;
	struct vstor_srb reply = {
		.srb_status = c->srb,
		.scsi_status = c->scsi,
		.sense_info_length = c->sense_length,
		.data_transfer_length = cpu_to_le32(c->moved),
	};

	const u8 cdb[] = { c->opcode & 0xff, c->opcode >> 8 };

	memcpy(reply.sense, c->sense, sizeof(c->sense));
	memset(&result, 0xa5, sizeof(result));
	storvsc_srb_judge(&result, &reply, cdb, DATA_BYTES, c->fibre_channel);
	KUNIT_EXPECT_EQ(test, result.host, c->host);
	KUNIT_EXPECT_EQ(test, result.status, c->status);
	KUNIT_EXPECT_EQ(test, result.sense_bytes, c->sense_bytes);
	KUNIT_EXPECT_EQ(test, result.moved_bytes, c->moved_bytes);
	KUNIT_EXPECT_EQ(test, result.rescan_device, !!(c->actions & RESCAN));
	KUNIT_EXPECT_EQ(test, result.check_device, !!(c->actions & CHECK));
	KUNIT_EXPECT_EQ(test, result.report, !!(c->actions & REPORT));
	/* The host's own sense data, or illegal request with a reason that sends the question another way. */
	if (result.sense_bytes && (c->srb & 0x80))
		KUNIT_EXPECT_PTR_EQ(test, result.sense, (const u8 *)reply.sense);
	else if (result.sense_bytes)
		KUNIT_EXPECT_EQ(test, result.sense[0] << 16 | result.sense[2] << 8 | result.sense[12],
				0x700500 | ((c->opcode & 0xff) == 0x12 ? 0x24 : 0x20));
	if (result.host != DID_OK)
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, result.meaning);
}

/* What counts as what: written out for one reply of each kind. */
static void replies_are_counted_by_kind(struct kunit *test)
{
	static const struct {
		u8 srb, scsi, key, asc, ascq, opcode;
		enum storvsc_outcome outcome;
	} cases[] = {
		{ 0x01, 0x00, 0, 0, 0, 0x28, STORVSC_OUTCOME_GOOD },
		{ 0x01, 0x04, 0, 0, 0, 0x28, STORVSC_OUTCOME_GOOD },
		{ 0x84, 0x02, 3, 0x11, 0, 0x28, STORVSC_OUTCOME_SENSE },
		{ 0x05, 0x00, 0, 0, 0, 0x28, STORVSC_OUTCOME_BUSY },
		{ 0x01, 0x28, 0, 0, 0, 0x28, STORVSC_OUTCOME_BUSY },
		{ 0x04, 0x18, 0, 0, 0, 0x28, STORVSC_OUTCOME_CONFLICT },
		{ 0x82, 0x40, 0, 0, 0, 0x28, STORVSC_OUTCOME_ABORTED },
		{ 0x0e, 0x00, 0, 0, 0, 0x28, STORVSC_OUTCOME_ABORTED },
		{ 0x16, 0x00, 0, 0, 0, 0x28, STORVSC_OUTCOME_ABORTED },
		{ 0x84, 0x02, 6, 0x2a, 9, 0x28, STORVSC_OUTCOME_CHANGED },
		{ 0x20, 0x02, 0, 0, 0, 0x28, STORVSC_OUTCOME_GONE },
		{ 0x06, 0x00, 0, 0, 0, 0x85, STORVSC_OUTCOME_REFUSED },
		{ 0x06, 0x02, 0, 0, 0, 0x5a, STORVSC_OUTCOME_SENSE },
		{ 0x04, 0x02, 0, 0, 0, 0x28, STORVSC_OUTCOME_ERROR },
		{ 0x00, 0x00, 0, 0, 0, 0x28, STORVSC_OUTCOME_ERROR },
		{ 0x3f, 0x00, 0, 0, 0, 0x28, STORVSC_OUTCOME_ERROR },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct vstor_srb reply = {
			.srb_status = cases[i].srb, .scsi_status = cases[i].scsi, .sense_info_length = 20,
			.sense = { cases[i].key ? 0x70 : 0, 0, cases[i].key, [12] = cases[i].asc, cases[i].ascq },
		};
		const u8 cdb[] = { cases[i].opcode, 0 };
		struct storvsc_srb_result result;

		storvsc_srb_judge(&result, &reply, cdb, DATA_BYTES, false);
		if (storvsc_srb_outcome(&result) != cases[i].outcome)
			KUNIT_FAIL(test, "case %u counts as %d", i, storvsc_srb_outcome(&result));
	}
}

/* What is refused here looks like a disk without the command: its sense data is 05/20/00. */
static void refusal_is_an_unknown_command(struct kunit *test)
{
	struct storvsc_srb_result result;

	memset(&result, 0xa5, sizeof(result));
	storvsc_srb_refuse(&result);
	KUNIT_EXPECT_EQ(test, result.host, DID_OK);
	KUNIT_EXPECT_EQ(test, result.status, 2);
	KUNIT_EXPECT_EQ(test, result.moved_bytes, 0u);
	KUNIT_ASSERT_EQ(test, result.sense_bytes, 18);
	KUNIT_EXPECT_EQ(test, result.sense[0] << 16 | result.sense[2] << 8 | result.sense[12], 0x700520);
	KUNIT_EXPECT_EQ(test, storvsc_srb_outcome(&result), STORVSC_OUTCOME_SENSE);
}

static void write_same_is_what_the_limits_page_says(struct kunit *test)
{
	u8 page[64] = { 0, 0xb0, 0, 0x3c };

	KUNIT_EXPECT_FALSE(test, storvsc_limits_have_write_same(page, sizeof(page)));
	page[42] = 0x40;
	KUNIT_EXPECT_TRUE(test, storvsc_limits_have_write_same(page, sizeof(page)));
	KUNIT_EXPECT_FALSE(test, storvsc_limits_have_write_same(page, 43));
	/* Another page, one that ends before the field, none at all. */
	page[1] = 0xb1;
	KUNIT_EXPECT_FALSE(test, storvsc_limits_have_write_same(page, sizeof(page)));
	page[1] = 0xb0;
	page[3] = 0x0c;
	KUNIT_EXPECT_FALSE(test, storvsc_limits_have_write_same(page, sizeof(page)));
	memset(page, 0, sizeof(page));
	KUNIT_EXPECT_FALSE(test, storvsc_limits_have_write_same(page, sizeof(page)));
	/* The field's last byte counts, what is behind it does not. */
	page[1] = 0xb0;
	page[3] = 0x3c;
	page[44] = 1;
	KUNIT_EXPECT_FALSE(test, storvsc_limits_have_write_same(page, sizeof(page)));
	page[43] = 1;
	KUNIT_EXPECT_TRUE(test, storvsc_limits_have_write_same(page, sizeof(page)));
}

/* Every status byte together with every SCSI status, with and without sense data. */
static void no_reply_breaks_the_rules(struct kunit *test)
{
	unsigned int srb, scsi, sense;

	for (srb = 0; srb < 256; srb++) {
		for (scsi = 0; scsi < 256; scsi++) {
			for (sense = 0; sense < 256; sense += 15) {
				struct vstor_srb reply = {
					.srb_status = srb, .scsi_status = scsi, .sense_info_length = sense,
					.data_transfer_length = cpu_to_le32(0xfffffff0 + sense),
					.sense = { sense },
				};
				const u8 cdb[] = { sense, scsi };
				struct storvsc_srb_result result;

				storvsc_srb_judge(&result, &reply, cdb, DATA_BYTES, sense & 1);
				if (result.moved_bytes > DATA_BYTES || result.sense_bytes > VSTOR_SENSE_BYTES)
					KUNIT_FAIL(test, "%#x %#x %u: more than there is", srb, scsi, sense);
				if (result.host == DID_OK && result.status == 0 && (srb & 0x3f) != 0x01 &&
				    (srb & 0x3f) != 0x12)
					KUNIT_FAIL(test, "%#x %#x %u: failure looks like success", srb, scsi, sense);
				if (result.status == 0x02 && !result.sense_bytes)
					KUNIT_FAIL(test, "%#x %#x %u: wakes the error handler", srb, scsi, sense);
				if (result.sense_bytes && (result.status != 0x02 || (!(srb & 0x80) && result.sense == reply.sense)))
					KUNIT_FAIL(test, "%#x %#x %u: sense out of nothing", srb, scsi, sense);
				if (storvsc_srb_outcome(&result) >= STORVSC_OUTCOMES ||
				    (result.report && storvsc_srb_outcome(&result) == STORVSC_OUTCOME_GOOD))
					KUNIT_FAIL(test, "%#x %#x %u: counted as nothing", srb, scsi, sense);
			}
		}
	}
}

static struct kunit_case storvsc_srb_cases[] = {
	KUNIT_CASE_PARAM(packet_has_exactly_these_bytes, build_gen_params),
	KUNIT_CASE(old_hosts_are_spared_what_they_mishandle),
	KUNIT_CASE_PARAM(reply_means_this_to_the_mid_layer, judge_gen_params),
	KUNIT_CASE(replies_are_counted_by_kind),
	KUNIT_CASE(write_same_is_what_the_limits_page_says),
	KUNIT_CASE(refusal_is_an_unknown_command),
	KUNIT_CASE(no_reply_breaks_the_rules),
	{}
};

static struct kunit_suite storvsc_srb_suite = {
	.name = "hv_storvsc_srb",
	.test_cases = storvsc_srb_cases,
};
kunit_test_suite(storvsc_srb_suite);

MODULE_DESCRIPTION("KUnit suite: SRBs of storvsc");
MODULE_LICENSE("GPL");
