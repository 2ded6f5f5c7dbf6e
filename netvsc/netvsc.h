/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files above NVSP and RNDIS share: one NIC (struct netvsc), its state between channel open and close
 * (struct netvsc_device) and one channel with its transmit and receive side (struct netvsc_channel).
 *
 * Lock order: RTNL > netvsc.config_lock > nvsp.request_mutex > transmit queue lock > rndis.lock, nvsp.lock
 */
#ifndef NETVSC_NETVSC_H
#define NETVSC_NETVSC_H

#include <linux/filter.h>
#include <linux/etherdevice.h>
#include <linux/ethtool.h>
#include <linux/hyperv.h>
#include <linux/mutex.h>
#include <linux/netdevice.h>
#include <linux/u64_stats_sync.h>
#include <linux/workqueue.h>
#include <net/xdp.h>

#include "bufs.h"
#include "copy.h"
#include "nvsp.h"
#include "offload.h"
#include "rndis.h"
#include "rss.h"
#include "vf.h"
#include "xdp.h"

#define NETVSC_DRIVER_NAME		"hv_netvsc"

/* Policy: queues a NIC can grow to; one for each channel */
#define NETVSC_MAX_CHANNELS		64
/* Policy: and how many it has unless the user says otherwise, where there are processors for them */
#define NETVSC_DEFAULT_CHANNELS		16
/* Policy: pages of each ring at the least, and unless the user says otherwise; two rings must fit one GPADL */
#define NETVSC_RING_MIN_PAGES		64u
#define NETVSC_RING_PAGES		128u
#define NETVSC_RING_MAX_PAGES		4000u
/* Policy: transmit packets in flight on one channel; one for each so many bytes of ring */
#define NETVSC_TX_MAX_SLOTS		1024
#define NETVSC_TX_RING_BYTES_PER_SLOT	512
/* Policy: how long closing or detaching waits for packets under way */
#define NETVSC_DRAIN_TIMEOUT_MS		5000
/* Policy: link changes reach the stack at most this often */
#define NETVSC_LINK_INTERVAL_MS		2000
/* Policy: with so many packets at the host a section may wait for company, until they come back */
#define NETVSC_TX_CORK_PACKETS		4
/*
 * Policy: frames up to this length are copied to send sections also when they come alone, unless the user says otherwise (ethtool
 * tx-copybreak); 0: none are copied at all
 */
#define NETVSC_TX_COPYBREAK		1024
/* Policy: GPA ranges in one packet; the host may set a lower limit */
#define NETVSC_TX_MAX_RANGES		32

#define NETVSC_MIN_MTU			ETH_MIN_MTU
#define NETVSC_MAX_MTU			(65535 - ETH_HLEN)

/* Counters of the transmit path, written under the transmit queue's lock */
enum netvsc_xmit_counter {
	NETVSC_XMIT_SCATTERED,		/* had more pages than ranges fit: linearised */
	NETVSC_XMIT_NO_MEMORY,
	NETVSC_XMIT_NO_SPACE,		/* ring full */
	NETVSC_XMIT_TOO_BIG,		/* could not be linearised */
	NETVSC_XMIT_BUSY,		/* handed back to the stack */
	NETVSC_XMIT_SEND_FULL,		/* no free send section */
	NETVSC_XMIT_STOP_QUEUE,
	NETVSC_XMIT_VLAN_ERROR,		/* inline tag that could not be moved to per-packet info */
	NETVSC_XMIT_DROPPED,
	NETVSC_XMIT_AGGREGATED,		/* packets that joined another one's send section */
	NETVSC_XMIT_XDP,		/* frames that a program redirected here */
	NETVSC_XMIT_COUNTERS
};

/* Counters of the poll function, written in its context only */
enum netvsc_poll_counter {
	NETVSC_POLL_TX_PACKETS,		/* accepted by the host */
	NETVSC_POLL_TX_BYTES,
	NETVSC_POLL_TX_ERRORS,		/* refused by the host, or of unknown fate: the sum of the next seven */
	NETVSC_POLL_TX_STATUS_NONE,	/* completed without an NVSP status */
	NETVSC_POLL_TX_STATUS_FAILURE,
	NETVSC_POLL_TX_STATUS_INVALID,
	NETVSC_POLL_TX_STATUS_BUSY,
	NETVSC_POLL_TX_STATUS_UNSUPPORTED,
	NETVSC_POLL_TX_STATUS_OTHER,	/* any number that is no answer to a packet */
	NETVSC_POLL_TX_LOST,		/* not completed when the channel was closed */
	NETVSC_POLL_RX_PACKETS,
	NETVSC_POLL_RX_BYTES,
	NETVSC_POLL_RX_MULTICAST,
	NETVSC_POLL_RX_ERRORS,		/* malformed */
	NETVSC_POLL_RX_NO_MEMORY,
	NETVSC_POLL_RX_COMP_BUSY,	/* completions that had to wait for room in the ring */
	NETVSC_POLL_WAKE_QUEUE,
	NETVSC_POLL_BAD_PACKET,		/* VMBus or NVSP level: malformed or unknown */
	NETVSC_POLL_BAD_COMPLETION,	/* for nothing that was sent */
	NETVSC_POLL_CONTROL_ERRORS,	/* RNDIS control messages that made no sense */
	NETVSC_POLL_XDP_DROP,		/* by the program, or for its sake */
	NETVSC_POLL_XDP_REDIRECT,
	NETVSC_POLL_XDP_TX,
	NETVSC_POLL_COUNTERS
};

struct netvsc_xmit_stats {
	struct u64_stats_sync syncp;
	u64_stats_t count[NETVSC_XMIT_COUNTERS];
};

struct netvsc_poll_stats {
	struct u64_stats_sync syncp;
	u64_stats_t count[NETVSC_POLL_COUNTERS];
};

/* Of one queue; outlives its channel */
struct netvsc_queue_stats {
	struct netvsc_xmit_stats xmit ____cacheline_aligned;
	struct netvsc_poll_stats poll ____cacheline_aligned;
};

/* A packet under way to the host: one frame in pages, or up to rndis.max_packets frames in one send section */
struct netvsc_tx_slot {
	u32 use;		/* names this use in the transaction id; 0: not sent, or completed. Whoever clears it
				 * owns what the slot holds: the poll function, or teardown when the channel is closed.
				 */
	u32 section;		/* NVSP_SEND_SECTION_NONE: in pages */
	struct sk_buff *skb;	/* whose pages the host reads; NULL when all was copied */
	u32 bytes;		/* of frames, as they go on the wire */
	u32 skbs;
	u32 packets;		/* on the wire */
	void *header;		/* RNDIS header of a packet in pages; inside one page */
	u64 header_pfn;
};

/* Room for the descriptor of a packet in pages: ranges and page numbers */
#define NETVSC_TX_DESC_BYTES		1024

/* Transmit side of a channel: under the transmit queue's lock, but for the fields of the poll function */
struct netvsc_tx {
	struct netvsc_tx_slot *slots;
	u16 *free;		/* ring of free slots, slot_count a power of two */
	void *headers;
	u32 slot_count;
	u32 free_head;		/* next free slot to take */
	u32 last_use;
	u32 section_hint;
	u32 max_ranges;

	struct {
		struct netvsc_tx_slot *slot;	/* NULL: none open */
		u32 bytes;
		u32 count;
	} batch;		/* frames copied to a section that has not been sent */
	struct {
		struct netvsc_tx_slot *slot;	/* NULL: none */
		u32 use;
		u32 section;
		u32 bytes;	/* of the section, or of the descriptor */
	} pending;		/* on its way into the ring; if that is full the queue is stopped */
	u8 desc[NETVSC_TX_DESC_BYTES] __aligned(8);	/* of the pending packet in pages */

	/* Poll function */
	u32 free_tail ____cacheline_aligned;	/* where the next completed slot goes */
	u32 done_skbs;
	u32 done_bytes;
};

/* A completion the host is owed */
struct netvsc_rx_debt {
	u64 xid;
	u32 status;
};

/* Receive side of a channel: poll function only */
struct netvsc_rx {
	struct netvsc_rx_debt *debts;	/* ring */
	u32 debt_mask;
	u32 debt_head;		/* oldest */
	u32 debt_tail;
	u32 frames;		/* delivered in this poll */
	int budget;
	bool xdp_sent;		/* a program sent frames back in this poll */
	bool xdp_redirected;	/* or to other devices */
	struct page *xdp_page;	/* for the next frame that a program sees; NULL: none */
	u32 idle_polls;		/* in a row: the ring is not empty, but has no packet */

	struct netvsc_rx_fragment *fragments;	/* NVSP_MAX_RANGES_RSC of them */
	u32 fragment_count;	/* 0: no segment begun */
	u32 fragment_bytes;
	struct rndis_packet header;	/* private copy of a packet message's; here it need not be cleared for each */
	u8 control[RNDIS_CONTROL_BYTES] __aligned(8);	/* private copy of a control message or of per-packet info */
};

struct netvsc_device;

struct netvsc_channel {
	struct nvsp_channel nvsp;
	struct netvsc_device *nvdev;
	struct netvsc_queue_stats *stats;
	u16 index;		/* of the queue */
	bool is_live;		/* the poll function may run */
	int open_state;		/* of a sub-channel: 0 not yet, 1 open, or why not */
	struct napi_struct napi;
	struct xdp_rxq_info xdp_rxq;
	struct delayed_work retry_work;	/* runs the poll function when nothing else would: ring full */
	struct netvsc_tx tx ____cacheline_aligned;
	struct netvsc_rx rx ____cacheline_aligned;
};

static inline struct netvsc_channel *netvsc_channel(struct nvsp_channel *nc)
{
	return container_of(nc, struct netvsc_channel, nvsp);
}

struct netvsc;

/* What a device is attached with; survives a failed change */
struct netvsc_params {
	u32 mtu;
	u32 recv_bytes;
	u32 send_bytes;
	u32 channels;		/* 1..NETVSC_MAX_CHANNELS; a wish, there may be fewer */
};

/* The NIC from channel open to close; a change of MTU or buffers makes a new one */
struct netvsc_device {
	struct netvsc *nv;
	struct net_device *ndev;
	struct nvsp nvsp;
	struct rndis rndis;
	struct netvsc_bufs bufs;
	struct netvsc_offload offload;
	struct netvsc_params params;	/* the MTU as the host granted it */
	u8 mac[ETH_ALEN];		/* permanent, zero if the host has none */
	bool link_up;			/* as of attaching */
	u32 link_mbps;			/* 0: unknown */
	u32 max_channels;		/* the user may ask for */
	u32 channel_count;		/* in use by both sides */
	u32 channels_made;		/* at least as many: those that could not all be opened stay unused */
	struct netvsc_channel *channels[NETVSC_MAX_CHANNELS];	/* [0] is the primary */
	u32 ring_bytes;
	bool rss_on;
	struct list_head accepting;	/* in queues.c: of devices whose sub-channels are being opened */
	u32 rss_entries;		/* of the host's indirection table; 0: no RSS */
	u8 send_table[NVSP_SEND_TABLE_ENTRIES];	/* hash to channel; READ_ONCE */
	struct rcu_head rcu;
};

/* What the host last said about the link; bits of netvsc.link_events */
enum netvsc_link_event {
	NETVSC_LINK_CHANGED,		/* look at netvsc.link_is_up */
	NETVSC_LINK_NETWORK_CHANGED,	/* same link, other network: down and up again */
};

/* Protocols whose flows can be told apart by addresses and ports, or by addresses alone, on transmit */
enum netvsc_hash_protocol {
	NETVSC_HASH_TCP4	= 1u << 0,
	NETVSC_HASH_UDP4	= 1u << 1,
	NETVSC_HASH_TCP6	= 1u << 2,
	NETVSC_HASH_UDP6	= 1u << 3,
};

/* One NIC: private area of its net_device */
struct netvsc {
	struct hv_device *hdev;
	struct net_device *ndev;
	u32 msg_enable;

	/*
	 * Whether a device is attached, and the packet filter. Changes under RTNL and config_lock; readers hold either of
	 * them or RCU.
	 */
	struct netvsc_device __rcu *nvdev;
	struct mutex config_lock;
	struct netvsc_params params;	/* what the user wants */
	bool running;			/* between ndo_open and ndo_stop; under config_lock */
	bool receiving;			/* frames go to the stack; READ_ONCE */
	bool tx_disabled;		/* no queue may be woken; set under all transmit queue locks */
	bool wants_rsc;			/* coalescing on receive; under RTNL */
	u32 tx_copybreak;		/* longer frames go as pages unless they come in a run; READ_ONCE */
	u32 filter;			/* as last accepted by the host; under config_lock */

	struct work_struct filter_work;
	struct delayed_work link_work;
	unsigned long link_events;
	bool link_is_up;		/* latest word of the host; READ_ONCE */
	u32 link_mbps;
	unsigned long link_jiffies;	/* of the last change that reached the stack; link_work only */
	u8 duplex;			/* what ethtool was told, kept locally */
	u32 speed;

	struct netvsc_rss rss;		/* as last given to a host; under RTNL */
	u32 l3_hash;			/* NETVSC_HASH_*: whose flows are told apart by addresses alone; READ_ONCE */
	u32 queues_seen;		/* queues above have counted nothing */
	struct netvsc_vf vf;
	struct bpf_prog __rcu *xdp_prog;	/* sees each frame first; written under RTNL */

	u64 leaked_buffers;		/* left to a host that did not confirm a teardown */
	struct netvsc_queue_stats *stats;	/* NETVSC_MAX_CHANNELS */
};

static inline void netvsc_count_xmit(struct netvsc_channel *ch, enum netvsc_xmit_counter counter)
{
	struct netvsc_xmit_stats *stats = &ch->stats->xmit;

	u64_stats_update_begin(&stats->syncp);
	u64_stats_inc(&stats->count[counter]);
	u64_stats_update_end(&stats->syncp);
}

static inline void netvsc_count_poll(struct netvsc_channel *ch, enum netvsc_poll_counter counter)
{
	struct netvsc_poll_stats *stats = &ch->stats->poll;

	u64_stats_update_begin(&stats->syncp);
	u64_stats_inc(&stats->count[counter]);
	u64_stats_update_end(&stats->syncp);
}

static inline struct netdev_queue *netvsc_tx_queue(struct netvsc_channel *ch)
{
	return netdev_get_tx_queue(ch->nvdev->ndev, ch->index);
}

static inline void netvsc_schedule_retry(struct netvsc_channel *ch)
{
	schedule_delayed_work(&ch->retry_work, 1);
}

/* tx.c */
int netvsc_tx_init(struct netvsc_channel *ch, u32 ring_bytes);
void netvsc_tx_free(struct netvsc_channel *ch);
u32 netvsc_tx_outstanding(struct netvsc_channel *ch);
int netvsc_tx_frame(struct netvsc_channel *ch, const void *frame, u32 bytes);
void netvsc_tx_push(struct netvsc_channel *ch);
void netvsc_tx_resume(struct netvsc_channel *ch);
netdev_tx_t netvsc_start_xmit(struct sk_buff *skb, struct net_device *ndev);

/* tx_done.c */
void netvsc_tx_sent(struct nvsp_channel *nc, u64 xid, u32 status);
void netvsc_tx_finish_poll(struct netvsc_channel *ch);
void netvsc_tx_abort(struct netvsc_channel *ch);

/* rx.c */
int netvsc_rx_init(struct netvsc_channel *ch, u32 section_count);
void netvsc_rx_free(struct netvsc_channel *ch);
u32 netvsc_rx_receive(struct nvsp_channel *nc, const struct nvsp_receive *rcv);
void netvsc_rx_owe(struct nvsp_channel *nc, u64 xid, u32 status);
bool netvsc_rx_has_debt(struct netvsc_channel *ch);
int netvsc_poll(struct napi_struct *napi, int budget);
void netvsc_channel_interrupt(void *context);
void netvsc_retry(struct work_struct *work);

/* device.c */
struct netvsc_device *netvsc_attach(struct netvsc *nv, const struct netvsc_params *params, u32 ring_bytes);
void netvsc_detach(struct netvsc_device *nvdev);
u32 netvsc_outstanding(struct netvsc_device *nvdev);
bool netvsc_drain(struct netvsc_device *nvdev, bool transmit_only);
int netvsc_set_filter(struct netvsc *nv, u32 filter);
int netvsc_set_mac(struct netvsc_device *nvdev, const u8 *mac);
int netvsc_set_rsc(struct netvsc_device *nvdev, bool on);

struct netvsc_channel *netvsc_channel_new(struct netvsc_device *nvdev, u16 index, u32 ring_bytes);
int netvsc_channel_open(struct netvsc_channel *ch, struct vmbus_channel *vmchannel, u32 ring_bytes);
void netvsc_channel_free(struct netvsc_channel *ch);

/* queues.c */
int netvsc_queues_open(struct netvsc_device *nvdev, u32 ring_bytes);
int netvsc_set_rss(struct netvsc_device *nvdev, const struct netvsc_rss *rss);
void netvsc_take_send_table(struct nvsp *nvsp, const void *msg, u32 bytes);
u16 netvsc_select_queue(struct net_device *ndev, struct sk_buff *skb, struct net_device *sb_dev);

/* netdev.c */
void netvsc_netdev_setup(struct net_device *ndev);
void netvsc_publish(struct netvsc *nv, struct netvsc_device *nvdev);
void netvsc_withdraw(struct netvsc *nv);
int netvsc_reattach(struct netvsc *nv, const struct netvsc_params *params);
int netvsc_reconfigure(struct netvsc *nv, const struct netvsc_params *params);
u64 netvsc_read_xmit(const struct netvsc *nv, unsigned int queue, enum netvsc_xmit_counter counter);
u64 netvsc_read_poll(const struct netvsc *nv, unsigned int queue, enum netvsc_poll_counter counter);

/* link.c */
void netvsc_link_init(struct netvsc *nv);
void netvsc_link_attached(struct netvsc *nv, const struct netvsc_device *nvdev);
void netvsc_indicate(struct rndis *rndis, u32 status, const void *buf, u32 bytes);

/* main.c */
u32 netvsc_ring_bytes(void);

/* ethtool_queues.c */
void netvsc_get_channels(struct net_device *ndev, struct ethtool_channels *channels);
int netvsc_set_channels(struct net_device *ndev, struct ethtool_channels *channels);
u32 netvsc_get_rx_ring_count(struct net_device *ndev);
int netvsc_get_rxnfc(struct net_device *ndev, struct ethtool_rxnfc *info, u32 *rules);
u32 netvsc_get_rxfh_key_size(struct net_device *ndev);
u32 netvsc_get_rxfh_indir_size(struct net_device *ndev);
int netvsc_get_rxfh(struct net_device *ndev, struct ethtool_rxfh_param *rxfh);
int netvsc_set_rxfh(struct net_device *ndev, struct ethtool_rxfh_param *rxfh, struct netlink_ext_ack *extack);
int netvsc_get_rxfh_fields(struct net_device *ndev, struct ethtool_rxfh_fields *fields);
int netvsc_set_rxfh_fields(struct net_device *ndev, const struct ethtool_rxfh_fields *fields,
			   struct netlink_ext_ack *extack);

/* ethtool.c */
extern const struct ethtool_ops netvsc_ethtool_ops;

#endif
