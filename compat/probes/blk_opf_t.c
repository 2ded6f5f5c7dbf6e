// SPDX-License-Identifier: GPL-2.0
/* Is there a type for operation and flags of a block request? Linux 6.0; before, an unsigned int. */
#include <linux/module.h>
#include <linux/blkdev.h>

blk_opf_t compat_probe(void);
blk_opf_t compat_probe(void)
{
	return REQ_OP_DRV_IN;
}
MODULE_LICENSE("GPL");
