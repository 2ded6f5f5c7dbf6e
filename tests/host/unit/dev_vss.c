// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of volume snapshots: bodies by their lengths, operations by version, a guest that answers
 * late, wrongly, or not at all.
 */
#include <hyperv/ic.h>

#include "../devices/types.h"
#include "../devices/vss_message.h"
#include "../hyperv/util.h"
#include "ic_guest.h"

static const char *const offered[] = { "vss", NULL, NULL };

static const struct {
	const char *name;
	unsigned int major, since;
	size_t bytes;
} operations[] = {
	{ "create", 5, 0, 28 },		{ "delete", 5, 0, 12 },
	{ "check", 5, 0, 12 },		{ "direct-mapped", 5, 0, 12 },
	{ "complete", 5, 4, 12 },	{ "freeze", 5, 5, 6260 },
	{ "thaw", 5, 5, 12 },		{ "auto-recover", 5, 5, 12500 },
	{ "cluster-info", 6, 6, 7312 }, { "cluster-info", 7, 6, 7320 },
};

static void bodies_have_their_lengths(void)
{
	static const struct hyperv_guid controller = { { 1, 2, 3 } };
	uint8_t *body = malloc(VSS_BODY_MAX);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(operations); i++) {
		int op = vss_operation_parse(operations[i].name);

		CHECK(op >= 0);
		CHECK_TEXT(vss_operation_name((uint8_t)op), operations[i].name);
		CHECK_EQ(vss_operation_since((uint8_t)op), operations[i].since);
		CHECK_EQ(vss_build(body, (uint8_t)op, operations[i].major, 260, &controller),
			 operations[i].bytes);
		CHECK_EQ(body[0], op);
	}
	CHECK_EQ(vss_build(body, VSS_OP_FREEZE, 5, 2, &controller), 6260);
	CHECK_EQ(get_le32(body + 16), 2);
	CHECK_EQ(body[24], 1);
	CHECK_EQ(body[20 + 24 + 22], 1);
	CHECK_EQ(body[20 + 2 * 24 + 4], 0);
	CHECK(vss_operation_parse("melt") < 0);
	free(body);
}

static void a_backup_is_made(void)
{
	void *config = guest_start(&vss_type, offered);
	struct vmbus_chan *chan = fake_chan("vss");
	struct guest_request request;
	cJSON *reply, *state = cJSON_CreateObject();
	char err[HV_ERR_MAX];
	const char *why;

	CHECK_EQ(guest_control(&vss_type, config, "{\"cmd\":\"vss\",\"op\":\"check\"}", err), -1);
	CHECK_TEXT(err, "vss: the guest is not ready");
	guest_agree(chan, 5, 0);
	CHECK_EQ(guest_control(&vss_type, config, "{\"cmd\":\"vss\",\"op\":\"check\"}", err),
		 HV_CONTROL_LATER);
	CHECK_EQ(guest_control(&vss_type, config, "{\"cmd\":\"vss\",\"op\":\"freeze\"}", err), -1);
	CHECK(guest_take(chan, &request));
	put_le32(request.message + GUEST_BODY + 8, 5);
	guest_answer(chan, &request, 0);
	reply = fake_answer(&why);
	CHECK(reply && !why);
	CHECK_EQ(cJSON_GetNumberValue(cJSON_GetObjectItem(reply, "flags")), 5);
	CHECK(cJSON_IsTrue(cJSON_GetObjectItem(reply, "hot_backup")));
	CHECK(cJSON_IsFalse(cJSON_GetObjectItem(reply, "auto_recovery")));
	CHECK(cJSON_GetObjectItem(reply, "took_ms"));
	CHECK_EQ(guest_control(&vss_type, config, "{\"cmd\":\"vss\",\"op\":\"freeze\"}", err),
		 HV_CONTROL_LATER);
	CHECK(guest_take(chan, &request));
	CHECK_EQ(request.bytes, GUEST_BODY + 6260);
	guest_answer(chan, &request, 0);
	CHECK(fake_answer(&why) && !why);
	vss_type.query(config, state);
	CHECK(cJSON_IsTrue(cJSON_GetObjectItem(cJSON_GetObjectItem(state, "vss"), "frozen")));
	CHECK_EQ(guest_control(&vss_type, config, "{\"cmd\":\"vss\",\"op\":\"thaw\"}", err),
		 HV_CONTROL_LATER);
	CHECK(guest_take(chan, &request));
	guest_answer(chan, &request, IC_STATUS_FAIL);
	reply = fake_answer(&why);
	CHECK_TEXT(why, "vss: thaw: the guest answered 0x80004005 (failure)");
	CHECK_TEXT(guest_text(reply, "answer"), "failure");
	CHECK_EQ(fake_counter("vss.done", "freezes"), 1);
	CHECK_EQ(fake_counter("vss.done", "thaws"), 0);
	CHECK_EQ(fake_violations(NULL), 0);
	cJSON_Delete(state);
	guest_stop(&vss_type, config);
}

static void old_versions_have_no_freeze(void)
{
	void *config = guest_start(&vss_type, offered);
	char err[HV_ERR_MAX];

	guest_agree(fake_chan("vss"), 4, 0);
	CHECK_EQ(guest_control(&vss_type, config, "{\"cmd\":\"vss\",\"op\":\"freeze\"}", err), -1);
	CHECK_TEXT(err, "vss: freeze needs version 5.0, the guest speaks 4.0");
	CHECK_EQ(guest_control(&vss_type, config, "{\"cmd\":\"vss\",\"op\":\"melt\"}", err), -1);
	CHECK_EQ(guest_control(&vss_type, config, "{\"cmd\":\"vss\"}", err), -1);
	CHECK_EQ(guest_control(&vss_type, config,
			       "{\"cmd\":\"vss\",\"op\":\"create\",\"luns\":261}", err),
		 -1);
	CHECK_EQ(guest_control(&vss_type, config,
			       "{\"cmd\":\"vss\",\"op\":\"create\",\"timeout_s\":\"x\"}", err),
		 -1);
	guest_stop(&vss_type, config);
}

static void a_late_answer_is_no_breach(void)
{
	void *config = guest_start(&vss_type, offered);
	struct vmbus_chan *chan = fake_chan("vss");
	struct guest_request late, request;
	char err[HV_ERR_MAX];
	const char *why;

	guest_agree(chan, 5, 0);
	CHECK_EQ(guest_control(&vss_type, config,
			       "{\"cmd\":\"vss\",\"op\":\"check\",\"timeout_s\":1}", err),
		 HV_CONTROL_LATER);
	CHECK(guest_take(chan, &late));
	loop_run_once(vmbus_server_loop(fake_server()), 5000);
	CHECK(fake_answer(&why));
	CHECK_TEXT(why, "vss: the guest did not answer within 1 s");
	CHECK_EQ(guest_control(&vss_type, config, "{\"cmd\":\"vss\",\"op\":\"freeze\"}", err),
		 HV_CONTROL_LATER);
	CHECK(guest_take(chan, &request));
	guest_answer(chan, &late, 0);
	CHECK(!fake_answer(&why));
	CHECK_EQ(fake_violations(NULL), 0);
	guest_answer(chan, &request, IC_STATUS_FAIL);
	CHECK(fake_answer(&why));
	CHECK_TEXT(why, "vss: freeze: the guest answered 0x80004005 (failure)");
	CHECK_EQ(fake_violations(NULL), 0);
	guest_stop(&vss_type, config);
}

static void wrong_answers_are_reported(void)
{
	void *config = guest_start(&vss_type, offered);
	struct vmbus_chan *chan = fake_chan("vss");
	struct guest_request request;
	char err[HV_ERR_MAX];
	const char *why;

	guest_agree(chan, 5, 0);
	CHECK_EQ(guest_control(&vss_type, config, "{\"cmd\":\"vss\",\"op\":\"freeze\"}", err),
		 HV_CONTROL_LATER);
	CHECK(guest_take(chan, &request));
	request.message[GUEST_BODY] = VSS_OP_THAW;
	guest_answer(chan, &request, 0);
	CHECK(fake_answer(&why) && why);
	CHECK_EQ(fake_violations("vss-reply"), 1);
	CHECK_EQ(guest_control(&vss_type, config, "{\"cmd\":\"vss\",\"op\":\"check\"}", err),
		 HV_CONTROL_LATER);
	CHECK(guest_take(chan, &request));
	/* The body ends before its flags. */
	put_le16(request.message + 18, 8);
	guest_answer(chan, &request, 0);
	CHECK(fake_answer(&why) && why);
	CHECK_EQ(fake_violations("vss-reply"), 2);
	CHECK_EQ(guest_control(&vss_type, config, "{\"cmd\":\"vss\",\"op\":\"check\"}", err),
		 HV_CONTROL_LATER);
	fake_close(chan);
	CHECK(fake_answer(&why) && why);
	guest_stop(&vss_type, config);
}

static const struct unit_case cases[] = {
	UNIT_CASE(bodies_have_their_lengths),	UNIT_CASE(a_backup_is_made),
	UNIT_CASE(old_versions_have_no_freeze), UNIT_CASE(a_late_answer_is_no_breach),
	UNIT_CASE(wrong_answers_are_reported),
};

int main(void)
{
	return unit_main(cases, ARRAY_SIZE(cases));
}
