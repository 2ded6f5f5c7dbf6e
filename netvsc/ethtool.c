// SPDX-License-Identifier: GPL-2.0
/*
 * ethtool_ops. Names of statistics are those tools and monitoring agents know. Must not know NVSP or RNDIS messages.
 */
#include <linux/cpumask.h>
#include <linux/ethtool.h>
#include <linux/rtnetlink.h>

#include "netvsc.h"

/* Policy: fewer sections than this are of no use */
#define NETVSC_RING_MIN_SECTIONS	10
/* Section size of the receive buffer that hosts use for an MTU of 1500, to tell sizes before one is known */
#define NETVSC_USUAL_RECV_SECTION	1728
#define NETVSC_USUAL_SEND_SECTION	6144

static struct netvsc_device *netvsc_rtnl_device(struct net_device *ndev)
{
	struct netvsc *nv = netdev_priv(ndev);

	return rtnl_dereference(nv->nvdev);
}

static void netvsc_get_drvinfo(struct net_device *ndev, struct ethtool_drvinfo *info)
{
	strscpy(info->driver, NETVSC_DRIVER_NAME, sizeof(info->driver));
	strscpy(info->version, HYPERV_LIC_VERSION, sizeof(info->version));
	strscpy(info->fw_version, "N/A", sizeof(info->fw_version));
}

static u32 netvsc_get_msglevel(struct net_device *ndev)
{
	struct netvsc *nv = netdev_priv(ndev);

	return nv->msg_enable;
}

static void netvsc_set_msglevel(struct net_device *ndev, u32 level)
{
	struct netvsc *nv = netdev_priv(ndev);

	nv->msg_enable = level;
}

/* Statistics of the whole NIC, in the order of their names */
static const struct {
	char name[ETH_GSTRING_LEN];
	enum { NETVSC_FROM_XMIT, NETVSC_FROM_POLL, NETVSC_FROM_VF } from;
	unsigned int counter;	/* of a VF: offset in struct netvsc_vf_totals */
} netvsc_nic_stats[] = {
	{ "tx_scattered", NETVSC_FROM_XMIT, NETVSC_XMIT_SCATTERED },
	{ "tx_no_memory", NETVSC_FROM_XMIT, NETVSC_XMIT_NO_MEMORY },
	{ "tx_no_space", NETVSC_FROM_XMIT, NETVSC_XMIT_NO_SPACE },
	{ "tx_too_big", NETVSC_FROM_XMIT, NETVSC_XMIT_TOO_BIG },
	{ "tx_busy", NETVSC_FROM_XMIT, NETVSC_XMIT_BUSY },
	{ "tx_send_full", NETVSC_FROM_XMIT, NETVSC_XMIT_SEND_FULL },
	{ "rx_comp_busy", NETVSC_FROM_POLL, NETVSC_POLL_RX_COMP_BUSY },
	{ "rx_no_memory", NETVSC_FROM_POLL, NETVSC_POLL_RX_NO_MEMORY },
	{ "stop_queue", NETVSC_FROM_XMIT, NETVSC_XMIT_STOP_QUEUE },
	{ "wake_queue", NETVSC_FROM_POLL, NETVSC_POLL_WAKE_QUEUE },
	{ "vlan_error", NETVSC_FROM_XMIT, NETVSC_XMIT_VLAN_ERROR },
	{ "vf_rx_packets", NETVSC_FROM_VF, offsetof(struct netvsc_vf_totals, rx_packets) },
	{ "vf_rx_bytes", NETVSC_FROM_VF, offsetof(struct netvsc_vf_totals, rx_bytes) },
	{ "vf_tx_packets", NETVSC_FROM_VF, offsetof(struct netvsc_vf_totals, tx_packets) },
	{ "vf_tx_bytes", NETVSC_FROM_VF, offsetof(struct netvsc_vf_totals, tx_bytes) },
	{ "vf_tx_dropped", NETVSC_FROM_VF, offsetof(struct netvsc_vf_totals, tx_dropped) },
	/* Beyond what the kernel's own driver tells */
	{ "tx_refused", NETVSC_FROM_POLL, NETVSC_POLL_TX_ERRORS },
	{ "tx_status_none", NETVSC_FROM_POLL, NETVSC_POLL_TX_STATUS_NONE },
	{ "tx_status_failure", NETVSC_FROM_POLL, NETVSC_POLL_TX_STATUS_FAILURE },
	{ "tx_status_invalid_rndis", NETVSC_FROM_POLL, NETVSC_POLL_TX_STATUS_INVALID },
	{ "tx_status_busy", NETVSC_FROM_POLL, NETVSC_POLL_TX_STATUS_BUSY },
	{ "tx_status_unsupported", NETVSC_FROM_POLL, NETVSC_POLL_TX_STATUS_UNSUPPORTED },
	{ "tx_status_other", NETVSC_FROM_POLL, NETVSC_POLL_TX_STATUS_OTHER },
	{ "tx_lost", NETVSC_FROM_POLL, NETVSC_POLL_TX_LOST },
	{ "tx_aggregated", NETVSC_FROM_XMIT, NETVSC_XMIT_AGGREGATED },
	{ "rx_malformed", NETVSC_FROM_POLL, NETVSC_POLL_RX_ERRORS },
	{ "host_bad_packet", NETVSC_FROM_POLL, NETVSC_POLL_BAD_PACKET },
	{ "host_bad_completion", NETVSC_FROM_POLL, NETVSC_POLL_BAD_COMPLETION },
	{ "host_bad_control", NETVSC_FROM_POLL, NETVSC_POLL_CONTROL_ERRORS },
};

static const struct {
	char name[ETH_GSTRING_LEN];
	int counter;		/* of the poll function; -1: NETVSC_XMIT_XDP */
} netvsc_queue_stats_names[] = {
	{ "tx_queue_%u_packets", NETVSC_POLL_TX_PACKETS },
	{ "tx_queue_%u_bytes", NETVSC_POLL_TX_BYTES },
	{ "tx_queue_%u_xdp_xmit", -1 },
	{ "rx_queue_%u_packets", NETVSC_POLL_RX_PACKETS },
	{ "rx_queue_%u_bytes", NETVSC_POLL_RX_BYTES },
	{ "rx_queue_%u_xdp_drop", NETVSC_POLL_XDP_DROP },
	{ "rx_queue_%u_xdp_redirect", NETVSC_POLL_XDP_REDIRECT },
	{ "rx_queue_%u_xdp_tx", NETVSC_POLL_XDP_TX },
};

static const struct {
	char name[ETH_GSTRING_LEN];
	int counter;		/* of the queues bound to the CPU; -1: of a VF, see @vf */
	unsigned int vf;	/* offset in struct netvsc_vf_totals */
} netvsc_cpu_stats_names[] = {
	{ "cpu%u_rx_packets", NETVSC_POLL_RX_PACKETS },
	{ "cpu%u_rx_bytes", NETVSC_POLL_RX_BYTES },
	{ "cpu%u_tx_packets", NETVSC_POLL_TX_PACKETS },
	{ "cpu%u_tx_bytes", NETVSC_POLL_TX_BYTES },
	{ "cpu%u_vf_rx_packets", -1, offsetof(struct netvsc_vf_totals, rx_packets) },
	{ "cpu%u_vf_rx_bytes", -1, offsetof(struct netvsc_vf_totals, rx_bytes) },
	{ "cpu%u_vf_tx_packets", -1, offsetof(struct netvsc_vf_totals, tx_packets) },
	{ "cpu%u_vf_tx_bytes", -1, offsetof(struct netvsc_vf_totals, tx_bytes) },
};

static u64 netvsc_vf_counter(const struct netvsc_vf_totals *totals, unsigned int offset)
{
	return *(const u64 *)((const u8 *)totals + offset);
}

static int netvsc_get_sset_count(struct net_device *ndev, int set)
{
	if (set != ETH_SS_STATS)
		return -EOPNOTSUPP;
	return ARRAY_SIZE(netvsc_nic_stats) + ndev->real_num_tx_queues * ARRAY_SIZE(netvsc_queue_stats_names) +
	       num_present_cpus() * ARRAY_SIZE(netvsc_cpu_stats_names);
}

static void netvsc_get_strings(struct net_device *ndev, u32 set, u8 *names)
{
	unsigned int i, queue, cpu;

	if (set != ETH_SS_STATS)
		return;
	for (i = 0; i < ARRAY_SIZE(netvsc_nic_stats); i++)
		ethtool_sprintf(&names, "%s", netvsc_nic_stats[i].name);
	for (queue = 0; queue < ndev->real_num_tx_queues; queue++) {
		for (i = 0; i < ARRAY_SIZE(netvsc_queue_stats_names); i++)
			ethtool_sprintf(&names, netvsc_queue_stats_names[i].name, queue);
	}
	for_each_present_cpu(cpu) {
		for (i = 0; i < ARRAY_SIZE(netvsc_cpu_stats_names); i++)
			ethtool_sprintf(&names, netvsc_cpu_stats_names[i].name, cpu);
	}
}

static u64 netvsc_sum_nic(const struct net_device *ndev, unsigned int stat)
{
	const struct netvsc *nv = netdev_priv(ndev);
	struct netvsc_vf_totals vf;
	unsigned int queue;
	u64 sum = 0;

	if (netvsc_nic_stats[stat].from == NETVSC_FROM_VF) {
		netvsc_vf_read(nv, &vf);
		return netvsc_vf_counter(&vf, netvsc_nic_stats[stat].counter);
	}
	for (queue = 0; queue < nv->queues_seen; queue++) {
		switch (netvsc_nic_stats[stat].from) {
		case NETVSC_FROM_XMIT:
			sum += netvsc_read_xmit(nv, queue, netvsc_nic_stats[stat].counter);
			break;
		case NETVSC_FROM_POLL:
			sum += netvsc_read_poll(nv, queue, netvsc_nic_stats[stat].counter);
			break;
		case NETVSC_FROM_VF:
			break;
		}
	}
	return sum;
}

static u64 netvsc_sum_cpu(const struct netvsc *nv, const struct netvsc_device *nvdev, unsigned int cpu, int counter)
{
	unsigned int queue;
	u64 sum = 0;

	for (queue = 0; nvdev && queue < nvdev->channel_count; queue++) {
		if (nvdev->channels[queue]->nvsp.channel->target_cpu == cpu)
			sum += netvsc_read_poll(nv, queue, counter);
	}
	return sum;
}

static void netvsc_get_ethtool_stats(struct net_device *ndev, struct ethtool_stats *stats, u64 *values)
{
	const struct netvsc_device *nvdev = netvsc_rtnl_device(ndev);
	const struct netvsc *nv = netdev_priv(ndev);
	struct netvsc_vf_totals vf;
	unsigned int i, queue, cpu;
	int counter;

	for (i = 0; i < ARRAY_SIZE(netvsc_nic_stats); i++)
		*values++ = netvsc_sum_nic(ndev, i);
	for (queue = 0; queue < ndev->real_num_tx_queues; queue++) {
		for (i = 0; i < ARRAY_SIZE(netvsc_queue_stats_names); i++) {
			counter = netvsc_queue_stats_names[i].counter;
			*values++ = counter < 0 ? netvsc_read_xmit(nv, queue, NETVSC_XMIT_XDP)
						: netvsc_read_poll(nv, queue, counter);
		}
	}
	for_each_present_cpu(cpu) {
		netvsc_vf_read_cpu(nv, cpu, &vf);
		for (i = 0; i < ARRAY_SIZE(netvsc_cpu_stats_names); i++) {
			counter = netvsc_cpu_stats_names[i].counter;
			*values++ = counter < 0 ? netvsc_vf_counter(&vf, netvsc_cpu_stats_names[i].vf)
						: netvsc_sum_cpu(nv, nvdev, cpu, counter);
		}
	}
}

static u32 netvsc_recv_section(const struct netvsc_device *nvdev)
{
	return nvdev && nvdev->bufs.recv_section_bytes ? nvdev->bufs.recv_section_bytes : NETVSC_USUAL_RECV_SECTION;
}

static u32 netvsc_send_section_size(const struct netvsc_device *nvdev)
{
	return nvdev && nvdev->bufs.send_section_bytes ? nvdev->bufs.send_section_bytes : NETVSC_USUAL_SEND_SECTION;
}

static void netvsc_get_ringparam(struct net_device *ndev, struct ethtool_ringparam *ring,
				 struct kernel_ethtool_ringparam *kernel_ring, struct netlink_ext_ack *extack)
{
	const struct netvsc_device *nvdev = netvsc_rtnl_device(ndev);
	u32 recv_max = NVSP_RECV_BUFFER_MAX_BYTES;

	if (nvdev && nvdev->nvsp.version <= NVSP_VERSION_2)
		recv_max = NVSP_RECV_BUFFER_MAX_BYTES_V2;
	ring->rx_max_pending = recv_max / netvsc_recv_section(nvdev);
	ring->tx_max_pending = NVSP_SEND_BUFFER_MAX_BYTES / netvsc_send_section_size(nvdev);
	if (!nvdev)
		return;
	ring->rx_pending = nvdev->bufs.recv_section_count;
	ring->tx_pending = nvdev->bufs.send_section_count;
}

static int netvsc_set_ringparam(struct net_device *ndev, struct ethtool_ringparam *ring,
				struct kernel_ethtool_ringparam *kernel_ring, struct netlink_ext_ack *extack)
{
	const struct netvsc_device *nvdev = netvsc_rtnl_device(ndev);
	struct netvsc *nv = netdev_priv(ndev);
	struct netvsc_params params = nv->params;
	u32 rx, tx;

	if (!nvdev)
		return -ENODEV;
	if (ring->rx_mini_pending || ring->rx_jumbo_pending)
		return -EINVAL;
	/* The core has checked the maxima. */
	rx = max_t(u32, ring->rx_pending, NETVSC_RING_MIN_SECTIONS);
	tx = max_t(u32, ring->tx_pending, NETVSC_RING_MIN_SECTIONS);
	if (rx == nvdev->bufs.recv_section_count && tx == nvdev->bufs.send_section_count)
		return 0;
	params.recv_bytes = rx * netvsc_recv_section(nvdev);
	params.send_bytes = tx * netvsc_send_section_size(nvdev);
	return netvsc_reconfigure(nv, &params);
}

static int netvsc_get_link_ksettings(struct net_device *ndev, struct ethtool_link_ksettings *cmd)
{
	struct netvsc *nv = netdev_priv(ndev);
	u32 mbps = READ_ONCE(nv->link_mbps);

	cmd->base.speed = nv->speed != SPEED_UNKNOWN ? nv->speed : mbps ?: SPEED_UNKNOWN;
	cmd->base.duplex = nv->duplex;
	cmd->base.port = PORT_OTHER;
	return 0;
}

static int netvsc_set_link_ksettings(struct net_device *ndev, const struct ethtool_link_ksettings *cmd)
{
	struct netvsc *nv = netdev_priv(ndev);

	return ethtool_virtdev_set_link_ksettings(ndev, cmd, &nv->speed, &nv->duplex);
}

COMPAT_RXFH(netvsc_get_rxfh, netvsc_set_rxfh)
COMPAT_RXFH_FIELDS(netvsc_get_rxnfc, netvsc_get_rxfh_fields, netvsc_set_rxfh_fields)

static int netvsc_get_tunable(struct net_device *ndev, const struct ethtool_tunable *tunable, void *value)
{
	const struct netvsc *nv = netdev_priv(ndev);

	if (tunable->id != ETHTOOL_TX_COPYBREAK)
		return -EOPNOTSUPP;
	*(u32 *)value = nv->tx_copybreak;
	return 0;
}

/* Any length will do: what fits no send section goes as pages all the same. */
static int netvsc_set_tunable(struct net_device *ndev, const struct ethtool_tunable *tunable, const void *value)
{
	struct netvsc *nv = netdev_priv(ndev);

	if (tunable->id != ETHTOOL_TX_COPYBREAK)
		return -EOPNOTSUPP;
	WRITE_ONCE(nv->tx_copybreak, *(const u32 *)value);
	return 0;
}

const struct ethtool_ops netvsc_ethtool_ops = {
	.get_drvinfo		= netvsc_get_drvinfo,
	.get_msglevel		= netvsc_get_msglevel,
	.set_msglevel		= netvsc_set_msglevel,
	.get_link		= ethtool_op_get_link,
	.get_sset_count		= netvsc_get_sset_count,
	.get_strings		= netvsc_get_strings,
	.get_ethtool_stats	= netvsc_get_ethtool_stats,
	.get_channels		= netvsc_get_channels,
	.set_channels		= netvsc_set_channels,
	COMPAT_RX_RING_COUNT(netvsc_get_rx_ring_count)
	COMPAT_RXFH_FIELDS_OPS(netvsc_get_rxnfc, netvsc_get_rxfh_fields, netvsc_set_rxfh_fields),
	.get_rxfh_key_size	= netvsc_get_rxfh_key_size,
	.get_rxfh_indir_size	= netvsc_get_rxfh_indir_size,
	.get_rxfh		= compat_get_rxfh(netvsc_get_rxfh),
	.set_rxfh		= compat_set_rxfh(netvsc_set_rxfh),
	.get_ringparam		= netvsc_get_ringparam,
	.set_ringparam		= netvsc_set_ringparam,
	.get_ts_info		= ethtool_op_get_ts_info,
	.get_link_ksettings	= netvsc_get_link_ksettings,
	.set_link_ksettings	= netvsc_set_link_ksettings,
	.get_tunable		= netvsc_get_tunable,
	.set_tunable		= netvsc_set_tunable,
};
