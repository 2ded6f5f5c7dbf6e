// SPDX-License-Identifier: GPL-2.0
/*
 * Time synchronisation: sets the guest's clock when the host says it must be set, and offers the host's clock as a
 * PTP clock all the time, for programs that keep the guest's clock close to it. Timesync IC, versions 1.0 to 4.0.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/ptp_clock_kernel.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/timekeeping.h>
#include <asm/mshyperv.h>

#include "host_time.h"
#include "ic.h"

/* Policy: with timesync_implicit the clock is set once it is this far behind the host's. */
#define IMPLICIT_STEP_BEHIND_NS	(5LL * NSEC_PER_SEC)

/* Policy: a host that orders step after step gets one a second. */
#define STEP_INTERVAL		HZ

/* Policy: a step at least this large is worth a line in the log. */
#define STEP_LOGGED_NS		NSEC_PER_SEC

static bool timesync_implicit;
module_param(timesync_implicit, bool, 0644);
MODULE_PARM_DESC(timesync_implicit,
		 "Set the clock also without the host's order, when it is 5 s or more behind the host's");

/**
 * struct hv_timesync - state of one time synchronisation device
 * @ic: its framework side
 * @step: sets the clock
 * @next_step: jiffies before which @step is not to run again. Written by @step, read without a lock where it is queued:
 *	an old value makes one step come early
 * @ptp_info: the PTP clock's operations and limits
 * @ptp: the PTP clock; NULL if the kernel has none
 * @lock: protects the members below between ic_handle() in softirq context and readers in process context; a leaf
 * @has_sample: @sample is what the host said last
 * @sample: host time and the reading of the partition's reference counter it belongs to
 */
struct hv_timesync {
	struct hv_ic *ic;
	struct delayed_work step;
	unsigned long next_step;
	struct ptp_clock_info ptp_info;
	struct ptp_clock *ptp;

	spinlock_t lock;
	bool has_sample;
	struct hv_host_sample sample;
};

/* As hv_host_time_at() for the host's last sample; -ENODATA before the first one. */
static int timesync_host_time_at(struct hv_timesync *timesync, u64 reference_100ns, s64 *unix_ns)
{
	int ret = -ENODATA;

	spin_lock_bh(&timesync->lock);
	if (timesync->has_sample)
		ret = hv_host_time_at(&timesync->sample, reference_100ns, unix_ns);
	spin_unlock_bh(&timesync->lock);
	return ret;
}

/* How far the guest's clock is behind the host's; negative if it is ahead. ktime_get_real_ns() itself is unsigned. */
static s64 timesync_behind_ns(s64 host_ns)
{
	return host_ns - (s64)ktime_get_real_ns();
}

static void timesync_step_work(struct work_struct *work)
{
	struct hv_timesync *timesync = container_of(to_delayed_work(work), struct hv_timesync, step);
	struct timespec64 host;
	s64 host_ns, delta_ns;
	int ret;

	WRITE_ONCE(timesync->next_step, jiffies + STEP_INTERVAL);

	/* computed now rather than when the message came: the time in between counts */
	ret = timesync_host_time_at(timesync, hv_read_reference_counter(), &host_ns);
	if (!ret) {
		host = ns_to_timespec64(host_ns);
		delta_ns = timesync_behind_ns(host_ns);
		ret = do_settimeofday64(&host);
	}
	if (ret) {
		pr_warn_ratelimited("TimeSync IC: clock not set (error %d)\n", ret);
		return;
	}
	if (abs(delta_ns) >= STEP_LOGGED_NS)
		pr_info_ratelimited("TimeSync IC: clock stepped by %lld ms to the host's\n",
				    div_s64(delta_ns, NSEC_PER_MSEC));
}

/* Work that is queued already sees the newer sample. */
static void timesync_queue_step(struct hv_timesync *timesync)
{
	unsigned long next_step = READ_ONCE(timesync->next_step);
	unsigned long now = jiffies;

	schedule_delayed_work(&timesync->step, time_before(now, next_step) ? next_step - now : 0);
}

static u32 timesync_handle(struct hv_ic *ic, u8 *body, u32 body_bytes)
{
	struct hv_timesync *timesync = ic->state;
	u64 now_100ns = hv_read_reference_counter();
	struct hv_host_sample sample;
	struct ic_timesync_v4 v4;
	struct ic_timesync v1;
	s64 host_ns;
	u8 flags;

	if (ic->versions.message >= HV_IC_VERSION(4, 0)) {
		if (body_bytes < IC_TIMESYNC_V4_MIN_BYTES)
			return IC_STATUS_FAIL;
		memcpy(&v4, body, IC_TIMESYNC_V4_MIN_BYTES);
		sample.parent_100ns = le64_to_cpu(v4.parent_time_100ns);
		sample.reference_100ns = le64_to_cpu(v4.vm_reference_100ns);
		flags = v4.flags;
	} else {
		if (body_bytes < IC_TIMESYNC_MIN_BYTES)
			return IC_STATUS_FAIL;
		memcpy(&v1, body, IC_TIMESYNC_MIN_BYTES);
		sample.parent_100ns = le64_to_cpu(v1.parent_time_100ns);
		/* how long the message took is not known: the host's time is that of its arrival */
		sample.reference_100ns = now_100ns;
		flags = v1.flags;
	}

	/* Hosts expect success for any time they send; one that cannot be used is only not used. */
	switch (hv_host_time_at(&sample, now_100ns, &host_ns)) {
	case 0:
		break;
	case -ESTALE:
		/* a true message that lay in the ring for long, for example while the virtual machine was stopped */
		return IC_STATUS_OK;
	default:
		pr_warn_ratelimited("TimeSync IC: the host sent an impossible time (0x%016llx at 0x%016llx)\n",
				    sample.parent_100ns, sample.reference_100ns);
		return IC_STATUS_OK;
	}

	spin_lock_bh(&timesync->lock);
	timesync->sample = sample;
	timesync->has_sample = true;
	spin_unlock_bh(&timesync->lock);

	if ((flags & IC_TIMESYNC_SYNC) ||
	    (READ_ONCE(timesync_implicit) && timesync_behind_ns(host_ns) >= IMPLICIT_STEP_BEHIND_NS))
		timesync_queue_step(timesync);
	return IC_STATUS_OK;
}

/*
 * The PTP clock shows the host's time and cannot be changed. The core calls the operations without looking whether
 * they are there, so those that make no sense refuse.
 */
static int timesync_ptp_gettimex(struct ptp_clock_info *info, struct timespec64 *ts, struct ptp_system_timestamp *sts)
{
	struct hv_timesync *timesync = container_of(info, struct hv_timesync, ptp_info);
	u64 reference_100ns;
	s64 host_ns;
	int ret;

	ptp_read_system_prets(sts);
	reference_100ns = hv_read_reference_counter();
	ptp_read_system_postts(sts);

	ret = timesync_host_time_at(timesync, reference_100ns, &host_ns);
	if (!ret)
		*ts = ns_to_timespec64(host_ns);
	return ret;
}

static int timesync_ptp_settime(struct ptp_clock_info *info, const struct timespec64 *ts)
{
	return -EOPNOTSUPP;
}

static int timesync_ptp_adjtime(struct ptp_clock_info *info, s64 delta)
{
	return -EOPNOTSUPP;
}

static int timesync_ptp_adjfine(struct ptp_clock_info *info, long scaled_ppm)
{
	return -EOPNOTSUPP;
}

static int timesync_ptp_enable(struct ptp_clock_info *info, struct ptp_clock_request *request, int on)
{
	return -EOPNOTSUPP;
}

/* udev makes /dev/ptp_hyperv from the name */
static const struct ptp_clock_info timesync_ptp_info = {
	.owner = THIS_MODULE,
	.name = "hyperv",
	.gettimex64 = timesync_ptp_gettimex,
	.settime64 = timesync_ptp_settime,
	.adjtime = timesync_ptp_adjtime,
	.adjfine = timesync_ptp_adjfine,
	.enable = timesync_ptp_enable,
};

/* The PTP clock appears before the first sample, so that programs started at boot find it. */
static int timesync_init(struct hv_ic *ic)
{
	struct hv_timesync *timesync;

	if (!hv_read_reference_counter) {
		pr_err("TimeSync IC: this hypervisor has no reference counter\n");
		return -ENODEV;
	}

	timesync = kzalloc(sizeof(*timesync), GFP_KERNEL);
	if (!timesync)
		return -ENOMEM;
	timesync->ic = ic;
	timesync->next_step = jiffies;
	timesync->ptp_info = timesync_ptp_info;
	spin_lock_init(&timesync->lock);
	INIT_DELAYED_WORK(&timesync->step, timesync_step_work);

	/* without a PTP clock the guest's own clock can still be set */
	timesync->ptp = ptp_clock_register(&timesync->ptp_info, &ic->hdev->device);
	if (IS_ERR(timesync->ptp)) {
		pr_warn("TimeSync IC: no PTP clock (error %ld)\n", PTR_ERR(timesync->ptp));
		timesync->ptp = NULL;
	}

	ic->state = timesync;
	return 0;
}

/* The reference counter starts anew when the virtual machine does, so no sample survives a suspend. */
static void timesync_quiesce(struct hv_ic *ic)
{
	struct hv_timesync *timesync = ic->state;

	cancel_delayed_work_sync(&timesync->step);
	spin_lock_bh(&timesync->lock);
	timesync->has_sample = false;
	spin_unlock_bh(&timesync->lock);
}

static void timesync_exit(struct hv_ic *ic)
{
	struct hv_timesync *timesync = ic->state;

	if (timesync->ptp)
		ptp_clock_unregister(timesync->ptp);
	kfree(timesync);
}

const struct hv_ic_service hv_timesync_service = {
	.name = "TimeSync",
	.type = IC_MSG_TIMESYNC,
	.versions = &hv_ic_timesync_versions,
	.body_min_bytes = IC_TIMESYNC_V4_MIN_BYTES,
	.body_max_bytes = sizeof(struct ic_timesync),
	.init = timesync_init,
	.handle = timesync_handle,
	.quiesce = timesync_quiesce,
	.exit = timesync_exit,
};
