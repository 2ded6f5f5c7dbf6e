// SPDX-License-Identifier: GPL-2.0
/*
 * XDP in native mode: a program runs on a private copy of each frame, in a page of its own, and decides. Frames that go back out,
 * here or from another device, are copied to send sections. Must not know how frames arrive.
 *
 * A virtual function has the NIC's program as well, so that no frame passes by it.
 */
#include <linux/bpf_trace.h>
#include <linux/filter.h>
#include <linux/rtnetlink.h>
#include <net/xdp.h>

#include "netvsc.h"

/* What a frame may occupy of its page */
static u32 netvsc_xdp_room(void)
{
	return netvsc_xdp_room_bytes(PAGE_SIZE, XDP_PACKET_HEADROOM, SKB_DATA_ALIGN(sizeof(struct skb_shared_info)));
}

/* XDP_TX: out on the channel it came on */
static bool netvsc_xdp_send_back(struct netvsc_channel *ch, const struct xdp_buff *xdp)
{
	struct netdev_queue *txq = netvsc_tx_queue(ch);
	int err;

	/* A channel that was made but is not used has no queue. */
	if (ch->index >= ch->nvdev->channel_count)
		return false;
	__netif_tx_lock(txq, smp_processor_id());
	err = netvsc_tx_frame(ch, xdp->data, xdp->data_end - xdp->data);
	__netif_tx_unlock(txq);
	if (err)
		return false;
	ch->rx.xdp_sent = true;
	return true;
}

static struct sk_buff *netvsc_xdp_pass(const struct xdp_buff *xdp)
{
	u32 meta_bytes = xdp->data - xdp->data_meta;
	struct sk_buff *skb;

	skb = build_skb(xdp->data_hard_start, PAGE_SIZE);
	if (unlikely(!skb))
		return NULL;
	skb_reserve(skb, xdp->data - xdp->data_hard_start);
	skb_put(skb, xdp->data_end - xdp->data);
	if (meta_bytes)
		skb_metadata_set(skb, meta_bytes);
	return skb;
}

/* Have the program decide, and do what it says; @skb is that of a frame that passes. */
static enum netvsc_xdp_fate netvsc_xdp_run(struct netvsc_channel *ch, struct bpf_prog *prog, struct xdp_buff *xdp,
					   struct sk_buff **skb)
{
	struct net_device *ndev = ch->nvdev->ndev;
	u32 act = bpf_prog_run_xdp(prog, xdp);
	enum netvsc_xdp_fate fate;
	bool done = false;

	if (act == XDP_PASS) {
		*skb = netvsc_xdp_pass(xdp);
		done = *skb;
	} else if (act == XDP_TX) {
		done = netvsc_xdp_send_back(ch, xdp);
	} else if (act == XDP_REDIRECT) {
		done = !xdp_do_redirect(ndev, xdp, prog);
	} else if (unlikely(!netvsc_xdp_is_known(act))) {
		bpf_warn_invalid_xdp_action(ndev, prog, act);
	}
	fate = netvsc_xdp_fate(act, done);
	if (fate == NETVSC_XDP_FAILED)
		trace_xdp_exception(ndev, prog, act);
	return fate;
}

static void netvsc_xdp_count(struct netvsc_channel *ch, enum netvsc_xdp_fate fate)
{
	static const enum netvsc_poll_counter counter[] = {
		[NETVSC_XDP_SENT_BACK] = NETVSC_POLL_XDP_TX,
		[NETVSC_XDP_REDIRECTED] = NETVSC_POLL_XDP_REDIRECT,
		[NETVSC_XDP_DROPPED] = NETVSC_POLL_XDP_DROP,
		[NETVSC_XDP_FAILED] = NETVSC_POLL_XDP_DROP,
		[NETVSC_XDP_NO_MEMORY] = NETVSC_POLL_RX_NO_MEMORY,
	};

	/* What passes is counted where it goes to the stack. */
	if (fate != NETVSC_XDP_PASSED)
		netvsc_count_poll(ch, counter[fate]);
}

/**
 * netvsc_xdp_receive() - have the program decide on a frame
 * @ch:		channel it came on
 * @prog:	the program
 * @fragments:	where the frame is; pieces more than one only of a segment that the host coalesced before it heard not to
 * @count:	how many
 *
 * Context: softirq, poll function; RCU.
 * Return: the frame as the program left it, for the stack; NULL: it went elsewhere, or was dropped and counted.
 */
struct sk_buff *netvsc_xdp_receive(struct netvsc_channel *ch, struct bpf_prog *prog,
				   const struct netvsc_rx_fragment *fragments, u32 count)
{
	struct page *page = ch->rx.xdp_page;
	struct sk_buff *skb = NULL;
	enum netvsc_xdp_fate fate;
	struct xdp_buff xdp;
	u32 bytes;

	if (!page)
		page = dev_alloc_page();
	if (unlikely(!page)) {
		netvsc_xdp_count(ch, NETVSC_XDP_NO_MEMORY);
		return NULL;
	}
	bytes = netvsc_xdp_gather(page_address(page) + XDP_PACKET_HEADROOM, netvsc_xdp_room(), fragments, count);
	if (likely(bytes)) {
		xdp_init_buff(&xdp, PAGE_SIZE, &ch->xdp_rxq);
		xdp_prepare_buff(&xdp, page_address(page), XDP_PACKET_HEADROOM, bytes, true);
		fate = netvsc_xdp_run(ch, prog, &xdp, &skb);
		ch->rx.xdp_redirected |= fate == NETVSC_XDP_REDIRECTED;
	} else {
		/* Too long for a page: came before the host heard of the MTU. */
		fate = NETVSC_XDP_DROPPED;
	}
	netvsc_xdp_count(ch, fate);
	/* A page that nobody else has seen serves the next frame. */
	ch->rx.xdp_page = netvsc_xdp_keeps_page(fate) ? NULL : page;
	return skb;
}

/**
 * netvsc_xdp_finish_poll() - send what the program sent back or to other devices
 * @ch:		the channel
 *
 * Context: softirq, poll function; takes the transmit queue's lock.
 */
void netvsc_xdp_finish_poll(struct netvsc_channel *ch)
{
	struct netdev_queue *txq = netvsc_tx_queue(ch);

	if (ch->rx.xdp_redirected) {
		ch->rx.xdp_redirected = false;
		xdp_do_flush();
	}
	if (ch->rx.xdp_sent) {
		ch->rx.xdp_sent = false;
		__netif_tx_lock(txq, smp_processor_id());
		netvsc_tx_push(ch);
		__netif_tx_unlock(txq);
	}
}

/**
 * netvsc_xdp_channel_init() - let programs know the channel as a receive queue
 * @ch:		the channel; its NAPI context is added
 *
 * Context: process.
 * Return: 0, -ENOMEM, -EINVAL.
 */
int netvsc_xdp_channel_init(struct netvsc_channel *ch)
{
	int err;

	err = xdp_rxq_info_reg(&ch->xdp_rxq, ch->nvdev->ndev, ch->index, ch->napi.napi_id);
	if (err)
		return err;
	err = xdp_rxq_info_reg_mem_model(&ch->xdp_rxq, MEM_TYPE_PAGE_ORDER0, NULL);
	if (err)
		xdp_rxq_info_unreg(&ch->xdp_rxq);
	return err;
}

/**
 * netvsc_xdp_channel_free() - the reverse
 * @ch:		the channel; its poll function has stopped
 *
 * Context: process.
 */
void netvsc_xdp_channel_free(struct netvsc_channel *ch)
{
	xdp_rxq_info_unreg(&ch->xdp_rxq);
	if (ch->rx.xdp_page)
		put_page(ch->rx.xdp_page);
	ch->rx.xdp_page = NULL;
}

/**
 * netvsc_xdp_allows_mtu() - whether frames of that MTU suit the program, if there is one
 * @nv:		the NIC
 * @mtu:	IP MTU
 *
 * Context: RTNL held.
 */
bool netvsc_xdp_allows_mtu(const struct netvsc *nv, unsigned int mtu)
{
	return !rtnl_dereference(nv->xdp_prog) || mtu <= netvsc_xdp_max_mtu(netvsc_xdp_room());
}

static int netvsc_xdp_set_vf(struct net_device *vf, struct bpf_prog *prog, struct netlink_ext_ack *extack)
{
	struct netdev_bpf bpf = { .command = XDP_SETUP_PROG, .extack = extack, .prog = prog };
	int err;

	if (!vf->netdev_ops->ndo_bpf)
		return prog ? -EOPNOTSUPP : 0;
	/* Each device has a reference of its own. */
	if (prog)
		bpf_prog_inc(prog);
	err = compat_xdp_propagate(vf, &bpf);
	if (err && prog)
		bpf_prog_put(prog);
	return err;
}

/**
 * netvsc_xdp_give() - let the virtual function have the NIC's program
 * @nv:		the NIC
 *
 * Context: RTNL held; takes the VF's own lock.
 * Return: 0 also without a program or a VF; or why frames that the VF carries would not be seen by the program.
 */
int netvsc_xdp_give(struct netvsc *nv)
{
	struct net_device *vf = rtnl_dereference(nv->vf.slave);
	struct bpf_prog *prog = rtnl_dereference(nv->xdp_prog);
	int err;

	if (!vf || nv->vf.program == prog)
		return 0;
	err = netvsc_xdp_set_vf(vf, prog, NULL);
	if (!err)
		nv->vf.program = prog;
	return err;
}

/**
 * netvsc_xdp_take() - take it away again
 * @nv:		the NIC
 * @vf:		what was its virtual function
 *
 * Context: RTNL held; takes the VF's own lock.
 */
void netvsc_xdp_take(struct netvsc *nv, struct net_device *vf)
{
	if (nv->vf.program)
		netvsc_xdp_set_vf(vf, NULL, NULL);
	nv->vf.program = NULL;
}

/**
 * netvsc_xdp_sees_vf() - whether no frame that the virtual function carries passes by the NIC's program
 * @nv:		the NIC
 *
 * Context: RTNL held.
 */
bool netvsc_xdp_sees_vf(const struct netvsc *nv)
{
	return nv->vf.program == rtnl_dereference(nv->xdp_prog);
}

static int netvsc_xdp_setup(struct netvsc *nv, struct bpf_prog *prog, struct netlink_ext_ack *extack)
{
	struct net_device *vf = rtnl_dereference(nv->vf.slave);
	struct bpf_prog *old = rtnl_dereference(nv->xdp_prog);
	int err;

	if (prog && nv->ndev->mtu > netvsc_xdp_max_mtu(netvsc_xdp_room())) {
		NL_SET_ERR_MSG_MOD(extack, "MTU too large: a frame must fit one page");
		return -EOPNOTSUPP;
	}
	if (vf && nv->vf.program != prog) {
		err = netvsc_xdp_set_vf(vf, prog, extack);
		if (err) {
			NL_SET_ERR_MSG_MOD(extack, "the virtual function does not take the program");
			return err;
		}
		nv->vf.program = prog;
	}
	rcu_assign_pointer(nv->xdp_prog, prog);
	/* It may have been without use for the sake of the program that goes. */
	netvsc_vf_update_path(nv, true);
	if (old)
		bpf_prog_put(old);
	/* The host must not coalesce what a program is to see piece by piece. */
	if (!old != !prog)
		netdev_update_features(nv->ndev);
	return 0;
}

/**
 * netvsc_xdp_command() - ndo_bpf
 * @ndev:	the NIC
 * @bpf:	what to do
 *
 * Context: RTNL held.
 * Return: 0; -EOPNOTSUPP the MTU or the virtual function is in the way, -EINVAL unknown command.
 */
int netvsc_xdp_command(struct net_device *ndev, struct netdev_bpf *bpf)
{
	if (bpf->command != XDP_SETUP_PROG)
		return -EINVAL;
	return netvsc_xdp_setup(netdev_priv(ndev), bpf->prog, bpf->extack);
}

/**
 * netvsc_xdp_xmit() - ndo_xdp_xmit: frames that a program redirected to this NIC
 * @ndev:	the NIC
 * @count:	how many
 * @frames:	the frames; those sent are consumed
 * @flags:	XDP_XMIT_*
 *
 * They go by the synthetic path also while there is a virtual function, in one packet and with one signal where they fit.
 *
 * Context: softirq, RCU.
 * Return: how many were sent, from the first; -ENETDOWN, -EINVAL.
 */
int netvsc_xdp_xmit(struct net_device *ndev, int count, struct xdp_frame **frames, u32 flags)
{
	struct netvsc *nv = netdev_priv(ndev);
	struct netvsc_device *nvdev = rcu_dereference_bh(nv->nvdev);
	struct netvsc_channel *ch;
	struct netdev_queue *txq;
	int i;

	if (unlikely(flags & ~XDP_XMIT_FLAGS_MASK))
		return -EINVAL;
	if (unlikely(!nvdev))
		return -ENETDOWN;
	ch = nvdev->channels[smp_processor_id() % nvdev->channel_count];
	txq = netvsc_tx_queue(ch);
	__netif_tx_lock(txq, smp_processor_id());
	for (i = 0; i < count; i++) {
		if (compat_xdp_frame_has_frags(frames[i]) || netvsc_tx_frame(ch, frames[i]->data, frames[i]->len))
			break;
		netvsc_count_xmit(ch, NETVSC_XMIT_XDP);
		xdp_return_frame_rx_napi(frames[i]);
	}
	netvsc_tx_push(ch);
	__netif_tx_unlock(txq);
	return i;
}
