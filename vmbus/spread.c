// SPDX-License-Identifier: GPL-2.0
/*
 * The policy of placement: the channels of one device on different CPUs, then on different NUMA nodes, then where the least
 * is already. Arithmetic; knows no CPU and no channel.
 */
#include "spread.h"

/* Compares a / of_a with b / of_b: negative, 0 or positive. */
static int spread_compare_share(u32 a, u32 of_a, u32 b, u32 of_b)
{
	u64 left = (u64)a * of_b, right = (u64)b * of_a;

	return left < right ? -1 : left > right;
}

/**
 * vmbus_spread_is_better() - whether one CPU is a better place for a channel than another
 * @a: the one
 * @b: the other
 *
 * Nodes are compared by channels per CPU, so that a small one does not get as much as a large one.
 *
 * Return: true when @a is better; false when @b is, or both are as good.
 */
bool vmbus_spread_is_better(const struct vmbus_spread *a, const struct vmbus_spread *b)
{
	int order;

	if (a->own != b->own)
		return a->own < b->own;
	order = spread_compare_share(a->node_own, a->node_cpus, b->node_own, b->node_cpus);
	if (order)
		return order < 0;
	order = spread_compare_share(a->node_all, a->node_cpus, b->node_all, b->node_cpus);
	if (order)
		return order < 0;
	return a->all < b->all;
}
