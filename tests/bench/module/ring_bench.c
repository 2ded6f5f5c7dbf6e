// SPDX-License-Identifier: GPL-2.0
/*
 * Measures the rings of whatever hv_vmbus is loaded, through what it exports to drivers, on the echo device of
 * hvhost. Knows nothing of that module's inside. Results go to the kernel log, one line each:
 *
 *	ring_bench: PASS send|recv|iterate|pagebuffer|mpb BYTES NS_PER_100_PACKETS SIGNALS PACKETS
 *	ring_bench: PASS echo BYTES NS_PER_100_PACKETS SIGNALS PACKETS
 *	ring_bench: PASS signals COUNT
 *
 * Packets are sent and received in bursts. The host is asked to be slow to look (user data of OPEN), so that a burst
 * is signalled once, by a packet that is not measured, and is complete in the ring when it is read. Of the bursts'
 * times the median counts: a burst the host's threads fall into is no measure of the guest. "echo" is the round
 * trip with a host that looks at once, all exits and the host's own work included.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/hyperv.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/mod_devicetable.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/string.h>

static char *pass = "ring";
module_param(pass, charp, 0444);
MODULE_PARM_DESC(pass, "what to call the results");

#define RING_BYTES	(65 * HV_HYP_PAGE_SIZE)	/* control page and 256 KiB of data */
#define PAYLOAD_MAX	16384u
#define BURST_MAX	64u	/* policy: what fits a ring of that size for all but the largest packets */
#define BURSTS		7u	/* policy: odd, for the median */
#define ECHO_PACKETS	512u
#define ECHO_WINDOW	32u
#define GATHER_US	3000u	/* the host waits so long for a burst; longer than any burst takes */
#define PATIENCE_MS	20000u
#define REQUESTS	256u

/* User data of OPEN that the echo device understands. */
struct echo_wishes {
	__le32 delay_us;
	__le32 sink;
};

static const u32 sizes[] = { 64, 128, 256, 512, 1024, 4096, 16384 };

struct bench {
	struct vmbus_channel *channel;
	u8 *payload, *buffer;
	u32 took_ns[BURSTS];
	u64 signals;		/* of all channels opened so far */
	u64 signals_before;	/* of the open channel, when the measurement began */
	/* the round trip */
	struct completion all_back;
	atomic_t back;
	u32 wanted;
};

static void nothing(void *context)
{
}

/* Waits until so much of what was sent has come back. */
static int wait_for_bytes(struct bench *bench, u32 bytes)
{
	unsigned long end = jiffies + msecs_to_jiffies(PATIENCE_MS);

	while (hv_get_bytes_to_read(&bench->channel->inbound) < bytes) {
		if (time_after(jiffies, end))
			return -ETIMEDOUT;
		usleep_range(500, 1000);
	}
	return 0;
}

static int compare_u32(const void *a, const void *b)
{
	u32 x = *(const u32 *)a, y = *(const u32 *)b;

	return x < y ? -1 : x > y;
}

static void tell(struct bench *bench, const char *what, u32 bytes, u32 burst, u32 packets)
{
	u64 signals = bench->channel->sig_events - bench->signals_before;

	sort(bench->took_ns, BURSTS, sizeof(bench->took_ns[0]), compare_u32, NULL);
	pr_info("%s %s %u %llu %llu %u\n", pass, what, bytes, div_u64(100ull * bench->took_ns[BURSTS / 2], burst), signals,
		packets);
}

enum kind { SEND, RECV, ITERATE, PAGEBUFFER, MPB };
static const char *const kind_name[] = {
	[SEND] = "send", [RECV] = "recv", [ITERATE] = "iterate", [PAGEBUFFER] = "pagebuffer", [MPB] = "mpb",
};

/* As the network driver describes a frame, and as the storage driver describes 64 KiB of a request. */
#define PAGES_OF_FRAME	4
#define PAGES_OF_REQUEST 16
struct request_ranges {
	struct vmbus_packet_mpb_array head;
	u64 pfn[PAGES_OF_REQUEST];
} __packed;

static int send_one(struct bench *bench, enum kind kind, u32 bytes, u64 id)
{
	struct vmbus_channel *channel = bench->channel;

	switch (kind) {
#ifdef BENCH_PAGEBUFFER
	case PAGEBUFFER: {
		struct hv_page_buffer page[PAGES_OF_FRAME];
		u32 i;

		for (i = 0; i < PAGES_OF_FRAME; i++) {
			page[i].len = 1000;
			page[i].offset = 16;
			page[i].pfn = virt_to_hvpfn(bench->payload);
		}
		return vmbus_sendpacket_pagebuffer(channel, page, PAGES_OF_FRAME, bench->payload, bytes, id);
	}
#endif
	case MPB: {
		struct request_ranges ranges = { .head.rangecount = 1 };
		u32 i;

		ranges.head.range.len = PAGES_OF_REQUEST * HV_HYP_PAGE_SIZE;
		for (i = 0; i < PAGES_OF_REQUEST; i++)
			ranges.pfn[i] = virt_to_hvpfn(bench->payload);
		return vmbus_sendpacket_mpb_desc(channel, &ranges.head, sizeof(ranges), bench->payload, bytes, id);
	}
	default:
		return vmbus_sendpacket(channel, bench->payload, bytes, id, VM_PKT_DATA_INBAND, 0);
	}
}

static int take_one(struct bench *bench)
{
	u32 bytes;
	u64 id;
	int ret;

	ret = vmbus_recvpacket_raw(bench->channel, bench->buffer, PAYLOAD_MAX + 64, &bytes, &id);
	return ret ?: bytes ? 0 : -ENODATA;
}

/* Takes and forgets what is there, ending the requests it completes. */
static int take_all(struct bench *bench, u32 packets)
{
	struct vmpacket_descriptor *packet;
	u32 taken = 0;

	foreach_vmbus_pkt(packet, bench->channel) {
		if (packet->type == VM_PKT_COMP)
			vmbus_request_addr(bench->channel, packet->trans_id);
		taken++;
	}
	return taken == packets ? 0 : -EIO;
}

static int measure(struct bench *bench, enum kind kind, u32 bytes)
{
	u32 on_ring = sizeof(struct vmpacket_descriptor) + bytes + 8;	/* what comes back */
	u32 burst = min_t(u32, BURST_MAX, (RING_BYTES - HV_HYP_PAGE_SIZE) * 3 / 4 / on_ring);
	struct vmpacket_descriptor *packet;
	u32 i, n, taken;
	u64 start;
	int ret;

	bench->signals_before = bench->channel->sig_events;
	for (i = 0; i < BURSTS; i++) {
		/* Rouses the host, which from here on lets packets gather. */
		ret = send_one(bench, kind, bytes, 1);
		if (ret)
			return ret;
		usleep_range(200, 300);
		start = ktime_get_ns();
		for (n = 1; n < burst; n++) {
			ret = send_one(bench, kind, bytes, n + 1);
			if (ret)
				return ret;
		}
		bench->took_ns[i] = ktime_get_ns() - start;
		ret = wait_for_bytes(bench, burst * on_ring);
		if (ret)
			return ret;
		switch (kind) {
		case RECV:
			start = ktime_get_ns();
			for (n = 0; n < burst; n++) {
				ret = take_one(bench);
				if (ret)
					return ret;
			}
			bench->took_ns[i] = ktime_get_ns() - start;
			break;
		case ITERATE:
			taken = 0;
			start = ktime_get_ns();
			foreach_vmbus_pkt(packet, bench->channel)
				taken++;
			bench->took_ns[i] = ktime_get_ns() - start;
			if (taken != burst)
				return -EIO;
			break;
		default:
			ret = take_all(bench, burst);
			if (ret)
				return ret;
		}
	}
	tell(bench, kind_name[kind], bytes, kind == RECV || kind == ITERATE ? burst : burst - 1, BURSTS * burst);
	return 0;
}

/* Batched: runs until the ring is empty, with the host's signals masked. */
static void echo_came(void *context)
{
	struct bench *bench = context;
	struct vmpacket_descriptor *packet;

	foreach_vmbus_pkt(packet, bench->channel)
		atomic_inc(&bench->back);
	if (atomic_read(&bench->back) >= bench->wanted)
		complete(&bench->all_back);
}

static int open(struct bench *bench, u32 delay_us, enum hv_callback_mode mode, void (*callback)(void *context))
{
	struct echo_wishes wishes = { .delay_us = cpu_to_le32(delay_us) };

	/* The device has a monitor bit; what is measured are hypercalls. */
	bench->channel->low_latency = true;
	bench->channel->max_pkt_size = PAYLOAD_MAX + 64;
	bench->channel->rqstor_size = REQUESTS;
	bench->channel->next_request_id_callback = vmbus_next_request_id;
	set_channel_read_mode(bench->channel, mode);
	bench->signals_before = bench->channel->sig_events;
	return vmbus_open(bench->channel, RING_BYTES, RING_BYTES, &wishes, sizeof(wishes), callback, bench);
}

static int echo(struct bench *bench, u32 bytes)
{
	u32 sent, window = min(ECHO_WINDOW, (RING_BYTES - HV_HYP_PAGE_SIZE) * 3 / 4 / (bytes + 24));
	u64 start, took;
	int ret;

	atomic_set(&bench->back, 0);
	bench->signals_before = bench->channel->sig_events;
	start = ktime_get_ns();
	for (sent = 0; sent < ECHO_PACKETS; sent += window) {
		u32 n;

		reinit_completion(&bench->all_back);
		WRITE_ONCE(bench->wanted, sent + window);
		for (n = 0; n < window; n++) {
			ret = send_one(bench, SEND, bytes, n + 1);
			if (ret)
				return ret;
		}
		while (atomic_read(&bench->back) < sent + window)
			if (!wait_for_completion_timeout(&bench->all_back, msecs_to_jiffies(PATIENCE_MS)))
				return -ETIMEDOUT;
	}
	took = ktime_get_ns() - start;
	pr_info("%s echo %u %llu %llu %u\n", pass, bytes, div_u64(100 * took, sent),
		bench->channel->sig_events - bench->signals_before, sent);
	return 0;
}

static int run(struct bench *bench)
{
	u64 signals = bench->channel->sig_events;
	u32 i;
	int ret;

	ret = open(bench, GATHER_US, HV_CALL_ISR, nothing);
	if (ret)
		return ret;
	for (i = 0; !ret && i < ARRAY_SIZE(sizes); i++) {
		ret = measure(bench, SEND, sizes[i]);
		ret = ret ?: measure(bench, RECV, sizes[i]);
		ret = ret ?: measure(bench, ITERATE, sizes[i]);
	}
#ifdef BENCH_PAGEBUFFER
	ret = ret ?: measure(bench, PAGEBUFFER, 40);
#endif
	ret = ret ?: measure(bench, MPB, 64);
	vmbus_close(bench->channel);
	if (ret)
		return ret;

	ret = open(bench, 0, HV_CALL_BATCHED, echo_came);
	if (ret)
		return ret;
	for (i = 0; !ret && i < ARRAY_SIZE(sizes); i++)
		ret = echo(bench, sizes[i]);
	vmbus_close(bench->channel);
	pr_info("%s signals %llu\n", pass, bench->channel->sig_events - signals);
	return ret;
}

static int bench_probe(struct hv_device *device, const struct hv_vmbus_device_id *id)
{
	struct bench *bench = kzalloc(sizeof(*bench), GFP_KERNEL);
	int ret = -ENOMEM;

	if (!bench)
		return ret;
	bench->channel = device->channel;
	init_completion(&bench->all_back);
	bench->payload = kzalloc(PAYLOAD_MAX, GFP_KERNEL);
	bench->buffer = kzalloc(PAYLOAD_MAX + 64, GFP_KERNEL);
	if (bench->payload && bench->buffer)
		ret = run(bench);
	pr_info("%s ends %d\n", pass, ret);
	kfree(bench->buffer);
	kfree(bench->payload);
	kfree(bench);
	return ret;
}

static const struct hv_vmbus_device_id ids[] = {
	{ .guid = GUID_INIT(0xdd2a30f2, 0x6c2c, 0x4f0b, 0x9a, 0x4e, 0x6b, 0x1f, 0x0c, 0x1d, 0x8e, 0x01) },
	{ }
};

static struct hv_driver driver = {
	.name = KBUILD_MODNAME,
	.id_table = ids,
	.probe = bench_probe,
};

static int __init bench_start(void)
{
	return vmbus_driver_register(&driver);
}

static void __exit bench_end(void)
{
	vmbus_driver_unregister(&driver);
}

module_init(bench_start);
module_exit(bench_end);
MODULE_DESCRIPTION("Measures the rings of VMBus, for tests");
MODULE_LICENSE("GPL");
