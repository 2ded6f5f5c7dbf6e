// SPDX-License-Identifier: GPL-2.0
/*
 * The connection to the host: shared pages, version negotiation, the request for offers, UNLOAD. Knows no channel.
 * VMBus control messages, INITIATE_CONTACT, VERSION_RESPONSE, UNLOAD.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/errno.h>
#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/kernel.h>
#include <linux/nmi.h>
#include <linux/printk.h>
#include <linux/string.h>

#include "abi_connection.h"
#include "connection.h"
#include "hypercall.h"
#include "platform.h"
#include "request.h"
#include "synic.h"
#include "trace.h"

/* Policy: on the crash path the answer is looked for this often. */
#define CRASH_POLL_MS		10
#define CRASH_LOG_MS		5000

/* The negotiated version; drivers read it. */
__u32 vmbus_proto_version;

struct vmbus_conn vmbus_conn = {
	.message_connection_id = VMBUS_CONNECTION_MESSAGE,
	.request_lock = __SPIN_LOCK_UNLOCKED(vmbus_conn.request_lock),
	.requests = LIST_HEAD_INIT(vmbus_conn.requests),
	.table_lock = __SPIN_LOCK_UNLOCKED(vmbus_conn.table_lock),
	.channel_lock = __MUTEX_INITIALIZER(vmbus_conn.channel_lock),
	.primaries = LIST_HEAD_INIT(vmbus_conn.primaries),
	.all_offers = COMPLETION_INITIALIZER(vmbus_conn.all_offers),
};

/* For uio_hv_generic alone. */
struct vmbus_connection vmbus_connection;

/* What the bus speaks, best first. */
static const u32 versions[] = {
	VMBUS_VERSION_6_0,
	VMBUS_VERSION_5_3,
	VMBUS_VERSION_5_2,
	VMBUS_VERSION_5_1,
	VMBUS_VERSION_5_0,
	VMBUS_VERSION_4_1,
	VMBUS_VERSION_4_0,
	VMBUS_VERSION_3_0,
	VMBUS_VERSION_2_4,
	VMBUS_VERSION_1_1,
	VMBUS_VERSION_0_13,
};

/* From 6.0 on a guest may say which driver it runs: the same value on every machine, for the host's records only. */
static const struct hyperv_guid client_id =
	HYPERV_GUID_INIT(0x5b1f6d0e, 0x2c47, 0x4a83, 0x9e, 0x15, 0x68, 0x76, 0x6c, 0x69, 0x63, 0x01);

/* Of the features of 6.0, those that are asked for. The others need something the kernel has not: a paravisor, pinned pages. */
#define CONNECTION_FEATURES	VMBUS_FEATURE_CLIENT_ID

static int connection_alloc_pages(void)
{
	vmbus_conn.interrupt_page = (void *)get_zeroed_page(GFP_KERNEL);
	vmbus_conn.monitor[0] = (void *)get_zeroed_page(GFP_KERNEL);
	vmbus_conn.monitor[1] = (void *)get_zeroed_page(GFP_KERNEL);
	if (!vmbus_conn.interrupt_page || !vmbus_conn.monitor[0] || !vmbus_conn.monitor[1]) {
		vmbus_free_pages();
		return -ENOMEM;
	}
	vmbus_connection.int_page = vmbus_conn.interrupt_page;
	vmbus_connection.recv_int_page = vmbus_conn.interrupt_page;
	vmbus_connection.send_int_page = vmbus_conn.interrupt_page + VMBUS_INTERRUPT_PAGE_TO_HOST;
	vmbus_connection.monitor_pages[0] = (void *)vmbus_conn.monitor[0];
	vmbus_connection.monitor_pages[1] = (void *)vmbus_conn.monitor[1];
	return 0;
}

/**
 * vmbus_free_pages() - free the pages shared with the host, unless it may still write to them
 *
 * Context: all channels are gone.
 */
void vmbus_free_pages(void)
{
	if (vmbus_conn.pages_kept)
		return;
	free_page((unsigned long)vmbus_conn.interrupt_page);
	free_page((unsigned long)vmbus_conn.monitor[0]);
	free_page((unsigned long)vmbus_conn.monitor[1]);
	vmbus_conn.interrupt_page = NULL;
	vmbus_conn.monitor[0] = NULL;
	vmbus_conn.monitor[1] = NULL;
}

/*
 * One attempt. Steps: construct, post, wait, check.
 * Return: 0; -EOPNOTSUPP when the host refuses the version; -ENXIO when it has no such connection; -EIO when it is out
 * of resources; -EPROTO, -ETIMEDOUT, or an error of posting.
 */
static int connection_try(u32 version)
{
	struct vmbus_msg_initiate_contact2 message = {
		.base.header.type = cpu_to_le32(VMBUS_MSG_INITIATE_CONTACT),
		.base.version = cpu_to_le32(version),
		.base.target_vp = cpu_to_le32(hv_platform_vp_index(VMBUS_CONNECT_CPU)),
		.base.monitor_page_to_child = cpu_to_le64(virt_to_phys(vmbus_conn.monitor[0])),
		.base.monitor_page_to_parent = cpu_to_le64(virt_to_phys(vmbus_conn.monitor[1])),
		.client_id = client_id,
	};
	size_t bytes = sizeof(message.base);
	struct vmbus_request request;
	const struct vmbus_msg_version_response *response = (void *)request.reply;
	int ret;

	if (version >= VMBUS_VERSION_5_0) {
		vmbus_conn.message_connection_id = VMBUS_CONNECTION_MESSAGE_V5;
		message.base.sint = VMBUS_SINT;
	} else {
		vmbus_conn.message_connection_id = VMBUS_CONNECTION_MESSAGE;
		message.base.interrupt_page = cpu_to_le64(virt_to_phys(vmbus_conn.interrupt_page));
	}
	if (version >= VMBUS_VERSION_6_0) {
		message.base.feature_flags = cpu_to_le32(CONNECTION_FEATURES);
		bytes = sizeof(message);
	}
	ret = vmbus_request_call(&request, NULL, &message, bytes, vmbus_answer_ms());
	if (ret)
		return ret;
	if (!response->supported)
		return -EOPNOTSUPP;
	/* Before 2.4 the field was not filled in, and lack of resources was a refusal. */
	if (version >= VMBUS_VERSION_2_4 && response->connection_state)
		return -EIO;
	if (version >= VMBUS_VERSION_5_0) {
		if (request.reply_bytes < sizeof(*response))
			return -EPROTO;
		/* A host that grants what was not asked for would act upon it. */
		if (version >= VMBUS_VERSION_6_0 &&
		    request.reply_bytes >= offsetofend(struct vmbus_msg_version_response_v6, feature_flags) &&
		    (((const struct vmbus_msg_version_response_v6 *)response)->feature_flags &
		     cpu_to_le32(~CONNECTION_FEATURES)))
			return -EPROTO;
		vmbus_conn.message_connection_id = le32_to_cpu(response->message_connection_id) &
						   TLFS_CONNECTION_ID_MASK;
	}
	return 0;
}

static void connection_made(void)
{
	vmbus_connection.msg_conn_id = vmbus_conn.message_connection_id;
	vmbus_connection.conn_state = CONNECTED;
	WRITE_ONCE(vmbus_conn.connected, true);
	WRITE_ONCE(vmbus_conn.takes_offers, true);
	pr_info("Vmbus version:%u.%u\n", vmbus_proto_version >> 16, vmbus_proto_version & 0xffff);
}

/**
 * vmbus_connect() - agree with the host on a protocol version, the newest both know
 * @max_version: none newer than this
 *
 * Context: may sleep; the connect CPU's SynIC is enabled and messages are handled.
 * Return: 0; -EOPNOTSUPP when there is no common version; -ETIMEDOUT when the host does not answer; -ENOMEM; -EIO,
 * -EPROTO.
 */
int vmbus_connect(u32 max_version)
{
	u32 below = U32_MAX;
	int ret;
	size_t i;

	ret = connection_alloc_pages();
	if (ret)
		return ret;
	ret = -EOPNOTSUPP;
	for (i = 0; i < ARRAY_SIZE(versions); i++) {
		if (versions[i] > max_version || versions[i] >= below)
			continue;
		ret = connection_try(versions[i]);
		if (!ret)
			break;
		/* No connection 4: a host older than 5.0, which need not be asked about the other versions from there on. */
		if (ret == -ENXIO && versions[i] >= VMBUS_VERSION_5_0)
			below = VMBUS_VERSION_5_0;
		else if (ret != -EOPNOTSUPP)
			break;
		ret = -EOPNOTSUPP;
	}
	if (ret) {
		pr_err("cannot connect to the host: %s (%d)\n",
		       ret == -EOPNOTSUPP ? "no common protocol version" : "no answer that makes sense", ret);
		/* A host that did not answer in time may still take the last attempt for good. */
		vmbus_conn.pages_kept = ret != -EOPNOTSUPP && ret != -ENXIO;
		vmbus_free_pages();
		return ret;
	}
	vmbus_proto_version = versions[i];
	vmbus_conn.shared_interrupts = vmbus_proto_version < VMBUS_VERSION_2_4;
	connection_made();
	return 0;
}

/**
 * vmbus_reconnect() - connect again after vmbus_unload(), with the version the drivers have settled upon
 *
 * Context: may sleep; the connect CPU's SynIC is enabled and messages are handled.
 * Return: as vmbus_connect().
 */
int vmbus_reconnect(void)
{
	int ret;

	memset(vmbus_conn.interrupt_page, 0, HYPERV_PAGE_SIZE);
	memset(vmbus_conn.monitor[0], 0, HYPERV_PAGE_SIZE);
	memset(vmbus_conn.monitor[1], 0, HYPERV_PAGE_SIZE);
	reinit_completion(&vmbus_conn.all_offers);
	ret = connection_try(vmbus_proto_version);
	if (ret) {
		pr_err("cannot connect to the host again (%d)\n", ret);
		vmbus_conn.pages_kept = ret != -EOPNOTSUPP && ret != -ENXIO;
		return ret;
	}
	/* A contact ends all that was before it, confirmed or not. */
	vmbus_conn.pages_kept = false;
	connection_made();
	return 0;
}

/**
 * vmbus_request_initial_offers() - ask the host for what it has to offer
 *
 * Context: may sleep; once a connection.
 * Return: 0 or an error of posting.
 */
int vmbus_request_initial_offers(void)
{
	struct vmbus_msg_header message = {
		.type = cpu_to_le32(VMBUS_MSG_REQUEST_OFFERS),
	};

	return vmbus_post(&message, sizeof(message), true);
}

static const struct vmbus_msg_header unload_message = {
	.type = cpu_to_le32(VMBUS_MSG_UNLOAD),
};

/**
 * vmbus_can_unload() - whether the host can be told to forget this guest, by the bus
 *
 * Hosts before 3.0 have no UNLOAD one could come back from.
 *
 * Context: any.
 * Return: true if so.
 */
bool vmbus_can_unload(void)
{
	return vmbus_proto_version >= VMBUS_VERSION_3_0 && !READ_ONCE(vmbus_conn.skip_unload);
}

/**
 * vmbus_unload() - tell the host to forget this guest: all channels, all GPADLs, all shared pages
 *
 * Nothing but a new negotiation may be posted afterwards. Does nothing when called again.
 *
 * Context: may sleep.
 * Return: 0; -EOPNOTSUPP, -ETIMEDOUT, or an error of posting: the host may still use what it was given.
 */
int vmbus_unload(void)
{
	struct vmbus_request request;
	int ret;

	if (!xchg(&vmbus_conn.connected, false))
		return 0;
	vmbus_connection.conn_state = DISCONNECTED;
	if (!vmbus_can_unload()) {
		/* It goes on knowing them, until a new contact or the reset of the machine. */
		vmbus_conn.pages_kept = true;
		return -EOPNOTSUPP;
	}
	ret = vmbus_request_call(&request, NULL, &unload_message, sizeof(unload_message), VMBUS_UNLOAD_MS);
	if (ret) {
		pr_err("the host does not confirm the unload (%d)\n", ret);
		vmbus_conn.pages_kept = true;
	}
	return ret;
}

/**
 * vmbus_unload_crash() - vmbus_unload() on a crashing system
 *
 * The other CPUs are stopped, perhaps within any of the locks of this module, and the answer may come to the slot of
 * one of them. So: no lock, no sleep, a look into all slots until the answer is found. Without UNLOAD the host would
 * go on writing into memory that belongs to the crash kernel.
 *
 * Context: any.
 */
void vmbus_unload_crash(void)
{
	static struct tlfs_message message;	/* the stack may be what crashed */
	unsigned int cpu, waited;

	if (!xchg(&vmbus_conn.connected, false) || !vmbus_can_unload())
		return;
	if (hv_post_message(vmbus_conn.message_connection_id, TLFS_MESSAGE_TYPE_CHANNEL, &unload_message,
			    sizeof(unload_message), false))
		return;
	for (waited = 0; waited < VMBUS_CRASH_UNLOAD_MS; waited += CRASH_POLL_MS) {
		for_each_present_cpu(cpu) {
			const struct vmbus_msg_header *header = (void *)message.payload;

			if (!hv_synic_take_message(cpu, &message))
				continue;
			if (le32_to_cpu(message.type) == TLFS_MESSAGE_TYPE_CHANNEL &&
			    le32_to_cpu(header->type) == VMBUS_MSG_UNLOAD_RESPONSE)
				return;
		}
		/* The host may be flushing disks, which takes its time; a watchdog must not take that for a hang. */
		touch_nmi_watchdog();
		mdelay(CRASH_POLL_MS);
		if (waited % CRASH_LOG_MS == 0 && waited)
			pr_notice("waiting for the host to unload, %u s\n", waited / 1000);
	}
	pr_err("the host does not confirm the unload\n");
}

COMPAT_IF_INITIATE_UNLOAD(
/**
 * vmbus_initiate_unload() - tell the host to forget this guest, for another part of the kernel
 * @crash: whether the system is crashing: no lock, no sleep
 *
 * Context: may sleep unless @crash.
 */
void vmbus_initiate_unload(bool crash)
{
	if (crash)
		vmbus_unload_crash();
	else
		vmbus_unload();
}

/**
 * vmbus_set_skip_unload() - whether the host is to be told when this kernel ends
 * @skip: true: it is not, because another part of the kernel does
 *
 * Context: any.
 */
void vmbus_set_skip_unload(bool skip)
{
	WRITE_ONCE(vmbus_conn.skip_unload, skip);
}
)

COMPAT_IF_CONFIDENTIAL(
bool vmbus_is_confidential(void);

/**
 * vmbus_is_confidential() - whether host and guest talk through memory the host cannot read
 *
 * Return: false: such guests are refused.
 */
bool vmbus_is_confidential(void)
{
	return false;
}
)
