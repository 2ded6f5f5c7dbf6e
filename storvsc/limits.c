// SPDX-License-Identifier: GPL-2.0
/*
 * How many channels, queues and commands a controller has, from what the machine, the host and the user say. Functions of
 * their arguments: any value is valid for each, and no result overflows.
 */
#include <linux/minmax.h>

#include "limits.h"

/* Policy: commands per channel. Hosts take this many at a time and leave the rest in the ring. */
#define STORVSC_COMMANDS_PER_CHANNEL	256u

/* Policy: bounds for what the parameters and the number of processors ask for. */
#define STORVSC_MAX_COMMANDS		2048u
#define STORVSC_MAX_CHANNELS		2048u

/* Ring space of a GPA-direct packet besides its frame numbers; two of the largest packets fit at once. */
#define STORVSC_PACKET_OVERHEAD_BYTES	112u

/* Frames of the host, whatever the guest's pages are. */
#define STORVSC_FRAME_BYTES		4096u

/**
 * storvsc_limit_channels() - most channels a controller may ever have
 * @cpus: processors
 * @has_sub_channels: the host may offer more than one channel
 *
 * Context: any.
 * Return: at least 1.
 */
u32 storvsc_limit_channels(u32 cpus, bool has_sub_channels)
{
	if (!has_sub_channels)
		return 1;
	return clamp(cpus, 1u, STORVSC_MAX_CHANNELS);
}

/**
 * storvsc_limit_commands() - most commands out at a time, over all queues
 * @channels: most channels ever
 * @cpus_per_channel: what hosts are known to offer a channel for; 0 counts as 1
 *
 * As many as the channels that are to be expected can hold, without counting on each of them being offered: what a host
 * does not take waits in a ring, where nobody can choose among it any more.
 *
 * Context: any.
 * Return: at least 1.
 */
u32 storvsc_limit_commands(u32 channels, u32 cpus_per_channel)
{
	u32 expected = 1 + (max(channels, 1u) - 1) / max(cpus_per_channel, 1u);

	return min(expected, STORVSC_MAX_COMMANDS / STORVSC_COMMANDS_PER_CHANNEL) * STORVSC_COMMANDS_PER_CHANNEL;
}

/**
 * storvsc_limit_polled() - poll queues
 * @sub_channels: channels that the host agreed to offer besides the first, which interrupts
 * @poll_queues: what the user asks for
 *
 * Context: any.
 * Return: one for each channel at most, the first left out.
 */
u32 storvsc_limit_polled(u32 sub_channels, u32 poll_queues)
{
	return min3(sub_channels, poll_queues, STORVSC_MAX_CHANNELS - 1);
}

/**
 * storvsc_limit_queues() - hardware queues that interrupt
 * @sub_channels: channels that the host agreed to offer besides the first, without those of poll queues
 * @max_queues: what the user limits them to, 0 for no limit
 *
 * Context: any.
 * Return: at least 1, at most one for each channel.
 */
u32 storvsc_limit_queues(u32 sub_channels, u32 max_queues)
{
	u32 queues = 1 + min(sub_channels, STORVSC_MAX_CHANNELS - 1);

	return max_queues ? min(queues, max_queues) : queues;
}

/**
 * storvsc_limit_frames() - most frames of a transfer
 * @ring_bytes: size of a ring, with the page of its indices
 * @max_transfer_bytes: most the host takes at a time
 *
 * Made smaller where a transfer's frame numbers would not fit the ring twice. A buffer may begin and end within frames, so
 * a transfer of one frame less is sure to fit.
 *
 * Context: any.
 * Return: at least 2.
 */
u32 storvsc_limit_frames(u32 ring_bytes, u32 max_transfer_bytes)
{
	u32 half = (max(ring_bytes, 2 * STORVSC_FRAME_BYTES) - STORVSC_FRAME_BYTES) / 2;
	u32 ring_frames = (half - STORVSC_PACKET_OVERHEAD_BYTES) / sizeof(u64);

	return clamp(max_transfer_bytes / STORVSC_FRAME_BYTES + 1, 2u, ring_frames);
}
