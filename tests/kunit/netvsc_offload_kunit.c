// SPDX-License-Identifier: GPL-2.0
/*
 * NDIS offload capabilities to netdev features, and the parameters that switch them on. What a host of each generation
 * offers is written out by hand; a host that offers too little, or nonsense, gets no offloaded packet.
 */
#include <kunit/test.h>
#include <linux/module.h>
#include <linux/string.h>
#include "../../netvsc/offload.c"

#define TCP4	NETVSC_OFFLOAD_TCP4
#define UDP4	NETVSC_OFFLOAD_UDP4
#define TCP6	NETVSC_OFFLOAD_TCP6
#define UDP6	NETVSC_OFFLOAD_UDP6
#define TSO4	NETVSC_OFFLOAD_TSO4
#define TSO6	NETVSC_OFFLOAD_TSO6
#define RSC	NETVSC_OFFLOAD_RSC
#define RX_ALL	(NETVSC_OFFLOAD_RX_TCP4 | NETVSC_OFFLOAD_RX_UDP4 | NETVSC_OFFLOAD_RX_TCP6 | NETVSC_OFFLOAD_RX_UDP6)

struct caps_case {
	const char *name;
	u32 nvsp_version;
	u8 type;
	u8 revision;
	u16 size;
	u32 received;
	u32 csum4, csum6;		/* transmit flags */
	u32 encapsulation, max_bytes, min_segments, options;
	u8 rsc4, rsc6;
	int result;
	u32 bits;			/* of transmit and RSC */
	u32 gso_max_bytes;
};

static const struct caps_case caps_cases[] = {
	/* name, NVSP, type, revision, size, received, csum4, csum6, LSO: encapsulation, max, min, options, RSC */
	{ "host_of_today", NVSP_VERSION_6_1, 0xa7, 3, 156, 156, 0x155, 0x55, 2, 0xf53c, 2, 5, 1, 1,
	  0, TCP4 | UDP4 | TCP6 | UDP6 | TSO4 | TSO6 | RSC, 0xf53c },
	{ "tcp_only", NVSP_VERSION_4, 0xa7, 2, 144, 144, 0x115, 0x15, 2, 0xf53c, 2, 5, 0, 0,
	  0, TCP4 | TCP6 | TSO4 | TSO6, 0xf53c },
	{ "udp_has_no_parameter_before_version_5", NVSP_VERSION_4, 0xa7, 2, 144, 144, 0x155, 0x55, 2, 0xf53c, 2, 5, 0, 0,
	  0, TCP4 | TCP6 | TSO4 | TSO6, 0xf53c },
	{ "oldest_object", NVSP_VERSION_1, 0xa7, 1, 112, 112, 0x15, 0, 2, 0xf53c, 2, 0, 0, 0, 0, TCP4 | TSO4, 0xf53c },
	{ "newer_and_longer_object", NVSP_VERSION_6_1, 0xa7, 4, 200, 156, 0x55, 0x55, 2, 0xf53c, 2, 5, 1, 1,
	  0, TCP4 | UDP4 | TCP6 | UDP6 | TSO4 | TSO6 | RSC, 0xf53c },
	{ "nothing", NVSP_VERSION_6_1, 0xa7, 3, 156, 156 },
	{ "large_sends_need_the_checksum", NVSP_VERSION_6_1, 0xa7, 3, 156, 156, 0, 0, 2, 0xf53c, 2, 5 },
	{ "no_tcp_options", NVSP_VERSION_6_1, 0xa7, 3, 156, 156, 0x51, 0x51, 2, 0xf53c, 2, 5 },
	{ "no_extension_headers", NVSP_VERSION_6_1, 0xa7, 3, 156, 156, 0x54, 0x54, 2, 0xf53c, 2, 5, 0, 0,
	  0, TCP4 | UDP4 | TSO4, 0xf53c },
	{ "ipv6_large_sends_need_their_options", NVSP_VERSION_6_1, 0xa7, 3, 156, 156, 0x55, 0x55, 2, 0xf53c, 2, 4, 0, 0,
	  0, TCP4 | UDP4 | TCP6 | UDP6 | TSO4, 0xf53c },
	{ "other_encapsulation", NVSP_VERSION_6_1, 0xa7, 3, 156, 156, 0x55, 0x55, 1, 0xf53c, 2, 5, 0, 0,
	  0, TCP4 | UDP4 | TCP6 | UDP6 },
	{ "large_sends_too_small", NVSP_VERSION_6_1, 0xa7, 3, 156, 156, 0x55, 0x55, 2, 2999, 2, 5, 0, 0,
	  0, TCP4 | UDP4 | TCP6 | UDP6 },
	{ "large_sends_of_no_size", NVSP_VERSION_6_1, 0xa7, 3, 156, 156, 0x55, 0x55, 2, 0, 2, 5, 0, 0,
	  0, TCP4 | UDP4 | TCP6 | UDP6 },
	{ "large_sends_without_limit", NVSP_VERSION_6_1, 0xa7, 3, 156, 156, 0x55, 0x55, 2, 0xffffffff, 2, 5, 0, 0,
	  0, TCP4 | UDP4 | TCP6 | UDP6 | TSO4 | TSO6, 65536 },
	{ "large_sends_of_many_segments", NVSP_VERSION_6_1, 0xa7, 3, 156, 156, 0x55, 0x55, 2, 0xf53c, 0xffffffff, 5, 0, 0,
	  0, TCP4 | UDP4 | TCP6 | UDP6 },
	{ "coalescing_of_one_ip_version", NVSP_VERSION_6_1, 0xa7, 3, 156, 156, 0, 0, 0, 0, 0, 0, 1, 0 },
	{ "coalescing_behind_an_older_object", NVSP_VERSION_6_1, 0xa7, 2, 156, 156, 0, 0, 0, 0, 0, 0, 1, 1 },
	{ "coalescing_cut_off", NVSP_VERSION_6_1, 0xa7, 3, 156, 155, 0, 0, 0, 0, 0, 0, 1, 1 },
	{ "one_byte_short", NVSP_VERSION_6_1, 0xa7, 1, 112, 111, 0x55, 0x55, 2, 0xf53c, 2, 5, 0, 0, -EPROTO },
	{ "size_one_byte_short", NVSP_VERSION_6_1, 0xa7, 1, 111, 156, 0x55, 0x55, 2, 0xf53c, 2, 5, 0, 0, -EPROTO },
	{ "empty", NVSP_VERSION_6_1, 0xa7, 3, 156, 0, 0x55, 0x55, 2, 0xf53c, 2, 5, 0, 0, -EPROTO },
	{ "size_0", NVSP_VERSION_6_1, 0xa7, 3, 0, 156, 0x55, 0x55, 2, 0xf53c, 2, 5, 0, 0, -EPROTO },
	{ "revision_0", NVSP_VERSION_6_1, 0xa7, 0, 156, 156, 0x55, 0x55, 2, 0xf53c, 2, 5, 0, 0, -EPROTO },
	{ "other_object", NVSP_VERSION_6_1, 0x80, 3, 156, 156, 0x55, 0x55, 2, 0xf53c, 2, 5, 0, 0, -EPROTO },
};

static void caps_case_desc(const struct caps_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(caps, caps_cases, caps_case_desc);

static void capabilities_say_what_can_be_used(struct kunit *test)
{
	const struct caps_case *c = test->param_value;
	const struct ndis_offload caps = {
		.header.type = c->type,
		.header.revision = c->revision,
		.header.size = cpu_to_le16(c->size),
		.csum.ip4_tx_flags = cpu_to_le32(c->csum4),
		.csum.ip6_tx_flags = cpu_to_le32(c->csum6),
		.lsov2.ip4_encapsulation = cpu_to_le32(c->encapsulation),
		.lsov2.ip4_max_bytes = cpu_to_le32(c->max_bytes),
		.lsov2.ip4_min_segments = cpu_to_le32(c->min_segments),
		.lsov2.ip6_encapsulation = cpu_to_le32(c->encapsulation),
		.lsov2.ip6_max_bytes = cpu_to_le32(c->max_bytes),
		.lsov2.ip6_min_segments = cpu_to_le32(c->min_segments),
		.lsov2.ip6_options = cpu_to_le32(c->options),
		.rsc_ip4 = c->rsc4,
		.rsc_ip6 = c->rsc6,
	};
	struct netvsc_offload offload = { .bits = 0xffffffff };

	KUNIT_EXPECT_EQ(test, netvsc_offload_parse(&caps, c->received, c->nvsp_version, &offload), c->result);
	KUNIT_EXPECT_EQ(test, offload.bits, c->bits);
	if (c->bits & (TSO4 | TSO6))
		KUNIT_EXPECT_EQ(test, offload.gso_max_bytes, c->gso_max_bytes);
}

static void smaller_limit_of_both_ip_versions_holds(struct kunit *test)
{
	struct ndis_offload caps = {
		.header = { .type = 0xa7, .revision = 3, .size = cpu_to_le16(156) },
		.csum.ip4_tx_flags = cpu_to_le32(0x55),
		.csum.ip6_tx_flags = cpu_to_le32(0x55),
		.lsov2 = {
			.ip4_encapsulation = cpu_to_le32(2), .ip4_max_bytes = cpu_to_le32(50000),
			.ip4_min_segments = cpu_to_le32(2),
			.ip6_encapsulation = cpu_to_le32(2), .ip6_max_bytes = cpu_to_le32(40000),
			.ip6_min_segments = cpu_to_le32(2), .ip6_options = cpu_to_le32(5),
		},
	};
	struct netvsc_offload offload;

	KUNIT_ASSERT_EQ(test, netvsc_offload_parse(&caps, 156, NVSP_VERSION_6, &offload), 0);
	KUNIT_EXPECT_EQ(test, offload.gso_max_bytes, 40000u);
}

struct query_case {
	const char *name;
	u32 nvsp_version;
	u8 revision;
	u32 query_bytes;
	u32 param_bytes;
};

static const struct query_case query_cases[] = {
	{ "version_1", NVSP_VERSION_1, 1, 112, 22 },
	{ "version_2", NVSP_VERSION_2, 1, 112, 22 },
	{ "version_4", NVSP_VERSION_4, 2, 144, 22 },
	{ "version_5", NVSP_VERSION_5, 3, 156, 28 },
	{ "version_6", NVSP_VERSION_6, 3, 156, 28 },
	{ "version_6_1", NVSP_VERSION_6_1, 3, 156, 28 },
};

static void query_case_desc(const struct query_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(query, query_cases, query_case_desc);

static void objects_have_the_size_of_their_version(struct kunit *test)
{
	const struct query_case *c = test->param_value;
	const struct netvsc_offload offload = { .bits = 0 };
	struct ndis_offload_parameters params;
	struct ndis_offload query;

	KUNIT_EXPECT_EQ(test, netvsc_offload_query(c->nvsp_version, &query), c->query_bytes);
	KUNIT_EXPECT_EQ(test, query.header.type, 0xa7);
	KUNIT_EXPECT_EQ(test, query.header.revision, c->revision);
	KUNIT_EXPECT_EQ(test, le16_to_cpu(query.header.size), c->query_bytes);

	KUNIT_EXPECT_EQ(test, netvsc_offload_parameters(&offload, c->nvsp_version, true, &params), c->param_bytes);
	KUNIT_EXPECT_EQ(test, params.header.type, 0x80);
	KUNIT_EXPECT_EQ(test, le16_to_cpu(params.header.size), c->param_bytes);
}

static void parameters_switch_on_what_can_be_used(struct kunit *test)
{
	const struct netvsc_offload offload = {
		.bits = TCP4 | UDP4 | TCP6 | TSO4 | RSC | NETVSC_OFFLOAD_RX_TCP4 | NETVSC_OFFLOAD_RX_UDP6,
	};
	/* header, IPv4 header off, TCPv4 both, UDPv4 send, TCPv6 send, UDPv6 receive, LSOv2 IPv4 on, IPv6 off, RSC on */
	static const u8 expected[28] = {
		0x80, 3, 28, 0, 1, 4, 2, 2, 3, 0, 0, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0,
	};
	struct ndis_offload_parameters params;
	const u8 *got = (const u8 *)&params;
	u32 i;

	netvsc_offload_parameters(&offload, NVSP_VERSION_6_1, true, &params);
	for (i = 0; i < sizeof(expected); i++)
		KUNIT_EXPECT_EQ_MSG(test, got[i], expected[i], "byte %u", i);
	netvsc_offload_parameters(&offload, NVSP_VERSION_6_1, false, &params);
	KUNIT_EXPECT_EQ(test, params.rsc_ip4, 1);
	KUNIT_EXPECT_EQ(test, params.rsc_ip6, 1);
}

static void coalescing_is_switched_alone(struct kunit *test)
{
	static const u8 expected[28] = { 0x80, 3, 28, [22] = 1, [23] = 1 };
	struct ndis_offload_parameters params;
	const u8 *got = (const u8 *)&params;
	u32 i;

	KUNIT_EXPECT_EQ(test, netvsc_offload_rsc_parameters(false, &params), 28u);
	for (i = 0; i < sizeof(expected); i++)
		KUNIT_EXPECT_EQ_MSG(test, got[i], expected[i], "byte %u", i);
	netvsc_offload_rsc_parameters(true, &params);
	KUNIT_EXPECT_EQ(test, params.rsc_ip4, 2);
	KUNIT_EXPECT_EQ(test, params.rsc_ip6, 2);
}

struct features_case {
	const char *name;
	u32 bits;
	netdev_features_t features;
};

static const struct features_case features_cases[] = {
	{ "none", 0, 0 },
	{ "receive_checksums_are_no_business_of_the_host", RX_ALL, 0 },
	{ "tcp_is_enough_for_the_stack", TCP4, NETIF_F_IP_CSUM },
	{ "ipv6", TCP6 | UDP6, NETIF_F_IPV6_CSUM },
	{ "large_sends", TCP4 | TCP6 | TSO4 | TSO6, NETIF_F_IP_CSUM | NETIF_F_IPV6_CSUM | NETIF_F_TSO | NETIF_F_TSO6 },
	{ "coalescing", RSC, NETIF_F_LRO },
};

static void features_case_desc(const struct features_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(features, features_cases, features_case_desc);

static void features_follow_from_capabilities(struct kunit *test)
{
	const struct features_case *c = test->param_value;
	const struct netvsc_offload offload = { .bits = c->bits };

	KUNIT_EXPECT_EQ(test, netvsc_offload_features(&offload), c->features);
}

static struct kunit_case netvsc_offload_cases[] = {
	KUNIT_CASE_PARAM(capabilities_say_what_can_be_used, caps_gen_params),
	KUNIT_CASE(smaller_limit_of_both_ip_versions_holds),
	KUNIT_CASE_PARAM(objects_have_the_size_of_their_version, query_gen_params),
	KUNIT_CASE(parameters_switch_on_what_can_be_used),
	KUNIT_CASE(coalescing_is_switched_alone),
	KUNIT_CASE_PARAM(features_follow_from_capabilities, features_gen_params),
	{}
};

static struct kunit_suite netvsc_offload_suite = {
	.name = "hv_netvsc_offload",
	.test_cases = netvsc_offload_cases,
};
kunit_test_suite(netvsc_offload_suite);

MODULE_DESCRIPTION("KUnit suite: NDIS offload capabilities");
MODULE_LICENSE("GPL");
