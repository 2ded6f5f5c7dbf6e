// SPDX-License-Identifier: GPL-2.0
/* Versions of an integration component: which are agreed upon, and what a host may say instead of a list of versions. */
#include <kunit/test.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/string.h>
#include "../../vmbus/negotiate.c"

#define V(major, minor)	((major) << 16 | (minor))

static const int our_frameworks[] = { V(3, 0), V(1, 0) };
static const int our_messages[] = { V(5, 0), V(4, 0), V(3, 0) };

struct offered_case {
	const char *name;
	u16 frameworks, messages;	/* how many the message says there are */
	int versions[6];		/* which, frameworks first */
	u32 cut;			/* bytes of the last ones that are missing */
	int framework, message;		/* agreed upon; 0: none */
};

static const struct offered_case offered_cases[] = {
	{ "newest_of_both", 2, 3, { V(1, 0), V(3, 0), V(3, 0), V(4, 0), V(5, 0) }, 0, V(3, 0), V(5, 0) },
	{ "old_host", 1, 1, { V(1, 0), V(3, 0) }, 0, V(1, 0), V(3, 0) },
	{ "host_of_the_future", 2, 2, { V(9, 0), V(3, 0), V(9, 9), V(4, 0) }, 0, V(3, 0), V(4, 0) },
	{ "no_common_framework", 1, 1, { V(2, 0), V(5, 0) }, 0, 0, V(5, 0) },
	{ "no_common_message_version", 1, 1, { V(3, 0), V(6, 0) }, 0, V(3, 0), 0 },
	{ "minor_is_looked_at", 1, 1, { V(3, 1), V(5, 0) }, 0, 0, V(5, 0) },
	{ "no_frameworks", 0, 1, { V(5, 0) }, 0, 0, 0 },
	{ "no_message_versions", 1, 0, { V(3, 0) }, 0, 0, 0 },
	{ "more_than_the_limit", 101, 1, { V(3, 0), V(5, 0) }, 0, 0, 0 },
	{ "sum_of_more_than_16_bits", 0xffff, 0xffff, { V(3, 0), V(5, 0) }, 0, 0, 0 },
	{ "more_than_there_are_bytes", 2, 3, { V(3, 0), V(1, 0), V(5, 0), V(4, 0), V(3, 0) }, 1, 0, 0 },
};

static void offered_desc(const struct offered_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}
KUNIT_ARRAY_PARAM(offered, offered_cases, offered_desc);

static void version_is_the_newest_of_both_sides(struct kunit *test)
{
	const struct offered_case *c = test->param_value;
	u32 listed = 0, bytes;
	struct icmsg_negotiate *body;
	struct icmsg_hdr *header;
	int framework = -1, message = -1;
	u8 *exact;
	u32 i;

	while (listed < ARRAY_SIZE(c->versions) && c->versions[listed])
		listed++;
	bytes = ICMSG_HDR + sizeof(*body) + listed * sizeof(struct ic_version) - c->cut;
	/* Not a byte more than there is, so that a reader or writer beyond it is caught. The answer always has room for two. */
	exact = kunit_kzalloc(test, max_t(u32, bytes, ICMSG_HDR + sizeof(*body) + 2 * sizeof(struct ic_version)), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, exact);
	header = (void *)(exact + sizeof(struct vmbuspipe_hdr));
	body = (void *)(exact + ICMSG_HDR);
	body->icframe_vercnt = c->frameworks;
	body->icmsg_vercnt = c->messages;
	for (i = 0; i < listed; i++) {
		struct ic_version version = { .major = c->versions[i] >> 16, .minor = c->versions[i] & 0xffff };

		memcpy(exact + ICMSG_HDR + sizeof(*body) + i * sizeof(version), &version,
		       i + 1 == listed ? sizeof(version) - c->cut : sizeof(version));
	}
	KUNIT_EXPECT_EQ(test, vmbus_prep_negotiate_resp(header, exact, bytes, our_frameworks, ARRAY_SIZE(our_frameworks),
							our_messages, ARRAY_SIZE(our_messages), &framework, &message),
			c->framework && c->message);
	KUNIT_EXPECT_EQ(test, framework, c->framework);
	KUNIT_EXPECT_EQ(test, message, c->message);
	KUNIT_EXPECT_EQ(test, header->icmsgsize, (u16)(sizeof(*body) + 2 * sizeof(struct ic_version)));
	/* The answer: one of each, or none of either. */
	KUNIT_EXPECT_EQ(test, body->icframe_vercnt, (u16)(c->framework && c->message));
	KUNIT_EXPECT_EQ(test, body->icmsg_vercnt, (u16)(c->framework && c->message));
	if (c->framework && c->message) {
		KUNIT_EXPECT_EQ(test, V(body->icversion_data[0].major, body->icversion_data[0].minor), c->framework);
		KUNIT_EXPECT_EQ(test, V(body->icversion_data[1].major, body->icversion_data[1].minor), c->message);
	}
}

static void message_without_its_counts_is_left_alone(struct kunit *test)
{
	u32 bytes = ICMSG_HDR + sizeof(struct icmsg_negotiate) - 1;
	u8 *exact = kunit_kzalloc(test, bytes, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, exact);
	KUNIT_EXPECT_FALSE(test, vmbus_prep_negotiate_resp((void *)(exact + sizeof(struct vmbuspipe_hdr)), exact, bytes,
							   our_frameworks, 2, our_messages, 3, NULL, NULL));
	KUNIT_EXPECT_FALSE(test, vmbus_prep_negotiate_resp((void *)exact, exact, 0, our_frameworks, 2, our_messages, 3, NULL,
							   NULL));
}

static struct kunit_case negotiate_cases[] = {
	KUNIT_CASE_PARAM(version_is_the_newest_of_both_sides, offered_gen_params),
	KUNIT_CASE(message_without_its_counts_is_left_alone),
	{}
};

static struct kunit_suite negotiate_suite = {
	.name = "hv_vmbus_negotiate",
	.test_cases = negotiate_cases,
};
kunit_test_suite(negotiate_suite);

MODULE_DESCRIPTION("KUnit suite: versions of an integration component");
MODULE_LICENSE("GPL");
