// SPDX-License-Identifier: GPL-2.0
/*
 * HvCallPostMessage and HvCallSignalEvent: input pages, hypercall status to errno, retry policy. Knows no VMBus
 * message. TLFS, Inter-Partition Communication, HvCallPostMessage and HvCallSignalEvent.
 */
#include <linux/delay.h>
#include <linux/errno.h>
#include <linux/irqflags.h>
#include <linux/minmax.h>
#include <linux/percpu.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <hyperv/tlfs.h>

#include "hypercall.h"
#include "platform.h"

/*
 * Policy: the host's port has few message buffers (16 and less are seen), and while it works through them every post is
 * refused for a moment. Each wait is twice the one before, up to a cap.
 */
#define POST_FIRST_WAIT_US	1
#define POST_SPIN_MAX_US	512		/* longest wait spent spinning where sleeping is allowed */
#define POST_SLEEP_CAP_US	(256 * 1000)
#define POST_SLEEP_TOTAL_US	(60 * 1000 * 1000)
#define POST_SPIN_CAP_US	2048
#define POST_SPIN_TOTAL_US	(2 * 1000 * 1000)

/* One input block for each CPU: not on the stack, which may be in vmalloc space. */
static DEFINE_PER_CPU(struct tlfs_post_message *, hv_post_input);

/**
 * hv_hypercall_init() - allocate the input blocks
 *
 * Return: 0 or -ENOMEM.
 */
int hv_hypercall_init(void)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu) {
		/* A block of 256 bytes from kmalloc is aligned to its size, so it lies within one page. */
		struct tlfs_post_message *input = kzalloc(sizeof(*input), GFP_KERNEL);

		if (!input) {
			hv_hypercall_exit();
			return -ENOMEM;
		}
		per_cpu(hv_post_input, cpu) = input;
	}
	return 0;
}

/**
 * hv_hypercall_exit() - free the input blocks
 *
 * Context: nobody posts any more.
 */
void hv_hypercall_exit(void)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu) {
		kfree(per_cpu(hv_post_input, cpu));
		per_cpu(hv_post_input, cpu) = NULL;
	}
}

static u16 hv_post_once(u32 connection_id, u32 type, const void *payload, u32 bytes)
{
	struct tlfs_post_message *input;
	unsigned long flags;
	u16 status;

	/* The block belongs to this CPU from filling it to the return of the call. */
	local_irq_save(flags);
	input = this_cpu_read(hv_post_input);
	input->connection_id = cpu_to_le32(connection_id & TLFS_CONNECTION_ID_MASK);
	input->reserved = 0;
	input->message_type = cpu_to_le32(type);
	input->payload_bytes = cpu_to_le32(bytes);
	memcpy(input->payload, payload, bytes);
	status = hv_platform_call(TLFS_CALL_POST_MESSAGE, input);
	local_irq_restore(flags);
	return status;
}

/* Status to errno; -EAGAIN is worth another try. */
static int hv_post_errno(u16 status)
{
	switch (status) {
	case TLFS_STATUS_SUCCESS:
		return 0;
	case TLFS_STATUS_INSUFFICIENT_MEMORY:
	case TLFS_STATUS_INSUFFICIENT_BUFFERS:
		return -EAGAIN;
	case TLFS_STATUS_INVALID_CONNECTION_ID:
		return -ENXIO;
	case TLFS_STATUS_ACCESS_DENIED:
		return -EPERM;
	default:
		return -EIO;
	}
}

/**
 * hv_post_message() - send a message to the host
 * @connection_id: where to
 * @type: message type (TLFS_MESSAGE_TYPE_CHANNEL)
 * @payload: the message
 * @bytes: its length, up to 240
 * @may_sleep: whether to sleep, rather than spin, while the host has no buffer
 *
 * Success means that the hypervisor took the message, not that the host has looked at it.
 *
 * Context: any when @may_sleep is false.
 * Return: 0; -ENXIO when the host has no such connection; -EAGAIN when it had no buffer for a long time; -EPERM, -EIO
 * for other refusals; -EMSGSIZE.
 */
int hv_post_message(u32 connection_id, u32 type, const void *payload, u32 bytes, bool may_sleep)
{
	u32 total = may_sleep ? POST_SLEEP_TOTAL_US : POST_SPIN_TOTAL_US;
	u32 cap = may_sleep ? POST_SLEEP_CAP_US : POST_SPIN_CAP_US;
	u32 waited = 0, wait = POST_FIRST_WAIT_US;
	int ret;

	if (bytes > TLFS_MESSAGE_PAYLOAD_BYTES)
		return -EMSGSIZE;
	for (;;) {
		ret = hv_post_errno(hv_post_once(connection_id, type, payload, bytes));
		if (ret != -EAGAIN || waited >= total)
			return ret;
		if (may_sleep && wait > POST_SPIN_MAX_US)
			usleep_range(wait, wait + wait / 4);
		else
			udelay(wait);
		waited += wait;
		wait = min(wait * 2, cap);
	}
}

/**
 * hv_signal_event() - set an event flag of the host
 * @connection: connection id in bits 0..23, flag number in bits 32..47
 *
 * The status is ignored: after a rescind the connection may be gone, which is nothing the caller could act upon.
 *
 * Context: any.
 */
void hv_signal_event(u64 connection)
{
	hv_platform_fast_call(TLFS_CALL_SIGNAL_EVENT, connection);
}
