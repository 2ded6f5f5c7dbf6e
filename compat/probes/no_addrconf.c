// SPDX-License-Identifier: GPL-2.0
/* Can a net_device be kept out of IPv6 autoconfiguration by a flag of its own? Until 6.2 IFF_SLAVE alone did that. */
#include <linux/module.h>
#include <linux/netdevice.h>

unsigned long long compat_probe_flag(void);
unsigned long long compat_probe_flag(void)
{
	return IFF_NO_ADDRCONF;
}
MODULE_LICENSE("GPL");
