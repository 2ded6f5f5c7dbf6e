// SPDX-License-Identifier: GPL-2.0
/*
 * Shutdown: power-off, restart and hibernation on the host's request. Answers first and acts afterwards from a work
 * item, because acting may take the channel away. Shutdown IC, versions 1.0 to 3.2.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kernel.h>
#include <linux/kobject.h>
#include <linux/reboot.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <asm/mshyperv.h>

#include "ic.h"

/**
 * struct hv_shutdown - state of one shutdown device
 * @ic: its framework side
 * @restart: the last request for power-off or restart was for a restart; written under ic->lock, read by @power
 * @wanted: the work of the request that is being answered; protected by ic->lock
 * @power: powers off or restarts
 * @hibernate: sends the uevent
 */
struct hv_shutdown {
	struct hv_ic *ic;
	bool restart;
	struct work_struct *wanted;
	struct work_struct power;
	struct work_struct hibernate;
};

/*
 * Both helpers run the program user space has set for it and fall back to the kernel's own power-off or restart. They
 * only start this, so neither waits.
 */
static void shutdown_power_work(struct work_struct *work)
{
	struct hv_shutdown *shutdown = container_of(work, struct hv_shutdown, power);

	/* user space could not even write to its log while the file systems are frozen */
	hv_ic_announce_end();
	if (READ_ONCE(shutdown->restart))
		orderly_reboot();
	else
		orderly_poweroff(true);
}

/* User space decides how to hibernate: its udev rules match this variable, subsystem vmbus and driver hv_utils. */
static void shutdown_hibernate_work(struct work_struct *work)
{
	struct hv_shutdown *shutdown = container_of(work, struct hv_shutdown, hibernate);
	char *envp[] = { "EVENT=hibernate", NULL };
	int ret;

	ret = kobject_uevent_env(&shutdown->ic->hdev->device.kobj, KOBJ_CHANGE, envp);
	if (ret)
		pr_err("Shutdown IC: cannot tell user space to hibernate (error %d)\n", ret);
}

static u32 shutdown_handle(struct hv_ic *ic, u8 *body, u32 body_bytes)
{
	struct hv_shutdown *shutdown = ic->state;
	__le32 wire_flags, wire_reason;
	const char *what;
	u32 flags;

	memcpy(&wire_flags, body + offsetof(struct ic_shutdown, flags), sizeof(wire_flags));
	memcpy(&wire_reason, body + offsetof(struct ic_shutdown, reason), sizeof(wire_reason));
	flags = le32_to_cpu(wire_flags);

	/* Force changes nothing: an orderly end that user space does not manage is forced anyway. */
	switch (flags & ~IC_SHUTDOWN_FORCE) {
	case 0:
		WRITE_ONCE(shutdown->restart, false);
		shutdown->wanted = &shutdown->power;
		what = "power-off";
		break;
	case IC_SHUTDOWN_RESTART:
		WRITE_ONCE(shutdown->restart, true);
		shutdown->wanted = &shutdown->power;
		what = "restart";
		break;
	case IC_SHUTDOWN_HIBERNATE:
		if (!hv_is_hibernation_supported())
			goto refuse;
		shutdown->wanted = &shutdown->hibernate;
		what = "hibernation";
		break;
	default:
		/* what excludes each other, or a flag we do not know */
		goto refuse;
	}

	pr_info_ratelimited("Shutdown IC: the host requests %s (reason 0x%08x)\n", what, le32_to_cpu(wire_reason));
	return IC_STATUS_OK;

refuse:
	pr_warn_ratelimited("Shutdown IC: cannot do what the host requests (flags 0x%08x)\n", flags);
	return IC_STATUS_FAIL;
}

/* Repeated requests are one: work that is already queued is not queued again. */
static void shutdown_answered(struct hv_ic *ic)
{
	struct hv_shutdown *shutdown = ic->state;

	schedule_work(shutdown->wanted);
}

static int shutdown_init(struct hv_ic *ic)
{
	struct hv_shutdown *shutdown;

	shutdown = kzalloc(sizeof(*shutdown), GFP_KERNEL);
	if (!shutdown)
		return -ENOMEM;
	shutdown->ic = ic;
	INIT_WORK(&shutdown->power, shutdown_power_work);
	INIT_WORK(&shutdown->hibernate, shutdown_hibernate_work);
	ic->state = shutdown;
	return 0;
}

/*
 * The host has been told that the guest will power off or restart, and that outlives the channel. A uevent about a
 * device that goes does not.
 */
static void shutdown_quiesce(struct hv_ic *ic)
{
	struct hv_shutdown *shutdown = ic->state;

	flush_work(&shutdown->power);
	cancel_work_sync(&shutdown->hibernate);
}

static void shutdown_exit(struct hv_ic *ic)
{
	kfree(ic->state);
}

const struct hv_ic_service hv_shutdown_service = {
	.name = "Shutdown",
	.type = IC_MSG_SHUTDOWN,
	.versions = &hv_ic_shutdown_versions,
	.body_min_bytes = IC_SHUTDOWN_MIN_BYTES,
	.body_max_bytes = sizeof(struct ic_shutdown),
	.init = shutdown_init,
	.handle = shutdown_handle,
	.answered = shutdown_answered,
	.quiesce = shutdown_quiesce,
	.exit = shutdown_exit,
};
