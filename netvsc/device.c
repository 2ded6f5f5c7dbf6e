// SPDX-License-Identifier: GPL-2.0
/*
 * Attach and detach: from a closed channel to an RNDIS device that is ready, and back. Also the settings that need the
 * host's word. Must not know net_device operations. NVSP and RNDIS initialisation and teardown, OIDs.
 *
 * Nothing here waits without a limit: a host that falls silent costs an error, and a rescind ends every wait.
 */
#include <linux/ctype.h>
#include <linux/slab.h>

#include <asm/mshyperv.h>

#include <hyperv/ndis.h>

#include "netvsc.h"

/* Policy: a look at drained rings at least this often */
#define NETVSC_DRAIN_POLL_MS		10

static struct netvsc_device *netvsc_device_of(struct rndis *rndis)
{
	return container_of(rndis, struct netvsc_device, rndis);
}

/* RNDIS control over the primary channel */

static int netvsc_rndis_send(struct rndis *rndis, void *page, u32 bytes, struct rndis_call *call)
{
	return nvsp_send_control(&netvsc_device_of(rndis)->nvsp, page, bytes, call);
}

static int netvsc_rndis_wait(struct rndis *rndis, struct completion *done, unsigned int timeout_ms)
{
	return nvsp_wait(&netvsc_device_of(rndis)->nvsp, done, timeout_ms);
}

static void netvsc_rndis_wait_room(struct rndis *rndis)
{
	nvsp_wait_progress(&netvsc_device_of(rndis)->nvsp, NETVSC_DRAIN_POLL_MS);
}

static const struct rndis_ops netvsc_rndis_ops = {
	.send		= netvsc_rndis_send,
	.wait		= netvsc_rndis_wait,
	.wait_room	= netvsc_rndis_wait_room,
	.indicate	= netvsc_indicate,
};

static void netvsc_control_sent(struct nvsp *nvsp, void *cookie, u32 status)
{
	rndis_call_sent(cookie);
}

/* A confidential VM shares no memory with a function of the host's choice. */
static bool netvsc_may_have_vf(void)
{
	return !hv_is_isolation_supported();
}

static struct netvsc *netvsc_of_session(struct nvsp *nvsp)
{
	return container_of(nvsp, struct netvsc_device, nvsp)->nv;
}

static void netvsc_vf_association(struct nvsp *nvsp, bool allocated, u32 serial)
{
	if (netvsc_may_have_vf())
		netvsc_vf_associate(netvsc_of_session(nvsp), allocated, serial);
}

static void netvsc_data_path(struct nvsp *nvsp, bool vf)
{
	/* Only going back is the host's to decide: frames sent by a VF that is not asked for would be lost. */
	if (!vf)
		WRITE_ONCE(netvsc_of_session(nvsp)->vf.active, false);
}

static const struct nvsp_ops netvsc_nvsp_ops = {
	.receive	= netvsc_rx_receive,
	.owe		= netvsc_rx_owe,
	.data_sent	= netvsc_tx_sent,
	.send_table	= netvsc_take_send_table,
	.control_sent	= netvsc_control_sent,
	.vf_association	= netvsc_vf_association,
	.data_path	= netvsc_data_path,
};

/* As many ranges in one packet as both sides take */
static void netvsc_limit_ranges(struct netvsc_channel *ch)
{
	u32 limit = ch->nvdev->nvsp.max_mdl_chain;

	if (limit)
		ch->tx.max_ranges = clamp_t(u32, limit, 2, NETVSC_TX_MAX_RANGES);
}

/**
 * netvsc_channel_new() - make a channel, with its poll function live but nothing behind it
 * @nvdev:	the device
 * @index:	of the queue: number of the sub-channel, 0 for the primary channel
 * @ring_bytes:	size of each ring
 *
 * The poll function must be live before the channel is opened: the host's first signal may come before vmbus_open()
 * returns, and would not be repeated.
 *
 * Context: may sleep; RTNL held, or the net_device is not registered.
 * Return: the channel; NULL without memory. netvsc_channel_free() frees it.
 */
struct netvsc_channel *netvsc_channel_new(struct netvsc_device *nvdev, u16 index, u32 ring_bytes)
{
	struct netvsc_channel *ch;

	ch = kvzalloc(sizeof(*ch), GFP_KERNEL);
	if (!ch)
		return NULL;
	ch->nvdev = nvdev;
	ch->index = index;
	ch->stats = &nvdev->nv->stats[index];
	INIT_DELAYED_WORK(&ch->retry_work, netvsc_retry);
	if (netvsc_tx_init(ch, ring_bytes)) {
		kvfree(ch);
		return NULL;
	}
	netvsc_limit_ranges(ch);
	netif_napi_add(nvdev->ndev, &ch->napi, netvsc_poll);
	if (netvsc_xdp_channel_init(ch)) {
		netif_napi_del(&ch->napi);
		netvsc_tx_free(ch);
		kvfree(ch);
		return NULL;
	}
	napi_enable(&ch->napi);
	ch->is_live = true;
	return ch;
}

/* Stop the poll function for good; the rings stay. */
static void netvsc_channel_stop(struct netvsc_channel *ch)
{
	if (!ch->is_live)
		return;
	ch->is_live = false;
	napi_disable(&ch->napi);
	cancel_delayed_work_sync(&ch->retry_work);
	netif_napi_del(&ch->napi);
}

/**
 * netvsc_channel_free() - free a channel
 * @ch:		the channel; never opened, or closed and its packets given up
 *
 * Context: may sleep; RTNL held, or the net_device is not registered.
 */
void netvsc_channel_free(struct netvsc_channel *ch)
{
	netvsc_channel_stop(ch);
	netvsc_xdp_channel_free(ch);
	netvsc_rx_free(ch);
	netvsc_tx_free(ch);
	kvfree(ch);
}

/**
 * netvsc_channel_open() - open the VMBus channel behind a channel
 * @ch:		the channel, not open
 * @vmchannel:	what the host offered
 * @ring_bytes:	size of each ring
 *
 * Context: may sleep; not under RTNL for a sub-channel, whose opening somebody under RTNL waits for.
 * Return: 0, or what vmbus_open() returned.
 */
int netvsc_channel_open(struct netvsc_channel *ch, struct vmbus_channel *vmchannel, u32 ring_bytes)
{
	nvsp_channel_init(&ch->nvsp, &ch->nvdev->nvsp, vmchannel);
	vmchannel->max_pkt_size = NVSP_MAX_PACKET_BYTES;
	set_channel_read_mode(vmchannel, HV_CALL_ISR);
	return vmbus_open(vmchannel, ring_bytes, ring_bytes, NULL, 0, netvsc_channel_interrupt, ch);
}

static int netvsc_query_u32(struct netvsc_device *nvdev, u32 oid, u32 *value)
{
	__le32 answer;
	u32 got;
	int err;

	err = rndis_query(&nvdev->rndis, oid, NULL, 0, &answer, sizeof(answer), &got);
	if (!err && got < sizeof(answer))
		err = -EPROTO;
	if (!err)
		*value = le32_to_cpu(answer);
	return err;
}

/* Whether a failed query or set says that the host will answer nothing else either */
static bool netvsc_is_fatal(int err)
{
	return err == -ENODEV || err == -ETIMEDOUT;
}

/* The MTU the host grants: it may be less than what was announced. */
static int netvsc_query_mtu(struct netvsc_device *nvdev)
{
	u32 mtu;
	int err;

	err = netvsc_query_u32(nvdev, NDIS_OID_MAXIMUM_FRAME_SIZE, &mtu);
	if (netvsc_is_fatal(err))
		return err;
	if (!err && mtu >= NETVSC_MIN_MTU && mtu < nvdev->params.mtu)
		nvdev->params.mtu = mtu;
	return 0;
}

static int netvsc_query_mac(struct netvsc_device *nvdev)
{
	u8 mac[ETH_ALEN];
	u32 got;
	int err;

	err = rndis_query(&nvdev->rndis, NDIS_OID_802_3_PERMANENT_ADDRESS, NULL, 0, mac, sizeof(mac), &got);
	if (netvsc_is_fatal(err))
		return err;
	if (!err && got == ETH_ALEN && is_valid_ether_addr(mac))
		ether_addr_copy(nvdev->mac, mac);
	return 0;
}

static int netvsc_query_link(struct netvsc_device *nvdev)
{
	u32 state, speed;
	int err;

	/* A host that does not say is connected: indications will tell. */
	nvdev->link_up = true;
	err = netvsc_query_u32(nvdev, NDIS_OID_MEDIA_CONNECT_STATUS, &state);
	if (netvsc_is_fatal(err))
		return err;
	if (!err)
		nvdev->link_up = state == NDIS_MEDIA_CONNECTED;

	if (nvdev->nvsp.version < NVSP_VERSION_5)
		return 0;
	err = netvsc_query_u32(nvdev, NDIS_OID_LINK_SPEED, &speed);
	if (netvsc_is_fatal(err))
		return err;
	if (!err)
		nvdev->link_mbps = speed / 10000;
	return 0;
}

/* Find out what the host can do and switch it on. A host that refuses gets no offloaded packet. */
static int netvsc_setup_offload(struct netvsc_device *nvdev)
{
	struct ndis_offload_parameters params;
	struct ndis_offload query, caps = { };
	u32 bytes, got;
	int err;

	bytes = netvsc_offload_query(nvdev->nvsp.version, &query);
	err = rndis_query(&nvdev->rndis, NDIS_OID_TCP_OFFLOAD_CAPABILITIES, &query, bytes, &caps, sizeof(caps), &got);
	if (!err)
		err = netvsc_offload_parse(&caps, got, nvdev->nvsp.version, &nvdev->offload);
	if (netvsc_is_fatal(err))
		return err;
	if (err) {
		nvdev->offload.bits = 0;
		return 0;
	}

	bytes = netvsc_offload_parameters(&nvdev->offload, nvdev->nvsp.version,
					  nvdev->nv->wants_rsc, &params);
	err = rndis_set(&nvdev->rndis, NDIS_OID_TCP_OFFLOAD_PARAMETERS, &params, bytes);
	if (netvsc_is_fatal(err))
		return err;
	if (err)
		nvdev->offload.bits = 0;
	return 0;
}

/* RNDIS: initialize, then what the net_device must know */
static int netvsc_setup_rndis(struct netvsc_device *nvdev)
{
	int err;

	err = rndis_initialize(&nvdev->rndis);
	if (err)
		return err;
	err = netvsc_query_mtu(nvdev);
	if (err)
		return err;
	err = netvsc_query_mac(nvdev);
	if (err)
		return err;
	err = netvsc_setup_offload(nvdev);
	if (err)
		return err;
	return netvsc_query_link(nvdev);
}

static int netvsc_setup_nvsp(struct netvsc_device *nvdev)
{
	struct nvsp *nvsp = &nvdev->nvsp;
	int err;

	err = nvsp_negotiate(nvsp);
	if (err)
		return err;
	/* The oldest protocol has no way to say the MTU. */
	if (nvsp->version < NVSP_VERSION_2)
		nvdev->params.mtu = min_t(u32, nvdev->params.mtu, ETH_DATA_LEN);
	netvsc_limit_ranges(nvdev->channels[0]);
	return nvsp_configure(nvsp, nvdev->params.mtu + ETH_HLEN, netvsc_may_have_vf());
}

static void netvsc_note_leaks(struct netvsc_device *nvdev, unsigned int leaked)
{
	if (!leaked)
		return;
	nvdev->nv->leaked_buffers += leaked;
	dev_err(&nvdev->nv->hdev->device, "%u shared buffers left to the host, which did not confirm their teardown\n",
		leaked);
}

/* From whatever was reached of NVSP and RNDIS to a closed channel, in the order the VMBus version asks for */
static void netvsc_shut_down(struct netvsc_device *nvdev)
{
	struct vmbus_channel *primary = nvdev->nvsp.channel;
	unsigned int leaked = 0;
	u32 i;

	netvsc_bufs_revoke(&nvdev->bufs, &nvdev->nvsp);
	for (i = nvdev->channels_made; i--;)
		netvsc_channel_stop(nvdev->channels[i]);
	/* Hosts before 2016 forget GPADLs with the channel, later ones want it closed first. */
	if (vmbus_proto_version < VERSION_WIN10)
		leaked = netvsc_bufs_unshare(&nvdev->bufs, primary);
	/* Closing the primary channel closes the others. */
	vmbus_close(primary);
	if (vmbus_proto_version >= VERSION_WIN10)
		leaked = netvsc_bufs_unshare(&nvdev->bufs, primary);
	for (i = nvdev->channels_made; i--;)
		netvsc_tx_abort(nvdev->channels[i]);
	nvsp_forget_control(&nvdev->nvsp);
	netvsc_bufs_free(&nvdev->bufs);
	netvsc_note_leaks(nvdev, leaked);
}

static void netvsc_channels_free(struct netvsc_device *nvdev)
{
	u32 i;

	for (i = nvdev->channels_made; i--;)
		netvsc_channel_free(nvdev->channels[i]);
}

/**
 * netvsc_attach() - open the channel and bring the device to where it can be registered or started
 * @nv:		the NIC; no device attached
 * @params:	wishes; what was granted is in the result
 * @ring_bytes:	size of each ring
 *
 * Context: may sleep. Takes bounded time whatever the host does.
 * Return: the device, or ERR_PTR: -ENOMEM, -ENODEV, -EAGAIN, -ETIMEDOUT, -EPROTO, -EOPNOTSUPP, -EREMOTEIO, or what
 * vmbus_open() returned. On failure the channel is closed.
 */
struct netvsc_device *netvsc_attach(struct netvsc *nv, const struct netvsc_params *params, u32 ring_bytes)
{
	struct vmbus_channel *primary = nv->hdev->channel;
	struct netvsc_device *nvdev;
	const char *step;
	int err;

	nvdev = kvzalloc(sizeof(*nvdev), GFP_KERNEL);
	if (!nvdev)
		return ERR_PTR(-ENOMEM);
	nvdev->nv = nv;
	nvdev->ndev = nv->ndev;
	nvdev->params = *params;
	nvsp_init(&nvdev->nvsp, &netvsc_nvsp_ops, primary);
	rndis_init(&nvdev->rndis, &netvsc_rndis_ops);

	err = -ENOMEM;
	nvdev->channels[0] = netvsc_channel_new(nvdev, 0, ring_bytes);
	if (!nvdev->channels[0])
		goto free_device;
	nvdev->max_channels = 1;
	nvdev->channel_count = 1;
	nvdev->channels_made = 1;

	step = "open the channel";
	err = netvsc_channel_open(nvdev->channels[0], primary, ring_bytes);
	if (err)
		goto free_channels;
	step = "negotiate NVSP";
	err = netvsc_setup_nvsp(nvdev);
	if (err)
		goto shut_down;
	step = "share the buffers";
	err = netvsc_bufs_share(&nvdev->bufs, &nvdev->nvsp, params->recv_bytes, params->send_bytes);
	if (err)
		goto shut_down;
	err = netvsc_rx_init(nvdev->channels[0], nvdev->bufs.recv_section_count);
	if (err)
		goto shut_down;
	step = "initialize RNDIS";
	err = netvsc_setup_rndis(nvdev);
	if (err)
		goto halt;
	step = "open the sub-channels";
	err = netvsc_queues_open(nvdev, ring_bytes);
	if (err)
		goto halt;
	return nvdev;

halt:
	rndis_halt(&nvdev->rndis);
shut_down:
	netvsc_shut_down(nvdev);
free_channels:
	dev_err(&nv->hdev->device, "cannot %s: error %d\n", step, err);
	netvsc_channels_free(nvdev);
free_device:
	kvfree(nvdev);
	return ERR_PTR(err);
}

/**
 * netvsc_outstanding() - packets that the host has not completed, on all channels
 * @nvdev:	the device
 *
 * Context: any; exact only while nobody transmits.
 */
u32 netvsc_outstanding(struct netvsc_device *nvdev)
{
	u32 sum = 0, i;

	for (i = 0; i < nvdev->channel_count; i++)
		sum += netvsc_tx_outstanding(nvdev->channels[i]);
	return sum;
}

/* Whether a channel has nothing under way in either direction */
static bool netvsc_channel_is_idle(struct netvsc_channel *ch, bool transmit_only)
{
	if (netvsc_tx_outstanding(ch))
		return false;
	if (transmit_only)
		return true;
	return !netvsc_rx_has_debt(ch) && !hv_get_bytes_to_read(&ch->nvsp.channel->inbound);
}

/**
 * netvsc_drain() - wait until nothing is under way
 * @nvdev:	the device; its transmit queues are stopped
 * @transmit_only: do not wait for the host to stop sending
 *
 * Context: may sleep; at most NETVSC_DRAIN_TIMEOUT_MS.
 * Return: whether all channels were idle, or the device is gone, in time.
 */
bool netvsc_drain(struct netvsc_device *nvdev, bool transmit_only)
{
	unsigned long end = jiffies + msecs_to_jiffies(NETVSC_DRAIN_TIMEOUT_MS);
	u32 i;

	for (i = 0; i < nvdev->channel_count; i++) {
		while (!netvsc_channel_is_idle(nvdev->channels[i], transmit_only)) {
			if (nvsp_is_gone(&nvdev->nvsp))
				return true;
			if (time_after(jiffies, end))
				return false;
			nvsp_wait_progress(&nvdev->nvsp, NETVSC_DRAIN_POLL_MS);
		}
	}
	return true;
}

/**
 * netvsc_detach() - shut a device down and free it
 * @nvdev:	the device; no longer reachable by netvsc.nvdev, its transmit queues stopped, its filter cleared
 *
 * Context: may sleep. Takes bounded time whatever the host does.
 */
void netvsc_detach(struct netvsc_device *nvdev)
{
	/* Who found the device by RCU has left it after this. */
	synchronize_net();
	if (!nvsp_is_gone(&nvdev->nvsp)) {
		rndis_halt(&nvdev->rndis);
		if (!netvsc_drain(nvdev, true))
			netdev_warn(nvdev->ndev, "%u packets not completed by the host\n",
				    netvsc_outstanding(nvdev));
	}
	netvsc_shut_down(nvdev);
	netvsc_channels_free(nvdev);
	kvfree(nvdev);
}

/**
 * netvsc_set_filter() - set the packet filter; 0 stops reception
 * @nv:		the NIC
 * @filter:	NDIS_FILTER_*
 *
 * Context: may sleep; config_lock held.
 * Return: 0, -ENODEV, or an errno of rndis_set().
 */
int netvsc_set_filter(struct netvsc *nv, u32 filter)
{
	struct netvsc_device *nvdev;
	__le32 value = cpu_to_le32(filter);
	int err;

	lockdep_assert_held(&nv->config_lock);
	nvdev = rcu_dereference_protected(nv->nvdev, lockdep_is_held(&nv->config_lock));
	if (!nvdev)
		return -ENODEV;
	if (nv->filter == filter)
		return 0;
	err = rndis_set(&nvdev->rndis, NDIS_OID_CURRENT_PACKET_FILTER, &value, sizeof(value));
	if (!err)
		nv->filter = filter;
	return err;
}

/**
 * netvsc_set_mac() - ask the host to accept another station address
 * @nvdev:	the device
 * @mac:	the address
 *
 * Context: may sleep.
 * Return: 0, or an errno of rndis_set(): -EREMOTEIO where the host's policy forbids it.
 */
int netvsc_set_mac(struct netvsc_device *nvdev, const u8 *mac)
{
	static const char name[] = "NetworkAddress";
	struct {
		struct rndis_config_parameter head;
		__le16 name[sizeof(name) - 1];
		__le16 value[2 * ETH_ALEN];
	} param = {
		.head.name_offset = cpu_to_le32(sizeof(param.head)),
		.head.name_length = cpu_to_le32(sizeof(param.name)),
		.head.type = cpu_to_le32(RNDIS_CONFIG_TYPE_STRING),
		.head.value_offset = cpu_to_le32(sizeof(param.head) + sizeof(param.name)),
		.head.value_length = cpu_to_le32(sizeof(param.value)),
	};
	char digits[2 * ETH_ALEN + 1];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(param.name); i++)
		param.name[i] = cpu_to_le16(name[i]);
	snprintf(digits, sizeof(digits), "%12phN", mac);
	/* Hosts compare with the upper-case form that Windows writes. */
	for (i = 0; i < ARRAY_SIZE(param.value); i++)
		param.value[i] = cpu_to_le16(toupper(digits[i]));
	return rndis_set(&nvdev->rndis, NDIS_OID_RNDIS_CONFIG_PARAMETER, &param, sizeof(param));
}

/**
 * netvsc_set_rsc() - switch coalescing on receive
 * @nvdev:	the device, which has NETVSC_OFFLOAD_RSC
 * @on:		on or off
 *
 * Context: may sleep.
 * Return: 0, or an errno of rndis_set().
 */
int netvsc_set_rsc(struct netvsc_device *nvdev, bool on)
{
	struct ndis_offload_parameters params;
	u32 bytes = netvsc_offload_rsc_parameters(on, &params);

	return rndis_set(&nvdev->rndis, NDIS_OID_TCP_OFFLOAD_PARAMETERS, &params, bytes);
}
