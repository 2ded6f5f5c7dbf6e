/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The bus between a host and a driver that are played here: offers, channels, devices and their files as they are, below them
 * a host that takes control messages and answers as the test wants it to, above them a driver that opens what it is given.
 * What the driver does wrong towards the host is counted.
 */
#ifndef BUS_FIXTURE_H
#define BUS_FIXTURE_H

#include <kunit/test.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/string.h>
/* What is traced is not of interest here. */
#define VMBUS_TRACE_H
#include <hyperv/vmbus_msg.h>
static inline void vmbus_trace_sent(const void *message, u32 bytes, int result) { }
static inline void vmbus_trace_received(const void *message, u32 bytes) { }
static inline void trace_vmbus_on_event(u32 relid) { }
static inline void trace_vmbus_on_msg_dpc(u32 type) { }
static inline void trace_vmbus_message_received(const __le32 *message, u32 bytes, int result) { }
#include "../../vmbus/bus.c"
#include "../../vmbus/channel.c"
#include "../../vmbus/classes.c"
#include "../../vmbus/flags.c"
#include "../../vmbus/gpa.c"
#include "../../vmbus/gpadl.c"
#include "../../vmbus/histogram.c"
#include "../../vmbus/identity.c"
#include "../../vmbus/latency.c"
#include "../../vmbus/message.c"
#include "../../vmbus/offer.c"
#include "../../vmbus/placement.c"
#include "../../vmbus/request.c"
#include "../../vmbus/ring.c"
#include "../../vmbus/spread.c"
#include "../../vmbus/state.c"
#include "../../vmbus/sysfs.c"
#include "../../vmbus/xid.c"

#define RING_BYTES	(4 * PAGE_SIZE)
#define VP_OF_CPU	16u
#define RELIDS		64u

static const guid_t scsi_class = GUID_INIT(0xba6163d9, 0x04a1, 0x4d29, 0xb6, 0x05, 0x72, 0xe2, 0xff, 0xb1, 0xdc, 0x7f);
static const guid_t heartbeat_class = GUID_INIT(0x57164f39, 0x9115, 0x4e78, 0xab, 0x55, 0x38, 0x2f, 0x3b, 0xd5, 0x42, 0x2d);
static const guid_t strange_class = GUID_INIT(0x0badcafe, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10);

struct vmbus_conn vmbus_conn;
__u32 vmbus_proto_version;

/* What the host knows of a channel. */
struct host_channel {
	bool offered, open;
	u32 gpadl;
	u32 vp;
};

static struct {
	struct host_channel of[RELIDS];
	u32 silent_on;		/* type of message it does not answer */
	u32 rescinds_on;	/* type of message at which it takes the channel away, before it answers */
	u32 status;		/* of its answers */
	u32 cut;		/* bytes its answers lack */
	int post_result;
	u32 pages_missing;	/* of the GPADL that is being described */
	u32 building, building_relid;
	unsigned int opened, closed, shared, torn_down, released, modified, connects;
	unsigned int broken_rules;
	bool hibernates;
} host;

u32 hv_platform_vp_index(unsigned int cpu)
{
	return cpu + VP_OF_CPU;
}

bool hv_platform_can_hibernate(void)
{
	return host.hibernates;
}

unsigned long *hv_synic_events(unsigned int cpu)
{
	return NULL;
}

void vmbus_packet_break(struct vmbus_chan *chan)
{
	vmbus_channel_move(chan, VMBUS_FROM(OPENED), VMBUS_CHANNEL_BROKEN);
}

int hv_ringbuffer_get_debuginfo(struct hv_ring_buffer_info *ring, struct hv_ring_buffer_debug_info *info)
{
	memset(info, 0, sizeof(*info));
	mutex_lock(&ring->ring_buffer_mutex);
	info->bytes_avail_towrite = ring->ring_datasize;
	mutex_unlock(&ring->ring_buffer_mutex);
	return ring->ring_buffer ? 0 : -EINVAL;
}

/* A message of the host, as the SynIC delivers it. */
static void host_says(const void *bytes, u32 count)
{
	struct tlfs_message message = { .type = cpu_to_le32(TLFS_MESSAGE_TYPE_CHANNEL), .payload_bytes = count };

	memcpy(message.payload, bytes, count);
	vmbus_message_handle(&message);
}

static struct host_channel *host_channel(u32 relid)
{
	static struct host_channel nothing;

	if (relid && relid < RELIDS)
		return &host.of[relid];
	host.broken_rules++;
	memset(&nothing, 0, sizeof(nothing));
	return &nothing;
}

static void host_rescinds(u32 relid)
{
	struct vmbus_msg_relid message = {
		.header.type = cpu_to_le32(VMBUS_MSG_RESCIND),
		.relid = cpu_to_le32(relid),
	};

	host_says(&message, sizeof(message));
}

static struct vmbus_msg_offer an_offer(u32 relid, const guid_t *class_id, u8 instance, u16 sub_channel)
{
	struct vmbus_msg_offer offer = {
		.header.type = cpu_to_le32(VMBUS_MSG_OFFER),
		.relid = cpu_to_le32(relid),
		.subchannel_index = cpu_to_le16(sub_channel),
		.interrupt_flags = cpu_to_le16(VMBUS_OFFER_DEDICATED_INTERRUPT),
		.connection_id = cpu_to_le32(0x10000 + relid),
	};

	memcpy(&offer.class_id, class_id, sizeof(offer.class_id));
	memset(&offer.instance_id, 0x5a, sizeof(offer.instance_id));
	((u8 *)&offer.instance_id)[0] = instance;
	return offer;
}

static void host_sends_offer(const struct vmbus_msg_offer *offer)
{
	u32 relid = le32_to_cpu(offer->relid);

	if (relid && relid < RELIDS)
		host.of[relid].offered = true;
	host_says(offer, sizeof(*offer));
}

static void host_offers(u32 relid, const guid_t *class_id, u8 instance, u16 sub_channel)
{
	struct vmbus_msg_offer offer = an_offer(relid, class_id, instance, sub_channel);

	host_sends_offer(&offer);
}

/* Lets what was queued come to its end. */
static void bus_settles(void)
{
	unsigned int i;

	for (i = 0; i < 3; i++) {
		flush_workqueue(vmbus_conn.primary_wq);
		flush_workqueue(vmbus_conn.sub_wq);
		flush_workqueue(vmbus_conn.rescind_wq);
	}
}

static void host_answers(u32 asked, const void *answer, u32 bytes)
{
	if (host.silent_on != asked)
		host_says(answer, bytes - min(bytes, host.cut));
}

static void host_takes_pages(u32 bytes)
{
	struct vmbus_msg_gpadl_created created = {
		.header.type = cpu_to_le32(VMBUS_MSG_GPADL_CREATED),
		.relid = cpu_to_le32(host.building_relid),
		.gpadl = cpu_to_le32(host.building),
		.status = cpu_to_le32(host.status),
	};

	if (bytes / sizeof(__le64) > host.pages_missing || bytes % sizeof(__le64))
		host.broken_rules++;
	host.pages_missing -= min_t(u32, host.pages_missing, bytes / sizeof(__le64));
	if (host.pages_missing)
		return;
	host.shared++;
	if (!host.status && host.silent_on != VMBUS_MSG_GPADL_HEADER)
		host_channel(host.building_relid)->gpadl = host.building;
	host_answers(VMBUS_MSG_GPADL_HEADER, &created, sizeof(created));
}

static void host_opens(const struct vmbus_msg_open *open)
{
	struct host_channel *channel = host_channel(le32_to_cpu(open->relid));
	struct vmbus_msg_open_result result = {
		.header.type = cpu_to_le32(VMBUS_MSG_OPEN_RESULT),
		.relid = open->relid,
		.open_id = open->open_id,
		.status = cpu_to_le32(host.status),
	};

	if (!channel->offered || channel->open || !channel->gpadl || channel->gpadl != le32_to_cpu(open->ring_gpadl))
		host.broken_rules++;
	host.opened++;
	channel->open = !host.status;
	channel->vp = le32_to_cpu(open->target_vp);
	host_answers(VMBUS_MSG_OPEN, &result, sizeof(result));
}

static void host_tears_down(const struct vmbus_msg_gpadl_teardown *teardown)
{
	struct host_channel *channel = host_channel(le32_to_cpu(teardown->relid));
	struct vmbus_msg_gpadl_torndown torndown = {
		.header.type = cpu_to_le32(VMBUS_MSG_GPADL_TORNDOWN),
		.gpadl = teardown->gpadl,
	};

	if (channel->gpadl != le32_to_cpu(teardown->gpadl))
		host.broken_rules++;
	host.torn_down++;
	channel->gpadl = 0;
	host_answers(VMBUS_MSG_GPADL_TEARDOWN, &torndown, sizeof(torndown));
}

static void host_modifies(const struct vmbus_msg_modify_channel *modify)
{
	struct vmbus_msg_modify_channel_response response = {
		.header.type = cpu_to_le32(VMBUS_MSG_MODIFY_CHANNEL_RESPONSE),
		.relid = modify->relid,
		.status = cpu_to_le32(host.status),
	};
	struct host_channel *channel = host_channel(le32_to_cpu(modify->relid));

	if (!channel->open)
		host.broken_rules++;
	host.modified++;
	if (!host.status)
		channel->vp = le32_to_cpu(modify->target_vp);
	if (vmbus_proto_version >= VMBUS_VERSION_5_3)
		host_answers(VMBUS_MSG_MODIFY_CHANNEL, &response, sizeof(response));
}

static void host_closes(u32 relid)
{
	if (!host_channel(relid)->open)
		host.broken_rules++;
	host.closed++;
	host_channel(relid)->open = false;
}

static void host_forgets(u32 relid)
{
	struct host_channel *channel = host_channel(relid);

	if (!channel->offered)
		host.broken_rules++;
	host.released++;
	memset(channel, 0, sizeof(*channel));
}

int hv_post_message(u32 connection_id, u32 type, const void *payload, u32 bytes, bool may_sleep)
{
	const struct vmbus_msg_gpadl_header *gpadl = payload;
	const struct vmbus_msg_relid *about = payload;
	u32 kind = le32_to_cpu(about->header.type);

	if (host.post_result)
		return host.post_result;
	/* All but the bodies of a GPADL and a connect carry the relid in the same place. */
	if (host.rescinds_on == kind && kind != VMBUS_MSG_TL_CONNECT) {
		host.rescinds_on = 0;
		host_rescinds(le32_to_cpu(about->relid));
	}
	switch (kind) {
	case VMBUS_MSG_GPADL_HEADER:
		host.building = le32_to_cpu(gpadl->gpadl);
		host.building_relid = le32_to_cpu(gpadl->relid);
		host.pages_missing = (le16_to_cpu(gpadl->range_bytes) - sizeof(struct vmbus_gpa_range)) / sizeof(__le64);
		host_takes_pages(bytes - sizeof(*gpadl) - sizeof(struct vmbus_gpa_range));
		break;
	case VMBUS_MSG_GPADL_BODY:
		host_takes_pages(bytes - sizeof(struct vmbus_msg_gpadl_body));
		break;
	case VMBUS_MSG_GPADL_TEARDOWN:
		host_tears_down(payload);
		break;
	case VMBUS_MSG_OPEN:
		host_opens(payload);
		break;
	case VMBUS_MSG_CLOSE:
		host_closes(le32_to_cpu(about->relid));
		break;
	case VMBUS_MSG_RELID_RELEASED:
		host_forgets(le32_to_cpu(about->relid));
		break;
	case VMBUS_MSG_MODIFY_CHANNEL:
		host_modifies(payload);
		break;
	case VMBUS_MSG_TL_CONNECT:
		host.connects++;
		break;
	default:
		host.broken_rules++;
	}
	return 0;
}

/* ---- the driver */

static struct {
	unsigned int probed, removed, shut_down, suspended, resumed, sub_channels, rescinds_heard;
	atomic_t called;
	int probe_result;
	bool wants_subs;	/* opens the sub-channels it hears of */
	bool leaves_open;	/* its remove forgets to close */
	struct hv_device *device;	/* the last one it was given */
	struct hv_vmbus_device_id id;	/* and by what */
} user;

static void user_callback(void *context)
{
	atomic_inc(&user.called);
}

static void user_sub_channel(struct vmbus_channel *channel)
{
	user.sub_channels++;
	if (user.wants_subs)
		vmbus_open(channel, RING_BYTES, RING_BYTES, NULL, 0, user_callback, NULL);
}

static int user_probe(struct hv_device *device, const struct hv_vmbus_device_id *id)
{
	int ret = user.probe_result;

	user.probed++;
	user.device = device;
	user.id = *id;
	vmbus_set_sc_create_callback(device->channel, user_sub_channel);
	return ret ?: vmbus_open(device->channel, RING_BYTES, RING_BYTES, NULL, 0, user_callback, NULL);
}

static void user_remove(struct hv_device *device)
{
	user.removed++;
	if (!user.leaves_open)
		vmbus_close(device->channel);
}
COMPAT_HV_REMOVE(user_remove)

static void user_shutdown(struct hv_device *device)
{
	user.shut_down++;
}

static int user_suspend(struct hv_device *device)
{
	user.suspended++;
	vmbus_close(device->channel);
	return 0;
}

static int user_resume(struct hv_device *device)
{
	user.resumed++;
	return vmbus_open(device->channel, RING_BYTES, RING_BYTES, NULL, 0, user_callback, NULL);
}

static const struct hv_vmbus_device_id user_ids[] = {
	{ HV_SCSI_GUID, .driver_data = 7 },
	{ HV_HEART_BEAT_GUID, .driver_data = 8 },
	{ },
};

static struct hv_driver user_driver = {
	.name = "kunit_user",
	.id_table = user_ids,
	.probe = user_probe,
	.remove = compat_hv_remove(user_remove),
	.shutdown = user_shutdown,
	.suspend = user_suspend,
	.resume = user_resume,
};

static const struct vmbus_offer_ops fixture_ops = {
	.channel_type = &vmbus_channel_type,
	.add_device = vmbus_bus_add_device,
	.unbind_device = vmbus_bus_unbind_device,
	.remove_device = vmbus_bus_remove_device,
	.add_channel = vmbus_bus_add_channel,
	.remove_channel = vmbus_bus_remove_channel,
};

/* ---- the bus */

static struct vmbus_monitor_page fixture_monitor[2];

static int fixture_init(struct kunit *test)
{
	int ret;

	memset(&host, 0, sizeof(host));
	memset(&user, 0, sizeof(user));
	memset(&vmbus_conn, 0, sizeof(vmbus_conn));
	memset(fixture_monitor, 0, sizeof(fixture_monitor));
	spin_lock_init(&vmbus_conn.request_lock);
	spin_lock_init(&vmbus_conn.table_lock);
	mutex_init(&vmbus_conn.channel_lock);
	INIT_LIST_HEAD(&vmbus_conn.requests);
	INIT_LIST_HEAD(&vmbus_conn.primaries);
	init_completion(&vmbus_conn.all_offers);
	vmbus_conn.monitor[0] = &fixture_monitor[0];
	vmbus_conn.monitor[1] = &fixture_monitor[1];
	vmbus_conn.connected = true;
	vmbus_conn.takes_offers = true;
	vmbus_proto_version = VMBUS_VERSION_5_3;
	answer_s = 1;
	ret = vmbus_bus_init(vmbus_bus_groups, vmbus_device_groups);
	if (ret)
		return ret;
	ret = vmbus_offer_init(&fixture_ops);
	if (ret) {
		vmbus_bus_exit();
		return ret;
	}
	return __vmbus_driver_register(&user_driver, THIS_MODULE, "kunit");
}

static void fixture_exit(struct kunit *test)
{
	host.silent_on = 0;
	host.status = 0;
	host.post_result = 0;
	user.leaves_open = false;
	vmbus_offer_stop();
	vmbus_conn.connected = false;
	vmbus_offer_remove_all();
	vmbus_driver_unregister(&user_driver);
	vmbus_offer_exit();
	vmbus_bus_exit();
	/* Rings that are not freed are those the host may still write to. */
	KUNIT_EXPECT_EQ(test, shim_free_pages_out(), (unsigned int)atomic_read(&vmbus_conn.faults.kept_gpadls));
}

static inline struct vmbus_chan *chan_of(u32 relid)
{
	struct vmbus_chan *chan;
	unsigned long flags;

	spin_lock_irqsave(&vmbus_conn.table_lock, flags);
	chan = vmbus_channel_of_relid_locked(relid);
	spin_unlock_irqrestore(&vmbus_conn.table_lock, flags);
	return chan;
}

#endif
