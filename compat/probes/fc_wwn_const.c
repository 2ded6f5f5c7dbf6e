// SPDX-License-Identifier: GPL-2.0
/* Does wwn_to_u64() leave the name alone, as its argument says? Linux 5.0. */
#include <linux/module.h>
#include <scsi/scsi_transport_fc.h>

u64 compat_probe(const u8 *wwn);
u64 compat_probe(const u8 *wwn)
{
	return wwn_to_u64(wwn);
}
MODULE_LICENSE("GPL");
