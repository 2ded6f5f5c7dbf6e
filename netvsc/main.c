// SPDX-License-Identifier: GPL-2.0
/*
 * hv_netvsc: synthetic network adapters of Hyper-V. Module parameters, the VMBus driver, probe and remove in exact reverse.
 */
#include <linux/ethtool.h>
#include <linux/module.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include "netvsc.h"

static unsigned int ring_size = NETVSC_RING_PAGES;
module_param(ring_size, uint, 0444);
MODULE_PARM_DESC(ring_size, "Ring size of each direction (4 KiB pages, 64 to 4000)");

static int debug = -1;
module_param(debug, int, 0444);
MODULE_PARM_DESC(debug, "Message level (-1 = default, 0 = none, ..., 16 = all)");

/**
 * netvsc_ring_bytes() - size of each ring
 *
 * Return: bytes, a multiple of the page size.
 */
u32 netvsc_ring_bytes(void)
{
	return VMBUS_RING_SIZE(ring_size * HV_HYP_PAGE_SIZE);
}

static int netvsc_init_stats(struct netvsc *nv)
{
	unsigned int i;

	nv->stats = kvcalloc(NETVSC_MAX_CHANNELS, sizeof(*nv->stats), GFP_KERNEL);
	if (!nv->stats)
		return -ENOMEM;
	for (i = 0; i < NETVSC_MAX_CHANNELS; i++) {
		u64_stats_init(&nv->stats[i].xmit.syncp);
		u64_stats_init(&nv->stats[i].poll.syncp);
	}
	return 0;
}

static int netvsc_probe(struct hv_device *hdev, const struct hv_vmbus_device_id *id)
{
	struct netvsc_device *nvdev;
	struct net_device *ndev;
	struct netvsc *nv;
	int err;

	ndev = alloc_etherdev_mqs(sizeof(*nv), NETVSC_MAX_CHANNELS, NETVSC_MAX_CHANNELS);
	if (!ndev)
		return -ENOMEM;
	nv = netdev_priv(ndev);
	nv->hdev = hdev;
	nv->ndev = ndev;
	nv->msg_enable = netif_msg_init(debug, NETIF_MSG_DRV | NETIF_MSG_PROBE | NETIF_MSG_LINK);
	nv->params.mtu = ETH_DATA_LEN;
	nv->params.recv_bytes = NETVSC_RECV_BUF_BYTES;
	nv->params.send_bytes = NETVSC_SEND_BUF_BYTES;
	nv->params.channels = NETVSC_DEFAULT_CHANNELS;
	nv->wants_rsc = true;
	nv->tx_copybreak = NETVSC_TX_COPYBREAK;
	nv->speed = SPEED_UNKNOWN;
	nv->duplex = DUPLEX_FULL;
	mutex_init(&nv->config_lock);
	SET_NETDEV_DEV(ndev, &hdev->device);
	netvsc_netdev_setup(ndev);
	netvsc_link_init(nv);
	netif_carrier_off(ndev);
	err = netvsc_init_stats(nv);
	if (err)
		goto free_netdev;
	err = netvsc_vf_init(nv);
	if (err)
		goto free_stats;
	hv_set_drvdata(hdev, nv);

	/* Until the NIC has its name: the host may hand out its virtual function meanwhile, which must come after it. */
	rtnl_lock();
	nvdev = netvsc_attach(nv, &nv->params, netvsc_ring_bytes());
	if (IS_ERR(nvdev)) {
		err = PTR_ERR(nvdev);
		goto unlock;
	}
	if (is_valid_ether_addr(nvdev->mac))
		eth_hw_addr_set(ndev, nvdev->mac);
	else
		eth_hw_addr_random(ndev);
	netvsc_publish(nv, nvdev);
	netif_dbg(nv, probe, ndev, "NVSP version %#x, %u receive and %u send sections\n", nvdev->nvsp.version,
		  nvdev->bufs.recv_section_count, nvdev->bufs.send_section_count);

	netvsc_vf_register(nv);
	err = register_netdevice(ndev);
	if (err) {
		dev_err(&hdev->device, "cannot register the network device: error %d\n", err);
		goto withdraw;
	}
	rtnl_unlock();
	return 0;

withdraw:
	netvsc_vf_unregister(nv);
	netvsc_withdraw(nv);
unlock:
	rtnl_unlock();
	cancel_delayed_work_sync(&nv->link_work);
	cancel_work_sync(&nv->filter_work);
	netvsc_vf_free(nv);
free_stats:
	kvfree(nv->stats);
free_netdev:
	free_netdev(ndev);
	return err;
}

static void netvsc_remove(struct hv_device *hdev)
{
	struct netvsc *nv = hv_get_drvdata(hdev);
	struct net_device *ndev = nv->ndev;

	rtnl_lock();
	netvsc_vf_unregister(nv);
	unregister_netdevice(ndev);
	rtnl_unlock();
	netvsc_withdraw(nv);
	/* Only now can nobody schedule them any more. */
	cancel_delayed_work_sync(&nv->link_work);
	cancel_work_sync(&nv->filter_work);
	netvsc_vf_free(nv);
	kvfree(nv->stats);
	free_netdev(ndev);
}
COMPAT_HV_REMOVE(netvsc_remove)

/* Hibernation: channels must be closed before, and are offered anew after it. */
static int netvsc_suspend(struct hv_device *hdev)
{
	struct netvsc *nv = hv_get_drvdata(hdev);

	rtnl_lock();
	netvsc_withdraw(nv);
	rtnl_unlock();
	return 0;
}

static int netvsc_resume(struct hv_device *hdev)
{
	struct netvsc *nv = hv_get_drvdata(hdev);
	int err;

	rtnl_lock();
	err = netvsc_reattach(nv, &nv->params);
	rtnl_unlock();
	return err;
}

static const struct hv_vmbus_device_id netvsc_id_table[] = {
	{ HV_NIC_GUID, },
	{ },
};
MODULE_DEVICE_TABLE(vmbus, netvsc_id_table);

static struct hv_driver netvsc_driver = {
	.name		= NETVSC_DRIVER_NAME,
	.id_table	= netvsc_id_table,
	.probe		= netvsc_probe,
	.remove		= compat_hv_remove(netvsc_remove),
	.suspend	= netvsc_suspend,
	.resume		= netvsc_resume,
	.driver		= {
		/* Names of interfaces follow the order of offers. */
		.probe_type = PROBE_FORCE_SYNCHRONOUS,
	},
};

static int __init netvsc_module_init(void)
{
	unsigned int pages = clamp(ring_size, NETVSC_RING_MIN_PAGES, NETVSC_RING_MAX_PAGES);
	int err;

	if (ring_size != pages) {
		pr_info("%s: ring_size %u is not in %u..%u, using %u\n", NETVSC_DRIVER_NAME, ring_size,
			NETVSC_RING_MIN_PAGES, NETVSC_RING_MAX_PAGES, pages);
		ring_size = pages;
	}
	err = netvsc_vf_module_init();
	if (err)
		return err;
	err = vmbus_driver_register(&netvsc_driver);
	if (err)
		netvsc_vf_module_exit();
	return err;
}
module_init(netvsc_module_init);

static void __exit netvsc_module_exit(void)
{
	vmbus_driver_unregister(&netvsc_driver);
	netvsc_vf_module_exit();
}
module_exit(netvsc_module_exit);

MODULE_DESCRIPTION("Network adapters of Microsoft Hyper-V");
MODULE_LICENSE("GPL");
MODULE_VERSION(HYPERV_LIC_VERSION);
MODULE_INFO(hyperv_lic_build, HYPERV_LIC_BUILD);
