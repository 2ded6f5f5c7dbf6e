// SPDX-License-Identifier: GPL-2.0
/*
 * Exports what the kernel's own bus does not have: see <hyperv-lic/batch.h>. Drivers get these by name at run time, so that
 * they load on either bus.
 */
#include <linux/export.h>
#include <hyperv-lic/batch.h>

EXPORT_SYMBOL_GPL(vmbus_hold_packet_mpb_desc);
EXPORT_SYMBOL_GPL(vmbus_publish_packets);
