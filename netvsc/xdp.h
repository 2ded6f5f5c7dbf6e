/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Programs that see frames before the stack does (XDP): what the rest of the driver asks of them.
 */
#ifndef NETVSC_XDP_H
#define NETVSC_XDP_H

#include <linux/types.h>

#include "xdp_frame.h"

struct bpf_prog;
struct net_device;
struct netdev_bpf;
struct netvsc;
struct netvsc_channel;
struct rndis_pkt_rx;
struct xdp_frame;

struct sk_buff *netvsc_xdp_receive(struct netvsc_channel *ch, struct bpf_prog *prog,
				   const struct netvsc_rx_fragment *fragments, u32 count);
void netvsc_xdp_finish_poll(struct netvsc_channel *ch);
int netvsc_xdp_channel_init(struct netvsc_channel *ch);
void netvsc_xdp_channel_free(struct netvsc_channel *ch);
bool netvsc_xdp_allows_mtu(const struct netvsc *nv, unsigned int mtu);
int netvsc_xdp_give(struct netvsc *nv);
void netvsc_xdp_take(struct netvsc *nv, struct net_device *vf);
bool netvsc_xdp_sees_vf(const struct netvsc *nv);
int netvsc_xdp_command(struct net_device *ndev, struct netdev_bpf *bpf);
int netvsc_xdp_xmit(struct net_device *ndev, int count, struct xdp_frame **frames, u32 flags);

#endif
