// SPDX-License-Identifier: GPL-2.0
/*
 * The wire structs of the integration components against bytes written out by
 * hand from their description (pipe and IC header, negotiation, heartbeat,
 * shutdown, time synchronisation).
 */
#include <kunit/test.h>
#include <linux/module.h>
#include <hyperv/ic.h>
#include "layout.h"

static const struct ic_frame frame = {
	.pipe.type = cpu_to_le32(VMBUS_PIPE_DATA),
	.pipe.bytes = cpu_to_le32(0x00000124),
	.ic = {
		.framework.major = cpu_to_le16(3),
		.framework.minor = cpu_to_le16(0x0102),
		.message_type = cpu_to_le16(IC_MSG_TIMESYNC),
		.message.major = cpu_to_le16(4),
		.message.minor = cpu_to_le16(0x0304),
		.body_bytes = cpu_to_le16(0x0110),
		.status = cpu_to_le32(IC_STATUS_FAIL),
		.transaction_id = 0x77,
		.flags = IC_FLAG_TRANSACTION | IC_FLAG_RESPONSE,
	},
};

static const struct ic_negotiate negotiate = {
	.framework_count = cpu_to_le16(0x0102),
	.message_count = cpu_to_le16(0x0304),
};

static const struct ic_heartbeat heartbeat = {
	.sequence = cpu_to_le64(0x0102030405060708ull),
	.application_state = cpu_to_le32(IC_HEARTBEAT_CRITICAL),
};

static const struct ic_shutdown shutdown = {
	.reason = cpu_to_le32(0x80000000),
	.timeout_seconds = cpu_to_le32(0x01020304),
	.flags = cpu_to_le32(IC_SHUTDOWN_FORCE | IC_SHUTDOWN_RESTART),
	.text = { [0] = 0x41, [2047] = 0x42 },
};

static const struct ic_timesync timesync = {
	.parent_time_100ns = cpu_to_le64(0x0102030405060708ull),
	.child_time_100ns = cpu_to_le64(0x1112131415161718ull),
	.round_trip_100ns = cpu_to_le64(0x2122232425262728ull),
	.flags = IC_TIMESYNC_SAMPLE,
};

static const struct ic_timesync_v4 timesync_v4 = {
	.parent_time_100ns = cpu_to_le64(0x0102030405060708ull),
	.vm_reference_100ns = cpu_to_le64(0x1112131415161718ull),
	.flags = IC_TIMESYNC_SYNC,
	.leap_indicator = 0x31,
	.stratum = 0x32,
};

static const struct layout_case layout_cases[] = {
	LAYOUT("pipe_and_ic_header", frame, 28,
	       1, 0, 0, 0, 0x24, 0x01, 0, 0, 3, 0, 0x02, 0x01, 4, 0,
	       4, 0, 0x04, 0x03, 0x10, 0x01, 0x05, 0x40, 0x00, 0x80, 0x77, 5, 0, 0),
	LAYOUT("negotiate", negotiate, 8, 0x02, 0x01, 0x04, 0x03, 0, 0, 0, 0),
	LAYOUT("heartbeat", heartbeat, 16, 8, 7, 6, 5, 4, 3, 2, 1, 2, 0, 0, 0),
	LAYOUT("shutdown", shutdown, 2060,
	       0, 0, 0, 0x80, 4, 3, 2, 1, 3, 0, 0, 0, 0x41, [2059] = 0x42),
	LAYOUT("timesync_before_4_0", timesync, 28,
	       8, 7, 6, 5, 4, 3, 2, 1, 0x18, 0x17, 0x16, 0x15, 0x14, 0x13, 0x12, 0x11,
	       0x28, 0x27, 0x26, 0x25, 0x24, 0x23, 0x22, 0x21, 2),
	LAYOUT("timesync_from_4_0", timesync_v4, 24,
	       8, 7, 6, 5, 4, 3, 2, 1, 0x18, 0x17, 0x16, 0x15, 0x14, 0x13, 0x12, 0x11,
	       1, 0x31, 0x32),
};

LAYOUT_CASES(layout_cases);

static struct kunit_case hv_utils_layout_cases[] = {
	KUNIT_CASE_PARAM(wire_struct_has_the_bytes_of_the_specification, layout_gen_params),
	{}
};

static struct kunit_suite hv_utils_layout_suite = {
	.name = "hv_utils_layout",
	.test_cases = hv_utils_layout_cases,
};
kunit_test_suite(hv_utils_layout_suite);

MODULE_DESCRIPTION("KUnit suite: wire structs of the integration components");
MODULE_LICENSE("GPL");
