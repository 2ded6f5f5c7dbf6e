/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The virtual function beside a NIC (accelerated networking): what the rest of the driver asks of it. vf.c pairs and sets
 * up, vf_path.c carries frames and switches the host's data path.
 *
 * The VF's net_device is a slave of the NIC's. Everything that changes is under RTNL, but for what the host says.
 */
#ifndef NETVSC_VF_H
#define NETVSC_VF_H

#include <linux/netdevice.h>
#include <linux/u64_stats_sync.h>
#include <linux/workqueue.h>

struct bpf_prog;
struct netvsc;

/* Frames that went by the VF, for each CPU; written in softirq context */
struct netvsc_vf_stats {
	struct u64_stats_sync syncp;
	u64_stats_t rx_packets;
	u64_stats_t rx_bytes;
	u64_stats_t tx_packets;
	u64_stats_t tx_bytes;
	u64_stats_t tx_dropped;
};

/* Plain sums of the above */
struct netvsc_vf_totals {
	u64 rx_packets;
	u64 rx_bytes;
	u64 tx_packets;
	u64 tx_bytes;
	u64 tx_dropped;
};

/* Part of struct netvsc */
struct netvsc_vf {
	struct list_head node;		/* in the list of NICs; RTNL */
	struct net_device __rcu *slave;	/* written under RTNL */
	bool active;			/* the host's data path is the VF's; written under RTNL, cleared by the host's word too */
	const struct bpf_prog *program;	/* what the slave runs of the NIC's, with a reference of its own; RTNL */
	bool promisc;			/* what was asked of the slave on the NIC's behalf; RTNL */
	bool allmulti;
	u64 told;			/* VF association: serial number, and whether there is one; READ_ONCE */
	struct delayed_work work;	/* pairs and sets up what no event may do */
	struct netvsc_vf_stats __percpu *stats;
};

/* What netvsc_vf.told says */
#define NETVSC_VF_ALLOCATED	(1ull << 32)

int netvsc_vf_init(struct netvsc *nv);
void netvsc_vf_free(struct netvsc *nv);
void netvsc_vf_register(struct netvsc *nv);
void netvsc_vf_unregister(struct netvsc *nv);
int netvsc_vf_module_init(void);
void netvsc_vf_module_exit(void);
void netvsc_vf_associate(struct netvsc *nv, bool allocated, u32 serial);
void netvsc_vf_follow_flags(struct netvsc *nv);
void netvsc_vf_follow_addresses(struct netvsc *nv);
void netvsc_vf_open(struct netvsc *nv);
void netvsc_vf_close(struct netvsc *nv);
int netvsc_vf_set_mtu(struct netvsc *nv, unsigned int mtu);

rx_handler_result_t netvsc_vf_receive(struct sk_buff **pskb);
netdev_tx_t netvsc_vf_xmit(struct netvsc *nv, struct net_device *slave, struct sk_buff *skb);
struct net_device *netvsc_vf_carrier(struct netvsc *nv);
void netvsc_vf_update_path(struct netvsc *nv, bool may_use);
void netvsc_vf_forget_path(struct netvsc *nv);
void netvsc_vf_read(const struct netvsc *nv, struct netvsc_vf_totals *totals);
void netvsc_vf_read_cpu(const struct netvsc *nv, unsigned int cpu, struct netvsc_vf_totals *totals);

#endif
