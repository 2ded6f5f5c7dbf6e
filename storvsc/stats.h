/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a controller's commands came to, and how long they took: see stats.c.
 */
#ifndef STORVSC_STATS_H
#define STORVSC_STATS_H

#include <linux/atomic.h>
#include <linux/jump_label.h>
#include <linux/percpu.h>
#include <hyperv/histogram.h>
#include "srb.h"

struct Scsi_Host;

/* What is timed apart. */
enum storvsc_kind {
	STORVSC_KIND_READ,
	STORVSC_KIND_WRITE,
	STORVSC_KIND_FLUSH,
	STORVSC_KIND_OTHER,
	STORVSC_KINDS
};

/* Written by its CPU only. */
struct storvsc_times {
	u32 count[STORVSC_KINDS][HV_HISTOGRAM_BUCKETS];
};

/**
 * struct storvsc_stats - of one controller
 * @outcomes: commands by what they came to; those that went well are not counted
 * @times: how long answers took; NULL when there is no memory for it
 * @directory: in debugfs
 */
struct storvsc_stats {
	atomic_long_t outcomes[STORVSC_OUTCOMES];
	struct storvsc_times __percpu *times;
	struct dentry *directory;
};

DECLARE_STATIC_KEY_FALSE(storvsc_latency_on);

void storvsc_stats_init(void);
void storvsc_stats_exit(void);
void storvsc_stats_add(struct storvsc_stats *stats, struct Scsi_Host *shost);
void storvsc_stats_remove(struct storvsc_stats *stats);
u64 storvsc_stats_now(void);
void storvsc_stats_time(struct storvsc_stats *stats, u8 opcode, u64 since);

#endif
