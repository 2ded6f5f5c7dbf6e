// SPDX-License-Identifier: GPL-2.0
/* The counters of what went wrong, and the waits, /sys/kernel/debug/hv_vmbus. Decides nothing. */
#include <linux/debugfs.h>
#include <linux/fs.h>
#include <linux/rcupdate.h>
#include <linux/seq_file.h>
#include <linux/uaccess.h>

#include "debugfs.h"
#include "internal.h"
#include "latency.h"
#include "offer.h"

static struct dentry *debugfs_directory;

static void latency_show_one(struct seq_file *file, const struct vmbus_chan *chan, const struct vmbus_histogram *histogram)
{
	unsigned int i;

	seq_printf(file, "%u", chan->relid);
	for (i = 0; i < VMBUS_HISTOGRAM_BUCKETS; i++) {
		u32 count = READ_ONCE(histogram->count[i]);

		if (!count)
			continue;
		if (vmbus_histogram_limit_us(i))
			seq_printf(file, " <%lluus:%u", vmbus_histogram_limit_us(i), count);
		else
			seq_printf(file, " more:%u", count);
	}
	seq_putc(file, '\n');
}

/* One line for each channel: its relid, then how many waits were below how many microseconds. */
static void latency_show(struct seq_file *file, bool ring_full)
{
	u32 relid, last = READ_ONCE(vmbus_conn.highest_relid);
	struct vmbus_chan *chan;

	for (relid = 1; relid <= last; relid++) {
		rcu_read_lock();
		chan = vmbus_channel_of_relid(relid);
		if (chan)
			latency_show_one(file, chan, ring_full ? &chan->ring_full : &chan->to_callback);
		rcu_read_unlock();
	}
}

static int interrupt_to_callback_show(struct seq_file *file, void *unused)
{
	latency_show(file, false);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(interrupt_to_callback);

static int ring_full_show(struct seq_file *file, void *unused)
{
	latency_show(file, true);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(ring_full);

static void latency_forget_all(void)
{
	u32 relid, last = READ_ONCE(vmbus_conn.highest_relid);
	struct vmbus_chan *chan;

	for (relid = 1; relid <= last; relid++) {
		rcu_read_lock();
		chan = vmbus_channel_of_relid(relid);
		if (chan)
			vmbus_latency_forget(chan);
		rcu_read_unlock();
	}
}

static ssize_t latency_enabled_read(struct file *file, char __user *to, size_t count, loff_t *at)
{
	return simple_read_from_buffer(to, count, at, static_key_enabled(&vmbus_latency_on) ? "1\n" : "0\n", 2);
}

static ssize_t latency_enabled_write(struct file *file, const char __user *from, size_t count, loff_t *at)
{
	bool on;
	int ret = kstrtobool_from_user(from, count, &on);

	if (ret)
		return ret;
	if (on) {
		latency_forget_all();
		static_branch_enable(&vmbus_latency_on);
	} else {
		static_branch_disable(&vmbus_latency_on);
	}
	return count;
}

static const struct file_operations latency_enabled = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.read = latency_enabled_read,
	.write = latency_enabled_write,
	.llseek = default_llseek,
};

/**
 * vmbus_debugfs_init() - show the counters
 *
 * Does without where there is no debugfs.
 */
void vmbus_debugfs_init(void)
{
	struct vmbus_faults *faults = &vmbus_conn.faults;
	struct dentry *latency;

	debugfs_directory = debugfs_create_dir("hv_vmbus", NULL);
	debugfs_create_atomic_t("bad_messages", 0444, debugfs_directory, &faults->bad_messages);
	debugfs_create_atomic_t("refused_offers", 0444, debugfs_directory, &faults->refused_offers);
	debugfs_create_atomic_t("broken_rings", 0444, debugfs_directory, &faults->broken_rings);
	debugfs_create_atomic_t("truncated_packets", 0444, debugfs_directory, &faults->truncated_packets);
	debugfs_create_atomic_t("kept_gpadls", 0444, debugfs_directory, &faults->kept_gpadls);
	latency = debugfs_create_dir("latency", debugfs_directory);
	debugfs_create_file("enabled", 0644, latency, NULL, &latency_enabled);
	debugfs_create_file("interrupt_to_callback", 0444, latency, NULL, &interrupt_to_callback_fops);
	debugfs_create_file("ring_full", 0444, latency, NULL, &ring_full_fops);
}

/**
 * vmbus_debugfs_exit() - undo vmbus_debugfs_init()
 */
void vmbus_debugfs_exit(void)
{
	debugfs_remove_recursive(debugfs_directory);
}
