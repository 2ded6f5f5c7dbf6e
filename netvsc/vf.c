// SPDX-License-Identifier: GPL-2.0
/*
 * Pairing with a virtual function: which network device of a PCI function belongs to which NIC, by the serial number the
 * host gave both and by their address, and having it follow the NIC. Must not know NVSP messages.
 *
 * Events about network devices come under RTNL, and on newer kernels under the VF's own lock: what would take that lock,
 * or moves devices between namespaces, is left to the NIC's work.
 */
#include <linux/if_arp.h>
#include <linux/jiffies.h>
#include <linux/list.h>
#include <linux/pci.h>
#include <linux/percpu.h>
#include <linux/rtnetlink.h>
#include <net/net_namespace.h>

#include "netvsc.h"

/* Policy: until the slave is opened, so that udev can name it before */
#define NETVSC_VF_TAKEOVER_MS	100
/* Policy: until the RTNL is tried again */
#define NETVSC_VF_RETRY_MS	10

static LIST_HEAD(netvsc_vf_nics);	/* RTNL */

static void netvsc_vf_schedule(struct netvsc *nv, unsigned int delay_ms)
{
	schedule_delayed_work(&nv->vf.work, msecs_to_jiffies(delay_ms));
}

/* The PCI function behind a network device: some drivers have a device of their own between the two. */
static struct pci_dev *netvsc_vf_pci(const struct net_device *vf)
{
	struct device *parent;

	for (parent = vf->dev.parent; parent; parent = parent->parent) {
		if (dev_is_pci(parent))
			return to_pci_dev(parent);
	}
	return NULL;
}

/* Virtual PCI names the slot of a function by its serial number. */
static bool netvsc_vf_has_serial(struct pci_dev *pdev, u32 serial)
{
	u32 slot;

	return pdev->slot && !kstrtou32(pci_slot_name(pdev->slot), 10, &slot) && slot == serial;
}

static bool netvsc_vf_has_address(const struct net_device *vf, const struct net_device *ndev)
{
	/* The permanent address is set while registering, which may be going on. */
	const u8 *address = is_zero_ether_addr(vf->perm_addr) ? vf->dev_addr : vf->perm_addr;

	return ether_addr_equal(address, ndev->perm_addr);
}

/* The NIC a network device is the virtual function of, or NULL */
static struct netvsc *netvsc_vf_owner(const struct net_device *vf)
{
	struct netvsc *nv, *found = NULL;
	struct pci_dev *pdev;
	u64 told;

	ASSERT_RTNL();
	if (vf->type != ARPHRD_ETHER || vf->addr_len != ETH_ALEN || netif_is_bond_master(vf))
		return NULL;
	pdev = netvsc_vf_pci(vf);
	if (!pdev)
		return NULL;
	list_for_each_entry(nv, &netvsc_vf_nics, vf.node) {
		told = READ_ONCE(nv->vf.told);
		if ((told & NETVSC_VF_ALLOCATED) && netvsc_vf_has_serial(pdev, lower_32_bits(told)) &&
		    netvsc_vf_has_address(vf, nv->ndev))
			found = nv;
	}
	return found;
}

/* The NIC whose slave this is, or NULL */
static struct netvsc *netvsc_vf_master(const struct net_device *vf)
{
	struct netvsc *nv;

	list_for_each_entry(nv, &netvsc_vf_nics, vf.node) {
		if (rtnl_dereference(nv->vf.slave) == vf)
			return nv;
	}
	return NULL;
}

static struct netvsc *netvsc_vf_nic(const struct net_device *ndev)
{
	struct netvsc *nv;

	list_for_each_entry(nv, &netvsc_vf_nics, vf.node) {
		if (nv->ndev == ndev)
			return nv;
	}
	return NULL;
}

/* Nobody but us is to configure it. */
static void netvsc_vf_hide(struct net_device *vf)
{
	vf->flags |= IFF_SLAVE;
	vf->priv_flags |= COMPAT_IFF_NO_ADDRCONF;
}

static void netvsc_vf_unhide(struct net_device *vf)
{
	vf->flags &= ~IFF_SLAVE;
	vf->priv_flags &= ~COMPAT_IFF_NO_ADDRCONF;
}

/* No large send is longer than either of the two can have. */
static void netvsc_vf_limit_gso(struct netvsc *nv, const struct net_device *vf)
{
	const struct netvsc_device *nvdev = rtnl_dereference(nv->nvdev);
	unsigned int bytes;

	if (!nvdev || !(nvdev->offload.bits & (NETVSC_OFFLOAD_TSO4 | NETVSC_OFFLOAD_TSO6)))
		return;
	bytes = nvdev->offload.gso_max_bytes;
	if (vf)
		bytes = min_t(unsigned int, bytes, READ_ONCE(vf->gso_max_size));
	netif_set_tso_max_size(nv->ndev, bytes);
}

static void netvsc_vf_join(struct netvsc *nv, struct net_device *vf)
{
	struct net_device *ndev = nv->ndev;
	int err;

	err = netdev_rx_handler_register(vf, netvsc_vf_receive, ndev);
	if (err)
		goto failed;
	err = netdev_master_upper_dev_link(vf, ndev, NULL, NULL, NULL);
	if (err)
		goto unregister_handler;
	netvsc_vf_hide(vf);
	dev_hold(vf);
	rcu_assign_pointer(nv->vf.slave, vf);
	netvsc_vf_limit_gso(nv, vf);
	netdev_info(ndev, "virtual function %s joined\n", vf->name);
	netvsc_vf_schedule(nv, NETVSC_VF_TAKEOVER_MS);
	return;

unregister_handler:
	netdev_rx_handler_unregister(vf);
failed:
	netvsc_vf_unhide(vf);
	netdev_err(ndev, "cannot take %s as virtual function: error %d\n", vf->name, err);
}

static void netvsc_vf_leave(struct netvsc *nv)
{
	struct net_device *vf = rtnl_dereference(nv->vf.slave), *ndev = nv->ndev;

	netvsc_vf_update_path(nv, false);
	WRITE_ONCE(nv->vf.active, false);
	/* Under the lock: nobody adds addresses any more. */
	netif_addr_lock_bh(ndev);
	RCU_INIT_POINTER(nv->vf.slave, NULL);
	netif_addr_unlock_bh(ndev);
	dev_uc_unsync(vf, ndev);
	dev_mc_unsync(vf, ndev);
	/* What was counted up for the NIC goes with a device that goes. */
	nv->vf.promisc = false;
	nv->vf.allmulti = false;
	netvsc_xdp_take(nv, vf);
	netdev_upper_dev_unlink(vf, ndev);
	/* Waits until nobody sends by it or is in its handler. */
	netdev_rx_handler_unregister(vf);
	netvsc_vf_unhide(vf);
	netvsc_vf_limit_gso(nv, NULL);
	netdev_info(ndev, "virtual function %s left\n", vf->name);
	dev_put(vf);
}

/* Give a slave that stays in the system back as it came. */
static void netvsc_vf_release(struct netvsc *nv)
{
	struct net_device *vf = rtnl_dereference(nv->vf.slave);

	if (!vf)
		return;
	if (nv->vf.promisc)
		dev_set_promiscuity(vf, -1);
	if (nv->vf.allmulti)
		dev_set_allmulti(vf, -1);
	netvsc_vf_leave(nv);
}

/* Bring it to where the NIC is: it joins when it is registered there. */
static void netvsc_vf_fetch(struct netvsc *nv, struct net_device *vf)
{
	int err;

	netvsc_vf_release(nv);
	err = dev_change_net_namespace(vf, dev_net(nv->ndev), "eth%d");
	if (err)
		netdev_err(nv->ndev, "cannot move %s to the NIC's namespace: error %d\n", vf->name, err);
}

/* Find a VF that was there before the host told of it, or that came to another namespace. */
static void netvsc_vf_search(struct netvsc *nv)
{
	struct net_device *vf, *found = NULL;
	struct net *net;

	/* RTNL keeps the devices, not the list of namespaces. */
	down_read(&net_rwsem);
	for_each_net(net) {
		for_each_netdev(net, vf) {
			if (vf->reg_state == NETREG_REGISTERED && netvsc_vf_owner(vf) == nv)
				found = vf;
		}
	}
	up_read(&net_rwsem);
	if (!found)
		return;
	if (net_eq(dev_net(found), dev_net(nv->ndev)))
		netvsc_vf_join(nv, found);
	else
		netvsc_vf_fetch(nv, found);
}

/* Have the slave do what the NIC does. */
static void netvsc_vf_take_over(struct netvsc *nv, struct net_device *vf)
{
	int err;

	if (vf->mtu != nv->ndev->mtu) {
		err = dev_set_mtu(vf, nv->ndev->mtu);
		if (err)
			netdev_warn(nv->ndev, "%s does not take an MTU of %u: error %d\n", vf->name, nv->ndev->mtu, err);
	}
	err = netvsc_xdp_give(nv);
	if (err)
		netdev_warn(nv->ndev, "%s does not take the XDP program, and carries no frames while there is one: error %d\n",
			    vf->name, err);
	netvsc_vf_follow_flags(nv);
	netif_addr_lock_bh(nv->ndev);
	netvsc_vf_follow_addresses(nv);
	netif_addr_unlock_bh(nv->ndev);
	if (netif_running(nv->ndev))
		netvsc_vf_open(nv);
}

static void netvsc_vf_work(struct work_struct *work)
{
	struct netvsc *nv = container_of(work, struct netvsc, vf.work.work);
	struct net_device *vf;

	/* Who holds the RTNL may be waiting for this work to end. */
	if (!rtnl_trylock()) {
		netvsc_vf_schedule(nv, NETVSC_VF_RETRY_MS);
		return;
	}
	if (nv->ndev->reg_state != NETREG_REGISTERED)
		goto unlock;
	vf = rtnl_dereference(nv->vf.slave);
	if (!vf)
		netvsc_vf_search(nv);
	else if (net_eq(dev_net(vf), dev_net(nv->ndev)))
		netvsc_vf_take_over(nv, vf);
	else
		netvsc_vf_fetch(nv, vf);
	netvsc_vf_update_path(nv, true);
unlock:
	rtnl_unlock();
}

/**
 * netvsc_vf_associate() - the host told whether the NIC has a virtual function
 * @nv:		the NIC
 * @allocated:	it has
 * @serial:	its serial number
 *
 * Context: softirq.
 */
void netvsc_vf_associate(struct netvsc *nv, bool allocated, u32 serial)
{
	u64 told = allocated ? NETVSC_VF_ALLOCATED | serial : 0;

	if (READ_ONCE(nv->vf.told) == told)
		return;
	WRITE_ONCE(nv->vf.told, told);
	netvsc_vf_schedule(nv, 0);
}

/**
 * netvsc_vf_follow_flags() - have the slave listen to what the NIC listens to
 * @nv:		the NIC
 *
 * Context: RTNL held.
 */
void netvsc_vf_follow_flags(struct netvsc *nv)
{
	struct net_device *vf = rtnl_dereference(nv->vf.slave);
	bool promisc = nv->ndev->flags & IFF_PROMISC, allmulti = nv->ndev->flags & IFF_ALLMULTI;

	if (!vf)
		return;
	if (promisc != nv->vf.promisc && !dev_set_promiscuity(vf, promisc ? 1 : -1))
		nv->vf.promisc = promisc;
	if (allmulti != nv->vf.allmulti && !dev_set_allmulti(vf, allmulti ? 1 : -1))
		nv->vf.allmulti = allmulti;
}

/**
 * netvsc_vf_follow_addresses() - have the slave accept the addresses the NIC accepts
 * @nv:		the NIC
 *
 * Context: address lock of the NIC held.
 */
void netvsc_vf_follow_addresses(struct netvsc *nv)
{
	struct net_device *vf;

	rcu_read_lock();
	vf = rcu_dereference(nv->vf.slave);
	if (vf) {
		dev_uc_sync(vf, nv->ndev);
		dev_mc_sync(vf, nv->ndev);
	}
	rcu_read_unlock();
}

/**
 * netvsc_vf_open() - the NIC is up: so is its slave; the data path follows when the slave can carry it
 * @nv:		the NIC
 *
 * Context: RTNL held.
 */
void netvsc_vf_open(struct netvsc *nv)
{
	struct net_device *vf = rtnl_dereference(nv->vf.slave);
	int err;

	if (!vf)
		return;
	err = dev_open(vf, NULL);
	if (err)
		netdev_warn(nv->ndev, "cannot open %s: error %d\n", vf->name, err);
	netvsc_vf_update_path(nv, true);
}

/**
 * netvsc_vf_close() - the NIC goes down: the synthetic path is the one, and the slave goes down
 * @nv:		the NIC
 *
 * Context: RTNL held.
 */
void netvsc_vf_close(struct netvsc *nv)
{
	struct net_device *vf = rtnl_dereference(nv->vf.slave);

	if (!vf)
		return;
	netvsc_vf_update_path(nv, false);
	dev_close(vf);
}

/**
 * netvsc_vf_set_mtu() - give the slave the MTU the NIC is to have
 * @nv:		the NIC
 * @mtu:	IP MTU
 *
 * Context: RTNL held.
 * Return: 0 also without a slave, or what the slave's driver said.
 */
int netvsc_vf_set_mtu(struct netvsc *nv, unsigned int mtu)
{
	struct net_device *vf = rtnl_dereference(nv->vf.slave);

	return vf && vf->mtu != mtu ? dev_set_mtu(vf, mtu) : 0;
}

/* A network device that is none of our NICs */
static void netvsc_vf_event(unsigned long event, struct net_device *vf)
{
	struct netvsc *nv = netvsc_vf_master(vf);

	switch (event) {
	case NETDEV_POST_INIT:
		/* Before anybody hears of it */
		if (netvsc_vf_owner(vf))
			netvsc_vf_hide(vf);
		break;
	case NETDEV_REGISTER:
		nv = netvsc_vf_owner(vf);
		if (!nv || rtnl_dereference(nv->vf.slave))
			break;
		if (net_eq(dev_net(vf), dev_net(nv->ndev)))
			netvsc_vf_join(nv, vf);
		else
			netvsc_vf_schedule(nv, 0);
		break;
	case NETDEV_UNREGISTER:
		if (nv)
			netvsc_vf_leave(nv);
		break;
	case NETDEV_GOING_DOWN:
	case NETDEV_DOWN:
		/* The other path first: what is sent to a stopped device is lost. */
		if (nv)
			netvsc_vf_update_path(nv, false);
		break;
	case NETDEV_UP:
	case NETDEV_CHANGE:
		if (nv)
			netvsc_vf_update_path(nv, true);
		break;
	}
}

static int netvsc_vf_notify(struct notifier_block *block, unsigned long event, void *ptr)
{
	struct net_device *dev = netdev_notifier_info_to_dev(ptr);
	struct netvsc *nv = netvsc_vf_nic(dev);

	if (!nv)
		netvsc_vf_event(event, dev);
	else if (event == NETDEV_REGISTER)
		/* In another namespace now, perhaps */
		netvsc_vf_schedule(nv, 0);
	return NOTIFY_DONE;
}

static struct notifier_block netvsc_vf_notifier = {
	.notifier_call = netvsc_vf_notify,
};

/**
 * netvsc_vf_init() - prepare a NIC that has no virtual function yet
 * @nv:		the NIC
 *
 * Return: 0, -ENOMEM.
 */
int netvsc_vf_init(struct netvsc *nv)
{
	unsigned int cpu;

	INIT_LIST_HEAD(&nv->vf.node);
	INIT_DELAYED_WORK(&nv->vf.work, netvsc_vf_work);
	nv->vf.stats = alloc_percpu(struct netvsc_vf_stats);
	if (!nv->vf.stats)
		return -ENOMEM;
	for_each_possible_cpu(cpu)
		u64_stats_init(&per_cpu_ptr(nv->vf.stats, cpu)->syncp);
	return 0;
}

/**
 * netvsc_vf_free() - the reverse
 * @nv:		the NIC; no longer registered, its channel closed
 *
 * Context: process, RTNL not held.
 */
void netvsc_vf_free(struct netvsc *nv)
{
	cancel_delayed_work_sync(&nv->vf.work);
	free_percpu(nv->vf.stats);
}

/**
 * netvsc_vf_register() - let the NIC have a virtual function from now on
 * @nv:		the NIC, about to be registered
 *
 * Context: RTNL held.
 */
void netvsc_vf_register(struct netvsc *nv)
{
	ASSERT_RTNL();
	list_add_tail(&nv->vf.node, &netvsc_vf_nics);
}

/**
 * netvsc_vf_unregister() - give the virtual function back and have none any more
 * @nv:		the NIC, about to be unregistered
 *
 * Context: RTNL held.
 */
void netvsc_vf_unregister(struct netvsc *nv)
{
	ASSERT_RTNL();
	netvsc_vf_release(nv);
	list_del_init(&nv->vf.node);
}

/**
 * netvsc_vf_module_init() - hear of network devices; before the first NIC
 *
 * Return: 0, or an errno of register_netdevice_notifier().
 */
int netvsc_vf_module_init(void)
{
	return register_netdevice_notifier(&netvsc_vf_notifier);
}

/**
 * netvsc_vf_module_exit() - the reverse; after the last NIC
 */
void netvsc_vf_module_exit(void)
{
	unregister_netdevice_notifier(&netvsc_vf_notifier);
}
