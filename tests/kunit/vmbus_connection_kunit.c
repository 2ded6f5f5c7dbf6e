// SPDX-License-Identifier: GPL-2.0
/*
 * Agreeing with the host on a version, connecting again, and letting go: which versions are asked for, which connection is used
 * from then on, what a host may answer, and which pages are never used again. The host is played by this file, instead of
 * request.c, the hypercalls and the SynIC.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <kunit/test.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/string.h>
/* What is traced is not of interest here. */
#define VMBUS_TRACE_H
#include "../../vmbus/connection.c"

#define CONNECTION	0x1234u

/* What the host knows, and how it goes about saying so. */
static struct {
	u32 oldest, newest;		/* versions it takes; both 0: none */
	u32 no_message_connection;	/* posting on this connection fails */
	int call_result;
	u32 asked[16], times;		/* versions in the order they were asked for */
	u8 connection_state;
	u32 feature_flags;
	u32 reply_bytes;
	u64 interrupt_page;
	u8 sint;
	u32 contact_bytes, features_asked;
	struct hyperv_guid client_id;
	int unloads;
	/* On the crash path: on which processor the answer lies, after how many looks; other messages before it. */
	unsigned int answer_after, looks;
	u32 answer_type;
	int post_result;
} host;

unsigned int vmbus_answer_ms(void)
{
	return 1;
}

u32 hv_platform_vp_index(unsigned int cpu)
{
	return 3;
}

int vmbus_post(const void *message, u32 bytes, bool may_sleep)
{
	const struct vmbus_msg_header *header = message;

	return le32_to_cpu(header->type) == VMBUS_MSG_REQUEST_OFFERS && bytes == sizeof(*header) ? host.post_result : -EINVAL;
}

int hv_post_message(u32 connection_id, u32 type, const void *payload, u32 bytes, bool may_sleep)
{
	if (may_sleep || connection_id != CONNECTION)
		return -EINVAL;
	host.unloads++;
	return host.post_result;
}

bool hv_synic_take_message(unsigned int cpu, struct tlfs_message *copy)
{
	struct vmbus_msg_header *header = (void *)copy->payload;

	if (++host.looks < host.answer_after)
		return false;
	memset(copy, 0, sizeof(*copy));
	copy->type = cpu_to_le32(TLFS_MESSAGE_TYPE_CHANNEL);
	header->type = cpu_to_le32(host.looks == host.answer_after ? host.answer_type : VMBUS_MSG_UNLOAD_RESPONSE);
	return true;
}

static int host_answers_contact(struct vmbus_request *request, const struct vmbus_msg_initiate_contact *contact, u32 bytes)
{
	struct vmbus_msg_version_response_v6 *response = (void *)request->reply;
	u32 version = le32_to_cpu(contact->version);

	if (host.times < ARRAY_SIZE(host.asked))
		host.asked[host.times++] = version;
	if (host.no_message_connection && vmbus_conn.message_connection_id == host.no_message_connection)
		return -ENXIO;
	if (host.call_result)
		return host.call_result;
	host.interrupt_page = le64_to_cpu(contact->interrupt_page);
	host.sint = contact->sint;
	host.contact_bytes = bytes;
	host.features_asked = version >= VMBUS_VERSION_5_0 ? le32_to_cpu(contact->feature_flags) : 0;
	if (bytes == sizeof(struct vmbus_msg_initiate_contact2))
		host.client_id = ((const struct vmbus_msg_initiate_contact2 *)contact)->client_id;
	memset(request->reply, 0, sizeof(request->reply));
	response->base.supported = version >= host.oldest && version <= host.newest;
	response->base.connection_state = host.connection_state;
	response->base.message_connection_id = cpu_to_le32(0xff000000 | CONNECTION);
	response->feature_flags = cpu_to_le32(host.feature_flags);
	request->reply_bytes = host.reply_bytes ?: sizeof(*response);
	return 0;
}

int vmbus_request_call(struct vmbus_request *request, struct vmbus_chan *chan, const void *message, u32 bytes,
		       unsigned int timeout_ms)
{
	const struct vmbus_msg_header *header = message;

	if (le32_to_cpu(header->type) == VMBUS_MSG_INITIATE_CONTACT)
		return host_answers_contact(request, message, bytes);
	host.unloads++;
	return host.call_result;
}

static void host_takes(u32 oldest, u32 newest)
{
	memset(&host, 0, sizeof(host));
	host.oldest = oldest;
	host.newest = newest;
}

static int connection_test_init(struct kunit *test)
{
	host_takes(VMBUS_VERSION_0_13, VMBUS_VERSION_6_0);
	vmbus_conn.connected = false;
	vmbus_conn.takes_offers = false;
	vmbus_conn.pages_kept = false;
	vmbus_conn.skip_unload = false;
	vmbus_proto_version = 0;
	return 0;
}

static void connection_test_exit(struct kunit *test)
{
	vmbus_conn.pages_kept = false;
	vmbus_free_pages();
}

/* A host, and how many versions are asked for until it is content. */
struct version_case {
	const char *name;
	u32 oldest, newest, limit, agreed, times;
	bool shared;
};

static const struct version_case versions_of_hosts[] = {
	{ "newest", VMBUS_VERSION_0_13, VMBUS_VERSION_6_0, U32_MAX, VMBUS_VERSION_6_0, 1, false },
	{ "server_2022", VMBUS_VERSION_0_13, VMBUS_VERSION_5_3, U32_MAX, VMBUS_VERSION_5_3, 2, false },
	{ "server_2016", VMBUS_VERSION_0_13, VMBUS_VERSION_4_0, U32_MAX, VMBUS_VERSION_4_0, 7, false },
	{ "server_2012", VMBUS_VERSION_0_13, VMBUS_VERSION_2_4, U32_MAX, VMBUS_VERSION_2_4, 9, false },
	{ "server_2008_r2", VMBUS_VERSION_0_13, VMBUS_VERSION_1_1, U32_MAX, VMBUS_VERSION_1_1, 10, true },
	{ "server_2008", VMBUS_VERSION_0_13, VMBUS_VERSION_0_13, U32_MAX, VMBUS_VERSION_0_13, 11, true },
	{ "limited_by_the_user", VMBUS_VERSION_0_13, VMBUS_VERSION_6_0, VMBUS_VERSION_4_1, VMBUS_VERSION_4_1, 1, false },
};

static void version_desc(const struct version_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}
KUNIT_ARRAY_PARAM(version, versions_of_hosts, version_desc);

static void newest_common_version_is_found(struct kunit *test)
{
	const struct version_case *c = test->param_value;
	u32 i;

	host_takes(c->oldest, c->newest);
	KUNIT_ASSERT_EQ(test, vmbus_connect(c->limit), 0);
	KUNIT_EXPECT_EQ(test, vmbus_proto_version, c->agreed);
	KUNIT_EXPECT_EQ(test, host.times, c->times);
	for (i = 1; i < host.times; i++)
		KUNIT_EXPECT_LT(test, host.asked[i], host.asked[i - 1]);
	KUNIT_EXPECT_EQ(test, vmbus_conn.shared_interrupts, c->shared);
	KUNIT_EXPECT_TRUE(test, vmbus_conn.connected);
	KUNIT_EXPECT_TRUE(test, vmbus_conn.takes_offers);
	if (c->agreed >= VMBUS_VERSION_5_0) {
		/* The upper bits of a connection are not part of it. */
		KUNIT_EXPECT_EQ(test, vmbus_conn.message_connection_id, CONNECTION);
		KUNIT_EXPECT_EQ(test, host.sint, (u8)VMBUS_SINT);
	} else {
		KUNIT_EXPECT_EQ(test, vmbus_conn.message_connection_id, (u32)VMBUS_CONNECTION_MESSAGE);
		KUNIT_EXPECT_EQ(test, host.interrupt_page, (u64)virt_to_phys(vmbus_conn.interrupt_page));
	}
	KUNIT_EXPECT_EQ(test, vmbus_request_initial_offers(), 0);
}

static void host_without_the_new_connection_is_asked_for_old_versions_only(struct kunit *test)
{
	host_takes(VMBUS_VERSION_0_13, VMBUS_VERSION_4_1);
	host.no_message_connection = VMBUS_CONNECTION_MESSAGE_V5;
	KUNIT_ASSERT_EQ(test, vmbus_connect(U32_MAX), 0);
	KUNIT_EXPECT_EQ(test, vmbus_proto_version, (u32)VMBUS_VERSION_4_1);
	KUNIT_ASSERT_EQ(test, host.times, 2u);
	KUNIT_EXPECT_EQ(test, host.asked[1], (u32)VMBUS_VERSION_4_1);
}

/* What a host may answer instead, and whether it may have taken the pages all the same. */
struct refusal_case {
	const char *name;
	u32 newest;
	int call_result;
	u8 state;
	u32 feature_flags, reply_bytes;
	int ret;
	bool kept;
};

static const struct refusal_case refusals[] = {
	{ "no_version", 0, 0, 0, 0, 0, -EOPNOTSUPP, false },
	{ "silence", VMBUS_VERSION_6_0, -ETIMEDOUT, 0, 0, 0, -ETIMEDOUT, true },
	{ "lack_of_resources", VMBUS_VERSION_6_0, 0, 2, 0, 0, -EIO, true },
	{ "a_feature_nobody_asked_for", VMBUS_VERSION_6_0, 0, 0, VMBUS_FEATURE_CONFIDENTIAL_CHANNELS, 0, -EPROTO, true },
	{ "one_beside_what_was_asked_for", VMBUS_VERSION_6_0, 0, 0, VMBUS_FEATURE_CLIENT_ID | VMBUS_FEATURE_PAUSE_RESUME, 0,
	  -EPROTO, true },
	{ "an_answer_without_the_connection", VMBUS_VERSION_5_3, 0, 0, 0, 12, -EPROTO, true },
};

static void refusal_desc(const struct refusal_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}
KUNIT_ARRAY_PARAM(refusal, refusals, refusal_desc);

static void refusal_ends_it_and_pages_the_host_may_have_are_kept(struct kunit *test)
{
	const struct refusal_case *c = test->param_value;

	host_takes(c->newest ? VMBUS_VERSION_0_13 : U32_MAX, c->newest);
	host.call_result = c->call_result;
	host.connection_state = c->state;
	host.feature_flags = c->feature_flags;
	host.reply_bytes = c->reply_bytes;
	KUNIT_EXPECT_EQ(test, vmbus_connect(U32_MAX), c->ret);
	KUNIT_EXPECT_FALSE(test, vmbus_conn.connected);
	KUNIT_EXPECT_EQ(test, vmbus_conn.pages_kept, c->kept);
	KUNIT_EXPECT_EQ(test, vmbus_conn.interrupt_page != NULL, c->kept);
	/* Of an old version the state was never filled in. */
	if (c->state) {
		vmbus_conn.pages_kept = false;
		vmbus_free_pages();
		KUNIT_EXPECT_EQ(test, vmbus_connect(VMBUS_VERSION_1_1), 0);
	}
}

static void a_short_answer_of_6_0_has_no_features(struct kunit *test)
{
	host.feature_flags = U32_MAX;
	host.reply_bytes = sizeof(struct vmbus_msg_version_response);
	KUNIT_EXPECT_EQ(test, vmbus_connect(U32_MAX), 0);
}

static void client_says_who_it_is_from_6_0_on(struct kunit *test)
{
	static const struct hyperv_guid nobody;

	host.feature_flags = VMBUS_FEATURE_CLIENT_ID;
	KUNIT_EXPECT_EQ(test, vmbus_connect(U32_MAX), 0);
	KUNIT_EXPECT_EQ(test, host.contact_bytes, (u32)sizeof(struct vmbus_msg_initiate_contact2));
	KUNIT_EXPECT_EQ(test, host.features_asked, VMBUS_FEATURE_CLIENT_ID);
	KUNIT_EXPECT_NE(test, memcmp(&host.client_id, &nobody, sizeof(nobody)), 0);
	vmbus_free_pages();

	host_takes(VMBUS_VERSION_0_13, VMBUS_VERSION_5_3);
	KUNIT_EXPECT_EQ(test, vmbus_connect(U32_MAX), 0);
	KUNIT_EXPECT_EQ(test, host.contact_bytes, (u32)sizeof(struct vmbus_msg_initiate_contact));
	KUNIT_EXPECT_EQ(test, host.features_asked, 0u);
}

static void unload_is_sent_once_and_its_answer_frees_the_pages(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, vmbus_unload(), 0);
	KUNIT_EXPECT_EQ(test, host.unloads, 0);
	KUNIT_ASSERT_EQ(test, vmbus_connect(U32_MAX), 0);
	KUNIT_EXPECT_EQ(test, vmbus_unload(), 0);
	KUNIT_EXPECT_EQ(test, vmbus_unload(), 0);
	KUNIT_EXPECT_EQ(test, host.unloads, 1);
	KUNIT_EXPECT_FALSE(test, vmbus_conn.pages_kept);

	/* And again with the version that was agreed upon. */
	KUNIT_EXPECT_EQ(test, vmbus_reconnect(), 0);
	KUNIT_EXPECT_EQ(test, host.asked[host.times - 1], (u32)VMBUS_VERSION_6_0);
	host.call_result = -ETIMEDOUT;
	KUNIT_EXPECT_EQ(test, vmbus_unload(), -ETIMEDOUT);
	KUNIT_EXPECT_TRUE(test, vmbus_conn.pages_kept);
	KUNIT_EXPECT_EQ(test, vmbus_reconnect(), -ETIMEDOUT);
	KUNIT_EXPECT_TRUE(test, vmbus_conn.pages_kept);
	host.call_result = 0;
	KUNIT_EXPECT_EQ(test, vmbus_reconnect(), 0);
	KUNIT_EXPECT_FALSE(test, vmbus_conn.pages_kept);
}

static void old_hosts_are_left_without_a_word_and_keep_the_pages(struct kunit *test)
{
	host_takes(VMBUS_VERSION_0_13, VMBUS_VERSION_2_4);
	KUNIT_ASSERT_EQ(test, vmbus_connect(U32_MAX), 0);
	KUNIT_EXPECT_EQ(test, vmbus_unload(), -EOPNOTSUPP);
	KUNIT_EXPECT_EQ(test, host.unloads, 0);
	KUNIT_EXPECT_TRUE(test, vmbus_conn.pages_kept);
	vmbus_free_pages();
	KUNIT_EXPECT_NOT_NULL(test, vmbus_conn.interrupt_page);
}

static void crash_looks_for_the_answer_in_every_slot(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, vmbus_connect(U32_MAX), 0);
	/* Something else lies there first. */
	host.answer_after = 3;
	host.answer_type = VMBUS_MSG_OFFER;
	vmbus_unload_crash();
	KUNIT_EXPECT_EQ(test, host.unloads, 1);
	KUNIT_EXPECT_EQ(test, host.looks, 4u);
	vmbus_unload_crash();
	KUNIT_EXPECT_EQ(test, host.unloads, 1);

	/* No message gets out: nothing to wait for. */
	KUNIT_ASSERT_EQ(test, vmbus_reconnect(), 0);
	host.post_result = -EAGAIN;
	host.looks = 0;
	vmbus_unload_crash();
	KUNIT_EXPECT_EQ(test, host.looks, 0u);
}

static struct kunit_case connection_cases[] = {
	KUNIT_CASE_PARAM(newest_common_version_is_found, version_gen_params),
	KUNIT_CASE(host_without_the_new_connection_is_asked_for_old_versions_only),
	KUNIT_CASE_PARAM(refusal_ends_it_and_pages_the_host_may_have_are_kept, refusal_gen_params),
	KUNIT_CASE(a_short_answer_of_6_0_has_no_features),
	KUNIT_CASE(client_says_who_it_is_from_6_0_on),
	KUNIT_CASE(unload_is_sent_once_and_its_answer_frees_the_pages),
	KUNIT_CASE(old_hosts_are_left_without_a_word_and_keep_the_pages),
	KUNIT_CASE(crash_looks_for_the_answer_in_every_slot),
	{}
};

static struct kunit_suite connection_suite = {
	.name = "hv_vmbus_connection",
	.init = connection_test_init,
	.exit = connection_test_exit,
	.test_cases = connection_cases,
};
kunit_test_suite(connection_suite);

MODULE_DESCRIPTION("KUnit suite: the connection to the host");
MODULE_LICENSE("GPL");
