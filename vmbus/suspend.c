// SPDX-License-Identifier: GPL-2.0
/*
 * The bus over a hibernation: the end of the connection before the image is taken, before the machine is switched off, and
 * before an image is resumed; a new one behind each. Decides the order, does nothing itself. VMBus, UNLOAD, reconnect after
 * resume.
 *
 * The host must know nothing of the memory of a guest that another kernel is about to take, and the guest that comes back
 * may meet a host that has never heard of it.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/errno.h>
#include <linux/printk.h>

#include "bus.h"
#include "connection.h"
#include "internal.h"
#include "offer.h"
#include "reoffer.h"
#include "suspend.h"

/* Whether vmbus_resume() has something to do; suspend and resume come one at a time. */
static bool suspended;

/**
 * vmbus_suspend() - end the connection; the devices stay
 *
 * Context: may sleep; user space and the queues for devices are frozen, the drivers have closed their channels.
 * Return: 0; -EOPNOTSUPP when this host cannot be connected to a second time; -ETIMEDOUT or an error of posting when it
 * does not confirm the end: then it has been connected to anew.
 */
int vmbus_suspend(void)
{
	int ret;

	/* Lost at an earlier resume: there is nothing the host could know of. */
	if (!READ_ONCE(vmbus_conn.connected))
		return 0;
	if (!vmbus_can_unload()) {
		pr_err("hibernation is not supported with this host\n");
		return -EOPNOTSUPP;
	}
	vmbus_reoffer_prepare();
	ret = vmbus_unload();
	vmbus_reoffer_forget(!ret);
	suspended = true;
	if (ret)
		vmbus_resume();
	return ret;
}

/**
 * vmbus_resume() - connect anew, and find the devices again
 *
 * A device that the host does not offer in time ends as after a rescind, so nobody waits for one. Without a connection all
 * do.
 *
 * Context: may sleep; user space and the queues for devices are frozen.
 * Return: 0, or an error of vmbus_reconnect() or vmbus_request_initial_offers().
 */
int vmbus_resume(void)
{
	int ret;

	if (!suspended)
		return 0;
	suspended = false;
	ret = vmbus_reconnect();
	if (!ret) {
		ret = vmbus_request_initial_offers();
		if (!ret && vmbus_offer_await_initial())
			pr_warn("the host has not finished its offers yet, going on without\n");
	}
	vmbus_reoffer_renew(vmbus_bus_renumber_channel);
	return ret;
}
