// SPDX-License-Identifier: GPL-2.0
/*
 * Counters by outcome and histograms of how long the host took, in /sys/kernel/debug/hv_storvsc. Times are taken only while
 * somebody wants them: until then their cost is a jump that is not there.
 */
#include <linux/debugfs.h>
#include <linux/fs.h>
#include <linux/ktime.h>
#include <linux/mutex.h>
#include <linux/seq_file.h>
#include <linux/uaccess.h>
#include <scsi/scsi_host.h>
#include <scsi/scsi_proto.h>

#include "stats.h"

DEFINE_STATIC_KEY_FALSE(storvsc_latency_on);

static struct dentry *storvsc_debugfs;

static const char * const storvsc_outcome_names[STORVSC_OUTCOMES] = {
	[STORVSC_OUTCOME_GOOD]		= "good",
	[STORVSC_OUTCOME_SENSE]		= "sense",
	[STORVSC_OUTCOME_BUSY]		= "busy",
	[STORVSC_OUTCOME_CONFLICT]	= "conflict",
	[STORVSC_OUTCOME_ABORTED]	= "aborted",
	[STORVSC_OUTCOME_CHANGED]	= "changed",
	[STORVSC_OUTCOME_GONE]		= "gone",
	[STORVSC_OUTCOME_REFUSED]	= "refused",
	[STORVSC_OUTCOME_ERROR]		= "error",
};

static const char * const storvsc_kind_names[STORVSC_KINDS] = {
	[STORVSC_KIND_READ]	= "read",
	[STORVSC_KIND_WRITE]	= "write",
	[STORVSC_KIND_FLUSH]	= "flush",
	[STORVSC_KIND_OTHER]	= "other",
};

static enum storvsc_kind storvsc_kind_of(u8 opcode)
{
	switch (opcode) {
	case READ_6:
	case READ_10:
	case READ_12:
	case READ_16:
		return STORVSC_KIND_READ;
	case WRITE_6:
	case WRITE_10:
	case WRITE_12:
	case WRITE_16:
		return STORVSC_KIND_WRITE;
	case SYNCHRONIZE_CACHE:
	case SYNCHRONIZE_CACHE_16:
		return STORVSC_KIND_FLUSH;
	}
	return STORVSC_KIND_OTHER;
}

/**
 * storvsc_stats_now() - when a command goes out, while times are wanted
 *
 * Context: any.
 * Return: nanoseconds, never 0.
 */
u64 storvsc_stats_now(void)
{
	return ktime_get_ns() | 1;
}

/**
 * storvsc_stats_time() - a command was answered
 * @stats: of its controller
 * @opcode: its operation code
 * @since: storvsc_stats_now() when it went out; 0 when nobody wanted times then
 *
 * Context: softirq, or bottom halves disabled.
 */
void storvsc_stats_time(struct storvsc_stats *stats, u8 opcode, u64 since)
{
	u64 ns = ktime_get_ns();

	if (!since || !stats->times)
		return;
	ns = ns > since ? ns - since : 0;
	this_cpu_inc(stats->times->count[storvsc_kind_of(opcode)][hv_histogram_bucket(ns)]);
}

static int outcomes_show(struct seq_file *file, void *unused)
{
	const struct storvsc_stats *stats = file->private;
	unsigned int i;

	for (i = STORVSC_OUTCOME_GOOD + 1; i < STORVSC_OUTCOMES; i++)
		seq_printf(file, "%s %ld\n", storvsc_outcome_names[i], atomic_long_read(&stats->outcomes[i]));
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(outcomes);

/* One line for each kind of command: how many took less than how many microseconds. */
static int latency_show(struct seq_file *file, void *unused)
{
	const struct storvsc_stats *stats = file->private;
	unsigned int kind, bucket;
	int cpu;

	for (kind = 0; stats->times && kind < STORVSC_KINDS; kind++) {
		seq_puts(file, storvsc_kind_names[kind]);
		for (bucket = 0; bucket < HV_HISTOGRAM_BUCKETS; bucket++) {
			u64 count = 0;

			for_each_possible_cpu(cpu)
				count += READ_ONCE(per_cpu_ptr(stats->times, cpu)->count[kind][bucket]);
			if (!count)
				continue;
			if (hv_histogram_limit_us(bucket))
				seq_printf(file, " <%lluus:%llu", hv_histogram_limit_us(bucket), count);
			else
				seq_printf(file, " more:%llu", count);
		}
		seq_putc(file, '\n');
	}
	return 0;
}

static int latency_open(struct inode *inode, struct file *file)
{
	return single_open(file, latency_show, inode->i_private);
}

/* Whatever is written forgets all times. One that is counted meanwhile may stay or go. */
static ssize_t latency_write(struct file *file, const char __user *from, size_t count, loff_t *at)
{
	const struct storvsc_stats *stats = ((struct seq_file *)file->private_data)->private;
	int cpu;

	if (stats->times)
		for_each_possible_cpu(cpu)
			memset(per_cpu_ptr(stats->times, cpu), 0, sizeof(*stats->times));
	return count;
}

static const struct file_operations latency_fops = {
	.owner = THIS_MODULE,
	.open = latency_open,
	.read = seq_read,
	.write = latency_write,
	.llseek = seq_lseek,
	.release = single_release,
};

static ssize_t latency_enabled_read(struct file *file, char __user *to, size_t count, loff_t *at)
{
	return simple_read_from_buffer(to, count, at, static_key_enabled(&storvsc_latency_on) ? "1\n" : "0\n", 2);
}

static ssize_t latency_enabled_write(struct file *file, const char __user *from, size_t count, loff_t *at)
{
	bool on;
	int ret = kstrtobool_from_user(from, count, &on);

	if (ret)
		return ret;
	if (on)
		static_branch_enable(&storvsc_latency_on);
	else
		static_branch_disable(&storvsc_latency_on);
	return count;
}

static const struct file_operations latency_enabled_fops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.read = latency_enabled_read,
	.write = latency_enabled_write,
	.llseek = default_llseek,
};

/**
 * storvsc_stats_add() - begin to count for a controller
 * @stats: zeroed
 * @shost: its SCSI host, which gives the directory its name
 *
 * Does without what there is no memory or no debugfs for.
 *
 * Context: may sleep.
 */
void storvsc_stats_add(struct storvsc_stats *stats, struct Scsi_Host *shost)
{
	char name[16];

	stats->times = alloc_percpu(struct storvsc_times);
	snprintf(name, sizeof(name), "host%u", shost->host_no);
	stats->directory = debugfs_create_dir(name, storvsc_debugfs);
	debugfs_create_file("outcomes", 0444, stats->directory, stats, &outcomes_fops);
	debugfs_create_file("latency", 0644, stats->directory, stats, &latency_fops);
}

/**
 * storvsc_stats_remove() - undo storvsc_stats_add()
 * @stats: nothing is counted any more
 *
 * Context: may sleep.
 */
void storvsc_stats_remove(struct storvsc_stats *stats)
{
	debugfs_remove_recursive(stats->directory);
	free_percpu(stats->times);
	stats->times = NULL;
}

/**
 * storvsc_stats_init() - module load
 *
 * Context: may sleep.
 */
void storvsc_stats_init(void)
{
	storvsc_debugfs = debugfs_create_dir("hv_storvsc", NULL);
	debugfs_create_file("latency_enabled", 0644, storvsc_debugfs, NULL, &latency_enabled_fops);
}

/**
 * storvsc_stats_exit() - module unload, when there is no controller left
 *
 * Context: may sleep.
 */
void storvsc_stats_exit(void)
{
	debugfs_remove_recursive(storvsc_debugfs);
}
