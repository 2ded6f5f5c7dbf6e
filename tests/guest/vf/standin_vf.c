// SPDX-License-Identifier: GPL-2.0
/*
 * A stand-in for the virtual function beside a synthetic NIC: a network device with the NIC's address and
 * a PCI parent in a slot named by the function's serial number, as vPCI names it. Its frames travel by
 * another network device, the carrier, so that the data path can be switched and seen to work.
 */
#include <linux/etherdevice.h>
#if __has_include(<linux/hex.h>)
#include <linux/hex.h>
#endif
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/pci.h>
#include <linux/rtnetlink.h>

static char *carrier = "";
module_param(carrier, charp, 0444);
MODULE_PARM_DESC(carrier, "name of the network device that carries the frames");
static char *mac = "";
module_param(mac, charp, 0444);
MODULE_PARM_DESC(mac, "address, the synthetic NIC's");
static char *serial = "1";
module_param(serial, charp, 0444);
MODULE_PARM_DESC(serial, "serial number, the name of the PCI slot");

static struct pci_dev *bridge;
static struct pci_slot *slot;
static struct net_device *lower, *vf;

static netdev_tx_t vf_xmit(struct sk_buff *skb, struct net_device *dev)
{
	dev->stats.tx_packets++;
	dev->stats.tx_bytes += skb->len;
	skb->dev = lower;
	dev_queue_xmit(skb);
	return NETDEV_TX_OK;
}

static int vf_open(struct net_device *dev)
{
	netif_carrier_on(dev);
	netif_start_queue(dev);
	return 0;
}

static int vf_stop(struct net_device *dev)
{
	netif_stop_queue(dev);
	netif_carrier_off(dev);
	return 0;
}

static const struct net_device_ops vf_ops = {
	.ndo_open = vf_open,
	.ndo_stop = vf_stop,
	.ndo_start_xmit = vf_xmit,
	.ndo_set_mac_address = eth_mac_addr,
};

/* What comes for the function's address by the carrier is the function's. */
static rx_handler_result_t vf_receive(struct sk_buff **pskb)
{
	struct sk_buff *skb = skb_share_check(*pskb, GFP_ATOMIC);

	*pskb = skb;
	if (!skb)
		return RX_HANDLER_CONSUMED;
	if (!netif_running(vf) || (!is_multicast_ether_addr(eth_hdr(skb)->h_dest) &&
				   !ether_addr_equal(eth_hdr(skb)->h_dest, vf->dev_addr)))
		return RX_HANDLER_PASS;
	vf->stats.rx_packets++;
	vf->stats.rx_bytes += skb->len + ETH_HLEN;
	skb->dev = vf;
	if (!is_multicast_ether_addr(eth_hdr(skb)->h_dest))
		skb->pkt_type = PACKET_HOST;
	return RX_HANDLER_ANOTHER;
}

static int __init vf_start(void)
{
	u8 address[ETH_ALEN];
	int err;

	if (!mac_pton(mac, address))
		return -EINVAL;
	lower = dev_get_by_name(&init_net, carrier);
	if (!lower)
		return -ENODEV;
	err = -ENODEV;
	bridge = pci_get_domain_bus_and_slot(0, 0, PCI_DEVFN(0, 0));
	if (!bridge)
		goto put_lower;
	slot = pci_create_slot(bridge->bus, PCI_SLOT(bridge->devfn), serial, NULL);
	if (IS_ERR(slot)) {
		err = PTR_ERR(slot);
		goto put_bridge;
	}
	err = -ENOMEM;
	vf = alloc_etherdev(0);
	if (!vf)
		goto destroy_slot;
	vf->netdev_ops = &vf_ops;
	SET_NETDEV_DEV(vf, &bridge->dev);
	eth_hw_addr_set(vf, address);
	memcpy(vf->perm_addr, address, ETH_ALEN);
	netif_carrier_off(vf);
	rtnl_lock();
	err = netdev_rx_handler_register(lower, vf_receive, NULL);
	if (!err)
		err = dev_set_promiscuity(lower, 1);
	rtnl_unlock();
	if (err)
		goto free_vf;
	err = register_netdev(vf);
	if (err)
		goto leave_lower;
	return 0;

leave_lower:
	rtnl_lock();
	dev_set_promiscuity(lower, -1);
	netdev_rx_handler_unregister(lower);
	rtnl_unlock();
free_vf:
	free_netdev(vf);
destroy_slot:
	pci_destroy_slot(slot);
put_bridge:
	pci_dev_put(bridge);
put_lower:
	dev_put(lower);
	return err;
}

static void __exit vf_end(void)
{
	unregister_netdev(vf);
	rtnl_lock();
	dev_set_promiscuity(lower, -1);
	netdev_rx_handler_unregister(lower);
	rtnl_unlock();
	free_netdev(vf);
	pci_destroy_slot(slot);
	pci_dev_put(bridge);
	dev_put(lower);
}

module_init(vf_start);
module_exit(vf_end);
MODULE_DESCRIPTION("Stand-in for a virtual function, for tests");
MODULE_LICENSE("GPL");
