// SPDX-License-Identifier: GPL-2.0
/*
 * What hosts offer, release by release, and what is agreed on with our lists: each component, and the framework, from Windows
 * Server 2008 on. The offers are written out here, not taken from anything under test.
 */
#include <kunit/test.h>

#include "../../hv_utils/ic_msg.c"
#include "../../hv_utils/versions.c"

#define MOST	6

struct host_case {
	const char *name;
	const struct hv_ic_version_list *ours;
	u32 framework[MOST];	/* as offered, up to the first 0 */
	u32 message[MOST];
	u32 agreed_framework;	/* 0: none */
	u32 agreed;
};

#define HEARTBEAT	&hv_ic_heartbeat_versions
#define SHUTDOWN	&hv_ic_shutdown_versions
#define TIMESYNC	&hv_ic_timesync_versions
#define KVP		&hv_ic_kvp_versions
#define VSS		&hv_ic_vss_versions
#define FCOPY		&hv_ic_fcopy_versions
#define OLD		{ V(1, 0) }
#define BOTH		{ V(1, 0), V(3, 0) }

static struct host_case host_cases[] = {
	{ .name = "heartbeat, 2008", HEARTBEAT, OLD, { V(1, 0) }, V(1, 0), V(1, 0) },
	{ .name = "shutdown, 2008", SHUTDOWN, OLD, { V(1, 0) }, V(1, 0), V(1, 0) },
	{ .name = "timesync, 2008", TIMESYNC, OLD, { V(1, 0) }, V(1, 0), V(1, 0) },
	{ .name = "kvp, 2008", KVP, OLD, { V(1, 0) }, V(1, 0), V(1, 0) },
	{ .name = "heartbeat, 2008 R2", HEARTBEAT, BOTH, { V(1, 0), V(3, 0) }, V(3, 0), V(3, 0) },
	{ .name = "shutdown, 2008 R2", SHUTDOWN, BOTH, { V(1, 0), V(3, 0) }, V(3, 0), V(3, 0) },
	{ .name = "timesync, 2008 R2", TIMESYNC, BOTH, { V(1, 0), V(3, 0) }, V(3, 0), V(3, 0) },
	{ .name = "kvp, 2008 R2", KVP, BOTH, { V(1, 0), V(3, 0) }, V(3, 0), V(3, 0) },
	{ .name = "kvp, 2012", KVP, BOTH, { V(1, 0), V(3, 0), V(4, 0) }, V(3, 0), V(4, 0) },
	{ .name = "vss, 2012: no freeze", VSS, BOTH, { V(4, 0) }, 0, 0 },
	{ .name = "kvp, 2012 R2", KVP, BOTH, { V(3, 0), V(4, 0), V(5, 0) }, V(3, 0), V(5, 0) },
	{ .name = "vss, 2012 R2", VSS, BOTH, { V(4, 0), V(5, 0) }, V(3, 0), V(5, 0) },
	{ .name = "fcopy, 2012 R2", FCOPY, BOTH, { V(1, 1) }, V(3, 0), V(1, 1) },
	{ .name = "timesync, 2016", TIMESYNC, BOTH, { V(1, 0), V(3, 0), V(4, 0) }, V(3, 0), V(4, 0) },
	{ .name = "vss, 2016", VSS, BOTH, { V(4, 0), V(5, 0), V(6, 0), V(7, 0) }, V(3, 0), V(5, 0) },
	{ .name = "shutdown, 3.1 alone is newer", SHUTDOWN, BOTH, { V(3, 0), V(3, 1) }, V(3, 0), V(3, 1) },
	{ .name = "heartbeat, 2019 to 2025", HEARTBEAT, BOTH, { V(1, 0), V(3, 0) }, V(3, 0), V(3, 0) },
	{ .name = "shutdown, 2019 to 2025", SHUTDOWN, BOTH, { V(1, 0), V(3, 0), V(3, 1), V(3, 2) }, V(3, 0), V(3, 2) },
	{ .name = "timesync, OpenVMM: 4.0 alone", TIMESYNC, BOTH, { V(4, 0) }, V(3, 0), V(4, 0) },
	{ .name = "kvp, 2019 to 2025", KVP, BOTH, { V(3, 0), V(4, 0), V(5, 0) }, V(3, 0), V(5, 0) },
	{ .name = "vss, 2019 to 2025", VSS, BOTH, { V(4, 0), V(5, 0), V(6, 0), V(7, 0) }, V(3, 0), V(5, 0) },
	{ .name = "fcopy, 2019 to 2025", FCOPY, BOTH, { V(1, 1) }, V(3, 0), V(1, 1) },
	{ .name = "vss that has forgotten 5.0", VSS, BOTH, { V(6, 0), V(7, 0) }, 0, 0 },
	{ .name = "kvp of a host to come", KVP, { V(4, 0), V(3, 0) }, { V(6, 0), V(5, 0) }, V(3, 0), V(5, 0) },
	{ .name = "framework of a host to come alone", KVP, { V(4, 0) }, { V(5, 0) }, 0, 0 },
};

static void host_case_desc(struct host_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}
KUNIT_ARRAY_PARAM(host, host_cases, host_case_desc);

static void put16(u8 *p, u32 v)
{
	p[0] = v;
	p[1] = v >> 8;
}

/* Returns how many there were. */
static u32 put_versions(u8 *p, const u32 versions[MOST])
{
	u32 n;

	for (n = 0; n < MOST && versions[n]; n++) {
		put16(p + 4 * n, HV_IC_VERSION_MAJOR(versions[n]));
		put16(p + 4 * n + 2, HV_IC_VERSION_MINOR(versions[n]));
	}
	return n;
}

static void release_agrees_on_its_newest(struct kunit *test)
{
	const struct host_case *c = test->param_value;
	struct hv_ic_msg msg = { .type = IC_MSG_NEGOTIATE };
	struct hv_ic_versions agreed;
	u8 body[8 + 2 * 4 * MOST] = { };
	u32 frameworks, messages;

	frameworks = put_versions(body + 8, c->framework);
	messages = put_versions(body + 8 + 4 * frameworks, c->message);
	put16(body, frameworks);
	put16(body + 2, messages);
	msg.body = body;
	msg.body_bytes = 8 + 4 * (frameworks + messages);

	KUNIT_EXPECT_EQ(test, hv_ic_msg_negotiate(&msg, &hv_ic_framework_versions, c->ours, &agreed),
			c->agreed ? 0 : -EOPNOTSUPP);
	KUNIT_EXPECT_EQ(test, agreed.framework, c->agreed_framework);
	KUNIT_EXPECT_EQ(test, agreed.message, c->agreed);
}

/* The search takes the first one that is offered. */
static void newest_comes_first(struct kunit *test)
{
	static const struct hv_ic_version_list *const all[] = {
		&hv_ic_framework_versions, HEARTBEAT, SHUTDOWN, TIMESYNC, KVP, VSS, FCOPY,
	};
	u32 i, j;

	for (i = 0; i < ARRAY_SIZE(all); i++) {
		KUNIT_EXPECT_GT(test, all[i]->count, 0u);
		for (j = 1; j < all[i]->count; j++)
			KUNIT_EXPECT_GT(test, all[i]->versions[j - 1], all[i]->versions[j]);
	}
}

static struct kunit_case versions_cases[] = {
	KUNIT_CASE_PARAM(release_agrees_on_its_newest, host_gen_params),
	KUNIT_CASE(newest_comes_first),
	{ }
};

static struct kunit_suite versions_suite = {
	.name = "hv_utils_versions",
	.test_cases = versions_cases,
};
kunit_test_suite(versions_suite);

MODULE_DESCRIPTION("KUnit suite: versions of the integration components");
MODULE_LICENSE("GPL");
