// SPDX-License-Identifier: GPL-2.0
/*
 * Placement on tables of nodes: where the channels of one device after the other come to lie. The counting is the test's own.
 */
#include <kunit/test.h>
#include <linux/module.h>
#include <linux/string.h>
#include "../../vmbus/spread.c"

#define MOST_CPUS	8
#define MOST_CHANNELS	12

struct topology_case {
	const char *name;
	int node[MOST_CPUS];		/* of each CPU; -1: may not serve */
	int cpus;
	int device[MOST_CHANNELS];	/* of each channel, in the order of the offers */
	int channels;
	int expected[MOST_CHANNELS];	/* CPU of each */
};

static const struct topology_case topology_cases[] = {
	{ "one_cpu", { 0 }, 1, { 0, 0, 1 }, 3, { 0, 0, 0 } },
	{ "devices_share_out_the_cpus", { 0, 0, 0, 0 }, 4, { 0, 1, 2, 3, 4 }, 5, { 0, 1, 2, 3, 0 } },
	{ "one_device_uses_each_cpu_once", { 0, 0, 0, 0 }, 4, { 0, 0, 0, 0, 0 }, 5, { 0, 1, 2, 3, 0 } },
	{ "two_nodes_in_turn", { 0, 0, 1, 1 }, 4, { 0, 1, 2, 3 }, 4, { 0, 2, 1, 3 } },
	{ "device_alternates_between_nodes", { 0, 0, 1, 1 }, 4, { 0, 0, 0, 0 }, 4, { 0, 2, 1, 3 } },
	{ "second_device_avoids_the_first", { 0, 0, 1, 1 }, 4, { 0, 0, 1, 1 }, 4, { 0, 2, 1, 3 } },
	{ "nodes_by_size", { 0, 0, 0, 1 }, 4, { 0, 1, 2, 3, 4, 5, 6, 7 }, 8, { 0, 3, 1, 2, 0, 3, 1, 2 } },
	{ "isolated_cpus_get_none", { 0, -1, 1, -1 }, 4, { 0, 0, 1, 1, 2 }, 5, { 0, 2, 0, 2, 0 } },
	{ "isolated_node_gets_none", { 0, 0, -1, -1 }, 4, { 0, 1, 2 }, 3, { 0, 1, 0 } },
	{ "four_nodes", { 0, 0, 1, 1, 2, 2, 3, 3 }, 8, { 0, 0, 0, 0, 1, 1, 1, 1 }, 8, { 0, 2, 4, 6, 1, 3, 5, 7 } },
};

static void topology_case_desc(const struct topology_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(topology, topology_cases, topology_case_desc);

/* The load of a CPU once the first @placed channels lie where @on says, seen by a channel of @device. */
static struct vmbus_spread load_of(const struct topology_case *c, int cpu, const int *on, int placed, int device)
{
	struct vmbus_spread load = { };
	int i;

	for (i = 0; i < c->cpus; i++)
		load.node_cpus += c->node[i] == c->node[cpu];
	for (i = 0; i < placed; i++) {
		load.own += on[i] == cpu && c->device[i] == device;
		load.all += on[i] == cpu;
		load.node_own += c->node[on[i]] == c->node[cpu] && c->device[i] == device;
		load.node_all += c->node[on[i]] == c->node[cpu];
	}
	return load;
}

static void channels_lie_where_the_policy_says(struct kunit *test)
{
	const struct topology_case *c = test->param_value;
	int on[MOST_CHANNELS], channel, cpu;

	for (channel = 0; channel < c->channels; channel++) {
		struct vmbus_spread best = { };
		int chosen = -1;

		for (cpu = 0; cpu < c->cpus; cpu++) {
			struct vmbus_spread load;

			if (c->node[cpu] < 0)
				continue;
			load = load_of(c, cpu, on, channel, c->device[channel]);
			if (chosen >= 0 && !vmbus_spread_is_better(&load, &best))
				continue;
			chosen = cpu;
			best = load;
		}
		on[channel] = chosen;
		KUNIT_EXPECT_EQ_MSG(test, chosen, c->expected[channel], "channel %d", channel);
	}
}

static void neither_of_two_equals_is_better(struct kunit *test)
{
	const struct vmbus_spread load = { .own = 1, .node_own = 2, .node_all = 5, .node_cpus = 3, .all = 4 };

	KUNIT_EXPECT_FALSE(test, vmbus_spread_is_better(&load, &load));
}

static void shares_do_not_overflow(struct kunit *test)
{
	const struct vmbus_spread full = { .node_all = U32_MAX, .node_cpus = U32_MAX };
	const struct vmbus_spread fuller = { .node_all = U32_MAX, .node_cpus = U32_MAX - 1 };

	KUNIT_EXPECT_TRUE(test, vmbus_spread_is_better(&full, &fuller));
	KUNIT_EXPECT_FALSE(test, vmbus_spread_is_better(&fuller, &full));
}

static struct kunit_case vmbus_spread_cases[] = {
	KUNIT_CASE_PARAM(channels_lie_where_the_policy_says, topology_gen_params),
	KUNIT_CASE(neither_of_two_equals_is_better),
	KUNIT_CASE(shares_do_not_overflow),
	{}
};

static struct kunit_suite vmbus_spread_suite = {
	.name = "hv_vmbus_spread",
	.test_cases = vmbus_spread_cases,
};
kunit_test_suite(vmbus_spread_suite);

MODULE_DESCRIPTION("KUnit suite: placement of channels");
MODULE_LICENSE("GPL");
