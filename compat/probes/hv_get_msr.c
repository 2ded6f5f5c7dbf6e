// SPDX-License-Identifier: GPL-2.0
/* Is access to synthetic registers called hv_get_msr()? Until 6.8 it was hv_get_register(). */
#include <linux/module.h>
#include <linux/hyperv.h>
#include <asm/mshyperv.h>

u64 compat_probe(void);
u64 compat_probe(void)
{
	return hv_get_msr(HV_MSR_SCONTROL);
}
MODULE_LICENSE("GPL");
