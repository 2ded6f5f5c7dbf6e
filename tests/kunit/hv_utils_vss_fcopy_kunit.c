// SPDX-License-Identifier: GPL-2.0
/*
 * Volume snapshots and file copy: which requests of the host reach their daemons, and how. Lengths that lie and operations
 * that do not exist; offsets are written out by hand.
 */
#include <kunit/test.h>
#include <hyperv/ic.h>

#include "../../hv_utils/utf.c"
#include "../../hv_utils/vss_msg.c"
#include "../../hv_utils/fcopy_msg.c"

static void put32(u8 *p, u32 v)
{
	p[0] = v;
	p[1] = v >> 8;
	p[2] = v >> 16;
	p[3] = v >> 24;
}

static void put64(u8 *p, u64 v)
{
	put32(p, v);
	put32(p + 4, v >> 32);
}

static u8 *bytes_of(struct kunit *test, u32 bytes)
{
	u8 *p = kunit_kzalloc(test, bytes ?: 1, GFP_KERNEL);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, p);
	memset(p, 0xa5, bytes);
	return p;
}

/* ---- volume snapshots */

struct step_case {
	const char *name;
	u8 operation;
	u32 bytes;
	enum vss_step step;
	u32 status;
};

static struct step_case step_cases[] = {
	{ .name = "create", 0, 28, VSS_STEP_NONE, IC_STATUS_OK },
	{ .name = "delete", 1, 12, VSS_STEP_NONE, IC_STATUS_OK },
	{ .name = "check", 2, 12, VSS_STEP_CHECK, IC_STATUS_OK },
	{ .name = "direct-mapped disks", 3, 12, VSS_STEP_NONE, IC_STATUS_OK },
	{ .name = "backup complete", 4, 12, VSS_STEP_NONE, IC_STATUS_OK },
	{ .name = "freeze with disks", 5, 6260, VSS_STEP_FREEZE, IC_STATUS_OK },
	{ .name = "freeze cut short", 5, 12, VSS_STEP_FREEZE, IC_STATUS_OK },
	{ .name = "thaw", 6, 12, VSS_STEP_THAW, IC_STATUS_OK },
	{ .name = "auto-recover", 7, 12, VSS_STEP_NONE, IC_STATUS_OK },
	{ .name = "cluster info, of 6.0", 8, 12, VSS_STEP_NONE, IC_STATUS_NOT_SUPPORTED },
	{ .name = "the daemon's registration", 129, 12, VSS_STEP_NONE, IC_STATUS_NOT_SUPPORTED },
	{ .name = "operation 255", 255, 12, VSS_STEP_NONE, IC_STATUS_NOT_SUPPORTED },
	{ .name = "no body", 5, 0, VSS_STEP_NONE, IC_STATUS_INVALID_ARG },
	{ .name = "one byte short", 5, 11, VSS_STEP_NONE, IC_STATUS_INVALID_ARG },
};

static void step_case_desc(struct step_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}
KUNIT_ARRAY_PARAM(step, step_cases, step_case_desc);

static void snapshot_step_is_judged(struct kunit *test)
{
	const struct step_case *c = test->param_value;
	u8 *body = bytes_of(test, c->bytes);
	u32 status = 0xdead;

	if (c->bytes)
		body[0] = c->operation;
	KUNIT_EXPECT_EQ(test, (int)vss_msg_step(body, c->bytes, &status), (int)c->step);
	KUNIT_EXPECT_EQ(test, status, c->status);
	if (c->operation == 3)
		KUNIT_EXPECT_EQ(test, memcmp(body + 8, "\0\0\0\0", 4), 0);
}

static void daemon_is_told_a_step_by_its_number(struct kunit *test)
{
	struct vss_daemon_msg msg;

	memset(&msg, 0xa5, sizeof(msg));
	vss_msg_to_daemon(VSS_STEP_CHECK, &msg);
	KUNIT_EXPECT_EQ(test, memcmp(&msg, "\2\0\0\0\0\0\0\0\0\0\0\0", 12), 0);
	vss_msg_to_daemon(VSS_STEP_FREEZE, &msg);
	KUNIT_EXPECT_EQ(test, msg.operation, 5);
	vss_msg_to_daemon(VSS_STEP_THAW, &msg);
	KUNIT_EXPECT_EQ(test, msg.operation, 6);
}

/* The daemon's answer has no operation any more: it is the host's request that says what the flags are. */
static void check_is_answered_with_flags(struct kunit *test)
{
	struct vss_daemon_msg msg = { };
	u8 *body = bytes_of(test, 12);

	body[0] = 2;
	KUNIT_EXPECT_EQ(test, vss_msg_from_daemon(&msg, body, 12), 0);
	KUNIT_EXPECT_EQ(test, memcmp(body + 8, "\5\0\0\0", 4), 0);
	msg.status = (s32)IC_STATUS_FAIL;
	KUNIT_EXPECT_EQ(test, vss_msg_from_daemon(&msg, body, 12), IC_STATUS_FAIL);
	KUNIT_EXPECT_EQ(test, memcmp(body + 8, "\0\0\0\0", 4), 0);

	body = bytes_of(test, 6260);
	body[0] = 5;
	msg.status = 0;
	KUNIT_EXPECT_EQ(test, vss_msg_from_daemon(&msg, body, 6260), 0);
	KUNIT_EXPECT_EQ(test, body[8], 0xa5);
}

/* ---- file copy */

struct copy_case {
	const char *name;
	u32 operation;
	u32 bytes;
	enum fcopy_step step;
	u32 message_bytes;
	u64 offset;
	u32 size;
};

static struct copy_case copy_cases[] = {
	{ .name = "start, one byte short", 0, 1087, FCOPY_STEP_NONE },
	{ .name = "piece", 1, 6196, FCOPY_STEP_WRITE, 6196, 12288, 6144 },
	{ .name = "last piece", 1, 52 + 10, FCOPY_STEP_WRITE, 6196, 18432, 10 },
	{ .name = "empty piece", 1, 52, FCOPY_STEP_WRITE, 6196, 0, 0 },
	{ .name = "piece without its header", 1, 51, FCOPY_STEP_NONE },
	{ .name = "more than there is", 1, 52 + 10, FCOPY_STEP_NONE, 0, 0, 11 },
	{ .name = "one more than a piece holds", 1, 6196, FCOPY_STEP_NONE, 0, 0, 6145 },
	{ .name = "a message longer than all", 1, 6200, FCOPY_STEP_WRITE, 6196, 0, 6144 },
	{ .name = "more than there can be", 1, 6196, FCOPY_STEP_NONE, 0, 0, 0xffffffff },
	{ .name = "up to the last offset", 1, 6196, FCOPY_STEP_WRITE, 6196, 0x7fffffffffffe7ffULL, 6144 },
	{ .name = "past the last offset", 1, 6196, FCOPY_STEP_NONE, 0, 0x7fffffffffffe800ULL, 6144 },
	{ .name = "a negative offset", 1, 6196, FCOPY_STEP_NONE, 0, 0xffffffffffffffffULL, 1 },
	{ .name = "complete", 2, 36, FCOPY_STEP_END, 36 },
	{ .name = "complete, with more", 2, 6196, FCOPY_STEP_END, 36 },
	{ .name = "cancel", 3, 36, FCOPY_STEP_END, 36 },
	{ .name = "one byte short of a header", 3, 35, FCOPY_STEP_NONE },
	{ .name = "no body", 3, 0, FCOPY_STEP_NONE },
	{ .name = "operation 4", 4, 6196, FCOPY_STEP_NONE },
	{ .name = "operation 0x01000002", 0x01000002, 6196, FCOPY_STEP_NONE },
};

static void copy_case_desc(struct copy_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}
KUNIT_ARRAY_PARAM(copy, copy_cases, copy_case_desc);

static void copy_request_is_judged(struct kunit *test)
{
	const struct copy_case *c = test->param_value;
	u8 *body = bytes_of(test, c->bytes), *message = bytes_of(test, 6196);
	u32 bytes = 0, i;

	if (c->bytes >= 4)
		put32(body, c->operation);
	if (c->bytes >= 52) {
		put64(body + 40, c->offset);
		put32(body + 48, c->size);
	}
	KUNIT_ASSERT_EQ(test, (int)fcopy_msg_to_daemon(body, c->bytes, message, &bytes), (int)c->step);
	if (c->step == FCOPY_STEP_NONE)
		return;
	KUNIT_EXPECT_EQ(test, bytes, c->message_bytes);
	KUNIT_EXPECT_EQ(test, message[0], c->operation);
	if (c->step != FCOPY_STEP_WRITE)
		return;
	KUNIT_EXPECT_EQ(test, memcmp(message + 40, &c->offset, 8), 0);
	KUNIT_EXPECT_EQ(test, memcmp(message + 48, &c->size, 4), 0);
	/* nothing but the piece */
	for (i = 0; i < 6144; i++)
		KUNIT_ASSERT_EQ(test, message[52 + i], i < c->size ? 0xa5 : 0);
}

static void file_name_is_put_in_utf8(struct kunit *test)
{
	static const u8 name[] = { 0xdc, 0, 'b', 0, 0, 0 }, directory[] = { '/', 0, 't', 0, '/', 0, 0, 0 };
	u8 *body = bytes_of(test, 1088), *message = bytes_of(test, 6196);
	u32 bytes, i;

	memset(body, 0, 1088);
	memcpy(body + 36, name, sizeof(name));
	memcpy(body + 556, directory, sizeof(directory));
	put32(body + 1076, 3);
	put64(body + 1080, 0x123456789abcULL);
	KUNIT_ASSERT_EQ(test, (int)fcopy_msg_to_daemon(body, 1088, message, &bytes), (int)FCOPY_STEP_START);
	KUNIT_EXPECT_EQ(test, bytes, 1088);
	KUNIT_EXPECT_STREQ(test, (char *)message + 36, "\xc3\x9c" "b");
	KUNIT_EXPECT_STREQ(test, (char *)message + 556, "/t/");
	KUNIT_EXPECT_EQ(test, memcmp(message + 1076, "\3\0\0\0\xbc\x9a\x78\x56\x34\x12\0\0", 12), 0);

	/* no name, no directory */
	body[36] = 0;
	KUNIT_EXPECT_EQ(test, (int)fcopy_msg_to_daemon(body, 1088, message, &bytes), (int)FCOPY_STEP_NONE);
	body[36] = 'x';
	body[556] = 0;
	KUNIT_EXPECT_EQ(test, (int)fcopy_msg_to_daemon(body, 1088, message, &bytes), (int)FCOPY_STEP_NONE);

	/* names to the end of their arrays, without a NUL */
	for (i = 0; i < 260; i++) {
		body[36 + 2 * i] = 'n';
		body[36 + 2 * i + 1] = 0;
		body[556 + 2 * i] = 'd';
		body[556 + 2 * i + 1] = 0;
	}
	KUNIT_ASSERT_EQ(test, (int)fcopy_msg_to_daemon(body, 1088, message, &bytes), (int)FCOPY_STEP_START);
	KUNIT_EXPECT_EQ(test, strlen((char *)message + 36), 260);
	KUNIT_EXPECT_EQ(test, strlen((char *)message + 556), 260);

	/* of three bytes each they do not fit: refused, not cut */
	for (i = 0; i < 260; i++)
		body[36 + 2 * i + 1] = 0x65;
	KUNIT_EXPECT_EQ(test, (int)fcopy_msg_to_daemon(body, 1088, message, &bytes), (int)FCOPY_STEP_NONE);
}

static void cancel_is_a_header(struct kunit *test)
{
	u8 *message = bytes_of(test, 6196);

	KUNIT_EXPECT_EQ(test, fcopy_msg_cancel(message), 36);
	KUNIT_EXPECT_EQ(test, message[0], 3);
	KUNIT_EXPECT_EQ(test, message[35], 0);
}

static struct kunit_case vss_fcopy_cases[] = {
	KUNIT_CASE_PARAM(snapshot_step_is_judged, step_gen_params),
	KUNIT_CASE(daemon_is_told_a_step_by_its_number),
	KUNIT_CASE(check_is_answered_with_flags),
	KUNIT_CASE_PARAM(copy_request_is_judged, copy_gen_params),
	KUNIT_CASE(file_name_is_put_in_utf8),
	KUNIT_CASE(cancel_is_a_header),
	{ }
};

static struct kunit_suite vss_fcopy_suite = {
	.name = "hv_utils_vss_fcopy",
	.test_cases = vss_fcopy_cases,
};
kunit_test_suite(vss_fcopy_suite);

MODULE_DESCRIPTION("KUnit suite: volume snapshots and file copy");
MODULE_LICENSE("GPL");
