/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How many channels, queues and commands a controller has: see limits.c.
 */
#ifndef STORVSC_LIMITS_H
#define STORVSC_LIMITS_H

#include <linux/types.h>

u32 storvsc_limit_channels(u32 cpus, bool has_sub_channels);
u32 storvsc_limit_commands(u32 channels, u32 cpus_per_channel);
u32 storvsc_limit_polled(u32 sub_channels, u32 poll_queues);
u32 storvsc_limit_queues(u32 sub_channels, u32 max_queues);
u32 storvsc_limit_frames(u32 ring_bytes, u32 max_transfer_bytes);

#endif
