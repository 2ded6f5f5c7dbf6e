// SPDX-License-Identifier: GPL-2.0
/*
 * Giving memory to the host and taking it back: which messages tell it of which pages, what its answers mean, and that memory it
 * may still have is never used again. The host is played by this file, instead of request.c.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <kunit/test.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/string.h>
#include <linux/vmalloc.h>
#include "../../vmbus/gpa.c"
#include "../../vmbus/gpadl.c"

#define RELID	7u
#define PAGES	64u

struct vmbus_conn vmbus_conn;

/* What the host says. */
enum host_answer { AGREES, REFUSES, ANSWERS_SHORT, IS_SILENT, IS_GONE };

static struct {
	enum host_answer answer;
	int fails_at;		/* posting fails at this message, from 1 */
	int posted;
	int cancelled;
	u32 types[8];
	u32 relid, gpadl, bytes, offset;
	u16 range_bytes, range_count;
	u64 pfn[PAGES + 1];
	u32 pfns;
	u32 next_body;
	bool bodies_in_order;
} host;

unsigned int vmbus_answer_ms(void)
{
	return 1;
}

static void host_take_pfns(const void *from, u32 bytes)
{
	u32 count = bytes / sizeof(__le64);

	if (host.pfns + count <= ARRAY_SIZE(host.pfn))
		memcpy(host.pfn + host.pfns, from, count * sizeof(__le64));
	host.pfns += count;
}

int vmbus_post(const void *message, u32 bytes, bool may_sleep)
{
	const struct vmbus_msg_gpadl_header *header = message;
	const struct vmbus_msg_gpadl_body *body = message;
	struct vmbus_gpa_range range;

	if (++host.posted == host.fails_at)
		return -EAGAIN;
	if (host.posted <= ARRAY_SIZE(host.types))
		host.types[host.posted - 1] = le32_to_cpu(header->header.type);
	if (header->header.type == cpu_to_le32(VMBUS_MSG_GPADL_HEADER)) {
		host.relid = le32_to_cpu(header->relid);
		host.gpadl = le32_to_cpu(header->gpadl);
		host.range_bytes = le16_to_cpu(header->range_bytes);
		host.range_count = le16_to_cpu(header->range_count);
		memcpy(&range, header->ranges, sizeof(range));
		host.bytes = le32_to_cpu(range.byte_count);
		host.offset = le32_to_cpu(range.byte_offset);
		host_take_pfns(header->ranges + sizeof(range), bytes - sizeof(*header) - sizeof(range));
	} else {
		host.bodies_in_order &= le32_to_cpu(body->message_number) == host.next_body++ &&
					le32_to_cpu(body->gpadl) == host.gpadl;
		host_take_pfns(body->pfn, bytes - sizeof(*body));
	}
	return 0;
}

int vmbus_request_begin(struct vmbus_request *request, struct vmbus_chan *chan, const void *message, u32 bytes)
{
	return host.answer == IS_GONE ? -ENODEV : 0;
}

void vmbus_request_cancel(struct vmbus_request *request)
{
	host.cancelled++;
}

int vmbus_request_wait(struct vmbus_request *request, unsigned int timeout_ms)
{
	struct vmbus_msg_gpadl_created *created = (void *)request->reply;

	memset(request->reply, 0, sizeof(request->reply));
	request->reply_bytes = host.answer == ANSWERS_SHORT ? sizeof(*created) - 4 : sizeof(*created);
	created->status = cpu_to_le32(host.answer == REFUSES);
	return host.answer == IS_SILENT ? -ETIMEDOUT : 0;
}

int vmbus_request_call(struct vmbus_request *request, struct vmbus_chan *chan, const void *message, u32 bytes,
		       unsigned int timeout_ms)
{
	const struct vmbus_msg_gpadl_teardown *teardown = message;

	host.posted++;
	host.types[0] = le32_to_cpu(teardown->header.type);
	host.relid = le32_to_cpu(teardown->relid);
	host.gpadl = le32_to_cpu(teardown->gpadl);
	return host.answer == IS_SILENT ? -ETIMEDOUT : host.answer == IS_GONE ? -ENODEV : 0;
}

struct gpadl_test {
	struct vmbus_chan chan;
	struct vmbus_gpadl gpadl;
	u8 *memory;	/* PAGES guest pages and a byte more */
};

static void host_starts(enum host_answer answer)
{
	memset(&host, 0, sizeof(host));
	host.answer = answer;
	host.bodies_in_order = true;
}

static int gpadl_test_init(struct kunit *test)
{
	struct gpadl_test *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);

	if (!t)
		return -ENOMEM;
	t->memory = vmalloc(PAGES * HYPERV_PAGE_SIZE);
	if (!t->memory)
		return -ENOMEM;
	t->chan.relid = RELID;
	atomic_set(&vmbus_conn.faults.kept_gpadls, 0);
	atomic_set(&vmbus_conn.next_gpadl, 0);
	host_starts(AGREES);
	test->priv = t;
	return 0;
}

static void gpadl_test_exit(struct kunit *test)
{
	struct gpadl_test *t = test->priv;

	if (t)
		vfree(t->memory);
}

/* 26 pages fit the header, 28 each body. */
struct extent_case {
	const char *name;
	u32 offset, bytes, pages, messages;
};

static const struct extent_case extents[] = {
	{ "one_byte", 0, 1, 1, 1 },
	{ "one_page", 0, 4096, 1, 1 },
	{ "two_bytes_on_two_pages", 4095, 2, 2, 1 },
	{ "all_that_the_header_takes", 0, 26 * 4096, 26, 1 },
	{ "one_page_in_a_body", 0, 27 * 4096, 27, 2 },
	{ "a_full_body", 0, 54 * 4096, 54, 2 },
	{ "a_second_body", 8, 54 * 4096, 55, 3 },
};

static void extent_desc(const struct extent_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}
KUNIT_ARRAY_PARAM(extent, extents, extent_desc);

static void host_learns_of_each_page_once_and_in_order(struct kunit *test)
{
	const struct extent_case *c = test->param_value;
	struct gpadl_test *t = test->priv;
	u32 i;

	KUNIT_ASSERT_EQ(test, vmbus_establish_gpadl(&t->chan.channel, t->memory + c->offset, c->bytes, &t->gpadl), 0);
	KUNIT_EXPECT_EQ(test, host.posted, (int)c->messages);
	KUNIT_EXPECT_EQ(test, host.types[0], (u32)VMBUS_MSG_GPADL_HEADER);
	for (i = 1; i < c->messages; i++)
		KUNIT_EXPECT_EQ(test, host.types[i], (u32)VMBUS_MSG_GPADL_BODY);
	KUNIT_EXPECT_TRUE(test, host.bodies_in_order);
	KUNIT_EXPECT_EQ(test, host.relid, RELID);
	KUNIT_EXPECT_EQ(test, host.gpadl, t->gpadl.gpadl_handle);
	KUNIT_EXPECT_NE(test, host.gpadl, 0u);
	KUNIT_EXPECT_EQ(test, host.range_count, (u16)1);
	KUNIT_EXPECT_EQ(test, host.range_bytes, (u16)(8 + 8 * c->pages));
	KUNIT_EXPECT_EQ(test, host.bytes, c->bytes);
	KUNIT_EXPECT_EQ(test, host.offset, c->offset);
	KUNIT_ASSERT_EQ(test, host.pfns, c->pages);
	for (i = 0; i < c->pages; i++)
		if (host.pfn[i] != (u64)virt_to_hvpfn(t->memory + (size_t)i * HYPERV_PAGE_SIZE))
			KUNIT_FAIL(test, "page %u is told as %llx", i, (unsigned long long)host.pfn[i]);
	KUNIT_EXPECT_PTR_EQ(test, t->gpadl.buffer, (void *)(t->memory + c->offset));
	KUNIT_EXPECT_EQ(test, t->gpadl.size, c->bytes);
	KUNIT_EXPECT_EQ(test, atomic_read(&vmbus_conn.faults.kept_gpadls), 0);
}

static void handles_differ_and_are_never_zero(struct kunit *test)
{
	struct gpadl_test *t = test->priv;
	u32 first;

	KUNIT_ASSERT_EQ(test, vmbus_establish_gpadl(&t->chan.channel, t->memory, 1, &t->gpadl), 0);
	first = t->gpadl.gpadl_handle;
	KUNIT_ASSERT_EQ(test, vmbus_establish_gpadl(&t->chan.channel, t->memory, 1, &t->gpadl), 0);
	KUNIT_EXPECT_NE(test, first, t->gpadl.gpadl_handle);
	/* Where the count comes round, 0 is left out. */
	atomic_set(&vmbus_conn.next_gpadl, -GPADL_FIRST_ID - 1);
	KUNIT_ASSERT_EQ(test, vmbus_establish_gpadl(&t->chan.channel, t->memory, 1, &t->gpadl), 0);
	KUNIT_EXPECT_EQ(test, t->gpadl.gpadl_handle, 1u);
}

static void impossible_sizes_are_refused_without_a_word(struct kunit *test)
{
	struct gpadl_test *t = test->priv;

	KUNIT_EXPECT_EQ(test, vmbus_establish_gpadl(&t->chan.channel, t->memory, 0, &t->gpadl), -EINVAL);
	KUNIT_EXPECT_EQ(test, vmbus_establish_gpadl(&t->chan.channel, t->memory, 8191 * 4096, &t->gpadl), -EINVAL);
	KUNIT_EXPECT_EQ(test, vmbus_establish_gpadl(&t->chan.channel, t->memory, U32_MAX, &t->gpadl), -EINVAL);
	KUNIT_EXPECT_EQ(test, host.posted, 0);
}

/* Each way it can go wrong, and whether the host may have the memory then. */
struct failure_case {
	const char *name;
	enum host_answer answer;
	int fails_at, ret, posted, kept;
};

static const struct failure_case failures[] = {
	{ "the_host_refuses", REFUSES, 0, -EIO, 2, 0 },
	{ "the_answer_is_short", ANSWERS_SHORT, 0, -EPROTO, 2, 0 },
	{ "the_host_is_silent", IS_SILENT, 0, -ETIMEDOUT, 2, 1 },
	{ "the_channel_is_rescinded", IS_GONE, 0, -ENODEV, 0, 0 },
	{ "the_header_is_not_posted", AGREES, 1, -EAGAIN, 1, 0 },
	{ "the_body_is_not_posted", AGREES, 2, -EAGAIN, 2, 0 },
};

static void failure_desc(const struct failure_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}
KUNIT_ARRAY_PARAM(failure, failures, failure_desc);

static void failure_is_told_and_memory_the_host_may_have_is_kept(struct kunit *test)
{
	const struct failure_case *c = test->param_value;
	struct gpadl_test *t = test->priv;

	host_starts(c->answer);
	host.fails_at = c->fails_at;
	KUNIT_EXPECT_EQ(test, vmbus_establish_gpadl(&t->chan.channel, t->memory, 30 * 4096, &t->gpadl), c->ret);
	KUNIT_EXPECT_EQ(test, t->gpadl.gpadl_handle, 0u);
	KUNIT_EXPECT_EQ(test, host.posted, c->posted);
	KUNIT_EXPECT_EQ(test, host.cancelled, c->fails_at ? 1 : 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&vmbus_conn.faults.kept_gpadls), c->kept);
}

static void rings_are_told_page_by_page(struct kunit *test)
{
	const struct vmbus_gpa_rings rings = {
		.guest_page_bytes = HYPERV_PAGE_SIZE,
		.outbound_bytes = 4 * HYPERV_PAGE_SIZE,
		.total_bytes = 8 * HYPERV_PAGE_SIZE,
	};
	struct gpadl_test *t = test->priv;
	bool kept = true;
	u32 i;

	KUNIT_ASSERT_EQ(test, vmbus_gpadl_create_ring(&t->chan, t->memory, &rings, &t->gpadl, &kept), 0);
	KUNIT_EXPECT_FALSE(test, kept);
	KUNIT_ASSERT_EQ(test, host.pfns, 8u);
	for (i = 0; i < 8; i++)
		KUNIT_EXPECT_EQ(test, host.pfn[i], (u64)virt_to_hvpfn(t->memory + (size_t)i * HYPERV_PAGE_SIZE));
	KUNIT_EXPECT_EQ(test, host.bytes, 8u * HYPERV_PAGE_SIZE);

	/* What was never told of is nobody else's. */
	host_starts(IS_GONE);
	KUNIT_EXPECT_EQ(test, vmbus_gpadl_create_ring(&t->chan, t->memory, &rings, &t->gpadl, &kept), -ENODEV);
	KUNIT_EXPECT_FALSE(test, kept);
	host_starts(IS_SILENT);
	KUNIT_EXPECT_EQ(test, vmbus_gpadl_create_ring(&t->chan, t->memory, &rings, &t->gpadl, &kept), -ETIMEDOUT);
	KUNIT_EXPECT_TRUE(test, kept);
}

static void memory_comes_back_with_the_hosts_word_only(struct kunit *test)
{
	struct gpadl_test *t = test->priv;
	u32 handle;

	KUNIT_ASSERT_EQ(test, vmbus_establish_gpadl(&t->chan.channel, t->memory, 4096, &t->gpadl), 0);
	handle = t->gpadl.gpadl_handle;
	host_starts(AGREES);
	KUNIT_EXPECT_EQ(test, vmbus_teardown_gpadl(&t->chan.channel, &t->gpadl), 0);
	KUNIT_EXPECT_EQ(test, host.types[0], (u32)VMBUS_MSG_GPADL_TEARDOWN);
	KUNIT_EXPECT_EQ(test, host.relid, RELID);
	KUNIT_EXPECT_EQ(test, host.gpadl, handle);
	KUNIT_EXPECT_EQ(test, t->gpadl.gpadl_handle, 0u);
	/* There is nothing to take back any more. */
	KUNIT_EXPECT_EQ(test, vmbus_teardown_gpadl(&t->chan.channel, &t->gpadl), 0);
	KUNIT_EXPECT_EQ(test, host.posted, 1);
	KUNIT_EXPECT_EQ(test, atomic_read(&vmbus_conn.faults.kept_gpadls), 0);

	host_starts(AGREES);
	KUNIT_ASSERT_EQ(test, vmbus_establish_gpadl(&t->chan.channel, t->memory, 4096, &t->gpadl), 0);
	host_starts(IS_SILENT);
	KUNIT_EXPECT_EQ(test, vmbus_teardown_gpadl(&t->chan.channel, &t->gpadl), -ETIMEDOUT);
	KUNIT_EXPECT_EQ(test, atomic_read(&vmbus_conn.faults.kept_gpadls), 1);
	/* Asking again would be of no use: it is written off. */
	KUNIT_EXPECT_EQ(test, vmbus_teardown_gpadl(&t->chan.channel, &t->gpadl), 0);

	host_starts(AGREES);
	KUNIT_ASSERT_EQ(test, vmbus_establish_gpadl(&t->chan.channel, t->memory, 4096, &t->gpadl), 0);
	host_starts(IS_GONE);
	KUNIT_EXPECT_EQ(test, vmbus_teardown_gpadl(&t->chan.channel, &t->gpadl), -ENODEV);
	KUNIT_EXPECT_EQ(test, atomic_read(&vmbus_conn.faults.kept_gpadls), 2);
}

static struct kunit_case gpadl_cases[] = {
	KUNIT_CASE_PARAM(host_learns_of_each_page_once_and_in_order, extent_gen_params),
	KUNIT_CASE(handles_differ_and_are_never_zero),
	KUNIT_CASE(impossible_sizes_are_refused_without_a_word),
	KUNIT_CASE_PARAM(failure_is_told_and_memory_the_host_may_have_is_kept, failure_gen_params),
	KUNIT_CASE(rings_are_told_page_by_page),
	KUNIT_CASE(memory_comes_back_with_the_hosts_word_only),
	{}
};

static struct kunit_suite gpadl_suite = {
	.name = "hv_vmbus_gpadl",
	.init = gpadl_test_init,
	.exit = gpadl_test_exit,
	.test_cases = gpadl_cases,
};
kunit_test_suite(gpadl_suite);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("KUnit suite: memory given to the host and taken back");
